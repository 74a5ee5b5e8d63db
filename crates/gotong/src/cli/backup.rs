//! `gotong backup`: one encrypted file with everything that a node needs, made while it runs or not.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::{Ending, runtime};
use crate::backup::{self, SealKeys};
use crate::client::{Client, Reach};
use crate::home::Home;
use crate::output::{print, print_json, visible, visible_lines};

/// Write everything that a node needs into one encrypted file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The node goes on serving meanwhile; one that does not run is backed up too. In the file are the store, the configuration, the node's keys and its \
statements: whoever opens it can be the node. The root key is not in it, and neither is the checkpoint file. The file is of the format of age. \
It is written beside its place and named once it is whole; nothing is ever written over.\n\nExample:\n  gotong backup --data ./vn --out vn-2026-11-22.backup --passphrase-file ./passphrase\n  gotong backup --data ./vn --out vn.backup --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
)]
pub(crate) struct Arguments {
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Public key of age of whoever may open it; more than one may be named.
    #[arg(long, value_name = "AGE-KEY", required_unless_present = "passphrase_file")]
    recipient: Vec<String>,
    /// A file whose first line is the passphrase that opens it.
    #[arg(long, value_name = "FILE", conflicts_with = "recipient")]
    passphrase_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let keys = SealKeys::read(&arguments.recipient, arguments.passphrase_file.as_deref())?;
    let home = Home::open(&arguments.data)?;
    let reach = Reach { data: Some(arguments.data.clone()), ..Reach::default() };
    let written = runtime()?.block_on(async {
        let mut client = Client::open(&reach).await?;
        let written = backup::write(&home, &mut client, &keys, &arguments.out, json).await;
        client.close().await;
        written
    })?;
    let manifest = &written.manifest;
    let out = arguments.out.display();
    let opens = if arguments.passphrase_file.is_some() { "--passphrase-file FILE" } else { "--identity FILE" };
    if json {
        print_json(&json!({
            "file": out.to_string(), "bytes": written.bytes, "member": manifest.member, "made_at": manifest.made_at,
            "logs": manifest.logs, "entries": manifest.entries(), "elsewhere": manifest.elsewhere,
        }))?;
        return Ok(Ending::Done);
    }
    print(&visible_lines(&format!(
        "Wrote {out}, {} bytes: the node of {} ({}) as it was at {}, with {} logs and {} entries.\n",
        written.bytes,
        manifest.member,
        manifest.name,
        manifest.made_at,
        manifest.logs.len(),
        manifest.entries(),
    )))?;
    for path in &manifest.elsewhere {
        print(&format!("Not in it, because it lies outside the data folder: {}\n", visible(path)))?;
    }
    print(&format!(
        "Next: check that it opens, and keep it on another machine:\n  gotong restore {out} --verify {opens}\n"
    ))?;
    Ok(Ending::Done)
}
