//! The kinds of hostile input, made for one door each, and what has to come of them there.
//!
//! Read next: `../doors.rs`, which asks them.

use std::io::Write;

use super::{Content, Door, Shape};

/// What has to come of a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expect {
    /// Something is taken.
    Taken,
    /// The request is refused as a whole.
    Refused,
    /// Nothing is taken, and the answer says why.
    Nothing,
    /// The answer says what was not taken, whatever else was.
    Said,
    /// Nothing is taken.
    Quiet,
    /// Any clear answer.
    Answered,
}

/// How the length of a body is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Framing {
    Whole,
    /// `Content-Length` says this.
    Claiming(usize),
    /// In a piece without an end.
    Silent,
}

/// A case.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) body: Vec<u8>,
    pub(crate) media: Option<&'static str>,
    pub(crate) encoding: Option<&'static str>,
    pub(crate) framing: Framing,
    pub(crate) expect: Expect,
    pub(crate) may_be_cut: bool,
}

fn case(name: &'static str, body: Vec<u8>, expect: Expect) -> Case {
    Case { name, body, media: None, encoding: None, framing: Framing::Whole, expect, may_be_cut: false }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Much that packs into little.
pub(crate) fn zeros() -> Vec<u8> {
    vec![b'0'; 96 << 20]
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{text} has no {from}");
    text.replacen(from, to, 1).into_bytes()
}

pub(crate) fn utf_16(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A member of the honest body's innermost object, by what it holds.
fn anchor(door: &Door) -> &'static str {
    match door.shape {
        Shape::Bulk | Shape::Misp if door.content == Content::Json => "\"type\":\"domain\"",
        Shape::Warninglists => "\"version\":1",
        Shape::Lookup => "\"values\":[\"honest.doors.example\"]",
        _ => "\"spec_version\":\"2.1\"",
    }
}

/// Every case of a door but those that take long.
pub(crate) fn cases_of(door: &Door) -> Vec<Case> {
    let honest = &door.honest;
    let (is_text, is_stix) = (door.content == Content::Text, door.content == Content::Stix);
    let by_content = |json: Expect, text: Expect| if is_text { text } else { json };
    let mut cases = vec![
        case("honest", honest.clone(), Expect::Taken),
        case("truncated", honest[..honest.len() * 2 / 3].to_vec(), by_content(Expect::Nothing, Expect::Answered)),
        case("deeply nested", "[".repeat(200_000).into_bytes(), by_content(Expect::Nothing, Expect::Quiet)),
        case(
            "deeply nested objects",
            "{\"objects\":".repeat(50_000).into_bytes(),
            by_content(Expect::Nothing, Expect::Quiet),
        ),
        case("UTF-16", utf_16(honest), by_content(Expect::Nothing, Expect::Answered)),
        case(
            "NUL",
            [&honest[..honest.len() / 2], &[0; 3], &honest[honest.len() / 2..]].concat(),
            by_content(Expect::Nothing, Expect::Answered),
        ),
        case(
            "not UTF-8",
            [&honest[..honest.len() / 2], &[0xff, 0xc0, 0xaf], &honest[honest.len() / 2..]].concat(),
            by_content(Expect::Nothing, Expect::Answered),
        ),
        case("BOM", [b"\xef\xbb\xbf", &honest[..]].concat(), Expect::Answered),
        case("empty", Vec::new(), Expect::Quiet),
        case("only white space", b" \r\n\t \n".repeat(100), Expect::Quiet),
        case("a line of 10 MB", vec![b'a'; 10 << 20], by_content(Expect::Nothing, Expect::Quiet)),
        case(
            "random bytes",
            (0_u32..60_000).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect(),
            by_content(Expect::Nothing, Expect::Answered),
        ),
    ];
    if !is_text {
        cases.extend(of_json(door));
    }
    let length = honest.len();
    for (name, claimed, expect) in [
        ("shorter than it says", length + 1_000, Expect::Answered),
        ("longer than it says", length * 2 / 3, by_content(Expect::Nothing, Expect::Answered)),
    ] {
        let told = case(name, honest.clone(), expect);
        cases.push(Case { framing: Framing::Claiming(claimed), may_be_cut: true, ..told });
    }
    let wrong = if door.is_typed { Expect::Refused } else { Expect::Answered };
    cases.push(Case { media: Some("application/pdf"), ..case("another content type", honest.clone(), wrong) });
    for (name, encoding, body) in [
        ("a gzip bomb", "gzip", gzip(&zeros())),
        ("a zstd bomb", "zstd", zstd::encode_all(&zeros()[..], 3).unwrap()),
        ("gzip within gzip", "gzip", gzip(&gzip(&zeros()))),
        ("gzip that is cut", "gzip", gzip(honest)[..20].to_vec()),
        ("zstd that is none", "zstd", honest.clone()),
    ] {
        let may_be_quiet = is_text && name == "gzip within gzip";
        let unpacked = if may_be_quiet { Expect::Quiet } else { Expect::Nothing };
        let expect = if door.unpacks { unpacked } else { Expect::Refused };
        cases.push(Case { encoding: Some(encoding), ..case(name, body, expect) });
    }
    for (name, encoding) in [("br", "br"), ("two encodings", "gzip, gzip"), ("an encoding that is none", "\"")] {
        cases.push(Case { encoding: Some(encoding), ..case(name, honest.clone(), Expect::Refused) });
    }
    if door.unpacks {
        cases.push(Case { encoding: Some("gzip"), ..case("honest, in gzip", gzip(honest), Expect::Taken) });
        let packed = zstd::encode_all(&honest[..], 3).unwrap();
        cases.push(Case { encoding: Some("zstd"), ..case("honest, in zstd", packed, Expect::Taken) });
    }
    // What is repeated is there already: a document with a long value inside comes last.
    if is_stix {
        let long = format!("\"spec_version\":\"2.1\",\"description\":\"{}\"", "x".repeat(3 << 20));
        cases.push(case("an object of 3 MB", replaced(honest, "\"spec_version\":\"2.1\"", &long), Expect::Nothing));
    }
    cases
}

fn of_json(door: &Door) -> Vec<Case> {
    let at = anchor(door);
    let with = |more: &str| replaced(&door.honest, at, &format!("{at},{more}"));
    let is_stix = door.content == Content::Stix;
    // A warninglist has members of its own beside those of MISP, and says which of them mean nothing here.
    let deep = if door.shape == Shape::Warninglists { Expect::Said } else { Expect::Nothing };
    let strict = if is_stix { Expect::Nothing } else { Expect::Answered };
    vec![
        case("a huge exponent", with("\"confidence\":1e999999"), strict),
        case("a number of 100,000 digits", with(&format!("\"confidence\":{}", "9".repeat(100_000))), strict),
        case("one key twice", with(at), Expect::Nothing),
        case("half a surrogate pair", with("\"name\":\"\\ud800\""), Expect::Nothing),
        case(
            "a member nested 1,000 deep",
            with(&format!("\"x_deep\":{}1{}", "[".repeat(1_000), "]".repeat(1_000))),
            deep,
        ),
        case("another shape", b"[[],{},null,\"x\",7]".to_vec(), Expect::Nothing),
        case("null", b"null".to_vec(), Expect::Nothing),
        case("a text", b"\"only a text\"".to_vec(), Expect::Nothing),
        case("two documents", [&door.honest[..], b"}}", &door.honest[..]].concat(), Expect::Said),
        case("a body that goes on with rubbish", [&door.honest[..], b"\n\x01\x02garbage"].concat(), Expect::Said),
    ]
}

/// A body that begins and never ends.
pub(crate) fn slow_case(door: &Door) -> Case {
    let body = door.honest[..door.honest.len() / 2].to_vec();
    Case { framing: Framing::Silent, ..case("a body that never ends", body, Expect::Nothing) }
}
