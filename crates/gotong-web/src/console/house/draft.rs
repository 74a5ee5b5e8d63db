//! Drafting the next version of the house rule: the one that counts stands in the form as people write it; what is wrong is told by line, then who would
//! read more or less, and the way by which it is signed and comes back.
//!
//! Nothing is kept until the signed file is handed in; everything typed stays in the form. Read next: `drafting.rs`, `agreements/hand_in.rs`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use serde::Deserialize;

use super::super::agreements::expect_governor;
use super::super::form::Sent;
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show_as;
use super::expect_staff;
use super::would::{Would, would};
use crate::api::Web;
use crate::drafting::{Draft, Drafted, Finding};
use crate::problem::{Problem, table};

/// Bytes of a draft.
const SOURCE_MAX: usize = 512 << 10;
/// Findings on the page.
const FINDINGS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "console/house_draft.html")]
struct DraftPage {
    shell: Shell,
    /// Whether this node can read drafts; else the page names the command.
    can_draft: bool,
    /// Whether a house rule counts already, which this one amends.
    amends: Option<u64>,
    source: String,
    was_checked: bool,
    findings: Vec<Finding>,
    errors: usize,
    /// Why what holds by itself cannot be the next version.
    wrong: Option<String>,
    drafted: Option<Ready>,
}

/// A draft that can be signed.
struct Ready {
    would: Would,
    note: String,
    file: String,
}

impl Ready {
    /// What is typed where the root key is.
    fn commands(&self) -> String {
        let file = &self.file;
        format!(
            "gotong house show {file} --charter charter.note\ngotong house sign {file} --charter charter.note --root ROOT.key"
        )
    }
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Written {
    source: String,
}

fn expect_drafter(person: &Person) -> Result<(), Problem> {
    expect_staff(person)?;
    expect_governor(person)
}

pub(super) async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_drafter(&person)?;
    let source = match web.options.houses {
        Some(houses) => {
            let begin = move |node: &gotong_app::Node| {
                Ok::<_, NodeFault>((houses.begin)(&node.governance(), &node.member, node.now()))
            };
            web.run(begin).await?
        }
        None => String::new(),
    };
    shown(&web, &person, source, None).await
}

pub(super) async fn check(State(web): State<Web>, Sent(person, sent): Sent<Written>) -> Result<Response, Response> {
    checked(&web, &person, sent.source).await.map_err(IntoResponse::into_response)
}

async fn checked(web: &Web, person: &Person, source: String) -> Result<Response, Problem> {
    expect_drafter(person)?;
    let Some(houses) = web.options.houses else { return shown(web, person, source, None).await };
    if source.len() > SOURCE_MAX {
        return Err(Problem::of(&table::TOO_LARGE));
    }
    // Browsers send lines that end in CR LF; what people wrote ends them in LF.
    let source = source.replace("\r\n", "\n");
    let text = source.clone();
    let drafted = web
        .run(move |node| {
            let governance = node.governance();
            let now = node.now();
            let draft = Draft { source: &text, governance: &governance, amends: None, entropy: node.entropy(), now };
            Ok::<_, NodeFault>((houses.check)(&draft))
        })
        .await?;
    shown(web, person, source, Some(drafted)).await
}

async fn shown(web: &Web, person: &Person, source: String, drafted: Option<Drafted>) -> Result<Response, Problem> {
    let governance = web.node.governance();
    let newest = governance.house(&web.node.member).and_then(|house| house.agreement.versions.last());
    let was_checked = drafted.is_some();
    let Drafted { mut findings, note } = drafted.unwrap_or_default();
    let errors = findings.iter().filter(|finding| finding.is_error).count();
    findings.truncate(FINDINGS_MAX);
    let (mut wrong, mut ready) = (None, None);
    if let Some(note) = note {
        match would(web, person, &note).await? {
            Ok(would) => ready = Some(Ready { file: format!("house-{}.note", would.number), would, note }),
            Err(why) => wrong = Some(why),
        }
    }
    let status = if was_checked && ready.is_none() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = DraftPage {
        can_draft: web.options.houses.is_some(),
        amends: newest.map(|version| version.terms.number),
        source,
        was_checked,
        findings,
        errors,
        wrong,
        drafted: ready,
        shell: Shell::of(web, person, "/charter"),
    };
    show_as(status, &page)
}
