//! What cargo and git know of this workspace: packages with their dependencies, and the text of every file that is or would be tracked.
//!
//! Must not judge: that is `tidy`'s part. Both types can be made from plain data, so that checks are tested on small broken examples.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

/// The workspace's packages and what they depend on.
pub(crate) struct Workspace {
    /// Where built programs are put.
    pub(crate) target: PathBuf,
    /// Members of the workspace, by name.
    pub(crate) packages: BTreeMap<String, Package>,
}

/// One member of the workspace.
#[derive(Default)]
pub(crate) struct Package {
    /// Its manifest, relative to the root.
    pub(crate) manifest: String,
    /// Names of what it depends on to be built and to run; what only its tests use is left out.
    pub(crate) direct: BTreeSet<String>,
    /// Names of everything that those depend on in turn, themselves included.
    pub(crate) reached: BTreeSet<String>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let text = run::output(&mut run::cargo(root, &["metadata", "--format-version", "1"]))?;
        Self::from_metadata(&serde_json::from_str(&text).context("cargo metadata printed no JSON")?)
    }

    /// Reads what `cargo metadata --format-version 1` prints.
    pub(crate) fn from_metadata(metadata: &Value) -> Result<Self> {
        let root = text_of(metadata, "workspace_root")?;
        let members: BTreeSet<&str> = list_of(metadata, "workspace_members").iter().filter_map(Value::as_str).collect();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for package in list_of(metadata, "packages") {
            names.insert(text_of(package, "id")?, text_of(package, "name")?);
        }
        let edges = edges_of(metadata)?;
        let mut packages = BTreeMap::new();
        for package in list_of(metadata, "packages") {
            let id = text_of(package, "id")?;
            if !members.contains(id) {
                continue;
            }
            let manifest = text_of(package, "manifest_path")?;
            let manifest = manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches('/').to_owned();
            let direct = list_of(package, "dependencies")
                .iter()
                .filter(|dependency| dependency.get("kind").and_then(Value::as_str) != Some("dev"))
                .filter_map(|dependency| dependency.get("name").and_then(Value::as_str))
                .map(str::to_owned)
                .collect();
            let reached = reach(id, &edges).into_iter().filter_map(|id| names.get(id)).map(|&name| name.to_owned());
            packages
                .insert(text_of(package, "name")?.to_owned(), Package { manifest, direct, reached: reached.collect() });
        }
        Ok(Self { target: text_of(metadata, "target_directory")?.into(), packages })
    }

    /// The path of a program built with the dev profile.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

/// Package id to the ids it needs when it is built normally: edges that only tests or build scripts use are left out.
fn edges_of(metadata: &Value) -> Result<BTreeMap<&str, Vec<&str>>> {
    let mut edges = BTreeMap::new();
    for node in metadata.pointer("/resolve/nodes").and_then(Value::as_array).into_iter().flatten() {
        let mut needed = Vec::new();
        for dependency in list_of(node, "deps") {
            let kinds = list_of(dependency, "dep_kinds");
            if kinds.iter().any(|kind| kind.get("kind").is_none_or(Value::is_null)) {
                needed.push(text_of(dependency, "pkg")?);
            }
        }
        edges.insert(text_of(node, "id")?, needed);
    }
    Ok(edges)
}

fn reach<'a>(from: &str, edges: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = edges.get(from).cloned().unwrap_or_default();
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            waiting.extend(edges.get(id).into_iter().flatten());
        }
    }
    found
}

fn text_of<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value.get(name).and_then(Value::as_str).with_context(|| format!("cargo metadata has no text `{name}`"))
}

fn list_of<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The repository's files: tracked ones, and new ones that no ignore rule names.
#[derive(Default)]
pub(crate) struct Tree {
    /// Every path, relative to the root, with `/`.
    pub(crate) paths: BTreeSet<String>,
    /// The files that hold text.
    pub(crate) texts: Vec<Text>,
}

/// A file that holds text.
pub(crate) struct Text {
    /// Its path, relative to the root, with `/`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

impl Tree {
    /// Asks git for the names and reads the files.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let names = run::output(run::command("git", root).args(arguments))
            .context("git names the files to check; if it is missing, the Debian package git brings it")?;
        let mut tree = Self::default();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            // A tracked file that is deleted but not yet committed is simply not there any more.
            let Ok(bytes) = fs::read(root.join(name)) else { continue };
            tree.paths.insert(name.to_owned());
            if let Ok(text) = String::from_utf8(bytes)
                && !text.contains('\0')
            {
                tree.texts.push(Text { path: name.to_owned(), text });
            }
        }
        tree.texts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree made of these files.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let texts = files.iter().map(|(path, text)| Text { path: (*path).to_owned(), text: (*text).to_owned() });
        Self { paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(), texts: texts.collect() }
    }

    /// The text of a file, if it is there.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.iter().find(|text| text.path == path).map(|text| text.text.as_str())
    }

    /// Whether a file or folder of this path is there.
    pub(crate) fn contains(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.paths.contains(path)
            || self.paths.range(folder.clone()..).next().is_some_and(|next| next.starts_with(&folder))
    }
}

/// The root of the workspace: the folder above this crate's.
pub(crate) fn root() -> Result<PathBuf> {
    let here =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    Ok(here.parent().context("xtask lies in a folder of the workspace")?.to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A workspace of gotong-model and gotong-store, with tokio reached from model through a crate of somebody else.
    pub(crate) fn sample() -> Workspace {
        let normal = json!([{"kind": null, "target": null}]);
        let metadata = json!({
            "workspace_root": "/r", "target_directory": "/r/target", "workspace_members": ["m", "s"],
            "packages": [
                {"id": "m", "name": "gotong-model", "manifest_path": "/r/crates/gotong-model/Cargo.toml",
                 "dependencies": [{"name": "gotong-store", "kind": null}, {"name": "proptest", "kind": "dev"}]},
                {"id": "s", "name": "gotong-store", "manifest_path": "/r/crates/gotong-store/Cargo.toml",
                 "dependencies": [{"name": "other", "kind": null}, {"name": "cc", "kind": "build"}]},
                {"id": "o", "name": "other", "manifest_path": "/c/other/Cargo.toml", "dependencies": []},
                {"id": "t", "name": "tokio", "manifest_path": "/c/tokio/Cargo.toml", "dependencies": []},
                {"id": "h", "name": "hyper", "manifest_path": "/c/hyper/Cargo.toml", "dependencies": []},
            ],
            "resolve": {"nodes": [
                {"id": "m", "deps": [{"pkg": "s", "dep_kinds": normal}, {"pkg": "h", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "s", "deps": [{"pkg": "o", "dep_kinds": normal}]},
                {"id": "o", "deps": [{"pkg": "t", "dep_kinds": normal}]},
                {"id": "t", "deps": []}, {"id": "h", "deps": []},
            ]},
        });
        Workspace::from_metadata(&metadata).expect("the sample is well formed")
    }

    #[test]
    fn dependencies_of_tests_are_left_out_and_others_followed_to_the_end() {
        let workspace = sample();
        let model = &workspace.packages["gotong-model"];
        assert_eq!(model.manifest, "crates/gotong-model/Cargo.toml");
        assert_eq!(model.direct.iter().collect::<Vec<_>>(), ["gotong-store"]);
        assert_eq!(model.reached.iter().collect::<Vec<_>>(), ["gotong-store", "other", "tokio"]);
        assert_eq!(workspace.packages.len(), 2, "crates of others are no members");
    }

    #[test]
    fn folders_are_known_by_the_files_in_them() {
        let tree = Tree::of(&[("docs/adr/README.md", ""), ("docs-old", "")]);
        assert!(tree.contains("docs") && tree.contains("docs/adr") && tree.contains("docs/adr/README.md"));
        assert!(!tree.contains("docs/ad") && !tree.contains("crates"));
    }

    #[test]
    fn metadata_that_lacks_something_is_refused_by_name() {
        let error = Workspace::from_metadata(&json!({})).err().expect("an empty object is no metadata");
        assert!(error.to_string().contains("workspace_root"));
    }
}
