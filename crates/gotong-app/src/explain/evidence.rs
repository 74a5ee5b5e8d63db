//! The dispute: what was signed of an agreement, by whom, under which key, and since when that can be shown, from this node's own store alone.
//!
//! Every signature is verified again here, with the root keys that the charters name. A signature has no date; what bounds it is the first entry of the
//! signer's own log that carries it or names the document, under a checkpoint that the signer signed. Must say what cannot be shown as plainly as what can.

use gotong_crypto::note::{self, Note, SignatureLine, Signer};
use gotong_crypto::{Digest, PublicKey, sha256, text};
use gotong_model::agreement::{Agreement, NoticeKind};
use gotong_model::charter::Texts;
use gotong_model::control::Control;
use gotong_model::document::{self, Role};
use gotong_model::entry::{self, Reading};
use gotong_model::governance::{ChannelKind, Governance};
use gotong_model::{AgreementId, ChannelId, MemberCode, Timestamp};
use gotong_store::{ReadTx, State};

use super::name;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};
use crate::view::scope::Scope;
use crate::view::{self, Provenance};

/// Entries of one log looked through for the first that names a document.
const ENTRIES_MAX: u64 = 200_000;
/// Entries read at a time.
const CHUNK: usize = 1_024;

/// The entry of the signer's own log that dates a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// `document` (the entry carries it with that signature) or `basis` (the signer published under it).
    pub how: &'static str,
    /// Leaf, proof, checkpoint and key, verified again just now.
    pub proven: Provenance,
    /// When the signer's node wrote it, by its own clock.
    pub published_at: Timestamp,
}

/// One signature line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureEvidence {
    /// Whose; `None` where the name on the line is no member's root.
    pub member: Option<MemberCode>,
    /// What the member is called, or the name on the line.
    pub name: String,
    /// The root key that verifies it.
    pub key: Option<PublicKey>,
    /// The key as words, to be compared by voice.
    pub words: Option<String>,
    /// The numbers of the charters that name this key for this member.
    pub charters: Vec<u64>,
    /// Whether it verifies.
    pub verifies: bool,
    /// What dates it.
    pub seen: Option<Seen>,
}

/// One document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocumentEvidence {
    /// `agreement` or `notice`.
    pub purpose: &'static str,
    /// What it is, in words.
    pub title: String,
    /// Its number, of a notice that in its member's chain.
    pub number: u64,
    /// The hash by which others name it, in base32.
    pub hash: Digest,
    /// SHA-256 of the text that was signed.
    pub text_sha256: Digest,
    /// From when it counts, by its own words.
    pub from: Timestamp,
    /// Whether it counts here.
    pub counts: bool,
    /// Each signature line.
    pub signatures: Vec<SignatureEvidence>,
    /// Who must have signed and has not.
    pub missing: Vec<MemberCode>,
    /// The note as it is held here.
    pub note: String,
}

/// Everything that can be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The agreement.
    pub agreement: AgreementId,
    /// Its handle.
    pub handle: String,
    /// What it is called.
    pub title: Texts,
    /// The channel whose logs carry its documents: what an archive of the evidence holds.
    pub channel: Option<ChannelId>,
    /// Its versions in order, then its notices by member and number.
    pub documents: Vec<DocumentEvidence>,
}

/// Gathers it. `None`: no such agreement for this caller.
pub fn evidence(
    node: &Node,
    caller: &Caller,
    id: &AgreementId,
    version: Option<u64>,
) -> Result<Option<Evidence>, NodeFault> {
    let scope = Scope::new(node, caller);
    let governance = &scope.governance;
    let Some(agreement) = governance.agreements.get(id).or_else(|| governance.proposals.get(id)) else {
        return Ok(None);
    };
    let governing =
        governance.channels().find(|channel| channel.agreement.id == *id && channel.kind == ChannelKind::Governance);
    let Some(governing) = governing.filter(|channel| scope.channel(&channel.id).is_some()) else { return Ok(None) };
    let standing = governance.channels().filter(|channel| {
        channel.agreement.id == *id && channel.kind == ChannelKind::Standing && scope.channel(&channel.id).is_some()
    });
    let search = Search {
        node,
        caller,
        governance,
        governing: governing.id,
        standing: standing.map(|channel| channel.id).collect(),
    };
    let mut documents = search.versions(agreement, version)?;
    if version.is_none() {
        documents.extend(search.notices(agreement)?);
    }
    Ok(Some(Evidence {
        agreement: *id,
        handle: agreement.terms.handle.to_string(),
        title: agreement.terms.title.clone(),
        channel: Some(governing.id),
        documents,
    }))
}

/// What these documents do not show, a sentence each.
pub fn not_provable(documents: &[DocumentEvidence]) -> Vec<String> {
    let mut said = vec![
        "A signature carries no date. The entry that first carries it shows the latest time at which it was there, by the clock of the signer's own node; it may have been made earlier.".to_owned(),
        "Who held the root key when it signed, and with whose authority, stands in no log.".to_owned(),
    ];
    for document in documents {
        for one in document.signatures.iter().filter(|one| !one.verifies) {
            said.push(format!(
                "{}: a line in the name of {} does not verify, and shows nothing.",
                document.title, one.name
            ));
        }
        for one in document.signatures.iter().filter(|one| one.verifies && one.seen.is_none()) {
            said.push(format!(
                "{}: {} has signed, and nothing of its own hand that is here says when.",
                document.title, one.name
            ));
        }
        for one in &document.signatures {
            if let Some(seen) = one.seen.as_ref().filter(|seen| !seen.proven.verified) {
                let reason = seen.proven.reason.clone().unwrap_or_default();
                said.push(format!(
                    "{}: the entry that dates the signature of {} is not proven: {reason}.",
                    document.title, one.name
                ));
            }
        }
    }
    said
}

/// Whether an entry, read, with its body, is the one that is looked for.
type Fits<'a> = dyn Fn(&Reading, &[u8]) -> bool + 'a;

struct Search<'a> {
    node: &'a Node,
    caller: &'a Caller,
    governance: &'a Governance,
    governing: ChannelId,
    standing: Vec<ChannelId>,
}

impl Search<'_> {
    fn versions(&self, agreement: &Agreement, only: Option<u64>) -> Result<Vec<DocumentEvidence>, NodeFault> {
        let governance = self.governance;
        let counting =
            agreement.versions.iter().map(|version| (&version.terms, version.hash, &version.note, true, Vec::new()));
        let waiting =
            governance.drafts.iter().filter(|(_, draft)| governance.agreement_of(&draft.terms) == Some(agreement.id));
        let waiting = waiting.map(|(hash, draft)| (&draft.terms, *hash, &draft.note, false, draft.missing.clone()));
        let mut found = Vec::new();
        for (terms, hash, note, counts, missing) in counting.chain(waiting) {
            if only.is_some_and(|only| only != terms.number) {
                continue;
            }
            let Some((note, signatures)) = self.signatures(note, &hash)? else { continue };
            found.push(DocumentEvidence {
                purpose: "agreement",
                title: format!("version {} of {}", terms.number, terms.handle),
                number: terms.number,
                hash,
                text_sha256: sha256(note.text.as_bytes()),
                from: terms.from,
                counts,
                signatures,
                missing,
                note: note.encode(),
            });
        }
        found.sort_by_key(|document| (document.number, !document.counts));
        Ok(found)
    }

    fn notices(&self, agreement: &Agreement) -> Result<Vec<DocumentEvidence>, NodeFault> {
        let mut found = Vec::new();
        let notes = self.governance.notice_notes(agreement);
        for ((hash, notice), note) in agreement.notices.values().flatten().zip(&notes) {
            let Some((note, signatures)) = self.signatures(note.as_bytes(), hash)? else { continue };
            let of = notice.subject.as_ref().filter(|_| notice.notice == NoticeKind::Consent);
            let of = of.map_or_else(String::new, |subject| format!(" to {}", name(self.governance, subject)));
            let who = name(self.governance, &notice.member);
            found.push(DocumentEvidence {
                purpose: "notice",
                title: format!("notice {} of {who}: {}{of}", notice.serial, notice.notice.as_str()),
                number: notice.serial,
                hash: *hash,
                text_sha256: sha256(note.text.as_bytes()),
                from: agreement.effect_of(notice),
                counts: true,
                signatures,
                missing: Vec::new(),
                note: note.encode(),
            });
        }
        Ok(found)
    }

    /// Every line that is held of a document, each verified again.
    fn signatures(&self, bytes: &[u8], hash: &Digest) -> Result<Option<(Note, Vec<SignatureEvidence>)>, NodeFault> {
        let whole = self.governance.kept(bytes).map(|(_, note)| note.into_bytes());
        let Ok(held) = note::parse(whole.as_deref().unwrap_or(bytes)) else { return Ok(None) };
        let mut signatures: Vec<SignatureEvidence> = Vec::new();
        for line in &held.lines {
            let alone = Note { text: held.text.clone(), lines: vec![line.clone()] };
            let Some((member, keys)) = self.member_of(&line.name) else { continue };
            let verifies = |key: &&PublicKey| {
                let signer = Signer { name: line.name.clone(), key: **key };
                alone.verify(&[signer]).is_ok_and(|found| !found.is_empty())
            };
            let key = keys.iter().find(verifies).copied();
            if signatures.iter().any(|known| known.member.as_ref() == Some(&member) && known.key == key) {
                continue;
            }
            let names = |charter: &&gotong_model::charter::Charter| {
                charter.members.get(&member).is_some_and(|known| Some(known.root_key) == key)
            };
            signatures.push(SignatureEvidence {
                name: name(self.governance, &member),
                words: key.map(|key| text::words(&key.to_bytes())),
                charters: self.governance.charters.iter().filter(names).map(|charter| charter.number).collect(),
                verifies: key.is_some(),
                seen: if key.is_some() { self.seen(&member, (&held.text, line), hash)? } else { None },
                member: Some(member),
                key,
            });
        }
        signatures.sort_by(|a, b| (&a.member, !a.verifies).cmp(&(&b.member, !b.verifies)));
        Ok(Some((held, signatures)))
    }

    /// The member whose root signs under a name, with every key that a charter names for it.
    fn member_of(&self, signer: &str) -> Option<(MemberCode, Vec<PublicKey>)> {
        let region = &self.governance.region;
        let code = super::everybody(self.governance)
            .into_iter()
            .find(|code| document::signer_name(region, code, Role::Root) == signer)?;
        let mut keys: Vec<PublicKey> = Vec::new();
        for member in self.governance.charters.iter().filter_map(|charter| charter.members.get(&code)) {
            if !keys.contains(&member.root_key) {
                keys.push(member.root_key);
            }
        }
        Some((code, keys))
    }

    /// The earliest entry of the signer's own logs that carries its signature, or names the document as the basis of what it publishes.
    fn seen(
        &self,
        member: &MemberCode,
        (text, line): (&str, &SignatureLine),
        hash: &Digest,
    ) -> Result<Option<Seen>, NodeFault> {
        let carries = |content: &Reading, body: &[u8]| {
            let Reading::Record(_) = content else { return false };
            let carried = note::parse(body);
            carried.is_ok_and(|note| note.text == text && note.lines.contains(line))
        };
        let names = |content: &Reading, _: &[u8]| {
            let basis = match content {
                Reading::Control(_, Control::Open(open)) => &open.basis,
                Reading::Control(_, Control::Basis(basis)) => basis,
                Reading::Control(..) | Reading::Record(_) | Reading::UnknownCritical | Reading::UnknownRecord(_) => {
                    return false;
                }
            };
            basis.agreement_hash == *hash || basis.notices.contains(hash)
        };
        let mut found: Vec<Seen> = Vec::new();
        for row in rows::logs_of(self.node.store.read()?.as_ref(), &self.governing, member)? {
            found.extend(self.first(&row, "document", (State::Unknown, &carries))?);
        }
        for channel in &self.standing {
            for row in rows::logs_of(self.node.store.read()?.as_ref(), channel, member)? {
                found.extend(self.first(&row, "basis", (State::Control, &names))?);
            }
        }
        Ok(found.into_iter().min_by_key(|seen| seen.published_at))
    }

    /// The first entry of a log, of a state, that fits.
    fn first(
        &self,
        row: &LogRow,
        how: &'static str,
        (state, fits): (State, &Fits<'_>),
    ) -> Result<Option<Seen>, NodeFault> {
        let mut next = 0;
        while next < row.size().min(ENTRIES_MAX) {
            let tx = self.node.store.read()?;
            let entries = tx.entries(row.no, next, CHUNK, usize::MAX, false)?;
            let Some(last) = entries.last() else { break };
            next = last.key.index() + 1;
            for key in entries.iter().filter(|entry| entry.header.state == state).map(|entry| entry.key) {
                if let Some(published_at) = fitting(tx.as_ref(), key, fits)? {
                    drop(tx);
                    let origin = row.id.origin(&self.governance.region).to_string();
                    let proven = view::provenance(self.node, self.caller, &origin, key.index())?;
                    return Ok(proven.map(|proven| Seen { how, proven, published_at }));
                }
            }
        }
        Ok(None)
    }
}

fn fitting(tx: &dyn ReadTx, key: gotong_store::EntryKey, fits: &Fits<'_>) -> Result<Option<Timestamp>, NodeFault> {
    let Some(stored) = tx.entry(key)? else { return Ok(None) };
    let Some(content) = stored.open()? else { return Ok(None) };
    let Ok(reading) = entry::read(stored.flags, &content.envelope, &content.body) else { return Ok(None) };
    let published = match &reading {
        Reading::Record(envelope) | Reading::Control(envelope, _) => envelope.published_at,
        Reading::UnknownCritical | Reading::UnknownRecord(_) => return Ok(None),
    };
    Ok(fits(&reading, &content.body).then_some(published))
}
