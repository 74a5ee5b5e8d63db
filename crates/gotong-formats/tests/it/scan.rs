//! What `scan` finds in lines: a table for people to read, escapes, cuts, and an oracle that does the same slowly.
//!
//! The table is that of `docs/book/matching.md`. Read next: `scan_oracle.rs`.

use gotong_formats::scan::{Hit, OVERLAP_BYTES, Scanner, Taken, ValueSet, ValueSetBuilder, cut};

pub(crate) fn set_of(values: &[&str]) -> ValueSet {
    let mut builder = ValueSetBuilder::new(*b"a key of a test.");
    for value in values {
        assert_eq!(builder.push(value), Taken::Yes, "{value}");
    }
    builder.finish().unwrap()
}

pub(crate) fn found(set: &ValueSet, text: &[u8]) -> Vec<Hit> {
    Scanner::new(set, false).scan(text, text.len())
}

fn values(set: &ValueSet, line: &str) -> Vec<String> {
    let mut values: Vec<String> = found(set, line.as_bytes()).into_iter().map(|hit| hit.value).collect();
    values.sort_unstable();
    values
}

/// A value, lines that it is found in, lines that it is not found in.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const TABLE: &[Row] = &[
    (
        "evil.example",
        &[
            "GET evil.example",
            "Host: EVIL.Example.",
            "www.a.evil.example:443",
            "\"evil.example\"",
            "q=evil.example&x",
            "http://user@evil.example/a",
            "ann@evil.example",
            "(evil.example)",
            "/evil.example/",
            "evil.example",
        ],
        &[
            "notevil.example",
            "evil.example.org",
            "evil-example",
            "evil.example2",
            "xevil.example",
            "my-evil.example",
            "evilexample",
        ],
    ),
    (
        "198.51.100.7",
        &[
            "198.51.100.7",
            "[198.51.100.7]:80",
            "198.51.100.7:8080",
            "src=198.51.100.7,",
            "from 198.51.100.7.",
            "http://198.51.100.7/a",
        ],
        &["198.51.100.70", "1198.51.100.7", "198.51.100.7.5", "5.198.51.100.7", "198.51.100.007"],
    ),
    (
        "203.0.113.0/24",
        &["203.0.113.0", "a 203.0.113.255:1", "203.0.113.7/32"],
        &["203.0.112.255", "203.0.114.0", "203.0.113.7.1"],
    ),
    ("10.0.0.0/7", &["10.0.0.1", "11.255.255.255"], &["12.0.0.0", "9.255.255.255"]),
    (
        "2001:db8::5",
        &[
            "2001:db8::5",
            "[2001:DB8::5]:443",
            "src 2001:db8:0:0:0:0:0:5,",
            "addr:2001:db8::5",
            "2001:db8::5%eth0",
            "http://[2001:db8::5]/",
        ],
        &["2001:db8::51", "2001:db8::5:443", "12001:db8::5"],
    ),
    ("2001:db8:1::/48", &["2001:db8:1::9", "[2001:db8:1:ffff::]:1"], &["2001:db8:2::9", "06:25:24"]),
    (
        "http://evil.example/mal/",
        &[
            "GET http://evil.example/mal/ 200",
            "http://EVIL.example:80/mal/",
            "http://evil.example/mal/x/y.exe?q=1#f",
            "u=http://evil.example/x/../mal/,200",
            "\"http://evil.example/mal/\"",
            "evil.example/mal/a",
            "see http://evil.example/mal/.",
            "http://a:b@evil.example/ http://evil.example/mal/",
        ],
        &[
            "http://evil.example/malt/",
            "http://evil.example/mal",
            "https://evil.example/mal/",
            "http://www.evil.example/mal/",
            "http://evil.example/",
        ],
    ),
    (
        "http://evil.example/",
        &["http://evil.example", "http://evil.example/", "http://evil.example/?q=1"],
        &["http://evil.example/a", "evil.example"],
    ),
    (
        "https://evil.example/a?b=1",
        &["https://evil.example/a?b=1", "https://evil.example/a?b=1#c"],
        &["https://evil.example/a", "https://evil.example/a?b=12"],
    ),
    (
        "ann@evil.example",
        &["from=<ann@evil.example>", "mailto:ann@evil.example", "Ann@Evil.Example"],
        &["joann@evil.example", "ann@www.evil.example", "ann@evil.example.org", "ann at evil.example"],
    ),
    (
        "d41d8cd98f00b204e9800998ecf8427e",
        &["MD5=D41D8CD98F00B204E9800998ECF8427E,SHA", "md5:d41d8cd98f00b204e9800998ecf8427e"],
        &["d41d8cd98f00b204e9800998ecf8427e0", "d41d8cd98f00b204e9800998ecf8427e.exe"],
    ),
    (
        "00:1b:44:11:3a:b7",
        &["mac 00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7", "001b.4411.3ab7"],
        &["00:1b:44:11:3a:b7:00", "00:1b:44:11:3a:b8", "001b44113ab7"],
    ),
    ("0a1b2c3d4e5f6071", &["serial 0A:1B:2C:3D:4E:5F:60:71", "0a1b2c3d4e5f6071"], &["0a1b2c3d4e5f60712"]),
    ("AS64496", &["as64496", "AS64496"], &["AS644961", "64496"]),
    ("CVE-2024-12345", &["cve-2024-12345:"], &["CVE-2024-123456"]),
    (
        r"hklm\software\run",
        &[r#"key="HKLM\Software\Run""#, r#"{"k":"HKLM\\Software\\Run"}"#],
        &[r"HKLM\Software\Run\x"],
    ),
    ("evil.exe", &[r"C:\x\Evil.exe", "/tmp/evil.exe"], &["not.evil.exe", "evil.exe.txt", "evil.exec"]),
    ("GlobalMutex_7", &["GlobalMutex_7"], &["globalmutex_7", "GlobalMutex_77"]),
    (
        "run me /q",
        &["cmd: run me /q", r#""x run me \/q""#, "RUN run me /q"],
        &["rerun me /q", "run me /quiet", "run  me /q"],
    ),
    ("{8F6F}", &["a={8F6F}", "x{8F6F}y"], &["8F6F"]),
    (
        "xn--bcher-kva.example",
        &["www.bücher.example", "XN--bcher-kva.example", "http://bücher.example/"],
        &["bucher.example"],
    ),
    ("/usr/bin/evil", &["exe=/usr/bin/evil"], &["/usr/bin/evil2", "/opt/usr/bin/evil"]),
];

#[test]
fn whole_names_count_and_what_is_only_part_of_one_does_not() {
    for (value, hits, misses) in TABLE {
        let set = set_of(&[value]);
        for line in *hits {
            assert_eq!(values(&set, line), [*value], "{line}");
        }
        for line in *misses {
            assert!(values(&set, line).is_empty(), "{value} is not in {line:?}");
        }
    }
}

#[test]
fn escapes_are_undone_and_defanged_values_on_request() {
    let set = set_of(&["evil.example", "http://evil.example/a"]);
    for line in [
        r#"{"u":"http:\/\/evil.example\/a"}"#,
        "u=http%3A%2F%2Fevil%2Eexample%2Fa",
        r"http://evil\u002eexample/a",
        "http://%65vil.example/a",
    ] {
        assert_eq!(values(&set, line), ["evil.example", "http://evil.example/a"], "{line}");
    }
    assert_eq!(values(&set, r#" {"m":"first\nevil.example\tx"}"#), ["evil.example"]);
    assert!(
        values(&set, r"C:\temp\nevil.example").is_empty(),
        "elsewhere a backslash before a letter is part of a path"
    );
    assert!(values(&set, "http%253A%252F%252Fevil%252Eexample").is_empty(), "one level is undone");
    let line = b"see hxxp://evil[.]example/a and url=hxxp://evil.example/a";
    let hits = Scanner::new(&set, true).scan(line, line.len());
    assert_eq!(
        hits.iter().map(|hit| hit.value.as_str()).collect::<Vec<_>>(),
        ["evil.example", "http://evil.example/a"]
    );
    assert_eq!(values(&set, "evil[.]example"), Vec::<String>::new());
}

#[test]
fn lines_are_counted_and_each_value_is_told_once_in_a_line() {
    let set = set_of(&["evil.example", "198.51.100.7"]);
    let text = b"evil.example evil.example 198.51.100.7\n\nx\r\n198.51.100.7\nevil.example";
    let hits = found(&set, text);
    let lines: Vec<(u64, &str)> = hits.iter().map(|hit| (hit.line, hit.value.as_str())).collect();
    assert_eq!(lines, [(0, "evil.example"), (0, "198.51.100.7"), (3, "198.51.100.7"), (4, "evil.example")]);
}

#[test]
fn bytes_that_are_no_text_hide_nothing_and_break_nothing() {
    let set = set_of(&["evil.example"]);
    for line in [
        "\u{0}\u{1}evil.example\u{0}",
        "\u{201c}www.evil.example\u{201d}",
        "\u{feff}evil.example",
        "a\u{a0}evil.example\u{2026}",
    ] {
        assert_eq!(values(&set, line), ["evil.example"], "{line:?}");
    }
    assert_eq!(found(&set, b"\xff\xfeevil.example\xff").len(), 1);
    assert!(values(&set, "\u{fc}evil.example").is_empty(), "a letter before it makes it another name");
    let noise: Vec<u8> = (0..200_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    assert!(found(&set, &noise).is_empty());
    let mut all = noise.clone();
    all.extend_from_slice(b" evil.example\n");
    all.extend_from_slice(&noise);
    assert_eq!(found(&set, &all).len(), 1);
    for long in [
        ".".repeat(1 << 20),
        "a.".repeat(1 << 19),
        ":".repeat(1 << 20),
        "%41".repeat(1 << 18),
        "http://".repeat(1 << 17),
    ] {
        assert!(found(&set, long.as_bytes()).is_empty());
    }
}

#[test]
fn a_long_line_in_parts_has_the_same_hits_as_in_one() {
    let set = set_of(&["evil.example", "http://evil.example/a", "run me /q", "198.51.100.7"]);
    let piece = "x=1,http://evil.example/a?q run me /q;198.51.100.7|www.evil.example ";
    let line = piece.repeat(4_000);
    let whole = Scanner::new(&set, false).scan(line.as_bytes(), line.len());
    assert_eq!(whole.len(), 4);
    let mut found = std::collections::BTreeSet::new();
    let (mut rest, mut parts) = (line.as_bytes(), 0);
    while !rest.is_empty() {
        let until = if rest.len() > 70_000 { cut(rest, 20_000, 60_000) } else { rest.len() };
        let read_on = (until + OVERLAP_BYTES).min(rest.len());
        for hit in Scanner::new(&set, false).scan(&rest[..read_on], until) {
            assert!(hit.at < until);
            found.insert(hit.value);
        }
        rest = &rest[until..];
        parts += 1;
    }
    assert!(parts > 3);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), {
        let mut values: Vec<String> = whole.into_iter().map(|hit| hit.value).collect();
        values.sort_unstable();
        values
    });
    // Only the value that stands at the cut is read over it.
    let text = b"aaaa evil.example bbbb";
    assert_eq!(Scanner::new(&set, false).scan(text, 6).len(), 1, "it begins before");
    assert_eq!(Scanner::new(&set, false).scan(text, 5).len(), 0, "it begins behind");
    assert_eq!(cut(text, 0, 12), 5);
    assert_eq!(cut(b"aaaaaaaaaa", 2, 8), 8);
}
