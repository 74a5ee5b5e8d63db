//! What is known around one object: what proves it, why it may be here, who has it.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::caller::Caller;
use gotong_app::view::{self, ExplainQuestion, RecordView};
use gotong_app::{Node, NodeFault};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Web;
use crate::api::input::Path;
use crate::api::shapes::{ExplanationBody, GroundBody, TombstoneBody, grounds_body, raw};
use crate::api::who::Who;
use crate::problem::Problem;

/// Versions that are looked into for one answer.
const VERSIONS_MAX: usize = 20;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(provenance)).routes(routes!(explain)).routes(routes!(acknowledgements))
}

/// Everything that proves where an entry comes from; all of it was verified again for this answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Provenance")]
pub(crate) struct ProvenanceBody {
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// The author.
    author: String,
    /// The leaf: version, flags and commitment, in base64.
    leaf: String,
    /// Its hash in the tree, in base32.
    leaf_hash: String,
    /// What the author says about the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    envelope: Option<Box<serde_json::value::RawValue>>,
    /// When and with what it came to this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<ArrivalBody>,
    /// What the author signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<CheckpointBody>,
    /// From the leaf to the checkpoint's root, lowest first, in base32 (RFC 9162).
    inclusion_proof: Vec<String>,
    /// The agreement.
    agreement: AgreementRef,
    /// The governance that the entry names.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<BasisBody>,
    /// Whether the clauses admit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    admitted: Option<bool>,
    /// The clauses.
    grounds: Vec<GroundBody>,
    /// What withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tombstone: Option<TombstoneBody>,
    /// What other members say of it.
    acknowledged: Vec<AcknowledgedBody>,
    /// Whether all of this held just now.
    verified: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// When and with what an entry came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArrivalBody {
    /// For `after` of a list that begins here.
    position: String,
    /// When.
    at: String,
    /// The first entry of the frame.
    first: u64,
    /// Entries in the frame.
    count: u64,
}

/// What the author signed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckpointBody {
    /// The signed note.
    note: String,
    /// The size it covers.
    size: u64,
    /// The root, in base32.
    root: String,
    /// The node key that signed it.
    key: String,
    /// The serial of the author's statement that names the key.
    statement: u64,
}

/// An agreement by its names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementRef {
    /// Its id.
    id: String,
    /// The hash of the version known here.
    hash: String,
    /// Its handle.
    handle: String,
}

/// The governance that an entry names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisBody {
    /// The index of the entry that lists it.
    index: u64,
    /// The charter's hash.
    charter: String,
    /// The agreement's hash.
    agreement_hash: String,
    /// Hashes of notices.
    notices: Vec<String>,
}

/// What another member says of an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AcknowledgedBody {
    /// Who.
    member: String,
    /// When.
    at: String,
    /// Whether it has verified the log past this entry.
    verified: bool,
    /// Whether it has erased it, where it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<bool>,
}

impl From<view::AcknowledgedBy> for AcknowledgedBody {
    fn from(view: view::AcknowledgedBy) -> Self {
        Self { member: view.member.to_string(), at: view.at.to_string(), verified: view.verified, erased: view.erased }
    }
}

impl From<view::Provenance> for ProvenanceBody {
    fn from(view: view::Provenance) -> Self {
        let envelope = view.envelope.as_ref().and_then(|envelope| raw(envelope.encode()));
        Self {
            log: view.origin,
            index: view.index,
            author: view.author.to_string(),
            leaf: gotong_crypto::text::base64(&view.leaf.encode()),
            leaf_hash: view.leaf_hash.to_text(),
            envelope,
            arrival: view.arrival.map(|arrival| ArrivalBody {
                position: arrival.position,
                at: arrival.at.to_string(),
                first: arrival.first,
                count: arrival.count,
            }),
            checkpoint: view.checkpoint.map(|checkpoint| CheckpointBody {
                note: checkpoint.note,
                size: checkpoint.size,
                root: checkpoint.root.to_text(),
                key: checkpoint.key,
                statement: checkpoint.statement,
            }),
            inclusion_proof: view.proof.iter().map(gotong_crypto::Digest::to_text).collect(),
            agreement: AgreementRef {
                id: view.agreement.to_string(),
                hash: view.agreement_hash.to_text(),
                handle: view.agreement_handle,
            },
            basis: view.basis.map(|basis| BasisBody {
                index: basis.index,
                charter: basis.basis.charter.to_text(),
                agreement_hash: basis.basis.agreement_hash.to_text(),
                notices: basis.basis.notices.iter().map(gotong_crypto::Digest::to_text).collect(),
            }),
            admitted: view.admitted,
            grounds: view.grounds.iter().map(grounds_body).collect(),
            tombstone: view.tombstone.map(Into::into),
            acknowledged: view.acknowledged.into_iter().map(Into::into).collect(),
            verified: view.verified,
            reason: view.reason,
        }
    }
}

/// The way from an id to what is known of each of its versions; 404 where there are none.
async fn of_versions<T: Send + 'static>(
    web: &Web,
    who: Who,
    id: &str,
    question: fn(&Node, &Caller, &RecordView) -> Result<Option<T>, NodeFault>,
) -> Result<Vec<T>, Problem> {
    let id = id.to_owned();
    web.find(move |node| {
        let versions = view::read(node, &who.0, &id)?;
        if versions.is_empty() {
            return Ok(None);
        }
        let known =
            versions.iter().take(VERSIONS_MAX).filter_map(|version| question(node, &who.0, version).transpose());
        known.collect::<Result<Vec<T>, NodeFault>>().map(Some)
    })
    .await
}

/// Where the versions of one object come from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvenancesBody {
    /// The id.
    id: String,
    /// At most twenty, by author, newest first.
    publications: Vec<ProvenanceBody>,
}

/// Where an object comes from: down to frame, checkpoint, signature and clause.
#[utoipa::path(get, path = "/records/{id}/provenance", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "What proves each version", body = ProvenancesBody)))]
async fn provenance(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Answer<ProvenancesBody>, Problem> {
    let publications = of_versions(&web, who, &id, |node, caller, version| {
        let Some((log, index)) = version.place.open() else { return Ok(None) };
        Ok(view::provenance(node, caller, log, index)?.map(Into::into))
    });
    Ok(Answer(ProvenancesBody { publications: publications.await?, id }))
}

/// Why one version is where it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedBody {
    /// The author.
    author: String,
    /// The channel's handle.
    channel: String,
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// The clauses that admitted it when it was published.
    admitted_under: Vec<GroundBody>,
    /// What publishing the same here and now would meet, and who would receive it.
    now: ExplanationBody,
}

/// Why the versions of one object are where they are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedVersions {
    /// The id.
    id: String,
    /// At most twenty.
    publications: Vec<ExplainedBody>,
}

/// Why an object may be here, by clause, and who receives such a record.
#[utoipa::path(get, path = "/records/{id}/explain", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "The clauses for each version", body = ExplainedVersions)))]
async fn explain(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Answer<ExplainedVersions>, Problem> {
    let publications = of_versions(&web, who, &id, |node, caller, version| {
        let kind = format!("{}.{}", version.kind, version.object_type);
        let (channel, label, personal_data) = (version.channel, Some(version.label), Some(version.personal_data));
        let question = ExplainQuestion { channel, kind, label, personal_data, at: None };
        let Some(now) = view::explain(node, caller, &question) else { return Ok(None) };
        let Some((log, index)) = version.place.open() else { return Ok(None) };
        let proven = view::provenance(node, caller, log, index)?;
        Ok(Some(ExplainedBody {
            author: version.author.to_string(),
            channel: version.channel_handle.clone(),
            log: log.to_owned(),
            index,
            admitted_under: proven.iter().flat_map(|proven| &proven.grounds).map(grounds_body).collect(),
            now: now.into(),
        }))
    });
    Ok(Answer(ExplainedVersions { publications: publications.await?, id }))
}

/// Who has one version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionAcknowledgements {
    /// The author.
    author: String,
    /// The channel's handle.
    channel: String,
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// What other members say of it.
    acknowledged: Vec<AcknowledgedBody>,
}

/// Who has the versions of one object.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordAcknowledgements {
    /// The id.
    id: String,
    /// At most twenty.
    publications: Vec<VersionAcknowledgements>,
}

/// Who says that it has an object.
#[utoipa::path(get, path = "/records/{id}/acknowledgements", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "What other members say of each version", body = RecordAcknowledgements)))]
async fn acknowledgements(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Answer<RecordAcknowledgements>, Problem> {
    let publications = of_versions(&web, who, &id, |node, caller, version| {
        let Some((log, index)) = version.place.open() else { return Ok(None) };
        let proven = view::provenance(node, caller, log, index)?;
        Ok(proven.map(|proven| VersionAcknowledgements {
            author: version.author.to_string(),
            channel: version.channel_handle.clone(),
            log: log.to_owned(),
            index,
            acknowledged: proven.acknowledged.into_iter().map(Into::into).collect(),
        }))
    });
    Ok(Answer(RecordAcknowledgements { publications: publications.await?, id }))
}
