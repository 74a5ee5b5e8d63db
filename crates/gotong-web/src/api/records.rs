//! The way of records out: lists, single objects with all versions, and what is known around them. What a caller may see was decided below.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::view::{self, ExplainQuestion, Query, RecordView, ViewFault};
use gotong_app::{Node, NodeFault};
use gotong_crypto::sha256;
use gotong_model::{MemberCode, Timestamp, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Parameters, Path};
use super::shapes::{ExplanationBody, GroundBody, RecordBody, TombstoneBody, grounds_body};
use super::who::Who;
use super::{Web, json_bytes, publish};
use crate::problem::{Problem, table};

/// Versions whose provenance is proven in one answer.
const PROVEN_MAX: usize = 20;
/// Rows of a page unless more are asked for.
const ROWS_USUAL: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(provenance))
        .routes(routes!(explain))
        .routes(routes!(acknowledgements))
        .routes(routes!(sightings))
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
            after: params.after,
            limit,
        })
    }
}

/// Lists records: in order of arrival; with a type or a time, newest first; with an id, its entries.
#[utoipa::path(get, path = "/records", tag = "read", params(ListParams),
    responses((status = 200, description = "A page", body = PageBody)))]
async fn list(
    State(web): State<Web>,
    who: Who,
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
    who: Who,
    Path(id): Path<String>,
    Parameters(params): Parameters<AfterParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    web.reach(&who.0, params.position()).await?;
    let bytes = web
        .run(move |node| {
            let versions: Vec<RecordBody> = view::read(node, &who.0, &id)?.into_iter().map(RecordBody::from).collect();
            let body = VersionsBody { id, versions };
            Ok::<_, NodeFault>(if body.versions.is_empty() { None } else { serde_json::to_vec(&body).ok() })
        })
        .await?;
    let bytes = bytes.ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
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

/// Everything that proves where an entry comes from; all of it was verified again for this answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Provenance")]
pub(crate) struct ProvenanceBody {
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// The author.
    author: String,
    /// The leaf: version, flags and commitment, in base64.
    leaf: String,
    /// Its hash in the tree, in base32.
    leaf_hash: String,
    /// What the author says about the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    envelope: Option<Box<serde_json::value::RawValue>>,
    /// When and with what it came to this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<ArrivalBody>,
    /// What the author signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<CheckpointBody>,
    /// From the leaf to the checkpoint's root, lowest first, in base32 (RFC 9162).
    inclusion_proof: Vec<String>,
    /// The agreement.
    agreement: AgreementRef,
    /// The governance that the entry names.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<BasisBody>,
    /// Whether the clauses admit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    admitted: Option<bool>,
    /// The clauses.
    grounds: Vec<GroundBody>,
    /// What withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tombstone: Option<TombstoneBody>,
    /// What other members say of it.
    acknowledged: Vec<AcknowledgedBody>,
    /// Whether all of this held just now.
    verified: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// When and with what an entry came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArrivalBody {
    /// For `after` of a list that begins here.
    position: String,
    /// When.
    at: String,
    /// The first entry of the frame.
    first: u64,
    /// Entries in the frame.
    count: u64,
}

/// What the author signed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckpointBody {
    /// The signed note.
    note: String,
    /// The size it covers.
    size: u64,
    /// The root, in base32.
    root: String,
    /// The node key that signed it.
    key: String,
    /// The serial of the author's statement that names the key.
    statement: u64,
}

/// An agreement by its names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementRef {
    /// Its id.
    id: String,
    /// The hash of the version known here.
    hash: String,
    /// Its handle.
    handle: String,
}

/// The governance that an entry names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisBody {
    /// The index of the entry that lists it.
    index: u64,
    /// The charter's hash.
    charter: String,
    /// The agreement's hash.
    agreement_hash: String,
    /// Hashes of notices.
    notices: Vec<String>,
}

/// What another member says of an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AcknowledgedBody {
    /// Who.
    member: String,
    /// When.
    at: String,
    /// Whether it has verified the log past this entry.
    verified: bool,
    /// Whether it has erased it, where it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<bool>,
}

impl From<view::AcknowledgedBy> for AcknowledgedBody {
    fn from(view: view::AcknowledgedBy) -> Self {
        Self { member: view.member.to_string(), at: view.at.to_string(), verified: view.verified, erased: view.erased }
    }
}

impl From<view::Provenance> for ProvenanceBody {
    fn from(view: view::Provenance) -> Self {
        let envelope = view.envelope.as_ref().and_then(|envelope| super::shapes::raw(envelope.encode()));
        Self {
            log: view.origin,
            index: view.index,
            author: view.author.to_string(),
            leaf: gotong_crypto::text::base64(&view.leaf.encode()),
            leaf_hash: view.leaf_hash.to_text(),
            envelope,
            arrival: view.arrival.map(|arrival| ArrivalBody {
                position: arrival.position,
                at: arrival.at.to_string(),
                first: arrival.first,
                count: arrival.count,
            }),
            checkpoint: view.checkpoint.map(|checkpoint| CheckpointBody {
                note: checkpoint.note,
                size: checkpoint.size,
                root: checkpoint.root.to_text(),
                key: checkpoint.key,
                statement: checkpoint.statement,
            }),
            inclusion_proof: view.proof.iter().map(gotong_crypto::Digest::to_text).collect(),
            agreement: AgreementRef {
                id: view.agreement.to_string(),
                hash: view.agreement_hash.to_text(),
                handle: view.agreement_handle,
            },
            basis: view.basis.map(|basis| BasisBody {
                index: basis.index,
                charter: basis.basis.charter.to_text(),
                agreement_hash: basis.basis.agreement_hash.to_text(),
                notices: basis.basis.notices.iter().map(gotong_crypto::Digest::to_text).collect(),
            }),
            admitted: view.admitted,
            grounds: view.grounds.iter().map(grounds_body).collect(),
            tombstone: view.tombstone.map(Into::into),
            acknowledged: view.acknowledged.into_iter().map(Into::into).collect(),
            verified: view.verified,
            reason: view.reason,
        }
    }
}

/// The versions of an id with something known of each; `None` where there are none.
fn of_versions<T>(
    node: &Node,
    caller: &Caller,
    id: &str,
    with: impl Fn(&RecordView) -> Result<Option<T>, NodeFault>,
) -> Result<Option<Vec<T>>, NodeFault> {
    let versions = view::read(node, caller, id)?;
    if versions.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for version in versions.iter().take(PROVEN_MAX) {
        found.extend(with(version)?);
    }
    Ok(Some(found))
}

/// Where the versions of one object come from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvenancesBody {
    /// The id.
    id: String,
    /// At most twenty, by author, newest first.
    publications: Vec<ProvenanceBody>,
}

/// Where an object comes from: down to frame, checkpoint, signature and clause.
#[utoipa::path(get, path = "/records/{id}/provenance", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "What proves each version", body = ProvenancesBody)))]
async fn provenance(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Answer<ProvenancesBody>, Problem> {
    web.run(move |node| {
        let prove = |version: &RecordView| view::provenance(node, &who.0, &version.origin, version.index);
        let found = of_versions(node, &who.0, &id, prove)?;
        Ok::<_, NodeFault>(
            found.map(|found| ProvenancesBody { id, publications: found.into_iter().map(Into::into).collect() }),
        )
    })
    .await?
    .map(Answer)
    .ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

/// Why one version is where it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedBody {
    /// The author.
    author: String,
    /// The channel's handle.
    channel: String,
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// The clauses that admitted it when it was published.
    admitted_under: Vec<GroundBody>,
    /// What publishing the same here and now would meet, and who would receive it.
    now: ExplanationBody,
}

/// Why the versions of one object are where they are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedVersions {
    /// The id.
    id: String,
    /// At most twenty.
    publications: Vec<ExplainedBody>,
}

/// Why an object may be here, by clause, and who receives such a record.
#[utoipa::path(get, path = "/records/{id}/explain", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "The clauses for each version", body = ExplainedVersions)))]
async fn explain(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Answer<ExplainedVersions>, Problem> {
    web.run(move |node| {
        let explained = |version: &RecordView| {
            let kind = format!("{}.{}", version.kind, version.object_type);
            let question = ExplainQuestion { channel: version.channel, kind, label: Some(version.label), at: None };
            let Some(now) = view::explain(node, &who.0, &question) else { return Ok(None) };
            let proven = view::provenance(node, &who.0, &version.origin, version.index)?;
            Ok(Some(ExplainedBody {
                author: version.author.to_string(),
                channel: version.channel_handle.clone(),
                log: version.origin.clone(),
                index: version.index,
                admitted_under: proven.iter().flat_map(|proven| &proven.grounds).map(grounds_body).collect(),
                now: now.into(),
            }))
        };
        let found = of_versions(node, &who.0, &id, explained)?;
        Ok::<_, NodeFault>(found.map(|publications| ExplainedVersions { id, publications }))
    })
    .await?
    .map(Answer)
    .ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

/// Who has one version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionAcknowledgements {
    /// The author.
    author: String,
    /// The channel's handle.
    channel: String,
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// What other members say of it.
    acknowledged: Vec<AcknowledgedBody>,
}

/// Who has the versions of one object.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordAcknowledgements {
    /// The id.
    id: String,
    /// At most twenty.
    publications: Vec<VersionAcknowledgements>,
}

/// Who says that it has an object.
#[utoipa::path(get, path = "/records/{id}/acknowledgements", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "What other members say of each version", body = RecordAcknowledgements)))]
async fn acknowledgements(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Answer<RecordAcknowledgements>, Problem> {
    web.run(move |node| {
        let said = |version: &RecordView| {
            let proven = view::provenance(node, &who.0, &version.origin, version.index)?;
            Ok(proven.map(|proven| VersionAcknowledgements {
                author: version.author.to_string(),
                channel: version.channel_handle.clone(),
                log: version.origin.clone(),
                index: version.index,
                acknowledged: proven.acknowledged.into_iter().map(Into::into).collect(),
            }))
        };
        let found = of_versions(node, &who.0, &id, said)?;
        Ok::<_, NodeFault>(found.map(|publications| RecordAcknowledgements { id, publications }))
    })
    .await?
    .map(Answer)
    .ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

/// Sightings by one author in one channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SightingBody {
    /// Who reports.
    author: String,
    /// The channel's handle.
    channel: String,
    /// How many sightings; versions of one count once.
    sightings: u64,
    /// The newest of their times.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<String>,
}

/// Who has seen something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SightingsBody {
    /// The id that was seen.
    id: String,
    /// By author and channel; empty where nobody reports it, or nobody whom the caller may read.
    sightings: Vec<SightingBody>,
}

/// Who has seen what this id names.
#[utoipa::path(get, path = "/records/{id}/sightings", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "Counts by author and channel", body = SightingsBody)))]
async fn sightings(State(web): State<Web>, who: Who, Path(id): Path<String>) -> Result<Answer<SightingsBody>, Problem> {
    let body = web
        .run(move |node| {
            let counts = view::sightings(node, &who.0, &id)?;
            let count = |count: view::SightingCount| SightingBody {
                author: count.author.to_string(),
                channel: count.channel_handle,
                sightings: count.sightings,
                latest: count.latest.map(|at| at.to_string()),
            };
            Ok::<_, NodeFault>(SightingsBody { id, sightings: counts.into_iter().map(count).collect() })
        })
        .await?;
    Ok(Answer(body))
}
