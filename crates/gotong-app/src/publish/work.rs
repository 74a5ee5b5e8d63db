//! From one object's bytes to what is to become of it: read, labelled, judged by the policy, salted, hashed, packed. Needs no transaction but a snapshot, and may
//! run on any thread.

use std::collections::HashMap;
use std::sync::Arc;

use gotong_formats::stix21::Facts;
use gotong_formats::warninglist::Moment;
use gotong_model::envelope::Envelope;
use gotong_model::{Personal, Timestamp, Tlp, record};
use gotong_policy::{Question, Subject, decide};
use gotong_store::{Fault, Index, ReadTx};

use super::{Intent, Item, Markings, Publication, Reading, Submission, Verdict, Why};
use crate::heading::Headings;
use crate::log;
use crate::node::Node;
use crate::project;
use crate::rows::{logs_of, standing};
use crate::warninglist::Warninglists;

/// One batch being worked on.
pub(super) struct Work<'a> {
    pub(super) node: &'a Node,
    pub(super) intent: &'a Intent,
    pub(super) tx: &'a dyn ReadTx,
    pub(super) origin: String,
    pub(super) headings: Headings,
    pub(super) published_at: Timestamp,
    pub(super) basis: u64,
    pub(super) ceiling: Tlp,
    /// One decision for each (type, label, what it holds of people): the policy never sees more of a record.
    pub(super) decisions: HashMap<(String, Tlp, Personal), Option<Vec<Why>>>,
    pub(super) markings: &'a Markings,
    pub(super) force: bool,
    pub(super) warninglists: Arc<Warninglists>,
    /// At which moments they are asked; none where a person has decided.
    pub(super) moments: &'a [Moment],
}

impl Work<'_> {
    pub(super) fn item(&mut self, reading: Reading) -> Item {
        let Reading { submission: Submission { line, body }, facts, known } = reading;
        let facts = match facts {
            Ok(facts) => facts,
            Err(faults) => {
                let why = faults.into_iter().map(Why::field).collect();
                return Item::new(line, None, Verdict::Refuse(why));
            }
        };
        let id = Some(facts.id.clone());
        let (label, unread) = self.label(&facts);
        if let Some(why) = self.refusal(&facts, label) {
            return Item::new(line, id, Verdict::Refuse(why));
        }
        if let Some(receipt) = known {
            return Item::new(line, id, Verdict::Known(receipt));
        }
        let mut why: Vec<Why> = facts.doubts.iter().map(|doubt| Why::plain(doubt.id(), doubt.text())).collect();
        why.extend(unread.map(|marking| {
            let text = format!("the marking {marking} is not known here, so nobody can say who may see this");
            Why { pointer: Some("/object_marking_refs".to_owned()), ..Why::plain("label.marking-unknown", text) }
        }));
        let told = self.warninglists.judge_object(&facts, &self.intent.channel, self.moments);
        // What cannot be looked up counts as not there: then a person decides.
        if !told.blocks.is_empty() && !self.stands(&facts).unwrap_or(false) {
            why.extend(told.blocks);
        }
        if !why.is_empty() && !self.force {
            why.extend(told.notes);
            return Item::new(line, id, Verdict::Doubt { label, body, why });
        }
        let verdict = Verdict::Publish(Box::new(self.publication(&facts, label, body)));
        Item { line, id, verdict, notes: told.notes }
    }

    /// The label that counts, and a marking that nobody can read.
    fn label(&self, facts: &Facts) -> (Tlp, Option<String>) {
        let mut marking = facts.marking;
        let mut unread = None;
        for reference in &facts.markings_unknown {
            match self.markings.get(reference) {
                Some(Some(tlp)) => marking = Some(marking.map_or(*tlp, |known| known.max(*tlp))),
                // A marking that is known and says nothing of sharing, such as a copyright statement.
                Some(None) => {}
                None => unread = Some(reference.clone()),
            }
        }
        (marking.unwrap_or_else(|| self.intent.default_tlp.unwrap_or(self.ceiling)), unread)
    }

    fn refusal(&mut self, facts: &Facts, label: Tlp) -> Option<Vec<Why>> {
        let governance = self.node.governance();
        let (member, channel, at) = (&self.node.member, self.intent.channel, self.published_at);
        let personal = self.intent.personal_data.unwrap_or(facts.personal);
        self.decisions
            .entry((facts.object_type.clone(), label, personal))
            .or_insert_with(|| {
                let kind = format!("{}.{}", record::STIX.slug, facts.object_type);
                let Some(organisation) = self.intent.asks_as(&governance) else {
                    return Some(vec![Why::plain("channel.unknown", "there is no such channel")]);
                };
                let subject = Subject { member, channel, kind: &kind, tlp: Some(label), personal, at, organisation };
                let question = Question::Publish(subject);
                // What is permitted needs no words; a batch asks the same things as the one before.
                let permitted = self.node.decisions.permits(&governance, &question);
                (!permitted).then(|| Why::clauses(&decide(&governance, &question)))
            })
            .clone()
    }

    /// Whether this version of the object stands in an own log of the channel: what was let in once, or released by a person, is not stopped when it is
    /// said again. Placing it decides whether it is the same.
    fn stands(&self, facts: &Facts) -> Result<bool, Fault> {
        let own = logs_of(self.tx, &self.intent.channel, &self.node.member)?;
        let modified = facts.modified.map_or(0, Timestamp::micros);
        let standing = standing(self.tx, &own, &facts.id)?;
        Ok(standing.iter().any(|header| header.object == facts.uuid && header.modified == modified))
    }

    fn publication(&self, facts: &Facts, label: Tlp, body: Vec<u8>) -> Publication {
        let envelope = Envelope {
            organisation: self.intent.organisation.clone(),
            pap: self.intent.pap,
            personal_data: self.intent.personal_data,
            purpose: self.intent.purpose.clone(),
            ..Envelope::stix(self.published_at, self.basis, body.len() as u64, label)
        };
        let header = project::header(facts, label);
        let postings = project::postings(self.tx, self.headings, facts, self.published_at);
        let key = self.tx.index_key(Index::Object, facts.id.as_bytes());
        let ready = log::make((&self.origin, self.node.entropy()), 0, envelope.encode(), body, header, postings);
        Publication { key, is_versioned: is_versioned(facts), label, ready }
    }
}

/// Whether `modified` makes the versions of an object; where STIX has none, the order in the log does.
fn is_versioned(facts: &Facts) -> bool {
    facts.modified.is_some() && facts.object_type != "marking-definition"
}
