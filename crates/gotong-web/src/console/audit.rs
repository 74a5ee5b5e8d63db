//! What was done here, newest first: by whom, which act, what of. The same as a table for spreadsheets. For whoever has the right `audit`.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gotong_app::NodeFault;
use gotong_app::audit::{self, Doer, Line, Query};
use gotong_app::caller::Caller;
use gotong_app::role::Right;
use gotong_formats::out::csv_row;
use serde::Deserialize;
use serde_json::Value;

use super::logs::encoded;
use super::operation::{expect_staff, number};
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::When;
use crate::api::Web;
use crate::api::input::Parameters;
use crate::api::lines;
use crate::api::operation::long_turn;
use crate::problem::{Problem, table};

/// Lines of a page.
const LINES: usize = 100;
/// Lines that are written at once into a table.
const CHUNK: usize = 1_000;
/// Characters of one value on the page; the table has them whole.
const VALUE_CHARS_MAX: usize = 300;
/// Characters of a filter.
const FILTER_BYTES_MAX: usize = 200;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/audit", get(page)).route("/audit.csv", get(download))
}

/// Which lines.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    by: String,
    act: String,
    before: Option<u64>,
}

impl Asked {
    fn query(&self, limit: usize) -> Query {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Query { caller: said(&self.by), act: said(&self.act), before: self.before, limit }
    }

    /// The address of the same question from another line on.
    fn path(&self, page: &str, before: Option<u64>) -> String {
        let before = before.map_or_else(String::new, |before| format!("&before={before}"));
        format!("{page}?by={}&act={}{before}", encoded(self.by.trim()), encoded(self.act.trim()))
    }
}

#[derive(Template)]
#[template(path = "console/audit.html")]
struct AuditPage {
    shell: Shell,
    by: String,
    act: String,
    doers: Vec<(String, String)>,
    rows: Vec<Row>,
    count: String,
    is_filtered: bool,
    older: Option<String>,
    newest: Option<String>,
    csv: String,
}

struct Row {
    number: String,
    at: When,
    who: String,
    who_path: String,
    act: String,
    act_path: String,
    what: Vec<(String, String)>,
}

fn expect_auditor(person: &Person) -> Result<(), Problem> {
    expect_staff(person, Right::Audit)?;
    if audit::may_read(&person.caller) { Ok(()) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

fn expect_short(asked: &Asked) -> Result<(), Problem> {
    let fits = asked.by.len() <= FILTER_BYTES_MAX && asked.act.len() <= FILTER_BYTES_MAX;
    let bad = || Problem::of(&table::BAD_PARAMETER).saying("by and act have at most 200 bytes");
    if fits { Ok(()) } else { Err(bad()) }
}

/// A value as a person reads it: lists by commas, what belongs together by spaces.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let said = map.iter().filter(|(_, value)| !value.is_null());
            said.map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(" ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// What an act was about, field by field.
fn fields(what: &Value) -> Vec<(String, String)> {
    match what.as_object() {
        Some(map) => {
            let said = map.iter().filter(|(_, value)| !value.is_null());
            said.map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        None if what.is_null() => Vec::new(),
        None => vec![(String::new(), plain(what))],
    }
}

fn short(text: &str) -> String {
    let mut out: String = text.chars().take(VALUE_CHARS_MAX).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

async fn page(
    State(web): State<Web>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    expect_auditor(&person)?;
    expect_short(&asked)?;
    let (asking, query) = (person.caller.clone(), asked.query(LINES));
    let (found, doers) = web
        .run(move |node| Ok::<_, NodeFault>((audit::list(node, &asking, &query)?, audit::doers(node, &asking)?)))
        .await?;
    let names = names(&doers);
    let row = |line: Line| Row {
        number: number(person.words, line.number),
        at: When::at(&person.moments, line.at),
        who: names.get(&line.caller).cloned().unwrap_or_else(|| line.caller.clone()),
        who_path: Asked { by: line.caller, ..Asked::default() }.path("/audit", None),
        act_path: Asked { act: line.act.clone(), ..Asked::default() }.path("/audit", None),
        act: line.act,
        what: fields(&line.what).into_iter().map(|(name, text)| (name, short(&text))).collect(),
    };
    let operator = Caller::operator();
    let mut choices = vec![(operator.id, operator.name)];
    choices.extend(doers.into_iter().map(|doer| (doer.id, doer.name)));
    if !asked.by.is_empty() && choices.iter().all(|(id, _)| *id != asked.by) {
        choices.push((asked.by.clone(), asked.by.clone()));
    }
    show(&AuditPage {
        older: found.next.map(|next| asked.path("/audit", Some(next))),
        newest: asked.before.map(|_| asked.path("/audit", None)),
        csv: asked.path("/audit.csv", None),
        count: person.words.count("audit-count", usize::try_from(found.count).unwrap_or(usize::MAX)),
        rows: found.lines.into_iter().map(row).collect(),
        is_filtered: !asked.by.is_empty() || !asked.act.is_empty(),
        doers: choices,
        by: asked.by,
        act: asked.act,
        shell: Shell::of(&web, &person, "/audit"),
    })
}

fn names(doers: &[Doer]) -> BTreeMap<String, String> {
    doers.iter().map(|doer| (doer.id.clone(), doer.name.clone())).collect()
}

/// All lines of the question, newest first, written while they are read. No cell is a formula.
async fn download(
    State(web): State<Web>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    expect_auditor(&person)?;
    expect_short(&asked)?;
    let turn = long_turn(&web)?;
    let (writer, body) = lines::channel();
    let caller = person.caller;
    tokio::task::spawn_blocking(move || {
        let written =
            write(&web, &caller, asked.query(CHUNK), &mut |text: String| writer.write(text.into_bytes()).is_ok());
        if let Err(fault) = written {
            tracing::warn!(%fault, "a table of audit lines broke off");
            writer.abort();
        }
        drop(turn);
    });
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"gotong-audit.csv\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

fn write(
    web: &Web,
    caller: &Caller,
    mut query: Query,
    hand_over: &mut dyn FnMut(String) -> bool,
) -> Result<(), NodeFault> {
    let names = names(&audit::doers(&web.node, caller)?);
    let mut out = String::new();
    csv_row(&["number", "at", "caller", "name", "act", "what"], &mut out);
    loop {
        let page = audit::list(&web.node, caller, &query)?;
        for line in page.lines {
            let name = names.get(&line.caller).map(String::as_str).unwrap_or_default();
            let (number, at, what) = (line.number.to_string(), line.at.to_string(), line.what.to_string());
            csv_row(&[&number, &at, &line.caller, name, &line.act, &what], &mut out);
        }
        if !hand_over(std::mem::take(&mut out)) || page.next.is_none() {
            return Ok(());
        }
        query.before = page.next;
    }
}
