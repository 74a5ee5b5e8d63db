//! Withdrawing and relabelling: gone everywhere, shown to be gone, and never back.

use gotong_app::caller::Caller;
use gotong_app::receive::Applied;
use gotong_app::view::{self, EntryView};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_formats::stix21;
use gotong_ledger::{Frame, FrameEntry};
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Tlp};

use crate::region::{Peer, Region, encode, indicator, indicator_id, indicator_with, intent, marked};

fn select(channel: ChannelId, n: u32) -> Selection {
    Selection { channel, ids: vec![indicator_id(n)], modified: None, constituent: None, caller: "test".to_owned() }
}

fn labels(peer: &Peer, n: u32) -> Vec<Tlp> {
    view::read(&peer.node, &Caller::operator(), &indicator_id(n)).unwrap().into_iter().map(|view| view.label).collect()
}

/// Whether any of what a withdrawal removes is in the store: body, envelope, salts.
fn holds(peer: &Peer, secrets: &[Vec<u8>]) -> Vec<bool> {
    secrets.iter().map(|secret| peer.store.contains_bytes(secret)).collect()
}

#[test]
fn a_withdrawal_leaves_nothing_anywhere_and_acknowledgements_show_it() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    let mut intent = intent(channel);
    intent.organisation = Some("an organisation of its own".to_owned());
    let submission = gotong_app::publish::Submission { line: 1, body: indicator(1).into_bytes() };
    let prepared = id.node.prepare(&intent, vec![submission], &gotong_app::publish::Markings::new(), false).unwrap();
    id.node.commit(gotong_app::Priority::People, prepared).unwrap();
    id.publish(channel, &[indicator(2), indicator_with(1, "2026-03-04T00:00:00.000Z", "")]);
    th.pull(&id);
    vn.pull(&id);
    let row = id.log_of(channel, "id");
    let content = {
        let tx = id.node.store.read().unwrap();
        tx.entry(gotong_store::EntryKey::new(row.no, 1)).unwrap().unwrap().open().unwrap().unwrap()
    };
    let uuid = stix21::read(indicator(1).as_bytes()).unwrap().uuid;
    let secrets = [
        b"secret name 000001".to_vec(),
        b"an organisation of its own".to_vec(),
        content.salt1.to_vec(),
        content.salt2.to_vec(),
        uuid.to_vec(),
    ];
    for peer in [&id, &th, &vn] {
        assert_eq!(holds(peer, &secrets), [true; 5], "the search finds what is there");
    }

    let done = id.node.withdraw(&select(channel, 1), Reason::SourceRequest).unwrap();
    assert!(matches!(&done[0].1, Withdrawn::Done { entries: 2, at: Some(4), .. }), "{done:?}");
    id.node.finish_erasures().unwrap();
    assert_eq!(holds(&id, &secrets), [false; 5]);
    th.pull(&id);
    assert_eq!(holds(&th, &secrets), [false; 5]);
    assert_eq!(holds(&vn, &secrets), [true; 5], "not asked yet");

    let operator = Caller::operator();
    let gone = view::withdrawals(&id.node, &operator, &channel).unwrap().unwrap();
    let told: Vec<_> = gone.rows.iter().map(|row| (row.first, row.last, row.by.reason, row.by.index)).collect();
    assert_eq!(told, [(1, 1, Reason::SourceRequest, 4), (3, 3, Reason::SourceRequest, 4)]);
    let who = |peers: &[gotong_model::MemberCode]| peers.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (who(&gone.rows[0].gone.at), who(&gone.rows[0].gone.waiting_for)),
        (vec!["th".to_owned()], vec!["vn".to_owned()])
    );
    vn.pull(&id);
    let acks = view::acknowledgements(&id.node, &operator, &channel).unwrap().unwrap();
    let acks: Vec<_> =
        acks[0].members.iter().map(|ack| (ack.member.as_str(), ack.verified, ack.erased, ack.missing)).collect();
    assert_eq!(acks, [("th", 5, 5, 0), ("vn", 5, 5, 0)]);
    let origin = id.origin_of(channel, "id");
    for peer in [&id, &th, &vn] {
        assert_eq!(holds(peer, &secrets), [false; 5]);
        peer.assert_sound();
        assert!(labels(peer, 1).is_empty() && labels(peer, 2).len() == 1);
        let values = ["evil-000001.example".to_owned()];
        assert!(view::lookup(&peer.node, &operator, &values, false).unwrap()[0].hits.is_empty());
        let found = view::provenance(&peer.node, &operator, &origin, 1).unwrap().unwrap();
        assert!(found.verified && found.envelope.is_none() && found.tombstone.is_some(), "{:?}", found.reason);
    }
    let found = view::provenance(&id.node, &operator, &origin, 1).unwrap().unwrap().acknowledged;
    assert_eq!(found.iter().map(|ack| ack.erased).collect::<Vec<_>>(), [Some(true), Some(true)]);
    assert_eq!(id.node.withdraw(&select(channel, 1), Reason::Error).unwrap()[0].1, Withdrawn::NotFound);
}

#[test]
fn who_comes_after_a_withdrawal_never_sees_what_was_withdrawn() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    id.node.withdraw(&select(channel, 1), Reason::Error).unwrap();
    assert_eq!(th.pull(&id), [Applied::Stored { size: 4, erasing: true }]);
    assert!(!th.store.contains_bytes(b"secret name 000001"));
    assert_eq!(th.log_of(channel, "id").withheld, 0, "a tombstone names it, so nothing is missing");
    th.assert_sound();
}

#[test]
fn a_withdrawn_entry_that_arrives_whole_later_is_not_stored() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    let log = id.log_of(channel, "id").id;
    let whole = th.frames(&id, &log, 0).remove(0);
    id.node.withdraw(&select(channel, 1), Reason::Error).unwrap();
    th.pull(&id);
    assert_eq!(th.apply(&log, whole.clone()), Applied::Stored { size: 4, erasing: false });
    assert!(!th.store.contains_bytes(b"secret name 000001"));
    th.assert_sound();

    // In one frame with its tombstone: proven by the same leaves, so the frame is good, and the body still stays out.
    let after = vn.frames(&id, &log, 0).remove(0);
    let mut entries: Vec<FrameEntry> = after.entries.iter().map(|(entry, _)| entry.clone()).collect();
    assert!(matches!(entries[1], FrameEntry::Erased(_)));
    entries[1] = whole.entries[1].0.clone();
    let frame = Frame { checkpoint_note: after.checkpoint_note.clone(), first: 0, proof: Vec::new(), entries };
    let frame = vn.verify(&id, &log, &encode(&frame));
    assert_eq!(vn.apply(&log, frame), Applied::Stored { size: 4, erasing: true });
    assert!(!vn.store.contains_bytes(b"secret name 000001"));
    vn.assert_sound();
}

#[test]
fn a_body_withheld_is_shown_as_missing_and_filled_in_when_it_comes() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &[indicator(1), indicator(2)]);
    let log = id.log_of(channel, "id").id;
    let whole = th.frames(&id, &log, 0).remove(0);
    let mut entries: Vec<FrameEntry> = whole.entries.iter().map(|(entry, _)| entry.clone()).collect();
    entries[1] = FrameEntry::Erased(whole.entries[1].1);
    let bare = Frame { checkpoint_note: whole.checkpoint_note.clone(), first: 0, proof: Vec::new(), entries };
    th.apply(&log, th.verify(&id, &log, &encode(&bare)));
    let origin = th.origin_of(channel, "id");
    let operator = Caller::operator();
    assert_eq!(view::entry(&th.node, &operator, &origin, 1).unwrap(), Some(EntryView::Withheld));
    assert_eq!(view::channels(&th.node, &operator).unwrap()[0].logs[0].withheld, 1);
    th.assert_sound();
    // A relabelling that comes before the body counts for it when it comes.
    id.node.relabel(&select(channel, 1), Tlp::Green).unwrap();
    for frame in th.frames(&id, &log, 3) {
        th.apply(&log, frame);
    }
    th.apply(&log, whole);
    assert_eq!(labels(&th, 1), [Tlp::Green]);
    assert!(matches!(view::entry(&th.node, &operator, &origin, 1).unwrap(), Some(EntryView::Record(_))));
    assert_eq!(view::channels(&th.node, &operator).unwrap()[0].logs[0].withheld, 0);
    th.assert_sound();
}

#[test]
fn labels_follow_relabelling_but_never_below_the_objects_own_marking() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    let green = marked(stix21::id_of_label(Tlp::Green));
    id.publish(
        channel,
        &[
            indicator(1),
            indicator_with(1, "2026-03-05T00:00:00.000Z", ""),
            indicator_with(2, "2026-03-01T00:00:00.000Z", &green),
        ],
    );
    th.pull(&id);
    assert_eq!((labels(&th, 1), labels(&th, 2)), (vec![Tlp::Amber; 2], vec![Tlp::Green]));

    id.node.relabel(&select(channel, 1), Tlp::Green).unwrap();
    id.node.relabel(&select(channel, 2), Tlp::Clear).unwrap();
    th.pull(&id);
    for peer in [&id, &th] {
        assert_eq!(
            (labels(peer, 1), labels(peer, 2)),
            (vec![Tlp::Green; 2], vec![Tlp::Green]),
            "its own marking is green"
        );
    }
    id.node.relabel(&select(channel, 2), Tlp::Amber).unwrap();
    th.pull(&id);
    assert_eq!((labels(&id, 2), labels(&th, 2)), (vec![Tlp::Amber], vec![Tlp::Amber]), "stricter");
    let laxer = id.publish_one(channel, &indicator_with(2, "2026-03-09T00:00:00.000Z", &green));
    assert_eq!(laxer.fate.word(), "refused", "a later version is not laxer by accident");
    // One that is stricter binds the earlier ones, and its author is told.
    let first = id.publish_one(channel, &indicator_with(3, "2026-03-01T00:00:00.000Z", &green));
    th.pull(&id);
    let second = id.publish_one(channel, &indicator_with(3, "2026-03-02T00:00:00.000Z", ""));
    let told: Vec<&str> = second.notes.iter().map(|why| why.id.as_str()).collect();
    assert_eq!((first.notes.len(), second.fate.word(), told), (0, "updated", vec!["label.earlier-versions-follow"]));
    th.pull(&id);
    for peer in [&id, &th] {
        assert_eq!(labels(peer, 3), vec![Tlp::Amber; 2]);
    }

    let done = id.node.relabel(&select(channel, 1), Tlp::AmberStrict).unwrap();
    assert!(matches!(done[0].1, Withdrawn::Done { entries: 2, .. }));
    th.pull(&id);
    for peer in [&id, &th] {
        assert!(labels(peer, 1).is_empty(), "above the ceiling it is withdrawn");
        peer.assert_sound();
    }
    let rows = view::withdrawals(&th.node, &Caller::operator(), &channel).unwrap().unwrap().rows;
    assert!(rows.iter().all(|row| row.by.reason == Reason::Relabelled));
}

#[test]
fn what_waits_in_quarantine_is_withdrawn_too() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let unknown = marked("marking-definition--aaaaaaaa-17d4-4cbf-938f-98ee46b3cd3f");
    assert_eq!(
        id.publish_one(channel, &indicator_with(1, "2026-03-01T00:00:00.000Z", &unknown)).fate.word(),
        "quarantined"
    );
    let done = id.node.withdraw(&select(channel, 1), Reason::Error).unwrap();
    assert!(matches!(done[0].1, Withdrawn::Done { entries: 0, quarantined: 1, at: None, .. }), "{done:?}");
    assert!(!id.store.contains_bytes(b"secret name 000001"));
    id.assert_sound();
}
