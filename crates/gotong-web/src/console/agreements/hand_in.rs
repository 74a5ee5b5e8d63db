//! Handing in documents: paste or drop one, see what it says, what it would change and whose signatures it lacks, and only then hand it in, with an outcome.
//!
//! What a document comes to is worked out by the same code that takes it in. Read next: `agreements/checked.rs`, `api/documents.rs`.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::act::{Act, Ending, Line, Told};
use gotong_app::{Node, NodeFault, house};
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, limits};
use serde::Deserialize;

use super::super::channels::{agreement_path, names};
use super::super::form::{self, Sent};
use super::super::outcome::tell;
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show_as;
use super::checked::{Checked, look};
use super::documents::is_unsigned;
use super::{expect_governor, split};
use crate::api::Web;
use crate::api::documents::adopt;
use crate::problem::Problem;

/// Documents in one hand-in.
const DOCUMENTS_MAX: usize = 20;
/// Bytes of what is pasted or dropped: forms carry it again when it is handed in.
const BYTES_MAX: usize = limits::DOCUMENT_BYTES_MAX + (256 << 10);
/// Signs of a reason that are kept in an outcome.
const REASON_MAX: usize = 400;

#[derive(Template)]
#[template(path = "console/hand_in.html")]
struct HandInPage {
    shell: Shell,
    text: String,
    wrong: Option<String>,
    can_draft: bool,
}

#[derive(Template)]
#[template(path = "console/hand_in_check.html")]
struct CheckPage {
    shell: Shell,
    checked: Vec<Checked>,
    /// What is handed in, once more.
    text: String,
    any_fits: bool,
}

pub(super) async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_governor(&person)?;
    form_page(&web, &person, StatusCode::OK, String::new(), None)
}

fn form_page(
    web: &Web,
    person: &Person,
    status: StatusCode,
    text: String,
    wrong: Option<&str>,
) -> Result<Response, Problem> {
    let page = HandInPage {
        shell: Shell::of(web, person, "/agreements"),
        wrong: wrong.map(|id| person.words.t(id)),
        can_draft: web.options.drafting.is_some(),
        text,
    };
    show_as(status, &page)
}

pub(super) async fn check(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (person, mut given) = form::dropped(&web, request, BYTES_MAX, expect_governor).await?;
    let pasted = given.fields.remove("text").unwrap_or_default();
    // Neither is left behind in silence.
    if given.file.is_some() && !pasted.trim().is_empty() {
        let page = form_page(&web, &person, StatusCode::UNPROCESSABLE_ENTITY, pasted, Some("agreements-wrong-both"));
        return page.map_err(IntoResponse::into_response);
    }
    let text = match given.file {
        // What is no text is no document; it is refused below by its first line.
        Some((_, bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        None => pasted,
    };
    checked(&web, &person, text).await.map_err(IntoResponse::into_response)
}

/// The page of what documents come to; also for a draft that was just made.
async fn checked(web: &Web, person: &Person, text: String) -> Result<Response, Problem> {
    let notes = split(&text);
    if notes.is_empty() || notes.len() > DOCUMENTS_MAX {
        let wrong = if notes.is_empty() { "agreements-wrong-empty" } else { "agreements-wrong-many" };
        return form_page(web, person, StatusCode::UNPROCESSABLE_ENTITY, text, Some(wrong));
    }
    let before = web.node.governance();
    let mut next = Governance::clone(&before);
    let mut found = Vec::new();
    for note in &notes {
        found.push(look(web, person, &mut next, note).await?);
    }
    let any_fits = found.iter().any(|one| one.wrong.is_none());
    let status = if any_fits { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::of(web, person, "/agreements");
    show_as(status, &CheckPage { shell, checked: found, text: notes.concat(), any_fits })
}

/// What the second form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Handed {
    text: String,
}

pub(super) async fn take(State(web): State<Web>, Sent(person, sent): Sent<Handed>) -> Result<Response, Response> {
    hand_in(&web, &person, &sent.text).await.map_err(IntoResponse::into_response)
}

/// What one document came to, for its line and for what can be done next.
struct Came {
    line: Line,
    agreement: Option<AgreementId>,
}

async fn hand_in(web: &Web, person: &Person, text: &str) -> Result<Response, Problem> {
    expect_governor(person)?;
    web.expect_writable()?;
    let notes = split(text);
    if notes.is_empty() || notes.len() > DOCUMENTS_MAX {
        let wrong = if notes.is_empty() { "agreements-wrong-empty" } else { "agreements-wrong-many" };
        return form_page(web, person, StatusCode::UNPROCESSABLE_ENTITY, text.to_owned(), Some(wrong));
    }
    let language = person.words.lang();
    let came = web
        .run(move |node| {
            let one = |note: &String| hand_in_one(node, note, language);
            notes.iter().map(one).collect::<Result<Vec<Came>, NodeFault>>()
        })
        .await?;
    let lines: Vec<Line> = came.iter().map(|came| came.line.clone()).collect();
    let all = |ending: Ending| lines.iter().all(|line| line.ending == ending);
    let (ending, title) = if all(Ending::Done) {
        (Ending::Done, "agreements-taken-done")
    } else if all(Ending::Refused) {
        (Ending::Refused, "agreements-taken-refused")
    } else if lines.iter().any(|line| line.ending == Ending::Refused) {
        (Ending::Partly, "agreements-taken-partly")
    } else {
        (Ending::Waits, "agreements-taken-waits")
    };
    let governance = web.node.governance();
    let mut act = Act::new(ending, Told::of(title));
    act.lines = lines;
    let found = came.iter().find_map(|came| agreement_path(&governance, &came.agreement?));
    if let Some(path) = found {
        act = act.then(path, Told::of("agreements-onward-one"));
    }
    if came.iter().any(|came| came.line.path.as_deref() == Some("/house")) {
        act = act.then("/house", Told::of("house-onward"));
    }
    let act =
        act.then("/agreements", Told::of("agreements-onward")).then("/documents", Told::of("agreements-onward-more"));
    tell(web, &person.caller, act.settling("documents")).await
}

fn hand_in_one(node: &Node, note: &str, language: &str) -> Result<Came, NodeFault> {
    let is_house = document::purpose_of(note.as_bytes()) == Ok(Purpose::House);
    if is_unsigned(note) {
        let about = document::purpose_of(note.as_bytes()).map_or("–", Purpose::as_str).to_owned();
        let why = Told::of("agreements-line-unsigned");
        let line = Line::of(Ending::Refused, about, why);
        return Ok(Came { line, agreement: None });
    }
    // A house is never begun anew by accident.
    let misfit = if is_house { house::misfit(node, note.as_bytes())? } else { None };
    let adopted = match misfit {
        Some(why) => Err(why.to_string()),
        None => adopt(node, note.as_bytes())?,
    };
    let body = match adopted {
        Ok(body) => body,
        Err(why) => {
            let purpose = document::purpose_of(note.as_bytes()).map_or("–", Purpose::as_str);
            let reason = Some(why.chars().take(REASON_MAX).collect());
            let line = Line { reason, ..Line::of(Ending::Refused, purpose, Told::of("agreements-line-refused")) };
            return Ok(Came { line, agreement: None });
        }
    };
    let governance = node.governance();
    let agreement = body.agreement.as_deref().and_then(AgreementId::from_text);
    let handle = agreement.and_then(|id| governance.agreements.get(&id).or_else(|| governance.proposals.get(&id)));
    let about = handle.map_or_else(|| body.purpose.clone(), |found| format!("{} {}", body.purpose, found.terms.handle));
    let missing: Vec<MemberCode> = body.missing.iter().filter_map(|code| MemberCode::from_text(code)).collect();
    let (ending, why) = match body.state.as_str() {
        "counts" if body.channels.is_empty() => (Ending::Done, Told::of("agreements-line-counts")),
        "counts" => (Ending::Done, Told::of("agreements-line-opens").text("channels", body.channels.join(", "))),
        "superseded" => (Ending::Refused, Told::of("agreements-line-superseded")),
        _ if missing.is_empty() => (Ending::Waits, Told::of("agreements-line-waits")),
        _ => {
            let missing = names(&governance, &missing, language).join(", ");
            (Ending::Waits, Told::of("agreements-line-missing").text("members", missing))
        }
    };
    let path = agreement.and_then(|id| agreement_path(&governance, &id));
    let path = if is_house { Some("/house".to_owned()) } else { path };
    Ok(Came { line: Line::of(ending, about, why).at(path), agreement })
}
