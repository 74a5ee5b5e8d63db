//! Exercise data: loaded into an exercise's channel of the own house and nowhere else, seen only where it is asked about, loaded twice as once, and removed
//! so that nothing shows any of them. And the first steps of a node, worked out from what is there.

use gotong_app::caller::Caller;
use gotong_app::exercise::{self, State};
use gotong_app::role::Role;
use gotong_app::start;
use gotong_app::token::{self, NewToken};
use gotong_app::view::{self, Query};
use gotong_app::withdraw::Selection;
use gotong_model::control::Reason;
use gotong_model::document::Purpose;
use gotong_model::{ChannelId, Timestamp, Tlp};

use crate::constituents::house_rule;
use crate::region::{Peer, Region, indicator};

const OBJECTS: usize = 17;
/// One object of the case was corrected.
const ENTRIES: u64 = 18;
const PAGE: &str = "indicator--f13a7c80-46e9-4582-9d2b-07c5a8e61f06";

/// A node whose house rule has a channel `house/notices` for exercises, up to this label.
fn with_drill(region: &Region, ceiling: Tlp, kinds: &[&str]) -> (Peer, ChannelId) {
    let id = region.open("id");
    let mut rule = house_rule("id");
    let kind = &mut rule.terms.channel_types[1];
    (kind.exercise, kind.ceiling) = (true, ceiling);
    kind.kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    id.node.adopt(region.sign(Purpose::House, &rule.to_value(), &["id"]).as_bytes()).unwrap();
    let drill = id.node.governance().channel_by_name("house/notices").unwrap().id;
    (id, drill)
}

fn listed(id: &Peer, channel: Option<ChannelId>) -> Vec<String> {
    let newest = Query { channel, since: Some(Timestamp::default()), ..Query::default() };
    let rows = view::list(&id.node, &Caller::operator(), &newest).unwrap().rows;
    rows.into_iter().filter(|row| row.is_newest).map(|row| row.id).collect()
}

fn state(id: &Peer) -> State {
    exercise::state(&id.node, &Caller::operator()).unwrap()
}

fn size(id: &Peer, channel: ChannelId) -> u64 {
    id.log_of(channel, "id").size()
}

#[test]
fn the_case_goes_into_the_channel_for_exercises_and_is_seen_there_alone() {
    let region = Region::usual();
    let (id, drill) = with_drill(&region, Tlp::AmberStrict, &["stix"]);
    let me = Caller::operator();
    assert_eq!(state(&id), State { channel: Some("house/notices".to_owned()), loaded: 0, of: OBJECTS });
    let loaded = exercise::load(&id.node, &me).unwrap().unwrap();
    assert_eq!((loaded.new, loaded.known, loaded.refused), (OBJECTS, 0, 0), "{:?}", loaded.why);
    assert_eq!(loaded.channel, "house/notices");
    assert_eq!((state(&id).loaded, listed(&id, Some(drill)).len()), (OBJECTS, OBJECTS));
    // INVARIANT: 6. Nothing of it is among what is real, by list, by id, by value or by words.
    assert!(listed(&id, None).is_empty());
    assert!(view::read(&id.node, &me, PAGE).unwrap().is_empty());
    let values = ["invoice.tide-clearing.example".to_owned()];
    assert!(view::lookup(&id.node, &me, &values, false).unwrap()[0].hits.is_empty());
    // Positive control: asked about its channel, it is all there with what belongs to it.
    let read = view::read_about(&id.node, &me, PAGE, Some(&drill)).unwrap();
    assert_eq!((read.len(), read[0].channel), (1, drill));
    let addresses = "indicator--2e9b41d7-c685-4a73-8f10-b64d05e9c705";
    let seen = |channel| view::sightings_about(&id.node, &me, addresses, channel).unwrap().by.len();
    assert_eq!((seen(Some(&drill)), seen(None)), (1, 0));
    let related = view::related_about(&id.node, &me, addresses, Some(&drill)).unwrap().unwrap();
    assert!(!related.groups.is_empty());
    assert!(view::related(&id.node, &me, addresses).unwrap().is_none());
    assert!(view::worth_about(&id.node, &me, addresses, Some(&drill)).unwrap().is_some());
    // No other member is sent anything of it, nor told that the channel is there.
    let other = region.open("th");
    other.pull(&id);
    assert!(other.node.governance().channel(&drill).is_none());
    assert!(other.logs_of(drill, "id").is_empty());
    // A real object of the same region is not shown as an exercise.
    id.publish(id.channel(), &[indicator(1)]);
    assert_eq!((listed(&id, None).len(), listed(&id, Some(drill)).len()), (1, OBJECTS));
}

#[test]
fn loading_twice_is_loading_once_and_what_was_cut_off_is_completed() {
    let region = Region::usual();
    let (id, drill) = with_drill(&region, Tlp::AmberStrict, &["stix"]);
    let me = Caller::operator();
    exercise::load(&id.node, &me).unwrap().unwrap();
    let before = size(&id, drill);
    region.advance_ms(3_600_000);
    let again = exercise::load(&id.node, &me).unwrap().unwrap();
    assert_eq!((again.new, again.known, size(&id, drill)), (0, OBJECTS, before));
    // Somebody took one away: what is missing comes again, and nothing else.
    let one = Selection {
        channel: drill,
        ids: vec![PAGE.to_owned()],
        modified: None,
        constituent: None,
        caller: "test".to_owned(),
    };
    id.node.withdraw(&one, Reason::Error).unwrap();
    assert_eq!(state(&id).loaded, OBJECTS - 1);
    let rest = exercise::load(&id.node, &me).unwrap().unwrap();
    assert_eq!((rest.new, rest.known, state(&id).loaded), (1, OBJECTS - 1, OBJECTS));
    // Two at the same moment load one case.
    exercise::remove(&id.node, &me).unwrap();
    let total: usize = std::thread::scope(|scope| {
        let press = || exercise::load(&id.node, &Caller::operator()).unwrap().unwrap().new;
        let both = [scope.spawn(press), scope.spawn(press)];
        both.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!((total, listed(&id, Some(drill)).len()), (OBJECTS, OBJECTS));
}

#[test]
fn removing_leaves_nothing_of_it_and_touches_nothing_else() {
    let region = Region::usual();
    let (id, drill) = with_drill(&region, Tlp::Green, &["stix"]);
    let me = Caller::operator();
    id.publish(drill, &[indicator(7)]);
    let nothing = exercise::remove(&id.node, &me).unwrap();
    let before = size(&id, drill);
    assert_eq!((nothing.objects, nothing.channels.len()), (0, 0));
    assert_eq!(exercise::load(&id.node, &me).unwrap().unwrap().new, OBJECTS);
    let removed = exercise::remove(&id.node, &me).unwrap();
    assert_eq!((removed.objects, removed.entries), (OBJECTS, ENTRIES));
    assert_eq!(removed.channels, ["house/notices"]);
    while id.node.finish_erasures().unwrap() {}
    assert_eq!(state(&id).loaded, 0);
    assert_eq!(listed(&id, Some(drill)).len(), 1, "what people brought themselves stays");
    // INVARIANT: 4. Of what was taken back no body is left in the log.
    let log = id.log_of(drill, "id");
    let origin = log.id.origin(&id.node.governance().region).to_string();
    let mut gone = 0;
    for index in before..size(&id, drill) {
        let entry = view::entry(&id.node, &me, &origin, index).unwrap();
        gone += u64::from(!matches!(entry, Some(view::EntryView::Record(_))));
    }
    assert!(gone > ENTRIES, "the entries, and what withdraws them: {gone}");
    let twice = exercise::remove(&id.node, &me).unwrap();
    assert_eq!(twice, exercise::Removed::default());
    assert_eq!(exercise::load(&id.node, &me).unwrap().unwrap().new, OBJECTS, "and it can be loaded again");
}

#[test]
fn without_a_channel_for_exercises_nothing_is_written() {
    let region = Region::usual();
    let id = region.open("id");
    let me = Caller::operator();
    let refused = |me: &Caller| exercise::load(&id.node, me).unwrap().unwrap_err()[0].id.clone();
    assert_eq!(refused(&me), "exercise.no-channel");
    assert_eq!(state(&id), State { channel: None, loaded: 0, of: OBJECTS });
    // A house rule without exercises is none either, and a drill of an agreement crosses borders.
    id.node.adopt(region.sign(Purpose::House, &house_rule("id").to_value(), &["id"]).as_bytes()).unwrap();
    assert_eq!(refused(&me), "exercise.no-channel");
    assert!(listed(&id, None).is_empty());
    // Who is limited to other channels knows of none.
    let (id, _) = with_drill(&region, Tlp::AmberStrict, &["stix"]);
    let new = NewToken { channels: Some(vec![id.channel()]), role: Role::Analyst, ..NewToken::default() };
    let (_, secret) = token::create(&id.node, &me, &new).unwrap().unwrap();
    let narrow = token::authenticate(&id.node, &secret).unwrap().unwrap();
    assert_eq!(exercise::load(&id.node, &narrow).unwrap().unwrap_err()[0].id, "exercise.no-channel");
    assert_eq!(state(&id).loaded, 0);
}

#[test]
fn what_the_channel_does_not_take_is_told_with_its_clause() {
    let region = Region::usual();
    let (id, drill) = with_drill(&region, Tlp::Clear, &["stix.indicator", "stix.malware"]);
    let loaded = exercise::load(&id.node, &Caller::operator()).unwrap().unwrap();
    assert_eq!((loaded.new, loaded.refused), (4, OBJECTS - 4), "no stricter than its ceiling, and of its kinds");
    assert!(loaded.why.iter().all(|why| why.clause.is_some()), "{:?}", loaded.why);
    assert_eq!(listed(&id, Some(drill)).len(), 4);
}

#[test]
fn the_first_steps_are_what_is_there() {
    let region = Region::usual();
    let (id, drill) = with_drill(&region, Tlp::AmberStrict, &["stix"]);
    let me = Caller::operator();
    let look = || start::look(&id.node, &me).unwrap();
    let before = look();
    assert!(before.has_statement && !before.is_rehearsal && !before.has_shared);
    assert_eq!((before.people, before.sources), (0, 0));
    assert!(!before.partners.is_empty() && !before.partners.contains(&id.node.member));
    // Neither an exercise nor what stays in the country is a share.
    exercise::load(&id.node, &me).unwrap().unwrap();
    let national = id.node.governance().channel_by_name("house/national").unwrap().id;
    id.publish(national, &[indicator(2)]);
    id.publish(drill, &[indicator(3)]);
    assert!(start::is_young(&id.node, &me).unwrap());
    id.publish(id.channel(), &[indicator(1)]);
    assert!(!start::is_young(&id.node, &me).unwrap() && look().has_shared);
}
