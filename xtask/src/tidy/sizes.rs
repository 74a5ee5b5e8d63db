//! Sizes: a source file stops at 800 lines and is looked at again from 400; ARCHITECTURE.md stays within 250, so that it is read whole.

use super::{Finding, is_source};
use crate::workspace::Tree;

const LINES_MAX: usize = 800;
const LINES_WARN: usize = 400;
const ARCHITECTURE: (&str, usize) = ("ARCHITECTURE.md", 250);

/// Files that are too long.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, lines) in sized(tree).filter(|(_, lines)| *lines > LINES_MAX) {
        let what =
            format!("has {lines} lines of at most {LINES_MAX}; move one of the things it does into a file of its own");
        findings.push(Finding::new(path, LINES_MAX + 1, what));
    }
    let (path, most) = ARCHITECTURE;
    let lines = tree.text(path).map_or(0, |text| text.lines().count());
    if lines > most {
        findings.push(Finding::new(
            path,
            most + 1,
            format!("has {lines} lines of at most {most}; move detail into docs/"),
        ));
    }
    findings
}

/// Files that are long enough to think about, the longest first.
pub(super) fn warnings(tree: &Tree) -> Vec<Finding> {
    let mut long: Vec<_> = sized(tree).filter(|(_, lines)| (LINES_WARN + 1..=LINES_MAX).contains(lines)).collect();
    long.sort_by_key(|(path, lines)| (usize::MAX - lines, *path));
    long.into_iter()
        .map(|(path, lines)| {
            Finding::new(path, LINES_WARN + 1, format!("has {lines} lines; think about splitting it at {LINES_WARN}"))
        })
        .collect()
}

fn sized(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    tree.texts.iter().filter(|text| is_source(&text.path)).map(|text| (text.path.as_str(), text.text.lines().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_warn_and_longer_ones_fail() {
        let lines = |count: usize| "x\n".repeat(count);
        let tree = Tree::of(&[
            ("crates/a/src/fits.rs", &lines(LINES_WARN)),
            ("crates/a/src/warns.rs", &lines(LINES_WARN + 1)),
            ("crates/a/src/just.rs", &lines(LINES_MAX)),
            ("interop/fails.py", &lines(LINES_MAX + 1)),
            ("Cargo.lock", &lines(9_000)),
            ("ARCHITECTURE.md", &lines(251)),
        ]);
        let failed: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(failed, ["interop/fails.py", "ARCHITECTURE.md"]);
        let warned: Vec<_> = warnings(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(warned, ["crates/a/src/just.rs", "crates/a/src/warns.rs"]);
    }
}
