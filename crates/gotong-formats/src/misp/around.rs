//! What others say around an event: its reports, sightings of its attributes, proposals to change them.
//!
//! Sightings and proposals come without the event changing, so the event's report does not refer to them; they refer to what they are
//! about. A proposal is a note whatever it proposes: nothing is detected because of it. Read next: `event.rs`.

use super::attribute::short;
use super::body::Body;
use super::carry::{carry, is_on, text};
use super::event::{Place, Work};
use super::{ids, tags};
use crate::stix21::json::{Entries, Node, field};

/// An event report as a note.
pub(super) fn report(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    if !work.counts(place) {
        return;
    }
    if !work.may_travel(entries, place) {
        return;
    }
    let Some(at) = work.time_of(entries, "timestamp", place) else { return };
    let Some(uuid) = work.uuid_of(entries, place) else { return };
    let (name, content) = (text(entries, "name").unwrap_or_default(), text(entries, "content").unwrap_or_default());
    let mut tags = tags::read(field(entries, "Tag"), &mut work.left);
    work.notes(place, &mut tags);
    let title = short(&name);
    // What the note says in its own words is not said twice.
    let mut leave = vec!["Tag"];
    if *name == *title && !name.trim().is_empty() {
        leave.push("name");
    }
    if !content.trim().is_empty() {
        leave.push("content");
    }
    let mut fields = Vec::with_capacity(256);
    carry(entries, &leave, &mut work.left, &mut fields);
    if !tags.json.is_empty() {
        fields.pop();
        fields.extend_from_slice(b",\"Tag\":");
        fields.extend_from_slice(&tags.json);
        fields.push(b'}');
    }
    let id = ids::derived("note", &uuid);
    let label = work.label.max(tags.label);
    let mut body = Body::new("note", &id);
    body.version(work.by.as_deref(), work.created, at).revoked(is_on(entries, "deleted"));
    body.some_text("abstract", Some(&title));
    body.text("content", if content.trim().is_empty() { "An event report without content" } else { &content });
    body.texts("object_refs", [work.report.clone().as_str()])
        .texts("labels", tags.names.iter().copied())
        .marking(label);
    body.misp("report", Some(&work.uuid.clone()), &fields, b"");
    if work.draft(body.finish()) {
        work.holds(id);
    } else {
        work.fault(place, "misp.size", "is larger than a record may be; it was not taken");
    }
}

/// The sightings and proposals that stand in attributes, those of objects among them.
pub(super) fn of_attributes(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    attributes(work, entries, place);
    let objects = field(entries, "Object").and_then(Node::list).unwrap_or_default();
    for (at, object) in objects.iter().enumerate().filter_map(|(at, item)| Some((at, item.map()?))) {
        attributes(work, object, &format!("{place}/Object/{at}"));
    }
}

fn attributes(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    let items = field(entries, "Attribute").and_then(Node::list).unwrap_or_default();
    for (at, entries) in items.iter().enumerate().filter_map(|(at, item)| Some((at, item.map()?))) {
        let some = |name| field(entries, name).is_some_and(|node| node.list().is_none_or(|items| !items.is_empty()));
        if !some("Sighting") && !some("ShadowAttribute") {
            continue;
        }
        let place = format!("{place}/Attribute/{at}");
        let uuid = text(entries, "uuid").as_deref().and_then(ids::uuid_of);
        match uuid.and_then(|uuid| Some((uuid, work.places.get(&uuid)?.clone()))) {
            Some((uuid, target)) => {
                let before = work.about.replace((uuid, target));
                work.each(entries, &place, "Sighting", sighting);
                work.each(entries, &place, "ShadowAttribute", proposal);
                work.about = before;
            }
            None => work.loss(&place, "misp.loss.around", "was not taken, and so were its sightings and proposals"),
        }
    }
}

/// What a record around an attribute is about: the one in which it stands, or the one that it names.
fn target(work: &Work<'_>, entries: &Entries<'_>, name: &str) -> Option<([u8; 16], Place)> {
    let named = text(entries, name).as_deref().and_then(ids::uuid_of);
    let named = named.and_then(|uuid| Some((uuid, work.places.get(&uuid)?.clone())));
    work.about.clone().or(named)
}

/// A sighting: of type 0 as such, of type 1 (false positive) as an opinion, of type 2 (expiration) as a note.
pub(super) fn sighting(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    if !work.counts(place) {
        return;
    }
    let Some((about, target)) = target(work, entries, "attribute_uuid") else {
        return work.loss(place, "misp.loss.around", "names no attribute of this event that was taken");
    };
    let Some(at) = work.time_of(entries, "date_sighting", place) else { return };
    let mut fields = Vec::with_capacity(256);
    carry(entries, &["Organisation", "attribute_uuid"], &mut work.left, &mut fields);
    let organisation = field(entries, "Organisation");
    let by = work.organisation(organisation);
    let mut more = format!(",\"attribute_uuid\":\"{}\"", crate::stix21::id::uuid_text(about)).into_bytes();
    if let Some(organisation) = organisation.and_then(Node::map) {
        more.extend_from_slice(b",\"organisation\":");
        carry(organisation, &[], &mut work.left, &mut more);
    }
    let kind = text(entries, "type").unwrap_or_default();
    let object_type = match kind.as_ref() {
        "1" => "opinion",
        "2" => "note",
        _ => "sighting",
    };
    let id = if field(entries, "uuid").is_some() {
        let Some(uuid) = work.uuid_of(entries, place) else { return };
        ids::derived(object_type, &uuid)
    } else {
        ids::derived(object_type, &[about.as_slice(), fields.as_slice()].concat())
    };
    let mut body = Body::new(object_type, &id);
    body.version(by.as_deref(), at, at);
    match object_type {
        "opinion" => body
            .text("explanation", "Seen as a false positive")
            .text("opinion", "strongly-disagree")
            .texts("object_refs", [target.id.as_str()]),
        "note" => body.text("content", "Said to have expired").texts("object_refs", [target.id.as_str()]),
        _ => body
            .some_text("description", text(entries, "source").as_deref())
            .time("first_seen", at)
            .time("last_seen", at)
            .raw("count", b"1")
            .text("sighting_of_ref", &target.id)
            .texts("where_sighted_refs", by.as_deref()),
    };
    body.marking(target.label).misp("sighting", Some(&work.uuid.clone()), &fields, &more);
    if !work.draft(body.finish()) {
        work.fault(place, "misp.size", "is larger than a record may be; it was not taken");
    }
}

/// A proposal to add, change or delete an attribute.
pub(super) fn proposal(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    if !work.counts(place) {
        return;
    }
    let Some(at) = work.time_of(entries, "timestamp", place) else { return };
    // A proposal to change an attribute has the UUID of that attribute.
    let named = text(entries, "uuid").as_deref().and_then(ids::uuid_of);
    let named = named.and_then(|uuid| Some((uuid, work.places.get(&uuid)?.clone())));
    let name = match &named {
        Some((uuid, _)) => content_name(*uuid, entries, field(entries, "Org").and_then(Node::map)),
        None => match work.uuid_of(entries, place) {
            Some(uuid) => uuid.to_vec(),
            None => return,
        },
    };
    let of_attribute = work.about.clone().or(named.filter(|(_, place)| !place.id.starts_with("report--")));
    let (subject, label) = match &of_attribute {
        Some((_, place)) => (place.id.clone(), place.label),
        None => (work.report.clone(), work.label),
    };
    let by = work.organisation(field(entries, "Org"));
    // INVARIANT: who proposes may ask for more care than the event does, and is never shown with less.
    let mut tags = tags::read(field(entries, "Tag"), &mut work.left);
    work.notes(place, &mut tags);
    let label = label.max(tags.label);
    let mut fields = Vec::with_capacity(512);
    carry(entries, &["Org", "Tag", "EventOrg", "event_uuid"], &mut work.left, &mut fields);
    if !tags.json.is_empty() {
        fields.pop();
        fields.extend_from_slice(if fields.len() > 1 { b",\"Tag\":" } else { b"\"Tag\":" });
        fields.extend_from_slice(&tags.json);
        fields.push(b'}');
    }
    let mut more = Vec::new();
    if let Some((uuid, _)) = &of_attribute {
        more.extend_from_slice(format!(",\"attribute_uuid\":\"{}\"", crate::stix21::id::uuid_text(*uuid)).as_bytes());
    }
    if let Some(organisation) = field(entries, "Org").and_then(Node::map) {
        more.extend_from_slice(b",\"organisation\":");
        carry(organisation, &[], &mut work.left, &mut more);
    }
    let verb = if is_on(entries, "proposal_to_delete") {
        "delete"
    } else if of_attribute.is_some() {
        "change this to"
    } else {
        "add"
    };
    let say = |name| text(entries, name).unwrap_or_default();
    let content = format!("Proposed: {verb} {} {}", say("type"), short(&say("value")));
    let id = ids::derived("note", &name);
    let number = ids::proposal_number(&id).unwrap_or_default();
    let refs = format!(",\"proposal_refs\":[\"{}\",\"{}\"]", ids::PROPOSALS, ids::proposal_ref(number));
    more.extend_from_slice(refs.as_bytes());
    let mut body = Body::new("note", &id);
    body.version(by.as_deref(), work.created, at)
        .revoked(is_on(entries, "deleted"))
        .text("abstract", "A proposal")
        .text("content", &content)
        .texts("object_refs", [subject.as_str()])
        .marking(label)
        .misp("proposal", Some(&work.uuid.clone()), &fields, &more);
    if !work.draft(body.finish()) {
        work.fault(place, "misp.size", "is larger than a record may be; it was not taken");
    }
}

/// What the id of a proposal follows from that has the UUID of an attribute: several may propose to change one attribute, each several times.
pub(super) fn content_name(uuid: [u8; 16], entries: &Entries<'_>, by: Option<&Entries<'_>>) -> Vec<u8> {
    let mut name = uuid.to_vec();
    let mut add = |word: &str| {
        name.push(0);
        name.extend_from_slice(word.as_bytes());
    };
    for member in ["category", "type", "value", "comment", "first_seen", "last_seen"] {
        add(&text(entries, member).unwrap_or_default());
    }
    for member in ["to_ids", "proposal_to_delete"] {
        add(if is_on(entries, member) { "1" } else { "0" });
    }
    let by = by.and_then(|by| text(by, "uuid").or_else(|| text(by, "name")));
    add(&by.unwrap_or_default().to_ascii_lowercase());
    name
}
