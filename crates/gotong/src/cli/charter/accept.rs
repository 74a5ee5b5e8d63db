//! `gotong charter accept` and `export`: how a node comes into a region, and how a member hands to a newcomer what it needs for that. The charters of a region
//! follow one another, so whoever comes late takes all of them; statements come along, so that it knows whom to dial.
//!
//! A node is never made part of a region by what travels: first contact is by file (`docs/protocol.md` section 6). Read next: `wiring.rs`.

use std::path::PathBuf;

use anyhow::Result;
use gotong_model::document::{self, Purpose};
use serde_json::{Value, json};

use super::super::documents::{self, codes, read};
use super::super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::fault::failure;
use crate::home::{self, Home};
use crate::output::{REHEARSAL_BANNER, list_at, print, print_json, text_at};
use crate::wiring;

/// Make a node a part of a region, or give it the next charter.
///
/// With the region's first charter, and all that follow it, the node joins; it also signs the statement of its own keys, where the root key is at hand.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "To join a region the node must not be running, and takes every charter from the first on: as files, or in the one file that gotong charter export writes at a member. Its statement stands afterwards in statement.note. A later charter alone is taken while the node runs.\n\nExample:\n  gotong charter accept charter.note --data ./vn --root keys/root.key\n  gotong charter accept region.note --data ./my --root keys/root.key\n  gotong charter accept charter-2.note --data ./vn"
)]
pub(super) struct Accept {
    /// Charters, signed by all who must, in any order; a file may hold several, and statements.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The member's root key; from the data folder if it is still there.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
}

/// Write the region's charters and its members' statements into one file, for a member that joins or has lost its node.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The node may be running. What the file says is signed, and holds no secret key; it names the members and where their nodes are reached.\n\nExample:\n  gotong charter export --data ./vn --out region.note"
)]
pub(super) struct Export {
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn is_first_charter(note: &[u8]) -> bool {
    let opened = document::open(note, None, Purpose::Charter);
    opened.is_ok_and(|opened| opened.value.get("number") == Some(&json!(1)))
}

pub(super) fn run(accept: &Accept, json: bool) -> Result<Ending> {
    let mut notes = Vec::new();
    for file in &accept.files {
        notes.extend(wiring::split_notes(&read(file)?));
    }
    let home = Home::open(&accept.data)?;
    if !notes.iter().any(|note| is_first_charter(note)) {
        return later(accept, &notes, json);
    }
    let papers = wiring::read_papers(notes)?;
    let root = wiring::root_key(&home, accept.root.as_deref())?;
    let region = wiring::accept_charter(&home, &papers, root.as_ref())?;
    let statement = home.statement_file();
    let has_statement = statement.is_file();
    let is_rehearsal = home.config()?.node.rehearsal;
    if json {
        print_json(&json!({"region": region.to_string(), "words": region.to_words(), "rehearsal": is_rehearsal,
            "statement": has_statement.then_some(statement)}))?;
        return Ok(Ending::of(has_statement));
    }
    if is_rehearsal {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!("The node belongs to the region {}\n", region.to_words()))?;
    let (data, statement) = (accept.data.display(), statement.display());
    let known = papers.others_with_statement(&home.config()?.node.code()?);
    print(&if has_statement {
        let next = if known.is_empty() {
            format!(
                "Next: hand {statement} to the other members, and take in theirs: gotong peer add FILE --data {data}\nThen"
            )
        } else {
            format!(
                "Where the nodes of {} are reached came along, and they hear of this one when it dials them.\n\nNext:",
                codes(&known)
            )
        };
        format!(
            "Its keys and address are signed: {statement}\n{next} gotong serve --data {data}, and gotong peer status --data {data} to see who is reached.\n\
             If you named a root key on a medium, take the medium out now: a running node never needs it.\n"
        )
    } else {
        let files: Vec<String> = accept.files.iter().map(|file| file.display().to_string()).collect();
        format!(
            "The root key is not here, so nothing says yet which node speaks for the member, and no peer will answer it.\n\n\
             Next: gotong keys request --data {data} --out statement.txt, to be signed where the root key is kept\n\
             or, with the key on a medium in this machine: gotong charter accept {} --data {data} --root KEY\n",
            files.join(" ")
        )
    })?;
    Ok(Ending::of(has_statement))
}

/// A charter after the first, for a node that is in the region already.
fn later(accept: &Accept, notes: &[Vec<u8>], json: bool) -> Result<Ending> {
    if !Home::open(&accept.data)?.statement_file().is_file() {
        return Err(failure(
            "this node is in no region yet, and these are not all of its charters",
            "name every charter from the first on; at a member's node gotong charter export writes them into one file",
        ));
    }
    if notes.iter().any(|note| !matches!(document::purpose_of(note), Ok(Purpose::Charter))) {
        return Err(failure(
            "one of the documents is no charter",
            "agreements and notices: gotong agreement accept; statements: gotong peer add",
        ));
    }
    let ending = documents::accept(&accept.files, &accept.data, json)?;
    if !json && ending == Ending::Done {
        print(
            "The nodes that this one reaches hear of it by themselves. Who joins with it needs a file: gotong charter export\n",
        )?;
    }
    Ok(ending)
}

pub(super) fn export(export: &Export, json: bool) -> Result<Ending> {
    let reach = Reach { data: Some(export.data.clone()), ..Reach::default() };
    let answer: Value = runtime()?.block_on(async {
        let mut client = Client::open(&reach).await?;
        let answer = client.get("documents").await;
        client.close().await;
        answer
    })?;
    let is_charter = |held: &&Value| text_at(held, "/purpose") == Purpose::Charter.as_str();
    let charters: Vec<&str> =
        list_at(&answer, "/documents").iter().filter(is_charter).map(|held| text_at(held, "/note")).collect();
    let statements: Vec<&str> = list_at(&answer, "/statements").iter().filter_map(Value::as_str).collect();
    home::write_whole(&export.out, [charters.concat(), statements.concat()].concat().as_bytes(), 0o644)?;
    let out = export.out.display();
    if json {
        print_json(&json!({"file": export.out, "charters": charters.len(), "statements": statements.len()}))?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "Wrote {out}: {} charters and {} statements\n\n\
         Next: hand it to who joins; there gotong charter accept {out} --data DIR --root KEY takes it.\n\
         Read the region's sixteen words over the phone as well: they show that the file was not exchanged on its way.\n",
        charters.len(),
        statements.len()
    ))?;
    Ok(Ending::Done)
}
