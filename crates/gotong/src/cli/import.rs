//! `gotong import`: files, folders and standard input into a channel, one fate for each object. Streams: what the node has not taken yet is not read yet.

mod source;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use gotong_model::Tlp;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use self::source::{Reading, Source};
use super::{Ending, runtime};
use crate::client::{Client, Lines, Pieces, Reach, Streamed, encode, query};
use crate::fault::{failure, usage};
use crate::output::{list_at, number_at, print, print_json, progress, text_at, visible};

/// Publish objects from files, folders or standard input.
///
/// Answers with counts, and with the reason and the clause for each object that was refused or put in quarantine. Importing the
/// same again is harmless: what is there already is answered as known.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 1 if anything was refused or quarantined.\n\nExamples:\n  gotong import bundle.json more/ --channel rti/indicators --tlp green --data ./vn\n  curl -s https://feed.example/objects.ndjson | gotong import - --channel rti/indicators --data ./vn"
)]
pub(crate) struct Arguments {
    /// Files, folders (searched for .json, .ndjson, .jsonl and these with .gz), or - for standard input.
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The channel to publish in, by handle or id.
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// The label of what is unmarked; never laxer than a marking. Without it, the channel's ceiling.
    #[arg(long, value_name = "LABEL")]
    tlp: Option<String>,
    /// What the sources are. Only STIX 2.1 so far: bundles, lists, single objects, one object a line.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// What it is shared for.
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// What each object holds of people, by your word: none, pseudonymised or identified. Without it, an object's nature counts.
    #[arg(long, value_name = "WORD", value_parser = ["none", "pseudonymised", "identified"])]
    personal_data: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// To be seen from the content.
    Auto,
    /// STIX 2.1.
    Stix,
}

/// Fates in the order in which they are told.
const FATES: [&str; 5] = ["new", "known", "updated", "refused", "quarantined"];

/// How often a busy node is asked again for one source.
const REPEATS_MAX: usize = 20;

#[derive(Default)]
struct Tally {
    counts: BTreeMap<&'static str, u64>,
    /// Sources that could not be read or sent to their end.
    broken: Vec<(String, String)>,
}

impl Tally {
    fn count(&self, fate: &str) -> u64 {
        self.counts.get(fate).copied().unwrap_or_default()
    }

    fn is_well(&self) -> bool {
        self.count("refused") == 0 && self.count("quarantined") == 0 && self.broken.is_empty()
    }
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let label = arguments.tlp.as_deref().map(|text| {
        let label = Tlp::from_human(text);
        label.ok_or_else(|| usage(format!("{text:?} is no label"), "write clear, green, amber, amber+strict or red"))
    });
    let label = label.transpose()?;
    let (sources, unreadable) = source::find(&arguments.sources);
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let result = import(arguments, label, sources, unreadable, json, &mut client).await;
        client.close().await;
        result
    })
}

async fn import(
    arguments: &Arguments,
    label: Option<Tlp>,
    sources: Vec<Source>,
    unreadable: Vec<(String, String)>,
    json: bool,
    client: &mut Client,
) -> Result<Ending> {
    expect_channel(client, &arguments.channel).await?;
    let label = label.map(|label| label.to_string());
    let query = query(&[
        ("tlp", label.as_deref()),
        ("purpose", arguments.purpose.as_deref()),
        ("personal_data", arguments.personal_data.as_deref()),
    ]);
    let path = format!("channels/{}/records/bulk{query}", encode(&arguments.channel));
    let total = sources.iter().map(|source| source.bytes).sum::<Option<u64>>();
    let bar = progress(total, json);
    let mut tally = Tally { broken: unreadable, ..Tally::default() };
    for (name, fault) in &tally.broken {
        say(&bar, json, &json!({"source": name, "problem": fault}), &format!("{name}: {fault}"))?;
    }
    for source in &sources {
        bar.set_message(source.name.clone());
        if let Err(fault) = send(client, &path, source, &bar, json, &mut tally).await {
            let fault = format!("{fault:#}");
            say(&bar, json, &json!({"source": source.name, "problem": fault}), &format!("{}: {fault}", source.name))?;
            tally.broken.push((source.name.clone(), fault));
        }
    }
    bar.finish_and_clear();
    report(&tally, json)
}

/// A channel that is not there is told before anything is read, with those that are.
pub(super) async fn expect_channel(client: &mut Client, wanted: &str) -> Result<()> {
    let answer = client.get("channels").await?;
    let channels = list_at(&answer, "/channels");
    if channels.iter().any(|channel| [text_at(channel, "/handle"), text_at(channel, "/id")].contains(&wanted)) {
        return Ok(());
    }
    let names: Vec<&str> = channels.iter().map(|channel| text_at(channel, "/handle")).collect();
    let hint = if names.is_empty() {
        "no channel is open to this caller".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    Err(failure(format!("there is no channel {wanted}"), hint))
}

/// Sends one source and takes in the answer.
async fn send(
    client: &mut Client,
    path: &str,
    source: &Source,
    bar: &ProgressBar,
    json: bool,
    tally: &mut Tally,
) -> Result<()> {
    let (mut lines, reading) = begin(client, path, source, bar).await?;
    let mut summary = None;
    while let Some(line) = lines.next().await? {
        if line.get("summary").is_some() {
            summary = Some(line);
            continue;
        }
        let outcome = text_at(&line, "/outcome");
        if outcome == "refused" || outcome == "quarantined" {
            tell(&line, &source.name, bar, json)?;
        }
    }
    let Some(summary) = summary else { anyhow::bail!("the node's answer ends early; importing it again is safe") };
    for fate in FATES {
        *tally.counts.entry(fate).or_default() += number_at(&summary, &format!("/summary/{fate}"));
    }
    if summary.get("complete") == Some(&Value::Bool(false)) {
        let problem = summary.get("problem").cloned().unwrap_or_default();
        return Err(failure(
            format!("only a part was taken: {} {}", text_at(&problem, "/title"), text_at(&problem, "/detail")),
            text_at(&problem, "/next"),
        ));
    }
    // What could not be read of the source is told even where the node took all that came.
    reading.join()
}

/// Begins to send a source. A node that is busy is asked again, as long as the source can be read again.
async fn begin(client: &mut Client, path: &str, source: &Source, bar: &ProgressBar) -> Result<(Lines, Reading)> {
    for again in 0.. {
        let (sender, pieces) = Pieces::channel();
        let position = bar.position();
        let reading = source.begin(sender, bar.clone())?;
        match client.stream(path, source.media(), source.is_gzip, pieces).await? {
            Streamed::Lines(lines) => return Ok((lines, reading)),
            Streamed::Later(_, problem) if again == REPEATS_MAX || !source.is_repeatable() => return Err(problem),
            Streamed::Later(pause, _) => {
                tokio::time::sleep(pause).await;
                bar.set_position(position);
            }
        }
    }
    Err(failure("the node stays busy", "try again later"))
}

fn tell(line: &Value, source: &str, bar: &ProgressBar, json: bool) -> Result<()> {
    let mut told = line.clone();
    if let Some(told) = told.as_object_mut() {
        told.insert("source".to_owned(), json!(source));
    }
    let id = text_at(line, "/id");
    let mut text = format!("{source}:{}: {} {id}", number_at(line, "/line"), text_at(line, "/outcome"));
    if let Some(number) = line.get("quarantine").and_then(Value::as_u64) {
        let _ = write!(text, " as number {number}");
    }
    for why in list_at(line, "/why") {
        let pointer = text_at(why, "/pointer");
        let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        let clause = text_at(why, "/clause");
        let clause = if clause.is_empty() { String::new() } else { format!(" [clause {clause}]") };
        text.push_str(&visible(&format!("; {place}{}{clause}", text_at(why, "/text"))));
    }
    say(bar, json, &told, &text)
}

fn say(bar: &ProgressBar, json: bool, value: &Value, text: &str) -> Result<()> {
    bar.suspend(|| if json { print_json(value) } else { print(&format!("{text}\n")) })
}

fn report(tally: &Tally, json: bool) -> Result<Ending> {
    let counts: BTreeMap<&str, u64> = FATES.iter().map(|fate| (*fate, tally.count(fate))).collect();
    if json {
        let broken: Vec<Value> =
            tally.broken.iter().map(|(source, problem)| json!({"source": source, "problem": problem})).collect();
        print_json(&json!({"summary": counts, "broken": broken}))?;
    } else {
        let counts: Vec<String> = FATES.iter().map(|fate| format!("{} {fate}", tally.count(fate))).collect();
        print(&format!("{}\n", counts.join(", ")))?;
        if tally.count("quarantined") > 0 {
            print("What is in quarantine waits for a person: gotong quarantine list\n")?;
        }
    }
    Ok(Ending::of(tally.is_well()))
}
