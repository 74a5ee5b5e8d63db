//! The set of values: a keyed fingerprint of 124 bits for each, four flags beside it, and what the pass needs to turn everything else away.
//!
//! Two texts share a fingerprint with a chance of one in 2^124 for each pair: a thousand million pieces of log against a million values give a
//! false hit once in 10^22 runs, and whoever writes logs does not know the key. Read next: `filter.rs`, `engine.rs`.

use std::net::{Ipv4Addr, Ipv6Addr};

use gotong_model::limits::VALUE_BYTES_MAX;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::class::{is_name, is_word, trim_name, trim_word};
use super::filter::{self, Filter, Looks};
use super::phrases::Phrases;
use crate::stix21::normal;

/// Values in one set, and as many hosts again: some 400 megabytes.
pub const VALUES_MAX: usize = 20_000_000;
/// Bytes of all values that hold spaces or other ends of words.
pub const PHRASE_BYTES_MAX: usize = 4 << 20;

/// A value of its own.
pub(super) const VALUE: u8 = 1;
/// A domain, which is hit by names below it too.
pub(super) const PARENT: u8 = 2;
/// The host of a URL among the values.
pub(super) const URL_HOST: u8 = 4;
/// The host of an e-mail address among the values.
pub(super) const EMAIL_HOST: u8 = 8;
/// The bits of a fingerprint that are flags.
const FLAGS: u128 = 15;

/// Endings of file names that are no top-level domains: such a name is hit only as a whole.
const FILE_ENDINGS: [&str; 48] = [
    "7z", "apk", "asp", "aspx", "bat", "bin", "bmp", "bz2", "cab", "class", "cmd", "conf", "cpl", "csv", "dat", "dll",
    "dmg", "doc", "docm", "docx", "elf", "exe", "gif", "gz", "hta", "html", "img", "iso", "jar", "jpg", "js", "json",
    "jsp", "lnk", "log", "msi", "ocx", "pdf", "php", "png", "ps1", "rar", "scr", "sys", "tmp", "txt", "vbs", "xls",
];

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is looked for.
    Yes,
    /// It is empty, has control characters or is longer than any that is indexed.
    Unusable,
    /// There is no room for more values, or for more with spaces in them.
    Full,
}

/// A set while it is filled.
pub struct ValueSetBuilder {
    key: [u8; 16],
    prints: Vec<u128>,
    hashes: Vec<u64>,
    names: Looks,
    words: Looks,
    lengths4: u64,
    lengths6: [bool; 129],
    nets16: Vec<bool>,
    has_mac: bool,
    phrases: Vec<String>,
    phrase_bytes: usize,
    values: usize,
}

/// The values that are looked for.
pub struct ValueSet {
    key: [u8; 16],
    prints: Vec<u128>,
    pub(super) filter: Filter,
    /// Values that are one name.
    pub(super) names: Looks,
    /// Values that are words and no names.
    pub(super) words: Looks,
    lengths4: u64,
    lengths6: [bool; 129],
    /// Whether a network of version 4 begins with these sixteen bits, or holds them all.
    nets16: Vec<bool>,
    pub(super) has_mac: bool,
    pub(super) phrases: Option<Phrases>,
    values: usize,
}

fn print(key: &[u8; 16], text: &str) -> u128 {
    use std::hash::Hasher;
    let mut hasher = SipHasher24::new_with_key(key);
    hasher.write(text.as_bytes());
    hasher.finish128().as_u128() & !FLAGS
}

impl ValueSetBuilder {
    /// An empty set. The key comes from randomness that nobody else knows.
    pub fn new(key: [u8; 16]) -> Self {
        Self {
            key,
            prints: Vec::new(),
            hashes: Vec::new(),
            names: Looks::none(),
            words: Looks::none(),
            lengths4: 0,
            lengths6: [false; 129],
            nets16: Vec::new(),
            has_mac: false,
            phrases: Vec::new(),
            phrase_bytes: 0,
            values: 0,
        }
    }

    /// Adds a value in its one spelling, as the text export writes it.
    pub fn push(&mut self, value: &str) -> Taken {
        if value.is_empty() || value.len() > VALUE_BYTES_MAX || value.bytes().any(|byte| byte < 32 || byte == 127) {
            return Taken::Unusable;
        }
        if self.prints.len() >= 2 * VALUES_MAX || self.values >= VALUES_MAX {
            return Taken::Full;
        }
        if !self.place(value) {
            return Taken::Full;
        }
        self.values += 1;
        Taken::Yes
    }

    /// Puts a value where the pass will look for it.
    fn place(&mut self, value: &str) -> bool {
        if normal::ipv4(value).as_deref() == Some(value) {
            if let Some((network, length)) = value.split_once('/') {
                self.network4(network, length);
            }
            self.look(value, VALUE);
        } else if normal::ipv6(value).as_deref() == Some(value) {
            if let Some(length) = value.split_once('/').and_then(|(_, length)| length.parse::<usize>().ok())
                && let Some(is_there) = self.lengths6.get_mut(length)
            {
                *is_there = true;
            }
            self.look(value, VALUE);
        } else if normal::mac(value).as_deref() == Some(value) {
            self.has_mac = true;
            self.print(value, VALUE);
        } else if let Some(host) = host_of_url(value) {
            self.print(value, VALUE);
            self.look(&host, URL_HOST);
        } else if let Some(host) = host_of_email(value) {
            self.print(value, VALUE);
            self.look(host, EMAIL_HOST);
        } else if is_name(value.as_bytes()) && trim_name(value.as_bytes()).len() == value.len() {
            self.look(value, if is_domain(value) { VALUE | PARENT } else { VALUE });
        } else if is_word(value.as_bytes()) && trim_word(value.as_bytes()).len() == value.len() {
            self.words.add(value.as_bytes());
            self.hashes.push(filter::hash(value.as_bytes()));
            self.print(value, VALUE);
        } else {
            if self.phrase_bytes + value.len() > PHRASE_BYTES_MAX {
                return false;
            }
            self.phrase_bytes += value.len();
            self.print(value, VALUE);
            self.phrases.push(value.to_owned());
        }
        true
    }

    fn print(&mut self, text: &str, flags: u8) {
        self.prints.push(print(&self.key, text) | u128::from(flags));
    }

    /// What is found as a name.
    fn look(&mut self, text: &str, flags: u8) {
        self.names.add(text.as_bytes());
        if text.contains('/') {
            self.words.add(text.as_bytes());
        }
        self.hashes.push(filter::hash(text.as_bytes()));
        self.print(text, flags);
    }

    fn network4(&mut self, network: &str, length: &str) {
        let (Ok(network), Ok(length)) = (network.parse::<Ipv4Addr>(), length.parse::<u32>()) else { return };
        self.lengths4 |= 1 << length;
        if self.nets16.is_empty() {
            self.nets16 = vec![false; 1 << 16];
        }
        let first = usize::try_from(network.to_bits() >> 16).unwrap_or_default();
        let count = 1_usize << (16 - length.min(16));
        for is_there in self.nets16.iter_mut().skip(first).take(count) {
            *is_there = true;
        }
    }

    /// The set, ready to be looked into. Fails only where the automaton of the phrases cannot be built, which their bound prevents.
    pub fn finish(mut self) -> Result<ValueSet, aho_corasick::BuildError> {
        self.prints.sort_unstable();
        // The flags of one text come together in its first entry.
        self.prints.dedup_by(|later, kept| {
            let is_same = *later & !FLAGS == *kept & !FLAGS;
            if is_same {
                *kept |= *later & FLAGS;
            }
            is_same
        });
        self.prints.shrink_to_fit();
        Ok(ValueSet {
            key: self.key,
            prints: self.prints,
            filter: Filter::of(&self.hashes),
            names: self.names,
            words: self.words,
            lengths4: self.lengths4,
            lengths6: self.lengths6,
            nets16: self.nets16,
            has_mac: self.has_mac,
            phrases: Phrases::of(&self.phrases)?,
            values: self.values,
        })
    }
}

impl ValueSet {
    /// How many values were taken.
    pub fn len(&self) -> usize {
        self.values
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.values == 0
    }

    /// Bytes that fingerprints and filter take.
    pub fn bytes(&self) -> usize {
        self.prints.len() * size_of::<u128>() + self.filter.bytes()
    }

    /// What is known of a text; 0 where it is not in the set.
    pub(super) fn flags(&self, text: &str) -> u8 {
        let wanted = print(&self.key, text);
        let at = self.prints.partition_point(|print| *print < wanted);
        let found = self.prints.get(at).filter(|print| **print & !FLAGS == wanted);
        found.and_then(|print| u8::try_from(print & FLAGS).ok()).unwrap_or_default()
    }

    pub(super) fn has_value(&self, text: &str) -> bool {
        self.flags(text) & VALUE != 0
    }

    /// Whether a network of version 4 may hold the address.
    #[inline]
    pub(super) fn may_be_in_network(&self, address: Ipv4Addr) -> bool {
        let at = usize::try_from(address.to_bits() >> 16).unwrap_or_default();
        self.nets16.get(at).copied().unwrap_or_default()
    }

    /// Whether there are networks of version 4 at all.
    #[inline]
    pub(super) fn has_networks4(&self) -> bool {
        self.lengths4 != 0
    }

    /// The networks that hold an address, as they are spelled.
    pub(super) fn networks4(&self, address: Ipv4Addr) -> impl Iterator<Item = String> {
        let lengths = (0..32_u32).filter(|length| self.lengths4 & (1 << length) != 0);
        lengths
            .filter_map(move |length| normal::ipv4(&format!("{address}/{length}")))
            .filter(|text| self.has_value(text))
    }

    /// The networks that hold an address, as they are spelled.
    pub(super) fn networks6(&self, address: Ipv6Addr) -> impl Iterator<Item = String> {
        let lengths = self.lengths6.iter().enumerate().filter(|(_, is_there)| **is_there);
        lengths
            .filter_map(move |(length, _)| normal::ipv6(&format!("{address}/{length}")))
            .filter(|text| self.has_value(text))
    }
}

fn host_of_url(value: &str) -> Option<String> {
    if !value.contains("://") {
        return None;
    }
    let url = url::Url::parse(value).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    let is_found = is_name(host.as_bytes()) || host.contains(':');
    // One that the pass would not come to by its host is looked for as text.
    (is_found && trim_name(host.as_bytes()).len() == host.len() && url.as_str() == value).then(|| host.to_owned())
}

fn host_of_email(value: &str) -> Option<&str> {
    let (local, host) = value.rsplit_once('@')?;
    let is_local = !local.is_empty() && local.bytes().all(super::around::is_local);
    (is_local && !host.is_empty() && is_name(host.as_bytes()) && trim_name(host.as_bytes()).len() == host.len())
        .then_some(host)
}

/// Whether names below this one mean it too.
fn is_domain(value: &str) -> bool {
    let Some((_, last)) = value.rsplit_once('.') else { return false };
    let is_plain = value.split('.').all(|label| !label.is_empty() && label.len() <= 63);
    is_plain && !last.starts_with(|first: char| first.is_ascii_digit()) && !FILE_ENDINGS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_values_take_some_twenty_bytes_each() {
        let mut builder = ValueSetBuilder::new([7; 16]);
        for at in 0..200_000 {
            assert_eq!(builder.push(&format!("host-{at}.example")), Taken::Yes);
        }
        let set = builder.finish().unwrap();
        assert_eq!((set.len(), set.bytes()), (200_000, 200_000 * 18));
        assert!(set.has_value("host-7.example") && !set.has_value("host-200000.example"));
    }

    #[test]
    fn what_cannot_be_looked_for_is_said() {
        let mut builder = ValueSetBuilder::new([7; 16]);
        assert_eq!(builder.push(""), Taken::Unusable);
        assert_eq!(builder.push("a\u{1b}b"), Taken::Unusable);
        assert_eq!(builder.push(&"x".repeat(VALUE_BYTES_MAX + 1)), Taken::Unusable);
        let phrase = |at: usize| format!("{at} {}", "x y".repeat(1_300));
        let taken = (0..2_000).take_while(|at| builder.push(&phrase(*at)) == Taken::Yes).count();
        assert!((900..1_200).contains(&taken), "{taken}");
        assert_eq!(builder.push("still.example"), Taken::Yes, "what fits is taken");
    }

    #[test]
    fn file_names_are_no_domains() {
        for (value, expected) in
            [("evil.example", true), ("evil.exe", false), ("evil", false), ("a..b", false), ("v1.2", false)]
        {
            assert_eq!(is_domain(value), expected, "{value}");
        }
    }
}
