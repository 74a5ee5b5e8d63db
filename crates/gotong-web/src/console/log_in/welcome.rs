//! The page behind a one-time link: a name where it is open, a password, and in. Looking at the page uses nothing up, so that a mail scanner that follows
//! links cannot spoil one.

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use gotong_app::account::link::{self, LinkView, Opened, Purpose, Wish};
use gotong_app::account::password::CHARS_MIN;
use gotong_app::publish::Why;
use gotong_language::Arg;
use serde::Deserialize;

use super::{Way, admitted, cookie, demands, end_old, form, frame, visitor};
use crate::api::Web;
use crate::console::person::Visitor;
use crate::console::shell::Shell;
use crate::console::{show, show_as};
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "console/log_in_welcome.html")]
struct WelcomePage {
    shell: Shell,
    title: String,
    about: String,
    key: String,
    /// The name, where it is settled.
    settled: Option<String>,
    name: String,
    full_name: String,
    asks_full_name: bool,
    hint: String,
    wrong_name: Option<String>,
    wrong_full_name: Option<String>,
    wrong_password: Option<String>,
}

#[derive(Template)]
#[template(path = "console/log_in_gone.html")]
struct GonePage {
    shell: Shell,
}

#[derive(Default, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    key: String,
}

fn gone(web: &Web, visitor: &Visitor) -> Result<Response, Problem> {
    show_as(StatusCode::GONE, &GonePage { shell: frame(web, visitor) })
}

fn welcome(web: &Web, visitor: &Visitor, key: &str, view: &LinkView, wish: &Wish, whys: &[Why]) -> WelcomePage {
    let words = visitor.words;
    let role = words.t(&format!("shell-role-{}", view.role.as_str()));
    let args = [("role", Arg::Plain(&role)), ("member", Arg::Text(&web.node.name))];
    let (title, about) = match view.purpose {
        Purpose::First => ("log-in-welcome-first", "log-in-welcome-first-about"),
        Purpose::Invite => ("log-in-welcome-invite", "log-in-welcome-invite-about"),
        Purpose::Reset => ("log-in-welcome-reset", "log-in-welcome-reset-about"),
    };
    // A refusal is said in the words of the page where they have it, else in English.
    let at = |field: &str| {
        let why = whys.iter().find(|why| why.pointer.as_deref() == Some(field))?;
        let id = format!("log-in-refused-{}", why.id.replace('.', "-"));
        let is_told = words.t(&id) != id;
        let count = [("count", Arg::Count(CHARS_MIN))];
        Some(if is_told { words.with(&id, &count) } else { why.text.clone() })
    };
    WelcomePage {
        shell: frame(web, visitor),
        title: words.with(title, &args),
        about: words.with(about, &args),
        key: key.to_owned(),
        settled: view.name.as_ref().map(ToString::to_string),
        name: if wish.name.is_empty() { offered(web, view) } else { wish.name.clone() },
        full_name: if wish.full_name.is_empty() { view.full_name.clone() } else { wish.full_name.clone() },
        asks_full_name: view.purpose != Purpose::Reset,
        hint: words.count("log-in-password-hint", CHARS_MIN),
        wrong_name: at("/name"),
        wrong_full_name: at("/full_name"),
        wrong_password: at("/password"),
    }
}

/// A name to begin with: at a practice node, where nobody answers for what is done. A real node's audit names people, so they choose.
fn offered(web: &Web, view: &LinkView) -> String {
    let is_practice = web.node.governance().charters.first().is_some_and(gotong_model::charter::Charter::is_rehearsal);
    if view.purpose == Purpose::First && is_practice { "admin".to_owned() } else { String::new() }
}

pub(super) async fn page(
    State(web): State<Web>,
    visitor: Visitor,
    Query(Key { key }): Query<Key>,
) -> Result<Response, Problem> {
    let asked = key.clone();
    match web.run(move |node| link::look(node, &asked)).await? {
        Some(view) => show(&welcome(&web, &visitor, &key, &view, &Wish::default(), &[])),
        None => gone(&web, &visitor),
    }
}

#[derive(Deserialize)]
struct Opening {
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    full_name: String,
    password: String,
}

pub(super) async fn open(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Opening) = form(request).await?;
    let visitor = visitor(&web, &mut parts).await;
    opening(&web, &parts, &visitor, sent).await.map_err(IntoResponse::into_response)
}

async fn opening(web: &Web, parts: &Parts, visitor: &Visitor, sent: Opening) -> Result<Response, Problem> {
    let key = sent.key.clone();
    let Some(view) = web.run(move |node| link::look(node, &key)).await? else { return gone(web, visitor) };
    let wish = Wish { name: sent.name, full_name: sent.full_name.trim().to_owned(), password: sent.password };
    let opened = {
        let _turn = web.allowance.turn(false).await?;
        let (key, wish, from, demands) = (sent.key.clone(), wish.clone(), cookie::from(web, parts), demands(web));
        web.run(move |node| link::open(node, &key, &wish, &from, demands)).await?
    };
    match opened {
        Opened::In(begun) => {
            end_old(web, parts).await?;
            admitted(web, parts, visitor, begun, &Way::read("/", "")).await
        }
        Opened::Refused(whys) => {
            let page = welcome(web, visitor, &sent.key, &view, &wish, &whys);
            show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Opened::Gone => gone(web, visitor),
    }
}
