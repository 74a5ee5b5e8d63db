//! Golden files in `testdata/ledger`, for this implementation and for others. `GOTONG_BLESS=1` writes them again; what changes then is a
//! change of the protocol.

use std::path::PathBuf;

use gotong_crypto::text;
use gotong_ledger::leaf::{body_digest, envelope_digest};
use gotong_ledger::{Encoding, Frame, FrameEntry, Frontier, VerifiedFrame};

use crate::frame::{Raw, entries_bytes, zstd_block, zstd_header};
use crate::support::{SampleLog, hex};

const ENTRIES: u64 = 16;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/ledger").join(name)
}

fn is_blessing() -> bool {
    std::env::var_os("GOTONG_BLESS").is_some()
}

/// Compares with the file, or writes it.
fn check(name: &str, bytes: &[u8]) {
    if is_blessing() {
        std::fs::write(path(name), bytes).unwrap();
    }
    assert!(std::fs::read(path(name)).unwrap() == bytes, "testdata/ledger/{name} differs");
}

/// (file, first, count, size, encoding)
const FRAMES: [(&str, u64, u64, u64, Encoding); 6] = [
    ("frame-first.bin", 0, 1, 1, Encoding::Plain),
    ("frame-plain.bin", 5, 3, 11, Encoding::Plain),
    ("frame-last.bin", 10, 1, 11, Encoding::Plain),
    ("frame-to-the-end.bin", 6, 10, 16, Encoding::Plain),
    ("frame-zstd.bin", 3, 6, 13, Encoding::Zstd),
    ("frame-whole-log-zstd.bin", 0, 16, 16, Encoding::Zstd),
];

#[test]
fn golden_frames_are_read_and_verified() {
    let log = SampleLog::new(ENTRIES);
    for (name, first, count, size, encoding) in FRAMES {
        let frame = log.frame(first, count, size);
        let encoded = frame.encode(encoding).unwrap();
        // What zstd writes may change with its version; what it wrote must stay readable.
        if encoding == Encoding::Plain || is_blessing() {
            check(name, &encoded);
        }
        let read = Frame::decode(&std::fs::read(path(name)).unwrap()).unwrap();
        assert_eq!(read, frame, "{name}");
        let verified = read.verify(&log.key.public(), &log.origin).unwrap();
        assert_eq!(verified.frontier(), Frontier::load(&log.stored, first).unwrap(), "{name}");
    }
}

/// (file, what is wrong, bytes)
fn hostile(log: &SampleLog) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let frame = log.frame(5, 3, 11);
    let plain = entries_bytes(&frame.entries);
    let size = plain.len() as u32;
    let raw = |encoding, length, payload: &[u8]| Raw { frame: &frame, count: 3, encoding, length, payload }.encode();
    let zstd =
        |header: Vec<u8>, tail: Vec<u8>| raw(1, size, &[header, zstd_block(0, size, true, &plain), tail].concat());

    let mut erased = frame.clone();
    erased.entries[2] = FrameEntry::Erased(erased.entries[2].leaf(&log.origin));
    let erased_plain = entries_bytes(&erased.entries);
    let mut flags = plain.clone();
    flags[1] = 4;
    let mut body = plain.clone();
    body[size as usize - 1] ^= 1;
    let mut swapped = frame.clone();
    swapped.proof.swap(0, 1);
    let mut short = frame.clone();
    short.proof.pop();
    let mut padded = frame.clone();
    padded.proof.push(log.checkpoint(11).root);
    let moved = Frame { first: 4, ..frame.clone() };
    let unsigned = Frame {
        checkpoint_note: log.checkpoint(11).sign(&gotong_crypto::SigningKey::from_seed(&[1; 32])).into_bytes(),
        ..frame.clone()
    };
    let of = |frame: &Frame| Raw { frame, count: 3, encoding: 0, length: size, payload: &plain }.encode();
    let bomb =
        [zstd_header(13), zstd_block(1, 128 << 10, false, b"\0").repeat(4_096), zstd_block(1, 1, true, b"\0")].concat();

    vec![
        ("hostile-body.bin", "the last bit of the last body is flipped", raw(0, size, &body)),
        ("hostile-bomb.bin", "512 MiB behind 16 KiB of compressed entries", raw(1, 8 << 20, &bomb)),
        (
            "hostile-control-erased.bin",
            "entry 7 is a control entry without its body",
            Raw { frame: &erased, count: 3, encoding: 0, length: erased_plain.len() as u32, payload: &erased_plain }
                .encode(),
        ),
        ("hostile-first.bin", "says that the first entry is number 4", of(&moved)),
        ("hostile-flags.bin", "entry 5 sets a flag that version 0 does not know", raw(0, size, &flags)),
        ("hostile-key.bin", "the checkpoint is signed by another key under the right name", of(&unsigned)),
        ("hostile-length.bin", "the stated length is one more than the entries have", raw(0, size + 1, &plain)),
        ("hostile-proof-order.bin", "two hashes of the proof are exchanged", of(&swapped)),
        ("hostile-proof-padded.bin", "the proof has a hash too many", of(&padded)),
        ("hostile-proof-short.bin", "the proof has a hash too few", of(&short)),
        ("hostile-trailing.bin", "a byte follows the frame", [raw(0, size, &plain), vec![0]].concat()),
        ("hostile-window.bin", "the zstd frame asks for a window of 16 MiB", zstd(zstd_header(14), Vec::new())),
        (
            "hostile-zstd-skippable.bin",
            "a skippable frame stands behind the zstd frame",
            zstd(zstd_header(13), vec![0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]),
        ),
        (
            "hostile-zstd-twice.bin",
            "a second, empty zstd frame stands behind the first",
            zstd(zstd_header(13), [zstd_header(0), zstd_block(0, 0, true, b"")].concat()),
        ),
    ]
}

#[test]
fn golden_hostile_frames_are_refused() {
    let log = SampleLog::new(ENTRIES);
    for (name, why, bytes) in hostile(&log) {
        check(name, &bytes);
        let read = Frame::decode(&bytes).and_then(|frame| frame.verify(&log.key.public(), &log.origin));
        assert!(read.is_err(), "{name}: {why}");
        assert!(VerifiedFrame::read(&bytes, &log.key.public(), &log.origin).is_err(), "{name}: {why}");
    }
}

/// `{:?}` of the ASCII and dashes used here is JSON.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn list(items: impl IntoIterator<Item = String>, indent: &str) -> String {
    format!("[\n{indent}{}\n]", items.into_iter().collect::<Vec<_>>().join(&format!(",\n{indent}")))
}

fn hashes(hashes: &[gotong_crypto::Digest]) -> String {
    format!("[{}]", hashes.iter().map(|hash| quoted(&hex(&hash.0))).collect::<Vec<_>>().join(","))
}

#[test]
fn golden_description_says_what_the_frames_hold() {
    let log = SampleLog::new(ENTRIES);
    let whole = SampleLog::unerased(ENTRIES);
    let entries = whole.iter().enumerate().map(|(index, entry)| {
        let FrameEntry::Whole { flags, salt1, salt2, envelope, body } = entry else { panic!("unerased") };
        let leaf = entry.leaf(&log.origin);
        assert_eq!(leaf, log.entries[index].leaf(&log.origin));
        format!(
            r#"{{"index":{index},"erased":{},"flags":{flags},"salt1":"{}","salt2":"{}","envelope":{},"body":{},"envelope_digest":"{}","body_digest":"{}","leaf":"{}","leaf_hash":"{}"}}"#,
            matches!(log.entries[index], FrameEntry::Erased(_)),
            hex(salt1),
            hex(salt2),
            quoted(std::str::from_utf8(envelope).unwrap()),
            quoted(std::str::from_utf8(body).unwrap()),
            hex(&envelope_digest(salt1, envelope).0),
            hex(&body_digest(salt2, body).0),
            hex(&leaf.encode()),
            hex(&leaf.hash().0),
        )
    });
    let trees = (0..=ENTRIES).map(|size| {
        let checkpoint = log.checkpoint(size);
        let peaks = Frontier::load(&log.stored, size).unwrap().unwrap();
        format!(
            r#"{{"size":{size},"root":"{}","peaks":{},"checkpoint":{}}}"#,
            hex(&checkpoint.root.0),
            hashes(peaks.peaks()),
            quoted(&checkpoint.sign(&log.key))
        )
    });
    let frames = FRAMES.iter().map(|(name, first, count, size, encoding)| {
        let frame = log.frame(*first, *count, *size);
        let left = frame.clone().verify(&log.key.public(), &log.origin).unwrap().left;
        format!(
            r#"{{"file":"{name}","first":{first},"count":{count},"size":{size},"encoding":{},"proof":{},"left":{}}}"#,
            encoding.number(),
            hashes(&frame.proof),
            hashes(&left)
        )
    });
    let hostile = hostile(&log)
        .into_iter()
        .map(|(name, why, _)| format!(r#"{{"file":"{name}","refused_because":{}}}"#, quoted(why)));
    let json = format!(
        "{{\n\"seed\":\"{}\",\n\"public_key\":\"{}\",\n\"origin\":\"{}\",\n\"entries\":{},\n\"trees\":{},\n\"frames\":{},\n\"hostile\":{}\n}}\n",
        hex(log.key.to_seed().as_ref()),
        text::base64(&log.key.public().to_bytes()),
        log.origin,
        list(entries, " "),
        list(trees, " "),
        list(frames, " "),
        list(hostile, " "),
    );
    check("vectors.json", json.as_bytes());
}
