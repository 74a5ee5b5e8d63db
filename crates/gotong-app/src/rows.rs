//! The shapes of keys and values in the store's books. Nobody else knows them.

use gotong_crypto::{Digest, text};
use gotong_ledger::Frontier;
use gotong_model::{ChannelId, EpochId, LogId, MemberCode, Timestamp};
use gotong_store::{Book, EntryKey, Fault, Header, Index, LogNo, ReadTx, State, WriteTx};
use serde::{Deserialize, Serialize};

use crate::heading::Headings;

/// What is known of a log here.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// Its number in this store.
    pub no: LogNo,
    /// Which log.
    pub id: LogId,
    /// What its channel shares with all of its type, as it was when the log began here.
    pub scope: ChannelId,
    /// The growing edge of its tree.
    pub frontier: Frontier,
    /// Index of the newest entry that names governance.
    pub basis: u64,
    /// Of one's own log, the hash of what that entry names.
    pub basis_hash: Option<Digest>,
    /// `published_at` of the newest entry (of one's own log), or of the newest control entry (of another's).
    pub published_at: Timestamp,
    /// Position of its newest arrival.
    pub arrival: u64,
    /// From this index on the log is not shown: a critical entry is not understood, or entry 0 is faulty.
    pub stopped: Option<u64>,
    /// Entries whose body is withheld.
    pub withheld: u64,
    /// The newest checkpoint verified here, as signed; empty for one's own logs.
    pub checkpoint: String,
    /// Checkpoints verified that cover more than is here: (size, root).
    pub pending: Vec<(u64, Digest)>,
}

impl LogRow {
    /// How many entries are here.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Under what its records are listed.
    pub(crate) fn headings(&self) -> Headings {
        Headings { scope: self.scope, channel: self.id.channel }
    }
}

#[derive(Serialize, Deserialize)]
struct LogJson {
    channel: String,
    author: String,
    epoch: String,
    /// Missing in rows from before there were scopes, when every channel was its own.
    scope: Option<String>,
    frontier: String,
    basis: u64,
    basis_hash: Option<String>,
    published_at: i64,
    arrival: u64,
    stopped: Option<u64>,
    withheld: u64,
    checkpoint: String,
    pending: Vec<(u64, String)>,
}

/// The fault of a book that does not read back.
pub fn damaged(what: &str) -> Fault {
    Fault::Corrupt(format!("a row of {what} does not read back"))
}

/// JSON of a row.
pub fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    // Rows are plain structs of texts and numbers, which always serialise.
    serde_json::to_vec(value).unwrap_or_default()
}

/// A row from JSON.
pub fn from_json<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|_| damaged(what))
}

fn encode(row: &LogRow) -> Vec<u8> {
    to_json(&LogJson {
        channel: row.id.channel.to_string(),
        author: row.id.author.to_string(),
        epoch: row.id.epoch.to_string(),
        scope: Some(row.scope.to_string()),
        frontier: text::base64(&row.frontier.encode()),
        basis: row.basis,
        basis_hash: row.basis_hash.map(|hash| hash.to_text()),
        published_at: row.published_at.micros(),
        arrival: row.arrival,
        stopped: row.stopped,
        withheld: row.withheld,
        checkpoint: row.checkpoint.clone(),
        pending: row.pending.iter().map(|(size, root)| (*size, root.to_text())).collect(),
    })
}

fn decode(no: LogNo, bytes: &[u8]) -> Result<LogRow, Fault> {
    let json: LogJson = from_json(bytes, "logs")?;
    let read = || {
        let id = LogId {
            channel: ChannelId::from_text(&json.channel)?,
            author: MemberCode::from_text(&json.author)?,
            epoch: EpochId::from_text(&json.epoch)?,
        };
        let id_channel = id.channel;
        let pending = json.pending.iter().map(|(size, root)| Some((*size, Digest::from_text(root)?)));
        Some(LogRow {
            no,
            id,
            scope: match &json.scope {
                None => id_channel,
                Some(scope) => ChannelId::from_text(scope)?,
            },
            frontier: Frontier::decode(&text::from_base64(&json.frontier)?)?,
            basis: json.basis,
            basis_hash: match &json.basis_hash {
                None => None,
                Some(hash) => Some(Digest::from_text(hash)?),
            },
            published_at: Timestamp::from_micros(json.published_at)?,
            arrival: json.arrival,
            stopped: json.stopped,
            withheld: json.withheld,
            checkpoint: json.checkpoint.clone(),
            pending: pending.collect::<Option<_>>()?,
        })
    };
    read().ok_or_else(|| damaged("logs"))
}

/// The prefix of all logs of one author in one channel; with an epoch behind it, the name of one.
pub fn author_prefix(channel: &ChannelId, author: &MemberCode) -> Vec<u8> {
    let mut key = channel.as_bytes().to_vec();
    key.extend_from_slice(author.as_str().as_bytes());
    key.push(0);
    key
}

/// The key of a log's name.
pub fn log_name(id: &LogId) -> Vec<u8> {
    let mut key = author_prefix(&id.channel, &id.author);
    key.extend_from_slice(&id.epoch.0);
    key
}

/// The end of all keys that begin with `prefix`.
pub fn prefix_end(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// A log by its number.
pub fn log_by_no(tx: &dyn ReadTx, no: LogNo) -> Result<Option<LogRow>, Fault> {
    tx.fetch(Book::Log, &no.0.to_be_bytes())?.map(|bytes| decode(no, &bytes)).transpose()
}

/// A log by its name.
pub fn log_by_id(tx: &dyn ReadTx, id: &LogId) -> Result<Option<LogRow>, Fault> {
    match tx.fetch(Book::LogName, &log_name(id))? {
        None => Ok(None),
        Some(bytes) => log_by_no(tx, log_no(&bytes)?),
    }
}

/// All epochs of one author in one channel, in order of their ids.
pub fn logs_of(tx: &dyn ReadTx, channel: &ChannelId, author: &MemberCode) -> Result<Vec<LogRow>, Fault> {
    let prefix = author_prefix(channel, author);
    logs_with_prefix(tx, &prefix)
}

/// Entries of one id that are looked at for whether it stands already.
const STANDING_MAX: usize = 1_000;

/// The headers of what is live under an id in these logs.
pub(crate) fn standing(tx: &dyn ReadTx, logs: &[LogRow], id: &str) -> Result<Vec<Header>, Fault> {
    let key = tx.index_key(Index::Object, id.as_bytes());
    if !tx.may_have(Index::Object, key)? {
        return Ok(Vec::new());
    }
    let keys = tx.postings(Index::Object, key, None, STANDING_MAX)?;
    let of_log = |entry: &EntryKey| logs.iter().any(|row| row.no == entry.log());
    let keys: Vec<EntryKey> = keys.into_iter().filter(of_log).collect();
    let headers = tx.headers(&keys)?.into_iter().flatten();
    Ok(headers.filter(|header| header.state == State::Live).collect())
}

/// All logs of one channel.
pub fn logs_in(tx: &dyn ReadTx, channel: &ChannelId) -> Result<Vec<LogRow>, Fault> {
    logs_with_prefix(tx, channel.as_bytes())
}

fn logs_with_prefix(tx: &dyn ReadTx, prefix: &[u8]) -> Result<Vec<LogRow>, Fault> {
    let names = tx.scan(Book::LogName, prefix, &prefix_end(prefix), 65_536)?;
    let mut rows = Vec::with_capacity(names.len());
    for (_, value) in names {
        rows.push(log_by_no(tx, log_no(&value)?)?.ok_or_else(|| damaged("logs"))?);
    }
    Ok(rows)
}

/// Keeps a log's row.
pub fn save_log(tx: &mut dyn WriteTx, row: &LogRow) -> Result<(), Fault> {
    tx.put(Book::Log, &row.no.0.to_be_bytes(), &encode(row))
}

/// Gives a new log a number and a row.
pub fn create_log(tx: &mut dyn WriteTx, id: LogId, scope: ChannelId) -> Result<LogRow, Fault> {
    let last = tx.last(Book::Log, &[], &[])?;
    let no = match last {
        None => 1,
        Some((key, _)) => log_no(&key)?.0 + 1,
    };
    if no >= 1 << 27 {
        return Err(Fault::Misuse("no room for another log".to_owned()));
    }
    let row = LogRow {
        no: LogNo(no),
        scope,
        frontier: Frontier::new(),
        basis: 0,
        basis_hash: None,
        published_at: Timestamp::default(),
        arrival: 0,
        stopped: None,
        withheld: 0,
        checkpoint: String::new(),
        pending: Vec::new(),
        id,
    };
    tx.put(Book::LogName, &log_name(&row.id), &no.to_be_bytes())?;
    save_log(tx, &row)?;
    crate::status::change(tx, |counts| counts.logs += 1)?;
    Ok(row)
}

fn log_no(bytes: &[u8]) -> Result<LogNo, Fault> {
    <[u8; 4]>::try_from(bytes).map(|bytes| LogNo(u32::from_be_bytes(bytes))).map_err(|_| damaged("log names"))
}

/// The widest time in which entries of one arrival may be added, as a power of two of microseconds.
pub(crate) const SPREAD_MAX: u8 = 31;

/// A range of a log that arrived in one transaction: the order in which this store came to know things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// Its position, from 1, without gap.
    pub position: u64,
    /// The log.
    pub log: LogNo,
    /// The first index.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// The beginning of the time in which its entries were added; within a channel these times do not overlap.
    pub at: Timestamp,
    /// They were added at moments of their own within 2^`spread` microseconds; 0: a microsecond after each other, as older programs had it.
    pub spread: u8,
}

impl Arrival {
    /// The first microsecond after all its entries.
    pub(crate) fn ends(&self) -> i64 {
        let micros = if self.spread == 0 { self.count } else { 1 << self.spread };
        self.at.micros().saturating_add(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = self.log.0.to_be_bytes().to_vec();
        for value in [self.first, self.count, u64::try_from(self.at.micros()).unwrap_or(0)] {
            out.extend_from_slice(&value.to_be_bytes());
        }
        if self.spread > 0 {
            out.push(self.spread);
        }
        out
    }

    fn decode(key: &[u8], value: &[u8]) -> Result<Self, Fault> {
        let read = || {
            let (log, rest) = value.split_first_chunk::<4>()?;
            let (first, rest) = rest.split_first_chunk::<8>()?;
            let (count, rest) = rest.split_first_chunk::<8>()?;
            let (at, rest) = rest.split_first_chunk::<8>()?;
            let (spread, count) = (rest.first().copied().unwrap_or(0), u64::from_be_bytes(*count));
            // There must be room for every entry, and some to spare.
            let is_sound = rest.len() <= 1 && (spread == 0 || (spread <= SPREAD_MAX && count <= 1 << (spread - 1)));
            is_sound.then_some(Self {
                position: u64::from_be_bytes(key.try_into().ok()?),
                log: LogNo(u32::from_be_bytes(*log)),
                first: u64::from_be_bytes(*first),
                count,
                at: Timestamp::from_micros(i64::try_from(u64::from_be_bytes(*at)).ok()?)?,
                spread,
            })
        };
        read().ok_or_else(|| damaged("arrivals"))
    }
}

/// The newest position; 0 before the first arrival.
pub fn head(tx: &dyn ReadTx) -> Result<u64, Fault> {
    match tx.last(Book::Arrival, &[], &[])? {
        None => Ok(0),
        Some((key, value)) => Ok(Arrival::decode(&key, &value)?.position),
    }
}

/// Arrivals after a position, in order.
pub fn arrivals(tx: &dyn ReadTx, after: u64, limit: usize) -> Result<Vec<Arrival>, Fault> {
    let rows = tx.scan(Book::Arrival, &(after + 1).to_be_bytes(), &[], limit)?;
    rows.iter().map(|(key, value)| Arrival::decode(key, value)).collect()
}

/// Arrivals of one log after a position, in order.
pub fn arrivals_of(tx: &dyn ReadTx, row: &LogRow, after: u64, limit: usize) -> Result<Vec<Arrival>, Fault> {
    if row.arrival <= after {
        return Ok(Vec::new());
    }
    let first = first_behind(tx, row, after)?;
    let places = tx.scan(Book::Meta, &arrived_key(row.no, first), &arrived_key(row.no, u64::MAX), limit)?;
    let mut found = Vec::with_capacity(places.len());
    for (_, position) in places {
        let value = tx.fetch(Book::Arrival, &position)?.ok_or_else(|| damaged("arrivals"))?;
        found.push(Arrival::decode(&position, &value)?);
    }
    Ok(found)
}

/// The first entry of a log that came after a position; the log's size where none did.
fn first_behind(tx: &dyn ReadTx, row: &LogRow, position: u64) -> Result<u64, Fault> {
    if row.arrival <= position {
        return Ok(row.size());
    }
    // A log's positions rise with its indexes: the place is found by halving.
    let (mut low, mut high) = (0, row.size());
    while low < high {
        let middle = low.midpoint(high);
        match arrival_of(tx, row.no, middle)? {
            Some(arrival) if arrival.position > position => high = arrival.first,
            Some(arrival) => low = arrival.first + arrival.count,
            None => return Err(damaged("arrivals")),
        }
    }
    Ok(low)
}

/// The arrival at a position; `None` before the first.
pub(crate) fn arrival_at(tx: &dyn ReadTx, position: u64) -> Result<Option<Arrival>, Fault> {
    if position == 0 {
        return Ok(None);
    }
    let key = position.to_be_bytes();
    let value = tx.fetch(Book::Arrival, &key)?.ok_or_else(|| damaged("arrivals"))?;
    Arrival::decode(&key, &value).map(Some)
}

/// The newest arrival of a log that does not lie behind a position.
pub(crate) fn newest_arrival_until(tx: &dyn ReadTx, row: &LogRow, position: u64) -> Result<Option<Arrival>, Fault> {
    match first_behind(tx, row, position)?.checked_sub(1) {
        None => Ok(None),
        Some(last) => arrival_of(tx, row.no, last),
    }
}

/// Notes that a range arrived; returns its position.
pub(crate) fn arrive(
    tx: &mut dyn WriteTx,
    log: LogNo,
    (first, count): (u64, u64),
    (at, spread): (Timestamp, u8),
) -> Result<u64, Fault> {
    let arrival = Arrival { position: head(tx)? + 1, log, first, count, at, spread };
    save_arrival(tx, &arrival)?;
    tx.put(Book::Meta, &arrived_key(log, first), &arrival.position.to_be_bytes())?;
    Ok(arrival.position)
}

/// Keeps an arrival.
pub(crate) fn save_arrival(tx: &mut dyn WriteTx, arrival: &Arrival) -> Result<(), Fault> {
    tx.put(Book::Arrival, &arrival.position.to_be_bytes(), &arrival.encode())
}

/// Arrivals of a log from the one that brought an index on, in order.
pub(crate) fn arrivals_from(tx: &dyn ReadTx, log: LogNo, index: u64, limit: usize) -> Result<Vec<Arrival>, Fault> {
    let Some(first) = arrival_of(tx, log, index)? else { return Ok(Vec::new()) };
    let places = tx.scan(Book::Meta, &arrived_key(log, first.first), &arrived_key(log, u64::MAX), limit)?;
    let mut found = Vec::with_capacity(places.len());
    for (_, position) in places {
        let value = tx.fetch(Book::Arrival, &position)?.ok_or_else(|| damaged("arrivals"))?;
        found.push(Arrival::decode(&position, &value)?);
    }
    Ok(found)
}

/// The first index of the first arrival of a log of which something may have been added after a time; the log's size where there is none.
pub(crate) fn first_not_before(tx: &dyn ReadTx, row: &LogRow, after: i64) -> Result<u64, Fault> {
    let (mut low, mut high) = (0, row.size());
    while low < high {
        let middle = low.midpoint(high);
        let arrival = arrival_of(tx, row.no, middle)?.ok_or_else(|| damaged("arrivals"))?;
        if arrival.ends() - 1 > after {
            high = arrival.first;
        } else {
            low = arrival.first + arrival.count;
        }
    }
    Ok(low)
}

/// From a place in a log back to its arrival: log and first index → position.
fn arrived_key(log: LogNo, first: u64) -> Vec<u8> {
    [b"arrived/", &log.0.to_be_bytes()[..], &first.to_be_bytes()].concat()
}

/// The arrival that brought an entry.
pub fn arrival_of(tx: &dyn ReadTx, log: LogNo, index: u64) -> Result<Option<Arrival>, Fault> {
    let last = tx.last(Book::Meta, &arrived_key(log, 0), &arrived_key(log, index + 1))?;
    let Some((_, position)) = last else { return Ok(None) };
    let value = tx.fetch(Book::Arrival, &position)?.ok_or_else(|| damaged("arrivals"))?;
    let arrival = Arrival::decode(&position, &value)?;
    Ok((arrival.log == log && index < arrival.first + arrival.count).then_some(arrival))
}

/// A number kept under a name; 0 where there is none.
pub fn number(tx: &dyn ReadTx, name: &str) -> Result<u64, Fault> {
    match tx.fetch(Book::Meta, name.as_bytes())? {
        None => Ok(0),
        Some(bytes) => <[u8; 8]>::try_from(bytes.as_slice()).map(u64::from_be_bytes).map_err(|_| damaged(name)),
    }
}

/// Keeps a number under a name.
pub fn set_number(tx: &mut dyn WriteTx, name: &str, value: u64) -> Result<(), Fault> {
    tx.put(Book::Meta, name.as_bytes(), &value.to_be_bytes())
}
