//! Checkpoints (c2sp.org/tlog-checkpoint): a signed note of exactly three lines, origin, size and root, signed under the origin as
//! name. `docs/protocol.md` section 6. One checkpoint has one text: every other spelling is refused.

use gotong_crypto::note::{self, Note, NoteFault, Signer};
use gotong_crypto::{Digest, PublicKey, SigningKey, text};

use crate::limits::{LOG_ENTRIES_MAX, ORIGIN_BYTES_MAX, SMALL_NOTE_BYTES_MAX};

/// Why a note is no acceptable checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// Not a signed note, or the expected signature is wrong.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// Longer than 16 KiB.
    #[error("longer than a checkpoint may be")]
    TooLarge,
    /// Not exactly three lines.
    #[error("a checkpoint has exactly three lines")]
    Lines,
    /// The origin is empty, too long, or could not be the name of a signer.
    #[error("the first line is no origin of a log")]
    Origin,
    /// The size is not a decimal number without leading zeros, below 2^36.
    #[error("the second line is no size of a log")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("the third line is no root")]
    Root,
    /// The checkpoint is one of another log.
    #[error("the checkpoint is of another log: {0}")]
    OtherLog(String),
    /// No line by the expected name and key.
    #[error("the checkpoint is not signed by the expected key")]
    Unsigned,
}

/// What an author says about a log: that it has `size` entries and this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// The number of its entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The three lines that are signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, text::base64(self.root.as_bytes()))
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        note::sign(self.text(), &self.origin, key).encode()
    }

    /// Reads a note that `key` must have signed; with `expected_origin`, only a checkpoint of that log.
    pub fn parse_verified(
        bytes: &[u8],
        key: &PublicKey,
        expected_origin: Option<&str>,
    ) -> Result<Self, CheckpointFault> {
        let note = parse_note(bytes)?;
        let checkpoint = Self::of_note(&note)?;
        if expected_origin.is_some_and(|expected| expected != checkpoint.origin) {
            return Err(CheckpointFault::OtherLog(checkpoint.origin));
        }
        let signer = Signer { name: checkpoint.origin.clone(), key: *key };
        if note.verify(std::slice::from_ref(&signer))?.is_empty() {
            return Err(CheckpointFault::Unsigned);
        }
        Ok(checkpoint)
    }

    /// Reads a note without looking at signatures: enough to find the log and its key, and to be believed in nothing.
    pub fn parse_unverified(bytes: &[u8]) -> Result<Self, CheckpointFault> {
        Self::of_note(&parse_note(bytes)?)
    }

    /// Whether the two cannot both be honest: one log, one size, two roots. Both notes together are evidence against the author.
    pub fn contradicts(&self, other: &Self) -> bool {
        self.origin == other.origin && self.size == other.size && self.root != other.root
    }

    fn of_note(note: &Note) -> Result<Self, CheckpointFault> {
        let mut lines = note.text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) =
            (lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointFault::Lines);
        };
        if origin.is_empty()
            || origin.len() > ORIGIN_BYTES_MAX
            || origin.contains(|c: char| c == '+' || c.is_whitespace())
        {
            return Err(CheckpointFault::Origin);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: parse_size(size).ok_or(CheckpointFault::Size)?,
            root: text::from_base64_array(root).map(Digest).ok_or(CheckpointFault::Root)?,
        })
    }
}

fn parse_note(bytes: &[u8]) -> Result<Note, CheckpointFault> {
    if bytes.len() > SMALL_NOTE_BYTES_MAX {
        return Err(CheckpointFault::TooLarge);
    }
    Ok(note::parse(bytes)?)
}

/// A decimal number with one spelling, as small as a log's size.
fn parse_size(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if !digits || leading_zero {
        return None;
    }
    text.parse().ok().filter(|size| *size < LOG_ENTRIES_MAX)
}
