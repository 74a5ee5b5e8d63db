//! The baseline: one plain SQLite table, filled in bulk with the same objects and tuned for it. Text id unique, three more text indexes (type,
//! value, time), JSON as text; 8 KiB pages, 256 MB of cache, commits of 10,000, and the same durability and cleaning as the product's store.
//!
//! It checks nothing, shares nothing and decides nothing: it is what somebody would write in an afternoon.

use std::borrow::Cow;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;

use super::corpus::Corpus;
use super::cpu;
use super::fault::{Fault, While};
use super::import::Tenths;
use super::scratch::bytes_in;

const COMMIT_OBJECTS: usize = 10_000;
/// Values that are kept for the lookups.
const VALUES_MAX: usize = 100_000;

/// What the table needs of an object.
#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    object_type: Cow<'a, str>,
    #[serde(borrow, default)]
    modified: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    created: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pattern: Option<Cow<'a, str>>,
}

/// The table, filled, and what filling it took.
pub(crate) struct Plain {
    conn: Connection,
    /// Observable values in it, spread over the corpus.
    pub(crate) values: Vec<String>,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) written_bytes: u64,
    pub(crate) disk_bytes: u64,
    pub(crate) tenths: Tenths,
}

impl Plain {
    /// Fills a table in a new folder.
    pub(crate) fn fill(folder: &Path, corpus: &Corpus) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)?;
        let conn = Connection::open(folder.join("plain.db"))?;
        conn.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
             PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;
             CREATE TABLE objects(id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, value TEXT, at TEXT, json TEXT NOT NULL);
             CREATE INDEX objects_by_type ON objects(type);
             CREATE INDEX objects_by_value ON objects(value);
             CREATE INDEX objects_by_at ON objects(at);",
        )?;
        let written_before = cpu::used(std::process::id())?.written_bytes;
        let cpu_before = cpu::this_thread()?;
        let began = Instant::now();
        let mut tenths = Tenths::new(corpus.objects);
        let mut values = Vec::new();
        let every = (corpus.objects / VALUES_MAX).max(1);
        let mut input = BufReader::with_capacity(1 << 20, corpus.open()?);
        let mut line = String::new();
        let mut count = 0;
        conn.execute_batch("BEGIN")?;
        while input.read_line(&mut line)? > 0 {
            let text = line.trim_end();
            let row: Row<'_> = serde_json::from_str(text).during(text)?;
            let at = row.modified.as_deref().or(row.created.as_deref());
            let value = row.value.as_deref().or(row.pattern.as_deref());
            conn.prepare_cached(
                "INSERT OR IGNORE INTO objects(id, type, value, at, json) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![row.id, row.object_type, value, at, text])?;
            if let Some(value) = row.value.filter(|_| count % every < 2 && values.len() < VALUES_MAX) {
                values.push(value.into_owned());
            }
            line.clear();
            count += 1;
            if count % COMMIT_OBJECTS == 0 {
                conn.execute_batch("COMMIT; BEGIN")?;
            }
            tenths.passed(count, began.elapsed());
        }
        conn.execute_batch("COMMIT")?;
        let wall = began.elapsed();
        // Moving the log into the table is part of the work, though nobody waits for it.
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let cpu = cpu::this_thread()?.saturating_sub(cpu_before);
        let written_bytes = cpu::used(std::process::id())?.written_bytes.saturating_sub(written_before);
        Ok(Self { conn, values, wall, cpu, written_bytes, disk_bytes: bytes_in(folder), tenths })
    }

    /// One indexed read.
    pub(crate) fn lookup(&self, value: &str) -> Result<Option<String>, Fault> {
        let mut read = self.conn.prepare_cached("SELECT json FROM objects WHERE value = ?1")?;
        Ok(read.query_row([value], |row| row.get(0)).optional()?)
    }
}
