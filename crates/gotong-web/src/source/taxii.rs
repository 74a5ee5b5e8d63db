//! A collection of a TAXII 2.1 server as a source: found from discovery, an API root or its own address, read page by page, each page published before the next
//! is asked for. How far that is is kept after each page, so that a run that is killed goes on where it was.
//!
//! Reading again is harmless: what is there is known. Read next: `paging.rs`.

use std::collections::HashSet;
use std::sync::Arc;

use gotong_app::source::{self, Progress};
use gotong_crypto::sha256;
use hyper::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ingest::Ingest;
use super::paging::{Page, Pager, Turn};
use super::{Job, RunFault, Taken, blocking};
use crate::outward::guard::Target;
use crate::taxii::MEDIA_TYPE;

/// Objects asked for in one page.
const LIMIT: usize = 1_000;
/// Bytes of an answer that describes something.
const DESCRIPTION_BYTES_MAX: u64 = 4 << 20;
/// Objects of one run.
const OBJECTS_MAX: usize = 2_000_000;
/// Collections told of where the right one must be named.
const TOLD_MAX: usize = 20;

/// An envelope (section 3.7); objects stay as they came.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    more: bool,
    #[serde(default)]
    next: Value,
    #[serde(borrow, default)]
    objects: Vec<&'a RawValue>,
}

pub(super) async fn run(job: &Job) -> Result<Taken, RunFault> {
    let objects = find(job).await?;
    let mut pager = Pager::new(job.view.state.progress.cursor.clone());
    let mut ingest = Ingest::new(Arc::clone(&job.node), job.source().clone());
    let (mut seen, mut bytes, mut line) = (HashSet::new(), 0, 0);
    loop {
        let mut target = objects.clone();
        target.url.query_pairs_mut().append_pair("limit", &LIMIT.to_string()).extend_pairs(pager.question());
        let (body, last) = ask(job, target, &mut pager).await?;
        bytes += body.len() as u64;
        let envelope: Envelope<'_> = serde_json::from_slice(&body)
            .map_err(|fault| RunFault::new("taxii.unreadable", format!("a page is no TAXII envelope: {fault}")))?;
        if envelope.objects.len() > LIMIT {
            pager.note("taxii.limit-ignored", "the server sends more objects in a page than it was asked for");
        }
        let is_fresh = |object: &&&RawValue| {
            let digest = sha256(object.get().as_bytes());
            seen.insert(*digest.as_bytes())
        };
        let fresh = envelope.objects.iter().filter(is_fresh).count();
        let next = envelope.next.as_str().map(str::to_owned);
        let page = Page { more: envelope.more, next, last, objects: envelope.objects.len(), fresh };
        let bodies: Vec<Vec<u8>> = envelope.objects.iter().map(|object| object.get().as_bytes().to_vec()).collect();
        let turn = pager.turn(&page);
        let (node, source, cursor) = (Arc::clone(&job.node), job.source().clone(), pager.cursor().map(str::to_owned));
        let (back, goes_on, end) = blocking(move || {
            for body in bodies {
                line += 1;
                ingest.object(line, body)?;
            }
            // All of the page is committed before it counts as read.
            ingest.finish()?;
            let goes_on = match &cursor {
                Some(cursor) => source::keep(&node, &source, cursor)?,
                None => source::lookup(&node, &source.name)?.is_some(),
            };
            Ok((ingest, goes_on, line))
        })
        .await?;
        (ingest, line) = (back, end);
        if !goes_on {
            return Err(RunFault::new("source.changed", "the source was changed or removed during the run"));
        }
        if turn != Turn::On {
            break;
        }
        if seen.len() >= OBJECTS_MAX {
            pager.note("taxii.objects", "the run ended after 2,000,000 objects; the next one goes on from there");
            break;
        }
    }
    let progress = Progress { cursor: pager.cursor().map(str::to_owned), ..Progress::default() };
    let Ingest { counts, mut notes, .. } = ingest;
    notes.splice(0..0, pager.notes);
    let is_unchanged = line == 0 && notes.is_empty();
    Ok(Taken { counts, bytes, notes, progress, is_unchanged })
}

/// One page with its `X-TAXII-Date-Added-Last`.
async fn ask(job: &Job, target: Target, pager: &mut Pager) -> Result<(Vec<u8>, Option<String>), RunFault> {
    let ask = job.ask(target, MEDIA_TYPE)?;
    let answer = job.fetcher.ask(&ask, job.bounds()).await.map_err(|fault| job.fault(&fault))?;
    let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let media = text(CONTENT_TYPE.as_str()).unwrap_or_default();
    if !media.to_ascii_lowercase().starts_with("application/taxii+json") {
        pager.note("taxii.media-type", "the server does not answer with the media type of TAXII 2.1");
    }
    let last = text("x-taxii-date-added-last");
    let body = answer.body.all().await.map_err(|fault| job.fault(&fault))?;
    Ok((body, last))
}

/// The address of the collection's objects.
async fn find(job: &Job) -> Result<Target, RunFault> {
    let given = job.target()?;
    if given.url.path().contains("/collections/") {
        let path = given.url.path().trim_end_matches('/').trim_end_matches("/objects").to_owned();
        return below(job, &given, &format!("{path}/objects/"));
    }
    let about = describe(job, given.clone()).await?;
    let root = if let Some(roots) = about.get("api_roots").and_then(Value::as_array) {
        let default = about.get("default").and_then(Value::as_str);
        let root = default.or_else(|| roots.first()?.as_str());
        let root = root.ok_or_else(|| RunFault::new("taxii.no-root", "the server names no API root"))?;
        given.redirected(root).map_err(|refusal| job.fault(&refusal.into()))?
    } else {
        given
    };
    let path = format!("{}/collections/", root.url.path().trim_end_matches('/'));
    let collections = below(job, &root, &path)?;
    let list = describe(job, collections.clone()).await?;
    let list = list.get("collections").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let id = choose(list, job.source().collection.as_deref())?;
    below(job, &collections, &format!("{path}{id}/objects/"))
}

/// Another path on the same server.
fn below(job: &Job, target: &Target, path: &str) -> Result<Target, RunFault> {
    target.redirected(path).map_err(|refusal| job.fault(&refusal.into()))
}

async fn describe(job: &Job, target: Target) -> Result<Value, RunFault> {
    let ask = job.ask(target, MEDIA_TYPE)?;
    let answer = job.fetcher.ask(&ask, job.bounds()).await.map_err(|fault| job.fault(&fault))?;
    let body = answer.body.at_most(DESCRIPTION_BYTES_MAX).await.map_err(|fault| job.fault(&fault))?;
    serde_json::from_slice(&body).map_err(|_| {
        RunFault::new("taxii.unreadable", "the server's description of itself is no JSON: is the address right?")
    })
}

/// The id of the collection that is meant: the one named, or the only one that may be read.
fn choose(list: &[Value], named: Option<&str>) -> Result<String, RunFault> {
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let readable: Vec<&Value> =
        list.iter().filter(|one| one.get("can_read").and_then(Value::as_bool) != Some(false)).collect();
    let found: Vec<&&Value> = match named {
        Some(named) => {
            readable.iter().filter(|one| ["id", "alias", "title"].iter().any(|name| text(one, name) == named)).collect()
        }
        None => readable.iter().collect(),
    };
    let id = match found.as_slice() {
        [one] => text(one, "id"),
        _ => String::new(),
    };
    // An id goes into an address: whatever is no plain word would lead elsewhere.
    if !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(id);
    }
    let names: Vec<String> =
        readable.iter().take(TOLD_MAX).map(|one| text(one, "title").chars().take(100).collect()).collect();
    Err(RunFault::new(
        "taxii.collection",
        format!("the collection must be named, by id, alias or title; this server lets one read: {}", names.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_collection_is_chosen_by_name_or_because_it_is_the_only_one() {
        let id = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";
        let one = json!({"id": id, "title": "High value", "alias": "high", "can_read": true});
        let closed = json!({"id": "b", "title": "Closed", "can_read": false});
        let other = json!({"id": "c", "title": "Other", "can_read": true});
        let odd = json!({"id": "../../admin", "title": "Odd", "can_read": true});
        let chosen = |list: &[&Value], named| {
            let list: Vec<Value> = list.iter().map(|one| (*one).clone()).collect();
            choose(&list, named).map_err(|fault| fault.note.id)
        };
        for named in [None, Some(id), Some("high"), Some("High value")] {
            assert_eq!(chosen(&[&one, &closed], named), Ok(id.to_owned()), "{named:?}");
        }
        for (list, named) in
            [(vec![&one, &other], None), (vec![&one], Some("Closed")), (vec![], None), (vec![&odd], None)]
        {
            assert_eq!(chosen(&list, named), Err("taxii.collection".to_owned()));
        }
    }
}
