//! Many records in one request: streamed in, answered line by line while more comes. Three blocking threads work as a pipeline, so that one batch is cut from
//! the stream and read while the one before it is judged and hashed, and the one before that is written; between two of them lies one batch at most, so
//! memory does not grow with the import.
//!
//! One bad object costs its line. A connection that breaks, or a store that fails, ends the import after a whole batch: what was answered is
//! committed, and sending everything again is safe, since what is there already is answered `known`. Read next: `bulk/intake.rs` (formats).

pub(crate) mod intake;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import, ReadBatch};
use gotong_app::publish::{Fate, Intent, Outcome, Prepared, Submission, Why};
use gotong_app::{Node, NodeFault, Priority};
use gotong_formats::draft::Loss;
use gotong_formats::stix21::InputKind;
use gotong_formats::text;
use gotong_model::{Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Parameters, Path, media_type};
use super::lines::{self, LineWriter};
use super::publish::{OutcomeBody, PublishParams};
use super::unpack::{Arriving, Chunk, Encoding, UnpackFault, Unpacker};
use super::who::Served;
use crate::problem::{Problem, ProblemDocument, Reason, table};
use intake::{Came, Choice, Intake};

/// Pieces of the network's that may wait for the splitter.
pub(super) const ARRIVING_PIECES: usize = 16;
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
    /// Of those in the log, how many have notes: their values are on warninglists.
    noted: u64,
    /// Things that the objects made of them have no place for.
    not_carried: u64,
}

/// Something of a foreign format that its object has no place for. The object itself has a line of its own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LossLine {
    /// The line or number of the record.
    line: u64,
    /// What was not carried over.
    not_carried: Reason,
}

impl From<Loss> for LossLine {
    fn from(loss: Loss) -> Self {
        let Loss { line, place, code, text } = loss;
        let why = Why { pointer: (!place.is_empty()).then_some(place), ..Why::plain(code, text) };
        Self { line, not_carried: Reason::from(&why) }
    }
}

/// How a batch is read and published.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportParams {
    /// The label of what carries no marking: `clear`, `green`, `amber`, `amber+strict`. Never laxer than a marking; without it, the channel's ceiling.
    tlp: Option<String>,
    /// Permissible actions: `clear`, `green`, `amber`, `red`.
    pap: Option<String>,
    /// What it holds of people, by its author's word: `none`, `pseudonymised` or `identified`. Said of a batch, it is said of every object in it.
    personal_data: Option<String>,
    /// What it is shared for.
    purpose: Option<String>,
    /// What is sent: `auto` (seen from its beginning), `stix`, `misp`, `csv`, `shadowserver`, `mail`, `list` or `text`.
    format: Option<String>,
    /// The name of the file, which helps to see what it is.
    name: Option<String>,
    /// What a table's columns mean, as JSON; `/preview` proposes one.
    mapping: Option<String>,
    /// The character set of a text, table or list that does not say so itself.
    charset: Option<String>,
    /// Make observables of values, where the usual are indicators.
    #[serde(default)]
    observables: bool,
    /// Take MISP events too that are restricted to their own organisation or to a sharing group.
    #[serde(default)]
    restricted: bool,
}

impl ImportParams {
    /// From the fields of a form, by their names here.
    pub(crate) fn of_form(field: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            tlp: field("tlp"),
            pap: field("pap"),
            personal_data: field("personal_data"),
            purpose: field("purpose"),
            format: field("format"),
            name: field("name"),
            mapping: field("mapping"),
            charset: field("charset"),
            observables: field("observables").is_some(),
            restricted: field("restricted").is_some(),
        }
    }

    /// How the objects are published.
    pub(crate) fn publish(&self) -> PublishParams {
        let Self { tlp, pap, personal_data, purpose, .. } = self;
        PublishParams {
            tlp: tlp.clone(),
            pap: pap.clone(),
            personal_data: personal_data.clone(),
            purpose: purpose.clone(),
        }
    }

    /// How the bytes are read. `scope` keeps the ids made in one place apart from those of another.
    pub(crate) fn choice(&self, kind: InputKind, now: Timestamp, scope: String) -> Result<Choice, Problem> {
        if self.name.as_ref().is_some_and(|name| name.len() > 1_024) {
            return Err(Problem::of(&table::BAD_PARAMETER).saying("name has at most 1,024 bytes"));
        }
        let options =
            text::Options { observables: self.observables, name: self.name.clone(), scope, ..text::Options::new(now) };
        Ok(Choice {
            format: intake::format(self.format.as_deref())?,
            kind,
            name: self.name.clone(),
            mapping: intake::mapping(self.mapping.as_deref())?,
            charset: intake::charset(self.charset.as_deref())?,
            restricted: self.restricted,
            options,
        })
    }
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
    /// Values were taken out of a text, list or table, and no warninglist is loaded here that could have told false alarms.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unchecked: bool,
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

/// Publishes many objects, optionally compressed: STIX as NDJSON or bundle, or MISP events, tables, lists, mails and texts, which are made into STIX. Answers one
/// line for each object and for each thing that was not carried over, then a summary.
///
/// A client should read while it sends; one that does not is held back once a fair amount of answers waits.
#[utoipa::path(
    post, path = "/channels/{channel}/records/bulk", tag = "publish",
    params(
        ("channel" = String, Path, description = "Handle or id of the channel"),
        ImportParams,
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`"),
    ),
    request_body(
        content((serde_json::Value = "application/x-ndjson"), (serde_json::Value = "application/json")),
        content((String = "application/octet-stream")),
        description = "One object a line, a bundle, or what `format` says",
    ),
    responses((status = 200, description = "One outcome a line, in the order of batches, then one summary line", body = OutcomeBody,
        content_type = "application/x-ndjson")),
)]
async fn import(
    State(web): State<Web>,
    Served(who): Served,
    Path(channel): Path<String>,
    Parameters(params): Parameters<ImportParams>,
    request: Request,
) -> Result<Response, Problem> {
    let channel = web.writable_channel(&who.0, &channel)?;
    let intent = params.publish().intent(&who, channel)?;
    let encoding = Encoding::of(request.headers())?;
    let is_stix = matches!(params.format.as_deref(), None | Some("stix"));
    let kind = match media_type(request.headers()).as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/jsonlines" => {
            InputKind::Ndjson
        }
        "application/json" => InputKind::Bundle,
        "" | "application/octet-stream" => InputKind::Auto,
        // Whoever says what it is need not find a media type for it.
        _ if !is_stix => InputKind::Auto,
        media if media.starts_with("application/stix+json") => InputKind::Bundle,
        media => return Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying(format!("{media} is not taken here"))),
    };
    // What is declared as STIX is not guessed at.
    let declared = is_stix && kind != InputKind::Auto;
    let mut choice = params.choice(kind, web.node.now(), channel.to_string())?;
    if declared {
        choice.format = Some(text::Format::Stix);
    }
    let turn = Arc::clone(&web.imports).try_acquire_owned();
    let turn = turn.map_err(|_| {
        Problem::of(&table::BUSY).saying("as many imports as may run at once are running").retry_after_s(5)
    })?;
    let (sender, arriving) = mpsc::channel(ARRIVING_PIECES);
    tokio::spawn(feed(request.into_body(), sender));
    let (writer, body) = lines::channel();
    let pipeline = Pipeline { web, caller: who.0, intent, encoding, runtime: Handle::current() };
    tokio::task::spawn_blocking(move || {
        pipeline.run(arriving, choice, &writer);
        drop(turn);
    });
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

/// Carries the request's body to the pipeline, and ends soon after it.
pub(super) async fn feed(mut body: axum::body::Body, sender: mpsc::Sender<Result<hyper::body::Bytes, ()>>) {
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
    prepared: Prepared,
    /// Whether its objects were made from a list, a table or a text.
    is_made: bool,
    /// Lines that never became objects.
    lost: Vec<Outcome>,
    /// What objects have no place for.
    not_carried: Vec<Loss>,
}

struct Pipeline {
    web: Web,
    caller: Caller,
    intent: Intent,
    encoding: Encoding,
    runtime: Handle,
}

impl Pipeline {
    /// Runs the whole import; the calling thread commits.
    fn run(self, arriving: Arriving, choice: Choice, writer: &LineWriter) {
        let (read, mut cuts) = mpsc::channel::<Cut>(1);
        let (sender, mut batches) = mpsc::channel::<Batch>(1);
        let (encoding, runtime) = (self.encoding, self.runtime.clone());
        let web = self.web.clone();
        let node = Arc::clone(&self.web.node);
        let cutting = self.runtime.spawn_blocking(move || {
            let outcome = Cutter {
                node: &node,
                sender: read,
                cut: Vec::new(),
                bytes: 0,
                lost: Vec::new(),
                not_carried: Vec::new(),
            }
            .run(arriving, choice, encoding, runtime);
            if let Ok(plain_bytes) = outcome {
                web.metrics.count_import_bytes(plain_bytes);
            }
            outcome.map(|_| ())
        });
        let node = Arc::clone(&self.web.node);
        let import = Import::new(self.intent.clone());
        let preparing = self.runtime.spawn_blocking(move || prepare(&node, import, &mut cuts, &sender));
        let mut counts = Counts::default();
        let (mut fault, mut are_made) = (None, false);
        while let Some(batch) = batches.blocking_recv() {
            are_made |= batch.is_made && batch.prepared.objects() > 0;
            match self.commit(batch, &mut counts, writer) {
                Ok(true) => {}
                Ok(false) => return,
                Err(problem) => {
                    fault = Some(problem);
                    break;
                }
            }
        }
        // The other threads end at their next batch, which nobody takes any more.
        drop(batches);
        let problem = fault.or(self.ended(preparing)).or(self.ended(cutting));
        let position = self.runtime.block_on(self.web.position(&self.caller)).unwrap_or_default();
        let summary = SummaryLine {
            summary: counts,
            complete: problem.is_none(),
            position,
            // Lists that cannot be read are told by the import itself.
            unchecked: are_made && self.web.node.warninglists().is_ok_and(|lists| lists.lists().is_empty()),
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

    /// Waits for a thread of the pipeline; why it ended early, where there is something to say.
    fn ended(&self, thread: JoinHandle<Result<(), Ended>>) -> Option<Problem> {
        match self.runtime.block_on(thread) {
            Ok(outcome) => outcome.err().flatten(),
            Err(panic) => {
                tracing::error!(%panic, "an import panicked");
                Some(Problem::of(&table::INTERNAL))
            }
        }
    }

    /// Commits a batch and answers its lines. `false`: nobody reads the answer any more.
    fn commit(&self, batch: Batch, counts: &mut Counts, writer: &LineWriter) -> Result<bool, Problem> {
        if writer.is_gone() {
            return Ok(false);
        }
        let mut outcomes = match batch.prepared.objects() {
            0 => Vec::new(),
            _ => self.web.node.commit(Priority::Bulk, batch.prepared)?,
        };
        counts.not_carried += batch.not_carried.len() as u64;
        outcomes.extend(batch.lost);
        outcomes.sort_by_key(|outcome| outcome.line);
        let mut bytes = Vec::with_capacity(outcomes.len() * 320);
        for outcome in outcomes {
            counts.add(&outcome.fate);
            counts.noted += u64::from(!outcome.notes.is_empty());
            self.web.metrics.count_outcome(outcome.fate.word(), 1);
            OutcomeBody::told(&self.web.node, &self.caller, outcome).write_line(&mut bytes);
        }
        for loss in batch.not_carried {
            // Writing into a vector does not fail.
            let _ = serde_json::to_writer(&mut bytes, &LossLine::from(loss));
            bytes.push(b'\n');
        }
        Ok(writer.write(bytes).is_ok())
    }
}

/// What goes from the thread that reads to the thread that prepares.
struct Cut {
    read: ReadBatch,
    /// Whether objects carry the time of this reading, so that the same again is no news.
    settles: bool,
    lost: Vec<Outcome>,
    not_carried: Vec<Loss>,
}

/// The first third of the pipeline: bytes to objects that have been read.
struct Cutter<'a> {
    node: &'a Node,
    sender: mpsc::Sender<Cut>,
    cut: Vec<Submission>,
    bytes: usize,
    lost: Vec<Outcome>,
    not_carried: Vec<Loss>,
}

/// Why a thread of the pipeline ended: `None` where nobody takes what it makes any more.
type Ended = Option<Problem>;

impl Cutter<'_> {
    /// Works to the end of what arrives; how many bytes that was.
    fn run(mut self, arriving: Arriving, choice: Choice, encoding: Encoding, runtime: Handle) -> Result<u64, Ended> {
        let mut unpacker =
            Unpacker::new(arriving, encoding, runtime).map_err(|_| Some(Problem::of(&table::INTERNAL)))?;
        let mut intake = Intake::new(self.node, choice).map_err(|fault| Some(fault.into()))?;
        let outcome = loop {
            match unpacker.next() {
                Ok(Chunk::Bytes(bytes)) => {
                    intake.push(bytes);
                    self.pieces(&mut intake)?;
                }
                // Whoever pauses may be waiting for the answer to what it has sent.
                Ok(Chunk::Pause) => {
                    intake.decide();
                    self.pieces(&mut intake)?;
                    self.flush(&intake)?;
                }
                Ok(Chunk::End) => {
                    intake.finish();
                    self.pieces(&mut intake)?;
                    break Ok(unpacker.plain_bytes());
                }
                Err(fault) => break Err(Some(unpack_problem(fault, unpacker.plain_bytes()))),
            }
        };
        self.flush(&intake)?;
        outcome
    }

    fn pieces(&mut self, intake: &mut Intake) -> Result<(), Ended> {
        while let Some(came) = intake.next() {
            match came {
                Came::Object { line, body } => {
                    self.bytes += body.len();
                    self.cut.push(Submission { line, body });
                }
                Came::Lost(outcome) => self.lost.push(outcome),
                Came::NotCarried(loss) => self.not_carried.push(loss),
            }
            let waiting = self.cut.len() + self.lost.len() + self.not_carried.len();
            if waiting >= BATCH_OBJECTS || self.bytes >= BATCH_BYTES {
                self.flush(intake)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, intake: &Intake) -> Result<(), Ended> {
        if self.cut.is_empty() && self.lost.is_empty() && self.not_carried.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let cut = Cut {
            read: ReadBatch::of(std::mem::take(&mut self.cut)),
            settles: intake.is_of_now(),
            lost: std::mem::take(&mut self.lost),
            not_carried: std::mem::take(&mut self.not_carried),
        };
        self.sender.blocking_send(cut).map_err(|_| None)
    }
}

/// The second third of the pipeline: what was read is judged, hashed and packed.
fn prepare(
    node: &Node,
    mut import: Import,
    cuts: &mut mpsc::Receiver<Cut>,
    sender: &mpsc::Sender<Batch>,
) -> Result<(), Ended> {
    let problem = |fault: NodeFault| Some(Problem::from(fault));
    while let Some(Cut { read, settles, lost, not_carried }) = cuts.blocking_recv() {
        if settles {
            import.settle();
        }
        let prepared = import.prepare_read(node, read).map_err(problem)?;
        sender.blocking_send(Batch { prepared, is_made: settles, lost, not_carried }).map_err(|_| None)?;
    }
    let prepared = import.finish(node).map_err(problem)?;
    if prepared.objects() > 0 {
        sender
            .blocking_send(Batch { prepared, is_made: false, lost: Vec::new(), not_carried: Vec::new() })
            .map_err(|_| None)?;
    }
    Ok(())
}

/// What to say of a body that cannot be read on, after so many bytes of it.
pub(super) fn unpack_problem(fault: UnpackFault, plain_bytes: u64) -> Problem {
    match fault {
        UnpackFault::CutOff => {
            Problem::of(&table::TIMEOUT).saying("the body did not arrive whole; what came before was taken")
        }
        UnpackFault::Malformed => Problem::of(&table::BAD_ENCODING).saying(format!(
            "it is not what Content-Encoding says, or ends too early; {plain_bytes} bytes of it could be unpacked"
        )),
        UnpackFault::Bomb => Problem::of(&table::BAD_ENCODING).saying(format!(
            "the body unpacks to more than {} times its size, or to more than {} bytes",
            limits::IMPORT_RATIO_MAX,
            limits::IMPORT_BYTES_MAX
        )),
    }
}
