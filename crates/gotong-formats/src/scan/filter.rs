//! What turns away nearly every piece of a log before anything is compared: two bits of memory for each byte that a fingerprint takes, and one
//! look at them.
//!
//! It never turns away what is in the set; what it lets through by chance is settled by the fingerprint (`values.rs`). Upper and lower case
//! are the same to it. Whoever knows how it works can make it let through more, which costs time and never makes a hit.

/// Bits for each text.
const BITS_PER_TEXT: usize = 16;
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xd6e8_feb8_6659_fd93;
/// Makes lower case of ASCII letters; two bytes that differ in case alone become one, and a few others too.
const LOWER: u64 = 0x2020_2020_2020_2020;

/// A Bloom filter whose bits for one text all lie in one word of memory.
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    pub(super) fn of(hashes: &[u64]) -> Self {
        let count = (hashes.len() * BITS_PER_TEXT / 64).max(16);
        let mut filter = Self { words: vec![0; count] };
        for hash in hashes {
            let (at, bits) = filter.place(*hash);
            if let Some(word) = filter.words.get_mut(at) {
                *word |= bits;
            }
        }
        filter
    }

    #[inline]
    fn place(&self, hash: u64) -> (usize, u64) {
        // The upper half says which word, the lower half which bits of it.
        let high = u128::from(hash >> 32) * self.words.len() as u128;
        let at = usize::try_from(high >> 32).unwrap_or_default();
        let bit = |shift: u32| 1_u64 << ((hash >> shift) & 63);
        (at, bit(0) | bit(6) | bit(12))
    }

    /// Whether the text of this hash may be there.
    #[inline]
    pub(super) fn may_have(&self, hash: u64) -> bool {
        let (at, bits) = self.place(hash);
        self.words.get(at).is_some_and(|word| word & bits == bits)
    }

    pub(super) fn bytes(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }
}

#[inline]
fn fold(value: u64) -> u64 {
    let wide = u128::from(value) * u128::from(STEP);
    let bytes = wide.to_le_bytes();
    match bytes.as_chunks::<8>().0 {
        [low, high] => u64::from_le_bytes(*low) ^ u64::from_le_bytes(*high),
        _ => 0,
    }
}

/// The hash of what follows, going on with one more label in front of it: names are hashed from their end, so that the hashes of all their
/// parents come out on the way.
#[inline]
pub(super) fn with_label(after: u64, label: &[u8]) -> u64 {
    let mut hash = after ^ (label.len() as u64).wrapping_mul(SEED);
    let (eights, rest) = label.as_chunks::<8>();
    for eight in eights {
        hash = fold(hash ^ (u64::from_le_bytes(*eight) | LOWER));
    }
    let tail = match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
        _ => rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    fold(hash ^ (tail | LOWER))
}

/// What the hash of a text begins with.
pub(super) const START: u64 = SEED;

/// The hash of a text.
pub(super) fn hash(text: &[u8]) -> u64 {
    text.rsplit(|byte| *byte == b'.').fold(START, with_label)
}

/// Which first bytes and lengths there are: turns away most short words before anything is hashed.
pub(super) struct Looks([u64; 256]);

impl Looks {
    pub(super) fn none() -> Self {
        Self([0; 256])
    }

    #[inline]
    fn place(text: &[u8]) -> (usize, u64) {
        (usize::from(text.first().copied().unwrap_or_default() | 0x20), 1 << text.len().min(63))
    }

    pub(super) fn add(&mut self, text: &[u8]) {
        let (at, bit) = Self::place(text);
        if let Some(lengths) = self.0.get_mut(at) {
            *lengths |= bit;
        }
    }

    #[inline]
    pub(super) fn may_have(&self, text: &[u8]) -> bool {
        let (at, bit) = Self::place(text);
        self.0.get(at).is_some_and(|lengths| lengths & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_there_is_turned_away_and_nearly_everything_else_is() {
        let text = |at: u32| format!("host-{at}.zone{}.example", at % 97);
        let hashes: Vec<u64> = (0..50_000).map(|at| hash(text(at).as_bytes())).collect();
        let filter = Filter::of(&hashes);
        assert!((0..50_000).all(|at| filter.may_have(hash(text(at).to_uppercase().as_bytes()))));
        let passed = (50_000..150_000).filter(|at| filter.may_have(hash(text(*at).as_bytes()))).count();
        assert!(passed < 2_500, "{passed} of 100000");
        assert_eq!(filter.bytes(), 100_000);
    }

    #[test]
    fn parents_come_out_on_the_way() {
        let parent = with_label(with_label(START, b"example"), b"evil");
        assert_eq!(hash(b"Evil.Example"), parent);
        assert_eq!(hash(b"www.evil.example"), with_label(parent, b"WWW"));
        assert_ne!(hash(b"evil.example"), hash(b"evilexample"));
    }
}
