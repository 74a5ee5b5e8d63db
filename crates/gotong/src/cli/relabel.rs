//! `gotong relabel`: change the label of what one's own member published.

use anyhow::Result;
use gotong_model::Tlp;
use serde_json::{Value, json};

use super::withdraw::{act, time};
use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::fault::usage;
use crate::output::{list_at, text_at};

/// Give objects another label.
///
/// A stricter label binds every version; a laxer one is never below an object's own marking. A label above the channel's ceiling
/// would withdraw, so it is refused unless that is said.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong relabel indicator--1f5b6d3e-7c52-4f6b-9d0c-6a7f3b8e2c41 --tlp amber --channel rti/indicators --data ./vn"
)]
pub(crate) struct Arguments {
    /// STIX ids.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// The channel they were published in.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// The label from now on.
    #[arg(long, value_name = "LABEL")]
    tlp: String,
    /// Only the version with this time.
    #[arg(long, value_name = "TIME")]
    modified: Option<String>,
    /// Where the label is above the channel's ceiling: withdraw the objects in every country.
    #[arg(long)]
    withdraw_above_ceiling: bool,
    #[command(flatten)]
    reach: Reach,
}

/// A label above the ceiling erases at every holder. Whoever only meant to be more careful must not find that out afterwards.
fn expect_within_ceiling(arguments: &Arguments, label: Tlp) -> Result<()> {
    let Arguments { reach, channel, .. } = arguments;
    let answer = runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let answer = client.get("channels").await?;
        client.close().await;
        anyhow::Ok(answer)
    })?;
    let is_meant = |row: &&Value| [text_at(row, "/handle"), text_at(row, "/id")].contains(&channel.as_str());
    let ceiling =
        list_at(&answer, "/channels").iter().find(is_meant).and_then(|row| Tlp::from_human(text_at(row, "/ceiling")));
    match ceiling.filter(|ceiling| label > *ceiling) {
        None => Ok(()),
        Some(ceiling) => Err(usage(
            format!(
                "TLP:{} is above the ceiling of {channel}, TLP:{}: it would be withdrawn in every country",
                label.as_str().to_ascii_uppercase(),
                ceiling.as_str().to_ascii_uppercase()
            ),
            "say --withdraw-above-ceiling if that is meant, or take a label up to the ceiling",
        )),
    }
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let label = Tlp::from_human(&arguments.tlp).ok_or_else(|| {
        usage(format!("{:?} is no label", arguments.tlp), "write clear, green, amber or amber+strict")
    })?;
    if !arguments.withdraw_above_ceiling {
        expect_within_ceiling(arguments, label)?;
    }
    let terms = json!({"tlp": label.as_str(), "modified": time(arguments.modified.as_deref())?});
    act(&arguments.reach, &arguments.channel, "relabel", &arguments.ids, &terms, json)
}
