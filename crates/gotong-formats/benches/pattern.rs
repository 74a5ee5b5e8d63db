//! How long patterns take to read, to index and to match: `cargo bench -p gotong-formats --bench pattern` prints it.
//! Compares nothing and fails nothing: numbers depend on the machine.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measure reads the clock, stops where something is wrong, and prints"
)]

use gotong_formats::stix21::pattern::{Observation, Pattern, matches};
use gotong_formats::stix21::read;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let members = (0..200).map(|nth| format!("'h{nth}.example'")).collect::<Vec<_>>().join(", ");
    let list = format!("[domain-name:value IN ({members})]");
    let hash = "[file:hashes.'SHA-256' = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f']";
    let long = "([ipv4-addr:value = '198.51.100.7' OR ipv4-addr:value ISSUBSET '203.0.113.0/24'] FOLLOWEDBY \
        [file:name LIKE 'a%' AND file:size > 10]) WITHIN 600 SECONDS";
    let patterns = [
        ("one address", "[ipv4-addr:value = '198.51.100.7']"),
        ("one hash", hash),
        ("a sequence", long),
        ("200 names", &list),
    ];
    for (name, pattern) in patterns {
        measure(&format!("read {name}"), || drop(black_box(Pattern::parse(black_box(pattern)).unwrap())));
    }
    for (name, pattern) in patterns {
        let body = format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001",
            "created":"2025-03-01T08:00:00Z","modified":"2025-03-01T08:00:00Z","valid_from":"2025-03-01T08:00:00Z",
            "pattern_type":"stix","pattern":"{pattern}"}}"#
        );
        measure(&format!("indicator with {name}"), || drop(black_box(read(black_box(body.as_bytes())).unwrap())));
    }
    let observed = br#"{"type":"observed-data","first_observed":"2025-03-01T08:00:00Z","last_observed":"2025-03-01T08:00:00Z","object_refs":["a"]}"#;
    let observations =
        [Observation::parse(observed, &[br#"{"type":"ipv4-addr","id":"a","value":"198.51.100.7"}"#]).unwrap()];
    for (name, pattern) in patterns {
        measure(&format!("match {name}"), || {
            black_box(matches(black_box(pattern), &observations).unwrap());
        });
    }
}

fn measure(name: &str, mut work: impl FnMut()) {
    let rounds = 20_000;
    let mut best = f64::MAX;
    for _ in 0..5 {
        let from = Instant::now();
        for _ in 0..rounds {
            work();
        }
        best = best.min(from.elapsed().as_secs_f64() * 1e9 / f64::from(rounds));
    }
    println!("{name:32} {best:10.0} ns");
}
