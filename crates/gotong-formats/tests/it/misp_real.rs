//! Real MISP events of others, where they are at hand (`GOTONG_REAL_DATA`, else `../shared/data` beside the repository), and clients of
//! others as judges (`GOTONG_CLIENTS_PYTHON`, else `target/clients/bin/python`): stix2-validator, stix2 and `PyMISP`.

use crate::misp::{Outcome, convert, convert_by, folder};
use crate::misp_back::{back, named, normal};
use gotong_formats::misp::Options;
use gotong_formats::stix21::read;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn events() -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("GOTONG_REAL_DATA").map_or_else(beside, PathBuf::from).join("misp-events");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no real MISP events in {}", folder.display());
        return None;
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    Some(files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect())
}

fn restricted(bytes: &[u8]) -> Outcome {
    convert_by(bytes, Options::restricted(), 64 << 10)
}

#[test]
fn real_events_go_in_and_come_back_equal_but_for_what_the_losses_name() {
    let Some(events) = events() else { return };
    assert_eq!(events.len(), 57);
    let (mut attributes, mut losses) = (0, BTreeMap::new());
    for (path, bytes) in &events {
        let outcome = restricted(bytes);
        assert_eq!(outcome.faults, [], "{}", path.display());
        for loss in &outcome.losses {
            *losses.entry(loss.code).or_insert(0) += 1;
        }
        let (event, written) = back(&outcome);
        assert_eq!(written.losses, [], "{}", path.display());
        let mut original: Value = serde_json::from_slice(bytes).unwrap();
        while original.get("info").is_none() {
            let inner = original.get("Event").or_else(|| original.get("response")).cloned();
            original = inner.unwrap_or_else(|| original[0].clone());
        }
        attributes += original["Attribute"].as_array().unwrap().len();
        let named = named(&outcome);
        let (ours, theirs) = (normal(&event["Event"], &named), normal(&original, &named));
        for (key, value) in theirs.as_object().unwrap() {
            assert_eq!(&ours[key], value, "{} {key}", path.display());
        }
        assert!(ours == theirs, "{}", path.display());
        let mut other = original.clone();
        other["info"] = Value::from("Something else");
        assert!(normal(&event["Event"], &named) != normal(&other, &named), "the comparison can fail");
        let again = restricted(&written.event).drafts;
        for (one, other) in again.iter().zip(&outcome.drafts) {
            assert_eq!(String::from_utf8_lossy(one), String::from_utf8_lossy(other), "{} again", path.display());
        }
        assert_eq!(again.len(), outcome.drafts.len());
    }
    println!("{attributes} attributes; losses {losses:?}");
    assert_eq!(attributes, 3_092);
}

#[test]
fn what_real_events_keep_to_one_organisation_is_not_taken_by_default() {
    let Some(events) = events() else { return };
    let whole = events.iter().filter(|(_, bytes)| {
        let outcome = convert(bytes);
        outcome.drafts.is_empty()
            && outcome.faults.iter().any(|fault| fault.field.code == "misp.distribution.organisation")
    });
    assert_eq!(whole.count(), 8);
}

#[test]
fn drafts_of_real_events_are_read_without_fault_or_doubt_and_never_differ_under_one_version() {
    let Some(events) = events() else { return };
    let mut known: HashMap<(String, Option<gotong_model::Timestamp>), Vec<u8>> = HashMap::new();
    for (path, bytes) in &events {
        for body in restricted(bytes).drafts {
            let facts = read(&body).unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()));
            assert_eq!(facts.doubts, [], "{} {}", path.display(), facts.id);
            let before = known.entry((facts.id.clone(), facts.modified)).or_insert_with(|| body.clone());
            // A file known by one hash may have others beside it: observables have no versions.
            if facts.modified.is_some() {
                assert!(*before == body, "{} {} has two contents", path.display(), facts.id);
            }
        }
    }
}

fn python() -> Option<PathBuf> {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/clients/bin/python");
    let python = std::env::var_os("GOTONG_CLIENTS_PYTHON").map_or_else(own, PathBuf::from);
    if python.is_file() {
        return Some(python);
    }
    println!("skipped: no clients of others at {}", python.display());
    None
}

#[allow(clippy::disallowed_methods, reason = "a test asks clients of others, which are programs of their own")]
fn ask(script: &str, input: &[u8]) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop").join(script);
    let mut child = Command::new(python()?).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = feeder.join().unwrap();
    Some((output.status.success(), String::from_utf8(output.stdout).unwrap()))
}

#[test]
fn clients_of_others_take_the_drafts_for_valid_stix() {
    let mut drafts = convert(&std::fs::read(folder().join("full.json")).unwrap()).drafts;
    for (_, bytes) in events().unwrap_or_default() {
        drafts.extend(restricted(&bytes).drafts);
    }
    // The validator takes some eight milliseconds for each.
    let step = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 16 } else { 1 };
    let drafts: Vec<_> = drafts.into_iter().step_by(step).collect();
    let Some((valid, said)) = ask("check_stix.py", &drafts.join(&b'\n')) else { return };
    assert!(valid, "{said}");
    let broken = br#"{"type":"indicator","spec_version":"2.1","id":"indicator--0e000003-5f1a-4c3e-8b7d-90a1b2c3d4e5"}"#;
    assert!(!ask("check_stix.py", broken).unwrap().0, "the positive control");
}

#[test]
fn pymisp_reads_the_events_that_are_written() {
    let mut lines = back(&convert(&std::fs::read(folder().join("full.json")).unwrap())).1.event;
    for (_, bytes) in events().unwrap_or_default() {
        lines.push(b'\n');
        lines.extend(back(&restricted(&bytes)).1.event);
    }
    let Some((valid, said)) = ask("check_misp.py", &lines) else { return };
    assert!(valid, "{said}");
    assert!(
        !ask("check_misp.py", b"{\"Event\":{\"info\":5,\"Attribute\":[{\"type\":\"ip-dst\"}]}}").unwrap().0,
        "the positive control"
    );
}
