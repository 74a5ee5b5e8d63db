//! The first part of a backup: what it is of, and what every other part must come to.

use anyhow::{Context, Result, bail};
use gotong_crypto::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FORMAT, KIND, SMALL, SMALL_BYTES_MAX, STORE};
use crate::fault::failure;

/// Size and root of one log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct LogHead {
    /// Which log.
    pub(crate) log: String,
    /// Its entries.
    pub(crate) size: u64,
    /// The root over them.
    pub(crate) root: String,
}

/// One part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Where it belongs in the data folder.
    pub(crate) name: String,
    /// How long it is.
    pub(crate) bytes: u64,
    /// SHA-256, as other programs write it.
    pub(crate) sha256: String,
}

/// What a backup says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) kind: String,
    pub(crate) format: u64,
    /// The version of the program that wrote it.
    pub(crate) program: String,
    /// Whose node.
    pub(crate) member: String,
    /// Its name.
    pub(crate) name: String,
    /// The region's id.
    pub(crate) region: String,
    /// The same as words.
    pub(crate) region_words: String,
    /// The moment that it shows.
    pub(crate) made_at: String,
    /// Files that the configuration names outside the folder; they are not in the backup.
    #[serde(default)]
    pub(crate) elsewhere: Vec<String>,
    /// Every log, by name.
    pub(crate) logs: Vec<LogHead>,
    /// What follows, in order.
    pub(crate) parts: Vec<Part>,
}

/// A digest as other programs write it.
pub(super) fn hex(digest: Digest) -> String {
    use std::fmt::Write as _;
    digest.as_bytes().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Manifest {
    /// Reads one; that of a newer program is named as such.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let value: Value = serde_json::from_slice(bytes).context("its manifest is no JSON")?;
        if value.get("kind").and_then(Value::as_str) != Some(KIND) {
            bail!("its manifest is not that of a backup of a node");
        }
        let format = value.get("format").and_then(Value::as_u64).context("its manifest names no format")?;
        if format != FORMAT {
            let program = value.get("program").and_then(Value::as_str).unwrap_or("a newer program");
            return Err(failure(
                format!("it is of the format {format}, written by {program}, and this program reads {FORMAT}"),
                "restore it with the version of the program that wrote it, or a newer one",
            ));
        }
        let manifest: Self = serde_json::from_value(value).context("its manifest does not read")?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        let is_known = |name: &str| name == STORE || SMALL.iter().any(|(small, _)| *small == name);
        if let Some(part) = self.parts.iter().find(|part| !is_known(&part.name)) {
            bail!("its manifest names {:?}, which no backup holds", part.name);
        }
        let mut parts = self.parts.iter();
        for (name, is_needed) in SMALL {
            match parts.as_slice().first() {
                Some(part) if part.name == name => {
                    if part.bytes > SMALL_BYTES_MAX {
                        bail!("its manifest says that {name} has {} bytes, and it cannot have so many", part.bytes);
                    }
                    parts.next();
                }
                _ if is_needed => bail!("its manifest lacks {name}"),
                _ => {}
            }
        }
        match (parts.next(), parts.next()) {
            (Some(part), None) if part.name == STORE => Ok(()),
            (Some(part), _) => bail!("its manifest has {} where it does not belong", part.name),
            (None, _) => bail!("its manifest lacks the store"),
        }
    }

    /// The store's part.
    pub(super) fn store(&self) -> Result<&Part> {
        self.parts.last().context("its manifest lacks the store")
    }

    /// The parts before it.
    pub(super) fn small(&self) -> &[Part] {
        self.parts.split_last().map_or(&[], |(_, small)| small)
    }

    /// Entries of all logs.
    pub(crate) fn entries(&self) -> u64 {
        self.logs.iter().map(|log| log.size).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(name: &str) -> Value {
        json!({"name": name, "bytes": 3, "sha256": "00"})
    }

    fn manifest(parts: &[&str]) -> Value {
        json!({
            "kind": KIND, "format": FORMAT, "program": "0.1.0", "member": "vn", "name": "Viet Nam", "region": "r",
            "region_words": "a b", "made_at": "2026-01-01T00:00:00Z", "logs": [],
            "parts": parts.iter().map(|name| part(name)).collect::<Vec<_>>(),
        })
    }

    fn read(value: &Value) -> Result<Manifest> {
        Manifest::parse(value.to_string().as_bytes())
    }

    #[test]
    fn only_the_parts_of_a_backup_are_let_in() {
        let whole = ["gotong.toml", "keys/node.key", "keys/tls.key", "statement.note", STORE];
        assert!(read(&manifest(&whole)).is_ok());
        assert!(read(&manifest(&[whole[0], whole[1], whole[2], STORE])).is_ok(), "a statement may be missing");
        for parts in [
            vec!["gotong.toml", "keys/node.key", "keys/tls.key"],
            vec!["keys/node.key", "gotong.toml", "keys/tls.key", STORE],
            vec!["gotong.toml", "keys/node.key", "keys/tls.key", "checkpoint", STORE],
            vec!["gotong.toml", "keys/node.key", "keys/tls.key", "../../etc/passwd", STORE],
            vec!["gotong.toml", "keys/node.key", "keys/tls.key", STORE, "root/root.key"],
            vec![],
        ] {
            assert!(read(&manifest(&parts)).is_err(), "{parts:?}");
        }
        let mut huge = manifest(&whole);
        huge["parts"][1]["bytes"] = json!(u64::MAX);
        assert!(read(&huge).is_err());
    }

    #[test]
    fn a_backup_of_a_newer_program_is_named_as_such() {
        let mut newer = manifest(&["something else"]);
        newer["format"] = json!(FORMAT + 1);
        newer["program"] = json!("9.0.0");
        let fault = read(&newer).unwrap_err();
        assert!(fault.to_string().contains("9.0.0"), "{fault}");
        assert!(crate::fault::hint(&fault).is_some());
    }
}
