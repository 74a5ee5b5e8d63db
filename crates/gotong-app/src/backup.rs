//! Backups: the store's file as it is at one moment, with size and root of every log at that moment, and the note of when the newest was made.
//!
//! What goes around the file (keys, configuration, encryption) is the program's. A restored store signs nothing ([`crate::sequencer`]); nothing here
//! may soften that, so the checkpoint file is never part of a backup.

use gotong_crypto::Digest;
use gotong_model::{RegionId, Timestamp};
use gotong_store::{Book, Fault, ReadTx, Still, Store};
use serde::{Deserialize, Serialize};

use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::rows::{self, from_json, to_json};

const NEWEST: &[u8] = b"backup/newest";
/// Logs read at a time.
const CHUNK: usize = 1_024;
/// After so many days somebody is told to make another.
pub const OLD_DAYS: u64 = 7;
const DAY_US: i64 = 86_400_000_000;

/// Size and root of one log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LogHead {
    /// Which log.
    pub origin: String,
    /// Its entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// A store that stands still, and what is in it.
pub struct Shot<'s> {
    /// Every log.
    pub logs: Vec<LogHead>,
    /// The file.
    pub still: Box<dyn Still + 's>,
}

/// Has the store stand still until the answer is dropped; the node goes on meanwhile.
pub fn shot(node: &Node) -> Result<Shot<'_>, NodeFault> {
    let region = node.governance().region;
    let mut logs = Vec::new();
    let still = node.store.still(&mut |tx| {
        logs = heads(tx, &region)?;
        Ok(())
    })?;
    Ok(Shot { logs, still })
}

/// Size and root of every log, by name.
pub fn heads(tx: &dyn ReadTx, region: &RegionId) -> Result<Vec<LogHead>, Fault> {
    let mut heads = Vec::new();
    let mut from = Vec::new();
    loop {
        let chunk = tx.scan(Book::Log, &from, &[], CHUNK)?;
        let Some((last, _)) = chunk.last() else { break };
        from = [last.as_slice(), &[0]].concat();
        for (key, _) in chunk {
            let no = <[u8; 4]>::try_from(key.as_slice()).map_err(|_| rows::damaged("logs"))?;
            let no = gotong_store::LogNo(u32::from_be_bytes(no));
            let row = rows::log_by_no(tx, no)?.ok_or_else(|| rows::damaged("logs"))?;
            let origin = row.id.origin(region).to_string();
            heads.push(LogHead { origin, size: row.size(), root: row.frontier.root() });
        }
    }
    heads.sort();
    Ok(heads)
}

/// The same of a store that no node has open.
pub fn heads_of(store: &dyn Store, region: &RegionId) -> Result<Vec<LogHead>, NodeFault> {
    Ok(heads(store.read()?.as_ref(), region)?)
}

/// The newest backup that was finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Made {
    at: i64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Made {
    /// When.
    pub fn at(&self) -> Option<Timestamp> {
        Timestamp::from_micros(self.at)
    }

    /// How long ago; nothing where the clock was set back since.
    pub fn age_s(&self, now: Timestamp) -> u64 {
        u64::try_from(now.micros().saturating_sub(self.at)).unwrap_or(0) / 1_000_000
    }

    /// Whole days since.
    pub fn age_days(&self, now: Timestamp) -> u64 {
        u64::try_from(now.micros().saturating_sub(self.at) / DAY_US).unwrap_or(0)
    }
}

/// The newest backup that was made of a store.
pub fn newest(tx: &dyn ReadTx) -> Result<Option<Made>, Fault> {
    tx.fetch(Book::Meta, NEWEST)?.map(|bytes| from_json(&bytes, "backups")).transpose()
}

/// Notes that a backup is whole and in its place. `at` is the moment that it shows.
pub fn note(node: &Node, at: Timestamp, bytes: u64) -> Result<(), NodeFault> {
    let made = Made { at: at.min(node.now()).micros(), bytes };
    node.transact(Priority::People, |writing| Ok(writing.tx.put(Book::Meta, NEWEST, &to_json(&made))?))
}
