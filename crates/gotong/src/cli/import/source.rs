//! Where an import comes from: files, the files of folders, standard input. Compressed files are sent as they are; the node unpacks them, within its bounds.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Bytes;
use indicatif::ProgressBar;
use tokio::sync::mpsc;

use super::url;

/// Bytes read at once.
const PIECE_BYTES: usize = 256 << 10;
/// How deep folders are searched.
const DEPTH_MAX: usize = 32;
/// What a folder is searched for, each with or without `.gz`.
const NAMES: [&str; 6] = [".json", ".ndjson", ".jsonl", ".csv", ".tsv", ".eml"];
/// A download that failed leaves such a file: that is no import that went well.
const EMPTY: &str = "the file is empty: look at what was to write it";
const NOTHING: &str = "no file of this folder is taken: .json, .ndjson, .jsonl, .csv, .tsv, .eml and these with .gz are; name others one by one";
/// A node takes a sender that is silent for long for one that is gone; white space between lines shows that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

/// One stream of objects.
pub(super) struct Source {
    /// Its name for people.
    pub(super) name: String,
    /// Where it is; `None` is standard input.
    path: Option<PathBuf>,
    /// How long it is, where that is known.
    pub(super) bytes: Option<u64>,
    /// Whether it is compressed.
    pub(super) is_gzip: bool,
    /// The scratch folder of what was fetched.
    _fetched: Option<tempfile::TempDir>,
}

type Piece = io::Result<Bytes>;

/// The thread that reads a source.
pub(super) struct Reading {
    thread: std::thread::JoinHandle<io::Result<()>>,
    name: String,
}

impl Reading {
    /// What reading came to.
    pub(super) fn join(self) -> Result<()> {
        let read = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("reading it failed")));
        read.with_context(|| format!("could not read {}", self.name))
    }
}

/// Sources by name, in order, and what cannot be read.
pub(super) fn find(named: &[PathBuf]) -> (Vec<Source>, Vec<(String, String)>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for path in named {
        if path.as_os_str() == "-" {
            found.push(Source { name: "-".to_owned(), path: None, bytes: None, is_gzip: false, _fetched: None });
        } else if let Some(address) = url::address(path) {
            match url::fetch(address) {
                Ok(url::Fetched { path, bytes, folder }) => {
                    let is_gzip = path.extension().is_some_and(|extension| extension == "gz");
                    let (name, bytes) = (address.to_owned(), Some(bytes));
                    found.push(Source { name, path: Some(path), bytes, is_gzip, _fetched: Some(folder) });
                }
                Err(fault) => faults.push((address.to_owned(), format!("{fault:#}"))),
            }
        } else {
            let before = (found.len(), faults.len());
            let added = add(path, true, 0, &mut found, &mut faults);
            let is_nothing = before == (found.len(), faults.len());
            let fault = added.err().or_else(|| is_nothing.then(|| io::Error::other(NOTHING)));
            faults.extend(fault.map(|fault| (path.display().to_string(), fault.to_string())));
        }
    }
    (found, faults)
}

fn add(
    path: &Path,
    is_named: bool,
    depth: usize,
    found: &mut Vec<Source>,
    faults: &mut Vec<(String, String)>,
) -> io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_dir() {
        if is_named && metadata.is_file() && metadata.len() == 0 {
            return Err(io::Error::other(EMPTY));
        }
        if is_named || (metadata.is_file() && is_ours(path)) {
            // A pipe or device has no length that says anything.
            let bytes = metadata.is_file().then_some(metadata.len());
            let is_gzip = path.extension().is_some_and(|extension| extension == "gz");
            found.push(Source {
                name: path.display().to_string(),
                path: Some(path.to_owned()),
                bytes,
                is_gzip,
                _fetched: None,
            });
        }
        return Ok(());
    }
    if depth == DEPTH_MAX {
        return Err(io::Error::other("folders are nested too deep here"));
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        if let Err(fault) = add(&entry, false, depth + 1, found, faults) {
            faults.push((entry.display().to_string(), fault.to_string()));
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    NAMES.iter().any(|ending| plain.ends_with(ending)) && !name.starts_with('.')
}

impl Source {
    /// The type of its content: lines where the name says so, else whatever it turns out to be.
    pub(super) fn media(&self) -> &'static str {
        let plain = self.name.strip_suffix(".gz").unwrap_or(&self.name).to_ascii_lowercase();
        let is_lines = [".ndjson", ".jsonl"].iter().any(|ending| plain.ends_with(ending));
        if is_lines { "application/x-ndjson" } else { "application/octet-stream" }
    }

    /// The name of its file, without the ending of compression; standard input has none.
    pub(super) fn file_name(&self) -> Option<String> {
        let name = self.path.as_ref()?.file_name()?.to_string_lossy().into_owned();
        Some(name.strip_suffix(".gz").map(str::to_owned).unwrap_or(name))
    }

    /// The beginning of its plain bytes, for a look at what it is; nothing where it cannot be read twice.
    pub(super) fn head(&self, bytes_max: usize) -> io::Result<Vec<u8>> {
        let Some(path) = &self.path else { return Ok(Vec::new()) };
        let file = File::open(path)?;
        let input: Box<dyn Read> =
            if self.is_gzip { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut head = Vec::new();
        input.take(bytes_max as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Whether it can be read from its beginning again.
    pub(super) fn is_repeatable(&self) -> bool {
        self.bytes.is_some()
    }

    /// Begins to read it, on a thread of its own, no faster than its pieces are taken.
    pub(super) fn begin(&self, sender: mpsc::Sender<Piece>, bar: ProgressBar) -> Result<Reading> {
        let mut input: Box<dyn Read + Send> = match &self.path {
            Some(path) => Box::new(File::open(path).with_context(|| format!("could not open {}", self.name))?),
            None => Box::new(io::stdin()),
        };
        let sender = if self.path.is_none() { with_signs_of_life(sender) } else { sender };
        let thread = std::thread::spawn(move || {
            let mut buffer = vec![0; PIECE_BYTES];
            loop {
                let count = match input.read(&mut buffer) {
                    Ok(0) => return Ok(()),
                    Ok(count) => count,
                    Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
                    Err(fault) => {
                        let _ = sender.blocking_send(Err(io::Error::new(fault.kind(), fault.to_string())));
                        return Err(fault);
                    }
                };
                bar.inc(count as u64);
                let piece = Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default());
                // Nobody takes it any more: why, the answer says.
                if sender.blocking_send(Ok(piece)).is_err() {
                    return Ok(());
                }
            }
        });
        Ok(Reading { thread, name: self.name.clone() })
    }
}

/// Passes pieces on, and a line end where none came for a while and the last one ended with one: there it changes nothing.
fn with_signs_of_life(onward: mpsc::Sender<Piece>) -> mpsc::Sender<Piece> {
    let (sender, mut pieces) = mpsc::channel::<Piece>(1);
    tokio::spawn(async move {
        let mut is_between_lines = true;
        loop {
            let piece = match tokio::time::timeout(SIGN_OF_LIFE, pieces.recv()).await {
                Ok(None) => return,
                Ok(Some(piece)) => piece,
                Err(_) if is_between_lines => Ok(Bytes::from_static(b"\n")),
                Err(_) => continue,
            };
            is_between_lines = piece.as_ref().is_ok_and(|piece| piece.last() == Some(&b'\n'));
            if onward.send(piece).await.is_err() {
                return;
            }
        }
    });
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_for_what_can_be_read_and_named_files_are_taken_as_they_are() {
        let scratch = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = scratch.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "{}").unwrap();
            path
        };
        for name in ["b.json", "c.csv", "a/x.ndjson.gz", "a/deeper/y.JSONL", "notes.txt", "a/.hidden.json", "z.gz"] {
            put(name);
        }
        let odd = put("odd.dat");
        let missing = scratch.path().join("missing");
        let (found, faults) = find(&[scratch.path().to_owned(), odd, missing, PathBuf::from("-")]);
        let names: Vec<_> = found.iter().map(|source| source.name.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, ["y.JSONL", "x.ndjson.gz", "b.json", "c.csv", "odd.dat", "-"]);
        assert_eq!(found[0].media(), "application/x-ndjson");
        assert!(found[1].is_gzip && found[1].media() == "application/x-ndjson");
        assert_eq!(found[2].media(), "application/octet-stream");
        assert_eq!(found[1].file_name(), Some("x.ndjson".to_owned()));
        assert_eq!(faults.len(), 1);
    }
}
