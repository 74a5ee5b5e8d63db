//! One version of an agreement: in what it differs from the one before, whose signatures it has and lacks, what it would change, how a member signs it,
//! and handing in a copy with more signatures.
//!
//! Signing is not done here: a root key is kept offline, so the page names the command. Read next: `agreements/hand_in.rs`.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gotong_app::role::Right;
use gotong_crypto::Digest;
use gotong_model::MemberCode;
use gotong_model::agreement::{Agreement, Terms};
use gotong_model::governance::Governance;

use super::super::channels::{Worded, agreement_path, names};
use super::super::person::Person;
use super::super::shell::Shell;
use super::super::show;
use super::super::shown::When;
use super::compare::{Difference, compare};
use super::seen;
use super::suppose::{Supposed, suppose};
use crate::api::Web;
use crate::problem::{Problem, table};

#[derive(Template)]
#[template(path = "console/agreement_version.html")]
struct VersionPage {
    shell: Shell,
    agreement_path: String,
    path: String,
    title: Worded,
    number: u64,
    hash: String,
    from: When,
    until: Option<When>,
    /// Whether all who must have signed it.
    counts: bool,
    signed: Vec<String>,
    missing: Vec<String>,
    /// The version it is compared with; of a first version nothing.
    before: Option<u64>,
    differences: Vec<Difference>,
    supposed: Option<Supposed>,
    may_download: bool,
    may_hand_in: bool,
    file: String,
    /// The agreement's id, for the file of what the version stands on.
    agreement: String,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Path((name, hash)): Path<(String, String)>,
) -> Result<Response, Response> {
    one(&web, &person, &name, &hash).await.map_err(IntoResponse::into_response)
}

/// What is known of one version.
struct Found<'a> {
    terms: &'a Terms,
    missing: Vec<MemberCode>,
    counts: bool,
    note: &'a [u8],
}

fn find<'a>(governance: &'a Governance, agreement: &'a Agreement, hash: &Digest) -> Option<Found<'a>> {
    if let Some(version) = agreement.version(hash) {
        return Some(Found { terms: &version.terms, missing: Vec::new(), counts: true, note: &version.note });
    }
    let draft = governance.drafts.get(hash)?;
    let is_of = governance.agreement_of(&draft.terms) == Some(agreement.id);
    is_of.then(|| Found { terms: &draft.terms, missing: draft.missing.clone(), counts: false, note: &draft.note })
}

async fn one(web: &Web, person: &Person, name: &str, hash: &str) -> Result<Response, Problem> {
    let governance = web.node.governance();
    let agreement = seen(web, person, &governance, name)?;
    let missing = || Problem::of(&table::NOT_FOUND);
    let hash = Digest::from_text(hash).ok_or_else(missing)?;
    let found = find(&governance, agreement, &hash).ok_or_else(missing)?;
    let may_hand_in = person.caller.may(Right::Documents);
    let supposed = if may_hand_in && !found.counts { suppose(web, person, found.note).await?.ok() } else { None };
    let words = person.words;
    let terms = found.terms;
    let before = terms.previous.and_then(|previous| agreement.version(&previous));
    let signed: Vec<&MemberCode> = terms.parties.iter().filter(|code| !found.missing.contains(code)).collect();
    let base = agreement_path(&governance, &agreement.id).unwrap_or_default();
    show(&VersionPage {
        path: format!("{base}/versions/{}", hash.to_text()),
        agreement_path: base,
        title: Worded::of(&terms.title, words.lang()),
        number: terms.number,
        hash: hash.to_text(),
        from: When::at(&person.moments, terms.from),
        until: terms.until.map(|until| When::at(&person.moments, until)),
        counts: found.counts,
        signed: names(&governance, signed, words.lang()),
        missing: names(&governance, &found.missing, words.lang()),
        before: before.map(|before| before.terms.number),
        differences: before.map(|before| compare(words, &before.terms, terms)).unwrap_or_default(),
        supposed,
        may_download: may_hand_in || person.caller.may(Right::Audit),
        may_hand_in,
        agreement: agreement.id.to_string(),
        file: format!("{}-{}.note", terms.handle, terms.number),
        shell: Shell::of(web, person, "/agreements"),
    })
}
