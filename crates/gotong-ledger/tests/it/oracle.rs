//! The same trees in ct-merkle, another implementation of RFC 6962: roots and proofs must be the same bytes.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use gotong_crypto::{Digest, hash_leaf};
use gotong_ledger::{consistency_proof, inclusion_proof, root_at};
use sha2::Sha256;

use crate::support::Stored;

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

#[test]
fn roots_and_proofs_agree_with_ct_merkle() {
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut ours = Stored::default();
    for size in 1..=96_u64 {
        let leaf = size.to_be_bytes().repeat(size as usize % 4);
        theirs.push(leaf.clone());
        ours.push(hash_leaf(&leaf));
        assert_eq!(root_at(&ours, size).unwrap().0, theirs.root().as_bytes()[..], "root of {size}");
        for index in 0..size {
            let expected = theirs.prove_inclusion(index as usize);
            assert_eq!(bytes(&inclusion_proof(&ours, index, size).unwrap()), expected.as_bytes(), "{index} in {size}");
        }
        for old in 1..=size {
            let expected = theirs.prove_consistency((size - old) as usize);
            assert_eq!(bytes(&consistency_proof(&ours, old, size).unwrap()), expected.as_bytes(), "{old} to {size}");
        }
    }
}
