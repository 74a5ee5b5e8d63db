//! Duties of this member with their clocks, and a person's word that one was met. For staff; nothing is erased or published from here.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::duty::{self, DutyPage, DutyQuery, DutyState, DutyView, Met, Noted};
use gotong_app::role::Right;
use gotong_model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Parameters, Path};
use super::records::time;
use super::who::{Answering, Who, lacking};
use crate::problem::{Problem, table};

/// Bytes of a person's note.
const NOTE_BYTES_MAX: usize = 1_024;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(done))
}

/// Which duties.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DutiesParams {
    /// `open` (still in time), `overdue` or `met`; without it, all that is not met.
    state: Option<String>,
    /// Only of this channel, by handle or id.
    channel: Option<String>,
    /// Only what is due before this time.
    due_before: Option<String>,
    /// `true`: what others owe for this member's records, as far as it shows here, in place of what this member owes.
    others: Option<bool>,
    /// Rows of the answer, 1 to 1,000; 100 if not said.
    limit: Option<usize>,
}

/// One duty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Duty")]
pub(crate) struct DutyBody {
    /// Names it at every node.
    id: String,
    /// `acknowledge`, `answer`, `notify` or `delete`.
    duty: &'static str,
    /// Who has to do it.
    member: String,
    /// `open`, `overdue` or `met`.
    state: &'static str,
    /// What is to be done, and how, in English.
    text: String,
    /// The object's STIX id.
    object: String,
    /// What the object is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The object's type.
    #[serde(rename = "type")]
    object_type: String,
    /// Who published it.
    author: String,
    /// The channel's handle.
    channel: String,
    /// The log it stands in.
    log: String,
    /// The index there.
    index: u64,
    /// The agreement's handle.
    agreement: String,
    /// The version that the author knew.
    version: u64,
    /// The clause's number.
    clause: String,
    /// The clause's heading in English.
    title: String,
    /// Since when.
    since: String,
    /// By when.
    due: String,
    /// Seconds that are left; below zero where it is overdue.
    left_s: i64,
    /// When it was met, or the latest instant at which that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    met_at: Option<String>,
    /// Who noted that it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    noted_by: Option<String>,
    /// What they wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl DutyBody {
    fn of(view: DutyView, now: Timestamp) -> Self {
        let text = view.text();
        let (met_at, noted) = match view.met {
            Some(Met { at, noted }) => (Some(at.to_string()), noted),
            None => (None, None),
        };
        let (noted_by, note) = noted.unzip();
        Self {
            id: view.id,
            duty: view.duty.as_str(),
            member: view.member.to_string(),
            state: view.state.as_str(),
            text,
            object: view.object,
            name: view.name,
            object_type: view.object_type,
            author: view.author.to_string(),
            channel: view.channel,
            log: view.origin,
            index: view.index,
            agreement: view.agreement.0,
            version: view.agreement.1,
            clause: view.clause.0,
            title: view.clause.1,
            since: view.since.to_string(),
            due: view.due.to_string(),
            // Rounded down, so that a microsecond too late is not on time.
            left_s: (view.due.micros() - now.micros()).div_euclid(1_000_000),
            met_at,
            noted_by,
            note,
        }
    }
}

/// Duties.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Duties")]
pub(crate) struct DutiesBody {
    /// Soonest due first.
    duties: Vec<DutyBody>,
    /// Whether there are, or may be, more.
    more: bool,
}

impl From<DutyPage> for DutiesBody {
    fn from(page: DutyPage) -> Self {
        let duties = page.duties.into_iter().map(|duty| DutyBody::of(duty, page.at)).collect();
        Self { duties, more: page.more }
    }
}

/// Lists what agreements ask of this member in time, for records that are here.
#[utoipa::path(get, path = "/duties", tag = "channels", params(DutiesParams),
    responses((status = 200, description = "Soonest due first", body = DutiesBody)))]
async fn list(
    State(web): State<Web>,
    who: Who,
    Parameters(params): Parameters<DutiesParams>,
) -> Result<Answer<DutiesBody>, Problem> {
    let bad = |text: &str| Problem::of(&table::BAD_PARAMETER).saying(text);
    let limit = params.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(bad("limit must be 1 to 1000"));
    }
    let state = |text: &str| DutyState::from_text(text).ok_or_else(|| bad("state is one of open, overdue, met"));
    let query = DutyQuery {
        state: params.state.as_deref().map(state).transpose()?,
        channel: params.channel.as_deref().map(|name| web.channel(&who.0, name)).transpose()?,
        due_before: time("due_before", params.due_before.as_deref())?,
        of_others: params.others.unwrap_or(false),
        limit,
    };
    let page = web.run(move |node| duty::list(node, &who.0, &query)).await?;
    Ok(Answer(page.into()))
}

/// How a duty was met.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DutyDoneBody {
    /// How and to whom, in 1 to 1,024 bytes. It stays at this node, with its line in the audit log.
    note: String,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "DutyNoted")]
pub(crate) struct DutyNotedBody {
    /// The duty.
    id: String,
    /// `done`, or `known` where it was met already.
    outcome: &'static str,
}

/// Notes that this member has answered, or notified, in a way that no log shows.
#[utoipa::path(post, path = "/duties/{id}/done", tag = "channels",
    params(("id" = String, Path, description = "The duty's id")), request_body = DutyDoneBody,
    responses((status = 200, description = "It is noted, or was met already", body = DutyNotedBody)))]
async fn done(
    State(web): State<Web>,
    Answering(caller): Answering,
    Path(id): Path<String>,
    Json(body): Json<DutyDoneBody>,
) -> Result<Answer<DutyNotedBody>, Problem> {
    web.expect_writable()?;
    if body.note.trim().is_empty() || body.note.len() > NOTE_BYTES_MAX {
        return Err(Problem::of(&table::REFUSED).at("/note", "note.length", "must be 1 to 1,024 bytes"));
    }
    let (asked, asking) = (id.clone(), caller.clone());
    match web.run(move |node| duty::done(node, &asking, &asked, &body.note)).await? {
        Noted::Done => Ok(Answer(DutyNotedBody { id, outcome: "done" })),
        Noted::Known => Ok(Answer(DutyNotedBody { id, outcome: "known" })),
        Noted::NotFound => Err(Problem::of(&table::NOT_FOUND)),
        Noted::NotAllowed => Err(lacking(&caller, Right::Answer)),
        Noted::ShowsByItself(kind) => {
            let text = format!("a duty to {} is not met by a note: that it is done shows by itself", kind.as_str());
            Err(Problem::of(&table::REFUSED).at("", "duty.shows-by-itself", text))
        }
    }
}
