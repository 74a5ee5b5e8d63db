//! Shapes of what changes, of what a draft would change, and of what shows who signed. Read next: `gotong_app::explain`.

use gotong_app::explain::{self, DocumentEvidence, SignatureEvidence};
use gotong_crypto::Digest;
use gotong_model::MemberCode;
use gotong_model::governance::Governance;
use serde::Serialize;
use utoipa::ToSchema;

use super::reception::SaidBody;

/// A cause or a consequence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeBody {
    /// Message id of the sentence.
    id: &'static str,
    /// The channel's handle, where it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// Whom it concerns, where it concerns one member.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// The clause that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<String>,
    /// The sentence in English.
    text: String,
}

impl From<explain::Change> for ChangeBody {
    fn from(change: explain::Change) -> Self {
        let member = change.member.map(|code| code.to_string());
        Self { id: change.id, channel: change.channel, member, clause: change.clause, text: change.text }
    }
}

/// An instant at which something changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnBody {
    /// When.
    at: String,
    /// The agreement's handle.
    agreement: String,
    /// What happens.
    causes: Vec<ChangeBody>,
    /// What it changes for whom.
    effects: Vec<ChangeBody>,
}

/// What changes in a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Changes")]
pub(crate) struct ChangesBody {
    /// In order.
    turns: Vec<TurnBody>,
    /// Whether there are more than are answered.
    more: bool,
}

/// A decision that would be another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DiffersBody {
    /// The channel's handle.
    channel: String,
    /// Whose.
    member: String,
    /// `publish` or `receive`.
    act: &'static str,
    /// The kind of record, where it makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The labels for which it is so.
    labels: Vec<&'static str>,
    /// As things stand.
    before: bool,
    /// As it would be.
    after: bool,
    /// The clause that refuses, before or after.
    says: SaidBody,
}

/// Records here that would meet another answer if they were published then.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecountBody {
    /// The channel's handle.
    channel: String,
    /// Whose.
    author: String,
    /// Of which kind.
    kind: String,
    /// Under which label.
    tlp: &'static str,
    /// How many.
    records: u64,
    /// Whether they would be admitted; else refused.
    after: bool,
    /// The clause that refuses, before or after.
    says: SaidBody,
}

/// What a draft would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "WhatIf")]
pub(crate) struct WhatIfBody {
    /// `agreement` or `notice`.
    purpose: &'static str,
    /// The agreement's handle.
    agreement: String,
    /// The number of the version, or of the notice.
    number: u64,
    /// The instant that was asked about.
    at: String,
    /// Decisions that would be others.
    differs: Vec<DiffersBody>,
    /// Records here that would meet another answer. What stands stays as it was judged.
    recount: Vec<RecountBody>,
    /// Records looked at.
    records: u64,
    /// Whether a bound ended the answer early.
    more: bool,
    /// At most so many questions are asked.
    questions_max: usize,
    /// At most so many records are counted.
    records_max: u64,
}

/// The entry of the signer's own log that dates a signature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeenBody {
    /// `document` (the entry carries it with that signature) or `basis` (the signer published under it).
    how: &'static str,
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// When the signer's node wrote it, by its own clock.
    published_at: String,
    /// When it came to this node, by this node's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived_at: Option<String>,
    /// The size that the signer's checkpoint covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint_size: Option<u64>,
    /// Its root, in base32.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint_root: Option<String>,
    /// The serial of the signer's statement that names the key of the checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<u64>,
    /// Hashes of the inclusion proof, in base32.
    inclusion_proof: Vec<String>,
    /// Whether leaf, proof, checkpoint and key held just now.
    verified: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// One signature line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignatureBody {
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// What the member is called.
    name: String,
    /// Whether it verifies under a root key that a charter names.
    verifies: bool,
    /// That key, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The same as words.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// The numbers of the charters that name it.
    charters: Vec<u64>,
    /// What dates it; missing where nothing of the signer's own hand does.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<SeenBody>,
}

/// One document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentEvidenceBody {
    /// `agreement` or `notice`.
    purpose: &'static str,
    /// What it is.
    title: String,
    /// Its number.
    number: u64,
    /// The hash by which others name it, in base32.
    hash: String,
    /// SHA-256 of the text that was signed, in hexadecimal.
    text_sha256: String,
    /// From when it counts.
    from: String,
    /// Whether it counts here.
    counts: bool,
    /// Each signature line.
    signatures: Vec<SignatureBody>,
    /// Who must have signed and has not.
    missing: Vec<String>,
    /// The note as it is held here.
    note: String,
}

/// What was signed of an agreement, by whom, and since when that can be shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Evidence")]
pub(crate) struct EvidenceBody {
    /// The region's id.
    region: String,
    /// The same as words.
    region_words: String,
    /// The agreement's id.
    agreement: String,
    /// Its handle.
    handle: String,
    /// What it is called, in English.
    title: String,
    /// The channel whose logs carry its documents; `GET /archive?channel=…` hands them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// Versions in order, then notices.
    documents: Vec<DocumentEvidenceBody>,
    /// What cannot be shown, a sentence each.
    not_provable: Vec<String>,
}

fn signature(one: SignatureEvidence) -> SignatureBody {
    let seen = one.seen.map(|seen| {
        let proven = seen.proven;
        SeenBody {
            how: seen.how,
            log: proven.origin,
            index: proven.index,
            published_at: seen.published_at.to_string(),
            arrived_at: proven.arrival.map(|arrival| arrival.at.to_string()),
            checkpoint_size: proven.checkpoint.as_ref().map(|checkpoint| checkpoint.size),
            checkpoint_root: proven.checkpoint.as_ref().map(|checkpoint| checkpoint.root.to_text()),
            statement: proven.checkpoint.as_ref().map(|checkpoint| checkpoint.statement),
            inclusion_proof: proven.proof.iter().map(Digest::to_text).collect(),
            verified: proven.verified,
            reason: proven.reason,
        }
    });
    SignatureBody {
        member: one.member.map(|code| code.to_string()),
        name: one.name,
        verifies: one.verifies,
        key: one.key.map(|key| key.to_text()),
        words: one.words,
        charters: one.charters,
        seen,
    }
}

fn document(one: DocumentEvidence) -> DocumentEvidenceBody {
    DocumentEvidenceBody {
        purpose: one.purpose,
        title: one.title,
        number: one.number,
        hash: one.hash.to_text(),
        text_sha256: hexadecimal(&one.text_sha256),
        from: one.from.to_string(),
        counts: one.counts,
        signatures: one.signatures.into_iter().map(signature).collect(),
        missing: one.missing.iter().map(MemberCode::to_string).collect(),
        note: one.note,
    }
}

/// As `sha256sum` prints it.
fn hexadecimal(digest: &Digest) -> String {
    digest
        .as_bytes()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|four| char::from_digit(four.into(), 16))
        .collect()
}

impl From<explain::Changes> for ChangesBody {
    fn from(found: explain::Changes) -> Self {
        let turn = |turn: explain::Turn| TurnBody {
            at: turn.at.to_string(),
            agreement: turn.agreement,
            causes: turn.causes.into_iter().map(Into::into).collect(),
            effects: turn.effects.into_iter().map(Into::into).collect(),
        };
        Self { turns: found.turns.into_iter().map(turn).collect(), more: found.more }
    }
}

impl From<explain::WhatIf> for WhatIfBody {
    fn from(found: explain::WhatIf) -> Self {
        let differs = found.differs.into_iter().map(|one| DiffersBody {
            channel: one.channel,
            member: one.member.to_string(),
            act: one.act,
            kind: one.kind,
            labels: one.labels.into_iter().map(gotong_model::Tlp::as_str).collect(),
            before: one.before,
            after: one.after,
            says: SaidBody::of(&one.says, ""),
        });
        let recount = found.recount.into_iter().map(|one| RecountBody {
            channel: one.channel,
            author: one.author.to_string(),
            kind: one.kind,
            tlp: one.label.as_str(),
            records: one.records,
            after: one.after,
            says: SaidBody::of(&one.says, ""),
        });
        Self {
            purpose: found.supposed.purpose,
            agreement: found.supposed.agreement,
            number: found.supposed.number,
            at: found.supposed.at.to_string(),
            differs: differs.collect(),
            recount: recount.collect(),
            records: found.records,
            more: found.more,
            questions_max: found.questions_max,
            records_max: found.records_max,
        }
    }
}

impl EvidenceBody {
    /// Shapes evidence, with the region that it is of.
    pub(super) fn new(governance: &Governance, found: explain::Evidence) -> Self {
        Self {
            region: governance.region.to_string(),
            region_words: governance.region.to_words(),
            agreement: found.agreement.to_string(),
            handle: found.handle,
            title: found.title.get("en").cloned().unwrap_or_default(),
            channel: found.channel.map(|channel| channel.to_string()),
            not_provable: explain::not_provable(&found.documents),
            documents: found.documents.into_iter().map(document).collect(),
        }
    }
}
