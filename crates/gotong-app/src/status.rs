//! How a node is doing, from counters that every transaction keeps: cheap enough for each page view and each scrape of metrics, however much is stored.
//!
//! What it says goes beyond any one channel, so it is for whoever operates the node and never for a caller of limited scope.

use gotong_model::MemberCode;
use gotong_store::{Book, Fault, ReadTx, State, WriteTx};

use crate::node::{Node, NodeFault};
use crate::rows::{self, from_json, to_json};

const COUNTS: &[u8] = b"status/counts";

/// What is stored, counted as it changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Logs.
    pub logs: u64,
    /// Records that show.
    pub live: u64,
    /// Withdrawn and gone.
    pub erased: u64,
    /// Bodies that have not arrived.
    pub withheld: u64,
    /// Entries that break a rule.
    pub faulty: u64,
    /// Control entries.
    pub control: u64,
    /// Records that are not interpreted here.
    pub unknown: u64,
    /// Records that wait for documents to be judged by.
    #[serde(default)]
    pub held: u64,
    /// Objects that wait for a person.
    pub quarantined: u64,
}

impl Counts {
    /// The count of entries in one state.
    pub(crate) fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Live => &mut self.live,
            State::Erased => &mut self.erased,
            State::Withheld => &mut self.withheld,
            State::Faulty => &mut self.faulty,
            State::Control => &mut self.control,
            State::Unknown => &mut self.unknown,
            State::Held => &mut self.held,
        }
    }

    /// An entry goes from one state to another.
    pub(crate) fn turn(&mut self, from: State, to: State) {
        let before = self.of(from);
        *before = before.saturating_sub(1);
        *self.of(to) += 1;
    }

    /// Entries in all.
    pub fn entries(&self) -> u64 {
        self.live + self.erased + self.withheld + self.faulty + self.control + self.unknown + self.held
    }
}

/// The counters of a snapshot.
pub fn counts(tx: &dyn ReadTx) -> Result<Counts, Fault> {
    tx.fetch(Book::Meta, COUNTS)?.map_or(Ok(Counts::default()), |bytes| from_json(&bytes, "counters"))
}

/// Changes the counters, in the transaction of what they count.
pub(crate) fn change(tx: &mut dyn WriteTx, with: impl FnOnce(&mut Counts)) -> Result<(), Fault> {
    let mut counts = counts(tx)?;
    with(&mut counts);
    tx.put(Book::Meta, COUNTS, &to_json(&counts))
}

/// How a node is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeStatus {
    /// The region's id.
    pub region: String,
    /// The same as words.
    pub region_words: String,
    /// The region's name in English.
    pub region_name: String,
    /// Whose node it is.
    pub member: MemberCode,
    /// Its name.
    pub name: String,
    /// What is stored.
    pub counts: Counts,
    /// Position of the newest arrival.
    pub head: u64,
    /// Position up to which everything is on the disk twice and may be seen outside.
    pub released: u64,
    /// Whether it was restored from an older state and does not sign.
    pub restored: bool,
    /// How far the indexes are behind the logs, in arrivals.
    pub projection_lag: u64,
    /// Bytes on disk.
    pub store_bytes: u64,
    /// Agreements known.
    pub agreements: usize,
    /// Channels that this member is of the audience of.
    pub channels: usize,
    /// The newest backup that was made.
    pub backup: Option<crate::backup::Made>,
    /// The node's clock.
    pub now: gotong_model::Timestamp,
}

/// How this node is doing; a handful of single reads.
pub fn node(node: &Node) -> Result<NodeStatus, NodeFault> {
    let governance = node.governance();
    let (counts, head, backup) = {
        let tx = node.store.read()?;
        (counts(tx.as_ref())?, rows::head(tx.as_ref())?, crate::backup::newest(tx.as_ref())?)
    };
    let is_ours =
        |channel: &gotong_model::governance::Channel<'_>| channel.channel_type.audience.contains(&node.member);
    Ok(NodeStatus {
        region: governance.region.to_string(),
        region_words: governance.region.to_words(),
        region_name: governance.charter.name.get("en").cloned().unwrap_or_default(),
        member: node.member.clone(),
        name: node.name.clone(),
        counts,
        head,
        released: node.sequencer.released(),
        restored: node.is_restored(),
        projection_lag: node.projection_lag()?,
        store_bytes: node.store.bytes_on_disk(),
        agreements: governance.agreements.len(),
        channels: governance.channels().filter(is_ours).count(),
        backup,
        now: node.now(),
    })
}
