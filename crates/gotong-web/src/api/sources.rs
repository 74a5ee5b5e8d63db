//! Sources: feeds outside the region that this node reads, for whoever has the right `sources`. A caller limited to channels sees those of its channels alone.
//!
//! Credentials go in and never come out. Read next: `crate::source` (how they run).

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use gotong_app::caller::Caller;
use gotong_app::source::{self, Counts, Credentials, Kind, Note, Run, Secret, Source, SourceView};
use gotong_app::{Node, NodeFault};
use gotong_model::{Slug, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::bulk::intake;
use super::input::{Json, Path};
use super::publish::tlp;
use super::who::Sourcing;
use crate::outward::guard::Target;
use crate::problem::{Problem, table};
use crate::source as runs;

/// What holds where nothing is said.
const EVERY_MIN: u32 = 60;
const BYTES: u64 = 64 << 20;
const TIME_S: u32 = 300;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, remove))
        .routes(routes!(run))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(history))
}

/// How a source knows the node: user and password, or a token, or a header.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(title = "SourceCredentials")]
pub(crate) struct CredentialsBody {
    /// The user, with `password`.
    pub(crate) user: Option<String>,
    /// The password.
    pub(crate) password: Option<String>,
    /// A bearer token.
    pub(crate) token: Option<String>,
    /// The name of a header, with `value`: `Authorization` for the key of a MISP server.
    pub(crate) header: Option<String>,
    /// Its value.
    pub(crate) value: Option<String>,
}

impl CredentialsBody {
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
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<CredentialsBody>>, D::Error> {
    Option::<CredentialsBody>::deserialize(deserializer).map(Some)
}

/// A source to be set up, or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSource {
    /// `http`, `taxii` or `misp-feed`.
    pub(crate) kind: String,
    /// Where it is: http or https, without user and password.
    pub(crate) url: String,
    /// Where what it brings is published, by handle or id.
    pub(crate) channel: String,
    /// The label of what is unmarked; never laxer than a marking. Without it, the channel's ceiling.
    pub(crate) label: Option<String>,
    /// The format of a document (kind `http`), where it is not to be seen from its beginning.
    pub(crate) format: Option<String>,
    /// What a table's columns mean, as JSON.
    pub(crate) mapping: Option<String>,
    /// The collection of a TAXII server, by id, alias or title. Not needed where only one may be read.
    pub(crate) collection: Option<String>,
    /// Minutes from one run to the next; 60 if not said.
    pub(crate) every_min: Option<u32>,
    /// Up to so many minutes more, by chance; a tenth of the pause if not said.
    pub(crate) jitter_min: Option<u32>,
    /// Bytes that one answer may have; 67108864 if not said.
    pub(crate) bytes_max: Option<u64>,
    /// Seconds that one answer may take; 300 if not said.
    pub(crate) time_max_s: Option<u32>,
    /// Withdraw what only this source brought and lists no longer (kind `http`).
    #[serde(default)]
    pub(crate) withdraw_missing: bool,
    /// Not run by the schedule.
    #[serde(default)]
    pub(crate) paused: bool,
    /// Credentials: left as they are where this is missing and the address is the same, removed where it is `null`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<CredentialsBody>)]
    #[allow(clippy::option_option, reason = "missing, null and given are three answers")]
    pub(crate) credentials: Option<Option<CredentialsBody>>,
}

/// A note on a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SourceNote")]
pub(crate) struct NoteBody {
    /// Message id.
    id: String,
    /// The sentence in English.
    text: String,
}

/// What became of the objects of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SourceCounts")]
pub(crate) struct CountsBody {
    new: u64,
    known: u64,
    updated: u64,
    refused: u64,
    quarantined: u64,
    /// Things that the objects made of them have no place for.
    not_carried: u64,
    /// Brought before, and not listed any more.
    gone: u64,
    /// Withdrawn for that.
    withdrawn: u64,
    /// Listed, and left out: somebody withdrew it here.
    kept_out: u64,
}

/// A run of a source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SourceRun")]
pub(crate) struct RunBody {
    /// From 1.
    number: u64,
    /// `schedule`, or who asked for it.
    by: String,
    begun: String,
    ended: String,
    /// `done`, `unchanged`, `wanting` (something was refused, waits for a person, or may be missing) or `failed`.
    result: &'static str,
    counts: CountsBody,
    /// Bytes that came.
    bytes: u64,
    /// What a person should know; of a failed run the reason first.
    notes: Vec<NoteBody>,
}

/// A source and how it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Source")]
#[allow(clippy::struct_excessive_bools, reason = "the shape of an answer, not a state")]
pub(crate) struct SourceBody {
    name: String,
    kind: &'static str,
    url: String,
    /// The channel's handle.
    channel: String,
    label: Option<String>,
    format: Option<String>,
    mapping: Option<String>,
    collection: Option<String>,
    every_min: u32,
    jitter_min: u32,
    bytes_max: u64,
    time_max_s: u32,
    withdraw_missing: bool,
    paused: bool,
    /// Whether there are credentials. They are not shown.
    has_credentials: bool,
    /// `fresh`, `wanting`, `stale`, `failing`, `waiting` or `paused`.
    health: &'static str,
    /// Whether a run is under way.
    running: bool,
    /// Runs ever.
    runs: u64,
    /// Failures in a row.
    failures: u32,
    failing_since: Option<String>,
    last_good: Option<String>,
    /// When it is due; missing where it is due at once, or paused.
    next_try: Option<String>,
    /// Up to where a TAXII collection has been read.
    cursor: Option<String>,
    /// The newest run.
    last: Option<RunBody>,
}

/// All sources.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourcesBody {
    /// By name.
    sources: Vec<SourceBody>,
}

/// Runs of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryBody {
    /// Newest first; the last 50 are kept.
    runs: Vec<RunBody>,
}

fn at(micros: i64) -> String {
    Timestamp::from_micros(micros).unwrap_or_default().to_string()
}

impl From<Note> for NoteBody {
    fn from(Note { id, text }: Note) -> Self {
        Self { id, text }
    }
}

impl From<Run> for RunBody {
    fn from(run: Run) -> Self {
        let Counts { new, known, updated, refused, quarantined, not_carried, gone, withdrawn, kept_out } = run.counts;
        Self {
            number: run.number,
            by: run.by,
            begun: at(run.begun),
            ended: at(run.ended),
            result: run.result.as_str(),
            counts: CountsBody { new, known, updated, refused, quarantined, not_carried, gone, withdrawn, kept_out },
            bytes: run.bytes,
            notes: run.notes.into_iter().map(NoteBody::from).collect(),
        }
    }
}

fn body(web: &Web, view: SourceView) -> SourceBody {
    let governance = web.node.governance();
    let health = runs::health(&view, web.node.now()).as_str();
    let SourceView { source, state, last, has_credentials } = view;
    let channel = governance.channel(&source.channel).map(|channel| channel.handle());
    SourceBody {
        running: web.sources.is_running(&source.name),
        name: source.name.to_string(),
        kind: source.kind.as_str(),
        url: source.url,
        channel: channel.unwrap_or_else(|| source.channel.to_string()),
        label: source.label.map(|label| label.to_string()),
        format: source.format,
        mapping: source.mapping,
        collection: source.collection,
        every_min: source.every_min,
        jitter_min: source.jitter_min,
        bytes_max: source.bytes_max,
        time_max_s: source.time_max_s,
        withdraw_missing: source.withdraw_missing,
        paused: source.paused,
        has_credentials,
        health,
        runs: state.runs,
        failures: state.failures,
        failing_since: state.failing_since.map(at),
        last_good: state.last_good.map(at),
        next_try: (state.next_try > 0 && !source.paused).then(|| at(state.next_try)),
        cursor: state.progress.cursor,
        last: last.map(RunBody::from),
    }
}

/// Whether a caller may know of a source: it may know of its channel.
pub(crate) fn is_open(node: &Node, caller: &Caller, source: &Source) -> bool {
    caller.channel(node, &source.channel.to_string()).is_some()
}

/// The source of this name, if it is there for the caller.
pub(crate) async fn find(web: &Web, caller: &Caller, name: &str) -> Result<SourceView, Problem> {
    let name = Slug::from_text(name).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let caller = caller.clone();
    web.find(move |node| {
        let view = source::lookup(node, &name)?;
        Ok::<_, NodeFault>(view.filter(|view| is_open(node, &caller, &view.source)))
    })
    .await
}

/// Lists the sources, each with how it is.
#[utoipa::path(get, path = "/sources", tag = "operation",
    responses((status = 200, description = "By name", body = SourcesBody)))]
async fn list(State(web): State<Web>, Sourcing(caller): Sourcing) -> Result<Answer<SourcesBody>, Problem> {
    let views = web
        .run(move |node| {
            let views = source::list(node)?;
            Ok::<_, NodeFault>(
                views.into_iter().filter(|view| is_open(node, &caller, &view.source)).collect::<Vec<_>>(),
            )
        })
        .await?;
    Ok(Answer(SourcesBody { sources: views.into_iter().map(|view| body(&web, view)).collect() }))
}

/// Shows a source.
#[utoipa::path(get, path = "/sources/{name}", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The source", body = SourceBody)))]
async fn show(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<SourceBody>, Problem> {
    let view = find(&web, &caller, &name).await?;
    Ok(Answer(body(&web, view)))
}

/// Sets a source up, or changes it.
#[utoipa::path(put, path = "/sources/{name}", tag = "operation", request_body = NewSource,
    params(("name" = String, Path, description = "Its name: lower-case letters, digits and hyphens")),
    responses((status = 200, description = "As it stands now", body = SourceBody)))]
async fn put(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
    Json(new): Json<NewSource>,
) -> Result<Answer<SourceBody>, Problem> {
    let view = keep(&web, &caller, &name, new).await?;
    Ok(Answer(body(&web, view)))
}

/// Sets a source up, or changes it, if what is wanted can stand.
pub(crate) async fn keep(web: &Web, caller: &Caller, name: &str, new: NewSource) -> Result<SourceView, Problem> {
    web.expect_writable()?;
    let (source, secret) = read(web, caller, name, new)?;
    let name = source.name.clone();
    let asker = caller.clone();
    let put = web
        .run(move |node| {
            // A name that stands for a source of a channel that this caller may not know of is taken, and no more is said.
            if source::lookup(node, &source.name)?.is_some_and(|before| !is_open(node, &asker, &before.source)) {
                return Ok::<_, NodeFault>(None);
            }
            source::put(node, &asker, &source, &secret).map(Some)
        })
        .await?;
    match put {
        None => Err(Problem::of(&table::CONFLICT).saying("this name is taken")),
        Some(Err(why)) => Err(Problem::of(&table::REFUSED).because(&why)),
        Some(Ok(())) => {
            web.sources.wake();
            find(web, caller, name.as_str()).await
        }
    }
}

fn read(web: &Web, caller: &Caller, name: &str, new: NewSource) -> Result<(Source, Secret), Problem> {
    let refused = |pointer: &str, text: &str| Problem::of(&table::REFUSED).at(pointer, "source.field", text);
    let name = Slug::from_text(name);
    let name = name.ok_or_else(|| {
        Problem::of(&table::REFUSED).saying("the name must be lower-case letters, digits and hyphens, at most 64")
    })?;
    let kind = Kind::from_text(&new.kind).ok_or_else(|| refused("/kind", "must be http, taxii or misp-feed"))?;
    Target::parse(&new.url)
        .map_err(|fault| Problem::of(&table::REFUSED).at("/url", fault.code(), fault.to_string()))?;
    let channel = caller.channel(&web.node, &new.channel);
    let channel = channel.ok_or_else(|| refused("/channel", "must be a channel of this member"))?;
    let label =
        new.label.as_deref().map(|text| tlp(text).ok_or_else(|| refused("/label", "must be one of the labels")));
    let said = |_| refused("/format", "must be one of auto, stix, misp, csv, shadowserver, mail, list, text");
    intake::format(new.format.as_deref()).map_err(said)?;
    intake::mapping(new.mapping.as_deref()).map_err(|_| refused("/mapping", "does not read as a mapping"))?;
    let secret = match new.credentials {
        None => Secret::Keep,
        Some(None) => Secret::None,
        Some(Some(body)) => Secret::These(
            body.read()
                .ok_or_else(|| refused("/credentials", "must be user and password, or token, or header and value"))?,
        ),
    };
    let every_min = new.every_min.unwrap_or(EVERY_MIN);
    let source = Source {
        name,
        kind,
        url: new.url,
        channel,
        label: label.transpose()?,
        format: new.format,
        mapping: new.mapping,
        collection: new.collection,
        every_min,
        jitter_min: new.jitter_min.unwrap_or(every_min / 10),
        bytes_max: new.bytes_max.unwrap_or(BYTES),
        time_max_s: new.time_max_s.unwrap_or(TIME_S),
        withdraw_missing: new.withdraw_missing,
        paused: new.paused,
    };
    Ok((source, secret))
}

/// Removes a source. What it published stays.
#[utoipa::path(delete, path = "/sources/{name}", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 204, description = "It is not read any more")))]
async fn remove(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    take_away(&web, &caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a source, if it is there for the caller.
pub(crate) async fn take_away(web: &Web, caller: &Caller, name: &str) -> Result<(), Problem> {
    let view = find(web, caller, name).await?;
    let asker = caller.clone();
    let found = web.run(move |node| source::remove(node, &asker, &view.source.name)).await?;
    if found { Ok(()) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

/// Runs a source now, paused or not. The run goes on after the answer: `runs` grows once it has ended.
#[utoipa::path(post, path = "/sources/{name}/run", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 202, description = "A run is under way", body = SourceBody)))]
async fn run(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<(StatusCode, Answer<SourceBody>), Problem> {
    let view = start_run(&web, &caller, &name).await?;
    Ok((StatusCode::ACCEPTED, Answer(body(&web, view))))
}

/// Begins a run of a source that is there for the caller.
pub(crate) async fn start_run(web: &Web, caller: &Caller, name: &str) -> Result<SourceView, Problem> {
    let view = find(web, caller, name).await?;
    web.expect_writable()?;
    if web.options.outward.is_none() {
        return Err(Problem::of(&table::CONFLICT).saying("this server fetches nothing from outside"));
    }
    // Where one is under way already, this is its answer.
    runs::start(web, &view.source.name, &caller.id);
    Ok(view)
}

/// Pauses a source.
#[utoipa::path(post, path = "/sources/{name}/pause", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The source", body = SourceBody)))]
async fn pause(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<SourceBody>, Problem> {
    let view = set_paused(&web, &caller, &name, true).await?;
    Ok(Answer(body(&web, view)))
}

/// Lets a source run by its schedule again, at once.
#[utoipa::path(post, path = "/sources/{name}/resume", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The source", body = SourceBody)))]
async fn resume(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<SourceBody>, Problem> {
    let view = set_paused(&web, &caller, &name, false).await?;
    Ok(Answer(body(&web, view)))
}

/// Pauses a source that is there for the caller, or lets it run again.
pub(crate) async fn set_paused(web: &Web, caller: &Caller, name: &str, paused: bool) -> Result<SourceView, Problem> {
    let view = find(web, caller, name).await?;
    web.expect_writable()?;
    let asker = caller.clone();
    web.run(move |node| source::pause(node, &asker, &view.source.name, paused)).await?;
    web.sources.wake();
    find(web, caller, name).await
}

/// The runs of a source, newest first.
#[utoipa::path(get, path = "/sources/{name}/history", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The last 50", body = HistoryBody)))]
async fn history(
    State(web): State<Web>,
    Sourcing(caller): Sourcing,
    Path(name): Path<String>,
) -> Result<Answer<HistoryBody>, Problem> {
    let view = find(&web, &caller, &name).await?;
    let runs = web.run(move |node| source::history(node, &view.source.name)).await?;
    Ok(Answer(HistoryBody { runs: runs.into_iter().map(RunBody::from).collect() }))
}
