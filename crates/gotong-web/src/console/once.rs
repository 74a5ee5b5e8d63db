//! What is shown once: a secret that an act has made, at an address behind the act. So looking again does not do the act again, and what a bad line lost on the
//! way is there for a few minutes more, for the session that made it and for nobody else.
//!
//! INVARIANT: secrets stand in memory alone, few and not for long; a node that starts again has forgotten them. What is over, another session's, or never was
//! is one answer.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use gotong_app::role::Right;
use gotong_crypto::text;
use gotong_model::Timestamp;
use url::Url;

use super::log_in::CodesPage;
use super::person::{Person, see};
use super::shell::Shell;
use super::shown::When;
use super::{show, show_as};
use crate::api::Web;
use crate::problem::Problem;

/// How long a secret can be looked at.
const SHOWN_MS: i64 = 5 * 60 * 1_000;
/// Secrets of everybody; the oldest goes first.
const KEPT_MAX: usize = 256;
/// Secrets of one session.
const OF_SESSION_MAX: usize = 16;
/// Bytes of a name: nobody guesses one.
const NAME_BYTES: usize = 16;

/// What was made.
#[derive(Clone)]
pub(super) enum Secret {
    /// A token of a program: its name, and where tokens are.
    Token { name: String, secret: String, is_own: bool },
    /// A link that lets somebody in, with the host where that is known.
    Link { name: String, address: String, until: Timestamp },
    /// Recovery codes of whoever looks.
    Codes(Vec<String>),
}

struct Kept {
    name: String,
    /// What every form of the session carries: nobody else has it.
    session: String,
    until: Timestamp,
    secret: Secret,
}

/// What can still be shown.
#[derive(Default)]
pub(crate) struct Desk(Mutex<VecDeque<Kept>>);

impl Desk {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, now: Timestamp, kept: Kept) {
        let mut all = self.lock();
        all.retain(|kept| kept.until > now);
        // A session that makes many pushes out its own.
        let of_session: Vec<usize> =
            all.iter().enumerate().filter(|(_, other)| other.session == kept.session).map(|(at, _)| at).collect();
        let oldest = of_session.first().filter(|_| of_session.len() >= OF_SESSION_MAX).copied();
        if let Some(oldest) = oldest.or((all.len() >= KEPT_MAX).then_some(0)) {
            all.remove(oldest);
        }
        all.push_back(kept);
    }

    fn find(&self, now: Timestamp, name: &str, session: &str) -> Option<Secret> {
        let mut all = self.lock();
        all.retain(|kept| kept.until > now);
        all.iter().find(|kept| kept.name == name && kept.session == session).map(|kept| kept.secret.clone())
    }
}

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/once/{name}", get(page))
}

/// Keeps a secret for the session that made it, and moves its person to the page that shows it.
pub(super) fn told(web: &Web, person: &Person, secret: Secret) -> Response {
    let mut bytes = [0; NAME_BYTES];
    web.node.entropy().fill(&mut bytes);
    let name = text::base32(&bytes);
    let now = web.node.now();
    let until = Timestamp::from_micros(now.micros() + SHOWN_MS * 1_000).unwrap_or(now);
    let path = format!("/once/{name}");
    web.once.keep(now, Kept { name, session: person.form_token.clone(), until, secret });
    see(&path)
}

/// A link as whoever gets it can open it: under the node's address, else under the one that its maker's browser has asked. Pages send no `Origin` that says
/// anything (`Referrer-Policy: no-referrer`), and behind a proxy that speaks TLS the address is to be configured, as for letters.
pub(super) fn whole(web: &Web, headers: &HeaderMap, path: &str) -> String {
    let asked = || headers.get(HOST).and_then(|host| Url::parse(&format!("http://{}/", host.to_str().ok()?)).ok());
    let base = web.options.console.address.clone().or_else(asked);
    base.and_then(|base| base.join(path).ok()).map_or_else(|| path.to_owned(), String::from)
}

#[derive(Template)]
#[template(path = "console/tokens_made.html")]
struct TokenPage {
    shell: Shell,
    name: String,
    secret: String,
    back: &'static str,
}

#[derive(Template)]
#[template(path = "console/users_link.html")]
struct LinkPage {
    shell: Shell,
    name: String,
    address: String,
    until: When,
}

#[derive(Template)]
#[template(path = "console/once_gone.html")]
struct GonePage {
    shell: Shell,
    /// Where what a secret opens is ended: address and message.
    next: Vec<(&'static str, &'static str)>,
}

async fn page(State(web): State<Web>, person: Person, Path(name): Path<String>) -> Result<Response, Problem> {
    let shell = |at: &'static str| Shell::of(&web, &person, at);
    let mut response = match web.once.find(web.node.now(), &name, &person.form_token) {
        Some(Secret::Token { name, secret, is_own }) => {
            let back = if is_own { "/programs" } else { "/tokens" };
            show(&TokenPage { shell: shell(back), name, secret, back })?
        }
        Some(Secret::Link { name, address, until }) => {
            show(&LinkPage { shell: shell("/users"), name, address, until: When::at(&person.moments, until) })?
        }
        Some(Secret::Codes(codes)) => {
            show(&CodesPage { shell: shell("/me"), codes, next: "/me".to_owned(), kept: String::new() })?
        }
        None => {
            let mut next = vec![("/me", "shell-me")];
            match (person.caller.is_staff(), person.caller.may(Right::Tokens)) {
                (true, true) => next.extend([("/tokens", "shell-tokens"), ("/users", "shell-users")]),
                (true, false) => {}
                (false, _) => next.push(("/programs", "portal-programs")),
            }
            show_as(StatusCode::GONE, &GonePage { shell: shell(""), next })?
        }
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(name: &str, session: &str, until: i64) -> Kept {
        let until = Timestamp::from_micros(until).unwrap();
        Kept { name: name.to_owned(), session: session.to_owned(), until, secret: Secret::Codes(vec![name.to_owned()]) }
    }

    #[test]
    fn a_secret_is_its_sessions_alone_and_not_for_long() {
        let desk = Desk::default();
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        desk.keep(at(0), kept("a", "mine", 100));
        assert!(desk.find(at(99), "a", "mine").is_some());
        assert!(desk.find(at(99), "a", "theirs").is_none() && desk.find(at(99), "b", "mine").is_none());
        assert!(desk.find(at(100), "a", "mine").is_none());
        assert!(desk.lock().is_empty(), "what is over is not in memory any more");
    }

    #[test]
    fn the_oldest_makes_room_and_a_session_that_makes_many_pushes_out_its_own() {
        let desk = Desk::default();
        let now = Timestamp::from_micros(0).unwrap();
        desk.keep(now, kept("hers", "hers", 100));
        for n in 0..=OF_SESSION_MAX {
            desk.keep(now, kept(&n.to_string(), "mine", 100));
        }
        assert!(desk.find(now, "0", "mine").is_none() && desk.find(now, "1", "mine").is_some());
        assert!(desk.find(now, "hers", "hers").is_some());
        for n in 0..KEPT_MAX {
            desk.keep(now, kept("one", &format!("session {n}"), 100));
        }
        assert!(desk.find(now, "hers", "hers").is_none(), "there is an end for everybody");
        assert_eq!(desk.lock().len(), KEPT_MAX);
    }
}
