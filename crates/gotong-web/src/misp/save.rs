//! An event into the log: MISP's JSON becomes STIX, what has changed is published as everything is, and what the event no longer holds is withdrawn.
//!
//! The report is tried before anything is written: an event that may not be here leaves no parts behind. Must not decide what may be published; the policy
//! does, and its clauses are in the answer. Read next: `merge.rs`, `gotong_app::import`.

use std::collections::{HashMap, HashSet};

use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import};
use gotong_app::publish::{Fate, Intent, Outcome, Submission};
use gotong_app::view::{self, Event};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_app::{Node, NodeFault, Priority};
use gotong_formats::draft::{Piece, Reader as _};
use gotong_formats::misp::{Options, Reader};
use gotong_formats::stix21;
use gotong_model::control::Reason;
use gotong_model::{ChannelId, Timestamp};
use serde_json::{Value, json};

use super::ask::Ask;
use super::json::Json;
use super::place;
use super::reply::{Stop, told};
use crate::api::publish::PublishParams;

/// Ids of one withdrawal.
const IDS_AT_ONCE: usize = 1_000;

/// What became of an event.
#[derive(Default)]
pub(super) struct Saved {
    /// The report's id.
    pub(super) report: String,
    /// What was not taken, or waits, each with its reason.
    pub(super) errors: Vec<Value>,
    /// What STIX has no place for.
    pub(super) losses: Vec<Value>,
    /// Sightings or proposals that were published.
    pub(super) said: usize,
}

/// One object made of an event.
struct Made {
    id: String,
    /// What it refers to.
    about: Vec<String>,
    modified: Option<Timestamp>,
    body: Vec<u8>,
}

/// Which of the objects are published.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All of the event; what cannot be taken is named, and the rest is taken.
    All,
    /// All of the event; where anything cannot be taken, nothing is.
    Whole,
    /// Only sightings of it: it is somebody else's.
    Sightings,
    /// Only proposals to change it.
    Proposals,
}

impl Which {
    /// What of it is published where only what is said about an event is.
    fn kind(self) -> Option<&'static str> {
        match self {
            Self::All | Self::Whole => None,
            Self::Sightings => Some("\"kind\":\"sighting\""),
            Self::Proposals => Some("\"kind\":\"proposal\""),
        }
    }
}

/// Publishes an event, or what has changed of it since `old`.
pub(super) fn save(
    node: &Node,
    ask: &Ask,
    (channel, which): (ChannelId, Which),
    mut event: Json,
    old: Option<&Event>,
) -> Result<Saved, Stop> {
    let mut saved = Saved { errors: place::keep_apart(node, ask, &mut event, &channel)?, ..Saved::default() };
    let made = convert(event, &mut saved);
    let report = made.iter().find(|one| one.id.starts_with("report--"));
    let Some(report) = report else {
        return Err(Stop::unfit(
            "Event could not be saved: it cannot be read as a MISP event.",
            Value::Array(saved.errors),
        ));
    };
    saved.report.clone_from(&report.id);
    let held: HashSet<String> = made.iter().map(|one| one.id.clone()).collect();
    let made = changed(node, made, old, which);
    if which == Which::Sightings && !made.iter().any(|one| is_said(&one.id)) {
        let text = "Sighting could not be saved: MISP has no sighting of this object, or it is there already.";
        return Err(Stop::unfit(text, json!("Publish a STIX sighting of it at /api/v1/ instead.")));
    }
    saved.said = made.iter().filter(|one| is_said(&one.id)).count();
    if which == Which::Proposals && saved.said == 0 {
        return Ok(saved);
    }
    let intent = PublishParams::default().intent(&ask.who, channel)?;
    try_out(node, intent.clone(), (&made, &saved.report), which)?;
    let ids: Vec<String> = made.iter().map(|one| one.id.clone()).collect();
    for outcome in publish(node, Import::new(intent), made)? {
        note(outcome, &ids, (&mut saved, which));
    }
    if let Some(old) = old.filter(|_| which.kind().is_none()) {
        let left = fallen(old, &held, node);
        // Earlier versions of what stays still refer to what has gone.
        let mut staying: Vec<String> = held.into_iter().collect();
        staying.push(old.id.clone());
        staying.extend(old.refs.iter().filter(|id| id.starts_with("grouping--")).cloned());
        let gone = view::falling_away(node, ask.caller(), channel, (&staying, &left))?;
        withdraw(node, ask, channel, &gone)?;
    }
    Ok(saved)
}

/// Refuses what the policy would refuse of the report, or of anything where all of it has to be taken, before any of it is written.
fn try_out(node: &Node, intent: Intent, (made, report): (&[Made], &str), which: Which) -> Result<(), Stop> {
    let is_tried = |one: &&Made| one.id == report || (which != Which::All && !is_beside(&one.id));
    let tried = made.iter().filter(is_tried).take(BATCH_OBJECTS);
    let tried: Vec<Submission> = tried.map(|one| Submission { line: 1, body: one.body.clone() }).collect();
    if tried.is_empty() {
        return Ok(());
    }
    let trial = Import::new(intent).prepare(node, tried)?;
    match trial.refused().next() {
        Some((_, whys)) => Err(Stop::refused(whys)),
        None => Ok(()),
    }
}

/// Keeps what became of an object, where it was not simply taken.
fn note(outcome: Outcome, ids: &[String], (saved, which): (&mut Saved, Which)) {
    let at = usize::try_from(outcome.line).ok().and_then(|line| ids.get(line.checked_sub(1)?));
    let id = at.cloned().unwrap_or_default();
    // What was said when the event came is not said again with each of its parts.
    if which != Which::All && is_beside(&id) {
        return;
    }
    match outcome.fate {
        Fate::New(_) | Fate::Updated(_) | Fate::Known(_) => {}
        Fate::Refused(whys) => saved.errors.push(json!({"object": id, "outcome": "refused", "why": told(&whys)})),
        Fate::Quarantined(number, whys) => saved.errors.push(json!({
            "object": id, "outcome": "waits for a person", "quarantine": number, "why": told(&whys),
        })),
    }
}

/// What the old event held and the new one does not.
fn fallen(old: &Event, held: &HashSet<String>, node: &Node) -> Vec<String> {
    let own = old.objects.iter().filter(|object| object.author == node.member);
    let is_part = |id: &str| old.refs.iter().any(|part| part == id);
    let ids: HashSet<&str> = old.refs.iter().map(String::as_str).collect();
    let is_said = |body: &[u8]| super::gather::names(body, gotong_formats::misp::EXTENSION);
    let own = own.filter(|object| ids.contains(object.id.as_str()) || (is_said(&object.body) && !is_part(&object.id)));
    let kept = |id: &str| held.contains(id) || is_beside(id) || id == old.id;
    own.filter(|object| !kept(&object.id)).map(|object| object.id.clone()).collect()
}

fn convert(event: Json, saved: &mut Saved) -> Vec<Made> {
    let bytes = serde_json::to_vec(&Value::Object(event)).unwrap_or_default();
    let mut reader = Reader::new(Options::restricted());
    reader.push(&bytes);
    drop(bytes);
    reader.finish();
    let mut made = Vec::new();
    while let Some(piece) = reader.next() {
        match piece {
            Piece::Draft(draft) => match stix21::read(&draft.body) {
                Ok(facts) => {
                    let about = facts.refs.into_iter().chain(facts.sighting_of);
                    let about = about.filter(|id| !id.starts_with("identity--")).collect();
                    made.push(Made { id: facts.id, about, modified: facts.modified, body: draft.body });
                }
                Err(faults) => {
                    let faults = faults
                        .iter()
                        .map(|fault| json!({"id": fault.code, "pointer": fault.pointer, "text": fault.text}));
                    saved.errors.push(json!({"outcome": "refused", "why": faults.collect::<Vec<_>>()}));
                }
            },
            Piece::Fault(fault) => {
                let field = fault.field;
                saved.errors.push(json!({"id": field.code, "pointer": field.pointer, "text": field.text}));
            }
            // Numbers of another instance are not missed by anybody here.
            Piece::Loss(loss) if matches!(loss.code, "misp.loss.instance" | "misp.loss.distribution") => {}
            Piece::Loss(loss) => saved.losses.push(json!({"id": loss.code, "pointer": loss.place, "text": loss.text})),
        }
    }
    made
}

/// Whether it stands beside every event: who made it, and what the extension means.
fn is_beside(id: &str) -> bool {
    id.starts_with("identity--") || id.starts_with("extension-definition--")
}

/// Whether it is said about an object, and is no part of an event.
fn is_said(id: &str) -> bool {
    ["sighting--", "opinion--", "note--"].iter().any(|kind| id.starts_with(kind))
}

/// What is not here yet as it is now. What has changed without a later time gets one: a version has one content.
fn changed(node: &Node, made: Vec<Made>, old: Option<&Event>, which: Which) -> Vec<Made> {
    let mut known: HashMap<&str, &[u8]> = HashMap::new();
    for object in old.map(|old| old.objects.as_slice()).unwrap_or_default() {
        if object.author == node.member {
            known.insert(object.id.as_str(), object.body.as_slice());
        }
    }
    let objects = old.map(|old| old.objects.as_slice()).unwrap_or_default();
    let here: HashSet<&str> = objects.iter().map(|object| object.id.as_str()).collect();
    let is_wanted = |one: &Made| {
        let Some(kind) = which.kind() else { return true };
        let is_new = !here.contains(one.id.as_str());
        let is_sighting = is_said(&one.id)
            && super::gather::names(&one.body, kind)
            && one.about.iter().all(|id| id.starts_with("x-misp-proposal--") || here.contains(id.as_str()));
        is_new && (is_sighting || one.id.starts_with("identity--"))
    };
    let mut out = Vec::with_capacity(made.len());
    for mut one in made.into_iter().filter(is_wanted) {
        if let Some(body) = known.get(one.id.as_str()) {
            if stix21::same_content(body, &one.body) {
                continue;
            }
            let before = stix21::read(body).ok().and_then(|facts| facts.modified);
            if let (Some(before), Some(modified)) = (before, one.modified)
                && modified <= before
            {
                one.body = restamped(&one.body, later(before, node.now()));
            }
        }
        out.push(one);
    }
    out
}

/// A time behind another, to the millisecond.
fn later(before: Timestamp, now: Timestamp) -> Timestamp {
    let next = (before.micros() / 1_000 + 1) * 1_000;
    Timestamp::from_micros(next.max(now.micros() / 1_000 * 1_000)).unwrap_or(now)
}

fn restamped(body: &[u8], at: Timestamp) -> Vec<u8> {
    let Ok(Value::Object(mut object)) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    object.insert("modified".into(), json!(at.to_string()));
    serde_json::to_vec(&object).unwrap_or_else(|_| body.to_vec())
}

fn publish(node: &Node, mut import: Import, made: Vec<Made>) -> Result<Vec<Outcome>, NodeFault> {
    let mut outcomes = Vec::new();
    let mut batch: Vec<Submission> = Vec::new();
    let mut bytes = 0;
    for (line, one) in (1_u64..).zip(made) {
        bytes += one.body.len();
        batch.push(Submission { line, body: one.body });
        if batch.len() >= BATCH_OBJECTS || bytes >= BATCH_BYTES {
            bytes = 0;
            let prepared = import.prepare(node, std::mem::take(&mut batch))?;
            outcomes.extend(node.commit(Priority::People, prepared)?);
        }
    }
    let prepared = import.prepare(node, batch)?;
    outcomes.extend(node.commit(Priority::People, prepared)?);
    let waited = import.finish(node)?;
    if waited.objects() > 0 {
        outcomes.extend(node.commit(Priority::People, waited)?);
    }
    Ok(outcomes)
}

/// Withdraws what this member published; how many ids were there.
pub(super) fn withdraw(node: &Node, ask: &Ask, channel: ChannelId, ids: &[String]) -> Result<usize, Stop> {
    let (mut done, is_much) = (0, ids.len() > IDS_AT_ONCE / 2);
    for ids in ids.chunks(IDS_AT_ONCE) {
        let selection = Selection {
            channel,
            ids: ids.to_vec(),
            modified: None,
            constituent: ask.caller().constituent.clone(),
            caller: ask.caller().id.clone(),
        };
        let results = node.withdraw(&selection, Reason::Other)?;
        done += results.iter().filter(|(_, one)| matches!(one, Withdrawn::Done { .. })).count();
    }
    if is_much {
        // Much is erased piece by piece; what was taken back is not shown until all of it is gone.
        node.finish_erasures()?;
    }
    Ok(done)
}
