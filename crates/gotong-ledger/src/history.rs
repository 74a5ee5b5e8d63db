//! One log, one history: how verified frames and checkpoints fit what is held (`docs/protocol.md` section 8). A frame proves its entries
//! and only promises what lies right of them, so the checkpoints that cover more than is held are kept and compared when it arrives.
//!
//! [`join`] is for who stores leaves, [`Follower`] for who reads a log once from its beginning. A [`Difference`] means that the author has
//! signed two histories: nothing of the frame is stored, and both checkpoints are kept with the frame that shows it.

use gotong_crypto::Digest;

use crate::checkpoint::Checkpoint;
use crate::frame::VerifiedFrame;
use crate::tree::{Frontier, Hashes, root_at};

/// Where two histories of one log part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The leaves before the frame are not those held.
    #[error("the leaves before the frame are not those held")]
    Before,
    /// A leaf held is another one in the frame.
    #[error("leaf {0} is another one than the one held")]
    Leaf(u64),
    /// A checkpoint verified earlier, or the frame's own, has another root than the leaves.
    #[error("the checkpoint of size {size} has another root than the leaves")]
    Checkpoint {
        /// Its size.
        size: u64,
        /// Its root.
        root: Digest,
    },
}

/// Why a verified frame cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinFault<F> {
    /// The frame begins behind the end of what is held.
    #[error("the frame begins at {first}, only {held} leaves are held")]
    Gap {
        /// How many leaves are held.
        held: u64,
        /// Where the frame begins.
        first: u64,
    },
    /// The author has signed two histories.
    #[error("two histories: {0}")]
    TwoHistories(Difference),
    /// The stored hashes could not be read.
    #[error("a stored hash could not be read: {0}")]
    Hashes(F),
}

/// What storing a frame comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// How many of the frame's entries, from its first, are held already (and have the same leaf); the others are new.
    pub overlap: usize,
    /// The tree with the new entries.
    pub frontier: Frontier,
    /// The perfect subtrees of height 1 and more that the new entries complete, as (height, index, hash).
    pub completed: Vec<(u8, u64, Digest)>,
    /// The checkpoints, as (size, root), that still cover more than is held: the frame's own among them if it does.
    pub promised: Vec<(u64, Digest)>,
}

/// Fits a frame to the leaves held: `frontier` and `hashes` are theirs, `promised` the checkpoints of this log, as (size, root), that have
/// been verified and not yet compared. Nothing changes; the caller stores what is returned in one transaction.
pub fn join<H: Hashes + ?Sized>(
    hashes: &H,
    frontier: &Frontier,
    promised: &[(u64, Digest)],
    frame: &VerifiedFrame,
) -> Result<Joined, JoinFault<H::Fault>> {
    let held = frontier.size();
    if frame.first > held {
        return Err(JoinFault::Gap { held, first: frame.first });
    }
    let before = if frame.first == held { frontier.clone() } else { load(hashes, frame.first)? };
    if before.peaks() != frame.left {
        return Err(JoinFault::TwoHistories(Difference::Before));
    }
    let overlap = usize::try_from(held - frame.first).unwrap_or(usize::MAX).min(frame.leaf_hashes.len());
    let (old, new) = frame.leaf_hashes.split_at_checked(overlap).unwrap_or_default();
    for (index, leaf_hash) in (frame.first..).zip(old) {
        if hashes.node(0, index).map_err(JoinFault::Hashes)? != *leaf_hash {
            return Err(JoinFault::TwoHistories(Difference::Leaf(index)));
        }
    }
    let own = (frame.checkpoint.size, frame.checkpoint.root);
    let (covered, beyond) = sorted(promised, own).into_iter().partition::<Vec<_>, _>(|(size, _)| *size <= held);
    for (size, root) in covered {
        if root_at(hashes, size).map_err(JoinFault::Hashes)? != root {
            return Err(JoinFault::TwoHistories(Difference::Checkpoint { size, root }));
        }
    }
    let (frontier, completed, promised) = grow(frontier, new, beyond).map_err(JoinFault::TwoHistories)?;
    Ok(Joined { overlap, frontier, completed, promised })
}

/// Whether a verified checkpoint has the root of the leaves held; `None` if it covers more than the `held` ones and is to be kept.
pub fn agrees<H: Hashes + ?Sized>(hashes: &H, held: u64, checkpoint: &Checkpoint) -> Result<Option<bool>, H::Fault> {
    if checkpoint.size > held {
        return Ok(None);
    }
    Ok(Some(root_at(hashes, checkpoint.size)? == checkpoint.root))
}

fn load<H: Hashes + ?Sized>(hashes: &H, size: u64) -> Result<Frontier, JoinFault<H::Fault>> {
    // A verified frame begins inside a log, far below the size for which there is no frontier.
    Ok(Frontier::load(hashes, size).map_err(JoinFault::Hashes)?.unwrap_or_default())
}

/// The checkpoints by size, each once.
fn sorted(promised: &[(u64, Digest)], own: (u64, Digest)) -> Vec<(u64, Digest)> {
    let mut all = [promised, &[own]].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// Frontier, completed subtrees and the promises still open.
type Grown = (Frontier, Vec<(u8, u64, Digest)>, Vec<(u64, Digest)>);

/// Adds leaves and compares each checkpoint on the way; `promised` is sorted. Two roots for one size are a difference at once.
fn grow(frontier: &Frontier, new: &[Digest], promised: Vec<(u64, Digest)>) -> Result<Grown, Difference> {
    let twice = promised.iter().zip(promised.iter().skip(1)).find(|(one, other)| one.0 == other.0);
    if let Some((_, (size, root))) = twice {
        return Err(Difference::Checkpoint { size: *size, root: *root });
    }
    let mut frontier = frontier.clone();
    let mut completed = Vec::new();
    let mut promised = promised.into_iter().peekable();
    for leaf_hash in new {
        frontier.push(*leaf_hash, |height, index, hash| completed.push((height, index, hash)));
        if let Some((size, root)) = promised.next_if(|(size, _)| *size <= frontier.size())
            && root != frontier.root()
        {
            return Err(Difference::Checkpoint { size, root });
        }
    }
    Ok((frontier, completed, promised.collect()))
}

/// Why a verified frame does not continue a log that is read from its beginning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowFault {
    /// The frame is of another log.
    #[error("the frame is of another log")]
    OtherLog,
    /// The frame does not begin where the one before it ended.
    #[error("the frame begins at {first}, the one before it ended at {held}")]
    Gap {
        /// How many leaves have been read.
        held: u64,
        /// Where the frame begins.
        first: u64,
    },
    /// The author has signed two histories.
    #[error("two histories: {0}")]
    TwoHistories(#[from] Difference),
}

/// One log, read frame by frame without storing its leaves: archives, audits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    origin: String,
    frontier: Frontier,
    promised: Vec<(u64, Digest)>,
}

impl Follower {
    /// The beginning of the log `origin`.
    pub fn new(origin: String) -> Self {
        Self { origin, frontier: Frontier::new(), promised: Vec::new() }
    }

    /// The log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The tree read so far.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The checkpoints, as (size, root), that cover more than has been read: empty at the end of a complete log.
    pub fn promised(&self) -> &[(u64, Digest)] {
        &self.promised
    }

    /// Takes the next frame in. After a fault nothing has changed.
    pub fn admit(&mut self, frame: &VerifiedFrame) -> Result<(), FollowFault> {
        if frame.checkpoint.origin != self.origin {
            return Err(FollowFault::OtherLog);
        }
        if frame.first != self.frontier.size() {
            return Err(FollowFault::Gap { held: self.frontier.size(), first: frame.first });
        }
        if frame.left != self.frontier.peaks() {
            return Err(Difference::Before.into());
        }
        let promised = sorted(&self.promised, (frame.checkpoint.size, frame.checkpoint.root));
        (self.frontier, _, self.promised) = grow(&self.frontier, &frame.leaf_hashes, promised)?;
        Ok(())
    }
}
