//! TAXII 2.1 (OASIS Standard, 10 June 2021): one API root, and in it one collection for each channel that the caller may read.
//!
//! Here are addresses, media types, parameters and the shapes of answers; which object is shown where is `gotong_app::view::collection`'s, and what may be
//! added or taken back is decided where everything is. Read next: `taxii/shape.rs`, then `docs/book/taxii.md`.

mod add;
mod params;
mod read;
mod shape;
mod take_back;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use gotong_app::NodeFault;
use gotong_app::caller::Caller;
use gotong_app::view::{self, ChannelView};
use gotong_model::{ChannelId, Timestamp, limits};
use serde_json::{Map, Value, json};

use crate::api::Web;
use crate::api::input::Path;
use crate::api::who::Served;
use crate::problem::{Problem, table};

pub(crate) use shape::outermost;

/// What every answer is, and every request body.
pub(crate) const MEDIA_TYPE: &str = "application/taxii+json;version=2.1";
/// What stands in a collection.
const STIX_MEDIA_TYPE: &str = "application/stix+json;version=2.1";
/// The one API root.
const ROOT: &str = "/taxii2/region/";
/// Bytes of a body that adds objects.
const CONTENT_BYTES_MAX: usize = 16 << 20;

/// The addresses. Every one ends in a slash, as the standard wants.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/taxii2/", get(discovery))
        .route("/taxii2/region/", get(root))
        .route("/taxii2/region/status/{id}/", get(add::status))
        .route("/taxii2/region/collections/", get(collections))
        .route("/taxii2/region/collections/{collection}/", get(collection))
        .route("/taxii2/region/collections/{collection}/manifest/", get(read::manifest))
        .route("/taxii2/region/collections/{collection}/objects/", get(read::objects).post(add::objects))
        .route("/taxii2/region/collections/{collection}/objects/{object}/", get(read::object).delete(take_back::object))
        .route("/taxii2/region/collections/{collection}/objects/{object}/versions/", get(read::versions))
        .layer(from_fn(shape::negotiate))
}

/// Section 4.1: which API roots there are.
async fn discovery(State(web): State<Web>, Served(_): Served) -> Response {
    let title = format!("{} ({})", web.node.name, web.node.member);
    shape::answer(&json!({
        "title": title,
        "description": "A node of Gotong. What stands in each collection was shared under an agreement between states; each object carries its TLP.",
        "default": ROOT,
        "api_roots": [ROOT],
    }))
}

/// Section 4.2: the API root.
async fn root(State(web): State<Web>, Served(_): Served) -> Response {
    let governance = web.node.governance();
    let names = &governance.charter.name;
    let name = names.get("en").or_else(|| names.values().next()).map_or("", String::as_str);
    shape::answer(&json!({
        "title": format!("Region: {name}"),
        "description": "One collection for each channel that you may read.",
        "versions": [MEDIA_TYPE],
        "max_content_length": CONTENT_BYTES_MAX,
    }))
}

/// Section 5.1: the collections, by handle.
async fn collections(State(web): State<Web>, Served(who): Served) -> Result<Response, Problem> {
    let channels = web.run(move |node| view::channels(node, &who.0)).await?;
    let channels = channels.iter().filter(|channel| !channel.is_governance);
    let list: Vec<Value> = channels.map(described).collect();
    let mut body = Map::new();
    // An empty list may not be written.
    if !list.is_empty() {
        body.insert("collections".to_owned(), Value::Array(list));
    }
    Ok(shape::answer(&Value::Object(body)))
}

/// Section 5.2: one collection.
async fn collection(
    State(web): State<Web>,
    Served(who): Served,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let place = Place::of(&web, &who.0, name).await?;
    Ok(place.marked(shape::answer(&described(&place.channel))))
}

/// A version as STIX writes times, so that it is the text that stands in the object: with microseconds only where it has any.
fn version_text(version: Timestamp) -> String {
    let text = version.to_string();
    text.strip_suffix("000Z").map(|milliseconds| format!("{milliseconds}Z")).unwrap_or(text)
}

fn described(channel: &ChannelView) -> Value {
    let kind = if channel.exercise { "EXERCISE, not real: " } else { "" };
    let ceiling = channel.ceiling.as_str().to_uppercase();
    json!({
        "id": view::collection_id(&channel.id),
        "title": format!("{kind}{}", channel.handle),
        "description": format!("{kind}{} Up to TLP:{ceiling}.", channel.purpose),
        "alias": channel.handle,
        "can_read": true,
        "can_write": channel.may_publish,
        "media_types": [STIX_MEDIA_TYPE],
    })
}

/// A collection that a request names and its caller may read.
struct Place {
    channel: ChannelView,
}

impl Place {
    /// By UUID or alias. What is unknown and what is none of the caller's concern are one answer.
    async fn of(web: &Web, caller: &Caller, name: String) -> Result<Self, Problem> {
        if name.len() > limits::IDEMPOTENCY_KEY_BYTES_MAX {
            return Err(Problem::of(&table::NOT_FOUND));
        }
        let caller = caller.clone();
        let find = move |node: &gotong_app::Node| {
            let Some(channel) = view::collection_channel(node, &caller, &name) else { return Ok::<_, NodeFault>(None) };
            view::channel(node, &caller, &channel)
        };
        Ok(Self { channel: web.find(find).await? })
    }

    fn id(&self) -> ChannelId {
        self.channel.id
    }

    /// Refuses who may not write here, and a node that does not take writes.
    fn expect_writable(&self, web: &Web) -> Result<(), Problem> {
        web.expect_writable()?;
        if self.channel.may_publish {
            return Ok(());
        }
        Err(Problem::of(&table::FORBIDDEN)
            .saying("can_write is false: this token may not publish in this collection now"))
    }

    /// Marks an answer about an exercise.
    fn marked(&self, mut response: Response) -> Response {
        if self.channel.exercise {
            response.headers_mut().insert("gotong-exercise", HeaderValue::from_static("true"));
        }
        response
    }
}
