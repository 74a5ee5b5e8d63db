//! Starting programs: every command is shown before it runs, and nested cargo does not inherit what the outer cargo set for this one.
//!
//! Must not hide output or swallow an exit status. Read next: `test`, which strings steps together.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A command, prepared to run in `folder` with its output shown.
pub(crate) fn command(program: &str, folder: &Path) -> Command {
    #[allow(clippy::disallowed_methods, reason = "chores are made of other programs; the rule is for the product")]
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    // `cargo run` tells its child which package it is. A build script of a nested cargo that watches these would see a change and rebuild.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_outer_cargo) {
            command.env_remove(name);
        }
    }
    command
}

/// `cargo` with these arguments.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = command("cargo", folder);
    command.args(arguments);
    command
}

fn is_of_outer_cargo(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || matches!(name, "CARGO" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE")
}

/// Shows the command, runs it, and says whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let line = shown(command);
    eprintln!("\n$ {line}");
    let status = command.status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        eprintln!("xtask: `{line}` ended with {status}");
    }
    Ok(status.success())
}

/// Runs the command and hands back what it printed to standard output; fails where the command fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` ended with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not UTF-8"))
}

/// Whether a program can be started at all: `--version` is asked and nothing shown.
pub(crate) fn is_present(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let status = command(program, folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The command as one would type it, with what is set in its environment before it.
fn shown(command: &Command) -> String {
    let mut words: Vec<String> = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy()))))
        .collect();
    words.push(quoted(&command.get_program().to_string_lossy()));
    words.extend(command.get_args().map(|argument| quoted(&argument.to_string_lossy())));
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

/// What one step took, and whether it succeeded.
pub(crate) struct Step {
    name: String,
    passed: bool,
    took: Duration,
}

impl Step {
    /// Performs a step under a heading. An error in performing it is a failure of the step, not of the chore.
    pub(crate) fn perform(name: &str, work: impl FnOnce() -> Result<bool>) -> Self {
        eprintln!("\n== {name}");
        #[allow(clippy::disallowed_methods, reason = "how long a step took is shown to a person and decides nothing")]
        let begun = Instant::now();
        let passed = work().unwrap_or_else(|error| {
            eprintln!("xtask: {error:#}");
            false
        });
        Self { name: name.to_owned(), passed, took: begun.elapsed() }
    }
}

/// Lists the steps with their outcome; `true` if all passed.
pub(crate) fn summary(chore: &str, steps: &[Step]) -> bool {
    eprintln!("\n== {chore}: what ran");
    for step in steps {
        let outcome = if step.passed { "ok" } else { "FAILED" };
        eprintln!("{outcome:>8}  {:>7.1} s  {}", step.took.as_secs_f64(), step.name);
    }
    steps.iter().all(|step| step.passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_one_would_type_them() {
        let mut command = cargo(Path::new("."), &["doc", "--workspace", "a b"]);
        command.env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --workspace 'a b'");
    }

    #[test]
    fn what_the_outer_cargo_set_is_not_handed_on() {
        assert!(is_of_outer_cargo("CARGO_PKG_VERSION") && is_of_outer_cargo("CARGO_MANIFEST_DIR"));
        assert!(!is_of_outer_cargo("CARGO_TARGET_DIR") && !is_of_outer_cargo("CARGO_HOME"));
    }

    #[test]
    fn one_failed_step_fails_the_chore() {
        let passed = Step::perform("passes", || Ok(true));
        let failed = Step::perform("fails", || bail!("on purpose"));
        assert!(summary("test", std::slice::from_ref(&passed)));
        assert!(!summary("test", &[passed, failed]));
    }

    #[test]
    fn a_failing_command_is_not_taken_for_a_success() -> Result<()> {
        let here = Path::new(".");
        assert!(succeeds(&mut command("true", here))?);
        assert!(!succeeds(&mut command("false", here))?);
        assert!(output(&mut command("false", here)).is_err());
        assert!(!is_present("no-such-program-anywhere", &["--version"], here));
        Ok(())
    }
}
