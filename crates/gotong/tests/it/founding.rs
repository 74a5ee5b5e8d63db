//! Founding a region by hand, with files, as two members would who have never met on a network.

use std::path::Path;

use serde_json::Value;

use crate::program::{indicator, run, run_with};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const AGREEMENT: &str = r#"
handle = "two"
title = { en = "Two share", th = "สองฝ่ายแบ่งปัน" }
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "Parties and dates"
text = "The two, from now on."
[[clauses]]
number = "2"
title = "Indicators"
text = "They share indicators up to TLP:GREEN."
[[channel_types]]
type = "indicators"
clause = "2"
kinds = ["stix.indicator"]
ceiling = "green"
purpose = "testing"
"#;

#[test]
fn two_members_found_a_region_with_files_and_each_step_refuses_what_is_missing() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    let (vn, th, stranger) = (at("vn"), at("th"), at("stranger"));
    for (dir, code, name) in [(&vn, "vn", "Viet Nam"), (&th, "th", "Thailand"), (&stranger, "xx", "Nobody")] {
        run(&["init", "--data", text(dir), "--member", code, "--name", name, "--address", "127.0.0.1:9"]).with(0);
    }
    run(&["init", "--data", text(&vn), "--member", "vn", "--name", "again"]).with(1);
    let serve = run(&["serve", "--data", text(&vn)]).with(1);
    assert!(serve.err.contains("charter"), "{}", serve.err);

    let members = ["vn", "th"].map(|code| std::fs::read_to_string(at(code).join("root/member.toml")).unwrap());
    std::fs::write(at("charter.toml"), format!("name = \"Two\"\n{}", members.concat())).unwrap();
    let charter = at("charter.note");
    run(&["charter", "new", text(&at("charter.toml")), "--out", text(&charter)]).with(0);
    run(&["charter", "accept", text(&charter), "--data", text(&vn)]).with(1);
    run(&["charter", "sign", text(&charter), "--root", text(&stranger.join("root/root.key"))]).with(1);
    for code in ["vn", "th"] {
        run(&["charter", "show", text(&charter)]).with(1);
        run(&["charter", "sign", text(&charter), "--root", text(&at(code).join("root/root.key"))]).with(0);
    }
    let shown = run(&["charter", "show", text(&charter), "--json"]).with(0);
    let words = shown.json()[0]["words"].as_str().unwrap().to_owned();
    assert_eq!(words.split('-').count(), 16);
    run(&["charter", "accept", text(&charter), "--data", text(&stranger)]).with(1);
    for dir in [&vn, &th] {
        let accepted = run(&["charter", "accept", text(&charter), "--data", text(dir)]).with(0);
        assert!(accepted.out.contains(&words));
    }
    run(&["peer", "add", text(&th.join("statement.note")), "--data", text(&vn)]).with(0);
    run(&["peer", "add", text(&charter), "--data", text(&vn)]).with(1);

    std::fs::write(at("agreement.toml"), AGREEMENT).unwrap();
    let agreement = at("agreement.note");
    let by_charter = ["--charter", text(&charter)];
    run(&[&["agreement", "check", text(&at("agreement.toml"))], &by_charter[..]].concat()).with(0);
    run(&[&["agreement", "new", text(&at("agreement.toml")), "--out", text(&agreement)], &by_charter[..]].concat())
        .with(0);
    for code in ["vn", "th"] {
        run(&[&["agreement", "check", text(&agreement)], &by_charter[..]].concat()).with(1);
        run(&["agreement", "accept", text(&agreement), "--data", text(&vn)]).with(1);
        let root = at(code).join("root/root.key");
        run(&[&["agreement", "sign", text(&agreement), "--root", text(&root)], &by_charter[..]].concat()).with(0);
    }
    run(&[&["agreement", "check", text(&agreement)], &by_charter[..]].concat()).with(0);
    let shown = run(&["agreement", "show", text(&agreement), "--data", text(&vn)]).with(0);
    assert!(shown.out.contains("two/indicators") && shown.out.contains("Two share"), "{}", shown.out);
    let accepted = run(&["agreement", "accept", text(&agreement), "--data", text(&vn)]).with(0);
    assert!(accepted.out.contains("two/indicators"));

    // The node publishes what the agreement permits, and says which clause forbids the rest. No process serves: the commands open the folder.
    let import = ["import", "-", "--channel", "two/indicators", "--json", "--data", text(&vn)];
    let note = r#"{"type":"note","spec_version":"2.1","id":"note--5f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e01","created":"2026-11-01T00:00:00Z","modified":"2026-11-01T00:00:00Z","content":"x","object_refs":["indicator--5f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e02"]}"#;
    let lines = format!("{}\n{note}\nnonsense\n", indicator("5f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e02", "two.example"));
    let told = run_with(&import, &lines).with(1).json();
    let summary = &told.last().unwrap()["summary"];
    assert_eq!((summary["new"].as_u64(), summary["refused"].as_u64()), (Some(1), Some(2)), "{summary}");
    let clause = |line: &Value| line["why"][0]["clause"].as_str().map(str::to_owned);
    assert!(told.iter().any(|line| clause(line).as_deref() == Some("two 2")), "{told:?}");
    let red = run_with(
        &[&import[..], &["--tlp", "amber"]].concat(),
        &indicator("5f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e03", "b.example"),
    );
    assert_eq!(clause(&red.with(1).json()[0]).as_deref(), Some("two 2"));
    let hits = run(&["lookup", "two.example", "--json", "--data", text(&vn)]).with(0).json();
    assert_eq!(hits[0]["hits"].as_array().unwrap().len(), 1);
    run(&["doctor", "--data", text(&vn)]).with(0);
}

#[test]
fn a_node_that_is_pinned_to_a_region_takes_no_other() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    let words = "babab-".repeat(16);
    run(&[
        "init",
        "--data",
        text(&at("vn")),
        "--member",
        "vn",
        "--name",
        "Viet Nam",
        "--region",
        words.trim_end_matches('-'),
    ])
    .with(0);
    let member = std::fs::read_to_string(at("vn/root/member.toml")).unwrap();
    std::fs::write(at("charter.toml"), format!("name = \"One\"\n{member}")).unwrap();
    let charter = at("charter.note");
    run(&["charter", "new", text(&at("charter.toml")), "--out", text(&charter)]).with(0);
    run(&["charter", "sign", text(&charter), "--root", text(&at("vn/root/root.key"))]).with(0);
    let refused = run(&["charter", "accept", text(&charter), "--data", text(&at("vn"))]).with(1);
    assert!(refused.err.contains("pinned"), "{}", refused.err);
    // The same charter founds a node that is not pinned, with the root key from where it is kept.
    let root = at("vn/root/root.key");
    run(&[
        "init",
        "--data",
        text(&at("new")),
        "--member",
        "vn",
        "--name",
        "Viet Nam",
        "--region",
        text(&charter),
        "--root",
        text(&root),
    ])
    .with(0);
    assert!(at("new/statement.note").is_file() && !at("new/root/root.key").exists());
    run(&["init", "--data", text(&at("other")), "--member", "vn", "--name", "Viet Nam", "--region", text(&charter)])
        .with(1);
    assert!(!at("other").exists(), "nothing is made of what cannot be");
}
