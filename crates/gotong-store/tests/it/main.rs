//! The suite of `gotong_store::conformance` on every store, and on stores with one defect each, which it must catch.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, their helpers included")]

mod flawed;
mod memory;
mod sqlite;
mod sqlite_copying;
mod sqlite_erasure;
mod sqlite_upkeep;

use gotong_store::conformance::{Harness, Home, failures};

/// Every promise, kept by the stores that `make` makes.
fn assert_conforms(make: &dyn Fn(u64) -> Box<dyn Home>) {
    let failures = failures(&Harness { make });
    assert!(failures.is_empty(), "promises broken:\n{failures:#?}");
}
