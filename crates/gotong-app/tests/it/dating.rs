//! When objects count as added: times tell nothing of what their reader may not see, stay near the clock, and are given to a store from before there were any.
//! And a large withdrawal, which is answered once nothing of it is shown.
//!
//! Whether readers meet everything once is in `collections.rs`. Read next: ADR 0007.

use std::collections::BTreeSet;

use gotong_app::Priority;
use gotong_app::caller::Caller;
use gotong_app::view::{self, Added, CollectionQuery, Query, Wanted};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Timestamp, Tlp};
use gotong_store::Book;

use crate::region::{Peer, Region, indicator, indicator_id};

/// The usual width of an arrival's time.
const USUAL_MICROS: i64 = 1 << 16;

fn all(peer: &Peer, channel: ChannelId, limit: usize) -> Vec<Added> {
    let wanted = Wanted { all_versions: true, ..Wanted::default() };
    let mut asked = CollectionQuery { channel, wanted, added_after: None, next: None, limit, with_bodies: false };
    let mut found: Vec<Added> = Vec::new();
    loop {
        let page = view::collection(&peer.node, &Caller::operator(), &asked).unwrap();
        asked.added_after = page.rows.last().map(|row| row.added).or(page.reached).or(asked.added_after);
        found.extend(page.rows);
        if page.next.is_none() {
            break;
        }
    }
    assert!(found.windows(2).all(|pair| pair[0].added < pair[1].added), "times rise strictly");
    found
}

fn added(peer: &Peer, channel: ChannelId, n: u32) -> i64 {
    let wanted = Wanted { ids: Some(vec![indicator_id(n)]), ..Wanted::default() };
    let asked = CollectionQuery { channel, wanted, added_after: None, next: None, limit: 0, with_bodies: false };
    view::collection(&peer.node, &Caller::operator(), &asked).unwrap().rows[0].added.micros()
}

/// How far apart the first and the last of a batch are, on average over many batches of so many.
fn average_distance(hidden: u32) -> i64 {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    let rounds = 80;
    let mut sum = 0;
    for round in 0..rounds {
        let first = 1 + round * (hidden + 2);
        let last = first + hidden + 1;
        region.advance_ms(1_000);
        let bodies: Vec<String> = (first..=last).map(indicator).collect();
        peer.publish(channel, &bodies);
        sum += (added(&peer, channel, last) - added(&peer, channel, first)).abs();
    }
    sum / i64::from(rounds)
}

#[test]
fn the_distance_of_two_times_tells_nothing_of_what_lies_between() {
    let (none, many) = (average_distance(0), average_distance(120));
    // Two moments of a window are a third of it apart, however many others there are.
    for distance in [none, many] {
        assert!((USUAL_MICROS / 5..USUAL_MICROS / 2).contains(&distance), "{none} and {many} microseconds on average");
    }
}

#[test]
fn the_distance_tells_nothing_where_many_were_relabelled_either() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    peer.publish(channel, &(0..200).map(indicator).collect::<Vec<_>>());
    region.advance_ms(5_000);
    let before = all(&peer, channel, 0).last().unwrap().added;
    let ids = (0..200).map(indicator_id).collect();
    let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    peer.node.relabel(&selection, Tlp::Clear).unwrap();
    let rows = all(&peer, channel, 7);
    assert!(rows.len() == 200 && rows.iter().all(|row| row.added > before), "all of them were added anew");
    let order: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let sorted: Vec<String> = (0..200).map(indicator_id).collect();
    assert_ne!(order, sorted, "not one after the other in the order of the log");
    let width = rows[199].added.micros() - rows[0].added.micros();
    assert!((USUAL_MICROS * 3 / 4..USUAL_MICROS).contains(&width), "{width} microseconds");
}

#[test]
fn times_stay_near_the_clock_and_fall_behind_it_again() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    for n in 0..500 {
        peer.publish(channel, &[indicator(n)]);
    }
    let ahead = |n: u32| added(&peer, channel, n) - peer.node.now().micros();
    assert!(ahead(499) > 0, "the clock stands still, and times rise all the same");
    assert!(ahead(499) < 1_100_000 + 500 * 1_024, "{} microseconds ahead", ahead(499));
    assert_eq!(all(&peer, channel, 7).len(), 500);
    region.advance_ms(2_000);
    peer.publish(channel, &[indicator(1_000)]);
    assert!((0..USUAL_MICROS).contains(&ahead(1_000)), "{} microseconds ahead after a pause", ahead(1_000));
}

/// Makes of a store what a program from before there were times of addition left: arrivals that all came at one instant, and nothing else.
fn age(peer: &Peer) -> usize {
    peer.node
        .transact(Priority::Bulk, |writing| {
            let arrivals = writing.tx.scan(Book::Arrival, &[], &[], 10_000)?;
            for (key, value) in &arrivals {
                // Log, first, count and when, without a width.
                let mut old = value[..28].to_vec();
                old[20..28].copy_from_slice(&Timestamp::parse("2026-05-31T00:00:00Z").unwrap().micros().to_be_bytes());
                writing.tx.put(Book::Arrival, key, &old)?;
            }
            for (key, _) in writing.tx.scan(Book::Meta, b"added/", b"added0", 10_000)? {
                writing.tx.delete(Book::Meta, &key)?;
            }
            Ok(arrivals.len())
        })
        .unwrap()
}

#[test]
fn a_store_from_before_there_were_times_gets_them_at_its_first_start() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    for batch in (0..90).collect::<Vec<u32>>().chunks(9) {
        peer.publish(channel, &batch.iter().map(|n| indicator(*n)).collect::<Vec<_>>());
    }
    assert!(age(&peer) >= 10);
    let store = std::sync::Arc::clone(&peer.store);
    drop(peer);
    let peer = region.reopen("id", std::sync::Arc::clone(&store));
    let first = all(&peer, channel, 4);
    let ids: BTreeSet<&str> = first.iter().map(|row| row.id.as_str()).collect();
    assert_eq!((first.len(), ids.len()), (90, 90), "each once, page by page");
    let other = region.open("vn");
    other.publish(channel, &[indicator(500)]);
    peer.pull(&other);
    assert_eq!(all(&peer, channel, 4).last().unwrap().id, indicator_id(500), "what comes now comes behind them");
    drop(peer);
    // A second start changes none.
    let peer = region.reopen("id", store);
    assert_eq!(all(&peer, channel, 4)[..90], first[..]);
}

#[test]
fn a_large_withdrawal_is_answered_once_nothing_of_it_is_shown() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    let bodies: Vec<String> = (0..1_201).map(indicator).collect();
    peer.import(channel, &bodies);
    let query = || Query { channel: Some(channel), ..Query::default() };
    let shown = || {
        let listed = view::list(&peer.node, &Caller::operator(), &query()).unwrap().rows.len();
        (listed, all(&peer, channel, 0).len())
    };
    assert_eq!(shown(), (1_000, 1_201), "they are there: a page of the list, and the whole collection");
    let ids: Vec<String> = (0..1_200).map(indicator_id).collect();
    let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    let done = peer.node.withdraw(&selection, Reason::Error).unwrap();
    assert!(done.len() == 1_200 && done.iter().all(|(_, done)| matches!(done, Withdrawn::Done { entries: 1, .. })));
    assert_eq!(shown(), (1, 1), "what was not named stays");
    let left =
        (0..1_200).filter(|n| !view::read(&peer.node, &Caller::operator(), &indicator_id(*n)).unwrap().is_empty());
    assert_eq!(left.count(), 0);
    // Its traces are wiped next; only then do holders acknowledge.
    assert!(peer.node.finish_erasures().unwrap());
    assert!(!peer.store.contains_bytes(b"secret name 000700"));
    assert!(peer.store.contains_bytes(b"secret name 001200"));
}

#[test]
fn the_order_of_arrival_keeps_the_place_of_what_changes_and_the_collection_tells_it_again() {
    let region = Region::usual();
    let peer = region.open("id");
    let channel = peer.channel();
    peer.publish(channel, &[indicator(1), indicator(2)]);
    let operator = Caller::operator();
    let query = |after: Option<String>| Query { channel: Some(channel), after, ..Query::default() };
    let first = view::list(&peer.node, &operator, &query(None)).unwrap();
    let before = all(&peer, channel, 0).last().unwrap().added;
    let ids = vec![indicator_id(1)];
    let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    peer.node.relabel(&selection, Tlp::Clear).unwrap();
    let since = view::list(&peer.node, &operator, &query(Some(first.position))).unwrap();
    assert_eq!((first.rows.len(), since.rows.len()), (2, 0), "as the API says of this order");
    let again: Vec<String> =
        all(&peer, channel, 0).into_iter().filter(|row| row.added > before).map(|row| row.id).collect();
    assert_eq!(again, [indicator_id(1)], "and where it sends those who must miss nothing");
}
