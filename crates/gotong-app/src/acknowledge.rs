//! Acknowledgements: what this node has applied of others' logs, and what others say they have applied of ours (`docs/protocol.md` section 10).

use gotong_ledger::root_at;
use gotong_model::acknowledgement::Acknowledgement;
use gotong_model::{MemberCode, Timestamp};
use gotong_store::{Book, Fault, LogNo, ReadTx, WriteTx};

use crate::erase;
use crate::gate::Priority;
use crate::log::peer_key;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow, damaged, prefix_end};
use crate::tree::StoredTree;

/// How far an acknowledgement's clock may be ahead of ours.
const AHEAD_MS: u64 = 300_000;

fn due_prefix(author: &MemberCode) -> Vec<u8> {
    [b"ack/due/", author.as_str().as_bytes(), &[0]].concat()
}

/// A log has something new to acknowledge to its author.
pub(crate) fn make_due(tx: &mut dyn WriteTx, author: &MemberCode, log: LogNo) -> Result<(), Fault> {
    tx.put(Book::Meta, &[due_prefix(author).as_slice(), &log.0.to_be_bytes()].concat(), &[])
}

fn ack_key(log: LogNo, member: &MemberCode) -> Vec<u8> {
    [&log.0.to_be_bytes(), member.as_str().as_bytes()].concat()
}

/// Acknowledgements known of a log, as signed, with what they say.
pub fn known(node: &Node, tx: &dyn ReadTx, log: LogNo) -> Result<Vec<(Acknowledgement, String)>, NodeFault> {
    let prefix = log.0.to_be_bytes();
    let region = node.governance().region;
    let mut found = Vec::new();
    for (_, note) in tx.scan(Book::Acknowledgement, &prefix, &prefix_end(&prefix), 4_096)? {
        let (acknowledgement, _) = Acknowledgement::open(&note, &region)?;
        found.push((acknowledgement, String::from_utf8(note).map_err(|_| damaged("acknowledgements"))?));
    }
    Ok(found)
}

/// An acknowledgement of another author's log, held here, is told to that author when it asks.
fn pass_on(tx: &mut dyn WriteTx, log: &LogRow, member: &MemberCode) -> Result<(), Fault> {
    tx.put(Book::PeerLog, &peer_key(&log.id.author, b'a', &ack_key(log.no, member)), &[])
}

impl Node {
    /// Signs what is due to an author, at most so many. They stay due until [`Node::acknowledged`].
    pub fn due_acknowledgements(&self, author: &MemberCode, most: usize) -> Result<Vec<(LogNo, String)>, NodeFault> {
        let prefix = due_prefix(author);
        let rows = {
            let tx = self.store.read()?;
            let mut rows = Vec::new();
            for (key, _) in tx.scan(Book::Meta, &prefix, &prefix_end(&prefix), most)? {
                let log = key.strip_prefix(prefix.as_slice()).and_then(|rest| <[u8; 4]>::try_from(rest).ok());
                let log = LogNo(u32::from_be_bytes(log.ok_or_else(|| damaged("acknowledgements"))?));
                rows.push(self.acknowledgement(tx.as_ref(), log)?);
            }
            rows
        };
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let region = self.governance().region;
        let mut signed = Vec::new();
        for (log, acknowledgement) in rows.into_iter().flatten() {
            signed.push((log, acknowledgement.sign(&region, &self.node_key)));
        }
        self.transact(Priority::People, |writing| {
            for (log, note) in &signed {
                writing.tx.put(Book::Acknowledgement, &ack_key(*log, &self.member), note.as_bytes())?;
            }
            Ok(())
        })?;
        Ok(signed)
    }

    fn acknowledgement(&self, tx: &dyn ReadTx, log: LogNo) -> Result<Option<(LogNo, Acknowledgement)>, NodeFault> {
        let Some(row) = rows::log_by_no(tx, log)? else { return Ok(None) };
        let size = row.size();
        let mut erased = erase::unfinished(tx, log)?.unwrap_or(size).min(size);
        if let Some(stopped) = row.stopped {
            erased = erased.min(stopped);
        }
        let region = self.governance().region;
        let mut at = self.now();
        if let Some(last) = tx.fetch(Book::Acknowledgement, &ack_key(log, &self.member))? {
            let (last, _) = Acknowledgement::open(&last, &region)?;
            // Two of one instant would leave the author no order between them.
            at = at.max(Timestamp::from_micros(last.at.micros() + 1).unwrap_or(at));
        }
        let acknowledgement = Acknowledgement {
            member: self.member.clone(),
            log: row.id.origin(&region),
            at,
            verified: size,
            root: row.frontier.root(),
            missing: row.withheld,
            held: 0,
            erased,
        };
        Ok(Some((log, acknowledgement)))
    }

    /// The author has them.
    pub fn acknowledged(&self, author: &MemberCode, sent: &[(LogNo, String)]) -> Result<(), NodeFault> {
        if sent.is_empty() {
            return Ok(());
        }
        self.transact(Priority::People, |writing| {
            for (log, note) in sent {
                // Only what was sent is done: something newer may have become due meanwhile.
                let newest = writing.tx.fetch(Book::Acknowledgement, &ack_key(*log, &self.member))?;
                let current = self.acknowledgement(writing.tx.as_ref(), *log)?;
                let same = match (newest, current) {
                    (Some(newest), Some((_, current))) if newest == note.as_bytes() => {
                        let (sent, _) = Acknowledgement::open(&newest, &self.governance().region)?;
                        (sent.verified, sent.erased, sent.missing)
                            == (current.verified, current.erased, current.missing)
                    }
                    _ => false,
                };
                if same {
                    let key = [due_prefix(author).as_slice(), &log.0.to_be_bytes()].concat();
                    writing.tx.delete(Book::Meta, &key)?;
                }
            }
            Ok(())
        })
    }

    /// Takes in what a peer hands over. Those that do not hold, or are of logs that this node does not have, are dropped without a sign; the number
    /// taken is returned.
    pub fn take_acknowledgements(&self, notes: &[String]) -> Result<usize, NodeFault> {
        let mut good = Vec::new();
        {
            let tx = self.store.read()?;
            for note in notes {
                if let Some(accepted) = self.judge(tx.as_ref(), note)? {
                    good.push((accepted, note));
                }
            }
        }
        if good.is_empty() {
            return Ok(0);
        }
        self.transact(Priority::People, |writing| {
            for ((log, acknowledgement), note) in &good {
                writing.tx.put(Book::Acknowledgement, &ack_key(log.no, &acknowledgement.member), note.as_bytes())?;
                if log.id.author != self.member {
                    pass_on(writing.tx.as_mut(), log, &acknowledgement.member)?;
                }
            }
            Ok(())
        })?;
        Ok(good.len())
    }

    fn judge(&self, tx: &dyn ReadTx, note: &str) -> Result<Option<(LogRow, Acknowledgement)>, NodeFault> {
        let governance = self.governance();
        let Ok((read, opened)) = Acknowledgement::open(note.as_bytes(), &governance.region) else { return Ok(None) };
        let Some(key) = governance.node_key(&read.member) else { return Ok(None) };
        if !governance.in_audience(&read.log.log.channel, &read.member)
            || read.verify(&opened, &governance.region, key).is_err()
            || read.at > self.now().plus_ms(AHEAD_MS)
        {
            return Ok(None);
        }
        let Some(row) = rows::log_by_id(tx, &read.log.log)? else { return Ok(None) };
        if let Some(last) = tx.fetch(Book::Acknowledgement, &ack_key(row.no, &read.member))? {
            let (last, _) = Acknowledgement::open(&last, &governance.region)?;
            if last.at >= read.at {
                return Ok(None);
            }
        }
        if read.verified > row.size() {
            return Ok(None);
        }
        let root = root_at(&StoredTree::new(tx, row.no), read.verified)?;
        Ok((root == read.root).then_some((row, read)))
    }
}
