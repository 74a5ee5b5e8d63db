//! House rules: hostile documents, which versions count in whatever order they come, and which channels follow from them and from the register.

use std::collections::BTreeMap;

use gotong_model::agreement::{ChannelType, Terms};
use gotong_model::document::{DocumentFault, Purpose};
use gotong_model::governance::{Added, Channel, ChannelKind, Governance};
use gotong_model::house::{Class, HouseRule, Organisation, Organisations, Reads, ReadsHouse};
use gotong_model::{ChannelId, Timestamp, Tlp};
use serde_json::json;

use crate::golden::full_house;
use crate::refusals::{accept, refuse, refuse_more_and_fewer};
use crate::support::{Dice, Region, add, at, channel_type, code, day, english, slug};

fn region() -> Region {
    Region::of(&["id", "th", "vn"])
}

fn class(name: &str, own: Option<&str>) -> Class {
    Class {
        class: slug(name),
        clause: "3".to_owned(),
        name: english(name),
        own: own.map(slug),
        reads: vec![Reads { agreement: None, types: vec![], ceiling: Tlp::Green, clause: "3.1".to_owned() }],
        reads_house: vec![ReadsHouse { types: vec![], ceiling: Tlp::Amber, clause: "3.2".to_owned() }],
    }
}

/// A rule with notices for all, and reports that are banks' and incidents that are providers' own.
fn rule(region: &Region, member: &str) -> HouseRule {
    let kinds: Vec<ChannelType> = ["incidents", "notices", "reports"].map(|name| channel_type(name, &[member])).into();
    let terms = Terms { handle: slug("house"), channel_types: kinds, until: None, ..region.terms(&[member]) };
    HouseRule { terms, classes: vec![class("bank", Some("reports")), class("isp", Some("incidents"))] }
}

fn amended(region: &Region, rule: &HouseRule, from: Timestamp) -> HouseRule {
    let previous = Some(rule.hash(&region.id()));
    let terms = Terms { number: rule.terms.number + 1, previous, from, ..rule.terms.clone() };
    HouseRule { terms, ..rule.clone() }
}

fn signed(region: &Region, rule: &HouseRule) -> String {
    let member = rule.member().unwrap();
    rule.sign(&region.id(), member, &region.roots[member])
}

fn organisation(name: &str, class: &str) -> Organisation {
    Organisation { code: slug(name), name: name.to_uppercase(), class: slug(class), former_classes: Vec::new() }
}

fn register(member: &str) -> Organisations {
    let all = [("bank-abc", "bank"), ("bank-xyz", "bank"), ("net-one", "isp"), ("lost", "ministry")];
    Organisations::of(code(member), all.map(|(name, class)| organisation(name, class)))
}

fn handles<'a>(channels: impl Iterator<Item = Channel<'a>>) -> Vec<String> {
    let mut all: Vec<String> = channels.map(|channel| channel.handle()).collect();
    all.sort_unstable();
    all
}

fn hashes(governance: &Governance, member: &str) -> Vec<String> {
    let house = governance.house(&code(member));
    house.iter().flat_map(|house| &house.agreement.versions).map(|version| version.hash.to_text()).collect()
}

#[test]
fn every_field_of_a_house_rule_is_refused_with_its_pointer() {
    let read = |value| HouseRule::from_value(value).map(|_| ());
    let good = full_house().to_value();
    refuse_more_and_fewer(&good, read, "");
    let many = |value: &serde_json::Value, count: usize| vec![value.clone(); count];
    let types = good["channel_types"].clone();
    let class = good["classes"][0].clone();
    let reads = good["classes"][0]["reads"][0].clone();
    let named = |names: &[String]| -> Vec<_> {
        let class = |name: &String| json!({"class": name, "clause": "1", "name": {"en": "x"}, "own": null, "reads": [], "reads_house": []});
        names.iter().map(class).collect()
    };
    let slugs = |count: usize| -> Vec<String> { (0..count).map(|at| format!("c{at:03}")).collect() };
    refuse(
        &good,
        read,
        vec![
            ("/gotong", json!("agreement"), ""),
            ("/handle", json!("rti"), ""),
            ("/parties", json!([]), ""),
            ("/parties", json!(["id", "th"]), ""),
            ("/channel_types/0/audience", json!(["id"]), ""),
            ("/channel_types/0/writers", json!([]), ""),
            ("/channel_types/0/type", json!("governance"), ""),
            ("/channel_types", json!([types[1], types[0], types[2]]), ""),
            ("/accession", json!({"candidates": ["id"], "clause": "1", "consent": "none", "types": ["reports"]}), ""),
            ("/prohibitions/0/types", json!(["indicators"]), "/prohibitions/0/types/0"),
            ("/classes", json!([class, class]), ""),
            ("/classes", json!({}), ""),
            ("/classes", json!(named(&slugs(65))), ""),
            ("/classes/0/class", json!("Bank"), ""),
            ("/classes/0/class", json!("zoo"), "/classes"),
            ("/classes/0/clause", json!("77"), ""),
            ("/classes/0/name", json!({"vi": "Ngân hàng"}), ""),
            ("/classes/0/own", json!("indicators"), ""),
            ("/classes/0/reads", json!(many(&reads, 65)), ""),
            ("/classes/0/reads/0/agreement", json!("house"), ""),
            ("/classes/0/reads/0/agreement", json!("charter"), ""),
            ("/classes/0/reads/0/types", json!(["b", "a"]), ""),
            ("/classes/0/reads/0/types", json!(["governance"]), "/classes/0/reads/0/types/0"),
            ("/classes/0/reads/0/ceiling", json!("AMBER"), ""),
            ("/classes/0/reads/0/clause", json!("77"), ""),
            ("/classes/0/reads_house/0/types", json!(["indicators"]), "/classes/0/reads_house/0/types/0"),
            ("/classes/0/reads_house/0/types", json!(["incidents"]), "/classes/0/reads_house/0/types/0"),
            ("/classes/0/reads_house/0/ceiling", json!(null), ""),
            ("/until", json!("2026-01-01T00:00:00.000000Z"), ""),
        ],
    );
    accept(
        &good,
        read,
        vec![
            ("/classes", json!([])),
            ("/classes", json!(named(&slugs(64)))),
            ("/classes/0/reads", json!(many(&reads, 64))),
            ("/classes/1/own", json!("reports")),
            ("/classes/1/own", json!(null)),
            ("/classes/0/reads/0/agreement", json!(null)),
        ],
    );
    let bare = json!({"channel_types": [], "classes": [], "duties": [], "prohibitions": []});
    let mut value = good;
    for (name, empty) in bare.as_object().unwrap() {
        value[name] = empty.clone();
    }
    assert!(read(value.clone()).is_ok(), "a rule may open nothing");
    value["gotong"] = json!("agreement");
    value.as_object_mut().unwrap().remove("classes");
    assert!(Terms::from_value(value).is_err(), "an agreement may not, nor be of one");
}

#[test]
fn it_counts_once_its_member_has_signed_and_travels_to_nobody() {
    let region = region();
    let first = rule(&region, "th");
    let mut governance = region.governance();
    let by_another = region.sign(Purpose::House, &first.to_value(), &["vn", "id"]);
    add(&mut governance, [by_another]);
    assert!(governance.house(&code("th")).is_none());
    let note = signed(&region, &first);
    assert_eq!(governance.add(note.as_bytes()), Ok(Added::House(first.hash(&region.id()))));
    assert_eq!(hashes(&governance, "th"), [first.hash(&region.id()).to_text()]);
    assert_ne!(first.hash(&region.id()), first.terms.hash(&region.id()), "a hash of its own kind");
    let kept = governance.kept(note.as_bytes()).unwrap().1;
    assert!(kept.contains("/house\n"), "{kept}");
    // What travels between members has it in no list, and a node that is sent one refuses it.
    assert!(governance.notes().iter().all(|note| !note.contains("/house\n")));
    assert!(governance.channel_of(note.as_bytes()).is_none());
    assert!(matches!(governance.check(note.as_bytes()), Err(DocumentFault::Unfit(_))));
    let agreement = Terms { handle: slug("house"), ..region.terms(&["th", "vn"]) };
    assert!(governance.add(region.agreed(&agreement).as_bytes()).is_err(), "the handle is taken");
    assert!(governance.add(region.agreed(&region.terms(&["th", "vn"])).as_bytes()).is_ok());
}

#[test]
fn the_order_in_which_versions_come_leaves_no_trace() {
    let region = region();
    let first = rule(&region, "th");
    let earlier = amended(&region, &first, day("03-01"));
    let mut later = amended(&region, &first, day("04-01"));
    later.classes[0].own = None;
    later.terms.channel_types.retain(|kind| kind.name != slug("reports"));
    let third = amended(&region, &later, day("05-01"));
    let dead = amended(&region, &earlier, day("06-01"));
    let mut notes: Vec<String> =
        [&first, &earlier, &later, &third, &dead, &rule(&region, "vn")].map(|rule| signed(&region, rule)).into();
    let counts = [&first, &later, &third].map(|rule| rule.hash(&region.id()).to_text());
    let mut seen = BTreeMap::new();
    for seed in 0..40 {
        Dice::new(seed).shuffle(&mut notes);
        let mut governance = region.governance().with_organisations(register("th"));
        add(&mut governance, &notes);
        assert_eq!(hashes(&governance, "th"), counts, "seed {seed}");
        let view = (handles(governance.channels()), handles(governance.own_channels()));
        seen.insert(view, seed);
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    // Of two first versions the one that begins last: the member begins anew.
    let mut anew = rule(&region, "th");
    anew.terms.from = day("02-01");
    let (mut ahead, mut behind) = (region.governance(), region.governance());
    add(&mut ahead, [signed(&region, &anew), signed(&region, &first)]);
    add(&mut behind, [signed(&region, &first), signed(&region, &anew)]);
    assert_eq!(hashes(&ahead, "th"), [anew.hash(&region.id()).to_text()]);
    assert_eq!(hashes(&ahead, "th"), hashes(&behind, "th"));
}

#[test]
fn a_version_that_does_not_follow_does_not_count_and_it_is_said_why() {
    let region = region();
    let first = rule(&region, "th");
    let mut governance = region.governance();
    add(&mut governance, [signed(&region, &first)]);
    let good = amended(&region, &first, day("03-01"));
    let change = |change: &dyn Fn(&mut HouseRule)| {
        let mut next = good.clone();
        change(&mut next);
        next
    };
    let bad = [
        (change(&|rule| rule.terms.number = 3), "number"),
        (change(&|rule| rule.terms.previous = Some(gotong_crypto::Digest([1; 32]))), "previous"),
        (change(&|rule| rule.terms.from = at("2025-12-31T00:00:00.000000Z")), "from"),
        (change(&|rule| rule.terms.channel_types[0].exercise = true), "exercise"),
        (change(&|rule| rule.classes[0].own = None), "own"),
        (change(&|rule| rule.classes[0].own = Some(slug("notices"))), "own"),
    ];
    for (next, word) in bad {
        let house = governance.house(&code("th")).unwrap();
        let fault = house.check_next(&next).unwrap_err().to_string();
        assert!(fault.contains(word), "{fault}");
        let mut with = governance.clone();
        add(&mut with, [signed(&region, &next)]);
        assert_eq!(hashes(&with, "th").len(), 1, "{fault}");
    }
    let other = HouseRule {
        terms: Terms { previous: good.terms.previous, number: 2, ..rule(&region, "vn").terms },
        ..good.clone()
    };
    assert!(governance.house(&code("th")).unwrap().check_next(&other).is_err(), "of another member");
    assert_eq!(governance.house(&code("th")).unwrap().check_next(&good), Ok(()));
    add(&mut governance, [signed(&region, &good)]);
    assert_eq!(hashes(&governance, "th").len(), 2);
}

#[test]
fn dates_and_numbers_say_what_is_in_force_and_when_it_changes() {
    let region = region();
    let mut first = rule(&region, "th");
    first.terms.from = day("02-01");
    let mut second = amended(&region, &first, day("03-01"));
    second.terms.until = Some(day("06-01"));
    let mut governance = region.governance();
    add(&mut governance, [signed(&region, &first), signed(&region, &second)]);
    let number = |on: &str| {
        let house = governance.house(&code("th")).unwrap();
        governance.standing(&house.agreement, day(on)).version.map(|version| version.terms.number)
    };
    assert_eq!(["01-31", "02-01", "03-01", "05-31", "06-01"].map(number), [None, Some(1), Some(2), Some(2), None]);
    let mut turns = Vec::new();
    let mut now = governance.clone();
    while let Some(next) = now.changes_at() {
        turns.push(next);
        now = now.at(next);
    }
    assert_eq!(turns, [day("02-01"), day("03-01"), day("06-01")]);
    let basis = |on: &str| {
        let then = governance.clone().at(day(on));
        let house = then.house(&code("th")).unwrap();
        then.basis(&house.agreement)
    };
    assert_eq!(basis("02-01").agreement_hash, first.hash(&region.id()), "what is in force, not what is to come");
    assert_eq!((basis("04-01").agreement_hash, basis("04-01").notices), (second.hash(&region.id()), vec![]));
}

#[test]
fn channels_follow_from_the_rule_and_the_register_of_the_own_member_alone() {
    let region = region();
    let (own, foreign) = (rule(&region, "th"), rule(&region, "vn"));
    let mut governance = region.governance();
    add(&mut governance, [signed(&region, &own)]);
    assert_eq!(handles(governance.channels()), ["charter"], "without a register it is nobody's own");
    let mut governance = governance.with_organisations(register("th"));
    let expected = ["house/incidents/net-one", "house/reports/bank-abc", "house/reports/bank-xyz"];
    assert_eq!(handles(governance.own_channels()), expected);
    assert_eq!(handles(governance.channels()), ["charter", "house/notices"]);
    let id = own.hash(&region.id());
    let scope = ChannelId::standing(&region.id(), &gotong_model::AgreementId(id), &slug("reports"));
    for (name, kind, organisation) in
        [("house/notices", ChannelKind::House, None), ("house/reports/bank-abc", ChannelKind::Own, Some("bank-abc"))]
    {
        let channel = governance.channel_by_name(name).unwrap();
        assert_eq!((channel.kind, channel.handle()), (kind, name.to_owned()));
        assert_eq!(channel.organisation.map(|found| found.code.as_str()), organisation);
        assert_eq!(governance.channel(&channel.id).map(|found| found.handle()), Some(name.to_owned()));
        assert_eq!(governance.readers(&channel.id), [code("th")], "{name}: no other member");
        assert!(
            !governance.is_concerned(&channel.id, &code("vn")) && governance.is_concerned(&channel.id, &code("th"))
        );
        if kind == ChannelKind::Own {
            assert_eq!(channel.scope, scope);
            assert_eq!(
                channel.id,
                ChannelId::own(&region.id(), &channel.agreement.id, &slug("reports"), &slug("bank-abc"))
            );
        } else {
            assert_eq!(channel.scope, channel.id);
        }
    }
    for name in [
        "house/reports",
        "house/incidents/bank-abc",
        "house/reports/bank-abc/x",
        "house/reports/nobody",
        "rti/reports/bank-abc",
    ] {
        assert!(governance.channel_by_name(name).is_none(), "{name}");
    }
    let before = handles(governance.channels().chain(governance.own_channels()));
    add(&mut governance, [signed(&region, &foreign)]);
    assert!(governance.house(&code("vn")).is_some(), "it is read, and counts for its member");
    assert_eq!(handles(governance.channels().chain(governance.own_channels())), before);
    assert!(governance.channel_by_name("house/notices").is_some(), "and takes no name away");
}

#[test]
fn an_organisation_is_put_and_taken_out_without_working_anything_out() {
    let region = region();
    let first = rule(&region, "th");
    let mut governance = region.governance().with_organisations(register("th"));
    add(&mut governance, [signed(&region, &first)]);
    let (before, generation) = (governance.clone(), governance.generation());
    let name = "house/reports/bank-new";
    assert!(governance.put_organisation(organisation("bank-new", "bank")));
    let id = governance.channel_by_name(name).unwrap().id;
    assert!(before.channel(&id).is_none(), "a snapshot stays as it was");
    assert_eq!(governance.generation(), generation);
    // Who changes its class keeps nothing of it but what staff still finds.
    let moved = Organisation { former_classes: vec![slug("bank")], ..organisation("bank-new", "isp") };
    governance.put_organisation(moved);
    assert!(governance.channel(&id).is_some() && governance.channel_by_name("house/incidents/bank-new").is_some());
    governance.put_organisation(organisation("bank-new", "isp"));
    assert!(governance.channel(&id).is_none());
    assert!(governance.remove_organisation(&slug("bank-new")) && !governance.remove_organisation(&slug("bank-new")));
    assert!(governance.channel_by_name("house/incidents/bank-new").is_none());
    assert_eq!(governance.organisations().unwrap().len(), 4);
    // An amendment moves nothing; a house begun anew has channels of its own.
    let bank = governance.channel_by_name("house/reports/bank-abc").unwrap();
    let (bank, scope) = (bank.id, bank.scope);
    add(&mut governance, [signed(&region, &amended(&region, &first, day("03-01")))]);
    let same = governance.channel(&bank).unwrap();
    assert_eq!((same.handle().as_str(), same.scope), ("house/reports/bank-abc", scope));
    let anew = HouseRule { terms: Terms { from: day("05-01"), ..first.terms.clone() }, ..first };
    add(&mut governance, [signed(&region, &anew)]);
    assert!(governance.channel(&bank).is_none());
    assert_ne!(governance.channel_by_name("house/reports/bank-abc").unwrap().id, bank);
    assert!(!region.governance().put_organisation(organisation("a", "bank")), "there is no register");
}
