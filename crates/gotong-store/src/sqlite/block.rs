//! Blocks: blobs of one fixed size, one to a database page, and the small numbers inside them.
//!
//! INVARIANT: every blob of `heap`, `staging`, `heads` and `chunks` is exactly [`BLOCK_BYTES`] long. A page then holds one cell, always in the same
//! place, so no page has room in which a copy of something erased could stay behind when SQLite moves cells about.

use rusqlite::{Connection, OptionalExtension, params};

use crate::Fault;

use super::fault::damaged;

/// Length of every block: the largest that stays in one leaf page of 8 KiB, rounded down to 16.
pub(super) const BLOCK_BYTES: usize = 8_144;

/// One of the tables of blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Table {
    Heap,
    Staging,
    Heads,
    Chunks,
}

impl Table {
    pub(super) const ALL: [Self; 4] = [Self::Heap, Self::Staging, Self::Heads, Self::Chunks];

    fn select(self) -> &'static str {
        match self {
            Self::Heap => "SELECT data FROM heap WHERE block = ?1",
            Self::Staging => "SELECT data FROM staging WHERE block = ?1",
            Self::Heads => "SELECT data FROM heads WHERE head = ?1",
            Self::Chunks => "SELECT data FROM chunks WHERE chunk = ?1",
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Heap => "INSERT INTO heap VALUES (?1, ?2)",
            Self::Staging => "INSERT INTO staging VALUES (?1, ?2)",
            Self::Heads => "INSERT INTO heads VALUES (?1, ?2)",
            Self::Chunks => "INSERT INTO chunks VALUES (?1, ?2)",
        }
    }

    fn update(self) -> &'static str {
        match self {
            Self::Heap => "UPDATE heap SET data = ?2 WHERE block = ?1",
            Self::Staging => "UPDATE staging SET data = ?2 WHERE block = ?1",
            Self::Heads => "UPDATE heads SET data = ?2 WHERE head = ?1",
            Self::Chunks => "UPDATE chunks SET data = ?2 WHERE chunk = ?1",
        }
    }

    fn delete(self) -> &'static str {
        match self {
            Self::Heap => "DELETE FROM heap WHERE block = ?1",
            Self::Staging => "DELETE FROM staging WHERE block = ?1",
            Self::Heads => "DELETE FROM heads WHERE head = ?1",
            Self::Chunks => "DELETE FROM chunks WHERE chunk = ?1",
        }
    }

    /// The last block and its number.
    pub(super) fn last(self, conn: &Connection) -> Result<Option<(i64, Vec<u8>)>, Fault> {
        let sql = match self {
            Self::Heap => "SELECT block, data FROM heap ORDER BY block DESC LIMIT 1",
            Self::Staging => "SELECT block, data FROM staging ORDER BY block DESC LIMIT 1",
            Self::Heads => "SELECT head, data FROM heads ORDER BY head DESC LIMIT 1",
            Self::Chunks => "SELECT chunk, data FROM chunks ORDER BY chunk DESC LIMIT 1",
        };
        Ok(conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Every block in the order of their numbers.
    pub(super) fn each(
        self,
        conn: &Connection,
        mut visit: impl FnMut(i64, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let sql = match self {
            Self::Heap => "SELECT block, data FROM heap ORDER BY block",
            Self::Staging => "SELECT block, data FROM staging ORDER BY block",
            Self::Heads => "SELECT head, data FROM heads ORDER BY head",
            Self::Chunks => "SELECT chunk, data FROM chunks ORDER BY chunk",
        };
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let data = row.get_ref(1)?.as_blob().map_err(|_| damaged("a block is no blob"))?;
            visit(row.get(0)?, data)?;
        }
        Ok(())
    }

    /// Calls `then` with a block's bytes.
    pub(super) fn with<T>(
        self,
        conn: &Connection,
        number: i64,
        then: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut statement = conn.prepare_cached(self.select())?;
        let mut rows = statement.query([number])?;
        let row = rows.next()?.ok_or_else(|| damaged("a block is missing"))?;
        then(row.get_ref(0)?.as_blob().map_err(|_| damaged("a block is no blob"))?)
    }

    /// A copy of a block.
    pub(super) fn copy(self, conn: &Connection, number: i64) -> Result<Vec<u8>, Fault> {
        self.with(conn, number, |data| Ok(data.to_vec()))
    }

    /// Adds a block.
    pub(super) fn add(self, conn: &Connection, number: i64, data: &[u8]) -> Result<(), Fault> {
        self.whole(data)?;
        conn.prepare_cached(self.insert())?.execute(params![number, data])?;
        Ok(())
    }

    /// Replaces a block in its place.
    pub(super) fn replace(self, conn: &Connection, number: i64, data: &[u8]) -> Result<(), Fault> {
        self.whole(data)?;
        match conn.prepare_cached(self.update())?.execute(params![number, data])? {
            1 => Ok(()),
            _ => Err(damaged("a block is missing")),
        }
    }

    /// Removes a block; SQLite zeroes its page.
    pub(super) fn remove(self, conn: &Connection, number: i64) -> Result<(), Fault> {
        conn.prepare_cached(self.delete())?.execute([number])?;
        Ok(())
    }

    fn whole(self, data: &[u8]) -> Result<(), Fault> {
        if data.len() == BLOCK_BYTES {
            Ok(())
        } else {
            Err(Fault::Misuse(format!("a block of {self:?} with {} bytes", data.len())))
        }
    }
}

/// Reads numbers one behind the other.
pub(super) struct Numbers<'a>(pub(super) &'a [u8]);

impl<'a> Numbers<'a> {
    pub(super) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.bytes().map(i64::from_le_bytes)
    }

    /// A number in groups of seven bits, low ones first.
    #[inline]
    pub(super) fn varint(&mut self) -> Option<u64> {
        // Chunks are read by the million numbers: one of up to eight bytes is taken from one word, without a loop.
        if let Some((word, _)) = self.0.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*word);
            let ends = !word & 0x8080_8080_8080_8080;
            if ends != 0 {
                // Up to and with the byte that ends the number.
                let bits = ends.trailing_zeros() + 1;
                let own = word & (u64::MAX >> (64 - bits)) & 0x7f7f_7f7f_7f7f_7f7f;
                let pairs = (own & 0x007f_007f_007f_007f) | ((own & 0x7f00_7f00_7f00_7f00) >> 1);
                let fours = (pairs & 0x0000_3fff_0000_3fff) | ((pairs & 0x3fff_0000_3fff_0000) >> 2);
                let value = (fours & 0x0000_0000_0fff_ffff) | ((fours & 0x0fff_ffff_0000_0000) >> 4);
                self.0 = self.0.get((bits / 8) as usize..)?;
                return Some(value);
            }
        }
        self.long_varint()
    }

    /// A number of more than eight bytes, or one of the last of a block.
    fn long_varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        let mut shift = 0_u32;
        loop {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }
}

/// Writes what [`Numbers::varint`] reads.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// How many bytes [`put_varint`] writes.
pub(super) fn varint_bytes(value: u64) -> usize {
    let bits = usize::try_from(64 - (value | 1).leading_zeros()).unwrap_or(64);
    bits.div_ceil(7)
}
