//! What is wrong with an agreement in TOML is told with its exact place, all of it at once.

use crate::program::run;

/// A file with which nothing is wrong. Lines are counted from 1, the first of the text.
const SOUND: &str = r#"handle = "two"
title = "Two share"
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
parties_clause = "1"
dates_clause = "1"
from = 2099-01-01
until = 2100-01-01
[[clauses]]
number = "1"
title = "Parties and dates"
text = "The two."
[[clauses]]
number = "2"
title = "Indicators"
text = "They share indicators."
[[channel_types]]
type = "indicators"
clause = "2"
kinds = ["stix.indicator", "stix.malware"]
ceiling = "green"
purpose = "testing"
"#;

/// What is found: `line:column severity`, and a word of what is said.
fn findings(source: &str) -> Vec<(String, String)> {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("agreement.toml");
    std::fs::write(&file, source).unwrap();
    let ended = run(&["agreement", "check", file.to_str().unwrap(), "--json"]);
    let told = ended.json().remove(0);
    let found: Vec<(String, String)> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            assert!(!finding["next"].as_str().unwrap().is_empty(), "{finding}");
            let severity = finding["severity"].as_str().unwrap();
            (
                format!("{}:{} {severity}", finding["line"], finding["column"]),
                finding["what"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let is_refused = found.iter().any(|(place, _)| place.ends_with("error"));
    assert_eq!(ended.status, i32::from(is_refused), "{}", ended.err);
    found
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(findings(SOUND), []);
}

#[test]
fn each_fault_is_told_with_its_place() {
    let replaced = |old: &str, new: &str| {
        assert!(SOUND.contains(old), "{old}");
        SOUND.replacen(old, new, 1)
    };
    let with = |more: &str| format!("{SOUND}{more}");
    let forbids = |rule: &str| with(&format!("[[prohibitions]]\nclause = \"2\"\nact = \"publish\"\n{rule}"));
    for (source, place, word) in [
        // What is written.
        (replaced("handle = \"two\"", "handle = two\""), "1:10 error", ""),
        (replaced("handle", "handel"), "1:1 error", "handle is missing"),
        (replaced("\"two\"", "\"Two\""), "1:10 error", "handle cannot be"),
        (replaced("title = \"Two share\"", "title = { th = \"x\" }"), "2:9 error", "English"),
        (replaced("purpose = \"testing\"", "purpose = 3"), "3:11 error", "purpose cannot be 3"),
        (replaced("\"vn\", \"th\"", "\"vn\", \"vn\""), "5:18 error", "twice"),
        (replaced("[\"vn\", \"th\"]", "[\"vn\"]"), "5:11 error", "at least 2"),
        (replaced("\"th\"]", "\"TH\"]"), "5:18 error", "no member code"),
        (replaced("ceiling = \"green\"", "ceiling = \"orange\""), "22:11 error", "ceiling cannot be"),
        (replaced("ceiling = \"green\"\n", ""), "18:1 error", "ceiling is missing"),
        (replaced("[\"stix.indicator\"", "[\"STIX\""), "21:10 error", "no record kind"),
        (replaced("purpose = \"testing\"\nlegal", "legal"), "1:1 error", "purpose is missing"),
        // What it names.
        (replaced("parties_clause = \"1\"", "parties_clause = \"9\""), "6:18 error", "no clause 9"),
        (replaced("clause = \"2\"", "clause = \"3\""), "20:10 error", "no clause 3"),
        (replaced("number = \"2\"", "number = \"1\""), "15:10 error", "twice"),
        (with("writers = [\"id\"]\n"), "24:12 error", "not of the audience"),
        (with("audience = [\"id\", \"vn\"]\n"), "24:13 error", "no party"),
        (forbids("types = [\"incidents\"]\n"), "27:10 error", "no channel type incidents"),
        // Dates.
        (replaced("until = 2100", "until = 2098"), "9:9 error", "not later"),
        (replaced("from = 2099", "from = \"soon\" #"), "8:8 error", "from cannot be"),
        (replaced("from = 2099", "from = 2020").replace("until = 2100", "until = 2021"), "9:9 error", "over already"),
        (replaced("from = 2099", "from = 2026").replace("until = 2100-01-01\n", ""), "8:8 warning", "in the past"),
        (replaced("until = 2100", "until = 2200"), "9:9 warning", "30 years"),
        // What rules come to together.
        (forbids("kinds = [\"stix.note\"]\n"), "24:1 warning", "nothing permits this anyway"),
        (forbids("tlp_above = \"green\"\n"), "24:1 warning", "no ceiling there is above"),
        (forbids("kinds = [\"stix\"]\n"), "24:1 error", "contradicts the channel type indicators"),
        (forbids(""), "24:1 error", "nobody may publish"),
        (with("audience = [\"vn\"]\n"), "24:12 error", "nobody can use"),
        (with("onward = \"public\"\n").replace("\"green\"", "\"amber\""), "24:10 warning", "passing on to anyone"),
        (
            with("personal_data = \"permitted\"\n").replace("stix.malware", "stix.user-account"),
            "22:11 warning",
            "stix.user-account demands",
        ),
        (
            with("[[duties]]\nclause = \"2\"\nduty = \"answer\"\nwithin_minutes = 9\nkinds = [\"stix.note\"]\n"),
            "28:9 warning",
            "carries stix.note",
        ),
        // Languages.
        (replaced("title = \"Indicators\"", "title = { en = \"x\", th = \"y\" }"), "12:9 warning", "in th"),
    ] {
        let found = findings(&source);
        let hit = found.iter().any(|(at, what)| at == place && what.contains(word));
        assert!(hit, "{place} {word:?} is not among {found:#?}\n{source}");
    }
}

#[test]
fn one_prohibition_inside_another_is_shadowed() {
    let narrow =
        "[[prohibitions]]\nclause = \"2\"\nact = \"publish\"\nkinds = [\"stix.malware\"]\nmembers = [\"th\"]\n";
    let wide = "[[prohibitions]]\nclause = \"1\"\nact = \"publish\"\nkinds = [\"stix.malware\"]\n";
    let found = findings(&format!("{SOUND}{narrow}{wide}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "24:1 warning");
    assert!(found[0].1.contains("clause 1 forbids all of this"), "{found:?}");
}

#[test]
fn everything_is_told_at_once_and_nothing_twice() {
    let source = SOUND
        .replace("legal_basis", "legal_bases")
        .replace("ceiling = \"green\"", "ceiling = \"orange\"")
        .replace("clause = \"2\"", "clause = \"7\"")
        .replace("until = 2100", "until = 2098");
    let places: Vec<String> = findings(&source).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["1:1 error", "4:1 error", "9:9 error", "20:10 error", "22:11 error"]);
}

#[test]
fn people_are_told_what_to_do() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("agreement.toml");
    std::fs::write(&file, SOUND.replace("green", "orange").replace("handle", "handel")).unwrap();
    let ended = run(&["agreement", "check", file.to_str().unwrap()]).with(1);
    assert!(
        ended.out.contains("agreement.toml:22:11: error: ceiling cannot be \"orange\"\n    write one of clear,"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("write handle, if that is meant"), "{}", ended.out);
    assert!(ended.out.contains("--charter FILE"), "members were not looked at: {}", ended.out);
}
