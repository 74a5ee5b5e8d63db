//! `gotong blocklist`: which events of MISP, and events of which organisations, a node does not take in: list, add, remove.
//!
//! Speaks MISP's own addresses, which keep the lists for MISP's programs too. Must not decide what a list does. Read next: `docs/book/misp.md`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::fault::failure;
use crate::output::{Table, list_at, print, print_json, text_at, visible};

/// Rows of one page, and UUIDs of one request.
const AT_ONCE: usize = 1_000;

/// Events of MISP that this node does not take in: list them, add one, take one off.
///
/// An event whose UUID is listed, or whose organisation is, is refused wherever MISP's events come in: MISP's API, a MISP that pushes, feeds, imports. What is
/// here already stays, and what other members publish is not touched: agreements decide that.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong blocklist add 5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d --comment \"came twice\" --data ./vn\n  gotong blocklist list --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    List(List),
    Add(Add),
    Remove(Remove),
}

/// List what is blocked, with the reason, since when and by whom.
#[derive(clap::Args, Debug)]
#[command(after_help = "With --json a line for each.\n\nExample:\n  gotong blocklist list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Block events by their UUID, or every event of an organisation.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 1 if one of them was not added, with the reason.\n\nExample:\n  gotong blocklist add 5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d --comment \"withdrawn, and pushed again\" --data ./vn\n  gotong blocklist add --organisation 0f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d --comment \"a test instance\" --data ./vn"
)]
struct Add {
    /// The UUIDs.
    #[arg(required = true, value_name = "UUID")]
    uuids: Vec<String>,
    /// They are UUIDs of organisations that make events.
    #[arg(long)]
    organisation: bool,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// The event's title, or the organisation's name.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Take events or an organisation off the list; they come in when they are sent the next time.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong blocklist remove 5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d --data ./vn\n  gotong blocklist remove --organisation 0f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d --data ./vn"
)]
struct Remove {
    /// The UUIDs.
    #[arg(required = true, value_name = "UUID")]
    uuids: Vec<String>,
    /// They are UUIDs of organisations that make events.
    #[arg(long)]
    organisation: bool,
    #[command(flatten)]
    reach: Reach,
}

/// What MISP calls a list: its address, and its members for the UUID and the name.
struct Names {
    address: &'static str,
    what: &'static str,
    uuid: &'static str,
    name: &'static str,
}

const EVENTS: Names =
    Names { address: "/misp/eventBlocklists", what: "event", uuid: "/event_uuid", name: "/event_info" };
const ORGANISATIONS: Names =
    Names { address: "/misp/orgBlocklists", what: "organisation", uuid: "/org_uuid", name: "/org_name" };

fn names(of_organisations: bool) -> &'static Names {
    if of_organisations { &ORGANISATIONS } else { &EVENTS }
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let (What::List(List { reach }) | What::Add(Add { reach, .. }) | What::Remove(Remove { reach, .. })) =
            &arguments.what;
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::List(_) => list(&mut client, json).await,
            What::Add(one) => add(&mut client, one, json).await,
            What::Remove(one) => remove(&mut client, one, json).await,
        };
        client.close().await;
        ended
    })
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let mut table = Table::new(["what", "UUID", "name", "why", "since", "by"]);
    for names in [&EVENTS, &ORGANISATIONS] {
        for page in 1_usize.. {
            let answer = client.get(&format!("{}/index/limit:{AT_ONCE}/page:{page}", names.address)).await?;
            let rows = list_at(&answer, "");
            for row in rows {
                if json {
                    print_json(row)?;
                    continue;
                }
                let cell = |pointer: &str| text_at(row, pointer).to_owned();
                let (uuid, name) = (cell(names.uuid), cell(names.name));
                let since = cell("/created");
                table.row([names.what.to_owned(), uuid, name, cell("/comment"), since, cell("/created_by")]);
            }
            if rows.len() < AT_ONCE {
                break;
            }
        }
    }
    if !json {
        print(&table.text("Nothing is blocked: every event of MISP that may be published here is taken in."))?;
    }
    Ok(Ending::Done)
}

async fn add(client: &mut Client, add: &Add, json: bool) -> Result<Ending> {
    let names = names(add.organisation);
    let mut ending = Ending::Done;
    for uuids in add.uuids.chunks(AT_ONCE) {
        let name = names.name.trim_start_matches('/');
        let asked = json!({"uuids": uuids, "comment": add.comment, name: add.name});
        let answer = client.post(&format!("{}/add", names.address), &asked).await?;
        if json {
            print_json(&answer)?;
        }
        for uuid in list_at(&answer, "/result/fails").iter().filter_map(Value::as_str) {
            ending = Ending::Wanting;
            let why = answer.get("why").and_then(|why| why.get(uuid)).and_then(Value::as_str).unwrap_or_default();
            if !json {
                print(&format!("{}: not added, since it {}\n", visible(uuid), visible(why)))?;
            }
        }
        for uuid in list_at(&answer, "/result/successes").iter().filter_map(Value::as_str).filter(|_| !json) {
            print(&format!("{} {} is blocked\n", names.what, visible(uuid)))?;
        }
    }
    if !json {
        print("What is here already stays: gotong withdraw takes back what this member published.\n")?;
    }
    Ok(ending)
}

async fn remove(client: &mut Client, remove: &Remove, json: bool) -> Result<Ending> {
    let names = names(remove.organisation);
    let mut gone = 0;
    for uuid in &remove.uuids {
        let is_plain = uuid.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if !is_plain || uuid.is_empty() {
            return Err(failure(format!("{} is no UUID", visible(uuid)), "gotong blocklist list shows all"));
        }
        client.post(&format!("{}/delete/{uuid}", names.address), &json!({})).await?;
        gone += 1;
        if !json {
            print(&format!("{} {uuid} is not blocked any more\n", names.what))?;
        }
    }
    if json {
        print_json(&json!({"removed": gone}))?;
    } else {
        print("It comes in when it is sent the next time; a feed is asked again with its next run.\n")?;
    }
    Ok(Ending::Done)
}
