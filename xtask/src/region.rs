//! `cargo xtask simulate` and `cargo xtask bench`: the testkit's two programs, built with the release profile and handed their arguments.
//!
//! Must not know what a seed or a measure is. Read next: the testkit crate.

use anyhow::Result;

use crate::{run, workspace};

/// Runs the simulated region for a number of seeds.
pub(crate) fn simulate(seeds: u64, from: Option<u64>, broken: Option<String>, more: Vec<String>) -> Result<bool> {
    let mut arguments = vec!["--seeds".to_owned(), seeds.to_string()];
    if let Some(from) = from {
        arguments.extend(["--from".to_owned(), from.to_string()]);
    }
    if let Some(broken) = broken {
        arguments.extend(["--break".to_owned(), broken]);
    }
    arguments.extend(more);
    testkit("simulate", arguments)
}

/// Runs the measures named, or all of them.
pub(crate) fn bench(names: Vec<String>) -> Result<bool> {
    testkit("measures", names)
}

fn testkit(program: &str, arguments: Vec<String>) -> Result<bool> {
    let mut command = run::cargo(
        &workspace::root()?,
        &["run", "--quiet", "--release", "-p", "gotong-testkit", "--bin", program, "--"],
    );
    run::succeeds(command.args(arguments))
}
