//! `gotong`: the program. Everything stands in the modules; read `cli.rs` for the commands, `wiring.rs` for how a node is put together.

mod archive;
mod backup;
mod checkpoint_file;
mod cli;
mod client;
mod clock;
mod config;
mod demo;
mod entropy;
mod fault;
mod founding;
mod home;
mod output;
mod practice;
mod wiring;

use std::process::ExitCode;

/// An import makes and drops millions of small pieces; this allocator takes half the time of the system's for them (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
