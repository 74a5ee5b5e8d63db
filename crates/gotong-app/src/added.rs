//! When an entry was added to its channel, as readers of collections are told: microseconds of which no two entries of a channel share one. An arrival holds a
//! window of them; in it each entry has a moment that follows from a secret of this store and from nothing else, so that who may see some of the entries
//! learns nothing of how many others there are, and nothing is written for single entries.
//!
//! What becomes visible later than it arrived (a document came, a label was lowered, a body followed, a newer version was taken back) is added anew: it gets a
//! new time and is found there alone, so that a reader who is past its old place still meets it. Read next: `view/collection.rs`, and ADR 0007.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gotong_crypto::{Entropy, tagged};
use gotong_model::{ChannelId, Timestamp};
use gotong_store::{Book, EntryKey, Fault, Header, Index, LogNo, ReadTx, State, WriteTx};

use crate::rows::{self, Arrival, damaged};
use crate::subscription::later;

/// Whether arrivals from before there were such times have got them.
const DATED: &str = "added/dated";
/// Arrivals dated at a time.
const CHUNK: usize = 1_024;
/// The secret of this store that moments are drawn from.
const KEY: &[u8] = b"added/key";
/// The width of a window, as a power of two of microseconds: room for every arrival of the usual size, so that it tells nothing of it.
const SPREAD: u8 = 16;
/// The same while windows have run ahead of the clock.
const SPREAD_IN_HASTE: u8 = 10;
/// How far windows may run ahead before they become narrow.
const AHEAD_MICROS: i64 = 1_000_000;

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

/// Takes a window of a channel's times: where it begins, and its width as a power of two. It begins with the present, or behind the last one taken, and is as
/// wide for one entry as for thousands; where windows have run ahead of the clock they are narrower, so that they fall behind it again.
pub(crate) fn claim(
    tx: &mut dyn WriteTx,
    channel: &ChannelId,
    count: u64,
    now: Timestamp,
) -> Result<(Timestamp, u8), Fault> {
    let key = next_key(channel);
    let next = tx.fetch(Book::Meta, &key)?.map(|bytes| time_in(&bytes)).transpose()?.unwrap_or(0);
    let first = next.max(now.micros());
    let usual = if first - now.micros() < AHEAD_MICROS { SPREAD } else { SPREAD_IN_HASTE };
    // Four times the room that is needed at the least: moments are drawn until each is its own.
    let least = count.saturating_mul(4).checked_next_power_of_two().map_or(64, u64::trailing_zeros);
    let spread = u8::try_from(least).unwrap_or(u8::MAX).max(usual);
    if spread > rows::SPREAD_MAX {
        return Err(Fault::Misuse("more entries at once than there are times for".to_owned()));
    }
    tx.put(Book::Meta, &key, &(first + (1_i64 << spread)).to_be_bytes())?;
    Ok((Timestamp::from_micros(first).ok_or_else(|| damaged("times of addition"))?, spread))
}

/// Moments within 2^`spread` microseconds, each its own, drawn from the store's secret and a name. Which one an entry has does not depend on how many there are.
fn moments(tx: &dyn ReadTx, name: &[&[u8]], count: u64, spread: u8) -> Result<Vec<i64>, Fault> {
    let key = tx.fetch(Book::Meta, KEY)?.ok_or_else(|| damaged("times of addition"))?;
    let (mask, count) = ((1_u32 << spread) - 1, usize::try_from(count).unwrap_or(usize::MAX));
    let (mut found, mut taken) = (Vec::new(), HashSet::new());
    let mut block = 0_u64;
    while found.len() < count {
        let number = block.to_be_bytes();
        let parts: Vec<&[u8]> = [key.as_slice(), &number].into_iter().chain(name.iter().copied()).collect();
        let digest = tagged("gotong/v0/added", &parts);
        for word in digest.as_bytes().chunks_exact(4).filter_map(|four| Some(u32::from_be_bytes(four.try_into().ok()?)))
        {
            if found.len() < count && taken.insert(word & mask) {
                found.push(i64::from(word & mask));
            }
        }
        block += 1;
    }
    Ok(found)
}

/// When each entry of an arrival was added, in the order of their indexes.
pub(crate) fn times_of(tx: &dyn ReadTx, arrival: &Arrival) -> Result<Vec<i64>, Fault> {
    let at = arrival.at.micros();
    if arrival.spread == 0 {
        return Ok((at..).zip(0..arrival.count).map(|(time, _)| time).collect());
    }
    let found = moments(tx, &[b"arrival", &arrival.position.to_be_bytes()], arrival.count, arrival.spread)?;
    Ok(found.into_iter().map(|moment| at + moment).collect())
}

/// What one transaction adds anew. It is written in one window, so that the distance of two times tells nothing of what lies between.
#[derive(Default)]
pub(crate) struct Anew(BTreeSet<(ChannelId, EntryKey)>);

impl Anew {
    /// An entry is to be added anew.
    pub(crate) fn note(&mut self, channel: &ChannelId, entry: EntryKey) {
        self.0.insert((*channel, entry));
    }

    /// Adds anew what was noted and is still shown.
    pub(crate) fn write(self, tx: &mut dyn WriteTx, now: Timestamp) -> Result<(), Fault> {
        let mut by_channel: BTreeMap<ChannelId, Vec<EntryKey>> = BTreeMap::new();
        for (channel, entry) in self.0 {
            by_channel.entry(channel).or_default().push(entry);
        }
        for (channel, entries) in by_channel {
            let headers = tx.headers(&entries)?;
            let live = |header: &Option<Header>| header.as_ref().is_some_and(|header| header.state == State::Live);
            let entries: Vec<EntryKey> =
                entries.into_iter().zip(headers).filter(|(_, header)| live(header)).map(|(entry, _)| entry).collect();
            if entries.is_empty() {
                continue;
            }
            let (at, spread) = claim(tx, &channel, entries.len() as u64, now)?;
            let at = at.micros();
            let name: [&[u8]; 3] = [b"anew", channel.as_bytes(), &at.to_be_bytes()];
            let moments = moments(tx, &name, entries.len() as u64, spread)?;
            for (entry, moment) in entries.into_iter().zip(moments) {
                again(tx, entry, at + moment)?;
            }
        }
        Ok(())
    }
}

fn again(tx: &mut dyn WriteTx, entry: EntryKey, at: i64) -> Result<(), Fault> {
    let (log, anew) = (entry.log(), anew_key(entry.log(), entry.index()));
    if let Some(old) = tx.fetch(Book::Meta, &anew)? {
        tx.delete(Book::Meta, &again_key(log, time_in(&old)?))?;
    }
    tx.put(Book::Meta, &anew, &at.to_be_bytes())?;
    tx.put(Book::Meta, &again_key(log, at), &entry.index().to_be_bytes())?;
    later::shown(tx, entry)
}

/// A live entry is shown no more: the newest of what is left of its object was hidden behind it, and is added anew. `posting` is the key of the object's id.
pub(crate) fn uncover(
    tx: &mut dyn WriteTx,
    channel: &ChannelId,
    (gone, header): (EntryKey, &Header),
    posting: u64,
    anew: &mut Anew,
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
    if let Some((_, entry)) = newest.filter(|(modified, _)| *modified < header.modified) {
        anew.note(channel, entry);
    }
    Ok(())
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
    let at = usize::try_from(entry.index() - arrival.first).unwrap_or(usize::MAX);
    times_of(tx, &arrival)?.get(at).copied().ok_or_else(|| damaged("arrivals"))
}

/// Makes the secret that moments are drawn from, and gives the arrivals of a store from before there were such times the times that they would have got, once.
pub(crate) fn date_arrivals(tx: &mut dyn WriteTx, entropy: &dyn Entropy) -> Result<(), Fault> {
    if tx.fetch(Book::Meta, KEY)?.is_none() {
        let mut key = [0_u8; 32];
        entropy.fill(&mut key);
        tx.put(Book::Meta, KEY, &key)?;
    }
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
            let (at, spread) = claim(tx, &channel, arrival.count, arrival.at)?;
            rows::save_arrival(tx, &Arrival { at, spread, ..*arrival })?;
            after = arrival.position;
        }
        if arrivals.len() < CHUNK {
            return rows::set_number(tx, DATED, 1);
        }
    }
}

/// Whether that has been done.
pub(crate) fn are_dated(tx: &dyn ReadTx) -> Result<bool, Fault> {
    Ok(rows::number(tx, DATED)? == 1 && tx.fetch(Book::Meta, KEY)?.is_some())
}
