//! What a record holds of people: refused at publication with its clause, and decided alike by every node, whatever comes first.

use gotong_app::caller::Caller;
use gotong_app::publish::{Fate, Intent, Markings, Outcome, Submission};
use gotong_app::{Priority, quarantine, view};
use gotong_model::agreement::{PersonalData, Terms};
use gotong_model::document::Purpose;
use gotong_model::{Clock, Personal};

use crate::region::{Peer, Region, Treaty, identity, intent};

const ID: &str = "identity--8e2e2d2b-17d4-4cbf-938f-000000000001";

fn person() -> String {
    identity(1, "2026-03-01T00:00:00.000Z").replace(r#""name":"x""#, r#""name":"x","identity_class":"individual""#)
}

fn region(rule: PersonalData) -> Region {
    let mut region = Region::new(7, &["id", "th", "vn"]);
    region.agree_with(&Treaty::default(), |terms| terms.channel_types[0].personal_data = rule);
    region
}

fn publish(peer: &Peer, said: Option<Personal>, body: &str) -> Outcome {
    let intent = Intent { personal_data: said, ..intent(peer.channel()) };
    let submission = Submission { line: 1, body: body.as_bytes().to_vec() };
    let prepared = peer.node.prepare(&intent, vec![submission], &Markings::new(), false).unwrap();
    peer.node.commit(Priority::People, prepared).unwrap().remove(0)
}

fn shows(peer: &Peer) -> Vec<Personal> {
    let found = view::read(&peer.node, &Caller::operator(), ID).unwrap();
    found.into_iter().map(|record| record.personal_data).collect()
}

#[test]
fn what_is_above_the_rule_is_refused_with_its_clause_and_a_word_of_the_author_counts() {
    let region = region(PersonalData::Pseudonymised);
    let (id, th) = (region.open("id"), region.open("th"));
    for said in [None, Some(Personal::Identified)] {
        let Fate::Refused(why) = publish(&id, said, &person()).fate else { panic!("{said:?} was taken") };
        assert_eq!(why[0].id, "policy.personal-data");
        assert!(why[0].clause.as_ref().is_some_and(|clause| clause.starts_with("rti ")), "{why:?}");
    }
    // A word is taken up as well as down: an address may be somebody's.
    let plain = identity(1, "2026-03-01T00:00:00.000Z");
    assert!(matches!(publish(&id, Some(Personal::Identified), &plain).fate, Fate::Refused(_)));
    assert!(matches!(publish(&id, Some(Personal::Pseudonymised), &person()).fate, Fate::New(_)));
    th.pull(&id);
    for peer in [&id, &th] {
        assert_eq!(shows(peer), [Personal::Pseudonymised]);
        peer.assert_sound();
    }
}

#[test]
fn where_nothing_of_people_is_in_it_nothing_changes() {
    let region = region(PersonalData::None);
    let id = region.open("id");
    assert!(matches!(publish(&id, None, &identity(1, "2026-03-01T00:00:00.000Z")).fate, Fate::New(_)));
    assert_eq!(shows(&id), [Personal::None]);
    let row = id.log_of(id.channel(), "id");
    let tx = id.node.store.read().unwrap();
    let content = tx.entry(gotong_store::EntryKey::new(row.no, 1)).unwrap().unwrap().open().unwrap().unwrap();
    assert!(!String::from_utf8(content.envelope).unwrap().contains("personal"), "what is not said is not written");
}

#[test]
fn what_waits_for_a_person_keeps_the_word_of_who_sent_it() {
    let region = region(PersonalData::Pseudonymised);
    let id = region.open("id");
    let unknown = "marking-definition--11111111-1111-4111-8111-111111111111";
    let marked = person().replace(r#""name":"x""#, &format!(r#""name":"x","object_marking_refs":["{unknown}"]"#));
    let Fate::Quarantined(number, _) = publish(&id, Some(Personal::Pseudonymised), &marked).fate else {
        panic!("it was to wait")
    };
    let outcome = quarantine::release(&id.node, &Caller::operator(), number).unwrap().unwrap();
    assert!(matches!(outcome.fate, Fate::New(_)), "{outcome:?}");
    assert_eq!(shows(&id), [Personal::Pseudonymised]);
}

#[test]
fn nodes_decide_alike_whether_the_stricter_rule_or_the_record_comes_first() {
    let region = region(PersonalData::Permitted);
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let governance = id.node.governance();
    let agreement = governance.agreements.values().next().unwrap();
    let first = agreement.versions[0].clone();
    let mut next = Terms { number: 2, previous: Some(first.hash), from: region.clock.now(), ..first.terms };
    next.channel_types[0].personal_data = PersonalData::None;
    let next = region.sign(Purpose::Agreement, &next.to_value(), &["id", "th", "vn"]);
    let govern = |peer: &Peer| while peer.node.govern().unwrap() {};
    // th knows the stricter rule, its author does not; vn hears of it after the record.
    th.node.adopt(next.as_bytes()).unwrap();
    govern(&th);
    region.advance_ms(30 * 86_400_000);
    assert!(matches!(publish(&id, None, &person()).fate, Fate::New(_)), "the control: as far as its author knows");
    th.pull(&id);
    vn.pull(&id);
    govern(&th);
    assert_eq!((shows(&id).len(), shows(&th).len(), shows(&vn).len()), (1, 0, 1));
    vn.node.adopt(next.as_bytes()).unwrap();
    govern(&vn);
    id.node.adopt(next.as_bytes()).unwrap();
    govern(&id);
    for peer in [&id, &th, &vn] {
        assert_eq!(shows(peer), [], "{}", peer.node.member);
        peer.assert_sound();
    }
}
