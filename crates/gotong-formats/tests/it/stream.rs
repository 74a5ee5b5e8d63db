//! A stream gives the same objects however it is cut, and loses no more than what is broken.

use gotong_formats::stix21::{BundleWriter, InputKind, Piece, PieceFault, Splitter, id_of_label};
use gotong_model::Tlp;
use gotong_model::limits::BODY_BYTES_MAX;
use proptest::prelude::*;

fn split(kind: InputKind, bytes: &[u8], chunk: usize) -> Vec<Piece> {
    let mut splitter = Splitter::new(kind);
    let mut pieces = Vec::new();
    for part in bytes.chunks(chunk) {
        splitter.push(part);
        pieces.extend(std::iter::from_fn(|| splitter.next()));
    }
    splitter.finish();
    pieces.extend(std::iter::from_fn(|| splitter.next()));
    pieces
}

/// One line for each piece, after it was seen that the cuts make no difference.
fn shown(kind: InputKind, text: &str) -> Vec<String> {
    let whole = split(kind, text.as_bytes(), usize::MAX);
    for chunk in [1, 2, 3, 7] {
        assert_eq!(split(kind, text.as_bytes(), chunk), whole, "{text} in pieces of {chunk}");
    }
    whole
        .into_iter()
        .map(|piece| match piece.content {
            Ok(body) => format!("{} {}", piece.line, String::from_utf8(body).unwrap()),
            Err(PieceFault::TooLarge { offset }) => format!("{} too large at {offset}", piece.line),
            Err(PieceFault::Broken { offset }) => format!("{} broken at {offset}", piece.line),
            Err(PieceFault::Truncated { offset }) => format!("{} truncated at {offset}", piece.line),
        })
        .collect()
}

#[test]
fn ndjson_is_cut_at_its_lines_whatever_their_ends() {
    for kind in [InputKind::Auto, InputKind::Ndjson] {
        assert_eq!(
            shown(kind, "{\"a\":1}\r\n\n  {\"b\":\"}\"} \n{\"c\":3}"),
            ["1 {\"a\":1}", "3 {\"b\":\"}\"}", "4 {\"c\":3}"]
        );
    }
    assert_eq!(
        shown(InputKind::Auto, "\n\n{\"a\":1}\nnonsense\n{\"b\":2}\n"),
        ["3 {\"a\":1}", "4 nonsense", "5 {\"b\":2}"]
    );
    assert_eq!(shown(InputKind::Auto, "nonsense\n{\"b\":2}"), ["1 nonsense", "2 {\"b\":2}"]);
}

#[test]
fn a_broken_first_line_does_not_cost_the_others() {
    assert_eq!(shown(InputKind::Auto, "{\"a\":]}\n{\"b\":2}\n"), ["1 broken at 5", "2 {\"b\":2}"]);
    assert_eq!(shown(InputKind::Auto, "{\"a\":\"x\n{\"b\":2}\n"), ["1 broken at 7", "2 {\"b\":2}"]);
    assert_eq!(shown(InputKind::Auto, "{\"a\":1} x\n{\"b\":2}\n"), ["1 {\"a\":1}", "1 broken at 8", "2 {\"b\":2}"]);
    assert_eq!(shown(InputKind::Ndjson, "{\"a\":\n{\"b\":2}\n"), ["1 {\"a\":", "2 {\"b\":2}"]);
}

#[test]
fn a_bundle_is_cut_whatever_the_order_of_its_keys() {
    let expected = ["1 {\"a\":[1,{\"objects\":[]}]}", "2 {\"b\":\"]\\\"}\"}"];
    let list = "[ {\"a\":[1,{\"objects\":[]}]} ,\n {\"b\":\"]\\\"}\"}]";
    for text in [
        format!("{{\"type\":\"bundle\",\"id\":\"x\",\"objects\":{list}}}"),
        format!("{{\"objects\" : {list}, \"id\":{{\"x\":[1]}},\"type\":\"bundle\"}}\n"),
        format!("{{\n  \"id\": \"b\\\"undle\",\n  \"type\": \"bundle\",\n  \"objects\": {list}\n}}"),
        format!("{{\"more\":false,\"objects\":{list}}}"),
        list.to_owned(),
        format!("\u{feff}{list}"),
    ] {
        assert_eq!(shown(InputKind::Auto, &text), expected, "{text}");
        assert_eq!(shown(InputKind::Bundle, &text), expected, "{text}");
    }
}

#[test]
fn a_single_object_stays_whole() {
    let text = "{\n \"type\": \"observed-data\",\n \"objects\": {\"0\": {}},\n \"x\": [\"objects\", [1]]\n}\n";
    assert_eq!(shown(InputKind::Auto, text), [format!("1 {}", text.trim_end())]);
    let list = "{\"type\":\"x-list\",\"objects\":[1]}";
    assert_eq!(shown(InputKind::Auto, list), [format!("1 {list}")], "only a bundle is opened");
    let two = format!("{text}{text}");
    assert_eq!(shown(InputKind::Auto, &two), [format!("1 {}", text.trim_end()), format!("6 {}", text.trim_end())]);
}

#[test]
fn empty_streams_and_empty_bundles_have_no_objects() {
    for text in ["", " \n", "\u{feff}", "[]", "[ ]\n", "{\"type\":\"bundle\",\"id\":\"x\"}", "{\"objects\":[]}"] {
        assert!(shown(InputKind::Auto, text).is_empty(), "{text}");
    }
}

#[test]
fn what_came_before_the_break_is_kept_and_the_place_is_named() {
    let whole = "{\"type\":\"bundle\",\"objects\":[{\"a\":1},{\"b\":2}]}";
    for length in 1..whole.len() {
        let pieces = shown(InputKind::Auto, whole.get(..length).unwrap());
        assert!(pieces.last().unwrap().ends_with(&format!("truncated at {length}")), "{length}: {pieces:?}");
        let kept = usize::from(length >= 35) + usize::from(length >= 43);
        assert_eq!(pieces.len(), kept + 1, "{length}: {pieces:?}");
    }
    for (text, expected) in [
        ("[{\"a\":1} {\"b\":2}]", vec!["1 {\"a\":1}", "1 broken at 9"]),
        ("[{\"a\":1},]", vec!["1 {\"a\":1}", "2 broken at 9"]),
        ("[{\"a\":1},{\"b\":]},{\"c\":3}]", vec!["1 {\"a\":1}", "2 broken at 14"]),
        ("[,]", vec!["1 broken at 1"]),
        ("[1]]", vec!["1 1", "1 broken at 3"]),
        ("[\"a,]\",nonsense]", vec!["1 \"a,]\"", "2 nonsense"]),
    ] {
        assert_eq!(shown(InputKind::Bundle, text), expected, "{text}");
    }
    assert_eq!(shown(InputKind::Bundle, "nonsense"), ["1 broken at 0"]);
}

#[test]
fn an_object_too_large_is_skipped_in_bounded_memory_and_the_stream_goes_on() {
    let large = format!("{{\"x\":\"{}\"}}", "y".repeat(10 << 20));
    let lines = format!("{{\"a\":1}}\n{large}\n{{\"b\":2}}\n");
    let list = format!("[{{\"a\":1}},{large},{{\"b\":2}}]");
    let first = format!("{large}\n{{\"b\":2}}\n");
    for (kind, text, at) in
        [(InputKind::Auto, &lines, 8), (InputKind::Ndjson, &lines, 8), (InputKind::Bundle, &list, 9)]
    {
        for chunk in [4_096, usize::MAX] {
            let pieces = split(kind, text.as_bytes(), chunk);
            assert_eq!(pieces.len(), 3);
            assert_eq!(pieces[1].content, Err(PieceFault::TooLarge { offset: at }));
            assert_eq!(pieces[2].content.as_deref(), Ok(b"{\"b\":2}".as_slice()));
        }
    }
    let pieces = split(InputKind::Auto, first.as_bytes(), 4_096);
    assert_eq!(pieces[0].content, Err(PieceFault::TooLarge { offset: 0 }));
    assert_eq!(pieces[1], Piece { line: 2, content: Ok(b"{\"b\":2}".to_vec()) });
}

#[test]
fn an_object_of_just_the_limit_passes() {
    for (kind, before, after) in
        [(InputKind::Ndjson, " ", "\r\n"), (InputKind::Bundle, "[ ", " ]"), (InputKind::Auto, "", "\n")]
    {
        let object = |bytes: usize| format!("{{\"x\":\"{}\"}}", "y".repeat(bytes - 8));
        let pieces = split(kind, format!("{before}{}{after}", object(BODY_BYTES_MAX)).as_bytes(), 8_192);
        assert_eq!(pieces[0].content.as_ref().map(Vec::len), Ok(BODY_BYTES_MAX));
        let pieces = split(kind, format!("{before}{}{after}", object(BODY_BYTES_MAX + 1)).as_bytes(), 8_192);
        assert!(matches!(pieces[0].content, Err(PieceFault::TooLarge { .. })), "{kind:?}");
    }
}

#[test]
fn what_is_written_as_a_bundle_is_cut_into_the_same_bytes() {
    let bodies = ["{\"a\": 1.50}".to_owned(), format!("{{\"object_marking_refs\":[\"{}\"]}}", id_of_label(Tlp::Amber))];
    let mut writer = BundleWriter::start([7; 16]);
    let mut bytes = Vec::new();
    for body in &bodies {
        writer.object(body.as_bytes());
        bytes.extend(writer.take());
    }
    bytes.extend(writer.finish());
    let pieces = split(InputKind::Auto, &bytes, 5);
    let found: Vec<_> = pieces.into_iter().map(|piece| String::from_utf8(piece.content.unwrap()).unwrap()).collect();
    assert_eq!(found[..2], bodies);
    assert_eq!(found[2..], [gotong_formats::stix21::definition_of_label(Tlp::Amber)]);
}

proptest! {
    #[test]
    fn the_cuts_of_a_stream_make_no_difference(
        words in proptest::collection::vec(prop_oneof![
            Just("{"), Just("}"), Just("["), Just("]"), Just("\""), Just("\\"), Just(","), Just(":"), Just("\n"), Just("\r\n"),
            Just(" "), Just("\"objects\":["), Just("\"type\":\"bundle\""), Just("{\"a\":1}"), Just("{\"a\":1}\n"), Just("x")
        ], 0..40),
        chunk in 1_usize..9,
    ) {
        let text = words.concat();
        for kind in [InputKind::Auto, InputKind::Bundle, InputKind::Ndjson] {
            let whole = split(kind, text.as_bytes(), usize::MAX);
            prop_assert_eq!(split(kind, text.as_bytes(), chunk), whole);
        }
    }
}
