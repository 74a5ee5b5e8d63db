//! Connections and their settings, the numbered migrations, and the two secrets of a store.

use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;

use gotong_crypto::Entropy;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};

use crate::Fault;

use super::SqliteOptions;
use super::fault::damaged;

/// Forward only: a released migration never changes. The position in this list, from 1, is `user_version`.
const MIGRATIONS: &[&str] = &[include_str!("../../../../migrations/sqlite/0001_store.sql")];

/// Marks the file as ours ("gtng").
const APPLICATION_ID: i64 = 0x6774_6e67;
const PAGE_BYTES: i64 = 8_192;
/// Statements each connection keeps prepared.
const STATEMENTS: usize = 64;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Writer,
    Reader,
    Checkpointer,
}

/// Opens a connection.
pub(super) fn connect(path: &Path, role: Role, options: &SqliteOptions) -> Result<Connection, Fault> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if role == Role::Writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Nobody else writes, so waiting is only for the short locks of readers that begin while the log is reset.
    conn.busy_timeout(Duration::from_millis(if role == Role::Checkpointer { 0 } else { 5_000 }))?;
    if role == Role::Writer {
        conn.pragma_update(None, "page_size", PAGE_BYTES)?;
        let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(Fault::Io("the file system does not allow a write-ahead log".to_owned()));
        }
    }
    let readers = u64::try_from(options.readers_idle_max.max(1)).unwrap_or(1);
    let cache_kib = match role {
        Role::Writer => options.cache_bytes / 4 / 1_024,
        // Many values in one call go through a whole index: what a reader keeps of it, it reads once.
        Role::Reader => options.cache_bytes / 4 * 3 / readers / 1_024,
        Role::Checkpointer => 256,
    };
    conn.pragma_update(None, "cache_size", -i64::try_from(cache_kib.max(256)).unwrap_or(i64::MAX))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "secure_delete", "ON")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "mmap_size", 0)?;
    // Plans do not hang on what is bound, so that no statement is prepared again for it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A commit never moves the log into the database by itself: upkeep does, beside the writer.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "trusted_schema", "OFF")?;
    if let Some(bytes_max) = options.bytes_max {
        let pages = i64::try_from(bytes_max).unwrap_or(i64::MAX) / PAGE_BYTES;
        // A pragma that answers; the answer is the larger of this and what the file already has.
        conn.query_row(
            &format!("PRAGMA max_page_count = {}", pages.clamp(1, i64::from(u32::MAX - 1))),
            [],
            |_| Ok(()),
        )?;
    }
    if role == Role::Reader {
        conn.pragma_update(None, "query_only", "ON")?;
    }
    Ok(conn)
}

/// Brings the schema up to this program's version.
pub(super) fn migrate(conn: &mut Connection, entropy: &dyn Entropy) -> Result<(), Fault> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let done = usize::try_from(version).map_err(|_| damaged("the version of the store is negative"))?;
    if done > 0 && application != APPLICATION_ID {
        return Err(damaged("the file belongs to another program"));
    }
    if done > MIGRATIONS.len() {
        return Err(newer(done));
    }
    for (number, sql) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let tx = conn.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number)?;
        if number == 1 {
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            for name in ["incarnation", "index_secret"] {
                let mut bytes = [0; 16];
                entropy.fill(&mut bytes);
                tx.execute("INSERT INTO meta VALUES (?1, ?2)", params![name, bytes])?;
            }
        }
        tx.commit()?;
    }
    Ok(())
}

fn newer(version: usize) -> Fault {
    Fault::Newer(format!("its tables have the version {version}, this program knows them up to {}", MIGRATIONS.len()))
}

/// Demands a store of this program's own version: one that is only read is not brought up.
pub(super) fn expect_current(conn: &Connection) -> Result<(), Fault> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = usize::try_from(version).map_err(|_| damaged("the version of the store is negative"))?;
    if application != APPLICATION_ID {
        return Err(damaged("the file is no store"));
    }
    match version.cmp(&MIGRATIONS.len()) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(newer(version)),
        Ordering::Less => {
            Err(Fault::Misuse(format!("tables of the version {version} are brought up in a folder only")))
        }
    }
}

/// What holds for connections to files that come from elsewhere, too.
pub(super) fn harden(conn: &Connection) -> Result<(), Fault> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "mmap_size", 0)?;
    conn.pragma_update(None, "trusted_schema", "OFF")?;
    conn.pragma_update(None, "query_only", "ON")?;
    Ok(())
}

/// Sets one of the secrets.
pub(super) fn set_secret(conn: &Connection, name: &str, bytes: &[u8; 16]) -> Result<(), Fault> {
    conn.execute("UPDATE meta SET value = ?2 WHERE name = ?1", params![name, bytes])?;
    Ok(())
}

/// Sixteen bytes that the store got when it was made.
pub(super) fn secret(conn: &Connection, name: &str) -> Result<[u8; 16], Fault> {
    Ok(conn.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))?)
}
