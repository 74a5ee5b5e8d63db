//! What a link remembers from one connection to the next: how far it has been told, and which logs are passed over for a while. Nothing of it has to
//! survive the program: a lost cursor only costs one longer answer.

use std::collections::BTreeMap;
use std::time::Duration;

use gotong_crypto::Entropy;
use gotong_model::LogId;
use gotong_sync::Wanted;
use tokio::time::Instant;

use super::backoff::Backoff;
use super::patience::Patience;

/// A link's memory.
#[derive(Default)]
pub(crate) struct Memory {
    /// Everything told before this cursor has been stored, or its log is suspended.
    pub(crate) cursor: Option<String>,
    /// Whether something was stored, or the connection held for long, since this was last looked at.
    pub(crate) went_well: bool,
    /// The log and the index at which the last connection ended, if it ended while a log was being fetched.
    pub(crate) stuck: Option<(LogId, u64)>,
    suspended: BTreeMap<LogId, Suspended>,
}

struct Suspended {
    wanted: Wanted,
    backoff: Backoff,
    until: Instant,
}

impl Memory {
    /// How many logs are suspended.
    pub(crate) fn suspended(&self) -> u64 {
        u64::try_from(self.suspended.len()).unwrap_or(u64::MAX)
    }

    /// Passes over a log for a while, for longer each time.
    pub(crate) fn suspend(&mut self, wanted: Wanted, patience: Patience, entropy: &dyn Entropy) {
        let fresh = || Backoff::new(patience.suspend, patience.suspend_max);
        let mut backoff = self.suspended.remove(&wanted.log).map_or_else(fresh, |known| known.backoff);
        let until = Instant::now() + backoff.pause(entropy);
        self.suspended.insert(wanted.log.clone(), Suspended { wanted, backoff, until });
    }

    /// The log is well again.
    pub(crate) fn restore(&mut self, log: &LogId) {
        self.suspended.remove(log);
    }

    /// Gives the log back unless it is suspended; then what is wanted of it is kept until its time comes.
    pub(crate) fn unless_suspended(&mut self, wanted: Wanted) -> Option<Wanted> {
        match self.suspended.get_mut(&wanted.log) {
            Some(suspended) => {
                suspended.wanted = wanted;
                None
            }
            None => Some(wanted),
        }
    }

    /// How long the peer may be asked to wait: until the next suspended log has its turn, at most.
    pub(crate) fn wait(&self, patience: Patience) -> Duration {
        let next = self.suspended.values().map(|suspended| suspended.until).min();
        let left = next.map(|until| until.saturating_duration_since(Instant::now()));
        left.map_or(patience.wait, |left| left.min(patience.wait))
    }

    /// The logs whose time has come.
    pub(crate) fn due(&self) -> Vec<LogId> {
        let now = Instant::now();
        self.suspended.iter().filter(|(_, log)| log.until <= now).map(|(id, _)| id.clone()).collect()
    }

    /// What is wanted of a log whose time has come, given how much of it is here now (`None`: it is not read here any more).
    pub(crate) fn resume(&mut self, log: &LogId, here: Option<u64>, patience: Patience) -> Option<Wanted> {
        let suspended = self.suspended.get_mut(log)?;
        match here {
            Some(have) if have < suspended.wanted.checkpoint.size => {
                // It stays in the table until it is well, so that its next pause is longer.
                suspended.until = Instant::now() + patience.suspend;
                Some(Wanted { have, ..suspended.wanted.clone() })
            }
            _ => {
                self.suspended.remove(log);
                None
            }
        }
    }
}
