//! What the ledger promises, checked against published vectors, another implementation, every small case, random cases and golden files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on stops"
)]

mod archive;
mod checkpoint;
mod frame;
mod golden;
mod history;
mod oracle;
mod proof;
mod published;
mod support;
