//! `gotong register`: the register of transfers of one agreement and period, as text, CSV, JSON or a page to print.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use http_body_util::BodyExt;
use hyper::Method;
use serde_json::Value;

use super::withdraw::time;
use super::{Ending, runtime};
use crate::client::{Client, Reach, query};
use crate::home;
use crate::output::{self, Table, list_at, number_at, print, text_at, visible_lines};

/// Write the register of what was shared with whom, under which clause and legal basis.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Derived from the logs that are here. Needs the right `audit`.\n\nExample:\n  gotong register rti --from 2026-01-01 --until 2027-01-01 --data ./vn\n  gotong register rti --from 2026-01-01 --format html -o register.html --data ./vn"
)]
pub(crate) struct Arguments {
    /// The agreement, by its handle or id.
    agreement: String,
    /// From this time on; without it, from the beginning.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this time; without it, until now.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The form; with --json, json.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where it goes; standard output if not named.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

/// What the register is written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For a spreadsheet.
    Csv,
    /// For machines.
    Json,
    /// A page to print.
    Html,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let format = if json { Format::Json } else { arguments.format };
    let (from, until) = (time(arguments.from.as_deref())?, time(arguments.until.as_deref())?);
    let asked = match format {
        Format::Text | Format::Json => "json",
        Format::Csv => "csv",
        Format::Html => "html",
    };
    let pairs = [
        ("agreement", Some(arguments.agreement.as_str())),
        ("from", from.as_deref()),
        ("until", until.as_deref()),
        ("format", Some(asked)),
    ];
    let bytes = runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let answer = client.ask_raw(Method::GET, &format!("register{}", query(&pairs)), None).await;
        let bytes = match answer {
            Ok(answer) => {
                answer.into_body().collect().await.map(http_body_util::Collected::to_bytes).map_err(Into::into)
            }
            Err(fault) => Err(fault),
        };
        client.close().await;
        bytes
    })?;
    let written = match format {
        Format::Text => told(&serde_json::from_slice(&bytes)?).into_bytes(),
        Format::Json => [&bytes[..], b"\n"].concat(),
        Format::Csv | Format::Html => bytes.to_vec(),
    };
    match &arguments.out {
        None => output::write(&written)?,
        Some(path) => {
            home::write_whole(path, &written, 0o644)?;
            let done = format!("Wrote {}, {} bytes\n", path.display(), written.len());
            if json {
                output::print_json(&serde_json::json!({"file": path, "bytes": written.len()}))?;
            } else {
                print(&done)?;
            }
        }
    }
    Ok(Ending::Done)
}

fn told(register: &Value) -> String {
    let words =
        |value: &Value, name: &str| list_at(value, name).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let mut table = Table::new([
        "channel",
        "author",
        "recipients",
        "kind",
        "label",
        "records",
        "version",
        "clauses",
        "personal data",
    ]);
    for row in list_at(register, "/rows") {
        let cell = |name: &str| text_at(row, name).to_owned();
        table.row([
            cell("/channel"),
            cell("/author"),
            words(row, "/recipients"),
            cell("/kind"),
            cell("/tlp"),
            number_at(row, "/records").to_string(),
            number_at(row, "/version").to_string(),
            words(row, "/clauses"),
            cell("/personal_data"),
        ]);
    }
    visible_lines(&format!(
        "{}, {}\n  legal basis  {}\n  period       {} until {}\n  withdrawn    {} records since\n\n{}",
        text_at(register, "/agreement"),
        text_at(register, "/title"),
        text_at(register, "/legal_basis"),
        text_at(register, "/from"),
        text_at(register, "/until"),
        number_at(register, "/withdrawn"),
        table.text("Nothing was shared in that time, by the logs that are here."),
    ))
}
