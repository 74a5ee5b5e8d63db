//! Whether a record has what a clause asks for, where, and how well. Decided by the record and the question alone: no count over other records takes part, so
//! that what a reader may not see cannot change the order of what it sees.
//!
//! Pure. Read next: `snippet.rs` (what is shown of the places found).

use std::ops::Range;

use gotong_formats::stix21::{Beside, Facts, Speaks, TextPlace};
use gotong_language::segment::{self, Kind};

use super::query::{Clause, Parsed, Word};
use crate::term::without_values;

/// Places of one text that are remembered.
const PLACES_MAX: usize = 64;

/// How a clause was found, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// It is the object's id.
    Id,
    /// It is one of its observable values.
    Value,
    /// One of its observable values is a network that holds it.
    Network,
    /// It is a network that holds one of its observable values.
    Within,
    /// One of its observable values is a domain above it.
    Domain,
    /// One of its observable values is an URL on it.
    Url,
    /// It is its whole name.
    Exact,
    /// The word, accents included as far as both have them.
    Word,
    /// The word, with other accents on one side.
    Accents,
    /// The beginning of a word.
    Beginning,
    /// A part of a text without spaces, wherever a dictionary would cut it.
    Part,
    /// A word that is spelled nearly like it.
    Similar,
}

impl Why {
    /// Its word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Value => "value",
            Self::Network => "network",
            Self::Within => "within",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Exact => "exact-name",
            Self::Word => "word",
            Self::Accents => "accents",
            Self::Beginning => "beginning",
            Self::Part => "part",
            Self::Similar => "similar",
        }
    }

    /// What it is worth, in hundredths.
    fn worth(self) -> u32 {
        match self {
            Self::Id
            | Self::Value
            | Self::Network
            | Self::Within
            | Self::Domain
            | Self::Url
            | Self::Exact
            | Self::Word => 100,
            Self::Accents => 85,
            Self::Beginning => 60,
            Self::Part => 50,
            Self::Similar => 30,
        }
    }
}

/// A word of a record.
struct Token {
    text: String,
    bare: String,
    range: Range<usize>,
}

struct TextTokens {
    place: TextPlace,
    text: String,
    tokens: Vec<Token>,
    /// Whether no value of the object stands in it.
    is_whole: bool,
}

/// A record as it is searched.
pub(super) struct Doc {
    pub(super) facts: Facts,
    texts: Vec<TextTokens>,
}

/// What was found in one text: which, and where.
pub(super) type Marks = Vec<(usize, Range<usize>)>;

/// What a record has of a question.
#[derive(Default)]
pub(super) struct Matched {
    pub(super) score: u32,
    /// Where the clauses were found and why, the best of each.
    pub(super) found: Vec<(Option<TextPlace>, Why)>,
    pub(super) marks: Marks,
}

impl Doc {
    pub(super) fn of(facts: Facts) -> Self {
        let texts = facts.texts.iter().map(|text| {
            let mut tokens = Vec::new();
            let searched = without_values(&text.text, &facts.values);
            segment::pieces(&searched, |piece| {
                if piece.kind == Kind::Word {
                    let range = piece.start..piece.end;
                    tokens.push(Token { text: piece.text.to_owned(), bare: piece.bare.to_owned(), range });
                }
                true
            });
            let is_whole = matches!(searched, std::borrow::Cow::Borrowed(_));
            TextTokens { place: text.place, text: text.text.clone(), tokens, is_whole }
        });
        let texts = texts.collect();
        Self { facts, texts }
    }

    /// The text with this number, and what it is.
    pub(super) fn text(&self, at: usize) -> Option<(TextPlace, &str)> {
        self.texts.get(at).map(|text| (text.place, text.text.as_str()))
    }

    /// The words without accents, each with how it is written.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().flat_map(|text| text.tokens.iter().map(|token| (token.bare.as_str(), token.text.as_str())))
    }

    /// What the record has of a question; `None` if a clause is missing, or one that is excluded is there. `nearly` lets words be spelled nearly alike.
    pub(super) fn matched(&self, parsed: &Parsed, nearly: bool) -> Option<Matched> {
        let mut matched = Matched::default();
        for clause in &parsed.clauses {
            match (self.clause(clause, nearly && !clause.is_negative), clause.is_negative) {
                (Some(_), true) | (None, false) => return None,
                (None, true) => {}
                (Some((score, found, marks)), false) => {
                    matched.score += score;
                    if !matched.found.contains(&found) {
                        matched.found.push(found);
                    }
                    matched.marks.extend(marks);
                }
            }
        }
        let named = |text: &&TextTokens| {
            text.is_whole
                && !parsed.whole.is_empty()
                && text.tokens.iter().map(|token| token.bare.as_str()).eq(parsed.whole.split(' '))
        };
        let names = self.texts.iter().filter(|text| text.place != TextPlace::Text);
        if let Some(text) = names.into_iter().find(named) {
            matched.score += 500;
            matched.found.insert(0, (Some(text.place), Why::Exact));
        }
        matched.found.sort_unstable_by_key(|(place, why)| (*why, *place));
        Some(matched)
    }

    /// How its values lie to what a clause looks around: the narrowest network that holds it comes first.
    fn beside(&self, clause: &Clause) -> Option<Beside> {
        let mut best: Option<Beside> = None;
        for around in &clause.around {
            for value in &self.facts.values {
                let beside = around.beside(&value.text);
                best = match (best, beside.filter(|beside| *beside != Beside::Within || clause.inside.contains(around)))
                {
                    (Some(Beside::Holds(known)), Some(Beside::Holds(length))) => Some(Beside::Holds(known.max(length))),
                    (known @ Some(Beside::Holds(_)), _) | (known, None) => known,
                    (_, found) => found,
                };
            }
        }
        best
    }

    /// How its values speak of the hosts that a clause may be: the nearest domain above comes first.
    fn speaks(&self, clause: &Clause) -> Option<Speaks> {
        let values = || self.facts.values.iter();
        clause.hosts.iter().flat_map(|host| values().filter_map(|value| host.spoken_of(value))).max()
    }

    fn clause(&self, clause: &Clause, nearly: bool) -> Option<(u32, (Option<TextPlace>, Why), Marks)> {
        if clause.id.as_ref().is_some_and(|id| self.facts.id.eq_ignore_ascii_case(id)) {
            return Some((2_000, (None, Why::Id), Vec::new()));
        }
        let mut marks = Vec::new();
        let mut best: Option<(u32, (Option<TextPlace>, Why))> = None;
        if self.facts.values.iter().any(|value| clause.values.contains(&value.text)) {
            best = Some((1_000, (None, Why::Value)));
        } else if let Some(beside) = self.beside(clause) {
            best = Some(match beside {
                // The narrower the network, the more it says.
                Beside::Holds(length) => (600 + u32::from(length), (None, Why::Network)),
                Beside::Within => (500, (None, Why::Within)),
            });
        } else if let Some(speaks) = self.speaks(clause) {
            best = Some(match speaks {
                // The nearer the domain, the more it says.
                Speaks::Above(labels) => (600 + u32::try_from(labels).unwrap_or(99).min(99), (None, Why::Domain)),
                Speaks::Url => (550, (None, Why::Url)),
            });
        }
        for (at, text) in self.texts.iter().enumerate() {
            let Some((why, ranges)) = text.clause(clause, nearly) else { continue };
            let base = match text.place {
                TextPlace::Name => 100,
                TextPlace::Alias => 90,
                TextPlace::Text => 40,
            };
            let score = base * why.worth() / 100;
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, (Some(text.place), why)));
            }
            marks.extend(ranges.into_iter().map(|range| (at, range)));
        }
        best.map(|(score, found)| (score, found, marks))
    }
}

impl TextTokens {
    fn clause(&self, clause: &Clause, nearly: bool) -> Option<(Why, Vec<Range<usize>>)> {
        if clause.words.is_empty() {
            return None;
        }
        let by_words = if clause.is_cut { self.each(clause, nearly) } else { self.side_by_side(clause, nearly) };
        if by_words.is_some() || !clause.is_cut {
            return by_words;
        }
        let ranges = segment::places(&self.text, &clause.typed, PLACES_MAX);
        (!ranges.is_empty()).then_some((Why::Part, ranges))
    }

    /// The words one behind the other, wherever they stand so.
    fn side_by_side(&self, clause: &Clause, nearly: bool) -> Option<(Why, Vec<Range<usize>>)> {
        let mut best: Option<Why> = None;
        let mut ranges = Vec::new();
        for window in self.tokens.windows(clause.words.len()) {
            let mut worst = Why::Word;
            let fits = window.iter().zip(&clause.words).enumerate().all(|(at, (token, word))| {
                let is_last = at + 1 == clause.words.len();
                let why =
                    fit(token, word, is_last && !clause.is_phrase && !clause.is_negative, nearly && !clause.is_phrase);
                worst = worst.max(why.unwrap_or(Why::Similar));
                why.is_some()
            });
            if fits && ranges.len() < PLACES_MAX {
                best = Some(best.map_or(worst, |known| known.min(worst)));
                ranges.extend(window.iter().map(|token| token.range.clone()));
            }
        }
        best.map(|why| (why, ranges))
    }

    /// Each of the words, anywhere in the text.
    fn each(&self, clause: &Clause, nearly: bool) -> Option<(Why, Vec<Range<usize>>)> {
        let mut worst = Why::Word;
        let mut ranges = Vec::new();
        for word in &clause.words {
            let mut best: Option<Why> = None;
            for token in &self.tokens {
                if let Some(why) = fit(token, word, false, nearly) {
                    best = Some(best.map_or(why, |known| known.min(why)));
                    if ranges.len() < PLACES_MAX {
                        ranges.push(token.range.clone());
                    }
                }
            }
            worst = worst.max(best?);
        }
        Some((worst, ranges))
    }
}

/// How a word of a record is the word looked for.
fn fit(token: &Token, word: &Word, may_begin: bool, nearly: bool) -> Option<Why> {
    if token.bare == word.bare {
        return if token.text == word.text {
            Some(Why::Word)
        } else {
            segment::agree(&token.text, &word.text).then_some(Why::Accents)
        };
    }
    if may_begin && is_beginning(word) && token.bare.starts_with(&word.bare) {
        return Some(Why::Beginning);
    }
    (nearly && is_similar(&token.bare, &word.bare)).then_some(Why::Similar)
}

/// Whether a word is long enough that words which begin with it are meant, too.
pub(super) fn is_beginning(word: &Word) -> bool {
    word.bare.chars().count() >= 3
}

/// Whether two words are spelled nearly alike: the first two letters the same, and one slip in four letters or more, two in eight.
pub(super) fn is_similar(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let slips = match b.len() {
        0..=3 => return false,
        4..=7 => 1,
        _ => 2,
    };
    a.first_chunk::<2>() == b.first_chunk::<2>() && a.len().abs_diff(b.len()) <= slips && distance(&a, &b) <= slips
}

/// Letters put in, left out, exchanged, or two that changed places.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_fingers_are_similar_and_other_words_are_not() {
        for (a, b) in
            [("ransomware", "ransmoware"), ("lokibot", "lokbot"), ("emotet", "emottet"), ("phishing", "phsihingg")]
        {
            assert!(is_similar(a, b), "{a} {b}");
        }
        for (a, b) in
            [("bank", "rank"), ("cat", "car"), ("lokibot", "trickbot"), ("emotet", "emote2x"), ("phishing", "hpishing")]
        {
            assert!(!is_similar(a, b), "{a} {b}");
        }
    }
}
