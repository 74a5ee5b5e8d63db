//! What comes from others: stored as it was signed, shown as the agreement allows, refused where the log itself would be in doubt.

use std::sync::Arc;

use gotong_app::caller::Caller;
use gotong_app::receive::Applied;
use gotong_app::view::{self, Query};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_crypto::SeededEntropy;
use gotong_model::control::Reason;
use gotong_store::{Book, Index};

use crate::region::{Region, Treaty, indicator, indicator_id};

#[test]
fn what_one_publishes_the_others_read_byte_for_byte() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    let bodies: Vec<String> = (0..2_500).map(indicator).collect();
    id.publish(channel, &bodies);
    for peer in [&th, &vn] {
        peer.pull(&id);
        let record = view::read(&peer.node, &Caller::operator(), &indicator_id(1_234)).unwrap().remove(0);
        assert_eq!(record.body, indicator(1_234).into_bytes());
        assert_eq!((record.author.as_str(), record.channel), ("id", channel));
        peer.assert_sound();
        assert!(peer.pull(&id).is_empty(), "nothing changed");
    }
    let own = id.log_of(channel, "id");
    assert_eq!(th.log_of(channel, "id").frontier, own.frontier);
}

#[test]
fn a_frame_that_comes_again_changes_nothing() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    let log = id.log_of(channel, "id").id;
    let early = th.frames(&id, &log, 0);
    id.publish_one(channel, &indicator(3));
    th.pull(&id);
    let before = th.log_of(channel, "id");
    for frame in early {
        assert_eq!(th.apply(&log, frame), Applied::Stored { size: 4, erasing: false });
    }
    let after = th.log_of(channel, "id");
    assert_eq!((before.frontier, before.checkpoint), (after.frontier, after.checkpoint), "the newest checkpoint stays");
    th.assert_sound();
    let found = view::provenance(&th.node, &Caller::operator(), &th.origin_of(channel, "id"), 3).unwrap().unwrap();
    assert!(found.verified, "{:?}", found.reason);
}

#[test]
fn two_histories_are_refused_and_kept_as_evidence() {
    let region = Region::usual();
    let th = region.open("th");
    // The same member twice, with the same randomness until something is published: one epoch, two histories.
    let twin = || -> Arc<dyn gotong_crypto::Entropy> { Arc::new(SeededEntropy::new(99)) };
    let (one, other) = (region.open_with("id", twin), region.open_with("id", twin));
    let channel = one.channel();
    one.publish(channel, &[indicator(1), indicator(2)]);
    other.publish(channel, &[indicator(3), indicator(4), indicator(5)]);
    let log = one.log_of(channel, "id").id;
    assert_eq!(log, other.log_of(channel, "id").id);
    th.pull(&one);
    assert_eq!(th.frames(&other, &log, 0).len(), 1);
    assert_eq!(th.pull(&other), [Applied::TwoHistories]);
    let evidence = th.node.store.read().unwrap().scan(Book::Evidence, &[], &[], 10).unwrap();
    assert_eq!(evidence.len(), 1);
    assert!(view::read(&th.node, &Caller::operator(), &indicator_id(3)).unwrap().is_empty());
    assert_eq!(view::read(&th.node, &Caller::operator(), &indicator_id(1)).unwrap().len(), 1);
    th.assert_sound();
}

#[test]
fn a_log_of_a_channel_that_is_not_ones_own_is_neither_served_nor_taken() {
    let mut region = Region::usual();
    let hidden = region.agree(&Treaty { handle: "theirs", parties: &["id", "vn"], ..Treaty::default() });
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    id.publish_one(hidden, &indicator(1));
    let log = id.log_of(hidden, "id").id;
    assert!(vn.pull(&id).contains(&Applied::Stored { size: 2, erasing: false }), "the control");
    assert_eq!(id.node.frames_for(&th.node.member, &log, 0, gotong_ledger::Encoding::Plain).unwrap(), None);
    assert_eq!(th.node.leaves_here(&log).unwrap(), None);
    for frame in vn.frames(&id, &log, 0) {
        assert_eq!(th.apply(&log, frame), Applied::NotReadable);
    }
    assert!(th.pull(&id).is_empty());
    assert_eq!(view::list(&th.node, &Caller::operator(), &Query::default()).unwrap().rows, []);
    assert!(!th.store.contains_bytes(b"secret name 000001"));
}

#[test]
fn a_rebuild_brings_the_same_views() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &(0..1_500).map(indicator).collect::<Vec<_>>());
    th.pull(&id);
    let by_type = Query { object_type: Some("indicator".to_owned()), ..Query::default() };
    let rows = |peer: &crate::region::Peer| view::list(&peer.node, &Caller::operator(), &by_type).unwrap().rows;
    let before = rows(&th);
    th.node.begin_rebuild().unwrap();
    assert!(th.node.projection_lag().unwrap() > 0);
    // What arrives while the rebuild is under way is found afterwards, too.
    id.publish_one(channel, &indicator(9_000));
    th.pull(&id);
    while th.node.project().unwrap() {}
    let after = rows(&th);
    assert_eq!(before.len(), after.len());
    assert_eq!(view::read(&th.node, &Caller::operator(), &indicator_id(9_000)).unwrap().len(), 1);
    th.assert_sound();
}

#[test]
fn a_damaged_store_is_found_out() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    id.assert_sound();
    let no = id.log_of(channel, "id").no;
    let mut tx = id.node.store.write().unwrap();
    tx.erase(gotong_store::EntryKey::new(no, 1)).unwrap();
    tx.commit().unwrap();
    let report = gotong_app::verify::node(&id.node, &mut |_, _| {}).unwrap();
    assert!(
        report.findings.iter().any(|finding| finding.contains(" 1: it is erased, and no tombstone names it")),
        "{report:?}"
    );
    assert!(report.findings.iter().any(|finding| finding.contains(" 1: Object finds it")), "{report:?}");
}

#[test]
fn a_posting_that_is_lost_is_found_out() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    let key = gotong_store::EntryKey::new(id.log_of(channel, "id").no, 2);
    let mut tx = id.node.store.write().unwrap();
    let value = tx.index_key(Index::Value, b"evil-000002.example");
    tx.unpost(Index::Value, &[(value, key)]).unwrap();
    tx.commit().unwrap();
    let findings = gotong_app::verify::node(&id.node, &mut |_, _| {}).unwrap().findings;
    assert_eq!(findings.len(), 1);
    assert!(findings[0].ends_with(" 2: it is not found by Value"), "{findings:?}");
}

#[test]
fn a_withdrawal_in_the_middle_of_a_rebuild_finds_everything() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    id.node.begin_rebuild().unwrap();
    assert_eq!(id.publish_one(channel, &indicator(2)).fate.word(), "known");
    id.node.begin_rebuild().unwrap();
    let selection =
        Selection { channel, ids: vec![indicator_id(1)], modified: None, constituent: None, caller: "test".to_owned() };
    let done = id.node.withdraw(&selection, Reason::Error).unwrap();
    assert!(matches!(done[0].1, Withdrawn::Done { entries: 1, .. }), "{done:?}");
    id.assert_sound();
}

#[test]
fn a_bare_store_verifies_with_the_governance_that_it_keeps() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    id.publish(id.channel(), &[indicator(1), indicator(2)]);
    th.pull(&id);
    let governance = {
        let tx = th.node.store.read().unwrap();
        gotong_app::node::load_governance(tx.as_ref()).unwrap()
    };
    let mut heard = (0, 0);
    let report =
        gotong_app::verify::store(th.node.store.as_ref(), &governance, &mut |done, total| heard = (done, total))
            .unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.logs, report.entries, heard), (1, 3, (3, 3)));
}
