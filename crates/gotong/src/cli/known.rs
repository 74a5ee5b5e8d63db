//! The governance that a command stands on: from files, or from a node, which is asked where it runs and opened where it does not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_model::Clock;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use serde_json::{Value, json};

use super::documents::read;
use super::runtime;
use crate::client::{Client, Reach};
use crate::clock::SystemClock;
use crate::fault::usage;
use crate::output::{list_at, text_at};
use crate::wiring;

/// The documents that this stands on.
#[derive(clap::Args, Debug)]
pub(super) struct Known {
    /// The charter; named again for each charter after the first, and for agreements and notices that this stands on.
    #[arg(long, value_name = "FILE", help_heading = "What is known")]
    charter: Vec<PathBuf>,
    /// A node's data folder, for all that the node has.
    #[arg(long, value_name = "DIR", help_heading = "What is known")]
    pub(super) data: Option<PathBuf>,
}

impl Known {
    /// Whether anything was named.
    pub(super) fn is_named(&self) -> bool {
        !self.charter.is_empty() || self.data.is_some()
    }

    /// The same as words of a command line, for telling what comes next.
    pub(super) fn arguments(&self) -> String {
        let charters = self.charter.iter().map(|file| format!("--charter {}", file.display()));
        let data = self.data.iter().map(|data| format!("--data {}", data.display()));
        charters.chain(data).collect::<Vec<_>>().join(" ")
    }

    /// What governs, as of now.
    pub(super) fn governance(&self) -> Result<Governance> {
        let mut notes: Vec<Vec<u8>> = Vec::new();
        for file in &self.charter {
            notes.extend(wiring::split_notes(&read(file)?));
        }
        if let Some(data) = &self.data {
            notes.extend(of_node(&Reach { data: Some(data.clone()), ..Reach::default() })?);
        }
        if notes.is_empty() {
            return Err(usage(
                "no charter was named",
                "name it with --charter FILE, or a node that has it with --data DIR",
            ));
        }
        governance_of(&notes)
    }
}

/// What governs at the node of a data folder.
pub(super) fn of_folder(data: &Path) -> Result<Governance> {
    governance_of(&of_node(&Reach { data: Some(data.to_owned()), ..Reach::default() })?)
}

/// What these notes come to, as of now.
pub(super) fn governance_of(notes: &[Vec<u8>]) -> Result<Governance> {
    let is_first = |note: &&Vec<u8>| {
        let opened = document::open(note, None, Purpose::Charter);
        opened.is_ok_and(|opened| opened.value.get("number") == Some(&json!(1)))
    };
    let first = notes.iter().find(is_first).or(notes.first()).context("a charter")?;
    let mut governance = wiring::read_charter(first)?;
    governance.add_all(notes.iter().map(Vec::as_slice)).context("a document that was named does not hold")?;
    Ok(governance.at(SystemClock.now()))
}

/// The documents that a node has.
fn of_node(reach: &Reach) -> Result<Vec<Vec<u8>>> {
    let answer: Value = runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let answer = client.get("documents").await;
        client.close().await;
        answer
    })?;
    Ok(notes_in(&answer))
}

/// The notes in a node's answer.
pub(super) fn notes_in(documents: &Value) -> Vec<Vec<u8>> {
    list_at(documents, "/documents").iter().map(|held| text_at(held, "/note").as_bytes().to_vec()).collect()
}
