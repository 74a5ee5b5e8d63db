//! Checking the store's own structures: the database, blocks, the order of runs, their fences and filters. Apart from it, since the
//! trait allows it: postings whose entry is not there.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::{Fault, Index};

use super::SqliteStore;
use super::block::{BLOCK_BYTES, Table};
use super::catalogue::{Catalogue, INDEXES};
use super::chunk::{Posting, decode};
use super::run::Run;

/// More findings than this help nobody.
const FINDINGS_MAX: usize = 100;

impl SqliteStore {
    /// Each finding is one line.
    pub(super) fn findings(&self) -> Result<Vec<String>, Fault> {
        let snapshot = self.snapshot()?;
        let conn = snapshot.conn()?;
        let mut findings = Vec::new();
        let mut statement = conn.prepare("PRAGMA quick_check(20)")?;
        for line in statement.query_map([], |row| row.get::<_, String>(0))? {
            let line = line?;
            if line != "ok" {
                findings.push(format!("database: {line}"));
            }
        }
        for table in Table::ALL {
            table.each(conn, |number, data| {
                if data.len() != BLOCK_BYTES {
                    findings.push(format!("{table:?} {number}: {} bytes", data.len()));
                }
                Ok(())
            })?;
        }
        check_indexes(conn, &snapshot.catalogue, &mut findings)?;
        findings.truncate(FINDINGS_MAX);
        Ok(findings)
    }

    /// Postings that name an entry that is not there, one line each. The store allows them, its user may not.
    pub fn check_postings(&self) -> Result<Vec<String>, Fault> {
        let snapshot = self.snapshot()?;
        let conn = snapshot.conn()?;
        let mut findings = Vec::new();
        for index in INDEXES {
            let shelf = snapshot.catalogue.shelf(index);
            for piece in shelf.staged.pieces() {
                check_entries(conn, piece, index, &mut findings)?;
            }
            for run in shelf.live() {
                let mut place = (0, 0);
                while let Some(fence) = run.fence(place) {
                    let postings = Table::Chunks.with(conn, fence.chunk, decode)?;
                    check_entries(conn, &postings, index, &mut findings)?;
                    place = run.after(place);
                }
            }
        }
        Ok(findings)
    }
}

fn check_indexes(conn: &Connection, catalogue: &Catalogue, findings: &mut Vec<String>) -> Result<(), Fault> {
    let mut chunks = BTreeSet::new();
    for index in INDEXES {
        for run in &catalogue.shelf(index).runs {
            check_run(conn, run, &mut chunks, findings);
        }
        if !catalogue.shelf(index).staged.pieces().all(<[Posting]>::is_sorted) {
            findings.push(format!("staging of {index:?} is out of order"));
        }
    }
    let stored: i64 = conn.query_row("SELECT count(*) FROM chunks", [], |row| row.get(0))?;
    if usize::try_from(stored).ok() != Some(chunks.len()) {
        findings.push(format!("{stored} chunks are stored, runs name {}", chunks.len()));
    }
    Ok(())
}

fn check_run(conn: &Connection, run: &Run, chunks: &mut BTreeSet<i64>, findings: &mut Vec<String>) {
    let name = format!("run {}", run.id);
    let mut last: Option<Posting> = None;
    let mut place = (0, 0);
    while let Some(fence) = run.fence(place) {
        if !chunks.insert(fence.chunk) {
            findings.push(format!("{name}: chunk {} is named twice", fence.chunk));
        }
        let postings = match Table::Chunks.with(conn, fence.chunk, decode) {
            Ok(postings) => postings,
            Err(fault) => {
                findings.push(format!("{name}: chunk {}: {fault}", fence.chunk));
                place = run.after(place);
                continue;
            }
        };
        if postings.first() != Some(&fence.first) {
            findings.push(format!("{name}: chunk {} does not begin as its head says", fence.chunk));
        }
        if last.into_iter().chain(postings.iter().copied()).is_sorted_by(|a, b| a < b) {
            last = postings.last().copied();
        } else {
            findings.push(format!("{name}: chunk {} is out of order", fence.chunk));
        }
        if postings.iter().any(|posting| !run.chunk_may_have(place, posting.0)) {
            findings.push(format!("{name}: the filter of chunk {} lacks a key", fence.chunk));
        }
        place = run.after(place);
    }
}

fn check_entries(
    conn: &Connection,
    postings: &[Posting],
    index: Index,
    findings: &mut Vec<String>,
) -> Result<(), Fault> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM entries WHERE key = ?1")?;
    for (_, entry) in postings {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        let known = i64::try_from(*entry).map(|entry| statement.exists([entry]));
        if !matches!(known, Ok(Ok(true))) {
            findings.push(format!("{index:?}: a posting names entry {entry}, which is not there"));
        }
    }
    Ok(())
}
