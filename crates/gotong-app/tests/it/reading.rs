//! Lists that neither skip nor repeat, objects with their versions and authors, look-ups, sightings, provenance, explanations.

use gotong_app::caller::Caller;
use gotong_app::view::{self, EntryView, ExplainQuestion, Order, Page, Query, ViewFault};
use gotong_app::withdraw::Selection;
use gotong_formats::stix21;
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Tlp};

use crate::region::{
    Peer, Region, Treaty, at, code, identity, indicator, indicator_id, indicator_with, marked, sighting,
};

fn page(peer: &Peer, query: &Query) -> Page {
    view::list(&peer.node, &Caller::operator(), query).unwrap()
}

fn select(channel: ChannelId, ids: Vec<String>) -> Selection {
    Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() }
}

/// All pages of a query, with something happening before each.
fn walk(peer: &Peer, query: &Query, mut meanwhile: impl FnMut(u32)) -> Vec<String> {
    let mut seen = Vec::new();
    let mut query = query.clone();
    for turn in 0.. {
        meanwhile(turn);
        let page = page(peer, &query);
        seen.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    seen
}

#[test]
fn pages_neither_skip_nor_repeat_while_the_log_grows_and_shrinks() {
    let by_arrival = Query { limit: 7, ..Query::default() };
    let by_type = Query { object_type: Some("indicator".to_owned()), ..by_arrival.clone() };
    let by_time = Query { since: Some(at("2026-01-01T00:00:00Z")), ..by_arrival.clone() };
    let newest = Query { order: Order::NewestArrival, ..by_arrival.clone() };
    for (seed, query) in [(10, by_arrival), (11, by_type), (12, by_time), (13, newest)] {
        let mut region = Region::new(seed, &["id", "th"]);
        region.agree(&Treaty { parties: &["id", "th"], ..Treaty::default() });
        let (id, th) = (region.open("id"), region.open("th"));
        let channel = id.channel();
        let version = |n: u32| indicator_with(n, &format!("2026-03-01T00:{:02}:{:02}.000Z", n / 60 % 60, n % 60), "");
        // Every third is withdrawn in the middle of the walk; the others must be seen exactly once.
        for batch in 0..10 {
            id.publish(channel, &(0..20).map(|n| version(batch * 20 + n)).collect::<Vec<_>>());
            th.publish(channel, &(0..3).map(|n| version(1_000 + batch * 3 + n)).collect::<Vec<_>>());
            id.pull(&th);
        }
        let mut added = 5_000;
        let seen = walk(&id, &query, |turn| {
            if turn < 20 {
                id.publish_one(channel, &version(added));
                added += 1;
                let gone = (0..200).filter(|n| n % 3 == 0).map(indicator_id);
                let part = gone.skip(turn as usize * 4).take(4).collect();
                id.node.withdraw(&select(channel, part), Reason::Error).unwrap();
            }
        });
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "repeated, seed {seed}");
        let stayed = (0..200).filter(|n| n % 3 != 0).chain(1_000..1_030).map(indicator_id);
        for id in stayed {
            assert!(once.binary_search(&id).is_ok(), "{id} was skipped, seed {seed}");
        }
        id.assert_sound();
    }
}

#[test]
fn the_order_of_time_is_newest_first_and_the_bounds_hold() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let days = [3, 1, 5, 2, 4];
    for day in days {
        id.publish_one(channel, &indicator_with(day, &format!("2026-03-{day:02}T12:00:00.000500Z"), ""));
    }
    id.publish_one(channel, &sighting(77, &indicator_id(1)));
    let query = |since: &str, until: &str| Query {
        object_type: Some("indicator".to_owned()),
        since: Some(at(since)),
        until: Some(at(until)),
        limit: 2,
        ..Query::default()
    };
    let found = walk(&id, &query("2026-03-02T12:00:00.000500Z", "2026-03-05T12:00:00.000500Z"), |_| {});
    assert_eq!(found, [4, 3, 2].map(indicator_id), "from the beginning of one instant to just before another");
    assert_eq!(walk(&id, &query("2026-03-02T12:00:00.000501Z", "2026-03-03T00:00:00Z"), |_| {}), [""; 0]);
    let all_types = Query { since: Some(at("2026-03-02T00:00:00Z")), limit: 1, ..Query::default() };
    assert_eq!(walk(&id, &all_types, |_| {}).len(), 5, "indicators of four days and a sighting");
}

#[test]
fn what_came_last_comes_first_whatever_its_own_date_says() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &[1, 2].map(|n| indicator_with(n, "2026-03-05T00:00:00.000Z", "")));
    // An old event of somebody else arrives after it, and an own one last.
    th.publish(channel, &[3, 4].map(|n| indicator_with(n, "2026-03-01T00:00:00.000Z", "")));
    id.pull(&th);
    id.publish_one(channel, &indicator_with(5, "2026-03-02T00:00:00.000Z", ""));
    let newest = |limit| Query { order: Order::NewestArrival, limit, ..Query::default() };
    for limit in [1, 2, 3, 100] {
        assert_eq!(walk(&id, &newest(limit), |_| {}), [5, 4, 3, 2, 1].map(indicator_id), "{limit} to a page");
        let of_channel = Query { channel: Some(channel), ..newest(limit) };
        assert_eq!(walk(&id, &of_channel, |_| {}), [5, 4, 3, 2, 1].map(indicator_id), "{limit} to a page");
    }
    assert_eq!(page(&id, &newest(5)).next, None, "a full page that ends the list says so");
    let of_one = Query { author: Some(code("th")), ..newest(1) };
    assert_eq!(walk(&id, &of_one, |_| {}), [4, 3].map(indicator_id));
    let dated = Query { since: Some(at("2026-03-02T00:00:00Z")), ..newest(2) };
    assert_eq!(walk(&id, &dated, |_| {}), [5, 2, 1].map(indicator_id), "bounds hold in this order too");
    // What arrives in the middle of a walk is on none of its later pages, and what goes leaves no hole.
    let mut added = 100;
    let seen = walk(&id, &newest(1), |turn| {
        id.publish_one(channel, &indicator_with(added, "2026-03-06T00:00:00.000Z", ""));
        added += 1;
        if turn == 2 {
            id.node.withdraw(&select(channel, vec![indicator_id(2)]), Reason::Error).unwrap();
        }
    });
    assert_eq!(seen, [100, 5, 4, 3, 1].map(indicator_id));
    // Thousands that are gone do not make the first page an empty one.
    let gone: Vec<u32> = (1_000..4_000).collect();
    for part in gone.chunks(500) {
        id.publish(channel, &part.iter().map(|n| indicator(*n)).collect::<Vec<_>>());
    }
    id.node.withdraw(&select(channel, gone.iter().map(|n| indicator_id(*n)).collect()), Reason::Error).unwrap();
    assert_eq!(page(&id, &newest(1)).rows.len(), 1);
    let cursor = page(&id, &newest(1)).next;
    let elsewhere = Query { after: cursor, limit: 1, ..Query::default() };
    assert!(matches!(view::list(&id.node, &Caller::operator(), &elsewhere), Err(ViewFault::Cursor)));
}

#[test]
fn objects_of_one_instant_and_several_types_are_each_listed_once() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let instant = "2026-03-02T00:00:00.000Z";
    let mut expected = Vec::new();
    for n in 0..4 {
        id.publish(channel, &[indicator_with(n, instant, ""), sighting(n, &indicator_id(n)), identity(n, instant)]);
        expected.extend([
            indicator_id(n),
            format!("sighting{}", &indicator_id(n)[9..]),
            format!("identity{}", &indicator_id(n)[9..]),
        ]);
    }
    for limit in [1, 2, 5] {
        let query = Query { since: Some(at("2026-01-01T00:00:00Z")), limit, ..Query::default() };
        let mut seen = walk(&id, &query, |_| {});
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected, "{limit} to a page");
    }
}

#[test]
fn a_cursor_of_another_caller_order_or_store_is_unknown() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(channel, &(0..5).map(indicator).collect::<Vec<_>>());
    let first = page(&id, &Query { limit: 2, ..Query::default() });
    let cursor = first.next.unwrap();
    let with = |caller: &Caller, query: Query| view::list(&id.node, caller, &query);
    let other = Caller { id: "token:other".to_owned(), ..Caller::operator() };
    let arrival = Query { after: Some(cursor.clone()), ..Query::default() };
    assert!(matches!(with(&other, arrival.clone()), Err(ViewFault::Cursor)));
    let typed = Query { object_type: Some("indicator".to_owned()), ..arrival.clone() };
    assert!(matches!(with(&Caller::operator(), typed), Err(ViewFault::Cursor)));
    let elsewhere = Query {
        channel: Some(ChannelId(gotong_crypto::Digest([5; 32]))),
        after: Some("x".to_owned()),
        ..Query::default()
    };
    assert!(matches!(with(&Caller::operator(), elsewhere), Err(ViewFault::Cursor)));
    assert_eq!(with(&Caller::operator(), arrival).unwrap().rows.len(), 3);
}

#[test]
fn a_position_shows_what_came_since() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    let typed = page(&id, &Query { object_type: Some("indicator".to_owned()), ..Query::default() });
    let plain = page(&id, &Query::default());
    id.publish_one(channel, &indicator(2));
    for position in [typed.position, plain.position] {
        let since = page(&id, &Query { after: Some(position), ..Query::default() });
        assert_eq!(since.rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), [indicator_id(2)]);
    }
}

#[test]
fn filters_narrow_and_a_page_of_little_use_stays_bounded() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    for batch in 0..20 {
        id.publish(channel, &(0..100).map(|n| indicator(batch * 100 + n)).collect::<Vec<_>>());
    }
    let green = marked(stix21::id_of_label(Tlp::Green));
    id.publish_one(channel, &indicator_with(9_000, "2026-03-01T00:00:00.000Z", &green));
    th.publish_one(channel, &indicator(9_001));
    id.pull(&th);
    let lax = Query { label_max: Some(Tlp::Green), limit: 1, ..Query::default() };
    let first = page(&id, &lax);
    assert!(first.rows.is_empty() && first.next.is_some(), "a thousand entries that are not wanted end a page");
    assert_eq!(walk(&id, &lax, |_| {}), [indicator_id(9_000)]);
    let by_author = Query { author: Some(code("th")), ..Query::default() };
    assert_eq!(walk(&id, &by_author, |_| {}), [indicator_id(9_001)]);
    let by_id = Query { id: Some(indicator_id(5)), ..Query::default() };
    assert_eq!(walk(&id, &by_id, |_| {}), [indicator_id(5)]);
}

#[test]
fn what_others_say_of_an_id_stands_beside_it() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    let green = marked(stix21::id_of_label(Tlp::Green));
    th.publish_one(channel, &indicator_with(1, "2026-03-03T00:00:00.000Z", &green));
    th.publish_one(channel, &indicator_with(1, "2026-03-01T00:00:00.000Z", &green));
    id.publish_one(channel, &indicator_with(1, "2026-03-02T00:00:00.000Z", ",\"revoked\":true"));
    vn.pull(&id);
    vn.pull(&th);
    let views = view::read(&vn.node, &Caller::operator(), &indicator_id(1)).unwrap();
    let told: Vec<_> = views
        .iter()
        .map(|view| {
            (view.author.as_str(), view.modified.unwrap().to_string()[8..10].to_owned(), view.is_newest, view.revoked)
        })
        .collect();
    let text = |day: &str| day.to_owned();
    assert_eq!(
        told,
        [("id", text("02"), true, true), ("th", text("03"), true, false), ("th", text("01"), false, false)],
        "the lowest member's code first, newest first within an author"
    );
    assert_eq!((views[1].label, views[1].strictest), (Tlp::Green, Tlp::Amber));
    let also: Vec<_> = views[1].also_by.iter().map(|also| (also.author.as_str(), also.label)).collect();
    assert_eq!(also, [("id", Tlp::Amber)]);
    assert!(view::read(&vn.node, &Caller::operator(), "indicator--nothing").unwrap().is_empty());
}

#[test]
fn values_are_found_as_people_write_them() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &(0..300).map(indicator).collect::<Vec<_>>());
    id.publish_one(channel, &indicator_with(7, "2026-03-09T00:00:00.000Z", ""));
    let custom = r#"{"type":"x-gotong-test","spec_version":"2.1","id":"x-gotong-test--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-03-01T00:00:00.000Z","modified":"2026-03-01T00:00:00.000Z"}"#;
    assert_eq!(id.publish_one(channel, custom).fate.word(), "new");
    th.pull(&id);
    let values = ["hxxp://EVIL-000007[.]example/a", "evil-000008.example", "nothing.example", ""].map(str::to_owned);
    for with_bodies in [false, true] {
        let answers = view::lookup(&th.node, &Caller::operator(), &values, with_bodies).unwrap();
        assert_eq!(answers.iter().map(|answer| answer.value.as_str()).collect::<Vec<_>>(), values);
        let hits: Vec<Vec<&str>> =
            answers.iter().map(|answer| answer.hits.iter().map(|hit| hit.id.as_str()).collect()).collect();
        assert_eq!(hits, [vec![indicator_id(7).as_str()], vec![indicator_id(8).as_str()], vec![], vec![]]);
        let hit = &answers[0].hits[0];
        assert_eq!(hit.modified, Some(at("2026-03-09T00:00:00Z")), "the newest of its versions");
        assert_eq!(
            (hit.author.as_str(), hit.object_type.as_str(), &*hit.channel_handle),
            ("id", "indicator", "rti/indicators")
        );
        assert_eq!((hit.body.is_some(), hit.published_at.is_some()), (with_bodies, with_bodies));
    }
    let many = vec![String::new(); 100_001];
    assert!(matches!(view::lookup(&th.node, &Caller::operator(), &many, false), Err(ViewFault::TooMany { .. })));
}

#[test]
fn a_value_that_many_name_says_that_there_is_more() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let same = |n: u32| indicator(n).replace(&format!("evil-{n:06}.example"), "same.example");
    id.publish(channel, &(0..150).map(same).collect::<Vec<_>>());
    let answer = view::lookup(&id.node, &Caller::operator(), &["same.example".to_owned()], false).unwrap().remove(0);
    assert_eq!((answer.hits.len(), answer.more), (100, true));
}

#[test]
fn sightings_are_counted_by_author() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    th.pull(&id);
    for n in 0..3 {
        th.publish_one(channel, &sighting(n, &indicator_id(1)));
    }
    id.publish_one(channel, &sighting(9, &indicator_id(1)));
    id.publish_one(channel, &sighting(10, &indicator_id(2)));
    id.pull(&th);
    let counts = view::sightings(&id.node, &Caller::operator(), &indicator_id(1)).unwrap();
    let counts: Vec<_> = counts.by.iter().map(|count| (count.author.as_str(), count.sightings)).collect();
    assert_eq!(counts, [("id", 1), ("th", 3)]);
}

#[test]
fn sightings_tell_how_often_on_which_day_and_keep_an_indicator_fresh() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    let caller = Caller::operator();
    id.publish_one(channel, &indicator(1));
    th.pull(&id);
    let before = view::worth(&id.node, &caller, &indicator_id(1)).unwrap().unwrap();
    let seen = |n: u32, modified: &str, count: u32, day: &str| {
        format!(
            r#"{{"type":"sighting","spec_version":"2.1","id":"sighting--8e2e2d2b-17d4-4cbf-938f-{n:012x}","created":"2026-03-01T00:00:00.000Z","modified":"{modified}","sighting_of_ref":"{}","count":{count},"last_seen":"{day}T10:00:00Z"}}"#,
            indicator_id(1)
        )
    };
    th.publish_one(channel, &seen(1, "2026-03-01T01:00:00.000Z", 5, "2026-03-01"));
    // A newer version says more; only it counts.
    th.publish_one(channel, &seen(1, "2026-03-01T02:00:00.000Z", 8, "2026-03-01"));
    th.publish_one(channel, &seen(2, "2026-03-01T03:00:00.000Z", 2, "2026-02-27"));
    id.publish_one(channel, &seen(3, "2026-03-01T03:00:00.000Z", 1, "2026-03-01"));
    id.pull(&th);
    for told in [
        view::sightings(&id.node, &caller, &indicator_id(1)).unwrap(),
        view::sightings_of_value(&id.node, &caller, "evil-000001[.]example").unwrap(),
    ] {
        let by: Vec<_> = told.by.iter().map(|count| (count.author.as_str(), count.sightings, count.seen)).collect();
        assert_eq!(by, [("id", 1, 1), ("th", 2, 10)]);
        let days: Vec<_> = told.days.iter().map(|day| (day.day.as_str(), day.author.as_str(), day.seen)).collect();
        assert_eq!(days, [("2026-02-27", "th", 2), ("2026-03-01", "id", 1), ("2026-03-01", "th", 8)]);
        assert!(!told.more);
    }
    let after = view::worth(&id.node, &caller, &indicator_id(1)).unwrap().unwrap();
    assert!(after.since > before.since && after.score >= before.score, "{before:?} {after:?}");
    assert_eq!(after.base, 50, "nothing was said of confidence");
    let taken_back = indicator_with(1, "2026-03-02T00:00:00.000Z", ",\"revoked\":true");
    id.publish_one(channel, &taken_back);
    let over = view::worth(&id.node, &caller, &indicator_id(1)).unwrap().unwrap();
    assert!(over.is_over && over.score == 0);
    assert_eq!(view::worth(&id.node, &caller, &indicator_id(404)).unwrap(), None);
}

#[test]
fn provenance_reaches_down_to_signature_and_clause() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    for batch in 0..3 {
        id.publish(channel, &(0..500).map(|n| indicator(batch * 500 + n)).collect::<Vec<_>>());
    }
    th.pull(&id);
    let origin = id.origin_of(channel, "id");
    for peer in [&id, &th] {
        for index in [0, 1, 255, 256, 1_023, 1_024, 1_500] {
            let found = view::provenance(&peer.node, &Caller::operator(), &origin, index).unwrap().unwrap();
            assert!(found.verified, "{index}: {:?}", found.reason);
            let checkpoint = found.checkpoint.unwrap();
            assert_eq!((checkpoint.size, checkpoint.statement), (1_501, 1));
            let arrival = found.arrival.unwrap();
            assert!(arrival.first <= index && index < arrival.first + arrival.count);
            assert_eq!(found.basis.unwrap().basis.agreement_hash, found.agreement_hash);
            let clauses: Vec<&str> = found.grounds.iter().map(|ground| ground.clause.as_str()).collect();
            assert_eq!(clauses, if index == 0 { vec![] } else { vec!["3", "2", "3.1", "3.2"] });
        }
        assert_eq!(view::provenance(&peer.node, &Caller::operator(), &origin, 1_501).unwrap(), None);
    }
    let known = view::provenance(&id.node, &Caller::operator(), &origin, 5).unwrap().unwrap().acknowledged;
    assert_eq!(
        known.iter().map(|ack| (ack.member.as_str(), ack.verified, ack.erased)).collect::<Vec<_>>(),
        [("th", true, None)]
    );
}

#[test]
fn explaining_names_recipients_or_the_clause_that_refuses() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let question =
        |label| ExplainQuestion { channel, kind: "stix.indicator".to_owned(), label, personal_data: None, at: None };
    let explain = |question: &ExplainQuestion| view::explain(&id.node, &Caller::operator(), question);
    let allowed = explain(&question(None)).unwrap();
    assert!(allowed.permitted && allowed.label == Tlp::Amber);
    let names: Vec<_> = allowed.recipients.iter().map(|to| (to.code.as_str(), to.name.as_str())).collect();
    assert_eq!(names, [("th", "Member th"), ("vn", "Member vn")]);
    let refused = explain(&question(Some(Tlp::Red))).unwrap();
    assert!(!refused.permitted && refused.recipients.is_empty());
    assert_eq!(refused.grounds[0].clause, "3.2");
    // A message names people as messages do, unless whoever asks knows better.
    let of_type = |kind: &str, personal_data| {
        let asked = ExplainQuestion { kind: kind.to_owned(), personal_data, ..question(None) };
        let explained = explain(&asked).unwrap();
        (explained.permitted, explained.personal_data.as_str())
    };
    assert_eq!(of_type("stix.email-message", None), (false, "identified"));
    assert_eq!(of_type("stix.user-account", None), (false, "identified"));
    assert_eq!(of_type("stix.email-message", Some(gotong_model::Personal::None)), (true, "none"));
    assert_eq!(of_type("stix.email-addr", None), (true, "none"));
    let elsewhere = ExplainQuestion { channel: ChannelId(gotong_crypto::Digest([5; 32])), ..question(None) };
    assert_eq!(explain(&elsewhere), None);
}

#[test]
fn what_stands_at_a_place_is_said_without_its_content_when_it_is_gone() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    let origin = id.origin_of(channel, "id");
    let at = |index| view::entry(&id.node, &Caller::operator(), &origin, index).unwrap();
    assert!(matches!(at(0), Some(EntryView::Control(kind)) if kind == "open"));
    assert!(matches!(at(1), Some(EntryView::Record(record)) if record.id == indicator_id(1)));
    id.node.withdraw(&select(channel, vec![indicator_id(1)]), Reason::Privacy).unwrap();
    let Some(EntryView::Withdrawn { reason, index, gone, .. }) = at(1) else { panic!() };
    assert_eq!((reason, index, gone.at.len(), gone.waiting_for.len()), (Reason::Privacy, 2, 0, 2));
    assert_eq!(at(3), None);
}
