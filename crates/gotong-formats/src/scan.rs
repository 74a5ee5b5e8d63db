//! Which of many values occur in the bytes of log files: one pass over the bytes, a filter that turns nearly everything away, and a
//! fingerprint that settles the rest. What a hit is stands in `docs/book/matching.md`.
//!
//! Must not read files, keep the text of the values (a million of them take some twenty megabytes) or depend on how the bytes are cut into
//! blocks. Read next: `values.rs` (the set), `engine.rs` (the pass), `around.rs` (URLs and e-mail addresses around a host).

mod around;
mod class;
mod engine;
mod escape;
mod filter;
mod phrases;
mod sighting;
mod values;

pub use engine::{Hit, OVERLAP_BYTES, Scanner, cut, lines};
pub use sighting::{Sighted, sighting};
pub use values::{PHRASE_BYTES_MAX, Taken, VALUES_MAX, ValueSet, ValueSetBuilder};
