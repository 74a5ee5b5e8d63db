//! Rules and lists for Suricata and Snort 3, held against their manuals by a small reader of rules: neither program can be had everywhere that
//! this runs. Each test says which rule of the manual it checks.

use std::collections::BTreeSet;

use gotong_formats::out::{Format, HashKind, Options};

use crate::out::{Record, export, header, indicator, of_value, write};
use serde_json::json;

/// A rule as both manuals have it: seven words, then options in parentheses, each `keyword;` or `keyword:value;`.
pub(crate) struct Rule {
    pub(crate) head: Vec<String>,
    pub(crate) options: Vec<(String, String)>,
}

impl Rule {
    pub(crate) fn all(&self, keyword: &str) -> Vec<&str> {
        self.options.iter().filter(|(name, _)| name == keyword).map(|(_, value)| value.as_str()).collect()
    }
}

/// Reads one line. A string ends at the next quote that no backslash stands before, an option at the next semicolon outside strings.
pub(crate) fn read_rule(line: &str) -> Rule {
    let (head, rest) = line.split_once(" (").unwrap_or_else(|| panic!("{line}"));
    let body = rest.strip_suffix(')').unwrap_or_else(|| panic!("{line}"));
    let (mut options, mut option, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut letters = body.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                option.push(letter);
                option.extend(letters.next());
            }
            '"' => {
                is_quoted = !is_quoted;
                option.push(letter);
            }
            ';' if !is_quoted => {
                let whole = std::mem::take(&mut option);
                let (name, value) = whole.trim().split_once(':').unwrap_or((whole.trim(), ""));
                options.push((name.to_owned(), value.to_owned()));
            }
            _ => option.push(letter),
        }
    }
    assert!(!is_quoted && option.trim().is_empty(), "every option ends with a semicolon: {line}");
    Rule { head: head.split(' ').map(str::to_owned).collect(), options }
}

pub(crate) fn rules(text: &str) -> Vec<Rule> {
    text.lines().filter(|line| !line.starts_with('#')).map(read_rule).collect()
}

/// The bytes that a `content` means: between pipes hexadecimal, outside as they are.
pub(crate) fn meant(content: &str) -> Vec<u8> {
    let inner = content.strip_prefix('"').unwrap().split('"').next().unwrap();
    let mut bytes = Vec::new();
    for (at, part) in inner.split('|').enumerate() {
        if at % 2 == 0 {
            bytes.extend_from_slice(part.as_bytes());
        } else {
            bytes.extend(part.split(' ').map(|hex| u8::from_str_radix(hex, 16).unwrap()));
        }
    }
    bytes
}

fn sample() -> Vec<Vec<u8>> {
    vec![
        of_value("ipv4-addr:value", "198.51.100.7"),
        of_value("ipv6-addr:value", "2001:db8::/32"),
        of_value("domain-name:value", "evil.example"),
        of_value("url:value", "http://evil.example:8080/a;b?c=\"d\"|e#f"),
        of_value("url:value", "https://evil.example/%41/x"),
    ]
}

#[test]
fn suricata_rules_keep_the_grammar_of_its_manual() {
    let (text, summary) = export(Format::Suricata, sample());
    assert_eq!(summary.values, 5);
    let rules = rules(&text);
    assert_eq!(rules.len(), 7, "three for a name, one for each other");
    let mut numbers = BTreeSet::new();
    for rule in &rules {
        // Rules Format: action, protocol, source, port, direction, destination, port; directions are -> and <>.
        assert_eq!((rule.head.len(), rule.head[0].as_str()), (7, "alert"));
        assert!(["ip", "dns", "tls", "http"].contains(&rule.head[1].as_str()));
        assert!(["->", "<>"].contains(&rule.head[4].as_str()));
        // Meta Keywords: msg first, one sid, one rev, both numbers; metadata is pairs divided by commas.
        for keyword in ["msg", "sid", "rev", "metadata", "reference"] {
            assert_eq!(rule.all(keyword).len(), 1, "{keyword} in {text}");
        }
        assert_eq!(rule.options[0].0, "msg");
        assert!(numbers.insert(rule.all("sid")[0].parse::<u32>().unwrap()), "a sid is unique");
        assert_eq!(rule.all("rev")[0], "1767312000", "the record's time");
        assert!(rule.all("metadata")[0].split(',').all(|pair| pair.trim().split(' ').count() == 2));
        assert_eq!(
            rule.all("reference")[0],
            "url,gotong.example/api/v1/export",
            "references of type url have no scheme"
        );
        assert!(rule.options.iter().all(|(name, _)| !matches!(name.as_str(), "drop" | "pass" | "lua" | "luajit")));
    }
    assert_eq!(rules[0].head[5], "198.51.100.7");
    assert_eq!(rules[1].head[5], "2001:db8::/32");
    // Transforms stand right behind the sticky buffer, contents behind them; dotprefix with endswith matches the name and what is below.
    for (rule, buffer) in rules[2..5].iter().zip(["dns.query", "tls.sni", "http.host"]) {
        assert_eq!(rule.options[1].0, buffer);
        assert_eq!(rule.options[2].0, "dotprefix");
        assert_eq!(meant(rule.all("content")[0]), b".evil.example");
        assert_eq!(rule.all("endswith").len(), 1);
        // HTTP Keywords: http.host is lower case already, and nocase beside it is refused.
        assert_eq!(rule.all("nocase").is_empty(), buffer == "http.host");
    }
    let page = &rules[5];
    assert_eq!(page.head[6], "8080");
    assert_eq!(
        page.all("content").into_iter().map(meant).collect::<Vec<_>>(),
        [b"evil.example".to_vec(), b"/a;b?c=%22d%22|e".to_vec()]
    );
    assert_eq!(page.all("bsize"), ["12", "16"], "bsize makes it the whole buffer");
    assert!(
        rules[6].options.iter().any(|(name, _)| name == "http.uri.raw"),
        "what the engine would decode is looked for as sent"
    );
}

#[test]
fn a_name_alone_is_matched_whole_where_names_below_it_are_not_meant() {
    let options = Options { subdomains: false, ..Options::default() };
    let record = || Record::from(of_value("domain-name:value", "evil.example"));
    for rule in rules(&write(Format::Suricata, &header(), &options, &[record()]).0) {
        assert_eq!((meant(rule.all("content")[0]), rule.all("bsize")), (b"evil.example".to_vec(), vec!["12"]));
        assert!(rule.all("dotprefix").is_empty());
    }
    let dns = &rules(&write(Format::Snort, &header(), &options, &[record()]).0)[0];
    assert!(
        dns.all("content")[0].ends_with("\",nocase,offset 12,depth 14"),
        "the question begins at byte 12 of a DNS message"
    );
}

#[test]
fn snort_rules_keep_the_grammar_of_its_manual() {
    let (text, _) = export(Format::Snort, sample());
    let rules = rules(&text);
    assert_eq!(rules.len(), 7);
    for rule in &rules {
        // Rule Headers: a traditional header has seven words, a service rule two.
        assert!(rule.head.len() == 7 || rule.head == ["alert", "http"], "{:?}", rule.head);
        for keyword in ["msg", "sid", "rev", "metadata"] {
            assert_eq!(rule.all(keyword).len(), 1);
        }
        // Modifiers of a content stand in its own option behind commas, and not as options of their own.
        for keyword in [
            "nocase",
            "offset",
            "depth",
            "distance",
            "within",
            "fast_pattern",
            "startswith",
            "endswith",
            "bsize",
            "dotprefix",
        ] {
            assert!(rule.all(keyword).is_empty(), "{keyword}");
        }
    }
    // RFC 1035, section 4.1.2: a queried name is labels with their lengths, and a zero.
    assert_eq!(meant(rules[2].all("content")[0]), b"\x04evil\x07example\0");
    assert_eq!(rules[2].head[1..], ["udp", "any", "any", "->", "any", "53"]);
    // RFC 6066, section 3: server_name is type 0, its length, the list's length, kind 0, the name's length, the name.
    assert_eq!(meant(rules[3].all("content")[0]), b"\0\0\0\x11\0\x0f\0\0\x0cevil.example");
    assert_eq!(rules[4].all("http_header"), ["field host"]);
    assert_eq!(rules[4].all("bufferlen"), ["12"]);
    let page = &rules[5];
    assert_eq!(meant(page.all("content")[0]), b"evil.example:8080");
    assert_eq!(meant(page.all("content")[1]), b"/a;b?c=%22d%22|e");
    assert_eq!(page.all("bufferlen"), ["17", "16"]);
}

#[test]
fn a_long_address_is_matched_piece_by_piece() {
    let path = "/".to_owned() + &"ab".repeat(300);
    for (format, length) in [(Format::Suricata, "bsize"), (Format::Snort, "bufferlen")] {
        let (text, _) = export(format, vec![of_value("url:value", &format!("http://evil.example{path}"))]);
        let rule = &rules(&text)[0];
        let pieces: Vec<Vec<u8>> = rule.all("content").into_iter().skip(1).map(meant).collect();
        assert!(pieces.iter().all(|piece| piece.len() <= 255), "engines bound a content at 255 bytes");
        assert_eq!(pieces.concat(), path.as_bytes());
        assert_eq!(rule.all(length)[1], path.len().to_string());
    }
}

#[test]
fn numbers_stay_the_same_and_in_their_range() {
    let options = Options { sids: (5_000_000, 50), ..Options::default() };
    let bodies = |from: u32, to: u32| -> Vec<Record> {
        (from..to).map(|n| of_value("ipv4-addr:value", &format!("198.51.100.{n}")).into()).collect()
    };
    let sids = |records: &[Record]| -> Vec<u32> {
        let (text, _) = write(Format::Suricata, &header(), &options, records);
        rules(&text).iter().map(|rule| rule.all("sid")[0].parse().unwrap()).collect()
    };
    let first = sids(&bodies(1, 40));
    assert_eq!(first, sids(&bodies(1, 40)));
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 39, "values with one number take different ones");
    assert!(first.iter().all(|sid| (5_000_000..5_000_050).contains(sid)));
    let (_, summary) = write(Format::Suricata, &header(), &options, &bodies(1, 61));
    assert_eq!(summary.left_out[&gotong_formats::out::Reason::NumbersUsed], 10);
}

#[test]
fn what_a_record_says_cannot_write_a_rule() {
    let name = "\u{202e}é x\"; sid:1; pass any\\\"; ) \nalert ip any any -> any any (msg:\"y\"; sid:2;) $HOME_NET";
    for format in [Format::Suricata, Format::Snort] {
        let (text, _) = export(format, vec![indicator("[ipv4-addr:value = '198.51.100.7']", &json!({ "name": name }))]);
        assert!(text.is_ascii());
        let rules = rules(&text);
        assert_eq!(rules.len(), 1);
        assert_eq!((rules[0].all("sid").len(), rules[0].all("msg").len()), (1, 1));
        assert!(!rules[0].all("msg")[0].contains(['$', '\\', ';']) && rules[0].all("msg")[0].contains("<U+202E>"));
    }
}

#[test]
fn lists_beside_the_rules_are_what_suricata_loads() {
    let (text, _) = export(Format::SuricataDomains, sample());
    // Datasets of type string hold base64, one a line; lines are read into a buffer of 1024 bytes; there are no comments.
    let lines: Vec<Vec<u8>> = text.lines().map(|line| data_encoding::BASE64.decode(line.as_bytes()).unwrap()).collect();
    assert!(text.lines().all(|line| line.len() < 1_000));
    assert_eq!(lines[1], b"evil.example");
    assert!(lines[0].starts_with(b"# Gotong export TLP:AMBER") && lines[0].contains(&b' '), "no query equals the head");

    let (text, _) = export(Format::SuricataReputation, sample());
    let values: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    // IP Reputation Format: address or network, category, score from 1 to 127.
    assert_eq!(values, ["198.51.100.7,1,101", "2001:db8::/32,1,101"]);

    let hashes = ["ab".repeat(16), "ab".repeat(20), "ab".repeat(32), "ab".repeat(64)];
    let bodies = || hashes.iter().map(|hash| of_value("file:hashes.'X'", hash)).collect();
    for (kind, keyword, hash) in [
        (HashKind::Md5, "filemd5", &hashes[0]),
        (HashKind::Sha1, "filesha1", &hashes[1]),
        (HashKind::Sha256, "filesha256", &hashes[2]),
    ] {
        let (text, _) = export(Format::SuricataHashes(kind), bodies());
        // File Keywords: one hash a line, lines with # are comments.
        assert_eq!(text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), [hash]);
        let told = text.lines().find_map(|line| line.strip_prefix("# A rule for it: ")).unwrap();
        assert_eq!(read_rule(told).all(keyword).len(), 1, "the rule that the head tells is one");
    }
}

/// The pattern that our readers of lists make of `ip:port`.
fn at_port(kind: &str, address: &str, port: &str) -> Vec<u8> {
    let of = "network-traffic:";
    let pattern =
        format!("[{of}dst_ref.type = '{kind}' AND {of}dst_ref.value = '{address}' AND {of}dst_port = {port}]");
    indicator(&pattern, &json!({"name": "C2", "confidence": 80}))
}

#[test]
fn an_address_with_a_port_is_a_rule_of_both_and_in_no_list() {
    let bodies = || {
        vec![
            at_port("ipv4-addr", "198.51.100.7", "4444"),
            at_port("ipv4-addr", "198.51.100.7", "443"),
            at_port("ipv6-addr", "2001:DB8::1", "8443"),
            at_port("ipv4-addr", "198.51.100.7", "70000"),
            at_port("ipv4-addr", "192.168.1.1", "80"),
            of_value("ipv4-addr:value", "198.51.100.7"),
        ]
    };
    for format in [Format::Suricata, Format::Snort] {
        let (text, summary) = export(format, bodies());
        let heads: Vec<String> = rules(&text).iter().map(|rule| rule.head.join(" ")).collect();
        // Rules Format of both manuals: protocol, source and port, direction, destination and port; tcp and udp have ports.
        assert_eq!(
            heads,
            [
                "alert tcp $HOME_NET any -> 198.51.100.7 4444",
                "alert udp $HOME_NET any -> 198.51.100.7 4444",
                "alert tcp $HOME_NET any -> 198.51.100.7 443",
                "alert udp $HOME_NET any -> 198.51.100.7 443",
                "alert tcp $HOME_NET any -> 2001:db8::1 8443",
                "alert udp $HOME_NET any -> 2001:db8::1 8443",
                "alert ip $HOME_NET any <> 198.51.100.7 any",
            ]
        );
        assert_eq!(summary.values, 4, "{text}");
        let lost: Vec<(&str, u64)> = summary.left_out.iter().map(|(reason, count)| (reason.code(), *count)).collect();
        assert_eq!(lost, [("out.loss.composite", 1), ("out.loss.reserved", 1)], "{text}");
        let sids: BTreeSet<String> = rules(&text).iter().map(|rule| rule.all("sid")[0].to_owned()).collect();
        assert_eq!(sids.len(), heads.len(), "a sid is unique");
    }
    // Where no port can be said, the address alone would be more than was meant.
    for format in [Format::Plain, Format::Hosts, Format::Rpz, Format::SuricataReputation, Format::Zeek, Format::Ecs] {
        let (text, summary) = export(format, vec![at_port("ipv4-addr", "198.51.100.8", "4444")]);
        assert_eq!(summary.values, 0, "{text}");
        assert_eq!(summary.left_out.keys().map(|reason| reason.code()).collect::<Vec<_>>(), ["out.loss.composite"]);
    }
    let (table, _) = export(Format::Csv, vec![at_port("ipv4-addr", "198.51.100.8", "4444")]);
    assert!(table.contains("\"198.51.100.8\",\"ipv4\",\"out.loss.composite\""), "{table}");
    let told = indicator(
        "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 53 AND network-traffic:protocols[*] = 'udp']",
        &json!({}),
    );
    let (text, _) = export(Format::Suricata, vec![told]);
    let heads: Vec<String> = rules(&text).iter().map(|rule| rule.head.join(" ")).collect();
    assert_eq!(heads, ["alert udp $HOME_NET any -> 198.51.100.7 53"]);
}
