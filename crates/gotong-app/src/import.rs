//! Importing a stream of objects: batches of a bounded size, and objects whose marking is defined later in the stream, which wait for its end.
//! Read next: `import/settle.rs` (what a format without versions says again).

mod settle;

use gotong_formats::stix21;
use gotong_formats::warninglist::Moment;
use gotong_store::Index;

use crate::node::{Node, NodeFault};
use crate::publish::{Intent, Markings, Prepared, Reading, Submission};

/// Objects in one batch, and so in one transaction.
pub const BATCH_OBJECTS: usize = 2_000;
/// Bytes after which a batch is full.
pub const BATCH_BYTES: usize = 2 << 20;
/// Objects that may wait for a marking definition.
const DEFERRED_MAX: usize = 10_000;
/// Bytes of objects that may wait.
const DEFERRED_BYTES_MAX: usize = 16 << 20;

/// Objects that have been read, each with what it says of itself or what is wrong with it. Reading needs nothing of a node, so another thread may do it
/// while the batch before is being prepared.
#[derive(Debug)]
pub struct ReadBatch(Vec<Reading>);

impl ReadBatch {
    /// Reads a batch.
    pub fn of(batch: Vec<Submission>) -> Self {
        Self(batch.into_iter().map(Reading::of).collect())
    }
}

/// One import under way.
pub struct Import {
    intent: Intent,
    markings: Markings,
    waiting: Vec<Submission>,
    waiting_bytes: usize,
    /// Whether objects carry the time of their reading, so that saying the same again is no news.
    settles: bool,
    /// At which moments warninglists are asked: whatever is imported is published too.
    moments: &'static [Moment],
}

impl Import {
    /// Begins an import.
    pub fn new(intent: Intent) -> Self {
        Self {
            intent,
            markings: Markings::new(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            settles: false,
            moments: &[Moment::Import, Moment::Publish],
        }
    }

    /// Says that the objects are made from a list, a table or a text, and carry the time of this reading: the same again is no news.
    pub fn settle(&mut self) {
        self.settles = true;
    }

    /// Begins to publish what a person or program says itself, one object at a time: no import.
    pub fn of_publication(intent: Intent) -> Self {
        Self { moments: &[Moment::Publish], ..Self::new(intent) }
    }

    /// Reads a batch and works on it.
    pub fn prepare(&mut self, node: &Node, batch: Vec<Submission>) -> Result<Prepared, NodeFault> {
        self.prepare_read(node, ReadBatch::of(batch))
    }

    /// Works on a batch. What names a marking that nobody has defined yet stays behind until [`Self::finish`].
    pub fn prepare_read(&mut self, node: &Node, ReadBatch(mut readings): ReadBatch) -> Result<Prepared, NodeFault> {
        node.catch_up()?;
        if self.settles {
            let tx = node.store.read()?;
            let settle = |reading| settle::settle(node, tx.as_ref(), &self.intent.channel, reading);
            readings = readings.into_iter().map(settle).collect::<Result<_, _>>()?;
        }
        for reading in &readings {
            self.learn(reading);
        }
        let mut ready = Vec::with_capacity(readings.len());
        for reading in readings {
            let bytes = reading.submission.body.len();
            let room = self.waiting.len() < DEFERRED_MAX && self.waiting_bytes + bytes <= DEFERRED_BYTES_MAX;
            if self.names_unknown_marking(node, &reading)? && room {
                self.waiting_bytes += bytes;
                self.waiting.push(reading.submission);
            } else {
                ready.push(reading);
            }
        }
        node.prepare_read(&self.intent, ready, &self.markings, self.moments)
    }

    /// Works on what waited for the end.
    pub fn finish(&mut self, node: &Node) -> Result<Prepared, NodeFault> {
        let waiting = std::mem::take(&mut self.waiting);
        let waiting = waiting.into_iter().map(Reading::of).collect();
        node.prepare_read(&self.intent, waiting, &self.markings, self.moments)
    }

    fn learn(&mut self, reading: &Reading) {
        if let Ok(facts) = &reading.facts
            && facts.object_type == "marking-definition"
        {
            self.markings.insert(facts.id.clone(), stix21::marking_of(&reading.submission.body));
        }
    }

    fn names_unknown_marking(&mut self, node: &Node, reading: &Reading) -> Result<bool, NodeFault> {
        let Ok(facts) = &reading.facts else { return Ok(false) };
        let mut unknown = false;
        for reference in &facts.markings_unknown {
            if self.markings.contains_key(reference) {
                continue;
            }
            match stored_marking(node, &self.intent, reference)? {
                Some(meaning) => {
                    self.markings.insert(reference.clone(), meaning);
                }
                None => unknown = true,
            }
        }
        Ok(unknown)
    }
}

/// What a marking definition that is already in the channel means.
#[allow(
    clippy::option_option,
    reason = "not there, there without a TLP, and a TLP are three answers, as in `Markings`"
)]
fn stored_marking(
    node: &Node,
    intent: &Intent,
    reference: &str,
) -> Result<Option<Option<gotong_model::Tlp>>, NodeFault> {
    let tx = node.store.read()?;
    let key = tx.index_key(Index::Object, reference.as_bytes());
    for entry in tx.postings(Index::Object, key, None, 16)? {
        let Some(row) = crate::rows::log_by_no(tx.as_ref(), entry.log())? else { continue };
        if row.id.channel != intent.channel {
            continue;
        }
        let Some(content) = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten() else { continue };
        if stix21::read(&content.body).is_ok_and(|facts| facts.id == reference) {
            return Ok(Some(stix21::marking_of(&content.body)));
        }
    }
    Ok(None)
}
