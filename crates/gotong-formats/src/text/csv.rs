//! Tables: CSV as people export it, taken by a mapping that says what each column means. A mapping is guessed, shown, corrected, kept.
//!
//! Holds one record. A record that cannot be taken is a fault; what STIX has no place for is a loss. Read next: `csv/mapping.rs`, `csv/rows.rs`.

mod cells;
mod guess;
mod known;
mod mapping;
mod rows;

pub(crate) use guess::delimiter_of;
pub use guess::{Guess, Preview, PreviewRow, Why, guess, preview};
pub use mapping::{Column, Header, Mapping, Meaning};
pub(crate) use rows::{Row, Rows};

use super::emit::{Emitter, fault, loss};
use super::input::Charset;
use super::options::Options;
use crate::draft::{Piece, Reader};
use std::collections::VecDeque;

/// Characters of names of columns in a message.
const NAMES_CHARS_MAX: usize = 300;

/// Reads a table by a mapping.
pub struct CsvReader {
    rows: Rows,
    mapping: Mapping,
    emitter: Emitter,
    queue: VecDeque<Piece>,
    begun: bool,
    /// Nobody has looked at the mapping: what it leaves out is told.
    is_guessed: bool,
    /// The header is not the one of the mapping, or the mapping is none: nothing is taken.
    dead: bool,
}

impl CsvReader {
    /// A reader at the beginning of a table.
    pub fn new(mapping: Mapping, options: Options) -> Self {
        let charset = mapping.charset.as_deref().map_or(Some(Charset::UTF_8), Charset::from_label);
        let mut queue = VecDeque::new();
        let flaw = mapping.flaw();
        if let Some(flaw) = flaw {
            queue.push_back(fault(0, "/mapping", "text.csv.mapping", flaw));
        }
        let rows = Rows::new(charset.unwrap_or(Charset::UTF_8), mapping.delimiter_byte(), mapping.comments);
        let (emitter, dead) = (Emitter::new(options), flaw.is_some());
        Self { rows, emitter, queue, begun: false, is_guessed: false, dead, mapping }
    }

    /// The same by a guess that nobody has looked at. Columns that it has no meaning for are told as lost; of an export that is known they are left out for good.
    pub fn guessed(guess: Guess, options: Options) -> Self {
        Self { is_guessed: guess.export.is_none(), ..Self::new(guess.mapping, options) }
    }

    fn begin(&mut self, row: &Row<'_>) -> bool {
        self.begun = true;
        if self.emitter.options.observables {
            for column in self.mapping.columns.iter().filter(|column| column.meaning.is_beside()) {
                let text = "observables have no place for this; take indicators, or ignore the column";
                self.queue.push_back(loss(row.line(), &column.name, "text.loss.no-place", text));
            }
        }
        let unused: Vec<&str> = self
            .mapping
            .columns
            .iter()
            .filter(|column| self.is_guessed && column.meaning == Meaning::Ignore)
            .map(|column| column.name.as_str())
            .collect();
        if !unused.is_empty() {
            let text = format!(
                "not used, since nothing says what they mean: {}; a mapping can say it (preview the table, correct what is guessed, and use that)",
                shortened(&unused.join(", "))
            );
            self.queue.push_back(loss(row.line(), "columns", "text.loss.columns", &text));
        }
        if self.mapping.header != Header::First {
            return false;
        }
        let wanted = self.mapping.columns.iter().map(|column| column.name.trim());
        let same = row.len() == self.mapping.columns.len()
            && wanted.zip(row.cells()).all(|(name, cell)| name.eq_ignore_ascii_case(cell.trim()));
        if !same {
            self.dead = true;
            let text = "the columns are not those that the mapping was made for; guess a mapping for this table, look at its preview and correct it";
            self.queue.push_back(fault(row.line(), "", "text.csv.header", text));
        }
        true
    }
}

/// Names of columns as they can stand in a message.
fn shortened(names: &str) -> String {
    let mut text: String = names.chars().take(NAMES_CHARS_MAX).collect();
    if text.len() < names.len() {
        text.push('…');
    }
    text
}

impl Reader for CsvReader {
    fn push(&mut self, bytes: &[u8]) {
        if !self.dead {
            self.rows.push(bytes);
        }
    }

    fn finish(&mut self) {
        self.rows.finish();
    }

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.queue.pop_front() {
                return Some(piece);
            }
            if self.dead {
                return None;
            }
            // The record is lent out of the reader's own buffer, so the reader steps aside while it is read.
            let mut rows = std::mem::replace(&mut self.rows, Rows::nothing());
            let found = match rows.next() {
                Some(Ok(row)) => {
                    if self.begun || !self.begin(&row) {
                        cells::take(&row, &self.mapping, &self.emitter, &mut self.queue);
                    }
                    true
                }
                Some(Err(piece)) => {
                    self.queue.push_back(piece);
                    true
                }
                None => false,
            };
            self.rows = rows;
            if !found {
                return None;
            }
        }
    }
}
