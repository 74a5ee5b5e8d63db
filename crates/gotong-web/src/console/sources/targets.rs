//! Targets: collections of other people's servers to which this node pushes what some of its channels show. Shown with what was kept here and by which clause,
//! added, run, paused and removed as the API does it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::role::Right;
use gotong_app::target::{self, TargetView};
use gotong_app::{NodeFault, view};
use gotong_model::Slug;
use serde::Deserialize;

use super::{NOTES, Tab, pause_fault, tabs, told_of};
use crate::api::Web;
use crate::api::targets::{self as api, NewTarget, TargetCredentialsBody};
use crate::console::form::Sent;
use crate::console::operation::{expect_staff, health_of, number, when};
use crate::console::outcome::tell;
use crate::console::person::Person;
use crate::console::shell::Shell;
use crate::console::shown::When;
use crate::console::tokens::{Nothing, sentences};
use crate::console::{show, show_as};
use crate::problem::{Problem, table};

/// Clauses on the page that keep something here.
const HELD: usize = 10;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/targets", get(page))
        .route("/targets/add", post(add))
        .route("/targets/{name}/{act}", post(change))
}

#[derive(Template)]
#[template(path = "console/sources_targets.html")]
struct TargetsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    channels: Vec<String>,
    typed: Adding,
    wrong: Vec<String>,
}

struct Row {
    name: String,
    url: String,
    collection: Option<String>,
    channels: Vec<String>,
    label_max: String,
    every: String,
    health: String,
    class: &'static str,
    sent: String,
    failed: u64,
    failed_shown: String,
    above: u64,
    above_shown: String,
    held: Vec<(String, String, String)>,
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
    url: String,
    collection: String,
    channel: Vec<String>,
    label_max: String,
    every_min: String,
    user: String,
    password: String,
    token: String,
}

fn row(web: &Web, person: &Person, view: TargetView) -> Row {
    let words = person.words;
    let (health, class) = health_of(words, crate::target::health(&view, web.node.now()));
    let governance = web.node.governance();
    let handle = |id: &gotong_model::ChannelId| {
        governance.channel(id).map_or_else(|| id.to_string(), |channel| channel.handle())
    };
    let stopped = view.state.stopped.iter().map(|note| note.text.clone());
    let notes = view.last.iter().flat_map(|run| run.notes.iter().map(|note| note.text.clone()));
    let next = view.state.next_try;
    Row {
        channels: view.target.channels.iter().map(handle).collect(),
        label_max: format!("TLP:{}", view.target.label_max.as_str().to_ascii_uppercase()),
        every: words.count("sources-every", usize::try_from(view.target.every_min).unwrap_or(usize::MAX)),
        sent: number(words, view.state.sent),
        failed: view.state.failed_count,
        failed_shown: number(words, view.state.failed_count),
        above: view.state.above,
        above_shown: number(words, view.state.above),
        held: view
            .state
            .held
            .iter()
            .take(HELD)
            .map(|held| (held.clause.clone(), held.text.clone(), number(words, held.count)))
            .collect(),
        last_at: when(person, view.last.as_ref().map(|run| run.ended)),
        notes: stopped.chain(notes).take(NOTES).collect(),
        next: when(person, (next > 0 && !view.target.paused).then_some(next)),
        is_running: web.targets.is_running(&view.target.name),
        is_paused: view.target.paused,
        name: view.target.name.to_string(),
        url: view.target.url,
        collection: view.target.collection,
        health,
        class,
    }
}

async fn targets(web: &Web, person: &Person, mut typed: Adding, wrong: Vec<String>) -> Result<TargetsPage, Problem> {
    let asking = person.caller.clone();
    let (views, channels) = web
        .run(move |node| {
            let mut views = target::list(node)?;
            views.retain(|view| api::is_open(node, &asking, &view.target));
            Ok::<_, NodeFault>((views, view::channels(node, &asking)?))
        })
        .await?;
    // Credentials go in and never come out, not even to who typed them.
    (typed.password, typed.token) = (String::new(), String::new());
    Ok(TargetsPage {
        tabs: tabs(person, "/targets"),
        rows: views.into_iter().map(|view| row(web, person, view)).collect(),
        channels: channels.into_iter().filter(|channel| !channel.is_governance).map(|channel| channel.handle).collect(),
        typed,
        wrong,
        shell: Shell::of(web, person, "/sources"),
    })
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_staff(&person, Right::Sources)?;
    show(&targets(&web, &person, Adding::default(), Vec::new()).await?)
}

impl Adding {
    fn wish(self) -> NewTarget {
        let said = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (user, password, token) =
            (said(self.user), Some(self.password).filter(|text| !text.is_empty()), said(self.token));
        let has_any = user.is_some() || password.is_some() || token.is_some();
        let credentials = TargetCredentialsBody { user, password, token, header: None, value: None };
        NewTarget {
            url: self.url.trim().to_owned(),
            collection: said(self.collection),
            channels: self.channel,
            label_max: said(self.label_max),
            every_min: self.every_min.trim().parse().ok(),
            jitter_min: None,
            time_max_s: None,
            paused: false,
            credentials: has_any.then_some(Some(credentials)),
        }
    }
}

async fn add(State(web): State<Web>, Sent(person, sent): Sent<Adding>) -> Result<Response, Problem> {
    expect_staff(&person, Right::Sources)?;
    let typed = sent.clone();
    let name = sent.name.trim().to_ascii_lowercase();
    let is_taken = match Slug::from_text(&name) {
        Some(slug) => web.run(move |node| target::lookup(node, &slug)).await?.is_some(),
        None => false,
    };
    let wrong = if is_taken {
        vec![person.words.t("sources-wrong-taken")]
    } else if let Some(fault) = pause_fault(person.words, &sent.every_min) {
        vec![fault]
    } else {
        match api::keep(&web, &person.caller, &name, sent.wish()).await {
            Ok(view) => {
                let told = Told::of("sources-targets-added").text("name", view.target.name.as_str());
                let act = Act::new(Ending::Done, told).then("/targets", Told::of("sources-targets-back"));
                return tell(&web, &person.caller, act).await;
            }
            Err(problem) if matches!(problem.kind().status, 409 | 422) => sentences(problem),
            Err(problem) => return Err(problem),
        }
    };
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &targets(&web, &person, typed, wrong).await?)
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
    let told = Told::of(&format!("sources-targets-done-{act}")).text("name", name);
    told_of(&web, &person, done, told, "/targets").await
}
