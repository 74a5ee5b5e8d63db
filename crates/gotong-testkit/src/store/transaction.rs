//! The writing transaction of the simulated store: passes everything on, keeps what it erases for the free pages, and fails when it is told to.

use gotong_crypto::Digest;
use gotong_store::{
    Book, EntryKey, Fault, Header, Index, LogNo, NewEntry, Packed, PostingRange, ReadTx, State, Store, StoredEntry,
    WriteTx,
};

use super::{SimStore, lock};
use crate::breakage::Breakage;
use crate::disk::Trouble;

/// One write, to be done again elsewhere.
#[derive(Clone)]
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
    ClearIndex(Index),
}

/// Does writes again.
pub(super) fn replay(tx: &mut dyn WriteTx, ops: &[Op]) -> Result<(), Fault> {
    for op in ops.iter().cloned() {
        match op {
            Op::Put(book, key, value) => tx.put(book, &key, &value)?,
            Op::Delete(book, key) => tx.delete(book, &key)?,
            Op::Append(entries) => tx.append(entries)?,
            Op::SetHeader(key, header) => tx.set_header(key, header)?,
            Op::Fill(key, header, content) => tx.fill(key, header, content)?,
            Op::Erase(key) => tx.erase(key)?,
            Op::PutNodes(log, nodes) => tx.put_nodes(log, &nodes)?,
            Op::Post(index, postings) => tx.post(index, &postings)?,
            Op::Unpost(index, postings) => tx.unpost(index, &postings)?,
            Op::ClearIndex(index) => tx.clear_index(index)?,
        }
    }
    Ok(())
}

/// The transaction.
pub(super) struct Tx<'a> {
    store: &'a SimStore,
    inner: Box<dyn WriteTx + 'a>,
    freed: Vec<Vec<u8>>,
    /// Writes so far; kept only by builds that need them.
    ops: Option<Vec<Op>>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(store: &'a SimStore, inner: Box<dyn WriteTx + 'a>) -> Self {
        let keeps = matches!(
            store.disk.breakage(),
            Some(Breakage::TornCommit | Breakage::UnsyncedCommit | Breakage::OldBackup)
        );
        Self { store, inner, freed: Vec::new(), ops: keeps.then(Vec::new) }
    }

    fn is(&self, breakage: Breakage) -> bool {
        self.store.disk.breakage() == Some(breakage)
    }

    /// What a broken store does not keep: that records are to be judged again, or that somebody is of the readers no more.
    fn is_lost(&self, book: Book, key: &[u8], value: &[u8]) -> Result<bool, Fault> {
        if book != Book::Meta {
            return Ok(false);
        }
        let shrinks = |known: Vec<u8>| known.len() > value.len();
        Ok(self.is(Breakage::NeverJudgesAgain) && key.starts_with(b"governing/due/")
            || self.is(Breakage::KeepsReaders)
                && key.starts_with(b"governing/readers/")
                && self.inner.fetch(book, key)?.is_some_and(shrinks))
    }

    fn note(&mut self, op: impl FnOnce() -> Op) {
        if let Some(ops) = &mut self.ops {
            ops.push(op());
        }
    }

    /// Fails as the disk says; a broken store leaves half of the transaction behind.
    fn fail(self, fault: Fault) -> Result<(), Fault> {
        let Self { store, inner, ops, .. } = self;
        drop(inner);
        if let Some(ops) = ops.filter(|_| store.disk.breakage() == Some(Breakage::TornCommit)) {
            let mut torn = store.inner.write()?;
            replay(torn.as_mut(), &ops[..ops.len().div_ceil(2)])?;
            torn.commit()?;
        }
        Err(fault)
    }
}

impl ReadTx for Tx<'_> {
    fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.inner.fetch(book, key)
    }

    fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Fault> {
        self.inner.scan(book, from, until, limit)
    }

    fn last(&self, book: Book, from: &[u8], until: &[u8]) -> Result<Option<(Vec<u8>, Vec<u8>)>, Fault> {
        self.inner.last(book, from, until)
    }

    fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault> {
        self.inner.entry(key)
    }

    fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        bytes_max: usize,
        with_content: bool,
    ) -> Result<Vec<StoredEntry>, Fault> {
        self.inner.entries(log, first, count, bytes_max, with_content)
    }

    fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault> {
        self.inner.headers(keys)
    }

    fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault> {
        self.inner.node(log, height, index)
    }

    fn index_key(&self, index: Index, text: &[u8]) -> u64 {
        self.inner.index_key(index, text)
    }

    fn postings(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Result<Vec<EntryKey>, Fault> {
        self.inner.postings(index, key, after, limit)
    }

    fn postings_of_each(&self, index: Index, keys: &[u64], limit: usize) -> Result<Vec<Vec<EntryKey>>, Fault> {
        self.inner.postings_of_each(index, keys, limit)
    }

    fn may_have(&self, index: Index, key: u64) -> Result<bool, Fault> {
        self.inner.may_have(index, key)
    }

    fn posting_range(&self, range: PostingRange) -> Result<Vec<(u64, EntryKey)>, Fault> {
        self.inner.posting_range(range)
    }
}

impl WriteTx for Tx<'_> {
    fn put(&mut self, book: Book, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        if self.store.disk.fires(&[Trouble::WriteFull]).is_some() {
            return Err(Fault::Full);
        }
        if self.is_lost(book, key, value)? {
            return Ok(());
        }
        self.note(|| Op::Put(book, key.to_vec(), value.to_vec()));
        self.inner.put(book, key, value)
    }

    fn delete(&mut self, book: Book, key: &[u8]) -> Result<(), Fault> {
        if book == Book::Quarantine
            && let Some(value) = self.inner.fetch(book, key)?
        {
            self.freed.push(value);
        }
        self.note(|| Op::Delete(book, key.to_vec()));
        self.inner.delete(book, key)
    }

    fn append(&mut self, mut entries: Vec<NewEntry>) -> Result<(), Fault> {
        if self.is(Breakage::IgnoresBasis) {
            entries.iter_mut().filter(|entry| entry.header.state == State::Held).for_each(|entry| {
                entry.header.state = State::Live;
            });
        }
        if self.store.disk.fires(&[Trouble::WriteFull]).is_some() {
            return Err(Fault::Full);
        }
        if self.ops.is_some() {
            let copy = entries.clone();
            self.note(|| Op::Append(copy));
        }
        self.inner.append(entries)
    }

    fn set_header(&mut self, key: EntryKey, header: Header) -> Result<(), Fault> {
        if self.is(Breakage::KeepsLabel) && header.state == State::Live {
            return Ok(());
        }
        self.note(|| Op::SetHeader(key, header));
        self.inner.set_header(key, header)
    }

    fn fill(&mut self, key: EntryKey, header: Header, content: Packed) -> Result<(), Fault> {
        if self.ops.is_some() {
            let copy = content.clone();
            self.note(|| Op::Fill(key, header, copy));
        }
        self.inner.fill(key, header, content)
    }

    fn erase(&mut self, key: EntryKey) -> Result<(), Fault> {
        if self.is(Breakage::ForgetsErasure) {
            return self.inner.set_header(key, Header::bare(State::Erased));
        }
        if let Some(packed) = self.inner.entry(key)?.and_then(|entry| entry.content) {
            self.freed.push(packed.0);
        }
        self.note(|| Op::Erase(key));
        self.inner.erase(key)
    }

    fn put_nodes(&mut self, log: LogNo, nodes: &[(u8, u64, Digest)]) -> Result<(), Fault> {
        self.note(|| Op::PutNodes(log, nodes.to_vec()));
        self.inner.put_nodes(log, nodes)
    }

    fn post(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        self.note(|| Op::Post(index, postings.to_vec()));
        self.inner.post(index, postings)
    }

    fn unpost(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        if self.is(Breakage::KeepsPosting) {
            return Ok(());
        }
        self.note(|| Op::Unpost(index, postings.to_vec()));
        self.inner.unpost(index, postings)
    }

    fn clear_index(&mut self, index: Index) -> Result<(), Fault> {
        self.note(|| Op::ClearIndex(index));
        self.inner.clear_index(index)
    }

    fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        let store = self.store;
        let disk = &store.disk;
        if let Err(fault) = disk.alive().and_then(|()| disk.room()) {
            return self.fail(fault);
        }
        let troubles =
            [Trouble::CommitFull, Trouble::CommitFails, Trouble::CrashBeforeCommit, Trouble::CrashAfterCommit];
        let fires = disk.fires(&troubles);
        match fires {
            Some(Trouble::CommitFull) => return self.fail(Fault::Full),
            Some(Trouble::CommitFails | Trouble::CrashBeforeCommit) => {
                return self.fail(Fault::Io("the commit failed".to_owned()));
            }
            _ => {}
        }
        lock(&store.free_pages).append(&mut self.freed);
        if let Some(ops) = self.ops.take().filter(|_| !self.is(Breakage::TornCommit)) {
            lock(&store.history).push(ops);
        }
        let Self { inner, .. } = *self;
        inner.commit()?;
        if fires == Some(Trouble::CrashAfterCommit) {
            return Err(Fault::Io("the machine stopped".to_owned()));
        }
        Ok(())
    }
}
