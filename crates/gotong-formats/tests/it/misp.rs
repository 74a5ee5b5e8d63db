//! MISP to STIX: what an event becomes, byte for byte, and what it never becomes: laxer than it was.
//!
//! The golden files are `testdata/misp/full.json` (an event of ours with everything) and `full.ndjson` (its drafts). Read next:
//! `misp_back.rs` (the way back), `misp_real.rs` (events of others).

use gotong_formats::draft::{Draft, Fault, Loss, Piece, Reader as _};
use gotong_formats::misp::{Options, Reader};
use gotong_formats::stix21::{id_of_label, read};
use gotong_model::Tlp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What came of an input.
#[derive(Default, PartialEq, Eq, Debug)]
pub(crate) struct Outcome {
    pub(crate) drafts: Vec<Vec<u8>>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) faults: Vec<Fault>,
}

impl Outcome {
    pub(crate) fn values(&self) -> Vec<Value> {
        self.drafts.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
    }

    pub(crate) fn of_type(&self, object_type: &str) -> Vec<Value> {
        self.values().into_iter().filter(|value| value["type"] == object_type).collect()
    }

    fn fault_codes(&self) -> Vec<(&str, &str)> {
        self.faults.iter().map(|fault| (fault.field.code, fault.field.pointer.as_str())).collect()
    }

    pub(crate) fn loss_codes(&self) -> BTreeSet<&str> {
        self.losses.iter().map(|loss| loss.code).collect()
    }
}

pub(crate) fn convert_by(bytes: &[u8], options: Options, chunk: usize) -> Outcome {
    let mut reader = Reader::new(options);
    let mut outcome = Outcome::default();
    let mut take = |reader: &mut Reader| {
        while let Some(piece) = reader.next() {
            match piece {
                Piece::Draft(Draft { body, .. }) => outcome.drafts.push(body),
                Piece::Loss(loss) => outcome.losses.push(loss),
                Piece::Fault(fault) => outcome.faults.push(fault),
            }
        }
    };
    for chunk in bytes.chunks(chunk.max(1)) {
        reader.push(chunk);
        take(&mut reader);
    }
    reader.finish();
    take(&mut reader);
    outcome
}

pub(crate) fn convert(bytes: &[u8]) -> Outcome {
    convert_by(bytes, Options::default(), 64 << 10)
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/misp"))
}

pub(crate) fn full() -> Value {
    serde_json::from_slice(&std::fs::read(folder().join("full.json")).unwrap()).unwrap()
}

pub(crate) fn uuid(n: u32) -> String {
    format!("0e{n:06x}-5f1a-4c3e-8b7d-90a1b2c3d4e5")
}

/// A small event of ours with these attributes.
#[allow(clippy::needless_pass_by_value, reason = "it is made where it is passed")]
pub(crate) fn event(attributes: Value, more: Value) -> Value {
    let mut event = json!({
        "uuid": uuid(1), "info": "An event", "date": "2025-02-01", "timestamp": "1740000000", "distribution": "3",
        "published": false, "Orgc": {"uuid": uuid(2), "name": "CERT-XA"}, "Attribute": attributes,
    });
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    json!({"Event": event})
}

pub(crate) fn attribute(n: u32, misp_type: &str, value: &str, to_ids: bool) -> Value {
    json!({"uuid": uuid(n), "type": misp_type, "value": value, "to_ids": to_ids, "category": "Network activity",
        "timestamp": "1740000001", "distribution": "5", "deleted": false})
}

fn convert_value(value: &Value) -> Outcome {
    convert(value.to_string().as_bytes())
}

#[test]
fn an_event_with_everything_becomes_these_drafts_byte_for_byte() {
    let outcome = convert(&std::fs::read(folder().join("full.json")).unwrap());
    assert_eq!(outcome.faults, []);
    let drafts: Vec<_> = outcome.drafts.iter().map(|body| String::from_utf8(body.clone()).unwrap() + "\n").collect();
    let losses = outcome.losses.iter().map(|loss| format!("{} {} {}\n", loss.place, loss.code, loss.text));
    let losses: String = losses.collect();
    if std::env::var_os("GOTONG_BLESS").is_some() {
        std::fs::write(folder().join("full.ndjson"), drafts.concat()).unwrap();
        std::fs::write(folder().join("full.losses.txt"), &losses).unwrap();
    }
    let golden = std::fs::read_to_string(folder().join("full.ndjson")).unwrap();
    for (draft, expected) in drafts.iter().zip(golden.lines()) {
        assert_eq!(draft.trim_end(), expected);
    }
    assert_eq!(drafts.len(), golden.lines().count());
    assert_eq!(losses, std::fs::read_to_string(folder().join("full.losses.txt")).unwrap());
}

#[test]
fn every_draft_is_read_without_fault_or_doubt_and_no_id_is_under_two_types() {
    let outcome = convert(&std::fs::read(folder().join("full.json")).unwrap());
    let mut types = BTreeMap::new();
    for body in &outcome.drafts {
        let facts = read(body).unwrap_or_else(|faults| panic!("{}: {faults:?}", String::from_utf8_lossy(body)));
        assert_eq!(facts.doubts, [], "{}", facts.id);
        let before = types.insert(facts.uuid, facts.object_type.clone());
        assert!(before.is_none_or(|before| before == facts.object_type), "{}", facts.id);
    }
    assert!(types.len() > 50);
}

#[test]
fn each_draft_of_a_marked_event_is_at_least_as_strict_as_the_event() {
    let outcome = convert(&std::fs::read(folder().join("full.json")).unwrap());
    // What stands in every event alike: makers, definitions, clusters.
    let common = ["identity", "extension-definition", "tool", "threat-actor"];
    let mut red = 0;
    for body in &outcome.drafts {
        let facts = read(body).unwrap();
        if !common.contains(&facts.object_type.as_str()) {
            assert!(facts.marking >= Some(Tlp::Amber), "{} has {:?}", facts.id, facts.marking);
            red += usize::from(facts.marking == Some(Tlp::Red));
        }
    }
    assert_eq!(red, 1, "the one attribute that is tagged red");
}

#[test]
fn no_tag_is_no_marking_and_never_clear() {
    let outcome = convert_value(&event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), json!({})));
    assert!(outcome.drafts.iter().all(|body| read(body).unwrap().marking.is_none()));
    let clear = json!({"Tag": [{"name": "tlp:clear"}]});
    let outcome = convert_value(&event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), clear));
    assert_eq!(
        outcome.of_type("indicator")[0]["object_marking_refs"][0],
        id_of_label(Tlp::Clear),
        "the positive control"
    );
}

#[test]
fn what_misp_restricts_is_taken_only_where_the_importer_says_so() {
    for (distribution, code) in [("0", "misp.distribution.organisation"), ("4", "misp.distribution.sharing-group")] {
        let bytes = event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), json!({"distribution": distribution}));
        let bytes = bytes.to_string();
        let outcome = convert(bytes.as_bytes());
        assert_eq!(outcome.fault_codes(), [(code, "/Event/distribution")]);
        assert_eq!(outcome.drafts.len(), 0, "nothing of it leaves");
        let outcome = convert_by(bytes.as_bytes(), Options::restricted(), 1 << 20);
        assert_eq!(outcome.of_type("indicator").len(), 1);
        assert!(outcome.loss_codes().contains("misp.loss.distribution"));
        let mut inner = attribute(3, "ip-dst", "198.51.100.7", true);
        inner["distribution"] = json!(distribution);
        let other = attribute(4, "ip-dst", "198.51.100.8", true);
        let outcome = convert_value(&event(json!([inner, other]), json!({})));
        assert_eq!(outcome.fault_codes(), [(code, "/Event/Attribute/0/distribution")]);
        assert_eq!(outcome.of_type("indicator").len(), 1, "the other attribute");
        assert!(!String::from_utf8(outcome.drafts.concat()).unwrap().contains("198.51.100.7"));
    }
    let outcome = convert_value(&event(json!([]), json!({"distribution": "17"})));
    assert_eq!(
        outcome.fault_codes(),
        [("misp.distribution", "/Event/distribution")],
        "what is not known is not guessed"
    );
}

#[test]
fn one_bad_attribute_costs_itself_alone() {
    let mut wrong = [
        attribute(10, "ip-dst", "198.51.100.1", true),
        attribute(11, "ip-dst", "", true),
        attribute(12, "", "x", true),
        attribute(13, "ip-dst", "198.51.100.3", true),
        attribute(3, "ip-dst", "198.51.100.4", true),
    ];
    wrong[0]["uuid"] = json!("no uuid");
    wrong[3]["timestamp"] = json!("yesterday");
    let mut all = vec![attribute(3, "ip-dst", "198.51.100.7", true)];
    all.extend(wrong);
    all.push(json!("no object"));
    let outcome = convert_value(&event(Value::Array(all), json!({})));
    let expected = [
        ("misp.uuid", "/Event/Attribute/1/uuid"),
        ("misp.value", "/Event/Attribute/2/value"),
        ("misp.type", "/Event/Attribute/3/type"),
        ("misp.time", "/Event/Attribute/4/timestamp"),
        ("misp.uuid.twice", "/Event/Attribute/5/uuid"),
        ("misp.record", "/Event/Attribute/6"),
    ];
    assert_eq!(outcome.fault_codes(), expected);
    assert_eq!(outcome.of_type("indicator").len(), 1);
    assert_eq!(outcome.of_type("report").len(), 1);
}

#[test]
fn the_same_event_is_the_same_bytes_whatever_instance_it_comes_from_and_however_it_is_wrapped() {
    let full = full();
    let expected = convert(full.to_string().as_bytes()).drafts;
    let mut elsewhere = full.clone();
    elsewhere["Event"]["id"] = json!("99");
    elsewhere["Event"]["Org"] = json!({"id": "8", "name": "Somebody else", "uuid": uuid(77)});
    elsewhere["Event"]["locked"] = json!(false);
    elsewhere["Event"]["Attribute"][0]["id"] = json!(5);
    elsewhere["Event"]["Attribute"][0]["to_ids"] = json!("1");
    elsewhere["Event"]["timestamp"] = json!(1_740_000_500);
    let bare = &full["Event"];
    for (shape, count) in [
        (elsewhere.to_string(), 1),
        (bare.to_string(), 1),
        (json!({"response": [full]}).to_string(), 1),
        (json!({"response": full}).to_string(), 1),
        (json!({"response": {"Event": bare}}).to_string(), 1),
        (json!([full]).to_string(), 1),
        (json!([bare, bare]).to_string(), 2),
        (format!("{full}\n{full}\n\n"), 2),
        (format!(" {{ \"response\" :\n [ {full} , {full} ] }} "), 2),
    ] {
        for chunk in [1 << 20, 1_000, 7] {
            let outcome = convert_by(shape.as_bytes(), Options::default(), chunk);
            assert_eq!(outcome.faults, []);
            assert!(
                outcome.drafts == vec![expected.clone(); count].concat(),
                "chunks of {chunk}: {}",
                shape.get(..60).unwrap()
            );
        }
    }
}

#[test]
fn a_later_event_is_a_later_version_under_the_same_ids_and_a_flipped_switch_never_reuses_a_uuid() {
    let versions = |outcome: &Outcome| -> BTreeMap<String, (String, String)> {
        let all = outcome.values().into_iter().filter(|value| value["modified"].is_string());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        all.map(|value| (text(&value["id"]), (text(&value["created"]), text(&value["modified"])))).collect()
    };
    let first = convert_value(&event(json!([attribute(3, "domain", "a.example", true)]), json!({})));
    let mut later = attribute(3, "domain", "b.example", true);
    later["timestamp"] = json!("1740000900");
    let second = convert_value(&event(json!([later]), json!({"timestamp": "1740000900"})));
    let (first_versions, second) = (versions(&first), versions(&second));
    for id in [format!("indicator--{}", uuid(3)), format!("report--{}", uuid(1))] {
        assert_eq!(first_versions[&id].0, second[&id].0, "created stays");
        assert!(first_versions[&id].1 < second[&id].1, "modified moves");
    }
    let flipped = convert_value(&event(json!([attribute(3, "domain", "a.example", false)]), json!({})));
    let observed = flipped.of_type("observed-data");
    assert_eq!(observed.len(), 1);
    assert!(!observed[0]["id"].as_str().unwrap().ends_with(&uuid(3)), "the UUID is that of the indicator");
    let published = convert_value(&event(
        json!([attribute(3, "domain", "a.example", true)]),
        json!({"published": true, "publish_timestamp": "1740000901"}),
    ));
    let id = format!("report--{}", uuid(1));
    assert!(versions(&published)[&id].1 > first_versions[&id].1, "a publication alone is a new version of the report");
}

#[test]
fn an_observable_is_the_same_in_every_event_of_one_label() {
    let of = |n: u32, more: Value| {
        let mut value = event(json!([attribute(n, "domain|ip", "a.example|198.51.100.7", false)]), more);
        value["Event"]["uuid"] = json!(uuid(n + 1_000));
        let outcome = convert_value(&value);
        outcome
            .drafts
            .into_iter()
            .filter(|body| body.windows(13).any(|part| part == b"\"domain-name\""))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(5, json!({})), of(6, json!({"info": "Another", "timestamp": "1750000000"})));
    assert_eq!(of(5, json!({})).len(), 1);
    assert_ne!(of(5, json!({})), of(6, json!({"Tag": [{"name": "tlp:red"}]})), "its label goes with it");
}

#[test]
fn patterns_say_what_the_attributes_say() {
    let pattern = |misp_type: &str, value: &str| {
        let outcome = convert_value(&event(json!([attribute(3, misp_type, value, true)]), json!({})));
        outcome.of_type("indicator")[0]["pattern"].as_str().unwrap().to_owned()
    };
    for (misp_type, value, expected) in [
        ("ip-dst", "198.51.100.7", "[ipv4-addr:value = '198.51.100.7']"),
        ("ip-dst", "2001:DB8::/32", "[ipv6-addr:value ISSUBSET '2001:db8::/32']"),
        (
            "domain|ip",
            "a.example|198.51.100.7",
            "[domain-name:value = 'a.example' AND domain-name:resolves_to_refs[*].value = '198.51.100.7']",
        ),
        ("filename", r"it's\a", r"[file:name = 'it\'s\\a']"),
        (
            "filename|sha1",
            "a|b|2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
            "[file:name = 'a|b' AND file:hashes.'SHA-1' = '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12']",
        ),
        (
            "ip-dst|port",
            "198.51.100.7|443",
            "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]",
        ),
        ("AS", "as64496", "[autonomous-system:number = 64496]"),
        ("btc", "1Boat", "[x-misp-attribute:btc = '1Boat']"),
        ("url", "evil.example/a", "[url:value = 'evil.example/a']"),
    ] {
        assert_eq!(pattern(misp_type, value), expected);
    }
}
