//! `cargo xtask tidy`: what the house demands of its files, one check a module, one line a finding.
//!
//! A check is a pure function of the files and of what cargo knows, so each is tested on a small input that is broken on purpose.
//! Must not mend anything itself. Read next: ARCHITECTURE.md (the arrow table) and STYLE.md (the reasons).

mod arrows;
mod headers;
mod links;
mod names;
mod paths;
mod purity;
mod schemas;
mod sizes;
mod unfinished;

use std::fmt;

use anyhow::Result;

use crate::workspace::{self, Tree, Workspace};
use crate::{docs, run};

/// One thing that is not as it should be.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Finding {
    /// The file, relative to the root.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong, and how to mend it.
    pub(crate) what: String,
}

impl Finding {
    /// A finding at a line of a file.
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Runs every check and prints what it found; warnings are printed and fail nothing.
pub(crate) fn run(text_only: bool) -> Result<bool> {
    let root = workspace::root()?;
    let workspace = Workspace::load(&root)?;
    let tree = Tree::load(&root)?;

    let mut findings = Vec::new();
    findings.extend(arrows::check(&workspace, &tree));
    findings.extend(headers::check(&tree));
    findings.extend(sizes::check(&tree));
    findings.extend(names::check(&workspace, &tree));
    findings.extend(purity::check(&workspace, &tree));
    findings.extend(links::check(&tree));
    findings.extend(schemas::check(&tree));
    findings.extend(unfinished::check(&tree));
    findings.extend(paths::check(&tree));
    findings.sort();
    for warning in sizes::warnings(&tree) {
        println!("warning: {warning}");
    }
    for finding in &findings {
        println!("{finding}");
    }

    let mut steps = vec![run::Step::perform("files", || Ok(findings.is_empty()))];
    if text_only {
        eprintln!("xtask: --text-only leaves out the comparison of generated files");
    } else {
        steps.push(run::Step::perform("generated files", || {
            let differences = docs::differences(&root)?;
            for difference in &differences {
                println!("{difference}");
            }
            Ok(differences.is_empty())
        }));
    }
    eprintln!(
        "\nxtask: {} files, {} crates, {} findings in files",
        tree.paths.len(),
        workspace.packages.len(),
        findings.len()
    );
    Ok(run::summary("tidy", &steps))
}

/// Whether a file is source that people write and read: generated files, shipped files of others and test data are not.
fn is_source(path: &str) -> bool {
    let foreign = ["third_party/", "testdata/", "openapi/", "target/"];
    let written = ["rs", "py", "sql", "sh", "js", "css", "html", "toml", "yml", "yaml"];
    let is_written = written.iter().any(|extension| is_of(path, extension)) || path == ".ci/run";
    is_written && !foreign.iter().any(|folder| path.starts_with(folder))
}

/// Whether a path's extension is this one.
fn is_of(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// The lines of a text, counted from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_an_editor_can_jump_to() {
        assert_eq!(Finding::new("a/b.rs", 7, "is wrong").to_string(), "a/b.rs:7: is wrong");
    }

    #[test]
    fn what_others_wrote_is_no_source() {
        assert!(is_source("crates/gotong-model/src/lib.rs") && is_source(".ci/run") && is_source("interop/verify.py"));
        assert!(!is_source("third_party/htmx/htmx.js") && !is_source("testdata/a.py") && !is_source("README.md"));
    }
}
