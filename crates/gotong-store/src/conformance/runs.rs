//! Indexes in the large: batches of ten thousand, single postings between them, and upkeep at any moment.

use std::sync::atomic::{AtomicBool, Ordering};

use super::model::{Model, Op};
use super::{Dice, Harness, INDEXES, assert_sound, commit, key, maintain_all, reading};
use crate::{EntryKey, Index, PostingRange, ReadTx};

const BATCH: u64 = 10_000;

/// A batch as an import makes it: hashed keys for the first three indexes, times for the last.
fn batch(dice: &mut Dice, index: Index, round: u64) -> Vec<(u64, EntryKey)> {
    let at = |n| key(1 + (n % 3) as u32, round * BATCH + n);
    match index {
        Index::TypeTime | Index::Term => (0..BATCH).map(|n| ((n % 4) << 62 | (round * BATCH + n / 3), at(n))).collect(),
        // Some keys have many entries, most have one.
        Index::Object | Index::Value | Index::Reference => {
            (0..BATCH).map(|n| (if n % 10 == 0 { dice.number() % 50 } else { dice.number() }, at(n))).collect()
        }
    }
}

/// Reads an index page by page, each behind the last of the one before.
fn paged(tx: &dyn ReadTx, index: Index, descending: bool) -> Vec<(u64, EntryKey)> {
    let mut found: Vec<(u64, EntryKey)> = Vec::new();
    loop {
        let after = found.last().copied();
        let page = PostingRange { index, from: 0, to: u64::MAX, after, descending, limit: 4_001 };
        let page = tx.posting_range(page).unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

pub(super) fn large_and_small(harness: &Harness<'_>) {
    let mut home = (harness.make)(70);
    let mut model = Model::default();
    let mut dice = Dice(70);
    let mut more = true;
    for round in 0..4 {
        for index in [Index::Value, Index::TypeTime] {
            let mut ops = vec![Op::Post(index, batch(&mut dice, index, round))];
            for n in 0..6 {
                let entry = key(9, round * 100 + n);
                ops.push(Op::Post(index, vec![(n % 3, entry), (dice.number(), entry)]));
                ops.push(Op::Post(index, vec![(n % 3, entry)]));
            }
            for op in ops {
                commit(home.store(), |tx| op.apply(tx).unwrap());
                model.apply(&op);
                // One step between commits, so that upkeep is caught in the middle.
                more = home.store().maintain().unwrap();
            }
        }
        if round == 1 {
            home.reopen();
        }
        reading(home.store(), |tx| model.assert_same_postings(tx));
    }
    if more {
        maintain_all(home.store());
    }
    reading(home.store(), |tx| {
        let present = model.postings.iter().all(|(index, key, _)| tx.may_have(*index, *key).unwrap());
        assert!(present, "what is there may be had");
    });
    for _ in 0..2 {
        reading(home.store(), |tx| {
            model.assert_same_postings(tx);
            for index in INDEXES {
                for descending in [false, true] {
                    let all = PostingRange { index, from: 0, to: u64::MAX, after: None, descending, limit: usize::MAX };
                    assert!(paged(tx, index, descending) == model.posting_range(all), "{index:?} {descending}");
                }
            }
        });
        assert_sound(home.store());
        home.reopen();
    }
}

pub(super) fn removals(harness: &Harness<'_>) {
    let mut home = (harness.make)(71);
    let mut model = Model::default();
    let mut dice = Dice(71);
    for round in 0..3 {
        let op = Op::Post(Index::Object, batch(&mut dice, Index::Object, round));
        commit(home.store(), |tx| op.apply(tx).unwrap());
        model.apply(&op);
        if round == 1 {
            maintain_all(home.store());
        }
        // A part of everything so far, much of it in one transaction, the rest singly with upkeep between.
        let held: Vec<_> = model.postings.iter().copied().collect();
        let removed: Vec<_> =
            (0..300).map(|_| dice.one_of(&held)).map(|(i, k, e)| Op::Unpost(i, vec![(k, e)])).collect();
        let (at_once, singly) = removed.split_at(280);
        commit(home.store(), |tx| at_once.iter().for_each(|op| op.apply(tx).unwrap()));
        for op in at_once {
            model.apply(op);
        }
        for op in singly {
            commit(home.store(), |tx| op.apply(tx).unwrap());
            model.apply(op);
            home.store().maintain().unwrap();
        }
        reading(home.store(), |tx| model.assert_same_postings(tx));
    }
    maintain_all(home.store());
    reading(home.store(), |tx| model.assert_same_postings(tx));
    home.reopen();
    reading(home.store(), |tx| model.assert_same_postings(tx));
    assert_sound(home.store());
    commit(home.store(), |tx| tx.clear_index(Index::Object).unwrap());
    model.apply(&Op::Clear(Index::Object));
    maintain_all(home.store());
    reading(home.store(), |tx| model.assert_same_postings(tx));
}

pub(super) fn upkeep_beside_a_writer(harness: &Harness<'_>) {
    let home = (harness.make)(72);
    let store = home.store();
    let mut model = Model::default();
    let done = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            // Set also if a commit fails, so that upkeep ends.
            let _done = super::transactions::WhenDropped(&done);
            let mut dice = Dice(72);
            let mut ops = Vec::new();
            for round in 0..12_u64 {
                let postings = (0..700).map(|n| (dice.number() % 2_000, key(1, round * 1_000 + n))).collect::<Vec<_>>();
                let (removed_key, removed) = dice.one_of(&postings);
                let removal = Op::Unpost(Index::Value, vec![(removed_key, removed)]);
                for op in [Op::Post(Index::Value, postings), removal] {
                    commit(store, |tx| op.apply(tx).unwrap());
                    ops.push(op);
                }
                if round == 6 {
                    commit(store, |tx| tx.clear_index(Index::Value).unwrap());
                    ops.push(Op::Clear(Index::Value));
                }
            }
            ops
        });
        while !done.load(Ordering::SeqCst) {
            store.maintain().unwrap();
        }
        writer.join().unwrap()
    });
    for op in &written {
        model.apply(op);
    }
    reading(store, |tx| model.assert_same_postings(tx));
    maintain_all(store);
    reading(store, |tx| model.assert_same_postings(tx));
    assert_sound(store);
}
