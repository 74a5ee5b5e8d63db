//! Browser sessions: an opaque id in a cookie, and behind it, in memory alone, the token that was typed in. The token is asked again at every page, so that
//! one that was revoked ends its sessions at once. Sessions end with the program.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gotong_crypto::{Digest, Entropy, sha256, text};
use tokio::time::{Duration, Instant};

/// The cookie.
pub(crate) const COOKIE: &str = "gotong_session";
/// How long a session lasts.
pub(crate) const LIFE: Duration = Duration::from_hours(8);
const SESSIONS_MAX: usize = 1_024;

struct Session {
    secret: String,
    until: Instant,
}

/// Sessions by the digest of their id.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<Digest, Session>>);

impl Sessions {
    /// Begins a session; what to put into the cookie.
    pub(crate) fn begin(&self, secret: String, entropy: &dyn Entropy) -> String {
        let mut id = [0_u8; 32];
        entropy.fill(&mut id);
        let id = text::base32(&id);
        let now = Instant::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.until > now);
        if sessions.len() >= SESSIONS_MAX {
            // Whoever has been here longest logs in again.
            if let Some(oldest) = sessions.iter().min_by_key(|(_, session)| session.until).map(|(id, _)| *id) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(sha256(id.as_bytes()), Session { secret, until: now + LIFE });
        id
    }

    /// The token of a session.
    pub(crate) fn secret(&self, id: &str) -> Option<String> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(&sha256(id.as_bytes()))?;
        (session.until > Instant::now()).then(|| session.secret.clone())
    }

    /// Ends a session.
    pub(crate) fn end(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&sha256(id.as_bytes()));
    }
}

/// The session id among the cookies of a request.
pub(crate) fn id_in(headers: &axum::http::HeaderMap) -> Option<String> {
    let cookies = headers.get_all(axum::http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, id)| *name == COOKIE && id.len() == 52)
        .map(|(_, id)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gotong_crypto::SeededEntropy;

    #[tokio::test(start_paused = true)]
    async fn a_session_ends_when_it_is_ended_or_old_and_there_are_never_too_many() {
        let sessions = Sessions::default();
        let entropy = SeededEntropy::new(1);
        let id = sessions.begin("secret".to_owned(), &entropy);
        assert_eq!(sessions.secret(&id).as_deref(), Some("secret"));
        assert_eq!(sessions.secret("other"), None);
        sessions.end(&id);
        assert_eq!(sessions.secret(&id), None);
        let id = sessions.begin("secret".to_owned(), &entropy);
        tokio::time::advance(LIFE).await;
        assert_eq!(sessions.secret(&id), None);
        for _ in 0..SESSIONS_MAX + 10 {
            sessions.begin("secret".to_owned(), &entropy);
        }
        assert_eq!(sessions.0.lock().unwrap().len(), SESSIONS_MAX);
    }
}
