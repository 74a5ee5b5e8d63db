//! Adding objects (5.5) and what became of them (4.3). An object takes the way that every publication takes, with its own fate; the request is worked off before
//! it is answered, so a status is complete from the beginning. What waits for a person counts as a failure, with the number under which it waits.
//!
//! Read next: `api/bulk.rs`, the wider way in, and `gotong_app::addition`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use gotong_app::addition::Addition;
use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import};
use gotong_app::publish::{Fate, Intent, Outcome, Submission, Why};
use gotong_app::{Node, NodeFault, Priority};
use gotong_model::{Timestamp, limits};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{CONTENT_BYTES_MAX, Place, shape, version_text};
use crate::api::Web;
use crate::api::input::{self, Path};
use crate::api::publish::PublishParams;
use crate::api::who::Served;
use crate::problem::{Problem, table};

/// Objects of one request.
const OBJECTS_MAX: usize = 10_000;

/// What is sent (section 3.7); what else it says of itself is nobody's concern here.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    objects: Option<Vec<&'a RawValue>>,
}

/// What an object says of itself, as far as it can be read.
#[derive(Default, Deserialize)]
struct Name {
    id: Option<Value>,
    modified: Option<Value>,
    created: Option<Value>,
}

pub(super) async fn objects(
    State(web): State<Web>,
    Served(who): Served,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let place = Place::of(&web, &who.0, name).await?;
    place.expect_writable(&web)?;
    let (parts, body) = request.into_parts();
    shape::expect_taxii(&parts.headers)?;
    // The standard compresses no requests: nothing that unpacks is taken, so nothing can burst.
    input::expect_plain(&parts.headers)?;
    if parts.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("this address takes no parameters"));
    }
    input::expect_at_most(&parts.headers, CONTENT_BYTES_MAX)?;
    let body = input::read_whole(body, CONTENT_BYTES_MAX).await?;
    let turn = Arc::clone(&web.imports).try_acquire_owned();
    let turn = turn.map_err(|_| {
        Problem::of(&table::BUSY).saying("as many imports as may run at once are running").retry_after_s(5)
    })?;
    let intent = PublishParams::default().intent(&who, place.id())?;
    let metrics = web.clone();
    let addition = web
        .run(move |node| {
            let _turn = turn;
            let objects = objects_in(&body)?;
            let outcomes = publish(node, intent, &objects)?;
            for outcome in &outcomes {
                metrics.metrics.count_outcome(outcome.fate.word(), 1);
            }
            Ok::<_, Problem>(node.keep_addition(&who.0, &outcomes, |line| version_of(&objects, line))?)
        })
        .await?;
    let mut response = place.marked(shape::answer(&told(&addition)));
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

pub(super) async fn status(
    State(web): State<Web>,
    Served(who): Served,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    // One text for what never was, what is another's and what was kept long enough.
    let unknown = || {
        Problem::of(&table::NOT_FOUND).saying(
            "no request of this token has this id, or it ended more than 25 hours ago; adding the objects again is safe, since what is there counts as a success",
        )
    };
    if id.len() > limits::IDEMPOTENCY_KEY_BYTES_MAX {
        return Err(unknown());
    }
    let addition = web.run(move |node| node.addition(&who.0, &id)).await?;
    Ok(shape::answer(&told(&addition.ok_or_else(unknown)?)))
}

/// The objects of an envelope, byte for byte. Whether each is STIX shows later, and costs no other.
fn objects_in(body: &[u8]) -> Result<Vec<&RawValue>, Problem> {
    let text = std::str::from_utf8(body).map_err(|fault| {
        Problem::of(&table::BAD_JSON).saying(format!("the body is not UTF-8 at byte {}", fault.valid_up_to()))
    })?;
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|fault| {
        // JSON of another shape is understood and not taken; what is no JSON is not understood.
        let kind = if fault.is_data() { &table::REFUSED } else { &table::BAD_JSON };
        Problem::of(kind).saying(format!("no TAXII envelope: {fault}"))
    })?;
    let objects = envelope.objects.unwrap_or_default();
    if objects.is_empty() {
        return Err(Problem::of(&table::REFUSED).at(
            "/objects",
            "taxii.envelope.empty",
            "must hold at least one object",
        ));
    }
    if objects.len() > OBJECTS_MAX {
        let text = format!("holds {} objects; one request may add {OBJECTS_MAX}", objects.len());
        return Err(Problem::of(&table::REFUSED).at("/objects", "taxii.envelope.too-many", text));
    }
    Ok(objects)
}

/// Publishes batch by batch; every object meets its own fate.
fn publish(node: &Node, intent: Intent, objects: &[&RawValue]) -> Result<Vec<Outcome>, NodeFault> {
    let mut import = Import::new(intent);
    let mut outcomes = Vec::with_capacity(objects.len());
    let mut batch: Vec<Submission> = Vec::new();
    let mut bytes = 0;
    for (line, object) in (1_u64..).zip(objects) {
        let body = object.get().as_bytes();
        if body.len() > limits::BODY_BYTES_MAX {
            let text = format!("is larger than {} bytes", limits::BODY_BYTES_MAX);
            let fate = Fate::Refused(vec![Why::plain("stix.object.too-large", text)]);
            outcomes.push(Outcome { line, id: None, fate, notes: Vec::new() });
            continue;
        }
        bytes += body.len();
        batch.push(Submission { line, body: body.to_vec() });
        if batch.len() >= BATCH_OBJECTS || bytes >= BATCH_BYTES {
            bytes = 0;
            let prepared = import.prepare(node, std::mem::take(&mut batch))?;
            outcomes.extend(node.commit(Priority::Bulk, prepared)?);
        }
    }
    let prepared = import.prepare(node, batch)?;
    outcomes.extend(node.commit(Priority::Bulk, prepared)?);
    let waited = import.finish(node)?;
    if waited.objects() > 0 {
        outcomes.extend(node.commit(Priority::Bulk, waited)?);
    }
    outcomes.sort_by_key(|outcome| outcome.line);
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.id.is_none()) {
        outcome.id = named(objects, outcome.line).id.and_then(|id| id.as_str().map(str::to_owned));
    }
    Ok(outcomes)
}

fn named(objects: &[&RawValue], line: u64) -> Name {
    let object = usize::try_from(line).ok().and_then(|line| objects.get(line.checked_sub(1)?));
    // What is larger than any object may be is not looked into.
    let object = object.filter(|object| object.get().len() <= limits::BODY_BYTES_MAX);
    object.and_then(|object| serde_json::from_str(object.get()).ok()).unwrap_or_default()
}

fn version_of(objects: &[&RawValue], line: u64) -> Option<Timestamp> {
    let name = named(objects, line);
    Timestamp::parse(name.modified.or(name.created)?.as_str()?)
}

/// The status resource (4.3.1).
fn told(addition: &Addition) -> Value {
    let total = addition.added_count + addition.not_added_count;
    let mut status = Map::new();
    let mut set = |name: &str, value: Value| status.insert(name.to_owned(), value);
    set("id", json!(addition.id));
    set("status", json!("complete"));
    set("request_timestamp", json!(addition.at.to_string()));
    set("total_count", json!(total));
    set("success_count", json!(addition.added_count));
    set("failure_count", json!(addition.not_added_count));
    set("pending_count", json!(0));
    // Lists are there whole or not at all, and never empty.
    let added = addition.added.iter().flatten();
    let added: Vec<Value> = added.map(|one| json!({"id": one.id, "version": version_text(one.version)})).collect();
    let failed = addition.not_added.iter().flatten().map(|one| {
        let version = one.version.and_then(Timestamp::from_micros).unwrap_or_default();
        json!({"id": if one.id.is_empty() { "unknown" } else { one.id.as_str() }, "version": version_text(version), "message": one.why})
    });
    let failed: Vec<Value> = failed.collect();
    for (name, list) in [("successes", added), ("failures", failed)] {
        if !list.is_empty() {
            set(name, Value::Array(list));
        }
    }
    Value::Object(status)
}
