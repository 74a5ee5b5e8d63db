//! A person decides on what waits: releases it, or drops it.

use gotong_app::caller::Caller;
use gotong_app::quarantine;
use gotong_store::Book;

use crate::objects::{Draft, Flavour};
use crate::oracle::{Expected, Grown, Place, Violation, Waiting, broken};
use crate::region::Region;

impl Region {
    /// Decides on something that waits at a node.
    pub(crate) fn decide(&mut self, at: usize) -> Result<(), Violation> {
        let numbers: Vec<u64> =
            self.oracle.quarantine.keys().filter(|(by, _)| *by == at).map(|(_, number)| *number).collect();
        if numbers.is_empty() || self.nodes[at].node.is_none() {
            return self.publish(at);
        }
        let number = *self.dice.pick(&numbers);
        if self.dice.chance(60) { self.release(at, number) } else { self.drop_one(at, number) }
    }

    fn release(&mut self, at: usize, number: u64) -> Result<(), Violation> {
        if !self.judged(at)? {
            return Ok(());
        }
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let Waiting { channel, draft, label, purpose } = self.oracle.quarantine[&(at, number)].clone();
        let place = Place { author: at, channel, default_tlp: Some(label), purpose, now: node.now() };
        let decided = Draft { flavour: Flavour::Good, ..draft.clone() };
        let expected = self.oracle.expect(&place, &decided, &[], |_| true);
        let mut grown = Grown::default();
        if matches!(expected, Expected::New | Expected::Updated) {
            grown.records.push((draft.clone(), label));
        }
        let outcome = quarantine::release(node, &Caller::operator(), number);
        let outcome = self.settle(at, outcome)?;
        let happened = self.absorb(&place, &grown)?;
        let is_gone = self.is_gone(at, number);
        let word = format!("{at} {number} {expected:?} happened {happened}");
        self.note("release", || word);
        let leaves = matches!(expected, Expected::New | Expected::Updated | Expected::Known(_));
        if let Some(outcome) = outcome {
            let Some(outcome) = outcome else {
                if !self.reads(at, channel, at) {
                    return Ok(());
                }
                return broken("7", format!("{} does not know what waits there", self.name(at)));
            };
            self.compare(&place, &[outcome], &[expected], &[draft])?;
            if is_gone != leaves {
                return broken(
                    "7",
                    format!("{}: what was released waits still, or what was refused does not", self.name(at)),
                );
            }
        }
        if happened != (is_gone && !grown.records.is_empty()) {
            return broken("2", format!("{}: in the log and in quarantine, or in neither", self.name(at)));
        }
        if is_gone {
            self.oracle.dropped.extend(self.oracle.quarantine.remove(&(at, number)).map(|waiting| waiting.draft));
        }
        self.check_node(at)
    }

    fn drop_one(&mut self, at: usize, number: u64) -> Result<(), Violation> {
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let dropped = quarantine::drop(node, &Caller::operator(), number);
        let dropped = self.settle(at, dropped)?;
        let is_gone = self.is_gone(at, number);
        let channel = self.oracle.quarantine[&(at, number)].channel;
        // Of a channel in which its member has no part any more it may not know.
        let may_know = self.reads(at, channel, at);
        if dropped.is_some_and(|dropped| if dropped { !is_gone } else { is_gone || may_know }) {
            return broken("7", format!("{} does not drop what waits there", self.name(at)));
        }
        if is_gone {
            self.oracle.dropped.extend(self.oracle.quarantine.remove(&(at, number)).map(|waiting| waiting.draft));
        }
        self.note("drop", || format!("{at} {number} {is_gone}"));
        self.check_node(at)
    }

    fn is_gone(&self, at: usize, number: u64) -> bool {
        let row = self.nodes[at].store.look().fetch(Book::Quarantine, &number.to_be_bytes());
        row.is_ok_and(|row| row.is_none())
    }
}
