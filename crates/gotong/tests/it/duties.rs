//! Duties and personal data as an officer meets them: a region of two in a folder, an agreement with a retention, commands that say what is asked and why not.

use std::path::PathBuf;
use std::process::Stdio;

use crate::program::{Ended, command, indicator};

const AGREEMENT: &str = r#"
handle = "two"
title = "Two share"
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "All of it"
text = "They share, answer within an hour, and erase after a day."
[[clauses]]
number = "2"
title = "People"
text = "People appear under pseudonyms only."
[[duties]]
clause = "1"
duty = "answer"
within_minutes = 60
[[channel_types]]
type = "cases"
clause = "1"
ceiling = "green"
purpose = "testing"
personal_data = "pseudonymised"
personal_data_clause = "2"
retention_days = 1
"#;

const PERSON: &str = r#"{"type":"identity","spec_version":"2.1","id":"identity--8e2e2d2b-17d4-4cbf-938f-000000000001","created":"2026-03-01T00:00:00.000Z","modified":"2026-03-01T00:00:00.000Z","name":"Somebody","identity_class":"individual"}"#;

struct Region(tempfile::TempDir);

impl Region {
    fn found() -> Self {
        let region = Self(tempfile::tempdir().unwrap());
        for (code, name) in [("vn", "Viet Nam"), ("th", "Thailand")] {
            region
                .run("gotong init --address 127.0.0.1:9", &["--data", code, "--member", code, "--name", name])
                .with(0);
        }
        let members =
            ["vn", "th"].map(|code| std::fs::read_to_string(region.at(code).join("root/member.toml")).unwrap());
        std::fs::write(region.at("charter.toml"), format!("name = \"Two\"\n{}", members.concat())).unwrap();
        std::fs::write(region.at("a.toml"), AGREEMENT).unwrap();
        region.run("gotong charter new charter.toml --out charter.note", &[]).with(0);
        for code in ["vn", "th"] {
            region.run(&format!("gotong charter sign charter.note --root {code}/root/root.key"), &[]).with(0);
        }
        for code in ["vn", "th"] {
            region.run(&format!("gotong charter accept charter.note --data {code}"), &[]).with(0);
        }
        region.run("gotong agreement new a.toml --charter charter.note --out a.note", &[]).with(0);
        for code in ["vn", "th"] {
            region.run(&format!("gotong agreement sign a.note --data vn --root {code}/root/root.key"), &[]).with(0);
        }
        region.run("gotong agreement accept a.note --data vn", &[]).with(0);
        region
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A line of words, and words that are more than one.
    fn run(&self, line: &str, more: &[&str]) -> Ended {
        let words = line.split(' ').skip(1).chain(more.iter().copied());
        command().current_dir(self.0.path()).args(words).stdin(Stdio::null()).output().unwrap().into()
    }
}

#[test]
fn what_is_asked_is_listed_with_its_clause_and_clock_and_no_note_stands_for_an_erasure() {
    let region = Region::found();
    let nothing = region.run("gotong duties --data vn", &[]).with(0);
    assert!(nothing.out.contains("Nothing is to be done."), "{}", nothing.out);
    std::fs::write(region.at("one.json"), indicator("8e2e2d2b-17d4-4cbf-938f-000000000002", "a.example")).unwrap();
    region.run("gotong import one.json --channel two/cases --data vn", &[]).with(0);
    let told = region.run("gotong duties --data vn", &[]).with(0);
    for part in ["delete", "two 1, All of it", "two/cases", "hours"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let duty = region.run("gotong duties --data vn --json", &[]).with(0).json().remove(0);
    assert_eq!((duty["duty"].as_str(), duty["state"].as_str()), (Some("delete"), Some("open")));
    assert!(duty["left_s"].as_i64().is_some_and(|left| (80_000..=86_400).contains(&left)), "{duty}");
    let owed = region.run("gotong duties --others --data vn --json", &[]).with(0).json();
    assert_eq!((owed.len(), owed[0]["duty"].as_str(), owed[0]["member"].as_str()), (1, Some("answer"), Some("th")));
    assert_eq!(
        region.run("gotong duties --overdue --data vn --json", &[]).with(0).json(),
        Vec::<serde_json::Value>::new()
    );
    let id = duty["id"].as_str().unwrap();
    let refused = region.run(&format!("gotong duty done {id} --data vn"), &["--note", "shredded"]).with(1);
    assert!(refused.err.contains("shows by itself"), "{}", refused.err);
    region.run("gotong duty done nothing.1.0 --data vn", &["--note", "x"]).with(1);
    region.run(&format!("gotong duty done {id} --data vn"), &[]).with(2);
    let erase = format!(
        "gotong withdraw {} --reason retention --channel two/cases --data vn",
        duty["object"].as_str().unwrap()
    );
    region.run(&erase, &[]).with(0);
    assert_eq!(region.run("gotong duties --data vn --json", &[]).with(0).json(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_person_is_refused_by_the_clause_and_taken_under_a_pseudonym() {
    let region = Region::found();
    std::fs::write(region.at("one.json"), PERSON).unwrap();
    let import = "gotong import one.json --channel two/cases --data vn";
    let refused = region.run(import, &[]).with(1);
    assert!(refused.out.contains("clause 2 of two"), "{}{}", refused.out, refused.err);
    region.run(import, &["--personal-data", "identified"]).with(1);
    region.run(import, &["--personal-data", "some"]).with(2);
    region.run(import, &["--personal-data", "pseudonymised"]).with(0);
}
