//! Names: no crate is called by a word that says nothing about what belongs in it, and no module hides behind the name of its folder.

use super::Finding;
use crate::workspace::{Tree, Workspace};

const SAY_NOTHING: &[&str] = &["common", "util", "utils", "types", "helper", "helpers"];

/// Crates with such names, and files that should stand beside their folder.
pub(super) fn check(workspace: &Workspace, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, package) in &workspace.packages {
        if let Some(word) = name.split(['-', '_']).find(|word| SAY_NOTHING.contains(word)) {
            let what =
                format!("`{name}` is called by a word, `{word}`, that says nothing; put its parts where they are used");
            findings.push(Finding::new(&package.manifest, 1, what));
        }
    }
    for path in tree.paths.iter().filter(|path| path.starts_with("crates/") || path.starts_with("xtask/")) {
        if let Some(folder) = path.strip_suffix("/mod.rs") {
            findings.push(Finding::new(path, 1, format!("hides its name; move it to {folder}.rs")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Package;
    use crate::workspace::tests::sample;

    #[test]
    fn names_that_say_nothing_are_found() {
        let mut workspace = sample();
        assert_eq!(check(&workspace, &Tree::default()), []);
        let manifest = "crates/gotong-utils/Cargo.toml".to_owned();
        workspace.packages.insert("gotong-utils".to_owned(), Package { manifest, ..Package::default() });
        let findings = check(&workspace, &Tree::default());
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().starts_with("crates/gotong-utils/Cargo.toml:1: `gotong-utils`"));
    }

    #[test]
    fn a_module_hidden_in_its_folder_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/foo/mod.rs", ""),
            ("crates/a/src/foo.rs", ""),
            ("crates/a/tests/it/main.rs", ""),
        ]);
        let findings = check(&sample(), &tree);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].what.contains("crates/a/src/foo.rs"));
    }
}
