//! Where an entry stands, as its reader may know it. Whoever reads channels whole, which is the member's staff, is told the log and the index in it. An
//! organisation is told neither: of two indexes the difference is the number of entries between them, seen or not. It gets a name that is the same
//! each time, means nothing, and has no order.
//!
//! INVARIANT: 1. No other code may decide whether an index is told; every view and every receipt asks here. Read next: `scope.rs`, ADR 0006.

use std::sync::Arc;

use crate::caller::Caller;
use crate::node::Node;

/// Characters of a name: 130 bits of a digest.
const NAME_CHARS: usize = 26;

/// Where an entry stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// At this index of this log.
    Open {
        /// The log's origin.
        origin: Arc<str>,
        /// The index in it.
        index: u64,
    },
    /// Somewhere: the organisation that is told so knows it again by this.
    Named(String),
}

impl Place {
    /// The place of an entry, as this caller is told it.
    pub fn told(node: &Node, caller: &Caller, origin: &Arc<str>, index: u64) -> Self {
        match named(node, caller, origin, index) {
            None => Self::Open { origin: Arc::clone(origin), index },
            Some(name) => Self::Named(name),
        }
    }
    /// The log and the index, where they are told.
    pub fn open(&self) -> Option<(&str, u64)> {
        match self {
            Self::Open { origin, index } => Some((origin, *index)),
            Self::Named(_) => None,
        }
    }

    /// The log, the index and the name: what is told of them.
    pub fn into_parts(self) -> Parts {
        match self {
            Self::Open { origin, index } => (Some(origin.to_string()), Some(index), None),
            Self::Named(name) => (None, None, Some(name)),
        }
    }

    /// The same of an entry that the caller has just made: what a receipt tells.
    pub fn of_receipt(node: &Node, caller: &Caller, origin: String, index: u64) -> Parts {
        match named(node, caller, &origin, index) {
            None => (Some(origin), Some(index), None),
            Some(name) => (None, None, Some(name)),
        }
    }
}

/// A log's origin and an index in it, or else a name.
pub(crate) type Parts = (Option<String>, Option<u64>, Option<String>);

/// What an organisation is told in place of a log and an index; `None`: the caller is of the staff, and is told these.
fn named(node: &Node, caller: &Caller, origin: &str, index: u64) -> Option<String> {
    let organisation = caller.constituent.as_ref()?;
    // One name for all tokens and people of an organisation: they may put together what they know. Another organisation's is another.
    let parts: [&[u8]; 3] = [organisation.as_str().as_bytes(), origin.as_bytes(), &index.to_be_bytes()];
    let digest = node.secret_digest("gotong/v0/place-name", &parts).to_text();
    Some(digest.chars().take(NAME_CHARS).collect())
}
