//! Every log that a caller may know of, in a line each: how long it is, its root, how far its author has signed, when its newest entry came.

use gotong_model::{MemberCode, Timestamp};

use super::channels::{LogView, channels};
use super::scope::Scope;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows;

/// A log in a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// The channel's handle.
    pub channel: String,
    /// Whether governance travels in it.
    pub is_governance: bool,
    /// What the author is called.
    pub author_name: String,
    /// The log.
    pub log: LogView,
    /// Entries that the newest checkpoint covers.
    pub signed: Option<u64>,
    /// When its newest entry came here.
    pub newest: Option<Timestamp>,
}

impl LogLine {
    /// Whose it is.
    pub fn author(&self) -> &MemberCode {
        &self.log.author
    }
}

/// The logs of the channels that this caller may read, by channel.
pub fn logs(node: &Node, caller: &Caller) -> Result<Vec<LogLine>, NodeFault> {
    let channels = channels(node, caller)?;
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let members = &scope.governance.charter.members;
    let mut lines = Vec::new();
    for channel in channels {
        for log in channel.logs {
            let row = scope.log_of_origin(tx.as_ref(), &log.origin)?;
            let newest = match row.as_ref().zip(log.size.checked_sub(1)) {
                Some((row, last)) => rows::arrival_of(tx.as_ref(), row.no, last)?.map(|arrival| arrival.at),
                None => None,
            };
            // The second line of a checkpoint is its size; it was verified when it came.
            let size = |note: &String| note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
            lines.push(LogLine {
                channel: channel.handle.clone(),
                is_governance: channel.is_governance,
                author_name: members
                    .get(&log.author)
                    .map_or_else(|| log.author.to_string(), |m| m.english().to_owned()),
                signed: log.checkpoint.as_ref().and_then(size),
                newest,
                log,
            });
        }
    }
    Ok(lines)
}
