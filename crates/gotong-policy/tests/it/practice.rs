//! Agreements from practice: regional indicators, incidents between two, scams with personal data, an exercise. Each row is what a liaison officer
//! would say of it.

use gotong_model::Tlp::{Amber, AmberStrict, Clear, Green, Red};
use gotong_model::agreement::{Act as Forbidden, Duty, DutyKind, Exit, NoticeKind, Onward, PersonalData, Prohibition};
use gotong_policy::Act;

use super::support::Expect::{No, Nothing, Yes};
use super::support::{Desk, channel_type, check, codes, prohibition, terms};

const MAY: &str = "2026-05-01";
const INDICATOR: &str = "stix.indicator";

#[test]
fn regional_indicators_go_to_constituents_up_to_amber() {
    let kinds = ["stix.indicator", "stix.malware"];
    let mut kind = channel_type("indicators", &["id", "th", "vn"], &kinds, AmberStrict);
    kind.onward = Onward::Constituents;
    kind.writers = codes(&["th", "vn"]);
    let desk = Desk::of(&terms("rti", &["id", "th", "vn"], kind));
    let publish = |member, kind, tlp, on| desk.publish(member, "indicators", kind, tlp, on);
    check(&[
        ("an indicator", publish("vn", INDICATOR, Green, MAY), Yes),
        ("at the ceiling", publish("th", INDICATOR, AmberStrict, MAY), Yes),
        ("above the ceiling", publish("th", INDICATOR, Red, MAY), No("3.2", "policy.above-ceiling")),
        ("of a kind that is not named", publish("vn", "stix.incident", Green, MAY), No("3.1", "policy.kind-unnamed")),
        (
            "of a kind that only begins alike",
            publish("vn", "stix.indicator2", Green, MAY),
            No("3.1", "policy.kind-unnamed"),
        ),
        ("of the family alone", publish("vn", "stix", Green, MAY), No("3.1", "policy.kind-unnamed")),
        ("by a reader", publish("id", INDICATOR, Green, MAY), No("3", "policy.not-writer")),
        ("by an outsider", publish("jp", INDICATOR, Green, MAY), Nothing),
        ("before it begins", publish("vn", INDICATOR, Green, "2026-02-28"), No("2", "policy.out-of-force")),
        ("on its first day", publish("vn", INDICATOR, Green, "2026-03-01"), Yes),
        ("after its last", publish("vn", INDICATOR, Green, "2027-03-01"), No("2", "policy.out-of-force")),
        ("staff reads", desk.view("id", "indicators", Some((INDICATOR, AmberStrict)), MAY), Yes),
        ("an outsider reads", desk.view("jp", "indicators", None, MAY), Nothing),
        ("a constituent sees the channel", desk.constituent("id", "indicators", None, MAY), Yes),
        ("a constituent reads amber", desk.constituent("id", "indicators", Some((INDICATOR, Amber)), MAY), Yes),
        (
            "a constituent reads amber+strict",
            desk.constituent("id", "indicators", Some((INDICATOR, AmberStrict)), MAY),
            No("4", "policy.onward-label"),
        ),
        ("staff reads after the end", desk.view("id", "indicators", None, "2027-06-01"), Yes),
        ("and exports", desk.act("id", "indicators", Act::Export, None, "2027-06-01"), Yes),
        ("a writer begins a log", desk.act("vn", "indicators", Act::Open, None, MAY), Yes),
        ("a reader begins a log", desk.act("id", "indicators", Act::Open, None, MAY), No("3", "policy.not-writer")),
        ("the charter is for all", desk.publish("jp", "charter", "document", Amber, MAY), Yes),
        (
            "but not for indicators",
            desk.publish("jp", "charter", INDICATOR, Amber, MAY),
            No("charter", "policy.kind-unnamed"),
        ),
        ("an agreement's own is not", desk.publish("jp", "governance", "document", Amber, MAY), Nothing),
        (
            "nothing that governs is taken back",
            desk.act("vn", "charter", Act::Withdraw, None, MAY),
            No("charter", "policy.governing"),
        ),
    ]);
}

#[test]
fn incidents_between_two_stay_between_them_and_freeze_at_the_end() {
    let mut kind = channel_type("incidents", &["th", "vn"], &["stix"], AmberStrict);
    kind.exit = Exit::Freeze;
    let mut terms = terms("th-vn", &["th", "vn"], kind);
    let duty = |duty, within_minutes| Duty {
        clause: "6".to_owned(),
        duty,
        types: Vec::new(),
        kinds: vec!["stix.incident".to_owned()],
        members: Vec::new(),
        within_minutes,
    };
    terms.duties = vec![duty(DutyKind::Acknowledge, 60), duty(DutyKind::Delete, 1_440)];
    let mut desk = Desk::of(&terms);
    desk.notice("th", NoticeKind::Suspend, None, "2026-06-01");
    desk.notice("th", NoticeKind::Resume, None, "2026-07-01");
    desk.notice("th", NoticeKind::Terminate, None, "2026-08-01");
    let publish = |member, on| desk.publish(member, "incidents", "stix.incident", Amber, on);
    check(&[
        ("while both take part", publish("th", MAY), Yes),
        ("while its part rests", publish("th", "2026-06-15"), No("11", "policy.suspended")),
        ("while the other's rests", publish("vn", "2026-06-15"), No("1", "policy.too-few-parts")),
        ("after it resumed", publish("th", "2026-07-15"), Yes),
        ("while the notice runs", publish("th", "2026-08-20"), Yes),
        ("after the end", publish("th", "2026-09-15"), No("12", "policy.ended")),
        ("by the one who is left", publish("vn", "2026-09-15"), No("1", "policy.too-few-parts")),
        ("reading while it rests", desk.view("th", "incidents", None, "2026-06-15"), Yes),
        (
            "exporting while it rests",
            desk.act("th", "incidents", Act::Export, None, "2026-06-15"),
            No("11", "policy.suspended"),
        ),
        ("reading what is frozen", desk.view("th", "incidents", None, "2026-09-15"), Yes),
        (
            "exporting what is frozen",
            desk.act("th", "incidents", Act::Export, None, "2026-09-15"),
            No("10", "policy.onward-frozen"),
        ),
        ("exporting by the one who is left", desk.act("vn", "incidents", Act::Export, None, "2026-09-15"), Yes),
        ("a constituent", desk.constituent("vn", "incidents", None, MAY), No("4", "policy.onward-none")),
        ("a third country", desk.view("id", "incidents", None, MAY), Nothing),
        ("taking back after the end", desk.act("th", "incidents", Act::Withdraw, None, "2026-09-15"), Yes),
        ("a stricter label", desk.act("vn", "incidents", Act::Relabel, Some(("stix.incident", AmberStrict)), MAY), Yes),
        (
            "a label above the ceiling",
            desk.act("vn", "incidents", Act::Relabel, Some(("stix.incident", Red)), MAY),
            No("3.2", "policy.above-ceiling"),
        ),
    ]);
    let due: Vec<_> = publish("th", MAY).duties.into_iter().map(|due| (due.duty, due.member.to_string())).collect();
    assert_eq!(
        due,
        [(DutyKind::Acknowledge, "vn".into()), (DutyKind::Delete, "th".into()), (DutyKind::Delete, "vn".into())]
    );
    assert!(desk.publish("th", "incidents", "stix.indicator", Amber, MAY).duties.is_empty());
}

#[test]
fn scams_cross_with_their_numbers_and_without_their_victims() {
    let mut kind = channel_type("scams", &["id", "th", "vn"], &["stix"], Amber);
    kind.onward = Onward::Constituents;
    kind.personal_data = PersonalData::Permitted;
    kind.exit = Exit::Erase;
    let mut terms = terms("scam", &["id", "th", "vn"], kind);
    let identities = vec!["stix.identity".to_owned()];
    terms.prohibitions = vec![
        Prohibition { kinds: identities, ..prohibition("5.1", Forbidden::Publish) },
        Prohibition {
            kinds: vec!["stix.user-account".to_owned()],
            tlp_above: Some(Green),
            ..prohibition("5.2", Forbidden::Onward)
        },
        Prohibition { members: codes(&["id"]), tlp_above: Some(Green), ..prohibition("9", Forbidden::Read) },
    ];
    let mut desk = Desk::of(&terms);
    desk.notice("vn", NoticeKind::Terminate, None, "2026-06-01");
    let publish = |kind, tlp| desk.publish("th", "scams", kind, tlp, MAY);
    let account = "stix.user-account";
    check(&[
        ("an account", publish(account, Amber), Yes),
        ("a victim", publish("stix.identity", Green), No("5.1", "policy.prohibited")),
        ("a victim under every label", publish("stix.identity", Clear), No("5.1", "policy.prohibited")),
        ("something that is no STIX", publish("case", Green), No("3.1", "policy.kind-unnamed")),
        ("red", publish(account, Red), No("3.2", "policy.above-ceiling")),
        ("a bank reads a green account", desk.constituent("th", "scams", Some((account, Green)), MAY), Yes),
        (
            "a bank reads an amber one",
            desk.constituent("th", "scams", Some((account, Amber)), MAY),
            No("5.2", "policy.prohibited"),
        ),
        ("a bank reads an amber indicator", desk.constituent("th", "scams", Some((INDICATOR, Amber)), MAY), Yes),
        ("staff reads an amber account", desk.view("th", "scams", Some((account, Amber)), MAY), Yes),
        (
            "staff of id reads amber",
            desk.view("id", "scams", Some((account, Amber)), MAY),
            No("9", "policy.prohibited"),
        ),
        ("and green", desk.view("id", "scams", Some((account, Green)), MAY), Yes),
        ("and sees the channel", desk.view("id", "scams", None, MAY), Yes),
        (
            "a bank of id reads amber",
            desk.constituent("id", "scams", Some((INDICATOR, Amber)), MAY),
            No("9", "policy.prohibited"),
        ),
        (
            "passing amber accounts on",
            desk.act("th", "scams", Act::Onward, Some((account, Amber)), MAY),
            No("5.2", "policy.prohibited"),
        ),
        (
            "after the end there is nothing to read",
            desk.view("vn", "scams", None, "2026-08-01"),
            No("10", "policy.ended"),
        ),
        ("nor to pass on", desk.constituent("vn", "scams", None, "2026-08-01"), No("10", "policy.ended")),
        ("but to take back", desk.act("vn", "scams", Act::Withdraw, None, "2026-08-01"), Yes),
    ]);
}

#[test]
fn an_exercise_has_its_planners_and_its_players() {
    let mut injects = channel_type("injects", &["id", "jp", "th", "vn"], &["inject", "stix"], Green);
    injects.exercise = true;
    injects.writers = codes(&["jp"]);
    injects.onward = Onward::Public;
    let mut plan = channel_type("plan", &["jp", "th"], &["inject"], AmberStrict);
    plan.exercise = true;
    plan.clause = "9".to_owned();
    let mut terms = terms("drill", MEMBERS_ALL, injects);
    terms.channel_types.push(plan);
    terms.until = Some(super::support::day("2026-06-01"));
    let mut desk = Desk::of(&terms);
    let mut second = desk.amend("2026-05-15");
    second.channel_types.retain(|kind| kind.name.as_str() != "plan");
    desk.sign(&second);
    let publish = |member, channel, kind, tlp, on| desk.publish(member, channel, kind, tlp, on);
    check(&[
        ("the planner's inject", publish("jp", "injects", "inject", Green, MAY), Yes),
        ("a player's", publish("th", "injects", "inject", Green, MAY), No("3", "policy.not-writer")),
        ("above the ceiling", publish("jp", "injects", "inject", Amber, MAY), No("3.2", "policy.above-ceiling")),
        ("of another kind", publish("jp", "injects", "case", Green, MAY), No("3.1", "policy.kind-unnamed")),
        ("the plan by who helps", publish("th", "plan", "inject", AmberStrict, MAY), Yes),
        ("the plan by a player", publish("vn", "plan", "inject", Green, MAY), Nothing),
        ("a player reads the plan", desk.view("vn", "plan", None, MAY), Nothing),
        ("who helps reads it", desk.view("th", "plan", None, MAY), Yes),
        ("the public part goes on", desk.constituent("vn", "injects", Some(("inject", Green)), MAY), Yes),
        ("the plan does not", desk.constituent("th", "plan", None, MAY), No("4", "policy.onward-none")),
        (
            "once the plan is dropped",
            publish("th", "plan", "inject", Green, "2026-05-20"),
            No("8", "policy.type-dropped"),
        ),
        ("it stays readable", desk.view("th", "plan", None, "2026-05-20"), Yes),
        ("after the exercise", publish("jp", "injects", "inject", Green, "2026-06-02"), No("2", "policy.out-of-force")),
        ("which stays readable", desk.view("vn", "injects", None, "2026-06-02"), Yes),
    ]);
    let version = |on| publish("jp", "injects", "inject", Green, on).grounds[0].version;
    assert_eq!((version(MAY), version("2026-05-20")), (1, 2), "each ground names the version that it comes from");
}

const MEMBERS_ALL: &[&str] = super::support::MEMBERS;
