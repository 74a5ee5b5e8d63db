//! Addresses are found by the networks that hold them, networks by what lies in them, and hosts by the domains above and the URLs on them: in a look-up and in a
//! search, and only as far as the reader may see.

use gotong_app::caller::Caller;
use gotong_app::view::{self, FoundBy, Lookup, SearchQuery};

use crate::region::{Peer, Region, Treaty};

fn named(n: u32, kind: &str, value: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{}","created":"2026-03-01T00:00:00.000Z","modified":"2026-03-01T00:00:00.000Z","pattern":"[{kind}-addr:value = '{value}']","pattern_type":"stix","valid_from":"2026-03-01T00:00:00Z"}}"#,
        id(n)
    )
}

fn id(n: u32) -> String {
    format!("indicator--{n:08x}-1f0e-4b0a-9c1e-0a0b0c0d0e0f")
}

fn found(peer: &Peer, caller: &Caller, value: &str) -> Lookup {
    view::lookup(&peer.node, caller, &[value.to_owned()], false).unwrap().remove(0)
}

/// What a look-up finds: number, reason, and through what.
fn told(peer: &Peer, caller: &Caller, value: &str) -> Vec<(u32, &'static str, String)> {
    let hits = found(peer, caller, value).hits.into_iter();
    let number = |id: &str| u32::from_str_radix(&id["indicator--".len()..][..8], 16).unwrap();
    hits.map(|hit| (number(&hit.id), hit.by.as_str(), hit.by.through().unwrap_or_default().to_owned())).collect()
}

fn row(n: u32, by: &'static str, through: &str) -> (u32, &'static str, String) {
    (n, by, through.to_owned())
}

fn search(peer: &Peer, caller: &Caller, text: &str) -> (Vec<(String, FoundBy)>, Vec<String>) {
    let query = SearchQuery { text: text.to_owned(), ..SearchQuery::default() };
    let answer = view::search(&peer.node, caller, &query).unwrap();
    let rows = answer.rows.into_iter().map(|row| (row.id, row.matched[0].1)).collect();
    (rows, answer.searched.outside_only)
}

fn published(peer: &Peer) {
    peer.publish(
        peer.channel(),
        &[
            named(1, "ipv4", "45.10.20.0/22"),
            named(2, "ipv4", "45.10.21.5"),
            named(3, "ipv4", "45.10.0.0/16"),
            named(4, "ipv4", "45.10.21.128/25"),
            named(5, "ipv4", "45.10.99.1"),
            named(6, "ipv4", "0.0.0.0/0"),
            named(7, "ipv6", "2001:db8::/32"),
            named(8, "ipv6", "2001:db8:1:2::5"),
            named(9, "ipv6", "2001:db8:1::/56"),
            named(10, "ipv6", "::/0"),
        ],
    );
}

#[test]
fn an_address_is_found_by_the_networks_that_hold_it_and_a_network_by_what_lies_in_it() {
    let region = Region::usual();
    let peer = region.open("id");
    published(&peer);
    let caller = Caller::operator();
    let (wide, shared) = (row(3, "network", "45.10.0.0/16"), row(1, "network", "45.10.20.0/22"));
    assert_eq!(told(&peer, &caller, "45.10.21[.]5"), [row(2, "value", ""), shared.clone(), wide.clone()]);
    assert_eq!(
        told(&peer, &caller, "45.10.21.200"),
        [row(4, "network", "45.10.21.128/25"), shared.clone(), wide.clone()]
    );
    assert_eq!(told(&peer, &caller, "hxxp://45.10.21[.]9/x"), [shared, wide.clone()]);
    let inside = [row(2, "within", "45.10.21.5"), row(4, "within", "45.10.21.128/25")];
    // Host bits do not count.
    for network in ["45.10.20.0/22", "45.10.23.77/22"] {
        assert_eq!(told(&peer, &caller, network), [&[row(1, "value", ""), wide.clone()][..], &inside].concat());
    }
    assert_eq!(told(&peer, &caller, "45.10.20.0/23"), {
        let outer = [row(1, "network", "45.10.20.0/22"), wide];
        [&outer[..], &inside].concat()
    });
    assert_eq!(
        told(&peer, &caller, "2001:DB8:1:2:0::5"),
        [row(8, "value", ""), row(9, "network", "2001:db8:1::/56"), row(7, "network", "2001:db8::/32")]
    );
    assert_eq!(
        told(&peer, &caller, "2001:db8:1::/48"),
        [
            row(7, "network", "2001:db8::/32"),
            row(8, "within", "2001:db8:1:2::/64"),
            row(9, "within", "2001:db8:1::/56")
        ]
    );
    for nothing in ["45.10.21.5/33", "45.10.21.5/-1", "45.10.21.5/", "203.0.113.9", "2001:db9::/129"] {
        let by_more = told(&peer, &caller, nothing).into_iter().filter(|(n, ..)| ![1, 2, 3].contains(n)).count();
        assert_eq!(by_more, 0, "{nothing}");
    }
}

#[test]
fn a_network_that_is_not_looked_into_says_so_and_half_the_world_holds_nothing() {
    let region = Region::usual();
    let peer = region.open("id");
    published(&peer);
    let caller = Caller::operator();
    for (wide, hits) in [("0.0.0.0/0", 1), ("45.0.0.0/8", 0), ("::/0", 1), ("2001:db8::/32", 1), ("2001:db8::/96", 1)] {
        let found = found(&peer, &caller, wide);
        assert_eq!((found.hits.len(), found.is_outside_only), (hits, true), "{wide}");
    }
    for looked in ["45.10.0.0/16", "45.10.21.5", "2001:db8:1::/48", "evil.example"] {
        assert!(!found(&peer, &caller, looked).is_outside_only, "{looked}");
    }
    // The room of one call is for all its values, in their order.
    let many: Vec<String> = (0..3).map(|n| format!("45.{}.0.0/16", 9 + n)).collect();
    let answers = view::lookup(&peer.node, &caller, &many, false).unwrap();
    let left_out: Vec<bool> = answers.iter().map(|answer| answer.is_outside_only).collect();
    assert_eq!(left_out, [false, false, true]);
    assert_eq!(answers[1].hits.len(), 5);
}

#[test]
fn a_search_looks_around_an_address_and_into_a_network_and_excludes_only_what_is_typed() {
    let region = Region::usual();
    let peer = region.open("id");
    published(&peer);
    let caller = Caller::operator();
    let (rows, outside) = search(&peer, &caller, "45.10.21.5");
    assert_eq!(rows, [(id(2), FoundBy::Value), (id(1), FoundBy::Network), (id(3), FoundBy::Network)]);
    assert!(outside.is_empty());
    let (rows, _) = search(&peer, &caller, "45.10.20.0/22");
    let reasons: Vec<FoundBy> = rows.iter().map(|(_, why)| *why).collect();
    assert_eq!(reasons, [FoundBy::Value, FoundBy::Network, FoundBy::Within, FoundBy::Within]);
    let (rows, _) = search(&peer, &caller, "45.10.21.77 -45.10.21.5");
    assert_eq!(rows, [(id(1), FoundBy::Network), (id(3), FoundBy::Network)]);
    let (rows, outside) = search(&peer, &caller, "45.0.0.0/8");
    assert_eq!((rows, outside), (Vec::new(), vec!["45.0.0.0/8".to_owned()]));
}

#[test]
fn what_has_no_time_of_its_own_is_found_with_that_of_its_publication() {
    let region = Region::usual();
    let peer = region.open("id");
    let seen = r#"{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--e379bd54-e02c-53bc-8a42-dc5b8d4210e9","value":"45.10.21.6"}"#;
    peer.publish(peer.channel(), &[named(1, "ipv4", "45.10.20.0/22")]);
    assert_eq!(peer.publish_one(peer.channel(), seen).fate.word(), "new");
    let query = SearchQuery { text: "45.10.21.6".to_owned(), ..SearchQuery::default() };
    let rows = view::search(&peer.node, &Caller::operator(), &query).unwrap().rows;
    let times: Vec<_> = rows.iter().map(|row| (row.modified.is_some(), row.published_at.is_some())).collect();
    assert_eq!(times, [(false, true), (true, false)]);
    let entry = view::read(&peer.node, &Caller::operator(), &rows[0].id).unwrap().remove(0);
    assert_eq!(rows[0].published_at, Some(entry.published_at));
}

#[test]
fn networks_that_a_reader_may_not_see_change_no_answer() {
    let answers = |is_there: bool| {
        let mut region = Region::usual();
        let hidden = region.agree(&Treaty { handle: "hidden", parties: &["id", "th"], ..Treaty::default() });
        let peer = region.open("id");
        peer.publish(peer.channel(), &[named(1, "ipv4", "45.10.20.0/22"), named(2, "ipv4", "45.10.21.5")]);
        if is_there {
            let many = (0..150)
                .map(|n| named(100 + n, "ipv4", ["45.10.21.0/24", "45.10.21.4", "45.10.0.0/17"][n as usize % 3]));
            peer.publish(hidden, &many.collect::<Vec<_>>());
        }
        let limited = Caller { id: "token:x".to_owned(), channels: Some(vec![peer.channel()]), ..Caller::operator() };
        let all = told(&peer, &Caller::operator(), "45.10.20.0/22").len();
        let values = ["45.10.21.5", "45.10.21.9", "45.10.0.0/16", "45.10.0.0/15", "45.10.21.0/24"];
        let looked: Vec<_> = values.iter().map(|value| found(&peer, &limited, value)).collect();
        let searched: Vec<_> = values.iter().map(|value| search(&peer, &limited, value)).collect();
        // Places are sealed with chance.
        let looked: Vec<_> = looked
            .into_iter()
            .map(|answer| {
                (
                    answer.hits.into_iter().map(|hit| (hit.id, hit.by)).collect::<Vec<_>>(),
                    answer.more,
                    answer.is_outside_only,
                )
            })
            .collect();
        (all, looked, searched)
    };
    let (with, without) = (answers(true), answers(false));
    assert!(with.0 > without.0, "who reads both finds more");
    assert_eq!((with.1, with.2), (without.1, without.2));
}

/// An indicator of a domain or an URL.
fn about(n: u32, kind: &str, value: &str) -> String {
    named(n, "ipv4", "x").replace("[ipv4-addr:value = 'x']", &format!("[{kind}:value = '{value}']"))
}

#[test]
fn a_host_is_found_by_the_domains_above_it_and_the_urls_on_it() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    for (n, kind, value) in [
        (1, "domain-name", "evil-one.com"),
        (2, "domain-name", "www.evil-one.com"),
        (3, "url", "http://www.evil-one.com/path"),
        (4, "domain-name", "devil-one.com"),
        (5, "url", "http://evil-one.com/other"),
        (6, "domain-name", "mail.gov.vn"),
        (7, "url", "https://198.51.100.7:8443/x"),
    ] {
        assert_eq!(id.publish_one(channel, &about(n, kind, value)).fate.word(), "new", "{value}");
    }
    let caller = Caller::operator();
    let told = |value: &str| {
        let mut rows = told(&id, &caller, value);
        rows.sort_unstable();
        rows
    };
    let (domain, url) = ("evil-one.com", "www.evil-one.com");
    assert_eq!(told("www.evil-one[.]com"), [row(1, "domain", domain), row(2, "value", ""), row(3, "url", url)]);
    assert_eq!(told("a.b.www.evil-one.com"), [row(1, "domain", domain), row(2, "domain", url)]);
    // An URL is found itself, with its host and what is above it, and not with other URLs.
    assert_eq!(told("http://www.evil-one.com/else"), [row(1, "domain", domain), row(2, "value", "")]);
    assert_eq!(told("evil-one.com"), [row(1, "value", ""), row(5, "url", domain)]);
    assert_eq!(told("198.51.100.7"), [row(7, "url", "198.51.100.7")]);
    for nothing in ["gov.vn", "other.gov.vn", "com", "xevil-one.com"] {
        assert_eq!(told(nothing), [], "{nothing}");
    }
    let (rows, _) = search(&id, &caller, "www.evil-one.com");
    let rows: Vec<(&str, FoundBy)> = rows.iter().map(|(id, why)| (id.as_str(), *why)).collect();
    let ids = [2, 1, 3].map(super::networks::id);
    assert_eq!(rows, [(&*ids[0], FoundBy::Value), (&*ids[1], FoundBy::Domain), (&*ids[2], FoundBy::Url)]);
    // Nothing is left out for them: what is not wanted is that host alone.
    let (rows, _) = search(&id, &caller, "type:indicator -www.evil-one.com evil-one.com");
    assert!(rows.iter().any(|(found, _)| *found == self::id(1)), "{rows:?}");
}
