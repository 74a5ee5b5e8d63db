//! What a source brought: its objects are published in one transaction with a mark for each, so that later it can be said what only this source brought and
//! lists no longer.
//!
//! Must not withdraw what somebody else published, or what another source still lists, and not bring again what somebody withdrew: whoever takes a false alarm
//! back must not meet it with the feed's next change. Read next: `withdraw.rs`.

use std::collections::HashSet;

use gotong_crypto::sha256;
use gotong_model::Slug;
use gotong_model::control::Reason;
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::{Source, fetch_source, key_below};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::project;
use crate::publish::{Fate, Outcome, Prepared};
use crate::rows::{self, LogRow, from_json, prefix_end, to_json};
use crate::withdraw::{Selection, Withdrawn};

/// Marks read at once.
const PAGE: usize = 500;

/// What stands for an object's id among the marks of a source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Mark([u8; 16]);

impl Mark {
    fn of(id: &str) -> Self {
        let mut mark = [0; 16];
        mark.iter_mut().zip(sha256(id.as_bytes()).as_bytes()).for_each(|(to, from)| *to = *from);
        Self(mark)
    }

    fn key(self, name: &Slug) -> Vec<u8> {
        [&key_below("item", name)[..], &self.0].concat()
    }
}

/// What a source lists, as far as a run has seen.
#[derive(Default, Debug)]
pub struct Seen(HashSet<Mark>);

impl Seen {
    /// Whether it lists nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Behind a mark.
#[derive(Serialize, Deserialize)]
struct Brought {
    /// Empty of what was withdrawn: nothing here names that any more.
    id: String,
    /// Whether this source published it, and not somebody before.
    own: bool,
    /// Whether somebody has withdrawn it: then this source does not bring it again, unless it was published again by somebody else.
    #[serde(default)]
    withdrawn: bool,
}

impl Brought {
    fn new(id: &str, own: bool) -> Self {
        Self { id: id.to_owned(), own, withdrawn: false }
    }
}

/// Who withdraws in a source's name, as acts call it.
pub(super) fn caller_of(name: &Slug) -> String {
    format!("{CALLER}{name}")
}

const CALLER: &str = "source:";

/// What became of a batch.
#[derive(Debug)]
pub struct Taken {
    /// Of each object that was to be published.
    pub outcomes: Vec<Outcome>,
    /// Objects that were left out, because somebody had withdrawn them here.
    pub kept_out: usize,
}

/// Somebody has withdrawn these ids in a channel: its sources know it from the same transaction on. What a source itself withdraws it may bring again.
pub(crate) fn note_withdrawn(tx: &mut dyn WriteTx, selection: &Selection, ids: &[&str]) -> Result<(), Fault> {
    // Of one version alone the others stay.
    if ids.is_empty() || selection.modified.is_some() || selection.caller.starts_with(CALLER) {
        return Ok(());
    }
    for source in super::all(tx)?.into_iter().filter(|source| source.channel == selection.channel) {
        for id in ids {
            let key = Mark::of(id).key(&source.name);
            if tx.fetch(Book::Meta, &key)?.is_some() {
                let row = Brought { withdrawn: true, ..Brought::new("", false) };
                tx.put(Book::Meta, &key, &to_json(&row))?;
            }
        }
    }
    Ok(())
}

/// Publishes a batch of a source, and marks what it brought in the same transaction. `seen` grows by what the source lists.
pub fn take(node: &Node, source: &Source, mut prepared: Prepared, seen: &mut Seen) -> Result<Taken, NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        project::bring_up(writing.tx.as_mut())?;
        let unwanted = unwanted(node, writing.tx.as_ref(), source, &prepared)?;
        seen.0.extend(unwanted.iter().map(|id| Mark::of(id)));
        let kept_out = prepared.leave_out(&unwanted);
        let outcomes = node.commit_in(writing, prepared)?;
        for outcome in &outcomes {
            let own = match outcome.fate {
                Fate::New(_) => true,
                Fate::Known(_) | Fate::Updated(_) => false,
                // What was not taken is listed all the same, and so is not gone.
                Fate::Refused(_) | Fate::Quarantined(..) => {
                    seen.0.extend(outcome.id.as_deref().map(Mark::of));
                    continue;
                }
            };
            let Some(id) = &outcome.id else { continue };
            let mark = Mark::of(id);
            seen.0.insert(mark);
            let key = mark.key(&source.name);
            // Who brought it first is known from then.
            if own || writing.tx.fetch(Book::Meta, &key)?.is_none() {
                writing.tx.put(Book::Meta, &key, &to_json(&Brought::new(id, own)))?;
            }
        }
        Ok(Taken { outcomes, kept_out })
    })
}

/// Of what a batch brings, what somebody has withdrawn and nobody has published again.
fn unwanted(node: &Node, tx: &dyn ReadTx, source: &Source, prepared: &Prepared) -> Result<HashSet<String>, NodeFault> {
    let mut unwanted = HashSet::new();
    let mut own: Option<Vec<LogRow>> = None;
    for id in prepared.coming() {
        let Some(row) = tx.fetch(Book::Meta, &Mark::of(id).key(&source.name))? else { continue };
        if !from_json::<Brought>(&row, "what sources brought")?.withdrawn {
            continue;
        }
        let own = match &mut own {
            Some(own) => own,
            None => own.insert(rows::logs_of(tx, &source.channel, &node.member)?),
        };
        if rows::standing(tx, own, id)?.is_empty() {
            unwanted.insert(id.to_owned());
        }
    }
    Ok(unwanted)
}

fn event_key(source: &Source, uuid: &str) -> Vec<u8> {
    [&key_below("event", &source.name)[..], uuid.to_ascii_lowercase().as_bytes()].concat()
}

/// Those events of a feed (UUID and time) that are newer than what was taken of them.
pub fn newer_events(node: &Node, source: &Source, listed: &[(String, u64)]) -> Result<Vec<(String, u64)>, NodeFault> {
    let mut newer = Vec::new();
    for page in listed.chunks(PAGE) {
        // A snapshot for each page: none is held for long.
        let tx = node.store.read()?;
        for (uuid, time) in page {
            let taken = tx.fetch(Book::Meta, &event_key(source, uuid))?;
            let taken = taken.and_then(|row| <[u8; 8]>::try_from(row.as_slice()).ok()).map(u64::from_be_bytes);
            if taken.is_none_or(|taken| taken < *time) {
                newer.push((uuid.clone(), *time));
            }
        }
    }
    Ok(newer)
}

/// Notes that an event of this time was taken whole.
pub fn note_event(node: &Node, source: &Source, uuid: &str, time: u64) -> Result<(), NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        if fetch_source(writing.tx.as_ref(), &source.name)?.is_none() {
            return Ok(());
        }
        Ok(writing.tx.put(Book::Meta, &event_key(source, uuid), &time.to_be_bytes())?)
    })
}

/// After a run that saw all that a source lists: how many of its objects are listed no longer, and how many were withdrawn for it.
pub fn missing(node: &Node, source: &Source, seen: &Seen) -> Result<(u64, u64), NodeFault> {
    let below = key_below("item", &source.name);
    let (mut from, until) = (below.clone(), prefix_end(&below));
    let (mut gone, mut withdrawn) = (0, 0);
    loop {
        let rows = node.store.read()?.scan(Book::Meta, &from, &until, PAGE)?;
        let Some((last, _)) = rows.last() else { return Ok((gone, withdrawn)) };
        from = [last.as_slice(), &[0]].concat();
        let is_last = rows.len() < PAGE;
        let mut ids = Vec::new();
        for (key, row) in &rows {
            let mark = key.get(below.len()..).and_then(|mark| <[u8; 16]>::try_from(mark).ok()).map(Mark);
            if mark.is_none_or(|mark| seen.0.contains(&mark)) {
                continue;
            }
            gone += 1;
            let brought: Brought = from_json(row, "what sources brought")?;
            if source.withdraw_missing && brought.own {
                ids.push(brought.id);
            }
        }
        withdrawn += withdraw(node, source, ids)?;
        if is_last {
            return Ok((gone, withdrawn));
        }
    }
}

/// Withdraws what no other source of the channel lists; what another lists is that one's from now on. One transaction: killed before its end, all of it is done
/// again.
fn withdraw(node: &Node, source: &Source, ids: Vec<String>) -> Result<u64, NodeFault> {
    if ids.is_empty() {
        return Ok(0);
    }
    let others: Vec<Slug> = super::list(node)?
        .into_iter()
        .filter(|other| other.source.name != source.name && other.source.channel == source.channel)
        .map(|other| other.source.name)
        .collect();
    let done = node.transact(Priority::Bulk, |writing| {
        // Whoever changed the source meanwhile may not want this any more.
        if fetch_source(writing.tx.as_ref(), &source.name)?.is_none_or(|now| !now.withdraw_missing) {
            return Ok(0);
        }
        let mut wanted = Vec::new();
        for id in ids {
            writing.tx.delete(Book::Meta, &Mark::of(&id).key(&source.name))?;
            match heir(writing.tx.as_ref(), &others, &id)? {
                Some(heir) => {
                    writing.tx.put(Book::Meta, &Mark::of(&id).key(&heir), &to_json(&Brought::new(&id, true)))?;
                }
                None => wanted.push(id),
            }
        }
        if wanted.is_empty() {
            return Ok(0);
        }
        let selection = Selection {
            channel: source.channel,
            ids: wanted,
            modified: None,
            constituent: None,
            caller: caller_of(&source.name),
        };
        let done = node.withdraw_in(writing, &selection, Reason::Other)?;
        Ok(done.iter().filter(|(_, done)| matches!(done, Withdrawn::Done { .. })).count() as u64)
    })?;
    node.erase_named()?;
    Ok(done)
}

fn heir(tx: &dyn ReadTx, others: &[Slug], id: &str) -> Result<Option<Slug>, Fault> {
    for other in others {
        let Some(row) = tx.fetch(Book::Meta, &Mark::of(id).key(other))? else { continue };
        if !from_json::<Brought>(&row, "what sources brought")?.withdrawn {
            return Ok(Some(other.clone()));
        }
    }
    Ok(None)
}
