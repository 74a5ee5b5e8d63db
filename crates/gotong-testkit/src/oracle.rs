//! What should be true: a plain model of every log, written from the promises and not from the product. It says what a publication must come to
//! before the node is asked, and what every holder of so many entries must show.
//!
//! It learns commitments and salts from the author's store, right after the act; everything else it knows by itself. Read next: `oracle/absorb.rs`.

mod absorb;
mod knowledge;

use std::collections::BTreeMap;

use gotong_crypto::Digest;
use gotong_ledger::{Frontier, Leaf};
use gotong_model::{ChannelId, LogId, Timestamp, Tlp};

pub use self::absorb::Grown;
pub use self::knowledge::Knowledge;
use crate::law::{InForce, Law, Verdict};
use crate::objects::{Draft, Flavour};

/// A promise that was not kept.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which invariant of ARCHITECTURE.md, or what else was promised.
    pub invariant: &'static str,
    /// What was seen.
    pub text: String,
}

/// Makes a violation.
pub(crate) fn broken<T>(invariant: &'static str, text: impl Into<String>) -> Result<T, Violation> {
    Err(Violation { invariant, text: text.into() })
}

/// What opens a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// An agreement.
    Agreement(usize),
    /// A member's house rule; of an organisation's own channel with its place among [`crate::region::house::ORGANISATIONS`].
    House {
        /// Whose rule.
        member: usize,
        /// Whose own channel.
        organisation: Option<usize>,
    },
}

/// A channel.
#[derive(Clone, Debug)]
pub struct ChannelModel {
    /// Its id.
    pub id: ChannelId,
    /// What opens it.
    pub opened: Opened,
    /// Its type's name.
    pub name: &'static str,
}

/// The strictest label of a house channel; all kinds of STIX objects are taken there.
const HOUSE_CEILING: Tlp = Tlp::Amber;

/// The governance that a log names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BasisModel {
    /// The charter.
    pub charter: Digest,
    /// The version of the agreement.
    pub agreement: Digest,
    /// The newest notice of each chain.
    pub notices: Vec<Digest>,
}

/// What an envelope says of a record.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its kind with the STIX type.
    pub kind: String,
    /// Its label.
    pub label: Tlp,
    /// When.
    pub at: Timestamp,
}

/// A record.
#[derive(Clone, Debug)]
pub struct RecordModel {
    /// What was published.
    pub draft: Draft,
    /// Its labels: from an index of the log on.
    pub labels: Vec<(u64, Tlp)>,
    /// The index of the tombstone that names it.
    pub withdrawn: Option<u64>,
    /// Both salts, one behind the other.
    pub salts: [[u8; 32]; 2],
    /// The word in its envelope that occurs in no other publication.
    pub purpose: String,
    /// What its envelope says.
    pub published: Published,
    /// The index of its basis.
    pub basis: u64,
}

impl RecordModel {
    /// Its label for whoever holds so many entries.
    pub fn label(&self, size: u64) -> Tlp {
        self.labels.iter().rev().find(|(from, _)| *from < size).map_or(Tlp::Red, |(_, label)| *label)
    }
}

/// Something that waits for a person.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The channel it was meant for.
    pub channel: usize,
    /// What it is.
    pub draft: Draft,
    /// The label it would have.
    pub label: Tlp,
    /// The word in its envelope.
    pub purpose: String,
}

/// An entry.
#[derive(Clone, Debug)]
pub struct EntryModel {
    /// Its leaf.
    pub leaf: Leaf,
    /// The record, unless it is a control entry.
    pub record: Option<RecordModel>,
    /// The governance that a control entry names.
    pub basis: Option<BasisModel>,
}

/// A log as its author made it.
#[derive(Clone, Debug)]
pub struct LogModel {
    /// Which log.
    pub id: LogId,
    /// Its entries.
    pub entries: Vec<EntryModel>,
    /// The root at each size, from 0.
    pub roots: Vec<Digest>,
    /// Signing batches: size → number.
    pub batches: BTreeMap<u64, u64>,
    frontier: Frontier,
}

impl LogModel {
    fn new(id: LogId) -> Self {
        let frontier = Frontier::new();
        Self { id, entries: Vec::new(), roots: vec![frontier.root()], batches: BTreeMap::new(), frontier }
    }

    /// How many entries.
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn push(&mut self, entry: EntryModel) {
        self.frontier.push(entry.leaf.hash(), |_, _, _| {});
        self.roots.push(self.frontier.root());
        self.entries.push(entry);
    }

    /// Records that no tombstone among so many entries names, with their index.
    pub fn showing(&self, size: u64) -> impl Iterator<Item = (u64, &RecordModel)> {
        let all = (0..size).zip(&self.entries).filter_map(|(index, entry)| Some((index, entry.record.as_ref()?)));
        all.filter(move |(_, record)| record.withdrawn.is_none_or(|tombstone| tombstone >= size))
    }

    /// Records that are not withdrawn, with their index.
    pub fn live(&self) -> impl Iterator<Item = (u64, &RecordModel)> {
        (0..).zip(&self.entries).filter_map(|(index, entry)| {
            entry.record.as_ref().filter(|record| record.withdrawn.is_none()).map(|record| (index, record))
        })
    }
}

/// What a publication must come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// A new entry.
    New,
    /// A newer version.
    Updated,
    /// There already, at this index.
    Known(u64),
    /// There already, earlier in the same batch.
    KnownHere,
    /// Refused: a field is wrong.
    Malformed,
    /// Refused: a clause forbids it.
    Clause,
    /// Refused: no such channel.
    NoChannel,
    /// Refused: nothing can be published there by this member now, whatever it is.
    Shut,
    /// Refused: the same version with other content.
    Conflict,
    /// Refused: laxer than before.
    Laxer,
    /// Waits for a person.
    Quarantined,
}

/// Where and how something is published.
#[derive(Clone, Debug)]
pub struct Place {
    /// Who.
    pub author: usize,
    /// Where.
    pub channel: usize,
    /// The label of what is unmarked.
    pub default_tlp: Option<Tlp>,
    /// The word in the envelopes.
    pub purpose: String,
    /// The author's time.
    pub now: Timestamp,
}

/// The model.
#[derive(Default, Debug)]
pub struct Oracle {
    /// The channels.
    pub channels: Vec<ChannelModel>,
    /// Every document.
    pub law: Law,
    /// What each node knows of them.
    pub known: Vec<Knowledge>,
    /// The logs, by author and channel.
    pub logs: BTreeMap<(usize, usize), LogModel>,
    /// What waits for a person, by author and number.
    pub quarantine: BTreeMap<(usize, u64), Waiting>,
    /// What waited and is gone.
    pub dropped: Vec<Draft>,
}

impl Oracle {
    /// Whether a member is of a channel's audience by what a node knows; of a house channel that is its member alone.
    pub fn reads(&self, knower: usize, channel: usize, member: usize, at: Timestamp) -> bool {
        let model = &self.channels[channel];
        match model.opened {
            // A member that has left the region has no house in it.
            Opened::House { member: owner, .. } => {
                owner == member && knower == owner && self.in_force(knower).is_member(&self.law, owner, at)
            }
            Opened::Agreement(agreement) => {
                self.in_force(knower).reads(&self.law, (agreement, model.name), member, at).is_some()
            }
        }
    }

    /// What counts of governance at a node.
    pub fn in_force(&self, at: usize) -> &InForce {
        &self.known[at].in_force
    }

    /// The strictest label of a channel at a node.
    pub fn ceiling(&self, knower: usize, channel: usize, at: Timestamp) -> Tlp {
        let model = &self.channels[channel];
        match model.opened {
            Opened::House { .. } => HOUSE_CEILING,
            Opened::Agreement(agreement) => {
                let found = self.in_force(knower).channel_type(&self.law, (agreement, model.name), at);
                found.map_or(Tlp::Red, |kind| kind.ceiling)
            }
        }
    }

    /// Whether a member is or was named for a channel, by what its own node knows.
    pub fn is_concerned(&self, member: usize, channel: usize) -> bool {
        let model = &self.channels[channel];
        match model.opened {
            Opened::House { member: owner, .. } => owner == member,
            Opened::Agreement(agreement) => {
                self.in_force(member).is_concerned(&self.law, (agreement, model.name), member)
            }
        }
    }

    /// What becomes of a record at a node, by what is known there.
    pub fn verdict(&self, at: usize, (author, channel): (usize, usize), record: &RecordModel) -> Verdict {
        let model = &self.channels[channel];
        let Opened::Agreement(agreement) = model.opened else { return Verdict::Admit };
        let log = &self.logs[&(author, channel)];
        let basis = usize::try_from(record.basis).ok().and_then(|index| log.entries.get(index));
        let Some(basis) = basis.and_then(|entry| entry.basis.as_ref()) else { return Verdict::Hold };
        self.in_force(at).verdict(&self.law, (agreement, model.name), author, basis, &record.published)
    }

    /// Whether a record shows at a node that holds it and no tombstone of it.
    pub fn shows(&self, at: usize, log: (usize, usize), record: &RecordModel) -> bool {
        self.verdict(at, log, record) == Verdict::Admit
    }

    /// The label of an object.
    pub fn label(&self, place: &Place, draft: &Draft) -> Tlp {
        let ceiling = || self.ceiling(place.author, place.channel, place.now);
        draft.marking.unwrap_or_else(|| place.default_tlp.unwrap_or_else(ceiling))
    }

    /// Whether a record may be published, and whether anything may.
    fn permits(&self, place: &Place, kind: &str, label: Tlp) -> Result<(), Expected> {
        let model = &self.channels[place.channel];
        match model.opened {
            Opened::House { member, .. } if member != place.author => Err(Expected::NoChannel),
            Opened::House { .. } if label > HOUSE_CEILING => Err(Expected::Clause),
            Opened::House { .. } => Ok(()),
            Opened::Agreement(agreement) => {
                let (law, of) = (&self.law, (agreement, model.name));
                let in_force = self.in_force(place.author);
                let record = |kind: &str, label| Published { kind: kind.to_owned(), label, at: place.now };
                if in_force.writes(law, of, place.author, &record(kind, label)) {
                    return Ok(());
                }
                let kind = in_force.channel_type(law, of, place.now).and_then(|kind| kind.kinds.first().copied());
                let any = in_force.writes(law, of, place.author, &record(kind.unwrap_or("stix"), Tlp::Clear));
                Err(if any { Expected::Clause } else { Expected::Shut })
            }
        }
    }

    /// Whether publishing begins at all: a log is opened only where something may be written.
    fn is_open(&self, place: &Place) -> Result<(), Expected> {
        let model = &self.channels[place.channel];
        match model.opened {
            Opened::House { member, .. } if member != place.author => Err(Expected::NoChannel),
            // A member that has left the region has no house in it.
            Opened::House { .. } => {
                let is_member = self.in_force(place.author).is_member(&self.law, place.author, place.now);
                if is_member { Ok(()) } else { Err(Expected::Shut) }
            }
            Opened::Agreement(agreement) => {
                let is_open =
                    self.in_force(place.author).opens(&self.law, (agreement, model.name), place.author, place.now);
                if is_open { Ok(()) } else { Err(Expected::Shut) }
            }
        }
    }

    /// What publishing must come to; `staged` is what the same batch holds before it, `knows` says which marking definitions are known.
    pub fn expect(
        &self,
        place: &Place,
        draft: &Draft,
        staged: &[(Draft, Tlp)],
        knows: impl Fn(&str) -> bool,
    ) -> Expected {
        if let Err(shut) = self.is_open(place) {
            return shut;
        }
        if draft.flavour == Flavour::Malformed {
            return Expected::Malformed;
        }
        let label = self.label(place, draft);
        if label == Tlp::Red {
            return Expected::Clause;
        }
        if let Err(refused) = self.permits(place, &format!("stix.{}", draft.object_type), label) {
            return refused;
        }
        let unknown = matches!(&draft.flavour, Flavour::Marked(definition) if !knows(definition));
        if unknown || draft.flavour == Flavour::Doubtful {
            return Expected::Quarantined;
        }
        self.expect_in_log(place, draft, label, staged)
    }

    fn expect_in_log(&self, place: &Place, draft: &Draft, label: Tlp, staged: &[(Draft, Tlp)]) -> Expected {
        struct Earlier<'a> {
            index: Option<u64>,
            draft: &'a Draft,
            label: Tlp,
        }
        let mut earlier = Vec::new();
        if let Some(log) = self.logs.get(&(place.author, place.channel)) {
            let size = log.size();
            let here = (place.author, place.channel);
            let same_id = log.live().filter(|(_, record)| record.draft.id == draft.id);
            let showing = same_id.filter(|(_, record)| self.shows(place.author, here, record));
            earlier.extend(showing.map(|(index, record)| Earlier {
                index: Some(index),
                draft: &record.draft,
                label: record.label(size),
            }));
        }
        let here = staged.iter().filter(|(staged, _)| staged.id == draft.id);
        earlier.extend(here.map(|(draft, label)| Earlier { index: None, draft, label: *label }));
        let same = if draft.is_versioned {
            earlier.iter().find(|earlier| earlier.draft.modified == draft.modified)
        } else {
            earlier.last()
        };
        if let Some(same) = same {
            if same.draft.token == draft.token {
                return same.index.map_or(Expected::KnownHere, Expected::Known);
            }
            if draft.is_versioned {
                return Expected::Conflict;
            }
        }
        if earlier.iter().any(|earlier| earlier.label > label) {
            return Expected::Laxer;
        }
        if earlier.is_empty() { Expected::New } else { Expected::Updated }
    }

    /// Records of an author in a channel that a selection names: those that show, and where they are taken back also those that governance hides.
    pub fn selected(
        &self,
        (author, channel): (usize, usize),
        id: &str,
        modified: Option<Timestamp>,
        with_hidden: bool,
    ) -> Vec<u64> {
        let Some(log) = self.logs.get(&(author, channel)) else { return Vec::new() };
        let fits = |record: &RecordModel| {
            record.draft.id == id
                && (with_hidden || self.shows(author, (author, channel), record))
                && modified.is_none_or(|modified| modified.micros() == record.draft.modified)
        };
        log.live().filter(|(_, record)| fits(record)).map(|(index, _)| index).collect()
    }

    /// Numbers of what waits under an id.
    pub fn waiting(&self, author: usize, channel: usize, id: &str) -> Vec<u64> {
        let is_meant =
            |by: usize, waiting: &Waiting| by == author && waiting.channel == channel && waiting.draft.id == id;
        let found = self.quarantine.iter().filter(|((by, _), waiting)| is_meant(*by, waiting));
        found.map(|((_, number), _)| *number).collect()
    }

    /// Whether somebody's marking definition of this id shows in a channel's logs as far as a node holds them.
    pub fn defines(&self, at: usize, channel: usize, id: &str, held: impl Fn(usize) -> u64) -> bool {
        self.logs.iter().filter(|((_, of), _)| *of == channel).any(|((author, _), log)| {
            let held = held(*author);
            (0..held).zip(&log.entries).any(|(_, entry)| {
                entry.record.as_ref().is_some_and(|record| {
                    record.draft.id == id
                        && record.draft.object_type == "marking-definition"
                        && record.withdrawn.is_none_or(|index| index >= held)
                        && self.shows(at, (*author, channel), record)
                })
            })
        })
    }
}
