//! What waits for a person before it enters a log: listed, shown, released or dropped.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::publish::Fate;
use gotong_app::quarantine::{self, QuarantineView};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Parameters, Path};
use super::publish::OutcomeBody;
use super::shapes::raw;
use super::who::{Publishing, Releasing};
use crate::problem::{Problem, Reason, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, drop_one)).routes(routes!(release))
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuarantineParams {
    /// Behind this cursor.
    after: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 if not said.
    limit: Option<usize>,
}

/// Something that waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Quarantined")]
pub(crate) struct QuarantinedBody {
    /// Its number.
    number: u64,
    /// The channel it was meant for.
    channel: String,
    /// Its STIX id.
    id: String,
    /// The label it would have.
    tlp: &'static str,
    /// Who of the member speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// Who sent it.
    caller: String,
    /// When it came.
    at: String,
    /// Why it waits.
    why: Vec<Reason>,
    /// The object; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    object: Option<Box<RawValue>>,
}

impl From<QuarantineView> for QuarantinedBody {
    fn from(view: QuarantineView) -> Self {
        Self {
            number: view.number,
            channel: view.channel_handle,
            id: view.id,
            tlp: view.label.as_str(),
            organisation: view.organisation,
            caller: view.caller,
            at: view.at.to_string(),
            why: view.why.iter().map(Reason::from).collect(),
            object: raw(view.body),
        }
    }
}

/// A page of what waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "QuarantinePage")]
pub(crate) struct QuarantinePageBody {
    /// Oldest first.
    quarantined: Vec<QuarantinedBody>,
    /// For `after`: where the next page begins. Missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What cursors of this list are sealed for: numbers count what others sent, too.
const PURPOSE: &str = "quarantine";

/// Lists what waits in the channels that the caller reads.
#[utoipa::path(get, path = "/quarantine", tag = "quarantine", params(QuarantineParams),
    responses((status = 200, description = "Oldest first", body = QuarantinePageBody)))]
async fn list(
    State(web): State<Web>,
    Publishing(caller): Publishing,
    Parameters(params): Parameters<QuarantineParams>,
) -> Result<Answer<QuarantinePageBody>, Problem> {
    let bad = |text: &str| Problem::of(&table::BAD_PARAMETER).saying(text);
    let limit = params.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(bad("limit must be 1 to 1000"));
    }
    let key = web.node.positions_of(&caller.id);
    let open = |cursor: &str| key.open(PURPOSE, cursor).and_then(|number| u64::try_from(number).ok());
    let after = params
        .after
        .as_deref()
        .map(|cursor| open(cursor).ok_or_else(|| bad("the cursor is not known: begin again without one")));
    let after = after.transpose()?;
    let page = web.run(move |node| quarantine::list(node, &caller, after, limit)).await?;
    let next = page.next.map(|number| key.seal(PURPOSE, u128::from(number), web.node.entropy()));
    Ok(Answer(QuarantinePageBody { quarantined: page.rows.into_iter().map(Into::into).collect(), next }))
}

/// Shows one, with the object.
#[utoipa::path(get, path = "/quarantine/{number}", tag = "quarantine",
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "What waits", body = QuarantinedBody)))]
async fn show(
    State(web): State<Web>,
    Publishing(caller): Publishing,
    Path(number): Path<u64>,
) -> Result<Answer<QuarantinedBody>, Problem> {
    let found = web.find(move |node| quarantine::show(node, &caller, number)).await?;
    Ok(Answer(found.into()))
}

/// Publishes it: a person has decided.
#[utoipa::path(post, path = "/quarantine/{number}/release", tag = "quarantine",
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 201, description = "In the log", body = OutcomeBody), (status = 200, description = "It was there already", body = OutcomeBody)))]
async fn release(
    State(web): State<Web>,
    Releasing(caller): Releasing,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    web.expect_writable()?;
    let asking = caller.clone();
    let outcome = web.find(move |node| quarantine::release(node, &asking, number)).await?;
    let status = match &outcome.fate {
        Fate::Refused(why) => return Err(Problem::refused(why)),
        Fate::New(_) | Fate::Updated(_) => StatusCode::CREATED,
        Fate::Known(_) => StatusCode::OK,
        Fate::Quarantined(..) => StatusCode::ACCEPTED,
    };
    let mut response = (status, Answer(OutcomeBody::told(&web.node, &caller, outcome))).into_response();
    web.add_position(&caller, &mut response).await;
    Ok(response)
}

/// Drops it.
#[utoipa::path(delete, path = "/quarantine/{number}", tag = "quarantine",
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")))]
async fn drop_one(
    State(web): State<Web>,
    Releasing(caller): Releasing,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    let found = web.run(move |node| quarantine::drop(node, &caller, number)).await?;
    if !found {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    // Its bytes must go from the store's files like those of a withdrawal.
    web.upkeep.notify_one();
    Ok(StatusCode::NO_CONTENT)
}
