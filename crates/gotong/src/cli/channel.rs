//! `gotong channel`: the channels that this caller reads, with their terms and logs.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use super::import::expect_channel;
use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::output::{Table, list_at, number_at, print, print_json, text_at, visible_lines};

/// List and show channels.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong channel list --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    List(List),
    Show(Show),
}

/// List the channels.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong channel list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Show a channel: its terms, its clauses, its logs.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong channel show rti/indicators --data ./vn")]
struct Show {
    /// Its handle or id.
    channel: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let (reach, path) = match &arguments.what {
            What::List(list) => (&list.reach, "channels".to_owned()),
            What::Show(show) => (&show.reach, format!("channels/{}", encode(&show.channel))),
        };
        let mut client = Client::open(reach).await?;
        if let What::Show(show) = &arguments.what {
            expect_channel(&mut client, &show.channel).await?;
        }
        let answer = client.get(&path).await?;
        client.close().await;
        match &arguments.what {
            _ if json => print_json(&answer)?,
            What::List(_) => print(&list(&answer))?,
            What::Show(_) => print(&show(&answer))?,
        }
        Ok(Ending::Done)
    })
}

fn words(value: &Value, pointer: &str) -> String {
    list_at(value, pointer).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

fn list(answer: &Value) -> String {
    let mut table = Table::new(["channel", "ceiling", "kinds", "in force", "you publish", "entries", "audience"]);
    let yes =
        |value: &Value, name: &str| if value.get(name) == Some(&Value::Bool(true)) { "yes" } else { "no" }.to_owned();
    // An organisation is not told how much stands in a channel.
    let entries = |channel: &Value| channel.get("entries").and_then(Value::as_u64).map(|count| count.to_string());
    for channel in list_at(answer, "/channels") {
        table.row([
            text_at(channel, "/handle").to_owned(),
            text_at(channel, "/ceiling").to_owned(),
            words(channel, "/kinds"),
            yes(channel, "in_force"),
            yes(channel, "may_publish"),
            entries(channel).unwrap_or_else(|| "-".to_owned()),
            words(channel, "/audience"),
        ]);
    }
    table.text("No channel is open to this caller.")
}

fn show(channel: &Value) -> String {
    let until = text_at(channel, "/until");
    let until = if until.is_empty() { "further notice" } else { until };
    let mut logs = Table::new(["author", "size", "withheld", "root", "epoch"]);
    for log in list_at(channel, "/logs") {
        let cell = |name: &str| text_at(log, name).to_owned();
        let number = |name: &str| number_at(log, name).to_string();
        logs.row([cell("/author"), number("/size"), number("/withheld"), cell("/root"), cell("/epoch")]);
    }
    let clauses: Vec<String> = list_at(channel, "/clauses")
        .iter()
        .map(|clause| {
            format!(
                "  {}  {}\n      {}\n",
                text_at(clause, "/number"),
                text_at(clause, "/title/en"),
                text_at(clause, "/text/en")
            )
        })
        .collect();
    visible_lines(&format!(
        "{}, of {}\n  id        {}\n  purpose   {}\n  audience  {}\n  kinds     {}\n  ceiling   TLP:{}\n  onward    {}\n  from      {}\n  until     {until}\n\nClauses\n{}\nLogs\n{}",
        text_at(channel, "/handle"),
        text_at(channel, "/title/en"),
        text_at(channel, "/id"),
        text_at(channel, "/purpose"),
        words(channel, "/audience"),
        words(channel, "/kinds"),
        text_at(channel, "/ceiling").to_uppercase(),
        text_at(channel, "/onward"),
        text_at(channel, "/from"),
        clauses.concat(),
        logs.text("No logs are shown: nobody has published here yet, or they are for the staff alone."),
    ))
}
