//! What organisations that a member serves are shown and may do: what the agreement lets go on and the house rule gives them, and nothing else.

use gotong_app::caller::Caller;
use gotong_app::duty::{self, DutyQuery};
use gotong_app::publish::{Fate, Intent, Markings, Outcome, Submission};
use gotong_app::role::Role;
use gotong_app::token::{self, NewToken};
use gotong_app::view::{self, EntryView, Query};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_app::{Priority, archive, rows};
use gotong_app::{explain, organisation};
use gotong_model::agreement::{Act, ChannelType, Clause, DutyKind, Onward, Prohibition, Terms};
use gotong_model::charter::Texts;
use gotong_model::control::Reason;
use gotong_model::document::Purpose;
use gotong_model::house::{Class, HouseRule, Reads, ReadsHouse};
use gotong_model::{ChannelId, Slug, Tlp};

use crate::region::{
    Peer, Region, Treaty, at, code, indicator, indicator_id, indicator_with, intent, marked, sighting,
};

const GREEN: &str = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
const AMBER: &str = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";

fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

fn english(text: &str) -> Texts {
    Texts::from([("en".to_owned(), text.to_owned())])
}

/// Banks and providers report into channels of their own; banks are given indicators of `rti` up to green and the member's notices up to amber, providers nothing.
pub(crate) fn house_rule(member: &str) -> HouseRule {
    let parties = vec![code(member)];
    let clause = |number: &str| Clause { number: number.to_owned(), title: english(number), text: english("Words.") };
    let kind = |name: &str| ChannelType::usual(slug(name), "1", parties.clone(), "the member's own");
    let class = |name: &str, reads, reads_house| Class {
        class: slug(name),
        clause: "2".to_owned(),
        name: english(name),
        own: Some(slug("reports")),
        reads,
        reads_house,
    };
    let reads =
        Reads { agreement: Some(slug("rti")), types: Vec::new(), ceiling: Tlp::Green, clause: "2.1".to_owned() };
    let reads_house = ReadsHouse { types: vec![slug("notices")], ceiling: Tlp::Amber, clause: "2.2".to_owned() };
    HouseRule {
        terms: Terms {
            channel_types: vec![kind("national"), kind("notices"), kind("reports")],
            nonce: [4; 16],
            ..Terms::usual(
                slug("house"),
                parties.clone(),
                at("2026-02-01T00:00:00Z"),
                ["1", "2", "2.1", "2.2"].map(clause).into(),
            )
        },
        classes: vec![class("bank", vec![reads], vec![reads_house]), class("isp", Vec::new(), Vec::new())],
    }
}

/// A node with a house rule and three organisations: two banks and a provider.
fn served(region: &mut Region, change: impl FnOnce(&mut Terms)) -> Peer {
    region.agree_with(&Treaty::default(), |terms| {
        for kind in &mut terms.channel_types {
            kind.onward = Onward::Constituents;
        }
        change(terms);
    });
    let id = region.open("id");
    let note = region.sign(Purpose::House, &house_rule("id").to_value(), &["id"]);
    id.node.adopt(note.as_bytes()).unwrap();
    let new = [("bank-a", "bank"), ("bank-b", "bank"), ("isp-a", "isp")]
        .map(|(code, class)| (slug(code), format!("The {code}"), slug(class)));
    organisation::put(&id.node, &Caller::operator(), &new).unwrap().unwrap();
    id
}

fn caller(peer: &Peer, code: &str) -> Caller {
    let new = NewToken {
        name: code.to_owned(),
        constituent: Some(slug(code)),
        role: Role::Constituent,
        ..NewToken::default()
    };
    let (_, secret) = token::create(&peer.node, &Caller::operator(), &new).unwrap().unwrap();
    token::authenticate(&peer.node, &secret).unwrap().unwrap()
}

fn channel(peer: &Peer, name: &str) -> ChannelId {
    peer.node.governance().channel_by_name(name).unwrap().id
}

fn publish_as(peer: &Peer, caller: &Caller, channel: ChannelId, body: &str) -> Outcome {
    let intent = Intent {
        organisation: caller.organisation.clone(),
        constituent: caller.constituent.clone(),
        caller: caller.id.clone(),
        ..intent(channel)
    };
    let submission = Submission { line: 1, body: body.as_bytes().to_vec() };
    let prepared = peer.node.prepare(&intent, vec![submission], &Markings::new(), false).unwrap();
    peer.node.commit(Priority::People, prepared).unwrap().remove(0)
}

fn labelled(n: u32, marking: &str) -> String {
    indicator_with(n, "2026-03-01T00:00:00.000Z", &marked(marking))
}

/// The ids of everything that a caller is shown, by every way in which records are shown.
fn everything(peer: &Peer, caller: &Caller) -> Vec<u32> {
    let by_arrival = view::list(&peer.node, caller, &Query::default()).unwrap();
    let newest = Query { since: Some(gotong_model::Timestamp::default()), ..Query::default() };
    let by_time = view::list(&peer.node, caller, &newest).unwrap();
    let mut seen = Vec::new();
    for n in 0..20 {
        let id = indicator_id(n);
        let shown = [
            by_arrival.rows.iter().any(|row| row.id == id),
            by_time.rows.iter().any(|row| row.id == id),
            !view::read(&peer.node, caller, &id).unwrap().is_empty(),
            !view::list(&peer.node, caller, &Query { id: Some(id.clone()), ..Query::default() })
                .unwrap()
                .rows
                .is_empty(),
            view::lookup(&peer.node, caller, &[format!("evil-{n:06}.example")], false)
                .unwrap()
                .iter()
                .any(|found| !found.hits.is_empty()),
        ];
        assert!(shown.iter().all(|one| *one == shown[0]), "every way shows the same of {n}: {shown:?}");
        if shown[0] {
            seen.push(n);
        }
    }
    seen
}

/// Records 0 (green) and 1 (amber) of the agreement, 2 in the national channel, 3 a notice, 4 the first bank's, 5 the other bank's, 6 the provider's.
fn filled(region: &mut Region, change: impl FnOnce(&mut Terms)) -> Peer {
    let id = served(region, change);
    id.publish(channel(&id, "rti/indicators"), &[labelled(0, GREEN), labelled(1, AMBER)]);
    id.publish_one(channel(&id, "house/national"), &indicator(2));
    id.publish_one(channel(&id, "house/notices"), &indicator(3));
    for (n, code) in [(4, "bank-a"), (5, "bank-b"), (6, "isp-a")] {
        let own = channel(&id, &format!("house/reports/{code}"));
        let outcome = publish_as(&id, &caller(&id, code), own, &indicator(n));
        assert!(matches!(outcome.fate, Fate::New(_)), "{outcome:?}");
    }
    id
}

#[test]
fn each_is_shown_its_own_and_what_it_is_given() {
    let mut region = Region::new(21, &["id", "th", "vn"]);
    let id = filled(&mut region, |_| {});
    assert_eq!(everything(&id, &Caller::operator()), [0, 1, 2, 3, 4, 5, 6], "the member's staff see it all");
    assert_eq!(everything(&id, &caller(&id, "bank-a")), [0, 3, 4]);
    assert_eq!(everything(&id, &caller(&id, "bank-b")), [0, 3, 5]);
    assert_eq!(everything(&id, &caller(&id, "isp-a")), [6]);
    let handles = |code: &str| -> Vec<String> {
        let channels = view::channels(&id.node, &caller(&id, code)).unwrap();
        assert!(channels.iter().all(|channel| channel.logs.is_empty()), "how much there is, is not told");
        channels.into_iter().map(|channel| channel.handle).collect()
    };
    assert_eq!(handles("bank-a"), ["house/notices", "house/reports/bank-a", "rti/indicators"]);
    assert_eq!(handles("isp-a"), ["house/reports/isp-a"]);
    // Sightings count what is shown only.
    id.publish_one(channel(&id, "house/national"), &sighting(1, &indicator_id(0)));
    assert!(view::sightings(&id.node, &caller(&id, "bank-a"), &indicator_id(0)).unwrap().by.is_empty());
    assert_eq!(view::sightings(&id.node, &Caller::operator(), &indicator_id(0)).unwrap().by.len(), 1);
}

#[test]
fn the_agreement_has_the_first_word_on_what_goes_on() {
    let mut region = Region::new(22, &["id", "th", "vn"]);
    let id = filled(&mut region, |terms| terms.channel_types[0].onward = Onward::None);
    assert_eq!(everything(&id, &caller(&id, "bank-a")), [3, 4], "nothing goes on");
    // A prohibition on reading binds staff as well.
    let mut region = Region::new(23, &["id", "th", "vn"]);
    let id = filled(&mut region, |terms| {
        terms.prohibitions = vec![Prohibition {
            act: Act::Read,
            clause: "3".to_owned(),
            kinds: Vec::new(),
            members: Vec::new(),
            tlp_above: Some(Tlp::Green),
            types: Vec::new(),
        }];
    });
    assert_eq!(everything(&id, &Caller::operator()), [0, 2, 3, 4, 5, 6]);
}

#[test]
fn a_place_that_is_hidden_answers_like_one_that_is_not_there() {
    let mut region = Region::new(24, &["id", "th", "vn"]);
    let id = filled(&mut region, |_| {});
    let bank = caller(&id, "bank-a");
    let place = |n: u32| view::read(&id.node, &Caller::operator(), &indicator_id(n)).unwrap().remove(0);
    for hidden in [1, 2, 5, 6] {
        let row = place(hidden);
        let (log, index) = row.place.open().unwrap();
        let entry = view::entry(&id.node, &bank, log, index).unwrap();
        assert!(entry.is_none(), "{hidden}: {entry:?}");
    }
    let row = place(0);
    let (log, index) = row.place.open().unwrap();
    assert!(matches!(view::entry(&id.node, &bank, log, index).unwrap(), Some(EntryView::Record(_))));
    for name in ["house/national", "house/reports/bank-b", "house/reports/none", "rti/governance", "charter"] {
        assert_eq!(bank.channel(&id.node, name), None, "{name}");
    }
}

#[test]
fn it_publishes_in_its_own_channel_and_takes_back_what_is_its_own() {
    let mut region = Region::new(25, &["id", "th", "vn"]);
    let id = filled(&mut region, |_| {});
    let bank = caller(&id, "bank-a");
    for name in ["rti/indicators", "house/notices", "house/national", "house/reports/bank-b"] {
        let outcome = publish_as(&id, &bank, channel(&id, name), &indicator(12));
        assert!(matches!(outcome.fate, Fate::Refused(_)), "{name}: {outcome:?}");
    }
    let own = channel(&id, "house/reports/bank-a");
    // What the staff wrote there the bank reads, and cannot withdraw.
    id.publish_one(own, &indicator(13));
    assert!(everything(&id, &bank).contains(&13));
    let withdraw = |n: u32, constituent: Option<&str>| {
        let constituent = constituent.map(slug);
        let selection = Selection {
            channel: own,
            ids: vec![indicator_id(n)],
            modified: None,
            constituent,
            caller: "test".to_owned(),
        };
        id.node.withdraw(&selection, Reason::Error).unwrap().remove(0).1
    };
    assert_eq!(withdraw(13, Some("bank-a")), Withdrawn::NotFound);
    assert!(matches!(withdraw(4, Some("bank-a")), Withdrawn::Done { entries: 1, .. }));
    assert!(!everything(&id, &bank).contains(&4));
    assert!(matches!(withdraw(13, None), Withdrawn::Done { entries: 1, .. }));
}

#[test]
fn what_is_refused_to_it_begins_no_log() {
    let mut region = Region::new(28, &["id", "th", "vn"]);
    let id = served(&mut region, |_| {});
    let bank = caller(&id, "bank-a");
    let logs = |name: &str| rows::logs_in(id.node.store.read().unwrap().as_ref(), &channel(&id, name)).unwrap().len();
    for name in ["rti/indicators", "house/notices", "house/reports/bank-b"] {
        let outcome = publish_as(&id, &bank, channel(&id, name), &indicator(12));
        assert!(matches!(outcome.fate, Fate::Refused(_)), "{name}: {outcome:?}");
        assert_eq!(logs(name), 0, "{name}");
    }
    publish_as(&id, &bank, channel(&id, "house/reports/bank-a"), &indicator(12));
    assert_eq!(logs("house/reports/bank-a"), 1, "the control");
}

#[test]
fn who_is_served_no_more_is_nobody_and_what_it_reported_stays() {
    let mut region = Region::new(26, &["id", "th", "vn"]);
    let id = filled(&mut region, |_| {});
    let role = Role::ConstituentReader;
    let new = NewToken { name: "bank".to_owned(), constituent: Some(slug("bank-a")), role, ..NewToken::default() };
    let (_, secret) = token::create(&id.node, &Caller::operator(), &new).unwrap().unwrap();
    let before = token::authenticate(&id.node, &secret).unwrap().unwrap();
    assert!(organisation::end(&id.node, &Caller::operator(), &slug("bank-a")).unwrap());
    assert!(!organisation::end(&id.node, &Caller::operator(), &slug("bank-a")).unwrap(), "once");
    assert!(token::authenticate(&id.node, &secret).unwrap().is_none());
    assert_eq!(everything(&id, &Caller::operator()), [0, 1, 2, 3, 4, 5, 6]);
    // Of another class it reads what that class is given, and goes on in its own channel.
    let again = [(slug("bank-a"), "Now a provider".to_owned(), slug("isp"))];
    organisation::put(&id.node, &Caller::operator(), &again).unwrap().unwrap();
    assert_eq!(token::authenticate(&id.node, &secret).unwrap(), Some(before.clone()));
    assert_eq!(everything(&id, &before), [4]);
    let unknown = [(slug("x"), "X".to_owned(), slug("airline"))];
    let refused = organisation::put(&id.node, &Caller::operator(), &unknown).unwrap().unwrap_err();
    assert_eq!((refused[0].id.as_str(), refused[0].pointer.as_deref()), ("house.class-unknown", Some("/0/class")));
}

#[test]
fn nothing_of_the_house_leaves_it() {
    let mut region = Region::new(27, &["id", "th", "vn"]);
    let id = filled(&mut region, |_| {});
    let report = gotong_app::verify::node(&id.node, &mut |_, _| {}).unwrap();
    assert!(report.is_sound(), "its logs have the same proofs as others: {:?}", report.findings);
    let th = region.open("th");
    id.node.govern().unwrap();
    th.pull(&id);
    th.node.govern().unwrap();
    assert_eq!(everything(&th, &Caller::operator()), [0, 1], "what the agreement shares is there, and nothing else");
    assert!(th.node.governance().houses().next().is_none(), "nor does the rule travel");
    let mut bytes = Vec::new();
    let filter = archive::Filter::default();
    archive::export(&id.node, &Caller::operator(), &filter, &mut |part| {
        bytes.extend_from_slice(part);
        Ok(())
    })
    .unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("\"gotong\":\"house\""), "an archive is for others");
    // A house rule of somebody else is refused, and so is one that the member has not signed.
    let theirs = region.sign(Purpose::House, &house_rule("th").to_value(), &["th"]);
    assert!(id.node.adopt(theirs.as_bytes()).unwrap_err().to_string().contains("is the house rule of th"));
    let unsigned = region.sign(
        Purpose::House,
        &HouseRule { terms: Terms { nonce: [9; 16], ..house_rule("vn").terms }, ..house_rule("vn") }.to_value(),
        &["th"],
    );
    assert!(region.open("vn").node.adopt(unsigned.as_bytes()).is_err());
}

#[test]
fn what_changes_in_the_house_is_told_to_its_staff_with_its_instant_and_its_classes() {
    let mut region = Region::new(28, &["id", "th", "vn"]);
    let id = filled(&mut region, |_| {});
    let first = house_rule("id");
    let house = id.node.governance().own_house().unwrap().agreement.clone();
    let mut terms = Terms {
        number: 2,
        previous: Some(house.versions[0].hash),
        from: at("2026-09-01T00:00:00Z"),
        ..first.terms.clone()
    };
    for kind in &mut terms.channel_types {
        kind.ceiling = Tlp::Green;
    }
    let mut classes = first.classes.clone();
    classes[0].reads.clear();
    let next = HouseRule { terms, classes };
    id.node.adopt(region.sign(Purpose::House, &next.to_value(), &["id"]).as_bytes()).unwrap();
    let period = (at("2026-08-01T00:00:00Z"), at("2026-10-01T00:00:00Z"));
    let ask = |caller: &Caller, only| explain::changes(&id.node, caller, only, period).unwrap();
    let told = ask(&Caller::operator(), Some(house.id)).expect("the staff know of it");
    let turn = told.turns.iter().find(|turn| turn.at == at("2026-09-01T00:00:00Z")).expect("the new version");
    let said = |id: &str| -> Vec<Option<String>> {
        turn.effects.iter().filter(|effect| effect.id == id).map(|effect| effect.channel.clone()).collect()
    };
    let handles = ["house/national", "house/notices", "house/reports"].map(|handle| Some(handle.to_owned()));
    let mut ceilings = said("change.ceiling");
    ceilings.sort();
    assert_eq!(ceilings, handles, "standing ones, and organisations' own once");
    assert_eq!(said("change.class-reads"), [None]);
    assert!(turn.causes.iter().any(|cause| cause.id == "change.version" && cause.text.contains('2')));
    // Together with the agreements, and not for whoever reads none of it.
    assert!(ask(&Caller::operator(), None).unwrap().turns.iter().any(|turn| turn.agreement == "house"));
    let narrow = Caller { channels: Some(vec![channel(&id, "rti/indicators")]), ..Caller::operator() };
    assert_eq!(ask(&narrow, Some(house.id)), None);
    assert!(ask(&narrow, None).unwrap().turns.iter().all(|turn| turn.agreement != "house"));
}

#[test]
fn what_the_house_asks_is_listed_for_organisations_own_channels_too() {
    let mut region = Region::new(29, &["id", "th", "vn"]);
    let id = served(&mut region, |_| {});
    let first = house_rule("id");
    let previous = Some(id.node.governance().own_house().unwrap().agreement.versions[0].hash);
    let mut terms = Terms { number: 2, previous, ..first.terms.clone() };
    for kind in &mut terms.channel_types {
        kind.retention_days = (kind.name == slug("reports")).then_some(1);
    }
    let next = HouseRule { terms, classes: first.classes.clone() };
    id.node.adopt(region.sign(Purpose::House, &next.to_value(), &["id"]).as_bytes()).unwrap();
    id.publish_one(channel(&id, "house/notices"), &indicator(1));
    publish_as(&id, &caller(&id, "bank-a"), channel(&id, "house/reports/bank-a"), &indicator(2));
    let list = |caller: &Caller, query: &DutyQuery| -> Vec<String> {
        let found = duty::list(&id.node, caller, query).unwrap().duties;
        found.into_iter().map(|duty| format!("{} {}", duty.channel, duty.object)).collect()
    };
    let one = format!("house/reports/bank-a {}", indicator_id(2));
    let staff = Caller::operator();
    assert_eq!(list(&staff, &DutyQuery::default()), std::slice::from_ref(&one));
    let within = |name: &str| DutyQuery { channel: Some(channel(&id, name)), ..DutyQuery::default() };
    assert_eq!(list(&staff, &within("house/reports/bank-a")), [one]);
    assert!(list(&staff, &within("house/reports/bank-b")).is_empty());
    let found = duty::list(&id.node, &staff, &DutyQuery::default()).unwrap().duties;
    let noted = duty::done(&id.node, &staff, &found[0].id, "seen").unwrap();
    assert_eq!(noted, duty::Noted::ShowsByItself(DutyKind::Delete), "it is found by its id");
    // Not for the organisation, nor for whoever is limited to other channels.
    assert!(list(&caller(&id, "bank-a"), &DutyQuery::default()).is_empty());
    let narrow = Caller { channels: Some(vec![channel(&id, "house/notices")]), ..staff };
    assert!(list(&narrow, &DutyQuery::default()).is_empty());
    assert_eq!(duty::done(&id.node, &narrow, &found[0].id, "seen").unwrap(), duty::Noted::NotFound);
}
