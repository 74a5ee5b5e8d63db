//! Measure 7: reading a TAXII collection of the whole corpus page by page, the last pages beside the first.
//!
//! What a page reads inside the node is not seen from here; its CPU is, tenth by tenth: a page that read what lies before it would cost more and more.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::corpus::Corpus;
use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::http::{Client, form_value};
use super::node::Node;
use super::options::Measure;
use super::report::{Figure, Report, Required, Unit};
use super::times::Times;

const COLLECTIONS: &str = "/taxii2/region/collections/";
const ACCEPT: &str = "Accept: application/taxii+json;version=2.1\r\n";
/// Objects of a page: the most that the node gives at once.
const PAGE_OBJECTS: usize = 1_000;

#[derive(Deserialize)]
struct Collections {
    collections: Vec<Collection>,
}

#[derive(Deserialize)]
struct Collection {
    id: String,
    title: String,
    #[serde(default)]
    alias: Option<String>,
}

/// A page, its objects left as they are: reading them would cost this machine what the node is to have.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    more: bool,
    next: Option<String>,
    #[serde(borrow, default)]
    objects: Vec<&'a RawValue>,
}

/// What reading the whole collection took.
struct Reading {
    objects: usize,
    times: Vec<Duration>,
    /// CPU of the node after each tenth of the objects.
    cpu: Vec<Duration>,
    pauses_s: u64,
}

/// Rows of the table.
pub(crate) fn figures(demo: &Demo, corpus: &Corpus, report: &mut Report) -> Result<(), Fault> {
    let node = demo.nodes.first().during("the region has no node")?;
    let mut client = node.connect()?;
    let path = collection(&mut client, &demo.channel)?;
    say("reading the collection over TAXII, page by page");
    let reading = read_all(node, &mut client, &path, corpus.objects)?;
    if reading.objects < corpus.objects {
        return Err(Fault::new(format!("{} of {} objects were read", reading.objects, corpus.objects)));
    }
    let tenth = reading.times.len() / 10;
    let part = |from: usize| Times::of(reading.times.iter().skip(from).take(tenth).copied().collect());
    let (first, last) = (part(0), part(reading.times.len().saturating_sub(tenth)));
    let figure = |what: String, value: f64, unit| Figure::new(Measure::Taxii, what, value, unit);
    report.add(
        figure(
            format!("a page of {PAGE_OBJECTS} of {} objects over TAXII, last tenth of the pages, p50", reading.objects),
            last.p50 * 1e3,
            Unit::Milliseconds,
        )
        .beside(first.p50 * 1e3, "first tenth")
        .must(Required::TimesBaselineAtMost(1.5)),
    );
    report.add(
        figure("the same, p99".to_owned(), last.p99 * 1e3, Unit::Milliseconds).beside(first.p99 * 1e3, "first tenth"),
    );
    if let [begin, after_first, .., before_last, end] = reading.cpu.as_slice() {
        let each = |from: &Duration, to: &Duration| to.saturating_sub(*from).as_secs_f64() * 1e3 / tenth.max(1) as f64;
        report.add(
            figure("CPU of the node for a page, last tenth".to_owned(), each(before_last, end), Unit::Milliseconds)
                .beside(each(begin, after_first), "first tenth")
                .must(Required::TimesBaselineAtMost(1.5)),
        );
        let whole = end.saturating_sub(*begin).as_secs_f64().max(1e-3);
        report.add(figure("objects read over TAXII".to_owned(), reading.objects as f64 / whole, Unit::PerCpuSecond));
    }
    let wall: Duration = reading.times.iter().sum();
    report.add(figure("the same, wall".to_owned(), reading.objects as f64 / wall.as_secs_f64(), Unit::PerSecond));
    if reading.pauses_s > 0 {
        report
            .note(format!("TAXII: the node asked for pauses of {} s in all; they are in no figure.", reading.pauses_s));
    }
    Ok(())
}

/// The address of the channel's objects.
fn collection(client: &mut Client, channel: &str) -> Result<String, Fault> {
    let body = client.get_with(COLLECTIONS, ACCEPT)?.good()?;
    let all: Collections = serde_json::from_slice(&body).during(COLLECTIONS)?;
    let is_it = |one: &&Collection| one.title.contains(channel) || one.alias.as_deref() == Some(channel);
    let known: Vec<&str> = all.collections.iter().map(|one| one.title.as_str()).collect();
    let found = all.collections.iter().find(is_it).during(format!("no collection {channel} among {known:?}"))?;
    Ok(format!("{COLLECTIONS}{}/objects/", found.id))
}

fn read_all(node: &Node, client: &mut Client, path: &str, expected: usize) -> Result<Reading, Fault> {
    let mut reading = Reading { objects: 0, times: Vec::new(), cpu: vec![node.used()?.cpu], pauses_s: 0 };
    let mut next = None;
    loop {
        let more = next.as_deref().map(|next| format!("&next={}", form_value(next))).unwrap_or_default();
        let address = format!("{path}?limit={PAGE_OBJECTS}{more}");
        let ask = |client: &mut Client| client.get_with(&address, ACCEPT);
        let (answer, took) = client.patiently(&mut reading.pauses_s, ask)?;
        let body = answer.good()?;
        let page: Page<'_> = serde_json::from_slice(&body).during(&address)?;
        reading.objects += page.objects.len();
        reading.times.push(took);
        while reading.cpu.len() <= 10 && reading.objects * 10 >= expected * reading.cpu.len() {
            reading.cpu.push(node.used()?.cpu);
        }
        if !page.more {
            return Ok(reading);
        }
        next = Some(page.next.during("a page says that there is more, and not where")?);
    }
}
