//! Every bound of the protocol and the program in one place (`docs/protocol.md` section 12): what arrives from outside is bounded in
//! size, depth, time and number before the work it bounds is done. Names end in their unit.

/// Body of a record.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Body of a control entry.
pub const CONTROL_BODY_BYTES_MAX: usize = 64 << 10;
/// Envelope of an entry.
pub const ENVELOPE_BYTES_MAX: usize = 16 << 10;
/// Depth of nested JSON arrays and objects.
pub const JSON_DEPTH_MAX: usize = 32;
/// Leaves in one frame.
pub const FRAME_LEAVES_MAX: u32 = 1_024;
/// Entries of one frame before compression.
pub const FRAME_BYTES_MAX: usize = 8 << 20;
/// Bytes at which a sender closes a frame and begins the next.
pub const FRAME_BYTES_TARGET: usize = 1 << 20;
/// Hashes in the proof of a frame.
pub const FRAME_PROOF_MAX: usize = 128;
/// Frames in one answer.
pub const FRAMES_PER_ANSWER_MAX: usize = 64;
/// Bytes of frames after which an answer ends.
pub const FRAMES_ANSWER_BYTES_TARGET: usize = 16 << 20;
/// Entries in one log.
pub const LOG_ENTRIES_MAX: u64 = 1 << 36;
/// Ranges in one tombstone or relabelling.
pub const TARGET_RANGES_MAX: usize = 1_024;
/// Members of a charter, parties of an agreement.
pub const MEMBERS_MAX: usize = 256;
/// Channel types in an agreement.
pub const CHANNEL_TYPES_MAX: usize = 64;
/// Clauses of an agreement.
pub const CLAUSES_MAX: usize = 1_024;
/// Prohibitions of an agreement, and its duties.
pub const RULES_MAX: usize = 256;
/// Classes of constituents in a house rule.
pub const HOUSE_CLASSES_MAX: usize = 64;
/// Of one class, what it reads of agreements, and of the house, each.
pub const HOUSE_READS_MAX: usize = 64;
/// Notices of one member in one agreement.
pub const NOTICES_MAX: usize = 1_024;
/// Grace of a charter or agreement.
pub const GRACE_HOURS_MAX: u64 = 8_760;
/// Any number of days: a hundred years.
pub const DAYS_MAX: u64 = 36_500;
/// A charter, statement or agreement as a signed note.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// Statements in one member's chain.
pub const STATEMENTS_MAX: usize = 256;
/// A hello, one way.
pub const HELLO_BYTES_MAX: usize = 256 << 10;
/// A changes request or answer.
pub const CHANGES_BYTES_MAX: usize = 1 << 20;
/// A changes answer.
pub const CHANGES_ANSWER_BYTES_MAX: usize = 8 << 20;
/// Logs named in one changes answer.
pub const CHANGES_LOGS_MAX: usize = 256;
/// Acknowledgements in one changes request or answer.
pub const ACKNOWLEDGEMENTS_MAX: usize = 512;
/// How long a changes request may wait for news.
pub const WAIT_MS_MAX: u64 = 60_000;
/// How long a peer may take to answer beyond the time it was asked to wait.
pub const PEER_ANSWER_MS_MAX: u64 = 30_000;
/// Connections that one peer may hold open.
pub const CONNECTIONS_PER_PEER_MAX: usize = 8;
/// One request body at the API, unless it is streamed line by line.
pub const API_BODY_BYTES_MAX: usize = 4 << 20;
/// One line of an NDJSON stream.
pub const LINE_BYTES_MAX: usize = BODY_BYTES_MAX + 4_096;
/// Rows on one page of a list.
pub const PAGE_ROWS_MAX: usize = 1_000;
/// Values in one bulk lookup.
pub const LOOKUP_VALUES_MAX: usize = 100_000;
/// Records with observable values that one lookup value may answer with.
pub const LOOKUP_HITS_MAX: usize = 100;
/// Observable values that one object is indexed under.
pub const VALUES_PER_OBJECT_MAX: usize = 256;
/// Characters of one observable value that are indexed.
pub const VALUE_BYTES_MAX: usize = 4_096;
/// Idempotency key at the API.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 128;
/// One bulk import, unpacked.
pub const IMPORT_BYTES_MAX: u64 = 64 << 30;
/// Bytes that a compressed import may unpack to whatever its size.
pub const IMPORT_RATIO_FREE_BYTES: u64 = 8 << 20;
/// Beyond those, how many times its size a compressed import may unpack to: real indicators reach 30.
pub const IMPORT_RATIO_MAX: u64 = 200;
/// Window of a zstd stream, as a power of two: what a decoder must hold.
pub const IMPORT_WINDOW_LOG_MAX: u32 = 23;
