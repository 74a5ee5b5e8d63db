//! What stores are compared with: maps of the standard library, and answers found by looking at everything.
//!
//! It shares no code with any store and makes no attempt at speed. [`Op`] is one writing call, so that a case can list calls, make
//! them on both, and compare all there is with [`Model::assert_same`].

use std::collections::{BTreeMap, BTreeSet};

use gotong_crypto::Digest;

use super::{BOOKS, INDEXES, LOG_MAX};
use crate::{Book, Content, EntryKey, Fault, Header, Index, LogNo, NewEntry, Packed, PostingRange, ReadTx};
use crate::{State, StoredEntry, WriteTx};

/// Keys that one comparison looks up, about.
const KEYS_LOOKED_UP: usize = 1_500;

/// One call of a writing transaction.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Put(Book, Vec<u8>, Vec<u8>),
    Delete(Book, Vec<u8>),
    Append(Vec<NewEntry>),
    SetHeader(EntryKey, Header),
    Fill(EntryKey, Header, Packed),
    Erase(EntryKey),
    PutNodes(LogNo, Vec<(u8, u64, Digest)>),
    Post(Index, Vec<(u64, EntryKey)>),
    Unpost(Index, Vec<(u64, EntryKey)>),
    Clear(Index),
}

impl Op {
    pub(super) fn apply(&self, tx: &mut dyn WriteTx) -> Result<(), Fault> {
        match self.clone() {
            Self::Put(book, key, value) => tx.put(book, &key, &value),
            Self::Delete(book, key) => tx.delete(book, &key),
            Self::Append(entries) => tx.append(entries),
            Self::SetHeader(key, header) => tx.set_header(key, header),
            Self::Fill(key, header, content) => tx.fill(key, header, content),
            Self::Erase(key) => tx.erase(key),
            Self::PutNodes(log, nodes) => tx.put_nodes(log, &nodes),
            Self::Post(index, postings) => tx.post(index, &postings),
            Self::Unpost(index, postings) => tx.unpost(index, &postings),
            Self::Clear(index) => tx.clear_index(index),
        }
    }
}

/// All that can be read of an entry.
pub(super) type Facts = (EntryKey, u8, Digest, Header, Option<Content>);

pub(super) fn facts(entry: &StoredEntry) -> Facts {
    (entry.key, entry.flags, entry.commitment, entry.header, entry.open().unwrap())
}

pub(super) fn new_facts(entry: &NewEntry) -> Facts {
    let content = entry.content.as_ref().map(|content| content.unpack().unwrap());
    (entry.key, entry.flags, entry.commitment, entry.header, content)
}

/// Limits of a call of `entries`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) log: LogNo,
    pub(super) first: u64,
    pub(super) count: usize,
    pub(super) bytes_max: usize,
}

/// What a store should hold.
#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) books: BTreeMap<(Book, Vec<u8>), Vec<u8>>,
    pub(super) entries: BTreeMap<EntryKey, NewEntry>,
    nodes: BTreeMap<(LogNo, u8, u64), Digest>,
    pub(super) postings: BTreeSet<(Index, u64, EntryKey)>,
    /// Keys ever posted, so that what was removed is asked for too.
    posted: BTreeSet<(Index, u64)>,
    /// Keys from which something was removed singly.
    unposted: BTreeSet<(Index, u64)>,
}

impl Model {
    /// What the call does to a store that keeps its promises; the caller sees to it that the call is allowed.
    pub(super) fn apply(&mut self, op: &Op) {
        match op.clone() {
            Op::Put(book, key, value) => {
                self.books.insert((book, key), value);
            }
            Op::Delete(book, key) => {
                self.books.remove(&(book, key));
            }
            Op::Append(entries) => self.entries.extend(entries.into_iter().map(|entry| (entry.key, entry))),
            Op::SetHeader(key, header) => self.entries.get_mut(&key).unwrap().header = header,
            Op::Fill(key, header, content) => {
                let entry = self.entries.get_mut(&key).unwrap();
                (entry.header, entry.content) = (header, Some(content));
            }
            Op::Erase(key) => {
                let entry = self.entries.get_mut(&key).unwrap();
                (entry.header, entry.content) = (Header::bare(State::Erased), None);
            }
            Op::PutNodes(log, nodes) => {
                self.nodes.extend(nodes.into_iter().map(|(height, index, digest)| ((log, height, index), digest)));
            }
            Op::Post(index, postings) => {
                self.posted.extend(postings.iter().map(|(key, _)| (index, *key)));
                self.postings.extend(postings.into_iter().map(|(key, entry)| (index, key, entry)));
            }
            Op::Unpost(index, postings) => {
                for (key, entry) in postings {
                    self.postings.remove(&(index, key, entry));
                    self.unposted.insert((index, key));
                }
            }
            Op::Clear(index) => self.postings.retain(|posting| posting.0 != index),
        }
    }

    pub(super) fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let within = |key: &[u8]| from <= key && (until.is_empty() || key < until);
        let pairs = self.books.iter().filter(|((held, key), _)| *held == book && within(key));
        pairs.map(|((_, key), value)| (key.clone(), value.clone())).take(limit).collect()
    }

    /// The entries of a page. The one whose content takes the sum past the limit is the last.
    pub(super) fn page(&self, page: Page) -> Vec<Facts> {
        let mut found = Vec::new();
        let mut sum = 0;
        for entry in self.entries.values() {
            if entry.key.log() == page.log && entry.key.index() >= page.first && found.len() < page.count {
                if sum > page.bytes_max {
                    break;
                }
                sum += entry.content.as_ref().map_or(0, |content| content.0.len());
                found.push(new_facts(entry));
            }
        }
        found
    }

    pub(super) fn keys_under(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Vec<EntryKey> {
        let under = self.postings.iter().filter(|(held, under, _)| (*held, *under) == (index, key));
        let entries = under.map(|(_, _, entry)| *entry).filter(|entry| after.is_none_or(|after| *entry > after));
        entries.take(limit).collect()
    }

    pub(super) fn posting_range(&self, range: PostingRange) -> Vec<(u64, EntryKey)> {
        let of_index = self.postings.iter().filter(|(index, _, _)| *index == range.index);
        let mut found: Vec<_> = of_index
            .map(|(_, key, entry)| (*key, *entry))
            .filter(|(key, _)| range.from <= *key && *key <= range.to)
            .filter(|posting| {
                range.after.is_none_or(|after| if range.descending { *posting < after } else { *posting > after })
            })
            .collect();
        if range.descending {
            found.reverse();
        }
        found.truncate(range.limit);
        found
    }

    /// Compares everything that can be read.
    pub(super) fn assert_same(&self, tx: &dyn ReadTx) {
        for book in BOOKS {
            assert_eq!(tx.scan(book, b"", b"", usize::MAX).unwrap(), self.scan(book, b"", b"", usize::MAX), "{book:?}");
        }
        let mut logs: BTreeSet<LogNo> = self.entries.keys().map(|key| key.log()).collect();
        // Neighbours that should be empty are asked for as well.
        let beside = |log: LogNo| [LogNo(log.0.saturating_sub(1).max(1)), LogNo(log.0 + 1).min(LOG_MAX)];
        logs.extend(logs.clone().into_iter().flat_map(beside));
        logs.insert(LogNo(1));
        for log in logs {
            let page = Page { log, first: 0, count: usize::MAX, bytes_max: usize::MAX };
            let found = tx.entries(log, 0, usize::MAX, usize::MAX, true).unwrap();
            assert_eq!(found.iter().map(facts).collect::<Vec<_>>(), self.page(page), "{log:?}");
        }
        let keys: Vec<EntryKey> = self.entries.keys().copied().collect();
        let headers: Vec<_> = self.entries.values().map(|entry| Some(entry.header)).collect();
        assert_eq!(tx.headers(&keys).unwrap(), headers);
        for ((log, height, index), digest) in &self.nodes {
            assert_eq!(tx.node(*log, *height, *index).unwrap(), Some(*digest), "{log:?} {height} {index}");
        }
        self.assert_same_postings(tx);
    }

    /// Compares all postings, by range and by key.
    pub(super) fn assert_same_postings(&self, tx: &dyn ReadTx) {
        for index in INDEXES {
            for descending in [false, true] {
                let range = PostingRange { index, from: 0, to: u64::MAX, after: None, descending, limit: usize::MAX };
                let found = tx.posting_range(range).unwrap();
                assert!(found == self.posting_range(range), "{index:?} as a whole, descending: {descending}");
            }
        }
        let mut by_key: BTreeMap<(Index, u64), Vec<EntryKey>> = BTreeMap::new();
        for (index, key, entry) in &self.postings {
            by_key.entry((*index, *key)).or_default().push(*entry);
        }
        // All of them where they are few, a part where they are many, and always those that lost something.
        let part = self.posted.iter().step_by(self.posted.len() / KEYS_LOOKED_UP + 1);
        for (index, key) in part.chain(&self.unposted) {
            let expected = by_key.get(&(*index, *key)).map_or(&[][..], Vec::as_slice);
            assert_eq!(tx.postings(*index, *key, None, usize::MAX).unwrap(), expected, "{index:?} {key}");
            assert!(expected.is_empty() || tx.may_have(*index, *key).unwrap(), "{index:?} {key} is there");
        }
        // The same keys at once, neighbours that nothing is posted under among them.
        for index in INDEXES {
            let near = |key: u64| [key.saturating_sub(1), key, key.saturating_add(1)];
            let of_index = self.posted.iter().chain(&self.unposted).filter(|(known, _)| *known == index);
            let keys: BTreeSet<u64> = of_index.flat_map(|(_, key)| near(*key)).collect();
            let keys: Vec<u64> = keys.into_iter().collect();
            for limit in [1, 3, usize::MAX] {
                let found = tx.postings_of_each(index, &keys, limit).unwrap();
                assert_eq!(found.len(), keys.len(), "{index:?}: one answer for each key");
                for (key, found) in keys.iter().zip(found) {
                    let expected = by_key.get(&(index, *key)).map_or(&[][..], Vec::as_slice);
                    assert_eq!(found, expected[..expected.len().min(limit)], "{index:?} {key}, limit {limit}");
                }
            }
        }
    }
}
