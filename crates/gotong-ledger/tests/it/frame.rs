//! Frames: what is sent is received, anything changed is refused, and nothing hostile costs more than its bound.

use gotong_crypto::{Digest, SigningKey, sha256};
use gotong_ledger::leaf::{EntryFault, commitment_of_digests, envelope_digest};
use gotong_ledger::limits::{
    BODY_BYTES_MAX, CONTROL_BODY_BYTES_MAX, ENVELOPE_BYTES_MAX, FRAME_BYTES_MAX, FRAME_PAYLOAD_BYTES_MAX,
    FRAME_WIRE_BYTES_MAX,
};
use gotong_ledger::{
    Checkpoint, CheckpointFault, Encoding, FLAG_CONTROL, Frame, FrameEntry, FrameFault, Frontier, Leaf, ProofFault,
    VerifiedFrame, commitment,
};
use proptest::prelude::*;

use crate::support::SampleLog;

const BOTH: [Encoding; 2] = [Encoding::Plain, Encoding::Zstd];

fn verified(log: &SampleLog, frame: &Frame) -> VerifiedFrame {
    frame.clone().verify(&log.key.public(), &log.origin).unwrap()
}

/// A frame around entries that are already encoded, with all numbers said freely.
pub(crate) struct Raw<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) count: u32,
    pub(crate) encoding: u8,
    pub(crate) length: u32,
    pub(crate) payload: &'a [u8],
}

impl Raw<'_> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = b"gtf0".to_vec();
        put(&mut out, &self.frame.checkpoint_note);
        out.extend_from_slice(&self.frame.first.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&(self.frame.proof.len() as u32).to_be_bytes());
        out.extend(self.frame.proof.iter().flat_map(|hash| hash.0));
        out.push(self.encoding);
        out.extend_from_slice(&self.length.to_be_bytes());
        put(&mut out, self.payload);
        out
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The entries of a frame as they stand in it, written here a second time.
pub(crate) fn entries_bytes(entries: &[FrameEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        match entry {
            FrameEntry::Whole { flags, salt1, salt2, envelope, body } => {
                out.extend_from_slice(&[0, *flags]);
                out.extend_from_slice(salt1);
                out.extend_from_slice(salt2);
                put(&mut out, envelope);
                put(&mut out, body);
            }
            FrameEntry::Erased(leaf) => {
                out.extend_from_slice(&[1, leaf.flags]);
                out.extend_from_slice(&leaf.commitment.0);
            }
        }
    }
    out
}

#[test]
fn every_frame_of_a_log_is_received_as_it_was_sent() {
    let log = SampleLog::new(12);
    for size in 1..=12 {
        for first in 0..size {
            for count in 1..=size - first {
                let frame = log.frame(first, count, size);
                for encoding in BOTH {
                    assert_eq!(Frame::decode(&frame.encode(encoding).unwrap()), Ok(frame.clone()));
                }
                let verified = verified(&log, &frame);
                assert_eq!(verified.checkpoint, log.checkpoint(size));
                assert_eq!(verified.frontier(), Frontier::load(&log.stored, first).unwrap());
                let leaves = verified.entries.iter().map(|(_, leaf)| leaf.hash()).collect::<Vec<_>>();
                assert_eq!(leaves, verified.leaf_hashes);
            }
        }
    }
}

#[test]
fn a_plain_frame_is_the_bytes_of_the_protocol() {
    let log = SampleLog::new(9);
    let frame = log.frame(3, 4, 9);
    let payload = entries_bytes(&frame.entries);
    let length = payload.len() as u32;
    let raw = Raw { frame: &frame, count: 4, encoding: 0, length, payload: &payload };
    assert_eq!(frame.encode(Encoding::Plain).unwrap(), raw.encode());
    assert_eq!(frame.entries.iter().map(FrameEntry::encoded_bytes).sum::<usize>(), payload.len());
}

#[test]
fn the_signature_is_looked_at_before_anything_is_decompressed() {
    let log = SampleLog::new(3);
    let frame = log.frame(0, 3, 3);
    let payload = [zstd_header(13), zstd_block(1, 128 << 10, true, b"\0")].concat();
    let raw = Raw { frame: &frame, count: 3, encoding: 1, length: 128 << 10, payload: &payload };
    let unsigned = Err(FrameFault::Checkpoint(CheckpointFault::Unsigned));
    let stranger = SigningKey::from_seed(&[1; 32]).public();
    assert_eq!(VerifiedFrame::read(&raw.encode(), &stranger, &log.origin), unsigned);
    let trailing = Err(FrameFault::Trailing);
    assert_eq!(VerifiedFrame::read(&raw.encode(), &log.key.public(), &log.origin), trailing);
    let read = VerifiedFrame::read(&frame.encode(Encoding::Zstd).unwrap(), &log.key.public(), &log.origin);
    assert_eq!(read, frame.verify(&log.key.public(), &log.origin));
}

#[test]
fn a_frame_with_too_long_a_checkpoint_or_payload_is_refused() {
    let log = SampleLog::new(1);
    let mut frame = log.frame(0, 1, 1);
    let line = frame.checkpoint_note.split(|byte| *byte == b'\n').nth(4).unwrap().to_vec();
    let other = String::from_utf8(line).unwrap().replace(&log.origin, "elsewhere") + "\n";
    while frame.checkpoint_note.len() + other.len() <= 16 << 10 {
        frame.checkpoint_note.extend_from_slice(other.as_bytes());
    }
    let bytes = frame.encode(Encoding::Plain).unwrap();
    assert!(VerifiedFrame::read(&bytes, &log.key.public(), &log.origin).is_ok(), "lines of strangers are ignored");
    frame.checkpoint_note.extend_from_slice(other.as_bytes());
    let too_large = FrameFault::Checkpoint(CheckpointFault::TooLarge);
    assert_eq!(frame.encode(Encoding::Plain), Err(too_large.clone()));
    let payload = entries_bytes(&frame.entries);
    let raw = Raw { frame: &frame, count: 1, encoding: 0, length: payload.len() as u32, payload: &payload };
    assert_eq!(Frame::decode(&raw.encode()), Err(too_large));
    let frame = log.frame(0, 1, 1);
    let payload = vec![0; FRAME_PAYLOAD_BYTES_MAX + 1];
    let raw = Raw { frame: &frame, count: 1, encoding: 1, length: FRAME_BYTES_MAX as u32, payload: &payload };
    assert_eq!(Frame::decode(&raw.encode()), Err(FrameFault::Length));
}

#[test]
fn a_changed_byte_anywhere_in_a_plain_frame_is_refused() {
    let log = SampleLog::new(7);
    let frame = log.frame(2, 3, 7);
    let bytes = frame.encode(Encoding::Plain).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let read = Frame::decode(&changed).and_then(|frame| frame.verify(&log.key.public(), &log.origin));
        assert!(read.is_err(), "byte {at}");
        assert!(Frame::decode(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(Frame::decode(&[&bytes[..], &[0]].concat()), Err(FrameFault::Trailing));
}

#[test]
fn a_frame_proves_nothing_under_another_key_or_for_another_log() {
    let log = SampleLog::new(7);
    let frame = log.frame(2, 3, 7);
    let unsigned = Err(FrameFault::Checkpoint(CheckpointFault::Unsigned));
    assert_eq!(frame.clone().verify(&SigningKey::from_seed(&[1; 32]).public(), &log.origin), unsigned);
    let other = Err(FrameFault::Checkpoint(CheckpointFault::OtherLog(log.origin.clone())));
    assert_eq!(frame.clone().verify(&log.key.public(), "gotong/other"), other);
    // The same entries in a log of another name have other commitments.
    let renamed = Checkpoint { origin: "gotong/other".into(), ..log.checkpoint(7) };
    let moved = Frame { checkpoint_note: renamed.sign(&log.key).into_bytes(), ..frame };
    assert_eq!(moved.verify(&log.key.public(), "gotong/other"), Err(FrameFault::Proof(ProofFault::Root)));
}

#[test]
fn a_control_entry_without_its_body_is_refused() {
    let log = SampleLog::new(8);
    let mut frame = log.frame(5, 3, 8);
    assert_eq!(frame.entries[2].flags() & FLAG_CONTROL, FLAG_CONTROL);
    frame.entries[2] = FrameEntry::Erased(frame.entries[2].leaf(&log.origin));
    let fault = FrameFault::Entry { index: 7, fault: EntryFault::ErasedControl };
    assert_eq!(frame.encode(Encoding::Plain), Err(fault.clone()));
    assert_eq!(frame.clone().verify(&log.key.public(), &log.origin), Err(fault.clone()));
    let payload = entries_bytes(&frame.entries);
    let raw = Raw { frame: &frame, count: 3, encoding: 0, length: payload.len() as u32, payload: &payload };
    assert_eq!(Frame::decode(&raw.encode()), Err(fault));
    // Erasing the record beside it is no fault.
    let mut frame = log.frame(5, 3, 8);
    frame.entries[0] = FrameEntry::Erased(frame.entries[0].leaf(&log.origin));
    verified(&log, &frame);
}

#[test]
fn an_erased_entry_keeps_its_place_and_its_leaf() {
    let log = SampleLog::new(6);
    let whole = log.frame(1, 2, 6);
    let mut erased = whole.clone();
    erased.entries[1] = FrameEntry::Erased(whole.entries[1].leaf(&log.origin));
    let (whole, erased) = (verified(&log, &whole), verified(&log, &erased));
    assert_eq!(whole.leaf_hashes, erased.leaf_hashes);
    assert_eq!(whole.entries[1].1, erased.entries[1].1);
}

#[test]
fn entries_larger_than_allowed_are_refused_both_ways() {
    let entry = |flags, envelope: usize, body: usize| FrameEntry::Whole {
        flags,
        salt1: [1; 32],
        salt2: [2; 32],
        envelope: vec![b'e'; envelope],
        body: vec![b'b'; body],
    };
    let mut log = SampleLog::new(0);
    let mut of = |entry: FrameEntry| {
        log.stored.push(entry.leaf(&log.origin).hash());
        log.entries.push(entry);
        let size = log.entries.len() as u64;
        log.frame(size - 1, 1, size)
    };
    for (flags, envelope, body, fits) in [
        (0, ENVELOPE_BYTES_MAX, BODY_BYTES_MAX, true),
        (0, ENVELOPE_BYTES_MAX + 1, 0, false),
        (0, 0, BODY_BYTES_MAX + 1, false),
        (FLAG_CONTROL, 0, CONTROL_BODY_BYTES_MAX, true),
        (FLAG_CONTROL, 0, CONTROL_BODY_BYTES_MAX + 1, false),
        (0, 0, 0, true),
    ] {
        let frame = of(entry(flags, envelope, body));
        let payload = entries_bytes(&frame.entries);
        let raw =
            Raw { frame: &frame, count: 1, encoding: 0, length: payload.len() as u32, payload: &payload }.encode();
        if fits {
            assert_eq!(frame.encode(Encoding::Plain).as_ref(), Ok(&raw));
            assert_eq!(Frame::decode(&raw), Ok(frame));
        } else {
            let fault = FrameFault::Entry { index: frame.first, fault: EntryFault::TooLarge };
            assert_eq!(frame.encode(Encoding::Plain), Err(fault.clone()));
            assert_eq!(Frame::decode(&raw), Err(fault));
        }
    }
    let unknown = of(entry(4, 1, 1));
    let fault = FrameFault::Entry { index: unknown.first, fault: EntryFault::Flags };
    assert_eq!(unknown.encode(Encoding::Plain), Err(fault));
}

#[test]
fn more_than_the_bounds_of_a_frame_are_refused() {
    let mut log = SampleLog::new(1);
    let erased = FrameEntry::Erased(Leaf { flags: 0, commitment: sha256(b"x") });
    for _ in 0..1_100 {
        log.stored.push(erased.leaf(&log.origin).hash());
        log.entries.push(erased.clone());
    }
    let full = log.frame(1, 1_024, 1_101);
    assert_eq!(Frame::decode(&full.encode(Encoding::Zstd).unwrap()), Ok(full));
    let over = log.frame(1, 1_025, 1_101);
    assert_eq!(over.encode(Encoding::Plain), Err(FrameFault::OutOfRange));
    let payload = entries_bytes(&over.entries);
    let length = payload.len() as u32;
    let raw = |count, encoding, length, payload| Raw { frame: &over, count, encoding, length, payload }.encode();
    assert_eq!(Frame::decode(&raw(1_025, 0, length, &payload)), Err(FrameFault::OutOfRange));
    assert_eq!(Frame::decode(&raw(0, 0, 0, &[])), Err(FrameFault::OutOfRange));
    assert_eq!(Frame::decode(&vec![0; FRAME_WIRE_BYTES_MAX + 1]), Err(FrameFault::TooLarge));

    let frame = log.frame(0, 2, 1_101);
    let decode = |count, encoding, length, payload: &[u8]| {
        Frame::decode(&Raw { frame: &frame, count, encoding, length, payload }.encode())
    };
    let payload = entries_bytes(&frame.entries);
    let length = payload.len() as u32;
    assert_eq!(decode(2, 0, length, &payload), Ok(frame.clone()));
    assert_eq!(decode(2, 2, length, &payload), Err(FrameFault::Encoding(2)));
    assert_eq!(decode(2, 0, length - 1, &payload), Err(FrameFault::Length));
    assert_eq!(decode(2, 0, 67, &payload[..67]), Err(FrameFault::Length), "fewer bytes than two entries have");
    assert_eq!(decode(2, 1, FRAME_BYTES_MAX as u32 + 1, &payload), Err(FrameFault::Length));
    assert_eq!(decode(2, 0, length + 1, &[&payload[..], &[0]].concat()), Err(FrameFault::Trailing));
    // Another count needs another proof, or runs out of entries where the proof happens to have the same length.
    assert_eq!(decode(4, 0, length, &payload), Err(FrameFault::ProofLength));
    let cut = FrameFault::Entry { index: 2, fault: EntryFault::Truncated };
    assert_eq!(decode(3, 0, payload.len() as u32, &payload), Err(cut));
    let mut unasked = frame.clone();
    unasked.proof.push(Digest::default());
    assert_eq!(unasked.encode(Encoding::Plain), Err(FrameFault::ProofLength));
    let beyond = Frame { first: 1_100, ..frame };
    assert_eq!(beyond.encode(Encoding::Plain), Err(FrameFault::OutOfRange));
    let wrapping = Frame { first: u64::MAX, ..beyond };
    assert_eq!(wrapping.encode(Encoding::Plain), Err(FrameFault::OutOfRange));
}

/// A zstd frame header without content size, with a window of 2^(10 + exponent).
pub(crate) fn zstd_header(exponent: u8) -> Vec<u8> {
    vec![0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3]
}

/// A block of RFC 8878 section 3.1.1.2: kind 0 raw, 1 run length.
pub(crate) fn zstd_block(kind: u32, size: u32, last: bool, content: &[u8]) -> Vec<u8> {
    let header = (size << 3 | kind << 1 | u32::from(last)).to_le_bytes();
    [&header[..3], content].concat()
}

/// Peak of this process's memory, where the system tells.
fn memory_peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn compressed_entries_are_one_small_zstd_frame_or_refused() {
    let log = SampleLog::new(3);
    let frame = log.frame(0, 3, 3);
    let plain = entries_bytes(&frame.entries);
    let size = plain.len() as u32;
    let decode = |length: u32, payload: &[u8]| {
        Frame::decode(&Raw { frame: &frame, count: 3, encoding: 1, length, payload }.encode())
    };
    let raw_block = zstd_block(0, size, true, &plain);
    let good = [zstd_header(13), raw_block.clone()].concat();
    assert_eq!(decode(size, &good), Ok(frame.clone()), "a window of 8 MiB");

    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0][..], &good].concat();
    let legacy = [&[0x27, 0xb5, 0x2f, 0xfd][..], &good[4..]].concat();
    let mut dictionary = good.clone();
    dictionary[4] = 1;
    dictionary.insert(6, 9);
    let cases = [
        ("a window of 16 MiB", [zstd_header(14), raw_block.clone()].concat()),
        (
            "two frames",
            [zstd_header(13), zstd_block(0, size, true, &plain), zstd_header(0), zstd_block(0, 0, true, &[])].concat(),
        ),
        ("a skippable frame before", skippable),
        ("a skippable frame behind", [&good[..], &[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]].concat()),
        ("bytes behind", [&good[..], &[0]].concat()),
        ("a format before the standard", legacy),
        ("a dictionary", dictionary),
        ("a reserved block", [zstd_header(13), zstd_block(3, size, true, &plain)].concat()),
        ("no last block", [zstd_header(13), zstd_block(0, size, false, &plain)].concat()),
        ("nothing", Vec::new()),
    ];
    for (what, payload) in cases {
        assert_eq!(decode(size, &payload), Err(FrameFault::Compression), "{what}");
    }
    assert_eq!(decode(size - 1, &good), Err(FrameFault::Compression));
    assert_eq!(decode(size + 1, &good), Err(FrameFault::Compression));
}

#[test]
fn bombs_are_refused_within_the_memory_of_a_frame() {
    let log = SampleLog::new(1);
    let frame = log.frame(0, 1, 1);
    let decode = |length: usize, payload: &[u8]| {
        Frame::decode(&Raw { frame: &frame, count: 1, encoding: 1, length: length as u32, payload }.encode())
    };
    let before = memory_peak_kib();
    // 8 MiB of run-length blocks, 4 bytes each: 256 GiB.
    let run = zstd_block(1, 128 << 10, false, b"\0").repeat(2 << 20);
    let endless = [zstd_header(13), run, zstd_block(1, 1, true, b"\0")].concat();
    assert_eq!(decode(FRAME_BYTES_MAX, &endless), Err(FrameFault::Compression));
    // Claims the largest length, has one block.
    let claim = [zstd_header(13), zstd_block(1, 128 << 10, true, b"\0")].concat();
    assert_eq!(decode(FRAME_BYTES_MAX, &claim), Err(FrameFault::Compression));
    // Declares 2^63 bytes of content.
    let declared = [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &(1_u64 << 63).to_le_bytes(), &zstd_block(1, 9, true, b"\0")];
    assert_eq!(decode(FRAME_BYTES_MAX, &declared.concat()), Err(FrameFault::Compression));
    // As large as is allowed: decompressed, and then refused as what it is.
    let largest =
        [zstd_header(13), zstd_block(1, 128 << 10, false, b"\0").repeat(63), zstd_block(1, 128 << 10, true, b"\0")];
    assert_eq!(decode(FRAME_BYTES_MAX, &largest.concat()), Err(FrameFault::Trailing));
    if let (Some(before), Some(after)) = (before, memory_peak_kib()) {
        // Other tests run beside this one; a bomb that goes off would be gigabytes.
        assert!(after - before < 256 << 10, "{} KiB", after - before);
    }
}

#[test]
fn leaves_have_one_spelling_and_commit_to_every_part() {
    let leaf = Leaf { flags: 3, commitment: sha256(b"c") };
    assert_eq!(Leaf::decode(&leaf.encode()), Some(leaf));
    assert_eq!(leaf.encode()[..2], [0, 3]);
    let mut changed = leaf.encode();
    changed[0] = 1;
    assert_eq!(Leaf::decode(&changed), None, "another version");
    changed[..2].copy_from_slice(&[0, 4]);
    assert_eq!(Leaf::decode(&changed), None, "an unknown flag");
    assert_eq!(Leaf::decode(&leaf.encode()[..33]), None);
    assert_ne!(leaf.hash(), Leaf { flags: 1, ..leaf }.hash());

    let of = |origin, salt1, envelope, salt2, body| commitment(origin, &[salt1; 32], envelope, &[salt2; 32], body);
    let one = of("o", 1, b"e", 2, b"b");
    let others = [
        of("p", 1, b"e", 2, b"b"),
        of("o", 3, b"e", 2, b"b"),
        of("o", 1, b"f", 2, b"b"),
        of("o", 1, b"e", 3, b"b"),
        of("o", 1, b"e", 2, b"c"),
        of("o", 2, b"b", 1, b"e"),
        of("o", 1, b"eb", 2, b""),
    ];
    assert!(others.iter().all(|other| *other != one));
    // Envelope and salt with the digest of the body suffice.
    let body = gotong_crypto::tagged("gotong/v0/body", &[&[2; 32], b"b"]);
    assert_eq!(commitment_of_digests("o", &envelope_digest(&[1; 32], b"e"), &body), one);
}

#[test]
fn debugging_shows_neither_contents_nor_salts() {
    let shown = format!("{:?}", SampleLog::new(2).entries);
    assert!(!shown.contains("stix") && !shown.contains("salt"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_frames_neither_panic_nor_verify_as_anything_else(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), zstd in any::<bool>(), cut in any::<prop::sample::Index>(),
    ) {
        let log = SampleLog::new(9);
        let frame = log.frame(3, 5, 9);
        let mut bytes = frame.encode(if zstd { Encoding::Zstd } else { Encoding::Plain }).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = Frame::decode(&bytes[..cut.index(bytes.len())]);
        if let Ok(read) = Frame::decode(&bytes).and_then(|read| read.verify(&log.key.public(), &log.origin)) {
            prop_assert_eq!(read, verified(&log, &frame));
        }
    }

    #[test]
    fn any_bytes_behind_a_true_head_neither_panic_nor_verify(
        payload in prop::collection::vec(any::<u8>(), 0..400), length in 0_u32..500, encoding in 0_u8..2, zstd in any::<bool>(),
    ) {
        let log = SampleLog::new(3);
        let frame = log.frame(0, 2, 3);
        let payload = if zstd { [&zstd_header(10)[..], &payload].concat() } else { payload };
        let bytes = Raw { frame: &frame, count: 2, encoding, length, payload: &payload }.encode();
        prop_assert!(Frame::decode(&bytes).and_then(|read| read.verify(&log.key.public(), &log.origin)).is_err());
        let _ = Frame::decode(&payload);
        let _ = Frontier::decode(&payload);
        let _ = Leaf::decode(&payload);
    }
}
