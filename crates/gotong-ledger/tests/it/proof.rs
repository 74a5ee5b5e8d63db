//! Proofs: complete for every small tree, and refused when anything in them, around them or below them is changed.

use gotong_crypto::{Digest, hash_node, sha256};
use gotong_ledger::limits::TREE_LEAVES_MAX;
use gotong_ledger::proof::range_proof_length;
use gotong_ledger::{
    Frontier, Hashes, ProofFault, Unprovable, consistency_proof, inclusion_proof, range_proof, root_at, subtree,
    verify_consistency, verify_inclusion, verify_range,
};
use proptest::prelude::*;

use crate::support::{Missing, Stored, leaf_hashes, naive_root};

const SIZE_MAX: u64 = 33;

#[test]
fn subtrees_and_frontiers_agree_with_the_definition() {
    let leaves = leaf_hashes(SIZE_MAX);
    let stored = Stored::of(&leaves);
    for lo in 0..SIZE_MAX {
        for hi in lo..=SIZE_MAX {
            assert_eq!(subtree(&stored, lo, hi), Ok(naive_root(&leaves[lo as usize..hi as usize])), "{lo}..{hi}");
        }
        let loaded = Frontier::load(&stored, lo).unwrap().unwrap();
        assert_eq!(loaded, Stored::of(&leaves[..lo as usize]).frontier);
        assert_eq!(Frontier::decode(&loaded.encode()), Some(loaded.clone()));
        assert_eq!(Frontier::from_parts(lo, loaded.peaks().to_vec()), Some(loaded));
    }
}

#[test]
fn a_frontier_of_impossible_shape_is_refused() {
    let peaks = leaf_hashes(3);
    assert_eq!(Frontier::from_parts(6, peaks.clone()), None, "6 has two bits");
    assert_eq!(Frontier::from_parts((TREE_LEAVES_MAX + 3) | 1, peaks.clone()), None, "above the bound");
    let encoded = Frontier::from_parts(7, peaks).unwrap().encode();
    for cut in 0..encoded.len() {
        assert_eq!(Frontier::decode(&encoded[..cut]), None);
    }
    assert_eq!(Frontier::decode(&[&encoded[..], &[0]].concat()), None);
    assert_eq!(Frontier::load(&Stored::default(), u64::MAX), Ok(None));
    assert_eq!(Frontier::load(&Stored::default(), 4), Err(Missing(2, 0)));
}

#[test]
fn every_inclusion_proof_verifies_and_no_neighbour_does() {
    let leaves = leaf_hashes(SIZE_MAX);
    let stored = Stored::of(&leaves);
    for size in 1..=SIZE_MAX {
        let root = root_at(&stored, size).unwrap();
        for index in 0..size {
            let proof = inclusion_proof(&stored, index, size).unwrap();
            let leaf = leaves[index as usize];
            assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()), "{index} in {size}");
            // Another index never verifies.
            for other in (0..SIZE_MAX).filter(|other| *other != index) {
                assert!(verify_inclusion(&leaf, other, size, &proof, &root).is_err(), "{index} as {other} in {size}");
            }
            assert!(verify_inclusion(&leaf, index, size, &[&proof[..], &[root]].concat(), &root).is_err());
            assert!(verify_inclusion(&leaf, index, size, &[&[root], &proof[..]].concat(), &root).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify_inclusion(&leaf, index, size, shorter, &root).is_err());
            }
        }
        assert_eq!(inclusion_proof(&stored, size, size), Err(Unprovable::OutOfRange));
    }
    assert_eq!(verify_inclusion(&leaves[0], 0, u64::MAX, &[], &leaves[0]), Err(ProofFault::OutOfRange));
    assert_eq!(verify_inclusion(&leaves[0], 0, 0, &[], &leaves[0]), Err(ProofFault::OutOfRange));
}

#[test]
fn every_consistency_proof_verifies_and_no_other_history_does() {
    let leaves = leaf_hashes(SIZE_MAX);
    let stored = Stored::of(&leaves);
    let root = |size: u64| root_at(&stored, size).unwrap();
    for new in 0..=SIZE_MAX {
        for old in 0..=new {
            let proof = consistency_proof(&stored, old, new).unwrap();
            assert_eq!(verify_consistency(old, new, &root(old), &root(new), &proof), Ok(()), "{old} to {new}");
            let wrong = sha256(b"another history");
            assert!(verify_consistency(old, new, &wrong, &root(new), &proof).is_err());
            if old > 0 {
                assert!(verify_consistency(old, new, &root(old), &wrong, &proof).is_err());
            }
            assert!(verify_consistency(old, new, &root(old), &root(new), &[&proof[..], &[wrong]].concat()).is_err());
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at].0[at % 32] ^= 1;
                assert!(verify_consistency(old, new, &root(old), &root(new), &changed).is_err(), "{old} to {new}");
                changed.remove(at);
                assert!(verify_consistency(old, new, &root(old), &root(new), &changed).is_err(), "{old} to {new}");
            }
            for other in (1..=new).filter(|other| *other != old && old > 0) {
                assert!(verify_consistency(other, new, &root(old), &root(new), &proof).is_err(), "{old} as {other}");
            }
        }
    }
    assert_eq!(consistency_proof(&stored, 2, 1), Err(Unprovable::OutOfRange));
    assert_eq!(verify_consistency(2, 1, &root(2), &root(1), &[]), Err(ProofFault::OutOfRange));
}

#[test]
fn every_range_proof_verifies_and_its_left_part_is_the_frontier() {
    let leaves = leaf_hashes(SIZE_MAX);
    let stored = Stored::of(&leaves);
    for size in 1..=SIZE_MAX {
        let root = root_at(&stored, size).unwrap();
        for first in 0..size {
            let before = Frontier::load(&stored, first).unwrap().unwrap();
            for count in 1..=size - first {
                let range = &leaves[first as usize..(first + count) as usize];
                let proof = range_proof(&stored, first, count, size).unwrap();
                assert_eq!(range_proof_length(first, count, size), Some(proof.len()));
                let left = verify_range(range, first, size, &proof, &root);
                assert_eq!(left.as_deref(), Ok(before.peaks()), "{first}+{count} in {size}");
                for other in (0..size).filter(|other| *other != first) {
                    assert!(verify_range(range, other, size, &proof, &root).is_err(), "{first}+{count} at {other}");
                }
                assert_eq!(
                    verify_range(range, first, size, &[&proof[..], &[root]].concat(), &root),
                    Err(ProofFault::Length)
                );
                if let Some((_, shorter)) = proof.split_last() {
                    assert_eq!(verify_range(range, first, size, shorter, &root), Err(ProofFault::Length));
                }
            }
        }
        assert_eq!(range_proof(&stored, 0, 0, size), Err(Unprovable::OutOfRange), "no leaves");
        assert_eq!(range_proof(&stored, size, 1, size), Err(Unprovable::OutOfRange));
    }
    assert_eq!(verify_range(&[], 0, 1, &[], &leaves[0]), Err(ProofFault::OutOfRange));
    assert_eq!(range_proof_length(u64::MAX, 2, u64::MAX), None);
    assert_eq!(range_proof_length(0, 1, TREE_LEAVES_MAX + 1), None);
}

#[test]
fn a_range_proof_of_the_largest_log_stays_within_the_bound() {
    let size = gotong_ledger::limits::LOG_ENTRIES_MAX - 1;
    for first in [0, 1, size / 2, size / 3, size / 3 * 2, size - 2] {
        let length = range_proof_length(first, 1, size).unwrap();
        assert!(length <= 72, "{length}");
    }
}

/// A tree whose leaves are all alike, and as large as one likes.
struct Flat;

impl Hashes for Flat {
    type Fault = std::convert::Infallible;

    fn node(&self, height: u8, _: u64) -> Result<Digest, Self::Fault> {
        Ok((0..height).fold(sha256(b"leaf"), |hash, _| hash_node(&hash, &hash)))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn range_proofs_of_larger_trees_verify_and_no_flipped_bit_does(
        size in 1_u64..700, a in any::<u64>(), b in any::<u64>(), at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let first = a % size;
        let count = 1 + b % (size - first);
        let leaves = leaf_hashes(size);
        let stored = Stored::of(&leaves);
        let root = stored.frontier.root();
        let proof = range_proof(&stored, first, count, size).unwrap();
        let range = &leaves[first as usize..(first + count) as usize];
        let left = verify_range(range, first, size, &proof, &root).unwrap();
        let frontier = Frontier::from_parts(first, left).unwrap();
        prop_assert_eq!(&frontier, &Frontier::load(&stored, first).unwrap().unwrap());

        // Any one bit of the leaves, the proof and the root.
        let mut all = [range, &proof[..], &[root]].concat();
        let place = at.index(all.len() * 32);
        all[place / 32].0[place % 32] ^= 1 << bit;
        let (changed_range, rest) = all.split_at(range.len());
        let (changed_root, changed_proof) = rest.split_last().unwrap();
        prop_assert!(verify_range(changed_range, first, size, changed_proof, changed_root).is_err());

        // Any one bit of the first index.
        let moved = first ^ (1 << (a % 12));
        prop_assert!(verify_range(range, moved, size, &proof, &root).is_err());
        // Leaves exchanged.
        if count > 1 {
            let mut exchanged = range.to_vec();
            exchanged.rotate_left(1);
            prop_assert!(verify_range(&exchanged, first, size, &proof, &root).is_err());
        }
    }

    #[test]
    fn a_frontier_grows_the_same_in_any_steps(count in 0_u64..300, cut in any::<prop::sample::Index>()) {
        let leaves = leaf_hashes(count);
        let mut frontier = Frontier::new();
        let (one, two) = leaves.split_at(cut.index(leaves.len() + 1));
        let mut nodes = 0;
        frontier.extend(one, |_, _, _| nodes += 1);
        frontier = Frontier::decode(&frontier.encode()).unwrap();
        frontier.extend(two, |_, _, _| nodes += 1);
        prop_assert_eq!(frontier.root(), naive_root(&leaves));
        prop_assert_eq!(nodes, count - u64::from(count.count_ones()), "each perfect subtree is reported once");
    }

    #[test]
    fn proofs_of_any_numbers_neither_panic_nor_run_away(
        a in any::<u64>(), b in any::<u64>(), c in any::<u64>(), shift in 0_u32..64, length in 0_usize..80,
    ) {
        let (a, b, c) = (a >> shift, b >> shift, c >> (shift / 2));
        let hashes = vec![sha256(b"x"); length];
        let root = sha256(b"root");
        prop_assert!(verify_inclusion(&root, a, b, &hashes, &sha256(b"y")).is_err());
        let _ = verify_consistency(a, b, &root, &root, &hashes);
        prop_assert!(verify_range(&hashes, a, b, &hashes, &root).is_err());
        // What can be proved verifies, at any size up to the bound.
        if let Some(length) = range_proof_length(a, 1, c) {
            let leaf = Flat.node(0, a).unwrap();
            let root = root_at(&Flat, c).unwrap();
            let proof = range_proof(&Flat, a, 1, c).unwrap();
            prop_assert_eq!(proof.len(), length);
            let before = Frontier::load(&Flat, a).unwrap().unwrap();
            prop_assert_eq!(verify_range(&[leaf], a, c, &proof, &root).unwrap(), before.peaks());
            let path = inclusion_proof(&Flat, a, c).unwrap();
            prop_assert_eq!(verify_inclusion(&leaf, a, c, &path, &root), Ok(()));
            let old = root_at(&Flat, a).unwrap();
            let path = consistency_proof(&Flat, a, c).unwrap();
            prop_assert_eq!(verify_consistency(a, c, &old, &root, &path), Ok(()));
        }
    }
}
