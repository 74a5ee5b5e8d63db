//! The edges as others meet them: real sockets, real TLS, real nodes on stores in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "a test that cannot go on stops, and tells a story from beginning to end"
)]

mod api;
mod console;
mod federation;
mod misp;
mod outward;
mod taxii;
mod taxii_clauses;
