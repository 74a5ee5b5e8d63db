//! `cargo xtask test`: every test there is, from the crates' own to the independent verifier, with a list of what ran at the end.
//!
//! Must not skip in silence: what is missing is named with the Debian package that brings it, and what cannot run is a failure.
//! Read next: `run::Step`.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::clients;
use crate::run::{self, Step};
use crate::servers;
use crate::workspace::{self, Workspace};

/// The folder of checks that share no code with the crates, and what runs them all.
const INTEROP: &str = "interop/run.py";

/// A program that tests need, how to ask for it, and the Debian package that brings it.
const NEEDED: &[(&str, &[&str], &str)] = &[
    ("cc", &["--version"], "build-essential"),
    ("python3", &["--version"], "python3"),
    ("git", &["--version"], "git"),
];

/// Runs all tests, or with `quick` only those of the crates; every step runs even after one has failed.
pub(crate) fn run(quick: bool) -> Result<bool> {
    let root = workspace::root()?;
    for line in missing(&root) {
        eprintln!("xtask: {line}");
    }
    let workspace = Workspace::load(&root)?;
    let program = workspace.program("gotong").display().to_string();
    let mut surroundings = Surroundings { program, clients: None, quick };

    let mut steps = vec![Step::perform("programs that tests start", || {
        run::succeeds(&mut run::cargo(&root, &["build", "--workspace", "--all-targets"]))
    })];
    steps.push(Step::perform("clients of others", || {
        surroundings.clients = Some(clients::python(&root, &workspace.target)?.display().to_string());
        Ok(true)
    }));
    steps.push(Step::perform("browser and name servers", || servers::present(&root)));
    if quick {
        eprintln!("\nxtask: --quick leaves out doc tests and {INTEROP}, and tells long tests to shorten themselves");
    } else {
        steps.push(Step::perform("doc tests", || {
            let mut command = run::cargo(&root, &["test", "--doc", "--workspace", "--no-fail-fast"]);
            run::succeeds(surroundings.given_to(&mut command))
        }));
        steps.push(Step::perform("independent verifier", || interop(&root, &surroundings)));
    }
    // Last, so that the line with their number closes what is printed.
    steps.push(Step::perform("tests of the crates", || run::succeeds(surroundings.given_to(&mut tests(&root)))));
    Ok(run::summary("test", &steps))
}

/// What tests are told through the environment: where the built program is, the Python that has others' clients, and whether to hurry.
struct Surroundings {
    program: String,
    clients: Option<String>,
    quick: bool,
}

impl Surroundings {
    fn given_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("GOTONG_PROGRAM", &self.program);
        if let Some(clients) = &self.clients {
            command.env(clients::VARIABLE, clients);
        }
        if self.quick {
            command.env("GOTONG_TEST_QUICK", "1");
        }
        command
    }
}

/// One line for each program that is not there.
fn missing(root: &Path) -> Vec<String> {
    let absent = NEEDED.iter().filter(|(program, arguments, _)| !run::is_present(program, arguments, root));
    absent
        .map(|(program, _, package)| format!("{program} is missing; the Debian package {package} brings it"))
        .collect()
}

/// The runner of the crates' tests: nextest where it is installed, else cargo's own.
fn tests(root: &Path) -> Command {
    if run::is_present("cargo", &["nextest", "--version"], root) {
        return run::cargo(root, &["nextest", "run", "--workspace", "--no-fail-fast"]);
    }
    eprintln!(
        "xtask: cargo-nextest is not installed, so cargo's own runner is used; `cargo install --locked cargo-nextest` brings it"
    );
    run::cargo(root, &["test", "--workspace", "--all-targets", "--no-fail-fast"])
}

fn interop(root: &Path, surroundings: &Surroundings) -> Result<bool> {
    if !root.join(INTEROP).is_file() {
        bail!("{INTEROP} is not there, so the logs were not verified by anything that shares no code with them");
    }
    run::succeeds(surroundings.given_to(run::command("python3", root).arg(INTEROP)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;

    #[test]
    fn a_missing_verifier_is_a_failure_and_not_a_skip() {
        let surroundings = Surroundings { program: String::new(), clients: None, quick: false };
        let error = interop(&env::temp_dir().join("no-such-folder"), &surroundings).expect_err("nothing is there");
        assert!(error.to_string().contains(INTEROP));
    }

    #[test]
    fn tests_learn_where_the_program_is() {
        let root = workspace::root().expect("the root");
        let surroundings =
            Surroundings { program: "target/debug/gotong".to_owned(), clients: Some("python".to_owned()), quick: true };
        let mut command = run::cargo(&root, &["test"]);
        let told: Vec<_> =
            surroundings.given_to(&mut command).get_envs().filter(|(_, value)| value.is_some()).collect();
        assert!(told.iter().any(|(name, _)| *name == "GOTONG_PROGRAM"));
        assert!(told.iter().any(|(name, _)| *name == "GOTONG_TEST_QUICK"));
        assert!(told.iter().any(|(name, _)| *name == clients::VARIABLE));
    }
}
