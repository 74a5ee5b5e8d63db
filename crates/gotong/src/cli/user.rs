//! `gotong user`: the accounts of people who log in to the console.

use anyhow::Result;
use clap::Subcommand;
use gotong_app::role::{ROLES, Role};
use hyper::Method;
use serde_json::{Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::config::Config;
use crate::home::Home;
use crate::output::{Table, list_at, print, print_json, text_at};

/// Invite people, and look after their accounts.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong user invite ann --role analyst --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Invite(Invite),
    List(List),
    /// Close an account: nobody logs in with it, and its sessions end at once.
    #[command(after_help = "Example:\n  gotong user disable ann --data ./vn")]
    Disable(Named),
    /// Open a closed account again.
    #[command(after_help = "Example:\n  gotong user enable ann --data ./vn")]
    Enable(Named),
    /// Make a one-time link for a new password, where password or app is lost. Sessions end at once.
    #[command(after_help = "Example:\n  gotong user reset ann --data ./vn")]
    Reset(Named),
    /// End all sessions of an account.
    #[command(after_help = "Example:\n  gotong user end-sessions ann --data ./vn")]
    EndSessions(Named),
    Role(Give),
    Link(Link),
    /// End the link of an account with the identity provider. Its sessions end at once.
    #[command(after_help = "Example:\n  gotong user unlink ann --data ./vn")]
    Unlink(Named),
}

/// Link an account with somebody of the identity provider, so that this person logs in to it from there.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A subject is never given to anybody else, and the link stands at once. A name waits a week for whoever first comes with it.\n\nExample:\n  gotong user link ann --subject 8f14e45f-ea9c --data ./vn\n  gotong user link ann --provider-name ann@ministry.example --data ./vn"
)]
struct Link {
    /// The account's name.
    name: String,
    /// The subject at the provider (the claim `sub`).
    #[arg(long, value_name = "SUB", required_unless_present = "provider_name", conflicts_with = "provider_name")]
    subject: Option<String>,
    /// The name at the provider (the claim that `oidc.name_claim` says).
    #[arg(long, value_name = "NAME")]
    provider_name: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Make a one-time link with which somebody makes an account. It is shown once.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "No password travels: whoever opens the link chooses one.\n\nExample:\n  gotong user invite somchai --role duty-officer --data ./th\n  gotong user invite desk --constituent harbour-bank --role constituent --data ./th"
)]
struct Invite {
    /// The name that the person will log in with.
    name: String,
    /// Its role: `gotong token roles` lists them.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Role,
    /// The name for others.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    full_name: String,
    /// The code of the organisation of the register whose person it is.
    #[arg(long, value_name = "CODE")]
    constituent: Option<String>,
    /// For how many hours the link opens.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    hours: u64,
    #[command(flatten)]
    reach: Reach,
}

/// List the accounts.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong user list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

#[derive(clap::Args, Debug)]
struct Named {
    /// The account's name.
    name: String,
    #[command(flatten)]
    reach: Reach,
}

/// Give an account another role. Its sessions end at once.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong user role ann releasing-officer --data ./vn")]
struct Give {
    /// The account's name.
    name: String,
    /// The role: `gotong token roles` lists them.
    #[arg(value_parser = role)]
    role: Role,
    #[command(flatten)]
    reach: Reach,
}

/// The role of this name, for the command line.
fn role(text: &str) -> Result<Role, String> {
    Role::from_text(text).ok_or_else(|| {
        let names: Vec<&str> = ROLES.iter().map(|role| role.as_str()).collect();
        format!("it is one of {}", names.join(", "))
    })
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let reach = match &arguments.what {
            What::Invite(invite) => &invite.reach,
            What::List(list) => &list.reach,
            What::Disable(named)
            | What::Enable(named)
            | What::Reset(named)
            | What::EndSessions(named)
            | What::Unlink(named) => &named.reach,
            What::Link(link) => &link.reach,
            What::Role(give) => &give.reach,
        };
        let mut client = Client::open(reach).await?;
        let ended = act(&mut client, &arguments.what, json).await;
        client.close().await;
        ended
    })
}

async fn act(client: &mut Client, what: &What, json: bool) -> Result<Ending> {
    match what {
        What::Invite(invite) => {
            let body = json!({"name": invite.name, "full_name": invite.full_name, "role": invite.role.as_str(),
                "constituent": invite.constituent, "hours": invite.hours});
            let made = client.post("users", &body).await?;
            link(&invite.reach, &made, json)
        }
        What::Reset(named) => {
            let made = client.post(&format!("users/{}/reset", encode(&named.name)), &json!({})).await?;
            link(&named.reach, &made, json)
        }
        What::List(_) => list(client, json).await,
        What::Disable(Named { name, .. }) => {
            let told = format!("The account {name} is closed, and its sessions have ended.\n");
            change(client, name, (Method::POST, "disable"), &told, json).await
        }
        What::Enable(Named { name, .. }) => {
            change(client, name, (Method::POST, "enable"), &format!("The account {name} is open.\n"), json).await
        }
        What::EndSessions(Named { name, .. }) => {
            let told = format!("All sessions of {name} have ended.\n");
            change(client, name, (Method::DELETE, "sessions"), &told, json).await
        }
        What::Link(link) => {
            let body = match (&link.subject, &link.provider_name) {
                (Some(subject), _) => json!({"subject": subject}),
                (None, name) => json!({"name": name}),
            };
            client.ask(Method::POST, &format!("users/{}/provider", encode(&link.name)), Some(&body)).await?;
            let told = match &link.subject {
                Some(_) => format!("{} is linked, and logs in from the identity provider.\n", link.name),
                None => format!("{} is linked with whoever first comes with this name, within a week.\n", link.name),
            };
            tell(&told, &link.name, "link", json)
        }
        What::Unlink(Named { name, .. }) => {
            let told = format!("The link of {name} has ended, and so have all its sessions.\n");
            client.ask(Method::DELETE, &format!("users/{}/provider", encode(name)), None).await?;
            tell(&told, name, "unlink", json)
        }
        What::Role(Give { name, role, .. }) => {
            let body = json!({"role": role.as_str()});
            client.ask(Method::POST, &format!("users/{}/role", encode(name)), Some(&body)).await?;
            tell(&format!("{name} has the role {role}, and logs in again with it.\n"), name, "role", json)
        }
    }
}

async fn change(
    client: &mut Client,
    name: &str,
    (method, act): (Method, &str),
    told: &str,
    json: bool,
) -> Result<Ending> {
    client.ask(method, &format!("users/{}/{act}", encode(name)), None).await?;
    tell(told, name, act, json)
}

fn tell(told: &str, name: &str, act: &str, json: bool) -> Result<Ending> {
    if json {
        print_json(&json!({"name": name, "done": act}))?;
    } else {
        print(told)?;
    }
    Ok(Ending::Done)
}

/// Where the pages of the node answer, as far as it is known here.
fn base(reach: &Reach) -> String {
    let of = |config: Config| config.web.address().ok().map(|address| format!("http://{address}"));
    let configured = || of(Home::open(reach.data.as_ref()?).ok()?.config().ok()?);
    match (&reach.data, &reach.server) {
        (None, Some(server)) => server.trim_end_matches('/').to_owned(),
        _ => configured().unwrap_or_default(),
    }
}

fn link(reach: &Reach, made: &Value, json: bool) -> Result<Ending> {
    let url = format!("{}{}", base(reach), text_at(made, "/path"));
    if json {
        print_json(&json!({"name": text_at(made, "/name"), "link": url, "expires": text_at(made, "/expires")}))?;
    } else {
        print(&format!("{url}\n"))?;
        eprintln!(
            "This is shown once, opens once, and until {}. Hand it over on a way that you trust; if people reach the node by another name, put that in its place.",
            text_at(made, "/expires")
        );
    }
    Ok(Ending::Done)
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("users").await?;
    if json {
        print_json(&answer)?;
        return Ok(Ending::Done);
    }
    let mut table = Table::new([
        "name",
        "full name",
        "constituent",
        "role",
        "second factor",
        "closed",
        "last in",
        "failed",
        "provider",
    ]);
    for user in list_at(&answer, "/users") {
        let cell = |name: &str| text_at(user, name).to_owned();
        let flag = |name: &str| user.pointer(name).and_then(Value::as_bool) == Some(true);
        table.row([
            cell("/name"),
            cell("/full_name"),
            cell("/constituent"),
            cell("/role"),
            if flag("/second_factor") { "yes" } else { "no" }.to_owned(),
            cell("/disabled_at"),
            cell("/last_in"),
            user.pointer("/failed").and_then(Value::as_u64).unwrap_or(0).to_string(),
            match (text_at(user, "/provider/subject"), text_at(user, "/provider/name")) {
                ("", "") => String::new(),
                ("", name) => format!("waits for {name}"),
                (subject, "") => subject.to_owned(),
                (subject, name) => format!("{name} ({subject})"),
            },
        ]);
    }
    print(&table.text("There are no accounts. Invite somebody: gotong user invite NAME --role ROLE"))?;
    Ok(Ending::Done)
}
