//! `gotong warninglist`: load, list and remove warninglists, say what is done about hits, and ask about values. Files are sent in `warninglist/load.rs`.
//!
//! What a list means and which rule counts decides the node; this only asks it. Read next: `docs/book/warninglists.md`.

mod load;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use hyper::Method;
use serde_json::{Value, json};
use std::path::PathBuf;

use super::{Ending, runtime};
use crate::client::{Client, Reach, query};
use crate::fault::failure;
use crate::output::{Table, list_at, number_at, print, print_json, text_at, visible};

/// Values in one question.
const VALUES_AT_ONCE: usize = 1_000;

/// Lists of values that raise false alarms: load them, say what is done about hits, ask about values.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong warninglist load lists.ndjson.gz --data ./vn\n  gotong warninglist rule \"List of RFC 1918 CIDR blocks\" --on publish --action block --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Load(Load),
    List(List),
    Rule(Rule),
    Check(Check),
    Remove(Remove),
}

/// Load lists in MISP's format; a list is put in the place of the one of its name.
///
/// A new list informs everywhere and blocks nothing. A list that is replaced keeps its rules. Lists that the file does not name stay.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file holds one list, or many one behind the other, or one a line (.ndjson, .jsonl); with .gz, packed.\nExit status 1 if a list was refused.\n\nExample:\n  gotong warninglist load lists/rfc1918/list.json --data ./vn\n  cat lists/*/list.json | gotong warninglist load - --data ./vn"
)]
struct Load {
    /// The files, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

/// List the warninglists with their rules.
#[derive(clap::Args, Debug)]
#[command(after_help = "With --json a line for each.\n\nExample:\n  gotong warninglist list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Say what is done about hits of a list: block, inform, or none.
///
/// block keeps an object in quarantine on import and on publish, and leaves a value out on export. inform adds a note to the outcome. What is imported is
/// published too, so a rule on publish counts there as well. A rule for one channel stands before the rule for all.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong warninglist rule \"List of RFC 1918 CIDR blocks\" --on import,publish --action block --data ./vn\n  gotong warninglist rule --all --on export --action block --data ./vn"
)]
struct Rule {
    /// The list's name.
    #[arg(value_name = "NAME", required_unless_present = "all")]
    name: Option<String>,
    /// Every list that is there now.
    #[arg(long, conflicts_with = "name")]
    all: bool,
    /// Only in this channel, by handle or id.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// When.
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    on: Vec<On>,
    /// What is done; none takes the rule away.
    #[arg(long, value_enum)]
    action: Action,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// Objects come from a file or another tool.
    Import,
    /// Objects go into a channel.
    Publish,
    /// Values go to a tool that acts on them.
    Export,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Do not go on until a person has decided.
    Block,
    /// Say so, and go on.
    Inform,
    /// Do not look.
    None,
}

/// Ask which lists values are on, whatever the rules say.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 0 whether or not a value is on a list.\n\nExample:\n  gotong warninglist check 8.8.8.8 10.1.2.3 --data ./vn"
)]
struct Check {
    /// The values, as people write them.
    #[arg(required = true, value_name = "VALUE")]
    values: Vec<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Remove a list with its rules.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong warninglist remove \"List of RFC 1918 CIDR blocks\" --data ./vn")]
struct Remove {
    /// The list's name.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let reach = match &arguments.what {
            What::Load(Load { reach, .. })
            | What::List(List { reach })
            | What::Rule(Rule { reach, .. })
            | What::Check(Check { reach, .. })
            | What::Remove(Remove { reach, .. }) => reach,
        };
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::Load(one) => load::run(&mut client, &one.files, json).await,
            What::List(_) => list(&mut client, json).await,
            What::Rule(rule) => set_rule(&mut client, rule, json).await,
            What::Check(one) => check(&mut client, &one.values, json).await,
            What::Remove(one) => remove(&mut client, &one.name, json).await,
        };
        client.close().await;
        ended
    })
}

/// Every list, page by page.
async fn all(client: &mut Client) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = client
            .get(&format!("warninglists{}", query(&[("limit", Some("1000")), ("after", after.as_deref())])))
            .await?;
        all.extend(list_at(&page, "/warninglists").iter().cloned());
        match page.get("next").and_then(Value::as_u64) {
            Some(next) => after = Some(next.to_string()),
            None => return Ok(all),
        }
    }
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let lists = all(client).await?;
    let mut table = Table::new(["name", "version", "type", "entries", "in use", "import", "publish", "export"]);
    for list in &lists {
        if json {
            print_json(list)?;
            continue;
        }
        let number = |name: &str| number_at(list, name).to_string();
        let [import, publish, export] = ["import", "publish", "export"].map(|on| rules(list, on));
        let (name, kind) = (text_at(list, "/name").to_owned(), text_at(list, "/type").to_owned());
        table.row([name, number("/version"), kind, number("/entries"), number("/used"), import, publish, export]);
    }
    if !json {
        print(&table.text("There are no warninglists. Next: gotong warninglist load FILE"))?;
    }
    Ok(Ending::Done)
}

/// What is done at a moment: for all channels first, then by channel.
fn rules(list: &Value, on: &str) -> String {
    let mut told: Vec<String> = Vec::new();
    for rule in list_at(list, "/rules").iter().filter(|rule| text_at(rule, "/on") == on) {
        match text_at(rule, "/channel") {
            "" => told.insert(0, text_at(rule, "/action").to_owned()),
            channel => told.push(format!("{channel}: {}", text_at(rule, "/action"))),
        }
    }
    if told.is_empty() { "-".to_owned() } else { told.join(", ") }
}

async fn set_rule(client: &mut Client, rule: &Rule, json: bool) -> Result<Ending> {
    let word = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
        value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    };
    let mut on: Vec<String> = rule.on.iter().map(|on| word(&|| on.to_possible_value())).collect();
    on.sort();
    on.dedup();
    let action = word(&|| rule.action.to_possible_value());
    let asked = json!({"list": rule.name, "channel": rule.channel, "on": on, "action": action});
    let answer = client.post("warninglists/rules", &asked).await?;
    if json {
        print_json(&answer)?;
    } else {
        let list = rule.name.as_deref().map_or_else(|| "every list".to_owned(), visible);
        let channel = rule.channel.as_deref().map_or_else(|| "all channels".to_owned(), visible);
        let (on, changed) = (on.join(" and "), number_at(&answer, "/changed"));
        print(&format!("{list}: {action} on {on} in {channel}; {changed} lists changed\n"))?;
        print("To see all rules: gotong warninglist list\n")?;
    }
    Ok(Ending::Done)
}

async fn check(client: &mut Client, values: &[String], json: bool) -> Result<Ending> {
    for values in values.chunks(VALUES_AT_ONCE) {
        let answer = client.post("warninglists/check", &json!({"values": values})).await?;
        for checked in list_at(&answer, "/values") {
            if json {
                print_json(checked)?;
                continue;
            }
            let value = visible(text_at(checked, "/value"));
            let hits = list_at(checked, "/hits");
            if hits.is_empty() {
                print(&format!("{value}: on no list\n"))?;
            }
            for hit in hits {
                let (list, entry) = (visible(text_at(hit, "/list")), visible(text_at(hit, "/entry")));
                print(&format!("{value}: {list} (entry {entry})\n"))?;
            }
        }
    }
    Ok(Ending::Done)
}

async fn remove(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    let found = all(client).await?.into_iter().find(|list| text_at(list, "/name") == name);
    let Some(found) = found else {
        return Err(failure(format!("there is no warninglist {name:?}"), "gotong warninglist list shows all"));
    };
    client.ask(Method::DELETE, &format!("warninglists/{}", number_at(&found, "/number")), None).await?;
    if json {
        print_json(&json!({"removed": name}))?;
    } else {
        print(&format!("{} is not in use any more, and its rules are gone\n", visible(name)))?;
        print("What it kept in quarantine stays there: gotong quarantine list\n")?;
    }
    Ok(Ending::Done)
}
