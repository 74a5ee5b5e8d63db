//! What a node exports, verified by `interop/verify.py`, which shares no code with it; and refused once a byte is another.
//!
//! Archives are compressed, and Python reads zstd with a package that not everyone has. So the verifier gets them uncompressed as well: the same notes, the
//! same entries, the same proofs. Without the package it must say that it cannot read the compressed one, and which package can.

use std::path::{Path, PathBuf};
use std::process::Command;

use gotong_ledger::archive::sections;
use gotong_ledger::{ArchiveWriter, Encoding, Frame, SectionKind};
use serde_json::Value;

use crate::program::{Demo, Ended, run, wait_for};

const PACKAGE: &str = "the Python package zstandard is not installed";

#[allow(clippy::disallowed_methods, reason = "the independent verifier is another program")]
fn verifier(arguments: &[&str]) -> Ended {
    let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "interop", "verify.py"].iter().collect();
    match Command::new("python3").arg("-B").arg(script).args(arguments).output() {
        Ok(output) => output.into(),
        Err(fault) => panic!("python3 does not start ({fault}); the package python3 brings it"),
    }
}

/// The archive with its frames uncompressed.
fn uncompressed(archive: &[u8]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new();
    let plain = sections(archive).map(Result::unwrap).map(|section| {
        let bytes = match section.kind {
            SectionKind::Frame => Frame::decode(&section.bytes).unwrap().encode(Encoding::Plain).unwrap(),
            _ => section.bytes,
        };
        writer.section(section.kind, &bytes).unwrap()
    });
    plain.collect::<Vec<_>>().concat()
}

fn place_of(needle: &[u8], hay: &[u8]) -> usize {
    hay.windows(needle.len()).position(|window| window == needle).unwrap()
}

fn sum(report: &Value, name: &str) -> u64 {
    report["logs"].as_array().unwrap().iter().map(|log| log[name].as_u64().unwrap()).sum()
}

#[test]
fn an_export_of_the_program_verifies_independently_and_not_with_one_byte_changed() {
    let demo = Demo::start(&[]);
    wait_for("the samples", || ["th", "id"].iter().all(|code| demo.hits(code, "login.bank.example") == 1));
    wait_for("the withdrawal", || ["vn", "id", "th"].iter().all(|code| demo.hits(code, "198.51.100.53") == 0));
    let (archive, plain) = (demo.dir.join("all.archive"), demo.dir.join("plain.archive"));
    let (archive, plain) = (archive.to_str().unwrap(), plain.to_str().unwrap());
    for code in ["vn", "th", "id"] {
        run(&["log", "export", "--out", archive, "--data", demo.data(code).to_str().unwrap()]).with(0);
        let bytes = std::fs::read(archive).unwrap();
        std::fs::write(plain, uncompressed(&bytes)).unwrap();
        let report: Value = serde_json::from_str(&verifier(&[plain, "--json"]).with(0).out).unwrap();
        assert_eq!((sum(&report, "faulty"), sum(&report, "withheld")), (0, 0), "{report}");
        assert!(sum(&report, "erased") > 0 && sum(&report, "whole") > 0, "{report}");
        let table = verifier(&[plain]).with(0).out;
        assert!(table.contains(report["words"].as_str().unwrap()), "{table}");
        compressed(archive, &report);
    }
    one_byte(Path::new(plain));
}

/// The archive as it was written says the same, or cannot be read for want of the package that is named.
fn compressed(archive: &str, same: &Value) {
    let ended = verifier(&[archive, "--json"]);
    if ended.status == 0 {
        assert_eq!(serde_json::from_str::<Value>(&ended.out).unwrap()["logs"], same["logs"]);
    } else {
        assert!(ended.out.contains(PACKAGE), "{}{}", ended.out, ended.err);
    }
}

/// A byte of what was published, of the signature above it, of the charter, and the last.
fn one_byte(path: &Path) {
    let good = std::fs::read(path).unwrap();
    let published = place_of(b"login.bank.example", &good);
    let signature = good[..published].windows(5).rposition(|window| window == b"\n\xe2\x80\x94 ").unwrap();
    let end = signature + 1 + place_of(b"\n", &good[signature + 1..]);
    let places = [published, end - 10, place_of(b"\n\n", &good) - 1, good.len() - 1];
    for place in places {
        let mut bad = good.clone();
        bad[place] ^= 1;
        std::fs::write(path, &bad).unwrap();
        let ended = verifier(&[path.to_str().unwrap()]).with(1);
        assert!(ended.out.starts_with("refused: ") && ended.err.is_empty(), "at {place}: {}{}", ended.out, ended.err);
    }
    std::fs::write(path, &good).unwrap();
    verifier(&[path.to_str().unwrap()]).with(0);
}
