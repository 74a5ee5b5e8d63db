//! Whatever bytes come as MISP, the reader answers, in bounded time and memory, names what is wrong, and never panics.

use crate::misp::{attribute, convert, convert_by, event, folder, uuid};
use gotong_formats::misp::{EVENT_BYTES_MAX, NOTES_MAX, Options, RECORDS_MAX, WriteOptions, write};
use proptest::prelude::*;
use serde_json::json;

fn codes(bytes: &[u8]) -> Vec<&'static str> {
    convert(bytes).faults.iter().map(|fault| fault.field.code).collect()
}

#[test]
fn an_event_cut_at_every_97th_byte_is_refused_and_says_so() {
    let bytes = std::fs::read(folder().join("full.json")).unwrap();
    let whole = bytes.trim_ascii_end().len();
    for length in (1..whole).step_by(97) {
        let outcome = convert(&bytes[..length]);
        assert_eq!(outcome.drafts.len(), 0, "cut to {length} bytes");
        assert_eq!(outcome.faults.len(), 1, "cut to {length} bytes: {:?}", outcome.faults);
    }
    assert!(convert(&bytes[..whole]).faults.is_empty());
}

#[test]
fn what_two_readers_could_take_in_two_ways_is_refused_with_its_place() {
    let with = |member: &str| format!(r#"{{"Event":{{"uuid":"{}","info":"x","timestamp":"1",{member}}}}}"#, uuid(1));
    let fault = |member: &str| {
        let outcome = convert(with(member).as_bytes());
        assert_eq!(outcome.drafts.len(), 0);
        (outcome.faults[0].field.code, outcome.faults[0].field.pointer.clone())
    };
    assert!(convert(with(r#""distribution":"3""#).as_bytes()).faults.is_empty(), "the positive control");
    assert_eq!(fault(r#""a":1,"a":2"#), ("json.duplicate-key", "/Event/a".into()));
    assert_eq!(fault(r#""a":9007199254740993"#), ("json.number-range", "/Event/a".into()));
    assert_eq!(fault(r#""a":1e999"#), ("json.syntax", "/Event/a".into()));
    assert_eq!(fault(r#""a":"\ud800""#), ("json.syntax", "/Event/a".into()));
    assert_eq!(fault(&format!(r#""a":{}{}"#, "[".repeat(40), "]".repeat(40))).0, "json.depth");
    assert_eq!(fault(&format!(r#""a":{}{}"#, "[".repeat(29), "]".repeat(29))).0, "json.depth");
    assert_eq!(fault(r#""date":"yesterday""#), ("misp.time", "/Event/date".into()));
    assert_eq!(codes(b"\xef\xbb\xbf{}"), ["json.syntax"]);
    assert_eq!(codes(b"{\"Event\":{\"uuid\":\"\xff\"}}"), ["json.utf8"]);
    let wide: Vec<u8> = "{\"Event\":{}}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!codes(&wide).is_empty());
    for shape in [
        "[1]",
        "{}",
        "{\"Event\":5}",
        "{\"response\":{\"Attribute\":[]}}",
        "x",
        "[{}]",
        "{\"Event\":{\"uuid\":\"\",\"info\":\"\"}}",
    ] {
        assert_eq!(codes(shape.as_bytes()).len(), 1, "{shape}");
    }
    assert_eq!(
        codes(b"").len() + codes(b" \n").len() + codes(b"[]").len() + codes(b"{\"response\":[]}").len(),
        0,
        "nothing is no fault"
    );
}

#[test]
fn a_broken_line_costs_its_line_alone() {
    let good = event(json!([attribute(3, "ip-dst", "198.51.100.7", true)]), json!({})).to_string();
    let drafts = convert(good.as_bytes()).drafts.len();
    for broken in ["nonsense", "{\"Event\":]}", "{\"Event\":\"never ends", "{\"uuid\":5}", "{\"a\":1,\"a\":1}"] {
        let outcome = convert(format!("{good}\n{broken}\n{good}\n").as_bytes());
        assert_eq!((outcome.drafts.len(), outcome.faults.len()), (2 * drafts, 1), "{broken}");
        assert_eq!(outcome.faults[0].line, 2);
    }
}

#[test]
fn what_is_too_much_is_refused_by_its_number() {
    let many = "[".to_owned() + &"[],".repeat(4_100_000) + "[]]";
    let bytes = format!(r#"{{"uuid":"{}","info":"x","timestamp":"1","a":{many}}}"#, uuid(1));
    assert_eq!(codes(bytes.as_bytes()), ["json.values"]);
    let head = format!(r#"{{"uuid":"{}","info":""#, uuid(1)).into_bytes();
    let good = event(json!([]), json!({})).to_string();
    let mut huge = head;
    huge.resize(EVENT_BYTES_MAX + 10, b'x');
    huge.extend_from_slice(b"\"}\n");
    huge.extend_from_slice(good.as_bytes());
    let outcome = convert(&huge);
    assert_eq!(outcome.faults[0].field.code, "misp.event.size");
    assert!(!outcome.drafts.is_empty(), "what follows is read");
    let attribute = attribute(3, "text", &"x".repeat(1 << 20), false);
    let other = crate::misp::attribute(4, "text", "small", false);
    let outcome = convert(event(json!([attribute, other]), json!({})).to_string().as_bytes());
    assert_eq!(outcome.faults[0].field.code, "misp.size");
    assert_eq!(outcome.of_type("note").len(), 1, "the other is taken");
}

#[test]
fn a_flood_of_faults_is_counted_and_not_told_one_by_one() {
    let outcome = convert(event(json!(vec![0; 100_000]), json!({})).to_string().as_bytes());
    assert_eq!(outcome.faults.len(), NOTES_MAX + 1);
    assert_eq!(outcome.faults[NOTES_MAX].field.code, "misp.notes");
    assert!(outcome.faults[NOTES_MAX].field.text.starts_with("95000 more"));
    assert_eq!(outcome.of_type("report").len(), 1);
    let sightings = vec![json!({"date_sighting": "1"}); RECORDS_MAX + 5];
    let mut one = attribute(3, "ip-dst", "198.51.100.7", true);
    one["Sighting"] = json!(sightings);
    let outcome = convert(event(json!([one]), json!({})).to_string().as_bytes());
    assert!(outcome.faults.iter().any(|fault| fault.field.code == "misp.records"));
}

#[test]
fn data_that_is_too_large_stays_behind_by_name_and_the_attribute_does_not() {
    let mut sample = attribute(3, "malware-sample", "x.exe|9e107d9d372bb6826bd81d3542a419d6", true);
    sample["data"] = json!("QUJD".repeat(300_000));
    let mut attached = attribute(4, "attachment", "memo.txt", false);
    attached["data"] = json!("QUJD".repeat(300_000));
    let outcome = convert(event(json!([sample, attached]), json!({})).to_string().as_bytes());
    assert_eq!(outcome.faults, []);
    assert_eq!(outcome.losses.iter().filter(|loss| loss.code == "misp.loss.data").count(), 2);
    assert_eq!((outcome.of_type("indicator").len(), outcome.of_type("note").len()), (1, 1));
}

#[test]
fn an_event_with_more_than_a_report_holds_is_one_report_all_the_same() {
    let attributes: Vec<_> = (10..9_010).map(|n| attribute(n, "comment", &format!("c{n}"), false)).collect();
    let outcome = convert(event(json!(attributes), json!({})).to_string().as_bytes());
    let report = &outcome.of_type("report")[0];
    assert_eq!(report["object_refs"].as_array().unwrap().len(), 3);
    let parts = outcome.of_type("grouping");
    let held: usize = parts.iter().map(|part| part["object_refs"].as_array().unwrap().len()).sum();
    assert_eq!(held, 9_001, "its maker and all of its notes");
    assert!(parts.iter().all(|part| gotong_formats::stix21::read(part.to_string().as_bytes()).is_ok()));
    let written = write(&outcome.drafts, WriteOptions::default());
    let back: serde_json::Value = serde_json::from_slice(&written.event).unwrap();
    assert_eq!((back["Event"]["Attribute"].as_array().unwrap().len(), written.losses.len()), (9_000, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 32 } else { 256 }))]

    #[test]
    fn bytes_changed_anywhere_are_answered(at in 0usize..20_000, byte: u8, chunk in 1usize..5_000) {
        let mut bytes = std::fs::read(folder().join("full.json")).unwrap();
        let length = bytes.len();
        bytes[at % length] = byte;
        let outcome = convert_by(&bytes, Options::restricted(), chunk);
        prop_assert!(!outcome.drafts.is_empty() || !outcome.faults.is_empty());
        write(&outcome.drafts, WriteOptions::default());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\\n \"Eventresponseuuidinfo01".to_vec()), 0..200)) {
        convert_by(&bytes, Options::default(), 3);
        write(&[bytes], WriteOptions::default());
    }
}
