//! The bell of a running node: whoever waits for news, at a peer's request or at a person's, waits on one watch channel.

use gotong_app::ports::Bell;
use tokio::sync::watch;

/// Counts how often it was rung; those who wait see the number change. Ringing never blocks and may happen on any thread.
#[derive(Debug)]
pub struct WatchBell(watch::Sender<u64>);

impl WatchBell {
    /// A bell that has not been rung.
    pub fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// A place to wait. Rings before this call count as heard.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl Default for WatchBell {
    fn default() -> Self {
        Self::new()
    }
}

impl Bell for WatchBell {
    fn ring(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }
}
