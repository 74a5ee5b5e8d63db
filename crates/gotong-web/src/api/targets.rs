//! Targets: collections outside the region that this node pushes to, for whoever has the right `sources`. A caller limited to channels sees those alone whose
//! channels are all its own.
//!
//! Credentials go in and never come out. Read next: `crate::target` (how they run).

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use gotong_app::caller::Caller;
use gotong_app::source::{Credentials, Secret};
use gotong_app::target::{self, Counts, Failed, Held, Run, Target, TargetView};
use gotong_app::{Node, NodeFault};
use gotong_model::{Slug, Timestamp, Tlp};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Path};
use super::publish::tlp;
use super::who::Sourcing;
use crate::outward::guard::Target as Address;
use crate::problem::{Problem, table};
use crate::target as runs;

/// What holds where nothing is said.
const EVERY_MIN: u32 = 15;
const TIME_S: u32 = 120;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, remove))
        .routes(routes!(run))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(history))
}

/// How a target knows the node: user and password, or a token, or a header.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "TargetCredentials")]
pub(crate) struct TargetCredentialsBody {
    /// The user, with `password`.
    pub(crate) user: Option<String>,
    /// The password.
    pub(crate) password: Option<String>,
    /// A bearer token.
    pub(crate) token: Option<String>,
    /// The name of a header, with `value`.
    pub(crate) header: Option<String>,
    /// Its value.
    pub(crate) value: Option<String>,
}

impl TargetCredentialsBody {
    fn read(self) -> Option<Credentials> {
        match (self.user, self.password, self.token, self.header, self.value) {
            (Some(user), Some(password), None, None, None) => Some(Credentials::Basic { user, password }),
            (None, None, Some(token), None, None) => Some(Credentials::Bearer { token }),
            (None, None, None, Some(name), Some(value)) => Some(Credentials::Header { name, value }),
            _ => None,
        }
    }
}

/// Tells a field that is `null` from one that is missing.
#[allow(clippy::option_option, reason = "missing, null and given are three answers")]
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<TargetCredentialsBody>>, D::Error> {
    Option::<TargetCredentialsBody>::deserialize(deserializer).map(Some)
}

/// A target to be set up, or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTarget {
    /// A TAXII 2.1 server: discovery, an API root or a collection; http or https, without user and password.
    pub(crate) url: String,
    /// The collection, by id, alias or title. Not needed where only one may be written to.
    pub(crate) collection: Option<String>,
    /// What is pushed there: channels by handle or id.
    pub(crate) channels: Vec<String>,
    /// Nothing above this label is pushed: `clear` (if not said), `green` or `amber`.
    pub(crate) label_max: Option<String>,
    /// Minutes from one run to the next; 15 if not said.
    pub(crate) every_min: Option<u32>,
    /// Up to so many minutes more, by chance; a tenth of the pause if not said.
    pub(crate) jitter_min: Option<u32>,
    /// Seconds that one answer may take, and that the server is waited for; 120 if not said.
    pub(crate) time_max_s: Option<u32>,
    /// Not run by the schedule.
    #[serde(default)]
    pub(crate) paused: bool,
    /// Credentials: left as they are where this is missing and the address is the same, removed where it is `null`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<TargetCredentialsBody>)]
    #[allow(clippy::option_option, reason = "missing, null and given are three answers")]
    pub(crate) credentials: Option<Option<TargetCredentialsBody>>,
}

/// A note on a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TargetNote")]
pub(crate) struct TargetNoteBody {
    /// Message id.
    id: String,
    /// The sentence in English.
    text: String,
}

/// What became of the objects of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TargetCounts")]
pub(crate) struct TargetCountsBody {
    /// Sent, and taken there.
    sent: u64,
    /// There already.
    known: u64,
    /// Kept here because of their label.
    above: u64,
    /// Kept here by a clause.
    held: u64,
    /// Not taken there.
    failed: u64,
    /// Taken back there.
    taken_back: u64,
    /// To be taken back, and still there.
    left: u64,
}

/// A run of a target.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TargetRun")]
pub(crate) struct TargetRunBody {
    /// From 1.
    number: u64,
    /// `schedule`, or who asked for it.
    by: String,
    begun: String,
    ended: String,
    /// `done`, `unchanged`, `wanting` (something was not taken or not taken back, or is strange) or `failed`.
    result: &'static str,
    counts: TargetCountsBody,
    /// Bytes that went.
    bytes: u64,
    /// What a person should know; of a failed run the reason first.
    notes: Vec<TargetNoteBody>,
}

/// Records that a clause keeps here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TargetHeld")]
pub(crate) struct TargetHeldBody {
    /// The channel's handle.
    channel: String,
    /// The agreement's handle and the number of its clause; empty where there is none to name.
    clause: String,
    /// Message id.
    id: String,
    /// The sentence in English.
    text: String,
    /// How many records, since everything was last looked at.
    count: u64,
}

/// An object that the server did not take, or did not give back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TargetFailed")]
pub(crate) struct FailedBody {
    /// The object's id.
    id: String,
    at: String,
    /// What the server says.
    why: String,
}

/// A target and how it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Target")]
#[allow(clippy::struct_excessive_bools, reason = "the shape of an answer, not a state")]
pub(crate) struct TargetBody {
    name: String,
    url: String,
    collection: Option<String>,
    /// Handles of channels.
    channels: Vec<String>,
    label_max: String,
    every_min: u32,
    jitter_min: u32,
    time_max_s: u32,
    paused: bool,
    /// Why the node paused it by itself, where it did.
    stopped: Option<TargetNoteBody>,
    /// Whether there are credentials. They are not shown.
    has_credentials: bool,
    /// `fresh`, `wanting`, `stale`, `failing`, `waiting` or `paused`.
    health: &'static str,
    /// Whether a run is under way.
    running: bool,
    /// Whether the server still works on what it was sent.
    pending: bool,
    /// Runs ever.
    runs: u64,
    /// Failures in a row.
    failures: u32,
    failing_since: Option<String>,
    last_good: Option<String>,
    /// When it is due; missing where it is due at once, or paused.
    next_try: Option<String>,
    /// Objects that went there, ever.
    sent: u64,
    /// Records that their label keeps here, since everything was last looked at.
    above: u64,
    /// Records that clauses keep here, clause by clause.
    held: Vec<TargetHeldBody>,
    /// Objects that the server did not take, since somebody last let it go on.
    failed_count: u64,
    /// The newest 100 of them.
    failed: Vec<FailedBody>,
    /// Objects taken back there, ever.
    taken_back: u64,
    /// Objects that could not be taken back there, ever.
    left_count: u64,
    /// The newest 100 of them.
    left: Vec<FailedBody>,
    /// The newest run.
    last: Option<TargetRunBody>,
}

/// All targets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetsBody {
    /// By name.
    targets: Vec<TargetBody>,
}

/// Runs of a target.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "TargetHistory")]
pub(crate) struct TargetHistoryBody {
    /// Newest first; the last 50 are kept.
    runs: Vec<TargetRunBody>,
}

fn at(micros: i64) -> String {
    Timestamp::from_micros(micros).unwrap_or_default().to_string()
}

fn note(note: gotong_app::source::Note) -> TargetNoteBody {
    TargetNoteBody { id: note.id, text: note.text }
}

impl From<Run> for TargetRunBody {
    fn from(run: Run) -> Self {
        let Counts { sent, known, above, held, failed, taken_back, left } = run.counts;
        Self {
            number: run.number,
            by: run.by,
            begun: at(run.begun),
            ended: at(run.ended),
            result: run.result.as_str(),
            counts: TargetCountsBody { sent, known, above, held, failed, taken_back, left },
            bytes: run.bytes,
            notes: run.notes.into_iter().map(note).collect(),
        }
    }
}

impl From<Held> for TargetHeldBody {
    fn from(Held { channel, clause, id, text, count }: Held) -> Self {
        Self { channel, clause, id, text, count }
    }
}

impl From<Failed> for FailedBody {
    fn from(failed: Failed) -> Self {
        Self { id: failed.id, at: at(failed.at), why: failed.why }
    }
}

fn body(web: &Web, view: TargetView) -> TargetBody {
    let governance = web.node.governance();
    let health = runs::health(&view, web.node.now()).as_str();
    let TargetView { target, state, last, has_credentials } = view;
    let handle = |id| governance.channel(id).map_or_else(|| id.to_string(), |channel| channel.handle());
    TargetBody {
        running: web.targets.is_running(&target.name),
        channels: target.channels.iter().map(handle).collect(),
        name: target.name.to_string(),
        url: target.url,
        collection: target.collection,
        label_max: target.label_max.to_string(),
        every_min: target.every_min,
        jitter_min: target.jitter_min,
        time_max_s: target.time_max_s,
        paused: target.paused,
        stopped: state.stopped.map(note),
        has_credentials,
        health,
        pending: state.pending.is_some(),
        runs: state.runs,
        failures: state.failures,
        failing_since: state.failing_since.map(at),
        last_good: state.last_good.map(at),
        next_try: (state.next_try > 0 && !target.paused).then(|| at(state.next_try)),
        sent: state.sent,
        above: state.above,
        held: state.held.into_iter().map(TargetHeldBody::from).collect(),
        failed_count: state.failed_count,
        failed: state.failed.into_iter().map(FailedBody::from).collect(),
        taken_back: state.taken_back,
        left_count: state.left_count,
        left: state.left.into_iter().map(FailedBody::from).collect(),
        last: last.map(TargetRunBody::from),
    }
}

/// Whether a caller may know of a target: it may know of all its channels.
pub(crate) fn is_open(node: &Node, caller: &Caller, target: &Target) -> bool {
    target.channels.iter().all(|channel| caller.channel(node, &channel.to_string()).is_some())
}

fn read(web: &Web, caller: &Caller, name: &str, new: NewTarget) -> Result<(Target, Secret), Problem> {
    let refused = |pointer: &str, text: &str| Problem::of(&table::REFUSED).at(pointer, "target.field", text);
    let name = Slug::from_text(name);
    let name = name.ok_or_else(|| {
        Problem::of(&table::REFUSED).saying("the name must be lower-case letters, digits and hyphens, at most 64")
    })?;
    Address::parse(&new.url)
        .map_err(|fault| Problem::of(&table::REFUSED).at("/url", fault.code(), fault.to_string()))?;
    if new.channels.len() > target::CHANNELS_MAX {
        return Err(refused("/channels", "must name 1 to 16 channels"));
    }
    let mut channels = Vec::with_capacity(new.channels.len());
    for (at, name) in new.channels.iter().enumerate() {
        let channel = caller.channel(&web.node, name);
        channels.push(channel.ok_or_else(|| refused(&format!("/channels/{at}"), "must be a channel of this member"))?);
    }
    let label_max = match new.label_max.as_deref() {
        None => Tlp::Clear,
        Some(text) => tlp(text).ok_or_else(|| refused("/label_max", "must be clear, green or amber"))?,
    };
    let secret = match new.credentials {
        None => Secret::Keep,
        Some(None) => Secret::None,
        Some(Some(body)) => Secret::These(
            body.read()
                .ok_or_else(|| refused("/credentials", "must be user and password, or token, or header and value"))?,
        ),
    };
    let every_min = new.every_min.unwrap_or(EVERY_MIN);
    let target = Target {
        name,
        url: new.url,
        collection: new.collection,
        channels,
        label_max,
        every_min,
        jitter_min: new.jitter_min.unwrap_or(every_min / 10),
        time_max_s: new.time_max_s.unwrap_or(TIME_S),
        paused: new.paused,
    };
    Ok((target, secret))
}

/// The target of this name, if it is there for the caller.
pub(crate) async fn find(web: &Web, caller: &Caller, name: &str) -> Result<TargetView, Problem> {
    let name = Slug::from_text(name).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let caller = caller.clone();
    web.find(move |node| {
        let view = target::lookup(node, &name)?;
        Ok::<_, NodeFault>(view.filter(|view| is_open(node, &caller, &view.target)))
    })
    .await
}

/// Lists the targets, each with how it is.
#[utoipa::path(get, path = "/targets", tag = "operation",
    responses((status = 200, description = "By name", body = TargetsBody)))]
async fn list(State(web): State<Web>, Sourcing(caller): Sourcing) -> Result<Answer<TargetsBody>, Problem> {
    let views = web
        .run(move |node| {
            let views = target::list(node)?;
            Ok::<_, NodeFault>(
                views.into_iter().filter(|view| is_open(node, &caller, &view.target)).collect::<Vec<_>>(),
            )
        })
        .await?;
    Ok(Answer(TargetsBody { targets: views.into_iter().map(|view| body(&web, view)).collect() }))
}

/// Shows a target.
#[utoipa::path(get, path = "/targets/{name}", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The target", body = TargetBody)))]
async fn show(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<TargetBody>, Problem> {
    let view = find(&web, &caller, &name).await?;
    Ok(Answer(body(&web, view)))
}

/// Sets a target up, or changes it.
#[utoipa::path(put, path = "/targets/{name}", tag = "operation", request_body = NewTarget,
    params(("name" = String, Path, description = "Its name: lower-case letters, digits and hyphens")),
    responses((status = 200, description = "As it stands now", body = TargetBody)))]
async fn put(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
    Json(new): Json<NewTarget>,
) -> Result<Answer<TargetBody>, Problem> {
    let view = keep(&web, &caller, &name, new).await?;
    Ok(Answer(body(&web, view)))
}

/// Sets a target up, or changes it, if what is wanted can stand.
pub(crate) async fn keep(web: &Web, caller: &Caller, name: &str, new: NewTarget) -> Result<TargetView, Problem> {
    web.expect_writable()?;
    let (target, secret) = read(web, caller, name, new)?;
    let name = target.name.clone();
    let asker = caller.clone();
    let put = web
        .run(move |node| {
            // A name that stands for a target of a channel that this caller may not know of is taken, and no more is said.
            if target::lookup(node, &target.name)?.is_some_and(|before| !is_open(node, &asker, &before.target)) {
                return Ok::<_, NodeFault>(None);
            }
            target::put(node, &asker, &target, &secret).map(Some)
        })
        .await?;
    match put {
        None => Err(Problem::of(&table::CONFLICT).saying("this name is taken")),
        Some(Err(why)) => Err(Problem::of(&table::REFUSED).because(&why)),
        Some(Ok(())) => {
            web.targets.wake();
            find(web, caller, name.as_str()).await
        }
    }
}

/// Removes a target. What was pushed there stays there.
#[utoipa::path(delete, path = "/targets/{name}", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 204, description = "Nothing is pushed there any more")))]
async fn remove(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    take_away(&web, &caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a target, if it is there for the caller.
pub(crate) async fn take_away(web: &Web, caller: &Caller, name: &str) -> Result<(), Problem> {
    let view = find(web, caller, name).await?;
    let asker = caller.clone();
    let found = web.run(move |node| target::remove(node, &asker, &view.target.name)).await?;
    if found { Ok(()) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

/// Pushes to a target now, paused or not. The run goes on after the answer: `runs` grows once it has ended.
#[utoipa::path(post, path = "/targets/{name}/run", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 202, description = "A run is under way", body = TargetBody)))]
async fn run(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<(StatusCode, Answer<TargetBody>), Problem> {
    let view = start_run(&web, &caller, &name).await?;
    Ok((StatusCode::ACCEPTED, Answer(body(&web, view))))
}

/// Begins a run of a target that is there for the caller.
pub(crate) async fn start_run(web: &Web, caller: &Caller, name: &str) -> Result<TargetView, Problem> {
    let view = find(web, caller, name).await?;
    web.expect_writable()?;
    if web.options.outward.is_none() {
        return Err(Problem::of(&table::CONFLICT).saying("this server asks nothing outside"));
    }
    // Where one is under way already, this is its answer.
    runs::start(web, &view.target.name, &caller.id);
    Ok(view)
}

/// Pauses a target.
#[utoipa::path(post, path = "/targets/{name}/pause", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The target", body = TargetBody)))]
async fn pause(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<TargetBody>, Problem> {
    let view = set_paused(&web, &caller, &name, true).await?;
    Ok(Answer(body(&web, view)))
}

/// Lets a target run by its schedule again, at once; what its server did not take is sent again.
#[utoipa::path(post, path = "/targets/{name}/resume", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The target", body = TargetBody)))]
async fn resume(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<TargetBody>, Problem> {
    let view = set_paused(&web, &caller, &name, false).await?;
    Ok(Answer(body(&web, view)))
}

/// Pauses a target that is there for the caller, or lets it run again.
pub(crate) async fn set_paused(web: &Web, caller: &Caller, name: &str, paused: bool) -> Result<TargetView, Problem> {
    let view = find(web, caller, name).await?;
    web.expect_writable()?;
    let asker = caller.clone();
    web.run(move |node| target::pause(node, &asker, &view.target.name, paused)).await?;
    web.targets.wake();
    find(web, caller, name).await
}

/// The runs of a target, newest first.
#[utoipa::path(get, path = "/targets/{name}/history", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The last 50", body = TargetHistoryBody)))]
async fn history(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<TargetHistoryBody>, Problem> {
    let view = find(&web, &caller, &name).await?;
    let runs = web.run(move |node| target::history(node, &view.target.name)).await?;
    Ok(Answer(TargetHistoryBody { runs: runs.into_iter().map(TargetRunBody::from).collect() }))
}
