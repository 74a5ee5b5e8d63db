//! `gotong charter`: founding a region with files, and changing it. One member drafts it, voters sign, every node accepts it. Later charters are in
//! `charter/propose.rs`, what is shown in `charter/show.rs`.

mod propose;
mod show;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use gotong_model::Clock;
use gotong_model::charter::Charter;
use gotong_model::document::{self, Purpose};
use serde_json::json;

use super::Ending;
use super::documents::{self, codes, put, read, read_text, sign_file};
use super::known::Known;
use crate::clock::SystemClock;
use crate::fault::failure;
use crate::founding;
use crate::home::Home;
use crate::output::{print, print_json};
use crate::wiring;

/// Found a region and change its charter: draft, propose, sign, show, accept.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  cat region.toml vn/root/member.toml th/root/member.toml > charter.toml\n  gotong charter new charter.toml --out charter.note\n  gotong charter sign charter.note --root vn/root/root.key\n  gotong charter show charter.note"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    New(New),
    Propose(propose::Propose),
    Sign(Sign),
    Show(show::Show),
    Accept(Accept),
}

/// Draft a region's first charter from a TOML file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file:\n  name = \"ASEAN\"\n  [[members]]          # one for each, from root/member.toml of its node\n  code = \"vn\"\n  name = \"Viet Nam\"\n  role = \"state\"       # state, partner or coordinator\n  root_key = \"…\"\n\nAll states vote and all must sign, unless voters = [\"id\", …] and rule = { at_least = 7 } say otherwise.\n\nExample:\n  gotong charter new charter.toml --out charter.note"
)]
struct New {
    /// The charter in TOML.
    source: PathBuf,
    /// Mark it as a rehearsal: only keys of a rehearsal sign it, and no node takes it for real.
    #[arg(long)]
    rehearsal: bool,
    /// Where the draft goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Sign a charter with a root key: a voter's, or one that joins with it.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Read it first: gotong charter show FILE. A charter after the first needs the one before, by --charter or --data.\n\nExample:\n  gotong charter sign charter.note --root vn/root/root.key\n  gotong charter sign charter-2.note --charter charter.note --root vn/root/root.key"
)]
struct Sign {
    /// The charter; the signature is added to it.
    file: PathBuf,
    /// The voter's root key.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    #[command(flatten)]
    known: Known,
}

/// Make a node a part of a region, or give it the next charter.
///
/// With the first charter it also signs the statement of the node's keys, where the root key is at hand.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "For a region's first charter the node must not be running. Its statement stands afterwards in statement.note; give it to the other members (gotong peer add).\n\nExample:\n  gotong charter accept charter.note --data ./vn"
)]
struct Accept {
    /// The charter, signed by all who must.
    file: PathBuf,
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The member's root key; from the data folder if it is still there.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Take a charter that only rehearses.
    #[arg(long)]
    rehearsal: bool,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(new) => draft(new, json),
        What::Propose(what) => propose::run(what, json),
        What::Sign(sign) => {
            let before = sign.known.is_named().then(|| sign.known.governance()).transpose()?;
            let (paper, _) = founding::open_charter(&read(&sign.file)?, before.as_ref())?;
            sign_file(&sign.file, paper, &sign.root, json)
        }
        What::Show(what) => show::run(what, json),
        What::Accept(what) => accept(what, json),
    }
}

fn draft(new: &New, json: bool) -> Result<Ending> {
    let mut source = read_text(&new.source)?;
    if new.rehearsal {
        source.insert_str(0, "rehearsal = true\n");
    }
    let charter = founding::charter_from_toml(&source, None, SystemClock.now())
        .with_context(|| format!("the charter in {} does not hold", new.source.display()))?;
    let region = charter.region();
    put(new.out.as_deref(), &founding::charter_draft(&charter, &region))?;
    let Some(out) = &new.out else { return Ok(Ending::Done) };
    if json {
        print_json(&json!({"file": out, "region": region.to_string(), "words": region.to_words()}))?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "Drafted {}\n  region   {}\n  to sign  {}\n",
        out.display(),
        region.to_words(),
        codes(&charter.voters)
    ))?;
    let next = "Next: hand the file round. Each voter compares the region's words with the others over the phone, then signs: gotong charter sign";
    print(&format!("{next} {} --root KEY\n", out.display()))?;
    Ok(Ending::Done)
}

fn accept(accept: &Accept, json: bool) -> Result<Ending> {
    let note = read(&accept.file)?;
    let opened = document::open(&note, None, Purpose::Charter)?;
    let charter = Charter::from_value(opened.value)?;
    if charter.number > 1 {
        return documents::accept(std::slice::from_ref(&accept.file), &accept.data, json);
    }
    let is_rehearsal = charter.name.get("en").is_some_and(|name| name.starts_with(founding::REHEARSAL));
    if is_rehearsal && !accept.rehearsal {
        return Err(failure(
            "this charter only rehearses",
            "to rehearse with this node, say so: --rehearsal; a node that is meant takes the real charter",
        ));
    }
    let home = Home::open(&accept.data)?;
    let root = match &accept.root {
        Some(path) => Some(documents::root_for(path, is_rehearsal)?),
        None => wiring::root_key(&home, None)?,
    };
    let region = wiring::accept_charter(&home, &note, root.as_ref())?;
    let statement = home.statement_file();
    let has_statement = statement.is_file();
    if json {
        print_json(
            &json!({"region": region.to_string(), "words": region.to_words(), "statement": has_statement.then_some(statement)}),
        )?;
    } else {
        print(&format!("The node belongs to the region {}\n", region.to_words()))?;
        let next = if has_statement {
            format!("Give {} to the other members: gotong peer add.\n", statement.display())
        } else {
            "The root key is not here, so the node's statement is unsigned: repeat this with --root FILE.\n".to_owned()
        };
        print(&next)?;
    }
    Ok(Ending::of(has_statement))
}
