//! Measure 9, the part of lists: a million records in three hundred thousand channels of organisations, twenty types of them, and one organisation that
//! asks for what it may see. In process, at the use case behind the API, on the real store; the records are real ones, laid into the store in large
//! transactions, since publishing them one by one would take an hour.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gotong_app::caller::Caller;
use gotong_app::heading::Headings;
use gotong_app::node::Ports;
use gotong_app::organisation;
use gotong_app::role::Role;
use gotong_app::view::{self, Query};
use gotong_app::{Node, Priority, log, project, rows};
use gotong_crypto::{Entropy, SeededEntropy};
use gotong_formats::stix21;
use gotong_model::agreement::{ChannelType, Clause, Terms};
use gotong_model::charter::Texts;
use gotong_model::envelope::Envelope;
use gotong_model::house::{Class, HouseRule, ReadsHouse};
use gotong_model::{ChannelId, EpochId, LogId, Slug, Timestamp, Tlp};
use gotong_store::{SqliteOptions, SqliteStore};

use super::cpu;
use super::fault::{Fault, While, say};
use super::nothing_new::{NoBell, NoFile, Now};
use super::options::Measure;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::Scratch;
use crate::builders::Founding;

/// Types of which organisations have channels of their own: one scope each.
const TYPES: usize = 20;
/// Organisations asked for in the measure.
const ASKERS: usize = 400;
/// Rows of a page.
const PAGE: usize = 100;
/// Notices that the member gives to all.
const NOTICES: u64 = 500;
const CHANNELS_PER_COMMIT: usize = 2_000;
const ORGANISATIONS_PER_REQUEST: usize = 1_000;

struct Loaded {
    node: Node,
    founding: Founding,
    organisations: usize,
}

fn slug(text: &str) -> Result<Slug, Fault> {
    Slug::from_text(text).during("a short name")
}

fn english(text: &str) -> Texts {
    Texts::from([("en".to_owned(), text.to_owned())])
}

/// A rule of twenty classes, each with a type of its own, and one standing channel that is given to all. `ceiling` is what an amendment changes.
fn rule(founding: &Founding, number: u64, before: Option<&HouseRule>, ceiling: Tlp) -> Result<HouseRule, Fault> {
    let member = founding.members.first().map(|keys| keys.code.clone()).during("no member")?;
    let clause = Clause { number: "1".to_owned(), title: english("All"), text: english("All of it.") };
    let mut channel_types = vec![ChannelType::usual(slug("notices")?, "1", vec![member.clone()], "notices")];
    let mut classes = Vec::new();
    for at in 0..TYPES {
        let kind = ChannelType::usual(slug(&format!("own-{at:02}"))?, "1", vec![member.clone()], "reports");
        channel_types.push(ChannelType { ceiling, ..kind });
        classes.push(Class {
            class: slug(&format!("class-{at:02}"))?,
            clause: "1".to_owned(),
            name: english("A class"),
            own: Some(slug(&format!("own-{at:02}"))?),
            reads: Vec::new(),
            reads_house: vec![ReadsHouse {
                types: vec![slug("notices")?],
                ceiling: Tlp::Amber,
                clause: "1".to_owned(),
            }],
        });
    }
    channel_types.sort_by(|a, b| a.name.cmp(&b.name));
    let from = Timestamp::parse("2026-01-01T00:00:00Z").during("a time")?;
    let terms = Terms {
        number,
        previous: before.map(|rule| rule.hash(&founding.region)),
        channel_types,
        ..Terms::usual(slug("house")?, vec![member], from, vec![clause])
    };
    Ok(HouseRule { terms, classes })
}

impl Loaded {
    fn build(folder: &Path, organisations: usize, records: u64) -> Result<Self, Fault> {
        let founding = Founding::new(3, &["aa", "bb", "cc"], &[], Now::instant());
        let store = SqliteStore::open(folder, SqliteOptions::default(), &SeededEntropy::new(3))?;
        let ports = Ports {
            clock: Arc::new(Now),
            entropy: Arc::new(SeededEntropy::new(4)),
            checkpoint_file: Box::<NoFile>::default(),
            bell: Arc::new(NoBell),
        };
        let node = founding.first_start(0, Arc::new(store), ports)?;
        let loaded = Self { node, founding, organisations };
        loaded.adopt(&rule(&loaded.founding, 1, None, Tlp::Amber)?)?;
        let mut new = Vec::new();
        for at in 0..organisations {
            let class = slug(&format!("class-{:02}", at % TYPES))?;
            new.push((Self::code(at)?, format!("Organisation {at}"), class));
            if new.len() == ORGANISATIONS_PER_REQUEST || at + 1 == organisations {
                let put = organisation::put(&loaded.node, &Caller::operator(), &new)?;
                put.map_err(|why| Fault::new(format!("the register refused: {why:?}")))?;
                new.clear();
            }
        }
        loaded.lay(records)?;
        while loaded.node.store.maintain()? {}
        Ok(loaded)
    }

    fn code(at: usize) -> Result<Slug, Fault> {
        slug(&format!("o-{at:06}"))
    }

    fn adopt(&self, rule: &HouseRule) -> Result<(), Fault> {
        let keys = self.founding.members.first().during("no member")?;
        self.node.adopt(rule.sign(&self.founding.region, &keys.code, &keys.root).as_bytes())?;
        Ok(())
    }

    fn channels(&self) -> Result<Vec<ChannelId>, Fault> {
        let governance = self.node.governance();
        let mut channels = vec![governance.channel_by_name("house/notices").during("no notices")?.id];
        for at in 0..self.organisations {
            let own = governance.channels_of(&Self::code(at)?);
            channels.push(own.first().during("an organisation without a channel")?.id);
        }
        Ok(channels)
    }

    /// Lays notices, and the records shared out over the organisations' channels.
    fn lay(&self, records: u64) -> Result<(), Fault> {
        let (node, entropy) = (&self.node, SeededEntropy::new(5));
        let governance = node.governance();
        let channels = self.channels()?;
        let owners = channels.len() as u64 - 1;
        let now = node.now();
        let mut number = 0_u64;
        let numbered: Vec<(u64, ChannelId)> = (0..).zip(channels).collect();
        for chunk in numbered.chunks(CHANNELS_PER_COMMIT) {
            node.transact(Priority::Bulk, |writing| {
                for (at, channel) in chunk {
                    let mut epoch = [0; 16];
                    entropy.fill(&mut epoch);
                    let id = LogId { channel: *channel, author: node.member.clone(), epoch: EpochId(epoch) };
                    let headings = Headings::of(&governance, channel);
                    let mut row = rows::create_log(writing.tx.as_mut(), id, headings.scope)?;
                    let count = match at.checked_sub(1) {
                        None => NOTICES,
                        Some(owner) => records * (owner + 1) / owners - records * owner / owners,
                    };
                    let mut ready = Vec::new();
                    for _ in 0..count {
                        number += 1;
                        ready.push(entry(writing.tx.as_ref(), headings, &entropy, (number, now)));
                    }
                    let ready: Option<Vec<log::Ready>> = ready.into_iter().collect();
                    log::append(writing.tx.as_mut(), &mut row, ready.unwrap_or_default(), now)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn caller(at: usize) -> Result<Caller, Fault> {
        let code = Self::code(at)?;
        Ok(Caller {
            id: format!("token:{code}"),
            constituent: Some(code),
            role: Role::Constituent,
            ..Caller::operator()
        })
    }

    /// The 99th of a hundred: wall time of one question, asked by many organisations.
    fn asked(&self, query: &Query, least: usize) -> Result<(Duration, Duration), Fault> {
        let mut times = Vec::with_capacity(ASKERS);
        let before = cpu::this_thread()?;
        for ask in 0..ASKERS {
            let caller = Self::caller(ask * 7_919 % self.organisations)?;
            let started = Instant::now();
            let page = view::list(&self.node, &caller, query)?;
            times.push(started.elapsed());
            if page.rows.len() < least {
                return Err(Fault::new(format!("a page has {} rows, not {least}", page.rows.len())));
            }
        }
        let cpu = cpu::this_thread()?.saturating_sub(before) / u32::try_from(ASKERS).unwrap_or(1);
        times.sort_unstable();
        let p99 = times.get(ASKERS * 99 / 100).copied().during("no times")?;
        Ok((p99, cpu))
    }
}

/// One record of kind `stix` with a time of its own.
fn entry(
    tx: &dyn gotong_store::ReadTx,
    headings: Headings,
    entropy: &SeededEntropy,
    (number, now): (u64, Timestamp),
) -> Option<log::Ready> {
    let at = Timestamp::from_micros(now.micros() - i64::try_from(number).ok()? * 60_000_000)?;
    let body = format!(
        r#"{{"type":"identity","spec_version":"2.1","id":"identity--{number:08x}-0000-4000-8000-000000000000","name":"Measured {number}","created":"{at}","modified":"{at}"}}"#
    )
    .into_bytes();
    let facts = stix21::read(&body).ok()?;
    let postings = project::postings(tx, headings, &facts, now);
    let envelope = Envelope::stix(now, 0, body.len() as u64, Tlp::Amber).encode();
    Some(log::make(
        ("gotong.example/measured", entropy),
        0,
        envelope,
        body,
        project::header(&facts, Tlp::Amber),
        postings,
    ))
}

/// Rows of the table.
pub(crate) fn figures(scratch: &Scratch, objects: usize, report: &mut Report) -> Result<(), Fault> {
    let organisations = objects * 3 / 10;
    say("building a small node: 300 organisations, 1000 records");
    let small = Loaded::build(&scratch.join("constituents-small"), 300, 1_000)?;
    say(format_args!("building a large node: {organisations} organisations, {objects} records"));
    let large = Loaded::build(&scratch.join("constituents-large"), organisations, objects as u64)?;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let newest = Query { since: Some(Timestamp::default()), limit: PAGE, ..Query::default() };
    let of_type = Query { object_type: Some("identity".to_owned()), limit: PAGE, ..Query::default() };
    let arrival = Query { limit: PAGE, ..Query::default() };
    for (query, how) in [(&newest, "newest first"), (&of_type, "of one type"), (&arrival, "by arrival")] {
        let (little, (much, cpu)) = (small.asked(query, PAGE)?.0, large.asked(query, PAGE)?);
        let what = format!(
            "a constituent's list of {PAGE} rows, {how}, {objects} records in {organisations} channels of {TYPES} types, p99 (mean CPU {:.2} ms)",
            millis(cpu)
        );
        let figure = Figure::new(Measure::Constituents, what, millis(much), Unit::Milliseconds);
        report.add(figure.beside(millis(little), "1,000 records in 300").must(Required::Below(50.0)));
    }
    let started = Instant::now();
    for _ in 0..10 {
        view::list(&large.node, &Caller::operator(), &newest)?;
    }
    let staff = Figure::new(
        Measure::Constituents,
        "the staff's list over all of them, newest first".to_owned(),
        millis(started.elapsed() / 10),
        Unit::Milliseconds,
    );
    report.add(staff.must(Required::Below(50.0)));
    amended(&large, report)
}

/// A house rule amended under three hundred thousand channels: how long until the first answer under it. No row of any record is written.
fn amended(large: &Loaded, report: &mut Report) -> Result<(), Fault> {
    let first = rule(&large.founding, 1, None, Tlp::Amber)?;
    let second = rule(&large.founding, 2, Some(&first), Tlp::Green)?;
    let written = large.node.position()?;
    let started = Instant::now();
    large.adopt(&second)?;
    let caller = Loaded::caller(1)?;
    let channels = view::channels(&large.node, &caller)?;
    let took = started.elapsed();
    let own = channels.iter().find(|channel| channel.handle.contains("/own-")).during("no own channel")?;
    if own.ceiling != Tlp::Green || large.node.position()? != written {
        return Err(Fault::new("the amendment does not show, or wrote what it should not"));
    }
    let what = "a house rule amended: until the first answer under it".to_owned();
    let figure = Figure::new(Measure::Constituents, what, took.as_secs_f64() * 1e3, Unit::Milliseconds);
    report.add(figure.must(Required::Below(1_000.0)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use gotong_app::heading;

    use super::*;

    #[test]
    fn organisations_are_shown_what_is_theirs_and_what_all_are_given() {
        let folder = std::env::temp_dir().join(format!("gotong-constituents-{}", std::process::id()));
        let loaded = Loaded::build(&folder, 40, 200).unwrap();
        let newest = Query { since: Some(Timestamp::default()), limit: 1_000, ..Query::default() };
        for query in [&newest, &Query { limit: 1_000, ..Query::default() }] {
            let page = view::list(&loaded.node, &Loaded::caller(7).unwrap(), query).unwrap();
            assert_eq!(page.rows.len(), 505, "five of its own and the notices");
        }
        let types = heading::types_of(
            loaded.node.store.read().unwrap().as_ref(),
            &loaded.node.governance().channel_by_name("house/notices").unwrap().id,
        );
        assert_eq!(types.unwrap(), [stix21::type_code("identity")]);
        drop(loaded);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
