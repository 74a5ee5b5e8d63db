//! The folder for everything that a run writes. It goes with the run, unless it is to be kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fault::{Fault, While};

/// A folder of its own, removed in the end.
pub(crate) struct Scratch {
    path: PathBuf,
    keep: bool,
}

impl Scratch {
    /// Makes a new folder inside `parent`.
    pub(crate) fn create(parent: &Path, keep: bool) -> Result<Self, Fault> {
        let path = parent.join(format!("run-{}", std::process::id()));
        fs::create_dir_all(&path).during(path.display())?;
        Ok(Self { path: fs::canonicalize(path)?, keep })
    }

    /// A path inside.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.keep {
            super::fault::say(format_args!("what the run wrote is in {}", self.path.display()));
        } else if let Err(fault) = fs::remove_dir_all(&self.path) {
            super::fault::say(format_args!("could not remove {}: {fault}", self.path.display()));
        }
    }
}

/// Root of the repository that this was built from.
pub(crate) fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::canonicalize(&root).unwrap_or(root)
}

/// Lets everything written so far reach the disk, so that the next figure does not pay for the one before.
pub(crate) fn settle_disk() {
    // Without the program the figures are noisier and nothing is wrong.
    let _ = Command::new("sync").status();
}

/// Bytes of all files in a folder and its folders.
pub(crate) fn bytes_in(folder: &Path) -> u64 {
    let Ok(files) = fs::read_dir(folder) else { return 0 };
    let size = |file: fs::DirEntry| match file.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_in(&file.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    files.flatten().map(size).sum()
}
