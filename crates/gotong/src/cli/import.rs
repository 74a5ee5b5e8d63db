//! `gotong import`: files, folders and standard input into a channel, one fate for each object. Streams: what the node has not taken yet is not read yet.
//! Read next: `import/preview.rs` (a look before anything is published).

mod preview;
mod source;
mod url;

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

/// Publish objects from files, folders, addresses or standard input: STIX, MISP events, tables, lists, e-mails, text.
///
/// Answers with counts, and with the reason and the clause for each object that was refused or put in quarantine. Importing the
/// same again is harmless: what is there already is answered as known.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 1 if anything was refused or quarantined.\n\nExamples:\n  gotong import bundle.json more/ --channel rti/indicators --tlp green --data ./vn\n  gotong import table.csv --preview --save-mapping table.mapping.json --data ./vn\n  gotong import table.csv --mapping table.mapping.json --channel rti/indicators --data ./vn\n  gotong import https://feed.example/objects.ndjson --channel rti/indicators --tlp amber --data ./vn\n  zcat objects.ndjson.gz | gotong import - --channel rti/indicators --data ./vn"
)]
pub(crate) struct Arguments {
    /// Files, folders (searched for .json, .ndjson, .jsonl, .csv, .tsv, .eml and these with .gz), http and https addresses, or - for standard input.
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The channel to publish in, by handle or id.
    #[arg(long, value_name = "CHANNEL", required_unless_present = "preview")]
    channel: Option<String>,
    /// The label of what is unmarked; never laxer than a marking. Without it, the channel's ceiling.
    #[arg(long, value_name = "LABEL")]
    tlp: Option<String>,
    /// What the sources are. Seen from their beginning where it is not said.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// What it is shared for.
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// What each object holds of people, by your word: none, pseudonymised or identified. Without it, an object's nature counts.
    #[arg(long, value_name = "WORD", value_parser = ["none", "pseudonymised", "identified"])]
    personal_data: Option<String>,
    /// Show what would come of each source, and publish nothing.
    #[arg(long)]
    preview: bool,
    /// With --preview of a table: write what its columns seem to mean to this file, to be looked at, corrected and used.
    #[arg(long, value_name = "FILE", requires = "preview")]
    save_mapping: Option<PathBuf>,
    /// What a table's columns mean, as --save-mapping wrote it. Without it, what they seem to mean.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The character set of a text, table or list that does not say so itself, such as windows-1258 or tis-620. Without it, UTF-8.
    #[arg(long, value_name = "NAME")]
    charset: Option<String>,
    /// Make observables of values in tables, lists and texts, where the usual are indicators.
    #[arg(long)]
    observables: bool,
    /// Take MISP events too that are restricted to their own organisation or to a sharing group: only where you know that the channel reaches no further.
    #[arg(long)]
    restricted: bool,
    #[command(flatten)]
    reach: Reach,
}

/// What to know where values were taken out of texts, lists or tables and nothing could tell false alarms.
const UNCHECKED: &str = "No warninglist is loaded at this node: nothing told addresses of large sites, resolvers or colleagues from indicators. Load some: gotong warninglist load, docs/book/warninglists.md";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// To be seen from the content.
    Auto,
    /// STIX 2.1: bundles, lists, single objects, one object a line.
    Stix,
    /// MISP events: single, lists, exports, one event a line.
    Misp,
    /// A table with commas, semicolons, tabs or bars.
    Csv,
    /// A report of the Shadowserver Foundation.
    Shadowserver,
    /// One e-mail (.eml).
    Mail,
    /// One value a line.
    List,
    /// Free text.
    Text,
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Stix => "stix",
            Self::Misp => "misp",
            Self::Csv => "csv",
            Self::Shadowserver => "shadowserver",
            Self::Mail => "mail",
            Self::List => "list",
            Self::Text => "text",
        }
    }
}

/// Fates in the order in which they are told.
const FATES: [&str; 5] = ["new", "known", "updated", "refused", "quarantined"];

/// Losses that are told one by one.
const LOSSES_TOLD_MAX: u64 = 20;

/// How often a busy node is asked again for one source.
const REPEATS_MAX: usize = 20;

#[derive(Default)]
struct Tally {
    counts: BTreeMap<&'static str, u64>,
    /// Things that their objects have no place for.
    not_carried: u64,
    /// Objects that were taken and have something to be known of them.
    noted: u64,
    /// Whether values were taken out of texts, lists or tables where no warninglist could tell false alarms.
    is_unchecked: bool,
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
    let mapping = match &arguments.mapping {
        Some(path) => Some(
            std::fs::read_to_string(path)
                .map_err(|fault| failure(format!("{} cannot be read: {fault}", path.display()), "name a file"))?,
        ),
        None => None,
    };
    let (sources, unreadable) = source::find(&arguments.sources);
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let wanted = Wanted { arguments, label, mapping };
        let result = if arguments.preview {
            preview::run(&wanted, &sources, &unreadable, json, &mut client).await
        } else {
            import(&wanted, sources, unreadable, json, &mut client).await
        };
        client.close().await;
        result
    })
}

/// What is wanted of every source.
struct Wanted<'a> {
    arguments: &'a Arguments,
    label: Option<Tlp>,
    mapping: Option<String>,
}

impl Wanted<'_> {
    /// How a source is to be read and published: the same for a look as for the import.
    fn query(&self, source: &Source) -> String {
        let Arguments { purpose, personal_data, charset, observables, restricted, format, .. } = self.arguments;
        let label = self.label.map(|label| label.to_string());
        // What its name says to be STIX is not looked at for anything else.
        let is_lines = source.media() == "application/x-ndjson";
        let format = (!(is_lines && *format == Format::Auto)).then(|| format.as_str());
        let yes = |is: bool| is.then_some("true");
        let name = source.file_name();
        query(&[
            ("tlp", label.as_deref()),
            ("purpose", purpose.as_deref()),
            ("personal_data", personal_data.as_deref()),
            ("format", format),
            ("name", name.as_deref().filter(|_| format.is_some())),
            ("mapping", self.mapping.as_deref()),
            ("charset", charset.as_deref()),
            ("observables", yes(*observables)),
            ("restricted", yes(*restricted)),
        ])
    }
}

async fn import(
    wanted: &Wanted<'_>,
    sources: Vec<Source>,
    unreadable: Vec<(String, String)>,
    json: bool,
    client: &mut Client,
) -> Result<Ending> {
    let channel = wanted.arguments.channel.as_deref().unwrap_or_default();
    expect_channel(client, channel).await?;
    let total = sources.iter().map(|source| source.bytes).sum::<Option<u64>>();
    let bar = progress(total, json);
    let mut tally = Tally { broken: unreadable, ..Tally::default() };
    for (name, fault) in &tally.broken {
        say(&bar, json, &json!({"source": name, "problem": fault}), &format!("{name}: {fault}"))?;
    }
    for source in &sources {
        bar.set_message(source.name.clone());
        let path = format!("channels/{}/records/bulk{}", encode(channel), wanted.query(source));
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
        if line.get("not_carried").is_some() {
            tell_loss(&line, source, (bar, json), tally)?;
            continue;
        }
        let outcome = text_at(&line, "/outcome");
        if outcome == "refused" || outcome == "quarantined" {
            tell(&line, &source.name, bar, json)?;
        } else if line.get("notes").is_some() {
            tell_notes(&line, &source.name, (bar, json), tally)?;
        }
    }
    tally.is_unchecked |= summary.as_ref().is_some_and(|summary| summary.get("unchecked") == Some(&Value::Bool(true)));
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
    let mut text = format!("{source}:{}: {}", number_at(line, "/line"), text_at(line, "/outcome"));
    if !id.is_empty() {
        let _ = write!(text, " {id}");
    }
    if let Some(number) = line.get("quarantine").and_then(Value::as_u64) {
        let _ = write!(text, " as number {number}");
    }
    for why in list_at(line, "/why").iter().chain(list_at(line, "/notes")) {
        let pointer = text_at(why, "/pointer");
        let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        let clause = text_at(why, "/clause");
        let clause = if clause.is_empty() { String::new() } else { format!(" [clause {clause}]") };
        text.push_str(&visible(&format!("; {place}{}{clause}", text_at(why, "/text"))));
    }
    say(bar, json, &told, &text)
}

/// Notes change nothing of what was taken either.
fn tell_notes(line: &Value, source: &str, (bar, json): (&ProgressBar, bool), tally: &mut Tally) -> Result<()> {
    tally.noted += 1;
    if json || tally.noted <= LOSSES_TOLD_MAX {
        return tell(line, source, bar, json);
    }
    if tally.noted == LOSSES_TOLD_MAX + 1 {
        return say(bar, json, &Value::Null, "there are more notes; --json tells all of them");
    }
    Ok(())
}

/// Losses change nothing of what was taken: the first are told, all are counted.
fn tell_loss(line: &Value, source: &Source, (bar, json): (&ProgressBar, bool), tally: &mut Tally) -> Result<()> {
    tally.not_carried += 1;
    let mut told = line.clone();
    if let Some(told) = told.as_object_mut() {
        told.insert("source".to_owned(), json!(source.name));
    }
    if json {
        return print_json(&told);
    }
    match tally.not_carried.cmp(&(LOSSES_TOLD_MAX + 1)) {
        std::cmp::Ordering::Less => {
            let why = line.get("not_carried").cloned().unwrap_or_default();
            let pointer = text_at(&why, "/pointer");
            let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
            let text = visible(&format!("{place}{}", text_at(&why, "/text")));
            say(bar, json, &told, &format!("{}:{}: not carried over: {text}", source.name, number_at(line, "/line")))
        }
        std::cmp::Ordering::Equal => say(bar, json, &told, "more is not carried over; --json tells all of it"),
        std::cmp::Ordering::Greater => Ok(()),
    }
}

fn say(bar: &ProgressBar, json: bool, value: &Value, text: &str) -> Result<()> {
    bar.suspend(|| if json { print_json(value) } else { print(&format!("{text}\n")) })
}

fn report(tally: &Tally, json: bool) -> Result<Ending> {
    let counts: BTreeMap<&str, u64> = FATES.iter().map(|fate| (*fate, tally.count(fate))).collect();
    if json {
        let broken: Vec<Value> =
            tally.broken.iter().map(|(source, problem)| json!({"source": source, "problem": problem})).collect();
        let mut counts = counts;
        counts.extend([("not_carried", tally.not_carried), ("noted", tally.noted)]);
        print_json(&json!({"summary": counts, "broken": broken}))?;
    } else {
        let counts: Vec<String> = FATES.iter().map(|fate| format!("{} {fate}", tally.count(fate))).collect();
        print(&format!("{}\n", counts.join(", ")))?;
        if tally.not_carried > 0 {
            print(&format!("{} not carried over; the objects that they belong to were taken\n", tally.not_carried))?;
        }
        if tally.noted > 0 {
            print(&format!("{} objects were taken whose values are on warninglists\n", tally.noted))?;
        }
        if tally.is_unchecked {
            print(&format!("{UNCHECKED}\n"))?;
        }
        if tally.count("quarantined") > 0 {
            print("What is in quarantine waits for a person: gotong quarantine list\n")?;
        }
    }
    Ok(Ending::of(tally.is_well()))
}
