//! The way in and out: log-in by name and password, the code of the second factor, the setting-up of one, one-time links, log-out.
//!
//! Who gets in is decided in `gotong_app::account`; here are pages, cookies and how often somebody may try. Every answer to a wrong name, a wrong password and a
//! disabled account is the same. Read next: `log_in/allowance.rs`.

pub(crate) mod allowance;
pub(crate) mod cookie;
pub(super) mod kept;
pub(crate) mod qr;
mod welcome;

use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gotong_app::account::entry::{self, Begun};
use gotong_app::account::second::{self, Answer};
use gotong_app::account::{self, Demands};
use gotong_app::session::{self, Session, Stage};
use gotong_language::{Arg, Language, Words};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::form::{foreign, is_ours};
use super::passkey::Ask;
use super::person::{Visitor, keep_language, see};
use super::provider;
use super::shell::Shell;
use super::{show, show_as};
use crate::api::Web;
use crate::problem::{Problem, table};
use kept::Kept;

/// Bytes of a form before somebody is in: what was typed before a session ended travels through it, and percent signs make it longer.
const FORM_BYTES_MAX: usize = 4 * kept::KEPT_BYTES_MAX;
/// Characters of an address to go to afterwards.
const NEXT_CHARS_MAX: usize = 2_000;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/log-in", get(page).post(enter))
        .route("/log-in/code", get(code_page).post(code))
        .route("/log-in/set-up", get(set_up_page).post(set_up))
        .route("/log-in/kept", post(kept::page))
        .route("/log-out", post(leave))
        .route("/welcome", get(welcome::page).post(welcome::open))
}

#[derive(Template)]
#[template(path = "console/log_in.html")]
struct LogInPage {
    shell: Shell,
    name: String,
    next: String,
    wrong: Option<String>,
    /// Nobody can log in yet: the way to the first account.
    is_empty: bool,
    languages: Vec<LanguageRow>,
    kept: String,
    /// `None`: there are no passkeys at this node.
    passkey: Option<Ask>,
    /// The way by the identity provider, as its button says it; `None`: there is none.
    provider: Option<String>,
    /// What of a form that came too late is kept, and what is not.
    about_kept: Vec<String>,
}

/// A language of the menu, by its own name.
struct LanguageRow {
    tag: &'static str,
    name: &'static str,
    path: String,
    is_this: bool,
}

/// The menu of languages for somebody who cannot say it in settings yet.
fn languages(words: Words, next: &str) -> Vec<LanguageRow> {
    let row = |language: Language| LanguageRow {
        tag: language.tag(),
        name: language.native_name(),
        path: format!("{}&language={}", with_next("/log-in", next), language.tag()),
        is_this: language.tag() == words.lang(),
    };
    Language::ALL.into_iter().map(row).collect()
}

#[derive(Template)]
#[template(path = "console/log_in_code.html")]
struct CodePage {
    shell: Shell,
    form_token: String,
    next: String,
    kept: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "console/log_in_set_up.html")]
struct SetUpPage {
    shell: Shell,
    form_token: String,
    next: String,
    kept: String,
    action: &'static str,
    why: Option<String>,
    qr: Option<String>,
    secret: String,
    wrong: Option<String>,
}

/// Recovery codes, on the one page that ever shows them.
#[derive(Template)]
#[template(path = "console/log_in_codes.html")]
pub(super) struct CodesPage {
    pub(super) shell: Shell,
    pub(super) codes: Vec<String>,
    pub(super) next: String,
    pub(super) kept: String,
}

impl LogInPage {
    fn of(web: &Web, visitor: &Visitor, name: String, way: &Way, wrong: Option<String>) -> Self {
        let is_kept = way.kept.is_some();
        Self {
            // Another language is another page, to which nothing that was typed would come along.
            languages: if is_kept { Vec::new() } else { languages(visitor.words, &way.next) },
            passkey: Ask::of(web, ""),
            provider: provider::name(web).map(|name| visitor.words.named("log-in-provider", &name)),
            kept: way.kept_text(),
            about_kept: way.kept.as_ref().map(|kept| kept.about(visitor.words)).unwrap_or_default(),
            next: way.next.clone(),
            shell: frame(web, visitor).naming_languages(),
            name,
            wrong,
            is_empty: false,
        }
    }
}

/// Where somebody goes who gets in, and what was typed before.
#[derive(Clone, Default)]
pub(super) struct Way {
    pub(super) next: String,
    kept: Option<Kept>,
}

impl Way {
    /// As a form of the log-in says it.
    pub(super) fn read(asked: &str, kept: &str) -> Self {
        Self { next: next(asked), kept: Kept::parse(kept) }
    }

    /// Bytes of what was typed.
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_text().len()
    }

    fn kept_text(&self) -> String {
        self.kept.as_ref().map(Kept::to_text).unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    language: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// A place of this site, or the first page: a link that leads in must not lead on to somebody else's site.
pub(super) fn next(asked: &str) -> String {
    let is_ours = asked.starts_with('/')
        && !asked.starts_with("//")
        && !asked.contains('\\')
        && asked.len() <= NEXT_CHARS_MAX
        && asked.bytes().all(|byte| byte.is_ascii_graphic())
        && !["/log-in", "/log-out", "/welcome"].iter().any(|own| asked.starts_with(own));
    if is_ours { asked.to_owned() } else { "/".to_owned() }
}

fn with_next(path: &str, next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{path}?next={next}")
}

/// What a form of somebody who is not in yet sent.
pub(super) async fn form<T: DeserializeOwned>(request: Request) -> Result<(Parts, T), Response> {
    let (parts, body) = request.into_parts();
    if !is_ours(&parts.headers) {
        return Err(foreign().into_response());
    }
    let bytes =
        axum::body::to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| Problem::of(&table::TOO_LARGE).into_response())?;
    let sent = serde_html_form::from_bytes(&bytes)
        .map_err(|_| Problem::of(&table::REFUSED).saying("a form of the log-in belongs here").into_response())?;
    Ok((parts, sent))
}

/// What the node asks of people who log in.
pub(crate) fn demands(web: &Web) -> Demands {
    Demands { second_factor: web.options.second_factor }
}

pub(super) async fn visitor(web: &Web, parts: &mut Parts) -> Visitor {
    match Visitor::from_request_parts(parts, web).await {
        Ok(visitor) => visitor,
        Err(never) => match never {},
    }
}

fn frame(web: &Web, visitor: &Visitor) -> Shell {
    Shell::for_visitor(web, visitor.words, visitor.theme)
}

/// The session of a request, whatever its stage.
pub(crate) async fn session_of(web: &Web, parts: &Parts) -> Result<Option<(String, Session)>, Problem> {
    let Some(cookie) = cookie::session_in(&parts.headers) else { return Ok(None) };
    let asked = cookie.clone();
    let found = web.run(move |node| session::find(node, &asked)).await?;
    Ok(found.map(|session| (cookie, session)))
}

async fn page(
    State(web): State<Web>,
    mut visitor: Visitor,
    Query(Asked { next: asked, language }): Query<Asked>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let next = next(&asked);
    let language = Language::ALL.into_iter().find(|known| known.tag() == language);
    if let Some(language) = language {
        visitor.words = Words::of(language);
    }
    if let Some((_, session)) = session_of(&web, &parts).await?
        && session.stage == Stage::Whole
    {
        return Ok(see(&next));
    }
    let is_empty = !web.run(account::is_any).await?;
    let page = LogInPage { is_empty, ..LogInPage::of(&web, &visitor, String::new(), &Way { next, kept: None }, None) };
    let mut response = show(&page)?;
    if let Some(language) = language {
        keep_language(&mut response, language);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Entering {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    kept: String,
}

async fn enter(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Entering) = form(request).await?;
    let visitor = visitor(&web, &mut parts).await;
    entering(&web, &parts, &visitor, sent).await.map_err(IntoResponse::into_response)
}

async fn entering(web: &Web, parts: &Parts, visitor: &Visitor, sent: Entering) -> Result<Response, Problem> {
    let Entering { name, password, next: asked, kept } = sent;
    let way = Way::read(&asked, &kept);
    let from = cookie::from(web, parts);
    let device = cookie::device_in(web, &parts.headers, &name);
    let again = |status: StatusCode, wrong: String| {
        show_as(status, &LogInPage::of(web, visitor, name.clone(), &way, Some(wrong)))
    };
    let taken = match web.allowance.take(&name, &from.network, device.as_deref()) {
        Ok(taken) => taken,
        Err(after) => return Ok(later(after, again(StatusCode::TOO_MANY_REQUESTS, wait(visitor, after))?)),
    };
    let begun = {
        let _turn = web.allowance.turn(device.is_some()).await?;
        let (name, demands) = (name.clone(), demands(web));
        web.run(move |node| entry::log_in(node, &name, &password, &from, demands)).await?
    };
    let Some(begun) = begun else {
        return again(StatusCode::UNAUTHORIZED, visitor.words.t("log-in-wrong"));
    };
    // The try was none to guess; whether the code is will be counted by the code.
    web.allowance.give_back(&taken);
    end_old(web, parts).await?;
    admitted(web, parts, visitor, begun, &way).await
}

/// The log-in again, for a passkey that does not count.
pub(super) fn wrong_passkey(web: &Web, visitor: &Visitor, way: &Way) -> Result<Response, Problem> {
    let wrong = Some(visitor.words.t("log-in-passkey-wrong"));
    show_as(StatusCode::UNAUTHORIZED, &LogInPage::of(web, visitor, String::new(), way, wrong))
}

/// The log-in again, with what went wrong.
pub(super) fn again(
    web: &Web,
    visitor: &Visitor,
    way: &Way,
    status: StatusCode,
    wrong: String,
) -> Result<Response, Problem> {
    show_as(status, &LogInPage::of(web, visitor, String::new(), way, Some(wrong)))
}

/// The log-in again, for somebody who has to wait.
pub(super) fn wait_at_log_in(web: &Web, visitor: &Visitor, way: &Way, after: u64) -> Result<Response, Problem> {
    let page = LogInPage::of(web, visitor, String::new(), way, Some(wait(visitor, after)));
    Ok(later(after, show_as(StatusCode::TOO_MANY_REQUESTS, &page)?))
}

/// Whoever logs in has no other session in this browser: an identifier that somebody else put there is worth nothing afterwards.
pub(super) async fn end_old(web: &Web, parts: &Parts) -> Result<(), Problem> {
    if let Some(old) = cookie::session_in(&parts.headers) {
        web.run(move |node| session::end(node, &old)).await?;
    }
    Ok(())
}

/// Leads on to where the session stands.
pub(super) async fn admitted(
    web: &Web,
    parts: &Parts,
    visitor: &Visitor,
    begun: Begun,
    way: &Way,
) -> Result<Response, Problem> {
    let mut response = match &way.kept {
        Some(kept) => carried(web, visitor, &begun, way, kept).await?,
        None => see(&match begun.stage {
            Stage::Second => with_next("/log-in/code", &way.next),
            Stage::SetUp => with_next("/log-in/set-up", &way.next),
            Stage::Whole => after(begun.told.count, &way.next),
        }),
    };
    cookie::seat(&mut response, &parts.headers, &begun.cookie);
    if begun.stage == Stage::Whole {
        make_known(web, parts, &begun.cookie, &mut response).await?;
    }
    Ok(response)
}

/// The next page itself, where something that was typed is carried: an address could not hold it.
async fn carried(web: &Web, visitor: &Visitor, begun: &Begun, way: &Way, kept: &Kept) -> Result<Response, Problem> {
    let shell = frame(web, visitor);
    match begun.stage {
        Stage::Second => {
            let form_token = session::form_token(&web.node, &begun.cookie);
            show(&CodePage { shell, form_token, next: way.next.clone(), kept: way.kept_text(), wrong: None })
        }
        Stage::SetUp => {
            let cookie = begun.cookie.clone();
            match web.run(move |node| session::find(node, &cookie)).await? {
                Some(session) => set_up_form(web, shell, (&begun.cookie, &session), way, None),
                None => Ok(see(&with_next("/log-in", &way.next))),
            }
        }
        Stage::Whole => kept::send_page(web, shell, &begun.cookie, kept),
    }
}

/// Where somebody goes who is in: first past the tries that failed meanwhile, where there are any.
fn after(failed: u32, next: &str) -> String {
    if failed > 0 { with_next("/me", next) } else { next.to_owned() }
}

async fn make_known(web: &Web, parts: &Parts, of: &str, response: &mut Response) -> Result<(), Problem> {
    let of = of.to_owned();
    if let Some(session) = web.run(move |node| session::find(node, &of)).await? {
        cookie::know(response, &parts.headers, web, &session.account.name);
    }
    Ok(())
}

fn wait(visitor: &Visitor, seconds: u64) -> String {
    let count = usize::try_from(seconds).unwrap_or(usize::MAX);
    visitor.words.with("log-in-wait", &[("count", Arg::Count(count))])
}

fn later(seconds: u64, mut response: Response) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The session that stands at a stage; otherwise the way to where it belongs.
async fn at_stage(web: &Web, parts: &Parts, stage: Stage, next: &str) -> Result<(String, Session), Response> {
    match session_of(web, parts).await.map_err(IntoResponse::into_response)? {
        Some((cookie, session)) if session.stage == stage => Ok((cookie, session)),
        Some((_, session)) if session.stage == Stage::Whole => Err(see(next)),
        Some(_) | None => Err(see(&with_next("/log-in", next))),
    }
}

async fn code_page(
    State(web): State<Web>,
    visitor: Visitor,
    Query(Next { next: asked }): Query<Next>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, _) = request.into_parts();
    let next = next(&asked);
    let (cookie, _) = at_stage(&web, &parts, Stage::Second, &next).await?;
    let form_token = session::form_token(&web.node, &cookie);
    let page = CodePage { shell: frame(&web, &visitor), form_token, next, kept: String::new(), wrong: None };
    show(&page).map_err(IntoResponse::into_response)
}

#[derive(Deserialize)]
struct Coding {
    code: String,
    form_token: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    kept: String,
}

/// Whether a form carries the value of its session.
fn expect_token(web: &Web, cookie: &str, given: &str) -> Result<(), Problem> {
    let expected = session::form_token(&web.node, cookie);
    if gotong_crypto::password::is_same(expected.as_bytes(), given.as_bytes()) { Ok(()) } else { Err(foreign()) }
}

async fn code(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Coding) = form(request).await?;
    let visitor = visitor(&web, &mut parts).await;
    let way = Way::read(&sent.next, &sent.kept);
    let (cookie, session) = match at_stage(&web, &parts, Stage::Second, &way.next).await {
        Ok(found) => found,
        Err(elsewhere) => return Ok(kept::or_again(&web, &visitor, &way, elsewhere)),
    };
    expect_token(&web, &cookie, &sent.form_token).map_err(IntoResponse::into_response)?;
    coding(&web, &parts, &visitor, (cookie, session), &sent.code, way).await.map_err(IntoResponse::into_response)
}

async fn coding(
    web: &Web,
    parts: &Parts,
    visitor: &Visitor,
    (cookie, session): (String, Session),
    code: &str,
    way: Way,
) -> Result<Response, Problem> {
    let from = cookie::from(web, parts);
    let device = cookie::device_in(web, &parts.headers, session.account.name.as_str());
    let form_token = session::form_token(&web.node, &cookie);
    let again = |status: StatusCode, wrong: String| {
        let shell = frame(web, visitor);
        let (form_token, next) = (form_token.clone(), way.next.clone());
        show_as(status, &CodePage { shell, form_token, next, kept: way.kept_text(), wrong: Some(wrong) })
    };
    let taken = match web.allowance.take(session.account.name.as_str(), &from.network, device.as_deref()) {
        Ok(taken) => taken,
        Err(after) => return Ok(later(after, again(StatusCode::TOO_MANY_REQUESTS, wait(visitor, after))?)),
    };
    let (code, is_known) = (code.to_owned(), device.is_some());
    match web.run(move |node| second::answer(node, &cookie, &code, &from, is_known)).await? {
        Answer::In { cookie, told, by_recovery } => {
            web.allowance.give_back(&taken);
            let failed = if by_recovery { told.count.max(1) } else { told.count };
            let mut response = match &way.kept {
                Some(kept) => kept::send_page(web, frame(web, visitor), &cookie, kept)?,
                None => see(&after(failed, &way.next)),
            };
            cookie::seat(&mut response, &parts.headers, &cookie);
            cookie::know(&mut response, &parts.headers, web, &session.account.name);
            Ok(response)
        }
        Answer::Wrong => again(StatusCode::UNAUTHORIZED, visitor.words.t("log-in-code-wrong")),
        Answer::Ended => {
            let wrong = Some(visitor.words.t("log-in-code-ended"));
            let page = LogInPage::of(web, visitor, session.account.name.to_string(), &way, wrong);
            show_as(StatusCode::UNAUTHORIZED, &page)
        }
        Answer::Later(seconds) => Ok(later(seconds, again(StatusCode::TOO_MANY_REQUESTS, wait(visitor, seconds))?)),
    }
}

/// The page on which an app is set up: for somebody who must, and for somebody who wishes to.
pub(super) fn set_up_form(
    web: &Web,
    shell: Shell,
    (cookie, session): (&str, &Session),
    way: &Way,
    wrong: Option<String>,
) -> Result<Response, Problem> {
    let secret = session.pending.clone().unwrap_or_default();
    let is_whole = session.stage == Stage::Whole;
    let address = second::address(&web.node, &session.account.name, &secret);
    let letters: Vec<char> = secret.chars().collect();
    let secret = letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    let page = SetUpPage {
        form_token: session::form_token(&web.node, cookie),
        next: way.next.clone(),
        kept: way.kept_text(),
        action: if is_whole { "/me/second/confirm" } else { "/log-in/set-up" },
        why: (!is_whole).then(|| shell.t("log-in-set-up-demanded")),
        qr: qr::svg(&address, &shell.t("log-in-qr")),
        secret,
        shell,
        wrong,
    };
    let status = if page.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show_as(status, &page)
}

async fn set_up_page(
    State(web): State<Web>,
    visitor: Visitor,
    Query(Next { next: asked }): Query<Next>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, _) = request.into_parts();
    let next = next(&asked);
    let (cookie, session) = at_stage(&web, &parts, Stage::SetUp, &next).await?;
    let way = Way { next, kept: None };
    set_up_form(&web, frame(&web, &visitor), (&cookie, &session), &way, None).map_err(IntoResponse::into_response)
}

async fn set_up(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Coding) = form(request).await?;
    let visitor = visitor(&web, &mut parts).await;
    let way = Way::read(&sent.next, &sent.kept);
    let (cookie, session) = match at_stage(&web, &parts, Stage::SetUp, &way.next).await {
        Ok(found) => found,
        Err(elsewhere) => return Ok(kept::or_again(&web, &visitor, &way, elsewhere)),
    };
    expect_token(&web, &cookie, &sent.form_token).map_err(IntoResponse::into_response)?;
    let (from, asked) = (cookie::from(&web, &parts), cookie.clone());
    let confirmed = web.run(move |node| second::confirm(node, &asked, &sent.code, &from)).await;
    let Some(confirmed) = confirmed.map_err(IntoResponse::into_response)? else {
        let wrong = Some(visitor.words.t("log-in-code-wrong"));
        let shell = frame(&web, &visitor);
        return set_up_form(&web, shell, (&cookie, &session), &way, wrong).map_err(IntoResponse::into_response);
    };
    // The codes are shown in this very answer and are kept nowhere.
    let page =
        CodesPage { shell: frame(&web, &visitor), codes: confirmed.codes, kept: way.kept_text(), next: way.next };
    let mut response = show(&page).map_err(IntoResponse::into_response)?;
    cookie::seat(&mut response, &parts.headers, &confirmed.cookie);
    cookie::know(&mut response, &parts.headers, &web, &session.account.name);
    Ok(response)
}

async fn leave(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    // Ending a session needs no value of the form: where it is ended by mistake, somebody logs in again.
    if !is_ours(&parts.headers) {
        return Err(foreign());
    }
    let ended = session_of(&web, &parts).await?;
    end_old(&web, &parts).await?;
    let mut response = see("/log-in");
    if ended.is_some_and(|(_, session)| session.provider.is_some()) {
        let visitor = visitor(&web, &mut parts).await;
        if let Some(page) = provider::way_out(&web, visitor.words, visitor.theme).await? {
            response = page;
        }
    }
    cookie::unseat(&mut response, &parts.headers);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_on_within_this_site_alone() {
        for good in ["/", "/intelligence?q=a%20b", "/me"] {
            assert_eq!(next(good), good);
        }
        let long = format!("/{}", "a".repeat(NEXT_CHARS_MAX));
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nb",
            "javascript:x",
            "/log-in?next=/",
            "/log-out",
            &long,
        ] {
            assert_eq!(next(bad), "/", "{bad:?}");
        }
    }
}
