//! What somebody was told, newest first, with marks of what was read. The bell of every page counts what was not.
//!
//! Names are read as the person who looks, now. Read next: `console/searches.rs`, where people say what they want to be told of.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::notify::{self, Notice, Said};
use gotong_app::subscription::Act;
use serde::Deserialize;

use super::form::Sent;
use super::person::{Person, see};
use super::shell::Shell;
use super::show;
use super::shown::{Label, When, object_path};
use crate::api::Web;
use crate::problem::Problem;

/// Records named under one notice.
const NAMED: usize = 5;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/notifications", get(page)).route("/notifications/read", post(read))
}

#[derive(Template)]
#[template(path = "console/notifications.html")]
struct NotificationsPage {
    shell: Shell,
    rows: Vec<Row>,
    unread: usize,
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
                let Act::Published(published) = event.act else { return None };
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

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    let asking = person.caller.clone();
    let notices = web.run(move |node| notify::list(node, &asking)).await?;
    let rows: Vec<Row> = notices.into_iter().map(|notice| row(&person, notice)).collect();
    show(&NotificationsPage {
        unread: rows.iter().filter(|row| !row.is_read).count(),
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
    let caller = person.caller;
    web.run(move |node| {
        if id.is_empty() {
            return notify::read_all(node, &caller).map(|_| ());
        }
        // One that is not there any more has nothing to be marked.
        notify::read_one(node, &caller, &id).map(|_| ())
    })
    .await?;
    Ok(see("/notifications"))
}
