//! Records out, in other programs' formats, as one stream. What may be in which format, and what is left out and counted, decides `gotong_formats::out`; what
//! the caller may read was decided below.
//!
//! One publication each: nothing is merged. A stream that breaks off ends without its last line or bracket. Read next: `gotong_formats::out`.

use std::collections::HashSet;

use axum::extract::{OriginalUri, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use gotong_app::view::{self, Query, RecordView, ViewFault};
use gotong_app::warninglist::Warninglists;
use gotong_crypto::sha256;
use gotong_formats::out::{Allow, Format, Header, Item, Options, Policy, Writer, ZoneName};
use gotong_formats::stix21::{self, ObservableValue, ValueKind};
use gotong_model::{MemberCode, Timestamp, Tlp, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::Parameters;
use super::lines::{self, LineWriter};
use super::publish::tlp;
use super::records::time;
use super::who::Who;
use crate::problem::{Problem, table};

/// Bytes that are gathered before they are handed to the network.
const PIECE_BYTES: usize = 256 << 10;
/// Values that are remembered so that none comes twice; beyond them some may.
const VALUES_REMEMBERED_MAX: usize = 2_000_000;
/// After how many seconds an export should be fetched again, unless the caller says otherwise.
const REFRESH_S: u32 = 3_600;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(export))
}

/// What is exported, and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportParams {
    /// Only this channel, by handle or id.
    channel: Option<String>,
    /// `stix` (a bundle), `ndjson` (STIX, one object a line), `text` (everything that objects can be found by, one value a line, without a head), or for
    /// tools that act: `list`, `csv`, `hosts`, `rpz`, `suricata`, `suricata-domains`, `suricata-addresses`, `suricata-md5`, `suricata-sha1`,
    /// `suricata-sha256`, `snort`, `zeek`, `ecs`.
    format: Option<String>,
    /// Only objects whose own time is not before this.
    since: Option<String>,
    /// Only what is labelled no stricter. Without it, all that the caller may read.
    tlp_max: Option<String>,
    /// Only these kinds of values, divided by commas: `ipv4`, `ipv6`, `domain`, `url`, `email`, `hash`, `md5`, `sha1`, `sha256` and so on.
    kind: Option<String>,
    /// Only indicators of at least this confidence, 1 to 100; those that say nothing of it are left out too.
    confidence_min: Option<u8>,
    /// Take observables as well, which nobody warned of.
    #[serde(default)]
    observables: bool,
    /// Take the hosts of listed URLs as well. One bad page does not make its host bad.
    #[serde(default)]
    url_hosts: bool,
    /// Only the names themselves, not what lies below them.
    #[serde(default)]
    exact_names: bool,
    /// Of a response policy zone, its origin; `gotong.rpz` if not said.
    zone: Option<String>,
    /// Of a response policy zone, what a resolver does: `nxdomain` (if not said), `nodata`, `passthru`, or the name of a walled garden.
    policy: Option<String>,
    /// Of a response policy zone, the serial of the one before: the new one is greater.
    serial_after: Option<u32>,
}

/// What a list of the console narrows an export by, beside what programs ask.
#[derive(Debug, Default)]
pub(crate) struct Only {
    pub(crate) object_type: Option<String>,
    pub(crate) author: Option<MemberCode>,
}

impl ExportParams {
    /// The same of one channel, if one is named.
    pub(crate) fn within(self, channel: Option<String>) -> Self {
        Self { channel, ..self }
    }

    /// Everything that the caller may read, in this format and up to this label.
    pub(crate) fn of_form(format: String, tlp_max: Option<String>) -> Self {
        Self { format: Some(format), tlp_max, ..Self::default() }
    }

    fn options(&self) -> Result<Options, Problem> {
        let bad = |text: String| Problem::of(&table::BAD_PARAMETER).saying(text);
        let usual = Options::default();
        let kinds = self.kind.as_deref().map(Options::parse_kinds).transpose();
        let kinds = kinds.map_err(|word| bad(format!("{word:?} is no kind of value")))?;
        if self.confidence_min.is_some_and(|least| least > 100) {
            return Err(bad("confidence_min is at most 100".to_owned()));
        }
        let zone =
            |text: &str| ZoneName::parse(text).ok_or_else(|| bad("zone is a domain name of at most 63 bytes".into()));
        let policy = |text: &str| {
            Policy::from_text(text)
                .ok_or_else(|| bad("policy is nxdomain, nodata, passthru or the name of a garden".into()))
        };
        Ok(Options {
            kinds: kinds.unwrap_or_default(),
            confidence_min: self.confidence_min.unwrap_or(0),
            subdomains: !self.exact_names,
            url_hosts: self.url_hosts,
            observables: self.observables,
            zone: self.zone.as_deref().map(zone).transpose()?.unwrap_or(usual.zone),
            policy: self.policy.as_deref().map(policy).transpose()?.unwrap_or(usual.policy),
            serial_after: self.serial_after,
            sids: usual.sids,
        })
    }
}

/// Exports the newest versions of what the caller may read.
#[utoipa::path(get, path = "/export", tag = "read", params(ExportParams),
    responses((status = 200, description = "The records in the format asked for; what is withdrawn, revoked or over is in none that tools act on",
        content((serde_json::Value = "application/stix+json;version=2.1"), (String = "text/plain"), (String = "text/csv"),
            (serde_json::Value = "application/x-ndjson")))))]
async fn export(
    State(web): State<Web>,
    who: Who,
    address: OriginalUri,
    headers: HeaderMap,
    Parameters(params): Parameters<ExportParams>,
) -> Result<Response, Problem> {
    exported(web, who, (address, headers), params, Only::default()).await
}

/// The same for whoever may read: of the staff over the API, or an organisation's own people in the console.
pub(crate) async fn exported(
    web: Web,
    who: Who,
    (address, headers): (OriginalUri, HeaderMap),
    params: ExportParams,
    only: Only,
) -> Result<Response, Problem> {
    let name = params.format.as_deref().unwrap_or("stix");
    let options = params.options()?;
    let label_max = params.tlp_max.as_deref().map(|text| {
        tlp(text).ok_or_else(|| Problem::of(&table::BAD_PARAMETER).saying("tlp_max is not one of the labels"))
    });
    let label_max = label_max.transpose()?;
    let channel = params.channel.as_deref().map(|name| web.channel(&who.0, name)).transpose()?;
    let shown = match channel {
        Some(channel) => {
            let who = who.0.clone();
            web.run(move |node| view::channel(node, &who, &channel)).await?
        }
        None => None,
    };
    let head = Header {
        node: web.node.member.to_string(),
        channels: shown.iter().map(|channel| channel.handle.clone()).collect(),
        made_at: web.node.now(),
        // Nothing is published above its channel's ceiling, nor as TLP:RED anywhere.
        label_max: label_max.unwrap_or_else(|| shown.as_ref().map_or(Tlp::AmberStrict, |channel| channel.ceiling)),
        is_exercise: shown.is_some_and(|channel| channel.exercise),
        fetch: fetch(&headers, &address),
        refresh_s: REFRESH_S,
    };
    let (export, media, file) = if name == "text" {
        (Export::Values(Values::new(web.node.now(), options)), "text/plain; charset=utf-8", "gotong.txt")
    } else {
        let format = Format::from_name(name, uuid(&web)).ok_or_else(|| {
            let names = Format::NAMES.join(", ");
            Problem::of(&table::BAD_PARAMETER).saying(format!("format is one of text, {names}"))
        })?;
        let (media, file) = format.media();
        (Export::Tool(Box::new(Writer::start(format, head, options))), media, file)
    };
    let since = time("since", params.since.as_deref())?;
    let Only { object_type, author } = only;
    let query = Query { channel, since, label_max, object_type, author, ..Query::default() };
    let busy = |_| Problem::of(&table::BUSY).retry_after_s(10);
    let turn = std::sync::Arc::clone(&web.long_work).try_acquire_owned().map_err(busy)?;
    let (writer, body) = lines::channel();
    tokio::task::spawn_blocking(move || {
        if let Err(problem) = export.run(&web, &who, query, &writer) {
            // The answer has begun: it ends unfinished, which every reader of a bundle notices.
            tracing::warn!(problem = problem.kind().slug, "an export broke off");
            writer.abort();
        }
        drop(turn);
    });
    let mut response = body.into_response();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{file}\""));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().extend(disposition.ok().map(|value| (CONTENT_DISPOSITION, value)));
    Ok(response)
}

/// Where the same can be fetched again, as the caller reached it.
fn fetch(headers: &HeaderMap, address: &OriginalUri) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    // Whoever is not on this machine comes through a proxy that speaks TLS.
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let scheme = if matches!(name, "localhost" | "127.0.0.1" | "[::1]") { "http" } else { "https" };
    format!("{scheme}://{host}{}", address.0)
}

/// A UUID of version 4, variant 10 (RFC 9562).
fn uuid(web: &Web) -> [u8; 16] {
    let mut uuid = [0_u8; 16];
    web.node.entropy().fill(&mut uuid);
    if let Some(byte) = uuid.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x40;
    }
    if let Some(byte) = uuid.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    uuid
}

enum Export {
    /// A format of `gotong_formats::out`.
    Tool(Box<Writer>),
    /// Everything that objects can be found by.
    Values(Values),
}

impl Export {
    fn run(mut self, web: &Web, who: &Who, mut query: Query, writer: &LineWriter) -> Result<(), Problem> {
        query.limit = limits::PAGE_ROWS_MAX;
        let warninglists = web.node.warninglists()?;
        loop {
            let page = view::list(&web.node, &who.0, &query).map_err(|fault: ViewFault| Problem::from(fault))?;
            for record in page.rows.into_iter().filter(|record| record.is_newest) {
                self.record(&record, &warninglists);
            }
            if writer.write(self.take(page.next.is_none())).is_err() {
                // Nobody reads any more.
                return Ok(());
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        match self {
            Self::Values(values) => tracing::info!(left_out = values.blocked, "export ended"),
            Self::Tool(tool) => {
                let (bytes, summary) = tool.finish();
                let left_out: u64 = summary.left_out.values().sum();
                tracing::info!(records = summary.records, values = summary.values, left_out, "export ended");
                let _ = writer.write(bytes);
            }
        }
        Ok(())
    }

    fn take(&mut self, is_last: bool) -> Vec<u8> {
        match self {
            Self::Tool(tool) => tool.take(),
            Self::Values(values) if is_last || values.text.len() >= PIECE_BYTES => std::mem::take(&mut values.text),
            Self::Values(_) => Vec::new(),
        }
    }

    fn record(&mut self, record: &RecordView, warninglists: &Warninglists) {
        let Ok(facts) = stix21::read(&record.body) else { return };
        let allow = |value: &ObservableValue| warninglists.blocks_export(value, &record.channel);
        match self {
            Self::Values(values) => values.record(record, &facts, &allow),
            Self::Tool(tool) => {
                let item = Item {
                    facts: &facts,
                    body: &record.body,
                    label: record.label,
                    pap: record.pap,
                    author: record.author.as_str(),
                    channel: &record.channel_handle,
                    published_at: record.published_at,
                };
                tool.push(&item, &allow);
            }
        }
    }
}

/// Values one a line, each once.
struct Values {
    text: Vec<u8>,
    /// Digests of values that were told: a set of the values themselves would take several times the room.
    told: HashSet<[u8; 16]>,
    now: Timestamp,
    options: Options,
    /// Values that a warninglist left out.
    blocked: u64,
}

impl Values {
    fn new(now: Timestamp, options: Options) -> Self {
        Self { text: Vec::new(), told: HashSet::new(), now, options, blocked: 0 }
    }

    fn record(&mut self, record: &RecordView, facts: &stix21::Facts, allow: Allow<'_>) {
        // Lists of values feed filters: what is taken back, or whose time is over, must not stop anyone.
        if record.revoked || record.valid_until.is_some_and(|until| until <= self.now) {
            return;
        }
        let kinds = &self.options.kinds;
        let wanted = |kind: &str| kinds.is_empty() || kinds.iter().any(|asked| asked == kind);
        // What a pattern compares with properties that identify nothing is no value to look for.
        let named = facts.values.iter().filter(|value| value.kind != ValueKind::Other);
        for value in named.filter(|value| wanted(value.kind.as_str())) {
            // Before it counts as told: another channel's rules may let the same value out.
            if allow(value).is_some() {
                self.blocked += 1;
                continue;
            }
            let digest = sha256(value.text.as_bytes());
            let Some(short) = digest.as_bytes().first_chunk::<16>() else { continue };
            if self.told.contains(short) {
                continue;
            }
            if self.told.len() < VALUES_REMEMBERED_MAX {
                self.told.insert(*short);
            }
            self.text.extend_from_slice(value.text.as_bytes());
            self.text.push(b'\n');
        }
    }
}
