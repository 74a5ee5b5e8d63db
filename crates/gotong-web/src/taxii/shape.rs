//! What every answer of TAXII has: its media type, also where something went wrong, and the standard's shape of an error in place of a problem of the API.
//!
//! Must not let any other shape out of `/taxii2/`: timeouts, unknown addresses and panics are turned here too. Read next: `problem/table.rs`.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::MEDIA_TYPE;
use crate::problem::{Problem, table};

/// Bytes of a problem: longer ones are not made.
const PROBLEM_BYTES_MAX: usize = 1 << 20;

/// An answer in JSON.
pub(super) fn answer(value: &Value) -> Response {
    bytes(serde_json::to_vec(value).unwrap_or_default())
}

/// An answer whose JSON is already written.
pub(super) fn bytes(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// Refuses who cannot take what is answered here.
pub(super) async fn negotiate(request: Request, next: Next) -> Response {
    if accepts(request.headers()) {
        return next.run(request).await;
    }
    Problem::of(&table::NOT_ACCEPTABLE)
        .saying(format!("answers here are {MEDIA_TYPE}, and Accept leaves no room for it"))
        .into_response()
}

/// Whether the caller takes TAXII 2.1. Without a version the newest is meant, and without the header anything is.
fn accepts(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut is_fit = matches!(name.as_str(), "application/taxii+json" | "application/*" | "*/*");
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                "version" => is_fit &= value == "2.1",
                "q" => is_fit &= value.parse::<f32>().is_ok_and(|weight| weight > 0.0),
                _ => {}
            }
        }
        is_fit
    })
}

/// Refuses a body of another type.
pub(super) fn expect_taxii(headers: &HeaderMap) -> Result<(), Problem> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let version =
        parts.filter_map(|part| part.split_once('=')).find(|(key, _)| key.trim().eq_ignore_ascii_case("version"));
    let is_known = version.is_none_or(|(_, value)| value.trim().trim_matches('"') == "2.1");
    if name == "application/taxii+json" && is_known {
        return Ok(());
    }
    Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying(format!("Content-Type must be {MEDIA_TYPE}")))
}

/// Goes around everything: what leaves `/taxii2/` as a problem of the API becomes an error of TAXII (section 3.6.1).
pub(crate) async fn outermost(request: Request, next: Next) -> Response {
    let is_taxii = request.uri().path().starts_with("/taxii2/") || request.uri().path() == "/taxii2";
    let response = next.run(request).await;
    let is_problem = response.headers().get(CONTENT_TYPE).is_some_and(|media| media == "application/problem+json");
    if !is_taxii || !is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let problem = axum::body::to_bytes(body, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&problem).unwrap_or_default();
    let error = error_of(&problem, parts.status.as_u16());
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Response::from_parts(parts, Body::from(serde_json::to_vec(&error).unwrap_or_default()))
}

fn error_of(problem: &Value, status: u16) -> Value {
    let text = |name: &str| problem.get(name).and_then(Value::as_str);
    let mut error = Map::new();
    let mut set = |name: &str, value: Value| error.insert(name.to_owned(), value);
    set("title", json!(text("title").unwrap_or("The request failed")));
    let errors = problem.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut said: Vec<&str> = text("detail").into_iter().collect();
    said.extend(errors.iter().filter_map(|error| error.get("text")?.as_str()));
    if !said.is_empty() {
        set("description", json!(said.join("; ")));
    }
    if let Some(kind) = text("type") {
        set("error_code", json!(kind.trim_start_matches("/problems/")));
    }
    set("http_status", json!(status.to_string()));
    let mut details = Map::new();
    if let Some(next) = text("next") {
        details.insert("next".to_owned(), json!(next));
    }
    if !errors.is_empty() {
        details.insert("errors".to_owned(), Value::Array(errors.to_vec()));
    }
    if !details.is_empty() {
        set("details", Value::Object(details));
    }
    Value::Object(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_taxii_2_1_is_answered_and_nobody_else() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(value).unwrap());
            accepts(&headers)
        };
        assert!(accepts(&HeaderMap::new()));
        for good in [
            "application/taxii+json;version=2.1",
            "application/taxii+json",
            "application/taxii+json; version=\"2.1\"",
            "Application/TAXII+json;Version=2.1",
            "text/html, application/taxii+json;version=2.1;q=0.5",
            "application/taxii+json;version=2.0, */*;q=0.1",
            "*/*",
            "application/*",
        ] {
            assert!(takes(good), "{good}");
        }
        for bad in [
            "application/taxii+json;version=2.0",
            "application/taxii+json;version=3",
            "application/json",
            "application/vnd.oasis.taxii+json",
            "text/*",
            "application/taxii+json;q=0",
            "",
        ] {
            assert!(!takes(bad), "{bad}");
        }
    }

    #[test]
    fn a_body_says_that_it_is_taxii_2_1() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
            expect_taxii(&headers).is_ok()
        };
        assert!(
            takes(MEDIA_TYPE) && takes("application/taxii+json") && takes("application/taxii+json; version=\"2.1\"")
        );
        assert!(
            !takes("application/taxii+json;version=2.0")
                && !takes("application/json")
                && !takes("application/stix+json;version=2.1")
        );
        assert!(expect_taxii(&HeaderMap::new()).is_err());
    }

    #[test]
    fn an_error_says_its_status_as_text() {
        let problem = json!({"type": "/problems/refused", "title": "T", "status": 422, "next": "N", "errors": [{"id": "a", "text": "why"}]});
        let error = error_of(&problem, 422);
        assert_eq!(error["http_status"], "422");
        assert_eq!(
            (&error["title"], &error["description"], &error["error_code"]),
            (&json!("T"), &json!("why"), &json!("refused"))
        );
    }
}
