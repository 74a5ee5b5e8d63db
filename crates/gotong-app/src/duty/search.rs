//! Finding duties: log by log, in the order in which they fall due, looking at headers first and at content only where it may count.
//!
//! Only channels whose agreement has duties or a retention are looked at. Within a log times do not decrease, so what is due first comes first, and a page is
//! full long before a large log is through. Must show nothing that the caller may not see.

use std::collections::HashMap;
use std::rc::Rc;

use gotong_formats::stix21;
use gotong_model::agreement::{Duty, DutyKind};
use gotong_model::envelope::Envelope;
use gotong_model::governance::Channel;
use gotong_model::{MemberCode, Timestamp, record};
use gotong_policy::{Subject, duties_of};
use gotong_store::{Header, Index, PostingRange, ReadTx, State, StoredEntry};

use super::{DutyQuery, DutyState, DutyView, Met, id_of, log_in_id, mark_of};
use crate::acknowledge;
use crate::governing::judgement;
use crate::heading;
use crate::node::NodeFault;
use crate::rows::{self, LogRow};
use crate::view::scope::{Scope, SeenLog};

/// Entries whose headers one answer looks at; beyond, it says that there may be more.
const LOOKED_MAX: usize = 1_000_000;
/// Organisations' own channels that one answer looks at; beyond, it says that there may be more.
const OWN_CHANNELS_MAX: usize = 10_000;
/// Entries at the end of a log in which duties that were met are looked for.
const MET_BACK: u64 = 10_000;
/// Records of a member that are read for what they refer to, of each type, newest first.
const REFERRING_MAX: usize = 20_000;
/// Entries looked at in one snapshot.
const SLICE: usize = 1_000;
/// Types whose objects speak of others.
const REFERRING: [&str; 5] = ["relationship", "report", "note", "sighting", "opinion"];

/// An object as headers name it.
type ObjectKey = (u16, [u8; 16]);

/// When each object was first referred to by a member's records in a channel.
type Referred = Rc<HashMap<ObjectKey, Timestamp>>;

/// What of one kind of duty may arise in a channel.
struct Watch {
    duty: DutyKind,
    /// The record kinds that it may fall on; empty: all.
    kinds: Vec<String>,
    least_ms: u64,
    most_ms: u64,
}

/// How duties of one member in one log are known to be met.
enum Settled {
    /// Up to this index, as known at this time.
    UpTo(u64, Timestamp),
    /// Where the object is referred to.
    Referred(Referred),
    /// Not while the record is here.
    Never,
}

/// One log, one member and one kind of duty.
struct Walk<'a> {
    row: &'a LogRow,
    log: &'a SeenLog,
    member: &'a MemberCode,
    watch: &'a Watch,
    settled: Settled,
}

/// An answer that is being put together.
pub(super) struct Search<'a> {
    scope: &'a Scope<'a>,
    query: &'a DutyQuery,
    now: Timestamp,
    limit: usize,
    looked: usize,
    more: bool,
    found: Vec<DutyView>,
}

impl<'a> Search<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, query: &'a DutyQuery, now: Timestamp, limit: usize) -> Self {
        Self { scope, query, now, limit, looked: 0, more: false, found: Vec::new() }
    }

    /// What was found, soonest due first; of what is met, the newest.
    pub(super) fn into_page(mut self) -> (Vec<DutyView>, bool) {
        self.found.sort_by(|a, b| (a.due, &a.origin, a.index, &a.id).cmp(&(b.due, &b.origin, b.index, &b.id)));
        let over = self.found.len().saturating_sub(self.limit);
        if self.query.state == Some(DutyState::Met) {
            self.found.drain(..over);
        } else {
            self.found.truncate(self.limit);
        }
        (self.found, self.more || over > 0)
    }

    /// The organisations' own channels that the caller may read, where the house rule asks anything of their types.
    pub(super) fn own_channels(&mut self) -> Result<(), NodeFault> {
        let governance = &self.scope.governance;
        // One of a type answers for all of it, so that nothing is looked at where nothing can be due.
        let mut scopes: Vec<_> = governance.own_scopes().collect();
        scopes.retain(|own| {
            let one = governance.own_channels().find(|channel| channel.scope == *own);
            one.is_some_and(|channel| !channel.channel_type.exercise && !watches(&channel).is_empty())
        });
        if scopes.is_empty() {
            return Ok(());
        }
        let own = governance.own_channels().filter(|channel| scopes.contains(&channel.scope));
        for (at, channel) in own.enumerate() {
            if at >= OWN_CHANNELS_MAX || self.looked >= LOOKED_MAX {
                self.more = true;
                return Ok(());
            }
            if self.scope.channel(&channel.id).is_some() {
                self.channel(&channel)?;
            }
        }
        Ok(())
    }

    pub(super) fn channel(&mut self, channel: &Channel<'_>) -> Result<(), NodeFault> {
        let watches = watches(channel);
        if watches.is_empty() {
            return Ok(());
        }
        let own = &self.scope.node.member;
        let members: Vec<MemberCode> = if self.query.of_others {
            let parts = self.scope.governance.standing(channel.agreement, self.now).parts;
            parts.into_keys().filter(|code| code != own).collect()
        } else {
            vec![own.clone()]
        };
        let logs = rows::logs_in(self.scope.node.store.read()?.as_ref(), &channel.id)?;
        let mut referred: HashMap<MemberCode, Referred> = HashMap::new();
        for row in logs.iter().filter(|row| !self.query.of_others || row.id.author == *own) {
            let Some(log) = self.scope.seen(row) else { continue };
            for watch in &watches {
                for member in &members {
                    // Who publishes owes nothing for it but to erase it; and whether others erased shows nowhere.
                    let is_owed = if watch.duty == DutyKind::Delete { member == own } else { row.id.author != *member };
                    if is_owed {
                        let settled = self.settled(row, watch.duty, member, &mut referred)?;
                        self.walk(&Walk { row, log: &log, member, watch, settled })?;
                    }
                }
            }
        }
        Ok(())
    }

    fn settled(
        &mut self,
        row: &LogRow,
        duty: DutyKind,
        member: &MemberCode,
        referred: &mut HashMap<MemberCode, Referred>,
    ) -> Result<Settled, NodeFault> {
        let tx = self.scope.node.store.read()?;
        Ok(match duty {
            DutyKind::Delete => Settled::Never,
            DutyKind::Acknowledge => {
                let known = acknowledge::known(self.scope.node, tx.as_ref(), row.no)?;
                let theirs = known.into_iter().map(|(ack, _)| ack).find(|ack| ack.member == *member);
                theirs.map_or(Settled::UpTo(0, self.now), |ack| Settled::UpTo(ack.verified, ack.at))
            }
            DutyKind::Answer | DutyKind::Notify => {
                if let Some(known) = referred.get(member) {
                    return Ok(Settled::Referred(Rc::clone(known)));
                }
                let (found, is_all) = referred_by(tx.as_ref(), row, member)?;
                self.more |= !is_all;
                let found = Rc::new(found);
                referred.insert(member.clone(), Rc::clone(&found));
                Settled::Referred(found)
            }
        })
    }

    /// Goes through a log until enough is found.
    fn walk(&mut self, walk: &Walk<'_>) -> Result<(), NodeFault> {
        let wants_met = self.query.state == Some(DutyState::Met);
        let end = walk.row.stopped.unwrap_or_else(|| walk.row.size()).min(walk.row.size());
        let (mut next, end) = match walk.settled {
            Settled::UpTo(acked, _) if wants_met => (acked.min(end).saturating_sub(MET_BACK), acked.min(end)),
            Settled::UpTo(acked, _) => (acked, end),
            Settled::Referred(_) | Settled::Never if wants_met => (end.saturating_sub(MET_BACK), end),
            Settled::Referred(_) | Settled::Never => (0, end),
        };
        if self.query.state == Some(DutyState::Open) {
            // What is older than the longest term is overdue by now.
            let oldest =
                self.now.micros().saturating_sub(i64::try_from(walk.watch.most_ms).unwrap_or(i64::MAX / 1_000) * 1_000);
            let oldest = Timestamp::from_micros(oldest.max(0)).unwrap_or_default();
            next = next.max(judgement::first_since(self.scope.node.store.read()?.as_ref(), walk.row, oldest)?);
        }
        let before = self.found.len();
        while next < end {
            if self.looked >= LOOKED_MAX || (!wants_met && self.found.len() - before > self.limit) {
                self.more = true;
                return Ok(());
            }
            let tx = self.scope.node.store.read()?;
            let count = SLICE.min(usize::try_from(end - next).unwrap_or(SLICE));
            let slice = tx.entries(walk.row.no, next, count, usize::MAX, false)?;
            let Some(last) = slice.last() else { return Ok(()) };
            next = last.key.index() + 1;
            self.looked += slice.len();
            let mut any_in_time = false;
            let mut any_looked_at = false;
            for stored in &slice {
                if let Some(published) = self.entry(tx.as_ref(), walk, stored)? {
                    any_looked_at = true;
                    any_in_time |= self.last_due().is_none_or(|last| published.plus_ms(walk.watch.least_ms) <= last);
                }
                if !wants_met && self.found.len() - before > self.limit {
                    break;
                }
            }
            // A whole slice of what is due later: nothing that comes after it is due before.
            if any_looked_at && !any_in_time {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Nothing due after this is asked for.
    fn last_due(&self) -> Option<Timestamp> {
        let overdue = (self.query.state == Some(DutyState::Overdue)).then_some(self.now);
        [overdue, self.query.due_before].into_iter().flatten().min()
    }

    /// One entry: when it was published, where it was worth looking at.
    fn entry(
        &mut self,
        tx: &dyn ReadTx,
        walk: &Walk<'_>,
        stored: &StoredEntry,
    ) -> Result<Option<Timestamp>, NodeFault> {
        let header = &stored.header;
        let (key, is_met) = ((header.type_code, header.object), self.query.state == Some(DutyState::Met));
        let is_skipped = match &walk.settled {
            Settled::Referred(referred) => referred.contains_key(&key) && !is_met,
            Settled::UpTo(..) | Settled::Never => false,
        };
        if header.state != State::Live || is_skipped || !walk.watch.may_fall_on(header) {
            return Ok(None);
        }
        if !self.scope.may_see(tx, stored.key, walk.log, header)? {
            return Ok(None);
        }
        let Some(whole) = tx.entry(stored.key)? else { return Ok(None) };
        let Some((published, duties)) = duties_for(self.scope, tx, walk.log, &whole)? else { return Ok(None) };
        for mut duty in duties {
            if duty.member != *walk.member || duty.duty != walk.watch.duty {
                continue;
            }
            duty.met = match &walk.settled {
                Settled::UpTo(acked, at) => (stored.key.index() < *acked).then_some(Met { at: *at, noted: None }),
                Settled::Referred(referred) => referred.get(&key).map(|at| Met { at: *at, noted: None }),
                Settled::Never => None,
            };
            if duty.met.is_none() && duty.member == self.scope.node.member {
                duty.met = mark_of(tx, &duty.id)?;
            }
            duty.state = stand(&duty, self.now);
            let is_asked = self.query.state.map_or(duty.state != DutyState::Met, |asked| asked == duty.state);
            if is_asked && self.query.due_before.is_none_or(|before| duty.due < before) {
                self.found.push(duty);
            }
        }
        Ok(Some(published))
    }
}

/// A duty is overdue from the instant after it was due.
fn stand(duty: &DutyView, now: Timestamp) -> DutyState {
    match (&duty.met, now > duty.due) {
        (Some(_), _) => DutyState::Met,
        (None, true) => DutyState::Overdue,
        (None, false) => DutyState::Open,
    }
}

impl Watch {
    /// Whether a record with this header may be of its kinds; only the body knows what a custom type is called.
    fn may_fall_on(&self, header: &Header) -> bool {
        let stix = record::STIX.slug;
        let Some(name) = stix21::type_name(header.type_code) else { return true };
        let is_it = |kind: &String| {
            kind == stix || kind.strip_prefix(stix).and_then(|rest| rest.strip_prefix('.')) == Some(name)
        };
        self.kinds.is_empty() || self.kinds.iter().any(is_it)
    }

    fn widen(&mut self, kinds: &[String], within_ms: u64) {
        // An empty list is all, and stays so.
        if kinds.is_empty() {
            self.kinds.clear();
        } else if !self.kinds.is_empty() {
            self.kinds.extend(kinds.iter().cloned());
        }
        self.least_ms = self.least_ms.min(within_ms);
        self.most_ms = self.most_ms.max(within_ms);
    }
}

/// What may arise in a channel, under any version of its agreement.
fn watches(channel: &Channel<'_>) -> Vec<Watch> {
    let mut found: Vec<Watch> = Vec::new();
    if channel.kind.is_governing() {
        return found;
    }
    let mut note =
        |duty: DutyKind, kinds: &[String], within_ms: u64| match found.iter_mut().find(|watch| watch.duty == duty) {
            Some(watch) => watch.widen(kinds, within_ms),
            None => found.push(Watch { duty, kinds: kinds.to_vec(), least_ms: within_ms, most_ms: within_ms }),
        };
    let name = &channel.channel_type.name;
    for version in &channel.agreement.versions {
        let concerned = version.terms.duties.iter().filter(|rule: &&Duty| rule.concerns(name));
        concerned.for_each(|rule| note(rule.duty, &rule.kinds, rule.within_minutes.saturating_mul(60_000)));
        if let Some(days) = version.terms.channel_type(name).and_then(|kind| kind.retention_days) {
            note(DutyKind::Delete, &[], days.saturating_mul(86_400_000));
        }
    }
    found
}

/// What a stored record asks of whom; their states are still to be found.
fn duties_for(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    log: &SeenLog,
    stored: &StoredEntry,
) -> Result<Option<(Timestamp, Vec<DutyView>)>, NodeFault> {
    let Some(content) = stored.open()? else { return Ok(None) };
    let Ok(envelope) = Envelope::parse(&content.envelope, false) else { return Ok(None) };
    let Ok(facts) = stix21::read(&content.body) else { return Ok(None) };
    let Some(basis) = judgement::basis_at(tx, log.no, envelope.basis)? else { return Ok(None) };
    let kind = format!("{}.{}", record::STIX.slug, facts.object_type);
    let subject = Subject {
        member: &log.id.author,
        channel: log.id.channel,
        kind: &kind,
        tlp: envelope.tlp,
        personal: envelope.personal_data.unwrap_or(facts.personal),
        at: envelope.published_at,
        organisation: None,
    };
    let index = stored.key.index();
    let due = duties_of(&scope.governance, subject, &basis).into_iter().map(|due| DutyView {
        id: id_of(&log.origin, index, due.rule),
        duty: due.duty,
        member: due.member,
        object: facts.id.clone(),
        name: facts.name.clone(),
        object_type: facts.object_type.clone(),
        author: log.id.author.clone(),
        channel: log.handle.to_string(),
        origin: log.origin.to_string(),
        index,
        agreement: (due.handle, due.version),
        clause: (due.clause, due.title),
        since: envelope.published_at,
        due: due.due,
        state: DutyState::Open,
        met: None,
    });
    Ok(Some((envelope.published_at, due.collect())))
}

/// What a member's records in a log's channel refer to, and whether that is all of it.
fn referred_by(
    tx: &dyn ReadTx,
    row: &LogRow,
    member: &MemberCode,
) -> Result<(HashMap<ObjectKey, Timestamp>, bool), NodeFault> {
    let logs: Vec<_> = rows::logs_of(tx, &row.id.channel, member)?;
    let (mut found, mut is_all) = (HashMap::new(), true);
    for name in REFERRING {
        // Organisations' own channels stand under their own heading, as all channels do.
        let (from, to) = heading::keys_of(tx, &row.id.channel, stix21::type_code(name));
        let range =
            PostingRange { index: Index::TypeTime, from, to, after: None, descending: true, limit: REFERRING_MAX };
        let postings = tx.posting_range(range)?;
        is_all &= postings.len() < REFERRING_MAX;
        for (_, key) in postings {
            let Some(own) = logs.iter().find(|log| log.no == key.log()) else { continue };
            if own.stopped.is_some_and(|stopped| key.index() >= stopped) {
                continue;
            }
            let Some(content) = tx.entry(key)?.map(|stored| stored.open()).transpose()?.flatten() else { continue };
            let (Ok(envelope), Ok(facts)) = (Envelope::parse(&content.envelope, false), stix21::read(&content.body))
            else {
                continue;
            };
            for object in facts.refs.iter().filter_map(|id| object_key(id)) {
                let at = found.entry(object).or_insert(envelope.published_at);
                *at = envelope.published_at.min(*at);
            }
        }
    }
    Ok((found, is_all))
}

/// A well-formed id as headers have it.
fn object_key(id: &str) -> Option<ObjectKey> {
    let (object_type, uuid) = id.rsplit_once("--")?;
    let uuid = u128::from_str_radix(&uuid.replace('-', ""), 16).ok()?;
    Some((stix21::type_code(object_type), uuid.to_be_bytes()))
}

/// One duty of this member, by the parts of its id.
pub(super) fn one(scope: &Scope<'_>, (wanted, index, rule): (&str, u64, usize)) -> Result<Option<DutyView>, NodeFault> {
    let node = scope.node;
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    // An id says which log by a digest of its name, so each channel in which something may be due is asked.
    let own = scope.governance.own_channels().take(OWN_CHANNELS_MAX);
    let own = own.filter(|channel| scope.channel(&channel.id).is_some());
    for channel in scope.channels().into_iter().chain(own) {
        if watches(&channel).is_empty() {
            continue;
        }
        let is_it = |row: &LogRow| log_in_id(&row.id.origin(&scope.governance.region).to_string()) == wanted;
        let Some(row) = rows::logs_in(tx, &channel.id)?.into_iter().find(is_it) else { continue };
        let Some(log) = scope.seen(&row).filter(|_| row.stopped.is_none_or(|stopped| index < stopped)) else {
            continue;
        };
        let Some(stored) = tx.entry(gotong_store::EntryKey::new(row.no, index))? else { continue };
        if stored.header.state != State::Live || !scope.may_see(tx, stored.key, &log, &stored.header)? {
            continue;
        }
        let Some((_, duties)) = duties_for(scope, tx, &log, &stored)? else { continue };
        let id = format!("{wanted}.{index}.{rule}");
        let number = |duty: &DutyView| duty.member == node.member && duty.id == id;
        let Some(mut duty) = duties.into_iter().find(number) else { continue };
        if matches!(duty.duty, DutyKind::Answer | DutyKind::Notify) {
            let (referred, _) = referred_by(tx, &row, &node.member)?;
            let at = referred.get(&(stored.header.type_code, stored.header.object));
            duty.met = at.map(|at| Met { at: *at, noted: None });
            duty.met = if duty.met.is_some() { duty.met } else { mark_of(tx, &duty.id)? };
        }
        duty.state = stand(&duty, node.now());
        return Ok(Some(duty));
    }
    Ok(None)
}
