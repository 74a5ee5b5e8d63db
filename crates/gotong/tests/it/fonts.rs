//! The fonts that are parts of others are what `interop/fonts.py` makes of them, byte by byte. Their sums are compared in `crates/gotong-language/tests/it/fonts.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::Ended;

fn repository() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}

#[allow(clippy::disallowed_methods, reason = "what cuts fonts is another program")]
fn check(folder: &Path) -> Ended {
    let mut python = Command::new(gotong_testkit::clients::python());
    python.arg("-B").arg(repository().join("interop/fonts.py")).arg(folder).arg("--check").output().unwrap().into()
}

#[test]
fn parts_of_fonts_are_made_of_the_fonts_that_are_there() {
    let fonts = repository().join("third_party/fonts");
    let made = check(&fonts).with(0);
    assert_eq!(made.out.lines().count(), 3, "{}", made.out);
    // One that was changed is seen.
    let scratch = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(&fonts).unwrap().map(|entry| entry.unwrap().path()) {
        std::fs::copy(&file, scratch.path().join(file.file_name().unwrap())).unwrap();
    }
    let names = scratch.path().join("noto-sans-names.woff2");
    std::fs::copy(scratch.path().join("noto-sans-thai-400.woff2"), names).unwrap();
    let changed = check(scratch.path()).with(1);
    let is_told = |line: &str| line.starts_with("noto-sans-names.woff2: ") && line.ends_with(", not what is made now");
    assert!(changed.out.lines().any(is_told), "{}", changed.out);
}
