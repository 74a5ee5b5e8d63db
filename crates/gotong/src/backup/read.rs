//! Reading a backup, part by part, within bounds: nothing is believed before its digest is compared, and of nothing but the store is more than a few megabytes
//! held at a time.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use age::stream::StreamReader;
use anyhow::{Context, Result, bail};
use gotong_crypto::{Hasher, sha256};
use indicatif::ProgressBar;

use super::manifest::{Manifest, hex};
use super::seal::OpenKey;
use super::{MANIFEST, MANIFEST_BYTES_MAX, STEP, STORE, tar};
use crate::fault::{failure, hint};

/// A backup that is being read.
pub(super) struct Reading {
    pub(super) manifest: Manifest,
    input: StreamReader<BufReader<File>>,
}

/// What a fault while reading means for whoever has the file.
pub(super) fn explain(path: &Path, fault: &anyhow::Error) -> anyhow::Error {
    let what = format!("{}: {fault:#}", path.display());
    match hint(fault) {
        Some(hint) => failure(what, hint),
        None => failure(
            what,
            "it was changed or cut short on its way: fetch another copy of this backup, or restore an older one",
        ),
    }
}

impl Reading {
    /// Opens a backup and reads its manifest.
    pub(super) fn open(path: &Path, key: &OpenKey) -> Result<Self> {
        let file = File::open(path).map_err(|fault| {
            failure(format!("could not open the backup: {fault}"), "name the file that gotong backup wrote")
        })?;
        let mut input = key.open(file)?;
        let bytes = tar::expect(&mut input, MANIFEST)?;
        if bytes > MANIFEST_BYTES_MAX {
            bail!("its manifest has {bytes} bytes, and cannot have so many");
        }
        let manifest = Manifest::parse(&content(&mut input, bytes)?)?;
        Ok(Self { manifest, input })
    }

    /// Reads the parts before the store.
    pub(super) fn small(&mut self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut parts = Vec::new();
        for part in self.manifest.small() {
            if tar::expect(&mut self.input, &part.name)? != part.bytes {
                bail!("{} is not as long as the manifest says", part.name);
            }
            let bytes = content(&mut self.input, part.bytes)?;
            if hex(sha256(&bytes)) != part.sha256 {
                bail!("{} is not the one that the manifest describes", part.name);
            }
            parts.push((part.name.clone(), bytes));
        }
        Ok(parts)
    }

    /// Reads the store to where it belongs, and makes sure that nothing comes behind it.
    pub(super) fn store(&mut self, mut out: &File, bar: &ProgressBar) -> Result<()> {
        let part = self.manifest.store()?;
        if tar::expect(&mut self.input, STORE)? != part.bytes {
            bail!("the store is not as long as the manifest says");
        }
        let (mut left, mut digest, mut buffer) = (part.bytes, Hasher::default(), vec![0; STEP]);
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(STEP).min(STEP);
            let piece = buffer.get_mut(..length).context("a buffer")?;
            self.input.read_exact(piece)?;
            digest.update(piece);
            out.write_all(piece).map_err(|fault| {
                failure(format!("could not write the store: {fault}"), "free some room there, or name another place")
            })?;
            left -= length as u64;
            bar.inc(length as u64);
        }
        tar::skip_padding(&mut self.input, part.bytes)?;
        if hex(digest.finish()) != part.sha256 {
            bail!("the store is not the one that the manifest describes");
        }
        tar::expect_end(&mut self.input)
    }
}

/// Reads a part whose length was checked.
fn content(input: &mut impl Read, bytes: u64) -> Result<Vec<u8>> {
    // Memory is taken as the bytes come, not as a header promises them.
    let mut content = Vec::new();
    let read = input.by_ref().take(bytes).read_to_end(&mut content)?;
    if read as u64 != bytes {
        bail!("it ends in the middle of a part");
    }
    tar::skip_padding(input, bytes)?;
    Ok(content)
}
