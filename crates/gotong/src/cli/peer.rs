//! `gotong peer`: the other members, how the links to them stand, and first contact by file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use super::documents::read;
use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::home::Home;
use crate::output::{REHEARSAL_BANNER, Table, list_at, number_at, print, print_json, text_at, visible};
use crate::wiring;

/// List peers, show their links, add one from a file.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong peer status --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    List(List),
    Status(Status),
    Add(Add),
}

/// List the other members and what is shared with them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong peer list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Show how the links to them stand.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit status 1 if one cannot be reached.\n\nExample:\n  gotong peer status --data ./vn")]
struct Status {
    #[command(flatten)]
    reach: Reach,
}

/// Take in a member's statement: its keys and address. The node must not be running.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong peer add th/statement.note --data ./vn")]
struct Add {
    /// The other member's statement.note.
    file: PathBuf,
    /// The data folder of one's own node.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let (reach, is_status) = match &arguments.what {
        What::List(list) => (&list.reach, false),
        What::Status(status) => (&status.reach, true),
        What::Add(add) => return adopt(add, json),
    };
    let is_rehearsal = match &reach.data {
        Some(data) => Home::open(data)?.config()?.node.rehearsal,
        None => false,
    };
    if is_rehearsal && !json {
        print(REHEARSAL_BANNER)?;
    }
    runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let is_local = client.is_local();
        let answer = client.get("peers").await?;
        client.close().await;
        let peers = list_at(&answer, "/peers");
        // A folder that no node runs on has no links that could be up.
        let all_well = !is_status || is_local || !peers.iter().any(|peer| text_at(peer, "/state") == "unreachable");
        match (json, is_status) {
            (true, _) => print_json(&answer)?,
            (false, true) => print(&links(peers))?,
            (false, false) => print(&list(peers))?,
        }
        if is_status && is_local && !json {
            print("The node is not running, so no link is up.\n")?;
        }
        Ok(Ending::of(all_well))
    })
}

fn list(peers: &[Value]) -> String {
    let mut table = Table::new(["member", "name", "link", "last contact", "channels"]);
    for peer in peers {
        let cell = |name: &str| text_at(peer, name).to_owned();
        let channels: Vec<&str> = list_at(peer, "/channels").iter().filter_map(Value::as_str).collect();
        table.row([cell("/member"), cell("/name"), cell("/state"), cell("/last_contact"), channels.join(", ")]);
    }
    table.text("No other member is known here.")
}

fn links(peers: &[Value]) -> String {
    let mut table =
        Table::new(["member", "link", "since", "address", "entries", "in", "out", "faults", "newest fault"]);
    for peer in peers {
        let cell = |name: &str| text_at(peer, name).to_owned();
        let number = |name: &str| number_at(peer, name);
        let bytes = |name: &str| indicatif::HumanBytes(number(name)).to_string();
        table.row([
            cell("/member"),
            cell("/state"),
            cell("/link/since"),
            cell("/link/address"),
            number("/link/entries").to_string(),
            bytes("/link/bytes_in"),
            bytes("/link/bytes_out"),
            number("/link/faults").to_string(),
            visible(&cell("/link/last_fault/text")),
        ]);
    }
    table.text("No other member is known here.")
}

fn adopt(add: &Add, json: bool) -> Result<Ending> {
    let member = wiring::add_peer(&Home::open(&add.data)?, &read(&add.file)?)?;
    if json {
        print_json(&json!({"member": member.as_str()}))?;
    } else {
        print(&format!("The node knows the keys and address of {member} now.\n"))?;
    }
    Ok(Ending::Done)
}
