//! The bounds that this crate enforces. Those that `gotong-model/src/limits.rs` states too are repeated here because this crate stands
//! below the model (it is useful alone); a test of the crates above compares them by name.

/// Body of a record.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Body of a control entry.
pub const CONTROL_BODY_BYTES_MAX: usize = 64 << 10;
/// Envelope of an entry.
pub const ENVELOPE_BYTES_MAX: usize = 16 << 10;
/// Leaves in one frame.
pub const FRAME_LEAVES_MAX: u32 = 1_024;
/// Entries of one frame before compression.
pub const FRAME_BYTES_MAX: usize = 8 << 20;
/// Hashes in the proof of a frame.
pub const FRAME_PROOF_MAX: usize = 128;
/// A log has fewer entries than this.
pub const LOG_ENTRIES_MAX: u64 = 1 << 36;
/// A charter or agreement as a signed note.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

// The following stand in `docs/protocol.md` or follow from it, and are of this crate alone.

/// A checkpoint, statement or acknowledgement as a signed note.
pub const SMALL_NOTE_BYTES_MAX: usize = 16 << 10;
/// Largest zstd window that a frame may ask for.
pub const FRAME_WINDOW_BYTES_MAX: u64 = 8 << 20;
/// Entries of one frame as they are sent: what zstd cannot compress grows by less than half a percent.
pub const FRAME_PAYLOAD_BYTES_MAX: usize = FRAME_BYTES_MAX + (64 << 10);
/// A whole frame: checkpoint, proof, entries and 33 bytes of fields.
pub const FRAME_WIRE_BYTES_MAX: usize = SMALL_NOTE_BYTES_MAX + 32 * FRAME_PROOF_MAX + FRAME_PAYLOAD_BYTES_MAX + 33;
/// Origin of a log. Gotong's have at most 156 bytes.
pub const ORIGIN_BYTES_MAX: usize = 256;
/// Leaves in any tree that this crate computes with, far above what a log may have: index arithmetic cannot overflow below it.
pub const TREE_LEAVES_MAX: u64 = 1 << 62;
