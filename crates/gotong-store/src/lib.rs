//! Transactions, entries, indexes and books: what a node keeps, on SQLite ([`SqliteStore`]) and in memory ([`MemoryStore`]).
//!
//! The traits here are small on purpose: entries of logs, hashes of their trees, postings of indexes, and *books*, ordered
//! key-value tables for everything that is small. One conformance suite (`conformance`) runs against every implementation.
//! No decisions are taken here; `gotong-app` is the only caller that opens a transaction.

pub mod conformance;
mod entry;
mod fault;
mod memory;
mod packed;
mod sqlite;

pub use entry::{EntryKey, Header, LogNo, NewEntry, State, StoredEntry};
pub use fault::Fault;
pub use memory::MemoryStore;
pub use packed::{Content, Packed};
pub use sqlite::{Nameless, SqliteOptions, SqliteStore};

use gotong_crypto::Digest;

/// A small ordered table. Keys and values are bytes whose shape belongs to `gotong-app`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Book {
    /// Single values: identity, positions of projectors, counters.
    Meta = 1,
    /// Charter, agreements, statements as they were signed.
    Document = 2,
    /// Log number → what is known of the log.
    Log = 3,
    /// Log name → log number.
    LogName = 4,
    /// Signing batches by number.
    Batch = 5,
    /// Order of arrival: position → range of a log.
    Arrival = 6,
    /// Ranges that tombstones name.
    Tombstone = 7,
    /// Ranges that relabellings name.
    Relabel = 8,
    /// Per peer, which logs changed since when.
    PeerLog = 9,
    /// Per peer, cursors and state.
    Peer = 10,
    /// Acknowledgements as they were signed.
    Acknowledgement = 11,
    /// API tokens by digest.
    Token = 12,
    /// What a person must decide on before it enters a log.
    Quarantine = 13,
    /// Answers to requests that may be repeated.
    Idempotency = 14,
    /// Checkpoints verified, newest and pending.
    Checkpoint = 15,
    /// Evidence of two histories.
    Evidence = 16,
    /// Who did what, in order.
    Audit = 17,
    /// Entries that are faulty, with the reason.
    Faulty = 18,
    /// The organisations that the member serves, by code.
    Organisation = 19,
    /// Warninglists as they were loaded, and the rules about them; blocklists of MISP events and organisations.
    Warninglist = 20,
    /// Accounts of people by name, and one-time links by digest.
    Account = 21,
    /// Browser sessions by account and digest.
    Session = 22,
    /// What came of what people did in the console, by person and time.
    Act = 23,
    /// What people are about to share, held until it leaves.
    Parcel = 24,
    /// What people want to be told of, what they were told, and e-mail that waits to be sent.
    Notice = 25,
    /// What people are about to do to many records at once, held until it is carried out.
    Deed = 26,
}

/// A secondary index over entries: 64-bit key → entries. Keys of the first three come from [`ReadTx::index_key`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Index {
    /// By STIX id.
    Object = 1,
    /// By observable value.
    Value = 2,
    /// By the id that a sighting or relationship refers to.
    Reference = 3,
    /// By a number of 24 bits that stands for a kind of thing, and a time of 40 bits below it, in order.
    TypeTime = 4,
    /// By words: a heading, the beginning of a word and the rest of it, in order (`gotong-app/src/term.rs`).
    Term = 5,
}

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// What a snapshot of the store answers. A read transaction is short: never longer than 500 ms.
pub trait ReadTx {
    /// One value of a book.
    fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;

    /// Up to `limit` pairs of a book with `from ≤ key < until`, in order; `until` empty means to the end.
    fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Pair>, Fault>;

    /// The last pair of a book with `from ≤ key < until`; `until` empty means to the end.
    fn last(&self, book: Book, from: &[u8], until: &[u8]) -> Result<Option<Pair>, Fault>;

    /// One entry with its content.
    fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault>;

    /// Entries of one log from `first`, in order: at most `count`, and none after the one whose content takes the sum past `bytes_max`
    /// (so at least one if there is one). With `with_content` false the content stays out.
    fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        bytes_max: usize,
        with_content: bool,
    ) -> Result<Vec<StoredEntry>, Fault>;

    /// Headers of entries named one by one, `None` where there is no such entry. In the order asked.
    fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault>;

    /// A stored hash of the tree: height 8 and above. Lower ones follow from the entries' leaves.
    fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault>;

    /// The 64-bit key of a text in an index, under the store's own secret.
    fn index_key(&self, index: Index, text: &[u8]) -> u64;

    /// Entries posted under a key, ascending, after `after`, at most `limit`.
    fn postings(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Result<Vec<EntryKey>, Fault>;

    /// [`Self::postings`] of each of many keys, from their beginning. Keys ascend; what they share in the store is read once.
    fn postings_of_each(&self, index: Index, keys: &[u64], limit: usize) -> Result<Vec<Vec<EntryKey>>, Fault> {
        keys.iter().map(|key| self.postings(index, *key, None, limit)).collect()
    }

    /// Whether anything may be posted under a key; `false` is certain. Cheap: meant for "is this id new?" on bulk imports.
    fn may_have(&self, index: Index, key: u64) -> Result<bool, Fault>;

    /// Postings with `from ≤ key ≤ to`, ordered by (key, entry), after `after`, at most `limit`. With `descending`, from the far end.
    fn posting_range(&self, range: PostingRange) -> Result<Vec<(u64, EntryKey)>, Fault>;
}

/// What [`ReadTx::posting_range`] is asked for.
#[derive(Clone, Copy, Debug)]
pub struct PostingRange {
    /// The index.
    pub index: Index,
    /// The smallest key.
    pub from: u64,
    /// The largest key.
    pub to: u64,
    /// Continue behind this posting (in the direction of reading).
    pub after: Option<(u64, EntryKey)>,
    /// From the far end.
    pub descending: bool,
    /// At most so many.
    pub limit: usize,
}

/// The one writing transaction. Dropped without [`WriteTx::commit`] it leaves no trace. It sees its own writes.
pub trait WriteTx: ReadTx {
    /// Sets a value of a book.
    fn put(&mut self, book: Book, key: &[u8], value: &[u8]) -> Result<(), Fault>;

    /// Removes a value of a book.
    fn delete(&mut self, book: Book, key: &[u8]) -> Result<(), Fault>;

    /// Adds entries. A key that exists is a fault of the caller and fails.
    fn append(&mut self, entries: Vec<NewEntry>) -> Result<(), Fault>;

    /// Replaces an entry's header.
    fn set_header(&mut self, key: EntryKey, header: Header) -> Result<(), Fault>;

    /// Fills in the content of an entry that is there without it.
    fn fill(&mut self, key: EntryKey, header: Header, content: Packed) -> Result<(), Fault>;

    /// Removes content and every fact of the header but the state, which becomes [`State::Erased`]. Postings are the caller's to remove.
    fn erase(&mut self, key: EntryKey) -> Result<(), Fault>;

    /// Stores hashes of the tree: (height ≥ 8, index, hash).
    fn put_nodes(&mut self, log: LogNo, nodes: &[(u8, u64, Digest)]) -> Result<(), Fault>;

    /// Adds postings, in any order.
    fn post(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault>;

    /// Removes postings, in any order, so that no page and no index holds them any more. Many at once cost little more than one.
    fn unpost(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault>;

    /// Removes every posting of an index; for rebuilding a view.
    fn clear_index(&mut self, index: Index) -> Result<(), Fault>;

    /// Makes it durable (synced) and visible, or fails and leaves no trace.
    fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// A store: many readers, one writer.
pub trait Store: Send + Sync + 'static {
    /// A snapshot.
    fn read(&self) -> Result<Box<dyn ReadTx + '_>, Fault>;

    /// The writing transaction; waits for the one before it to end.
    fn write(&self) -> Result<Box<dyn WriteTx + '_>, Fault>;

    /// Sixteen random bytes that a store gets when it is made.
    fn incarnation(&self) -> [u8; 16];

    /// One bounded step of upkeep outside the writer's way (merging index runs). `true`: there is more to do.
    fn maintain(&self) -> Result<bool, Fault>;

    /// Returns once nothing erased before the call is left in any file of the store, logs of the database included.
    fn finish_erasure(&self) -> Result<(), Fault>;

    /// The store's file as it is at one moment, standing still for a copy while everything goes on. `look` sees the same moment; it must be quick.
    /// [`Fault::Busy`]: another copy is being made. Erasures are finished ([`Self::finish_erasure`]) once the copy is over.
    fn still<'s>(
        &'s self,
        _look: &mut dyn FnMut(&dyn ReadTx) -> Result<(), Fault>,
    ) -> Result<Box<dyn Still + 's>, Fault> {
        Err(Fault::Misuse("this store has no file".to_owned()))
    }

    /// Checks the store's own structures; each finding is one line.
    fn check(&self) -> Result<Vec<String>, Fault>;

    /// Bytes on disk.
    fn bytes_on_disk(&self) -> u64;
}

/// A store's file that stands still until this is dropped.
pub trait Still {
    /// How long it is.
    fn bytes(&self) -> u64;

    /// Fills `out` with its bytes from `at`.
    fn read_at(&self, at: u64, out: &mut [u8]) -> Result<(), Fault>;
}
