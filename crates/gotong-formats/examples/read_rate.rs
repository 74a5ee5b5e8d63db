//! Prints how many objects of an NDJSON file are read in one CPU-second: `cargo run --release --example read_rate FILE`.
//!
//! Reads the file once into memory, then times splitting alone and splitting with reading, three rounds each.

use gotong_formats::stix21::{InputKind, Splitter, read};
use std::collections::BTreeMap;

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: read_rate FILE.ndjson");
        return;
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return;
        }
    };
    for round in 1..=3 {
        let from = cpu_seconds();
        let mut pieces = Vec::new();
        let mut splitter = Splitter::new(InputKind::Auto);
        for chunk in bytes.chunks(64 << 10) {
            splitter.push(chunk);
            while let Some(piece) = splitter.next() {
                pieces.push(piece);
            }
        }
        splitter.finish();
        while let Some(piece) = splitter.next() {
            pieces.push(piece);
        }
        let split = cpu_seconds();
        let (mut accepted, mut values, mut codes) = (0_u32, 0_usize, BTreeMap::new());
        for piece in &pieces {
            match piece.content.as_ref().map(|body| read(body)) {
                Ok(Ok(facts)) => {
                    accepted += 1;
                    values += facts.values.len();
                    for doubt in facts.doubts {
                        *codes.entry(doubt.id()).or_insert(0_u32) += 1;
                    }
                }
                Ok(Err(faults)) => {
                    for fault in faults {
                        *codes.entry(fault.code).or_insert(0) += 1;
                    }
                }
                Err(fault) => *codes.entry(fault.code()).or_insert(0) += 1,
            }
        }
        let done = cpu_seconds();
        println!(
            "round {round}: {accepted} of {} accepted, {values} values, faults and doubts {codes:?}; \
             split {:.0}/s, read {:.0}/s",
            pieces.len(),
            f64::from(accepted) / (split - from),
            f64::from(accepted) / (done - split)
        );
    }
}

/// Seconds of processor time of this process (user and system, in ticks of 10 ms), from Linux's `/proc`.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: f64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
