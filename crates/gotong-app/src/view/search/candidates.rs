//! Which records may have what is asked for, from the index of words alone. Everything told here is looked at again by `matching.rs`; what is left out here is
//! not found. Only keys under headings that the reader may see are read, so that what stands elsewhere costs nothing and changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gotong_formats::stix21;
use gotong_language::segment::Kind;
use gotong_store::{EntryKey, Fault, Index, PostingRange, ReadTx, State};

use super::super::lookup::lengths;
use super::super::scope::Scope;
use super::matching::{Doc, is_beginning, is_similar};
use super::query::{Clause, Parsed, Word};
use crate::node::NodeFault;
use crate::term;

/// Postings of a word that is rare: where one of several words is, the others are not read.
const RARE_MAX: usize = 4_096;
/// Postings of one word that are read at all, the newest of each log.
const COMMON_MAX: usize = 500_000;
/// Postings of each word that are read at first, where all are common and the newest records may be enough; then eight times as many, and so on.
const WINDOW: usize = 16_384;
/// Words that one beginning may stand for.
const WORDS_MAX: usize = 200;
/// Keys that are looked at for them.
const KEYS_MAX: usize = 4_000;
/// Postings that are read at once to learn which keys there are: each look decodes a chunk of every run, which holds many of them.
const NAMED_AT_ONCE: usize = 64;
/// Records that are looked at for what word a key stands for.
const UNDER_KEY_MAX: usize = 64;
/// Records looked at together where the first few may not be seen.
const LOOKED_AT_AT_ONCE: usize = 1_024;
/// Records that are kept open in one answer.
const OPEN_MAX: usize = 4_000;

/// Records that may have something; in order of entries, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    pub(super) entries: Vec<EntryKey>,
    /// Whether there are more than were read.
    pub(super) more: bool,
    /// From this entry on nothing is missing; `None` where nothing is at all.
    whole_from: Option<EntryKey>,
}

impl Set {
    fn tidy(mut self) -> Self {
        self.entries.sort_unstable();
        self.entries.dedup();
        self
    }

    fn with(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self.more |= other.more;
        self.whole_from = self.whole_from.max(other.whole_from);
        self.tidy()
    }

    /// What both have: both are walked from their beginning, since common words have as many entries each.
    fn and(mut self, other: &Self) -> Self {
        let mut others = other.entries.as_slice();
        self.entries.retain(|entry| {
            others = others.get(steps_below(others, *entry)..).unwrap_or_default();
            others.first() == Some(entry)
        });
        self.more |= other.more;
        self.whole_from = self.whole_from.max(other.whole_from);
        self
    }

    /// Without what stands below the place from which nothing is missing.
    fn whole(mut self) -> Self {
        let from = self.whole_from;
        self.entries.retain(|entry| Some(*entry) >= from);
        self
    }
}

/// How many of some sorted entries stand below one: looked for in steps that double, because it is usually near.
fn steps_below(entries: &[EntryKey], wanted: EntryKey) -> usize {
    let mut step = 1;
    while entries.get(step).is_some_and(|entry| *entry < wanted) {
        step *= 2;
    }
    let from = step / 2;
    let near = entries.get(from..entries.len().min(step + 1)).unwrap_or_default();
    from + near.partition_point(|entry| *entry < wanted)
}

/// A word that stands in records which the reader may see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Known {
    /// The part of its key below the heading.
    pub(super) below: u64,
    /// Without accents.
    pub(super) bare: String,
    /// As it is written in one record.
    pub(super) text: String,
}

/// One search under way.
pub(super) struct Finder<'a, 's> {
    pub(super) scope: &'a Scope<'s>,
    pub(super) tx: &'a dyn ReadTx,
    /// The upper parts of the keys that are read.
    aboves: Vec<u64>,
    open: HashMap<EntryKey, Option<Rc<Doc>>>,
}

impl<'a, 's> Finder<'a, 's> {
    pub(super) fn new(scope: &'a Scope<'s>, tx: &'a dyn ReadTx, channel: Option<gotong_model::ChannelId>) -> Self {
        let mut aboves: Vec<u64> = scope.headings(channel).iter().map(|heading| term::above(tx, heading)).collect();
        aboves.sort_unstable();
        aboves.dedup();
        Self { scope, tx, aboves, open: HashMap::new() }
    }

    /// A record, read; `None` where it is no record that can be.
    pub(super) fn doc(&mut self, entry: EntryKey) -> Result<Option<Rc<Doc>>, NodeFault> {
        if let Some(known) = self.open.get(&entry) {
            return Ok(known.clone());
        }
        let content = self.tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten();
        let facts = content.and_then(|content| stix21::read(&content.body).ok());
        let doc = facts.map(|facts| Rc::new(Doc::of(facts)));
        if self.open.len() < OPEN_MAX {
            self.open.insert(entry, doc.clone());
        }
        Ok(doc)
    }

    /// Records that may have everything asked for. Where the newest are enough, so many of them at least, older ones may be left out.
    pub(super) fn all(&mut self, parsed: &Parsed, nearly: bool, enough: Option<usize>) -> Result<Set, NodeFault> {
        let mut rare: Option<Set> = None;
        let mut common = Vec::new();
        for clause in parsed.positive() {
            let set = self.clause(clause, nearly, RARE_MAX)?;
            if set.more {
                common.push(clause);
            } else {
                rare = Some(rare.map_or_else(|| set.clone(), |known| known.and(&set)));
            }
        }
        if let Some(rare) = rare {
            return Ok(rare);
        }
        let mut most = if enough.is_some() { WINDOW } else { COMMON_MAX };
        loop {
            let mut all: Option<Set> = None;
            for clause in &common {
                let set = self.clause(clause, nearly, most)?;
                all = Some(match all {
                    None => set,
                    Some(known) => known.and(&set),
                });
            }
            let all = all.unwrap_or_default();
            if most >= COMMON_MAX {
                return Ok(all);
            }
            let all = all.whole();
            if enough.is_some_and(|enough| all.entries.len() >= enough) {
                return Ok(all);
            }
            most = most.saturating_mul(8).min(COMMON_MAX);
        }
    }

    /// Records whose whole name may be this.
    pub(super) fn named(&self, words: &str) -> Result<Set, NodeFault> {
        if words.is_empty() { Ok(Set::default()) } else { self.under([term::below_whole(self.tx, words)], RARE_MAX) }
    }

    fn clause(&mut self, clause: &Clause, nearly: bool, most: usize) -> Result<Set, NodeFault> {
        let mut found = self.by_words(clause, nearly, most)?;
        if clause.is_cut {
            found = found.with(self.by_pairs(clause, most)?);
        }
        for value in &clause.values {
            found = found.with(self.plain(Index::Value, value)?);
        }
        if !clause.around.is_empty() || !clause.hosts.is_empty() {
            found = found.with(self.around(clause)?);
        }
        if let Some(id) = &clause.id {
            found = found.with(self.plain(Index::Object, id)?);
        }
        Ok(found)
    }

    fn by_words(&mut self, clause: &Clause, nearly: bool, most: usize) -> Result<Set, NodeFault> {
        let mut rare: Option<Set> = None;
        let mut common: Option<Set> = None;
        for (at, word) in clause.words.iter().enumerate() {
            let mut keys = vec![term::below(self.tx, Kind::Word, &word.bare)];
            let mut more = false;
            let is_last = at + 1 == clause.words.len();
            if is_last && !clause.is_cut && !clause.is_phrase && is_beginning(word) {
                let (known, bounded) = self.beginning_with(word)?;
                keys.extend(known.into_iter().map(|known| known.below));
                more |= bounded;
            }
            if nearly && !clause.is_phrase {
                keys.extend(self.similar_to(word)?.into_iter().map(|known| known.below));
            }
            keys.sort_unstable();
            keys.dedup();
            let mut set = self.under(keys, most)?;
            set.more |= more;
            let slot = if set.more { &mut common } else { &mut rare };
            *slot = Some(slot.take().map_or_else(|| set.clone(), |known| known.and(&set)));
        }
        Ok(rare.or(common).unwrap_or_default())
    }

    fn by_pairs(&self, clause: &Clause, most: usize) -> Result<Set, NodeFault> {
        if clause.pairs.is_empty() {
            // One character of such a script: whatever pair begins with it.
            let Some(word) = clause.words.first() else { return Ok(Set::default()) };
            let (from, to) = term::beginnings(Kind::Pair, &word.bare);
            return self.range(from, to, most);
        }
        let mut all: Option<Set> = None;
        for pair in &clause.pairs {
            let set = self.under([term::below(self.tx, Kind::Pair, pair)], most)?;
            all = Some(match all {
                None => set,
                // What was cut short says nothing about who is behind the cut.
                Some(known) if set.more && !known.more => known,
                Some(known) if known.more && !set.more => set,
                Some(known) => known.and(&set),
            });
        }
        Ok(all.unwrap_or_default())
    }

    /// What names a network that holds what is looked for, or lies in it; of a host, a domain above it or an URL on it.
    fn around(&self, clause: &Clause) -> Result<Set, NodeFault> {
        let lengths = lengths(self.tx)?;
        let holders = clause.around.iter().flat_map(|around| around.holders(&lengths));
        let inside = clause.inside.iter().flat_map(|around| around.inside(&lengths)).map(|(key, _)| key);
        let mut found = Set::default();
        let hosts = clause.hosts.iter();
        let hosts = hosts
            .flat_map(|host| host.above().into_iter().map(str::to_owned).chain([host.urls_key()]).collect::<Vec<_>>());
        for text in holders.chain(hosts).chain(inside) {
            if !self.tx.may_have(Index::Value, self.tx.index_key(Index::Value, text.as_bytes()))? {
                continue;
            }
            let set = self.plain(Index::Value, &text)?;
            found.entries.extend(set.entries);
            found.more |= set.more;
            found.whole_from = found.whole_from.max(set.whole_from);
            if found.entries.len() >= RARE_MAX {
                found.more = true;
                found.whole_from = Some(EntryKey(u64::MAX));
                break;
            }
        }
        Ok(found.tidy())
    }

    fn plain(&self, index: Index, text: &str) -> Result<Set, NodeFault> {
        let key = self.tx.index_key(index, text.as_bytes());
        let mut entries = Vec::new();
        let mut after = None;
        // Values are posted for everybody: what is not shown is passed over before anything is counted.
        while entries.len() < RARE_MAX {
            let chunk = self.tx.postings(index, key, after, 1_024)?;
            for (entry, header) in chunk.iter().zip(self.tx.headers(&chunk)?) {
                if let Some(header) = header.filter(|header| header.state == State::Live)
                    && self.scope.shown(self.tx, *entry, &header)?.is_some()
                {
                    entries.push(*entry);
                }
            }
            after = chunk.last().copied().filter(|_| chunk.len() == 1_024);
            if after.is_none() {
                break;
            }
        }
        // Read from the oldest on: what is missing may be anywhere.
        let whole_from = after.map(|_| EntryKey(u64::MAX));
        Ok(Set { entries, more: after.is_some(), whole_from }.tidy())
    }

    fn under(&self, belows: impl IntoIterator<Item = u64>, most: usize) -> Result<Set, NodeFault> {
        let mut found = Set::default();
        for below in belows {
            let set = self.range(below, below, most)?;
            found.entries.extend(set.entries);
            found.more |= set.more;
            found.whole_from = found.whole_from.max(set.whole_from);
        }
        Ok(found.tidy())
    }

    fn range(&self, from: u64, to: u64, most: usize) -> Result<Set, NodeFault> {
        let mut found = Set::default();
        for above in &self.aboves {
            let limit = most + 1;
            let (from, to) = (above | from, above | to);
            let range = PostingRange { index: Index::Term, from, to, after: None, descending: true, limit };
            let postings = self.tx.posting_range(range)?;
            if postings.len() > most {
                found.more = true;
                // Under one key the newest come first; under several nothing is known of where something is missing.
                let last = postings.last().filter(|_| from == to).map_or(EntryKey(u64::MAX), |(_, entry)| *entry);
                found.whole_from = found.whole_from.max(Some(last));
            }
            found.entries.extend(postings.into_iter().map(|(_, entry)| entry));
        }
        Ok(found.tidy())
    }

    /// The words that begin like this one, and whether there are more than were looked at.
    pub(super) fn beginning_with(&mut self, word: &Word) -> Result<(Vec<Known>, bool), NodeFault> {
        let range = term::beginnings(Kind::Word, &word.bare);
        self.known(range, |bare| bare.starts_with(&word.bare))
    }

    /// The words that are spelled nearly like this one.
    pub(super) fn similar_to(&mut self, word: &Word) -> Result<Vec<Known>, NodeFault> {
        let start: String = word.bare.chars().take(2).collect();
        if word.bare.chars().count() < 4 {
            return Ok(Vec::new());
        }
        let range = term::beginnings(Kind::Word, &start);
        Ok(self.known(range, |bare| is_similar(bare, &word.bare))?.0)
    }

    /// The words under a range of keys that stand in records which the reader may see: learned from those records, because keys tell nothing.
    fn known(
        &mut self,
        (from, to): (u64, u64),
        accept: impl Fn(&str) -> bool,
    ) -> Result<(Vec<Known>, bool), NodeFault> {
        let mut found: BTreeMap<(u64, String), String> = BTreeMap::new();
        let mut looked = 0;
        for above in self.aboves.clone() {
            let mut after = None;
            loop {
                let (from, to) = (above | from, above | to);
                let (index, limit) = (Index::Term, NAMED_AT_ONCE);
                let mut named =
                    self.tx.posting_range(PostingRange { index, from, to, after, descending: false, limit })?;
                named.dedup_by_key(|(key, _)| *key);
                // Whatever else stands under the last of them is passed over: the next look begins with the next key.
                let Some((last, _)) = named.last() else { break };
                after = Some((*last, EntryKey(u64::MAX)));
                for (key, first) in named {
                    let Some(doc) = self.shown_of(key, first)? else { continue };
                    looked += 1;
                    for (bare, text) in doc.words() {
                        if accept(bare) && above | term::below(self.tx, Kind::Word, bare) == key {
                            let known = found.entry((key ^ above, bare.to_owned())).or_insert_with(|| text.to_owned());
                            if text < known.as_str() {
                                text.clone_into(known);
                            }
                        }
                    }
                    if looked >= KEYS_MAX || found.len() >= WORDS_MAX {
                        return Ok((knowns(found), true));
                    }
                }
            }
        }
        Ok((knowns(found), false))
    }

    /// A record under a key that the reader may see. For the staff it is the one that named the key, where it may be: each further look under the key decodes
    /// a chunk of every run. For an organisation, whether that one is shown would be told by the time that the answer takes.
    fn shown_of(&mut self, key: u64, first: EntryKey) -> Result<Option<Rc<Doc>>, NodeFault> {
        if self.scope.is_staff()
            && let Some(Some(header)) = self.tx.headers(&[first])?.into_iter().next()
            && header.state == State::Live
            && self.scope.shown(self.tx, first, &header)?.is_some()
        {
            return self.doc(first);
        }
        self.shown_under(key)
    }

    /// A record under a key that the reader may see, the newest of its log first. What may not be seen is passed over however much it is: a bound would tell how
    /// much there is.
    fn shown_under(&mut self, key: u64) -> Result<Option<Rc<Doc>>, NodeFault> {
        let (mut after, mut limit) = (None, UNDER_KEY_MAX);
        loop {
            let range = PostingRange { index: Index::Term, from: key, to: key, after, descending: true, limit };
            let postings = self.tx.posting_range(range)?;
            let entries: Vec<EntryKey> = postings.iter().map(|(_, entry)| *entry).collect();
            for (entry, header) in entries.iter().zip(self.tx.headers(&entries)?) {
                if let Some(header) = header.filter(|header| header.state == State::Live)
                    && self.scope.shown(self.tx, *entry, &header)?.is_some()
                {
                    return self.doc(*entry);
                }
            }
            after = postings.last().copied().filter(|_| postings.len() == limit);
            if after.is_none() {
                return Ok(None);
            }
            limit = LOOKED_AT_AT_ONCE;
        }
    }

    /// How many records that the reader may see stand under a word, up to a bound.
    pub(super) fn count(&self, below: u64, most: usize) -> Result<usize, Fault> {
        let mut count = 0;
        for above in &self.aboves {
            let mut after = None;
            loop {
                let entries = self.tx.postings(Index::Term, above | below, after, LOOKED_AT_AT_ONCE)?;
                for (entry, header) in entries.iter().zip(self.tx.headers(&entries)?) {
                    if let Some(header) = header.filter(|header| header.state == State::Live)
                        && self.scope.shown(self.tx, *entry, &header)?.is_some()
                    {
                        count += 1;
                        if count >= most {
                            return Ok(count);
                        }
                    }
                }
                after = entries.last().copied().filter(|_| entries.len() == LOOKED_AT_AT_ONCE);
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(count)
    }
}

fn knowns(found: BTreeMap<(u64, String), String>) -> Vec<Known> {
    found.into_iter().map(|((below, bare), text)| Known { below, bare, text }).collect()
}
