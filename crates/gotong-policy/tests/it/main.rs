//! Each permission has its refusal, and each refusal names the clause that it comes from.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unused_self,
    reason = "a test stops where something is wrong"
)]

#[path = "../../../gotong-model/tests/it/support.rs"]
#[allow(dead_code, reason = "shared with the model's tests, which use more of it")]
mod support;

use gotong_model::document::Purpose;
use gotong_model::region::Governance;
use gotong_model::{ChannelId, Tlp};
use gotong_policy::{Decision, Effect, Question, Reader, Subject, decide};
use support::{Region, at, code};

fn governance() -> (Governance, ChannelId) {
    let region = Region::of(&["id", "th", "vn"]);
    let mut governance = Governance::from_charter(region.charter_note().as_bytes()).unwrap();
    let terms = region.terms(&["th", "vn"]);
    let note = region.sign(Purpose::Agreement, &terms.to_value(), &["th", "vn"]);
    governance.add_agreement(note.as_bytes()).unwrap();
    let channel = governance.channel_by_name("rti/indicators").unwrap().id;
    (governance, channel)
}

fn ask(member: &str, kind: &str, tlp: Tlp, instant: &str) -> Decision {
    let (governance, channel) = governance();
    let member = code(member);
    let subject = Subject { member: &member, channel, kind, tlp: Some(tlp), at: at(instant) };
    decide(&governance, &Question::Publish(subject))
}

const WITHIN: &str = "2026-06-01T00:00:00.000000Z";

#[test]
fn what_every_clause_allows_is_permitted_and_says_by_which() {
    let decision = ask("vn", "stix.indicator", Tlp::Amber, WITHIN);
    assert!(decision.permitted);
    let clauses: Vec<&str> = decision.grounds.iter().map(|ground| ground.clause.as_str()).collect();
    assert_eq!(clauses, ["3", "2", "3.1", "3.2"]);
    assert!(decision.grounds.iter().all(|ground| ground.effect == Effect::Permit));
}

#[test]
fn each_refusal_names_its_clause() {
    for (kind, tlp, instant, clause, id) in [
        ("stix.indicator", Tlp::AmberStrict, WITHIN, "3.2", "policy.above-ceiling"),
        ("stix.incident", Tlp::Green, WITHIN, "3.1", "policy.kind-unnamed"),
        ("stix.indicator2", Tlp::Green, WITHIN, "3.1", "policy.kind-unnamed"),
        ("stix.indicator", Tlp::Green, "2025-12-31T23:59:59.999999Z", "2", "policy.out-of-force"),
        ("stix.indicator", Tlp::Green, "2027-01-01T00:00:00.000000Z", "2", "policy.out-of-force"),
        ("stix.indicator", Tlp::Red, WITHIN, "3.2", "policy.above-ceiling"),
    ] {
        let decision = ask("vn", kind, tlp, instant);
        assert!(!decision.permitted, "{kind} {tlp} {instant}");
        let ground = decision.refusal().unwrap();
        assert_eq!((ground.clause.as_str(), ground.id), (clause, id));
    }
}

#[test]
fn the_first_instant_is_inside_and_the_last_outside() {
    assert!(ask("vn", "stix.indicator", Tlp::Green, "2026-01-01T00:00:00.000000Z").permitted);
    assert!(ask("vn", "stix.indicator", Tlp::Green, "2026-12-31T23:59:59.999999Z").permitted);
}

#[test]
fn whoever_stands_outside_learns_what_they_would_of_no_channel_at_all() {
    let (governance, channel) = governance();
    let outsider = code("id");
    let subject =
        |channel| Subject { member: &outsider, channel, kind: "stix.indicator", tlp: Some(Tlp::Green), at: at(WITHIN) };
    let nowhere = ChannelId(gotong_crypto::Digest([0; 32]));
    assert_eq!(
        decide(&governance, &Question::Publish(subject(channel))),
        decide(&governance, &Question::Publish(subject(nowhere)))
    );
    let reader = Reader { channels: None };
    let view = |channel| decide(&governance, &Question::View { member: &outsider, channel, reader: &reader });
    assert_eq!(view(channel), view(nowhere));
    assert!(!view(channel).permitted);
}

#[test]
fn a_reader_sees_only_the_channels_of_its_scope() {
    let (governance, channel) = governance();
    let member = code("vn");
    let other = [ChannelId(gotong_crypto::Digest([1; 32]))];
    let inside = [channel];
    for (channels, permitted) in
        [(None, true), (Some(&inside[..]), true), (Some(&other[..]), false), (Some(&[][..]), false)]
    {
        let reader = Reader { channels };
        assert_eq!(
            decide(&governance, &Question::View { member: &member, channel, reader: &reader }).permitted,
            permitted
        );
    }
}
