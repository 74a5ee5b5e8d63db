//! Proposals and attributes within objects: several proposals may have the UUID of one attribute, and none is passed off as another.

use gotong_formats::misp::{PROPOSALS, WriteOptions, ids_of, proposal_number, proposal_ref, write};
use gotong_formats::stix21;
use serde_json::{Value, json};

use super::misp::{attribute, convert, event, uuid};

fn proposal(value: &str, by: &str) -> Value {
    json!({"uuid": uuid(11), "type": "domain", "category": "Network activity", "value": value, "to_ids": true, "timestamp": "1740000009",
        "Org": {"uuid": uuid(if by == "A" { 21 } else { 22 }), "name": by}})
}

fn notes(drafts: &[Vec<u8>]) -> Vec<Value> {
    let all = drafts.iter().map(|body| serde_json::from_slice::<Value>(body).unwrap());
    all.filter(|one| one["type"] == "note" && one["abstract"] == "A proposal").collect()
}

fn written(drafts: &[Vec<u8>]) -> Value {
    serde_json::from_slice::<Value>(&write(drafts, WriteOptions::default()).event).unwrap()["Event"].take()
}

fn with(proposals: &[Value]) -> Value {
    let mut one = attribute(11, "domain", "a.example", true);
    one["ShadowAttribute"] = json!(proposals);
    event(json!([one]), json!({"Tag": [{"name": "tlp:green"}]}))
}

#[test]
fn proposals_with_the_uuid_of_their_attribute_are_all_there_and_come_back() {
    let all = [proposal("b.example", "A"), proposal("c.example", "A"), proposal("b.example", "B")];
    let made = convert(with(&all).to_string().as_bytes());
    assert_eq!(made.faults, []);
    let found = notes(&made.drafts);
    let mut ids: Vec<&str> = found.iter().map(|one| one["id"].as_str().unwrap()).collect();
    for note in &found {
        let number = proposal_number(note["id"].as_str().unwrap()).unwrap();
        let refs = stix21::read(note.to_string().as_bytes()).unwrap().refs;
        assert!(refs.contains(&PROPOSALS.to_owned()) && refs.contains(&proposal_ref(number)), "{refs:?}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let back = written(&made.drafts);
    let values: Vec<&str> = back["Attribute"][0]["ShadowAttribute"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["b.example", "c.example", "b.example"]);
    let again = convert(json!({"Event": back}).to_string().as_bytes());
    assert_eq!(notes(&again.drafts), found, "reading it again changes nothing");
    // Settled, it is the same note in a later version.
    let mut settled = proposal("b.example", "A");
    (settled["deleted"], settled["timestamp"]) = (json!(true), json!("1740000010"));
    let settled = notes(&convert(with(&[settled]).to_string().as_bytes()).drafts);
    assert_eq!((&settled[0]["id"], &settled[0]["revoked"]), (&found[0]["id"], &json!(true)));
}

#[test]
fn a_note_that_says_something_else_than_its_id_is_no_proposal() {
    let made = convert(with(&[proposal("b.example", "A")]).to_string().as_bytes());
    let mut drafts = made.drafts.clone();
    let place =
        drafts.iter().position(|body| serde_json::from_slice::<Value>(body).unwrap()["abstract"] == "A proposal");
    let mut note: Value = serde_json::from_slice(&drafts[place.unwrap()]).unwrap();
    note["extensions"].as_object_mut().unwrap().values_mut().next().unwrap()["fields"]["value"] =
        json!("other.example");
    assert_eq!(written(&drafts)["Attribute"][0]["ShadowAttribute"].as_array().unwrap().len(), 1);
    drafts[place.unwrap()] = note.to_string().into_bytes();
    assert!(!written(&drafts).to_string().contains("other.example"));
}

#[test]
fn a_proposal_may_ask_for_more_care_and_never_for_less() {
    for (tag, label) in [("tlp:amber", "tlp:amber"), ("tlp:clear", "tlp:green"), ("tlp:odd", "tlp:red")] {
        let mut one = proposal("b.example", "A");
        one["Tag"] = json!([{"name": tag}]);
        let made = convert(with(&[one]).to_string().as_bytes());
        let body = notes(&made.drafts)[0].to_string();
        let facts = stix21::read(body.as_bytes()).unwrap();
        assert_eq!(facts.marking.map(|label| format!("tlp:{label}")), Some(label.to_owned()), "{tag}");
    }
}

#[test]
fn an_attribute_within_an_object_is_found_through_it() {
    let object = json!({"uuid": uuid(31), "name": "file", "meta-category": "file", "timestamp": "1740000001", "distribution": "5",
        "Attribute": [attribute(32, "filename", "a.exe", true)]});
    let made = convert(event(json!([]), json!({"Object": [object]})).to_string().as_bytes());
    let ids = ids_of(&uuid(32));
    let holds = |body: &&Vec<u8>| stix21::read(body).unwrap().refs.iter().any(|id| ids.contains(id));
    let found: Vec<_> = made.drafts.iter().filter(holds).map(|body| stix21::read(body).unwrap().id).collect();
    assert_eq!(found, [format!("indicator--{}", uuid(31))]);
}
