//! `gotong target`: collections outside the region that a node pushes to. What is told of each is in `target/told.rs`.
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

/// Collections of TAXII servers outside the region that the node pushes to by itself: what some of its channels show, up to a label.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong target add partner --url https://taxii.example/api/ --channel house/public --label-max green --data ./vn\n  gotong target list --data ./vn"
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

/// Set a target up, or change the one of this name.
///
/// Where the address stays the same, its credentials do too.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong target add partner --url https://taxii.example/api/ --collection \"From us\" --channel house/public --label-max green --user us --password-file pw.txt --data ./vn"
)]
struct Add {
    /// Its name: lower-case letters, digits and hyphens.
    name: String,
    /// Where it is: discovery, an API root or a collection of a TAXII 2.1 server.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The collection, by id, alias or title. Not needed where only one may be written to.
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// A channel whose records are pushed, by handle or id; may be given up to 16 times.
    #[arg(long = "channel", value_name = "CHANNEL", required = true)]
    channels: Vec<String>,
    /// Nothing above this label is pushed: clear, green or amber.
    #[arg(long, value_name = "LABEL", default_value = "clear")]
    label_max: String,
    /// Minutes from one run to the next.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    every: u32,
    /// Up to so many minutes more, by chance. Without it, a tenth of the pause.
    #[arg(long, value_name = "MINUTES")]
    jitter: Option<u32>,
    /// Seconds that one answer may take, and that the server is waited for. Without it, 120.
    #[arg(long, value_name = "SECONDS")]
    time_max: Option<u32>,
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

/// List the targets and how they are. Exit status 1 if one of them fails or is stale.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong target list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Show a target and its runs.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong target show partner --data ./vn")]
struct Named {
    /// Its name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

/// Push to a target now, and wait for what becomes of it. Exit status 1 if anything was not taken, not taken back, or failed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong target run partner --data ./vn")]
struct Run {
    #[command(flatten)]
    named: Named,
}

/// Pause a target: it is not run by the schedule any more.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong target pause partner --data ./vn")]
struct Pause {
    #[command(flatten)]
    named: Named,
}

/// Let a target run by its schedule again; what its server did not take is sent again.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong target resume partner --data ./vn")]
struct Resume {
    #[command(flatten)]
    named: Named,
}

/// Remove a target. What was pushed there stays there.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong target remove partner --data ./vn")]
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
    format!("targets/{}", encode(name))
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
    set("url", json!(add.url));
    set("collection", json!(add.collection));
    set("channels", json!(add.channels));
    set("label_max", json!(add.label_max));
    set("every_min", json!(add.every));
    set("jitter_min", json!(add.jitter));
    set("time_max_s", json!(add.time_max));
    set("paused", json!(add.paused));
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
    let target = client.ask(Method::PUT, &path(&add.name), Some(&wanted(add)?)).await?;
    if json {
        print_json(&target)?;
        return Ok(Ending::Done);
    }
    let when = if add.paused {
        "It is paused: gotong target resume"
    } else if client.is_local() {
        "It runs once the node does, or now: gotong target run"
    } else {
        "It runs now, and then by its schedule: gotong target show"
    };
    print(&format!("The target {} is set up. {when} {}\n", add.name, add.name))?;
    Ok(Ending::Done)
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("targets").await?;
    if json {
        print_json(&answer)?;
    } else {
        print(&told::table(list_at(&answer, "/targets")))?;
    }
    let is_well = |target: &&Value| !["failing", "stale"].contains(&text_at(target, "/health"));
    Ok(Ending::of(list_at(&answer, "/targets").iter().filter(|target| !is_well(target)).count() == 0))
}

async fn show(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    let target = client.get(&path(name)).await?;
    let runs = client.get(&format!("{}/history", path(name))).await?;
    if json {
        print_json(&json!({"target": target, "runs": list_at(&runs, "/runs")}))?;
    } else {
        print(&told::whole(&target, list_at(&runs, "/runs")))?;
    }
    Ok(Ending::Done)
}

/// Asks for a run, and waits until one has ended that had not when it was asked for.
async fn run_now(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    let before = client.ask(Method::POST, &format!("{}/run", path(name)), None).await?;
    let runs = number_at(&before, "/runs");
    for _ in 0..LOOKS_MAX {
        let target = client.get(&path(name)).await?;
        if number_at(&target, "/runs") > runs {
            let run = target.pointer("/last").cloned().unwrap_or_default();
            if json {
                print_json(&run)?;
            } else {
                print(&told::run(&run))?;
            }
            return Ok(Ending::of(["done", "unchanged"].contains(&text_at(&run, "/result"))));
        }
        if target.get("running") == Some(&Value::Bool(false)) {
            // Between the two looks it may have ended.
            let target = client.get(&path(name)).await?;
            if number_at(&target, "/runs") == runs {
                return Err(failure(
                    "the run ended and left nothing",
                    "the target was changed, or the program log says why",
                ));
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(failure("the run has not ended yet", "look later: gotong target show"))
}

async fn act(client: &mut Client, name: &str, act: &str, json: bool) -> Result<Ending> {
    let target = client.ask(Method::POST, &format!("{}/{act}", path(name)), None).await?;
    if json {
        print_json(&target)?;
    } else {
        let now = if act == "pause" { "is paused" } else { "runs by its schedule again" };
        print(&format!("The target {name} {now}.\n"))?;
    }
    Ok(Ending::Done)
}

async fn end(client: &mut Client, name: &str, json: bool) -> Result<Ending> {
    client.ask(Method::DELETE, &path(name), None).await?;
    if json {
        print_json(&json!({"removed": name}))?;
    } else {
        print(&format!("The target {name} is removed; what was pushed there stays there.\n"))?;
    }
    Ok(Ending::Done)
}
