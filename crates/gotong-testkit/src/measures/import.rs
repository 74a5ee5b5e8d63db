//! Measure 1: importing the corpus through one node's API, beside the plain table; then the same file again, which changes nothing.

use std::fs::File;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::corpus::Corpus;
use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::node::{Node, segment};
use super::options::Measure;
use super::plain::Plain;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::{bytes_in, settle_disk};

/// What a line about something lost begins its reason with.
const NOT_CARRIED: &[u8] = b"\"not_carried\"";

/// When each tenth of a number of objects was done.
pub(crate) struct Tenths {
    objects: usize,
    at: Vec<Duration>,
}

impl Tenths {
    /// None done yet.
    pub(crate) fn new(objects: usize) -> Self {
        Self { objects, at: Vec::with_capacity(10) }
    }

    /// So many are done now.
    pub(crate) fn passed(&mut self, count: usize, now: Duration) {
        while self.at.len() < 10 && count * 10 >= self.objects * (self.at.len() + 1) {
            self.at.push(now);
        }
    }

    /// Of how many objects.
    pub(crate) fn objects(&self) -> usize {
        self.objects
    }

    /// Objects a second in each tenth.
    pub(crate) fn rates(&self) -> Vec<f64> {
        let mut before = Duration::ZERO;
        let mut rates = Vec::with_capacity(10);
        for at in &self.at {
            rates.push(self.objects as f64 / 10.0 / at.saturating_sub(before).as_secs_f64().max(1e-6));
            before = *at;
        }
        rates
    }

    /// The mean of the last two tenths beside that of the first two, in percent: answers come in batches, which one tenth of a small corpus shows.
    pub(crate) fn last_beside_first(&self) -> Option<f64> {
        let at = |tenth: usize| self.at.get(tenth).map(Duration::as_secs_f64);
        let (first, last) = (at(1)?, at(9)? - at(7)?);
        Some(100.0 * first / last)
    }
}

/// What an import took.
pub(crate) struct Imported {
    pub(crate) wall: Duration,
    /// Of the node, upkeep that follows included.
    pub(crate) cpu: Duration,
    pub(crate) written_bytes: u64,
    pub(crate) tenths: Tenths,
    summary: Value,
    /// The first answer of another kind than most.
    odd: Option<String>,
}

/// Imports the corpus through a node's API. The clock stops when the last line is answered; CPU is counted until the node is quiet.
pub(crate) fn import(node: &Node, channel: &str, corpus: &Corpus) -> Result<Imported, Fault> {
    let path = format!("/api/v1/channels/{}/records/bulk", segment(channel));
    send(node, &path, corpus.open()?, corpus.objects)
}

/// Sends a file of so many objects to an address that takes many, and reads the answers.
pub(crate) fn send(node: &Node, path: &str, input: File, objects: usize) -> Result<Imported, Fault> {
    settle_disk();
    let before = node.settled()?;
    let mut tenths = Tenths::new(objects);
    let mut summary = Value::Null;
    let mut answered = 0;
    let (mut usual, mut odd) = (Vec::new(), None);
    let mut client = node.connect()?;
    let began = Instant::now();
    client.stream(path, input, |line| {
        answered += 1;
        tenths.passed(answered, began.elapsed());
        if line.starts_with(b"{\"summary\"") {
            summary = serde_json::from_slice(line)?;
        } else if usual.is_empty() && !line.windows(NOT_CARRIED.len()).any(|word| word == NOT_CARRIED) {
            usual = outcome(line)?;
        } else if odd.is_none() && !line.windows(usual.len()).any(|word| word == usual) {
            odd = Some(String::from_utf8_lossy(line).into_owned());
        }
        Ok(())
    })?;
    let wall = began.elapsed();
    if summary.get("complete") != Some(&Value::Bool(true)) {
        return Err(Fault::new(format!("the import did not complete: {summary}")));
    }
    let after = node.settled()?;
    Ok(Imported {
        wall,
        cpu: after.cpu.saturating_sub(before.cpu),
        written_bytes: after.written_bytes.saturating_sub(before.written_bytes),
        tenths,
        summary,
        odd,
    })
}

/// The outcome of an answer's line, as it stands in it: reading a million lines as JSON would cost the machine more than the import may notice.
fn outcome(line: &[u8]) -> Result<Vec<u8>, Fault> {
    let answer: Value = serde_json::from_slice(line)?;
    let outcome = answer.get("outcome").and_then(Value::as_str).during("an answer has no outcome")?;
    Ok(format!("\"outcome\":\"{outcome}\"").into_bytes())
}

impl Imported {
    /// How many met this fate.
    pub(crate) fn count(&self, fate: &str) -> u64 {
        self.summary.pointer(&format!("/summary/{fate}")).and_then(Value::as_u64).unwrap_or(0)
    }

    /// The summary, and the first line of another kind than most.
    pub(crate) fn said(&self) -> String {
        format!("{}; the first other: {}", self.summary, self.odd.as_deref().unwrap_or("no line says why"))
    }

    /// Fails unless nearly all objects met one fate; a few others are said.
    fn expect(&self, fate: &str, objects: usize, report: &mut Report) -> Result<(), Fault> {
        let count = usize::try_from(self.count(fate)).unwrap_or(0);
        if count == objects {
            return Ok(());
        }
        let text = format!("{count} of {objects} objects were answered {fate}; {}", self.said());
        if count * 100 < objects * 99 {
            return Err(Fault::new(text));
        }
        report.note(text);
        Ok(())
    }
}

pub(crate) fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(1e-6)
}

/// Imports the corpus into the first node of the region while the others are away.
pub(crate) fn first(demo: &mut Demo, corpus: &Corpus, report: &mut Report) -> Result<Imported, Fault> {
    for other in demo.nodes.iter_mut().skip(1) {
        other.stop()?;
    }
    let author = demo.nodes.first().during("the region has no node")?;
    say(format_args!("importing {} objects into the node of {}", corpus.objects, author.code));
    let imported = import(author, &demo.channel, corpus)?;
    imported.expect("new", corpus.objects, report)?;
    Ok(imported)
}

/// Rows of the table, from the import, the same file again, and the plain table.
pub(crate) fn figures(
    demo: &Demo,
    corpus: &Corpus,
    imported: &Imported,
    plain: &Plain,
    report: &mut Report,
) -> Result<(), Fault> {
    let author = demo.nodes.first().during("the region has no node")?;
    let figure = |what: &str, value, unit| Figure::new(Measure::Import, what, value, unit);
    let (objects, megabyte) = (corpus.objects, 1e6);
    report.add(
        figure("objects imported through the API, wall", per_second(objects, imported.wall), Unit::PerSecond)
            .beside(per_second(objects, plain.wall), "plain table")
            .must(Required::TimesBaseline(2.0)),
    );
    report.add(
        figure(
            "objects imported through the API, CPU of the node",
            per_second(objects, imported.cpu),
            Unit::PerCpuSecond,
        )
        .beside(per_second(objects, plain.cpu), "plain table")
        .must(Required::TimesBaseline(1.2)),
    );
    if let (Some(ours), Some(theirs)) = (imported.tenths.last_beside_first(), plain.tenths.last_beside_first()) {
        let what = "wall rate of the last two tenths beside the first two";
        report.add(figure(what, ours, Unit::Percent).beside(theirs, "plain table").must(Required::AtLeast(80.0)));
    }
    let written = figure("written to disk", imported.written_bytes as f64 / megabyte, Unit::Megabytes);
    report.add(written.beside(plain.written_bytes as f64 / megabyte, "plain table"));
    let on_disk = figure("data folder", bytes_in(&author.data) as f64 / megabyte, Unit::Megabytes);
    report.add(on_disk.beside(plain.disk_bytes as f64 / megabyte, "plain table"));

    let tenths: Vec<String> = imported.tenths.rates().iter().map(|rate| format!("{:.0}", rate / 1e3)).collect();
    report.note(format!("Import, thousand objects a second in each tenth: {}.", tenths.join(" ")));
    again(author, demo, corpus, report)
}

fn again(author: &Node, demo: &Demo, corpus: &Corpus, report: &mut Report) -> Result<(), Fault> {
    say("importing the same file again");
    let again = import(author, &demo.channel, corpus)?;
    again.expect("known", corpus.objects, report)?;
    let what = "the same file again, all known";
    report.add(Figure::new(
        Measure::Import,
        format!("{what}, wall"),
        per_second(corpus.objects, again.wall),
        Unit::PerSecond,
    ));
    report.add(Figure::new(
        Measure::Import,
        format!("{what}, CPU"),
        per_second(corpus.objects, again.cpu),
        Unit::PerCpuSecond,
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_are_noted_once_each_however_far_a_batch_reaches() {
        let mut tenths = Tenths::new(100);
        for (count, seconds) in [(9, 1), (35, 2), (99, 4), (100, 5), (101, 9)] {
            tenths.passed(count, Duration::from_secs(seconds));
        }
        assert_eq!(tenths.at.iter().map(Duration::as_secs).collect::<Vec<_>>(), [2, 2, 2, 4, 4, 4, 4, 4, 4, 5]);
        assert_eq!(tenths.last_beside_first(), Some(200.0));
    }
}
