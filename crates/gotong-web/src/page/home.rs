//! The page at `/`: name, region and health for anyone; for a token, what the node holds and hears, as far as that token may read.

use askama::Template;
use axum::extract::{Form, Request, State};
use axum::http::header::{HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::caller::Caller;
use gotong_app::view::{self, Query, ViewFault};
use gotong_app::{NodeFault, quarantine, status};
use gotong_model::Tlp;
use serde::Deserialize;

use super::text::{ENGLISH, Say};
use super::{page, session};
use crate::api::Web;
use crate::api::who::{Arrival, arrival};
use crate::federation::LinkState;
use crate::problem::{Problem, table};

/// Records on the page.
const NEWEST: usize = 20;
/// Beyond this the page says "more than".
const QUARANTINE_COUNTED_MAX: usize = 1_000;
/// Members of an audience that are named before the rest is counted.
const CODES_SHOWN: usize = 11;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    say: Say,
    member: String,
    name: String,
    region_name: String,
    region_words: String,
    health: &'static str,
    is_well: bool,
    version: &'static str,
    wrong: bool,
    inside: Option<Inside>,
}

/// What a token sees.
struct Inside {
    caller: String,
    /// Links and what waits for a decision are not for constituents.
    is_staff: bool,
    channels: Vec<ChannelLine>,
    peers: Vec<PeerLine>,
    newest: Vec<RecordLine>,
    quarantined: String,
    has_quarantined: bool,
}

struct ChannelLine {
    handle: String,
    exercise: bool,
    purpose: String,
    /// What may be published here; nothing to a constituent where it only reads.
    tlp: Option<Label>,
    in_force: bool,
    is_incomplete: bool,
    entries: Option<String>,
    entries_word: &'static str,
    audience: String,
}

struct PeerLine {
    code: String,
    name: String,
    state: &'static str,
    class: &'static str,
    last_contact: Option<String>,
}

struct RecordLine {
    name: String,
    object_type: String,
    author: String,
    channel: String,
    tlp: Label,
    at: String,
}

/// A label as it is shown.
struct Label {
    text: String,
    class: &'static str,
}

impl Label {
    fn of(tlp: Tlp) -> Self {
        let class = match tlp {
            Tlp::Clear => "tlp-clear",
            Tlp::Green => "tlp-green",
            Tlp::Amber | Tlp::AmberStrict => "tlp-amber",
            Tlp::Red => "tlp-red",
        };
        Self { text: format!("TLP:{}", tlp.as_str().to_ascii_uppercase()), class }
    }
}

/// The page.
pub(super) async fn show(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let caller = caller(&web, arrival(&parts), &parts.headers).await?;
    let home = home(&web, caller, false).await?;
    page(StatusCode::OK, &home)
}

/// Who is logged in. A session whose token counts no more is nobody's.
async fn caller(web: &Web, arrival: Arrival, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some(id) = session::id_in(headers) else { return Ok(None) };
    let Some(secret) = web.sessions.secret(&id) else { return Ok(None) };
    match web.authenticate(arrival, Some(secret)).await {
        Ok(caller) => Ok(Some(caller)),
        Err(problem) if *problem.kind() == table::UNAUTHENTICATED => {
            web.sessions.end(&id);
            Ok(None)
        }
        Err(problem) => Err(problem),
    }
}

async fn home(web: &Web, caller: Option<Caller>, wrong: bool) -> Result<Home, Problem> {
    let governance = web.node.governance();
    let (health, is_well) = health(web).await;
    let inside = match caller {
        Some(caller) => Some(inside(web, caller).await?),
        None => None,
    };
    Ok(Home {
        say: ENGLISH,
        member: web.node.member.to_string(),
        name: web.node.name.clone(),
        region_name: governance.charter.name.get("en").cloned().unwrap_or_default(),
        region_words: governance.region.to_words(),
        health,
        is_well,
        version: env!("CARGO_PKG_VERSION"),
        wrong,
        inside,
    })
}

async fn health(web: &Web) -> (&'static str, bool) {
    let status = web.run(status::node).await;
    match status {
        Ok(status) if status.restored => (ENGLISH.it("home.health.restored"), false),
        Ok(status) if status.projection_lag > 0 => (ENGLISH.it("home.health.behind"), false),
        Ok(_) => (ENGLISH.it("home.health.good"), true),
        Err(_) => (ENGLISH.it("home.health.unknown"), false),
    }
}

async fn inside(web: &Web, caller: Caller) -> Result<Inside, Problem> {
    // Links between nodes and what waits for a decision are for the member's staff.
    let is_staff = caller.is_staff();
    let peers = if is_staff { web.peers(&caller).await? } else { Vec::new() };
    let asking = caller.clone();
    let (channels, newest, waiting) = web
        .run(move |node| {
            let mut channels = view::channels(node, &asking)?;
            // Where governance travels nobody looks for news.
            channels.retain(|channel| !channel.is_governance);
            // A time asked for puts the newest first; no object is older than this.
            let since = Some(gotong_model::Timestamp::default());
            let newest = view::list(node, &asking, &Query { since, limit: NEWEST, ..Query::default() })?.rows;
            let waiting = if is_staff {
                let waiting = quarantine::list(node, &asking, None, QUARANTINE_COUNTED_MAX);
                Some(waiting.map_err(|fault: NodeFault| ViewFault::from(fault))?)
            } else {
                None
            };
            Ok::<_, ViewFault>((channels, newest, waiting))
        })
        .await?;
    let count = waiting.as_ref().map_or(0, |waiting| waiting.rows.len());
    Ok(Inside {
        caller: caller.name,
        is_staff,
        channels: channels.into_iter().map(|channel| channel_line(channel, is_staff)).collect(),
        peers: peers.into_iter().map(peer_line).collect(),
        newest: newest.into_iter().filter(|record| record.is_newest).map(record_line).collect(),
        quarantined: if waiting.is_some_and(|waiting| waiting.next.is_some()) {
            format!("> {}", grouped(count as u64))
        } else {
            grouped(count as u64)
        },
        has_quarantined: count > 0,
    })
}

/// How much stands in a channel is for the staff: it says how much of it somebody else is not shown.
fn channel_line(channel: view::ChannelView, is_staff: bool) -> ChannelLine {
    let entries: u64 = channel.logs.iter().map(|log| log.size).sum();
    let codes: Vec<&str> = channel.audience.iter().take(CODES_SHOWN).map(gotong_model::MemberCode::as_str).collect();
    let rest = channel.audience.len() - codes.len();
    let more = if rest > 0 { format!(" + {rest}") } else { String::new() };
    ChannelLine {
        is_incomplete: channel.logs.iter().any(|log| log.withheld > 0 || log.stopped.is_some()),
        entries: is_staff.then(|| grouped(entries)),
        entries_word: ENGLISH.it(if entries == 1 { "home.entry" } else { "home.entries" }),
        audience: match (is_staff, channel.may_publish) {
            (true, _) => format!("{} {}{more}", ENGLISH.it("home.states"), codes.join(", ")),
            (false, true) => ENGLISH.it("home.own").to_owned(),
            (false, false) => ENGLISH.it("home.given").to_owned(),
        },
        tlp: (is_staff || channel.may_publish).then(|| Label::of(channel.ceiling)),
        exercise: channel.exercise,
        handle: channel.handle,
        purpose: channel.purpose,
        in_force: channel.in_force,
    }
}

fn peer_line(peer: crate::api::operation::PeerBody) -> PeerLine {
    let (state, class) = match peer.state {
        LinkState::Connected => (ENGLISH.it("link.connected"), "good"),
        LinkState::Dialling => (ENGLISH.it("link.dialling"), "calm"),
        LinkState::Idle => (ENGLISH.it("link.idle"), "calm"),
        LinkState::Unreachable => (ENGLISH.it("link.unreachable"), "bad"),
    };
    PeerLine { code: peer.member, name: peer.name, state, class, last_contact: peer.last_contact.map(|at| short(&at)) }
}

fn record_line(record: view::RecordView) -> RecordLine {
    let at = record.modified.unwrap_or(record.published_at).to_string();
    RecordLine {
        name: record.name.unwrap_or(record.id),
        object_type: record.object_type,
        author: record.author.to_string(),
        channel: record.channel_handle,
        tlp: Label::of(record.label),
        at: short(&at),
    }
}

/// `2026-11-22T05:17:44.000000Z` as `2026-11-22 05:17 UTC`.
fn short(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => at.to_owned(),
    }
}

/// `1234567` as `1 234 567`, with thin spaces.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// What the log-in form sends.
#[derive(Deserialize)]
pub(super) struct LogIn {
    token: String,
}

/// Refuses forms that another site's page sent. Browsers say where a form comes from; other clients have no cookies that could be abused.
///
/// `Sec-Fetch-Site` decides where it is sent: with our `Referrer-Policy: no-referrer`, browsers send `Origin: null` from our own page too.
fn expect_same_site(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &axum::http::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let is_ours = match (site, text(&ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, host)| text(&HOST) == Some(host)),
        (None, None) => true,
    };
    if is_ours { Ok(()) } else { Err(Problem::of(&table::CROSS_SITE)) }
}

fn home_again(cookie: &str) -> Result<Response, Problem> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
    let cookie = HeaderValue::from_str(cookie).map_err(|_| Problem::of(&table::INTERNAL))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// Begins a session for a token.
pub(super) async fn log_in(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    expect_same_site(&parts.headers)?;
    let arrival = arrival(&parts);
    let headers = parts.headers.clone();
    let form: Result<Form<LogIn>, _> =
        <Form<LogIn> as axum::extract::FromRequest<Web>>::from_request(Request::from_parts(parts, body), &web).await;
    let Form(LogIn { token }) =
        form.map_err(|_| Problem::of(&table::REFUSED).saying("a form with a token belongs here"))?;
    match web.authenticate(arrival, Some(token.trim().to_owned())).await {
        Ok(_) => {
            if let Some(old) = session::id_in(&headers) {
                web.sessions.end(&old);
            }
            let id = web.sessions.begin(token.trim().to_owned(), web.node.entropy());
            let seconds = session::LIFE.as_secs();
            // A proxy with TLS in front says so; over plain loopback browsers would not send a secure cookie back.
            let is_tls = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
            let secure = if is_tls { "; Secure" } else { "" };
            let name = session::COOKIE;
            home_again(&format!("{name}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"))
        }
        Err(problem) if *problem.kind() == table::UNAUTHENTICATED => {
            let home = home(&web, None, true).await?;
            page(StatusCode::UNAUTHORIZED, &home)
        }
        Err(problem) => Err(problem),
    }
}

/// Ends the session.
pub(super) async fn log_out(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Problem> {
    expect_same_site(&headers)?;
    if let Some(id) = session::id_in(&headers) {
        web.sessions.end(&id);
    }
    home_again(&format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", session::COOKIE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_times_are_short() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(short("2026-11-22T05:17:44.000000Z"), "2026-11-22 05:17 UTC");
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8400"));
        assert!(expect_same_site(&headers).is_ok());
        headers.insert(ORIGIN, HeaderValue::from_static("http://127.0.0.1:8400"));
        assert!(expect_same_site(&headers).is_ok());
        headers.insert(ORIGIN, HeaderValue::from_static("null"));
        assert!(expect_same_site(&headers).is_err());
        for (site, is_ours) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            assert_eq!(expect_same_site(&headers).is_ok(), is_ours, "{site}");
        }
        headers.remove(ORIGIN);
        assert!(expect_same_site(&headers).is_err());
    }
}
