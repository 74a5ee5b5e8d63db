//! A MISP feed as a source: a folder with `manifest.json`, and one file for each event. Fetched are the events whose time in the manifest is newer than the one
//! that was taken; how far that is is kept after each event.
//!
//! An event that leaves the manifest deletes nothing, as in MISP. Read next: `ingest.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotong_app::source::{self, Note, Progress};
use gotong_formats::stix21::InputKind;
use gotong_formats::text::{self, Charset, Format};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::ingest::Ingest;
use super::{Job, RunFault, Taken, blocking};
use crate::api::bulk::intake::Choice;
use crate::outward::fault::FetchFault;
use crate::outward::fetch::Validators;
use crate::outward::guard::Target;

const ACCEPT: &str = "application/json";
/// Events of a feed, and those fetched in one run.
const EVENTS_MAX: usize = 200_000;
const FETCHED_MAX: usize = 5_000;
/// Events that may fail before the run gives up: a feed that is gone is not asked for each of its events.
const FAILED_MAX: usize = 10;

#[derive(Deserialize)]
struct Row {
    /// Seconds since 1970, as a number or a text.
    #[serde(default)]
    timestamp: Value,
    /// Who made the event. What is no such record names nobody, and the event itself is looked at once it is here.
    #[serde(default, rename = "Orgc")]
    maker: Value,
}

/// What is to be fetched.
struct Wanted {
    /// UUIDs and times, oldest first.
    events: Vec<(String, u64)>,
    /// Events that the manifest lists and that this node keeps away.
    blocked: usize,
    notes: Vec<Note>,
}

pub(super) async fn run(job: &Job) -> Result<Taken, RunFault> {
    let folder = folder(job)?;
    let before = job.view.state.progress.clone();
    let mut ask = job.ask(file(job, &folder, "manifest.json")?, ACCEPT)?;
    ask.validators = Validators { etag: before.etag.clone(), last_modified: before.last_modified.clone() };
    let answer = job.fetcher.ask(&ask, job.bounds()).await.map_err(|fault| job.fault(&fault))?;
    let mut ingest = Ingest::new(Arc::clone(&job.node), job.source().clone());
    if answer.status == StatusCode::NOT_MODIFIED {
        let Ingest { counts, notes, .. } = ingest;
        return Ok(Taken { counts, bytes: 0, notes, progress: before, is_unchanged: true });
    }
    let Validators { etag, last_modified } = answer.validators.clone();
    let manifest = answer.body.all().await.map_err(|fault| job.fault(&fault))?;
    let mut bytes = manifest.len() as u64;
    let Wanted { events: wanted, blocked, mut notes } = wanted(job, &manifest).await?;
    let is_more = wanted.len() > FETCHED_MAX;
    if is_more {
        notes.push(Note::new("misp.more", format!("{} events wait; each run fetches {FETCHED_MAX}", wanted.len())));
    }
    let (mut failed, is_unchanged) = (0, wanted.is_empty() && notes.is_empty());
    for (uuid, time) in wanted.into_iter().take(FETCHED_MAX) {
        let body = match fetch(job, &folder, &uuid).await {
            Ok(body) => body,
            Err(fault) => {
                failed += 1;
                if failed > FAILED_MAX || fault.retry_after(job.node.now()).is_some() {
                    return Err(job.fault(&fault));
                }
                notes.push(Note::new(fault.code(), format!("event {uuid}: {fault}")));
                continue;
            }
        };
        bytes += body.len() as u64;
        let choice = choice(job);
        let (node, source) = (Arc::clone(&job.node), job.source().clone());
        ingest = blocking(move || {
            let refused = ingest.counts.refused;
            ingest.document(choice, &body)?;
            // What was refused is tried again with the next run: its reason may be gone by then.
            if ingest.counts.refused == refused {
                source::note_event(&node, &source, &uuid, time)?;
            }
            Ok(ingest)
        })
        .await?;
    }
    let Ingest { counts, notes: told, .. } = ingest;
    notes.extend(told);
    // Where something is missing, the manifest must come again: what is kept away today may be wanted tomorrow.
    let is_whole = failed == 0 && !is_more && counts.refused == 0 && blocked == 0;
    let progress = if is_whole { Progress { etag, last_modified, ..Progress::default() } } else { Progress::default() };
    Ok(Taken { counts, bytes, notes, progress, is_unchanged })
}

/// The folder, from its own address or its manifest's.
fn folder(job: &Job) -> Result<Target, RunFault> {
    let given = job.target()?;
    let path = given.url.path().trim_end_matches("manifest.json").trim_end_matches('/').to_owned();
    given.redirected(&format!("{path}/")).map_err(|refusal| job.fault(&refusal.into()))
}

fn file(job: &Job, folder: &Target, name: &str) -> Result<Target, RunFault> {
    folder.redirected(name).map_err(|refusal| job.fault(&refusal.into()))
}

/// Events that are newer in the manifest than here, oldest first.
async fn wanted(job: &Job, manifest: &[u8]) -> Result<Wanted, RunFault> {
    let rows: BTreeMap<String, Row> = serde_json::from_slice(manifest)
        .map_err(|fault| RunFault::new("misp.manifest", format!("the manifest does not read: {fault}")))?;
    if rows.len() > EVENTS_MAX {
        return Err(RunFault::new("misp.manifest", format!("the manifest lists more than {EVENTS_MAX} events")));
    }
    let node = Arc::clone(&job.node);
    let away = blocking(move || node.blocked()).await?;
    let (mut listed, mut unfit, mut blocked) = (Vec::new(), 0, 0);
    for (uuid, row) in rows {
        let time = row.timestamp.as_u64().or_else(|| row.timestamp.as_str()?.parse().ok());
        let maker = row.maker.get("uuid").and_then(Value::as_str);
        match time.filter(|_| is_uuid(&uuid)) {
            // Not even fetched: of a feed of which most is kept away, most would be fetched for nothing each time.
            Some(_) if away.by(&uuid, maker).is_some() => blocked += 1,
            Some(time) => listed.push((uuid, time)),
            None => unfit += 1,
        }
    }
    let mut notes = Vec::new();
    if unfit > 0 {
        notes.push(Note::new("misp.manifest-row", format!("{unfit} rows of the manifest have no UUID or no time")));
    }
    if blocked > 0 {
        let text = format!("{blocked} events of the manifest are on this node's blocklists, and were not fetched");
        notes.push(Note::new("misp.blocked", text));
    }
    let (node, source) = (Arc::clone(&job.node), job.source().clone());
    let mut newer = blocking(move || source::newer_events(&node, &source, &listed)).await?;
    newer.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    Ok(Wanted { events: newer, blocked, notes })
}

/// Names of files are made of it, and nothing else may be.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .char_indices()
            .all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
}

async fn fetch(job: &Job, folder: &Target, uuid: &str) -> Result<Vec<u8>, FetchFault> {
    let target = folder.redirected(&format!("{uuid}.json"))?;
    let ask = job.ask(target, ACCEPT).map_err(|fault| FetchFault::Broken(fault.note.text))?;
    job.fetcher.ask(&ask, job.bounds()).await?.body.all().await
}

fn choice(job: &Job) -> Choice {
    let scope = job.source().channel.to_string();
    Choice {
        format: Some(Format::MispJson),
        kind: InputKind::Auto,
        name: None,
        mapping: None,
        charset: Charset::UTF_8,
        restricted: false,
        options: text::Options { scope, ..text::Options::new(job.node.now()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_uuid_becomes_the_name_of_a_file() {
        assert!(is_uuid("5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d"));
        for bad in
            ["", "../../etc/passwd", "5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7", "5f1ba7c511ea0-4f51-b2e7-0f2c0a3a1b7d", "é"]
        {
            assert!(!is_uuid(bad), "{bad}");
        }
    }
}
