//! The page of what came of an act: done, refused, why, what next. Every act of the console ends here, at an address that stays.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gotong_app::act::{self, Act, Told, Value};
use gotong_app::caller::Caller;
use gotong_language::{Arg, Words};

use super::person::{Person, see};
use super::shell::Shell;
use super::show;
use super::shown::{Because, When};
use crate::api::Web;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "console/outcome.html")]
struct OutcomePage {
    shell: Shell,
    shown: Shown,
    at: When,
}

/// An act in the words of a language.
pub(super) struct Shown {
    class: &'static str,
    word: String,
    title: String,
    lines: Vec<ShownLine>,
    next: Vec<(String, String)>,
    undo: Option<ShownUndo>,
    settles: Option<String>,
}

struct ShownUndo {
    path: String,
    with: Vec<(String, String)>,
    text: String,
}

struct ShownLine {
    class: &'static str,
    word: String,
    about: String,
    path: Option<String>,
    why: String,
    reason: Option<Because>,
    clause: Option<String>,
}

/// A text in the words of a language.
pub(super) fn say(words: Words, told: &Told) -> String {
    let args: Vec<(&str, Arg<'_>)> = told
        .with
        .iter()
        .map(|(name, value)| match value {
            Value::Count(count) => (name.as_str(), Arg::Count(usize::try_from(*count).unwrap_or(usize::MAX))),
            Value::Text(text) => (name.as_str(), Arg::Text(text)),
        })
        .collect();
    words.with(&told.id, &args)
}

impl Shown {
    pub(super) fn of(words: Words, act: &Act) -> Self {
        Self {
            class: act.ending.as_str(),
            word: words.t(&format!("outcome-{}", act.ending.as_str())),
            title: say(words, &act.title),
            lines: act
                .lines
                .iter()
                .map(|line| ShownLine {
                    class: match line.ending {
                        act::Ending::Done => "good",
                        act::Ending::Partly | act::Ending::Waits => "warn",
                        act::Ending::Refused => "bad",
                    },
                    word: words.t(&format!("outcome-{}", line.ending.as_str())),
                    about: line.about.clone(),
                    path: line.path.clone(),
                    why: say(words, &line.why),
                    reason: line.reason.as_ref().map(|reason| {
                        Because::refused(words, line.reason_id.as_deref().unwrap_or_default(), reason.clone())
                    }),
                    clause: line.clause.clone(),
                })
                .collect(),
            next: act.next.iter().map(|next| (next.path.clone(), say(words, &next.text))).collect(),
            undo: act.undo.as_ref().map(|undo| ShownUndo {
                path: undo.path.clone(),
                with: undo.with.clone(),
                text: say(words, &undo.text),
            }),
            settles: act.settles.clone(),
        }
    }
}

/// Keeps what came of an act and moves its person to the page that says so.
pub(super) async fn tell(web: &Web, caller: &Caller, act: Act) -> Result<Response, Problem> {
    let caller = caller.clone();
    let id = web.run(move |node| act::keep(node, &caller, &act)).await?;
    Ok(see(&format!("/acts/{id}")))
}

pub(super) async fn page(State(web): State<Web>, person: Person, Path(id): Path<String>) -> Result<Response, Response> {
    let caller = person.caller.clone();
    let found = web.find(move |node| act::fetch(node, &caller, &id)).await.map_err(IntoResponse::into_response)?;
    let page = OutcomePage {
        shown: Shown::of(person.words, &found.act),
        at: When::at(&person.moments, found.at),
        shell: Shell::of(&web, &person, ""),
    };
    show(&page).map_err(IntoResponse::into_response)
}
