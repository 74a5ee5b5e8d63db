//! Cuts a stream into the lists in it: one a line, or JSON values one behind the other however they are laid out.
//!
//! Looks at brackets and quotes only; what is no list is for its reader to refuse. Holds one list at a time, and of one that is too long nothing.
//! Read next: `gotong_formats::warninglist::Warninglist::parse`.

use std::collections::VecDeque;

use gotong_app::warninglist::LIST_BYTES_MAX;
use gotong_formats::stix21::FieldFault;

/// A list's line and bytes, or why they are not taken.
pub(super) type Piece = (u64, Result<Vec<u8>, FieldFault>);

/// Where in a JSON text the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

/// Cuts as bytes come.
pub(super) struct Cutter {
    by_lines: bool,
    bytes_max: usize,
    /// The piece that is not whole yet.
    piece: Vec<u8>,
    /// On which line it began; `None`: none has begun.
    begun: Option<u64>,
    is_too_long: bool,
    /// The line that is being read, from 1.
    line: u64,
    depth: u64,
    text: Text,
    done: VecDeque<Piece>,
}

impl Cutter {
    pub(super) fn new(by_lines: bool) -> Self {
        Self {
            by_lines,
            bytes_max: LIST_BYTES_MAX,
            piece: Vec::new(),
            begun: None,
            is_too_long: false,
            line: 1,
            depth: 0,
            text: Text::Outside,
            done: VecDeque::new(),
        }
    }

    /// Takes bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// The stream is over.
    pub(super) fn finish(&mut self) {
        self.end();
    }

    /// The next piece that is whole.
    pub(super) fn next(&mut self) -> Option<Piece> {
        self.done.pop_front()
    }

    fn byte(&mut self, byte: u8) {
        if self.begun.is_some() || !byte.is_ascii_whitespace() {
            self.begun.get_or_insert(self.line);
            if self.piece.len() >= self.bytes_max {
                self.is_too_long = true;
            }
            if self.is_too_long {
                self.piece = Vec::new();
            } else {
                self.piece.push(byte);
            }
        }
        let is_whole = if self.by_lines { byte == b'\n' } else { self.closes(byte) };
        if is_whole {
            self.end();
        }
        self.line += u64::from(byte == b'\n');
    }

    /// Whether a value ends with this byte. What begins with no bracket ends with its line.
    fn closes(&mut self, byte: u8) -> bool {
        match (self.text, byte) {
            (Text::Outside, _) => return self.closes_outside(byte),
            (Text::Inside, b'"') => self.text = Text::Outside,
            (Text::Inside, b'\\') => self.text = Text::Escaped,
            (Text::Inside, _) => {}
            (Text::Escaped, _) => self.text = Text::Inside,
        }
        false
    }

    fn closes_outside(&mut self, byte: u8) -> bool {
        match byte {
            b'"' if self.depth > 0 => self.text = Text::Inside,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            b'\n' => return self.depth == 0,
            _ => {}
        }
        false
    }

    fn end(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        let is_too_long = std::mem::take(&mut self.is_too_long);
        (self.depth, self.text) = (0, Text::Outside);
        let Some(line) = self.begun.take() else { return };
        let too_long = || {
            let text = format!("the list has more than {} bytes, and so is not read", self.bytes_max);
            FieldFault::new("", "warninglist.size", text)
        };
        self.done.push_back((line, if is_too_long { Err(too_long()) } else { Ok(piece) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(by_lines: bool, text: &str, at_once: usize) -> Vec<(u64, Result<String, &'static str>)> {
        let mut cutter = Cutter { bytes_max: 40, ..Cutter::new(by_lines) };
        for some in text.as_bytes().chunks(at_once) {
            cutter.push(some);
        }
        cutter.finish();
        std::iter::from_fn(|| cutter.next())
            .map(|(line, piece)| {
                (line, piece.map(|piece| String::from_utf8(piece).unwrap()).map_err(|fault| fault.code))
            })
            .collect()
    }

    fn found(pieces: &[(u64, &str)]) -> Vec<(u64, Result<String, &'static str>)> {
        pieces.iter().map(|(line, piece)| (*line, Ok((*piece).to_owned()))).collect()
    }

    #[test]
    fn values_are_cut_by_their_brackets_however_they_are_laid_out() {
        let text = "{\"a\":\n [\"}\",\"\\\"{\"]}{\"b\":1}\n\n nothing { \n[2]";
        for at_once in [1, 3, 100] {
            let pieces = cut(false, text, at_once);
            assert_eq!(pieces[..2], found(&[(1, "{\"a\":\n [\"}\",\"\\\"{\"]}"), (2, "{\"b\":1}")]));
            // What opens and never closes takes the rest with it, and is refused as one.
            assert_eq!(pieces[2..], found(&[(4, "nothing { \n[2]")]));
        }
        assert_eq!(cut(false, "x\n{}", 2), found(&[(1, "x\n"), (2, "{}")]));
    }

    #[test]
    fn a_bad_line_costs_its_line() {
        assert_eq!(cut(true, "{\"a\":\n\n  \n{}", 2), found(&[(1, "{\"a\":\n"), (4, "{}")]));
    }

    #[test]
    fn what_is_too_long_is_refused_and_what_follows_is_not() {
        let long = format!("[\"{}\"]", "x".repeat(60));
        for by_lines in [true, false] {
            let pieces = cut(by_lines, &format!("{long}\n{{}}"), 7);
            assert_eq!(pieces[0], (1, Err("warninglist.size")));
            assert_eq!(pieces.last(), found(&[(2, "{}")]).last());
        }
        let just = format!("[\"{}\"]", "x".repeat(36));
        assert_eq!(cut(false, &just, 7), found(&[(1, &just)]));
    }
}
