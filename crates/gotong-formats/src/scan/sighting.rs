//! What a run found, as STIX 2.1: a `sighting` of a domain object, an `observed-data` of an observable, which nothing may be a sighting of.
//!
//! Ids follow from what was found and where, so that a second run on the same files makes the same objects. Must not put lines of logs or
//! names of files into what is shared.

use serde_json::{Map, Value, json};

/// STIX 2.1 allows no larger count.
const COUNT_MAX: u64 = 999_999_999;
/// The namespace of the ids: a UUID that was drawn for this and nothing else.
const NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0x6f1d_3c52_9b0e_4c87_a4d1_57e2_08c9_b63f);

/// One object that was seen.
pub struct Sighted<'a> {
    /// Its STIX id.
    pub id: &'a str,
    /// Whether it is an observable.
    pub is_observable: bool,
    /// How many lines name it.
    pub count: u64,
    /// When the newest of the files was last written, RFC 3339 in UTC.
    pub at: &'a str,
    /// The identity of who saw it.
    pub seen_by: Option<&'a str>,
    /// The marking that the sighting wears.
    pub marking: Option<&'a str>,
    /// What tells the set of files from others: their names, sizes and times. Goes into the id as a digest, and nowhere else.
    pub files: &'a str,
}

/// The object that says so.
pub fn sighting(sighted: &Sighted<'_>) -> Value {
    let kind = if sighted.is_observable { "observed-data" } else { "sighting" };
    let name = json!([kind, sighted.id, sighted.count, sighted.at, sighted.seen_by, sighted.marking, sighted.files]);
    let id = uuid::Uuid::new_v5(&NAMESPACE, name.to_string().as_bytes());
    let count = sighted.count.min(COUNT_MAX);
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("type", json!(kind));
    put("spec_version", json!("2.1"));
    put("id", json!(format!("{kind}--{}", id.hyphenated())));
    put("created", json!(sighted.at));
    put("modified", json!(sighted.at));
    if sighted.is_observable {
        put("first_observed", json!(sighted.at));
        put("last_observed", json!(sighted.at));
        put("number_observed", json!(count));
        put("object_refs", json!([sighted.id]));
        if let Some(by) = sighted.seen_by {
            put("created_by_ref", json!(by));
        }
    } else {
        put("last_seen", json!(sighted.at));
        put("count", json!(count));
        put("sighting_of_ref", json!(sighted.id));
        if let Some(by) = sighted.seen_by {
            put("where_sighted_refs", json!([by]));
        }
    }
    if let Some(marking) = sighted.marking {
        put("object_marking_refs", json!([marking]));
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighted(id: &str) -> Sighted<'_> {
        Sighted {
            id,
            is_observable: id.starts_with("domain-name"),
            count: 3,
            at: "2026-11-01T00:00:00.000Z",
            seen_by: Some("identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"),
            marking: None,
            files: "/var/log/a.log 7 9",
        }
    }

    #[test]
    fn both_kinds_read_as_stix_and_the_same_run_makes_the_same_object() {
        for id in
            ["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5"]
        {
            let object = sighting(&sighted(id));
            crate::stix21::read(object.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}"));
            assert_eq!(object, sighting(&sighted(id)));
            let other = sighting(&Sighted { files: "/var/log/b.log 7 9", ..sighted(id) });
            assert_ne!(object["id"], other["id"], "other files are another sighting");
            assert!(!object.to_string().contains("/var/log"));
        }
    }
}
