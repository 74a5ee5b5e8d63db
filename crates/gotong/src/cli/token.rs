//! `gotong token`: API tokens of a node.

use anyhow::Result;
use clap::Subcommand;
use hyper::Method;
use serde_json::{Value, json};

use super::withdraw::time;
use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::output::{Table, list_at, print, print_json, text_at};

/// Make, list and revoke API tokens.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong token create analyst --publish --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make a token. Its secret is shown once.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong token create siem --channel rti/indicators --expires 2027-11-01 --data ./vn\n  gotong token create soc --constituent harbour-bank --publish --data ./vn"
)]
struct Create {
    /// Its name, for people.
    name: String,
    /// It may publish, withdraw and relabel.
    #[arg(long)]
    publish: bool,
    /// It may operate the node: tokens, peers, logs.
    #[arg(long)]
    operate: bool,
    /// It reads these channels only.
    #[arg(long = "channel", value_name = "CHANNEL")]
    channels: Vec<String>,
    /// The organisation it speaks for.
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// The code of the organisation of the register whose own it is: it reads what the house rule gives that organisation, and no more.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["operate", "organisation"])]
    constituent: Option<String>,
    /// From then on it counts no more.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// List the tokens.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong token list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// End a token at once.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong token revoke b3f2c1a46d0e4c57 --data ./vn")]
struct Revoke {
    /// Its id.
    id: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let reach = match &arguments.what {
            What::Create(create) => &create.reach,
            What::List(list) => &list.reach,
            What::Revoke(revoke) => &revoke.reach,
        };
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::Create(create) => make(&mut client, create, json).await,
            What::List(_) => list(&mut client, json).await,
            What::Revoke(revoke) => end(&mut client, &revoke.id, json).await,
        };
        client.close().await;
        ended
    })
}

async fn make(client: &mut Client, create: &Create, json: bool) -> Result<Ending> {
    let channels = (!create.channels.is_empty()).then_some(&create.channels);
    let body = json!({"name": create.name, "organisation": create.organisation, "constituent": create.constituent, "channels": channels, "may_publish": create.publish,
        "may_operate": create.operate, "expires": time(create.expires.as_deref())?});
    let made = client.post("tokens", &body).await?;
    if json {
        print_json(&made)?;
    } else {
        print(&format!("{}\n", text_at(&made, "/token")))?;
        eprintln!("This is shown once. Its id, to revoke it: {}", text_at(&made, "/id"));
    }
    Ok(Ending::Done)
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("tokens").await?;
    if json {
        print_json(&answer)?;
        return Ok(Ending::Done);
    }
    let mut table = Table::new(["id", "name", "organisation", "constituent", "rights", "channels", "made", "expires"]);
    for token in list_at(&answer, "/tokens") {
        let cell = |name: &str| text_at(token, name).to_owned();
        let may = |name: &str| token.get(name) == Some(&Value::Bool(true));
        let rights = [(true, "read"), (may("may_publish"), "publish"), (may("may_operate"), "operate")];
        let rights: Vec<&str> = rights.iter().filter(|(may, _)| *may).map(|(_, right)| *right).collect();
        let channels = match list_at(token, "/channels").len() {
            0 => "all".to_owned(),
            number => format!("{number} of them"),
        };
        table.row([
            cell("/id"),
            cell("/name"),
            cell("/organisation"),
            cell("/constituent"),
            rights.join(", "),
            channels,
            cell("/created_at"),
            cell("/expires"),
        ]);
    }
    print(&table.text("There are no tokens."))?;
    Ok(Ending::Done)
}

async fn end(client: &mut Client, id: &str, json: bool) -> Result<Ending> {
    client.ask(Method::DELETE, &format!("tokens/{}", encode(id)), None).await?;
    if json {
        print_json(&json!({"revoked": id}))?;
    } else {
        print(&format!("The token {id} counts no more.\n"))?;
    }
    Ok(Ending::Done)
}
