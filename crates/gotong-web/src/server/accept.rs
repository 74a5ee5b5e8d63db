//! Accepting connections and serving HTTP/1.1 on them, within bounds: so many at once, headers within a time, no longer than needed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONNECTION;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::patient::Patient;
use crate::api::Web;
use crate::api::who::Arrival;

/// Connections at once, of each kind.
const CONNECTIONS_MAX: usize = 2_048;
/// How long the head of a request may take, and how long a connection may be idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// How long a connection stays open when the server stops, for a request that is on its way: its answer says that it was the last.
const LINGER: Duration = Duration::from_secs(1);
/// The longest head.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// After a failed accept (no descriptors left) the next is tried a little later.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn tcp(listener: TcpListener, router: Router, web: Web, stopping: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Some(permit) = turn(&room, &stopping).await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(stopping.clone()) => break,
        };
        match accepted {
            Ok((stream, address)) => {
                let _ = stream.set_nodelay(true);
                spawn((stream, Arrival::Tcp(address)), router.clone(), &web, permit, stopping.clone());
            }
            Err(fault) => {
                tracing::warn!(%fault, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drained(&room).await;
}

pub(super) async fn socket(listener: UnixListener, router: Router, web: Web, stopping: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Some(permit) = turn(&room, &stopping).await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(stopping.clone()) => break,
        };
        match accepted {
            Ok((stream, _)) => spawn((stream, Arrival::Socket), router.clone(), &web, permit, stopping.clone()),
            Err(fault) => {
                tracing::warn!(%fault, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drained(&room).await;
}

async fn turn(room: &Arc<Semaphore>, stopping: &watch::Receiver<bool>) -> Option<OwnedSemaphorePermit> {
    tokio::select! {
        permit = Arc::clone(room).acquire_owned() => permit.ok(),
        () = stopped(stopping.clone()) => None,
    }
}

/// Returns once the server is to stop.
pub(super) async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the server itself is gone, which is a stop too.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Returns once every connection has ended.
async fn drained(room: &Semaphore) {
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let _ = room.acquire_many(all).await;
}

fn spawn<S>(
    (stream, arrival): (S, Arrival),
    router: Router,
    web: &Web,
    permit: OwnedSemaphorePermit,
    stopping: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let web = web.clone();
    tokio::spawn(async move {
        web.metrics.connection_opened();
        connection(stream, arrival, router, stopping).await;
        web.metrics.connection_closed();
        drop(permit);
    });
}

async fn connection<S>(stream: S, arrival: Arrival, router: Router, stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let ending = stopping.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(arrival);
        if let Some(uri) = joined_handle(request.uri()) {
            *request.uri_mut() = uri;
        }
        let answer = router.call(request);
        let ending = ending.clone();
        async move {
            let mut answer = answer.await.unwrap_or_else(|never| match never {});
            if *ending.borrow() {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Patient::new(stream)), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        // An idle connection that is closed at once loses the request that its caller is just sending.
        () = async { stopped(stopping).await; tokio::time::sleep(LINGER).await } => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(fault) = ended {
        // Callers that go away are no fault of the node's.
        tracing::debug!(%fault, "a connection broke");
    }
}

/// What follows a channel in an address; a channel type of such a name needs its slash spelled `%2F`.
const BEHIND_CHANNEL: [&str; 7] = ["records", "withdraw", "relabel", "acknowledgements", "withdrawals", "explain", ""];

/// `/channels/rti/indicators/…` means `/channels/rti%2Findicators/…`: people type handles as they read them.
fn joined_handle(uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix("/api/v1/channels/")?;
    let (agreement, rest) = rest.split_once('/')?;
    let (name, behind) = rest.split_once('/').map_or((rest, ""), |(name, behind)| (name, behind));
    if agreement.is_empty() || BEHIND_CHANNEL.contains(&name) || agreement.contains('%') {
        return None;
    }
    let behind = if behind.is_empty() { String::new() } else { format!("/{behind}") };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = format!("/api/v1/channels/{agreement}%2F{name}{behind}{query}");
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_may_be_typed_with_its_slash() {
        for (typed, meant) in [
            ("/api/v1/channels/rti/indicators", Some("/api/v1/channels/rti%2Findicators")),
            (
                "/api/v1/channels/rti/indicators/records/bulk?tlp=green",
                Some("/api/v1/channels/rti%2Findicators/records/bulk?tlp=green"),
            ),
            ("/api/v1/channels/rti%2Findicators/records", None),
            ("/api/v1/channels/aaaa/records", None),
            ("/api/v1/channels/aaaa/records/bulk", None),
            ("/api/v1/records/a/b", None),
            ("/api/v1/channels/rti", None),
        ] {
            let uri: Uri = typed.parse().unwrap();
            assert_eq!(joined_handle(&uri).map(|uri| uri.to_string()).as_deref(), meant, "{typed}");
        }
    }
}
