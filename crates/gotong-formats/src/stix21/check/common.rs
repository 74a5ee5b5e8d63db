//! The shapes of properties: the standard gives a property of one name the same shape in nearly every type.

use super::Faults;
use crate::stix21::id::{self, Id};
use crate::stix21::json::{Entries, Node, field};
use crate::stix21::types::Family;
use gotong_model::Timestamp;

/// What the value of a property must look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    Text,
    Texts,
    Time,
    Bool,
    Int,
    Number,
    Map,
    Maps,
}

/// Sorted by name. What differs between types (`objects`, `start`, `end`, `values`, `content_ref`) is not here.
const SHAPES: [(&str, Shape); 118] = [
    ("abstract", Shape::Text),
    ("account_created", Shape::Time),
    ("account_expires", Shape::Time),
    ("account_first_login", Shape::Time),
    ("account_last_login", Shape::Time),
    ("account_login", Shape::Text),
    ("account_type", Shape::Text),
    ("administrative_area", Shape::Text),
    ("aliases", Shape::Texts),
    ("analysis_definition_version", Shape::Text),
    ("analysis_ended", Shape::Time),
    ("analysis_engine_version", Shape::Text),
    ("analysis_started", Shape::Time),
    ("architecture_execution_envs", Shape::Texts),
    ("arguments", Shape::Texts),
    ("atime", Shape::Time),
    ("attribute_count", Shape::Int),
    ("authors", Shape::Texts),
    ("body", Shape::Text),
    ("body_multipart", Shape::Maps),
    ("can_escalate_privs", Shape::Bool),
    ("capabilities", Shape::Texts),
    ("city", Shape::Text),
    ("command_line", Shape::Text),
    ("configuration_version", Shape::Text),
    ("contact_information", Shape::Text),
    ("content", Shape::Text),
    ("content_type", Shape::Text),
    ("contents", Shape::Map),
    ("context", Shape::Text),
    ("count", Shape::Int),
    ("country", Shape::Text),
    ("cpe", Shape::Text),
    ("created_time", Shape::Time),
    ("credential", Shape::Text),
    ("credential_last_changed", Shape::Time),
    ("ctime", Shape::Time),
    ("cwd", Shape::Text),
    ("date", Shape::Time),
    ("decryption_key", Shape::Text),
    ("definition", Shape::Map),
    ("definition_type", Shape::Text),
    ("description", Shape::Text),
    ("display_name", Shape::Text),
    ("dst_byte_count", Shape::Int),
    ("dst_packets", Shape::Int),
    ("dst_port", Shape::Int),
    ("encryption_algorithm", Shape::Text),
    ("environment_variables", Shape::Map),
    ("explanation", Shape::Text),
    ("extension_properties", Shape::Texts),
    ("extension_types", Shape::Texts),
    ("first_observed", Shape::Time),
    ("first_seen", Shape::Time),
    ("goals", Shape::Texts),
    ("hashes", Shape::Map),
    ("identity_class", Shape::Text),
    ("implementation_languages", Shape::Texts),
    ("indicator_types", Shape::Texts),
    ("infrastructure_types", Shape::Texts),
    ("ipfix", Shape::Map),
    ("is_active", Shape::Bool),
    ("is_disabled", Shape::Bool),
    ("is_family", Shape::Bool),
    ("is_hidden", Shape::Bool),
    ("is_multipart", Shape::Bool),
    ("is_privileged", Shape::Bool),
    ("is_self_signed", Shape::Bool),
    ("is_service_account", Shape::Bool),
    ("issuer", Shape::Text),
    ("key", Shape::Text),
    ("kill_chain_phases", Shape::Maps),
    ("languages", Shape::Texts),
    ("last_observed", Shape::Time),
    ("last_seen", Shape::Time),
    ("latitude", Shape::Number),
    ("longitude", Shape::Number),
    ("malware_types", Shape::Texts),
    ("message_id", Shape::Text),
    ("mime_type", Shape::Text),
    ("modified_time", Shape::Time),
    ("modules", Shape::Texts),
    ("mtime", Shape::Time),
    ("name", Shape::Text),
    ("name_enc", Shape::Text),
    ("number", Shape::Int),
    ("number_observed", Shape::Int),
    ("number_of_subkeys", Shape::Int),
    ("object_modified", Shape::Time),
    ("objective", Shape::Text),
    ("opinion", Shape::Text),
    ("path", Shape::Text),
    ("pattern", Shape::Text),
    ("pattern_type", Shape::Text),
    ("pattern_version", Shape::Text),
    ("payload_bin", Shape::Text),
    ("pid", Shape::Int),
    ("precision", Shape::Number),
    ("primary_motivation", Shape::Text),
    ("product", Shape::Text),
    ("protocols", Shape::Texts),
    ("published", Shape::Time),
    ("relationship_type", Shape::Text),
    ("resource_level", Shape::Text),
    ("result", Shape::Text),
    ("result_name", Shape::Text),
    ("roles", Shape::Texts),
    ("sectors", Shape::Texts),
    ("serial_number", Shape::Text),
    ("size", Shape::Int),
    ("src_port", Shape::Int),
    ("subject", Shape::Text),
    ("submitted", Shape::Time),
    ("summary", Shape::Bool),
    ("user_id", Shape::Text),
    ("valid_from", Shape::Time),
    ("valid_until", Shape::Time),
    ("value", Shape::Text),
];

/// Checks the properties that every object may have, and for types of the standard also the shape of their own.
pub(crate) fn properties(entries: &Entries<'_>, family: Family, faults: &mut Faults) {
    for (key, node) in entries {
        let key = key.as_ref();
        match node {
            Node::Null => {
                faults.add(pointer(key), "stix.property.null", "is null; leave the property out instead");
                continue;
            }
            Node::List(items) if items.is_empty() => {
                faults.add(pointer(key), "stix.list.empty", "is an empty list; leave the property out instead");
                continue;
            }
            Node::List(_) | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) | Node::Map(_) => {}
        }
        match key {
            "type" | "id" | "spec_version" | "created" | "modified" | "revoked" | "granular_markings" => {}
            "created_by_ref" => reference(node, &["identity"], || pointer(key), faults),
            "object_marking_refs" => references(node, &["marking-definition"], key, faults),
            "confidence" => match node.int() {
                Some(0..=100) => {}
                _ => faults.add("/confidence", "stix.confidence.range", "must be an integer from 0 to 100"),
            },
            "lang" => expect(node.text().is_some(), node, "a string (RFC 5646)", || pointer(key), faults),
            "labels" => shape(Shape::Texts, node, key, faults),
            "external_references" => external_references(node, faults),
            "extensions" => extensions(node, faults),
            _ if family == Family::Custom || key.starts_with("x_") => {}
            _ => own_property(key, node, faults),
        }
    }
}

fn own_property(key: &str, node: &Node<'_>, faults: &mut Faults) {
    if let Ok(at) = SHAPES.binary_search_by(|(name, _)| (*name).cmp(key)) {
        if let Some((_, wanted)) = SHAPES.get(at) {
            shape(*wanted, node, key, faults);
        }
        if key == "kill_chain_phases" {
            kill_chain_phases(node, faults);
        }
    } else if key.ends_with("_refs") {
        references(node, &[], key, faults);
    } else if key.ends_with("_ref") {
        reference(node, &[], || pointer(key), faults);
    }
}

fn shape(wanted: Shape, node: &Node<'_>, key: &str, faults: &mut Faults) {
    let place = || pointer(key);
    let mut each = |fits: fn(&Node<'_>) -> bool, what: &str| match node.list() {
        None => expect(false, node, what, place, faults),
        Some(items) => {
            for (at, item) in items.iter().enumerate().filter(|(_, item)| !fits(item)) {
                expect(false, item, what, || format!("/{key}/{at}"), faults);
            }
        }
    };
    match wanted {
        Shape::Texts => each(|item| item.text().is_some(), "a list of strings"),
        Shape::Maps => each(|item| item.map().is_some(), "a list of objects"),
        Shape::Text => expect(node.text().is_some(), node, "a string", place, faults),
        Shape::Bool => expect(node.bool().is_some(), node, "true or false", place, faults),
        Shape::Int => expect(node.int().is_some(), node, "an integer", place, faults),
        Shape::Number => expect(matches!(node, Node::Int(_) | Node::Float(_)), node, "a number", place, faults),
        Shape::Map => match node.map() {
            Some(entries) if !entries.is_empty() => {}
            _ => expect(false, node, "an object that is not empty", place, faults),
        },
        Shape::Time => {
            timestamp(node, place, faults);
        }
    }
}

fn expect(fits: bool, node: &Node<'_>, what: &str, place: impl Fn() -> String, faults: &mut Faults) {
    if !fits {
        faults.add(place(), "stix.property.type", format!("is {}; it must be {what}", node.kind()));
    }
}

/// An instant, as far as ours reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Time {
    At(Timestamp),
    Before1970,
}

/// Reads a timestamp; what is none is reported.
pub(crate) fn timestamp(node: &Node<'_>, place: impl Fn() -> String, faults: &mut Faults) -> Option<Time> {
    if let Some(text) = node.text() {
        if let Some(time) = Timestamp::parse(text) {
            return Some(Time::At(time));
        }
        if let Some(time) = unusual_timestamp(text) {
            return Some(time);
        }
    }
    let text = "must be a time in UTC such as 2025-01-31T08:00:00.000Z, with Z at the end";
    faults.add(place(), "stix.time.syntax", text);
    None
}

/// A leap second, or a year before 1970 (some producers write year 1 for "unknown").
fn unusual_timestamp(text: &str) -> Option<Time> {
    if text.get(16..19) == Some(":60") {
        let last = Timestamp::parse(&format!("{}:59{}", text.get(..16)?, text.get(19..)?))?;
        return Some(Time::At(last.plus_ms(1_000)));
    }
    let (year, rest) = (text.get(..4)?, text.get(4..)?);
    let number: u32 = year.bytes().all(|byte| byte.is_ascii_digit()).then(|| year.parse().ok())??;
    let leap = number.is_multiple_of(4) && (!number.is_multiple_of(100) || number.is_multiple_of(400));
    let stand_in = if leap { "2000" } else { "2001" };
    (1..1970).contains(&number).then(|| Timestamp::parse(&format!("{stand_in}{rest}")))?.map(|_| Time::Before1970)
}

/// One reference; where `types` is not empty, to one of these types.
pub(crate) fn reference(node: &Node<'_>, types: &[&str], place: impl Fn() -> String, faults: &mut Faults) {
    let Some(text) = node.text() else {
        faults.add(place(), "stix.ref.syntax", format!("is {}; a reference is a string `type--UUID`", node.kind()));
        return;
    };
    match Id::parse(text) {
        None => faults.add(place(), "stix.ref.syntax", id::flaw(text)),
        Some(id) if !types.is_empty() && !types.contains(&id.object_type) => {
            let text = format!("refers to a {}; it must refer to a {}", id.object_type, types.join(" or a "));
            faults.add(place(), "stix.ref.type", text);
        }
        Some(_) => {}
    }
}

/// A list of references.
pub(crate) fn references(node: &Node<'_>, types: &[&str], key: &str, faults: &mut Faults) {
    match node.list() {
        None => expect(false, node, "a list of references", || pointer(key), faults),
        Some(items) => {
            for (at, item) in items.iter().enumerate() {
                reference(item, types, || format!("/{key}/{at}"), faults);
            }
        }
    }
}

/// STIX 2.1 section 2.5.2: a name, and something that is found under it.
fn external_references(node: &Node<'_>, faults: &mut Faults) {
    let Some(items) = node.list() else {
        return expect(false, node, "a list of objects", || "/external_references".into(), faults);
    };
    for (at, item) in items.iter().enumerate() {
        let place = |name: &str| format!("/external_references/{at}{name}");
        let Some(entries) = item.map() else {
            expect(false, item, "an object", || place(""), faults);
            continue;
        };
        if field(entries, "source_name").and_then(Node::text).is_none() {
            faults.add(place("/source_name"), "stix.property.missing", "is missing; a reference names its source");
        }
        for name in ["description", "url", "external_id"] {
            if let Some(node) = field(entries, name) {
                expect(node.text().is_some(), node, "a string", || place(&format!("/{name}")), faults);
            }
        }
    }
}

fn kill_chain_phases(node: &Node<'_>, faults: &mut Faults) {
    for (at, phase) in node.list().unwrap_or_default().iter().enumerate() {
        for name in ["kill_chain_name", "phase_name"] {
            if phase.map().and_then(|phase| field(phase, name)).and_then(Node::text).is_none() {
                let text = "is missing; a phase has kill_chain_name and phase_name";
                faults.add(format!("/kill_chain_phases/{at}/{name}"), "stix.property.missing", text);
            }
        }
    }
}

fn extensions(node: &Node<'_>, faults: &mut Faults) {
    let Some(entries) = node.map().filter(|entries| !entries.is_empty()) else {
        return expect(false, node, "an object that is not empty", || "/extensions".into(), faults);
    };
    for (key, extension) in entries {
        let place = || format!("/extensions{}", pointer(key));
        expect(extension.map().is_some(), extension, "an object", place, faults);
        if key.starts_with("extension-definition") && Id::parse(key).is_none() {
            faults.add(place(), "stix.ref.syntax", id::flaw(key));
        }
    }
}

pub(crate) fn pointer(key: &str) -> String {
    let mut pointer = String::with_capacity(key.len() + 1);
    crate::stix21::json::push_pointer(&mut pointer, key);
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_shapes_is_sorted() {
        for pair in SHAPES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
    }

    #[test]
    fn leap_seconds_and_the_years_before_1970_are_times() {
        assert_eq!(unusual_timestamp("2016-12-31T23:59:60Z"), Timestamp::parse("2017-01-01T00:00:00Z").map(Time::At));
        assert_eq!(unusual_timestamp("0001-01-01T00:00:00Z"), Some(Time::Before1970));
        assert_eq!(unusual_timestamp("1904-02-29T00:00:00.5Z"), Some(Time::Before1970));
        for wrong in [
            "1903-02-29T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "1903",
            "ü",
            "2016-12-31T23:59:61Z",
        ] {
            assert_eq!(unusual_timestamp(wrong), None, "{wrong}");
        }
    }
}
