//! Log-in with the organisation's own identity provider: the way there, the way back, linking the own account. It works without scripts.
//!
//! What the provider sends is verified in `crate::provider`; who gets in is decided in `gotong_app::account::provider`. The session's cookie is
//! `SameSite=Strict` and does not come along when a provider sends a browser back, so that a page of ours stands between: what it leads to is asked from here.
//! Read next: `provider/pending.rs`, what is under way.

mod pending;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gotong_app::account::AccountName;
use gotong_app::account::entry::Begun;
use gotong_app::account::provider::{self, Entered, Proven, ProviderView, Rule};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::publish::Why;
use gotong_app::session;
use gotong_language::{Arg, Moments, Words};
use serde::Deserialize;

use super::log_in::{self, Way, cookie};
use super::me::{self, Weighty};
use super::outcome::tell;
use super::person::Visitor;
use super::shell::Shell;
use super::show;
use super::shown::When;
use crate::api::Web;
use crate::problem::{Problem, table};
use crate::provider::exchange::{Back, Provider, Trip};
use crate::provider::{ProviderFault, claims};
pub(crate) use pending::Desk;
use pending::{Full, PENDING, Pending, Purpose};

/// Where a provider sends browsers back to; it is registered there letter by letter.
pub(crate) const BACK: &str = "/log-in/provider/back";
/// Bytes of what comes back. Codes of some providers are long, and none is longer than this.
const BACK_BYTES_MAX: usize = 8 << 10;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/log-in/provider", post(begin))
        .route("/log-in/provider/back", get(back))
        .route("/me/provider", post(link))
        .route("/me/provider/end", post(unlink))
}

/// The desk of a server, where there is a provider and browsers reach the console by a name.
pub(crate) fn desk(options: &crate::server::ServerOptions) -> Option<Desk> {
    let back = options.console.address.as_ref()?.join(BACK).ok()?;
    Some(Desk::new(Provider::new(options.provider.clone()?, back)))
}

/// What the provider is called; `None`: there is none.
pub(super) fn name(web: &Web) -> Option<String> {
    web.provider.as_ref().map(|desk| desk.provider.options.name.clone())
}

/// A link as its owner sees it.
pub(super) struct Linked {
    pub(super) who: String,
    pub(super) is_awaited: bool,
    pub(super) since: When,
    pub(super) last: Option<When>,
}

impl Linked {
    pub(super) fn of(view: ProviderView, moments: &Moments) -> Self {
        Self {
            is_awaited: view.subject.is_none(),
            who: view.name.or(view.subject).unwrap_or_default(),
            since: When::at(moments, view.since),
            last: view.last_in.map(|at| When::at(moments, at)),
        }
    }
}

/// A page that leads on: to the provider, or from it into the console.
#[derive(Template)]
#[template(path = "console/log_in_provider.html")]
struct OnPage {
    shell: Shell,
    about: String,
    path: String,
}

#[derive(Deserialize)]
struct Beginning {
    #[serde(default)]
    next: String,
    #[serde(default)]
    kept: String,
}

async fn begin(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Beginning) = log_in::form(request).await?;
    let visitor = log_in::visitor(&web, &mut parts).await;
    let way = Way::read(&sent.next, &sent.kept);
    led_there(&web, &parts, &visitor, Purpose::Enter, way).await.map_err(IntoResponse::into_response)
}

/// The cookie that binds a way to its browser: one for each way, so that two tabs do not hinder each other.
fn cookie_of(state: &str) -> String {
    format!("gotong_provider_{}", state.get(..8).unwrap_or_default())
}

/// Begins a way, and leads to the provider.
async fn led_there(
    web: &Web,
    parts: &Parts,
    visitor: &Visitor,
    purpose: Purpose,
    way: Way,
) -> Result<Response, Problem> {
    let Some(desk) = &web.provider else { return Err(Problem::of(&table::NOT_FOUND)) };
    let network = cookie::from(web, parts).network;
    if let Err(after) = desk.take_begin(&network) {
        return log_in::wait_at_log_in(web, visitor, &way, after);
    }
    let [state, nonce, verifier, browser] = [(); 4].map(|()| provider::secret(&web.node));
    let trip = Trip { state, nonce, verifier };
    let address = match desk.provider.address(&trip).await {
        Ok(address) => address,
        Err(fault) => return failed(web, visitor, &way, &fault),
    };
    let old = cookie::session_in(&parts.headers).filter(|_| purpose == Purpose::Enter);
    let binding = cookie_of(&trip.state);
    match desk.put(Pending { trip, purpose, way: way.clone(), old, network }, &browser) {
        Ok(()) => {}
        Err(Full::Later(after)) => return log_in::wait_at_log_in(web, visitor, &way, after),
        Err(Full::Typed) => {
            return log_in::again(
                web,
                visitor,
                &way,
                StatusCode::SERVICE_UNAVAILABLE,
                visitor.words.t("log-in-provider-typed"),
            );
        }
    }
    let about = visitor.words.named("log-in-provider-to", &desk.provider.options.name);
    let shell = Shell::for_visitor(web, visitor.words, visitor.theme);
    let mut response = show(&OnPage { shell, about, path: address.to_string() })?;
    cookie::lend(&mut response, &parts.headers, (&binding, &browser), "/log-in/provider", PENDING.as_secs());
    Ok(response)
}

/// The log-in again, with what went wrong: shortly for the person, and with its reason in the node's log.
fn failed(web: &Web, visitor: &Visitor, way: &Way, fault: &ProviderFault) -> Result<Response, Problem> {
    tracing::warn!(%fault, "log-in with the identity provider");
    let (status, id) = match fault {
        ProviderFault::Away(_) => (StatusCode::BAD_GATEWAY, "log-in-provider-away"),
        ProviderFault::Refused(_) | ProviderFault::Unproven(_) => (StatusCode::UNAUTHORIZED, "log-in-provider-wrong"),
    };
    let name = name(web).unwrap_or_default();
    log_in::again(web, visitor, way, status, visitor.words.named(id, &name))
}

/// What a provider's answer through the browser says.
#[derive(Default)]
struct Said {
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Reads it. `None`: it is too long, says something twice, or belongs to no way at all.
fn said(uri: &Uri) -> Option<Said> {
    let query = uri.query().filter(|query| query.len() <= BACK_BYTES_MAX)?;
    let (mut said, mut seen) = (Said::default(), Vec::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let place = match name.as_ref() {
            "state" => {
                said.state = value.into_owned();
                seen.push("state");
                continue;
            }
            "code" => &mut said.code,
            "iss" => &mut said.iss,
            "error" => &mut said.error,
            // Parameters that nobody knows are left alone (RFC 6749, section 4.1.2).
            _ => continue,
        };
        if place.replace(value.into_owned()).is_some() {
            return None;
        }
    }
    (seen.len() == 1).then_some(said)
}

async fn back(State(web): State<Web>, visitor: Visitor, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let Some(desk) = &web.provider else { return Err(Problem::of(&table::NOT_FOUND)) };
    let from = cookie::from(&web, &parts);
    let nowhere = Way::read("/", "");
    let said = said(&parts.uri);
    // Tries are counted by network and by way, under a name that no account can have: one person's do not use up another's.
    let way = said.as_ref().map(|said| said.state.as_str()).unwrap_or_default();
    let taken = match web.allowance.take(&format!(" provider {way}"), &from.network, None) {
        Ok(taken) => taken,
        Err(after) => return log_in::wait_at_log_in(&web, &visitor, &nowhere, after),
    };
    let found = said.and_then(|said| {
        let browser = cookie::lent(&parts.headers, &cookie_of(&said.state))?;
        Some((desk.take(&said.state, &browser)?, said))
    });
    let Some((pending, said)) = found else {
        return log_in::again(
            &web,
            &visitor,
            &nowhere,
            StatusCode::UNAUTHORIZED,
            visitor.words.t("log-in-provider-stale"),
        );
    };
    let binding = cookie_of(&said.state);
    let mut response = match proven(&web, desk, &pending, said).await {
        Err(fault) => failed(&web, &visitor, &pending.way, &fault)?,
        Ok(None) => {
            let text = visitor.words.named("log-in-provider-denied", &desk.provider.options.name);
            log_in::again(&web, &visitor, &pending.way, StatusCode::UNAUTHORIZED, text)?
        }
        Ok(Some(proven)) => {
            web.allowance.give_back(&taken);
            match pending.purpose.clone() {
                Purpose::Enter => entering(&web, &parts, &visitor, &pending, proven).await?,
                Purpose::Link { account, session } => linking(&web, &visitor, (account, session), proven).await?,
            }
        }
    };
    cookie::lend(&mut response, &parts.headers, (&binding, ""), "/log-in/provider", 0);
    Ok(response)
}

/// Whom the provider has proven. `None`: it says that it did not let the person go on.
async fn proven(web: &Web, desk: &Desk, pending: &Pending, said: Said) -> Result<Option<Proven>, ProviderFault> {
    desk.provider.expect_from(said.iss.as_deref()).await?;
    if let Some(error) = said.error {
        let shown: String = error.chars().filter(char::is_ascii_graphic).take(80).collect();
        tracing::info!(error = shown, "the identity provider let somebody not go on");
        return Ok(None);
    }
    let code = said.code.ok_or_else(|| ProviderFault::Unproven("there is no code".to_owned()))?;
    let back = Back { code, iss: said.iss };
    let claims = desk.provider.redeem(&back, &pending.trip, web.node.now()).await?;
    claims::proven(&desk.provider.options, &claims).map(Some)
}

async fn entering(
    web: &Web,
    parts: &Parts,
    visitor: &Visitor,
    pending: &Pending,
    proven: Proven,
) -> Result<Response, Problem> {
    let rule = Rule {
        makes_accounts: web.options.provider.as_ref().is_some_and(|options| options.makes_accounts),
        demands: log_in::demands(web),
    };
    let (from, asked) = (cookie::from(web, parts), proven.clone());
    let name = name(web).unwrap_or_default();
    let entered = web.run(move |node| provider::enter(node, &asked, &from, rule)).await?;
    let words = visitor.words;
    let refused = match entered {
        Entered::In(_, begun) => return entered_as(web, parts, visitor, pending, begun).await,
        Entered::Unknown => {
            tracing::info!(subject = proven.subject, "somebody whom the identity provider knows has no account here");
            words
                .with("log-in-provider-unknown", &[("name", Arg::Text(&name)), ("subject", Arg::Text(&proven.subject))])
        }
        Entered::Closed => words.named("log-in-provider-closed", &name),
        Entered::NoRole => words.named("log-in-provider-no-role", &name),
        Entered::NoName => words.named("log-in-provider-no-name", &name),
        Entered::Taken(account) => words.with(
            "log-in-provider-taken",
            &[("name", Arg::Text(account.as_str())), ("subject", Arg::Text(&proven.subject))],
        ),
        Entered::Full => words.t("log-in-provider-full"),
    };
    log_in::again(web, visitor, &pending.way, StatusCode::FORBIDDEN, refused)
}

async fn entered_as(
    web: &Web,
    parts: &Parts,
    visitor: &Visitor,
    pending: &Pending,
    begun: Begun,
) -> Result<Response, Problem> {
    if let Some(old) = pending.old.clone() {
        web.run(move |node| session::end(node, &old)).await?;
    }
    let response = log_in::admitted(web, parts, visitor, begun, &pending.way).await?;
    onward(web, visitor, response, visitor.words.t("log-in-provider-in"))
}

/// A page of ours in the place of a move, so that what follows is asked from here and the session comes along.
fn onward(web: &Web, visitor: &Visitor, moved: Response, about: String) -> Result<Response, Problem> {
    let Some(path) = moved.headers().get(LOCATION).and_then(|path| path.to_str().ok()) else { return Ok(moved) };
    let shell = Shell::for_visitor(web, visitor.words, visitor.theme);
    let mut response = show(&OnPage { shell, about, path: path.to_owned() })?;
    for cookie in moved.headers().get_all(SET_COOKIE) {
        response.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

#[derive(Clone, Deserialize)]
struct Current {
    current: String,
}

async fn link(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Current> = me::weighty(&web, request).await?;
    begin_link(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn begin_link(web: &Web, weighty: Weighty<Current>) -> Result<Response, Problem> {
    let (session, current) = (weighty.person.session.clone(), weighty.sent.current.clone());
    if let Err(whys) = weighty.hashing(web, move |node| provider::may_link(node, &session, &current)).await? {
        return me::provider_refused(web, &weighty.person, &whys).await;
    }
    let session = &weighty.person.session;
    let purpose = Purpose::Link { account: session.account.name.clone(), session: session.id.clone() };
    let visitor = Visitor { words: weighty.person.words, theme: weighty.person.theme };
    led_there(web, &weighty.parts, &visitor, purpose, Way::read("/me", "")).await
}

/// Links the account of whoever asked for it in a session of this browser.
async fn linking(
    web: &Web,
    visitor: &Visitor,
    (account, of): (AccountName, String),
    proven: Proven,
) -> Result<Response, Problem> {
    let linked = web.run(move |node| provider::link_own(node, (&account, &of), &proven)).await?;
    match linked {
        Ok(caller) => {
            let act = Act::new(Ending::Done, Told::of("me-provider-done")).then("/me", Told::of("me-back"));
            onward(web, visitor, tell(web, &caller, act).await?, visitor.words.t("me-provider-done"))
        }
        Err(whys) => refused_link(web, visitor, &whys),
    }
}

/// Why it was not linked, on a page that leads back to the settings: whose session it is cannot be seen from a request that the provider has caused.
fn refused_link(web: &Web, visitor: &Visitor, whys: &[Why]) -> Result<Response, Problem> {
    let about = whys.first().map(|why| me::said(visitor.words, why)).unwrap_or_default();
    let shell = Shell::for_visitor(web, visitor.words, visitor.theme);
    let mut response = show(&RefusedPage { shell, about })?;
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}

#[derive(Template)]
#[template(path = "console/log_in_provider_refused.html")]
struct RefusedPage {
    shell: Shell,
    about: String,
}

async fn unlink(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Current> = me::weighty(&web, request).await?;
    unlinking(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn unlinking(web: &Web, weighty: Weighty<Current>) -> Result<Response, Problem> {
    let (session, current) = (weighty.person.session.clone(), weighty.sent.current.clone());
    match weighty.hashing(web, move |node| provider::unlink_own(node, &session, &current)).await? {
        Ok(()) => {
            let act = Act::new(Ending::Done, Told::of("me-provider-ended")).then("/me", Told::of("me-back"));
            tell(web, &weighty.person.caller, act).await
        }
        Err(whys) => me::provider_refused(web, &weighty.person, &whys).await,
    }
}

#[derive(Template)]
#[template(path = "console/log_in_out.html")]
struct OutPage {
    shell: Shell,
    about: String,
    path: String,
}

/// The page after a log-out of a session that began at the provider, where somebody may still be logged in. `None`: the provider has no such place.
pub(super) async fn way_out(web: &Web, words: Words, theme: &'static str) -> Result<Option<Response>, Problem> {
    let Some(desk) = &web.provider else { return Ok(None) };
    let Some(path) = desk.provider.way_out().await else { return Ok(None) };
    let about = words.named("log-in-out-about", &desk.provider.options.name);
    show(&OutPage { shell: Shell::for_visitor(web, words, theme), about, path: path.to_string() }).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_says_each_thing_once() {
        let of = |query: &str| said(&format!("{BACK}?{query}").parse().unwrap());
        let good = of("state=s&code=c&iss=https%3A%2F%2Fid.example&session_state=x").unwrap();
        assert_eq!(
            (good.state.as_str(), good.code.as_deref(), good.iss.as_deref()),
            ("s", Some("c"), Some("https://id.example"))
        );
        assert_eq!(of("error=access_denied&state=s").unwrap().error.as_deref(), Some("access_denied"));
        let long = format!("state=s&code={}", "x".repeat(BACK_BYTES_MAX));
        for bad in ["", "code=c", "state=a&state=b&code=c", "state=s&code=c&code=d", "state=s&iss=a&iss=b", &long] {
            assert!(of(bad).is_none(), "{bad:.40}");
        }
    }
}
