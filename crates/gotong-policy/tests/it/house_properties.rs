//! What holds of every house rule: nobody reads another's own channel, less given or more forbidden never permits, and a kept answer is the answer.

use gotong_model::agreement::{Act as Forbidden, Prohibition};
use gotong_model::governance::Governance;
use gotong_model::house::{HouseRule, Reads, ReadsHouse};
use gotong_model::{Personal, Tlp};
use gotong_policy::{Cache, Constituent, Question, Reader, ReaderClass, Row, Subject, decide};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;

use super::house::{ORGANISATIONS, house_desk, rule};
use super::support::{class, code, day, prohibition, slug};

const DAYS: &[&str] = &["2026-01-15", "2026-02-01", "2026-03-01", "2026-06-01", "2027-01-31", "2027-02-01"];
const CHANNELS: &[&str] = &[
    "house/incidents/net-one",
    "house/incidents/net-two",
    "house/notices",
    "house/reports/bank-abc",
    "house/reports/bank-xyz",
    "rti/governance",
    "rti/incidents",
    "rti/indicators",
];
const KINDS: &[&str] = &["stix", "stix.indicator", "stix.malware"];

fn tlp() -> impl Strategy<Value = Tlp> {
    select(&Tlp::ALL[..])
}

fn slugs(names: Vec<&'static str>) -> Vec<gotong_model::Slug> {
    names.into_iter().map(slug).collect()
}

fn reads() -> impl Strategy<Value = Reads> {
    (proptest::option::of(select(vec!["rti", "other"])), subsequence(vec!["incidents", "indicators"], 0..=2), tlp())
        .prop_map(|(agreement, types, ceiling)| Reads {
            agreement: agreement.map(slug),
            types: slugs(types),
            ceiling,
            clause: "3.1".to_owned(),
        })
}

fn reads_house() -> impl Strategy<Value = ReadsHouse> {
    (subsequence(vec!["notices"], 0..=1), tlp()).prop_map(|(types, ceiling)| ReadsHouse {
        types: slugs(types),
        ceiling,
        clause: "3.2".to_owned(),
    })
}

fn forbidden() -> impl Strategy<Value = Prohibition> {
    let types = subsequence(vec!["incidents", "notices", "reports"], 0..3);
    (select(Forbidden::ALL), types, subsequence(KINDS, 0..3), proptest::option::of(tlp())).prop_map(
        |(act, types, kinds, tlp_above)| Prohibition {
            types: slugs(types),
            kinds: kinds.into_iter().map(str::to_owned).collect(),
            tlp_above,
            ..prohibition("5.2", act)
        },
    )
}

/// A rule of two classes; sometimes one of them has no channels of its own, or both have channels of one type.
fn rules() -> impl Strategy<Value = HouseRule> {
    let one = || {
        let own = proptest::option::weighted(0.8, select(vec!["incidents", "reports"]));
        (own, proptest::collection::vec(reads(), 0..3), proptest::collection::vec(reads_house(), 0..3))
    };
    (one(), one(), proptest::collection::vec(forbidden(), 0..2)).prop_map(|(bank, isp, prohibitions)| {
        let mut rule = rule();
        rule.terms.prohibitions = prohibitions;
        rule.classes = [("bank", bank), ("isp", isp)]
            .map(|(name, (own, reads, reads_house))| gotong_model::house::Class {
                own: own.map(slug),
                reads,
                reads_house,
                ..class(name)
            })
            .into();
        rule
    })
}

#[derive(Clone, Debug)]
struct Ask {
    member: &'static str,
    who: Option<(&'static str, &'static str)>,
    channel: &'static str,
    row: Option<(&'static str, Tlp)>,
    publishes: bool,
    on: &'static str,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let row = proptest::option::weighted(0.8, (select(KINDS), tlp()));
    let who = proptest::option::weighted(0.8, select(ORGANISATIONS));
    let member = prop_oneof![9 => Just("th"), 1 => Just("vn")];
    let one = (member, who, select(CHANNELS), row, proptest::bool::weighted(0.3), select(DAYS));
    let one =
        one.prop_map(|(member, who, channel, row, publishes, on)| Ask { member, who, channel, row, publishes, on });
    proptest::collection::vec(one, 40)
}

impl Ask {
    /// The answer; a channel that is not there is refused.
    fn put(&self, governance: &Governance, answer: impl Fn(&Governance, &Question<'_>) -> bool) -> bool {
        let Some(channel) = governance.channel_by_name(self.channel) else { return false };
        let (channel, member, at) = (channel.id, &code(self.member), day(self.on));
        let who = self.who.map(|(organisation, class)| (slug(organisation), slug(class)));
        let who = who.as_ref().map(|(organisation, class)| Constituent { organisation, class });
        let row = self.row.map(|(kind, tlp)| Row { kind, tlp: Some(tlp) });
        if let (true, Some(Row { kind, tlp })) = (self.publishes, row) {
            return answer(
                governance,
                &Question::Publish(Subject {
                    member,
                    channel,
                    kind,
                    tlp,
                    personal: Personal::None,
                    at,
                    organisation: who,
                }),
            );
        }
        let reader = Reader { channels: None, class: who.map_or(ReaderClass::Staff, ReaderClass::Constituent) };
        answer(governance, &Question::View { member, channel, reader, row, at })
    }
}

fn permits(governance: &Governance, question: &Question<'_>) -> bool {
    decide(governance, question).permitted
}

fn config() -> ProptestConfig {
    let cases = if std::env::var_os("GOTONG_TEST_QUICK").is_some() { 8 } else { 32 };
    ProptestConfig { cases, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() }
}

/// By the words of the section, without Cedar and the cases: may this constituent read this row?
fn oracle(rule: &HouseRule, ask: &Ask) -> Option<bool> {
    let ((who, class), true) = (ask.who?, ask.member == "th" && !ask.publishes) else { return None };
    let at = day(ask.on);
    let class = rule.class(&slug(class))?;
    let mut parts = ask.channel.split('/');
    let (handle, name, owner) = (slug(parts.next()?), slug(parts.next()?), parts.next());
    let within = |ceiling: Tlp| ask.row.is_none_or(|(_, tlp)| tlp <= ceiling);
    let is_agreement = handle.as_str() != "house";
    let given = match owner {
        Some(owner) => owner == who && class.own.as_ref() == Some(&name),
        None if is_agreement => class.reads.iter().any(|given| given.names(&handle, &name) && within(given.ceiling)),
        None => class.reads_house.iter().any(|given| given.names(&name) && within(given.ceiling)),
    };
    // Of the agreement here indicators go on, up to amber, from its first day.
    let goes_on = !is_agreement || name.as_str() == "indicators" && within(Tlp::Amber) && at >= day("2026-03-01");
    let bites = rule.terms.prohibitions.iter().any(|ban| {
        ban.act != Forbidden::Publish
            && (ban.types.is_empty() || !is_agreement && ban.types.contains(&name))
            && match ask.row {
                Some((kind, tlp)) => {
                    Prohibition { types: Vec::new(), ..ban.clone() }.bites(ban.act, &name, kind, &code("th"), Some(tlp))
                }
                None => ban.kinds.is_empty() && ban.tlp_above.is_none(),
            }
    });
    Some(rule.terms.dates_hold(at) && given && goes_on && !bites)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn another_evaluator_and_the_cache_say_the_same_of_every_house_rule(rule in rules(), asks in asks()) {
        let desk = house_desk(&rule);
        let cache = Cache::new();
        for ask in &asks {
            let permitted = ask.put(&desk.governance, permits);
            for _ in 0..2 {
                let kept = ask.put(&desk.governance, |governance, question| cache.permits(governance, question));
                prop_assert_eq!(kept, permitted, "{:?}", ask);
            }
            if let Some(expected) = oracle(&rule, ask).filter(|_| desk.governance.channel_by_name(ask.channel).is_some()) {
                prop_assert_eq!(permitted, expected, "{:?}", ask);
            }
        }
    }

    #[test]
    fn nobody_reads_or_writes_the_own_channel_of_another(rule in rules(), asks in asks()) {
        let desk = house_desk(&rule);
        for ask in asks.iter().filter(|ask| ask.channel.split('/').count() == 3) {
            let is_another_s = ask.who.is_some_and(|(who, _)| !ask.channel.ends_with(who)) || ask.member != "th";
            prop_assert!(!is_another_s || !ask.put(&desk.governance, permits), "{:?}", ask);
        }
    }

    #[test]
    fn another_prohibition_never_permits(rule in rules(), asks in asks(), more in forbidden()) {
        let before = house_desk(&rule);
        let mut rule = rule;
        rule.terms.prohibitions.push(more);
        let after = house_desk(&rule);
        for ask in &asks {
            prop_assert!(!ask.put(&after.governance, permits) || ask.put(&before.governance, permits), "{:?}", ask);
        }
    }

    #[test]
    fn what_is_no_longer_given_never_permits(rule in rules(), asks in asks(), at in any::<prop::sample::Index>()) {
        let before = house_desk(&rule);
        let mut rule = rule;
        for class in &mut rule.classes {
            let more = class.reads.len() + class.reads_house.len();
            if more == 0 { continue; }
            let place = at.index(more);
            if place < class.reads.len() { class.reads.remove(place); } else { class.reads_house.remove(place - class.reads.len()); }
        }
        let after = house_desk(&rule);
        for ask in &asks {
            prop_assert!(!ask.put(&after.governance, permits) || ask.put(&before.governance, permits), "{:?}", ask);
        }
    }
}

#[test]
fn the_properties_have_something_to_see() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut own, mut given, mut refused) = (0, 0, 0);
    for _ in 0..16 {
        let (rule, asks) = (rules(), asks()).new_tree(&mut runner).unwrap().current();
        let desk = house_desk(&rule);
        for ask in asks.iter().filter(|ask| ask.who.is_some()) {
            let permitted = ask.put(&desk.governance, permits);
            own += usize::from(permitted && ask.channel.split('/').count() == 3);
            given += usize::from(permitted && ask.channel.starts_with("rti/") && rule.class(&slug("bank")).is_some());
            refused += usize::from(!permitted);
        }
    }
    assert!(own > 5 && given > 2 && refused > 50, "{own} own, {given} given, {refused} refused");
}
