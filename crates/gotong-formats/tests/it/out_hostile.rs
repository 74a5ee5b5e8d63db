//! No value, name or channel can break or widen an export: values made of what the formats use themselves, in every format, read back.

use gotong_formats::out::{Format, Header, Item, Options, Writer};
use gotong_formats::stix21::read;
use gotong_model::Tlp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::out::{header, indicator, nothing};
use crate::out_rules::{meant, rules};
use crate::out_tables::{read_csv, turned_back};

/// What some format gives a meaning to.
const PIECES: [&str; 46] = [
    "evil",
    "example",
    ".",
    "example.com",
    "\n",
    "\r\n",
    "\"",
    "'",
    ";",
    "\\",
    "|",
    ",",
    "\t",
    " ",
    "#",
    "$",
    "$INCLUDE /etc/passwd",
    "; pass any",
    "\") ; sid:1;",
    "(",
    ")",
    "@",
    "=cmd|' /C calc'!A0",
    "+",
    "-",
    "*.",
    "rpz-ip",
    "rpz-client-ip",
    "32.0.0.0.127.rpz-ip",
    "\u{202e}",
    "\u{2028}",
    "\u{0}",
    "\u{85}",
    "http://",
    "https://evil.example/",
    "198.51.100.7",
    "2001:db8::1",
    "/24",
    "é",
    "xn--",
    "<U+000A>",
    "\u{feff}",
    "%0a",
    "..",
    "?",
    "https://evil.example/?a=\\x09b",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![9 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => (1_usize..400).prop_map(|n| "a".repeat(n))];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

const PROPERTIES: [&str; 7] = [
    "domain-name:value",
    "url:value",
    "ipv4-addr:value",
    "ipv6-addr:value",
    "email-addr:value",
    "file:hashes.MD5",
    "mutex:name",
];

/// A record whose texts are all hostile, where STIX takes them at all.
fn body(property: &str, value: &str, name: &str) -> Option<Vec<u8>> {
    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
    let body = indicator(&format!("[{property} = '{quoted}']"), &json!({ "name": name }));
    read(&body).is_ok().then_some(body)
}

fn export(format: Format, header: &Header, bodies: &[Vec<u8>], channel: &str) -> String {
    let mut writer = Writer::start(format, header.clone(), Options { url_hosts: true, ..Options::default() });
    for body in bodies {
        let facts = read(body).unwrap();
        let label = Tlp::Green;
        let item = Item { facts: &facts, body, label, pap: None, author: "th", channel, published_at: header.made_at };
        writer.push(&item, &nothing);
    }
    String::from_utf8(writer.finish().0).unwrap()
}

fn is_name(text: &str) -> bool {
    text.split('.').all(|label| (1..64).contains(&label.len()))
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte))
}

fn lists_hold(header: &Header, bodies: &[Vec<u8>], channel: &str) {
    for line in export(Format::Plain, header, bodies, channel).lines().filter(|line| !line.starts_with("# ")) {
        let first = line.chars().next().unwrap();
        assert!(
            !line.chars().any(|letter| letter.is_control() || letter == '\u{202e}' || letter == '\u{2028}'),
            "{line:?}"
        );
        assert!(!first.is_whitespace() && !matches!(first, '#' | ';'), "{line:?}");
    }
    for line in export(Format::Hosts, header, bodies, channel).lines().filter(|line| !line.starts_with("# ")) {
        assert!(is_name(line.strip_prefix("0.0.0.0 ").unwrap()), "{line:?}");
    }
    let zone = export(Format::Rpz, header, bodies, channel);
    let mut lines = zone.lines().filter(|line| !line.starts_with("; "));
    assert_eq!((lines.next(), lines.next()), (Some("$ORIGIN gotong.rpz."), Some("$TTL 60")));
    for line in lines {
        if line.starts_with("@ IN ") {
            continue;
        }
        let owner = line.strip_suffix(" IN CNAME .").unwrap_or_else(|| panic!("{line:?}"));
        let owner = owner.strip_prefix("*.").unwrap_or(owner);
        assert!(is_name(owner), "{line:?}");
        assert!(
            // Whole labels are triggers: a longer one that ends alike is a name like any other.
            !owner.contains("127.rpz-ip") && owner != "rpz-client-ip" && !owner.ends_with(".rpz-client-ip"),
            "a name is no trigger of another kind: {line}"
        );
    }
}

fn rules_hold(header: &Header, bodies: &[Vec<u8>], channel: &str) {
    const KEYWORDS: [&str; 26] = [
        "msg",
        "reference",
        "metadata",
        "sid",
        "rev",
        "content",
        "flow",
        "nocase",
        "endswith",
        "startswith",
        "bsize",
        "distance",
        "within",
        "dns.query",
        "tls.sni",
        "http.host",
        "http.uri",
        "http.uri.raw",
        "dotprefix",
        "http_header",
        "http_raw_uri",
        "bufferlen",
        "iprep",
        "filemd5",
        "filesha1",
        "filesha256",
    ];
    for format in [Format::Suricata, Format::Snort] {
        let text = export(format, header, bodies, channel);
        assert!(text.is_ascii() || text.lines().filter(|line| !line.is_ascii()).all(|line| line.starts_with("# ")));
        assert!(text.lines().all(|line| !line.ends_with('\\')), "no line goes on in the next: {text}");
        for rule in rules(&text) {
            assert_eq!(rule.head[0], "alert");
            for (keyword, value) in &rule.options {
                assert!(KEYWORDS.contains(&keyword.as_str()), "{keyword} {value}");
                if keyword == "content" {
                    assert!(!meant(value).is_empty());
                }
            }
            assert_eq!((rule.all("sid").len(), rule.all("msg").len()), (1, 1), "{text}");
        }
    }
    let lists = [Format::SuricataReputation, Format::from_name("suricata-md5", [0; 16]).unwrap()];
    for line in lists.map(|format| export(format, header, bodies, channel)).iter().flat_map(|text| text.lines()) {
        let is_plain = line.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:/,".contains(&byte));
        assert!(line.starts_with("# ") || is_plain, "{line:?}");
    }
}

fn tables_hold(header: &Header, bodies: &[Vec<u8>], (channel, name): (&str, &str)) {
    for row in read_csv(&export(Format::Csv, header, bodies, channel)).into_iter().skip(1) {
        assert_eq!(row.len(), 15);
        for cell in &row {
            let first = cell.trim_start().chars().next();
            assert!(!first.is_some_and(|letter| "=+-@\t\r".contains(letter)), "{cell:?}");
            assert!(!cell.chars().any(|letter| letter.is_control() || letter == '\u{202e}'), "{cell:?}");
        }
        // The index of values and names cuts and cleans; what it kept comes back as it is.
        let kept = name.get(..name.floor_char_boundary(1_024)).unwrap();
        assert_eq!(turned_back(&row[6]), kept.replace('\0', "\u{fffd}"));
        assert_eq!(turned_back(&row[11]), channel);
    }
    for line in export(Format::Zeek, header, bodies, channel)
        .split('\n')
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let fields: Vec<_> = line.split('\t').collect();
        assert_eq!(fields.len(), 6, "{line:?}");
        assert!(fields.iter().all(|field| !field.is_empty() && *field != "-"), "{line:?}");
        assert!(!line.chars().any(|letter| letter != '\t' && letter.is_control()), "{line:?}");
        assert!(!line.replace("\\x5c", "").contains('\\'), "the reader of Zeek would undo it: {line:?}");
    }
    for line in export(Format::Ecs, header, bodies, channel).split('\n').filter(|line| !line.is_empty()) {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["threat"]["indicator"]["marking"]["tlp"], "GREEN");
        assert_eq!(object["labels"]["gotong_channel"], channel);
    }
    for line in export(Format::StixLines, header, bodies, channel).split('\n').filter(|line| !line.is_empty()) {
        assert!(read(line.as_bytes()).is_ok());
    }
}

proptest! {
    #[test]
    fn nothing_that_a_record_says_breaks_an_export(
        value in hostile(), name in hostile(), channel in hostile(), node in hostile(), property in proptest::sample::select(&PROPERTIES[..]),
    ) {
        let header = Header { node, fetch: channel.clone(), channels: vec![channel.clone(), value.clone()], ..header() };
        // Beside it an ordinary one: whatever stands around it, it must come through.
        let good = body("domain-name:value", "control.example", &name);
        let bodies: Vec<_> = body(property, &value, &name).into_iter().chain(good).collect();
        let plain = export(Format::Plain, &header, &bodies, &channel);
        prop_assert!(bodies.is_empty() || plain.lines().any(|line| line == "control.example"));
        lists_hold(&header, &bodies, &channel);
        rules_hold(&header, &bodies, &channel);
        tables_hold(&header, &bodies, (&channel, &name));
    }
}
