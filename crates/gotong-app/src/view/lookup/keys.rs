//! Under which keys the records stand that name a value: itself, the networks that hold it and, of a network, what lies in it; of a host, the domains above it
//! and the URLs on it.
//!
//! INVARIANT: 1. How far a network is looked into hangs on what is asked alone, so that nobody learns from it what else there is.

use gotong_formats::stix21::{self, Around, Host, Lengths};
use gotong_store::{Fault, Index, ReadTx};

use crate::node::NodeFault;

/// Keys of one call that are asked for what lies in networks: two /16, or five hundred /24.
const INSIDE_KEYS_MAX: usize = 1 << 18;

/// How a record names what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// It names the value itself.
    Value,
    /// It names this network, which holds the value.
    Network(String),
    /// A network was asked for, and it names this, which lies in it.
    Within(String),
    /// It names this domain, below which the host stands.
    Domain(String),
    /// It names an URL on this host.
    Url(String),
}

impl By {
    /// Its word in answers.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Network(_) => "network",
            Self::Within(_) => "within",
            Self::Domain(_) => "domain",
            Self::Url(_) => "url",
        }
    }

    /// What the record names, where that is not the value itself.
    pub fn through(&self) -> Option<&str> {
        match self {
            Self::Value => None,
            Self::Network(text) | Self::Within(text) | Self::Domain(text) | Self::Url(text) => Some(text),
        }
    }
}

/// A key to look under.
pub(super) struct Key {
    pub(super) key: u64,
    pub(super) by: By,
}

/// What a value is looked for by.
pub(super) struct Asked {
    /// The keys of the value itself, then of the networks that hold it, narrowest first.
    pub(super) keys: Vec<Key>,
    /// The networks to look into.
    pub(super) inside: Vec<Around>,
    /// Whether it is a network that is not looked into: it is too wide, or the call has no room for more.
    pub(super) is_outside_only: bool,
}

/// The lengths of the networks that any record names, whoever may read it: what is asked for in vain costs time alone.
pub(crate) fn lengths(tx: &dyn ReadTx) -> Result<Lengths, Fault> {
    Lengths::known(|text| tx.may_have(Index::Value, tx.index_key(Index::Value, text.as_bytes())))
}

/// The room of one call for what lies in networks.
pub(crate) struct Room(usize);

impl Room {
    /// Of a new call.
    pub(crate) fn new() -> Self {
        Self(INSIDE_KEYS_MAX)
    }

    /// Whether a network may be looked into; `None` for an address, into which nothing can be looked.
    pub(crate) fn take(&mut self, around: Around) -> Option<bool> {
        match around.inside_count() {
            Some(0) => None,
            Some(count) if count <= self.0 => {
                self.0 -= count;
                Some(true)
            }
            Some(_) | None => Some(false),
        }
    }
}

/// The keys of a value as people write it, itself alone.
pub(super) fn exact(tx: &dyn ReadTx, value: &str) -> Result<Vec<Key>, NodeFault> {
    let mut keys = Vec::new();
    for text in stix21::lookup_keys(value) {
        push(tx, &text, By::Value, &mut keys)?;
    }
    Ok(keys)
}

/// What a value as people write it is looked for by.
pub(super) fn asked(tx: &dyn ReadTx, lengths: &Lengths, room: &mut Room, value: &str) -> Result<Asked, NodeFault> {
    let mut asked = Asked { keys: Vec::new(), inside: Vec::new(), is_outside_only: false };
    let mut arounds = Vec::new();
    let texts = stix21::lookup_keys(value);
    for text in &texts {
        arounds.extend(Around::of(text));
        push(tx, text, By::Value, &mut asked.keys)?;
    }
    for around in arounds {
        for holder in around.holders(lengths) {
            push(tx, &holder, By::Network(holder.clone()), &mut asked.keys)?;
        }
        match room.take(around) {
            None => {}
            Some(true) => asked.inside.push(around),
            Some(false) => asked.is_outside_only = true,
        }
    }
    // Whoever asks for an URL means this one, and not others of its host.
    let is_url = texts.iter().any(|text| text.contains("://"));
    for (text, host) in texts.iter().filter_map(|text| Some((text, Host::of(text)?))) {
        for name in host.above() {
            push(tx, name, By::Domain(name.to_owned()), &mut asked.keys)?;
        }
        if !is_url {
            push(tx, &host.urls_key(), By::Url(text.clone()), &mut asked.keys)?;
        }
    }
    Ok(asked)
}

/// Adds the key of a text, if anything may stand under it.
pub(super) fn push(tx: &dyn ReadTx, text: &str, by: By, keys: &mut Vec<Key>) -> Result<(), Fault> {
    let key = tx.index_key(Index::Value, text.as_bytes());
    if keys.iter().all(|known| known.key != key) && tx.may_have(Index::Value, key)? {
        keys.push(Key { key, by });
    }
    Ok(())
}
