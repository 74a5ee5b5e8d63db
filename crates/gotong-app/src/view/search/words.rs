//! Words that a saved search wants, and whether a record has them: the same answer as the box gives, without its safety net and without asking an index.
//!
//! A record is read for its words once for all searches that look at it (`WordsRead`), whoever they belong to; each search then compares words. Must not decide who
//! may read: whoever asks has decided that, or asks it of every record that fits. Read next: `matching.rs`, `subscription/stream.rs`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Bound;
use std::rc::Rc;

use gotong_formats::stix21::Facts;
use gotong_store::EntryKey;

use super::matching::{Doc, is_beginning};
use super::query::{self, Clause, Parsed};
use crate::view::ViewFault;

/// Bytes of records whose words are kept during one look; what is beyond is read for each search.
const READ_BYTES_MAX: usize = 16 << 20;

/// Words, phrases and excluded words, as one types them into the box of the search. Valid by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    text: String,
    parsed: Box<Parsed>,
}

/// Why a text is no words to look for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoWords {
    /// It is longer than a question may be, or has more words.
    TooMany {
        /// Of what.
        what: &'static str,
        /// At most so many.
        most: usize,
    },
    /// Nothing in it must be there: it is empty, or only excludes.
    Nothing,
    /// It holds `type:`, `author:`, `channel:` or `label:`, which have places of their own.
    Filter,
}

impl fmt::Display for NoWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { what, most } => write!(f, "must have at most {most} {what}"),
            Self::Nothing => f.write_str("must name at least one word that records must have"),
            Self::Filter => {
                f.write_str("must hold no type:, author:, channel: or label:, which are parts of their own")
            }
        }
    }
}

impl Words {
    /// Reads them.
    pub fn parse(text: &str) -> Result<Self, NoWords> {
        let text = text.trim();
        let parsed = query::parse(text).map_err(|fault| match fault {
            ViewFault::TooMany { what, most } => NoWords::TooMany { what, most },
            ViewFault::Cursor | ViewFault::Behind | ViewFault::Node(_) => NoWords::Nothing,
        })?;
        let Parsed { object_type, author, channel, label, .. } = &parsed;
        if [object_type, author, channel, label].into_iter().any(Option::is_some) {
            return Err(NoWords::Filter);
        }
        if parsed.positive().next().is_none() {
            return Err(NoWords::Nothing);
        }
        Ok(Self { text: text.to_owned(), parsed: Box::new(parsed) })
    }

    /// As they were typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A record that has been read for its words.
pub(crate) struct Read {
    doc: Doc,
    /// Its words without accents, once each.
    words: BTreeSet<String>,
}

impl Read {
    fn of(facts: Facts) -> Self {
        let doc = Doc::of(facts);
        let words = doc.words().map(|(bare, _)| bare.to_owned()).collect();
        Self { doc, words }
    }

    /// Whether the record has the words.
    pub(crate) fn has(&self, words: &Words) -> bool {
        !words.parsed.positive().any(|clause| self.lacks(clause)) && self.doc.matched(&words.parsed, false).is_some()
    }

    /// Whether a clause surely finds nothing. Most searches end here, after a few look-ups among the record's words.
    fn lacks(&self, clause: &Clause) -> bool {
        // Ids, values and scripts without spaces are found by other means than words.
        if clause.is_cut || clause.id.is_some() || !clause.values.is_empty() {
            return false;
        }
        let last = clause.words.len().saturating_sub(1);
        clause.words.iter().enumerate().any(|(at, word)| {
            let may_begin = at == last && !clause.is_phrase && is_beginning(word);
            let found = self.words.range::<str, _>((Bound::Included(word.bare.as_str()), Bound::Unbounded)).next();
            !found.is_some_and(|found| *found == word.bare || may_begin && found.starts_with(&word.bare))
        })
    }
}

/// Records as they were read for their words, during one look at what is new.
#[derive(Default)]
pub(crate) struct WordsRead {
    known: RefCell<HashMap<EntryKey, Rc<Read>>>,
    bytes: Cell<usize>,
    read: Cell<usize>,
}

impl fmt::Debug for WordsRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No word of a record.
        f.debug_struct("WordsRead").field("read", &self.read.get()).finish_non_exhaustive()
    }
}

impl WordsRead {
    /// A record that was read before.
    pub(crate) fn known(&self, entry: EntryKey) -> Option<Rc<Read>> {
        self.known.borrow().get(&entry).cloned()
    }

    /// A record, which is read where it was not. `bytes`: how long it is.
    pub(crate) fn read(&self, entry: EntryKey, facts: &Facts, bytes: usize) -> Rc<Read> {
        if let Some(known) = self.known(entry) {
            return known;
        }
        self.read.set(self.read.get() + 1);
        let read = Rc::new(Read::of(facts.clone()));
        let all = self.bytes.get().saturating_add(bytes);
        if all <= READ_BYTES_MAX {
            self.bytes.set(all);
            self.known.borrow_mut().insert(entry, Rc::clone(&read));
        }
        read
    }

    /// How many records were read: what a look at many searches costs.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.read.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gotong_formats::stix21;
    use gotong_store::LogNo;

    fn facts(name: &str, text: &str) -> Facts {
        let body = serde_json::json!({
            "type": "malware", "spec_version": "2.1", "id": "malware--5f1c8a40-0000-4000-8000-000000000001", "is_family": true,
            "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z", "name": name, "description": text,
        });
        stix21::read(body.to_string().as_bytes()).unwrap()
    }

    fn has(record: &Facts, words: &str) -> bool {
        Read::of(record.clone()).has(&Words::parse(words).unwrap())
    }

    #[test]
    fn a_record_has_words_as_the_box_of_the_search_finds_them() {
        let record =
            facts("TideLoader", "Stages a loader from the harbour's café, and leaves a note. ธนาคารแห่งหนึ่งถูกโจมตี");
        for words in [
            "tideloader",
            "TIDELOADER harbour",
            "tidelo",
            "cafe",
            "café",
            "\"leaves a note\"",
            "harbour -bank",
            "ธนาคาร",
            "โจมตี note",
        ] {
            assert!(has(&record, words), "{words}");
        }
        for words in [
            "tideloder",
            "harbour bank",
            "ti",
            "\"a leaves note\"",
            "\"leaves a no\"",
            "harbour -note",
            "สนามบิน",
            "arbour",
        ] {
            assert!(!has(&record, words), "{words}");
        }
    }

    #[test]
    fn what_the_quick_look_passes_over_nothing_else_would_find() {
        let record = facts("Grey Heron", "It writes to 198.51.100.7 and speaks with grey-heron.example about herons.");
        let read = Read::of(record);
        for words in [
            "grey",
            "heron",
            "her",
            "\"grey heron\"",
            "198.51.100.7",
            "speaks with",
            "malware--5f1c8a40-0000-4000-8000-000000000001",
            "zebra",
            "grays",
            "\"her\"",
            "grey-heron",
        ] {
            let words = Words::parse(words).unwrap();
            let slowly = read.doc.matched(&words.parsed, false).is_some();
            assert_eq!(read.has(&words), slowly, "{}", words.as_str());
        }
    }

    #[test]
    fn a_text_without_a_word_to_look_for_or_with_too_many_is_none() {
        assert_eq!(Words::parse("  "), Err(NoWords::Nothing));
        assert_eq!(Words::parse("-bank -fraud"), Err(NoWords::Nothing));
        assert_eq!(Words::parse("bank type:malware"), Err(NoWords::Filter));
        assert_eq!(Words::parse("label:green bank"), Err(NoWords::Filter));
        assert!(matches!(Words::parse(&"a ".repeat(1_000)), Err(NoWords::TooMany { .. })));
        assert!(matches!(Words::parse(&"a".repeat(5_000)), Err(NoWords::TooMany { .. })));
        for odd in ["\" OR 1=1", "* NEAR(a b)", "%_% x", "a\0b"] {
            Words::parse(odd).unwrap();
        }
        assert_eq!(Words::parse(" bank ").unwrap().as_str(), "bank");
    }

    #[test]
    fn a_record_is_read_once_for_a_thousand_searches_and_no_more_is_kept_than_has_room() {
        let look = WordsRead::default();
        let record = facts("TideLoader", "loader");
        for number in 0..1_000 {
            let words = Words::parse(&format!("word{number}")).unwrap();
            assert!(!look.read(EntryKey::new(LogNo(1), 7), &record, 500).has(&words));
        }
        assert_eq!(look.count(), 1);
        for index in 0..10 {
            look.read(EntryKey::new(LogNo(2), index), &record, 4 << 20);
        }
        assert_eq!((look.count(), look.known.borrow().len()), (11, 4), "three of four MiB have room beside the first");
        assert!(!format!("{look:?}").contains("loader"));
    }
}
