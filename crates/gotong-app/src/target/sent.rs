//! What went to a target: a mark for each object before it goes, so that no object can be there without the node knowing; and what is to be taken back there
//! because it is not shown here any more.
//!
//! Must not move a position before everything up to it is there, refused there, or kept here with its reason. Read next: `crossing.rs`.

use std::collections::HashSet;
use std::fmt::Write as _;

use gotong_crypto::sha256;
use gotong_model::{ChannelId, Slug, Timestamp};
use gotong_policy::outside;
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::state::{Failed, Held, Pending, add_held, change, fetch, tell};
use super::{Fate, Row, Target, key_below, reader};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows::{from_json, prefix_end, to_json};
use crate::view::{self, CollectionQuery, ViewFault, Wanted};

/// Marks read at once.
const PAGE: usize = 500;
/// Ranges that were withdrawn or relabelled, looked at in one channel.
const RANGES_MAX: usize = 1_000_000;
/// A server that has not worked off what it was sent is sent it again after a day.
const PENDING_MAX_MICROS: i64 = 86_400_000_000;

/// Behind a mark: an object that is there, or on its way.
#[derive(Serialize, Deserialize)]
struct Item {
    id: String,
    version: i64,
    channel: String,
    /// Whether the server has taken this version.
    is_there: bool,
}

/// The key of an object's mark.
pub(super) fn item(name: &Slug, id: &str) -> Vec<u8> {
    let digest = sha256(id.as_bytes());
    let mark = digest.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
    [&key_below("item", name)[..], &mark].concat()
}

/// Whether a mark says that this version is there.
pub(super) fn has_version(row: &[u8], version: Timestamp) -> bool {
    from_json::<Item>(row, "what went to targets").is_ok_and(|item| item.is_there && item.version == version.micros())
}

/// What is sent together, and everything before it that does not go.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Step {
    /// The channel's id.
    pub channel: String,
    /// Where it ends, as a time of addition.
    pub upto: i64,
    /// Ids and versions of what is sent.
    pub sent: Vec<(String, i64)>,
    /// What is there already.
    pub known: u64,
    /// What the label keeps here.
    pub above: u64,
    /// What clauses keep here.
    pub held: Vec<Held>,
}

impl Step {
    /// Of rows that follow each other; `upto` is where the last one was added, or behind it where no more comes between.
    pub fn of(channel: &ChannelId, rows: &[Row], upto: i64) -> Self {
        let mut step = Self { channel: channel.to_string(), upto, ..Self::default() };
        for row in rows {
            match &row.fate {
                Fate::Goes(_) => step.sent.push((row.id.clone(), row.version.micros())),
                Fate::IsThere => step.known += 1,
                Fate::Above => step.above += 1,
                Fate::Held(held) => add_held(&mut step.held, [held.clone()]),
            }
        }
        step
    }

    /// How many clauses keep here.
    pub fn held_count(&self) -> u64 {
        self.held.iter().map(|held| held.count).sum()
    }
}

/// What a server did with what it was sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// What it did not take.
    pub failed: Vec<Failed>,
    /// How many it says that it did not take: some servers name none.
    pub failed_count: u64,
}

/// Before a run: where the rules have changed by which something was kept here, everything is looked at anew. What has waited too long for the server is sent
/// again. `None`: the target was removed or changed.
pub fn prepare(node: &Node, target: &Target) -> Result<Option<super::State>, NodeFault> {
    let rules = rules(node, target);
    let now = node.now().micros();
    let is_same = change(node, target, |_, state| {
        if state.rules != rules {
            if !state.held.is_empty() {
                state.walk_again();
            }
            state.rules = rules;
        }
        for channel in &target.channels {
            state.positions.entry(channel.to_string()).or_insert(0);
        }
        if state.pending.as_ref().is_some_and(|pending| now.saturating_sub(pending.since) > PENDING_MAX_MICROS) {
            state.pending = None;
        }
        Ok(())
    })?;
    if !is_same {
        return Ok(None);
    }
    Ok(Some(fetch(node.store.read()?.as_ref(), &target.name)?))
}

/// What stands for the documents in force and what follows from them for the target's channels now.
fn rules(node: &Node, target: &Target) -> String {
    let governance = node.governance();
    let mut text = governance.notes().concat();
    for channel in &target.channels {
        let decision = outside(&governance, &node.member, channel, None, node.now());
        let _ = write!(text, "{channel} {} ", decision.permitted);
        for ground in &decision.grounds {
            let _ = write!(text, "{} {} {} {} ", ground.handle, ground.version, ground.clause, ground.id);
        }
    }
    sha256(text.as_bytes()).to_text()
}

/// Marks what is about to go, before it goes. `false`: the target was removed or changed.
pub fn begin(node: &Node, target: &Target, step: &Step) -> Result<bool, NodeFault> {
    change(node, target, |tx, _| {
        for (id, version) in &step.sent {
            mark_item(tx, target, step, (id, *version), false)?;
        }
        Ok(())
    })
}

/// Marks an object. A newer version that went before is not forgotten: it is what has to be taken back, should it have gone here.
fn mark_item(
    tx: &mut dyn WriteTx,
    target: &Target,
    step: &Step,
    (id, version): (&str, i64),
    is_there: bool,
) -> Result<(), Fault> {
    let key = item(&target.name, id);
    let before: Option<Item> =
        tx.fetch(Book::Meta, &key)?.map(|row| from_json(&row, "what went to targets")).transpose()?;
    let version = before.map_or(version, |before| before.version.max(version));
    tx.put(Book::Meta, &key, &to_json(&Item { id: id.to_owned(), version, channel: step.channel.clone(), is_there }))
}

/// Keeps that the server works on what it was sent.
pub fn pend(node: &Node, target: &Target, status: &str, step: &Step) -> Result<bool, NodeFault> {
    let pending = Pending { status: status.to_owned(), step: step.clone(), since: node.now().micros() };
    change(node, target, |_, state| {
        state.pending = Some(pending);
        Ok(())
    })
}

/// Keeps what became of what was sent, and moves the position behind it. `false`: the target was removed or changed.
pub fn settle(node: &Node, target: &Target, step: &Step, outcome: &Outcome) -> Result<bool, NodeFault> {
    let failed: HashSet<&str> = outcome.failed.iter().map(|failed| failed.id.as_str()).collect();
    change(node, target, |tx, state| {
        let mut taken = 0_u64;
        for (id, version) in step.sent.iter().filter(|(id, _)| !failed.contains(id.as_str())) {
            mark_item(tx, target, step, (id, *version), true)?;
            taken += 1;
        }
        let unnamed = outcome.failed_count.saturating_sub(failed.len() as u64);
        state.sent += taken.saturating_sub(unnamed);
        state.above += step.above;
        add_held(&mut state.held, step.held.iter().cloned());
        state.failed_count += outcome.failed_count;
        tell(&mut state.failed, outcome.failed.iter().cloned());
        let position = state.positions.entry(step.channel.clone()).or_insert(0);
        *position = step.upto.max(*position);
        state.pending = None;
        Ok(())
    })
}

/// An object that is to be taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gone {
    /// Its id.
    pub id: String,
    /// Whether an older version of it is still shown here, and so goes there again afterwards.
    pub again: bool,
}

/// What a look for what is to be taken back came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// What is there and is not shown here any more, or has a label above the target's.
    pub gone: Vec<Gone>,
    /// What the look stands for; kept once all of it is taken back. `None`: something could not be told yet.
    pub mark: Option<String>,
}

/// Looks for what is to be taken back, where anything was withdrawn or relabelled, the rules have changed, or a day has passed.
pub fn sweep(node: &Node, target: &Target) -> Result<Kept, ViewFault> {
    let tx = node.store.read()?;
    let state = fetch(tx.as_ref(), &target.name)?;
    let channels: Vec<ChannelId> = state.positions.keys().filter_map(|text| ChannelId::from_text(text)).collect();
    let mark = mark(node, target, tx.as_ref(), &channels)?;
    drop(tx);
    if state.swept == mark {
        return Ok(Kept { gone: Vec::new(), mark: None });
    }
    let below = key_below("item", &target.name);
    let (mut from, until) = (below.clone(), prefix_end(&below));
    let caller = reader(&target.name, channels);
    let (mut gone, mut is_sure) = (Vec::new(), true);
    loop {
        let rows = node.store.read()?.scan(Book::Meta, &from, &until, PAGE)?;
        for (_, row) in &rows {
            let item: Item = from_json(row, "what went to targets")?;
            match shown(node, target, &caller, &item)? {
                Shown::Yes => {}
                Shown::No => gone.push(Gone { id: item.id, again: false }),
                Shown::Older => gone.push(Gone { id: item.id, again: true }),
                Shown::Unsure => is_sure = false,
            }
        }
        let Some((last, _)) = rows.last().filter(|_| rows.len() == PAGE) else { break };
        from = [last.as_slice(), &[0]].concat();
    }
    Ok(Kept { gone, mark: is_sure.then_some(mark) })
}

/// Whether what is there is still shown here under a label that may go.
enum Shown {
    Yes,
    No,
    /// What went there was taken back, and an older version is shown again.
    Older,
    /// What came last is not released yet.
    Unsure,
}

fn shown(node: &Node, target: &Target, caller: &Caller, item: &Item) -> Result<Shown, ViewFault> {
    let Some(channel) = ChannelId::from_text(&item.channel) else { return Ok(Shown::No) };
    let wanted = Wanted { ids: Some(vec![item.id.clone()]), ..Wanted::default() };
    let query = CollectionQuery { channel, wanted, added_after: None, next: None, limit: 1, with_bodies: false };
    let page = view::collection(node, caller, &query)?;
    Ok(match page.rows.first() {
        None if page.is_known => Shown::Unsure,
        None => Shown::No,
        Some(row) if row.label > target.label_max => Shown::No,
        Some(row) if row.version.micros() < item.version => Shown::Older,
        Some(_) => Shown::Yes,
    })
}

/// What stands for everything that can make an object disappear from what a target is shown.
fn mark(node: &Node, target: &Target, tx: &dyn ReadTx, channels: &[ChannelId]) -> Result<String, Fault> {
    const DAY_MICROS: i64 = 86_400_000_000;
    let mut text = format!("{} {} ", target.label_max, node.now().micros() / DAY_MICROS).into_bytes();
    text.extend_from_slice(rules(node, target).as_bytes());
    for channel in channels {
        for book in [Book::Tombstone, Book::Relabel] {
            let prefix = channel.as_bytes();
            for (key, value) in tx.scan(book, prefix, &prefix_end(prefix), RANGES_MAX)? {
                text.extend_from_slice(sha256(&[key, value].concat()).as_bytes());
            }
        }
    }
    Ok(sha256(&text).to_text())
}

/// Forgets an object that is there no more; `was_there`: the server had it until now.
pub fn taken_back(node: &Node, target: &Target, gone: &Gone, was_there: bool) -> Result<bool, NodeFault> {
    change(node, target, |tx, state| {
        state.taken_back += u64::from(was_there);
        state.left.retain(|left| left.id != gone.id);
        if gone.again {
            state.walk_again();
        }
        tx.delete(Book::Meta, &item(&target.name, &gone.id))
    })
}

/// Keeps that an object could not be taken back, and why.
pub fn kept_back(node: &Node, target: &Target, failed: Failed) -> Result<bool, NodeFault> {
    change(node, target, |tx, state| {
        state.left_count += 1;
        tx.delete(Book::Meta, &item(&target.name, &failed.id))?;
        tell(&mut state.left, [failed]);
        Ok(())
    })
}

/// Keeps that all of a look is taken back.
pub fn swept(node: &Node, target: &Target, mark: &str) -> Result<bool, NodeFault> {
    change(node, target, |_, state| {
        mark.clone_into(&mut state.swept);
        Ok(())
    })
}
