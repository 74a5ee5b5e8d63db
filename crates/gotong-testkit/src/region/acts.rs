//! Withdrawing, relabelling and finishing erasures: what is asked of a node, what must come of it, and what did.

use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_model::control::Reason;
use gotong_model::{Timestamp, Tlp};

use crate::oracle::{Violation, broken};
use crate::region::Region;

/// What is to be done with the records of some ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Withdraw(Reason),
    Relabel(Tlp),
}

impl Region {
    /// Withdraws something, or tries to.
    pub(crate) fn withdraw(&mut self, at: usize) -> Result<(), Violation> {
        let reason = *self.dice.pick(Reason::ALL);
        self.act(at, Act::Withdraw(reason))
    }

    /// Relabels something, or tries to.
    pub(crate) fn relabel(&mut self, at: usize) -> Result<(), Violation> {
        let label = *self.dice.pick(&Tlp::ALL);
        self.act(at, Act::Relabel(label))
    }

    fn act(&mut self, at: usize, act: Act) -> Result<(), Violation> {
        let channel = self.dice.below(self.oracle.channels.len());
        let (ids, modified) = self.some_ids(at, channel);
        if self.dice.chance(40) {
            // Somebody's answer is on its way while this happens.
            let reader = self.dice.below(self.nodes.len());
            self.ask_slowly_for(reader, at, channel)?;
        }
        if !self.judged(at)? {
            return Ok(());
        }
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let model = &self.oracle.channels[channel];
        let selection = Selection {
            channel: model.id,
            ids: ids.clone(),
            modified,
            constituent: None,
            caller: "simulation".to_owned(),
        };
        let ceiling = self.oracle.ceiling(at, channel, self.now_of(at));
        let withdraws = matches!(act, Act::Withdraw(_)) || matches!(act, Act::Relabel(tlp) if tlp > ceiling);
        let is_outside = !self.oracle.is_concerned(at, channel);
        let answers = match act {
            Act::Withdraw(reason) => node.withdraw(&selection, reason),
            Act::Relabel(tlp) => node.relabel(&selection, tlp),
        };
        let answers = self.settle(at, answers)?;
        let mut targets = Vec::new();
        let mut dropped = Vec::new();
        let mut expected = Vec::new();
        for id in &ids {
            let entries = self.oracle.selected((at, channel), id, modified, withdraws);
            let waiting = if withdraws { self.oracle.waiting(at, channel, id) } else { Vec::new() };
            expected.push((entries.len() as u64, waiting.len() as u64));
            targets.extend(entries);
            dropped.extend(waiting);
        }
        if is_outside {
            (targets, dropped) = (Vec::new(), Vec::new());
        }
        let (index, happened) = {
            let member = self.nodes[at].code.clone();
            let store = &self.nodes[at].store;
            self.oracle.absorb_control(store.look().as_ref(), &member, (at, channel), &targets, &dropped)?
        };
        if let Some(index) = index {
            for record in self.oracle.records_mut((at, channel), &targets) {
                match act {
                    Act::Relabel(tlp) if !withdraws => {
                        record.labels.push((index, record.draft.marking.map_or(tlp, |own| own.max(tlp))));
                    }
                    _ => record.withdrawn = Some(index),
                }
            }
        }
        self.note(if withdraws { "withdraw" } else { "relabel" }, || {
            format!("{at} {channel} {act:?} {ids:?} at {index:?}")
        });
        if let Some(answers) = answers {
            let empty = targets.is_empty() && dropped.is_empty();
            if !happened && !empty {
                return broken("4", format!("{} says that it has done what it has not", self.name(at)));
            }
            for ((id, answer), (entries, quarantined)) in answers.iter().zip(&expected) {
                let fits = match answer {
                    Withdrawn::Refused(why) => is_outside && why.iter().any(|why| why.id == "channel.unknown"),
                    _ if is_outside => false,
                    Withdrawn::NotFound => (*entries, *quarantined) == (0, 0),
                    Withdrawn::Done { entries: e, quarantined: q, at: place, .. } => {
                        (e, q) == (entries, quarantined) && *place == index.filter(|_| *entries > 0)
                    }
                };
                if !fits {
                    let text = format!(
                        "{entries} entries and {quarantined} quarantined of {id} were meant, the answer is {answer:?}"
                    );
                    return broken("4", format!("{}: {text}", self.name(at)));
                }
            }
            if answers.len() != ids.len() {
                return broken("7", "an id without an answer");
            }
        }
        if self.dice.chance(40) {
            self.finish_erasures(at)?;
        }
        self.check_node(at)
    }

    /// Ids to act on: mostly of something that is there, sometimes of nothing; sometimes one version only.
    fn some_ids(&mut self, at: usize, channel: usize) -> (Vec<String>, Option<Timestamp>) {
        let mut ids: Vec<String> = Vec::new();
        let mut modified = None;
        for _ in 0..=self.dice.below(3) {
            let live: Vec<_> = match self.oracle.logs.get(&(at, channel)) {
                Some(log) => {
                    log.live().filter(|(_, record)| record.draft.object_type != "marking-definition").collect()
                }
                None => Vec::new(),
            };
            let meant = |by: usize, to: usize| by == at && to == channel;
            let waiting: Vec<_> =
                self.oracle.quarantine.iter().filter(|((by, _), waits)| meant(*by, waits.channel)).collect();
            let id = match self.dice.below(10) {
                0 => format!("indicator--{}", self.dice.uuid()),
                1 | 2 if !waiting.is_empty() => self.dice.pick(&waiting).1.draft.id.clone(),
                _ if !live.is_empty() => {
                    let draft = &self.dice.pick(&live).1.draft;
                    if draft.is_versioned && modified.is_none() && self.dice.chance(20) {
                        modified = Timestamp::from_micros(draft.modified);
                    }
                    draft.id.clone()
                }
                _ => format!("malware--{}", self.dice.uuid()),
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        (ids, modified)
    }

    /// Carries out and wipes what tombstones demand.
    pub(crate) fn finish_erasures(&mut self, at: usize) -> Result<(), Violation> {
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(()) };
        let finished = node.finish_erasures();
        self.settle(at, finished)?;
        self.check_node(at)
    }
}
