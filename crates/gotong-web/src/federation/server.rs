//! The listening side: accepts connections, does the TLS handshake, serves HTTP/1.1 on each, and keeps every connection within its bounds of
//! number, size and time. What is answered stands in `answer.rs`; who may hold how many connections, in `doors.rs`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gotong_app::Node;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use super::answer::Caller;
use super::certificate::tls_key_digest;
use super::doors::{Doors, Place};
use super::meter::{Metered, Traffic};
use super::patience::Patience;
use super::status::Links;
use super::stopped;

/// Header bytes of a request.
const HEADER_BYTES_MAX: usize = 8 << 10;
/// Header lines of a request.
const HEADERS_MAX: usize = 32;
/// What hyper may keep of a connection in memory, each way.
const BUFFER_BYTES_MAX: usize = 64 << 10;
/// How long requests under way have to end when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// Hellos that are being judged at one time, strangers' included.
const HELLOS_AT_ONCE: usize = 2;

/// What all connections share.
pub(crate) struct Server {
    pub(crate) node: Arc<Node>,
    pub(crate) bell: watch::Receiver<u64>,
    pub(crate) links: Links,
    pub(crate) doors: Doors,
    pub(crate) patience: Patience,
    pub(crate) hellos: Semaphore,
    pub(crate) stop: watch::Receiver<bool>,
    tls: TlsAcceptor,
}

impl Server {
    pub(crate) fn new(
        node: Arc<Node>,
        tls: TlsAcceptor,
        bell: watch::Receiver<u64>,
        links: Links,
        patience: Patience,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let hellos = Semaphore::new(HELLOS_AT_ONCE);
        Self { node, bell, links, doors: Doors::default(), patience, hellos, stop, tls }
    }
}

/// Accepts connections until told to stop; then drops those that are open.
pub(crate) async fn serve(server: Arc<Server>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, address)) => {
                    // Where there is no place the socket is closed unanswered, before any work is done for it.
                    if let Some(place) = server.doors.enter(address.ip()) {
                        connections.spawn(connection(Arc::clone(&server), socket, address, place));
                    }
                }
                Err(fault) => {
                    // Out of descriptors, mostly: those who are inside go on, and some will leave.
                    tracing::warn!(%fault, "a peer's connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(STOP_PATIENCE, ended).await.is_err() {
        connections.shutdown().await;
    }
}

async fn connection(server: Arc<Server>, socket: TcpStream, address: SocketAddr, place: Place) {
    let patience = server.patience;
    let begun = Instant::now();
    // Long polls are answered in one small segment that must not wait for another.
    if socket.set_nodelay(true).is_err() {
        return;
    }
    let traffic = Arc::new(Traffic::default());
    let socket = Metered::new(socket, Arc::clone(&traffic), patience.stall);
    let stream = match timeout(patience.handshake, server.tls.accept(socket)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(fault)) => {
            tracing::debug!(%address, %fault, "a TLS handshake failed");
            return;
        }
        Err(_) => return,
    };
    let certificates = stream.get_ref().1.peer_certificates();
    let Some(key) = certificates.and_then(<[_]>::first).and_then(|certificate| tls_key_digest(certificate)) else {
        return;
    };
    let caller = Arc::new(Caller::new(Arc::clone(&server), key, place, traffic));
    let service = {
        let caller = Arc::clone(&caller);
        service_fn(move |request| Arc::clone(&caller).answer(request))
    };
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers)
        .max_headers(HEADERS_MAX)
        .max_header_size(HEADER_BYTES_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .half_close(false)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut http = std::pin::pin!(http);
    let hello_until = begun + patience.handshake + patience.hello;
    let mut stop = server.stop.clone();
    let is_stopped = tokio::select! {
        _ = &mut http => return caller.leave(),
        () = sleep_until(hello_until) => false,
        () = stopped(&mut stop) => true,
    };
    // How it ended concerns nobody: the peer dials again if it wants to.
    if !is_stopped && caller.is_identified() {
        tokio::select! {
            _ = &mut http => return caller.leave(),
            () = stopped(&mut stop) => {}
        }
    }
    if is_stopped || caller.is_identified() {
        // The node ends: what the peer asks is answered, and nothing after it.
        http.as_mut().graceful_shutdown();
        let _ = timeout(STOP_PATIENCE, http).await;
    }
    caller.leave();
}
