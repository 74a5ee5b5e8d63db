//! Imports from an address: this machine fetches it whole into a scratch file, which is then read like any other. So a download that breaks off publishes
//! nothing, and a node that is busy can be sent the same again.
//!
//! The address may lie inside, since a person at this machine named it; where it leads on may not. Read next: `gotong_web::outward`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use gotong_web::outward::download::Bounds;
use gotong_web::outward::fetch::{Ask, Fetcher};
use gotong_web::outward::guard::{Guard, Target};
use gotong_web::outward::trust;
use tempfile::TempDir;

use crate::cli::runtime;
use crate::fault::failure;

/// What one address may take of this machine.
const BOUNDS: Bounds = Bounds { bytes_max: 4 << 30, total: Duration::from_hours(1), idle: Duration::from_mins(1) };
/// Characters of a file name.
const NAME_CHARS_MAX: usize = 128;

/// A file that was fetched; the scratch folder around it goes with this value.
pub(super) struct Fetched {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) folder: TempDir,
}

/// The address that a source names, if it names one.
pub(super) fn address(source: &Path) -> Option<&str> {
    let text = source.to_str()?;
    let (scheme, _) = text.split_once("://")?;
    // Any scheme: what is not fetched is refused by name, and not looked for among the files.
    scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(text)
}

/// Fetches an address.
pub(super) fn fetch(address: &str) -> Result<Fetched> {
    let target = Target::parse(address).map_err(|fault| failure(fault.to_string(), "write it as https://host/path"))?;
    let fetcher = Fetcher::new(Guard::default(), trust::client(None)?);
    let folder = tempfile::tempdir().context("could not make a scratch folder")?;
    let path = folder.path().join(file_name(&target));
    let mut file = std::fs::File::create(&path).context("could not make a scratch file")?;
    let bytes = runtime()?.block_on(async {
        let ask = Ask { is_trusted: true, ..Ask::new(target) };
        let mut answer = fetcher.ask(&ask, BOUNDS).await.map_err(|fault| failure(fault.to_string(), fault.next()))?;
        let mut bytes = 0;
        while let Some(piece) = answer.body.next().await.map_err(|fault| failure(fault.to_string(), fault.next()))? {
            file.write_all(&piece).context("could not write the scratch file")?;
            bytes += piece.len() as u64;
        }
        anyhow::Ok(bytes)
    })?;
    Ok(Fetched { path, bytes, folder })
}

/// The last part of the path: it helps to see what the file is, and nothing else of the address does.
fn file_name(target: &Target) -> String {
    let last = target.url.path().rsplit('/').next().unwrap_or_default();
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = last.chars().filter(is_plain).collect();
    let name: String = name.trim_start_matches('.').chars().rev().take(NAME_CHARS_MAX).collect();
    let name: String = name.chars().rev().collect();
    if name.is_empty() { "download".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_files_and_name_their_file() {
        for (text, is_address) in
            [("https://a.example/x.json", true), ("file:///etc/passwd", true), ("a/b.json", false), ("-", false)]
        {
            assert_eq!(address(Path::new(text)).is_some(), is_address, "{text}");
        }
        let name = |text: &str| file_name(&Target::parse(text).unwrap());
        assert_eq!(name("https://a.example/feed/x.json.gz?key=1"), "x.json.gz");
        assert_eq!(name("https://a.example/"), "download");
        assert_eq!(name("https://a.example/..%2f..%2fetc"), "2f..2fetc");
        assert_eq!(name(&format!("https://a.example/{}.csv", "y".repeat(500))).len(), NAME_CHARS_MAX);
    }
}
