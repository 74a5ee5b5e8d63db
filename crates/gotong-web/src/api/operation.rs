//! For whoever operates the node: how it is doing, its peers, verifying everything, archives, building the views again.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::archive::{self, Encoding, Filter};
use gotong_app::caller::Caller;
use gotong_app::role::Right;
use gotong_app::{NodeFault, status, verify, view};
use gotong_model::MemberCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::Parameters;
use super::lines;
use super::who::{Auditing, Operator, Who};
use crate::federation::{LinkState, LinkStatus};
use crate::problem::{Problem, table};

/// How often a long run says how far it is.
const PROGRESS: Duration = Duration::from_millis(500);

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show_status))
        .routes(routes!(peers))
        .routes(routes!(verify_all))
        .routes(routes!(export_archive))
        .routes(routes!(rebuild))
}

/// How the node is doing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Status")]
pub(crate) struct StatusBody {
    /// Whose node it is.
    member: String,
    /// Its name.
    name: String,
    /// The region's id.
    region: String,
    /// The same as words.
    region_words: String,
    /// The region's name.
    region_name: String,
    /// The program's version.
    version: &'static str,
    /// The node's clock.
    time: String,
    /// Whether it was restored from an older state and does not sign.
    restored: bool,
    /// For roles with the right `operate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<StoreBody>,
}

/// What is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoreBody {
    /// Logs.
    logs: u64,
    /// Entries in them.
    entries: u64,
    /// Records that show.
    live: u64,
    /// Withdrawn and gone.
    erased: u64,
    /// Bodies that have not arrived.
    withheld: u64,
    /// Entries that break a rule.
    faulty: u64,
    /// Control entries.
    control: u64,
    /// Records of kinds unknown here.
    unknown: u64,
    /// Objects that wait for a person.
    quarantined: u64,
    /// Position of the newest arrival.
    head: u64,
    /// Position up to which everything may be seen outside.
    released: u64,
    /// How far the views are behind.
    projection_lag: u64,
    /// Bytes on disk.
    bytes: u64,
    /// Agreements known.
    agreements: usize,
    /// Channels of this member.
    channels: usize,
    /// When the newest backup was made; missing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_backup: Option<String>,
}

/// How the node is doing: who it is for all of the staff, what it stores for roles with the right `operate`.
#[utoipa::path(get, path = "/status", tag = "operation", responses((status = 200, description = "Its state now", body = StatusBody)))]
async fn show_status(State(web): State<Web>, who: Who) -> Result<Answer<StatusBody>, Problem> {
    let now = web.node.now().to_string();
    let status = web.run(status::node).await?;
    let counts = status.counts;
    let store = who.0.may(Right::Operate).then(|| StoreBody {
        logs: counts.logs,
        entries: counts.entries(),
        live: counts.live,
        erased: counts.erased,
        withheld: counts.withheld,
        faulty: counts.faulty,
        control: counts.control,
        unknown: counts.unknown,
        quarantined: counts.quarantined,
        head: status.head,
        released: status.released,
        projection_lag: status.projection_lag,
        bytes: status.store_bytes,
        agreements: status.agreements,
        channels: status.channels,
        last_backup: status.backup.and_then(|made| made.at()).map(|at| at.to_string()),
    });
    Ok(Answer(StatusBody {
        member: status.member.to_string(),
        name: status.name,
        region: status.region,
        region_words: status.region_words,
        region_name: status.region_name,
        version: env!("CARGO_PKG_VERSION"),
        time: now,
        restored: status.restored,
        store,
    }))
}

/// Another member, seen from this node.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Peer")]
pub(crate) struct PeerBody {
    /// The member's code.
    pub(crate) member: String,
    /// Its name.
    pub(crate) name: String,
    /// What this node's side of the link is doing.
    pub(crate) state: LinkState,
    /// When it last answered, or last asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_contact: Option<String>,
    /// Channels shared with it that the caller may read.
    pub(crate) channels: Vec<String>,
    /// Counters and faults of the link, for callers that are not limited to channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<LinkStatus>,
}

/// The other members.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeersBody {
    /// By code.
    peers: Vec<PeerBody>,
}

impl Web {
    /// The peers as this caller may see them. One who is limited to channels sees those who share them, and nothing that traffic elsewhere would change.
    pub(crate) async fn peers(&self, caller: &Caller) -> Result<Vec<PeerBody>, Problem> {
        let asking = caller.clone();
        let (channels, member) =
            self.run(move |node| Ok::<_, NodeFault>((view::channels(node, &asking)?, node.member.clone()))).await?;
        let governance = self.node.governance();
        let mut links: std::collections::BTreeMap<String, LinkStatus> =
            self.links.snapshot().into_iter().map(|link| (link.member.clone(), link)).collect();
        let is_limited = caller.channels.is_some();
        let mut codes: BTreeSet<MemberCode> =
            channels.iter().flat_map(|channel| channel.audience.iter().cloned()).collect();
        if !is_limited {
            codes.extend(links.keys().filter_map(|code| MemberCode::from_text(code)));
        }
        codes.remove(&member);
        let peer = |code: MemberCode| {
            let link = links.remove(code.as_str());
            let known = governance.charter.members.get(&code);
            let shared = channels.iter().filter(|channel| channel.audience.contains(&code));
            PeerBody {
                name: known.map_or_else(|| code.to_string(), |member| member.english().to_owned()),
                state: link.as_ref().map_or(LinkState::Idle, |link| link.state),
                last_contact: link.as_ref().and_then(|link| link.last_contact.clone()),
                channels: shared.map(|channel| channel.handle.clone()).collect(),
                link: link.filter(|_| !is_limited),
                member: code.to_string(),
            }
        };
        Ok(codes.into_iter().map(peer).collect())
    }
}

/// Lists the members that share channels with this node, and how the links to them stand.
#[utoipa::path(get, path = "/peers", tag = "operation", responses((status = 200, description = "By code", body = PeersBody)))]
async fn peers(State(web): State<Web>, who: Who) -> Result<Answer<PeersBody>, Problem> {
    Ok(Answer(PeersBody { peers: web.peers(&who.0).await? }))
}

/// How far a run is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgressLine {
    /// How far.
    progress: Progress,
}

/// Entries done and to be done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// Done.
    done: u64,
    /// To be done in all.
    total: u64,
}

/// What verifying came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "VerifyReport")]
pub(crate) struct ReportBody {
    /// Whether everything holds.
    sound: bool,
    /// Logs read.
    logs: u64,
    /// Entries read.
    entries: u64,
    /// Of those, with content whose commitment was computed again.
    whole: u64,
    /// Erased under a tombstone.
    erased: u64,
    /// Withheld.
    withheld: u64,
    /// Postings looked at.
    postings: u64,
    /// Signing batches.
    batches: u64,
    /// What does not hold, a line each.
    findings: Vec<String>,
    /// Findings beyond those.
    more_findings: u64,
    /// What could not be looked at, and why.
    notes: Vec<String>,
}

/// The last line of verifying.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportLine {
    /// What it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportBody>,
    /// Why there is no report.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<crate::problem::ProblemDocument>,
}

fn ndjson(body: axum::body::Body) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

pub(crate) fn long_turn(web: &Web) -> Result<tokio::sync::OwnedSemaphorePermit, Problem> {
    let turn = std::sync::Arc::clone(&web.long_work).try_acquire_owned();
    turn.map_err(|_| {
        Problem::of(&table::BUSY).saying("as many long runs as may run at once are running").retry_after_s(10)
    })
}

/// Verifies everything the node stores against what was signed: lines of progress, then the report.
#[utoipa::path(get, path = "/logs/verify", tag = "logs",
    responses((status = 200, description = "Lines of progress, then one report", body = ReportLine, content_type = "application/x-ndjson")))]
async fn verify_all(State(web): State<Web>, _auditing: Auditing) -> Result<Response, Problem> {
    let turn = long_turn(&web)?;
    let (writer, body) = lines::channel();
    tokio::task::spawn_blocking(move || {
        let mut last = Instant::now();
        let mut progress = |done: u64, total: u64| {
            if last.elapsed() >= PROGRESS {
                last = Instant::now();
                let _ = writer.line(&ProgressLine { progress: Progress { done, total } });
            }
        };
        let line = match verify::node(&web.node, &mut progress) {
            Err(fault) => ReportLine { report: None, problem: Some(Problem::from(fault).document()) },
            Ok(report) => {
                let sound = report.is_sound();
                let verify::Report {
                    logs,
                    entries,
                    whole,
                    erased,
                    withheld,
                    postings,
                    batches,
                    findings,
                    more_findings,
                    notes,
                } = report;
                let report = ReportBody {
                    sound,
                    logs,
                    entries,
                    whole,
                    erased,
                    withheld,
                    postings,
                    batches,
                    findings,
                    more_findings,
                    notes,
                };
                ReportLine { report: Some(report), problem: None }
            }
        };
        let _ = writer.line(&line);
        drop(turn);
    });
    Ok(ndjson(body))
}

/// Which logs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArchiveParams {
    /// Only of this channel, by handle or id.
    channel: Option<String>,
    /// Only by this author.
    author: Option<String>,
    /// Only this log, by origin.
    log: Option<String>,
    /// Frames without compression, for verifiers that have no zstd.
    plain: Option<bool>,
}

/// Exports logs with everything that proves them, for anyone to verify offline.
#[utoipa::path(get, path = "/archive", tag = "logs", params(ArchiveParams),
    responses((status = 200, description = "An archive (`docs/protocol.md` section 9); one that breaks off is none", body = Vec<u8>, content_type = "application/octet-stream")))]
async fn export_archive(
    State(web): State<Web>,
    Auditing(caller): Auditing,
    Parameters(params): Parameters<ArchiveParams>,
) -> Result<Response, Problem> {
    let bad = || Problem::of(&table::BAD_PARAMETER).saying("author must be a member code");
    let filter = Filter {
        channel: params.channel.as_deref().map(|name| web.channel(&caller, name)).transpose()?,
        author: params.author.as_deref().map(|code| MemberCode::from_text(code).ok_or_else(bad)).transpose()?,
        origin: params.log,
    };
    let encoding = if params.plain == Some(true) { Encoding::Plain } else { Encoding::Zstd };
    archive_answer(&web, caller, filter, encoding)
}

/// An archive, written while it is read.
pub(crate) fn archive_answer(
    web: &Web,
    caller: Caller,
    filter: Filter,
    encoding: Encoding,
) -> Result<Response, Problem> {
    let turn = long_turn(web)?;
    let web = web.clone();
    let (writer, body) = lines::channel();
    tokio::task::spawn_blocking(move || {
        let mut write = |bytes: &[u8]| {
            writer.write(bytes.to_vec()).map_err(|lines::Gone| std::io::Error::from(std::io::ErrorKind::BrokenPipe))
        };
        match archive::export_encoded(&web.node, &caller, &filter, encoding, &mut write) {
            Ok(exported) => {
                for (log, reason) in &exported.skipped {
                    tracing::warn!(%log, %reason, "a log was left out of an archive");
                }
            }
            Err(fault) => {
                tracing::warn!(%fault, "an archive broke off");
                writer.abort();
            }
        }
        drop(turn);
    });
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let name = HeaderValue::from_static("attachment; filename=\"gotong.archive\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// A rebuild that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RebuildBody {
    /// Arrivals that the views are behind; `GET /status` shows it fall.
    projection_lag: u64,
}

/// Drops every view and builds it again from the logs. Lists are shorter until it is done.
#[utoipa::path(post, path = "/rebuild", tag = "operation", responses((status = 202, description = "It has begun", body = RebuildBody)))]
async fn rebuild(
    State(web): State<Web>,
    Operator(caller): Operator,
) -> Result<(StatusCode, Answer<RebuildBody>), Problem> {
    tracing::info!(caller = %caller.id, "the views are built again on request");
    let projection_lag = web
        .run(|node| {
            node.begin_rebuild()?;
            node.projection_lag()
        })
        .await?;
    web.upkeep.notify_one();
    Ok((StatusCode::ACCEPTED, Answer(RebuildBody { projection_lag })))
}
