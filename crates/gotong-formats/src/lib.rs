//! Foreign formats to records and back; says what it could not carry.
//!
//! Pure: bytes in, facts out; no I/O, clock, randomness or globals, and no decision about who may see what.
//! Read next: [`stix21`], then [`draft`] (what readers of other formats hand on).

pub mod draft;
pub mod stix21;
