//! `gotong export`: a channel's records in another program's format, on standard output.

use anyhow::Result;
use clap::ValueEnum;
use http_body_util::BodyExt;
use hyper::Method;

use super::import::expect_channel;
use super::withdraw::time;
use super::{Ending, runtime};
use crate::client::{Client, Reach, query};
use crate::output;

/// Write a channel's records to standard output.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  gotong export --channel rti/indicators --format stix --data ./vn > bundle.json\n  gotong export --channel rti/indicators --format text --since 2026-11-01 --data ./vn > values.txt"
)]
pub(crate) struct Arguments {
    /// The channel.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// A STIX bundle, or observable values one a line.
    #[arg(long, value_enum, default_value_t = Format::Stix)]
    format: Format,
    /// Only objects whose own time is not before this.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A STIX 2.1 bundle.
    Stix,
    /// Observable values, one a line.
    Text,
}

pub(crate) fn run(arguments: &Arguments, _json: bool) -> Result<Ending> {
    let since = time(arguments.since.as_deref())?;
    let format = match arguments.format {
        Format::Stix => "stix",
        Format::Text => "text",
    };
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        expect_channel(&mut client, &arguments.channel).await?;
        let pairs =
            [("channel", Some(arguments.channel.as_str())), ("format", Some(format)), ("since", since.as_deref())];
        let answer = client.ask_raw(Method::GET, &format!("export{}", query(&pairs)), None).await?;
        copy(answer).await?;
        client.close().await;
        Ok(Ending::Done)
    })
}

/// Copies an answer to standard output as it comes.
pub(super) async fn copy(answer: hyper::Response<hyper::body::Incoming>) -> Result<()> {
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            output::write(&data)?;
        }
    }
    Ok(())
}
