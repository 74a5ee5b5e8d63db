//! What is searched: files, all files of folders, standard input; and their bytes, unpacked where they are compressed, in blocks that end with a line.
//!
//! Nothing is held but the block under way, so that a bomb costs time and no memory. A regular file is read as far as it reached when it was opened: one
//! that grows would have no end.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use gotong_formats::scan::{OVERLAP_BYTES, cut};
use indicatif::ProgressBar;

/// Bytes in a block, about.
const BLOCK_BYTES: usize = 1 << 20;
/// How deep folders are searched.
const DEPTH_MAX: usize = 32;
/// How many files are searched in one run.
const FILES_MAX: usize = 1_000_000;
/// The largest window of a zstd file: as much as `zstd --long` makes, and 128 megabytes.
const WINDOW_LOG_MAX: u32 = 27;
const BUFFER_BYTES: usize = 128 << 10;

/// Something to search.
pub(super) struct Source {
    /// Its name for people.
    pub(super) name: String,
    /// Where it is; `None` is standard input.
    path: Option<PathBuf>,
    /// How long it is, where that is known.
    pub(super) bytes: Option<u64>,
    /// When it was last written, where that is known.
    pub(super) written: Option<SystemTime>,
}

/// Sources by name, in order, and what cannot be read.
pub(super) fn find(named: &[PathBuf]) -> (Vec<Source>, Vec<(String, String)>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for path in named {
        if path.as_os_str() == "-" {
            found.push(Source { name: "-".to_owned(), path: None, bytes: None, written: None });
        } else if let Err(fault) = add(path, 0, &mut found, &mut faults) {
            faults.push((path.display().to_string(), fault.to_string()));
        }
    }
    (found, faults)
}

fn add(path: &Path, depth: usize, found: &mut Vec<Source>, faults: &mut Vec<(String, String)>) -> io::Result<()> {
    // What is named is followed; a link inside of a folder may lead anywhere, and back.
    let metadata = if depth == 0 { std::fs::metadata(path)? } else { std::fs::symlink_metadata(path)? };
    if !metadata.is_dir() {
        if depth == 0 || metadata.is_file() {
            if found.len() >= FILES_MAX {
                return Err(io::Error::other(format!("more than {FILES_MAX} files; search in several runs")));
            }
            // A pipe or device has no length that says anything.
            let bytes = metadata.is_file().then_some(metadata.len());
            let written = metadata.is_file().then(|| metadata.modified().ok()).flatten();
            found.push(Source { name: path.display().to_string(), path: Some(path.to_owned()), bytes, written });
        } else if metadata.is_symlink() {
            faults.push((path.display().to_string(), "is a link, which is not followed here; name it".to_owned()));
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
        if let Err(fault) = add(&entry, depth + 1, found, faults) {
            faults.push((entry.display().to_string(), fault.to_string()));
        }
    }
    Ok(())
}

/// Counts bytes as they are read, packed as they are.
struct Counted<R> {
    inner: R,
    bar: ProgressBar,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.bar.inc(count as u64);
        Ok(count)
    }
}

/// A part of a source: what is searched, and behind it what is only read on.
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    pub(super) until: usize,
}

/// The blocks of one source.
pub(super) struct Blocks {
    input: Box<dyn Read>,
    /// What was read and not yet handed out.
    rest: Vec<u8>,
    has_ended: bool,
}

impl Source {
    /// Opens it; what it is compressed with, its first bytes say.
    pub(super) fn open(&self, bar: &ProgressBar) -> io::Result<Blocks> {
        let mut raw: Box<dyn Read> = match &self.path {
            None => Box::new(io::stdin()),
            Some(path) => {
                let file = File::open(path)?;
                let metadata = file.metadata()?;
                if metadata.is_file() { Box::new(file.take(metadata.len())) } else { Box::new(file) }
            }
        };
        let mut magic = Vec::with_capacity(4);
        raw.by_ref().take(4).read_to_end(&mut magic)?;
        bar.inc(magic.len() as u64);
        let kind = magic.clone();
        let raw = io::Cursor::new(magic).chain(Counted { inner: raw, bar: bar.clone() });
        let input: Box<dyn Read> = if kind.starts_with(&[0x1f, 0x8b]) {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, raw)))
        } else if kind == [0x28, 0xb5, 0x2f, 0xfd] {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(BUFFER_BYTES, raw))?;
            decoder.window_log_max(WINDOW_LOG_MAX)?;
            Box::new(decoder)
        } else if let Some(why) = unread(&kind) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        } else {
            Box::new(raw)
        };
        Ok(Blocks { input, rest: Vec::new(), has_ended: false })
    }
}

/// What its first bytes show to be packed or written in a way that is not read here: searching it as it is would find nothing and say so with a good face.
fn unread(first: &[u8]) -> Option<&'static str> {
    match first {
        [0xfd, b'7', b'z', b'X'] => Some("it is packed with xz, which is not read here: xz -dc FILE | gotong match -"),
        [b'B', b'Z', b'h', b'1'..=b'9'] => {
            Some("it is packed with bzip2, which is not read here: bzip2 -dc FILE | gotong match -")
        }
        [b'P', b'K', 3, 4] => Some("it is a zip archive, which is not read here: unzip -p FILE | gotong match -"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Some("it is UTF-16, which is not read here: iconv -f UTF-16 -t UTF-8 FILE | gotong match -")
        }
        _ => None,
    }
}

impl Blocks {
    /// The next block, in a buffer that nobody needs any more; `None` at the end. What was read before a fault is handed out before it.
    pub(super) fn next(&mut self, mut buffer: Vec<u8>) -> io::Result<Option<Block>> {
        buffer.clear();
        buffer.append(&mut self.rest);
        let mut fault = None;
        while buffer.len() < BLOCK_BYTES && !self.has_ended {
            let wanted = (BLOCK_BYTES + OVERLAP_BYTES - buffer.len()) as u64;
            let before = buffer.len();
            match self.input.by_ref().take(wanted).read_to_end(&mut buffer) {
                Ok(_) => self.has_ended = (buffer.len() - before) as u64 != wanted,
                Err(error) => {
                    self.has_ended = true;
                    fault = Some(error);
                }
            }
        }
        if let Some(fault) = fault {
            if buffer.is_empty() {
                return Err(fault);
            }
            // The fault comes again when the rest is asked for.
            self.input = Box::new(Failing(Some(fault)));
            self.has_ended = false;
            let until = buffer.len();
            return Ok(Some(Block { bytes: buffer, until }));
        }
        if buffer.is_empty() {
            return Ok(None);
        }
        if self.has_ended {
            // The last part may be longer than a block by what is read on.
            let until = buffer.len();
            return Ok(Some(Block { bytes: buffer, until }));
        }
        let (behind, keep) = if let Some(at) = buffer.iter().rposition(|byte| *byte == b'\n') {
            (at + 1, at + 1)
        } else {
            let most = buffer.len() - OVERLAP_BYTES;
            (cut(&buffer, most / 2, most), buffer.len())
        };
        self.rest.extend_from_slice(buffer.get(behind..).unwrap_or_default());
        buffer.truncate(keep);
        Ok(Some(Block { bytes: buffer, until: behind }))
    }
}

/// What is left of a source that failed.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.take().unwrap_or_else(|| io::Error::other("it failed before")))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn blocks(bytes: &[u8], name: &str) -> (Vec<Block>, Option<io::Error>) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (sources, faults) = find(&[path]);
        assert!(faults.is_empty());
        let mut blocks = sources[0].open(&ProgressBar::hidden()).unwrap();
        let mut all = Vec::new();
        loop {
            match blocks.next(Vec::new()) {
                Ok(Some(block)) => all.push(block),
                Ok(None) => return (all, None),
                Err(fault) => return (all, Some(fault)),
            }
        }
    }

    fn together(blocks: &[Block]) -> Vec<u8> {
        blocks.iter().flat_map(|block| block.bytes[..block.until].iter().copied()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn what_cannot_be_read_is_said_and_not_searched_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for (first, next) in [
            (&b"\xfd7zXZ\0"[..], "xz -dc"),
            (b"BZh91AY", "bzip2 -dc"),
            (b"PK\x03\x04more", "unzip -p"),
            (b"\xff\xfea\0", "iconv"),
            (b"\xfe\xff\0a", "iconv"),
        ] {
            let path = folder.path().join("log");
            std::fs::write(&path, first).unwrap();
            let fault = find(&[path]).0[0].open(&ProgressBar::hidden()).err().unwrap();
            assert!(fault.to_string().contains(next), "{fault}");
        }
        // Words that begin alike are no archive.
        assert!(blocks(b"BZhello, PK and others\n", "a.log").1.is_none());
    }

    #[test]
    fn every_byte_comes_once_and_in_blocks_of_whole_lines() {
        let lines: Vec<u8> = (0..300_000_u32).flat_map(|at| format!("line {at} of the log\n").into_bytes()).collect();
        let long = b"x,".repeat(3 << 20);
        for bytes in [lines, long, b"no end".to_vec(), Vec::new(), b"\n".to_vec(), b"abc".to_vec()] {
            let packed = zstd::encode_all(bytes.as_slice(), 1).unwrap();
            let twice = [gzip(&bytes), gzip(&bytes)].concat();
            for (name, stored, expected) in [
                ("a.log", bytes.clone(), bytes.clone()),
                ("b.zst", packed, bytes.clone()),
                ("c", twice, bytes.repeat(2)),
            ] {
                let (blocks, fault) = blocks(&stored, name);
                assert!(fault.is_none(), "{name}: {fault:?}");
                assert_eq!(together(&blocks), expected);
                assert!(blocks.iter().all(|block| block.bytes.len() <= BLOCK_BYTES + OVERLAP_BYTES && block.until > 0));
            }
        }
    }

    #[test]
    fn what_breaks_off_is_searched_as_far_as_it_goes_and_then_told() {
        let text: Vec<u8> =
            (0..100_000_u32).flat_map(|at| format!("{}\n", at.wrapping_mul(2_654_435_761)).into_bytes()).collect();
        for packed in [gzip(&text), zstd::encode_all(text.as_slice(), 1).unwrap()] {
            let (blocks, fault) = blocks(&packed[..packed.len() / 2], "broken");
            assert!(fault.is_some());
            let got = together(&blocks);
            assert!(!got.is_empty() && text.starts_with(&got));
        }
        let (blocks, fault) = blocks(&[0x1f, 0x8b, 8, 0, 1, 2], "no.gz");
        assert!(blocks.is_empty() && fault.is_some());
    }

    #[test]
    fn folders_are_searched_whole_and_links_in_them_are_told() {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(scratch.path().join("a/b")).unwrap();
        for name in ["z.log", "a/x", "a/b/.hidden"] {
            std::fs::write(scratch.path().join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(scratch.path(), scratch.path().join("a/round")).unwrap();
        let (found, faults) = find(&[scratch.path().to_owned(), scratch.path().join("missing"), PathBuf::from("-")]);
        let names: Vec<_> = found.iter().map(|source| source.name.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, [".hidden", "x", "z.log", "-"]);
        assert_eq!(faults.len(), 2);
    }
}
