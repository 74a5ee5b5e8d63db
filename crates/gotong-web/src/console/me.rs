//! A person's own page: tries that failed, sessions, password, second factor. Everybody sees the own account here, and nobody another one.
//!
//! What weighs more than reading asks for the password again, under the same limits as the log-in. Read next: `log_in.rs`.

mod settings;

use askama::Template;
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gotong_app::account::password::CHARS_MIN;
use gotong_app::account::{entry, second};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::publish::Why;
use gotong_app::session;
use gotong_language::{Arg, Words};
use gotong_model::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::form::Sent;
use super::log_in::{CodesPage, Way, cookie, next, set_up_form};
use super::once::{self, Secret};
use super::outcome::tell;
use super::passkey::{self, Ask};
use super::person::{Person, see};
use super::provider::{self, Linked};
use super::shell::Shell;
use super::shown::When;
use super::{show, show_as};
use crate::api::Web;
use crate::problem::{Problem, table};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/me", get(page))
        .route("/me/password", post(password))
        .route("/me/sessions/end", post(end_one))
        .route("/me/sessions/end-others", post(end_others))
        .route("/me/second", get(second_page).post(second_begin))
        .route("/me/second/confirm", post(second_confirm))
        .route("/me/recovery", post(recovery))
        .merge(settings::routes())
}

#[derive(Template)]
#[template(path = "console/me.html")]
struct MePage {
    shell: Shell,
    name: String,
    full_name: String,
    role: String,
    constituent: Option<String>,
    /// What failed before this session began.
    failed: Option<FailedShown>,
    /// Where the way leads on that led here after the log-in.
    next: Option<String>,
    has_second: bool,
    recovery_left: String,
    is_recovery_low: bool,
    sessions: Vec<SessionRow>,
    hint: String,
    wrong_password: Option<String>,
    wrong_new: Option<String>,
    wrong_second: Option<String>,
    settings: settings::Form,
    account_id: String,
    /// `None`: there are no passkeys at this node.
    passkey_ask: Option<Ask>,
    passkeys: Vec<passkey::Row>,
    wrong_passkey: Option<String>,
    /// `None`: there is no identity provider.
    provider: Option<String>,
    linked: Option<Linked>,
    wrong_provider: Option<String>,
}

struct FailedShown {
    text: String,
    at: When,
    network: String,
    knew_password: bool,
}

struct SessionRow {
    id: String,
    is_this: bool,
    began: When,
    seen: When,
    network: String,
    agent: String,
    /// Who said who it is; `None`: nobody was asked.
    by: Option<String>,
}

#[derive(Default, Deserialize)]
struct Next {
    next: Option<String>,
}

/// What is wrong in one of the page's forms.
#[derive(Default)]
struct Wrong {
    passkey: Option<String>,
    provider: Option<String>,
    password: Option<String>,
    new: Option<String>,
    second: Option<String>,
    /// The settings' form, as it was sent.
    settings: Option<settings::Form>,
}

/// The page again, with what is wrong about a passkey.
pub(super) async fn passkey_refused(web: &Web, person: &Person, whys: &[Why]) -> Result<Response, Problem> {
    let passkey = whys.first().map(|why| said(person.words, why));
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &me(web, person, None, Wrong { passkey, ..Wrong::default() }).await?)
}

/// The page again, with what is wrong about the identity provider.
pub(super) async fn provider_refused(web: &Web, person: &Person, whys: &[Why]) -> Result<Response, Problem> {
    let provider = whys.first().map(|why| said(person.words, why));
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &me(web, person, None, Wrong { provider, ..Wrong::default() }).await?)
}

async fn me(web: &Web, person: &Person, next: Option<String>, wrong: Wrong) -> Result<MePage, Problem> {
    let words = person.words;
    let account = person.session.account.clone();
    let name = account.name.clone();
    let sessions = web.run(move |node| session::list(node, &name)).await?;
    let told = &person.session.told;
    let failed = (told.count > 0).then(|| FailedShown {
        text: words.count("me-failed", usize::try_from(told.count).unwrap_or(usize::MAX)),
        at: When::at(&person.moments, Timestamp::from_micros(told.last).unwrap_or_default()),
        network: told.network.clone(),
        knew_password: told.second > 0,
    });
    Ok(MePage {
        shell: Shell::of(web, person, "/me").naming_languages(),
        name: account.name.to_string(),
        full_name: account.full_name,
        role: words.t(&format!("shell-role-{}", account.role.as_str())),
        constituent: account.constituent.map(|code| code.to_string()),
        failed,
        next,
        has_second: account.has_second,
        recovery_left: words.count("me-recovery-left", account.recovery_left),
        is_recovery_low: account.recovery_left < 3,
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                is_this: session.id == person.session.id,
                id: session.id,
                began: When::at(&person.moments, session.began),
                seen: When::at(&person.moments, session.seen),
                network: session.network,
                agent: session.agent,
                by: session.provider.and_then(|_| provider::name(web)),
            })
            .collect(),
        hint: words.count("log-in-password-hint", CHARS_MIN),
        wrong_password: wrong.password,
        wrong_new: wrong.new,
        wrong_second: wrong.second,
        account_id: account.id,
        passkey_ask: Ask::of(web, &person.session.id),
        passkeys: account.passkeys.into_iter().map(|view| passkey::Row::of(view, &person.moments)).collect(),
        wrong_passkey: wrong.passkey,
        provider: provider::name(web),
        linked: account.provider.map(|view| Linked::of(view, &person.moments)),
        wrong_provider: wrong.provider,
        settings: wrong.settings.unwrap_or_else(|| settings::Form::of(web, person)),
    })
}

async fn page(
    State(web): State<Web>,
    person: Person,
    Query(Next { next: asked }): Query<Next>,
) -> Result<Response, Problem> {
    let on = asked.as_deref().map(next);
    show(&me(&web, &person, on, Wrong::default()).await?)
}

/// A form that asks for the password again: its sender, where it came from, and what it sent.
pub(super) struct Weighty<T> {
    pub(super) person: Person,
    pub(super) parts: Parts,
    pub(super) sent: T,
}

pub(super) async fn weighty<T: DeserializeOwned>(web: &Web, request: Request) -> Result<Weighty<T>, Response> {
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let Sent(person, sent) =
        <Sent<T> as axum::extract::FromRequest<Web>>::from_request(Request::from_parts(parts, body), web).await?;
    Ok(Weighty { person, parts: kept, sent })
}

impl<T> Weighty<T> {
    /// Runs what hashes: under the allowance of the person's name here, and in turn. A session that somebody left open does not let its finder guess.
    pub(super) async fn hashing<R: Send + 'static>(
        &self,
        web: &Web,
        work: impl FnOnce(&gotong_app::Node) -> Result<Result<R, Vec<Why>>, gotong_app::NodeFault> + Send + 'static,
    ) -> Result<Result<R, Vec<Why>>, Problem> {
        let network = cookie::from(web, &self.parts).network;
        let name = self.person.session.account.name.as_str();
        let taken = web
            .allowance
            .take(name, &network, Some("session"))
            .map_err(|after| Problem::of(&table::TOO_MANY).retry_after_s(after))?;
        let done = {
            let _turn = web.allowance.turn(true).await?;
            web.run(work).await?
        };
        if !done.as_ref().is_err_and(|whys| whys.iter().any(|why| why.id == "password.wrong")) {
            web.allowance.give_back(&taken);
        }
        Ok(done)
    }
}

/// A refusal in the words of the page, else in English.
pub(super) fn said(words: Words, why: &Why) -> String {
    let tail = why.id.replace('.', "-");
    for id in [format!("me-refused-{tail}"), format!("log-in-refused-{tail}")] {
        let text = words.with(&id, &[("count", Arg::Count(CHARS_MIN))]);
        if text != id {
            return text;
        }
    }
    why.text.clone()
}

#[derive(Deserialize)]
struct Passwords {
    current: String,
    password: String,
}

async fn password(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Passwords> = weighty(&web, request).await?;
    change_password(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn change_password(web: &Web, weighty: Weighty<Passwords>) -> Result<Response, Problem> {
    let (session, from) = (weighty.person.session.clone(), cookie::from(web, &weighty.parts));
    let (current, new) = (weighty.sent.current.clone(), weighty.sent.password.clone());
    let done =
        weighty.hashing(web, move |node| entry::change_password(node, &session, (&current, &new), &from)).await?;
    let words = weighty.person.words;
    match done {
        Ok(cookie) => {
            let act = Act::new(Ending::Done, Told::of("me-password-done")).then("/me", Told::of("me-back"));
            let mut response = tell(web, &weighty.person.caller, act).await?;
            cookie::seat(&mut response, &weighty.parts.headers, &cookie);
            Ok(response)
        }
        Err(whys) => {
            let at =
                |field: &str| whys.iter().find(|why| why.pointer.as_deref() == Some(field)).map(|why| said(words, why));
            let wrong = Wrong { password: at("/current"), new: at("/password"), ..Wrong::default() };
            show_as(StatusCode::UNPROCESSABLE_ENTITY, &me(web, &weighty.person, None, wrong).await?)
        }
    }
}

#[derive(Deserialize)]
struct Which {
    id: String,
}

async fn end_one(State(web): State<Web>, Sent(person, Which { id }): Sent<Which>) -> Result<Response, Problem> {
    let (caller, name) = (person.caller.clone(), person.session.account.name.clone());
    let is_this = id == person.session.id;
    let ended = web.run(move |node| session::end_one(node, &caller, &name, &id)).await?;
    if is_this {
        return Ok(see("/log-in"));
    }
    let (ending, text) = if ended { (Ending::Done, "me-session-ended") } else { (Ending::Refused, "me-session-gone") };
    tell(&web, &person.caller, Act::new(ending, Told::of(text)).then("/me", Told::of("me-back"))).await
}

#[derive(Deserialize)]
struct Nothing {}

async fn end_others(State(web): State<Web>, Sent(person, Nothing {}): Sent<Nothing>) -> Result<Response, Problem> {
    let (caller, name, cookie) = (person.caller.clone(), person.session.account.name.clone(), person.cookie.clone());
    let count = web.run(move |node| session::end_others(node, &caller, &name, Some(&cookie))).await?;
    let told = Told::of("me-sessions-ended").count("count", count);
    tell(&web, &person.caller, Act::new(Ending::Done, told).then("/me", Told::of("me-back"))).await
}

#[derive(Deserialize)]
struct Current {
    current: String,
}

async fn second_begin(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Current> = weighty(&web, request).await?;
    begin_second(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn begin_second(web: &Web, weighty: Weighty<Current>) -> Result<Response, Problem> {
    let (session, cookie) = (weighty.person.session.clone(), weighty.person.cookie.clone());
    let current = weighty.sent.current.clone();
    match weighty.hashing(web, move |node| second::begin(node, &session, &cookie, &current)).await? {
        Ok(()) => Ok(see("/me/second")),
        Err(whys) => refused_second(web, &weighty.person, &whys).await,
    }
}

async fn refused_second(web: &Web, person: &Person, whys: &[Why]) -> Result<Response, Problem> {
    let second = whys.first().map(|why| said(person.words, why));
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &me(web, person, None, Wrong { second, ..Wrong::default() }).await?)
}

async fn second_page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    if person.session.pending.is_none() {
        return Ok(see("/me"));
    }
    set_up_form(&web, Shell::of(&web, &person, "/me"), (&person.cookie, &person.session), &Way::read("/me", ""), None)
}

#[derive(Deserialize)]
struct Coding {
    code: String,
}

async fn second_confirm(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Coding> = weighty(&web, request).await?;
    confirm_second(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn confirm_second(web: &Web, weighty: Weighty<Coding>) -> Result<Response, Problem> {
    let Weighty { person, parts, sent } = weighty;
    let (from, asked) = (cookie::from(web, &parts), person.cookie.clone());
    let confirmed = web.run(move |node| second::confirm(node, &asked, &sent.code, &from)).await?;
    let shell = Shell::of(web, &person, "/me");
    let Some(confirmed) = confirmed else {
        let wrong = Some(person.words.t("log-in-code-wrong"));
        return set_up_form(web, shell, (&person.cookie, &person.session), &Way::read("/me", ""), wrong);
    };
    let mut response = show(&CodesPage { shell, codes: confirmed.codes, next: "/me".to_owned(), kept: String::new() })?;
    cookie::seat(&mut response, &parts.headers, &confirmed.cookie);
    Ok(response)
}

async fn recovery(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Current> = weighty(&web, request).await?;
    renew(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn renew(web: &Web, weighty: Weighty<Current>) -> Result<Response, Problem> {
    let (session, current) = (weighty.person.session.clone(), weighty.sent.current.clone());
    match weighty.hashing(web, move |node| second::renew_recovery(node, &session, &current)).await? {
        Ok(codes) => Ok(once::told(web, &weighty.person, Secret::Codes(codes))),
        Err(whys) => refused_second(web, &weighty.person, &whys).await,
    }
}
