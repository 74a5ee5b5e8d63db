//! Many lists compiled into one thing that says which of them a value is on.
//!
//! Immutable once built: share it behind an `Arc`, and build another when a list changes. Each type of list has its own
//! structure, so that a value costs a few probes whatever the lists hold. What could not be used is told by list and
//! place, and the rest is in use. Read next: `names.rs`, `networks.rs`, `texts.rs`, then `rule.rs`.

use super::attributes::Kinds;
use super::names::Names;
use super::networks::Networks;
use super::read::{MatchType, Warninglist};
use super::texts::{Expressions, Substrings};
use crate::network::Network;
use crate::stix21::{FieldFault, ValueKind, normalise};
use std::collections::HashSet;

/// Lists in one matcher.
pub const LISTS_MAX: usize = 4_096;
/// Troubles that are told one by one; the others are counted.
const TROUBLES_MAX: usize = 1_000;

/// A list as the matcher knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// How its entries are compared.
    pub match_type: MatchType,
    /// Which kinds of values it is about.
    pub kinds: Kinds,
    /// Entries that are in use.
    pub entries: usize,
}

/// What of a list is not in use, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The list's name.
    pub list: String,
    /// Where on it, and what is wrong.
    pub fault: FieldFault,
}

/// What building gives.
pub struct Built {
    /// The matcher.
    pub matcher: Matcher,
    /// What is not in use.
    pub troubles: Vec<Trouble>,
    /// How many more troubles there are.
    pub troubles_more: usize,
}

/// That a value is on a list: of each list the narrowest entry, a regular expression the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// Number of the list, for [`Matcher::list`].
    pub list: u16,
    /// The entry, in the spelling of values.
    pub entry: String,
}

/// Lists, compiled.
pub struct Matcher {
    lists: Vec<ListInfo>,
    strings: Names,
    hosts: Names,
    networks: Networks,
    substrings: Substrings,
    substring_kinds: Kinds,
    expressions: Vec<Expressions>,
}

impl Matcher {
    /// Compiles lists, one after the other. `key` is any number that those who write lists do not know.
    pub fn build(lists: impl IntoIterator<Item = Warninglist>, key: (u64, u64)) -> Built {
        let matcher = Self {
            lists: Vec::new(),
            strings: Names::new(key),
            hosts: Names::new(key),
            networks: Networks::default(),
            substrings: Substrings::default(),
            substring_kinds: Kinds::default(),
            expressions: Vec::new(),
        };
        let mut built = Built { matcher, troubles: Vec::new(), troubles_more: 0 };
        let mut names = HashSet::new();
        for list in lists {
            built.add(&list, &mut names);
        }
        built.matcher.networks.finish();
        built.matcher.strings.shrink();
        built.matcher.hosts.shrink();
        if !built.matcher.substrings.finish() {
            built.tell("", "", "warninglist.memory", "the substrings of all lists need more memory than is allowed");
        }
        built
    }

    /// All lists; a hit's number is a place here.
    pub fn lists(&self) -> &[ListInfo] {
        &self.lists
    }

    /// A list by its number.
    pub fn list(&self, list: u16) -> Option<&ListInfo> {
        self.lists.get(usize::from(list))
    }

    /// Bytes that it takes, without what the regular expressions take while they run.
    pub fn bytes(&self) -> usize {
        self.strings.bytes()
            + self.hosts.bytes()
            + self.networks.bytes()
            + self.substrings.bytes()
            + self.expressions.iter().map(Expressions::bytes).sum::<usize>()
    }

    /// The lists that a value is on. `value` is in the one spelling of its kind, as the index has it.
    pub fn hits(&self, kind: ValueKind, value: &str) -> Vec<Hit> {
        let mut hits = Hits { matcher: self, kind, found: Vec::new() };
        for (list, kinds) in self.strings.lists(value) {
            if kinds.has(kind) {
                hits.add(list, || value.to_owned());
            }
        }
        if let Some(host) = host(kind, value) {
            let mut name = host;
            loop {
                for (list, _) in self.hosts.lists(name) {
                    hits.add(list, || name.to_owned());
                }
                match name.split_once('.') {
                    Some((_, above)) => name = above,
                    None => break,
                }
            }
            // A host may be an address; few begin as one.
            if host.starts_with(|letter: char| letter.is_ascii_hexdigit() || letter == ':')
                && let Some(network) = Network::parse(host)
            {
                self.networks.holding(network, |list, network| hits.add(list, || network.to_string()));
            }
        } else if matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6 | ValueKind::Other)
            && let Some(network) = Network::parse(value)
        {
            self.networks.holding(network, |list, network| hits.add(list, || network.to_string()));
        }
        if self.substring_kinds.has(kind) {
            self.substrings.within(value, |list, entry| hits.widen(list, entry));
        }
        for expressions in &self.expressions {
            if self.list(expressions.list).is_some_and(|list| list.kinds.has(kind))
                && let Some(entry) = expressions.first_in(value)
            {
                hits.add(expressions.list, || entry.to_owned());
            }
        }
        hits.found
    }
}

struct Hits<'m> {
    matcher: &'m Matcher,
    kind: ValueKind,
    found: Vec<Hit>,
}

impl Hits<'_> {
    fn is_about(&self, list: u16) -> bool {
        self.matcher.list(list).is_some_and(|list| list.kinds.has(self.kind))
    }

    /// The first entry of a list stays.
    fn add(&mut self, list: u16, entry: impl FnOnce() -> String) {
        if self.is_about(list) && self.found.iter().all(|hit| hit.list != list) {
            self.found.push(Hit { list, entry: entry() });
        }
    }

    /// The longest entry of a list stays.
    fn widen(&mut self, list: u16, entry: &str) {
        match self.found.iter_mut().find(|hit| hit.list == list) {
            Some(hit) if hit.entry.len() < entry.len() => entry.clone_into(&mut hit.entry),
            Some(_) => {}
            None => self.add(list, || entry.to_owned()),
        }
    }
}

/// The host of a value that has one.
fn host(kind: ValueKind, value: &str) -> Option<&str> {
    match kind {
        ValueKind::Domain => Some(value),
        ValueKind::Email => value.rsplit_once('@').map(|(_, host)| host),
        ValueKind::Url => {
            let (_, rest) = value.split_once("://")?;
            let authority = rest.split(['/', '?', '#']).next()?;
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            match host.strip_prefix('[') {
                Some(inner) => inner.split_once(']').map(|(address, _)| address),
                None => host.split(':').next(),
            }
        }
        ValueKind::Other
        | ValueKind::Ipv4
        | ValueKind::Ipv6
        | ValueKind::Hash
        | ValueKind::Mac
        | ValueKind::AutonomousSystem
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::FileName
        | ValueKind::Path
        | ValueKind::UserAccount
        | ValueKind::Software
        | ValueKind::CommandLine
        | ValueKind::SerialNumber
        | ValueKind::Vulnerability => None,
    }
}

impl Built {
    fn tell(&mut self, list: &str, pointer: &str, code: &'static str, text: &str) {
        if self.troubles.len() < TROUBLES_MAX {
            self.troubles.push(Trouble { list: list.to_owned(), fault: FieldFault::new(pointer, code, text) });
        } else {
            self.troubles_more += 1;
        }
    }

    fn add(&mut self, list: &Warninglist, names: &mut HashSet<String>) {
        let number = match u16::try_from(self.matcher.lists.len()) {
            Ok(number) if usize::from(number) < LISTS_MAX => number,
            _ => {
                return self.tell(
                    &list.name,
                    "",
                    "warninglist.lists",
                    "4096 lists are in use already; this one is not",
                );
            }
        };
        if !names.insert(list.name.clone()) {
            return self.tell(
                &list.name,
                "/name",
                "warninglist.name",
                "another list has this name; this one is not in use",
            );
        }
        for word in &list.unmapped {
            let text = format!("values of the type {:?} are not known here", word.chars().take(64).collect::<String>());
            self.tell(&list.name, "/matching_attributes", "warninglist.attribute", &text);
        }
        for word in &list.unknown {
            self.tell(&list.name, "", "warninglist.key", &format!("the key {word:?} means nothing here"));
        }
        let wrong = match list.match_type {
            MatchType::Regex => self.add_expressions(list, number),
            MatchType::String | MatchType::Hostname | MatchType::Cidr | MatchType::Substring => {
                let mut wrong = 0;
                for (at, entry) in list.entries().enumerate() {
                    if let Err((code, text)) = self.add_entry(list, number, entry) {
                        self.tell(&list.name, &format!("/list/{at}"), code, text);
                        wrong += 1;
                    }
                }
                wrong
            }
        };
        if list.match_type == MatchType::Substring {
            self.matcher.substring_kinds = self.matcher.substring_kinds.or(list.kinds);
        }
        self.matcher.lists.push(ListInfo {
            name: list.name.clone(),
            version: list.version,
            match_type: list.match_type,
            kinds: list.kinds,
            entries: list.entries().len() - wrong,
        });
    }

    fn add_entry(&mut self, list: &Warninglist, number: u16, entry: &str) -> Result<(), (&'static str, &'static str)> {
        const FULL: (&str, &str) = ("warninglist.memory", "there is no more room for entries; this one is not in use");
        let entry = entry.trim();
        if entry.is_empty() {
            return Err(("warninglist.empty", "the entry is empty"));
        }
        let fits = match list.match_type {
            MatchType::String => {
                let mut fits = true;
                let mut spelled = false;
                for kind in list.kinds.iter() {
                    if let Some(text) = normalise(kind, entry) {
                        spelled = true;
                        fits &= self.matcher.strings.add(&text, Kinds::default().with(kind), number);
                    }
                }
                if !spelled {
                    return Err((
                        "warninglist.entry",
                        "the entry has control characters, or the list is about no kind of value",
                    ));
                }
                fits
            }
            MatchType::Hostname => {
                // Some lists write a dot in front to mean the names below; those are meant in any case.
                let bare = entry.trim_start_matches('.');
                let Some(text) = normalise(ValueKind::Domain, bare) else {
                    return Err(("warninglist.entry", "the entry is no host name"));
                };
                self.matcher.hosts.add(&text, list.kinds, number)
            }
            MatchType::Cidr => {
                let Some(network) = Network::parse(entry) else {
                    return Err(("warninglist.entry", "the entry is no IP address and no network"));
                };
                self.matcher.networks.add(network, number);
                true
            }
            MatchType::Substring => self.matcher.substrings.add(entry, number),
            MatchType::Regex => true,
        };
        if fits { Ok(()) } else { Err(FULL) }
    }

    fn add_expressions(&mut self, list: &Warninglist, number: u16) -> usize {
        let (set, wrong) = Expressions::new(list.entries(), number);
        for at in &wrong {
            let text = "the regular expression cannot be run here: its syntax, a flag, look-around, back-references or its size";
            self.tell(&list.name, &format!("/list/{at}"), "warninglist.expression", text);
        }
        self.matcher.expressions.extend(set);
        wrong.len()
    }
}
