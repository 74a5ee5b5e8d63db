//! `gotong subscription`: saved searches and the webhooks that follow them. Words for people are in `subscription/told.rs`.
//!
//! Searches and webhooks are the caller's own: through the socket or the folder they are the operator's. A webhook's secret is printed once.

mod told;

use anyhow::Result;
use clap::Subcommand;
use hyper::Method;
use serde_json::{Map, Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::output::{list_at, print, print_json, text_at};

/// Saved searches, and webhooks that tell an address outside what they find.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong subscription save bad-hosts --channel rti/indicators --type indicator --data ./vn\n  gotong subscription webhook soc --search bad-hosts --url https://soc.example/gotong --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Save(Save),
    List(List),
    Records(Records),
    Forget(Forget),
    Webhook(Webhook),
    Webhooks(Webhooks),
    Pause(Pause),
    Resume(Resume),
    Unhook(Unhook),
}

/// Save a search, or change the one of this name.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong subscription save bad-hosts --channel rti/indicators --value bad.example --value 192.0.2.7 --data ./vn"
)]
struct Save {
    /// Its name: lower-case letters, digits and hyphens.
    name: String,
    /// Only this channel, by handle or id. Without it, everything but exercises.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Only objects of this STIX type.
    #[arg(long = "type", value_name = "TYPE")]
    object_type: Option<String>,
    /// Only this author, by member code.
    #[arg(long, value_name = "MEMBER")]
    author: Option<String>,
    /// Only what is labelled no stricter.
    #[arg(long, value_name = "LABEL")]
    tlp_max: Option<String>,
    /// Only what names this value; may be given up to 100 times.
    #[arg(long = "value", value_name = "VALUE")]
    values: Vec<String>,
    /// Only what has these words, as one types them into the box of the search. Not beside values.
    #[arg(long, value_name = "WORDS", conflicts_with = "values")]
    words: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// List your saved searches.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Show what a search finds now.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription records bad-hosts --limit 20 --data ./vn")]
struct Records {
    /// Its name.
    name: String,
    /// Records of a page, at most 1,000.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// Behind this: `next` of an earlier answer.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Remove a saved search. One that a webhook follows stays until that is removed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription forget bad-hosts --data ./vn")]
struct Forget {
    /// Its name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

/// Set a webhook up, or change the one of this name. Its secret is printed this once.
///
/// It tells of what comes from now on. Content above TLP:GREEN never leaves by it: of that it tells where it stands.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong subscription webhook soc --search bad-hosts --url https://soc.example/gotong --objects --data ./vn"
)]
struct Webhook {
    /// Its name: lower-case letters, digits and hyphens.
    name: String,
    /// The saved search that it follows.
    #[arg(long, value_name = "NAME")]
    search: String,
    /// Where it goes.
    #[arg(long, value_name = "URL")]
    url: String,
    /// Send the objects themselves too, where they are TLP:CLEAR or TLP:GREEN.
    #[arg(long)]
    objects: bool,
    #[command(flatten)]
    reach: Reach,
}

/// List your webhooks and how they stand. Exit status 1 if one fails or is paused.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription webhooks --data ./vn")]
struct Webhooks {
    #[command(flatten)]
    reach: Reach,
}

/// Pause a webhook. What comes meanwhile waits.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription pause soc --data ./vn")]
struct Pause {
    /// Its name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

/// Let a webhook go on where it stopped.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription resume soc --data ./vn")]
struct Resume {
    /// Its name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

/// Remove a webhook and its secret. What was not told yet is not told.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong subscription unhook soc --data ./vn")]
struct Unhook {
    /// Its name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let reach = match &arguments.what {
        What::Save(save) => &save.reach,
        What::List(list) => &list.reach,
        What::Records(records) => &records.reach,
        What::Forget(forget) => &forget.reach,
        What::Webhook(webhook) => &webhook.reach,
        What::Webhooks(webhooks) => &webhooks.reach,
        What::Pause(pause) => &pause.reach,
        What::Resume(resume) => &resume.reach,
        What::Unhook(unhook) => &unhook.reach,
    };
    runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::Save(wanted) => save(&mut client, wanted, json).await,
            What::List(_) => list(&mut client, json).await,
            What::Records(wanted) => records(&mut client, wanted, json).await,
            What::Forget(wanted) => forget(&mut client, &wanted.name, json).await,
            What::Webhook(wanted) => hook(&mut client, wanted, json).await,
            What::Webhooks(_) => hooks(&mut client, json).await,
            What::Pause(wanted) => act(&mut client, &wanted.name, "pause", json).await,
            What::Resume(wanted) => act(&mut client, &wanted.name, "resume", json).await,
            What::Unhook(wanted) => unhook(&mut client, &wanted.name, json).await,
        };
        client.close().await;
        ended
    })
}

fn search_path(name: &str) -> String {
    format!("searches/{}", encode(name))
}

fn hook_path(name: &str) -> String {
    format!("webhooks/{}", encode(name))
}

async fn save(client: &mut Client, wanted: &Save, json: bool) -> Result<Ending> {
    let mut body = Map::new();
    let parts = [
        ("channel", &wanted.channel),
        ("type", &wanted.object_type),
        ("author", &wanted.author),
        ("tlp_max", &wanted.tlp_max),
        ("words", &wanted.words),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            body.insert(name.to_owned(), json!(value));
        }
    }
    body.insert("values".to_owned(), json!(wanted.values));
    let search = client.ask(Method::PUT, &search_path(&wanted.name), Some(&Value::Object(body))).await?;
    if json {
        print_json(&search)?;
    } else {
        let name = &wanted.name;
        print(&format!(
            "The search {name} is saved. What it finds: gotong subscription records {name}. To be told: gotong subscription webhook\n"
        ))?;
    }
    Ok(Ending::Done)
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("searches").await?;
    if json {
        print_json(&answer)?;
    } else {
        print(&told::searches(list_at(&answer, "/searches")))?;
    }
    Ok(Ending::Done)
}

async fn records(client: &mut Client, wanted: &Records, json: bool) -> Result<Ending> {
    let after = wanted.after.as_deref().map(|after| format!("&after={}", encode(after))).unwrap_or_default();
    let path = format!("{}/records?limit={}{after}", search_path(&wanted.name), wanted.limit);
    let answer = client.get(&path).await?;
    if json {
        print_json(&answer)?;
    } else {
        print(&told::records(&answer))?;
    }
    Ok(Ending::Done)
}

async fn forget(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    client.ask(Method::DELETE, &search_path(name), None).await?;
    if json {
        print_json(&json!({"removed": name}))?;
    } else {
        print(&format!("The search {name} is removed.\n"))?;
    }
    Ok(Ending::Done)
}

async fn hook(client: &mut Client, wanted: &Webhook, json: bool) -> Result<Ending> {
    let body = json!({"url": wanted.url, "search": wanted.search, "objects": wanted.objects});
    let webhook = client.ask(Method::PUT, &hook_path(&wanted.name), Some(&body)).await?;
    if json {
        print_json(&webhook)?;
        return Ok(Ending::Done);
    }
    let when = if client.is_local() { "It begins once the node runs." } else { "It tells of what comes from now on." };
    let name = &wanted.name;
    match text_at(&webhook, "/secret") {
        "" => print(&format!("The webhook {name} is changed; its secret is as before.\n"))?,
        secret => print(&format!(
            "The webhook {name} is set up. {when}\nIts secret, which is shown once, and with which the receiver checks what comes:\n{secret}\n"
        ))?,
    }
    Ok(Ending::Done)
}

async fn hooks(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("webhooks").await?;
    let webhooks = list_at(&answer, "/webhooks");
    if json {
        print_json(&answer)?;
    } else {
        print(&told::webhooks(webhooks))?;
    }
    Ok(Ending::of(webhooks.iter().all(|webhook| text_at(webhook, "/state") == "active")))
}

async fn act(client: &mut Client, name: &str, act: &str, json: bool) -> Result<Ending> {
    let webhook = client.ask(Method::POST, &format!("{}/{act}", hook_path(name)), None).await?;
    if json {
        print_json(&webhook)?;
    } else {
        let now = if act == "pause" { "is paused; what comes meanwhile waits" } else { "goes on where it stopped" };
        print(&format!("The webhook {name} {now}.\n"))?;
    }
    Ok(Ending::Done)
}

async fn unhook(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    client.ask(Method::DELETE, &hook_path(name), None).await?;
    if json {
        print_json(&json!({"removed": name}))?;
    } else {
        print(&format!("The webhook {name} is removed, and so is its secret.\n"))?;
    }
    Ok(Ending::Done)
}
