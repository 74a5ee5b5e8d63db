//! `gotong agreement show` and `list`: one version in words, two side by side, and all that a node knows with the state of each.

use std::path::{Path, PathBuf};

use anyhow::Result;
use gotong_model::agreement::{Agreement, PartState, Terms};
use gotong_model::charter::Texts;
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, Timestamp};
use serde_json::{Value, json};

use super::super::Ending;
use super::super::documents::{codes, texts};
use super::super::known::Known;
use crate::fault::usage;
use crate::founding::{self, Change};
use crate::output::{Table, list_at, print, print_json, visible_lines};

/// Show an agreement, or in what two versions differ.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement show agreement.note --charter charter.note\n  gotong agreement show --compare agreement.note agreement-2.note --charter charter.note"
)]
pub(super) struct Show {
    /// The agreement; with --compare the old version and the new one.
    #[arg(required = true, num_args = 1..=2)]
    files: Vec<PathBuf>,
    /// Say in what the second differs from the first.
    #[arg(long)]
    compare: bool,
    #[command(flatten)]
    known: Known,
}

/// List the agreements that a node knows: state, parts, next change.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong agreement list --data ./vn")]
pub(super) struct List {
    #[command(flatten)]
    known: Known,
}

pub(super) fn run(show: &Show, json: bool) -> Result<Ending> {
    let governance = show.known.governance()?;
    match (show.files.as_slice(), show.compare) {
        ([file], false) => one(&governance, file, json),
        ([old, new], true) => two(&governance, old, new, json),
        (_, true) => Err(usage("two files are compared", "gotong agreement show --compare OLD NEW")),
        (_, false) => Err(usage("one file is shown", "to compare two, add --compare")),
    }
}

fn english(texts: &Texts) -> &str {
    texts.get("en").map_or("", String::as_str)
}

fn one(governance: &Governance, file: &Path, json: bool) -> Result<Ending> {
    let (paper, terms) = super::open(governance, file)?;
    let mut known = governance.clone();
    known.add(paper.encode().as_bytes())?;
    // Only number 1 says the agreement's id; of a later one that stands alone it is not known.
    let first = (terms.number == 1).then(|| AgreementId(terms.hash(&governance.region)));
    let id = known.agreement_of(&terms).or(first).map_or_else(
        || "not known: name the versions before this one with --charter FILE".to_owned(),
        |id| id.to_string(),
    );
    let (signed, missing) = paper.signatures()?;
    if json {
        print_json(
            &json!({"id": id, "agreement": paper.opened.value, "signed": texts(&signed), "missing": texts(&missing)}),
        )?;
        return Ok(Ending::Done);
    }
    let (signed, missing) = (codes(&signed), codes(&missing));
    let head = format!(
        "{}\n  id       {id}, number {}\n  parties  {} (clause {})\n  dates    from {} until {} (clause {})\n  signed   {signed}\n  missing  {missing}\n",
        english(&terms.title),
        terms.number,
        codes(&terms.parties),
        terms.parties_clause,
        terms.from,
        terms.until.map_or_else(|| "further notice".to_owned(), |until| until.to_string()),
        terms.dates_clause,
    );
    print(&format!("{}\n{}\n{}", visible_lines(&head), channels(&terms), visible_lines(&rules(&terms))))?;
    Ok(Ending::Done)
}

fn channels(terms: &Terms) -> String {
    let mut types = Table::new(["channel", "ceiling", "kinds", "readers", "writers", "onward", "clauses"]);
    for kind in &terms.channel_types {
        types.row([
            format!("{}/{}{}", terms.handle, kind.name, if kind.exercise { " (EXERCISE)" } else { "" }),
            kind.ceiling.to_string(),
            kind.kinds.join(", "),
            codes(&kind.audience),
            codes(&kind.writers),
            kind.onward.as_str().to_owned(),
            format!("{}, kinds {}, ceiling {}", kind.clause, kind.kinds_clause, kind.ceiling_clause),
        ]);
    }
    types.text("no channels")
}

fn rules(terms: &Terms) -> String {
    let value = terms.to_value();
    let mut lines: Vec<String> = list_at(&value, "/prohibitions")
        .iter()
        .map(|rule| format!("forbidden: {}\n", founding::prohibition(rule)))
        .collect();
    lines.extend(list_at(&value, "/duties").iter().map(|rule| format!("duty: {}\n", founding::duty(rule))));
    if let Some(accession) = &terms.accession {
        let types: Vec<&str> = accession.types.iter().map(gotong_model::Slug::as_str).collect();
        let consent =
            if accession.consent.as_str() == "all" { "with every party's consent" } else { "without further consent" };
        let candidates = codes(&accession.candidates);
        lines.push(format!("may join: {candidates} in {} {consent} (clause {})\n", types.join(", "), accession.clause));
    }
    lines.push(format!("ends {} days after notice (clause {})\n\n", terms.notice_days, terms.termination_clause));
    for clause in &terms.clauses {
        lines.push(format!("  {}  {}\n      {}\n", clause.number, english(&clause.title), english(&clause.text)));
    }
    lines.concat()
}

fn two(governance: &Governance, old: &Path, new: &Path, json: bool) -> Result<Ending> {
    let (_, before) = super::open(governance, old)?;
    let mut known = governance.clone();
    known.add(&super::read(old)?)?;
    let (_, next) = super::open(&known, new)?;
    let changes = founding::compare(&before, &next);
    let follows = next.previous == Some(before.hash(&governance.region));
    if json {
        let changes: Vec<Value> = changes.iter().map(Change::to_value).collect();
        print_json(&json!({"old": before.number, "new": next.number, "follows": follows, "changes": changes}))?;
        return Ok(Ending::Done);
    }
    let text: String = changes.iter().map(Change::text).collect();
    print(&format!("{} number {} beside number {}\n", next.handle, next.number, before.number))?;
    if !follows {
        print("The second is not the next version of the first.\n")?;
    }
    print(if changes.is_empty() { "They say the same.\n" } else { "\n" })?;
    print(&visible_lines(&text))?;
    Ok(Ending::Done)
}

/// An agreement's state in a word or two, and the parts in it.
struct State {
    word: String,
    parts: Vec<(String, &'static str)>,
    next: Option<Timestamp>,
}

fn state(governance: &Governance, agreement: &Agreement) -> State {
    let now = governance.as_of;
    let standing = governance.standing(agreement, now);
    let word = match (standing.version, agreement.versions.first()) {
        (_, None) => "waits for signatures",
        (Some(_), _) if standing.is_in_force() => "in force",
        (Some(_), _) => "not in force: fewer than two parts are active",
        (None, Some(first)) if now < first.terms.from => "not yet in force",
        (None, Some(_)) => "over",
    };
    let part = |state: PartState| match state {
        PartState::Active => "active",
        PartState::Suspended => "suspended",
        PartState::Ended => "ended",
    };
    let parts = standing.parts.iter().map(|(code, own)| (code.to_string(), part(own.state))).collect();
    let next = agreement.turning_points().into_iter().find(|at| *at > now);
    State { word: word.to_owned(), parts, next }
}

pub(super) fn list(list: &List, json: bool) -> Result<Ending> {
    let governance = list.known.governance()?;
    let mut table = Table::new(["handle", "number", "state", "parts", "next change", "id"]);
    for agreement in governance.agreements.values().chain(governance.proposals.values()) {
        let state = state(&governance, agreement);
        let drafts: Vec<Value> = governance
            .drafts
            .iter()
            .filter(|(_, draft)| governance.agreement_of(&draft.terms) == Some(agreement.id))
            .map(|(hash, draft)| json!({"number": draft.terms.number, "hash": hash.to_text(), "missing": texts(&draft.missing)}))
            .collect();
        if json {
            let parts: serde_json::Map<String, Value> =
                state.parts.iter().map(|(code, state)| (code.clone(), json!(state))).collect();
            print_json(
                &json!({"id": agreement.id.to_string(), "handle": agreement.terms.handle.as_str(), "number": agreement.terms.number,
                "state": state.word, "parts": parts, "next_change": state.next.map(|at| at.to_string()), "drafts": drafts}),
            )?;
            continue;
        }
        let waits = |draft: &Value| {
            let missing: Vec<&str> = list_at(draft, "/missing").iter().filter_map(Value::as_str).collect();
            format!(
                "; number {} waits for {}",
                draft.get("number").unwrap_or(&Value::Null),
                if missing.is_empty() { "documents".to_owned() } else { missing.join(", ") }
            )
        };
        let parts: Vec<String> = state.parts.iter().map(|(code, state)| format!("{code} {state}")).collect();
        table.row([
            agreement.terms.handle.to_string(),
            agreement.terms.number.to_string(),
            format!("{}{}", state.word, drafts.iter().map(waits).collect::<String>()),
            parts.join(", "),
            state.next.map_or_else(|| "none known".to_owned(), |at| at.to_string()),
            agreement.id.to_string(),
        ]);
    }
    if !json {
        print(&table.text("no agreements"))?;
    }
    Ok(Ending::Done)
}
