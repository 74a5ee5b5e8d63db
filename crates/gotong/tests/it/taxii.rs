//! TAXII as clients of others speak it, against a region that runs: `interop/taxii_client.py` reads everything in pages, adds, takes back, and has what it read
//! judged by validators of others. Two members and one of their organisations take part.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::harness::{Answer, CHANNEL, Member, Region};
use crate::program::{Demo, Ended, indicator};

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

/// A request in TAXII's own media type.
fn taxii(member: &Member, method: &str, path: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(&member.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let (media, length) = ("application/taxii+json;version=2.1", body.len());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\naccept: {media}\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n",
        member.address, member.token
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    Answer::read(&mut stream).unwrap()
}

#[test]
fn a_status_outlives_the_process() {
    let region = Region::found();
    let member = &region.members[0];
    member.start();
    member.wait_until_ready();
    let collections = taxii(member, "GET", "/taxii2/region/collections/", "").expect(200).json();
    let place = collections["collections"].as_array().unwrap().iter().find(|one| one["alias"] == CHANNEL).unwrap();
    let place = format!("/taxii2/region/collections/{}/", place["id"].as_str().unwrap());
    let object = indicator("5d2c9e1a-7b3a-4f4e-9a51-000000000031", "status.example");
    let body = format!("{{\"objects\":[{object},{{\"type\":\"indicator\"}}]}}");
    let told = taxii(member, "POST", &format!("{place}objects/"), &body).expect(202).json();
    assert_eq!((told["success_count"].as_u64(), told["failure_count"].as_u64()), (Some(1), Some(1)), "{told}");
    let manifest = |member: &Member| taxii(member, "GET", &format!("{place}manifest/"), "").expect(200).json();
    let before = manifest(member);
    assert_eq!(before["objects"].as_array().map(Vec::len), Some(1));
    assert!(member.kill());
    member.start();
    member.wait_until_ready();
    let status = format!("/taxii2/region/status/{}/", told["id"].as_str().unwrap());
    assert_eq!(taxii(member, "GET", &status, "").expect(200).json(), told);
    assert_eq!(manifest(member), before, "times of addition outlive it, too");
    let unknown = "/taxii2/region/status/00000000-0000-4000-8000-000000000000/";
    let unknown = taxii(member, "GET", unknown, "").expect(404).json();
    assert!(unknown["description"].as_str().unwrap().contains("adding the objects again is safe"), "{unknown}");
    member.stop();
}
