//! What is related to an object: through the same value, the same network, the same host, and through what refers to it or what it refers to. Answered
//! from the inverted indexes alone: no pair is ever stored, so a value that occurs everywhere costs what one page costs.
//!
//! Read next: `lookup.rs` (how postings become hits), `formats/stix21/near.rs` (what lies near a value).

use std::collections::HashSet;

use gotong_formats::stix21::{self, Near, ObservableValue};
use gotong_model::ChannelId;
use gotong_store::{Index, ReadTx};

use super::ViewFault;
use super::lookup::{Hit, found_under};
use super::record::{RecordView, read_about};
use super::scope::Scope;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::project;

/// Values of the object that are followed.
const VALUES_MAX: usize = 32;
/// Ids that the object refers to and that are looked up.
const REFERENCES_MAX: usize = 256;
/// Groups in one answer.
const GROUPS_MAX: usize = 512;

/// How two objects are related.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum How {
    /// They name the same value.
    Value,
    /// They name addresses of one network, or a network and what it holds.
    Network,
    /// They name the same host: URLs of one host, or a host and URLs on it.
    Host,
    /// The object refers to it.
    RefersTo,
    /// It refers to the object.
    ReferredBy,
}

impl How {
    /// Its word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Network => "network",
            Self::Host => "host",
            Self::RefersTo => "refers-to",
            Self::ReferredBy => "referred-by",
        }
    }
}

/// Objects that are related in one way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// How.
    pub how: How,
    /// Through what: the value, the network, the host or the id that they share.
    pub through: String,
    /// What they name themselves, where that is another value than the one shared.
    pub value: Option<String>,
    /// The objects, each in its newest version, without the one that was asked about.
    pub hits: Vec<Hit>,
    /// Whether there are more than are answered: the value occurs everywhere.
    pub more: bool,
}

/// What is related to an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// Groups, by how.
    pub groups: Vec<Group>,
    /// Whether something was left out: of the object's values, of its references, or of the groups.
    pub more: bool,
}

/// One question to an index.
struct Ask {
    how: How,
    through: String,
    value: Option<String>,
    keys: Vec<u64>,
}

/// What is related to an object that the caller may read. `None`: there is no such object for this caller.
pub fn related(node: &Node, caller: &Caller, id: &str) -> Result<Option<Related>, ViewFault> {
    related_about(node, caller, id, None)
}

/// [`related`], asked about a channel: of an exercise's, only what belongs to exercises.
pub fn related_about(
    node: &Node,
    caller: &Caller,
    id: &str,
    channel: Option<&ChannelId>,
) -> Result<Option<Related>, ViewFault> {
    let versions = read_about(node, caller, id, channel)?;
    if versions.is_empty() {
        return Ok(None);
    }
    let newest: Vec<&RecordView> = versions.iter().filter(|version| version.is_newest).collect();
    let facts: Vec<stix21::Facts> = newest.iter().filter_map(|version| stix21::read(&version.body).ok()).collect();
    let mut values: Vec<&ObservableValue> = Vec::new();
    let mut references: Vec<&str> = Vec::new();
    for facts in &facts {
        values.extend(facts.values.iter());
        references.extend(facts.refs.iter().map(String::as_str));
    }
    values.sort_unstable();
    values.dedup();
    references.sort_unstable();
    references.dedup();
    let mut more = values.len() > VALUES_MAX || references.len() > REFERENCES_MAX;
    values.truncate(VALUES_MAX);
    references.truncate(REFERENCES_MAX);
    let scope = Scope::about(node, caller, channel);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let mut groups = Vec::new();
    groups.extend(asked(&scope, tx, Index::Value, by_values(tx, &values)?)?);
    let mut by_id = Vec::new();
    for reference in references {
        let key = tx.index_key(Index::Object, reference.as_bytes());
        by_id.push(Ask { how: How::RefersTo, through: reference.to_owned(), value: None, keys: vec![key] });
    }
    groups.extend(asked(&scope, tx, Index::Object, by_id)?);
    let back =
        Ask { how: How::ReferredBy, through: id.to_owned(), value: None, keys: vec![project::refers_key(tx, id)] };
    groups.extend(asked(&scope, tx, Index::Reference, vec![back])?);
    for group in &mut groups {
        group.hits.retain(|hit| hit.id != id);
        // Keys are hashes: what is found under an id must be that id.
        if group.how == How::RefersTo {
            group.hits.retain(|hit| hit.id == group.through);
        }
    }
    groups.retain(|group| !group.hits.is_empty());
    groups.sort_by(|a, b| (a.how, &a.through, &a.value).cmp(&(b.how, &b.through, &b.value)));
    more |= groups.len() > GROUPS_MAX;
    groups.truncate(GROUPS_MAX);
    Ok(Some(Related { groups, more }))
}

/// The questions that values raise. What cannot be there is not asked about.
fn by_values(tx: &dyn ReadTx, values: &[&ObservableValue]) -> Result<Vec<Ask>, NodeFault> {
    let mut asks = Vec::new();
    let mut met = HashSet::new();
    let mut ask = |how: How, through: &str, value: Option<&str>, text: &str| -> Result<(), NodeFault> {
        let key = tx.index_key(Index::Value, text.as_bytes());
        if tx.may_have(Index::Value, key)? && met.insert(key) {
            asks.push(Ask { how, through: through.to_owned(), value: value.map(str::to_owned), keys: vec![key] });
        }
        Ok(())
    };
    for value in values {
        ask(How::Value, &value.text, None, &value.text)?;
    }
    for value in values {
        let Near { network, siblings, holders, site_key, host, host_key } = stix21::near(value);
        for holder in &holders {
            ask(How::Network, holder, Some(holder), holder)?;
        }
        if let Some(network) = &network {
            for sibling in &siblings {
                ask(How::Network, network, Some(sibling), sibling)?;
            }
            if let Some(key) = &site_key {
                ask(How::Network, network, None, key)?;
            }
        }
        if let (Some(host), Some(key)) = (&host, &host_key) {
            ask(How::Host, host, None, key)?;
        }
        if let Some(host) = &host {
            ask(How::Host, host, Some(host), host)?;
        }
    }
    Ok(asks)
}

fn asked(scope: &Scope<'_>, tx: &dyn ReadTx, index: Index, asks: Vec<Ask>) -> Result<Vec<Group>, NodeFault> {
    let keys = asks.iter().map(|ask| ask.keys.clone()).collect();
    let found = found_under(scope, tx, index, keys)?;
    let group = |(ask, (hits, more)): (Ask, (Vec<Hit>, bool))| {
        let Ask { how, through, value, .. } = ask;
        Group { how, through, value, hits, more }
    };
    Ok(asks.into_iter().zip(found).map(group).collect())
}
