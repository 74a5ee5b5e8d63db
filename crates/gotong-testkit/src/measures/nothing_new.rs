//! Measure 3: what it costs to tell a peer that nothing is new, in process: the use case behind `/federation/v1/changes`, on the real store.
//!
//! Three logs are shared with the peer and published into by the product's own way. The others are laid into the store row by row, since a region
//! of so many channels would take hours to sign; all that the answer could wrongly depend on is there: logs, entries, arrivals, other peers.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use gotong_app::node::Ports;
use gotong_app::ports::{Bell, CheckpointFile, Mark};
use gotong_app::publish::{Fate, Intent, Markings, Submission};
use gotong_app::{Node, Priority, StoreFault, log, rows};
use gotong_crypto::{Digest, Entropy, SeededEntropy};
use gotong_model::{ChannelId, Clock, EpochId, LogId, MemberCode, Timestamp, Tlp};
use gotong_store::{Header, Index, SqliteOptions, SqliteStore, State};

use super::cpu;
use super::fault::{Fault, While, say};
use super::options::Measure;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::Scratch;
use crate::builders::{AgreementPlan, ChannelPlan, Founding};

const CALLS: u32 = 5_000;
/// Logs laid into the store in one transaction.
const LOGS_PER_COMMIT: u64 = 4_000;
/// Logs that the peer shares.
const SHARED: [&str; 3] = ["advisories", "indicators", "sightings"];

pub(super) struct NoBell;

impl Bell for NoBell {
    fn ring(&self) {}
}

pub(super) struct Now;

impl Now {
    pub(super) fn instant() -> Timestamp {
        Self.now()
    }
}

impl Clock for Now {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).ok().and_then(Timestamp::from_micros).unwrap_or_default()
    }
}

/// The checkpoint file has no part in reading, so here it is in memory.
#[derive(Default)]
pub(super) struct NoFile(Mutex<Option<Mark>>);

impl CheckpointFile for NoFile {
    fn load(&self) -> Result<Option<Mark>, StoreFault> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn swap(&self, mark: Mark) -> Result<(), StoreFault> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
        Ok(())
    }
}

/// A node with logs and records, of which the peer shares three.
struct Loaded {
    node: Node,
    peer: MemberCode,
}

impl Loaded {
    fn build(folder: &Path, logs: u64, records: u64) -> Result<Self, Fault> {
        let now = Now.now();
        let channels = SHARED
            .map(|name| ChannelPlan { name, audience: vec![0, 1], kinds: vec!["stix"], ceiling: Tlp::Amber })
            .to_vec();
        let plan = AgreementPlan { handle: "measured", parties: vec![0, 1], until: None, channels };
        let founding = Founding::new(3, &["aa", "bb", "cc"], &[plan], now);
        let store = SqliteStore::open(folder, SqliteOptions::default(), &SeededEntropy::new(3))?;
        let ports = Ports {
            clock: Arc::new(Now),
            entropy: Arc::new(SeededEntropy::new(4)),
            checkpoint_file: Box::<NoFile>::default(),
            bell: Arc::new(NoBell),
        };
        let node = founding.first_start(0, Arc::new(store), ports)?;
        let member = |at: usize| founding.members.get(at).map(|keys| keys.code.clone()).during("too few members");
        lay(&node, &member(2)?, logs.saturating_sub(SHARED.len() as u64), records)?;
        let shared = founding.agreements.first().map(|agreement| agreement.channels.clone()).unwrap_or_default();
        for (at, channel) in shared.into_iter().enumerate() {
            publish(&node, channel, at)?;
        }
        while node.store.maintain()? {}
        Ok(Self { node, peer: member(1)? })
    }

    /// CPU time of one answer. `answer_now` is a peer that does not want to wait.
    fn answer(&self, answer_now: bool) -> Result<Duration, Fault> {
        let first = self.node.changes_for(&self.peer, None, true)?.during("the first answer is none")?;
        if first.logs.len() != SHARED.len() || first.more {
            return Err(Fault::new(format!("the peer was told of {} logs, not of {}", first.logs.len(), SHARED.len())));
        }
        for warm in [true, false] {
            let before = cpu::this_thread()?;
            for _ in 0..CALLS {
                let answer = self.node.changes_for(&self.peer, Some(&first.cursor), answer_now)?;
                if answer.is_some_and(|answer| !answer.logs.is_empty() || answer.more) {
                    return Err(Fault::new("something was new"));
                }
            }
            if !warm {
                return Ok(cpu::this_thread()?.saturating_sub(before) / CALLS);
            }
        }
        Err(Fault::new("nothing was measured"))
    }
}

/// Lays another member's logs into the store, with so many records in all.
fn lay(node: &Node, author: &MemberCode, logs: u64, records: u64) -> Result<(), Fault> {
    let entropy = SeededEntropy::new(5);
    let body = br#"{"type":"note","content":"a record of a log that the peer does not share"}"#.to_vec();
    let model = log::make(
        ("gotong.example/measured", &entropy),
        0,
        vec![0x30; 96],
        body,
        Header::bare(State::Live),
        Vec::new(),
    );
    let now = node.now();
    let mut done = 0;
    while done < logs {
        let until = (done + LOGS_PER_COMMIT).min(logs);
        node.transact(Priority::Bulk, |writing| {
            for number in done..until {
                let (mut channel, mut epoch) = ([0; 32], [0; 16]);
                entropy.fill(&mut channel);
                entropy.fill(&mut epoch);
                let id = LogId { channel: ChannelId(Digest(channel)), author: author.clone(), epoch: EpochId(epoch) };
                let scope = id.channel;
                let mut row = rows::create_log(writing.tx.as_mut(), id, scope)?;
                let share = records * (number + 1) / logs - records * number / logs;
                let entry = |at: u64| log::Ready {
                    leaf: model.leaf,
                    header: model.header,
                    content: model.content.clone(),
                    postings: vec![(Index::Object, number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at)],
                };
                log::append(writing.tx.as_mut(), &mut row, (0..share).map(entry).collect(), now)?;
            }
            Ok(())
        })?;
        done = until;
    }
    Ok(())
}

fn publish(node: &Node, channel: ChannelId, at: usize) -> Result<(), Fault> {
    let body = format!(
        r#"{{"type":"identity","spec_version":"2.1","id":"identity--{at:08x}-0000-4000-8000-000000000000","name":"Measured",
            "created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"}}"#
    );
    let intent = Intent {
        channel,
        default_tlp: Some(Tlp::Green),
        organisation: None,
        constituent: None,
        pap: None,
        personal_data: None,
        purpose: None,
        caller: "measures".to_owned(),
    };
    let submission = Submission { line: 1, body: body.into_bytes() };
    let prepared = node.prepare(&intent, vec![submission], &Markings::new(), false)?;
    let outcomes = node.commit(Priority::Bulk, prepared)?;
    match outcomes.first().map(|outcome| &outcome.fate) {
        Some(Fate::New(_)) => Ok(()),
        other => Err(Fault::new(format!("a record was not published: {other:?}"))),
    }
}

/// Rows of the table.
pub(crate) fn figures(scratch: &Scratch, objects: usize, report: &mut Report) -> Result<(), Fault> {
    let records = objects as u64;
    let logs = records * 3 / 10;
    say("building a small node: 3 logs, 1000 records");
    let small = Loaded::build(&scratch.join("nothing-new-small"), 4, 1_000)?;
    say(format_args!("building a large node: {logs} logs, {records} records"));
    let large = Loaded::build(&scratch.join("nothing-new-large"), logs, records)?;
    let what = format!("nothing new at {records} records in {logs} logs, CPU of the answer");
    for (answer_now, how) in [(true, "answered at once"), (false, "the look before waiting")] {
        let (little, much) = (small.answer(answer_now)?, large.answer(answer_now)?);
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let figure = Figure::new(Measure::NothingNew, format!("{what}, {how}"), micros(much), Unit::Microseconds);
        let figure = figure.beside(micros(little), "1,000 records in 4 logs").must(Required::Below(1_000.0));
        // Deeper trees cost a little more to walk; a cost that grew with what is stored would show in the hundreds.
        report.add(figure.must(Required::TimesBaselineAtMost(1.5)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_with_nothing_new_is_told_so_among_logs_that_it_does_not_share() {
        let folder = std::env::temp_dir().join(format!("gotong-nothing-new-{}", std::process::id()));
        let loaded = Loaded::build(&folder, 20, 100).unwrap();
        assert!(loaded.answer(true).unwrap() > Duration::ZERO);
        assert!(loaded.answer(false).unwrap() > Duration::ZERO);
        drop(loaded);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
