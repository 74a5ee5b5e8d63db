//! Ways to the identity provider that people have begun and not ended: each opens once, within ten minutes, in the browser in which it was begun.
//!
//! They live in memory, bounded in number for each network and for all; a node that starts again has forgotten them, and people begin again. What somebody typed
//! before a session ended waits here too, since no address could carry it. Read next: `console/provider.rs`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gotong_app::account::AccountName;
use gotong_crypto::sha256;
use tokio::time::Instant;

use crate::api::limiter::{Limiter, Rate};
use crate::console::log_in::Way;
use crate::provider::exchange::{Provider, Trip};

/// How long somebody may take at the provider.
pub(super) const PENDING: Duration = Duration::from_mins(10);
/// Ways under way at once, and of them from one network.
const PENDING_MAX: usize = 4_000;
const OF_NETWORK_MAX: usize = 200;
/// Bytes of what people typed that wait here, for all of them together.
const KEPT_BYTES_MAX: usize = 16 << 20;
/// How often one network may begin.
const BEGINS: Rate = Rate { per_second: 1.0, burst: 60.0 };

/// What somebody wants from the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// To get in.
    Enter,
    /// To link the own account, in whose session that was asked for.
    Link { account: AccountName, session: String },
}

/// One way.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) trip: Trip,
    pub(super) purpose: Purpose,
    pub(super) way: Way,
    /// A session that this browser had, and that ends when another begins.
    pub(super) old: Option<String>,
    pub(super) network: String,
}

struct Kept {
    pending: Pending,
    /// Digest of what the browser keeps.
    browser: String,
    /// Bytes of what was typed.
    typed: usize,
    until: Instant,
}

/// Why a way is not begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Full {
    /// Too many: again in so many seconds.
    Later(u64),
    /// What was typed has no room here.
    Typed,
}

/// The provider of this node, and who is on the way to it.
pub(crate) struct Desk {
    pub(super) provider: Provider,
    pending: Mutex<HashMap<String, Kept>>,
    begins: Limiter,
}

impl Desk {
    pub(crate) fn new(provider: Provider) -> Self {
        Self { provider, pending: Mutex::default(), begins: Limiter::new(BEGINS) }
    }

    /// Takes a beginning of a network. `Err`: seconds until there is one.
    pub(super) fn take_begin(&self, network: &str) -> Result<(), u64> {
        self.begins.take(network, 1.0)
    }

    /// Notes a way; `browser` is the secret that its browser keeps.
    pub(super) fn put(&self, pending: Pending, browser: &str) -> Result<(), Full> {
        let typed = pending.way.kept_bytes();
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        all.retain(|_, kept| now < kept.until);
        let waiting: usize = all.values().map(|kept| kept.typed).sum();
        if typed > 0 && waiting + typed > KEPT_BYTES_MAX {
            return Err(Full::Typed);
        }
        let of_network = all.values().filter(|kept| kept.pending.network == pending.network).count();
        if all.len() >= PENDING_MAX || of_network >= OF_NETWORK_MAX {
            return Err(Full::Later(60));
        }
        let browser = sha256(browser.as_bytes()).to_text();
        all.insert(pending.trip.state.clone(), Kept { pending, browser, typed, until: now + PENDING });
        Ok(())
    }

    /// Takes a way out, if it is this browser's. One of another browser stays: whoever only knows its state ends nobody's log-in.
    pub(super) fn take(&self, state: &str, browser: &str) -> Option<Pending> {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(state)?;
        let browser = sha256(browser.as_bytes()).to_text();
        let is_its = gotong_crypto::password::is_same(kept.browser.as_bytes(), browser.as_bytes());
        if !is_its {
            return None;
        }
        let kept = all.remove(state)?;
        (Instant::now() < kept.until).then_some(kept.pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outward::fetch::Fetcher;
    use crate::outward::guard::Guard;
    use crate::outward::trust;
    use crate::provider::ProviderOptions;

    fn desk() -> Desk {
        let options = ProviderOptions {
            issuer: "https://id.example".to_owned(),
            client: "gotong".to_owned(),
            secret: None,
            name: "Ministry".to_owned(),
            scopes: Vec::new(),
            name_claim: "preferred_username".to_owned(),
            role_claim: String::new(),
            roles: std::collections::BTreeMap::new(),
            makes_accounts: false,
            second_amr: Vec::new(),
            second_acr: Vec::new(),
            fetcher: Fetcher::new(Guard::default(), trust::client(None).unwrap()),
        };
        Desk::new(Provider::new(options, "https://gotong.example/log-in/provider/back".parse().unwrap()))
    }

    fn pending(state: &str, network: &str, kept: &str) -> Pending {
        let trip = Trip { state: state.to_owned(), nonce: String::new(), verifier: String::new() };
        let way = Way::read("/intelligence", kept);
        Pending { trip, purpose: Purpose::Enter, way, old: None, network: network.to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_way_opens_once_in_its_own_browser_and_in_time() {
        let desk = desk();
        desk.put(pending("a", "n", ""), "mine").unwrap();
        assert!(desk.take("a", "theirs").is_none() && desk.take("b", "mine").is_none());
        assert_eq!(desk.take("a", "mine").unwrap().way.next, "/intelligence", "another's try has ended nothing");
        assert!(desk.take("a", "mine").is_none(), "a second time");
        desk.put(pending("c", "n", ""), "mine").unwrap();
        tokio::time::advance(PENDING.checked_sub(Duration::from_secs(1)).unwrap()).await;
        desk.put(pending("d", "n", ""), "mine").unwrap();
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(desk.take("c", "mine").is_none() && desk.take("d", "mine").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_no_end_of_beginnings_for_nobody() {
        let desk = desk();
        for n in 0..OF_NETWORK_MAX {
            desk.put(pending(&n.to_string(), "far", ""), "b").unwrap();
        }
        assert_eq!(desk.put(pending("x", "far", ""), "b"), Err(Full::Later(60)));
        assert_eq!(desk.put(pending("x", "home", ""), "b"), Ok(()), "a crowd elsewhere is nobody's hindrance");
        let text = "x".repeat(200 << 10);
        let kept = format!(r#"{{"path":"/share","fields":[["text","{text}"]],"has_files":false,"lost":"nothing"}}"#);
        let fits =
            (0..200).take_while(|n| desk.put(pending(&format!("k{n}"), &n.to_string(), &kept), "b").is_ok()).count();
        assert_eq!(fits, KEPT_BYTES_MAX / kept.len());
        assert_eq!(desk.put(pending("y", "other", &kept), "b"), Err(Full::Typed));
        assert_eq!(desk.put(pending("y", "other", ""), "b"), Ok(()), "who typed nothing goes on");
        tokio::time::advance(PENDING + Duration::from_secs(1)).await;
        assert_eq!(desk.put(pending("z", "far", &kept), "b"), Ok(()), "time makes room");
        for _ in 0..60 {
            desk.take_begin("far").unwrap();
        }
        assert!(desk.take_begin("far").is_err() && desk.take_begin("home").is_ok());
    }
}
