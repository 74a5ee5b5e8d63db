//! Invariant 1: whoever stands outside a channel gets the same answers, byte for byte, whether or not it exists.

use std::sync::Arc;

use gotong_app::archive::{self, Filter};
use gotong_app::caller::Caller;
use gotong_app::publish::Fate;
use gotong_app::role::Role;
use gotong_app::view::{self, ExplainQuestion, Order, Query};
use gotong_app::withdraw::Selection;
use gotong_app::{quarantine, verify};
use gotong_crypto::Digest;
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Tlp};

use crate::region::{Constant, Peer, Region, Treaty, at, indicator, indicator_id, indicator_with, marked, sighting};

/// Sealed positions are random to their holder; everything else must be equal.
fn unsealed(text: &str) -> String {
    let is_sealed = |word: &&str| {
        word.len() == gotong_crypto_sealed()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    text.split('"').map(|word| if is_sealed(&word) { "SEALED" } else { word }).collect::<Vec<_>>().join("\"")
}

fn gotong_crypto_sealed() -> usize {
    gotong_crypto::SEALED_CHARS
}

/// A node with a channel that everybody knows of, and perhaps one more that is busy all the time. With randomness that is always the same, the two
/// differ in nothing but the hidden channel.
fn world(with_hidden: bool) -> (Peer, Caller, ChannelId, ChannelId) {
    let mut region = Region::usual();
    let treaty = Treaty { handle: "hidden", parties: &["id", "th"], ..Treaty::default() };
    let hidden = if with_hidden { region.agree(&treaty) } else { ChannelId(Digest([5; 32])) };
    let (id, th) = (region.open_with("id", || Arc::new(Constant)), region.open("th"));
    let channel = id.channel();
    let unknown = marked("marking-definition--aaaaaaaa-17d4-4cbf-938f-98ee46b3cd3f");
    for round in 0..40 {
        if with_hidden {
            // The same ids and values as in the channel that is seen, and others, of several types; many more than a page looks at.
            let bodies =
                (0..60).map(|n| indicator_with(round * 10 + n, "2026-03-03T00:00:00.000Z", ",\"confidence\":1"));
            id.publish(hidden, &bodies.collect::<Vec<_>>());
            id.publish_one(hidden, &sighting(round, &indicator_id(round)));
            id.publish_one(hidden, &indicator_with(90_000 + round, "2026-03-01T00:00:00.000Z", &unknown));
            let ids = vec![indicator_id(round * 10)];
            let selection =
                Selection { channel: hidden, ids, modified: None, constituent: None, caller: "test".to_owned() };
            id.node.withdraw(&selection, Reason::Error).unwrap();
            th.publish_one(hidden, &indicator(7));
            id.pull(&th);
        }
        if with_hidden && round == 20 {
            // More names of one value than an answer has room for, and more arrivals than a page looks at.
            let same = |n: u32| indicator(60_000 + n).replace(&format!("evil-{:06}", 60_000 + n), "evil-000003");
            id.publish(hidden, &(0..150).map(same).collect::<Vec<_>>());
            for n in 0..1_100 {
                id.publish_one(hidden, &indicator(70_000 + n));
            }
        }
        region.advance_ms(1_000);
        id.publish(channel, &(0..5).map(|n| indicator(round * 5 + n)).collect::<Vec<_>>());
        id.publish_one(channel, &sighting(1_000 + round, &indicator_id(3)));
        if round % 10 == 0 {
            id.publish_one(channel, &indicator_with(80_000 + round, "2026-03-01T00:00:00.000Z", &unknown));
            let ids = vec![indicator_id(round * 5)];
            let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
            id.node.withdraw(&selection, Reason::Error).unwrap();
        }
        region.advance_ms(1_000);
    }
    id.node.finish_erasures().unwrap();
    assert!(verify::node(&id.node, &mut |_, _| {}).unwrap().is_sound());
    let caller = Caller {
        id: "token:limited".to_owned(),
        channels: Some(vec![channel]),
        role: Role::ReleasingOfficer,
        ..Caller::operator()
    };
    (id, caller, channel, hidden)
}

/// Everything there is to ask, as text.
fn ask_everything(peer: &Peer, caller: &Caller, channel: ChannelId, hidden: ChannelId) -> Vec<String> {
    let node = &peer.node;
    let mut told = Vec::new();
    let mut tell =
        |what: &str, answer: &dyn std::fmt::Debug| told.push(format!("{what}: {}", unsealed(&format!("{answer:?}"))));
    tell("channels", &view::channels(node, caller).unwrap());
    let everything = Query { limit: 9, ..Query::default() };
    let queries = [
        everything.clone(),
        Query { limit: 1, ..everything.clone() },
        Query { channel: Some(channel), ..everything.clone() },
        Query { channel: Some(hidden), ..everything.clone() },
        Query { author: Some(crate::region::code("th")), ..everything.clone() },
        Query { object_type: Some("indicator".to_owned()), ..everything.clone() },
        Query { object_type: Some("sighting".to_owned()), label_max: Some(Tlp::Clear), ..everything.clone() },
        Query { since: Some(at("2026-01-01T00:00:00Z")), ..everything.clone() },
        Query {
            since: Some(at("2026-03-03T00:00:00Z")),
            until: Some(at("2026-03-04T00:00:00Z")),
            ..everything.clone()
        },
        Query { order: Order::NewestArrival, ..everything.clone() },
        Query { order: Order::NewestArrival, limit: 1, ..everything.clone() },
        Query { order: Order::NewestArrival, channel: Some(channel), limit: 4, ..everything.clone() },
        Query { order: Order::NewestArrival, channel: Some(hidden), ..everything.clone() },
        Query { order: Order::NewestArrival, object_type: Some("sighting".to_owned()), ..everything.clone() },
        Query { id: Some(indicator_id(3)), ..everything.clone() },
        Query { id: Some(indicator_id(90_000)), ..everything },
    ];
    for query in queries {
        let mut query = query;
        loop {
            let page = view::list(node, caller, &query).unwrap();
            tell("page", &page);
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
    }
    for n in [0, 3, 7, 50, 199, 250, 90_000] {
        tell("read", &view::read(node, caller, &indicator_id(n)).unwrap());
        tell("sightings", &view::sightings(node, caller, &indicator_id(n)).unwrap());
        tell("related", &view::related(node, caller, &indicator_id(n)).unwrap());
        tell("worth", &view::worth(node, caller, &indicator_id(n)).unwrap());
        tell("seen", &view::sightings_of_value(node, caller, &format!("evil-{n:06}.example")).unwrap());
    }
    let values: Vec<String> = (0..400).map(|n| format!("evil-{n:06}.example")).collect();
    tell("lookup", &view::lookup(node, caller, &values, false).unwrap());
    tell("lookup", &view::lookup(node, caller, &values, true).unwrap());
    let origins = [
        peer.origin_of(channel, "id"),
        format!("gotong/{}/{hidden}/id/{}", node.governance().region, peer.log_of(channel, "id").id.epoch),
    ];
    for origin in &origins {
        for index in 0..6 {
            tell("entry", &view::entry(node, caller, origin, index).unwrap());
            tell("provenance", &view::provenance(node, caller, origin, index).unwrap());
        }
    }
    for channel in [channel, hidden] {
        let question =
            ExplainQuestion { channel, kind: "stix.indicator".to_owned(), label: None, personal_data: None, at: None };
        tell("explain", &view::explain(node, caller, &question));
        tell("withdrawals", &view::withdrawals(node, caller, &channel).unwrap());
        tell("acknowledgements", &view::acknowledgements(node, caller, &channel).unwrap());
        let filter = Filter { channel: Some(channel), ..Filter::default() };
        let mut bytes = Vec::new();
        let exported = archive::export(node, caller, &filter, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        tell("archive", &(exported.unwrap(), gotong_crypto::sha256(&bytes)));
    }
    let waiting = quarantine::list(node, caller, None, 3).unwrap();
    tell("quarantine", &waiting);
    let next = waiting.rows.last().map(|row| row.number);
    tell("quarantine", &quarantine::list(node, caller, next, 3).unwrap());
    told
}

#[test]
fn a_hidden_channel_changes_no_byte_of_any_answer() {
    let (with, caller, channel, hidden) = world(true);
    let (without, same_caller, same_channel, _) = world(false);
    assert_eq!((&caller, channel), (&same_caller, same_channel));
    let told = ask_everything(&with, &caller, channel, hidden);
    let expected = ask_everything(&without, &caller, channel, hidden);
    assert_eq!(told.len(), expected.len());
    for (told, expected) in told.iter().zip(&expected) {
        assert_eq!(told, expected);
    }
    // The control: whoever may read the channel is told of it.
    let all = Caller { channels: None, ..caller };
    assert_ne!(ask_everything(&with, &all, channel, hidden), expected);
    assert!(told.iter().any(|answer| answer.starts_with("lookup") && answer.contains("indicator--")));
}

#[test]
fn what_a_publisher_is_told_does_not_depend_on_a_hidden_channel() {
    let (with, _, channel, _) = world(true);
    let (without, ..) = world(false);
    let unknown = marked("marking-definition--aaaaaaaa-17d4-4cbf-938f-98ee46b3cd3f");
    let bodies = [
        indicator(7),
        indicator(77_000),
        indicator_with(3, "2026-03-03T00:00:00.000Z", ",\"confidence\":2"),
        indicator_with(77_001, "2026-03-01T00:00:00.000Z", &unknown),
    ];
    let (one, other) = (with.publish(channel, &bodies), without.publish(channel, &bodies));
    assert_eq!(one, other);
    assert!(matches!(one[3].fate, Fate::Quarantined(..)));
}
