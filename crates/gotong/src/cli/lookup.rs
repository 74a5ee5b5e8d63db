//! `gotong lookup`: which records name an observable value.

use std::io::Read;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::fault::usage;
use crate::output::{Table, list_at, print, print_json, text_at, visible};

/// Values in one question.
const VALUES_AT_ONCE: usize = 10_000;

/// Look up addresses, names, hashes, URLs and other observable values.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "An address is also found by the networks that hold it, and a network by what lies in it.\nExit status 0 whether or not anything is known.\n\nExamples:\n  gotong lookup login.bank.example 192.0.2.44 --data ./vn\n  gotong lookup - --json --data ./vn < values.txt"
)]
pub(crate) struct Arguments {
    /// The values, as people write them; - reads them from standard input, one a line.
    #[arg(required = true, value_name = "VALUE")]
    values: Vec<String>,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let values = values(&arguments.values)?;
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        for values in values.chunks(VALUES_AT_ONCE) {
            let answer = client.post("lookup", &json!({"values": values})).await?;
            for result in list_at(&answer, "/results") {
                if json { print_json(result)? } else { print(&text(result))? }
            }
        }
        client.close().await;
        Ok(Ending::Done)
    })
}

fn values(given: &[String]) -> Result<Vec<String>> {
    if given.iter().any(|value| value.trim().is_empty()) {
        return Err(usage("a value is empty", "name the values, or - to read them from standard input"));
    }
    if given != ["-"] {
        return Ok(given.to_vec());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let values: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if values.is_empty() { Err(usage("standard input held no value", "write one value a line")) } else { Ok(values) }
}

fn text(result: &Value) -> String {
    let hits = list_at(result, "/hits");
    let value = visible(text_at(result, "/value"));
    // Nothing found is not nothing known where nothing was looked for.
    let outside = if result.get("outside_only") == Some(&Value::Bool(true)) {
        "  not looked for: what lies in this network; it is too wide, or one too many in one call\n  next: look up parts of it, at most a /16 (IPv4) or a /48 (IPv6) each\n"
    } else {
        ""
    };
    if hits.is_empty() {
        return format!("{value}: nothing known\n{outside}");
    }
    let is_wider = hits.iter().any(|hit| !text_at(hit, "/why").is_empty());
    let mut table = if is_wider {
        Table::new(["tlp", "author", "channel", "modified", "id", "log index", "through"])
    } else {
        Table::new(["tlp", "author", "channel", "modified", "id", "log index"])
    };
    for hit in hits {
        let cell = |name: &str| text_at(hit, name).to_owned();
        // An organisation is told of no place in a log.
        let index = hit.get("index").map_or_else(|| "-".to_owned(), ToString::to_string);
        let cells = [cell("/tlp"), cell("/author"), cell("/channel"), cell("/modified"), cell("/id"), index];
        if !is_wider {
            table.row(cells);
            continue;
        }
        let through = match text_at(hit, "/why") {
            "network" => format!("network {}", text_at(hit, "/through")),
            "within" => format!("{} within", text_at(hit, "/through")),
            "domain" => format!("domain {}", text_at(hit, "/through")),
            "url" => format!("a URL on {}", text_at(hit, "/through")),
            _ => "-".to_owned(),
        };
        let [tlp, author, channel, modified, id, index] = cells;
        table.row([tlp, author, channel, modified, id, index, through]);
    }
    let more = if result.get("more") == Some(&Value::Bool(true)) { "  and more\n" } else { "" };
    format!(
        "{value}: {} {}\n{}{more}{outside}",
        hits.len(),
        if hits.len() == 1 { "record" } else { "records" },
        table.text("")
    )
}
