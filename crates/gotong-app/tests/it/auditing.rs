//! What was done is read back by whoever may, and one log is verified by itself.

use gotong_app::audit::{self, Query};
use gotong_app::caller::Caller;
use gotong_app::health::{self, Verdict};
use gotong_app::role::Role;
use gotong_app::{verify, view};

use crate::region::{Region, indicator};

fn somebody(role: Role) -> Caller {
    Caller { id: "token:x".to_owned(), role, ..Caller::operator() }
}

#[test]
fn lines_are_read_newest_first_by_whoever_may_and_by_nobody_else() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(channel, &[indicator(1)]);
    id.publish(channel, &[indicator(2)]);
    let all = Query { limit: 100, ..Query::default() };
    let auditor = somebody(Role::Auditor);
    let page = audit::list(&id.node, &auditor, &all).unwrap();
    assert!(page.lines.len() >= 2 && page.next.is_none(), "{page:?}");
    assert_eq!(u64::try_from(page.lines.len()).unwrap(), page.count);
    let numbers: Vec<u64> = page.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (1..=page.count).rev().collect::<Vec<_>>());
    // Page by page it is the same.
    let (mut before, mut again) = (None, Vec::new());
    loop {
        let part = audit::list(&id.node, &auditor, &Query { limit: 1, before, ..Query::default() }).unwrap();
        again.extend(part.lines.iter().map(|line| line.number));
        before = part.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(again, numbers);
    let act = page.lines[0].act.clone();
    let only = Query { act: Some(act.clone()), limit: 100, ..Query::default() };
    let found = audit::list(&id.node, &auditor, &only).unwrap().lines;
    assert!(!found.is_empty() && found.iter().all(|line| line.act == act));
    // Without the right, for single channels or for an organisation there is nothing, not even how much.
    let limited = Caller { channels: Some(vec![channel]), ..auditor.clone() };
    let served = Caller { constituent: gotong_model::Slug::from_text("bank-a"), ..auditor };
    for nobody in [somebody(Role::Reader), somebody(Role::ReleasingOfficer), limited, served] {
        let page = audit::list(&id.node, &nobody, &all).unwrap();
        assert_eq!((page.lines.len(), page.count), (0, 0), "{nobody:?}");
        assert!(audit::doers(&id.node, &nobody).unwrap().is_empty());
    }
}

#[test]
fn one_log_is_verified_by_itself_and_damage_in_it_alone_is_found() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    th.publish(channel, &[indicator(3)]);
    id.pull(&th);
    let operator = Caller::operator();
    let logs = view::logs(&id.node, &operator).unwrap();
    let of = |author: &str| {
        let line = logs.iter().find(|line| line.author().as_str() == author && !line.is_governance);
        line.unwrap().log.origin.clone()
    };
    let (own, theirs) = (of("id"), of("th"));
    let verified = |origin: &str| verify::log(&id.node, origin, &mut |_, _| {}).unwrap();
    assert!(verified(&own).unwrap().is_sound() && verified(&theirs).unwrap().is_sound());
    assert_eq!(verified(&own).unwrap().logs, 1);
    assert!(verified(&own.replace("/id/", "/xx/")).is_none() && verified("gotong/x").is_none());
    let mut tx = id.node.store.write().unwrap();
    tx.erase(gotong_store::EntryKey::new(id.log_of(channel, "id").no, 2)).unwrap();
    tx.commit().unwrap();
    let report = verified(&own).unwrap();
    assert!(report.findings.iter().any(|finding| finding.contains("no tombstone names it")), "{report:?}");
    assert!(verified(&theirs).unwrap().is_sound(), "the other log is as it was");
}

#[test]
fn logs_are_told_with_how_far_they_are_signed() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    th.pull(&id);
    for peer in [&id, &th] {
        let logs = view::logs(&peer.node, &Caller::operator()).unwrap();
        let line = logs.iter().find(|line| line.author().as_str() == "id" && !line.is_governance).unwrap();
        assert_eq!(line.signed, Some(line.log.size), "{line:?}");
        assert!(line.newest.is_some());
    }
    let limited = Caller { channels: Some(Vec::new()), ..Caller::operator() };
    assert!(view::logs(&id.node, &limited).unwrap().is_empty(), "nobody hears of logs that it may not read");
}

#[test]
fn a_sound_node_is_well_and_what_is_behind_is_told() {
    let region = Region::usual();
    let id = region.open("id");
    id.publish(id.channel(), &[indicator(1)]);
    let worst = |findings: &[health::Finding]| findings.iter().map(|finding| finding.verdict).max().unwrap();
    let findings = health::node(&id.node);
    assert!(findings.iter().any(|finding| finding.said.id == "views" && finding.verdict == Verdict::Good));
    assert_ne!(worst(&findings), Verdict::Wrong, "{findings:?}");
    assert_eq!(worst(&health::database(&id.node)), Verdict::Good);
    id.node.begin_rebuild().unwrap();
    let behind = health::node(&id.node);
    let views = behind.iter().find(|finding| finding.said.id == "views-behind").unwrap();
    assert!(views.verdict == Verdict::Mind && !views.hint.is_empty(), "{views:?}");
    // Keys that the statement does not name are told, with the command that mends it.
    let foreign = health::governance(&id.node, &|_| false);
    let wrong = foreign.iter().find(|finding| finding.said.id == "statement-other-keys").unwrap();
    assert!(wrong.verdict == Verdict::Wrong && wrong.command.is_some());
}
