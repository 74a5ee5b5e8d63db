//! The way of one record in. What may be published is decided by the policy behind `gotong-app`; here are sizes,
//! callers, idempotency keys and status codes.

use std::io::Write;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::import::Import;
use gotong_app::once::{Once, OnceKey};
use gotong_app::publish::{Fate, Intent, Outcome, Prepared, Receipt, Submission};
use gotong_app::{Node, NodeFault, Priority, view};
use gotong_model::{ChannelId, Pap, Personal, Tlp, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{self, Parameters, Path};
use super::who::{Served, Who};
use crate::problem::{self, Problem, table};

const REPLAYED: &str = "gotong-replayed";

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(create))
}

/// How records are published.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PublishParams {
    /// The label of what carries no marking: `clear`, `green`, `amber`, `amber+strict`. Never laxer than a marking; without it, the channel's ceiling.
    pub(crate) tlp: Option<String>,
    /// Permissible actions: `clear`, `green`, `amber`, `red`.
    pub(crate) pap: Option<String>,
    /// What it holds of people, by its author's word: `none`, `pseudonymised` or `identified`. Without it each object's nature counts; said of a batch, it
    /// is said of every object in it, and its author answers for it.
    pub(crate) personal_data: Option<String>,
    /// What it is shared for.
    pub(crate) purpose: Option<String>,
}

impl PublishParams {
    /// What the publisher wants.
    pub(crate) fn intent(&self, who: &Who, channel: ChannelId) -> Result<Intent, Problem> {
        let bad = |what: &str| Problem::of(&table::BAD_PARAMETER).saying(format!("{what} is not one of the labels"));
        if self.purpose.as_ref().is_some_and(|purpose| purpose.is_empty() || purpose.len() > 256) {
            return Err(Problem::of(&table::BAD_PARAMETER).saying("purpose has 1 to 256 bytes"));
        }
        Ok(Intent {
            channel,
            default_tlp: self.tlp.as_deref().map(|text| tlp(text).ok_or_else(|| bad("tlp"))).transpose()?,
            organisation: who.0.organisation.clone(),
            constituent: who.0.constituent.clone(),
            pap: self.pap.as_deref().map(|text| Pap::from_text(text).ok_or_else(|| bad("pap"))).transpose()?,
            personal_data: personal(self.personal_data.as_deref())?,
            purpose: self.purpose.clone(),
            caller: who.0.id.clone(),
        })
    }
}

/// Reads a label as people write it; in an address a plus sign may have become a space.
pub(crate) fn tlp(text: &str) -> Option<Tlp> {
    Tlp::from_human(&text.replace(' ', "+"))
}

/// Reads what a record holds of people.
pub(crate) fn personal(text: Option<&str>) -> Result<Option<Personal>, Problem> {
    let bad = || Problem::of(&table::BAD_PARAMETER).saying("personal_data is one of none, pseudonymised, identified");
    text.map(|text| Personal::from_text(text).ok_or_else(bad)).transpose()
}

/// Where a record stands in its author's log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(title = "Receipt")]
pub(crate) struct ReceiptBody {
    /// The log's origin; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// The index in it; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// For an organisation, in place of log and index: the name by which it knows the record again, in lists and events too.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// The leaf's hash, in base32.
    leaf: String,
}

/// What became of one object.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(title = "Outcome")]
pub(crate) struct OutcomeBody {
    /// Its line or number in what was sent.
    pub(crate) line: u64,
    /// Its STIX id, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// `new`, `updated`, `known`, `refused` or `quarantined`.
    pub(crate) outcome: &'static str,
    /// Where it stands, if it is in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<ReceiptBody>,
    /// Its number in quarantine, if a person must decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quarantine: Option<u64>,
    /// Why it was refused or quarantined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) why: Vec<problem::Reason>,
    /// What to know of it, where it was taken: the warninglists that its values are on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<problem::Reason>,
}

impl OutcomeBody {
    /// As this caller is told it.
    pub(crate) fn told(node: &Node, caller: &Caller, outcome: Outcome) -> Self {
        let word = outcome.fate.word();
        let mut body = Self {
            line: outcome.line,
            id: outcome.id,
            outcome: word,
            receipt: None,
            quarantine: None,
            why: Vec::new(),
            notes: outcome.notes.iter().map(problem::Reason::from).collect(),
        };
        match outcome.fate {
            Fate::New(Receipt { log, index, leaf })
            | Fate::Updated(Receipt { log, index, leaf })
            | Fate::Known(Receipt { log, index, leaf }) => {
                let (log, index, entry) = view::Place::of_receipt(node, caller, log, index);
                body.receipt = Some(ReceiptBody { log, index, entry, leaf: leaf.hash().to_text() });
            }
            Fate::Refused(why) => body.why = why.iter().map(problem::Reason::from).collect(),
            Fate::Quarantined(number, why) => {
                body.quarantine = Some(number);
                body.why = why.iter().map(problem::Reason::from).collect();
            }
        }
        body
    }

    /// One line of NDJSON. What a bulk import answers a hundred thousand times a second is written directly, everything else by the general serialiser;
    /// a test compares the two.
    pub(crate) fn write_line(&self, out: &mut Vec<u8>) {
        // Ids and origins that got so far are written as they stand; whatever is not so plain goes the general way.
        // Without short cuts the compiler looks at sixteen bytes at a time.
        #[allow(clippy::needless_bitwise_bool, reason = "an origin has 150 bytes, and there is one in every line")]
        let is_plain = |text: &str| {
            text.bytes()
                .fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte) & (byte != b'"') & (byte != b'\\'))
        };
        match (&self.id, &self.receipt, self.quarantine) {
            (Some(id), Some(ReceiptBody { log: Some(log), index: Some(index), entry: None, leaf }), None)
                if self.why.is_empty() && self.notes.is_empty() && is_plain(id) && is_plain(log) && is_plain(leaf) =>
            {
                // Writing into a vector does not fail.
                let _ = write!(out, "{{\"line\":{},\"id\":\"", self.line);
                for part in [id.as_str(), "\",\"outcome\":\"", self.outcome, "\",\"receipt\":{\"log\":\"", log.as_str()]
                {
                    out.extend_from_slice(part.as_bytes());
                }
                let _ = write!(out, "\",\"index\":{index},\"leaf\":\"");
                out.extend_from_slice(leaf.as_bytes());
                out.extend_from_slice(b"\"}}");
            }
            _ => {
                let _ = serde_json::to_writer(&mut *out, self);
            }
        }
        out.push(b'\n');
    }
}

/// What is kept of an answer under an idempotency key: nothing of the object itself.
#[derive(Serialize, Deserialize)]
struct Kept {
    word: String,
    receipt: Option<ReceiptBody>,
    quarantine: Option<u64>,
}

/// The key of a request that may be repeated.
pub(crate) fn once_key(headers: &HeaderMap, who: &Who, address: &str, body: &[u8]) -> Result<Option<OnceKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= limits::IDEMPOTENCY_KEY_BYTES_MAX);
    let key =
        key.ok_or_else(|| Problem::of(&table::IDEMPOTENCY_KEY).saying("a key has 1 to 128 visible characters"))?;
    let request = [address.as_bytes(), &[0], body].concat();
    Ok(Some(OnceKey { caller: who.0.id.clone(), key: key.to_owned(), request }))
}

/// Publishes one STIX object.
#[utoipa::path(
    post, path = "/channels/{channel}/records", tag = "publish",
    params(
        ("channel" = String, Path, description = "Handle (`rti%2Findicators`) or id of the channel"),
        PublishParams,
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request, so that repeating it within a day does it once"),
        ("Prefer" = Option<String>, Header, description = "`wait=replicated`: answer once another party holds it too, or after 20 seconds; `Preference-Applied` says which"),
    ),
    request_body(content = serde_json::Value, content_type = "application/json", description = "One STIX 2.1 object, kept byte for byte"),
    responses(
        (status = 201, description = "In the log, synced to this node's disk; new or a new version", body = OutcomeBody,
            headers(("Gotong-Position" = String, description = "For `after` of a read that must see this"))),
        (status = 200, description = "The same was there already", body = OutcomeBody),
        (status = 202, description = "Doubtful: it waits in quarantine for a person", body = OutcomeBody),
        (status = 403, description = "A clause forbids it", body = problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The same version is there with other content", body = problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The object is not valid", body = problem::ProblemDocument, content_type = "application/problem+json"),
    ),
)]
async fn create(
    State(web): State<Web>,
    Served(who): Served,
    Path(channel): Path<String>,
    Parameters(params): Parameters<PublishParams>,
    request: Request,
) -> Result<Response, Problem> {
    let channel = web.writable_channel(&who.0, &channel)?;
    let intent = params.intent(&who, channel)?;
    let (parts, body) = request.into_parts();
    input::expect_json(&parts.headers)?;
    input::expect_at_most(&parts.headers, limits::BODY_BYTES_MAX)?;
    let body = input::read_whole(body, limits::BODY_BYTES_MAX).await?;
    let address = format!("POST {}", parts.uri);
    let key = once_key(&parts.headers, &who, &address, &body)?;
    let caller = who.0.clone();
    let (done, body) = web
        .run(move |node| {
            // White space around an object is no part of it, here as in a line of NDJSON.
            let done = create_one((node, &caller), intent, body.trim_ascii().to_vec(), key)?;
            Ok::<_, NodeFault>((done, body))
        })
        .await?;
    let (outcome, is_replay) = match done {
        Once::Fresh(outcomes) => {
            let Some(outcome) = outcomes.into_iter().next() else { return Err(Problem::of(&table::INTERNAL)) };
            if let Fate::Refused(why) = &outcome.fate {
                return Err(Problem::refused(why));
            }
            web.metrics.count_outcome(outcome.fate.word(), 1);
            (OutcomeBody::told(&web.node, &who.0, outcome), false)
        }
        Once::Replayed(kept) => (replayed(&kept, &body)?, true),
        Once::OtherRequest => return Err(Problem::of(&table::IDEMPOTENCY_KEY)),
    };
    let is_replicated = match &outcome.receipt {
        Some(receipt) if wants_replication(&parts.headers) => web.replicated(&who.0, channel, receipt).await?,
        _ => false,
    };
    let status = match outcome.outcome {
        "known" => StatusCode::OK,
        "quarantined" => StatusCode::ACCEPTED,
        _ => StatusCode::CREATED,
    };
    let mut response = (status, axum::Json(outcome)).into_response();
    web.add_position(&who.0, &mut response).await;
    if is_replay {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    if is_replicated {
        response.headers_mut().insert("preference-applied", HeaderValue::from_static("wait=replicated"));
    }
    Ok(response)
}

/// `Prefer: wait=replicated` (RFC 7240): the answer waits until another party holds the record too.
fn wants_replication(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split([',', ';'])).any(|part| part.trim().eq_ignore_ascii_case("wait=replicated"))
}

impl Web {
    /// Waits until a peer has acknowledged an entry of an own log; `false` where none has within the time.
    async fn replicated(&self, caller: &Caller, channel: ChannelId, receipt: &ReceiptBody) -> Result<bool, Problem> {
        // What an organisation publishes stands in its own channel, which no other member holds.
        let (Some(log), Some(index)) = (&receipt.log, receipt.index) else { return Ok(false) };
        let deadline = tokio::time::Instant::now() + self.options.replication_wait;
        let mut rings = self.bell.listen();
        loop {
            let (asking, log) = (caller.clone(), log.clone());
            let held = self
                .run(move |node| {
                    let logs = view::acknowledgements(node, &asking, &channel)?.unwrap_or_default();
                    let members = logs.into_iter().filter(|known| known.origin == log).flat_map(|known| known.members);
                    Ok::<_, NodeFault>(
                        members.into_iter().any(|known| known.member != node.member && known.verified > index),
                    )
                })
                .await?;
            if held {
                return Ok(true);
            }
            if tokio::time::timeout_at(deadline, rings.changed()).await.is_err() {
                return Ok(false);
            }
        }
    }
}

fn create_one(
    (node, caller): (&Node, &Caller),
    intent: Intent,
    body: Vec<u8>,
    key: Option<OnceKey>,
) -> Result<Once<Vec<Outcome>>, NodeFault> {
    if let Some(found) = key.as_ref().map(|key| node.replay(key)).transpose()?.flatten() {
        return Ok(found);
    }
    let prepared = prepare_one(node, intent, body)?;
    match key {
        None => node.commit(Priority::People, prepared).map(Once::Fresh),
        Some(key) => node.commit_once(Priority::People, prepared, &key, |outcomes| {
            let outcome = OutcomeBody::told(node, caller, outcomes.first()?.clone());
            let kept =
                Kept { word: outcome.outcome.to_owned(), receipt: outcome.receipt, quarantine: outcome.quarantine };
            // A refusal changed nothing, and mending what it names may make the same request good.
            if outcome.outcome == "refused" { None } else { serde_json::to_vec(&kept).ok() }
        }),
    }
}

fn prepare_one(node: &Node, intent: Intent, body: Vec<u8>) -> Result<Prepared, NodeFault> {
    let mut import = Import::of_publication(intent);
    let prepared = import.prepare(node, vec![Submission { line: 1, body }])?;
    // What names a marking that nobody has defined waits for the end of the stream, which is here.
    if prepared.objects() == 0 { import.finish(node) } else { Ok(prepared) }
}

fn replayed(kept: &[u8], body: &[u8]) -> Result<OutcomeBody, Problem> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: String,
    }
    let kept: Kept = serde_json::from_slice(kept).map_err(|_| Problem::of(&table::INTERNAL))?;
    let id = serde_json::from_slice::<OnlyId>(body).ok().map(|only| only.id);
    let outcome = ["new", "updated", "known", "quarantined"].into_iter().find(|word| *word == kept.word);
    Ok(OutcomeBody {
        line: 1,
        id,
        outcome: outcome.unwrap_or("known"),
        receipt: kept.receipt,
        quarantine: kept.quarantine,
        why: Vec::new(),
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_written_directly_is_the_line_of_the_serialiser() {
        let receipt = |log: &str| {
            let (log, index) = (Some(log.to_owned()), Some(7));
            Some(ReceiptBody { log, index, entry: None, leaf: "abc2".to_owned() })
        };
        let named = Some(ReceiptBody {
            log: None,
            index: None,
            entry: Some("abcdefghijklmnopqrstuvwxyz".to_owned()),
            leaf: "abc2".to_owned(),
        });
        let line = |id: Option<&str>, receipt, quarantine| OutcomeBody {
            line: 18_446,
            id: id.map(str::to_owned),
            outcome: "new",
            receipt,
            quarantine,
            why: Vec::new(),
            notes: Vec::new(),
        };
        for body in [
            line(Some("indicator--1"), receipt("gotong/r/c/vn/e"), None),
            line(Some("x-\"quoted\"--1"), receipt("gotong/r/c/vn/e"), None),
            line(Some("x-back\\slash--1"), receipt("gotong/r/c/vn/e"), None),
            line(Some("x-\u{e9}\n--1"), receipt("a\u{7f}b"), None),
            line(Some("indicator--1"), named, None),
            line(Some("indicator--1"), None, Some(3)),
            line(None, receipt("gotong/r/c/vn/e"), None),
        ] {
            let mut written = Vec::new();
            body.write_line(&mut written);
            let expected = format!("{}\n", serde_json::to_string(&body).unwrap());
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }
}
