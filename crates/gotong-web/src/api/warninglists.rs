//! Warninglists over the API: loaded in MISP's format, listed with their rules, asked about values. What they mean and what comes of them decides `gotong-app`.
//!
//! Lists stream in one by one (`warninglists/cut.rs`): no more than one is in memory. Rules name channels, so each caller is shown those of channels that it
//! may know of. Read next: `gotong_app::warninglist`.

mod cut;

use axum::Json as Answer;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use gotong_app::caller::Caller;
use gotong_app::warninglist::{self, List, Loaded, LoadedAs, Loading, Rule, RuleChange};
use gotong_app::{Node, NodeFault};
use gotong_model::ChannelId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::cut::Cutter;
use super::Web;
use super::bulk::{ARRIVING_PIECES, feed, unpack_problem};
use super::input::{Json, Parameters, Path, media_type};
use super::unpack::{Arriving, Chunk, Encoding, UnpackFault, Unpacker};
use super::who::{Curating, Who};
use crate::problem::{Problem, Reason, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, put))
        .routes(routes!(remove))
        .routes(routes!(set_rules))
        .routes(routes!(check))
}

/// Compiles what is kept as soon as the node serves, so that the first who publishes need not wait for it.
pub(crate) fn warm(web: &Web) {
    let node = Arc::clone(&web.node);
    tokio::task::spawn_blocking(move || match node.warninglists() {
        Ok(lists) => tracing::info!(lists = lists.lists().len(), bytes = lists.bytes(), "warninglists are in use"),
        Err(fault) => tracing::error!(%fault, "the warninglists cannot be read: nothing is published until they can"),
    });
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListWarninglists {
    /// Those behind this number.
    after: Option<u64>,
    /// At most so many, 1 to 1000; 100 if not said.
    limit: Option<usize>,
}

/// A rule about a warninglist.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "WarninglistRule")]
pub(crate) struct RuleBody {
    /// The channel's handle; missing where the rule is for all channels that have none of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// `import`, `publish` or `export`.
    on: &'static str,
    /// `block` or `inform`.
    action: &'static str,
}

/// A warninglist.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Warninglist")]
pub(crate) struct WarninglistBody {
    /// Its number here.
    number: u64,
    /// Its name, which rules call it by.
    name: String,
    /// What it is.
    description: String,
    /// Its version.
    version: u64,
    /// Such as `false_positive`; may be empty.
    category: String,
    /// How entries are compared: `string`, `substring`, `hostname`, `cidr` or `regex`.
    r#type: &'static str,
    /// Which kinds of values it is about.
    kinds: Vec<&'static str>,
    /// Entries that it has.
    entries: u64,
    /// Entries that are in use.
    used: u64,
    /// When it was loaded.
    loaded_at: String,
    /// By whom.
    loaded_by: String,
    /// What is to be done about hits. At a moment without a rule the list is not in use.
    rules: Vec<RuleBody>,
}

/// A page of warninglists.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Warninglists")]
pub(crate) struct WarninglistsBody {
    /// By number.
    warninglists: Vec<WarninglistBody>,
    /// What to give as `after` for the next page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// What became of a list that was handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "LoadedWarninglist")]
pub(crate) struct LoadedBody {
    /// The line in what was sent on which it begins.
    line: u64,
    /// `new`, `updated`, `known` or `refused`.
    outcome: &'static str,
    /// Its name; empty where it could not be read.
    name: String,
    /// Its version.
    version: u64,
    /// Entries that it has.
    entries: u64,
    /// Entries that are in use.
    used: u64,
    /// Why it was refused, or what of it is not in use: the first of many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<Reason>,
}

/// What became of all lists that were handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "LoadedWarninglists")]
pub(crate) struct LoadedAllBody {
    /// In the order in which they came.
    warninglists: Vec<LoadedBody>,
}

/// What is to hold from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetRules {
    /// The list's name; missing: every list that is here now.
    list: Option<String>,
    /// The channel, by handle or id; missing: all channels that have no rule of their own.
    channel: Option<String>,
    /// When: any of `import`, `publish` and `export`. What is imported is published too.
    on: Vec<String>,
    /// `block`, `inform`, or `none` to take the rule away.
    action: String,
}

/// What setting rules changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "WarninglistRulesSet")]
pub(crate) struct RulesSetBody {
    /// How many lists have other rules now.
    changed: usize,
}

/// Values to be looked for on warninglists.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckValues {
    /// At most 1000, as people write them.
    values: Vec<String>,
}

/// A list that a value is on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "WarninglistHit")]
pub(crate) struct WarninglistHitBody {
    /// The list's number.
    number: u64,
    /// Its name.
    list: String,
    /// The entry.
    entry: String,
}

/// A value and the lists that it is on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CheckedValue")]
pub(crate) struct CheckedBody {
    /// As it was sent.
    value: String,
    /// Of each list the narrowest entry.
    hits: Vec<WarninglistHitBody>,
}

/// Values and the lists that they are on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CheckedValues")]
pub(crate) struct CheckedAllBody {
    /// In the order in which they were sent.
    values: Vec<CheckedBody>,
}

fn body(node: &Node, list: List) -> WarninglistBody {
    let governance = node.governance();
    let rule = |rule: &Rule| RuleBody {
        channel: rule.channel.map(|id| governance.channel(&id).map_or_else(|| id.to_string(), |known| known.handle())),
        on: warninglist::moment_word(rule.on),
        action: warninglist::action_word(rule.action),
    };
    WarninglistBody {
        number: list.number,
        description: list.description,
        version: list.version,
        category: list.category,
        r#type: list.match_type,
        kinds: list.kinds,
        entries: list.entries,
        used: list.used,
        loaded_at: list.loaded_at.to_string(),
        loaded_by: list.loaded_by,
        rules: list.rules.iter().map(rule).collect(),
        name: list.name,
    }
}

impl From<Loaded> for LoadedBody {
    fn from(loaded: Loaded) -> Self {
        Self {
            line: loaded.line,
            outcome: loaded.outcome.word(),
            name: loaded.name,
            version: loaded.version,
            entries: loaded.entries,
            used: loaded.used,
            why: loaded.why.iter().map(Reason::from).collect(),
        }
    }
}

/// Lists the warninglists in use, with their rules.
#[utoipa::path(get, path = "/warninglists", tag = "operation", params(ListWarninglists),
    responses((status = 200, description = "By number", body = WarninglistsBody)))]
async fn list(
    State(web): State<Web>,
    Who(caller): Who,
    Parameters(params): Parameters<ListWarninglists>,
) -> Result<Answer<WarninglistsBody>, Problem> {
    let limit = params.limit.unwrap_or(100);
    if !(1..=warninglist::PAGE_MAX).contains(&limit) {
        return Err(Problem::of(&table::BAD_PARAMETER).saying("limit must be 1 to 1000"));
    }
    let after = params.after;
    let page = web.run(move |node| {
        let known = |channel: &ChannelId| caller.channel(node, &channel.to_string()).is_some();
        let lists = warninglist::lists(node, known)?.into_iter();
        let mut rows: Vec<List> =
            lists.filter(|list| after.is_none_or(|after| list.number > after)).take(limit + 1).collect();
        let is_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| is_more).map(|last| last.number);
        let warninglists = rows.into_iter().map(|list| body(node, list)).collect();
        Ok::<_, NodeFault>(WarninglistsBody { warninglists, next })
    });
    page.await.map(Answer)
}

/// Loads warninglists in MISP's format: each is put in the place of the one of its name, as a whole. Lists that are not named stay. A new list informs
/// everywhere and blocks nothing.
#[utoipa::path(put, path = "/warninglists", tag = "operation",
    params(("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`")),
    request_body(
        content((serde_json::Value = "application/json"), (serde_json::Value = "application/x-ndjson")),
        content((String = "application/octet-stream")),
        description = "One list, or many one behind the other; as `application/x-ndjson` one a line. Each has at most 64 MiB",
    ),
    responses((status = 200, description = "What became of each; what is not refused is in use", body = LoadedAllBody)))]
async fn put(
    State(web): State<Web>,
    Curating(caller): Curating,
    request: Request,
) -> Result<Answer<LoadedAllBody>, Problem> {
    let encoding = Encoding::of(request.headers())?;
    let by_lines = match media_type(request.headers()).as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/jsonlines" => true,
        "" | "application/octet-stream" | "application/json" => false,
        media => return Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying(format!("{media} is not taken here"))),
    };
    let busy = |_| Problem::of(&table::BUSY).retry_after_s(10);
    let turn = Arc::clone(&web.long_work).try_acquire_owned().map_err(busy)?;
    let (sender, arriving) = mpsc::channel(ARRIVING_PIECES);
    tokio::spawn(feed(request.into_body(), sender));
    let runtime = Handle::current();
    let loading = tokio::task::spawn_blocking(move || {
        let loaded = load(&web.node, &caller, arriving, (encoding, runtime), Cutter::new(by_lines));
        drop(turn);
        loaded
    });
    let loaded = loading.await.map_err(|fault| {
        tracing::error!(%fault, "loading warninglists panicked");
        Problem::of(&table::INTERNAL)
    })??;
    if loaded.is_empty() {
        return Err(Problem::of(&table::REFUSED).at("", "warninglist.none", "there is no list in what was sent"));
    }
    let refused = loaded.iter().filter(|one| one.outcome == LoadedAs::Refused).count();
    tracing::info!(lists = loaded.len(), refused, "warninglists were loaded");
    Ok(Answer(LoadedAllBody { warninglists: loaded.into_iter().map(Into::into).collect() }))
}

/// Loads what arrives. What came whole before a connection broke is taken and in use.
fn load(
    node: &Node,
    caller: &Caller,
    arriving: Arriving,
    (encoding, runtime): (Encoding, Handle),
    mut cutter: Cutter,
) -> Result<Vec<Loaded>, Problem> {
    let mut unpacker = Unpacker::new(arriving, encoding, runtime).map_err(|fault| unpack_problem(fault, 0))?;
    let mut loading = Loading::begin(node, caller)?;
    let ended: Result<(), UnpackFault> = loop {
        match unpacker.next() {
            Ok(Chunk::Bytes(bytes)) => cutter.push(bytes),
            Ok(Chunk::Pause) => {}
            Ok(Chunk::End) => {
                cutter.finish();
                take(&mut cutter, &mut loading)?;
                break Ok(());
            }
            Err(fault) => break Err(fault),
        }
        take(&mut cutter, &mut loading)?;
    };
    let loaded = loading.finish()?;
    match ended {
        Ok(()) => Ok(loaded),
        Err(fault) => Err(unpack_problem(fault, unpacker.plain_bytes())),
    }
}

fn take(cutter: &mut Cutter, loading: &mut Loading<'_>) -> Result<(), NodeFault> {
    while let Some((line, piece)) = cutter.next() {
        match piece {
            Ok(bytes) => loading.put(line, &bytes)?,
            Err(fault) => loading.refuse(line, fault),
        }
    }
    Ok(())
}

/// Removes a warninglist with its rules.
#[utoipa::path(delete, path = "/warninglists/{number}", tag = "operation",
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 204, description = "It is not in use any more")))]
async fn remove(
    State(web): State<Web>,
    Curating(caller): Curating,
    Path(number): Path<u64>,
) -> Result<StatusCode, Problem> {
    web.find(move |node| warninglist::remove(node, &caller, number)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says what is to be done about hits: for a list or all, in a channel or all, at one or more moments.
#[utoipa::path(post, path = "/warninglists/rules", tag = "operation", request_body = SetRules,
    responses((status = 200, description = "The rule holds from now on", body = RulesSetBody)))]
async fn set_rules(
    State(web): State<Web>,
    Curating(caller): Curating,
    Json(request): Json<SetRules>,
) -> Result<Answer<RulesSetBody>, Problem> {
    let refused = |pointer: &str, text: &str| Problem::of(&table::REFUSED).at(pointer, "warninglist.field", text);
    let action = match request.action.as_str() {
        "none" => None,
        word => Some(warninglist::action_of(word).ok_or_else(|| refused("/action", "must be block, inform or none"))?),
    };
    let on: Option<Vec<_>> = request.on.iter().map(|word| warninglist::moment_of(word)).collect();
    let on = on.filter(|on| !on.is_empty() && on.len() <= warninglist::MOMENTS.len());
    let on = on.ok_or_else(|| refused("/on", "must be one or more of import, publish and export"))?;
    let channel = request.channel.as_deref().map(|name| {
        let known = caller.channel(&web.node, name);
        known.ok_or_else(|| refused("/channel", "there is no such channel"))
    });
    let change = RuleChange { list: request.list, channel: channel.transpose()?, on, action };
    match web.run(move |node| warninglist::set_rules(node, &caller, &change)).await? {
        Ok(changed) => Ok(Answer(RulesSetBody { changed })),
        Err(why) => Err(Problem::of(&table::REFUSED).because(&[why])),
    }
}

/// Says which warninglists values are on, whatever rules say.
#[utoipa::path(post, path = "/warninglists/check", tag = "operation", request_body = CheckValues,
    responses((status = 200, description = "Each value with the lists that it is on", body = CheckedAllBody)))]
async fn check(
    State(web): State<Web>,
    _who: Who,
    Json(request): Json<CheckValues>,
) -> Result<Answer<CheckedAllBody>, Problem> {
    if request.values.is_empty() || request.values.len() > warninglist::CHECKED_MAX {
        let text = "must hold 1 to 1000 values";
        return Err(Problem::of(&table::REFUSED).at("/values", "warninglist.field", text));
    }
    let values = request.values;
    let (values, checked) = web
        .run(move |node| {
            let checked = warninglist::check(node, &values)?;
            Ok::<_, NodeFault>((values, checked))
        })
        .await?;
    let hit = |hit: warninglist::Checked| WarninglistHitBody { number: hit.number, list: hit.list, entry: hit.entry };
    let pairs = values.into_iter().zip(checked);
    let values = pairs.map(|(value, hits)| CheckedBody { value, hits: hits.into_iter().map(hit).collect() }).collect();
    Ok(Answer(CheckedAllBody { values }))
}
