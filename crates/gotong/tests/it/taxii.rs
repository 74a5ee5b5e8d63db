//! TAXII as clients of others speak it, against a region that runs: `interop/taxii_client.py` reads everything in pages, adds, takes back, and has what it read
//! judged by validators of others. Two members and one of their organisations take part.

use std::path::PathBuf;
use std::process::Command;

use crate::program::{Demo, Ended};

#[allow(clippy::disallowed_methods, reason = "the client of others is another program")]
fn client(arguments: &[&str]) -> Ended {
    let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "interop", "taxii_client.py"].iter().collect();
    Command::new(gotong_testkit::clients::python()).arg("-B").arg(script).args(arguments).output().unwrap().into()
}

#[test]
fn the_taxii_client_of_others_reads_adds_and_takes_back() {
    let mut demo = Demo::start(&[]);
    let of = |code: &str, name: &str| demo.member(code)[name].as_str().unwrap().to_owned();
    let (base, token) = (of("vn", "base"), of("vn", "token"));
    let (other, other_token, bank) = (of("th", "base"), of("th", "token"), of("vn", "constituent_token"));
    let said = client(&[&base, &token, &other, &other_token, &bank]).with(0).json();
    assert!(said[0]["read"].as_u64().unwrap() >= 25, "{said:?}");
    assert_eq!(demo.end(), 0);
}
