//! HTTP edges both ways: API, pages, federation server and client.
//!
//! Here are sizes, callers, status codes and sockets; what may be published, seen or done is decided in `gotong-app`. No SQL, no decisions.
//! Read next: `server.rs` (the public side), `federation.rs` (the peers' side).

mod api;
mod console;
pub mod drafting;
pub mod federation;
pub mod mail;
mod metrics;
mod misp;
pub mod openapi;
pub mod outward;
mod page;
pub mod problem;
pub mod provider;
pub mod server;
mod source;
mod subscription;
mod target;
mod taxii;
