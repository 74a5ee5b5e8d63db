//! Nothing is released before it is durable (`docs/protocol.md` section 11): a transaction commits its entries together with a signing batch, then the
//! checkpoint file takes the batch's mark, and only then is a checkpoint signed and a peer answered. So a crash never looks like a restore.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gotong_crypto::{Digest, SigningKey, tagged};
use gotong_ledger::Checkpoint;
use gotong_model::RegionId;
use gotong_store::{Book, Fault, LogNo, ReadTx, Store, WriteTx};

use crate::node::NodeFault;
use crate::ports::{CheckpointFile, Mark};
use crate::rows::{self, LogRow, damaged};

/// Batches that are kept: the file is at most one behind the store, the rest is for whoever looks into a failure.
const BATCHES_KEPT: u64 = 16;

/// Numbers signing batches and knows what may be released.
pub struct Sequencer {
    /// The newest position whose batch is on the disk twice, in the store and in the checkpoint file.
    released: AtomicU64,
    restored: AtomicBool,
    /// The mark of a batch that is in the store and not in the file, where a swap failed.
    owed: Mutex<Option<Mark>>,
}

impl Sequencer {
    /// Compares the store with the checkpoint file. A store one batch ahead was cut off between the two writes: the file follows it. A store whose own
    /// chain at the file's number differs, or that does not reach it, has been restored.
    pub fn open(store: &dyn Store, file: &dyn CheckpointFile) -> Result<Self, NodeFault> {
        let tx = store.read()?;
        let newest = newest(tx.as_ref())?;
        let released = rows::head(tx.as_ref())?;
        let restored = match file.load()? {
            // Before the first batch there is nothing that could have been lost.
            None => newest.number > 0,
            Some(mark) if mark.number == 0 => mark != Mark::default(),
            Some(mark) => batch_chain(tx.as_ref(), mark.number)? != Some(mark.chain),
        };
        // Also before the first batch: without a file, a crash between that batch and its mark would look like a restore.
        if !restored {
            file.swap(newest)?;
        }
        Ok(Self { released: AtomicU64::new(released), restored: AtomicBool::new(restored), owed: Mutex::default() })
    }

    /// Whether the store is older than what was signed from it.
    pub fn is_restored(&self) -> bool {
        self.restored.load(Ordering::Acquire)
    }

    /// The newest position that may be shown outside.
    pub fn released(&self) -> u64 {
        self.released.load(Ordering::Acquire)
    }

    /// Puts the mark of a batch into the checkpoint file, or that of an earlier one which did not get there. With `Ok`, everything committed may be released.
    pub(crate) fn mark(&self, file: &dyn CheckpointFile, mark: Option<Mark>) -> Result<(), Fault> {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        *owed = mark.or(*owed);
        if let Some(mark) = *owed {
            file.swap(mark)?;
            *owed = None;
        }
        Ok(())
    }

    pub(crate) fn release(&self, position: u64) {
        self.released.fetch_max(position, Ordering::AcqRel);
    }

    /// Adds the batch of this transaction: the new size and root of each own log that grew.
    pub(crate) fn batch(&self, tx: &mut dyn WriteTx, logs: &[LogNo]) -> Result<Mark, NodeFault> {
        if self.is_restored() {
            return Err(NodeFault::Restored);
        }
        let before = newest(tx)?;
        let mut heads = Vec::with_capacity(logs.len());
        for no in logs {
            let row = rows::log_by_no(tx, *no)?.ok_or_else(|| damaged("logs"))?;
            heads.push(serde_json::json!({"log": no.0, "root": row.frontier.root().to_text(), "size": row.size()}));
        }
        let canonical = gotong_model::json::canonical(&serde_json::Value::Array(heads));
        let number = before.number + 1;
        let chain = tagged("gotong/v0/batch", &[before.chain.as_bytes(), &canonical]);
        let mut value = chain.as_bytes().to_vec();
        value.extend_from_slice(&canonical);
        tx.put(Book::Batch, &number.to_be_bytes(), &value)?;
        if number > BATCHES_KEPT {
            tx.delete(Book::Batch, &(number - BATCHES_KEPT).to_be_bytes())?;
        }
        Ok(Mark { number, chain })
    }

    /// Signs the checkpoint of an own log, if all that it covers may be released. Signing the same size again yields the same bytes (RFC 8032 is
    /// deterministic), so checkpoints need not be kept.
    pub(crate) fn checkpoint(&self, row: &LogRow, region: &RegionId, key: &SigningKey) -> Option<String> {
        if self.is_restored() || row.arrival > self.released() {
            return None;
        }
        let origin = row.id.origin(region).to_string();
        Some(Checkpoint { origin, size: row.size(), root: row.frontier.root() }.sign(key))
    }
}

fn newest(tx: &dyn ReadTx) -> Result<Mark, Fault> {
    match tx.last(Book::Batch, &[], &[])? {
        None => Ok(Mark::default()),
        Some((key, value)) => {
            let number = <[u8; 8]>::try_from(key.as_slice()).map_err(|_| damaged("batches"))?;
            let chain = value.first_chunk::<32>().ok_or_else(|| damaged("batches"))?;
            Ok(Mark { number: u64::from_be_bytes(number), chain: Digest(*chain) })
        }
    }
}

fn batch_chain(tx: &dyn ReadTx, number: u64) -> Result<Option<Digest>, Fault> {
    let value = tx.fetch(Book::Batch, &number.to_be_bytes())?;
    value
        .map(|value| value.first_chunk::<32>().map(|chain| Digest(*chain)).ok_or_else(|| damaged("batches")))
        .transpose()
}
