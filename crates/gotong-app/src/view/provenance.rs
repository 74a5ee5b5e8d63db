//! From a record down to what proves it: leaf, envelope, arrival, checkpoint with the author's signature, inclusion proof (RFC 9162), the key's statement,
//! the governance it names, and the clauses that admitted it. Everything is verified again before it is shown.

use gotong_crypto::{Digest, PublicKey};
use gotong_formats::stix21;
use gotong_ledger::{Checkpoint, Leaf, commitment, inclusion_proof, verify_inclusion};
use gotong_model::control::Basis;
use gotong_model::envelope::Envelope;
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};
use gotong_policy::{Ground, Question, Subject, decide};
use gotong_store::{Content, EntryKey, ReadTx, State, StoredEntry};

use super::record::origin_of;
use super::scope::Scope;
use super::withdrawals::Tombstoned;
use crate::acknowledge;
use crate::caller::Caller;
use crate::erase;
use crate::governing::judgement;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};
use crate::tree::StoredTree;

/// When and with what an entry came to this store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArrivalView {
    /// A cursor of the order of arrival just before it, sealed for the caller.
    pub position: String,
    /// When.
    pub at: Timestamp,
    /// The first entry that came with it: for another's log, the new part of one frame.
    pub first: u64,
    /// How many came.
    pub count: u64,
}

/// What the author signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointView {
    /// The signed note.
    pub note: String,
    /// The size it covers.
    pub size: u64,
    /// The root.
    pub root: Digest,
    /// The node key that signed it.
    pub key: String,
    /// The serial of the author's statement that names the key.
    pub statement: u64,
}

/// The governance that the entry names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BasisView {
    /// The index, in the same log, of the entry that lists it.
    pub index: u64,
    /// The charter, agreement and notices, by their hashes.
    pub basis: Basis,
}

/// What another member says of this entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AcknowledgedBy {
    /// Who.
    pub member: MemberCode,
    /// When it said so.
    pub at: Timestamp,
    /// Whether it has verified the log past this entry.
    pub verified: bool,
    /// Whether it has erased it, where it was withdrawn.
    pub erased: Option<bool>,
}

/// Everything that proves an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// The log.
    pub origin: String,
    /// The index in it.
    pub index: u64,
    /// The author.
    pub author: MemberCode,
    /// The leaf.
    pub leaf: Leaf,
    /// Its hash in the tree.
    pub leaf_hash: Digest,
    /// What the author says about the record; `None` where it is erased or withheld.
    pub envelope: Option<Envelope>,
    /// When and with what it came.
    pub arrival: Option<ArrivalView>,
    /// The author's signature; `None` of an own log for the moment in which its newest entries are being synced.
    pub checkpoint: Option<CheckpointView>,
    /// From the leaf to the checkpoint's root, lowest first.
    pub proof: Vec<Digest>,
    /// The agreement.
    pub agreement: AgreementId,
    /// The hash of the agreement's version that is known here.
    pub agreement_hash: Digest,
    /// The agreement's handle.
    pub agreement_handle: String,
    /// The governance it was published under.
    pub basis: Option<BasisView>,
    /// The clauses that admit it; empty for control entries and where the body is gone.
    pub grounds: Vec<Ground>,
    /// Whether they do.
    pub admitted: Option<bool>,
    /// What withdrew it.
    pub tombstone: Option<Tombstoned>,
    /// What others say of it.
    pub acknowledged: Vec<AcknowledgedBy>,
    /// Whether all of this held just now.
    pub verified: bool,
    /// Why not, where it did not.
    pub reason: Option<String>,
}

/// Where an entry comes from. `None`: no such entry for this caller.
pub fn provenance(node: &Node, caller: &Caller, origin: &str, index: u64) -> Result<Option<Provenance>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let Some(row) = scope.log_of_origin(tx, origin)?.filter(|row| index < row.size()) else { return Ok(None) };
    let Some(stored) = tx.entry(EntryKey::new(row.no, index))? else { return Ok(None) };
    let Some(channel) = scope.channel(&row.id.channel) else { return Ok(None) };
    let leaf = Leaf { flags: stored.flags, commitment: stored.commitment };
    let content = stored.open()?;
    let content_fault = content.as_ref().and_then(|content| check_content(origin, &stored, content));
    let envelope = content.as_ref().and_then(|content| Envelope::parse(&content.envelope, leaf.is_control()).ok());
    let signed = checkpoint(&scope, &row, index);
    let (proof, proof_fault) = prove(tx, &row, index, &leaf, signed.as_ref().ok());
    let basis = match &envelope {
        Some(Envelope { basis: index, .. }) => {
            judgement::basis_at(tx, row.no, *index)?.map(|basis| BasisView { index: *index, basis })
        }
        None => None,
    };
    let decision = decision(&scope.governance, &row, basis.as_ref(), envelope.as_ref(), content.as_ref());
    let refused =
        decision.as_ref().is_some_and(|decision| !decision.permitted).then(|| "the clauses do not admit it".to_owned());
    let gone = match stored.header.state {
        State::Withheld => Some("its body has not arrived".to_owned()),
        State::Held => Some("documents that decide on it have not arrived".to_owned()),
        State::Faulty => Some("the entry breaks a rule".to_owned()),
        State::Live | State::Erased | State::Control | State::Unknown => None,
    };
    let tombstone = tombstone(&scope, tx, &row, index)?;
    let reason = content_fault.or_else(|| signed.as_ref().err().cloned()).or(proof_fault).or(refused).or(gone);
    let arrival = rows::arrival_of(tx, row.no, index)?;
    let key = node.positions_of(&caller.id);
    let before = |position: u64| u128::from(position.saturating_sub(1)) << 64;
    let arrival = arrival.map(|arrival| ArrivalView {
        position: key.seal("list", before(arrival.position), node.entropy()),
        at: arrival.at,
        first: arrival.first,
        count: arrival.count,
    });
    Ok(Some(Provenance {
        origin: origin.to_owned(),
        index,
        author: row.id.author.clone(),
        leaf,
        leaf_hash: leaf.hash(),
        envelope,
        arrival,
        checkpoint: signed.ok(),
        proof,
        agreement: channel.agreement.id,
        agreement_hash: channel.agreement.hash,
        agreement_handle: channel.agreement.terms.handle.to_string(),
        basis,
        admitted: decision.as_ref().map(|decision| decision.permitted),
        grounds: decision.map(|decision| decision.grounds).unwrap_or_default(),
        acknowledged: acknowledged(node, tx, &row, index, tombstone.as_ref())?,
        tombstone: tombstone.map(|(_, tombstone)| tombstone),
        verified: reason.is_none(),
        reason,
    }))
}

fn check_content(origin: &str, stored: &StoredEntry, content: &Content) -> Option<String> {
    let Content { salt1, salt2, envelope, body } = content;
    let same = commitment(origin, salt1, envelope, salt2, body) == stored.commitment;
    (!same).then(|| "envelope and body are not those that the leaf commits to".to_owned())
}

/// The author's signature over a tree that holds this entry, verified; or why there is none.
fn checkpoint(scope: &Scope<'_>, row: &LogRow, index: u64) -> Result<CheckpointView, String> {
    let region = &scope.governance.region;
    let note = if row.id.author == scope.node.member {
        let signed = scope.node.sequencer.checkpoint(row, region, &scope.node.node_key);
        signed.ok_or("the newest entries are being synced, or this node may not sign")?
    } else {
        row.checkpoint.clone()
    };
    let statements = scope.governance.statements.get(&row.id.author).map(Vec::as_slice).unwrap_or_default();
    let origin = row.id.origin(region).to_string();
    let verify = |key: &PublicKey| Checkpoint::parse_verified(note.as_bytes(), key, Some(&origin));
    let mut fault = "no statement of the author is known".to_owned();
    // A key that a later statement replaced still proves what it signed: the leaves are held here.
    for statement in statements.iter().rev() {
        match verify(&statement.node_key) {
            Ok(Checkpoint { size, root, .. }) if index < size => {
                return Ok(CheckpointView {
                    size,
                    root,
                    key: statement.node_key.to_text(),
                    statement: statement.serial,
                    note,
                });
            }
            Ok(_) => "no checkpoint covers it yet".clone_into(&mut fault),
            Err(reason) => fault = reason.to_string(),
        }
    }
    Err(fault)
}

fn prove(
    tx: &dyn ReadTx,
    row: &LogRow,
    index: u64,
    leaf: &Leaf,
    signed: Option<&CheckpointView>,
) -> (Vec<Digest>, Option<String>) {
    let Some(CheckpointView { size, root, .. }) = signed else { return (Vec::new(), None) };
    if *size > row.size() {
        return (
            Vec::new(),
            Some("the checkpoint covers more than has arrived: it is proven once the rest is here".to_owned()),
        );
    }
    match inclusion_proof(&StoredTree::new(tx, row.no), index, *size) {
        Err(fault) => (Vec::new(), Some(fault_text(&fault))),
        Ok(proof) => {
            let fault = verify_inclusion(&leaf.hash(), index, *size, &proof, root).err().map(|fault| fault.to_string());
            (proof, fault)
        }
    }
}

fn fault_text(fault: &gotong_ledger::Unprovable<gotong_store::Fault>) -> String {
    fault.to_string()
}

fn decision(
    governance: &Governance,
    row: &LogRow,
    basis: Option<&BasisView>,
    envelope: Option<&Envelope>,
    content: Option<&Content>,
) -> Option<gotong_policy::Decision> {
    let (envelope, content) = (envelope?, content?);
    envelope.tlp?;
    let facts = stix21::read(&content.body).ok()?;
    let kind = format!("{}.{}", envelope.kind.as_str(), facts.object_type);
    let subject = Subject {
        member: &row.id.author,
        channel: row.id.channel,
        kind: &kind,
        tlp: envelope.tlp,
        personal: envelope.personal_data.unwrap_or(facts.personal),
        at: envelope.published_at,
        organisation: None,
    };
    Some(decide(governance, &Question::Admit { subject, basis: &basis?.basis }))
}

fn tombstone(
    scope: &Scope<'_>,
    tx: &dyn ReadTx,
    row: &LogRow,
    index: u64,
) -> Result<Option<(gotong_store::LogNo, Tombstoned)>, NodeFault> {
    let Some((log, at, reason)) = erase::tombstone_of(tx, &row.id, index)? else { return Ok(None) };
    let stored = tx.entry(EntryKey::new(log, at))?;
    let content = stored.map(|stored| stored.open()).transpose()?.flatten();
    let envelope = content.and_then(|content| Envelope::parse(&content.envelope, true).ok());
    let origin = origin_of(scope, tx, log)?;
    Ok(Some((log, Tombstoned { origin, index: at, reason, at: envelope.map(|envelope| envelope.published_at) })))
}

fn acknowledged(
    node: &Node,
    tx: &dyn ReadTx,
    row: &LogRow,
    index: u64,
    tombstone: Option<&(gotong_store::LogNo, Tombstoned)>,
) -> Result<Vec<AcknowledgedBy>, NodeFault> {
    let erasing = match tombstone {
        Some((log, tombstone)) => acknowledge::known(node, tx, *log)?
            .into_iter()
            .map(|(ack, _)| (ack.member, ack.erased > tombstone.index))
            .collect::<Vec<_>>(),
        None => Vec::new(),
    };
    let erased =
        |member: &MemberCode| tombstone.map(|_| erasing.iter().any(|(known, erased)| known == member && *erased));
    let mut found: Vec<AcknowledgedBy> = acknowledge::known(node, tx, row.no)?
        .into_iter()
        .map(|(ack, _)| AcknowledgedBy {
            verified: ack.verified > index,
            erased: erased(&ack.member),
            member: ack.member,
            at: ack.at,
        })
        .collect();
    found.sort_by(|a, b| a.member.cmp(&b.member));
    Ok(found)
}
