//! Archives: written as section 9 says, read in any pieces, refused where they are too large, out of order or cut short.

use gotong_ledger::archive::sections;
use gotong_ledger::{ArchiveFault, ArchiveReader, ArchiveWriter, Section, SectionKind};
use proptest::prelude::*;

fn section(kind: SectionKind, bytes: &[u8]) -> Section {
    Section { kind, bytes: bytes.to_vec() }
}

fn written(of: &[Section]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new();
    of.iter().flat_map(|section| writer.section(section.kind, &section.bytes).unwrap()).collect()
}

fn sample() -> Vec<Section> {
    vec![
        section(SectionKind::Charter, b"charter"),
        section(SectionKind::Statement, b""),
        section(SectionKind::Agreement, &[7; 1000]),
        section(SectionKind::Frame, b"frame"),
        section(SectionKind::Acknowledgement, b"seen"),
    ]
}

#[test]
fn an_archive_is_the_bytes_of_the_protocol() {
    let bytes = written(&[section(SectionKind::Charter, b"c"), section(SectionKind::Frame, b"fr")]);
    assert_eq!(bytes, b"gotong archive 0\n\x01\0\0\0\x01c\x04\0\0\0\x02fr");
}

#[test]
fn what_is_written_is_read_in_any_pieces() {
    let bytes = written(&sample());
    assert_eq!(sections(&bytes).collect::<Result<Vec<_>, _>>(), Ok(sample()));
    for piece in [1, 2, 3, 16, 17, 18, 1024] {
        let mut reader = ArchiveReader::new();
        let mut read = Vec::new();
        for bytes in bytes.chunks(piece) {
            reader.feed(bytes);
            while let Some(section) = reader.next_section().unwrap() {
                read.push(section);
            }
        }
        assert_eq!(read, sample());
        assert_eq!(reader.finish(), Ok(()));
    }
}

#[test]
fn a_cut_archive_is_refused_except_between_sections() {
    let bytes = written(&sample());
    let ends: Vec<usize> = (1..=5).map(|count| written(&sample()[..count]).len()).collect();
    for cut in 0..=bytes.len() {
        let last = sections(&bytes[..cut]).last();
        let whole = ends.contains(&cut);
        assert_eq!(last == Some(Err(ArchiveFault::Truncated)), !whole, "cut at {cut}");
    }
}

#[test]
fn order_kinds_and_sizes_are_enforced_both_ways() {
    assert_eq!(ArchiveWriter::new().section(SectionKind::Frame, b""), Err(ArchiveFault::CharterFirst));
    let mut writer = ArchiveWriter::new();
    writer.section(SectionKind::Charter, b"").unwrap();
    writer.section(SectionKind::Charter, b"a later one").unwrap();
    writer.section(SectionKind::Notice, b"").unwrap();
    assert_eq!(writer.section(SectionKind::Charter, b""), Err(ArchiveFault::CharterFirst));
    let too_long = vec![0; SectionKind::Statement.bytes_max() + 1];
    let fault = ArchiveFault::TooLarge { bytes: too_long.len(), bytes_max: too_long.len() - 1 };
    assert_eq!(writer.section(SectionKind::Statement, &too_long), Err(fault));

    let read = |tail: &[u8]| sections(&[b"gotong archive 0\n", tail].concat()).last();
    assert_eq!(read(b"\x04\0\0\0\0"), Some(Err(ArchiveFault::CharterFirst)));
    assert_eq!(read(b"\x01\0\0\0\0\x06\0\0\0\0\x01\0\0\0\0"), Some(Err(ArchiveFault::CharterFirst)));
    assert_eq!(read(b"\x01\0\0\0\0\x07\0\0\0\0"), Some(Err(ArchiveFault::UnknownSection(7))));
    // The claim alone is refused; nobody waits for four gigabytes.
    let claimed = ArchiveFault::TooLarge { bytes: 0xffff_ffff, bytes_max: 1 << 20 };
    assert_eq!(read(b"\x01\xff\xff\xff\xff"), Some(Err(claimed)));
    assert_eq!(sections(b"gotong archive 1\n").last(), Some(Err(ArchiveFault::Magic)));
    assert_eq!(sections(b"").last(), Some(Err(ArchiveFault::Truncated)));
}

proptest! {
    #[test]
    fn any_bytes_end_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in any::<bool>()) {
        let bytes = if magic { [b"gotong archive 0\n\x01\0\0\0\0", &bytes[..]].concat() } else { bytes };
        prop_assert!(sections(&bytes).count() <= bytes.len() / 5 + 1);
    }
}
