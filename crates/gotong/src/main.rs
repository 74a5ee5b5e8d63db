//! `gotong`: the program. Everything stands in the modules; read `cli.rs` for the commands, `wiring.rs` for how a node is put together.

mod archive;
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
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
