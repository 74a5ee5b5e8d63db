//! Who asks: the token of the request, or the node's own socket. Every address but the few public ones begins here.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use gotong_app::caller::Caller;
use gotong_app::publish::Why;
use gotong_app::role::{Right, Role};
use gotong_app::token;
use gotong_crypto::text;

use super::Web;
use crate::problem::{Problem, table};

/// The way on which a request came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arrival {
    /// Over TCP, from this address.
    Tcp(SocketAddr),
    /// Through the socket of the data folder, which only the node's operator can open.
    Socket,
}

/// Somebody of the member's own staff. What does not say otherwise is for them alone.
#[derive(Clone, Debug)]
pub(crate) struct Who(pub(crate) Caller);

/// Anybody who is served here: the member's staff, or a constituent, who is shown what the house rule gives it.
#[derive(Clone, Debug)]
pub(crate) struct Served(pub(crate) Who);

/// Somebody of the staff whose role has one more right: a door for each.
macro_rules! doors {
    ($($(#[$about:meta])* $name:ident: $right:ident,)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name(pub(crate) Caller);

        impl FromRequestParts<Web> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
                let Who(caller) = Who::from_request_parts(parts, web).await?;
                expect_right(&caller, Right::$right)?;
                Ok(Self(caller))
            }
        }
    )*};
}

doors! {
    /// Somebody who publishes, and so sees what waits.
    Publishing: Publish,
    /// Somebody who decides on what waits.
    Releasing: Release,
    /// Somebody who answers for duties.
    Answering: Answer,
    /// Somebody who hands in documents.
    Governing: Documents,
    /// Somebody who looks at what was done.
    Auditing: Audit,
    /// Somebody who keeps the register of organisations.
    Registering: Organisations,
    /// Somebody who loads warninglists and says what they block.
    Curating: Warninglists,
    /// Somebody who keeps sources.
    Sourcing: Sources,
    /// Somebody who registers addresses for webhooks.
    Hooking: Webhooks,
    /// Somebody who makes and ends tokens.
    Issuing: Tokens,
    /// Somebody who runs the node.
    Operator: Operate,
}

/// The problem of a role that lacks a right: which right, and who has it.
pub(crate) fn lacking(caller: &Caller, right: Right) -> Problem {
    let roles: Vec<&str> = right.roles().map(Role::as_str).collect();
    let role = caller.role;
    let text = format!(
        "this needs the right `{right}`: to {}. Your role {role} does not have it; the roles that do: {}",
        right.means(),
        roles.join(", ")
    );
    let why = Why::plain("role.lacks-right", format!("the role {role} does not have the right {right}"));
    Problem::of(&table::FORBIDDEN).saying(text).because(&[why])
}

/// Refuses whoever has a role without this right.
pub(crate) fn expect_right(caller: &Caller, right: Right) -> Result<(), Problem> {
    if caller.may(right) { Ok(()) } else { Err(lacking(caller, right)) }
}

/// The secret of a request: `Bearer T`, Basic with T as the password, or T alone. Longer ones are nobody's.
pub(crate) fn secret(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    if value.is_empty() || value.len() > 512 {
        return None;
    }
    match value.split_once(' ') {
        None => Some(value.to_owned()),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Some(rest.trim().to_owned()),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
            let pair = String::from_utf8(text::from_base64(rest.trim())?).ok()?;
            pair.split_once(':').map(|(_, password)| password.to_owned())
        }
        Some(_) => None,
    }
}

/// What stands in the limiter for whoever has no token: an IPv4 address, or the network of an IPv6 one.
pub(crate) fn place(arrival: Arrival) -> String {
    match arrival {
        Arrival::Socket => "socket".to_owned(),
        Arrival::Tcp(address) => match address.ip().to_canonical() {
            IpAddr::V4(ip) => format!("v4:{ip}"),
            IpAddr::V6(ip) => format!("v6:{:x?}", ip.segments().get(..4).unwrap_or_default()),
        },
    }
}

/// The problem of a missing or unknown token.
pub(crate) fn unauthenticated() -> Problem {
    Problem::of(&table::UNAUTHENTICATED)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"gotong\", Basic realm=\"gotong\""))
}

impl Web {
    /// The caller with this secret. Failures are counted against the place they come from.
    pub(crate) async fn authenticate(&self, arrival: Arrival, secret: Option<String>) -> Result<Caller, Problem> {
        let was_given = secret.is_some();
        let caller = match (secret, arrival) {
            (None, Arrival::Socket) => return Ok(Caller::operator()),
            (None, Arrival::Tcp(_)) => None,
            (Some(secret), _) => self.run(move |node| token::authenticate(node, &secret)).await?,
        };
        let Some(caller) = caller else {
            self.failures
                .take(&place(arrival), 1.0)
                .map_err(|after| Problem::of(&table::TOO_MANY).retry_after_s(after))?;
            let problem = unauthenticated();
            return Err(if was_given {
                problem.saying("the token is not known here, was revoked, or has expired")
            } else {
                problem
            });
        };
        self.spend(&caller, 1.0)?;
        Ok(caller)
    }

    /// Takes so many units from the caller's share.
    pub(crate) fn spend(&self, caller: &Caller, units: f64) -> Result<(), Problem> {
        self.limiter.take(&caller.id, units).map_err(|after| Problem::of(&table::TOO_MANY).retry_after_s(after))
    }
}

/// How the request came in. Requests that nobody marked count as coming from elsewhere.
pub(crate) fn arrival(parts: &Parts) -> Arrival {
    let unknown = Arrival::Tcp(SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0));
    parts.extensions.get::<Arrival>().copied().unwrap_or(unknown)
}

impl FromRequestParts<Web> for Served {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let caller = web.authenticate(arrival(parts), secret(&parts.headers)).await?;
        tracing::Span::current().record("caller", caller.id.as_str());
        expect_right(&caller, Right::Read)?;
        Ok(Self(Who(caller)))
    }
}

impl FromRequestParts<Web> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Served(who) = Served::from_request_parts(parts, web).await?;
        expect_right(&who.0, Right::Oversee)?;
        // INVARIANT: 1. Whoever is served is no staff, whatever role was written beside it.
        if who.0.is_staff() { Ok(who) } else { Err(lacking(&who.0, Right::Oversee)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        secret(&headers)
    }

    #[test]
    fn a_token_is_read_in_three_spellings_and_nothing_else() {
        assert_eq!(of("Bearer gtk_a"), Some("gtk_a".to_owned()));
        assert_eq!(of("bearer  gtk_a"), Some("gtk_a".to_owned()));
        assert_eq!(of(&format!("Basic {}", text::base64(b"me:gtk:a"))), Some("gtk:a".to_owned()));
        assert_eq!(of("gtk_a"), Some("gtk_a".to_owned()));
        assert_eq!(of("Digest gtk_a"), None);
        assert_eq!(of(""), None);
        assert_eq!(of(&"x".repeat(513)), None);
        assert_eq!(of("Basic !!!"), None);
    }
}
