//! The exports of `testdata/out/records.ndjson`, format by format, against the files beside it. `GOTONG_BLESS` writes them anew.
//!
//! They are read by code that is not ours in `interop/test_exports.py`. Real objects of others follow, where they are at hand.

use std::path::{Path, PathBuf};

use gotong_formats::out::{Format, Item, Options, Writer};
use gotong_formats::stix21::{InputKind, Splitter, read};
use gotong_model::{Pap, Timestamp, Tlp};
use serde_json::Value;

use crate::out::{header, nothing};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/out")
}

#[test]
fn every_format_is_what_stands_beside_the_records() {
    let text = std::fs::read_to_string(folder().join("records.ndjson")).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for name in Format::NAMES {
        let format = Format::from_name(name, *uuid::uuid!("00000000-0000-4000-8000-000000000007").as_bytes()).unwrap();
        let file = folder().join(format.media().1);
        let mut writer = Writer::start(format, header(), Options::default());
        for record in &records {
            let text = |name: &str| record[name].as_str().unwrap_or_default();
            // Canonical, so that features of other crates do not change the order of members.
            let body = serde_json_canonicalizer::to_vec(&record["body"]).unwrap();
            let item = Item {
                facts: &read(&body).unwrap(),
                body: &body,
                label: Tlp::from_text(text("label")).unwrap(),
                pap: Pap::from_text(text("pap")),
                author: text("author"),
                channel: text("channel"),
                published_at: Timestamp::parse("2026-01-03T00:00:00Z").unwrap(),
            };
            writer.push(&item, &nothing);
        }
        let (bytes, summary) = writer.finish();
        assert_eq!(summary.records, u64::try_from(records.len()).unwrap());
        if std::env::var_os("GOTONG_BLESS").is_some() {
            std::fs::write(&file, &bytes).unwrap();
        }
        let expected = std::fs::read(&file).unwrap_or_default();
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&expected),
            "{name}: left is found, right is expected"
        );
    }
}

/// Real objects, where they are at hand (`GOTONG_REAL_DATA`, else `../shared/data` beside the repository).
fn real_objects() -> Option<Vec<Vec<u8>>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("GOTONG_REAL_DATA").map_or_else(beside, PathBuf::from);
    if !folder.join("stix").is_dir() {
        println!("skipped: no real data in {}", folder.display());
        return None;
    }
    let mut bodies = Vec::new();
    for entry in std::fs::read_dir(folder.join("stix")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let mut splitter = Splitter::new(InputKind::Auto);
            splitter.push(&std::fs::read(&path).unwrap());
            splitter.finish();
            while let Some(piece) = splitter.next() {
                bodies.push(piece.content.unwrap());
            }
        }
    }
    Some(bodies)
}

#[test]
fn real_indicators_come_through_and_what_does_not_is_told() {
    let Some(bodies) = real_objects() else { return };
    let indicators = bodies.iter().filter(|body| read(body).unwrap().object_type == "indicator").count();
    for name in ["list", "rpz", "suricata", "snort", "zeek", "ecs", "csv"] {
        let mut writer = Writer::start(Format::from_name(name, [7; 16]).unwrap(), header(), Options::default());
        for body in &bodies {
            let facts = read(body).unwrap();
            let label = Tlp::Green;
            let published_at = header().made_at;
            let item = Item { facts: &facts, body, label, pap: None, author: "th", channel: "a/b", published_at };
            writer.push(&item, &nothing);
        }
        let (_, summary) = writer.finish();
        println!(
            "{name}: {} of {} objects, {indicators} indicators: {:?}",
            summary.values,
            bodies.len(),
            summary.left_out
        );
        assert!(summary.values > 0, "{name} {:?}", summary.left_out);
        assert!(name == "csv" || !summary.left_out.is_empty(), "what are no indicators is counted");
    }
}
