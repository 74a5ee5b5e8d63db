//! Test support: one suite that every store passes. It tries to break each sentence of the traits' documentation.
//!
//! A test gives [`failures`] a [`Harness`], which makes stores; each of [`CASES`] gets fresh ones. Cases are deterministic in their
//! seeds, and neither sleep nor depend on one another. Where the documentation leaves a choice that callers could come to lean on, the
//! suite takes the strict side, so that the stores stay alike. Read next: `conformance/model.rs`, what stores are compared with. Not for use outside tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test support: a broken promise is a panic, as in any test"
)]

mod books;
mod entries;
mod erasure;
mod indexes;
mod model;
mod random;
mod runs;
mod transactions;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Book, Content, EntryKey, Header, Index, LogNo, NewEntry, Packed, ReadTx, State, Store, WriteTx};
use gotong_crypto::Digest;

/// A store under test and the place where it lives.
pub trait Home {
    /// The store.
    fn store(&self) -> &dyn Store;

    /// Closes the store and opens it again from what it left; `false` if this kind of store leaves nothing.
    fn reopen(&mut self) -> bool {
        false
    }

    /// Whether these bytes occur anywhere in what the store keeps; `None` if this home cannot tell.
    fn contains_bytes(&self, _needle: &[u8]) -> Option<bool> {
        None
    }
}

/// Makes the stores that a suite needs.
pub struct Harness<'a> {
    /// An empty store whose secrets come from this seed.
    pub make: &'a dyn Fn(u64) -> Box<dyn Home>,
}

/// One promise, and how it is tried.
pub type Case = (&'static str, fn(&Harness<'_>));

/// Every case, by the promise it keeps.
pub const CASES: &[Case] = &[
    ("a fresh store is empty, sound, and itself", transactions::fresh),
    ("a dropped transaction leaves nothing", transactions::dropped),
    ("own writes show inside at once and outside from commit on", transactions::own_writes),
    ("a snapshot stays as it was while a writer commits", transactions::snapshots),
    ("a snapshot stays as it was through upkeep", transactions::snapshots_and_upkeep),
    ("writers take turns and lose nothing", transactions::turns),
    ("readers never see half a commit", transactions::whole_commits),
    ("what is committed is there after reopening", transactions::reopening),
    ("values of books are kept as they were put", books::values),
    ("a scan keeps to its bounds", books::scans),
    ("the last pair is within its bounds", books::last),
    ("books do not leak into one another", books::apart),
    ("entries are read back as they were added", entries::read_back),
    ("entries stop at count and bytes", entries::limits),
    ("entries stay in their log", entries::neighbours),
    ("adding an entry that exists fails and leaves nothing", entries::existing),
    ("an append that fails adds none of its entries", entries::failed_append),
    ("headers come in the order asked", entries::headers),
    ("a new header changes nothing else", entries::set_header),
    ("filling brings content once", entries::fill),
    ("erasing leaves flags, commitment and a bare header", entries::erase),
    ("changing an entry that is absent fails and makes none", entries::absent),
    ("hashes of trees are kept apart", entries::nodes),
    ("index keys are the store's own", indexes::keys),
    ("postings ascend after a given one up to a limit", indexes::postings),
    ("a posting posted twice counts once", indexes::twice),
    ("indexes and keys are kept apart", indexes::apart),
    ("ranges of postings keep to their bounds both ways", indexes::ranges),
    ("what is unposted is gone", indexes::unpost),
    ("clearing an index removes all of it and nothing else", indexes::clear),
    ("large batches, single postings and upkeep add up", runs::large_and_small),
    ("removing from large batches holds through upkeep", runs::removals),
    ("upkeep beside a writer loses nothing", runs::upkeep_beside_a_writer),
    ("erased bytes are gone from everywhere", erasure::gone),
    ("a random history agrees with the model", random::history),
];

/// What was found: the case, and what it said.
pub type Failure = (&'static str, String);

/// Runs every case; answers those that failed. What panicked also shows on standard error, with its place.
pub fn failures(harness: &Harness<'_>) -> Vec<Failure> {
    CASES.iter().filter_map(|case| failure(harness, case)).collect()
}

/// Runs one case; answers what it said if it failed.
pub fn failure(harness: &Harness<'_>, (name, case): &Case) -> Option<Failure> {
    let said = catch_unwind(AssertUnwindSafe(|| case(harness))).err()?;
    let text = said.downcast_ref::<String>().cloned();
    let text = text.or_else(|| said.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Some((name, text.unwrap_or_default()))
}

/// Every book.
const BOOKS: [Book; 26] = [
    Book::Meta,
    Book::Document,
    Book::Log,
    Book::LogName,
    Book::Batch,
    Book::Arrival,
    Book::Tombstone,
    Book::Relabel,
    Book::PeerLog,
    Book::Peer,
    Book::Acknowledgement,
    Book::Token,
    Book::Quarantine,
    Book::Idempotency,
    Book::Checkpoint,
    Book::Evidence,
    Book::Audit,
    Book::Faulty,
    Book::Organisation,
    Book::Warninglist,
    Book::Account,
    Book::Session,
    Book::Act,
    Book::Parcel,
    Book::Notice,
    Book::Deed,
];

/// Every index.
const INDEXES: [Index; 5] = [Index::Object, Index::Value, Index::Reference, Index::TypeTime, Index::Term];

/// The largest log number and the largest index in a log.
const LOG_MAX: LogNo = LogNo((1 << 27) - 1);
const INDEX_MAX: u64 = (1 << 36) - 1;

/// Seeded numbers (SplitMix64): enough for tests, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.number() % sides as u64).unwrap()
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())].clone()
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.number().to_be_bytes()[0])
    }

    fn byte_vec(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.number().to_be_bytes()[0]).collect()
    }

    fn content(&mut self, body_bytes: usize) -> Packed {
        Packed::pack(&Content {
            salt1: self.bytes(),
            salt2: self.bytes(),
            envelope: self.byte_vec(9),
            body: self.byte_vec(body_bytes),
        })
    }

    fn header(&mut self, state: State) -> Header {
        let [high, low, label] = self.bytes();
        Header {
            state,
            type_code: u16::from_be_bytes([high, low]),
            object: self.bytes(),
            modified: i64::from_be_bytes(self.bytes()),
            label: label % 5,
        }
    }

    /// A live entry with content.
    fn entry(&mut self, key: EntryKey, body_bytes: usize) -> NewEntry {
        let [flags] = self.bytes();
        let (commitment, header) = (Digest(self.bytes()), self.header(State::Live));
        NewEntry { key, flags, commitment, header, content: Some(self.content(body_bytes)) }
    }
}

/// One transaction, committed.
fn commit(store: &dyn Store, change: impl FnOnce(&mut dyn WriteTx)) {
    let mut tx = store.write().unwrap();
    change(tx.as_mut());
    tx.commit().unwrap();
}

/// What a snapshot answers.
fn reading<T>(store: &dyn Store, read: impl FnOnce(&dyn ReadTx) -> T) -> T {
    let snapshot = store.read().unwrap();
    read(snapshot.as_ref())
}

/// Upkeep until there is nothing more to do, which must come.
fn maintain_all(store: &dyn Store) {
    let steps = (0..10_000).take_while(|_| store.maintain().unwrap()).count();
    assert!(steps < 10_000, "upkeep never ends");
}

/// The store finds nothing wrong with itself.
fn assert_sound(store: &dyn Store) {
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

fn key(log: u32, index: u64) -> EntryKey {
    EntryKey::new(LogNo(log), index)
}
