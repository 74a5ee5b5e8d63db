//! As much of tar as a backup needs: plain files in the order in which they are expected. Any tar program reads what is written here; what is read is
//! held to what is written here, so links, folders, long names and paths out of the folder are refused without being looked at.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, bail};

const BLOCK: usize = 512;
const BLOCK_BYTES: u64 = 512;
/// The largest size that fits into eleven octal digits; beyond it the number is written as GNU tar does.
const OCTAL_MAX: u64 = 0o777_7777_7777;

type Header = [u8; BLOCK];

fn put(header: &mut Header, at: usize, bytes: &[u8]) {
    for (slot, byte) in header.iter_mut().skip(at).zip(bytes) {
        *slot = *byte;
    }
}

fn field(header: &Header, at: usize, length: usize) -> &[u8] {
    header.get(at..at + length).unwrap_or_default()
}

fn sum(header: &Header) -> u64 {
    // The sum counts its own field as spaces.
    header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum()
}

fn header(name: &str, bytes: u64, modified_s: u64) -> Header {
    let mut header = [0; BLOCK];
    put(&mut header, 0, name.as_bytes());
    put(&mut header, 100, b"0000600\0");
    put(&mut header, 108, b"0000000\0");
    put(&mut header, 116, b"0000000\0");
    if bytes <= OCTAL_MAX {
        put(&mut header, 124, format!("{bytes:011o}\0").as_bytes());
    } else {
        put(&mut header, 124, &[0x80, 0, 0, 0]);
        put(&mut header, 128, &bytes.to_be_bytes());
    }
    put(&mut header, 136, format!("{:011o}\0", modified_s.min(OCTAL_MAX)).as_bytes());
    put(&mut header, 156, b"0");
    put(&mut header, 257, b"ustar\x0000");
    let sum = sum(&header);
    put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
    header
}

fn padding(bytes: u64) -> usize {
    usize::try_from(bytes.next_multiple_of(BLOCK_BYTES) - bytes).unwrap_or(0)
}

/// Writes the header of a file.
pub(super) fn begin(out: &mut impl Write, name: &str, bytes: u64, modified_s: u64) -> io::Result<()> {
    out.write_all(&header(name, bytes, modified_s))
}

/// Fills up the last block of a file.
pub(super) fn end(out: &mut impl Write, bytes: u64) -> io::Result<()> {
    out.write_all([0; BLOCK].get(..padding(bytes)).unwrap_or_default())
}

/// Writes the end of the archive.
pub(super) fn finish(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

fn number(bytes: &[u8]) -> Option<u64> {
    if let Some((0x80, rest)) = bytes.split_first() {
        let (zeros, value) = rest.split_last_chunk::<8>()?;
        return zeros.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(*value));
    }
    let text = std::str::from_utf8(bytes).ok()?.trim_end_matches(['\0', ' ']);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    u64::from_str_radix(text, 8).ok()
}

/// Reads the header of the file that must come now, and how long the file is.
pub(super) fn expect(input: &mut impl Read, name: &str) -> Result<u64> {
    let mut block = [0; BLOCK];
    input.read_exact(&mut block)?;
    if block == [0; BLOCK] {
        bail!("it ends before {name}");
    }
    if number(field(&block, 148, 8)) != Some(sum(&block)) || field(&block, 257, 5) != b"ustar" {
        bail!("where {name} must begin there is no header of a file");
    }
    let found = field(&block, 0, 100);
    let found = found.split(|byte| *byte == 0).next().unwrap_or_default();
    if found != name.as_bytes() || field(&block, 345, 155).iter().any(|byte| *byte != 0) {
        bail!("it holds {:?} where {name} must be", String::from_utf8_lossy(found));
    }
    if !matches!(field(&block, 156, 1), b"0" | b"\0") {
        bail!("{name} is no plain file in it");
    }
    number(field(&block, 124, 12)).with_context(|| format!("the length of {name} does not read"))
}

/// Reads what fills up the last block of a file.
pub(super) fn skip_padding(input: &mut impl Read, bytes: u64) -> io::Result<()> {
    let mut rest = [0; BLOCK];
    input.read_exact(rest.get_mut(..padding(bytes)).unwrap_or_default())
}

/// Reads the end of the archive, behind which nothing may come.
pub(super) fn expect_end(input: &mut impl Read) -> Result<()> {
    let mut blocks = [1; 2 * BLOCK];
    input.read_exact(&mut blocks)?;
    if blocks != [0; 2 * BLOCK] {
        bail!("it holds more than a backup does");
    }
    // Reading on also has the encryption say that this was the end.
    let mut rest = [0; BLOCK];
    loop {
        match input.read(&mut rest)? {
            0 => return Ok(()),
            count if rest.get(..count).is_some_and(|rest| rest.iter().all(|byte| *byte == 0)) => {}
            _ => bail!("something stands behind its end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, bytes) in files {
            begin(&mut out, name, bytes.len() as u64, 1_700_000_000).unwrap();
            out.extend_from_slice(bytes);
            end(&mut out, bytes.len() as u64).unwrap();
        }
        finish(&mut out).unwrap();
        out
    }

    #[test]
    fn what_is_written_reads_back() {
        let bytes = archive(&[("a", b"hello"), ("b/c", &[7; 512]), ("d", b"")]);
        let mut input = bytes.as_slice();
        for (name, content) in [("a", vec![b'h', b'e', b'l', b'l', b'o']), ("b/c", vec![7; 512]), ("d", vec![])] {
            assert_eq!(expect(&mut input, name).unwrap(), content.len() as u64);
            let mut read = vec![0; content.len()];
            input.read_exact(&mut read).unwrap();
            assert_eq!(read, content);
            skip_padding(&mut input, content.len() as u64).unwrap();
        }
        expect_end(&mut input).unwrap();
    }

    #[test]
    fn the_largest_sizes_read_back() {
        for bytes in [0, OCTAL_MAX, OCTAL_MAX + 1, u64::MAX] {
            assert_eq!(expect(&mut header("x", bytes, 0).as_slice(), "x").unwrap(), bytes);
        }
    }

    #[test]
    fn what_no_backup_holds_is_refused() {
        let change = |with: &dyn Fn(&mut Header)| {
            let mut block = header("store/store.db", 4, 0);
            with(&mut block);
            let sum = sum(&block);
            put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
            expect(&mut block.as_slice(), "store/store.db").map_err(|fault| fault.to_string())
        };
        assert_eq!(change(&|_| {}), Ok(4), "the control: unchanged it is taken");
        for (name, with) in [
            ("a symbolic link", (&|block: &mut Header| put(block, 156, b"2")) as &dyn Fn(&mut Header)),
            ("a folder", &|block| put(block, 156, b"5")),
            ("a long name", &|block| put(block, 156, b"L")),
            ("a path out of the folder", &|block| put(block, 0, b"../store.db\0\0\0")),
            ("a prefix", &|block| put(block, 345, b"..")),
            ("a length that is none", &|block| put(block, 124, b"zzzzzzzzzzz\0")),
            ("a negative length", &|block| put(block, 124, &[0xff; 12])),
            ("another format", &|block| put(block, 257, b"sutar")),
        ] {
            assert!(change(with).is_err(), "{name}");
        }
        let mut wrong = header("x", 4, 0);
        wrong[0] = b'y';
        assert!(expect(&mut wrong.as_slice(), "y").is_err(), "the sum does not fit");
        let mut behind = archive(&[]);
        behind.push(1);
        assert!(expect_end(&mut behind.as_slice()).is_err());
    }
}
