//! Agreements as people write them, made whole: what is left out gets its usual value, lists are put in order, a text alone is English. Whether one holds, the
//! model decides; what is doubtful in one that holds, `founding/check.rs` says.

use anyhow::{Context, Result};
use gotong_crypto::{Digest, Entropy, text};
use gotong_model::agreement::Terms;
use gotong_model::document::Purpose;
use gotong_model::governance::Governance;
use serde_json::{Value, json};

use super::charter::{mark, placed};
use super::written::{Part, Written};
use crate::fault::failure;

/// The version that an amendment follows.
#[derive(Clone, Debug)]
pub(crate) struct Before<'a> {
    /// What it says.
    pub(crate) terms: &'a Terms,
    /// Its hash.
    pub(crate) hash: Digest,
}

/// The rules of a channel type that may have a clause of their own.
const TYPE_CLAUSES: [&str; 6] =
    ["kinds_clause", "ceiling_clause", "onward_clause", "personal_data_clause", "exit_clause", "retention_clause"];

/// An agreement as people write it, made whole: the first version, or the one after `before`.
pub(crate) fn agreement_from_toml(
    source: &str,
    governance: &Governance,
    before: Option<&Before<'_>>,
    entropy: &dyn Entropy,
) -> Result<Terms> {
    let mut part = Part::read(source)?;
    of_its_region(&mut part, governance)?;
    let written = written(source, &mut part, before, entropy);
    let terms = Terms::from_value(written.value.clone()).map_err(|fault| placed(&written, fault))?;
    match terms.stranger(&governance.charters) {
        None => Ok(terms),
        Some(stranger) => {
            let what = format!("{stranger} is no member of the charter");
            Err(failure(what, "name members of the charter, or have it changed first: gotong charter propose"))
        }
    }
}

/// In a region that rehearses every agreement does, whether its file says so or not; in a real one none does.
pub(super) fn of_its_region(part: &mut Part, governance: &Governance) -> Result<()> {
    if super::rehearses(governance) {
        part.put("rehearsal", json!(true));
    } else if part.value_at("rehearsal") == Some(json!(true)) {
        return Err(failure("the file says that it only rehearses, and the region is real", super::REHEARSE_APART));
    }
    Ok(())
}

/// A file's tree made whole. Whatever does not fit is left for the model to refuse.
pub(crate) fn written(source: &str, part: &mut Part, before: Option<&Before<'_>>, entropy: &dyn Entropy) -> Written {
    make_whole(part, before, entropy);
    Written::of(source, part)
}

/// Puts in what is usual, and everything in order.
pub(super) fn make_whole(part: &mut Part, before: Option<&Before<'_>>, entropy: &dyn Entropy) {
    part.words("title");
    if part.remove("rehearsal") == Some(json!(true)) {
        mark(part, "title");
    }
    part.time("from");
    part.time("until");
    for name in ["until", "grace_hours", "accession"] {
        part.usual(name, Value::Null);
    }
    for name in ["prohibitions", "duties", "supersedes"] {
        part.usual(name, json!([]));
    }
    part.sort("parties");
    part.sort("supersedes");
    let parties_clause = part.value_at("parties_clause").unwrap_or_default();
    part.usual("amendment_clause", parties_clause.clone());
    part.usual("suspension_clause", parties_clause.clone());
    part.usual("termination", json!({}));
    if let Some(termination) = part.at("termination") {
        termination.usual("clause", parties_clause);
        termination.usual("notice_days", json!(30));
    }
    for clause in part.tables("clauses") {
        clause.words("title");
        clause.words("text");
    }
    let parties = part.value_at("parties").unwrap_or_default();
    for kind in part.tables("channel_types") {
        make_type_whole(kind, &parties);
    }
    part.sort_by("channel_types", "type");
    for list in ["prohibitions", "duties"] {
        for rule in part.tables(list) {
            for name in ["types", "kinds", "members"] {
                rule.usual(name, json!([]));
                rule.sort(name);
            }
        }
    }
    for rule in part.tables("prohibitions") {
        rule.usual("tlp_above", Value::Null);
    }
    if let Some(accession) = part.at("accession") {
        accession.usual("consent", json!("all"));
        accession.sort("candidates");
        accession.sort("types");
    }
    number(part, before, entropy);
}

fn make_type_whole(kind: &mut Part, parties: &Value) {
    kind.usual("audience", parties.clone());
    kind.sort("audience");
    let audience = kind.value_at("audience").unwrap_or_default();
    kind.usual("writers", audience);
    let usual = [
        ("kinds", json!(["stix"])),
        ("onward", json!("none")),
        ("personal_data", json!("none")),
        ("backlog", json!("all")),
        ("exit", json!("keep")),
        ("retention_days", Value::Null),
        ("exercise", json!(false)),
    ];
    for (name, value) in usual {
        kind.usual(name, value);
    }
    let clause = kind.value_at("clause").unwrap_or_default();
    for name in TYPE_CLAUSES {
        kind.usual(name, clause.clone());
    }
    kind.sort("writers");
    kind.sort("kinds");
}

/// What a file does not say of itself: its place among the versions.
fn number(part: &mut Part, before: Option<&Before<'_>>, entropy: &dyn Entropy) {
    part.put("gotong", json!(Purpose::Agreement.as_str()));
    part.put("version", json!(0));
    match before {
        None => {
            let mut nonce = [0_u8; 16];
            entropy.fill(&mut nonce);
            part.usual("nonce", json!(text::base64(&nonce)));
            part.put("number", json!(1));
            part.put("previous", Value::Null);
        }
        Some(before) => {
            part.usual("handle", json!(before.terms.handle.as_str()));
            part.put("nonce", json!(text::base64(&before.terms.nonce)));
            part.put("number", json!(before.terms.number + 1));
            part.put("previous", json!(before.hash.to_text()));
        }
    }
}

/// Whether terms may follow others.
pub(crate) fn may_follow(before: &Terms, next: &Terms) -> Result<()> {
    let kept = |what: &str, hint: &str| Err(failure(what.to_owned(), hint.to_owned()));
    if next.handle != before.handle {
        return kept("an amendment keeps the handle", "write the handle of the version before, or leave it out");
    }
    if next.from < before.from {
        let what = format!("\"from\" is before that of the version that it amends, {}", before.from);
        return Err(failure(what, "an amendment begins when or after the version before it did"));
    }
    for old in &before.channel_types {
        if next.channel_type(&old.name).is_some_and(|kind| kind.exercise != old.exercise) {
            let what = format!("{}: exercise traffic stays exercise, and real traffic real", old.name);
            return Err(failure(what, "give the exercise a channel type of its own, under another name"));
        }
    }
    Terms::from_value(next.to_value()).map(|_| ()).context("the amendment does not hold")
}
