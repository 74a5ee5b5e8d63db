//! A Bloom filter for the keys of one chunk, small enough to be made anew from that chunk when a posting is erased.

/// Words of one filter: 15,744 bits, for about 800 keys one wrong yes in three thousand. Each wrong yes reads a chunk, and every new object asks every run.
pub(super) const FILTER_WORDS: usize = 246;
/// Words of the filters that stores made before had: one wrong yes in a hundred.
pub(super) const FILTER_WORDS_BEFORE: usize = 123;

const PROBES: u32 = 6;

/// Sets the bits of a key.
pub(super) fn add(filter: &mut [u64], key: u64) {
    for (word, mask) in probes(key, filter.len()) {
        if let Some(word) = filter.get_mut(word) {
            *word |= mask;
        }
    }
}

/// Whether the key may have been added; `false` is certain.
pub(super) fn may_have(filter: &[u64], key: u64) -> bool {
    probes(key, filter.len()).all(|(word, mask)| filter.get(word).is_none_or(|word| word & mask != 0))
}

fn probes(key: u64, words: usize) -> impl Iterator<Item = (usize, u64)> {
    let bits = words as u64 * 64;
    // Keys of one chunk share their high bits, so they are mixed first (the finaliser of splitmix64).
    let mut mixed = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let stride = (mixed >> 32) | 1;
    let mut at = mixed & 0xffff_ffff;
    (0..PROBES).map(move |_| {
        let bit = (at * bits) >> 32;
        at = (at + stride) & 0xffff_ffff;
        (usize::try_from(bit / 64).unwrap_or(0), 1_u64 << (bit % 64))
    })
}
