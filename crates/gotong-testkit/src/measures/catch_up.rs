//! Measure 2: a peer that was away catches up with everything: fetched, verified, durable, to be found. Beside it the import at the author.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::corpus::Corpus;
use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::http::Client;
use super::import::{Imported, per_second};
use super::lookup;
use super::node::segment;
use super::options::Measure;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::settle_disk;

/// How often the peer is asked how far it is.
const STEP: Duration = Duration::from_millis(50);
/// How long a peer may stand still.
const STANDSTILL: Duration = Duration::from_mins(2);
/// Values that are looked up at the peer in the end.
const VALUES_MAX: usize = 1_000;
/// How long two nodes with nothing to tell are watched.
const QUIET: Duration = Duration::from_secs(10);

/// Entries of a channel's logs that a node holds and shows, by what it says of the channel.
fn held(client: &mut Client, channel: &str) -> Result<u64, Fault> {
    let path = format!("/api/v1/channels/{}", segment(channel));
    let channel: Value = serde_json::from_slice(&client.get(&path)?.good()?).during(path)?;
    let logs = channel.get("logs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let number = |log: &Value, name: &str| log.get(name).and_then(Value::as_u64).unwrap_or(0);
    Ok(logs.iter().map(|log| number(log, "size") - number(log, "withheld")).sum())
}

/// Rows of the table. The peer has ended afterwards. Values of the corpus show that what has arrived is found.
pub(crate) fn figures(
    demo: &mut Demo,
    corpus: &Corpus,
    values: &[String],
    imported: &Imported,
    report: &mut Report,
) -> Result<(), Fault> {
    let objects = corpus.objects;
    let Demo { nodes, channel, .. } = demo;
    let [author, peer, ..] = nodes.as_mut_slice() else { return Err(Fault::new("the region has no peer")) };
    let wanted = held(&mut author.connect()?, channel)?;
    if wanted * 100 < objects as u64 * 99 {
        return Err(Fault::new(format!("the author shows {wanted} entries of {objects}")));
    }
    settle_disk();
    let before = author.settled()?;
    say(format_args!("the node of {} catches up", peer.code));
    let began = Instant::now();
    let ready = peer.start()?;
    let mut client = peer.connect()?;
    let (mut moved, mut last) = (Instant::now(), 0);
    let mut first = None;
    let wall = loop {
        let now = held(&mut client, channel)?;
        if now > last {
            (moved, last) = (Instant::now(), now);
            first.get_or_insert_with(|| began.elapsed());
        }
        if now >= wanted {
            break began.elapsed();
        }
        if moved.elapsed() > STANDSTILL {
            return Err(Fault::new(format!("the peer stands still at {now} of {wanted} entries")));
        }
        std::thread::sleep(STEP);
    };
    lookup::expect_found(&mut client, values.get(..VALUES_MAX).unwrap_or(values))?;
    let (peer_used, author_used) = (peer.settled()?, author.settled()?);
    let author_cpu = author_used.cpu.saturating_sub(before.cpu);
    let figure = |what: &str, value, unit| Figure::new(Measure::CatchUp, what, value, unit);
    report.add(
        figure(
            "objects caught up with, wall from the start of the process",
            per_second(objects, wall),
            Unit::PerSecond,
        )
        .beside(per_second(objects, imported.wall), "import")
        .must(Required::TimesBaseline(1.0)),
    );
    report.add(
        figure("objects caught up with, CPU of the peer", per_second(objects, peer_used.cpu), Unit::PerCpuSecond)
            .beside(per_second(objects, imported.cpu), "import")
            .must(Required::TimesBaseline(1.0)),
    );
    report.add(figure(
        "objects caught up with, CPU of the author",
        per_second(objects, author_cpu),
        Unit::PerCpuSecond,
    ));
    report.note(format!(
        "Catching up: ready after {:.2} s, the first records seen after {:.2} s, all after {:.2} s; the peer used {:.1} s of CPU and the author {:.1} s.",
        ready.as_secs_f64(),
        first.unwrap_or_default().as_secs_f64(),
        wall.as_secs_f64(),
        peer_used.cpu.as_secs_f64(),
        author_cpu.as_secs_f64(),
    ));
    drop(client);
    let (author_before, peer_before) = (author.used()?, peer.used()?);
    std::thread::sleep(QUIET);
    let idle = author.used()?.cpu.saturating_sub(author_before.cpu) + peer.used()?.cpu.saturating_sub(peer_before.cpu);
    let idle_ms = idle.as_secs_f64() * 1e3 / QUIET.as_secs_f64();
    report.add(Figure::new(
        Measure::NothingNew,
        "two connected nodes with nothing new, CPU of both in a second",
        idle_ms,
        Unit::Milliseconds,
    ));
    peer.stop().during("stopping the peer")
}
