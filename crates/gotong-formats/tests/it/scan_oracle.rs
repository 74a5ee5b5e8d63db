//! The same question answered slowly: every piece of a line is cut out, put into its one spelling with `lookup_keys` and looked for in a set of
//! texts. Lines and values are drawn; both answers must be the same.
//!
//! Must not share code with the engine but what the index itself is made with.

#![allow(clippy::string_slice, reason = "an oracle cuts where it found something")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "values are spelled in one way")]

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use gotong_formats::stix21::lookup_keys;
use proptest::prelude::*;

use crate::scan::{found, set_of};

const VALUES: [&str; 22] = [
    "evil.example",
    "sub.bad.example",
    "198.51.100.7",
    "203.0.113.0/24",
    "192.0.2.128/25",
    "2001:db8::5",
    "2001:db8:1::/48",
    "http://evil.example/mal/",
    "http://evil.example/mal/deep/x",
    "https://cdn.example/x.js?v=1",
    "http://203.0.113.9/a",
    "ann@evil.example",
    "d41d8cd98f00b204e9800998ecf8427e",
    "00:1b:44:11:3a:b7",
    "AS64496",
    "CVE-2024-12345",
    r"hklm\software\run",
    "evil.exe",
    "GlobalMutex_7",
    "/usr/bin/evil",
    "run me /q",
    "xn--bcher-kva.example",
];

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') || !letter.is_ascii()
}

fn ends_stretch(letter: char) -> bool {
    letter <= ' ' || matches!(letter, '"' | '\'' | '`' | '<' | '>' | '|')
}

fn ends_word(letter: char) -> bool {
    ends_stretch(letter) || matches!(letter, ',' | ';' | '=' | '(' | ')' | '[' | ']' | '{' | '}')
}

struct Oracle<'a> {
    values: HashSet<&'a str>,
    found: BTreeSet<String>,
}

impl Oracle<'_> {
    fn take(&mut self, text: &str) {
        for key in lookup_keys(text) {
            // A URL is compared by its own rule.
            if self.values.contains(key.as_str()) && !key.contains("://") {
                self.found.insert(key);
            }
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            let networks = self.values.iter().filter(|value| holds(value, address)).map(|value| (*value).to_owned());
            self.found.extend(networks);
        }
    }

    fn name(&mut self, name: &str) {
        let name = name.trim_matches(['.', '-']);
        self.take(name);
        let spelled = lookup_keys(name).into_iter().next().unwrap_or_default();
        for (at, _) in spelled.match_indices('.') {
            let parent = &spelled[at + 1..];
            let is_domain = self.values.contains(parent)
                && parent.contains('.')
                && !parent.ends_with(".exe")
                && !parent.contains(['/', '@'])
                && parent.parse::<IpAddr>().is_err();
            if is_domain {
                self.found.insert(parent.to_owned());
            }
        }
    }

    fn url(&mut self, text: &str) {
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let cut = text[at..].chars().next().is_none_or(|letter| ",;()[]{}&\\^".contains(letter));
            if !cut {
                continue;
            }
            let longest = &text[..at];
            for written in [longest, longest.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}'])] {
                let Some(url) = lookup_keys(written).into_iter().next().filter(|url| url.contains("://")) else {
                    continue;
                };
                for value in self.values.iter().filter(|value| value.contains("://")) {
                    let rest = url.strip_prefix(value);
                    let is_folder = value.ends_with('/') && value.matches('/').count() > 3;
                    let goes_on = |rest: &str| rest.starts_with('#') || (rest.starts_with('?') && !value.contains('?'));
                    if rest.is_some_and(|rest| rest.is_empty() || goes_on(rest) || (is_folder && !value.contains('?')))
                    {
                        self.found.insert((*value).to_owned());
                    }
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        for (at, _) in line.to_ascii_lowercase().match_indices("run me /q") {
            let before = line[..at].chars().next_back();
            let after = line[at + "run me /q".len()..].chars().next();
            let is_whole = !before.is_some_and(is_name) && !after.is_some_and(is_name);
            if is_whole && self.values.contains("run me /q") {
                self.found.insert("run me /q".to_owned());
            }
        }
        line.split(|letter| !is_name(letter)).for_each(|name| self.name(name));
        for word in line.split(ends_word) {
            self.take(word.trim_end_matches(['.', ':', '!', '?']));
            if let Some((local, host)) = word.rsplit_once('@') {
                let host: String = host.chars().take_while(|letter| is_name(*letter)).collect();
                let local = local.rsplit([':', '/', '\\', '@']).next().unwrap_or_default();
                if !local.is_empty() {
                    self.take(&format!("{local}@{}", host.trim_end_matches(['.', '-'])));
                }
            }
        }
        for stretch in line.split(ends_stretch) {
            for (at, _) in stretch.match_indices("://") {
                let scheme = stretch[..at].chars().rev().take_while(char::is_ascii_alphanumeric).count();
                self.url(&stretch[at - scheme..]);
            }
            let begins = stretch.char_indices().filter(|(_, letter)| ends_word(*letter)).map(|(at, _)| at + 1);
            for at in std::iter::once(0).chain(begins) {
                let host = stretch[at..].chars().take_while(|letter| is_name(*letter)).count();
                if stretch[at..].chars().nth(host) == Some('/') {
                    self.url(&format!("http://{}", &stretch[at..]));
                    self.url(&format!("https://{}", &stretch[at..]));
                }
            }
        }
    }
}

fn holds(network: &str, address: IpAddr) -> bool {
    let Some((base, length)) = network.split_once('/') else { return false };
    let (Ok(base), Ok(length)) = (base.parse::<IpAddr>(), length.parse::<u32>()) else { return false };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (base.to_bits() ^ address.to_bits()) >> (32 - length) == 0,
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits() ^ address.to_bits()) >> (128 - length) == 0,
        _ => false,
    }
}

fn piece() -> impl Strategy<Value = String> {
    let value = || prop::sample::select(VALUES.to_vec()).prop_map(str::to_owned);
    let other = prop::sample::select(vec![
        "GET",
        "06:25:24",
        "5.0",
        "Mozilla/5.0",
        "200",
        "10.0.0.1",
        "203.0.113.77",
        "203.0.114.1",
        "192.0.2.129",
        "192.0.2.5",
        "2001:db8:1::77",
        "2001:db8:2::77",
        "[2001:DB8::5]:443",
        "www.evil.example",
        "notevil.example",
        "evil.example.org",
        "EVIL.example.",
        "evil.example:443",
        "http://evil.example/mal/y?z#f",
        "http://evil.example/mal",
        "http://EVIL.example/mal/deep/x?1",
        "HTTPS://cdn.example/x.js?v=1#a",
        "https://cdn.example/x.js",
        "evil.example/mal/q",
        "x@evil.example",
        "ann@www.evil.example",
        "D41D8CD98F00B204E9800998ECF8427E",
        "00-1B-44-11-3A-B7",
        "as64496",
        "cve-2024-12345",
        r"HKLM\Software\Run",
        "Evil.EXE",
        "a.evil.exe",
        "globalmutex_7",
        "bücher.example",
        "www.Bücher.example",
        "über",
        "http://203.0.113.9/a?b",
        "mailto:ann@evil.example",
        "1.2.3.4.5",
    ]);
    prop_oneof![2 => value(), 3 => other.prop_map(str::to_owned), 1 => value().prop_map(|text| text.to_uppercase()), 1 => "[a-z]{1,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn the_pass_finds_exactly_what_a_slow_search_finds(
        chosen in prop::sample::subsequence(VALUES.to_vec(), 1..VALUES.len()),
        pieces in prop::collection::vec((piece(), prop::sample::select(vec![" ", "  ", "\t", "\"", ",", ";", "=", "|", " (", ") ", "]", "[", "<", ">", ". ", "! ", ": "])), 1..9),
    ) {
        let line: String = pieces.iter().flat_map(|(piece, separator)| [piece.as_str(), separator]).collect();
        let mut oracle = Oracle { values: chosen.iter().copied().collect(), found: BTreeSet::new() };
        oracle.line(&line);
        let set = set_of(&chosen);
        let ours: BTreeSet<String> = found(&set, line.as_bytes()).into_iter().map(|hit| hit.value).collect();
        prop_assert_eq!(ours, oracle.found, "{:?}", line);
    }
}

#[test]
fn the_slow_search_finds_something() {
    let mut oracle = Oracle { values: VALUES.into_iter().collect(), found: BTreeSet::new() };
    oracle.line("www.evil.example 203.0.113.9 http://evil.example/mal/deep/x?y ann@evil.example AS64496 run me /q [2001:db8:1::1]:1");
    assert_eq!(oracle.found.len(), 8, "{:?}", oracle.found);
}
