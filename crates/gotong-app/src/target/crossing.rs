//! What of a channel may go to a target, in the order of addition: each record is asked about, and what may not go has its clause beside it.
//!
//! INVARIANT: 5. The agreement decides for each record whether it may go on to somebody outside, and the label bounds what it allows. Must not pass over a
//! record without counting it. Read next: `gotong_policy::outside`, `view/collection.rs` (what a channel shows).

use std::collections::HashMap;

use gotong_model::governance::Governance;
use gotong_model::{ChannelId, Timestamp, Tlp, record};
use gotong_policy::outside;
use gotong_store::Book;

use super::sent::item;
use super::state::Held;
use super::{Target, reader};
use crate::node::Node;
use crate::view::{self, CollectionQuery, ViewFault, Wanted};

/// Records looked at together.
const ROWS: usize = 500;

/// What becomes of a record on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It goes, as these bytes.
    Goes(Vec<u8>),
    /// This version is there already.
    IsThere,
    /// Its label is above what the target may have.
    Above,
    /// A clause keeps it here.
    Held(Held),
}

/// A record in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: Timestamp,
    /// When it was added, in microseconds.
    pub added: i64,
    /// What becomes of it.
    pub fate: Fate,
}

/// Records of a channel that follow each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The channel.
    pub channel: ChannelId,
    /// The records, in the order of addition.
    pub rows: Vec<Row>,
    /// Everything that was added up to here is among them or came before.
    pub upto: i64,
    /// Whether there is more behind it.
    pub more: bool,
}

/// What comes behind a time in a channel of a target.
pub fn stretch(node: &Node, target: &Target, channel: ChannelId, after: i64) -> Result<Stretch, ViewFault> {
    let caller = reader(&target.name, target.channels.clone());
    let query = CollectionQuery {
        channel,
        wanted: Wanted::default(),
        added_after: Timestamp::from_micros(after).filter(|_| after >= 0),
        next: None,
        limit: ROWS,
        with_bodies: true,
    };
    let page = view::collection(node, &caller, &query)?;
    let governance = node.governance();
    let mut judged = Judged { node, governance: &governance, channel, known: HashMap::new() };
    let tx = node.store.read()?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for found in page.rows {
        let sent = tx.fetch(Book::Meta, &item(&target.name, &found.id))?;
        let is_there = sent.is_some_and(|row| super::sent::has_version(&row, found.version));
        let kind = found.id.split_once("--").map_or(found.id.as_str(), |(kind, _)| kind);
        let fate = match judged.refusal(kind, found.label) {
            _ if found.label > target.label_max => Fate::Above,
            Some(held) => Fate::Held(held),
            None if is_there => Fate::IsThere,
            None => Fate::Goes(found.body),
        };
        rows.push(Row { id: found.id, version: found.version, added: found.added.micros(), fate });
    }
    let last = rows.last().map(|row| row.added);
    let upto = last.max(page.reached.map(Timestamp::micros)).unwrap_or(after).max(after);
    Ok(Stretch { channel, rows, upto, more: page.next.is_some() && upto > after })
}

/// Answers of the policy within one stretch: it sees no more of a record than its kind and label.
struct Judged<'a> {
    node: &'a Node,
    governance: &'a Governance,
    channel: ChannelId,
    known: HashMap<(String, Tlp), Option<Held>>,
}

impl Judged<'_> {
    fn refusal(&mut self, object_type: &str, label: Tlp) -> Option<Held> {
        let place = (object_type.to_owned(), label);
        if let Some(known) = self.known.get(&place) {
            return known.clone();
        }
        let kind = format!("{}.{object_type}", record::STIX.slug);
        let row = gotong_policy::Row { kind: &kind, tlp: Some(label) };
        let decision = outside(self.governance, &self.node.member, &self.channel, Some(row), self.node.now());
        let held = (!decision.permitted).then(|| Held::of(self.governance, &self.channel, &decision));
        self.known.insert(place, held.clone());
        held
    }
}
