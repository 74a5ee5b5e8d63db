//! Bodies: of requests, read within their bounds of size and time; of answers, sent piece by piece so that a slow reader holds little more than
//! the socket's own buffer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

/// Bytes handed to the connection at a time.
const PIECE_BYTES: usize = 64 << 10;
const PROBLEM: &str = "application/problem+json";

/// Reads a request's body; `None` where it is larger than `most`, too slow, or breaks off. What says beforehand that it is too large is not read.
pub(crate) async fn read_body(request: Request<Incoming>, most: usize, patience: Duration) -> Option<Bytes> {
    let body = request.into_body();
    if usize::try_from(body.size_hint().lower()).map_or(true, |bytes| bytes > most) {
        return None;
    }
    let collected = timeout(patience, Limited::new(body, most).collect()).await.ok()?.ok()?;
    Some(collected.to_bytes())
}

/// The body of an answer.
pub(crate) struct Answer {
    bytes: Bytes,
    /// What comes behind them, made while they are sent.
    more: Option<mpsc::Receiver<Vec<u8>>>,
    // Held until the last piece is handed over.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Answer {
    fn response(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Response<Self> {
        Self::with(status, kind, Self { bytes: Bytes::from(bytes), more: None, _permit: None })
    }

    fn with(status: StatusCode, kind: &'static str, body: Self) -> Response<Self> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }

    /// JSON.
    pub(crate) fn json(status: StatusCode, bytes: Vec<u8>) -> Response<Self> {
        Self::response(status, "application/json", bytes)
    }

    /// Frames, with the right to send them: the first, and those that are still being made.
    pub(crate) fn frames(
        first: Vec<u8>,
        more: mpsc::Receiver<Vec<u8>>,
        permit: OwnedSemaphorePermit,
    ) -> Response<Self> {
        let body = Self { bytes: Bytes::from(first), more: Some(more), _permit: Some(permit) };
        Self::with(StatusCode::OK, "application/octet-stream", body)
    }

    // INVARIANT: the unknown and the forbidden are answered alike. This is the only 404 between nodes.
    /// There is no such thing, as far as this caller is concerned.
    pub(crate) fn not_found() -> Response<Self> {
        let body = br#"{"status":404,"title":"Not found","type":"about:blank"}"#;
        Self::response(StatusCode::NOT_FOUND, PROBLEM, body.to_vec())
    }

    /// This node cannot answer a member just now.
    pub(crate) fn unavailable() -> Response<Self> {
        let body = br#"{"status":503,"title":"Try again later","type":"about:blank"}"#;
        Self::response(StatusCode::SERVICE_UNAVAILABLE, PROBLEM, body.to_vec())
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while self.bytes.is_empty() {
            let Some(more) = &mut self.more else { return Poll::Ready(None) };
            match std::task::ready!(more.poll_recv(cx)) {
                Some(bytes) => self.bytes = Bytes::from(bytes),
                None => self.more = None,
            }
        }
        let piece = self.bytes.len().min(PIECE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.more.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let known = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        if self.more.is_none() {
            return SizeHint::with_exact(known);
        }
        let mut hint = SizeHint::new();
        hint.set_lower(known);
        hint
    }
}
