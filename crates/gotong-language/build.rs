//! Writes the table of all Fluent files below `locales/`, so that a file which stands there is in the program without a line of code.
//!
//! It reads no file's content and decides nothing: a folder that is no language, and a message that does not parse, are found by the tests.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let home = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let locales = home.join("locales");
    println!("cargo:rerun-if-changed={}", locales.display());
    let mut out = String::from(
        "/// Every Fluent file: tag of its language, its name, its text.\npub(super) const FILES: &[(&str, &str, &str)] = &[\n",
    );
    for folder in sorted(&locales)? {
        println!("cargo:rerun-if-changed={}", folder.display());
        for file in sorted(&folder)? {
            let is_fluent = file.extension().is_some_and(|extension| extension == "ftl");
            let (Some(tag), Some(name), true) = (folder.file_name(), file.file_stem(), is_fluent) else { continue };
            let _ = writeln!(
                out,
                "    ({:?}, {:?}, include_str!({:?})),",
                tag.to_string_lossy(),
                name.to_string_lossy(),
                file.display().to_string()
            );
        }
    }
    out.push_str("];\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(target.join("files.rs"), out)
}

/// What stands in a folder, in the order of the names, so that a build gives the same bytes each time.
fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}
