//! `cargo xtask pictures`: the pictures of the console in the book, made anew in a real browser from a region with samples.
//!
//! Not a part of `test` or `docs`: pictures hold instants and differ from run to run. Read next: `interop/browser/pictures.py`.

use anyhow::Result;

use crate::clients;
use crate::run;
use crate::workspace::{self, Workspace};

/// What makes them, and where they go.
const MAKER: &str = "interop/browser/pictures.py";
const FOLDER: &str = "docs/book/pictures";

/// Builds the program and makes the pictures.
pub(crate) fn run() -> Result<bool> {
    let root = workspace::root()?;
    if !run::succeeds(&mut run::cargo(&root, &["build", "--package", "gotong"]))? {
        return Ok(false);
    }
    let workspace = Workspace::load(&root)?;
    let python = clients::python(&root, &workspace.target)?.display().to_string();
    let mut maker = run::command(&python, &root);
    maker.args(["-B", MAKER, FOLDER]).env("GOTONG_PROGRAM", workspace.program("gotong"));
    run::succeeds(&mut maker)
}
