//! What a request brings, read within bounds: JSON bodies, parameters of the address, raw bodies. Everything unknown is refused by name.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use gotong_model::limits;
use serde::de::DeserializeOwned;

use crate::problem::{Problem, table};

/// How long a body that is read whole may take: less than an answer may, so that each door says in its own shape that it took too long.
const BODY_PATIENCE: Duration = Duration::from_secs(50);

/// A JSON body of at most [`limits::API_BODY_BYTES_MAX`], its fields checked: unknown ones are refused where the type denies them.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_json(request.headers())?;
        let bytes = read_whole(request.into_body(), limits::API_BODY_BYTES_MAX).await?;
        parse_json(&bytes).map(Self)
    }
}

/// Reads JSON: what is no JSON is 400, what is other JSON than expected 422.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|fault| {
        let text = fault.to_string();
        match fault.classify() {
            serde_json::error::Category::Data => Problem::of(&table::REFUSED).saying(text),
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => Problem::of(&table::BAD_JSON).saying(text),
        }
    })
}

/// The type of a body, without parameters and in lower case; empty where none is named.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Refuses what says of itself that it is no JSON.
pub(crate) fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let media = media_type(headers);
    if !(media.is_empty() || media == "application/json" || media.ends_with("+json")) {
        return Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying(format!("{media} is not taken here")));
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying("only the bulk endpoint takes compressed bodies"));
    }
    Ok(())
}

/// Refuses what is compressed, where nothing is unpacked: read as it came, it would be taken for something else.
pub(crate) fn expect_plain(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get_all(CONTENT_ENCODING).iter().all(|encoding| encoding == "identity") {
        return Ok(());
    }
    Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying("compressed bodies are not taken here: send it as it is"))
}

/// Reads a body to its end, at most so many bytes and for so long.
pub(crate) async fn read_whole(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let limited = http_body_util::Limited::new(body, bytes_max);
    let collected = tokio::time::timeout(BODY_PATIENCE, http_body_util::BodyExt::collect(limited)).await;
    let Ok(collected) = collected else {
        let text = format!("the body did not arrive whole within {} seconds", BODY_PATIENCE.as_secs());
        return Err(Problem::of(&table::TIMEOUT).saying(text));
    };
    match collected {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(fault) if fault.is::<http_body_util::LengthLimitError>() => {
            Err(Problem::of(&table::TOO_LARGE).saying(format!("at most {bytes_max} bytes are taken here")))
        }
        // Whoever sent it is most likely gone.
        Err(_) => Err(Problem::of(&table::TIMEOUT).saying("the body did not arrive whole")),
    }
}

/// Refuses early what says of itself that it is too long.
pub(crate) fn expect_at_most(headers: &HeaderMap, bytes_max: usize) -> Result<(), Problem> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > bytes_max as u64) {
        return Err(Problem::of(&table::TOO_LARGE).saying(format!("at most {bytes_max} bytes are taken here")));
    }
    Ok(())
}

/// Parameters of the address; unknown ones are refused where the type denies them.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(value)| Self(value))
            .map_err(|fault| Problem::of(&table::BAD_PARAMETER).saying(fault.body_text()))
    }
}

/// Parts of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<axum::extract::Path<T>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Problem::of(&table::NOT_FOUND))
    }
}
