//! Merkle logs: trees, proofs, checkpoints, leaves, frames and archives, byte for byte as `docs/protocol.md` sections 6 to 9 say.
//!
//! Pure: no I/O, clock or randomness, and no input makes it panic. It knows nothing of what an envelope or body says, and may be used
//! without the rest of Gotong. Read next: [`tree`] (the arithmetic), [`frame`] (what nodes send each other).

pub mod archive;
mod bytes;
pub mod checkpoint;
mod compression;
pub mod frame;
pub mod history;
pub mod leaf;
pub mod limits;
pub mod proof;
pub mod tree;

pub use archive::{ArchiveFault, ArchiveReader, ArchiveWriter, Section, SectionKind};
pub use checkpoint::{Checkpoint, CheckpointFault};
pub use frame::{Encoding, Frame, FrameFault, VerifiedFrame};
pub use history::{Difference, FollowFault, Follower, JoinFault, Joined, agrees, join};
pub use leaf::{FLAG_CONTROL, FLAG_CRITICAL, FrameEntry, Leaf, commitment};
pub use proof::{
    ProofFault, Unprovable, consistency_proof, inclusion_proof, range_proof, verify_consistency, verify_inclusion,
    verify_range,
};
pub use tree::{Frontier, Hashes, root_at, subtree};
