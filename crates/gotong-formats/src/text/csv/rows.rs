//! Records of a table: RFC 4180 and what people do to it. Other delimiters, comments, ragged rows, a quote that is never closed.
//!
//! A quote that stays open ends the record at its bound, or with the input, and the whole stretch is one fault with its lines: a row that
//! would swallow the rest of a file must not look like one row. Must not know what a cell means.

use crate::draft::Piece;
use crate::text::emit::fault;
use crate::text::input::{Charset, Input, Line, TEXT_LINE_BYTES_MAX};

/// Columns of a record.
pub(crate) const COLUMNS_MAX: usize = 1_024;
/// Lines of one record.
const RECORD_LINES_MAX: u64 = 1_000;

/// One record.
pub(crate) struct Row<'r> {
    line: u64,
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Row<'r> {
    /// The line on which it begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn cell(&self, at: usize) -> Option<&'r str> {
        let end = *self.ends.get(at)?;
        let from = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(from..end)
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &'r str> {
        let mut from = 0;
        self.ends.iter().filter_map(move |end| {
            let cell = self.text.get(from..*end);
            from = *end;
            cell
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a cell.
    Start,
    Plain,
    Quoted,
}

/// Cuts an input into records.
pub(crate) struct Rows {
    input: Input,
    delimiter: u8,
    comments: bool,
    text: String,
    ends: Vec<usize>,
    state: State,
    /// The line on which the record that is open begins; 0: none is.
    first: u64,
    lines: u64,
    /// Cells beyond the bound; they are counted and not kept.
    beyond: usize,
    /// The last comment before the first record: it may hold the names of the columns.
    pub(crate) comment: String,
    begun: bool,
}

impl Rows {
    pub(crate) fn new(charset: Charset, delimiter: u8, comments: bool) -> Self {
        Self {
            input: Input::new(charset),
            delimiter,
            comments,
            text: String::new(),
            ends: Vec::new(),
            state: State::Start,
            first: 0,
            lines: 0,
            beyond: 0,
            comment: String::new(),
            begun: false,
        }
    }

    /// Records of nothing: what stands in while the real ones are lent.
    pub(crate) fn nothing() -> Self {
        Self::new(Charset::UTF_8, b',', false)
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    pub(crate) fn finish(&mut self) {
        self.input.finish();
    }

    /// The next record, or the loss of one.
    pub(crate) fn next(&mut self) -> Option<Result<Row<'_>, Piece>> {
        loop {
            let (number, range) = match self.input.next() {
                Line::Is(number, range) => (number, range),
                Line::TooLong(number) => {
                    let open = std::mem::take(&mut self.first);
                    return Some(Err(if open > 0 { broken(open, number) } else { Input::too_long(number) }));
                }
                Line::Wait => {
                    let open = std::mem::take(&mut self.first);
                    return (open > 0 && self.input.is_finished()).then(|| Err(unclosed(open, self.lines))).or_else(
                        || {
                            self.first = open;
                            None
                        },
                    );
                }
            };
            let Ok(line) = str::from_utf8(self.input.bytes(range)) else {
                let open = std::mem::take(&mut self.first);
                return Some(Err(if open > 0 { broken(open, number) } else { self.input.unreadable(number) }));
            };
            if self.first == 0 {
                if line.trim().is_empty() {
                    continue;
                }
                if self.comments && line.trim_start().starts_with('#') {
                    if !self.begun && line.contains(char::from(self.delimiter)) {
                        self.comment.clear();
                        self.comment.push_str(line.trim_start().trim_start_matches(['#', ' ']));
                    }
                    continue;
                }
                self.text.clear();
                self.ends.clear();
                (self.first, self.lines, self.beyond, self.state) = (number, 0, 0, State::Start);
            } else {
                self.text.push('\n');
            }
            self.begun = true;
            self.lines += 1;
            let mut cut =
                Cut { text: &mut self.text, ends: &mut self.ends, beyond: &mut self.beyond, delimiter: self.delimiter };
            self.state = cut.line(line, self.state);
            if self.state == State::Quoted {
                if self.lines >= RECORD_LINES_MAX || self.text.len() > TEXT_LINE_BYTES_MAX {
                    let first = std::mem::take(&mut self.first);
                    return Some(Err(unclosed(first, self.lines)));
                }
                continue;
            }
            let first = std::mem::take(&mut self.first);
            if self.beyond > 0 {
                let text = format!("has {} columns; at most {COLUMNS_MAX} are read", self.beyond + COLUMNS_MAX);
                return Some(Err(fault(first, "", "text.csv.columns", text)));
            }
            return Some(Ok(Row { line: first, text: &self.text, ends: &self.ends }));
        }
    }
}

fn unclosed(first: u64, lines: u64) -> Piece {
    let last = first + lines.saturating_sub(1);
    let text = format!(
        "opens a quote that is never closed; lines {first} to {last} were skipped. Close it, or double the quote that is meant"
    );
    fault(first, "", "text.csv.quote", text)
}

/// A record of several lines, one of which cannot be read.
fn broken(first: u64, number: u64) -> Piece {
    let text = format!(
        "begins here and cannot be read on line {number}, which is too long or not in the character set; both and what is between them were skipped"
    );
    fault(first, "", "text.csv.record", text)
}

/// Where the cells of a record go.
struct Cut<'c> {
    text: &'c mut String,
    ends: &'c mut Vec<usize>,
    beyond: &'c mut usize,
    delimiter: u8,
}

impl Cut<'_> {
    fn end_cell(&mut self) {
        if self.ends.len() < COLUMNS_MAX {
            self.ends.push(self.text.len());
        } else {
            *self.beyond += 1;
            // What is beyond the bound is not kept.
            self.text.truncate(self.ends.last().copied().unwrap_or(0));
        }
    }

    /// Takes one line of a record, and says in which state it ends. Delimiter and quote are ASCII, so every cut is at a character.
    fn line(&mut self, line: &str, state: State) -> State {
        let bytes = line.as_bytes();
        let mut state = state;
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match state {
                State::Start if rest.first() == Some(&b'"') => {
                    state = State::Quoted;
                    at += 1;
                }
                // Blanks before a quote are none of the cell.
                State::Start
                    if rest.first() == Some(&b' ')
                        && self.delimiter != b' '
                        && rest.trim_ascii_start().first() == Some(&b'"') =>
                {
                    at += 1;
                }
                State::Start | State::Plain => {
                    let length = rest.iter().position(|byte| *byte == self.delimiter);
                    self.text.push_str(line.get(at..at + length.unwrap_or(rest.len())).unwrap_or_default());
                    self.end_cell();
                    let Some(length) = length else { return State::Start };
                    at += length + 1;
                    state = State::Start;
                }
                State::Quoted => {
                    let Some(length) = rest.iter().position(|byte| *byte == b'"') else {
                        self.text.push_str(line.get(at..).unwrap_or_default());
                        return State::Quoted;
                    };
                    self.text.push_str(line.get(at..at + length).unwrap_or_default());
                    at += length + 1;
                    if bytes.get(at) == Some(&b'"') {
                        self.text.push('"');
                        at += 1;
                    } else {
                        // What follows a closing quote up to the delimiter belongs to the cell, blanks apart.
                        while bytes.get(at) == Some(&b' ') {
                            at += 1;
                        }
                        state = State::Plain;
                    }
                }
            }
        }
    }
}
