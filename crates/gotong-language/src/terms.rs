//! The glossary of each language, from `locales/<tag>/terms.ftl`: which word a translation uses for a word of GLOSSARY.md.
//!
//! Terms are no messages and stand on no page; `tests/it/texts.rs` holds translations to them.

use crate::language::Language;
use crate::shelf;

/// The terms of a language: the id of each (`term-agreement`), and the words that stand for it.
pub fn terms(language: Language) -> Vec<(String, Vec<String>)> {
    let text = shelf::file_text(language, shelf::TERMS).unwrap_or_default();
    let parsed = shelf::messages_of(shelf::TERMS, text);
    let words =
        |text: &str| text.split('|').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    parsed.into_iter().map(|term| (term.id, words(&term.text))).collect()
}
