//! The integration program of the model: documents as they are signed, and what governance makes of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_self,
    reason = "a test stops where something is wrong"
)]

mod accession;
mod agreements;
mod charters;
mod documents;
mod golden;
mod houses;
mod judged;
mod notices;
mod properties;
mod refusals;
mod support;
