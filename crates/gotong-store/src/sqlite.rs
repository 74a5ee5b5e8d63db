//! [`SqliteStore`]: the store in one SQLite file. One writer, a pool of readers on WAL snapshots, upkeep outside the writer's transactions.
//!
//! What is special, and why:
//! - Secondary indexes are sorted runs, not B-trees: random keys dirty every page of a B-tree, runs only append (`run`, `posting`, `upkeep`).
//! - What may have to be erased lives in blocks of one page each (`block`, `heap`). SQLite's `secure_delete` zeroes cells that are freed, but
//!   when it splits or merges pages it rebuilds them without cleaning the gap, so copies of cells that moved stay behind; with one cell of
//!   fixed size to a page there is no gap. INVARIANT: no content, header fact or posting is ever stored in another table.
//! - Temporary files would be a place too: `temp_store` is memory.

mod block;
mod catalogue;
mod check;
mod chunk;
mod copying;
mod fault;
mod filter;
mod heap;
mod lookup;
mod nameless;
mod posting;
mod run;
mod schema;
mod snapshot;
mod staging;
mod transaction;
mod upkeep;
mod view;

use std::fs::{File, TryLockError};
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use gotong_crypto::Entropy;
use rusqlite::Connection;
use siphasher::sip::SipHasher13;

use crate::{Fault, Index, ReadTx, Still, Store, WriteTx};

pub use self::nameless::Nameless;

use self::catalogue::{Catalogue, Catalogues};
use self::schema::Role;
use self::snapshot::Snapshot;
use self::transaction::Transaction;
use self::upkeep::Job;

const FILE: &str = "store.db";
const LOCK_FILE: &str = "store.lock";

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Page caches of all connections together.
    pub cache_bytes: u64,
    /// Idle read connections that are kept.
    pub readers_idle_max: usize,
    /// Upkeep moves the write-ahead log into the database when it is longer than this.
    pub wal_bytes_max: u64,
    /// A quota for the database file; beyond it writing fails with [`Fault::Full`]. `None`: as much as the disk has.
    pub bytes_max: Option<u64>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { cache_bytes: 96 << 20, readers_idle_max: 4, wal_bytes_max: 16 << 20, bytes_max: None }
    }
}

/// The writing connection and what it last committed.
struct Writer {
    conn: Connection,
    current: Arc<Catalogue>,
    /// A commit failed, so that memory and database may differ.
    in_doubt: bool,
    commits: u64,
}

/// A store in a folder.
pub struct SqliteStore {
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Connection>>,
    checkpointer: Mutex<Connection>,
    catalogues: Catalogues,
    /// The merge under way. Taken before `writer`, never after.
    upkeep: Mutex<Option<Job>>,
    /// The thread that writes, so that one that would wait for itself is told.
    writes: Mutex<Option<ThreadId>>,
    /// A copy is being made: nothing is moved from the log into the database.
    copying: AtomicBool,
    incarnation: [u8; 16],
    index_secret: [u8; 16],
    folder: PathBuf,
    options: SqliteOptions,
    /// It is a file without a name, which is only read, by the connections that it has.
    is_nameless: bool,
    /// The database as a file, for copies. Closed behind the connections only: closing any descriptor of a file gives up the process's locks on it.
    raw: File,
    // Last, so that it is released after the connections are closed.
    _lock: File,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic left half done is rolled back when the next transaction begins.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SqliteStore {
    /// Opens the store in a folder, and makes it if there is none. One process at a time.
    pub fn open(folder: &Path, options: SqliteOptions, entropy: &dyn Entropy) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder).map_err(|error| fault::of_io(&error))?;
        let lock = lock(folder)?;
        let path = folder.join(FILE);
        let mut conn = schema::connect(&path, Role::Writer, &options)?;
        schema::migrate(&mut conn, entropy)?;
        let incarnation = schema::secret(&conn, "incarnation")?;
        let index_secret = schema::secret(&conn, "index_secret")?;
        // What a merge had written when the process ended is no run yet.
        conn.execute("UPDATE runs SET state = 2 WHERE state = 1", [])?;
        let current = Arc::new(Catalogue::load(&conn)?);
        let checkpointer = schema::connect(&path, Role::Checkpointer, &options)?;
        let raw = File::open(&path).map_err(|error| fault::of_io(&error))?;
        let store = Self {
            writer: Mutex::new(Writer { conn, current: current.clone(), in_doubt: false, commits: 0 }),
            readers: Mutex::default(),
            checkpointer: Mutex::new(checkpointer),
            catalogues: Catalogues::default(),
            upkeep: Mutex::default(),
            writes: Mutex::default(),
            copying: AtomicBool::new(false),
            incarnation,
            index_secret,
            folder: folder.to_owned(),
            options,
            is_nameless: false,
            raw,
            _lock: lock,
        };
        store.catalogues.publish(current);
        Ok(store)
    }

    /// Says that this store goes on from an older state: positions and cursors that were handed out before do not open any more.
    pub fn renew_incarnation(&mut self, entropy: &dyn Entropy) -> Result<(), Fault> {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        schema::set_secret(&locked(&self.writer).conn, "incarnation", &bytes)?;
        self.incarnation = bytes;
        Ok(())
    }

    fn index_key(&self, index: Index, text: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.index_secret);
        hasher.write_u8(index as u8);
        hasher.write(text);
        hasher.finish()
    }

    fn snapshot(&self) -> Result<Snapshot<'_>, Fault> {
        let kept = locked(&self.readers).pop();
        let conn = match kept {
            Some(conn) => conn,
            None if self.is_nameless => return Err(Fault::Busy("too many snapshots of a copy".to_owned())),
            None => schema::connect(&self.folder.join(FILE), Role::Reader, &self.options)?,
        };
        // A version that is gone means that this thread slept while others committed many times.
        for _ in 0..1_000 {
            conn.prepare_cached("BEGIN DEFERRED")?.execute([])?;
            let version = catalogue::version(&conn)?;
            if let Some(catalogue) = self.catalogues.find(version) {
                return Ok(Snapshot { store: self, conn: Some(conn), catalogue });
            }
            conn.prepare_cached("ROLLBACK")?.execute([])?;
        }
        Err(Fault::Busy("no snapshot could be taken".to_owned()))
    }

    /// Takes back a reader's connection.
    fn give_back(&self, conn: Connection) {
        let ended = conn.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([])).is_ok();
        let mut readers = locked(&self.readers);
        if ended && readers.len() < self.options.readers_idle_max {
            readers.push(conn);
        }
    }

    fn begin(&self, synced: bool) -> Result<Transaction<'_>, Fault> {
        if *locked(&self.writes) == Some(std::thread::current().id()) {
            return Err(Fault::Misuse("this thread has a writing transaction already".to_owned()));
        }
        let mut writer = locked(&self.writer);
        if writer.in_doubt {
            let current = Arc::new(Catalogue::load(&writer.conn)?);
            self.catalogues.retract(current.version);
            self.catalogues.publish(current.clone());
            writer.current = current;
            writer.in_doubt = false;
        }
        Transaction::begin(self, writer, synced)
    }
}

fn lock(folder: &Path) -> Result<File, Fault> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK_FILE))
        .map_err(|error| fault::of_io(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::Busy("another process uses this folder".to_owned())),
        Err(TryLockError::Error(error)) => Err(fault::of_io(&error)),
    }
}

impl Store for SqliteStore {
    fn read(&self) -> Result<Box<dyn ReadTx + '_>, Fault> {
        Ok(Box::new(self.snapshot()?))
    }

    fn write(&self) -> Result<Box<dyn WriteTx + '_>, Fault> {
        Ok(Box::new(self.begin(true)?))
    }

    fn incarnation(&self) -> [u8; 16] {
        self.incarnation
    }

    fn maintain(&self) -> Result<bool, Fault> {
        self.upkeep_step()
    }

    fn finish_erasure(&self) -> Result<(), Fault> {
        self.empty_the_log()
    }

    fn still<'s>(
        &'s self,
        look: &mut dyn FnMut(&dyn ReadTx) -> Result<(), Fault>,
    ) -> Result<Box<dyn Still + 's>, Fault> {
        self.stand_still(look)
    }

    fn check(&self) -> Result<Vec<String>, Fault> {
        self.findings()
    }

    fn bytes_on_disk(&self) -> u64 {
        if self.is_nameless {
            return self.raw.metadata().map_or(0, |metadata| metadata.len());
        }
        let Ok(files) = std::fs::read_dir(&self.folder) else { return 0 };
        files.flatten().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
    }
}
