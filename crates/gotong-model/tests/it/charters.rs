//! Charters that follow charters: who has to sign one, from when it counts, and what is left where two differ.

use gotong_crypto::SigningKey;
use gotong_model::charter::{Charter, Member};
use gotong_model::document::Purpose;
use gotong_model::governance::Governance;

use crate::support::{Dice, Region, add, at, code, codes, day, english, key, state, succeeding, with_lines};

const FOUR: [&str; 4] = ["id", "jp", "th", "vn"];

fn without(charter: &Charter, member: &str, from: &str) -> Charter {
    let mut next = succeeding(charter, day(from));
    next.members.remove(&code(member));
    next.voters.retain(|voter| *voter != code(member));
    next.at_least = next.voters.len();
    next
}

fn with(charter: &Charter, member: Member, from: &str) -> Charter {
    let mut next = succeeding(charter, day(from));
    next.members.insert(member.code.clone(), member);
    next
}

/// Whether number 2 counts, once these notes are in.
fn counts(region: &Region, notes: &[String]) -> bool {
    let mut governance = region.governance();
    add(&mut governance, notes);
    governance.charters.len() == 2
}

#[test]
fn a_quorum_of_the_voters_before_is_enough_and_one_fewer_is_not() {
    let region = Region::with_quorum(&FOUR, 3);
    let next = succeeding(&region.charter, day("06-01"));
    assert!(counts(&region, &[region.charter_signed(&next, &["id", "jp", "th"])]));
    assert!(counts(&region, &[region.charter_signed(&next, &["th", "vn", "id", "jp"])]));
    assert!(!counts(&region, &[region.charter_signed(&next, &["id", "jp"])]));
    let all = Region::of(&FOUR);
    let next = succeeding(&all.charter, day("06-01"));
    assert!(!counts(&all, &[all.charter_signed(&next, &["id", "jp", "th"])]), "all means all");
    assert!(counts(&all, &[all.charter_signed(&next, &FOUR)]));
}

#[test]
fn votes_gathered_in_several_notes_count_together_and_forged_ones_do_not() {
    let region = Region::with_quorum(&FOUR, 3);
    let next = succeeding(&region.charter, day("06-01"));
    let one = |member: &str| region.charter_signed(&next, &[member]);
    assert!(!counts(&region, &[one("id"), one("jp"), one("jp")]), "a vote counts once");
    assert!(counts(&region, &[one("id"), one("jp"), one("vn")]));
    let forged = region.sign_with(Purpose::Charter, &next.to_value(), &[("th", &key(77))]);
    assert!(!counts(&region, &[one("id"), one("jp"), forged.clone()]));
    assert!(counts(&region, &[forged, one("id"), one("th"), one("jp")]));
}

#[test]
fn the_rule_and_voters_that_count_are_those_of_the_number_before() {
    let region = Region::with_quorum(&FOUR, 3);
    let mut second = succeeding(&region.charter, day("06-01"));
    second.voters = codes(&["id"]);
    second.at_least = 1;
    assert!(!counts(&region, &[region.charter_signed(&second, &["id"])]), "nobody votes itself the only voter");
    let third = Charter { grace_hours: 1, ..succeeding(&second, day("07-01")) };
    let mut governance = region.governance();
    add(&mut governance, [region.charter_signed(&third, &["id"]), region.charter_signed(&second, &["id", "th", "vn"])]);
    assert_eq!(governance.charters, [region.charter.clone(), second, third]);
}

#[test]
fn who_joins_has_signed() {
    let region = Region::of(&["id", "th", "vn"]);
    let jp = key(9);
    let next = with(&region.charter, state("jp", &jp), "06-01");
    let voted = region.charter_signed(&next, &["id", "th", "vn"]);
    assert!(!counts(&region, std::slice::from_ref(&voted)));
    let joined = |key: &SigningKey| region.sign_with(Purpose::Charter, &next.to_value(), &[("jp", key)]);
    assert!(!counts(&region, &[voted.clone(), joined(&key(10))]), "another key is no signature of the joining one");
    assert!(counts(&region, &[voted.clone(), joined(&jp)]));
    assert!(counts(&region, &[joined(&jp), voted]), "in either order");
}

#[test]
fn who_succeeds_a_root_key_has_signed_with_the_new_one_and_the_old_one_votes() {
    let region = Region::of(&["id", "th", "vn"]);
    let new = key(9);
    let next = with(&region.charter, state("vn", &new), "06-01");
    let value = next.to_value();
    let old_votes = region.charter_signed(&next, &["id", "th", "vn"]);
    let new_signs = region.sign_with(Purpose::Charter, &value, &[("vn", &new)]);
    let others = region.charter_signed(&next, &["id", "th"]);
    assert!(!counts(&region, std::slice::from_ref(&old_votes)));
    assert!(!counts(&region, &[others, new_signs.clone()]), "the new key has no vote on its own coming");
    assert!(counts(&region, &[old_votes.clone(), new_signs.clone()]), "two lines of one name, with two keys");
    // After it the new key votes, and the old one no more; both verify documents.
    let mut governance = region.governance();
    add(&mut governance, [old_votes, new_signs]);
    let third = succeeding(&next, day("07-01"));
    add(&mut governance, [region.charter_signed(&third, &["id", "th", "vn"])]);
    assert_eq!(governance.charters.len(), 2);
    add(&mut governance, [region.sign_with(Purpose::Charter, &third.to_value(), &[("vn", &new)])]);
    assert_eq!(governance.charters.len(), 3);
    let terms = region.terms(&["th", "vn"]);
    for vn in [&region.roots[&code("vn")], &new] {
        let signers = [("th", &region.roots[&code("th")]), ("vn", vn)];
        let note = region.sign_with(Purpose::Agreement, &terms.to_value(), &signers);
        assert!(governance.clone().add_agreement(note.as_bytes()).is_ok());
    }
}

#[test]
fn a_charter_that_does_not_follow_counts_for_nothing() {
    let region = Region::of(&["id", "th", "vn"]);
    let signed = |charter: &Charter| region.charter_signed(charter, &["id", "th", "vn"]);
    let good = succeeding(&region.charter, day("06-01"));
    assert!(counts(&region, &[signed(&good)]));
    let elsewhere = Charter { previous: Some(good.hash()), ..good.clone() };
    let refounded = Charter { founded_at: day("01-02"), ..good.clone() };
    let gap = Charter { number: 3, ..good.clone() };
    for bad in [&elsewhere, &refounded, &gap] {
        assert!(!counts(&region, &[signed(bad)]), "{bad:?}");
    }
    // A later number is not from before the earlier one.
    let early = succeeding(&good, day("05-31"));
    let same = succeeding(&good, day("06-01"));
    let mut governance = region.governance();
    add(&mut governance, [signed(&early), signed(&good)]);
    assert_eq!(governance.charters.len(), 2);
    add(&mut governance, [signed(&same)]);
    assert_eq!(governance.charters.len(), 3, "the same instant is not before it");
    // A second founding charter under this region's line founds nothing.
    let other = Charter { name: english("Another"), ..region.charter.clone() };
    add(&mut governance, [signed(&other)]);
    assert_eq!(governance.charters.len(), 3);
}

#[test]
fn a_charter_from_the_future_waits_for_its_day() {
    let region = Region::of(&["id", "th", "vn"]);
    let next = without(&region.charter, "vn", "06-01");
    let mut governance = region.governance().at(at("2026-05-31T23:59:59.999999Z"));
    add(&mut governance, [region.charter_signed(&next, &["id", "th", "vn"])]);
    assert_eq!((governance.charters.len(), governance.charter.number), (2, 1));
    assert_eq!(governance.bare_basis().charter, region.charter.hash(), "a basis names the charter in force");
    assert_eq!(governance.changes_at(), Some(day("06-01")));
    let channel = governance.charter_channel().unwrap().id;
    assert!(governance.in_audience(&channel, &code("vn")));
    let governance = governance.at(day("06-01"));
    assert_eq!((governance.charter.number, governance.changes_at()), (2, None));
    assert_eq!(governance.bare_basis().charter, next.hash());
    assert!(!governance.in_audience(&channel, &code("vn")));
    assert!(governance.in_audience(&channel, &code("th")));
}

/// Two valid charters number 2: each leaves somebody out, and one succeeds a key.
fn dispute() -> (Region, [Charter; 2], [String; 2]) {
    let region = Region::with_quorum(&["id", "jp", "my", "th", "vn"], 3);
    let new = key(9);
    let mut one = without(&region.charter, "vn", "06-01");
    one.at_least = 3;
    let mut two = with(&region.charter, state("my", &new), "07-01");
    two.grace_hours = 48;
    let first = region.charter_signed(&one, &["id", "my", "th"]);
    let roots = &region.roots;
    let signers = [
        ("id", &roots[&code("id")]),
        ("jp", &roots[&code("jp")]),
        ("my", &roots[&code("my")]),
        ("vn", &roots[&code("vn")]),
        ("my", &new),
    ];
    let second = region.sign_with(Purpose::Charter, &two.to_value(), &signers);
    (region, [one, two], [first, second])
}

fn members(governance: &Governance) -> Vec<&str> {
    governance.charter.members.keys().map(gotong_model::MemberCode::as_str).collect()
}

#[test]
fn where_two_differ_neither_counts_and_whom_both_name_stays() {
    let (region, charters, notes) = dispute();
    for order in [[0, 1], [1, 0]] {
        let mut governance = region.governance().at(day("08-01"));
        add(&mut governance, [&notes[order[0]]]);
        assert_eq!(governance.charter, charters[order[0]], "the first alone counts");
        add(&mut governance, [&notes[order[1]]]);
        assert_eq!((governance.charters.len(), governance.charter.number), (1, 1));
        assert_eq!(members(&governance), ["id", "jp", "th"], "vn is left out by one, my has another key in one");
        assert_eq!(governance.bare_basis().charter, region.charter.hash(), "its hash is that of its whole text");
        let channel = governance.charter_channel().unwrap().id;
        assert!(!governance.in_audience(&channel, &code("vn")) && governance.in_audience(&channel, &code("jp")));
    }
}

#[test]
fn what_stands_on_a_disputed_charter_does_not_count_but_its_keys_verify() {
    let (region, [one, _], notes) = dispute();
    let sg = key(12);
    let third = with(&one, state("sg", &sg), "09-01");
    let mut signers: Vec<(&str, &SigningKey)> =
        ["id", "jp", "th"].map(|member| (member, &region.roots[&code(member)])).into();
    signers.push(("sg", &sg));
    let above = region.sign_with(Purpose::Charter, &third.to_value(), &signers);
    let terms = region.terms(&["id", "sg"]);
    let signers = [("id", &region.roots[&code("id")]), ("sg", &sg)];
    let agreement = region.sign_with(Purpose::Agreement, &terms.to_value(), &signers);
    let mut all = vec![notes[0].clone(), notes[1].clone(), above, agreement];
    for seed in 0..12 {
        Dice::new(seed).shuffle(&mut all);
        let mut governance = region.governance().at(day("10-01"));
        add(&mut governance, &all);
        assert_eq!(governance.charters.len(), 1, "seed {seed}");
        assert_eq!(members(&governance), ["id", "jp", "th"], "seed {seed}");
        let agreement = &governance.agreements[&region.agreement_id(&terms)];
        let standing = governance.standing(agreement, day("10-01"));
        assert!(standing.is_active(&code("id")) && !standing.is_active(&code("sg")), "seed {seed}");
    }
}

#[test]
fn a_dispute_that_comes_later_takes_back_what_stood_above() {
    let (region, [one, _], notes) = dispute();
    let third = Charter { grace_hours: 7, ..succeeding(&one, day("07-15")) };
    let mut governance = region.governance().at(day("08-01"));
    add(&mut governance, [&notes[0], &region.charter_signed(&third, &["id", "jp", "th"])]);
    assert_eq!((governance.charter.number, governance.charter.grace_hours), (3, 7));
    add(&mut governance, [&notes[1]]);
    assert_eq!((governance.charters.len(), governance.charter.number), (1, 1));
    assert_eq!(members(&governance), ["id", "jp", "th"]);
}

#[test]
fn a_dispute_needs_two_valid_ones() {
    let (region, [one, _], notes) = dispute();
    let id = region.id();
    let short = with_lines(&notes[1], |name| *name != format!("gotong/{id}/vn/root") && !name.contains("/jp/"));
    let mut governance = region.governance().at(day("08-01"));
    add(&mut governance, [&notes[0], &short]);
    assert_eq!(governance.charter, one, "a text without its quorum disputes nothing");
    add(&mut governance, [&with_lines(&notes[1], |name| name.contains("/jp/"))]);
    assert_eq!(governance.charter.number, 1, "with it, it does");
}

#[test]
fn whoever_a_charter_leaves_out_loses_its_part_and_may_come_back_by_signing() {
    let region = Region::of(&["id", "th", "vn"]);
    let terms = region.terms(&["id", "th", "vn"]);
    let second = without(&region.charter, "vn", "06-01");
    let third = with(&second, region.charter.members[&code("vn")].clone(), "07-01");
    let mut governance = region.governance();
    let unsigned = region.charter_signed(&third, &["id", "th"]);
    add(&mut governance, [region.agreed(&terms), region.charter_signed(&second, &["id", "th", "vn"]), unsigned]);
    assert_eq!(governance.charters.len(), 2, "a member that returns has signed, too");
    add(&mut governance, [region.charter_signed(&third, &["vn"])]);
    assert_eq!(governance.charters.len(), 3);
    let agreement = &governance.agreements[&region.agreement_id(&terms)];
    let active = |day_: &str| governance.standing(agreement, day(day_)).is_active(&code("vn"));
    assert!(active("05-31") && !active("06-01") && !active("06-30") && active("07-01"));
}

#[test]
fn a_statement_counts_under_every_root_key_that_a_charter_has_named() {
    let region = Region::of(&["id", "th", "vn"]);
    let (jp, new) = (key(60), key(61));
    let joins = with(&region.charter, state("jp", &jp), "06-01");
    let joins_note = region.sign_with(
        Purpose::Charter,
        &joins.to_value(),
        &[
            ("id", &region.roots[&code("id")]),
            ("th", &region.roots[&code("th")]),
            ("vn", &region.roots[&code("vn")]),
            ("jp", &jp),
        ],
    );
    let first = region.statement("vn", 1, None);
    let of_jp = region.statement("jp", 1, None).sign(&region.id(), &jp);
    let old = first.sign(&region.id(), &region.roots[&code("vn")]);

    // As a node reads them at its start: as of the first charter, in which jp has no place yet.
    let mut governance = region.governance();
    assert!(governance.add_statement_notes([of_jp.as_bytes()]).is_err(), "the control: no charter names jp");
    add(&mut governance, [joins_note]);
    governance.add_statement_notes([of_jp.as_bytes()]).unwrap();
    assert!(governance.statement(&code("jp")).is_some());
    let forged = region.statement("jp", 1, None).sign(&region.id(), &new);
    assert!(governance.read_statements([forged.as_bytes()]).is_err(), "a key that no charter names signs nothing");

    // A member that changes its root key goes on with its chain.
    let mut changed = succeeding(&joins, day("07-01"));
    changed.members.get_mut(&code("vn")).unwrap().root_key = new.public();
    let note = region.sign_with(
        Purpose::Charter,
        &changed.to_value(),
        &[
            ("id", &region.roots[&code("id")]),
            ("jp", &jp),
            ("th", &region.roots[&code("th")]),
            ("vn", &region.roots[&code("vn")]),
            ("vn", &new),
        ],
    );
    let second = region.statement("vn", 2, Some(&first)).sign(&region.id(), &new);
    assert!(governance.read_statements([old.as_bytes(), second.as_bytes()]).is_err(), "the control: not yet its key");
    add(&mut governance, [note]);
    assert_eq!(governance.read_statements([old.as_bytes(), second.as_bytes()]).unwrap().len(), 2);
}
