//! The store's file for `gotong backup`, through the socket of the data folder and no other way: it holds every channel and every secret of the node, so no
//! token reaches it, and elsewhere the address answers like one that is not there.
//!
//! The answer is one line of JSON ([`Head`], or why there is none), then the bytes. The node serves meanwhile. Read next: `gotong-app/src/backup.rs`.

use axum::Json as Answer;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::backup;
use gotong_app::{Node, NodeFault};
use gotong_crypto::Hasher;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Web;
use crate::api::lines::{self, LineWriter};
use crate::api::operation::long_turn;
use crate::api::who::Arrival;
use crate::problem::{Problem, table};

/// Bytes read at a time.
const STEP: usize = 256 << 10;
/// After each step others get their turn at disk and processor.
const PAUSE: std::time::Duration = std::time::Duration::from_micros(300);
/// The longest note.
const NOTE_BYTES_MAX: usize = 4 << 10;

fn expect_socket(request: &Request) -> Result<(), Problem> {
    // INVARIANT: 1. Who can open the socket can read the folder; nobody else gets a byte of this.
    if request.extensions().get::<Arrival>() == Some(&Arrival::Socket) {
        Ok(())
    } else {
        Err(Problem::of(&table::NOT_FOUND))
    }
}

/// What comes before the bytes.
#[derive(Debug, Serialize)]
struct Head {
    member: String,
    name: String,
    region: String,
    region_words: String,
    made_at: String,
    bytes: u64,
    sha256: String,
    logs: Vec<Value>,
}

/// Hands over the store's file as it is now.
pub(super) async fn take(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    expect_socket(&request)?;
    let turn = long_turn(&web)?;
    let (writer, body) = lines::channel();
    tokio::task::spawn_blocking(move || {
        if let Err(fault) = send(&web.node, &writer) {
            tracing::warn!(%fault, "a backup broke off");
            // Behind the head the answer simply breaks: whoever reads it misses bytes.
            let _ = writer.line(&json!({"problem": Problem::from(fault).document()}));
            writer.abort();
        }
        drop(turn);
    });
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(response)
}

fn send(node: &Node, writer: &LineWriter) -> Result<(), NodeFault> {
    let made_at = node.now();
    let shot = backup::shot(node)?;
    let bytes = shot.still.bytes();
    let mut digest = Hasher::default();
    each_step(&shot, |piece| {
        digest.update(piece);
        !writer.is_gone()
    })?;
    let governance = node.governance();
    let logs = shot.logs.iter();
    let head = Head {
        member: node.member.to_string(),
        name: node.name.clone(),
        region: governance.region.to_string(),
        region_words: governance.region.to_words(),
        made_at: made_at.to_string(),
        bytes,
        sha256: digest.finish().to_text(),
        logs: logs.map(|log| json!({"log": log.origin, "size": log.size, "root": log.root.to_text()})).collect(),
    };
    if writer.line(&head).is_err() {
        return Ok(());
    }
    each_step(&shot, |piece| writer.write(piece.to_vec()).is_ok())
}

/// Reads the file from its beginning, until `with` wants no more.
fn each_step(shot: &backup::Shot<'_>, mut with: impl FnMut(&[u8]) -> bool) -> Result<(), NodeFault> {
    let mut buffer = vec![0; STEP];
    let mut at = 0;
    while at < shot.still.bytes() {
        let left = usize::try_from(shot.still.bytes() - at).unwrap_or(STEP).min(STEP);
        let Some(piece) = buffer.get_mut(..left) else { break };
        shot.still.read_at(at, piece)?;
        if !with(piece) {
            break;
        }
        at += left as u64;
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// A backup is whole and in its place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// The moment that it shows.
    made_at: String,
    /// Bytes of its file.
    bytes: u64,
}

/// Notes that a backup was finished.
pub(super) async fn note(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    expect_socket(&request)?;
    let body = axum::body::to_bytes(request.into_body(), NOTE_BYTES_MAX).await;
    let note = body.ok().and_then(|body| serde_json::from_slice::<Note>(&body).ok());
    let at = note.as_ref().and_then(|note| gotong_model::Timestamp::parse(&note.made_at));
    let (Some(note), Some(at)) = (note, at) else {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("made_at must be a time, bytes a number"));
    };
    web.run(move |node| backup::note(node, at, note.bytes)).await?;
    Ok((StatusCode::OK, Answer(json!({"noted": true}))).into_response())
}
