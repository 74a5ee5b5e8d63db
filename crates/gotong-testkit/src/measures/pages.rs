//! Measure 9, for people: every page of the console, lists of the API and searches, asked for again and again at a node that holds the corpus.
//!
//! Times are taken at the client over one kept connection, packed as browsers ask for it, so they bound the server's time from above. Who asks is the
//! member's own administrator, who sees most.

use serde_json::Value;

use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::http::{Answer, Client, form_value};
use super::node::segment;
use super::options::Measure;
use super::report::{Figure, Report, Required, Unit};
use super::times::Times;

const AS_BROWSERS: &str = "Accept: text/html\r\nAccept-Encoding: gzip\r\nSec-Fetch-Site: same-origin\r\n";
/// How often each is asked for; before that some times without being counted, so that caches are full and readers open.
const TIMES: usize = 200;
const BEFORE: usize = 5;
const MOST_MS: f64 = 50.0;

/// Pages that need nothing named.
const PAGES: [&str; 24] = [
    "/",
    "/intelligence",
    "/intelligence?type=indicator",
    "/share",
    "/waiting",
    "/channels",
    "/agreements",
    "/documents",
    "/documents/draft",
    "/charter",
    "/sources",
    "/targets",
    "/webhooks",
    "/warninglists",
    "/logs",
    "/tokens",
    "/users",
    "/audit",
    "/operation",
    "/notifications",
    "/searches",
    "/me",
    "/help",
    "/help/now",
];
/// Lists of the API.
const LISTS: [&str; 6] = [
    "/api/v1/records?limit=100",
    "/api/v1/records?limit=100&type=malware",
    "/api/v1/channels",
    "/api/v1/logs",
    "/api/v1/status",
    "/api/v1/suggest?q=fam",
];
/// What people type: a common word, two words, the beginning of one, a word that is nowhere, words of a type.
const QUESTIONS: [&str; 5] = ["family", "malware family", "indic", "nowheretobefound", "domain source"];

/// Rows of the table.
pub(crate) fn figures(demo: &Demo, values: &[String], report: &mut Report) -> Result<(), Fault> {
    let node = demo.nodes.first().during("the region has no node")?;
    say("asking for every page of the console and the lists of the API");
    let mut person = node.connect()?;
    let (name, password) = node.admin.as_ref().during("the ready file names nobody who may log in")?;
    person.log_in(name, password)?;
    let mut program = node.connect()?;
    let object = object(&mut program)?;
    let mut rows = Vec::new();
    let mut pauses_s = 0;
    let pages = PAGES.iter().map(|page| (*page).to_owned());
    let Known { id, origin, index } = &object;
    let of_object = [
        format!("/intelligence/{id}"),
        format!("/intelligence/{id}/graph"),
        format!("/provenance?log={}&index={index}", form_value(origin)),
        format!("/operation/why?id={id}&member={}", demo.nodes.last().during("a peer")?.code),
    ];
    let of_channel = [format!("/channels/{}", demo.channel)];
    for page in pages.chain(of_object).chain(of_channel) {
        rows.push((page.clone(), repeated(&mut person, &mut pauses_s, |_| page.clone(), AS_BROWSERS)?));
    }
    for list in LISTS {
        rows.push((list.to_owned(), repeated(&mut program, &mut pauses_s, |_| list.to_owned(), "")?));
    }
    let channel = format!("/api/v1/channels/{}", segment(&demo.channel));
    rows.push((
        "/api/v1/channels/{channel}".to_owned(),
        repeated(&mut program, &mut pauses_s, |_| channel.clone(), "")?,
    ));
    add(report, "page or list, the slowest of", &rows, MOST_MS);

    let mut searches = Vec::new();
    for question in QUESTIONS {
        let path = format!("/intelligence?q={}", form_value(question));
        searches.push((format!("“{question}”"), repeated(&mut person, &mut pauses_s, |_| path.clone(), AS_BROWSERS)?));
    }
    if !values.is_empty() {
        let path = |at: usize| {
            let value = values.get(at * 397 % values.len()).map(String::as_str).unwrap_or_default();
            format!("/intelligence?q={}", form_value(value))
        };
        searches.push(("another value each time".to_owned(), repeated(&mut person, &mut pauses_s, path, AS_BROWSERS)?));
    }
    add(report, "search on the page, the slowest of", &searches, MOST_MS);
    if pauses_s > 0 {
        report.note(format!(
            "Pages: the node asked for pauses of {pauses_s} s in all (rate limit); they are in no figure."
        ));
    }
    Ok(())
}

/// The slowest as a row with what is required, and all of them as a note.
fn add(report: &mut Report, what: &str, rows: &[(String, Times)], most_ms: f64) {
    let mut sorted: Vec<&(String, Times)> = rows.iter().collect();
    sorted.sort_by(|a, b| b.1.p99.total_cmp(&a.1.p99));
    let Some((slowest, times)) = sorted.first() else { return };
    let what = format!("{what} {}: {slowest}, p99 (p50 {:.1} ms)", rows.len(), times.p50 * 1e3);
    report.add(Figure::new(Measure::Pages, what, times.p99 * 1e3, Unit::Milliseconds).must(Required::Below(most_ms)));
    let all: Vec<String> = sorted
        .iter()
        .map(|(path, times)| format!("`{path}` {:.1} / {:.1}", times.p50 * 1e3, times.p99 * 1e3))
        .collect();
    report.note(format!("p50 / p99 in ms: {}.", all.join(", ")));
}

fn repeated(
    client: &mut Client,
    pauses_s: &mut u64,
    path: impl Fn(usize) -> String,
    more: &str,
) -> Result<Times, Fault> {
    let mut times = Vec::with_capacity(TIMES);
    for at in 0..BEFORE + TIMES {
        let path = path(at);
        let (answer, took) = client.patiently(pauses_s, |client| client.get_with(&path, more))?;
        expect_page(&path, &answer)?;
        if at >= BEFORE {
            times.push(took);
        }
    }
    Ok(Times::of(times))
}

/// A page that refuses, or sends its person to the log-in, is fast, and wrong.
fn expect_page(path: &str, answer: &Answer) -> Result<(), Fault> {
    if answer.status == 200 && !answer.body.is_empty() {
        return Ok(());
    }
    Err(Fault::new(format!("{path} was answered {} with {} bytes", answer.status, answer.body.len())))
}

/// An object that others refer to, so that its pages have something to show; and where it stands.
struct Known {
    id: String,
    origin: String,
    index: u64,
}

fn object(client: &mut Client) -> Result<Known, Fault> {
    let path = "/api/v1/records?limit=1&type=malware";
    let answer: Value = serde_json::from_slice(&client.get(path)?.good()?).during(path)?;
    let found = || {
        let record = answer.pointer("/records/0")?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Known { id: text("id")?, origin: text("log")?, index: record.get("index")?.as_u64()? })
    };
    found().during(format!("{path} answered no record: {answer}"))
}
