//! One member's node: store, governance, keys and ports in one place, shared by whoever serves it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gotong_crypto::{Digest, Entropy, PositionKey, SigningKey};
use gotong_model::document::DocumentFault;
use gotong_model::governance::Governance;
use gotong_model::{Clock, LogId, MemberCode, Timestamp};
use gotong_store::{Book, Fault, ReadTx, Store, WriteTx};

use crate::gate::{Gate, Priority};
use crate::organisation;
use crate::ports::{Bell, CheckpointFile};
use crate::rows::{self, damaged};
use crate::sequencer::Sequencer;

/// What a use case can fail with that is nobody's decision.
#[derive(Debug, thiserror::Error)]
pub enum NodeFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Fault),
    /// A document does not hold.
    #[error(transparent)]
    Document(#[from] DocumentFault),
    /// The node has been restored from an older state and must not sign.
    #[error("this node was restored from an older state: it does not publish until its peers have been asked")]
    Restored,
    /// Another program's data.
    #[error("{0}")]
    Unfit(String),
}

/// What the outside lends a node.
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The checkpoint file.
    pub checkpoint_file: Box<dyn CheckpointFile>,
    /// Rung when something new is released.
    pub bell: Arc<dyn Bell>,
}

/// A running node.
#[allow(clippy::struct_field_names, reason = "the protocol calls the key that signs for a node its node key")]
pub struct Node {
    /// Whose node it is.
    pub member: MemberCode,
    /// What it keeps.
    pub store: Arc<dyn Store>,
    /// Its name for people.
    pub name: String,
    pub(crate) node_key: SigningKey,
    pub(crate) ports: Ports,
    pub(crate) sequencer: Sequencer,
    governance: RwLock<Arc<Governance>>,
    /// Held while documents are taken in, so that none is lost between reading what is known and replacing it.
    pub(crate) taking_in: Mutex<()>,
    /// The governance for which documents are published and newcomers told: its generation and instant.
    pub(crate) settled: Mutex<Option<(u64, Timestamp)>>,
    gate: Gate,
    /// The policy's answers on who may see which channel: asked for with every request.
    pub(crate) decisions: gotong_policy::Cache,
    position_secret: [u8; 32],
    /// What authors' checkpoints promised of logs that are not here so far, until their next frame: (size, root).
    pub(crate) told: Mutex<BTreeMap<LogId, Vec<(u64, Digest)>>>,
    /// The warninglists in use.
    pub(crate) shelf: crate::warninglist::Shelf,
    /// The blocklists of MISP in use.
    pub(crate) blocklists: crate::blocklist::Shelf,
    /// Password hashes that were worked out: tests of what an answer costs count work, not time.
    pub hashes: std::sync::atomic::AtomicU64,
}

impl Node {
    /// Opens a node on its store: reads the governance kept there, makes the position secret at the first start, and compares the store with
    /// the checkpoint file before anything can be signed.
    pub fn open(
        member: MemberCode,
        name: String,
        node_key: SigningKey,
        store: Arc<dyn Store>,
        ports: Ports,
    ) -> Result<Self, NodeFault> {
        let governance = {
            let tx = store.read()?;
            let organisations = organisation::load(tx.as_ref(), &member)?;
            load_governance(tx.as_ref())?.with_organisations(organisations).at(ports.clock.now())
        };
        let position_secret = position_secret(store.as_ref(), ports.entropy.as_ref())?;
        let sequencer = Sequencer::open(store.as_ref(), ports.checkpoint_file.as_ref())?;
        let node = Self {
            member,
            store,
            name,
            node_key,
            ports,
            sequencer,
            governance: RwLock::new(Arc::new(governance)),
            taking_in: Mutex::new(()),
            settled: Mutex::default(),
            gate: Gate::default(),
            decisions: gotong_policy::Cache::new(),
            position_secret,
            told: Mutex::new(BTreeMap::new()),
            shelf: crate::warninglist::Shelf::default(),
            blocklists: crate::blocklist::Shelf::default(),
            hashes: std::sync::atomic::AtomicU64::new(0),
        };
        node.renew_layout()?;
        Ok(node)
    }

    /// The governance as it is now: worked out anew when an instant has passed at which something comes into or goes out of force.
    pub fn governance(&self) -> Arc<Governance> {
        let known = Arc::clone(&self.governance.read().unwrap_or_else(PoisonError::into_inner));
        let now = self.now();
        if known.changes_at().is_none_or(|at| now < at) {
            return known;
        }
        let mut current = self.governance.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_of < now {
            *current = Arc::new(Governance::clone(&current).at(now));
        }
        Arc::clone(&current)
    }

    /// The present.
    pub fn now(&self) -> gotong_model::Timestamp {
        self.ports.clock.now()
    }

    /// Randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.ports.entropy.as_ref()
    }

    /// The key that seals positions for one caller.
    pub fn positions_of(&self, caller: &str) -> PositionKey {
        PositionKey::derive(&self.position_secret, &self.store.incarnation(), caller)
    }

    /// A digest under this node's secret, for what is compared here and must mean nothing elsewhere.
    pub(crate) fn secret_digest(&self, tag: &str, parts: &[&[u8]]) -> gotong_crypto::Digest {
        let mut all: Vec<&[u8]> = vec![&self.position_secret];
        all.extend_from_slice(parts);
        gotong_crypto::tagged(tag, &all)
    }

    /// Wakes whoever waits for news.
    pub fn ring(&self) {
        self.ports.bell.ring();
    }

    /// Whether the node was restored from an older state and does not sign.
    pub fn is_restored(&self) -> bool {
        self.sequencer.is_restored()
    }

    /// Runs one writing transaction in turn and commits it. Own logs that it touched become a signing batch; the checkpoint file follows
    /// before anything of it is released.
    pub fn transact<T>(
        &self,
        priority: Priority,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, NodeFault>,
    ) -> Result<T, NodeFault> {
        let _turn = self.gate.enter(priority);
        let mut writing = Writing { tx: self.store.write()?, own_logs: Vec::new() };
        let result = work(&mut writing)?;
        let Writing { mut tx, own_logs } = writing;
        let mark = if own_logs.is_empty() { None } else { Some(self.sequencer.batch(tx.as_mut(), &own_logs)?) };
        let head = rows::head(tx.as_ref())?;
        tx.commit()?;
        // A crash here leaves the store one batch ahead of the file, which the next start takes up.
        let is_batch = mark.is_some();
        match self.sequencer.mark(self.ports.checkpoint_file.as_ref(), mark) {
            Ok(()) => self.sequencer.release(head),
            Err(fault) if is_batch => return Err(fault.into()),
            // An earlier batch still waits for the file. What was done here stands, and nothing is released before that one.
            Err(_) => {}
        }
        self.ring();
        Ok(result)
    }

    /// Takes in a member's chain of statements where it is longer than the one known.
    pub fn adopt_statements(&self, notes: &[Vec<u8>]) -> Result<MemberCode, NodeFault> {
        let _turn = self.taking_in.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = Governance::clone(&self.governance());
        let member = next.add_statement_notes(notes.iter().map(Vec::as_slice))?;
        let known = self.governance().statements.get(&member).map_or(0, Vec::len);
        if notes.len() > known {
            self.transact(Priority::People, |writing| {
                for (at, note) in notes.iter().enumerate().skip(known) {
                    let serial = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1).to_be_bytes();
                    let key = document_key(b's', &[member.as_str().as_bytes(), &[0], &serial]);
                    writing.tx.put(Book::Document, &key, note)?;
                }
                Ok(())
            })?;
            self.replace_governance(next);
        }
        Ok(member)
    }

    pub(crate) fn replace_governance(&self, next: Governance) {
        *self.governance.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        self.ring();
    }

    /// The notes of a member's chain of statements, first to last.
    pub fn statement_notes(&self, member: &MemberCode) -> Result<Vec<Vec<u8>>, NodeFault> {
        let prefix = document_key(b's', &[member.as_str().as_bytes(), &[0]]);
        let tx = self.store.read()?;
        let notes =
            tx.scan(Book::Document, &prefix, &rows::prefix_end(&prefix), gotong_model::limits::STATEMENTS_MAX)?;
        Ok(notes.into_iter().map(|(_, note)| note).collect())
    }

    /// The region's first charter as it was signed.
    pub fn charter_note(&self) -> Result<Vec<u8>, NodeFault> {
        let tx = self.store.read()?;
        Ok(tx.fetch(Book::Document, &document_key(b'c', &[]))?.ok_or_else(|| damaged("documents"))?)
    }
}

/// A writing transaction of a use case.
pub struct Writing<'a> {
    /// The store's transaction.
    pub tx: Box<dyn WriteTx + 'a>,
    own_logs: Vec<gotong_store::LogNo>,
}

impl Writing<'_> {
    /// Says that an own log grew, so that its new size and root become part of the signing batch.
    pub fn sign_later(&mut self, log: gotong_store::LogNo) {
        if !self.own_logs.contains(&log) {
            self.own_logs.push(log);
        }
    }
}

/// Keeps the charter of a new store; the first thing that happens to it. A store that has one keeps it.
pub fn found(store: &dyn Store, charter: &[u8]) -> Result<(), NodeFault> {
    let founding = Governance::from_charter(charter)?;
    let mut tx = store.write()?;
    let key = document_key(b'c', &[]);
    match tx.fetch(Book::Document, &key)? {
        None => {
            tx.put(Book::Document, &key, charter)?;
            tx.commit()?;
            Ok(())
        }
        Some(known) => {
            let known = Governance::from_charter(&known)?;
            if known.region == founding.region {
                return Ok(());
            }
            Err(NodeFault::Unfit(format!(
                "this node belongs to the region {}, not to {}",
                known.region, founding.region
            )))
        }
    }
}

pub(crate) fn document_key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// The governance that a store keeps, verified again; also for a store that no node has open.
pub fn load_governance(tx: &dyn ReadTx) -> Result<Governance, NodeFault> {
    let charter = tx
        .fetch(Book::Document, &document_key(b'c', &[]))?
        .ok_or_else(|| NodeFault::Unfit("this store has no charter yet: begin with `gotong init`".to_owned()))?;
    let mut governance = Governance::from_charter(&charter)?;
    let notes = tx.scan(Book::Document, b"d", b"e", 65_536)?;
    governance.add_all(notes.iter().map(|(_, note)| note.as_slice()))?;
    let mut chains: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    for (key, note) in tx.scan(Book::Document, b"s", b"t", 1 << 20)? {
        let member = key.get(..key.len().saturating_sub(8)).unwrap_or_default().to_vec();
        chains.entry(member).or_default().push(note);
    }
    for notes in chains.values() {
        governance.add_statement_notes(notes.iter().map(Vec::as_slice))?;
    }
    Ok(governance)
}

fn position_secret(store: &dyn Store, entropy: &dyn Entropy) -> Result<[u8; 32], NodeFault> {
    const NAME: &[u8] = b"position-secret";
    let mut tx = store.write()?;
    if let Some(bytes) = tx.fetch(Book::Meta, NAME)? {
        return Ok(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| damaged("secrets"))?);
    }
    let mut secret = [0_u8; 32];
    entropy.fill(&mut secret);
    tx.put(Book::Meta, NAME, &secret)?;
    tx.commit()?;
    Ok(secret)
}
