//! The program as people run it: real processes, real files, real sockets. Nothing here reaches into a node but through the command line and the files that
//! it leaves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

mod demo;
mod disk_full;
mod erasure;
mod founding;
mod harness;
mod help;
mod kills;
mod node;
mod outsider;
mod program;
mod recall;
