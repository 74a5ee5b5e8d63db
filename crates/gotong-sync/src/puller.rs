//! One peer, as the side that pulls: ask what changed, fetch the tails of the logs that did, ask again. The caller moves bytes and applies news.
//!
//! The puller holds no state that must survive: the logs' own lengths are the cursor, and a lost cursor only costs one longer answer.

use std::collections::VecDeque;

use gotong_crypto::PublicKey;
use gotong_ledger::{Checkpoint, VerifiedFrame};
use gotong_model::{LogId, MemberCode, Origin, RegionId};

use crate::wire::{ChangesAnswer, ChangesRequest, WireFault, split_frames};

/// What to ask the peer next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// `POST changes` with these bytes.
    Changes(Vec<u8>),
    /// `GET frames` of a log from an index.
    Frames(LogId, u64),
}

/// A log whose tail is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The log.
    pub log: LogId,
    /// Its checkpoint as the peer told it.
    pub checkpoint: Checkpoint,
    /// The same as signed.
    pub note: String,
    /// How many leaves are here.
    pub have: u64,
}

/// What an answer means; to be applied in order.
#[derive(Debug)]
pub enum News {
    /// A log has a new checkpoint; the caller answers with [`Puller::want`] if it is readable here.
    Log(Box<Wanted>),
    /// A frame that proves its entries; the caller stores it, then tells [`Puller::stored`].
    Frame(LogId, Box<VerifiedFrame>),
    /// Signed acknowledgements, not yet judged.
    Acknowledgements(Vec<String>),
}

/// What a peer did wrong. It stays the peer's fault: counted, shown, and the link goes on with the next log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerFault {
    /// A message out of bounds or shape.
    #[error(transparent)]
    Wire(#[from] WireFault),
    /// A checkpoint that is not the peer's, or not signed by it.
    #[error("a checkpoint does not hold: {0}")]
    Checkpoint(String),
    /// A frame that does not prove what it carries.
    #[error("a frame of {log:?} does not hold: {fault}")]
    Frame {
        /// The log asked for.
        log: Box<LogId>,
        /// Why.
        fault: String,
    },
    /// No frame where one was promised.
    #[error("no frame of {0:?}, though its checkpoint promises entries")]
    Missing(Box<LogId>),
}

/// The state machine of one peer.
#[derive(Debug)]
pub struct Puller {
    region: RegionId,
    peer: MemberCode,
    node_key: PublicKey,
    cursor: Option<String>,
    more: bool,
    queue: VecDeque<Wanted>,
}

impl Puller {
    /// A puller for an identified peer.
    pub fn new(region: RegionId, peer: MemberCode, node_key: PublicKey, cursor: Option<String>) -> Self {
        Self { region, peer, node_key, cursor, more: false, queue: VecDeque::new() }
    }

    /// The next thing to ask. `acknowledgements` go out with a request for changes.
    pub fn ask(&self, acknowledgements: Vec<String>, wait_ms: u64) -> Ask {
        if let Some(wanted) = self.queue.front() {
            return Ask::Frames(wanted.log.clone(), wanted.have);
        }
        let wait_ms = if self.more { 0 } else { wait_ms };
        Ask::Changes(ChangesRequest { acknowledgements, cursor: self.cursor.clone(), wait_ms }.encode())
    }

    /// Whether frames are being fetched.
    pub fn is_fetching(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The cursor to keep.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Reads an answer to [`Ask::Changes`].
    pub fn changes(&mut self, bytes: &[u8]) -> Result<Vec<News>, PeerFault> {
        let answer = ChangesAnswer::decode(bytes)?;
        let mut news = Vec::new();
        for log in answer.logs {
            let checkpoint = Checkpoint::parse_verified(log.checkpoint.as_bytes(), &self.node_key, None)
                .map_err(|fault| PeerFault::Checkpoint(fault.to_string()))?;
            let origin = Origin::from_text(&checkpoint.origin)
                .filter(|origin| origin.region == self.region && origin.log.author == self.peer)
                .ok_or_else(|| PeerFault::Checkpoint(format!("{:?} is no log of this peer", checkpoint.origin)))?;
            news.push(News::Log(Box::new(Wanted { log: origin.log, checkpoint, note: log.checkpoint, have: 0 })));
        }
        if !answer.acknowledgements.is_empty() {
            news.push(News::Acknowledgements(answer.acknowledgements));
        }
        self.cursor = Some(answer.cursor);
        self.more = answer.more;
        Ok(news)
    }

    /// Queues a log whose tail is wanted; one that is complete already is passed over.
    pub fn want(&mut self, wanted: Wanted) {
        if wanted.have < wanted.checkpoint.size {
            self.queue.push_back(wanted);
        }
    }

    /// Reads an answer to [`Ask::Frames`] and verifies each frame by itself. A fault drops this log until the peer tells of it again.
    pub fn frames(&mut self, bytes: &[u8]) -> Result<Vec<News>, PeerFault> {
        let Some(wanted) = self.queue.front() else { return Ok(Vec::new()) };
        let log = wanted.log.clone();
        let result = self.verified(&log, wanted.have, bytes);
        if result.is_err() {
            self.queue.pop_front();
        }
        result
    }

    fn verified(&self, log: &LogId, have: u64, bytes: &[u8]) -> Result<Vec<News>, PeerFault> {
        let origin = log.origin(&self.region).to_string();
        let bad = |fault: String| PeerFault::Frame { log: Box::new(log.clone()), fault };
        let mut news = Vec::new();
        let mut next = have;
        for bytes in split_frames(bytes)? {
            // The signature comes first: only the author can make this node decompress anything.
            let frame = VerifiedFrame::read(bytes, &self.node_key, &origin).map_err(|fault| bad(fault.to_string()))?;
            if frame.first > next {
                return Err(bad(format!("it begins at {} where {next} was asked for", frame.first)));
            }
            next = next.max(frame.first + u64::try_from(frame.entries.len()).unwrap_or(0));
            news.push(News::Frame(log.clone(), Box::new(frame)));
        }
        if next <= have {
            return Err(PeerFault::Missing(Box::new(log.clone())));
        }
        Ok(news)
    }

    /// Tells that a log has so many leaves now; a log that is complete leaves the queue.
    pub fn stored(&mut self, log: &LogId, have: u64) {
        if let Some(front) = self.queue.front_mut().filter(|front| front.log == *log) {
            front.have = have;
            if front.have >= front.checkpoint.size {
                self.queue.pop_front();
            }
        }
    }

    /// Gives up on the log being fetched, after a fault on this side.
    pub fn pass_over(&mut self) {
        self.queue.pop_front();
    }
}
