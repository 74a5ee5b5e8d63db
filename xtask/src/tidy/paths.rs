//! Paths: no tracked file names a folder of the machine it was written on.

use super::{Finding, numbered};
use crate::workspace::Tree;

/// Folders of machines, put together here so that this file does not find itself.
const FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Lines that name such a folder.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in &tree.texts {
        for (number, line) in numbered(&text.text) {
            if let Some(folder) = FOLDERS.iter().find(|folder| names(line, folder)) {
                let what = format!(
                    "names {folder} of a machine; write the path relative to the repository, or take it as a parameter"
                );
                findings.push(Finding::new(&text.path, number, what));
            }
        }
    }
    findings
}

/// Whether the folder stands at the start of a path, and not in the middle of a longer one.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || ".-_~}>)".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_machine_is_found_and_a_longer_path_is_not() {
        let folder = FOLDERS[0];
        let page = format!(
            "see {folder}main\nfile://{folder}a\n\"{folder}\"\nsrc{folder}a.rs\nhttps://example.com{folder}a\n../{}\n",
            folder.trim_start_matches('/')
        );
        let lines: Vec<_> = check(&Tree::of(&[("docs/a.md", &page)])).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 2, 3]);
    }
}
