//! What stands in a channel as a collection of objects, in the order in which it was added: what TAXII reads. A page is found from a time, so that it costs
//! the same wherever it begins; times rise strictly, so that none is met twice and none is left out, also while the channel grows.
//!
//! Of one id and version one object is shown; of several versions those that are wanted. What the caller may not read counts for nothing.
//! Read next: `collection/pick.rs` (which entry is shown), `collection/runs.rs` (the order), `added.rs` (where times come from).

mod name;
mod pick;
mod runs;

use gotong_crypto::sha256;
use gotong_formats::stix21;
use gotong_model::{ChannelId, Timestamp, Tlp, limits};
use gotong_store::{EntryKey, Fault, Header, ReadTx, State};

pub(crate) use self::name::uuid_4;
pub use self::name::{collection_channel, collection_id};
use self::pick::{Picked, Picks};
use self::runs::{Run, Runs};
use super::ViewFault;
use super::scope::{Scope, SeenLog};
use super::versions::label_of;
use crate::added;
use crate::caller::Caller;
use crate::heading;
use crate::node::{Node, NodeFault};
use crate::project;
use crate::rows::Arrival;

/// Bytes of objects after which a page ends.
const PAGE_BYTES_TARGET: usize = 8 << 20;
/// Entries whose headers are read at a time.
const CHUNK: usize = 256;
/// A page with objects looks at twice as many entries as it shows, and at so many besides.
const LOOKED_BESIDE: usize = 2_000;
/// A page that has found nothing so far goes on for as long as this: an empty page with more behind it helps nobody.
const LOOKED_FOR_FIRST: usize = 100_000;
/// The one version of STIX that is kept here.
const SPEC_VERSION: &str = "2.1";

/// Which version of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VersionWanted {
    /// The newest.
    Last,
    /// The oldest.
    First,
    /// This one.
    At(Timestamp),
}

/// Which objects are wanted. The default wants the newest version of each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Only these ids.
    pub ids: Option<Vec<String>>,
    /// Only these types.
    pub types: Option<Vec<String>>,
    /// Only these versions; empty is the newest.
    pub versions: Vec<VersionWanted>,
    /// Every version, whatever `versions` says.
    pub all_versions: bool,
    /// Only objects of these versions of STIX.
    pub spec_versions: Option<Vec<String>>,
}

/// What is asked of a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectionQuery {
    /// The channel.
    pub channel: ChannelId,
    /// Which objects.
    pub wanted: Wanted,
    /// Only what was added after this.
    pub added_after: Option<Timestamp>,
    /// Behind the page that ended with this.
    pub next: Option<String>,
    /// At most so many; 0 is the most that a page may have.
    pub limit: usize,
    /// Whether the objects themselves are wanted.
    pub with_bodies: bool,
}

/// An object of a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// Its id.
    pub id: String,
    /// Its version: `modified`, else `created`; an object that has neither has the epoch.
    pub version: Timestamp,
    /// When it was added.
    pub added: Timestamp,
    /// The label that counts.
    pub label: Tlp,
    /// Its bytes as they may leave, with the label that counts; empty where they were not asked for.
    pub body: Vec<u8>,
}

/// A page of a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectionPage {
    /// The objects, in the order in which they were added.
    pub rows: Vec<Added>,
    /// Where the next page begins; `None`: there is no more for now.
    pub next: Option<String>,
    /// How far it was looked, where nothing was found and there is more.
    pub reached: Option<Timestamp>,
    /// Whether any of the ids that were asked for is there, in a version that was asked for.
    pub is_known: bool,
    /// Entries that were looked at, whether shown or not; what the caller may not read is not counted.
    pub looked: usize,
}

/// A page of a channel's collection. A channel that the caller may not know of has nothing in it.
pub fn collection(node: &Node, caller: &Caller, query: &CollectionQuery) -> Result<CollectionPage, ViewFault> {
    let scope = Scope::within(node, caller, &query.channel);
    let (key, purpose) = (node.positions_of(&caller.id), purpose(query));
    let open =
        |sealed: &String| key.open(&purpose, sealed).and_then(|at| i64::try_from(at).ok()).ok_or(ViewFault::Cursor);
    let next = query.next.as_ref().map(open).transpose()?;
    let after = next.max(query.added_after.map(Timestamp::micros)).unwrap_or(-1);
    let mut paging = Paging::new(&scope, query, after);
    if scope.channel(&query.channel).is_some() {
        // Asked before the snapshot is taken: what is committed between the two waits for the next page.
        let released = node.sequencer.released();
        let tx = node.store.read()?;
        let tx = tx.as_ref();
        if !project::is_up_to_date(tx)? {
            return Err(ViewFault::Behind);
        }
        let mut runs = Runs::after(&scope, tx, &query.channel, (after, released))?;
        match &query.wanted.ids {
            Some(ids) => paging.by_ids(tx, ids, runs.ceiling())?,
            None => paging.by_time(tx, &mut runs)?,
        }
    }
    let Paging { rows, more, last, reached, is_known, looked, .. } = paging;
    let next = more.then(|| key.seal(&purpose, u128::try_from(last).unwrap_or(0), node.entropy()));
    let reached = reached.filter(|_| more && rows.is_empty()).and_then(Timestamp::from_micros);
    Ok(CollectionPage { rows, next, reached, is_known, looked })
}

/// What a `next` is sealed for: it opens only with the filters of the page that it came from.
fn purpose(query: &CollectionQuery) -> String {
    let filters = format!("{:?} {}", query.wanted, query.with_bodies);
    format!("collection {} {}", query.channel, sha256(filters.as_bytes()).to_text())
}

/// Whether the next entry is to be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    On,
    Stop,
}

/// One page under way.
struct Paging<'a, 's> {
    scope: &'a Scope<'s>,
    query: &'a CollectionQuery,
    picks: Picks<'a, 's>,
    limit: usize,
    rows: Vec<Added>,
    bytes: usize,
    more: bool,
    /// Everything up to here is behind the reader.
    last: i64,
    /// The newest entry looked at.
    reached: Option<i64>,
    is_known: bool,
    looked: usize,
}

impl<'a, 's> Paging<'a, 's> {
    fn new(scope: &'a Scope<'s>, query: &'a CollectionQuery, after: i64) -> Self {
        let limit = if query.limit == 0 { limits::PAGE_ROWS_MAX } else { query.limit.min(limits::PAGE_ROWS_MAX) };
        let picks = Picks::new(scope, query.channel);
        let (rows, bytes, more, reached, is_known, looked) = (Vec::new(), 0, false, None, false, 0);
        Self { scope, query, picks, limit, rows, bytes, more, last: after, reached, is_known, looked }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.limit || self.bytes >= PAGE_BYTES_TARGET
    }

    fn is_spent(&self) -> bool {
        let allowed = if self.rows.is_empty() { LOOKED_FOR_FIRST } else { 2 * self.rows.len() + LOOKED_BESIDE };
        self.looked >= allowed
    }

    fn wants_spec(&self) -> bool {
        self.query.wanted.spec_versions.as_ref().is_none_or(|all| all.iter().any(|version| version == SPEC_VERSION))
    }

    /// Whether any object of the wanted types is in the channel at all: a reader of one rare type is not led past everything else each time.
    fn wants_types_here(&self, tx: &dyn ReadTx) -> Result<bool, Fault> {
        let Some(types) = &self.query.wanted.types else { return Ok(true) };
        let here = heading::types_of(tx, &self.query.channel)?;
        Ok(types.iter().any(|name| here.contains(&stix21::type_code(name))))
    }

    fn wants_code(&self, header: &Header) -> bool {
        let types = self.query.wanted.types.as_ref();
        types.is_none_or(|types| types.iter().any(|name| stix21::type_code(name) == header.type_code))
    }

    /// Types that share a number are told apart by the id.
    fn wants_type_of(&self, id: &str) -> bool {
        let name = id.split_once("--").map_or(id, |(name, _)| name);
        self.query.wanted.types.as_ref().is_none_or(|types| types.iter().any(|wanted| wanted == name))
    }

    fn wants_version(&self, picked: &Picked, version: i64) -> bool {
        let Wanted { versions, all_versions, .. } = &self.query.wanted;
        let is = |wanted: &VersionWanted| match wanted {
            VersionWanted::Last => picked.last() == Some(version),
            VersionWanted::First => picked.first() == Some(version),
            VersionWanted::At(at) => at.micros() == version,
        };
        *all_versions || if versions.is_empty() { is(&VersionWanted::Last) } else { versions.iter().any(is) }
    }

    fn wants_newest_alone(&self) -> bool {
        let Wanted { versions, all_versions, .. } = &self.query.wanted;
        !all_versions && versions.iter().all(|wanted| *wanted == VersionWanted::Last)
    }

    /// In the order of addition.
    fn by_time(&mut self, tx: &dyn ReadTx, runs: &mut Runs) -> Result<(), NodeFault> {
        if !self.wants_spec() || !self.wants_types_here(tx)? {
            return Ok(());
        }
        while let Some((log, run)) = runs.next(tx)? {
            let step = match run {
                Run::Again { at, index } => {
                    let entry = EntryKey::new(log.no, index);
                    match tx.headers(&[entry])?.pop().flatten() {
                        Some(header) => self.consider(tx, &log, (entry, &header), at)?,
                        None => Step::On,
                    }
                }
                Run::Arrived(arrival) => self.of_arrival(tx, &log, &arrival)?,
            };
            if step == Step::Stop {
                return Ok(());
            }
        }
        Ok(())
    }

    fn of_arrival(&mut self, tx: &dyn ReadTx, log: &SeenLog, arrival: &Arrival) -> Result<Step, NodeFault> {
        let anew = added::anew_in(tx, log.no, arrival.first, arrival.first + arrival.count)?;
        let behind = self.last;
        let times = added::times_of(tx, arrival)?.into_iter().zip(arrival.first..);
        let mut order: Vec<(i64, u64)> =
            times.filter(|(at, index)| *at > behind && !anew.contains_key(index)).collect();
        order.sort_unstable();
        for chunk in order.chunks(CHUNK) {
            let keys: Vec<EntryKey> = chunk.iter().map(|(_, index)| EntryKey::new(log.no, *index)).collect();
            for (((at, _), entry), header) in chunk.iter().zip(&keys).zip(tx.headers(&keys)?) {
                if let Some(header) = header
                    && self.consider(tx, log, (*entry, &header), *at)? == Step::Stop
                {
                    return Ok(Step::Stop);
                }
            }
        }
        Ok(Step::On)
    }

    /// Looks at one entry in its place.
    fn consider(
        &mut self,
        tx: &dyn ReadTx,
        log: &SeenLog,
        (entry, header): (EntryKey, &Header),
        at: i64,
    ) -> Result<Step, NodeFault> {
        let shown = log.stopped.is_none_or(|stopped| entry.index() < stopped);
        if header.state != State::Live || !shown || !self.scope.may_see(tx, entry, log, header)? {
            self.last = at;
            return Ok(Step::On);
        }
        self.looked += 1;
        if self.wants_code(header)
            && !(self.wants_newest_alone() && self.picks.is_superseded(tx, entry, header)?)
            && let Some((id, picked)) = self.picks.of_entry(tx, entry, header)?
            && picked.shows(header.modified) == Some(entry)
            && self.wants_type_of(&id)
            && self.wants_version(&picked, header.modified)
        {
            if self.is_full() {
                self.more = true;
                return Ok(Step::Stop);
            }
            self.take(tx, id, (entry, header), at)?;
        }
        (self.last, self.reached) = (at, Some(at));
        if self.is_spent() {
            self.more = true;
            return Ok(Step::Stop);
        }
        Ok(Step::On)
    }

    fn take(
        &mut self,
        tx: &dyn ReadTx,
        id: String,
        (entry, header): (EntryKey, &Header),
        at: i64,
    ) -> Result<(), NodeFault> {
        let mut body = Vec::new();
        if self.query.with_bodies {
            let content = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten();
            let Some(content) = content else { return Ok(()) };
            body = stix21::mark_copy(&content.body, label_of(header));
        }
        self.bytes += body.len();
        let version = Timestamp::from_micros(header.modified).unwrap_or_default();
        let added = Timestamp::from_micros(at).unwrap_or_default();
        self.rows.push(Added { id, version, added, label: label_of(header), body });
        Ok(())
    }

    /// A few ids: all that stands under them, brought into the order of addition.
    fn by_ids(&mut self, tx: &dyn ReadTx, ids: &[String], ceiling: i64) -> Result<(), NodeFault> {
        let mut found = Vec::new();
        for id in ids {
            let picked = self.picks.of(tx, id)?;
            self.is_known |= picked.all().any(|(version, _)| self.wants_version(&picked, version));
            if !self.wants_spec() || !self.wants_type_of(id) {
                continue;
            }
            for (version, entry) in picked.all() {
                if self.wants_version(&picked, version) {
                    found.push((added::time_of(tx, entry)?, entry, id));
                }
            }
        }
        found.retain(|(at, ..)| *at > self.last && *at < ceiling);
        found.sort_unstable();
        found.dedup();
        for (at, entry, id) in found {
            if self.is_full() {
                self.more = true;
                return Ok(());
            }
            self.looked += 1;
            if let Some(header) = tx.headers(&[entry])?.pop().flatten() {
                self.take(tx, id.clone(), (entry, &header), at)?;
            }
            self.last = at;
        }
        Ok(())
    }
}
