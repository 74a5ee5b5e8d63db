//! The catalogue: which runs and which staged postings a snapshot of the database has. Each version is immutable and shared by its readers;
//! the writer changes a copy and publishes it just before it commits, so that whoever sees the new version number finds it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::{Fault, Index};

use super::block::Table;
use super::chunk::Posting;
use super::fault::damaged;
use super::run::{Group, Run, RunState};
use super::staging::{self, Staged};

/// The indexes in the order of their numbers.
pub(super) const INDEXES: [Index; 5] = [Index::Object, Index::Value, Index::Reference, Index::TypeTime, Index::Term];

pub(super) fn slot(index: Index) -> usize {
    match index {
        Index::Object => 0,
        Index::Value => 1,
        Index::Reference => 2,
        Index::TypeTime => 3,
        Index::Term => 4,
    }
}

/// Runs and staged postings of one index.
#[derive(Clone, Default, Debug)]
pub(super) struct Shelf {
    pub(super) runs: Vec<Arc<Run>>,
    pub(super) staged: Staged,
}

impl Shelf {
    pub(super) fn run(&self, id: i64) -> Option<&Arc<Run>> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub(super) fn live(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.runs.iter().filter(|run| run.state == RunState::Live)
    }

    /// Puts a changed run in the place of the one with its id, or adds it.
    pub(super) fn set(&mut self, run: Run) {
        match self.runs.iter_mut().find(|old| old.id == run.id) {
            Some(old) => *old = Arc::new(run),
            None => self.runs.push(Arc::new(run)),
        }
    }
}

/// One version.
#[derive(Clone, Debug)]
pub(super) struct Catalogue {
    pub(super) version: i64,
    shelves: [Shelf; 5],
    pub(super) next_run: i64,
    pub(super) next_chunk: i64,
    pub(super) next_head: i64,
    /// The staging block that is being filled, and how many postings it has.
    pub(super) staging_tail: (i64, usize),
}

impl Catalogue {
    pub(super) fn shelf(&self, index: Index) -> &Shelf {
        let [object, value, reference, type_time, term] = &self.shelves;
        match index {
            Index::Object => object,
            Index::Value => value,
            Index::Reference => reference,
            Index::TypeTime => type_time,
            Index::Term => term,
        }
    }

    pub(super) fn shelf_mut(&mut self, index: Index) -> &mut Shelf {
        let [object, value, reference, type_time, term] = &mut self.shelves;
        match index {
            Index::Object => object,
            Index::Value => value,
            Index::Reference => reference,
            Index::TypeTime => type_time,
            Index::Term => term,
        }
    }

    /// Postings in staging.
    pub(super) fn staged(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.staged.count()).sum()
    }

    /// Reads it from the database.
    pub(super) fn load(conn: &Connection) -> Result<Self, Fault> {
        let mut groups: HashMap<i64, Vec<Group>> = HashMap::new();
        let mut next_head = 1;
        let mut next_chunk = 1;
        Table::Heads.each(conn, |head, data| {
            let (run, group) = Group::decode(head, data)?;
            next_head = head + 1;
            for fence in &group.fences {
                next_chunk = next_chunk.max(fence.chunk + 1);
            }
            groups.entry(run).or_default().push(group);
            Ok(())
        })?;
        let mut catalogue = Self {
            version: version(conn)?,
            shelves: Default::default(),
            next_run: 1,
            next_chunk,
            next_head,
            staging_tail: (1, 0),
        };
        let mut statement = conn.prepare("SELECT run, idx, level, state FROM runs ORDER BY run")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, idx, level, state): (i64, i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let index = index_of(idx).ok_or_else(|| damaged("a run of an unknown index"))?;
            let state = RunState::from_number(state).ok_or_else(|| damaged("a run in an unknown state"))?;
            let mut run = Run::new(id, level, state);
            groups.remove(&id).unwrap_or_default().into_iter().for_each(|group| run.push(group));
            run.sort();
            catalogue.shelf_mut(index).set(run);
            catalogue.next_run = id + 1;
        }
        if !groups.is_empty() {
            return Err(damaged("heads without a run"));
        }
        staging::load(conn, &mut catalogue)?;
        Ok(catalogue)
    }
}

/// The index with a number.
pub(super) fn index_of(number: i64) -> Option<Index> {
    INDEXES.into_iter().find(|index| *index as i64 == number)
}

/// The version that this snapshot of the database has. As the first statement of a transaction it also fixes the snapshot.
pub(super) fn version(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.prepare_cached("SELECT version FROM catalogue")?.query_row([], |row| row.get(0))?)
}

/// The newest versions. A reader that finds its version gone already (it slept between two statements) starts again.
#[derive(Default)]
pub(super) struct Catalogues(Mutex<VecDeque<Arc<Catalogue>>>);

/// Versions kept for readers that are just starting. Those that have started hold their own.
const KEPT: usize = 8;

impl Catalogues {
    pub(super) fn publish(&self, catalogue: Arc<Catalogue>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(catalogue);
        while kept.len() > KEPT {
            kept.pop_front();
        }
    }

    /// Takes back a version whose transaction failed.
    pub(super) fn retract(&self, version: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|catalogue| catalogue.version < version);
    }

    pub(super) fn find(&self, version: i64) -> Option<Arc<Catalogue>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().find(|catalogue| catalogue.version == version).cloned()
    }
}

/// A slice of postings, sorted, restricted to a range.
pub(super) fn within(postings: &[Posting], from: Posting, to: Posting) -> &[Posting] {
    let start = postings.partition_point(|posting| *posting < from);
    let end = postings.partition_point(|posting| *posting <= to);
    postings.get(start..end).unwrap_or_default()
}
