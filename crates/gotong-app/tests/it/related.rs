//! What is related to an object, through values, networks, hosts and references, and only as far as its reader may see.

use gotong_app::caller::Caller;
use gotong_app::view::{self, How, Related};

use crate::region::{Peer, Region, Treaty};

fn pattern(n: u32, pattern: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{n:08x}-1f0e-4b0a-9c1e-0a0b0c0d0e0f","created":"2026-03-01T00:00:00.000Z","modified":"2026-03-01T00:00:00.000Z","pattern":"{pattern}","pattern_type":"stix","valid_from":"2026-03-01T00:00:00Z"}}"#
    )
}

fn id(n: u32) -> String {
    format!("indicator--{n:08x}-1f0e-4b0a-9c1e-0a0b0c0d0e0f")
}

fn relationship(n: u32, source: &str, target: &str) -> String {
    format!(
        r#"{{"type":"relationship","spec_version":"2.1","id":"relationship--{n:08x}-1f0e-4b0a-9c1e-0a0b0c0d0e0f","created":"2026-03-01T00:00:00.000Z","modified":"2026-03-01T00:00:00.000Z","relationship_type":"related-to","source_ref":"{source}","target_ref":"{target}"}}"#
    )
}

/// What is said: how, through what, which ids.
fn told(peer: &Peer, caller: &Caller, id: &str) -> Vec<(How, String, Vec<String>)> {
    let Related { groups, .. } = view::related(&peer.node, caller, id).unwrap().unwrap();
    groups
        .into_iter()
        .map(|group| (group.how, group.through, group.hits.into_iter().map(|hit| hit.id).collect()))
        .collect()
}

#[test]
fn an_object_is_related_by_value_network_host_and_reference() {
    let region = Region::usual();
    let vn = region.open("id");
    let channel = vn.channel();
    vn.publish(
        channel,
        &[
            pattern(1, "[ipv4-addr:value = '198.51.100.7']"),
            pattern(2, "[ipv4-addr:value = '198.51.100.7' AND file:name = 'a.exe']"),
            pattern(3, "[ipv4-addr:value = '198.51.100.9']"),
            pattern(4, "[ipv4-addr:value ISSUBSET '198.51.0.0/16']"),
            pattern(5, "[url:value = 'http://198.51.100.7/x']"),
            pattern(6, "[ipv4-addr:value = '198.51.101.7']"),
            pattern(7, "[ipv6-addr:value = '2001:db8:1:2::5']"),
            pattern(8, "[ipv6-addr:value = '2001:db8:1:2:ffff::1']"),
            pattern(9, "[url:value = 'https://evil.example/one']"),
            pattern(10, "[url:value = 'http://evil.example:8080/two']"),
            pattern(11, "[domain-name:value = 'evil.example']"),
            relationship(1, &id(1), &id(11)),
        ],
    );
    let caller = Caller::operator();
    let network = "198.51.100.0/24".to_owned();
    assert_eq!(
        told(&vn, &caller, &id(1)),
        [
            (How::Value, "198.51.100.7".to_owned(), vec![id(2)]),
            (How::Network, "198.51.0.0/16".to_owned(), vec![id(4)]),
            (How::Network, network, vec![id(3)]),
            (How::Host, "198.51.100.7".to_owned(), vec![id(5)]),
            (How::ReferredBy, id(1), vec![format!("relationship--{:08x}-1f0e-4b0a-9c1e-0a0b0c0d0e0f", 1)]),
        ]
    );
    let of_site = told(&vn, &caller, &id(7));
    assert_eq!(of_site, [(How::Network, "2001:db8:1:2::/64".to_owned(), vec![id(8)])]);
    let of_host = told(&vn, &caller, &id(11));
    assert_eq!(of_host.first().unwrap(), &(How::Host, "evil.example".to_owned(), vec![id(9), id(10)]));
    let of_url = told(&vn, &caller, &id(9));
    let hosts: Vec<_> = of_url.iter().filter(|(how, ..)| *how == How::Host).flat_map(|(.., ids)| ids.clone()).collect();
    assert_eq!(hosts, [id(10), id(11)]);
    let of_relation = told(&vn, &caller, "relationship--00000001-1f0e-4b0a-9c1e-0a0b0c0d0e0f");
    assert_eq!(of_relation.len(), 2, "{of_relation:?}");
    assert!(of_relation.iter().all(|(how, ..)| *how == How::RefersTo));
    vn.assert_sound();
}

#[test]
fn a_value_that_occurs_everywhere_costs_one_page_and_says_that_there_is_more() {
    let region = Region::usual();
    let vn = region.open("id");
    let same: Vec<String> = (0..400).map(|n| pattern(n, "[ipv4-addr:value = '198.51.100.7']")).collect();
    vn.publish(vn.channel(), &same);
    let found = view::related(&vn.node, &Caller::operator(), &id(1)).unwrap().unwrap();
    let [group] = found.groups.as_slice() else { panic!("{:?}", found.groups.len()) };
    assert!(group.more && group.hits.len() >= 99 && group.hits.len() <= 100, "{}", group.hits.len());
}

#[test]
fn what_a_reader_may_not_see_is_related_to_nothing() {
    let mut region = Region::usual();
    let hidden = region.agree(&Treaty { handle: "hidden", parties: &["id", "th"], ..Treaty::default() });
    let vn = region.open("id");
    vn.publish(vn.channel(), &[pattern(1, "[ipv4-addr:value = '198.51.100.7']")]);
    vn.publish(
        hidden,
        &[
            pattern(2, "[ipv4-addr:value = '198.51.100.7']"),
            pattern(3, "[url:value = 'http://198.51.100.7/']"),
            pattern(4, "[ipv4-addr:value = '198.51.100.8']"),
            relationship(1, &id(1), &id(4)),
        ],
    );
    let all = Caller::operator();
    assert_eq!(told(&vn, &all, &id(1)).len(), 4, "who reads both sees them");
    let limited = Caller { id: "token:limited".to_owned(), channels: Some(vec![vn.channel()]), ..Caller::operator() };
    assert_eq!(told(&vn, &limited, &id(1)), []);
    assert_eq!(view::related(&vn.node, &limited, &id(2)).unwrap(), None);
}
