//! Who has seen something: sightings of an id, counted for each author and channel. Bodies are not opened.

use std::collections::{BTreeMap, HashSet};

use gotong_formats::stix21;
use gotong_model::{ChannelId, MemberCode, Timestamp};
use gotong_store::Index;

use super::scope::Scope;
use super::versions::{modified_of, visit};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};

/// Sightings by one author in one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SightingCount {
    /// Who reports.
    pub author: MemberCode,
    /// Where.
    pub channel: ChannelId,
    /// The channel's handle.
    pub channel_handle: String,
    /// How many sighting objects; versions of one count once.
    pub sightings: u64,
    /// The newest of their times.
    pub latest: Option<Timestamp>,
}

/// Sightings of an id that this caller may read, by author and channel.
pub fn sightings(node: &Node, caller: &Caller, id: &str) -> Result<Vec<SightingCount>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let code = stix21::type_code("sighting");
    let mut counts: BTreeMap<(MemberCode, ChannelId), SightingCount> = BTreeMap::new();
    let mut met = HashSet::new();
    visit(&scope, tx.as_ref(), (Index::Reference, id), |version| {
        if version.header.type_code != code {
            return Ok(true);
        }
        let log = &version.log.id;
        let place = (log.author.clone(), log.channel);
        let count = counts.entry(place.clone()).or_insert_with(|| SightingCount {
            author: log.author.clone(),
            channel: log.channel,
            channel_handle: version.log.handle.to_string(),
            sightings: 0,
            latest: None,
        });
        count.latest = count.latest.max(modified_of(&version.header));
        if met.insert((place, version.header.object)) {
            count.sightings += 1;
        }
        Ok(true)
    })?;
    Ok(counts.into_values().collect())
}
