//! What a foreign format says again: a list, a table or a text has no versions of its own, so the objects made from it carry the time of their reading. The
//! same line read tomorrow is no news, and a line that changed is a newer version of the object that it made before.

use gotong_formats::stix21;
use gotong_ledger::Leaf;
use gotong_model::ChannelId;
use gotong_store::{Index, ReadTx, State};

use crate::node::{Node, NodeFault};
use crate::publish::{Reading, Receipt};
use crate::rows;

/// Entries of one id that are looked at: the newest of so many counts.
const ENTRIES_MAX: usize = 256;

/// Settles an object against the newest version of it in one's own logs of a channel: the same but for its times is known, and what differs keeps the time
/// at which it was first created (STIX 2.1 section 3.2).
pub(super) fn settle(
    node: &Node,
    tx: &dyn ReadTx,
    channel: &ChannelId,
    reading: Reading,
) -> Result<Reading, NodeFault> {
    let Ok(facts) = &reading.facts else { return Ok(reading) };
    if facts.modified.is_none() {
        return Ok(reading);
    }
    let key = tx.index_key(Index::Object, facts.id.as_bytes());
    if !tx.may_have(Index::Object, key)? {
        return Ok(reading);
    }
    let own = rows::logs_of(tx, channel, &node.member)?;
    let keys = tx.postings(Index::Object, key, None, ENTRIES_MAX)?;
    let newest = keys
        .iter()
        .zip(tx.headers(&keys)?)
        .filter_map(|(entry, header)| Some((*entry, header?)))
        .filter(|(entry, header)| {
            header.state == State::Live && header.object == facts.uuid && own.iter().any(|row| row.no == entry.log())
        })
        .max_by_key(|(entry, header)| (header.modified, entry.index()));
    let Some((entry, _)) = newest else { return Ok(reading) };
    let Some(stored) = tx.entry(entry)? else { return Ok(reading) };
    let Some(content) = stored.open()? else { return Ok(reading) };
    match stix21::said_again(&content.body, &reading.submission.body) {
        stix21::SaidAgain::Same => {
            let log = own.iter().find(|row| row.no == entry.log());
            let origin = log.map(|row| row.id.origin(&node.governance().region).to_string()).unwrap_or_default();
            let leaf = Leaf { flags: stored.flags, commitment: stored.commitment };
            let receipt = Receipt { log: origin, index: entry.index(), leaf };
            Ok(Reading { known: Some(receipt), ..reading })
        }
        stix21::SaidAgain::Other(body) => {
            let line = reading.submission.line;
            Ok(Reading::of(crate::publish::Submission { line, body }))
        }
        stix21::SaidAgain::Unlike => Ok(reading),
    }
}
