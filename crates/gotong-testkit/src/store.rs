//! A store whose faults come from the seed: commits that fail and leave no trace, machines that stop before or after one, disks without room.
//!
//! Erased content stays in *free pages* until [`Store::finish_erasure`], as it does in files; searches for leftovers look there too. What the
//! store promises otherwise is [`MemoryStore`]'s. Read next: `store/transaction.rs`, `disk.rs`.

mod transaction;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gotong_crypto::SeededEntropy;
use gotong_store::{Book, Fault, Index, LogNo, MemoryStore, Packed, ReadTx, Store, WriteTx};

use self::transaction::{Op, Tx, replay};
use crate::breakage::Breakage;
use crate::disk::{Disk, Trouble};

/// Every book.
pub const BOOKS: [Book; 26] = [
    Book::Meta,
    Book::Document,
    Book::Log,
    Book::LogName,
    Book::Batch,
    Book::Arrival,
    Book::Tombstone,
    Book::Relabel,
    Book::PeerLog,
    Book::Peer,
    Book::Acknowledgement,
    Book::Token,
    Book::Quarantine,
    Book::Idempotency,
    Book::Checkpoint,
    Book::Evidence,
    Book::Audit,
    Book::Faulty,
    Book::Organisation,
    Book::Warninglist,
    Book::Account,
    Book::Session,
    Book::Act,
    Book::Parcel,
    Book::Notice,
    Book::Deed,
];

/// Every index.
pub const INDEXES: [Index; 5] = [Index::Object, Index::Value, Index::Reference, Index::TypeTime, Index::Term];

/// A store on a simulated disk.
pub struct SimStore {
    inner: MemoryStore,
    disk: Arc<Disk>,
    seed: u64,
    free_pages: Mutex<Vec<Vec<u8>>>,
    /// Every transaction committed so far; kept only by builds whose crashes go back in time.
    history: Mutex<Vec<Vec<Op>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SimStore {
    /// An empty store.
    pub fn new(seed: u64, disk: Arc<Disk>) -> Self {
        let inner = MemoryStore::new(&SeededEntropy::new(seed));
        Self { inner, disk, seed, free_pages: Mutex::default(), history: Mutex::default() }
    }

    /// The store that is found after a crash, where that is not this one.
    pub fn after_crash(&self) -> Option<Self> {
        let lost = match self.disk.breakage() {
            Some(Breakage::UnsyncedCommit) => 1,
            Some(Breakage::OldBackup) => 6,
            _ => return None,
        };
        let mut history = lock(&self.history).clone();
        // What was founded is on the disk since long.
        history.truncate(history.len().saturating_sub(lost).max(8));
        let found = Self::new(self.seed, Arc::clone(&self.disk));
        for ops in &history {
            let mut tx = found.inner.write().expect("a store in memory");
            replay(tx.as_mut(), ops).expect("what was written once");
            tx.commit().expect("a store in memory");
        }
        *lock(&found.history) = history;
        Some(found)
    }

    /// What a look into the files would show, without asking the disk.
    pub fn look(&self) -> Box<dyn ReadTx + '_> {
        self.inner.read().expect("a store in memory")
    }

    /// The store below, for its own search.
    pub fn memory(&self) -> &MemoryStore {
        &self.inner
    }

    /// Every byte that a search of the files would find: books, contents, free pages.
    pub fn bytes(&self) -> Vec<u8> {
        let tx = self.look();
        let mut out = Vec::with_capacity(64 << 10);
        for book in BOOKS {
            for (key, value) in tx.scan(book, &[], &[], usize::MAX).expect("a store in memory") {
                out.extend_from_slice(&key);
                out.push(0);
                out.extend_from_slice(&value);
                out.push(0);
            }
        }
        for (key, _) in tx.scan(Book::Log, &[], &[], usize::MAX).expect("a store in memory") {
            let no = LogNo(u32::from_be_bytes(key.as_slice().try_into().expect("a log's number")));
            for entry in tx.entries(no, 0, usize::MAX, usize::MAX, true).expect("a store in memory") {
                if let Some(packed) = entry.content {
                    put(&mut out, &packed);
                }
            }
        }
        for page in lock(&self.free_pages).iter() {
            put(&mut out, &Packed(page.clone()));
        }
        out
    }
}

/// Content as it lies there, and what can be read out of it.
fn put(out: &mut Vec<u8>, packed: &Packed) {
    if let Ok(content) = packed.unpack() {
        for part in [content.envelope, content.body] {
            out.extend_from_slice(&part);
            out.push(0);
        }
    }
    out.extend_from_slice(&packed.0);
    out.push(0);
}

impl Store for SimStore {
    fn read(&self) -> Result<Box<dyn ReadTx + '_>, Fault> {
        self.disk.alive()?;
        self.inner.read()
    }

    fn write(&self) -> Result<Box<dyn WriteTx + '_>, Fault> {
        self.disk.alive()?;
        Ok(Box::new(Tx::new(self, self.inner.write()?)))
    }

    fn incarnation(&self) -> [u8; 16] {
        self.inner.incarnation()
    }

    fn maintain(&self) -> Result<bool, Fault> {
        self.disk.alive()?;
        self.inner.maintain()
    }

    fn finish_erasure(&self) -> Result<(), Fault> {
        self.disk.alive()?;
        if self.disk.fires(&[Trouble::WipeFails]).is_some() {
            return Err(Fault::Io("the free pages could not be wiped".to_owned()));
        }
        if self.disk.breakage() != Some(Breakage::KeepsFreePages) {
            lock(&self.free_pages).clear();
        }
        self.inner.finish_erasure()
    }

    fn check(&self) -> Result<Vec<String>, Fault> {
        self.inner.check()
    }

    fn bytes_on_disk(&self) -> u64 {
        self.inner.bytes_on_disk()
    }
}
