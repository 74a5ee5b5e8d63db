//! Who has seen an object or a value, how often and when, and what an indicator is still worth.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::view;
use gotong_model::{Timestamp, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Web;
use crate::api::input::{Parameters, Path};
use crate::api::who::Served;
use crate::problem::{Problem, table};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(of_record)).routes(routes!(of_value)).routes(routes!(worth))
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
    /// How often it was seen: the sum of what the sightings count.
    seen: u64,
    /// The newest of their own times.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<String>,
    /// When it was first seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    /// When it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
}

/// How often something was seen on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SightingDayBody {
    /// `YYYY-MM-DD`, in UTC.
    day: String,
    /// Who reports.
    author: String,
    /// How often.
    seen: u64,
}

/// Who has seen something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SightingsBody {
    /// The id or the value that was seen.
    of: String,
    /// By author and channel; empty where nobody reports it, or nobody whom the caller may read.
    sightings: Vec<SightingBody>,
    /// By day and author, the oldest first, at most 400.
    days: Vec<SightingDayBody>,
    /// Whether there are more than were read: the numbers are then the least that holds.
    more: bool,
}

impl SightingsBody {
    fn new(of: String, told: view::Sightings) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let count = |count: view::SightingCount| SightingBody {
            author: count.author.to_string(),
            channel: count.channel_handle,
            sightings: count.sightings,
            seen: count.seen,
            latest: text(count.latest),
            first_seen: text(count.first_seen),
            last_seen: text(count.last_seen),
        };
        let day =
            |day: view::SightingDay| SightingDayBody { day: day.day, author: day.author.to_string(), seen: day.seen };
        Self {
            of,
            sightings: told.by.into_iter().map(count).collect(),
            days: told.days.into_iter().map(day).collect(),
            more: told.more,
        }
    }
}

/// Who has seen what this id names.
#[utoipa::path(get, path = "/records/{id}/sightings", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "Counts by author, channel and day", body = SightingsBody)))]
async fn of_record(
    State(web): State<Web>,
    Served(who): Served,
    Path(id): Path<String>,
) -> Result<Answer<SightingsBody>, Problem> {
    let asked = id.clone();
    let told = web.run(move |node| view::sightings(node, &who.0, &asked)).await?;
    Ok(Answer(SightingsBody::new(id, told)))
}

/// Whose sightings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SightingsParams {
    /// A value, as people write it: every record that names it counts, whoever published it.
    value: String,
}

/// Who has seen a value, whatever record names it.
#[utoipa::path(get, path = "/sightings", tag = "read", params(SightingsParams),
    responses((status = 200, description = "Counts by author, channel and day", body = SightingsBody)))]
async fn of_value(
    State(web): State<Web>,
    Served(who): Served,
    Parameters(params): Parameters<SightingsParams>,
) -> Result<Answer<SightingsBody>, Problem> {
    let value = params.value;
    if value.len() > limits::VALUE_BYTES_MAX {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("the value is longer than any that is indexed"));
    }
    let asked = value.clone();
    let told = web.run(move |node| view::sightings_of_value(node, &who.0, &asked)).await?;
    Ok(Answer(SightingsBody::new(value, told)))
}

/// What an object is still worth.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorthBody {
    /// The id.
    id: String,
    /// 0 (nothing) to 100.
    score: u8,
    /// Its worth when it was fresh: the author's confidence, or 50.
    base: u8,
    /// From when its age counts: its own time, or when it was last seen.
    since: String,
    /// Days after which nothing is left.
    lifetime_days: u32,
    /// The shape of the decay; 1 is even.
    speed: f64,
    /// Whether it was taken back, or its time is over.
    over: bool,
}

/// What an indicator is still worth, by the model of decay that the book describes.
#[utoipa::path(get, path = "/records/{id}/worth", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "The score and what it follows from", body = WorthBody)))]
async fn worth(
    State(web): State<Web>,
    Served(who): Served,
    Path(id): Path<String>,
) -> Result<Answer<WorthBody>, Problem> {
    let asked = id.clone();
    let worth = web.find(move |node| view::worth(node, &who.0, &asked)).await?;
    Ok(Answer(WorthBody {
        id,
        score: worth.score,
        base: worth.base,
        since: worth.since.to_string(),
        lifetime_days: worth.model.lifetime_days,
        speed: worth.model.speed,
        over: worth.is_over,
    }))
}
