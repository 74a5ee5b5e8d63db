//! What holds of every agreement: another evaluator agrees, a prohibition or suspension never permits, and an evaluator that is broken is seen to be.

use gotong_model::agreement::{
    Accession, Act as Forbidden, Consent, Exit, NoticeKind, Onward, PersonalData, Prohibition, Terms,
};
use gotong_model::{Personal, Tlp};
use gotong_policy::{Act, Cache, Effect, ReaderClass, decide};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use super::oracle::{Ask, Broken, Oracle, What, World};
use super::support::{channel_type, codes, constituent, prohibition, slug, terms};

const KINDS: &[&str] = &["case", "stix", "stix.indicator", "stix.malware"];
const DAYS: &[&str] = &[
    "2026-02-01",
    "2026-03-01",
    "2026-04-01",
    "2026-04-15",
    "2026-05-01",
    "2026-06-01",
    "2026-07-01",
    "2026-08-15",
    "2026-10-01",
    "2027-02-28",
    "2027-03-01",
    "2027-06-01",
];

fn tlp() -> impl Strategy<Value = Tlp> {
    select(&Tlp::ALL[..])
}

fn forbidden() -> impl Strategy<Value = Prohibition> {
    (
        select(Forbidden::ALL),
        any::<bool>(),
        subsequence(KINDS, 0..3),
        subsequence(vec!["id", "jp", "th", "vn"], 0..3),
        proptest::option::of(tlp()),
    )
        .prop_map(|(act, all_types, kinds, members, tlp_above)| Prohibition {
            types: if all_types { Vec::new() } else { vec![slug("t")] },
            kinds: kinds.into_iter().map(str::to_owned).collect(),
            members: codes(&members),
            tlp_above,
            ..prohibition("5.2", act)
        })
}

fn signed() -> impl Strategy<Value = Terms> {
    let audience = subsequence(vec!["id", "th", "vn"], 1..=3).prop_flat_map(|audience| {
        let most = audience.len();
        (Just(audience.clone()), subsequence(audience, 1..=most))
    });
    (
        audience,
        subsequence(KINDS, 1..4),
        tlp(),
        (select(Onward::ALL), select(Exit::ALL), select(PersonalData::ALL)),
        proptest::collection::vec(forbidden(), 0..3),
        proptest::option::of(select(Consent::ALL)),
    )
        .prop_map(|((audience, writers), kinds, ceiling, (onward, exit, personal), prohibitions, consent)| {
            let mut kind = channel_type("t", &audience, &kinds, ceiling);
            kind.writers = codes(&writers);
            kind.onward = onward;
            kind.exit = exit;
            kind.personal_data = personal;
            let mut terms = terms("world", &["id", "th", "vn"], kind);
            terms.prohibitions = prohibitions;
            terms.accession = consent.map(|consent| Accession {
                clause: "9".to_owned(),
                candidates: codes(&["jp"]),
                types: vec![slug("t")],
                consent,
            });
            terms
        })
}

fn notices() -> impl Strategy<Value = Vec<(&'static str, NoticeKind, Option<&'static str>, &'static str)>> {
    let own = select(vec![NoticeKind::Suspend, NoticeKind::Resume, NoticeKind::Terminate]);
    let plain =
        (select(vec!["id", "jp", "th", "vn"]), own, select(DAYS)).prop_map(|(who, kind, on)| (who, kind, None, on));
    let joining = subsequence(vec!["id", "th", "vn"], 0..=3).prop_flat_map(|consents| {
        let consents = consents.into_iter().map(|who| (who, NoticeKind::Consent, Some("jp"), "2026-04-15"));
        let mut all: Vec<_> = consents.collect();
        all.push(("jp", NoticeKind::Accede, None, "2026-04-01"));
        Just(all)
    });
    (proptest::collection::vec(plain, 0..5), proptest::option::of(joining)).prop_map(|(plain, joining)| {
        let mut all = plain;
        all.extend(joining.into_iter().flatten());
        all.sort_by_key(|(.., on)| *on);
        all
    })
}

fn world() -> impl Strategy<Value = World> {
    let amendment = (select(vec!["2026-05-01", "2026-07-01"]), select(Exit::ALL), tlp());
    (signed(), proptest::option::of(amendment), notices()).prop_map(|(terms, amendment, notices)| World {
        terms,
        amendment,
        notices,
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let what = select(vec![
        What::Publish,
        What::Publish,
        What::View(ReaderClass::Staff),
        What::View(constituent()),
        What::Act(Act::Onward),
        What::Act(Act::Export),
        What::Act(Act::Withdraw),
        What::Act(Act::Relabel),
        What::Act(Act::Open),
    ]);
    let kind = select(vec!["case", "stix", "stix.indicator", "stix.indicator2", "stixy"]);
    // Mostly nothing of people, so that the other rules are seen as well.
    let personal = prop_oneof![3 => Just(Personal::None), 1 => select(Personal::ALL)];
    let row = proptest::option::weighted(0.8, (kind, tlp()));
    (select(vec!["id", "jp", "th", "vn"]), what, row, personal, select(DAYS))
        .prop_map(|(who, what, row, personal, on)| Ask { who, what, row, personal, on })
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    proptest::collection::vec(ask(), 60)
}

/// Worlds that are the same in every run, with what is asked in each.
fn worlds(count: usize) -> Vec<(World, Vec<Ask>)> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| (world(), asks()).new_tree(&mut runner).unwrap().current()).collect()
}

fn config() -> Config {
    let cases = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 12 } else { 48 };
    Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn another_evaluator_says_the_same_and_so_does_the_cache(world in world(), asks in asks()) {
        let desk = world.desk();
        let (oracle, cache) = (Oracle(Broken::Not), Cache::new());
        for ask in &asks {
            let decision = ask.put(&desk, decide);
            prop_assert_eq!(decision.permitted, oracle.permits(&desk.governance, ask), "{:?} {:#?}", ask, decision);
            for _ in 0..2 {
                prop_assert_eq!(ask.put(&desk, |governance, question| cache.permits(governance, question)), decision.permitted);
            }
            let forbids = decision.grounds.iter().any(|ground| ground.effect == Effect::Forbid);
            prop_assert_eq!(forbids, !decision.permitted && !decision.grounds.is_empty(), "{:#?}", decision);
        }
    }

    #[test]
    fn another_prohibition_never_permits(world in world(), asks in asks(), more in forbidden()) {
        let before = world.desk();
        let mut world = world;
        world.terms.prohibitions.push(more);
        let after = world.desk();
        for ask in &asks {
            prop_assert!(!ask.put(&after, decide).permitted || ask.put(&before, decide).permitted, "{:?}", ask);
        }
    }

    #[test]
    fn holding_more_of_people_never_permits(world in world(), asks in asks()) {
        let desk = world.desk();
        for ask in &asks {
            let of = |personal| Ask { personal, ..ask.clone() }.put(&desk, decide).permitted;
            let answers: Vec<bool> = Personal::ALL.iter().map(|personal| of(*personal)).collect();
            prop_assert!(answers.windows(2).all(|pair| pair[0] || !pair[1]), "{:?} {:?}", ask, answers);
        }
    }

    #[test]
    fn a_suspension_never_permits(world in world(), asks in asks(), who in select(vec!["id", "th", "vn"])) {
        let before = world.desk();
        let mut world = world;
        let last = world.notices.iter().filter(|(member, ..)| *member == who).map(|(.., on)| *on).max();
        world.notices.push((who, NoticeKind::Suspend, None, last.unwrap_or("2026-05-01")));
        let after = world.desk();
        for ask in &asks {
            prop_assert!(!ask.put(&after, decide).permitted || ask.put(&before, decide).permitted, "{:?}", ask);
        }
    }
}

#[test]
fn an_evaluator_that_is_broken_is_caught() {
    let worlds: Vec<_> = worlds(24).into_iter().map(|(world, asks)| (world.desk(), asks)).collect();
    let differ = |broken| {
        let asked = worlds.iter().flat_map(|(desk, asks)| asks.iter().map(move |ask| (desk, ask)));
        asked
            .filter(|(desk, ask)| ask.put(desk, decide).permitted != Oracle(broken).permits(&desk.governance, ask))
            .count()
    };
    assert_eq!(differ(Broken::Not), 0);
    for broken in [
        Broken::Prohibitions,
        Broken::Suspension,
        Broken::Dates,
        Broken::Writers,
        Broken::Ceiling,
        Broken::Personal,
        Broken::Kinds,
        Broken::Onward,
        Broken::Exit,
    ] {
        assert!(differ(broken) > 0, "{broken:?} is not noticed");
    }
    assert!(worlds.iter().any(|(desk, asks)| asks.iter().any(|ask| ask.put(desk, decide).permitted)));
}
