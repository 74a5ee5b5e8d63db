//! Where a publication goes in its own log: new, a newer version, known already, or in conflict with what stands there. Versions act within one author and
//! channel only.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use gotong_formats::{misp, stix21};
use gotong_ledger::Leaf;
use gotong_model::Tlp;
use gotong_store::{EntryKey, Header, Index, ReadTx, State};

use super::{Fate, Publication, Receipt, Why};
use crate::log::Ready;
use crate::node::NodeFault;
use crate::rows::LogRow;

/// Placing publications into one log within one transaction.
pub(super) struct Commit {
    pub(super) row: LogRow,
    /// Logs of this author in this channel: all epochs.
    own: Vec<LogRow>,
    pub(super) origin: String,
    pub(super) ready: Vec<Ready>,
    /// What this transaction has placed: (type, object) → places in `ready`, the first and, seldom, further ones.
    placed: HashMap<(u16, [u8; 16]), (usize, Vec<usize>)>,
    /// Objects of which this transaction places a stricter version than there was: its label, and the entries that are laxer.
    tightened: HashMap<(u16, [u8; 16]), (Tlp, Vec<EntryKey>)>,
}

/// An earlier publication of the same object by the same author in the same channel.
struct Earlier {
    modified: i64,
    /// The label that counts.
    label: u8,
    receipt: Receipt,
    body: Vec<u8>,
}

impl Commit {
    /// For so many publications at most.
    pub(super) fn new(row: LogRow, own: Vec<LogRow>, origin: String, most: usize) -> Self {
        let (ready, placed) = (Vec::with_capacity(most), HashMap::with_capacity(most));
        Self { row, own, origin, ready, placed, tightened: HashMap::new() }
    }

    /// The logs that [`Self::tightened`] names entries of, and by label, the laxest first, what is to have it: earlier versions are as strict as the latest
    /// (ADR 0012). In one log the last relabelling that names an entry counts, so the strictest comes last.
    pub(super) fn tightened(&self) -> (&[LogRow], BTreeMap<Tlp, Vec<EntryKey>>) {
        let mut found: BTreeMap<Tlp, Vec<EntryKey>> = BTreeMap::new();
        for (label, entries) in self.tightened.values() {
            found.entry(*label).or_default().extend(entries);
        }
        (&self.own, found)
    }

    /// What this transaction has placed of the same object, in order.
    fn placed(&self, header: &Header) -> impl Iterator<Item = (usize, &Ready)> {
        let places = self.placed.get(&(header.type_code, header.object));
        let places = places.into_iter().flat_map(|(first, further)| std::iter::once(first).chain(further));
        places.filter_map(|place| Some((*place, self.ready.get(*place)?)))
    }

    /// What becomes of it, and what its author should know of versions before it.
    pub(super) fn place(
        &mut self,
        tx: &dyn ReadTx,
        publication: Publication,
    ) -> Result<(Fate, Option<Why>), NodeFault> {
        let Publication { key, is_versioned, label, ready } = publication;
        let live = self.live(tx, key, &ready.header)?;
        let earlier = self.earlier(tx, &live, &ready.header)?;
        let index = self.row.size() + self.ready.len() as u64;
        let receipt = Receipt { log: self.origin.clone(), index, leaf: ready.leaf };
        let fate = if earlier.is_empty() { Fate::New(receipt) } else { Fate::Updated(receipt) };
        let mut told = None;
        if !earlier.is_empty() {
            let body = body_of(&ready)?;
            // With `modified` that version decides; without, the newest in the log.
            let same_key = if is_versioned {
                earlier.iter().find(|earlier| earlier.modified == ready.header.modified)
            } else {
                earlier.last()
            };
            if let Some(same) = same_key {
                let is_shown_again = || same.label == label as u8 && misp::shown_again(&same.body, &body);
                if stix21::same_content(&same.body, &body) || is_shown_again() {
                    return Ok((Fate::Known(same.receipt.clone()), None));
                }
                if is_versioned {
                    // Not which entry it is: whoever is served is told of no place in a log.
                    let text = "this id stands here already with the same modified time and other content: a correction needs a later modified time";
                    let why = Why { pointer: Some("/modified".to_owned()), ..Why::plain("record.conflict", text) };
                    return Ok((Fate::Refused(vec![why]), None));
                }
            }
            let labels = self.labels(&live, &ready.header);
            if let Some(stricter) = labels.iter().max().filter(|floor| **floor > label) {
                let text = format!(
                    "an earlier version of this id is labelled TLP:{}: relabel that one first, or publish at least as strictly",
                    stricter.as_str().to_ascii_uppercase()
                );
                return Ok((Fate::Refused(vec![Why::plain("label.laxer-than-before", text)]), None));
            }
            if let Some(lax) = labels.iter().min().filter(|lax| **lax < label) {
                let entries = self.laxer(&live, &ready.header, label);
                self.tightened.insert((ready.header.type_code, ready.header.object), (label, entries));
                let words = |tlp: Tlp| tlp.as_str().to_ascii_uppercase();
                let text = format!(
                    "an earlier version of this id was labelled TLP:{}: it has TLP:{} now as well, and whoever may not read that learns that it is gone",
                    words(*lax),
                    words(label)
                );
                told = Some(Why::plain("label.earlier-versions-follow", text));
            }
        }
        let object = (ready.header.type_code, ready.header.object);
        let place = self.ready.len();
        match self.placed.entry(object) {
            Entry::Vacant(free) => drop(free.insert((place, Vec::new()))),
            Entry::Occupied(mut taken) => taken.get_mut().1.push(place),
        }
        self.ready.push(ready);
        Ok((fate, told))
    }

    /// Earlier versions of the same object in own logs of the channel.
    fn live(&self, tx: &dyn ReadTx, key: u64, header: &Header) -> Result<Vec<(EntryKey, Header)>, NodeFault> {
        if !tx.may_have(Index::Object, key)? {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let keys = tx.postings(Index::Object, key, after, 1_000)?;
            let headers = tx.headers(&keys)?;
            for (entry, stored) in keys.iter().zip(headers) {
                let Some(stored) = stored.filter(|stored| stored.state == State::Live) else { continue };
                let same = stored.object == header.object && stored.type_code == header.type_code;
                if same && self.own.iter().any(|row| row.no == entry.log()) {
                    found.push((*entry, stored));
                }
            }
            match keys.last() {
                Some(last) if keys.len() == 1_000 => after = Some(*last),
                _ => return Ok(found),
            }
        }
    }

    /// The labels among what is there or comes with it: a later version is never laxer by accident, however a stream is cut into batches.
    fn labels(&self, live: &[(EntryKey, Header)], header: &Header) -> Vec<Tlp> {
        let stored = live.iter().map(|(_, header)| header.label);
        let placed = self.placed(header).map(|(_, ready)| ready.header.label);
        stored.chain(placed).filter_map(|label| Tlp::ALL.get(usize::from(label)).copied()).collect()
    }

    /// The entries among them whose label is laxer than this.
    fn laxer(&self, live: &[(EntryKey, Header)], header: &Header, label: Tlp) -> Vec<EntryKey> {
        let stored = live.iter().map(|(entry, header)| (*entry, header.label));
        let placed = self
            .placed(header)
            .map(|(place, ready)| (EntryKey::new(self.row.no, self.row.size() + place as u64), ready.header.label));
        stored.chain(placed).filter(|(_, was)| *was < label as u8).map(|(entry, _)| entry).collect()
    }

    fn earlier(
        &self,
        tx: &dyn ReadTx,
        live: &[(EntryKey, Header)],
        header: &Header,
    ) -> Result<Vec<Earlier>, NodeFault> {
        let mut found = Vec::new();
        for (entry, stored) in live {
            let Some(full) = tx.entry(*entry)? else { continue };
            let Some(content) = full.open()? else { continue };
            let log = self.own.iter().find(|row| row.no == entry.log()).unwrap_or(&self.row);
            let origin = if log.no == self.row.no { self.origin.clone() } else { sibling(&self.origin, log) };
            found.push(Earlier {
                modified: stored.modified,
                label: stored.label,
                receipt: Receipt {
                    log: origin,
                    index: entry.index(),
                    leaf: Leaf { flags: full.flags, commitment: full.commitment },
                },
                body: content.body,
            });
        }
        for (place, ready) in self.placed(header) {
            found.push(Earlier {
                modified: ready.header.modified,
                label: ready.header.label,
                receipt: Receipt { log: self.origin.clone(), index: self.row.size() + place as u64, leaf: ready.leaf },
                body: body_of(ready)?,
            });
        }
        Ok(found)
    }
}

/// The origin of another epoch of the same author and channel.
fn sibling(origin: &str, row: &LogRow) -> String {
    let stem = origin.rsplit_once('/').map_or(origin, |(stem, _)| stem);
    format!("{stem}/{}", row.id.epoch)
}

fn body_of(ready: &Ready) -> Result<Vec<u8>, NodeFault> {
    Ok(match &ready.content {
        Some(packed) => packed.unpack()?.body,
        None => Vec::new(),
    })
}
