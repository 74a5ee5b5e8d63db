//! Where a source stands: what its server said last, when it is asked next, and what became of its runs.
//!
//! A run that brought nothing because something is wrong must never look like one that found nothing new. Read next: `taken.rs`.

use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::{Source, fetch_source, key, key_below, micros};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::note_act;
use crate::rows::{from_json, prefix_end, to_json};

/// Runs that are kept of one source.
const RUNS_KEPT: usize = 50;
/// Notes of one run.
const NOTES_MAX: usize = 20;

/// What a source has been read up to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// `ETag` of the last answer that was taken whole.
    pub etag: Option<String>,
    /// Its `Last-Modified`, as it came.
    pub last_modified: Option<String>,
    /// SHA-256 of what was taken, in hexadecimal.
    pub digest: Option<String>,
    /// Up to where a TAXII collection has been read: a time of its server.
    pub cursor: Option<String>,
}

/// Where a source stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// What it has been read up to.
    pub progress: Progress,
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
}

/// Something that a person should know of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Message id.
    pub id: String,
    /// The sentence.
    pub text: String,
}

impl Note {
    /// A note.
    pub fn new(id: &str, text: impl Into<String>) -> Self {
        Self { id: id.to_owned(), text: text.into() }
    }
}

/// What a run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunResult {
    /// All is well.
    Done,
    /// The source has nothing new.
    Unchanged,
    /// Something was refused, waits for a person, or may be missing.
    Wanting,
    /// It broke off; what came before holds.
    Failed,
}

impl RunResult {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Wanting => "wanting",
            Self::Failed => "failed",
        }
    }
}

/// How many objects met which fate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// In the log; the id was not there before.
    pub new: u64,
    /// There already.
    pub known: u64,
    /// In the log, as a newer version.
    pub updated: u64,
    /// Not taken.
    pub refused: u64,
    /// Waiting for a person.
    pub quarantined: u64,
    /// Things that the objects made of them have no place for.
    pub not_carried: u64,
    /// Brought before, and not listed any more.
    pub gone: u64,
    /// Withdrawn for that.
    pub withdrawn: u64,
    /// Left out, because somebody withdrew it here.
    #[serde(default)]
    pub kept_out: u64,
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
    /// Bytes that came.
    pub bytes: u64,
    /// What a person should know; of a failed run the reason first.
    pub notes: Vec<Note>,
}

/// How a source is, for people who look after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// Not run by the schedule.
    Paused,
    /// It has not run yet.
    Waiting,
    /// Its last run failed.
    Failing,
    /// Its last good run is too long ago.
    Stale,
    /// It runs, and a person should look at what became of it.
    Wanting,
    /// All is well.
    Fresh,
}

impl Health {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Paused, Self::Waiting, Self::Failing, Self::Stale, Self::Wanting, Self::Fresh];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Failing => "failing",
            Self::Stale => "stale",
            Self::Wanting => "wanting",
            Self::Fresh => "fresh",
        }
    }

    /// What follows from the state. Failure counts more than a pause in one thing: it is told first where both hold.
    pub fn of(source: &Source, state: &State, last: Option<&Run>, now: Timestamp) -> Self {
        if source.paused {
            return Self::Paused;
        }
        if state.failures > 0 {
            return Self::Failing;
        }
        let Some(good) = state.last_good else { return Self::Waiting };
        let patience_min = i64::from(source.every_min) * 2 + i64::from(source.jitter_min) + 10;
        if micros(now).saturating_sub(good) > patience_min.saturating_mul(60_000_000) {
            return Self::Stale;
        }
        if last.is_some_and(|run| run.result == RunResult::Wanting) { Self::Wanting } else { Self::Fresh }
    }
}

pub(super) fn fetch(tx: &dyn ReadTx, name: &Slug) -> Result<State, Fault> {
    let row = tx.fetch(Book::Meta, &key("state", name))?;
    row.map_or_else(|| Ok(State::default()), |row| from_json(&row, "states of sources"))
}

pub(super) fn put(tx: &mut dyn WriteTx, name: &Slug, state: &State) -> Result<(), Fault> {
    tx.put(Book::Meta, &key("state", name), &to_json(state))
}

/// Keeps how far a run has come, once what came before is committed. `false`: the source was removed or points elsewhere now, so that the run should end.
pub fn keep(node: &Node, source: &Source, cursor: &str) -> Result<bool, NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        if fetch_source(writing.tx.as_ref(), &source.name)?.is_none_or(|now| !is_same(&now, source)) {
            return Ok(false);
        }
        let mut state = fetch(writing.tx.as_ref(), &source.name)?;
        state.progress.cursor = Some(cursor.to_owned());
        put(writing.tx.as_mut(), &source.name, &state)?;
        Ok(true)
    })
}

/// Whether a source still points where it did: a pause or another schedule changes nothing of that.
fn is_same(now: &Source, then: &Source) -> bool {
    (&now.url, &now.channel, now.kind, &now.collection) == (&then.url, &then.channel, then.kind, &then.collection)
}

/// Writes down what became of a run, with its number, and when the next is due. `progress` counts where the run was good; a source that was removed or points
/// elsewhere meanwhile keeps nothing of it.
pub fn finish(
    node: &Node,
    source: &Source,
    mut run: Run,
    progress: Option<&Progress>,
    next_try: Timestamp,
) -> Result<Option<Run>, NodeFault> {
    run.notes.truncate(NOTES_MAX);
    node.transact(Priority::Bulk, |writing| {
        if fetch_source(writing.tx.as_ref(), &source.name)?.is_none_or(|now| !is_same(&now, source)) {
            return Ok(None);
        }
        let mut state = fetch(writing.tx.as_ref(), &source.name)?;
        state.runs += 1;
        run.number = state.runs;
        if run.result == RunResult::Failed {
            state.failures = state.failures.saturating_add(1);
            state.failing_since = state.failing_since.or(Some(run.begun));
        } else {
            (state.failures, state.failing_since, state.last_good) = (0, None, Some(run.ended));
        }
        if let Some(progress) = progress {
            state.progress = progress.clone();
        }
        state.next_try = micros(next_try);
        let tx = writing.tx.as_mut();
        put(tx, &source.name, &state)?;
        let below = key_below("run", &source.name);
        tx.put(Book::Meta, &[&below[..], &run.number.to_be_bytes()].concat(), &to_json(&run))?;
        let kept = tx.scan(Book::Meta, &below, &prefix_end(&below), RUNS_KEPT + 10)?;
        for (old, _) in kept.iter().take(kept.len().saturating_sub(RUNS_KEPT)) {
            tx.delete(Book::Meta, old)?;
        }
        let what = serde_json::json!({"name": source.name.to_string(), "run": run.number, "by": run.by, "result": run.result.as_str(), "counts": run.counts,
            "why": run.notes.first().map(|note| &note.id)});
        note_act(writing, node.now(), &format!("source:{}", source.name), "source-run", &what)?;
        Ok(Some(run.clone()))
    })
}

/// The runs that are kept, newest first.
pub fn history(node: &Node, name: &Slug) -> Result<Vec<Run>, NodeFault> {
    let below = key_below("run", name);
    let rows = node.store.read()?.scan(Book::Meta, &below, &prefix_end(&below), RUNS_KEPT + 10)?;
    let runs = rows.iter().rev().map(|(_, row)| from_json(row, "runs of sources"));
    Ok(runs.collect::<Result<_, Fault>>()?)
}
