//! Cuts a stream of bytes into the bytes of single objects, byte for byte, however the stream is cut itself.
//!
//! Looks only at brackets, quotes and line ends; whether an object is JSON, and STIX, is for [`super::read`]. Holds at
//! most one object and what was pushed last. A broken object of NDJSON costs its line; a broken bundle ends there.

mod scan;

use gotong_model::limits::{BODY_BYTES_MAX, LINE_BYTES_MAX};
use scan::{Envelope, Misnested, Scan};

/// How the stream is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InputKind {
    /// To be seen from the first bytes.
    Auto,
    /// A bundle, a TAXII envelope, a bare array or a single object.
    Bundle,
    /// One object a line.
    Ndjson,
}

/// One object of the stream, or the place where one was lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Ordinal of the object in its bundle or array, from 1; else the line on which it begins.
    pub line: u64,
    /// Its bytes.
    pub content: Result<Vec<u8>, PieceFault>,
}

/// Why there is no object.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PieceFault {
    /// Larger than a record may be; skipped.
    #[error("the object at byte {offset} is larger than {BODY_BYTES_MAX} bytes and was skipped")]
    TooLarge {
        /// Byte of the stream at which it begins.
        offset: u64,
    },
    /// Brackets, commas or quotes are not where they must be.
    #[error("the JSON is broken at byte {offset}; what came before it was kept")]
    Broken {
        /// Byte of the stream at which that shows.
        offset: u64,
    },
    /// The stream ends within the object or the bundle.
    #[error("the input ends at byte {offset} within an object; what came before it was kept")]
    Truncated {
        /// Length of the stream.
        offset: u64,
    },
}

impl PieceFault {
    /// Message id.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "stix.split.too-large",
            Self::Broken { .. } => "stix.split.broken",
            Self::Truncated { .. } => "stix.split.truncated",
        }
    }
}

/// What a step came to.
enum Step {
    /// Nothing to hand out; on to the next.
    On,
    /// An object, or the loss of one.
    Out(Piece),
    /// More of the stream is needed.
    Wait,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing but white space so far.
    Begin,
    /// Within a line of NDJSON.
    Line,
    /// Within a top-level object, which may turn out to be a bundle.
    Document,
    /// In a list, before an object; the flag: after a comma.
    Before(bool),
    /// Within an object of a list.
    Element,
    /// In a list, behind an object.
    Behind,
    /// Behind a top-level value.
    After,
    /// Broken in the first line: the rest of it is skipped, then lines follow.
    SkipLine,
    /// Broken: the rest is swallowed.
    Dead,
}

/// Cuts a stream into objects. After each [`push`](Self::push), take pieces until there are none: what is pushed is held
/// until then.
pub struct Splitter {
    kind: InputKind,
    buffer: Vec<u8>,
    /// Next byte of the buffer to look at.
    at: usize,
    /// First byte of the buffer that belongs to the object being scanned.
    start: usize,
    /// Offset of the buffer in the stream.
    base: u64,
    /// Offset in the stream of the object being scanned.
    origin: u64,
    /// The object being scanned is too large: its bytes are not kept.
    skipping: bool,
    state: State,
    scan: Scan,
    envelope: Envelope,
    /// Line that `at` is on, as far as lines count.
    line: u64,
    /// Line on which the last top-level value ended.
    line_behind: u64,
    /// Of the last object of the list.
    ordinal: u64,
    finished: bool,
}

impl Splitter {
    /// A splitter at the beginning of a stream.
    pub fn new(kind: InputKind) -> Self {
        Self {
            kind,
            buffer: Vec::new(),
            at: 0,
            start: 0,
            base: 0,
            origin: 0,
            skipping: false,
            state: State::Begin,
            scan: Scan::default(),
            envelope: Envelope::default(),
            line: 1,
            line_behind: 1,
            ordinal: 0,
            finished: false,
        }
    }

    /// Adds the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that the stream has ended.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// The next object; `None` until more is pushed, or for good after [`finish`](Self::finish).
    #[expect(clippy::should_implement_trait, reason = "an iterator would promise that None is the end")]
    pub fn next(&mut self) -> Option<Piece> {
        loop {
            let step = match self.state {
                State::Begin => self.begin(),
                State::Line => self.step_line(),
                State::Document => self.step_document(),
                State::Before(after_comma) => self.step_before(after_comma),
                State::Element => self.step_element(),
                State::Behind => self.step_behind(),
                State::After => self.step_after(),
                State::SkipLine => self.step_skip_line(),
                State::Dead => {
                    self.at = self.buffer.len();
                    Step::Wait
                }
            };
            match step {
                Step::On => {}
                Step::Out(piece) => return Some(piece),
                Step::Wait => {
                    self.release();
                    return None;
                }
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.buffer.get(self.at).copied()
    }

    fn offset(&self) -> u64 {
        self.base + u64::try_from(self.at).unwrap_or(u64::MAX)
    }

    /// Gives back what is behind us.
    fn release(&mut self) {
        let keeps = matches!(self.state, State::Line | State::Document | State::Element) && !self.skipping;
        let from = if keeps { self.start } else { self.at };
        if from > 0 {
            self.buffer.drain(..from);
            self.base += u64::try_from(from).unwrap_or(u64::MAX);
            self.at -= from;
            self.start = 0;
        }
    }

    fn open(&mut self, state: State) {
        self.state = state;
        self.start = self.at;
        self.origin = self.offset();
        self.skipping = false;
        self.scan = Scan::default();
    }

    /// The object that ends before `at`.
    fn close(&mut self, line: u64) -> Piece {
        let content = if self.skipping || self.at - self.start > BODY_BYTES_MAX {
            Err(PieceFault::TooLarge { offset: self.origin })
        } else {
            Ok(self.buffer.get(self.start..self.at).unwrap_or_default().to_vec())
        };
        Piece { line, content }
    }

    fn broken(&mut self, line: u64, then: State) -> Piece {
        self.state = then;
        Piece { line, content: Err(PieceFault::Broken { offset: self.offset() }) }
    }

    /// At the end of what was pushed: waits, or says that the stream stopped too early.
    fn starved(&mut self, line: u64) -> Step {
        if !self.finished {
            return Step::Wait;
        }
        self.state = State::Dead;
        Step::Out(Piece { line, content: Err(PieceFault::Truncated { offset: self.offset() }) })
    }

    fn skip_space(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                other => return Some(other),
            }
            self.at += 1;
        }
        None
    }

    fn begin(&mut self) -> Step {
        if self.base == 0 && self.at == 0 {
            // A byte order mark before the first value carries nothing; it is no part of the first object.
            let mark: &[u8] = b"\xef\xbb\xbf";
            if self.buffer.starts_with(mark) {
                self.at = mark.len();
            } else if mark.starts_with(&self.buffer) && !self.finished {
                return Step::Wait;
            }
        }
        if self.kind == InputKind::Ndjson {
            self.open(State::Line);
            return Step::On;
        }
        let Some(byte) = self.skip_space() else { return Step::Wait };
        match byte {
            b'{' => {
                self.open(State::Document);
                self.envelope = Envelope::default();
            }
            b'[' => {
                self.envelope = Envelope::list();
                self.at += 1;
                self.state = State::Before(false);
                self.ordinal = 0;
                // The list is all there is: nothing encloses it.
                self.scan = Scan::default();
            }
            _ if self.kind == InputKind::Auto => self.open(State::Line),
            _ => return Step::Out(self.broken(1, State::Dead)),
        }
        Step::On
    }

    fn step_line(&mut self) -> Step {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == b'\n');
            self.at += end.unwrap_or(rest.len());
            // Spaces around the value are no part of it, hence the slack before a line counts as too large.
            self.skipping |= self.at - self.start > LINE_BYTES_MAX;
            if end.is_none() && !self.finished {
                return Step::Wait;
            }
            let line = self.line;
            let piece = self.close_line(line);
            self.at = (self.at + 1).min(self.buffer.len());
            self.line += 1;
            self.open(State::Line);
            if let Some(piece) = piece {
                return Step::Out(piece);
            }
            if self.at == self.buffer.len() {
                return Step::Wait;
            }
        }
    }

    fn close_line(&mut self, line: u64) -> Option<Piece> {
        if self.skipping {
            return Some(self.close(line));
        }
        let content = self.buffer.get(self.start..self.at)?.trim_ascii();
        if content.len() > BODY_BYTES_MAX {
            return Some(Piece { line, content: Err(PieceFault::TooLarge { offset: self.origin }) });
        }
        (!content.is_empty()).then(|| Piece { line, content: Ok(content.to_vec()) })
    }

    /// Scans on to the end of the value that is open: true at its end, false where more is needed.
    fn scan_value(&mut self) -> Result<bool, Misnested> {
        while let Some(byte) = self.peek() {
            if self.scan.in_string() {
                self.at += 1;
                if self.scan.string_byte(byte) && self.scan.depth() == 0 {
                    return Ok(true);
                }
                continue;
            }
            match (self.scan.depth(), byte) {
                (0, b',' | b' ' | b'\t' | b'\r' | b'\n' | b'}' | b']') => return Ok(true),
                (_, b'"' | b'{' | b'[') => self.scan.outer_byte(byte)?,
                (_, b'}' | b']') => {
                    self.scan.outer_byte(byte)?;
                    if self.scan.depth() == 0 {
                        self.at += 1;
                        return Ok(true);
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        Ok(false)
    }

    fn step_element(&mut self) -> Step {
        let outcome = self.scan_value();
        self.skipping |= self.at - self.start > BODY_BYTES_MAX;
        match outcome {
            Ok(true) => {
                let piece = self.close(self.ordinal);
                self.state = State::Behind;
                Step::Out(piece)
            }
            Ok(false) => self.starved(self.ordinal),
            Err(Misnested) => Step::Out(self.broken(self.ordinal, State::Dead)),
        }
    }

    fn step_before(&mut self, after_comma: bool) -> Step {
        match self.skip_space() {
            None => self.starved(self.ordinal + 1),
            Some(b']') if !after_comma => self.end_list(),
            Some(b']' | b',' | b'}' | b':') => Step::Out(self.broken(self.ordinal + 1, State::Dead)),
            Some(_) => {
                self.ordinal += 1;
                self.open(State::Element);
                Step::On
            }
        }
    }

    fn step_behind(&mut self) -> Step {
        match self.skip_space() {
            None => self.starved(self.ordinal),
            Some(b',') => {
                self.at += 1;
                self.state = State::Before(true);
                Step::On
            }
            Some(b']') => self.end_list(),
            Some(_) => Step::Out(self.broken(self.ordinal, State::Dead)),
        }
    }

    fn end_list(&mut self) -> Step {
        self.at += 1;
        if self.envelope.has_list() {
            // Back in the bundle, whose own bytes are nobody's object.
            self.open(State::Document);
            self.skipping = true;
            self.scan = Scan::inside_object();
        } else {
            self.state = State::After;
            self.line_behind = self.line;
        }
        Step::On
    }

    fn step_document(&mut self) -> Step {
        let line = self.line;
        while let Some(byte) = self.peek() {
            match self.document_byte(byte) {
                Ok(true) => {}
                Ok(false) => return self.end_document(line),
                Err(Misnested) => {
                    let first_line = self.envelope.lines == 0 && !self.envelope.is_container();
                    let recovers = first_line && self.kind == InputKind::Auto;
                    let then = if recovers { State::SkipLine } else { State::Dead };
                    return Step::Out(self.broken(line.max(self.ordinal), then));
                }
            }
            if self.state != State::Document {
                return Step::On;
            }
            if !self.skipping && self.at - self.start > BODY_BYTES_MAX {
                self.skipping = true;
            }
        }
        self.starved(line.max(self.ordinal))
    }

    /// One byte of a top-level object: false at its end.
    fn document_byte(&mut self, byte: u8) -> Result<bool, Misnested> {
        let top = self.scan.depth() == 1;
        if self.scan.in_string() {
            // No string of JSON spans lines: this one has lost its end, and the next line may be whole again.
            if byte == b'\n' {
                return Err(Misnested);
            }
            let ended = self.scan.string_byte(byte);
            match (top, ended) {
                (true, true) => self.envelope.end_word(),
                (true, false) => self.envelope.word_byte(byte),
                (false, _) => {}
            }
        } else if byte == b'[' && top && self.envelope.begin_list() {
            self.state = State::Before(false);
        } else {
            self.scan.outer_byte(byte)?;
            match byte {
                b'\n' => self.envelope.lines += 1,
                b'"' => self.envelope.begin_word(),
                b',' if top => self.envelope.expect_key(),
                b'{' if self.scan.depth() == 1 => self.envelope.expect_key(),
                _ => {}
            }
        }
        self.at += 1;
        Ok(self.scan.depth() > 0)
    }

    fn end_document(&mut self, line: u64) -> Step {
        self.state = State::After;
        self.line += self.envelope.lines;
        self.line_behind = self.line;
        // A bundle without objects is empty, not wrong.
        if self.envelope.is_container() { Step::On } else { Step::Out(self.close(line)) }
    }

    /// Behind a value: another document, or, where the first was a line, lines.
    fn step_after(&mut self) -> Step {
        let Some(byte) = self.skip_space() else { return Step::Wait };
        let lines = self.kind == InputKind::Auto && self.envelope.lines == 0 && !self.envelope.is_container();
        if lines && self.line > self.line_behind {
            self.open(State::Line);
            return Step::On;
        }
        if byte == b'{' || byte == b'[' {
            self.state = State::Begin;
            return Step::On;
        }
        Step::Out(self.broken(self.line, if lines { State::SkipLine } else { State::Dead }))
    }

    fn step_skip_line(&mut self) -> Step {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.at = self.buffer.len();
            return Step::Wait;
        };
        self.at += end + 1;
        self.line += 1;
        self.open(State::Line);
        Step::On
    }
}
