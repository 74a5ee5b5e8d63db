//! A store in a file that has no name: what is looked at of a backup and kept nowhere. The name is gone before the first byte of content comes, so neither
//! an end nor a kill leaves anything behind. Such a store is only read.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};

use crate::Fault;

use super::catalogue::{Catalogue, Catalogues};
use super::fault::of_io;
use super::{SqliteOptions, SqliteStore, Writer, schema};

/// Snapshots that may be open at once.
const READERS: usize = 6;

/// A file without a name, waiting for its content.
#[derive(Debug)]
pub struct Nameless {
    file: File,
    writer: Connection,
    checkpointer: Connection,
    readers: Vec<Connection>,
    options: SqliteOptions,
}

impl Nameless {
    /// Makes a file of so many bytes at `path`, which must be free, and takes the name away again.
    pub fn begin(path: &Path, bytes: u64, options: SqliteOptions) -> Result<Self, Fault> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|error| of_io(&error))?;
        // SQLite looks at the length when it opens a file that nobody changes, so it has its length from the beginning.
        let opened = file.set_len(bytes).map_err(|error| of_io(&error)).and_then(|()| connections(path));
        let removed = fs::remove_file(path);
        let (writer, checkpointer, readers) = opened?;
        removed.map_err(|error| of_io(&error))?;
        Ok(Self { file, writer, checkpointer, readers, options })
    }

    /// Where the content is written.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Opens the store, once all of it is there.
    pub fn open(self) -> Result<SqliteStore, Fault> {
        let Self { file, writer, checkpointer, readers, options } = self;
        schema::expect_current(&writer)?;
        let incarnation = schema::secret(&writer, "incarnation")?;
        let index_secret = schema::secret(&writer, "index_secret")?;
        let current = Arc::new(Catalogue::load(&writer)?);
        let raw = file.try_clone().map_err(|error| of_io(&error))?;
        let store = SqliteStore {
            writer: Mutex::new(Writer { conn: writer, current: current.clone(), in_doubt: false, commits: 0 }),
            readers: Mutex::new(readers),
            checkpointer: Mutex::new(checkpointer),
            catalogues: Catalogues::default(),
            upkeep: Mutex::default(),
            writes: Mutex::default(),
            copying: AtomicBool::new(false),
            incarnation,
            index_secret,
            folder: PathBuf::new(),
            options: SqliteOptions { readers_idle_max: READERS, ..options },
            is_nameless: true,
            raw,
            _lock: file,
        };
        store.catalogues.publish(current);
        Ok(store)
    }
}

fn connections(path: &Path) -> Result<(Connection, Connection, Vec<Connection>), Fault> {
    let readers = (0..READERS).map(|_| connect(path)).collect::<Result<_, _>>()?;
    Ok((connect(path)?, connect(path)?, readers))
}

fn connect(path: &Path) -> Result<Connection, Fault> {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt;
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            _ => {
                let _ = write!(uri, "%{byte:02x}");
            }
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri, flags)?;
    schema::harden(&conn)?;
    Ok(conn)
}
