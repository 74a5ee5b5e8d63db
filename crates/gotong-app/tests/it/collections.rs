//! A channel as a collection: every reader meets every object once, whatever happens while it reads, and no page costs more than it shows.

use std::collections::{BTreeMap, BTreeSet};

use gotong_app::caller::Caller;
use gotong_app::view::{self, CollectionPage, CollectionQuery, VersionWanted, ViewFault, Wanted};
use gotong_app::withdraw::Selection;
use gotong_model::control::Reason;
use gotong_model::document::Purpose;
use gotong_model::{ChannelId, Timestamp, Tlp};

use crate::region::{Peer, Region, indicator, indicator_id, indicator_with};

fn query(channel: ChannelId, limit: usize) -> CollectionQuery {
    CollectionQuery { channel, wanted: Wanted::default(), added_after: None, next: None, limit, with_bodies: true }
}

fn page(peer: &Peer, query: &CollectionQuery) -> CollectionPage {
    let page = view::collection(&peer.node, &Caller::operator(), query).unwrap();
    assert!(page.looked <= 2 * page.rows.len() + 2_000, "a page of {} looked at {}", page.rows.len(), page.looked);
    assert!(page.rows.windows(2).all(|pair| pair[0].added < pair[1].added), "times rise strictly");
    page
}

/// Everything from the beginning, page by page.
fn all(peer: &Peer, mut asked: CollectionQuery) -> Vec<(String, Timestamp)> {
    let mut found = Vec::new();
    loop {
        let page = page(peer, &asked);
        found.extend(page.rows.into_iter().map(|row| (row.id, row.version)));
        match page.next {
            Some(next) => asked.next = Some(next),
            None => return found,
        }
    }
}

fn select(channel: ChannelId, n: u32, modified: Option<Timestamp>) -> Selection {
    Selection { channel, ids: vec![indicator_id(n)], modified, constituent: None, caller: "test".to_owned() }
}

fn version(day: u32) -> String {
    format!("2026-03-{day:02}T00:00:00.000Z")
}

fn at(day: u32) -> Timestamp {
    Timestamp::parse(&version(day)).unwrap()
}

/// Numbers from a seed (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Somebody who reads while the channel changes, by `next` or by `added_after` alone.
struct Reader {
    by_next: bool,
    next: Option<String>,
    after: Option<Timestamp>,
    met: BTreeMap<(String, Timestamp), u32>,
}

impl Reader {
    fn read(&mut self, peer: &Peer, channel: ChannelId, limit: usize) -> bool {
        let mut asked = query(channel, limit);
        (asked.next, asked.added_after) =
            if self.by_next && self.next.is_some() { (self.next.take(), None) } else { (None, self.after) };
        let page = page(peer, &asked);
        assert!(page.rows.len() <= limit);
        self.after = page.rows.last().map(|row| row.added).or(page.reached).or(self.after);
        for row in &page.rows {
            *self.met.entry((row.id.clone(), row.version)).or_default() += 1;
        }
        self.next = page.next;
        self.next.is_some()
    }
}

#[test]
fn who_reads_while_it_grows_and_is_withdrawn_meets_everything_once() {
    for seed in 1..=6 {
        let region = Region::usual();
        let peer = region.open("id");
        let channel = peer.channel();
        let mut dice = Dice(seed);
        let reader = |by_next| Reader { by_next, next: None, after: None, met: BTreeMap::new() };
        let mut readers = [reader(true), reader(false)];
        let (mut days, mut made) = (BTreeMap::<u32, u32>::new(), 0);
        let mut partly = BTreeSet::new();
        for _ in 0..120 {
            match dice.below(10) {
                0..=3 => {
                    let count = 1 + u32::try_from(dice.below(5)).unwrap();
                    let bodies: Vec<String> =
                        (made..made + count).map(|n| indicator_with(n, &version(1), "")).collect();
                    peer.publish(channel, &bodies);
                    days.extend((made..made + count).map(|n| (n, 1)));
                    made += count;
                }
                4..=6 if made > 0 => {
                    let n = u32::try_from(dice.below(u64::from(made))).unwrap();
                    let day = days.get(&n).map_or(1, |day| day + 1);
                    if day < 28 {
                        peer.publish(channel, &[indicator_with(n, &version(day), "")]);
                        days.insert(n, day);
                    }
                }
                7 if made > 0 => {
                    // Half of the time only the newest version goes, and an older one is the newest again.
                    let n = u32::try_from(dice.below(u64::from(made))).unwrap();
                    let modified = days.get(&n).filter(|_| dice.below(2) == 0).map(|day| at(*day));
                    peer.node.withdraw(&select(channel, n, modified), Reason::Error).unwrap();
                    partly.extend(modified.map(|_| indicator_id(n)));
                }
                _ => {
                    let limit = 1 + usize::try_from(dice.below(7)).unwrap();
                    for reader in &mut readers {
                        reader.read(&peer, channel, limit);
                    }
                }
            }
            if dice.below(3) == 0 {
                region.advance_ms(1);
            }
        }
        let there: BTreeSet<_> = all(&peer, query(channel, 50)).into_iter().collect();
        assert!(there.len() > 10, "seed {seed}: there is something to read");
        for reader in &mut readers {
            while reader.read(&peer, channel, 9) {}
            let missed: Vec<_> = there.iter().filter(|object| !reader.met.contains_key(*object)).collect();
            assert!(missed.is_empty(), "seed {seed}, next {}: missed {missed:?}", reader.by_next);
            // What is the newest again because a newer one was taken back is added anew; nothing else comes twice.
            let twice = reader.met.iter().filter(|((id, _), times)| **times > 1 && !partly.contains(id));
            assert_eq!(twice.count(), 0, "seed {seed}");
        }
    }
}

#[test]
fn nothing_comes_twice_where_nothing_is_taken_back() {
    for by_next in [true, false] {
        let region = Region::usual();
        let peer = region.open("id");
        let channel = peer.channel();
        let mut reader = Reader { by_next, next: None, after: None, met: BTreeMap::new() };
        for n in 0..60 {
            // The clock stands still: times rise all the same.
            peer.publish(channel, &[indicator(n), indicator_with(n / 2, &version(2 + n % 20), "")]);
            if n % 4 == 0 {
                reader.read(&peer, channel, 3);
            }
        }
        while reader.read(&peer, channel, 3) {}
        let twice: Vec<_> = reader.met.iter().filter(|(_, times)| **times > 1).collect();
        assert!(reader.met.len() >= 60 && twice.is_empty(), "{twice:?}");
    }
}

#[test]
fn what_is_shown_later_than_it_came_still_reaches_who_is_past_its_place() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    let governance = id.node.governance();
    let first = &governance.agreements.values().next().unwrap().versions[0];
    let next = gotong_model::agreement::Terms {
        number: 2,
        previous: Some(first.hash),
        from: Timestamp::parse("2026-05-01T00:00:00Z").unwrap(),
        ..first.terms.clone()
    };
    let second = region.sign(Purpose::Agreement, &next.to_value(), &["id", "th", "vn"]);
    id.publish(channel, &[indicator(1)]);
    id.node.adopt(second.as_bytes()).unwrap();
    id.publish(channel, &[indicator(2)]);
    th.pull(&id);
    // One of its own stands behind what is held.
    th.publish(channel, &[indicator(3)]);
    let mut reader = Reader { by_next: true, next: None, after: None, met: BTreeMap::new() };
    while reader.read(&th, channel, 1) {}
    let met = |reader: &Reader| reader.met.keys().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(met(&reader), [indicator_id(1), indicator_id(3)], "one is held");
    th.node.adopt(second.as_bytes()).unwrap();
    while th.node.govern().unwrap() {}
    while reader.read(&th, channel, 1) {}
    assert_eq!(met(&reader), [indicator_id(1), indicator_id(2), indicator_id(3)]);
    assert!(reader.met.values().all(|times| *times == 1));
    assert_eq!(all(&th, query(channel, 1)).len(), 3, "who begins now meets it once, too");
}

#[test]
fn a_new_label_is_told_to_who_has_the_object() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    peer.publish(channel, &[indicator(1), indicator(2)]);
    let before = page(&peer, &query(channel, 0));
    assert_eq!(before.rows.len(), 2);
    peer.node.relabel(&select(channel, 1, None), Tlp::Clear).unwrap();
    let asked = CollectionQuery { added_after: before.rows.last().map(|row| row.added), ..query(channel, 0) };
    let news = page(&peer, &asked).rows;
    assert_eq!(news.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [indicator_id(1)]);
    let text = String::from_utf8(news[0].body.clone()).unwrap();
    assert!(text.contains("94868c89-83c2-464b-929b-a1a8aa3c8487"), "it leaves with the label that counts: {text}");
    let old = String::from_utf8(before.rows[0].body.clone()).unwrap();
    assert!(!old.contains("94868c89-83c2-464b-929b-a1a8aa3c8487"), "it was another before");
    assert_eq!(all(&peer, query(channel, 1)).len(), 2, "it stands in its new place alone");
}

#[test]
fn of_several_authors_with_one_version_one_is_shown() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    th.publish(channel, &[indicator(1)]);
    id.pull(&th);
    id.publish(channel, &[indicator(1), indicator(2)]);
    let caller = Caller::operator();
    assert_eq!(view::read(&id.node, &caller, &indicator_id(1)).unwrap().len(), 2, "both are there");
    assert_eq!(all(&id, query(channel, 1)).len(), 2, "and one is shown");
    let gone = th.node.withdraw(&select(channel, 1, None), Reason::Error).unwrap();
    assert_eq!(gone.len(), 1);
    id.pull(&th);
    assert_eq!(all(&id, query(channel, 1)).len(), 2, "the other author's stands");
}

#[test]
fn versions_and_types_are_filtered_as_asked() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    for day in 1..=3 {
        peer.publish(channel, &[indicator_with(1, &version(day), "")]);
    }
    peer.publish(channel, &[crate::region::sighting(9, &indicator_id(1))]);
    let versions = |versions: Vec<VersionWanted>, all_versions: bool| {
        let types = Some(vec!["indicator".to_owned()]);
        let wanted = Wanted { versions, all_versions, types, ..Wanted::default() };
        all(&peer, CollectionQuery { wanted, ..query(channel, 1) })
            .into_iter()
            .map(|(_, version)| version)
            .collect::<Vec<_>>()
    };
    assert_eq!(versions(Vec::new(), false), [at(3)]);
    assert_eq!(versions(vec![VersionWanted::First], false), [at(1)]);
    assert_eq!(versions(vec![VersionWanted::First, VersionWanted::Last], false), [at(1), at(3)]);
    assert_eq!(versions(vec![VersionWanted::At(at(2))], false), [at(2)]);
    assert_eq!(versions(Vec::new(), true), [at(1), at(2), at(3)]);
    let with = |wanted: Wanted| all(&peer, CollectionQuery { wanted, ..query(channel, 0) }).len();
    assert_eq!(with(Wanted { types: Some(vec!["malware".to_owned()]), ..Wanted::default() }), 0);
    assert_eq!(with(Wanted { spec_versions: Some(vec!["2.0".to_owned()]), ..Wanted::default() }), 0);
    assert_eq!(with(Wanted { spec_versions: Some(vec!["2.0".to_owned(), "2.1".to_owned()]), ..Wanted::default() }), 2);
    assert_eq!(with(Wanted { ids: Some(vec![indicator_id(1), indicator_id(7)]), ..Wanted::default() }), 1);
    assert_eq!(with(Wanted { ids: Some(vec![indicator_id(1)]), all_versions: true, ..Wanted::default() }), 3);
}

#[test]
fn next_opens_for_its_caller_and_its_filters_alone() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    peer.publish(channel, &[indicator(1), indicator(2), indicator(3)]);
    let next = page(&peer, &query(channel, 1)).next;
    assert!(next.is_some());
    let good = CollectionQuery { next, ..query(channel, 1) };
    assert_eq!(page(&peer, &good).rows[0].id, indicator_id(2));
    let other = Caller { id: "another".to_owned(), ..Caller::operator() };
    assert!(matches!(view::collection(&peer.node, &other, &good), Err(ViewFault::Cursor)));
    let filters = Wanted { all_versions: true, ..Wanted::default() };
    let changed = CollectionQuery { wanted: filters, ..good.clone() };
    assert!(matches!(view::collection(&peer.node, &Caller::operator(), &changed), Err(ViewFault::Cursor)));
}

#[test]
fn a_page_costs_the_same_wherever_it_begins() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    let count = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 4_000 } else { 20_000 };
    let bodies: Vec<String> = (0..count).map(indicator).collect();
    for batch in bodies.chunks(1_000) {
        peer.import(channel, batch);
    }
    let mut asked = CollectionQuery { with_bodies: false, ..query(channel, 500) };
    let (mut pages, mut rows) = (0, 0);
    loop {
        let page = page(&peer, &asked);
        assert_eq!((page.rows.len(), page.looked <= 501), (500, true), "page {pages} looked at {}", page.looked);
        (pages, rows) = (pages + 1, rows + page.rows.len());
        match page.next {
            Some(next) => asked.next = Some(next),
            None => break,
        }
    }
    assert_eq!(rows, usize::try_from(count).unwrap());
}

#[test]
fn old_versions_are_passed_over_within_a_bound() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    peer.publish(channel, &[indicator(1)]);
    for day in 1..=10 {
        let bodies: Vec<String> = (0..240).map(|n| indicator_with(100 + n, &version(day), "")).collect();
        peer.publish(channel, &bodies);
    }
    let mut asked = CollectionQuery { with_bodies: false, ..query(channel, 10) };
    let first = page(&peer, &asked);
    assert_eq!(first.rows.len(), 1, "the page ends before the walk over thousands of old versions does");
    asked.next = first.next;
    let second = page_of_few(&peer, &asked);
    assert_eq!((second.rows.len(), second.rows.iter().any(|row| row.id == indicator_id(1))), (10, false));
}

/// A page that has to go on until it finds something.
fn page_of_few(peer: &Peer, asked: &CollectionQuery) -> CollectionPage {
    let page = view::collection(&peer.node, &Caller::operator(), asked).unwrap();
    assert!(page.looked <= 100_000);
    page
}
