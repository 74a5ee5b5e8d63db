//! Erasure reaches every place where bytes can be, as far as the home can tell.

use super::{Dice, Harness, commit, key, maintain_all, reading};
use crate::{Book, Content, Index, NewEntry, Packed, Store};

/// Bytes that compress to nothing smaller and lie in one piece somewhere, even where a store cuts values into pages: a few in a row.
const NEEDLE_BYTES: usize = 24;

/// Looks for pieces of a text; one found is enough.
fn shows(home: &dyn super::Home, text: &[u8]) -> Option<bool> {
    let mut found = false;
    for piece in text.chunks(NEEDLE_BYTES).filter(|piece| piece.len() == NEEDLE_BYTES).take(12) {
        found |= home.contains_bytes(piece)?;
    }
    Some(found)
}

pub(super) fn gone(harness: &Harness<'_>) {
    let mut home = (harness.make)(40);
    let mut dice = Dice(40);
    let sizes = [48, 600, 9_000, 200_000, 48, 48];
    let bodies: Vec<Vec<u8>> = sizes.iter().map(|size| dice.byte_vec(*size)).collect();
    let entries: Vec<NewEntry> = (0..)
        .zip(&bodies)
        .map(|(at, body)| {
            let envelope = dice.byte_vec(48);
            let content = Content { salt1: dice.bytes(), salt2: dice.bytes(), envelope, body: body.clone() };
            NewEntry { content: Some(Packed::pack(&content)), ..dice.entry(key(1, at), 0) }
        })
        .collect();
    let contents: Vec<Content> =
        entries.iter().map(|entry| entry.content.as_ref().unwrap().unpack().unwrap()).collect();
    let (deleted, replaced) = (dice.byte_vec(48), dice.byte_vec(7_000));
    let posted = dice.number();
    commit(home.store(), |tx| {
        tx.append(entries.clone()).unwrap();
        tx.put(Book::Quarantine, b"deleted", &deleted).unwrap();
        tx.put(Book::Quarantine, b"replaced", &replaced).unwrap();
        tx.post(Index::Value, &[(posted, key(1, 0)), (1, key(1, 1))]).unwrap();
        // Enough beside it that pages are shared.
        (0..100_u8).for_each(|n| tx.put(Book::Document, &[n], &[n].repeat(90)).unwrap());
    });
    // The last entry stays.
    let gone = contents.len() - 1;
    for content in &contents {
        // The positive control: what is there is found.
        let Some(found) = shows(home.as_ref(), &content.body) else { return };
        assert!(found, "this home would not notice a body of {} bytes", content.body.len());
    }
    commit(home.store(), |tx| {
        for entry in &entries[..gone] {
            tx.erase(entry.key).unwrap();
        }
        tx.delete(Book::Quarantine, b"deleted").unwrap();
        tx.put(Book::Quarantine, b"replaced", b"short").unwrap();
        tx.unpost(Index::Value, &[(posted, key(1, 0))]).unwrap();
    });
    maintain_all(home.store());
    home.store().finish_erasure().unwrap();
    for _ in 0..2 {
        for (content, entry) in contents[..gone].iter().zip(&entries) {
            let parts: [&[u8]; 4] = [&content.salt1, &content.salt2, &content.envelope, &content.body];
            for part in parts {
                assert_eq!(shows(home.as_ref(), part), Some(false), "content of {} bytes", content.body.len());
            }
            assert_eq!(home.contains_bytes(&entry.header.object), Some(false), "an object's id");
        }
        assert_eq!(shows(home.as_ref(), &deleted), Some(false), "a deleted value");
        assert_eq!(shows(home.as_ref(), &replaced), Some(false), "a replaced value");
        for key in [posted.to_be_bytes(), posted.to_le_bytes()] {
            assert_eq!(home.contains_bytes(&key), Some(false), "the key of a posting");
        }
        // What was not erased is still whole.
        assert_eq!(shows(home.as_ref(), &contents[gone].body), Some(true));
        reading(home.store(), |tx| {
            let entry = tx.entry(entries[gone].key).unwrap().unwrap();
            assert_eq!(entry.open().unwrap().as_ref(), Some(&contents[gone]));
            assert_eq!(tx.fetch(Book::Document, &[7]).unwrap(), Some([7].repeat(90)));
        });
        assert_sound_and_counted(home.store());
        home.reopen();
    }
}

fn assert_sound_and_counted(store: &dyn Store) {
    super::assert_sound(store);
    // Less than 20 kB are left; the figure is an estimate, and files grow by pages.
    assert!((5_000..10_000_000).contains(&store.bytes_on_disk()), "{} bytes", store.bytes_on_disk());
}
