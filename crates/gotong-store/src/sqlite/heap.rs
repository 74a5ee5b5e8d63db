//! The heap: bytes that may have to be erased, one behind the other in blocks. A place is `block * BLOCK_ROOM + offset`. Wiping overwrites with
//! zeros where the bytes stand; a block in which nothing lives any more is removed.

use rusqlite::Connection;

use crate::Fault;

use super::block::{BLOCK_BYTES, Numbers, Table};
use super::fault::damaged;

/// Bytes used, bytes living.
const FRONT_BYTES: usize = 4;
/// Bytes of a block that hold content.
const BLOCK_ROOM: usize = BLOCK_BYTES - FRONT_BYTES;

fn block_and_offset(place: u64) -> Result<(i64, usize), Fault> {
    let room = u64::try_from(BLOCK_ROOM).unwrap_or(u64::MAX);
    let block = i64::try_from(place / room).map_err(|_| damaged("a place beyond the heap"))?;
    let offset = usize::try_from(place % room).map_err(|_| damaged("a place beyond the heap"))?;
    Ok((block, offset))
}

/// The pieces of a range: block, offset in it, length.
fn pieces(place: u64, length: usize) -> Result<Vec<(i64, usize, usize)>, Fault> {
    let (mut block, mut offset) = block_and_offset(place)?;
    let mut out = Vec::with_capacity(length / BLOCK_ROOM + 2);
    let mut left = length;
    while left > 0 {
        let here = left.min(BLOCK_ROOM - offset);
        out.push((block, offset, here));
        left -= here;
        block += 1;
        offset = 0;
    }
    Ok(out)
}

fn counts(data: &[u8]) -> Option<(usize, usize)> {
    let mut numbers = Numbers(data);
    Some((numbers.u16()?.into(), numbers.u16()?.into()))
}

fn set_counts(data: &mut [u8], used: usize, living: usize) {
    let [used, living] = [used, living].map(|count| u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
    if let Some(front) = data.first_chunk_mut::<FRONT_BYTES>() {
        *front = [used[0], used[1], living[0], living[1]];
    }
}

/// The last block, as the writing transaction holds it until it is full or the transaction ends.
pub(super) struct Tail {
    block: i64,
    data: Vec<u8>,
    used: usize,
    living: usize,
    stored: bool,
    dirty: bool,
}

impl Tail {
    /// Reads the last block.
    pub(super) fn load(conn: &Connection) -> Result<Self, Fault> {
        match Table::Heap.last(conn)? {
            Some((block, data)) => {
                let (used, living) = counts(&data).ok_or_else(|| damaged("a block of the heap cannot be read"))?;
                Ok(Self { block, data, used, living, stored: true, dirty: false })
            }
            None => Ok(Self::fresh(1)),
        }
    }

    fn fresh(block: i64) -> Self {
        Self { block, data: vec![0; BLOCK_BYTES], used: 0, living: 0, stored: false, dirty: false }
    }

    /// Appends parts one behind the other; returns the place of the first byte.
    pub(super) fn append(&mut self, conn: &Connection, parts: [&[u8]; 2]) -> Result<u64, Fault> {
        if self.used >= BLOCK_ROOM {
            self.turn(conn)?;
        }
        let block = u64::try_from(self.block).map_err(|_| damaged("a negative block"))?;
        let place = block * u64::try_from(BLOCK_ROOM).unwrap_or(0) + u64::try_from(self.used).unwrap_or(0);
        for part in parts {
            let mut left = part;
            while !left.is_empty() {
                if self.used >= BLOCK_ROOM {
                    self.turn(conn)?;
                }
                let (now, later) = left.split_at(left.len().min(BLOCK_ROOM - self.used));
                let start = FRONT_BYTES + self.used;
                if let Some(room) = self.data.get_mut(start..start + now.len()) {
                    room.copy_from_slice(now);
                }
                self.used += now.len();
                self.living += now.len();
                self.dirty = true;
                left = later;
            }
        }
        Ok(place)
    }

    fn turn(&mut self, conn: &Connection) -> Result<(), Fault> {
        if self.living > 0 {
            self.flush(conn)?;
        } else if self.stored {
            Table::Heap.remove(conn, self.block)?;
        }
        *self = Self::fresh(self.block + 1);
        Ok(())
    }

    /// Writes the block as it stands.
    pub(super) fn flush(&mut self, conn: &Connection) -> Result<(), Fault> {
        if self.dirty {
            set_counts(&mut self.data, self.used, self.living);
            if self.stored {
                Table::Heap.replace(conn, self.block, &self.data)?;
            } else {
                Table::Heap.add(conn, self.block, &self.data)?;
            }
            self.stored = true;
            self.dirty = false;
        }
        Ok(())
    }
}

/// The block read last, so that neighbours cost no second read.
#[derive(Default)]
pub(super) struct Recent(Option<(i64, Vec<u8>)>);

/// Reads `length` bytes at `place`.
pub(super) fn read(
    conn: &Connection,
    tail: Option<&Tail>,
    recent: &mut Recent,
    place: u64,
    length: usize,
) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(length);
    for (block, offset, here) in pieces(place, length)? {
        let range = FRONT_BYTES + offset..FRONT_BYTES + offset + here;
        let data = match (tail, &recent.0) {
            (Some(tail), _) if tail.block == block => tail.data.get(range),
            (_, Some((number, data))) if *number == block => data.get(range),
            _ => {
                let (_, data) = recent.0.insert((block, Table::Heap.copy(conn, block)?));
                data.get(range)
            }
        };
        out.extend_from_slice(data.ok_or_else(|| damaged("a block of the heap is short"))?);
    }
    Ok(out)
}

/// Overwrites bytes where they stand.
pub(super) fn overwrite(conn: &Connection, tail: &mut Tail, place: u64, bytes: &[u8]) -> Result<(), Fault> {
    let mut left = bytes;
    change(conn, tail, place, bytes.len(), false, |room| {
        let (now, later) = left.split_at(left.len().min(room.len()));
        room.copy_from_slice(now);
        left = later;
    })
}

/// Overwrites bytes with zeros for good.
pub(super) fn wipe(conn: &Connection, tail: &mut Tail, place: u64, length: usize) -> Result<(), Fault> {
    change(conn, tail, place, length, true, |room| room.fill(0))
}

fn change(
    conn: &Connection,
    tail: &mut Tail,
    place: u64,
    length: usize,
    dies: bool,
    mut edit: impl FnMut(&mut [u8]),
) -> Result<(), Fault> {
    let short = || damaged("a block of the heap is short");
    for (block, offset, here) in pieces(place, length)? {
        let range = FRONT_BYTES + offset..FRONT_BYTES + offset + here;
        let dead = if dies { here } else { 0 };
        if tail.block == block {
            edit(tail.data.get_mut(range).ok_or_else(short)?);
            tail.living = tail.living.saturating_sub(dead);
            tail.dirty = true;
            continue;
        }
        let mut data = Table::Heap.copy(conn, block)?;
        let (used, living) = counts(&data).ok_or_else(short)?;
        edit(data.get_mut(range).ok_or_else(short)?);
        let living = living.saturating_sub(dead);
        if living == 0 {
            Table::Heap.remove(conn, block)?;
        } else {
            set_counts(&mut data, used, living);
            Table::Heap.replace(conn, block, &data)?;
        }
    }
    Ok(())
}
