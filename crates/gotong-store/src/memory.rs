//! A store in memory, for the simulated region and for tests: the same promises as [`SqliteStore`](crate::SqliteStore), nothing durable.
//!
//! A snapshot is a reference to an immutable state; the writing transaction changes a copy that shares everything it did not touch,
//! and commit swaps the copy in. Nothing depends on the order of a hash map or on ambient randomness: the same calls on a store made
//! from the same entropy give the same answers. Read next: `memory/table.rs`, which does the sharing.

mod search;
mod table;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use gotong_crypto::{Digest, Entropy};
use siphasher::sip::SipHasher24;

use self::table::Table;
use crate::{
    Book, EntryKey, Fault, Header, Index, LogNo, NewEntry, Packed, PostingRange, ReadTx, State, Store, StoredEntry,
    WriteTx,
};

const BOOKS: usize = 26;
const INDEXES: usize = 5;

// What a row takes on disk besides its bytes of variable length, as the layout in SQLite has it.
const PAIR_BYTES: u64 = 6;
const ENTRY_BYTES: u64 = 84;
const NODE_BYTES: u64 = 48;
const POSTING_BYTES: u64 = 16;

type Bytes = Arc<[u8]>;

/// What is kept of an entry besides its key.
#[derive(Clone)]
struct Row {
    flags: u8,
    commitment: Digest,
    header: Header,
    content: Option<Arc<Packed>>,
}

impl Row {
    fn content_bytes(&self) -> usize {
        self.content.as_ref().map_or(0, |content| content.0.len())
    }

    fn read(&self, key: EntryKey, with_content: bool) -> StoredEntry {
        let content = if with_content { self.content.as_deref().cloned() } else { None };
        StoredEntry { key, flags: self.flags, commitment: self.commitment, header: self.header, content }
    }
}

/// Everything the store holds at one moment. A copy shares every table with its original until one of them changes.
#[derive(Clone, Default)]
struct Held {
    books: [Table<Bytes, Bytes>; BOOKS],
    entries: Table<EntryKey, Arc<Row>>,
    nodes: Table<(LogNo, u8, u64), Digest>,
    indexes: [Table<(u64, EntryKey), ()>; INDEXES],
    /// Bytes of variable length: keys and values of books, packed content. Kept in step by every change.
    variable_bytes: u64,
}

fn absent(what: &str) -> Fault {
    Fault::Misuse(format!("there is no such {what}"))
}

/// Whether a hash of the tree is stored here; below height 8 they follow from the leaves.
fn is_node(height: u8, index: u64) -> bool {
    (8..=36).contains(&height) && index < 1 << 28
}

/// A length as a number of bytes; no length of this program comes near the end of the range.
fn bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl Held {
    fn book(&self, book: Book) -> Result<&Table<Bytes, Bytes>, Fault> {
        self.books.get(usize::from(book as u8 - 1)).ok_or_else(|| absent("book"))
    }

    fn index(&self, index: Index) -> Result<&Table<(u64, EntryKey), ()>, Fault> {
        self.indexes.get(usize::from(index as u8 - 1)).ok_or_else(|| absent("index"))
    }

    fn book_mut(&mut self, book: Book) -> Result<&mut Table<Bytes, Bytes>, Fault> {
        self.books.get_mut(usize::from(book as u8 - 1)).ok_or_else(|| absent("book"))
    }

    fn index_mut(&mut self, index: Index) -> Result<&mut Table<(u64, EntryKey), ()>, Fault> {
        self.indexes.get_mut(usize::from(index as u8 - 1)).ok_or_else(|| absent("index"))
    }

    /// Changes a row and keeps the count of bytes. The row's content is shared with older snapshots, never changed in place.
    fn change_row(&mut self, key: EntryKey, change: impl FnOnce(&mut Row) -> Result<(), Fault>) -> Result<(), Fault> {
        let counted = self.entries.change(&key, |row| {
            let before = row.content_bytes();
            let mut changed = Row::clone(row);
            change(&mut changed)?;
            let after = changed.content_bytes();
            *row = Arc::new(changed);
            Ok::<_, Fault>((bytes(before), bytes(after)))
        });
        let (before, after) = counted.ok_or_else(|| absent("entry"))??;
        self.variable_bytes = self.variable_bytes + after - before;
        Ok(())
    }

    fn variable_bytes_counted(&self) -> u64 {
        let pairs = self.books.iter().flat_map(Table::iter).map(|(key, value)| bytes(key.len() + value.len()));
        let content = self.entries.iter().map(|(_, row)| bytes(row.content_bytes()));
        pairs.chain(content).sum()
    }
}

/// All of the store's traits in memory.
pub struct MemoryStore {
    secret: (u64, u64),
    incarnation: [u8; 16],
    /// The state as last committed. Locked only for as long as it takes to copy or swap the reference.
    committed: Mutex<Arc<Held>>,
    /// Held by the one writing transaction.
    turn: Mutex<()>,
    /// The thread whose turn it is, so that a thread waiting for itself gets an answer instead.
    writer: Mutex<Option<ThreadId>>,
}

/// Locks, also behind a thread that panicked: nothing under these locks is ever half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryStore {
    /// An empty store, its secret and incarnation drawn from `entropy`.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let (mut one, mut other, mut incarnation) = ([0; 8], [0; 8], [0; 16]);
        entropy.fill(&mut one);
        entropy.fill(&mut other);
        entropy.fill(&mut incarnation);
        Self {
            secret: (u64::from_be_bytes(one), u64::from_be_bytes(other)),
            incarnation,
            committed: Mutex::default(),
            turn: Mutex::default(),
            writer: Mutex::default(),
        }
    }

    /// Whether these bytes occur anywhere in what is committed: keys and values of books, objects of headers, content both as it is
    /// packed and unpacked. For tests of erasure; reads the whole store. An empty needle occurs nowhere.
    pub fn contains_bytes(&self, needle: &[u8]) -> bool {
        self.snapshot().contains_bytes(needle)
    }

    fn snapshot(&self) -> Arc<Held> {
        Arc::clone(&lock(&self.committed))
    }
}

/// The right to write, until dropped.
struct Turn<'a> {
    store: &'a MemoryStore,
    _turn: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.store.writer) = None;
    }
}

/// A transaction over a state: a snapshot with `()`, the writing one with a [`Turn`].
struct Tx<G> {
    held: Arc<Held>,
    secret: (u64, u64),
    turn: G,
}

impl<G> ReadTx for Tx<G> {
    fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.held.book(book)?.lookup(key).map(|value| value.to_vec()))
    }

    fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Fault> {
        let range = self.held.book(book)?.range(|key| **key < *from, |key| until.is_empty() || **key < *until);
        Ok(range.take(limit).map(|(key, value)| (key.to_vec(), value.to_vec())).collect())
    }

    fn last(&self, book: Book, from: &[u8], until: &[u8]) -> Result<Option<(Vec<u8>, Vec<u8>)>, Fault> {
        let mut range = self.held.book(book)?.range(|key| **key < *from, |key| until.is_empty() || **key < *until);
        Ok(range.next_back().map(|(key, value)| (key.to_vec(), value.to_vec())))
    }

    fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault> {
        Ok(self.held.entries.lookup(&key).map(|row| row.read(key, true)))
    }

    fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        bytes_max: usize,
        with_content: bool,
    ) -> Result<Vec<StoredEntry>, Fault> {
        let mut found = Vec::new();
        let mut sum = 0_usize;
        if EntryKey::new(log, first).index() != first {
            return Ok(found);
        }
        let from = EntryKey::new(log, first);
        for (key, row) in self.held.entries.range(|key| *key < from, |key| key.log() <= log).take(count) {
            found.push(row.read(*key, with_content));
            // Content that stays out takes no room in the answer.
            sum = sum.saturating_add(if with_content { row.content_bytes() } else { 0 });
            if sum > bytes_max {
                break;
            }
        }
        Ok(found)
    }

    fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault> {
        Ok(keys.iter().map(|key| self.held.entries.lookup(key).map(|row| row.header)).collect())
    }

    fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault> {
        Ok(self.held.nodes.lookup(&(log, height, index)).copied())
    }

    fn index_key(&self, index: Index, text: &[u8]) -> u64 {
        SipHasher24::new_with_keys(self.secret.0 ^ u64::from(index as u8), self.secret.1).hash(text)
    }

    fn postings(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Result<Vec<EntryKey>, Fault> {
        let range = self.held.index(index)?.range(
            |posting| *posting < (key, EntryKey(0)) || after.is_some_and(|after| *posting <= (key, after)),
            |posting| posting.0 <= key,
        );
        Ok(range.take(limit).map(|((_, entry), ())| *entry).collect())
    }

    fn may_have(&self, index: Index, key: u64) -> Result<bool, Fault> {
        Ok(self.held.index(index)?.range(|posting| posting.0 < key, |posting| posting.0 <= key).next().is_some())
    }

    fn posting_range(&self, range: PostingRange) -> Result<Vec<(u64, EntryKey)>, Fault> {
        let PostingRange { index, from, to, after, descending, limit } = range;
        let table = self.held.index(index)?;
        let read = |((key, entry), ()): &((u64, EntryKey), ())| (*key, *entry);
        Ok(if descending {
            let behind = |posting: &(u64, EntryKey)| after.is_none_or(|after| *posting < after);
            let found = table.range(|posting| posting.0 < from, |posting| posting.0 <= to && behind(posting));
            found.rev().take(limit).map(read).collect()
        } else {
            let passed = |posting: &(u64, EntryKey)| after.is_some_and(|after| *posting <= after);
            let found = table.range(|posting| posting.0 < from || passed(posting), |posting| posting.0 <= to);
            found.take(limit).map(read).collect()
        })
    }
}

impl Tx<Turn<'_>> {
    /// The state to change: this transaction's own from the first change on.
    fn held(&mut self) -> &mut Held {
        Arc::make_mut(&mut self.held)
    }
}

impl WriteTx for Tx<Turn<'_>> {
    fn put(&mut self, book: Book, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        let held = self.held();
        let before = held.book_mut(book)?.insert(key.into(), value.into());
        let (added, gone) = match before {
            Some(before) => (bytes(value.len()), bytes(before.len())),
            None => (bytes(key.len() + value.len()), 0),
        };
        held.variable_bytes = held.variable_bytes + added - gone;
        Ok(())
    }

    fn delete(&mut self, book: Book, key: &[u8]) -> Result<(), Fault> {
        let held = self.held();
        if let Some(value) = held.book_mut(book)?.remove(key) {
            held.variable_bytes -= bytes(key.len() + value.len());
        }
        Ok(())
    }

    fn append(&mut self, entries: Vec<NewEntry>) -> Result<(), Fault> {
        let mut keys: Vec<EntryKey> = entries.iter().map(|entry| entry.key).collect();
        keys.sort_unstable();
        // All are looked at before the first is added: an append that fails adds nothing.
        let twice = keys.array_windows().any(|[one, next]| one == next);
        if twice || keys.iter().any(|key| self.held.entries.lookup(key).is_some()) {
            return Err(Fault::Misuse("an entry to be added is already there".to_owned()));
        }
        let held = self.held();
        for NewEntry { key, flags, commitment, header, content } in entries {
            let row = Row { flags, commitment, header, content: content.map(Arc::new) };
            held.variable_bytes += bytes(row.content_bytes());
            held.entries.insert(key, Arc::new(row));
        }
        Ok(())
    }

    fn set_header(&mut self, key: EntryKey, header: Header) -> Result<(), Fault> {
        self.held().change_row(key, |row| {
            row.header = header;
            Ok(())
        })
    }

    fn fill(&mut self, key: EntryKey, header: Header, content: Packed) -> Result<(), Fault> {
        self.held().change_row(key, |row| {
            if row.content.is_some() {
                return Err(Fault::Misuse("an entry to be filled has content".to_owned()));
            }
            row.header = header;
            row.content = Some(Arc::new(content));
            Ok(())
        })
    }

    fn erase(&mut self, key: EntryKey) -> Result<(), Fault> {
        self.held().change_row(key, |row| {
            row.header = Header::bare(State::Erased);
            row.content = None;
            Ok(())
        })
    }

    fn put_nodes(&mut self, log: LogNo, nodes: &[(u8, u64, Digest)]) -> Result<(), Fault> {
        if let Some((height, at, _)) = nodes.iter().find(|(height, at, _)| !is_node(*height, *at)) {
            return Err(Fault::Misuse(format!("no tree hash is stored at height {height}, index {at}")));
        }
        let held = self.held();
        for (height, index, digest) in nodes {
            held.nodes.insert((log, *height, *index), *digest);
        }
        Ok(())
    }

    fn post(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        let table = self.held().index_mut(index)?;
        for posting in postings {
            table.insert(*posting, ());
        }
        Ok(())
    }

    fn unpost(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        let table = self.held().index_mut(index)?;
        for posting in postings {
            table.remove(posting);
        }
        Ok(())
    }

    fn clear_index(&mut self, index: Index) -> Result<(), Fault> {
        *self.held().index_mut(index)? = Table::default();
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), Fault> {
        let Self { held, turn, .. } = *self;
        let before = std::mem::replace(&mut *lock(&turn.store.committed), held);
        // Freed after the swap and outside the lock: it may be the last reference to much.
        drop(before);
        Ok(())
    }
}

impl Store for MemoryStore {
    fn read(&self) -> Result<Box<dyn ReadTx + '_>, Fault> {
        Ok(Box::new(Tx { held: self.snapshot(), secret: self.secret, turn: () }))
    }

    fn write(&self) -> Result<Box<dyn WriteTx + '_>, Fault> {
        let this_thread = std::thread::current().id();
        if *lock(&self.writer) == Some(this_thread) {
            return Err(Fault::Misuse("this thread already holds the writing transaction".to_owned()));
        }
        let turn = Turn { _turn: lock(&self.turn), store: self };
        *lock(&self.writer) = Some(this_thread);
        Ok(Box::new(Tx { held: self.snapshot(), secret: self.secret, turn }))
    }

    fn incarnation(&self) -> [u8; 16] {
        self.incarnation
    }

    fn maintain(&self) -> Result<bool, Fault> {
        Ok(false)
    }

    fn finish_erasure(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn check(&self) -> Result<Vec<String>, Fault> {
        let held = self.snapshot();
        let sound = [
            ("a book is out of order", held.books.iter().all(Table::is_sound)),
            ("the entries are out of order", held.entries.is_sound()),
            ("the hashes of the trees are out of order", held.nodes.is_sound()),
            ("an index is out of order", held.indexes.iter().all(Table::is_sound)),
            ("the count of bytes is wrong", held.variable_bytes == held.variable_bytes_counted()),
        ];
        Ok(sound.into_iter().filter(|(_, sound)| !sound).map(|(finding, _)| finding.to_owned()).collect())
    }

    fn bytes_on_disk(&self) -> u64 {
        let held = self.snapshot();
        let pairs = held.books.iter().map(Table::len).sum::<usize>();
        let postings = held.indexes.iter().map(Table::len).sum::<usize>();
        held.variable_bytes
            + bytes(pairs) * PAIR_BYTES
            + bytes(held.entries.len()) * ENTRY_BYTES
            + bytes(held.nodes.len()) * NODE_BYTES
            + bytes(postings) * POSTING_BYTES
    }
}
