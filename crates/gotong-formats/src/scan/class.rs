//! What each byte is to the pass. Three sorts of pieces lie within each other: a stretch ends at white space, quotes and angle brackets; a
//! word also at punctuation that joins fields; a name is made of what names of hosts and files are made of.
//!
//! The tables of `docs/book/matching.md` say the same for people; whoever changes one changes the other.

/// Part of a name.
pub(super) const NAME: u8 = 1;
/// A dot; also [`NAME`].
pub(super) const DOT: u8 = 2;
/// Part of a name that is neither a digit nor a dot.
pub(super) const LETTER: u8 = 4;
/// Not ASCII; also [`NAME`].
pub(super) const FOREIGN: u8 = 8;
/// Ends a word.
pub(super) const WORD_END: u8 = 16;
/// Ends a stretch, and with it the word.
pub(super) const STRETCH_END: u8 = 32;
/// Begins an escape: `%` or a backslash.
pub(super) const ESCAPE: u8 = 64;
/// A colon.
pub(super) const COLON: u8 = 128;

#[allow(clippy::indexing_slicing, reason = "worked out by the compiler, which would not let a wrong index pass")]
const CLASSES: [u8; 256] = {
    let mut classes = [0_u8; 256];
    let mut at = 0_usize;
    let mut byte: u8 = 0;
    loop {
        classes[at] = match byte {
            b'.' => NAME | DOT,
            b'0'..=b'9' => NAME,
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => NAME | LETTER,
            128..=255 => NAME | LETTER | FOREIGN,
            0..=b' ' | 127 | b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' => STRETCH_END | WORD_END,
            b',' | b';' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' => WORD_END,
            b'%' | b'\\' => ESCAPE,
            b':' => COLON,
            _ => 0,
        };
        if byte == 255 {
            break;
        }
        byte += 1;
        at += 1;
    }
    classes
};

/// The class of a byte.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether bytes are all of a name.
pub(super) fn is_name(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| class(*byte) & NAME != 0)
}

/// Whether bytes hold nothing that ends a word.
pub(super) fn is_word(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| class(*byte) & WORD_END == 0)
}

/// A name without the dots and hyphens around it.
pub(super) fn trim_name(mut name: &[u8]) -> &[u8] {
    while let Some((b'.' | b'-', rest)) = name.split_first() {
        name = rest;
    }
    while let Some((b'.' | b'-', rest)) = name.split_last() {
        name = rest;
    }
    name
}

/// A word without what ends a sentence.
pub(super) fn trim_word(mut word: &[u8]) -> &[u8] {
    while let Some((b'.' | b':' | b'!' | b'?', rest)) = word.split_last() {
        word = rest;
    }
    word
}
