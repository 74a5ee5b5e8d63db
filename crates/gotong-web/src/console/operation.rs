//! How the node is: every check with what to do, the members and why one is not reached, what is stored, what feeds and follows, which duties are late.
//!
//! The checks are `gotong_app::health`'s, the same as `gotong doctor`'s; the rest is what the API tells of the same things to the same person.
//! Read next: `operation/why.rs` (why something has not reached a member).

mod why;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use gotong_app::act::Told;
use gotong_app::duty::{self, DutyQuery, DutyState};
use gotong_app::health::{self, Finding, Verdict};
use gotong_app::role::Right;
use gotong_app::source::Health;
use gotong_app::status::NodeStatus;
use gotong_app::view::ViewFault;
use gotong_app::{NodeFault, source, status, subscription, target};
use gotong_language::{Arg, Words};
use gotong_model::Timestamp;

use super::outcome::say;
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::{When, object_path};
use crate::api::operation::PeerBody;
use crate::api::who::expect_right;
use crate::api::{Web, sources, targets};
use crate::federation::LinkState;
use crate::problem::{Problem, table};

/// Late duties on the page; all of them are among the duties.
const DUTIES: usize = 50;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/operation", get(page)).route("/operation/why", get(why::page))
}

#[derive(Template)]
#[template(path = "console/operation.html")]
struct OperationPage {
    shell: Shell,
    class: &'static str,
    verdict: String,
    troubles: Vec<Check>,
    well: Vec<String>,
    stored: Vec<(String, String)>,
    peers: Vec<Peer>,
    /// For the form that asks why.
    members: Vec<(String, String)>,
    feeds: Vec<Feed>,
    shows_feeds: bool,
    duties: Vec<Late>,
    may_see_logs: bool,
}

/// A check that did not come to good.
struct Check {
    class: &'static str,
    word: String,
    text: String,
    next: String,
    command: Option<&'static str>,
    path: Option<&'static str>,
}

/// A member, and how the link to it is.
struct Peer {
    code: String,
    name: String,
    state: String,
    class: &'static str,
    since: Option<When>,
    contact: Option<When>,
    fault: Option<(When, String)>,
    address: Option<String>,
    channels: String,
}

/// A source, a target or a webhook.
struct Feed {
    kind: String,
    name: String,
    path: &'static str,
    health: String,
    class: &'static str,
    good: Option<When>,
    next: Option<When>,
    note: Option<String>,
}

struct Late {
    path: String,
    name: String,
    text: String,
    clause: String,
    due: When,
}

/// What concerns the member as a whole is for its staff.
pub(super) fn expect_staff(person: &Person, right: Right) -> Result<(), Problem> {
    expect_right(&person.caller, right)?;
    if person.caller.is_staff() { Ok(()) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_staff(&person, Right::Oversee)?;
    let peers = web.peers(&person.caller).await?;
    let late = DutyQuery { state: Some(DutyState::Overdue), limit: DUTIES, ..DutyQuery::default() };
    let asking = person.caller.clone();
    let (findings, status, duties) = web
        .run(move |node| {
            // INVARIANT: 1. Checks name agreements, and so are not for callers of single channels.
            let findings = if asking.channels.is_none() { health::node(node) } else { Vec::new() };
            Ok::<_, ViewFault>((findings, status::node(node)?, duty::list(node, &asking, &late)?.duties))
        })
        .await?;
    let feeds = feeds(&web, &person).await?;
    let (mut troubles, well) = checks(person.words, findings);
    troubles.extend(around(person.words, &peers, &feeds));
    let wrong = troubles.iter().filter(|check| check.class == "bad").count();
    let (class, verdict) = match (wrong, troubles.len()) {
        (0, 0) => ("done", person.words.t("operation-all-well")),
        (0, mind) => ("waits", person.words.count("operation-some-mind", mind)),
        (wrong, _) => ("refused", person.words.count("operation-some-wrong", wrong)),
    };
    let late = duties.into_iter().map(|duty| Late {
        path: object_path(&duty.object),
        text: duty.text(),
        name: duty.name.clone().unwrap_or_else(|| duty.object.clone()),
        clause: format!("{} {}", duty.clause.0, duty.clause.1),
        due: When::at(&person.moments, duty.due),
    });
    show(&OperationPage {
        class,
        verdict,
        troubles,
        well,
        stored: if person.caller.may(Right::Operate) { stored(person.words, &status) } else { Vec::new() },
        members: peers.iter().map(|peer| (peer.member.clone(), peer.name.clone())).collect(),
        peers: peers.into_iter().map(|body| peer(&person, body)).collect(),
        shows_feeds: person.caller.may(Right::Sources) || person.caller.may(Right::Webhooks),
        feeds,
        duties: late.collect(),
        may_see_logs: person.caller.may(Right::Audit),
        shell: Shell::of(&web, &person, "/operation"),
    })
}

/// The checks in the words of the page: what is to be looked at, the worst first, and what is well.
fn checks(words: Words, findings: Vec<Finding>) -> (Vec<Check>, Vec<String>) {
    let (mut troubles, mut well) = (Vec::new(), Vec::new());
    for finding in findings {
        let text =
            say(words, &Told { id: format!("operation-check-{}", finding.said.id), with: finding.said.with.clone() });
        let class = match finding.verdict {
            Verdict::Good => {
                well.push(text);
                continue;
            }
            Verdict::Mind => "warn",
            Verdict::Wrong => "bad",
        };
        troubles.push(Check {
            class,
            word: words.t(&format!("operation-word-{class}")),
            text,
            next: words.t(&format!("operation-next-{}", finding.said.id)),
            command: finding.command,
            path: None,
        });
    }
    troubles.sort_by_key(|check| check.class != "bad");
    (troubles, well)
}

/// What only the running edge knows: members that are not reached, feeds that do not run.
fn around(words: Words, peers: &[PeerBody], feeds: &[Feed]) -> Vec<Check> {
    let unreachable: Vec<&str> =
        peers.iter().filter(|peer| peer.state == LinkState::Unreachable).map(|peer| peer.name.as_str()).collect();
    let failing: Vec<&str> = feeds.iter().filter(|feed| feed.class == "bad").map(|feed| feed.name.as_str()).collect();
    let check = |id: &str, names: &[&str], path| Check {
        class: "warn",
        word: words.t("operation-word-warn"),
        text: words.with(
            &format!("operation-check-{id}"),
            &[("count", Arg::Count(names.len())), ("names", Arg::Text(&names.join(", ")))],
        ),
        next: words.t(&format!("operation-next-{id}")),
        command: None,
        path: Some(path),
    };
    let mut found = Vec::new();
    if !unreachable.is_empty() {
        found.push(check("members-unreachable", &unreachable, "#members"));
    }
    if !failing.is_empty() {
        found.push(check("feeds-failing", &failing, "#feeds"));
    }
    found
}

/// A count as the language writes it.
pub(super) fn number(words: Words, count: u64) -> String {
    words.number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Bytes, in the largest unit that leaves a whole number of three digits or fewer.
fn bytes(words: Words, bytes: u64) -> String {
    let (mut size, mut unit) = (bytes, "B");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if size < 1_024 {
            break;
        }
        (size, unit) = (size >> 10, larger);
    }
    format!("{} {unit}", number(words, size))
}

fn stored(words: Words, status: &NodeStatus) -> Vec<(String, String)> {
    let counts = status.counts;
    let mut rows = vec![(words.t("operation-stored-bytes"), bytes(words, status.store_bytes))];
    let waiting = status.head.saturating_sub(status.released);
    for (id, count) in [
        ("operation-stored-logs", counts.logs),
        ("operation-stored-entries", counts.entries()),
        ("operation-stored-live", counts.live),
        ("operation-stored-erased", counts.erased),
        ("operation-stored-withheld", counts.withheld),
        ("operation-stored-held", counts.held),
        ("operation-stored-faulty", counts.faulty),
        ("operation-stored-quarantined", counts.quarantined),
        ("operation-stored-unsigned", waiting),
        ("operation-stored-lag", status.projection_lag),
    ] {
        rows.push((words.t(id), number(words, count)));
    }
    rows
}

/// The words and the colour of a link.
pub(super) fn link(words: Words, state: LinkState) -> (String, &'static str) {
    let (id, class) = match state {
        LinkState::Connected => ("now-connected", "good"),
        LinkState::Dialling => ("now-dialling", "calm"),
        LinkState::Idle => ("now-idle", "calm"),
        LinkState::Unreachable => ("now-unreachable", "bad"),
    };
    (words.t(id), class)
}

fn peer(person: &Person, body: PeerBody) -> Peer {
    let at = |text: Option<&str>| text.and_then(Timestamp::parse).map(|at| When::at(&person.moments, at));
    let (state, class) = link(person.words, body.state);
    let status = body.link.as_ref();
    // A fault that a later answer made good is no news.
    let fault = status.and_then(|link| link.last_fault.as_ref()).filter(|_| body.state != LinkState::Connected);
    Peer {
        since: at(status.map(|link| link.since.as_str())),
        contact: at(body.last_contact.as_deref()),
        fault: fault.and_then(|fault| Some((at(Some(&fault.at))?, fault.text.clone()))),
        address: status.and_then(|link| link.address.clone()),
        channels: body.channels.join(", "),
        code: body.member,
        name: body.name,
        state,
        class,
    }
}

/// The words and the colour of a feed's health.
pub(super) fn health_of(words: Words, health: Health) -> (String, &'static str) {
    let class = match health {
        Health::Fresh => "good",
        Health::Paused | Health::Waiting => "calm",
        Health::Wanting | Health::Stale => "warn",
        Health::Failing => "bad",
    };
    (words.t(&format!("sources-health-{}", health.as_str())), class)
}

/// An instant of the store, where there is one.
pub(super) fn when(person: &Person, micros: Option<i64>) -> Option<When> {
    micros.and_then(Timestamp::from_micros).map(|at| When::at(&person.moments, at))
}

async fn feeds(web: &Web, person: &Person) -> Result<Vec<Feed>, Problem> {
    let asking = person.caller.clone();
    let (sources, targets, hooks) = web
        .run(move |node| {
            let (mut sources, mut targets, mut hooks) = (Vec::new(), Vec::new(), Vec::new());
            if asking.may(Right::Sources) {
                sources = source::list(node)?;
                sources.retain(|view| sources::is_open(node, &asking, &view.source));
                targets = target::list(node)?;
                targets.retain(|view| targets::is_open(node, &asking, &view.target));
            }
            if asking.may(Right::Webhooks) {
                hooks = subscription::webhooks(node, &asking)?;
            }
            Ok::<_, NodeFault>((sources, targets, hooks))
        })
        .await?;
    let (words, now) = (person.words, web.node.now());
    let due = |next: i64, paused: bool| when(person, (next > 0 && !paused).then_some(next));
    let mut rows = Vec::new();
    for view in sources {
        let (health, class) = health_of(words, crate::source::health(&view, now));
        let note = view.last.as_ref().and_then(|run| run.notes.first()).map(|note| note.text.clone());
        rows.push(Feed {
            kind: words.t("operation-kind-source"),
            path: "/sources",
            health,
            class,
            good: when(person, view.state.last_good),
            next: due(view.state.next_try, view.source.paused),
            note: note.filter(|_| class == "bad" || class == "warn"),
            name: view.source.name.to_string(),
        });
    }
    for view in targets {
        let (health, class) = health_of(words, crate::target::health(&view, now));
        let note = view.state.stopped.as_ref().or_else(|| view.last.as_ref().and_then(|run| run.notes.first()));
        rows.push(Feed {
            kind: words.t("operation-kind-target"),
            path: "/targets",
            note: note.map(|note| note.text.clone()).filter(|_| class == "bad" || class == "warn"),
            health,
            class,
            good: when(person, view.state.last_good),
            next: due(view.state.next_try, view.target.paused),
            name: view.target.name.to_string(),
        });
    }
    for view in hooks {
        let standing = &view.standing;
        let is_own = standing.paused.as_ref().is_some_and(|note| note.id == "webhook.paused");
        let health = match (&standing.paused, standing.failures) {
            (Some(_), _) if is_own => Health::Paused,
            (None, 0) if standing.last_good.is_none() => Health::Waiting,
            (None, 0) => Health::Fresh,
            _ => Health::Failing,
        };
        let (health, class) = health_of(words, health);
        rows.push(Feed {
            kind: words.t("operation-kind-webhook"),
            path: "/webhooks",
            health,
            class,
            good: when(person, standing.last_good),
            next: due(standing.next_try, standing.paused.is_some()),
            note: standing
                .paused
                .as_ref()
                .or(standing.last_fault.as_ref())
                .map(|note| note.text.clone())
                .filter(|_| class == "bad"),
            name: view.plan.name.to_string(),
        });
    }
    Ok(rows)
}
