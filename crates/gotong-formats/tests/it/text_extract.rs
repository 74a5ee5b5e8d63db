//! What is found in prose: the table of our own cases, ranges, and real text of others where it is at hand.
//!
//! The cases are in `testdata/text/extract.tsv`, the rules in `docs/records/text.md`.

use gotong_formats::text::{Found, extract};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn shown(found: &[Found]) -> String {
    if found.is_empty() {
        return "-".into();
    }
    let each = found
        .iter()
        .map(|found| format!("{}{}={}", found.kind.as_str(), if found.scheme_assumed { "~" } else { "" }, found.value));
    each.collect::<Vec<_>>().join(" | ")
}

#[test]
fn the_table_of_cases_is_kept_in_all_languages() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/text/extract.tsv");
    let table = std::fs::read_to_string(path).unwrap();
    let (mut cases, mut found_any, mut wrong) = (0, 0, Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (_, text, expected) = (columns.next().unwrap(), columns.next().unwrap(), columns.next().unwrap());
        let found = extract(text);
        for one in &found {
            assert_eq!(text.get(one.range.clone()), Some(one.as_written.as_str()), "{text}");
        }
        cases += 1;
        found_any += usize::from(!found.is_empty());
        if shown(&found) != expected {
            wrong.push(format!("{text}\n   wanted {expected}\n   found  {}", shown(&found)));
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 120 && found_any >= 60 && cases - found_any >= 60, "{cases} cases, {found_any} with values");
}

proptest! {
    #[test]
    fn ranges_are_in_order_and_no_text_stops_it(
        words in proptest::collection::vec(prop_oneof![
            Just("evil"), Just("."), Just("com"), Just("198.51.100.7"), Just("["), Just("]"), Just("[.]"), Just("hxxp"), Just("://"), Just("http"),
            Just("/"), Just("\\"), Just("C:\\"), Just("%"), Just("@"), Just(":"), Just("::"), Just("2001:db8"), Just(" dot "), Just(" "), Just("\n"),
            Just("โดเมน"), Just("độc"), Just("-"), Just("_"), Just("AS"), Just("64496"), Just("\u{202e}"), Just("\0"), Just("="), Just("HKLM\\"), Just("xn--")
        ], 0..40),
        any in "\\PC{0,40}",
    ) {
        for text in [words.concat(), any] {
            let found = extract(&text);
            let mut end = 0;
            for one in &found {
                prop_assert!(one.range.start >= end && one.range.end > one.range.start, "{text:?} {one:?}");
                prop_assert_eq!(text.get(one.range.clone()), Some(one.as_written.as_str()));
                end = one.range.end;
            }
        }
    }
}

#[test]
fn no_text_costs_more_than_its_length() {
    // Each is a quarter of a mebibyte of what a careless scanner reads again and again.
    for unit in [
        "a.",
        "a@",
        "1.",
        "a+",
        ":",
        "::",
        "[.",
        "a-",
        "http://",
        "%a",
        "hxxp:",
        "/tmp",
        "a dot ",
        "HKLM\\",
        "evil.com/",
        "ก1",
        "message-id ",
    ] {
        let text = unit.repeat((1 << 18) / unit.len());
        let began = cpu_ms();
        let found = extract(&text).len();
        let took = cpu_ms() - began;
        println!("{unit:?}: {took} ms");
        assert!(took < 20_000, "{unit:?}: {took} ms, {found} found");
    }
}

/// Milliseconds of processor time of this process, from Linux's `/proc`; elsewhere 0.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("GOTONG_REAL_DATA").map_or_else(beside, PathBuf::from);
    if folder.join("misp-events").is_dir() {
        return Some(folder);
    }
    println!("skipped: no real data in {}", folder.display());
    None
}

/// Calls `each` for every object within a JSON value.
fn objects(value: &serde_json::Value, each: &mut dyn FnMut(&serde_json::Map<String, serde_json::Value>)) {
    if let Some(entries) = value.as_object() {
        each(entries);
        entries.values().for_each(|inner| objects(inner, each));
    }
    value.as_array().into_iter().flatten().for_each(|inner| objects(inner, each));
}

#[test]
fn real_values_are_found_in_a_sentence_and_real_prose_has_few() {
    let Some(data) = data() else { return };
    let (mut prose, mut known) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(data.join("misp-events")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "json") {
            let event: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            objects(&event, &mut |entries| {
                let text = |key: &str| {
                    entries.get(key).and_then(|text| text.as_str()).filter(|text| !text.is_empty()).map(str::to_owned)
                };
                prose.extend(text("info").into_iter().chain(text("comment")));
                known.extend(text("type").zip(text("value")));
            });
        }
    }
    let words: usize = prose.iter().map(|text| text.split_whitespace().count()).sum();
    let found: Vec<Found> = prose.iter().flat_map(|text| extract(text)).collect();
    println!("{} texts, {words} words, {} found", prose.len(), found.len());
    for one in &found {
        println!("  {} {}", one.kind.as_str(), one.as_written);
    }
    known.retain(|(kind, _)| {
        matches!(
            kind.as_str(),
            "ip-dst" | "ip-src" | "domain" | "hostname" | "url" | "md5" | "sha1" | "sha256" | "email-src"
        )
    });
    let mut missed = Vec::new();
    for (kind, value) in &known {
        let text = format!("We saw {value} there.");
        if extract(&text)
            .first()
            .is_none_or(|one| one.range.start != 7 || one.range.end < 7 + value.trim_end_matches(['.', ')', '/']).len())
        {
            missed.push(format!("{kind} {value}"));
        }
    }
    println!("{} values, {} missed: {:?}", known.len(), missed.len(), &missed[..missed.len().min(40)]);
    assert!(known.len() > 1_000 && missed.len() * 50 < known.len(), "{} of {}", missed.len(), known.len());
}
