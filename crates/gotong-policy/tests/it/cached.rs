//! A kept answer is the answer: over turning points, over new documents, and for each who asks.

use gotong_model::Tlp::Green;
use gotong_model::agreement::NoticeKind;
use gotong_model::agreement::PersonalData;
use gotong_model::{ChannelId, Personal, Timestamp};
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
            personal: Personal::None,
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
fn what_a_record_holds_of_people_is_part_of_the_question() {
    let mut kind = channel_type("indicators", &["id", "th", "vn"], &["stix"], Green);
    kind.personal_data = PersonalData::Pseudonymised;
    let desk = Desk::of(&terms("rti", &["id", "th", "vn"], kind));
    let cache = Cache::new();
    let member = code("th");
    for _ in 0..2 {
        for personal in Personal::ALL {
            let (channel, at) = (desk.channel("indicators"), day("2026-05-01"));
            let tlp = Some(Green);
            let subject =
                Subject { member: &member, channel, kind: "stix", tlp, personal: *personal, at, organisation: None };
            let basis = &desk.basis();
            for question in [Question::Publish(subject), Question::Admit { subject, basis }] {
                let kept = cache.permits(&desk.governance, &question);
                assert_eq!(kept, *personal <= Personal::Pseudonymised, "{personal:?}");
                assert_eq!(kept, decide(&desk.governance, &question).permitted, "{personal:?}");
            }
        }
    }
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
