//! Foreign formats to records and back; says what it could not carry.
//!
//! Pure: bytes in, facts out; no I/O, clock, randomness or globals, and no decision about who may see what.
//! Read next: [`stix21`], then [`draft`] (what readers of other formats hand on), [`text`], [`out`] (exports for the tools of defenders), [`scan`]
//! (values in logs) and [`warninglist`].

pub mod decay;
pub mod draft;
pub mod misp;
mod network;
pub mod out;
pub mod scan;
pub mod stix21;
pub mod text;
pub mod warninglist;
