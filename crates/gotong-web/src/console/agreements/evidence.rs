//! Evidence: what was signed of an agreement, by whom, and since when that can be shown, from this node's own store; and what none of it shows.
//!
//! Read next: `gotong_app::explain::evidence`.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gotong_app::explain::{self, DocumentEvidence};
use gotong_app::role::Right;
use gotong_model::governance::Governance;

use super::super::channels::{Worded, agreement_path, member_name, names};
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show;
use super::super::shown::When;
use super::seen;
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "console/agreement_evidence.html")]
struct EvidencePage {
    shell: Shell,
    agreement_path: String,
    title: Worded,
    documents: Vec<DocumentRow>,
    not_shown: Vec<String>,
}

struct DocumentRow {
    title: String,
    hash: String,
    from: When,
    counts: bool,
    signatures: Vec<SignatureRow>,
    missing: Vec<String>,
}

struct SignatureRow {
    name: String,
    words: Option<String>,
    verifies: bool,
    at: Option<When>,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Path(name): Path<String>,
) -> Result<Response, Response> {
    answer(&web, &person, &name).await.map_err(IntoResponse::into_response)
}

async fn answer(web: &Web, person: &Person, name: &str) -> Result<Response, Problem> {
    let governance = web.node.governance();
    let agreement = seen(web, person, &governance, name)?;
    expect_right(&person.caller, Right::Audit)?;
    let (id, asking) = (agreement.id, person.caller.clone());
    let found = web.find(move |node| explain::evidence(node, &asking, &id, None)).await?;
    show(&EvidencePage {
        agreement_path: agreement_path(&governance, &agreement.id).unwrap_or_default(),
        title: Worded::of(&found.title, person.words.lang()),
        not_shown: explain::not_provable(&found.documents),
        documents: found.documents.into_iter().map(|one| row(&governance, person, one)).collect(),
        shell: Shell::of(web, person, "/agreements"),
    })
}

fn row(governance: &Governance, person: &Person, one: DocumentEvidence) -> DocumentRow {
    let language = person.words.lang();
    let signatures = one.signatures.into_iter().map(|signature| SignatureRow {
        name: signature.member.as_ref().map_or(signature.name, |code| member_name(governance, code, language)),
        words: signature.words,
        verifies: signature.verifies,
        at: signature.seen.map(|seen| When::at(&person.moments, seen.published_at)),
    });
    DocumentRow {
        title: one.title,
        hash: one.hash.to_text(),
        from: When::at(&person.moments, one.from),
        counts: one.counts,
        signatures: signatures.collect(),
        missing: names(governance, &one.missing, language),
    }
}
