//! What a transaction reads of books, entries and tree hashes; the same for readers and for the writer.

use std::ops::Bound;

use gotong_crypto::Digest;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::{Book, EntryKey, Fault, Header, LogNo, Packed, State, StoredEntry};

use super::fault::damaged;
use super::heap::{self, Recent, Tail};

/// Bytes of a header in the heap: type, object, modified, label.
pub(super) const FACTS_BYTES: usize = 2 + 16 + 8 + 1;

/// Key and value.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// The connection, and what the writer has not yet written to it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) conn: &'a Connection,
    pub(super) tail: Option<&'a Tail>,
}

/// Books whose values may hold what must be erased: they stand in the heap, the row names the place.
pub(super) fn is_erasable(book: Book) -> bool {
    matches!(book, Book::Quarantine | Book::Idempotency | Book::Faulty)
}

/// A key as SQLite keeps it.
pub(super) fn entry_number(key: EntryKey) -> Result<i64, Fault> {
    i64::try_from(key.0).map_err(|_| Fault::Misuse(format!("log number {} is too large", key.log().0)))
}

/// A height and an index as one number: `log << 36 | height << 28 | index`.
pub(super) fn node_number(log: LogNo, height: u8, index: u64) -> Result<i64, Fault> {
    if !(8..=36).contains(&height) || index >= 1 << 28 {
        return Err(Fault::Misuse(format!("no tree hash is stored at height {height}, index {index}")));
    }
    entry_number(EntryKey::new(log, (u64::from(height) << 28) | index))
}

/// An entry's row.
pub(super) struct EntryRow {
    key: EntryKey,
    flags: u8,
    state: State,
    commitment: Digest,
    pub(super) place: Option<u64>,
    pub(super) length: Option<usize>,
}

impl EntryRow {
    pub(super) const SELECT: &'static str =
        "SELECT key, flags, state, commitment, place, length FROM entries WHERE key = ?1";

    pub(super) fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let fault = || damaged("an entry's row cannot be read");
        let commitment: [u8; 32] = row.get(3)?;
        let place: Option<i64> = row.get(4)?;
        let length: Option<i64> = row.get(5)?;
        Ok(Self {
            key: EntryKey(u64::try_from(row.get::<_, i64>(0)?).map_err(|_| fault())?),
            flags: row.get(1)?,
            state: State::from_number(row.get(2)?).ok_or_else(fault)?,
            commitment: Digest(commitment),
            place: place.map(u64::try_from).transpose().map_err(|_| fault())?,
            length: length.map(usize::try_from).transpose().map_err(|_| fault())?,
        })
    }

    /// Bytes in the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        FACTS_BYTES + self.length.unwrap_or(0)
    }
}

impl View<'_> {
    fn heap(&self, recent: &mut Recent, place: u64, length: usize) -> Result<Vec<u8>, Fault> {
        heap::read(self.conn, self.tail, recent, place, length)
    }

    pub(super) fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let value = self.stored(book, key)?;
        value.map(|value| self.book_value(book, value, &mut Recent::default())).transpose()
    }

    /// A book's value as its row has it.
    pub(super) fn stored(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let mut statement = self.conn.prepare_cached("SELECT value FROM books WHERE book = ?1 AND key = ?2")?;
        Ok(statement.query_row(params![book as i64, key], |row| row.get(0)).optional()?)
    }

    fn book_value(&self, book: Book, value: Vec<u8>, recent: &mut Recent) -> Result<Vec<u8>, Fault> {
        if is_erasable(book) {
            let (place, length) = place_of(&value)?;
            self.heap(recent, place, length)
        } else {
            Ok(value)
        }
    }

    pub(super) fn pairs(
        &self,
        book: Book,
        range: (&[u8], &[u8]),
        descending: bool,
        limit: usize,
    ) -> Result<Vec<Pair>, Fault> {
        let (from, until) = range;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let end = if until.is_empty() { Bound::Unbounded } else { Bound::Excluded(until) };
        let sql = match (end, descending) {
            (Bound::Unbounded, false) => {
                "SELECT key, value FROM books WHERE book = ?1 AND key >= ?2 ORDER BY key LIMIT ?3"
            }
            (Bound::Unbounded, true) => {
                "SELECT key, value FROM books WHERE book = ?1 AND key >= ?2 ORDER BY key DESC LIMIT ?3"
            }
            (_, false) => {
                "SELECT key, value FROM books WHERE book = ?1 AND key >= ?2 AND key < ?4 ORDER BY key LIMIT ?3"
            }
            (_, true) => {
                "SELECT key, value FROM books WHERE book = ?1 AND key >= ?2 AND key < ?4 ORDER BY key DESC LIMIT ?3"
            }
        };
        let mut values = vec![Value::Integer(book as i64), Value::Blob(from.to_vec()), Value::Integer(limit)];
        if !until.is_empty() {
            values.push(Value::Blob(until.to_vec()));
        }
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut recent = Recent::default();
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push((row.get(0)?, self.book_value(book, row.get(1)?, &mut recent)?));
        }
        Ok(out)
    }

    pub(super) fn row(&self, key: EntryKey) -> Result<Option<EntryRow>, Fault> {
        let mut statement = self.conn.prepare_cached(EntryRow::SELECT)?;
        let mut rows = statement.query([entry_number(key)?])?;
        rows.next()?.map(EntryRow::read).transpose()
    }

    fn header(&self, row: &EntryRow, recent: &mut Recent) -> Result<Header, Fault> {
        match row.place {
            Some(place) => header_of(row.state, &self.heap(recent, place, FACTS_BYTES)?),
            None => Ok(Header::bare(row.state)),
        }
    }

    fn opened(&self, row: &EntryRow, with_content: bool, recent: &mut Recent) -> Result<StoredEntry, Fault> {
        let (header, content) = match (row.place, row.length) {
            (Some(place), Some(_)) if with_content => {
                let mut bytes = self.heap(recent, place, row.heap_bytes())?;
                let content = bytes.split_off(FACTS_BYTES.min(bytes.len()));
                (header_of(row.state, &bytes)?, Some(Packed(content)))
            }
            _ => (self.header(row, recent)?, None),
        };
        Ok(StoredEntry { key: row.key, flags: row.flags, commitment: row.commitment, header, content })
    }

    pub(super) fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault> {
        self.row(key)?.map(|row| self.opened(&row, true, &mut Recent::default())).transpose()
    }

    pub(super) fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        content_bytes_max: Option<usize>,
    ) -> Result<Vec<StoredEntry>, Fault> {
        if EntryKey::new(log, first).index() != first {
            return Ok(Vec::new());
        }
        let from = entry_number(EntryKey::new(log, first))?;
        let to = entry_number(EntryKey::new(log, u64::MAX))?;
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let mut statement = self.conn.prepare_cached(
            "SELECT key, flags, state, commitment, place, length FROM entries
             WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3",
        )?;
        let mut rows = statement.query([from, to, limit])?;
        let mut recent = Recent::default();
        let (mut out, mut bytes) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()? {
            let row = EntryRow::read(row)?;
            out.push(self.opened(&row, content_bytes_max.is_some(), &mut recent)?);
            bytes = bytes.saturating_add(row.length.unwrap_or(0));
            if content_bytes_max.is_some_and(|bytes_max| bytes > bytes_max) {
                break;
            }
        }
        Ok(out)
    }

    pub(super) fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault> {
        let mut recent = Recent::default();
        let header = |key: &EntryKey| self.row(*key)?.map(|row| self.header(&row, &mut recent)).transpose();
        keys.iter().map(header).collect()
    }

    pub(super) fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault> {
        let number = node_number(log, height, index)?;
        let mut statement = self.conn.prepare_cached("SELECT hash FROM nodes WHERE key = ?1")?;
        let hash: Option<[u8; 32]> = statement.query_row([number], |row| row.get(0)).optional()?;
        Ok(hash.map(Digest))
    }
}

/// Where the value of an erasable book stands.
pub(super) fn place_of(value: &[u8]) -> Result<(u64, usize), Fault> {
    let fault = || damaged("a book's row cannot be read");
    let (place, rest) = value.split_first_chunk::<8>().ok_or_else(fault)?;
    let length = u32::from_le_bytes(*rest.first_chunk::<4>().ok_or_else(fault)?);
    Ok((u64::from_le_bytes(*place), usize::try_from(length).map_err(|_| fault())?))
}

/// What [`place_of`] reads.
pub(super) fn place_bytes(place: u64, length: usize) -> Result<Vec<u8>, Fault> {
    let length = u32::try_from(length).map_err(|_| Fault::Misuse("a value of more than 4 GiB".to_owned()))?;
    Ok([place.to_le_bytes().as_slice(), &length.to_le_bytes()].concat())
}

/// A header's facts as the heap has them.
pub(super) fn facts_of(header: &Header) -> [u8; FACTS_BYTES] {
    let mut facts = [0; FACTS_BYTES];
    let parts: [&[u8]; 4] =
        [&header.type_code.to_le_bytes(), &header.object, &header.modified.to_le_bytes(), &[header.label]];
    for (to, from) in facts.iter_mut().zip(parts.into_iter().flatten()) {
        *to = *from;
    }
    facts
}

fn header_of(state: State, facts: &[u8]) -> Result<Header, Fault> {
    let fault = || damaged("an entry's header cannot be read");
    let (type_code, rest) = facts.split_first_chunk::<2>().ok_or_else(fault)?;
    let (object, rest) = rest.split_first_chunk::<16>().ok_or_else(fault)?;
    let (modified, rest) = rest.split_first_chunk::<8>().ok_or_else(fault)?;
    Ok(Header {
        state,
        type_code: u16::from_le_bytes(*type_code),
        object: *object,
        modified: i64::from_le_bytes(*modified),
        label: *rest.first().ok_or_else(fault)?,
    })
}
