//! The clients and validators of others that tests ask about our formats, and what drives a browser: a Python environment in `target/clients`, made
//! from `interop/requirements.txt`, where each package stands with its version and hash.
//!
//! Must not take a package whose hash is not written down, and must not leave a half-made environment that looks whole. Read next: `test`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run;
use crate::workspace::{self, Workspace};

/// What is installed, and how tests learn where.
const REQUIREMENTS: &str = "interop/requirements.txt";
/// The variable that names the Python of the environment; whoever sets it brings an own one, and nothing is made.
pub(crate) const VARIABLE: &str = "GOTONG_CLIENTS_PYTHON";
/// A copy of the requirements that the environment was made from. It is written last: without it nothing counts as made.
const STAMP: &str = "made-from.txt";

/// Makes the environment and prints its Python.
pub(crate) fn run() -> Result<bool> {
    let root = workspace::root()?;
    let workspace = Workspace::load(&root)?;
    println!("{}", python(&root, &workspace.target)?.display());
    Ok(true)
}

/// The Python of the environment, which is made where it is absent or where the requirements have changed.
pub(crate) fn python(root: &Path, target: &Path) -> Result<PathBuf> {
    if let Some(own) = std::env::var_os(VARIABLE) {
        return Ok(PathBuf::from(own));
    }
    let wanted = fs::read_to_string(root.join(REQUIREMENTS)).with_context(|| format!("{REQUIREMENTS} is not there"))?;
    let folder = target.join("clients");
    let python = folder.join("bin/python");
    if is_made(&folder, &wanted) && run::is_present(&python.display().to_string(), &["--version"], root) {
        return Ok(python);
    }
    make(root, &folder)?;
    fs::write(folder.join(STAMP), &wanted).with_context(|| format!("{} could not be written", folder.display()))?;
    Ok(python)
}

/// Whether the environment was made to its end, from these very requirements.
fn is_made(folder: &Path, wanted: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|made| made == wanted)
}

fn make(root: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} could not be removed", folder.display()))?;
    }
    let mut venv = run::command("python3", root);
    venv.args([OsStr::new("-m"), OsStr::new("venv"), folder.as_os_str()]);
    if !run::succeeds(&mut venv)? {
        bail!("the environment of the clients could not be made; the Debian package python3-venv brings what makes it");
    }
    let mut install = run::command(&folder.join("bin/python").display().to_string(), root);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    // What is needed is in the file, with all that it needs itself: nothing else is looked for.
    install.args(["--require-hashes", "--no-deps", "--requirement", REQUIREMENTS]);
    if !run::succeeds(&mut install)? {
        bail!(
            "the clients of {REQUIREMENTS} could not be installed. They come from PyPI, once; without a network, set PIP_INDEX_URL or \
             PIP_FIND_LINKS to where they are, or {VARIABLE} to a Python that has them"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_counts_only_when_made_to_its_end_and_from_these_requirements() {
        let folder = std::env::temp_dir().join(format!("gotong-clients-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        assert!(!is_made(&folder, "a==1"));
        fs::write(folder.join(STAMP), "a==1").expect("a stamp");
        assert!(is_made(&folder, "a==1"));
        assert!(!is_made(&folder, "a==2"));
        fs::remove_dir_all(&folder).expect("the folder goes");
    }

    #[test]
    fn every_client_stands_with_version_and_hash() {
        let root = crate::workspace::root().expect("the root");
        let text = fs::read_to_string(root.join(REQUIREMENTS)).expect("the requirements");
        let logical = text.replace("\\\n", " ");
        let lines: Vec<&str> =
            logical.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
        assert!(lines.iter().all(|line| line.contains("==") && line.contains("--hash=sha256:")), "{lines:?}");
        for client in [
            "authlib",
            "axe-playwright-python",
            "flask",
            "playwright",
            "pymisp",
            "stix2",
            "stix2-patterns",
            "stix2-validator",
            "taxii2-client",
        ] {
            assert!(lines.iter().any(|line| line.starts_with(&format!("{client}=="))), "{client}");
        }
    }
}
