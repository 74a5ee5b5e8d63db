//! The baseline: the same objects in a plain table with a text id and three more text indexes, JSON as text; 8 KiB pages, 256 MB of cache, commits
//! of 10,000, synced like ours.

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};

use crate::corpus::{Corpus, Object};
use crate::meter::{Meter, Quantiles};

const COMMIT_ROWS: usize = 10_000;

fn insert(conn: &Connection, object: &Object) {
    let body = std::str::from_utf8(&object.body).unwrap_or("");
    let mut statement = conn
        .prepare_cached("INSERT OR IGNORE INTO object (id, type, value, modified, json) VALUES (?1, ?2, ?3, ?4, ?5)")
        .unwrap();
    statement.execute(params![object.id, object.type_name, object.value, object.modified, body]).unwrap();
}

pub(crate) fn run(corpus: &mut Corpus, path: &Path, sample: &[Object], fresh: &[Object]) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -256000;
         CREATE TABLE object (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, value TEXT, modified TEXT NOT NULL, json TEXT NOT NULL);
         CREATE INDEX object_type ON object (type); CREATE INDEX object_value ON object (value); CREATE INDEX object_modified ON object (modified);",
    )
    .unwrap();
    let mut meter = Meter::new("plain table");
    let bytes = || {
        let wal = path.with_extension("db-wal");
        [path, &wal].iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum::<u64>()
    };
    let mut commits = Quantiles::default();
    loop {
        let begun = Instant::now();
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut rows = 0;
        for object in corpus.take(COMMIT_ROWS) {
            insert(&conn, &object);
            rows += 1;
        }
        conn.execute_batch("COMMIT").unwrap();
        if rows == 0 {
            break;
        }
        commits.add(begun.elapsed());
        meter.rows(rows, bytes());
    }
    meter.end(bytes());
    commits.print("a commit of 10,000, parsing included");
    let mut by_id = Quantiles::default();
    for object in sample {
        let begun = Instant::now();
        let json: String = conn
            .prepare_cached("SELECT json FROM object WHERE id = ?1")
            .unwrap()
            .query_row([&object.id], |row| row.get(0))
            .unwrap();
        assert_eq!(json.as_bytes(), object.body);
        by_id.add(begun.elapsed());
    }
    by_id.print("look-up by id");
    let begun = Instant::now();
    for object in fresh {
        insert(&conn, object);
    }
    println!("  single commits: {:.0}/s", fresh.len() as f64 / begun.elapsed().as_secs_f64());
}
