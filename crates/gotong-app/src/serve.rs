//! Answering peers: what changed since a cursor in the logs that the two share, and frames of a log. Whoever is not in the audience learns nothing.

use gotong_ledger::{Encoding, Frame, FrameEntry, Leaf, range_proof};
use gotong_model::agreement::Backlog;
use gotong_model::governance::{ChannelKind, Governance};
use gotong_model::{LogId, MemberCode, limits};
use gotong_store::{Book, LogNo, ReadTx};
use gotong_sync::wire::{ChangedLog, ChangesAnswer, push_frame};

use crate::governing::judgement;
use crate::log::peer_key;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow, damaged, prefix_end};
use crate::tree::StoredTree;

const CURSOR: &str = "changes";

impl Node {
    /// What changed for a peer since its cursor; `None` where nothing did and the peer may wait. The cost grows with what changed: the rows read are
    /// those of this peer's changed logs and nothing else.
    pub fn changes_for(
        &self,
        peer: &MemberCode,
        cursor: Option<&str>,
        answer_now: bool,
    ) -> Result<Option<ChangesAnswer>, NodeFault> {
        let key = self.positions_of(peer.as_str());
        // A cursor that does not open (restored, rebuilt, another's) counts as none.
        let opened = cursor.and_then(|cursor| key.open(CURSOR, cursor)).and_then(|at| u64::try_from(at).ok());
        let since = opened.unwrap_or(0);
        // Read before the snapshot is taken: what is released by then is in it, and nothing beyond is passed over.
        let released = self.sequencer.released();
        let tx = self.store.read()?;
        let from = peer_key(peer, b'c', &(since + 1).to_be_bytes());
        let until = peer_key(peer, b'c', &(released + 1).to_be_bytes());
        let rows = tx.scan(Book::PeerLog, &from, &until, limits::CHANGES_LOGS_MAX)?;
        let (acknowledgements, passed) = acknowledgements_for(tx.as_ref(), peer)?;
        if rows.is_empty() && acknowledgements.is_empty() && opened.is_some() && !answer_now {
            return Ok(None);
        }
        let governance = self.governance();
        let mut logs = Vec::with_capacity(rows.len());
        let mut position = since;
        for (key, value) in &rows {
            position = position_in(key)?;
            let row = rows::log_by_no(tx.as_ref(), number(value)?)?.ok_or_else(|| damaged("logs"))?;
            if !may_read(&governance, tx.as_ref(), &row, peer)? {
                continue;
            }
            if let Some(checkpoint) = self.sequencer.checkpoint(&row, &governance.region, &self.node_key) {
                logs.push(ChangedLog { checkpoint });
            }
        }
        let more = rows.len() == limits::CHANGES_LOGS_MAX;
        if !more {
            // Nothing of this peer lies between here and what is released, so the next scan may begin there.
            position = position.max(released);
        }
        drop(tx);
        self.forget_passed(&passed)?;
        let cursor = key.seal(CURSOR, u128::from(position), self.entropy());
        Ok(Some(ChangesAnswer { acknowledgements, cursor, logs, more }))
    }

    fn forget_passed(&self, keys: &[Vec<u8>]) -> Result<(), NodeFault> {
        if keys.is_empty() {
            return Ok(());
        }
        self.transact(crate::Priority::People, |writing| {
            for key in keys {
                writing.tx.delete(Book::PeerLog, key)?;
            }
            Ok(())
        })
    }

    /// The next frame of an own log from an index, behind its length. `None`: there is no such log for this peer.
    pub fn frame_for(
        &self,
        peer: &MemberCode,
        log: &LogId,
        from: u64,
        encoding: Encoding,
    ) -> Result<Option<Piece>, NodeFault> {
        let governance = self.governance();
        if log.author != self.member || !governance.in_audience(&log.channel, peer) {
            return Ok(None);
        }
        let tx = self.store.read()?;
        let Some(row) = rows::log_by_id(tx.as_ref(), log)? else { return Ok(None) };
        if !may_read(&governance, tx.as_ref(), &row, peer)? {
            return Ok(None);
        }
        let nothing = Piece { bytes: Vec::new(), next: from, is_end: true };
        // Without a checkpoint it is not on the disk twice yet: for the peer the log is as it was, and it is told again in a moment.
        let checkpoint = self.sequencer.checkpoint(&row, &governance.region, &self.node_key);
        let Some(note) = checkpoint.filter(|_| from < row.size()) else { return Ok(Some(nothing)) };
        let frame = frame(tx.as_ref(), &row, &note, from)?;
        let next = from + frame.entries.len() as u64;
        let frame = frame.encode(encoding).map_err(|fault| NodeFault::Unfit(fault.to_string()))?;
        let mut bytes = Vec::with_capacity(frame.len() + 4);
        push_frame(&mut bytes, &frame);
        Ok(Some(Piece { bytes, next, is_end: next >= row.size() }))
    }

    /// As many frames as one answer may have, for whoever does not send them one by one. `None`: there is no such log for this peer.
    pub fn frames_for(
        &self,
        peer: &MemberCode,
        log: &LogId,
        from: u64,
        encoding: Encoding,
    ) -> Result<Option<Vec<u8>>, NodeFault> {
        let mut out = Vec::new();
        let mut next = from;
        for _ in 0..limits::FRAMES_PER_ANSWER_MAX {
            let Some(piece) = self.frame_for(peer, log, next, encoding)? else { return Ok(None) };
            out.extend_from_slice(&piece.bytes);
            next = piece.next;
            if piece.is_end || out.len() >= limits::FRAMES_ANSWER_BYTES_TARGET {
                break;
            }
        }
        Ok(Some(out))
    }
}

/// Whether a member may read an own log: it is of the channel's audience, and, where newcomers find no backlog, was of it when the log began.
pub(crate) fn may_read(
    governance: &Governance,
    tx: &dyn ReadTx,
    row: &LogRow,
    member: &MemberCode,
) -> Result<bool, NodeFault> {
    let Some(channel) = governance.channel(&row.id.channel) else { return Ok(false) };
    if !governance.in_audience(&channel.id, member) {
        return Ok(false);
    }
    if channel.kind != ChannelKind::Standing || channel.channel_type.backlog == Backlog::All {
        return Ok(true);
    }
    let Some(basis) = judgement::basis_at(tx, row.no, 0)? else { return Ok(false) };
    let Some(begun) = judgement::published_at(tx, row.no, 0)? else { return Ok(false) };
    let Ok(judged) = governance.judged(channel.agreement, &basis, &row.id.author, begun) else { return Ok(false) };
    let kind = judged.named.version.and_then(|version| version.terms.channel_type(&channel.channel_type.name));
    Ok(kind.is_some_and(|kind| judged.named.names_reader(kind, member)))
}

/// A part of an answer to a request for frames.
#[derive(Debug)]
pub struct Piece {
    /// A frame behind its length; empty where nothing is there from that index on, or is not released yet.
    pub bytes: Vec<u8>,
    /// The index behind it.
    pub next: u64,
    /// Whether it was the last for now.
    pub is_end: bool,
}

/// Acknowledgements that wait for a peer, and the keys under which they wait.
fn acknowledgements_for(tx: &dyn ReadTx, peer: &MemberCode) -> Result<(Vec<String>, Vec<Vec<u8>>), NodeFault> {
    let prefix = peer_key(peer, b'a', &[]);
    let mut notes = Vec::new();
    let mut keys = Vec::new();
    for (key, _) in tx.scan(Book::PeerLog, &prefix, &prefix_end(&prefix), limits::ACKNOWLEDGEMENTS_MAX)? {
        let rest = key.strip_prefix(prefix.as_slice()).unwrap_or_default();
        if let Some(note) = tx.fetch(Book::Acknowledgement, rest)? {
            notes.push(String::from_utf8(note).map_err(|_| damaged("acknowledgements"))?);
        }
        keys.push(key);
    }
    Ok((notes, keys))
}

/// One frame of a log from `first`, proven under a checkpoint of its present size. Frames end on multiples of 1,024, where proofs are short.
pub(crate) fn frame(tx: &dyn ReadTx, row: &LogRow, note: &str, first: u64) -> Result<Frame, NodeFault> {
    let span = u64::from(limits::FRAME_LEAVES_MAX);
    let count = (span - first % span).min(row.size() - first);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let stored = tx.entries(row.no, first, count, limits::FRAME_BYTES_TARGET / 2, true)?;
    let mut entries = Vec::with_capacity(stored.len());
    let mut bytes = 0;
    for entry in &stored {
        let next = match entry.open()? {
            Some(content) => FrameEntry::Whole {
                flags: entry.flags,
                salt1: content.salt1,
                salt2: content.salt2,
                envelope: content.envelope,
                body: content.body,
            },
            None => FrameEntry::Erased(Leaf { flags: entry.flags, commitment: entry.commitment }),
        };
        bytes += next.encoded_bytes();
        if bytes > limits::FRAME_BYTES_MAX && !entries.is_empty() {
            break;
        }
        entries.push(next);
        if bytes >= limits::FRAME_BYTES_TARGET {
            break;
        }
    }
    let tree = StoredTree::new(tx, row.no);
    let proof = range_proof(&tree, first, entries.len() as u64, row.size())
        .map_err(|fault| NodeFault::Unfit(format!("entries {first} and on cannot be proven: {fault:?}")))?;
    Ok(Frame { checkpoint_note: note.as_bytes().to_vec(), first, proof, entries })
}

fn position_in(key: &[u8]) -> Result<u64, NodeFault> {
    let bytes = key.last_chunk::<8>().ok_or_else(|| damaged("peers"))?;
    Ok(u64::from_be_bytes(*bytes))
}

fn number(value: &[u8]) -> Result<LogNo, NodeFault> {
    let bytes = <[u8; 4]>::try_from(value).map_err(|_| damaged("peers"))?;
    Ok(LogNo(u32::from_be_bytes(bytes)))
}
