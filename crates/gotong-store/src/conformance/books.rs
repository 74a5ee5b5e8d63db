//! Books: ordered by the bytes of their keys, within bounds, each on its own.

use super::model::{Model, Op};
use super::{BOOKS, Dice, Harness, commit, reading};
use crate::{Book, Store};

/// Keys at which ordering and bounds go wrong: prefixes of one another, zeros, 0xff, text that is not UTF-8.
fn keys() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 14] =
        [b"", b"\0", b"\0\0", b"\0\xff", b"1", b"10", b"9", b"A", b"a", b"a/", b"a/b", b"a\xff", b"b", b"\xff\xff"];
    let mut keys: Vec<Vec<u8>> = texts.iter().map(|text| text.to_vec()).collect();
    keys.push([0xff].repeat(600));
    keys
}

/// A store with all of [`keys`] in two books, and the model of it.
fn filled(store: &dyn Store) -> Model {
    let mut model = Model::default();
    let mut dice = Dice(10);
    let mut keys = keys();
    // Put in an order of their own.
    for n in (1..keys.len()).rev() {
        keys.swap(n, dice.roll(n + 1));
    }
    commit(store, |tx| {
        for key in keys {
            for book in [Book::Log, Book::LogName] {
                let op = Op::Put(book, key.clone(), dice.byte_vec(5));
                op.apply(tx).unwrap();
                model.apply(&op);
            }
        }
    });
    model
}

/// Calls `check` with every pair of bounds, the empty one included.
fn each_bounds(mut check: impl FnMut(&[u8], &[u8])) {
    let mut bounds = keys();
    bounds.extend([b"a0".to_vec(), b"\x01".to_vec(), [0xff].repeat(700)]);
    for from in &bounds {
        for until in &bounds {
            check(from, until);
        }
    }
}

pub(super) fn values(harness: &Harness<'_>) {
    let mut home = (harness.make)(10);
    let store = home.store();
    let mut model = Model::default();
    let mut dice = Dice(11);
    let large = dice.byte_vec(300_000);
    let lengths = [(&b"none"[..], vec![]), (b"zero", vec![0]), (b"", b"under nothing".to_vec()), (b"large", large)];
    // Set, set again to something shorter, longer and empty, deleted, deleted again, set once more.
    let again = [b"long enough".to_vec(), b"short".to_vec(), b"a little longer".to_vec(), vec![]];
    let puts = lengths.into_iter().map(|(key, value)| Op::Put(Book::Document, key.to_vec(), value));
    let again = again.into_iter().map(|value| Op::Put(Book::Document, b"again".to_vec(), value));
    let delete = Op::Delete(Book::Document, b"again".to_vec());
    let back = Op::Put(Book::Document, b"again".to_vec(), b"back".to_vec());
    let never = Op::Delete(Book::Document, b"never there".to_vec());
    for op in puts.chain(again).chain([delete.clone(), delete, back, never]) {
        commit(store, |tx| op.apply(tx).unwrap());
        model.apply(&op);
        reading(store, |tx| {
            model.assert_same(tx);
            for ((book, key), value) in &model.books {
                assert_eq!(tx.fetch(*book, key).unwrap().as_ref(), Some(value));
            }
            if let Op::Delete(book, key) = &op {
                assert_eq!(tx.fetch(*book, key).unwrap(), None);
            }
        });
    }
    home.reopen();
    reading(home.store(), |tx| model.assert_same(tx));
}

pub(super) fn scans(harness: &Harness<'_>) {
    let home = (harness.make)(12);
    let model = filled(home.store());
    reading(home.store(), |tx| {
        each_bounds(|from, until| {
            for limit in [0, 1, 3, 1_000, usize::MAX] {
                let expected = model.scan(Book::Log, from, until, limit);
                assert_eq!(tx.scan(Book::Log, from, until, limit).unwrap(), expected, "{from:?} {until:?} {limit}");
            }
        });
    });
}

pub(super) fn last(harness: &Harness<'_>) {
    let home = (harness.make)(13);
    let model = filled(home.store());
    reading(home.store(), |tx| {
        each_bounds(|from, until| {
            let expected = model.scan(Book::Log, from, until, usize::MAX).pop();
            assert_eq!(tx.last(Book::Log, from, until).unwrap(), expected, "{from:?} {until:?}");
        });
    });
}

pub(super) fn apart(harness: &Harness<'_>) {
    let home = (harness.make)(14);
    let store = home.store();
    let mut model = Model::default();
    for (n, book) in BOOKS.into_iter().enumerate() {
        let value = vec![u8::try_from(n).unwrap()];
        let ops = [Op::Put(book, b"same".to_vec(), value.clone()), Op::Put(book, b"\xff\xff\xff".to_vec(), value)];
        commit(store, |tx| ops.iter().for_each(|op| op.apply(tx).unwrap()));
        for op in &ops {
            model.apply(op);
        }
    }
    reading(store, |tx| {
        model.assert_same(tx);
        for (n, book) in BOOKS.into_iter().enumerate() {
            let value = vec![u8::try_from(n).unwrap()];
            assert_eq!(tx.fetch(book, b"same").unwrap(), Some(value.clone()));
            assert_eq!(tx.last(book, b"", b"").unwrap(), Some((b"\xff\xff\xff".to_vec(), value.clone())));
            assert_eq!(tx.last(book, b"", b"\xff").unwrap(), Some((b"same".to_vec(), value)));
        }
    });
    // Every second one first, so that each loses it while a neighbour has it.
    for book in BOOKS.into_iter().step_by(2).chain(BOOKS.into_iter().skip(1).step_by(2)) {
        let op = Op::Delete(book, b"same".to_vec());
        commit(store, |tx| op.apply(tx).unwrap());
        model.apply(&op);
        reading(store, |tx| {
            model.assert_same(tx);
            assert_eq!(tx.fetch(book, b"same").unwrap(), None, "{book:?}");
        });
    }
}
