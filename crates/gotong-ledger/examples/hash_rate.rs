//! How many leaves one CPU hashes in a second: commitment to an envelope of 200 and a body of 600 bytes, leaf hash, and the frontier.
//! Run with `cargo run --release -p gotong-ledger --example hash_rate`.

use gotong_crypto::sha256;
use gotong_ledger::{Frontier, Leaf, commitment};

const LEAVES: u32 = 2_000_000;
/// SHA-256 blocks for one leaf of this shape: envelope 5, body 11, commitment 5 (an origin of 156 bytes), leaf 1, inner node 2.
const BLOCKS: u32 = 24;

#[allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn now_seconds() -> f64 {
    // The scheduler's account of this thread, so that other work on the machine does not count; else the wall clock.
    let on_cpu = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    on_cpu.map_or_else(
        || {
            static BEGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
            BEGIN.get_or_init(std::time::Instant::now).elapsed().as_secs_f64()
        },
        |nanoseconds| nanoseconds / 1e9,
    )
}

fn main() {
    let origin = "o".repeat(156);
    let envelope = [b'e'; 200];
    let mut body = [b'b'; 600];
    let mut frontier = Frontier::new();
    let mut completed = 0_u64;

    let begin = now_seconds();
    for index in 0..LEAVES {
        if let Some(slot) = body.first_chunk_mut() {
            *slot = index.to_be_bytes();
        }
        let leaf = Leaf { flags: 0, commitment: commitment(&origin, &[1; 32], &envelope, &[2; 32], &body) };
        frontier.push(leaf.hash(), |_, _, _| completed += 1);
    }
    let seconds = now_seconds() - begin;

    // The same number of blocks in one long hash: what the processor can do at best.
    let blocks = vec![0_u8; 64 << 14];
    let begin = now_seconds();
    let rounds = 60_u32;
    for _ in 0..rounds {
        std::hint::black_box(sha256(std::hint::black_box(&blocks)));
    }
    let best = f64::from(rounds) * f64::from(1_u32 << 14) / (now_seconds() - begin);

    let rate = f64::from(LEAVES) / seconds;
    println!("{rate:.0} leaves per CPU second, root {}, {completed} inner nodes", frontier.root());
    println!(
        "{:.0} % of the rate of one long SHA-256 ({:.0} MB/s)",
        100.0 * rate * f64::from(BLOCKS) / best,
        best * 64e-6
    );
}
