//! The one writing transaction.

use std::sync::{Arc, MutexGuard};

use gotong_crypto::Digest;
use rusqlite::{Connection, params};

use crate::{
    Book, EntryKey, Fault, Header, Index, LogNo, NewEntry, Packed, PostingRange, ReadTx, State, StoredEntry, WriteTx,
};

use super::catalogue::Catalogue;
use super::chunk::Posting;
use super::heap::{self, Tail};
use super::lookup::{self, Wanted, ranged, single};
use super::posting::{self, Pending};
use super::view::{FACTS_BYTES, Pair, View, entry_number, facts_of, is_erasable, node_number, place_bytes, place_of};
use super::{SqliteStore, Writer};

/// The writing transaction.
pub(super) struct Transaction<'s> {
    store: &'s SqliteStore,
    writer: MutexGuard<'s, Writer>,
    pub(super) catalogue: Arc<Catalogue>,
    pending: Pending,
    tail: Option<Tail>,
    synced: bool,
    over: bool,
}

impl<'s> Transaction<'s> {
    /// Begins. Without `synced` the commit is atomic and in order but not yet on the disk: for upkeep, which loses nothing.
    pub(super) fn begin(store: &'s SqliteStore, writer: MutexGuard<'s, Writer>, synced: bool) -> Result<Self, Fault> {
        if !writer.conn.is_autocommit() {
            writer.conn.execute_batch("ROLLBACK")?;
        }
        writer
            .conn
            .prepare_cached(if synced { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" })?
            .execute([])?;
        writer.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let catalogue = writer.current.clone();
        *super::locked(&store.writes) = Some(std::thread::current().id());
        Ok(Self { store, writer, catalogue, pending: Pending::default(), tail: None, synced, over: false })
    }

    /// The connection, with the catalogue to be changed.
    pub(super) fn parts(&mut self) -> (&Connection, &mut Catalogue) {
        (&self.writer.conn, Arc::make_mut(&mut self.catalogue))
    }

    fn view(&self) -> View<'_> {
        View { conn: &self.writer.conn, tail: self.tail.as_ref() }
    }

    fn with_tail<T>(&mut self, then: impl FnOnce(&Connection, &mut Tail) -> Result<T, Fault>) -> Result<T, Fault> {
        let tail = match self.tail.take() {
            Some(tail) => tail,
            None => Tail::load(&self.writer.conn)?,
        };
        then(&self.writer.conn, self.tail.insert(tail))
    }

    /// Wipes what the value of an erasable book was.
    fn wipe_value(&mut self, book: Book, key: &[u8]) -> Result<(), Fault> {
        if is_erasable(book)
            && let Some(value) = self.view().stored(book, key)?
        {
            let (place, length) = place_of(&value)?;
            self.with_tail(|conn, tail| heap::wipe(conn, tail, place, length))?;
        }
        Ok(())
    }

    fn place(&mut self, header: &Header, content: Option<&Packed>) -> Result<Option<i64>, Fault> {
        if content.is_none() && *header == Header::bare(header.state) {
            return Ok(None);
        }
        let facts = facts_of(header);
        let content = content.map_or(&[][..], |content| &content.0);
        let place = self.with_tail(|conn, tail| tail.append(conn, [&facts, content]))?;
        Ok(Some(i64::try_from(place).map_err(|_| Fault::Misuse("the heap is full".to_owned()))?))
    }

    fn set_row(&mut self, key: EntryKey, state: State, place: Option<i64>, length: Option<usize>) -> Result<(), Fault> {
        let mut statement =
            self.writer.conn.prepare_cached("UPDATE entries SET state = ?2, place = ?3, length = ?4 WHERE key = ?1")?;
        let length = length.map(i64::try_from).transpose().map_err(|_| Fault::Misuse("too long".to_owned()))?;
        statement.execute(params![entry_number(key)?, state as u8, place, length])?;
        Ok(())
    }

    /// Undoes an [`WriteTx::append`] of which only the first `added` rows went in.
    fn take_back(&mut self, rows: &[(i64, Option<i64>, Option<i64>)], added: usize) -> Result<(), Fault> {
        for (at, (number, place, length)) in rows.iter().enumerate() {
            if at < added {
                self.writer.conn.prepare_cached("DELETE FROM entries WHERE key = ?1")?.execute([number])?;
            }
            if let Some(place) = place.and_then(|place| u64::try_from(place).ok()) {
                let bytes = FACTS_BYTES + length.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
                self.with_tail(|conn, tail| heap::wipe(conn, tail, place, bytes))?;
            }
        }
        Ok(())
    }

    /// Writes what is held back and ends the transaction.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        let conn = &self.writer.conn;
        posting::settle(conn, &mut self.catalogue, &mut self.pending)?;
        if let Some(tail) = &mut self.tail {
            tail.flush(conn)?;
        }
        if Arc::ptr_eq(&self.catalogue, &self.writer.current) {
            conn.prepare_cached("COMMIT")?.execute([])?;
            self.over = true;
        } else {
            let catalogue = Arc::make_mut(&mut self.catalogue);
            catalogue.version += 1;
            conn.prepare_cached("UPDATE catalogue SET version = ?1")?.execute([catalogue.version])?;
            self.store.catalogues.publish(self.catalogue.clone());
            let committed = conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
            if let Err(error) = committed {
                self.store.catalogues.retract(self.catalogue.version);
                self.writer.in_doubt = true;
                return Err(error.into());
            }
            self.over = true;
            self.writer.current = self.catalogue.clone();
        }
        self.store.after_commit(&mut self.writer, self.synced);
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.over && !self.writer.conn.is_autocommit() && self.writer.conn.execute_batch("ROLLBACK").is_err() {
            // The next transaction tries again before it begins.
            self.writer.in_doubt = true;
        }
        // Before the writer's lock goes, with the fields.
        *super::locked(&self.store.writes) = None;
    }
}

impl Transaction<'_> {
    fn found(&self, wanted: &Wanted) -> Result<Vec<Posting>, Fault> {
        let pending = self.pending.of(wanted.index);
        let slices = pending.as_ref().map_or([&[][..], &[][..]], |lists| lists.slices());
        lookup::range(&self.writer.conn, &self.catalogue, slices, wanted)
    }
}

impl ReadTx for Transaction<'_> {
    fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.view().fetch(book, key)
    }

    fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Pair>, Fault> {
        self.view().pairs(book, (from, until), false, limit)
    }

    fn last(&self, book: Book, from: &[u8], until: &[u8]) -> Result<Option<Pair>, Fault> {
        Ok(self.view().pairs(book, (from, until), true, 1)?.pop())
    }

    fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault> {
        self.view().entry(key)
    }

    fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        bytes_max: usize,
        with_content: bool,
    ) -> Result<Vec<StoredEntry>, Fault> {
        self.view().entries(log, first, count, with_content.then_some(bytes_max))
    }

    fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault> {
        self.view().headers(keys)
    }

    fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault> {
        self.view().node(log, height, index)
    }

    fn index_key(&self, index: Index, text: &[u8]) -> u64 {
        self.store.index_key(index, text)
    }

    fn postings(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Result<Vec<EntryKey>, Fault> {
        let Some(wanted) = single(index, key, after, limit) else { return Ok(Vec::new()) };
        Ok(self.found(&wanted)?.into_iter().map(|posting| EntryKey(posting.1)).collect())
    }

    fn may_have(&self, index: Index, key: u64) -> Result<bool, Fault> {
        let pending = self.pending.of(index);
        let slices = pending.as_ref().map_or([&[][..], &[][..]], |lists| lists.slices());
        Ok(lookup::may_have(&self.catalogue, slices, index, key))
    }

    fn posting_range(&self, range: PostingRange) -> Result<Vec<(u64, EntryKey)>, Fault> {
        let Some(wanted) = ranged(range) else { return Ok(Vec::new()) };
        Ok(self.found(&wanted)?.into_iter().map(|posting| (posting.0, EntryKey(posting.1))).collect())
    }
}

impl WriteTx for Transaction<'_> {
    fn put(&mut self, book: Book, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.wipe_value(book, key)?;
        let in_heap = if is_erasable(book) {
            let place = self.with_tail(|conn, tail| tail.append(conn, [value, &[]]))?;
            Some(place_bytes(place, value.len())?)
        } else {
            None
        };
        let value = in_heap.as_deref().unwrap_or(value);
        self.writer
            .conn
            .prepare_cached(
                "INSERT INTO books VALUES (?1, ?2, ?3) ON CONFLICT (book, key) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![book as i64, key, value])?;
        Ok(())
    }

    fn delete(&mut self, book: Book, key: &[u8]) -> Result<(), Fault> {
        self.wipe_value(book, key)?;
        self.writer
            .conn
            .prepare_cached("DELETE FROM books WHERE book = ?1 AND key = ?2")?
            .execute(params![book as i64, key])?;
        Ok(())
    }

    fn append(&mut self, entries: Vec<NewEntry>) -> Result<(), Fault> {
        let mut rows = Vec::with_capacity(entries.len());
        for entry in &entries {
            let number = entry_number(entry.key)?;
            let length = entry.content.as_ref().map(|content| i64::try_from(content.0.len()));
            let length = length.transpose().map_err(|_| Fault::Misuse("too long".to_owned()))?;
            rows.push((number, self.place(&entry.header, entry.content.as_ref())?, length));
        }
        let mut statement = self.writer.conn.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for (at, (entry, (number, place, length))) in entries.iter().zip(&rows).enumerate() {
            let state = entry.header.state as u8;
            let added = statement.execute(params![number, entry.flags, state, entry.commitment.0, place, length]);
            if let Err(error) = added {
                drop(statement);
                self.take_back(&rows, at)?;
                return Err(error.into());
            }
        }
        Ok(())
    }

    fn set_header(&mut self, key: EntryKey, header: Header) -> Result<(), Fault> {
        let row = self.view().row(key)?.ok_or_else(|| Fault::Misuse("no such entry".to_owned()))?;
        let place = match row.place {
            Some(place) => {
                let facts = facts_of(&header);
                self.with_tail(|conn, tail| heap::overwrite(conn, tail, place, &facts))?;
                i64::try_from(place).ok()
            }
            None => self.place(&header, None)?,
        };
        self.set_row(key, header.state, place, row.length)
    }

    fn fill(&mut self, key: EntryKey, header: Header, content: Packed) -> Result<(), Fault> {
        let row = self.view().row(key)?.ok_or_else(|| Fault::Misuse("no such entry".to_owned()))?;
        if row.length.is_some() {
            return Err(Fault::Misuse("the entry has its content".to_owned()));
        }
        if let Some(place) = row.place {
            self.with_tail(|conn, tail| heap::wipe(conn, tail, place, row.heap_bytes()))?;
        }
        let place = self.place(&header, Some(&content))?;
        self.set_row(key, header.state, place, Some(content.0.len()))
    }

    fn erase(&mut self, key: EntryKey) -> Result<(), Fault> {
        let row = self.view().row(key)?.ok_or_else(|| Fault::Misuse("no such entry".to_owned()))?;
        if let Some(place) = row.place {
            self.with_tail(|conn, tail| heap::wipe(conn, tail, place, row.heap_bytes()))?;
        }
        self.set_row(key, State::Erased, None, None)
    }

    fn put_nodes(&mut self, log: LogNo, nodes: &[(u8, u64, Digest)]) -> Result<(), Fault> {
        let mut statement = self.writer.conn.prepare_cached("INSERT OR REPLACE INTO nodes VALUES (?1, ?2)")?;
        for (height, index, hash) in nodes {
            statement.execute(params![node_number(log, *height, *index)?, hash.0])?;
        }
        Ok(())
    }

    fn post(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        if self.pending.add(index, postings.iter().map(|(key, entry)| (*key, entry.0))) {
            let catalogue = Arc::make_mut(&mut self.catalogue);
            posting::spill(&self.writer.conn, catalogue, &mut self.pending, index)?;
        }
        Ok(())
    }

    fn unpost(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        let mut gone: Vec<Posting> = postings.iter().map(|(key, entry)| (*key, entry.0)).collect();
        gone.sort_unstable();
        gone.dedup();
        posting::erase(&self.writer.conn, &mut self.catalogue, &mut self.pending, index, &gone)
    }

    fn clear_index(&mut self, index: Index) -> Result<(), Fault> {
        posting::clear(&self.writer.conn, &mut self.catalogue, &mut self.pending, index)
    }

    fn commit(self: Box<Self>) -> Result<(), Fault> {
        (*self).finish()
    }
}
