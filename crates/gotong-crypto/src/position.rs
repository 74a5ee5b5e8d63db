//! Positions as callers see them: sealed under a key of that caller's own, always of one length, bound to the store's incarnation.
//! A caller can neither read one nor make one up, and two callers cannot compare theirs, so a position never tells how much others wrote.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use data_encoding::BASE64URL_NOPAD;

use crate::{Entropy, digest::tagged};

/// Characters of a sealed position.
pub const SEALED_CHARS: usize = 59;

/// The key under which one caller's positions are sealed.
pub struct PositionKey([u8; 32]);

impl PositionKey {
    /// The key for `caller` under the store's secret; the incarnation makes positions of a restored store unreadable.
    pub fn derive(secret: &[u8; 32], incarnation: &[u8; 16], caller: &str) -> Self {
        Self(tagged("gotong/v0/position-key", &[secret, incarnation, caller.as_bytes()]).0)
    }

    /// Seals a position for `purpose` (a list, a wait), which opening must name too.
    pub fn seal(&self, purpose: &str, position: u128, entropy: &dyn Entropy) -> String {
        let mut nonce = [0_u8; 12];
        entropy.fill(&mut nonce);
        let cipher = ChaCha20Poly1305::new(&Key::from(self.0));
        let payload = Payload { msg: &position.to_be_bytes(), aad: purpose.as_bytes() };
        let mut bytes = nonce.to_vec();
        // Encrypting sixteen bytes cannot fail; an empty text would simply not open again.
        bytes.extend(cipher.encrypt(&Nonce::from(nonce), payload).unwrap_or_default());
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Opens what [`Self::seal`] made for the same caller, incarnation and purpose; anything else is `None`.
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<u128> {
        if sealed.len() != SEALED_CHARS {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<12>()?;
        let cipher = ChaCha20Poly1305::new(&Key::from(self.0));
        let plain = cipher.decrypt(&Nonce::from(*nonce), Payload { msg: rest, aad: purpose.as_bytes() }).ok()?;
        Some(u128::from_be_bytes(plain.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn a_position_opens_only_for_its_caller_incarnation_and_purpose() {
        let entropy = SeededEntropy::new(3);
        let key = PositionKey::derive(&[1; 32], &[2; 16], "th");
        for position in [0, 1, u128::from(u64::MAX), u128::MAX] {
            let sealed = key.seal("list", position, &entropy);
            assert_eq!(sealed.len(), SEALED_CHARS);
            assert_eq!(key.open("list", &sealed), Some(position));
            assert_eq!(key.open("wait", &sealed), None);
            assert_eq!(PositionKey::derive(&[1; 32], &[2; 16], "vn").open("list", &sealed), None);
            assert_eq!(PositionKey::derive(&[1; 32], &[9; 16], "th").open("list", &sealed), None);
        }
    }
}
