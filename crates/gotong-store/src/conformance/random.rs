//! A random history, made on a store and on the model, which must agree after every transaction.
//!
//! Keys are few and close together, so that calls meet. A failure names its seed and step.

use gotong_crypto::Digest;

use super::model::{Facts, Model, Op, Page, facts, new_facts};
use super::{BOOKS, Dice, Harness, INDEX_MAX, INDEXES, LOG_MAX, assert_sound, key, reading};
use crate::{Book, EntryKey, Header, LogNo, NewEntry, PostingRange, ReadTx, State};

const SEEDS: u64 = 6;
const TRANSACTIONS: usize = 60;

pub(super) fn history(harness: &Harness<'_>) {
    for seed in 0..SEEDS {
        let mut home = (harness.make)(1_000 + seed);
        let mut dice = Dice(seed << 32);
        let mut model = Model::default();
        for step in 0..TRANSACTIONS {
            // Shown by the panic's neighbours in the output: seeds and steps are few.
            let place = format!("seed {seed}, transaction {step}");
            let mut inside = model.clone();
            let (snapshot, mut tx) = (home.store().read().unwrap(), home.store().write().unwrap());
            for _ in 0..=dice.roll(12) {
                let op = any_op(&mut dice, &inside);
                op.apply(tx.as_mut()).unwrap_or_else(|fault| panic!("{place}: {op:?}: {fault}"));
                inside.apply(&op);
                ask(&mut dice, &inside, tx.as_ref(), &place);
            }
            if dice.roll(4) == 0 {
                inside.assert_same(tx.as_ref());
            }
            let kept = dice.roll(4) != 0;
            if !kept && dice.roll(2) == 0 && !inside.entries.is_empty() {
                let there = *inside.entries.keys().next_back().unwrap();
                let batch = vec![dice.entry(key(1, INDEX_MAX / 2), 3), dice.entry(there, 3)];
                assert!(tx.append(batch).is_err(), "{place}: an entry was added where one is");
            }
            if kept {
                tx.commit().unwrap();
                ask(&mut dice, &model, snapshot.as_ref(), &place);
                model = inside;
            } else {
                drop(tx);
            }
            drop(snapshot);
            if dice.roll(3) == 0 {
                home.store().maintain().unwrap();
            }
            if dice.roll(8) == 0 {
                home.reopen();
            }
            reading(home.store(), |tx| {
                model.assert_same(tx);
                (0..5).for_each(|_| ask(&mut dice, &model, tx, &place));
            });
        }
        assert_sound(home.store());
    }
}

fn any_book(dice: &mut Dice) -> Book {
    dice.one_of(&BOOKS[..3])
}

fn any_text(dice: &mut Dice) -> Vec<u8> {
    let length = dice.roll(3);
    (0..length).map(|_| dice.one_of(&[0, 1, b'a', b'b', 0xff])).collect()
}

fn any_place(dice: &mut Dice) -> EntryKey {
    let log = dice.one_of(&[LogNo(1), LogNo(2), LogNo(3), LOG_MAX]);
    let near = dice.roll(12) as u64;
    EntryKey::new(log, if dice.roll(4) == 0 { INDEX_MAX - near } else { near })
}

fn any_key(dice: &mut Dice) -> u64 {
    let near = dice.roll(6) as u64;
    dice.one_of(&[near, near, u64::MAX - near, i64::MAX as u64 - 3 + near])
}

fn any_header(dice: &mut Dice) -> Header {
    let state = dice.one_of(&[State::Live, State::Faulty, State::Control, State::Unknown]);
    dice.header(state)
}

/// A call that the traits allow on what is there.
fn any_op(dice: &mut Dice, model: &Model) -> Op {
    let held: Vec<EntryKey> = model.entries.keys().copied().collect();
    let (book, text, place, index) = (any_book(dice), any_text(dice), any_place(dice), dice.one_of(&INDEXES));
    match dice.roll(20) {
        0..4 => Op::Put(book, text, any_text(dice)),
        4 | 5 => Op::Delete(book, text),
        6 if !held.is_empty() => Op::SetHeader(dice.one_of(&held), any_header(dice)),
        7 if !held.is_empty() => Op::Erase(dice.one_of(&held)),
        8 => {
            let withheld = |entry: &&NewEntry| entry.content.is_none() && entry.header.state == State::Withheld;
            let found = model.entries.values().find(withheld).map(|entry| entry.key);
            found.map_or(Op::Delete(book, text), |key| Op::Fill(key, any_header(dice), dice.content(20)))
        }
        9 => {
            let count = dice.roll(3);
            let nodes = (8..).zip(0..).take(count).map(|(height, at)| (height, at, Digest(dice.bytes()))).collect();
            Op::PutNodes(place.log(), nodes)
        }
        10..13 => {
            let count = dice.one_of(&[1, 1, 2, 5, 300]);
            let postings = (0..count).map(|_| (any_key(dice), any_place(dice))).collect();
            Op::Post(index, postings)
        }
        13 | 14 => {
            let of_index: Vec<_> = model.postings.iter().filter(|(held, _, _)| *held == index).copied().collect();
            // Mostly something that is there.
            if of_index.is_empty() || dice.roll(4) == 0 {
                Op::Unpost(index, (0..dice.one_of(&[1, 1, 2, 40])).map(|_| (any_key(dice), any_place(dice))).collect())
            } else {
                let (index, key, entry) = dice.one_of(&of_index);
                Op::Unpost(index, vec![(key, entry)])
            }
        }
        15 if dice.roll(6) == 0 => Op::Clear(index),
        _ => {
            let mut entries: Vec<NewEntry> = Vec::new();
            for _ in 0..=dice.roll(4) {
                let (place, size) = (any_place(dice), dice.one_of(&[0, 10, 10, 500, 4_000]));
                if !model.entries.contains_key(&place) && entries.iter().all(|entry| entry.key != place) {
                    let entry = dice.entry(place, size);
                    let withheld = NewEntry { content: None, header: Header::bare(State::Withheld), ..entry.clone() };
                    entries.push(if dice.roll(3) == 0 { withheld } else { entry });
                }
            }
            Op::Append(entries)
        }
    }
}

/// One question of each kind, with whatever bounds come up.
fn ask(dice: &mut Dice, model: &Model, tx: &dyn ReadTx, place: &str) {
    let (book, from, until) = (any_book(dice), any_text(dice), any_text(dice));
    let limit = dice.one_of(&[0, 1, 2, 5, usize::MAX]);
    assert_eq!(tx.fetch(book, &from).unwrap(), model.books.get(&(book, from.clone())).cloned(), "{place}");
    assert_eq!(tx.scan(book, &from, &until, limit).unwrap(), model.scan(book, &from, &until, limit), "{place}");
    let last = model.scan(book, &from, &until, usize::MAX).pop();
    assert_eq!(tx.last(book, &from, &until).unwrap(), last, "{place}");

    let at = any_place(dice);
    let entry = tx.entry(at).unwrap().map(|entry| facts(&entry));
    assert_eq!(entry, model.entries.get(&at).map(new_facts), "{place}");
    let bytes_max = dice.one_of(&[0, 100, 1_000, usize::MAX]);
    let page = Page { log: at.log(), first: at.index(), count: limit, bytes_max };
    let found = tx.entries(page.log, page.first, page.count, page.bytes_max, true).unwrap();
    assert_eq!(found.iter().map(facts).collect::<Vec<Facts>>(), model.page(page), "{place}: {page:?}");
    let asked = [any_place(dice), at, any_place(dice), at];
    let headers = asked.map(|key| model.entries.get(&key).map(|entry| entry.header));
    assert_eq!(tx.headers(&asked).unwrap(), headers, "{place}");

    let (index, key) = (dice.one_of(&INDEXES), any_key(dice));
    let after = (dice.roll(2) == 0).then(|| any_place(dice));
    let expected = model.keys_under(index, key, after, limit);
    assert_eq!(tx.postings(index, key, after, limit).unwrap(), expected, "{place}: {key} {after:?}");
    assert!(tx.may_have(index, key).unwrap() || model.keys_under(index, key, None, 1).is_empty(), "{place}: {key}");
    let after = after.map(|entry| (any_key(dice), entry));
    let descending = dice.roll(2) == 0;
    let range = PostingRange { index, from: any_key(dice), to: any_key(dice), after, descending, limit };
    assert_eq!(tx.posting_range(range).unwrap(), model.posting_range(range), "{place}: {range:?}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Index;

    #[test]
    fn a_history_meets_every_kind_of_call() {
        let mut dice = Dice(1);
        let mut model = Model::default();
        let mut met = std::collections::BTreeSet::new();
        for _ in 0..2_000 {
            let op = any_op(&mut dice, &model);
            met.insert(format!("{op:?}").split('(').next().unwrap().to_owned());
            model.apply(&op);
        }
        let all = "Append Clear Delete Erase Fill Post Put PutNodes SetHeader Unpost";
        assert_eq!(met.into_iter().collect::<Vec<_>>().join(" "), all);
        assert!(model.postings.iter().any(|(index, _, _)| *index == Index::TypeTime));
    }
}
