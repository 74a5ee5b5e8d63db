//! The store on SQLite keeps every promise, across reopening too.

use std::path::Path;

use gotong_crypto::SeededEntropy;
use gotong_store::conformance::Home;
use gotong_store::{Fault, SqliteOptions, SqliteStore, Store};
use tempfile::TempDir;

struct InFolder {
    store: Option<SqliteStore>,
    folder: TempDir,
    seed: u64,
}

pub(super) fn open(folder: &Path, seed: u64) -> Result<SqliteStore, Fault> {
    SqliteStore::open(folder, SqliteOptions::default(), &SeededEntropy::new(seed))
}

/// Every byte of every file of the folder.
pub(super) fn files(folder: &Path) -> Vec<Vec<u8>> {
    std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn contains(folder: &Path, needle: &[u8]) -> bool {
    !needle.is_empty()
        && files(folder).iter().any(|bytes| {
            let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == needle[0]);
            starts.into_iter().any(|(at, _)| bytes[at..].starts_with(needle))
        })
}

impl Home for InFolder {
    fn store(&self) -> &dyn Store {
        self.store.as_ref().unwrap()
    }

    fn reopen(&mut self) -> bool {
        self.store = None;
        self.store = Some(open(self.folder.path(), self.seed).unwrap());
        true
    }

    fn contains_bytes(&self, needle: &[u8]) -> Option<bool> {
        Some(contains(self.folder.path(), needle))
    }
}

#[test]
fn sqlite_keeps_every_promise() {
    super::assert_conforms(&|seed| {
        let folder = tempfile::tempdir().unwrap();
        let store = Some(open(folder.path(), seed).unwrap());
        Box::new(InFolder { store, folder, seed })
    });
}

#[test]
fn a_folder_in_use_is_refused_to_a_second_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    assert!(matches!(open(folder.path(), 2), Err(Fault::Busy(_))));
    let incarnation = store.incarnation();
    drop(store);
    assert_eq!(open(folder.path(), 3).unwrap().incarnation(), incarnation, "what it got when it was made stays");
}

#[test]
fn a_store_of_a_newer_program_and_a_foreign_file_are_refused() {
    for (sql, corrupt) in [("PRAGMA user_version = 99", false), ("PRAGMA application_id = 7", true)] {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), 1).unwrap());
        rusqlite::Connection::open(folder.path().join("store.db")).unwrap().execute_batch(sql).unwrap();
        match open(folder.path(), 1) {
            Err(Fault::Corrupt(_)) => assert!(corrupt),
            Err(Fault::Newer(text)) => assert!(!corrupt && text.contains("99"), "{text}"),
            other => panic!("{:?}", other.err()),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("store.db"), vec![7; 20_000]).unwrap();
    assert!(matches!(open(folder.path(), 1), Err(Fault::Corrupt(_))));
}
