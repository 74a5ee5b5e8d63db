//! The project's own chores, run as `cargo xtask <chore>`: `test`, `clients`, `tidy`, `docs`, `pictures`, `simulate`, `bench`.
//!
//! It must build in seconds and without a C compiler, so it depends on no crate of the workspace and starts the others as programs.
//! Read next: `run` (how programs are started and shown), `tidy` (what the house demands of every file).

mod clients;
mod docs;
mod pictures;
mod region;
mod run;
mod servers;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
    /// Runs every test and says what ran
    ///
    /// Example: cargo xtask test
    Test {
        /// Only the tests of the crates: no doc tests, no checks under interop/; long tests shorten themselves
        #[arg(long)]
        quick: bool,
    },
    /// Makes the Python environment with others' clients that tests ask, and prints its Python; `test` does so too
    ///
    /// Example: cargo xtask clients
    Clients,
    /// Checks what the house demands of the files: arrows, headers, sizes, names, purity, links, generated files
    ///
    /// Example: cargo xtask tidy
    Tidy {
        /// Leaves out the comparison of generated files, which needs the program built
        #[arg(long)]
        text_only: bool,
    },
    /// Writes the generated files anew and builds the crates' documentation
    ///
    /// Example: cargo xtask docs --check
    Docs {
        /// Writes nothing; fails where a generated file differs
        #[arg(long)]
        check: bool,
    },
    /// Makes the pictures of the console in docs/book anew, in a real browser
    ///
    /// Example: cargo xtask pictures
    Pictures,
    /// Runs the simulated region; a failing seed is printed and the exit status is 1
    ///
    /// Example: cargo xtask simulate --seeds 1000
    Simulate {
        /// How many seeds to run
        #[arg(long, value_name = "N", default_value_t = 100)]
        seeds: u64,
        /// The first seed
        #[arg(long, value_name = "S")]
        from: Option<u64>,
        /// Breaks one thing on purpose, to show that the invariants notice
        #[arg(long = "break", value_name = "NAME")]
        broken: Option<String>,
        /// Handed on as they are
        #[arg(last = true)]
        more: Vec<String>,
    },
    /// Runs the measures that fit in ten minutes and prints them as a table
    ///
    /// Example: cargo xtask bench import
    Bench {
        /// Names of measures, and options handed on as they are; all measures if none is named
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

fn main() -> ExitCode {
    match perform(Chore::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Performs a chore; `false` means that it ran and found something wrong, which it has said.
fn perform(chore: Chore) -> Result<bool> {
    match chore {
        Chore::Test { quick } => test::run(quick),
        Chore::Clients => clients::run(),
        Chore::Tidy { text_only } => tidy::run(text_only),
        Chore::Docs { check } => docs::run(check),
        Chore::Pictures => pictures::run(),
        Chore::Simulate { seeds, from, broken, more } => region::simulate(seeds, from, broken, more),
        Chore::Bench { names } => region::bench(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chore_parses() {
        use clap::CommandFactory;
        Chore::command().debug_assert();
        assert!(matches!(Chore::parse_from(["xtask", "test", "--quick"]), Chore::Test { quick: true }));
        let Chore::Simulate { seeds, from, broken, more } = Chore::parse_from([
            "xtask",
            "simulate",
            "--seeds",
            "7",
            "--from",
            "3",
            "--break",
            "forget-sync",
            "--",
            "-v",
        ]) else {
            panic!("simulate was asked for");
        };
        assert_eq!((seeds, from, broken.as_deref(), more), (7, Some(3), Some("forget-sync"), vec!["-v".to_owned()]));
        let Chore::Bench { names } = Chore::parse_from(["xtask", "bench", "import", "--objects", "1000"]) else {
            panic!("bench was asked for");
        };
        assert_eq!(names, ["import", "--objects", "1000"]);
    }
}
