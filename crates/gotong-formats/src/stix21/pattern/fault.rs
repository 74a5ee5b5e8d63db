//! Where a pattern cannot be read, and what would have been right there.
//!
//! The offset counts bytes of the pattern; the words name what the grammar of STIX 2.1 section 9 has at that place.
//! Nothing of the pattern is quoted. Read next: `parse.rs`, which finds these.

/// The first place at which a pattern leaves the grammar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("byte {offset}: expected {expected} [stix.pattern.syntax]")]
pub struct PatternFault {
    /// Byte of the pattern.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl PatternFault {
    pub(super) fn new(offset: usize, expected: &'static str) -> Self {
        Self { offset, expected }
    }
}
