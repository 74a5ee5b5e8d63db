//! `gotong relabel`: change the label of what one's own member published.

use anyhow::Result;
use gotong_model::Tlp;
use serde_json::json;

use super::Ending;
use super::withdraw::{act, time};
use crate::client::Reach;
use crate::fault::usage;

/// Give objects another label.
///
/// A stricter label binds every version; a laxer one is never below an object's own marking. A label above the channel's ceiling
/// withdraws.
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
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let label = Tlp::from_human(&arguments.tlp).ok_or_else(|| {
        usage(format!("{:?} is no label", arguments.tlp), "write clear, green, amber or amber+strict")
    })?;
    let terms = json!({"tlp": label.as_str(), "modified": time(arguments.modified.as_deref())?});
    act(&arguments.reach, &arguments.channel, "relabel", &arguments.ids, &terms, json)
}
