//! Merges beside the writer: what erasures, dropped indexes, kills and full disks do to them.

use std::collections::BTreeSet;
use std::path::Path;

use gotong_crypto::SeededEntropy;
use gotong_store::{
    Book, EntryKey, Fault, Index, LogNo, PostingRange, ReadTx, SqliteOptions, SqliteStore, Store, WriteTx,
};

use super::sqlite::open;

type Postings = BTreeSet<(u64, EntryKey)>;

fn write(store: &SqliteStore, then: impl FnOnce(&mut dyn WriteTx)) {
    let mut tx = store.write().unwrap();
    then(tx.as_mut());
    tx.commit().unwrap();
}

fn mixed(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 29)
}

/// Eight runs of `each` postings, so that the next steps of upkeep merge them.
fn eight_runs(store: &SqliteStore, index: Index, each: u64) -> Postings {
    let mut all = Postings::new();
    for run in 0..8 {
        let postings: Vec<_> =
            (0..each).map(|n| (mixed(run * each + n), EntryKey::new(LogNo(1), run * each + n))).collect();
        write(store, |tx| tx.post(index, &postings).unwrap());
        all.extend(postings);
    }
    all
}

fn everything(tx: &dyn ReadTx, index: Index) -> Postings {
    let range = PostingRange { index, from: 0, to: u64::MAX, after: None, descending: false, limit: usize::MAX };
    tx.posting_range(range).unwrap().into_iter().collect()
}

fn assert_holds(store: &SqliteStore, index: Index, expected: &Postings) {
    let tx = store.read().unwrap();
    assert!(everything(tx.as_ref(), index) == *expected, "the postings of {index:?} differ");
    for (key, entry) in expected.iter().step_by(997) {
        assert_eq!(tx.postings(index, *key, None, 9).unwrap(), [*entry]);
    }
    drop(tx);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// What a kill at this instant leaves: the files as they are, while the store is open and its log full.
fn killed(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["store.db", "store.db-wal"] {
        std::fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    copy
}

#[test]
fn erasures_between_the_steps_of_a_merge_stay_erased() {
    for index in [Index::Value, Index::TypeTime] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), 1).unwrap();
        let mut expected = eight_runs(&store, index, 30_000);
        let mut steps = 0;
        while store.maintain().unwrap() {
            steps += 1;
            // From all over the range: before and behind the place where the merge is.
            let gone: Vec<_> = expected.iter().skip(steps * 7).step_by(7_919).copied().collect();
            write(&store, |tx| tx.unpost(index, &gone).unwrap());
            assert!(gone.iter().all(|posting| expected.remove(posting)));
            assert_holds(&store, index, &expected);
        }
        assert!(steps > 3, "the merge had {steps} steps");
        drop(store);
        assert_holds(&open(folder.path(), 1).unwrap(), index, &expected);
    }
}

#[test]
fn erasures_at_any_instant_of_a_merge_stay_erased() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    let mut expected = eight_runs(&store, Index::Value, 40_000);
    let gone: Vec<_> = expected.iter().step_by(211).copied().collect();
    std::thread::scope(|scope| {
        scope.spawn(|| while store.maintain().unwrap() {});
        for (key, entry) in &gone {
            write(&store, |tx| tx.unpost(Index::Value, &[(*key, *entry)]).unwrap());
        }
    });
    while store.maintain().unwrap() {}
    assert!(gone.iter().all(|posting| expected.remove(posting)));
    assert_holds(&store, Index::Value, &expected);
}

#[test]
fn an_index_dropped_in_the_middle_of_a_merge_stays_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    eight_runs(&store, Index::Value, 30_000);
    let kept = eight_runs(&store, Index::Object, 2_000);
    assert!(store.maintain().unwrap() && store.maintain().unwrap());
    write(&store, |tx| {
        tx.clear_index(Index::Value).unwrap();
        tx.post(Index::Value, &[(5, EntryKey::new(LogNo(1), 5))]).unwrap();
    });
    while store.maintain().unwrap() {}
    assert_holds(&store, Index::Value, &Postings::from([(5, EntryKey::new(LogNo(1), 5))]));
    assert_holds(&store, Index::Object, &kept);
}

#[test]
fn a_kill_between_any_two_steps_loses_no_posting() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    let expected = eight_runs(&store, Index::Value, 30_000);
    let snapshot = store.read().unwrap();
    loop {
        let more = store.maintain().unwrap();
        let copy = killed(folder.path());
        let revived = open(copy.path(), 1).unwrap();
        assert_holds(&revived, Index::Value, &expected);
        while revived.maintain().unwrap() {}
        assert_holds(&revived, Index::Value, &expected);
        if !more {
            break;
        }
    }
    assert!(everything(snapshot.as_ref(), Index::Value) == expected, "a snapshot outlives the runs it reads");
}

#[test]
fn upkeep_keeps_the_log_short_and_the_files_from_growing() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { wal_bytes_max: 1 << 20, ..SqliteOptions::default() };
    let store = SqliteStore::open(folder.path(), options, &SeededEntropy::new(1)).unwrap();
    let mut largest = 0;
    for round in 0..30_u64 {
        let postings: Vec<_> = (0..4_000).map(|n| (mixed(round * 4_000 + n), EntryKey::new(LogNo(1), n))).collect();
        write(&store, |tx| tx.post(Index::Value, &postings).unwrap());
        write(&store, |tx| {
            tx.unpost(Index::Value, &postings[..50]).unwrap();
        });
        while store.maintain().unwrap() {}
        largest = largest.max(std::fs::metadata(folder.path().join("store.db-wal")).unwrap().len());
    }
    assert!(largest < 6 << 20, "the log grew to {largest} bytes");
    assert!(store.bytes_on_disk() < 12 << 20, "{} bytes for 120,000 postings", store.bytes_on_disk());
}

#[test]
fn a_full_store_refuses_and_has_lost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { bytes_max: Some(4 << 20), ..SqliteOptions::default() };
    let store = SqliteStore::open(folder.path(), options, &SeededEntropy::new(1)).unwrap();
    let mut held = 0_u64;
    let fault = loop {
        let mut tx = store.write().unwrap();
        let filled = (|| {
            tx.put(Book::Document, &held.to_be_bytes(), &vec![7; 50_000])?;
            tx.post(Index::Value, &[(held, EntryKey::new(LogNo(1), held))])?;
            tx.commit()
        })();
        match filled {
            Ok(()) => held += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(fault, Fault::Full) && fault.retry_helps(), "{fault}");
    assert!(held > 50);
    let tx = store.read().unwrap();
    assert_eq!(everything(tx.as_ref(), Index::Value).len(), usize::try_from(held).unwrap());
    drop(tx);
    // Room is made, and it goes on.
    write(&store, |tx| (0..10_u64).for_each(|n| tx.delete(Book::Document, &n.to_be_bytes()).unwrap()));
    write(&store, |tx| tx.put(Book::Document, b"again", &vec![7; 50_000]).unwrap());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
