//! `gotong source`: feeds outside the region that a node reads on a schedule. What is told of each is in `source/told.rs`.
//!
//! Credentials come from files and never from the command line, where other people of the machine would see them.

mod told;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Subcommand;
use hyper::Method;
use serde_json::{Map, Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::fault::{failure, usage};
use crate::output::{list_at, number_at, print, print_json, text_at};

/// How often a run is looked at, and for how long at most.
const LOOK: Duration = Duration::from_millis(300);
const LOOKS_MAX: u32 = 80_000;
/// Bytes of a secret's file.
const SECRET_BYTES_MAX: u64 = 4 << 10;

/// Feeds that the node reads by itself: documents, TAXII collections, MISP feeds, each into one channel.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong source add partner-feed --url https://feed.example/taxii2/ --kind taxii --channel rti/indicators --label green --data ./vn\n  gotong source list --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Add(Box<Add>),
    List(List),
    Show(Named),
    Run(Run),
    Pause(Pause),
    Resume(Resume),
    Remove(Remove),
}

/// Set a source up, or change the one of this name.
///
/// Where the address stays the same, its credentials do too.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong source add blocklist --url https://feed.example/ips.csv --mapping ips.mapping.json --channel rti/indicators --label amber --every 360 --data ./vn\n  gotong source add partner --kind misp-feed --url https://feed.example/misp/ --header Authorization --value-file key.txt --channel rti/indicators --data ./vn"
)]
struct Add {
    /// Its name: lower-case letters, digits and hyphens.
    name: String,
    /// What it speaks.
    #[arg(long, value_name = "KIND", default_value = "http", value_parser = ["http", "taxii", "misp-feed"])]
    kind: String,
    /// Where it is. Of TAXII: discovery, an API root or a collection.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The channel to publish in, by handle or id.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// The label of what is unmarked; never laxer than a marking. Without it, the channel's ceiling.
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// The format of a document, where it is not to be seen from its beginning: stix, misp, csv, shadowserver, mail, list or text.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// A file that says what a table's columns mean, as `gotong import --save-mapping` wrote it.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The collection of a TAXII server, by id, alias or title.
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// Minutes from one run to the next.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    every: u32,
    /// Up to so many minutes more, by chance. Without it, a tenth of the pause.
    #[arg(long, value_name = "MINUTES")]
    jitter: Option<u32>,
    /// Bytes that one answer may have. Without it, 64 MiB.
    #[arg(long, value_name = "BYTES")]
    bytes_max: Option<u64>,
    /// Seconds that one answer may take. Without it, 300.
    #[arg(long, value_name = "SECONDS")]
    time_max: Option<u32>,
    /// Withdraw what only this source brought and lists no longer.
    #[arg(long)]
    withdraw_missing: bool,
    /// Set it up and do not run it yet.
    #[arg(long)]
    paused: bool,
    /// The user's name, with --password-file.
    #[arg(long, value_name = "USER", requires = "password_file")]
    user: Option<String>,
    /// A file with the password.
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// A file with a bearer token.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "header"])]
    token_file: Option<PathBuf>,
    /// The name of a header, with --value-file.
    #[arg(long, value_name = "NAME", requires = "value_file", conflicts_with = "user")]
    header: Option<String>,
    /// A file with the header's value.
    #[arg(long, value_name = "FILE", requires = "header")]
    value_file: Option<PathBuf>,
    /// Forget the credentials.
    #[arg(long, conflicts_with_all = ["user", "token_file", "header"])]
    no_credentials: bool,
    #[command(flatten)]
    reach: Reach,
}

/// List the sources and how they are. Exit status 1 if one of them fails or is stale.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong source list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Show a source and its runs.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong source show partner-feed --data ./vn")]
struct Named {
    /// Its name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

/// Run a source now, and wait for what becomes of it. Exit status 1 if anything was refused, waits or failed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong source run partner-feed --data ./vn")]
struct Run {
    #[command(flatten)]
    named: Named,
}

/// Pause a source: it is not run by the schedule any more.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong source pause partner-feed --data ./vn")]
struct Pause {
    #[command(flatten)]
    named: Named,
}

/// Let a source run by its schedule again.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong source resume partner-feed --data ./vn")]
struct Resume {
    #[command(flatten)]
    named: Named,
}

/// Remove a source. What it published stays.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong source remove partner-feed --data ./vn")]
struct Remove {
    #[command(flatten)]
    named: Named,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let reach = match &arguments.what {
        What::Add(add) => &add.reach,
        What::List(list) => &list.reach,
        What::Show(named)
        | What::Run(Run { named })
        | What::Pause(Pause { named })
        | What::Resume(Resume { named })
        | What::Remove(Remove { named }) => &named.reach,
    };
    runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::Add(add) => set_up(&mut client, add, json).await,
            What::List(_) => list(&mut client, json).await,
            What::Show(named) => show(&mut client, &named.name, json).await,
            What::Run(run) => run_now(&mut client, &run.named.name, json).await,
            What::Pause(pause) => act(&mut client, &pause.named.name, "pause", json).await,
            What::Resume(resume) => act(&mut client, &resume.named.name, "resume", json).await,
            What::Remove(remove) => end(&mut client, &remove.named.name, json).await,
        };
        client.close().await;
        ended
    })
}

fn path(name: &str) -> String {
    format!("sources/{}", encode(name))
}

/// A secret from a file, without the line end that editors put behind it.
fn secret(file: &Path) -> Result<String> {
    let about = std::fs::metadata(file).with_context(|| format!("could not read {}", file.display()))?;
    if about.len() > SECRET_BYTES_MAX {
        return Err(usage(format!("{} is no secret: it has {} bytes", file.display(), about.len()), "name its file"));
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn wanted(add: &Add) -> Result<Value> {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("kind", json!(add.kind));
    set("url", json!(add.url));
    set("channel", json!(add.channel));
    set("label", json!(add.label));
    set("format", json!(add.format));
    set("collection", json!(add.collection));
    set("every_min", json!(add.every));
    set("jitter_min", json!(add.jitter));
    set("bytes_max", json!(add.bytes_max));
    set("time_max_s", json!(add.time_max));
    set("withdraw_missing", json!(add.withdraw_missing));
    set("paused", json!(add.paused));
    if let Some(file) = &add.mapping {
        let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
        set("mapping", json!(text));
    }
    let credentials = if let (Some(user), Some(file)) = (&add.user, &add.password_file) {
        Some(json!({"user": user, "password": secret(file)?}))
    } else if let Some(file) = &add.token_file {
        Some(json!({"token": secret(file)?}))
    } else if let (Some(header), Some(file)) = (&add.header, &add.value_file) {
        Some(json!({"header": header, "value": secret(file)?}))
    } else {
        add.no_credentials.then_some(Value::Null)
    };
    if let Some(credentials) = credentials {
        set("credentials", credentials);
    }
    Ok(Value::Object(body))
}

async fn set_up(client: &mut Client, add: &Add, json: bool) -> Result<Ending> {
    let source = client.ask(Method::PUT, &path(&add.name), Some(&wanted(add)?)).await?;
    if json {
        print_json(&source)?;
        return Ok(Ending::Done);
    }
    let when = if add.paused {
        "It is paused: gotong source resume"
    } else if client.is_local() {
        "It runs once the node does, or now: gotong source run"
    } else {
        "It runs now, and then by its schedule: gotong source show"
    };
    print(&format!("The source {} is set up. {when} {}\n", add.name, add.name))?;
    Ok(Ending::Done)
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("sources").await?;
    if json {
        print_json(&answer)?;
    } else {
        print(&told::table(list_at(&answer, "/sources")))?;
    }
    let is_well = |source: &&Value| !["failing", "stale"].contains(&text_at(source, "/health"));
    Ok(Ending::of(list_at(&answer, "/sources").iter().filter(|source| !is_well(source)).count() == 0))
}

async fn show(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    let source = client.get(&path(name)).await?;
    let runs = client.get(&format!("{}/history", path(name))).await?;
    if json {
        print_json(&json!({"source": source, "runs": list_at(&runs, "/runs")}))?;
    } else {
        print(&told::whole(&source, list_at(&runs, "/runs")))?;
    }
    Ok(Ending::Done)
}

/// Asks for a run, and waits until one has ended that had not when it was asked for.
async fn run_now(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    let before = client.ask(Method::POST, &format!("{}/run", path(name)), None).await?;
    let runs = number_at(&before, "/runs");
    for _ in 0..LOOKS_MAX {
        let source = client.get(&path(name)).await?;
        if number_at(&source, "/runs") > runs {
            let run = source.pointer("/last").cloned().unwrap_or_default();
            if json {
                print_json(&run)?;
            } else {
                print(&told::run(&run))?;
            }
            return Ok(Ending::of(["done", "unchanged"].contains(&text_at(&run, "/result"))));
        }
        if source.get("running") == Some(&Value::Bool(false)) {
            // Between the two looks it may have ended.
            let source = client.get(&path(name)).await?;
            if number_at(&source, "/runs") == runs {
                return Err(failure(
                    "the run ended and left nothing",
                    "the source was changed, or the program log says why",
                ));
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(failure("the run has not ended yet", "look later: gotong source show"))
}

async fn act(client: &mut Client, name: &str, act: &str, json: bool) -> Result<Ending> {
    let source = client.ask(Method::POST, &format!("{}/{act}", path(name)), None).await?;
    if json {
        print_json(&source)?;
    } else {
        let now = if act == "pause" { "is paused" } else { "runs by its schedule again" };
        print(&format!("The source {name} {now}.\n"))?;
    }
    Ok(Ending::Done)
}

async fn end(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    client.ask(Method::DELETE, &path(name), None).await?;
    if json {
        print_json(&json!({"removed": name}))?;
    } else {
        print(&format!("The source {name} is removed; what it published stays.\n"))?;
    }
    Ok(Ending::Done)
}
