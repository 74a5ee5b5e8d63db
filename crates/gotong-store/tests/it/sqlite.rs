//! The store on SQLite keeps every promise, through closing and opening, and leaves no erased byte in any of its files.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use gotong_crypto::SeededEntropy;
use gotong_store::conformance::Home;
use gotong_store::{SqliteOptions, SqliteStore, Store};

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A store in a folder of its own, which goes with it.
struct InFolder {
    /// There but while reopening.
    store: Option<SqliteStore>,
    folder: PathBuf,
    seed: u64,
}

impl InFolder {
    fn new(seed: u64) -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::SeqCst);
        let name = format!("gotong-store-{}-{number}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut home = Self { store: None, folder, seed };
        home.open();
        home
    }

    fn open(&mut self) {
        let entropy = SeededEntropy::new(self.seed);
        self.store = Some(SqliteStore::open(&self.folder, SqliteOptions::default(), &entropy).unwrap());
        // What is drawn when a store is made is kept: opening must not draw it anew.
        self.seed += 1_000_000;
    }
}

impl Home for InFolder {
    fn store(&self) -> &dyn Store {
        self.store.as_ref().unwrap()
    }

    fn reopen(&mut self) -> bool {
        drop(self.store.take());
        self.open();
        true
    }

    fn contains_bytes(&self, needle: &[u8]) -> Option<bool> {
        let files = std::fs::read_dir(&self.folder).unwrap().map(|file| file.unwrap().path());
        Some(files.into_iter().any(|file| occurs(&std::fs::read(file).unwrap(), needle)))
    }
}

impl Drop for InFolder {
    fn drop(&mut self) {
        drop(self.store.take());
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Horspool's search; the plain one is slow in a test over megabytes.
fn occurs(hay: &[u8], needle: &[u8]) -> bool {
    let mut steps = [needle.len(); 256];
    for (at, byte) in needle.iter().enumerate().take(needle.len() - 1) {
        steps[usize::from(*byte)] = needle.len() - 1 - at;
    }
    let mut at = 0;
    while let Some(under) = hay.get(at..at + needle.len()) {
        if under == needle {
            return true;
        }
        at += steps[usize::from(under[needle.len() - 1])];
    }
    false
}

#[test]
fn sqlite_keeps_every_promise() {
    super::assert_conforms(&|seed| Box::new(InFolder::new(seed)));
}
