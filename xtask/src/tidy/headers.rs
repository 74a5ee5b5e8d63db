//! Headers: every Rust file opens with `//!` lines that say what it is for, what it must not do and where to read next.

use super::{Finding, is_of};
use crate::workspace::Tree;

/// Rust files of ours that open with something else.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let ours = tree.texts.iter().filter(|text| {
        let folder = ["crates/", "xtask/", "fuzz/", "benches/"].iter().any(|folder| text.path.starts_with(folder));
        folder && is_of(&text.path, "rs")
    });
    ours.filter(|text| !text.text.starts_with("//! "))
        .map(|text| {
            Finding::new(
                &text.path,
                1,
                "has no header; open it with 2 to 8 `//!` lines: what for, what not, where to read next",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_header_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/good.rs", "//! For this.\n"),
            ("crates/a/src/bad.rs", "use std::fmt;\n//! Too late.\n"),
            ("xtask/src/empty.rs", ""),
            ("elsewhere/free.rs", "fn main() {}\n"),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["crates/a/src/bad.rs", "xtask/src/empty.rs"]);
    }
}
