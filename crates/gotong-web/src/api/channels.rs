//! Channels that a caller may read: their terms, logs, acknowledgements, withdrawals, and what publishing there would meet.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::caller::Caller;
use gotong_app::view::{self, ExplainQuestion};
use gotong_app::{Node, NodeFault};
use gotong_model::{ChannelId, record};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Parameters, Path};
use super::records::time;
use super::shapes::{ChannelBody, EntryBody, ExplanationBody, LogAcknowledgementsBody, LogBody, WithdrawalBody};
use super::who::{Served, Who};
use super::{Web, publish};
use crate::problem::{Problem, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(acknowledgements))
        .routes(routes!(withdrawals))
        .routes(routes!(explain))
        .routes(routes!(logs))
        .routes(routes!(entry))
}

/// The channels that the caller may read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelsBody {
    /// By handle.
    channels: Vec<ChannelBody>,
}

/// The way from a channel's name to what is asked of it. What is unknown and what the caller may not read are one answer.
async fn ask<T: Send + 'static, B: From<T>>(
    web: &Web,
    who: Who,
    name: &str,
    question: fn(&Node, &Caller, &ChannelId) -> Result<Option<T>, NodeFault>,
) -> Result<Answer<B>, Problem> {
    let id = web.channel(&who.0, name)?;
    let found = web.find(move |node| question(node, &who.0, &id)).await?;
    Ok(Answer(found.into()))
}

/// Lists the channels that the caller may read.
#[utoipa::path(get, path = "/channels", tag = "channels",
    responses((status = 200, description = "By handle", body = ChannelsBody)))]
async fn list(State(web): State<Web>, Served(who): Served) -> Result<Answer<ChannelsBody>, Problem> {
    let channels = web.run(move |node| view::channels(node, &who.0)).await?;
    Ok(Answer(ChannelsBody { channels: channels.into_iter().map(ChannelBody::from).collect() }))
}

/// Shows one channel.
#[utoipa::path(get, path = "/channels/{channel}", tag = "channels",
    params(("channel" = String, Path, description = "Handle or id of the channel")),
    responses((status = 200, description = "The channel", body = ChannelBody)))]
async fn show(
    State(web): State<Web>,
    Served(who): Served,
    Path(name): Path<String>,
) -> Result<Answer<ChannelBody>, Problem> {
    ask(&web, who, &name, view::channel).await
}

/// What members have applied of a channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelAcknowledgements {
    /// By log.
    logs: Vec<LogAcknowledgementsBody>,
}

impl From<Vec<view::LogAcknowledgements>> for ChannelAcknowledgements {
    fn from(logs: Vec<view::LogAcknowledgements>) -> Self {
        Self { logs: logs.into_iter().map(Into::into).collect() }
    }
}

/// What members say they have applied of a channel's logs.
#[utoipa::path(get, path = "/channels/{channel}/acknowledgements", tag = "channels",
    params(("channel" = String, Path, description = "Handle or id of the channel")),
    responses((status = 200, description = "By log", body = ChannelAcknowledgements)))]
async fn acknowledgements(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
) -> Result<Answer<ChannelAcknowledgements>, Problem> {
    ask(&web, who, &name, view::acknowledgements).await
}

/// What was withdrawn in a channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithdrawalsBody {
    /// By author, epoch and index.
    withdrawals: Vec<WithdrawalBody>,
    /// Whether there are more than are answered.
    more: bool,
}

impl From<view::Withdrawals> for WithdrawalsBody {
    fn from(found: view::Withdrawals) -> Self {
        Self { withdrawals: found.rows.into_iter().map(Into::into).collect(), more: found.more }
    }
}

/// What was withdrawn in a channel, and who has erased it. Never what stood there.
#[utoipa::path(get, path = "/channels/{channel}/withdrawals", tag = "channels",
    params(("channel" = String, Path, description = "Handle or id of the channel")),
    responses((status = 200, description = "By author, epoch and index", body = WithdrawalsBody)))]
async fn withdrawals(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
) -> Result<Answer<WithdrawalsBody>, Problem> {
    ask(&web, who, &name, view::withdrawals).await
}

/// What might be published.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExplainParams {
    /// A STIX type.
    #[serde(rename = "type")]
    object_type: Option<String>,
    /// In place of a type: a record's kind, such as `stix.indicator`.
    kind: Option<String>,
    /// A label; without it, the channel's ceiling.
    tlp: Option<String>,
    /// What it holds of people: `none`, `pseudonymised` or `identified`; without it, what objects of the type usually hold: of accounts and messages `identified`, else `none`.
    personal_data: Option<String>,
    /// An instant; without it, now.
    at: Option<String>,
}

/// What publishing something in a channel would meet, and who would receive it.
#[utoipa::path(get, path = "/channels/{channel}/explain", tag = "channels",
    params(("channel" = String, Path, description = "Handle or id of the channel"), ExplainParams),
    responses((status = 200, description = "The clauses and the recipients", body = ExplanationBody)))]
async fn explain(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
    Parameters(params): Parameters<ExplainParams>,
) -> Result<Answer<ExplanationBody>, Problem> {
    let channel = web.channel(&who.0, &name)?;
    let bad = || Problem::of(&table::BAD_PARAMETER).saying("tlp is not one of the labels");
    let label = params.tlp.as_deref().map(|text| publish::tlp(text).ok_or_else(bad)).transpose()?;
    let stix = record::STIX.slug;
    let kind = match (params.kind, params.object_type) {
        (Some(kind), None) => kind,
        (None, named) => named.map_or_else(|| stix.to_owned(), |name| format!("{stix}.{name}")),
        (Some(_), Some(_)) => return Err(Problem::of(&table::BAD_PARAMETER).saying("name a kind or a type, not both")),
    };
    let personal_data = publish::personal(params.personal_data.as_deref())?;
    let question = ExplainQuestion { channel, kind, label, personal_data, at: time("at", params.at.as_deref())? };
    let explained = web.find(move |node| Ok::<_, NodeFault>(view::explain(node, &who.0, &question))).await?;
    Ok(Answer(explained.into()))
}

/// A log with the channel it is of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelLog {
    /// The channel's handle.
    channel: String,
    /// The log.
    #[serde(flatten)]
    log: LogBody,
}

/// The logs that are here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogsBody {
    /// By channel, author and epoch.
    logs: Vec<ChannelLog>,
}

/// Lists the logs of the channels that the caller may read.
#[utoipa::path(get, path = "/logs", tag = "logs", responses((status = 200, description = "By channel", body = LogsBody)))]
async fn logs(State(web): State<Web>, who: Who) -> Result<Answer<LogsBody>, Problem> {
    let channels = web.run(move |node| view::channels(node, &who.0)).await?;
    let mut logs = Vec::new();
    for channel in channels {
        let handle = channel.handle;
        logs.extend(channel.logs.into_iter().map(|log| ChannelLog { channel: handle.clone(), log: log.into() }));
    }
    Ok(Answer(LogsBody { logs }))
}

/// A place in a log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryParams {
    /// The log's origin.
    log: String,
    /// The index in it.
    index: u64,
}

/// What stands at one place of a log: a record, what withdrew it, or why it does not show.
#[utoipa::path(get, path = "/logs/entry", tag = "logs", params(EntryParams),
    responses((status = 200, description = "What stands there", body = EntryBody)))]
async fn entry(
    State(web): State<Web>,
    who: Who,
    Parameters(params): Parameters<EntryParams>,
) -> Result<Answer<EntryBody>, Problem> {
    let found = web.find(move |node| view::entry(node, &who.0, &params.log, params.index)).await?;
    Ok(Answer(found.into()))
}
