//! Words as people look for them, in every language of the region: where a word begins and ends, and the spelling under which it is found.
//!
//! Scripts that write spaces are cut at what is neither letter, digit nor mark. Thai, Lao, Khmer, Burmese, Chinese and Japanese are cut by the
//! dictionaries of Unicode's ICU, and every two neighbouring characters of them are told as a *pair* besides: what the dictionary cuts otherwise in another
//! sentence is found by its pairs. Places are bytes of the text as it was given. Read next: `segment/plain.rs` (spellings), `gotong-app/src/term.rs`.

mod plain;

use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use plain::Plain;
pub use plain::{agree, bare};

/// The longest word that is told, in bytes; of longer ones only the beginning is.
pub const WORD_BYTES_MAX: usize = 64;

static DICTIONARY: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A word.
    Word,
    /// Two neighbouring characters, with their marks, of a script without spaces.
    Pair,
}

/// A piece of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece<'a> {
    /// What it is.
    pub kind: Kind,
    /// In lower case, composed, with its marks.
    pub text: &'a str,
    /// The same without the marks of Latin letters: under this it is found.
    pub bare: &'a str,
    /// Its place among the words; for a pair, that of the next word.
    pub place: usize,
    /// Where it begins, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether it is of a script without spaces, cut by a dictionary.
    pub is_cut: bool,
}

/// Whether a character belongs to a script that is written without spaces.
pub fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x19e0..=0x19ff | 0xa9e0..=0xa9ff | 0xaa60..=0xaa7f
        | 0x3005..=0x3007 | 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff
        | 0x20000..=0x323af)
        && (c.is_alphanumeric() || plain::is_mark(c))
}

/// Calls with every piece of a text, in order; `false` ends it.
pub fn pieces(text: &str, mut with: impl FnMut(Piece<'_>) -> bool) {
    if text.is_ascii() {
        ascii(text, with);
        return;
    }
    let plain = Plain::of(text);
    let mut place = 0;
    let mut runs = Runs { text: &plain.text, at: 0 };
    while let Some((start, end, is_cut)) = runs.next() {
        let Some(run) = plain.text.get(start..end) else { return };
        let goes_on = if is_cut {
            cut(&plain, (run, start), &mut place, &mut with)
        } else {
            let goes_on = word(&plain, (run, start), (place, false), &mut with);
            place += 1;
            goes_on
        };
        if !goes_on {
            return;
        }
    }
}

/// Where a part stands in a text, spelled as both are compared; at most so many places.
pub fn places(text: &str, part: &str, most: usize) -> Vec<std::ops::Range<usize>> {
    let (text, part) = (Plain::of(text), Plain::of(part));
    let part = part.text.trim();
    if part.is_empty() {
        return Vec::new();
    }
    let found = text.text.match_indices(part).take(most);
    found
        .map(|(at, part)| {
            let (start, end) = text.place(at, at + part.len());
            start..end
        })
        .collect()
}

/// [`pieces`] of a text of ASCII alone, which most are: nothing to compose and nothing to leave out.
fn ascii(text: &str, mut with: impl FnMut(Piece<'_>) -> bool) {
    let mut lower = [0_u8; WORD_BYTES_MAX];
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut place = 0;
    while let Some(from) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_alphanumeric)) {
        let start = at + from;
        let rest = bytes.get(start..).unwrap_or_default();
        let end = start + rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let kept = (end - start).min(WORD_BYTES_MAX);
        for (slot, byte) in lower.iter_mut().zip(rest) {
            *slot = byte.to_ascii_lowercase();
        }
        let told = lower.get(..kept).and_then(|told| std::str::from_utf8(told).ok()).unwrap_or_default();
        if !with(Piece { kind: Kind::Word, text: told, bare: told, place, start, end, is_cut: false }) {
            return;
        }
        place += 1;
        at = end;
    }
}

/// Runs of letters, digits and marks, of one sort of script each.
struct Runs<'a> {
    text: &'a str,
    at: usize,
}

impl Runs<'_> {
    fn next(&mut self) -> Option<(usize, usize, bool)> {
        let rest = self.text.get(self.at..)?;
        let (start, first) = rest.char_indices().find(|(_, c)| c.is_alphanumeric())?;
        let is_cut = is_unspaced(first);
        let run = rest.get(start..)?;
        let goes_on = |c: char| (c.is_alphanumeric() && is_unspaced(c) == is_cut) || plain::is_mark(c);
        let length = run.char_indices().find(|(_, c)| !goes_on(*c)).map_or(run.len(), |(at, _)| at);
        let start = self.at + start;
        self.at = start + length;
        Some((start, self.at, is_cut))
    }
}

/// A run of a script without spaces: its words, each behind the pairs that begin in it.
fn cut(
    plain: &Plain,
    (run, start): (&str, usize),
    place: &mut usize,
    with: &mut impl FnMut(Piece<'_>) -> bool,
) -> bool {
    for (from, to) in plain::pairs(run) {
        let Some(text) = run.get(from..to) else { continue };
        let (begin, end) = plain.place(start + from, start + to);
        if !with(Piece { kind: Kind::Pair, text, bare: text, place: *place, start: begin, end, is_cut: true }) {
            return false;
        }
    }
    let mut from = 0;
    for to in DICTIONARY.segment_str(run) {
        if let Some(part) = run.get(from..to).filter(|part| !part.is_empty()) {
            if !word(plain, (part, start + from), (*place, true), with) {
                return false;
            }
            *place += 1;
        }
        from = to;
    }
    true
}

fn word(
    plain: &Plain,
    (text, start): (&str, usize),
    (place, is_cut): (usize, bool),
    with: &mut impl FnMut(Piece<'_>) -> bool,
) -> bool {
    let (begin, end) = plain.place(start, start + text.len());
    let text = text.get(..text.floor_char_boundary(WORD_BYTES_MAX)).unwrap_or_default();
    let folded = plain::bare(text);
    with(Piece { kind: Kind::Word, text, bare: &folded, place, start: begin, end, is_cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        pieces(text, |piece| {
            if piece.kind == Kind::Word {
                out.push(piece.bare.to_owned());
            }
            true
        });
        out
    }

    #[test]
    fn scripts_without_spaces_are_cut_and_others_are_parted_at_spaces() {
        for (text, expected) in [
            ("中央银行遭到勒索软件攻击", vec!["中央", "银行", "遭到", "勒索", "软件", "攻击"]),
            ("Ngân hàng bị tấn công", vec!["ngan", "hang", "bi", "tan", "cong"]),
            ("L'hôpital, C2-Server_7", vec!["l", "hopital", "c2", "server", "7"]),
            ("வங்கி மீது", vec!["வங்கி", "மீது"]),
            ("APT29攻击", vec!["apt29", "攻击"]),
        ] {
            assert_eq!(words(text), expected);
        }
        assert!(words("ธนาคารแห่งชาติถูกโจมตี").contains(&"ธนาคาร".to_owned()));
        assert!(words("ទាំងអស់មេរោគ").len() > 1);
    }

    #[test]
    fn places_are_those_of_the_text_that_was_given() {
        // Taken apart, with a space of no width, full width and upper case.
        let text = "«Ngâ\u{301}n» ธนา\u{200b}คาร ＡＢc";
        let mut seen = Vec::new();
        pieces(text, |piece| {
            if piece.kind == Kind::Word {
                seen.push((piece.text.to_owned(), text.get(piece.start..piece.end).unwrap().to_owned()));
            }
            true
        });
        assert_eq!(
            seen,
            [("ngấn", "Ngâ\u{301}n"), ("ธนาคาร", "ธนา\u{200b}คาร"), ("abc", "ＡＢc")]
                .map(|(word, place)| (word.to_owned(), place.to_owned()))
        );
        let found = places("ธนา\u{200b}คารแห่งชาติ", "คารแห่ง", 9);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn ascii_and_the_long_way_tell_the_same() {
        for text in ["", "a", "Plain words, and-more_of 7 them.", "--x--", &"long".repeat(40)] {
            let long_way = format!("{text} é");
            let mut expected = words(&long_way);
            expected.pop();
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn accents_agree_where_one_side_lacks_them() {
        for (a, b, expected) in [
            ("ngân", "ngan", true),
            ("ngấn", "ngân", true),
            ("ngân", "ngăn", false),
            ("élève", "eleve", true),
            ("été", "èté", false),
        ] {
            assert_eq!((agree(a, b), agree(b, a)), (expected, expected), "{a} {b}");
        }
        assert_eq!(bare("đường Œuvre".to_lowercase().as_str()), "duong oeuvre");
        assert_eq!(bare("வங்கி ธนาคาร"), "வங்கி ธนาคาร");
    }
}
