//! Documents as files: downloading one with the signatures collected so far, and reading what was pasted or dropped back into single notes.
//!
//! Nothing here says whether a document holds. Read next: `agreements/hand_in.rs`.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use gotong_crypto::Digest;
use gotong_crypto::note::{Note, SignatureLine};
use gotong_model::RegionId;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use serde::Deserialize;
use serde_json::Value;

use super::super::form::Sent;
use super::super::person::Person;
use super::{expect_governor, expect_overseer, may_see};
use crate::api::Web;
use crate::api::who::lacking;
use crate::problem::{Problem, table};
use gotong_app::role::Right;

/// What every note begins with.
const BEGINS: &str = "gotong/";
/// The name on the only line of a note that nobody has signed.
const DRAFT: &str = "draft";

/// Text as a file to be kept, named with plain letters.
pub(in crate::console) fn attached(name: &str, text: String) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let plain: String = name.chars().filter(|sign| sign.is_ascii_alphanumeric() || "-_.".contains(*sign)).collect();
    let mut response = (HEADERS, text).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// The notes in what was pasted. Forms send lines that end in CR LF, and signatures are of lines that end in LF.
pub(in crate::console) fn split(pasted: &str) -> Vec<String> {
    let text = pasted.replace("\r\n", "\n");
    let mut notes: Vec<String> = Vec::new();
    for line in text.trim_start().split_inclusive('\n') {
        match notes.last_mut() {
            Some(note) if !line.starts_with(BEGINS) => note.push_str(line),
            _ => notes.push(line.to_owned()),
        }
    }
    for note in &mut notes {
        let kept = note.trim_end().len();
        note.truncate(kept);
        note.push('\n');
    }
    notes.retain(|note| note.len() > 1);
    notes
}

/// A document that nobody has signed yet, as a note: readers ignore the name on its only line.
pub(in crate::console) fn unsigned(region: &RegionId, purpose: Purpose, value: &Value) -> String {
    let line = SignatureLine { name: DRAFT.to_owned(), key_id: [0; 4], signature: vec![0; 64] };
    Note { text: document::text(region, purpose, value), lines: vec![line] }.encode()
}

/// Whether a notice or a house rule was handed in as it was drafted: it would only lie here. Agreements are proposed so, and collect their signatures.
pub(super) fn is_unsigned(note: &str) -> bool {
    let signs_alone = matches!(document::purpose_of(note.as_bytes()), Ok(Purpose::Notice | Purpose::House));
    let read = || gotong_crypto::note::parse(note.as_bytes());
    signs_alone && read().is_ok_and(|note| note.lines.iter().all(|line| line.name == DRAFT))
}

/// A draft that a page carries, to be kept as a file.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Drafted {
    name: String,
    text: String,
}

/// Hands a draft back as a file. Nothing of it is kept here.
pub(super) async fn give_back(Sent(person, sent): Sent<Drafted>) -> Result<Response, Response> {
    drafted(&person, &sent).map_err(IntoResponse::into_response)
}

fn drafted(person: &Person, sent: &Drafted) -> Result<Response, Problem> {
    expect_governor(person)?;
    let notes = split(&sent.text);
    let [note] = notes.as_slice() else {
        return Err(Problem::of(&table::REFUSED).saying("one document is handed back"));
    };
    if let Err(fault) = document::purpose_of(note.as_bytes()) {
        return Err(Problem::of(&table::REFUSED).saying(fault.to_string()));
    }
    let stem = sent.name.strip_suffix(".note").unwrap_or(&sent.name);
    let stem: String =
        stem.chars().filter(|sign| sign.is_ascii_alphanumeric() || "-_".contains(*sign)).take(80).collect();
    let name = if stem.is_empty() { "draft.note".to_owned() } else { format!("{stem}.note") };
    Ok(attached(&name, note.clone()))
}

/// A version of an agreement, by its hash: the agreement's id is known where it can be told, and the note.
fn version(governance: &Governance, hash: &Digest) -> Option<(gotong_model::AgreementId, String, Vec<u8>)> {
    let counted = governance.agreements.values().find_map(|agreement| {
        let version = agreement.version(hash)?;
        Some((agreement.id, &version.terms, &version.note))
    });
    let draft = || {
        let draft = governance.drafts.get(hash)?;
        Some((governance.agreement_of(&draft.terms)?, &draft.terms, &draft.note))
    };
    let (id, terms, note) = counted.or_else(draft)?;
    Some((id, format!("{}-{}.note", terms.handle, terms.number), note.clone()))
}

pub(super) async fn download(
    State(web): State<Web>,
    person: Person,
    Path(hash): Path<String>,
) -> Result<Response, Problem> {
    expect_overseer(&person)?;
    // A document with all its signatures is for who looks after documents or looks at what was done, as over the API.
    if !person.caller.may(Right::Documents) && !person.caller.may(Right::Audit) {
        return Err(lacking(&person.caller, Right::Documents));
    }
    let governance = web.node.governance();
    let found = Digest::from_text(&hash)
        .and_then(|hash| version(&governance, &hash))
        .filter(|(id, ..)| may_see(&web.node, &person.caller, &governance, id));
    let Some((_, name, note)) = found else { return Err(Problem::of(&table::NOT_FOUND)) };
    Ok(attached(&name, String::from_utf8_lossy(&note).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn notes_come_apart_where_the_next_begins_and_keep_their_own_line_ends() {
        let pasted =
            "\r\n  \ngotong/r/agreement\r\n{}\r\n\r\n— gotong/r/vn/root AAAA\r\n\r\ngotong/r/notice\n{}\n\n— x y";
        let notes = split(pasted);
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0], "gotong/r/agreement\n{}\n\n— gotong/r/vn/root AAAA\n");
        assert_eq!(notes[1], "gotong/r/notice\n{}\n\n— x y\n");
        assert!(split(" \r\n ").is_empty());
        assert_eq!(split("no note at all").len(), 1, "it is refused by name, and not left out");
    }
}
