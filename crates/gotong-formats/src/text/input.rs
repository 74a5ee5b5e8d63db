//! Bytes to lines of UTF-8, however they arrive: character sets, line ends, lines that are too long.
//!
//! Holds what was pushed and one line. What cannot be read in its character set makes its line a fault and touches no other.

use super::emit::fault;
use crate::draft::Piece;
use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::ops::Range;

/// Bytes of one line, after decoding; a longer one is a fault, and its rest is skipped.
pub const TEXT_LINE_BYTES_MAX: usize = 1 << 20;

/// A byte that no UTF-8 has: it stands for what could not be decoded, so that the line shows it.
const BROKEN: u8 = 0xff;

/// A character set, by the names of the WHATWG Encoding Standard: `windows-1258`, `tis-620`, `utf-16`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// UTF-8; with a byte order mark, what that says.
    pub const UTF_8: Self = Self(UTF_8);

    /// By its name; `None` where nobody knows it.
    pub fn from_label(label: &str) -> Option<Self> {
        let encoding = Encoding::for_label(label.trim().as_bytes())?;
        // The encoding that stands for everything that must not be decoded.
        (encoding != encoding_rs::REPLACEMENT).then_some(Self(encoding))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

/// What the next line is.
pub(crate) enum Line {
    /// The bytes at this place, without their end.
    Is(u64, Range<usize>),
    /// One that was too long.
    TooLong(u64),
    /// None until more is pushed, or for good.
    Wait,
}

/// Lines of an input.
pub(crate) struct Input {
    charset: Charset,
    /// The first bytes, until it is known whether they are a mark.
    head: Option<Vec<u8>>,
    decoder: Option<Decoder>,
    buffer: Vec<u8>,
    at: usize,
    /// Up to here the buffer has no line end.
    seen: usize,
    skipping: bool,
    line: u64,
    finished: bool,
}

impl Input {
    pub(crate) fn new(charset: Charset) -> Self {
        Self {
            charset,
            head: Some(Vec::new()),
            decoder: None,
            buffer: Vec::new(),
            at: 0,
            seen: 0,
            skipping: false,
            line: 1,
            finished: false,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if let Some(head) = &mut self.head {
            head.extend_from_slice(bytes);
            if head.len() < 3 {
                return;
            }
            let head = self.head.take().unwrap_or_default();
            self.begin(&head);
        } else {
            self.take(bytes, false);
        }
    }

    pub(crate) fn finish(&mut self) {
        if let Some(head) = self.head.take() {
            self.begin(&head);
        }
        self.take(&[], true);
        self.finished = true;
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    fn begin(&mut self, head: &[u8]) {
        let (encoding, mark) = match head {
            [0xef, 0xbb, 0xbf, ..] => (UTF_8, 3),
            [0xff, 0xfe, ..] => (UTF_16LE, 2),
            [0xfe, 0xff, ..] => (UTF_16BE, 2),
            _ => (self.charset.0, 0),
        };
        if encoding != UTF_8 {
            self.decoder = Some(encoding.new_decoder_without_bom_handling());
        }
        self.take(head.get(mark..).unwrap_or_default(), false);
    }

    fn take(&mut self, bytes: &[u8], last: bool) {
        let Some(decoder) = &mut self.decoder else {
            return self.buffer.extend_from_slice(bytes);
        };
        let mut rest = bytes;
        let mut room = [0_u8; 4_096];
        loop {
            let (outcome, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut room, last);
            self.buffer.extend_from_slice(room.get(..written).unwrap_or_default());
            rest = rest.get(read..).unwrap_or_default();
            match outcome {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.buffer.push(BROKEN),
            }
        }
    }

    /// The next line. Its place holds until the next call.
    pub(crate) fn next(&mut self) -> Line {
        let end = self.buffer.get(self.seen..).unwrap_or_default().iter().position(|byte| *byte == b'\n');
        let (to, next) = match end {
            Some(length) => (self.seen + length, self.seen + length + 1),
            None => (self.buffer.len(), self.buffer.len()),
        };
        self.skipping |= to - self.at > TEXT_LINE_BYTES_MAX;
        if end.is_none() && !self.finished {
            self.seen = to;
            self.release();
            return Line::Wait;
        }
        if end.is_none() && self.at == to && !self.skipping {
            return Line::Wait;
        }
        let (number, from) = (self.line, self.at);
        self.line += 1;
        (self.at, self.seen) = (next, next);
        if std::mem::take(&mut self.skipping) {
            return Line::TooLong(number);
        }
        let line = self.buffer.get(from..to).unwrap_or_default();
        let to = if line.last() == Some(&b'\r') { to - 1 } else { to };
        Line::Is(number, from..to)
    }

    /// The bytes of a line.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// Gives back what is behind, and all of a line that is skipped.
    fn release(&mut self) {
        let from = if self.skipping { self.buffer.len() } else { self.at };
        self.buffer.drain(..from);
        self.seen -= from;
        self.at = 0;
    }

    /// The fault of a line that is no text in its character set.
    pub(crate) fn unreadable(&self, line: u64) -> Piece {
        let name = self.decoder.as_ref().map_or("UTF-8", |decoder| decoder.encoding().name());
        fault(
            line,
            "",
            "text.encoding",
            format!("cannot be read as {name}; say which character set the input has, such as windows-1258 or tis-620"),
        )
    }

    /// The fault of a line that is too long.
    pub(crate) fn too_long(line: u64) -> Piece {
        fault(
            line,
            "",
            "text.line-too-long",
            format!("is longer than {TEXT_LINE_BYTES_MAX} bytes and was skipped; values stand one a line"),
        )
    }
}

/// Decodes a bounded beginning of an input, for looks at it. Its last line may be cut.
pub(crate) fn peek(bytes: &[u8], charset: Charset) -> String {
    let encoding = Encoding::for_bom(bytes).map_or(charset.0, |(encoding, _)| encoding);
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(bytes.len().saturating_mul(3).saturating_add(16));
    let (outcome, ..) = decoder.decode_to_string(bytes, &mut text, false);
    debug_assert!(outcome == CoderResult::InputEmpty, "three bytes for each and some more are always enough");
    text
}
