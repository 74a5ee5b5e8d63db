//! Documents travel, count at once, and what they decide is decided again, in whatever order they and the records come.

use gotong_app::publish::Fate;
use gotong_app::view::{self, EntryView};
use gotong_app::{caller::Caller, status};
use gotong_model::agreement::{Accession, Backlog, Consent, Notice, NoticeKind, Terms};
use gotong_model::control::Reason;
use gotong_model::document::Purpose;
use gotong_model::{AgreementId, ChannelId, Tlp};

use crate::region::{Peer, Region, Treaty, at, code, indicator, indicator_id};

fn agreement(peer: &Peer) -> AgreementId {
    *peer.node.governance().agreements.keys().next().unwrap()
}

/// The second version of the usual agreement: everything as before, but for what `change` says, from `from` on.
fn amendment(region: &Region, peer: &Peer, from: &str, change: impl FnOnce(&mut Terms)) -> String {
    let governance = peer.node.governance();
    let first = &governance.agreements[&agreement(peer)].versions[0];
    let mut next = Terms { number: 2, previous: Some(first.hash), from: at(from), ..first.terms.clone() };
    change(&mut next);
    region.sign(Purpose::Agreement, &next.to_value(), &["id", "th", "vn"])
}

fn notice(region: &Region, peer: &Peer, member: &str, kind: NoticeKind, published: &str, effective: &str) -> String {
    let chain = peer.node.governance().agreements[&agreement(peer)].notices.get(&code(member)).cloned();
    let before = chain.and_then(|chain| chain.last().cloned());
    let notice = Notice {
        agreement: agreement(peer),
        member: code(member),
        notice: kind,
        subject: None,
        serial: before.as_ref().map_or(1, |(_, before)| before.serial + 1),
        previous: before.map(|(hash, _)| hash),
        published_at: at(published),
        effective: at(effective),
        reason: None,
    };
    region.sign(Purpose::Notice, &notice.to_value(), &[member])
}

fn govern(peers: &[&Peer]) {
    for peer in peers {
        while peer.node.govern().unwrap() {}
    }
}

/// Until nobody learns anything more.
fn exchange(peers: &[&Peer]) {
    for _ in 0..4 {
        govern(peers);
        for reader in peers {
            for author in peers.iter().filter(|author| author.node.member != reader.node.member) {
                reader.pull(author);
            }
        }
    }
    govern(peers);
}

/// What a node shows of `indicator(n)` in a log.
fn shows(peer: &Peer, n: u32) -> bool {
    let found = view::read(&peer.node, &Caller::operator(), &indicator_id(n)).unwrap();
    !found.is_empty()
}

fn counts(peer: &Peer) -> status::Counts {
    status::node(&peer.node).unwrap().counts
}

fn published(peer: &Peer, channel: ChannelId, n: u32) -> Fate {
    peer.publish_one(channel, &indicator(n)).fate
}

#[test]
fn an_amendment_taken_in_at_one_node_counts_at_all_of_them() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    let second = amendment(&region, &id, "2026-05-01T00:00:00Z", |terms| {
        terms.channel_types[0].ceiling = Tlp::Green;
    });
    id.node.adopt(second.as_bytes()).unwrap();
    exchange(&[&id, &th, &vn]);
    for peer in [&id, &th, &vn] {
        let governance = peer.node.governance();
        assert_eq!(governance.agreements[&agreement(peer)].terms.number, 2, "{}", peer.node.member);
        let marked = indicator(1).replacen(
            '{',
            &format!("{{{}", r#""object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"],"#),
            1,
        );
        let Fate::Refused(why) = peer.publish_one(channel, &marked).fate else { panic!("amber is above green now") };
        assert_eq!(why[0].id, "policy.above-ceiling");
        peer.assert_sound();
    }
}

#[test]
fn signatures_collected_at_different_nodes_meet_in_the_governance_channel() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let whole = amendment(&region, &id, "2026-05-01T00:00:00Z", |_| {});
    let terms =
        Terms::from_value(gotong_model::json::parse(whole.lines().nth(1).unwrap().as_bytes()).unwrap()).unwrap();
    for (peer, member) in [(&id, "id"), (&th, "th"), (&vn, "vn")] {
        let alone = region.sign(Purpose::Agreement, &terms.to_value(), &[member]);
        peer.node.adopt(alone.as_bytes()).unwrap();
        assert_eq!(peer.node.governance().drafts.len(), 1, "a draft as long as two are missing");
    }
    exchange(&[&id, &th, &vn]);
    for peer in [&id, &th, &vn] {
        assert_eq!(peer.node.governance().drafts.len(), 0);
        assert_eq!(peer.node.governance().agreements[&agreement(peer)].terms.number, 2);
    }
}

#[test]
fn a_record_waits_for_the_version_that_its_author_knew() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    let second = amendment(&region, &id, "2026-05-01T00:00:00Z", |_| {});
    assert!(matches!(published(&id, channel, 1), Fate::New(_)));
    id.node.adopt(second.as_bytes()).unwrap();
    assert!(matches!(published(&id, channel, 2), Fate::New(_)));
    assert!(matches!(published(&id, channel, 3), Fate::New(_)));
    // th pulls before anything of the governance log is there; vn knows the version beforehand.
    th.pull(&id);
    vn.node.adopt(second.as_bytes()).unwrap();
    vn.pull(&id);
    assert_eq!((shows(&th, 1), shows(&th, 2), shows(&th, 3)), (true, false, false));
    assert_eq!((counts(&th).held, counts(&th).live), (2, 1));
    let origin = th.origin_of(channel, "id");
    let held = view::entry(&th.node, &Caller::operator(), &origin, 3).unwrap();
    assert!(matches!(held, Some(EntryView::Held)), "{held:?}");
    th.assert_sound();
    exchange(&[&id, &th, &vn]);
    for peer in [&th, &vn] {
        assert_eq!((shows(peer, 1), shows(peer, 2), shows(peer, 3)), (true, true, true), "{}", peer.node.member);
        assert_eq!((counts(peer).held, counts(peer).live), (0, 3));
        peer.assert_sound();
    }
    // What was held is withdrawn like everything else.
    let ids = vec![indicator_id(2)];
    let selection =
        gotong_app::withdraw::Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, Reason::Error).unwrap();
    exchange(&[&id, &th, &vn]);
    assert!(!shows(&th, 2) && !th.store.contains_bytes(b"secret name 000002"));
}

#[test]
fn who_is_suspended_publishes_nothing_and_is_sent_nothing_new() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    published(&id, channel, 1);
    exchange(&[&id, &th, &vn]);
    let suspend = notice(&region, &th, "th", NoticeKind::Suspend, "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z");
    th.node.adopt(suspend.as_bytes()).unwrap();
    let Fate::Refused(why) = published(&th, channel, 10) else { panic!("a suspended member publishes nothing") };
    assert_eq!(why[0].id, "policy.suspended");
    exchange(&[&id, &th, &vn]);
    published(&id, channel, 2);
    exchange(&[&id, &th, &vn]);
    assert!(shows(&th, 1) && !shows(&th, 2), "it keeps what it has");
    assert!(shows(&vn, 1) && shows(&vn, 2));
    region.advance_ms(60_000);
    let resume = notice(&region, &th, "th", NoticeKind::Resume, "2026-06-01T00:00:30Z", "2026-06-01T00:00:30Z");
    th.node.adopt(resume.as_bytes()).unwrap();
    exchange(&[&id, &th, &vn]);
    assert!(shows(&th, 2), "and catches up afterwards");
    assert!(matches!(published(&th, channel, 11), Fate::New(_)));
    exchange(&[&id, &th, &vn]);
    assert!(shows(&id, 11) && shows(&vn, 11));
}

#[test]
fn an_authors_own_notice_counts_whenever_it_comes() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    published(&id, channel, 1);
    region.advance_ms(1_000);
    // id's root has suspended its part; id's node goes on without knowing it. th hears of it first, vn after it has the records.
    let suspend = notice(&region, &id, "id", NoticeKind::Suspend, "2026-06-01T00:00:00.5Z", "2026-06-01T00:00:00.5Z");
    published(&id, channel, 2);
    vn.pull(&id);
    assert!(shows(&vn, 1) && shows(&vn, 2));
    vn.node.adopt(suspend.as_bytes()).unwrap();
    govern(&[&vn]);
    assert_eq!((shows(&vn, 1), shows(&vn, 2)), (true, false), "decided again, and the views follow");
    assert_eq!((counts(&vn).live, counts(&vn).faulty), (1, 1));
    vn.assert_sound();
    // The same with the log first known after the notice.
    let late = region.open("th");
    assert_eq!(late.node.member, th.node.member);
    late.pull(&id);
    late.node.adopt(suspend.as_bytes()).unwrap();
    govern(&[&late]);
    assert_eq!((shows(&late, 1), shows(&late, 2)), (true, false));
    late.assert_sound();
    // A resumption from before the second record puts it back.
    let resume = notice(&region, &vn, "id", NoticeKind::Resume, "2026-06-01T00:00:00.6Z", "2026-06-01T00:00:00.6Z");
    for peer in [&vn, &late] {
        peer.node.adopt(resume.as_bytes()).unwrap();
        govern(&[peer]);
        assert_eq!((shows(peer, 1), shows(peer, 2)), (true, true));
        assert_eq!((counts(peer).live, counts(peer).faulty), (2, 0));
        peer.assert_sound();
    }
}

/// A region of four in which jp is no party of `rti` and may accede to it.
fn with_candidate(backlog: Backlog) -> (Region, ChannelId) {
    let mut region = Region::new(7, &["id", "jp", "th", "vn"]);
    let channel = region.agree_with(&Treaty::default(), |terms| {
        terms.channel_types[0].backlog = backlog;
        terms.accession = Some(Accession {
            clause: "1".to_owned(),
            candidates: vec![code("jp")],
            types: vec![terms.channel_types[0].name.clone()],
            consent: Consent::None,
        });
    });
    (region, channel)
}

/// Pulls with a cursor that is kept, as a link does.
fn pull_since(reader: &Peer, author: &Peer, cursor: &mut Option<String>) {
    let answer = author.node.changes_for(&reader.node.member, cursor.as_deref(), true).unwrap().unwrap();
    for log in &answer.logs {
        reader.pull_log(author, &log.checkpoint);
    }
    *cursor = Some(answer.cursor);
}

#[test]
fn who_accedes_finds_the_backlog_or_what_comes_after() {
    for (backlog, finds) in [(Backlog::All, [true, true]), (Backlog::None, [false, true])] {
        let (region, channel) = with_candidate(backlog);
        let (id, jp, th, vn) = (region.open("id"), region.open("jp"), region.open("th"), region.open("vn"));
        jp.node.adopt_agreement(region.agreements[0].as_bytes()).unwrap();
        let mut cursor = None;
        published(&id, channel, 1);
        govern(&[&id, &jp, &th, &vn]);
        pull_since(&jp, &id, &mut cursor);
        assert!(!shows(&jp, 1), "a candidate has no part yet");
        let accede = notice(&region, &jp, "jp", NoticeKind::Accede, "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z");
        jp.node.adopt(accede.as_bytes()).unwrap();
        govern(&[&jp]);
        // The notice goes from jp's governance log to id, whose logs then tell jp of themselves.
        id.pull(&jp);
        govern(&[&id]);
        published(&id, channel, 2);
        govern(&[&id]);
        pull_since(&jp, &id, &mut cursor);
        govern(&[&jp]);
        assert_eq!([shows(&jp, 1), shows(&jp, 2)], finds, "{backlog:?}");
        if backlog == Backlog::None {
            assert!(!jp.store.contains_bytes(b"secret name 000001"), "not a byte of what was before");
            let old = id.logs_of(channel, "id").remove(0).id;
            let asked = id.node.frame_for(&jp.node.member, &old, 0, gotong_ledger::Encoding::Plain).unwrap();
            assert!(asked.is_none(), "and it cannot be asked for");
            assert_eq!(id.logs_of(channel, "id").len(), 2);
        }
        assert!(matches!(published(&jp, channel, 3), Fate::New(_)));
        exchange(&[&id, &jp, &th, &vn]);
        for peer in [&id, &th, &vn] {
            assert!(shows(peer, 1) && shows(peer, 2) && shows(peer, 3), "{}", peer.node.member);
            peer.assert_sound();
        }
        jp.assert_sound();
    }
}

#[test]
fn who_resumes_is_told_of_what_it_missed() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    let mut cursor = None;
    published(&id, channel, 1);
    govern(&[&id, &th]);
    pull_since(&th, &id, &mut cursor);
    let suspend = notice(&region, &th, "th", NoticeKind::Suspend, "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z");
    id.node.adopt(suspend.as_bytes()).unwrap();
    th.node.adopt(suspend.as_bytes()).unwrap();
    govern(&[&id, &th]);
    published(&id, channel, 2);
    pull_since(&th, &id, &mut cursor);
    assert!(shows(&th, 1) && !shows(&th, 2));
    region.advance_ms(60_000);
    let resume = notice(&region, &th, "th", NoticeKind::Resume, "2026-06-01T00:00:30Z", "2026-06-01T00:00:30Z");
    id.node.adopt(resume.as_bytes()).unwrap();
    th.node.adopt(resume.as_bytes()).unwrap();
    govern(&[&id, &th]);
    pull_since(&th, &id, &mut cursor);
    assert!(shows(&th, 2), "although nobody has published since");
    th.assert_sound();
}

#[test]
fn what_governance_hides_is_taken_back_all_the_same() {
    let region = Region::usual();
    let (id, vn) = (region.open("id"), region.open("vn"));
    let channel = id.channel();
    region.advance_ms(1_000);
    published(&id, channel, 1);
    vn.pull(&id);
    let suspend = notice(&region, &id, "id", NoticeKind::Suspend, "2026-06-01T00:00:00.5Z", "2026-06-01T00:00:00.5Z");
    for peer in [&id, &vn] {
        peer.node.adopt(suspend.as_bytes()).unwrap();
        govern(&[peer]);
        assert_eq!((shows(peer, 1), counts(peer).faulty), (false, 1));
        assert!(peer.store.contains_bytes(b"secret name 000001"), "hidden, and still there");
    }
    let ids = vec![indicator_id(1)];
    let selection =
        gotong_app::withdraw::Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, Reason::Privacy).unwrap();
    assert!(!id.store.contains_bytes(b"secret name 000001"));
    // While its part rests nobody reads it; once it is back, the recall arrives before the record could show.
    region.advance_ms(1_000);
    let resume = notice(&region, &id, "id", NoticeKind::Resume, "2026-06-01T00:00:02Z", "2026-06-01T00:00:02Z");
    for peer in [&id, &vn] {
        peer.node.adopt(resume.as_bytes()).unwrap();
        govern(&[peer]);
    }
    vn.pull(&id);
    for peer in [&id, &vn] {
        assert!(!shows(peer, 1) && !peer.store.contains_bytes(b"secret name 000001"), "at {}", peer.node.member);
        peer.assert_sound();
    }
}

#[test]
fn nothing_is_admitted_past_the_last_day_and_withdrawing_goes_on() {
    let mut region = Region::new(5, &["id", "th", "vn"]);
    region.agree(&Treaty { until: Some("2026-06-02T00:00:00Z"), ..Treaty::default() });
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    published(&id, channel, 1);
    th.pull(&id);
    region.advance_ms(3 * 86_400_000);
    let Fate::Refused(why) = published(&id, channel, 2) else { panic!("the agreement is over") };
    assert_eq!(why[0].id, "policy.out-of-force");
    let ids = vec![indicator_id(1)];
    let selection =
        gotong_app::withdraw::Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, Reason::Privacy).unwrap();
    th.pull(&id);
    assert!(!shows(&th, 1) && !th.store.contains_bytes(b"secret name 000001"), "a recall reaches everyone also then");
    th.assert_sound();
}

#[test]
fn a_document_that_is_none_is_faulty_and_spoils_nothing() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let of_nobody = region.sign(Purpose::Notice, &serde_json::json!({"gotong": "notice"}), &["id"]);
    assert!(id.node.adopt(of_nobody.as_bytes()).is_err(), "refused with the field named");
    assert!(id.node.adopt(b"no note at all").is_err());
    exchange(&[&id, &th]);
    assert_eq!(th.node.governance().drafts.len(), 0);
    th.assert_sound();
}

/// What a node shows of every record of a channel, author by author.
fn shown(peer: &Peer, channel: ChannelId, authors: &[&str], most: u32) -> Vec<(String, u32)> {
    let mut all = Vec::new();
    for n in 0..most {
        for view in view::read(&peer.node, &Caller::operator(), &indicator_id(n)).unwrap() {
            assert_eq!(view.channel, channel);
            all.push((view.author.to_string(), n));
        }
    }
    all.sort();
    assert!(all.iter().all(|(author, _)| authors.contains(&author.as_str())));
    all
}

/// A stream of numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

#[test]
fn the_order_in_which_documents_and_records_come_leaves_no_trace() {
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let region = Region::usual();
        let codes = ["id", "th", "vn"];
        let peers = codes.map(|code| region.open(code));
        let channel = peers[0].channel();
        let mut documents: Vec<String> = Vec::new();
        let mut number = 0;
        let mut versions = 1;
        for _ in 0..60 {
            region.advance_ms(10_000);
            let now = gotong_model::Timestamp::from_micros(region.clock.0.load(std::sync::atomic::Ordering::Relaxed));
            let now = now.unwrap();
            let (a, b) = (dice.roll(3), dice.roll(3));
            match dice.roll(8) {
                0..3 => {
                    peers[a].publish_one(channel, &indicator(number));
                    number += 1;
                }
                3 if a != b => {
                    peers[a].pull(&peers[b]);
                }
                4 => while peers[a].node.govern().unwrap() {},
                5 => {
                    // A notice of a's root, which b's node hears of first. Its chain is continued from what all documents say.
                    let everything = region.open(codes[a]);
                    for document in &documents {
                        everything.node.adopt(document.as_bytes()).unwrap();
                    }
                    let kind = if dice.roll(2) == 0 { NoticeKind::Suspend } else { NoticeKind::Resume };
                    let effective = now.plus_ms(dice.roll(20_000) as u64);
                    let (now, effective) = (now.to_string(), effective.to_string());
                    let note = notice(&region, &everything, codes[a], kind, &now, &effective);
                    peers[b].node.adopt(note.as_bytes()).unwrap();
                    documents.push(note);
                }
                6 if versions < 4 => {
                    let everything = region.open("id");
                    for document in &documents {
                        everything.node.adopt(document.as_bytes()).unwrap();
                    }
                    let governance = everything.node.governance();
                    let newest = governance.agreements[&agreement(&everything)].versions.last().unwrap();
                    let mut next = Terms {
                        number: newest.terms.number + 1,
                        previous: Some(newest.hash),
                        from: now.plus_ms(dice.roll(20_000) as u64),
                        grace_hours: Some(0),
                        ..newest.terms.clone()
                    };
                    let ceilings = [Tlp::Clear, Tlp::Green, Tlp::Amber];
                    next.channel_types[0].ceiling = ceilings[dice.roll(3)];
                    let note = region.sign(Purpose::Agreement, &next.to_value(), &codes);
                    peers[a].node.adopt(note.as_bytes()).unwrap();
                    documents.push(note);
                    versions += 1;
                }
                _ => {}
            }
        }
        // Every part is taken again at the end, so that everybody is sent everything.
        region.advance_ms(60_000);
        let now = region.clock.0.load(std::sync::atomic::Ordering::Relaxed);
        let now = gotong_model::Timestamp::from_micros(now).unwrap().to_string();
        for code in codes {
            let everything = region.open(code);
            for document in &documents {
                everything.node.adopt(document.as_bytes()).unwrap();
            }
            documents.push(notice(&region, &everything, code, NoticeKind::Resume, &now, &now));
        }
        for peer in &peers {
            for document in documents.iter().rev() {
                peer.node.adopt(document.as_bytes()).unwrap();
            }
        }
        exchange(&[&peers[0], &peers[1], &peers[2]]);
        let expected = shown(&peers[0], channel, &codes, number);
        for peer in &peers {
            assert_eq!(shown(peer, channel, &codes, number), expected, "seed {seed}, {}", peer.node.member);
            assert_eq!(counts(peer).held, 0, "seed {seed}");
            peer.assert_sound();
        }
        // A node that learns everything afterwards, documents last.
        let late = region.open("vn");
        late.pull(&peers[0]);
        late.pull(&peers[1]);
        for document in &documents {
            late.node.adopt(document.as_bytes()).unwrap();
        }
        late.pull(&peers[0]);
        late.pull(&peers[1]);
        govern(&[&late]);
        let others = |all: &[(String, u32)]| -> Vec<(String, u32)> {
            all.iter().filter(|(author, _)| author != "vn").cloned().collect()
        };
        assert_eq!(others(&shown(&late, channel, &codes, number)), others(&expected), "seed {seed}, learned at once");
    }
}
