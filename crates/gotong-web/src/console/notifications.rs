//! What somebody was told, newest first, with marks of what was read, which can be taken back. The bell of every page counts what was not.
//!
//! Names are read as the person who looks, now. Read next: `console/searches.rs`, where people say what they want to be told of.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::notify::{self, Notice, Said};
use gotong_app::subscription;
use serde::Deserialize;

use super::form::Sent;
use super::outcome::tell;
use super::person::{Person, see};
use super::shell::Shell;
use super::show;
use super::shown::{Label, When, object_path};
use crate::api::Web;
use crate::problem::Problem;

/// Records named under one notice.
const NAMED: usize = 5;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/notifications", get(page))
        .route("/notifications/read", post(read))
        .route("/notifications/unread", post(unread))
}

#[derive(Template)]
#[template(path = "console/notifications.html")]
struct NotificationsPage {
    shell: Shell,
    rows: Vec<Row>,
    unread: usize,
    /// The one that was just marked, as it stands now.
    marked: Option<(String, bool)>,
}

/// What the address says was just marked.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    marked: String,
}

struct Row {
    id: String,
    at: When,
    is_read: bool,
    /// The search's name, where it is one.
    search: Option<String>,
    lines: Vec<String>,
    records: Vec<RecordShown>,
}

struct RecordShown {
    path: String,
    name: String,
    label: Label,
    is_exercise: bool,
}

fn row(person: &Person, notice: Notice) -> Row {
    let words = person.words;
    let (search, lines, records) = match notice.said {
        Said::Waits(waits) => {
            let counts = [
                (waits.duties, "notifications-waits-duties"),
                (waits.records, "notifications-waits-records"),
                (waits.second, "notifications-waits-second"),
            ];
            (
                None,
                counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, id)| words.count(id, count)).collect(),
                Vec::new(),
            )
        }
        Said::Found { search, count, events } => {
            let shown = events.into_iter().rev().filter_map(|event| {
                let subscription::Act::Published(published) = event.act else { return None };
                Some(RecordShown {
                    path: object_path(&published.id),
                    name: published.name.unwrap_or(published.id),
                    label: Label::of(event.label),
                    is_exercise: event.is_exercise,
                })
            });
            (Some(search.to_string()), vec![words.count("notifications-found", count)], shown.take(NAMED).collect())
        }
    };
    Row { id: notice.id, at: When::at(&person.moments, notice.at), is_read: notice.is_read, search, lines, records }
}

async fn page(State(web): State<Web>, person: Person, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let asking = person.caller.clone();
    let notices = web.run(move |node| notify::list(node, &asking)).await?;
    let rows: Vec<Row> = notices.into_iter().map(|notice| row(&person, notice)).collect();
    show(&NotificationsPage {
        unread: rows.iter().filter(|row| !row.is_read).count(),
        marked: rows.iter().find(|row| row.id == asked.marked).map(|row| (row.id.clone(), row.is_read)),
        rows,
        shell: Shell::of(&web, &person, "/notifications"),
    })
}

/// Which are read; none named: all.
#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    id: String,
}

async fn read(State(web): State<Web>, Sent(person, Which { id }): Sent<Which>) -> Result<Response, Problem> {
    let caller = person.caller.clone();
    if !id.is_empty() {
        let path = path_of(&id);
        // One that is not there any more has nothing to be marked.
        web.run(move |node| notify::read_one(node, &caller, &id)).await?;
        return Ok(see(&path));
    }
    let marked = web.run(move |node| notify::read_all(node, &caller)).await?;
    let act = if marked.is_empty() {
        Act::new(Ending::Done, Told::of("notifications-none-marked"))
    } else {
        let count = marked.len();
        let with = marked.into_iter().map(|id| ("id".to_owned(), id)).collect();
        let act = Act::new(Ending::Done, Told::of("notifications-marked").count("count", count));
        act.undone_by("/notifications/unread", with, Told::of("notifications-undo").count("count", count))
    };
    tell(&web, &person.caller, act.then("/notifications", Told::of("notifications-back"))).await
}

/// Where one stands in the list, which then says what was done.
fn path_of(id: &str) -> String {
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    format!("/notifications?marked={id}#marked")
}

/// Which are unread again: those named and no others.
#[derive(Deserialize)]
struct Again {
    #[serde(default)]
    id: Vec<String>,
    /// `list`: one, from its line.
    #[serde(default)]
    from: String,
}

async fn unread(State(web): State<Web>, Sent(person, Again { id, from }): Sent<Again>) -> Result<Response, Problem> {
    let caller = person.caller.clone();
    let path = id.first().filter(|_| from == "list").map(|id| path_of(id));
    let count = web.run(move |node| notify::unread(node, &caller, &id)).await?;
    if let Some(path) = path {
        return Ok(see(&path));
    }
    let (ending, title) = match count {
        0 => (Ending::Refused, Told::of("notifications-none-unmarked")),
        count => (Ending::Done, Told::of("notifications-unmarked").count("count", count)),
    };
    let act = Act::new(ending, title).then("/notifications", Told::of("notifications-back"));
    tell(&web, &person.caller, act).await
}
