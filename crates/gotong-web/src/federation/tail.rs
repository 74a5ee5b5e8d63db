//! The tail of one log as it is fetched: each frame is verified by itself, as it arrives. What a fault in it costs is this log's rest and nothing else.

use gotong_crypto::PublicKey;

use gotong_model::{LogId, MemberCode, RegionId};
use gotong_sync::{News, PeerFault, Puller, VerifiedFrame, Wanted};

/// A log's tail.
pub(crate) struct Tail {
    puller: Puller,
    log: LogId,
    /// The first index not yet here.
    pub(crate) next: u64,
    /// Where it ended when the author told of it. What came since is told again, after other logs had their turn.
    pub(crate) until: u64,
}

impl Tail {
    pub(crate) fn new(region: RegionId, peer: MemberCode, node_key: PublicKey, mut wanted: Wanted) -> Self {
        let (log, next, until) = (wanted.log.clone(), wanted.have, wanted.checkpoint.size);
        let mut puller = Puller::new(region, peer, node_key, None);
        // The author may have gone on since; every frame says itself how far its checkpoint reaches.
        wanted.checkpoint.size = u64::MAX;
        puller.want(wanted);
        Self { puller, log, next, until }
    }

    /// Verifies one frame, given with its length before it, and says how many entries of it are new. `None`: it holds nothing that is not here.
    pub(crate) fn verify(&mut self, bytes: &[u8]) -> Result<Option<(VerifiedFrame, u64)>, PeerFault> {
        for news in self.puller.frames(bytes)? {
            let News::Frame(log, frame) = news else { continue };
            let end = frame.first.saturating_add(u64::try_from(frame.entries.len()).unwrap_or(u64::MAX));
            let fresh = end.saturating_sub(self.next);
            self.next = self.next.max(end);
            self.puller.stored(&log, self.next);
            return Ok(Some((*frame, fresh)));
        }
        Ok(None)
    }

    /// The log.
    pub(crate) fn log(&self) -> &LogId {
        &self.log
    }
}
