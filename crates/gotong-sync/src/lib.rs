//! The node-to-node protocol as state machines: bytes in, bytes out, no I/O (`docs/protocol.md` section 10).
//!
//! [`wire`] reads and writes the messages within their bounds; [`identity`] says whose connection it is; [`Puller`] drives one peer:
//! what to ask next, and what an answer means. Nothing here decides who may read what.

pub mod identity;
mod puller;
pub mod wire;

/// How entries of frames are packed, part of a request for frames; and what a frame is once it is verified.
pub use gotong_ledger::{Encoding, VerifiedFrame};
pub use puller::{Ask, News, PeerFault, Puller, Wanted};
