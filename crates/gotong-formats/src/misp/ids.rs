//! Ids and instants of drafts: the same event gives the same ids and times whenever it is read.
//!
//! A MISP UUID becomes a STIX UUID under one type alone; under any other, one is derived from it, so that none is ever used twice.
//! Must not use the namespace of observables (STIX 2.1 section 2.9), which is theirs. Read next: `event.rs`.

use crate::stix21::id::{parse_uuid, uuid_text};
use gotong_model::Timestamp;
use uuid::Uuid;

/// The property extension in which everything of MISP travels that STIX has no place for.
pub const EXTENSION: &str = "extension-definition--2ae64a3c-0ab9-498b-bce8-e2e4762f83a0";

/// The identity that defines the extension.
pub(super) const DEFINER: &str = "identity--8f3b6d5c-bf2f-45a4-b5e2-a989f4c2081a";

/// The identity that defines the extension, and the definition: the first drafts of every event.
pub const DEFINITIONS: [&str; 2] = [
    concat!(
        r#"{"type":"identity","spec_version":"2.1","id":"identity--8f3b6d5c-bf2f-45a4-b5e2-a989f4c2081a","#,
        r#""created":"2026-11-22T00:00:00.000Z","modified":"2026-11-22T00:00:00.000Z","name":"Gotong","#,
        r#""description":"The program that converts MISP events to STIX.","identity_class":"system"}"#
    ),
    concat!(
        r#"{"type":"extension-definition","spec_version":"2.1","id":"extension-definition--2ae64a3c-0ab9-498b-bce8-e2e4762f83a0","#,
        r#""created_by_ref":"identity--8f3b6d5c-bf2f-45a4-b5e2-a989f4c2081a","created":"2026-11-22T00:00:00.000Z","#,
        r#""modified":"2026-11-22T00:00:00.000Z","name":"MISP","#,
        r#""description":"What a MISP event says that STIX 2.1 has no place for, so that the event can be written again.","#,
        r#""schema":"{\"type\":\"object\",\"required\":[\"kind\",\"fields\"],\"properties\":{\"kind\":{\"enum\":[\"event\",\"part\",\"attribute\",\"object\",\"link\",\"reference\",\"cluster\",\"sighting\",\"proposal\",\"report\"]},\"event_uuid\":{\"type\":\"string\"},\"fields\":{\"type\":\"object\"}}}","#,
        r#""version":"1.0.0","extension_types":["property-extension"]}"#
    ),
];

/// The namespace of the ids that are derived here.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d19_02d3_ca61_4820_83b2_3ca4_aa3c_b480);

/// The UUID of a MISP record; `None` where it is none, or none of RFC 9562.
pub(super) fn uuid_of(text: &str) -> Option<[u8; 16]> {
    let uuid = parse_uuid(text)?;
    let [_, _, _, _, _, _, _, _, variant, ..] = uuid;
    (variant >> 6 == 0b10).then_some(uuid)
}

/// `type--UUID` with the UUID as MISP has it.
pub(super) fn own(object_type: &str, uuid: [u8; 16]) -> String {
    format!("{object_type}--{}", uuid_text(uuid))
}

/// `type--UUID` with a UUID that follows from the type and `name`.
pub(super) fn derived(object_type: &str, name: &[u8]) -> String {
    let bytes = [object_type.as_bytes(), b"\0", name].concat();
    format!("{object_type}--{}", Uuid::new_v5(&NAMESPACE, &bytes).hyphenated())
}

/// The ids under one of which the attribute or object with this UUID stands; empty where it is no UUID.
pub fn ids_of(uuid: &str) -> Vec<String> {
    let Some(uuid) = uuid_of(uuid) else { return Vec::new() };
    let mut ids = vec![own("indicator", uuid)];
    ids.extend(["observed-data", "note", "vulnerability"].map(|object_type| derived(object_type, &uuid)));
    ids.push(inner_ref(uuid));
    ids
}

/// What the draft of an object refers to for each of its attributes, which have no draft of their own: they are found by it.
pub(super) fn inner_ref(uuid: [u8; 16]) -> String {
    own("x-misp-attribute", uuid)
}

/// What every proposal refers to, so that all of them are found.
pub const PROPOSALS: &str = "x-misp-proposal--00000000-0000-8000-8000-000000000000";

/// The number of the proposal with this STIX id: the first 48 bits of its UUID. MISP knows proposals by number alone, since one to change an attribute has the
/// attribute's UUID.
pub fn proposal_number(id: &str) -> Option<u64> {
    let digits: String = id.rsplit_once("--")?.1.chars().filter(|letter| *letter != '-').take(12).collect();
    u64::from_str_radix(&digits, 16).ok()
}

/// What a proposal with this number refers to, so that it is found by it.
pub fn proposal_ref(number: u64) -> String {
    let digits = format!("{:012x}", number & 0xffff_ffff_ffff);
    let (head, tail) = digits.split_at_checked(8).unwrap_or((&digits, "0000"));
    format!("x-misp-proposal--{head}-{tail}-8000-8000-000000000001")
}

/// The ids under one of which the sighting with this UUID stands.
pub fn sighting_ids_of(uuid: &str) -> Vec<String> {
    let uuid = uuid_of(uuid);
    uuid.map(|uuid| ["sighting", "opinion", "note"].map(|object_type| derived(object_type, &uuid)).to_vec())
        .unwrap_or_default()
}

/// A number that follows from content, for what MISP gives no time.
pub(super) fn content_number(bytes: &[u8]) -> u64 {
    Uuid::new_v5(&NAMESPACE, bytes).as_u64_pair().1
}

/// `YYYY-MM-DDTHH:MM:SS.fffZ`.
pub(super) fn time_text(at: Timestamp) -> String {
    let mut text = at.to_string();
    text.truncate(23);
    text.push('Z');
    text
}

/// Seconds since 1970.
pub(super) fn epoch(text: &str) -> Option<Timestamp> {
    let seconds: i64 = text.parse().ok()?;
    Timestamp::from_micros(seconds.checked_mul(1_000_000)?)
}

/// A date, or a time with `Z` or an offset, as MISP writes `first_seen`; to the millisecond.
pub(super) fn iso(text: &str) -> Option<Timestamp> {
    if text.len() == 10 {
        return Timestamp::parse(&format!("{text}T00:00:00Z"));
    }
    let sign = text.get(19..)?.find(['+', '-', 'Z'])? + 19;
    let at = Timestamp::parse(&format!("{}Z", text.get(..sign)?.replacen(' ', "T", 1)))?;
    let offset = match text.get(sign..)? {
        "Z" => 0,
        offset => {
            let digits = offset.get(1..)?.replace(':', "");
            let number: i64 = (digits.len() == 4).then(|| digits.parse().ok())??;
            let minutes = number / 100 * 60 + number % 100;
            if offset.starts_with('-') { -minutes } else { minutes }
        }
    };
    let micros = at.micros() - offset * 60_000_000;
    Timestamp::from_micros(micros - micros % 1_000)
}
