//! What the crate promises, checked from outside: golden vectors, hostile bytes, streams, real data.
//!
//! Read next: `golden.rs`, whose vectors are in `testdata/stix/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by failing; the lint knows only functions that are tests themselves"
)]

mod golden;
mod hostile;
mod personal;
mod real;
mod stream;
