//! Running sources: when each is due, never two runs of one at once, few at a time, and what became of each written down before the next.
//!
//! Decides nothing about who may see what: what a source brings is published like any import, in the source's channel. Read next: `source/http.rs` (one
//! document), `source/taxii.rs` (a collection), `source/ingest.rs` (into the log).

mod http;
mod ingest;
mod misp;
mod paging;
mod taxii;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gotong_app::source::{self, Counts, Credentials, Kind, Note, Progress, Run, RunResult, Source, SourceView};
use gotong_app::{Node, NodeFault};
use gotong_model::{Slug, Timestamp};
use tokio::sync::{Notify, Semaphore, watch};

use crate::api::Web;
use crate::outward::download::Bounds;
use crate::outward::fault::FetchFault;
use crate::outward::fetch::{self, Ask, Fetcher};
use crate::outward::guard::Target;
use crate::outward::retry;

/// Runs at once: each holds an answer in memory.
const RUNS_AT_ONCE: usize = 2;
/// How often the schedule is looked at.
const LOOK: Duration = Duration::from_secs(20);
/// A whole run, whatever its answers take each.
const RUN_MAX: Duration = Duration::from_hours(6);
/// Silence of a server.
const IDLE: Duration = Duration::from_secs(30);

/// Which sources are running.
pub(crate) struct Desk {
    running: Mutex<BTreeSet<Slug>>,
    turns: Semaphore,
    wake: Notify,
}

impl Default for Desk {
    fn default() -> Self {
        Self { running: Mutex::default(), turns: Semaphore::new(RUNS_AT_ONCE), wake: Notify::new() }
    }
}

impl Desk {
    fn running(&self) -> std::sync::MutexGuard<'_, BTreeSet<Slug>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a run of it is under way or waits for its turn.
    pub(crate) fn is_running(&self, name: &Slug) -> bool {
        self.running().contains(name)
    }

    /// Looks at the schedule now.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }
}

/// Why a run broke off.
struct RunFault {
    note: Note,
    retry_after: Option<Duration>,
}

impl RunFault {
    fn new(id: &str, text: impl Into<String>) -> Self {
        Self { note: Note::new(id, text), retry_after: None }
    }

    fn fetch(fault: &FetchFault, now: Timestamp) -> Self {
        let note = Note::new(fault.code(), format!("{fault}; {}", fault.next()));
        Self { note, retry_after: fault.retry_after(now) }
    }
}

impl From<NodeFault> for RunFault {
    fn from(fault: NodeFault) -> Self {
        // Paths and faults of the store are for the program log alone.
        tracing::warn!(%fault, "a source's objects could not be taken");
        Self::new("source.node", "this node could not take what came; the program log says why")
    }
}

/// What a run that did not break off came to.
struct Taken {
    counts: Counts,
    bytes: u64,
    notes: Vec<Note>,
    progress: Progress,
    is_unchanged: bool,
}

/// One run: what it needs of the node and the world.
struct Job {
    node: Arc<Node>,
    fetcher: Fetcher,
    view: SourceView,
    credentials: Option<Credentials>,
}

impl Job {
    fn source(&self) -> &Source {
        &self.view.source
    }

    fn bounds(&self) -> Bounds {
        let source = self.source();
        Bounds {
            bytes_max: source.bytes_max.min(source::BYTES_MAX),
            total: Duration::from_secs(u64::from(source.time_max_s)),
            idle: IDLE,
        }
    }

    /// A question to the source's server. What it names elsewhere, such as an API root on another host, is asked without credentials.
    fn ask(&self, target: Target, accept: &str) -> Result<Ask, RunFault> {
        let is_theirs = target.is_same_origin(&self.target()?);
        let credentials = match self.credentials.as_ref().filter(|_| is_theirs) {
            None => None,
            Some(credentials) => {
                let header = match credentials {
                    Credentials::Basic { user, password } => fetch::basic(user, password),
                    Credentials::Bearer { token } => fetch::bearer(token),
                    Credentials::Header { name, value } => fetch::header(name, value),
                };
                Some(header.ok_or_else(|| RunFault::new("source.credentials", "the credentials make no header"))?)
            }
        };
        Ok(Ask { accept: accept.to_owned(), credentials, unpacks_files: true, ..Ask::new(target) })
    }

    fn target(&self) -> Result<Target, RunFault> {
        Target::parse(&self.source().url).map_err(|refusal| self.fault(&refusal.into()))
    }

    fn fault(&self, fault: &FetchFault) -> RunFault {
        RunFault::fetch(fault, self.node.now())
    }

    async fn run(&self) -> Result<Taken, RunFault> {
        let kind = self.source().kind;
        let run = async {
            match kind {
                Kind::Http => http::run(self).await,
                Kind::Taxii => taxii::run(self).await,
                Kind::MispFeed => misp::run(self).await,
            }
        };
        let late =
            || RunFault::new("source.long", format!("the run took more than {} hours", RUN_MAX.as_secs() / 3_600));
        tokio::time::timeout(RUN_MAX, run).await.map_err(|_| late())?
    }
}

/// Work of the node on a blocking thread, for a run.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeFault> + Send + 'static,
) -> Result<T, RunFault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(panic) => {
            tracing::error!(%panic, "a run of a source panicked");
            Err(RunFault::new("source.node", "this node could not take what came; the program log says why"))
        }
    }
}

/// Looks at the schedule until the server stops. A run under way then is dropped: what it has committed holds, and the next one brings the rest.
pub(crate) async fn schedule(web: Web, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let node = Arc::clone(&web.node);
        match blocking(move || source::list(&node)).await {
            Ok(views) => {
                let now = web.node.now();
                web.metrics.set_sources(views.iter().map(|view| health(view, now)));
                for view in views.into_iter().filter(|view| !view.source.paused && view.state.next_try <= now.micros())
                {
                    start(&web, &view.source.name, "schedule");
                }
            }
            Err(fault) => tracing::warn!(why = fault.note.text, "the schedule of sources could not be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = web.sources.wake.notified() => {}
            _ = stopping.changed() => {}
        }
    }
}

/// How a source is.
pub(crate) fn health(view: &SourceView, now: Timestamp) -> source::Health {
    source::Health::of(&view.source, &view.state, view.last.as_ref(), now)
}

/// Begins a run, unless one is under way. `false`: one is, or this server fetches nothing.
pub(crate) fn start(web: &Web, name: &Slug, by: &str) -> bool {
    let Some(outward) = web.options.outward.clone() else { return false };
    if web.node.is_restored() || !web.sources.running().insert(name.clone()) {
        return false;
    }
    let (web, name, by) = (web.clone(), name.clone(), by.to_owned());
    let busy = Busy(web.clone(), name.clone());
    tokio::spawn(async move {
        let _busy = busy;
        if let Ok(_turn) = web.sources.turns.acquire().await
            && let Err(fault) = run_one(&web, outward.fetcher, &name, by).await
        {
            tracing::warn!(source = %name, why = fault.note.text, "what became of a run could not be written down");
        }
    });
    true
}

/// A run under way; however it ends, another may begin.
struct Busy(Web, Slug);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.sources.running().remove(&self.1);
    }
}

/// Runs a source and writes down what became of it.
async fn run_one(web: &Web, fetcher: Fetcher, name: &Slug, by: String) -> Result<(), RunFault> {
    let node = Arc::clone(&web.node);
    let asked = name.clone();
    let found = blocking(move || {
        let view = source::lookup(&node, &asked)?;
        Ok((view, source::credentials(&node, &asked)?))
    });
    let (Some(view), credentials) = found.await? else { return Ok(()) };
    let job = Job { node: Arc::clone(&web.node), fetcher, view, credentials };
    let begun = web.node.now();
    let outcome = job.run().await;
    let ended = web.node.now();
    let (run, progress, retry_after) = judged(&job.view, outcome, by, (begun, ended));
    let next = next_try(&job, run.result, retry_after, ended);
    web.metrics.count_source_run(run.result);
    let (result, counts) = (run.result.as_str(), run.counts);
    let why = run.notes.first().map(|note| note.id.clone()).unwrap_or_default();
    tracing::info!(source = %name, result, new = counts.new, updated = counts.updated, refused = counts.refused, why, "a source ran");
    let node = Arc::clone(&web.node);
    let source = job.view.source.clone();
    blocking(move || source::finish(&node, &source, run, progress.as_ref(), next)).await?;
    web.upkeep.notify_one();
    Ok(())
}

/// From what happened to what is written down.
fn judged(
    view: &SourceView,
    outcome: Result<Taken, RunFault>,
    by: String,
    (begun, ended): (Timestamp, Timestamp),
) -> (Run, Option<Progress>, Option<Duration>) {
    let mut run = Run {
        number: 0,
        by,
        begun: begun.micros(),
        ended: ended.micros(),
        result: RunResult::Failed,
        counts: Counts::default(),
        bytes: 0,
        notes: Vec::new(),
    };
    let taken = match outcome {
        Ok(taken) => taken,
        Err(fault) => {
            run.notes.push(fault.note);
            return (run, None, fault.retry_after);
        }
    };
    let Counts { new, known, updated, refused, quarantined, .. } = taken.counts;
    (run.counts, run.bytes, run.notes) = (taken.counts, taken.bytes, taken.notes);
    let before = view.last.as_ref().filter(|last| last.result == RunResult::Wanting);
    run.result = match before {
        // What came was as before, and so is what was wrong with it.
        Some(before) if taken.is_unchanged => {
            run.notes.extend(before.notes.iter().cloned());
            RunResult::Wanting
        }
        _ if taken.is_unchanged => RunResult::Unchanged,
        _ if refused > 0 && new + known + updated + quarantined == 0 => RunResult::Failed,
        _ if refused + quarantined > 0 || !run.notes.is_empty() => RunResult::Wanting,
        _ => RunResult::Done,
    };
    if run.result == RunResult::Failed {
        let text = format!("all {refused} objects were refused");
        run.notes.insert(0, Note::new("source.all-refused", text));
        return (run, None, None);
    }
    (run, Some(taken.progress), None)
}

/// When a source is due again: by its schedule, or after a pause that grows with its failures. A server that wants to be left alone is, up to a day.
fn next_try(job: &Job, result: RunResult, retry_after: Option<Duration>, now: Timestamp) -> Timestamp {
    let mut chance = [0_u8; 2];
    job.node.entropy().fill(&mut chance);
    let chance = u16::from_be_bytes(chance);
    let source = job.source();
    let pause = if result == RunResult::Failed {
        retry::pause(job.view.state.failures.saturating_add(1), chance).max(retry_after.unwrap_or_default())
    } else {
        let jitter =
            Duration::from_secs(u64::from(source.jitter_min) * 60).mul_f64(f64::from(chance) / f64::from(u16::MAX));
        Duration::from_secs(u64::from(source.every_min) * 60) + jitter
    };
    now.plus_ms(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX))
}
