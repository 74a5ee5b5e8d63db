//! Erasure, the same for the author and for every holder: a tombstone names ranges, the entries in them lose body, envelope, salts and postings, the
//! database's own leftovers are wiped, and only then is the erasure acknowledged.
//!
//! Three kinds of rows in the book of single values carry it through a crash: `erase/todo` (ranges still to be gone through), `erase/due`
//! (tombstones carried out in the store, whose traces may still be in its files), and the named ranges themselves.

use std::collections::BTreeMap;

use gotong_model::control::{Reason, TargetRange};
use gotong_model::entry::FLAG_CONTROL;
use gotong_model::{EpochId, LogId, Timestamp};
use gotong_store::{Book, EntryKey, Fault, Index, LogNo, State, WriteTx};

use crate::acknowledge;
use crate::added::{self, Anew};
use crate::gate::Priority;
use crate::governing::judgement;
use crate::heading::Headings;
use crate::interval::{self, Cause};
use crate::node::{Node, NodeFault};
use crate::project;
use crate::rows::{self, LogRow, damaged, prefix_end};
use crate::status;
use crate::subscription::later;

/// Entries erased in one transaction: a small withdrawal is over with its tombstone's own.
const SLICE: usize = 256;
/// Postings that are held before they go together.
const GONE_MAX: usize = 65_536;
const PLANNED: &[u8] = b"erase/todo/";
const DUE: &[u8] = b"erase/due/";

fn todo_key(log: LogNo, first: u64) -> Vec<u8> {
    [PLANNED, &log.0.to_be_bytes(), &first.to_be_bytes()].concat()
}

fn due_key(log: LogNo, index: u64) -> Vec<u8> {
    [DUE, &log.0.to_be_bytes(), &index.to_be_bytes()].concat()
}

fn read_key(prefix: &[u8], key: &[u8]) -> Result<(LogNo, u64), Fault> {
    let read = || {
        let (log, rest) = key.strip_prefix(prefix)?.split_first_chunk::<4>()?;
        Some((LogNo(u32::from_be_bytes(*log)), u64::from_be_bytes(rest.try_into().ok()?)))
    };
    read().ok_or_else(|| damaged("erasures"))
}

/// Takes a tombstone's ranges: from here on they are named, and what is here of them is to be erased.
pub(crate) fn record_tombstone(
    tx: &mut dyn WriteTx,
    row: &LogRow,
    index: u64,
    reason: Reason,
    targets: &[TargetRange],
) -> Result<(), NodeFault> {
    let word = Reason::ALL.iter().position(|known| *known == reason).and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
    for range in targets {
        let scope = (&row.id.channel, &row.id.author);
        interval::name(tx, Book::Tombstone, scope, range, Cause { log: row.no, index, word }, false)?;
        let target = LogId { channel: row.id.channel, author: row.id.author.clone(), epoch: range.epoch };
        if let Some(log) = rows::log_by_id(tx, &target)? {
            note_todo(tx, log.no, range.first, range.last)?;
        }
    }
    tx.put(Book::Meta, &due_key(row.no, index), &[])?;
    Ok(())
}

/// Something that waited for a person was deleted, under this number: its traces go from the files with the next erasure. No log has the number 0.
pub(crate) fn wipe_later(tx: &mut dyn WriteTx, quarantined: u64) -> Result<(), Fault> {
    tx.put(Book::Meta, &due_key(LogNo(0), quarantined), &[])
}

/// A range is to be gone through. One that begins at the same place is kept to the longer of both ends.
fn note_todo(tx: &mut dyn WriteTx, log: LogNo, first: u64, last: u64) -> Result<(), Fault> {
    let key = todo_key(log, first);
    let known = tx.fetch(Book::Meta, &key)?.and_then(|value| <[u8; 8]>::try_from(value.as_slice()).ok());
    let last = known.map_or(last, |known| u64::from_be_bytes(known).max(last));
    tx.put(Book::Meta, &key, &last.to_be_bytes())
}

/// Whether a tombstone names an entry.
pub(crate) fn is_named(tx: &dyn gotong_store::ReadTx, id: &LogId, index: u64) -> Result<bool, Fault> {
    Ok(interval::naming(tx, Book::Tombstone, (&id.channel, &id.author, &id.epoch), index)?.is_some())
}

/// Whether an entry that is named still waits to be erased.
pub(crate) fn is_due(tx: &dyn gotong_store::ReadTx, log: LogNo, index: u64) -> Result<bool, Fault> {
    let from = todo_key(log, 0);
    let Some((key, value)) = tx.last(Book::Meta, &from, &todo_key(log, index + 1))? else { return Ok(false) };
    read_key(PLANNED, &key)?;
    Ok(<[u8; 8]>::try_from(value.as_slice()).is_ok_and(|last| u64::from_be_bytes(last) >= index))
}

/// Whether anything of an epoch is named; saves a look for each entry of a frame.
pub(crate) fn any_named(tx: &dyn gotong_store::ReadTx, id: &LogId) -> Result<bool, Fault> {
    interval::any(tx, Book::Tombstone, (&id.channel, &id.author, &id.epoch))
}

/// The tombstone that names an entry: its log's number, index and reason.
pub fn tombstone_of(
    tx: &dyn gotong_store::ReadTx,
    id: &LogId,
    index: u64,
) -> Result<Option<(LogNo, u64, Reason)>, Fault> {
    let scope = (&id.channel, &id.author, &id.epoch as &EpochId);
    let cause = interval::naming(tx, Book::Tombstone, scope, index)?;
    Ok(cause.map(|cause| {
        let reason = Reason::ALL.get(usize::from(cause.word)).copied().unwrap_or(Reason::Other);
        (cause.log, cause.index, reason)
    }))
}

/// Goes through ranges that are to be erased, at most a slice. `true`: there is more to do.
pub(crate) fn carry_out(tx: &mut dyn WriteTx, now: Timestamp) -> Result<bool, NodeFault> {
    let mut left = SLICE;
    let mut anew = Anew::default();
    let mut gone = Postings::new();
    while left > 0 {
        let Some((key, value)) = tx.scan(Book::Meta, PLANNED, &prefix_end(PLANNED), 1)?.into_iter().next() else {
            break;
        };
        let (log, first) = read_key(PLANNED, &key)?;
        let last = <[u8; 8]>::try_from(value.as_slice()).map(u64::from_be_bytes).map_err(|_| damaged("erasures"))?;
        let wanted = usize::try_from((last - first).saturating_add(1)).unwrap_or(left).min(left);
        let entries = tx.entries(log, first, wanted, 4 << 20, true)?;
        let Some(newest) = entries.last().map(|entry| entry.key.index()) else {
            tx.delete(Book::Meta, &key)?;
            continue;
        };
        let headings = rows::log_by_no(tx, log)?.ok_or_else(|| damaged("logs"))?.headings();
        for entry in &entries {
            // A control entry is never erased, be it faulty or of an unknown kind.
            let is_control = entry.flags & FLAG_CONTROL != 0;
            if entry.key.index() > last || is_control || entry.header.state == State::Erased {
                continue;
            }
            erase_entry(tx, headings, entry, (&mut anew, &mut gone))?;
        }
        if gone.values().map(Vec::len).sum::<usize>() > GONE_MAX {
            unpost(tx, &mut gone)?;
        }
        left = left.saturating_sub(entries.len());
        tx.delete(Book::Meta, &key)?;
        if newest < last {
            note_todo(tx, log, newest + 1, last)?;
        }
    }
    unpost(tx, &mut gone)?;
    anew.write(tx, now)?;
    Ok(!tx.scan(Book::Meta, PLANNED, &prefix_end(PLANNED), 1)?.is_empty())
}

/// Postings that are to go, by index: many go together at the price of a few.
type Postings = BTreeMap<Index, Vec<(u64, EntryKey)>>;

fn unpost(tx: &mut dyn WriteTx, gone: &mut Postings) -> Result<(), Fault> {
    std::mem::take(gone).into_iter().try_for_each(|(index, postings)| tx.unpost(index, &postings))
}

fn erase_entry(
    tx: &mut dyn WriteTx,
    headings: Headings,
    entry: &gotong_store::StoredEntry,
    (anew, gone): (&mut Anew, &mut Postings),
) -> Result<(), NodeFault> {
    later::gone(tx, entry.key, &entry.header)?;
    for (index, key) in project::postings_of(tx, headings, entry)? {
        gone.entry(index).or_default().push((key, entry.key));
        if index == Index::Object {
            added::uncover(tx, &headings.channel, (entry.key, &entry.header), key, anew)?;
        }
    }
    tx.delete(Book::Faulty, &entry.key.0.to_be_bytes())?;
    judgement::forget_held(tx, entry.key)?;
    if entry.header.state == State::Withheld
        && let Some(mut row) = rows::log_by_no(tx, entry.key.log())?
    {
        row.withheld = row.withheld.saturating_sub(1);
        rows::save_log(tx, &row)?;
    }
    status::change(tx, |counts| counts.turn(entry.header.state, State::Erased))?;
    Ok(tx.erase(entry.key)?)
}

/// The index of the oldest tombstone of a log whose erasure is not finished on this disk.
pub(crate) fn unfinished(tx: &dyn gotong_store::ReadTx, log: LogNo) -> Result<Option<u64>, Fault> {
    let prefix = [DUE, &log.0.to_be_bytes()].concat();
    let row = tx.scan(Book::Meta, &prefix, &prefix_end(&prefix), 1)?.into_iter().next();
    row.map(|(key, _)| read_key(DUE, &key).map(|(_, index)| index)).transpose()
}

impl Node {
    /// Erases everything that tombstones name and that is still here, slice by slice: afterwards no table and no index has it. Traces in the store's files,
    /// and the acknowledgement, are [`Self::finish_erasures`]'s.
    pub fn erase_named(&self) -> Result<(), NodeFault> {
        let is_planned = |tx: &dyn gotong_store::ReadTx| tx.scan(Book::Meta, PLANNED, &prefix_end(PLANNED), 1);
        if is_planned(self.store.read()?.as_ref())?.is_empty() {
            return Ok(());
        }
        while self.transact(Priority::People, |writing| carry_out(writing.tx.as_mut(), self.now()))? {}
        Ok(())
    }

    /// Carries out what tombstones demand, wipes what the store's files still hold of it, and makes it due for acknowledgement. `true`: something was
    /// finished. May be called at any time and from several threads; after a crash it simply goes on.
    pub fn finish_erasures(&self) -> Result<bool, NodeFault> {
        let due = {
            let tx = self.store.read()?;
            tx.scan(Book::Meta, DUE, &prefix_end(DUE), 4_096)?
        };
        if due.is_empty() {
            return Ok(false);
        }
        self.erase_named()?;
        match self.store.finish_erasure() {
            // A copy is being made, or a reader is slow. It stays due, and is not acknowledged before.
            Err(Fault::Busy(_)) => return Ok(false),
            finished => finished?,
        }
        self.transact(Priority::People, |writing| {
            for (key, _) in &due {
                writing.tx.delete(Book::Meta, key)?;
                let (log, _) = read_key(DUE, key)?;
                if let Some(row) = rows::log_by_no(writing.tx.as_ref(), log)?.filter(|row| row.id.author != self.member)
                {
                    acknowledge::make_due(writing.tx.as_mut(), &row.id.author, log)?;
                }
            }
            Ok(())
        })?;
        Ok(true)
    }
}
