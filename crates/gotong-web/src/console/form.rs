//! What a person's forms send: only from our own pages, only in the person's own session, bounded in size.
//!
//! Three locks, each enough by itself: the cookie is `SameSite=Strict`, the browser's own word on where the request comes from, and a value in the form
//! that only a page of this session carries.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::person::Person;
use crate::api::Web;
use crate::problem::{Problem, table};

/// Bytes of a form without files.
const FORM_BYTES_MAX: usize = 2 << 20;
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a form sent, and who sent it.
pub(crate) struct Sent<T>(pub(crate) Person, pub(crate) T);

/// Whether a request that changes something comes from a page of ours: browsers say so themselves.
pub(crate) fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(FETCH_SITE) {
        Some(site) => matches!(site, "same-origin" | "none"),
        // Without either header it is no browser of the last years, and the value in the form decides.
        None => match (text(ORIGIN), text(HOST)) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, named)| named == host),
            (Some(_), None) => false,
            (None, _) => true,
        },
    }
}

/// Whether this is the value that the session's pages carry.
pub(crate) fn is_token(person: &Person, given: &str) -> bool {
    given.as_bytes().ct_eq(person.form_token.as_bytes()).into()
}

/// The problem of a form that is not of this session.
pub(crate) fn foreign() -> Problem {
    Problem::of(&table::CROSS_SITE).saying(
        "this form was not sent from a page of this session: go back, load the page again and send it once more",
    )
}

impl<T: DeserializeOwned> FromRequest<Web> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let person = Person::from_request_parts(&mut parts, web).await?;
        if !is_ours(&parts.headers) {
            return Err(foreign().into_response());
        }
        let media = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !media.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::of(&table::UNSUPPORTED_MEDIA).into_response());
        }
        let bytes = whole(body).await.map_err(IntoResponse::into_response)?;
        let given = url::form_urlencoded::parse(&bytes).find(|(name, _)| name == "form_token").map(|(_, value)| value);
        if !given.is_some_and(|given| is_token(&person, &given)) {
            return Err(foreign().into_response());
        }
        let sent = serde_html_form::from_bytes(&bytes)
            .map_err(|fault| Problem::of(&table::REFUSED).saying(fault.to_string()).into_response())?;
        Ok(Self(person, sent))
    }
}

async fn whole(body: Body) -> Result<axum::body::Bytes, Problem> {
    axum::body::to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| Problem::of(&table::TOO_LARGE))
}

/// Takes a form with a file, behind the same locks as [`Sent`]. `may` is asked before anything is read: nobody without the right makes the node read a file.
pub(crate) async fn dropped(
    web: &Web,
    request: Request,
    bytes_max: usize,
    may: impl FnOnce(&Person) -> Result<(), Problem>,
) -> Result<(Person, Dropped), Response> {
    let (mut head, body) = request.into_parts();
    let person = Person::from_request_parts(&mut head, web).await?;
    if !is_ours(&head.headers) {
        return Err(foreign().into_response());
    }
    may(&person).map_err(IntoResponse::into_response)?;
    crate::api::input::expect_at_most(&head.headers, bytes_max).map_err(IntoResponse::into_response)?;
    let mut request = Request::from_parts(head, body);
    DefaultBodyLimit::max(bytes_max).apply(&mut request);
    let multipart = Multipart::from_request(request, web).await.map_err(IntoResponse::into_response)?;
    let dropped = parts(multipart).await.map_err(IntoResponse::into_response)?;
    if !dropped.fields.get("form_token").is_some_and(|given| is_token(&person, given)) {
        return Err(foreign().into_response());
    }
    Ok((person, dropped))
}

/// What a form with a file sends: its fields, and the file's name and bytes where one was chosen.
#[derive(Default)]
pub(crate) struct Dropped {
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) file: Option<(String, Vec<u8>)>,
}

async fn parts(mut parts: Multipart) -> Result<Dropped, MultipartError> {
    let mut dropped = Dropped::default();
    while let Some(field) = parts.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            // The last part of a path is the name; the rest says something of somebody's machine.
            let given = field.file_name().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
            let given: String = given.chars().filter(|character| !character.is_control()).take(200).collect();
            let bytes = field.bytes().await?.to_vec();
            if !bytes.is_empty() {
                dropped.file = Some((given, bytes));
            }
        } else if dropped.fields.len() < 20 {
            dropped.fields.insert(name, field.text().await?);
        }
    }
    Ok(dropped)
}
