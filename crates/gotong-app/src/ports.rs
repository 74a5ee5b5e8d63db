//! What the outside lends a node: time, randomness, the checkpoint file, a bell for those who wait.

use gotong_crypto::Digest;

use gotong_store::Fault;

/// What the checkpoint file says: the number of the newest signing batch and the chained digest at it (`docs/protocol.md` section 11).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    /// The number; 0 before the first batch.
    pub number: u64,
    /// The chained digest; zeros before the first batch.
    pub chain: Digest,
}

/// The checkpoint file: one mark beside the store, outside backups, replaced and synced in one step.
pub trait CheckpointFile: Send + Sync {
    /// Reads the mark; `None` where there is no file or no valid slot.
    fn load(&self) -> Result<Option<Mark>, Fault>;

    /// Replaces the mark; returns once it is on the disk.
    fn swap(&self, mark: Mark) -> Result<(), Fault>;
}

/// Rung whenever something new is released: a commit, an acknowledgement. Those who wait look again.
pub trait Bell: Send + Sync {
    /// Wakes whoever waits.
    fn ring(&self);
}
