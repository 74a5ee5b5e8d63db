//! Leaves and what they commit to (`docs/protocol.md` section 7): 34 bytes that stay in the tree when envelope, body and salts are
//! erased. This crate does not look into envelopes and bodies.

use gotong_crypto::{Digest, hash_leaf, tagged};

use crate::bytes::{Reader, put_prefixed};
use crate::limits::{BODY_BYTES_MAX, CONTROL_BODY_BYTES_MAX, ENVELOPE_BYTES_MAX};

/// Who does not know the kind or version of this entry stops showing the log from here on.
pub const FLAG_CRITICAL: u8 = 1;
/// The entry is about the log itself, and cannot be erased.
pub const FLAG_CONTROL: u8 = 2;
/// Bytes of an encoded leaf.
pub const LEAF_BYTES: usize = 34;

const FLAGS_KNOWN: u8 = FLAG_CRITICAL | FLAG_CONTROL;
const LEAF_VERSION: u8 = 0;
const FORM_WHOLE: u8 = 0;
const FORM_ERASED: u8 = 1;

/// What the tree hashes for one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// [`FLAG_CRITICAL`] and [`FLAG_CONTROL`]; other bits are refused.
    pub flags: u8,
    /// The digest that binds envelope and body to the log.
    pub commitment: Digest,
}

impl Leaf {
    /// The bytes that the tree hashes: `version ‖ flags ‖ commitment`.
    pub fn encode(&self) -> [u8; LEAF_BYTES] {
        let mut out = [0; LEAF_BYTES];
        if let Some(head) = out.first_chunk_mut() {
            *head = [LEAF_VERSION, self.flags];
        }
        if let Some(tail) = out.last_chunk_mut() {
            *tail = self.commitment.0;
        }
        out
    }

    /// Reads a leaf of version 0 without unknown flags; anything else is `None`.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let [version, flags, commitment @ ..] = <[u8; LEAF_BYTES]>::try_from(bytes).ok()?;
        (version == LEAF_VERSION && flags_are_known(flags)).then_some(Self { flags, commitment: Digest(commitment) })
    }

    /// The leaf hash of the tree.
    pub fn hash(&self) -> Digest {
        hash_leaf(&self.encode())
    }

    /// Whether the entry is about the log itself.
    pub fn is_control(&self) -> bool {
        self.flags & FLAG_CONTROL != 0
    }

    /// Whether who does not know the entry's kind must stop showing the log.
    pub fn is_critical(&self) -> bool {
        self.flags & FLAG_CRITICAL != 0
    }
}

/// Whether no bit is set that this version does not know.
pub fn flags_are_known(flags: u8) -> bool {
    flags & !FLAGS_KNOWN == 0
}

/// `D("gotong/v0/envelope", salt1, envelope)`.
pub fn envelope_digest(salt1: &[u8; 32], envelope: &[u8]) -> Digest {
    tagged("gotong/v0/envelope", &[salt1, envelope])
}

/// `D("gotong/v0/body", salt2, body)`.
pub fn body_digest(salt2: &[u8; 32], body: &[u8]) -> Digest {
    tagged("gotong/v0/body", &[salt2, body])
}

/// The commitment to an envelope and a body of which only the digests are known: who has the envelope checks it without the body.
pub fn commitment_of_digests(origin: &str, envelope: &Digest, body: &Digest) -> Digest {
    tagged("gotong/v0/leaf", &[origin.as_bytes(), envelope.as_bytes(), body.as_bytes()])
}

/// What a leaf commits to: this envelope and body, in this log. Hashes in place, without allocation.
pub fn commitment(origin: &str, salt1: &[u8; 32], envelope: &[u8], salt2: &[u8; 32], body: &[u8]) -> Digest {
    commitment_of_digests(origin, &envelope_digest(salt1, envelope), &body_digest(salt2, body))
}

/// One entry as a frame carries it.
#[derive(Clone, PartialEq, Eq)]
pub enum FrameEntry {
    /// With envelope and body.
    Whole {
        /// The leaf's flags.
        flags: u8,
        /// The envelope's salt.
        salt1: [u8; 32],
        /// The body's salt.
        salt2: [u8; 32],
        /// The envelope as its author hashed it.
        envelope: Vec<u8>,
        /// The body as its author received it.
        body: Vec<u8>,
    },
    /// The leaf alone.
    Erased(Leaf),
}

impl std::fmt::Debug for FrameEntry {
    /// Lengths and not contents: bodies may be secret, salts are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole { flags, envelope, body, .. } => f
                .debug_struct("Whole")
                .field("flags", flags)
                .field("envelope_bytes", &envelope.len())
                .field("body_bytes", &body.len())
                .finish_non_exhaustive(),
            Self::Erased(leaf) => f.debug_tuple("Erased").field(leaf).finish(),
        }
    }
}

/// Why bytes are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Shorter than it says.
    #[error("cut short")]
    Truncated,
    /// Neither whole nor erased.
    #[error("of an unknown form")]
    Form,
    /// A flag that this version does not know.
    #[error("with an unknown flag")]
    Flags,
    /// The envelope is longer than 16 KiB, or the body longer than 1 MiB (64 KiB with the control flag).
    #[error("larger than allowed")]
    TooLarge,
    /// A control entry cannot be erased.
    #[error("a control entry without its body")]
    ErasedControl,
}

impl FrameEntry {
    /// The fewest bytes that an entry takes in a frame.
    pub(crate) const BYTES_MIN: usize = 34;

    /// The leaf of this entry in the log `origin`.
    pub fn leaf(&self, origin: &str) -> Leaf {
        match self {
            Self::Whole { flags, salt1, salt2, envelope, body } => {
                Leaf { flags: *flags, commitment: commitment(origin, salt1, envelope, salt2, body) }
            }
            Self::Erased(leaf) => *leaf,
        }
    }

    /// The leaf's flags.
    pub fn flags(&self) -> u8 {
        match self {
            Self::Whole { flags, .. } | Self::Erased(Leaf { flags, .. }) => *flags,
        }
    }

    /// How many bytes the entry takes in a frame before compression: senders close a frame by the sum.
    pub fn encoded_bytes(&self) -> usize {
        match self {
            Self::Whole { envelope, body, .. } => {
                (2 + 64 + 8_usize).saturating_add(envelope.len()).saturating_add(body.len())
            }
            Self::Erased(_) => Self::BYTES_MIN,
        }
    }

    /// Whether the entry may stand in a frame: known flags, sizes within bounds, control entries whole.
    pub fn check(&self) -> Result<(), EntryFault> {
        if !flags_are_known(self.flags()) {
            return Err(EntryFault::Flags);
        }
        let is_control = self.flags() & FLAG_CONTROL != 0;
        match self {
            Self::Erased(_) if is_control => Err(EntryFault::ErasedControl),
            Self::Whole { envelope, body, .. }
                if envelope.len() > ENVELOPE_BYTES_MAX || body.len() > body_bytes_max(self.flags()) =>
            {
                Err(EntryFault::TooLarge)
            }
            Self::Whole { .. } | Self::Erased(_) => Ok(()),
        }
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Whole { flags, salt1, salt2, envelope, body } => {
                out.extend_from_slice(&[FORM_WHOLE, *flags]);
                out.extend_from_slice(salt1);
                out.extend_from_slice(salt2);
                put_prefixed(out, envelope);
                put_prefixed(out, body);
            }
            Self::Erased(leaf) => {
                out.extend_from_slice(&[FORM_ERASED, leaf.flags]);
                out.extend_from_slice(leaf.commitment.as_bytes());
            }
        }
    }

    /// Reads one entry. Lengths are compared with the bounds and with what is there before anything is copied.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, EntryFault> {
        let form = reader.u8().ok_or(EntryFault::Truncated)?;
        if form != FORM_WHOLE && form != FORM_ERASED {
            return Err(EntryFault::Form);
        }
        let flags = reader.u8().ok_or(EntryFault::Truncated)?;
        if !flags_are_known(flags) {
            return Err(EntryFault::Flags);
        }
        if form == FORM_ERASED {
            if flags & FLAG_CONTROL != 0 {
                return Err(EntryFault::ErasedControl);
            }
            let commitment = reader.array().map(Digest).ok_or(EntryFault::Truncated)?;
            return Ok(Self::Erased(Leaf { flags, commitment }));
        }
        let salt1 = reader.array().ok_or(EntryFault::Truncated)?;
        let salt2 = reader.array().ok_or(EntryFault::Truncated)?;
        let envelope = read_bounded(reader, ENVELOPE_BYTES_MAX)?;
        let body = read_bounded(reader, body_bytes_max(flags))?;
        Ok(Self::Whole { flags, salt1, salt2, envelope, body })
    }
}

fn body_bytes_max(flags: u8) -> usize {
    if flags & FLAG_CONTROL == 0 { BODY_BYTES_MAX } else { CONTROL_BODY_BYTES_MAX }
}

fn read_bounded(reader: &mut Reader<'_>, bytes_max: usize) -> Result<Vec<u8>, EntryFault> {
    let length = reader.length().ok_or(EntryFault::Truncated)?;
    if length > bytes_max {
        return Err(EntryFault::TooLarge);
    }
    reader.take(length).map(<[u8]>::to_vec).ok_or(EntryFault::Truncated)
}
