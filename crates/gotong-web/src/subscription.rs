//! Subscriptions at the edge: who waits for news, how many may, and the work that carries it to addresses outside.
//!
//! Decides nothing about who may read what: each batch is asked of `gotong_app::subscription` as its reader is then. Read next: `subscription/stream.rs`
//! (server-sent events), `subscription/deliver.rs` (webhooks), `subscription/atom.rs` (feeds).

pub(crate) mod atom;
pub(crate) mod deliver;
pub(crate) mod shapes;
pub(crate) mod stream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gotong_app::subscription;
use tokio::sync::{Notify, Semaphore, watch};

use crate::api::Web;
use crate::problem::{Problem, table};

/// Streams of one caller at once.
const OF_CALLER_MAX: usize = 32;
/// Streams at once: fewer than connections, so that those who ask once still get theirs.
const STREAMS_MAX: usize = 1_000;
/// Streams that read at once.
const LOOKS_AT_ONCE: usize = 4;
/// What stands for the end of the server.
pub(crate) const STOPPED: u64 = u64::MAX;

/// Who waits, and which webhooks are at work.
pub(crate) struct Desk {
    news: watch::Sender<u64>,
    /// Turns of streams that read: a thousand of them wake together, and each that reads holds pages of the store.
    looks: Semaphore,
    streams: Arc<Mutex<HashMap<String, usize>>>,
    /// Webhooks at work, and whether there was news for them meanwhile.
    working: Mutex<HashMap<Vec<u8>, bool>>,
    wake: Notify,
}

impl Default for Desk {
    fn default() -> Self {
        let (news, _) = watch::channel(0);
        Self {
            news,
            looks: Semaphore::new(LOOKS_AT_ONCE),
            streams: Arc::default(),
            working: Mutex::default(),
            wake: Notify::new(),
        }
    }
}

/// The place of one stream among all; it is free again once this is gone.
pub(crate) struct Seat {
    streams: Arc<Mutex<HashMap<String, usize>>>,
    caller: String,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// Takes a place for a stream, if there is one for this caller.
    pub(crate) fn sit(&self, caller: &str) -> Result<Seat, Problem> {
        let mut streams = lock(&self.streams);
        let own = streams.get(caller).copied().unwrap_or(0);
        if own >= OF_CALLER_MAX {
            let text = format!("a caller has at most {OF_CALLER_MAX} streams at once");
            return Err(Problem::of(&table::TOO_MANY).saying(text).retry_after_s(30));
        }
        if streams.values().sum::<usize>() >= STREAMS_MAX {
            return Err(Problem::of(&table::BUSY).saying("all streams of this node are taken").retry_after_s(60));
        }
        streams.insert(caller.to_owned(), own + 1);
        Ok(Seat { streams: Arc::clone(&self.streams), caller: caller.to_owned() })
    }

    /// A place to wait for news.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Looks at webhooks now.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = lock(&self.streams);
        if let Some(count) = streams.get_mut(&self.caller) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                streams.remove(&self.caller);
            }
        }
    }
}

/// Listens to the bell for all who wait: it rings with every write, and only what there is to tell of wakes them.
pub(crate) async fn herald(web: Web, mut stopping: watch::Receiver<bool>) {
    let mut rings = web.bell.listen();
    let mut last = None;
    while !*stopping.borrow() {
        rings.borrow_and_update();
        match web.run(subscription::now).await {
            Ok(now) if last != Some(now) => {
                last = Some(now);
                web.subscriptions.news.send_modify(|count| *count = (*count + 1) % STOPPED);
            }
            Ok(_) => {}
            Err(_) => tracing::warn!("what is new could not be read; it is tried again with the next bell"),
        }
        tokio::select! {
            _ = rings.changed() => {}
            _ = stopping.changed() => {}
        }
    }
    web.subscriptions.news.send_modify(|count| *count = STOPPED);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_so_many_streams_and_gets_their_places_back() {
        let desk = Desk::default();
        let mut seats: Vec<Seat> = (0..OF_CALLER_MAX).map(|_| desk.sit("a").unwrap()).collect();
        assert!(desk.sit("a").is_err());
        assert!(desk.sit("b").is_ok(), "another's are its own");
        seats.pop();
        assert!(desk.sit("a").is_ok());
        drop(seats);
        assert!(lock(&desk.streams).is_empty());
        let all: Vec<Seat> = (0..STREAMS_MAX).map(|at| desk.sit(&(at / OF_CALLER_MAX).to_string()).unwrap()).collect();
        assert!(desk.sit("c").is_err(), "and all together have so many");
        drop(all);
        assert!(desk.sit("c").is_ok());
    }
}
