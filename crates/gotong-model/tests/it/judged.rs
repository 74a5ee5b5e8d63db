//! Records are judged by what their author knew: by the basis, by the author's own notices, and by what all had signed long enough ago.

use gotong_crypto::Digest;
use gotong_model::agreement::{Notice, NoticeKind, Terms};
use gotong_model::control::Basis;
use gotong_model::governance::{Governance, Judged, Missing};
use gotong_model::{AgreementId, Timestamp};

use crate::support::{Region, add, at, channel_type, code, codes, day, key, state, succeeding};

const THREE: [&str; 3] = ["id", "th", "vn"];

struct Scene {
    region: Region,
    terms: Terms,
    id: AgreementId,
    governance: Governance,
}

fn scene() -> Scene {
    let region = Region::of(&THREE);
    let terms = Terms { notice_days: 0, ..region.terms(&THREE) };
    let mut governance = region.governance();
    let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
    Scene { region, terms, id, governance }
}

impl Scene {
    fn basis(&self) -> Basis {
        self.governance.basis(&self.governance.agreements[&self.id])
    }

    /// Whether `author` may write under a basis, as far as parts go: under the basis, and past the grace.
    fn may(&self, basis: &Basis, author: &str, at: Timestamp) -> (bool, Option<bool>) {
        let author = code(author);
        let agreement = &self.governance.agreements[&self.id];
        let Judged { named, past_grace } = self.governance.judged(agreement, basis, &author, at).unwrap();
        let ok =
            |standing: &gotong_model::agreement::Standing<'_>| standing.is_in_force() && standing.is_active(&author);
        (ok(&named), past_grace.as_ref().map(ok))
    }

    fn missing(&self, basis: &Basis) -> Missing {
        let author = code("th");
        self.governance.judged(&self.governance.agreements[&self.id], basis, &author, day("03-01")).unwrap_err()
    }
}

#[test]
fn what_a_basis_names_and_is_not_here_is_told() {
    let mut scene = scene();
    let good = scene.basis();
    assert_eq!(scene.may(&good, "th", day("03-01")), (true, None));
    let none = Digest([9; 32]);
    assert_eq!(scene.missing(&Basis { charter: none, ..good.clone() }), Missing::Charter(none));
    assert_eq!(scene.missing(&Basis { agreement_hash: none, ..good.clone() }), Missing::Version(none));
    assert_eq!(scene.missing(&Basis { notices: vec![none], ..good.clone() }), Missing::Notice(none));
    // A draft is not valid; a notice of another agreement, beyond a gap or taken away by a split is none.
    let draft = scene.region.amended(&scene.terms, day("02-01"));
    let hash = draft.hash(&scene.region.id());
    let rest = scene.region.notice(scene.id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let on = scene.region.notice(scene.id, "vn", NoticeKind::Resume, day("04-01"), Some(&rest));
    let on_hash = on.hash(&scene.region.id());
    add(&mut scene.governance, [scene.region.signed(&draft, &["id"]), scene.region.noticed(&on)]);
    assert_eq!(scene.missing(&Basis { agreement_hash: hash, ..good.clone() }), Missing::Version(hash));
    let names_on = Basis { notices: vec![on_hash], ..good.clone() };
    assert_eq!(scene.missing(&names_on), Missing::Notice(on_hash));
    add(&mut scene.governance, [scene.region.noticed(&rest)]);
    assert_eq!(scene.may(&names_on, "th", day("03-01")), (true, None), "decided again when it comes");
    let other = scene.region.notice(scene.id, "vn", NoticeKind::Resume, day("05-01"), Some(&rest));
    add(&mut scene.governance, [scene.region.noticed(&other)]);
    assert_eq!(scene.missing(&names_on), Missing::Notice(on_hash), "and again, the other way");
}

#[test]
fn a_version_that_lost_or_a_disputed_charter_is_missing() {
    let region = Region::with_quorum(&THREE, 2);
    let terms = region.terms(&THREE);
    let mut governance = region.governance();
    let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
    let (early, late) = (region.amended(&terms, day("02-01")), region.amended(&terms, day("03-01")));
    let second = succeeding(&region.charter, day("02-01"));
    let mut rival = second.clone();
    rival.grace_hours = 1;
    add(&mut governance, [region.agreed(&early), region.charter_signed(&second, &["id", "th"])]);
    let mut scene = Scene { region, terms, id, governance: governance.at(day("04-01")) };
    let basis = scene.basis();
    assert_eq!(scene.may(&basis, "th", day("04-01")), (true, None));
    add(&mut scene.governance, [scene.region.agreed(&late)]);
    assert_eq!(scene.missing(&basis), Missing::Version(early.hash(&scene.region.id())));
    add(&mut scene.governance, [scene.region.charter_signed(&rival, &["th", "vn"])]);
    assert_eq!(scene.missing(&basis), Missing::Charter(second.hash()));
}

#[test]
fn anothers_notice_that_the_basis_does_not_name_refuses_nothing() {
    let mut scene = scene();
    let before = scene.basis();
    for member in ["id", "vn"] {
        let end = scene.region.notice(scene.id, member, NoticeKind::Terminate, day("02-01"), None);
        add(&mut scene.governance, [scene.region.noticed(&end)]);
    }
    assert!(!scene.governance.standing(&scene.governance.agreements[&scene.id], day("03-01")).is_in_force());
    assert_eq!(scene.may(&before, "th", day("03-01")), (true, None));
    assert_eq!(scene.may(&before, "th", day("12-31")), (true, None), "not past the grace either");
    let after = scene.basis();
    assert_eq!(scene.may(&after, "th", day("03-01")), (false, None), "once named, it does");
    assert_eq!(scene.may(&after, "th", day("01-31")), (true, None), "from its effect");
}

#[test]
fn the_authors_own_notice_refuses_without_being_named() {
    let mut scene = scene();
    let before = scene.basis();
    let rest = scene.region.notice(scene.id, "th", NoticeKind::Suspend, day("02-01"), None);
    let on = scene.region.notice(scene.id, "th", NoticeKind::Resume, day("03-01"), Some(&rest));
    add(&mut scene.governance, [scene.region.noticed(&rest)]);
    let may = |scene: &Scene, on: &str| scene.may(&before, "th", day(on)).0;
    assert!(may(&scene, "01-31") && !may(&scene, "02-01") && !may(&scene, "03-01"));
    add(&mut scene.governance, [scene.region.noticed(&on)]);
    assert!(!may(&scene, "02-28") && may(&scene, "03-01"));
    assert!(scene.may(&before, "vn", day("02-15")).0, "of others only what is named");
}

#[test]
fn a_notice_named_stands_for_those_below_and_not_for_its_sibling() {
    let mut scene = scene();
    let rest = scene.region.notice(scene.id, "vn", NoticeKind::Suspend, day("02-01"), None);
    let on = scene.region.notice(scene.id, "vn", NoticeKind::Resume, day("03-01"), Some(&rest));
    add(&mut scene.governance, [&rest, &on].map(|notice| scene.region.noticed(notice)));
    let basis = scene.basis();
    assert_eq!(basis.notices, [on.hash(&scene.region.id())], "a basis names tips only");
    let author = code("th");
    let active = |scene: &Scene, basis: &Basis, on: &str| {
        let agreement = &scene.governance.agreements[&scene.id];
        scene.governance.judged(agreement, basis, &author, day(on)).unwrap().named.is_active(&code("vn"))
    };
    assert!(!active(&scene, &basis, "02-28") && active(&scene, &basis, "03-01"));
    // Two endings of one serial: whoever knew the later one is not judged by the one that came afterwards, whichever has the larger hash.
    for day_of in 1..9 {
        let late = scene.region.notice(scene.id, "vn", NoticeKind::Terminate, day("09-01"), Some(&on));
        let early = Notice { effective: day(&format!("04-0{day_of}")), published_at: day("03-02"), ..late.clone() };
        let mut scene = Scene {
            region: scene.region.clone(),
            terms: scene.terms.clone(),
            id: scene.id,
            governance: scene.governance.clone(),
        };
        add(&mut scene.governance, [scene.region.noticed(&late)]);
        let knew = scene.basis();
        add(&mut scene.governance, [scene.region.noticed(&early)]);
        assert!(active(&scene, &knew, "05-01"), "04-0{day_of}");
        assert!(!active(&scene, &knew, "09-01"));
        let knows = scene.basis();
        assert_eq!(knows.notices.len(), 2);
        assert!(!active(&scene, &knows, "05-01"), "04-0{day_of}");
    }
}

#[test]
fn an_ending_named_keeps_the_time_of_notice_of_the_versions_named() {
    let region = Region::of(&THREE);
    let terms = region.terms(&THREE);
    let mut governance = region.governance();
    let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
    let end = region.notice(id, "vn", NoticeKind::Terminate, day("03-01"), None);
    add(&mut governance, [region.noticed(&end)]);
    let mut scene = Scene { region, terms, id, governance };
    let knew = scene.basis();
    let at_once = Terms { notice_days: 0, ..scene.region.amended(&scene.terms, day("02-28")) };
    add(&mut scene.governance, [scene.region.agreed(&at_once)]);
    let agreement = &scene.governance.agreements[&id];
    let author = code("th");
    let judged = scene.governance.judged(agreement, &knew, &author, day("03-01")).unwrap();
    assert!(judged.named.is_active(&code("vn")), "30 days, as the version named says");
    let later = scene.governance.judged(agreement, &knew, &author, day("03-02")).unwrap();
    assert!(later.named.is_active(&code("vn")) && !later.past_grace.unwrap().is_active(&code("vn")));
}

#[test]
fn an_old_version_does_past_the_grace_only_what_the_new_one_permits() {
    let scene = scene();
    for (grace_hours, last) in [
        (None, "2026-06-02T00:00:00.000000Z"),
        (Some(48), "2026-06-03T00:00:00.000000Z"),
        (Some(0), "2026-06-01T00:00:00.000000Z"),
    ] {
        let region = scene.region.clone();
        let terms = Terms { grace_hours, ..scene.terms.clone() };
        let mut governance = region.governance();
        let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
        let mut scene = Scene { region, terms, id, governance };
        let old = scene.basis();
        // The grace is that of the terms named, not of those that come.
        let mut next = Terms { grace_hours: Some(8_760), ..scene.region.amended(&scene.terms, day("06-01")) };
        next.parties = codes(&["id", "th"]);
        next.channel_types = vec![channel_type("indicators", &["id", "th"])];
        add(&mut scene.governance, [scene.region.signed(&next, &THREE)]);
        let new = scene.basis();
        let last = at(last);
        let past = Timestamp::from_micros(last.micros() + 1).unwrap();
        assert_eq!(scene.may(&old, "vn", day("05-31")), (true, None));
        assert_eq!(scene.may(&old, "vn", last), (true, None), "{grace_hours:?}");
        assert_eq!(scene.may(&old, "vn", past), (true, Some(false)), "{grace_hours:?}");
        assert_eq!(scene.may(&old, "th", past), (true, Some(true)), "{grace_hours:?}");
        assert_eq!(scene.may(&new, "vn", day("06-01")), (false, None), "who knows is bound at once");
        assert_eq!(scene.may(&new, "vn", day("05-31")), (true, None), "the terms of the day");
    }
}

#[test]
fn a_member_that_the_charter_left_out_may_not_stay_under_an_old_one() {
    let mut scene = scene();
    let old = scene.basis();
    let mut charter = succeeding(&scene.region.charter, day("06-01"));
    charter.members.remove(&code("vn"));
    charter.voters = codes(&["id", "th"]);
    charter.at_least = 2;
    charter.grace_hours = 0;
    add(&mut scene.governance, [scene.region.charter_signed(&charter, &THREE)]);
    let end = day("06-02");
    let past = Timestamp::from_micros(end.micros() + 1).unwrap();
    assert_eq!(scene.may(&old, "vn", end), (true, None), "24 hours, as the charter named says");
    assert_eq!(scene.may(&old, "vn", past), (true, Some(false)));
    assert_eq!(scene.may(&old, "th", past), (true, Some(true)));
    scene.governance = scene.governance.clone().at(day("06-01"));
    let new = scene.basis();
    assert_eq!(new.charter, charter.hash());
    assert_eq!(scene.may(&new, "vn", day("06-01")), (false, None));
    assert_eq!(scene.may(&new, "vn", day("05-31")), (true, None));
}

#[test]
fn who_joins_the_charter_is_no_member_under_a_basis_from_before() {
    let mut scene = scene();
    let jp = key(9);
    let mut charter = succeeding(&scene.region.charter, day("06-01"));
    charter.members.insert(code("jp"), state("jp", &jp));
    scene.region.roots.insert(code("jp"), jp);
    let mut next = scene.region.amended(&scene.terms, day("06-01"));
    next.parties = codes(&["id", "jp", "th", "vn"]);
    next.channel_types = vec![channel_type("indicators", &["id", "jp", "th", "vn"])];
    let charter_note = scene.region.charter_signed(&charter, &["id", "jp", "th", "vn"]);
    add(&mut scene.governance, [scene.region.agreed(&next), charter_note]);
    let early = scene.basis();
    assert_eq!((early.charter, early.agreement_hash), (scene.region.charter.hash(), next.hash(&scene.region.id())));
    assert_eq!(scene.may(&early, "jp", day("06-01")), (false, None));
    assert_eq!(scene.may(&early, "th", day("06-01")), (true, None));
    scene.governance = scene.governance.clone().at(day("06-01"));
    let now = scene.basis();
    assert_eq!(scene.may(&now, "jp", day("06-01")), (true, None), "no grace holds up who is let in");
}
