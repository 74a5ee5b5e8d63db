//! Reading a collection: objects (5.4), one object (5.6), manifest (5.3) and versions (5.8). All four are pages of one view.
//!
//! `next` is given with manifests and versions too: clients page with it, though the standard names it for objects alone. Read next: `params.rs`.

use axum::extract::{RawQuery, State};
use axum::http::HeaderValue;
use axum::response::Response;
use gotong_app::view::{self, Added, CollectionPage};
use gotong_model::Timestamp;
use serde_json::{Value, json};

use super::params::{self, Taken};
use super::{Place, STIX_MEDIA_TYPE, shape, version_text};
use crate::api::Web;
use crate::api::input::Path;
use crate::api::who::{Served, Who};
use crate::problem::{Problem, table};

/// What a page shows of its objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Objects,
    Manifest,
    Versions,
}

pub(super) async fn objects(
    State(web): State<Web>,
    Served(who): Served,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    page(&web, who, (name, None), query, (Taken::All, Shape::Objects)).await
}

pub(super) async fn manifest(
    State(web): State<Web>,
    Served(who): Served,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    page(&web, who, (name, None), query, (Taken::All, Shape::Manifest)).await
}

pub(super) async fn object(
    State(web): State<Web>,
    Served(who): Served,
    Path((name, object)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    page(&web, who, (name, Some(object)), query, (Taken::OfObject, Shape::Objects)).await
}

pub(super) async fn versions(
    State(web): State<Web>,
    Served(who): Served,
    Path((name, object)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    page(&web, who, (name, Some(object)), query, (Taken::OfVersions, Shape::Versions)).await
}

async fn page(
    web: &Web,
    who: Who,
    (name, object): (String, Option<String>),
    query: Option<String>,
    (taken, shape): (Taken, Shape),
) -> Result<Response, Problem> {
    let place = Place::of(web, &who.0, name).await?;
    let mut asked = params::read(&query.unwrap_or_default(), taken, place.id())?;
    asked.with_bodies = shape == Shape::Objects;
    let is_of_object = object.is_some();
    if let Some(object) = object {
        asked.wanted.ids = Some(vec![object]);
    }
    if shape == Shape::Versions {
        asked.wanted.all_versions = true;
    }
    let added_after = asked.added_after;
    let page = web.run(move |node| view::collection(node, &who.0, &asked)).await?;
    if is_of_object && !page.is_known {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    Ok(place.marked(answer(&page, added_after, shape)))
}

fn answer(page: &CollectionPage, added_after: Option<Timestamp>, shape: Shape) -> Response {
    let mut out = vec![b'{'];
    if let Some(next) = &page.next {
        let head = json!({"more": true, "next": next}).to_string();
        out.extend_from_slice(head.trim_matches(['{', '}']).as_bytes());
    }
    // An empty list may not be written.
    if !page.rows.is_empty() {
        if page.next.is_some() {
            out.push(b',');
        }
        out.extend_from_slice(if shape == Shape::Versions { b"\"versions\":[" } else { b"\"objects\":[" });
        for (at, row) in page.rows.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match shape {
                Shape::Objects => out.extend_from_slice(&row.body),
                Shape::Manifest => out.extend_from_slice(record(row).to_string().as_bytes()),
                Shape::Versions => out.extend_from_slice(json!(version_text(row.version)).to_string().as_bytes()),
            }
        }
        out.push(b']');
    }
    out.push(b'}');
    let mut response = shape::bytes(out);
    let empty = page.reached.or(added_after).unwrap_or_default();
    let first = page.rows.first().map_or(empty, |row| row.added);
    let last = page.rows.last().map_or(empty, |row| row.added);
    for (name, at) in [("x-taxii-date-added-first", first), ("x-taxii-date-added-last", last)] {
        if let Ok(value) = HeaderValue::from_str(&at.to_string()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn record(row: &Added) -> Value {
    json!({
        "id": row.id, "date_added": row.added.to_string(), "version": version_text(row.version), "media_type": STIX_MEDIA_TYPE,
    })
}
