//! Agreements: which there are and how each stands; below it one agreement, one version, handing in documents, checking a draft, and evidence.
//!
//! An agreement is shown to whoever may read the channel in which its documents travel. Nothing is signed here: root keys are kept offline, so a page says
//! which command signs, where, and takes the signed document back. Read next: `agreements/one.rs`, `agreements/hand_in.rs`.

mod checked;
mod compare;
mod documents;
mod draft;
mod evidence;
mod hand_in;
mod notice;
mod one;
mod suppose;
mod version;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::caller::Caller;
use gotong_app::role::Right;
use gotong_app::{Node, explain};
use gotong_crypto::Digest;
use gotong_model::agreement::{Agreement, PartState};
use gotong_model::governance::{ChannelKind, Draft, Governance};
use gotong_model::{AgreementId, MemberCode};

use super::channels::{Worded, agreement_path, member_name, names};
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::When;
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::{Problem, table};

pub(super) use compare::{Difference, compare_houses};
pub(super) use documents::{attached, split, unsigned};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/agreements", get(page))
        .route("/agreements/{name}", get(one::page))
        .route("/agreements/{name}/versions/{hash}", get(version::page))
        .route("/agreements/{name}/evidence", get(evidence::page))
        .route("/agreements/{name}/notice", get(notice::page).post(notice::check))
        .route("/documents", get(hand_in::page).post(hand_in::check))
        .route("/documents/take", post(hand_in::take))
        .route("/documents/draft", get(draft::page).post(draft::check))
        .route("/documents/file", post(documents::give_back))
        .route("/documents/{hash}", get(documents::download))
}

/// INVARIANT: 1. Whoever is served sees no agreement, whatever role was written beside it.
pub(super) fn expect_overseer(person: &Person) -> Result<(), Problem> {
    if !person.caller.is_staff() {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    expect_right(&person.caller, Right::Oversee)
}

/// Whoever hands in documents, or tries what one would change.
pub(super) fn expect_governor(person: &Person) -> Result<(), Problem> {
    expect_overseer(person)?;
    expect_right(&person.caller, Right::Documents)
}

/// Whether this caller may read the channel in which an agreement's documents travel.
pub(super) fn may_see(node: &Node, caller: &Caller, governance: &Governance, id: &AgreementId) -> bool {
    let mut all = governance.channels();
    let governing = all.find(|channel| channel.kind == ChannelKind::Governance && channel.agreement.id == *id);
    governing.is_some_and(|channel| caller.channel(node, &channel.id.to_string()).is_some())
}

/// The agreement of this handle or id, where this person may see it. What is not there and what they may not see are one answer.
fn seen<'a>(web: &Web, person: &Person, governance: &'a Governance, name: &str) -> Result<&'a Agreement, Problem> {
    expect_overseer(person)?;
    let id = explain::agreement_named(governance, name)
        .filter(|id| may_see(&web.node, &person.caller, governance, id))
        .ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let found = governance.agreements.get(&id).or_else(|| governance.proposals.get(&id));
    found.ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

/// How an agreement stands now: message id and class.
fn state_of(governance: &Governance, agreement: &Agreement) -> (&'static str, &'static str) {
    let now = governance.as_of;
    let standing = governance.standing(agreement, now);
    match (standing.version, agreement.versions.first()) {
        (_, None) => ("agreements-proposed", "warn"),
        (Some(_), _) if standing.is_in_force() => ("agreements-in-force", "good"),
        (Some(_), _) => ("agreements-resting", "calm"),
        (None, Some(first)) if now < first.terms.from => ("agreements-not-yet", "calm"),
        (None, Some(_)) => ("agreements-over", "calm"),
    }
}

/// Versions of an agreement that do not count yet, by number.
fn drafts_of<'a>(governance: &'a Governance, id: &AgreementId) -> Vec<(&'a Digest, &'a Draft)> {
    let all = governance.drafts.iter();
    let mut own: Vec<_> = all.filter(|(_, draft)| governance.agreement_of(&draft.terms) == Some(*id)).collect();
    own.sort_by_key(|(hash, draft)| (draft.terms.number, hash.to_text()));
    own
}

/// The address of a version's page.
fn version_path(governance: &Governance, id: &AgreementId, hash: &Digest) -> String {
    let base = agreement_path(governance, id).unwrap_or_else(|| format!("/agreements/{id}"));
    format!("{base}/versions/{}", hash.to_text())
}

/// A member's part in an agreement.
struct Part {
    code: String,
    name: String,
    state: String,
    class: &'static str,
    since: Option<When>,
    has_acceded: bool,
}

fn parts(governance: &Governance, person: &Person, agreement: &Agreement) -> Vec<Part> {
    let words = person.words;
    let standing = governance.standing(agreement, governance.as_of);
    let of = |code: &MemberCode| {
        let part = standing.parts.get(code);
        let (id, class) = match part.map(|part| part.state) {
            Some(PartState::Active) => ("agreements-part-active", "good"),
            Some(PartState::Suspended) => ("agreements-part-suspended", "warn"),
            Some(PartState::Ended) => ("agreements-part-ended", "calm"),
            None => ("agreements-part-none", "calm"),
        };
        Part {
            code: code.to_string(),
            name: member_name(governance, code, words.lang()),
            state: words.t(id),
            class,
            since: part.map(|part| When::at(&person.moments, part.since)),
            has_acceded: part.is_some_and(|part| part.acceded.is_some()),
        }
    };
    let mut codes: Vec<&MemberCode> = agreement.terms.parties.iter().chain(standing.parts.keys()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(of).collect()
}

#[derive(Template)]
#[template(path = "console/agreements.html")]
struct AgreementsPage {
    shell: Shell,
    rows: Vec<Row>,
    /// Versions of agreements whose earlier versions are not here.
    orphans: Vec<(String, String)>,
    may_hand_in: bool,
}

struct Row {
    path: String,
    handle: String,
    title: Worded,
    number: u64,
    state: String,
    class: &'static str,
    parts: Vec<Part>,
    next: Option<When>,
    drafts: Vec<DraftRow>,
}

/// A version that waits.
struct DraftRow {
    path: String,
    number: u64,
    missing: Vec<String>,
}

fn draft_rows(governance: &Governance, person: &Person, id: &AgreementId) -> Vec<DraftRow> {
    let row = |(hash, draft): (&Digest, &Draft)| DraftRow {
        path: version_path(governance, id, hash),
        number: draft.terms.number,
        missing: names(governance, &draft.missing, person.words.lang()),
    };
    drafts_of(governance, id).into_iter().map(row).collect()
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_overseer(&person)?;
    let governance = web.node.governance();
    let now = governance.as_of;
    let all = governance.agreements.values().chain(governance.proposals.values());
    let mut rows: Vec<Row> = all
        .filter(|agreement| may_see(&web.node, &person.caller, &governance, &agreement.id))
        .map(|agreement| {
            let (state, class) = state_of(&governance, agreement);
            let next = agreement.turning_points().into_iter().find(|at| *at > now);
            Row {
                path: agreement_path(&governance, &agreement.id).unwrap_or_default(),
                handle: agreement.terms.handle.to_string(),
                title: Worded::of(&agreement.terms.title, person.words.lang()),
                number: agreement.terms.number,
                state: person.words.t(state),
                class,
                parts: parts(&governance, &person, agreement),
                next: next.map(|at| When::at(&person.moments, at)),
                drafts: draft_rows(&governance, &person, &agreement.id),
            }
        })
        .collect();
    rows.sort_by(|a, b| a.handle.cmp(&b.handle));
    let unknown = governance.drafts.values().filter(|draft| governance.agreement_of(&draft.terms).is_none());
    let orphans = unknown.map(|draft| (draft.terms.handle.to_string(), draft.terms.number.to_string()));
    show(&AgreementsPage {
        // Of a document without its agreement nothing says who may see it: only who sees all documents.
        orphans: if person.caller.may(Right::Audit) { orphans.collect() } else { Vec::new() },
        may_hand_in: person.caller.may(Right::Documents),
        rows,
        shell: Shell::of(&web, &person, "/agreements"),
    })
}
