//! `gotong match`: which known values occur in log files. The files are read here, on the caller's machine; of their lines nothing goes to the node
//! but the values that were found, to ask for their records.
//!
//! One thread reads and unpacks, others scan, this one puts the hits in order and prints them. Read next: `matching/pipeline.rs`, `matching/source.rs`,
//! and `gotong_formats::scan` for what a hit is.

mod known;
mod pipeline;
mod report;
mod source;
mod values;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use gotong_formats::scan::Hit;
use indicatif::ProgressBar;
use serde_json::json;

use self::known::Known;
use self::pipeline::{Event, Pipeline};
use self::report::Sightings;
use self::source::Source;
use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::fault::usage;
use crate::output::{self, number_at, print_json, progress, text_at, visible};

/// Hits that wait for their records at most.
const WAITING_MAX: usize = 2_000;

/// Find known values in log files: addresses, names, URLs, hashes and other observables that the node's records name.
///
/// The values that the caller may read are fetched from the node, and the files are searched on this machine: no line of them leaves it. Only whole
/// names count: a domain is also hit by names below it, a network by its addresses. Prints one line for each hit.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 0 whether or not anything is found, 1 if a file could not be read to its end.\n\nExamples:\n  gotong match access.log dns/ old.log.gz --data ./vn\n  zcat proxy.gz | gotong match - --json --data ./vn\n  gotong match /var/log/proxy --sightings rti/indicators --yes --data ./vn\n  gotong match proxy.log --values values.txt"
)]
pub(crate) struct Arguments {
    /// Files (plain, gzip or zstd, told by their content), folders with all files in them, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only values of this channel.
    #[arg(long, value_name = "CHANNEL", conflicts_with = "values")]
    channel: Option<String>,
    /// Take the values from a file, one a line, and ask no node: for machines that reach none. `gotong export --format text` writes such a file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sightings", "data"])]
    values: Option<PathBuf>,
    /// Print the values only, without asking which records name them.
    #[arg(long, conflicts_with = "sightings")]
    values_only: bool,
    /// Undo hxxp, [.] and their like in the files before searching, too.
    #[arg(long)]
    defanged: bool,
    /// Publish sightings of what was found and is in this channel, there, once all is searched.
    #[arg(long, value_name = "CHANNEL")]
    sightings: Option<String>,
    /// The STIX id of the identity that has seen it, for the sightings.
    #[arg(long, value_name = "ID", requires = "sightings")]
    seen_by: Option<String>,
    /// Publish the sightings without asking.
    #[arg(long, requires = "sightings")]
    yes: bool,
    #[command(flatten)]
    reach: Reach,
}

/// What a run came to.
#[derive(Default)]
struct Tally {
    hits: u64,
    lines: u64,
    files: u64,
    broken: u64,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    if arguments.files.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(usage("standard input can be read once only", "name - once"));
    }
    if arguments.seen_by.as_deref().is_some_and(|id| !id.starts_with("identity--")) {
        return Err(usage("--seen-by wants the id of an identity", "write it as identity--UUID"));
    }
    runtime()?.block_on(async {
        let mut client = match arguments.values {
            Some(_) => None,
            None => Some(Client::open(&arguments.reach).await?),
        };
        let result = search(arguments, json, &mut client).await;
        if let Some(client) = client {
            client.close().await;
        }
        result
    })
}

async fn search(arguments: &Arguments, json: bool, client: &mut Option<Client>) -> Result<Ending> {
    if let (Some(client), Some(channel)) = (client.as_mut(), &arguments.channel) {
        super::import::expect_channel(client, channel).await?;
    }
    let sightings = match (client.as_mut(), &arguments.sightings) {
        (Some(client), Some(channel)) => Some(Sightings::new(client, channel, arguments.seen_by.clone()).await?),
        _ => None,
    };
    let set = match (client.as_mut(), &arguments.values) {
        (Some(client), _) => values::fetched(client, arguments.channel.as_deref(), json).await?,
        (None, Some(path)) => values::read(path, json)?,
        (None, None) => return Err(usage("no node was named", "name one, or a file with --values")),
    };
    let (sources, unreadable) = source::find(&arguments.files);
    let total = sources.iter().map(|source| source.bytes).sum::<Option<u64>>();
    let bar = progress(total, json);
    let mut searching = Searching {
        known: (!arguments.values_only && client.is_some()).then(Known::default),
        client,
        json,
        bar,
        sightings,
        waiting: Vec::new(),
        said: (0, 0, HashSet::new()),
        tally: Tally::default(),
    };
    for (name, fault) in &unreadable {
        searching.broken(name, fault);
    }
    searching.run(sources, Arc::new(set), arguments.defanged).await?;
    searching.finish(arguments.yes).await
}

/// A hit that waits for its records.
struct Waiting {
    file: usize,
    hit: Hit,
}

/// A search under way.
struct Searching<'a> {
    client: &'a mut Option<Client>,
    json: bool,
    bar: ProgressBar,
    known: Option<Known>,
    sightings: Option<Sightings>,
    waiting: Vec<Waiting>,
    /// What was said of which line of which file: one that is read in parts says a value once all the same.
    said: (usize, u64, HashSet<String>),
    tally: Tally,
}

impl Searching<'_> {
    async fn run(
        &mut self,
        sources: Vec<Source>,
        set: Arc<gotong_formats::scan::ValueSet>,
        is_defanged: bool,
    ) -> Result<()> {
        let sources = Arc::new(sources);
        let mut pipeline = Pipeline::start(Arc::clone(&sources), &set, is_defanged, self.bar.clone());
        // Lines of the file under way that are behind us.
        let mut lines = 0;
        while let Some(event) = pipeline.next() {
            match event {
                Event::Block { file, hits, lines: more } => {
                    for mut hit in hits {
                        hit.line += lines;
                        self.waiting.push(Waiting { file, hit });
                    }
                    lines += more;
                }
                Event::Failed { file, lines: more } => {
                    self.tell(&sources).await?;
                    let fault =
                        format!("lines {} to {} could not be searched; please report it", lines + 1, lines + more);
                    self.broken(sources.get(file).map_or("", |source| source.name.as_str()), &fault);
                    lines += more;
                }
                Event::End { file, fault } => {
                    self.tally.files += 1;
                    self.tally.lines += lines;
                    lines = 0;
                    if let Some(fault) = fault {
                        // What was found before comes first.
                        self.tell(&sources).await?;
                        self.broken(sources.get(file).map_or("", |source| source.name.as_str()), &fault);
                    }
                }
            }
            if self.waiting.len() >= WAITING_MAX || !pipeline.has_more() {
                self.tell(&sources).await?;
            }
        }
        self.tell(&sources).await
    }

    /// Prints the hits that wait, with their records.
    async fn tell(&mut self, sources: &[Source]) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        if let (Some(known), Some(client)) = (self.known.as_mut(), self.client.as_mut()) {
            known.ask(client, waiting.iter().map(|waiting| waiting.hit.value.as_str())).await?;
        }
        let mut out = String::new();
        for Waiting { file, hit } in &waiting {
            let Some(source) = sources.get(*file) else { continue };
            let records = self.known.as_ref().and_then(|known| known.of(&hit.value));
            let line = hit.line + 1;
            if (self.said.0, self.said.1) != (*file, line) {
                self.said = (*file, line, HashSet::new());
            }
            if !self.said.2.insert(hit.value.clone()) {
                continue;
            }
            self.tally.hits += 1;
            if self.json {
                let mut told = json!({"file": source.name, "line": line, "value": hit.value});
                if let (Some(records), Some(told)) = (records, told.as_object_mut()) {
                    told.insert("records".to_owned(), records.to_value());
                    told.insert("more".to_owned(), records.more.into());
                }
                let _ = writeln!(out, "{told}");
            } else {
                let records = records.map(known::Records::text).unwrap_or_default();
                let _ = writeln!(out, "{}:{line}: {}{records}", visible(&source.name), visible(&hit.value));
            }
            if let (Some(sightings), Some(records)) = (self.sightings.as_mut(), records) {
                sightings.seen(*file, line, source, records);
            }
        }
        self.bar.suspend(|| output::print(&out))
    }

    /// A file that could not be read to its end.
    fn broken(&mut self, name: &str, fault: &str) {
        self.tally.broken += 1;
        self.bar.suspend(|| {
            if self.json {
                eprintln!("{}", json!({"file": name, "problem": fault}));
            } else {
                eprintln!("{}: {}", visible(name), visible(fault));
            }
        });
    }

    /// Says what all came to, and publishes what is to be published.
    async fn finish(self, yes: bool) -> Result<Ending> {
        self.bar.finish_and_clear();
        let tally = self.tally;
        if self.json {
            let summary =
                json!({"hits": tally.hits, "lines": tally.lines, "files": tally.files, "broken": tally.broken});
            eprintln!("{}", json!({"summary": summary}));
        } else {
            let count = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
            let broken =
                if tally.broken > 0 { format!(", {} not read to the end", tally.broken) } else { String::new() };
            eprintln!(
                "{} in {} of {}{broken}",
                count(tally.hits, "hit"),
                count(tally.lines, "line"),
                count(tally.files, "file")
            );
        }
        let is_well = match (self.sightings, self.client.as_mut()) {
            (Some(sightings), Some(client)) => {
                let answer = sightings.publish(client, yes, self.json).await?;
                if let Some(answer) = &answer
                    && self.json
                {
                    print_json(answer)?;
                }
                answer.is_none_or(|answer| {
                    number_at(&answer, "/summary/refused") + number_at(&answer, "/summary/quarantined") == 0
                        && text_at(&answer, "/outcome") != "refused"
                })
            }
            _ => true,
        };
        Ok(Ending::of(is_well && tally.broken == 0))
    }
}
