//! One act on many records: what is chosen is frozen, held, undone in time, and carried out once, piece by piece, with the rights of then.

use std::collections::BTreeSet;

use gotong_app::account::link::{self, Opened, Wish};
use gotong_app::account::manage::{self, Invitation};
use gotong_app::account::{AccountName, Demands};
use gotong_app::act::{self, Ending, KeptAct};
use gotong_app::audit;
use gotong_app::caller::Caller;
use gotong_app::deed::{self, Asked, CHOSEN_MAX, HOLD_S, Kind, Refusal, State, Step};
use gotong_app::publish::Fate;
use gotong_app::quarantine;
use gotong_app::role::Role;
use gotong_app::session::From;
use gotong_app::view::{self, Query, SearchQuery};
use gotong_model::{ChannelId, Timestamp, Tlp};
use gotong_store::{Book, Store as _};

use crate::region::{Peer, Region, indicator, indicator_id, indicator_with, marked};

const UNKNOWN_MARKING: &str = "marking-definition--aaaaaaaa-17d4-4cbf-938f-98ee46b3cd3f";

/// Somebody with an account, as whom things go on when nobody is logged in.
fn somebody(peer: &Peer, who: &str, role: Role) -> Caller {
    let name = AccountName::parse(who).unwrap();
    let new = Invitation { name, full_name: String::new(), role, constituent: None, valid_ms: link::USUAL_MS };
    let key = manage::invite(&peer.node, &Caller::operator(), &new).unwrap().unwrap().key;
    let wish = Wish { password: "rice boat lantern seven".to_owned(), ..Wish::default() };
    match link::open(&peer.node, &key, &wish, &From::default(), Demands { second_factor: false }).unwrap() {
        Opened::In(begun) => gotong_app::session::find(&peer.node, &begun.cookie).unwrap().unwrap().caller,
        other => panic!("{other:?}"),
    }
}

fn all() -> Asked {
    Asked::Listed(Query { since: Some(Timestamp::default()), ..Query::default() })
}

fn chosen(peer: &Peer, caller: &Caller, kind: Kind, asked: &Asked) -> String {
    deed::choose(&peer.node, caller, kind, asked).unwrap().unwrap()
}

/// Chosen and sent into its hold.
fn held(peer: &Peer, caller: &Caller, kind: Kind, asked: &Asked, choice: &str) -> String {
    let id = chosen(peer, caller, kind, asked);
    deed::send(&peer.node, caller, &id, choice).unwrap().unwrap();
    id
}

/// Carries out all that is due; how many steps that took.
fn carry_out(peer: &Peer) -> usize {
    let mut steps = 0;
    while deed::step(&peer.node).unwrap() == Step::Worked {
        steps += 1;
    }
    steps
}

fn shown(peer: &Peer) -> BTreeSet<String> {
    let page = view::list(&peer.node, &Caller::operator(), &Query::default()).unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

fn outcome(peer: &Peer, caller: &Caller, id: &str) -> KeptAct {
    act::of_parcel(&peer.node, caller, id).unwrap().unwrap()
}

/// Nothing of any deed is kept.
fn is_empty(peer: &Peer) -> bool {
    peer.store.read().unwrap().scan(Book::Deed, &[], &[], 10).unwrap().is_empty()
}

fn over(region: &Region) {
    region.advance_ms(HOLD_S * 1_000 + 1);
}

fn words(kept: &KeptAct) -> Vec<(String, String, u64)> {
    let count = |told: &act::Told| match told.with.first() {
        Some((_, act::Value::Count(count))) => *count,
        other => panic!("{other:?}"),
    };
    kept.act.lines.iter().map(|line| (line.about.clone(), line.why.id.clone(), count(&line.why))).collect()
}

fn line(about: &str, word: &str, count: u64) -> (String, String, u64) {
    (about.to_owned(), word.to_owned(), count)
}

#[test]
fn what_is_chosen_is_frozen_held_and_withdrawn_everywhere_after_the_hold() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    th.publish(channel, &[indicator(900)]);
    id.publish(channel, &(1..=30).map(indicator).collect::<Vec<_>>());
    // A second version of one is the same record.
    id.publish(channel, &[indicator_with(1, "2026-03-04T00:00:00.000Z", "")]);
    id.pull(&th);
    th.pull(&id);
    let ann = somebody(&id, "ann", Role::Analyst);
    let deed = held(&id, &ann, Kind::Withdraw, &all(), "superseded");
    let seen = deed::fetch(&id.node, &ann, &deed).unwrap().unwrap();
    assert_eq!((seen.chosen, seen.groups.len(), seen.groups[0].handle.as_str()), (30, 1, "rti/indicators"));
    assert_eq!(seen.left_out["rti/indicators"]["others"], 1);
    assert!(matches!(seen.state, State::Held { .. }));
    // What comes later is not taken along.
    id.publish(channel, &[indicator(31)]);
    assert_eq!(carry_out(&id), 0, "nothing is done before its time");
    assert_eq!(shown(&id).len(), 32);
    over(&region);
    assert_eq!(carry_out(&id), 2, "one piece, and its end");
    assert_eq!(shown(&id), BTreeSet::from([indicator_id(31), indicator_id(900)]));
    th.pull(&id);
    assert_eq!(shown(&th), BTreeSet::from([indicator_id(31), indicator_id(900)]), "it is gone at the other's, too");
    let kept = outcome(&id, &ann, &deed);
    assert_eq!((kept.act.ending, kept.act.title.id.as_str()), (Ending::Done, "bulk-outcome-withdraw"));
    assert_eq!(
        words(&kept),
        [line("rti/indicators", "bulk-line-done", 30), line("rti/indicators", "bulk-line-others", 1)]
    );
    assert!(is_empty(&id) && deed::fetch(&id.node, &ann, &deed).unwrap().is_none());
    assert!(!serde_json::to_string(&kept.act).unwrap().contains("indicator--"), "no outcome names a record");
    id.assert_sound();
}

#[test]
fn undone_in_time_nothing_has_happened_and_afterwards_it_is_too_late() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &(1..=5).map(indicator).collect::<Vec<_>>());
    th.pull(&id);
    let ann = somebody(&id, "ann", Role::Analyst);
    let before = id.log_of(channel, "id").size();
    let deed = held(&id, &ann, Kind::Withdraw, &all(), "error");
    region.advance_ms(HOLD_S * 1_000 - 1);
    assert_eq!(deed::undo(&id.node, &ann, &deed).unwrap(), Ok(5));
    over(&region);
    assert_eq!(carry_out(&id), 0);
    assert_eq!((shown(&id).len(), id.log_of(channel, "id").size()), (5, before), "no entry was written");

    // It can be sent once more, and then its time is over.
    deed::send(&id.node, &ann, &deed, "error").unwrap().unwrap();
    assert_eq!(deed::send(&id.node, &ann, &deed, "error").unwrap(), Err(Refusal::TooLate), "it is sent once");
    over(&region);
    assert_eq!(deed::undo(&id.node, &ann, &deed).unwrap(), Err(Refusal::TooLate));
    assert_eq!(deed::leave(&id.node, &ann, &deed).unwrap(), Err(Refusal::TooLate));
    carry_out(&id);
    assert!(shown(&id).is_empty());
    assert_eq!(deed::undo(&id.node, &ann, &deed).unwrap(), Err(Refusal::Unknown));

    // What is left or not sent for an hour leaves nothing.
    id.publish(channel, &[indicator(7)]);
    let left = held(&id, &ann, Kind::Withdraw, &all(), "error");
    deed::leave(&id.node, &ann, &left).unwrap().unwrap();
    chosen(&id, &ann, Kind::Withdraw, &all());
    assert!(!is_empty(&id), "the look sees what is there");
    assert_eq!(deed::sweep(&id.node).unwrap(), 0);
    region.advance_ms(3_600_001);
    assert_eq!(deed::sweep(&id.node).unwrap(), 1);
    assert!(is_empty(&id));
    let acts =
        audit::list(&id.node, &Caller::operator(), &audit::Query { limit: 100, ..audit::Query::default() }).unwrap();
    let told: Vec<String> = acts.lines.iter().map(|line| format!("{} {}", line.act, line.what)).collect();
    assert!(told.iter().any(|line| line.starts_with("deed-undo")), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("indicator--")), "{told:?}");
}

#[test]
fn many_go_piece_by_piece_and_a_restart_in_the_middle_does_nothing_twice() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.import(channel, &(1..=450).map(indicator).collect::<Vec<_>>());
    let ann = somebody(&id, "ann", Role::Analyst);
    let deed = held(&id, &ann, Kind::Withdraw, &all(), "superseded");
    over(&region);
    assert_eq!(deed::step(&id.node).unwrap(), Step::Worked);
    let seen = deed::fetch(&id.node, &ann, &deed).unwrap().unwrap();
    assert_eq!((seen.state, seen.gone_through(), shown(&id).len()), (State::Running, 200, 250));
    assert_eq!(deed::undo(&id.node, &ann, &deed).unwrap(), Err(Refusal::TooLate), "it has begun");

    let id = region.restart("id", id);
    assert_eq!(carry_out(&id), 3, "two more pieces, and its end");
    assert!(shown(&id).is_empty());
    let kept = outcome(&id, &ann, &deed);
    assert_eq!(words(&kept), [line("rti/indicators", "bulk-line-done", 450)]);
    let acts = act::list(&id.node, &ann, 10).unwrap();
    assert_eq!(acts.len(), 1, "its outcome is told once");
    let gone = view::withdrawals(&id.node, &Caller::operator(), &channel).unwrap().unwrap();
    assert_eq!(gone.rows.iter().map(|row| row.last - row.first + 1).sum::<u64>(), 450);
    assert!(is_empty(&id));
    id.assert_sound();
}

#[test]
fn it_goes_with_the_rights_of_then() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.import(channel, &(1..=450).map(indicator).collect::<Vec<_>>());
    let ann = somebody(&id, "ann", Role::Analyst);
    let deed = held(&id, &ann, Kind::Withdraw, &all(), "superseded");
    over(&region);
    deed::step(&id.node).unwrap();
    let change = |role| {
        manage::change_role(&id.node, &Caller::operator(), &AccountName::parse("ann").unwrap(), role).unwrap().unwrap();
    };
    change(Role::Reader);
    carry_out(&id);
    assert_eq!(shown(&id).len(), 250, "what had not been done when the right ended was not done");
    let kept = outcome(&id, &ann, &deed);
    assert_eq!(kept.act.ending, Ending::Partly);
    let told = [line("rti/indicators", "bulk-line-done", 200), line("rti/indicators", "bulk-line-rights", 250)];
    assert_eq!(words(&kept), told);

    // Whoever is not there any more does nothing.
    change(Role::Analyst);
    held(&id, &ann, Kind::Withdraw, &all(), "superseded");
    manage::disable(&id.node, &Caller::operator(), &AccountName::parse("ann").unwrap()).unwrap().unwrap();
    over(&region);
    carry_out(&id);
    assert!(shown(&id).len() == 250 && is_empty(&id));
}

#[test]
fn nobody_does_in_bulk_what_they_could_not_do_one_by_one() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(channel, &[indicator(1)]);
    let (ann, bob) = (somebody(&id, "ann", Role::Analyst), somebody(&id, "bob", Role::ReleasingOfficer));
    let reader = somebody(&id, "eve", Role::Reader);
    for kind in [Kind::Withdraw, Kind::Relabel] {
        assert_eq!(deed::choose(&id.node, &reader, kind, &all()).unwrap(), Err(Refusal::NoRight));
    }
    for kind in [Kind::Release, Kind::Drop] {
        assert_eq!(deed::choose(&id.node, &ann, kind, &Asked::AllWaiting).unwrap(), Err(Refusal::NoRight));
    }
    assert_eq!(deed::choose(&id.node, &bob, Kind::Drop, &all()).unwrap(), Err(Refusal::Nothing));
    let own = held(&id, &ann, Kind::Withdraw, &all(), "error");
    // Another's deed is not there.
    assert_eq!(deed::fetch(&id.node, &bob, &own).unwrap(), None);
    assert_eq!(deed::undo(&id.node, &bob, &own).unwrap(), Err(Refusal::Unknown));
    assert_eq!(deed::leave(&id.node, &bob, &own).unwrap(), Err(Refusal::Unknown));
    assert_eq!((deed::list(&id.node, &ann).unwrap().len(), deed::list(&id.node, &bob).unwrap().len()), (1, 0));
    // Choices that are none.
    for (kind, choice) in [(Kind::Withdraw, ""), (Kind::Withdraw, "boredom"), (Kind::Relabel, "purple")] {
        let open = chosen(&id, &ann, kind, &all());
        assert_eq!(deed::send(&id.node, &ann, &open, choice).unwrap(), Err(Refusal::Nothing), "{choice}");
    }
    // Channels that the caller is not let into.
    let elsewhere = Caller { channels: Some(Vec::new()), ..ann.clone() };
    let picked = Asked::Picked(vec![(channel, indicator_id(1))]);
    let nothing = chosen(&id, &elsewhere, Kind::Withdraw, &picked);
    let seen = deed::fetch(&id.node, &elsewhere, &nothing).unwrap().unwrap();
    assert_eq!((seen.chosen, seen.left_out.get("").and_then(|words| words.get("gone"))), (0, Some(&1)));
    assert_eq!(deed::send(&id.node, &elsewhere, &nothing, "error").unwrap(), Err(Refusal::Nothing));
}

#[test]
fn what_is_picked_and_what_a_search_finds_is_chosen_and_too_much_is_refused_whole() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.import(channel, &(1..=1_005).map(indicator).collect::<Vec<_>>());
    while id.node.project().unwrap() {}
    let ann = somebody(&id, "ann", Role::Analyst);
    let count = |asked: &Asked| {
        let deed = chosen(&id, &ann, Kind::Withdraw, asked);
        deed::fetch(&id.node, &ann, &deed).unwrap().unwrap().chosen
    };
    assert_eq!(count(&all()), 1_005, "every page of a list");
    let search = |text: &str| Asked::Found(SearchQuery { text: text.to_owned(), ..SearchQuery::default() });
    assert_eq!(count(&search("\"secret name 000007\"")), 1);
    let more = deed::choose(&id.node, &ann, Kind::Withdraw, &search("secret name")).unwrap();
    assert_eq!(more, Err(Refusal::TooMuch), "more fits than is counted: then nobody knows what all is");
    assert_eq!(count(&search("sekret")), 0, "what is only spelled nearly alike was not asked for");
    let pick = |n: u32| (channel, indicator_id(n));
    assert_eq!(count(&Asked::Picked(vec![pick(1), pick(2), pick(2), pick(9_999)])), 2);
    let much: Vec<(ChannelId, String)> = (0..=CHOSEN_MAX).map(|_| pick(1)).collect();
    assert_eq!(deed::choose(&id.node, &ann, Kind::Withdraw, &Asked::Picked(much)).unwrap(), Err(Refusal::TooMuch));
    for _ in 0..30 {
        chosen(&id, &ann, Kind::Withdraw, &Asked::Picked(vec![pick(1)]));
    }
    let kept = id.store.read().unwrap().scan(Book::Deed, b"r", b"s", 1_000).unwrap();
    assert_eq!(kept.len(), 10, "whoever goes on choosing leaves what was chosen before");
}

#[test]
fn labels_change_together_and_one_above_the_ceiling_withdraws() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &(1..=3).map(indicator).collect::<Vec<_>>());
    let ann = somebody(&id, "ann", Role::Analyst);
    let label = |peer: &Peer| {
        view::read(&peer.node, &Caller::operator(), &indicator_id(2)).unwrap().first().map(|row| row.label)
    };
    let deed = held(&id, &ann, Kind::Relabel, &all(), "green");
    over(&region);
    carry_out(&id);
    th.pull(&id);
    assert_eq!((label(&id), label(&th)), (Some(Tlp::Green), Some(Tlp::Green)));
    assert_eq!(words(&outcome(&id, &ann, &deed)), [line("rti/indicators", "bulk-line-done", 3)]);
    held(&id, &ann, Kind::Relabel, &all(), "red");
    over(&region);
    carry_out(&id);
    assert!(shown(&id).is_empty());
}

#[test]
fn what_waits_is_released_or_dropped_together_and_each_once() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let doubtful = |n: u32| indicator_with(n, "2026-03-01T00:00:00.000Z", &marked(UNKNOWN_MARKING));
    let wait = |n: u32| match id.publish_one(channel, &doubtful(n)).fate {
        Fate::Quarantined(number, _) => number,
        other => panic!("{other:?}"),
    };
    let numbers: Vec<u64> = (1..=3).map(wait).collect();
    let officer = somebody(&id, "officer", Role::ReleasingOfficer);
    let deed = held(&id, &officer, Kind::Release, &Asked::Numbers(vec![numbers[0], numbers[1], 999]), "");
    over(&region);
    // Somebody decides on one of them meanwhile.
    assert!(quarantine::drop(&id.node, &officer, numbers[1]).unwrap());
    carry_out(&id);
    assert_eq!(shown(&id), BTreeSet::from([indicator_id(1)]));
    let kept = outcome(&id, &officer, &deed);
    assert_eq!(kept.act.ending, Ending::Partly);
    assert_eq!(
        words(&kept),
        [
            line("rti/indicators", "bulk-line-done", 1),
            line("rti/indicators", "bulk-line-gone", 1),
            line("–", "bulk-line-gone", 1)
        ]
    );

    wait(4);
    let drop = held(&id, &officer, Kind::Drop, &Asked::AllWaiting, "");
    wait(5);
    let left = |id: &Peer| quarantine::list(&id.node, &officer, None, 10).unwrap().rows.len();
    assert_eq!(left(&id), 3, "nothing is erased while it can be undone");
    over(&region);
    carry_out(&id);
    assert_eq!(left(&id), 1, "what came later was not chosen");
    assert_eq!(words(&outcome(&id, &officer, &drop)), [line("rti/indicators", "bulk-line-done", 2)]);
    assert!(is_empty(&id));
}
