//! Passkeys: made and removed on the person's own page, used at the log-in. A small script asks the browser for one; what it brings is sent as a form like any other.
//!
//! What was sent is compared in `passkey/ceremony.rs`; who gets in is decided in `gotong_app::account::passkey`. There are none where the configuration names no
//! address, since a passkey is made for a name. Read next: `console/me.rs`.

mod ceremony;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use gotong_app::account::passkey::{self, ID_BYTES_MAX, PasskeyView, Shown};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::publish::Why;
use gotong_language::Moments;
use serde::Deserialize;
use url::Url;

use super::log_in::{self, Way, cookie};
use super::me::{self, Weighty, passkey_refused};
use super::outcome::tell;
use super::person::Person;
use super::shown::When;
use crate::api::Web;
use crate::problem::Problem;
use ceremony::{ALGORITHMS, Expected, Made, bounded};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/log-in/passkey", post(enter))
        .route("/me/passkeys", post(add))
        .route("/me/passkeys/remove", post(remove))
}

/// What the script hands to the browser.
pub(super) struct Ask {
    pub(super) challenge: String,
    /// The name that passkeys are made for.
    pub(super) host: String,
    pub(super) algorithms: String,
}

impl Ask {
    /// A question of this page; none where there are no passkeys. `of` is the session in which one is made.
    pub(super) fn of(web: &Web, of: &str) -> Option<Self> {
        let host = address(web)?.host_str()?.to_owned();
        let algorithms = ALGORITHMS.map(|algorithm| algorithm.to_string()).join(" ");
        Some(Self { challenge: passkey::challenge(&web.node, of), host, algorithms })
    }
}

fn address(web: &Web) -> Option<&Url> {
    web.options.console.address.as_ref()
}

/// A passkey as its owner sees it.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) made: When,
    pub(super) last: Option<When>,
}

impl Row {
    pub(super) fn of(view: PasskeyView, moments: &Moments) -> Self {
        Self {
            made: When::at(moments, view.created_at),
            last: view.last_in.map(|at| When::at(moments, at)),
            id: view.id,
            name: view.name,
        }
    }
}

#[derive(Clone, Deserialize)]
struct Adding {
    current: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    client: String,
    #[serde(default)]
    data: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    algorithm: String,
}

async fn add(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Adding> = me::weighty(&web, request).await?;
    adding(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn adding(web: &Web, weighty: Weighty<Adding>) -> Result<Response, Problem> {
    let Adding { current, name, challenge, client, data, key, algorithm } = weighty.sent.clone();
    let made = address(web).zip(algorithm.parse().ok()).and_then(|(address, algorithm)| {
        let sent = Made { client: &client, data: &data, key: &key, algorithm };
        Expected { address, challenge: &challenge }.made(&sent)
    });
    let Some((id, key, count)) = made else {
        let whys = vec![Why::plain("passkey.unfit", "this browser brought no passkey that can be used here")];
        return passkey_refused(web, &weighty.person, &whys).await;
    };
    let (session, made) = (weighty.person.session.clone(), passkey::Made { id, key, count, name });
    let done = weighty.hashing(web, move |node| passkey::add(node, &session, &current, &challenge, &made)).await?;
    settled(web, &weighty.person, done, "me-passkey-added").await
}

#[derive(Clone, Deserialize)]
struct Removing {
    current: String,
    #[serde(default)]
    id: String,
}

async fn remove(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let weighty: Weighty<Removing> = me::weighty(&web, request).await?;
    removing(&web, weighty).await.map_err(IntoResponse::into_response)
}

async fn removing(web: &Web, weighty: Weighty<Removing>) -> Result<Response, Problem> {
    let (session, Removing { current, id }) = (weighty.person.session.clone(), weighty.sent.clone());
    let done = weighty.hashing(web, move |node| passkey::remove(node, &session, &current, &id)).await?;
    settled(web, &weighty.person, done, "me-passkey-removed").await
}

async fn settled(web: &Web, person: &Person, done: Result<(), Vec<Why>>, text: &str) -> Result<Response, Problem> {
    match done {
        Ok(()) => {
            tell(web, &person.caller, Act::new(Ending::Done, Told::of(text)).then("/me", Told::of("me-back"))).await
        }
        Err(whys) => passkey_refused(web, person, &whys).await,
    }
}

#[derive(Deserialize)]
struct Entering {
    #[serde(default)]
    id: String,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    client: String,
    #[serde(default)]
    data: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    kept: String,
}

async fn enter(State(web): State<Web>, request: Request) -> Result<Response, Response> {
    let (mut parts, sent): (Parts, Entering) = log_in::form(request).await?;
    let visitor = log_in::visitor(&web, &mut parts).await;
    let way = Way::read(&sent.next, &sent.kept);
    let from = cookie::from(&web, &parts);
    // Tries are counted by network and by passkey, under a name that no account can have: one person's do not use up another's.
    let taken = match web.allowance.take(&format!(" passkey {}", sent.id), &from.network, None) {
        Ok(taken) => taken,
        Err(after) => return log_in::wait_at_log_in(&web, &visitor, &way, after).map_err(IntoResponse::into_response),
    };
    let read = address(&web).and_then(|address| {
        let (count, signed) = Expected { address, challenge: &sent.challenge }.used(&sent.client, &sent.data)?;
        let (id, signature) = (bounded(&sent.id, ID_BYTES_MAX)?, bounded(&sent.signature, 1 << 10)?);
        Some((Shown { id, challenge: sent.challenge.clone(), count }, signed, signature))
    });
    let entered = match read {
        None => Ok(None),
        Some((shown, signed, signature)) => {
            web.run(move |node| {
                passkey::enter(node, &shown, &from, &|key| ceremony::is_signed(key, &signed, &signature))
            })
            .await
        }
    };
    match entered.map_err(IntoResponse::into_response)? {
        Some((_, begun)) => {
            web.allowance.give_back(&taken);
            log_in::end_old(&web, &parts).await.map_err(IntoResponse::into_response)?;
            log_in::admitted(&web, &parts, &visitor, begun, &way).await.map_err(IntoResponse::into_response)
        }
        None => log_in::wrong_passkey(&web, &visitor, &way).map_err(IntoResponse::into_response),
    }
}
