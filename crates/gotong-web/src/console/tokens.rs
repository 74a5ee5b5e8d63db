//! Tokens of programs: which there are, making one, ending one. A secret is shown once (`once.rs`).
//!
//! What may be made is decided where the API decides it (`api/tokens.rs`): nobody makes a token that may do more than its maker.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::account::manage::may_give;
use gotong_app::act::{Act, Ending, Told};
use gotong_app::role::{ROLES, Right};
use gotong_app::token::{self, TokenView};
use gotong_app::view;
use gotong_app::{NodeFault, organisation};
use serde::Deserialize;

use super::form::Sent;
use super::once::{self, Secret};
use super::operation::expect_staff;
use super::outcome::tell;
use super::person::Person;
use super::shell::Shell;
use super::shown::When;
use super::{show, show_as};
use crate::api::Web;
use crate::api::tokens::{NewTokenBody, made, prepared};
use crate::problem::{Problem, table};

/// Organisations to choose from on the page; the API takes any.
const ORGANISATIONS_SHOWN: usize = 1_000;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/tokens", get(page)).route("/tokens/make", post(make)).route("/tokens/{id}/end", post(end))
}

#[derive(Template)]
#[template(path = "console/tokens.html")]
struct TokensPage {
    shell: Shell,
    rows: Vec<Row>,
    roles: Vec<(&'static str, String)>,
    organisations: Vec<(String, String)>,
    channels: Vec<String>,
    typed: Making,
    /// What could not stand, in English.
    wrong: Vec<String>,
}

struct Row {
    id: String,
    name: String,
    role: String,
    whose: Option<String>,
    channels: Vec<String>,
    created: When,
    expires: Option<When>,
    is_over: bool,
}

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Making {
    name: String,
    role: String,
    constituent: String,
    channel: Vec<String>,
    /// A day; the token counts until its beginning in UTC.
    expires: String,
}

/// A form that only asks.
#[derive(Deserialize)]
pub(super) struct Nothing {}

async fn tokens(web: &Web, person: &Person, typed: Making, wrong: Vec<String>) -> Result<TokensPage, Problem> {
    let asking = person.caller.clone();
    let (tokens, organisations, channels) = web
        .run(move |node| {
            let organisations = organisation::list(node, None, ORGANISATIONS_SHOWN)?;
            Ok::<_, NodeFault>((token::list(node)?, organisations, view::channels(node, &asking)?))
        })
        .await?;
    let words = person.words;
    let governance = web.node.governance();
    let row = |view: TokenView| Row {
        name: view.token.name,
        role: words.t(&format!("shell-role-{}", view.token.role.as_str())),
        whose: view.token.constituent.map(|code| code.to_string()).or(view.token.organisation),
        channels: view
            .token
            .channels
            .iter()
            .flatten()
            .map(|id| governance.channel(id).map_or_else(|| id.to_string(), |channel| channel.handle()))
            .collect(),
        created: When::at(&person.moments, view.created_at),
        is_over: view.token.expires.is_some_and(|at| at <= web.node.now()),
        expires: view.token.expires.map(|at| When::at(&person.moments, at)),
        id: view.id,
    };
    let roles = ROLES.into_iter().filter(|role| may_give(&person.caller, *role));
    let served = organisations.into_iter().filter(|row| row.ended.is_none());
    Ok(TokensPage {
        rows: tokens.into_iter().rev().map(row).collect(),
        roles: roles.map(|role| (role.as_str(), words.t(&format!("shell-role-{}", role.as_str())))).collect(),
        organisations: served.map(|row| (row.organisation.code.to_string(), row.organisation.name)).collect(),
        channels: channels.into_iter().filter(|channel| !channel.is_governance).map(|channel| channel.handle).collect(),
        typed,
        wrong,
        shell: Shell::of(web, person, "/tokens"),
    })
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_staff(&person, Right::Tokens)?;
    show(&tokens(&web, &person, Making::default(), Vec::new()).await?)
}

impl Making {
    fn body(self) -> NewTokenBody {
        let said = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        NewTokenBody {
            name: self.name.trim().to_owned(),
            organisation: None,
            constituent: said(self.constituent),
            channels: Some(self.channel).filter(|channels| !channels.is_empty()),
            role: said(self.role),
            // A time as a whole is taken as it stands.
            expires: said(self.expires).map(|day| if day.contains('T') { day } else { format!("{day}T00:00:00Z") }),
        }
    }
}

/// What is wrong, in the sentences of the API: each with its field and the clause that decides.
pub(super) fn sentences(problem: Problem) -> Vec<String> {
    let document = problem.document();
    let fields = document.errors.into_iter().map(|reason| {
        let field = reason.pointer.map_or_else(String::new, |pointer| format!("{}: ", pointer.trim_start_matches('/')));
        let clause = reason.clause.map_or_else(String::new, |clause| format!(" ({clause})"));
        format!("{field}{}{clause}", reason.text)
    });
    let mut all: Vec<String> = fields.collect();
    if all.is_empty() {
        all.push(document.detail.unwrap_or_else(|| document.title.to_owned()));
    }
    all
}

async fn make(State(web): State<Web>, Sent(person, sent): Sent<Making>) -> Result<Response, Problem> {
    expect_staff(&person, Right::Tokens)?;
    let typed = sent.clone();
    let new = match prepared(&web, &person.caller, sent.body()).await {
        Ok(new) => new,
        Err(problem) if problem.kind().status == 422 => {
            let page = tokens(&web, &person, typed, sentences(problem)).await?;
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Err(problem) => return Err(problem),
    };
    let name = new.name.clone();
    let (_, secret) = made(&web, &person.caller, new).await?;
    Ok(once::told(&web, &person, Secret::Token { name, secret, is_own: false }))
}

async fn end(
    State(web): State<Web>,
    Path(id): Path<String>,
    Sent(person, Nothing {}): Sent<Nothing>,
) -> Result<Response, Problem> {
    expect_staff(&person, Right::Tokens)?;
    let caller = person.caller.clone();
    let name = web
        .run(move |node| {
            let found = token::list(node)?.into_iter().find(|view| view.id == id);
            let Some(found) = found else { return Ok(None) };
            Ok::<_, NodeFault>(token::revoke(node, &caller, &id)?.then_some(found.token.name))
        })
        .await?;
    let name = name.ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let act = Act::new(Ending::Done, Told::of("tokens-ended").text("name", name));
    tell(&web, &person.caller, act.then("/tokens", Told::of("tokens-back"))).await
}
