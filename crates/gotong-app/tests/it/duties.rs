//! Duties with their clocks: each way of meeting one beside what does not, the edge of the clock, and what a narrower caller is shown.

use gotong_app::caller::Caller;
use gotong_app::duty::{self, DutyQuery, DutyState, DutyView, Noted};
use gotong_app::role::Role;
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_model::agreement::{Duty, DutyKind};
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Timestamp};

use crate::region::{Peer, Region, Treaty, code, identity, indicator, indicator_id, sighting};

const HOUR_MS: i64 = 3_600_000;

fn rule(duty: DutyKind, clause: &str, kinds: &[&str], within_minutes: u64) -> Duty {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    Duty { clause: clause.to_owned(), duty, types: Vec::new(), kinds, members: Vec::new(), within_minutes }
}

fn region_with(duties: Vec<Duty>, retention_days: Option<u64>) -> Region {
    let mut region = Region::new(7, &["id", "th", "vn"]);
    region.agree_with(&Treaty::default(), |terms| {
        terms.duties = duties;
        terms.channel_types[0].retention_days = retention_days;
    });
    region
}

fn ask(peer: &Peer, state: Option<DutyState>) -> Vec<DutyView> {
    let query = DutyQuery { state, ..DutyQuery::default() };
    duty::list(&peer.node, &Caller::operator(), &query).unwrap().duties
}

fn states(peer: &Peer) -> Vec<(DutyKind, DutyState)> {
    let met = ask(peer, Some(DutyState::Met));
    ask(peer, None).into_iter().chain(met).map(|duty| (duty.duty, duty.state)).collect()
}

/// Takes in what somebody has, and does not say so yet.
fn take_in(peer: &Peer, from: &Peer) {
    let answer = from.node.changes_for(&peer.node.member, None, true).unwrap().unwrap();
    answer.logs.iter().for_each(|log| drop(peer.pull_log(from, &log.checkpoint)));
}

fn withdraw(peer: &Peer, channel: ChannelId, id: &str) {
    let caller = "test".to_owned();
    let selection = Selection { channel, ids: vec![id.to_owned()], modified: None, constituent: None, caller };
    let withdrawn = peer.node.withdraw(&selection, Reason::Retention).unwrap();
    assert!(matches!(withdrawn[0].1, Withdrawn::Done { .. }), "{withdrawn:?}");
}

fn only(peer: &Peer) -> DutyView {
    let mut found = ask(peer, None);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn an_acknowledgement_meets_what_lies_below_it_and_nothing_above() {
    let region = region_with(vec![rule(DutyKind::Acknowledge, "3", &[], 60)], None);
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    take_in(&th, &id);
    assert_eq!(states(&id), [], "who publishes owes nothing for it");
    let before = only(&th);
    assert_eq!((before.clause.0.as_str(), before.agreement.1, before.index), ("3", 1, 1));
    assert_eq!(before.due, before.since.plus_ms(60 * 60_000));
    th.acknowledge(&id);
    assert_eq!(states(&th), [(DutyKind::Acknowledge, DutyState::Met)]);
    id.publish_one(channel, &indicator(2));
    take_in(&th, &id);
    assert_eq!(only(&th).object, indicator_id(2));
    // What others owe for one's own records is met by theirs.
    let query = DutyQuery { of_others: true, ..DutyQuery::default() };
    let owed = duty::list(&id.node, &Caller::operator(), &query).unwrap().duties;
    let owed: Vec<(&str, u64)> = owed.iter().map(|duty| (duty.member.as_str(), duty.index)).collect();
    assert_eq!(owed, [("vn", 1), ("th", 2), ("vn", 2)], "th has said that it holds the first");
}

#[test]
fn an_answer_is_a_record_of_one_s_own_in_the_same_channel_that_names_the_object() {
    let region = region_with(vec![rule(DutyKind::Answer, "3", &["stix.indicator"], 60)], None);
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    id.publish_one(channel, &identity(1, "2026-03-01T00:00:00.000Z"));
    id.publish_one(channel, &indicator(1));
    for peer in [&th, &vn] {
        peer.pull(&id);
    }
    assert_eq!(only(&th).object, indicator_id(1), "an identity asks for no answer");
    // Somebody else's answer, and one that names something else, leave it open.
    vn.publish_one(channel, &sighting(1, &indicator_id(1)));
    th.pull(&vn);
    th.publish_one(channel, &sighting(2, &indicator_id(9)));
    assert_eq!(states(&th), [(DutyKind::Answer, DutyState::Open)]);
    assert_eq!(states(&vn), [(DutyKind::Answer, DutyState::Met)]);
    th.publish_one(channel, &sighting(3, &indicator_id(1)));
    assert_eq!(states(&th), [(DutyKind::Answer, DutyState::Met)]);
    // An answer that is taken back is none any more.
    withdraw(&th, channel, "sighting--8e2e2d2b-17d4-4cbf-938f-000000000003");
    assert_eq!(states(&th), [(DutyKind::Answer, DutyState::Open)]);
}

#[test]
fn a_duty_is_overdue_from_the_microsecond_after_it_was_due() {
    let region = region_with(vec![rule(DutyKind::Answer, "3", &[], 60)], None);
    let (id, th) = (region.open("id"), region.open("th"));
    id.publish_one(id.channel(), &indicator(1));
    th.pull(&id);
    let due = only(&th).due;
    let at = |micros: i64| {
        region.clock.0.store(due.micros() + micros, std::sync::atomic::Ordering::SeqCst);
        let open = ask(&th, Some(DutyState::Open)).len();
        let overdue = ask(&th, Some(DutyState::Overdue)).len();
        let counted = duty::overdue(&th.node).unwrap().iter().map(|(_, count)| *count).sum::<u64>();
        assert_eq!(counted, overdue as u64);
        (open, overdue)
    };
    assert_eq!(at(-1), (1, 0));
    assert_eq!(at(0), (1, 0), "in time at the instant itself");
    assert_eq!(at(1), (0, 1));
    let before = |due_before: Timestamp| {
        let query = DutyQuery { due_before: Some(due_before), ..DutyQuery::default() };
        duty::list(&th.node, &Caller::operator(), &query).unwrap().duties.len()
    };
    let next = Timestamp::from_micros(due.micros() + 1).unwrap();
    assert_eq!((before(due), before(next)), (0, 1));
}

#[test]
fn erasing_is_told_by_retention_and_met_by_erasure_alone() {
    let region = region_with(Vec::new(), Some(30));
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    id.publish_one(channel, &indicator(2));
    th.pull(&id);
    for peer in [&id, &th] {
        let found = ask(peer, None);
        let all: Vec<_> =
            found.iter().map(|duty| (duty.duty, duty.state, duty.due == duty.since.plus_ms(30 * 86_400_000))).collect();
        assert_eq!(all, [(DutyKind::Delete, DutyState::Open, true); 2], "its author has to erase it, too");
    }
    region.advance_ms(31 * 24 * HOUR_MS);
    assert!(ask(&th, None).iter().all(|duty| duty.state == DutyState::Overdue));
    assert_eq!(ask(&th, None).len(), 2, "nothing is erased by itself");
    let text = ask(&th, None)[0].text();
    assert!(text.contains("no node does that by itself") && text.contains("ask id"), "{text}");
    withdraw(&id, channel, &indicator_id(1));
    th.pull(&id);
    th.node.finish_erasures().unwrap();
    for peer in [&id, &th] {
        assert_eq!(only(peer).object, indicator_id(2));
    }
}

#[test]
fn a_person_s_word_meets_an_answer_once_and_no_acknowledgement() {
    let region = region_with(
        vec![rule(DutyKind::Answer, "3", &["stix.indicator"], 60), rule(DutyKind::Acknowledge, "3", &[], 60)],
        None,
    );
    let (id, th) = (region.open("id"), region.open("th"));
    id.publish_one(id.channel(), &indicator(1));
    take_in(&th, &id);
    let of = |kind| ask(&th, None).into_iter().find(|duty| duty.duty == kind).unwrap().id;
    let (answer, acknowledge) = (of(DutyKind::Answer), of(DutyKind::Acknowledge));
    let operator = Caller::operator();
    let done = |caller: &Caller, duty: &str| duty::done(&th.node, caller, duty, "by telephone").unwrap();
    assert_eq!(done(&operator, &acknowledge), Noted::ShowsByItself(DutyKind::Acknowledge));
    let reader = Caller { id: "reader".to_owned(), role: Role::Reader, ..operator.clone() };
    assert_eq!(done(&reader, &answer), Noted::NotAllowed);
    let narrow = Caller { channels: Some(Vec::new()), ..operator.clone() };
    assert_eq!(done(&narrow, &answer), Noted::NotFound);
    for hostile in
        ["", "..", "x.1.0", &format!("{answer}.0"), &answer.replace(".1.", ".01."), &answer.replace(".1.", ".9.")]
    {
        assert_eq!(done(&operator, hostile), Noted::NotFound, "{hostile}");
    }
    assert_eq!(ask(&th, None).len(), 2, "what was refused changed nothing");
    assert_eq!(done(&operator, &answer), Noted::Done);
    assert_eq!(done(&operator, &answer), Noted::Known);
    let met = ask(&th, Some(DutyState::Met));
    assert_eq!(met.len(), 1);
    assert_eq!(met[0].met.as_ref().unwrap().noted, Some(("operator".to_owned(), "by telephone".to_owned())));
    assert_eq!(only(&th).duty, DutyKind::Acknowledge);
    // At the author's node it stays what the logs say.
    let query = DutyQuery { of_others: true, ..DutyQuery::default() };
    let owed = duty::list(&id.node, &operator, &query).unwrap().duties;
    assert!(owed.iter().any(|duty| duty.id == answer && duty.member == code("th") && duty.state == DutyState::Open));
}

#[test]
fn a_narrow_caller_is_shown_its_channels_and_a_constituent_nothing() {
    let mut region = region_with(vec![rule(DutyKind::Answer, "3", &[], 60)], None);
    let pair = Treaty { handle: "pair", parties: &["id", "th"], ..Treaty::default() };
    region.agree_with(&pair, |terms| terms.duties = vec![rule(DutyKind::Notify, "3", &[], 30)]);
    let (id, th) = (region.open("id"), region.open("th"));
    let other = id.node.governance().channel_by_name("pair/indicators").unwrap().id;
    id.publish_one(id.channel(), &indicator(1));
    id.publish_one(other, &indicator(2));
    th.pull(&id);
    let seen = |channels: Option<Vec<ChannelId>>| {
        let caller = Caller { channels, ..Caller::operator() };
        let found = duty::list(&th.node, &caller, &DutyQuery::default()).unwrap().duties;
        found.iter().map(|duty| duty.duty).collect::<Vec<_>>()
    };
    assert_eq!(seen(None), [DutyKind::Notify, DutyKind::Answer], "soonest due first, over all channels");
    assert_eq!(seen(Some(vec![other])), [DutyKind::Notify]);
    assert_eq!(seen(Some(vec![th.channel()])), [DutyKind::Answer]);
    let constituent = Caller { constituent: gotong_model::Slug::from_text("bank-abc"), ..Caller::operator() };
    assert_eq!(duty::list(&th.node, &constituent, &DutyQuery::default()).unwrap().duties, []);
}

#[test]
fn duties_come_out_the_same_in_whatever_order_records_arrive_and_pages_say_that_there_is_more() {
    let region = region_with(vec![rule(DutyKind::Answer, "3", &["stix.indicator"], 60)], Some(30));
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    for n in 1..=5 {
        id.publish_one(channel, &indicator(n));
        vn.publish_one(channel, &indicator(n + 10));
        region.advance_ms(HOUR_MS / 4);
    }
    let late = region.open_with("th", || std::sync::Arc::new(gotong_crypto::SeededEntropy::new(99)));
    th.pull(&id);
    th.pull(&vn);
    late.pull(&vn);
    late.pull(&id);
    assert_eq!(ask(&th, None).len(), 20, "the control: something is compared");
    assert_eq!(ask(&th, None), ask(&late, None));
    let query = DutyQuery { limit: 7, ..DutyQuery::default() };
    let page = duty::list(&th.node, &Caller::operator(), &query).unwrap();
    assert!(page.more && page.duties[..] == ask(&th, None)[..7]);
}
