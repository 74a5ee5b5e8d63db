//! What only a network under test can do: proofs for frames cut anew, and, for builds that are broken on purpose, frames and acknowledgements that
//! no honest node would accept or send.

use gotong_app::rows;
use gotong_app::tree::StoredTree;
use gotong_crypto::Digest;
use gotong_ledger::{Checkpoint, Encoding, Frame, FrameEntry, Frontier, range_proof};
use gotong_model::LogId;
use gotong_model::acknowledgement::Acknowledgement;
use gotong_store::LogNo;
use gotong_sync::wire::{push_frame, split_frames};

use crate::oracle::{Violation, broken};
use crate::region::Region;

fn unprovable(text: impl std::fmt::Debug) -> Violation {
    Violation { invariant: "2", text: format!("a frame cannot be cut anew: {text:?}") }
}

impl Region {
    /// The range proof of some entries of a frame, from the server's own tree.
    pub(super) fn prove(
        &self,
        server: usize,
        log: &LogId,
        first: u64,
        count: u64,
        frame: &Frame,
    ) -> Result<Vec<Digest>, Violation> {
        let size = frame.checkpoint_unverified().map_err(unprovable)?.size;
        let tx = self.nodes[server].store.look();
        let Some(row) = rows::log_by_id(tx.as_ref(), log).map_err(unprovable)? else {
            return broken("2", "no such log");
        };
        range_proof(&StoredTree::new(tx.as_ref(), row.no), first, count, size).map_err(unprovable)
    }

    /// A frame with a changed entry, and a proof as if nobody looked: what a link would hand on that does not verify. It is signed with the author's key
    /// here, because the product offers no way around verification.
    pub(super) fn forge(
        &mut self,
        client: usize,
        server: usize,
        log: &LogId,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Violation> {
        let frames = split_frames(bytes).unwrap_or_default();
        let Some(frame) = frames.first() else { return Ok(bytes.to_vec()) };
        let mut frame = Frame::decode(frame).map_err(unprovable)?;
        let Some(FrameEntry::Whole { body, flags: 0, .. }) = frame.entries.last_mut() else {
            return Ok(bytes.to_vec());
        };
        body.push(b' ');
        let tx = self.nodes[client].store.look();
        let row = rows::log_by_id(tx.as_ref(), log).map_err(unprovable)?;
        let mut frontier = match row {
            Some(row) => Frontier::load(&StoredTree::new(tx.as_ref(), row.no), frame.first).map_err(unprovable)?,
            None => Some(Frontier::new()).filter(|_| frame.first == 0),
        };
        let Some(frontier) = &mut frontier else { return Ok(bytes.to_vec()) };
        frame.proof = frontier.peaks().to_vec();
        let origin = log.origin(&self.founding.region).to_string();
        for entry in &frame.entries {
            frontier.push(entry.leaf(&origin).hash(), |_, _, _| {});
        }
        let checkpoint = Checkpoint { origin, size: frontier.size(), root: frontier.root() };
        frame.checkpoint_note = checkpoint.sign(&self.founding.members[server].node).into_bytes();
        let mut out = Vec::new();
        push_frame(&mut out, &frame.encode(Encoding::Plain).map_err(unprovable)?);
        Ok(out)
    }

    /// Acknowledgements that claim every erasure, finished or not.
    pub(super) fn claim_erasure(&self, client: usize, due: &mut [(LogNo, String)]) {
        for (_, note) in due {
            if let Ok((mut read, _)) = Acknowledgement::open(note.as_bytes(), &self.founding.region) {
                read.erased = read.verified;
                *note = read.sign(&self.founding.region, &self.founding.members[client].node);
            }
        }
    }
}
