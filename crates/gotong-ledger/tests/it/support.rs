//! A store of hashes in memory, a log to take frames from, and small builders.

use gotong_crypto::{Digest, SigningKey, hash_leaf, hash_node, tagged};
use gotong_ledger::{Checkpoint, FLAG_CONTROL, FLAG_CRITICAL, Frame, FrameEntry, Frontier, Hashes, range_proof};

/// Every perfect subtree of some leaves, as a store would keep them; reading one that is not complete is a fault.
#[derive(Default)]
pub(crate) struct Stored {
    levels: Vec<Vec<Digest>>,
    pub(crate) frontier: Frontier,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) u8, pub(crate) u64);

impl Stored {
    pub(crate) fn of(leaf_hashes: &[Digest]) -> Self {
        let mut stored = Self::default();
        for hash in leaf_hashes {
            stored.push(*hash);
        }
        stored
    }

    pub(crate) fn push(&mut self, hash: Digest) {
        let levels = &mut self.levels;
        let mut put = |height: u8, index: u64, hash: Digest| {
            if levels.len() <= usize::from(height) {
                levels.push(Vec::new());
            }
            assert_eq!(levels[usize::from(height)].len() as u64, index, "subtrees complete in order");
            levels[usize::from(height)].push(hash);
        };
        put(0, self.frontier.size(), hash);
        self.frontier.push(hash, put);
    }
}

impl Hashes for Stored {
    type Fault = Missing;

    fn node(&self, height: u8, index: u64) -> Result<Digest, Missing> {
        let level = self.levels.get(usize::from(height));
        level.and_then(|level| level.get(index as usize)).copied().ok_or(Missing(height, index))
    }
}

/// The tree as RFC 6962 section 2.1 writes it, without any cleverness.
pub(crate) fn naive_root(hashes: &[Digest]) -> Digest {
    match hashes {
        [] => gotong_crypto::sha256(b""),
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(hashes.len().next_power_of_two() / 2);
            hash_node(&naive_root(left), &naive_root(right))
        }
    }
}

pub(crate) fn leaf_hashes(count: u64) -> Vec<Digest> {
    (0..count).map(|index| hash_leaf(&index.to_be_bytes())).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn digest(text: &str) -> Digest {
    Digest(from_hex(text).try_into().unwrap())
}

/// A log with fixed key, origin, salts and contents.
pub(crate) struct SampleLog {
    pub(crate) key: SigningKey,
    pub(crate) origin: String,
    pub(crate) entries: Vec<FrameEntry>,
    pub(crate) stored: Stored,
}

impl SampleLog {
    /// Entry 0 opens the log; each fifth entry from 4 is erased; each seventh from 7 is a tombstone; bodies grow with the index.
    pub(crate) fn new(count: u64) -> Self {
        let id = |name: &str| tagged("gotong/v0/test", &[name.as_bytes()]);
        let origin = format!(
            "gotong/{}/{}/id/{}",
            id("region"),
            id("channel"),
            gotong_crypto::text::base32(&id("epoch").0[..16])
        );
        let mut log = Self {
            key: SigningKey::from_seed(&id("node key").0),
            origin,
            entries: Vec::new(),
            stored: Stored::default(),
        };
        for index in 0..count {
            let entry = log.entry(index);
            let erased = index % 5 == 4 && entry.flags() & FLAG_CONTROL == 0;
            let leaf = entry.leaf(&log.origin);
            log.stored.push(leaf.hash());
            log.entries.push(if erased { FrameEntry::Erased(leaf) } else { entry });
        }
        log
    }

    /// The entries of [`Self::new`] before any was erased.
    pub(crate) fn unerased(count: u64) -> Vec<FrameEntry> {
        let log = Self::new(0);
        (0..count).map(|index| log.entry(index)).collect()
    }

    fn entry(&self, index: u64) -> FrameEntry {
        let salt =
            |name: &str| tagged("gotong/v0/test", &[self.origin.as_bytes(), name.as_bytes(), &index.to_be_bytes()]).0;
        let (flags, kind, body) = match index {
            0 => (FLAG_CONTROL | FLAG_CRITICAL, "open", "{}".to_owned()),
            _ if index.is_multiple_of(7) => {
                (FLAG_CONTROL | FLAG_CRITICAL, "tombstone", r#"{"reason":"error","targets":[]}"#.to_owned())
            }
            _ => {
                let padding = "x".repeat(100 * index as usize);
                (0, "stix", format!(r#"{{"type":"note","content":"{padding}"}}"#))
            }
        };
        let envelope = format!(r#"{{"basis":0,"kind":"{kind}","size":{},"version":1}}"#, body.len());
        FrameEntry::Whole {
            flags,
            salt1: salt("salt1"),
            salt2: salt("salt2"),
            envelope: envelope.into_bytes(),
            body: body.into_bytes(),
        }
    }

    pub(crate) fn checkpoint(&self, size: u64) -> Checkpoint {
        let root = gotong_ledger::root_at(&self.stored, size).unwrap();
        Checkpoint { origin: self.origin.clone(), size, root }
    }

    pub(crate) fn frame(&self, first: u64, count: u64, size: u64) -> Frame {
        Frame {
            checkpoint_note: self.checkpoint(size).sign(&self.key).into_bytes(),
            first,
            proof: range_proof(&self.stored, first, count, size).unwrap(),
            entries: self.entries[first as usize..(first + count) as usize].to_vec(),
        }
    }
}
