//! SHA-256 (FIPS 180-4) and the tagged digest of `docs/protocol.md` section 1; the tree hashes of RFC 6962 section 2.1.

use sha2::{Digest as _, Sha256};

use crate::text;

/// A SHA-256 digest, and the shape of every 32-byte id. Its text is 52 characters of lower-case base32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The 52 characters of this digest.
    pub fn to_text(&self) -> String {
        text::base32(&self.0)
    }

    /// Reads 52 characters of lower-case base32; anything else is `None`.
    pub fn from_text(text: &str) -> Option<Self> {
        text::from_base32::<32>(text).map(Self)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// A running SHA-256 for input that arrives in pieces.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds bytes as they are.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds bytes behind their length (`lp` of the protocol).
    pub fn update_prefixed(&mut self, bytes: &[u8]) {
        // A part is at most a body of 1 MiB; saturating keeps this total, and a saturated length can never be produced.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// SHA-256 of the bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// `D(tag, parts…)`: SHA-256 over the tag and each part behind its length.
pub fn tagged(tag: &str, parts: &[&[u8]]) -> Digest {
    tagged_bytes(tag.as_bytes(), parts)
}

/// [`tagged`] for a tag in bytes.
pub fn tagged_bytes(tag: &[u8], parts: &[&[u8]]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update_prefixed(tag);
    for part in parts {
        hasher.update_prefixed(part);
    }
    hasher.finish()
}

/// The hash of a leaf in the tree: SHA-256(0x00 ‖ leaf).
pub fn hash_leaf(leaf: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(leaf);
    Digest(hasher.finalize().into())
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn hash_node(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left.0);
    hasher.update(right.0);
    Digest(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_agrees_with_fips_180_4_example() {
        // FIPS 180-4 example "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(data_encoding::HEXLOWER.encode(&sha256(b"abc").0), expected);
    }

    #[test]
    fn moving_a_byte_between_parts_changes_the_digest() {
        assert_ne!(tagged("gotong/v0/test", &[b"ab", b"c"]), tagged("gotong/v0/test", &[b"a", b"bc"]));
        assert_ne!(tagged("gotong/v0/test", &[b"ab"]), tagged("gotong/v0/test", &[b"ab", b""]));
    }
}
