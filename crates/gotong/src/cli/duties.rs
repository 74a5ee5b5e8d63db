//! `gotong duties` and `gotong duty done`: what agreements ask of this member in time, and a person's word that it was done. Erases nothing.

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use super::withdraw::time;
use super::{Ending, runtime};
use crate::client::{Client, Reach, encode, query};
use crate::output::{Table, list_at, print, print_json, text_at, visible};

/// List duties that agreements lay on this member, soonest due first.
///
/// Acknowledging happens by itself. An answer or a notification is met by a relationship, report, note, sighting or opinion of this member in the
/// same channel that refers to the object, or by gotong duty done. Erasing is a person's act: no node erases by itself.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 1 if any of those listed is overdue.\n\nExamples:\n  gotong duties --data ./vn\n  gotong duties --overdue --channel rti/incidents --data ./vn"
)]
pub(crate) struct Arguments {
    /// Only what is overdue.
    #[arg(long, conflicts_with = "met")]
    overdue: bool,
    /// What was met, newest last.
    #[arg(long)]
    met: bool,
    /// What others owe for this member's records, as far as it shows here.
    #[arg(long)]
    others: bool,
    /// Only of this channel, by handle or id.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Only what is due before this time.
    #[arg(long, value_name = "TIME")]
    due_before: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Note a duty as done.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong duty done ljv4ojtmxxcr7rqkxkqyqmsbsu.12.0 --note \"answered by telephone, spoke with the duty officer\" --data ./vn"
)]
pub(crate) struct DutyArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Done(Done),
}

/// Note that this member has answered or notified in a way that no log shows.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The note stays at this node, with its line in the audit log.\n\nExample:\n  gotong duty done ljv4ojtmxxcr7rqkxkqyqmsbsu.12.0 --note \"answered by telephone\" --data ./vn"
)]
struct Done {
    /// The duty, as gotong duties names it.
    id: String,
    /// How it was done, and to whom.
    #[arg(long, value_name = "TEXT")]
    note: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let before = time(arguments.due_before.as_deref())?;
    let state = match (arguments.overdue, arguments.met) {
        (true, _) => Some("overdue"),
        (false, true) => Some("met"),
        (false, false) => None,
    };
    let pairs = [
        ("state", state),
        ("channel", arguments.channel.as_deref()),
        ("due_before", before.as_deref()),
        ("others", arguments.others.then_some("true")),
        ("limit", Some("1000")),
    ];
    let page = runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let page = client.get(&format!("duties{}", query(&pairs))).await;
        client.close().await;
        page
    })?;
    let duties = list_at(&page, "/duties");
    if json {
        duties.iter().try_for_each(print_json)?;
    } else {
        print(&told(&page))?;
    }
    Ok(Ending::of(duties.iter().all(|duty| text_at(duty, "/state") != "overdue")))
}

fn told(page: &Value) -> String {
    let mut table = Table::new(["what", "who", "object", "of", "channel", "clause", "since", "due", "left", "id"]);
    for row in list_at(page, "/duties") {
        let cell = |name: &str| visible(text_at(row, name));
        table.row([
            cell("/duty"),
            cell("/member"),
            cell("/object"),
            cell("/author"),
            cell("/channel"),
            format!("{} {}, {}", cell("/agreement"), cell("/clause"), cell("/title")),
            cell("/since"),
            cell("/due"),
            left(row),
            cell("/id"),
        ]);
    }
    let more = if page.get("more").and_then(Value::as_bool) == Some(true) {
        "There are more, or may be: narrow with --channel or --due-before.\n"
    } else {
        ""
    };
    format!("{}{more}", table.text("Nothing is to be done."))
}

/// How long is left, or since when it is met, in words.
fn left(row: &Value) -> String {
    let seconds = row.get("left_s").and_then(Value::as_i64).unwrap_or_default();
    match text_at(row, "/state") {
        "met" => format!("met {}", text_at(row, "/met_at")),
        "overdue" => format!("overdue by {}", span(seconds.unsigned_abs())),
        _ => format!("{} left", span(seconds.unsigned_abs())),
    }
}

/// A length of time in its two largest units.
fn span(seconds: u64) -> String {
    let count = |number: u64, unit: &str| if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") };
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => count(minutes, "minute"),
        (0, hours, 0) => count(hours, "hour"),
        (0, hours, minutes) => format!("{} {}", count(hours, "hour"), count(minutes, "minute")),
        (days, 0, _) => count(days, "day"),
        (days, hours, _) => format!("{} {}", count(days, "day"), count(hours, "hour")),
    }
}

/// `gotong duty …`.
pub(crate) fn act(arguments: &DutyArguments, json: bool) -> Result<Ending> {
    let What::Done(Done { id, note, reach }) = &arguments.what;
    let answer = runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let answer = client.post(&format!("duties/{}/done", encode(id)), &json!({"note": note})).await;
        client.close().await;
        answer
    })?;
    if json {
        print_json(&answer)?;
    } else if text_at(&answer, "/outcome") == "known" {
        print(&format!("{}: it was met already; nothing changes\n", visible(id)))?;
    } else {
        print(&format!("{}: noted as done, with its line in the audit log\n", visible(id)))?;
    }
    Ok(Ending::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_in_words() {
        for (seconds, words) in [
            (0, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 minute"),
            (3_600, "1 hour"),
            (3_720, "1 hour 2 minutes"),
            (86_400, "1 day"),
            (2 * 86_400 + 7_200, "2 days 2 hours"),
        ] {
            assert_eq!(span(seconds), words);
        }
        let late = json!({"state": "overdue", "left_s": -1});
        assert_eq!(left(&late), "overdue by less than a minute");
        assert_eq!(left(&json!({"state": "open", "left_s": 3_600})), "1 hour left");
    }
}
