//! What should be true: a plain model of every log, written from the promises and not from the product. It says what a publication must come to
//! before the node is asked, and what every holder of so many entries must show.
//!
//! It learns commitments and salts from the author's store, right after the act; everything else it knows by itself. Read next: `oracle/absorb.rs`.

mod absorb;

use std::collections::BTreeMap;

use gotong_crypto::Digest;
use gotong_ledger::{Frontier, Leaf};
use gotong_model::{ChannelId, LogId, Timestamp, Tlp};

pub use self::absorb::Grown;
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

/// What everyone has agreed about a channel.
#[derive(Clone, Debug)]
pub struct ChannelModel {
    /// Its id.
    pub id: ChannelId,
    /// Who reads and writes it.
    pub audience: Vec<usize>,
    /// The strictest label.
    pub ceiling: Tlp,
    /// What may be published.
    pub kinds: Vec<&'static str>,
    /// Until when.
    pub until: Option<Timestamp>,
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

    /// Records that show at the author, with their index.
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
    /// The logs, by author and channel.
    pub logs: BTreeMap<(usize, usize), LogModel>,
    /// What waits for a person, by author and number.
    pub quarantine: BTreeMap<(usize, u64), Waiting>,
    /// What waited and is gone.
    pub dropped: Vec<Draft>,
}

impl Oracle {
    /// The label of an object.
    pub fn label(&self, place: &Place, draft: &Draft) -> Tlp {
        let ceiling = self.channels[place.channel].ceiling;
        draft.marking.unwrap_or_else(|| place.default_tlp.unwrap_or(ceiling))
    }

    /// What publishing must come to; `staged` is what the same batch holds before it, `knows` says which marking definitions are known.
    pub fn expect(
        &self,
        place: &Place,
        draft: &Draft,
        staged: &[(Draft, Tlp)],
        knows: impl Fn(&str) -> bool,
    ) -> Expected {
        let channel = &self.channels[place.channel];
        if !channel.audience.contains(&place.author) {
            return Expected::NoChannel;
        }
        if channel.until.is_some_and(|until| place.now >= until) {
            return Expected::Clause;
        }
        if draft.flavour == Flavour::Malformed {
            return Expected::Malformed;
        }
        let kind = format!("stix.{}", draft.object_type);
        let label = self.label(place, draft);
        if !channel.kinds.iter().any(|known| *known == "stix" || *known == kind)
            || label > channel.ceiling
            || label == Tlp::Red
        {
            return Expected::Clause;
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
            earlier.extend(log.live().filter(|(_, record)| record.draft.id == draft.id).map(|(index, record)| {
                Earlier { index: Some(index), draft: &record.draft, label: record.label(size) }
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

    /// Live records of an author in a channel that a selection names.
    pub fn selected(&self, author: usize, channel: usize, id: &str, modified: Option<Timestamp>) -> Vec<u64> {
        let Some(log) = self.logs.get(&(author, channel)) else { return Vec::new() };
        let fits = |record: &RecordModel| {
            record.draft.id == id && modified.is_none_or(|modified| modified.micros() == record.draft.modified)
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

    /// Whether somebody's live marking definition of this id is in a channel's logs as far as a node holds them.
    pub fn defines(&self, channel: usize, id: &str, held: impl Fn(usize) -> u64) -> bool {
        self.logs.iter().filter(|((_, at), _)| *at == channel).any(|((author, _), log)| {
            let held = held(*author);
            (0..held).zip(&log.entries).any(|(_, entry)| {
                entry.record.as_ref().is_some_and(|record| {
                    record.draft.id == id
                        && record.draft.object_type == "marking-definition"
                        && record.withdrawn.is_none_or(|at| at >= held)
                })
            })
        })
    }
}
