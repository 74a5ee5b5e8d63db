//! One spelling for each word: composed (NFC), in lower case, full-width forms narrowed, and without the characters that nobody sees. What was left out or
//! composed is remembered, so that a place in the spelling is a place in the text that was given.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A text in its one spelling.
pub(super) struct Plain {
    /// The spelling.
    pub(super) text: String,
    /// Bytes of the spelling at which a character begins, and where that character began and ended in the text given.
    places: Vec<(usize, usize, usize)>,
}

/// Characters that are not seen and part no words for whoever looks for one: soft hyphen, spaces and joiners of no width, byte order marks, and the signs that
/// choose a direction.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is a mark upon the one before it.
pub(super) fn is_mark(c: char) -> bool {
    c > '\u{2ff}' && is_combining_mark(c)
}

/// Full-width forms stand for the ASCII that they look like.
fn narrow(c: char) -> char {
    match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

impl Plain {
    pub(super) fn of(given: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(given.len()), places: Vec::new() };
        // A character and its marks are composed together; more than thirty marks are nobody's spelling.
        let mut cluster: Vec<char> = Vec::with_capacity(4);
        let mut from = 0;
        let mut end = 0;
        for (at, c) in given.char_indices().filter(|(_, c)| !is_unseen(*c)) {
            if !cluster.is_empty() && (!is_mark(c) || cluster.len() > 30) {
                plain.close(&cluster, from, end);
                cluster.clear();
            }
            if cluster.is_empty() {
                from = at;
            }
            cluster.push(narrow(c));
            end = at + c.len_utf8();
        }
        if !cluster.is_empty() {
            plain.close(&cluster, from, end);
        }
        plain
    }

    fn close(&mut self, cluster: &[char], from: usize, end: usize) {
        self.places.push((self.text.len(), from, end));
        if let [c] = cluster
            && c.is_ascii()
        {
            self.text.push(c.to_ascii_lowercase());
            return;
        }
        // A capital I with a dot becomes two characters in lower case: composing comes last.
        self.text.extend(cluster.iter().flat_map(|c| c.to_lowercase()).nfc());
    }

    /// Where a stretch of the spelling stands in the text given.
    pub(super) fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.places.partition_point(|place| place.0 <= start).saturating_sub(1);
        let last = self.places.partition_point(|place| place.0 < end).saturating_sub(1);
        (self.places.get(first).map_or(0, |place| place.1), self.places.get(last).map_or(0, |place| place.2))
    }
}

/// A mark that changes a Latin, Greek or Cyrillic letter; vowels and tones of other scripts are letters to their readers.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The letters that Unicode does not take apart, and what people type for them.
fn base(c: char) -> Option<&'static str> {
    Some(match c {
        'đ' | 'ð' => "d",
        'ø' => "o",
        'ł' => "l",
        'ı' => "i",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        _ => return None,
    })
}

/// A spelling without accents.
pub fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else if let Some(base) = base(c) {
            out.push_str(base);
        } else if u32::from(c) < 0x530 || (0x1e00..0x2000).contains(&u32::from(c)) {
            decompose_canonical(c, |part| {
                if !is_accent(part) {
                    out.push(part);
                }
            });
        } else if !is_accent(c) {
            out.push(c);
        }
    }
    out
}

/// Whether two spellings of the same bare word can be the same word: at each letter, one has all the accents that the other has. `ngân` agrees with `ngan`,
/// and `nhan` with `nhân`, but `ngân` not with `ngăn`.
pub fn agree(a: &str, b: &str) -> bool {
    if a == b || a.is_ascii() || b.is_ascii() {
        return true;
    }
    let letters = |text: &str| {
        let mut out: Vec<(char, Vec<char>)> = Vec::new();
        for c in text.nfd() {
            match out.last_mut() {
                Some((_, accents)) if is_accent(c) => accents.push(c),
                _ => out.push((c, Vec::new())),
            }
        }
        out
    };
    let (a, b) = (letters(a), letters(b));
    let within = |a: &[char], b: &[char]| a.iter().all(|accent| b.contains(accent));
    a.len() == b.len() && a.iter().zip(&b).all(|((_, one), (_, other))| within(one, other) || within(other, one))
}

/// Every two neighbouring characters of a run, each with its marks, as stretches of the run.
pub(super) fn pairs(run: &str) -> Vec<(usize, usize)> {
    let starts: Vec<usize> =
        run.char_indices().filter(|(_, c)| !is_mark(*c)).map(|(at, _)| at).chain([run.len()]).collect();
    starts.windows(3).filter_map(|window| if let [from, _, to] = window { Some((*from, *to)) } else { None }).collect()
}
