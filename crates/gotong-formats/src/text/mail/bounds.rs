//! What a mail may have before it is taken apart: so many parts, headers and messages within messages, and none of those packed.
//!
//! One pass over the bytes, before the parser builds anything: a few bytes of a hostile mail cost it hundreds.

/// Lines that begin like a boundary or a header.
const LINES_MAX: u32 = 100_000;
/// Lines that begin like a boundary.
const PARTS_MAX: u32 = 2_000;
/// Messages and digests that could be within one another.
const NESTED_MAX: u32 = 128;

const TOO_MUCH: &str = "has more parts, headers or messages within one another than any mail; it was not read";

/// Why a mail is refused unread.
pub(super) fn flaw(bytes: &[u8]) -> Option<&'static str> {
    let (mut parts, mut headers, mut nested) = (0_u32, 0_u32, 0_u32);
    let mut block = Block::default();
    let mut digest = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"--") {
            parts += 1;
            if parts > PARTS_MAX {
                return Some(TOO_MUCH);
            }
            block = Block::default();
            continue;
        }
        let head = line.get(..512).unwrap_or(line);
        if line.is_empty() {
            if block.is_packed_message(digest) {
                return Some(
                    "has a message within it that is packed as base64 or quoted-printable, which RFC 2046 forbids; unpack it first",
                );
            }
            block = Block::default();
            continue;
        }
        headers += u32::from(head.contains(&b':'));
        let lower = head.to_ascii_lowercase();
        for name in [b"rfc822".as_slice(), b"global", b"digest"] {
            let found = lower.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
            for (at, _) in found {
                let before = lower.get(..at).unwrap_or_default().trim_ascii_end().last();
                nested += u32::from(matches!(before, None | Some(b'/' | b')')));
            }
        }
        digest |= contains(&lower, b"digest");
        block.take(&lower);
        if headers > LINES_MAX || nested > NESTED_MAX {
            return Some(TOO_MUCH);
        }
    }
    None
}

/// What the lines since the last empty one say.
#[derive(Default)]
struct Block {
    typed: bool,
    message: bool,
    packed: bool,
}

impl Block {
    fn take(&mut self, lower: &[u8]) {
        self.typed |= contains(lower, b"content-type");
        self.message |= contains(lower, b"message") && contains(lower, b"/") || contains(lower, b"rfc822");
        self.packed |= contains(lower, b"base64") || contains(lower, b"quoted-printable");
    }

    fn is_packed_message(&self, digest: bool) -> bool {
        self.packed && ((self.typed && self.message) || (digest && !self.typed))
    }
}

fn contains(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len()).any(|window| window == word)
}
