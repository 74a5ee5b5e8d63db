//! The lines of a MISP feed for one event: its entry in `manifest.json`, and its values in `hashes.csv`.
//!
//! A feed is files that MISP fetches: `manifest.json`, `hashes.csv`, and each event as `<uuid>.json`. Must not decide which events are in
//! it. Read next: `write.rs`, which makes the events.

use super::carry::{is_empty, text};
use super::{EVENT_BYTES_MAX, EVENT_VALUES_MAX};
use crate::stix21::FieldFault;
use crate::stix21::json::{self, Entries, Node, field};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

/// What a feed says of one event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedEntry {
    /// The event's UUID, which is its name in the feed.
    pub uuid: String,
    /// The value of the member of that name in `manifest.json`.
    pub manifest: Value,
    /// Lines of `hashes.csv`, each with its line end.
    pub hashes: String,
}

/// What a feed says of an event as `write` makes it.
pub fn entry(event: &[u8]) -> Result<FeedEntry, FieldFault> {
    let root = json::parse_up_to(event, EVENT_BYTES_MAX, EVENT_VALUES_MAX)?;
    let missing =
        |name: &str| FieldFault::new(format!("/Event/{name}"), "misp.feed.missing", "is missing; a feed needs it");
    let entries = root.map().and_then(|root| field(root, "Event")).and_then(Node::map).ok_or_else(|| missing(""))?;
    let need = |name: &str| text(entries, name).ok_or_else(|| missing(name));
    let uuid = need("uuid")?.into_owned();
    let creator = field(entries, "Orgc").and_then(Node::map).ok_or_else(|| missing("Orgc"))?;
    let creator =
        json!({"name": text(creator, "name").unwrap_or_default(), "uuid": text(creator, "uuid").unwrap_or_default()});
    let tag = |node: &Node<'_>| {
        let tag = node.map()?;
        let mut kept = Map::new();
        for name in ["name", "colour"] {
            if let Some(text) = text(tag, name) {
                kept.insert(name.to_owned(), Value::String(text.into_owned()));
            }
        }
        Some(Value::Object(kept))
    };
    let tags: Vec<_> = field(entries, "Tag").and_then(Node::list).unwrap_or_default().iter().filter_map(tag).collect();
    let manifest = json!({
        "info": need("info")?,
        "Orgc": creator,
        "analysis": text(entries, "analysis").unwrap_or_else(|| "0".into()),
        "timestamp": need("timestamp")?,
        "date": need("date")?,
        "threat_level_id": text(entries, "threat_level_id").unwrap_or_else(|| "4".into()),
        "Tag": tags,
    });
    let mut hashes = String::new();
    attributes(entries, &uuid, &mut hashes);
    for object in field(entries, "Object").and_then(Node::list).unwrap_or_default().iter().filter_map(Node::map) {
        attributes(object, &uuid, &mut hashes);
    }
    Ok(FeedEntry { uuid, manifest, hashes })
}

fn attributes(entries: &Entries<'_>, uuid: &str, out: &mut String) {
    for attribute in field(entries, "Attribute").and_then(Node::list).unwrap_or_default().iter().filter_map(Node::map) {
        let deleted = field(attribute, "deleted").is_some_and(|node| !is_empty(node) && node.bool() != Some(false));
        let Some(value) = text(attribute, "value").filter(|_| !deleted) else { continue };
        let misp_type = text(attribute, "type").unwrap_or_default();
        if misp_type.contains('|') || misp_type == "malware-sample" {
            value.split('|').for_each(|part| line(part, uuid, out));
        } else {
            line(&value, uuid, out);
        }
    }
}

fn line(value: &str, uuid: &str, out: &mut String) {
    for byte in Md5::digest(value.as_bytes()) {
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    out.push(',');
    out.push_str(uuid);
    out.push('\n');
}
