//! From what a source answered to the log: in batches, with a fate for each object. The same steps as an import over the API, with a mark for each object in the
//! same transaction.
//!
//! Runs on blocking threads. Read next: `gotong_app::source::take`.

use std::sync::Arc;

use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import};
use gotong_app::publish::{Fate, Intent, Outcome, Submission, Why};
use gotong_app::source::{self, Counts, Note, Seen, Source};
use gotong_app::{Node, NodeFault};

use crate::api::bulk::intake::{Came, Choice, Intake};

/// Bytes that go into a reader at once.
const PIECE_BYTES: usize = 256 << 10;
/// Refusals told of one run.
const TOLD_MAX: usize = 8;

/// Objects of one run on their way.
pub(super) struct Ingest {
    node: Arc<Node>,
    source: Source,
    import: Import,
    batch: Vec<Submission>,
    bytes: usize,
    /// What became of them.
    pub(super) counts: Counts,
    /// The first of what was refused or waits, with the reason.
    pub(super) notes: Vec<Note>,
    /// What the source lists.
    pub(super) seen: Seen,
}

impl Ingest {
    pub(super) fn new(node: Arc<Node>, source: Source) -> Self {
        let intent = Intent {
            channel: source.channel,
            default_tlp: source.label,
            organisation: None,
            constituent: None,
            pap: None,
            personal_data: None,
            purpose: None,
            caller: format!("source:{}", source.name),
        };
        Self {
            node,
            source,
            import: Import::new(intent),
            batch: Vec::new(),
            bytes: 0,
            counts: Counts::default(),
            notes: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// Takes a whole document, in whatever format it is.
    pub(super) fn document(&mut self, choice: Choice, bytes: &[u8]) -> Result<(), NodeFault> {
        let mut intake = Intake::new(&self.node, choice)?;
        for piece in bytes.chunks(PIECE_BYTES) {
            intake.push(piece);
            intake.decide();
            if intake.is_of_now() {
                self.import.settle();
            }
            self.pieces(&mut intake)?;
        }
        intake.finish();
        self.pieces(&mut intake)?;
        self.finish()
    }

    fn pieces(&mut self, intake: &mut Intake) -> Result<(), NodeFault> {
        while let Some(came) = intake.next() {
            match came {
                Came::Object { line, body } => self.object(line, body)?,
                Came::Lost(outcome) => self.tell(&outcome),
                Came::NotCarried(_) => self.counts.not_carried += 1,
            }
        }
        Ok(())
    }

    /// Takes one object.
    pub(super) fn object(&mut self, line: u64, body: Vec<u8>) -> Result<(), NodeFault> {
        self.bytes += body.len();
        self.batch.push(Submission { line, body });
        if self.batch.len() >= BATCH_OBJECTS || self.bytes >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), NodeFault> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let prepared = self.import.prepare(&self.node, batch)?;
        self.commit(prepared)
    }

    /// Commits what is left, also what waited for a marking to be defined.
    pub(super) fn finish(&mut self) -> Result<(), NodeFault> {
        self.flush()?;
        let rest = self.import.finish(&self.node)?;
        self.commit(rest)
    }

    fn commit(&mut self, prepared: gotong_app::publish::Prepared) -> Result<(), NodeFault> {
        if prepared.objects() == 0 {
            return Ok(());
        }
        let taken = source::take(&self.node, &self.source, prepared, &mut self.seen)?;
        self.counts.kept_out += u64::try_from(taken.kept_out).unwrap_or(u64::MAX);
        for outcome in taken.outcomes {
            self.tell(&outcome);
        }
        Ok(())
    }

    fn tell(&mut self, outcome: &Outcome) {
        let (slot, why): (&mut u64, &[Why]) = match &outcome.fate {
            Fate::New(_) => (&mut self.counts.new, &[]),
            Fate::Known(_) => (&mut self.counts.known, &[]),
            Fate::Updated(_) => (&mut self.counts.updated, &[]),
            Fate::Refused(why) => (&mut self.counts.refused, why),
            Fate::Quarantined(_, why) => (&mut self.counts.quarantined, why),
        };
        *slot += 1;
        if let Some(why) = why.first().filter(|_| self.notes.len() < TOLD_MAX) {
            let id = outcome.id.as_deref().unwrap_or("an object");
            let place = why.pointer.as_deref().map(|pointer| format!("{pointer}: ")).unwrap_or_default();
            let text = format!("{} {id} (number {}): {place}{}", outcome.fate.word(), outcome.line, why.text);
            self.notes.push(Note::new(&why.id, text));
        }
    }
}
