//! What this node reads and feeds outside the region: sources here, targets, webhooks and warninglists on pages beside it.
//!
//! What may be set up is decided where the API decides it (`api/sources.rs`); credentials go in and never come out. Read next: `sources/targets.rs`.

mod targets;
mod warninglists;
mod webhooks;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::role::Right;
use gotong_app::source::{self, Counts, SourceView};
use gotong_app::{NodeFault, view};
use gotong_language::{Arg, Words};
use gotong_model::Slug;
use serde::Deserialize;

use super::form::Sent;
use super::operation::{expect_staff, health_of, number, when};
use super::outcome::tell;
use super::person::Person;
use super::shell::Shell;
use super::shown::When;
use super::tokens::{Nothing, sentences};
use super::{show, show_as};
use crate::api::Web;
use crate::api::sources::{self as api, CredentialsBody, NewSource};
use crate::problem::{Problem, table};

/// Notes of a run on the page; the API has all of them.
const NOTES: usize = 5;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/sources", get(page))
        .route("/sources/add", post(add))
        .route("/sources/{name}/{act}", post(change))
        .merge(targets::routes())
        .route("/webhooks", get(webhooks::page))
        .route("/warninglists", get(warninglists::page))
}

#[derive(Template)]
#[template(path = "console/sources.html")]
struct SourcesPage {
    shell: Shell,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    kinds: Vec<(&'static str, String)>,
    channels: Vec<String>,
    typed: Adding,
    wrong: Vec<String>,
}

/// One of the pages beside each other.
struct Tab {
    path: &'static str,
    text: String,
    is_here: bool,
}

struct Row {
    name: String,
    kind: String,
    url: String,
    channel: String,
    label: Option<String>,
    every: String,
    health: String,
    class: &'static str,
    last: String,
    last_at: Option<When>,
    notes: Vec<String>,
    next: Option<When>,
    is_running: bool,
    is_paused: bool,
}

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Adding {
    name: String,
    kind: String,
    url: String,
    channel: String,
    label: String,
    every_min: String,
    collection: String,
    user: String,
    password: String,
    token: String,
}

/// The pages that this person may open.
fn tabs(person: &Person, here: &str) -> Vec<Tab> {
    let all = [
        ("/sources", "sources-title", Right::Sources),
        ("/targets", "sources-targets-title", Right::Sources),
        ("/webhooks", "sources-webhooks-title", Right::Webhooks),
        ("/warninglists", "sources-warninglists-title", Right::Oversee),
    ];
    all.into_iter()
        .filter(|(_, _, right)| person.caller.may(*right))
        .map(|(path, id, _)| Tab { path, text: person.words.t(id), is_here: path == here })
        .collect()
}

/// What became of the objects of a run, in a line.
fn counted(words: Words, counts: &Counts) -> String {
    let Counts { new, known, updated, refused, quarantined, .. } = *counts;
    let all = [
        ("sources-new", new),
        ("sources-updated", updated),
        ("sources-known", known),
        ("sources-refused", refused),
        ("sources-quarantined", quarantined),
        ("sources-withdrawn", counts.withdrawn),
        ("sources-kept-out", counts.kept_out),
    ];
    let parts = all.into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(id, count)| format!("{} {}", words.t(id), number(words, count))).collect();
    if parts.is_empty() { words.t("sources-nothing-new") } else { parts.join(" · ") }
}

fn row(web: &Web, person: &Person, view: SourceView) -> Row {
    let words = person.words;
    let (health, class) = health_of(words, crate::source::health(&view, web.node.now()));
    let governance = web.node.governance();
    let channel = governance.channel(&view.source.channel);
    let next = view.state.next_try;
    let last = view.last.as_ref();
    Row {
        kind: words.t(&format!("sources-kind-{}", view.source.kind.as_str())),
        channel: channel.map_or_else(|| view.source.channel.to_string(), |channel| channel.handle()),
        label: view.source.label.map(|label| format!("TLP:{}", label.as_str().to_ascii_uppercase())),
        every: words.count("sources-every", usize::try_from(view.source.every_min).unwrap_or(usize::MAX)),
        last: last.map_or_else(|| words.t("sources-not-run"), |run| counted(words, &run.counts)),
        last_at: when(person, last.map(|run| run.ended)),
        notes: last.map(|run| run.notes.iter().take(NOTES).map(|note| note.text.clone()).collect()).unwrap_or_default(),
        next: when(person, (next > 0 && !view.source.paused).then_some(next)),
        is_running: web.sources.is_running(&view.source.name),
        is_paused: view.source.paused,
        name: view.source.name.to_string(),
        url: view.source.url,
        health,
        class,
    }
}

async fn sources(web: &Web, person: &Person, mut typed: Adding, wrong: Vec<String>) -> Result<SourcesPage, Problem> {
    let asking = person.caller.clone();
    let (views, channels) = web
        .run(move |node| {
            let mut views = source::list(node)?;
            views.retain(|view| api::is_open(node, &asking, &view.source));
            Ok::<_, NodeFault>((views, view::channels(node, &asking)?))
        })
        .await?;
    // Credentials go in and never come out, not even to who typed them.
    (typed.password, typed.token) = (String::new(), String::new());
    let kinds = ["http", "taxii", "misp-feed"];
    Ok(SourcesPage {
        tabs: tabs(person, "/sources"),
        rows: views.into_iter().map(|view| row(web, person, view)).collect(),
        kinds: kinds.into_iter().map(|kind| (kind, person.words.t(&format!("sources-kind-{kind}")))).collect(),
        channels: channels.into_iter().filter(|channel| channel.may_publish).map(|channel| channel.handle).collect(),
        typed,
        wrong,
        shell: Shell::of(web, person, "/sources"),
    })
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_staff(&person, Right::Sources)?;
    show(&sources(&web, &person, Adding::default(), Vec::new()).await?)
}

impl Adding {
    fn wish(self) -> NewSource {
        let said = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (user, password, token) =
            (said(self.user), Some(self.password).filter(|text| !text.is_empty()), said(self.token));
        let has_any = user.is_some() || password.is_some() || token.is_some();
        let credentials = CredentialsBody { user, password, token, header: None, value: None };
        NewSource {
            kind: self.kind,
            url: self.url.trim().to_owned(),
            channel: self.channel,
            label: said(self.label),
            format: None,
            mapping: None,
            collection: said(self.collection),
            every_min: self.every_min.trim().parse().ok(),
            jitter_min: None,
            bytes_max: None,
            time_max_s: None,
            withdraw_missing: false,
            paused: false,
            credentials: has_any.then_some(Some(credentials)),
        }
    }
}

/// Whether a pause between runs was typed that is none.
fn pause_fault(words: Words, typed: &str) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty() && typed.parse::<u32>().is_err()).then(|| words.t("sources-wrong-pause"))
}

async fn add(State(web): State<Web>, Sent(person, sent): Sent<Adding>) -> Result<Response, Problem> {
    expect_staff(&person, Right::Sources)?;
    let typed = sent.clone();
    let name = sent.name.trim().to_ascii_lowercase();
    let is_taken = match Slug::from_text(&name) {
        Some(slug) => web.run(move |node| source::lookup(node, &slug)).await?.is_some(),
        None => false,
    };
    let wrong = if is_taken {
        vec![person.words.t("sources-wrong-taken")]
    } else if let Some(fault) = pause_fault(person.words, &sent.every_min) {
        vec![fault]
    } else {
        match api::keep(&web, &person.caller, &name, sent.wish()).await {
            Ok(view) => {
                let told = Told::of("sources-added").text("name", view.source.name.as_str());
                let act = Act::new(Ending::Done, told).then("/sources", Told::of("sources-back"));
                return tell(&web, &person.caller, act).await;
            }
            Err(problem) if matches!(problem.kind().status, 409 | 422) => sentences(problem),
            Err(problem) => return Err(problem),
        }
    };
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &sources(&web, &person, typed, wrong).await?)
}

async fn change(
    State(web): State<Web>,
    Path((name, act)): Path<(String, String)>,
    Sent(person, Nothing {}): Sent<Nothing>,
) -> Result<Response, Problem> {
    expect_staff(&person, Right::Sources)?;
    let done = match act.as_str() {
        "run" => api::start_run(&web, &person.caller, &name).await.map(|_| ()),
        "pause" => api::set_paused(&web, &person.caller, &name, true).await.map(|_| ()),
        "resume" => api::set_paused(&web, &person.caller, &name, false).await.map(|_| ()),
        "remove" => api::take_away(&web, &person.caller, &name).await,
        _ => return Err(Problem::of(&table::NOT_FOUND)),
    };
    let told = Told::of(&format!("sources-done-{act}")).text("name", name);
    told_of(&web, &person, done, told, "/sources").await
}

/// The outcome of an act on a source or target: done, or refused with why; what is not there is no act.
async fn told_of(
    web: &Web,
    person: &Person,
    done: Result<(), Problem>,
    told: Told,
    back: &str,
) -> Result<Response, Problem> {
    let back_text = if back == "/sources" { "sources-back" } else { "sources-targets-back" };
    let act = match done {
        Ok(()) => Act::new(Ending::Done, told),
        Err(problem) if problem.kind().status == 409 => {
            Act::new(Ending::Refused, Told::of("sources-not-done").text("why", problem.text()))
        }
        Err(problem) => return Err(problem),
    };
    tell(web, &person.caller, act.then(back, Told::of(back_text))).await
}

/// A name of somebody's in a sentence.
fn named(words: Words, id: &str, name: &str) -> String {
    words.with(id, &[("name", Arg::Text(name))])
}
