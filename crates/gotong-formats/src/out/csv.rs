//! Comma separated values (RFC 4180) for spreadsheets and scripts: one row for each value of each record, and whether it may be blocked.
//!
//! A comment would be a broken row to every reader, so there is none: the first row names the columns, and each row has its own label. Columns
//! keep their places; new ones come at the end. No cell is a formula, and every cell can be turned back: see [`cell`].

use super::text::{is_hidden, spell};

/// The names of the columns.
pub const COLUMNS: [&str; 15] = [
    "value",
    "kind",
    "block",
    "tlp",
    "id",
    "type",
    "name",
    "confidence",
    "valid_from",
    "valid_until",
    "author",
    "channel",
    "published_at",
    "pap",
    "exercise",
];

/// Characters with which a spreadsheet begins a formula, the wide ones of East Asian keyboards among them.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
}

/// One cell, always in quotes.
///
/// To turn it back: take one apostrophe off the front, then put each `<U+0000>` back as its character. An apostrophe stands before whatever begins like a
/// formula, spaces aside, and before an apostrophe. What is not seen or breaks a line is spelled out, and so is a sign of a formula behind a
/// semicolon, because spreadsheets of many countries divide cells there.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let first = text.trim_start().chars().next();
    if text.starts_with('\'') || first.is_some_and(begins_formula) {
        out.push('\'');
    }
    let mut rest = text.chars();
    let mut is_divided = false;
    while let Some(letter) = rest.next() {
        let is_mark = letter == '<' && rest.as_str().starts_with("U+");
        if is_hidden(letter) || is_mark || (is_divided && begins_formula(letter)) {
            spell(&mut out, letter);
        } else if letter == '"' {
            out.push_str("\"\"");
        } else {
            out.push(letter);
        }
        is_divided = matches!(letter, ';' | '|' | ',') || (is_divided && matches!(letter, ' ' | '"' | '\''));
    }
    out.push('"');
    out
}

/// A row with its line end.
pub fn row(cells: &[&str], out: &mut String) {
    for (at, text) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&cell(text));
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("evil.example", "\"evil.example\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            (" =1", "\"' =1\""),
            ("\t=1", "\"'<U+0009>=1\""),
            ("\r=1", "\"'<U+000D>=1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("'quoted", "\"''quoted\""),
            ("a\"b", "\"a\"\"b\""),
            ("a;=1", "\"a;<U+003D>1\""),
            ("a\u{202e}b", "\"a<U+202E>b\""),
            ("", "\"\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
