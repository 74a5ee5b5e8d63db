//! Who has seen something, how often and when: sightings of an id or of a value, counted for each author and channel, and for each day.

use std::collections::{BTreeMap, HashMap};

use gotong_formats::decay::{BASE_USUAL, Model};
use gotong_formats::stix21::{self, Sighting};
use gotong_model::{ChannelId, MemberCode, Timestamp};
use gotong_store::{Index, ReadTx};

use super::ViewFault;
use super::lookup::lookup;
use super::record::read_about;
use super::scope::Scope;
use super::versions::{Version, modified_of, visit};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};

/// Sightings whose counts and times are read; beyond them only their number is told.
const OPENED_MAX: usize = 5_000;
/// Sightings that are looked at at all.
const LOOKED_AT_MAX: usize = 100_000;
/// Days of one answer, the newest.
const DAYS_MAX: usize = 400;
/// Ids that one value is followed to.
const IDS_MAX: usize = 100;

/// Sightings by one author in one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SightingCount {
    /// Who reports.
    pub author: MemberCode,
    /// Where.
    pub channel: ChannelId,
    /// The channel's handle.
    pub channel_handle: String,
    /// How many sighting objects; versions of one count once.
    pub sightings: u64,
    /// How often it was seen: the sum of what the sightings count.
    pub seen: u64,
    /// The newest of their own times.
    pub latest: Option<Timestamp>,
    /// When it was first seen.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
}

/// How often something was seen on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SightingDay {
    /// The day on which a sighting ended, in UTC: `YYYY-MM-DD`.
    pub day: String,
    /// Who reports.
    pub author: MemberCode,
    /// How often.
    pub seen: u64,
}

/// Who has seen something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sightings {
    /// By author and channel.
    pub by: Vec<SightingCount>,
    /// By day and author, the oldest first.
    pub days: Vec<SightingDay>,
    /// Whether there are more than were read: numbers are then the least that holds.
    pub more: bool,
}

/// What an object is still worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Worth {
    /// 0 to 100.
    pub score: u8,
    /// What it was worth when it was fresh: its confidence.
    pub base: u8,
    /// From when the age counts: the newest of its own time and its sightings.
    pub since: Timestamp,
    /// The model.
    pub model: Model,
    /// Whether it was taken back, or its time is over: then the score is 0.
    pub is_over: bool,
}

/// Sightings of an id that this caller may read.
pub fn sightings(node: &Node, caller: &Caller, id: &str) -> Result<Sightings, NodeFault> {
    sightings_about(node, caller, id, None)
}

/// [`sightings`], asked about a channel: of an exercise's, only what belongs to exercises.
pub fn sightings_about(
    node: &Node,
    caller: &Caller,
    id: &str,
    channel: Option<&ChannelId>,
) -> Result<Sightings, NodeFault> {
    let scope = Scope::about(node, caller, channel);
    let tx = node.store.read()?;
    counted(&scope, tx.as_ref(), &[id])
}

/// Sightings of everything that names a value, as people write it, as far as this caller may read.
pub fn sightings_of_value(node: &Node, caller: &Caller, value: &str) -> Result<Sightings, ViewFault> {
    let found = lookup(node, caller, &[value.to_owned()], false)?;
    let mut ids: Vec<String> = found.into_iter().flat_map(|found| found.hits).map(|hit| hit.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let more = ids.len() > IDS_MAX;
    let ids: Vec<&str> = ids.iter().take(IDS_MAX).map(String::as_str).collect();
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let mut told = counted(&scope, tx.as_ref(), &ids)?;
    told.more |= more;
    Ok(told)
}

/// What an object that this caller may read is still worth. `None`: there is no such object for this caller.
pub fn worth(node: &Node, caller: &Caller, id: &str) -> Result<Option<Worth>, NodeFault> {
    worth_about(node, caller, id, None)
}

/// [`worth`], asked about a channel: of an exercise's, only what belongs to exercises.
pub fn worth_about(
    node: &Node,
    caller: &Caller,
    id: &str,
    channel: Option<&ChannelId>,
) -> Result<Option<Worth>, NodeFault> {
    let versions = read_about(node, caller, id, channel)?;
    let Some(newest) = versions.iter().filter(|version| version.is_newest).max_by_key(|version| version.modified)
    else {
        return Ok(None);
    };
    let Ok(facts) = stix21::read(&newest.body) else { return Ok(None) };
    let now = node.now();
    let seen = sightings_about(node, caller, id, channel)?.by.into_iter().filter_map(|count| count.last_seen).max();
    // What claims to have been seen in the future was not seen yet.
    let since = newest.modified.unwrap_or(newest.published_at).max(seen.unwrap_or_default()).min(now);
    let model = Model::of_values(&facts.values);
    let base = facts.confidence.unwrap_or(BASE_USUAL);
    let is_over = facts.revoked || facts.valid_until.is_some_and(|until| until <= now);
    let score = if is_over { 0 } else { model.score(base, now.since_ms(since)) };
    Ok(Some(Worth { score, base, since, model, is_over }))
}

fn counted(scope: &Scope<'_>, tx: &dyn ReadTx, ids: &[&str]) -> Result<Sightings, NodeFault> {
    let code = stix21::type_code("sighting");
    // Of each sighting its newest version.
    let mut newest: HashMap<(MemberCode, ChannelId, [u8; 16]), Version> = HashMap::new();
    for id in ids {
        visit(scope, tx, (Index::Reference, id), |version| {
            if version.header.type_code == code {
                let log = &version.log.id;
                let place = (log.author.clone(), log.channel, version.header.object);
                let is_newer =
                    |known: &Version| (version.header.modified, version.entry) > (known.header.modified, known.entry);
                if newest.get(&place).is_none_or(is_newer) {
                    newest.insert(place, version);
                }
            }
            Ok(newest.len() < LOOKED_AT_MAX)
        })?;
    }
    let mut counts: BTreeMap<(MemberCode, ChannelId), SightingCount> = BTreeMap::new();
    let mut days: BTreeMap<(String, MemberCode), u64> = BTreeMap::new();
    let more = newest.len() > OPENED_MAX;
    let mut ordered: Vec<Version> = newest.into_values().collect();
    ordered.sort_unstable_by_key(|version| std::cmp::Reverse((version.header.modified, version.entry)));
    for (at, version) in ordered.into_iter().enumerate() {
        let log = &version.log.id;
        let count = counts.entry((log.author.clone(), log.channel)).or_insert_with(|| SightingCount {
            author: log.author.clone(),
            channel: log.channel,
            channel_handle: version.log.handle.to_string(),
            sightings: 0,
            seen: 0,
            latest: None,
            first_seen: None,
            last_seen: None,
        });
        count.sightings += 1;
        count.latest = count.latest.max(modified_of(&version.header));
        if at >= OPENED_MAX {
            count.seen += 1;
            continue;
        }
        let Some(told) = opened(tx, &version)? else { continue };
        count.seen = count.seen.saturating_add(told.count);
        count.first_seen = [count.first_seen, told.first_seen.or(told.last_seen)].into_iter().flatten().min();
        count.last_seen = count.last_seen.max(told.last_seen);
        if let Some(day) = told.last_seen.and_then(|at| at.to_string().get(..10).map(str::to_owned)) {
            let seen = days.entry((day, log.author.clone())).or_default();
            *seen = seen.saturating_add(told.count);
        }
    }
    let left_out = days.len().saturating_sub(DAYS_MAX);
    let days = days.into_iter().skip(left_out).map(|((day, author), seen)| SightingDay { day, author, seen }).collect();
    Ok(Sightings { by: counts.into_values().collect(), days, more: more || left_out > 0 })
}

fn opened(tx: &dyn ReadTx, version: &Version) -> Result<Option<Sighting>, NodeFault> {
    let content = tx.entry(version.entry)?.map(|entry| entry.open()).transpose()?.flatten();
    Ok(content.and_then(|content| stix21::sighting(&content.body)))
}
