//! Where a target stands: how far each channel has gone there, what was kept here and why, what its server refused, and what became of the runs.
//!
//! A run that pushed nothing because something is wrong must never look like one that had nothing to push. Read next: `sent.rs`.

use std::collections::BTreeMap;

use gotong_model::governance::Governance;
use gotong_model::{ChannelId, Slug, Timestamp};
use gotong_policy::Decision;
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::sent::Step;
use super::{Target, fetch_target, is_same, key, key_below, micros};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::{from_json, prefix_end, to_json};
use crate::source::{Health, Note, RunResult};

/// Runs that are kept of one target.
const RUNS_KEPT: usize = 50;
/// Notes of one run.
const NOTES_MAX: usize = 20;
/// Objects that are told one by one of those a server did not take or did not give back.
const TOLD_MAX: usize = 100;
/// Clauses that are counted.
const HELD_MAX: usize = 200;
/// Characters of what a server says of an object.
const SAID_CHARS_MAX: usize = 300;

/// Records that a clause keeps here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    /// The channel's handle.
    pub channel: String,
    /// The clause, with the agreement's handle before it; empty where no clause is to be named.
    pub clause: String,
    /// Message id.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// How many.
    pub count: u64,
}

impl Held {
    /// One record, by the first clause that refuses.
    pub(super) fn of(governance: &Governance, channel: &ChannelId, decision: &Decision) -> Self {
        let handle = governance.channel(channel).map_or_else(|| channel.to_string(), |channel| channel.handle());
        let why = Why::clauses(decision).into_iter().next();
        let why = why.unwrap_or_else(|| Why::plain("channel.unknown", "there is no such channel"));
        Self { channel: handle, clause: why.clause.unwrap_or_default(), id: why.id, text: why.text, count: 1 }
    }

    fn is_like(&self, other: &Self) -> bool {
        (&self.channel, &self.clause, &self.id) == (&other.channel, &other.clause, &other.id)
    }
}

/// Adds counts to counts, clause by clause.
pub(super) fn add_held(all: &mut Vec<Held>, more: impl IntoIterator<Item = Held>) {
    for held in more {
        if let Some(known) = all.iter_mut().find(|known| known.is_like(&held)) {
            known.count = known.count.saturating_add(held.count);
        } else if all.len() < HELD_MAX {
            all.push(held);
        }
    }
}

/// An object that a server did not take, or did not give back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failed {
    /// Its id.
    pub id: String,
    /// Its version, in microseconds, where it is known.
    pub version: i64,
    /// When, in microseconds.
    pub at: i64,
    /// What the server says, shortened.
    pub why: String,
}

impl Failed {
    /// What a server says of an object, without what could move a terminal.
    pub fn new(id: &str, version: i64, at: Timestamp, why: &str) -> Self {
        let why = why.chars().filter(|c| !c.is_control()).take(SAID_CHARS_MAX).collect();
        Self { id: id.to_owned(), version, at: micros(at), why }
    }
}

/// Keeps the newest of what is told one by one.
pub(super) fn tell(all: &mut Vec<Failed>, more: impl IntoIterator<Item = Failed>) {
    for failed in more {
        all.retain(|known| known.id != failed.id);
        all.push(failed);
    }
    all.drain(..all.len().saturating_sub(TOLD_MAX));
}

/// What was sent and is not worked off there yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The id of the status there.
    pub status: String,
    /// What was sent.
    pub step: Step,
    /// Since when, in microseconds.
    pub since: i64,
}

/// Where a target stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Up to which time of addition each channel has gone there, by the channel's id.
    pub positions: BTreeMap<String, i64>,
    /// What waits for the server.
    pub pending: Option<Pending>,
    /// Objects that went there, ever.
    pub sent: u64,
    /// Objects whose label keeps them here.
    pub above: u64,
    /// What clauses keep here.
    pub held: Vec<Held>,
    /// Objects that the server did not take, ever.
    pub failed_count: u64,
    /// The newest of them.
    pub failed: Vec<Failed>,
    /// Objects that were taken back there, ever.
    pub taken_back: u64,
    /// Objects that could not be taken back there, ever.
    pub left_count: u64,
    /// The newest of them.
    pub left: Vec<Failed>,
    /// What stands for withdrawals, relabellings and rules at the last look for what is to be taken back.
    pub swept: String,
    /// What stands for the rules by which was decided what clauses keep here.
    pub rules: String,
    /// Why the node paused it by itself.
    pub stopped: Option<Note>,
    /// Runs ever.
    pub runs: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Since when it has failed, in microseconds.
    pub failing_since: Option<i64>,
    /// When its last good run ended.
    pub last_good: Option<i64>,
    /// When it is due next; 0 is at once.
    pub next_try: i64,
}

impl State {
    /// Forgets what belongs to another place.
    pub(super) fn forget(&mut self) {
        *self = Self { runs: self.runs, ..Self::default() };
    }

    /// Looks at everything anew: what is there already is known by its mark and does not go twice.
    pub(super) fn walk_again(&mut self) {
        self.positions.values_mut().for_each(|position| *position = 0);
        (self.pending, self.above, self.held) = (None, 0, Vec::new());
        self.swept.clear();
    }
}

/// How many objects met which fate in a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Sent, and taken there.
    pub sent: u64,
    /// There already.
    pub known: u64,
    /// Kept here by the label.
    pub above: u64,
    /// Kept here by a clause.
    pub held: u64,
    /// Not taken there.
    pub failed: u64,
    /// Taken back there.
    pub taken_back: u64,
    /// To be taken back, and still there.
    pub left: u64,
}

/// One run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its number, from 1.
    pub number: u64,
    /// Who asked for it: `schedule`, or a caller.
    pub by: String,
    /// When it began, in microseconds.
    pub begun: i64,
    /// When it ended.
    pub ended: i64,
    /// What it came to.
    pub result: RunResult,
    /// What became of the objects.
    pub counts: Counts,
    /// Bytes that went.
    pub bytes: u64,
    /// What a person should know; of a failed run the reason first.
    pub notes: Vec<Note>,
}

/// How a target is, for people who look after it.
pub fn health(target: &Target, state: &State, last: Option<&Run>, now: Timestamp) -> Health {
    if target.paused && state.stopped.is_none() {
        return Health::Paused;
    }
    if state.failures > 0 {
        return Health::Failing;
    }
    let Some(good) = state.last_good else { return Health::Waiting };
    let patience_min = i64::from(target.every_min) * 2 + i64::from(target.jitter_min) + 10;
    if micros(now).saturating_sub(good) > patience_min.saturating_mul(60_000_000) {
        return Health::Stale;
    }
    if last.is_some_and(|run| run.result == RunResult::Wanting) { Health::Wanting } else { Health::Fresh }
}

pub(super) fn fetch(tx: &dyn ReadTx, name: &Slug) -> Result<State, Fault> {
    let row = tx.fetch(Book::Meta, &key("state", name))?;
    row.map_or_else(|| Ok(State::default()), |row| from_json(&row, "states of targets"))
}

pub(super) fn put(tx: &mut dyn WriteTx, name: &Slug, state: &State) -> Result<(), Fault> {
    tx.put(Book::Meta, &key("state", name), &to_json(state))
}

/// Changes the state of a target that is still what a run began with. `false`: it is not, so that the run should end.
pub(super) fn change(
    node: &Node,
    target: &Target,
    what: impl FnOnce(&mut dyn WriteTx, &mut State) -> Result<(), Fault>,
) -> Result<bool, NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        if fetch_target(writing.tx.as_ref(), &target.name)?.is_none_or(|now| !is_same(&now, target)) {
            return Ok(false);
        }
        let mut state = fetch(writing.tx.as_ref(), &target.name)?;
        what(writing.tx.as_mut(), &mut state)?;
        put(writing.tx.as_mut(), &target.name, &state)?;
        Ok(true)
    })
}

/// Pauses a target whose server lets the node in no more, until a person has looked.
pub fn stop(node: &Node, target: &Target, why: &Note) -> Result<(), NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        let Some(mut now) = fetch_target(writing.tx.as_ref(), &target.name)?.filter(|now| is_same(now, target)) else {
            return Ok(());
        };
        now.paused = true;
        writing.tx.put(Book::Meta, &key("def", &target.name), &to_json(&now))?;
        let mut state = fetch(writing.tx.as_ref(), &target.name)?;
        state.stopped = Some(why.clone());
        put(writing.tx.as_mut(), &target.name, &state)?;
        let what = serde_json::json!({"name": target.name.to_string(), "why": why.id});
        note_act(writing, node.now(), &format!("target:{}", target.name), "target-pause", &what)?;
        Ok(())
    })
}

/// Writes down what became of a run, with its number, and when the next is due. A target that was removed or changed meanwhile keeps nothing of it.
pub fn finish(node: &Node, target: &Target, mut run: Run, next_try: Timestamp) -> Result<Option<Run>, NodeFault> {
    run.notes.truncate(NOTES_MAX);
    node.transact(Priority::Bulk, |writing| {
        if fetch_target(writing.tx.as_ref(), &target.name)?.is_none_or(|now| !is_same(&now, target)) {
            return Ok(None);
        }
        let mut state = fetch(writing.tx.as_ref(), &target.name)?;
        state.runs += 1;
        run.number = state.runs;
        if run.result == RunResult::Failed {
            state.failures = state.failures.saturating_add(1);
            state.failing_since = state.failing_since.or(Some(run.begun));
        } else {
            (state.failures, state.failing_since, state.last_good) = (0, None, Some(run.ended));
        }
        state.next_try = micros(next_try);
        let tx = writing.tx.as_mut();
        put(tx, &target.name, &state)?;
        let below = key_below("run", &target.name);
        tx.put(Book::Meta, &[&below[..], &run.number.to_be_bytes()].concat(), &to_json(&run))?;
        let kept = tx.scan(Book::Meta, &below, &prefix_end(&below), RUNS_KEPT + 10)?;
        for (old, _) in kept.iter().take(kept.len().saturating_sub(RUNS_KEPT)) {
            tx.delete(Book::Meta, old)?;
        }
        let what = serde_json::json!({"name": target.name.to_string(), "run": run.number, "by": run.by, "result": run.result.as_str(), "counts": run.counts,
            "why": run.notes.first().map(|note| &note.id)});
        note_act(writing, node.now(), &format!("target:{}", target.name), "target-run", &what)?;
        Ok(Some(run.clone()))
    })
}

/// The runs that are kept, newest first.
pub fn history(node: &Node, name: &Slug) -> Result<Vec<Run>, NodeFault> {
    let below = key_below("run", name);
    let rows = node.store.read()?.scan(Book::Meta, &below, &prefix_end(&below), RUNS_KEPT + 10)?;
    let runs = rows.iter().rev().map(|(_, row)| from_json(row, "runs of targets"));
    Ok(runs.collect::<Result<_, Fault>>()?)
}
