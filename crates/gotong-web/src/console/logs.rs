//! The logs: how long each is, its root, how far its author has signed; verifying one or all of them, and archives that anyone can verify.
//!
//! Verifying takes as long as the logs are, so it is work that goes on behind a page of its own. Read next: `logs/verifying.rs`.

pub(crate) mod verifying;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::archive::{Encoding, Filter};
use gotong_app::role::Right;
use gotong_app::view;
use gotong_language::Arg;
use serde::Deserialize;

use super::object::provenance_path;
use super::operation::{expect_staff, number};
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::When;
use crate::api::Web;
use crate::api::input::Parameters;
use crate::api::operation::archive_answer;
use crate::problem::Problem;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/logs", get(page))
        .route("/logs/archive", get(archive))
        .route("/logs/verify", post(verifying::begin))
        .route("/logs/verify/{id}", get(verifying::page))
}

#[derive(Template)]
#[template(path = "console/logs.html")]
struct LogsPage {
    shell: Shell,
    channels: Vec<Channel>,
    count: String,
    running: Vec<(String, String)>,
}

/// The logs of a channel.
struct Channel {
    handle: String,
    archive: String,
    logs: Vec<Log>,
}

struct Log {
    origin: String,
    author: String,
    author_name: String,
    size: String,
    root: String,
    signed: String,
    class: &'static str,
    newest: Option<When>,
    notes: Vec<String>,
    /// What proves its newest entry.
    proof: Option<String>,
    archive: String,
}

/// Whoever verifies logs looks beyond single channels.
pub(super) fn expect_auditor(person: &Person) -> Result<(), Problem> {
    expect_staff(person, Right::Audit)
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_auditor(&person)?;
    let asking = person.caller.clone();
    let lines = web.run(move |node| view::logs(node, &asking)).await?;
    let words = person.words;
    let count = words.count("logs-count", lines.len());
    let mut channels: Vec<Channel> = Vec::new();
    for line in lines {
        let log = line.log;
        let signed = line.signed.unwrap_or_default();
        let class = if line.signed.is_some_and(|signed| signed >= log.size) { "good" } else { "warn" };
        let mut notes = Vec::new();
        if log.withheld > 0 {
            notes.push(words.count("logs-withheld", usize::try_from(log.withheld).unwrap_or(usize::MAX)));
        }
        if let Some(stopped) = log.stopped {
            notes.push(words.with("logs-stopped", &[("index", Arg::Plain(&number(words, stopped)))]));
        }
        let row = Log {
            author: log.author.to_string(),
            author_name: line.author_name,
            size: number(words, log.size),
            signed: if line.signed.is_some() { number(words, signed) } else { "–".to_owned() },
            class,
            newest: line.newest.map(|at| When::at(&person.moments, at)),
            notes,
            proof: log.size.checked_sub(1).map(|last| provenance_path(&log.origin, last)),
            archive: format!("/logs/archive?log={}", encoded(&log.origin)),
            root: log.root,
            origin: log.origin,
        };
        match channels.last_mut().filter(|channel| channel.handle == line.channel) {
            Some(channel) => channel.logs.push(row),
            None => channels.push(Channel {
                archive: format!("/logs/archive?channel={}", encoded(&line.channel)),
                handle: line.channel,
                logs: vec![row],
            }),
        }
    }
    show(&LogsPage {
        count,
        channels,
        running: web.verifying.of(&person.caller.id),
        shell: Shell::of(&web, &person, "/logs"),
    })
}

pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Which logs an archive takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    channel: Option<String>,
    log: Option<String>,
    plain: bool,
}

async fn archive(
    State(web): State<Web>,
    person: Person,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    expect_auditor(&person)?;
    let channel = wanted.channel.map(|name| web.channel(&person.caller, &name)).transpose()?;
    let filter = Filter { channel, author: None, origin: wanted.log };
    let encoding = if wanted.plain { Encoding::Plain } else { Encoding::Zstd };
    archive_answer(&web, person.caller, filter, encoding)
}
