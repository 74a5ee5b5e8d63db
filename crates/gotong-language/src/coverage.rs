//! How much of English each language says: for the command `gotong languages` and for tests.
//!
//! It counts messages, and judges no translation; placeables, markup and terms are judged in `tests/it/texts.rs`.

use std::collections::BTreeSet;

use crate::language::Language;
use crate::shelf;

/// What a language has and lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Which.
    pub language: Language,
    /// How many messages English has.
    pub messages: usize,
    /// How many of those the language has.
    pub translated: usize,
    /// The ids of the others, in the order of the English files.
    pub missing: Vec<String>,
    /// Ids that English does not have: left over, and shown nowhere.
    pub surplus: Vec<String>,
}

/// The coverage of a language.
pub fn coverage(language: Language) -> Coverage {
    let english: Vec<String> = shelf::messages(Language::English).into_iter().map(|message| message.id).collect();
    let own: BTreeSet<String> = shelf::messages(language).into_iter().map(|message| message.id).collect();
    let source: BTreeSet<&String> = english.iter().collect();
    let surplus = own.iter().filter(|id| !source.contains(id)).cloned().collect();
    let missing: Vec<String> = english.iter().filter(|id| !own.contains(*id)).cloned().collect();
    Coverage { language, messages: english.len(), translated: english.len() - missing.len(), missing, surplus }
}
