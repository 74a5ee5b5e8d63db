//! Zstandard (RFC 8878) for frames. What is to be decompressed is walked block by block first: exactly one zstd frame, no dictionary,
//! a bounded window, nothing before or after it, and never more memory than its blocks could fill.
//!
//! The library would also read skippable frames, several frames and formats older than the standard; two nodes must not differ in what
//! they accept, so all that is refused here.

use crate::limits::FRAME_WINDOW_BYTES_MAX;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const BLOCK_BYTES_MAX: u64 = 128 << 10;
const LEVEL: i32 = 1;

/// Compresses; `None` if the library refuses (out of memory).
pub(crate) fn compress(plain: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::compress(plain, LEVEL).ok()
}

/// Decompresses to exactly `length` bytes, which the caller has bounded.
pub(crate) fn decompress(compressed: &[u8], length: usize) -> Option<Vec<u8>> {
    let expected = u64::try_from(length).ok()?;
    let shape = survey(compressed)?;
    if shape.window > FRAME_WINDOW_BYTES_MAX
        || shape.content.is_some_and(|content| content != expected)
        || shape.content_max < expected
    {
        return None;
    }
    // The output is its own window here, so the library allocates nothing that the input claims.
    let mut out = Vec::with_capacity(length);
    let written = zstd::bulk::Decompressor::new().ok()?.decompress_to_buffer(compressed, &mut out).ok()?;
    (written == length && out.len() == length).then_some(out)
}

/// What a zstd frame says of itself.
struct Shape {
    window: u64,
    /// The declared size of the content, where it is declared.
    content: Option<u64>,
    /// What the blocks could at most hold.
    content_max: u64,
}

/// Walks the frame header (RFC 8878 section 3.1.1.1) and the block headers (section 3.1.1.2) to the last byte.
fn survey(bytes: &[u8]) -> Option<Shape> {
    let mut reader = LittleEndian(bytes);
    if reader.take(4)? != MAGIC {
        return None;
    }
    let descriptor = reader.number(1)?;
    let single_segment = descriptor & 0x20 != 0;
    let reserved_or_dictionary = descriptor & 0x0b != 0;
    if reserved_or_dictionary {
        return None;
    }
    let window_descriptor = if single_segment { None } else { Some(reader.number(1)?) };
    let content = match (descriptor >> 6, single_segment) {
        (0, false) => None,
        (0, true) => Some(reader.number(1)?),
        (1, _) => Some(reader.number(2)? + 256),
        (2, _) => Some(reader.number(4)?),
        _ => Some(reader.number(8)?),
    };
    let window = match window_descriptor {
        // The exponent has five bits: at most 2^41 and seven eighths of it.
        Some(byte) => (8 + (byte & 7)) << (7 + (byte >> 3)),
        None => content?,
    };
    let mut content_max = 0_u64;
    loop {
        let header = reader.number(3)?;
        let size = header >> 3;
        let (stored, held) = match header >> 1 & 3 {
            0 => (size, size),
            1 => (1, size),
            2 => (size, BLOCK_BYTES_MAX),
            _ => return None,
        };
        if size > BLOCK_BYTES_MAX {
            return None;
        }
        reader.take(usize::try_from(stored).ok()?)?;
        // The input has been bounded to some MiB, so there are too few blocks for this to overflow.
        content_max = content_max.saturating_add(held);
        if header & 1 == 1 {
            break;
        }
    }
    if descriptor & 4 != 0 {
        reader.take(4)?;
    }
    reader.0.is_empty().then_some(Shape { window, content, content_max })
}

struct LittleEndian<'a>(&'a [u8]);

impl<'a> LittleEndian<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    /// A number of at most eight bytes.
    fn number(&mut self, count: usize) -> Option<u64> {
        Some(self.take(count)?.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}
