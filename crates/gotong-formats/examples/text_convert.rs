//! Converts a file of a text format: `cargo run --release --example text_convert FORMAT FILE [observables] [rate]`, FORMAT being list, csv,
//! text, mail, shadowserver or extract. Objects go to standard output, one a line; losses and faults to standard error.
//!
//! With `rate` it prints nothing but how many lines of the file went through in one CPU-second, three rounds each.

use gotong_formats::draft::{Piece, Reader};
use gotong_formats::text::{
    Charset, CsvReader, ListReader, MailReader, Options, ShadowserverReader, TextReader, extract, guess,
};
use gotong_model::Timestamp;
use std::io::Write as _;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(format), Some(path)) = (arguments.first(), arguments.get(1)) else {
        eprintln!("usage: text_convert FORMAT FILE [observables] [rate]");
        return;
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return;
        }
    };
    let flag = |name: &str| arguments.iter().skip(2).any(|argument| argument == name);
    let mut options = Options::new(Timestamp::parse("2026-03-04T05:06:07Z").unwrap_or_default());
    options.observables = flag("observables");
    if format == "extract" {
        for found in extract(&String::from_utf8_lossy(&bytes)) {
            println!("{} {}", found.kind.as_str(), found.as_written);
        }
        return;
    }
    let make = || -> Box<dyn Reader> {
        match format.as_str() {
            "csv" => Box::new(CsvReader::new(guess(&bytes, None).mapping, options.clone())),
            "text" => Box::new(TextReader::new(options.clone(), Charset::UTF_8)),
            "mail" => Box::new(MailReader::new(options.clone())),
            "shadowserver" => Box::new(ShadowserverReader::new(options.clone(), Some(path))),
            _ => Box::new(ListReader::new(options.clone(), Charset::UTF_8)),
        }
    };
    if flag("rate") {
        return rate(&bytes, &make);
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    convert(&bytes, make(), |piece| {
        let written = match piece {
            Piece::Draft(draft) => out.write_all(&draft.body).and_then(|()| out.write_all(b"\n")),
            Piece::Loss(loss) => {
                writeln!(std::io::stderr(), "{}: {}: {} [{}]", loss.line, loss.place, loss.text, loss.code)
            }
            Piece::Fault(fault) => writeln!(std::io::stderr(), "{}: {}", fault.line, fault.field),
        };
        // Whoever closes the pipe has seen enough.
        let _ = written;
    });
}

fn convert(bytes: &[u8], mut reader: Box<dyn Reader>, mut each: impl FnMut(Piece)) {
    for chunk in bytes.chunks(64 << 10) {
        reader.push(chunk);
        while let Some(piece) = reader.next() {
            each(piece);
        }
    }
    reader.finish();
    while let Some(piece) = reader.next() {
        each(piece);
    }
}

fn rate(bytes: &[u8], make: &dyn Fn() -> Box<dyn Reader>) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for round in 1..=3 {
        let began = cpu_seconds();
        let (mut drafts, mut losses, mut faults) = (0_u64, 0_u64, 0_u64);
        convert(bytes, make(), |piece| match piece {
            Piece::Draft(_) => drafts += 1,
            Piece::Loss(_) => losses += 1,
            Piece::Fault(_) => faults += 1,
        });
        let took = cpu_seconds() - began;
        let per_second = f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) / took;
        println!(
            "round {round}: {lines} lines, {drafts} drafts, {losses} losses, {faults} faults: {per_second:.0} lines a second; {}",
            peak()
        );
    }
}

/// The most memory that this process ever held.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned()
}

/// Seconds of processor time of this process (user and system, in ticks of 10 ms), from Linux's `/proc`.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: f64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
