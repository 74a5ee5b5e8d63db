//! The first steps of a node, and how far they are, worked out from what is there: nobody ticks anything off. A node is young until it has shared something
//! with a partner; the list stands on the first page that long, unless its reader has put it away.
//!
//! Whether the root key has left the machine only the edge can see. Read next: `exercise.rs`, what a young node is tried with.

use std::collections::BTreeSet;

use gotong_model::MemberCode;
use gotong_model::governance::{ChannelKind, Governance};

use crate::account;
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::note_act;
use crate::session::Session;
use crate::source;
use crate::view::{self, Query, ViewFault};

/// How far a node is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Start {
    /// Whether the member's root has signed which keys speak for it.
    pub has_statement: bool,
    /// Whether the region only rehearses.
    pub is_rehearsal: bool,
    /// Accounts of the staff that are open.
    pub people: usize,
    /// Sources outside the region that are kept.
    pub sources: usize,
    /// Members with whom an agreement is in force.
    pub partners: Vec<MemberCode>,
    /// Whether something of this member's stands in a channel of an agreement, and is of no exercise.
    pub has_shared: bool,
}

/// The members with whom an agreement is in force now.
fn partners(node: &Node, governance: &Governance) -> Vec<MemberCode> {
    let now = node.now();
    let mut partners = BTreeSet::new();
    for agreement in governance.agreements.values() {
        let standing = governance.standing(agreement, now);
        if standing.is_in_force() && standing.is_active(&node.member) {
            partners.extend(standing.parts.keys().filter(|code| standing.is_active(code)).cloned());
        }
    }
    partners.remove(&node.member);
    partners.into_iter().collect()
}

/// Whether something of this member's stands in a channel of an agreement, as far as this caller may see. Exercises count for nothing.
fn has_shared(node: &Node, caller: &Caller, governance: &Governance) -> Result<bool, ViewFault> {
    let channels =
        governance.channels().filter(|channel| channel.kind == ChannelKind::Standing && !channel.channel_type.exercise);
    for channel in channels {
        let query =
            Query { channel: Some(channel.id), author: Some(node.member.clone()), limit: 1, ..Query::default() };
        let page = view::list(node, caller, &query)?;
        // A page may end before its reader's filter has found anything: so much stands there that the node is young no more.
        if !page.rows.is_empty() || page.next.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a node is young: nothing of it has been shared with a partner yet.
pub fn is_young(node: &Node, caller: &Caller) -> Result<bool, ViewFault> {
    Ok(!has_shared(node, caller, &node.governance())?)
}

/// How far the first steps are.
pub fn look(node: &Node, caller: &Caller) -> Result<Start, ViewFault> {
    let governance = node.governance();
    let people =
        account::list(node)?.iter().filter(|view| view.disabled.is_none() && view.constituent.is_none()).count();
    Ok(Start {
        has_statement: governance.statement(&node.member).is_some(),
        is_rehearsal: governance.charters.first().is_some_and(gotong_model::charter::Charter::is_rehearsal),
        people,
        sources: source::list(node)?.len(),
        partners: partners(node, &governance),
        has_shared: has_shared(node, caller, &governance)?,
    })
}

/// Puts the list of first steps away from somebody's first page, or back.
pub fn put_away(node: &Node, session: &Session, is_away: bool) -> Result<(), NodeFault> {
    node.transact(Priority::People, |writing| {
        let Some(mut row) = account::row(writing.tx.as_ref(), &session.account.name)? else {
            return Err(NodeFault::Unfit("a session without an account".to_owned()));
        };
        row.start_is_away = is_away;
        account::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name, "away": is_away});
        note_act(writing, node.now(), &session.caller.id, "start-away", &what)
    })
}
