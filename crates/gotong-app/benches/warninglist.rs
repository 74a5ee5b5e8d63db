//! What warninglists cost whoever publishes: the same objects prepared without lists and with them, the time of compiling, and memory.
//! `cargo bench -p gotong-app --bench warninglist -- FILE.ndjson` prints it; without a file it makes up a million entries. Compares nothing and fails nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "a measure reads the clock, stops where something is wrong, and prints"
)]
#![allow(dead_code, reason = "the region of the tests is shared, and not all of it is used here")]

#[path = "../tests/it/region.rs"]
mod region;

use std::time::{Duration, Instant};

use gotong_app::caller::Caller;
use gotong_app::publish::{Markings, Submission};
use gotong_app::warninglist::Loading;
use region::{Peer, Region, intent};
use serde_json::json;

const OBJECTS: usize = 2_000;
const ROUNDS: usize = 15;

/// The pattern of the object of a number.
type Pattern = fn(usize) -> String;

fn main() {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let lists: Vec<Vec<u8>> = match &file {
        Some(path) => std::fs::read(path).unwrap().split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect(),
        None => made_up(),
    };
    let peer = Region::usual().open("id");
    let kinds: [(&str, Pattern); 3] = [
        ("names on no list", |n| format!("domain-name:value = 'w{n}.host-{}.example.test'", n % 997)),
        ("addresses", |n| format!("ipv4-addr:value = '{}.{}.{}.9'", 11 + n % 80, n % 251, n % 241)),
        ("hashes", |n| format!("file:hashes.'SHA-256' = '{:064x}'", n as u128 * 0x9e37_79b9_7f4a_7c15)),
    ];
    let before: Vec<Duration> = kinds.iter().map(|(_, pattern)| prepare(&peer, *pattern)).collect();
    let from = Instant::now();
    let mut loading = Loading::begin(&peer.node, &Caller::operator()).unwrap();
    for (list, line) in lists.iter().filter(|list| !list.is_empty()).zip(1..) {
        loading.put(line, list).unwrap();
    }
    let kept = from.elapsed();
    let from = Instant::now();
    let loaded = loading.finish().unwrap();
    let compiled = from.elapsed();
    let used: u64 = loaded.iter().map(|list| list.used).sum();
    println!("{} lists, {used} entries in use: kept in {kept:?}, compiled in {compiled:?}", loaded.len());
    println!("{} bytes in memory", peer.node.warninglists().unwrap().bytes());
    for ((name, pattern), before) in kinds.iter().zip(before) {
        let after = prepare(&peer, *pattern);
        let objects = OBJECTS as u128;
        let of = |time: Duration| time.as_nanos() / objects;
        println!("{name}: {} ns an object without lists, {} ns with them", of(before), of(after));
    }
}

/// The median time of preparing a batch for publishing: reading, asking, deciding, hashing, packing.
fn prepare(peer: &Peer, pattern: Pattern) -> Duration {
    let intent = intent(peer.channel());
    let mut spent: Vec<Duration> = Vec::new();
    for round in 0..ROUNDS {
        let objects: Vec<Submission> = (0..OBJECTS)
            .zip(1..)
            .map(|(n, line)| Submission { line, body: indicator(round * OBJECTS + n, pattern).into_bytes() })
            .collect();
        let from = Instant::now();
        let prepared = peer.node.prepare(&intent, objects, &Markings::new(), false).unwrap();
        spent.push(from.elapsed());
        assert_eq!(prepared.objects(), OBJECTS);
    }
    spent.sort_unstable();
    spent.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn indicator(n: usize, pattern: Pattern) -> String {
    json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--3f0f0b1e-7b3a-4f4e-9a51-{n:012}"),
        "created": "2026-03-01T00:00:00.000Z", "modified": "2026-03-01T00:00:00.000Z",
        "pattern": format!("[{}]", pattern(n)), "pattern_type": "stix", "valid_from": "2026-03-01T00:00:00Z"})
    .to_string()
}

/// A million entries in three lists.
fn made_up() -> Vec<Vec<u8>> {
    let list = |name: &str, kind: &str, entry: &dyn Fn(u32) -> String| {
        let entries: Vec<String> = (0..333_334).map(entry).collect();
        json!({"name": name, "version": 1, "type": kind, "list": entries}).to_string().into_bytes()
    };
    vec![
        list("names", "hostname", &|n| format!("site-{n}.example")),
        list("networks", "cidr", &|n| format!("{}.{}.{}.0/24", 100 + n / 65_536, n / 256 % 256, n % 256)),
        list("hashes", "string", &|n| format!("{:064x}", u128::from(n) * 0x1234_5678_9abc_def1)),
    ]
}
