//! Who was out of a channel for a moment, or came into it without being named, misses nothing and may do what it could: found by the simulated region.
//!
//! The steps between which nobody looks are played here one by one; the rest of governance's travels is in `governing.rs`.

use gotong_app::caller::Caller;
use gotong_app::publish::Fate;
use gotong_app::view;
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_model::agreement::{Accession, Consent, Notice, NoticeKind};
use gotong_model::document::Purpose;
use gotong_model::{Timestamp, Tlp};

use crate::region::{Peer, Region, Treaty, at, code, indicator, indicator_id};

/// A member's next notice, taken in at some nodes.
fn give(region: &Region, peers: &[&Peer], member: &str, notice: NoticeKind, published_at: Timestamp) {
    for peer in peers {
        let governance = peer.node.governance();
        let agreement = governance.agreements.values().next().unwrap();
        let before = agreement.notices.get(&code(member)).and_then(|chain| chain.last().cloned());
        let notice = Notice {
            agreement: agreement.id,
            member: code(member),
            notice,
            subject: None,
            serial: before.as_ref().map_or(1, |(_, before)| before.serial + 1),
            previous: before.map(|(hash, _)| hash),
            published_at,
            effective: published_at,
            reason: None,
        };
        peer.node.adopt(region.sign(Purpose::Notice, &notice.to_value(), &[member]).as_bytes()).unwrap();
    }
}

fn shows(peer: &Peer, n: u32) -> bool {
    !view::read(&peer.node, &Caller::operator(), &indicator_id(n)).unwrap().is_empty()
}

#[test]
fn who_was_out_between_two_looks_is_told_of_what_came_meanwhile() {
    for looks in [true, false] {
        let region = Region::usual();
        let (id, th) = (region.open("id"), region.open("th"));
        if looks {
            while id.node.govern().unwrap() {}
        }
        give(&region, &[&id, &th], "th", NoticeKind::Suspend, at("2026-06-01T00:00:00Z"));
        assert!(matches!(id.publish_one(id.channel(), &indicator(1)).fate, Fate::New(_)));
        th.pull(&id);
        assert!(!shows(&th, 1), "it is out");
        region.advance_ms(1_000);
        give(&region, &[&id, &th], "th", NoticeKind::Resume, at("2026-06-01T00:00:01Z"));
        while id.node.govern().unwrap() {}
        th.pull(&id);
        assert!(shows(&th, 1), "it is back, and nothing was published since");
        id.assert_sound();
    }
}

#[test]
fn who_acceded_relabels_what_it_published() {
    let mut region = Region::new(7, &["id", "jp", "th", "vn"]);
    let channel = region.agree_with(&Treaty::default(), |terms| {
        terms.accession = Some(Accession {
            clause: "1".to_owned(),
            candidates: vec![code("jp")],
            types: vec![terms.channel_types[0].name.clone()],
            consent: Consent::None,
        });
    });
    let jp = region.open("jp");
    jp.node.adopt_agreement(region.agreements[0].as_bytes()).unwrap();
    let ids = vec![indicator_id(1)];
    let selection = Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    let refused = jp.node.relabel(&selection, Tlp::Amber).unwrap();
    assert!(matches!(refused[0].1, Withdrawn::Refused(_)), "nobody yet: {refused:?}");
    give(&region, &[&jp], "jp", NoticeKind::Accede, at("2026-06-01T00:00:00Z"));
    assert!(matches!(jp.publish_one(channel, &indicator(1)).fate, Fate::New(_)));
    let relabelled = jp.node.relabel(&selection, Tlp::Amber).unwrap();
    assert!(matches!(relabelled[0].1, Withdrawn::Done { entries: 1, .. }), "{relabelled:?}");
    jp.assert_sound();
}
