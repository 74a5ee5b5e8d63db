//! Who looks at a page: somebody with a session, or a visitor. A page of the console begins with one of the two.
//!
//! Here is only who it is; what they may see is asked of the use cases with their caller, as everywhere. Read next: `console/form.rs`, for what they send.

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::account::settings::Settings;
use gotong_app::caller::Caller;
use gotong_app::session::{self, Session, Stage};
use gotong_language::{Calendar, Language, Moments, Words};

use super::log_in;
use crate::api::Web;
use crate::problem::{Problem, table};

/// The cookie of a visitor's language, until an account says it.
const LANGUAGE_COOKIE: &str = "gotong_language";

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Person {
    /// As whom the use cases are asked.
    pub(crate) caller: Caller,
    /// Its name for people.
    pub(crate) name: String,
    pub(crate) words: Words,
    pub(crate) moments: Moments,
    /// `auto`, `light` or `dark`.
    pub(crate) theme: &'static str,
    /// Whether single keys act.
    pub(crate) keys: bool,
    /// Notifications that were not read.
    pub(crate) unread: usize,
    /// What every form of this session carries.
    pub(crate) form_token: String,
    /// What opens the session: for acts on the session itself, and never shown.
    pub(super) cookie: String,
    /// The session, and whose account it is.
    pub(super) session: Session,
}

/// Anybody: pages before the log-in.
pub(crate) struct Visitor {
    pub(crate) words: Words,
    pub(crate) theme: &'static str,
}

/// The language of somebody who has not chosen one here: a cookie, else what the browser asks for.
pub(super) fn language_of(web: &Web, headers: &HeaderMap) -> Language {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
    let chosen = cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == LANGUAGE_COOKIE);
    if let Some(language) = chosen.and_then(|(_, tag)| Language::from_tag(tag)) {
        return language;
    }
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Language::negotiate(asked).unwrap_or(web.options.console.language)
}

/// How instants are told to somebody: in the own zone, else in the node's.
fn moments(web: &Web, settings: &Settings, language: Language) -> Moments {
    let calendar = settings.calendar.unwrap_or_else(|| Calendar::of(language));
    let zone = settings.zone.as_deref().unwrap_or(&web.options.console.zone);
    // A zone is looked at when it is chosen; a later list of zones may lack it, and then UTC is the one that misleads nobody.
    Moments::new(language, zone, calendar).unwrap_or_else(|_| Moments::utc(language))
}

/// Keeps the language of somebody in this browser, for pages before the log-in.
pub(super) fn keep_language(response: &mut Response, language: Language) {
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", language.tag());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// A move to another page.
pub(crate) fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_str(path).unwrap_or_else(|_| HeaderValue::from_static("/")));
    response
}

impl FromRequestParts<Web> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        Ok(Self { words: Words::of(language_of(web, &parts.headers)), theme: "auto" })
    }
}

impl FromRequestParts<Web> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let nobody = || {
            if parts.method == Method::GET {
                let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
                let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
                see(&format!("/log-in?next={next}"))
            } else {
                Problem::of(&table::UNAUTHENTICATED).into_response()
            }
        };
        let found = log_in::session_of(web, parts).await.map_err(IntoResponse::into_response)?;
        // INVARIANT: 1. A session that waits for its second factor opens nothing.
        let Some((cookie, session)) = found.filter(|(_, session)| session.stage == Stage::Whole) else {
            return Err(nobody());
        };
        let caller = session.caller.clone();
        web.spend(&caller, 1.0).map_err(IntoResponse::into_response)?;
        tracing::Span::current().record("caller", caller.id.as_str());
        let asking = caller.clone();
        let unread =
            web.run(move |node| gotong_app::notify::count(node, &asking)).await.map_err(IntoResponse::into_response)?;
        let settings = &session.account.settings;
        let language = settings.language.unwrap_or_else(|| language_of(web, &parts.headers));
        Ok(Self {
            name: caller.name.clone(),
            words: Words::of(language),
            moments: moments(web, settings, language),
            theme: settings.theme.tag(),
            keys: settings.keys,
            unread,
            form_token: session::form_token(&web.node, &cookie),
            caller,
            cookie,
            session,
        })
    }
}
