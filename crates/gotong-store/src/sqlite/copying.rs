//! A copy of the whole store while it goes on serving, without a second file: everything committed is moved into the database file, and until the copy is
//! through nothing else is moved there. What is written meanwhile waits in the write-ahead log, so the file stands still and can be read like any other.
//!
//! Until then erasures are not finished either (`empty_the_log`): a holder acknowledges only what no file has any more. Read next: `nameless.rs`.

use std::os::unix::fs::FileExt;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use rusqlite::Connection;

use crate::{Fault, ReadTx, Still};

use super::fault::of_io;
use super::upkeep::{EMPTY_TRIES, EMPTY_WAIT, log_bytes};
use super::{SqliteStore, locked};

/// The file, standing still.
struct Standing<'s> {
    store: &'s SqliteStore,
    bytes: u64,
    // Nobody else moves the log into the file as long as this is held.
    checkpointer: MutexGuard<'s, Connection>,
}

impl Still for Standing<'_> {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, at: u64, out: &mut [u8]) -> Result<(), Fault> {
        self.store.raw.read_exact_at(out, at).map_err(|error| of_io(&error))
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.store.copying.store(false, Ordering::Release);
    }
}

impl SqliteStore {
    /// Brings the file to the newest commit and keeps it there. `look` sees exactly what is in it, while the writer waits.
    pub(super) fn stand_still<'s>(
        &'s self,
        look: &mut dyn FnMut(&dyn ReadTx) -> Result<(), Fault>,
    ) -> Result<Box<dyn Still + 's>, Fault> {
        if self.is_nameless {
            return Err(Fault::Misuse("a copy is not copied again".to_owned()));
        }
        if self.copying.swap(true, Ordering::AcqRel) {
            return Err(Fault::Busy("another copy of it is being made".to_owned()));
        }
        // From here on its end says that the copy is over, also where it never began.
        let mut standing = Standing { store: self, bytes: 0, checkpointer: locked(&self.checkpointer) };
        for _ in 0..EMPTY_TRIES {
            // Most of it beside the writer.
            log_bytes(&standing.checkpointer, "PASSIVE")?;
            let writer = locked(&self.writer);
            let (log, moved) = log_bytes(&standing.checkpointer, "PASSIVE")?;
            if log == moved && !writer.in_doubt {
                look(&self.snapshot()?)?;
                standing.bytes = self.raw.metadata().map_err(|error| of_io(&error))?.len();
                return Ok(Box::new(standing));
            }
            // A reader still needs an older state. It has half a second at most, and the writer does not wait for it.
            drop(writer);
            std::thread::sleep(EMPTY_WAIT);
        }
        Err(Fault::Busy("a reader keeps an older state of the store".to_owned()))
    }

    /// Whether a copy is being made.
    pub(super) fn is_copied(&self) -> bool {
        self.copying.load(Ordering::Acquire)
    }
}
