//! Staging: postings of small commits, in blocks in the order of arrival and sorted in memory, until there are enough for a run. A commit of one object
//! thereby touches one page for all its postings.

use std::sync::Arc;

use rusqlite::Connection;

use crate::{Fault, Index};

use super::block::{BLOCK_BYTES, Numbers, Table};
use super::catalogue::{Catalogue, INDEXES, index_of};
use super::chunk::{Posting, merge_stretches};
use super::fault::damaged;

/// A record: index number, key, entry. Index 0 marks one that was erased.
const RECORD_BYTES: usize = 1 + 8 + 8;
/// Records in a block.
const RECORDS: usize = (BLOCK_BYTES - 2) / RECORD_BYTES;

/// Staged postings of one index: sorted pieces, each at least twice as long as the next, so that there are few and adding is cheap.
#[derive(Clone, Default, Debug)]
pub(super) struct Staged(Vec<Arc<[Posting]>>);

impl Staged {
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[Posting]> {
        self.0.iter().map(AsRef::as_ref)
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|piece| piece.len()).sum()
    }

    pub(super) fn has(&self, posting: Posting) -> bool {
        self.0.iter().any(|piece| piece.binary_search(&posting).is_ok())
    }

    pub(super) fn has_key(&self, key: u64) -> bool {
        self.0.iter().any(|piece| {
            piece.get(piece.partition_point(|posting| posting.0 < key)).is_some_and(|posting| posting.0 == key)
        })
    }

    pub(super) fn all(&self) -> Vec<Posting> {
        let mut all: Vec<Posting> = self.0.iter().flat_map(|piece| piece.iter().copied()).collect();
        merge_stretches(&mut all);
        all
    }

    /// Adds sorted postings.
    fn add(&mut self, mut postings: Vec<Posting>) {
        if postings.is_empty() {
            return;
        }
        while self.0.last().is_some_and(|piece| piece.len() < 2 * postings.len()) {
            postings.extend(self.0.pop().iter().flat_map(|piece| piece.iter().copied()));
        }
        merge_stretches(&mut postings);
        self.0.push(postings.into());
    }

    fn retain(&mut self, keep: impl Fn(&Posting) -> bool) {
        let all = self.all().into_iter().filter(keep).collect();
        self.0.clear();
        self.add(all);
    }
}

/// Reads staging into the catalogue.
pub(super) fn load(conn: &Connection, catalogue: &mut Catalogue) -> Result<(), Fault> {
    let mut found: [Vec<Posting>; 5] = Default::default();
    Table::Staging.each(conn, |block, data| {
        let mut count = 0;
        for (number, posting) in records(data)? {
            count += 1;
            if let Some(index) = index_of(i64::from(number))
                && let Some(postings) = found.get_mut(super::catalogue::slot(index))
            {
                postings.push(posting);
            }
        }
        catalogue.staging_tail = (block, count);
        Ok(())
    })?;
    for (index, mut postings) in INDEXES.into_iter().zip(found) {
        postings.sort_unstable();
        catalogue.shelf_mut(index).staged.add(postings);
    }
    Ok(())
}

fn records(data: &[u8]) -> Result<Vec<(u8, Posting)>, Fault> {
    let fault = || damaged("a block of staging cannot be read");
    let mut numbers = Numbers(data);
    let count = numbers.u16().ok_or_else(fault)?;
    let mut out = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let [index] = numbers.bytes::<1>().ok_or_else(fault)?;
        out.push((index, (numbers.u64().ok_or_else(fault)?, numbers.u64().ok_or_else(fault)?)));
    }
    Ok(out)
}

fn block_of(records: &[(u8, Posting)]) -> Vec<u8> {
    let mut data = Vec::with_capacity(BLOCK_BYTES);
    data.extend_from_slice(&u16::try_from(records.len()).unwrap_or(0).to_le_bytes());
    for (index, posting) in records {
        data.push(*index);
        data.extend_from_slice(&posting.0.to_le_bytes());
        data.extend_from_slice(&posting.1.to_le_bytes());
    }
    data.resize(BLOCK_BYTES, 0);
    data
}

/// Adds the postings of one transaction.
pub(super) fn add(
    conn: &Connection,
    catalogue: &mut Catalogue,
    postings: Vec<(Index, Vec<Posting>)>,
) -> Result<(), Fault> {
    let mut new: VecOfRecords =
        postings.iter().flat_map(|(index, list)| list.iter().map(|posting| (*index as u8, *posting))).collect();
    while !new.is_empty() {
        let (block, count) = catalogue.staging_tail;
        let mut held = if count == 0 { Vec::new() } else { Table::Staging.with(conn, block, records)? };
        let rest = new.split_off(new.len().min(RECORDS.saturating_sub(held.len())));
        held.append(&mut new);
        if count == 0 {
            Table::Staging.add(conn, block, &block_of(&held))?;
        } else {
            Table::Staging.replace(conn, block, &block_of(&held))?;
        }
        catalogue.staging_tail = if held.len() < RECORDS { (block, held.len()) } else { (block + 1, 0) };
        new = rest;
    }
    for (index, list) in postings {
        catalogue.shelf_mut(index).staged.add(list);
    }
    Ok(())
}

type VecOfRecords = Vec<(u8, Posting)>;

/// Overwrites staged postings of an index: some (sorted), or all of them.
pub(super) fn erase(
    conn: &Connection,
    catalogue: &mut Catalogue,
    index: Index,
    only: Option<&[Posting]>,
) -> Result<(), Fault> {
    let is_meant = |posting: &Posting| only.is_none_or(|only| only.binary_search(posting).is_ok());
    let concerned = |number: u8, posting: Posting| number == index as u8 && is_meant(&posting);
    let mut changed = Vec::new();
    Table::Staging.each(conn, |block, data| {
        let mut held = records(data)?;
        if held.iter().any(|(number, posting)| concerned(*number, *posting)) {
            for record in held.iter_mut().filter(|record| concerned(record.0, record.1)) {
                *record = (0, (0, 0));
            }
            changed.push((block, block_of(&held)));
        }
        Ok(())
    })?;
    for (block, data) in changed {
        Table::Staging.replace(conn, block, &data)?;
    }
    catalogue.shelf_mut(index).staged.retain(|posting| !is_meant(posting));
    Ok(())
}

/// Empties staging; the postings have gone into runs.
pub(super) fn clear(conn: &Connection, catalogue: &mut Catalogue) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM staging")?.execute([])?;
    catalogue.staging_tail = (catalogue.staging_tail.0 + 1, 0);
    for index in INDEXES {
        catalogue.shelf_mut(index).staged = Staged::default();
    }
    Ok(())
}
