//! A stored log's tree as hashes: heights 8 and above are stored, lower ones follow from the leaves.

use std::cell::RefCell;

use gotong_crypto::{Digest, hash_node};
use gotong_ledger::{Hashes, Leaf};
use gotong_store::{Fault, LogNo, ReadTx};

/// The lowest height that is stored.
pub const STORED_HEIGHT: u8 = 8;
/// Leaves under a stored node of the lowest height.
const SPAN: u64 = 1 << STORED_HEIGHT;

/// The hashes of one log in one snapshot. The leaves of the last block read are kept, since proofs ask for neighbours.
pub struct StoredTree<'a> {
    tx: &'a dyn ReadTx,
    log: LogNo,
    block: RefCell<Option<(u64, Vec<Digest>)>>,
}

impl<'a> StoredTree<'a> {
    /// The tree of a log.
    pub fn new(tx: &'a dyn ReadTx, log: LogNo) -> Self {
        Self { tx, log, block: RefCell::new(None) }
    }

    fn leaf(&self, index: u64) -> Result<Digest, Fault> {
        let number = index / SPAN;
        let place = usize::try_from(index % SPAN).unwrap_or(0);
        let missing = || Fault::Corrupt(format!("leaf {index} of log {} is missing", self.log.0));
        let mut block = self.block.borrow_mut();
        if let Some((_, hashes)) = block.as_ref().filter(|(known, _)| *known == number) {
            return hashes.get(place).copied().ok_or_else(missing);
        }
        let entries = self.tx.entries(self.log, number * SPAN, 256, usize::MAX, false)?;
        let hashes: Vec<Digest> =
            entries.iter().map(|entry| Leaf { flags: entry.flags, commitment: entry.commitment }.hash()).collect();
        let found = hashes.get(place).copied();
        *block = Some((number, hashes));
        found.ok_or_else(missing)
    }
}

impl Hashes for StoredTree<'_> {
    type Fault = Fault;

    fn node(&self, height: u8, index: u64) -> Result<Digest, Fault> {
        if height == 0 {
            return self.leaf(index);
        }
        if height >= STORED_HEIGHT {
            let stored = self.tx.node(self.log, height, index)?;
            return stored.ok_or_else(|| {
                Fault::Corrupt(format!("node {index} at height {height} of log {} is missing", self.log.0))
            });
        }
        let (left, right) = (self.node(height - 1, index * 2)?, self.node(height - 1, index * 2 + 1)?);
        Ok(hash_node(&left, &right))
    }
}
