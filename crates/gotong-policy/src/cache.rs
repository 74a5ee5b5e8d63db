//! Answers kept: the same question about the same governance between the same two turns is answered without asking again.
//!
//! An answer is found only by all that it depends on: governance by its generation, time by the stretch between two instants at which anything
//! about the agreement or the house rule may change. Channels of one scope share answers. Must never answer what [`crate::decide`] would not.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

use gotong_model::control::Basis;
use gotong_model::governance::{Channel, Governance};
use gotong_model::{ChannelId, MemberCode, Personal, Timestamp, Tlp};

use crate::question::{Act, Constituent, Question, ReaderClass, Row};

/// How many answers are kept; one more, and all are dropped.
const ANSWERS_MAX: usize = 65_536;

/// Answers of [`crate::decide`], without their grounds.
#[derive(Debug, Default)]
pub struct Cache {
    hasher: RandomState,
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    generation: u64,
    /// When something may change, for each scope asked about.
    turns: HashMap<ChannelId, Vec<Timestamp>>,
    /// By a hash of what was asked; what was asked is compared whole.
    answers: HashMap<u64, Vec<(Key, bool)>>,
    count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Asked {
    Publish,
    Admit,
    View,
    Act(Act),
}

/// A question as far as the answer depends on it.
#[derive(PartialEq, Eq, Hash, Debug)]
struct Lookup<'a> {
    scope: ChannelId,
    /// Between which two turns it is asked.
    stretch: usize,
    asked: Asked,
    member: &'a str,
    constituent: Option<(&'a str, bool)>,
    row: Option<(&'a str, Option<Tlp>)>,
    personal: Personal,
    basis: Option<(&'a [u8; 32], &'a [u8; 32])>,
}

#[derive(Debug)]
struct Key {
    scope: ChannelId,
    stretch: usize,
    asked: Asked,
    member: MemberCode,
    /// Of a constituent that asks: its class, and whether the channel is its own.
    constituent: Option<(Box<str>, bool)>,
    row: Option<(Box<str>, Option<Tlp>)>,
    personal: Personal,
    basis: Option<Basis>,
}

impl Key {
    fn lookup(&self) -> Lookup<'_> {
        Lookup {
            scope: self.scope,
            stretch: self.stretch,
            asked: self.asked,
            member: self.member.as_str(),
            constituent: self.constituent.as_ref().map(|(class, is_own)| (&**class, *is_own)),
            row: self.row.as_ref().map(|(kind, tlp)| (&**kind, *tlp)),
            personal: self.personal,
            basis: self.basis.as_ref().map(|basis| (basis.charter.as_bytes(), basis.agreement_hash.as_bytes())),
        }
    }
}

/// What of a question is compared.
struct Parts<'a> {
    asked: Asked,
    member: &'a MemberCode,
    constituent: Option<Constituent<'a>>,
    row: Option<Row<'a>>,
    personal: Personal,
    basis: Option<&'a Basis>,
}

fn parts<'a>(question: &Question<'a>) -> Parts<'a> {
    match *question {
        Question::Publish(subject) => {
            let row = Some(Row { kind: subject.kind, tlp: subject.tlp });
            let constituent = subject.organisation;
            Parts {
                asked: Asked::Publish,
                member: subject.member,
                constituent,
                row,
                personal: subject.personal,
                basis: None,
            }
        }
        Question::Admit { subject, basis } => {
            let row = Some(Row { kind: subject.kind, tlp: subject.tlp });
            let constituent = subject.organisation;
            Parts {
                asked: Asked::Admit,
                member: subject.member,
                constituent,
                row,
                personal: subject.personal,
                basis: Some(basis),
            }
        }
        Question::View { member, reader, row, .. } => {
            let constituent = match reader.class {
                ReaderClass::Staff => None,
                ReaderClass::Constituent(who) => Some(who),
            };
            Parts { asked: Asked::View, member, constituent, row, personal: Personal::None, basis: None }
        }
        Question::Act { member, act, row, .. } => {
            Parts { asked: Asked::Act(act), member, constituent: None, row, personal: Personal::None, basis: None }
        }
    }
}

impl Cache {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether [`crate::decide`] permits.
    pub fn permits(&self, governance: &Governance, question: &Question<'_>) -> bool {
        let id = question.channel();
        if let Question::View { reader, .. } = question
            && reader.channels.is_some_and(|channels| !channels.contains(&id))
        {
            return false;
        }
        let Some(channel) = governance.channel(&id) else { return false };
        let parts = parts(question);
        if let Some(answer) = self.lookup(governance.generation(), &channel, question.at(), &parts) {
            return answer;
        }
        let permitted = crate::decide(governance, question).permitted;
        self.keep(governance, &channel, question.at(), &parts, permitted);
        permitted
    }

    fn lookup(&self, generation: u64, channel: &Channel<'_>, at: Timestamp, parts: &Parts<'_>) -> Option<bool> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != generation {
            return None;
        }
        let lookup = lookup(channel, stretch(kept.turns.get(&channel.scope)?, at), parts);
        let found = kept.answers.get(&self.hasher.hash_one(&lookup))?.iter();
        let same = |key: &Key| key.lookup() == lookup && key.basis.as_ref() == parts.basis;
        found.rev().find(|(key, _)| same(key)).map(|(_, permitted)| *permitted)
    }

    fn keep(&self, governance: &Governance, channel: &Channel<'_>, at: Timestamp, parts: &Parts<'_>, permitted: bool) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != governance.generation() || kept.count >= ANSWERS_MAX {
            *kept = Kept { generation: governance.generation(), ..Kept::default() };
        }
        let turns = kept.turns.entry(channel.scope).or_insert_with(|| turns(governance, channel));
        let stretch = stretch(turns, at);
        let hash = self.hasher.hash_one(lookup(channel, stretch, parts));
        let key = Key {
            scope: channel.scope,
            stretch,
            asked: parts.asked,
            member: parts.member.clone(),
            constituent: parts.constituent.map(|who| (who.class.as_str().into(), is_own(channel, who))),
            row: parts.row.map(|row| (row.kind.into(), row.tlp)),
            personal: parts.personal,
            basis: parts.basis.cloned(),
        };
        kept.answers.entry(hash).or_default().push((key, permitted));
        kept.count += 1;
    }
}

fn lookup<'a>(channel: &Channel<'_>, stretch: usize, parts: &Parts<'a>) -> Lookup<'a> {
    Lookup {
        scope: channel.scope,
        stretch,
        asked: parts.asked,
        member: parts.member.as_str(),
        constituent: parts.constituent.map(|who| (who.class.as_str(), is_own(channel, who))),
        row: parts.row.map(|row| (row.kind, row.tlp)),
        personal: parts.personal,
        basis: parts.basis.map(|basis| (basis.charter.as_bytes(), basis.agreement_hash.as_bytes())),
    }
}

/// Whether a channel is that of the constituent that asks; of standing channels it says nothing.
fn is_own(channel: &Channel<'_>, who: Constituent<'_>) -> bool {
    channel.organisation.is_some_and(|owner| owner.code == *who.organisation)
}

fn stretch(turns: &[Timestamp], at: Timestamp) -> usize {
    turns.partition_point(|turn| *turn <= at)
}

/// Instants at which an answer about a channel may change, whatever the basis.
fn turns(governance: &Governance, channel: &Channel<'_>) -> Vec<Timestamp> {
    if channel.kind.is_governing() {
        return Vec::new();
    }
    let mut turns = channel.agreement.turning_points();
    let versions = channel.agreement.versions.iter().map(|version| version.terms.from);
    let from: Vec<Timestamp> = governance.charters.iter().map(|charter| charter.from).chain(versions).collect();
    let graces = channel.agreement.versions.iter().filter_map(|version| version.terms.grace_hours);
    let mut graces: Vec<u64> = graces.chain(governance.charters.iter().map(|charter| charter.grace_hours)).collect();
    graces.sort_unstable();
    graces.dedup();
    for grace in graces {
        // A version counts against a record from after its grace on, so the turn is the microsecond behind.
        let past = |from: &Timestamp| {
            let last = from.plus_ms(grace.saturating_mul(3_600_000));
            Timestamp::from_micros(last.micros().saturating_add(1)).unwrap_or(last)
        };
        turns.extend(from.iter().map(past));
    }
    turns.extend(from);
    // What constituents read of it hangs on the house rule as well.
    turns.extend(governance.houses().flat_map(|house| house.agreement.turning_points()));
    turns.sort_unstable();
    turns.dedup();
    turns
}
