//! Indexes in the small: order, bounds, duplicates and removal, each tried fresh, after upkeep and after reopening.

use super::model::{Model, Op};
use super::{Harness, Home, INDEX_MAX, INDEXES, LOG_MAX, assert_sound, commit, key, maintain_all, reading};
use crate::{EntryKey, Index, LogNo, PostingRange, Store};

/// Keys where signs, ends and neighbours go wrong.
const KEYS: [u64; 8] = [0, 1, 2, i64::MAX as u64, i64::MAX as u64 + 1, i64::MAX as u64 + 2, u64::MAX - 1, u64::MAX];

/// The same for entries.
fn entries() -> [EntryKey; 5] {
    [key(1, 0), key(1, INDEX_MAX), key(2, 0), key(2, 1), EntryKey::new(LOG_MAX, INDEX_MAX)]
}

fn make(store: &dyn Store, model: &mut Model, op: &Op) {
    commit(store, |tx| op.apply(tx).unwrap());
    model.apply(op);
}

/// Runs a check on the store as it is, after upkeep, and after reopening.
fn thrice(home: &mut dyn Home, mut check: impl FnMut(&dyn Store)) {
    check(home.store());
    maintain_all(home.store());
    check(home.store());
    home.reopen();
    check(home.store());
    assert_sound(home.store());
}

pub(super) fn keys(harness: &Harness<'_>) {
    let (mut home, other) = ((harness.make)(50), (harness.make)(51));
    let texts: Vec<Vec<u8>> = (0..200_u8).map(|n| [b"x".repeat(n.into()), vec![n]].concat()).collect();
    let keys_of = |store: &dyn Store| -> Vec<u64> {
        let all = INDEXES.into_iter().flat_map(|index| texts.iter().map(move |text| (index, text)));
        reading(store, |tx| all.map(|(index, text)| tx.index_key(index, text)).collect())
    };
    let found = keys_of(home.store());
    for of_index in found.chunks(texts.len()) {
        let mut of_index = of_index.to_vec();
        of_index.sort_unstable();
        of_index.dedup();
        assert_eq!(of_index.len(), texts.len(), "texts of one index have keys of their own");
    }
    assert!(
        keys_of(other.store()).iter().zip(&found).all(|(one, other)| one != other),
        "the secret is each store's own"
    );
    let tx = home.store().write().unwrap();
    assert_eq!(tx.index_key(Index::Object, &texts[9]), found[9], "readers and the writer agree");
    drop(tx);
    home.reopen();
    assert_eq!(keys_of(home.store()), found);
}

pub(super) fn postings(harness: &Harness<'_>) {
    let mut home = (harness.make)(52);
    let mut model = Model::default();
    // In descending order, in several commits, some of them large enough to be a run of their own.
    for part in 0..3_u64 {
        let postings = (0..150).rev().map(|n| (7, key(1 + (n % 3) as u32, n * 10 + part))).collect();
        make(home.store(), &mut model, &Op::Post(Index::Value, postings));
        make(home.store(), &mut model, &Op::Post(Index::Value, vec![(7, key(1, 5_000 - part)), (8, key(1, part))]));
    }
    let all = model.keys_under(Index::Value, 7, None, usize::MAX);
    assert_eq!(all.len(), 453);
    let mut afters = vec![None, Some(EntryKey(0)), Some(key(1, 11)), Some(key(1, INDEX_MAX)), Some(key(99, 0))];
    // Each that is there, and one before and behind it.
    afters.extend(all.iter().step_by(9).flat_map(|entry| [0, 1, 2].map(|n| Some(EntryKey(entry.0 + n - 1)))));
    thrice(home.as_mut(), |store| {
        reading(store, |tx| {
            for after in &afters {
                for limit in [0, 1, 2, 100, 453, usize::MAX] {
                    let expected = model.keys_under(Index::Value, 7, *after, limit);
                    assert_eq!(tx.postings(Index::Value, 7, *after, limit).unwrap(), expected, "{after:?} {limit}");
                }
            }
            // Page by page, all of them once.
            let mut paged = Vec::new();
            loop {
                let page = tx.postings(Index::Value, 7, paged.last().copied(), 17).unwrap();
                if page.is_empty() {
                    break;
                }
                paged.extend(page);
            }
            assert_eq!(paged, all);
        });
    });
}

pub(super) fn twice(harness: &Harness<'_>) {
    let mut home = (harness.make)(53);
    let mut model = Model::default();
    let many: Vec<_> = (0..400).map(|n| (n / 4, key(1, n))).collect();
    // In one call, in one transaction, in several, among few and among many, before and after upkeep.
    make(home.store(), &mut model, &Op::Post(Index::Object, vec![(3, key(1, 1)), (3, key(1, 1)), (3, key(1, 13))]));
    commit(home.store(), |tx| {
        tx.post(Index::Object, &[(3, key(1, 1))]).unwrap();
        tx.post(Index::Object, &[(3, key(1, 1))]).unwrap();
    });
    make(home.store(), &mut model, &Op::Post(Index::Object, [many.clone(), many.clone()].concat()));
    make(home.store(), &mut model, &Op::Post(Index::Object, many.clone()));
    maintain_all(home.store());
    make(home.store(), &mut model, &Op::Post(Index::Object, vec![(3, key(1, 1)), (0, key(1, 0))]));
    make(home.store(), &mut model, &Op::Post(Index::Object, many));
    thrice(home.as_mut(), |store| {
        reading(store, |tx| {
            model.assert_same_postings(tx);
            // Limits count what is there, not how often it was posted.
            assert_eq!(tx.postings(Index::Object, 3, None, 3).unwrap(), [key(1, 1), key(1, 12), key(1, 13)]);
            let range = PostingRange { index: Index::Object, from: 0, to: 1, after: None, descending: true, limit: 3 };
            assert_eq!(tx.posting_range(range).unwrap(), [7, 6, 5].map(|n| (1, key(1, n))));
        });
    });
    // And once removed it is gone, however often it was posted.
    make(home.store(), &mut model, &Op::Unpost(Index::Object, vec![(3, key(1, 1))]));
    thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
}

pub(super) fn apart(harness: &Harness<'_>) {
    let mut home = (harness.make)(54);
    let mut model = Model::default();
    for (n, index) in INDEXES.into_iter().enumerate() {
        // The same key and entry in each index, and something that only this one has.
        let own = key(50, n as u64);
        let mut postings: Vec<_> = KEYS.iter().flat_map(|key| [(*key, entries()[2]), (*key, own)]).collect();
        postings.push((100 + n as u64, own));
        make(home.store(), &mut model, &Op::Post(index, postings));
    }
    thrice(home.as_mut(), |store| {
        reading(store, |tx| {
            model.assert_same_postings(tx);
            for index in INDEXES {
                for key in 99..105 {
                    let expected = model.keys_under(index, key, None, 9);
                    assert_eq!(tx.postings(index, key, None, 9).unwrap(), expected, "{index:?} {key}");
                }
            }
        });
    });
    make(home.store(), &mut model, &Op::Unpost(Index::Value, vec![(1, entries()[2])]));
    make(home.store(), &mut model, &Op::Unpost(Index::TypeTime, vec![(u64::MAX, entries()[2])]));
    thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
}

pub(super) fn ranges(harness: &Harness<'_>) {
    // All as one batch, each in a commit of its own, and half of each.
    for (seed, one_by_one) in [(55, 0), (56, usize::MAX), (57, 14)] {
        let mut home = (harness.make)(seed);
        let mut model = Model::default();
        let held = [0, 2, 3, 4, 6, 7].map(|n: usize| KEYS[n]);
        let mut all: Vec<_> = held.iter().flat_map(|key| entries().map(|entry| (*key, entry))).collect();
        all.retain(|posting| *posting != (2, key(2, 0)));
        let singly: Vec<_> = all.drain(..all.len().min(one_by_one)).collect();
        make(home.store(), &mut model, &Op::Post(Index::TypeTime, all));
        // Neighbours in other indexes must not show.
        make(home.store(), &mut model, &Op::Post(Index::Reference, vec![(1, key(1, 1)), (5, key(1, 1))]));
        for posting in singly {
            make(home.store(), &mut model, &Op::Post(Index::TypeTime, vec![posting]));
        }
        let mut afters: Vec<_> = held.iter().flat_map(|at| [1, 2, 3].map(|n| Some((*at, entries()[n])))).collect();
        afters.extend([None, Some((0, EntryKey(0))), Some((u64::MAX, EntryKey::new(LOG_MAX, INDEX_MAX)))]);
        afters.extend([Some((1, key(2, 0))), Some((2, key(2, 0))), Some((5, EntryKey::new(LogNo(2), 3)))]);
        thrice(home.as_mut(), |store| {
            reading(store, |tx| {
                for from in KEYS {
                    for to in KEYS {
                        for (n, after) in afters.iter().enumerate() {
                            let limit = [0, 1, 3, 7, usize::MAX][(n + from.count_ones() as usize) % 5];
                            for descending in [false, true] {
                                let index = Index::TypeTime;
                                let range = PostingRange { index, from, to, after: *after, descending, limit };
                                let expected = model.posting_range(range);
                                assert_eq!(tx.posting_range(range).unwrap(), expected, "{range:?}");
                            }
                        }
                    }
                }
            });
        });
    }
}

pub(super) fn unpost(harness: &Harness<'_>) {
    let mut home = (harness.make)(60);
    let mut model = Model::default();
    let many: Vec<_> = (0..600).map(|n| (n % 20, key(1, n))).collect();
    let ops = [
        // Few, and removed before upkeep.
        Op::Post(Index::Value, vec![(1, key(9, 1)), (1, key(9, 2)), (2, key(9, 1)), (1, key(8, 1))]),
        Op::Unpost(Index::Value, vec![(1, key(9, 1))]),
        // Many, one removed at each end and within.
        Op::Post(Index::Value, many),
        Op::Unpost(Index::Value, vec![(0, key(1, 0))]),
        Op::Unpost(Index::Value, vec![(19, key(1, 599))]),
        Op::Unpost(Index::Value, vec![(7, key(1, 307))]),
        // What was never there: the key, the entry, the index.
        Op::Unpost(Index::Value, vec![(999, key(1, 0))]),
        Op::Unpost(Index::Value, vec![(7, key(1, 308))]),
        Op::Unpost(Index::Object, vec![(7, key(1, 47))]),
        // Many at once, in no order: some of a chunk, whole chunks, what is there no more, and one twice.
        Op::Unpost(
            Index::Value,
            (1..600).rev().filter(|n| n % 3 == 0 || n % 20 == 4).map(|n| (n % 20, key(1, n))).collect(),
        ),
        Op::Unpost(Index::Value, vec![(4, key(1, 4)), (2, key(9, 1)), (2, key(9, 1)), (500, key(1, 1))]),
        // Again, and posted anew.
        Op::Unpost(Index::Value, vec![(7, key(1, 307))]),
        Op::Post(Index::Value, vec![(7, key(1, 307))]),
    ];
    for op in ops {
        make(home.store(), &mut model, &op);
        thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
    }
    // In the transaction that posted it, and posted, removed and posted.
    let mut tx = home.store().write().unwrap();
    let post = Op::Post(Index::Value, vec![(70, key(2, 1)), (71, key(2, 1))]);
    let removal = Op::Unpost(Index::Value, vec![(70, key(2, 1))]);
    for op in [&post, &removal, &post, &removal] {
        op.apply(tx.as_mut()).unwrap();
        model.apply(op);
        model.assert_same_postings(tx.as_ref());
    }
    tx.commit().unwrap();
    thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
    // The last under a key.
    make(home.store(), &mut model, &Op::Unpost(Index::Value, vec![(71, key(2, 1))]));
    thrice(home.as_mut(), |store| {
        reading(store, |tx| {
            model.assert_same_postings(tx);
            assert_eq!(tx.postings(Index::Value, 71, None, 9).unwrap(), []);
        });
    });
}

pub(super) fn clear(harness: &Harness<'_>) {
    let mut home = (harness.make)(61);
    let mut model = Model::default();
    for index in INDEXES {
        make(home.store(), &mut model, &Op::Post(index, (0..500).map(|n| (n, key(1, n))).collect()));
        make(home.store(), &mut model, &Op::Post(index, vec![(3, key(2, 2)), (u64::MAX, key(2, 2))]));
    }
    // Before upkeep and after it.
    for index in [Index::Value, Index::TypeTime, Index::Value] {
        make(home.store(), &mut model, &Op::Clear(index));
        thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
        make(home.store(), &mut model, &Op::Post(index, vec![(3, key(3, 3)), (501, key(3, 3))]));
        thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
    }
    // Cleared and filled in one transaction, as a rebuild does.
    let mut tx = home.store().write().unwrap();
    let before = Op::Post(Index::Object, vec![(900, key(4, 4))]);
    let after = Op::Post(Index::Object, (0..300).map(|n| (n, key(5, n))).collect());
    for op in [&before, &Op::Clear(Index::Object), &after] {
        op.apply(tx.as_mut()).unwrap();
        model.apply(op);
        model.assert_same_postings(tx.as_ref());
    }
    tx.commit().unwrap();
    thrice(home.as_mut(), |store| reading(store, |tx| model.assert_same_postings(tx)));
}
