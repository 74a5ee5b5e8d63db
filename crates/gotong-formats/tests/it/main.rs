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
mod misp;
mod misp_back;
mod misp_blocked;
mod misp_hostile;
mod misp_memory;
mod misp_proposals;
mod misp_real;
mod out;
mod out_dns;
mod out_golden;
mod out_hostile;
mod out_rules;
mod out_tables;
mod pattern;
mod pattern_oracle;
mod personal;
mod real;
mod scan;
mod scan_oracle;
mod stream;
mod text_extract;
mod text_hostile;
mod text_readers;
mod warninglist;
