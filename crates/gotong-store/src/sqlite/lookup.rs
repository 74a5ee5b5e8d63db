//! Looking up an index: postings of runs, staging and the transaction's own, merged in order.

use rusqlite::Connection;

use crate::{EntryKey, Fault, Index, PostingRange};

use super::block::Table;
use super::catalogue::{Catalogue, within};
use super::chunk::{Posting, decode_range};
use super::run::{Place, Run};

/// What is looked for: postings from `from` to `to`, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) index: Index,
    pub(super) from: Posting,
    pub(super) to: Posting,
    pub(super) descending: bool,
    pub(super) limit: usize,
}

/// Sorted postings of one origin; a run brings them chunk by chunk.
struct Source<'a> {
    held: Held<'a>,
    run: Option<(&'a Run, Option<Place>)>,
}

enum Held<'a> {
    Lent(&'a [Posting]),
    Own(Vec<Posting>, usize, usize),
}

impl Held<'_> {
    fn slice(&self) -> &[Posting] {
        match self {
            Self::Lent(slice) => slice,
            Self::Own(postings, start, end) => postings.get(*start..*end).unwrap_or_default(),
        }
    }

    fn peek(&self, descending: bool) -> Option<Posting> {
        let slice = self.slice();
        if descending { slice.last().copied() } else { slice.first().copied() }
    }

    fn skip(&mut self, descending: bool) {
        match (self, descending) {
            (Self::Lent(slice), true) => *slice = slice.split_last().map_or(&[], |split| split.1),
            (Self::Lent(slice), false) => *slice = slice.split_first().map_or(&[], |split| split.1),
            (Self::Own(_, _, end), true) => *end = end.saturating_sub(1),
            (Self::Own(_, start, _), false) => *start += 1,
        }
    }
}

impl Source<'_> {
    /// The next posting; reads further chunks when what is held has run out.
    fn peek(&mut self, conn: &Connection, wanted: &Wanted) -> Result<Option<Posting>, Fault> {
        loop {
            if let Some(posting) = self.held.peek(wanted.descending) {
                return Ok(Some(posting));
            }
            let Some((run, place)) = &mut self.run else { return Ok(None) };
            let Some(at) = *place else { return Ok(None) };
            let Some(fence) = run.fence(at) else { return Ok(None) };
            if !wanted.descending && fence.first > wanted.to {
                return Ok(None);
            }
            // Downwards, a chunk that begins before the range is the last one of interest.
            *place = if !wanted.descending {
                Some(run.after(at))
            } else if fence.first < wanted.from {
                None
            } else {
                run.before(at)
            };
            if wanted.from.0 == wanted.to.0 && !run.chunk_may_have(at, wanted.from.0) {
                continue;
            }
            let mut postings = Vec::new();
            Table::Chunks.with(conn, fence.chunk, |data| decode_range(data, wanted.from, wanted.to, &mut postings))?;
            let end = postings.len();
            self.held = Held::Own(postings, 0, end);
        }
    }
}

/// Up to `limit` postings in order, without repetition.
pub(super) fn range(
    conn: &Connection,
    catalogue: &Catalogue,
    pending: [&[Posting]; 2],
    wanted: &Wanted,
) -> Result<Vec<Posting>, Fault> {
    let mut out = Vec::new();
    if wanted.from > wanted.to || wanted.limit == 0 {
        return Ok(out);
    }
    let shelf = catalogue.shelf(wanted.index);
    let mut sources: Vec<Source<'_>> = shelf
        .staged
        .pieces()
        .chain(pending)
        .map(|piece| within(piece, wanted.from, wanted.to))
        .filter(|piece| !piece.is_empty())
        .map(|piece| Source { held: Held::Lent(piece), run: None })
        .collect();
    for run in shelf.live() {
        if wanted.from.0 != wanted.to.0 || run.may_have(wanted.from.0) {
            let start = run.seek(if wanted.descending { wanted.to } else { wanted.from });
            sources.push(Source { held: Held::Lent(&[]), run: Some((run, Some(start))) });
        }
    }
    while out.len() < wanted.limit {
        let mut best: Option<(Posting, &mut Source<'_>)> = None;
        for source in &mut sources {
            let Some(posting) = source.peek(conn, wanted)? else { continue };
            let better =
                best.as_ref().is_none_or(|(held, _)| if wanted.descending { posting > *held } else { posting < *held });
            if better {
                best = Some((posting, source));
            }
        }
        let Some((posting, source)) = best else { break };
        source.held.skip(wanted.descending);
        if out.last() != Some(&posting) {
            out.push(posting);
        }
    }
    Ok(out)
}

/// Up to `limit` postings under each of `keys`, which ascend. Each run is walked once from its front: keys of one chunk share its decoding.
pub(super) fn many(
    conn: &Connection,
    catalogue: &Catalogue,
    pending: [&[Posting]; 2],
    (index, keys): (Index, &[u64]),
    limit: usize,
) -> Result<Vec<Vec<EntryKey>>, Fault> {
    let shelf = catalogue.shelf(index);
    let mut found = vec![Vec::new(); keys.len()];
    let under = |postings: &[Posting], key: u64, own: &mut Vec<EntryKey>| {
        let postings = within(postings, (key, 0), (key, u64::MAX));
        own.extend(postings.iter().take(limit).map(|posting| EntryKey(posting.1)));
    };
    for piece in shelf.staged.pieces().chain(pending) {
        for (key, own) in keys.iter().zip(&mut found) {
            under(piece, *key, own);
        }
    }
    let (mut chunk, mut held) = (None, Vec::new());
    for run in shelf.live() {
        for (key, own) in keys.iter().zip(&mut found) {
            let mut place = run.seek((*key, 0));
            let before = own.len();
            while let Some(fence) = run.fence(place).filter(|fence| fence.first.0 <= *key && own.len() - before < limit)
            {
                if run.chunk_may_have(place, *key) {
                    if chunk != Some(fence.chunk) {
                        held.clear();
                        let all = ((0, 0), (u64::MAX, u64::MAX));
                        Table::Chunks.with(conn, fence.chunk, |data| decode_range(data, all.0, all.1, &mut held))?;
                        chunk = Some(fence.chunk);
                    }
                    under(&held, *key, own);
                }
                place = run.after(place);
            }
        }
    }
    for own in &mut found {
        own.sort_unstable();
        own.dedup();
        own.truncate(limit);
    }
    Ok(found)
}

/// Whether anything may be posted under a key; `false` is certain.
pub(super) fn may_have(catalogue: &Catalogue, pending: [&[Posting]; 2], index: Index, key: u64) -> bool {
    let shelf = catalogue.shelf(index);
    pending.iter().any(|slice| !within(slice, (key, 0), (key, u64::MAX)).is_empty())
        || shelf.staged.has_key(key)
        || shelf.live().any(|run| run.may_have(key))
}

/// Everything under one key, behind `after`.
pub(super) fn single(index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Option<Wanted> {
    let from = match after {
        Some(after) => after.0.checked_add(1)?,
        None => 0,
    };
    Some(Wanted { index, from: (key, from), to: (key, u64::MAX), descending: false, limit })
}

/// The range with `after` taken off; `None` if nothing is left.
pub(super) fn ranged(range: PostingRange) -> Option<Wanted> {
    let (mut from, mut to) = ((range.from, 0), (range.to, u64::MAX));
    match range.after {
        Some((key, entry)) if range.descending => to = to.min(before((key, entry.0))?),
        Some((key, entry)) => from = from.max(behind((key, entry.0))?),
        None => {}
    }
    Some(Wanted { index: range.index, from, to, descending: range.descending, limit: range.limit })
}

/// The next smaller posting there could be.
pub(super) fn before(posting: Posting) -> Option<Posting> {
    match posting.1.checked_sub(1) {
        Some(entry) => Some((posting.0, entry)),
        None => Some((posting.0.checked_sub(1)?, u64::MAX)),
    }
}

/// The next larger posting there could be.
pub(super) fn behind(posting: Posting) -> Option<Posting> {
    match posting.1.checked_add(1) {
        Some(entry) => Some((posting.0, entry)),
        None => Some((posting.0.checked_add(1)?, 0)),
    }
}
