//! Cuts a stream of MISP JSON into values of one event each, however the stream is cut itself.
//!
//! Looks only at brackets, quotes and line ends; holds at most one event and what was pushed last. A broken line of NDJSON costs
//! its line, a broken document ends there. Must not know what is in an event. Read next: `reader.rs`.

use super::EVENT_BYTES_MAX;
use std::collections::VecDeque;

/// One value of the stream, or the place where one was lost.
pub(super) enum Cut {
    Value(Vec<u8>),
    TooLarge,
    Broken,
    Truncated,
    /// Members beside the list of events.
    Beside,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value at the top level.
    Begin,
    /// Within a value.
    Value,
    /// In the list of events, before one; behind one.
    Before,
    Behind,
    /// Behind the list of a `response`.
    Tail,
    /// Broken in its first line: the rest of the line is skipped.
    SkipLine,
    /// Broken: the rest is swallowed.
    Dead,
}

/// See the module.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact about one place in the bytes, and they are independent"
)]
pub(super) struct Cutter {
    state: State,
    value: Vec<u8>,
    /// One bit for each of the innermost 64 open brackets, 1 for a list; the innermost is the lowest.
    lists: u64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    too_large: bool,
    lines: u64,
    /// Whether events stand in a list, and whether that list stands in an object.
    in_list: bool,
    wrapped: bool,
    beside: bool,
    pub(super) cuts: VecDeque<Cut>,
}

impl Cutter {
    pub(super) fn new() -> Self {
        Self {
            state: State::Begin,
            value: Vec::new(),
            lists: 0,
            depth: 0,
            in_string: false,
            escaped: false,
            too_large: false,
            lines: 0,
            in_list: false,
            wrapped: false,
            beside: false,
            cuts: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            match self.state {
                State::Dead => return,
                State::Value => {
                    let taken = self.value_bytes(rest);
                    rest = rest.get(taken..).unwrap_or_default();
                    continue;
                }
                State::Begin => self.begin(*byte),
                State::Before => match byte {
                    b'{' => self.open(*byte),
                    b']' => self.end_list(),
                    b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ => self.broken(),
                },
                State::Behind => match byte {
                    b',' => self.state = State::Before,
                    b']' => self.end_list(),
                    b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ => self.broken(),
                },
                State::Tail => self.tail(*byte),
                State::SkipLine => {
                    if *byte == b'\n' {
                        self.state = State::Begin;
                    }
                }
            }
            rest = behind;
        }
    }

    pub(super) fn finish(&mut self) {
        if matches!(self.state, State::Value | State::Before | State::Behind | State::Tail) {
            self.cuts.push_back(Cut::Truncated);
        }
        self.state = State::Dead;
        self.value = Vec::new();
    }

    fn begin(&mut self, byte: u8) {
        match byte {
            b'{' => self.open(byte),
            b'[' => {
                (self.in_list, self.wrapped) = (true, false);
                self.state = State::Before;
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                self.cuts.push_back(Cut::Broken);
                self.state = State::SkipLine;
            }
        }
    }

    fn open(&mut self, byte: u8) {
        self.value.clear();
        self.value.push(byte);
        (self.depth, self.lists, self.lines) = (1, 0, 0);
        (self.in_string, self.escaped, self.too_large) = (false, false, false);
        self.state = State::Value;
    }

    /// Takes bytes of a value and says how many.
    fn value_bytes(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        for byte in bytes {
            taken += 1;
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else {
                    match byte {
                        b'\\' => self.escaped = true,
                        b'"' => self.in_string = false,
                        // No string holds a bare line end, so its quote was lost: on with the next line.
                        b'\n' => {
                            self.broken();
                            return taken;
                        }
                        _ => {}
                    }
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'\n' => self.lines += 1,
                b'{' | b'[' => {
                    if *byte == b'[' && self.depth == 1 && !self.in_list && self.is_response(bytes.get(..taken - 1)) {
                        (self.in_list, self.wrapped, self.beside) = (true, true, false);
                        self.value.clear();
                        self.state = State::Before;
                        return taken;
                    }
                    self.depth = self.depth.saturating_add(1);
                    self.lists = self.lists << 1 | u64::from(*byte == b'[');
                }
                b'}' | b']' => {
                    // Brackets nested deeper than 64 are not told apart; such an event is refused anyway.
                    if self.depth <= 64 && (self.lists & 1 == 1) != (*byte == b']') {
                        self.broken();
                        return taken;
                    }
                    self.lists >>= 1;
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.keep(bytes.get(..taken).unwrap_or_default());
                        self.end_value();
                        return taken;
                    }
                }
                _ => {}
            }
        }
        self.keep(bytes);
        taken
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.too_large || self.value.len().saturating_add(bytes.len()) > EVENT_BYTES_MAX {
            self.too_large = true;
            self.value = Vec::new();
        } else {
            self.value.extend_from_slice(bytes);
        }
    }

    /// Whether what came of this object so far is the head of `{"response": [`.
    fn is_response(&self, more: Option<&[u8]>) -> bool {
        let more = more.unwrap_or_default();
        let head = self.value.iter().chain(more).filter(|byte| !byte.is_ascii_whitespace());
        self.value.len() + more.len() < 256 && head.eq(b"{\"response\":")
    }

    fn end_value(&mut self) {
        let value = std::mem::take(&mut self.value);
        self.cuts.push_back(if self.too_large { Cut::TooLarge } else { Cut::Value(value) });
        self.state = if self.in_list { State::Behind } else { State::Begin };
    }

    fn end_list(&mut self) {
        self.in_list = false;
        self.state = if self.wrapped { State::Tail } else { State::Begin };
        (self.depth, self.in_string, self.escaped) = (1, false, false);
    }

    fn tail(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b',' => self.beside = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    if std::mem::take(&mut self.beside) {
                        self.cuts.push_back(Cut::Beside);
                    }
                    self.state = State::Begin;
                }
            }
            _ => {}
        }
    }

    fn broken(&mut self) {
        self.cuts.push_back(Cut::Broken);
        self.value = Vec::new();
        self.state = match (self.in_list, self.in_string, self.lines) {
            // The line end itself has been taken.
            (false, true, 0) => State::Begin,
            (false, false, 0) => State::SkipLine,
            // In a list, and in a document of several lines, nobody knows where the next event begins.
            _ => State::Dead,
        };
    }
}
