//! Bytes as text: base32 in lower case, base64, proquints (`docs/protocol.md` section 1). Readers are strict: one text for each value.

use data_encoding::{BASE32_NOPAD, BASE64};

/// Lower-case base32 of RFC 4648 section 6 without padding.
pub fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

/// Reads what [`base32`] writes for `N` bytes, and nothing else.
pub fn from_base32<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(5) || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?.try_into().ok()
}

/// Padded base64 of RFC 4648 section 4.
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Reads padded base64; refuses every other spelling of the same bytes.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.as_bytes()).ok()
}

/// Reads padded base64 of exactly `N` bytes.
pub fn from_base64_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64(text)?.try_into().ok()
}

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

/// 32 bytes as sixteen pronounceable words (proquints, arXiv:0901.4016), to be compared by voice.
pub fn words(bytes: &[u8; 32]) -> String {
    let mut out = String::with_capacity(95);
    for pair in bytes.chunks_exact(2) {
        if !out.is_empty() {
            out.push('-');
        }
        let value = pair.iter().fold(0_u16, |value, byte| (value << 8) | u16::from(*byte));
        for (shift, vowel) in [(12, false), (10, true), (6, false), (4, true), (0, false)] {
            let table: &[u8] = if vowel { VOWELS } else { CONSONANTS };
            let mask = if vowel { 3 } else { 15 };
            if let Some(letter) = table.get(usize::from((value >> shift) & mask)) {
                out.push(char::from(*letter));
            }
        }
    }
    out
}

/// Reads sixteen words; upper case, spaces in place of hyphens and surrounding blanks are forgiven, a wrong letter is not.
pub fn from_words(text: &str) -> Option<[u8; 32]> {
    let mut out = [0_u8; 32];
    let lower = text.trim().to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| c == '-' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
    if words.len() != 16 {
        return None;
    }
    for (word, slot) in words.iter().zip(out.chunks_exact_mut(2)) {
        let letters = <[u8; 5]>::try_from(word.as_bytes()).ok()?;
        let mut value = 0_u16;
        for (position, letter) in letters.iter().enumerate() {
            let table: &[u8] = if position % 2 == 1 { VOWELS } else { CONSONANTS };
            let digit = u16::try_from(table.iter().position(|known| known == letter)?).ok()?;
            value = (value << if position % 2 == 1 { 2 } else { 4 }) | digit;
        }
        slot.copy_from_slice(&value.to_be_bytes());
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proquints_agree_with_the_paper() {
        // arXiv:0901.4016: 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad.
        let mut bytes = [0_u8; 32];
        bytes[..8].copy_from_slice(&[127, 0, 0, 1, 63, 84, 220, 193]);
        let text = words(&bytes);
        assert!(text.starts_with("lusab-babad-gutih-tugad-babab"), "{text}");
        assert_eq!(from_words(&text.to_uppercase().replace('-', " ")), Some(bytes));
        assert_eq!(from_words("lusab-babad"), None);
    }

    #[test]
    fn base32_has_one_spelling() {
        let bytes = [7_u8; 16];
        let text = base32(&bytes);
        assert_eq!(text.len(), 26);
        assert_eq!(from_base32::<16>(&text), Some(bytes));
        assert_eq!(from_base32::<16>(&text.to_uppercase()), None);
        let mut trailing = text.clone();
        trailing.replace_range(25.., "z");
        assert_eq!(from_base32::<16>(&trailing), None, "non-zero trailing bits");
    }
}
