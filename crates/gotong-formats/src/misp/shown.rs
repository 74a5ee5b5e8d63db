//! Whether an object that was made from an event as MISP shows it says what an earlier one says: MISP's programs are given members that nobody wrote, and the
//! label that counts, and both come back with the event.
//!
//! Only for two objects of one id, one version and one label: what is said the same way is not here. Pure. Read next: `carry.rs`, `tags.rs`.

use serde_json::{Map, Value};

use super::tags::tlp_of;
use super::{EXTENSION, describe};

type Json = Map<String, Value>;

/// What a member that is missing means; `*`: whatever it says, it follows from the rest or belongs to the instance that shows it.
const MEANT: [(&str, &[&str]); 24] = [
    ("analysis", &["0"]),
    ("attribute_count", &["*"]),
    ("attribute_uuid", &["*"]),
    ("colour", &["#888888"]),
    ("comment", &[""]),
    ("deleted", &["false"]),
    ("disable_correlation", &["false"]),
    ("event_uuid", &["*"]),
    ("exportable", &["true"]),
    ("extends_uuid", &[""]),
    ("info", &[""]),
    ("local", &["false", "0"]),
    ("meta-category", &["misc"]),
    ("proposal_to_delete", &["false"]),
    ("protected", &["false"]),
    ("published", &["false"]),
    ("publish_timestamp", &["0"]),
    ("referenced_type", &["1"]),
    ("SharingGroup", &["*"]),
    ("source", &[""]),
    ("template_version", &["1"]),
    ("threat_level_id", &["4"]),
    ("to_ids", &["false"]),
    ("type", &["0"]),
];

/// Whether `came` says what `stands` says, which has the same id, version and label.
pub fn shown_again(stands: &[u8], came: &[u8]) -> bool {
    let (Some(mut stands), Some(mut came)) = (object(stands), object(came)) else { return false };
    // An observable has no time and nothing of MISP: the label alone may have been added.
    let is_observable = |object: &Json| !object.contains_key("modified") && !object.contains_key("extensions");
    let both = |is: &dyn Fn(&Json) -> bool| is(&stands) && is(&came);
    if !both(&is_of_misp) && !both(&is_observable) {
        return false;
    }
    // Who is said to have made what was sent without a maker is who shows it.
    let has_maker = stands.contains_key("created_by_ref");
    let refs = |object: &mut Json| -> Vec<Value> {
        let refs = object.remove("object_refs").and_then(|refs| refs.as_array().cloned()).unwrap_or_default();
        refs.into_iter().filter(|id| id.as_str().is_some_and(|id| !id.starts_with("identity--"))).collect()
    };
    let (before, now) = (refs(&mut stands), refs(&mut came));
    // What may not be here, or not be seen, is missing where the event was read: nothing is taken away without a later time.
    let is_list = matches!(stands.get("type").and_then(Value::as_str), Some("report" | "grouping"));
    let has_refs = if is_list { now.iter().all(|id| before.contains(id)) } else { now == before };
    for object in [&mut stands, &mut came] {
        bare_object(object, has_maker);
    }
    untimed(&Value::Object(stands.clone()), &mut came);
    has_refs && stands == came
}

fn object(body: &[u8]) -> Option<Json> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn extension(object: &mut Json) -> Option<&mut Json> {
    object.get_mut("extensions")?.get_mut(EXTENSION)?.as_object_mut()
}

fn is_of_misp(object: &Json) -> bool {
    object.get("extensions").is_some_and(|extensions| extensions.get(EXTENSION).is_some())
}

/// Takes away what is there only because the event was shown: the label, which is compared by itself, and what a missing member means anyway.
fn bare_object(object: &mut Json, has_maker: bool) {
    if !has_maker {
        object.remove("created_by_ref");
    }
    // An event without a date is shown with that of its time, and its parts were created on that day.
    let day = object.get_mut("created").and_then(|created| {
        let day = created.as_str()?.get(..10)?.to_owned();
        *created = Value::String(day.clone());
        Some(day)
    });
    let is_label = |id: &Value| id.as_str().is_some_and(|id| crate::stix21::label_of_id(id).is_some());
    sift(object, "object_marking_refs", is_label);
    sift(object, "labels", |name| name.as_str().is_some_and(|name| tlp_of(name).is_some()));
    // It follows from the category, which is compared where the attribute is.
    sift(object, "kill_chain_phases", |phase| {
        phase.get("kill_chain_name").and_then(Value::as_str) == Some("misp-category")
    });
    let Some(extension) = extension(object) else { return };
    let is_event = extension.get("kind").and_then(Value::as_str) == Some("event");
    for name in ["fields", "attributes", "galaxies"] {
        let Some(value) = extension.get_mut(name) else { continue };
        if let Some(head) = value.as_object_mut().filter(|_| is_event) {
            // An event that says nothing is for the community; a part that says nothing goes where its event goes.
            if head.get("distribution").and_then(Value::as_str) == Some("1") {
                head.remove("distribution");
            }
            if head.get("publish_timestamp") == head.get("timestamp") {
                head.remove("publish_timestamp");
            }
            if head.get("date").and_then(Value::as_str) == day.as_deref() {
                head.remove("date");
            }
            if !has_maker {
                head.remove("Orgc");
            }
        } else {
            part(value);
        }
        bare(value);
        if is_empty(value) {
            extension.remove(name);
        }
    }
}

/// Leaves the distribution of parts out where it is that of the event.
fn part(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("distribution").and_then(Value::as_str) == Some("5") {
                members.remove("distribution");
            }
            members.values_mut().for_each(part);
        }
        Value::Array(items) => items.iter_mut().for_each(part),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes the times away that parts were shown with and did not say: both objects have one version, so they say nothing new.
fn untimed(stands: &Value, came: &mut Json) {
    let Value::Object(stands) = stands else { return };
    if !stands.contains_key("timestamp") {
        came.remove("timestamp");
    }
    for (name, value) in came.iter_mut() {
        match (stands.get(name), value) {
            (Some(known), Value::Object(value)) => untimed(known, value),
            (Some(Value::Array(known)), Value::Array(values)) => {
                let pairs = known.iter().zip(values.iter_mut().map(Value::as_object_mut));
                pairs.for_each(|(known, value)| value.into_iter().for_each(|value| untimed(known, value)));
            }
            _ => {}
        }
    }
}

fn sift(object: &mut Json, name: &str, is_dropped: impl Fn(&Value) -> bool) {
    let Some(items) = object.get_mut(name).and_then(Value::as_array_mut) else { return };
    items.retain(|item| !is_dropped(item));
    if items.is_empty() {
        object.remove(name);
    }
}

/// INVARIANT: the recursion is as deep as the object, which was read with a bound before it was published.
fn bare(value: &mut Value) {
    match value {
        Value::Object(members) => {
            sift(members, "Tag", |tag| {
                tag.get("name").and_then(Value::as_str).is_some_and(|name| tlp_of(name).is_some())
            });
            members.values_mut().for_each(bare);
            // An attribute without a category, or with one that its type is not of, is shown with one that clients take.
            let said = |name: &str| members.get(name).and_then(Value::as_str);
            if let (Some(category), Some(kind)) = (said("category"), said("type"))
                && (category == "Other" || category == describe::taken("", kind).0)
            {
                members.remove("category");
            }
            members.retain(|name, value| !is_empty(value) && !is_meant(name, value));
        }
        Value::Array(items) => items.iter_mut().for_each(bare),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_meant(name: &str, value: &Value) -> bool {
    let Some((_, meant)) = MEANT.iter().find(|(known, _)| *known == name) else { return false };
    let said = match value {
        Value::String(text) => text.as_str(),
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => "",
    };
    meant.iter().any(|word| *word == "*" || (*word == said && !value.is_array() && !value.is_object()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(fields: &str, more: &str) -> Vec<u8> {
        format!(
            r#"{{"type":"indicator","id":"indicator--1","pattern":"[domain-name:value = 'a.example']"{more},"extensions":{{"{EXTENSION}":{{"kind":"attribute","fields":{{"uuid":"1","type":"domain","value":"a.example"{fields}}}}}}}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn what_the_view_adds_is_no_change_and_everything_else_is() {
        let stands = attribute(r#","to_ids":true"#, "");
        let shown = r##","to_ids":true,"comment":"","category":"Network activity","distribution":"5","deleted":false,"disable_correlation":false,"Tag":[{"name":"tlp:green","colour":"#888888","exportable":true,"local":false}]"##;
        let label = r#","labels":["tlp:green"],"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"kill_chain_phases":[{"kill_chain_name":"misp-category","phase_name":"network-activity"}]"#;
        assert!(shown_again(&stands, &attribute(shown, label)));
        assert!(shown_again(&attribute(shown, label), &stands), "and the other way round");
        for changed in [
            r#","to_ids":true,"comment":"x""#,
            r#","to_ids":false"#,
            r#","to_ids":true,"distribution":"0""#,
            r#","to_ids":true,"Tag":[{"name":"osint:x"}]"#,
            r#","to_ids":true,"deleted":true"#,
            r#","to_ids":true,"category":"Attribution""#,
            r#","to_ids":true,"value":"b.example""#,
        ] {
            assert!(!shown_again(&stands, &attribute(changed, "")), "{changed}");
        }
        assert!(!shown_again(&stands, &attribute(r#","to_ids":true"#, r#","labels":["other"]"#)));
        let timed = attribute(r#","to_ids":true,"timestamp":"1795000000""#, "");
        assert!(
            shown_again(&stands, &timed) && !shown_again(&timed, &stands),
            "a time that was not said, and one that was"
        );
        let stix = br#"{"type":"indicator","modified":"2026-01-01T00:00:00.000Z"}"#;
        assert!(!shown_again(stix, stix), "what is no MISP is not judged here");
        let seen = |more: &str| format!(r#"{{"type":"domain-name","value":"a.example"{more}}}"#).into_bytes();
        let marked = seen(r#","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]"#);
        assert!(shown_again(&seen(""), &marked) && !shown_again(&seen(r#","defanged":true"#), &marked));
        assert!(!shown_again(b"[", &stands));
    }
}
