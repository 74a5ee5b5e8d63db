//! A copy of the file is the store at one moment, whatever is written, merged and erased meanwhile; erasures are finished behind it and not before. And a
//! store without a name reads like any other, and leaves nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gotong_crypto::SeededEntropy;
use gotong_store::{Book, Fault, Nameless, ReadTx, SqliteOptions, SqliteStore, Still, Store};

use super::sqlite::{files, open};

fn put(store: &SqliteStore, number: u64) {
    let mut tx = store.write().unwrap();
    tx.put(Book::Meta, b"newest", &number.to_be_bytes()).unwrap();
    tx.put(Book::Quarantine, &number.to_be_bytes(), &[u8::try_from(number % 251).unwrap(); 900]).unwrap();
    tx.commit().unwrap();
}

fn newest(tx: &dyn ReadTx) -> u64 {
    tx.fetch(Book::Meta, b"newest").unwrap().map_or(0, |bytes| u64::from_be_bytes(bytes.try_into().unwrap()))
}

fn read_all(still: &dyn Still) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(still.bytes()).unwrap()];
    for (at, piece) in (0_u64..).step_by(64 << 10).zip(bytes.chunks_mut(64 << 10)) {
        still.read_at(at, piece).unwrap();
    }
    bytes
}

fn contents(store: &dyn Store) -> BTreeMap<Vec<u8>, Vec<u8>> {
    store.read().unwrap().scan(Book::Quarantine, &[], &[], 1 << 20).unwrap().into_iter().collect()
}

#[test]
fn a_copy_is_one_moment_while_others_write() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path(), 1).unwrap();
    (1..=300).for_each(|number| put(&store, number));
    let (number, is_over) = (AtomicU64::new(300), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                put(&store, number.fetch_add(1, Ordering::Relaxed) + 1);
                store.maintain().unwrap();
            }
        });
        for round in 0..8 {
            let mut seen = 0;
            let still = store
                .still(&mut |tx| {
                    seen = newest(tx);
                    Ok(())
                })
                .unwrap();
            let before = number.load(Ordering::Relaxed);
            while number.load(Ordering::Relaxed) < before + 30 {
                std::thread::yield_now();
            }
            let first = read_all(still.as_ref());
            assert!(first == read_all(still.as_ref()), "the file moved in round {round}");
            let busy = store.still(&mut |_| Ok(())).map(|_| ());
            assert!(matches!(busy, Err(Fault::Busy(_))), "{busy:?}");
            drop(still);
            let place = copy.path().join(round.to_string());
            fs::create_dir(&place).unwrap();
            fs::write(place.join("store.db"), &first).unwrap();
            let copied = open(&place, 2).unwrap();
            assert_eq!(newest(copied.read().unwrap().as_ref()), seen, "what `look` saw is what was copied");
            assert_eq!(contents(&copied).len() as u64, seen);
            assert_eq!(copied.check().unwrap(), Vec::<String>::new());
        }
        is_over.store(true, Ordering::Relaxed);
    });
    // The positive control: without standing still the file does move, and the log is moved into it again.
    let before = fs::read(folder.path().join("store.db")).unwrap();
    store.finish_erasure().unwrap();
    assert!(before != fs::read(folder.path().join("store.db")).unwrap(), "nothing was written at all");
}

#[test]
fn erasures_are_finished_behind_a_copy_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    put(&store, 7);
    let still = store.still(&mut |_| Ok(())).unwrap();
    let mut tx = store.write().unwrap();
    tx.delete(Book::Quarantine, &7_u64.to_be_bytes()).unwrap();
    tx.commit().unwrap();
    assert!(matches!(store.finish_erasure(), Err(Fault::Busy(_))), "the file still has it");
    assert!(!store.maintain().unwrap(), "upkeep leaves the log alone");
    let is_there = || files(folder.path()).iter().any(|bytes| bytes.windows(64).any(|window| window == [7; 64]));
    assert!(is_there(), "the control: the same search finds it as long as the copy is made");
    drop(still);
    store.finish_erasure().unwrap();
    assert!(!is_there());
}

/// A file without a name, filled with these bytes.
fn nameless(place: &Path, bytes: &[u8]) -> Result<SqliteStore, Fault> {
    let nameless = Nameless::begin(&place.join(".no name? #1%"), bytes.len() as u64, SqliteOptions::default())?;
    assert_eq!(fs::read_dir(place).unwrap().count(), 0, "its name is gone before a byte is there");
    nameless.file().write_all(bytes).unwrap();
    nameless.open()
}

#[test]
fn a_store_without_a_name_reads_like_any_other_and_leaves_nothing() {
    let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path(), 1).unwrap();
    (1..=50).for_each(|number| put(&store, number));
    let still = store.still(&mut |_| Ok(())).unwrap();
    let bytes = read_all(still.as_ref());
    drop(still);
    let copy = nameless(place.path(), &bytes).unwrap();
    assert_eq!(contents(&copy), contents(&store));
    assert_eq!(copy.incarnation(), store.incarnation());
    assert_eq!(copy.check().unwrap(), Vec::<String>::new());
    assert!(copy.write().is_err() || copy.write().unwrap().put(Book::Meta, b"x", b"x").is_err(), "it is only read");
    drop(copy);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    // What is no store is refused, and leaves as little.
    for wrong in [vec![], vec![0; 8_192], b"SQLite format 3\0".repeat(1_024), bytes[..bytes.len() / 2].to_vec()] {
        let opened = nameless(place.path(), &wrong).and_then(|store| Ok(store.check()?.is_empty()));
        assert!(!matches!(opened, Ok(true)), "{} bytes", wrong.len());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_store_that_was_put_back_says_that_it_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path(), 1).unwrap();
    let before = store.incarnation();
    store.renew_incarnation(&SeededEntropy::new(99)).unwrap();
    let after = store.incarnation();
    drop(store);
    assert!(before != after && open(folder.path(), 1).unwrap().incarnation() == after);
}
