//! Finding bytes in everything that a store in memory holds, for tests of erasure.

use super::Held;
use super::table::Table;
use crate::Packed;

/// Bytes to look for (Horspool's search: a step is as long as the last byte under the needle allows).
struct Needle<'a> {
    bytes: &'a [u8],
    steps: [usize; 256],
}

impl<'a> Needle<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut steps = [bytes.len(); 256];
        for (at, byte) in bytes.iter().enumerate().take(bytes.len().saturating_sub(1)) {
            if let Some(step) = steps.get_mut(usize::from(*byte)) {
                *step = bytes.len() - 1 - at;
            }
        }
        Self { bytes, steps }
    }

    fn occurs_in(&self, hay: &[u8]) -> bool {
        let mut at = 0;
        while let Some(under) = hay.get(at..at + self.bytes.len()) {
            if under == self.bytes {
                return true;
            }
            at += under.last().and_then(|last| self.steps.get(usize::from(*last))).copied().unwrap_or(1);
        }
        false
    }

    fn occurs_in_content(&self, packed: &Packed) -> bool {
        self.occurs_in(&packed.0)
            || packed.unpack().is_ok_and(|content| {
                let parts = [&content.salt1[..], &content.salt2, &content.envelope, &content.body];
                parts.into_iter().any(|part| self.occurs_in(part))
            })
    }
}

impl Held {
    /// See [`MemoryStore::contains_bytes`](crate::MemoryStore::contains_bytes).
    pub(super) fn contains_bytes(&self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return false;
        }
        let needle = Needle::new(bytes);
        let in_books = self
            .books
            .iter()
            .flat_map(Table::iter)
            .any(|(key, value)| needle.occurs_in(key) || needle.occurs_in(value));
        in_books
            || self.entries.iter().any(|(_, row)| {
                needle.occurs_in(&row.header.object)
                    || row.content.as_deref().is_some_and(|content| needle.occurs_in_content(content))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_where_a_plain_search_finds_it() {
        let mut state = 1_u32;
        let mut letters = |length: usize| -> Vec<u8> {
            let letter = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b'a' + u8::try_from(state >> 31).unwrap()
            };
            (0..length).map(letter).collect()
        };
        let mut found = 0;
        for round in 0..4_000 {
            let (hay, needle) = (letters(round % 23), letters(1 + round % 7));
            let plainly = hay.windows(needle.len()).any(|window| window == needle);
            assert_eq!(Needle::new(&needle).occurs_in(&hay), plainly);
            found += usize::from(plainly);
        }
        assert!((500..3_500).contains(&found));
    }
}
