//! A kept answer is the answer: over turning points, over new documents, and for each who asks.

use gotong_model::Tlp::Green;
use gotong_model::agreement::NoticeKind;
use gotong_model::{ChannelId, Timestamp};
use gotong_policy::{Cache, Question, Reader, ReaderClass, Subject, decide};

use super::support::{Desk, channel_type, code, constituent, day, terms};

fn desk() -> Desk {
    Desk::of(&terms("rti", &["id", "th", "vn"], channel_type("indicators", &["id", "th", "vn"], &["stix"], Green)))
}

#[test]
fn turning_points_and_new_documents_are_seen() {
    let mut desk = desk();
    let cache = Cache::new();
    let member = code("th");
    let ask = |desk: &Desk, at| {
        let subject = Subject {
            member: &member,
            channel: desk.channel("indicators"),
            kind: "stix",
            tlp: Some(Green),
            at,
            organisation: None,
        };
        let question = Question::Publish(subject);
        let kept = cache.permits(&desk.governance, &question);
        assert_eq!(kept, decide(&desk.governance, &question).permitted, "{at}");
        kept
    };
    let before = |at: Timestamp| Timestamp::from_micros(at.micros() - 1).unwrap();
    let (from, until) = (day("2026-03-01"), day("2027-03-01"));
    assert!(!ask(&desk, before(from)) && ask(&desk, from) && ask(&desk, before(until)) && !ask(&desk, until));
    assert!(ask(&desk, day("2026-06-02")));
    desk.notice("th", NoticeKind::Suspend, None, "2026-06-01");
    assert!(!ask(&desk, day("2026-06-02")), "a notice is seen at once");
    assert!(ask(&desk, before(day("2026-06-01"))));
    let copy = desk.governance.clone().at(day("2026-06-01"));
    assert_ne!(copy.generation(), desk.governance.generation());
}

#[test]
fn an_answer_is_for_who_asked() {
    let desk = desk();
    let cache = Cache::new();
    let channel = desk.channel("indicators");
    let other = [ChannelId(gotong_crypto::Digest([1; 32]))];
    for _ in 0..2 {
        for (who, channels, class, expected) in [
            ("th", None, ReaderClass::Staff, true),
            ("th", Some(&other[..]), ReaderClass::Staff, false),
            ("th", None, constituent(), false),
            ("jp", None, ReaderClass::Staff, false),
        ] {
            let member = code(who);
            let reader = Reader { channels, class };
            let question = Question::View { member: &member, channel, reader, row: None, at: day("2026-05-01") };
            assert_eq!(cache.permits(&desk.governance, &question), expected, "{who} {channels:?} {class:?}");
        }
    }
}
