//! Writing an index: pending postings of a transaction, runs, erasing a posting, dropping an index.

use std::cell::{Ref, RefCell};
use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::{Fault, Index};

use super::block::Table;
use super::catalogue::{Catalogue, INDEXES, slot};
use super::chunk::{Posting, base_of, decode, encode, merge_stretches};
use super::run::{Fence, Group, Place, Run, RunState, filter_of, filter_words};
use super::staging;

/// From so many postings on, a transaction's postings become a run at once.
const RUN_POSTINGS_MIN: usize = 1_000;
/// So many are held in memory before they are written in the middle of a transaction.
const PENDING_MAX: usize = 131_072;
/// Staging turns into runs when it has more than this.
const STAGED_MAX: usize = 16_384;
/// New postings that are kept apart from the sorted ones until there are more.
const LOOSE_MAX: usize = 64;
/// A run of level n has fewer than `LEVEL_POSTINGS * 8^n` postings when it is made.
const LEVEL_POSTINGS: usize = 16_384;

/// Postings of the transaction that are not yet in the database.
#[derive(Default)]
pub(super) struct Pending([RefCell<Lists>; 5]);

#[derive(Default)]
pub(super) struct Lists {
    sorted: Vec<Posting>,
    loose: Vec<Posting>,
    tidy: bool,
}

impl Lists {
    /// Both lists, each sorted.
    pub(super) fn slices(&self) -> [&[Posting]; 2] {
        [&self.sorted, &self.loose]
    }

    fn tidy(&mut self) {
        if self.loose.len() > LOOSE_MAX {
            self.sorted.append(&mut self.loose);
            merge_stretches(&mut self.sorted);
        } else if !self.tidy {
            self.loose.sort_unstable();
        }
        self.tidy = true;
    }

    fn take(&mut self) -> Vec<Posting> {
        self.sorted.append(&mut self.loose);
        let mut all = std::mem::take(&mut self.sorted);
        merge_stretches(&mut all);
        all
    }
}

impl Pending {
    fn lists(&self, index: Index) -> Option<&RefCell<Lists>> {
        self.0.get(slot(index))
    }

    /// What is pending for an index.
    pub(super) fn of(&self, index: Index) -> Option<Ref<'_, Lists>> {
        let lists = self.lists(index)?;
        lists.borrow_mut().tidy();
        Some(lists.borrow())
    }

    /// Adds postings; says whether there are now so many that they should be written.
    pub(super) fn add(&mut self, index: Index, postings: impl Iterator<Item = Posting>) -> bool {
        self.0.get_mut(slot(index)).map(RefCell::get_mut).is_some_and(|lists| {
            lists.loose.extend(postings);
            lists.tidy = false;
            lists.loose.len() + lists.sorted.len() > PENDING_MAX
        })
    }

    pub(super) fn take(&mut self, index: Index) -> Vec<Posting> {
        self.0.get_mut(slot(index)).map(|lists| lists.get_mut().take()).unwrap_or_default()
    }

    fn retain(&mut self, index: Index, keep: impl Fn(&Posting) -> bool) {
        if let Some(lists) = self.0.get_mut(slot(index)).map(RefCell::get_mut) {
            lists.sorted.retain(&keep);
            lists.loose.retain(&keep);
        }
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|lists| lists.borrow().slices().iter().all(|slice| slice.is_empty()))
    }
}

/// A chunk ready to be written, made without any lock.
pub(super) struct Prepared {
    data: Vec<u8>,
    first: Posting,
    filter: Vec<u64>,
}

/// Encodes sorted postings.
pub(super) fn prepare(index: Index, mut postings: &[Posting]) -> Vec<Prepared> {
    let base = base_of(postings);
    let mut out = Vec::new();
    while let Some(&first) = postings.first() {
        let (data, count) = encode(postings, base);
        let (now, later) = postings.split_at(count.clamp(1, postings.len()));
        let filter = filter_of(now, filter_words(index));
        out.push(Prepared { data, first, filter });
        postings = later;
    }
    out
}

/// Writes chunks behind those that the run has, with their heads.
pub(super) fn extend(
    conn: &Connection,
    catalogue: &mut Catalogue,
    run: &mut Run,
    chunks: &[Prepared],
) -> Result<(), Fault> {
    let mut group: Option<Group> = None;
    for prepared in chunks {
        let chunk = catalogue.next_chunk;
        catalogue.next_chunk += 1;
        Table::Chunks.add(conn, chunk, &prepared.data)?;
        let filling = group.get_or_insert_with(|| {
            catalogue.next_head += 1;
            Group::new(catalogue.next_head - 1)
        });
        filling.push(Fence { first: prepared.first, chunk }, &prepared.filter);
        if filling.is_full()
            && let Some(full) = group.take()
        {
            Table::Heads.add(conn, full.head, &full.encode(run.id))?;
            run.push(full);
        }
    }
    if let Some(last) = group {
        Table::Heads.add(conn, last.head, &last.encode(run.id))?;
        run.push(last);
    }
    Ok(())
}

/// A new run without chunks.
pub(super) fn new_run(
    conn: &Connection,
    catalogue: &mut Catalogue,
    index: Index,
    level: i64,
    state: RunState,
) -> Result<Run, Fault> {
    let run = Run::new(catalogue.next_run, level, state);
    catalogue.next_run += 1;
    conn.prepare_cached("INSERT INTO runs VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        run.id,
        index as i64,
        level,
        state as i64
    ])?;
    Ok(run)
}

/// Changes a run's state.
pub(super) fn set_state(
    conn: &Connection,
    catalogue: &mut Catalogue,
    index: Index,
    run: &Run,
    state: RunState,
) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE runs SET state = ?2 WHERE run = ?1")?.execute([run.id, state as i64])?;
    catalogue.shelf_mut(index).set(Run { state, ..run.clone() });
    Ok(())
}

fn write_run(conn: &Connection, catalogue: &mut Catalogue, index: Index, postings: &[Posting]) -> Result<(), Fault> {
    let mut level = 0;
    let mut bound = LEVEL_POSTINGS;
    while postings.len() >= bound {
        level += 1;
        bound = bound.saturating_mul(8);
    }
    let mut run = new_run(conn, catalogue, index, level, RunState::Live)?;
    extend(conn, catalogue, &mut run, &prepare(index, postings))?;
    catalogue.shelf_mut(index).set(run);
    Ok(())
}

/// Writes the pending postings of one index as a run.
pub(super) fn spill(
    conn: &Connection,
    catalogue: &mut Catalogue,
    pending: &mut Pending,
    index: Index,
) -> Result<(), Fault> {
    write_run(conn, catalogue, index, &pending.take(index))
}

/// Writes everything pending: much of it as runs, little of it to staging, and staging as runs when it has grown. Says whether there was anything.
pub(super) fn settle(conn: &Connection, catalogue: &mut Arc<Catalogue>, pending: &mut Pending) -> Result<bool, Fault> {
    if pending.is_empty() {
        return Ok(false);
    }
    let catalogue = Arc::make_mut(catalogue);
    let mut few = Vec::new();
    for index in INDEXES {
        let postings = pending.take(index);
        if postings.len() >= RUN_POSTINGS_MIN {
            write_run(conn, catalogue, index, &postings)?;
        } else if !postings.is_empty() {
            few.push((index, postings));
        }
    }
    staging::add(conn, catalogue, few)?;
    if catalogue.staged() > STAGED_MAX {
        for index in INDEXES {
            let postings = catalogue.shelf(index).staged.all();
            if !postings.is_empty() {
                write_run(conn, catalogue, index, &postings)?;
            }
        }
        staging::clear(conn, catalogue)?;
    }
    Ok(true)
}

/// Removes postings (sorted, without repetition) wherever they stand: pending, staged, in runs that are read, being written or about to go. Each block that
/// holds some of them is rewritten once.
pub(super) fn erase(
    conn: &Connection,
    catalogue: &mut Arc<Catalogue>,
    pending: &mut Pending,
    index: Index,
    gone: &[Posting],
) -> Result<(), Fault> {
    pending.retain(index, |other| gone.binary_search(other).is_err());
    if gone.iter().any(|posting| catalogue.shelf(index).staged.has(*posting)) {
        staging::erase(conn, Arc::make_mut(catalogue), index, Some(gone))?;
    }
    let runs = catalogue.shelf(index).runs.clone();
    for run in runs {
        if let Some(changed) = without(conn, &run, gone)? {
            Arc::make_mut(catalogue).shelf_mut(index).set(changed);
        }
    }
    Ok(())
}

/// The run without postings, their chunks and heads rewritten; `None` if none of them is in it.
fn without(conn: &Connection, run: &Run, mut gone: &[Posting]) -> Result<Option<Run>, Fault> {
    let mut changed: Option<Run> = None;
    // From the end, since a chunk that goes moves the places behind it.
    while let Some(last) = gone.last() {
        let now = changed.as_ref().unwrap_or(run);
        let place = now.seek(*last);
        let Some(fence) = now.fence(place).filter(|fence| fence.first <= *last) else { break };
        let (before, within) = gone.split_at(gone.partition_point(|posting| *posting < fence.first));
        gone = before;
        if !within.iter().any(|posting| now.chunk_may_have(place, posting.0)) {
            continue;
        }
        let mut postings = Table::Chunks.with(conn, fence.chunk, decode)?;
        let count_before = postings.len();
        postings.retain(|posting| within.binary_search(posting).is_err());
        if postings.len() < count_before {
            changed = rewritten(conn, now, (place, fence), &postings)?.or(changed);
        }
    }
    Ok(changed)
}

/// The run with fewer postings in one of its chunks, written with its head.
fn rewritten(
    conn: &Connection,
    run: &Run,
    (place, fence): (Place, Fence),
    postings: &[Posting],
) -> Result<Option<Run>, Fault> {
    if postings.is_empty() {
        Table::Chunks.remove(conn, fence.chunk)?;
    } else {
        // Fewer postings never take more room: the steps beside one that goes become one, and distances only shrink.
        let (data, count) = encode(postings, base_of(postings));
        if count != postings.len() {
            return Err(Fault::Misuse("a chunk grew when postings were taken from it".to_owned()));
        }
        Table::Chunks.replace(conn, fence.chunk, &data)?;
    }
    let Some((_, group)) = run.groups.get(place.0) else { return Ok(None) };
    let group = group.with_chunk(place.1, postings);
    if group.fences.is_empty() {
        Table::Heads.remove(conn, group.head)?;
    } else {
        Table::Heads.replace(conn, group.head, &group.encode(run.id))?;
    }
    Ok(Some(run.with_group(place.0, group)))
}

/// Drops every posting of an index. Runs are only marked: upkeep deletes their chunks step by step.
pub(super) fn clear(
    conn: &Connection,
    catalogue: &mut Arc<Catalogue>,
    pending: &mut Pending,
    index: Index,
) -> Result<(), Fault> {
    pending.take(index);
    let catalogue = Arc::make_mut(catalogue);
    staging::erase(conn, catalogue, index, None)?;
    let runs = catalogue.shelf(index).runs.clone();
    for run in runs {
        set_state(conn, catalogue, index, &run, RunState::Dropped)?;
    }
    Ok(())
}
