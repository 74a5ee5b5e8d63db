//! Exercise data: whether they are there, loading and removing them. They are records, so whoever loads publishes and whoever removes withdraws. What they are
//! and where alone they may stand is `gotong_app::exercise`'s.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use gotong_app::exercise;
use gotong_app::role::Right;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::who::{Publishing, Who, expect_right};
use crate::problem::{Problem, Reason, table};

const EXERCISE: HeaderName = HeaderName::from_static("gotong-exercise");

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, load, remove))
}

/// Where exercise data are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "ExerciseData")]
pub(crate) struct ExerciseDataBody {
    /// The handle of the channel in which they stand or would; missing where the house rule has none for exercises.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// Objects of the case that are there.
    loaded: usize,
    /// Objects of the case.
    of: usize,
}

/// What came of loading.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "ExerciseDataLoaded")]
pub(crate) struct ExerciseDataLoadedBody {
    /// The handle of the channel.
    channel: String,
    /// Objects that came in now.
    new: usize,
    /// Objects that were there already.
    known: usize,
    /// Objects that the channel does not take.
    refused: usize,
    /// Why not, each reason once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<Reason>,
}

/// What came of removing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "ExerciseDataRemoved")]
pub(crate) struct ExerciseDataRemovedBody {
    /// The handles of the channels that had some.
    channels: Vec<String>,
    /// Objects that were taken back.
    objects: usize,
    /// Entries whose contents are erased.
    entries: u64,
}

/// Marked where it is about a channel of exercises.
fn marked(body: impl IntoResponse, is_exercise: bool) -> Response {
    let mut response = body.into_response();
    if is_exercise {
        // INVARIANT: 6. No client takes it for real.
        response.headers_mut().insert(EXERCISE, HeaderValue::from_static("true"));
    }
    response
}

/// Whether exercise data are there.
#[utoipa::path(get, path = "/exercise-data", tag = "publish",
    responses((status = 200, description = "Where they are, and how many", body = ExerciseDataBody)))]
async fn show(State(web): State<Web>, Who(caller): Who) -> Result<Response, Problem> {
    let state = web.run(move |node| exercise::state(node, &caller)).await?;
    let is_exercise = state.channel.is_some();
    let body = ExerciseDataBody { channel: state.channel, loaded: state.loaded, of: state.of };
    Ok(marked(Answer(body), is_exercise))
}

/// Loads a made-up case into the member's own channel for exercises. What is there already stays as it is.
#[utoipa::path(post, path = "/exercise-data", tag = "publish",
    responses((status = 200, description = "What came of it", body = ExerciseDataLoadedBody),
        (status = 422, description = "There is no channel for exercises")))]
async fn load(State(web): State<Web>, Publishing(caller): Publishing) -> Result<Response, Problem> {
    web.expect_writable()?;
    match web.run(move |node| exercise::load(node, &caller)).await? {
        Ok(loaded) => {
            let why = loaded.why.iter().map(Reason::from).collect();
            let (new, known, refused) = (loaded.new, loaded.known, loaded.refused);
            Ok(marked(Answer(ExerciseDataLoadedBody { channel: loaded.channel, new, known, refused, why }), true))
        }
        Err(why) => Err(Problem::of(&table::REFUSED).because(&why)),
    }
}

/// Removes all of it: every object of the case that this member has in a channel for exercises is withdrawn and erased.
#[utoipa::path(delete, path = "/exercise-data", tag = "publish",
    responses((status = 200, description = "What came of it", body = ExerciseDataRemovedBody)))]
async fn remove(State(web): State<Web>, Who(caller): Who) -> Result<Response, Problem> {
    expect_right(&caller, Right::Withdraw)?;
    web.expect_writable()?;
    let removed = web.run(move |node| exercise::remove(node, &caller)).await?;
    web.upkeep.notify_one();
    let is_exercise = !removed.channels.is_empty();
    let body =
        ExerciseDataRemovedBody { channels: removed.channels, objects: removed.objects, entries: removed.entries };
    Ok(marked(Answer(body), is_exercise))
}
