//! One MISP event as drafts: its makers, its attributes and objects, and last the report that refers to them all.
//!
//! The report's version is the later of the event's time and that of its publication, so that a publication alone is a new version. What has
//! no time in MISP gets one that follows from its content. Read next: `attribute.rs`, `group.rs`, `around.rs`, `galaxy.rs`.

use super::body::Body;
use super::carry::{self, Left, carry_members, text};
use super::tags::Tags;
use super::{
    EVENT_DRAFT_BYTES_MAX, NOTES_MAX, RECORDS_MAX, REPORT_REFS_MAX, around, attribute, galaxy, group, ids, observable,
    tags,
};
use crate::draft::{Draft, Fault, Loss, Piece};
use crate::stix21::FieldFault;
use crate::stix21::json::{Entries, Node, field};
use gotong_model::limits::{BODY_BYTES_MAX, JSON_DEPTH_MAX};
use gotong_model::{Timestamp, Tlp};
use std::collections::{HashMap, HashSet, VecDeque};

/// The draft that a record became, and its label.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) label: Option<Tlp>,
}

/// An event on its way.
pub(super) struct Work<'o> {
    line: u64,
    out: &'o mut VecDeque<Piece>,
    /// Whether what MISP restricts to its own organisation or to a sharing group is taken as well.
    restricted: bool,
    /// The event's UUID as it is written in drafts.
    pub(super) uuid: String,
    pub(super) report: String,
    /// The identity of the organisation that made the event.
    pub(super) by: Option<String>,
    /// The event's date: what all its parts were created on, as far as MISP tells.
    pub(super) created: Timestamp,
    pub(super) at: Timestamp,
    pub(super) label: Option<Tlp>,
    taken: HashSet<[u8; 16]>,
    emitted: HashSet<String>,
    /// The version in which a cluster was handed out.
    pub(super) clusters: HashMap<String, Timestamp>,
    /// The draft that a MISP UUID became.
    pub(super) places: HashMap<[u8; 16], Place>,
    /// The attribute in which the record that is read stands.
    pub(super) about: Option<([u8; 16], Place)>,
    refs: Vec<String>,
    pub(super) left: Left,
    records: usize,
    told: usize,
    /// Bytes of the drafts.
    bytes: usize,
}

/// Makes the pieces of one event.
pub(super) fn convert(line: u64, pointer: &str, entries: &Entries<'_>, restricted: bool, out: &mut VecDeque<Piece>) {
    let start = out.len();
    let fault = match begin(line, entries, restricted, out) {
        Ok(mut work) => {
            work.event(pointer, entries);
            if work.bytes <= EVENT_DRAFT_BYTES_MAX {
                return;
            }
            // What would be half an event is none.
            out.truncate(start);
            let text = format!(
                "becomes records of more than {EVENT_DRAFT_BYTES_MAX} bytes, which is what an event may take in memory; send it in parts"
            );
            FieldFault::new("", "misp.event.memory", text)
        }
        Err(fault) => fault,
    };
    let place = format!("{pointer}{}", fault.pointer);
    out.push_back(Piece::Fault(Fault { line, field: FieldFault::new(place, fault.code, fault.text) }));
}

fn begin<'o>(
    line: u64,
    entries: &Entries<'_>,
    restricted: bool,
    out: &'o mut VecDeque<Piece>,
) -> Result<Work<'o>, FieldFault> {
    let uuid = text(entries, "uuid").as_deref().and_then(ids::uuid_of);
    let uuid = uuid.ok_or_else(|| FieldFault::new("/uuid", "misp.uuid", "must be a UUID (RFC 9562)"))?;
    if entries.iter().any(|(_, node)| carry::depth(node) + 5 > JSON_DEPTH_MAX) {
        return Err(FieldFault::new("", "json.depth", format!("nested deeper than {} levels", JSON_DEPTH_MAX - 5)));
    }
    let time = |name| {
        let wrong = || FieldFault::new(format!("/{name}"), "misp.time", "must be seconds since 1970");
        text(entries, name).map(|text| ids::epoch(&text).ok_or_else(wrong)).transpose()
    };
    let date = text(entries, "date").filter(|date| !date.is_empty());
    let date =
        match date {
            Some(date) => Some(ids::iso(&date).ok_or_else(|| {
                FieldFault::new("/date", "misp.time", "must be a date such as 2025-01-31, from 1970 on")
            })?),
            None => None,
        };
    let at = time("timestamp")?.or(date);
    let at =
        at.ok_or_else(|| FieldFault::new("/timestamp", "misp.time", "is missing, and so is date; one is needed"))?;
    Ok(Work {
        line,
        out,
        restricted,
        uuid: crate::stix21::id::uuid_text(uuid),
        report: ids::own("report", uuid),
        by: None,
        created: date.unwrap_or(at).min(at),
        at,
        label: None,
        taken: HashSet::from([uuid]),
        emitted: HashSet::new(),
        clusters: HashMap::new(),
        places: HashMap::from([(uuid, Place { id: ids::own("report", uuid), label: None })]),
        about: None,
        refs: Vec::new(),
        left: Left::new(),
        records: 0,
        told: 0,
        bytes: 0,
    })
}

/// Members of an event that have a way of their own.
const OWN: [&str; 10] = [
    "uuid",
    "info",
    "Attribute",
    "Object",
    "ShadowAttribute",
    "Galaxy",
    "EventReport",
    "Sighting",
    "Tag",
    "RelatedEvent",
];

impl Work<'_> {
    /// Whether one more loss or fault is told by itself. Hostile events have one for each of their bytes.
    fn tells(&mut self) -> bool {
        self.told += 1;
        self.told <= NOTES_MAX
    }

    pub(super) fn loss(&mut self, place: &str, code: &'static str, text: impl Into<String>) {
        if !self.tells() {
            return;
        }
        self.out.push_back(Piece::Loss(Loss { line: self.line, place: place.to_owned(), code, text: text.into() }));
    }

    pub(super) fn fault(&mut self, place: impl Into<String>, code: &'static str, text: impl Into<String>) {
        if !self.tells() {
            return;
        }
        self.out.push_back(Piece::Fault(Fault { line: self.line, field: FieldFault::new(place, code, text) }));
    }

    /// Hands a draft out; `false`: it is larger than a record may be.
    pub(super) fn draft(&mut self, body: Vec<u8>) -> bool {
        if body.len() > BODY_BYTES_MAX {
            return false;
        }
        self.bytes += body.len();
        // Nothing more is kept of an event that is refused.
        if self.bytes > EVENT_DRAFT_BYTES_MAX {
            return true;
        }
        self.out.push_back(Piece::Draft(Draft { line: self.line, body }));
        true
    }

    /// Hands a draft out that several records may name, once; it belongs to the event.
    pub(super) fn once(&mut self, id: &str, body: Vec<u8>) -> bool {
        if self.emitted.contains(id) {
            return true;
        }
        if !self.draft(body) {
            return false;
        }
        self.emitted.insert(id.to_owned());
        self.refs.push(id.to_owned());
        true
    }

    pub(super) fn holds(&mut self, id: String) {
        self.refs.push(id);
    }

    pub(super) fn notes(&mut self, place: &str, tags: &mut Tags<'_>) {
        for (code, text) in std::mem::take(&mut tags.notes) {
            self.loss(place, code, text);
        }
    }

    /// The UUID of a record; a fault where it is none, or that of another.
    pub(super) fn uuid_of(&mut self, entries: &Entries<'_>, place: &str) -> Option<[u8; 16]> {
        let uuid = text(entries, "uuid").as_deref().and_then(ids::uuid_of);
        match uuid {
            None => self.fault(format!("{place}/uuid"), "misp.uuid", "must be a UUID (RFC 9562)"),
            Some(uuid) if !self.taken.insert(uuid) => {
                let text = "is the UUID of another record of this event; this one was not taken";
                self.fault(format!("{place}/uuid"), "misp.uuid.twice", text);
                return None;
            }
            Some(_) => {}
        }
        uuid
    }

    /// The time of a record; that of the event where it has none, and a fault where it cannot be read.
    pub(super) fn time_of(&mut self, entries: &Entries<'_>, name: &str, place: &str) -> Option<Timestamp> {
        let Some(text) = text(entries, name).filter(|text| !text.is_empty()) else { return Some(self.at) };
        let at = ids::epoch(&text);
        if at.is_none() {
            self.fault(format!("{place}/{name}"), "misp.time", "must be seconds since 1970");
        }
        at
    }

    /// Counts a record; `false`: there are too many.
    pub(super) fn counts(&mut self, place: &str) -> bool {
        self.records += 1;
        if self.records == RECORDS_MAX + 1 {
            let text = format!(
                "more than {RECORDS_MAX} attributes and the like in one event; this and what follows was not taken"
            );
            self.fault(place, "misp.records", text);
        }
        self.records <= RECORDS_MAX
    }

    /// Whether what MISP says of distribution lets a record be taken. INVARIANT: what MISP keeps to one organisation or to a sharing group
    /// never comes into a wider channel by accident.
    pub(super) fn may_travel(&mut self, entries: &Entries<'_>, place: &str) -> bool {
        let distribution = text(entries, "distribution");
        let (code, whom) = match distribution.as_deref() {
            None | Some("" | "1" | "2" | "3" | "5") => return true,
            Some("0") => ("misp.distribution.organisation", "its own organisation only"),
            Some("4") => ("misp.distribution.sharing-group", "a sharing group"),
            Some(_) => {
                let text = "must be a number from 0 to 5; what it means otherwise is not known, so this was not taken";
                self.fault(format!("{place}/distribution"), "misp.distribution", text);
                return false;
            }
        };
        if self.restricted {
            let text = format!("MISP restricts this to {whom}; taken all the same, because the importer said so");
            self.loss(&format!("{place}/distribution"), "misp.loss.distribution", text);
            return true;
        }
        let text = format!(
            "MISP restricts this to {whom}, and a channel may reach further; not taken. Change the distribution in MISP, or import it with what is restricted"
        );
        self.fault(format!("{place}/distribution"), code, text);
        false
    }

    /// Hands observables out, and says which there are.
    pub(super) fn observables(&mut self, list: Vec<observable::Observable>) -> Vec<String> {
        let mut ids = Vec::with_capacity(list.len());
        for one in list {
            if self.once(&one.id, one.body) {
                ids.push(one.id);
            }
        }
        ids
    }

    /// The identity of an organisation. Its version follows from what it says: MISP gives organisations no times.
    pub(super) fn organisation(&mut self, node: Option<&Node<'_>>) -> Option<String> {
        let entries = node.and_then(Node::map)?;
        let name = text(entries, "name").filter(|name| !name.trim().is_empty())?;
        let uuid = text(entries, "uuid").as_deref().and_then(ids::uuid_of);
        let id = match uuid {
            Some(uuid) => ids::own("identity", uuid),
            None => ids::derived("identity", name.as_bytes()),
        };
        // A UUID that is an attribute's or the event's cannot be an organisation's as well.
        let id = if uuid.is_some_and(|uuid| self.taken.contains(&uuid)) {
            ids::derived("identity", id.as_bytes())
        } else {
            id
        };
        let mut body = Body::new("identity", &id);
        let (created, modified) = pseudo_version(name.as_bytes());
        body.version(None, created, modified).text("name", &name).text("identity_class", "organization");
        self.once(&id, body.finish()).then_some(id)
    }

    fn event(&mut self, pointer: &str, entries: &Entries<'_>) {
        if !self.may_travel(entries, pointer) {
            return;
        }
        for definition in ids::DEFINITIONS {
            self.draft(definition.as_bytes().to_vec());
        }
        let mut tags = tags::read(field(entries, "Tag"), &mut self.left);
        self.notes(&format!("{pointer}/Tag"), &mut tags);
        self.label = tags.label;
        for place in self.places.values_mut() {
            place.label = tags.label;
        }
        self.by = self.organisation(field(entries, "Orgc"));
        let galaxies = galaxy::convert(self, field(entries, "Galaxy"), &format!("{pointer}/Galaxy"));
        self.each(entries, pointer, "Attribute", attribute::convert);
        self.each(entries, pointer, "Object", group::convert);
        self.each(entries, pointer, "Object", group::references);
        self.each(entries, pointer, "EventReport", around::report);
        let after = std::mem::take(&mut self.refs);
        self.each(entries, pointer, "ShadowAttribute", around::proposal);
        self.each(entries, pointer, "Sighting", around::sighting);
        around::of_attributes(self, entries, pointer);
        self.refs = after;
        self.report(pointer, entries, &tags, &galaxies.json);
        if field(entries, "RelatedEvent").is_some_and(|node| !carry::is_empty(node)) {
            self.left.insert("RelatedEvent");
        }
        let untold = self.told.saturating_sub(NOTES_MAX);
        self.told = 0;
        if untold > 0 {
            let text = format!("{untold} more losses and faults of this event are not told one by one");
            self.fault(pointer, "misp.notes", text);
        }
        if !self.left.is_empty() {
            let names: Vec<_> = self.left.iter().copied().collect();
            let text = format!(
                "belongs to the source's own instance, or follows from the rest, and stays there: {}",
                names.join(", ")
            );
            self.loss(pointer, "misp.loss.instance", text);
        }
    }

    pub(super) fn each(
        &mut self,
        entries: &Entries<'_>,
        pointer: &str,
        name: &str,
        convert: fn(&mut Self, &Entries<'_>, &str),
    ) {
        let Some(node) = field(entries, name).filter(|node| !matches!(node, Node::Null)) else { return };
        let Some(items) = node.list() else {
            return self.fault(
                format!("{pointer}/{name}"),
                "misp.list",
                format!("is {}; it must be a list", node.kind()),
            );
        };
        for (at, item) in items.iter().enumerate() {
            let place = format!("{pointer}/{name}/{at}");
            match item.map() {
                Some(entries) => convert(self, entries, &place),
                None => self.fault(place, "misp.record", format!("is {}; it must be an object", item.kind())),
            }
        }
    }

    fn report(&mut self, pointer: &str, entries: &Entries<'_>, tags: &Tags<'_>, galaxies: &[u8]) {
        let info = text(entries, "info").unwrap_or_default();
        let published = text(entries, "publish_timestamp").as_deref().and_then(ids::epoch);
        let published = published.filter(|at| at.micros() > 0 && carry::is_on(entries, "published"));
        let modified = self.at.max(published.unwrap_or(self.at));
        let mut fields = vec![b'{'];
        observable_text(&mut fields, "uuid", &text(entries, "uuid").unwrap_or_default());
        let name = if info.trim().is_empty() {
            fields.push(b',');
            observable_text(&mut fields, "info", &info);
            "An event without a title"
        } else {
            info.as_ref()
        };
        let mut leave = OWN.to_vec();
        leave.extend(["Org", "attribute_count", "CryptographicKey", "protected"]);
        carry_members(entries, &leave, &mut self.left, &mut fields, false);
        for name in ["Org", "CryptographicKey", "attribute_count"] {
            if field(entries, name).is_some_and(|node| !carry::is_empty(node)) {
                self.left.insert(name);
            }
        }
        if carry::is_on(entries, "protected") {
            let text = "the event is protected: its signature is over MISP's own bytes and cannot be carried";
            self.loss(&format!("{pointer}/protected"), "misp.loss.protected", text);
        }
        if !tags.json.is_empty() {
            fields.extend_from_slice(b",\"Tag\":");
            fields.extend_from_slice(&tags.json);
        }
        fields.push(b'}');
        let refs = self.parts(modified);
        let id = self.report.clone();
        let mut body = Body::new("report", &id);
        body.version(self.by.as_deref(), self.created, modified)
            .text("name", name)
            .texts("report_types", ["threat-report"])
            .time("published", published.unwrap_or(self.at))
            .texts("object_refs", refs.iter().map(String::as_str))
            .texts("labels", tags.names.iter().copied())
            .marking(self.label)
            .misp("event", Some(&self.uuid.clone()), &fields, galaxies);
        if !self.draft(body.finish()) {
            let text = format!(
                "what the event says of itself takes more than {BODY_BYTES_MAX} bytes; its report was not made"
            );
            self.fault(pointer, "misp.event.size", text);
        }
    }

    /// What the report refers to: everything, or where that is more than one object holds, groupings of it.
    fn parts(&mut self, modified: Timestamp) -> Vec<String> {
        let mut refs = std::mem::take(&mut self.refs);
        if refs.is_empty() {
            // A report refers to something, and this one to who made it out of the event.
            refs.push(ids::DEFINER.to_owned());
        }
        if refs.len() <= REPORT_REFS_MAX {
            return refs;
        }
        let mut parts = Vec::new();
        for (at, chunk) in refs.chunks(REPORT_REFS_MAX).enumerate() {
            let id = ids::derived("grouping", format!("{} {at}", self.uuid).as_bytes());
            let mut body = Body::new("grouping", &id);
            let (created, label, by, uuid) = (self.created, self.label, self.by.clone(), self.uuid.clone());
            body.version(by.as_deref(), created, modified)
                .text("context", "unspecified")
                .texts("object_refs", chunk.iter().map(String::as_str))
                .marking(label)
                .misp("part", Some(&uuid), format!("{{\"part\":{at}}}").as_bytes(), b"");
            self.draft(body.finish());
            parts.push(id);
        }
        parts
    }
}

fn observable_text(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(format!("\"{name}\":{}", observable::json_text(value)).as_bytes());
}

/// A version for what MISP gives no time: the same content has the same one, other content another.
pub(super) fn pseudo_version(content: &[u8]) -> (Timestamp, Timestamp) {
    /// 2012-01-01, when MISP began to be shared.
    const BEGINNING: i64 = 1_325_376_000_000_000;
    let created = Timestamp::from_micros(BEGINNING).unwrap_or_default();
    // Within four hundred days, at milliseconds.
    (created, created.plus_ms(ids::content_number(content) % (400 * 86_400_000)))
}
