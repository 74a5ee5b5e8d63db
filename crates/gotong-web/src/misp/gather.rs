//! An event found and written as MISP shows it: what STIX says becomes MISP's JSON, with the numbers and lists that its programs expect.
//!
//! What is shown carries the label that counts; what an edit begins from is as it was published, so that nothing changes that nobody changed. Read next:
//! `gotong_app::view::event`, and `gotong_formats::misp::write`.

use gotong_app::Node;
use gotong_app::view::{self, Event, RecordView};
use gotong_formats::misp::{self, WriteOptions, describe};
use gotong_formats::stix21;
use gotong_model::MemberCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::json::{Json, default, is_on, list, looks_like_uuid, text, word};
use super::place;
use super::reply::Stop;

/// An event that never was MISP: for the community, which a MISP that pulls narrows to its own organisation.
const OPTIONS: WriteOptions = WriteOptions { distribution: 1 };

/// The report ids that a UUID or number of an event may mean.
pub(super) fn reports(node: &Node, ask: &Ask, key: &str) -> Result<Vec<String>, Stop> {
    if looks_like_uuid(key) {
        return Ok(vec![format!("report--{}", key.to_ascii_lowercase())]);
    }
    match key.parse::<u64>() {
        Ok(number) => Ok(view::reports_with_number(node, ask.caller(), number)?),
        Err(_) => Ok(Vec::new()),
    }
}

/// The event with this UUID or number.
pub(super) fn find(node: &Node, ask: &Ask, key: &str) -> Result<Event, Stop> {
    for report in reports(node, ask, key)? {
        if let Some(event) = view::event(node, ask.caller(), &report)? {
            return Ok(event);
        }
    }
    Err(Stop::absent("event"))
}

/// The event that holds the attribute or object with this UUID.
pub(super) fn holding(node: &Node, ask: &Ask, uuid: &str) -> Result<Event, Stop> {
    let (reports, _) = view::events_about(node, ask.caller(), &misp::ids_of(uuid))?;
    let mut found = None;
    for report in reports.into_iter().take(16) {
        let Some(event) = view::event(node, ask.caller(), &report)? else { continue };
        let is_own = event.author == node.member;
        if found.is_none() || is_own {
            found = Some(event);
        }
        if is_own {
            break;
        }
    }
    found.ok_or_else(|| Stop::absent("attribute, object or event report; name it by its UUID"))
}

/// An event as it is shown, deleted parts among it.
pub(super) fn shown(node: &Node, ask: &Ask, event: &Event) -> Result<Json, Stop> {
    let written = misp::write(&event.marked(), OPTIONS);
    let mut json = unwrapped(&written.event)?;
    dress(node, ask, (&mut json, event))?;
    Ok(json)
}

/// An event with the labels that count, and without the numbers and lists of this instance: for adding to what is said about it.
pub(super) fn plain(event: &Event) -> Result<Json, Stop> {
    unwrapped(&misp::write(&event.marked(), OPTIONS).event)
}

/// An event as it was published by this member, for an edit to begin from: nothing that others say about it.
pub(super) fn own(node: &Node, event: &Event) -> Result<Json, Stop> {
    let own = event.objects.iter().filter(|object| object.author == node.member);
    let ours = own.filter(|object| !is_about(&object.id) || names(&object.body, misp::EXTENSION));
    let bodies: Vec<&[u8]> = ours.map(|object| object.body.as_slice()).collect();
    unwrapped(&misp::write(&bodies, OPTIONS).event)
}

fn is_about(id: &str) -> bool {
    ["sighting--", "opinion--", "note--"].iter().any(|kind| id.starts_with(kind))
}

/// Whether a report came from MISP, so that it can be edited as MISP does.
pub(super) fn is_of_misp(event: &Event) -> bool {
    names(event.report(), misp::EXTENSION)
}

pub(super) fn names(body: &[u8], word: &str) -> bool {
    body.windows(word.len()).any(|window| window == word.as_bytes())
}

fn unwrapped(event: &[u8]) -> Result<Json, Stop> {
    let mut value: Value = serde_json::from_slice(event).unwrap_or_default();
    match value.get_mut("Event").map(Value::take) {
        Some(Value::Object(event)) => Ok(event),
        _ => Err(Stop::absent("event")),
    }
}

/// The head of an event from its report alone: no part of it is opened.
pub(super) fn head(node: &Node, record: &RecordView) -> Result<Json, Stop> {
    let body = stix21::mark_copy(&record.body, record.label);
    let mut json = unwrapped(&misp::write(&[body], OPTIONS).event)?;
    dress_head(node, &mut json, (&record.author, names(&record.body, misp::EXTENSION)));
    if word(&json, "distribution") == "4" {
        json.insert("sharing_group_id".into(), json!(place::group_number(&record.channel)));
    }
    Ok(json)
}

fn dress_head(node: &Node, event: &mut Json, (author, is_of_misp): (&MemberCode, bool)) {
    let organisation = place::organisation(node, author);
    if event.get("Orgc").and_then(Value::as_object).is_none_or(|orgc| text(orgc, "uuid").is_empty()) {
        event.insert("Orgc".into(), Value::Object(organisation.clone()));
    }
    if let Some(orgc) = event.get_mut("Orgc").and_then(Value::as_object_mut) {
        number(orgc);
    }
    let orgc = event.get("Orgc").and_then(|orgc| orgc.get("id")).cloned();
    let org = place::organisation(node, &node.member);
    event.insert("org_id".into(), json!(word(&org, "id")));
    event.insert("orgc_id".into(), orgc.unwrap_or_default());
    event.insert("Org".into(), Value::Object(org));
    number(event);
    if !is_of_misp {
        // Whatever stands in a channel is shared: there is no draft of it.
        event.insert("published".into(), json!(true));
    }
    let published = is_on(event, "published");
    event.insert("published".into(), json!(published));
    event.insert("locked".into(), json!(*author != node.member));
    let time = word(event, "timestamp");
    default(event, "publish_timestamp", if published { time } else { "0".to_owned() });
    for (name, value) in
        [("analysis", "0"), ("threat_level_id", "4"), ("distribution", "1"), ("info", ""), ("attribute_count", "0")]
    {
        default(event, name, value);
    }
    for name in ["analysis", "threat_level_id", "distribution", "timestamp", "publish_timestamp"] {
        let value = word(event, name);
        event.insert(name.into(), json!(value));
    }
    for (name, value) in
        [("sharing_group_id", "0"), ("sighting_timestamp", "0"), ("extends_uuid", ""), ("event_creator_email", "")]
    {
        default(event, name, value);
    }
    for name in ["proposal_email_lock", "disable_correlation", "protected"] {
        default(event, name, false);
    }
    tags(event);
}

/// Gives a record its number.
fn number(record: &mut Json) {
    let number = view::number_of(text(record, "uuid")).to_string();
    record.insert("id".into(), json!(number));
}

fn tags(record: &mut Json) {
    for tag in record.get_mut("Tag").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(tag) = tag.as_object_mut() else { continue };
        let id = view::number_of(&format!("tag {}", text(tag, "name"))).to_string();
        tag.insert("id".into(), json!(id));
        for (name, value) in [("colour", json!("#888888")), ("exportable", json!(true)), ("local", json!(0))] {
            default(tag, name, value);
        }
    }
}

fn dress(node: &Node, ask: &Ask, (json, event): (&mut Json, &Event)) -> Result<(), Stop> {
    dress_head(node, json, (&event.author, is_of_misp(event)));
    if word(json, "distribution") == "4" {
        let channels = place::channels(node, ask.caller())?;
        if let Some(channel) = channels.iter().find(|channel| channel.id == event.channel) {
            let mut group = place::sharing_group(node, channel);
            let mut inner = group.get_mut("SharingGroup").map(Value::take).unwrap_or_default();
            if let (Some(inner), Some(group)) = (inner.as_object_mut(), group.as_object_mut()) {
                json.insert("sharing_group_id".into(), json!(text(inner, "id")));
                for name in ["Organisation", "SharingGroupOrg", "SharingGroupServer"] {
                    inner.insert(name.to_owned(), group.remove(name).unwrap_or_default());
                }
            }
            json.insert("SharingGroup".into(), inner);
        }
    }
    let id = word(json, "id");
    let (group, uuid) = (word(json, "sharing_group_id"), text(json, "uuid").to_owned());
    let at = word(json, "timestamp");
    for name in ["Attribute", "Object", "EventReport", "ShadowAttribute"] {
        for part in json.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(part) = part.as_object_mut() else { continue };
            if name == "ShadowAttribute" {
                proposal(part, (&id, &uuid, "0"));
                continue;
            }
            self::part(part, (&id, "0"), (&group, &at));
            proposals(part, (&id, &uuid));
            let own = word(part, "id");
            for inner in ["Attribute", "ObjectReference"] {
                for one in part.get_mut(inner).and_then(Value::as_array_mut).into_iter().flatten() {
                    if let Some(one) = one.as_object_mut() {
                        self::part(one, (&id, &own), (&group, &at));
                        proposals(one, (&id, &uuid));
                    }
                }
            }
        }
    }
    json.insert("RelatedEvent".into(), json!([]));
    Ok(())
}

/// The proposals about an attribute.
fn proposals(attribute: &mut Json, (event, event_uuid): (&str, &str)) {
    let own = word(attribute, "id");
    for one in attribute.get_mut("ShadowAttribute").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(one) = one.as_object_mut() {
            proposal(one, (event, event_uuid, &own));
        }
    }
}

/// A proposal has a number already: that of an attribute would be that of what it proposes to change.
fn proposal(one: &mut Json, (event, event_uuid, attribute): (&str, &str, &str)) {
    for (name, value) in [("event_id", event), ("event_uuid", event_uuid), ("old_id", attribute)] {
        one.insert(name.into(), json!(value));
    }
    for name in ["deleted", "proposal_to_delete", "to_ids"] {
        let on = is_on(one, name);
        one.insert(name.into(), json!(on));
    }
    for (name, value) in [("comment", ""), ("category", "Other"), ("timestamp", "0")] {
        default(one, name, value);
    }
    // What proposes a deletion alone has no type.
    if one.contains_key("type") {
        plausible(one);
    }
    let mut org = "0".to_owned();
    if let Some(by) = one.get_mut("Org").and_then(Value::as_object_mut) {
        number(by);
        org = word(by, "id");
    }
    one.insert("org_id".into(), json!(org));
    tags(one);
}

/// Shows an attribute under a category and type that clients take; what it says itself stands before its comment.
fn plausible(attribute: &mut Json) {
    let (category, kind) = (text(attribute, "category").to_owned(), text(attribute, "type").to_owned());
    let (shown, shown_kind) = describe::taken(&category, &kind);
    let is_unknown = |name: &str| !name.is_empty() && !describe::categories().any(|known| known == name);
    if shown_kind != kind || is_unknown(&category) {
        let comment = text(attribute, "comment");
        let said = format!("[{category}/{kind}] {comment}");
        attribute.insert("comment".into(), json!(said.trim_end()));
    }
    attribute.insert("category".into(), json!(shown));
    attribute.insert("type".into(), json!(shown_kind));
}

/// A part that says no time has that of its event: it was read so, and is read so again.
fn part(part: &mut Json, (event, object): (&str, &str), (group, at): (&str, &str)) {
    number(part);
    let own = word(part, "timestamp");
    part.insert("timestamp".into(), json!(if own.is_empty() { at } else { own.as_str() }));
    part.insert("event_id".into(), json!(event));
    default(part, "distribution", "5");
    let distribution = word(part, "distribution");
    part.insert("sharing_group_id".into(), json!(if distribution == "4" { group } else { "0" }));
    part.insert("distribution".into(), json!(distribution));
    let is_deleted = is_on(part, "deleted");
    part.insert("deleted".into(), json!(is_deleted));
    default(part, "comment", "");
    if part.contains_key("value") {
        let to_ids = is_on(part, "to_ids");
        part.insert("to_ids".into(), json!(to_ids));
        part.insert("object_id".into(), json!(object));
        plausible(part);
        default(part, "disable_correlation", false);
        default(part, "object_relation", Value::Null);
        for name in ["Tag", "Galaxy", "ShadowAttribute"] {
            default(part, name, json!([]));
        }
    } else if part.contains_key("referenced_uuid") {
        let target = view::number_of(text(part, "referenced_uuid")).to_string();
        part.insert("object_id".into(), json!(object));
        part.insert("referenced_id".into(), json!(target));
        default(part, "referenced_type", "1");
    } else if part.contains_key("Attribute") {
        default(part, "template_version", "1");
        default(part, "meta-category", "misc");
    }
    tags(part);
    let (id, uuid) = (word(part, "id"), text(part, "uuid").to_owned());
    for sighting in part.get_mut("Sighting").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(sighting) = sighting.as_object_mut() else { continue };
        let own = view::number_of(&format!("sighting {}", text(sighting, "uuid"))).to_string();
        for (name, value) in
            [("id", own.as_str()), ("attribute_id", &id), ("event_id", event), ("attribute_uuid", &uuid)]
        {
            sighting.insert(name.into(), json!(value));
        }
        default(sighting, "type", "0");
        default(sighting, "source", "");
    }
}

/// Which parts of an event are wanted by their being deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Deleted {
    /// Not the deleted ones.
    No,
    /// Them too.
    Too,
    /// Them alone.
    Only,
}

impl Deleted {
    pub(super) fn of(ask: &Ask) -> Self {
        let words = ask.words("deleted");
        let has = |word: &str| words.iter().any(|one| one == word);
        if has("2") || has("only") {
            Self::Only
        } else if has("1") || has("true") {
            Self::Too
        } else {
            Self::No
        }
    }

    pub(super) fn keep(self, record: &Json) -> bool {
        match self {
            Self::Too => true,
            Self::No => !is_on(record, "deleted"),
            Self::Only => is_on(record, "deleted"),
        }
    }

    /// Leaves out what is not wanted.
    pub(super) fn sift(self, event: &mut Json) {
        for name in ["Object", "Attribute", "EventReport"] {
            let Some(items) = event.get_mut(name).and_then(Value::as_array_mut) else { continue };
            for object in items.iter_mut().filter_map(Value::as_object_mut) {
                for inner in ["Attribute", "ObjectReference"] {
                    if let Some(parts) = object.get_mut(inner).and_then(Value::as_array_mut) {
                        parts.retain(|part| part.as_object().is_some_and(|part| self.keep(part)));
                    }
                }
            }
            let within = |object: &Json| self == Self::Only && list(object, "Attribute").next().is_some();
            items.retain(|item| item.as_object().is_some_and(|item| self.keep(item) || within(item)));
        }
        if self == Self::No {
            super::proposals::drop_settled(event);
        }
    }
}
