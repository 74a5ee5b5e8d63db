//! Subscriptions without a network: which events there are for whom and in which order, places, messages of webhooks, and what ends with its owner.

use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_app::subscription::{self, Act, Batch, Event, Filter, Follow, Next, Note, Owed, Place, Plan};
use gotong_app::token::{self, NewToken};
use gotong_app::view::{self, Query, Words};
use gotong_app::withdraw::Selection;
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Slug, Tlp};

use crate::region::{Peer, Region, Treaty, indicator, indicator_id, sighting};

fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

fn follow(peer: &Peer, caller: &Caller, filter: &Filter, after: Place, limit: usize) -> Batch {
    let wanted = Follow::new(filter, after, limit, false);
    subscription::follow(&peer.node, caller, wanted).unwrap()
}

/// Everything from a place on, so many at a time, each time from the place of the last event as its reader sees it.
fn all(peer: &Peer, caller: &Caller, filter: &Filter, limit: usize) -> Vec<Event> {
    let (mut events, mut place) = (Vec::new(), Place::default());
    loop {
        let batch = follow(peer, caller, filter, place, limit);
        assert!(batch.events.len() <= limit);
        let last = batch.events.last().map(|event| event.place.seal(&peer.node, caller));
        events.extend(batch.events);
        if !batch.more {
            return events;
        }
        place = match last {
            Some(sealed) => Place::open(&peer.node, caller, &sealed).unwrap(),
            None => batch.place,
        };
    }
}

fn words(events: &[Event]) -> Vec<String> {
    let word = |event: &Event| match &event.act {
        Act::Published(published) => format!("{} {}", published.id, event.label.as_str()),
        Act::Withdrawn { reason } => {
            format!("gone {} {}", event.at.open().unwrap().1, reason.map_or("", Reason::as_str))
        }
    };
    events.iter().map(word).collect()
}

fn select(channel: ChannelId, n: u32) -> Selection {
    Selection { channel, ids: vec![indicator_id(n)], modified: None, constituent: None, caller: "test".to_owned() }
}

fn limited(peer: &Peer, role: Role, channels: Option<Vec<ChannelId>>) -> (String, Caller) {
    let new = NewToken { name: "limited".to_owned(), channels, role, ..NewToken::default() };
    let (id, secret) = token::create(&peer.node, &Caller::operator(), &new).unwrap().unwrap();
    (id, token::authenticate(&peer.node, &secret).unwrap().unwrap())
}

/// Two channels of one node; in the second stands what is hidden from who reads the first alone.
fn world() -> (Region, Peer, ChannelId, ChannelId) {
    let mut region = Region::usual();
    let second = region.agree(&Treaty { handle: "second", ..Treaty::default() });
    let id = region.open("id");
    let first = id.channel();
    (region, id, first, second)
}

#[test]
fn a_stream_tells_the_same_in_the_same_order_however_it_is_cut() {
    let (_region, id, first, second) = world();
    let caller = Caller::operator();
    id.publish(first, &[indicator(1), indicator(2), indicator(3)]);
    id.publish(second, &[indicator(4)]);
    id.node.withdraw(&select(first, 2), Reason::Error).unwrap();
    id.node.relabel(&select(first, 3), Tlp::AmberStrict).unwrap();
    id.publish(first, &[indicator(5), sighting(6, &indicator_id(5))]);
    id.node.withdraw(&select(second, 4), Reason::SourceRequest).unwrap();
    id.node.finish_erasures().unwrap();
    let everything = Filter::default();
    let whole = words(&all(&id, &caller, &everything, 500));
    assert!(whole.len() >= 6, "{whole:?}");
    for limit in 1..6 {
        assert_eq!(words(&all(&id, &caller, &everything, limit)), whole, "{limit} at a time");
    }
    let at =
        |word: &str| whole.iter().position(|one| one.starts_with(word)).unwrap_or_else(|| panic!("{word}: {whole:?}"));
    assert!(at(&format!("{} ", indicator_id(1))) < at("gone 2 error"), "{whole:?}");
    assert!(at("gone 2 error") < at(&format!("{} ", indicator_id(5))), "a withdrawal stands where it happened");
    assert!(whole.iter().all(|one| !one.starts_with(&indicator_id(2))), "what is gone is told of as gone alone");
    // Read while it happens, a withdrawal comes behind what it withdraws, and a new label behind both.
    let place = subscription::now(&id.node).unwrap();
    id.publish(first, &[indicator(7)]);
    let before = follow(&id, &caller, &everything, place, 10);
    id.node.withdraw(&select(first, 7), Reason::Error).unwrap();
    let after = follow(&id, &caller, &everything, before.place, 10);
    assert_eq!((before.events.len(), after.events.len()), (1, 1));
    assert!(words(&after.events)[0].starts_with("gone"));
    assert!(follow(&id, &caller, &everything, after.place, 10).events.is_empty(), "and then there is silence");
}

#[test]
fn a_stream_begins_where_a_list_ended_and_finds_what_a_list_finds() {
    let (_region, id, first, second) = world();
    let caller = Caller::operator();
    id.publish(first, &[indicator(1), sighting(2, &indicator_id(1))]);
    id.publish(second, &[indicator(3)]);
    let place = view::list(&id.node, &caller, &Query::default()).unwrap().position;
    id.publish(first, &[indicator(4)]);
    let place = Place::open(&id.node, &caller, &place).unwrap();
    let fresh = words(&follow(&id, &caller, &Filter::default(), place, 10).events);
    assert_eq!(fresh.len(), 1, "{fresh:?}");
    assert!(fresh[0].starts_with(&indicator_id(4)));
    let filters = [
        Filter::default(),
        Filter { channel: Some(first), ..Filter::default() },
        Filter { object_type: Some("indicator".to_owned()), ..Filter::default() },
        Filter {
            values: vec!["evil-000003.example".to_owned(), "evil-000001[.]example".to_owned()],
            ..Filter::default()
        },
        Filter { channel: Some(second), values: vec!["evil-000001.example".to_owned()], ..Filter::default() },
        Filter { label_max: Some(Tlp::Clear), ..Filter::default() },
        Filter { words: Words::parse("secr 000003").ok(), ..Filter::default() },
        Filter { channel: Some(first), words: Words::parse("\"secret name\" -000001").ok(), ..Filter::default() },
        Filter { channel: Some(first), words: Words::parse("000003").ok(), ..Filter::default() },
    ];
    let mut counts = Vec::new();
    for filter in filters {
        let mut listed: Vec<String> = {
            let (page, more) = subscription::records(&id.node, &caller, &filter, None, 0).unwrap();
            assert!(!more && page.next.is_none());
            page.rows.into_iter().map(|row| row.id).collect()
        };
        let mut told: Vec<String> = all(&id, &caller, &filter, 500)
            .into_iter()
            .filter_map(|event| match event.act {
                Act::Published(published) => Some(published.id),
                Act::Withdrawn { .. } => None,
            })
            .collect();
        listed.sort();
        told.sort();
        assert_eq!(listed, told, "{filter:?}");
        counts.push(listed.len());
    }
    assert_eq!(counts, [4, 3, 3, 2, 0, 0, 1, 1, 0], "and each filter keeps something out");
}

#[test]
fn what_a_caller_may_not_read_is_in_no_event_of_its_stream() {
    let (_region, id, first, second) = world();
    let (_, narrow) = limited(&id, Role::Reader, Some(vec![first]));
    let begun = subscription::now(&id.node).unwrap();
    id.publish(second, &[indicator(1), indicator(2)]);
    id.node.withdraw(&select(second, 1), Reason::Error).unwrap();
    id.node.finish_erasures().unwrap();
    let everything = Filter::default();
    assert_eq!(all(&id, &Caller::operator(), &everything, 3).len(), 2, "who may is told");
    assert!(follow(&id, &narrow, &everything, begun, 10).events.is_empty());
    assert!(all(&id, &narrow, &everything, 3).is_empty());
    let named = Filter { channel: Some(second), ..Filter::default() };
    assert!(all(&id, &narrow, &named, 3).is_empty(), "not even by its name");
    id.publish(first, &[indicator(3)]);
    assert_eq!(all(&id, &narrow, &everything, 3).len(), 1);
    // A place is its reader's own.
    let place = subscription::now(&id.node).unwrap().seal(&id.node, &narrow);
    assert!(Place::open(&id.node, &narrow, &place).is_ok());
    assert!(Place::open(&id.node, &Caller::operator(), &place).is_err());
}

#[test]
fn exercises_and_what_is_real_share_no_stream() {
    let mut region = Region::usual();
    let drill = region.agree_with(&Treaty { handle: "drill", ..Treaty::default() }, |terms| {
        for kind in &mut terms.channel_types {
            kind.exercise = true;
        }
    });
    let id = region.open("id");
    let real = id.channel();
    id.publish(real, &[indicator(1)]);
    id.publish(drill, &[indicator(2), indicator(3)]);
    id.node.withdraw(&select(drill, 3), Reason::Error).unwrap();
    let caller = Caller::operator();
    let of = |channel| all(&id, &caller, &Filter { channel, ..Filter::default() }, 2);
    assert_eq!(of(None).len(), 1);
    assert_eq!((of(Some(real)).len(), of(Some(drill)).len()), (1, 2));
    assert!(of(Some(drill)).iter().all(|event| event.is_exercise) && !of(None)[0].is_exercise);
    let values = Filter { channel: Some(drill), values: vec!["evil-000002.example".to_owned()], ..Filter::default() };
    let refused = subscription::put(&id.node, &caller, &slug("drill"), &values).unwrap().unwrap_err();
    assert_eq!(refused[0].pointer.as_deref(), Some("/values"));
}

fn hook(peer: &Peer, owner: &Caller, filter: &Filter) -> Owed {
    subscription::put(&peer.node, owner, &slug("all"), filter).unwrap().unwrap();
    let plan = Plan {
        name: slug("hook"),
        url: "https://receiver.example/".to_owned(),
        search: slug("all"),
        with_objects: false,
    };
    let secret = subscription::put_webhook(&peer.node, owner, &plan).unwrap().unwrap();
    assert!(secret.is_some());
    assert_eq!(subscription::put_webhook(&peer.node, owner, &plan).unwrap().unwrap(), None, "the secret stays");
    subscription::all_due(&peer.node).unwrap().remove(0)
}

fn message(peer: &Peer, owed: &Owed) -> Option<subscription::Message> {
    match subscription::next_message(&peer.node, owed).unwrap() {
        Next::Send(message) => Some(*message),
        Next::Quiet | Next::Over => None,
    }
}

#[test]
fn a_message_is_the_same_until_it_is_taken_and_then_the_next_one_follows() {
    let (_region, id, first, _) = world();
    let (_, owner) = limited(&id, Role::ReleasingOfficer, None);
    id.publish(first, &[indicator(1)]);
    let owed = hook(&id, &owner, &Filter::default());
    assert!(message(&id, &owed).is_none(), "it begins with what comes from now on");
    let bodies: Vec<String> = (10..220).map(indicator).collect();
    id.publish(first, &bodies);
    let one = message(&id, &owed).unwrap();
    assert_eq!(one.events.len(), subscription::BATCH_EVENTS_MAX);
    id.publish(first, &[indicator(500)]);
    let again = message(&id, &owed).unwrap();
    assert_eq!((&again.id, &again.at, words(&again.events)), (&one.id, &one.at, words(&one.events)));
    // What was taken back meanwhile does not go out any more, and nothing else comes in its place.
    id.node.withdraw(&select(first, 12), Reason::Error).unwrap();
    let less = message(&id, &owed).unwrap();
    assert_eq!((less.id.clone(), less.events.len()), (one.id.clone(), one.events.len() - 1));
    subscription::delivered(&id.node, &owed, &less).unwrap();
    // Said twice, it counts once.
    subscription::delivered(&id.node, &owed, &less).unwrap();
    let mut told = words(&less.events);
    let mut messages = 1;
    while let Some(next) = message(&id, &owed) {
        assert_ne!(next.id, one.id);
        told.extend(words(&next.events));
        subscription::delivered(&id.node, &owed, &next).unwrap();
        messages += 1;
    }
    assert_eq!(messages, 3);
    assert_eq!(told.iter().filter(|word| word.starts_with("indicator")).count(), 210, "all but the one that is gone");
    assert_eq!(told.iter().filter(|word| word.starts_with("gone")).count(), 1);
    let standing = subscription::lookup_webhook(&id.node, &owner, &slug("hook")).unwrap().unwrap().standing;
    assert_eq!((standing.messages, standing.events), (3, 211));
}

#[test]
fn a_webhook_is_paused_after_so_many_failures_and_goes_on_where_it_stopped() {
    let (_region, id, first, _) = world();
    let (_, owner) = limited(&id, Role::ReleasingOfficer, None);
    let owed = hook(&id, &owner, &Filter::default());
    id.publish(first, &[indicator(1)]);
    let waiting = message(&id, &owed).unwrap();
    let note = || Note { id: "outward.late".to_owned(), text: "the server did not answer in time".to_owned() };
    for failure in 1..=subscription::FAILURES_MAX {
        assert!(message(&id, &owed).is_some());
        let paused = subscription::failed(&id.node, &owed, note(), id.node.now(), false).unwrap();
        assert_eq!(paused, failure == subscription::FAILURES_MAX, "{failure}");
    }
    assert!(matches!(subscription::next_message(&id.node, &owed).unwrap(), Next::Over));
    assert!(subscription::all_due(&id.node).unwrap().is_empty());
    assert!(subscription::set_paused(&id.node, &owner, &slug("hook"), false).unwrap());
    assert_eq!(message(&id, &owed).unwrap().id, waiting.id);
}

#[test]
fn what_an_owner_set_up_ends_with_it_and_reads_as_it_reads_now() {
    let (_region, id, first, second) = world();
    let (token, owner) = limited(&id, Role::ReleasingOfficer, None);
    let (_, other) = limited(&id, Role::ReleasingOfficer, Some(vec![first]));
    let owed = hook(&id, &owner, &Filter::default());
    subscription::put(&id.node, &other, &slug("all"), &Filter::default()).unwrap().unwrap();
    assert!(subscription::webhooks(&id.node, &other).unwrap().is_empty(), "each has its own");
    assert_eq!(subscription::remove(&id.node, &owner, &slug("all")).unwrap(), Some(false), "a webhook follows it");
    id.publish(second, &[indicator(1)]);
    assert!(message(&id, &owed).is_some());
    assert!(token::revoke(&id.node, &Caller::operator(), &token).unwrap());
    assert!(matches!(subscription::next_message(&id.node, &owed).unwrap(), Next::Over));
    assert_eq!(subscription::sweep(&id.node).unwrap(), 2, "the search and the webhook");
    assert_eq!(subscription::sweep(&id.node).unwrap(), 0);
    assert!(subscription::list(&id.node, &owner).unwrap().is_empty());
    assert_eq!(subscription::list(&id.node, &other).unwrap().len(), 1, "nobody else's");
    assert_eq!(subscription::remove(&id.node, &other, &slug("all")).unwrap(), Some(true));
    assert_eq!(subscription::remove(&id.node, &other, &slug("all")).unwrap(), None);
}
