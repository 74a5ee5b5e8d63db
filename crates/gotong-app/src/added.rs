//! When an entry was added to its channel, as readers of collections are told: microseconds that rise strictly within a channel, one for each entry and never
//! used twice. An arrival holds a run of them, so nothing is written for single entries.
//!
//! What becomes visible later than it arrived (a document came, a label was lowered, a body followed, a newer version was taken back) is added anew: it gets a
//! new time and is found there alone, so that a reader who is past its old place still meets it. Read next: `view/collection.rs`, and ADR 0007.

use std::collections::{BTreeMap, HashMap};

use gotong_model::{ChannelId, Timestamp};
use gotong_store::{Book, EntryKey, Fault, Header, Index, LogNo, ReadTx, State, WriteTx};

use crate::rows::{self, Arrival, damaged};

/// Whether arrivals from before there were such times have got them.
const DATED: &str = "added/dated";
/// Arrivals dated at a time.
const CHUNK: usize = 1_024;

fn next_key(channel: &ChannelId) -> Vec<u8> {
    [b"added/next/", &channel.as_bytes()[..]].concat()
}

/// Time → entry, for what was added anew.
fn again_key(log: LogNo, at: i64) -> Vec<u8> {
    [b"added/again/", &log.0.to_be_bytes()[..], &at.to_be_bytes()].concat()
}

/// Entry → time.
fn anew_key(log: LogNo, index: u64) -> Vec<u8> {
    [b"added/anew/", &log.0.to_be_bytes()[..], &index.to_be_bytes()].concat()
}

fn time_in(bytes: &[u8]) -> Result<i64, Fault> {
    bytes.try_into().map(i64::from_be_bytes).map_err(|_| damaged("times of addition"))
}

/// Takes so many times of a channel: the first of them. They begin with the present, or behind the last one taken.
pub(crate) fn claim(tx: &mut dyn WriteTx, channel: &ChannelId, count: u64, now: Timestamp) -> Result<Timestamp, Fault> {
    let key = next_key(channel);
    let next = tx.fetch(Book::Meta, &key)?.map(|bytes| time_in(&bytes)).transpose()?.unwrap_or(0);
    let first = next.max(now.micros());
    let behind = first.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
    tx.put(Book::Meta, &key, &behind.to_be_bytes())?;
    Timestamp::from_micros(first).ok_or_else(|| damaged("times of addition"))
}

/// Adds an entry anew.
pub(crate) fn again(tx: &mut dyn WriteTx, channel: &ChannelId, entry: EntryKey, now: Timestamp) -> Result<(), Fault> {
    let at = claim(tx, channel, 1, now)?.micros();
    let (log, anew) = (entry.log(), anew_key(entry.log(), entry.index()));
    if let Some(old) = tx.fetch(Book::Meta, &anew)? {
        tx.delete(Book::Meta, &again_key(log, time_in(&old)?))?;
    }
    tx.put(Book::Meta, &anew, &at.to_be_bytes())?;
    tx.put(Book::Meta, &again_key(log, at), &entry.index().to_be_bytes())
}

/// A live entry is shown no more: the newest of what is left of its object was hidden behind it, and is added anew. `posting` is the key of the object's id.
pub(crate) fn uncover(
    tx: &mut dyn WriteTx,
    channel: &ChannelId,
    (gone, header): (EntryKey, &Header),
    posting: u64,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut newest: Option<(i64, EntryKey)> = None;
    let mut channels: HashMap<LogNo, bool> = HashMap::new();
    let mut after = None;
    loop {
        let keys = tx.postings(Index::Object, posting, after, CHUNK)?;
        for (entry, stored) in keys.iter().zip(tx.headers(&keys)?) {
            let Some(stored) = stored.filter(|stored| stored.state == State::Live && *entry != gone) else { continue };
            if (stored.type_code, stored.object) != (header.type_code, header.object) {
                continue;
            }
            let is_here = match channels.get(&entry.log()) {
                Some(known) => *known,
                None => rows::log_by_no(tx, entry.log())?.is_some_and(|row| row.id.channel == *channel),
            };
            channels.insert(entry.log(), is_here);
            if is_here {
                newest = newest.max(Some((stored.modified, *entry)));
            }
        }
        match keys.last() {
            Some(last) if keys.len() == CHUNK => after = Some(*last),
            _ => break,
        }
    }
    match newest {
        Some((modified, entry)) if modified < header.modified => again(tx, channel, entry, now),
        _ => Ok(()),
    }
}

/// The times of entries of a log that were added anew, by index, from one index up to before another.
pub(crate) fn anew_in(tx: &dyn ReadTx, log: LogNo, from: u64, until: u64) -> Result<BTreeMap<u64, i64>, Fault> {
    let most = usize::try_from(until.saturating_sub(from)).unwrap_or(usize::MAX);
    let found = tx.scan(Book::Meta, &anew_key(log, from), &anew_key(log, until), most)?;
    let read = |(key, value): (Vec<u8>, Vec<u8>)| {
        let index = key.last_chunk::<8>().ok_or_else(|| damaged("times of addition"))?;
        Ok((u64::from_be_bytes(*index), time_in(&value)?))
    };
    found.into_iter().map(read).collect()
}

/// What of a log was added anew after a time: time and index, in order.
pub(crate) fn again_after(tx: &dyn ReadTx, log: LogNo, after: i64, limit: usize) -> Result<Vec<(i64, u64)>, Fault> {
    let from = again_key(log, after.saturating_add(1));
    let found = tx.scan(Book::Meta, &from, &again_key(log, i64::MAX), limit)?;
    let read = |(key, value): (Vec<u8>, Vec<u8>)| {
        let at = key.last_chunk::<8>().ok_or_else(|| damaged("times of addition"))?;
        let index = <[u8; 8]>::try_from(value.as_slice()).map_err(|_| damaged("times of addition"))?;
        Ok((i64::from_be_bytes(*at), u64::from_be_bytes(index)))
    };
    found.into_iter().map(read).collect()
}

/// When an entry was added, in microseconds.
pub(crate) fn time_of(tx: &dyn ReadTx, entry: EntryKey) -> Result<i64, Fault> {
    if let Some(anew) = tx.fetch(Book::Meta, &anew_key(entry.log(), entry.index()))? {
        return time_in(&anew);
    }
    let arrival = rows::arrival_of(tx, entry.log(), entry.index())?.ok_or_else(|| damaged("arrivals"))?;
    Ok(arrival.added(entry.index()))
}

/// Gives the arrivals of a store from before there were such times the times that they would have got, once.
pub(crate) fn date_arrivals(tx: &mut dyn WriteTx) -> Result<(), Fault> {
    if rows::number(tx, DATED)? == 1 {
        return Ok(());
    }
    let mut after = 0;
    let mut channels: HashMap<LogNo, ChannelId> = HashMap::new();
    loop {
        let arrivals = rows::arrivals(tx, after, CHUNK)?;
        for arrival in &arrivals {
            let channel = match channels.get(&arrival.log) {
                Some(channel) => *channel,
                None => rows::log_by_no(tx, arrival.log)?.ok_or_else(|| damaged("logs"))?.id.channel,
            };
            channels.insert(arrival.log, channel);
            let at = claim(tx, &channel, arrival.count, arrival.at)?;
            if at != arrival.at {
                rows::save_arrival(tx, &Arrival { at, ..*arrival })?;
            }
            after = arrival.position;
        }
        if arrivals.len() < CHUNK {
            return rows::set_number(tx, DATED, 1);
        }
    }
}

/// Whether that has been done.
pub(crate) fn are_dated(tx: &dyn ReadTx) -> Result<bool, Fault> {
    Ok(rows::number(tx, DATED)? == 1)
}
