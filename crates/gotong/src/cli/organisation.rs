//! `gotong organisation`: the register of organisations that the member serves: who there is, of which class of the house rule. What each may read and publish
//! is for the house rule to say. Lists from a file are read in `organisation/lines.rs`.

mod lines;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use gotong_model::MemberCode;
use hyper::Method;
use serde_json::{Value, json};

use self::lines::{Line, Lines};
use super::known::{governance_of, notes_in};
use super::{Ending, runtime};
use crate::client::{Client, Reach, encode, query};
use crate::fault::{failure, usage};
use crate::output::{Table, list_at, number_at, print, print_json, progress, text_at, visible_lines};

/// Organisations of one request.
const BATCH: usize = 1_000;
/// Lines that are named one by one; the rest is counted.
const NAMED_MAX: usize = 100;

/// Add, list, show and end the organisations that the member serves.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong organisation add harbour-bank --name \"Harbour Bank\" --class bank --data ./vn\n  gotong token create soc --constituent harbour-bank --role constituent --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Add(Add),
    List(List),
    Show(One),
    End(End),
}

/// Put an organisation into the register, or all in a file; a code that is there already is given the new name and class.
///
/// A code is never given to another organisation: with it would go the channel. Who had ended is served again.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file has lines of code,name,class (CSV; a first line with these three words may stand above). Lines that are wrong are named and left out;\nexit status 1 then.\n\nExample:\n  gotong organisation add harbour-bank --name \"Harbour Bank\" --class bank --data ./vn\n  gotong organisation add --from organisations.csv --data ./vn"
)]
struct Add {
    /// Its code: small letters, digits and hyphens.
    #[arg(required_unless_present = "from", requires = "name", requires = "class")]
    code: Option<String>,
    /// What it is called.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its class in the house rule.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// A file with many.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["code", "name", "class"])]
    from: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

/// List the organisations by code.
#[derive(clap::Args, Debug)]
#[command(after_help = "With --json a line for each.\n\nExample:\n  gotong organisation list --class bank --data ./vn")]
struct List {
    /// Only those of this class.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Show one organisation and its channels.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong organisation show harbour-bank --data ./vn")]
struct One {
    /// Its code.
    code: String,
    #[command(flatten)]
    reach: Reach,
}

/// End serving an organisation: its tokens count no more. What it published stays, and the staff go on reading its channel.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong organisation end harbour-bank --data ./vn")]
struct End {
    /// Its code.
    code: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let reach = match &arguments.what {
            What::Add(Add { reach, .. })
            | What::List(List { reach, .. })
            | What::Show(One { reach, .. })
            | What::End(End { reach, .. }) => reach,
        };
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::Add(Add { from: Some(file), .. }) => add_all(&mut client, file, json).await,
            What::Add(add) => add_one(&mut client, add, json).await,
            What::List(list) => list_all(&mut client, list, json).await,
            What::Show(one) => show(&mut client, &one.code, json).await,
            What::End(one) => end(&mut client, &one.code, json).await,
        };
        client.close().await;
        ended
    })
}

async fn put(client: &mut Client, organisations: &[Value]) -> Result<Value> {
    client.ask(Method::PUT, "organisations", Some(&json!({"organisations": organisations}))).await
}

async fn add_one(client: &mut Client, add: &Add, json: bool) -> Result<Ending> {
    let (Some(code), Some(name), Some(class)) = (&add.code, &add.name, &add.class) else {
        return Err(usage("code, name and class are needed", "gotong organisation add CODE --name NAME --class CLASS"));
    };
    let answer = put(client, &[json!({"code": code, "name": name, "class": class})]).await?;
    let added = list_at(&answer, "/organisations").first().context("the node's answer names no organisation")?;
    if json {
        print_json(added)?;
    } else {
        print(&visible_lines(&format!(
            "In the register: {}\nNext: gotong token create NAME --constituent {code} --role constituent makes a token for it\n",
            told(added)
        )))?;
    }
    Ok(Ending::Done)
}

/// What came of a file.
#[derive(Default)]
struct Sum {
    put: usize,
    wrong: Vec<Value>,
    wrong_count: usize,
}

impl Sum {
    fn refuse(&mut self, number: usize, what: &str) {
        self.wrong_count += 1;
        if self.wrong.len() < NAMED_MAX {
            self.wrong.push(json!({"line": number, "what": what}));
        }
    }
}

async fn add_all(client: &mut Client, file: &Path, json: bool) -> Result<Ending> {
    let classes = classes(client).await?;
    let mut lines = Lines::open(file)?;
    let bar = progress(Some(lines.bytes()), json);
    let (mut sum, mut batch, mut codes) = (Sum::default(), Vec::new(), BTreeSet::new());
    while let Some((number, line)) = lines.next_line()? {
        match line.and_then(|line| fits(&line, &classes, &mut codes)) {
            Ok(line) => batch.push(line),
            Err(what) => sum.refuse(number, &what),
        }
        if batch.len() == BATCH {
            send(client, &mut batch, &mut sum).await?;
            bar.set_position(lines.read());
            bar.set_message(format!("{} in the register", sum.put));
        }
    }
    send(client, &mut batch, &mut sum).await?;
    bar.finish_and_clear();
    if json {
        print_json(&json!({"file": file, "put": sum.put, "refused": sum.wrong_count, "lines": sum.wrong}))?;
        return Ok(Ending::of(sum.wrong_count == 0));
    }
    for wrong in &sum.wrong {
        let line = format!("{}:{}: {}\n", file.display(), number_at(wrong, "/line"), text_at(wrong, "/what"));
        print(&visible_lines(&line))?;
    }
    if sum.wrong_count > sum.wrong.len() {
        print(&format!("and {} more lines that are wrong\n", sum.wrong_count - sum.wrong.len()))?;
    }
    print(&format!("{} organisations put into the register, {} lines left out\n", sum.put, sum.wrong_count))?;
    if sum.wrong_count > 0 {
        print(
            "Next: mend those lines and give the whole file again; what is in the register already stays as it is\n",
        )?;
    }
    Ok(Ending::of(sum.wrong_count == 0))
}

async fn send(client: &mut Client, batch: &mut Vec<Value>, sum: &mut Sum) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let done = sum.put;
    put(client, batch).await.with_context(|| {
        format!("{done} organisations are in the register, those of the next request are not; the same file may be given again")
    })?;
    sum.put += batch.len();
    batch.clear();
    Ok(())
}

/// The classes that any version of the node's own house rule has.
async fn classes(client: &mut Client) -> Result<BTreeSet<String>> {
    let known = governance_of(&notes_in(&client.get("documents").await?))?;
    let of_house = |member: &MemberCode| {
        let house = known.house(member);
        let versions = house.into_iter().flat_map(|house| house.agreement.versions.iter().map(move |one| (house, one)));
        versions.flat_map(|(house, version)| house.classes(version)).map(|class| class.class.to_string()).collect()
    };
    let member = known.houses().next().map(|house| house.member.clone());
    member.as_ref().map(of_house).ok_or_else(|| {
        failure(
            "this node has no house rule yet, and so no classes of organisations",
            "gotong house new drafts one, gotong house sign signs it, gotong house accept hands it to the node",
        )
    })
}

/// What a line asks for, if it can be asked for.
fn fits(line: &Line, classes: &BTreeSet<String>, codes: &mut BTreeSet<String>) -> Result<Value, String> {
    if !classes.contains(&line.class) {
        let all: Vec<&str> = classes.iter().map(String::as_str).collect();
        return Err(format!("the house rule has no class {:?}: write one of {}", line.class, all.join(", ")));
    }
    if !codes.insert(line.code.clone()) {
        return Err(format!("{} stands in a line above already", line.code));
    }
    Ok(json!({"code": line.code, "name": line.name, "class": line.class}))
}

fn channels(organisation: &Value) -> String {
    let all: Vec<&str> = list_at(organisation, "/channels").iter().filter_map(Value::as_str).collect();
    if all.is_empty() { "none of its own".to_owned() } else { all.join(", ") }
}

fn told(organisation: &Value) -> String {
    let ended = text_at(organisation, "/ended");
    let ended =
        if ended.is_empty() { String::new() } else { format!("\n  ended     {ended}: its tokens count no more") };
    format!(
        "{}, {}\n  class     {}\n  channels  {}\n  since     {}{ended}",
        text_at(organisation, "/code"),
        text_at(organisation, "/name"),
        text_at(organisation, "/class"),
        channels(organisation),
        text_at(organisation, "/since"),
    )
}

async fn list_all(client: &mut Client, list: &List, json: bool) -> Result<Ending> {
    let mut table = Table::new(["code", "name", "class", "channels", "since", "ended"]);
    let mut after: Option<String> = None;
    loop {
        let page = client
            .get(&format!("organisations{}", query(&[("limit", Some("1000")), ("after", after.as_deref())])))
            .await?;
        let is_meant = |one: &&Value| list.class.as_deref().is_none_or(|class| text_at(one, "/class") == class);
        for one in list_at(&page, "/organisations").iter().filter(is_meant) {
            if json {
                print_json(one)?;
                continue;
            }
            let cell = |name: &str| text_at(one, name).to_owned();
            table.row([cell("/code"), cell("/name"), cell("/class"), channels(one), cell("/since"), cell("/ended")]);
        }
        match text_at(&page, "/next") {
            "" => break,
            next => after = Some(next.to_owned()),
        }
    }
    if !json {
        print(&table.text("There are no organisations. Next: gotong organisation add CODE --name NAME --class CLASS"))?;
    }
    Ok(Ending::Done)
}

/// Says whose code it was where there is none such.
fn missing(fault: anyhow::Error, code: &str, what: &str) -> anyhow::Error {
    if fault.to_string().starts_with("There is nothing here") {
        return failure(format!("{what} {code}"), "gotong organisation list shows all");
    }
    fault
}

async fn show(client: &mut Client, code: &str, json: bool) -> Result<Ending> {
    let found = client.get(&format!("organisations/{}", encode(code))).await;
    let found = found.map_err(|fault| missing(fault, code, "the register has no organisation"))?;
    if json {
        print_json(&found)?;
    } else {
        print(&visible_lines(&format!("{}\n", told(&found))))?;
    }
    Ok(Ending::Done)
}

async fn end(client: &mut Client, code: &str, json: bool) -> Result<Ending> {
    let ended = client.ask(Method::DELETE, &format!("organisations/{}", encode(code)), None).await;
    ended.map_err(|fault| missing(fault, code, "no organisation is served by the code"))?;
    if json {
        print_json(&json!({"ended": code}))?;
    } else {
        print(&format!(
            "{code} is served no more: its tokens count no more. What it published stays.\nTo serve it again: gotong organisation add {code} --name NAME --class CLASS\n"
        ))?;
    }
    Ok(Ending::Done)
}
