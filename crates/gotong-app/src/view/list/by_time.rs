//! Newest first by the objects' own time: the streams of all headings and types that the reader may see, merged. The order is total (time, type, entry), so a
//! cursor is one place in it.

use std::collections::VecDeque;

use gotong_formats::stix21;
use gotong_model::ChannelId;
use gotong_store::{EntryKey, Fault, Header, Index, PostingRange, ReadTx};

use super::Paging;
use crate::heading;
use crate::node::NodeFault;
use crate::view::scope::SeenLog;

/// Postings read of one stream at first; each time twice as many, up to the most. Of most streams a page needs only the newest.
const CHUNK_FIRST: usize = 8;
const CHUNK_MAX: usize = 256;
/// Postings passed over before the snapshot is renewed.
const SNAPSHOT: usize = 20_000;

/// A place in the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    time: u64,
    type_code: u16,
    entry: EntryKey,
}

impl Place {
    fn encode(self) -> u128 {
        (u128::from(self.time) << 80) | (u128::from(self.type_code) << 64) | u128::from(self.entry.0)
    }

    fn decode(value: u128) -> Self {
        Self {
            time: u64::try_from(value >> 80).unwrap_or(u64::MAX),
            type_code: u16::try_from((value >> 64) & 0xffff).unwrap_or(u16::MAX),
            entry: EntryKey(u64::try_from(value & u128::from(u64::MAX)).unwrap_or(u64::MAX)),
        }
    }

    /// Where a reader of one type's stream goes on behind this place.
    fn in_stream(self, first: u64, type_code: u16) -> (u64, EntryKey) {
        let key = first | heading::time_in(self.time);
        match type_code.cmp(&self.type_code) {
            // Of this moment everything of a lesser type is still to come, nothing of a greater one.
            std::cmp::Ordering::Less => (key, EntryKey(u64::MAX)),
            std::cmp::Ordering::Equal => (key, self.entry),
            std::cmp::Ordering::Greater => (key, EntryKey(0)),
        }
    }
}

/// The postings of one type under one heading, newest first.
struct Stream {
    heading: ChannelId,
    type_code: u16,
    from: u64,
    to: u64,
    after: Option<(u64, EntryKey)>,
    chunk: usize,
    buffer: VecDeque<(Place, Option<Header>)>,
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
            limit: self.chunk,
        };
        let postings = tx.posting_range(range)?;
        self.is_done = postings.len() < self.chunk;
        self.chunk = (self.chunk * 2).min(CHUNK_MAX);
        self.after = postings.last().copied().or(self.after);
        let keys: Vec<EntryKey> = postings.iter().map(|(_, entry)| *entry).collect();
        let headers = tx.headers(&keys)?;
        let type_code = self.type_code;
        let place = |key: u64, entry| Place { time: heading::time_in(key), type_code, entry };
        let placed = postings.into_iter().zip(headers).map(|((key, entry), header)| (place(key, entry), header));
        self.buffer.extend(placed);
        Ok(())
    }

    fn front(&self) -> Option<Place> {
        self.buffer.front().map(|(place, _)| *place)
    }

    /// Headings that share a number are told apart by what stands there.
    fn is_own(&self, log: &SeenLog, header: &Header) -> bool {
        header.type_code == self.type_code && log.headings.each().any(|heading| heading == self.heading)
    }
}

impl Paging<'_, '_> {
    /// By time, newest first. Where the page ended.
    pub(super) fn by_time(&mut self, after: Option<u128>) -> Result<Option<u128>, NodeFault> {
        let mut last = after.map(Place::decode);
        loop {
            let tx = self.scope.node.store.read()?;
            let tx = tx.as_ref();
            let mut streams = self.streams(tx, last)?;
            for _ in 0..SNAPSHOT {
                let Some((place, header, stream)) = next(tx, &mut streams)? else {
                    return Ok(last.filter(|_| self.is_full()).map(Place::encode));
                };
                let seen = match &header {
                    Some(header) => self.scope.shown(tx, place.entry, header)?.filter(|log| stream.is_own(log, header)),
                    None => None,
                };
                let (Some(log), Some(header)) = (seen, header) else {
                    last = Some(place);
                    continue;
                };
                if self.is_full() {
                    return Ok(last.map(Place::encode));
                }
                self.budget -= 1;
                last = Some(place);
                if self.wants_log(&log)
                    && self.wants(&header)
                    && let Some(content) = tx.entry(place.entry)?.map(|entry| entry.open()).transpose()?.flatten()
                {
                    self.take(tx, (place.entry, &log), &header, content)?;
                }
            }
            // Everything up to `last` has been passed over or counted: the next snapshot begins behind it.
        }
    }

    /// The streams to be merged: of the type asked for, or of every type that there is, under each heading that the reader may see.
    fn streams(&self, tx: &dyn ReadTx, behind: Option<Place>) -> Result<Vec<Stream>, Fault> {
        let wanted = self.query.object_type.as_deref().map(stix21::type_code);
        let mut streams = Vec::new();
        for heading in self.scope.headings(self.query.channel) {
            for type_code in heading::types_of(tx, &heading)? {
                if wanted.is_some_and(|wanted| wanted != type_code) {
                    continue;
                }
                let (first, last) = heading::keys_of(tx, &heading, type_code);
                let from = self.query.since.map_or(first, |since| first | heading::time_of(since));
                let to = self.query.until.map_or(last, |until| first | heading::time_of(until));
                let after = behind.map(|place| place.in_stream(first, type_code));
                let is_done = from > to;
                streams.push(Stream {
                    heading,
                    type_code,
                    from,
                    to,
                    after,
                    chunk: CHUNK_FIRST,
                    buffer: VecDeque::new(),
                    is_done,
                });
            }
        }
        Ok(streams)
    }
}

/// A place with what stands there, and the stream that it comes from.
type Next<'a> = (Place, Option<Header>, &'a Stream);

/// The newest of all streams.
fn next<'a>(tx: &dyn ReadTx, streams: &'a mut [Stream]) -> Result<Option<Next<'a>>, Fault> {
    for stream in streams.iter_mut() {
        stream.fill(tx)?;
    }
    let Some(newest) = streams.iter_mut().max_by_key(|stream| stream.front()) else { return Ok(None) };
    let front = newest.buffer.pop_front();
    let newest: &'a Stream = newest;
    Ok(front.map(|(place, header)| (place, header, newest)))
}
