//! The console: pages for the people of a member and of the organisations that it serves. Written by the server, whole without scripts, and enhanced by
//! two small ones; a strict policy of content says so to browsers.
//!
//! Pages show what the use cases answer to their person and decide nothing. Read next: `console/person.rs` (who looks), `console/shell.rs` (what stands
//! around), `console/now.rs` (a page).

mod agreements;
mod assets;
mod audit;
mod bulk;
mod channels;
mod charter;
pub(crate) mod form;
mod graph;
mod help;
mod house;
mod intelligence;
mod live;
pub(crate) mod log_in;
pub(crate) mod logs;
mod me;
mod notifications;
mod now;
mod object;
pub(crate) mod once;
mod operation;
mod outcome;
mod passkey;
pub(crate) mod person;
mod plot;
mod provenance;
pub(crate) mod provider;
mod related;
mod report;
mod searches;
pub(crate) mod share;
mod shell;
mod shown;
mod sources;
mod start;
mod tokens;
mod users;
mod waiting;
mod withdraw;

use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use gotong_language::{Language, Words};
use person::Person;
use shell::Shell;
use shown::Because;

use crate::api::Web;
use crate::problem::{Problem, table};

/// What a page may load and where its forms go: only here, and no script or style within a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the addresses of objects begin with.
const OBJECTS: &str = "/intelligence/";

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/", get(now::page))
        .route("/intelligence", get(intelligence::page))
        .route("/intelligence/{id}", get(object::page))
        .route("/intelligence/{id}/graph", get(graph::page))
        .route("/intelligence/{id}/withdraw", get(withdraw::withdraw_page).post(withdraw::withdraw))
        .route("/intelligence/{id}/relabel", get(withdraw::relabel_page).post(withdraw::relabel))
        .route("/share", get(share::page).post(share::put))
        .route("/share/{id}", get(share::check_page).post(share::act_on))
        .route("/live", get(live::stream))
        .route("/acts/{id}", get(outcome::page))
        .route("/assets/{file}", get(assets::show))
        .merge(bulk::routes())
        .merge(log_in::routes())
        .merge(passkey::routes())
        .merge(provider::routes())
        .merge(me::routes())
        .merge(notifications::routes())
        .merge(report::routes())
        .merge(searches::routes())
        .merge(users::routes())
        .merge(agreements::routes())
        .merge(channels::routes())
        .merge(charter::routes())
        .merge(waiting::routes())
        .merge(operation::routes())
        .merge(provenance::routes())
        .merge(logs::routes())
        .merge(tokens::routes())
        .merge(audit::routes())
        .merge(sources::routes())
        .merge(help::routes())
        .merge(house::routes())
        .merge(once::routes())
        .merge(start::routes())
}

/// Makes a page of a problem where a browser asked for a page. Programs get the problem as it is.
pub(crate) async fn problems_as_pages(State(web): State<Web>, request: Request, next: Next) -> Response {
    const OF_PROGRAMS: [&str; 7] = ["/api/", "/taxii2", "/misp", "/healthz", "/readyz", "/metrics", "/assets/"];
    let path = request.uri().path();
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let is_page =
        !OF_PROGRAMS.iter().any(|of| path.starts_with(of)) && accepts.is_some_and(|all| all.contains("text/html"));
    if !is_page {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let body = match log_in::kept::instead(&web, &mut parts, body).await {
        Ok(body) => body,
        Err(page) => return page,
    };
    let again = Request::from_parts(parts.clone(), body);
    let response = next.run(again).await;
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.starts_with("application/problem+json") {
        return response;
    }
    let status = response.status();
    let (answer, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 1 << 20).await else {
        return Problem::of(&table::INTERNAL).into_response();
    };
    let person = Person::from_request_parts(&mut parts, &web).await.ok();
    let visitor = Words::of(person::language_of(&web, &parts.headers));
    let shell = match &person {
        Some(person) => Shell::of(&web, person, ""),
        None => Shell::for_visitor(&web, visitor, "auto"),
    };
    let Ok(problem) = serde_json::from_slice::<ProblemShown>(&bytes) else {
        return Response::from_parts(answer, bytes.into());
    };
    let words = shell.words();
    let known = format!("problem-next-{}", problem.kind.strip_prefix("/problems/").unwrap_or_default());
    let next = if Words::of(Language::English).has(&known) { words.t(&known) } else { problem.next.clone() };
    // INVARIANT: 1. The address and the person decide, and nothing that is stored: of what was withdrawn, what is hidden and what never was this is one page.
    let is_object = problem.kind == table::NOT_FOUND.uri() && parts.uri.path().starts_with(OBJECTS);
    let gone = is_object.then(|| person.as_ref().is_some_and(|person| person.caller.oversees()));
    let errors = problem.errors.iter().map(|error| Because::refused(words, &error.id, error.text.clone())).collect();
    match show_as(status, &ProblemPage { shell, problem, errors, next, gone }) {
        Ok(mut page) => {
            for (name, value) in answer.headers.iter().filter(|(name, _)| **name == RETRY_AFTER || **name == SET_COOKIE)
            {
                page.headers_mut().append(name.clone(), value.clone());
            }
            page
        }
        Err(problem) => problem.into_response(),
    }
}

#[derive(Template)]
#[template(path = "console/problem.html")]
struct ProblemPage {
    shell: Shell,
    problem: ProblemShown,
    /// Of each of the problem's errors.
    errors: Vec<Because>,
    next: String,
    /// Where an object is not there: whether this person is told of withdrawals.
    gone: Option<bool>,
}

/// A problem as its page shows it.
#[derive(serde::Deserialize)]
struct ProblemShown {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: Option<String>,
    next: String,
    #[serde(default)]
    errors: Vec<ReasonShown>,
}

#[derive(serde::Deserialize)]
struct ReasonShown {
    #[serde(default)]
    id: String,
    pointer: Option<String>,
    clause: Option<String>,
    text: String,
}

/// A page, shown.
fn show(page: &impl Template) -> Result<Response, Problem> {
    show_as(StatusCode::OK, page)
}

/// A page with another status: a form with what is wrong in it, a page that is not there.
fn show_as(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|fault| {
        tracing::error!(%fault, "a page could not be written");
        Problem::of(&table::INTERNAL)
    })?;
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
