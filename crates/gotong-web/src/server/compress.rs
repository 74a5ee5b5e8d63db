//! Pages and what they load go out compressed, because a page must be light on a slow line. The API and the doors for tools do not pass here.
//!
//! Compression may betray a secret that stands beside text which an attacker chose: who can make a browser ask again and again, and sees how long the
//! answers are, guesses the secret letter by letter (BREACH). Pages hold such secrets and repeat what was asked. So a page is compressed only where the
//! browser itself says that the question came from a page of ours or from the person's own hand: nobody else can then choose what is asked. The session's
//! cookie, which goes along with requests from our own site alone, is the second lock. What is the same for everybody holds no secret and is always compressed.

use std::io::Write;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use hyper::body::Body as _;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Below this the envelope costs more than it saves: one packet goes out either way.
const BYTES_MIN: u64 = 860;
/// Above this a page would hold up the others while it is made smaller.
const BYTES_MAX: u64 = 4 << 20;

/// Goes around pages and their assets.
pub(super) async fn pages(request: Request, next: Next) -> Response {
    let takes = request.method() == Method::GET && takes_gzip(request.headers());
    let from_us = is_asked_from_here(request.headers());
    let response = next.run(request).await;
    if !is_text(response.headers()) || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    let is_for_all = is_for_everybody(response.headers());
    let mut response = response;
    // What is sent differs by both, even where this time it is sent as it is.
    let vary = if is_for_all { "accept-encoding" } else { "accept-encoding, sec-fetch-site" };
    response.headers_mut().append(VARY, HeaderValue::from_static(vary));
    let size = response.body().size_hint().exact().unwrap_or(0);
    let fits = (BYTES_MIN..=BYTES_MAX).contains(&size);
    // A tag names bytes; other bytes would need another one.
    let is_tagged = response.headers().contains_key(ETAG);
    if takes && fits && !is_tagged && response.status() != StatusCode::PARTIAL_CONTENT && (is_for_all || from_us) {
        return smaller(response).await;
    }
    response
}

async fn smaller(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // The size is known and bounded, so the whole of it is in memory already.
    let Ok(whole) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Response::from_parts(parts, Body::empty());
    };
    let Some(packed) = gzip(&whole) else { return Response::from_parts(parts, Body::from(whole)) };
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(packed.len()));
    Response::from_parts(parts, Body::from(packed))
}

fn gzip(whole: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(whole.len() / 3), Compression::default());
    encoder.write_all(whole).ok()?;
    encoder.finish().ok()
}

/// Whether it is text that a browser shows or runs: pages, sheets, scripts, drawings.
fn is_text(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let kind = media.split(';').next().unwrap_or_default().trim();
    matches!(kind, "text/html" | "text/css" | "text/javascript" | "image/svg+xml" | "text/plain")
}

/// Whether an answer may be kept by anybody, and so is the same for everybody.
fn is_for_everybody(headers: &HeaderMap) -> bool {
    headers.get(CACHE_CONTROL).and_then(|kept| kept.to_str().ok()).is_some_and(|kept| kept.starts_with("public"))
}

/// Whether the browser says that a page of ours asks, or the person's own hand: typed, or a bookmark. Silence is a no.
fn is_asked_from_here(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).and_then(|site| site.to_str().ok());
    matches!(site, Some("same-origin" | "none"))
}

/// Whether gzip is among what is taken; a weight of nothing is a no.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|offers| offers.split(',')).any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map(str::parse::<f32>);
        is_gzip && weight.is_none_or(|weight| weight.is_ok_and(|weight| weight > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn gzip_is_sent_only_to_who_takes_it() {
        for (offer, is_taken) in [
            ("gzip", true),
            ("br, gzip;q=0.8", true),
            ("GZIP", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=much", false),
            ("br, zstd", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&asked(&[("accept-encoding", offer)])), is_taken, "{offer}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn only_a_page_of_ours_and_the_persons_own_hand_count_as_here() {
        for (site, is_here) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            assert_eq!(is_asked_from_here(&asked(&[("sec-fetch-site", site)])), is_here, "{site}");
        }
        assert!(!is_asked_from_here(&HeaderMap::new()), "silence is a no");
    }

    #[test]
    fn what_is_packed_opens_to_the_same() {
        use std::io::Read;
        let page = "<p>the same words, the same words</p>".repeat(200);
        let packed = gzip(page.as_bytes()).unwrap();
        assert!(packed.len() * 10 < page.len());
        let mut opened = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut opened).unwrap();
        assert_eq!(opened, page);
    }
}
