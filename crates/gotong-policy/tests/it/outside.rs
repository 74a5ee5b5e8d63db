//! What may go on to somebody outside the region: each permission beside its refusal.

use gotong_model::Tlp::{Amber, AmberStrict, Clear, Green, Red};
use gotong_model::agreement::{Act, Onward, Terms};
use gotong_model::{ChannelId, Tlp};
use gotong_policy::{Decision, Row, outside};

use super::house::{house_desk, rule};
use super::support::{Desk, channel_type, code, day, prohibition, terms};

const MAY: &str = "2026-05-01";

/// Terms whose records go on as far as this.
fn rti(onward: Onward) -> Terms {
    let mut kind = channel_type("indicators", &["th", "vn"], &["stix"], Amber);
    kind.onward = onward;
    terms("rti", &["th", "vn"], kind)
}

fn ask(desk: &Desk, channel: ChannelId, row: Option<(&str, Tlp)>, on: &str) -> Decision {
    let row = row.map(|(kind, tlp)| Row { kind, tlp: Some(tlp) });
    outside(&desk.governance, &code("th"), &channel, row, day(on))
}

fn ids(decision: &Decision) -> (bool, Option<(&str, &str)>) {
    (decision.permitted, decision.refusal().map(|ground| (ground.clause.as_str(), ground.id)))
}

#[test]
fn only_what_an_agreement_gives_to_anyone_goes_outside() {
    let indicator = |tlp| Some(("stix.indicator", tlp));
    let public = Desk::of(&rti(Onward::Public));
    let channel = public.channel("indicators");
    for row in [None, indicator(Clear), indicator(Green), indicator(Amber)] {
        assert_eq!(ids(&ask(&public, channel, row, MAY)), (true, None), "{row:?}");
    }
    for tlp in [AmberStrict, Red] {
        assert!(!ask(&public, channel, indicator(tlp), MAY).permitted, "{tlp}");
    }
    for (onward, id) in [(Onward::Constituents, "policy.outside-none"), (Onward::None, "policy.onward-none")] {
        let desk = Desk::of(&rti(onward));
        for row in [None, indicator(Clear)] {
            let decision = ask(&desk, desk.channel("indicators"), row, MAY);
            assert_eq!(ids(&decision), (false, Some(("4", id))), "{onward:?} {row:?}");
        }
    }
    // Who is no party gives nothing on, and learns nothing.
    let stranger = outside(&public.governance, &code("id"), &channel, None, day(MAY));
    assert!(!stranger.permitted && stranger.grounds.is_empty());
}

#[test]
fn prohibitions_and_exercises_bite() {
    let mut bans = rti(Onward::Public);
    let mut ban = prohibition("6", Act::Onward);
    ban.kinds = vec!["stix.malware".to_owned()];
    bans.prohibitions = vec![ban];
    let desk = Desk::of(&bans);
    let channel = desk.channel("indicators");
    assert_eq!(
        ids(&ask(&desk, channel, Some(("stix.malware", Clear)), MAY)),
        (false, Some(("6", "policy.prohibited")))
    );
    assert!(ask(&desk, channel, Some(("stix.indicator", Clear)), MAY).permitted);
    let mut exercise = rti(Onward::Public);
    exercise.channel_types[0].exercise = true;
    let desk = Desk::of(&exercise);
    let decision = ask(&desk, desk.channel("indicators"), Some(("stix.indicator", Clear)), MAY);
    assert_eq!(ids(&decision), (false, Some(("3", "policy.outside-exercise"))));
}

#[test]
fn what_is_the_member_s_own_goes_and_what_is_its_organisations_does_not() {
    let desk = house_desk(&rule());
    let named = |name: &str| desk.governance.channel_by_name(name).unwrap().id;
    let indicator = Some(("stix.indicator", Green));
    assert!(ask(&desk, named("house/notices"), indicator, MAY).permitted);
    let own = ask(&desk, named("house/reports/bank-abc"), indicator, MAY);
    assert_eq!(ids(&own).1.map(|(_, id)| id), Some("policy.outside-organisation"));
    let charter = ask(&desk, named("charter"), None, MAY);
    assert_eq!(ids(&charter).1.map(|(_, id)| id), Some("policy.outside-governance"));
    // Another member's house is not here at all.
    let other = outside(&desk.governance, &code("vn"), &named("house/notices"), None, day(MAY));
    assert!(!other.permitted);
}
