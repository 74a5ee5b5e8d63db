//! The documents that govern: every charter, agreement and notice held here, and taking in one more. The first needs the right `audit`, the second
//! `documents`. What a document comes to, `gotong-model` works out.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::{Node, NodeFault};
use gotong_crypto::Digest;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::{Added, Governance};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::Json;
use super::who::{Auditing, Governing};
use crate::problem::{Problem, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, take))
}

/// A document to be taken in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentBody {
    /// The signed note: a charter, an agreement or a notice, with some signatures or all.
    note: String,
}

/// What a document came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Document taken in")]
pub(crate) struct TakenBody {
    /// `charter`, `agreement` or `notice`.
    pub(crate) purpose: String,
    /// Its hash.
    pub(crate) hash: String,
    /// `counts`, `waits` (for signatures, or for documents that it stands on) or `superseded` (another version of its number counts).
    pub(crate) state: String,
    /// The agreement that it is a version or a notice of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agreement: Option<String>,
    /// Whose signatures a version of an agreement lacks.
    pub(crate) missing: Vec<String>,
    /// The channels that the agreement opens for this member.
    pub(crate) channels: Vec<String>,
}

/// A document held here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Document")]
pub(crate) struct HeldBody {
    /// `charter`, `agreement` or `notice`.
    purpose: String,
    /// The signed note, with the signatures collected.
    note: String,
}

/// All documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentsBody {
    /// The region.
    region: String,
    /// Charters, agreements, notices, the member's own house rule.
    documents: Vec<HeldBody>,
    /// The signed statements of each member's keys, first to last.
    statements: Vec<String>,
}

/// Lists the documents that govern.
#[utoipa::path(get, path = "/documents", tag = "operation",
    responses((status = 200, description = "Charters, agreements and notices, complete or not", body = DocumentsBody)))]
async fn list(State(web): State<Web>, _auditing: Auditing) -> Result<Answer<DocumentsBody>, Problem> {
    let body = web
        .run(|node| {
            let governance = node.governance();
            let house = governance.own_house().into_iter().flat_map(|house| &house.agreement.versions);
            let house = house.map(|version| String::from_utf8_lossy(&version.note).into_owned());
            let documents = governance.notes().into_iter().chain(house).map(held).collect();
            let mut statements = Vec::new();
            for member in governance.statements.keys() {
                let notes = node.statement_notes(member)?;
                statements.extend(notes.iter().map(|note| String::from_utf8_lossy(note).into_owned()));
            }
            Ok::<_, NodeFault>(DocumentsBody { region: governance.region.to_string(), documents, statements })
        })
        .await?;
    Ok(Answer(body))
}

fn held(note: String) -> HeldBody {
    let purpose = document::purpose_of(note.as_bytes()).map(Purpose::as_str).unwrap_or_default().to_owned();
    HeldBody { purpose, note }
}

/// Takes in a charter, an agreement or a notice, complete or not, and says what it came to.
#[utoipa::path(post, path = "/documents", tag = "operation", request_body = DocumentBody,
    responses((status = 200, description = "It is kept", body = TakenBody)))]
async fn take(
    State(web): State<Web>,
    _governing: Governing,
    Json(body): Json<DocumentBody>,
) -> Result<Answer<TakenBody>, Problem> {
    web.expect_writable()?;
    let taken = web.run(move |node| adopt(node, body.note.as_bytes())).await?;
    taken.map(Answer).map_err(|text| Problem::of(&table::REFUSED).at("/note", "document.unfit", &text))
}

/// Outside: the node's fault. Inside: what is wrong with the document.
pub(crate) fn adopt(node: &Node, note: &[u8]) -> Result<Result<TakenBody, String>, NodeFault> {
    match document::purpose_of(note) {
        Ok(Purpose::Statement | Purpose::Acknowledgement) => {
            return Ok(Err("is no document that governs; a statement is given with `gotong peer add`".to_owned()));
        }
        Ok(Purpose::Charter | Purpose::Agreement | Purpose::House | Purpose::Notice) => {}
        Err(fault) => return Ok(Err(fault.to_string())),
    }
    match node.adopt(note) {
        Ok(added) => Ok(Ok(taken(node, &node.governance(), &added))),
        Err(NodeFault::Document(fault)) => Ok(Err(fault.to_string())),
        Err(NodeFault::Unfit(what)) => Ok(Err(what)),
        Err(fault @ (NodeFault::Store(_) | NodeFault::Restored)) => Err(fault),
    }
}

/// What a document came to, by what governs with it.
pub(crate) fn taken(node: &Node, governance: &Governance, added: &Added) -> TakenBody {
    let mut missing = Vec::new();
    let mut agreement = None;
    let (purpose, hash, state) = match added {
        Added::Charter(hash) => {
            let counts = governance.charters.iter().any(|charter| charter.hash() == *hash);
            (Purpose::Charter, *hash, if counts { "counts" } else { "waits" })
        }
        Added::Agreement(hash) => {
            let version = governance.agreements.values().find(|agreement| agreement.version(hash).is_some());
            let draft = governance.drafts.get(hash);
            missing.extend(draft.iter().flat_map(|draft| &draft.missing).map(ToString::to_string));
            agreement = version.map(|found| found.id).or_else(|| governance.agreement_of(&draft?.terms));
            let state = if version.is_some() { "counts" } else { "waits" };
            (Purpose::Agreement, *hash, if version.is_none() && draft.is_none() { "superseded" } else { state })
        }
        Added::Notice(hash) => {
            let has = |chain: &Vec<(Digest, _)>| chain.iter().any(|(known, _)| known == hash);
            let found = governance.agreements.values().find(|agreement| agreement.notices.values().any(has));
            agreement = found.map(|agreement| agreement.id);
            (Purpose::Notice, *hash, if found.is_some() { "counts" } else { "waits" })
        }
        Added::House(hash) => {
            let house = governance.own_house().filter(|house| house.agreement.version(hash).is_some());
            agreement = house.map(|house| house.agreement.id);
            let counts = house.is_some();
            (Purpose::House, *hash, if counts { "counts" } else { "waits" })
        }
        Added::Statement(_) => (Purpose::Statement, Digest([0; 32]), "counts"),
    };
    let is_mine = |id: &gotong_model::ChannelId| governance.in_audience(id, &node.member);
    let channels =
        governance.channels().filter(|channel| !channel.kind.is_governing() && Some(channel.agreement.id) == agreement);
    TakenBody {
        purpose: purpose.as_str().to_owned(),
        hash: hash.to_text(),
        state: state.to_owned(),
        agreement: agreement.map(|id| id.to_string()),
        missing,
        channels: channels.filter(|channel| is_mine(&channel.id)).map(|channel| channel.handle()).collect(),
    }
}
