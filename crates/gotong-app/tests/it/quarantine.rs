//! What is doubtful waits for a person, and what the person decides happens once.

use gotong_app::Priority;
use gotong_app::caller::Caller;
use gotong_app::publish::{Fate, Markings, Submission};
use gotong_app::role::Role;
use gotong_app::{quarantine, status, view};
use gotong_model::{Pap, Tlp};

use crate::region::{Region, indicator, indicator_id, indicator_with, intent, marked};

const UNKNOWN_MARKING: &str = "marking-definition--aaaaaaaa-17d4-4cbf-938f-98ee46b3cd3f";

fn doubtful(n: u32) -> String {
    indicator_with(n, "2026-03-01T00:00:00.000Z", &marked(UNKNOWN_MARKING))
}

fn statement_marking() -> String {
    format!(
        r#"{{"type":"marking-definition","spec_version":"2.1","id":"{UNKNOWN_MARKING}","created":"2026-03-01T00:00:00.000Z","definition_type":"statement","definition":{{"statement":"Copyright"}}}}"#
    )
}

#[test]
fn an_unknown_marking_waits_and_is_published_once_when_released() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    let operator = Caller::operator();
    let mut intent = intent(channel);
    intent.pap = Some(Pap::Amber);
    intent.purpose = Some("defence".to_owned());
    let submission = Submission { line: 7, body: doubtful(1).into_bytes() };
    let prepared = id.node.prepare(&intent, vec![submission], &Markings::new(), false).unwrap();
    let outcome = id.node.commit(Priority::People, prepared).unwrap().remove(0);
    let Fate::Quarantined(number, why) = &outcome.fate else { panic!("{outcome:?}") };
    assert_eq!((why[0].id.as_str(), outcome.line), ("label.marking-unknown", 7));
    assert!(*number < 1 << 53);
    assert!(view::read(&id.node, &operator, &indicator_id(1)).unwrap().is_empty(), "not yet in a log");

    let page = quarantine::list(&id.node, &operator, None, 10).unwrap();
    assert_eq!(page.rows.iter().map(|row| (row.number, row.label)).collect::<Vec<_>>(), [(*number, Tlp::Amber)]);
    assert_eq!(quarantine::show(&id.node, &operator, *number).unwrap().unwrap().body, doubtful(1).into_bytes());
    assert_eq!(status::node(&id.node).unwrap().counts.quarantined, 1);

    let released = quarantine::release(&id.node, &operator, *number).unwrap().unwrap();
    assert_eq!(released.fate.word(), "new");
    let record = view::read(&id.node, &operator, &indicator_id(1)).unwrap().remove(0);
    assert_eq!((record.label, record.pap, record.purpose.as_deref()), (Tlp::Amber, Some(Pap::Amber), Some("defence")));
    assert_eq!(quarantine::release(&id.node, &operator, *number).unwrap(), None, "released once");
    assert_eq!(status::node(&id.node).unwrap().counts.quarantined, 0);
    th.pull(&id);
    assert_eq!(view::read(&th.node, &operator, &indicator_id(1)).unwrap().len(), 1);
}

#[test]
fn what_is_released_keeps_the_label_it_came_with() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let silent = indicator(1).replace("[domain-name", "[[domain-name");
    let Fate::Quarantined(number, why) = id.publish_one(channel, &silent).fate else { panic!() };
    assert_eq!(why[0].id, "stix.doubt.pattern-unreadable");
    quarantine::release(&id.node, &Caller::operator(), number).unwrap().unwrap();
    assert_eq!(view::read(&id.node, &Caller::operator(), &indicator_id(1)).unwrap()[0].label, Tlp::Amber);
}

#[test]
fn what_is_dropped_is_gone() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let Fate::Quarantined(number, _) = id.publish_one(channel, &doubtful(1)).fate else { panic!() };
    let operator = Caller::operator();
    assert!(quarantine::drop(&id.node, &operator, number).unwrap());
    assert!(!quarantine::drop(&id.node, &operator, number).unwrap());
    assert_eq!(quarantine::show(&id.node, &operator, number).unwrap(), None);
    assert!(!id.store.contains_bytes(b"secret name 000001"));
}

#[test]
fn only_who_may_publish_to_the_channel_sees_what_waits() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let Fate::Quarantined(number, _) = id.publish_one(channel, &doubtful(1)).fate else { panic!() };
    let reader = Caller { role: Role::Reader, ..Caller::operator() };
    let elsewhere = Caller { channels: Some(Vec::new()), ..Caller::operator() };
    for caller in [reader, elsewhere] {
        assert_eq!(quarantine::list(&id.node, &caller, None, 10).unwrap().rows, []);
        assert_eq!(quarantine::show(&id.node, &caller, number).unwrap(), None);
        assert_eq!(quarantine::release(&id.node, &caller, number).unwrap(), None);
        assert!(!quarantine::drop(&id.node, &caller, number).unwrap());
    }
}

#[test]
fn a_marking_that_the_stream_defines_later_makes_nothing_wait() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let outcomes = id.import(channel, &[doubtful(1), statement_marking()]);
    assert_eq!(outcomes.iter().map(|outcome| outcome.fate.word()).collect::<Vec<_>>(), ["new", "new"]);
}

#[test]
fn pages_of_the_quarantine_neither_skip_nor_repeat() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let bodies: Vec<String> = (0..25).map(doubtful).collect();
    id.publish(channel, &bodies);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = quarantine::list(&id.node, &Caller::operator(), after, 10).unwrap();
        seen.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
}
