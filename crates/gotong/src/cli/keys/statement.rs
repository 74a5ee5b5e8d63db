//! The statement of a node's keys and address, signed where the root key is kept: a text goes there in a file, and comes back signed. So a root key never has
//! to come near a machine with a network.

use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_crypto::note::{self, Note};
use gotong_crypto::text;
use gotong_model::document::{self, Purpose, Role};
use gotong_model::{MemberCode, RegionId};
use serde_json::{Value, json};

use super::super::Ending;
use super::super::documents::read_text;
use crate::fault::failure;
use crate::home::{self, Home};
use crate::output::{list_at, number_at, print, print_json, text_at};
use crate::wiring;

/// Write the text that a root key has to sign, so that this node may speak for its member.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The node must not be running. The text holds no secret.\n\nExample:\n  gotong keys request --data ./vn --out statement.txt"
)]
pub(super) struct Request {
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Sign such a text, on the machine where the root key is kept.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Says first what it signs. Needs neither a network nor a data folder.\n\nExample:\n  gotong keys sign statement.txt --root keys/root.key --out statement.note"
)]
pub(super) struct Sign {
    /// The text that `gotong keys request` wrote.
    file: PathBuf,
    /// The member's root key.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Sign for a rehearsal, with a rehearsal's key.
    #[arg(long)]
    rehearsal: bool,
}

/// Take in the statement that came back signed.
#[derive(clap::Args, Debug)]
#[command(after_help = "The node must not be running.\n\nExample:\n  gotong keys state statement.note --data ./vn")]
pub(super) struct State {
    /// The signed statement.
    file: PathBuf,
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(super) fn request(request: &Request, json: bool) -> Result<Ending> {
    let home = Home::open(&request.data)?;
    let data = request.data.display();
    let Some(text) = wiring::statement_to_sign(&home)? else {
        if json {
            print_json(&json!({"file": null}))?;
        } else {
            print(&format!(
                "The newest statement says this node's keys and address already. Next: gotong serve --data {data}\n"
            ))?;
        }
        return Ok(Ending::Done);
    };
    home::write_whole(&request.out, text.as_bytes(), 0o644)?;
    let out = request.out.display();
    if json {
        print_json(&json!({"file": request.out}))?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "Wrote {out}: which keys speak for the member, and where its node is reached. It holds no secret.\n\n\
         Next: take it to where the root key is kept, and there: gotong keys sign {out} --root KEY --out statement.note\n\
         then bring statement.note back: gotong keys state statement.note --data {data}\n"
    ))?;
    Ok(Ending::Done)
}

/// A text to be signed, read: the region, the member and what it says.
fn read_request(file: &std::path::Path) -> Result<(String, RegionId, MemberCode, Value)> {
    let wrong = || {
        failure(
            format!("{} is no text that gotong keys request wrote", file.display()),
            "bring the file again, unchanged",
        )
    };
    let text = read_text(file)?;
    let mut lines = text.lines();
    let (Some(first), Some(body), None) = (lines.next(), lines.next(), lines.next()) else { return Err(wrong()) };
    let region = first.strip_prefix("gotong/").and_then(|rest| rest.strip_suffix("/statement"));
    let region = region.and_then(RegionId::from_text).ok_or_else(wrong)?;
    let value: Value = serde_json::from_str(body).map_err(|_| wrong())?;
    let member = MemberCode::from_text(text_at(&value, "/member")).ok_or_else(wrong)?;
    if document::text(&region, Purpose::Statement, &value) != text {
        return Err(wrong());
    }
    Ok((text, region, member, value))
}

pub(super) fn sign(sign: &Sign, json: bool) -> Result<Ending> {
    let (text, region, member, value) = read_request(&sign.file)?;
    let root = home::root_key_of_sort(&sign.root, sign.rehearsal, "statement")?;
    let line = note::sign_line(&text, &document::signer_name(&region, &member, Role::Root), &root);
    let note = Note { text, lines: vec![line] }.encode();
    home::write_whole(&sign.out, note.as_bytes(), 0o644)?;
    let out = sign.out.display();
    if json {
        print_json(&json!({"file": sign.out, "member": member.as_str(), "statement": value}))?;
        return Ok(Ending::Done);
    }
    let key = text::from_base64_array::<32>(text_at(&value, "/node_key")).context("the statement names no node key")?;
    let addresses: Vec<&str> = list_at(&value, "/addresses").iter().filter_map(Value::as_str).collect();
    print(&format!(
        "Signed statement {} of {member}, in the region {}\n  its node's key, in words  {}\n  its node is reached at    {}\n\n\
         Next: bring {out} back to the node: gotong keys state {out} --data DIR\n\
         What could go wrong: if these words are not those of your node, tell nobody to use {out}, and destroy it.\n",
        number_at(&value, "/serial"),
        region.to_words(),
        text::words(&key),
        if addresses.is_empty() { "no address".to_owned() } else { addresses.join(", ") },
    ))?;
    Ok(Ending::Done)
}

pub(super) fn state(state: &State, json: bool) -> Result<Ending> {
    let home = Home::open(&state.data)?;
    let taken = wiring::take_statement(&home, read_text(&state.file)?.as_bytes())?;
    if json {
        print_json(
            &json!({"member": taken.member.as_str(), "serial": taken.serial, "statement": home.statement_file()}),
        )?;
        return Ok(Ending::Done);
    }
    print(&format!(
        "This node speaks for {} now, by statement {}: {}\n\nNext: gotong serve --data {}\n",
        taken.member,
        taken.serial,
        home.statement_file().display(),
        state.data.display()
    ))?;
    Ok(Ending::Done)
}
