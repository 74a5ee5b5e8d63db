//! An event that was sent, laid over the one that is here, as MISP does it: members replace members, tags are added, parts are matched by UUID and only newer ones
//! count, and what was not sent stays.
//!
//! Must not publish anything. Read next: `save.rs`.

use gotong_app::Node;
use serde_json::{Value, json};

use super::json::{Json, default, is_uuid, list_mut, looks_like_uuid, seconds, text, word};
use super::reply::Stop;

/// Parts of an event, in the order in which they are laid over.
const PARTS: [&str; 3] = ["Attribute", "Object", "EventReport"];
/// What belongs to an instance, or is laid over in a way of its own.
const KEPT: [&str; 22] = [
    "id",
    "uuid",
    "event_id",
    "object_id",
    "org_id",
    "orgc_id",
    "Org",
    "Orgc",
    "locked",
    "attribute_count",
    "RelatedEvent",
    "event_creator_email",
    "sharing_group_id",
    "SharingGroup",
    "timestamp",
    "Tag",
    "Galaxy",
    "Attribute",
    "Object",
    "EventReport",
    "ObjectReference",
    "Sighting",
];

/// What MISP answers to an event that is not newer.
pub(super) fn not_newer() -> Stop {
    let text = "Event could not be saved: Event in the request not newer than the local copy.";
    Stop::forbidden(text, json!(text))
}

/// A UUID for what was sent without one.
pub(super) fn new_uuid(node: &Node) -> String {
    let mut bytes = [0; 16];
    node.entropy().fill(&mut bytes);
    super::json::uuid_of_bytes(&bytes, 0x40)
}

/// Says what an event that was sent leaves unsaid.
pub(super) fn fill(node: &Node, event: &mut Json, now: i64) {
    for name in ["Org", "RelatedEvent", "ShadowAttribute"] {
        event.remove(name);
    }
    if !looks_like_uuid(text(event, "uuid")) && text(event, "uuid").is_empty() {
        event.insert("uuid".into(), json!(new_uuid(node)));
    }
    // What a client leaves open it often sends as null.
    event.retain(|_, value| !value.is_null());
    default(event, "timestamp", now.to_string());
    default(event, "info", "");
    let at = gotong_model::Timestamp::from_micros(now.saturating_mul(1_000_000)).unwrap_or_default().to_string();
    default(event, "date", at.get(..10).unwrap_or_default());
    for (name, value) in [("analysis", "0"), ("threat_level_id", "4"), ("distribution", "1")] {
        default(event, name, value);
    }
    default(event, "published", false);
    for name in PARTS {
        for part in event.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(part) = part.as_object_mut() {
                fill_part(node, part, now);
            }
        }
    }
}

/// The same for an attribute, object or report.
pub(super) fn fill_part(node: &Node, part: &mut Json, now: i64) {
    part.retain(|_, value| !value.is_null());
    default(part, "uuid", new_uuid(node));
    default(part, "timestamp", now.to_string());
    default(part, "distribution", "5");
    if part.contains_key("value") {
        default(part, "category", "Other");
        default(part, "to_ids", false);
    }
    for name in ["Attribute", "ObjectReference"] {
        for inner in part.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(inner) = inner.as_object_mut() {
                fill_part(node, inner, now);
            }
        }
    }
}

/// Lays what was sent over what is here. What has a time of its own that is not newer is left as it is here.
pub(super) fn event(node: &Node, base: &mut Json, sent: &Json, now: i64) -> Result<(), Stop> {
    let known = seconds(base, "timestamp").unwrap_or_default();
    let at = match seconds(sent, "timestamp") {
        Some(at) if at <= known => return Err(not_newer()),
        Some(at) => at,
        None => now.max(known + 1),
    };
    members(base, sent);
    base.insert("timestamp".into(), json!(at.to_string()));
    for name in PARTS {
        parts(node, base, (sent, name), at);
    }
    Ok(())
}

/// Lays one part over another; it gets a time that is later than its own.
pub(super) fn part(node: &Node, base: &mut Json, sent: &Json, at: i64) {
    let known = seconds(base, "timestamp").unwrap_or_default();
    match seconds(sent, "timestamp") {
        Some(sent) if sent <= known => return,
        Some(sent) => base.insert("timestamp".into(), json!(sent.to_string())),
        None => base.insert("timestamp".into(), json!(at.max(known + 1).to_string())),
    };
    members(base, sent);
    for name in ["Attribute", "ObjectReference"] {
        parts(node, base, (sent, name), at);
    }
}

fn parts(node: &Node, base: &mut Json, (sent, name): (&Json, &str), at: i64) {
    for one in super::json::list(sent, name) {
        let Some(list) = list_mut(base, name) else { return };
        let uuid = word(one, "uuid");
        let known =
            list.iter_mut().filter_map(Value::as_object_mut).find(|known| !uuid.is_empty() && is_uuid(known, &uuid));
        if let Some(known) = known {
            part(node, known, one, at);
        } else {
            let mut one = one.clone();
            fill_part(node, &mut one, at);
            list.push(Value::Object(one));
        }
    }
}

fn members(base: &mut Json, sent: &Json) {
    for (name, value) in sent.iter().filter(|(name, value)| !KEPT.contains(&name.as_str()) && !value.is_null()) {
        base.insert(name.clone(), value.clone());
    }
    for (name, key) in [("Tag", "name"), ("Galaxy", "uuid")] {
        for one in super::json::list(sent, name) {
            let Some(list) = list_mut(base, name) else { return };
            let is_known = |known: &&Json| text(known, key) == text(one, key);
            if !list.iter().filter_map(Value::as_object).any(|known| is_known(&known)) {
                list.push(Value::Object(one.clone()));
            }
        }
    }
}
