//! What waits for a person's decision before it enters a log: why, what it says, and releasing or dropping one or many, with an outcome for each.
//!
//! Seeing needs the right to publish, deciding that to release; who decides what of it is visible is `gotong_app::quarantine`. An outcome names numbers and
//! channels and never what stood in a record. Read next: `api/quarantine.rs`, the same for programs.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gotong_app::act::{Act, Ending, LINES_MAX, Line, Told};
use gotong_app::caller::Caller;
use gotong_app::publish::{Fate, Why};
use gotong_app::quarantine::{self, QuarantineView};
use gotong_app::role::Right;
use gotong_app::{Node, NodeFault};
use serde::Deserialize;

use super::channels::channel_path;
use super::form::Sent;
use super::outcome::tell;
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::{Because, Label, When};
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::{Problem, table};

/// Rows of a page, and so the most that one act decides on.
const ROWS: usize = 50;
/// What cursors of this page are sealed for: numbers count what others sent, too.
const PURPOSE: &str = "waiting";

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/waiting", get(page).post(decide)).route("/waiting/{number}", get(one_page))
}

#[derive(Template)]
#[template(path = "console/waiting.html")]
struct WaitingPage {
    shell: Shell,
    rows: Vec<Row>,
    count: usize,
    may_decide: bool,
    is_further: bool,
    next: Option<String>,
}

struct Row {
    number: u64,
    path: String,
    id: String,
    channel: String,
    channel_path: String,
    label: Label,
    at: When,
    why: Vec<(Because, Option<String>)>,
}

#[derive(Template)]
#[template(path = "console/waiting_one.html")]
struct OnePage {
    shell: Shell,
    row: Row,
    may_decide: bool,
    facts: Vec<(String, String)>,
    json: String,
}

/// INVARIANT: 1. Whoever is served sees nothing of what waits, whatever role was written beside it.
fn expect_publisher(person: &Person) -> Result<(), Problem> {
    if !person.caller.is_staff() {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    expect_right(&person.caller, Right::Publish)
}

fn row(person: &Person, view: QuarantineView) -> Row {
    Row {
        number: view.number,
        path: format!("/waiting/{}", view.number),
        label: Label::of(view.label),
        at: When::at(&person.moments, view.at),
        why: view.why.into_iter().map(|why| (Because::refused(person.words, &why.id, why.text), why.clause)).collect(),
        channel_path: channel_path(&view.channel_handle),
        channel: view.channel_handle,
        id: view.id,
    }
}

#[derive(Deserialize, Default)]
struct From {
    after: Option<String>,
}

async fn page(State(web): State<Web>, person: Person, Query(from): Query<From>) -> Result<Response, Response> {
    list(&web, &person, from).await.map_err(IntoResponse::into_response)
}

async fn list(web: &Web, person: &Person, from: From) -> Result<Response, Problem> {
    expect_publisher(person)?;
    let key = web.node.positions_of(&person.caller.id);
    // A cursor that is not ours begins at the beginning: the address came from elsewhere.
    let after = from.after.and_then(|cursor| key.open(PURPOSE, &cursor)).and_then(|number| u64::try_from(number).ok());
    let asking = person.caller.clone();
    let found = web.run(move |node| quarantine::list(node, &asking, after, ROWS)).await?;
    let next = found.next.map(|number| {
        let sealed = key.seal(PURPOSE, u128::from(number), web.node.entropy());
        let cursor: String = url::form_urlencoded::byte_serialize(sealed.as_bytes()).collect();
        format!("/waiting?after={cursor}")
    });
    let rows: Vec<Row> = found.rows.into_iter().map(|view| row(person, view)).collect();
    show(&WaitingPage {
        count: rows.len(),
        rows,
        may_decide: person.caller.may(Right::Release),
        is_further: after.is_some(),
        next,
        shell: Shell::of(web, person, "/waiting"),
    })
}

async fn one_page(State(web): State<Web>, person: Person, Path(number): Path<u64>) -> Result<Response, Response> {
    one(&web, &person, number).await.map_err(IntoResponse::into_response)
}

async fn one(web: &Web, person: &Person, number: u64) -> Result<Response, Problem> {
    expect_publisher(person)?;
    let asking = person.caller.clone();
    let view = web.find(move |node| quarantine::show(node, &asking, number)).await?;
    let words = person.words;
    let mut facts = vec![(words.t("object-id"), view.id.clone())];
    let mut add = |id: &str, value: Option<String>| facts.extend(value.map(|value| (words.t(id), value)));
    add("waiting-sender", Some(view.caller.clone()));
    add("object-organisation", view.organisation.clone());
    add("object-purpose", view.purpose.clone());
    add("object-pap", view.pap.map(|pap| format!("PAP:{}", pap.as_str().to_ascii_uppercase())));
    let personal = view.personal_data.map(|personal| words.t(&format!("object-personal-{}", personal.as_str())));
    add("object-personal", personal);
    // What is no JSON is shown as it came; the template escapes either.
    let json = serde_json::from_slice::<serde_json::Value>(&view.body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| String::from_utf8_lossy(&view.body).into_owned());
    show(&OnePage {
        row: row(person, view),
        may_decide: person.caller.may(Right::Release),
        facts,
        json,
        shell: Shell::of(web, person, "/waiting"),
    })
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Decision {
    act: String,
    number: Vec<u64>,
    /// Everything that the page showed, where `all` is ticked.
    shown: Vec<u64>,
    all: String,
}

async fn decide(State(web): State<Web>, Sent(person, sent): Sent<Decision>) -> Result<Response, Response> {
    decided(&web, &person, sent).await.map_err(IntoResponse::into_response)
}

async fn decided(web: &Web, person: &Person, sent: Decision) -> Result<Response, Problem> {
    expect_publisher(person)?;
    expect_right(&person.caller, Right::Release)?;
    let is_release = match sent.act.as_str() {
        "release" => true,
        "drop" => false,
        _ => return Err(Problem::of(&table::BAD_PARAMETER).saying("act is release or drop")),
    };
    web.expect_writable()?;
    let mut chosen = if sent.all == "yes" { sent.shown } else { sent.number };
    chosen.sort_unstable();
    chosen.dedup();
    if chosen.is_empty() {
        let act = Act::new(Ending::Refused, Told::of("waiting-nothing-chosen"));
        return tell(web, &person.caller, act.then("/waiting", Told::of("waiting-choose"))).await;
    }
    if chosen.len() > LINES_MAX {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("so many cannot be decided at once: choose fewer"));
    }
    let asking = person.caller.clone();
    let lines = web.run(move |node| settle(node, &asking, &chosen, is_release)).await?;
    // What was dropped must go from the store's files like what was withdrawn.
    web.upkeep.notify_one();
    let done = lines.iter().filter(|line| line.ending == Ending::Done).count();
    let ending = match done {
        0 => Ending::Refused,
        all if all == lines.len() => Ending::Done,
        _ => Ending::Partly,
    };
    let title = if is_release { "waiting-released" } else { "waiting-dropped" };
    let mut act = Act::new(ending, Told::of(title).count("count", done));
    act.lines = lines;
    let act = act.then("/waiting", Told::of("waiting-onward"));
    tell(web, &person.caller, act).await
}

/// Decides one by one: what stands in the way of one does not stop the others.
fn settle(node: &Node, caller: &Caller, chosen: &[u64], is_release: bool) -> Result<Vec<Line>, NodeFault> {
    let mut lines = Vec::new();
    for number in chosen {
        let seen = quarantine::show(node, caller, *number)?;
        let channel = seen.as_ref().map(|seen| seen.channel_handle.as_str()).unwrap_or_default();
        let about = format!("{number} {channel}").trim_end().to_owned();
        let (ending, told, why) = if is_release {
            released(quarantine::release(node, caller, *number)?.map(|outcome| outcome.fate))
        } else if quarantine::drop(node, caller, *number)? {
            (Ending::Done, "waiting-line-dropped", None)
        } else {
            (Ending::Refused, "waiting-line-gone", None)
        };
        // INVARIANT (see `act.rs`): a reason may quote a value, so only what a clause says is kept; the rest stands on the page of what waits.
        let why = why.filter(|why: &Why| why.clause.is_some());
        let is_still_there = ending != Ending::Done && told != "waiting-line-gone";
        let path = is_still_there.then(|| format!("/waiting/{number}"));
        lines.push(Line::of(ending, about, Told::of(told)).at(path).because(why));
    }
    Ok(lines)
}

/// What came of a release.
fn released(fate: Option<Fate>) -> (Ending, &'static str, Option<Why>) {
    match fate {
        None => (Ending::Refused, "waiting-line-gone", None),
        Some(Fate::New(_) | Fate::Updated(_)) => (Ending::Done, "waiting-line-released", None),
        Some(Fate::Known(_)) => (Ending::Done, "waiting-line-known", None),
        Some(Fate::Refused(why)) => (Ending::Refused, "waiting-line-refused", why.into_iter().next()),
        Some(Fate::Quarantined(_, why)) => (Ending::Waits, "waiting-line-waits", why.into_iter().next()),
    }
}
