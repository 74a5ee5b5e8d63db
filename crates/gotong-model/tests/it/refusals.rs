//! Hostile values: each field of charters, agreements and notices is refused with its JSON pointer, and each bound is one that is reached.

use gotong_model::agreement::{Notice, Terms};
use gotong_model::charter::Charter;
use gotong_model::document::DocumentFault;
use serde_json::{Value, json};

use crate::golden::{full_charter, full_notice, full_terms};

pub(crate) type Read = fn(Value) -> Result<(), DocumentFault>;

/// Puts each value in its place and expects the fault at a pointer; an empty one is the same place.
pub(crate) fn refuse(good: &Value, read: Read, cases: Vec<(&str, Value, &str)>) {
    read(good.clone()).unwrap();
    for (pointer, value, expected) in cases {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value.clone();
        let expected = if expected.is_empty() { pointer } else { expected };
        match read(bad) {
            Err(DocumentFault::Field(fault)) => assert_eq!(fault.pointer, expected, "{pointer} = {value}"),
            other => panic!("{pointer} = {value}: {other:?}"),
        }
    }
}

pub(crate) fn accept(good: &Value, read: Read, cases: Vec<(&str, Value)>) {
    for (pointer, value) in cases {
        let mut fine = good.clone();
        *fine.pointer_mut(pointer).unwrap() = value.clone();
        assert!(read(fine).is_ok(), "{pointer} = {value}");
    }
}

/// Every object at any depth: one name more, or one fewer, and it is refused.
pub(crate) fn refuse_more_and_fewer(good: &Value, read: Read, at: &str) {
    let Some(here) = good.pointer(at) else { return };
    let children: Vec<String> = match here {
        Value::Object(members) => {
            let free = ["name", "title", "text", "reason"].iter().any(|name| at.ends_with(name));
            for name in members.keys().filter(|_| !free) {
                let mut bad = good.clone();
                bad.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(name);
                assert!(read(bad).is_err(), "{at} without {name}");
            }
            let mut bad = good.clone();
            let value = if free { json!("") } else { json!(null) };
            bad.pointer_mut(at).unwrap()["later"] = value;
            assert!(read(bad).is_err(), "{at} with another");
            members.keys().map(|name| format!("{at}/{name}")).collect()
        }
        Value::Array(items) => (0..items.len()).map(|place| format!("{at}/{place}")).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            for other in [json!({}), json!([[]]), json!(-1), json!(1.5), json!("\u{0}"), json!("")] {
                let mut bad = good.clone();
                *bad.pointer_mut(at).unwrap() = other.clone();
                // Words for people may be any text; all else has a shape.
                let is_words = here.is_string() && other == json!("\u{0}");
                assert!(is_words || read(bad).is_err(), "{at} = {other}");
            }
            Vec::new()
        }
    };
    for child in children {
        refuse_more_and_fewer(good, read, &child);
    }
}

fn charter(value: Value) -> Result<(), DocumentFault> {
    Charter::from_value(value).map(|_| ())
}

fn agreement(value: Value) -> Result<(), DocumentFault> {
    Terms::from_value(value).map(|_| ())
}

fn notice(value: Value) -> Result<(), DocumentFault> {
    Notice::from_value(value).map(|_| ())
}

fn numbered(count: usize) -> Value {
    (0..count).map(|at| json!(format!("m{at:04}"))).collect()
}

#[test]
fn charters_name_the_field_that_is_wrong() {
    let good = full_charter().to_value();
    refuse(
        &good,
        charter,
        vec![
            ("/number", json!(0), "/previous"),
            ("/number", json!(1), "/previous"),
            ("/previous", json!(null), ""),
            ("/previous", json!("A".repeat(52)), ""),
            ("/from", json!("2025-12-31T23:59:59.999999Z"), ""),
            ("/from", json!("2026-06-01T00:00:00Z"), ""),
            ("/grace_hours", json!(8_761), ""),
            ("/grace_hours", json!(null), ""),
            ("/rule", json!("most"), ""),
            ("/rule/at_least", json!(1), ""),
            ("/rule/at_least", json!(3), ""),
            ("/rule/at_least", json!(9_007_199_254_740_991_u64), ""),
            ("/voters", json!([]), ""),
            ("/voters", json!(["th", "my", "vn"]), ""),
            ("/voters", json!(["my", "my", "th"]), ""),
            ("/voters", json!(["jp", "my", "th"]), ""),
            ("/voters", json!(["id", "my", "th"]), ""),
            ("/voters", json!(["my", "th", "xx"]), ""),
            ("/voters/0", json!("MY"), ""),
            ("/members", numbered(257), ""),
            ("/members/1/root_key", json!("AAAA"), ""),
            ("/gotong", json!("agreement"), ""),
            ("/version", json!(1), ""),
        ],
    );
    accept(
        &good,
        charter,
        vec![("/grace_hours", json!(0)), ("/rule", json!("all")), ("/from", good["founded_at"].clone())],
    );
    refuse_more_and_fewer(&good, charter, "");
    let mut first = crate::golden::region().charter.to_value();
    first["from"] = json!("2026-01-02T00:00:00.000000Z");
    refuse(&crate::golden::region().charter.to_value(), charter, vec![("/from", first["from"].clone(), "")]);
}

#[test]
fn agreements_name_the_field_that_is_wrong() {
    let good = full_terms().to_value();
    let hash = good["supersedes"][0].clone();
    refuse(
        &good,
        agreement,
        vec![
            ("/number", json!(0), "/previous"),
            ("/number", json!(2), "/previous"),
            ("/previous", hash.clone(), ""),
            ("/handle", json!("Rti"), ""),
            ("/purpose", json!("x".repeat(1_025)), ""),
            ("/legal_basis", json!(""), ""),
            ("/parties", json!(["id"]), ""),
            ("/parties", json!(["th", "id", "vn"]), ""),
            ("/parties", numbered(257), ""),
            ("/until", json!("2026-01-01T00:00:00.000000Z"), ""),
            ("/nonce", json!("AAAA"), ""),
            ("/grace_hours", json!(8_761), ""),
            ("/grace_hours", json!("24"), ""),
            ("/supersedes", json!(vec![hash; 65]), ""),
            ("/supersedes/0", json!("x"), ""),
            ("/amendment_clause", json!("99"), ""),
            ("/suspension_clause", json!("99"), ""),
            ("/termination/clause", json!("99"), ""),
            ("/termination/notice_days", json!(36_501), ""),
            ("/clauses/0/number", json!("1/2"), ""),
            ("/clauses/0/number", json!("1".repeat(17)), ""),
            ("/clauses/1/number", json!("1"), ""),
            ("/clauses", json!(vec![good["clauses"][0].clone(); 1_025]), ""),
            ("/channel_types", json!([]), ""),
            ("/channel_types", json!([good["channel_types"][1], good["channel_types"][0]]), ""),
            ("/channel_types", json!([good["channel_types"][0], good["channel_types"][0]]), ""),
            ("/channel_types", json!(vec![good["channel_types"][0].clone(); 65]), ""),
            ("/channel_types/0/type", json!("charter"), ""),
            ("/channel_types/0/type", json!("governance"), ""),
            ("/channel_types/0/audience", json!(["th", "id"]), ""),
            ("/channel_types/0/audience", json!(["my", "th"]), ""),
            ("/channel_types/0/audience", json!([]), ""),
            ("/channel_types/0/writers", json!(["vn"]), ""),
            ("/channel_types/0/writers", json!([]), ""),
            ("/channel_types/0/writers", json!(["th", "th"]), ""),
            ("/channel_types/0/kinds", json!(["stix.a", "stix"]), ""),
            ("/channel_types/0/kinds", numbered(65), ""),
            ("/channel_types/0/kinds/0", json!("stix."), ""),
            ("/channel_types/0/ceiling", json!("white"), ""),
            ("/channel_types/0/onward", json!("all"), ""),
            ("/channel_types/0/onward_clause", json!("99"), ""),
            ("/channel_types/0/personal_data", json!("some"), ""),
            ("/channel_types/0/personal_data_clause", json!("99"), ""),
            ("/channel_types/0/backlog", json!("some"), ""),
            ("/channel_types/0/exit", json!("burn"), ""),
            ("/channel_types/0/exit_clause", json!("99"), ""),
            ("/channel_types/0/retention_days", json!(0), ""),
            ("/channel_types/0/retention_days", json!(36_501), ""),
            ("/channel_types/0/retention_clause", json!("99"), ""),
            ("/channel_types/0/exercise", json!(1), ""),
            ("/prohibitions", json!(vec![good["prohibitions"][0].clone(); 257]), ""),
            ("/prohibitions/0/act", json!("think"), ""),
            ("/prohibitions/0/clause", json!("99"), ""),
            ("/prohibitions/1/types", json!(["indicators", "incidents"]), ""),
            ("/prohibitions/1/types/0", json!("news"), ""),
            ("/prohibitions/0/kinds/0", json!("STIX"), ""),
            ("/prohibitions/1/members", json!(["vn", "id"]), ""),
            ("/prohibitions/1/members/1", json!("v"), ""),
            ("/prohibitions/1/tlp_above", json!("white"), ""),
            ("/duties", json!(vec![good["duties"][0].clone(); 257]), ""),
            ("/duties/0/duty", json!("ponder"), ""),
            ("/duties/0/clause", json!("99"), ""),
            ("/duties/0/within_minutes", json!(0), ""),
            ("/duties/0/within_minutes", json!(52_560_001), ""),
            ("/duties/0/types/0", json!("news"), ""),
            ("/duties/0/members", json!(["th", "th"]), ""),
            ("/accession/candidates", json!([]), ""),
            ("/accession/candidates", json!(["my", "th"]), ""),
            ("/accession/candidates", json!(["my", "jp"]), ""),
            ("/accession/candidates", numbered(257), ""),
            ("/accession/types", json!([]), ""),
            ("/accession/types/0", json!("news"), ""),
            ("/accession/consent", json!("most"), ""),
            ("/accession/clause", json!("99"), ""),
        ],
    );
    accept(
        &good,
        agreement,
        vec![
            ("/accession", json!(null)),
            ("/grace_hours", json!(8_760)),
            ("/termination/notice_days", json!(36_500)),
            ("/duties/0/within_minutes", json!(52_560_000)),
            ("/channel_types/0/retention_days", json!(36_500)),
            ("/prohibitions", json!(vec![good["prohibitions"][0].clone(); 256])),
            ("/duties", json!([])),
            ("/until", json!(null)),
        ],
    );
    refuse_more_and_fewer(&good, agreement, "");
}

#[test]
fn notices_name_the_field_that_is_wrong() {
    let good = full_notice().to_value();
    refuse(
        &good,
        notice,
        vec![
            ("/agreement", json!("x"), ""),
            ("/effective", json!("2026-03-31T23:59:59.999999Z"), ""),
            ("/published_at", json!("2026-04-02T00:00:00.000001Z"), "/effective"),
            ("/member", json!("VN"), ""),
            ("/notice", json!("veto"), ""),
            ("/notice", json!("accede"), "/subject"),
            ("/subject", json!(null), ""),
            ("/subject", json!("m"), ""),
            ("/serial", json!(0), "/previous"),
            ("/serial", json!(1), "/previous"),
            ("/previous", json!(null), ""),
            ("/reason", json!({"vi": "x"}), ""),
            ("/reason", json!({"en": "x".repeat(65_537)}), ""),
            ("/reason", json!("x"), ""),
            ("/gotong", json!("charter"), ""),
            ("/version", json!(1), ""),
        ],
    );
    accept(&good, notice, vec![("/reason", json!(null)), ("/effective", good["published_at"].clone())]);
    refuse_more_and_fewer(&good, notice, "");
}
