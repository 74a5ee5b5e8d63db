//! Backups: one encrypted file of a node, how it is written, opened and checked. The file is of the format of age, and what is inside a plain tar, so that
//! it can be opened without this program too. Its parts stand in a fixed order, the manifest first, and nothing else is let in.
//!
//! INVARIANT: 8. Neither the checkpoint file nor a root key is ever among the parts: the first betrays a store that was put back.
//! Read next: `backup/write.rs`, `backup/read.rs`, `backup/restore.rs`.

mod manifest;
mod read;
mod restore;
mod seal;
mod tar;
mod write;

pub(crate) use manifest::LogHead;
pub(crate) use restore::{Proof, restore, verify};
pub(crate) use seal::{OpenKey, SealKeys};
pub(crate) use write::write;

/// What a backup is called inside.
const KIND: &str = "gotong backup";
/// The version of what is inside.
const FORMAT: u64 = 0;

const MANIFEST: &str = "manifest.json";
const STORE: &str = "store/store.db";
/// What comes between them, in this order: path within the folder, and whether a folder without it is none.
const SMALL: [(&str, bool); 4] =
    [("gotong.toml", true), ("keys/node.key", true), ("keys/tls.key", true), ("statement.note", false)];
/// The longest manifest: it has a line for each log.
const MANIFEST_BYTES_MAX: u64 = 64 << 20;
/// The longest of the small parts.
const SMALL_BYTES_MAX: u64 = 16 << 20;
/// Bytes moved at a time.
const STEP: usize = 256 << 10;
