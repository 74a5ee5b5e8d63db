//! Text of others made safe to show in one line: what cannot be seen, or would mean something to a parser, is written as `<U+202E>`.
//!
//! Reversible: every `<U+` that stands in the text itself is written so too. Which characters mean something is for the format to say.

use std::fmt::Write as _;

/// Whether a character is not seen, breaks a line, or turns the direction of what stands around it.
pub(crate) fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` in one line of at most `chars_max` characters of its own, with `special` characters spelled out as well.
pub(crate) fn visible(text: &str, special: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut count = 0;
    while let Some(letter) = rest.next() {
        if count == chars_max {
            out.push('…');
            break;
        }
        count += 1;
        if is_hidden(letter) || special.contains(letter) || (letter == '<' && rest.as_str().starts_with("U+")) {
            spell(&mut out, letter);
        } else {
            out.push(letter);
        }
    }
    out
}

/// Writes a character as `<U+0000>`.
pub(crate) fn spell(out: &mut String, letter: char) {
    // Writing to a string does not fail.
    let _ = write!(out, "<U+{:04X}>", u32::from(letter));
}

/// `text` as a word for places that take no space, comma or sign: everything else becomes `_`.
pub(crate) fn word(text: &str) -> String {
    let kept = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '.' | '-' | '+');
    text.chars().take(200).map(|letter| if kept(letter) { letter } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelled_out_and_what_people_write_stays() {
        assert_eq!(visible("a\nb\u{202e}c\0", "", 99), "a<U+000A>b<U+202E>c<U+0000>");
        assert_eq!(visible("ភាសាខ្មែរ ภาษาไทย tiếng Việt", "", 99), "ភាសាខ្មែរ ภาษาไทย tiếng Việt");
        assert_eq!(visible("<U+0041> <b>", "", 99), "<U+003C>U+0041> <b>");
        assert_eq!(visible("a\"b;c", "\";", 99), "a<U+0022>b<U+003B>c");
        assert_eq!(visible("abcd", "", 3), "abc…");
        assert_eq!(word("rti/indicators; drop"), "rti/indicators__drop");
    }
}
