//! Newest first by the objects' own time: the streams of all types asked for, merged. The order is total (millisecond, type, entry), so a cursor is one place in it.

use std::collections::VecDeque;

use gotong_formats::stix21;
use gotong_store::{EntryKey, Fault, Header, Index, PostingRange, ReadTx};

use super::{Paging, keys_of};
use crate::node::NodeFault;

/// Postings read of one type at a time.
const CHUNK: usize = 128;
/// Postings passed over, hidden ones included, before the snapshot is renewed.
const SNAPSHOT: usize = 20_000;
const MILLIS: u64 = (1 << 48) - 1;

/// A place in the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    millis: u64,
    type_code: u16,
    entry: EntryKey,
}

impl Place {
    fn of(key: u64, entry: EntryKey) -> Self {
        Self { millis: key & MILLIS, type_code: u16::try_from(key >> 48).unwrap_or(u16::MAX), entry }
    }

    fn encode(self) -> u128 {
        (u128::from(self.millis) << 80) | (u128::from(self.type_code) << 64) | u128::from(self.entry.0)
    }

    fn decode(value: u128) -> Self {
        Self {
            millis: u64::try_from(value >> 80).unwrap_or(u64::MAX),
            type_code: u16::try_from((value >> 64) & 0xffff).unwrap_or(u16::MAX),
            entry: EntryKey(u64::try_from(value & u128::from(u64::MAX)).unwrap_or(u64::MAX)),
        }
    }

    /// Where a reader of one type's stream goes on behind this place.
    fn in_stream(self, type_code: u16) -> (u64, EntryKey) {
        let key = (u64::from(type_code) << 48) | self.millis;
        match type_code.cmp(&self.type_code) {
            // Of this millisecond everything of a lesser type is still to come, nothing of a greater one.
            std::cmp::Ordering::Less => (key, EntryKey(u64::MAX)),
            std::cmp::Ordering::Equal => (key, self.entry),
            std::cmp::Ordering::Greater => (key, EntryKey(0)),
        }
    }
}

/// One type's postings, newest first.
struct Stream {
    from: u64,
    to: u64,
    after: Option<(u64, EntryKey)>,
    buffer: VecDeque<(u64, EntryKey, Option<Header>)>,
    is_done: bool,
}

impl Stream {
    fn fill(&mut self, tx: &dyn ReadTx) -> Result<(), Fault> {
        if !self.buffer.is_empty() || self.is_done {
            return Ok(());
        }
        let range = PostingRange {
            index: Index::TypeTime,
            from: self.from,
            to: self.to,
            after: self.after,
            descending: true,
            limit: CHUNK,
        };
        let postings = tx.posting_range(range)?;
        self.is_done = postings.len() < CHUNK;
        self.after = postings.last().copied().or(self.after);
        let keys: Vec<EntryKey> = postings.iter().map(|(_, entry)| *entry).collect();
        let headers = tx.headers(&keys)?;
        self.buffer.extend(postings.into_iter().zip(headers).map(|((key, entry), header)| (key, entry, header)));
        Ok(())
    }

    fn front(&self) -> Option<Place> {
        self.buffer.front().map(|(key, entry, _)| Place::of(*key, *entry))
    }
}

impl Paging<'_, '_> {
    /// By time, newest first. Where the page ended.
    pub(super) fn by_time(&mut self, after: Option<u128>) -> Result<Option<u128>, NodeFault> {
        let mut last = after.map(Place::decode);
        loop {
            let tx = self.scope.node.store.read()?;
            let mut streams = self.streams(tx.as_ref(), last)?;
            for _ in 0..SNAPSHOT {
                let Some((place, header)) = next(tx.as_ref(), &mut streams)? else {
                    return Ok(last.filter(|_| self.is_full()).map(Place::encode));
                };
                let Some(log) = self.scope.shown(tx.as_ref(), place.entry)? else {
                    last = Some(place);
                    continue;
                };
                if self.is_full() {
                    return Ok(last.map(Place::encode));
                }
                self.budget -= 1;
                last = Some(place);
                let wanted = header.filter(|header| self.wants_log(&log) && self.wants(header));
                if let Some(header) = wanted
                    && let Some(content) = tx.entry(place.entry)?.map(|entry| entry.open()).transpose()?.flatten()
                {
                    self.take(tx.as_ref(), (place.entry, &log), &header, content)?;
                }
            }
            // Everything up to `last` has been passed over or counted: the next snapshot begins behind it.
        }
    }

    /// The streams to be merged: the type asked for, or every type that there is.
    fn streams(&self, tx: &dyn ReadTx, behind: Option<Place>) -> Result<Vec<Stream>, Fault> {
        let types = match &self.query.object_type {
            Some(name) => vec![stix21::type_code(name)],
            None => types(tx)?,
        };
        let stream = |type_code: u16| {
            let (from, to) = keys_of(type_code, self.query.since, self.query.until);
            let after = behind.map(|place| place.in_stream(type_code));
            Stream { from, to, after, buffer: VecDeque::new(), is_done: from > to }
        };
        Ok(types.into_iter().map(stream).collect())
    }
}

/// The type codes that anything is posted under; one look for each.
fn types(tx: &dyn ReadTx) -> Result<Vec<u16>, Fault> {
    let mut types = Vec::new();
    let mut from = 0;
    loop {
        let range =
            PostingRange { index: Index::TypeTime, from, to: u64::MAX, after: None, descending: false, limit: 1 };
        let Some((key, _)) = tx.posting_range(range)?.into_iter().next() else { return Ok(types) };
        let type_code = u16::try_from(key >> 48).unwrap_or(u16::MAX);
        types.push(type_code);
        match type_code.checked_add(1) {
            Some(next) => from = u64::from(next) << 48,
            None => return Ok(types),
        }
    }
}

/// The newest of all streams.
fn next(tx: &dyn ReadTx, streams: &mut [Stream]) -> Result<Option<(Place, Option<Header>)>, Fault> {
    for stream in streams.iter_mut() {
        stream.fill(tx)?;
    }
    let newest = streams.iter_mut().max_by_key(|stream| stream.front());
    let front = newest.and_then(|stream| stream.buffer.pop_front());
    Ok(front.map(|(key, entry, header)| (Place::of(key, entry), header)))
}
