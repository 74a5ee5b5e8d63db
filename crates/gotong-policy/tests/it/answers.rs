//! What an answer says, and what it keeps to itself.

use gotong_crypto::Digest;
use gotong_model::Tlp::{Amber, Green};
use gotong_model::{ChannelId, Personal};
use gotong_policy::{Effect, Question, Reader, ReaderClass, Subject, decide};

use super::support::{Desk, channel_type, code, day, terms};

fn desk() -> Desk {
    Desk::of(&terms("rti", &["th", "vn"], channel_type("indicators", &["th", "vn"], &["stix"], Amber)))
}

#[test]
fn what_every_clause_allows_is_permitted_and_says_by_which() {
    let decision = desk().publish("vn", "indicators", "stix.indicator", Amber, "2026-05-01");
    assert!(decision.permitted);
    let clauses: Vec<(&str, &str)> =
        decision.grounds.iter().map(|ground| (ground.clause.as_str(), ground.id)).collect();
    let expected = [
        ("3", "policy.audience"),
        ("2", "policy.in-force"),
        ("3.1", "policy.kind-named"),
        ("3.2", "policy.below-ceiling"),
    ];
    assert_eq!(clauses, expected);
    assert!(decision.grounds.iter().all(|ground| ground.effect == Effect::Permit && ground.title == "Title"));
    assert_eq!(
        decision.grounds[1].text,
        "the agreement is in force from 2026-03-01 00:00 UTC until 2027-03-01 00:00 UTC"
    );
}

#[test]
fn whoever_stands_outside_learns_what_they_would_of_no_channel_at_all() {
    let desk = desk();
    let (channel, nowhere) = (desk.channel("indicators"), ChannelId(Digest([0; 32])));
    let outsider = code("id");
    let at = day("2026-05-01");
    let subject = |channel| Subject {
        member: &outsider,
        channel,
        kind: "stix",
        tlp: Some(Green),
        personal: Personal::None,
        at,
        organisation: None,
    };
    let reader = Reader { channels: None, class: ReaderClass::Staff };
    for ask in [
        &(|channel| decide(&desk.governance, &Question::Publish(subject(channel)))) as &dyn Fn(ChannelId) -> _,
        &|channel| decide(&desk.governance, &Question::Admit { subject: subject(channel), basis: &desk.basis() }),
        &|channel| decide(&desk.governance, &Question::View { member: &outsider, channel, reader, row: None, at }),
    ] {
        assert_eq!(ask(channel), ask(nowhere));
        assert!(!ask(channel).permitted);
    }
}

#[test]
fn a_reader_sees_only_the_channels_of_its_scope() {
    let desk = desk();
    let channel = desk.channel("indicators");
    let member = code("vn");
    let (inside, other) = ([channel], [ChannelId(Digest([1; 32]))]);
    let scopes = [(None, true), (Some(&inside[..]), true), (Some(&other[..]), false), (Some(&[][..]), false)];
    for (channels, permitted) in scopes {
        let reader = Reader { channels, class: ReaderClass::Staff };
        let question = Question::View { member: &member, channel, reader, row: None, at: day("2026-05-01") };
        assert_eq!(decide(&desk.governance, &question).permitted, permitted);
    }
}
