//! What a person typed into the one box, taken apart: words, phrases in quotes, `-word`, filters such as `type:`, ids and values.
//!
//! There is no syntax that can be wrong: what is no filter is a word, and a quote that is never closed ends with the text. Only what is too long or too much is
//! refused. Pure. Read next: `matching.rs` (what a clause finds in a record).

use gotong_formats::stix21::{self, Around, Host};
use gotong_language::segment::{self, Kind};

use super::super::ViewFault;
use super::super::lookup::Room;

/// Bytes of one question.
pub const QUERY_BYTES_MAX: usize = 2_048;
/// Clauses of one question: words, phrases and filters.
pub const CLAUSES_MAX: usize = 32;
/// Words of one question, those that a dictionary cuts included.
const WORDS_MAX: usize = 64;

/// A word that is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// In its one spelling, with accents.
    pub(crate) text: String,
    /// Without them.
    pub(crate) bare: String,
}

/// One thing that a record must have, or must not have.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Clause {
    /// Records that match are left out.
    pub(crate) is_negative: bool,
    /// Typed in quotes: the words as they are, side by side.
    pub(crate) is_phrase: bool,
    /// As it was typed.
    pub(crate) typed: String,
    /// Its words.
    pub(crate) words: Vec<Word>,
    /// Its pairs of characters, where it is of a script without spaces.
    pub(crate) pairs: Vec<String>,
    /// Whether a dictionary cut it: then its words need not stand side by side, because it may cut otherwise elsewhere.
    pub(crate) is_cut: bool,
    /// The observable values that it may be.
    pub(crate) values: Vec<String>,
    /// The STIX id that it may be.
    pub(crate) id: Option<String>,
    /// The addresses and networks that it may be, where those that hold them are looked for, too.
    pub(crate) around: Vec<Around>,
    /// The hosts that it may be, where domains above them and URLs on them are looked for, too.
    pub(crate) hosts: Vec<Host>,
    /// Of these the networks in which is looked, too.
    pub(crate) inside: Vec<Around>,
}

/// What is asked, taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) clauses: Vec<Clause>,
    /// The words without accents, as one text: for a name that is exactly this.
    pub(crate) whole: String,
    pub(crate) object_type: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) label: Option<String>,
    /// Networks, as they were typed, in which nothing is looked for: they are too wide, or too many.
    pub(crate) outside_only: Vec<String>,
}

impl Parsed {
    /// Lets addresses and networks stand for the networks that hold them and what lies in them. Nothing is left out for them: `-198.51.100.7` is that address.
    /// Without this a question finds values as they are; what is saved and followed asks so, because a stream has nothing but the record at hand.
    pub(crate) fn look_around(mut self) -> Self {
        let mut room = Room::new();
        for clause in self.clauses.iter_mut().filter(|clause| !clause.is_negative) {
            // Whoever asks for an URL means this one.
            let is_url = clause.values.iter().any(|value| value.contains("://"));
            clause.hosts = clause.values.iter().filter(|_| !is_url).filter_map(|value| Host::of(value)).collect();
            clause.around = clause.values.iter().filter_map(|value| Around::of(value)).collect();
            let into: Vec<_> = clause.around.iter().map(|around| (*around, room.take(*around))).collect();
            clause.inside = into.iter().filter(|(_, may)| *may == Some(true)).map(|(around, _)| *around).collect();
            if into.iter().any(|(_, may)| *may == Some(false)) {
                self.outside_only.push(clause.typed.clone());
            }
        }
        self
    }

    pub(crate) fn positive(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(|clause| !clause.is_negative)
    }
}

/// Takes a question apart.
pub(crate) fn parse(text: &str) -> Result<Parsed, ViewFault> {
    if text.len() > QUERY_BYTES_MAX {
        return Err(ViewFault::TooMany { what: "bytes of a search", most: QUERY_BYTES_MAX });
    }
    let mut parsed = Parsed::default();
    let mut words = 0;
    let mut count = 0;
    let mut rest = Rest { text };
    while let Some((is_negative, chunk, is_phrase)) = rest.next() {
        count += 1;
        if count > CLAUSES_MAX {
            return Err(ViewFault::TooMany { what: "words of a search", most: CLAUSES_MAX });
        }
        if !is_phrase && !is_negative && parsed.filter(chunk) {
            continue;
        }
        let clause = clause(chunk, is_negative, is_phrase);
        words += clause.words.len();
        if words > WORDS_MAX {
            return Err(ViewFault::TooMany { what: "words of a search", most: WORDS_MAX });
        }
        if !clause.words.is_empty() || !clause.values.is_empty() || clause.id.is_some() {
            parsed.clauses.push(clause);
        }
    }
    let whole: Vec<&str> =
        parsed.positive().flat_map(|clause| clause.words.iter().map(|word| word.bare.as_str())).collect();
    parsed.whole = whole.join(" ");
    Ok(parsed)
}

impl Parsed {
    /// Takes a filter. `false`: it is none.
    fn filter(&mut self, chunk: &str) -> bool {
        let Some((name, value)) = chunk.split_once(':').filter(|(_, value)| !value.is_empty()) else { return false };
        let value = Some(value.trim_matches('"').to_owned());
        match name {
            "type" => self.object_type = value,
            "author" => self.author = value,
            "channel" => self.channel = value,
            "label" => self.label = value,
            _ => return false,
        }
        true
    }
}

/// What is left of the text.
struct Rest<'a> {
    text: &'a str,
}

fn parts(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

impl<'a> Rest<'a> {
    /// The next chunk: whether it is excluded, what it is, and whether it stood in quotes.
    fn next(&mut self) -> Option<(bool, &'a str, bool)> {
        let text = self.text.trim_start_matches(parts);
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(behind) if !behind.starts_with(parts) && !behind.is_empty() => (true, behind),
            _ => (false, text),
        };
        if let Some(quoted) = text.strip_prefix('"') {
            let (phrase, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
            self.text = rest;
            return Some((is_negative, phrase, true));
        }
        if text.is_empty() {
            return None;
        }
        let end = text.find(parts).unwrap_or(text.len());
        let (chunk, rest) = text.split_at_checked(end)?;
        self.text = rest;
        Some((is_negative, chunk, false))
    }
}

fn clause(chunk: &str, is_negative: bool, is_phrase: bool) -> Clause {
    let mut clause = Clause { is_negative, is_phrase, typed: chunk.to_owned(), ..Clause::default() };
    segment::pieces(chunk, |piece| {
        match piece.kind {
            Kind::Word => {
                clause.is_cut |= piece.is_cut;
                clause.words.push(Word { text: piece.text.to_owned(), bare: piece.bare.to_owned() });
            }
            Kind::Pair => clause.pairs.push(piece.text.to_owned()),
        }
        clause.words.len() <= WORDS_MAX && clause.pairs.len() <= QUERY_BYTES_MAX
    });
    clause.pairs.sort_unstable();
    clause.pairs.dedup();
    let has_look = chunk.chars().any(|c| c.is_ascii_digit() || matches!(c, '.' | ':' | '/' | '@' | '\\'));
    if has_look || is_phrase {
        clause.values = stix21::lookup_keys(chunk);
    }
    clause.id = chunk.split_once("--").is_some_and(|(_, uuid)| uuid.len() == 36).then(|| chunk.to_lowercase());
    clause
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Vec<(bool, bool, Vec<String>)> {
        let words = |clause: Clause| clause.words.into_iter().map(|word| word.bare).collect();
        let clauses = parse(text).unwrap().clauses.into_iter();
        clauses.map(|clause| (clause.is_negative, clause.is_phrase, words(clause))).collect()
    }

    #[test]
    fn whatever_is_typed_is_taken_apart_and_nothing_is_an_error() {
        assert_eq!(
            typed("Bank -fraud \"two words\" type:malware"),
            [
                (false, false, vec!["bank".to_owned()]),
                (true, false, vec!["fraud".to_owned()]),
                (false, true, vec!["two".to_owned(), "words".to_owned()]),
            ]
        );
        for odd in
            ["\"", "-", "--", "\"\"", "* OR 1=1 --", "NEAR(a b)", "\0", "a\0b", ":", "type:", "(((", "a AND NOT", "%_%"]
        {
            parse(odd).unwrap();
        }
        assert_eq!(typed("\"never closed"), [(false, true, vec!["never".to_owned(), "closed".to_owned()])]);
        assert_eq!(typed("a\0b").len(), 2);
        assert_eq!(parse("author:vn x").unwrap().author.as_deref(), Some("vn"));
    }

    #[test]
    fn what_is_too_long_or_too_much_is_refused() {
        assert!(matches!(parse(&"a".repeat(QUERY_BYTES_MAX + 1)), Err(ViewFault::TooMany { .. })));
        assert!(matches!(parse(&"a ".repeat(1_000)), Err(ViewFault::TooMany { .. })));
        assert!(matches!(parse(&"银行".repeat(300)), Err(ViewFault::TooMany { .. })));
        parse(&"a ".repeat(CLAUSES_MAX)).unwrap();
    }
}
