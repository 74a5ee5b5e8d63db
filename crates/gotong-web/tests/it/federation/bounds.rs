//! Bounds of size and time against whoever sends too much or too slowly; the node goes on answering others meanwhile.

use std::time::Duration;

use gotong_model::limits;
use gotong_sync::wire::ChangesRequest;
use gotong_web::federation::Patience;
use gotong_web::federation::certificate::generate_key_pem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::probe::{CHANGES, HELLO, Probe, hello_of};
use super::region::{DEADLINE, ID, Member, Region, TH, patience};

fn hasty() -> Patience {
    Patience {
        handshake: Duration::from_millis(600),
        hello: Duration::from_millis(600),
        headers: Duration::from_millis(600),
        body: Duration::from_millis(600),
        ..patience()
    }
}

async fn start_hasty(region: &mut Region) -> Member {
    let mut options = region.options(ID);
    options.patience = hasty();
    let mut id = region.member(ID);
    id.start(options).await;
    id
}

async fn is_answered(region: &Region) {
    let mut th = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    assert_eq!(th.hello(&hello_of(region, TH)).await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_over_their_bound_are_refused_before_they_are_read() {
    let mut region = Region::new(31);
    let _id = region.start(ID).await;
    let mut stranger = Probe::connect(region.addresses[ID], &generate_key_pem().unwrap()).await;
    let refusal = stranger.ask("GET", "/", b"").await.unwrap();
    // Announced too large: the answer comes though nothing of the body was sent.
    let announced =
        format!("POST {HELLO} HTTP/1.1\r\nhost: peer\r\ncontent-length: {}\r\n\r\n", limits::HELLO_BYTES_MAX + 1);
    let mut one = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    one.send(announced.as_bytes()).await.unwrap();
    assert_eq!(one.read().await.unwrap(), refusal);
    // Not announced: chunk after chunk, until it is enough.
    let mut two = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    two.send(format!("POST {HELLO} HTTP/1.1\r\nhost: peer\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let chunk = [format!("{:x}\r\n", 16 << 10).into_bytes(), vec![b' '; 16 << 10], b"\r\n".to_vec()].concat();
    for _ in 0..=limits::HELLO_BYTES_MAX / (16 << 10) {
        if two.send(&chunk).await.is_err() {
            break;
        }
    }
    assert_eq!(two.read().await.unwrap(), refusal);
    // The same for a member that is known, at its own bound.
    let mut three = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    assert_eq!(three.hello(&hello_of(&region, TH)).await.unwrap().status(), 200);
    let mut large = ChangesRequest::default().encode();
    large.resize(limits::CHANGES_BYTES_MAX, b' ');
    assert_eq!(three.ask("POST", CHANGES, &large).await.unwrap().status(), 200, "at its bound it is read");
    let announced =
        format!("POST {CHANGES} HTTP/1.1\r\nhost: peer\r\ncontent-length: {}\r\n\r\n", limits::CHANGES_BYTES_MAX + 1);
    three.send(announced.as_bytes()).await.unwrap();
    assert_eq!(three.read().await.unwrap(), refusal);
    is_answered(&region).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_over_their_bound_end_the_connection() {
    let mut region = Region::new(32);
    let _id = region.start(ID).await;
    for head in [
        format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(64 << 10)),
        format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(100)),
    ] {
        let mut probe = Probe::connect(region.addresses[ID], &generate_key_pem().unwrap()).await;
        let _ = probe.send(head.as_bytes()).await;
        let answer = probe.read().await;
        assert!(answer.as_ref().is_none_or(|answer| matches!(answer.status(), 400 | 414 | 431)), "{answer:?}");
        assert_eq!(probe.ask("GET", "/", b"").await, None, "it is closed");
    }
    is_answered(&region).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slow_are_hung_up_on_at_every_stage() {
    let mut region = Region::new(33);
    let _id = start_hasty(&mut region).await;
    let ends = |mut probe: Probe| async move {
        let mut byte = [0];
        let read = timeout(DEADLINE, probe.stream.read(&mut byte)).await.expect("hung up on in time");
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    };
    // TCP alone.
    let mut silent = TcpStream::connect(region.addresses[ID]).await.unwrap();
    let mut byte = [0];
    let read = timeout(DEADLINE, silent.read(&mut byte)).await.expect("hung up on in time");
    assert!(matches!(read, Ok(0) | Err(_)));
    // TLS, and not a word.
    ends(Probe::connect(region.addresses[ID], &region.tls[TH]).await).await;
    // A stranger's requests keep no connection open for long, however good they look.
    let mut stranger = Probe::connect(region.addresses[ID], &generate_key_pem().unwrap()).await;
    assert_eq!(stranger.ask("GET", "/", b"").await.unwrap().status(), 404);
    ends(stranger).await;
    // A header that never ends, byte by byte, from a member.
    let mut member = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    assert_eq!(member.hello(&hello_of(&region, TH)).await.unwrap().status(), 200);
    assert!(drip(&mut member, b"GET / HTTP/1.1\r\nx: ").await, "the header is still being read");
    // A body that never ends.
    let mut member = Probe::connect(region.addresses[ID], &region.tls[TH]).await;
    assert_eq!(member.hello(&hello_of(&region, TH)).await.unwrap().status(), 200);
    assert!(
        drip(&mut member, format!("POST {CHANGES} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n").as_bytes())
            .await
    );
    is_answered(&region).await;
}

/// Sends a beginning and then a byte every few milliseconds; `true` once the other side answers or ends the connection.
async fn drip(probe: &mut Probe, beginning: &[u8]) -> bool {
    probe.send(beginning).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    let mut chunk = [0; 1_024];
    while Instant::now() < deadline {
        tokio::select! {
            // An answer, or the end.
            _ = probe.stream.read(&mut chunk) => return true,
            // The pace of the attack, not a wait for anything.
            () = sleep(Duration::from_millis(20)) => {}
        }
        if probe.stream.write_all(b"x").await.is_err() || probe.stream.flush().await.is_err() {
            return true;
        }
    }
    false
}
