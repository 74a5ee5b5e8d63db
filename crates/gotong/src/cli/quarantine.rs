//! `gotong quarantine`: what waits for a person before it enters a log.

use anyhow::Result;
use clap::Subcommand;
use hyper::Method;
use serde_json::{Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach, query};
use crate::output::{Table, list_at, number_at, print, print_json, text_at, visible, visible_lines};

/// List, show, release or drop what is doubtful.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong quarantine list --data ./vn\n  gotong quarantine release 3 --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    List(List),
    Show(One),
    Release(Release),
    Drop(Drop),
}

/// List what waits.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong quarantine list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Show one, with the object.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong quarantine show 3 --data ./vn")]
struct One {
    /// Its number.
    number: u64,
    #[command(flatten)]
    reach: Reach,
}

/// Publish what waits: a person has decided.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong quarantine release 3 4 --data ./vn")]
struct Release {
    /// Its number.
    #[arg(required = true)]
    numbers: Vec<u64>,
    #[command(flatten)]
    reach: Reach,
}

/// Drop what waits.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong quarantine drop 3 4 --data ./vn")]
struct Drop {
    /// Its number.
    #[arg(required = true)]
    numbers: Vec<u64>,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let reach = match &arguments.what {
            What::List(List { reach })
            | What::Show(One { reach, .. })
            | What::Release(Release { reach, .. })
            | What::Drop(Drop { reach, .. }) => reach,
        };
        let mut client = Client::open(reach).await?;
        let ending = match &arguments.what {
            What::List(_) => list(&mut client, json).await,
            What::Show(one) => show(&mut client, one.number, json).await,
            What::Release(some) => decide(&mut client, &some.numbers, true, json).await,
            What::Drop(some) => decide(&mut client, &some.numbers, false, json).await,
        };
        client.close().await;
        ending
    })
}

fn why(row: &Value) -> String {
    let whys = list_at(row, "/why").iter();
    whys.map(|why| text_at(why, "/text").to_owned()).collect::<Vec<_>>().join("; ")
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let mut table = Table::new(["number", "channel", "tlp", "at", "id", "why"]);
    let mut after: Option<String> = None;
    loop {
        let page = client.get(&format!("quarantine{}", query(&[("after", after.as_deref())]))).await?;
        for row in list_at(&page, "/quarantined") {
            if json {
                print_json(row)?;
            }
            let cell = |name: &str| text_at(row, name).to_owned();
            table.row([
                number_at(row, "/number").to_string(),
                cell("/channel"),
                cell("/tlp"),
                cell("/at"),
                cell("/id"),
                why(row),
            ]);
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    if !json {
        print(&table.text("Nothing waits."))?;
    }
    Ok(Ending::Done)
}

async fn show(client: &mut Client, number: u64, json: bool) -> Result<Ending> {
    let row = client.get(&format!("quarantine/{number}")).await?;
    if json {
        print_json(&row)?;
        return Ok(Ending::Done);
    }
    let object = row.get("object").map(|object| format!("{object:#}")).unwrap_or_default();
    print(&visible_lines(&format!(
        "{number}: {} for {}, TLP:{}\n  sent by  {} at {}\n  why      {}\n{object}\n",
        text_at(&row, "/id"),
        text_at(&row, "/channel"),
        text_at(&row, "/tlp").to_uppercase(),
        text_at(&row, "/caller"),
        text_at(&row, "/at"),
        why(&row),
    )))?;
    Ok(Ending::Done)
}

/// Releases or drops each; one that fails does not keep the others.
async fn decide(client: &mut Client, numbers: &[u64], is_release: bool, json: bool) -> Result<Ending> {
    let mut all_well = true;
    for number in numbers {
        let decided = if is_release {
            client.ask(Method::POST, &format!("quarantine/{number}/release"), None).await
        } else {
            client.ask(Method::DELETE, &format!("quarantine/{number}"), None).await
        };
        let (outcome, text) = match decided {
            Ok(answer) if is_release => {
                (text_at(&answer, "/outcome").to_owned(), format!("{number}: {}", text_at(&answer, "/outcome")))
            }
            Ok(_) => ("dropped".to_owned(), format!("{number}: dropped")),
            Err(fault) => {
                all_well = false;
                (format!("{fault:#}"), format!("{number}: {fault:#}"))
            }
        };
        if json {
            print_json(&json!({"number": number, "outcome": outcome}))?;
        } else {
            print(&format!("{}\n", visible(&text)))?;
        }
    }
    Ok(Ending::of(all_well))
}
