//! Warninglists read, compiled and asked: each type by its meaning, against a judge that only looks at the raw entries.
//!
//! The judge compares one entry after the other and shares no code with the matcher. Real lists are read where
//! `GOTONG_REAL_DATA` (else `../shared/data` beside the repository) has them.

use gotong_formats::stix21::ValueKind;
use gotong_formats::warninglist::{
    Action, Built, Finding, Hit, LIST_BYTES_MAX, Lines, MatchType, Matcher, Moment, Rule, Verdict, Warninglist, judge,
};
use gotong_model::ChannelId;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

const KEY: (u64, u64) = (1, 2);

fn list(name: &str, match_type: &str, attributes: &[&str], entries: &[&str]) -> Value {
    json!({"name": name, "description": "d", "version": 3, "type": match_type, "matching_attributes": attributes, "list": entries})
}

fn read(list: &Value) -> Warninglist {
    Warninglist::parse(&serde_json::to_vec(list).unwrap()).unwrap()
}

fn build(lists: &[Value]) -> Built {
    Matcher::build(lists.iter().map(read), KEY)
}

fn hits(matcher: &Matcher, kind: ValueKind, value: &str) -> Vec<(String, String)> {
    let name = |hit: Hit| (matcher.list(hit.list).unwrap().name.clone(), hit.entry);
    let mut hits: Vec<_> = matcher.hits(kind, value).into_iter().map(name).collect();
    hits.sort();
    hits
}

#[test]
fn each_type_of_list_has_its_own_meaning() {
    use ValueKind::{Domain, Email, FileName, Hash, Ipv4, Ipv6, Url};
    let built = build(&[
        list(
            "whole",
            "string",
            &["domain", "md5"],
            &["Evil.Example.", "D41D8CD98F00B204E9800998ECF8427E", ".dot.example"],
        ),
        list("hosts", "hostname", &["hostname", "url", "email-src"], &["example.org", ".shop.example"]),
        list("nets", "cidr", &["ip-src", "domain|ip", "url"], &["198.51.100.0/24", "FE80::/10", "203.0.113.9"]),
        list("wide", "cidr", &["ip-dst"], &["198.51.0.0/16"]),
        list("parts", "substring", &["url", "domain"], &["sandbox", "box"]),
        list("shapes", "regex", &["email-src"], &[r"/^(noc|soc)\@/i"]),
    ]);
    assert_eq!(built.troubles, []);
    let of = |kind, value| {
        hits(&built.matcher, kind, value).into_iter().map(|(list, entry)| format!("{list}={entry}")).collect::<Vec<_>>()
    };
    for (kind, value, expected) in [
        (Domain, "evil.example", vec!["whole=evil.example"]),
        (Domain, "www.evil.example", vec![]),
        (Domain, "dot.example", vec![]),
        (Hash, "d41d8cd98f00b204e9800998ecf8427e", vec!["whole=d41d8cd98f00b204e9800998ecf8427e"]),
        (FileName, "evil.example", vec![]),
        (Domain, "example.org", vec!["hosts=example.org"]),
        (Domain, "a.b.example.org", vec!["hosts=example.org"]),
        (Domain, "notexample.org", vec![]),
        (Domain, "org", vec![]),
        (Domain, "shop.example", vec!["hosts=shop.example"]),
        (Url, "https://u@www.example.org:8443/a?b", vec!["hosts=example.org"]),
        (Url, "https://evil.net/example.org", vec![]),
        (Email, "ann@mail.example.org", vec!["hosts=example.org"]),
        (Ipv4, "198.51.100.7", vec!["nets=198.51.100.0/24", "wide=198.51.0.0/16"]),
        (Ipv4, "198.51.100.0/24", vec!["nets=198.51.100.0/24", "wide=198.51.0.0/16"]),
        (Ipv4, "198.51.100.0/23", vec!["wide=198.51.0.0/16"]),
        (Ipv4, "198.51.0.0/15", vec![]),
        (Ipv4, "203.0.113.9", vec!["nets=203.0.113.9"]),
        (Ipv6, "fe80::1", vec!["nets=fe80::/10"]),
        (Url, "http://198.51.100.7/", vec!["nets=198.51.100.0/24"]),
        (Url, "http://[fe80::1]:80/", vec!["nets=fe80::/10"]),
        (Domain, "my-sandbox.test", vec!["parts=sandbox"]),
        (Domain, "xbox.test", vec!["parts=box"]),
        (Url, "http://a.test/SANDBOX", vec!["parts=sandbox"]),
        (Email, "sandbox@a.test", vec![]),
        (Email, "SOC@a.test", vec![r"shapes=/^(noc|soc)\@/i"]),
        (Domain, "soc.test", vec![]),
    ] {
        assert_eq!(of(kind, value), expected, "{kind:?} {value}");
    }
}

#[test]
fn what_cannot_be_used_is_told_and_the_rest_is_in_use() {
    let built = build(&[
        list("nets", "cidr", &["ip-src"], &["198.51.100.0/24", "no network", "198.51.100.0/33", ""]),
        list("shapes", "regex", &["email-src"], &[r"/(a)\1/", "/^ok/"]),
        list("all wrong", "regex", &["email-src"], &["/(/"]),
        list("huge", "regex", &["email-src"], &["((a{100}){100}){100}"]),
        list("nets", "string", &["domain"], &["a.example"]),
        list("odd", "string", &["domain", "shoe-size"], &["a.example", "b\u{1}"]),
        list("parts", "substring", &["domain"], &["", "x"]),
    ]);
    let told: Vec<_> =
        built.troubles.iter().map(|one| format!("{} {} {}", one.list, one.fault.pointer, one.fault.code)).collect();
    assert_eq!(
        told,
        [
            "nets /list/1 warninglist.entry",
            "nets /list/2 warninglist.entry",
            "nets /list/3 warninglist.empty",
            "shapes /list/0 warninglist.expression",
            "all wrong /list/0 warninglist.expression",
            "huge /list/0 warninglist.expression",
            "nets /name warninglist.name",
            "odd /matching_attributes warninglist.attribute",
            "odd /list/1 warninglist.entry",
            "parts /list/0 warninglist.empty",
        ]
    );
    let counts: Vec<_> = built.matcher.lists().iter().map(|list| (list.name.as_str(), list.entries)).collect();
    assert_eq!(counts, [("nets", 1), ("shapes", 1), ("all wrong", 0), ("huge", 0), ("odd", 1), ("parts", 1)]);
    assert_eq!(hits(&built.matcher, ValueKind::Email, "ok@a.test").len(), 1);
    assert_eq!(hits(&built.matcher, ValueKind::Domain, "a.example").len(), 2, "odd, and x of parts");
}

#[test]
fn lists_are_read_strictly_and_faults_name_their_place() {
    let good = list("a", "string", &["domain"], &["x"]);
    let changed = |key: &str, value: Value| {
        let mut list = good.clone();
        list[key] = value;
        serde_json::to_vec(&list).unwrap()
    };
    let without = |key: &str| {
        let mut list = good.clone();
        list.as_object_mut().unwrap().remove(key);
        serde_json::to_vec(&list).unwrap()
    };
    for (bytes, code, part) in [
        (b"[]".to_vec(), "warninglist.syntax", "name, version, type and list"),
        (b"{\"name\":\"a\"".to_vec(), "warninglist.syntax", "EOF"),
        ([serde_json::to_vec(&good).unwrap(), b"{}".to_vec()].concat(), "warninglist.syntax", "trailing"),
        (br#"{"name":"a","name":"b"}"#.to_vec(), "warninglist.syntax", "\"name\" stands twice"),
        (br#"{"x":1,"x":2}"#.to_vec(), "warninglist.syntax", "\"x\" stands twice"),
        (changed("list", json!(["a", 5])), "warninglist.syntax", "/list/1: a text"),
        (changed("list", json!(["x".repeat(5_000)])), "warninglist.syntax", "/list/0: at most"),
        (changed("list", json!("a")), "warninglist.syntax", "/list: a list"),
        (changed("version", json!("new")), "warninglist.syntax", "/version"),
        (
            changed("matching_attributes", json!(vec!["domain"; 300])),
            "warninglist.syntax",
            "/matching_attributes: at most",
        ),
        (changed("type", json!("fuzzy")), "warninglist.type", "string, substring, hostname, cidr and regex"),
        (changed("name", json!(" ")), "warninglist.missing", "name"),
        (changed("name", json!("x".repeat(600))), "warninglist.length", "600"),
        (without("version"), "warninglist.missing", "number"),
        (without("type"), "warninglist.missing", "regex"),
        (without("list"), "warninglist.missing", "texts"),
        (vec![b' '; LIST_BYTES_MAX + 1], "warninglist.size", "bytes"),
    ] {
        let fault = Warninglist::parse(&bytes).unwrap_err();
        assert!(fault.code == code && fault.text.contains(part), "{code} {part}: {fault}");
    }
    let read = Warninglist::parse(&changed("version", json!("20240101"))).unwrap();
    assert_eq!(
        (read.version, read.match_type, read.entries().collect::<Vec<_>>()),
        (20_240_101, MatchType::String, vec!["x"])
    );
    assert_eq!(Warninglist::parse(&changed("enabled", json!(true))).unwrap().unknown, ["enabled"]);
    assert!(Warninglist::parse(&without("matching_attributes")).unwrap().kinds.has(ValueKind::Mutex), "none means all");
    let two = [serde_json::to_vec(&good).unwrap(), b"\n\n{\n".to_vec()].concat();
    let lines: Vec<_> = Lines::new(&two).map(|(line, list)| (line, list.is_ok())).collect();
    assert_eq!(lines, [(1, true), (3, false)]);
}

#[test]
fn a_rule_for_a_channel_stands_before_a_rule_for_all_and_blocking_wins() {
    let built = build(&[
        list("tops", "hostname", &["domain"], &["example.org"]),
        list("own", "string", &["domain"], &["example.org"]),
    ]);
    let channel = |letter: &str| ChannelId::from_text(&format!("{letter}{}", "a".repeat(51))).unwrap();
    let (one, two) = (channel("b"), channel("c"));
    let found = built.matcher.hits(ValueKind::Domain, "example.org");
    assert_eq!(found.len(), 2);
    let rule = |list: &str, channel: Option<ChannelId>, action, on| Rule { list: list.into(), channel, action, on };
    let rules = [
        rule("tops", None, Action::Block, Moment::Export),
        rule("tops", Some(one), Action::Inform, Moment::Export),
        rule("tops", None, Action::Inform, Moment::Import),
        rule("tops", None, Action::Block, Moment::Import),
        rule("own", None, Action::Inform, Moment::Export),
    ];
    let verdict = |channel: &ChannelId, on| judge(&rules, &built.matcher, &found, channel, on);
    assert_eq!(verdict(&one, Moment::Export).action, Some(Action::Inform));
    assert_eq!(verdict(&two, Moment::Export).action, Some(Action::Block));
    assert_eq!(verdict(&one, Moment::Import).action, Some(Action::Block));
    assert_eq!(verdict(&one, Moment::Publish), Verdict::default(), "no rule, no verdict");
    let finding = Finding { list: "tops".into(), entry: "example.org".into(), action: Action::Block };
    assert_eq!(verdict(&two, Moment::Import).findings, [finding]);
    assert_eq!(verdict(&two, Moment::Export).findings.len(), 2);
    assert_eq!(judge(&rules, &built.matcher, &[], &two, Moment::Export).action, None);
}

/// A list as it is written.
struct Raw {
    name: String,
    match_type: MatchType,
    list: Warninglist,
    networks: Vec<Option<(IpAddr, u32)>>,
    lower: Vec<String>,
}

fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let full = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(full), |length| length.parse().ok())?;
    (length <= full).then_some((address, length))
}

fn lies_in((inner, longer): (IpAddr, u32), (outer, length): (IpAddr, u32)) -> bool {
    let bits = |address: IpAddr, count: u32| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96).checked_shr(128 - count),
        IpAddr::V6(address) => address.to_bits().checked_shr(128 - count),
    };
    inner.is_ipv4() == outer.is_ipv4() && longer >= length && bits(inner, length) == bits(outer, length)
}

impl Raw {
    fn of(list: Warninglist) -> Self {
        let networks = list
            .entries()
            .map(|entry| (list.match_type == MatchType::Cidr).then(|| network(entry.trim())).flatten())
            .collect();
        let lower = list.entries().map(|entry| entry.trim().trim_end_matches('.').to_ascii_lowercase()).collect();
        Self { name: list.name.clone(), match_type: list.match_type, list, networks, lower }
    }

    /// Whether any entry is about `value`, looked at one after the other. Of domains, addresses and hashes alone.
    fn has(&self, kind: ValueKind, value: &str) -> bool {
        if !self.list.kinds.has(kind) {
            return false;
        }
        let address = network(value);
        match self.match_type {
            MatchType::String => self.lower.iter().any(|entry| entry == value),
            MatchType::Hostname => {
                kind == ValueKind::Domain
                    && self.lower.iter().map(|entry| entry.trim_start_matches('.')).any(|entry| {
                        value.strip_suffix(entry).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                    })
            }
            MatchType::Cidr => {
                address.is_some_and(|address| self.networks.iter().flatten().any(|outer| lies_in(address, *outer)))
            }
            MatchType::Substring => self.lower.iter().any(|entry| value.contains(entry.as_str())),
            MatchType::Regex => self.list.entries().any(|entry| {
                let (body, flags) =
                    entry.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).unwrap_or((entry, ""));
                let mut builder = regex::RegexBuilder::new(body);
                builder.case_insensitive(flags.contains('i')).build().is_ok_and(|regex| regex.is_match(value))
            }),
        }
    }
}

fn assert_same(lists: &[Raw], matcher: &Matcher, kind: ValueKind, value: &str) -> usize {
    let found = matcher.hits(kind, value);
    let ours: BTreeSet<_> = found.iter().map(|hit| matcher.list(hit.list).unwrap().name.clone()).collect();
    let theirs: BTreeSet<_> = lists.iter().filter(|list| list.has(kind, value)).map(|list| list.name.clone()).collect();
    assert_eq!(ours, theirs, "{kind:?} {value}");
    assert_eq!(ours.len(), found.len(), "of each list one entry: {found:?}");
    ours.len()
}

proptest! {
    #[test]
    fn small_lists_of_any_shape_answer_as_entry_by_entry(
        names in proptest::collection::vec("[ab]{1,2}(\\.[ab]{1,2}){0,2}", 0..12),
        networks in proptest::collection::vec((0_u8..4, 0_u8..4, 8_u32..=32), 0..12),
        values in proptest::collection::vec("[ab]{1,2}(\\.[ab]{1,2}){0,3}", 1..20),
        addresses in proptest::collection::vec((0_u8..4, 0_u8..4, 24_u32..=32), 1..20),
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (left, right) = names.split_at(names.len() / 2);
        let networks: Vec<String> = networks.iter().map(|(a, b, length)| format!("10.{a}.{b}.0/{length}")).collect();
        let networks: Vec<&str> = networks.iter().map(String::as_str).collect();
        let (wide, narrow) = networks.split_at(networks.len() / 2);
        let lists = [
            list("s1", "string", &["domain"], left), list("s2", "string", &["domain", "url"], &names),
            list("h1", "hostname", &["domain"], right), list("h2", "hostname", &["domain|ip"], left),
            list("p", "substring", &["domain"], right), list("c1", "cidr", &["ip-src"], wide), list("c2", "cidr", &["ip-dst"], narrow),
            list("r", "regex", &["domain"], left),
        ];
        let matcher = build(&lists).matcher;
        let raw: Vec<Raw> = lists.iter().map(read).map(Raw::of).collect();
        for value in &values {
            assert_same(&raw, &matcher, ValueKind::Domain, value);
        }
        for (a, b, length) in addresses {
            let bits = (10 << 24 | u32::from(a) << 16 | u32::from(b) << 8) & u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let address = std::net::Ipv4Addr::from_bits(bits);
            let value = if length == 32 { address.to_string() } else { format!("{address}/{length}") };
            assert_same(&raw, &matcher, ValueKind::Ipv4, &value);
        }
    }

    #[test]
    fn whatever_bytes_come_there_is_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,60}") {
        let _ = Warninglist::parse(&bytes);
        let matcher = build(&[list("all", "substring", &[], &["a"]), list("h", "hostname", &[], &["a"]), list("c", "cidr", &[], &["::/0"])]).matcher;
        for kind in ValueKind::ALL {
            let _ = matcher.hits(kind, &text);
        }
    }
}

fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("GOTONG_REAL_DATA").map_or_else(beside, PathBuf::from);
    let file = folder.join("warninglists.ndjson.gz");
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: no real data in {}", folder.display());
    None
}

#[test]
fn real_lists_are_read_entirely_and_answer_as_entry_by_entry() {
    let Some(file) = data() else { return };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut bytes).unwrap();
    let lists: Vec<Warninglist> =
        Lines::new(&bytes).map(|(line, list)| list.unwrap_or_else(|fault| panic!("{line}: {fault}"))).collect();
    let entries: usize = lists.iter().map(|list| list.entries().len()).sum();
    let built = Matcher::build(lists.iter().cloned(), KEY);
    for trouble in built.troubles.iter().take(20) {
        println!("{}: {}", trouble.list, trouble.fault);
    }
    println!(
        "{} lists, {entries} entries, {} troubles, {} bytes, {} an entry",
        lists.len(),
        built.troubles.len() + built.troubles_more,
        built.matcher.bytes(),
        built.matcher.bytes() / entries
    );
    assert!(lists.len() > 100 && entries > 400_000);
    assert!(built.matcher.bytes() < 60 * entries, "memory below 60 bytes an entry");
    assert!(built.troubles.len() + built.troubles_more < entries / 1_000);
    let raw: Vec<Raw> = lists.into_iter().map(Raw::of).collect();
    let (mut asked, mut found) = (0, 0);
    let step = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 40_009 } else { 4_001 };
    let all: Vec<&str> = raw.iter().flat_map(|list| list.list.entries()).collect();
    for entry in all.iter().step_by(step) {
        let plain = entry.trim().trim_matches('.').to_ascii_lowercase();
        let mut ask = |kind, value: &str| {
            asked += 1;
            found += assert_same(&raw, &built.matcher, kind, value);
        };
        match network(&plain) {
            Some((IpAddr::V4(address), _)) => {
                ask(ValueKind::Ipv4, &address.to_string());
                ask(ValueKind::Ipv4, &std::net::Ipv4Addr::from_bits(address.to_bits().wrapping_add(77)).to_string());
            }
            Some((IpAddr::V6(address), _)) => ask(ValueKind::Ipv6, &address.to_string()),
            None if plain.bytes().all(|byte| byte.is_ascii_hexdigit()) => ask(ValueKind::Hash, &plain),
            None if plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
                && !plain.contains("xn--") =>
            {
                ask(ValueKind::Domain, &plain);
                ask(ValueKind::Domain, &format!("www.{plain}"));
                ask(ValueKind::Domain, &format!("x{plain}"));
            }
            None => {}
        }
    }
    println!("{asked} values asked, {found} hits");
    assert!(asked > all.len() / step && found > asked / 2);
}
