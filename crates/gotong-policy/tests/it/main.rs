//! Each permission has its refusal, and each refusal names the clause that it comes from.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is wrong"
)]

mod answers;
mod cached;
mod cedar;
mod house;
mod house_properties;
mod joining;
mod nearest;
mod oracle;
mod outside;
mod personal;
mod practice;
mod properties;
mod support;
