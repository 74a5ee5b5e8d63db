//! Putting a backup back, or only looking whether it would hold: every root is computed again from the entries and compared with the manifest.
//!
//! A folder is made whole beside its place and then given its name. What is only looked at lies in a file without a name (`gotong_store::Nameless`), so that
//! nothing is left of it whatever happens. The checkpoint file is not made: its absence is how the node knows what it is.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_app::node::load_governance;
use gotong_app::{backup, verify as prove_store};
use gotong_store::{Book, Nameless, SqliteOptions, SqliteStore, Store};

use super::STORE;
use super::manifest::{LogHead, Manifest};
use super::read::{Reading, explain};
use super::seal::OpenKey;
use crate::entropy::SystemEntropy;
use crate::fault::failure;
use crate::home::{self, Home};
use crate::output::progress;
use crate::wiring;

/// How a folder is called that is not whole yet, or that a kill left so.
const UNFINISHED: &str = ".gotong-restoring";
/// Findings that are told.
const FINDINGS_TOLD: usize = 5;

/// What was computed from the restored entries.
pub(crate) struct Proof {
    pub(crate) manifest: Manifest,
    /// Entries read.
    pub(crate) entries: u64,
    /// Of those, with content whose commitment was computed again.
    pub(crate) whole: u64,
    /// Erased under a tombstone.
    pub(crate) erased: u64,
    /// Withheld.
    pub(crate) withheld: u64,
    /// Size and root of every log, as computed.
    pub(crate) logs: Vec<LogHead>,
    /// Whether anything had been signed from this store: then it signs nothing for now.
    pub(crate) has_signed: bool,
}

/// Opens a backup and checks all of it, down to the roots of the logs. `scratch` is where a file without a name may take its room.
pub(crate) fn verify(file: &Path, key: &OpenKey, scratch: &Path, json: bool) -> Result<Proof> {
    let look = || {
        let mut reading = Reading::open(file, key)?;
        reading.small()?;
        let bytes = reading.manifest.store()?.bytes;
        let mut random = [0; 8];
        gotong_crypto::Entropy::fill(&SystemEntropy, &mut random);
        let name = scratch.join(format!(".gotong-verify-{:016x}", u64::from_be_bytes(random)));
        let nameless = Nameless::begin(&name, bytes, SqliteOptions::default()).map_err(|fault| {
            failure(
                format!("there is no room to look at it in {}: {fault}", scratch.display()),
                "name a folder with more room: --scratch DIR",
            )
        })?;
        let bar = progress(Some(bytes), json);
        reading.store(nameless.file(), &bar)?;
        bar.finish_and_clear();
        prove(&nameless.open()?, reading.manifest, json)
    };
    look().map_err(|fault| explain(file, &fault))
}

/// A folder on its way to its place. Dropped before it is there, it is removed.
struct Staging {
    path: PathBuf,
    // Tells one under way from what a kill left.
    _lock: File,
    is_placed: bool,
}

impl Staging {
    fn begin(place: &Path) -> Result<Self> {
        let parent = parent(place);
        clear_unfinished(&parent);
        let mut name = OsString::from(".");
        name.push(place.file_name().context("the folder has no name")?);
        name.push(UNFINISHED);
        let path = parent.join(name);
        let make = || {
            DirBuilder::new().mode(0o700).create(&path)?;
            let lock = File::open(&path)?;
            lock.try_lock().map_err(std::io::Error::from)?;
            Ok::<_, std::io::Error>(lock)
        };
        let lock = make().map_err(|fault| {
            failure(
                format!("could not make a folder in {}: {fault}", parent.display()),
                "make that folder first, see that this user may write there, and that no other restore is under way",
            )
        })?;
        for folder in ["keys", "store"] {
            home::make_folder(&path.join(folder))?;
        }
        Ok(Self { path, _lock: lock, is_placed: false })
    }

    /// Gives it its name, in one step, once all of it is on the disk.
    fn finish(mut self, place: &Path) -> Result<()> {
        let finish = || {
            for folder in ["keys", "store", "."] {
                let folder = self.path.join(folder);
                for file in fs::read_dir(&folder)? {
                    File::open(file?.path())?.sync_all()?;
                }
                File::open(folder)?.sync_all()?;
            }
            fs::rename(&self.path, place)?;
            File::open(parent(place))?.sync_all()
        };
        finish().with_context(|| format!("could not put the folder at {}", place.display()))?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_placed {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn parent(place: &Path) -> PathBuf {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Removes what killed restores left beside the place.
fn clear_unfinished(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_ours = name.starts_with('.') && name.ends_with(UNFINISHED);
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && is_folder && File::open(entry.path()).is_ok_and(|folder| folder.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn expect_blank(place: &Path) -> Result<()> {
    let is_blank = match fs::symlink_metadata(place) {
        Err(fault) => fault.kind() == std::io::ErrorKind::NotFound,
        Ok(found) => found.is_dir() && fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none()),
    };
    if is_blank {
        return Ok(());
    }
    Err(failure(
        format!("{} is not empty, and a restore never writes over anything", place.display()),
        "name a folder that is not there yet",
    ))
}

/// Puts a backup into a folder that is not there yet, or empty. The folder is whole afterwards, or was not touched.
pub(crate) fn restore(file: &Path, key: &OpenKey, place: &Path, json: bool) -> Result<Proof> {
    expect_blank(place)?;
    let put_back = || {
        let mut reading = Reading::open(file, key)?;
        let staging = Staging::begin(place)?;
        for (name, bytes) in reading.small()? {
            let mode = if name == "statement.note" { 0o644 } else { 0o600 };
            home::write_whole(&staging.path.join(name), &bytes, mode)?;
        }
        let bytes = reading.manifest.store()?.bytes;
        let bar = progress(Some(bytes), json);
        let path = staging.path.join(STORE);
        home::write_private(&path, b"")?;
        let store = File::options().write(true).open(&path)?;
        reading.store(&store, &bar)?;
        store.sync_all()?;
        drop(store);
        bar.finish_and_clear();
        let proof = prove_folder(&staging.path, reading.manifest, json)?;
        staging.finish(place)?;
        Ok(proof)
    };
    put_back().map_err(|fault| explain(file, &fault))
}

fn prove_folder(folder: &Path, manifest: Manifest, json: bool) -> Result<Proof> {
    let home = Home::open(folder)?;
    let code = home.config()?.node.code()?;
    if code.as_str() != manifest.member {
        anyhow::bail!("its configuration is that of {code}, and its manifest says {}", manifest.member);
    }
    home.node_key()?;
    wiring::tls_identity(&home)?;
    let mut store = SqliteStore::open(&home.store_dir(), SqliteOptions::default(), &SystemEntropy)?;
    let proof = prove(&store, manifest, json)?;
    // Places in lists that were handed out behind the backup's moment mean nothing here, and must not open.
    store.renew_incarnation(&SystemEntropy)?;
    store.finish_erasure()?;
    Ok(proof)
}

/// Computes every root again from the entries, and compares it with the manifest.
fn prove(store: &dyn Store, manifest: Manifest, json: bool) -> Result<Proof> {
    let (governance, has_signed) = {
        let tx = store.read()?;
        (load_governance(tx.as_ref())?, tx.last(Book::Batch, &[], &[])?.is_some())
    };
    if governance.region.to_string() != manifest.region {
        anyhow::bail!("its store is of another region than its manifest says");
    }
    let bar = progress(None, json);
    let report = prove_store::store(store, &governance, &mut |done, total| {
        bar.set_message(format!("{done} of {total} entries verified"));
    })?;
    bar.finish_and_clear();
    if !report.is_sound() {
        let told: Vec<&str> = report.findings.iter().take(FINDINGS_TOLD).map(String::as_str).collect();
        anyhow::bail!("not everything in its store holds: {}", told.join("; "));
    }
    let head = |head: backup::LogHead| LogHead { log: head.origin, size: head.size, root: head.root.to_text() };
    let logs: Vec<LogHead> = backup::heads_of(store, &governance.region)?.into_iter().map(head).collect();
    if logs != manifest.logs {
        anyhow::bail!("its logs do not have the sizes and roots that its manifest names");
    }
    let (entries, whole, erased, withheld) = (report.entries, report.whole, report.erased, report.withheld);
    Ok(Proof { manifest, entries, whole, erased, withheld, logs, has_signed })
}
