//! Records out, in other programs' formats, as one stream: a STIX bundle, or observable values one a line.
//!
//! Where outgoing bytes lack the label that counts, a copy is marked; the original stays as it is. One publication each: nothing is merged.

use std::collections::HashSet;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use gotong_app::view::{self, Query, RecordView, ViewFault};
use gotong_crypto::sha256;
use gotong_formats::stix21::{self, BundleWriter};
use gotong_model::{Timestamp, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::Parameters;
use super::lines::{self, LineWriter};
use super::records::time;
use super::who::Who;
use crate::problem::{Problem, table};

/// Bytes that are gathered before they are handed to the network.
const PIECE_BYTES: usize = 256 << 10;
/// Values that are remembered so that none comes twice; beyond them some may.
const VALUES_REMEMBERED_MAX: usize = 2_000_000;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(export))
}

/// What is exported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportParams {
    /// Only this channel, by handle or id.
    channel: Option<String>,
    /// `stix` (a bundle) or `text` (observable values, one a line).
    format: Option<String>,
    /// Only objects whose own time is not before this.
    since: Option<String>,
}

#[derive(Clone, Copy)]
enum Format {
    Stix,
    Text,
}

/// Exports the newest versions of what the caller may read. A stream that breaks off ends without its closing bracket.
#[utoipa::path(get, path = "/export", tag = "read", params(ExportParams),
    responses((status = 200, description = "A STIX 2.1 bundle, or values one a line",
        content((serde_json::Value = "application/stix+json;version=2.1"), (String = "text/plain")))))]
async fn export(
    State(web): State<Web>,
    who: Who,
    Parameters(params): Parameters<ExportParams>,
) -> Result<Response, Problem> {
    let format = match params.format.as_deref() {
        None | Some("stix") => Format::Stix,
        Some("text") => Format::Text,
        Some(_) => return Err(Problem::of(&table::BAD_PARAMETER).saying("format must be stix or text")),
    };
    let channel = params.channel.as_deref().map(|name| web.channel(&who.0, name)).transpose()?;
    let query = Query { channel, since: time("since", params.since.as_deref())?, ..Query::default() };
    let busy = |_| Problem::of(&table::BUSY).retry_after_s(10);
    let turn = std::sync::Arc::clone(&web.long_work).try_acquire_owned().map_err(busy)?;
    let (writer, body) = lines::channel();
    tokio::task::spawn_blocking(move || {
        let mut export = Export::new(&web, format);
        if let Err(problem) = export.run(&web, &who, query, &writer) {
            // The answer has begun: it ends unfinished, which every reader of a bundle notices.
            tracing::warn!(problem = problem.kind().slug, "an export broke off");
            writer.abort();
        }
        drop(turn);
    });
    let mut response = body.into_response();
    let (media, name) = match format {
        Format::Stix => ("application/stix+json;version=2.1", "attachment; filename=\"gotong.stix.json\""),
        Format::Text => ("text/plain; charset=utf-8", "attachment; filename=\"gotong.txt\""),
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

struct Export {
    bundle: Option<BundleWriter>,
    text: Vec<u8>,
    /// Digests of values that were told: a set of the values themselves would take several times the room.
    told: HashSet<[u8; 16]>,
    now: Timestamp,
}

impl Export {
    fn new(web: &Web, format: Format) -> Self {
        let mut uuid = [0_u8; 16];
        web.node.entropy().fill(&mut uuid);
        // Version 4, variant 10 (RFC 9562).
        if let Some(byte) = uuid.get_mut(6) {
            *byte = (*byte & 0x0f) | 0x40;
        }
        if let Some(byte) = uuid.get_mut(8) {
            *byte = (*byte & 0x3f) | 0x80;
        }
        let bundle = matches!(format, Format::Stix).then(|| BundleWriter::start(uuid));
        Self { bundle, text: Vec::new(), told: HashSet::new(), now: web.node.now() }
    }

    fn run(&mut self, web: &Web, who: &Who, mut query: Query, writer: &LineWriter) -> Result<(), Problem> {
        query.limit = limits::PAGE_ROWS_MAX;
        loop {
            let page = view::list(&web.node, &who.0, &query).map_err(|fault: ViewFault| Problem::from(fault))?;
            for record in page.rows.into_iter().filter(|record| record.is_newest) {
                self.record(&record);
            }
            let piece = match &mut self.bundle {
                Some(bundle) => bundle.take(),
                None if self.text.len() >= PIECE_BYTES || page.next.is_none() => std::mem::take(&mut self.text),
                None => Vec::new(),
            };
            if writer.write(piece).is_err() {
                // Nobody reads any more.
                return Ok(());
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        if let Some(bundle) = self.bundle.take() {
            let _ = writer.write(bundle.finish());
        }
        Ok(())
    }

    fn record(&mut self, record: &RecordView) {
        if let Some(bundle) = &mut self.bundle {
            bundle.object(&stix21::mark_copy(&record.body, record.label));
            return;
        }
        // Lists of values feed filters: what is taken back, or whose time is over, must not block anyone.
        if record.revoked || record.valid_until.is_some_and(|until| until <= self.now) {
            return;
        }
        let Ok(facts) = stix21::read(&record.body) else { return };
        for value in stix21::plain_values(&facts).lines() {
            let digest = sha256(value.as_bytes());
            let Some(short) = digest.as_bytes().first_chunk::<16>() else { continue };
            if self.told.contains(short) {
                continue;
            }
            if self.told.len() < VALUES_REMEMBERED_MAX {
                self.told.insert(*short);
            }
            self.text.extend_from_slice(value.as_bytes());
            self.text.push(b'\n');
        }
    }
}
