//! `gotong charter show`: the region's words, the members, the votes; of one file, or of every version that a node knows.

use std::path::{Path, PathBuf};

use anyhow::Result;
use gotong_model::charter::Charter;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use serde_json::{Value, json};

use super::super::Ending;
use super::super::documents::{codes, read, texts};
use super::super::known::Known;
use crate::fault::usage;
use crate::founding;
use crate::output::{REHEARSAL_BANNER, Table, print, print_json, visible, visible_lines};

/// Show a charter: the region's words, its members, who has signed; or every version that is known.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 0 only where nothing is missing.\n\nExample:\n  gotong charter show charter.note\n  gotong charter show charter-2.note --charter charter.note\n  gotong charter show --data ./vn"
)]
pub(super) struct Show {
    /// The charter; every version that is known, if not named.
    file: Option<PathBuf>,
    #[command(flatten)]
    known: Known,
}

pub(super) fn run(show: &Show, json: bool) -> Result<Ending> {
    let known = show.known.is_named().then(|| show.known.governance()).transpose()?;
    match (&show.file, known) {
        (Some(file), known) => one(file, known.as_ref(), json),
        (None, Some(known)) => all(&known, json),
        (None, None) => Err(usage("no charter was named", "name its file, or a node with --data DIR")),
    }
}

fn members(charter: &Charter) -> String {
    let mut members = Table::new(["code", "role", "name", "root key", "its words"]);
    for member in charter.members.values() {
        let words = gotong_crypto::text::words(&member.root_key.to_bytes());
        let cell = |text: &str| text.to_owned();
        members.row([
            cell(member.code.as_str()),
            cell(member.role.as_str()),
            cell(member.english()),
            member.root_key.to_text(),
            words,
        ]);
    }
    members.text("no members")
}

fn one(file: &Path, known: Option<&Governance>, json: bool) -> Result<Ending> {
    let (paper, charter) = founding::open_charter(&read(file)?, known)?;
    let region = paper.opened.region;
    let before = known.and_then(|known| known.charters.iter().find(|old| Some(old.hash()) == charter.previous));
    let votes = founding::votes(&paper.opened.note, &region, before, &charter)?;
    let (signed, missing) = paper.signatures()?;
    if json {
        print_json(
            &json!({"region": region.to_string(), "words": region.to_words(), "rehearsal": paper.is_rehearsal(), "charter": paper.opened.value,
            "signed": texts(&signed), "missing": texts(&missing), "votes": votes.to_value()}),
        )?;
        return Ok(Ending::of(votes.are_enough()));
    }
    let changes = before.map(|before| founding::compare_charters(before, &charter)).unwrap_or_default();
    let changes = founding::bullets(&changes);
    if paper.is_rehearsal() {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!(
        "{}, founded {}\n  region   {}\n  id       {region}\n  number   {}, from {}\n  voters   {}\n{}{}\n{}",
        visible(charter.name.get("en").map_or("", String::as_str)),
        charter.founded_at,
        region.to_words(),
        charter.number,
        charter.from,
        codes(&charter.voters),
        votes.text(),
        visible_lines(&changes),
        members(&charter),
    ))?;
    Ok(Ending::of(votes.are_enough()))
}

fn all(known: &Governance, json: bool) -> Result<Ending> {
    let region = known.region;
    let mut found: Vec<(Charter, founding::Votes, &str)> = Vec::new();
    for note in known.notes() {
        let Ok(opened) = document::open(note.as_bytes(), Some(&region), Purpose::Charter) else { continue };
        let charter = Charter::from_value(opened.value)?;
        let before = known.charters.iter().find(|old| Some(old.hash()) == charter.previous);
        let votes = founding::votes(&opened.note, &region, before, &charter)?;
        let counts = known.charters.iter().any(|other| other.hash() == charter.hash());
        let state = match () {
            () if charter.hash() == known.charter.hash() => "in force",
            () if counts && charter.from > known.as_of => "not yet in force",
            () if counts => "followed by a later one",
            () if charter.number > 1 && before.is_none() => "waits for the charter before it",
            () if votes.are_enough() => "disputed: another of its number is signed too",
            () => "waits for signatures",
        };
        found.push((charter, votes, state));
    }
    found.sort_by_key(|(charter, ..)| (charter.number, charter.from));
    let complete = found.iter().all(|(_, votes, _)| votes.are_enough());
    if json {
        let versions: Vec<Value> = found
            .iter()
            .map(|(charter, votes, state)| {
                json!({"number": charter.number, "hash": charter.hash().to_text(), "from": charter.from.to_string(), "state": state,
                       "votes": votes.to_value(), "charter": charter.to_value()})
            })
            .collect();
        print_json(
            &json!({"region": region.to_string(), "words": region.to_words(), "rehearsal": founding::rehearses(known),
            "versions": versions}),
        )?;
        return Ok(Ending::of(complete));
    }
    if founding::rehearses(known) {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!(
        "{}, founded {}\n  region   {}\n  id       {region}\n",
        visible(known.charter.name.get("en").map_or("", String::as_str)),
        known.charter.founded_at,
        region.to_words()
    ))?;
    for (charter, votes, state) in &found {
        let before = known.charters.iter().find(|old| Some(old.hash()) == charter.previous);
        let changes = before.map(|before| founding::compare_charters(before, charter)).unwrap_or_default();
        let changes = founding::bullets(&changes);
        print(&visible_lines(&format!(
            "\nNumber {}, from {}: {state}\n{}{changes}",
            charter.number,
            charter.from,
            votes.text()
        )))?;
    }
    print(&format!("\n{}", members(&known.charter)))?;
    Ok(Ending::of(complete))
}
