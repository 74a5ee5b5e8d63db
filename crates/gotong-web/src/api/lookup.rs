//! Which records name an observable value: one in the address, or up to a hundred thousand in one call.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::view;
use gotong_model::limits;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Parameters};
use super::shapes::raw;
use super::who::Served;
use crate::problem::{Problem, table};

/// Values that cost as much as one request.
const VALUES_PER_UNIT: f64 = 1_000.0;
/// What one value's answer takes, about: a hit has some three hundred bytes.
const BYTES_EXPECTED: usize = 400;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(lookup_one, lookup_many))
}

/// One value to look up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookupParams {
    /// The value, as people write it: an address, a name, a hash, an URL.
    value: String,
    /// Answer with the objects themselves.
    #[serde(default)]
    objects: bool,
    /// A `Gotong-Position` that the answer must have reached.
    after: Option<String>,
    /// The same as `after`.
    after_position: Option<String>,
}

/// Values to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupBody {
    /// At most 100,000; at most 1,000 with objects.
    values: Vec<String>,
    /// Answer with the objects themselves.
    #[serde(default)]
    objects: bool,
    /// A `Gotong-Position` that the answer must have reached.
    #[serde(default)]
    after_position: Option<String>,
}

/// A record that names the value, a network that holds it or what lies in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitBody {
    /// The object's STIX id.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    object_type: String,
    /// The channel's handle.
    channel: String,
    /// The author.
    author: String,
    /// The log; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// The index in it; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// For an organisation, in place of log and index: the name by which it knows this publication again.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// `network`: it names a network that holds the value. `within`: a network was asked for, and it names what lies in it. `domain`: it names a domain
    /// above the host. `url`: it names an URL on the host. Missing where it names the value itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    /// With `why`: what it names, of an URL its host. For an IPv6 address within a network it may be the /64 that it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<String>,
    /// The label that counts.
    tlp: &'static str,
    /// The object's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    /// When it was published; with objects only.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<String>,
    /// The STIX object, byte for byte, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    object: Option<Box<RawValue>>,
}

/// What one value is named by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Lookup")]
pub(crate) struct LookupResult {
    /// The value as it was asked for.
    value: String,
    /// Records that name it, then those that name a network which holds it, a domain above it or an URL on it, then those that name what lies in it.
    hits: Vec<HitBody>,
    /// Whether there are more than are answered.
    more: bool,
    /// Whether it is a network in which nothing was looked for: wider than /16, of IPv6 than /48 or between /64 and /112, or one too many in this call. What
    /// lies in it may be known all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outside_only: bool,
}

/// What the values are named by, in the order asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookupResults {
    /// One for each value.
    results: Vec<LookupResult>,
}

impl From<view::Hit> for HitBody {
    fn from(hit: view::Hit) -> Self {
        let (log, index, entry) = hit.place.into_parts();
        Self {
            id: hit.id,
            object_type: hit.object_type,
            channel: hit.channel_handle.to_string(),
            author: hit.author.to_string(),
            log,
            index,
            entry,
            why: hit.by.through().map(|_| hit.by.as_str()),
            through: hit.by.through().map(str::to_owned),
            tlp: hit.label.as_str(),
            modified: hit.modified.map(|at| at.to_string()),
            published_at: hit.published_at.map(|at| at.to_string()),
            object: hit.body.and_then(raw),
        }
    }
}

impl From<view::Lookup> for LookupResult {
    fn from(view: view::Lookup) -> Self {
        let hits = view.hits.into_iter().map(HitBody::from).collect();
        Self { value: view.value, hits, more: view.more, outside_only: view.is_outside_only }
    }
}

/// Looks one value up, and the networks that hold it.
#[utoipa::path(get, path = "/lookup", tag = "read", params(LookupParams),
    responses((status = 200, description = "What the value is named by; no hits is an answer too", body = LookupResult)))]
async fn lookup_one(
    State(web): State<Web>,
    Served(who): Served,
    Parameters(params): Parameters<LookupParams>,
) -> Result<Answer<LookupResult>, Problem> {
    web.reach(&who.0, params.after_position.as_deref().or(params.after.as_deref())).await?;
    let LookupParams { value, objects, .. } = params;
    if value.len() > limits::VALUE_BYTES_MAX {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("the value is longer than any that is indexed"));
    }
    let found = web.run(move |node| view::lookup(node, &who.0, &[value], objects)).await?;
    found.into_iter().next().map(|found| Answer(found.into())).ok_or_else(|| Problem::of(&table::INTERNAL))
}

/// Looks many values up in one call, each with the networks that hold it.
#[utoipa::path(post, path = "/lookup", tag = "read", request_body = LookupBody,
    responses((status = 200, description = "What each value is named by, in the order asked", body = LookupResults)))]
async fn lookup_many(
    State(web): State<Web>,
    Served(who): Served,
    Json(body): Json<LookupBody>,
) -> Result<axum::response::Response, Problem> {
    web.reach(&who.0, body.after_position.as_deref()).await?;
    #[expect(clippy::cast_precision_loss, reason = "a share of a rate")]
    web.spend(&who.0, body.values.len() as f64 / VALUES_PER_UNIT)?;
    let LookupBody { values, objects, .. } = body;
    if let Some(at) = values.iter().position(|value| value.len() > limits::VALUE_BYTES_MAX) {
        let problem = Problem::of(&table::REFUSED);
        return Err(problem.at(&format!("/values/{at}"), "value.length", "is longer than any value that is indexed"));
    }
    // Turning a hundred thousand answers into JSON is work for a blocking thread too.
    let bytes = web
        .run(move |node| {
            // As `LookupResults` would be written, one result after the other.
            let mut bytes = Vec::with_capacity(values.len() * BYTES_EXPECTED);
            bytes.extend_from_slice(br#"{"results":["#);
            let mut is_first = true;
            view::lookup_each(node, &who.0, &values, objects, |found| {
                if !std::mem::take(&mut is_first) {
                    bytes.push(b',');
                }
                // Writing into a vector does not fail.
                let _ = serde_json::to_writer(&mut bytes, &LookupResult::from(found));
            })?;
            bytes.extend_from_slice(b"]}");
            Ok::<_, view::ViewFault>(bytes)
        })
        .await?;
    Ok(super::json_bytes(bytes))
}
