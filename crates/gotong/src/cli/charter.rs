//! `gotong charter`: founding a region with files, and changing it. One member drafts it, voters sign, every node accepts it (`charter/accept.rs`). Later
//! charters are in `charter/propose.rs`, what is shown in `charter/show.rs`. Whether a charter holds, `gotong-model` decides.

mod accept;
mod propose;
mod show;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use gotong_model::Clock;
use serde_json::json;

use super::Ending;
use super::documents::{codes, put, read, read_text, sign_file};
use super::known::Known;
use crate::clock::SystemClock;
use crate::founding;
use crate::output::{REHEARSAL_BANNER, print, print_json};

/// Found a region and change its charter: draft, propose, sign, show, accept, export.
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
    Accept(accept::Accept),
    Export(accept::Export),
}

/// Draft a region's first charter from a TOML file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file:\n  name = \"ASEAN\"\n  [[members]]          # one for each, from root/member.toml of its node\n  code = \"vn\"\n  name = \"Viet Nam\"\n  role = \"state\"       # state, partner or coordinator\n  root_key = \"…\"\n\nAll states vote and all must sign, unless voters = [\"id\", …] and rule = { at_least = 7 } say otherwise.\n\nExample:\n  gotong charter new charter.toml --out charter.note"
)]
struct New {
    /// The charter in TOML.
    source: PathBuf,
    /// Mark it as a rehearsal: only keys of a rehearsal sign it, and only nodes that rehearse take it.
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

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(new) => draft(new, json),
        What::Propose(what) => propose::run(what, json),
        What::Sign(sign) => {
            let before = sign.known.is_named().then(|| sign.known.governance()).transpose()?;
            let (paper, _) = founding::open_charter(&read(&sign.file)?, before.as_ref())?;
            sign_file(&sign.file, paper, &sign.root, "gotong charter accept", json)
        }
        What::Show(what) => show::run(what, json),
        What::Accept(what) => accept::run(what, json),
        What::Export(what) => accept::export(what, json),
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
        print_json(
            &json!({"file": out, "region": region.to_string(), "words": region.to_words(), "rehearsal": founding::rehearses_charter(&charter)}),
        )?;
        return Ok(Ending::Done);
    }
    if founding::rehearses_charter(&charter) {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!(
        "Drafted {}\n  region   {}\n  to sign  {}\n",
        out.display(),
        region.to_words(),
        codes(&charter.voters)
    ))?;
    let out = out.display();
    print(&format!(
        "\nNext: the file goes from one voter to the next. Each compares the region's words, and the words beside its own key, with the others\n\
         over the phone, then signs:\n  gotong charter show {out}\n  gotong charter sign {out} --root KEY\n"
    ))?;
    Ok(Ending::Done)
}
