//! The archive file (`docs/protocol.md` section 9): a magic line, then sections. No I/O here: the writer returns bytes to append, the
//! reader is fed bytes as they come and holds at most one section and what it was last fed.
//!
//! The container only. Who verifies an archive parses the notes (model), verifies each [`crate::Frame`] and joins them with
//! [`crate::Follower`].

use crate::limits::{DOCUMENT_BYTES_MAX, FRAME_WIRE_BYTES_MAX, SMALL_NOTE_BYTES_MAX};

const MAGIC: &[u8] = b"gotong archive 0\n";
const HEADER_BYTES: usize = 5;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionKind {
    /// A charter note.
    Charter,
    /// A statement note.
    Statement,
    /// An agreement note.
    Agreement,
    /// A frame.
    Frame,
    /// An acknowledgement note.
    Acknowledgement,
    /// A notice note.
    Notice,
}

impl SectionKind {
    /// The number in the file.
    pub fn number(self) -> u8 {
        match self {
            Self::Charter => 1,
            Self::Statement => 2,
            Self::Agreement => 3,
            Self::Frame => 4,
            Self::Acknowledgement => 5,
            Self::Notice => 6,
        }
    }

    /// The kind of this number; `None` for others.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Charter, Self::Statement, Self::Agreement, Self::Frame, Self::Acknowledgement, Self::Notice]
            .into_iter()
            .find(|kind| kind.number() == number)
    }

    /// The most bytes that such a section has.
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Charter | Self::Agreement | Self::Notice => DOCUMENT_BYTES_MAX,
            Self::Statement | Self::Acknowledgement => SMALL_NOTE_BYTES_MAX,
            Self::Frame => FRAME_WIRE_BYTES_MAX,
        }
    }
}

/// One section of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it holds.
    pub kind: SectionKind,
    /// The note or frame.
    pub bytes: Vec<u8>,
}

/// Why an archive cannot be read or written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// Not an archive of version 0.
    #[error("not a gotong archive")]
    Magic,
    /// A section of an unknown type.
    #[error("section of unknown type {0}")]
    UnknownSection(u8),
    /// The first section is no charter, or one comes behind other sections.
    #[error("an archive begins with its charters and has no others")]
    CharterFirst,
    /// A section longer than its type allows.
    #[error("section of {bytes} bytes, at most {bytes_max} are allowed")]
    TooLarge {
        /// What the section claims.
        bytes: usize,
        /// What it may have.
        bytes_max: usize,
    },
    /// The file ends inside a section, or before the charter.
    #[error("the archive is cut short")]
    Truncated,
}

/// What writer and reader both demand of the order: charters first.
#[derive(Debug, Clone, Default)]
struct Order {
    has_charter: bool,
    is_past_charters: bool,
}

impl Order {
    fn admit(&mut self, kind: SectionKind, bytes: usize) -> Result<(), ArchiveFault> {
        let is_charter = kind == SectionKind::Charter;
        if (!is_charter && !self.has_charter) || (is_charter && self.is_past_charters) {
            return Err(ArchiveFault::CharterFirst);
        }
        let bytes_max = kind.bytes_max();
        if bytes > bytes_max {
            return Err(ArchiveFault::TooLarge { bytes, bytes_max });
        }
        self.has_charter = true;
        self.is_past_charters |= !is_charter;
        Ok(())
    }
}

/// Writes an archive: the caller appends what [`Self::section`] returns to the file.
#[derive(Debug, Clone, Default)]
pub struct ArchiveWriter {
    order: Order,
}

impl ArchiveWriter {
    /// An archive without sections.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of the next section; those of the first, which must be the charter, begin with the magic line.
    pub fn section(&mut self, kind: SectionKind, bytes: &[u8]) -> Result<Vec<u8>, ArchiveFault> {
        let is_first = !self.order.has_charter;
        self.order.admit(kind, bytes.len())?;
        let mut out = Vec::with_capacity(MAGIC.len() + HEADER_BYTES + bytes.len());
        if is_first {
            out.extend_from_slice(MAGIC);
        }
        out.push(kind.number());
        crate::bytes::put_prefixed(&mut out, bytes);
        Ok(out)
    }
}

/// Reads an archive that comes in pieces: feed, take sections until there is none, feed again, and [`Self::finish`] at the end.
#[derive(Debug, Clone, Default)]
pub struct ArchiveReader {
    order: Order,
    past_magic: bool,
    buffer: Vec<u8>,
    /// How much of `buffer` has been read.
    taken: usize,
}

impl ArchiveReader {
    /// A reader at the beginning of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes of the file. Sections are to be taken before more is fed, or the buffer grows.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next section, or `None` if it has not wholly been fed. A section's claimed length is refused before its bytes are waited for.
    pub fn next_section(&mut self) -> Result<Option<Section>, ArchiveFault> {
        let mut rest = self.buffer.get(self.taken..).unwrap_or_default();
        if !self.past_magic {
            let common = rest.len().min(MAGIC.len());
            if rest.get(..common) != MAGIC.get(..common) {
                return Err(ArchiveFault::Magic);
            }
            let Some(behind) = rest.strip_prefix(MAGIC) else { return Ok(None) };
            self.past_magic = true;
            self.taken += MAGIC.len();
            rest = behind;
        }
        let Some(([number, length @ ..], rest)) = rest.split_first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let kind = SectionKind::from_number(*number).ok_or(ArchiveFault::UnknownSection(*number))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        // The order changes only once the section is there, so asking again for the same one is harmless.
        let mut order = self.order.clone();
        order.admit(kind, length)?;
        let Some(bytes) = rest.get(..length) else { return Ok(None) };
        let section = Section { kind, bytes: bytes.to_vec() };
        self.order = order;
        self.taken += HEADER_BYTES + length;
        Ok(Some(section))
    }

    /// Whether the file may end here.
    pub fn finish(self) -> Result<(), ArchiveFault> {
        if self.order.has_charter && self.taken == self.buffer.len() { Ok(()) } else { Err(ArchiveFault::Truncated) }
    }
}

/// The sections of an archive that is in memory. After a fault there is nothing more.
pub fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<Section, ArchiveFault>> {
    let mut pieces = bytes.chunks(64 << 10);
    let mut reader = Some(ArchiveReader::new());
    std::iter::from_fn(move || {
        loop {
            match reader.as_mut()?.next_section() {
                Ok(Some(section)) => return Some(Ok(section)),
                Ok(None) => match pieces.next() {
                    Some(piece) => reader.as_mut()?.feed(piece),
                    None => return reader.take()?.finish().err().map(Err),
                },
                Err(fault) => {
                    reader = None;
                    return Some(Err(fault));
                }
            }
        }
    })
}
