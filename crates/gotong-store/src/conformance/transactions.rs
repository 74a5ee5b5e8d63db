//! Transactions: nothing half, nothing early, nothing of what was dropped.

use std::sync::atomic::{AtomicBool, Ordering};

use gotong_crypto::Digest;

use super::model::{Model, Op};
use super::{BOOKS, Dice, Harness, INDEXES, assert_sound, commit, key, maintain_all, reading};
use crate::{Book, Header, Index, LogNo, NewEntry, State, Store};

/// What the store holds before a case begins: some of everything.
fn before() -> Vec<Op> {
    let mut dice = Dice(1);
    let withheld = NewEntry { content: None, header: Header::bare(State::Withheld), ..dice.entry(key(7, 1), 0) };
    vec![
        Op::Put(Book::Meta, b"kept".to_vec(), b"1".to_vec()),
        Op::Put(Book::Peer, b"a/1".to_vec(), b"2".to_vec()),
        Op::Append(vec![dice.entry(key(7, 0), 40), withheld, dice.entry(key(7, 2), 900)]),
        Op::PutNodes(LogNo(7), vec![(8, 0, Digest([1; 32]))]),
        Op::Post(Index::Object, vec![(1, key(7, 0)), (2, key(7, 2))]),
        Op::Post(Index::TypeTime, vec![(1, key(7, 0)), (2, key(7, 2))]),
    ]
}

/// One of each writing call on top of [`before`], each of which changes something on its own.
fn changes() -> Vec<Op> {
    let mut dice = Dice(2);
    vec![
        Op::Put(Book::Meta, b"new".to_vec(), b"3".to_vec()),
        Op::Put(Book::Meta, b"kept".to_vec(), b"4".to_vec()),
        Op::Delete(Book::Peer, b"a/1".to_vec()),
        Op::Append(vec![dice.entry(key(7, 3), 100), dice.entry(key(8, 0), 100)]),
        Op::SetHeader(key(7, 0), dice.header(State::Faulty)),
        Op::Fill(key(7, 1), dice.header(State::Live), dice.content(50)),
        Op::Erase(key(7, 2)),
        Op::PutNodes(LogNo(7), vec![(8, 1, Digest([2; 32])), (9, 0, Digest([3; 32]))]),
        Op::Post(Index::Value, vec![(9, key(7, 3)), (5, key(8, 0))]),
        Op::Unpost(Index::Object, vec![(1, key(7, 0))]),
        Op::Clear(Index::TypeTime),
    ]
}

/// A model and a store with [`before`] in them.
fn begin(store: &dyn Store) -> Model {
    let mut model = Model::default();
    commit(store, |tx| {
        for op in before() {
            op.apply(tx).unwrap();
            model.apply(&op);
        }
    });
    model
}

pub(super) fn fresh(harness: &Harness<'_>) {
    let (mut home, other) = ((harness.make)(1), (harness.make)(2));
    let store = home.store();
    reading(store, |tx| {
        Model::default().assert_same(tx);
        for book in BOOKS {
            assert_eq!(tx.fetch(book, b"").unwrap(), None);
            assert_eq!(tx.last(book, b"", b"").unwrap(), None);
        }
        for index in INDEXES {
            assert_eq!(tx.postings(index, 0, None, 9).unwrap(), []);
        }
        assert!(tx.entry(key(1, 0)).unwrap().is_none());
        assert_eq!(tx.headers(&[]).unwrap(), []);
        assert_eq!(tx.node(LogNo(1), 8, 0).unwrap(), None);
    });
    assert_sound(store);
    store.finish_erasure().unwrap();
    maintain_all(store);
    let incarnation = store.incarnation();
    assert_ne!(incarnation, [0; 16]);
    assert_ne!(incarnation, other.store().incarnation(), "incarnations are random");
    commit(store, |tx| tx.put(Book::Meta, b"key", b"value").unwrap());
    assert_eq!(store.incarnation(), incarnation);
    home.reopen();
    assert_eq!(home.store().incarnation(), incarnation);
}

pub(super) fn dropped(harness: &Harness<'_>) {
    let mut home = (harness.make)(3);
    let model = begin(home.store());
    let all = changes();
    let each = all.iter().map(std::slice::from_ref);
    for ops in each.chain([all.as_slice()]) {
        let mut tx = home.store().write().unwrap();
        for op in ops {
            op.apply(tx.as_mut()).unwrap();
        }
        drop(tx);
        reading(home.store(), |tx| model.assert_same(tx));
        assert_nothing_of_the_changes(home.store());
    }
    // The next to commit does not commit them either.
    commit(home.store(), |_| ());
    maintain_all(home.store());
    reading(home.store(), |tx| model.assert_same(tx));
    home.reopen();
    reading(home.store(), |tx| model.assert_same(tx));
    assert_nothing_of_the_changes(home.store());
    assert_sound(home.store());
}

/// What [`changes`] adds beyond what a model of the state before would ask for.
fn assert_nothing_of_the_changes(store: &dyn Store) {
    reading(store, |tx| {
        assert_eq!(tx.node(LogNo(7), 8, 1).unwrap(), None);
        assert_eq!(tx.node(LogNo(7), 9, 0).unwrap(), None);
        assert_eq!(tx.postings(Index::Value, 9, None, 9).unwrap(), []);
        assert!(tx.entry(key(8, 0)).unwrap().is_none());
    });
}

pub(super) fn own_writes(harness: &Harness<'_>) {
    // All in one transaction, then each in its own.
    for at_once in [true, false] {
        let mut home = (harness.make)(4);
        let store = home.store();
        let mut outside = begin(store);
        let mut inside = outside.clone();
        let mut tx = store.write().unwrap();
        for op in changes() {
            op.apply(tx.as_mut()).unwrap();
            inside.apply(&op);
            inside.assert_same(tx.as_ref());
            reading(store, |tx| outside.assert_same(tx));
            if !at_once {
                tx.commit().unwrap();
                outside = inside.clone();
                reading(store, |tx| outside.assert_same(tx));
                tx = store.write().unwrap();
                inside.assert_same(tx.as_ref());
            }
        }
        // What one transaction writes it can take back.
        let taken_back = [
            Op::Put(Book::Audit, b"x".to_vec(), b"y".to_vec()),
            Op::Delete(Book::Audit, b"x".to_vec()),
            Op::Post(Index::Reference, vec![(3, key(9, 9))]),
            Op::Unpost(Index::Reference, vec![(3, key(9, 9))]),
        ];
        for op in taken_back {
            op.apply(tx.as_mut()).unwrap();
            inside.apply(&op);
            inside.assert_same(tx.as_ref());
        }
        tx.commit().unwrap();
        reading(store, |tx| inside.assert_same(tx));
        home.reopen();
        reading(home.store(), |tx| inside.assert_same(tx));
        assert_sound(home.store());
    }
}

pub(super) fn snapshots(harness: &Harness<'_>) {
    let home = (harness.make)(5);
    let store = home.store();
    let mut model = begin(store);
    for op in changes() {
        let (snapshot, then) = (store.read().unwrap(), model.clone());
        // A snapshot is of the moment it was taken, not of the first question.
        let unasked = store.read().unwrap();
        let mut tx = store.write().unwrap();
        op.apply(tx.as_mut()).unwrap();
        then.assert_same(snapshot.as_ref());
        tx.commit().unwrap();
        model.apply(&op);
        then.assert_same(snapshot.as_ref());
        then.assert_same(unasked.as_ref());
        drop(unasked);
        reading(store, |tx| model.assert_same(tx));
        // Also of what it has not been asked before.
        assert_eq!(snapshot.fetch(Book::Meta, b"later").unwrap(), None);
        commit(store, |tx| tx.put(Book::Meta, b"later", b"").unwrap());
        assert_eq!(snapshot.fetch(Book::Meta, b"later").unwrap(), None);
        commit(store, |tx| tx.delete(Book::Meta, b"later").unwrap());
    }
}

pub(super) fn snapshots_and_upkeep(harness: &Harness<'_>) {
    let home = (harness.make)(6);
    let store = home.store();
    let mut model = begin(store);
    for round in 0..4_u64 {
        let postings = (0..600).map(|n| (n % 7, key(20, round * 1_000 + n))).collect();
        let op = Op::Post(Index::Value, postings);
        commit(store, |tx| op.apply(tx).unwrap());
        model.apply(&op);
    }
    let snapshot = store.read().unwrap();
    for _ in 0..50 {
        if !store.maintain().unwrap() {
            break;
        }
        model.assert_same_postings(snapshot.as_ref());
    }
    commit(store, |tx| tx.clear_index(Index::Value).unwrap());
    model.assert_same_postings(snapshot.as_ref());
}

pub(super) fn turns(harness: &Harness<'_>) {
    let home = (harness.make)(7);
    let store = home.store();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            scope.spawn(move || {
                for round in 0..15_u32 {
                    let mut tx = store.write().unwrap();
                    let count = tx.fetch(Book::Meta, b"count").unwrap().map_or(0, |value| value[0]);
                    tx.put(Book::Meta, b"count", &[count + 1]).unwrap();
                    tx.put(Book::Audit, &[thread.to_be_bytes(), round.to_be_bytes()].concat(), b"").unwrap();
                    if round % 5 != 4 {
                        tx.commit().unwrap();
                    }
                }
            });
        }
    });
    reading(store, |tx| {
        assert_eq!(tx.fetch(Book::Meta, b"count").unwrap(), Some(vec![48]));
        assert_eq!(tx.scan(Book::Audit, b"", b"", 1_000).unwrap().len(), 48);
    });
}

pub(super) fn whole_commits(harness: &Harness<'_>) {
    let home = (harness.make)(8);
    let store = home.store();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut newest = None;
                loop {
                    let last_look = done.load(Ordering::SeqCst);
                    let value = reading(store, |tx| {
                        let value = tx.fetch(Book::Meta, b"round").unwrap();
                        let round = value.as_ref().map_or(0, |value| u64::from(value[0]));
                        assert_eq!(tx.fetch(Book::Peer, b"round").unwrap(), value);
                        assert_eq!(tx.entries(LogNo(1), 0, 99, 0, false).unwrap().len() as u64, round);
                        assert_eq!(tx.postings(Index::Value, 1, None, 99).unwrap().len() as u64, round);
                        value
                    });
                    assert!(value >= newest, "a later snapshot is not older");
                    newest = value;
                    if last_look {
                        break;
                    }
                }
            });
        }
        // Readers end also when a commit fails.
        let _done = WhenDropped(&done);
        let mut dice = Dice(8);
        for round in 0..40_u8 {
            commit(store, |tx| {
                tx.put(Book::Meta, b"round", &[round + 1]).unwrap();
                tx.append(vec![NewEntry { content: None, ..dice.entry(key(1, round.into()), 0) }]).unwrap();
                tx.post(Index::Value, &[(1, key(1, round.into()))]).unwrap();
                tx.put(Book::Peer, b"round", &[round + 1]).unwrap();
            });
        }
    });
}

/// Set when dropped.
pub(super) struct WhenDropped<'a>(pub(super) &'a AtomicBool);

impl Drop for WhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(super) fn reopening(harness: &Harness<'_>) {
    let mut home = (harness.make)(9);
    let mut model = begin(home.store());
    let text_key = reading(home.store(), |tx| tx.index_key(Index::Value, b"192.0.2.1"));
    for op in changes() {
        commit(home.store(), |tx| op.apply(tx).unwrap());
        model.apply(&op);
        home.reopen();
        reading(home.store(), |tx| model.assert_same(tx));
    }
    assert_eq!(reading(home.store(), |tx| tx.index_key(Index::Value, b"192.0.2.1")), text_key);
    assert_sound(home.store());
}
