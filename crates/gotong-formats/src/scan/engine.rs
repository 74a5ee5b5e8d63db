//! The pass over the bytes: names and words as they end, each turned away by the filter or settled by its fingerprint.
//!
//! Stretches with escapes are undone and passed over once more. Nothing here depends on what a line is but the counting of lines: ends of lines
//! end stretches. Read next: `class.rs` (what ends what), `around.rs`, `values.rs`.

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use gotong_model::limits::VALUE_BYTES_MAX;

use super::around;
use super::class::{COLON, DOT, ESCAPE, FOREIGN, LETTER, NAME, STRETCH_END, WORD_END, class, trim_name, trim_word};
use super::escape::{self, PART_BYTES};
use super::filter::{self, START, with_label};
use super::values::{EMAIL_HOST, PARENT, URL_HOST, VALUE, ValueSet};
use crate::stix21::normal;

/// How far beyond the end of a block hits are read that begin in it: twice the longest value.
pub const OVERLAP_BYTES: usize = 4 * VALUE_BYTES_MAX;
/// Hexadecimal digits of a serial number that is written with colons; what is shorter may be a time.
const SERIAL_DIGITS_MIN: usize = 16;

/// A value that occurs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The line, counted from 0 in the block.
    pub line: u64,
    /// The value, as it is spelled in the set.
    pub value: String,
    /// Where in the block, about: the name or word that led to it.
    pub at: usize,
}

/// Finds the values of a set.
pub struct Scanner<'a> {
    set: &'a ValueSet,
    is_defanged: bool,
}

/// Where a block that is too long for one line's end is best cut: behind the last end of a stretch, else of a word, else at `most`.
pub fn cut(bytes: &[u8], least: usize, most: usize) -> usize {
    let window = bytes.get(least..most.min(bytes.len())).unwrap_or_default();
    let behind = |mask: u8| window.iter().rposition(|byte| class(*byte) & mask != 0).map(|at| least + at + 1);
    behind(STRETCH_END).or_else(|| behind(WORD_END)).unwrap_or(most.min(bytes.len()))
}

/// The ends of lines in bytes.
pub fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

impl<'a> Scanner<'a> {
    /// A scanner. With `is_defanged` it also undoes what people do to values so that they cannot be clicked.
    pub fn new(set: &'a ValueSet, is_defanged: bool) -> Self {
        Self { set, is_defanged }
    }

    /// The hits that begin before `until`, in the order of lines, each value once in a line. What lies behind `until` is only read on.
    pub fn scan(&self, bytes: &[u8], until: usize) -> Vec<Hit> {
        let mut found = Vec::new();
        let mut pass = Pass::new(self.set, bytes, None, &mut found);
        pass.is_defanged = self.is_defanged;
        pass.run();
        if let Some(phrases) = &self.set.phrases {
            pass.phrases(phrases);
        }
        found.retain(|(at, _)| *at < until);
        found.sort_unstable();
        let (mut line, mut counted) = (0, 0);
        let mut hits: Vec<Hit> = Vec::with_capacity(found.len());
        let mut of_line: HashSet<String> = HashSet::new();
        for (at, value) in found {
            let between = bytes.get(counted..at).unwrap_or_default();
            let more = lines(between);
            counted = at;
            if more > 0 {
                line += more;
                of_line.clear();
            }
            if of_line.insert(value.clone()) {
                hits.push(Hit { line, value, at });
            }
        }
        hits
    }
}

/// What the filter is asked about.
#[derive(Clone, Copy)]
enum Asked {
    Name,
    Parent,
    Word,
}

/// A question to the filter. It lies in slow memory, so that questions are put together and asked at once, when no answer waits for another.
#[derive(Clone, Copy)]
struct Question {
    hash: u64,
    /// Where the name or word began, before what is trimmed away.
    start: usize,
    from: usize,
    to: usize,
    asked: Asked,
}

/// Questions that are asked at once.
const QUESTIONS: usize = 64;

struct Pass<'a, 'b> {
    set: &'a ValueSet,
    bytes: &'b [u8],
    questions: Vec<Question>,
    /// Where in the block this stretch stood, if its escapes were undone: then it is not undone again.
    at: Option<usize>,
    is_defanged: bool,
    /// Up to where it was looked for the beginning of a line, and whether that line is JSON.
    json: (usize, bool),
    found: &'b mut Vec<(usize, String)>,
}

impl<'a, 'b> Pass<'a, 'b> {
    fn new(set: &'a ValueSet, bytes: &'b [u8], at: Option<usize>, found: &'b mut Vec<(usize, String)>) -> Self {
        Self { set, bytes, questions: Vec::with_capacity(QUESTIONS), at, is_defanged: false, json: (0, false), found }
    }

    fn hit(&mut self, at: usize, value: String) {
        self.found.push((self.at.unwrap_or(at), value));
    }

    fn run(&mut self) {
        let bytes = self.bytes;
        let (mut stretch, mut word) = (0, 0);
        let (mut colons, mut seen) = (0_u32, 0_u8);
        let mut at = 0;
        loop {
            let start = at;
            let mut name = 0;
            while let Some(byte) = bytes.get(at) {
                let class = class(*byte);
                if class & NAME == 0 {
                    break;
                }
                name |= class;
                at += 1;
            }
            if at > start {
                self.name(start, at, name);
            }
            let class = bytes.get(at).map_or(STRETCH_END | WORD_END, |byte| class(*byte));
            seen |= class;
            colons += u32::from(class & COLON != 0);
            if class & WORD_END != 0 {
                if word < at {
                    self.word(word, at, colons);
                }
                (word, colons) = (at + 1, 0);
            }
            if class & STRETCH_END != 0 {
                if self.at.is_none() && (seen & ESCAPE != 0 || self.is_defanged) {
                    self.stretch(stretch, at);
                }
                (stretch, seen) = (at + 1, 0);
            }
            if at >= bytes.len() {
                break;
            }
            at += 1;
        }
        self.ask();
    }

    #[inline]
    fn question(&mut self, hash: u64, start: usize, from: usize, to: usize, asked: Asked) {
        self.questions.push(Question { hash, start, from, to, asked });
        if self.questions.len() == QUESTIONS {
            self.ask();
        }
    }

    /// Asks the filter all that has come together, and settles what it lets through.
    fn ask(&mut self) {
        let mut passed = 0_u64;
        for (at, question) in self.questions.iter().enumerate() {
            passed |= u64::from(self.set.filter.may_have(question.hash)) << at;
        }
        while passed != 0 {
            let at = passed.trailing_zeros();
            passed &= passed - 1;
            let Some(question) = usize::try_from(at).ok().and_then(|at| self.questions.get(at)).copied() else { break };
            let Some(text) = self.bytes.get(question.from..question.to) else { continue };
            match question.asked {
                Asked::Name => self.settle(question.start, text, true),
                Asked::Parent => self.settle(question.start, text, false),
                Asked::Word => self.settle_word(question.start, text),
            }
        }
        self.questions.clear();
    }

    /// A name has ended.
    #[inline]
    fn name(&mut self, start: usize, end: usize, seen: u8) {
        let Some(written) = self.bytes.get(start..end) else { return };
        let name = trim_name(written);
        if name.is_empty() || name.len() > VALUE_BYTES_MAX {
            return;
        }
        if seen & FOREIGN != 0 {
            self.foreign(start + leading(written), name);
            return;
        }
        // What is trimmed away in front; mostly nothing.
        let from = if name.len() == written.len() { start } else { start + leading(written) };
        if seen & DOT == 0 {
            if self.set.names.may_have(name) {
                self.question(with_label(START, name), start, from, from + name.len(), Asked::Name);
            }
        } else {
            self.dotted(start, from, name, seen & LETTER == 0);
        }
        if self.set.has_mac && matches!(name.len(), 14 | 17) {
            self.mac(start, name);
        }
    }

    #[inline]
    fn dotted(&mut self, start: usize, begin: usize, name: &[u8], is_number: bool) {
        let end = begin + name.len();
        let (mut hash, mut from) = (START, name.len());
        // Names that end in a number have no parents: versions and addresses.
        let mut is_domain = false;
        for (at, label) in name.rsplit(|byte| *byte == b'.').enumerate() {
            if at == 0 {
                is_domain = !is_number && label.first().is_some_and(|first| !first.is_ascii_digit());
            }
            hash = with_label(hash, label);
            from = from.saturating_sub(label.len());
            if from > 0 {
                if is_domain && at > 0 {
                    self.question(hash, start, begin + from, end, Asked::Parent);
                }
                // The dot.
                from -= 1;
            }
        }
        if self.set.names.may_have(name) {
            self.question(hash, start, begin, end, Asked::Name);
        }
        if is_number && self.set.has_networks4() {
            self.address4(start, name);
        }
    }

    /// The filter let a name through.
    #[cold]
    fn settle(&mut self, start: usize, name: &[u8], is_whole: bool) {
        let Ok(written) = std::str::from_utf8(name) else { return };
        for spelled in spellings(written, is_whole) {
            let flags = self.set.flags(&spelled);
            if flags & VALUE != 0 && (is_whole || flags & PARENT != 0) {
                self.hit(start, spelled);
            }
            if is_whole {
                self.around(start, name, flags);
            }
        }
    }

    /// Looks around a host of URLs or e-mail addresses.
    fn around(&mut self, start: usize, name: &[u8], flags: u8) {
        let host = start + leading(self.bytes.get(start..).unwrap_or_default());
        let (set, bytes) = (self.set, self.bytes);
        let mut values = Vec::new();
        if flags & URL_HOST != 0 {
            around::urls(set, bytes, host, |url| values.push(url));
        }
        if flags & EMAIL_HOST != 0 {
            around::emails(set, bytes, host, host + name.len(), |address| values.push(address));
        }
        for value in values {
            self.hit(start, value);
        }
    }

    /// A name with bytes beyond ASCII: letters of other scripts are part of it; their quotes and dashes, and what is no text, end it.
    #[cold]
    fn foreign(&mut self, start: usize, name: &[u8]) {
        let mut at = start;
        for chunk in name.utf8_chunks() {
            for piece in chunk.valid().split_inclusive(is_separator) {
                let bare = piece.trim_end_matches(is_separator);
                if bare.is_ascii() {
                    let seen = bare.bytes().fold(0, |seen, byte| seen | class(byte));
                    self.name(at, at + bare.len(), seen);
                } else {
                    self.in_other_script(at, bare);
                }
                at += piece.len();
            }
            at += chunk.invalid().len();
        }
    }

    /// A domain in its own script, or the name of a file.
    fn in_other_script(&mut self, begin: usize, written: &str) {
        let bare = written.trim_matches(['.', '-']);
        let start = begin + written.find(bare).unwrap_or_default();
        let domain = normal::domain(bare);
        for spelled in [bare, &bare.to_lowercase()] {
            if self.set.filter.may_have(filter::hash(spelled.as_bytes())) && self.set.has_value(spelled) {
                self.hit(start, spelled.to_owned());
            }
        }
        if !domain.is_ascii() {
            return;
        }
        for (at, _) in std::iter::once((0, "")).chain(domain.match_indices('.').map(|(at, dot)| (at + 1, dot))) {
            let Some(parent) = domain.get(at..).filter(|parent| parent.contains('.')) else { break };
            if self.set.filter.may_have(filter::hash(parent.as_bytes())) {
                let flags = self.set.flags(parent);
                if flags & VALUE != 0 && (at == 0 || flags & PARENT != 0) {
                    self.hit(start, parent.to_owned());
                }
                if at == 0 {
                    self.around(start, bare.as_bytes(), flags);
                }
            }
        }
    }

    #[cold]
    fn mac(&mut self, start: usize, name: &[u8]) {
        let is_spelled = name.iter().any(|byte| matches!(byte, b'-' | b'.'));
        let mac = std::str::from_utf8(name).ok().filter(|_| is_spelled).and_then(normal::mac);
        if let Some(mac) = mac.filter(|mac| self.set.has_value(mac)) {
            self.hit(start, mac);
        }
    }

    fn address4(&mut self, start: usize, name: &[u8]) {
        let address: Option<Ipv4Addr> = std::str::from_utf8(name).ok().and_then(|text| text.parse().ok());
        let Some(address) = address.filter(|address| self.set.may_be_in_network(*address)) else { return };
        let set = self.set;
        for network in set.networks4(address) {
            self.hit(start, network);
        }
    }

    /// A word has ended.
    #[inline]
    fn word(&mut self, start: usize, end: usize, colons: u32) {
        let Some(word) = self.bytes.get(start..end) else { return };
        if colons >= 2 {
            self.colons(start, word);
        }
        let word = trim_word(word);
        if word.is_empty() || word.len() > VALUE_BYTES_MAX || !self.set.words.may_have(word) {
            return;
        }
        self.question(filter::hash(word), start, start, start + word.len(), Asked::Word);
    }

    #[cold]
    fn settle_word(&mut self, start: usize, word: &[u8]) {
        let Ok(written) = std::str::from_utf8(word) else { return };
        for spelled in spellings(written, true) {
            if self.set.has_value(&spelled) {
                self.hit(start, spelled);
            }
        }
    }

    /// Addresses of version 6, MAC addresses and serial numbers, which all hold colons.
    fn colons(&mut self, start: usize, word: &[u8]) {
        let mut runs = Vec::new();
        around::colon_runs(word, |from, to| runs.push((from, to)));
        for (from, to) in runs {
            let Some(run) = word.get(from..to).and_then(|run| std::str::from_utf8(run).ok()) else { continue };
            let at = start + from;
            if let Ok(address) = run.parse::<Ipv6Addr>() {
                self.address6(at, address);
            }
            let mac = if run.len() == 17 && self.set.has_mac { normal::mac(run) } else { None };
            if let Some(mac) = mac.filter(|mac| self.set.has_value(mac)) {
                self.hit(at, mac);
            }
            // Eight pairs are an address of version 6 as well.
            if run.len() > SERIAL_DIGITS_MIN
                && run.len() <= VALUE_BYTES_MAX
                && run.split(':').all(|pair| pair.len() == 2)
            {
                let digits = run.replace(':', "").to_ascii_lowercase();
                let is_long = digits.len() >= SERIAL_DIGITS_MIN && self.set.names.may_have(digits.as_bytes());
                if is_long && self.set.has_value(&digits) {
                    self.hit(at, digits);
                }
            }
        }
    }

    fn address6(&mut self, at: usize, address: Ipv6Addr) {
        let text = address.to_string();
        let flags = self.set.flags(&text);
        if flags & VALUE != 0 {
            self.hit(at, text);
        }
        let is_bracketed = at.checked_sub(1).and_then(|before| self.bytes.get(before)) == Some(&b'[');
        if flags & URL_HOST != 0 && is_bracketed {
            let mut urls = Vec::new();
            around::urls(self.set, self.bytes, at - 1, |url| urls.push(url));
            for url in urls {
                self.hit(at, url);
            }
        }
        let set = self.set;
        for network in set.networks6(address) {
            self.hit(at, network);
        }
    }

    /// A stretch with escapes has ended.
    #[cold]
    fn stretch(&mut self, start: usize, end: usize) {
        let Some(stretch) = self.bytes.get(start..end) else { return };
        for (number, part) in stretch.chunks(PART_BYTES).enumerate() {
            let at = start + number * PART_BYTES;
            let is_json = part.contains(&b'\\') && self.is_json(at);
            let undone = escape::undone(part, is_json);
            if let Some(undone) = &undone {
                self.again(at, undone);
            }
            if self.is_defanged {
                let text = String::from_utf8_lossy(undone.as_deref().unwrap_or(part));
                for text in refanged(&text) {
                    self.again(at, text.as_bytes());
                }
            }
        }
    }

    /// Whether the line that goes on here is one of JSON. Asked in the order of the bytes, so that no byte is looked at twice.
    fn is_json(&mut self, at: usize) -> bool {
        let (known, is_json) = self.json;
        let between = self.bytes.get(known..at).unwrap_or_default();
        let line = memchr::memrchr(b'\n', between).map(|end| known + end + 1).or((known == 0).then_some(0));
        let is_json = match line.and_then(|line| self.bytes.get(line..)) {
            Some(line) => escape::is_json(line),
            None => is_json,
        };
        self.json = (at, is_json);
        is_json
    }

    fn again(&mut self, at: usize, bytes: &[u8]) {
        Pass::new(self.set, bytes, Some(at), self.found).run();
    }

    /// Values that are more than a word.
    fn phrases(&mut self, phrases: &super::phrases::Phrases) {
        let bytes = self.bytes;
        self.phrases_in(phrases, bytes);
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes).chain(std::iter::once(bytes.len())) {
            let line = bytes.get(start..end).unwrap_or_default();
            for (number, part) in line.chunks(PART_BYTES).enumerate() {
                if let Some(undone) = escape::undone(part, escape::is_json(line)) {
                    let at = Some(start + number * PART_BYTES);
                    Pass::new(self.set, &undone, at, self.found).phrases_in(phrases, &undone);
                }
            }
            start = end + 1;
        }
    }

    fn phrases_in(&mut self, phrases: &super::phrases::Phrases, bytes: &[u8]) {
        phrases.find(bytes, |at, text| {
            let Ok(written) = std::str::from_utf8(text) else { return };
            for spelled in spellings(written, false) {
                if self.set.has_value(&spelled) {
                    self.hit(at, spelled);
                }
            }
            if self.set.has_value(written) {
                self.hit(at, written.to_owned());
            }
        });
    }
}

/// What ends a name beyond ASCII: spaces, quotes, dashes and brackets of other scripts. Two joiners are part of names, and so is the ideographic full
/// stop, which is a dot.
fn is_separator(letter: char) -> bool {
    match letter {
        '\u{aa}' | '\u{b5}' | '\u{b7}' | '\u{ba}' | '\u{200c}' | '\u{200d}' => false,
        '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3001}' | '\u{3008}'..='\u{3011}' => true,
        other => matches!(other, '\u{feff}' | '\u{fffd}'),
    }
}

/// Dots and hyphens in front of a name.
fn leading(name: &[u8]) -> usize {
    name.iter().take_while(|byte| matches!(**byte, b'.' | b'-')).count()
}

/// How a value may be spelled in the set: in lower case; a whole one also as it is written, and as numbers of vulnerabilities and of autonomous
/// systems are.
fn spellings(written: &str, is_whole: bool) -> Vec<String> {
    let mut spellings = vec![written.to_lowercase()];
    if is_whole {
        let canonical = normal::cve(written).or_else(|| {
            written
                .get(..2)
                .filter(|head| head.eq_ignore_ascii_case("as"))
                .and_then(|_| normal::autonomous_system(written))
        });
        for spelled in [Some(written.to_owned()), canonical].into_iter().flatten() {
            if !spellings.contains(&spelled) {
                spellings.push(spelled);
            }
        }
    }
    spellings
}

/// A stretch as it is meant, where it is written so that it cannot be clicked.
fn refanged(text: &str) -> Vec<String> {
    let mut meant = Vec::new();
    let lower = text.to_ascii_lowercase();
    let schemes = ["hxxp", "h**p", "fxp"].iter().filter_map(|scheme| lower.find(scheme));
    for at in std::iter::once(0).chain(schemes) {
        let Some(part) = text.get(at..) else { continue };
        let plain = normal::refang(part);
        if plain != part {
            meant.push(plain.into_owned());
        }
    }
    meant
}
