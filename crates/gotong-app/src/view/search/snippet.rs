//! What is shown of the places found: the name whole, of longer texts a piece around the first place. Told as segments, never as markup, so that whoever shows
//! them cannot be made to run what somebody wrote.

use std::ops::Range;

use gotong_formats::stix21::TextPlace;

use super::matching::{Doc, Marks};

/// Bytes of a text that are shown.
const BYTES_SHOWN: usize = 240;
/// Bytes before the first place found.
const BYTES_BEFORE: usize = 60;
/// Texts of one object that are shown.
const SNIPPETS_MAX: usize = 3;

/// A piece of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub is_hit: bool,
}

/// A text with the places found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snippet {
    /// What it is: `name`, `alias`, `text`.
    pub field: &'static str,
    /// Its pieces, in order.
    pub segments: Vec<Segment>,
    /// Whether the text goes on before or behind.
    pub is_cut: bool,
}

/// The name of a place.
pub(super) fn field(place: TextPlace) -> &'static str {
    match place {
        TextPlace::Name => "name",
        TextPlace::Alias => "alias",
        TextPlace::Text => "text",
    }
}

/// What is shown of a record.
pub(super) fn snippets(doc: &Doc, mut marks: Marks) -> Vec<Snippet> {
    marks.sort_by_key(|(at, range)| (*at, range.start, range.end));
    let mut out = Vec::new();
    let mut numbers: Vec<usize> = marks.iter().map(|(at, _)| *at).collect();
    numbers.dedup();
    numbers.sort_by_key(|at| doc.text(*at).map(|(place, _)| place));
    for number in numbers.into_iter().take(SNIPPETS_MAX) {
        let Some((place, text)) = doc.text(number) else { continue };
        let ranges = marks.iter().filter(|(at, _)| *at == number).map(|(_, range)| range.clone());
        out.push(snippet(place, text, &joined(ranges)));
    }
    out
}

/// Places that touch or overlap are one.
fn joined(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

fn snippet(place: TextPlace, text: &str, ranges: &[Range<usize>]) -> Snippet {
    let first = ranges.first().map_or(0, |range| range.start);
    let from = if text.len() <= BYTES_SHOWN { 0 } else { text.floor_char_boundary(first.saturating_sub(BYTES_BEFORE)) };
    let to = text.ceil_char_boundary(from.saturating_add(BYTES_SHOWN).min(text.len()));
    let mut segments = Vec::new();
    let mut at = from;
    let mut add = |range: Range<usize>, is_hit: bool| {
        if let Some(text) = text.get(range).filter(|text| !text.is_empty()) {
            segments.push(Segment { text: text.to_owned(), is_hit });
        }
    };
    for range in ranges.iter().take_while(|range| range.start < to) {
        let end = range.end.min(to);
        add(at..range.start, false);
        add(range.start..end, true);
        at = end;
    }
    add(at..to, false);
    Snippet { field: field(place), segments, is_cut: from > 0 || to < text.len() }
}
