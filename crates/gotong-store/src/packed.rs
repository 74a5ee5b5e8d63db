//! An entry's content, packed: a byte that says how, both salts as they are, then envelope and body, compressed together where that helps.
//! Packing is pure and may run in any thread.
//!
//! The dictionary was trained on objects of our own making (`examples/train_dictionary.rs`), so that no file of a node or of this program
//! holds a part of anybody's record. A dictionary that has been released never changes: a better one gets the next number.

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

use crate::Fault;

/// How the content is kept: as it is.
const PLAIN: u8 = 0;
/// One zstd frame with dictionary 0.
const ZSTD_V0: u8 = 1;

const LEVEL: i32 = 1;
const DICTIONARY_V0: &[u8] = include_bytes!("dictionary/v0.bin");

static ENCODER_V0: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_V0, LEVEL));
static DECODER_V0: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_V0));

/// The largest content that is unpacked: 1 MiB of body, 16 KiB of envelope, and some room.
const CONTENT_BYTES_MAX: usize = (1 << 20) + (16 << 10) + (4 << 10);
/// Contents shorter than this are not worth trying.
const COMPRESS_BYTES_MIN: usize = 32;

thread_local! {
    // A context costs more to make than an object to compress. Each thread that packs keeps one.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

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
        let mut plain = Vec::with_capacity(4 + content.envelope.len() + content.body.len());
        plain.extend_from_slice(&u32::try_from(content.envelope.len()).unwrap_or(u32::MAX).to_be_bytes());
        plain.extend_from_slice(&content.envelope);
        plain.extend_from_slice(&content.body);
        let compressed =
            if (COMPRESS_BYTES_MIN..=CONTENT_BYTES_MAX).contains(&plain.len()) { compress(&plain) } else { None };
        let (how, rest) = match &compressed {
            Some(shorter) if shorter.len() < plain.len() => (ZSTD_V0, shorter),
            _ => (PLAIN, &plain),
        };
        let mut out = Vec::with_capacity(1 + 32 + 32 + rest.len());
        out.push(how);
        out.extend_from_slice(&content.salt1);
        out.extend_from_slice(&content.salt2);
        out.extend_from_slice(rest);
        Self(out)
    }

    /// Unpacks what [`Packed::pack`] made.
    pub fn unpack(&self) -> Result<Content, Fault> {
        let damaged = || Fault::Corrupt("an entry's content cannot be unpacked".to_owned());
        let (how, rest) = self.0.split_first().ok_or_else(damaged)?;
        let (salt1, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let (salt2, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let plain = match *how {
            PLAIN => rest.to_vec(),
            ZSTD_V0 => decompress(rest).ok_or_else(damaged)?,
            _ => return Err(damaged()),
        };
        let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged())?;
        let (envelope, body) = rest.split_at_checked(length).ok_or_else(damaged)?;
        Ok(Content { salt1: *salt1, salt2: *salt2, envelope: envelope.to_vec(), body: body.to_vec() })
    }
}

/// `None` if zstd fails; the content is then kept as it is.
fn compress(plain: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            let mut compressor = Compressor::with_prepared_dictionary(&ENCODER_V0).ok()?;
            // The first byte of the packed content names the dictionary.
            compressor.set_parameter(CParameter::DictIdFlag(false)).ok()?;
            *kept = Some(compressor);
        }
        kept.as_mut()?.compress(plain).ok()
    })
}

fn decompress(frame: &[u8]) -> Option<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Some(Decompressor::with_prepared_dictionary(&DECODER_V0).ok()?);
        }
        kept.as_mut()?.decompress(frame, CONTENT_BYTES_MAX).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(envelope: &[u8], body: &[u8]) -> Content {
        Content { salt1: [1; 32], salt2: [2; 32], envelope: envelope.to_vec(), body: body.to_vec() }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_text_shrinks() {
        let noise: Vec<u8> = (0..40_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        let zeros = vec![0; 1 << 20];
        let text = br#"{"type":"indicator","spec_version":"2.1","pattern":"[domain-name:value = 'a.example']"}"#;
        for (envelope, body) in [(&b""[..], &b""[..]), (b"{}", b"{}"), (b"{}", text), (text, &noise), (b"", &zeros)] {
            let content = content(envelope, body);
            assert_eq!(Packed::pack(&content).unpack().unwrap(), content);
        }
        assert!(Packed::pack(&content(b"{}", text)).0.len() < 65 + text.len() / 2);
    }

    #[test]
    fn damage_is_told_and_never_taken_for_content() {
        let packed = Packed::pack(&content(b"{}", &[7; 600]));
        for length in 0..packed.0.len() {
            assert!(Packed(packed.0[..length].to_vec()).unpack().is_err(), "cut to {length}");
        }
        let unknown = Packed([&[9], &packed.0[1..]].concat());
        assert!(unknown.unpack().is_err());
    }

    #[test]
    fn a_frame_that_would_grow_past_the_bound_is_refused() {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 1).unwrap();
        assert!(Packed([&[ZSTD_V0][..], &[0; 64], &bomb].concat()).unpack().is_err());
    }

    #[test]
    fn threads_pack_alike() {
        let contents: Vec<Content> = (0..200_u8).map(|n| content(&[n; 40], &[n ^ 5; 300])).collect();
        let pack = || contents.iter().map(Packed::pack).collect::<Vec<_>>();
        let all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(pack)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|packed| *packed == pack()));
    }
}
