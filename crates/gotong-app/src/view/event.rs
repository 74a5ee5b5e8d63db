//! Events, as MISP calls what a report and all that it refers to say together: found by UUID or number, and gathered from one channel.
//!
//! An event never mixes channels: what is gathered stands where its report stands, so nothing crosses an audience by being put together. Must not know
//! MISP's JSON; that is `gotong_formats::misp`'s. Read next: `event/ties.rs` (who refers to what, and what goes when an event goes).

mod ties;

use std::collections::HashSet;

use gotong_formats::stix21;
use gotong_model::envelope::Envelope;
use gotong_model::{ChannelId, MemberCode, Timestamp, Tlp};
use gotong_store::{Header, Index, ReadTx};

use super::scope::Scope;
use super::versions::{Version, Versions, id_of, label_of, modified_of, visit};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::project;

pub use ties::{events_about, falling_away, referring};

/// Objects that are gathered for one event.
const EVENT_OBJECTS_MAX: usize = 250_000;
/// Bytes of bodies that are gathered for one event.
const EVENT_BYTES_MAX: usize = 128 << 20;
/// Reports that may share a number before one of them is not found by it.
const SAME_NUMBER_MAX: usize = 16;

/// One object of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventObject {
    /// Its STIX id.
    pub id: String,
    /// Who published it.
    pub author: MemberCode,
    /// The label that counts, which may be stricter than its marking.
    pub label: Tlp,
    /// The bytes as the author published them.
    pub body: Vec<u8>,
}

/// A report, what it refers to and what is said about that: the newest version of each, in one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The report's id.
    pub id: String,
    /// Where it stands.
    pub channel: ChannelId,
    /// Who published the report.
    pub author: MemberCode,
    /// Who of the author's organisations published it.
    pub organisation: Option<String>,
    /// The report's version.
    pub modified: Option<Timestamp>,
    /// The report first, then what it refers to, then what refers to those.
    pub objects: Vec<EventObject>,
    /// Ids that the report refers to, its parts and what those refer to.
    pub refs: Vec<String>,
    /// Whether there is more than an event may hold.
    pub more: bool,
}

impl Event {
    /// The bodies as they may leave: each with the label that counts.
    pub fn marked(&self) -> Vec<Vec<u8>> {
        self.objects.iter().map(|object| stix21::mark_copy(&object.body, object.label)).collect()
    }

    /// The report's body.
    pub fn report(&self) -> &[u8] {
        self.objects.first().map(|object| object.body.as_slice()).unwrap_or_default()
    }
}

/// What goes with an event that is taken back: its report first, then all of it that the own member published and nothing else there refers to. Who made it
/// stays, and what its objects are extended by: others are made of the same.
pub fn going_with(node: &Node, caller: &Caller, event: &Event) -> Result<Vec<String>, NodeFault> {
    let is_shared = |id: &str| id.starts_with("identity--") || id.starts_with("extension-definition--");
    let own = event.objects.iter().filter(|object| object.author == node.member && object.id != event.id);
    let parts: Vec<String> = own.filter(|object| !is_shared(&object.id)).map(|object| object.id.clone()).collect();
    let mut ids = falling_away(node, caller, event.channel, (std::slice::from_ref(&event.id), &parts))?;
    ids.insert(0, event.id.clone());
    Ok(ids)
}

/// The number of a UUID, for programs that know nothing else: 52 bits, so that every program can hold it, and the same on every node.
pub fn number_of(uuid: &str) -> u64 {
    let digest = gotong_crypto::tagged("gotong/number", &[uuid.to_ascii_lowercase().as_bytes()]);
    let bytes = digest.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
    (u64::from_be_bytes(bytes) >> 12).max(1)
}

/// The ids of the reports with this number that the caller may read.
pub fn reports_with_number(node: &Node, caller: &Caller, number: u64) -> Result<Vec<String>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let mut found: Vec<String> = Vec::new();
    visit(&scope, tx.as_ref(), (Index::Reference, &project::number_text(number)), |version| {
        if let Some((id, "report")) = id_of(&version.header)
            && !found.contains(&id)
            && id.get(8..).is_some_and(|uuid| number_of(uuid) == number)
        {
            found.push(id);
        }
        Ok(found.len() < SAME_NUMBER_MAX)
    })?;
    Ok(found)
}

/// Gathers the event of a report. The member's own comes first, then the newest; `None`: no such report for this caller.
pub fn event(node: &Node, caller: &Caller, report: &str) -> Result<Option<Event>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let Some(place) = place_of(&scope, tx, report)? else { return Ok(None) };
    let mut gather = Gather {
        scope: &scope,
        tx,
        channel: place.log.id.channel,
        author: place.log.id.author.clone(),
        met: HashSet::new(),
        objects: Vec::new(),
        bytes: 0,
        more: false,
    };
    let Some(content) = tx.entry(place.entry)?.map(|entry| entry.open()).transpose()?.flatten() else {
        return Ok(None);
    };
    let organisation = Envelope::parse(&content.envelope, false).ok().and_then(|envelope| envelope.organisation);
    let Ok(facts) = stix21::read(&content.body) else { return Ok(None) };
    if facts.id != report {
        return Ok(None);
    }
    gather.met.insert(facts.id.clone());
    gather.keep(facts.id.clone(), &place, content.body);
    let refs = gather.referred(facts.refs)?;
    gather.creators()?;
    gather.around()?;
    gather.creators()?;
    let Gather { channel, author, objects, more, .. } = gather;
    Ok(Some(Event {
        id: facts.id,
        channel,
        author,
        organisation,
        modified: modified_of(&place.header),
        objects,
        refs,
        more,
    }))
}

/// Where a report is read, when several have published it.
fn place_of(scope: &Scope<'_>, tx: &dyn ReadTx, report: &str) -> Result<Option<Version>, NodeFault> {
    let versions = Versions::of(scope, tx, report, None)?;
    let mut best: Option<&Version> = None;
    let rank = |version: &Version| {
        let own = version.log.id.author == scope.node.member;
        (own, version.header.modified, version.log.id.channel, version.log.id.author.clone())
    };
    for version in &versions.all {
        if versions.newest_beside(tx, &version.log)?.is_some_and(|newest| newest == version.entry)
            && best.is_none_or(|known| rank(version) > rank(known))
        {
            best = Some(version);
        }
    }
    Ok(best.cloned())
}

/// One event that is being gathered.
struct Gather<'a, 's> {
    scope: &'a Scope<'s>,
    tx: &'a dyn ReadTx,
    channel: ChannelId,
    author: MemberCode,
    met: HashSet<String>,
    objects: Vec<EventObject>,
    bytes: usize,
    more: bool,
}

impl Gather<'_, '_> {
    fn keep(&mut self, id: String, version: &Version, body: Vec<u8>) {
        self.bytes += body.len();
        let author = version.log.id.author.clone();
        self.objects.push(EventObject { id, author, label: label_of(&version.header), body });
    }

    /// Adds the newest version of an id in the channel. The author of the report comes before others.
    fn add(&mut self, id: &str) -> Result<(), NodeFault> {
        if self.objects.len() >= EVENT_OBJECTS_MAX || self.bytes >= EVENT_BYTES_MAX {
            self.more = true;
            return Ok(());
        }
        if !self.met.insert(id.to_owned()) {
            return Ok(());
        }
        let Some(version) = self.newest(id)? else { return Ok(()) };
        let content = self.tx.entry(version.entry)?.map(|entry| entry.open()).transpose()?.flatten();
        if let Some(content) = content {
            self.keep(id.to_owned(), &version, content.body);
        }
        Ok(())
    }

    fn newest(&self, id: &str) -> Result<Option<Version>, NodeFault> {
        let mut best: Option<Version> = None;
        let rank = |version: &Version| (version.log.id.author == self.author, version.header.modified, version.entry);
        visit(self.scope, self.tx, (Index::Object, id), |version| {
            let is_meant = version.log.id.channel == self.channel && is_like(&version.header, id);
            if is_meant && best.as_ref().is_none_or(|known| rank(&version) > rank(known)) {
                best = Some(version);
            }
            Ok(true)
        })?;
        Ok(best)
    }

    /// Adds what the report refers to, and what its parts do: a report of very much refers to groupings of it.
    fn referred(&mut self, refs: Vec<String>) -> Result<Vec<String>, NodeFault> {
        let mut all = Vec::with_capacity(refs.len());
        for id in refs {
            let at = self.objects.len();
            self.add(&id)?;
            if id.starts_with("grouping--")
                && let Some(part) = self.objects.get(at)
                && let Ok(facts) = stix21::read(&part.body)
            {
                for inner in facts.refs {
                    self.add(&inner)?;
                    all.push(inner);
                }
            }
            all.push(id);
        }
        Ok(all)
    }

    /// Adds the identities that made what is here.
    fn creators(&mut self) -> Result<(), NodeFault> {
        let mut creators: Vec<String> = Vec::new();
        for object in &self.objects {
            let creator = creator_of(&object.body);
            if let Some(creator) = creator.filter(|id| !self.met.contains(id) && !creators.contains(id)) {
                creators.push(creator);
            }
        }
        for creator in creators {
            self.add(&creator)?;
        }
        Ok(())
    }

    /// Adds sightings, opinions and notes about what is here.
    fn around(&mut self) -> Result<(), NodeFault> {
        let about: Vec<String> = self.objects.iter().map(|object| object.id.clone()).collect();
        let mut found = Vec::new();
        for id in &about {
            for text in [id.clone(), project::refers_text(id)] {
                let key = self.tx.index_key(Index::Reference, text.as_bytes());
                if !self.tx.may_have(Index::Reference, key)? {
                    continue;
                }
                visit(self.scope, self.tx, (Index::Reference, &text), |version| {
                    if version.log.id.channel == self.channel
                        && let Some((id, "sighting" | "opinion" | "note")) = id_of(&version.header)
                    {
                        found.push(id);
                    }
                    Ok(found.len() < EVENT_OBJECTS_MAX)
                })?;
            }
        }
        for id in found {
            self.add(&id)?;
        }
        Ok(())
    }
}

/// Whether a header is that of an id. Keys of indexes are hashes; of custom types only the body knows.
fn is_like(header: &Header, id: &str) -> bool {
    id_of(header).is_none_or(|(known, _)| known.eq_ignore_ascii_case(id))
}

/// The creator that a body names, without reading all of it as STIX.
fn creator_of(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Made {
        created_by_ref: Option<String>,
    }
    serde_json::from_slice::<Made>(body).ok()?.created_by_ref
}
