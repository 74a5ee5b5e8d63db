//! The readers of text formats: what each makes of our own files in `testdata/text`, and that cuts, repeats and hostile bytes change nothing.
//!
//! Every draft is read back by `stix21::read`, without a fault and without a doubt. Read next: `text_hostile.rs`.

use gotong_formats::draft::{Piece, Reader};
use gotong_formats::stix21::{Facts, read};
use gotong_formats::text::{
    Charset, CsvReader, Format, Header, ListReader, MailReader, Mapping, Meaning, Options, ShadowserverReader,
    TextReader, detect, guess, preview,
};
use gotong_model::{Timestamp, Tlp};
use std::path::Path;

pub(crate) fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/text").join(name)).unwrap()
}

pub(crate) fn options() -> Options {
    Options::new(Timestamp::parse("2026-03-04T05:06:07Z").unwrap())
}

pub(crate) fn all(reader: &mut dyn Reader, bytes: &[u8], chunk: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in bytes.chunks(chunk.max(1)) {
        reader.push(part);
        pieces.extend(std::iter::from_fn(|| reader.next()));
    }
    reader.finish();
    pieces.extend(std::iter::from_fn(|| reader.next()));
    pieces
}

/// The drafts as read back, and the codes of what is not one.
pub(crate) fn read_back(pieces: &[Piece]) -> (Vec<Facts>, Vec<&'static str>) {
    let (mut facts, mut codes) = (Vec::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Draft(draft) => {
                let body = String::from_utf8_lossy(&draft.body);
                let one = read(&draft.body).unwrap_or_else(|faults| panic!("{faults:?} in {body}"));
                assert!(one.doubts.is_empty(), "{:?} in {body}", one.doubts);
                facts.push(one);
            }
            Piece::Loss(loss) => codes.push(loss.code),
            Piece::Fault(fault) => codes.push(fault.field.code),
        }
    }
    (facts, codes)
}

fn text_of(pieces: &[Piece]) -> String {
    let each = pieces.iter().filter_map(|piece| {
        if let Piece::Draft(draft) = piece { Some(String::from_utf8_lossy(&draft.body)) } else { None }
    });
    each.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_line_of_a_list_becomes_something_or_says_why_not() {
    let pieces = all(&mut ListReader::new(options(), Charset::UTF_8), &file("list.txt"), 7);
    let (facts, codes) = read_back(&pieces);
    assert_eq!(facts.len(), 18);
    assert_eq!(codes, ["text.value.unknown", "text.list.columns", "text.value.public-suffix", "text.value.unknown"]);
    let lines: Vec<u64> = pieces.iter().filter(|piece| matches!(piece, Piece::Fault(_))).map(Piece::line).collect();
    assert_eq!(lines, [23, 24, 25, 26], "a fault names its line");
    let text = text_of(&pieces);
    for part in [
        "[ipv4-addr:value ISSUBSET '203.0.113.0/24']",
        "[url:value = 'https://evil.example/load?x=1#top']",
        "\"description\":\"count: 12\"",
        "\"description\":\"seen twice\"",
        "[domain-name:value = 'more.evil.example']",
        "network-traffic:dst_port = 8443",
        "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\\\\\Software\\\\\\\\Evil']",
        "[url:value = 'http://evil.example/a/b' OR url:value = 'https://evil.example/a/b']",
        "\"type\":\"vulnerability\"",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains("localhost"));
    assert!(facts.iter().all(|one| one.marking.is_none()), "what says nothing stays unmarked");
}

#[test]
fn what_a_list_says_narrower_than_a_value_can_is_told() {
    let list = b"*.evil.example.com\nevil.example.org\n203.0.113.5/24\n203.0.113.0/24\n198.51.100.7-198.51.100.9\n";
    let pieces = all(&mut ListReader::new(options(), Charset::UTF_8), list, 99);
    let told: Vec<(u64, &str)> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Draft(_) => None,
            Piece::Loss(loss) => Some((loss.line, loss.code)),
            Piece::Fault(fault) => Some((fault.line, fault.field.code)),
        })
        .collect();
    assert_eq!(told, [(1, "text.loss.wider"), (3, "text.loss.wider"), (5, "text.value.range")]);
    assert_eq!(read_back(&pieces).0.len(), 4);
    assert_eq!(detect(list, None).unwrap().format, Format::List, "ends of ranges are not taken for values of a text");
}

#[test]
fn the_same_list_again_has_the_same_ids_and_another_scope_has_others() {
    let ids = |options: Options| -> Vec<String> {
        read_back(&all(&mut ListReader::new(options, Charset::UTF_8), &file("list.txt"), 4_096))
            .0
            .into_iter()
            .map(|one| one.id)
            .collect()
    };
    let mut later = options();
    later.now = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
    assert_eq!(ids(options()), ids(later));
    let other = Options { scope: "another list".into(), ..options() };
    assert!(ids(options()).iter().zip(ids(other)).all(|(one, other)| *one != other));
}

#[test]
fn options_mark_label_and_limit_and_observables_have_derived_ids() {
    let options = Options {
        tlp: Some(Tlp::AmberStrict),
        labels: vec!["phishing".into()],
        indicator_types: vec!["malicious-activity".into()],
        confidence: Some(70),
        valid_until: Timestamp::parse("2026-04-04T00:00:00Z"),
        ..options()
    };
    let pieces = all(&mut ListReader::new(options.clone(), Charset::UTF_8), b"198.51.100.7\n", 99);
    let (facts, codes) = read_back(&pieces);
    assert!(codes.is_empty());
    assert_eq!((facts[0].marking, facts[0].valid_until), (Some(Tlp::AmberStrict), options.valid_until));
    assert!(text_of(&pieces).contains(r#""labels":["phishing"],"confidence":70"#));
    let options = Options { observables: true, ..options };
    let (facts, _) =
        read_back(&all(&mut ListReader::new(options, Charset::UTF_8), b"198.51.100.3\nC:\\a\\b.exe\n", 99));
    let ids: Vec<&str> = facts.iter().map(|one| one.id.as_str()).collect();
    // As the Python library of OASIS derives it.
    assert_eq!(ids[0], "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    assert_eq!((facts[1].object_type.as_str(), facts[2].object_type.as_str()), ("directory", "file"));
    assert!(facts.iter().all(|one| one.marking == Some(Tlp::AmberStrict)));
}

#[test]
fn tables_of_misp_are_known_and_taken_with_types_and_to_ids() {
    let bytes = file("misp.csv");
    let guess = guess(&bytes, None);
    assert_eq!(guess.export, Some("MISP"));
    assert_eq!(guess.mapping.header, Header::First);
    let pieces = all(&mut CsvReader::new(guess.mapping, options()), &bytes, 5);
    let (facts, codes) = read_back(&pieces);
    assert_eq!(codes, ["text.loss.type", "text.value.unknown"]);
    let types: Vec<&str> = facts.iter().map(|one| one.object_type.as_str()).collect();
    assert_eq!(types, ["indicator", "indicator", "indicator", "file", "indicator"], "to_ids of 0 is an observable");
    let text = text_of(&pieces);
    assert!(text.contains(r#"C2, first \"stage\"\nsecond line"#), "quotes, commas and lines within a cell: {text}");
    assert!(text.contains("2026-03-04T00:06:07.000000Z") && text.contains("dst_port = 8443"));
    assert_eq!(pieces.last().map(Piece::line), Some(8), "lines are those of the file, whatever a cell spans");
}

#[test]
fn a_table_made_by_hand_is_guessed_shown_and_its_labels_are_kept_strictly() {
    let bytes = file("hand.csv");
    let guess = guess(&bytes, None);
    let meanings: Vec<Meaning> = guess.mapping.columns.iter().map(|column| column.meaning).collect();
    assert_eq!(guess.mapping.delimiter, ';');
    assert_eq!(meanings[..3], [Meaning::Value, Meaning::Description, Meaning::Tlp]);
    assert!(guess.why.iter().all(|why| !why.reason.is_empty() && why.confidence <= 100));
    let shown = preview(&bytes, &guess.mapping, &options(), 2);
    assert_eq!(shown.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3]);
    let (facts, codes) = read_back(&all(&mut CsvReader::new(guess.mapping.clone(), options()), &bytes, 3));
    let marks: Vec<Option<Tlp>> = facts.iter().map(|one| one.marking).collect();
    assert_eq!(
        marks,
        [Some(Tlp::Amber), Some(Tlp::Green), Some(Tlp::Red), None],
        "and an empty cell is unmarked, not clear"
    );
    assert_eq!(
        codes,
        ["text.csv.tlp", "text.loss.cells", "text.loss.cell", "text.loss.cell"],
        "purple is refused whole"
    );
    let kept = serde_json::to_string(&guess.mapping).unwrap();
    assert_eq!(serde_json::from_str::<Mapping>(&kept).unwrap(), guess.mapping);
    assert!(serde_json::from_str::<Mapping>(&kept.replacen("delimiter", "delimeter", 1)).is_err(), "a slip is refused");
}

#[test]
fn a_row_whose_end_cannot_be_read_is_refused_and_years_of_another_calendar_are_not_guessed() {
    let table = "value,first_seen,valid_until\n\
        good.example,2026-03-01,2026-11-23\n\
        never.example,,\n\
        bad1.example,,23/11/2026\n\
        bad2.example,,soon\n\
        thai1.example,,2569-11-23\n\
        thai2.example,2569-03-01,\n\
        over.example,2026-03-01,2026-02-01\n\
        early.example,2569-03-01,2026-02-01\n";
    let mapping = guess(table.as_bytes(), None).mapping;
    let meanings: Vec<Meaning> = mapping.columns.iter().map(|column| column.meaning).collect();
    assert_eq!(meanings, [Meaning::Value, Meaning::FirstSeen, Meaning::ValidUntil]);
    let pieces = all(&mut CsvReader::new(mapping.clone(), options()), table.as_bytes(), 7);
    let (facts, codes) = read_back(&pieces);
    let ends: Vec<_> = facts.iter().map(|one| one.valid_until.map(|end| end.to_string())).collect();
    assert_eq!(ends, [Some("2026-11-23T00:00:00.000000Z".to_owned()), None]);
    let time = "text.csv.time";
    assert_eq!(codes, [time, time, time, time, "text.valid-until", time]);
    let told: Vec<(u64, &str, &str)> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Fault(fault) => Some((fault.line, fault.field.pointer.as_str(), fault.field.text.as_ref())),
            Piece::Draft(_) | Piece::Loss(_) => None,
        })
        .collect();
    assert_eq!((told[0].0, told[0].1), (4, "/valid_until"));
    assert!(told[0].2.contains("`23/11/2026`") && told[0].2.contains("2026-03-04 05:06:07"), "{told:?}");
    assert!(told[2].2.contains("Buddhist") && told[3].1 == "/first_seen", "{told:?}");

    // Who says that it is the Buddhist calendar has its years read so, and common ones refused.
    let thai = "value,first_seen,valid_until\nthai.example,2569-03-01,2569-11-23\nslip.example,,2026-11-23\n";
    let mut kept = serde_json::to_value(&mapping).unwrap();
    assert_eq!(kept.get("calendar"), None, "mappings that were kept stay as they are");
    kept["calendar"] = "buddhist".into();
    let mapping: Mapping = serde_json::from_value(kept.clone()).unwrap();
    let (facts, codes) = read_back(&all(&mut CsvReader::new(mapping, options()), thai.as_bytes(), 9));
    let ends: Vec<_> = facts.iter().map(|one| one.valid_until.map(|end| end.to_string())).collect();
    assert_eq!((ends, codes), (vec![Some("2026-11-23T00:00:00.000000Z".to_owned())], vec![time]));
    kept["calendar"] = "lunar".into();
    assert!(serde_json::from_value::<Mapping>(kept).is_err());
}

#[test]
fn a_mapping_for_other_columns_takes_nothing() {
    let mapping = guess(&file("hand.csv"), None).mapping;
    let other = b"Note;IoC;TLP;x;y;z\nhello;198.51.100.7;clear;1;2;3\n";
    let (facts, codes) = read_back(&all(&mut CsvReader::new(mapping, options()), other, 99));
    assert_eq!((facts.len(), codes), (0, vec!["text.csv.header"]));
}

#[test]
fn a_header_in_a_comment_is_found_and_links_to_pages_are_no_values() {
    let bytes = file("urls.csv");
    let guess = guess(&bytes, None);
    assert_eq!((guess.export, guess.mapping.header), (Some("URLhaus"), Header::None));
    let pieces = all(&mut CsvReader::new(guess.mapping, options()), &bytes, 11);
    let (facts, codes) = read_back(&pieces);
    assert_eq!((facts.len(), codes.len()), (2, 0));
    assert!(!text_of(&pieces).contains("[url:value = 'https://list.example"));
}

#[test]
fn character_sets_are_read_as_declared_and_refused_where_they_are_not() {
    // "đ" in windows-1258 is 0xf0; Thai letters in TIS-620 begin at 0xa1.
    for (label, bytes, expected) in [
        ("windows-1258", b"198.51.100.7 # \xf0".as_slice(), "đ"),
        ("tis-620", b"198.51.100.7 # \xa1\xa2", "กข"),
        ("windows-1252", b"198.51.100.7 # \xe9", "é"),
        (
            "utf-8",
            b"\xff\xfe1\x009\x008\x00.\x005\x001\x00.\x001\x000\x000\x00.\x007\x00 \x00#\x00\x20\x00\x01\x0e",
            "ก",
        ),
    ] {
        for chunk in [1, 2, 99] {
            let pieces = all(&mut ListReader::new(options(), Charset::from_label(label).unwrap()), bytes, chunk);
            let (facts, codes) = read_back(&pieces);
            assert_eq!((facts.len(), codes.len()), (1, 0), "{label}");
            assert!(
                text_of(&pieces).contains(&format!("\"description\":\"{expected}\"")),
                "{label}: {}",
                text_of(&pieces)
            );
        }
    }
    let pieces = all(&mut ListReader::new(options(), Charset::UTF_8), b"198.51.100.7\n\xf0\xf0\n198.51.100.8\n", 4);
    let (facts, codes) = read_back(&pieces);
    assert_eq!((facts.len(), codes), (2, vec!["text.encoding"]), "one line is lost, and no other");
    assert!(Charset::from_label("no-such-set").is_none());
}

#[test]
fn a_shadowserver_report_keeps_every_column_and_names_what_was_seen() {
    let bytes = file("2026-03-04-scan_adb-vietnam-geo.csv");
    let make = || ShadowserverReader::new(options(), Some("reports/2026-03-04-scan_adb-vietnam-geo.csv"));
    let pieces = all(&mut make(), &bytes, 13);
    let (facts, codes) = read_back(&pieces);
    assert_eq!(codes, ["text.shadowserver.timestamp", "text.shadowserver.nothing"]);
    let types: Vec<&str> = facts.iter().map(|one| one.object_type.as_str()).collect();
    assert_eq!(
        types,
        [
            "ipv4-addr",
            "network-traffic",
            "autonomous-system",
            "domain-name",
            "observed-data",
            "ipv6-addr",
            "network-traffic",
            "observed-data"
        ],
        "the network comes once"
    );
    let observed = facts.iter().find(|one| one.object_type == "observed-data").unwrap();
    assert_eq!(observed.refs.len(), 4);
    let text = text_of(&pieces);
    for part in [
        r#"{"name":"banner","value":"say \"hi\", once"}"#,
        r#""report":"scan_adb""#,
        r#""severity:high""#,
        r#""first_observed":"2026-03-04T00:00:01.000000Z""#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(all(&mut make(), &bytes, 4_096), pieces, "and the ids are the same again");
    let (_, codes) = read_back(&all(&mut make(), b"a,b\n1,2\n", 9));
    assert_eq!(codes, ["text.shadowserver.header"]);
}

#[test]
fn a_text_gives_its_values_once_and_a_report_that_names_them() {
    let pieces = all(&mut TextReader::new(options(), Charset::UTF_8), &file("advisory.txt"), 10);
    let (facts, codes) = read_back(&pieces);
    assert!(codes.is_empty());
    let report = facts.last().unwrap();
    assert_eq!(report.name.as_deref(), Some("Advisory 7: mail campaign against ministries"));
    let ids: Vec<&String> = facts.iter().take(facts.len() - 1).map(|one| &one.id).collect();
    assert_eq!(report.refs.iter().collect::<Vec<_>>(), ids, "in the order of the text");
    assert_eq!(ids.len(), 7);
    assert!(!text_of(&pieces).contains("= '1.2.3.4'"));
    let (facts, codes) =
        read_back(&all(&mut TextReader::new(options(), Charset::UTF_8), b"Nothing to see in version 1.2.3.4.", 10));
    assert_eq!((facts.len(), codes), (0, vec!["text.nothing-found"]));
}

#[test]
fn a_mail_gives_sender_targets_and_attachments_and_spares_its_recipients() {
    let pieces = all(&mut MailReader::new(options()), &file("phish.eml"), 100);
    let (facts, codes) = read_back(&pieces);
    assert!(codes.is_empty(), "{codes:?}");
    let text = text_of(&pieces);
    for part in [
        "[email-addr:value = 'support@bank-login.example']",
        "[email-addr:value = 'collector@evil.example']",
        "[email-addr:value = 'bounce@evil.example']",
        "[url:value = 'http://198.51.100.7/login?u=1&v=2']",
        "[url:value = 'http://backup.evil.example/x']",
        "\"value\":\"203.0.113.9\"",
        "\"name\":\"hóa đơn.exe\"",
        // sha256sum of the attachment, as Python's hashlib gives it.
        "520e2f38c65cd29136eb00f676690fd89f854932145f88569e55e15c055a1abc",
        "de35ebfd2768e4eee1b3b492858d122a",
        "\"message_id\":\"<20260304.abc@mx.evil.example>\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // The link only says that it leads to the bank; the recipient is nobody's indicator; a message's id is no host.
    for part in [
        "[url:value = 'https://bank.example/']",
        "officer@ministry.example",
        "script.example",
        "[domain-name:value = 'mx.evil.example']",
    ] {
        assert!(!text.contains(part), "{part}");
    }
    let report = facts.last().unwrap();
    assert_eq!((report.object_type.as_str(), report.name.as_deref()), ("report", Some("Tài khoản của bạn")));
    assert_eq!(report.refs.len() + 1, facts.len());
    assert!(text.contains(r#""published":"2026-03-04T03:00:00.000000Z""#));
}

#[test]
fn a_forwarded_mail_is_about_the_inner_one_and_spares_its_reporter() {
    let pieces = all(&mut MailReader::new(options()), &file("forwarded.eml"), 1_000);
    let (_, codes) = read_back(&pieces);
    assert!(codes.is_empty(), "{codes:?}");
    let text = text_of(&pieces);
    assert!(text.contains("support@bank-login.example") && text.contains("\"name\":\"Fwd: suspicious\""));
    for part in ["officer@ministry.example", "soc@cert.example"] {
        assert!(!text.contains(part), "{part}");
    }
}

#[test]
fn formats_are_told_apart_by_their_first_bytes() {
    for (bytes, name, expected) in [
        (file("list.txt"), None, Some(Format::List)),
        (file("misp.csv"), None, Some(Format::Csv)),
        (file("hand.csv"), None, Some(Format::Csv)),
        (file("urls.csv"), None, Some(Format::Csv)),
        (file("2026-03-04-scan_adb-vietnam-geo.csv"), None, Some(Format::Shadowserver)),
        (file("2026-03-04-event4_sinkhole-asean.csv"), None, Some(Format::Shadowserver)),
        (file("advisory.txt"), None, Some(Format::Text)),
        (file("phish.eml"), None, Some(Format::Mail)),
        (file("forwarded.eml"), Some("x.txt"), Some(Format::Mail)),
        (br#"{"type":"bundle","id":"bundle--1","objects":[]}"#.to_vec(), None, Some(Format::Stix)),
        (br#"{"Event":{"info":"x"}}"#.to_vec(), Some("x.csv"), Some(Format::MispJson)),
        (br#"{"a":1}"#.to_vec(), None, None),
        (b"PK\x03\x04rest".to_vec(), Some("x.csv"), None),
        (b"\x7fELF\0\0".to_vec(), None, None),
        (b"  \n ".to_vec(), None, None),
    ] {
        let found = detect(&bytes, name);
        assert_eq!(
            found.as_ref().map(|found| found.format),
            expected,
            "{:?}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
        );
        assert!(found.is_none_or(|found| !found.reason.is_empty()));
    }
}

#[test]
fn a_guess_from_the_first_rows_refuses_nothing_that_comes_later() {
    for header in ["", "colour;ip\n", "colour;address_seen\n"] {
        let rows: Vec<String> = (0..120).map(|n| format!("fam;185.7.1.{n}\n")).collect();
        let mut table = header.to_owned() + &rows.concat();
        table.push_str(
            "fam;mixed.evil-example.com\nfam;0cc175b9c0f1b6a831c399e269772661\nfam;http://evil-example.com/x\n",
        );
        let guessed = guess(table.as_bytes(), None);
        let pieces = all(&mut CsvReader::guessed(guessed, options()), table.as_bytes(), 64);
        let (facts, codes) = read_back(&pieces);
        assert_eq!((facts.len(), codes), (123, vec!["text.loss.columns"]), "{header}");
        let told = pieces.iter().find_map(|piece| if let Piece::Loss(loss) = piece { Some(&loss.text) } else { None });
        assert!(told.unwrap().contains(if header.is_empty() { ": 1;" } else { ": colour;" }), "{told:?}");
    }
    // A mapping that somebody has looked at leaves out what it says, without a word each time.
    let table = b"colour;ip\nfam;185.7.1.1\n";
    let mapping = guess(table, None).mapping;
    let (_, codes) = read_back(&all(&mut CsvReader::new(mapping, options()), table, 64));
    assert_eq!(codes, [""; 0]);
}
