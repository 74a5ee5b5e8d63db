//! Why: of a record that is here who receives it, of a period what changes, of a draft what it would change, of an agreement who signed it and since when that
//! can be shown. Shapes the answers of `gotong_app::explain`; what the caller may not read is answered as what does not exist.

mod documents;
mod reception;

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::explain;
use gotong_app::{NodeFault, quarantine, view};
use gotong_model::{MemberCode, Timestamp};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Parameters};
use super::records::time;
use super::who::{Auditing, Governing, Who};
use crate::problem::{Problem, table};
use documents::{ChangesBody, EvidenceBody, WhatIfBody};
pub(crate) use reception::ReceptionBody;
use reception::StoredAnswer;

/// Versions of one object that one answer explains.
const VERSIONS_MAX: usize = 20;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(explain_record))
        .routes(routes!(changes))
        .routes(routes!(what_if))
        .routes(routes!(evidence))
}

/// Which record, and for whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordParams {
    /// The object's id.
    id: Option<String>,
    /// In place of the id: the log's origin.
    log: Option<String>,
    /// The index in that log.
    index: Option<u64>,
    /// Only this member.
    member: Option<String>,
}

/// Why a record is where it is: by which clause, how long, who receives it, who has it. By the object's id, or by its place in a log.
#[utoipa::path(get, path = "/explain", tag = "read", params(RecordParams),
    responses((status = 200, description = "Each publication of it", body = StoredAnswer)))]
async fn explain_record(
    State(web): State<Web>,
    who: Who,
    Parameters(params): Parameters<RecordParams>,
) -> Result<Answer<StoredAnswer>, Problem> {
    let bad = |text: &str| Problem::of(&table::BAD_PARAMETER).saying(text);
    // The charter is known to every caller, so this tells nothing of any channel.
    let members = web.node.governance();
    let named = |code: &str| {
        let code = MemberCode::from_text(code)?;
        members.charters.iter().any(|charter| charter.members.contains_key(&code)).then_some(code)
    };
    let member = params
        .member
        .as_deref()
        .map(|code| named(code).ok_or_else(|| bad("member is the code of nobody whom a charter names")));
    let member = member.transpose()?;
    let (caller, is_limited) = (who.0.clone(), who.0.channels.is_some());
    let wanted = match (params.id, params.log, params.index) {
        (Some(id), None, None) => (Some(id), None),
        (None, Some(log), Some(index)) => (None, Some((log, index))),
        _ => return Err(bad("name the record by id, or by log and index")),
    };
    let found = web.find(move |node| {
        let mut waiting = Vec::new();
        let places = match wanted {
            (_, Some(place)) => vec![place],
            (id, None) => {
                let id = id.unwrap_or_default();
                waiting = quarantine::named(node, &caller, &id)?;
                waiting.truncate(VERSIONS_MAX);
                let versions = view::read(node, &caller, &id)?;
                let open = versions.iter().filter_map(|version| version.place.open());
                open.map(|(log, index)| (log.to_owned(), index)).take(VERSIONS_MAX).collect()
            }
        };
        let mut found = Vec::new();
        for (log, index) in places {
            found.extend(explain::stored(node, &caller, &log, index)?);
        }
        let is_any = !found.is_empty() || !waiting.is_empty();
        Ok::<_, NodeFault>(is_any.then_some((found, waiting)))
    });
    let found = found.await?;
    let links = if is_limited { Vec::new() } else { web.links.snapshot() };
    let heard = links.into_iter().map(|link| (link.member, link.last_contact)).collect();
    Ok(Answer(StoredAnswer::new(found, member.as_ref(), &heard)))
}

/// Of which agreement and period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesParams {
    /// The agreement, by handle or id; without it, all of which the caller may read a channel.
    agreement: Option<String>,
    /// From this instant on; without it, from now.
    from: Option<String>,
    /// Before this instant; without it, without end.
    until: Option<String>,
}

/// What changes in a period: versions, charters, suspensions, ends, accessions, graces, retention; and for each what it changes for whom in which channel.
#[utoipa::path(get, path = "/changes", tag = "channels", params(ChangesParams),
    responses((status = 200, description = "In order of time", body = ChangesBody)))]
async fn changes(
    State(web): State<Web>,
    who: Who,
    Parameters(params): Parameters<ChangesParams>,
) -> Result<Answer<ChangesBody>, Problem> {
    let from = time("from", params.from.as_deref())?.unwrap_or(web.node.now());
    let until = time("until", params.until.as_deref())?.unwrap_or(Timestamp::MAX);
    if until <= from {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("until must be later than from"));
    }
    let named = params.agreement.as_deref().map(|name| {
        explain::agreement_named(&web.node.governance(), name).ok_or_else(|| Problem::of(&table::NOT_FOUND))
    });
    let only = named.transpose()?;
    let found = web.find(move |node| explain::changes(node, &who.0, only, (from, until))).await?;
    Ok(Answer(found.into()))
}

/// A draft, and the instant for which it is supposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupposeBody {
    /// A version of an agreement or a notice, as a note; who has signed it makes no difference.
    note: String,
    /// An instant; without it, the first at which the draft would count, now at the earliest.
    at: Option<String>,
}

/// What a draft would change if it counted. Nothing is written.
#[utoipa::path(post, path = "/what-if", tag = "operation", request_body = SupposeBody,
    responses((status = 200, description = "Decisions that would be others", body = WhatIfBody)))]
async fn what_if(
    State(web): State<Web>,
    Governing(caller): Governing,
    Json(body): Json<SupposeBody>,
) -> Result<Answer<WhatIfBody>, Problem> {
    let at = time("at", body.at.as_deref())?;
    let found = web.run(move |node| explain::what_if(node, &caller, body.note.as_bytes(), at)).await?;
    let found = found.map_err(|fault| Problem::of(&table::REFUSED).at("/note", "document.unfit", fault.to_string()))?;
    Ok(Answer(found.into()))
}

/// Of which agreement.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EvidenceParams {
    /// The agreement, by handle or id.
    agreement: String,
    /// Only this version.
    version: Option<u64>,
}

/// What was signed of an agreement, when and by whom, from this node's own store alone.
#[utoipa::path(get, path = "/evidence", tag = "operation", params(EvidenceParams),
    responses((status = 200, description = "Each document with each signature", body = EvidenceBody)))]
async fn evidence(
    State(web): State<Web>,
    Auditing(caller): Auditing,
    Parameters(params): Parameters<EvidenceParams>,
) -> Result<Answer<EvidenceBody>, Problem> {
    let governance = web.node.governance();
    let missing = || Problem::of(&table::NOT_FOUND);
    let id = explain::agreement_named(&governance, &params.agreement).ok_or_else(missing)?;
    let found = web.find(move |node| explain::evidence(node, &caller, &id, params.version)).await?;
    if found.documents.is_empty() {
        return Err(missing());
    }
    Ok(Answer(EvidenceBody::new(&governance, found)))
}
