//! Under which keys the words of a record are found. A key has three parts: 24 bits for the heading, so that a search reads only what stands under
//! headings that its reader may see; 24 bits for how the word begins, in order, so that beginnings are ranges; 16 bits for the whole word.
//!
//! Keys are hashes and only lead to records: whether one has the word is decided by reading it (`view/search.rs`). No word is kept anywhere but in the record
//! itself, so that what is erased leaves nothing here that could be read. The record's own values are no words: they have an index of their own.

use std::borrow::Cow;

use gotong_formats::stix21::{Facts, ObservableValue, TextPlace};
use gotong_language::segment::{self, Kind};
use gotong_model::ChannelId;
use gotong_store::{Index, ReadTx};

use crate::heading::Headings;

/// Words and pairs of one record that are posted, under each of its headings.
const TERMS_MAX: usize = 8_192;
/// Stands before the words of a whole name, so that who types a name finds what is called so among thousands that speak of it.
const WHOLE: char = '\u{1}';
/// Names longer than this are found by their words alone.
const WHOLE_BYTES_MAX: usize = 128;
/// Bits of a key below those of the heading.
const BELOW: u32 = 40;
/// Bits that say how a word begins.
const BEGINNING_BITS: u32 = 24;
/// Bits for the whole word.
const WHOLE_BITS: u32 = BELOW - BEGINNING_BITS;

/// Adds the keys of an object's words and pairs.
pub(crate) fn post(tx: &dyn ReadTx, headings: Headings, facts: &Facts, out: &mut Vec<(Index, u64)>) {
    if facts.texts.is_empty() {
        return;
    }
    let mut keys: Vec<u64> = Vec::with_capacity(16);
    let mut whole = String::new();
    for text in &facts.texts {
        let searched = without_values(&text.text, &facts.values);
        let is_name = text.place != TextPlace::Text && matches!(searched, Cow::Borrowed(_));
        whole.clear();
        segment::pieces(&searched, |piece| {
            if is_name && piece.kind == Kind::Word && whole.len() <= WHOLE_BYTES_MAX {
                whole.push(if whole.is_empty() { WHOLE } else { ' ' });
                whole.push_str(piece.bare);
            }
            let key = below(tx, piece.kind, piece.bare);
            // Most texts are short: looking through what is there costs less than sorting it.
            if keys.len() > 32 || !keys.contains(&key) {
                keys.push(key);
            }
            if keys.len() >= 2 * TERMS_MAX {
                keys.sort_unstable();
                keys.dedup();
            }
            keys.len() < TERMS_MAX
        });
        if !whole.is_empty() {
            keys.push(below(tx, Kind::Word, &whole));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    for heading in headings.each() {
        let above = above(tx, &heading);
        out.extend(keys.iter().map(|key| (Index::Term, above | key)));
    }
}

/// The part of keys that stands for a heading.
pub(crate) fn above(tx: &dyn ReadTx, heading: &ChannelId) -> u64 {
    tx.index_key(Index::Term, heading.as_bytes()) >> BELOW << BELOW
}

/// The part of a key that stands for a word or a pair.
pub(crate) fn below(tx: &dyn ReadTx, kind: Kind, text: &str) -> u64 {
    (beginning(kind, text).0 << WHOLE_BITS) | (tx.index_key(Index::Term, text.as_bytes()) >> (64 - WHOLE_BITS))
}

/// The part of a key that stands for a whole name, given its words.
pub(crate) fn below_whole(tx: &dyn ReadTx, words: &str) -> u64 {
    below(tx, Kind::Word, &format!("{WHOLE}{words}"))
}

/// The first and the last key of words, or pairs, that begin like this; below those of the heading. More begin like this than what is looked for.
pub(crate) fn beginnings(kind: Kind, text: &str) -> (u64, u64) {
    let (bits, used) = beginning(kind, text);
    let first = bits << WHOLE_BITS;
    (first, first | ((1 << (BELOW - used)) - 1))
}

/// How a word begins, in at most 24 bits, and how many of them it takes. A letter or digit of ASCII takes six, any other character twelve.
fn beginning(kind: Kind, text: &str) -> (u64, u32) {
    let (mut bits, mut used) = (0_u64, 0_u32);
    let mut add = |six: u32| {
        if used < BEGINNING_BITS {
            bits = (bits << 6) | u64::from(six & 63);
            used += 6;
        }
    };
    if kind == Kind::Pair {
        add(63);
    }
    for c in text.chars().take(4) {
        let code = u32::from(c);
        match c {
            'a'..='z' => add(code - u32::from('a') + 1),
            '0'..='9' => add(code - u32::from('0') + 27),
            _ if c.is_ascii() => add(37),
            _ => {
                add(38 + (code >> 6) % 25);
                add(code);
            }
        }
    }
    (bits << (BEGINNING_BITS - used), used)
}

/// A text with the object's own values blanked out, so that places stay where they are.
pub(crate) fn without_values<'t>(text: &'t str, values: &[ObservableValue]) -> Cow<'t, str> {
    let shortest = values.iter().map(|value| value.text.len()).min().unwrap_or(usize::MAX);
    if text.len() < shortest {
        return Cow::Borrowed(text);
    }
    let mut blanks = Vec::new();
    // What is not ASCII takes longer to split, and is most texts' exception.
    let (plain, other) = if text.is_ascii() { (text, "") } else { ("", text) };
    for chunk in plain.split_ascii_whitespace().chain(other.split_whitespace()) {
        if chunk.len() < shortest {
            continue;
        }
        let chunk = chunk.trim_matches(|c: char| matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | ',' | ';'));
        let may_be = chunk.len() >= 32 || chunk.bytes().any(|byte| matches!(byte, b'.' | b':' | b'/' | b'@'));
        if may_be && values.iter().any(|value| value.text.eq_ignore_ascii_case(chunk)) {
            // The chunk is a part of the text: its place follows from where both begin.
            let start = chunk.as_ptr().addr() - text.as_ptr().addr();
            blanks.push(start..start + chunk.len());
        }
    }
    if blanks.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for blank in blanks {
        out.push_str(text.get(at..blank.start).unwrap_or_default());
        out.extend(std::iter::repeat_n(' ', blank.len()));
        at = blank.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_lies_in_the_range_of_each_of_its_beginnings_and_of_no_other() {
        for word in ["ransomware", "a", "9z", "mã", "ngan", "ธนาคาร", "银行", "வங்கி", "élève"]
        {
            let whole = beginning(Kind::Word, word).0 << WHOLE_BITS;
            for (at, _) in word.char_indices().skip(1).chain([(word.len(), ' ')]) {
                let (from, to) = beginnings(Kind::Word, word.get(..at).unwrap());
                assert!((from..=to).contains(&whole), "{word} {at}");
            }
            for other in ["b", "zz", "rb", "银b", "x"] {
                let (from, to) = beginnings(Kind::Word, other);
                assert!(!(from..=to).contains(&whole), "{word} {other}");
            }
            let (from, to) = beginnings(Kind::Pair, "");
            assert!(!(from..=to).contains(&whole), "{word}");
        }
    }

    #[test]
    fn own_values_are_blanked_out_and_places_stay() {
        let value =
            |text: &str| ObservableValue { kind: gotong_formats::stix21::ValueKind::Domain, text: text.to_owned() };
        let values = [value("evil.example")];
        assert_eq!(without_values("loki: (Evil.example), đ", &values), "loki: (            ), đ");
        assert_eq!(without_values("loki: worse.example", &values), "loki: worse.example");
    }
}
