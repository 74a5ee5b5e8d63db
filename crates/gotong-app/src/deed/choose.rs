//! What a deed is about: records that were picked, all that fit a question, or what waits. Frozen when it is asked, so that what arrives meanwhile is not
//! taken along; bounded, and refused whole where more fits.
//!
//! Nothing is chosen that its person may not see. Another member's records, and of somebody who is served another's, are counted and left out.

use std::collections::{BTreeMap, HashSet};

use gotong_model::{ChannelId, Tlp, limits};

use super::{CHOSEN_MAX, Group, Kind, PIECE, Piece, Refusal, Row, State, Tally, keep};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::quarantine;
use crate::view::{self, Query, RecordView, SearchQuery, ViewFault};

/// Pages of a list that are gone through for one question.
const PAGES_MAX: usize = 200;

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// These: channel and id of each.
    Picked(Vec<(ChannelId, String)>),
    /// All records of a list.
    Listed(Query),
    /// All that a search finds as it was typed.
    Found(SearchQuery),
    /// Of what waits, these numbers.
    Numbers(Vec<u64>),
    /// All that waits and this person may decide on.
    AllWaiting,
}

/// Freezes what is asked for as a new deed, open; its id.
pub fn choose(node: &Node, caller: &Caller, kind: Kind, asked: &Asked) -> Result<Result<String, Refusal>, ViewFault> {
    if !kind.is_open_to(caller) {
        return Ok(Err(Refusal::NoRight));
    }
    let is_of_waiting = matches!(asked, Asked::Numbers(_) | Asked::AllWaiting);
    if is_of_waiting != kind.is_of_waiting() {
        return Ok(Err(Refusal::Nothing));
    }
    let mut chosen = Chosen { node, caller, seen: HashSet::new(), groups: BTreeMap::new(), left_out: Tally::new() };
    let is_whole = match asked {
        Asked::Picked(picked) => chosen.picked(picked)?,
        Asked::Listed(query) => chosen.listed(query)?,
        Asked::Found(search) => {
            let found = view::matching(node, caller, search)?;
            !found.more && chosen.picked(&found.rows)?
        }
        Asked::Numbers(numbers) => chosen.waiting(Some(numbers))?,
        Asked::AllWaiting => chosen.waiting(None)?,
    };
    if !is_whole {
        return Ok(Err(Refusal::TooMuch));
    }
    let (row, pieces) = chosen.frozen(kind);
    Ok(keep(node, caller, &row, &pieces)?)
}

/// Records of one channel.
#[derive(Default)]
struct Own {
    handle: String,
    ids: BTreeMap<String, Tlp>,
}

struct Chosen<'a> {
    node: &'a Node,
    caller: &'a Caller,
    seen: HashSet<(ChannelId, String)>,
    groups: BTreeMap<ChannelId, Own>,
    left_out: Tally,
}

impl Chosen<'_> {
    /// Each by its id, as this person may see it now. `false`: too many.
    fn picked(&mut self, picked: &[(ChannelId, String)]) -> Result<bool, NodeFault> {
        if picked.len() > CHOSEN_MAX {
            return Ok(false);
        }
        for (channel, id) in picked {
            let versions = view::read(self.node, self.caller, id)?;
            let here: Vec<&RecordView> = versions.iter().filter(|version| version.channel == *channel).collect();
            if here.is_empty() && self.seen.insert((*channel, id.clone())) {
                let governance = self.node.governance();
                // INVARIANT: 1. A channel that this person does not know is not named.
                let known = self.caller.channel(self.node, &channel.to_string());
                let handle = known.and_then(|known| Some(governance.channel(&known)?.handle()));
                self.leave_out(&handle.unwrap_or_default(), "gone");
            }
            self.take(&here);
        }
        Ok(true)
    }

    /// Every page of a list. `false`: too many.
    fn listed(&mut self, query: &Query) -> Result<bool, ViewFault> {
        let mut query = Query { limit: limits::PAGE_ROWS_MAX, after: None, ..query.clone() };
        for _ in 0..PAGES_MAX {
            let page = view::list(self.node, self.caller, &query)?;
            for record in &page.rows {
                self.take(&[record]);
            }
            if self.seen.len() > CHOSEN_MAX {
                return Ok(false);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Versions of one id in one channel: those that are one's own, else it is another's.
    fn take(&mut self, versions: &[&RecordView]) {
        let mut has_own = false;
        for version in versions.iter().filter(|version| is_own(self.node, self.caller, version)) {
            has_own = true;
            self.seen.insert((version.channel, version.id.clone()));
            let own = self.groups.entry(version.channel).or_default();
            own.handle.clone_from(&version.channel_handle);
            let label = own.ids.entry(version.id.clone()).or_insert(version.label);
            *label = (*label).max(version.label);
        }
        let Some(other) = versions.first().filter(|_| !has_own) else { return };
        if self.seen.insert((other.channel, other.id.clone())) {
            self.leave_out(&other.channel_handle, "others");
        }
    }

    fn leave_out(&mut self, handle: &str, word: &str) {
        *self.left_out.entry(handle.to_owned()).or_default().entry(word.to_owned()).or_default() += 1;
    }

    /// What waits, all or these. `false`: too many.
    fn waiting(&mut self, numbers: Option<&[u64]>) -> Result<bool, NodeFault> {
        let wanted: Option<HashSet<u64>> = numbers.map(|numbers| numbers.iter().copied().collect());
        let (mut after, mut found) = (None, 0);
        loop {
            let page = quarantine::list(self.node, self.caller, after, limits::PAGE_ROWS_MAX)?;
            for row in page.rows {
                if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&row.number)) {
                    continue;
                }
                found += 1;
                if found > CHOSEN_MAX {
                    return Ok(false);
                }
                let own = self.groups.entry(row.channel).or_default();
                own.handle = row.channel_handle;
                own.ids.insert(format!("{:020}", row.number), row.label);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        for _ in 0..wanted.map_or(0, |wanted| wanted.len().saturating_sub(found)) {
            self.leave_out("", "gone");
        }
        Ok(true)
    }

    fn frozen(self, kind: Kind) -> (Row, Vec<Piece>) {
        let (mut groups, mut pieces) = (Vec::new(), Vec::new());
        for (at, (channel, own)) in self.groups.into_iter().enumerate() {
            let mut labels: BTreeMap<String, usize> = BTreeMap::new();
            for label in own.ids.values() {
                *labels.entry(label.as_str().to_owned()).or_default() += 1;
            }
            groups.push(Group { channel: channel.to_string(), handle: own.handle, count: own.ids.len(), labels });
            let ids: Vec<String> = own.ids.into_keys().collect();
            pieces.extend(ids.chunks(PIECE).map(|ids| Piece { group: at, ids: ids.to_vec() }));
        }
        let row = Row {
            owner: self.caller.id.clone(),
            created_at: self.node.now().micros(),
            kind,
            choice: String::new(),
            state: State::Open,
            chosen: groups.iter().map(|group| group.count).sum(),
            groups,
            left_out: self.left_out,
            told: Tally::new(),
        };
        (row, pieces)
    }
}

/// Whether a withdrawal by this caller would name it.
fn is_own(node: &Node, caller: &Caller, record: &RecordView) -> bool {
    let code = caller.constituent.as_ref().map(gotong_model::Slug::as_str);
    record.author == node.member && code.is_none_or(|code| record.organisation.as_deref() == Some(code))
}
