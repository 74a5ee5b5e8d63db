//! STIX to MISP: an event that came from MISP is given back equal but for what the losses name; other STIX as well as MISP can say it.
//!
//! Read next: `misp_real.rs`, which does it with events of others.

use crate::misp::{Outcome, attribute, convert, convert_by, event, folder, full, uuid};
use gotong_formats::misp::{Options, WriteOptions, Written, attributes_of, feed, write};
use gotong_formats::stix21::id_of_label;
use gotong_model::Tlp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Members that the losses of a conversion name.
pub(crate) fn named(outcome: &Outcome) -> BTreeSet<String> {
    let texts = outcome.losses.iter().filter(|loss| loss.code == "misp.loss.instance");
    texts.flat_map(|loss| loss.text.rsplit_once(": ").unwrap().1.split(", ")).map(str::to_owned).collect()
}

/// An event in one spelling: nothing empty, nothing that is named, numbers as strings, switches as true and false, lists in one order.
pub(crate) fn normal(value: &Value, named: &BTreeSet<String>) -> Value {
    normal_of("", value, named)
}

fn normal_of(parent: &str, value: &Value, named: &BTreeSet<String>) -> Value {
    match value {
        Value::Object(members) => {
            let mut out = Map::new();
            for (key, value) in members {
                let inner = parent == "ObjectReference" && matches!(key.as_str(), "Object" | "Attribute");
                let local = key == "Tag" && value.is_array();
                let value = if local { without_local(value) } else { value.clone() };
                let value = if parent == "meta" { value } else { normal_of(key, &value, named) };
                let empty = value.is_null() || value == json!([]) || value == json!({});
                if empty || inner && named.contains("Object or Attribute within ObjectReference") {
                    continue;
                }
                if parent == "meta" || !named.contains(key) {
                    out.insert(key.clone(), value);
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => {
            let mut items: Vec<_> =
                items.iter().map(|item| normal_of(parent, item, named)).filter(|item| !item.is_null()).collect();
            // Canonical, so that features of other crates do not change the order of members.
            items.sort_by_key(|item| serde_json_canonicalizer::to_string(item).unwrap());
            Value::Array(items)
        }
        Value::Number(number) if !matches!(parent, "local" | "to_ids" | "deleted") => json!(number.to_string()),
        Value::Number(number) => json!(number.as_i64() == Some(1)),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

/// Local tags stay behind, each with a loss.
fn without_local(tags: &Value) -> Value {
    let local = |tag: &&Value| tag["local"] == json!(1) || tag["local"] == json!(true);
    Value::Array(tags.as_array().unwrap().iter().filter(|tag| !local(tag)).cloned().collect())
}

pub(crate) fn back(outcome: &Outcome) -> (Value, Written) {
    let written = write(&outcome.drafts, WriteOptions::default());
    (serde_json::from_slice(&written.event).unwrap(), written)
}

#[test]
fn an_event_with_everything_comes_back_equal_but_for_what_the_losses_name() {
    let original = full();
    let outcome = convert(original.to_string().as_bytes());
    let (event, written) = back(&outcome);
    assert_eq!(written.losses, []);
    let named = named(&outcome);
    assert!(named.contains("event_creator_email"), "a person's address stays behind and is named");
    let (mut theirs, ours) = (normal(&original["Event"], &named), normal(&event["Event"], &named));
    // A tag that counted and stayed behind is not there; all else is.
    assert_eq!(theirs["Tag"].as_array_mut().unwrap().len(), 2);
    assert_eq!(ours, theirs);
    let again = convert(&written.event);
    assert!(again.drafts == outcome.drafts, "and becomes the same drafts again");
}

/// A change of one object by somebody who does not know the extension, or who lies in it.
fn changed(outcome: &Outcome, pick: impl Fn(&Value) -> bool, change: impl Fn(&mut Value)) -> (Value, Written) {
    let mut drafts = outcome.values();
    let picked: Vec<_> = drafts.iter_mut().filter(|value| pick(value)).collect();
    assert_eq!(picked.len(), 1, "one object is changed");
    picked.into_iter().for_each(&change);
    let bodies: Vec<_> = drafts.iter().map(|value| value.to_string().into_bytes()).collect();
    let written = write(&bodies, WriteOptions::default());
    (serde_json::from_slice(&written.event).unwrap(), written)
}

#[test]
fn the_extension_is_believed_only_where_the_stix_says_the_same() {
    let outcome =
        convert(event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), json!({})).to_string().as_bytes());
    let is_indicator = |value: &Value| value["type"] == "indicator";
    let (same, written) = changed(&outcome, is_indicator, |_| {});
    assert_eq!(same["Event"]["Attribute"][0]["value"], "198.51.100.7");
    assert_eq!(written.losses, [], "the positive control");
    let pattern = |value: &mut Value| value["pattern"] = json!("[ipv4-addr:value = '203.0.113.9']");
    let (other, written) = changed(&outcome, is_indicator, pattern);
    assert_eq!(other["Event"]["Attribute"][0]["value"], "203.0.113.9", "what is shown counts");
    assert!(written.losses.iter().any(|loss| loss.code == "misp.loss.changed"));
    let extension = gotong_formats::misp::EXTENSION;
    let lie = |value: &mut Value| value["extensions"][extension]["fields"]["value"] = json!("192.0.2.66");
    let (other, _) = changed(&outcome, is_indicator, lie);
    assert!(!other.to_string().contains("192.0.2.66"), "what is hidden does not");
    let foreign = |value: &mut Value| value["extensions"][extension]["fields"]["uuid"] = json!(uuid(9));
    let (_, written) = changed(&outcome, is_indicator, foreign);
    assert!(written.losses.iter().any(|loss| loss.code == "misp.loss.changed"), "a record does not pass as another");
}

#[test]
fn the_stricter_of_tag_and_marking_counts_on_the_way_back() {
    let tags = json!({"Tag": [{"name": "tlp:green"}]});
    let outcome = convert(event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), tags).to_string().as_bytes());
    let is = |object_type: &'static str| move |value: &Value| value["type"] == object_type;
    let red = |value: &mut Value| value["object_marking_refs"] = json!([id_of_label(Tlp::Red)]);
    let (event, _) = changed(&outcome, is("indicator"), red);
    assert_eq!(event["Event"]["Attribute"][0]["Tag"], json!([{"name": "tlp:red"}]));
    assert_eq!(event["Event"]["Tag"], json!([{"name": "tlp:green"}]));
    let (event, _) = changed(&outcome, is("report"), red);
    assert_eq!(event["Event"]["Tag"], json!([{"name": "tlp:green"}, {"name": "tlp:red"}]));
    let clear = |value: &mut Value| value["object_marking_refs"] = json!([id_of_label(Tlp::Clear)]);
    let (event, _) = changed(&outcome, is("report"), clear);
    assert_eq!(event["Event"]["Tag"], json!([{"name": "tlp:green"}]), "a laxer marking takes no tag away");
    let revoke = |value: &mut Value| value["revoked"] = json!(true);
    let (event, _) = changed(&outcome, is("indicator"), revoke);
    assert_eq!(event["Event"]["Attribute"][0]["deleted"], json!(true));
}

#[allow(clippy::needless_pass_by_value, reason = "it is made where it is passed")]
fn stix(object_type: &str, n: u32, more: Value) -> Vec<u8> {
    let mut value = json!({"type": object_type, "spec_version": "2.1", "id": format!("{object_type}--{}", uuid(n)),
        "created": "2025-03-01T08:00:00.000Z", "modified": "2025-03-01T09:00:00.000Z"});
    for (key, inner) in more.as_object().unwrap() {
        value[key] = inner.clone();
    }
    value.to_string().into_bytes()
}

fn indicator(n: u32, pattern: &str) -> Vec<u8> {
    stix("indicator", n, json!({"pattern": pattern, "pattern_type": "stix", "valid_from": "2025-03-01T08:00:00Z"}))
}

#[test]
fn stix_that_never_was_misp_becomes_a_sensible_event_and_what_is_left_is_named() {
    let refs = [indicator(11, "[url:value = 'https://evil.example/']")];
    let mut bodies = vec![
        stix(
            "report",
            10,
            json!({"name": "A report", "published": "2025-03-01T08:00:00Z", "labels": ["phishing"],
            "created_by_ref": format!("identity--{}", uuid(12)), "object_marking_refs": [id_of_label(Tlp::Amber)], "confidence": 80,
            "object_refs": [format!("indicator--{}", uuid(11))]}),
        ),
        stix("identity", 12, json!({"name": "CERT-XA", "identity_class": "organization"})),
        stix("malware", 13, json!({"name": "Drop\"per", "is_family": true})),
        stix(
            "attack-pattern",
            14,
            json!({"name": "Phishing", "external_references": [{"source_name": "mitre-attack", "external_id": "T1566"}]}),
        ),
        stix(
            "relationship",
            15,
            json!({"relationship_type": "indicates", "source_ref": format!("indicator--{}", uuid(11)),
            "target_ref": format!("malware--{}", uuid(13))}),
        ),
        stix(
            "sighting",
            16,
            json!({"sighting_of_ref": format!("indicator--{}", uuid(11)), "last_seen": "2025-03-01T08:30:00Z", "count": 3}),
        ),
        br#"{"type":"domain-name","id":"domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7","value":"a.example"}"#
            .to_vec(),
        indicator(17, "[file:name = 'a'] FOLLOWEDBY [url:value = 'b']"),
        b"not json".to_vec(),
    ];
    bodies.extend(refs);
    let written = write(&bodies, WriteOptions::default());
    let event: Value = serde_json::from_slice(&written.event).unwrap();
    let event = &event["Event"];
    assert_eq!(event["info"], "A report");
    assert_eq!(event["distribution"], "0", "the strictest, unless the caller says more");
    assert_eq!(event["Orgc"]["name"], "CERT-XA");
    let names: Vec<_> = event["Tag"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let expected = [
        "phishing",
        "tlp:amber",
        "misp-galaxy:tool=\"Drop'per\"",
        "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"",
    ];
    assert_eq!(names, expected);
    let attributes: Vec<_> = event["Attribute"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["type"].as_str().unwrap(), one["to_ids"].as_bool().unwrap()))
        .collect();
    assert_eq!(attributes, [("domain", false), ("stix2-pattern", true), ("url", true)]);
    assert_eq!(event["Attribute"][2]["uuid"], uuid(11), "one value, one record");
    assert_eq!(event["Attribute"][2]["Sighting"][0]["date_sighting"], "1740817800");
    let losses: BTreeSet<_> = written.losses.iter().map(|loss| (loss.code, loss.line)).collect();
    for expected in
        [("misp.loss.unreadable", 9), ("misp.loss.properties", 1), ("misp.loss.properties", 6), ("misp.loss.object", 5)]
    {
        assert!(losses.contains(&expected), "{expected:?} in {losses:?}");
    }
}

#[test]
fn a_sharing_group_comes_back_with_its_organisations() {
    let group = json!({"SharingGroup": {"id": "4", "uuid": uuid(50), "name": "Ports", "releasability": "members", "roaming": false,
        "SharingGroupOrg": [{"id": "1", "org_id": "3", "extend": true, "Organisation": {"id": "3", "uuid": uuid(2), "name": "CERT-XA"}}]},
        "distribution": "4", "sharing_group_id": "4"});
    let original = event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), group);
    let outcome = convert_by(original.to_string().as_bytes(), Options::restricted(), 1 << 20);
    let (event, written) = back(&outcome);
    assert_eq!(written.losses, []);
    let mut named = named(&outcome);
    named.insert("attribute_count".to_owned());
    assert_eq!(normal(&event["Event"], &named), normal(&original["Event"], &named));
    assert_eq!(event["Event"]["SharingGroup"]["SharingGroupOrg"][0]["Organisation"]["name"], "CERT-XA");
}

#[test]
fn one_object_becomes_attributes_alone() {
    let types = |body: &[u8]| {
        let (attributes, _) = attributes_of(body);
        attributes
            .iter()
            .map(|one| format!("{}={}", one.json["type"].as_str().unwrap(), one.json["value"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        types(&indicator(3, "[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'a.example']")),
        ["ip-dst=198.51.100.7", "domain=a.example"]
    );
    assert_eq!(
        types(&indicator(
            3,
            "[domain-name:value = 'a.example' AND domain-name:resolves_to_refs[*].value = '198.51.100.7']"
        )),
        ["domain|ip=a.example|198.51.100.7"]
    );
    assert_eq!(types(&indicator(3, "[url:value LIKE 'a%']")), ["stix2-pattern=[url:value LIKE 'a%']"]);
    let file = br#"{"type":"file","id":"file--00000000-0000-4000-8000-000000000001","name":"a.exe","hashes":{"MD5":"9e107d9d372bb6826bd81d3542a419d6"}}"#;
    assert_eq!(types(file), ["filename=a.exe", "md5=9e107d9d372bb6826bd81d3542a419d6"]);
    assert_eq!(types(&stix("campaign", 3, json!({"name": "x"}))), Vec::<String>::new());
}

#[test]
fn a_feed_says_of_an_event_what_a_feed_has_to_say() {
    let (_, written) = back(&convert(&std::fs::read(folder().join("full.json")).unwrap()));
    let entry = feed::entry(&written.event).unwrap();
    assert_eq!(entry.manifest["Orgc"]["name"], "CERT-XA");
    assert_eq!(entry.manifest["timestamp"], "1740000500");
    assert_eq!(entry.manifest["Tag"][0], json!({"name": "tlp:amber", "colour": "#ffc000"}));
    // `md5sum` of 198.51.100.9, the second half of a composite value.
    assert!(entry.hashes.contains(&format!("c46b232695ce66f7700153fa5a35a59d,{}\n", entry.uuid)));
    assert!(feed::entry(b"{\"Event\":{}}").unwrap_err().code == "misp.feed.missing");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9.]{1,12}", "\\PC{1,40}", Just("it's \\ \"quoted\"\n".to_owned()), Just("a|b".to_owned())]
        .prop_filter("an attribute has a value", |text| !text.trim().is_empty())
}

fn misp_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "ip-src",
        "ip-dst",
        "domain",
        "hostname",
        "url",
        "md5",
        "sha256",
        "filename",
        "filename|md5",
        "domain|ip",
        "ip-dst|port",
        "regkey",
        "regkey|value",
        "email-src",
        "mutex",
        "AS",
        "btc",
        "comment",
        "text",
        "link",
        "yara",
        "vulnerability",
        "stix2-pattern",
        "other",
        "mac-address",
        "user-agent",
        "imphash",
        "x509-fingerprint-md5",
        "attachment",
        "github-username",
        "unheard of",
    ])
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        text(),
        Just("198.51.100.7".to_owned()),
        Just("a.example|198.51.100.7".to_owned()),
        Just("2001:db8::1|443".to_owned()),
        Just("9e107d9d372bb6826bd81d3542a419d6".to_owned()),
        Just("x|9e107d9d372bb6826bd81d3542a419d6".to_owned()),
        Just("hxxps://evil[.]example/a".to_owned()),
        Just("CVE-2025-1234".to_owned()),
        Just("[url:value = 'x']".to_owned()),
    ]
}

prop_compose! {
    fn any_attribute()(
        misp_type in misp_type(), value in value(), to_ids: bool, deleted: bool, at in 1u32..2_000_000_000, comment in "\\PC{0,20}",
        tags in prop::collection::vec(prop::sample::select(vec!["tlp:red", "tlp:green", "TLP:AMBER", "tlp:odd", "x:y=\"z\"", "plain"]), 0..3),
        seen in prop::option::of(Just("2025-01-01T00:00:00.000000+00:00")),
    ) -> Value {
        json!({"type": misp_type, "value": value, "to_ids": to_ids, "deleted": deleted, "timestamp": at.to_string(), "comment": comment,
            "distribution": "5", "Tag": tags.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(), "first_seen": seen})
    }
}

prop_compose! {
    fn any_event()(
        attributes in prop::collection::vec(any_attribute(), 0..8),
        objects in prop::collection::vec((prop::collection::vec(any_attribute(), 0..5), prop::sample::select(vec!["file", "domain-ip", "own"]), any::<bool>()), 0..4),
        info in "\\PC{0,30}", tag in prop::sample::select(vec!["tlp:red", "tlp:white", "none"]), published: bool, at in 1u32..2_000_000_000,
        link in prop::option::of((0usize..12, 0usize..12)),
    ) -> Value {
        let mut n = 100;
        let mut number = |mut one: Value| {
            n += 1;
            one["uuid"] = json!(uuid(n));
            one
        };
        let attributes: Vec<_> = attributes.into_iter().map(&mut number).collect();
        let mut objects: Vec<_> = objects.into_iter().map(|(inner, name, deleted)| {
            let inner: Vec<_> = inner.into_iter().map(&mut number).collect();
            number(json!({"name": name, "deleted": deleted, "timestamp": at.to_string(), "distribution": "5", "Attribute": inner}))
        }).collect();
        if let Some((from, to)) = link {
            let ends: Vec<_> = objects.iter().chain(&attributes).map(|one| one["uuid"].clone()).collect();
            let count = objects.len().max(1);
            if let (Some(owner), Some(target)) = (objects.get_mut(from % count), ends.get(to % ends.len().max(1))) {
                let reference = number(json!({"object_uuid": owner["uuid"], "referenced_uuid": target, "timestamp": at.to_string(),
                    "relationship_type": "Related To", "comment": "", "deleted": false}));
                owner["ObjectReference"] = json!([reference]);
            }
        }
        json!({"Event": {"uuid": uuid(1), "info": info, "timestamp": at.to_string(), "date": "2020-02-02", "distribution": "3",
            "published": published, "Tag": [{"name": tag}], "Orgc": {"uuid": uuid(2), "name": "CERT-XA"}, "Attribute": attributes, "Object": objects}})
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 32 } else { 256 }))]

    #[test]
    fn any_event_comes_back_equal(original in any_event()) {
        let outcome = convert(original.to_string().as_bytes());
        prop_assert_eq!(&outcome.faults, &[]);
        for body in &outcome.drafts {
            let facts = gotong_formats::stix21::read(body).map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?;
            prop_assert_eq!(facts.doubts, []);
        }
        let (event, written) = back(&outcome);
        prop_assert_eq!(&written.losses, &[]);
        let mut named = named(&outcome);
        named.insert("attribute_count".to_owned());
        let (theirs, ours) = (normal(&original["Event"], &named), normal(&event["Event"], &named));
        prop_assert_eq!(ours, theirs);
        prop_assert!(convert(&written.event).drafts == outcome.drafts);
    }
}
