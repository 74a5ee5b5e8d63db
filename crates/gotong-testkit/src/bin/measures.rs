//! `cargo xtask bench`: the measures of `docs/performance.md`, each beside its baseline in the same run.
//!
//! Everything is in `gotong_testkit::measures`; this only hands over the arguments.

use std::process::ExitCode;

/// The program's own allocator, so that the baseline is not slower for want of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gotong_testkit::measures::run(std::env::args().skip(1))
}
