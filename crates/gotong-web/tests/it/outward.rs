//! Fetching from servers that mean no good, over real sockets: each refused within its bounds, beside an answer that is taken.

use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use gotong_model::Timestamp;
use gotong_web::outward::download::Bounds;
use gotong_web::outward::fault::FetchFault;
use gotong_web::outward::fetch::{self, Ask, Fetcher, Validators};
use gotong_web::outward::guard::{Guard, GuardRefusal, Network, Target};
use gotong_web::outward::trust;
use std::io::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

const BOUNDS: Bounds =
    Bounds { bytes_max: 4 << 20, total: Duration::from_secs(20), idle: Duration::from_millis(1_500) };

/// A server whose every path is another way to be hostile.
async fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // What a client that has had enough does to us is no fault of the test.
            tokio::spawn(async move {
                let _ = answer(socket, port).await;
            });
        }
    });
    port
}

async fn answer(mut socket: TcpStream, port: u16) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut piece = [0; 1_024];
        let count = socket.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..count]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let whole = |status: &str, headers: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let leads = |to: &str| whole("302 Found", &format!("Location: {to}\r\n"), b"");
    let reply = match path.as_str() {
        "/ok" => whole("200 OK", "", b"hello"),
        "/echo" => whole("200 OK", "", head.as_bytes()),
        "/silent" => return std::future::pending().await,
        "/slow" => {
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                socket.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        "/endless" => {
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                socket.write_all(&[b'x'; 8 << 10]).await?;
            }
        }
        "/headers" => {
            socket.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                socket.write_all(b"X-More: and more and more and more\r\n").await?;
            }
        }
        "/long" => b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\nx".to_vec(),
        "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabcdefghij".to_vec(),
        "/cut-chunk" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe".to_vec(),
        "/two-lengths" => b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!".to_vec(),
        "/no-http" => b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        "/gzip" => whole("200 OK", "Content-Encoding: gzip\r\n", &zipped(b"hello", 1)),
        "/list.gz" => whole("200 OK", "", &zipped(b"hello", 1)),
        "/bomb" => whole("200 OK", "Content-Encoding: gzip\r\n", &zipped(&[0; 8 << 10], 5_000)),
        "/gzip-cut" => {
            let mut body = zipped(b"hello hello hello", 20);
            body.truncate(body.len() / 2);
            whole("200 OK", "Content-Encoding: gzip\r\n", &body)
        }
        "/gzip-none" => whole("200 OK", "Content-Encoding: gzip\r\n", b"plain"),
        "/br" => whole("200 OK", "Content-Encoding: br\r\n", b"xxxx"),
        "/loop" => leads("/loop"),
        "/on" => leads("/ok"),
        "/inside" => leads(&format!("http://127.0.0.2:{port}/ok")),
        "/metadata" => leads("http://169.254.169.254/latest/meta-data/"),
        "/odd" => leads("http://0x7f.1/"),
        "/file" => leads("file:///etc/passwd"),
        "/nowhere" => whole("302 Found", "", b""),
        "/elsewhere" => leads(&format!("http://localhost:{port}/echo")),
        "/here" => leads("/echo"),
        "/state" if head.contains("if-none-match: \"a\"") => {
            b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n".to_vec()
        }
        "/state" => whole("200 OK", "ETag: \"a\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n", b"state"),
        "/busy" => whole(
            "503 Service Unavailable",
            "Retry-After: 120\r\nContent-Type: application/json\r\n",
            b"{\"title\":\"later\\u0007\"}",
        ),
        _ => whole("404 Not Found", "", b"no"),
    };
    socket.write_all(&reply).await?;
    socket.shutdown().await
}

fn zipped(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..times {
        encoder.write_all(bytes).unwrap();
    }
    encoder.finish().unwrap()
}

fn fetcher() -> Fetcher {
    Fetcher::new(Guard::new(vec![Network::parse("127.0.0.1").unwrap(), Network::parse("::1").unwrap()]), tls())
}

fn tls() -> Arc<rustls::ClientConfig> {
    trust::client(None).unwrap()
}

fn at(port: u16, path: &str) -> Ask {
    Ask::new(Target::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap())
}

async fn fetch(ask: &Ask, bounds: Bounds) -> Result<Vec<u8>, FetchFault> {
    fetcher().ask(ask, bounds).await?.body.all().await
}

#[tokio::test]
async fn what_is_in_order_is_taken() {
    let port = serve().await;
    for path in ["/ok", "/on", "/gzip"] {
        assert_eq!(fetch(&at(port, path), BOUNDS).await.unwrap(), b"hello", "{path}");
    }
    let named = Ask { unpacks_files: true, ..at(port, "/list.gz") };
    assert_eq!(fetch(&named, BOUNDS).await.unwrap(), b"hello");
    assert_eq!(fetch(&at(port, "/list.gz"), BOUNDS).await.unwrap(), zipped(b"hello", 1));
}

#[tokio::test]
async fn every_hostile_server_is_refused_within_its_bounds() {
    let port = serve().await;
    let begun = Instant::now();
    for (path, code) in [
        ("/silent", "outward.late"),
        ("/endless", "outward.too-large"),
        ("/long", "outward.too-large"),
        ("/bomb", "outward.bomb"),
        ("/headers", "outward.broken"),
        ("/two-lengths", "outward.broken"),
        ("/no-http", "outward.broken"),
        ("/cut", "outward.cut-off"),
        ("/cut-chunk", "outward.cut-off"),
        ("/gzip-cut", "outward.encoding"),
        ("/gzip-none", "outward.encoding"),
        ("/br", "outward.encoding"),
        ("/loop", "outward.redirects"),
        ("/inside", "outward.address-closed"),
        ("/metadata", "outward.address-closed"),
        ("/odd", "outward.host-odd"),
        ("/file", "outward.scheme"),
        ("/nowhere", "outward.no-location"),
        ("/missing", "outward.status"),
    ] {
        let fault = fetch(&at(port, path), BOUNDS).await.unwrap_err();
        assert_eq!(fault.code(), code, "{path}: {fault}");
        assert!(!fault.next().is_empty());
    }
    let bounds = Bounds { total: Duration::from_secs(1), ..BOUNDS };
    let fault = fetch(&at(port, "/slow"), bounds).await.unwrap_err();
    assert_eq!(fault.code(), "outward.slow", "a byte now and then is not for ever: {fault}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_large_body_of_zeros_is_refused_for_its_size_where_its_ratio_is_allowed() {
    let port = serve().await;
    let bounds = Bounds { bytes_max: 512 << 10, ..BOUNDS };
    assert_eq!(fetch(&at(port, "/bomb"), bounds).await.unwrap_err(), FetchFault::TooLarge(512 << 10));
}

#[tokio::test]
async fn inside_is_closed_unless_somebody_at_the_machine_named_it() {
    let port = serve().await;
    let closed = Fetcher::new(Guard::default(), tls());
    let fault = closed.ask(&at(port, "/ok"), BOUNDS).await.err().unwrap();
    assert!(matches!(fault, FetchFault::Guarded(GuardRefusal::Closed { .. })), "{fault}");
    let named = |path| Ask { is_trusted: true, ..at(port, path) };
    assert_eq!(closed.ask(&named("/on"), BOUNDS).await.unwrap().body.all().await.unwrap(), b"hello");
    let fault = closed.ask(&named("/inside"), BOUNDS).await.err().unwrap();
    assert_eq!(fault.code(), "outward.address-closed", "where it leads on is judged: {fault}");
}

#[tokio::test]
async fn credentials_go_to_the_server_they_are_for_and_to_no_other() {
    let port = serve().await;
    let of = |path| Ask { credentials: fetch::basic("ann", "s3cret"), ..at(port, path) };
    assert!(!format!("{:?}", of("/")).contains("czNjcmV0") && !format!("{:?}", of("/")).contains("s3cret"));
    for (path, has) in [("/echo", true), ("/here", true), ("/elsewhere", false)] {
        let seen = String::from_utf8(fetch(&of(path), BOUNDS).await.unwrap()).unwrap();
        assert_eq!(seen.contains("authorization: Basic YW5uOnMzY3JldA=="), has, "{path}: {seen}");
    }
}

#[tokio::test]
async fn what_has_not_changed_does_not_come_again() {
    let port = serve().await;
    let first = fetcher().ask(&at(port, "/state"), BOUNDS).await.unwrap();
    let validators = first.validators.clone();
    let last_modified = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
    assert_eq!(validators, Validators { etag: Some("\"a\"".to_owned()), last_modified });
    let again = Ask { validators, ..at(port, "/state") };
    assert_eq!(fetcher().ask(&again, BOUNDS).await.unwrap().status, 304);
    let changed = Ask { validators: Validators { etag: Some("\"b\"".to_owned()), last_modified: None }, ..again };
    assert_eq!(fetcher().ask(&changed, BOUNDS).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_server_that_says_later_is_believed_within_bounds() {
    let port = serve().await;
    let fault = fetch(&at(port, "/busy"), BOUNDS).await.unwrap_err();
    assert_eq!(fault.to_string(), "the server answered 503: later", "control characters stay out");
    assert_eq!(fault.retry_after(Timestamp::default()), Some(Duration::from_mins(2)));
}

#[tokio::test]
async fn certificates_count_from_public_authorities_and_the_operators_own_file() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let mut piece = [0; 4_096];
            let _ = stream.read(&mut piece).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await;
            let _ = stream.shutdown().await;
        }
    });
    let guard = Guard::new(vec![Network::parse("127.0.0.1").unwrap(), Network::parse("::1").unwrap()]);
    let ask = Ask::new(Target::parse(&format!("https://localhost:{port}/")).unwrap());
    let fault = Fetcher::new(guard.clone(), tls()).ask(&ask, BOUNDS).await.err().unwrap();
    assert_eq!(fault.code(), "outward.tls", "{fault}");
    let own = trust::client(Some(certificate.pem().as_bytes())).unwrap();
    assert_eq!(Fetcher::new(guard, own).ask(&ask, BOUNDS).await.unwrap().body.all().await.unwrap(), b"hi");
}
