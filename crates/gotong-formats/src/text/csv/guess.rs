//! Proposes a mapping from the beginning of a table, each column with how sure and why, and shows the first rows as they would be taken.
//!
//! A proposal only: nothing is imported by it until somebody has seen it. Read next: `known.rs`.

use super::CsvReader;
use super::known::{EXPORTS, meaning_of};
use super::mapping::{Column, Header, Mapping, Meaning};
use super::rows::Rows;
use crate::draft::{Piece, Reader};
use crate::stix21::ValueKind;
use crate::text::input::{Charset, peek};
use crate::text::options::Options;
use crate::text::time::Calendar;
use crate::text::value::value_of;
use gotong_model::Tlp;
use serde::Serialize;

/// Bytes of a table that are looked at.
const HEAD_BYTES_MAX: usize = 256 << 10;
/// Rows of it.
const ROWS_MAX: usize = 50;

/// A proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Guess {
    /// The mapping as it would be saved.
    pub mapping: Mapping,
    /// The export that it is known as.
    pub export: Option<&'static str>,
    /// Why each column is taken so, in their order.
    pub why: Vec<Why>,
}

/// Why a column is taken so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Why {
    /// From 0 to 100.
    pub confidence: u8,
    /// In English.
    pub reason: String,
}

/// What a table would become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preview {
    /// The first rows that are no header.
    pub rows: Vec<PreviewRow>,
}

/// What a row would become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreviewRow {
    /// The line on which it begins.
    pub line: u64,
    /// What comes of it.
    pub pieces: Vec<Piece>,
}

struct Sample {
    rows: Vec<Vec<String>>,
    comment: Vec<String>,
}

fn sample(text: &str, delimiter: u8) -> Sample {
    let mut rows = Rows::new(Charset::UTF_8, delimiter, true);
    // The last line may be cut where the look ended.
    rows.push(text.as_bytes());
    rows.push(b"\n");
    let mut all = Vec::new();
    while all.len() < ROWS_MAX {
        match rows.next() {
            Some(Ok(row)) => all.push(row.cells().map(|cell| cell.trim().to_owned()).collect()),
            Some(Err(_)) => {}
            None => break,
        }
    }
    let mut names = Rows::new(Charset::UTF_8, delimiter, false);
    names.push(rows.comment.as_bytes());
    names.finish();
    let comment = names
        .next()
        .and_then(Result::ok)
        .map(|row| row.cells().map(|cell| cell.trim().to_owned()).collect())
        .unwrap_or_default();
    Sample { rows: all, comment }
}

/// The delimiter under which most rows have the same number of columns, more than one.
pub(crate) fn delimiter_of(text: &str) -> Option<u8> {
    let score = |delimiter: u8| {
        let sample = sample(text, delimiter);
        let first = sample.rows.first().map_or(0, Vec::len);
        let same = sample.rows.iter().filter(|row| row.len() == first).count();
        let steady = same * 10 >= sample.rows.len() * 6;
        (first > 1 && steady).then_some((same, first))
    };
    [b',', b';', b'\t', b'|']
        .into_iter()
        .filter_map(|delimiter| Some((score(delimiter)?, delimiter)))
        .max_by_key(|(score, delimiter)| (*score, u8::MAX - *delimiter))
        .map(|(_, delimiter)| delimiter)
}

/// Proposes a mapping for a table that begins with `bytes`.
pub fn guess(bytes: &[u8], charset: Option<Charset>) -> Guess {
    let text = peek(bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes), charset.unwrap_or(Charset::UTF_8));
    let delimiter = delimiter_of(&text).unwrap_or(b',');
    let sample = sample(&text, delimiter);
    let width = sample.rows.iter().map(Vec::len).max().unwrap_or(1);
    let first = sample.rows.first().cloned().unwrap_or_default();
    let named = |names: &[String]| {
        let known = names.iter().filter(|name| meaning_of(name, None).is_some()).count();
        let values = names.iter().filter(|name| value_of(name).is_ok()).count();
        known > 0 && values == 0
    };
    let (header, names) = if named(&first) {
        (Header::First, first)
    } else if sample.comment.len() == width && named(&sample.comment) {
        (Header::None, sample.comment.clone())
    } else if !first.is_empty()
        && first
            .iter()
            .all(|cell| value_of(cell).is_err() && !cell.is_empty() && !cell.bytes().all(|b| b.is_ascii_digit()))
        && sample.rows.len() > 1
    {
        (Header::First, first)
    } else {
        (Header::None, Vec::new())
    };
    // Where the columns have names there are as many as names; a longer row is the row's fault.
    let width = if names.is_empty() { width } else { names.len() };
    let lower: Vec<String> = names.iter().map(|name| name.trim_matches('"').to_lowercase()).collect();
    let export = EXPORTS
        .iter()
        .find(|(_, columns)| columns.iter().all(|column| lower.iter().any(|name| name == column)))
        .map(|(name, _)| *name);
    let data = sample.rows.get(usize::from(header == Header::First)..).unwrap_or_default();
    let mut columns = Vec::new();
    let mut why = Vec::new();
    for at in 0..width.min(super::rows::COLUMNS_MAX) {
        let name = names.get(at).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| (at + 1).to_string());
        let cells: Vec<&str> =
            data.iter().filter_map(|row| row.get(at)).map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        let (meaning, kind, reason) = column(&name, export, &cells);
        columns.push(Column { name, meaning, kind: kind.map(|kind| kind.as_str().to_owned()) });
        why.push(reason);
    }
    settle(&mut columns, &mut why);
    let mapping = Mapping {
        delimiter: char::from(delimiter),
        header,
        comments: true,
        charset: charset.map(|charset| charset.name().to_owned()),
        // A calendar is no guess: dates of another one are refused until somebody says which it is.
        calendar: Calendar::default(),
        columns,
    };
    Guess { mapping, export, why }
}

fn column(name: &str, export: Option<&str>, cells: &[&str]) -> (Meaning, Option<ValueKind>, Why) {
    let values: Vec<ValueKind> = cells.iter().filter_map(|cell| value_of(cell).ok()).map(|value| value.kind).collect();
    let share = if cells.is_empty() { 0 } else { values.len() * 100 / cells.len() };
    if let Some((meaning, kind)) = meaning_of(name, export) {
        let mixed = meaning == Meaning::Value
            && kind.is_some()
            && values.iter().any(|own| Some(*own) != kind && !(is_address(*own) && kind.is_some_and(is_address)));
        if meaning == Meaning::Value && export.is_none() && !cells.is_empty() && share < 50 {
            let reason = format!("the name `{name}` says a value, but only {share} of 100 cells read as one");
            return (Meaning::Ignore, None, Why { confidence: 40, reason });
        }
        let confidence = if export.is_some() { 95 } else { 85 };
        let reason = match export {
            Some(export) => format!("the columns are those of {export}, where `{name}` is this"),
            None => format!("the name `{name}`"),
        };
        return (meaning, kind.filter(|kind| !mixed && !says_itself(*kind)), Why { confidence, reason });
    }
    if cells.len() >= 2 && cells.iter().all(|cell| Tlp::from_human(cell).is_some()) {
        return (
            Meaning::Tlp,
            None,
            Why { confidence: 80, reason: "every cell is a label of the Traffic Light Protocol".into() },
        );
    }
    // A link to a page about the thing is no indicator of it.
    let link = ["link", "reference", "permalink", "ref", "source", "urlhaus_link"]
        .iter()
        .any(|word| name.to_lowercase().contains(word));
    if share >= 80 && !link && export.is_none() {
        let reason = format!("{share} of 100 cells read as values");
        return (Meaning::Value, None, Why { confidence: u8::try_from(share.min(90)).unwrap_or(90), reason });
    }
    (Meaning::Ignore, None, Why { confidence: 50, reason: "neither its name nor its cells say what it is".into() })
}

/// Whether a cell of this kind is known by its looks alone. Then the column need not say it: what begins with fifty addresses may go on with domains, and a
/// guess that refused those would lose them.
fn says_itself(kind: ValueKind) -> bool {
    is_address(kind)
        || matches!(kind, ValueKind::Domain | ValueKind::Email | ValueKind::Hash | ValueKind::Vulnerability)
}

fn is_address(kind: ValueKind) -> bool {
    matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6)
}

/// Of meanings that only one column can have, the surest keeps it; values by their looks yield to values by their name.
fn settle(columns: &mut [Column], why: &mut [Why]) {
    let named = columns
        .iter()
        .zip(why.iter())
        .any(|(column, why)| column.meaning == Meaning::Value && !why.reason.ends_with("as values"));
    for (column, why) in columns.iter_mut().zip(why.iter_mut()) {
        if named && column.meaning == Meaning::Value && why.reason.ends_with("as values") {
            column.meaning = Meaning::Ignore;
            column.kind = None;
            *why = Why { confidence: 50, reason: format!("{}, but another column is named as the value", why.reason) };
        }
    }
    for only in [
        Meaning::Type,
        Meaning::Name,
        Meaning::Tlp,
        Meaning::Confidence,
        Meaning::FirstSeen,
        Meaning::ValidUntil,
        Meaning::Actionable,
    ] {
        let mut taken = false;
        for (column, why) in columns.iter_mut().zip(why.iter_mut()).filter(|(column, _)| column.meaning == only) {
            if taken {
                column.meaning = Meaning::Ignore;
                *why = Why { confidence: 40, reason: "another column has this meaning already".into() };
            }
            taken = true;
        }
    }
}

/// The first `count` rows of a table as they would be taken.
pub fn preview(bytes: &[u8], mapping: &Mapping, options: &Options, count: usize) -> Preview {
    let mut reader = CsvReader::new(mapping.clone(), options.clone());
    let head = bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes);
    // A look that stops in the middle of the table stops at the end of a line.
    let cut = if head.len() < bytes.len() {
        head.iter().rposition(|byte| *byte == b'\n').map_or(head.len(), |at| at + 1)
    } else {
        head.len()
    };
    reader.push(head.get(..cut).unwrap_or(head));
    if head.len() == bytes.len() {
        reader.finish();
    }
    let mut rows: Vec<PreviewRow> = Vec::new();
    while let Some(piece) = reader.next() {
        let line = piece.line();
        if let Some(row) = rows.last_mut().filter(|row| row.line == line) {
            row.pieces.push(piece);
        } else if rows.len() < count {
            rows.push(PreviewRow { line, pieces: vec![piece] });
        } else {
            break;
        }
    }
    Preview { rows }
}
