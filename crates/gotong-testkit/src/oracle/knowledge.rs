//! What each node knows of governance, learned from the documents that its store keeps: texts and signature lines, nothing that the product worked out.

use std::collections::{BTreeMap, BTreeSet};

use gotong_crypto::note;
use gotong_store::{Book, ReadTx};

use super::{Oracle, Violation, broken};
use crate::law::{Held, InForce, Verdict};

/// What a node knows.
#[derive(Clone, Default, Debug)]
pub struct Knowledge {
    /// The documents that it holds.
    pub held: Held,
    /// What counts of them.
    pub in_force: InForce,
    /// How many rows and bytes they were when they were read.
    read: (usize, usize),
    /// What becomes of the records of a log (author, channel), entry by entry.
    verdicts: BTreeMap<(usize, usize), Vec<Option<Verdict>>>,
}

impl Oracle {
    /// Reads a node's documents where they have changed. `signers` finds the member of a signature line.
    pub fn learn(
        &mut self,
        at: usize,
        tx: &dyn ReadTx,
        signer: impl Fn(&str) -> Option<usize>,
    ) -> Result<bool, Violation> {
        let rows = tx.scan(Book::Document, b"d", b"e", usize::MAX);
        let rows = rows.map_err(|fault| Violation { invariant: "2", text: fault.to_string() })?;
        let read = (rows.len(), rows.iter().map(|(_, note)| note.len()).sum());
        if self.known[at].read == read {
            return Ok(false);
        }
        let mut held = Held::from([(0, BTreeSet::new())]);
        for (_, bytes) in &rows {
            let Ok(note) = note::parse(bytes) else { return broken("2", "a document that does not read back") };
            if note.text.lines().next().is_some_and(|line| line.ends_with("/house")) {
                continue;
            }
            let Some(number) = self.law.by_text(&note.text) else {
                return broken("5", "a document that nobody has signed");
            };
            held.insert(number, note.lines.iter().filter_map(|line| signer(&line.name)).collect());
        }
        let before = &self.known[at].held;
        let is_kept =
            |(number, signers): (&usize, &BTreeSet<usize>)| held.get(number).is_some_and(|now| signers.is_subset(now));
        if !before.iter().all(is_kept) {
            return broken("2", "a document or a signature on it is gone");
        }
        let in_force = InForce::of(&self.law, &held);
        self.known[at] = Knowledge { held, in_force, read, verdicts: BTreeMap::new() };
        Ok(true)
    }

    /// What becomes of each entry of a log at a node; control entries have nothing.
    pub fn verdicts(&mut self, at: usize, log: (usize, usize)) -> Vec<Option<Verdict>> {
        let mut known = self.known[at].verdicts.remove(&log).unwrap_or_default();
        for entry in self.logs[&log].entries.iter().skip(known.len()) {
            known.push(entry.record.as_ref().map(|record| self.verdict(at, log, record)));
        }
        self.known[at].verdicts.insert(log, known.clone());
        known
    }
}
