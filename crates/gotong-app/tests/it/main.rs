//! A small region of real nodes on stores in memory, connected by hand: what is published, received, withdrawn and shown.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "a test that cannot go on stops, and tells a story from beginning to end"
)]

mod accounts;
mod archives;
mod auditing;
mod blocklists;
mod collections;
mod constituents;
mod dating;
mod deeds;
mod duties;
mod exercise_data;
mod exercises;
mod explaining;
mod governing;
mod networks;
mod notifying;
mod personal;
mod publishing;
mod quarantine;
mod reading;
mod recall;
mod receiving;
mod region;
mod register;
mod related;
mod returning;
mod searching;
mod secrecy;
mod subscribing;
mod tokens;
mod warninglists;
