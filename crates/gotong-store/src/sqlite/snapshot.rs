//! A reader's snapshot.

use std::sync::Arc;

use gotong_crypto::Digest;
use rusqlite::Connection;

use crate::{Book, EntryKey, Fault, Header, Index, LogNo, PostingRange, ReadTx, StoredEntry};

use super::SqliteStore;
use super::catalogue::Catalogue;
use super::lookup::{self, ranged, single};
use super::view::{Pair, View};

/// A snapshot. Its connection goes back to the pool at the end.
pub(super) struct Snapshot<'s> {
    pub(super) store: &'s SqliteStore,
    pub(super) conn: Option<Connection>,
    pub(super) catalogue: Arc<Catalogue>,
}

impl Snapshot<'_> {
    pub(super) fn conn(&self) -> Result<&Connection, Fault> {
        self.conn.as_ref().ok_or_else(|| Fault::Misuse("a snapshot without a connection".to_owned()))
    }

    fn view(&self) -> Result<View<'_>, Fault> {
        Ok(View { conn: self.conn()?, tail: None })
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.store.give_back(conn);
        }
    }
}

impl ReadTx for Snapshot<'_> {
    fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.view()?.fetch(book, key)
    }

    fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Pair>, Fault> {
        self.view()?.pairs(book, (from, until), false, limit)
    }

    fn last(&self, book: Book, from: &[u8], until: &[u8]) -> Result<Option<Pair>, Fault> {
        Ok(self.view()?.pairs(book, (from, until), true, 1)?.pop())
    }

    fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault> {
        self.view()?.entry(key)
    }

    fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        bytes_max: usize,
        with_content: bool,
    ) -> Result<Vec<StoredEntry>, Fault> {
        self.view()?.entries(log, first, count, with_content.then_some(bytes_max))
    }

    fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault> {
        self.view()?.headers(keys)
    }

    fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault> {
        self.view()?.node(log, height, index)
    }

    fn index_key(&self, index: Index, text: &[u8]) -> u64 {
        self.store.index_key(index, text)
    }

    fn postings(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Result<Vec<EntryKey>, Fault> {
        let Some(wanted) = single(index, key, after, limit) else { return Ok(Vec::new()) };
        let found = lookup::range(self.conn()?, &self.catalogue, [&[], &[]], &wanted)?;
        Ok(found.into_iter().map(|posting| EntryKey(posting.1)).collect())
    }

    fn postings_of_each(&self, index: Index, keys: &[u64], limit: usize) -> Result<Vec<Vec<EntryKey>>, Fault> {
        lookup::many(self.conn()?, &self.catalogue, [&[], &[]], (index, keys), limit)
    }

    fn may_have(&self, index: Index, key: u64) -> Result<bool, Fault> {
        Ok(lookup::may_have(&self.catalogue, [&[], &[]], index, key))
    }

    fn posting_range(&self, range: PostingRange) -> Result<Vec<(u64, EntryKey)>, Fault> {
        let Some(wanted) = ranged(range) else { return Ok(Vec::new()) };
        let found = lookup::range(self.conn()?, &self.catalogue, [&[], &[]], &wanted)?;
        Ok(found.into_iter().map(|posting| (posting.0, EntryKey(posting.1))).collect())
    }
}
