//! Whoever is not known, not in the audience, or asks for what is not there: one and the same answer, to the byte. Each refusal stands beside what is
//! permitted, so that the tests show they would see the difference.

use gotong_model::LogId;
use gotong_sync::wire::{ChangesRequest, Hello, split_frames};
use gotong_web::federation::certificate::generate_key_pem;
use rustls::HandshakeKind;
use tokio::io::AsyncReadExt;

use super::probe::{CHANGES, HELLO, Probe, Raw, client, hello_of};
use super::region::{ID, INDICATORS, Member, PRIVATE, Region, TH, VN};

fn frames(log: &LogId, query: &str) -> String {
    format!("/federation/v1/frames/{}/{}/{}?{query}", log.channel, log.author, log.epoch)
}

fn changes(wait_ms: u64) -> Vec<u8> {
    ChangesRequest { wait_ms, ..ChangesRequest::default() }.encode()
}

/// The answer to a stranger who asks for something that was never there.
async fn refusal(region: &Region) -> Raw {
    let mut stranger = Probe::connect(region.addresses[ID], &generate_key_pem().unwrap()).await;
    let refusal = stranger.ask("GET", "/nothing", b"").await.unwrap();
    assert_eq!(refusal.status(), 404);
    refusal
}

async fn member(region: &Region, member: usize) -> Probe {
    let mut probe = Probe::connect(region.addresses[ID], &region.tls[member]).await;
    let welcome = probe.hello(&hello_of(region, member)).await.unwrap();
    assert_eq!(welcome.status(), 200);
    assert_eq!(Hello::decode(welcome.body()).unwrap().protocol, Some(0));
    probe
}

fn published(id: &Member, region: &Region) -> (LogId, LogId) {
    id.publish(region.channel(INDICATORS), 1);
    id.publish(region.channel(PRIVATE), 1);
    let log = |at| id.log(region.channel(at), "id").unwrap().0;
    (log(INDICATORS), log(PRIVATE))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_get_one_answer_whatever_they_ask_and_whoever_they_claim_to_be() {
    let mut region = Region::new(21);
    let id = region.start(ID).await;
    let (shared, private) = published(&id, &region);
    let refusal = refusal(&region).await;
    let tail = "from=0&encoding=0";
    let as_th = hello_of(&region, TH);
    let asks = [
        ("GET", "/".to_owned(), Vec::new()),
        ("PUT", HELLO.to_owned(), Vec::new()),
        ("GET", HELLO.to_owned(), Vec::new()),
        ("POST", CHANGES.to_owned(), changes(0)),
        ("GET", frames(&shared, tail), Vec::new()),
        ("GET", frames(&private, tail), Vec::new()),
        ("GET", "/federation/v1/frames/x/y/z".to_owned(), Vec::new()),
        ("POST", HELLO.to_owned(), b"{".to_vec()),
        ("POST", HELLO.to_owned(), Hello { statements: Vec::new(), ..as_th.clone() }.encode()),
        ("POST", HELLO.to_owned(), as_th.encode()),
        ("POST", HELLO.to_owned(), Hello { protocols: vec![7], ..as_th.clone() }.encode()),
        ("POST", HELLO.to_owned(), Hello { region: shared.channel.to_string(), ..as_th.clone() }.encode()),
    ];
    for (method, path, body) in &asks {
        // A key that nobody's statement lists; and a member's own before its hello, for all but the hellos that would be good.
        let mut stranger = Probe::connect(region.addresses[ID], &generate_key_pem().unwrap()).await;
        assert_eq!(stranger.ask(method, path, body).await.unwrap(), refusal, "{method} {path}");
        if !(*method == "POST" && path == HELLO) {
            let mut early = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
            assert_eq!(early.ask(method, path, body).await.unwrap(), refusal, "before hello: {method} {path}");
        }
    }
    // A member's certificate with another member's chain.
    let mut crooked = Probe::connect(region.addresses[ID], &region.tls[VN]).await;
    assert_eq!(crooked.hello(&as_th).await.unwrap(), refusal);
    assert_eq!(crooked.ask("POST", CHANGES, &changes(0)).await.unwrap(), refusal);
    // The same questions by the member itself have answers.
    let mut th = member(&region, TH).await;
    assert_eq!(th.ask("POST", CHANGES, &changes(0)).await.unwrap().status(), 200);
    assert_eq!(th.ask("GET", &frames(&shared, tail), b"").await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_outside_the_audience_learns_nothing_of_a_channel() {
    let mut region = Region::new(22);
    let id = region.start(ID).await;
    let (shared, private) = published(&id, &region);
    let refusal = refusal(&region).await;
    let tail = "from=0&encoding=0";
    let mut th = member(&region, TH).await;
    let mut vn = member(&region, VN).await;
    let random = LogId { channel: gotong_model::ChannelId(region.founding.region.0), ..private.clone() };
    let others = LogId { author: region.code(VN), ..shared.clone() };
    for log in [&private, &random, &others] {
        assert_eq!(th.ask("GET", &frames(log, tail), b"").await.unwrap(), refusal);
    }
    for query in ["", "from=0", "from=x&encoding=0", "from=0&encoding=9"] {
        assert_eq!(th.ask("GET", &frames(&private, query), b"").await.unwrap(), refusal, "{query:?}");
        assert_eq!(th.ask("GET", &frames(&random, query), b"").await.unwrap(), refusal, "{query:?}");
    }
    for (method, path, body) in
        [("POST", CHANGES, &b"{}"[..]), ("GET", CHANGES, b""), ("GET", "/federation/v1/", b""), ("DELETE", HELLO, b"")]
    {
        assert_eq!(th.ask(method, path, body).await.unwrap(), refusal, "{method} {path}");
    }
    let list = |answer: &Raw| gotong_sync::wire::ChangesAnswer::decode(answer.body()).unwrap();
    let for_th = list(&th.ask("POST", CHANGES, &changes(0)).await.unwrap());
    let for_vn = list(&vn.ask("POST", CHANGES, &changes(0)).await.unwrap());
    assert_eq!((for_th.logs.len(), for_vn.logs.len()), (1, 2), "each is told of what both may read");
    assert_eq!(for_th.cursor.len(), for_vn.cursor.len());
    let served = vn.ask("GET", &frames(&private, tail), b"").await.unwrap();
    assert_eq!(split_frames(served.body()).unwrap().len(), 1);
    let beyond = vn.ask("GET", &frames(&private, "from=2&encoding=1"), b"").await.unwrap();
    assert_eq!((beyond.status(), beyond.body()), (200, &b""[..]), "nothing, and no fault, beyond the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_member_is_told_which_protocols_are_spoken() {
    let mut region = Region::new(23);
    let _id = region.start(ID).await;
    let mut th = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    let answer = th.hello(&Hello { protocols: vec![7, 9], ..hello_of(&region, TH) }).await.unwrap();
    assert_eq!((answer.status(), answer.body()), (400, &br#"{"protocols":[0]}"#[..]));
    let refusal = refusal(&region).await;
    assert_eq!(th.ask("POST", CHANGES, &changes(0)).await.unwrap(), refusal, "it was no good hello");
    let answer = th.hello(&Hello { protocols: vec![0, 9], ..hello_of(&region, TH) }).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_newer_statement_dropped_is_refused_even_on_an_open_connection() {
    let mut region = Region::new(24);
    let id = region.start(ID).await;
    let refusal = refusal(&region).await;
    let mut idle = member(&region, TH).await;
    let mut waiting = member(&region, TH).await;
    // The first answer of a caller without cursor comes at once; the second waits.
    let first = waiting.ask("POST", CHANGES, &changes(0)).await.unwrap();
    let cursor = gotong_sync::wire::ChangesAnswer::decode(first.body()).unwrap().cursor;
    let body = ChangesRequest { acknowledgements: Vec::new(), cursor: Some(cursor), wait_ms: 60_000 }.encode();
    let head = format!("POST {CHANGES} HTTP/1.1\r\nhost: peer\r\ncontent-length: {}\r\n\r\n", body.len());
    waiting.send(&[head.as_bytes(), &body].concat()).await.unwrap();
    let pem = generate_key_pem().unwrap();
    let chain = region.second_statement(TH, region.addresses[TH], &pem);
    id.node.adopt_statements(&chain).unwrap();
    assert_eq!(waiting.read().await, None, "it is closed without a word, long before its time is over");
    assert_eq!(idle.ask("POST", CHANGES, &changes(0)).await, None);
    let mut stale = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    assert_eq!(
        stale.hello(&hello_of(&region, TH)).await.unwrap(),
        refusal,
        "its old chain does not bring the old key back"
    );
    let mut fresh = Probe::connect(region.addresses[ID], &pem).await;
    assert_eq!(fresh.hello(&hello_of(&region, TH)).await.unwrap().status(), 200, "the newest statement known counts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_certificate_nothing_is_answered_and_no_session_is_resumed() {
    let mut region = Region::new(25);
    let _id = region.start(ID).await;
    match Probe::connect_with(region.addresses[ID], client(None)).await {
        // In TLS 1.3 the refusal may arrive after the client's own handshake is over.
        Ok(mut nobody) => assert_eq!(nobody.ask("GET", "/", b"").await, None),
        Err(fault) => assert!(fault.to_string().contains("ertificate"), "{fault}"),
    }
    let config = client(Some(&region.tls[TH]));
    for _ in 0..2 {
        let mut again = Probe::connect_with(region.addresses[ID], config.clone()).await.unwrap();
        assert_eq!(again.hello(&hello_of(&region, TH)).await.unwrap().status(), 200);
        let tls = again.stream.get_ref().1;
        assert_ne!(tls.handshake_kind(), Some(HandshakeKind::Resumed));
        assert_eq!(tls.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        assert_eq!(tls.tls13_tickets_received(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_keeps_asking_is_hung_up_on() {
    let mut region = Region::new(26);
    let _id = region.start(ID).await;
    let mut stranger = Probe::connect(region.addresses[ID], &generate_key_pem().unwrap()).await;
    let mut answers = 0;
    while stranger.ask("GET", "/", b"").await.is_some() {
        answers += 1;
        assert!(answers < 1_000, "it never ends");
    }
    assert!(answers > 0);
    let mut byte = [0];
    assert!(matches!(stranger.stream.read(&mut byte).await, Ok(0) | Err(_)));
}
