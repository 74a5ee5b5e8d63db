//! The measures: the real program driven as processes, each figure beside a baseline made in the same run, so that a noisy machine spoils neither.
//!
//! Only the program `measures` uses this. No figure here is a test: whether one is met is said and fails nothing. How to read the figures, and
//! the newest ones, are in `docs/performance.md`. Read next: `options.rs` (what can be asked), `run.rs` (the order of things).

#![allow(
    clippy::disallowed_methods,
    reason = "measuring means the real clock, and the program under measure runs as a process of its own"
)]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded to three digits; counts stay far below 2^52")]

mod catch_up;
mod constituents;
mod corpus;
mod cpu;
mod demo;
mod fault;
mod formats;
mod http;
mod import;
mod lookup;
mod machine;
mod matching;
mod memory;
mod node;
mod nothing_new;
mod options;
mod pages;
mod plain;
mod program;
mod report;
mod run;
mod scratch;
mod start;
mod taxii;
mod times;

use std::process::ExitCode;

/// Measures what the arguments ask for and prints the table. Fails where something could not be measured, not where a figure falls short.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let options = match options::parse(arguments) {
        Ok(options::Asked::Run(options)) => options,
        Ok(options::Asked::Help) => {
            println!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(fault) => {
            eprintln!("measures: {fault}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match run::run(&options) {
        Ok(mut report) => {
            println!("{}", report.print(options.output));
            if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => {
            eprintln!("measures: {fault}");
            ExitCode::FAILURE
        }
    }
}
