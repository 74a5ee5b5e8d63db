//! Taking back what this member published, and changing its label. Nothing here decides: versions, epochs and erasure are `gotong-app`'s.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::node::Writing;
use gotong_app::once::{Once, OnceKey};
use gotong_app::view::Place;
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_app::{Node, NodeFault, Priority};
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Timestamp, Tlp, limits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{self, Path};
use super::publish::once_key;
use super::who::{Served, Who};
use crate::problem::{self, Problem, table};
use gotong_app::role::Right;

/// Ids in one withdrawal or relabelling.
const IDS_MAX: usize = 1_000;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(withdraw)).routes(routes!(relabel))
}

/// What is to be withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawBody {
    /// STIX ids, at most 1,000: every version that this member published in the channel.
    ids: Vec<String>,
    /// Why: `error`, `superseded`, `source-request`, `legal`, `privacy`, `retention`, `relabelled` or `other`.
    reason: String,
    /// Only the version with this `modified`.
    #[serde(default)]
    modified: Option<String>,
}

/// What is to be relabelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelabelBody {
    /// STIX ids, at most 1,000.
    ids: Vec<String>,
    /// The label from now on.
    tlp: String,
    /// Only the version with this `modified`.
    #[serde(default)]
    modified: Option<String>,
}

/// What became of one id.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ActBody {
    /// The id.
    #[serde(default)]
    id: String,
    /// `done`, `not_found` or `refused`.
    outcome: String,
    /// Entries that it concerned.
    #[serde(default)]
    entries: u64,
    /// Quarantined objects that were dropped.
    #[serde(default)]
    quarantined: u64,
    /// The log that says so; an organisation is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// The index of the entry that says so; an organisation is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// For an organisation, in place of log and index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// Why not.
    #[serde(default, skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    why: Vec<problem::Reason>,
}

/// What became of each id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActsBody {
    /// In the order asked.
    results: Vec<ActBody>,
}

impl ActBody {
    fn told(node: &Node, caller: &Caller, (id, withdrawn): (String, Withdrawn)) -> Self {
        let plain = |outcome: &str| Self {
            id: id.clone(),
            outcome: outcome.to_owned(),
            entries: 0,
            quarantined: 0,
            log: None,
            index: None,
            entry: None,
            why: Vec::new(),
        };
        match withdrawn {
            Withdrawn::Done { entries, quarantined, at, log } => {
                let (log, index, entry) = match (log, at) {
                    (Some(log), Some(at)) => Place::of_receipt(node, caller, log, at),
                    _ => (None, None, None),
                };
                Self { entries, quarantined, log, index, entry, ..plain("done") }
            }
            Withdrawn::NotFound => plain("not_found"),
            Withdrawn::Refused(why) => {
                Self { why: why.iter().map(problem::Reason::from).collect(), ..plain("refused") }
            }
        }
    }
}

fn selection(who: &Who, channel: ChannelId, ids: Vec<String>, modified: Option<&str>) -> Result<Selection, Problem> {
    if ids.is_empty() || ids.len() > IDS_MAX {
        let text = format!("must name 1 to {IDS_MAX} ids");
        return Err(Problem::of(&table::REFUSED).at("/ids", "ids.number", text));
    }
    if let Some(at) = ids.iter().position(|id| id.len() > 512) {
        return Err(Problem::of(&table::REFUSED).at(&format!("/ids/{at}"), "ids.length", "is too long for an id"));
    }
    let modified = modified.map(|text| {
        Timestamp::parse(text).ok_or_else(|| {
            Problem::of(&table::REFUSED).at("/modified", "time.malformed", "must be a time in RFC 3339, in UTC")
        })
    });
    Ok(Selection {
        channel,
        ids,
        modified: modified.transpose()?,
        constituent: who.0.constituent.clone(),
        caller: who.0.id.clone(),
    })
}

type Act = Box<dyn FnOnce(&Node, &mut Writing<'_>, &Selection) -> Result<Vec<(String, Withdrawn)>, NodeFault> + Send>;

/// What a body asks: the ids, the version, and what is done to them.
type Asked = (Vec<String>, Option<String>, Act);

/// The way of a request from its address to its answer; `read` says what the body asks.
async fn act<T: DeserializeOwned>(
    web: Web,
    who: Who,
    channel: &str,
    request: Request,
    read: fn(T) -> Result<Asked, Problem>,
) -> Result<Response, Problem> {
    let channel = web.channel_for(&who.0, channel, Right::Withdraw)?;
    let (parts, body): (_, Body) = request.into_parts();
    input::expect_json(&parts.headers)?;
    let body = input::read_whole(body, limits::API_BODY_BYTES_MAX).await?;
    let key = once_key(&parts.headers, &who, &format!("POST {}", parts.uri), &body)?;
    let (ids, modified, act) = read(input::parse_json(&body)?)?;
    let selection = selection(&who, channel, ids, modified.as_deref())?;
    let ids = selection.ids.clone();
    let caller = who.0.clone();
    let results = match web.run(move |node| transact((node, &caller), key, &selection, act)).await? {
        Once::Fresh(results) => results.into_iter().map(|done| ActBody::told(&web.node, &who.0, done)).collect(),
        Once::Replayed(kept) => {
            let kept: Vec<ActBody> = serde_json::from_slice(&kept).map_err(|_| Problem::of(&table::INTERNAL))?;
            kept.into_iter().zip(ids).map(|(result, id)| ActBody { id, ..result }).collect()
        }
        Once::OtherRequest => return Err(Problem::of(&table::IDEMPOTENCY_KEY)),
    };
    web.upkeep.notify_one();
    let mut response = axum::Json(ActsBody { results }).into_response();
    web.add_position(&who.0, &mut response).await;
    Ok(response)
}

fn transact(
    (node, caller): (&Node, &Caller),
    key: Option<OnceKey>,
    selection: &Selection,
    act: Act,
) -> Result<Once<Vec<(String, Withdrawn)>>, NodeFault> {
    let work = |writing: &mut Writing<'_>| act(node, writing, selection);
    let done = match key {
        None => node.transact(Priority::People, work).map(Once::Fresh),
        Some(key) => node.transact_once(Priority::People, &key, work, |results| {
            // Ids of observables are hashes of their values: they must not outlive the withdrawal here.
            let results = results.iter().cloned().map(|(_, done)| ActBody::told(node, caller, (String::new(), done)));
            serde_json::to_vec(&results.collect::<Vec<_>>()).ok()
        }),
    }?;
    // A large withdrawal is carried out in slices; it is answered when nothing of it is shown any more, also where it was asked for before and cut off.
    node.erase_named()?;
    Ok(done)
}

/// Withdraws: every holder erases what this member published under the ids.
#[utoipa::path(
    post, path = "/channels/{channel}/withdraw", tag = "publish",
    params(
        ("channel" = String, Path, description = "Handle or id of the channel"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request, so that repeating it within a day does it once"),
    ),
    request_body = WithdrawBody,
    responses((status = 200, description = "What became of each id; nothing here shows them any more", body = ActsBody)),
)]
async fn withdraw(
    State(web): State<Web>,
    Served(who): Served,
    Path(channel): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    act(web, who, &channel, request, |body: WithdrawBody| {
        let reason = Reason::ALL.iter().copied().find(|reason| reason.as_str() == body.reason).ok_or_else(|| {
            let words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
            Problem::of(&table::REFUSED).at("/reason", "reason.unknown", format!("must be one of {}", words.join(", ")))
        })?;
        let act: Act = Box::new(move |node, writing, selection| node.withdraw_in(writing, selection, reason));
        Ok((body.ids, body.modified, act))
    })
    .await
}

/// Relabels: stricter binds every version, laxer only what is named; a label above the ceiling withdraws.
#[utoipa::path(
    post, path = "/channels/{channel}/relabel", tag = "publish",
    params(
        ("channel" = String, Path, description = "Handle or id of the channel"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request, so that repeating it within a day does it once"),
    ),
    request_body = RelabelBody,
    responses((status = 200, description = "What became of each id", body = ActsBody)),
)]
async fn relabel(
    State(web): State<Web>,
    who: Who,
    Path(channel): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    act(web, who, &channel, request, |body: RelabelBody| {
        let label = Tlp::from_human(&body.tlp).ok_or_else(|| {
            Problem::of(&table::REFUSED).at("/tlp", "label.unknown", "must be clear, green, amber, amber+strict or red")
        })?;
        let act: Act = Box::new(move |node, writing, selection| node.relabel_in(writing, selection, label));
        Ok((body.ids, body.modified, act))
    })
    .await
}
