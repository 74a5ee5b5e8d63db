//! A run of an index as it is held in memory: where each chunk begins, and its filter. What readers share is never changed: an erasure puts a
//! changed copy of one group in a new run.

use std::sync::Arc;

use crate::{Fault, Index};

use super::block::{BLOCK_BYTES, Numbers};
use super::chunk::Posting;
use super::fault::damaged;
use super::filter::{self, FILTER_WORDS, FILTER_WORDS_BEFORE};

/// Chunks in a group with filters, and without.
const GROUP_FILTERED: usize = 4;
const GROUP_PLAIN: usize = 64;

/// Words of the filter of each chunk, where an index is asked for single keys, so that filters pay; else none.
pub(super) fn filter_words(index: Index) -> usize {
    if matches!(index, Index::TypeTime | Index::Term) { 0 } else { FILTER_WORDS }
}

/// Where a chunk begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fence {
    pub(super) first: Posting,
    pub(super) chunk: i64,
}

/// The chunks that one row of `heads` describes.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) head: i64,
    pub(super) fences: Vec<Fence>,
    /// As many words for each fence; empty where the index has no filters.
    pub(super) filters: Vec<u64>,
}

impl Group {
    pub(super) fn new(head: i64) -> Self {
        Self { head, fences: Vec::new(), filters: Vec::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.fences.len() >= if self.filters.is_empty() { GROUP_PLAIN } else { GROUP_FILTERED }
    }

    /// Adds a chunk behind the others.
    pub(super) fn push(&mut self, fence: Fence, filter: &[u64]) {
        self.fences.push(fence);
        self.filters.extend_from_slice(filter);
    }

    /// Words of each filter.
    fn words(&self) -> usize {
        self.filters.len().checked_div(self.fences.len()).unwrap_or(0)
    }

    /// A copy in which chunk `at` holds `postings`; without any, the chunk is gone.
    pub(super) fn with_chunk(&self, at: usize, postings: &[Posting]) -> Self {
        let mut group = self.clone();
        let words = at * self.words()..(at + 1) * self.words();
        if let Some(&first) = postings.first() {
            if let Some(fence) = group.fences.get_mut(at) {
                fence.first = first;
            }
            if let Some(filter) = group.filters.get_mut(words) {
                filter.copy_from_slice(&filter_of(postings, self.words()));
            }
        } else if at < group.fences.len() {
            group.fences.remove(at);
            if words.end <= group.filters.len() {
                group.filters.drain(words);
            }
        }
        group
    }

    fn may_have(&self, at: usize, key: u64) -> bool {
        let words = self.words();
        let filter = self.filters.get(at * words..(at + 1) * words);
        filter.is_none_or(|filter| filter.is_empty() || filter::may_have(filter, key))
    }

    /// The row of `heads`.
    pub(super) fn encode(&self, run: i64) -> Vec<u8> {
        let mut data = Vec::with_capacity(BLOCK_BYTES);
        data.extend_from_slice(&run.to_le_bytes());
        data.extend_from_slice(&u16::try_from(self.fences.len()).unwrap_or(u16::MAX).to_le_bytes());
        data.extend_from_slice(&u16::try_from(self.words()).unwrap_or(u16::MAX).to_le_bytes());
        for fence in &self.fences {
            data.extend_from_slice(&fence.first.0.to_le_bytes());
            data.extend_from_slice(&fence.first.1.to_le_bytes());
            data.extend_from_slice(&fence.chunk.to_le_bytes());
        }
        for word in &self.filters {
            data.extend_from_slice(&word.to_le_bytes());
        }
        data.resize(BLOCK_BYTES.max(data.len()), 0);
        data
    }

    /// Reads a row of `heads`: the run it belongs to, and the group.
    pub(super) fn decode(head: i64, data: &[u8]) -> Result<(i64, Self), Fault> {
        let fault = || damaged("the head of a run cannot be read");
        let mut numbers = Numbers(data);
        let run = numbers.i64().ok_or_else(fault)?;
        let count = numbers.u16().ok_or_else(fault)?;
        // Where 1 stands, it says only that there are filters.
        let words = match numbers.u16().ok_or_else(fault)? {
            1 => FILTER_WORDS_BEFORE,
            words => usize::from(words),
        };
        let mut group = Self::new(head);
        for _ in 0..count {
            let first = (numbers.u64().ok_or_else(fault)?, numbers.u64().ok_or_else(fault)?);
            group.fences.push(Fence { first, chunk: numbers.i64().ok_or_else(fault)? });
        }
        let (words, _) =
            numbers.rest().as_chunks::<8>().0.split_at_checked(usize::from(count) * words).ok_or_else(fault)?;
        group.filters = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        Ok((run, group))
    }
}

/// The filter of a chunk with these postings, in so many words; none is a filter that says yes to everything.
pub(super) fn filter_of(postings: &[Posting], words: usize) -> Vec<u64> {
    let mut filter = vec![0; words];
    if words > 0 {
        for posting in postings {
            filter::add(&mut filter, posting.0);
        }
    }
    filter
}

/// What becomes of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RunState {
    /// It is read.
    Live = 0,
    /// A merge is writing it.
    Building = 1,
    /// Its chunks are about to be deleted.
    Dropped = 2,
}

impl RunState {
    pub(super) fn from_number(number: i64) -> Option<Self> {
        [Self::Live, Self::Building, Self::Dropped].into_iter().find(|state| *state as i64 == number)
    }
}

/// A place in a run: group, and chunk in it.
pub(super) type Place = (usize, usize);

/// A run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: i64,
    pub(super) level: i64,
    pub(super) state: RunState,
    /// The first posting of each group, and the group, in order; none is empty.
    pub(super) groups: Vec<(Posting, Arc<Group>)>,
}

impl Run {
    pub(super) fn new(id: i64, level: i64, state: RunState) -> Self {
        Self { id, level, state, groups: Vec::new() }
    }

    /// Adds a group; the caller adds them in order or calls [`Run::sort`].
    pub(super) fn push(&mut self, group: Group) {
        if let Some(fence) = group.fences.first() {
            self.groups.push((fence.first, Arc::new(group)));
        }
    }

    pub(super) fn sort(&mut self) {
        self.groups.sort_by_key(|group| group.0);
    }

    /// A copy with a changed group; an empty one is left out.
    pub(super) fn with_group(&self, at: usize, group: Group) -> Self {
        let mut run = self.clone();
        match (group.fences.first().map(|fence| fence.first), run.groups.get_mut(at)) {
            (Some(first), Some(place)) => *place = (first, Arc::new(group)),
            (None, Some(_)) => {
                run.groups.remove(at);
            }
            (_, None) => {}
        }
        run
    }

    /// The last chunk that begins at or before `posting`, or the first one.
    pub(super) fn seek(&self, posting: Posting) -> Place {
        let group = self.groups.partition_point(|group| group.0 <= posting).saturating_sub(1);
        let chunk = self
            .groups
            .get(group)
            .map_or(0, |(_, group)| group.fences.partition_point(|fence| fence.first <= posting).saturating_sub(1));
        (group, chunk)
    }

    pub(super) fn fence(&self, place: Place) -> Option<Fence> {
        self.groups.get(place.0)?.1.fences.get(place.1).copied()
    }

    /// Whether the chunk at `place` may hold `key`.
    pub(super) fn chunk_may_have(&self, place: Place, key: u64) -> bool {
        self.groups.get(place.0).is_some_and(|(_, group)| group.may_have(place.1, key))
    }

    pub(super) fn after(&self, place: Place) -> Place {
        if self.fence((place.0, place.1 + 1)).is_some() { (place.0, place.1 + 1) } else { (place.0 + 1, 0) }
    }

    pub(super) fn before(&self, place: Place) -> Option<Place> {
        if let Some(chunk) = place.1.checked_sub(1) {
            return Some((place.0, chunk));
        }
        let group = place.0.checked_sub(1)?;
        Some((group, self.groups.get(group)?.1.fences.len().checked_sub(1)?))
    }

    /// Whether any chunk may hold `key`.
    pub(super) fn may_have(&self, key: u64) -> bool {
        let mut place = self.seek((key, 0));
        while let Some(fence) = self.fence(place) {
            if fence.first.0 > key {
                return false;
            }
            if self.chunk_may_have(place, key) {
                return true;
            }
            place = self.after(place);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_before_are_read_with_the_filters_they_have() {
        let postings: Vec<Posting> = (0..700).map(|key| (key * 7, key)).collect();
        for words in [FILTER_WORDS_BEFORE, FILTER_WORDS] {
            let mut group = Group::new(3);
            group.push(Fence { first: (0, 0), chunk: 9 }, &filter_of(&postings, words));
            let mut data = group.encode(5);
            if words == FILTER_WORDS_BEFORE {
                // It stood for "with filters", whatever their size.
                data[10..12].copy_from_slice(&1_u16.to_le_bytes());
            }
            let (run, read) = Group::decode(3, &data).unwrap();
            assert_eq!((run, read.filters.len()), (5, words));
            assert!(postings.iter().all(|posting| read.may_have(0, posting.0)));
            let wrong = (0..7_000).filter(|key| key % 7 != 0 && read.may_have(0, *key)).count();
            assert!(wrong < if words == FILTER_WORDS { 12 } else { 120 }, "{words} {wrong}");
            // A posting is taken away: the filter keeps its size.
            assert_eq!(read.with_chunk(0, &postings[1..]).filters.len(), words);
        }
    }
}
