//! Verifying logs as work behind a page: it is begun by a form, says how far it is, and ends in an outcome of its person's.
//!
//! What runs is kept in memory alone, bounded, and shown to nobody but who began it; the turns are those of the API's long runs. Stopping the node ends it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use gotong_app::act::{self, Act, Ending, Line, Told};
use gotong_app::caller::Caller;
use gotong_app::verify::Report;
use gotong_app::{Node, NodeFault, verify, view};
use gotong_crypto::text;
use serde::Deserialize;

use super::expect_auditor;
use crate::api::Web;
use crate::api::operation::long_turn;
use crate::console::form::Sent;
use crate::console::operation::number;
use crate::console::outcome::tell;
use crate::console::person::{Person, see};
use crate::console::shell::Shell;
use crate::console::show;
use crate::problem::{Problem, table};

/// Runs that are remembered; the oldest that has ended goes first.
const RUNS_MAX: usize = 64;
/// Findings that an outcome tells line by line.
const TOLD_MAX: usize = 50;
const FROM_SCRIPT: HeaderName = HeaderName::from_static("hx-request");
const MOVE: HeaderName = HeaderName::from_static("hx-redirect");

/// How far one run is.
#[derive(Clone, Debug)]
struct Run {
    owner: String,
    /// The log's origin; empty for all.
    log: String,
    done: u64,
    total: u64,
    /// The outcome, once it has ended; `None` in it: there is none, because the node failed.
    #[allow(clippy::option_option, reason = "running, ended with an outcome, ended without one")]
    ended: Option<Option<String>>,
}

/// Runs of this program's life, by a random id.
#[derive(Debug, Default)]
pub(crate) struct Desk(Mutex<BTreeMap<String, Run>>);

impl Desk {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a run, where there is one.
    fn begin(&self, id: &str, owner: &str, log: &str) -> bool {
        let mut runs = self.lock();
        if runs.len() >= RUNS_MAX {
            let ended = runs.iter().find(|(_, run)| run.ended.is_some()).map(|(id, _)| id.clone());
            let Some(ended) = ended else { return false };
            runs.remove(&ended);
        }
        let run = Run { owner: owner.to_owned(), log: log.to_owned(), done: 0, total: 0, ended: None };
        runs.insert(id.to_owned(), run);
        true
    }

    fn note(&self, id: &str, change: impl FnOnce(&mut Run)) {
        if let Some(run) = self.lock().get_mut(id) {
            change(run);
        }
    }

    fn lookup(&self, id: &str, owner: &str) -> Option<Run> {
        self.lock().get(id).filter(|run| run.owner == owner).cloned()
    }

    /// The runs of somebody that go on: their pages, and the log of each.
    pub(crate) fn of(&self, owner: &str) -> Vec<(String, String)> {
        let runs = self.lock();
        let own = runs.iter().filter(|(_, run)| run.owner == owner && run.ended.is_none());
        own.map(|(id, run)| (format!("/logs/verify/{id}"), run.log.clone())).collect()
    }
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// A log's origin; empty for all.
    log: String,
}

pub(super) async fn begin(State(web): State<Web>, Sent(person, wish): Sent<Wish>) -> Result<Response, Problem> {
    expect_auditor(&person)?;
    let caller = person.caller.clone();
    if !wish.log.is_empty() {
        // INVARIANT: 1. A log that the person may not know of is not there.
        let (asking, wanted) = (caller.clone(), wish.log.clone());
        web.find(move |node| {
            let known = view::logs(node, &asking)?.into_iter().any(|line| line.log.origin == wanted);
            Ok::<_, NodeFault>(known.then_some(()))
        })
        .await?;
    }
    let Ok(turn) = long_turn(&web) else {
        let act = Act::new(Ending::Refused, Told::of("logs-busy")).then("/logs", Told::of("logs-back"));
        return tell(&web, &caller, act).await;
    };
    let mut random = [0_u8; 10];
    web.node.entropy().fill(&mut random);
    let id = text::base32(&random);
    if !web.verifying.begin(&id, &caller.id, &wish.log) {
        return Err(Problem::of(&table::BUSY).retry_after_s(10));
    }
    let (running, name) = (web.clone(), id.clone());
    tokio::task::spawn_blocking(move || {
        let web = running;
        let mut progress =
            |done: u64, total: u64| web.verifying.note(&name, |run| (run.done, run.total) = (done, total));
        let outcome = carry_out(&web.node, &caller, &wish.log, &mut progress);
        let outcome = outcome.inspect_err(|fault| tracing::error!(%fault, "verifying broke off")).ok();
        web.verifying.note(&name, |run| run.ended = Some(outcome));
        drop(turn);
    });
    Ok(see(&format!("/logs/verify/{id}")))
}

/// Verifies and keeps what came of it; the id of that.
fn carry_out(node: &Node, caller: &Caller, log: &str, progress: &mut dyn FnMut(u64, u64)) -> Result<String, NodeFault> {
    let report = if log.is_empty() { Some(verify::node(node, progress)?) } else { verify::log(node, log, progress)? };
    let act = report.map_or_else(|| Act::new(Ending::Refused, Told::of("logs-gone")), |report| told(&report));
    act::keep(node, caller, &act.then("/logs", Told::of("logs-back")))
}

fn told(report: &Report) -> Act {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let found = count(report.more_findings).saturating_add(report.findings.len());
    let (ending, id) = if report.is_sound() { (Ending::Done, "logs-sound") } else { (Ending::Refused, "logs-unsound") };
    let title = Told::of(id).count("logs", count(report.logs)).count("entries", count(report.entries));
    let title = if report.is_sound() { title } else { title.count("findings", found) };
    let line = |ending, about: String, id: &str, reason: &str| Line {
        reason: Some(reason.to_owned()),
        ..Line::of(ending, about, Told::of(id))
    };
    let mut act = Act::new(ending, title);
    for (at, finding) in report.findings.iter().take(TOLD_MAX).enumerate() {
        act = act.line(line(Ending::Refused, (at + 1).to_string(), "logs-finding", finding));
    }
    for note in report.notes.iter().take(TOLD_MAX) {
        act = act.line(line(Ending::Partly, "–".to_owned(), "logs-note", note));
    }
    act
}

#[derive(Template)]
#[template(path = "console/logs_verify.html")]
struct VerifyPage {
    shell: Shell,
    path: String,
    log: String,
    done: u64,
    total: u64,
    done_shown: String,
    total_shown: String,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    expect_auditor(&person)?;
    let run = web.verifying.lookup(&id, &person.caller.id).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    if let Some(outcome) = run.ended {
        let act = outcome.ok_or_else(|| Problem::of(&table::INTERNAL))?;
        let path = format!("/acts/{act}");
        if headers.contains_key(FROM_SCRIPT) {
            // A part of a page is being renewed: the whole page moves.
            let place = HeaderValue::from_str(&path).map_err(|_| Problem::of(&table::INTERNAL))?;
            return Ok([(MOVE, place)].into_response());
        }
        return Ok(see(&path));
    }
    show(&VerifyPage {
        path: format!("/logs/verify/{id}"),
        log: run.log,
        done: run.done,
        total: run.total,
        done_shown: number(person.words, run.done),
        total_shown: number(person.words, run.total),
        shell: Shell::of(&web, &person, "/logs"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_bounded_and_nobody_elses() {
        let desk = Desk::default();
        for at in 0..RUNS_MAX {
            assert!(desk.begin(&format!("{at:03}"), "ann", ""));
        }
        assert!(!desk.begin("more", "ann", ""), "all of them go on");
        desk.note("007", |run| run.ended = Some(None));
        assert!(desk.begin("more", "eve", "log"), "one has ended");
        assert!(desk.lookup("007", "ann").is_none() && desk.lookup("008", "ann").is_some());
        assert!(desk.lookup("008", "eve").is_none(), "not hers");
        assert_eq!(desk.of("eve"), [("/logs/verify/more".to_owned(), "log".to_owned())]);
    }

    #[test]
    fn findings_are_told_and_none_is_called_sound() {
        let sound = Report { logs: 2, entries: 9, ..Report::default() };
        assert_eq!((told(&sound).ending, told(&sound).title.id.as_str()), (Ending::Done, "logs-sound"));
        let unsound = Report { findings: vec!["gotong/x 3: the entry is missing".to_owned()], ..sound };
        let act = told(&unsound);
        assert_eq!((act.ending, act.title.id.as_str()), (Ending::Refused, "logs-unsound"));
        assert_eq!(
            act.lines.first().and_then(|line| line.reason.clone()),
            Some("gotong/x 3: the entry is missing".to_owned())
        );
    }
}
