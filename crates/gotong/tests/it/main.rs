//! The program as people run it: real processes, real files, real sockets. Nothing here reaches into a node but through the command line and the files that
//! it leaves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests stop at what they did not expect"
)]
#![allow(
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::items_after_statements,
    clippy::from_iter_instead_of_collect,
    clippy::semicolon_if_nothing_returned,
    clippy::wildcard_enum_match_arm,
    clippy::duration_suboptimal_units,
    reason = "a story of many steps reads best in one piece"
)]

mod backup;
mod browser;
mod captures;
mod checking;
mod constituents;
mod country;
mod demo;
mod disk_full;
mod doors;
mod duties;
mod explaining;
mod first_start;
mod fonts;
mod founding;
mod governing;
mod harness;
mod help;
mod house;
mod independent;
mod joining;
mod kills;
mod matching;
mod misp;
mod node;
mod offline;
mod outsider;
mod program;
mod provider;
mod python_client;
mod recall;
mod rehearsing;
mod schemathesis;
mod serving;
mod sources;
mod subscriptions;
mod targets;
mod taxii;
mod upgrading;
mod warninglists;
