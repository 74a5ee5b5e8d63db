//! Keys, signatures, digests and sealed positions behind our own types, so that no cryptography crate shows anywhere else.
//!
//! Pure: randomness comes in through [`Entropy`]. The bytes are those of `docs/protocol.md` sections 1 and 2.
//! Read next: [`note`] (every signature in Gotong is a line of a signed note).

mod digest;
mod entropy;
mod key;
mod mac;
pub mod note;
pub mod one_time;
pub mod password;
mod position;
pub mod text;

pub use digest::{Digest, Hasher, hash_leaf, hash_node, sha256, tagged, tagged_bytes};
pub use entropy::{Entropy, SeededEntropy};
pub use key::{KeyFault, PublicKey, Signature, SigningKey};
pub use mac::hmac_sha256;
pub use position::{PositionKey, SEALED_CHARS};
