//! A chunk: sorted postings in one block. Keys as differences, entries as distances from the smallest, in variable length.

use crate::Fault;

use super::block::{BLOCK_BYTES, Numbers, put_varint, varint_bytes};
use super::fault::damaged;

/// A key of an index and the entry posted under it.
pub(super) type Posting = (u64, u64);

/// Sorts postings that are stretches of sorted ones, one behind the other, and drops repetitions.
#[allow(
    clippy::stable_sort_primitive,
    reason = "the stable sort finds the stretches and merges them, in a third of the time"
)]
pub(super) fn merge_stretches(postings: &mut Vec<Posting>) {
    postings.sort();
    postings.dedup();
}

/// Number of postings, and the smallest entry.
const FRONT_BYTES: usize = 2 + 8;

/// Encodes as many of `postings` (sorted, without repetition, none with an entry below `base`) as fit; says how many.
pub(super) fn encode(postings: &[Posting], base: u64) -> (Vec<u8>, usize) {
    let mut data = Vec::with_capacity(BLOCK_BYTES);
    data.extend_from_slice(&[0; 2]);
    data.extend_from_slice(&base.to_le_bytes());
    let mut count = 0_u16;
    let mut last = 0_u64;
    for &(key, entry) in postings {
        let (step, distance) = (key.wrapping_sub(last), entry.wrapping_sub(base));
        if data.len() + varint_bytes(step) + varint_bytes(distance) > BLOCK_BYTES || count == u16::MAX {
            break;
        }
        put_varint(&mut data, step);
        put_varint(&mut data, distance);
        last = key;
        count += 1;
    }
    if let Some(front) = data.first_chunk_mut::<2>() {
        *front = count.to_le_bytes();
    }
    data.resize(BLOCK_BYTES, 0);
    (data, usize::from(count))
}

/// The smallest entry of `postings`, as [`encode`] wants it.
pub(super) fn base_of(postings: &[Posting]) -> u64 {
    postings.iter().map(|posting| posting.1).min().unwrap_or(0)
}

/// Reads a chunk's postings from `from` to `to`, both included, into `out`.
pub(super) fn decode_range(data: &[u8], from: Posting, to: Posting, out: &mut Vec<Posting>) -> Result<(), Fault> {
    let fault = || damaged("a chunk of an index cannot be read");
    let mut numbers = Numbers(data);
    let count = numbers.u16().ok_or_else(fault)?;
    let base = numbers.u64().ok_or_else(fault)?;
    let mut key = 0_u64;
    for _ in 0..count {
        key = key.wrapping_add(numbers.varint().ok_or_else(fault)?);
        let entry = base.wrapping_add(numbers.varint().ok_or_else(fault)?);
        if (key, entry) > to {
            break;
        }
        if (key, entry) >= from {
            out.push((key, entry));
        }
    }
    Ok(())
}

/// Every posting of a chunk.
pub(super) fn decode(data: &[u8]) -> Result<Vec<Posting>, Fault> {
    let mut out = Vec::with_capacity(900);
    decode_range(data, (0, 0), (u64::MAX, u64::MAX), &mut out)?;
    Ok(out)
}

const _: () = assert!(FRONT_BYTES + 20 < BLOCK_BYTES, "a chunk holds at least one posting");
