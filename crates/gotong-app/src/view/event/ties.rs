//! Who refers to what: from objects up to the reports that hold them, and from an event down to what only it holds.
//!
//! Must not withdraw anything: it says what would go, and the caller withdraws it as everything else is withdrawn. Read next: `withdraw.rs`.

use std::collections::{HashMap, HashSet, VecDeque};

use gotong_model::ChannelId;
use gotong_store::{Index, ReadTx};

use super::super::scope::Scope;
use super::super::versions::{id_of, visit};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::project;

/// Ids that are followed upwards in one question.
const FOLLOWED_MAX: usize = 20_000;
/// Steps from a value to a report: observable, observed data, part, report.
const STEPS_MAX: usize = 4;
/// Ids that one id is followed to.
const REFERRERS_MAX: usize = 5_000;

/// The reports that hold any of these objects, directly or through what stands between, in the order found. Whether something was left out.
pub fn events_about(node: &Node, caller: &Caller, ids: &[String]) -> Result<(Vec<String>, bool), NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let mut met: HashSet<String> = ids.iter().cloned().collect();
    let mut queue: VecDeque<(String, usize)> = ids.iter().map(|id| (id.clone(), 0)).collect();
    let (mut reports, mut more) = (Vec::new(), false);
    while let Some((id, steps)) = queue.pop_front() {
        if id.starts_with("report--") {
            reports.push(id);
            continue;
        }
        if steps >= STEPS_MAX {
            continue;
        }
        for referrer in referrers(&scope, tx.as_ref(), &id, None)?.into_iter().flatten() {
            if met.len() >= FOLLOWED_MAX {
                more = true;
            } else if met.insert(referrer.clone()) {
                queue.push_back((referrer, steps + 1));
            }
        }
    }
    Ok((reports, more))
}

/// The ids of what refers to this one, as far as the caller may read: for what is found by a name that no object has.
pub fn referring(node: &Node, caller: &Caller, id: &str) -> Result<Vec<String>, NodeFault> {
    let tx = node.store.read()?;
    Ok(referrers(&Scope::new(node, caller), tx.as_ref(), id, None)?.into_iter().flatten().collect())
}

/// What of these ids only `going` and each other refer to, among what this member published in the channel: what falls away with them.
pub fn falling_away(
    node: &Node,
    caller: &Caller,
    channel: ChannelId,
    (going, ids): (&[String], &[String]),
) -> Result<Vec<String>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let mut falling: HashSet<&String> = ids.iter().collect();
    let mut held_by: HashMap<&String, Vec<Option<String>>> = HashMap::with_capacity(ids.len());
    for id in ids {
        held_by.insert(id, referrers(&scope, tx.as_ref(), id, Some(channel))?);
    }
    // What stays keeps what it refers to, so this goes on until nothing changes.
    loop {
        let goes = |holder: &Option<String>| {
            holder.as_ref().is_some_and(|id| falling.contains(id) || going.contains(id) || is_about(id))
        };
        let kept = |id: &&&String| held_by.get(**id).is_some_and(|holders| !holders.iter().all(goes));
        let kept: Vec<&String> = falling.iter().filter(kept).copied().collect();
        if kept.is_empty() {
            break;
        }
        for id in kept {
            falling.remove(id);
        }
    }
    Ok(ids.iter().filter(|id| falling.contains(id)).cloned().collect())
}

/// What is said about an object does not keep it.
fn is_about(id: &str) -> bool {
    ["sighting--", "opinion--", "note--", "relationship--"].iter().any(|kind| id.starts_with(kind))
}

/// What refers to an id, of the member's own in one channel or of everybody; `None` for what only its body could name.
fn referrers(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    id: &str,
    own_in: Option<ChannelId>,
) -> Result<Vec<Option<String>>, NodeFault> {
    let text = project::refers_text(id);
    let mut found: Vec<Option<String>> = Vec::new();
    if !tx.may_have(Index::Reference, tx.index_key(Index::Reference, text.as_bytes()))? {
        return Ok(found);
    }
    visit(scope, tx, (Index::Reference, &text), |version| {
        let is_meant = own_in
            .is_none_or(|channel| version.log.id.channel == channel && version.log.id.author == scope.node.member);
        let referrer = id_of(&version.header).map(|(id, _)| id);
        if is_meant && !found.contains(&referrer) {
            found.push(referrer);
        }
        Ok(found.len() < REFERRERS_MAX)
    })?;
    Ok(found)
}
