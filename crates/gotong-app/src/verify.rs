//! Verifying everything that a store holds against what was signed: `gotong log verify`, on a running node or on a bare store.
//!
//! Each log is read again from its first entry: commitments from salts, envelopes and bodies; leaf hashes to the root; stored hashes, checkpoint, erasures
//! and postings beside them. Indexes are compared as sums of digests first, and posting by posting only where those differ. Snapshots are renewed all the time, so that a node goes on meanwhile. Each finding is one line.

use std::collections::BTreeMap;

use gotong_crypto::{Digest, sha256, tagged};
use gotong_ledger::{Checkpoint, Frontier, Leaf, commitment, root_at};
use gotong_model::Origin;
use gotong_model::governance::Governance;
use gotong_store::{Book, EntryKey, Index, LogNo, PostingRange, ReadTx, State, Store, StoredEntry};

use crate::erase;
use crate::log::INDEXES;
use crate::node::{Node, NodeFault};
use crate::project;
use crate::rows::{self, LogRow};
use crate::tree::{STORED_HEIGHT, StoredTree};

/// Entries in one snapshot.
const CHUNK: usize = 512;
/// Postings in one snapshot.
const POSTINGS_CHUNK: usize = 4_096;
/// Findings that are kept; the rest is counted.
const FINDINGS_MAX: usize = 1_000;

/// What verifying came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Logs read.
    pub logs: u64,
    /// Entries read.
    pub entries: u64,
    /// Of those, with content whose commitment was computed again.
    pub whole: u64,
    /// Erased under a tombstone.
    pub erased: u64,
    /// Withheld.
    pub withheld: u64,
    /// Postings looked at.
    pub postings: u64,
    /// Signing batches.
    pub batches: u64,
    /// What does not hold, a line each.
    pub findings: Vec<String>,
    /// Findings beyond those kept.
    pub more_findings: u64,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether everything holds.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more_findings += 1;
        }
    }
}

/// Verifies a node's store. `progress` hears of entries done and to be done.
pub fn node(node: &Node, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, NodeFault> {
    store(node.store.as_ref(), &node.governance(), progress)
}

/// Verifies one log of a node's store: its entries, its tree, its checkpoint. `None`: there is none of this name.
pub fn log(node: &Node, origin: &str, progress: &mut dyn FnMut(u64, u64)) -> Result<Option<Report>, NodeFault> {
    let governance = node.governance();
    let named = Origin::from_text(origin).filter(|origin| origin.region == governance.region);
    let Some(origin) = named else { return Ok(None) };
    let row = rows::log_by_id(node.store.read()?.as_ref(), &origin.log)?;
    let Some(row) = row else { return Ok(None) };
    let mut verifier = Verifier {
        store: node.store.as_ref(),
        governance: &governance,
        report: Report::default(),
        expected: [Sum::default(); 5],
        done: 0,
        total: row.size(),
        progress,
    };
    verifier.log(row.no)?;
    Ok(Some(verifier.report))
}

/// Verifies a store that nobody else needs to have open; the governance is what it keeps itself ([`crate::node::load_governance`]).
pub fn store(
    store: &dyn Store,
    governance: &Governance,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, NodeFault> {
    let (logs, total) = logs(store)?;
    let mut verifier = Verifier {
        store,
        governance,
        report: Report::default(),
        expected: [Sum::default(); 5],
        done: 0,
        total,
        progress,
    };
    for no in &logs {
        verifier.log(*no)?;
    }
    for index in INDEXES {
        verifier.index(index, &logs)?;
    }
    verifier.batches()?;
    for finding in store.check()? {
        verifier.report.find(format!("store: {finding}"));
    }
    Ok(verifier.report)
}

fn logs(store: &dyn Store) -> Result<(Vec<LogNo>, u64), NodeFault> {
    let tx = store.read()?;
    let mut logs = Vec::new();
    let mut total = 0;
    let mut from = Vec::new();
    loop {
        let chunk = tx.scan(Book::Log, &from, &[], 1_024)?;
        let Some((last, _)) = chunk.last() else { return Ok((logs, total)) };
        from = [last.as_slice(), &[0]].concat();
        for (key, _) in chunk {
            let no = <[u8; 4]>::try_from(key.as_slice()).map_err(|_| rows::damaged("logs"))?;
            let no = LogNo(u32::from_be_bytes(no));
            total += rows::log_by_no(tx.as_ref(), no)?.map_or(0, |row| row.size());
            logs.push(no);
        }
    }
}

/// Postings in any order: how many, and the sum of their digests.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    count: u64,
    digests: u128,
}

impl Sum {
    fn add(&mut self, key: u64, entry: EntryKey) {
        let mut bytes = [0; 16];
        for (slot, byte) in bytes.iter_mut().zip(key.to_be_bytes().into_iter().chain(entry.0.to_be_bytes())) {
            *slot = byte;
        }
        let digest = sha256(&bytes);
        let half = digest.0.first_chunk::<16>().copied().unwrap_or_default();
        self.count += 1;
        self.digests = self.digests.wrapping_add(u128::from_be_bytes(half));
    }
}

struct Verifier<'a> {
    store: &'a dyn Store,
    governance: &'a Governance,
    report: Report,
    /// What the entries read so far are to be found by, in the order of [`INDEXES`].
    expected: [Sum; 5],
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Verifier<'_> {
    fn log(&mut self, no: LogNo) -> Result<(), NodeFault> {
        let Some(row) = rows::log_by_no(self.store.read()?.as_ref(), no)? else { return Ok(()) };
        let origin = row.id.origin(&self.governance.region).to_string();
        self.report.logs += 1;
        let mut frontier = Frontier::new();
        while frontier.size() < row.size() {
            let tx = self.store.read()?;
            let left = usize::try_from(row.size() - frontier.size()).unwrap_or(CHUNK).min(CHUNK);
            let entries = tx.entries(no, frontier.size(), left, 8 << 20, true)?;
            if entries.is_empty() {
                self.report.find(format!("{origin} {}: the entry is missing", frontier.size()));
                return Ok(());
            }
            for entry in entries {
                if entry.key.index() != frontier.size() {
                    self.report.find(format!("{origin} {}: the entry is missing", frontier.size()));
                    return Ok(());
                }
                self.entry(tx.as_ref(), &row, &origin, &entry)?;
                let mut nodes = Vec::new();
                let leaf = Leaf { flags: entry.flags, commitment: entry.commitment };
                frontier.push(leaf.hash(), |height, index, hash| nodes.push((height, index, hash)));
                for (height, index, hash) in nodes.into_iter().filter(|(height, ..)| *height >= STORED_HEIGHT) {
                    if tx.node(no, height, index)? != Some(hash) {
                        self.report.find(format!(
                            "{origin} {}: the stored hash {index} at height {height} is not that of its leaves",
                            entry.key.index()
                        ));
                    }
                }
                self.done += 1;
            }
            (self.progress)(self.done, self.total.max(self.done));
        }
        if frontier != row.frontier {
            self.report.find(format!("{origin} {}: the root is not that of the leaves", row.size()));
        }
        self.ends(&row, &origin)?;
        self.checkpoint(&row, &origin)
    }

    /// Nothing lies behind the end of a log.
    fn ends(&mut self, row: &LogRow, origin: &str) -> Result<(), NodeFault> {
        let tx = self.store.read()?;
        let now = rows::log_by_no(tx.as_ref(), row.no)?.map_or(row.size(), |row| row.size());
        if !tx.entries(row.no, now, 1, 0, false)?.is_empty() {
            self.report.find(format!("{origin} {now}: an entry lies behind the end of its log"));
        }
        Ok(())
    }

    fn entry(&mut self, tx: &dyn ReadTx, row: &LogRow, origin: &str, entry: &StoredEntry) -> Result<(), NodeFault> {
        let index = entry.key.index();
        self.report.entries += 1;
        let content = match entry.open() {
            Ok(content) => content,
            Err(fault) => {
                self.report.find(format!("{origin} {index}: {fault}"));
                return Ok(());
            }
        };
        if let Some(content) = &content {
            self.report.whole += 1;
            let again = commitment(origin, &content.salt1, &content.envelope, &content.salt2, &content.body);
            if again != entry.commitment {
                self.report.find(format!("{origin} {index}: envelope and body are not those that the leaf commits to"));
            }
        }
        let state = entry.header.state;
        let should_have = matches!(state, State::Live | State::Control | State::Faulty | State::Unknown | State::Held);
        if should_have != content.is_some() {
            let text = if should_have { "its content is missing" } else { "content is left of what is gone" };
            self.report.find(format!("{origin} {index}: {text}"));
        }
        let is_control = Leaf { flags: entry.flags, commitment: entry.commitment }.is_control();
        match state {
            State::Erased => {
                self.report.erased += 1;
                if is_control {
                    self.report.find(format!("{origin} {index}: a control entry is erased"));
                }
                if !erase::is_named(tx, &row.id, index)? {
                    self.report.find(format!("{origin} {index}: it is erased, and no tombstone names it"));
                }
            }
            State::Withheld => self.report.withheld += 1,
            State::Live | State::Faulty | State::Unknown | State::Held => {
                if !is_control && erase::is_named(tx, &row.id, index)? && !erase::is_due(tx, row.no, index)? {
                    self.report.find(format!("{origin} {index}: a tombstone names it, and it is still here"));
                }
            }
            State::Control => {}
        }
        for (index, key) in project::postings_of(tx, row.headings(), entry)? {
            if let Some(sum) = self.expected.get_mut(index as usize - 1) {
                sum.add(key, entry.key);
            }
        }
        Ok(())
    }

    fn checkpoint(&mut self, row: &LogRow, origin: &str) -> Result<(), NodeFault> {
        // Of an own log no checkpoint is kept: its heads are in the signing batches.
        if row.checkpoint.is_empty() {
            return Ok(());
        }
        let statements = self.governance.statements.get(&row.id.author).map(Vec::as_slice).unwrap_or_default();
        let verify = |key| Checkpoint::parse_verified(row.checkpoint.as_bytes(), key, Some(origin)).ok();
        let Some(checkpoint) = statements.iter().rev().find_map(|statement| verify(&statement.node_key)) else {
            self.report.find(format!("{origin}: the checkpoint is not signed by any key of {}", row.id.author));
            return Ok(());
        };
        let promised = (checkpoint.size, checkpoint.root);
        let holds = if checkpoint.size > row.size() {
            row.pending.contains(&promised)
        } else {
            let tx = self.store.read()?;
            root_at(&StoredTree::new(tx.as_ref(), row.no), checkpoint.size)? == checkpoint.root
        };
        if !holds {
            let text = "the checkpoint has another root than the leaves";
            self.report.find(format!("{origin} {}: {text}", checkpoint.size));
        }
        Ok(())
    }

    /// An index has what the live entries are to be found by, and nothing else.
    fn index(&mut self, index: Index, logs: &[LogNo]) -> Result<(), NodeFault> {
        let mut held = Sum::default();
        self.sweep(index, |_, _, postings| {
            for (key, entry) in postings {
                held.add(*key, *entry);
            }
            Ok(())
        })?;
        self.report.postings += held.count;
        if self.expected.get(index as usize - 1) == Some(&held) {
            return Ok(());
        }
        // Something is missing or too much, or the node went on meanwhile: each posting is looked at by itself.
        self.dangling(index)?;
        if project::is_up_to_date(self.store.read()?.as_ref())? {
            return logs.iter().try_for_each(|no| self.missing(index, *no));
        }
        let note = "the indexes are being rebuilt: whether they are complete was not looked at";
        if self.report.notes.iter().all(|known| known != note) {
            self.report.notes.push(note.to_owned());
        }
        Ok(())
    }

    /// Calls with all postings of an index, chunk by chunk.
    fn sweep(
        &mut self,
        index: Index,
        mut with: impl FnMut(&mut Report, &dyn ReadTx, &[(u64, EntryKey)]) -> Result<(), NodeFault>,
    ) -> Result<(), NodeFault> {
        let mut after = None;
        loop {
            let tx = self.store.read()?;
            let limit = POSTINGS_CHUNK;
            let range = PostingRange { index, from: 0, to: u64::MAX, after, descending: false, limit };
            let postings = tx.posting_range(range)?;
            with(&mut self.report, tx.as_ref(), &postings)?;
            match postings.last() {
                Some(last) if postings.len() == POSTINGS_CHUNK => after = Some(*last),
                _ => return Ok(()),
            }
        }
    }

    /// What an index points to is live.
    fn dangling(&mut self, index: Index) -> Result<(), NodeFault> {
        let region = self.governance.region;
        self.sweep(index, |report, tx, postings| {
            let keys: Vec<EntryKey> = postings.iter().map(|(_, entry)| *entry).collect();
            for (key, header) in keys.iter().zip(tx.headers(&keys)?) {
                if header.is_none_or(|header| header.state != State::Live) {
                    let origin = rows::log_by_no(tx, key.log())?;
                    let origin = origin.map(|row| row.id.origin(&region).to_string()).unwrap_or_default();
                    report.find(format!("{origin} {}: {index:?} finds it, and it does not show", key.index()));
                }
            }
            Ok(())
        })
    }

    /// The live entries of a log are in an index.
    fn missing(&mut self, index: Index, no: LogNo) -> Result<(), NodeFault> {
        let mut next = 0;
        loop {
            let tx = self.store.read()?;
            let tx = tx.as_ref();
            let entries = tx.entries(no, next, CHUNK, 8 << 20, true)?;
            let (Some(last), Some(row)) = (entries.last(), rows::log_by_no(tx, no)?) else { return Ok(()) };
            next = last.key.index() + 1;
            for entry in &entries {
                let postings = project::postings_of(tx, row.headings(), entry)?;
                for (_, key) in postings.into_iter().filter(|(known, _)| *known == index) {
                    let before = entry.key.0.checked_sub(1).map(EntryKey);
                    if tx.postings(index, key, before, 1)?.first() != Some(&entry.key) {
                        let origin =
                            rows::log_by_no(tx, no)?.map(|row| row.id.origin(&self.governance.region).to_string());
                        let origin = origin.unwrap_or_default();
                        self.report.find(format!("{origin} {}: it is not found by {index:?}", entry.key.index()));
                    }
                }
            }
        }
    }

    /// The signing batches that are kept: their chain, and that the own logs have the roots at the sizes which were signed.
    fn batches(&mut self) -> Result<(), NodeFault> {
        let tx = self.store.read()?;
        let mut chain: Option<(u64, Digest)> = None;
        let mut newest: BTreeMap<LogNo, u64> = BTreeMap::new();
        for (key, value) in tx.scan(Book::Batch, &[], &[], 4_096)? {
            let number = <[u8; 8]>::try_from(key.as_slice()).map_or(0, u64::from_be_bytes);
            let Some((stored, canonical)) = value.split_first_chunk::<32>() else {
                self.report.find(format!("batch {number}: it does not read back"));
                continue;
            };
            self.report.batches += 1;
            if let Some((before, digest)) = chain {
                let next = tagged("gotong/v0/batch", &[digest.as_bytes(), canonical]);
                if number != before + 1 || next.as_bytes() != stored {
                    self.report.find(format!("batch {number}: it does not follow the one before it"));
                }
            }
            chain = Some((number, Digest(*stored)));
            for (no, size, root) in heads(canonical) {
                newest.insert(no, size);
                let held = rows::log_by_no(tx.as_ref(), no)?.map_or(0, |row| row.size());
                let same = size <= held && root_at(&StoredTree::new(tx.as_ref(), no), size)? == root;
                if !same {
                    self.report
                        .find(format!("batch {number}: log {} has not the root that was signed at {size}", no.0));
                }
            }
        }
        for (no, size) in newest {
            let held = rows::log_by_no(tx.as_ref(), no)?.map_or(0, |row| row.size());
            if held != size {
                self.report
                    .find(format!("log {}: {held} entries are here, the newest batch that names it has {size}", no.0));
            }
        }
        Ok(())
    }
}

fn heads(canonical: &[u8]) -> Vec<(LogNo, u64, Digest)> {
    #[derive(serde::Deserialize)]
    struct Head {
        log: u32,
        root: String,
        size: u64,
    }
    let heads: Vec<Head> = serde_json::from_slice(canonical).unwrap_or_default();
    let read = |head: Head| Some((LogNo(head.log), head.size, Digest::from_text(&head.root)?));
    heads.into_iter().filter_map(read).collect()
}
