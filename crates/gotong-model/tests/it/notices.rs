//! What members say of their own parts: resting, going on, ending; and what of a broken or split chain counts.

use gotong_model::agreement::{Notice, NoticeKind, PartState, Terms};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, Timestamp};

use crate::support::{Dice, Region, add, at, code, day, part};

const THREE: [&str; 3] = ["id", "th", "vn"];

fn begun() -> (Region, Governance, AgreementId) {
    let region = Region::of(&THREE);
    let terms = Terms { from: day("02-01"), ..region.terms(&THREE) };
    let mut governance = region.governance();
    let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
    (region, governance, id)
}

/// The part of `vn` on some days, as one letter each.
fn course(governance: &Governance, id: AgreementId, days: &[&str]) -> String {
    let letter = |text: &&str| match part(governance, id, "vn", day(text)) {
        None => '-',
        Some(PartState::Active) => 'a',
        Some(PartState::Suspended) => 's',
        Some(PartState::Ended) => 'e',
    };
    days.iter().map(letter).collect()
}

#[test]
fn a_part_rests_goes_on_and_ends_for_good() {
    let (region, mut governance, id) = begun();
    let rest = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let on = region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest));
    let end = region.notice(id, "vn", NoticeKind::Terminate, day("05-01"), Some(&on));
    let again = region.notice(id, "vn", NoticeKind::Resume, day("06-15"), Some(&end));
    let days = ["01-31", "02-01", "02-28", "03-01", "03-31", "04-01", "05-30", "05-31", "06-15", "12-31"];
    assert_eq!(course(&governance, id, &days), "-aaaaaaaaa");
    add(&mut governance, [&rest, &on].map(|notice| region.noticed(notice)));
    assert_eq!(course(&governance, id, &days), "-aassaaaaa");
    add(&mut governance, [&end, &again].map(|notice| region.noticed(notice)));
    assert_eq!(course(&governance, id, &days), "-aassaaeee", "30 days after 1 May, whatever follows");
    let agreement = &governance.agreements[&id];
    assert_eq!(agreement.notices[&code("vn")].len(), 4);
    let standing = governance.standing(agreement, day("06-15"));
    assert!(standing.is_in_force(), "two are left");
    let ended = &standing.parts[&code("vn")];
    assert_eq!((ended.since, ended.notice), (day("05-31"), Some(end.hash(&region.id()))));
}

#[test]
fn an_agreement_of_one_active_part_is_not_in_force() {
    let (region, mut governance, id) = begun();
    let rest = |member: &str| region.noticed(&region.notice(id, member, NoticeKind::Suspend, day("03-01"), None));
    add(&mut governance, [rest("vn")]);
    assert!(governance.standing(&governance.agreements[&id], day("03-01")).is_in_force());
    add(&mut governance, [rest("th")]);
    assert!(!governance.standing(&governance.agreements[&id], day("03-01")).is_in_force());
    assert!(governance.standing(&governance.agreements[&id], day("02-28")).is_in_force());
}

#[test]
fn an_end_keeps_the_time_of_notice_of_the_terms_when_it_was_given() {
    let region = Region::of(&THREE);
    let first = region.terms(&THREE);
    let id = region.agreement_id(&first);
    let second = Terms { notice_days: 0, ..region.amended(&first, day("06-01")) };
    let end = |given: &str, effective: &str| {
        let notice = region.notice(id, "vn", NoticeKind::Terminate, day(effective), None);
        region.noticed(&Notice { published_at: day(given), ..notice })
    };
    for (given, effective, ended) in [
        ("05-31", "05-31", "06-30"),
        ("05-31", "12-01", "12-01"),
        ("06-01", "06-01", "06-01"),
        ("06-02", "07-01", "07-01"),
    ] {
        let mut governance = region.governance();
        add(&mut governance, [end(given, effective), region.agreed(&second), region.agreed(&first)]);
        let before = Timestamp::from_micros(day(ended).micros() - 1).unwrap();
        assert_eq!(part(&governance, id, "vn", before), Some(PartState::Active), "{given} {effective}");
        assert_eq!(part(&governance, id, "vn", day(ended)), Some(PartState::Ended), "{given} {effective}");
    }
}

#[test]
fn the_earliest_end_wins_and_a_part_that_ended_stays_so_in_later_terms() {
    let region = Region::of(&THREE);
    let first = Terms { notice_days: 0, ..region.terms(&THREE) };
    let id = region.agreement_id(&first);
    let late =
        Notice { published_at: day("02-01"), ..region.notice(id, "vn", NoticeKind::Terminate, day("09-01"), None) };
    let early = Notice {
        published_at: day("02-02"),
        ..region.notice(id, "vn", NoticeKind::Terminate, day("04-01"), Some(&late))
    };
    let second = region.amended(&first, day("06-01"));
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&first), region.noticed(&late)]);
    assert_eq!(course(&governance, id, &["03-31", "04-01", "08-31", "09-01"]), "aaae");
    add(&mut governance, [region.agreed(&second), region.noticed(&early)]);
    assert_eq!(course(&governance, id, &["03-31", "04-01", "06-01", "09-01"]), "aeee");
}

#[test]
fn a_chain_counts_as_far_as_it_is_whole_and_fills_in_any_order() {
    let (region, governance, id) = begun();
    let rest = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let on = region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest));
    let end = region.notice(id, "vn", NoticeKind::Terminate, day("05-01"), Some(&on));
    let notes = [&rest, &on, &end].map(|notice| region.noticed(notice));
    let days = ["03-01", "04-01", "06-01"];
    for (order, courses) in
        [([0, 1, 2], ["sss", "saa", "sae"]), ([2, 0, 1], ["aaa", "sss", "sae"]), ([1, 2, 0], ["aaa", "aaa", "sae"])]
    {
        let mut governance = governance.clone();
        for (at, expected) in order.into_iter().zip(courses) {
            add(&mut governance, [&notes[at]]);
            assert_eq!(course(&governance, id, &days), expected, "{order:?}");
        }
    }
}

#[test]
fn notices_before_their_agreement_wait_for_it() {
    let region = Region::of(&THREE);
    let terms = region.terms(&THREE);
    let id = region.agreement_id(&terms);
    let mut governance = region.governance();
    add(&mut governance, [region.noticed(&region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None))]);
    assert!(governance.agreements.is_empty());
    add(&mut governance, [region.agreed(&terms)]);
    assert_eq!(course(&governance, id, &["02-28", "03-01"]), "as");
}

#[test]
fn what_does_not_follow_is_no_link_of_the_chain() {
    let (region, governance, id) = begun();
    let rest = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let other = region.notice(id, "vn", NoticeKind::Suspend, day("03-02"), None);
    let bad = [
        // Given before the one before it, though effective after.
        Notice { published_at: day("02-28"), ..region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest)) },
        region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&other)),
        Notice { serial: 3, ..region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest)) },
        Notice {
            agreement: AgreementId(other.hash(&region.id())),
            ..region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest))
        },
    ];
    for notice in bad {
        let mut governance = governance.clone();
        add(&mut governance, [region.noticed(&notice), region.noticed(&rest)]);
        assert_eq!(course(&governance, id, &["02-28", "03-01", "04-01"]), "ass", "{notice:?}");
    }
    // Under another's key, or of a member that the agreement does not know.
    let mut governance = governance.clone();
    add(&mut governance, [rest.sign(&region.id(), &region.roots[&code("th")])]);
    assert_eq!(course(&governance, id, &["03-01"]), "a");
    add(&mut governance, [region.noticed(&rest)]);
    assert_eq!(course(&governance, id, &["03-01"]), "s", "the same text under its own key");
}

#[test]
fn of_a_split_only_what_takes_away_counts_and_nothing_above() {
    let (region, governance, id) = begun();
    let rest = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let on = region.notice(id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest));
    let later = region.notice(id, "vn", NoticeKind::Resume, day("05-01"), Some(&rest));
    let end = region.notice(id, "vn", NoticeKind::Terminate, day("04-15"), Some(&rest));
    let above = region.notice(id, "vn", NoticeKind::Resume, day("04-20"), Some(&end));
    let days = ["03-31", "04-01", "04-20", "05-01", "06-01"];
    for (siblings, expected) in [
        (vec![&on], "saaaa"),
        (vec![&on, &later], "sssss"),
        (vec![&on, &end], "sssse"),
        (vec![&on, &end, &above], "sssse"),
        (vec![&on, &later, &end], "sssse"),
    ] {
        let mut notes: Vec<String> = siblings.iter().map(|notice| region.noticed(notice)).collect();
        notes.push(region.noticed(&rest));
        for seed in 0..6 {
            Dice::new(seed).shuffle(&mut notes);
            let mut governance = governance.clone();
            add(&mut governance, &notes);
            assert_eq!(course(&governance, id, &days), expected, "seed {seed}");
        }
    }
    // At serial 1: both endings count, the earlier first.
    let one = region.notice(id, "vn", NoticeKind::Terminate, day("06-01"), None);
    let two = region.notice(id, "vn", NoticeKind::Terminate, day("05-01"), None);
    let mut governance = governance.clone();
    add(&mut governance, [&one, &two].map(|notice| region.noticed(notice)));
    assert_eq!(course(&governance, id, &["05-30", "05-31"]), "ae");
    assert_eq!(governance.basis(&governance.agreements[&id]).notices.len(), 2, "a split has two newest");
}

#[test]
fn a_notice_given_late_counts_from_its_date() {
    let (region, governance, id) = begun();
    let mut now = governance.at(day("10-01"));
    let rest = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    add(&mut now, [region.noticed(&rest)]);
    assert_eq!(course(&now, id, &["02-28", "03-01", "10-01"]), "ass");
    let channel = now.channel_by_name("rti/indicators").unwrap().id;
    assert!(!now.in_audience(&channel, &code("vn")) && now.in_audience(&channel, &code("th")));
    assert!(now.in_audience_at(&channel, &code("vn"), day("02-28")));
}

#[test]
fn what_changes_next_is_told_for_dates_and_notices() {
    let (region, governance, id) = begun();
    let rest = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let end = region.notice(id, "vn", NoticeKind::Terminate, day("04-01"), Some(&rest));
    let mut governance = governance.at(day("01-01"));
    add(&mut governance, [&rest, &end].map(|notice| region.noticed(notice)));
    let mut told = Vec::new();
    while let Some(next) = governance.changes_at() {
        told.push(next);
        governance = governance.at(next);
    }
    let last = at("2027-01-01T00:00:00.000000Z");
    assert_eq!(told, [day("02-01"), day("03-01"), day("05-01"), last]);
}
