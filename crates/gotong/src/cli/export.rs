//! `gotong export`: a channel's records in another program's format, on standard output. What each format takes and leaves out: `docs/book/exports.md`.

use anyhow::Result;
use clap::ValueEnum;
use http_body_util::BodyExt;
use hyper::Method;

use super::import::expect_channel;
use super::withdraw::time;
use super::{Ending, runtime};
use crate::client::{Client, Reach, query};
use crate::output;

/// Write a channel's records to standard output, in the format of another program.
///
/// What is withdrawn, revoked or over is in no format that programs act on: fetch it again and replace it whole, so that what goes later goes there too.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  gotong export --channel rti/indicators --format stix --data ./vn > bundle.json\n  gotong export --channel rti/indicators --format rpz --zone block.example --data ./vn > block.zone\n  gotong export --channel rti/indicators --format list --kind ipv4,ipv6 --data ./vn > block.txt"
)]
pub(crate) struct Arguments {
    /// The channel.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// The format.
    #[arg(long, value_enum, default_value_t = Format::Stix)]
    format: Format,
    /// Only objects whose own time is not before this.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what is labelled no stricter.
    #[arg(long, value_name = "LABEL")]
    tlp_max: Option<String>,
    /// Only these kinds of values, divided by commas: ipv4, ipv6, domain, url, email, hash, md5, sha1, sha256 and so on.
    #[arg(long, value_name = "KINDS")]
    kind: Option<String>,
    /// Only indicators of at least this confidence, 1 to 100.
    #[arg(long, value_name = "NUMBER")]
    confidence_min: Option<u8>,
    /// Take observables as well, which nobody warned of.
    #[arg(long)]
    observables: bool,
    /// Take the hosts of listed URLs as well. One bad page does not make its host bad.
    #[arg(long)]
    url_hosts: bool,
    /// Only the names themselves, not what lies below them.
    #[arg(long)]
    exact_names: bool,
    /// Of a response policy zone, its origin; gotong.rpz if not said.
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,
    /// Of a response policy zone, what a resolver does: nxdomain (if not said), nodata, passthru, or the name of a walled garden.
    #[arg(long, value_name = "WORD")]
    policy: Option<String>,
    /// Of a response policy zone, the serial of the one before: the new one is greater.
    #[arg(long, value_name = "NUMBER")]
    serial_after: Option<u32>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A STIX 2.1 bundle.
    Stix,
    /// STIX 2.1, one object a line.
    Ndjson,
    /// Everything that records can be found by, one value a line; not for blocking.
    Text,
    /// Values to act on, one a line, with a head.
    List,
    /// A table.
    Csv,
    /// A hosts file.
    Hosts,
    /// A DNS response policy zone.
    Rpz,
    /// Rules for Suricata.
    Suricata,
    /// A dataset of names for Suricata.
    SuricataDomains,
    /// A reputation list of addresses for Suricata.
    SuricataAddresses,
    /// A list of MD5 hashes for Suricata.
    SuricataMd5,
    /// A list of SHA-1 hashes for Suricata.
    SuricataSha1,
    /// A list of SHA-256 hashes for Suricata.
    SuricataSha256,
    /// Rules for Snort 3.
    Snort,
    /// An intelligence file for Zeek.
    Zeek,
    /// Elastic Common Schema, one object a line.
    Ecs,
}

pub(crate) fn run(arguments: &Arguments, _json: bool) -> Result<Ending> {
    let since = time(arguments.since.as_deref())?;
    let format = arguments.format.to_possible_value();
    let format = format.as_ref().map_or("stix", clap::builder::PossibleValue::get_name);
    let yes = |is: bool| is.then_some("true");
    let confidence_min = arguments.confidence_min.map(|least| least.to_string());
    let serial_after = arguments.serial_after.map(|serial| serial.to_string());
    let query = query(&[
        ("channel", Some(arguments.channel.as_str())),
        ("format", Some(format)),
        ("since", since.as_deref()),
        ("tlp_max", arguments.tlp_max.as_deref()),
        ("kind", arguments.kind.as_deref()),
        ("confidence_min", confidence_min.as_deref()),
        ("observables", yes(arguments.observables)),
        ("url_hosts", yes(arguments.url_hosts)),
        ("exact_names", yes(arguments.exact_names)),
        ("zone", arguments.zone.as_deref()),
        ("policy", arguments.policy.as_deref()),
        ("serial_after", serial_after.as_deref()),
    ]);
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        expect_channel(&mut client, &arguments.channel).await?;
        let answer = client.ask_raw(Method::GET, &format!("export{query}"), None).await?;
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
