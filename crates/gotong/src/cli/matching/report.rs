//! Sightings of what was found: counted while the search goes on, shown at its end, published once somebody has said yes.
//!
//! INVARIANT: only records of the channel in which they are published are sighted there. A sighting of another channel's record would tell its id to
//! readers who may not know that it exists. Nor does a line of a log, or the name of a file, go into one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use gotong_formats::scan::{Sighted, sighting};
use gotong_formats::stix21::{Family, family, id_of_label};
use gotong_model::{Clock, Timestamp, Tlp};
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::known::Records;
use super::source::Source;
use crate::client::{Client, Pieces, Streamed, encode};
use crate::clock::SystemClock;
use crate::fault::failure;
use crate::output::{Table, list_at, number_at, print, text_at, visible};

/// Objects that are sighted in one run.
const SIGHTED_MAX: usize = 100_000;
/// Files that are told apart for one object; the counts go on beyond them.
const FILES_MAX: usize = 1_000;
/// Rows that are shown to people before they say yes.
const SHOWN_MAX: usize = 20;
const FATES: [&str; 5] = ["new", "known", "updated", "refused", "quarantined"];

/// What was seen of one object.
struct Seen {
    is_observable: bool,
    /// The strictest that a record of it wears.
    label: Tlp,
    count: u64,
    /// The last place, so that a line counts once.
    last: (usize, u64),
    written: Option<SystemTime>,
    files: BTreeMap<usize, String>,
}

/// What was seen of all that can be sighted in a channel.
pub(super) struct Sightings {
    channel: String,
    seen_by: Option<String>,
    seen: BTreeMap<String, Seen>,
    /// Hits whose records are all in other channels.
    elsewhere: u64,
    /// Whether there were more objects than are counted.
    is_full: bool,
}

impl Sightings {
    /// For a channel that is there.
    pub(super) async fn new(client: &mut Client, wanted: &str, seen_by: Option<String>) -> Result<Self> {
        super::super::import::expect_channel(client, wanted).await?;
        let answer = client.get("channels").await?;
        let channel = list_at(&answer, "/channels").iter();
        let handle = channel
            .filter(|channel| [text_at(channel, "/handle"), text_at(channel, "/id")].contains(&wanted))
            .map(|channel| text_at(channel, "/handle").to_owned())
            .next()
            .unwrap_or_default();
        Ok(Self { channel: handle, seen_by, seen: BTreeMap::new(), elsewhere: 0, is_full: false })
    }

    /// A hit, with its records.
    pub(super) fn seen(&mut self, file: usize, line: u64, source: &Source, records: &Records) {
        let mut is_here = false;
        for record in records.records.iter().filter(|record| record.channel == self.channel) {
            is_here = true;
            if !self.seen.contains_key(&record.id) && self.seen.len() >= SIGHTED_MAX {
                self.is_full = true;
                continue;
            }
            // What is not understood is as strict as can be.
            let label = Tlp::from_human(&record.tlp).unwrap_or(Tlp::Red);
            let seen = self.seen.entry(record.id.clone()).or_insert_with(|| Seen {
                is_observable: family(&record.object_type) == Family::Observable,
                label,
                count: 0,
                last: (usize::MAX, 0),
                written: None,
                files: BTreeMap::new(),
            });
            seen.label = seen.label.max(label);
            if seen.last == (file, line) {
                continue;
            }
            seen.last = (file, line);
            seen.count += 1;
            seen.written = seen.written.max(source.written);
            if seen.files.len() < FILES_MAX {
                seen.files.entry(file).or_insert_with(|| {
                    format!("{}\n{:?}\n{:?}", source.name, source.bytes, source.written.map(micros))
                });
            }
        }
        self.elsewhere += u64::from(!is_here);
    }

    fn objects(&self) -> Vec<Value> {
        let now = SystemClock.now();
        let object = |(id, seen): (&String, &Seen)| {
            // What standard input holds was written by now; a file may come from a machine whose clock is ahead.
            let at = seen.written.map(micros).and_then(Timestamp::from_micros).unwrap_or(now).min(now).to_string();
            let at = format!("{}Z", at.get(..23).unwrap_or(&at));
            let files: Vec<&str> = seen.files.values().map(String::as_str).collect();
            sighting(&Sighted {
                id,
                is_observable: seen.is_observable,
                count: seen.count,
                at: &at,
                seen_by: self.seen_by.as_deref(),
                marking: Some(id_of_label(seen.label)),
                files: &files.join("\n\n"),
            })
        };
        self.seen.iter().map(object).collect()
    }

    /// Shows what would be published, and publishes it if that is meant. The answer is for machines; `None` where there is nothing to publish.
    pub(super) async fn publish(self, client: &mut Client, yes: bool, json: bool) -> Result<Option<Value>> {
        let objects = self.objects();
        self.show(&objects, json)?;
        if objects.is_empty() {
            return Ok(None);
        }
        if !yes && !agreed(objects.len(), &self.channel, json)? {
            if !json {
                eprintln!("Nothing was published. To publish without being asked, say --yes.");
            }
            return Ok(Some(json!({"outcome": "refused", "why": "nobody said yes", "next": "say --yes"})));
        }
        let lines = objects.iter().fold(String::new(), |mut lines, object| {
            let _ = writeln!(lines, "{object}");
            lines
        });
        let (sender, pieces) = Pieces::channel();
        tokio::spawn(async move {
            // Where the node takes no more of it, its answer says why.
            let _ = sender.send(Ok(Bytes::from(lines))).await;
        });
        let path = format!("channels/{}/records/bulk", encode(&self.channel));
        let mut answer = match client.stream(&path, "application/x-ndjson", false, pieces).await? {
            Streamed::Lines(lines) => lines,
            Streamed::Later(_, problem) => return Err(problem),
        };
        let mut summary = None;
        while let Some(line) = answer.next().await? {
            if line.get("summary").is_some() {
                summary = Some(line);
            } else if matches!(text_at(&line, "/outcome"), "refused" | "quarantined") {
                let why = list_at(&line, "/why").iter().map(|why| text_at(why, "/text")).collect::<Vec<_>>().join("; ");
                eprintln!("{} {}: {}", text_at(&line, "/outcome"), text_at(&line, "/id"), visible(&why));
            }
        }
        let Some(summary) = summary else { bail!("the node's answer ends early; running the same again is safe") };
        if summary.get("complete") == Some(&Value::Bool(false)) {
            return Err(failure(
                "the node took only a part of the sightings",
                "run the same again: what is there is known",
            ));
        }
        if !json {
            let counts = FATES.map(|fate| format!("{} {fate}", number_at(&summary, &format!("/summary/{fate}"))));
            eprintln!("Sightings in {}: {}", self.channel, counts.join(", "));
        }
        Ok(Some(summary))
    }

    fn show(&self, objects: &[Value], json: bool) -> Result<()> {
        if json {
            let shown = json!({"sightings": objects, "channel": self.channel, "hits_of_other_channels": self.elsewhere, "more": self.is_full});
            return print(&format!("{shown}\n"));
        }
        let mut table = Table::new(["lines", "tlp", "of"]);
        for (id, seen) in self.seen.iter().take(SHOWN_MAX) {
            table.row([seen.count.to_string(), seen.label.to_string(), id.clone()]);
        }
        let nothing = format!("Nothing that was found is of {}, so there is nothing to publish there.", self.channel);
        eprint!("{}", table.text(&nothing));
        if objects.len() > SHOWN_MAX {
            eprintln!("and {} more", objects.len() - SHOWN_MAX);
        }
        if self.elsewhere > 0 {
            eprintln!(
                "{} hits are of records of other channels only; they are not told to {}.",
                self.elsewhere, self.channel
            );
        }
        if self.is_full {
            eprintln!("More than {SIGHTED_MAX} objects were seen; the others are not counted. Search in several runs.");
        }
        Ok(())
    }
}

fn micros(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default()
}

/// Whether somebody at the terminal says yes; nobody there is no.
fn agreed(count: usize, channel: &str, json: bool) -> Result<bool> {
    if json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(false);
    }
    eprint!("Publish {count} sighting{} in {channel}? [y/N] ", if count == 1 { "" } else { "s" });
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
