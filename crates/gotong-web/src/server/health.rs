//! Whether the process lives, whether it is ready, and its figures: for supervisors and monitoring on the same machine.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, FORWARDED, HOST};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::{NodeFault, duty, status};

use crate::api::Web;
use crate::api::who::{Arrival, arrival};
use crate::problem::{Problem, table};

/// Arrivals that the views may be behind while the node still counts as ready.
const LAG_READY_MAX: u64 = 1_000;

/// Answers while the process serves.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Answers 503 with the reason while the node is not all there.
pub(super) async fn readyz(State(web): State<Web>) -> Result<Response, Problem> {
    let lag = web.run(|node| Ok::<_, NodeFault>((node.is_restored(), node.projection_lag()?))).await;
    let reason = match lag {
        Ok((true, _)) => "restored: not publishing until the peers have been asked",
        Ok((false, lag)) if lag > LAG_READY_MAX => "the views are being built again",
        Ok(_) => return Ok("ready\n".into_response()),
        Err(_) => "the store does not answer",
    };
    Ok((StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response())
}

/// Whether a request comes from this machine and not through a proxy on it, nor from a page that was tricked into asking (its host would be another's).
fn is_local(arrival: Arrival, headers: &HeaderMap) -> bool {
    let Arrival::Tcp(address) = arrival else { return true };
    let forwarded = headers.contains_key(FORWARDED) || headers.contains_key("x-forwarded-for");
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback_name = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    address.ip().to_canonical().is_loopback() && !forwarded && is_loopback_name
}

/// Figures in Prometheus' format.
pub(super) async fn metrics(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    if !web.options.metrics_for_all && !is_local(arrival(&parts), &parts.headers) {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    let node = web.run(status::node).await?;
    let overdue = web.run(duty::overdue).await?;
    let mut response = web.metrics.text(&node, &overdue, &web.links.snapshot()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    Ok(response)
}
