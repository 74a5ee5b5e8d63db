//! What a record holds of people against the channel type's rule: each permit beside its refusal, at publication and at admission, and the clause by its
//! number. Read next: `oracle.rs`, which answers the same without Cedar.

use gotong_model::Personal::{self, Identified, None as Nobody, Pseudonymised};
use gotong_model::Tlp::{self, Green, Red};
use gotong_model::agreement::PersonalData;
use gotong_policy::{Act, Constituent, Decision, Question, Subject, decide, policies};

use super::house::{house_desk, rule};
use super::support::Expect::{self, No, Yes};
use super::support::{Desk, channel_type, check, code, day, slug, terms};

const MAY: &str = "2026-05-01";

fn text(text: &str) -> String {
    text.to_owned()
}

fn desk(rule: PersonalData) -> Desk {
    let mut kind = channel_type("cases", &["id", "th", "vn"], &["stix"], Green);
    kind.personal_data = rule;
    kind.personal_data_clause = text("6");
    Desk::of(&terms("rti", &["id", "th", "vn"], kind))
}

fn both(desk: &Desk, personal: Personal, tlp: Tlp) -> [Decision; 2] {
    let (member, channel, at) = (&code("th"), desk.channel("cases"), day(MAY));
    let subject = Subject { member, channel, kind: "stix.identity", tlp: Some(tlp), personal, at, organisation: None };
    let basis = &desk.basis();
    [Question::Publish(subject), Question::Admit { subject, basis }].map(|ask| decide(&desk.governance, &ask))
}

#[test]
fn each_rule_lets_through_what_it_names_and_no_more() {
    let refused = No("6", "policy.personal-data");
    for (rule, personal, expect) in [
        (PersonalData::None, Nobody, Yes),
        (PersonalData::None, Pseudonymised, refused),
        (PersonalData::None, Identified, refused),
        (PersonalData::Pseudonymised, Nobody, Yes),
        (PersonalData::Pseudonymised, Pseudonymised, Yes),
        (PersonalData::Pseudonymised, Identified, refused),
        (PersonalData::Permitted, Nobody, Yes),
        (PersonalData::Permitted, Pseudonymised, Yes),
        (PersonalData::Permitted, Identified, Yes),
    ] {
        let [publish, admit] = both(&desk(rule), personal, Green);
        check(&[("published", publish, expect), ("admitted", admit, expect)]);
    }
}

#[test]
fn the_clause_is_named_where_the_rule_decided_and_is_silent_where_nobody_is_meant() {
    let names = |decision: &Decision| decision.grounds.iter().any(|ground| ground.clause == "6");
    let [allowed, _] = both(&desk(PersonalData::Permitted), Identified, Green);
    assert!(names(&allowed), "{allowed:#?}");
    let [plain, _] = both(&desk(PersonalData::Permitted), Nobody, Green);
    assert!(plain.permitted && !names(&plain), "{plain:#?}");
    // Beside another refusal both are named: whoever mends one has not mended all.
    let [two, _] = both(&desk(PersonalData::None), Identified, Red);
    let ids: Vec<&str> = two.grounds.iter().map(|ground| ground.id).collect();
    assert!(ids.contains(&"policy.personal-data") && ids.contains(&"policy.above-ceiling"), "{ids:?}");
}

#[test]
fn a_log_is_begun_and_a_record_taken_back_whatever_the_rule() {
    let desk = desk(PersonalData::None);
    let row = Some(("stix.identity", Green));
    for act in [Act::Open, Act::Withdraw, Act::Relabel, Act::Export] {
        check(&[("an act", desk.act("th", "cases", act, row, MAY), Yes)]);
    }
    check(&[("reading what is there", desk.view("vn", "cases", row, MAY), Yes)]);
}

#[test]
fn a_rule_made_stricter_counts_from_its_day_and_past_the_grace() {
    let mut desk = desk(PersonalData::Permitted);
    let before = desk.basis();
    let mut next = desk.amend("2026-04-01");
    next.channel_types[0].personal_data = PersonalData::None;
    desk.sign(&next);
    let admit = |on: &str| {
        let (member, channel, at) = (&code("th"), desk.channel("cases"), day(on));
        let subject =
            Subject { member, channel, kind: "stix", tlp: Some(Green), personal: Identified, at, organisation: None };
        decide(&desk.governance, &Question::Admit { subject, basis: &before })
    };
    check(&[
        ("under what its author knew", admit("2026-03-31"), Yes),
        ("within the grace", admit("2026-04-01"), Yes),
        ("past the grace", admit("2026-05-01"), No("6", "policy.personal-data")),
    ]);
}

#[test]
fn an_organisation_s_own_channel_has_the_house_s_rule() {
    let mut rule = rule();
    rule.terms.channel_types[2].personal_data = PersonalData::Pseudonymised;
    rule.terms.channel_types[2].personal_data_clause = text("6");
    let desk = house_desk(&rule);
    let (organisation, class) = (slug("bank-abc"), slug("bank"));
    let who = Constituent { organisation: &organisation, class: &class };
    let (member, at) = (&code("th"), day(MAY));
    let channel = desk.governance.channel_by_name("house/reports/bank-abc").unwrap().id;
    let put = |organisation, personal| {
        let subject = Subject { member, channel, kind: "stix.indicator", tlp: Some(Green), personal, at, organisation };
        decide(&desk.governance, &Question::Publish(subject))
    };
    let refused: Expect = No("6", "policy.personal-data");
    check(&[
        ("the bank, under pseudonyms", put(Some(who), Pseudonymised), Yes),
        ("the bank, a person", put(Some(who), Identified), refused),
        ("staff, under pseudonyms", put(None, Pseudonymised), Yes),
        ("staff, a person", put(None, Identified), refused),
    ]);
}

#[test]
fn the_text_that_is_looked_at_before_signing_says_it() {
    let mut kind = channel_type("cases", &["id", "th"], &["stix"], Green);
    kind.personal_data = PersonalData::Pseudonymised;
    let text = policies(&terms("rti", &["id", "th"], kind));
    assert!(text.contains("context.personal <= 1"), "{text}");
}
