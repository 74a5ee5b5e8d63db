//! The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): its growing edge ([`Frontier`]) and roots of any size from stored
//! hashes of perfect subtrees ([`Hashes`]). A node is named by (height, index): leaves `index << height .. (index + 1) << height`.
//!
//! Hashes of perfect subtrees never change once complete, so a store only ever adds them. Read next: `proof.rs`.

use gotong_crypto::{Digest, hash_node, sha256};

use crate::limits::TREE_LEAVES_MAX;

/// Stored hashes of perfect subtrees.
pub trait Hashes {
    /// What can go wrong when reading one.
    type Fault;

    /// The hash of the perfect subtree `index` at `height`; height 0 is the leaf hash `SHA-256(0x00 ‖ leaf)`.
    fn node(&self, height: u8, index: u64) -> Result<Digest, Self::Fault>;
}

impl<H: Hashes + ?Sized> Hashes for &H {
    type Fault = H::Fault;

    fn node(&self, height: u8, index: u64) -> Result<Digest, Self::Fault> {
        (**self).node(height, index)
    }
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    sha256(b"")
}

/// The largest power of two smaller than `count`, which must be at least 2 (0 otherwise, and no caller asks).
pub(crate) fn split(count: u64) -> u64 {
    count.checked_sub(1).and_then(u64::checked_ilog2).map_or(0, |log| 1 << log)
}

/// The height of the perfect subtree that covers exactly `lo..hi`, if there is one.
fn perfect_height(lo: u64, hi: u64) -> Option<u8> {
    let count = hi.checked_sub(lo)?;
    if !count.is_power_of_two() || !lo.is_multiple_of(count) {
        return None;
    }
    u8::try_from(count.trailing_zeros()).ok()
}

/// The hash of the leaves `lo..hi` as RFC 6962 defines it (`MTH(D[lo:hi])`). Ranges that proofs ask for cost one read for each bit of
/// the size; ranges that begin anywhere cost more. An empty range hashes as the empty tree.
pub fn subtree<H: Hashes + ?Sized>(hashes: &H, lo: u64, hi: u64) -> Result<Digest, H::Fault> {
    if lo >= hi {
        return Ok(empty_root());
    }
    if let Some(height) = perfect_height(lo, hi) {
        return hashes.node(height, lo >> height);
    }
    // A range of one leaf is perfect, so here it has at least two and both halves are smaller: at most 64 levels.
    let middle = lo + split(hi - lo);
    Ok(hash_node(&subtree(hashes, lo, middle)?, &subtree(hashes, middle, hi)?))
}

/// The root of the tree of the first `size` leaves.
pub fn root_at<H: Hashes + ?Sized>(hashes: &H, size: u64) -> Result<Digest, H::Fault> {
    subtree(hashes, 0, size)
}

/// The growing edge of a tree: the perfect subtrees that its `size` decomposes into, largest first.
///
/// INVARIANT: there are as many peaks as `size` has set bits, and `size` never exceeds [`TREE_LEAVES_MAX`] when read from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree of `size` with these peaks, largest first; `None` if their number does not fit the size.
    pub fn from_parts(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        let fits = size <= TREE_LEAVES_MAX && u32::try_from(peaks.len()) == Ok(size.count_ones());
        fits.then_some(Self { size, peaks })
    }

    /// The tree of the first `size` leaves of stored hashes; `None` for sizes above [`TREE_LEAVES_MAX`].
    pub fn load<H: Hashes + ?Sized>(hashes: &H, size: u64) -> Result<Option<Self>, H::Fault> {
        if size > TREE_LEAVES_MAX {
            return Ok(None);
        }
        let mut peaks = Vec::new();
        let mut begin = 0_u64;
        for height in (0..=62_u8).rev().filter(|height| size >> height & 1 == 1) {
            peaks.push(hashes.node(height, begin >> height)?);
            begin += 1 << height;
        }
        Ok(Some(Self { size, peaks }))
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The perfect subtrees, largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds one leaf hash and reports each perfect subtree of height 1 and more that it completes, lowest first, as (height, index, hash).
    pub fn push(&mut self, leaf_hash: Digest, mut completed: impl FnMut(u8, u64, Digest)) {
        let mut hash = leaf_hash;
        let mut height = 0_u8;
        while self.size >> height & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = hash_node(&left, &hash);
            height += 1;
            completed(height, self.size >> height, hash);
        }
        self.peaks.push(hash);
        // Two to the 62 further leaves cannot be pushed in anybody's lifetime.
        self.size = self.size.saturating_add(1);
    }

    /// [`Self::push`] for many leaves.
    pub fn extend(&mut self, leaf_hashes: &[Digest], mut completed: impl FnMut(u8, u64, Digest)) {
        for leaf_hash in leaf_hashes {
            self.push(*leaf_hash, &mut completed);
        }
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| hash_node(left, &right))
    }

    /// `u64 size ‖ peaks`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(8 + 32 * self.peaks.len());
        out.extend_from_slice(&self.size.to_be_bytes());
        for peak in &self.peaks {
            out.extend_from_slice(peak.as_bytes());
        }
        out
    }

    /// Reads what [`Self::encode`] wrote, and nothing else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk::<8>()?;
        let (peaks, []) = rest.as_chunks::<32>() else { return None };
        Self::from_parts(u64::from_be_bytes(*size), peaks.iter().map(|peak| Digest(*peak)).collect())
    }
}
