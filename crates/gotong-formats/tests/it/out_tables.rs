//! Exports for people and stores of logs: CSV (RFC 4180), Zeek's intelligence file, Elastic Common Schema. Read back by small readers written
//! here from the formats' own documentation, and not by the writers' code.

use gotong_formats::out::{CSV_COLUMNS, Format, Options};
use serde_json::{Value, json};

use crate::out::{Record, export, header, indicator, of_value, write};

/// Rows of a table as RFC 4180 reads them: quotes doubled inside quotes, CRLF between rows.
pub(crate) fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => {
                assert_eq!(letters.next(), Some('\n'), "a row ends with CRLF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(letter),
        }
    }
    assert!(!is_quoted && row.is_empty() && cell.is_empty(), "the last row is whole");
    rows
}

/// What `docs/book/exports.md` tells to do to get the text of a cell back.
pub(crate) fn turned_back(cell: &str) -> String {
    let mut rest = cell.strip_prefix('\'').unwrap_or(cell);
    let mut out = String::new();
    while let Some((before, behind)) = rest.split_once("<U+") {
        let (number, behind) = behind.split_once('>').unwrap();
        out.push_str(before);
        out.push(char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
        rest = behind;
    }
    out + rest
}

#[test]
fn the_columns_of_the_table_keep_their_places() {
    // A column is added at the end or not at all: scripts count on their places.
    assert_eq!(
        CSV_COLUMNS,
        [
            "value",
            "kind",
            "block",
            "tlp",
            "id",
            "type",
            "name",
            "confidence",
            "valid_from",
            "valid_until",
            "author",
            "channel",
            "published_at",
            "pap",
            "exercise"
        ]
    );
    let (text, _) = export(Format::Csv, vec![of_value("domain-name:value", "evil.example")]);
    let rows = read_csv(&text);
    assert_eq!(rows[0], CSV_COLUMNS);
    assert_eq!(
        rows[1],
        [
            "evil.example",
            "domain",
            "yes",
            "green",
            rows[1][4].as_str(),
            "indicator",
            "Phishing",
            "80",
            "2026-01-01T00:00:00.000000Z",
            "",
            "th",
            "rti/indicators",
            "2026-01-03T00:00:00.000000Z",
            "",
            "no"
        ]
    );
    assert!(rows[1][4].starts_with("indicator--"));
}

#[test]
fn the_table_tells_which_values_may_not_be_blocked_and_why() {
    let (text, _) = export(
        Format::Csv,
        vec![
            indicator("[domain-name:value = 'bank.example' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", &json!({})),
            of_value("ipv4-addr:value", "10.0.0.1"),
            of_value("domain-name:value", "com"),
            br#"{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000001","created":"2025-03-01T08:00:00Z","modified":"2025-03-01T08:00:00Z","name":"x"}"#.to_vec(),
        ],
    );
    let found: Vec<_> = read_csv(&text).into_iter().skip(1).map(|row| (row[0].clone(), row[2].clone())).collect();
    let expected = [
        ("bank.example", "out.loss.composite"),
        ("d41d8cd98f00b204e9800998ecf8427e", "out.loss.composite"),
        ("10.0.0.1", "out.loss.reserved"),
        ("com", "out.loss.public-suffix"),
        ("", ""),
    ];
    assert_eq!(found, expected.map(|(value, block)| (value.to_owned(), block.to_owned())));
}

#[test]
fn no_name_becomes_a_formula_and_each_comes_back() {
    for name in [
        "=1+1",
        "@SUM(A1)",
        "\t=1",
        "-2",
        "+cmd",
        "'x",
        "a\"b\r\nc,d",
        "x;=1",
        "a\u{202e}gpj.exe",
        "<U+0041>",
        "\u{ff1d}1",
        "  =1",
        "ปกติ",
    ] {
        let body = indicator("[domain-name:value = 'evil.example']", &json!({ "name": name }));
        let rows = read_csv(&export(Format::Csv, vec![body]).0);
        let cell = &rows[1][6];
        let first = cell.trim_start().chars().next().unwrap();
        assert!(!"=+-@\t\r\u{ff1d}".contains(first) && !cell.contains(['\n', '\r', '\t', '\u{202e}']), "{cell:?}");
        assert_eq!(turned_back(cell), name);
        // Where a semicolon divides cells, none of the parts is a formula either.
        assert!(cell.split(';').all(|part| !part.trim_start().starts_with(['=', '+', '-', '@'])), "{cell:?}");
    }
}

#[test]
fn zeek_gets_its_own_types_and_urls_without_scheme() {
    let sha1 = "ab".repeat(20);
    let (text, summary) = export(
        Format::Zeek,
        vec![
            of_value("ipv4-addr:value", "198.51.100.7"),
            of_value("ipv6-addr:value", "2001:db8::/32"),
            of_value("domain-name:value", "evil.example"),
            of_value("url:value", "https://u:p@evil.example:8443/a?b=c#d"),
            of_value("email-addr:value", "ann@evil.example"),
            of_value("file:hashes.'SHA-1'", &sha1),
            of_value("x509-certificate:hashes.'SHA-1'", &"cd".repeat(20)),
            of_value("x509-certificate:hashes.'SHA-256'", &"cd".repeat(32)),
        ],
    );
    assert_eq!(summary.values, 7, "Zeek knows certificates by SHA-1 alone");
    let rows: Vec<Vec<&str>> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    let fields = text.lines().find(|line| line.starts_with("#fields\t")).unwrap();
    assert_eq!(fields.split('\t').skip(1).collect::<Vec<_>>()[..3], ["indicator", "indicator_type", "meta.source"]);
    assert!(
        rows.iter().all(|row| row.len() == fields.split('\t').count() - 1 && row.iter().all(|field| !field.is_empty()))
    );
    let found: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
    let certificate = "cd".repeat(20);
    assert_eq!(
        found,
        [
            ("198.51.100.7", "Intel::ADDR"),
            ("2001:db8::/32", "Intel::SUBNET"),
            ("evil.example", "Intel::DOMAIN"),
            ("evil.example:8443/a?b=c", "Intel::URL"),
            ("ann@evil.example", "Intel::EMAIL"),
            (sha1.as_str(), "Intel::FILE_HASH"),
            (certificate.as_str(), "Intel::CERT_HASH"),
        ]
    );
    assert_eq!(rows[0][2..], ["gotong:th:rti/indicators", "TLP:GREEN Phishing", rows[0][4], "T"]);
}

#[test]
fn each_line_for_a_store_of_logs_follows_the_schema() {
    let (text, _) = export(
        Format::Ecs,
        vec![
            of_value("ipv4-addr:value", "198.51.100.7"),
            of_value("domain-name:value", "evil.example"),
            of_value("url:value", "http://evil.example:8080/a?b=c"),
            of_value("email-addr:value", "ann@evil.example"),
            of_value("file:hashes.'SHA-256'", &"ab".repeat(32)),
        ],
    );
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        // Expected values of the schema: event.kind, event.category, event.type, threat.indicator.confidence and .marking.tlp.
        assert_eq!(line["event"]["kind"], "enrichment");
        assert_eq!((&line["event"]["category"], &line["event"]["type"]), (&json!(["threat"]), &json!(["indicator"])));
        assert!(line["ecs"]["version"].as_str().unwrap().starts_with("8."));
        assert!(line["@timestamp"].as_str().unwrap().ends_with('Z'));
        let indicator = &line["threat"]["indicator"];
        assert_eq!((&indicator["confidence"], &indicator["provider"]), (&json!("High"), &json!("th")));
        assert_eq!(indicator["marking"], json!({"tlp": "GREEN", "tlp_version": "2.0"}));
        assert_eq!(indicator["first_seen"], "2026-01-01T00:00:00.000000Z");
        // Labels are keywords: texts, and no objects among them.
        assert!(line["labels"].as_object().unwrap().values().all(Value::is_string));
        assert_eq!(line["tags"], json!(["gotong", "tlp:green"]));
    }
    let of = |at: usize| &lines[at]["threat"]["indicator"];
    assert_eq!((&of(0)["type"], &of(0)["ip"]), (&json!("ipv4-addr"), &json!("198.51.100.7")));
    assert_eq!((&of(1)["type"], &of(1)["url"]["domain"]), (&json!("domain-name"), &json!("evil.example")));
    assert_eq!((&of(2)["type"], &of(2)["url"]["full"]), (&json!("url"), &json!("http://evil.example:8080/a?b=c")));
    assert_eq!((&of(2)["url"]["port"], &of(2)["url"]["query"]), (&json!(8080), &json!("b=c")));
    assert_eq!((&of(3)["type"], &of(3)["email"]["address"]), (&json!("email-addr"), &json!("ann@evil.example")));
    assert_eq!((&of(4)["type"], &of(4)["file"]["hash"]["sha256"]), (&json!("file"), &json!("ab".repeat(32))));
}

#[test]
fn confidence_is_told_in_the_words_of_the_standard() {
    for (number, word) in [
        (json!(0), "None"),
        (json!(1), "Low"),
        (json!(29), "Low"),
        (json!(30), "Medium"),
        (json!(69), "Medium"),
        (json!(70), "High"),
        (json!(100), "High"),
    ] {
        let body = indicator("[domain-name:value = 'evil.example']", &json!({ "confidence": number }));
        let (text, _) = write(Format::Ecs, &header(), &Options::default(), &[Record::from(body)]);
        assert!(text.contains(&format!("\"confidence\":\"{word}\"")), "{number} {text}");
    }
    let body = indicator("[domain-name:value = 'evil.example']", &json!({}));
    assert!(export(Format::Ecs, vec![body]).0.contains("\"confidence\":\"Not Specified\""));
}
