//! What a node does towards the world outside its region: fetching feeds, asking TAXII servers, telling others.
//!
//! Must not reach an address inside the operator's own network unless the configuration opens it: every connection goes through `guard`.
//! Read next: `outward/guard.rs` (which addresses), then `outward/fetch.rs` (how much, how long, how often).

pub mod download;
pub mod fault;
pub mod fetch;
pub mod guard;
pub mod retry;
pub mod trust;

/// What a server is given to go outside with.
#[derive(Clone, Debug)]
pub struct Outward {
    /// Asks servers.
    pub fetcher: fetch::Fetcher,
    /// Whether sources run by their schedule; a command that opened the folder for itself runs only what it is told.
    pub schedules: bool,
}
