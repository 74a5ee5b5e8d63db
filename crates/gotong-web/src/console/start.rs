//! The first steps of a node, as far as they are, for whoever may take them; and exercise data, loaded and removed with one press each. The list stands on the
//! first page while the node is young and its reader has not put it away, and always at an address of its own.
//!
//! How far the steps are is worked out in `gotong_app::start`. Read next: `console/now.rs`.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::act::{Act, Ending, Line, Told};
use gotong_app::exercise;
use gotong_app::role::Right;
use gotong_app::start::{self, Start};
use gotong_app::view::ViewFault;
use gotong_language::Arg;
use serde::Deserialize;

use super::form::Sent;
use super::outcome::tell;
use super::person::Person;
use super::shell::Shell;
use super::show;
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::Problem;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/start", get(page))
        .route("/start/load", post(load))
        .route("/start/remove", post(remove))
        .route("/start/away", post(away))
}

#[derive(Template)]
#[template(path = "console/start.html")]
struct StartPage {
    shell: Shell,
    steps: Steps,
    /// Whether the list is put away from the first page.
    is_away: bool,
}

/// The list, as much of it as this person may take.
pub(super) struct Steps {
    pub(super) rows: Vec<Step>,
    pub(super) exercise: Option<Exercise>,
}

/// One step.
pub(super) struct Step {
    pub(super) path: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    /// What to type on the node's machine, where no page does it.
    pub(super) command: Option<&'static str>,
    pub(super) is_done: bool,
}

/// Exercise data, and what this person may do about them.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that the page shows")]
pub(super) struct Exercise {
    pub(super) about: String,
    /// Where they are shown, where there are any.
    pub(super) path: Option<String>,
    pub(super) may_load: bool,
    pub(super) may_remove: bool,
    pub(super) is_loaded: bool,
    /// Whether there is a channel for them.
    pub(super) has_channel: bool,
}

impl Steps {
    /// Whether there is nothing on it for this person.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.exercise.is_none()
    }
}

/// For the first page: the list while the node is young, and exercise data as long as there are any, so that whoever loaded them finds where to remove them.
pub(super) async fn on_now(web: &Web, person: &Person) -> Result<Option<Steps>, Problem> {
    let may_case = person.caller.may(Right::Publish) || person.caller.may(Right::Withdraw);
    if !person.caller.is_staff() || !(person.caller.may(Right::Operate) || may_case) {
        return Ok(None);
    }
    let is_wanted = !person.session.account.start_is_away;
    let asking = person.caller.clone();
    let is_young = web.run(move |node| Ok::<_, ViewFault>(is_wanted && start::is_young(node, &asking)?)).await?;
    if is_young && person.caller.may(Right::Operate) {
        let mut all = steps(web, person).await?;
        // How a node comes to a channel for exercises is told where somebody looks for it, and not every day.
        all.exercise = all.exercise.filter(|data| data.has_channel);
        return Ok(Some(all).filter(|steps| !steps.is_empty()));
    }
    let found = exercise_data(web, person).await?;
    let exercise = found.filter(|data| data.is_loaded || (is_young && data.has_channel));
    Ok(exercise.map(|data| Steps { rows: Vec::new(), exercise: Some(data) }))
}

async fn steps(web: &Web, person: &Person) -> Result<Steps, Problem> {
    let asking = person.caller.clone();
    let start = web.run(move |node| start::look(node, &asking)).await?;
    // What cannot be looked at counts as there: the step then asks once too often, and not once too few.
    let is_root_here = match &web.options.root_key {
        Some(path) => tokio::fs::try_exists(path).await.unwrap_or(true),
        None => false,
    };
    Ok(Steps { rows: rows(person, &start, is_root_here), exercise: exercise_data(web, person).await? })
}

/// The steps that this person may take.
fn rows(person: &Person, start: &Start, is_root_here: bool) -> Vec<Step> {
    const CHECK_ROOT: &str = "gotong doctor --data DIR --root COPY";
    const ASK_ROOT: &str = "gotong keys request --data DIR --out statement.txt";
    let (identity, command) = match (start.has_statement, is_root_here) {
        (false, _) => ("start-identity-statement", Some(ASK_ROOT)),
        (true, true) => ("start-identity-root", Some(CHECK_ROOT)),
        (true, false) => ("start-identity-done", None),
    };
    let is_alone = start.is_rehearsal && start.partners.is_empty();
    let partner = if is_alone { "start-partner-practice" } else { "start-partner-text" };
    let all = [
        (Right::Operate, "/charter", "start-identity", identity, command.is_none()),
        (Right::Tokens, "/users", "start-people", "start-people-text", start.people > 1),
        (Right::Sources, "/sources", "start-source", "start-source-text", start.sources > 0),
        (Right::Documents, "/agreements", "start-partner", partner, !start.partners.is_empty()),
        (Right::Publish, "/share", "start-share", "start-share-text", start.has_shared),
    ];
    all.into_iter()
        .filter(|(right, ..)| person.caller.may(*right))
        .map(|(right, path, title, text, is_done)| Step {
            path,
            title: person.words.t(title),
            text: person.words.t(text),
            command: command.filter(|_| right == Right::Operate),
            is_done,
        })
        .collect()
}

/// `None`: nothing of it is for this person.
async fn exercise_data(web: &Web, person: &Person) -> Result<Option<Exercise>, Problem> {
    let (may_publish, may_withdraw) = (person.caller.may(Right::Publish), person.caller.may(Right::Withdraw));
    if !may_publish && !may_withdraw {
        return Ok(None);
    }
    let asking = person.caller.clone();
    let state = web.run(move |node| exercise::state(node, &asking)).await?;
    let (words, is_loaded) = (person.words, state.loaded > 0);
    let about = match (&state.channel, is_loaded) {
        (None, _) => words.t("start-exercise-none"),
        (Some(_), false) => words.count("start-exercise-about", state.of),
        (Some(channel), true) => {
            words.with("start-exercise-loaded", &[("count", Arg::Count(state.loaded)), ("channel", Arg::Text(channel))])
        }
    };
    Ok(Some(Exercise {
        about,
        path: state.channel.as_deref().filter(|_| is_loaded).map(list_path),
        may_load: may_publish && state.channel.is_some() && state.loaded < state.of,
        may_remove: may_withdraw && is_loaded,
        is_loaded,
        has_channel: state.channel.is_some(),
    }))
}

/// Where the records of a channel are listed.
fn list_path(channel: &str) -> String {
    let channel: String = url::form_urlencoded::byte_serialize(channel.as_bytes()).collect();
    format!("/intelligence?channel={channel}")
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Oversee)?;
    let page = StartPage {
        steps: steps(&web, &person).await?,
        is_away: person.session.account.start_is_away,
        shell: Shell::of(&web, &person, "/"),
    };
    show(&page)
}

/// A form that says nothing but who sends it.
#[derive(Deserialize)]
struct Pressed {}

async fn load(State(web): State<Web>, Sent(person, Pressed {}): Sent<Pressed>) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Oversee)?;
    expect_right(&person.caller, Right::Publish)?;
    web.expect_writable()?;
    let asking = person.caller.clone();
    let act = match web.run(move |node| exercise::load(node, &asking)).await? {
        Err(_) => Act::new(Ending::Refused, Told::of("start-exercise-none")),
        Ok(loaded) => {
            let (ending, title) = match (loaded.new, loaded.refused) {
                (0, 0) => (Ending::Done, Told::of("start-load-known")),
                (0, _) => (Ending::Refused, Told::of("start-load-refused")),
                (new, 0) => (Ending::Done, Told::of("start-load-done").count("count", new)),
                (new, _) => (Ending::Partly, Told::of("start-load-done").count("count", new)),
            };
            let mut act = Act::new(ending, title);
            for why in loaded.why {
                let line = Line::of(Ending::Refused, &loaded.channel, Told::of("start-load-line-refused"));
                act = act.line(line.because(Some(why)));
            }
            act.then(list_path(&loaded.channel), Told::of("start-exercise-look"))
        }
    };
    tell(&web, &person.caller, act.then("/", Told::of("start-onward"))).await
}

async fn remove(State(web): State<Web>, Sent(person, Pressed {}): Sent<Pressed>) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Oversee)?;
    expect_right(&person.caller, Right::Withdraw)?;
    web.expect_writable()?;
    let asking = person.caller.clone();
    let removed = web.run(move |node| exercise::remove(node, &asking)).await?;
    web.upkeep.notify_one();
    let mut act = match removed.objects {
        0 => Act::new(Ending::Done, Told::of("start-remove-none")),
        objects => Act::new(Ending::Done, Told::of("start-remove-done").count("count", objects)),
    };
    for channel in removed.channels {
        let entries = usize::try_from(removed.entries).unwrap_or(usize::MAX);
        act = act.line(Line::of(Ending::Done, channel, Told::of("start-remove-line").count("count", entries)));
    }
    tell(&web, &person.caller, act.then("/", Told::of("start-onward"))).await
}

/// What the form of the list says.
#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    away: String,
}

async fn away(State(web): State<Web>, Sent(person, wish): Sent<Wish>) -> Result<Response, Problem> {
    expect_right(&person.caller, Right::Oversee)?;
    let is_away = wish.away != "no";
    let session = person.session.clone();
    web.run(move |node| start::put_away(node, &session, is_away)).await?;
    let told = if is_away { "start-away-done" } else { "start-back-done" };
    let act = Act::new(Ending::Done, Told::of(told)).then("/", Told::of("start-onward"));
    tell(&web, &person.caller, act.then("/start", Told::of("start-title"))).await
}
