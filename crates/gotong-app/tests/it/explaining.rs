//! Why somebody receives a record and why not, what changes when, what a draft would change, and what shows who signed.

use gotong_app::caller::Caller;
use gotong_app::explain::{self, ExplainQuestion, MemberReception, Reception};
use gotong_app::publish::Fate;
use gotong_model::agreement::{Accession, Backlog, Consent, Duty, DutyKind, Notice, NoticeKind, Terms};
use gotong_model::document::Purpose;
use gotong_model::{ChannelId, Timestamp, Tlp};

use crate::region::{Peer, Region, Treaty, at, code, indicator};

fn notice(region: &Region, peer: &Peer, member: &str, kind: NoticeKind, effective: &str, signers: &[&str]) -> String {
    let governance = peer.node.governance();
    let agreement = governance.agreements.values().next().unwrap();
    let before = agreement.notices.get(&code(member)).and_then(|chain| chain.last());
    let published = at("2026-06-01T00:00:00Z").min(at(effective));
    let notice = Notice {
        agreement: agreement.id,
        member: code(member),
        notice: kind,
        subject: None,
        serial: before.map_or(1, |(_, before)| before.serial + 1),
        previous: before.map(|(hash, _)| *hash),
        published_at: before.map_or(published, |(_, before)| published.max(before.published_at)),
        effective: at(effective),
        reason: None,
    };
    region.sign(Purpose::Notice, &notice.to_value(), signers)
}

fn govern(peers: &[&Peer]) {
    for peer in peers {
        while peer.node.govern().unwrap() {}
    }
}

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

fn of<'a>(members: &'a [MemberReception], member: &str) -> &'a MemberReception {
    members.iter().find(|one| one.code.as_str() == member).unwrap()
}

fn stored(peer: &Peer, channel: ChannelId, author: &str, index: u64) -> explain::StoredExplanation {
    let origin = peer.origin_of(channel, author);
    explain::stored(&peer.node, &Caller::operator(), &origin, index).unwrap().unwrap()
}

/// A region of four in which jp is a candidate, records stay thirty days, and every record is to be acknowledged in an hour.
fn region_of_four(backlog: Backlog) -> Region {
    let mut region = Region::new(7, &["id", "jp", "th", "vn"]);
    region.agree_with(&Treaty::default(), |terms| {
        terms.channel_types[0].backlog = backlog;
        terms.channel_types[0].retention_days = Some(30);
        terms.accession = Some(Accession {
            clause: "1".to_owned(),
            candidates: vec![code("jp")],
            types: vec![terms.channel_types[0].name.clone()],
            consent: Consent::None,
        });
        terms.duties.push(Duty {
            clause: "3".to_owned(),
            duty: DutyKind::Acknowledge,
            types: Vec::new(),
            kinds: Vec::new(),
            members: vec![code("th")],
            within_minutes: 60,
        });
    });
    region
}

#[test]
fn a_stored_record_is_explained_for_every_member_with_clause_version_basis_stay_and_duty() {
    let region = region_of_four(Backlog::All);
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let channel = id.channel();
    assert!(matches!(id.publish_one(channel, &indicator(1)).fate, Fate::New(_)));
    th.pull(&id);
    let found = stored(&id, channel, "id", 1);
    assert_eq!((found.state, found.kind.as_deref(), found.label), ("shown", Some("stix.indicator"), Some(Tlp::Amber)));
    let basis = found.basis.as_ref().unwrap();
    assert_eq!((basis.index, basis.version, basis.charter), (0, Some(1), Some(1)));
    let clauses: Vec<(&str, &str)> =
        found.says.iter().map(|said| (said.ground.clause.as_str(), said.words.as_str())).collect();
    assert!(clauses.contains(&("3.2", "The words of Ceiling.")), "{clauses:?}");
    assert_eq!(found.stays[0].until, Some(found.published_at.unwrap().plus_ms(30 * 86_400_000)));
    assert_eq!(found.duties.len(), 1);
    assert_eq!((found.duties[0].member.as_str(), found.duties[0].clause.as_str()), ("th", "3"));
    let words = |member: &str| {
        let one = of(&found.members, member);
        (one.reception, one.says[0].ground.id, one.delivery.as_ref().map(|delivery| delivery.id))
    };
    assert_eq!(words("id"), (Reception::Receives, "explain.audience", Some("delivery.author")));
    assert_eq!(words("th"), (Reception::Receives, "explain.audience", Some("delivery.has")));
    assert_eq!(words("vn"), (Reception::Receives, "explain.audience", Some("delivery.silent")));
    assert_eq!(words("jp"), (Reception::Never, "explain.candidate", None));
    // What is published after the last acknowledgement is ahead of what th has said.
    id.publish_one(channel, &indicator(2));
    let next = stored(&id, channel, "id", 2);
    let th_says = of(&next.members, "th").delivery.as_ref().unwrap();
    assert_eq!((th_says.id, th_says.verified), ("delivery.behind", Some(2)));
    // Elsewhere the same record has the same answer, but for what is known of the delivery.
    assert_eq!(of(&stored(&th, channel, "id", 1).members, "th").delivery.as_ref().unwrap().id, "delivery.here");
    assert_eq!(of(&stored(&th, channel, "id", 1).members, "vn").delivery.as_ref().unwrap().id, "delivery.silent");
    vn.assert_sound();
}

#[test]
fn suspended_ended_and_acceded_parts_are_told_apart_at_the_instant() {
    let region = region_of_four(Backlog::All);
    let (id, jp) = (region.open("id"), region.open("jp"));
    jp.node.adopt_agreement(region.agreements[0].as_bytes()).unwrap();
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    for (member, kind, effective) in [
        ("th", NoticeKind::Suspend, "2026-06-10T00:00:00Z"),
        ("vn", NoticeKind::Terminate, "2026-06-20T00:00:00Z"),
        ("jp", NoticeKind::Accede, "2026-06-05T00:00:00Z"),
    ] {
        let note = notice(&region, &id, member, kind, effective, &[member]);
        id.node.adopt(note.as_bytes()).unwrap();
    }
    let at_day = |day: &str| {
        let at = Some(at(&format!("2026-{day}T12:00:00Z")));
        let question =
            ExplainQuestion { channel, kind: "stix.indicator".to_owned(), label: None, personal_data: None, at };
        let found = explain::explain(&id.node, &Caller::operator(), &question).unwrap();
        let recipients: Vec<String> = found.recipients.iter().map(|to| to.code.to_string()).collect();
        let ids: Vec<&str> = found.members.iter().map(|one| one.says[0].ground.id).collect();
        (recipients, ids)
    };
    let audience = "explain.audience";
    assert_eq!(
        at_day("06-01"),
        (vec!["th".to_owned(), "vn".to_owned()], vec![audience, "explain.candidate", audience, audience])
    );
    assert_eq!(at_day("06-06").0, ["jp", "th", "vn"]);
    assert_eq!(at_day("06-11").1, [audience, "explain.acceded", "explain.suspended", audience]);
    // Thirty days of notice.
    assert_eq!(at_day("06-21").0, ["jp", "vn"]);
    assert_eq!(
        at_day("07-02"),
        (vec!["jp".to_owned()], vec![audience, "explain.acceded", "explain.suspended", "explain.ended"])
    );
    // And of the record that was there before all this.
    region.advance_ms(40 * 86_400_000);
    let members = stored(&id, channel, "id", 1).members;
    let times = |member: &str| {
        let one = of(&members, member);
        let short = |at: Option<Timestamp>| at.map(|at| at.to_string()[..10].to_owned());
        (one.reception, short(one.since), short(one.until))
    };
    assert_eq!(times("th"), (Reception::Received, None, Some("2026-06-10".to_owned())));
    assert_eq!(times("vn"), (Reception::Received, None, Some("2026-07-01".to_owned())));
    assert_eq!(times("jp"), (Reception::Receives, Some("2026-06-05".to_owned()), None));
}

#[test]
fn who_joins_where_there_is_no_backlog_does_not_receive_what_was_before() {
    for (backlog, reception, says) in [
        (Backlog::All, Reception::Receives, "explain.acceded"),
        (Backlog::None, Reception::Never, "explain.no-backlog"),
    ] {
        let region = region_of_four(backlog);
        let id = region.open("id");
        let channel = id.channel();
        id.publish_one(channel, &indicator(1));
        let accede = notice(&region, &id, "jp", NoticeKind::Accede, "2026-06-01T00:00:00Z", &["jp"]);
        region.advance_ms(1_000);
        id.node.adopt(accede.as_bytes()).unwrap();
        govern(&[&id]);
        let old = id.logs_of(channel, "id").into_iter().min_by_key(|row| row.no).unwrap();
        let origin = old.id.origin(&region.id).to_string();
        let found = explain::stored(&id.node, &Caller::operator(), &origin, 1).unwrap().unwrap();
        let jp = of(&found.members, "jp");
        assert_eq!((jp.reception, jp.says[0].ground.id), (reception, says), "{backlog:?}");
    }
}

#[test]
fn what_is_held_says_what_it_waits_for() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    let first = id.node.governance().agreements.values().next().unwrap().versions[0].clone();
    let next = Terms { number: 2, previous: Some(first.hash), from: at("2026-05-01T00:00:00Z"), ..first.terms };
    let second = region.sign(Purpose::Agreement, &next.to_value(), &["id", "th", "vn"]);
    id.node.adopt(second.as_bytes()).unwrap();
    id.publish_one(channel, &indicator(1));
    th.pull(&id);
    let held = stored(&th, channel, "id", 1);
    assert_eq!(held.state, "held");
    assert!(held.reason.unwrap().contains(&next.hash(&region.id).to_text()));
    th.node.adopt(second.as_bytes()).unwrap();
    govern(&[&th]);
    let shown = stored(&th, channel, "id", 1);
    assert_eq!((shown.state, shown.basis.unwrap().version), ("shown", Some(2)), "the control");
}

#[test]
fn the_unknown_the_forbidden_and_the_absent_are_one_answer() {
    let mut region = Region::new(3, &["id", "th", "vn"]);
    let open = region.agree(&Treaty::default());
    let hidden = region.agree(&Treaty { handle: "two", parties: &["id", "th"], ..Treaty::default() });
    let id = region.open("id");
    for channel in [open, hidden] {
        id.publish_one(channel, &indicator(1));
    }
    let narrow = Caller { channels: Some(vec![open]), ..Caller::operator() };
    let governance = id.node.governance();
    let two = explain::agreement_named(&governance, "two").unwrap();
    let origin = id.origin_of(hidden, "id");
    let period = (Timestamp::default(), Timestamp::MAX);
    let asked = |caller: &Caller, origin: &str| explain::stored(&id.node, caller, origin, 1).unwrap();
    assert!(asked(&Caller::operator(), &origin).is_some(), "the control");
    for origin in [origin.as_str(), "gotong/x", "", &origin.replace("/id/", "/vn/")] {
        assert_eq!(asked(&narrow, origin), None, "{origin}");
    }
    let origin = id.origin_of(open, "id");
    assert_eq!(explain::stored(&id.node, &narrow, &origin, u64::MAX).unwrap(), None);
    assert!(explain::changes(&id.node, &Caller::operator(), Some(two), period).unwrap().is_some(), "the control");
    assert_eq!(explain::changes(&id.node, &narrow, Some(two), period).unwrap(), None);
    assert_eq!(explain::evidence(&id.node, &narrow, &two, None).unwrap(), None);
    let all = explain::changes(&id.node, &narrow, None, period).unwrap().unwrap();
    assert!(all.turns.iter().all(|turn| turn.agreement == "rti") && !all.turns.is_empty());
    let found = explain::what_if(&id.node, &narrow, notice_of_two(&region, &id).as_bytes(), None).unwrap().unwrap();
    assert!(found.differs.is_empty() && found.recount.is_empty() && found.records == 0, "{found:?}");
}

fn notice_of_two(region: &Region, peer: &Peer) -> String {
    let governance = peer.node.governance();
    let notice = Notice {
        agreement: explain::agreement_named(&governance, "two").unwrap(),
        member: code("th"),
        notice: NoticeKind::Suspend,
        subject: None,
        serial: 1,
        previous: None,
        published_at: at("2026-06-01T00:00:00Z"),
        effective: at("2026-06-01T00:00:00Z"),
        reason: None,
    };
    region.sign(Purpose::Notice, &notice.to_value(), &["th"])
}

#[test]
fn each_turn_says_what_it_changes_for_whom() {
    let region = Region::usual();
    let id = region.open("id");
    let first = id.node.governance().agreements.values().next().unwrap().versions[0].clone();
    let mut next = Terms { number: 2, previous: Some(first.hash), from: at("2026-07-01T00:00:00Z"), ..first.terms };
    next.channel_types[0].ceiling = Tlp::Green;
    next.channel_types[0].writers = vec![code("id"), code("th")];
    let second = region.sign(Purpose::Agreement, &next.to_value(), &["id", "th", "vn"]);
    id.node.adopt(second.as_bytes()).unwrap();
    let suspend = notice(&region, &id, "th", NoticeKind::Suspend, "2026-08-01T00:00:00Z", &["th"]);
    id.node.adopt(suspend.as_bytes()).unwrap();
    let ask = |from: &str, until: &str| {
        let period = (at(&format!("2026-{from}T00:00:00Z")), at(&format!("2026-{until}T00:00:00Z")));
        explain::changes(&id.node, &Caller::operator(), None, period).unwrap().unwrap().turns
    };
    let ids = |changes: &[explain::Change]| changes.iter().map(|change| change.id).collect::<Vec<_>>();
    let turns = ask("06-02", "12-01");
    let days: Vec<String> = turns.iter().map(|turn| turn.at.to_string()[..10].to_owned()).collect();
    assert_eq!(days, ["2026-07-01", "2026-07-02", "2026-08-01"]);
    assert_eq!(
        (ids(&turns[0].causes), ids(&turns[0].effects)),
        (vec!["change.version"], vec!["change.writes-no-more", "change.ceiling"])
    );
    assert_eq!(turns[0].effects[0].member, Some(code("vn")));
    assert_eq!(turns[0].effects[1].text, "the ceiling is TLP:GREEN instead of TLP:AMBER");
    assert_eq!((ids(&turns[1].causes), turns[1].effects.len()), (vec!["change.grace"], 0));
    assert_eq!(ids(&turns[2].effects), ["change.reads-no-more", "change.writes-no-more"]);
    assert!(ask("08-02", "12-01").is_empty());
    assert_eq!(ask("08-01", "08-02").len(), 1);
}

#[test]
fn a_draft_that_nobody_signed_is_supposed_and_leaves_no_trace() {
    let region = Region::usual();
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    for n in 1..=3 {
        id.publish_one(channel, &indicator(n));
    }
    th.pull(&id);
    let before = th.node.governance();
    let first = before.agreements.values().next().unwrap().versions[0].clone();
    let mut next = Terms { number: 2, previous: Some(first.hash), from: at("2026-07-01T00:00:00Z"), ..first.terms };
    next.channel_types[0].ceiling = Tlp::Green;
    // One signature of three, as when a draft goes round.
    let note = region.sign(Purpose::Agreement, &next.to_value(), &["th"]);
    let ask = |note: &str, at| explain::what_if(&th.node, &Caller::operator(), note.as_bytes(), at).unwrap();
    let found = ask(&note, None).unwrap();
    assert_eq!((found.supposed.number, found.supposed.at), (2, at("2026-07-01T00:00:00Z")));
    assert!(
        found.differs.iter().all(|one| one.act == "publish" && one.before && !one.after && one.says.clause == "3.2")
    );
    assert_eq!(found.differs.len(), 3, "of each member, {:?}", found.differs);
    assert_eq!(found.differs[0].labels, [Tlp::Amber]);
    assert_eq!((found.records, found.recount.len()), (3, 1));
    assert_eq!((found.recount[0].records, found.recount[0].after, found.recount[0].label), (3, false, Tlp::Amber));
    // Before its first day it changes nothing.
    let early = ask(&note, Some(at("2026-06-15T00:00:00Z"))).unwrap();
    assert!(early.differs.is_empty() && early.recount.is_empty() && early.records == 3);
    let after = th.node.governance();
    assert_eq!((after.generation(), after.drafts.len()), (before.generation(), 0));
    assert_eq!(after.agreements.values().next().unwrap().versions.len(), 1);
    th.assert_sound();
    // What would not count even with all signatures is refused, and so is what is no document.
    let skips = Terms { number: 3, ..next.clone() };
    assert!(ask(&region.sign(Purpose::Agreement, &skips.to_value(), &["th"]), None).is_err());
    let stranger = Terms { parties: vec![code("id"), code("th"), code("xx")], ..next };
    assert!(ask(&region.sign(Purpose::Agreement, &stranger.to_value(), &["th"]), None).is_err());
    for nonsense in ["", "x", "gotong/nowhere/agreement\n{}\n\n\u{2014} x AAAA\n"] {
        assert!(ask(nonsense, None).is_err(), "{nonsense:?}");
    }
}

#[test]
fn a_supposed_notice_shows_what_its_giver_would_lose() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    // Signed by somebody else: that it is supposed makes no signature good for anything.
    let note = notice(&region, &id, "id", NoticeKind::Suspend, "2026-06-05T00:00:00Z", &["vn"]);
    let found = explain::what_if(&id.node, &Caller::operator(), note.as_bytes(), None).unwrap().unwrap();
    let acts: Vec<(&str, &str)> = found.differs.iter().map(|one| (one.member.as_str(), one.act)).collect();
    assert_eq!(acts, [("id", "receive"), ("id", "publish")]);
    assert_eq!((found.recount[0].author.as_str(), found.recount[0].records), ("id", 1));
    id.node.adopt(note.as_bytes()).unwrap();
    region.advance_ms(10 * 86_400_000);
    assert!(id.node.governance().in_audience(&channel, &code("id")), "and taken in it counts for nothing");
}

#[test]
fn evidence_names_each_signature_and_the_own_entry_that_dates_it() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let alone = Region::usual();
    let silent = alone.open("id");
    exchange(&[&id, &th, &vn]);
    let ask = |peer: &Peer| {
        let agreement = explain::agreement_named(&peer.node.governance(), "rti").unwrap();
        explain::evidence(&peer.node, &Caller::operator(), &agreement, None).unwrap().unwrap()
    };
    let found = ask(&id);
    let [version] = found.documents.as_slice() else { panic!("{found:?}") };
    assert_eq!(version.signatures.len(), 3);
    for one in &version.signatures {
        let seen = one.seen.as_ref().unwrap();
        assert!(one.verifies && one.charters == [1] && seen.how == "document" && seen.proven.verified, "{one:?}");
        assert_eq!(Some(&seen.proven.author), one.member.as_ref(), "of the signer's own hand");
        assert_eq!(seen.published_at, at("2026-06-01T00:00:00Z"));
    }
    assert_eq!(explain::not_provable(&found.documents).len(), 2);
    // A node that has heard of nobody shows the signatures, and says that nothing dates them.
    let found = ask(&silent);
    let dated: Vec<bool> = found.documents[0].signatures.iter().map(|one| one.seen.is_some()).collect();
    assert_eq!(dated, [false, false, false]);
    assert_eq!(explain::not_provable(&found.documents).len(), 5);
}

#[test]
fn a_line_that_does_not_verify_is_shown_as_such_and_dates_nothing() {
    let region = Region::usual();
    let (id, th, vn) = (region.open("id"), region.open("th"), region.open("vn"));
    let first = id.node.governance().agreements.values().next().unwrap().versions[0].clone();
    let next = Terms { number: 2, previous: Some(first.hash), from: at("2026-05-01T00:00:00Z"), ..first.terms };
    let note = region.sign(Purpose::Agreement, &next.to_value(), &["id", "th", "vn"]);
    // One letter of th's signature is another.
    let place = note.find("/th/root ").unwrap() + 40;
    let other = if &note[place..=place] == "A" { "B" } else { "A" };
    let broken = format!("{}{other}{}", &note[..place], &note[place + 1..]);
    id.node.adopt(broken.as_bytes()).unwrap();
    exchange(&[&id, &th, &vn]);
    let agreement = explain::agreement_named(&id.node.governance(), "rti").unwrap();
    let found = explain::evidence(&id.node, &Caller::operator(), &agreement, Some(2)).unwrap().unwrap();
    let [draft] = found.documents.as_slice() else { panic!("{found:?}") };
    assert!(!draft.counts && draft.missing == [code("th")]);
    let verifies: Vec<(&str, bool)> =
        draft.signatures.iter().map(|one| (one.member.as_ref().unwrap().as_str(), one.verifies)).collect();
    assert_eq!(verifies, [("id", true), ("th", false), ("vn", true)]);
    assert!(explain::not_provable(&found.documents).iter().any(|text| text.contains("Member th (th) does not verify")));
    id.node.adopt(note.as_bytes()).unwrap();
    let found = explain::evidence(&id.node, &Caller::operator(), &agreement, Some(2)).unwrap().unwrap();
    assert!(found.documents[0].counts, "the control: the whole note counts");
}

#[test]
fn what_was_withdrawn_or_refused_says_by_what() {
    let region = Region::usual();
    let (id, vn) = (region.open("id"), region.open("vn"));
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    region.advance_ms(1_000);
    let suspend = notice(&region, &id, "id", NoticeKind::Suspend, "2026-06-01T00:00:00.5Z", &["id"]);
    id.publish_one(channel, &indicator(2));
    vn.pull(&id);
    assert_eq!(stored(&vn, channel, "id", 2).state, "shown", "the control");
    // id's root had suspended its part, and id's node did not know.
    vn.node.adopt(suspend.as_bytes()).unwrap();
    govern(&[&vn]);
    let refused = stored(&vn, channel, "id", 2);
    assert_eq!((refused.state, stored(&vn, channel, "id", 1).state), ("refused", "shown"));
    assert!(refused.says.iter().any(|said| said.ground.id == "policy.suspended"), "{refused:?}");
    assert!(refused.duties.is_empty());
    let ids = vec![crate::region::indicator_id(1)];
    let selection =
        gotong_app::withdraw::Selection { channel, ids, modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, gotong_model::control::Reason::Privacy).unwrap();
    let gone = stored(&id, channel, "id", 1);
    assert_eq!((gone.state, gone.kind.as_ref(), gone.label), ("withdrawn", None, None));
    assert!(gone.reason.unwrap().contains("privacy"));
    assert_eq!(stored(&id, channel, "id", 0).state, "control");
}
