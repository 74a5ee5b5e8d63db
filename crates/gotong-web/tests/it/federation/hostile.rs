//! A member that does not keep to the protocol: its own key, its own chain, and answers that are wrong. What it does costs the log it does it to and
//! is counted; the rest goes on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gotong_app::Node;
use gotong_model::{ChannelId, EpochId, LogId, MemberCode};
use gotong_sync::Encoding;
use gotong_sync::wire::{ChangedLog, ChangesAnswer, ChangesRequest, Hello, push_frame, split_frames};
use gotong_web::federation::LinkState;
use tokio::time::{Duration, Instant, timeout_at};

use super::probe::{CHANGES, HELLO, hello_of, serve};
use super::region::{ADVISORIES, ID, INDICATORS, Member, Region, TH, VN, until};

/// How a log's honest frames are spoilt.
type Spoil = fn(Vec<Vec<u8>>) -> Vec<u8>;

/// Thailand's node as it would answer, but for frames of its indicators while `spoils`.
struct Hostile {
    th: Arc<Member>,
    spoils: Arc<AtomicBool>,
    spoilt: Arc<AtomicUsize>,
}

impl Hostile {
    fn start(region: &mut Region, spoil: Spoil) -> Self {
        let th = Arc::new(region.member(TH));
        let hello = Hello { protocol: Some(0), ..hello_of(region, TH) }.encode();
        let (spoils, spoilt) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let (bad, caller) = (region.channel(INDICATORS), region.code(ID));
        let shared = (Arc::clone(&th), Arc::clone(&spoils), Arc::clone(&spoilt));
        serve(region.socket(TH), &region.tls[TH], move |_, uri, body| {
            let (th, spoils, spoilt) = shared.clone();
            let (hello, caller) = (hello.clone(), caller.clone());
            async move {
                if uri == HELLO {
                    return (200, hello);
                }
                if uri == CHANGES {
                    return (200, changes(&th, &caller, &body).await);
                }
                let (log, from) = log_asked(&uri);
                let frames = frames(&th.node, &caller, &log, from);
                if log.channel == bad && spoils.load(Ordering::SeqCst) {
                    spoilt.fetch_add(1, Ordering::SeqCst);
                    let frames = split_frames(&frames).unwrap().into_iter().map(<[u8]>::to_vec).collect();
                    return (200, spoil(frames));
                }
                (200, frames)
            }
        });
        Self { th, spoils, spoilt }
    }
}

async fn changes(th: &Member, caller: &MemberCode, body: &[u8]) -> Vec<u8> {
    let asked = ChangesRequest::decode(body).unwrap();
    let until = Instant::now() + Duration::from_millis(asked.wait_ms);
    let mut bell = th.bell.listen();
    loop {
        bell.mark_unchanged();
        let is_over = Instant::now() >= until;
        if let Some(answer) = th.node.changes_for(caller, asked.cursor.as_deref(), is_over).unwrap() {
            return answer.encode();
        }
        let _ = timeout_at(until, bell.changed()).await;
    }
}

fn frames(th: &Node, caller: &MemberCode, log: &LogId, from: u64) -> Vec<u8> {
    th.frames_for(caller, log, from, Encoding::Plain).unwrap().unwrap()
}

fn log_asked(uri: &str) -> (LogId, u64) {
    let (path, query) = uri.split_once('?').unwrap();
    let parts: Vec<&str> = path.split('/').collect();
    let log = LogId {
        channel: ChannelId::from_text(parts[4]).unwrap(),
        author: MemberCode::from_text(parts[5]).unwrap(),
        epoch: EpochId::from_text(parts[6]).unwrap(),
    };
    let from = query.split('&').find_map(|pair| pair.strip_prefix("from=")).unwrap();
    (log, from.parse().unwrap())
}

fn joined(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for frame in frames {
        push_frame(&mut out, frame);
    }
    out
}

/// Where the fields behind the checkpoint begin.
fn behind_checkpoint(frame: &[u8]) -> usize {
    8 + usize::try_from(u32::from_be_bytes(frame[4..8].try_into().unwrap())).unwrap()
}

/// The place of `encoding`, behind checkpoint, first, count and proof.
fn encoding_at(frame: &[u8]) -> usize {
    let proof = behind_checkpoint(frame) + 12;
    proof + 4 + 32 * usize::try_from(u32::from_be_bytes(frame[proof..proof + 4].try_into().unwrap())).unwrap()
}

fn flipped(mut frames: Vec<Vec<u8>>, at: impl Fn(&[u8]) -> usize) -> Vec<u8> {
    let at = at(&frames[0]);
    frames[0][at] ^= 1;
    joined(&frames)
}

fn with_payload(frame: &[u8], encoding: u8, length: u32, payload: &[u8]) -> Vec<u8> {
    let mut spoilt = frame[..encoding_at(frame)].to_vec();
    spoilt.push(encoding);
    spoilt.extend_from_slice(&length.to_be_bytes());
    push_frame(&mut spoilt, payload);
    spoilt
}

const SPOILS: &[(&str, Spoil)] = &[
    ("a flipped bit in the magic", |frames| flipped(frames, |_| 0)),
    ("a flipped bit in the checkpoint's text", |frames| flipped(frames, |_| 80)),
    ("a flipped bit in the signature", |frames| flipped(frames, |frame| behind_checkpoint(frame) - 20)),
    ("a flipped bit in the index", |frames| flipped(frames, |frame| behind_checkpoint(frame) + 7)),
    ("a flipped bit in the count", |frames| flipped(frames, |frame| behind_checkpoint(frame) + 11)),
    ("a flipped bit in a body", |frames| flipped(frames, |frame| frame.len() - 10)),
    ("a flipped bit in a salt", |frames| flipped(frames, |frame| encoding_at(frame) + 15)),
    ("an unknown encoding", |frames| flipped(frames, encoding_at)),
    ("nothing at all", |_| Vec::new()),
    ("empty frames", |_| vec![0; 4 * 64]),
    ("a length beyond every bound", |_| vec![0xff; 100]),
    ("a length beyond what comes", |mut frames| {
        let mut out = joined(&frames.split_off(0));
        out.truncate(out.len() - 1);
        out
    }),
    ("noise", |_| joined(&[(0..5_000_u32).map(|at| at.to_le_bytes()[0] ^ 0x5a).collect()])),
    ("a bomb: 64 MiB of zeros behind a small length", |frames| {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).unwrap();
        joined(&[with_payload(&frames[0], 1, 4_096, &bomb)])
    }),
    ("a bomb at the bound of the length", |frames| {
        let bomb = zstd::bulk::compress(&vec![0; 8 << 20], 3).unwrap();
        joined(&[with_payload(&frames[0], 1, 8 << 20, &bomb)])
    }),
    ("a length beyond the bound before compression", |frames| joined(&[with_payload(&frames[0], 1, u32::MAX, b"")])),
    ("bytes behind a frame", |mut frames| {
        frames[0].push(0);
        joined(&frames)
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_do_not_hold_are_refused_and_counted_and_other_logs_go_on() {
    for (at, (what, spoil)) in (40..).zip(SPOILS) {
        eprintln!("{what}");
        let mut region = Region::new(at);
        let hostile = Hostile::start(&mut region, *spoil);
        let (bad, good) = (region.channel(INDICATORS), region.channel(ADVISORIES));
        let spoilt = hostile.th.publish(bad, 5);
        let first = hostile.th.publish(good, 1);
        let id = region.start(ID).await;
        id.until(what, |id| id.shows(&first[0])).await;
        let tries = Arc::clone(&hostile.spoilt);
        until(what, || tries.load(Ordering::SeqCst) >= 2).await;
        let second = hostile.th.publish(good, 1);
        id.until(what, |id| id.shows(&second[0])).await;
        let link = id.link("th");
        assert!(link.faults >= 1 && link.last_fault.is_some(), "{what}: {link:?}");
        assert_eq!(id.size(bad, "th"), 0, "{what}: nothing of it was stored");
        hostile.spoils.store(false, Ordering::SeqCst);
        id.until(what, |id| spoilt.iter().all(|one| id.shows(one))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_frames_before_a_bad_one_are_kept() {
    let mut region = Region::new(70);
    // Of the frames of an answer the last is bad, unless it is the only one.
    let hostile = Hostile::start(&mut region, |mut frames| {
        if let [_, .., last] = frames.as_mut_slice() {
            let at = last.len() - 10;
            last[at] ^= 1;
        }
        joined(&frames)
    });
    let bad = region.channel(INDICATORS);
    hostile.th.publish(bad, 2_500);
    let id = region.start(ID).await;
    // A bad frame that was not the first leaves two of three stored; asked for alone, the last is good.
    id.until("all frames, each once", |id| id.size(bad, "th") == 2_501 && id.link("th").frames == 3).await;
    let link = id.link("th");
    assert_eq!((link.entries, link.frames), (2_501, 3), "{link:?}");
    assert!(link.faults >= 1, "{link:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_sent_again_and_again_is_a_fault_and_stored_once() {
    let mut region = Region::new(75);
    let hostile = Hostile::start(&mut region, |frames| joined(&vec![frames[0].clone(); 65]));
    let (bad, good) = (region.channel(INDICATORS), region.channel(ADVISORIES));
    hostile.th.publish(bad, 5);
    let first = hostile.th.publish(good, 1);
    let id = region.start(ID).await;
    id.until("both logs, and the fault", |id| {
        id.size(bad, "th") == 6 && id.shows(&first[0]) && id.link("th").faults == 1
    })
    .await;
    id.until("the counters", |id| id.link("th").entries >= 6 + 2).await;
    assert_eq!(id.link("th").entries, 6 + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_another_log_are_refused() {
    let mut region = Region::new(71);
    let th = Arc::new(region.member(TH));
    let (one, other) = (region.channel(INDICATORS), region.channel(ADVISORIES));
    th.publish(one, 2);
    th.publish(other, 2);
    let elsewhere = th.log(other, "th").unwrap().0;
    let (hello, caller) = (Hello { protocol: Some(0), ..hello_of(&region, TH) }.encode(), region.code(ID));
    let served = Arc::clone(&th);
    serve(region.socket(TH), &region.tls[TH], move |_, uri, body| {
        let (th, hello, caller, elsewhere) = (Arc::clone(&served), hello.clone(), caller.clone(), elsewhere.clone());
        async move {
            match uri.as_str() {
                HELLO => (200, hello),
                CHANGES => (200, changes(&th, &caller, &body).await),
                _ => (200, frames(&th.node, &caller, &elsewhere, 0)),
            }
        }
    });
    let id = region.start(ID).await;
    id.until("the log whose frames are served", |id| id.size(other, "th") == 3).await;
    id.until("the fault of the other", |id| id.link("th").faults >= 1).await;
    assert_eq!(id.size(one, "th"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_its_author_cannot_serve_does_not_hold_up_those_behind_it() {
    let mut region = Region::new(77);
    let th = Arc::new(region.member(TH));
    let (bad, good) = (region.channel(INDICATORS), region.channel(ADVISORIES));
    // The oldest change comes first.
    th.publish(bad, 1);
    let behind = th.publish(good, 1);
    let (hello, caller) = (Hello { protocol: Some(0), ..hello_of(&region, TH) }.encode(), region.code(ID));
    let served = Arc::clone(&th);
    serve(region.socket(TH), &region.tls[TH], move |_, uri, body| {
        let (th, hello, caller) = (Arc::clone(&served), hello.clone(), caller.clone());
        async move {
            match uri.as_str() {
                HELLO => (200, hello),
                CHANGES => (200, changes(&th, &caller, &body).await),
                _ => match log_asked(&uri) {
                    (log, _) if log.channel == bad => (503, Vec::new()),
                    (log, from) => (200, frames(&th.node, &caller, &log, from)),
                },
            }
        }
    });
    let id = region.start(ID).await;
    id.until("the log behind", |id| id.shows(&behind[0])).await;
    assert_eq!(id.size(bad, "th"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_author_with_two_histories_is_caught_and_costs_that_log_alone() {
    let mut region = Region::new(76);
    let (bad, good) = (region.channel(INDICATORS), region.channel(ADVISORIES));
    // The same node twice, from the same randomness: their logs are the same until the second goes another way.
    let (one, two) = (region.member(TH), region.member(TH));
    let first = one.publish(bad, 1);
    assert_eq!(two.publish(bad, 1), first);
    let of_one = one.publish(bad, 1);
    let other = two.publish(good, 1);
    let of_two = two.publish(bad, 2);
    assert_eq!(one.log(bad, "th").unwrap().0, two.log(bad, "th").unwrap().0);
    let (hello, caller) = (Hello { protocol: Some(0), ..hello_of(&region, TH) }.encode(), region.code(ID));
    let (turned, nodes) = (Arc::new(AtomicBool::new(false)), Arc::new([one, two]));
    let shared = (Arc::clone(&turned), Arc::clone(&nodes));
    serve(region.socket(TH), &region.tls[TH], move |_, uri, body| {
        let ((turned, nodes), hello, caller) = (shared.clone(), hello.clone(), caller.clone());
        async move {
            let th = &nodes[usize::from(turned.load(Ordering::SeqCst))];
            if uri == HELLO {
                return (200, hello);
            }
            if uri == CHANGES {
                let asked = ChangesRequest { wait_ms: 50, ..ChangesRequest::decode(&body).unwrap() };
                return (200, changes(th, &caller, &asked.encode()).await);
            }
            let (log, from) = log_asked(&uri);
            (200, frames(&th.node, &caller, &log, from))
        }
    });
    let id = region.start(ID).await;
    id.until("the first history", |id| id.shows(&of_one[0])).await;
    turned.store(true, Ordering::SeqCst);
    nodes[1].node.ring();
    id.until("the other log", |id| id.shows(&other[0])).await;
    let told = |id: &Member| id.link("th").last_fault.is_some_and(|fault| fault.text.contains("two histories"));
    id.until("the fault", told).await;
    assert_eq!(id.size(bad, "th"), 3, "nothing of the second history was stored");
    assert!(id.shows(&of_one[0]) && !of_two.iter().any(|one| id.shows(one)));
    let evidence = {
        let tx = id.node.store.read().unwrap();
        tx.scan(gotong_store::Book::Evidence, &[], &[], 16).unwrap()
    };
    assert_eq!(evidence.len(), 1, "both checkpoints are kept, once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_member_who_answers_the_dial_is_told_nothing_but_hello() {
    let mut region = Region::new(72);
    let paths = Arc::new(Mutex::new(Vec::new()));
    // Viet Nam, with its own good key and chain, at the address where Thailand is expected.
    let hello = Hello { protocol: Some(0), ..hello_of(&region, VN) }.encode();
    let seen = Arc::clone(&paths);
    serve(region.socket(TH), &region.tls[VN], move |method, uri, _| {
        seen.lock().unwrap().push(format!("{method} {uri}"));
        let hello = hello.clone();
        async move { (200, hello) }
    });
    let id = region.start(ID).await;
    id.publish(region.channel(INDICATORS), 1);
    id.until("the fault", |id| id.link("th").faults >= 3).await;
    let link = id.link("th");
    assert_eq!(link.state, LinkState::Unreachable);
    assert!(link.last_fault.as_ref().unwrap().text.contains("vn answered where th was expected"), "{link:?}");
    let paths = paths.lock().unwrap();
    assert!(paths.iter().all(|path| path == "POST /federation/v1/hello"), "{paths:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_key_that_no_statement_lists_is_not_believed() {
    let mut region = Region::new(73);
    let hello = Hello { protocol: Some(0), ..hello_of(&region, TH) }.encode();
    let paths = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&paths);
    let key = gotong_web::federation::certificate::generate_key_pem().unwrap();
    serve(region.socket(TH), &key, move |_, uri, _| {
        seen.lock().unwrap().push(uri);
        let hello = hello.clone();
        async move { (200, hello) }
    });
    let id = region.start(ID).await;
    id.until("the fault", |id| id.link("th").faults >= 2).await;
    assert!(id.link("th").last_fault.unwrap().text.contains("does not list"));
    assert!(paths.lock().unwrap().iter().all(|path| path == HELLO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_to_changes_that_do_not_hold_are_refused_and_the_link_comes_back() {
    let mut region = Region::new(74);
    let th = Arc::new(region.member(TH));
    let vn = region.member(VN);
    let good = th.publish(region.channel(INDICATORS), 1);
    // A checkpoint of another member's log, a checkpoint with a wrong signature, too many logs, an answer without end, a redirection.
    let asked = ChangesRequest::default();
    let answer = |logs: Vec<ChangedLog>| {
        ChangesAnswer { acknowledgements: Vec::new(), cursor: "x".to_owned(), logs, more: true }.encode()
    };
    let own = th.node.changes_for(&region.code(ID), asked.cursor.as_deref(), true).unwrap().unwrap().logs;
    vn.publish(region.channel(INDICATORS), 1);
    let strange = vn.node.changes_for(&region.code(ID), None, true).unwrap().unwrap().logs;
    let mut forged = own.clone();
    forged[0].checkpoint = forged[0].checkpoint.replacen("\n2\n", "\n3\n", 1);
    assert_ne!(forged, own);
    let bad: Vec<(u16, Vec<u8>)> = vec![
        (200, answer(strange)),
        (200, answer(forged)),
        (200, answer(vec![own[0].clone(); 257])),
        (200, vec![b' '; (8 << 20) + 1]),
        (200, b"{".to_vec()),
        (301, Vec::new()),
        (200, vec![b'['; 100_000]),
        (503, Vec::new()),
    ];
    let (count, rounds) = (Arc::new(AtomicUsize::new(0)), bad.len());
    let (hello, caller) = (Hello { protocol: Some(0), ..hello_of(&region, TH) }.encode(), region.code(ID));
    let served = Arc::clone(&th);
    serve(region.socket(TH), &region.tls[TH], move |_, uri, body| {
        let (th, hello, caller) = (Arc::clone(&served), hello.clone(), caller.clone());
        let spoilt = (uri == CHANGES).then(|| bad.get(count.fetch_add(1, Ordering::SeqCst)).cloned()).flatten();
        async move {
            match (uri.as_str(), spoilt) {
                (HELLO, _) => (200, hello),
                (_, Some(spoilt)) => spoilt,
                (CHANGES, None) => (200, changes(&th, &caller, &body).await),
                _ => {
                    let (log, from) = log_asked(&uri);
                    (200, frames(&th.node, &caller, &log, from))
                }
            }
        }
    });
    let id = region.start(ID).await;
    id.until("the record after all that", |id| id.shows(&good[0])).await;
    assert_eq!(id.link("th").faults, u64::try_from(rounds).unwrap(), "{:?}", id.link("th"));
}
