//! Joining without an amendment: who may, whose consent it takes, from when it counts, and what ends it.

use gotong_model::agreement::{Consent, Notice, NoticeKind, PartState, Terms};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, Timestamp};

use crate::support::{Region, accession, add, channel_type, code, codes, day, part, slug};

const ALL: [&str; 5] = ["id", "jp", "sg", "th", "vn"];

fn open(consent: Consent) -> (Region, Terms, AgreementId) {
    let region = Region::of(&ALL);
    let mut terms = Terms { notice_days: 0, ..region.terms(&["id", "th", "vn"]) };
    terms.channel_types.push(channel_type("news", &["id", "th"]));
    terms.accession = Some(accession(&["jp"], consent));
    let id = region.agreement_id(&terms);
    (region, terms, id)
}

fn accede(region: &Region, id: AgreementId, member: &str, effective: Timestamp) -> Notice {
    region.notice(id, member, NoticeKind::Accede, effective, None)
}

fn states(governance: &Governance, id: AgreementId, member: &str, days: &[&str]) -> Vec<Option<PartState>> {
    days.iter().map(|text| part(governance, id, member, day(text))).collect()
}

const A: Option<PartState> = Some(PartState::Active);
const E: Option<PartState> = Some(PartState::Ended);

#[test]
fn a_candidate_joins_the_types_named_and_no_others() {
    let (region, terms, id) = open(Consent::None);
    let mut governance = region.governance().at(day("03-01"));
    let strangers = accede(&region, id, "sg", day("03-01"));
    add(&mut governance, [region.agreed(&terms), region.noticed(&accede(&region, id, "jp", day("03-01")))]);
    add(&mut governance, [region.noticed(&strangers)]);
    assert_eq!(states(&governance, id, "jp", &["02-28", "03-01", "12-31"]), [None, A, A]);
    assert_eq!(states(&governance, id, "sg", &["03-01", "12-31"]), [None, None], "no candidate");
    let channel = |name: &str| governance.channel_by_name(name).unwrap().id;
    let (named, other, own) = (channel("rti/indicators"), channel("rti/news"), channel("rti/governance"));
    let jp = code("jp");
    let standing = governance.standing(&governance.agreements[&id], governance.as_of);
    let writes = |channel| standing.names_writer(governance.channel(channel).unwrap().channel_type, &jp);
    assert!(governance.in_audience(&named, &jp) && writes(&named));
    assert!(!governance.in_audience(&other, &jp) && !writes(&other));
    assert!(governance.in_audience(&own, &jp) && !governance.in_audience(&own, &code("sg")));
    assert!(!governance.in_audience_at(&named, &jp, day("02-28")));
}

#[test]
fn who_needs_the_consent_of_all_waits_for_the_last() {
    let (region, terms, id) = open(Consent::All);
    let mut governance = region.governance();
    let join = accede(&region, id, "jp", day("03-01"));
    add(&mut governance, [region.agreed(&terms), region.noticed(&join)]);
    let consents = [("id", "02-01"), ("th", "04-01"), ("vn", "05-01")]
        .map(|(member, on)| region.noticed(&region.consent(id, member, "jp", day(on), None)));
    add(&mut governance, &consents[..2]);
    assert_eq!(states(&governance, id, "jp", &["03-01", "12-31"]), [None, None], "one is missing");
    // A consent to somebody else, or by somebody else, is none.
    let wrong = region.consent(id, "vn", "sg", day("03-01"), None);
    let outside = region.consent(id, "sg", "jp", day("03-01"), None);
    add(&mut governance, [region.noticed(&wrong), region.noticed(&outside)]);
    assert_eq!(states(&governance, id, "jp", &["12-31"]), [None]);
    let right = region.consent(id, "vn", "jp", day("05-01"), Some(&wrong));
    let again = region.consent(id, "vn", "jp", day("06-01"), Some(&right));
    add(&mut governance, [region.noticed(&again), region.noticed(&right)]);
    assert_eq!(states(&governance, id, "jp", &["04-30", "05-01", "12-31"]), [None, A, A], "the first consent counts");
    let since = governance.standing(&governance.agreements[&id], day("12-31")).parts[&code("jp")].since;
    assert_eq!(since, day("05-01"));
}

#[test]
fn consents_before_the_accession_count_and_those_of_ended_parts_are_not_needed() {
    let (region, terms, id) = open(Consent::All);
    let consents = ["id", "th"].map(|member| region.noticed(&region.consent(id, member, "jp", day("02-01"), None)));
    let end = region.noticed(&region.notice(id, "vn", NoticeKind::Terminate, day("03-01"), None));
    for (joins, expected) in [("03-01", A), ("02-28", None)] {
        let mut governance = region.governance();
        add(&mut governance, [region.agreed(&terms), region.noticed(&accede(&region, id, "jp", day(joins)))]);
        add(&mut governance, consents.iter().chain([&end]));
        assert_eq!(states(&governance, id, "jp", &["12-31"]), [expected], "{joins}");
    }
}

#[test]
fn a_consent_of_a_split_counts_and_an_accession_does_not() {
    let (region, terms, id) = open(Consent::All);
    let join = accede(&region, id, "jp", day("03-01"));
    let consents = ["id", "th", "vn"].map(|member| region.consent(id, member, "jp", day("02-01"), None));
    let split = region.consent(id, "vn", "sg", day("02-01"), None);
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&terms), region.noticed(&join), region.noticed(&split)]);
    add(&mut governance, consents.each_ref().map(|notice| region.noticed(notice)));
    assert_eq!(states(&governance, id, "jp", &["03-01"]), [A]);
    add(&mut governance, [region.noticed(&accede(&region, id, "jp", day("03-02")))]);
    assert_eq!(states(&governance, id, "jp", &["03-01", "03-02", "12-31"]), [None, None, None]);
}

#[test]
fn the_terms_that_count_are_those_at_the_effect_and_what_has_begun_outlives_their_clause() {
    let (region, terms, id) = open(Consent::None);
    let dropped = Terms { accession: None, ..region.amended(&terms, day("06-01")) };
    for (joins, expected) in [("05-31", [A, A]), ("06-01", [None, None])] {
        let mut governance = region.governance();
        let join = Notice { published_at: day("02-01"), ..accede(&region, id, "jp", day(joins)) };
        add(&mut governance, [region.noticed(&join), region.agreed(&dropped), region.agreed(&terms)]);
        assert_eq!(states(&governance, id, "jp", &["06-01", "12-31"]), expected, "{joins}");
    }
    // Whoever acceded signs no amendments: `dropped` counts with its parties alone, shown by the course above.
}

#[test]
fn an_accession_ends_by_its_own_notice_and_rests_by_it() {
    let (region, terms, id) = open(Consent::None);
    let join = accede(&region, id, "jp", day("03-01"));
    let rest = region.notice(id, "jp", NoticeKind::Suspend, day("04-01"), Some(&join));
    let end = region.notice(id, "jp", NoticeKind::Terminate, day("05-01"), Some(&rest));
    let again = region.notice(id, "jp", NoticeKind::Accede, day("06-01"), Some(&end));
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&terms)]);
    add(&mut governance, [&join, &rest, &end, &again].map(|notice| region.noticed(notice)));
    let course = states(&governance, id, "jp", &["03-01", "04-01", "05-01", "06-01"]);
    assert_eq!(course, [A, Some(PartState::Suspended), E, E]);
}

#[test]
fn becoming_a_party_ends_an_accession_for_good() {
    let (region, terms, id) = open(Consent::None);
    let join = accede(&region, id, "jp", day("03-01"));
    let four = ["id", "jp", "th", "vn"];
    let mut party = Terms { accession: None, ..region.amended(&terms, day("06-01")) };
    party.parties = codes(&four);
    party.channel_types[0] = channel_type("indicators", &four);
    let mut without = Terms { parties: terms.parties.clone(), ..region.amended(&party, day("08-01")) };
    without.channel_types = terms.channel_types.clone();
    without.accession = Some(accession(&["jp"], Consent::None));
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&terms), region.noticed(&join), region.agreed(&party)]);
    let acceded = |governance: &Governance, on: &str| {
        governance.standing(&governance.agreements[&id], day(on)).parts[&code("jp")].acceded.clone()
    };
    assert_eq!(acceded(&governance, "05-31"), Some(vec![slug("indicators")]));
    assert_eq!(acceded(&governance, "06-01"), None);
    assert_eq!(states(&governance, id, "jp", &["05-31", "06-01", "12-31"]), [A, A, A]);
    add(&mut governance, [region.signed(&without, &four)]);
    assert_eq!(governance.agreements[&id].versions.len(), 3);
    let course = states(&governance, id, "jp", &["05-31", "06-01", "07-31", "08-01", "12-31"]);
    assert_eq!(course, [A, A, A, None, None], "what it had by acceding does not come back");
    let anew = region.notice(id, "jp", NoticeKind::Accede, day("09-01"), Some(&join));
    add(&mut governance, [region.noticed(&anew)]);
    assert_eq!(states(&governance, id, "jp", &["06-01", "08-31", "09-01"]), [A, None, A], "it may accede anew");
}

#[test]
fn what_has_begun_is_not_replaced_by_what_begins_later() {
    let (region, terms, id) = open(Consent::All);
    let mut easier = region.amended(&terms, day("04-01"));
    easier.accession = Some(gotong_model::agreement::Accession {
        types: vec![slug("indicators"), slug("news")],
        ..accession(&["jp"], Consent::None)
    });
    let first = accede(&region, id, "jp", day("03-01"));
    let second = region.notice(id, "jp", NoticeKind::Accede, day("05-01"), Some(&first));
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&terms), region.agreed(&easier)]);
    add(&mut governance, [&first, &second].map(|notice| region.noticed(notice)));
    add(
        &mut governance,
        ["id", "th", "vn"].map(|it| region.noticed(&region.consent(id, it, "jp", day("07-01"), None))),
    );
    for on in ["05-01", "07-01", "12-31"] {
        let standing = governance.standing(&governance.agreements[&id], day(on));
        let part = &standing.parts[&code("jp")];
        assert_eq!((part.since, part.acceded.as_ref().map(Vec::len)), (day("05-01"), Some(2)), "{on}");
    }
    assert_eq!(states(&governance, id, "jp", &["03-01", "04-30"]), [None, None]);
}

#[test]
fn who_has_acceded_is_told_apart_for_the_backlog() {
    let (region, mut terms, _) = open(Consent::None);
    terms.channel_types[0].backlog = gotong_model::agreement::Backlog::None;
    let id = region.agreement_id(&terms);
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&terms), region.noticed(&accede(&region, id, "jp", day("03-01")))]);
    let standing = governance.standing(&governance.agreements[&id], day("03-01"));
    let kind = &terms.channel_types[0];
    assert!(standing.names_reader(kind, &code("jp")) && standing.names_reader(kind, &code("th")));
    assert!(!standing.names_reader(kind, &code("sg")) && !standing.names_writer(kind, &code("sg")));
}
