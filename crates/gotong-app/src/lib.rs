//! Use cases and background work: publish, receive, withdraw, list, look up, explain. The only crate that opens a transaction.
//!
//! A [`Node`] is one member's node: its store, its governance, its keys, and the ports through which time, randomness and the checkpoint
//! file reach it. Everything here runs on the caller's thread and keeps no clock of its own, so that the simulated region can drive it
//! step by step; threads and sockets live in `gotong-web` and `gotong`.

pub mod account;
pub mod acknowledge;
pub mod act;
mod added;
pub mod addition;
pub mod archive;
pub mod audit;
pub mod backup;
pub mod blocklist;
pub mod caller;
pub mod deed;
pub mod duty;
pub mod erase;
pub mod exercise;
pub mod explain;
pub mod gate;
pub mod governing;
pub mod heading;
pub mod health;
pub mod house;
pub mod import;
mod interval;
pub mod log;
pub mod node;
pub mod notify;
pub mod once;
pub mod organisation;
pub mod parcel;
pub mod part;
pub mod ports;
pub mod project;
pub mod publish;
pub mod quarantine;
pub mod receive;
pub mod role;
pub mod rows;
pub mod sequencer;
pub mod serve;
pub mod session;
pub mod source;
pub mod start;
pub mod status;
pub mod subscription;
pub mod target;
mod term;
pub mod token;
pub mod tree;
pub mod verify;
pub mod view;
pub mod warninglist;
pub mod withdraw;

/// What views and faults speak of, for those who may not name the crates below.
pub use gotong_policy::{Effect, Ground};
pub use gotong_store::Fault as StoreFault;

pub use gate::Priority;
pub use node::{Node, NodeFault};
