//! `gotong agreement changes`: what changes when, and for whom.

use std::fmt::Write as _;

use anyhow::Result;
use gotong_model::Timestamp;
use serde_json::Value;

use super::super::withdraw::time;
use super::super::{Ending, runtime};
use super::explain::minute;
use crate::client::{Client, Reach, query};
use crate::output::{list_at, print, print_json, text_at, visible_lines};

/// List the instants at which something changes, and what it changes for whom.
///
/// Versions and charters that come into or go out of force, suspensions, ends, accessions, graces that are over, and the first record whose time is over.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong agreement changes --data ./vn\n  gotong agreement changes rti --from 2026-01-01 --until 2027-01-01 --data ./vn\n  gotong agreement changes rti --on 2026-12-01 --data ./vn"
)]
pub(super) struct Changes {
    /// Only this agreement, by its handle or id.
    agreement: Option<String>,
    /// From this time on; without it, from now.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this time; without it, without end.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// On this day alone.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "until"])]
    on: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(changes: &Changes, json: bool) -> Result<Ending> {
    let on = time(changes.on.as_deref())?;
    let (from, until) = match &on {
        None => (time(changes.from.as_deref())?, time(changes.until.as_deref())?),
        Some(day) => {
            let next = Timestamp::parse(day).map(|at| at.plus_ms(86_400_000).to_string());
            (on.clone(), next)
        }
    };
    runtime()?.block_on(async {
        let mut client = Client::open(&changes.reach).await?;
        let pairs =
            [("agreement", changes.agreement.as_deref()), ("from", from.as_deref()), ("until", until.as_deref())];
        let answer = client.get(&format!("changes{}", query(&pairs))).await;
        client.close().await;
        let answer = answer?;
        if json {
            print_json(&answer)?;
        } else {
            print(&visible_lines(&told(&answer)))?;
        }
        Ok(Ending::Done)
    })
}

fn told(answer: &Value) -> String {
    let turns = list_at(answer, "/turns");
    if turns.is_empty() {
        return "Nothing changes in that time, by what is known here.\n".to_owned();
    }
    let mut out = String::new();
    for turn in turns {
        let _ = writeln!(out, "{}  {}", minute(text_at(turn, "/at")), text_at(turn, "/agreement"));
        for cause in list_at(turn, "/causes") {
            let _ = writeln!(out, "  {}{}", text_at(cause, "/text"), clause(cause));
        }
        let effects = list_at(turn, "/effects");
        for effect in effects {
            let _ =
                writeln!(out, "    {}: {}{}", text_at(effect, "/channel"), text_at(effect, "/text"), clause(effect));
        }
        if effects.is_empty() {
            out.push_str("    nobody may do more or less by it\n");
        }
    }
    if answer.get("more") == Some(&Value::Bool(true)) {
        out.push_str("There are more: ask for a shorter time.\n");
    }
    out
}

fn clause(one: &Value) -> String {
    match text_at(one, "/clause") {
        "" => String::new(),
        clause => format!(" (clause {clause})"),
    }
}
