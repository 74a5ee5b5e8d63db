//! Whatever bytes come, the reader answers, in bounded time and memory, and never panics.

use gotong_formats::stix21::{lookup_keys, mark_copy, marking_of, read, same_content};
use gotong_model::Tlp;
use gotong_model::limits::{BODY_BYTES_MAX, VALUE_BYTES_MAX, VALUES_PER_OBJECT_MAX};
use proptest::prelude::*;

fn full() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/stix/full-indicator.json")).unwrap()
}

#[test]
fn an_object_cut_at_any_byte_is_refused() {
    let body = full();
    let whole = body.trim_ascii_end().len();
    for length in 0..whole {
        assert!(read(&body[..length]).is_err(), "cut to {length} bytes");
        assert_eq!(mark_copy(&body[..length], Tlp::Red), &body[..length], "what is no object is not marked");
    }
    assert!(read(&body[..whole]).is_ok());
}

#[test]
fn a_body_beyond_the_limit_is_refused_by_its_size() {
    let mut body = full();
    body.resize(BODY_BYTES_MAX, b' ');
    assert!(read(&body).is_ok());
    body.push(b' ');
    assert_eq!(read(&body).unwrap_err()[0].code, "json.size");
}

#[test]
fn the_largest_bodies_of_the_worst_shapes_are_answered_soon() {
    let head = r#"{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000001",
        "created":"2025-03-01T08:00:00Z","modified":"2025-03-01T08:00:00Z","name":"x""#;
    let fill = |before: &str, unit: &dyn Fn(usize) -> String, after: &str| {
        let mut body = format!("{head}{before}");
        let mut nth = 0;
        while body.len() + 64 < BODY_BYTES_MAX {
            body.push_str(&unit(nth));
            nth += 1;
        }
        body + after
    };
    let one = |text: &'static str| move |_: usize| text.to_owned();
    assert!(read(fill(",\"x_a\":[0", &one(",[]"), "]}").as_bytes()).is_ok());
    assert!(read(fill(",\"x_a\":{\"\":0", &|n| format!(",\"{n}\":1"), "}}").as_bytes()).is_ok());
    assert!(read(fill(",\"x_a\":\"", &one("\\u00e9"), "\"}").as_bytes()).is_ok());
    assert!(read(fill(",\"x_a\":0.", &one("123456789"), "}").as_bytes()).is_ok());
    let selectors = fill(r#","granular_markings":[{"lang":"en","selectors":["#, &one("\"name\","), "\"name\"]}]}");
    assert_eq!(read(selectors.as_bytes()).unwrap_err()[0].code, "stix.granular.selectors");
    let labels = fill(",\"labels\":[1", &one(",1"), "]}");
    assert!(read(labels.as_bytes()).unwrap_err().len() <= 32, "faults are bounded too");
    let long = one("ü");
    let value = fill("}", &long, "").split_off(head.len() + 1);
    for object_type in ["domain-name", "url", "email-addr"] {
        let body = format!(
            r#"{{"type":"{object_type}","id":"{object_type}--00000000-0000-4000-8000-000000000001","value":"a@{value}"}}"#
        );
        assert!(read(body.as_bytes()).unwrap().values[0].text.len() <= VALUE_BYTES_MAX);
        assert!(!lookup_keys(&value).is_empty());
    }
    let unknown = fill(
        ",\"object_marking_refs\":[\"marking-definition--00000000-0000-4000-8000-000000000001\"",
        &|n| format!(",\"marking-definition--00000000-0000-4000-8000-{n:012x}\""),
        "]}",
    );
    assert_eq!(read(unknown.as_bytes()).unwrap().markings_unknown.len(), gotong_formats::stix21::REFS_MAX);
    let refs = fill(",\"x_refs\":[\"\"", &|n| format!(",\"tool--00000000-0000-4000-8000-{n:012x}\""), "]}");
    assert_eq!(read(refs.as_bytes()).unwrap().refs.len(), gotong_formats::stix21::REFS_MAX);
}

fn indicator(pattern: &str) -> Vec<u8> {
    let quoted = serde_json::to_string(pattern).unwrap();
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001",
        "created":"2025-03-01T08:00:00Z","modified":"2025-03-01T08:00:00Z","valid_from":"2025-03-01T08:00:00Z",
        "pattern_type":"stix","pattern":{quoted}}}"#
    )
    .into_bytes()
}

#[test]
fn a_nul_in_a_text_reaches_neither_name_nor_index() {
    let body = String::from_utf8(indicator("[mutex:name = 'a\0b']")).unwrap();
    let body = body.replace("\"pattern_type\"", "\"name\":\"a\\u0000b\",\"pattern_type\"");
    let facts = read(body.as_bytes()).unwrap();
    assert_eq!(facts.name.as_deref(), Some("a\u{fffd}b"));
    assert!(facts.values.is_empty());
    assert_eq!(facts.values_dropped, 1);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = marking_of(&bytes);
        prop_assert!(same_content(&bytes, &bytes));
        let text = String::from_utf8_lossy(&bytes);
        let _ = lookup_keys(&text);
        let _ = read(&indicator(&text));
    }

    #[test]
    fn one_changed_byte_never_panics(at in 0_usize..2_000, byte in any::<u8>()) {
        let mut body = full();
        let at = at % body.len();
        body[at] = byte;
        let _ = read(&body);
        let _ = mark_copy(&body, Tlp::AmberStrict);
    }

    #[test]
    fn a_pattern_of_its_own_words_never_panics_and_stays_bounded(
        words in proptest::collection::vec(prop_oneof![
            Just("["), Just("]"), Just("("), Just(")"), Just("'"), Just("\\"), Just("="), Just("!="), Just(" IN "),
            Just(" NOT "), Just(" AND "), Just("a:b"), Just("file:hashes.'X'"), Just("'v'"), Just("ü"), Just("t'"), Just(",")
        ], 0..200)
    ) {
        if let Ok(facts) = read(&indicator(&words.concat())) {
            prop_assert!(facts.values.len() <= VALUES_PER_OBJECT_MAX);
            prop_assert!(facts.values.iter().all(|value| value.text.len() <= VALUE_BYTES_MAX));
        }
    }

    #[test]
    fn a_value_of_any_text_is_found_by_that_text(text in "[a-zA-Z0-9 ._/:@ü-]{1,40}") {
        prop_assume!(!text.contains("://"));
        for object_type in ["domain-name", "url", "email-addr"] {
            let quoted = serde_json::to_string(&text).unwrap();
            let body = format!(
                r#"{{"type":"{object_type}","id":"{object_type}--00000000-0000-4000-8000-000000000001","value":{quoted}}}"#
            );
            let Ok(facts) = read(body.as_bytes()) else { continue };
            let Some(normalised) = facts.values.first().map(|value| &value.text) else { continue };
            let keys = lookup_keys(normalised);
            prop_assert!(keys.contains(normalised), "{} {:?} {:?}", object_type, normalised, keys);
        }
    }

    #[test]
    fn a_marked_copy_reads_as_strict_as_its_label_and_says_the_same(label in 0_usize..5) {
        let label = Tlp::ALL[label];
        let body = full();
        let copy = mark_copy(&body, label);
        let (before, after) = (read(&body).unwrap(), read(&copy).unwrap());
        prop_assert!(after.marking >= Some(label) && after.marking >= before.marking);
        prop_assert_eq!(&before.values, &after.values);
        prop_assert_eq!(&before.markings_unknown, &after.markings_unknown);
        prop_assert_eq!(&mark_copy(&copy, label), &copy, "marking twice changes nothing");
    }
}
