//! Hostile bytes for every reader of text: cuts anywhere, long lines, wide tables, packed and nested mails, letters that turn the text around.
//!
//! Memory is shown by how much a reader lets pile up: pushed in chunks, it hands out or drops what is behind before it takes more.

use crate::text_readers::{all, file, options, read_back};
use gotong_formats::draft::{Piece, Reader};
use gotong_formats::text::{
    Charset, CsvReader, ListReader, MAIL_BYTES_MAX, MailReader, ShadowserverReader, TEXT_LINE_BYTES_MAX, TextReader,
    detect, guess, preview,
};
use proptest::prelude::*;

fn readers(bytes: &[u8]) -> Vec<Box<dyn Reader>> {
    let mapping = guess(bytes, None).mapping;
    vec![
        Box::new(ListReader::new(options(), Charset::UTF_8)),
        Box::new(CsvReader::new(mapping, options())),
        Box::new(TextReader::new(options(), Charset::UTF_8)),
        Box::new(ShadowserverReader::new(options(), None)),
        Box::new(MailReader::new(options())),
        Box::new(ListReader::new(options(), Charset::from_label("utf-16").unwrap())),
        Box::new(ListReader::new(options(), Charset::from_label("gb18030").unwrap())),
    ]
}

fn same_however_cut(bytes: &[u8], chunk: usize) {
    for (mut whole, mut cut) in readers(bytes).into_iter().zip(readers(bytes)) {
        let pieces = all(&mut *whole, bytes, usize::MAX);
        read_back(&pieces);
        assert_eq!(all(&mut *cut, bytes, chunk), pieces);
    }
    let _ = (detect(bytes, None), preview(bytes, &guess(bytes, None).mapping, &options(), 3));
}

proptest! {
    #[test]
    fn the_cuts_of_an_input_make_no_difference(
        words in proptest::collection::vec(prop_oneof![
            Just("198.51.100.7"), Just("evil.example"), Just(","), Just(";"), Just("\t"), Just("\""), Just("\"\""), Just("\n"), Just("\r\n"), Just("# "),
            Just("value,comment,tlp\n"), Just("timestamp,ip,asn,geo\n"), Just("2026-03-04,198.51.100.7,1,VN\n"), Just("\u{feff}"), Just("\0"), Just("ก"),
            Just("From: a@evil.example\n"), Just("Content-Type: multipart/mixed; boundary=x\n"), Just("--x\n"), Just("--x--\n"),
            Just("Content-Type: message/rfc822\n"), Just("Content-Type: text/html\n\n<a href='http://evil.example/x'>y</a>"), Just("Subject: =?utf-8?b?4Lij?=\n"),
            Just("\u{202e}"), Just("tlp:red"), Just("0.0.0.0 a.example")
        ], 0..30),
        chunk in 1_usize..9,
    ) {
        same_however_cut(words.concat().as_bytes(), chunk);
    }

    #[test]
    fn no_bytes_stop_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200), chunk in 1_usize..9) {
        same_however_cut(&bytes, chunk);
    }
}

#[test]
fn our_own_files_cut_anywhere_or_ending_anywhere_stop_nobody() {
    for name in [
        "list.txt",
        "misp.csv",
        "hand.csv",
        "2026-03-04-scan_adb-vietnam-geo.csv",
        "advisory.txt",
        "phish.eml",
        "forwarded.eml",
    ] {
        let bytes = file(name);
        same_however_cut(&bytes, 17);
        for end in (0..bytes.len()).step_by(211) {
            let bytes = &bytes[..end];
            for mut reader in readers(bytes) {
                read_back(&all(&mut *reader, bytes, 50));
            }
        }
    }
}

#[test]
fn a_line_of_ten_megabytes_is_one_fault_and_is_not_kept() {
    let mut reader = ListReader::new(options(), Charset::UTF_8);
    let chunk = vec![b'a'; 64 << 10];
    let mut pieces = Vec::new();
    for _ in 0..160 {
        reader.push(&chunk);
        pieces.extend(std::iter::from_fn(|| reader.next()));
    }
    pieces.extend(all(&mut reader, b"\n198.51.100.7\n", 99));
    let (facts, codes) = read_back(&pieces);
    assert_eq!((facts.len(), codes), (1, vec!["text.line-too-long"]));
    assert_eq!(pieces.iter().map(Piece::line).collect::<Vec<_>>(), [1, 2]);
    // The control: a line that just fits is read.
    let mut line = b"198.51.100.7 # ".to_vec();
    line.resize(TEXT_LINE_BYTES_MAX, b'x');
    assert_eq!(read_back(&all(&mut ListReader::new(options(), Charset::UTF_8), &line, 99_999)).0.len(), 1);
}

#[test]
fn a_million_columns_and_a_quote_that_never_closes_are_faults() {
    let mapping = guess(b"value,comment\n198.51.100.7,x\n", None).mapping;
    let wide = format!("value,comment\n{}\n198.51.100.7,x\n", ",".repeat(1_000_000));
    let (facts, codes) = read_back(&all(&mut CsvReader::new(mapping.clone(), options()), wide.as_bytes(), 4_096));
    assert_eq!((facts.len(), codes), (1, vec!["text.csv.columns"]));
    let open = format!("value,comment\n198.51.100.7,\"open\n{}", "198.51.100.8,x\n".repeat(2_000));
    let pieces = all(&mut CsvReader::new(mapping.clone(), options()), open.as_bytes(), 4_096);
    let (facts, codes) = read_back(&pieces);
    assert_eq!((facts.len(), codes), (1_001, vec!["text.csv.quote"]), "what is behind the bound is read again");
    let (facts, codes) =
        read_back(&all(&mut CsvReader::new(mapping, options()), b"value,comment\n198.51.100.7,\"open", 4));
    assert_eq!((facts.len(), codes), (0, vec!["text.csv.quote"]));
    let _ = guess(wide.as_bytes(), None);
}

#[test]
fn mails_that_would_cost_more_than_they_are_long_are_refused() {
    let deep = "Content-Type: message/rfc822\n\n".repeat(20_000);
    let folded = "Content-Type:\n message/\n  rfc822\n\n".repeat(20_000);
    let parts =
        format!("From: a@evil.example\nContent-Type: multipart/mixed; boundary=x\n\n{}", "--x\n\n".repeat(50_000));
    let headers = format!("From: a@evil.example\n{}", "a:\n".repeat(200_000));
    let packed = "From: a@evil.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTog\n--x--\n";
    for mail in [deep.as_str(), &folded, &parts, &headers, packed] {
        let (facts, codes) = read_back(&all(&mut MailReader::new(options()), mail.as_bytes(), 1 << 20));
        assert_eq!((facts.len(), codes), (0, vec!["text.mail.bounds"]), "{:?}", mail.get(..60));
    }
    let long = vec![b'a'; MAIL_BYTES_MAX + 1];
    let (_, codes) = read_back(&all(&mut MailReader::new(options()), &long, 1 << 20));
    assert_eq!(codes, ["text.mail.too-long"]);
    // The control: some messages within one another are read, and what is too deep is told.
    let nested = format!(
        "{}From: a@evil.example\nSubject: x\n\nhttp://evil.example/x\n",
        "Subject: f\nContent-Type: message/rfc822\n\n".repeat(5)
    );
    assert!(read_back(&all(&mut MailReader::new(options()), nested.as_bytes(), 99)).0.len() > 2);
    let deeper = format!(
        "{}From: a@evil.example\n\nhttp://evil.example/x\n",
        "Subject: f\nContent-Type: message/rfc822\n\n".repeat(20)
    );
    assert!(read_back(&all(&mut MailReader::new(options()), deeper.as_bytes(), 99)).1.contains(&"text.loss.depth"));
    let (_, codes) = read_back(&all(&mut MailReader::new(options()), b"no mail at all", 99));
    assert_eq!(codes, ["text.mail.none"]);
}

#[test]
fn a_value_that_is_too_long_is_told_and_never_cut_into_another() {
    for (length, found) in [(4_000, 2), (5_000, 1)] {
        let text = format!("http://evil.example/{} and 198.51.100.7", "a".repeat(length));
        let (facts, codes) = read_back(&all(&mut TextReader::new(options(), Charset::UTF_8), text.as_bytes(), 999));
        assert_eq!(facts.len(), found + 1, "and the report");
        assert_eq!(codes.contains(&"text.loss.value-too-long"), found == 1);
    }
}

#[test]
fn a_record_whose_second_line_cannot_be_read_is_told_from_its_first() {
    let mapping = guess(b"value,comment\n198.51.100.7,x\n", None).mapping;
    let table = b"value,comment\n198.51.100.7,\"a\n\xff\n198.51.100.8,x\n";
    let pieces = all(&mut CsvReader::new(mapping, options()), table, 3);
    let (facts, codes) = read_back(&pieces);
    assert_eq!((facts.len(), codes), (1, vec!["text.csv.record"]));
    assert_eq!(pieces.iter().map(Piece::line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn hostile_pages_cost_no_more_than_their_length() {
    for unit in [
        "<a",
        "<script>",
        "<a href='",
        "<a href=\"http://evil.example/\">x",
        "<!--",
        "</",
        "&#",
        "<a'>",
        "<p src=src=src",
    ] {
        let page = format!("From: a@evil.example\nContent-Type: text/html\n\n{}", unit.repeat((1 << 17) / unit.len()));
        let _ = read_back(&all(&mut MailReader::new(options()), page.as_bytes(), 1 << 20));
    }
}

#[test]
fn letters_that_turn_the_text_around_show_as_what_they_are() {
    let mapping = guess(b"value,name,tags\n198.51.100.7,x,y\n", None).mapping;
    let table = "value,name,tags\n198.51.100.7,invoice\u{202e}fdp.exe\u{7},a\u{2066}b\nev\u{202e}il.example,x,y\n";
    let pieces = all(&mut CsvReader::new(mapping, options()), table.as_bytes(), 9);
    let (facts, codes) = read_back(&pieces);
    assert_eq!((facts.len(), codes), (1, vec!["text.value.control"]));
    assert_eq!(facts[0].name.as_deref(), Some("invoice\u{fffd}fdp.exe\u{fffd}"));
}
