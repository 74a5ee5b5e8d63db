//! Under which headings a record is listed by time. Everything of one scope and object type stands under one heading; what is in an organisation's own
//! channel stands under that channel too. So a list reads the headings that its reader may see, however much else the store holds.
//!
//! A heading is a number of 24 bits: two that share one cost a glance more, and readers tell them apart. Read next: `view/list/by_time.rs`.

use gotong_model::governance::Governance;
use gotong_model::{ChannelId, Timestamp};
use gotong_store::{Book, Fault, Index, ReadTx, WriteTx};

use crate::rows::damaged;

/// Bits of a key of [`Index::TypeTime`] below the heading: time, in units of four milliseconds since 1970, which lasts until 2109.
const TIME_BITS: u32 = 40;
const TIME_MAX: u64 = (1 << TIME_BITS) - 1;
const UNIT_MS: i64 = 4;
const TYPES: &[u8] = b"types/";

/// The headings of a channel's records.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Headings {
    /// What the channel shares with all of its type.
    pub scope: ChannelId,
    /// The channel.
    pub channel: ChannelId,
}

impl Headings {
    /// Those of a channel. One that is not known stands for itself.
    pub fn of(governance: &Governance, channel: &ChannelId) -> Self {
        let scope = governance.channel(channel).map_or(*channel, |found| found.scope);
        Self { scope, channel: *channel }
    }

    /// One, or two where the channel is one of many.
    pub fn each(self) -> impl Iterator<Item = ChannelId> {
        std::iter::once(self.scope).chain((self.scope != self.channel).then_some(self.channel))
    }
}

/// A time as keys have it.
pub fn time_of(at: Timestamp) -> u64 {
    u64::try_from(at.micros() / (1_000 * UNIT_MS)).unwrap_or(0).min(TIME_MAX)
}

/// The time in a key.
pub fn time_in(key: u64) -> u64 {
    key & TIME_MAX
}

/// The first and last key of objects of a type under a heading.
pub fn keys_of(tx: &dyn ReadTx, heading: &ChannelId, type_code: u16) -> (u64, u64) {
    let mut text = [0_u8; 34];
    let (id, code) = text.split_at_mut(32);
    id.copy_from_slice(heading.as_bytes());
    code.copy_from_slice(&type_code.to_be_bytes());
    let first = tx.index_key(Index::TypeTime, &text) & !TIME_MAX;
    (first, first | TIME_MAX)
}

/// The key of an object.
pub fn key_of(tx: &dyn ReadTx, heading: &ChannelId, type_code: u16, at: Timestamp) -> u64 {
    keys_of(tx, heading, type_code).0 | time_of(at)
}

/// The types that anything was ever listed of under a heading, ascending.
pub fn types_of(tx: &dyn ReadTx, heading: &ChannelId) -> Result<Vec<u16>, Fault> {
    let Some(bytes) = tx.fetch(Book::Meta, &types_key(heading))? else { return Ok(Vec::new()) };
    let (pairs, rest) = bytes.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
    } else {
        Err(damaged("types"))
    }
}

/// Notes types of which something is listed now.
pub fn note_types(tx: &mut dyn WriteTx, headings: Headings, types: impl IntoIterator<Item = u16>) -> Result<(), Fault> {
    let mut new: Vec<u16> = types.into_iter().collect();
    new.sort_unstable();
    new.dedup();
    if new.is_empty() {
        return Ok(());
    }
    for heading in headings.each() {
        let mut known = types_of(tx, &heading)?;
        let before = known.len();
        known.extend(&new);
        known.sort_unstable();
        known.dedup();
        if known.len() > before {
            let bytes: Vec<u8> = known.into_iter().flat_map(u16::to_be_bytes).collect();
            tx.put(Book::Meta, &types_key(&heading), &bytes)?;
        }
    }
    Ok(())
}

fn types_key(heading: &ChannelId) -> Vec<u8> {
    [TYPES, heading.as_bytes()].concat()
}
