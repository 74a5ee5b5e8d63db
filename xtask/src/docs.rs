//! `cargo xtask docs`: files that the program writes about itself, and the crates' documentation.
//!
//! The one table of generated files stands here. Must not edit what a person wrote. Read next: the hidden command `gotong reference`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::run;
use crate::tidy::Finding;
use crate::workspace::{self, Workspace};

/// What `gotong` is asked, and the file that its answer is kept in.
const GENERATED: &[(&[&str], &str)] = &[
    (&["reference", "openapi"], "openapi/v1.json"),
    (&["reference", "cli"], "docs/book/cli.md"),
    (&["reference", "config"], "docs/book/configuration.md"),
    (&["reference", "kinds"], "docs/records/README.md"),
    (&["reference", "problems"], "docs/problems/README.md"),
];

/// Writes the generated files, or compares them; then builds the crates' documentation with warnings as errors.
pub(crate) fn run(check: bool) -> Result<bool> {
    let root = workspace::root()?;
    let same = if check {
        let findings = differences(&root)?;
        for finding in &findings {
            println!("{finding}");
        }
        findings.is_empty()
    } else {
        for (file, text) in answers(&root)? {
            write_changed(&root.join(file), &text)?;
        }
        true
    };
    let mut documentation = run::cargo(&root, &["doc", "--workspace", "--no-deps"]);
    Ok(run::succeeds(documentation.env("RUSTDOCFLAGS", "-D warnings"))? && same)
}

/// One finding for each generated file that is not what the program says now.
pub(crate) fn differences(root: &Path) -> Result<Vec<Finding>> {
    let pairs = answers(root)?;
    Ok(pairs
        .iter()
        .filter_map(|(file, text)| difference(file, fs::read_to_string(root.join(file)).ok().as_deref(), text))
        .collect())
}

/// What the program says now, for each generated file.
fn answers(root: &Path) -> Result<Vec<(&'static str, String)>> {
    if !run::succeeds(&mut run::cargo(root, &["build", "--workspace", "--all-targets"]))? {
        anyhow::bail!("the program does not build, so its generated files cannot be compared");
    }
    let program = Workspace::load(root)?.program("gotong").display().to_string();
    let mut answers = Vec::new();
    for (arguments, file) in GENERATED {
        answers.push((*file, run::output(run::command(&program, root).args(*arguments))?));
    }
    Ok(answers)
}

fn difference(file: &str, kept: Option<&str>, now: &str) -> Option<Finding> {
    let Some(kept) = kept else {
        return Some(Finding::new(file, 1, "is generated and not there; write it with `cargo xtask docs`"));
    };
    if kept == now {
        return None;
    }
    let same = kept.lines().zip(now.lines()).take_while(|(a, b)| a == b).count();
    Some(Finding::new(file, same + 1, "differs from what the program says; write it anew with `cargo xtask docs`"))
}

fn write_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|kept| kept == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))?;
    eprintln!("xtask: wrote {}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_file_that_is_stale_or_missing_is_found() {
        assert_eq!(difference("f", Some("a\nb\n"), "a\nb\n"), None);
        assert_eq!(difference("f", Some("a\nb\n"), "a\nc\n").map(|finding| finding.line), Some(2));
        assert_eq!(difference("f", Some("a\n"), "a\nb\n").map(|finding| finding.line), Some(2));
        assert_eq!(
            difference("f", Some("a"), "a\n").map(|finding| finding.line),
            Some(2),
            "a lost last newline counts"
        );
        assert!(difference("f", None, "a\n").is_some_and(|finding| finding.what.contains("not there")));
    }

    #[test]
    fn no_two_answers_share_a_file() {
        let files: std::collections::BTreeSet<_> = GENERATED.iter().map(|(_, file)| file).collect();
        assert_eq!(files.len(), GENERATED.len());
    }
}
