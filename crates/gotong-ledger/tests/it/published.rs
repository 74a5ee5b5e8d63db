//! The test tree of Certificate Transparency: eight leaves, their nodes, roots and proofs, as published in
//! github.com/transparency-dev/merkle (`testonly/constants.go`, `proof/verify_test.go`, `rfc6962/rfc6962_test.go`) and before that in
//! github.com/google/certificate-transparency.

use gotong_crypto::{Digest, hash_leaf};
use gotong_ledger::{
    Frontier, Hashes, consistency_proof, inclusion_proof, root_at, subtree, verify_consistency, verify_inclusion,
};

use crate::support::{Stored, digest, from_hex, leaf_hashes};

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Hashes of the perfect subtrees, by height.
const NODES: [&[&str]; 4] = [
    &[
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ],
    &[
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    ],
    &[
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    &["5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
];

/// (index, size, path) as the published tests name them, indexes from 0.
const INCLUSION: [(u64, u64, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

/// (old, new, proof).
const CONSISTENCY: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn leaves() -> Vec<Digest> {
    LEAVES.iter().map(|leaf| hash_leaf(&from_hex(leaf))).collect()
}

fn digests(texts: &[&str]) -> Vec<Digest> {
    texts.iter().map(|text| digest(text)).collect()
}

#[test]
fn roots_and_nodes_are_the_published_ones() {
    let stored = Stored::of(&leaves());
    let mut frontier = Frontier::new();
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(root_at(&stored, size as u64), Ok(digest(root)), "size {size}");
        assert_eq!(frontier.root(), digest(root), "frontier of {size}");
        if let Some(leaf) = leaves().get(size) {
            frontier.push(*leaf, |_, _, _| ());
        }
    }
    for (height, nodes) in NODES.iter().enumerate() {
        for (index, node) in nodes.iter().enumerate() {
            assert_eq!(stored.node(height as u8, index as u64), Ok(digest(node)));
            let lo = (index as u64) << height;
            assert_eq!(subtree(&stored, lo, lo + (1 << height)), Ok(digest(node)));
        }
    }
}

#[test]
fn leaf_hashes_are_the_published_ones() {
    // rfc6962_test.go, TestRFC6962Hasher.
    assert_eq!(hash_leaf(b"L123456"), digest("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"));
}

#[test]
fn inclusion_proofs_are_the_published_ones() {
    let leaves = leaves();
    let stored = Stored::of(&leaves);
    for (index, size, path) in INCLUSION {
        let path = digests(path);
        assert_eq!(inclusion_proof(&stored, index, size), Ok(path.clone()));
        let root = digest(ROOTS[size as usize]);
        assert_eq!(verify_inclusion(&leaves[index as usize], index, size, &path, &root), Ok(()));
    }
}

#[test]
fn consistency_proofs_are_the_published_ones() {
    let stored = Stored::of(&leaves());
    for (old, new, proof) in CONSISTENCY {
        let proof = digests(proof);
        assert_eq!(consistency_proof(&stored, old, new), Ok(proof.clone()));
        let (old_root, new_root) = (digest(ROOTS[old as usize]), digest(ROOTS[new as usize]));
        assert_eq!(verify_consistency(old, new, &old_root, &new_root, &proof), Ok(()));
    }
}

#[test]
fn roots_of_larger_trees_are_the_published_ones() {
    // compact/range_test.go, TestGetRootHashGolden: leaf i is the two bytes of i, low byte first.
    let stored = Stored::of(&(0..100_u16).map(|index| hash_leaf(&index.to_le_bytes())).collect::<Vec<_>>());
    for (size, root) in [
        (10, "VjWMPSYNtCuCNlF/RLnQy6HcwSk6CIipfxm+hettA+4="),
        (15, "j4SulYmocFuxdeyp12xXCIgK6PekBcxzAIj4zbQzNEI="),
        (16, "c+4Uc6BCMOZf/v3NZK1kqTUJe+bBoFtOhP+P3SayKRE="),
        (100, "dUh9hYH88p0CMoHkdr1wC2szbhcLAXOejWpINIooKUY="),
    ] {
        let root = gotong_crypto::text::from_base64_array(root).map(Digest);
        assert_eq!(root_at(&stored, size).ok(), root, "size {size}");
    }
}

#[test]
fn a_size_says_how_many_peaks_there_are() {
    for size in 0..70 {
        let stored = Stored::of(&leaf_hashes(size));
        assert_eq!(stored.frontier.peaks().len(), size.count_ones() as usize);
    }
}
