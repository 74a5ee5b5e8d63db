//! The stream of events: what was published and what was withdrawn, in the order in which this store came to know of it, read on from a place. Nothing is
//! kept for a reader: its place is all there is, sealed for it alone.
//!
//! What a reader may not see is passed over without being counted. Between two arrivals stands what happened after the first of them, so that a withdrawal
//! comes behind what it withdraws. Read next: `filter.rs`, `later.rs`.

use gotong_formats::stix21;
use gotong_model::control::Reason;
use gotong_model::envelope::Envelope;
use gotong_model::{MemberCode, Timestamp, Tlp};
use gotong_store::{Content, EntryKey, Header, ReadTx, State};

use super::filter::{Filter, Subject};
use super::later::{self, Later, Turn};
use crate::caller::Caller;
use crate::erase;
use crate::node::{Node, NodeFault};
use crate::rows::{self, Arrival, LogRow};
use crate::view::scope::{Scope, SeenLog};
use crate::view::search::words::WordsRead;
use crate::view::versions::label_of;
use crate::view::{self, ViewFault};

/// What places are sealed for.
const PURPOSE: &str = "events";
/// What cursors of lists in order of arrival are sealed for.
const LIST: &str = "list";
/// Events of one batch.
pub const BATCH_MAX: usize = 500;
/// Bytes of bodies after which a batch ends.
const BATCH_BYTES: usize = 1 << 20;
/// Entries looked at for one batch.
const LOOKED_MAX: usize = 5_000;
/// Arrivals and rows read at a time.
const CHUNK: usize = 512;
/// Entries read at a time.
const ENTRIES_CHUNK: u64 = 128;

/// A place in the stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// So many arrivals are behind the reader.
    pub(super) done: u64,
    /// And so many entries of the next.
    pub(super) within: u64,
    /// And so many rows of what happened later.
    pub(super) later: u64,
}

impl Place {
    const WITHIN_BITS: u32 = 32;
    const LATER_BITS: u32 = 40;

    pub(super) fn to_number(self) -> u128 {
        let low = |value: u64, bits: u32| u128::from(value) & ((1 << bits) - 1);
        (u128::from(self.done) << (Self::WITHIN_BITS + Self::LATER_BITS))
            | (low(self.within, Self::WITHIN_BITS) << Self::LATER_BITS)
            | low(self.later, Self::LATER_BITS)
    }

    pub(super) fn from_number(number: u128) -> Option<Self> {
        let low = |value: u128, bits: u32| u64::try_from(value & ((1 << bits) - 1)).ok();
        Some(Self {
            done: u64::try_from(number >> (Self::WITHIN_BITS + Self::LATER_BITS)).ok()?,
            within: low(number >> Self::LATER_BITS, Self::WITHIN_BITS)?,
            later: low(number, Self::LATER_BITS)?,
        })
    }

    /// As its reader sees it.
    pub fn seal(self, node: &Node, caller: &Caller) -> String {
        node.positions_of(&caller.id).seal(PURPOSE, self.to_number(), node.entropy())
    }

    /// The place that an event's id or the `position` of a list stands for. A place that this store has not reached was another store's.
    pub fn open(node: &Node, caller: &Caller, sealed: &str) -> Result<Self, ViewFault> {
        let key = node.positions_of(&caller.id);
        let place = if let Some(number) = key.open(PURPOSE, sealed) {
            Self::from_number(number).ok_or(ViewFault::Cursor)?
        } else {
            let number = key.open(LIST, sealed).ok_or(ViewFault::Cursor)?;
            let done = u64::try_from(number >> 64).map_err(|_| ViewFault::Cursor)?;
            let within = u64::try_from(number & u128::from(u64::MAX)).map_err(|_| ViewFault::Cursor)?;
            // Twice is better than never: what happened since the newest arrival may have been in the list already.
            Self { done, within, later: later::before_head(node.store.read()?.as_ref(), done)? }
        };
        let last = later::last(node.store.read()?.as_ref())?;
        if place.done > node.sequencer.released() || place.later > last {
            return Err(ViewFault::Cursor);
        }
        Ok(place)
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// A record is there that was not, or not under this label.
    Published(Box<Published>),
    /// A record was withdrawn. What it said, and its id, are gone.
    Withdrawn {
        /// Why.
        reason: Option<Reason>,
    },
}

/// A record as an event tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    /// Its id.
    pub id: String,
    /// What to call it.
    pub name: Option<String>,
    /// When its author published it.
    pub published_at: Timestamp,
    /// Its bytes, if asked for.
    pub body: Option<Vec<u8>>,
}

/// One event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The place behind it.
    pub place: Place,
    /// What happened.
    pub act: Act,
    /// The object's type; of a withdrawn one, where it is one of the standard's.
    pub object_type: Option<String>,
    /// The channel's handle.
    pub channel: String,
    /// Whether that is one of an exercise.
    pub is_exercise: bool,
    /// The author.
    pub author: MemberCode,
    /// The label that counts, or counted.
    pub label: Tlp,
    /// Where it stands, or stood.
    pub at: view::Place,
    pub(super) item: Item,
}

/// What an event is made of: kept where it must be told again in the very same way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) entry: EntryKey,
    pub(super) turn: Turn,
}

/// What is read.
#[derive(Clone, Copy, Debug)]
pub struct Follow<'a> {
    /// What is wanted.
    pub filter: &'a Filter,
    /// From where.
    pub after: Place,
    /// At most so many events.
    pub limit: usize,
    /// Whether the objects themselves are wanted.
    pub with_bodies: bool,
    /// Records that were read for their words by other searches of the same look.
    pub(crate) read: Option<&'a WordsRead>,
}

impl<'a> Follow<'a> {
    /// Reads on for one search by itself.
    pub fn new(filter: &'a Filter, after: Place, limit: usize, with_bodies: bool) -> Self {
        Self { filter, after, limit, with_bodies, read: None }
    }

    /// Reads on for one search of many.
    pub(crate) fn beside(filter: &'a Filter, after: Place, limit: usize, read: &'a WordsRead) -> Self {
        Self { read: Some(read), ..Self::new(filter, after, limit, false) }
    }
}

/// Events, and where to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// In order.
    pub events: Vec<Event>,
    /// Behind all that was looked at.
    pub place: Place,
    /// Whether there is more already.
    pub more: bool,
}

/// The place behind all that is known now.
pub fn now(node: &Node) -> Result<Place, NodeFault> {
    // Asked in this order: what comes between the two is told once too often rather than not at all.
    let later = later::last(node.store.read()?.as_ref())?;
    Ok(Place { done: node.sequencer.released(), within: 0, later })
}

/// Reads on.
pub fn follow(node: &Node, caller: &Caller, wanted: Follow<'_>) -> Result<Batch, NodeFault> {
    let scope = scope_of(node, caller, wanted.filter);
    let mut reading = Reading {
        scope: &scope,
        wanted,
        place: wanted.after,
        events: Vec::new(),
        bytes: 0,
        looked: 0,
        limit: wanted.limit.clamp(1, BATCH_MAX),
    };
    let released = node.sequencer.released();
    let is_known = wanted.filter.channel.is_none_or(|channel| scope.channel(&channel).is_some());
    if !is_known {
        let place = now(node)?;
        return Ok(Batch { events: Vec::new(), place, more: false });
    }
    let more = reading.on(released)?;
    let Reading { events, place, .. } = reading;
    Ok(Batch { events, place, more })
}

pub(super) fn scope_of<'a>(node: &'a Node, caller: &'a Caller, filter: &Filter) -> Scope<'a> {
    // INVARIANT: 6. Exercises only where one of their channels is asked about.
    match &filter.channel {
        Some(channel) => Scope::within(node, caller, channel),
        None => Scope::new(node, caller),
    }
}

/// One batch under way.
struct Reading<'a, 's> {
    scope: &'a Scope<'s>,
    wanted: Follow<'a>,
    place: Place,
    events: Vec<Event>,
    bytes: usize,
    looked: usize,
    limit: usize,
}

impl Reading<'_, '_> {
    fn is_full(&self) -> bool {
        self.events.len() >= self.limit || self.bytes >= BATCH_BYTES || self.looked >= LOOKED_MAX
    }

    /// Reads up to what is released; whether it stopped before that.
    fn on(&mut self, released: u64) -> Result<bool, NodeFault> {
        let few = {
            let tx = self.scope.node.store.read()?;
            self.scope.few_logs(tx.as_ref(), self.wanted.filter.channel)?
        };
        loop {
            let tx = self.scope.node.store.read()?;
            let tx = tx.as_ref();
            let arrivals = arrivals(tx, few.as_deref(), self.place.done)?;
            let is_last = arrivals.len() < CHUNK || arrivals.last().is_some_and(|last| last.position >= released);
            for arrival in arrivals.iter().take_while(|arrival| arrival.position <= released) {
                self.come_to(arrival);
                if !self.happened_before(tx, arrival.position)? || !self.of_arrival(tx, arrival)? {
                    return Ok(true);
                }
            }
            if is_last {
                if !self.happened_before(tx, released.saturating_add(1))? {
                    return Ok(true);
                }
                self.place = Place { done: released.max(self.place.done), within: 0, ..self.place };
                return Ok(false);
            }
        }
    }

    /// What happened before an arrival, if that is not begun. `false`: the batch is full.
    fn happened_before(&mut self, tx: &dyn ReadTx, position: u64) -> Result<bool, NodeFault> {
        if self.place.within > 0 {
            return Ok(true);
        }
        loop {
            let rows = later::after(tx, self.place.later, CHUNK)?;
            let count = rows.len();
            for row in rows {
                if row.head >= position {
                    return Ok(true);
                }
                if self.is_full() {
                    return Ok(false);
                }
                self.place.later = row.number;
                self.of_later(tx, &row)?;
            }
            if count < CHUNK {
                return Ok(true);
            }
        }
    }

    fn of_later(&mut self, tx: &dyn ReadTx, row: &Later) -> Result<(), NodeFault> {
        let item = Item { entry: row.entry, turn: row.turn };
        if self.scope.log(tx, row.entry.log())?.is_some() {
            self.looked += 1;
            let event = render(self.scope, tx, (item, self.place), self.wanted.filter, self.wanted.with_bodies)?;
            self.keep(event);
        }
        Ok(())
    }

    fn keep(&mut self, event: Option<Event>) {
        if let Some(event) = event {
            if let Act::Published(published) = &event.act {
                self.bytes += published.body.as_ref().map_or(0, Vec::len);
            }
            self.events.push(event);
        }
    }

    /// The entries of one arrival. `false`: the batch is full before its end.
    fn of_arrival(&mut self, tx: &dyn ReadTx, arrival: &Arrival) -> Result<bool, NodeFault> {
        let log = self.scope.log(tx, arrival.log)?;
        // What this reader may see and does not want is work all the same.
        self.looked += usize::from(log.is_some());
        if let Some(log) = log.filter(|log| self.wants_log(log)) {
            while self.place.within < arrival.count {
                if self.is_full() {
                    return Ok(false);
                }
                let left = (arrival.count - self.place.within).min(ENTRIES_CHUNK);
                let count = usize::try_from(left).unwrap_or(1);
                let entries = tx.entries(arrival.log, arrival.first + self.place.within, count, BATCH_BYTES, true)?;
                if entries.is_empty() {
                    break;
                }
                for entry in entries {
                    if self.is_full() {
                        return Ok(false);
                    }
                    self.looked += 1;
                    self.place.within = entry.key.index() + 1 - arrival.first;
                    if self.wants_header(&entry.header)
                        && self.may_have_words(entry.key)
                        && let Some(content) = entry.open()?
                    {
                        let item = Item { entry: entry.key, turn: Turn::Shown };
                        let event = self.told(tx, (item, &log), &entry.header, content)?;
                        self.keep(event);
                    }
                }
            }
        }
        self.place = Place { done: arrival.position, within: 0, ..self.place };
        Ok(true)
    }

    /// Places within an arrival count for that very one: whoever reads others by now begins before the next of those.
    fn come_to(&mut self, arrival: &Arrival) {
        if arrival.position != self.place.done.saturating_add(1) {
            self.place = Place { done: arrival.position.saturating_sub(1), within: 0, ..self.place };
        }
    }

    fn told(
        &self,
        tx: &dyn ReadTx,
        (item, log): (Item, &SeenLog),
        header: &Header,
        content: Content,
    ) -> Result<Option<Event>, NodeFault> {
        let shown = log.stopped.is_none_or(|stopped| item.entry.index() < stopped);
        if !shown || !self.scope.may_see(tx, item.entry, log, header)? {
            return Ok(None);
        }
        Ok(published(self.scope, (item, self.place), log, (header, content), self.wanted))
    }

    fn wants_log(&self, log: &SeenLog) -> bool {
        let Filter { channel, author, .. } = self.wanted.filter;
        channel.is_none_or(|channel| channel == log.id.channel)
            && author.as_ref().is_none_or(|author| *author == log.id.author)
    }

    /// What another search's reading of the record rules out, so that it is not opened again.
    fn may_have_words(&self, entry: EntryKey) -> bool {
        let known = self.wanted.filter.words.as_ref().zip(self.wanted.read.and_then(|read| read.known(entry)));
        known.is_none_or(|(words, record)| record.has(words))
    }

    /// What the header alone can rule out.
    fn wants_header(&self, header: &Header) -> bool {
        let Filter { object_type, label_max, .. } = self.wanted.filter;
        header.state == State::Live
            && label_max.is_none_or(|most| label_of(header) <= most)
            && object_type.as_ref().is_none_or(|name| stix21::type_code(name) == header.type_code)
    }
}

/// Arrivals in order. Of a reader of few logs only theirs are looked at, however much else arrives.
fn arrivals(tx: &dyn ReadTx, few: Option<&[LogRow]>, done: u64) -> Result<Vec<Arrival>, NodeFault> {
    let Some(logs) = few else { return Ok(rows::arrivals(tx, done, CHUNK)?) };
    let mut found = Vec::new();
    for row in logs {
        // The row may be older than this snapshot: its newest arrival is read again.
        if let Some(row) = rows::log_by_no(tx, row.no)? {
            found.extend(rows::arrivals_of(tx, &row, done, CHUNK)?);
        }
    }
    found.sort_unstable_by_key(|arrival| arrival.position);
    found.truncate(CHUNK);
    Ok(found)
}

fn published(
    scope: &Scope<'_>,
    (item, place): (Item, Place),
    log: &SeenLog,
    (header, content): (&Header, Content),
    wanted: Follow<'_>,
) -> Option<Event> {
    let envelope = Envelope::parse(&content.envelope, false).ok()?;
    let facts = stix21::read(&content.body).ok()?;
    let label = label_of(header);
    let subject = Subject {
        channel: &log.id.channel,
        author: &log.id.author,
        object_type: &facts.object_type,
        label,
        values: &facts.values,
    };
    if !wanted.filter.matches(&subject) {
        return None;
    }
    if let Some(words) = &wanted.filter.words {
        let alone = WordsRead::default();
        let read = wanted.read.unwrap_or(&alone);
        if !read.read(item.entry, &facts, content.body.len()).has(words) {
            return None;
        }
    }
    let body = wanted.with_bodies.then_some(content.body);
    let act = Published { id: facts.id, name: facts.name, published_at: envelope.published_at, body };
    Some(Event {
        place,
        act: Act::Published(Box::new(act)),
        object_type: Some(facts.object_type),
        channel: log.handle.to_string(),
        is_exercise: log.exercise,
        author: log.id.author.clone(),
        label,
        at: scope.place(log, item.entry),
        item,
    })
}

/// An event as its reader may see it now; `None` where that is not at all, or where it is not wanted.
pub(super) fn render(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    (item, place): (Item, Place),
    filter: &Filter,
    with_body: bool,
) -> Result<Option<Event>, NodeFault> {
    let entry = item.entry;
    let Some(log) = scope.log(tx, entry.log())? else { return Ok(None) };
    if log.stopped.is_some_and(|stopped| entry.index() >= stopped) {
        return Ok(None);
    }
    let Turn::Gone { type_code, label } = item.turn else {
        let Some(stored) = tx.entry(entry)?.filter(|stored| stored.header.state == State::Live) else {
            return Ok(None);
        };
        let Some(content) = stored.open()? else { return Ok(None) };
        if !scope.may_see(tx, entry, &log, &stored.header)? {
            return Ok(None);
        }
        let wanted = Follow::new(filter, place, 1, with_body);
        return Ok(published(scope, (item, place), &log, (&stored.header, content), wanted));
    };
    let header = Header { type_code, label, ..Header::bare(State::Erased) };
    if !scope.may_have_seen(&log, &header) {
        return Ok(None);
    }
    // What it named is gone, so a search for values or words is told of every withdrawal that it may have met.
    let is_wanted = filter.channel.is_none_or(|channel| channel == log.id.channel)
        && filter.author.as_ref().is_none_or(|author| *author == log.id.author)
        && filter.label_max.is_none_or(|most| label_of(&header) <= most)
        && filter.object_type.as_ref().is_none_or(|name| stix21::type_code(name) == type_code);
    if !is_wanted {
        return Ok(None);
    }
    let reason = erase::tombstone_of(tx, &log.id, entry.index())?.map(|(_, _, reason)| reason);
    Ok(Some(Event {
        place,
        act: Act::Withdrawn { reason },
        object_type: stix21::type_name(type_code).map(str::to_owned),
        channel: log.handle.to_string(),
        is_exercise: log.exercise,
        author: log.id.author.clone(),
        label: label_of(&header),
        at: scope.place(&log, entry),
        item,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_number_and_back() {
        for place in [
            Place::default(),
            Place { done: 1, within: 0, later: 0 },
            Place { done: 0, within: 7, later: 0 },
            Place { done: 3, within: u64::from(u32::MAX), later: (1 << 40) - 1 },
            Place { done: (1 << 56) - 1, within: 1, later: 2 },
        ] {
            assert_eq!(Place::from_number(place.to_number()), Some(place));
        }
    }
}
