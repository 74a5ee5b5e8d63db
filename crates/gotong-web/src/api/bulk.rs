//! Many records in one request: streamed in, answered line by line while more comes. Two blocking threads work as a pipeline, so that one batch is read,
//! judged and hashed while the one before it is written; between them lies one batch at most, so memory does not grow with the import.
//!
//! One bad object costs its line. A connection that breaks, or a store that fails, ends the import after a whole batch: what was answered is
//! committed, and sending everything again is safe, since what is there already is answered `known`.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import};
use gotong_app::publish::{Fate, Intent, Outcome, Prepared, Submission, Why};
use gotong_app::{Node, NodeFault, Priority};
use gotong_formats::stix21::{InputKind, Splitter};
use gotong_model::limits;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Parameters, Path, media_type};
use super::lines::{self, LineWriter};
use super::publish::{OutcomeBody, PublishParams};
use super::unpack::{Arriving, Chunk, Encoding, UnpackFault, Unpacker};
use super::who::Served;
use crate::problem::{Problem, ProblemDocument, table};

/// Pieces of the network's that may wait for the splitter.
const ARRIVING_PIECES: usize = 16;
/// How long the rest of a body is read after its import ended early.
const DRAIN: Duration = Duration::from_secs(10);

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(import))
}

/// How many objects met which fate.
#[derive(Clone, Copy, Default, Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// In the log; the id was not there before.
    new: u64,
    /// There already.
    known: u64,
    /// In the log, as a newer version.
    updated: u64,
    /// Not taken.
    refused: u64,
    /// Waiting for a person.
    quarantined: u64,
}

/// The last line of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryLine {
    /// How many objects met which fate.
    summary: Counts,
    /// Whether everything that was sent has been answered.
    complete: bool,
    /// For `after` of a read that must see all this.
    position: String,
    /// Why the import ended early. Every line before this one holds; sending everything again is safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemDocument>,
}

impl Counts {
    fn add(&mut self, fate: &Fate) {
        *match fate {
            Fate::New(_) => &mut self.new,
            Fate::Known(_) => &mut self.known,
            Fate::Updated(_) => &mut self.updated,
            Fate::Refused(_) => &mut self.refused,
            Fate::Quarantined(..) => &mut self.quarantined,
        } += 1;
    }
}

/// Publishes many STIX objects: NDJSON (one object a line) or a bundle, optionally compressed. Answers one line for each object, then a summary.
///
/// A client should read while it sends; one that does not is held back once a fair amount of answers waits.
#[utoipa::path(
    post, path = "/channels/{channel}/records/bulk", tag = "publish",
    params(
        ("channel" = String, Path, description = "Handle or id of the channel"),
        PublishParams,
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`"),
    ),
    request_body(
        content((serde_json::Value = "application/x-ndjson"), (serde_json::Value = "application/json")),
        description = "One object a line, or a bundle",
    ),
    responses((status = 200, description = "One outcome a line, in the order of batches, then one summary line", body = OutcomeBody,
        content_type = "application/x-ndjson")),
)]
async fn import(
    State(web): State<Web>,
    Served(who): Served,
    Path(channel): Path<String>,
    Parameters(params): Parameters<PublishParams>,
    request: Request,
) -> Result<Response, Problem> {
    let channel = web.writable_channel(&who.0, &channel)?;
    let intent = params.intent(&who, channel)?;
    let encoding = Encoding::of(request.headers())?;
    let kind = match media_type(request.headers()).as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/jsonlines" => {
            InputKind::Ndjson
        }
        "application/json" => InputKind::Bundle,
        "" | "application/octet-stream" => InputKind::Auto,
        media if media.starts_with("application/stix+json") => InputKind::Bundle,
        media => return Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying(format!("{media} is not taken here"))),
    };
    let turn = Arc::clone(&web.imports).try_acquire_owned();
    let turn = turn.map_err(|_| {
        Problem::of(&table::BUSY).saying("as many imports as may run at once are running").retry_after_s(5)
    })?;
    let (sender, arriving) = mpsc::channel(ARRIVING_PIECES);
    tokio::spawn(feed(request.into_body(), sender));
    let (writer, body) = lines::channel();
    let pipeline = Pipeline { web, caller: who.0, intent, kind, encoding, runtime: Handle::current() };
    tokio::task::spawn_blocking(move || {
        pipeline.run(arriving, &writer);
        drop(turn);
    });
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

/// Carries the request's body to the pipeline, and ends soon after it.
async fn feed(mut body: axum::body::Body, sender: mpsc::Sender<Result<hyper::body::Bytes, ()>>) {
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        let piece = match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(_)) => continue,
            Err(_) => Err(()),
        };
        let is_broken = piece.is_err();
        let is_taken = sender.send(piece).await.is_ok();
        if is_broken {
            return;
        }
        if !is_taken {
            // The import ended early, and the last line says why. One who is still sending would not see it if the connection broke now, so the rest is
            // read for a moment and thrown away.
            let rest =
                async { while http_body_util::BodyExt::frame(&mut body).await.is_some_and(|frame| frame.is_ok()) {} };
            let _ = tokio::time::timeout(DRAIN, rest).await;
            return;
        }
    }
}

/// What goes from the thread that prepares to the thread that commits.
struct Batch {
    prepared: Option<Prepared>,
    /// Lines that never became objects.
    lost: Vec<Outcome>,
}

struct Pipeline {
    web: Web,
    caller: Caller,
    intent: Intent,
    kind: InputKind,
    encoding: Encoding,
    runtime: Handle,
}

impl Pipeline {
    /// Runs the whole import; the calling thread commits.
    fn run(self, arriving: Arriving, writer: &LineWriter) {
        let (sender, mut batches) = mpsc::channel::<Batch>(1);
        let node = Arc::clone(&self.web.node);
        let (intent, kind, encoding, runtime) = (self.intent.clone(), self.kind, self.encoding, self.runtime.clone());
        let web = self.web.clone();
        let preparing = self.runtime.spawn_blocking(move || {
            let mut preparer = Preparer {
                node: &node,
                import: Import::new(intent),
                sender,
                batch: Vec::new(),
                bytes: 0,
                lost: Vec::new(),
            };
            let outcome = preparer.run(arriving, kind, encoding, runtime);
            if let Ok(plain_bytes) = outcome {
                web.metrics.count_import_bytes(plain_bytes);
            }
            outcome.map(|_| ())
        });
        let mut counts = Counts::default();
        let mut fault = None;
        while let Some(batch) = batches.blocking_recv() {
            match self.commit(batch, &mut counts, writer) {
                Ok(true) => {}
                Ok(false) => return,
                Err(problem) => {
                    fault = Some(problem);
                    break;
                }
            }
        }
        // The other thread ends at its next batch, which nobody takes any more.
        drop(batches);
        let prepared = match self.runtime.block_on(preparing) {
            Ok(outcome) => outcome.err().flatten(),
            Err(panic) => {
                tracing::error!(%panic, "an import panicked");
                Some(Problem::of(&table::INTERNAL))
            }
        };
        let problem = fault.or(prepared);
        let position = self.runtime.block_on(self.web.position(&self.caller)).unwrap_or_default();
        let summary = SummaryLine {
            summary: counts,
            complete: problem.is_none(),
            position,
            problem: problem.map(Problem::document),
        };
        let _ = writer.line(&summary);
        tracing::info!(
            new = counts.new,
            updated = counts.updated,
            known = counts.known,
            refused = counts.refused,
            quarantined = counts.quarantined,
            complete = summary.complete,
            "import ended"
        );
    }

    /// Commits a batch and answers its lines. `false`: nobody reads the answer any more.
    fn commit(&self, batch: Batch, counts: &mut Counts, writer: &LineWriter) -> Result<bool, Problem> {
        if writer.is_gone() {
            return Ok(false);
        }
        let mut outcomes = match batch.prepared {
            Some(prepared) => self.web.node.commit(Priority::Bulk, prepared)?,
            None => Vec::new(),
        };
        outcomes.extend(batch.lost);
        outcomes.sort_by_key(|outcome| outcome.line);
        let mut bytes = Vec::with_capacity(outcomes.len() * 320);
        for outcome in outcomes {
            counts.add(&outcome.fate);
            self.web.metrics.count_outcome(outcome.fate.word(), 1);
            OutcomeBody::from(outcome).write_line(&mut bytes);
        }
        Ok(writer.write(bytes).is_ok())
    }
}

/// The first half of the pipeline: bytes to objects to prepared batches.
struct Preparer<'a> {
    node: &'a Node,
    import: Import,
    sender: mpsc::Sender<Batch>,
    batch: Vec<Submission>,
    bytes: usize,
    lost: Vec<Outcome>,
}

/// Why preparing ended: `None` where nobody takes batches any more.
type Ended = Option<Problem>;

impl Preparer<'_> {
    /// Works to the end of what arrives; how many bytes that was.
    fn run(&mut self, arriving: Arriving, kind: InputKind, encoding: Encoding, runtime: Handle) -> Result<u64, Ended> {
        let mut unpacker =
            Unpacker::new(arriving, encoding, runtime).map_err(|_| Some(Problem::of(&table::INTERNAL)))?;
        let mut splitter = Splitter::new(kind);
        let outcome = loop {
            match unpacker.next() {
                Ok(Chunk::Bytes(bytes)) => {
                    splitter.push(bytes);
                    self.pieces(&mut splitter)?;
                }
                // Whoever pauses may be waiting for the answer to what it has sent.
                Ok(Chunk::Pause) => self.flush()?,
                Ok(Chunk::End) => {
                    splitter.finish();
                    self.pieces(&mut splitter)?;
                    break Ok(unpacker.plain_bytes());
                }
                Err(fault) => break Err(Some(unpack_problem(fault))),
            }
        };
        self.flush()?;
        let rest = self.import.finish(self.node).map_err(|fault| Some(fault.into()))?;
        if rest.objects() > 0 {
            self.send(Batch { prepared: Some(rest), lost: Vec::new() })?;
        }
        outcome
    }

    fn pieces(&mut self, splitter: &mut Splitter) -> Result<(), Ended> {
        while let Some(piece) = splitter.next() {
            match piece.content {
                Ok(body) => {
                    self.bytes += body.len();
                    self.batch.push(Submission { line: piece.line, body });
                }
                Err(fault) => {
                    let why = vec![Why::plain(fault.code(), fault.to_string())];
                    self.lost.push(Outcome { line: piece.line, id: None, fate: Fate::Refused(why) });
                }
            }
            if self.batch.len() + self.lost.len() >= BATCH_OBJECTS || self.bytes >= BATCH_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Ended> {
        let lost = std::mem::take(&mut self.lost);
        let prepared = if self.batch.is_empty() {
            None
        } else {
            self.bytes = 0;
            let batch = std::mem::take(&mut self.batch);
            let prepared: Result<Prepared, NodeFault> = self.import.prepare(self.node, batch);
            Some(prepared.map_err(|fault| Some(fault.into()))?).filter(|prepared| prepared.objects() > 0)
        };
        if prepared.is_none() && lost.is_empty() {
            return Ok(());
        }
        self.send(Batch { prepared, lost })
    }

    fn send(&self, batch: Batch) -> Result<(), Ended> {
        self.sender.blocking_send(batch).map_err(|_| None)
    }
}

fn unpack_problem(fault: UnpackFault) -> Problem {
    match fault {
        UnpackFault::CutOff => {
            Problem::of(&table::TIMEOUT).saying("the body did not arrive whole; what came before was taken")
        }
        UnpackFault::Malformed => Problem::of(&table::BAD_ENCODING),
        UnpackFault::Bomb => Problem::of(&table::BAD_ENCODING).saying(format!(
            "the body unpacks to more than {} times its size, or to more than {} bytes",
            limits::IMPORT_RATIO_MAX,
            limits::IMPORT_BYTES_MAX
        )),
    }
}
