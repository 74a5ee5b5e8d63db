//! `gotong agreement explain`: who receives a record and by which clause; of a record that is here, or of one that nobody has published yet. What it prints of a
//! record, `gotong why` prints too.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use super::super::import::expect_channel;
use super::super::withdraw::time;
use super::super::{Ending, runtime};
use crate::client::{Client, Reach, encode, query};
use crate::fault::usage;
use crate::output::{list_at, number_at, print, print_json, text_at, visible_lines};

/// Say who receives a record and who does not, by which clause, and how long it stays.
///
/// Of a record that is here: name its id, or its place in a log. Before anybody publishes it: name channel, kind and label.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Works on a running node and on the folder of one that does not run. Exit status 1 where publishing it would be refused.\n\nExample:\n  gotong agreement explain indicator--1f5b6d3e-7c52-4f6b-9d0c-6a7f3b8e2c41 --data ./vn\n  gotong agreement explain --log ORIGIN --index 7 --data ./vn\n  gotong agreement explain --channel rti/indicators --kind stix.indicator --tlp amber --data ./vn"
)]
pub(super) struct Explain {
    #[command(flatten)]
    wanted: Wanted,
    /// A record that is not published yet: its channel.
    #[arg(long, value_name = "CHANNEL", conflicts_with_all = ["id", "log"])]
    channel: Option<String>,
    /// Its kind: stix, or stix.indicator for that type of object.
    #[arg(long, value_name = "KIND", requires = "channel")]
    kind: Option<String>,
    /// Its label; without it, the channel's ceiling.
    #[arg(long, value_name = "LABEL", requires = "channel")]
    tlp: Option<String>,
    /// Published then; without it, now.
    #[arg(long, value_name = "TIME", requires = "channel")]
    at: Option<String>,
    /// Only this member.
    #[arg(long, value_name = "CODE")]
    member: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// A record that is here.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Wanted {
    /// The object's id.
    #[arg(conflicts_with = "log")]
    id: Option<String>,
    /// In place of the id: the log's origin.
    #[arg(long, value_name = "ORIGIN", requires = "index")]
    log: Option<String>,
    /// The entry's index in that log.
    #[arg(long, value_name = "N", requires = "log")]
    index: Option<u64>,
}

impl Wanted {
    /// Whether a record was named.
    pub(crate) fn is_named(&self) -> bool {
        self.id.is_some() || self.log.is_some()
    }

    /// Asks for it.
    pub(crate) async fn ask(&self, client: &mut Client, member: Option<&str>) -> Result<Value> {
        let index = self.index.map(|index| index.to_string());
        let pairs =
            [("id", self.id.as_deref()), ("log", self.log.as_deref()), ("index", index.as_deref()), ("member", member)];
        client.get(&format!("explain{}", query(&pairs))).await
    }
}

pub(super) fn run(explain: &Explain, json: bool) -> Result<Ending> {
    if !explain.wanted.is_named() && explain.channel.is_none() {
        return Err(usage(
            "no record was named",
            "name a record by its id, or by --log ORIGIN --index N; or ask beforehand with --channel CHANNEL --kind KIND --tlp LABEL",
        ));
    }
    let at = time(explain.at.as_deref())?;
    runtime()?.block_on(async {
        let mut client = Client::open(&explain.reach).await?;
        let answered = match &explain.channel {
            None => explain.wanted.ask(&mut client, explain.member.as_deref()).await,
            Some(channel) => {
                let pairs = [("kind", explain.kind.as_deref()), ("tlp", explain.tlp.as_deref()), ("at", at.as_deref())];
                match expect_channel(&mut client, channel).await {
                    Ok(()) => client.get(&format!("channels/{}/explain{}", encode(channel), query(&pairs))).await,
                    Err(fault) => Err(fault),
                }
            }
        };
        client.close().await;
        let mut answer = answered?;
        if let (Some(member), Some(members)) =
            (&explain.member, answer.pointer_mut("/members").and_then(Value::as_array_mut))
        {
            members.retain(|one| text_at(one, "/member") == member);
        }
        let ending = Ending::of(answer.get("permitted") != Some(&Value::Bool(false)));
        if json {
            print_json(&answer)?;
            return Ok(ending);
        }
        match &explain.channel {
            None => told(&answer)?,
            Some(channel) => print(&visible_lines(&beforehand(channel, explain.kind.as_deref(), &answer)))?,
        }
        Ok(ending)
    })
}

/// Prints every publication of a record.
pub(crate) fn told(answer: &Value) -> Result<()> {
    for (at, one) in list_at(answer, "/publications").iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        print(&format!("{gap}{}", visible_lines(&stored(one))))?;
    }
    for one in list_at(answer, "/waiting") {
        print(&visible_lines(&waiting(one)))?;
    }
    Ok(())
}

/// What waits for a person of this member: nobody else has it, and none will until somebody decides.
fn waiting(one: &Value) -> String {
    let number = one.get("number").and_then(Value::as_u64).unwrap_or_default();
    let head = format!(
        "Waits in quarantine as number {number}, for {} as TLP:{}, since {}. It is in no log, and no member receives it.",
        text_at(one, "/channel"),
        text_at(one, "/tlp").to_uppercase(),
        minute(text_at(one, "/at"))
    );
    let whys = list_at(one, "/why").iter().map(|why| format!("  {}", text_at(why, "/text")));
    let next = format!("Next: gotong quarantine show {number}, then release or drop it\n");
    std::iter::once(head).chain(whys).chain([next]).collect::<Vec<_>>().join("\n")
}

/// An instant to the minute.
pub(crate) fn minute(text: &str) -> String {
    text.get(..16).map_or_else(|| text.to_owned(), |text| format!("{} UTC", text.replace('T', " ")))
}

fn beforehand(channel: &str, kind: Option<&str>, answer: &Value) -> String {
    let permitted = answer.get("permitted") == Some(&Value::Bool(true));
    let (kind, label) = (kind.unwrap_or("stix"), text_at(answer, "/tlp").to_uppercase());
    let at = minute(text_at(answer, "/at"));
    let verdict = if permitted {
        let codes: Vec<&str> = list_at(answer, "/recipients").iter().map(|one| text_at(one, "/code")).collect();
        let codes = if codes.is_empty() { "nobody else".to_owned() } else { codes.join(", ") };
        format!("You may publish it. It would go to: {codes}")
    } else {
        "You may not publish it, so nobody would receive it. The clause that refuses comes first.".to_owned()
    };
    let grounds: String = list_at(answer, "/grounds").iter().map(clause_line).collect();
    let (title, verbs) = if permitted {
        ("Who would receive it", ("would publish it", "would receive it", "would not receive it"))
    } else {
        (
            "Who is sent what may be published there",
            ("would be the author", "is of the audience", "is not of the audience"),
        )
    };
    format!(
        "A record of kind {kind} under TLP:{label} in {channel} on {at}\n{verdict}\n\nWhy\n{grounds}\n{title}\n{}",
        members(answer, verbs, &mut BTreeSet::new())
    )
}

/// A clause with what it says, and its own words below.
fn clause_line(one: &Value) -> String {
    let words = text_at(one, "/words");
    let words = if words.is_empty() { String::new() } else { format!("          its words: {words}\n") };
    let title = text_at(one, "/title");
    let title = if title.is_empty() { String::new() } else { format!(" ({title})") };
    format!(
        "  {:<6}  clause {}{title}: {}\n{words}",
        text_at(one, "/effect"),
        text_at(one, "/clause"),
        text_at(one, "/text")
    )
}

fn stored(one: &Value) -> String {
    let or_none = |name: &str, none: &str| {
        let text = text_at(one, name);
        if text.is_empty() { none.to_owned() } else { text.to_owned() }
    };
    let state = match text_at(one, "/reason") {
        "" => text_at(one, "/state").to_owned(),
        reason => format!("{}: {reason}", text_at(one, "/state")),
    };
    let label = text_at(one, "/tlp").to_uppercase();
    let label = if label.is_empty() { String::new() } else { format!(", TLP:{label}") };
    let published = match text_at(one, "/published_at") {
        "" => "at a time that is gone with its envelope".to_owned(),
        at => minute(at),
    };
    let head = format!(
        "{}, entry {} of {}\n  log        {}\n  what       {}{label}\n  published  {published} by {}\n  state      {state}\n  under      {}\n",
        text_at(one, "/channel"),
        number_at(one, "/index"),
        text_at(one, "/author"),
        text_at(one, "/log"),
        or_none("/kind", "no record, or its body is gone"),
        text_at(one, "/author_name"),
        basis(one),
    );
    let part =
        |title: &str, lines: String| if lines.is_empty() { String::new() } else { format!("\n{title}\n{lines}") };
    let says: String = list_at(one, "/says").iter().map(clause_line).collect();
    // The words of a clause are read once.
    let mut read: BTreeSet<String> = list_at(one, "/says").iter().map(named).collect();
    let stays: Vec<String> = list_at(one, "/stays")
        .iter()
        .map(|stay| format!("  {} (clause {})\n", text_at(stay, "/text"), text_at(stay, "/clause")))
        .collect();
    let duties: Vec<String> = list_at(one, "/duties")
        .iter()
        .map(|duty| {
            let (member, what, due) = (text_at(duty, "/member"), text_at(duty, "/duty"), minute(text_at(duty, "/due")));
            format!(
                "  {member} is to {what} it by {due} (clause {}, {})\n",
                text_at(duty, "/clause"),
                text_at(duty, "/title")
            )
        })
        .collect();
    let receives =
        part("Who receives it", members(one, ("is the author", "receives it", "does not receive it"), &mut read));
    let says = part("Why it is here", says);
    // Where one member was asked about, that is the answer, and the rest stands behind it.
    let (first, second) = if list_at(one, "/members").len() == 1 { (receives, says) } else { (says, receives) };
    [head, first, second, part("How long it stays", stays.concat()), part("What it asks for", duties.concat())].concat()
}

fn basis(one: &Value) -> String {
    let Some(basis) = one.get("basis") else { return "nothing that it names is here".to_owned() };
    let number = |name: &str, what: &str, hash: &str| match basis.get(name).and_then(Value::as_u64) {
        Some(number) => format!("{what} {number}"),
        None => format!("{what} {} (not here)", text_at(basis, hash)),
    };
    let notices = match list_at(basis, "/notices").len() {
        0 => String::new(),
        1 => ", 1 notice".to_owned(),
        count => format!(", {count} notices"),
    };
    let version = if text_at(basis, "/agreement_hash") == gotong_crypto::Digest([0; 32]).to_text() {
        "no version".to_owned()
    } else {
        number("version", "version", "/agreement_hash")
    };
    format!(
        "{version} of the agreement, {}{notices}, as entry {} of the log names them",
        number("charter_number", "charter", "/charter"),
        number_at(basis, "/index")
    )
}

/// A clause of a version.
fn named(said: &Value) -> String {
    format!("{} {}", number_at(said, "/version"), text_at(said, "/clause"))
}

fn members(answer: &Value, verbs: (&str, &str, &str), read: &mut BTreeSet<String>) -> String {
    list_at(answer, "/members").iter().map(|one| member(one, verbs, read)).collect()
}

fn member(one: &Value, (author, receives, never): (&str, &str, &str), read: &mut BTreeSet<String>) -> String {
    let since = match text_at(one, "/since") {
        "" => String::new(),
        at => format!(", since {}", minute(at)),
    };
    let is_author = one.get("author") == Some(&Value::Bool(true));
    let verdict = match text_at(one, "/reception") {
        _ if is_author => author.to_owned(),
        "receives" => format!("{receives}{since}"),
        "received" => format!("received it until {}, and nothing of it since", minute(text_at(one, "/until"))),
        _ => never.to_owned(),
    };
    let mut out = format!("  {}  {verdict}\n", text_at(one, "/name"));
    for said in list_at(one, "/says") {
        let (title, words) = (text_at(said, "/title"), text_at(said, "/words"));
        let version = number_at(said, "/version");
        let title = if title.is_empty() { String::new() } else { format!(", {title}") };
        let (clause, text) = (text_at(said, "/clause"), text_at(said, "/text"));
        let _ = writeln!(out, "      clause {clause}{title}, version {version}: {text}");
        if read.insert(named(said)) && !words.is_empty() {
            let _ = writeln!(out, "      its words: {words}");
        }
    }
    if let Some(delivery) = one.get("delivery").filter(|_| !is_author) {
        let _ = writeln!(out, "      delivery: {}", text_at(delivery, "/text"));
        let contact = text_at(delivery, "/last_contact");
        if !contact.is_empty() {
            let _ = writeln!(out, "      this node last heard of it on {}", minute(contact));
        }
        if delivery.get("never_heard") == Some(&Value::Bool(true)) {
            out.push_str("      this node has not heard of it since it was started\n");
        }
    }
    out
}
