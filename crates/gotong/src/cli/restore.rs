//! `gotong restore`: put a backup back into a blank folder, or look whether it would hold. What came of it is computed from the entries and not believed.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::Ending;
use crate::backup::{self, LogHead, OpenKey, Proof};
use crate::output::{Table, print, print_json, visible_lines};

/// Put a backup back into a blank folder, or only verify it.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Every root is computed again from the entries and compared with what the backup says. A folder comes into its place whole or not at all. \
A node that was restored reads and serves what it had, takes in what others publish and withdraw, and publishes nothing itself.\n\nExample:\n  gotong restore vn.backup --verify --passphrase-file ./passphrase\n  gotong restore vn.backup --data ./vn --passphrase-file ./passphrase"
)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["data", "verify"]))]
#[command(group = clap::ArgGroup::new("key").required(true).args(["identity", "passphrase_file"]))]
pub(crate) struct Arguments {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder to make: it must not be there yet, or be empty.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only open and check it; nothing is left behind.
    #[arg(long)]
    verify: bool,
    /// A file with the secret key of age that opens it.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// A file whose first line is the passphrase that opens it.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Where verifying may take room for the store; the system's folder for temporary files where nothing is said.
    #[arg(long, value_name = "DIR", requires = "verify")]
    scratch: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let key = OpenKey::read(arguments.identity.as_deref(), arguments.passphrase_file.as_deref())?;
    let proof = if let Some(place) = &arguments.data {
        backup::restore(&arguments.file, &key, place, json)?
    } else {
        let scratch = arguments.scratch.clone().unwrap_or_else(std::env::temp_dir);
        backup::verify(&arguments.file, &key, &scratch, json)?
    };
    if json {
        print_json(&document(arguments, &proof))?;
    } else {
        print(&visible_lines(&text(arguments, &proof)))?;
    }
    Ok(Ending::Done)
}

fn document(arguments: &Arguments, proof: &Proof) -> Value {
    let manifest = &proof.manifest;
    json!({
        "sound": true, "member": manifest.member, "region": manifest.region, "made_at": manifest.made_at,
        "program": manifest.program, "entries": proof.entries, "whole": proof.whole, "erased": proof.erased,
        "withheld": proof.withheld, "logs": proof.logs, "elsewhere": manifest.elsewhere,
        "data": arguments.data.as_ref().map(|data| data.display().to_string()),
        "signs": arguments.data.is_some().then_some(!proof.has_signed),
    })
}

/// Size and root of each log, as `gotong log verify` shows them too.
pub(super) fn logs_text(logs: &[LogHead]) -> String {
    let mut table = Table::new(["size", "root", "log"]);
    for log in logs {
        table.row([log.size.to_string(), log.root.clone(), log.log.clone()]);
    }
    table.text("There are no logs yet.")
}

fn text(arguments: &Arguments, proof: &Proof) -> String {
    let manifest = &proof.manifest;
    let mut text = format!(
        "Everything holds.\n  node      {} ({})\n  region    {}\n  made      {} by gotong {}\n  logs      {}\n  entries   {}: {} whole, {} erased, {} withheld\n\n{}\nEach root was computed again from the entries, and is the one that the backup names.\n",
        manifest.member,
        manifest.name,
        manifest.region_words,
        manifest.made_at,
        manifest.program,
        proof.logs.len(),
        proof.entries,
        proof.whole,
        proof.erased,
        proof.withheld,
        logs_text(&proof.logs),
    );
    for path in &manifest.elsewhere {
        let _ = writeln!(text, "Not in the backup, and named by the configuration: {path}");
    }
    let Some(place) = &arguments.data else {
        text.push_str("Nothing was written.\n");
        return text;
    };
    let place = place.display();
    let _ = writeln!(text, "\nRestored into {place}.");
    if proof.has_signed {
        text.push_str(
            "This node now reads and serves what it had. From its peers it takes in what they published since, and it carries out their withdrawals.\n\
It publishes and withdraws nothing, and signs no checkpoint of its own logs: since the backup it may have signed entries that are not in it, and two histories of one log must never be.\n\
Never copy the old checkpoint file here. If the old folder is still there and sound, go on with that one instead.\n",
        );
    } else {
        text.push_str("Nothing had been signed from it yet, so it goes on like before.\n");
    }
    let _ = writeln!(text, "Next: see that the old node does not run any more, then\n  gotong serve --data {place}");
    text
}
