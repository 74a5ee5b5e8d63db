//! Whole values: a table from a text to the lists that have it.
//!
//! Texts stand one behind the other, a table of places is probed by a keyed hash, and what is found is compared in
//! full, so that no two values are ever taken for one. The key is given by whoever builds: entries that were chosen to
//! collide do not. Read next: `matcher.rs`.

use super::attributes::Kinds;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// The end of a chain, and the name of an empty slot.
const NONE: u32 = u32::MAX;

/// A text.
#[derive(Clone, Copy)]
struct Name {
    from: u32,
    to: u32,
    /// Its first place on a list.
    place: u32,
}

/// That a text is on a list, for these kinds of values.
#[derive(Clone, Copy)]
struct Place {
    kinds: Kinds,
    next: u32,
    list: u16,
}

pub(super) struct Names {
    key: (u64, u64),
    text: String,
    known: Vec<Name>,
    places: Vec<Place>,
    /// A power of two, at most three quarters full.
    slots: Vec<Slot>,
}

/// A name, and a part of its hash that the place of the slot does not tell: others are passed by without a look at them.
#[derive(Clone, Copy)]
struct Slot {
    tag: u32,
    name: u32,
}

const EMPTY: Slot = Slot { tag: 0, name: NONE };

impl Names {
    pub(super) fn new(key: (u64, u64)) -> Self {
        Self { key, text: String::new(), known: Vec::new(), places: Vec::new(), slots: vec![EMPTY; 16] }
    }

    /// Where to begin, and the tag.
    fn hash(&self, text: &str) -> (usize, u32) {
        let mut hasher = SipHasher13::new_with_keys(self.key.0, self.key.1);
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the two halves are wanted one by one; slots are far fewer than 2^32"
        )]
        let halves = ((hash & u64::from(u32::MAX)) as usize, (hash >> 32) as u32);
        halves
    }

    /// The slot of `text`: that of its name, or the empty one where it would stand. With the tag.
    fn slot(&self, text: &str) -> (usize, u32) {
        let mask = self.slots.len() - 1;
        let (from, tag) = self.hash(text);
        let mut slot = from & mask;
        while let Some(there) = self.slots.get(slot).filter(|there| there.name != NONE) {
            if there.tag == tag && self.text_of(there.name) == Some(text) {
                break;
            }
            slot = (slot + 1) & mask;
        }
        (slot, tag)
    }

    fn text_of(&self, name: u32) -> Option<&str> {
        let name = self.known.get(name as usize)?;
        self.text.get(name.from as usize..name.to as usize)
    }

    /// Puts a text on a list. `false`: there is no more room for it.
    pub(super) fn add(&mut self, text: &str, kinds: Kinds, list: u16) -> bool {
        if self.text.len() + text.len() >= NONE as usize || self.places.len() >= NONE as usize - 1 {
            return false;
        }
        if (self.known.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let number = |at: usize| u32::try_from(at).unwrap_or(NONE);
        let (slot, tag) = self.slot(text);
        let place = number(self.places.len());
        let name = self.slots.get(slot).map_or(NONE, |slot| slot.name);
        if let Some(name) = self.known.get_mut(name as usize) {
            // Lists come one after the other, so the newest place is this list's if any is.
            if let Some(newest) = self.places.get_mut(name.place as usize).filter(|newest| newest.list == list) {
                newest.kinds = newest.kinds.or(kinds);
                return true;
            }
            self.places.push(Place { kinds, next: name.place, list });
            name.place = place;
            return true;
        }
        let from = number(self.text.len());
        self.text.push_str(text);
        self.places.push(Place { kinds, next: NONE, list });
        if let Some(empty) = self.slots.get_mut(slot) {
            *empty = Slot { tag, name: number(self.known.len()) };
        }
        self.known.push(Name { from, to: number(self.text.len()), place });
        true
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(size, EMPTY);
        let mask = size - 1;
        for at in 0..self.known.len() {
            let name = u32::try_from(at).unwrap_or(NONE);
            let Some(text) = self.text_of(name) else { continue };
            let (from, tag) = self.hash(text);
            let mut slot = from & mask;
            while self.slots.get(slot).is_some_and(|slot| slot.name != NONE) {
                slot = (slot + 1) & mask;
            }
            if let Some(empty) = self.slots.get_mut(slot) {
                *empty = Slot { tag, name };
            }
        }
    }

    /// The lists that have `text`, each with the kinds of values that it means there.
    pub(super) fn lists(&self, text: &str) -> impl Iterator<Item = (u16, Kinds)> {
        let name = self.slots.get(self.slot(text).0).map_or(NONE, |slot| slot.name);
        let mut place = self.known.get(name as usize).map_or(NONE, |name| name.place);
        std::iter::from_fn(move || {
            let here = self.places.get(place as usize)?;
            place = here.next;
            Some((here.list, here.kinds))
        })
    }

    /// Gives back what was only needed to build.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.known.shrink_to_fit();
        self.places.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.capacity()
            + self.known.capacity() * size_of::<Name>()
            + self.places.capacity() * size_of::<Place>()
            + self.slots.capacity() * size_of::<Slot>()
    }
}
