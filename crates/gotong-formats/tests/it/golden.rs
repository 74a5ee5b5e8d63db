//! Each vector of `testdata/stix/` against what stands beside it, through one [`check`].

use gotong_formats::stix21::{Facts, family, marking_of, read, same_content};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/stix")
}

fn vectors(prefix: &str) -> Vec<(String, PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter_map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            name.starts_with(prefix).then(|| (name, path.clone(), std::fs::read(path).unwrap()))
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no vectors {prefix}* in {}", folder().display());
    found
}

/// What is found must be what stands beside the vector.
fn check(name: &str, path: &Path, found: &str, may_bless: bool) {
    let path = path.with_extension("expect");
    if may_bless && std::env::var_os("GOTONG_BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name}: left is found, right is expected");
}

fn render(facts: &Facts) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Display| writeln!(out, "{name} {value}").unwrap();
    line("id", &facts.id);
    line("type", &format!("{} {:#06x} {:?}", facts.object_type, facts.type_code, family(&facts.object_type)));
    for (name, time) in [("created", facts.created), ("modified", facts.modified), ("valid-until", facts.valid_until)] {
        if let Some(time) = time {
            line(name, &time);
        }
    }
    line("revoked", &facts.revoked);
    for (name, text) in [("created-by", &facts.created_by), ("name", &facts.name), ("sighting-of", &facts.sighting_of)]
    {
        if let Some(text) = text {
            line(name, text);
        }
    }
    if let Some(relation) = &facts.relation {
        line("relation", &format!("{} {} {}", relation.name, relation.source, relation.target));
    }
    if let Some(label) = facts.marking {
        line("marking", &label);
    }
    facts.markings_unknown.iter().for_each(|id| line("marking-unknown", id));
    facts.values.iter().for_each(|value| line("value", &format!("{} {}", value.kind.as_str(), value.text)));
    if facts.values_dropped > 0 {
        line("values-dropped", &facts.values_dropped);
    }
    facts.refs.iter().for_each(|id| line("ref", id));
    out
}

#[test]
fn what_the_standard_allows_is_read_as_expected_and_without_doubt() {
    for (name, path, body) in vectors("minimal-").into_iter().chain(vectors("full-")) {
        let facts = read(&body).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        assert!(facts.doubts.is_empty(), "{name}: {:?}", facts.doubts);
        assert!(same_content(&body, &body.clone()), "{name}");
        check(&name, &path, &render(&facts), true);
    }
}

#[test]
fn there_is_a_minimal_vector_of_every_type_of_the_standard() {
    let names: Vec<_> = vectors("minimal-").into_iter().map(|(name, ..)| name.replace("minimal-", "")).collect();
    for code in 0..0x8000 {
        if let Some(name) = gotong_formats::stix21::type_name(code).filter(|name| *name != "bundle") {
            assert!(names.iter().any(|known| known == name), "no minimal-{name}.json");
        }
    }
}

#[test]
fn what_is_wrong_is_refused_and_the_field_named() {
    for (name, path, body) in vectors("hostile-") {
        let faults = read(&body).expect_err(&name);
        let mut found = String::new();
        for fault in &faults {
            let pointer = if fault.pointer.is_empty() { "-" } else { &fault.pointer };
            writeln!(found, "{pointer} {}", fault.code).unwrap();
            assert!(!fault.text.is_empty(), "{name}");
        }
        check(&name, &path, &found, false);
    }
}

#[test]
fn what_is_doubtful_is_accepted_and_doubted() {
    for (name, path, body) in vectors("doubt-") {
        let facts = read(&body).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        let mut found = String::new();
        for doubt in &facts.doubts {
            writeln!(found, "{}", doubt.id()).unwrap();
            assert!(!doubt.text().is_empty());
        }
        check(&name, &path, &found, false);
    }
}

#[test]
fn no_vector_lies_unused() {
    for (name, ..) in vectors("") {
        let known = ["minimal-", "full-", "hostile-", "doubt-"].iter().any(|prefix| name.starts_with(prefix));
        assert!(known, "{name}.json is held against nothing");
    }
}

#[test]
fn a_definition_is_read_whatever_its_id_and_a_stolen_id_gives_no_label() {
    let body = std::fs::read_to_string(folder().join("full-tlp-red.json")).unwrap();
    assert_eq!(marking_of(body.as_bytes()).unwrap().as_str(), "red");
    let moved = body.replace("e828b379", "e828b37a");
    assert!(read(moved.as_bytes()).is_ok());
    assert_eq!(marking_of(moved.as_bytes()).unwrap().as_str(), "red");
    assert_eq!(marking_of(b"{}"), None);
}

#[test]
fn an_account_is_found_by_its_names_and_never_by_its_password() {
    let body = std::fs::read(folder().join("full-user-account.json")).unwrap();
    let values: Vec<String> = read(&body).unwrap().values.into_iter().map(|value| value.text).collect();
    assert_eq!(values, ["u1001", "ann"]);
}
