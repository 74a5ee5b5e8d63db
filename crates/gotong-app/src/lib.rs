//! Use cases and background work: publish, receive, withdraw, list, look up, explain. The only crate that opens a transaction.
//!
//! A [`Node`] is one member's node: its store, its governance, its keys, and the ports through which time, randomness and the checkpoint
//! file reach it. Everything here runs on the caller's thread and keeps no clock of its own, so that the simulated region can drive it
//! step by step; threads and sockets live in `gotong-web` and `gotong`.

pub mod acknowledge;
pub mod erase;
pub mod gate;
pub mod import;
mod interval;
pub mod log;
pub mod node;
pub mod once;
pub mod ports;
pub mod project;
pub mod publish;
pub mod receive;
pub mod rows;
pub mod sequencer;
pub mod serve;
pub mod tree;
pub mod withdraw;

/// What a store can fail with, for those who may not name the store.
pub use gotong_store::Fault as StoreFault;

pub use gate::Priority;
pub use node::{Node, NodeFault};
