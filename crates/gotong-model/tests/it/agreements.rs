//! Agreements out of drafts, signatures and amendments: who has to have signed, what junk does, and which of several versions counts.

use gotong_crypto::note;
use gotong_model::agreement::{Consent, NoticeKind, Terms};
use gotong_model::document::{DocumentFault, Purpose};

use crate::support::{
    Dice, Region, accession, add, at, channel_type, code, codes, day, key, numbers, part, slug, state, succeeding,
};

const THREE: [&str; 3] = ["id", "th", "vn"];

#[test]
fn signatures_gathered_over_several_notes_make_an_agreement_in_any_order() {
    let region = Region::of(&THREE);
    let terms = region.terms(&THREE);
    let hash = terms.hash(&region.id());
    let id = region.agreement_id(&terms);
    let mut notes = THREE.map(|member| region.signed(&terms, &[member]));
    for seed in 0..6 {
        Dice::new(seed).shuffle(&mut notes);
        let mut governance = region.governance();
        add(&mut governance, [&notes[0], &notes[1], &notes[0]]);
        assert!(governance.agreements.is_empty(), "seed {seed}");
        let draft = &governance.drafts[&hash];
        assert_eq!((draft.missing.len(), &draft.terms), (1, &terms), "seed {seed}");
        assert_eq!(note::parse(&draft.note).unwrap().lines.len(), 2, "seed {seed}");
        // What is handed on is enough for another.
        let mut other = region.governance();
        other.add(&draft.note).unwrap();
        add(&mut other, [&notes[2]]);
        add(&mut governance, [&notes[2]]);
        for governance in [governance, other] {
            assert!(governance.drafts.is_empty(), "seed {seed}");
            assert_eq!(note::parse(&governance.agreements[&id].note).unwrap().lines.len(), 3, "seed {seed}");
        }
    }
}

#[test]
fn junk_and_forged_lines_spoil_nothing() {
    let region = Region::of(&THREE);
    let terms = region.terms(&THREE);
    let whole = note::parse(region.agreed(&terms).as_bytes()).unwrap();
    let mut forged = whole.clone();
    for line in &mut forged.lines {
        line.signature[5] ^= 1;
    }
    let mut governance = region.governance();
    add(&mut governance, [forged.encode()]);
    assert!(governance.agreements.is_empty());
    assert_eq!(governance.drafts.values().next().unwrap().missing, terms.parties);
    // The true line of `id`, then far more than 300 others: in its name and key id, in other names, too short.
    add(&mut governance, [region.signed(&terms, &["id"])]);
    for flood in 0..5_u16 {
        let mut junk = note::Note { text: whole.text.clone(), lines: Vec::new() };
        for at in 0..300_u16 {
            let mut line = whole.lines[usize::from(at % 3)].clone();
            match at % 4 {
                0 => line.name = format!("somebody-{at}"),
                1 => line.key_id = [1; 4],
                2 => line.signature.truncate(usize::from(at % 64)),
                _ => {}
            }
            line.signature.extend_from_slice(&(flood * 300 + at).to_be_bytes());
            junk.lines.push(line);
        }
        add(&mut governance, [junk.encode()]);
        assert_eq!(governance.drafts.values().next().unwrap().missing, codes(&["th", "vn"]));
    }
    add(&mut governance, [region.signed(&terms, &["vn", "th"])]);
    let agreement = &governance.agreements[&region.agreement_id(&terms)];
    assert_eq!(note::parse(&agreement.note).unwrap().lines, whole.lines, "what is handed on has no junk");
}

#[test]
fn a_signature_by_another_name_or_for_another_purpose_is_none() {
    let region = Region::of(&THREE);
    let terms = region.terms(&["th", "vn"]);
    let th = &region.roots[&code("th")];
    let swapped = region.sign_with(Purpose::Agreement, &terms.to_value(), &[("th", th), ("vn", th)]);
    let mut governance = region.governance();
    add(&mut governance, [swapped]);
    assert_eq!(governance.drafts.values().next().unwrap().missing, codes(&["vn"]));
    let as_notice = note::parse(region.sign(Purpose::Notice, &terms.to_value(), &["vn"]).as_bytes()).unwrap();
    let mut moved = note::parse(region.signed(&terms, &["th"]).as_bytes()).unwrap();
    moved.lines = as_notice.lines;
    add(&mut governance, [moved.encode()]);
    assert_eq!(governance.drafts.values().next().unwrap().missing, codes(&["vn"]));
}

#[test]
fn notes_that_nobody_known_has_signed_are_handed_on_readable() {
    let region = Region::of(&THREE);
    let terms = region.terms(&["sg", "th"]);
    let mut governance = region.governance();
    add(&mut governance, [region.sign_with(Purpose::Agreement, &terms.to_value(), &[("sg", &key(12))])]);
    for note in governance.notes() {
        region.governance().add(note.as_bytes()).unwrap();
    }
    region.governance().add(&governance.drafts[&terms.hash(&region.id())].note).unwrap();
}

#[test]
fn the_handle_of_the_charter_is_taken_and_no_other() {
    let region = Region::of(&THREE);
    let named = |handle: &str| Terms { handle: slug(handle), ..region.terms(&["th", "vn"]) };
    let mut governance = region.governance();
    assert!(matches!(governance.add(region.agreed(&named("charter")).as_bytes()), Err(DocumentFault::Unfit(_))));
    governance.add_agreement(region.agreed(&named("governance")).as_bytes()).unwrap();
}

/// Adds all and says which numbers of the first count.
fn count(region: &Region, first: &Terms, notes: &[String]) -> Vec<u64> {
    let mut governance = region.governance();
    add(&mut governance, notes);
    numbers(&governance, region.agreement_id(first))
}

#[test]
fn an_amendment_needs_the_old_parties_and_the_new() {
    let region = Region::of(&["id", "jp", "th", "vn"]);
    let first = region.terms(&THREE);
    let mut second = region.amended(&first, day("06-01"));
    second.parties = codes(&["id", "jp", "th"]);
    second.channel_types = vec![channel_type("indicators", &["id", "jp", "th"])];
    let base = region.agreed(&first);
    for signers in [&["id", "jp", "th"][..], &["id", "th", "vn"], &["jp", "th", "vn"]] {
        assert_eq!(count(&region, &first, &[base.clone(), region.signed(&second, signers)]), [1], "{signers:?}");
    }
    let full = region.signed(&second, &["id", "jp", "th", "vn"]);
    assert_eq!(count(&region, &first, &[base.clone(), full.clone()]), [1, 2]);
    assert_eq!(count(&region, &first, &[full.clone(), base.clone()]), [1, 2], "it waits for what it amends");
    let mut governance = region.governance();
    add(&mut governance, [base, region.agreed(&second)]);
    assert_eq!(governance.drafts[&second.hash(&region.id())].missing, codes(&["vn"]));
    add(&mut governance, [full]);
    let id = region.agreement_id(&first);
    assert!(part(&governance, id, "vn", day("05-31")).is_some() && part(&governance, id, "vn", day("06-01")).is_none());
    assert!(part(&governance, id, "jp", day("05-31")).is_none() && part(&governance, id, "jp", day("06-01")).is_some());
}

#[test]
fn whose_part_has_ended_does_not_sign_amendments() {
    let region = Region::of(&THREE);
    let first = region.terms(&THREE);
    let id = region.agreement_id(&first);
    // Given on 1 March with 30 days of notice: over on the 31st.
    let end = region.noticed(&region.notice(id, "vn", NoticeKind::Terminate, day("03-01"), None));
    let amended = |from: &str| {
        let mut next = region.amended(&first, day(from));
        next.parties = codes(&["id", "th"]);
        next.channel_types = vec![channel_type("indicators", &["id", "th"])];
        region.agreed(&next)
    };
    let base = region.agreed(&first);
    assert_eq!(count(&region, &first, &[base.clone(), amended("03-31")]), [1], "without the end it has to sign");
    assert_eq!(count(&region, &first, &[amended("03-31"), base.clone(), end.clone()]), [1, 2]);
    assert_eq!(count(&region, &first, &[amended("03-30"), base.clone(), end]), [1], "its part goes on until then");
    let rest = region.noticed(&region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None));
    assert_eq!(count(&region, &first, &[base, amended("04-30"), rest]), [1], "who rests has a say");
}

#[test]
fn whose_part_has_ended_does_not_hold_a_lapsed_agreement_still() {
    let region = Region::of(&THREE);
    let first = Terms { until: Some(day("05-01")), ..region.terms(&THREE) };
    let id = region.agreement_id(&first);
    let end = region.noticed(&region.notice(id, "vn", NoticeKind::Terminate, day("03-01"), None));
    let mut next = region.amended(&first, day("08-01"));
    next.until = None;
    next.parties = codes(&["id", "th"]);
    next.channel_types = vec![channel_type("indicators", &["id", "th"])];
    let base = region.agreed(&first);
    assert_eq!(count(&region, &first, &[base.clone(), region.agreed(&next)]), [1], "past the last day all have a say");
    assert_eq!(count(&region, &first, &[base, region.agreed(&next), end]), [1, 2]);
}

#[test]
fn whom_the_charter_has_left_out_does_not_sign_amendments() {
    let region = Region::of(&THREE);
    let first = region.terms(&THREE);
    let mut charter = succeeding(&region.charter, day("06-01"));
    charter.members.remove(&code("vn"));
    charter.voters = codes(&["id", "th"]);
    charter.at_least = 2;
    let expelled = region.charter_signed(&charter, &THREE);
    let amended = |from: &str| {
        let mut next = region.amended(&first, day(from));
        next.parties = codes(&["id", "th"]);
        next.channel_types = vec![channel_type("indicators", &["id", "th"])];
        region.agreed(&next)
    };
    let base = region.agreed(&first);
    assert_eq!(count(&region, &first, &[base.clone(), amended("06-01")]), [1]);
    assert_eq!(count(&region, &first, &[base.clone(), amended("05-31"), expelled.clone()]), [1]);
    assert_eq!(count(&region, &first, &[base, amended("06-01"), expelled]), [1, 2]);
}

#[test]
fn an_amendment_from_before_the_founding_needs_the_old_parties_too() {
    let region = Region::of(&THREE);
    let long_ago = at("2020-01-01T00:00:00.000000Z");
    let first = Terms { from: long_ago, ..region.terms(&THREE) };
    let mut next = region.amended(&first, long_ago);
    next.parties = codes(&["id", "th"]);
    next.channel_types = vec![channel_type("indicators", &["id", "th"])];
    let base = region.agreed(&first);
    assert_eq!(count(&region, &first, &[base.clone(), region.agreed(&next)]), [1], "nobody is got rid of by its date");
    assert_eq!(count(&region, &first, &[base, region.signed(&next, &THREE)]), [1, 2]);
}

#[test]
fn what_an_amendment_may_not_change_makes_it_none() {
    let region = Region::of(&THREE);
    let mut first = region.terms(&THREE);
    first.from = day("02-01");
    first.channel_types.push(channel_type("news", &THREE));
    let base = region.agreed(&first);
    let good = region.amended(&first, day("02-01"));
    assert_eq!(count(&region, &first, &[base.clone(), region.agreed(&good)]), [1, 2], "from the same instant");
    let mut exercise = good.clone();
    exercise.channel_types[1].exercise = true;
    let handle = Terms { handle: slug("other"), ..good.clone() };
    let early = Terms { from: day("01-31"), ..good.clone() };
    let gap = Terms { number: 3, ..good.clone() };
    for bad in [&exercise, &handle, &early, &gap] {
        assert_eq!(count(&region, &first, &[base.clone(), region.agreed(bad)]), [1]);
    }
    // A type that was dropped comes back as what it was.
    let mut dropped = good;
    dropped.channel_types.truncate(1);
    let mut back = region.amended(&dropped, day("03-01"));
    back.channel_types.push(channel_type("news", &THREE));
    let mut flipped = back.clone();
    flipped.channel_types[1].exercise = true;
    let two = [base, region.agreed(&dropped)];
    let with = |terms: &Terms| [two.as_slice(), &[region.agreed(terms)]].concat();
    assert_eq!(count(&region, &first, &with(&back)), [1, 2, 3]);
    assert_eq!(count(&region, &first, &with(&flipped)), [1, 2]);
}

#[test]
fn of_two_versions_the_later_from_counts_then_the_larger_hash() {
    let region = Region::of(&THREE);
    let first = region.terms(&THREE);
    let id = region.agreement_id(&first);
    let version = |from: &str, nonce: u8| Terms { nonce: [nonce; 16], ..region.amended(&first, day(from)) };
    let (early, late) = (version("06-01", 1), version("07-01", 1));
    let mut twins = [version("05-01", 2), version("05-01", 3), version("05-01", 4)];
    twins.sort_by_key(|terms| terms.hash(&region.id()));
    let [small, middle, large] = twins;
    for (one, two, winner) in [(&early, &late, &late), (&small, &large, &large), (&middle, &small, &middle)] {
        // A third on each of them: only the one on the winner counts.
        let thirds = [one, two].map(|terms| region.agreed(&region.amended(terms, day("09-01"))));
        let mut notes = vec![region.agreed(&first), region.agreed(one), region.agreed(two)];
        notes.extend(thirds);
        for seed in 0..10 {
            Dice::new(seed).shuffle(&mut notes);
            let mut governance = region.governance();
            add(&mut governance, &notes);
            let versions = &governance.agreements[&id].versions;
            assert_eq!(versions.len(), 3, "seed {seed}");
            assert_eq!(&versions[1].terms, winner, "seed {seed}");
            assert_eq!(versions[2].terms, region.amended(winner, day("09-01")), "seed {seed}");
        }
    }
    // One that not all have signed is no rival.
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&first), region.agreed(&early), region.signed(&late, &["id", "th"])]);
    assert_eq!(governance.agreements[&id].versions[1].terms, early);
}

#[test]
fn a_version_waits_for_the_charter_that_names_its_members() {
    let region = Region::of(&THREE);
    let jp = key(9);
    let mut charter = succeeding(&region.charter, day("06-01"));
    charter.members.insert(code("jp"), state("jp", &jp));
    let keys: Vec<_> = region.roots.iter().map(|(code, key)| (code.as_str(), key)).chain([("jp", &jp)]).collect();
    let charter = region.sign_with(Purpose::Charter, &charter.to_value(), &keys);
    let of_jp = region.terms(&["jp", "th"]);
    let party =
        region.sign_with(Purpose::Agreement, &of_jp.to_value(), &[("jp", &jp), ("th", &region.roots[&code("th")])]);
    let mut open = Terms { nonce: [6; 16], ..region.terms(&["id", "th"]) };
    open.accession = Some(accession(&["jp"], Consent::None));
    let first = Terms { nonce: [7; 16], ..region.terms(&["id", "th"]) };
    let mut second = region.amended(&first, day("02-01"));
    second.accession = Some(accession(&["jp"], Consent::None));
    let notes = [party, region.agreed(&open), region.agreed(&second), region.agreed(&first)];
    let mut governance = region.governance();
    add(&mut governance, &notes);
    assert_eq!(governance.agreements.len(), 1);
    assert_eq!(numbers(&governance, region.agreement_id(&first)), [1]);
    assert_eq!(governance.drafts[&open.hash(&region.id())].missing, []);
    assert_eq!(governance.drafts[&of_jp.hash(&region.id())].missing, codes(&["jp"]));
    add(&mut governance, [charter]);
    assert_eq!((governance.agreements.len(), governance.drafts.len()), (3, 0), "its line came before its charter");
    assert_eq!(numbers(&governance, region.agreement_id(&first)), [1, 2]);
    let early = governance.standing(&governance.agreements[&region.agreement_id(&of_jp)], day("05-31"));
    assert!(!early.is_in_force() && !early.is_active(&code("jp")), "no member yet, no part");
}

#[test]
fn terms_count_from_their_day_until_their_last() {
    let region = Region::of(&THREE);
    let first = Terms { from: day("02-01"), until: Some(day("06-01")), ..region.terms(&THREE) };
    let second = Terms { until: None, ..region.amended(&first, day("08-01")) };
    let mut governance = region.governance();
    add(&mut governance, [region.agreed(&first), region.agreed(&second)]);
    let agreement = &governance.agreements[&region.agreement_id(&first)];
    let number = |at: &str| governance.standing(agreement, day(at)).version.map_or(0, |version| version.terms.number);
    assert_eq!(["01-31", "02-01", "05-31", "06-01", "07-31", "08-01"].map(number), [0, 1, 1, 0, 0, 2]);
    assert!(!governance.standing(agreement, day("07-01")).is_in_force());
}
