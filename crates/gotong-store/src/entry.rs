//! An entry as it is stored: where it stands, what is known of it at a glance, and its packed content.

use gotong_crypto::Digest;

use crate::{Content, Fault, Packed};

/// A log's number in this store, from 1; below 2^27.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogNo(pub u32);

/// Where an entry stands: `log number << 36 | index`, which is also the order within a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryKey(pub u64);

const INDEX_BITS: u32 = 36;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

impl EntryKey {
    /// The key of an index in a log.
    pub fn new(log: LogNo, index: u64) -> Self {
        Self((u64::from(log.0) << INDEX_BITS) | (index & INDEX_MASK))
    }

    /// The log.
    pub fn log(self) -> LogNo {
        LogNo(u32::try_from(self.0 >> INDEX_BITS).unwrap_or(u32::MAX))
    }

    /// The index in it.
    pub fn index(self) -> u64 {
        self.0 & INDEX_MASK
    }
}

/// What an entry is, as far as readers are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum State {
    /// A record that shows.
    Live = 0,
    /// Withdrawn, and gone.
    Erased = 1,
    /// Its body has not arrived.
    Withheld = 2,
    /// It breaks a rule: stored, relayed, not shown.
    Faulty = 3,
    /// A control entry.
    Control = 4,
    /// A record that is not interpreted here: stored, relayed, not shown.
    Unknown = 5,
    /// A record that cannot be judged before documents arrive: stored, relayed, not shown.
    Held = 6,
}

impl State {
    /// Reads the stored number.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Live, Self::Erased, Self::Withheld, Self::Faulty, Self::Control, Self::Unknown, Self::Held]
            .into_iter()
            .find(|state| *state as u8 == number)
    }
}

/// What is known of an entry without opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// What it is.
    pub state: State,
    /// STIX type code; 0 for none.
    pub type_code: u16,
    /// UUID of the object; zeros for none.
    pub object: [u8; 16],
    /// The object's `modified` in microseconds since 1970; 0 for none.
    pub modified: i64,
    /// The label that counts now (0 clear … 4 red).
    pub label: u8,
}

impl Header {
    /// A header without an object.
    pub fn bare(state: State) -> Self {
        Self { state, type_code: 0, object: [0; 16], modified: 0, label: 0 }
    }
}

/// An entry to be added.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Where.
    pub key: EntryKey,
    /// The leaf's flags.
    pub flags: u8,
    /// The leaf's commitment.
    pub commitment: Digest,
    /// What is known of it.
    pub header: Header,
    /// Its content, unless it is erased or withheld.
    pub content: Option<Packed>,
}

/// An entry as read back.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// Where.
    pub key: EntryKey,
    /// The leaf's flags.
    pub flags: u8,
    /// The leaf's commitment.
    pub commitment: Digest,
    /// What is known of it.
    pub header: Header,
    /// Its packed content.
    pub content: Option<Packed>,
}

impl StoredEntry {
    /// The content, unpacked.
    pub fn open(&self) -> Result<Option<Content>, Fault> {
        self.content.as_ref().map(Packed::unpack).transpose()
    }
}
