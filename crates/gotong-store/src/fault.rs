//! What a store can fail with, and whether trying again helps.

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No room on the disk. Nothing of the transaction was kept; it succeeds once there is room.
    #[error("the disk is full: free some room, nothing was lost")]
    Full,
    /// The store is used by somebody else.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// What is stored is not what was written.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// What is stored was written by a newer program.
    #[error("the store was written by a newer program: {0}")]
    Newer(String),
    /// The system refused.
    #[error("the store cannot be reached: {0}")]
    Io(String),
    /// The caller broke a rule of the store; a defect of this program.
    #[error("the store was misused: {0}")]
    Misuse(String),
}

impl Fault {
    /// Whether the same call may succeed later without anybody mending the program or the data.
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Full | Self::Busy(_) | Self::Io(_))
    }
}
