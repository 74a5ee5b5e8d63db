//! The register of transfers, for whoever answers to a data-protection law: as JSON, as CSV for a spreadsheet, as a page to print.

use askama::Template;
use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::view::{self, RegisterQuestion, RegisterRow};
use gotong_model::{AgreementId, MemberCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::Parameters;
use super::records::time;
use super::who::Auditing;
use crate::page::text::{ENGLISH, Say};
use crate::page::{STYLE, page};
use crate::problem::{Problem, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(register))
}

/// Of which agreement and period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RegisterParams {
    /// The agreement, by handle or id.
    agreement: String,
    /// From this instant on; without it, from the beginning.
    from: Option<String>,
    /// Before this instant; without it, until now.
    until: Option<String>,
    /// `json`, `csv` or `html`.
    format: Option<String>,
}

/// The register of one agreement and period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Register")]
pub(crate) struct RegisterBody {
    /// The agreement's handle.
    agreement: String,
    /// What it is called, in English.
    title: String,
    /// The law or treaty it stands on.
    legal_basis: String,
    /// The period, from.
    from: String,
    /// The period, until.
    until: String,
    #[serde(skip)]
    shown_from: String,
    #[serde(skip)]
    shown_until: String,
    /// Records of the period that were withdrawn since.
    withdrawn: u64,
    /// What was shared.
    rows: Vec<RegisterLine>,
}

/// Records of one kind and label that one author shared in one channel with the same others.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterLine {
    /// The channel's handle.
    channel: String,
    /// What the channel is for.
    purpose: String,
    /// Who shared.
    author: String,
    /// With whom.
    recipients: Vec<String>,
    /// What, such as `stix.indicator`.
    kind: String,
    /// The label it was published under.
    tlp: String,
    /// The version of the agreement.
    version: u64,
    /// The clauses that let it.
    clauses: Vec<String>,
    /// The rule for personal data there.
    personal_data: String,
    /// Records.
    records: u64,
    /// The first of them.
    first: String,
    /// The last of them.
    last: String,
    #[serde(skip)]
    shown_first: String,
    #[serde(skip)]
    shown_last: String,
}

#[derive(Template)]
#[template(path = "register.html")]
struct Page {
    say: Say,
    style: &'static str,
    register: RegisterBody,
}

impl From<RegisterRow> for RegisterLine {
    fn from(row: RegisterRow) -> Self {
        Self {
            channel: row.channel,
            purpose: row.purpose,
            author: row.author.to_string(),
            recipients: row.recipients.iter().map(MemberCode::to_string).collect(),
            kind: row.kind,
            tlp: row.tlp.as_str().to_owned(),
            version: row.version,
            clauses: row.clauses,
            personal_data: row.personal_data.as_str().to_owned(),
            records: row.count,
            first: row.first.to_string(),
            last: row.last.to_string(),
            shown_first: second(&row.first.to_string()),
            shown_last: second(&row.last.to_string()),
        }
    }
}

/// What was shared with whom, under which clause and legal basis: derived from the logs held here.
#[utoipa::path(get, path = "/register", tag = "logs", params(RegisterParams),
    responses((status = 200, description = "The register", body = RegisterBody,
        content((RegisterBody = "application/json"), (String = "text/csv"), (String = "text/html")))))]
async fn register(
    State(web): State<Web>,
    who: Auditing,
    Parameters(params): Parameters<RegisterParams>,
) -> Result<Response, Problem> {
    let agreement = agreement(&web, &params.agreement).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let question = RegisterQuestion {
        agreement,
        from: time("from", params.from.as_deref())?.unwrap_or_default(),
        until: time("until", params.until.as_deref())?.unwrap_or(web.node.now()),
    };
    let found = web.run(move |node| view::register(node, &who.0, &question)).await?;
    let found = found.ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let register = RegisterBody {
        agreement: found.handle,
        title: found.title.get("en").cloned().unwrap_or_default(),
        legal_basis: found.legal_basis,
        from: shown(found.from),
        until: found.until.to_string(),
        shown_from: second(&shown(found.from)),
        shown_until: second(&found.until.to_string()),
        withdrawn: found.withdrawn,
        rows: found.rows.into_iter().map(RegisterLine::from).collect(),
    };
    match params.format.as_deref() {
        None | Some("json") => Ok(Answer(register).into_response()),
        Some("csv") => {
            let mut response = csv(&register).into_response();
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
            let name = HeaderValue::from_static("attachment; filename=\"register.csv\"");
            response.headers_mut().insert(CONTENT_DISPOSITION, name);
            Ok(response)
        }
        Some("html") => html(register),
        Some(_) => Err(Problem::of(&table::BAD_PARAMETER).saying("format must be json, csv or html")),
    }
}

/// The register as a page that stands alone: its style is in it, and allowed by its digest alone.
fn html(register: RegisterBody) -> Result<Response, Problem> {
    let mut response = page(StatusCode::OK, &Page { say: ENGLISH, style: STYLE, register })?;
    let digest = gotong_crypto::text::base64(gotong_crypto::sha256(STYLE.as_bytes()).as_bytes());
    let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// A time as people read it: to the second, and never broken in two.
fn second(time: &str) -> String {
    time.split_once('.').map_or_else(|| time.to_owned(), |(second, _)| format!("{} UTC", second.replace('T', " ")))
}

fn agreement(web: &Web, name: &str) -> Option<AgreementId> {
    let governance = web.node.governance();
    if let Some(id) = AgreementId::from_text(name) {
        return governance.agreements.contains_key(&id).then_some(id);
    }
    let mut named = governance.agreements.values().filter(|agreement| agreement.terms.handle.as_str() == name);
    let first = named.next()?.id;
    // A handle that two agreements have names nothing.
    named.next().is_none().then_some(first)
}

/// The beginning of time is no date that anyone would write.
fn shown(from: Timestamp) -> String {
    if from == Timestamp::default() { "the beginning".to_owned() } else { from.to_string() }
}

/// RFC 4180, with a line of names first.
fn csv(register: &RegisterBody) -> String {
    let names = [
        "agreement",
        "version",
        "legal_basis",
        "channel",
        "purpose",
        "clauses",
        "personal_data",
        "author",
        "recipients",
        "kind",
        "tlp",
        "records",
        "first",
        "last",
    ];
    let mut out = format!("{}\r\n", names.join(","));
    for row in &register.rows {
        let (version, records) = (row.version.to_string(), row.records.to_string());
        let (clauses, recipients) = (row.clauses.join(" "), row.recipients.join(" "));
        let cells: [&str; 14] = [
            &register.agreement,
            &version,
            &register.legal_basis,
            &row.channel,
            &row.purpose,
            &clauses,
            &row.personal_data,
            &row.author,
            &recipients,
            &row.kind,
            &row.tlp,
            &records,
            &row.first,
            &row.last,
        ];
        let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// One cell. What a spreadsheet would take for a formula gets an apostrophe before it: texts of agreements are other people's.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::{cell, second};

    #[test]
    fn a_time_is_shown_to_the_second_and_a_word_as_it_is() {
        assert_eq!(second("2026-12-01T08:00:00.000000Z"), "2026-12-01 08:00:00 UTC");
        assert_eq!(second("the beginning"), "the beginning");
    }

    #[test]
    fn a_cell_is_text_whatever_stands_in_it() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("-1\n"), "\"'-1\n\"");
    }
}
