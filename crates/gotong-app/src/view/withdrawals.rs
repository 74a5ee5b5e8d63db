//! What was withdrawn in a channel: ranges with their reasons, and who has erased them. Never what stood there.

use gotong_model::control::Reason;
use gotong_model::envelope::Envelope;
use gotong_model::{ChannelId, LogId, MemberCode, Timestamp};
use gotong_store::{Book, EntryKey, LogNo, ReadTx};

use super::record::origin_of;
use super::scope::Scope;
use crate::acknowledge;
use crate::caller::Caller;
use crate::interval;
use crate::node::{Node, NodeFault};
use crate::rows;

/// Ranges in one answer.
const ROWS_MAX: usize = 10_000;

/// The entry that withdraws.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tombstoned {
    /// The log it stands in.
    pub origin: String,
    /// Its index there.
    pub index: u64,
    /// Why.
    pub reason: Reason,
    /// When it was published.
    pub at: Option<Timestamp>,
}

/// Who says that everything withdrawn up to a tombstone is erased. Only the author hears of all; others know of their own acknowledgement.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gone {
    /// Members whose acknowledgement covers it, by code.
    pub at: Vec<MemberCode>,
    /// Members of the audience of whom that is not known.
    pub waiting_for: Vec<MemberCode>,
}

/// Entries withdrawn together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawal {
    /// Whose they were.
    pub author: MemberCode,
    /// The log they stood in.
    pub origin: String,
    /// The first index.
    pub first: u64,
    /// The last index.
    pub last: u64,
    /// By what.
    pub by: Tombstoned,
    /// Who has erased them.
    pub gone: Gone,
}

/// The withdrawals of a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawals {
    /// By author, epoch and index.
    pub rows: Vec<Withdrawal>,
    /// Whether there are more than are answered.
    pub more: bool,
}

/// What was withdrawn in a channel. `None`: no such channel for this caller.
pub fn withdrawals(node: &Node, caller: &Caller, channel: &ChannelId) -> Result<Option<Withdrawals>, NodeFault> {
    let scope = Scope::new(node, caller);
    if scope.channel(channel).is_none() {
        return Ok(None);
    }
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let mut found = interval::in_channel(tx, Book::Tombstone, channel, ROWS_MAX + 1)?;
    let more = found.len() > ROWS_MAX;
    found.truncate(ROWS_MAX);
    let mut rows = Vec::with_capacity(found.len());
    let mut last: Option<(LogNo, u64, Option<Timestamp>, Gone)> = None;
    for (author, range, cause) in found {
        let id = LogId { channel: *channel, author: author.clone(), epoch: range.epoch };
        // One tombstone names many ranges, and they mostly lie side by side.
        let (at, known) = match &last {
            Some((log, index, at, known)) if (*log, *index) == (cause.log, cause.index) => (*at, known.clone()),
            _ => {
                let at = published_at(tx, EntryKey::new(cause.log, cause.index))?;
                (at, gone(&scope, tx, cause.log, cause.index)?)
            }
        };
        last = Some((cause.log, cause.index, at, known.clone()));
        let reason = Reason::ALL.get(usize::from(cause.word)).copied().unwrap_or(Reason::Other);
        rows.push(Withdrawal {
            author,
            origin: id.origin(&scope.governance.region).to_string(),
            first: range.first,
            last: range.last,
            by: Tombstoned { origin: origin_of(&scope, tx, cause.log)?, index: cause.index, reason, at },
            gone: known,
        });
    }
    Ok(Some(Withdrawals { rows, more }))
}

fn published_at(tx: &dyn ReadTx, entry: EntryKey) -> Result<Option<Timestamp>, NodeFault> {
    let content = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten();
    Ok(content.and_then(|content| Envelope::parse(&content.envelope, true).ok()).map(|envelope| envelope.published_at))
}

/// Who has carried out the tombstone at this place.
pub(crate) fn gone(scope: &Scope<'_>, tx: &dyn ReadTx, log: LogNo, index: u64) -> Result<Gone, NodeFault> {
    let Some(row) = rows::log_by_no(tx, log)? else { return Ok(Gone::default()) };
    let Some(channel) = scope.channel(&row.id.channel) else { return Ok(Gone::default()) };
    let known = acknowledge::known(scope.node, tx, log)?;
    let has = |member: &MemberCode| known.iter().any(|(ack, _)| ack.member == *member && ack.erased > index);
    let others = channel.channel_type.audience.iter().filter(|member| **member != row.id.author);
    let (at, waiting_for) = others.cloned().partition(has);
    Ok(Gone { at, waiting_for })
}
