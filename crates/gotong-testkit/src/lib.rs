//! A region in one process: builders, seeded clock and randomness, faulty network and store. For tests only; nothing of the product uses it.
//!
//! [`region::run`] plays one seed: several real nodes on simulated machines, real bytes between them, everything that can go wrong, and after each step a
//! comparison with a plain model of what was promised. [`breakage`] has builds that are broken on purpose, so that the comparison itself is tested.
//! Read next: `region.rs`, then `law.rs`, `oracle.rs` and `checks.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::missing_panics_doc,
    reason = "a tool of tests: it stops where it does not understand itself"
)]

pub mod breakage;
pub mod builders;
pub mod checks;
pub mod clients;
pub mod clock;
pub mod dice;
pub mod disk;
pub mod law;
pub mod measures;
pub mod network;
pub mod objects;
pub mod oracle;
pub mod region;
pub mod store;
pub mod tls;
