//! Events that are kept away: by their own UUID, by that of their maker, however either is written, and at the price of that event alone.
//!
//! What keeps the lists is tested in `gotong-app`. Read next: `misp.rs`.

use gotong_formats::draft::Fault;
use gotong_formats::misp::Options;
use gotong_formats::misp::blocked::{Blocked, By, uuid as bytes};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::misp::{convert_by, event, uuid};

fn blocked(events: &[String], organisations: &[String]) -> Options {
    let all = |uuids: &[String]| uuids.iter().map(|text| bytes(text).unwrap()).collect();
    let blocked = Arc::new(Blocked { events: all(events), organisations: all(organisations) });
    Options { blocked, ..Options::default() }
}

fn faults(value: &Value, options: &Options) -> (usize, Vec<(&'static str, String)>) {
    let outcome = convert_by(value.to_string().as_bytes(), options.clone(), 1 << 10);
    let told = |fault: &Fault| (fault.field.code, fault.field.pointer.clone());
    (outcome.of_type("report").len(), outcome.faults.iter().map(told).collect())
}

#[test]
fn an_event_is_kept_away_by_its_uuid_or_its_makers() {
    let plain = event(json!([]), json!({}));
    assert_eq!(faults(&plain, &Options::default()), (1, vec![]), "nothing is blocked");
    assert_eq!(faults(&plain, &blocked(&[uuid(2)], &[uuid(1)])), (1, vec![]), "each list is about its own");
    let by_event = (0, vec![("misp.blocked.event", "/Event/uuid".to_owned())]);
    let by_maker = (0, vec![("misp.blocked.organisation", "/Event/Orgc/uuid".to_owned())]);
    assert_eq!(faults(&plain, &blocked(&[uuid(1)], &[])), by_event);
    assert_eq!(faults(&plain, &blocked(&[], &[uuid(2)])), by_maker);
    assert_eq!(faults(&plain, &blocked(&[uuid(1)], &[uuid(2)])), by_event, "one reason is enough");
    // Large letters, the short form of lists, and an event that is not wrapped.
    let large = event(json!([]), json!({"uuid": uuid(1).to_uppercase()}));
    assert_eq!(faults(&large, &blocked(&[uuid(1)], &[])), by_event);
    let short = event(json!([]), json!({"Orgc": {"name": "CERT-XA"}, "orgc_uuid": uuid(2).to_uppercase()}));
    assert_eq!(faults(&short, &blocked(&[], &[uuid(2)])), by_maker);
    let bare = plain["Event"].clone();
    assert_eq!(faults(&bare, &blocked(&[uuid(1)], &[])).1, [("misp.blocked.event", "/uuid".to_owned())]);
    // Who holds an event is not who made it.
    let held = event(json!([]), json!({"Org": {"uuid": uuid(9)}}));
    assert_eq!(faults(&held, &blocked(&[], &[uuid(9)])), (1, vec![]));
}

#[test]
fn one_blocked_event_costs_itself_alone() {
    let events: Vec<Value> = (1..=3).map(|n| event(json!([]), json!({"uuid": uuid(n * 100)}))).collect();
    let options = blocked(&[uuid(200)], &[]);
    let lines = events.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    for input in [json!({"response": events}).to_string(), json!(events).to_string(), lines] {
        let outcome = convert_by(input.as_bytes(), options.clone(), 100);
        assert_eq!(outcome.of_type("report").len(), 2);
        assert_eq!(outcome.faults.len(), 1);
        assert_eq!((outcome.faults[0].line, outcome.faults[0].field.code), (2, "misp.blocked.event"));
        assert!(outcome.faults[0].field.text.contains(&uuid(200)), "{:?}", outcome.faults);
    }
    let by = By::Event(bytes(&uuid(200)).unwrap());
    assert!(by.text().contains("gotong blocklist"), "who is refused learns where to ask");
}
