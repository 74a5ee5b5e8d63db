//! What tombstones and relabellings name: ranges of entries per author, channel and epoch, kept as ranges and never expanded. Stored ranges never
//! overlap, so that one look finds whether an index is named.

use gotong_model::control::TargetRange;
use gotong_model::{ChannelId, EpochId, MemberCode};
use gotong_store::{Book, Fault, LogNo, ReadTx, WriteTx};

use crate::rows::{author_prefix, damaged, prefix_end};

/// Which log entry named a range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cause {
    /// The log of the tombstone or relabelling.
    pub(crate) log: LogNo,
    /// Its index there.
    pub(crate) index: u64,
    /// What it says: a reason's place in the protocol's list, or a label.
    pub(crate) word: u8,
}

struct Stored {
    first: u64,
    last: u64,
    cause: Cause,
}

fn scope(channel: &ChannelId, author: &MemberCode, epoch: &EpochId) -> Vec<u8> {
    let mut key = author_prefix(channel, author);
    key.extend_from_slice(&epoch.0);
    key
}

fn at(scope: &[u8], first: u64) -> Vec<u8> {
    let mut key = scope.to_vec();
    key.extend_from_slice(&first.to_be_bytes());
    key
}

fn decode(scope: &[u8], key: &[u8], value: &[u8]) -> Result<Stored, Fault> {
    let read = || {
        let first = <[u8; 8]>::try_from(key.strip_prefix(scope)?).ok()?;
        let (last, rest) = value.split_first_chunk::<8>()?;
        let (log, rest) = rest.split_first_chunk::<4>()?;
        let (index, rest) = rest.split_first_chunk::<8>()?;
        let [word] = *rest else { return None };
        let cause = Cause { log: LogNo(u32::from_be_bytes(*log)), index: u64::from_be_bytes(*index), word };
        Some(Stored { first: u64::from_be_bytes(first), last: u64::from_be_bytes(*last), cause })
    };
    read().ok_or_else(|| damaged("named ranges"))
}

fn encode(last: u64, cause: Cause) -> Vec<u8> {
    let mut out = last.to_be_bytes().to_vec();
    out.extend_from_slice(&cause.log.0.to_be_bytes());
    out.extend_from_slice(&cause.index.to_be_bytes());
    out.push(cause.word);
    out
}

/// What names an index, if anything does.
pub(crate) fn naming(
    tx: &dyn ReadTx,
    book: Book,
    (channel, author, epoch): (&ChannelId, &MemberCode, &EpochId),
    index: u64,
) -> Result<Option<Cause>, Fault> {
    let scope = scope(channel, author, epoch);
    let Some((key, value)) = tx.last(book, &scope, &at(&scope, index + 1))? else { return Ok(None) };
    let stored = decode(&scope, &key, &value)?;
    Ok((stored.last >= index).then_some(stored.cause))
}

/// Whether anything at all is named in an epoch.
pub(crate) fn any(
    tx: &dyn ReadTx,
    book: Book,
    (channel, author, epoch): (&ChannelId, &MemberCode, &EpochId),
) -> Result<bool, Fault> {
    let scope = scope(channel, author, epoch);
    Ok(!tx.scan(book, &scope, &prefix_end(&scope), 1)?.is_empty())
}

/// What is named in a channel, at most so many ranges: by author, epoch and index.
pub(crate) fn in_channel(
    tx: &dyn ReadTx,
    book: Book,
    channel: &ChannelId,
    limit: usize,
) -> Result<Vec<(MemberCode, TargetRange, Cause)>, Fault> {
    let prefix = channel.as_bytes();
    let mut found = Vec::new();
    for (key, value) in tx.scan(book, prefix, &prefix_end(prefix), limit)? {
        let read = || {
            let rest = key.strip_prefix(prefix.as_slice())?;
            let end = rest.iter().position(|byte| *byte == 0)?;
            let (author, rest) = rest.split_at_checked(end)?;
            let author = MemberCode::from_text(std::str::from_utf8(author).ok()?)?;
            let (epoch, _) = rest.get(1..)?.split_first_chunk::<16>()?;
            Some((author, EpochId(*epoch)))
        };
        let (author, epoch) = read().ok_or_else(|| damaged("named ranges"))?;
        let Stored { first, last, cause } = decode(&scope(channel, &author, &epoch), &key, &value)?;
        found.push((author, TargetRange { epoch, first, last }, cause));
    }
    Ok(found)
}

/// Names a range. With `replace` the new cause takes the place of older ones; without, what is named already stays as it was.
pub(crate) fn name(
    tx: &mut dyn WriteTx,
    book: Book,
    (channel, author): (&ChannelId, &MemberCode),
    range: &TargetRange,
    cause: Cause,
    replace: bool,
) -> Result<(), Fault> {
    let scope = scope(channel, author, &range.epoch);
    let mut overlapping = Vec::new();
    if let Some((key, value)) = tx.last(book, &scope, &at(&scope, range.first))? {
        overlapping.push(decode(&scope, &key, &value)?);
    }
    for (key, value) in tx.scan(book, &at(&scope, range.first), &at(&scope, range.last + 1), usize::MAX)? {
        overlapping.push(decode(&scope, &key, &value)?);
    }
    overlapping.retain(|stored| stored.last >= range.first);
    if replace {
        for stored in overlapping {
            tx.delete(book, &at(&scope, stored.first))?;
            if stored.first < range.first {
                tx.put(book, &at(&scope, stored.first), &encode(range.first - 1, stored.cause))?;
            }
            if stored.last > range.last {
                tx.put(book, &at(&scope, range.last + 1), &encode(stored.last, stored.cause))?;
            }
        }
        return tx.put(book, &at(&scope, range.first), &encode(range.last, cause));
    }
    let mut next = range.first;
    for stored in overlapping {
        if stored.first > next {
            tx.put(book, &at(&scope, next), &encode(stored.first - 1, cause))?;
        }
        next = next.max(stored.last + 1);
    }
    if next <= range.last {
        tx.put(book, &at(&scope, next), &encode(range.last, cause))?;
    }
    Ok(())
}
