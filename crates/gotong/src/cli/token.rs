//! `gotong token`: API tokens of a node.

use anyhow::Result;
use clap::Subcommand;
use gotong_app::role::{RIGHTS, ROLES, Right, Role};
use hyper::Method;
use serde_json::json;

use super::withdraw::time;
use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::fault::usage;
use crate::output::{Table, list_at, print, print_json, text_at};

/// Make, list and revoke API tokens, and show their roles.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong token create ann --role analyst --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Create(Create),
    List(List),
    Revoke(Revoke),
    /// Show which role may do what. Asks no node.
    #[command(after_help = "Example:\n  gotong token roles")]
    Roles,
}

/// Make a token. Its secret is shown once.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong token create siem --channel rti/indicators --expires 2027-11-01 --data ./vn\n  gotong token create soc --constituent harbour-bank --role constituent --data ./vn"
)]
struct Create {
    /// Its name, for people.
    name: String,
    /// Its role, which decides what it may do: `gotong token roles` lists them. Without it the token only reads.
    #[arg(long, value_name = "ROLE", value_parser = role, conflicts_with_all = ["publish", "operate"])]
    role: Option<Role>,
    /// What tokens had before there were roles: `releasing-officer`, or `constituent`.
    #[arg(long, hide = true)]
    publish: bool,
    /// The same: `operator`, or `administrator` with the one above.
    #[arg(long, hide = true)]
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
    /// Its id, or its name where no other token has that name.
    #[arg(value_name = "ID")]
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
            What::Roles => return roles(json),
        };
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::Create(create) => make(&mut client, create, json).await,
            What::List(_) => list(&mut client, json).await,
            What::Revoke(revoke) => end(&mut client, &revoke.id, json).await,
            What::Roles => Ok(Ending::Done),
        };
        client.close().await;
        ended
    })
}

/// The role of this name, for the command line.
fn role(text: &str) -> Result<Role, String> {
    Role::from_text(text).ok_or_else(|| {
        let names: Vec<&str> = ROLES.iter().map(|role| role.as_str()).collect();
        format!("it is one of {}", names.join(", "))
    })
}

impl Create {
    /// The role that was asked for, by its name or as it was asked for before there were names.
    fn role(&self) -> Option<Role> {
        match (self.publish, self.operate) {
            (false, false) => self.role,
            (true, false) if self.constituent.is_some() => Some(Role::Constituent),
            (true, false) => Some(Role::ReleasingOfficer),
            (false, true) => Some(Role::Operator),
            (true, true) => Some(Role::Administrator),
        }
    }
}

fn roles(json: bool) -> Result<Ending> {
    if json {
        let of = |role: &Role| json!({"role": role.as_str(), "rights": names(role.rights()), "for_constituents": role.is_for_constituents()});
        let rights = RIGHTS.iter().map(|right| json!({"right": right.as_str(), "means": right.means()}));
        print_json(&json!({"roles": ROLES.iter().map(of).collect::<Vec<_>>(), "rights": rights.collect::<Vec<_>>()}))?;
        return Ok(Ending::Done);
    }
    let mut table = Table::new(["role", "for", "rights"]);
    for role in ROLES {
        let whom = if role.is_for_constituents() { "a constituent" } else { "staff" };
        table.row([role.as_str().to_owned(), whom.to_owned(), names(role.rights()).join(", ")]);
    }
    let mut means = Table::new(["right", "lets one"]);
    for right in RIGHTS {
        means.row([right.as_str().to_owned(), right.means().to_owned()]);
    }
    print(&format!("{}\n{}", table.text(""), means.text("")))?;
    Ok(Ending::Done)
}

fn names(rights: &[Right]) -> Vec<&'static str> {
    rights.iter().map(|right| right.as_str()).collect()
}

async fn make(client: &mut Client, create: &Create, json: bool) -> Result<Ending> {
    let channels = (!create.channels.is_empty()).then_some(&create.channels);
    let body = json!({"name": create.name, "organisation": create.organisation, "constituent": create.constituent, "channels": channels,
        "role": create.role().map(Role::as_str), "expires": time(create.expires.as_deref())?});
    let made = client.post("tokens", &body).await?;
    if json {
        print_json(&made)?;
    } else {
        print(&format!("{}\n", text_at(&made, "/token")))?;
        eprintln!("This is shown once. Its id, to revoke it: {}", text_at(&made, "/id"));
        let others = called(client, &create.name).await?.into_iter().filter(|id| id != text_at(&made, "/id"));
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            eprintln!("Others have this name, and still count: {}", others.join(", "));
        }
    }
    Ok(Ending::Done)
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("tokens").await?;
    if json {
        print_json(&answer)?;
        return Ok(Ending::Done);
    }
    let mut table = Table::new(["id", "name", "organisation", "constituent", "role", "channels", "made", "expires"]);
    for token in list_at(&answer, "/tokens") {
        let cell = |name: &str| text_at(token, name).to_owned();
        let channels = match list_at(token, "/channels").len() {
            0 => "all".to_owned(),
            number => format!("{number} of them"),
        };
        table.row([
            cell("/id"),
            cell("/name"),
            cell("/organisation"),
            cell("/constituent"),
            cell("/role"),
            channels,
            cell("/created_at"),
            cell("/expires"),
        ]);
    }
    print(&table.text("There are no tokens."))?;
    Ok(Ending::Done)
}

/// The ids of the tokens of this name, or the one that has it as its id.
async fn called(client: &mut Client, name: &str) -> Result<Vec<String>> {
    let answer = client.get("tokens").await?;
    let tokens = list_at(&answer, "/tokens");
    let with = |pointer: &'static str| tokens.iter().filter(move |token| text_at(token, pointer) == name);
    let found = if with("/id").next().is_some() { with("/id").collect::<Vec<_>>() } else { with("/name").collect() };
    Ok(found.into_iter().map(|token| text_at(token, "/id").to_owned()).collect())
}

async fn end(client: &mut Client, named: &str, json: bool) -> Result<Ending> {
    let found = called(client, named).await?;
    let id = match found.as_slice() {
        // The node's own answer says that there is none.
        [] => named,
        [id] => id.as_str(),
        several => {
            let text = format!("{} tokens are called so", several.len());
            return Err(usage(text, format!("name one by its id: {}", several.join(", "))));
        }
    };
    client.ask(Method::DELETE, &format!("tokens/{}", encode(id)), None).await?;
    if json {
        print_json(&json!({"revoked": id}))?;
    } else {
        print(&format!("The token {id} counts no more.\n"))?;
    }
    Ok(Ending::Done)
}
