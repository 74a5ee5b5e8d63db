//! Prints how many bytes of a log are searched in one CPU-second: `cargo run --release --example match_rate VALUES LOG`.
//!
//! VALUES holds one value a line. Reads both into memory, then passes over the log three times on one thread.

use gotong_formats::scan::{Scanner, ValueSetBuilder};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(values), Some(log)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: match_rate VALUES LOG");
        return;
    };
    let (Ok(values), Ok(log)) = (std::fs::read_to_string(&values), std::fs::read(&log)) else {
        eprintln!("could not read {values} or {log}");
        return;
    };
    let from = cpu_seconds();
    let mut builder = ValueSetBuilder::new([7; 16]);
    for value in values.lines() {
        builder.push(value);
    }
    let Ok(set) = builder.finish() else {
        eprintln!("the values could not be taken");
        return;
    };
    println!("{} values in {} bytes, {:.2} s", set.len(), set.bytes(), cpu_seconds() - from);
    let scanner = Scanner::new(&set, false);
    for round in 1..=3 {
        let from = cpu_seconds();
        let mut hits = 0;
        let mut rest = log.as_slice();
        while !rest.is_empty() {
            let length = rest.iter().take(1 << 20).rposition(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let (block, after) = rest.split_at(length);
            hits += scanner.scan(block, block.len()).len();
            rest = after;
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate to three digits")]
        let rate = log.len() as f64 / 1e6 / (cpu_seconds() - from);
        println!("round {round}: {hits} hits, {rate:.0} MB/s");
    }
}

/// CPU time of this process so far, in seconds.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: u32 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    f64::from(ticks) / 100.0
}
