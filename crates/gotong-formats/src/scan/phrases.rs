//! Values that hold spaces or other ends of words (command lines, names in braces): found all at once by an automaton of those alone.
//!
//! The automaton takes many times the room of its phrases, which is why their bytes are bounded (`values.rs`). Must not find a phrase inside of
//! a longer name. Read next: `engine.rs`.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

use super::class::{NAME, class};

/// Bytes of phrases that the fast form is made for.
const FAST_BYTES_MAX: usize = 64 << 10;

/// The automaton.
pub(super) struct Phrases(AhoCorasick);

impl Phrases {
    pub(super) fn of(phrases: &[String]) -> Result<Option<Self>, BuildError> {
        if phrases.is_empty() {
            return Ok(None);
        }
        // The fast form takes some hundred times the room of its phrases.
        let is_small = phrases.iter().map(String::len).sum::<usize>() <= FAST_BYTES_MAX;
        let kind = if is_small { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        // Keys of the registry are indexed in lower case, and written as anybody likes.
        Ok(Some(Self(AhoCorasick::builder().kind(Some(kind)).ascii_case_insensitive(true).build(phrases)?)))
    }

    /// Each place where a phrase stands as a whole, whatever its case.
    pub(super) fn find(&self, bytes: &[u8], mut each: impl FnMut(usize, &[u8])) {
        let is_name = |byte: Option<&u8>| byte.is_some_and(|byte| class(*byte) & NAME != 0);
        for found in self.0.find_overlapping_iter(bytes) {
            let Some(text) = bytes.get(found.range()) else { continue };
            let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
            let goes_on_before = is_name(text.first()) && is_name(before);
            let goes_on_after = is_name(text.last()) && is_name(bytes.get(found.end()));
            if !goes_on_before && !goes_on_after {
                each(found.start(), text);
            }
        }
    }
}
