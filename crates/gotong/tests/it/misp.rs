//! MISP as clients of others speak it, against a region that runs: `interop/misp_client.py` is `PyMISP` as it is, `interop/misp_methods.py` every
//! method of it; `interop/misp_peer.py` does what a MISP does that pulls from the node and pushes to it. Two members and one of their organisations
//! take part.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::program::{Demo, Ended, run, run_with};

#[allow(clippy::disallowed_methods, reason = "the client of others is another program")]
fn client(name: &str, arguments: &[&str]) -> Ended {
    let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "interop", name].iter().collect();
    Command::new(gotong_testkit::clients::python()).arg("-B").arg(script).args(arguments).output().unwrap().into()
}

#[test]
fn pymisp_adds_edits_searches_tags_sights_and_deletes() {
    let mut demo = Demo::start(&[]);
    let of = |code: &str, name: &str| demo.member(code)[name].as_str().unwrap().to_owned();
    let (base, token) = (of("vn", "base"), of("vn", "token"));
    let (other, other_token, bank) = (of("th", "base"), of("th", "token"), of("vn", "constituent_token"));
    assert_eq!(of("vn", "misp"), format!("{base}/misp/"));
    let said = client("misp_client.py", &[&base, &token, &other, &other_token, &bank]).with(0).json();
    assert!(said[0]["event"].is_string(), "{said:?}");
    assert_eq!(demo.end(), 0);
}

#[test]
fn every_method_of_pymisp_works_or_is_refused_in_words() {
    let mut demo = Demo::start(&[]);
    let of = |code: &str, name: &str| demo.member(code)[name].as_str().unwrap().to_owned();
    let (base, token) = (of("vn", "base"), of("vn", "token"));
    let (other, other_token, bank) = (of("th", "base"), of("th", "token"), of("vn", "constituent_token"));
    let data = demo.data("vn").to_str().unwrap().to_owned();
    let made = run(&["token", "create", "keeper", "--role", "operator", "--data", &data, "--json"]).with(0).json();
    let keeper = made[0]["token"].as_str().unwrap();
    let said = client("misp_methods.py", &[&base, &token, &other, &other_token, &bank, keeper]).with(0).json();
    assert!(said[0]["works"].as_u64().is_some_and(|works| works > 70), "{said:?}");
    assert_eq!(demo.end(), 0);
}

#[test]
fn a_peer_that_does_what_misp_does_pulls_and_pushes() {
    let mut demo = Demo::start(&[]);
    let of = |code: &str, name: &str| demo.member(code)[name].as_str().unwrap().to_owned();
    let (base, token) = (of("vn", "base"), of("vn", "token"));
    let (other, other_token) = (of("th", "base"), of("th", "token"));
    let said = client("misp_peer.py", &[&base, &token, &other, &other_token]).with(0).json();
    assert!(said[0]["pushed"].is_string(), "{said:?}");
    assert_eq!(demo.end(), 0);
}

/// A MISP event with one attribute, as a file has it.
fn event(uuid: &str) -> String {
    json!({"Event": {"uuid": uuid, "info": "Lures in the mail", "date": "2026-11-20", "timestamp": "1795000000", "distribution": "3",
        "Orgc": {"name": "CERT of tests", "uuid": "5e9c2a1e-0f6b-4f0e-9c51-2f7a3c5d9e10"},
        "Attribute": [{"uuid": format!("a{}", &uuid[1..]), "type": "domain", "category": "Network activity", "value": "blocked.example",
            "to_ids": true, "timestamp": "1795000000", "distribution": "5"}]}})
    .to_string()
}

#[test]
fn a_person_sees_what_is_blocked_and_takes_it_off_with_a_command() {
    const ONE: &str = "5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d";
    let mut demo = Demo::start(&["--empty"]);
    let data = demo.data("vn").to_str().unwrap().to_owned();
    let own = |arguments: &[&str]| run(&[&["blocklist"], arguments, &["--data", &data]].concat());
    assert!(own(&["list"]).with(0).out.contains("Nothing is blocked"));
    let refused = demo.at("vn", &["blocklist", "add", ONE]).with(1);
    assert!(refused.err.contains("the right `warninglists`"), "{}", refused.err);
    let said = own(&["add", ONE, "no-uuid", "--comment", "came \u{1b}[31mtwice", "--name", "Lures"]).with(1).out;
    assert!(
        said.contains(&format!("event {ONE} is blocked")) && said.contains("no-uuid: not added, since it is no UUID"),
        "{said}"
    );
    own(&["add", "--organisation", "0f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d", "--name", "Elsewhere"]).with(0);
    let long = own(&["add", "1f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d", "--comment", &"x".repeat(1_001)]).with(1);
    assert!(long.err.contains("comment: is longer than 1000 letters"), "{}", long.err);
    let listed = own(&["list"]).with(0).out;
    assert!(listed.contains(ONE) && listed.contains("organisation") && listed.contains("operator"), "{listed}");
    assert!(!listed.contains('\u{1b}'), "what others wrote cannot colour a terminal");
    // Who imports is told, with the command that shows more; the node that is started again says the same.
    let import = ["import", "-", "--channel", "rti/indicators", "--tlp", "green", "--format", "misp"];
    let said = demo.at_with("vn", &import, &event(ONE));
    assert!(
        said.status == 1 && format!("{}{}", said.out, said.err).contains("gotong blocklist list"),
        "{}{}",
        said.out,
        said.err
    );
    demo.end();
    let rows = own(&["list", "--json"]).with(0).json();
    assert_eq!((rows.len(), &rows[0]["event_uuid"], &rows[1]["org_name"]), (2, &json!(ONE), &json!("Elsewhere")));
    let here = [&import[..], &["--data", &data]].concat();
    run_with(&here, &event(ONE)).with(1);
    assert!(own(&["remove", ONE]).with(0).out.contains("not blocked any more"));
    for unknown in [ONE, "x/y"] {
        assert!(own(&["remove", unknown]).with(1).err.contains("hint:"));
    }
    run_with(&here, &event(ONE)).with(0);
}
