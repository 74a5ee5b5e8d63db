//! Where one entry comes from: when it came, what its author signed, the proof, the governance it names, the clauses that admit it, who holds it; all of it
//! verified again for the page. The same as JSON, to be kept and verified by others.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::Response;
use axum::routing::get;
use gotong_app::role::Right;
use gotong_app::view::{self, Provenance};
use gotong_language::Arg;
use serde::Deserialize;

use super::operation::{expect_staff, number};
use super::person::Person;
use super::shell::Shell;
use super::show;
use super::shown::{Because, Label, When, english_name};
use crate::api::input::Parameters;
use crate::api::records::ProvenanceBody;
use crate::api::{Web, json_bytes};
use crate::problem::Problem;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/provenance", get(page)).route("/provenance.json", get(download))
}

/// Which entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    log: String,
    index: u64,
}

#[derive(Template)]
#[template(path = "console/provenance.html")]
struct ProvenancePage {
    shell: Shell,
    /// Whether the log is one of an exercise's channel.
    is_exercise: bool,
    log: String,
    index: String,
    author: String,
    verified: bool,
    reason: Option<String>,
    label: Option<Label>,
    published: Option<When>,
    arrived: Option<When>,
    arrived_with: String,
    signed: Option<Signed>,
    steps: Vec<String>,
    steps_text: String,
    leaf_hash: String,
    agreement: String,
    basis: Vec<(String, String)>,
    clauses: Vec<(String, String, Because)>,
    is_admitted: Option<bool>,
    withdrawn: Option<(String, String)>,
    holders: Vec<Holder>,
    download: String,
}

/// What the author signed.
struct Signed {
    size: String,
    root: String,
    key: String,
    statement: String,
    note: String,
}

struct Holder {
    name: String,
    at: When,
    verified: bool,
    erased: Option<bool>,
}

async fn found(web: &Web, person: &Person, asked: &Asked) -> Result<Provenance, Problem> {
    expect_staff(person, Right::Oversee)?;
    let (asking, log, index) = (person.caller.clone(), asked.log.clone(), asked.index);
    web.find(move |node| view::provenance(node, &asking, &log, index)).await
}

async fn page(
    State(web): State<Web>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    let found = found(&web, &person, &asked).await?;
    show(&shown(&web, &person, found))
}

fn shown(web: &Web, person: &Person, found: Provenance) -> ProvenancePage {
    let words = person.words;
    let governance = web.node.governance();
    let name = |code: &gotong_model::MemberCode| english_name(&governance, code);
    let log: String = url::form_urlencoded::byte_serialize(found.origin.as_bytes()).collect();
    let mut basis = Vec::new();
    if let Some(named) = &found.basis {
        basis.push((words.t("provenance-basis-charter"), named.basis.charter.to_text()));
        basis.push((words.t("provenance-basis-agreement"), named.basis.agreement_hash.to_text()));
        basis.extend(named.basis.notices.iter().map(|notice| (words.t("provenance-basis-notice"), notice.to_text())));
    }
    let channel = found.origin.split('/').nth(2).and_then(|id| governance.channel_by_name(id));
    let arrival = found.arrival.as_ref();
    let envelope = found.envelope.as_ref();
    ProvenancePage {
        is_exercise: channel.is_some_and(|channel| channel.channel_type.exercise),
        index: number(words, found.index),
        author: name(&found.author),
        verified: found.verified,
        label: envelope.and_then(|envelope| envelope.tlp).map(Label::of),
        published: envelope.map(|envelope| When::at(&person.moments, envelope.published_at)),
        arrived: arrival.map(|arrival| When::at(&person.moments, arrival.at)),
        arrived_with: arrival.map_or_else(String::new, |arrival| {
            words.count("provenance-arrived-with", usize::try_from(arrival.count).unwrap_or(usize::MAX))
        }),
        signed: found.checkpoint.as_ref().map(|signed| Signed {
            size: number(words, signed.size),
            root: signed.root.to_text(),
            key: signed.key.clone(),
            statement: number(words, signed.statement),
            note: signed.note.clone(),
        }),
        steps_text: words.count("provenance-steps", found.proof.len()),
        steps: found.proof.iter().map(gotong_crypto::Digest::to_text).collect(),
        leaf_hash: found.leaf_hash.to_text(),
        agreement: words.with("provenance-agreement", &[("name", Arg::Text(&found.agreement_handle))]),
        basis,
        clauses: found
            .grounds
            .iter()
            .map(|ground| {
                let clause = format!("{} {}", ground.handle, ground.clause);
                (clause, ground.title.clone(), Because::ground(words, ground))
            })
            .collect(),
        is_admitted: found.admitted,
        withdrawn: found.tombstone.as_ref().map(|tombstone| {
            (
                words.t(&format!("withdraw-reason-{}", tombstone.reason.as_str())),
                super::object::provenance_path(&tombstone.origin, tombstone.index),
            )
        }),
        holders: found
            .acknowledged
            .iter()
            .map(|held| Holder {
                name: name(&held.member),
                at: When::at(&person.moments, held.at),
                verified: held.verified,
                erased: held.erased,
            })
            .collect(),
        download: format!("/provenance.json?log={log}&index={}", found.index),
        reason: found.reason,
        log: found.origin,
        shell: Shell::of(web, person, "/logs"),
    }
}

/// The proof as the API writes it, as a file.
async fn download(
    State(web): State<Web>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    let body = ProvenanceBody::from(found(&web, &person, &asked).await?);
    let mut response = json_bytes(serde_json::to_vec_pretty(&body).unwrap_or_default());
    let name = HeaderValue::from_str(&format!("attachment; filename=\"proof-{}.json\"", asked.index));
    if let Ok(name) = name {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
