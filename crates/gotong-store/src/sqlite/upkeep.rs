//! Upkeep: merging runs eight at a time, deleting those merged, moving the write-ahead log into the database. Reading and encoding
//! happen beside the writer; each step takes the writer for a few milliseconds.
//!
//! A crash between two steps leaves a run in state *building* (dropped at the next start) or *dropped* (deleted by the next steps).

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::{Fault, Index};

use super::block::Table;
use super::catalogue::{Catalogue, INDEXES};
use super::chunk::{Posting, decode_range, merge_stretches};
use super::lookup::{before, behind};
use super::posting::{self, Prepared, prepare};
use super::run::{Run, RunState};
use super::transaction::Transaction;
use super::{SqliteStore, Writer, locked};

/// Runs of a level that become one of the next; of words more, since they are most of what is posted and are asked for by people alone: each number is then
/// written once less.
const FAN_IN: usize = 8;
const FAN_IN_WORDS: usize = 16;
/// Chunks that one step of a merge reads, about.
const STEP_CHUNKS: usize = 64;
/// Chunks that one step deletes, about.
const DROP_CHUNKS: usize = 128;
/// When the log is this many times longer than upkeep lets it grow, the writer moves it itself: nobody calls upkeep.
const LOG_PATIENCE: u64 = 8;
/// The writer looks at the log's length every so many commits.
const COMMITS_BETWEEN_LOOKS: u64 = 32;
/// How often emptying the log is tried while readers hold it, and how long it waits between.
pub(super) const EMPTY_TRIES: usize = 500;
pub(super) const EMPTY_WAIT: Duration = Duration::from_millis(10);
/// How often the log is moved beside the writer, and how much may be left for the move during which the writer waits.
const MOVES_MAX: usize = 4;
const LAST_MOVE_BYTES_MAX: u64 = 4 << 20;
const WAL_FRAME_BYTES: u64 = 8_192 + 24;

/// A merge under way.
#[derive(Clone, Debug)]
pub(super) struct Job {
    index: Index,
    sources: Vec<i64>,
    level: i64,
    /// The run that is being written, once its first chunks are.
    target: Option<i64>,
    /// The last posting merged.
    cursor: Option<Posting>,
}

/// What one step of a merge will write.
struct Step {
    sources: Vec<Arc<Run>>,
    chunks: Vec<Prepared>,
    cursor: Option<Posting>,
    is_last: bool,
}

impl SqliteStore {
    /// One step; `true` if there is more to do.
    pub(super) fn upkeep_step(&self) -> Result<bool, Fault> {
        let mut job = locked(&self.upkeep);
        if self.move_log(self.options.wal_bytes_max)? {
            return Ok(true);
        }
        if self.delete_dropped()? {
            return Ok(true);
        }
        if job.is_none() {
            *job = candidate(&locked(&self.writer).current.clone());
        }
        let Some(running) = job.take() else { return Ok(false) };
        *job = self.merge(running)?;
        Ok(true)
    }

    /// One step of a merge. Gives the job back unless it is over.
    fn merge(&self, job: Job) -> Result<Option<Job>, Fault> {
        for last_try in [false, false, true] {
            // At last under the writer's lock, so that a stream of erasures cannot hold up a merge for ever.
            let writer = last_try.then(|| locked(&self.writer));
            let snapshot = self.snapshot()?;
            let Some(step) = read_step(snapshot.conn()?, &snapshot.catalogue, &job)? else { return Ok(None) };
            drop(snapshot);
            let writer = writer.unwrap_or_else(|| locked(&self.writer));
            let shelf = writer.current.shelf(job.index);
            // An erasure replaces the run that it touches: what was read of it may be too much.
            let unchanged = step.sources.iter().all(|run| shelf.run(run.id).is_some_and(|now| Arc::ptr_eq(now, run)));
            if unchanged && !writer.in_doubt {
                return write_step(Transaction::begin(self, writer, false)?, job, &step);
            }
        }
        Ok(Some(job))
    }

    /// Deletes some chunks of dropped runs; `true` if there were any.
    fn delete_dropped(&self) -> Result<bool, Fault> {
        let is_dropped = |run: &Arc<Run>| run.state == RunState::Dropped;
        let writer = locked(&self.writer);
        if !INDEXES.iter().any(|index| writer.current.shelf(*index).runs.iter().any(is_dropped)) {
            return Ok(false);
        }
        drop(writer);
        let mut tx = self.begin(false)?;
        let (conn, catalogue) = tx.parts();
        delete_chunks(conn, catalogue)?;
        tx.finish()?;
        Ok(true)
    }

    /// Moves the log into the database if it is longer than allowed; `true` if it did.
    fn move_log(&self, bytes_max: u64) -> Result<bool, Fault> {
        // While a copy is made the database stands still, and the log grows.
        if self.is_copied() {
            return Ok(false);
        }
        let conn = locked(&self.checkpointer);
        let (log, before) = log_bytes(&conn, "NOOP")?;
        if log <= bytes_max || log == before {
            return Ok(false);
        }
        // Most of it beside the writer, then what came meanwhile, the last bit while the writer waits, so that the log begins anew with the
        // next commit. A reader that still needs an older state stops it: that is no work to be done now.
        let mut moved = before;
        for _ in 0..MOVES_MAX {
            let (log, now) = log_bytes(&conn, "PASSIVE")?;
            if log.saturating_sub(now) <= LAST_MOVE_BYTES_MAX || now == moved {
                break;
            }
            moved = now;
        }
        let _writer = locked(&self.writer);
        let (log, mut moved) = log_bytes(&conn, "NOOP")?;
        if log.saturating_sub(moved) <= LAST_MOVE_BYTES_MAX {
            (_, moved) = log_bytes(&conn, "PASSIVE")?;
        }
        Ok(moved != before)
    }

    /// After each commit: sees that the log does not grow without end when nobody calls upkeep.
    pub(super) fn after_commit(&self, writer: &mut Writer, synced: bool) {
        writer.commits += 1;
        if synced && writer.commits.is_multiple_of(COMMITS_BETWEEN_LOOKS) && !self.is_copied() {
            let patience = self.options.wal_bytes_max.saturating_mul(LOG_PATIENCE);
            let moved = log_bytes(&writer.conn, "NOOP")
                .and_then(|(log, _)| if log > patience { log_bytes(&writer.conn, "PASSIVE") } else { Ok((log, log)) });
            // What was committed stays committed; a fault here (a full disk, say) meets the next commit or upkeep again.
            drop(moved);
        }
    }

    /// Deletes what is dropped, then empties the write-ahead log, so that no older state of a page is in any file.
    pub(super) fn empty_the_log(&self) -> Result<(), Fault> {
        while self.delete_dropped()? {}
        if self.is_copied() {
            return Err(Fault::Busy("a copy of the store is being made".to_owned()));
        }
        let conn = locked(&self.checkpointer);
        for _ in 0..EMPTY_TRIES {
            // Held for one try at a time: readers may keep the log for half a second, and the writer need not wait that long.
            let writer = locked(&self.writer);
            let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            drop(writer);
            if busy == 0 {
                return Ok(());
            }
            std::thread::sleep(EMPTY_WAIT);
        }
        Err(Fault::Busy("a reader keeps an older state of the store".to_owned()))
    }
}

/// Writes one step of a merge. Gives the job back unless it is over.
fn write_step(mut tx: Transaction<'_>, job: Job, step: &Step) -> Result<Option<Job>, Fault> {
    let Job { index, level, sources, target, .. } = job;
    let (conn, catalogue) = tx.parts();
    let mut run = match target {
        None => posting::new_run(conn, catalogue, index, level, RunState::Building)?,
        Some(id) => match catalogue.shelf(index).run(id) {
            Some(run) if run.state == RunState::Building => Run::clone(run),
            // The index was dropped meanwhile.
            _ => return Ok(None),
        },
    };
    posting::extend(conn, catalogue, &mut run, &step.chunks)?;
    catalogue.shelf_mut(index).set(run.clone());
    if step.is_last {
        posting::set_state(conn, catalogue, index, &run, RunState::Live)?;
        for source in &step.sources {
            posting::set_state(conn, catalogue, index, source, RunState::Dropped)?;
        }
        delete_chunks(conn, catalogue)?;
    }
    tx.finish()?;
    let next = Job { index, sources, level, target: Some(run.id), cursor: step.cursor };
    Ok((!step.is_last).then_some(next))
}

/// Runs a checkpoint; bytes of the log, and how many of them are in the database.
pub(super) fn log_bytes(conn: &Connection, mode: &str) -> Result<(u64, u64), Fault> {
    let sql = if mode == "NOOP" { "PRAGMA wal_checkpoint(NOOP)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
    let (log, moved): (i64, i64) = conn.prepare_cached(sql)?.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    let bytes = |frames: i64| u64::try_from(frames).unwrap_or(0) * WAL_FRAME_BYTES;
    Ok((bytes(log), bytes(moved)))
}

fn fan_in(index: Index) -> usize {
    if index == Index::Term { FAN_IN_WORDS } else { FAN_IN }
}

/// The lowest level that has enough runs for a merge.
fn candidate(catalogue: &Catalogue) -> Option<Job> {
    let mut best: Option<Job> = None;
    for index in INDEXES {
        let shelf = catalogue.shelf(index);
        for level in shelf.live().map(|run| run.level) {
            let sources: Vec<i64> =
                shelf.live().filter(|run| run.level == level).take(fan_in(index)).map(|run| run.id).collect();
            if sources.len() == fan_in(index) && best.as_ref().is_none_or(|best| level + 1 < best.level) {
                best = Some(Job { index, sources, level: level + 1, target: None, cursor: None });
            }
        }
    }
    best
}

/// Reads and encodes what comes behind the cursor. `None` if a source is no longer there.
fn read_step(conn: &Connection, catalogue: &Catalogue, job: &Job) -> Result<Option<Step>, Fault> {
    let shelf = catalogue.shelf(job.index);
    let mut sources = Vec::with_capacity(job.sources.len());
    for id in &job.sources {
        match shelf.run(*id) {
            Some(run) if run.state == RunState::Live => sources.push(run.clone()),
            _ => return Ok(None),
        }
    }
    let from = match job.cursor {
        Some(cursor) => behind(cursor).unwrap_or((u64::MAX, u64::MAX)),
        None => (0, 0),
    };
    // Where the step ends: before the chunk that would be one too many, counted over all sources in the order of their first postings.
    let mut firsts: Vec<Posting> = sources.iter().flat_map(|run| firsts_after(run, from)).collect();
    firsts.sort_unstable();
    let bound = firsts.get(STEP_CHUNKS).copied().and_then(before);
    let to = bound.unwrap_or((u64::MAX, u64::MAX));
    let chunk_postings = if job.index == Index::Term { 2_000 } else { 820 };
    let mut postings = Vec::with_capacity((STEP_CHUNKS + sources.len()) * chunk_postings);
    for run in &sources {
        let mut place = run.seek(from);
        while let Some(fence) = run.fence(place) {
            if fence.first > to {
                break;
            }
            Table::Chunks.with(conn, fence.chunk, |data| decode_range(data, from, to, &mut postings))?;
            place = run.after(place);
        }
    }
    merge_stretches(&mut postings);
    let chunks = prepare(job.index, &postings);
    Ok(Some(Step { sources, chunks, cursor: bound, is_last: bound.is_none() }))
}

/// First postings of up to `STEP_CHUNKS + 1` chunks that begin behind `from`.
fn firsts_after(run: &Run, from: Posting) -> Vec<Posting> {
    let mut place = run.seek(from);
    let mut out = Vec::new();
    while let Some(fence) = run.fence(place) {
        if fence.first > from {
            out.push(fence.first);
        }
        if out.len() > STEP_CHUNKS {
            break;
        }
        place = run.after(place);
    }
    out
}

/// Deletes up to about [`DROP_CHUNKS`] chunks of dropped runs, and the runs that have none left.
fn delete_chunks(conn: &Connection, catalogue: &mut Catalogue) -> Result<(), Fault> {
    let mut left = DROP_CHUNKS;
    for index in INDEXES {
        let dropped: Vec<Arc<Run>> =
            catalogue.shelf(index).runs.iter().filter(|run| run.state == RunState::Dropped).cloned().collect();
        for run in dropped {
            let mut kept = Run::clone(&run);
            while left > 0
                && let Some((_, group)) = kept.groups.pop()
            {
                for fence in &group.fences {
                    Table::Chunks.remove(conn, fence.chunk)?;
                }
                Table::Heads.remove(conn, group.head)?;
                left = left.saturating_sub(group.fences.len());
            }
            if kept.groups.is_empty() {
                conn.prepare_cached("DELETE FROM runs WHERE run = ?1")?.execute([run.id])?;
                catalogue.shelf_mut(index).runs.retain(|other| other.id != run.id);
            } else {
                catalogue.shelf_mut(index).set(kept);
                return Ok(());
            }
        }
    }
    Ok(())
}
