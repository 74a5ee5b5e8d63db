//! From an entry to where it is found: by id, value, reference, word, type and time. Pure, and the same when an entry is published, received or rebuilt.
//!
//! The projector's position is the arrival up to which the indexes hold everything. Usually an entry is projected in the transaction that brings
//! it; after `rebuild` the projector catches up by itself, slice by slice.

use gotong_formats::stix21::{self, Facts};
use gotong_model::envelope::Envelope;
use gotong_model::record;
use gotong_model::{Timestamp, Tlp};
use gotong_store::{EntryKey, Fault, Header, Index, ReadTx, State, WriteTx};

use crate::added;
use crate::gate::Priority;
use crate::heading::{self, Headings};
use crate::node::{Node, NodeFault};
use crate::rows;
use crate::term;

const POSITION: &str = "projector/objects";
/// How many entries of the next arrival are posted already.
const WITHIN: &str = "projector/within";
/// Which keys the indexes have.
const LAYOUT: &str = "projector/layout";
/// Lengths of networks beside what there was in 5 (words), 4 (numbers of reports), 3 (hosts, sites and references), 2 (keys by heading, type and time) and 1
/// (by type and time alone).
const LAYOUT_NOW: u64 = 6;
/// Entries projected in one transaction of a rebuild.
const SLICE: usize = 1_000;

/// The header of a record of kind `stix`.
pub fn header(facts: &Facts, label: Tlp) -> Header {
    Header {
        state: State::Live,
        type_code: facts.type_code,
        object: facts.uuid,
        modified: facts.modified.map_or(0, Timestamp::micros),
        label: label as u8,
    }
}

/// Where a record of kind `stix` is found.
pub fn postings(tx: &dyn ReadTx, headings: Headings, facts: &Facts, published_at: Timestamp) -> Vec<(Index, u64)> {
    let mut out = Vec::with_capacity(3 + facts.values.len());
    out.push((Index::Object, tx.index_key(Index::Object, facts.id.as_bytes())));
    for value in &facts.values {
        let key = tx.index_key(Index::Value, value.text.as_bytes());
        // One object often names a value twice, as an observable and in its pattern.
        if !out.contains(&(Index::Value, key)) {
            out.push((Index::Value, key));
        }
        for near in stix21::near_keys(value) {
            let key = tx.index_key(Index::Value, near.as_bytes());
            if !out.contains(&(Index::Value, key)) {
                out.push((Index::Value, key));
            }
        }
    }
    if let Some(target) = &facts.sighting_of {
        out.push((Index::Reference, tx.index_key(Index::Reference, target.as_bytes())));
    }
    out.extend(facts.refs.iter().map(|target| (Index::Reference, refers_key(tx, target))));
    if let Some(uuid) = facts.id.strip_prefix("report--") {
        let number = number_text(crate::view::number_of(uuid));
        out.push((Index::Reference, tx.index_key(Index::Reference, number.as_bytes())));
    }
    let at = facts.modified.or(facts.created).unwrap_or(published_at);
    term::post(tx, headings, facts, &mut out);
    out.extend(headings.each().map(|heading| (Index::TypeTime, heading::key_of(tx, &heading, facts.type_code, at))));
    out
}

/// Under which everything stands that refers to an id, in whatever way. Sightings of it stand under the id itself.
pub(crate) fn refers_key(tx: &dyn ReadTx, id: &str) -> u64 {
    tx.index_key(Index::Reference, refers_text(id).as_bytes())
}

/// The text of [`refers_key`].
pub(crate) fn refers_text(id: &str) -> String {
    format!("\u{1}refers {id}")
}

/// Under which a report stands for whoever knows its number alone. No STIX id begins like this.
pub(crate) fn number_text(number: u64) -> String {
    format!("\u{1}number {number}")
}

/// The postings of a stored record, read again from its content.
pub(crate) fn postings_of(
    tx: &dyn ReadTx,
    headings: Headings,
    entry: &gotong_store::StoredEntry,
) -> Result<Vec<(Index, u64)>, NodeFault> {
    if entry.header.state != State::Live {
        return Ok(Vec::new());
    }
    let Some(content) = entry.open()? else { return Ok(Vec::new()) };
    let Ok(envelope) = Envelope::parse(&content.envelope, false) else { return Ok(Vec::new()) };
    if envelope.kind.as_str() != record::STIX.slug {
        return Ok(Vec::new());
    }
    let facts = stix21::read(&content.body);
    Ok(facts.map(|facts| postings(tx, headings, &facts, envelope.published_at)).unwrap_or_default())
}

/// Whether entries that arrive now are to be posted with their transaction; otherwise the projector has not come so far yet.
pub(crate) fn is_up_to_date(tx: &dyn ReadTx) -> Result<bool, Fault> {
    Ok(rows::number(tx, POSITION)? == rows::head(tx)?)
}

/// Moves the position along with an arrival that was posted with its transaction.
pub(crate) fn moved(tx: &mut dyn WriteTx, position: u64) -> Result<(), Fault> {
    rows::set_number(tx, POSITION, position)
}

/// Which layout of indexes a store has and which this program makes, where opening the store will convert it.
pub fn conversion(tx: &dyn ReadTx) -> Result<Option<(u64, u64)>, Fault> {
    let layout = rows::number(tx, LAYOUT)?;
    // A store without a single arrival has nothing to convert.
    Ok((layout < LAYOUT_NOW && rows::head(tx)? > 0).then_some((layout, LAYOUT_NOW)))
}

impl Node {
    /// Drops every index and begins again from the logs. [`Node::project`] brings them up; until then lists are shorter than the logs.
    pub fn begin_rebuild(&self) -> Result<(), NodeFault> {
        self.transact(Priority::Bulk, |writing| {
            for index in crate::log::INDEXES {
                writing.tx.clear_index(index)?;
            }
            rows::set_number(writing.tx.as_mut(), WITHIN, 0)?;
            Ok(rows::set_number(writing.tx.as_mut(), POSITION, 0)?)
        })
    }

    /// Has the indexes made again where an older program made them with other keys. Logs are the same in both.
    pub(crate) fn renew_layout(&self) -> Result<(), NodeFault> {
        if !added::are_dated(self.store.read()?.as_ref())? {
            self.transact(Priority::Bulk, |writing| Ok(added::date_arrivals(writing.tx.as_mut(), self.entropy())?))?;
        }
        let layout = rows::number(self.store.read()?.as_ref(), LAYOUT)?;
        if layout == LAYOUT_NOW {
            return Ok(());
        }
        // Made anew by an older program they would lose what the newer one put in, in silence.
        if layout > LAYOUT_NOW {
            let text = format!("its indexes have the layout {layout}, this program knows them up to {LAYOUT_NOW}");
            return Err(Fault::Newer(text).into());
        }
        self.begin_rebuild()?;
        self.transact(Priority::Bulk, |writing| Ok(rows::set_number(writing.tx.as_mut(), LAYOUT, LAYOUT_NOW)?))
    }

    /// The position of the newest arrival.
    pub fn position(&self) -> Result<u64, NodeFault> {
        Ok(rows::head(self.store.read()?.as_ref())?)
    }

    /// How far the indexes are behind the logs, in arrivals.
    pub fn projection_lag(&self) -> Result<u64, NodeFault> {
        let tx = self.store.read()?;
        Ok(rows::head(tx.as_ref())?.saturating_sub(rows::number(tx.as_ref(), POSITION)?))
    }

    /// One slice of catching up. `true`: there is more to do.
    pub fn project(&self) -> Result<bool, NodeFault> {
        if self.projection_lag()? == 0 {
            return Ok(false);
        }
        self.transact(Priority::Bulk, |writing| slice(writing.tx.as_mut()))
    }

    /// Waits until a rebuild is through, slice by slice, so that others get their turn between. What is decided by looking into the indexes for what is there
    /// already begins with this, and then makes sure with [`bring_up`].
    pub(crate) fn catch_up(&self) -> Result<(), NodeFault> {
        while self.project()? {}
        Ok(())
    }
}

/// Brings the indexes up within a transaction that decides by them. Mostly there is nothing left to do.
pub(crate) fn bring_up(tx: &mut dyn WriteTx) -> Result<(), NodeFault> {
    while !is_up_to_date(tx)? && slice(tx)? {}
    Ok(())
}

fn slice(tx: &mut dyn WriteTx) -> Result<bool, NodeFault> {
    let position = rows::number(tx, POSITION)?;
    let within = rows::number(tx, WITHIN)?;
    let Some(arrival) = rows::arrivals(tx, position, 1)?.into_iter().next() else { return Ok(false) };
    let left = usize::try_from(arrival.count.saturating_sub(within)).unwrap_or(SLICE);
    let headings = rows::log_by_no(tx, arrival.log)?.ok_or_else(|| rows::damaged("logs"))?.headings();
    let entries = tx.entries(arrival.log, arrival.first + within, left.min(SLICE), 8 << 20, true)?;
    let mut found: std::collections::BTreeMap<Index, Vec<(u64, EntryKey)>> = std::collections::BTreeMap::new();
    for entry in &entries {
        for (index, key) in postings_of(tx, headings, entry)? {
            found.entry(index).or_default().push((key, entry.key));
        }
    }
    for (index, list) in found {
        tx.post(index, &list)?;
    }
    let live = entries.iter().filter(|entry| entry.header.state == State::Live);
    heading::note_types(tx, headings, live.map(|entry| entry.header.type_code))?;
    let done = within + entries.len() as u64;
    if done >= arrival.count || entries.is_empty() {
        rows::set_number(tx, POSITION, arrival.position)?;
        rows::set_number(tx, WITHIN, 0)?;
    } else {
        rows::set_number(tx, WITHIN, done)?;
    }
    Ok(true)
}
