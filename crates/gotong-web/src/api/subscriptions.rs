//! Saved searches, and what follows one: events as they come, a feed, webhooks. Each caller has its own and sees no other's.
//!
//! Whoever reads may save searches and follow them; webhooks need the right `webhooks`, because they carry what is read out of the country. Read next:
//! `crate::subscription`.

mod follow;
mod webhooks;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use gotong_app::NodeFault;
use gotong_app::caller::Caller;
use gotong_app::subscription::{self, Filter, Search};
use gotong_app::view::{ViewFault, Words};
use gotong_model::{MemberCode, Slug, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Json, Parameters, Path};
use super::publish::tlp;
use super::shapes::RecordBody;
use super::who::{Served, Who};
use super::{Web, json_bytes};
use crate::problem::{Problem, table};

/// Rows of a page unless more are asked for.
const ROWS_USUAL: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, remove))
        .routes(routes!(records))
        .merge(follow::routes())
        .merge(webhooks::routes())
}

/// What a search wants. All that is said must hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSearch {
    /// Only this channel, by handle or id. Without it, all that the caller may read but exercises.
    channel: Option<String>,
    /// Only objects of this STIX type.
    #[serde(rename = "type")]
    object_type: Option<String>,
    /// Only this author, by member code.
    author: Option<String>,
    /// Only entries labelled no stricter.
    tlp_max: Option<String>,
    /// Only objects that name one of these values, at most 100, as people write them.
    #[serde(default)]
    values: Vec<String>,
    /// Only objects that have these words, as one types them into the box of the search: words, "phrases", -excluded. Not beside values.
    words: Option<String>,
}

/// A saved search.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Search")]
pub(crate) struct SavedSearchBody {
    /// Its name.
    name: String,
    /// Only this channel, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// Only objects of this type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    object_type: Option<String>,
    /// Only this author.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    /// Only entries labelled no stricter.
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp_max: Option<&'static str>,
    /// Only objects that name one of these values.
    values: Vec<String>,
    /// Only objects that have these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// When it was saved first.
    created_at: String,
}

impl From<Search> for SavedSearchBody {
    fn from(search: Search) -> Self {
        let Filter { channel, object_type, author, label_max, values, words } = search.filter;
        Self {
            name: search.name.to_string(),
            channel: channel.map(|channel| channel.to_string()),
            object_type,
            author: author.map(|author| author.to_string()),
            tlp_max: label_max.map(gotong_model::Tlp::as_str),
            values,
            words: words.map(|words| words.as_str().to_owned()),
            created_at: search.created_at.to_string(),
        }
    }
}

/// The caller's searches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchesBody {
    /// By name.
    searches: Vec<SavedSearchBody>,
}

/// What a search finds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchPage")]
pub(crate) struct FoundBody {
    /// The records.
    records: Vec<RecordBody>,
    /// For `after`: where the next page begins. Missing on the last, and where the search names values or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// For `after` of the events: what came since this answer.
    position: String,
    /// Whether the search names values or words and finds more than are answered.
    more: bool,
}

/// Which part of what a search finds.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FoundParams {
    /// Behind this cursor: `next` of an earlier answer.
    after: Option<String>,
    /// Rows of a page, 1 to 1,000; 100 if not said.
    limit: Option<usize>,
}

/// The name in an address; one that cannot be a name is nobody's.
fn slug(name: &str) -> Result<Slug, Problem> {
    Slug::from_text(name).ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

/// The name of what is put.
fn new_slug(name: &str) -> Result<Slug, Problem> {
    let text = "the name must be lower-case letters, digits and hyphens, at most 64";
    Slug::from_text(name).ok_or_else(|| Problem::of(&table::REFUSED).saying(text))
}

async fn find(web: &Web, caller: &Caller, name: &str) -> Result<Search, Problem> {
    let (name, caller) = (slug(name)?, caller.clone());
    web.find(move |node| subscription::lookup(node, &caller, &name)).await
}

fn read(web: &Web, caller: &Caller, new: NewSearch) -> Result<Filter, Problem> {
    let refused = |pointer: &str, text: &str| Problem::of(&table::REFUSED).at(pointer, "search.field", text);
    let channel = new.channel.map(|name| {
        caller.channel(&web.node, &name).ok_or_else(|| refused("/channel", "must be a channel of this member"))
    });
    let author =
        new.author.map(|code| MemberCode::from_text(&code).ok_or_else(|| refused("/author", "must be a member code")));
    let label = new.tlp_max.map(|text| tlp(&text).ok_or_else(|| refused("/tlp_max", "must be one of the labels")));
    let words = new.words.map(|text| Words::parse(&text).map_err(|why| refused("/words", &why.to_string())));
    Ok(Filter {
        channel: channel.transpose()?,
        object_type: new.object_type,
        author: author.transpose()?,
        label_max: label.transpose()?,
        values: new.values,
        words: words.transpose()?,
    })
}

/// Lists the caller's searches.
#[utoipa::path(get, path = "/searches", tag = "read",
    responses((status = 200, description = "By name", body = SearchesBody)))]
async fn list(State(web): State<Web>, Served(Who(caller)): Served) -> Result<Answer<SearchesBody>, Problem> {
    let searches = web.run(move |node| subscription::list(node, &caller)).await?;
    Ok(Answer(SearchesBody { searches: searches.into_iter().map(SavedSearchBody::from).collect() }))
}

/// Shows a search.
#[utoipa::path(get, path = "/searches/{name}", tag = "read",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The search", body = SavedSearchBody)))]
async fn show(
    State(web): State<Web>,
    Served(Who(caller)): Served,
    Path(name): Path<String>,
) -> Result<Answer<SavedSearchBody>, Problem> {
    Ok(Answer(find(&web, &caller, &name).await?.into()))
}

/// Saves a search, or changes it.
#[utoipa::path(put, path = "/searches/{name}", tag = "read", request_body = NewSearch,
    params(("name" = String, Path, description = "Its name: lower-case letters, digits and hyphens")),
    responses((status = 200, description = "As it stands now", body = SavedSearchBody)))]
async fn put(
    State(web): State<Web>,
    Served(Who(caller)): Served,
    Path(name): Path<String>,
    Json(new): Json<NewSearch>,
) -> Result<Answer<SavedSearchBody>, Problem> {
    web.expect_writable()?;
    let (slug, filter) = (new_slug(&name)?, read(&web, &caller, new)?);
    let asker = caller.clone();
    let saved = web.run(move |node| subscription::put(node, &asker, &slug, &filter)).await?;
    saved.map_err(|why| Problem::of(&table::REFUSED).because(&why))?;
    Ok(Answer(find(&web, &caller, &name).await?.into()))
}

/// Removes a search. One that a webhook follows stays: 409.
#[utoipa::path(delete, path = "/searches/{name}", tag = "read",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 204, description = "It is there no more")))]
async fn remove(
    State(web): State<Web>,
    Served(Who(caller)): Served,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = slug(&name)?;
    web.expect_writable()?;
    let is_removed = web.find(move |node| subscription::remove(node, &caller, &name)).await?;
    if !is_removed {
        return Err(Problem::of(&table::CONFLICT).saying("a webhook follows this search: remove the webhook first"));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What a search finds now: in order of arrival; with a type, newest first; with values, the newest versions that name one of them.
#[utoipa::path(get, path = "/searches/{name}/records", tag = "read",
    params(("name" = String, Path, description = "Its name"), FoundParams),
    responses((status = 200, description = "A page", body = FoundBody)))]
async fn records(
    State(web): State<Web>,
    Served(Who(caller)): Served,
    Path(name): Path<String>,
    Parameters(params): Parameters<FoundParams>,
) -> Result<Response, Problem> {
    let limit = limit(params.limit)?;
    let search = find(&web, &caller, &name).await?;
    let bytes = web
        .run(move |node| {
            let (page, more) = subscription::records(node, &caller, &search.filter, params.after, limit)?;
            let records = page.rows.into_iter().map(RecordBody::from).collect();
            let body = FoundBody { records, next: page.next, position: page.position, more };
            Ok::<_, ViewFault>(serde_json::to_vec(&body).unwrap_or_default())
        })
        .await?;
    Ok(json_bytes(bytes))
}

fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(ROWS_USUAL);
    if (1..=limits::PAGE_ROWS_MAX).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::of(&table::BAD_PARAMETER).saying("limit must be 1 to 1000"))
    }
}

/// What is followed: a search by its name, or one channel, or neither for everything real; with how the feed and the stream name it.
async fn subject(
    web: &Web,
    caller: &Caller,
    search: Option<&str>,
    channel: Option<&str>,
) -> Result<(Option<Slug>, Filter), Problem> {
    match (search, channel) {
        (Some(_), Some(_)) => Err(Problem::of(&table::BAD_PARAMETER).saying("search and channel exclude one another")),
        (Some(name), None) => {
            let found = find(web, caller, name).await?;
            Ok((Some(found.name), found.filter))
        }
        (None, Some(name)) => {
            let channel = Some(web.channel(caller, name)?);
            Ok((None, Filter { channel, ..Filter::default() }))
        }
        (None, None) => Ok((None, Filter::default())),
    }
}

/// Whether a filter is about an exercise.
fn is_exercise(web: &Web, filter: &Filter) -> bool {
    let governance = web.node.governance();
    filter.channel.and_then(|id| governance.channel(&id)).is_some_and(|channel| channel.channel_type.exercise)
}

type Done<T> = Result<T, NodeFault>;
