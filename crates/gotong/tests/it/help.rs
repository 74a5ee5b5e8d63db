//! What every command says of itself.

use std::fmt::Write as _;

use crate::program::run;

/// The commands below one, from its own help.
fn below(path: &[&str]) -> Vec<String> {
    let help = run(&[path, &["--help"]].concat()).with(0).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn walk(path: &[&str], all: &mut Vec<Vec<String>>) {
    for name in below(path) {
        let path = [path, &[name.as_str()]].concat();
        all.push(path.iter().map(|part| (*part).to_owned()).collect());
        walk(&path, all);
    }
}

#[test]
fn every_command_has_help_with_an_example_and_speaks_json() {
    let mut all = Vec::new();
    walk(&[], &mut all);
    assert!(all.len() > 35, "{all:?}");
    let mut snapshot = run(&["--help"]).with(0).out;
    for path in &all {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let help = run(&[path.as_slice(), &["--help"]].concat()).with(0).out;
        assert!(help.contains("Example"), "{path:?} has no example");
        assert!(help.contains("--json"), "{path:?} has no --json");
        let _ = write!(snapshot, "\n===== gotong {} --help\n{help}", path.join(" "));
    }
    insta::assert_snapshot!(snapshot);
}

#[test]
fn what_is_not_understood_ends_with_2_and_what_is_wrong_with_1_and_a_hint() {
    run(&["nonsense"]).with(2);
    run(&["import", "x"]).with(2);
    let ended = run(&["lookup", "a.example"]).with(2);
    assert!(ended.err.contains("--server") && ended.err.contains("hint:"), "{}", ended.err);
    let ended = run(&["lookup", "a.example", "--server", "https://node.example"]).with(2);
    assert!(ended.err.contains("https"), "{}", ended.err);
    let ended = run(&["lookup", "a.example", "--server", "http://127.0.0.1:9", "--token", "x"]).with(1);
    assert!(ended.err.contains("nobody answers") && ended.err.contains("hint:"), "{}", ended.err);
    let ended = run(&["serve", "--data", "not-there"]).with(1);
    assert!(ended.err.contains("gotong init"), "{}", ended.err);
    let ended = run(&["lookup", "a.example", "--server", "http://127.0.0.1:9", "--json"]).with(1);
    let error: serde_json::Value = serde_json::from_str(&ended.err).unwrap();
    assert!(error["hint"].is_string());
}

#[test]
fn the_references_say_something_of_everything() {
    for (what, word) in [
        ("cli", "## gotong quarantine release"),
        ("config", "GOTONG_WEB_LISTEN"),
        ("kinds", "| `stix` |"),
        ("openapi", "\"/api/v1/lookup\""),
        ("problems", "forbidden-by-clause.md"),
    ] {
        let text = run(&["reference", what]).with(0).out;
        assert!(text.contains(word), "{what}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{what}");
        assert!(!text.lines().any(|line| line.ends_with(' ')), "{what} has blanks at an end of a line");
    }
}
