//! Prints how many drafts of MISP events are made in one CPU-second: `cargo run --release --example misp_rate FOLDER`.
//!
//! Reads the folder's events once into memory, then converts them fifty times over, and ten times back, in each of three rounds; `--out FILE` writes the
//! drafts of one pass as NDJSON instead, and what was lost to standard error.

use gotong_formats::draft::{Piece, Reader as _};
use gotong_formats::misp::{Options, Reader, WriteOptions, write};
use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: misp_rate FOLDER [--out FILE]");
        return Ok(());
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    let events = files.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    if let Some(out) = arguments.nth(1) {
        let mut out = std::io::BufWriter::new(std::fs::File::create(out)?);
        for (path, event) in files.iter().zip(&events) {
            for piece in pieces(event) {
                match piece {
                    Piece::Draft(draft) => {
                        out.write_all(&draft.body)?;
                        out.write_all(b"\n")?;
                    }
                    Piece::Loss(loss) => eprintln!("{} {} {} {}", path.display(), loss.place, loss.code, loss.text),
                    Piece::Fault(fault) => eprintln!("{} {}", path.display(), fault.field),
                }
            }
        }
        return out.flush();
    }
    let body = |piece| if let Piece::Draft(draft) = piece { Some(draft.body) } else { None };
    let converted: Vec<Vec<Vec<u8>>> =
        events.iter().map(|event| pieces(event).into_iter().filter_map(body).collect()).collect();
    for round in 1..=3 {
        let from = cpu_seconds();
        let (mut drafts, mut bytes, mut bytes_back) = (0_u32, 0_usize, 0_usize);
        for _ in 0..50 {
            for event in &events {
                bytes += event.len();
                drafts += u32::try_from(pieces(event).iter().filter(|piece| matches!(piece, Piece::Draft(_))).count())
                    .unwrap_or(0);
            }
        }
        let seconds = cpu_seconds() - from;
        let back = cpu_seconds();
        for _ in 0..10 {
            for bodies in &converted {
                bytes_back += write(bodies, WriteOptions::default()).event.len();
            }
        }
        let seconds_back = cpu_seconds() - back;
        println!(
            "round {round}: {drafts} drafts of {} MB in {seconds:.2} s, {:.0}/s; back {} MB in {seconds_back:.2} s, {:.0}/s",
            bytes >> 20,
            f64::from(drafts) / seconds,
            bytes_back >> 20,
            f64::from(drafts) / 5.0 / seconds_back
        );
    }
    Ok(())
}

fn pieces(event: &[u8]) -> Vec<Piece> {
    let mut reader = Reader::new(Options::restricted());
    let mut all = Vec::new();
    for chunk in event.chunks(64 << 10) {
        reader.push(chunk);
        all.extend(std::iter::from_fn(|| reader.next()));
    }
    reader.finish();
    all.extend(std::iter::from_fn(|| reader.next()));
    all
}

/// Seconds of processor time of this process (user and system, in ticks of 10 ms), from Linux's `/proc`.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: f64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
