//! Running targets: when each is due, never two runs of one at once, few at a time, and what became of each written down before the next.
//!
//! Decides nothing about what may go outside: `gotong_app::target` does, record by record. Read next: `target/place.rs` (which collection, and whether it may be
//! written to), `target/push.rs` (what goes there), `target/back.rs` (what is taken back there).

mod back;
mod place;
mod push;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gotong_app::source::{Credentials, Health, Note, RunResult};
use gotong_app::target::{self, Counts, Run, TargetView};
use gotong_app::view::ViewFault;
use gotong_app::{Node, NodeFault};
use gotong_model::{Slug, Timestamp};
use hyper::header::CONTENT_TYPE;
use tokio::sync::{Notify, Semaphore, watch};

use crate::api::Web;
use crate::outward::download::Bounds;
use crate::outward::fault::FetchFault;
use crate::outward::fetch::{self, Answer, Ask, Fetcher};
use crate::outward::guard::Target as Address;
use crate::outward::retry;
use crate::taxii::MEDIA_TYPE;

/// Runs at once: each holds some records in memory.
const RUNS_AT_ONCE: usize = 2;
/// How often the schedule is looked at.
const LOOK: Duration = Duration::from_secs(20);
/// A whole run, whatever its answers take each.
const RUN_MAX: Duration = Duration::from_hours(6);
/// Silence of a server.
const IDLE: Duration = Duration::from_secs(30);
/// Bytes of any answer of a server.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// Which targets are running.
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
    /// The status of the server, where that is the reason.
    status: Option<u16>,
}

impl RunFault {
    fn new(id: &str, text: impl Into<String>) -> Self {
        Self { note: Note::new(id, text), retry_after: None, status: None }
    }

    fn fetch(fault: &FetchFault, now: Timestamp) -> Self {
        let status = if let FetchFault::Status { status, .. } = fault { Some(*status) } else { None };
        let note = match status {
            Some(status @ 300..=399) => {
                let text = "what is pushed is not sent on to another address; set the target up with the address that it leads to";
                Note::new("target.elsewhere", format!("the server answered {status} and leads elsewhere: {text}"))
            }
            _ => Note::new(fault.code(), format!("{fault}; {}", fault.next())),
        };
        Self { note, retry_after: fault.retry_after(now), status }
    }

    /// The server lets the node in no more: asking again changes nothing, and may lock the account.
    fn is_shut_out(&self) -> bool {
        matches!(self.status, Some(401 | 403))
    }

    fn changed() -> Self {
        Self::new("target.changed", "the target was changed or removed during the run")
    }
}

impl From<NodeFault> for RunFault {
    fn from(fault: NodeFault) -> Self {
        // Paths and faults of the store are for the program log alone.
        tracing::warn!(%fault, "what goes to a target could not be read or kept");
        Self::new("target.node", "this node could not read or keep what goes there; the program log says why")
    }
}

impl From<ViewFault> for RunFault {
    fn from(fault: ViewFault) -> Self {
        match fault {
            ViewFault::Node(fault) => fault.into(),
            ViewFault::Behind => {
                Self::new("target.behind", "the node builds its indexes again; the next run goes on from there")
            }
            ViewFault::Cursor | ViewFault::TooMany { .. } => Self::new("target.node", fault.to_string()),
        }
    }
}

/// What a run has come to so far; it stands also where the run broke off.
#[derive(Default)]
struct Told {
    counts: Counts,
    bytes: u64,
    notes: Vec<Note>,
}

impl Told {
    /// Notes something once.
    fn note(&mut self, id: &str, text: impl Into<String>) {
        if self.notes.iter().all(|note| note.id != id) {
            self.notes.push(Note::new(id, text));
        }
    }
}

/// One run: what it needs of the node and the world.
struct Job {
    node: Arc<Node>,
    fetcher: Fetcher,
    view: TargetView,
    credentials: Option<Credentials>,
}

impl Job {
    fn target(&self) -> &target::Target {
        &self.view.target
    }

    fn wait(&self) -> Duration {
        Duration::from_secs(u64::from(self.target().time_max_s))
    }

    fn fault(&self, fault: &FetchFault) -> RunFault {
        RunFault::fetch(fault, self.node.now())
    }

    fn address(&self) -> Result<Address, RunFault> {
        Address::parse(&self.target().url).map_err(|refusal| self.fault(&refusal.into()))
    }

    /// A question to the target's server, with the credentials. No other server is asked anything.
    fn ask(&self, address: Address) -> Result<Ask, RunFault> {
        if !address.is_same_origin(&self.address()?) {
            return Err(RunFault::new(
                "target.elsewhere",
                "the server names an address on another server; set the target up with that address, if it is meant",
            ));
        }
        let credentials = match &self.credentials {
            None => None,
            Some(credentials) => {
                let header = match credentials {
                    Credentials::Basic { user, password } => fetch::basic(user, password),
                    Credentials::Bearer { token } => fetch::bearer(token),
                    Credentials::Header { name, value } => fetch::header(name, value),
                };
                Some(header.ok_or_else(|| RunFault::new("target.credentials", "the credentials make no header"))?)
            }
        };
        Ok(Ask { accept: MEDIA_TYPE.to_owned(), credentials, ..Ask::new(address) })
    }

    async fn answer(&self, ask: &Ask) -> Result<Answer, FetchFault> {
        let bounds = Bounds { bytes_max: ANSWER_BYTES_MAX, total: self.wait(), idle: IDLE };
        self.fetcher.ask(ask, bounds).await
    }

    /// An answer's JSON, where it came from this very server and is of TAXII 2.1.
    async fn read(&self, answer: Answer) -> Result<serde_json::Value, RunFault> {
        if !answer.target.is_same_origin(&self.address()?) {
            return Err(RunFault::new("target.elsewhere", "the server leads on to another server, which is not asked"));
        }
        let media = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !is_taxii(media) {
            return Err(RunFault::new(
                "target.media-type",
                "the server does not answer with the media type of TAXII 2.1: is the address right?",
            ));
        }
        let body = answer.body.all().await.map_err(|fault| self.fault(&fault))?;
        serde_json::from_slice(&body)
            .map_err(|fault| RunFault::new("target.unreadable", format!("the server's answer is no JSON: {fault}")))
    }

    async fn describe(&self, address: Address) -> Result<serde_json::Value, RunFault> {
        let ask = self.ask(address)?;
        let answer = self.answer(&ask).await.map_err(|fault| self.fault(&fault))?;
        self.read(answer).await
    }

    /// What waits for the server, then what is to be taken back, then what is new.
    async fn run(&self, told: &mut Told) -> Result<(), RunFault> {
        let (node, wanted) = (Arc::clone(&self.node), self.target().clone());
        let state = blocking(move || target::prepare(&node, &wanted)).await?;
        let state = state.ok_or_else(RunFault::changed)?;
        let place = place::find(self, told).await?;
        // What the server never finishes must not keep here what has to be taken back there.
        let settled = match &state.pending {
            Some(pending) => push::settle_pending(self, &place, pending, told).await,
            None => Ok(()),
        };
        back::take_back(self, &place, settled.is_err(), told).await?;
        settled?;
        push::push(self, &place, told).await
    }
}

/// Whether a media type is TAXII 2.1's; servers that leave out the version are believed.
fn is_taxii(media: &str) -> bool {
    let mut parts = media.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/taxii+json")
        && parts.all(|part| part.strip_prefix("version=").is_none_or(|version| version.trim_matches('"') == "2.1"))
}

/// Work of the node on a blocking thread, for a run.
async fn blocking<T: Send + 'static, E: Into<RunFault> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, RunFault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(panic) => {
            tracing::error!(%panic, "a run of a target panicked");
            Err(RunFault::new("target.node", "this node could not do its part; the program log says why"))
        }
    }
}

/// Looks at the schedule until the server stops. A run under way then is dropped: what it has kept holds, and the next one brings the rest.
pub(crate) async fn schedule(web: Web, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let node = Arc::clone(&web.node);
        match blocking(move || target::list(&node)).await {
            Ok(views) => {
                let now = web.node.now().micros();
                for view in views.into_iter().filter(|view| !view.target.paused && view.state.next_try <= now) {
                    start(&web, &view.target.name, "schedule");
                }
            }
            Err(fault) => tracing::warn!(why = fault.note.text, "the schedule of targets could not be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = web.targets.wake.notified() => {}
            _ = stopping.changed() => {}
        }
    }
}

/// How a target is.
pub(crate) fn health(view: &TargetView, now: Timestamp) -> Health {
    target::health(&view.target, &view.state, view.last.as_ref(), now)
}

/// Begins a run, unless one is under way. `false`: one is, or this server pushes nothing.
pub(crate) fn start(web: &Web, name: &Slug, by: &str) -> bool {
    let Some(outward) = web.options.outward.clone() else { return false };
    if web.node.is_restored() || !web.targets.running().insert(name.clone()) {
        return false;
    }
    let (web, name, by) = (web.clone(), name.clone(), by.to_owned());
    let busy = Busy(web.clone(), name.clone());
    tokio::spawn(async move {
        let _busy = busy;
        if let Ok(_turn) = web.targets.turns.acquire().await
            && let Err(fault) = run_one(&web, outward.fetcher, &name, by).await
        {
            tracing::warn!(target = %name, why = fault.note.text, "what became of a run could not be written down");
        }
    });
    true
}

/// A run under way; however it ends, another may begin.
struct Busy(Web, Slug);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.targets.running().remove(&self.1);
    }
}

/// Runs a target and writes down what became of it.
async fn run_one(web: &Web, fetcher: Fetcher, name: &Slug, by: String) -> Result<(), RunFault> {
    let node = Arc::clone(&web.node);
    let asked = name.clone();
    let found = blocking(move || {
        let view = target::lookup(&node, &asked)?;
        Ok::<_, NodeFault>((view, target::credentials(&node, &asked)?))
    });
    let (Some(view), credentials) = found.await? else { return Ok(()) };
    let job = Job { node: Arc::clone(&web.node), fetcher, view, credentials };
    let begun = web.node.now();
    let mut told = Told::default();
    let late = |_| {
        let text = format!("the run took more than {} hours", RUN_MAX.as_secs() / 3_600);
        Err(RunFault::new("target.long", text))
    };
    let outcome = tokio::time::timeout(RUN_MAX, job.run(&mut told)).await.unwrap_or_else(late);
    let ended = web.node.now();
    let (run, retry_after, stopped) = judged(told, outcome, by, (begun, ended));
    let next = next_try(&job, run.result, retry_after, ended);
    let (result, counts) = (run.result.as_str(), run.counts);
    let why = run.notes.first().map(|note| note.id.clone()).unwrap_or_default();
    tracing::info!(target = %name, result, sent = counts.sent, failed = counts.failed, held = counts.held, why, "a target ran");
    let node = Arc::clone(&web.node);
    let target = job.view.target.clone();
    blocking(move || {
        if let Some(why) = stopped {
            target::stop(&node, &target, &why)?;
        }
        target::finish(&node, &target, run, next)
    })
    .await?;
    Ok(())
}

/// From what happened to what is written down; last, why the target is paused.
fn judged(
    mut told: Told,
    outcome: Result<(), RunFault>,
    by: String,
    (begun, ended): (Timestamp, Timestamp),
) -> (Run, Option<Duration>, Option<Note>) {
    let counts = told.counts;
    let (mut retry_after, mut stopped) = (None, None);
    let moved = counts.sent + counts.taken_back;
    let result = match outcome {
        Err(mut fault) => {
            if fault.is_shut_out() {
                fault
                    .note
                    .text
                    .push_str(". The target is paused until somebody has corrected that: gotong target resume");
                stopped = Some(fault.note.clone());
            }
            retry_after = fault.retry_after;
            told.notes.insert(0, fault.note);
            RunResult::Failed
        }
        Ok(()) if counts.failed + counts.left > 0 || !told.notes.is_empty() => RunResult::Wanting,
        Ok(()) if moved + counts.known + counts.above + counts.held == 0 => RunResult::Unchanged,
        Ok(()) => RunResult::Done,
    };
    let Told { counts, bytes, notes } = told;
    let (begun, ended) = (begun.micros(), ended.micros());
    (Run { number: 0, by, begun, ended, result, counts, bytes, notes }, retry_after, stopped)
}

/// When a target is due again: by its schedule, or after a pause that grows with its failures. A server that wants to be left alone is, up to a day.
fn next_try(job: &Job, result: RunResult, retry_after: Option<Duration>, now: Timestamp) -> Timestamp {
    let mut chance = [0_u8; 2];
    job.node.entropy().fill(&mut chance);
    let chance = u16::from_be_bytes(chance);
    let target = job.target();
    let pause = if result == RunResult::Failed {
        retry::pause(job.view.state.failures.saturating_add(1), chance).max(retry_after.unwrap_or_default())
    } else {
        let jitter =
            Duration::from_secs(u64::from(target.jitter_min) * 60).mul_f64(f64::from(chance) / f64::from(u16::MAX));
        Duration::from_secs(u64::from(target.every_min) * 60) + jitter
    };
    now.plus_ms(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_taxii_2_1_is_taken_for_an_answer() {
        for media in
            ["application/taxii+json;version=2.1", "application/TAXII+json; version=2.1", "application/taxii+json"]
        {
            assert!(is_taxii(media), "{media}");
        }
        for media in
            ["application/taxii+json;version=2.0", "application/json", "text/html", "", "application/taxii+jsonp"]
        {
            assert!(!is_taxii(media), "{media}");
        }
    }

    #[test]
    fn a_server_that_shuts_the_node_out_pauses_the_target_and_no_other_failure_does() {
        let at = Timestamp::default();
        for (status, stops) in [(401, true), (403, true), (429, false), (500, false), (404, false)] {
            let fault = FetchFault::Status { status, retry_after: Some("7".to_owned()), told: String::new() };
            let (run, retry_after, stopped) =
                judged(Told::default(), Err(RunFault::fetch(&fault, at)), "schedule".to_owned(), (at, at));
            assert_eq!((run.result, stopped.is_some()), (RunResult::Failed, stops), "{status}");
            assert_eq!(retry_after, Some(Duration::from_secs(7)));
        }
    }
}
