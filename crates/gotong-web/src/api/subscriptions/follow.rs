//! Following: events as they come, and the same as a feed for whoever reads feeds.

use axum::extract::{FromRequestParts, OriginalUri, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::subscription::{self, Filter, Place};
use gotong_app::view::{self, Order, Page, Query, ViewFault};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{is_exercise, limit, subject};
use crate::api::Web;
use crate::api::input::Parameters;
use crate::api::who::{Served, Who, secret};
use crate::problem::{Problem, table};
use crate::subscription::atom::{self, Feed};
use crate::subscription::stream::{self, Asker, Subject, Wanted};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EXERCISE: HeaderName = HeaderName::from_static("gotong-exercise");
/// The word for everything from the first arrival on.
const BEGINNING: &str = "beginning";

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(events)).routes(routes!(feed))
}

/// What is followed, and from where.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// One of the caller's saved searches, by name.
    search: Option<String>,
    /// One channel, by handle or id. Without it and without a search, all that the caller may read but exercises.
    channel: Option<String>,
    /// From where: the id of an event, the `position` of a list, or `beginning`. From now on if not said. `Last-Event-ID` counts more.
    after: Option<String>,
    /// Send the objects themselves too.
    #[serde(default)]
    objects: bool,
    /// `false`: the answer ends with what there is now, and does not go on.
    follow: Option<bool>,
}

/// Which page of a feed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedParams {
    /// One of the caller's saved searches, by name.
    search: Option<String>,
    /// One channel, by handle or id.
    channel: Option<String>,
    /// Behind this cursor, from the `next` link of an earlier page.
    after: Option<String>,
    /// Entries of a page, 1 to 1,000; 100 if not said.
    limit: Option<usize>,
}

/// The secret with which a request came, for asking again later whether it counts.
struct Secret(Option<String>);

impl<S: Sync> FromRequestParts<S> for Secret {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(secret(&parts.headers)))
    }
}

/// Follows what arrives and what is withdrawn, as server-sent events. Each event's id is the place behind it: `Last-Event-ID` goes on exactly there.
#[utoipa::path(get, path = "/events", tag = "read", params(EventParams,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received")),
    responses((status = 200, description = "`published` and `withdrawn` events, each with a JSON object as its data; `ended` before the stream ends with the caller's rights",
        body = String, content_type = "text/event-stream")))]
async fn events(
    State(web): State<Web>,
    Served(Who(caller)): Served,
    Secret(secret): Secret,
    headers: HeaderMap,
    Parameters(params): Parameters<EventParams>,
) -> Result<Response, Problem> {
    let (name, filter) = subject(&web, &caller, params.search.as_deref(), params.channel.as_deref()).await?;
    let last = headers.get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or("?").to_owned());
    let after = last.filter(|last| !last.is_empty()).or(params.after);
    let asker = caller.clone();
    let after = web
        .run(move |node| match after.as_deref() {
            None => Ok(subscription::now(node)?),
            Some(BEGINNING) => Ok(Place::default()),
            Some(sealed) => Place::open(node, &asker, sealed),
        })
        .await
        .map_err(|fault: Problem| fault)?;
    let seat = web.subscriptions.sit(&caller.id)?;
    let is_exercise = is_exercise(&web, &filter);
    let wanted = Wanted {
        asker: Asker::new(caller, secret),
        subject: name.map_or(Subject::Filter(filter), Subject::Search),
        after,
        with_bodies: params.objects,
        goes_on: params.follow.unwrap_or(true),
    };
    let mut response = stream::open(&web, wanted, seat);
    if is_exercise {
        response.headers_mut().insert(EXERCISE, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What a search or channel holds, newest arrival first, as an Atom feed (RFC 4287) in pages (RFC 5005).
#[utoipa::path(get, path = "/atom", tag = "read", params(FeedParams,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer")),
    responses(
        (status = 200, description = "A page", body = String, content_type = "application/atom+xml", headers(("ETag" = String, description = "Changes when the entries do"))),
        (status = 304, description = "As it was"),
    ))]
async fn feed(
    State(web): State<Web>,
    Served(Who(caller)): Served,
    address: OriginalUri,
    headers: HeaderMap,
    Parameters(params): Parameters<FeedParams>,
) -> Result<Response, Problem> {
    let limit = limit(params.limit)?;
    let (name, filter) = subject(&web, &caller, params.search.as_deref(), params.channel.as_deref()).await?;
    let is_exercise = is_exercise(&web, &filter);
    let handle = filter.channel.and_then(|id| web.node.governance().channel(&id).map(|channel| channel.handle()));
    let about = name.as_ref().map(ToString::to_string).or(handle).unwrap_or_else(|| "Everything".to_owned());
    let (asker, after) = (caller.clone(), params.after.clone());
    let page = web.run(move |node| newest_first(node, &asker, &filter, after, limit)).await?;
    let first = address_of(&params, None);
    let next = page.next.as_deref().map(|next| address_of(&params, Some(next)));
    let feed = Feed {
        member: web.node.member.as_str(),
        about: &about,
        identity: &[caller.id.as_str(), first.as_str()],
        first: &first,
        is_first: params.after.is_none(),
        next: next.as_deref(),
        is_exercise,
        rows: &page.rows,
    };
    let tag = feed.tag();
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let this = address.0.path_and_query().map_or_else(String::new, ToString::to_string);
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { feed.text(&this).into_response() };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(atom::MEDIA));
    // Cursors in links are new each time: the same entries, not the same bytes.
    let tag = HeaderValue::from_str(&format!("W/{tag}")).map_err(|_| Problem::of(&table::INTERNAL))?;
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if is_exercise {
        headers.insert(EXERCISE, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What a filter finds, newest arrival first; of one that names values or words, all that is found, newest first by when it was published.
fn newest_first(
    node: &gotong_app::Node,
    caller: &Caller,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
) -> Result<Page, ViewFault> {
    if !filter.values.is_empty() || filter.words.is_some() {
        let (mut page, _) = subscription::records(node, caller, filter, after, limit)?;
        page.rows.sort_by_key(|row| std::cmp::Reverse(row.published_at));
        return Ok(page);
    }
    let Filter { channel, object_type, author, label_max, .. } = filter.clone();
    let order = Order::NewestArrival;
    view::list(
        node,
        caller,
        &Query { channel, object_type, author, label_max, order, after, limit, ..Query::default() },
    )
}

/// The address of a page, from the root of the node.
fn address_of(params: &FeedParams, after: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let parts = [("search", params.search.as_deref()), ("channel", params.channel.as_deref()), ("after", after)];
    for (name, value) in parts {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    if let Some(limit) = params.limit {
        query.append_pair("limit", &limit.to_string());
    }
    let query = query.finish();
    if query.is_empty() { "/api/v1/atom".to_owned() } else { format!("/api/v1/atom?{query}") }
}
