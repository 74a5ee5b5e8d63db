//! What a refusal names is what is missing: of all sets of repairs, the smallest that lets the record through is the one that the clauses named stand for.

use gotong_model::Personal;
use gotong_model::Tlp::{self, Amber, Clear, Green};
use gotong_model::agreement::{Act as Forbidden, NoticeKind, Prohibition};
use gotong_policy::{Effect, decide};

use super::oracle::{Ask, What, World};
use super::support::{channel_type, code, codes, constituent as somebody, day, prohibition, terms};

/// One thing that can be put right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Repair {
    Kind,
    Ceiling,
    Personal,
    Writer,
    Part,
    Others,
    Dates,
    Onward,
    Label,
    Prohibition,
}

const REPAIRS: &[Repair] = &[
    Repair::Kind,
    Repair::Ceiling,
    Repair::Personal,
    Repair::Writer,
    Repair::Part,
    Repair::Others,
    Repair::Dates,
    Repair::Onward,
    Repair::Label,
    Repair::Prohibition,
];

impl Repair {
    /// What a message asks for.
    fn of(id: &str) -> Self {
        match id {
            "policy.kind-unnamed" => Self::Kind,
            "policy.above-ceiling" => Self::Ceiling,
            "policy.personal-data" => Self::Personal,
            "policy.not-writer" => Self::Writer,
            "policy.suspended" | "policy.ended" | "policy.onward-frozen" => Self::Part,
            "policy.too-few-parts" => Self::Others,
            "policy.out-of-force" => Self::Dates,
            "policy.onward-none" => Self::Onward,
            "policy.onward-label" => Self::Label,
            "policy.prohibited" => Self::Prohibition,
            other => panic!("{other} is no message that a refusal in these worlds may have"),
        }
    }

    fn put_right(self, world: &mut World, ask: &mut Ask) {
        let who = code(ask.who);
        let kind = &mut world.terms.channel_types[0];
        match self {
            Self::Kind => {
                kind.kinds.extend(ask.row.map(|(kind, _)| kind.to_owned()));
                kind.kinds.sort();
                kind.kinds.dedup();
            }
            Self::Ceiling => kind.ceiling = Tlp::Red,
            Self::Personal => ask.personal = Personal::None,
            Self::Writer => {
                kind.writers.push(who);
                kind.writers.sort();
                kind.writers.dedup();
            }
            Self::Part => world.notices.retain(|(member, ..)| *member != ask.who),
            Self::Others => world.notices.retain(|(member, ..)| *member == ask.who),
            Self::Dates => {
                world.terms.from = day("2026-01-01");
                world.terms.until = None;
            }
            Self::Onward => kind.onward = gotong_model::agreement::Onward::Constituents,
            Self::Label => ask.row = ask.row.map(|(kind, tlp)| (kind, tlp.min(Amber))),
            Self::Prohibition => world.terms.prohibitions.clear(),
        }
    }
}

/// The smallest repairs that let it through, by trying all.
fn smallest(world: &World, ask: &Ask) -> Vec<Vec<Repair>> {
    let mut found: Vec<Vec<Repair>> = Vec::new();
    let mut sets: Vec<Vec<Repair>> = (0..1_u32 << REPAIRS.len())
        .map(|set| REPAIRS.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, repair)| *repair).collect())
        .collect();
    sets.sort_by_key(Vec::len);
    for set in sets {
        if found.first().is_some_and(|least| least.len() < set.len()) {
            break;
        }
        let (mut world, mut ask) = (world.clone(), ask.clone());
        for repair in &set {
            repair.put_right(&mut world, &mut ask);
        }
        if ask.put(&world.desk(), decide).permitted {
            found.push(set);
        }
    }
    found
}

fn world() -> World {
    let mut kind = channel_type("t", &["id", "th", "vn"], &["stix.indicator"], Green);
    kind.writers = codes(&["th", "vn"]);
    let mut terms = terms("world", &["id", "th", "vn"], kind);
    terms.prohibitions = vec![
        Prohibition { kinds: vec!["stix.identity".to_owned()], ..prohibition("5.1", Forbidden::Publish) },
        Prohibition { tlp_above: Some(Clear), ..prohibition("5.2", Forbidden::Onward) },
    ];
    World { terms, amendment: None, notices: Vec::new() }
}

#[test]
fn the_clauses_named_are_the_smallest_repair() {
    let nobody = Personal::None;
    let publish = |who, kind, tlp, on| Ask { who, what: What::Publish, row: Some((kind, tlp)), personal: nobody, on };
    let of_people = |ask| Ask { personal: Personal::Identified, ..ask };
    let suspended = |members: &[&'static str]| {
        let mut world = world();
        world.notices = members.iter().map(|who| (*who, NoticeKind::Suspend, None, "2026-04-01")).collect();
        world
    };
    let constituent = |row| Ask { who: "th", what: What::View(somebody()), row, personal: nobody, on: "2026-05-01" };
    let rows = [
        (world(), publish("th", "case", Green, "2026-05-01"), 1),
        (world(), publish("th", "case", Amber, "2026-05-01"), 2),
        (world(), publish("id", "case", Amber, "2026-05-01"), 3),
        (world(), publish("th", "stix.identity", Green, "2026-05-01"), 2),
        (world(), publish("id", "stix.identity", Amber, "2026-05-01"), 4),
        (world(), publish("th", "stix.indicator", Green, "2026-02-01"), 1),
        (world(), publish("id", "case", Amber, "2027-05-01"), 4),
        (world(), of_people(publish("th", "stix.indicator", Green, "2026-05-01")), 1),
        (world(), of_people(publish("id", "case", Amber, "2026-05-01")), 4),
        (suspended(&["th"]), publish("th", "stix.indicator", Green, "2026-05-01"), 1),
        (suspended(&["id", "vn"]), publish("th", "stix.indicator", Green, "2026-05-01"), 1),
        (suspended(&["id", "th", "vn"]), publish("th", "case", Green, "2026-05-01"), 3),
        (world(), constituent(None), 1),
        (world(), constituent(Some(("stix.indicator", Clear))), 1),
        (world(), constituent(Some(("stix.indicator", Green))), 2),
        (suspended(&["th"]), constituent(Some(("stix.indicator", Tlp::AmberStrict))), 4),
    ];
    for (world, ask, missing) in rows {
        let decision = ask.put(&world.desk(), decide);
        assert!(!decision.permitted, "{ask:?}");
        let forbidding = decision.grounds.iter().filter(|ground| ground.effect == Effect::Forbid);
        let mut named: Vec<Repair> = forbidding.map(|ground| Repair::of(ground.id)).collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), missing, "{ask:?} {decision:#?}");
        assert_eq!(smallest(&world, &ask), [named], "{ask:?} {decision:#?}");
    }
}
