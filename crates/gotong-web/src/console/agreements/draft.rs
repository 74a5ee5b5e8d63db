//! Checking a draft that a person wrote in TOML: what is wrong or doubtful at which line, what it would open and change, and handing it in as a proposal.
//!
//! Nothing is kept until it is handed in; everything typed stays in the form. Read next: `drafting.rs`, `agreements/hand_in.rs`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use gotong_model::AgreementId;
use serde::Deserialize;

use super::super::channels::Worded;
use super::super::form::Sent;
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show_as;
use super::checked::{CheckedDraft, of_draft};
use super::{expect_governor, may_see};
use crate::api::Web;
use crate::drafting::{Draft, Drafted, Finding};
use crate::problem::{Problem, table};

/// Bytes of a draft.
const SOURCE_MAX: usize = 512 << 10;
/// Findings on the page.
const FINDINGS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "console/draft.html")]
struct DraftPage {
    shell: Shell,
    /// Whether this node can read drafts; else the page names the command.
    can_draft: bool,
    source: String,
    amends: String,
    /// Agreements of which a next version can be drafted.
    agreements: Vec<(String, String, Worded)>,
    was_checked: bool,
    findings: Vec<Finding>,
    errors: usize,
    draft: Option<CheckedDraft>,
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Written {
    source: String,
    amends: String,
}

pub(super) async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_governor(&person)?;
    shown(&web, &person, Written::default(), None).await
}

pub(super) async fn check(State(web): State<Web>, Sent(person, sent): Sent<Written>) -> Result<Response, Response> {
    checked(&web, &person, sent).await.map_err(IntoResponse::into_response)
}

async fn checked(web: &Web, person: &Person, sent: Written) -> Result<Response, Problem> {
    expect_governor(person)?;
    let Some(check) = web.options.drafting else { return shown(web, person, sent, None).await };
    if sent.source.len() > SOURCE_MAX {
        return Err(Problem::of(&table::TOO_LARGE));
    }
    let amends = match sent.amends.as_str() {
        "" => None,
        id => {
            let governance = web.node.governance();
            let known = AgreementId::from_text(id).filter(|id| may_see(&web.node, &person.caller, &governance, id));
            Some(known.ok_or_else(|| Problem::of(&table::NOT_FOUND))?)
        }
    };
    let source = sent.source.clone();
    let drafted = web
        .run(move |node| {
            let governance = node.governance();
            let now = node.now();
            let draft = Draft { source: &source, governance: &governance, amends, entropy: node.entropy(), now };
            Ok::<_, NodeFault>(check(&draft))
        })
        .await?;
    shown(web, person, sent, Some(drafted)).await
}

async fn shown(web: &Web, person: &Person, sent: Written, drafted: Option<Drafted>) -> Result<Response, Problem> {
    let governance = web.node.governance();
    let in_force = governance.agreements.values();
    let agreements = in_force.filter(|agreement| may_see(&web.node, &person.caller, &governance, &agreement.id));
    let agreements = agreements.map(|agreement| {
        let title = Worded::of(&agreement.terms.title, person.words.lang());
        (agreement.id.to_string(), agreement.terms.handle.to_string(), title)
    });
    let was_checked = drafted.is_some();
    let Drafted { mut findings, note } = drafted.unwrap_or_default();
    let errors = findings.iter().filter(|finding| finding.is_error).count();
    findings.truncate(FINDINGS_MAX);
    let draft = match note {
        Some(note) => Some(of_draft(web, person, note).await?),
        None => None,
    };
    let status = if was_checked && draft.is_none() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = DraftPage {
        can_draft: web.options.drafting.is_some(),
        source: sent.source,
        amends: sent.amends,
        agreements: agreements.collect(),
        was_checked,
        findings,
        errors,
        draft,
        shell: Shell::of(web, person, "/agreements"),
    };
    show_as(status, &page)
}
