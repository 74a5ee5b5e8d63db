//! What goes around every request: an id, a span, a limit in time, an answer even where a handler panics, safe headers, a count.
//! Bodies and tokens never reach the log.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use tracing::Instrument;

use crate::api::Web;
use crate::metrics::method_name;
use crate::problem::{Problem, table};

/// How long an answer may take to begin. Streams go on for longer.
const ANSWER_PATIENCE: Duration = Duration::from_mins(1);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Goes around everything.
pub(super) async fn around(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut id = [0_u8; 10];
    web.node.entropy().fill(&mut id);
    let id = gotong_crypto::text::base32(&id);
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let span = tracing::info_span!("request", %id, method, route, caller = tracing::field::Empty);
    let begun = Instant::now();
    let mut response = answer(request, next).instrument(span.clone()).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    web.metrics.count_request(&route, method, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| match (status, method) {
        (500.., _) => tracing::warn!(status, ms, "answered"),
        (_, "GET" | "HEAD" | "OPTIONS") => tracing::debug!(status, ms, "answered"),
        _ => tracing::info!(status, ms, "answered"),
    });
    let headers = response.headers_mut();
    safe_headers(headers);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

async fn answer(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_PATIENCE, Caught(Box::pin(next.run(request)))).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            // The panic's own text has gone to the log through the panic hook.
            tracing::error!("a handler panicked");
            Problem::of(&table::INTERNAL).into_response()
        }
        Err(_) => {
            let text = format!("no answer could begin within {} seconds", ANSWER_PATIENCE.as_secs());
            Problem::of(&table::TIMEOUT).saying(text).into_response()
        }
    }
}

fn safe_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A future whose panic becomes an error.
struct Caught<F>(Pin<Box<F>>);

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.0.as_mut();
        match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}
