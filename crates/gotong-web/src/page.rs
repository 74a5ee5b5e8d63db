//! Pages about the node's own API: its list of operations, the problems explained. Written by the server, without scripts, with one style sheet of our own;
//! a strict policy of content says so to browsers.
//!
//! Texts have ids in `page/text.rs`. Read next: `page/docs.rs`, and `console.rs` for the pages that people work with.

mod docs;
pub(crate) mod text;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::api::Web;
use crate::problem::{Problem, table};

pub(crate) const STYLE: &str = include_str!("../assets/style.css");
const ICON: &str = include_str!("../assets/icon.svg");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/problems", get(docs::problems))
        .route("/problems/{slug}", get(docs::problem))
        .route("/api/v1/docs", get(docs::operations))
        .route("/api/v1/openapi.json", get(docs::openapi))
        .route("/assets/style.css", get(style))
        .route("/assets/icon.svg", get(icon))
        .route("/favicon.ico", get(icon))
        .route("/robots.txt", get(robots))
}

/// Shows a page under the policy that all pages have.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|fault| {
        tracing::error!(%fault, "a page could not be written");
        Problem::of(&table::INTERNAL)
    })?;
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

fn asset(headers: &HeaderMap, media: &'static str, text: &'static str) -> Response {
    let tag: String = gotong_crypto::sha256(text.as_bytes()).to_text().chars().take(16).collect();
    let tag = format!("\"{tag}\"");
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { text.into_response() };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

async fn style(State(_): State<Web>, headers: HeaderMap) -> Response {
    asset(&headers, "text/css; charset=utf-8", STYLE)
}

async fn icon(State(_): State<Web>, headers: HeaderMap) -> Response {
    asset(&headers, "image/svg+xml", ICON)
}

/// Nothing here is for search engines.
async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
