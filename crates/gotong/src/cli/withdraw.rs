//! `gotong withdraw`: take back what one's own member published. Every holder erases it.

use anyhow::Result;
use gotong_model::Timestamp;
use gotong_model::control::Reason;
use serde_json::{Value, json};

use super::import::expect_channel;
use super::{Ending, runtime};
use crate::client::{Client, Reach, encode};
use crate::fault::usage;
use crate::output::{list_at, number_at, print, print_json, text_at, visible};

/// Ids in one request.
const IDS_AT_ONCE: usize = 1_000;

/// Withdraw objects: every version that this member published in the channel, at every holder.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong withdraw indicator--1f5b6d3e-7c52-4f6b-9d0c-6a7f3b8e2c41 --reason error --channel rti/indicators --data ./vn"
)]
pub(crate) struct Arguments {
    /// STIX ids.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// The channel they were published in.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// Why; others see it.
    #[arg(long, value_name = "REASON", value_parser = reasons())]
    reason: String,
    /// Only the version with this time.
    #[arg(long, value_name = "TIME")]
    modified: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

fn reasons() -> clap::builder::PossibleValuesParser {
    Reason::ALL
        .iter()
        .filter(|reason| **reason != Reason::Relabelled)
        .map(|reason| reason.as_str())
        .collect::<Vec<_>>()
        .into()
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let Arguments { ids, channel, reason, modified, reach } = arguments;
    act(reach, channel, "withdraw", ids, &json!({"reason": reason, "modified": time(modified.as_deref())?}), json)
}

/// A time as the API takes it.
pub(super) fn time(given: Option<&str>) -> Result<Option<String>> {
    let Some(given) = given else { return Ok(None) };
    let spelled = if given.len() == 10 { format!("{given}T00:00:00Z") } else { given.to_owned() };
    match Timestamp::parse(&spelled) {
        Some(at) => Ok(Some(at.to_string())),
        None => Err(usage(format!("{given:?} is no time in UTC"), "write 2026-11-01 or 2026-11-01T08:00:00Z")),
    }
}

/// Withdraws or relabels, and says what became of each id.
pub(super) fn act(
    reach: &Reach,
    channel: &str,
    verb: &str,
    ids: &[String],
    terms: &Value,
    json: bool,
) -> Result<Ending> {
    runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        expect_channel(&mut client, channel).await?;
        let path = format!("channels/{}/{verb}", encode(channel));
        let mut all_well = true;
        for ids in ids.chunks(IDS_AT_ONCE) {
            let mut body = terms.clone();
            if let Some(body) = body.as_object_mut() {
                body.insert("ids".to_owned(), json!(ids));
            }
            let answer = client.post(&path, &body).await?;
            for result in list_at(&answer, "/results") {
                all_well &= text_at(result, "/outcome") == "done";
                if json { print_json(result)? } else { print(&text(result))? }
            }
        }
        client.close().await;
        Ok(Ending::of(all_well))
    })
}

fn text(result: &Value) -> String {
    let id = visible(text_at(result, "/id"));
    match text_at(result, "/outcome") {
        "done" => {
            let quarantined = number_at(result, "/quarantined");
            let waiting = if quarantined > 0 { format!(", {quarantined} from quarantine") } else { String::new() };
            let entries = number_at(result, "/entries");
            let word = if entries == 1 { "entry" } else { "entries" };
            format!("{id}: done, {entries} {word}{waiting}\n")
        }
        "not_found" => format!("{id}: this member has published nothing of this id here\n"),
        _ => {
            let why: Vec<&str> = list_at(result, "/why").iter().map(|why| text_at(why, "/text")).collect();
            format!("{id}: refused; {}\n", visible(&why.join("; ")))
        }
    }
}
