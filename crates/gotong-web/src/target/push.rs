//! What goes to a target: envelopes of records in the order of addition, each marked before it goes, waited for until the server has worked it off, and only then
//! passed over. Killed anywhere, the next run sends again what it does not know to be there; a TAXII server takes the same version twice without harm.
//!
//! Must not move on while it is not known what became of an envelope. Read next: `gotong_app::target::settle`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use gotong_app::target::{self, Failed, Fate, Outcome, Pending, Row, Step};
use gotong_model::ChannelId;
use hyper::body::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use super::place::{Place, is_word};
use super::{Job, RunFault, Told, blocking};
use crate::outward::fault::FetchFault;
use crate::outward::fetch::Ask;
use crate::taxii::MEDIA_TYPE;

/// Bytes around the objects of an envelope.
const AROUND: usize = "{\"objects\":[]}".len();
/// From one look at a status to the next: doubled each time, up to the second.
const LOOK: Duration = Duration::from_millis(250);
const LOOK_MAX: Duration = Duration::from_secs(10);
/// Stretches of one channel in one run: the next run goes on from there.
const STRETCHES_MAX: u32 = 100_000;

/// Pushes what is new in every channel.
pub(super) async fn push(job: &Job, place: &Place, told: &mut Told) -> Result<(), RunFault> {
    for channel in job.target().channels.clone() {
        for _ in 0..STRETCHES_MAX {
            let (node, wanted) = (Arc::clone(&job.node), job.target().clone());
            let stretch = blocking(move || {
                let view = target::lookup(&node, &wanted.name)?;
                let after = view.and_then(|view| view.state.positions.get(&channel.to_string()).copied());
                target::stretch(&node, &wanted, channel, after.unwrap_or(0))
            });
            let stretch = stretch.await?;
            if stretch.rows.is_empty() && !stretch.more {
                break;
            }
            let (more, upto) = (stretch.more, stretch.upto);
            push_rows(job, place, (channel, upto), stretch.rows, told).await?;
            if !more {
                break;
            }
        }
    }
    Ok(())
}

/// Pushes rows that follow each other, in as many envelopes as they need.
async fn push_rows(
    job: &Job,
    place: &Place,
    (channel, upto): (ChannelId, i64),
    rows: Vec<Row>,
    told: &mut Told,
) -> Result<(), RunFault> {
    let mut groups: VecDeque<Vec<Row>> = grouped(rows, place.bytes_max).into();
    if groups.is_empty() {
        groups.push_back(Vec::new());
    }
    while let Some(group) = groups.pop_front() {
        // Behind the last of them nothing was left out.
        let end = if groups.is_empty() { upto } else { group.last().map_or(upto, |row| row.added) };
        let step = Step::of(&channel, &group, end);
        if step.sent.is_empty() {
            settle(job, &step, &Outcome::default(), told).await?;
            continue;
        }
        match send(job, place, &group, &step, told).await {
            Err(fault) if matches!(fault.status, Some(413 | 422)) => {
                let Some((first, second)) = halved(group) else {
                    let [(id, version)] = step.sent.as_slice() else { return Err(fault) };
                    let failed = vec![Failed::new(id, *version, job.node.now(), &fault.note.text)];
                    settle(job, &step, &Outcome { failed, failed_count: 1 }, told).await?;
                    continue;
                };
                groups.push_front(second);
                groups.push_front(first);
            }
            other => other?,
        }
    }
    Ok(())
}

/// Groups of rows whose objects fit an envelope. An object that is too large by itself stands alone.
fn grouped(rows: Vec<Row>, bytes_max: usize) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let own = if let Fate::Goes(body) = &row.fate { body.len() + 1 } else { 0 };
        match groups.last_mut() {
            Some(group) if own == 0 || AROUND + bytes + own <= bytes_max || bytes == 0 => {
                bytes += own;
                group.push(row);
            }
            _ => {
                bytes = own;
                groups.push(vec![row]);
            }
        }
    }
    groups
}

/// Two halves of what goes; `None` where only one object does.
fn halved(mut rows: Vec<Row>) -> Option<(Vec<Row>, Vec<Row>)> {
    let goes = |row: &Row| matches!(row.fate, Fate::Goes(_));
    let half = rows.iter().filter(|row| goes(row)).count() / 2;
    let place = rows.iter().enumerate().filter(|(_, row)| goes(row)).nth(half).map(|(at, _)| at)?;
    if half == 0 {
        return None;
    }
    let second = rows.split_off(place);
    Some((rows, second))
}

fn envelope(rows: &[Row]) -> Bytes {
    let bodies: Vec<&[u8]> = rows
        .iter()
        .filter_map(|row| if let Fate::Goes(body) = &row.fate { Some(body.as_slice()) } else { None })
        .collect();
    [b"{\"objects\":[".as_slice(), &bodies.join(&b','), b"]}"].concat().into()
}

/// Sends one envelope, and waits until it is known what became of it.
async fn send(job: &Job, place: &Place, rows: &[Row], step: &Step, told: &mut Told) -> Result<(), RunFault> {
    let body = envelope(rows);
    let (node, wanted, marked) = (Arc::clone(&job.node), job.target().clone(), step.clone());
    if !blocking(move || target::begin(&node, &wanted, &marked)).await? {
        return Err(RunFault::changed());
    }
    let bytes = body.len() as u64;
    let ask = Ask { body: Some((body, MEDIA_TYPE)), ..job.ask(place.objects(job)?)? };
    let answer = job.answer(&ask).await.map_err(|fault| job.fault(&fault))?;
    told.bytes += bytes;
    let status = job.read(answer).await?;
    let id = status.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if is_complete(&status)? {
        return settle(job, step, &outcome(job, step, &status, told), told).await;
    }
    if !is_word(&id) {
        return Err(RunFault::new(
            "target.status-id",
            "the server works on what it was sent and does not say where to ask for it",
        ));
    }
    let (node, wanted, step, status) = (Arc::clone(&job.node), job.target().clone(), step.clone(), id.clone());
    let pending = Pending { status: id, step: step.clone(), since: job.node.now().micros() };
    if !blocking(move || target::pend(&node, &wanted, &status, &step)).await? {
        return Err(RunFault::changed());
    }
    wait(job, place, &pending, told).await
}

/// What waited for the server when the last run ended.
pub(super) async fn settle_pending(
    job: &Job,
    place: &Place,
    pending: &Pending,
    told: &mut Told,
) -> Result<(), RunFault> {
    match wait(job, place, pending, told).await {
        // Servers keep a status for a day or so: what it was about is sent again, since the position did not move.
        Err(fault) if matches!(fault.status, Some(404 | 410)) => {
            told.note(
                "target.status-gone",
                "the server has forgotten what became of what it was sent; it is sent again",
            );
            Ok(())
        }
        other => other,
    }
}

/// Asks for a status until it is complete, for as long as the target allows.
async fn wait(job: &Job, place: &Place, pending: &Pending, told: &mut Told) -> Result<(), RunFault> {
    let until = Instant::now() + job.wait();
    let mut pause = LOOK;
    loop {
        let status = job.describe(place.status(job, &pending.status)?).await?;
        if is_complete(&status)? {
            return settle(job, &pending.step, &outcome(job, &pending.step, &status, told), told).await;
        }
        if Instant::now() + pause > until {
            return Err(RunFault::new(
                "target.status-late",
                format!(
                    "the server had not worked off what it was sent after {} seconds; it is asked again by itself",
                    job.wait().as_secs()
                ),
            ));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOK_MAX);
    }
}

fn is_complete(status: &Value) -> Result<bool, RunFault> {
    match status.get("status").and_then(Value::as_str) {
        Some("complete") => Ok(true),
        Some("pending") => Ok(false),
        _ => Err(RunFault::new("target.unreadable", "the server's status says neither complete nor pending")),
    }
}

/// What a complete status says of what was sent. Ids that were not sent count for nothing.
fn outcome(job: &Job, step: &Step, status: &Value, told: &mut Told) -> Outcome {
    let count = |name: &str| status.get(name).and_then(Value::as_u64).unwrap_or(0);
    let sent = step.sent.len() as u64;
    let named = status.get("failures").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut failed: Vec<Failed> = Vec::new();
    for (id, version) in &step.sent {
        if let Some(one) = named.iter().find(|one| text(one, "id") == *id) {
            failed.push(Failed::new(id, *version, job.node.now(), &text(one, "message")));
        }
    }
    let failed_count = count("failure_count").max(failed.len() as u64).min(sent);
    if failed_count > failed.len() as u64 {
        told.note("target.failures-unnamed", "the server did not take some objects and does not say which");
    }
    if count("success_count") + count("failure_count") != sent {
        told.note("target.counts", "the server's counts are not those of what it was sent");
    }
    if let Some(first) = failed.first() {
        told.note("target.not-taken", format!("the server did not take {}: {}", first.id, first.why));
    }
    Outcome { failed, failed_count }
}

async fn settle(job: &Job, step: &Step, outcome: &Outcome, told: &mut Told) -> Result<(), RunFault> {
    let counts = &mut told.counts;
    counts.sent += (step.sent.len() as u64).saturating_sub(outcome.failed_count);
    counts.failed += outcome.failed_count;
    counts.known += step.known;
    counts.above += step.above;
    counts.held += step.held_count();
    let (node, wanted, step, outcome) = (Arc::clone(&job.node), job.target().clone(), step.clone(), outcome.clone());
    let goes_on = blocking(move || target::settle(&node, &wanted, &step, &outcome)).await?;
    if goes_on { Ok(()) } else { Err(RunFault::changed()) }
}

/// Whether a fault is the server's word on this one object, and not on the way there.
pub(super) fn is_final(fault: &FetchFault) -> bool {
    matches!(fault, FetchFault::Status { status: 400 | 403 | 405 | 406 | 409 | 415 | 422 | 501, .. })
}

#[cfg(test)]
mod tests {
    use gotong_model::Timestamp;

    use super::*;

    fn row(number: i64, bytes: usize) -> Row {
        let fate = if bytes == 0 { Fate::Above } else { Fate::Goes(vec![b'x'; bytes]) };
        Row { id: format!("indicator--{number}"), version: Timestamp::default(), added: number, fate }
    }

    #[test]
    fn envelopes_fit_and_no_row_is_lost_or_moved() {
        let rows: Vec<Row> =
            [10, 0, 10, 10, 0, 500, 10].into_iter().zip(1..).map(|(bytes, at)| row(at, bytes)).collect();
        let groups = grouped(rows.clone(), AROUND + 25);
        let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 2, 1, 1]);
        assert_eq!(groups.concat(), rows);
        for group in groups.iter().filter(|group| group.len() > 1) {
            assert!(envelope(group).len() <= AROUND + 25);
        }
        assert!(grouped(Vec::new(), 10).is_empty());
    }

    #[test]
    fn halves_go_down_to_one_object_and_end() {
        let rows: Vec<Row> = [0, 10, 0, 10, 10, 0].into_iter().zip(1..).map(|(bytes, at)| row(at, bytes)).collect();
        let (first, second) = halved(rows.clone()).unwrap();
        assert_eq!([first.clone(), second.clone()].concat(), rows);
        assert!(halved(first).is_none(), "one object");
        let (third, fourth) = halved(second).unwrap();
        assert!(halved(third).is_none() && halved(fourth).is_none());
        assert!(halved(vec![row(1, 0)]).is_none());
    }
}
