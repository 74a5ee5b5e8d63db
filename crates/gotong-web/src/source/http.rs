//! One document, fetched whole before any of it is published: what breaks off publishes nothing, and what is missing is really missing.
//!
//! Read next: `ingest.rs`.

use std::sync::Arc;

use gotong_app::source::{self, Counts, Note, Progress};
use gotong_crypto::sha256;
use gotong_formats::stix21::InputKind;
use gotong_formats::text;
use hyper::StatusCode;

use super::ingest::Ingest;
use super::{Job, RunFault, Taken, blocking};
use crate::api::bulk::intake::{self, Choice};
use crate::outward::fetch::Validators;
use crate::outward::guard::Target;

const ACCEPT: &str = "application/stix+json, application/json, text/csv, text/plain, */*;q=0.5";

pub(super) async fn run(job: &Job) -> Result<Taken, RunFault> {
    let target = job.target()?;
    let before = job.view.state.progress.clone();
    let mut ask = job.ask(target.clone(), ACCEPT)?;
    ask.validators = Validators { etag: before.etag.clone(), last_modified: before.last_modified.clone() };
    let answer = job.fetcher.ask(&ask, job.bounds()).await.map_err(|fault| job.fault(&fault))?;
    if answer.status == StatusCode::NOT_MODIFIED {
        return Ok(unchanged(before, 0));
    }
    let Validators { etag, last_modified } = answer.validators.clone();
    let body = answer.body.all().await.map_err(|fault| job.fault(&fault))?;
    let digest = Some(sha256(&body).to_text());
    let bytes = body.len() as u64;
    let is_same = digest == before.digest;
    let progress = Progress { etag, last_modified, digest, cursor: None };
    // A server that stamps the same anew each time is read no more often for it.
    if is_same {
        return Ok(unchanged(progress, bytes));
    }
    let choice = choice(job, &target)?;
    if job.source().withdraw_missing && choice.format.is_none() && is_prose(&body, choice.name.as_deref()) {
        // A notice in the list's place would withdraw the whole list, and bring its own links.
        return Err(RunFault::new(
            "source.prose",
            "what came reads as free text, in which nothing says what is listed and what is missing: nothing was taken and nothing withdrawn; if it is no notice, name the source's format",
        ));
    }
    let (node, source) = (Arc::clone(&job.node), job.source().clone());
    let (counts, notes) = blocking(move || {
        let mut ingest = Ingest::new(Arc::clone(&node), source.clone());
        ingest.document(choice, &body)?;
        let Ingest { mut counts, mut notes, seen, .. } = ingest;
        if seen.is_empty() {
            notes.push(Note::new("source.empty", "the source lists nothing; what it brought before stays"));
        } else if counts.refused > 0 && source.withdraw_missing {
            // What could not be read may be just what seems to be missing.
            notes.push(Note::new(
                "source.unread",
                "nothing is withdrawn after a run in which something could not be read",
            ));
        } else {
            (counts.gone, counts.withdrawn) = source::missing(&node, &source, &seen)?;
        }
        Ok((counts, notes))
    })
    .await?;
    Ok(Taken { counts, bytes, notes, progress, is_unchanged: false })
}

fn unchanged(progress: Progress, bytes: u64) -> Taken {
    Taken { counts: Counts::default(), bytes, notes: Vec::new(), progress, is_unchanged: true }
}

/// Whether a document whose format nobody named is free text, as the same look at its beginning says that chooses a reader.
fn is_prose(body: &[u8], name: Option<&str>) -> bool {
    text::detect(body, name).is_some_and(|found| found.format == text::Format::Text)
}

/// How the document is read: as it was said, or as its name and beginning suggest.
fn choice(job: &Job, target: &Target) -> Result<Choice, RunFault> {
    let source = job.source();
    let bad = |_| RunFault::new("source.format", "the source's format or mapping does not read");
    let name = target.url.path().rsplit('/').next().filter(|name| !name.is_empty());
    let name = name.map(|name| name.strip_suffix(".gz").unwrap_or(name).to_owned());
    let scope = source.channel.to_string();
    Ok(Choice {
        format: intake::format(source.format.as_deref()).map_err(bad)?,
        kind: InputKind::Auto,
        name: name.clone(),
        mapping: intake::mapping(source.mapping.as_deref()).map_err(bad)?,
        charset: intake::charset(None).map_err(bad)?,
        restricted: false,
        options: text::Options { name, scope, ..text::Options::new(job.node.now()) },
    })
}
