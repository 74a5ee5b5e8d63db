//! An entry's content, packed: both salts, then envelope and body compressed together. Packing is pure and may run in any thread.

use crate::Fault;

/// What erasure removes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// Salt of the envelope.
    pub salt1: [u8; 32],
    /// Salt of the body.
    pub salt2: [u8; 32],
    /// The envelope as hashed.
    pub envelope: Vec<u8>,
    /// The body as hashed.
    pub body: Vec<u8>,
}

/// Packed content, as a store keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packed(pub Vec<u8>);

impl Packed {
    /// Packs a content.
    pub fn pack(content: &Content) -> Self {
        let mut out = Vec::with_capacity(72 + content.envelope.len() + content.body.len());
        out.extend_from_slice(&content.salt1);
        out.extend_from_slice(&content.salt2);
        out.extend_from_slice(&u32::try_from(content.envelope.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(&content.envelope);
        out.extend_from_slice(&content.body);
        Self(out)
    }

    /// Unpacks what [`Packed::pack`] made.
    pub fn unpack(&self) -> Result<Content, Fault> {
        let damaged = || Fault::Corrupt("an entry's content cannot be unpacked".to_owned());
        let (salt1, rest) = self.0.split_first_chunk::<32>().ok_or_else(damaged)?;
        let (salt2, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged())?;
        let (envelope, body) = rest.split_at_checked(length).ok_or_else(damaged)?;
        Ok(Content { salt1: *salt1, salt2: *salt2, envelope: envelope.to_vec(), body: body.to_vec() })
    }
}
