//! The API's document against a node that runs, as a tool of others takes both: schemathesis makes requests from the document and compares every answer with
//! it: status, media type, shape, and that the node never fails.
//!
//! Left out: `rebuild`, of which each call builds every view again, and `events`, an answer that goes on for ever (what it says is followed in
//! `subscriptions.rs`). What is asked is fixed, and so is how much. Read next: `gotong_web::openapi`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::program::{Demo, Ended, run_with};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Runs it on a document: an address, or a file and the address of the node.
#[allow(clippy::disallowed_methods, reason = "the tool of others is another program")]
fn compare(document: &[&str], token: &str, folder: &Path) -> Ended {
    Command::new(gotong_testkit::clients::python())
        .current_dir(folder)
        .args(["-B", "-m", "schemathesis.cli", "run"])
        .args(document)
        .args(["--header", &format!("Authorization: Bearer {token}"), "--checks", CHECKS, "--phases", "fuzzing"])
        // Below what one caller may ask: an answer that says so is no answer to the request.
        .args(["--max-examples", "10", "--rate-limit", "45/s", "--request-timeout", "20"])
        .args(["--generation-deterministic", "--continue-on-failure", "--no-shrink", "--no-color"])
        .args(["--exclude-path", "/api/v1/rebuild", "--exclude-path", "/api/v1/events"])
        .output()
        .unwrap()
        .into()
}

/// How many requests were made, and how many of them were answered as the document says.
fn cases(said: &str) -> (u64, u64) {
    let line = said.lines().find(|line| line.contains(" generated, ")).unwrap_or_else(|| panic!("{said}"));
    let mut numbers = line.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse().ok());
    let generated = numbers.next().unwrap();
    (generated, if line.contains("passed") { numbers.next_back().unwrap() } else { 0 })
}

#[test]
fn every_answer_is_one_that_the_document_of_the_api_names() {
    let demo = Demo::start(&[]);
    let scratch = tempfile::tempdir().unwrap();
    let (base, data) = (demo.member("vn")["base"].as_str().unwrap(), demo.data("vn").to_str().unwrap().to_owned());
    let token = ["token", "create", "judge", "--role", "administrator", "--json", "--data", &data];
    let token = run_with(&token, "").with(0).json()[0]["token"].as_str().unwrap().to_owned();
    let address = format!("{base}/api/v1/openapi.json");
    let ended = compare(&[&address], &token, scratch.path()).with(0);
    let (generated, passed) = cases(&ended.out);
    assert!(generated > 300 && generated == passed, "{}", ended.out);
    assert!(!ended.out.contains("Rate limited"), "{}", ended.out);

    // The same with a document that is wrong about one answer, to see that this is seen.
    let known: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "openapi", "v1.json"].iter().collect();
    let mut document: Value = serde_json::from_slice(&std::fs::read(known).unwrap()).unwrap();
    let get = document["paths"]["/api/v1/channels"]["get"]["responses"].as_object_mut().unwrap();
    let good = get.remove("200").unwrap();
    get.insert("299".to_owned(), good);
    let file = scratch.path().join("wrong.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let only = [file.to_str().unwrap(), "--url", base, "--include-path", "/api/v1/channels"];
    let ended = compare(&only, &token, scratch.path()).with(1);
    assert!(ended.out.contains("Undocumented"), "{}", ended.out);
}
