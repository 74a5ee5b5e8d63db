//! Proofs over the tree: inclusion (RFC 9162 section 2.1.3), consistency (section 2.1.4) and the range proof of frames
//! (`docs/protocol.md` section 8). Verifiers take nothing on trust and consume every hash they are given.

use gotong_crypto::{Digest, hash_node};

use crate::limits::TREE_LEAVES_MAX;
use crate::tree::{Hashes, empty_root, split, subtree};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The leaves named are not inside the tree, or there are none.
    #[error("the leaves or sizes are out of range")]
    OutOfRange,
    /// The proof has too few or too many hashes.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes do not add up to the root.
    #[error("the proof leads to another root")]
    Root,
}

/// Why no proof was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unprovable<F> {
    /// What was asked for is not inside the tree.
    #[error("the leaves or sizes are out of range")]
    OutOfRange,
    /// The stored hashes could not be read.
    #[error("a stored hash could not be read: {0}")]
    Hashes(F),
}

impl<F> From<F> for Unprovable<F> {
    fn from(fault: F) -> Self {
        Self::Hashes(fault)
    }
}

/// The path from leaf `index` to the root of the tree of `size`, lowest first (RFC 9162 section 2.1.3.1).
pub fn inclusion_proof<H: Hashes + ?Sized>(
    hashes: &H,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, Unprovable<H::Fault>> {
    if index >= size || size > TREE_LEAVES_MAX {
        return Err(Unprovable::OutOfRange);
    }
    let (mut lo, mut hi) = (0, size);
    let mut path = Vec::new();
    while hi - lo > 1 {
        let middle = lo + split(hi - lo);
        if index < middle {
            path.push(subtree(hashes, middle, hi)?);
            hi = middle;
        } else {
            path.push(subtree(hashes, lo, middle)?);
            lo = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Whether `leaf_hash` is leaf `index` of the tree of `size` with this root (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(
    leaf_hash: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofFault> {
    if index >= size || size > TREE_LEAVES_MAX {
        return Err(ProofFault::OutOfRange);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf_hash;
    for sibling in proof {
        if last == 0 {
            return Err(ProofFault::Length);
        }
        if node & 1 == 1 || node == last {
            hash = hash_node(sibling, &hash);
            // On the right edge a node without sibling moves up unchanged.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = hash_node(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofFault::Root),
        _ => Err(ProofFault::Length),
    }
}

/// That the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 section 2.1.4.1). Empty for `old` 0 and `old` = `new`.
pub fn consistency_proof<H: Hashes + ?Sized>(
    hashes: &H,
    old: u64,
    new: u64,
) -> Result<Vec<Digest>, Unprovable<H::Fault>> {
    if old > new || new > TREE_LEAVES_MAX {
        return Err(Unprovable::OutOfRange);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut lo, mut hi) = (0, new);
    let mut proof = Vec::new();
    while old != hi {
        let middle = lo + split(hi - lo);
        if old <= middle {
            proof.push(subtree(hashes, middle, hi)?);
            hi = middle;
        } else {
            proof.push(subtree(hashes, lo, middle)?);
            lo = middle;
        }
    }
    // The old tree itself needs no hash where it is a subtree of the new one: its root is known.
    if lo != 0 {
        proof.push(subtree(hashes, lo, hi)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether the tree with `new_root` begins with the tree with `old_root` (RFC 9162 section 2.1.4.2). The empty tree is a beginning of
/// every tree, with an empty proof (c2sp.org/tlog-witness).
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofFault> {
    if old > new || new > TREE_LEAVES_MAX {
        return Err(ProofFault::OutOfRange);
    }
    if old == 0 || old == new {
        let expected = if old == new { *new_root } else { empty_root() };
        let honest = *old_root == expected && (new != 0 || *new_root == empty_root());
        return match (proof.is_empty(), honest) {
            (false, _) => Err(ProofFault::Length),
            (true, false) => Err(ProofFault::Root),
            (true, true) => Ok(()),
        };
    }
    let mut hashes = proof.iter();
    // Where the old size is a power of two, its root is the first node of the path and is not sent.
    let first = if old.is_power_of_two() { *old_root } else { *hashes.next().ok_or(ProofFault::Length)? };
    let shift = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in hashes {
        if last == 0 {
            return Err(ProofFault::Length);
        }
        if node & 1 == 1 || node == last {
            old_hash = hash_node(sibling, &old_hash);
            new_hash = hash_node(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = hash_node(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, old_hash == *old_root && new_hash == *new_root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofFault::Root),
        _ => Err(ProofFault::Length),
    }
}

/// A range of leaves inside a tree, checked: `first < end ≤ size ≤ TREE_LEAVES_MAX`.
#[derive(Clone, Copy)]
struct Range {
    first: u64,
    end: u64,
}

impl Range {
    fn new(first: u64, count: u64, size: u64) -> Option<Self> {
        let end = first.checked_add(count)?;
        (count > 0 && end <= size && size <= TREE_LEAVES_MAX).then_some(Self { first, end })
    }

    fn is_outside(self, lo: u64, hi: u64) -> bool {
        hi <= self.first || lo >= self.end
    }

    fn is_inside(self, lo: u64, hi: u64) -> bool {
        lo >= self.first && hi <= self.end
    }

    /// Calls `visit` with each subtree outside the range, from left to right.
    fn outside<F>(self, lo: u64, hi: u64, visit: &mut impl FnMut(u64, u64) -> Result<(), F>) -> Result<(), F> {
        if self.is_outside(lo, hi) {
            return visit(lo, hi);
        }
        // What lies wholly inside the range has nothing outside below it; a single leaf that is not outside is inside.
        if self.is_inside(lo, hi) {
            return Ok(());
        }
        let middle = lo + split(hi - lo);
        self.outside(lo, middle, visit)?;
        self.outside(middle, hi, visit)
    }
}

/// How many hashes [`range_proof`] has for these numbers; `None` if they are out of range. At most two for each level of the tree.
pub fn range_proof_length(first: u64, count: u64, size: u64) -> Option<usize> {
    let range = Range::new(first, count, size)?;
    let mut length = 0_usize;
    let counted: Result<(), std::convert::Infallible> = range.outside(0, size, &mut |_, _| {
        length += 1;
        Ok(())
    });
    counted.ok().map(|()| length)
}

/// The subtree hashes outside `first .. first + count`, from left to right (`docs/protocol.md` section 8).
pub fn range_proof<H: Hashes + ?Sized>(
    hashes: &H,
    first: u64,
    count: u64,
    size: u64,
) -> Result<Vec<Digest>, Unprovable<H::Fault>> {
    let range = Range::new(first, count, size).ok_or(Unprovable::OutOfRange)?;
    let mut proof = Vec::new();
    range.outside(0, size, &mut |lo, hi| {
        proof.push(subtree(hashes, lo, hi)?);
        Ok::<(), H::Fault>(())
    })?;
    Ok(proof)
}

/// Whether `leaf_hashes` are the leaves from `first` of the tree of `size` with this root. Returns the hashes consumed left of `first`:
/// the peaks of the tree of the first `first` leaves, largest first, which a receiver compares with its own.
pub fn verify_range(
    leaf_hashes: &[Digest],
    first: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<Vec<Digest>, ProofFault> {
    let count = u64::try_from(leaf_hashes.len()).map_err(|_| ProofFault::OutOfRange)?;
    let range = Range::new(first, count, size).ok_or(ProofFault::OutOfRange)?;
    let mut walk = Walk { range, leaves: leaf_hashes.iter(), proof: proof.iter(), left: Vec::new() };
    let computed = walk.root(0, size)?;
    if walk.proof.next().is_some() {
        return Err(ProofFault::Length);
    }
    if computed == *root { Ok(walk.left) } else { Err(ProofFault::Root) }
}

/// The function `root(lo, hi)` of `docs/protocol.md` section 8.
struct Walk<'a> {
    range: Range,
    leaves: std::slice::Iter<'a, Digest>,
    proof: std::slice::Iter<'a, Digest>,
    left: Vec<Digest>,
}

impl Walk<'_> {
    fn root(&mut self, lo: u64, hi: u64) -> Result<Digest, ProofFault> {
        if self.range.is_outside(lo, hi) {
            let hash = *self.proof.next().ok_or(ProofFault::Length)?;
            if hi <= self.range.first {
                self.left.push(hash);
            }
            return Ok(hash);
        }
        if hi - lo == 1 {
            return self.leaves.next().copied().ok_or(ProofFault::OutOfRange);
        }
        let middle = lo + split(hi - lo);
        let left = self.root(lo, middle)?;
        let right = self.root(middle, hi)?;
        Ok(hash_node(&left, &right))
    }
}
