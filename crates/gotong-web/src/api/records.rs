//! The way of records out: lists, and single objects with all versions. What a caller may see was decided below. Read next: `records/around.rs`.

mod around;
mod related;
mod sightings;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use gotong_app::caller::Caller;
use gotong_app::view::{self, Order, Query, ViewFault};
use gotong_crypto::sha256;
use gotong_model::{MemberCode, Timestamp, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Parameters, Path};
use super::shapes::RecordBody;
use super::who::Served;
use super::{Web, json_bytes, publish};
use crate::problem::{Problem, table};
pub(crate) use around::ProvenanceBody;

/// Rows of a page unless more are asked for.
const ROWS_USUAL: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .merge(around::routes())
        .merge(related::routes())
        .merge(sightings::routes())
}

/// What is listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Only this channel, by handle or id.
    channel: Option<String>,
    /// Only objects of this STIX type.
    #[serde(rename = "type")]
    object_type: Option<String>,
    /// Only this author, by member code.
    author: Option<String>,
    /// Only this STIX id.
    id: Option<String>,
    /// Only objects whose own time is not before this.
    since: Option<String>,
    /// Only objects whose own time is before this.
    until: Option<String>,
    /// Only entries labelled no stricter.
    tlp_max: Option<String>,
    /// `newest-arrival`: what came to this node last comes first, whatever date it gives itself.
    order: Option<String>,
    /// Behind this cursor (`next` or `position` of an earlier answer); a `Gotong-Position` of a write makes the answer wait until it shows that write.
    after: Option<String>,
    /// A `Gotong-Position` that the answer must have reached.
    after_position: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 if not said.
    limit: Option<usize>,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "RecordPage")]
pub(crate) struct PageBody {
    /// The records.
    records: Vec<RecordBody>,
    /// For `after`: where the next page begins. Missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// For `after`, later, without type, time or id: what came since this answer.
    position: String,
}

/// All versions of one id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Versions")]
pub(crate) struct VersionsBody {
    /// The id.
    id: String,
    /// By author, newest first.
    versions: Vec<RecordBody>,
}

/// A read that must have reached a write.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AfterParams {
    /// A `Gotong-Position` that the answer must have reached.
    after: Option<String>,
    /// The same as `after`.
    after_position: Option<String>,
}

impl AfterParams {
    pub(crate) fn position(&self) -> Option<&str> {
        self.after_position.as_deref().or(self.after.as_deref())
    }
}

/// Reads a time of a parameter.
pub(crate) fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    text.map(|text| {
        let bad = || Problem::of(&table::BAD_PARAMETER).saying(format!("{name} must be a time in RFC 3339, in UTC"));
        Timestamp::parse(text).ok_or_else(bad)
    })
    .transpose()
}

impl Web {
    fn query(&self, caller: &Caller, params: ListParams) -> Result<Query, Problem> {
        let bad = |text: &str| Problem::of(&table::BAD_PARAMETER).saying(text);
        let author = params.author.as_deref();
        let label = params.tlp_max.as_deref();
        let limit = params.limit.unwrap_or(ROWS_USUAL);
        if !(1..=limits::PAGE_ROWS_MAX).contains(&limit) {
            return Err(bad("limit must be 1 to 1000"));
        }
        Ok(Query {
            channel: params.channel.map(|name| self.channel(caller, &name)).transpose()?,
            author: author
                .map(|code| MemberCode::from_text(code).ok_or_else(|| bad("author must be a member code")))
                .transpose()?,
            object_type: params.object_type,
            id: params.id,
            since: time("since", params.since.as_deref())?,
            until: time("until", params.until.as_deref())?,
            label_max: label
                .map(|text| publish::tlp(text).ok_or_else(|| bad("tlp_max is not one of the labels")))
                .transpose()?,
            order: match params.order.as_deref() {
                None => Order::Usual,
                Some("newest-arrival") => Order::NewestArrival,
                Some(_) => return Err(bad("order must be newest-arrival, or left out")),
            },
            after: params.after,
            limit,
        })
    }
}

/// Lists records: in order of arrival; with a type or a time, newest first by their own time; with an id, its entries; with `order`, as that says.
///
/// In order of arrival nothing that is shown from the beginning is left out or comes twice. What is shown later than it arrived (a document came, a label
/// was lowered, a body followed) keeps its old place, which a reader may be past: who must miss nothing reads the channel's TAXII collection by `added_after`,
/// where it is added anew, or follows a saved search.
#[utoipa::path(get, path = "/records", tag = "read", params(ListParams),
    responses((status = 200, description = "A page", body = PageBody)))]
async fn list(
    State(web): State<Web>,
    Served(who): Served,
    Parameters(mut params): Parameters<ListParams>,
) -> Result<Response, Problem> {
    if params.after.as_deref().is_some_and(|after| web.is_position(&who.0, after)) {
        params.after_position = params.after.take();
    }
    web.reach(&who.0, params.after_position.as_deref()).await?;
    let query = web.query(&who.0, params)?;
    let bytes = web
        .run(move |node| {
            let page = view::list(node, &who.0, &query)?;
            let records = page.rows.into_iter().map(RecordBody::from).collect();
            let body = PageBody { records, next: page.next, position: page.position };
            Ok::<_, ViewFault>(serde_json::to_vec(&body).unwrap_or_default())
        })
        .await?;
    Ok(json_bytes(bytes))
}

/// Reads one object: every version of every author that the caller may read.
#[utoipa::path(get, path = "/records/{id}", tag = "read",
    params(("id" = String, Path, description = "STIX id"), AfterParams,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer")),
    responses(
        (status = 200, description = "The versions", body = VersionsBody, headers(("ETag" = String, description = "Changes when the answer does"))),
        (status = 304, description = "As it was"),
        (status = 404, description = "Nothing of this id for this caller", body = crate::problem::ProblemDocument, content_type = "application/problem+json"),
    ))]
async fn read(
    State(web): State<Web>,
    Served(who): Served,
    Path(id): Path<String>,
    Parameters(params): Parameters<AfterParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    web.reach(&who.0, params.position()).await?;
    let bytes = web
        .find(move |node| {
            let versions: Vec<RecordBody> = view::read(node, &who.0, &id)?.into_iter().map(RecordBody::from).collect();
            let body = VersionsBody { id, versions };
            Ok::<_, NodeFault>(if body.versions.is_empty() { None } else { serde_json::to_vec(&body).ok() })
        })
        .await?;
    let tag: String = sha256(&bytes).to_text().chars().take(26).collect();
    let tag = format!("\"{tag}\"");
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known =
        known.is_some_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { json_bytes(bytes) };
    let headers = response.headers_mut();
    headers.insert(ETAG, HeaderValue::from_str(&tag).map_err(|_| Problem::of(&table::INTERNAL))?);
    // May be kept by the caller itself, and asked about each time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
