//! MISP as clients of others speak it, against a region that runs: `interop/misp_client.py` is `PyMISP` as it is, `interop/misp_methods.py` every
//! method of it; `interop/misp_peer.py` does what a MISP does that pulls from the node and pushes to it. Two members and one of their organisations
//! take part.

use std::path::PathBuf;
use std::process::Command;

use crate::program::{Demo, Ended};

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
    let said = client("misp_methods.py", &[&base, &token, &other, &other_token, &bank]).with(0).json();
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
