//! The cookies of the console, and where a browser comes from: the session, which opens, and the browser's own, which only says that it is known.

use std::net::IpAddr;

use axum::http::header::{COOKIE, HeaderMap, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use gotong_app::account::AccountName;
use gotong_app::session::{self, From};

use crate::api::Web;
use crate::api::who::{Arrival, arrival};

/// The session's cookie.
pub(crate) const SESSION: &str = "gotong_session";
/// The known browser's.
const DEVICE: &str = "gotong_device";
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

fn value<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == wanted && value.len() <= 256).map(|(_, value)| value)
}

/// What the session's cookie says.
pub(crate) fn session_in(headers: &HeaderMap) -> Option<String> {
    value(headers, SESSION).map(ToOwned::to_owned)
}

/// The id of a browser that this account is known with.
pub(super) fn device_in(web: &Web, headers: &HeaderMap, account: &str) -> Option<String> {
    session::known_device(&web.node, account, value(headers, DEVICE)?)
}

/// A proxy with TLS in front says so; over plain loopback browsers would not send a secure cookie back.
fn secure(headers: &HeaderMap) -> &'static str {
    if headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https") { "; Secure" } else { "" }
}

fn put(response: &mut Response, headers: &HeaderMap, name: &str, value: &str, seconds: u64) {
    let secure = secure(headers);
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Lends the browser a secret that it brings back when another site sends it here: `Lax` lets it come along on such a move, and on nothing else.
pub(crate) fn lend(
    response: &mut Response,
    headers: &HeaderMap,
    (name, value): (&str, &str),
    path: &str,
    seconds: u64,
) {
    let cookie = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{}", secure(headers));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// What was lent under a name.
pub(crate) fn lent(headers: &HeaderMap, name: &str) -> Option<String> {
    value(headers, name).map(ToOwned::to_owned)
}

/// Gives the browser its session.
pub(crate) fn seat(response: &mut Response, headers: &HeaderMap, cookie: &str) {
    put(response, headers, SESSION, cookie, session::LIFE_MS / 1_000);
}

/// Takes the session from the browser.
pub(crate) fn unseat(response: &mut Response, headers: &HeaderMap) {
    put(response, headers, SESSION, "", 0);
}

/// Makes the browser known to the account.
pub(crate) fn know(response: &mut Response, headers: &HeaderMap, web: &Web, account: &AccountName) {
    put(response, headers, DEVICE, &session::device(&web.node, account), session::DEVICE_MS / 1_000);
}

/// Where a request comes from: its address, or the network of an IPv6 one. Behind a proxy that the configuration names it is what that proxy wrote last.
pub(crate) fn from(web: &Web, parts: &Parts) -> From {
    let forwarded = || {
        let last = parts.headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let network = match arrival(parts) {
        Arrival::Socket => "socket".to_owned(),
        Arrival::Tcp(address) => {
            let proxied = if web.options.allow_plain_beyond_loopback { forwarded() } else { None };
            match proxied.unwrap_or(address.ip()).to_canonical() {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => {
                    let [a, b, c, d, ..] = ip.segments();
                    format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
                }
            }
        }
    };
    let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    From { network, agent: agent.to_owned(), provider: None }
}
