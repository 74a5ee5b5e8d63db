//! `gotong search`: words, phrases, values and ids in everything that one may read, the best first.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use super::{Ending, runtime};
use crate::client::{Client, Reach, query};
use crate::output::{list_at, number_at, print, print_json, text_at, visible};

/// Search names, descriptions, notes and reports, in any language of the region.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "One box takes anything: words, \"a phrase\" in quotes, -word to leave out, values as they stand in a\nreport (hxxp, [.]), ids, and the filters type:, author:, channel: and label:.\nExit status 0 whether or not anything is found.\n\nExamples:\n  gotong search \"ngân hàng type:report\" --data ./vn\n  gotong search 'lokibot -test \"login page\"' --json --data ./vn"
)]
pub(crate) struct Arguments {
    /// What to look for.
    #[arg(required = true, value_name = "TEXT")]
    text: String,
    /// Only this channel, by handle or id.
    #[arg(long)]
    channel: Option<String>,
    /// Results of this page, 1 to 100.
    #[arg(long, default_value_t = 25)]
    limit: usize,
    /// Behind this cursor, as the answer before told it.
    #[arg(long)]
    after: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let limit = arguments.limit.to_string();
    let pairs = [
        ("q", Some(arguments.text.as_str())),
        ("limit", Some(limit.as_str())),
        ("channel", arguments.channel.as_deref()),
        ("after", arguments.after.as_deref()),
    ];
    let path = format!("search{}", query(&pairs));
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let answer = client.get(&path).await?;
        if json {
            print_json(&answer)?;
        } else {
            print(&text(&answer))?;
        }
        client.close().await;
        Ok(Ending::Done)
    })
}

/// One line, whatever the text holds.
fn line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn text(answer: &Value) -> String {
    let results = list_at(answer, "/results");
    let searched = |name: &str| {
        let list = list_at(answer, &format!("/searched/{name}")).iter();
        list.filter_map(Value::as_str).map(line).collect::<Vec<_>>().join(", ")
    };
    let is = |pointer: &str| answer.pointer(pointer) == Some(&Value::Bool(true));
    let mut out = String::new();
    if results.is_empty() {
        let terms = searched("terms");
        let channels = number_at(answer, "/searched/channels_count");
        let what = if terms.is_empty() {
            "no word to look for was given".to_owned()
        } else {
            format!("nothing found for {terms}")
        };
        out = format!("{what}\n");
        if channels > 0 {
            let _ = writeln!(out, "  searched: {channels} {}: {}", plural(channels, "channel"), searched("channels"));
        }
        out.push_str("  next: fewer or shorter words, without filters; a value is found whole, as in gotong lookup\n");
    } else {
        let total = number_at(answer, "/total");
        let least = if is("/total_is_least") { "at least " } else { "" };
        let _ = writeln!(out, "{least}{total} {}", plural(total, "record"));
        if is("/searched/similar") {
            out.push_str("  nothing was found as typed; these words are spelled nearly alike\n");
        }
    }
    for unknown in list_at(answer, "/searched/unknown") {
        let value = line(text_at(unknown, "/value"));
        let why = match text_at(unknown, "/filter") {
            "type" => "STIX 2.1 has no such type, and nothing that you may see is of it",
            "author" => "no member has this code; gotong charter show lists them",
            "channel" => "there is no channel of this name that you may read; gotong channel list has them",
            _ => "labels are clear, green, amber, amber+strict and red",
        };
        let _ = writeln!(out, "  {}:{value} matches nothing: {why}", text_at(unknown, "/filter"));
    }
    if is("/searched/rebuilding") {
        out.push_str("  the indexes are being built again: something may be missing\n");
    }
    if !searched("outside_only").is_empty() {
        let _ = writeln!(
            out,
            "  not looked for: what lies in {}; look up parts of it, as in gotong lookup",
            searched("outside_only")
        );
    }
    for result in results {
        let cell = |name: &str| line(text_at(result, name));
        let why = list_at(result, "/matched").first().map_or("", |matched| text_at(matched, "/why"));
        let name = if cell("/name").is_empty() { cell("/id") } else { cell("/name") };
        let _ = write!(
            out,
            "\n{name}\n  {} · {} · {} · {}\n",
            cell("/type"),
            cell("/author"),
            cell("/channel"),
            cell("/label")
        );
        let _ = writeln!(out, "  {} ({why})", cell("/id"));
        for highlight in list_at(result, "/highlights") {
            if text_at(highlight, "/field") != "name" {
                let segments = list_at(highlight, "/segments").iter();
                let shown: String = segments.map(|segment| text_at(segment, "/text")).collect();
                let _ = writeln!(out, "  {}", line(&shown));
            }
        }
    }
    if let Some(next) = answer.get("next").and_then(Value::as_str) {
        let _ = writeln!(out, "\nmore: --after {next}");
    }
    out
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}
