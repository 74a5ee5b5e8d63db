//! A map by 32-byte digests whose copies share what they have in common: to add one of hundreds of thousands copies a handful of small nodes, so every
//! snapshot may keep a map of its own. Digests are evenly spread, so it stays shallow. Knows nothing of what it holds; `register.rs` does.

use std::sync::Arc;

/// How many entries a leaf holds before it becomes a branch.
const LEAF_MAX: usize = 16;
/// Nibbles of a digest.
const DEPTH_MAX: usize = 64;

/// The map.
#[derive(Clone, Debug)]
pub(super) struct Trie<V> {
    root: Node<V>,
    len: usize,
}

/// What stands under a key; a leaf is one piece of memory, so that to find something in it costs one way there.
type Entry<V> = ([u8; 32], V);

#[derive(Clone, Debug)]
enum Node<V> {
    Leaf(Arc<[Entry<V>]>),
    Branch(Arc<[Node<V>; 16]>),
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { root: Node::Leaf(Arc::new([])), len: 0 }
    }
}

/// Which child of a branch at a depth leads to a key.
fn nibble(key: &[u8; 32], depth: usize) -> usize {
    let byte = key.get(depth / 2).copied().unwrap_or_default();
    usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

impl<V: Clone> Trie<V> {
    /// All at once, which is cheaper than one by one; no key may stand twice.
    pub(super) fn of(entries: Vec<Entry<V>>) -> Self {
        let len = entries.len();
        Self { root: Node::of(entries, 0), len }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn lookup(&self, key: &[u8; 32]) -> Option<&V> {
        let mut node = &self.root;
        let mut depth = 0;
        loop {
            match node {
                Node::Leaf(entries) => return entries.iter().find(|(known, _)| known == key).map(|(_, value)| value),
                Node::Branch(children) => node = children.get(nibble(key, depth))?,
            }
            depth += 1;
        }
    }

    /// Puts a value; says what stood there.
    pub(super) fn insert(&mut self, key: [u8; 32], value: V) -> Option<V> {
        let before = self.root.insert(0, key, value);
        self.len += usize::from(before.is_none());
        before
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &[u8; 32]) -> Option<V> {
        // Nothing is copied for a key that is not there.
        let found = self.lookup(key)?.clone();
        let mut node = &mut self.root;
        let mut depth = 0;
        loop {
            match node {
                Node::Leaf(entries) => {
                    *entries = entries.iter().filter(|(known, _)| known != key).cloned().collect();
                    self.len -= 1;
                    return Some(found);
                }
                Node::Branch(children) => node = Arc::make_mut(children).get_mut(nibble(key, depth))?,
            }
            depth += 1;
        }
    }

    /// All values, in the order of their keys' first digits.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        let mut waiting = vec![&self.root];
        let mut leaf = [].iter();
        std::iter::from_fn(move || {
            loop {
                if let Some((_, value)) = leaf.next() {
                    return Some(value);
                }
                match waiting.pop()? {
                    Node::Leaf(entries) => leaf = entries.iter(),
                    Node::Branch(children) => waiting.extend(children.iter().rev()),
                }
            }
        })
    }
}

impl<V: Clone> Node<V> {
    fn of(entries: Vec<Entry<V>>, depth: usize) -> Self {
        if entries.len() <= LEAF_MAX || depth >= DEPTH_MAX {
            return Self::Leaf(entries.into());
        }
        let mut parts: [Vec<Entry<V>>; 16] = std::array::from_fn(|_| Vec::new());
        for entry in entries {
            if let Some(part) = parts.get_mut(nibble(&entry.0, depth)) {
                part.push(entry);
            }
        }
        Self::Branch(Arc::new(parts.map(|part| Self::of(part, depth + 1))))
    }

    fn insert(&mut self, depth: usize, key: [u8; 32], value: V) -> Option<V> {
        let mut entries = match self {
            Self::Branch(children) => {
                let child = Arc::make_mut(children).get_mut(nibble(&key, depth))?;
                return child.insert(depth + 1, key, value);
            }
            Self::Leaf(entries) => entries.to_vec(),
        };
        let known = entries.iter_mut().find(|(known, _)| *known == key);
        let before = known.map(|(_, known)| std::mem::replace(known, value.clone()));
        if before.is_none() {
            entries.push((key, value));
        }
        *self = Self::of(entries, depth);
        before
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use gotong_crypto::sha256;

    use super::*;

    fn key(number: u32) -> [u8; 32] {
        *sha256(&number.to_be_bytes()).as_bytes()
    }

    #[test]
    fn it_holds_what_a_map_holds_and_copies_do_not_see_each_other() {
        let (mut trie, mut map) = (Trie::default(), BTreeMap::new());
        for number in 0..5_000_u32 {
            assert_eq!(trie.insert(key(number % 3_000), number), map.insert(key(number % 3_000), number));
        }
        let (copy, then) = (trie.clone(), map.clone());
        for number in (0..6_000).step_by(7) {
            assert_eq!(trie.remove(&key(number)), map.remove(&key(number)));
        }
        for (trie, map) in [(&trie, &map), (&copy, &then)] {
            assert_eq!(trie.len(), map.len());
            assert!((0..6_000).all(|number| trie.lookup(&key(number)) == map.get(&key(number))));
            let mut values: Vec<u32> = trie.values().copied().collect();
            let mut wanted: Vec<u32> = map.values().copied().collect();
            values.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(values, wanted);
        }
        assert_ne!(trie.len(), copy.len());
        let whole = Trie::of(then.iter().map(|(key, value)| (*key, *value)).collect());
        assert_eq!(whole.len(), then.len());
        assert!((0..6_000).all(|number| whole.lookup(&key(number)) == then.get(&key(number))));
    }
}
