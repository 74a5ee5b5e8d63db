//! Which entry a collection shows of one id and version. Of a version that several authors published, or one author twice, the one that was added first: who
//! has read it meets no other. An object without versions is the newest of the author who was first.
//!
//! Only what the caller may read counts, in this channel alone. Read next: `view/versions.rs`, which shows all authors side by side.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gotong_formats::stix21;
use gotong_model::{ChannelId, MemberCode};
use gotong_store::{EntryKey, Header, Index, PostingRange, ReadTx, State};

use crate::added;
use crate::node::NodeFault;
use crate::view::scope::Scope;
use crate::view::versions::{id_of, visit};

/// The newest postings of an id that are asked first whether an entry is superseded: mostly the very newest knows.
const NEWEST: usize = 8;

/// The entries that are shown of one id, by version.
#[derive(Debug, Default)]
pub(super) struct Picked {
    shown: BTreeMap<i64, EntryKey>,
    /// Every entry that the caller may read of it.
    members: Vec<EntryKey>,
}

impl Picked {
    pub(super) fn first(&self) -> Option<i64> {
        self.shown.keys().next().copied()
    }

    pub(super) fn last(&self) -> Option<i64> {
        self.shown.keys().next_back().copied()
    }

    pub(super) fn shows(&self, version: i64) -> Option<EntryKey> {
        self.shown.get(&version).copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (i64, EntryKey)> {
        self.shown.iter().map(|(version, entry)| (*version, *entry))
    }
}

/// Picks within one page; each id is gone through once.
pub(super) struct Picks<'a, 's> {
    scope: &'a Scope<'s>,
    channel: ChannelId,
    known: RefCell<HashMap<String, Rc<Picked>>>,
}

impl<'a, 's> Picks<'a, 's> {
    pub(super) fn new(scope: &'a Scope<'s>, channel: ChannelId) -> Self {
        Self { scope, channel, known: RefCell::default() }
    }

    /// Whether a newer version is seen at a glance. `false` decides nothing.
    pub(super) fn is_superseded(&self, tx: &dyn ReadTx, entry: EntryKey, header: &Header) -> Result<bool, NodeFault> {
        let Some((id, _)) = id_of(header).filter(|_| header.modified != 0) else { return Ok(false) };
        let key = tx.index_key(Index::Object, id.as_bytes());
        let (index, after, descending, limit) = (Index::Object, None, true, NEWEST);
        let newest = tx.posting_range(PostingRange { index, from: key, to: key, after, descending, limit })?;
        let newest: Vec<EntryKey> =
            newest.into_iter().map(|(_, other)| other).filter(|other| *other != entry).collect();
        for (other, found) in newest.iter().zip(tx.headers(&newest)?) {
            let Some(found) = found.filter(|found| found.state == State::Live && found.modified > header.modified)
            else {
                continue;
            };
            let same = (found.type_code, found.object) == (header.type_code, header.object);
            let shown = if same { self.scope.shown(tx, *other, &found)? } else { None };
            if shown.is_some_and(|log| log.id.channel == self.channel) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is shown of the id that an entry has, and that id; `None` where it has none that reads back.
    pub(super) fn of_entry(
        &self,
        tx: &dyn ReadTx,
        entry: EntryKey,
        header: &Header,
    ) -> Result<Option<(String, Rc<Picked>)>, NodeFault> {
        if let Some((id, _)) = id_of(header) {
            let picked = self.of(tx, &id)?;
            if picked.members.contains(&entry) {
                return Ok(Some((id, picked)));
            }
        }
        // Custom types, and ids that are not in lower case, are known by the body alone.
        let Some(id) = id_in(tx, entry)? else { return Ok(None) };
        let picked = self.of(tx, &id)?;
        Ok(Some((id, picked)))
    }

    /// What is shown of an id.
    pub(super) fn of(&self, tx: &dyn ReadTx, id: &str) -> Result<Rc<Picked>, NodeFault> {
        if let Some(known) = self.known.borrow().get(id) {
            return Ok(Rc::clone(known));
        }
        let mut found = Vec::new();
        visit(self.scope, tx, (Index::Object, id), |version| {
            if version.log.id.channel == self.channel {
                found.push(version);
            }
            Ok(true)
        })?;
        let mut members = Vec::with_capacity(found.len());
        let mut by_version: BTreeMap<i64, Vec<(MemberCode, EntryKey)>> = BTreeMap::new();
        for version in found {
            // Keys of indexes are hashes: what is found under one must still be what was asked for.
            let is_meant = match id_of(&version.header) {
                Some((own, _)) => own.eq_ignore_ascii_case(id),
                None => id_in(tx, version.entry)?.as_deref() == Some(id),
            };
            if is_meant {
                members.push(version.entry);
                let same = by_version.entry(version.header.modified).or_default();
                same.push((version.log.id.author.clone(), version.entry));
            }
        }
        let mut shown = BTreeMap::new();
        for (version, entries) in by_version {
            shown.extend(shown_of(tx, version, &entries)?.map(|entry| (version, entry)));
        }
        let picked = Rc::new(Picked { shown, members });
        self.known.borrow_mut().insert(id.to_owned(), Rc::clone(&picked));
        Ok(picked)
    }
}

/// The one entry that is shown of those that are of one version.
fn shown_of(tx: &dyn ReadTx, version: i64, entries: &[(MemberCode, EntryKey)]) -> Result<Option<EntryKey>, NodeFault> {
    if let [(_, only)] = entries {
        return Ok(Some(*only));
    }
    let mut dated = Vec::with_capacity(entries.len());
    for (author, entry) in entries {
        dated.push((added::time_of(tx, *entry)?, author, *entry));
    }
    dated.sort_unstable();
    let Some((_, first_author, first)) = dated.first() else { return Ok(None) };
    if version != 0 {
        return Ok(Some(*first));
    }
    // Times say nothing of the order within one arrival; the order of a log does.
    let of_author = || dated.iter().rev().filter(|(_, author, _)| author == first_author).map(|(.., entry)| *entry);
    let newest_log = of_author().next().map(EntryKey::log);
    Ok(of_author().filter(|entry| Some(entry.log()) == newest_log).max())
}

/// The id in an entry's body.
fn id_in(tx: &dyn ReadTx, entry: EntryKey) -> Result<Option<String>, NodeFault> {
    let content = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten();
    Ok(content.and_then(|content| stix21::read(&content.body).ok()).map(|facts| facts.id))
}
