//! What a browser sends when a passkey is made or used (`WebAuthn` Level 3, sections 7.1 and 7.2): read, and compared with what is expected. Pure.
//!
//! No attestation is asked for: which make of device a person has is nobody's business here, so that nothing but the person's own session vouches for a new key.
//! The user must have been verified, so that one act is two factors. Read next: `gotong_app::account::passkey`, which keeps and decides.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use gotong_app::account::passkey::{ID_BYTES_MAX, KEY_BYTES_MAX, Key, as_browsers_write};
use gotong_crypto::{sha256, text};
use serde::Deserialize;
use url::Url;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Algorithms of the COSE registry: ECDSA with P-256, Ed25519, RSA with PKCS #1.
pub(super) const ALGORITHMS: [i32; 3] = [-7, -8, -257];
const DATA_BYTES_MAX: usize = 8 << 10;
const SIGNATURE_BYTES_MAX: usize = 1 << 10;
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// What a person's browser must have been told.
pub(super) struct Expected<'a> {
    /// Where people reach the console.
    pub(super) address: &'a Url,
    /// The challenge of this try.
    pub(super) challenge: &'a str,
}

/// What the browser itself writes down: what was done, for which challenge, at which origin.
#[derive(Deserialize)]
struct Client {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

/// What the device says.
struct Device<'a> {
    flags: u8,
    count: u32,
    rest: &'a [u8],
}

impl Expected<'_> {
    fn is_client(&self, bytes: &[u8], kind: &str) -> bool {
        let Ok(client) = serde_json::from_slice::<Client>(bytes) else { return false };
        client.kind == kind
            && client.challenge == as_browsers_write(self.challenge)
            && client.origin == self.address.origin().ascii_serialization()
            && !client.cross_origin
    }

    fn device<'a>(&self, bytes: &'a [u8]) -> Option<Device<'a>> {
        let (name, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let is_ours = name.as_slice() == sha256(self.address.host_str()?.as_bytes()).as_bytes();
        let is_verified = flags & USER_PRESENT != 0 && flags & USER_VERIFIED != 0;
        (is_ours && is_verified).then_some(Device { flags: *flags, count: u32::from_be_bytes(*count), rest })
    }

    /// The credential's id, its key and its count, of a passkey that was made now.
    pub(super) fn made(&self, sent: &Made<'_>) -> Option<(Vec<u8>, Key, u32)> {
        let client = bounded(sent.client, DATA_BYTES_MAX)?;
        let data = bounded(sent.data, DATA_BYTES_MAX)?;
        if !self.is_client(&client, "webauthn.create") {
            return None;
        }
        let device = self.device(&data)?;
        if device.flags & HAS_CREDENTIAL == 0 {
            return None;
        }
        // The make of the device comes first, and is not looked at.
        let (_, rest) = device.rest.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let id = rest.get(..length).filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX)?;
        let key = key(&bounded(sent.key, KEY_BYTES_MAX)?, sent.algorithm)?;
        Some((id.to_vec(), key, device.count))
    }

    /// The count, and what must have been signed, of a passkey that was used now.
    pub(super) fn used(&self, client: &str, data: &str) -> Option<(u32, Vec<u8>)> {
        let (client, data) = (bounded(client, DATA_BYTES_MAX)?, bounded(data, DATA_BYTES_MAX)?);
        if !self.is_client(&client, "webauthn.get") {
            return None;
        }
        let count = self.device(&data)?.count;
        Some((count, [data.as_slice(), sha256(&client).as_bytes()].concat()))
    }
}

/// A passkey that was made, in base64.
pub(super) struct Made<'a> {
    pub(super) client: &'a str,
    pub(super) data: &'a str,
    /// The key as X.509 writes it.
    pub(super) key: &'a str,
    pub(super) algorithm: i32,
}

/// Base64 of so many bytes at most.
pub(super) fn bounded(encoded: &str, max: usize) -> Option<Vec<u8>> {
    if encoded.len() > max.div_ceil(3) * 4 {
        return None;
    }
    text::from_base64(encoded)
}

/// A key out of its X.509 wrapping, where its algorithm is one of ours and it can be used with it.
fn key(wrapped: &[u8], algorithm: i32) -> Option<Key> {
    let (rest, info) = SubjectPublicKeyInfo::from_der(wrapped).ok()?;
    let expected = match algorithm {
        -7 => "1.2.840.10045.2.1",
        -8 => "1.3.101.112",
        -257 => "1.2.840.113549.1.1.1",
        _ => return None,
    };
    let bytes = info.subject_public_key.data.as_ref();
    let is_sized = match algorithm {
        // One form of a point alone, so that a key has one spelling.
        -7 => bytes.len() == 65 && bytes.first() == Some(&4),
        -8 => bytes.len() == 32,
        _ => bytes.len() >= 256,
    };
    let fits = rest.is_empty() && info.algorithm.algorithm.to_id_string() == expected && is_sized;
    fits.then(|| Key { algorithm, bytes: text::base64(bytes) })
}

/// Whether a key has signed this.
pub(super) fn is_signed(key: &Key, message: &[u8], signature: &[u8]) -> bool {
    let Some(bytes) = text::from_base64(&key.bytes).filter(|_| signature.len() <= SIGNATURE_BYTES_MAX) else {
        return false;
    };
    let checked = match key.algorithm {
        -7 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes).verify(message, signature),
        -8 => UnparsedPublicKey::new(&ED25519, bytes).verify(message, signature),
        -257 => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, bytes).verify(message, signature),
        _ => return false,
    };
    checked.is_ok()
}
