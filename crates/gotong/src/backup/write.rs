//! Writing a backup: the node hands over its store, this process adds configuration and keys, encrypts, and gives the file its name once it is whole and on
//! the disk. The only copy that is ever written is the encrypted one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gotong_crypto::{Digest, Hasher, sha256};
use gotong_model::Timestamp;
use serde_json::{Value, json};

use super::manifest::{LogHead, Manifest, Part, hex};
use super::seal::SealKeys;
use super::{FORMAT, KIND, MANIFEST, SMALL, SMALL_BYTES_MAX, STORE, tar};
use crate::client::{ByteStream, Client};
use crate::fault::{failure, usage};
use crate::home::Home;
use crate::output::{list_at, number_at, progress, text_at};

/// A backup that was written.
pub(crate) struct Written {
    pub(crate) manifest: Manifest,
    /// Bytes of the file.
    pub(crate) bytes: u64,
}

/// The file under way, beside its place. What was left of one that was killed is encrypted, and is written over.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    fn begin(out: &Path) -> Result<Self> {
        expect_free(out)?;
        let mut path = out.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = opened.map_err(|fault| unwritable(out, &fault))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(failure(format!("another backup to {} is under way", out.display()), "wait for its end"));
            }
            Err(TryLockError::Error(fault)) => return Err(unwritable(out, &fault)),
        }
        file.set_len(0).map_err(|fault| unwritable(out, &fault))?;
        Ok(Self { path, file })
    }

    /// Gives it its name.
    fn finish(self, out: &Path) -> Result<u64> {
        let finish = || {
            self.file.sync_all()?;
            let bytes = self.file.metadata()?.len();
            if out.exists() {
                return Err(std::io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(&self.path, out)?;
            // The name must survive a power cut as well as the content.
            let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()?;
            Ok(bytes)
        };
        finish().map_err(|fault| unwritable(out, &fault))
    }
}

fn expect_free(out: &Path) -> Result<()> {
    if out.symlink_metadata().is_ok() {
        return Err(usage(
            format!("{} is there already, and a backup never writes over anything", out.display()),
            "name another file; a date in its name helps",
        ));
    }
    Ok(())
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign enum that grows: what is not named here has no advice of its own"
)]
fn unwritable(out: &Path, fault: &std::io::Error) -> anyhow::Error {
    let hint = match fault.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            "free some room there, or name another disk; nothing of the node was touched"
        }
        std::io::ErrorKind::NotFound => "make the folder first, or name another",
        std::io::ErrorKind::PermissionDenied => "name a folder in which this user may write",
        std::io::ErrorKind::AlreadyExists => "name another file: a backup never writes over anything",
        _ => "look at the disk, or name another place",
    };
    failure(format!("could not write {}: {fault}", out.display()), hint)
}

/// Writes a backup of the node of a folder, whether it runs or not.
pub(crate) async fn write(
    home: &Home,
    client: &mut Client,
    keys: &SealKeys,
    out: &Path,
    json: bool,
) -> Result<Written> {
    let draft = Draft::begin(out)?;
    let path = draft.path.clone();
    let written = compose(home, client, keys, &draft, json).await;
    let finished = match written {
        Ok(manifest) => draft.finish(out).map(|bytes| Written { manifest, bytes }),
        // The disk speaks through several layers; its own word is what helps.
        Err(fault) => match fault.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()) {
            Some(io) if crate::fault::hint(&fault).is_none() && io.raw_os_error().is_some() => Err(unwritable(out, io)),
            _ => Err(fault),
        },
    };
    if finished.is_err() {
        let _ = fs::remove_file(path);
    }
    let written = finished?;
    let note = json!({"made_at": written.manifest.made_at, "bytes": written.bytes});
    // The backup is whole whatever becomes of the note; the node then says that it knows of none.
    if let Err(fault) = client.post_at("/node/backup", &note).await {
        eprintln!("note: the node could not note that this backup was made: {fault:#}");
    }
    Ok(written)
}

async fn compose(home: &Home, client: &mut Client, keys: &SealKeys, draft: &Draft, json: bool) -> Result<Manifest> {
    let small = small_parts(home)?;
    let mut store = client.bytes("/node/backup").await?;
    let head = head(&mut store).await?;
    let manifest = manifest(home, &head, &small)?;
    let modified_s = Timestamp::parse(&manifest.made_at).map_or(0, |at| at.micros() / 1_000_000);
    let modified_s = u64::try_from(modified_s).unwrap_or(0);
    let mut out = keys.seal(BufWriter::with_capacity(1 << 20, &draft.file))?;
    let mut put = |name: &str, bytes: &[u8]| -> Result<()> {
        tar::begin(&mut out, name, bytes.len() as u64, modified_s)?;
        out.write_all(bytes)?;
        Ok(tar::end(&mut out, bytes.len() as u64)?)
    };
    put(MANIFEST, serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    for (name, bytes) in &small {
        put(name, bytes)?;
    }
    let part = manifest.store()?;
    tar::begin(&mut out, STORE, part.bytes, modified_s)?;
    let (mut left, mut digest) = (part.bytes, Hasher::default());
    let bar = progress(Some(part.bytes), json);
    while let Some(piece) = store.next().await? {
        let length = piece.len() as u64;
        left = left.checked_sub(length).context("the node sent more than it said")?;
        digest.update(&piece);
        // Encrypting is work for a processor, and this task's thread has nothing else to do.
        out.write_all(&piece)?;
        bar.inc(length);
    }
    bar.finish_and_clear();
    if left > 0 || hex(digest.finish()) != part.sha256 {
        bail!("the node's store did not come whole");
    }
    tar::end(&mut out, part.bytes)?;
    tar::finish(&mut out)?;
    out.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(manifest)
}

/// What the node says of its store, or why it does not hand it over.
async fn head(store: &mut ByteStream) -> Result<Value> {
    let line = store.line().await?;
    let head: Value = serde_json::from_slice(&line).context("the node's answer is no JSON")?;
    if let Some(problem) = head.get("problem") {
        return Err(failure(
            format!("the node cannot hand over its store: {}", text_at(problem, "/detail")),
            text_at(problem, "/next"),
        ));
    }
    Ok(head)
}

fn small_parts(home: &Home) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let mut parts = Vec::new();
    for (name, is_needed) in SMALL {
        let path = home.dir().join(name);
        match fs::read(&path) {
            Ok(bytes) if bytes.len() as u64 <= SMALL_BYTES_MAX => parts.push((name, bytes)),
            Ok(bytes) => bail!("{} has {} bytes, and cannot have so many", path.display(), bytes.len()),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound && !is_needed => {}
            Err(fault) => {
                return Err(failure(
                    format!("could not read {}: {fault}", path.display()),
                    "run the command as the user that the node runs as; gotong doctor looks at the folder",
                ));
            }
        }
    }
    Ok(parts)
}

fn manifest(home: &Home, head: &Value, small: &[(&'static str, Vec<u8>)]) -> Result<Manifest> {
    let text = |name: &str| text_at(head, name).to_owned();
    let part = |(name, bytes): &(&'static str, Vec<u8>)| Part {
        name: (*name).to_owned(),
        bytes: bytes.len() as u64,
        sha256: hex(sha256(bytes)),
    };
    let mut parts: Vec<Part> = small.iter().map(part).collect();
    let digest = Digest::from_text(text_at(head, "/sha256")).context("the node's answer has no digest")?;
    parts.push(Part { name: STORE.to_owned(), bytes: number_at(head, "/bytes"), sha256: hex(digest) });
    let logs = list_at(head, "/logs").iter();
    let log = |log: &Value| LogHead {
        log: text_at(log, "/log").to_owned(),
        size: number_at(log, "/size"),
        root: text_at(log, "/root").to_owned(),
    };
    Ok(Manifest {
        kind: KIND.to_owned(),
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        member: text("/member"),
        name: text("/name"),
        region: text("/region"),
        region_words: text("/region_words"),
        made_at: text("/made_at"),
        elsewhere: home.config()?.files_elsewhere(),
        logs: logs.map(log).collect(),
        parts,
    })
}
