//! Parts of values: many substrings in one automaton, and regular expressions, a set for each list.
//!
//! Memory is bounded. What cannot be compiled is told by its place on its list; everything else goes on. Read next:
//! `matcher.rs`.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::{RegexSet, RegexSetBuilder};

/// Bytes of all substrings together: an automaton takes some thirty times as many.
pub(super) const SUBSTRING_BYTES_MAX: usize = 4 << 20;
/// Memory for the regular expressions of one list, compiled, and again while they run.
const EXPRESSIONS_BYTES_MAX: usize = 2 << 20;
/// Regular expressions on one list.
pub(super) const EXPRESSIONS_MAX: usize = 2_000;
/// Memory for one expression while it is tried.
const EXPRESSION_BYTES_MAX: usize = 256 << 10;

/// Bytes of a beginning, and bits of the filter of beginnings as a power of two.
const BEGINNING_BYTES: usize = 6;
const FILTER_BITS_LOG: u32 = 18;

/// Substrings with the list of each.
#[derive(Default)]
pub(super) struct Substrings {
    texts: Vec<(String, u16)>,
    text_bytes: usize,
    automaton: Option<AhoCorasick>,
    beginnings: Beginnings,
}

/// Which beginnings of substrings there may be: most values have none, and never see the automaton.
#[derive(Default)]
struct Beginnings {
    bits: Vec<u64>,
    /// Whether any beginning has so many bytes; at most [`BEGINNING_BYTES`].
    lengths: [bool; BEGINNING_BYTES],
}

impl Beginnings {
    fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut new = Self { bits: vec![0; 1 << (FILTER_BITS_LOG - 6)], lengths: [false; BEGINNING_BYTES] };
        for text in texts {
            let length = text.len().min(BEGINNING_BYTES);
            let Some((at, bit)) = sums(text.as_bytes()).nth(length.saturating_sub(1)) else { continue };
            if let Some(word) = new.bits.get_mut(at) {
                *word |= bit;
            }
            if let Some(there) = new.lengths.get_mut(length - 1) {
                *there = true;
            }
        }
        new
    }

    /// `false`: no substring begins anywhere in `value`. `true`: one may.
    fn may_be_in(&self, value: &[u8]) -> bool {
        (0..value.len()).any(|from| {
            let rest = value.get(from..).unwrap_or_default();
            sums(rest)
                .zip(self.lengths)
                .any(|((at, bit), there)| there && self.bits.get(at).is_some_and(|word| word & bit != 0))
        })
    }
}

/// For each of the first bytes the place and the bit that the text up to it has in the filter, whatever its case.
fn sums(text: &[u8]) -> impl Iterator<Item = (usize, u64)> {
    text.iter().take(BEGINNING_BYTES).scan(0x811c_9dc5_u32, |sum, byte| {
        *sum = (*sum ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
        let bit = sum.wrapping_mul(0x9e37_79b1) >> (32 - FILTER_BITS_LOG);
        Some(((bit >> 6) as usize, 1 << (bit & 63)))
    })
}

impl Substrings {
    /// `false`: there is no more room for it.
    pub(super) fn add(&mut self, text: &str, list: u16) -> bool {
        self.text_bytes += text.len();
        if self.text_bytes > SUBSTRING_BYTES_MAX {
            return false;
        }
        self.texts.push((text.to_owned(), list));
        true
    }

    /// `false`: the automaton could not be built, and nothing will be found.
    pub(super) fn finish(&mut self) -> bool {
        if self.texts.is_empty() {
            return true;
        }
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(self.texts.iter().map(|(text, _)| text));
        self.automaton = built.ok();
        self.beginnings = Beginnings::new(self.texts.iter().map(|(text, _)| text.as_str()));
        self.automaton.is_some()
    }

    /// Calls `found` with each list and entry that is part of `value`.
    pub(super) fn within<'s>(&'s self, value: &str, mut found: impl FnMut(u16, &'s str)) {
        let Some(automaton) = self.automaton.as_ref().filter(|_| self.beginnings.may_be_in(value.as_bytes())) else {
            return;
        };
        let Ok(hits) = automaton.try_find_overlapping_iter(value) else { return };
        for hit in hits {
            if let Some((text, list)) = self.texts.get(hit.pattern().as_usize()) {
                found(*list, text);
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(|(text, _)| text.capacity() + size_of::<(String, u16)>()).sum();
        texts
            + self.beginnings.bits.capacity() * size_of::<u64>()
            + self.automaton.as_ref().map_or(0, AhoCorasick::memory_usage)
    }
}

/// The regular expressions of one list.
pub(super) struct Expressions {
    set: RegexSet,
    texts: Vec<String>,
    pub(super) list: u16,
}

impl Expressions {
    /// Compiles what can be compiled; the other places are told.
    pub(super) fn new<'t>(entries: impl Iterator<Item = &'t str>, list: u16) -> (Option<Self>, Vec<usize>) {
        let (mut wrong, mut texts, mut compiled) = (Vec::new(), Vec::new(), Vec::new());
        for (at, entry) in entries.enumerate() {
            let expression = expression(entry).filter(|text| {
                at < EXPRESSIONS_MAX
                    && regex::RegexBuilder::new(text).size_limit(EXPRESSION_BYTES_MAX).nest_limit(64).build().is_ok()
            });
            match expression {
                Some(expression) => {
                    compiled.push(expression);
                    texts.push(entry.to_owned());
                }
                None => wrong.push(at),
            }
        }
        let set = RegexSetBuilder::new(&compiled)
            .size_limit(EXPRESSIONS_BYTES_MAX)
            .dfa_size_limit(EXPRESSIONS_BYTES_MAX)
            .nest_limit(64)
            .build();
        match set {
            Ok(set) if !texts.is_empty() => (Some(Self { set, texts, list }), wrong),
            Ok(_) => (None, wrong),
            // Each alone would do, all together are too many: none of them is in use.
            Err(_) => (None, (0..texts.len() + wrong.len()).collect()),
        }
    }

    /// The first entry that finds something in `value`.
    pub(super) fn first_in(&self, value: &str) -> Option<&str> {
        let at = self.set.matches(value).iter().next()?;
        self.texts.get(at).map(String::as_str)
    }

    pub(super) fn bytes(&self) -> usize {
        self.texts.iter().map(|text| text.capacity() + size_of::<String>()).sum()
    }
}

/// An entry as the engine here takes it: MISP writes them as PCRE does, `/…/i`. `None`: with a flag that is not known.
fn expression(entry: &str) -> Option<String> {
    let Some((body, flags)) = entry.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else {
        return Some(entry.to_owned());
    };
    // What is Unicode and what is searched throughout, `u` and `g`, is so in any case.
    let known = flags.chars().all(|flag| matches!(flag, 'i' | 'm' | 's' | 'x' | 'u' | 'g'));
    let kept: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 's' | 'x')).collect();
    known.then(|| if kept.is_empty() { body.to_owned() } else { format!("(?{kept}){body}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_keep_their_flags_and_those_that_cannot_be_run_are_told() {
        let entries = [r"/^(noc|abuse)\@.*\..*$/i", r"/(a)\1/", r"plain[0-9]", "/x/Q", r"/^5550\d$/g"];
        let (set, wrong) = Expressions::new(entries.into_iter(), 3);
        let set = set.unwrap();
        assert_eq!(wrong, [1, 3]);
        assert_eq!(set.first_in("ABUSE@example.com"), Some(entries[0]));
        assert_eq!(set.first_in("a plain7 text"), Some(entries[2]));
        assert_eq!(set.first_in("55501"), Some(entries[4]));
        assert_eq!(set.first_in("aa"), None);
    }
}
