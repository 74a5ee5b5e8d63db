//! Entries of logs, their headers and content, and the hashes of their trees.

use gotong_crypto::Digest;

use super::model::{Facts, Model, Op, Page, facts, new_facts};
use super::{Dice, Harness, INDEX_MAX, LOG_MAX, commit, key, reading};
use crate::{Book, EntryKey, Fault, Header, Index, LogNo, NewEntry, ReadTx, State, Store};

const STATES: [State; 6] = [State::Live, State::Erased, State::Withheld, State::Faulty, State::Control, State::Unknown];

fn append(store: &dyn Store, model: &mut Model, entries: Vec<NewEntry>) {
    let op = Op::Append(entries);
    commit(store, |tx| op.apply(tx).unwrap());
    model.apply(&op);
}

/// The entry as every way of reading has it.
fn look(tx: &dyn ReadTx, at: EntryKey) -> Option<Facts> {
    let found = tx.entry(at).unwrap().map(|entry| facts(&entry));
    let header = found.as_ref().map(|found| found.3);
    assert_eq!(tx.headers(&[at]).unwrap(), [header]);
    let paged = tx.entries(at.log(), at.index(), 1, usize::MAX, true).unwrap();
    assert_eq!(paged.iter().map(facts).find(|paged| paged.0 == at), found);
    let bare = tx.entries(at.log(), at.index(), 1, usize::MAX, false).unwrap();
    let bare = bare.iter().map(facts).find(|bare| bare.0 == at);
    assert_eq!(bare, found.clone().map(|(key, flags, commitment, header, _)| (key, flags, commitment, header, None)));
    found
}

pub(super) fn read_back(harness: &Harness<'_>) {
    let mut home = (harness.make)(20);
    let mut model = Model::default();
    let mut dice = Dice(20);
    // Every state, flags and facts at their ends, contents from nothing to more than a page holds; several logs, in no order.
    let mut entries = Vec::new();
    for (n, state) in STATES.into_iter().enumerate() {
        for (at, size) in [0, 1, 700, 9_000, 1 << 20].into_iter().enumerate() {
            let mut entry = dice.entry(key([3, 4][at % 2], (n * 5 + at) as u64), size);
            entry.header.state = state;
            entry.flags = [0, 1, 127, 128, 255][at];
            entry.header.type_code = [0, 1, 0x7fff, 0x8000, u16::MAX][at];
            entry.header.object = [[0; 16], [0xff; 16], dice.bytes(), dice.bytes(), dice.bytes()][at];
            entry.header.modified = [0, i64::MIN, i64::MAX, -1, 1_700_000_000_000_000][at];
            entry.header.label = [0, 1, 2, 3, 4][at];
            if at % 2 == 1 || matches!(state, State::Erased | State::Withheld) {
                entry.content = None;
            }
            entries.push(entry);
        }
    }
    for n in (1..entries.len()).rev() {
        entries.swap(n, dice.roll(n + 1));
    }
    append(home.store(), &mut model, vec![]);
    let rest = entries.split_off(20);
    append(home.store(), &mut model, entries);
    append(home.store(), &mut model, rest);
    for _ in 0..2 {
        reading(home.store(), |tx| {
            model.assert_same(tx);
            for entry in model.entries.values() {
                assert_eq!(look(tx, entry.key), Some(new_facts(entry)));
            }
        });
        home.reopen();
    }
}

pub(super) fn limits(harness: &Harness<'_>) {
    let home = (harness.make)(21);
    let mut model = Model::default();
    let mut dice = Dice(21);
    let log = LogNo(5);
    let sizes = [100, 0, 2_000, 30, 30, 5_000, 1, 400];
    let mut entries: Vec<_> = (0..).zip(sizes).map(|(at, size)| dice.entry(key(5, at), size)).collect();
    entries[3].content = None;
    // Neighbours that must not fill the count up.
    entries.extend([dice.entry(key(4, INDEX_MAX), 10), dice.entry(key(6, 0), 10)]);
    append(home.store(), &mut model, entries);
    let lengths: Vec<usize> = model
        .entries
        .values()
        .filter(|entry| entry.key.log() == log)
        .map(|entry| entry.content.as_ref().map_or(0, |content| content.0.len()))
        .collect();
    reading(home.store(), |tx| {
        for first in 0..10 {
            // Exactly each sum from here, and one byte to each side of it.
            let from = lengths.get(first..).unwrap_or_default();
            let sums = from.iter().scan(0, |sum, length| {
                *sum += length;
                Some(*sum)
            });
            let limits = sums.flat_map(|sum: usize| [sum.saturating_sub(1), sum, sum + 1]).chain([0, usize::MAX]);
            for bytes_max in limits.collect::<Vec<_>>() {
                for count in [0, 1, 2, 7, 8, 9, usize::MAX] {
                    let page = Page { log, first: first as u64, count, bytes_max };
                    let found = tx.entries(log, page.first, count, bytes_max, true).unwrap();
                    assert_eq!(found.iter().map(facts).collect::<Vec<_>>(), model.page(page), "{page:?}");
                }
            }
            // Without content a page is still some of the log, from its first entry, and the content stays out.
            for (count, bytes_max) in [(3, usize::MAX), (usize::MAX, usize::MAX), (4, 0), (0, 0)] {
                let whole = model.page(Page { log, first: first as u64, count, bytes_max: usize::MAX });
                let found = tx.entries(log, first as u64, count, bytes_max, false).unwrap();
                assert!(found.iter().all(|entry| entry.content.is_none()), "content stays out");
                let found: Vec<_> = found.iter().map(|entry| (entry.key, entry.commitment, entry.header)).collect();
                let whole: Vec<_> = whole.iter().map(|entry| (entry.0, entry.2, entry.3)).collect();
                assert!(whole.starts_with(&found), "{first} {count} {bytes_max}");
                assert!(found.len() == whole.len() || (bytes_max == 0 && !found.is_empty()));
            }
        }
    });
}

pub(super) fn neighbours(harness: &Harness<'_>) {
    let home = (harness.make)(22);
    let mut model = Model::default();
    let mut dice = Dice(22);
    let logs = [1, 2, 3, 255, 256, LOG_MAX.0 - 1, LOG_MAX.0];
    let indexes = [0, 1, 5, 1 << 32, INDEX_MAX - 1, INDEX_MAX];
    let mut entries = Vec::new();
    for log in logs {
        // Log 2 is empty between full ones, log 3 ends early, log 256 begins late.
        let held = match log {
            2 => &indexes[..0],
            3 => &indexes[..3],
            256 => &indexes[4..],
            _ => &indexes[..],
        };
        entries.extend(held.iter().map(|index| dice.entry(key(log, *index), 20)));
    }
    append(home.store(), &mut model, entries);
    reading(home.store(), |tx| {
        model.assert_same(tx);
        for log in logs.into_iter().chain([4, 254, 257]).map(LogNo) {
            let firsts = [0, 1, 2, 5, 6, 1 << 31, 1 << 32, INDEX_MAX - 1, INDEX_MAX, INDEX_MAX + 1, u64::MAX];
            for first in firsts {
                for count in [1, 3, usize::MAX] {
                    let page = Page { log, first, count, bytes_max: usize::MAX };
                    let found = tx.entries(log, first, count, usize::MAX, true).unwrap();
                    assert_eq!(found.iter().map(facts).collect::<Vec<_>>(), model.page(page), "{page:?}");
                }
            }
        }
        for log in logs {
            for index in indexes {
                let expected = model.entries.get(&key(log, index)).map(new_facts);
                assert_eq!(look(tx, key(log, index)), expected);
            }
        }
    });
}

pub(super) fn existing(harness: &Harness<'_>) {
    let mut home = (harness.make)(23);
    let store = home.store();
    let mut model = Model::default();
    let mut dice = Dice(23);
    append(store, &mut model, vec![dice.entry(key(1, 0), 30), dice.entry(key(1, 1), 30)]);
    let op = Op::Erase(key(1, 1));
    commit(store, |tx| op.apply(tx).unwrap());
    model.apply(&op);

    let fresh = dice.entry(key(1, 2), 30);
    let batches = [
        vec![dice.entry(key(1, 0), 30)],
        // Also where it was erased.
        vec![dice.entry(key(1, 1), 30)],
        vec![fresh.clone(), dice.entry(key(1, 0), 30)],
        vec![dice.entry(key(1, 0), 30), fresh.clone()],
        // Also what is there.
        vec![NewEntry { key: key(1, 5), ..model.entries[&key(1, 0)].clone() }, model.entries[&key(1, 0)].clone()],
        // Twice in one call.
        vec![fresh.clone(), dice.entry(key(1, 3), 1), dice.entry(fresh.key, 1)],
    ];
    for batch in batches {
        let mut tx = store.write().unwrap();
        tx.put(Book::Meta, b"beside", b"").unwrap();
        assert!(tx.append(batch).is_err());
        drop(tx);
        reading(store, |tx| model.assert_same(tx));
    }
    // Twice in one transaction.
    let mut tx = store.write().unwrap();
    tx.append(vec![fresh.clone()]).unwrap();
    assert!(tx.append(vec![fresh]).is_err());
    drop(tx);
    home.reopen();
    reading(home.store(), |tx| model.assert_same(tx));
}

pub(super) fn failed_append(harness: &Harness<'_>) {
    let mut home = (harness.make)(24);
    let mut model = Model::default();
    let mut dice = Dice(24);
    append(home.store(), &mut model, vec![dice.entry(key(1, 0), 30)]);
    let mut tx = home.store().write().unwrap();
    tx.put(Book::Meta, b"beside", b"").unwrap();
    let batch = vec![dice.entry(key(1, 1), 30), dice.entry(key(1, 0), 30), dice.entry(key(1, 2), 30)];
    assert!(tx.append(batch).is_err());
    // A store may refuse to commit what failed; if it commits, then what did not fail.
    if tx.commit().is_ok() {
        model.apply(&Op::Put(Book::Meta, b"beside".to_vec(), vec![]));
    }
    home.reopen();
    reading(home.store(), |tx| model.assert_same(tx));
}

pub(super) fn headers(harness: &Harness<'_>) {
    let home = (harness.make)(25);
    let mut model = Model::default();
    let mut dice = Dice(25);
    let entries = (0..300).map(|at| dice.entry(key(1 + (at % 3) as u32, at * 7), 3)).collect();
    append(home.store(), &mut model, entries);
    // Named in no order, some twice, most of them absent; more than a statement takes parameters.
    let asked: Vec<EntryKey> = (0..40_000)
        .map(|n| if n % 5 == 0 { key(dice.one_of(&[1, 2, 3]), dice.roll(2_100) as u64) } else { key(9, n) })
        .collect();
    let expected = |asked: &[EntryKey]| -> Vec<Option<Header>> {
        asked.iter().map(|key| model.entries.get(key).map(|entry| entry.header)).collect()
    };
    reading(home.store(), |tx| {
        assert_eq!(tx.headers(&[]).unwrap(), []);
        assert_eq!(tx.headers(&asked).unwrap(), expected(&asked));
        assert!(expected(&asked).iter().flatten().count() > 100);
        let held: Vec<EntryKey> = model.entries.keys().rev().copied().collect();
        assert_eq!(tx.headers(&held).unwrap(), expected(&held));
        let twice = [held[0], held[1], held[0], key(9, 9), held[0]];
        assert_eq!(tx.headers(&twice).unwrap(), expected(&twice));
    });
}

/// A log with content everywhere but at 1.
fn filled(store: &dyn Store, dice: &mut Dice) -> Model {
    let mut model = Model::default();
    let mut entries: Vec<_> = (0..4).map(|at| dice.entry(key(1, at), 60)).collect();
    entries[1] = NewEntry { content: None, header: Header::bare(State::Withheld), ..entries[1].clone() };
    append(store, &mut model, entries);
    model
}

/// Makes the calls one by one, each in its own transaction, and compares after each.
fn follow(harness: &Harness<'_>, seed: u64, ops: impl Fn(&mut Dice) -> Vec<Op>) {
    let mut home = (harness.make)(seed);
    let mut dice = Dice(seed);
    let mut model = filled(home.store(), &mut dice);
    for op in ops(&mut dice) {
        let mut tx = home.store().write().unwrap();
        op.apply(tx.as_mut()).unwrap();
        model.apply(&op);
        model.assert_same(tx.as_ref());
        (0..4).for_each(|at| assert_eq!(look(tx.as_ref(), key(1, at)), Some(new_facts(&model.entries[&key(1, at)]))));
        tx.commit().unwrap();
        reading(home.store(), |tx| model.assert_same(tx));
        home.reopen();
        reading(home.store(), |tx| model.assert_same(tx));
    }
}

pub(super) fn set_header(harness: &Harness<'_>) {
    follow(harness, 26, |dice| {
        let mut ops: Vec<_> = STATES.into_iter().map(|state| Op::SetHeader(key(1, 2), dice.header(state))).collect();
        ops.push(Op::SetHeader(key(1, 1), dice.header(State::Withheld)));
        ops.push(Op::SetHeader(key(1, 0), Header::bare(State::Live)));
        let ends = Header { type_code: u16::MAX, object: [0xff; 16], modified: i64::MIN, ..dice.header(State::Live) };
        ops.push(Op::SetHeader(key(1, 3), ends));
        ops
    });
}

pub(super) fn fill(harness: &Harness<'_>) {
    follow(harness, 27, |dice| vec![Op::Fill(key(1, 1), dice.header(State::Live), dice.content(5_000))]);
    // Where content is, filling is a fault and changes nothing.
    let home = (harness.make)(27);
    let mut dice = Dice(28);
    let model = filled(home.store(), &mut dice);
    let mut tx = home.store().write().unwrap();
    assert!(tx.fill(key(1, 0), dice.header(State::Live), dice.content(9)).is_err());
    drop(tx);
    reading(home.store(), |tx| model.assert_same(tx));
}

pub(super) fn erase(harness: &Harness<'_>) {
    follow(harness, 29, |dice| {
        vec![
            Op::Erase(key(1, 0)),
            Op::Erase(key(1, 3)),
            // What never had content, and what has none any more.
            Op::Erase(key(1, 1)),
            Op::Erase(key(1, 0)),
            Op::Append(vec![dice.entry(key(1, 4), 100_000), dice.entry(key(1, INDEX_MAX), 10)]),
            Op::Erase(key(1, 4)),
            Op::Erase(key(1, INDEX_MAX)),
        ]
    });
    let home = (harness.make)(30);
    let mut model = Model::default();
    let mut dice = Dice(30);
    let entry = dice.entry(key(2, 0), 2_000);
    append(home.store(), &mut model, vec![entry.clone()]);
    commit(home.store(), |tx| {
        // Postings are the caller's.
        tx.post(Index::Object, &[(7, entry.key)]).unwrap();
        tx.erase(entry.key).unwrap();
    });
    reading(home.store(), |tx| {
        let erased = (entry.key, entry.flags, entry.commitment, Header::bare(State::Erased), None);
        assert_eq!(look(tx, entry.key), Some(erased));
        assert_eq!(tx.postings(Index::Object, 7, None, 9).unwrap(), [entry.key]);
    });
}

pub(super) fn absent(harness: &Harness<'_>) {
    let home = (harness.make)(31);
    let mut dice = Dice(31);
    let model = filled(home.store(), &mut dice);
    for at in [key(1, 4), key(2, 0), key(3, INDEX_MAX)] {
        let header = dice.header(State::Live);
        let ops = [Op::SetHeader(at, header), Op::Fill(at, header, dice.content(9)), Op::Erase(at)];
        for op in ops {
            let mut tx = home.store().write().unwrap();
            assert!(matches!(op.apply(tx.as_mut()), Err(Fault::Misuse(_))), "{op:?}");
            drop(tx);
            reading(home.store(), |tx| {
                model.assert_same(tx);
                assert_eq!(look(tx, at), None);
            });
        }
    }
}

pub(super) fn nodes(harness: &Harness<'_>) {
    let mut home = (harness.make)(32);
    let store = home.store();
    let mut model = Model::default();
    let mut dice = Dice(32);
    let heights = [8, 9, 20, 36];
    let indexes = [0, 1, 255, 256, (1 << 28) - 1];
    for log in [LogNo(1), LogNo(2), LogNo(256), LOG_MAX] {
        // Heights of one index and indexes of one height, but not all: what is missing must stay missing.
        let places = heights.iter().flat_map(|height| indexes.map(|index| (*height, index)));
        let kept = places.filter(|(height, index)| u64::from(*height) + index + u64::from(log.0) != 9);
        let mut nodes: Vec<_> = kept
            .filter(|(height, index)| index >> (36 - height) == 0)
            .map(|(h, i)| (h, i, Digest(dice.bytes())))
            .collect();
        nodes.reverse();
        let op = Op::PutNodes(log, nodes);
        commit(store, |tx| op.apply(tx).unwrap());
        // The same again is not a fault.
        commit(store, |tx| op.apply(tx).unwrap());
        model.apply(&op);
    }
    commit(store, |tx| tx.put_nodes(LogNo(3), &[]).unwrap());
    for _ in 0..2 {
        reading(home.store(), |tx| {
            model.assert_same(tx);
            assert_eq!(tx.node(LogNo(1), 8, 0).unwrap(), None);
            assert!(tx.node(LogNo(2), 8, 0).unwrap().is_some());
            assert_eq!(tx.node(LogNo(3), 8, 0).unwrap(), None);
            assert_eq!(tx.node(LogNo(2), 10, 0).unwrap(), None);
            assert_eq!(tx.node(LogNo(2), 8, 2).unwrap(), None);
        });
        home.reopen();
    }
}
