//! Checking the store's own structures: the database, the order of runs, and that every posting's entry is there.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::Fault;

use super::SqliteStore;
use super::block::{BLOCK_BYTES, Table};
use super::catalogue::{Catalogue, INDEXES};
use super::chunk::{Posting, decode};
use super::run::{Run, RunState};

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
}

fn check_indexes(conn: &Connection, catalogue: &Catalogue, findings: &mut Vec<String>) -> Result<(), Fault> {
    let mut chunks = BTreeSet::new();
    for index in INDEXES {
        for run in &catalogue.shelf(index).runs {
            check_run(conn, run, &mut chunks, findings)?;
        }
        for piece in catalogue.shelf(index).staged.pieces() {
            check_entries(conn, piece, "staging", findings)?;
        }
    }
    let stored: i64 = conn.query_row("SELECT count(*) FROM chunks", [], |row| row.get(0))?;
    if usize::try_from(stored).ok() != Some(chunks.len()) {
        findings.push(format!("{stored} chunks are stored, runs name {}", chunks.len()));
    }
    Ok(())
}

fn check_run(
    conn: &Connection,
    run: &Run,
    chunks: &mut BTreeSet<i64>,
    findings: &mut Vec<String>,
) -> Result<(), Fault> {
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
        if run.state == RunState::Live {
            check_entries(conn, &postings, &name, findings)?;
        }
        place = run.after(place);
    }
    Ok(())
}

fn check_entries(conn: &Connection, postings: &[Posting], name: &str, findings: &mut Vec<String>) -> Result<(), Fault> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM entries WHERE key = ?1")?;
    for (_, entry) in postings {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        let known = i64::try_from(*entry).map(|entry| statement.exists([entry]));
        if !matches!(known, Ok(Ok(true))) {
            findings.push(format!("{name}: a posting names entry {entry}, which is not there"));
        }
    }
    Ok(())
}
