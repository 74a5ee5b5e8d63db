//! Reads one warninglist as MISP writes it, or many as lines.
//!
//! Strict and bounded: no key twice, every entry a text of bounded size, faults name their place. Keys that are not
//! known are stepped over and told. Entries stand one behind the other in one text. Read next: `matcher.rs`.

use super::attributes::{Kinds, kinds_of_attribute};
use crate::stix21::FieldFault;
use gotong_model::limits::VALUE_BYTES_MAX;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Bytes of one list.
pub const LIST_BYTES_MAX: usize = 64 << 20;
/// Entries of one list.
pub const ENTRIES_MAX: usize = 4_000_000;
/// Bytes of a name.
const NAME_BYTES_MAX: usize = 512;
/// Bytes of a description or a category.
const TEXT_BYTES_MAX: usize = 8 << 10;
/// Attribute types of one list, and unknown keys that are told.
const WORDS_MAX: usize = 256;

/// How the entries of a list are compared with a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MatchType {
    /// The whole value, in the one spelling of its kind.
    String,
    /// The value contains the entry; the case of ASCII letters does not count.
    Substring,
    /// The name itself or one above it; of a URL or an e-mail address, its host.
    Hostname,
    /// An address or a network in the network.
    Cidr,
    /// A regular expression finds something in the value.
    Regex,
}

/// One list as it was read.
#[derive(Clone, Debug)]
pub struct Warninglist {
    /// Its name, which rules call it by.
    pub name: String,
    /// What it is, for people.
    pub description: String,
    /// Its version; a larger one is newer.
    pub version: u64,
    /// Such as `false_positive` or `known_identifier`; may be empty.
    pub category: String,
    /// How entries are compared.
    pub match_type: MatchType,
    /// Which kinds of values it is about.
    pub kinds: Kinds,
    /// Attribute types that have no kind here.
    pub unmapped: Vec<String>,
    /// Keys that the format has not.
    pub unknown: Vec<String>,
    entries: Entries,
}

impl Warninglist {
    /// Reads one list.
    pub fn parse(bytes: &[u8]) -> Result<Self, FieldFault> {
        if bytes.len() > LIST_BYTES_MAX {
            let text = format!("the list has {} bytes; at most {LIST_BYTES_MAX} are read", bytes.len());
            return Err(FieldFault::new("", "warninglist.size", text));
        }
        let mut source = serde_json::Deserializer::from_slice(bytes);
        let raw = Raw::deserialize(&mut source)
            .and_then(|raw| source.end().map(|()| raw))
            .map_err(|error| FieldFault::new("", "warninglist.syntax", format!("no warninglist in JSON: {error}")))?;
        raw.checked()
    }

    /// Its entries.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.entries.ends.len()).map(|at| self.entries.at(at).unwrap_or_default())
    }
}

/// Texts one behind the other.
#[derive(Clone, Default, Debug)]
struct Entries {
    text: String,
    ends: Vec<u32>,
}

impl Entries {
    fn at(&self, at: usize) -> Option<&str> {
        let from = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.text.get(from as usize..*self.ends.get(at)? as usize)
    }
}

/// Lists in lines (NDJSON): each with the number of its line, from 1.
pub struct Lines<'b> {
    rest: &'b [u8],
    line: u64,
}

impl<'b> Lines<'b> {
    /// Over all bytes of a file.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, line: 0 }
    }
}

impl Iterator for Lines<'_> {
    type Item = (u64, Result<Warninglist, FieldFault>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.line += 1;
            if !line.trim_ascii().is_empty() {
                return Some((self.line, Warninglist::parse(line)));
            }
        }
        None
    }
}

/// As it stands in the JSON.
#[derive(Default)]
struct Raw {
    name: Option<String>,
    description: Option<String>,
    version: Option<u64>,
    category: Option<String>,
    match_type: Option<String>,
    attributes: Option<Entries>,
    list: Option<Entries>,
    unknown: Vec<String>,
}

impl Raw {
    fn checked(self) -> Result<Warninglist, FieldFault> {
        let missing = |pointer: &str, text: &str| FieldFault::new(pointer, "warninglist.missing", text);
        let text = |field: Option<String>, pointer: &str, max: usize| match field {
            Some(text) if text.len() > max => Err(FieldFault::new(
                pointer,
                "warninglist.length",
                format!("it has {} bytes; at most {max} are read", text.len()),
            )),
            other => Ok(other.unwrap_or_default()),
        };
        let name = text(self.name, "/name", NAME_BYTES_MAX)?;
        if name.trim().is_empty() {
            return Err(missing("/name", "a list needs a name: rules call it by that"));
        }
        let match_type = match self.match_type.as_deref() {
            Some("string") => MatchType::String,
            Some("substring") => MatchType::Substring,
            Some("hostname") => MatchType::Hostname,
            Some("cidr") => MatchType::Cidr,
            Some("regex") => MatchType::Regex,
            Some(_) => {
                let text = "it is none of string, substring, hostname, cidr and regex";
                return Err(FieldFault::new("/type", "warninglist.type", text));
            }
            None => return Err(missing("/type", "string, substring, hostname, cidr or regex was expected")),
        };
        let (mut kinds, mut unmapped) = (Kinds::default(), Vec::new());
        let attributes = self.attributes.unwrap_or_default();
        for at in 0..attributes.ends.len() {
            let word = attributes.at(at).unwrap_or_default();
            match kinds_of_attribute(word) {
                Some(more) => kinds = kinds.or(more),
                None => unmapped.push(word.to_owned()),
            }
        }
        // MISP's own default: a list that names no types is about all.
        if attributes.ends.is_empty() {
            kinds = Kinds::all();
        }
        Ok(Warninglist {
            name,
            description: text(self.description, "/description", TEXT_BYTES_MAX)?,
            version: self.version.ok_or_else(|| missing("/version", "a whole number was expected"))?,
            category: text(self.category, "/category", TEXT_BYTES_MAX)?,
            match_type,
            kinds,
            unmapped,
            unknown: self.unknown,
            entries: self.list.ok_or_else(|| missing("/list", "a list of texts was expected"))?,
        })
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_map(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with name, version, type and list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut raw = Raw::default();
        while let Some(key) = map.next_key::<String>()? {
            let twice = match key.as_str() {
                "name" => raw.name.replace(map.next_value()?).is_some(),
                "description" => raw.description.replace(map.next_value()?).is_some(),
                "category" => raw.category.replace(map.next_value()?).is_some(),
                "type" => raw.match_type.replace(map.next_value()?).is_some(),
                "version" => raw.version.replace(map.next_value::<Version>()?.0).is_some(),
                "matching_attributes" => {
                    let seed = Texts { key: "matching_attributes", count_max: WORDS_MAX };
                    raw.attributes.replace(map.next_value_seed(seed)?).is_some()
                }
                "list" => {
                    let seed = Texts { key: "list", count_max: ENTRIES_MAX };
                    raw.list.replace(map.next_value_seed(seed)?).is_some()
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    if raw.unknown.len() >= WORDS_MAX {
                        return Err(de::Error::custom("more than 256 keys that the format has not"));
                    }
                    let again = raw.unknown.contains(&key);
                    raw.unknown.push(key.chars().take(64).collect());
                    again
                }
            };
            if twice {
                return Err(de::Error::custom(format_args!(
                    "the key {:?} stands twice",
                    key.chars().take(64).collect::<String>()
                )));
            }
        }
        Ok(raw)
    }
}

/// A version is a number, or a number in quotes.
struct Version(u64);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct VersionVisitor;
        impl Visitor<'_> for VersionVisitor {
            type Value = Version;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("/version: a whole number")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Version, E> {
                Ok(Version(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
                text.parse().map(Version).map_err(|_| E::custom("/version: a whole number was expected"))
            }
        }
        source.deserialize_any(VersionVisitor)
    }
}

/// A list of texts, each bounded.
struct Texts {
    key: &'static str,
    count_max: usize,
}

impl<'de> DeserializeSeed<'de> for Texts {
    type Value = Entries;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Entries, D::Error> {
        source.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Texts {
    type Value = Entries;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/{}: a list of texts", self.key)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Entries, A::Error> {
        let mut entries = Entries::default();
        while items.next_element_seed(Item { key: self.key, entries: &mut entries })?.is_some() {
            if entries.ends.len() > self.count_max {
                return Err(de::Error::custom(format_args!(
                    "/{}: at most {} texts are read",
                    self.key, self.count_max
                )));
            }
        }
        Ok(entries)
    }
}

struct Item<'e> {
    key: &'static str,
    entries: &'e mut Entries,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Item<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/{}/{}: a text", self.key, self.entries.ends.len())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        if text.len() > VALUE_BYTES_MAX {
            let at = self.entries.ends.len();
            return Err(E::custom(format_args!("/{}/{at}: at most {VALUE_BYTES_MAX} bytes are read", self.key)));
        }
        self.entries.text.push_str(text);
        // The whole list has at most 64 MiB, so 32 bits hold every offset.
        self.entries.ends.push(u32::try_from(self.entries.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }
}
