//! Invariant 6: what stands in an exercise's channel never shows among real records, nor real ones there.

use gotong_app::caller::Caller;
use gotong_app::view::{self, EntryView, Query};
use gotong_model::{ChannelId, Timestamp};

use crate::region::{Peer, Region, Treaty, indicator, indicator_id, sighting};

fn world() -> (Peer, ChannelId, ChannelId) {
    let mut region = Region::usual();
    let drill = region.agree_with(&Treaty { handle: "drill", ..Treaty::default() }, |terms| {
        for kind in &mut terms.channel_types {
            kind.exercise = true;
        }
    });
    let id = region.open("id");
    let real = id.channel();
    // The same object stands in both, one only in each, and each has a sighting of the first.
    id.publish(real, &[indicator(1), indicator(2), sighting(11, &indicator_id(1))]);
    id.publish(drill, &[indicator(1), indicator(3), sighting(12, &indicator_id(1)), sighting(13, &indicator_id(1))]);
    (id, real, drill)
}

fn ids(id: &Peer, query: &Query) -> Vec<String> {
    let page = view::list(&id.node, &Caller::operator(), query).unwrap();
    assert!(page.rows.iter().all(|row| row.also_by.is_empty()), "what stands beside is of the same kind of traffic");
    let mut ids: Vec<String> =
        page.rows.into_iter().map(|row| row.id).filter(|id| id.starts_with("indicator")).collect();
    ids.sort();
    ids
}

#[test]
fn an_exercise_is_seen_only_where_it_is_asked_for() {
    let (id, real, drill) = world();
    let both = [indicator_id(1), indicator_id(2)];
    let newest = Query { since: Some(Timestamp::default()), ..Query::default() };
    assert_eq!(ids(&id, &Query::default()), both);
    assert_eq!(ids(&id, &newest), both);
    assert_eq!(ids(&id, &Query { channel: Some(real), ..newest.clone() }), both);
    // Positive control: in the exercise's channel it is all there, and nothing of the other.
    let exercise = [indicator_id(1), indicator_id(3)];
    assert_eq!(ids(&id, &Query { channel: Some(drill), ..Query::default() }), exercise);
    assert_eq!(ids(&id, &Query { channel: Some(drill), ..newest }), exercise);
    let by_id = |n: u32, channel| ids(&id, &Query { id: Some(indicator_id(n)), channel, ..Query::default() });
    assert_eq!((by_id(3, None).len(), by_id(3, Some(drill)).len()), (0, 1));
    let caller = Caller::operator();
    assert_eq!(view::read(&id.node, &caller, &indicator_id(1)).unwrap().len(), 1);
    assert!(view::read(&id.node, &caller, &indicator_id(3)).unwrap().is_empty());
    let sightings = view::sightings(&id.node, &caller, &indicator_id(1)).unwrap();
    assert_eq!(sightings.by.iter().map(|count| count.sightings).sum::<u64>(), 1, "drills count no sightings");
    let values = ["evil-000001.example".to_owned(), "evil-000003.example".to_owned()];
    let found = view::lookup(&id.node, &caller, &values, false).unwrap();
    assert_eq!(found.iter().map(|found| found.hits.len()).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_place_in_an_exercise_is_shown_and_its_channel_says_what_it_is() {
    let (id, _, drill) = world();
    let caller = Caller::operator();
    let row =
        view::list(&id.node, &caller, &Query { channel: Some(drill), ..Query::default() }).unwrap().rows.remove(0);
    let (log, index) = row.place.open().unwrap();
    let entry = view::entry(&id.node, &caller, log, index).unwrap();
    assert!(matches!(entry, Some(EntryView::Record(_))), "{entry:?}");
    let channels = view::channels(&id.node, &caller).unwrap();
    let exercises: Vec<&str> =
        channels.iter().filter(|channel| channel.exercise).map(|channel| channel.handle.as_str()).collect();
    assert_eq!(exercises, ["drill/indicators"]);
}
