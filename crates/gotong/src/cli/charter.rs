//! `gotong charter`: founding a region with files. One member drafts it, every voter signs, every node accepts it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use gotong_model::{Clock, MemberCode};
use serde_json::{Value, json};

use super::Ending;
use crate::clock::SystemClock;
use crate::founding::{self, Paper};
use crate::home::{self, Home};
use crate::output::{Table, list_at, print, print_json, text_at};
use crate::wiring;

/// Found a region: draft its charter, sign it, accept it.
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
    Sign(Sign),
    Show(Show),
    Accept(Accept),
}

/// Draft a charter from a TOML file.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file:\n  name = \"ASEAN\"\n  [[members]]          # one for each, from root/member.toml of its node\n  code = \"vn\"\n  name = \"Viet Nam\"\n  role = \"state\"       # state, partner or coordinator\n  root_key = \"…\"\n\nAll states vote and all must sign, unless voters = [\"id\", …] and rule = { at_least = 7 } say otherwise.\n\nExample:\n  gotong charter new charter.toml --out charter.note"
)]
struct New {
    /// The charter in TOML.
    source: PathBuf,
    /// Where the draft goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Sign a charter with a voter's root key.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong charter sign charter.note --root vn/root/root.key")]
struct Sign {
    /// The charter; the signature is added to it.
    file: PathBuf,
    /// The voter's root key.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
}

/// Show a charter: the region's words, its members, who has signed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong charter show charter.note")]
struct Show {
    /// The charter.
    file: PathBuf,
}

/// Make a node a part of a region, and sign the statement of its keys.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The node must not be running. Its statement stands afterwards in statement.note; give it to the other members (gotong peer add).\n\nExample:\n  gotong charter accept charter.note --data ./vn"
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
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    match &arguments.what {
        What::New(new) => draft(new, json),
        What::Sign(sign) => add_signature(sign, json),
        What::Show(show) => describe(&show.file, json),
        What::Accept(accept) => adopt(accept, json),
    }
}

/// Reads a document's file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// Writes a document where it was wished.
pub(super) fn put(out: Option<&Path>, note: &str) -> Result<()> {
    match out {
        Some(path) => home::write_whole(path, note.as_bytes(), 0o644),
        None => print(note),
    }
}

/// Codes in a row.
pub(super) fn codes(codes: &[MemberCode]) -> String {
    if codes.is_empty() {
        "nobody".to_owned()
    } else {
        codes.iter().map(MemberCode::as_str).collect::<Vec<_>>().join(", ")
    }
}

fn draft(new: &New, json: bool) -> Result<Ending> {
    let source =
        String::from_utf8(read(&new.source)?).with_context(|| format!("{} is no text", new.source.display()))?;
    let charter = founding::charter_from_toml(&source, SystemClock.now())
        .with_context(|| format!("the charter in {} does not hold", new.source.display()))?;
    put(new.out.as_deref(), &founding::charter_draft(&charter))?;
    let Some(out) = &new.out else { return Ok(Ending::Done) };
    let region = charter.region();
    if json {
        print_json(&json!({"file": out, "region": region.to_string(), "words": region.to_words()}))?;
    } else {
        print(&format!(
            "Drafted {}\n  region   {}\n  to sign  {}\n",
            out.display(),
            region.to_words(),
            codes(&charter.voters)
        ))?;
    }
    Ok(Ending::Done)
}

fn add_signature(sign: &Sign, json: bool) -> Result<Ending> {
    let mut paper = founding::open_charter(&read(&sign.file)?)?;
    let signer = paper.sign(&home::read_root_key(&sign.root)?)?;
    home::write_whole(&sign.file, paper.encode().as_bytes(), 0o644)?;
    say_signed(&paper, &signer, json)
}

/// Who has signed now.
pub(super) fn say_signed(paper: &Paper, signer: &MemberCode, json: bool) -> Result<Ending> {
    let (signed, missing) = paper.signatures()?;
    if json {
        print_json(&json!({"signer": signer.as_str(), "signed": texts(&signed), "missing": texts(&missing)}))?;
    } else {
        print(&format!("Signed for {signer}. Still missing: {}\n", codes(&missing)))?;
    }
    Ok(Ending::Done)
}

/// Codes for JSON.
pub(super) fn texts(codes: &[MemberCode]) -> Vec<&str> {
    codes.iter().map(MemberCode::as_str).collect()
}

fn describe(file: &Path, json: bool) -> Result<Ending> {
    let paper = founding::open_charter(&read(file)?)?;
    let (signed, missing) = paper.signatures()?;
    let (value, region) = (&paper.opened.value, paper.opened.region);
    if json {
        print_json(&json!({"region": region.to_string(), "words": region.to_words(), "charter": value,
            "signed": texts(&signed), "missing": texts(&missing)}))?;
        return Ok(Ending::of(missing.is_empty()));
    }
    let mut members = Table::new(["code", "role", "name", "root key"]);
    for member in list_at(value, "/members") {
        let cell = |name: &str| text_at(member, name).to_owned();
        members.row([cell("/code"), cell("/role"), cell("/name/en"), cell("/root_key")]);
    }
    let voters: Vec<&str> = list_at(value, "/voters").iter().filter_map(Value::as_str).collect();
    print(&format!(
        "{}, founded {}\n  region   {}\n  id       {region}\n  voters   {}\n  signed   {}\n  missing  {}\n\n{}",
        text_at(value, "/name/en"),
        text_at(value, "/founded_at"),
        region.to_words(),
        voters.join(", "),
        codes(&signed),
        codes(&missing),
        members.text("no members"),
    ))?;
    Ok(Ending::of(missing.is_empty()))
}

fn adopt(accept: &Accept, json: bool) -> Result<Ending> {
    let home = Home::open(&accept.data)?;
    let root = wiring::root_key(&home, accept.root.as_deref())?;
    let region = wiring::accept_charter(&home, &read(&accept.file)?, root.as_ref())?;
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
