//! An ordered map whose copies share what they have in common: sorted chunks of pairs behind `Arc`s.
//!
//! Copying one costs a reference count; the first change after that copies the list of chunks and the one chunk it touches. This is
//! what makes a snapshot free and a writing transaction as cheap as what it changes. Nothing here knows what is kept in it.

use std::borrow::Borrow;
use std::sync::Arc;

/// Pairs in a full chunk: small enough to be copied for one change, large enough for the list of chunks to stay short.
const CHUNK_PAIRS_MAX: usize = 128;

type Chunk<K, V> = Vec<(K, V)>;

/// INVARIANT: no chunk is empty or longer than [`CHUNK_PAIRS_MAX`], and keys ascend strictly within and across chunks.
pub(super) struct Table<K, V> {
    chunks: Arc<Vec<Arc<Chunk<K, V>>>>,
    pairs: usize,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self { chunks: Arc::clone(&self.chunks), pairs: self.pairs }
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { chunks: Arc::new(Vec::new()), pairs: 0 }
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.pairs
    }

    /// The value under a key.
    pub(super) fn lookup<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (chunk, at) = self.position(|held| held.borrow() < key);
        let (held, value) = self.chunks.get(chunk)?.get(at)?;
        (held.borrow() == key).then_some(value)
    }

    /// Sets the value under a key; answers the one before it.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (at_chunk, at) = self.position(|held| *held < key);
        let chunks = Arc::make_mut(&mut self.chunks);
        if let Some(chunk) = chunks.get_mut(at_chunk)
            && chunk.get(at).is_some_and(|(held, _)| *held == key)
        {
            return Arc::make_mut(chunk).get_mut(at).map(|(_, held)| std::mem::replace(held, value));
        }
        self.pairs += 1;
        // At the edge of two chunks the earlier one takes it, so that ascending keys fill chunks to the end.
        if at == 0
            && let Some(before) = at_chunk.checked_sub(1).and_then(|before| chunks.get_mut(before))
            && before.len() < CHUNK_PAIRS_MAX
        {
            Arc::make_mut(before).push((key, value));
            return None;
        }
        match chunks.get_mut(at_chunk) {
            Some(chunk) if chunk.len() < CHUNK_PAIRS_MAX => Arc::make_mut(chunk).insert(at, (key, value)),
            Some(chunk) if at > 0 => {
                // `at` is inside the chunk, so both halves stay within bounds and neither is empty.
                let chunk = Arc::make_mut(chunk);
                let mut upper = chunk.split_off(chunk.len() / 2);
                match at.checked_sub(chunk.len()) {
                    Some(at) if at > 0 => upper.insert(at, (key, value)),
                    _ => chunk.insert(at, (key, value)),
                }
                chunks.insert(at_chunk + 1, Arc::new(upper));
            }
            _ => chunks.insert(at_chunk, Arc::new(vec![(key, value)])),
        }
        None
    }

    /// Removes the pair under a key; answers its value.
    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        // Looked up first: removing what is not there must not copy anything.
        self.lookup(key)?;
        let (at_chunk, at) = self.position(|held| held.borrow() < key);
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(chunks.get_mut(at_chunk)?);
        let (_, value) = chunk.remove(at);
        let left = chunk.len();
        self.pairs -= 1;
        if left == 0 {
            chunks.remove(at_chunk);
        } else if chunks.get(at_chunk + 1).is_some_and(|next| left + next.len() <= CHUNK_PAIRS_MAX / 2) {
            let next = chunks.remove(at_chunk + 1);
            if let Some(chunk) = chunks.get_mut(at_chunk) {
                Arc::make_mut(chunk).extend(next.iter().cloned());
            }
        }
        Some(value)
    }

    /// Changes the value under a key in place; `None` if there is none.
    pub(super) fn change<Q: Ord + ?Sized, R>(&mut self, key: &Q, change: impl FnOnce(&mut V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
    {
        self.lookup(key)?;
        let (chunk, at) = self.position(|held| held.borrow() < key);
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(chunk)?;
        Arc::make_mut(chunk).get_mut(at).map(|(_, value)| change(value))
    }

    /// Pairs in order, from the first for which `before` fails up to the one for which `within` fails. Both must hold for a prefix of
    /// the keys only, as comparisons with a bound do.
    pub(super) fn range(
        &self,
        before: impl Fn(&K) -> bool,
        within: impl Fn(&K) -> bool,
    ) -> impl DoubleEndedIterator<Item = &(K, V)> {
        let (first, from) = self.position(before);
        let (last, until) = self.position(within);
        let chunks = self.chunks.get(first..=last.min(self.chunks.len().saturating_sub(1))).unwrap_or_default();
        chunks.iter().enumerate().flat_map(move |(n, chunk)| {
            let from = if n == 0 { from } else { 0 };
            let until = if first + n == last { until } else { chunk.len() };
            chunk.get(from..until).unwrap_or_default().iter()
        })
    }

    /// All pairs in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &(K, V)> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// Whether the invariant holds.
    pub(super) fn is_sound(&self) -> bool {
        self.chunks.iter().all(|chunk| (1..=CHUNK_PAIRS_MAX).contains(&chunk.len()))
            && self.iter().is_sorted_by(|(one, _), (other, _)| one < other)
            && self.iter().count() == self.pairs
    }

    /// The chunk and the place in it of the first pair whose key is not `before`; behind the last chunk if there is none.
    fn position(&self, before: impl Fn(&K) -> bool) -> (usize, usize) {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(|(key, _)| before(key)));
        let at = self.chunks.get(chunk).map_or(0, |chunk| chunk.partition_point(|(key, _)| before(key)));
        (chunk, at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use gotong_crypto::{Entropy as _, SeededEntropy};

    use super::*;

    #[test]
    fn a_table_does_what_an_ordered_map_does_and_its_copies_stay() {
        let entropy = SeededEntropy::new(7);
        let (mut table, mut map) = (Table::default(), BTreeMap::new());
        let mut copies = Vec::new();
        for step in 0..20_000_u32 {
            let mut bytes = [0; 4];
            entropy.fill(&mut bytes);
            let key = u32::from_be_bytes(bytes) % 3_000;
            // Grows for half of the time, then shrinks to nothing much.
            let insert = bytes[0] % 4 != if step < 10_000 { 0 } else { 3 } && (step < 10_000 || bytes[0] % 2 == 0);
            if insert {
                assert_eq!(table.insert(key, step), map.insert(key, step));
            } else {
                assert_eq!(table.remove(&key), map.remove(&key));
            }
            assert_eq!(table.len(), map.len());
            if step % 500 == 0 {
                let (from, until) = (key / 2, key);
                let range = || table.range(|held| *held < from, |held| *held < until);
                assert!(range().map(|(key, _)| key).eq(map.range(from..until).map(|(key, _)| key)));
                assert!(range().rev().map(|(key, _)| key).eq(map.range(from..until).rev().map(|(key, _)| key)));
                assert_eq!(table.range(|held| *held < until, |held| *held < from).count(), 0);
                copies.push((table.clone(), map.clone()));
            }
        }
        copies.push((table, map));
        for (table, map) in copies {
            assert!(table.is_sound());
            assert!(table.iter().map(|(key, value)| (*key, *value)).eq(map));
        }
    }

    #[test]
    fn ascending_keys_fill_their_chunks() {
        let mut table = Table::default();
        for key in 0..CHUNK_PAIRS_MAX * 10 {
            table.insert(key, ());
        }
        assert_eq!(table.chunks.len(), 10);
        assert!(table.is_sound());
    }
}
