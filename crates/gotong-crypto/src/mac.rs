//! HMAC-SHA-256 (RFC 2104, FIPS 198-1): what proves to the receiver of a message that it comes from whoever has the key they share.
//!
//! Where anybody must be able to check, a signature is the right thing. Read next: [`crate::note`].

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The code of a message under a key.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length is taken; a code of zeros, which no receiver would accept, is what stays if that ever changed.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write as _;
        bytes.iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (key, message, code) in [
            (vec![0x0b; 20], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac_sha256(&key, message)), code);
        }
    }
}
