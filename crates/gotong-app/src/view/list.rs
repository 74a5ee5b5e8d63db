//! Lists of records, page by page, in one of four orders: of arrival at this store, or the same backwards; newest first by the object's own time (with a type
//! or a time asked for); or of the entries of one id. A cursor says how far a reader is and nothing else, sealed for that reader.
//!
//! What the caller may not read is passed over without being counted, so that pages begin and end where they would if it did not exist. What is
//! looked at and left out by the reader's own filter is counted, so that a page's work is bounded; a short page with `next` is the answer then.

mod by_time;
mod newest;

use gotong_formats::stix21;
use gotong_model::{ChannelId, MemberCode, Timestamp, Tlp, limits};
use gotong_store::{EntryKey, Header, Index, ReadTx, State};

use super::ViewFault;
use super::record::{RecordView, Records};
use super::scope::{Scope, SeenLog};
use super::versions::label_of;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};

/// What cursors are sealed for: one order each.
const BY_ARRIVAL: &str = "list";
const BY_TIME: &str = "list-time";
const BY_ID: &str = "list-id";
const BY_NEWEST: &str = "list-newest";

/// Bytes of bodies after which a page ends.
const PAGE_BYTES_TARGET: usize = 8 << 20;
/// Arrivals looked at in one snapshot.
const ARRIVALS_CHUNK: usize = 512;
/// Entries read at a time.
const ENTRIES_CHUNK: u64 = 256;

/// In which order a list without an id is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// Oldest arrival first; with a type or a time, newest first by the objects' own time.
    #[default]
    Usual,
    /// Newest arrival first, whatever date an object gives itself: what is new here.
    NewestArrival,
}

/// What is asked for. The default asks for everything, oldest arrival first: there an entry keeps the place of its arrival for ever, and what is shown later
/// than it arrived is not handed out again. `view::collection` is for those who must miss nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only this author.
    pub author: Option<MemberCode>,
    /// Only objects of this type.
    pub object_type: Option<String>,
    /// Only this id.
    pub id: Option<String>,
    /// Only objects whose time (`modified`, else `created`, else when they were published) is not before this.
    pub since: Option<Timestamp>,
    /// Only objects whose time is before this.
    pub until: Option<Timestamp>,
    /// Only entries labelled no stricter.
    pub label_max: Option<Tlp>,
    /// In which order.
    pub order: Order,
    /// Behind this cursor.
    pub after: Option<String>,
    /// At most so many rows; 0 is the most that a page may have.
    pub limit: usize,
}

/// A page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The rows.
    pub rows: Vec<RecordView>,
    /// Where the next page begins; `None`: this was the last one for now.
    pub next: Option<String>,
    /// A cursor of the order of arrival behind all that this answer could know of: asking with it later, without a type, time or id, gives what came since.
    pub position: String,
}

/// Lists records.
pub fn list(node: &Node, caller: &Caller, query: &Query) -> Result<Page, ViewFault> {
    let scope = match &query.channel {
        Some(channel) => Scope::within(node, caller, channel),
        None => Scope::new(node, caller),
    };
    let limit = if query.limit == 0 { limits::PAGE_ROWS_MAX } else { query.limit.min(limits::PAGE_ROWS_MAX) };
    let budget = 20 * limit + 1_000;
    let mut paging = Paging {
        scope: &scope,
        query,
        records: Records::new(&scope),
        rows: Vec::new(),
        limit,
        budget,
        bytes: 0,
        reach: Reach::Unasked,
    };
    let key = node.positions_of(&caller.id);
    let open = |purpose: &str| match &query.after {
        None => Ok(None),
        Some(cursor) => key.open(purpose, cursor).map(Some).ok_or(ViewFault::Cursor),
    };
    let seal = |purpose: &str, position: u128| key.seal(purpose, position, node.entropy());
    let released = node.sequencer.released();
    if query.channel.is_some_and(|channel| scope.channel(&channel).is_none()) {
        // A cursor is looked at all the same: the answer to a bad one does not tell whether there is such a channel.
        let purpose = paging.purpose();
        open(purpose)?;
        return Ok(Page { rows: Vec::new(), next: None, position: seal(BY_ARRIVAL, arrival_cursor(released, 0)) });
    }
    let purpose = paging.purpose();
    let after = open(purpose)?;
    let (next, position) = match purpose {
        BY_ID => (paging.by_id(after)?, arrival_cursor(released, 0)),
        BY_TIME => (paging.by_time(after)?, arrival_cursor(released, 0)),
        // A store that was put back behind this reader would give the same positions to other entries.
        _ if after.is_some_and(|after| after >> 64 > u128::from(released)) => return Err(ViewFault::Cursor),
        BY_NEWEST => (paging.by_newest(after, released)?, arrival_cursor(released, 0)),
        _ => {
            let (ended, at) = paging.by_arrival(after, released)?;
            (ended.then_some(at), at)
        }
    };
    let next = next.map(|next| seal(purpose, next));
    Ok(Page { rows: paging.rows, next, position: seal(BY_ARRIVAL, position) })
}

/// `done` arrivals are behind the reader, and `within` entries of the next.
fn arrival_cursor(done: u64, within: u64) -> u128 {
    (u128::from(done) << 64) | u128::from(within)
}

/// Which logs a page is looked for in.
enum Reach {
    Unasked,
    All,
    Few(Vec<LogRow>),
}

/// One page under way.
struct Paging<'a, 's> {
    scope: &'a Scope<'s>,
    query: &'a Query,
    records: Records<'a, 's>,
    rows: Vec<RecordView>,
    limit: usize,
    /// Entries that may still be looked at.
    budget: usize,
    bytes: usize,
    reach: Reach,
}

impl Paging<'_, '_> {
    fn purpose(&self) -> &'static str {
        let Query { id, object_type, since, until, order, .. } = self.query;
        if id.is_some() {
            BY_ID
        } else if *order == Order::NewestArrival {
            BY_NEWEST
        } else if object_type.is_some() || since.is_some() || until.is_some() {
            BY_TIME
        } else {
            BY_ARRIVAL
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.limit || self.budget == 0 || self.bytes >= PAGE_BYTES_TARGET
    }

    fn wants_log(&self, log: &SeenLog) -> bool {
        self.query.channel.is_none_or(|channel| channel == log.id.channel)
            && self.query.author.as_ref().is_none_or(|author| *author == log.id.author)
    }

    fn wants(&self, header: &Header) -> bool {
        header.state == State::Live
            && self.query.label_max.is_none_or(|most| label_of(header) <= most)
            && self.query.object_type.as_ref().is_none_or(|name| stix21::type_code(name) == header.type_code)
    }

    /// Opens an entry and keeps it if it is wanted. Whether it is shown and wanted by its header has been asked.
    fn take(
        &mut self,
        tx: &dyn ReadTx,
        (entry, log): (EntryKey, &SeenLog),
        header: &Header,
        content: gotong_store::Content,
    ) -> Result<(), NodeFault> {
        let Some(view) = self.records.view(tx, (entry, log), header, content)? else { return Ok(()) };
        let Query { id, object_type, since, until, .. } = self.query;
        let at = view.modified.unwrap_or(view.published_at);
        // Types that share a number, ids that share a key, and times within one millisecond are told apart here.
        let wanted = id.as_ref().is_none_or(|id| *id == view.id)
            && object_type.as_ref().is_none_or(|name| *name == view.object_type)
            && since.is_none_or(|since| at >= since)
            && until.is_none_or(|until| at < until);
        if wanted {
            self.bytes += view.body.len();
            self.rows.push(view);
        }
        Ok(())
    }

    /// By arrival, up to what is released. Whether the page ended before that, and where.
    fn by_arrival(&mut self, after: Option<u128>, released: u64) -> Result<(bool, u128), NodeFault> {
        let after = after.unwrap_or(0);
        let mut done = u64::try_from(after >> 64).unwrap_or(u64::MAX);
        let mut within = u64::try_from(after & u128::from(u64::MAX)).unwrap_or(0);
        loop {
            // Each chunk has a snapshot of its own: nothing before `released` changes its place.
            let tx = self.scope.node.store.read()?;
            let tx = tx.as_ref();
            let arrivals = self.arrivals(tx, done)?;
            let is_last = arrivals.len() < ARRIVALS_CHUNK;
            for arrival in arrivals {
                if arrival.position > released {
                    return Ok((self.is_full(), arrival_cursor(done, within)));
                }
                if let Some(log) = self.scope.log(tx, arrival.log)? {
                    if self.is_full() {
                        return Ok((true, arrival_cursor(done, within)));
                    }
                    if self.wants_log(&log) {
                        within = self.of_arrival(tx, &log, &arrival, within)?;
                        if within < arrival.count {
                            return Ok((true, arrival_cursor(done, within)));
                        }
                    } else if self.scope.is_staff() {
                        self.budget -= 1;
                    }
                }
                (done, within) = (arrival.position, 0);
            }
            if is_last {
                return Ok((self.is_full(), arrival_cursor(done, within)));
            }
        }
    }

    /// The next arrivals. Of a reader who reads few logs only theirs are looked at, however much else arrives: what is hidden then costs nothing.
    fn arrivals(&mut self, tx: &dyn ReadTx, done: u64) -> Result<Vec<rows::Arrival>, NodeFault> {
        if matches!(self.reach, Reach::Unasked) {
            self.reach = self.scope.few_logs(tx, self.query.channel)?.map_or(Reach::All, Reach::Few);
        }
        let Reach::Few(logs) = &self.reach else { return Ok(rows::arrivals(tx, done, ARRIVALS_CHUNK)?) };
        let mut arrivals = Vec::new();
        for row in logs {
            arrivals.extend(rows::arrivals_of(tx, row, done, ARRIVALS_CHUNK)?);
        }
        arrivals.sort_unstable_by_key(|arrival| arrival.position);
        arrivals.truncate(ARRIVALS_CHUNK);
        Ok(arrivals)
    }

    /// The entries of one arrival from `within`; how far it came.
    fn of_arrival(
        &mut self,
        tx: &dyn ReadTx,
        log: &SeenLog,
        arrival: &rows::Arrival,
        mut within: u64,
    ) -> Result<u64, NodeFault> {
        while within < arrival.count && !self.is_full() {
            within += self.hidden(tx, log, arrival, within)?;
            if within == arrival.count {
                break;
            }
            let room = (self.limit - self.rows.len()).min(self.budget) as u64;
            let count = usize::try_from((arrival.count - within).min(ENTRIES_CHUNK).min(room)).unwrap_or(1);
            let entries = tx.entries(arrival.log, arrival.first + within, count, 1 << 20, true)?;
            if entries.is_empty() {
                return Ok(arrival.count);
            }
            for entry in entries {
                if self.is_full() {
                    return Ok(within);
                }
                within = entry.key.index() + 1 - arrival.first;
                if self.is_hidden(tx, log, entry.key, &entry.header)? {
                    continue;
                }
                self.budget -= 1;
                let shown = log.stopped.is_none_or(|stopped| entry.key.index() < stopped);
                if shown
                    && self.wants(&entry.header)
                    && self.scope.may_see(tx, entry.key, log, &entry.header)?
                    && let Some(content) = entry.open()?
                {
                    self.take(tx, (entry.key, log), &entry.header, content)?;
                }
            }
        }
        Ok(within)
    }

    /// How many entries from `within` on are hidden from this reader: they are passed over by their headers alone, and count for nothing.
    fn hidden(&self, tx: &dyn ReadTx, log: &SeenLog, arrival: &rows::Arrival, within: u64) -> Result<u64, NodeFault> {
        if self.scope.is_staff() {
            return Ok(0);
        }
        let mut passed = 0;
        while within + passed < arrival.count {
            let first = arrival.first + within + passed;
            let count = (arrival.count - within - passed).min(ENTRIES_CHUNK);
            let keys: Vec<EntryKey> = (first..first + count).map(|index| EntryKey::new(arrival.log, index)).collect();
            for (key, header) in keys.iter().zip(tx.headers(&keys)?) {
                if let Some(header) = header
                    && !self.is_hidden(tx, log, *key, &header)?
                {
                    return Ok(passed);
                }
                passed += 1;
            }
        }
        Ok(passed)
    }

    /// Whether an entry of a log that an organisation reads in part is not for it. Entries that are no records are for nobody who is served.
    fn is_hidden(&self, tx: &dyn ReadTx, log: &SeenLog, entry: EntryKey, header: &Header) -> Result<bool, NodeFault> {
        // INVARIANT: 1. What is hidden must not shorten a page: an organisation would count it by where its pages end.
        if self.scope.is_staff() {
            return Ok(false);
        }
        Ok(header.state != State::Live || !self.scope.may_see(tx, entry, log, header)?)
    }

    /// The entries of one id in order of their keys. Where the page ended.
    fn by_id(&mut self, after: Option<u128>) -> Result<Option<u128>, NodeFault> {
        let Some(id) = &self.query.id else { return Ok(None) };
        let tx = self.scope.node.store.read()?;
        let tx = tx.as_ref();
        let key = tx.index_key(Index::Object, id.as_bytes());
        let mut after = after.and_then(|after| u64::try_from(after).ok()).map(EntryKey);
        loop {
            let keys = tx.postings(Index::Object, key, after, 256)?;
            for (entry, header) in keys.iter().zip(tx.headers(&keys)?) {
                let Some(header) = header else { continue };
                let Some(log) = self.scope.shown(tx, *entry, &header)? else { continue };
                if self.is_full() {
                    return Ok(after.map(|after| u128::from(after.0)));
                }
                self.budget -= 1;
                after = Some(*entry);
                if self.wants_log(&log)
                    && self.wants(&header)
                    && let Some(content) = tx.entry(*entry)?.map(|entry| entry.open()).transpose()?.flatten()
                {
                    self.take(tx, (*entry, &log), &header, content)?;
                }
            }
            match keys.last() {
                Some(last) if keys.len() == 256 => after = Some(*last),
                _ => return Ok(after.filter(|_| self.is_full()).map(|after| u128::from(after.0))),
            }
        }
    }
}
