//! Frames (`docs/protocol.md` section 8): some entries of a log and their proof against one checkpoint, as nodes send them and archives
//! keep them. [`VerifiedFrame::read`] checks bounds, signature and proof; [`Frame::decode`] and [`Frame::verify`] do it in two steps. Read next: `history.rs`.

use gotong_crypto::{Digest, PublicKey};

use crate::bytes::{Reader, put_prefixed};
use crate::checkpoint::{Checkpoint, CheckpointFault};
use crate::compression;
use crate::leaf::{EntryFault, FrameEntry, Leaf};
use crate::limits::{
    FRAME_BYTES_MAX, FRAME_LEAVES_MAX, FRAME_PAYLOAD_BYTES_MAX, FRAME_PROOF_MAX, FRAME_WIRE_BYTES_MAX,
};
use crate::proof::{ProofFault, range_proof_length, verify_range};
use crate::tree::Frontier;

const MAGIC: &[u8; 4] = b"gtf0";

/// How the entries of a frame are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Plain,
    /// One zstd frame.
    Zstd,
}

impl Encoding {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Zstd => 1,
        }
    }

    /// The encoding of this number; `None` for others.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Plain),
            1 => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Why a frame is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Larger than any frame can be.
    #[error("larger than any frame")]
    TooLarge,
    /// Not a frame of version 0.
    #[error("not a frame")]
    Magic,
    /// Shorter than it says.
    #[error("cut short")]
    Truncated,
    /// Bytes behind the end of the frame or of its entries.
    #[error("bytes behind the end")]
    Trailing,
    /// The checkpoint is not acceptable.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointFault),
    /// No entries, more than 1,024, or more than the checkpoint covers.
    #[error("the entries are out of range")]
    OutOfRange,
    /// The proof has another number of hashes than these entries need.
    #[error("the proof has the wrong number of hashes")]
    ProofLength,
    /// An encoding that this version does not know.
    #[error("unknown encoding {0}")]
    Encoding(u8),
    /// The entries are longer than 8 MiB (64 KiB more when compressed), or not as long as the frame says.
    #[error("the entries do not have the length stated")]
    Length,
    /// Not one zstd frame within the bounds.
    #[error("the compressed entries cannot be read")]
    Compression,
    /// An entry is not acceptable; `index` is its place in the log.
    #[error("entry {index}: {fault}")]
    Entry {
        /// The entry's place in the log.
        index: u64,
        /// What is wrong.
        fault: EntryFault,
    },
    /// The entries are not those that the checkpoint covers.
    #[error("the proof: {0}")]
    Proof(#[from] ProofFault),
}

/// Entries `first …` of a log with the checkpoint and proof they came with, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The checkpoint as a signed note.
    pub checkpoint_note: Vec<u8>,
    /// The index of the first entry.
    pub first: u64,
    /// The range proof.
    pub proof: Vec<Digest>,
    /// The entries, at least one.
    pub entries: Vec<FrameEntry>,
}

/// A frame whose checkpoint is signed by the expected key and whose entries it covers; nothing else makes one. What lies right of
/// its entries is only promised: [`crate::join`] compares it when it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedFrame {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The checkpoint as it was signed, to be kept.
    pub checkpoint_note: Vec<u8>,
    /// The index of the first entry.
    pub first: u64,
    /// The entries with their leaves.
    pub entries: Vec<(FrameEntry, Leaf)>,
    /// The leaf hashes of the entries, as the tree takes them.
    pub leaf_hashes: Vec<Digest>,
    /// The peaks of the tree of the first `first` leaves under this checkpoint, largest first: a receiver compares them with its own.
    pub left: Vec<Digest>,
}

impl VerifiedFrame {
    /// Reads and verifies bytes from outside: [`Frame::decode`] and [`Frame::verify`], with the signature looked at before anything is
    /// decompressed, so that only the author can make a receiver do that work.
    pub fn read(bytes: &[u8], key: &PublicKey, origin: &str) -> Result<Self, FrameFault> {
        let head = Head::parse(bytes)?;
        let checkpoint = Checkpoint::parse_verified(head.note, key, Some(origin))?;
        head.open()?.prove(checkpoint)
    }

    /// The tree before the first entry, under this checkpoint. (The proof had exactly its peaks, so there always is one.)
    pub fn frontier(&self) -> Option<Frontier> {
        Frontier::from_parts(self.first, self.left.clone())
    }
}

impl Frame {
    /// The frame as bytes; refused where [`Self::decode`] would refuse them.
    pub fn encode(&self, encoding: Encoding) -> Result<Vec<u8>, FrameFault> {
        let (count, _) = self.check_numbers()?;
        let mut length = 0_usize;
        for (index, entry) in (self.first..).zip(&self.entries) {
            entry.check().map_err(|fault| FrameFault::Entry { index, fault })?;
            length = length.saturating_add(entry.encoded_bytes());
        }
        if length > FRAME_BYTES_MAX {
            return Err(FrameFault::Length);
        }
        let mut entries = Vec::with_capacity(length);
        for entry in &self.entries {
            entry.put(&mut entries);
        }
        let payload = match encoding {
            Encoding::Plain => entries,
            Encoding::Zstd => compression::compress(&entries).ok_or(FrameFault::Compression)?,
        };
        let mut out = Vec::with_capacity(64 + self.checkpoint_note.len() + 32 * self.proof.len() + payload.len());
        out.extend_from_slice(MAGIC);
        put_prefixed(&mut out, &self.checkpoint_note);
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&count.to_be_bytes());
        put_number(&mut out, self.proof.len());
        for hash in &self.proof {
            out.extend_from_slice(hash.as_bytes());
        }
        out.push(encoding.number());
        put_number(&mut out, length);
        put_prefixed(&mut out, &payload);
        Ok(out)
    }

    /// Reads a frame within the bounds of the protocol. Nothing is believed yet: neither signature nor proof have been looked at. For
    /// bytes from outside, [`VerifiedFrame::read`] does less work on what nobody signed.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameFault> {
        Head::parse(bytes)?.open()
    }

    /// The checkpoint, not verified: enough to find the log and its key.
    pub fn checkpoint_unverified(&self) -> Result<Checkpoint, CheckpointFault> {
        Checkpoint::parse_unverified(&self.checkpoint_note)
    }

    /// Checks that `key` signed the checkpoint of the log `origin` and that it covers exactly these entries at this place.
    pub fn verify(self, key: &PublicKey, origin: &str) -> Result<VerifiedFrame, FrameFault> {
        self.check_numbers()?;
        let checkpoint = Checkpoint::parse_verified(&self.checkpoint_note, key, Some(origin))?;
        self.prove(checkpoint)
    }

    /// Checks that the entries are those which the checkpoint, already verified, covers at this place.
    fn prove(self, checkpoint: Checkpoint) -> Result<VerifiedFrame, FrameFault> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut leaf_hashes = Vec::with_capacity(self.entries.len());
        for (index, entry) in (self.first..).zip(self.entries) {
            entry.check().map_err(|fault| FrameFault::Entry { index, fault })?;
            let leaf = entry.leaf(&checkpoint.origin);
            leaf_hashes.push(leaf.hash());
            entries.push((entry, leaf));
        }
        let left = verify_range(&leaf_hashes, self.first, checkpoint.size, &self.proof, &checkpoint.root)?;
        Ok(VerifiedFrame {
            checkpoint,
            checkpoint_note: self.checkpoint_note,
            first: self.first,
            entries,
            leaf_hashes,
            left,
        })
    }

    /// The number of entries and the unverified checkpoint, if the numbers of the frame fit each other.
    fn check_numbers(&self) -> Result<(u32, Checkpoint), FrameFault> {
        let count = u32::try_from(self.entries.len()).map_err(|_| FrameFault::OutOfRange)?;
        let checkpoint = self.checkpoint_unverified()?;
        check_range(&checkpoint, self.first, count, self.proof.len())?;
        Ok((count, checkpoint))
    }
}

/// A frame whose entries have not been looked at.
struct Head<'a> {
    note: &'a [u8],
    first: u64,
    count: u32,
    proof: &'a [u8],
    encoding: Encoding,
    length: usize,
    payload: &'a [u8],
}

impl<'a> Head<'a> {
    /// Splits the bytes and compares every number with its bound and with the others; the checkpoint is not verified.
    fn parse(bytes: &'a [u8]) -> Result<Self, FrameFault> {
        if bytes.len() > FRAME_WIRE_BYTES_MAX {
            return Err(FrameFault::TooLarge);
        }
        let mut reader = Reader::new(bytes);
        if reader.array().ok_or(FrameFault::Truncated)? != *MAGIC {
            return Err(FrameFault::Magic);
        }
        let note = reader.length().ok_or(FrameFault::Truncated)?;
        let note = reader.take(note).ok_or(FrameFault::Truncated)?;
        let first = reader.u64().ok_or(FrameFault::Truncated)?;
        let count = reader.u32().ok_or(FrameFault::Truncated)?;
        let proof_length = reader.length().ok_or(FrameFault::Truncated)?;
        check_range(&Checkpoint::parse_unverified(note)?, first, count, proof_length)?;
        let proof = reader.take(32 * proof_length).ok_or(FrameFault::Truncated)?;
        let encoding = reader.u8().ok_or(FrameFault::Truncated)?;
        let encoding = Encoding::from_number(encoding).ok_or(FrameFault::Encoding(encoding))?;
        let length = reader.length().ok_or(FrameFault::Truncated)?;
        let payload = reader.length().ok_or(FrameFault::Truncated)?;
        let payload = reader.take(payload).ok_or(FrameFault::Truncated)?;
        if reader.remaining() != 0 {
            return Err(FrameFault::Trailing);
        }
        let fewest = usize::try_from(count).map_or(usize::MAX, |count| count.saturating_mul(FrameEntry::BYTES_MIN));
        if length > FRAME_BYTES_MAX || length < fewest || payload.len() > FRAME_PAYLOAD_BYTES_MAX {
            return Err(FrameFault::Length);
        }
        if encoding == Encoding::Plain && payload.len() != length {
            return Err(FrameFault::Length);
        }
        Ok(Self { note, first, count, proof, encoding, length, payload })
    }

    /// Decompresses and reads the entries.
    fn open(&self) -> Result<Frame, FrameFault> {
        let entries = match self.encoding {
            Encoding::Plain => read_entries(self.payload, self.first, self.count)?,
            Encoding::Zstd => {
                let plain = compression::decompress(self.payload, self.length).ok_or(FrameFault::Compression)?;
                read_entries(&plain, self.first, self.count)?
            }
        };
        let proof = self.proof.as_chunks::<32>().0.iter().map(|hash| Digest(*hash)).collect();
        Ok(Frame { checkpoint_note: self.note.to_vec(), first: self.first, proof, entries })
    }
}

/// Whether `count` entries from `first` are inside the checkpoint and the proof has the length they need.
fn check_range(checkpoint: &Checkpoint, first: u64, count: u32, proof_length: usize) -> Result<(), FrameFault> {
    if count > FRAME_LEAVES_MAX {
        return Err(FrameFault::OutOfRange);
    }
    let needed = range_proof_length(first, u64::from(count), checkpoint.size).ok_or(FrameFault::OutOfRange)?;
    if proof_length != needed || proof_length > FRAME_PROOF_MAX {
        return Err(FrameFault::ProofLength);
    }
    Ok(())
}

/// Reads exactly `count` entries. The caller has checked that the bytes could hold them.
fn read_entries(bytes: &[u8], first: u64, count: u32) -> Result<Vec<FrameEntry>, FrameFault> {
    let mut reader = Reader::new(bytes);
    let mut entries = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
    for index in (first..).take(entries.capacity()) {
        entries.push(FrameEntry::read(&mut reader).map_err(|fault| FrameFault::Entry { index, fault })?);
    }
    if reader.remaining() == 0 { Ok(entries) } else { Err(FrameFault::Trailing) }
}

/// A number that has been bounded far below 2^32.
fn put_number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
}
