//! Small words for MISP's JSON, in which numbers are often texts and lists are often missing. Must not know what an event is.

use std::fmt::Write as _;

use serde_json::{Map, Value};

pub(super) type Json = Map<String, Value>;

/// A member as text, whether it was written as text, number or switch; empty where it is missing.
pub(super) fn word(record: &Json, name: &str) -> String {
    match record.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(on)) => if *on { "1" } else { "0" }.to_owned(),
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => String::new(),
    }
}

/// A member that is text, as it stands.
pub(super) fn text<'j>(record: &'j Json, name: &str) -> &'j str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that counts seconds since 1970.
pub(super) fn seconds(record: &Json, name: &str) -> Option<i64> {
    word(record, name).parse().ok()
}

/// Whether a switch is on.
pub(super) fn is_on(record: &Json, name: &str) -> bool {
    matches!(word(record, name).as_str(), "1" | "true")
}

/// The records of a list.
pub(super) fn list<'j>(record: &'j Json, name: &str) -> impl Iterator<Item = &'j Json> {
    record.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// A list to add to. What stood there and was no list is replaced.
pub(super) fn list_mut<'j>(record: &'j mut Json, name: &str) -> Option<&'j mut Vec<Value>> {
    if !record.get(name).is_some_and(Value::is_array) {
        record.insert(name.to_owned(), Value::Array(Vec::new()));
    }
    record.get_mut(name).and_then(Value::as_array_mut)
}

/// Says a member where it says nothing yet.
pub(super) fn default(record: &mut Json, name: &str, value: impl Into<Value>) {
    let place = record.entry(name).or_insert(Value::Null);
    if place.is_null() {
        *place = value.into();
    }
}

/// Whether two UUIDs are one.
pub(super) fn is_uuid(record: &Json, uuid: &str) -> bool {
    text(record, "uuid").eq_ignore_ascii_case(uuid)
}

/// Whether a text is written as a UUID.
pub(super) fn looks_like_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A UUID that follows from names, with the marks of version 5.
pub(super) fn uuid_from(names: &[&str]) -> String {
    let parts: Vec<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
    uuid_of_bytes(gotong_crypto::tagged("gotong/misp/uuid", &parts).as_bytes(), 0x50)
}

/// Sixteen bytes as a UUID with the marks of a version.
pub(super) fn uuid_of_bytes(bytes: &[u8], version: u8) -> String {
    let mut out = String::with_capacity(36);
    for (at, byte) in bytes.iter().take(16).enumerate() {
        let byte = match at {
            6 => (byte & 0x0f) | version,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out
}
