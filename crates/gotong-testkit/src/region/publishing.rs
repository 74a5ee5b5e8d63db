//! Publishing and importing: what is sent to a node, what must become of each object, and what did.

use std::collections::BTreeSet;

use gotong_app::Priority;
use gotong_app::import::Import;
use gotong_app::publish::{Fate, Intent, Markings, Outcome, Prepared, Submission};
use gotong_model::Tlp;

use crate::breakage::Breakage;
use crate::objects::{Draft, Flavour, TYPES};
use crate::oracle::{Expected, Grown, Place, Violation, broken};
use crate::region::Region;

impl Region {
    /// Publishes a few objects; sometimes somebody else's publication comes between reading and writing.
    pub(crate) fn publish(&mut self, at: usize) -> Result<(), Violation> {
        if !self.judged(at)? {
            return Ok(());
        }
        let place = self.place(at);
        let drafts: Vec<Draft> = (0..=self.dice.below(3)).map(|_| self.draft(&place)).collect();
        let sent = self.submissions(&drafts);
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let prepared = node.prepare(&self.intent(&place), sent, &Markings::new(), false);
        let prepared = self.settle(at, prepared)?;
        self.absorb(&place, &Grown::default())?;
        let Some(prepared) = prepared else { return self.check_node(at) };
        if self.dice.chance(10) {
            self.clock.advance_ms(500);
            self.publish(at)?;
        }
        self.commit(&place, prepared, &drafts, &BTreeSet::new())
    }

    /// Imports a stream in a few batches; some objects name markings that are defined later in it, or never.
    pub(crate) fn import(&mut self, at: usize) -> Result<(), Violation> {
        if !self.judged(at)? {
            return Ok(());
        }
        let place = self.place(at);
        let mut import = Import::new(self.intent(&place));
        let definitions: Vec<String> = (0..2).map(|_| format!("marking-definition--{}", self.dice.uuid())).collect();
        let mut known = BTreeSet::new();
        let mut waiting: Vec<Draft> = Vec::new();
        for _ in 0..=self.dice.below(3) {
            let drafts = self.batch(&place, &definitions);
            known.extend(
                drafts.iter().filter(|draft| draft.object_type == "marking-definition").map(|draft| draft.id.clone()),
            );
            let mut ready = Vec::new();
            for draft in &drafts {
                let Flavour::Marked(definition) = &draft.flavour else {
                    ready.push(draft.clone());
                    continue;
                };
                let held = |author| self.held(at, author, place.channel);
                if known.contains(definition) || self.oracle.defines(at, place.channel, definition, held) {
                    known.insert(definition.clone());
                    ready.push(draft.clone());
                } else {
                    waiting.push(draft.clone());
                }
            }
            let sent = self.submissions(&drafts);
            let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
            let prepared = import.prepare(node, sent);
            if !self.commit_batch(&place, prepared, &ready, &known)? {
                return Ok(());
            }
        }
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let prepared = import.finish(node);
        self.commit_batch(&place, prepared, &waiting, &known)?;
        Ok(())
    }

    fn commit_batch(
        &mut self,
        place: &Place,
        prepared: Result<Prepared, gotong_app::NodeFault>,
        drafts: &[Draft],
        known: &BTreeSet<String>,
    ) -> Result<bool, Violation> {
        let prepared = self.settle(place.author, prepared)?;
        self.absorb(place, &Grown::default())?;
        let Some(prepared) = prepared else { return Ok(false) };
        self.commit(place, prepared, drafts, known)?;
        Ok(self.nodes[place.author].node.is_some())
    }

    /// Commits, and compares each object's fate with what was expected.
    fn commit(
        &mut self,
        place: &Place,
        prepared: Prepared,
        drafts: &[Draft],
        known: &BTreeSet<String>,
    ) -> Result<(), Violation> {
        let at = place.author;
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let mut grown = Grown::default();
        let mut expected = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let fate = self.oracle.expect(place, draft, &grown.records, |definition| known.contains(definition));
            match fate {
                Expected::New | Expected::Updated => {
                    grown.records.push((draft.clone(), self.oracle.label(place, draft)));
                }
                Expected::Quarantined => grown.quarantined.push(draft.clone()),
                _ => {}
            }
            expected.push(fate);
        }
        let outcomes = node.commit(Priority::People, prepared);
        let outcomes = self.settle(at, outcomes)?;
        let happened = match self.absorb(place, &grown) {
            Ok(happened) => happened,
            Err(violation) => {
                let fates: Vec<_> = outcomes.iter().flatten().map(|outcome| outcome.fate.word()).collect();
                let text = format!("{}; {expected:?} was expected, and came {fates:?}", violation.text);
                return broken(violation.invariant, text);
            }
        };
        let acknowledged = outcomes.is_some();
        self.note("publish", || format!("{at} {} {expected:?} acknowledged {acknowledged}", place.channel));
        if let Some(outcomes) = outcomes {
            if !happened && !grown.is_empty() {
                return broken("2", format!("{} gives receipts for what is not in its log", self.name(at)));
            }
            self.compare(place, &outcomes, &expected, drafts)?;
        }
        self.check_node(at)
    }

    pub(super) fn absorb(&mut self, place: &Place, grown: &Grown) -> Result<bool, Violation> {
        let machine = &self.nodes[place.author];
        let tx = machine.store.look();
        self.oracle.absorb_publication(tx.as_ref(), &self.founding.region, &machine.code, place, grown)
    }

    pub(super) fn compare(
        &self,
        place: &Place,
        outcomes: &[Outcome],
        expected: &[Expected],
        drafts: &[Draft],
    ) -> Result<(), Violation> {
        let name = self.name(place.author);
        if outcomes.len() != expected.len() {
            return broken("7", format!("{name}: {} objects came in, {} have a fate", expected.len(), outcomes.len()));
        }
        for ((outcome, expected), draft) in outcomes.iter().zip(expected).zip(drafts) {
            let fits = match (&outcome.fate, expected) {
                (Fate::New(_), Expected::New)
                | (Fate::Updated(_), Expected::Updated)
                | (Fate::Known(_), Expected::KnownHere) => true,
                (Fate::Known(receipt), Expected::Known(index)) => receipt.index == *index,
                (Fate::Quarantined(number, why), Expected::Quarantined) => {
                    let waits = self.oracle.quarantine.get(&(place.author, *number));
                    !why.is_empty() && waits.is_some_and(|waits| waits.draft.token == draft.token)
                }
                (Fate::Refused(why), expected) => {
                    !why.is_empty() && why.iter().all(|why| !why.text.is_empty()) && {
                        match expected {
                            Expected::Malformed => why.iter().any(|why| why.pointer.is_some()),
                            Expected::Clause => why.iter().any(|why| why.clause.is_some()),
                            // Which of several clauses is named is not the point.
                            Expected::Shut => why.iter().any(|why| why.clause.is_some() || why.id == "channel.unknown"),
                            Expected::NoChannel => why.iter().any(|why| why.id == "channel.unknown"),
                            Expected::Conflict => why.iter().any(|why| why.id == "record.conflict"),
                            Expected::Laxer => why.iter().any(|why| why.id == "label.laxer-than-before"),
                            _ => false,
                        }
                    }
                }
                _ => false,
            };
            if !fits {
                let body = String::from_utf8_lossy(&draft.body).into_owned();
                return broken(
                    "7",
                    format!("{name}: {expected:?} was expected of {body}, and came {:?}", outcome.fate),
                );
            }
            if let Some(receipt) = outcome.fate.receipt() {
                let log = &self.oracle.logs[&(place.author, place.channel)];
                let entry = usize::try_from(receipt.index).ok().and_then(|index| log.entries.get(index));
                let origin = log.id.origin(&self.founding.region).to_string();
                let same = entry.is_some_and(|entry| {
                    entry.leaf == receipt.leaf
                        && entry.record.as_ref().is_some_and(|record| record.draft.token == draft.token)
                });
                if receipt.log != origin || !same {
                    return broken(
                        "2",
                        format!("{name}: the receipt of {} names entry {}, which is another", draft.id, receipt.index),
                    );
                }
            }
        }
        Ok(())
    }

    fn intent(&self, place: &Place) -> Intent {
        Intent {
            channel: self.oracle.channels[place.channel].id,
            default_tlp: place.default_tlp,
            organisation: None,
            constituent: self.publisher(place.channel),
            pap: None,
            personal_data: None,
            purpose: Some(place.purpose.clone()),
            caller: "simulation".to_owned(),
        }
    }

    fn place(&mut self, author: usize) -> Place {
        let channels: Vec<usize> =
            (0..self.oracle.channels.len()).filter(|channel| self.reads(author, *channel, author)).collect();
        let channel = if self.dice.chance(5) || channels.is_empty() {
            self.dice.below(self.oracle.channels.len())
        } else {
            *self.dice.pick(&channels)
        };
        let labels = [None, None, Some(Tlp::Clear), Some(Tlp::Green), Some(Tlp::Amber), Some(Tlp::AmberStrict)];
        let default_tlp = *self.dice.pick(&labels);
        let purpose = format!("p{}", self.dice.token());
        let now = self.nodes[author].node.as_ref().map_or_else(Default::default, gotong_app::Node::now);
        Place { author, channel, default_tlp, purpose, now }
    }

    /// How many entries a node holds of an author's log.
    fn held(&self, at: usize, author: usize, channel: usize) -> u64 {
        let Some(log) = self.oracle.logs.get(&(author, channel)) else { return 0 };
        let tx = self.nodes[at].store.look();
        gotong_app::rows::log_by_id(tx.as_ref(), &log.id).ok().flatten().map_or(0, |row| row.size())
    }

    fn submissions(&self, drafts: &[Draft]) -> Vec<Submission> {
        let silent = self.breakage == Some(Breakage::SilentDoor);
        (1..)
            .zip(drafts)
            .filter(|(_, draft)| !silent || draft.flavour != Flavour::Malformed)
            .map(|(line, draft)| Submission { line, body: draft.body.clone() })
            .collect()
    }

    fn batch(&mut self, place: &Place, definitions: &[String]) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        for _ in 0..3 + self.dice.below(10) {
            let at = place.now;
            let draft = match self.dice.below(8) {
                0 => {
                    let id = self.dice.pick(definitions).clone();
                    Draft::statement_marking(&mut self.dice, id)
                }
                1 | 2 => {
                    let definition = self.dice.pick(definitions).clone();
                    Draft::new(&mut self.dice, "indicator", at, None).marked_by(&definition)
                }
                _ => self.draft(place),
            };
            drafts.push(draft);
        }
        drafts
    }

    /// An object: new, or in some relation to what the author has there.
    fn draft(&mut self, place: &Place) -> Draft {
        let markings = [None, None, Some(Tlp::Clear), Some(Tlp::Green), Some(Tlp::Green), Some(Tlp::Amber)];
        let marking = *self.dice.pick(&markings);
        let log = self.oracle.logs.get(&(place.author, place.channel));
        let records: Vec<&Draft> = log
            .into_iter()
            .flat_map(|log| &log.entries)
            .filter_map(|entry| Some(&entry.record.as_ref()?.draft))
            .collect();
        let records: Vec<&Draft> =
            records.into_iter().filter(|draft| draft.object_type != "marking-definition").collect();
        let old = if records.is_empty() { None } else { Some((*self.dice.pick::<&Draft>(&records)).clone()) };
        let object_type = *self.dice.pick(TYPES);
        match (self.dice.below(100), old) {
            (0..=39, _) | (50..=79, None) => Draft::new(&mut self.dice, object_type, place.now, marking),
            (40..=49, _) => Draft::malformed(&mut self.dice, place.now),
            (50..=64, Some(old)) => {
                let later =
                    gotong_model::Timestamp::from_micros(old.modified.max(place.now.micros())).unwrap_or_default();
                let modified = later.plus_ms(1 + self.dice.below(1_000) as u64);
                Draft::version(&mut self.dice, old.object_type, old.id, modified, marking)
            }
            (65..=69, Some(old)) => old,
            (70..=74, Some(old)) => old.respelled(),
            (75..=79, Some(old)) => {
                let modified = gotong_model::Timestamp::from_micros(old.modified).unwrap_or_default();
                Draft::version(&mut self.dice, old.object_type, old.id, modified, marking)
            }
            (80..=84, _) => Draft::doubtful(&mut self.dice),
            (85..=88, _) => Draft::new(&mut self.dice, object_type, place.now, Some(Tlp::Red)),
            (89..=92, _) => Draft::new(&mut self.dice, object_type, place.now, Some(Tlp::AmberStrict)),
            (93..=95, _) => {
                let definition = format!("marking-definition--{}", self.dice.uuid());
                Draft::new(&mut self.dice, "malware", place.now, None).marked_by(&definition)
            }
            _ => Draft::new(&mut self.dice, "indicator", place.now, marking),
        }
    }
}
