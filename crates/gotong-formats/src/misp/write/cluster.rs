//! One STIX object as a cluster of a galaxy: what came from a galaxy as it was, and what never was MISP as well as a galaxy can say it.
//!
//! Must not speak of what no galaxy has: indicators, observables, reports. Read next: `misp/galaxy.rs` (the other way).

use super::{Source, json, member, object, source};
use crate::misp::ids;
use crate::stix21::json::{Node, field};
use serde_json::{Map, Value, json as value_of};

/// The types of STIX that galaxies have clusters for.
pub const CLUSTER_TYPES: [&str; 7] =
    ["attack-pattern", "campaign", "course-of-action", "intrusion-set", "malware", "threat-actor", "tool"];

/// Members of `meta` of one cluster.
const META_MAX: usize = 256;

/// A cluster: `uuid`, `type` (of its galaxy), `value`, `description`, `tag_name` and `meta`. `None`: it is no such object, or revoked.
pub fn cluster_of(body: &[u8]) -> Option<Map<String, Value>> {
    let tree = json::parse(body).ok()?;
    let source = source(1, &tree, &mut Vec::new())?;
    if !CLUSTER_TYPES.contains(&source.object_type) || source.is_revoked() {
        return None;
    }
    let name = source.text("name").filter(|name| !name.trim().is_empty())?;
    let mut record = carried(&source, name).unwrap_or_else(|| told(&source, name));
    let said = |record: &Map<String, Value>, key: &str| {
        record.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let galaxy = said(&record, "type").unwrap_or_else(|| source.object_type.to_owned());
    let tag =
        said(&record, "tag_name").unwrap_or_else(|| format!("misp-galaxy:{galaxy}=\"{}\"", name.replace('"', "'")));
    record.insert("type".into(), Value::String(galaxy));
    record.insert("tag_name".into(), Value::String(tag));
    record.insert("value".into(), Value::String(name.to_owned()));
    if !record.contains_key("description") {
        record.insert("description".into(), Value::String(source.text("description").unwrap_or_default().to_owned()));
    }
    Some(record)
}

/// What came from a galaxy. INVARIANT: it is believed only where its name and UUID are those of the STIX around it.
fn carried(source: &Source<'_>, name: &str) -> Option<Map<String, Value>> {
    let fields = source.fields().filter(|_| source.kind() == "cluster")?;
    let uuid = member(fields, "uuid").as_deref().and_then(ids::uuid_of)?;
    let is_own =
        member(fields, "value").as_deref() == Some(name) && source.id == ids::derived(source.object_type, &uuid);
    is_own.then(|| object(fields))
}

fn told(source: &Source<'_>, name: &str) -> Map<String, Value> {
    let references = field(source.entries, "external_references").and_then(Node::list).unwrap_or_default();
    let references = || references.iter().filter_map(Node::map);
    let texts = |key: &'static str| {
        references().filter_map(move |one| field(one, key)?.text()).take(META_MAX).map(|text| value_of!(text)).collect()
    };
    let aliases: Vec<Value> =
        source.refs("aliases").filter(|one| *one != name).take(META_MAX).map(|one| value_of!(one)).collect();
    let mut meta = Map::new();
    for (key, list) in [("synonyms", aliases), ("external_id", texts("external_id")), ("refs", texts("url"))] {
        if !list.is_empty() {
            meta.insert(key.into(), Value::Array(list));
        }
    }
    let mut record = Map::new();
    let uuid = source.id.rsplit_once("--").map(|(_, uuid)| uuid).unwrap_or_default();
    record.insert("uuid".into(), value_of!(uuid));
    record.insert("meta".into(), Value::Object(meta));
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_a_cluster_and_a_changed_extension_is_not_believed() {
        let plain = value_of!({"type": "intrusion-set", "spec_version": "2.1", "id": "intrusion-set--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "name": "A set", "aliases": ["A set", "Other"],
            "external_references": [{"source_name": "mitre-attack", "external_id": "G0001"}]});
        let cluster = cluster_of(plain.to_string().as_bytes()).unwrap();
        assert_eq!((cluster["type"].as_str(), cluster["value"].as_str()), (Some("intrusion-set"), Some("A set")));
        assert_eq!(cluster["meta"], value_of!({"synonyms": ["Other"], "external_id": ["G0001"]}));
        let mut false_one = plain.clone();
        false_one["extensions"] = value_of!({ids::EXTENSION: {"extension_type": "property-extension", "kind": "cluster",
            "fields": {"uuid": "0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061", "value": "A set", "type": "something-else"}}});
        assert_eq!(cluster_of(false_one.to_string().as_bytes()).unwrap()["type"], "intrusion-set");
        for (name, value) in [("type", "indicator"), ("name", " ")] {
            let mut other = plain.clone();
            other[name] = value_of!(value);
            assert_eq!(cluster_of(other.to_string().as_bytes()), None);
        }
        let mut gone = plain;
        gone["revoked"] = value_of!(true);
        assert_eq!(cluster_of(gone.to_string().as_bytes()), None);
    }
}
