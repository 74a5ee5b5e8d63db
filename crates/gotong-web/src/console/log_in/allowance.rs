//! How often somebody may try to get in. A lock-out must not be something that one person can do to another: nothing here is counted by name alone.
//!
//! Strangers are counted by name and network together and by network; a browser with which the account's owner got in before has an allowance of its own, and
//! a turn of its own at the hashing, which no stranger can use up. Limits live in memory: a node that starts again starts with full ones.

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Duration, timeout};

use crate::api::limiter::{Limiter, Rate};
use crate::problem::{Problem, table};

/// Failed tries of one name from one network.
const OF_NAME: Rate = Rate { per_second: 1.0 / 60.0, burst: 5.0 };
/// Failed tries from one network, whatever the names.
const OF_NETWORK: Rate = Rate { per_second: 1.0 / 6.0, burst: 50.0 };
/// Failed tries of one name with a browser that it is known with.
const OF_DEVICE: Rate = Rate { per_second: 1.0 / 30.0, burst: 10.0 };
/// How long a try waits for its turn at the hashing.
const PATIENCE: Duration = Duration::from_secs(10);

/// What there is to spend.
pub(crate) struct Allowance {
    names: Limiter,
    networks: Limiter,
    devices: Limiter,
    strangers: Semaphore,
    known: Semaphore,
}

/// What a try has taken, to be given back if it succeeds.
pub(crate) enum Taken {
    /// From the known browser's own.
    Device(String),
    /// From those of the name in its network, and of the network.
    Stranger(String, String),
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            names: Limiter::new(OF_NAME),
            networks: Limiter::new(OF_NETWORK),
            devices: Limiter::new(OF_DEVICE),
            // A hash takes a core for tens of milliseconds: one at a time for strangers and one for who is known leaves the node its work.
            strangers: Semaphore::new(1),
            known: Semaphore::new(1),
        }
    }
}

impl Allowance {
    /// Takes one try. `Err`: seconds until there is one.
    pub(crate) fn take(&self, name: &str, network: &str, device: Option<&str>) -> Result<Taken, u64> {
        // What is typed as a name may be long, and is not kept.
        let name = gotong_crypto::sha256(name.trim().to_ascii_lowercase().as_bytes()).to_text();
        if let Some(device) = device {
            let key = format!("{name} {device}");
            self.devices.take(&key, 1.0)?;
            return Ok(Taken::Device(key));
        }
        let pair = format!("{name} {network}");
        self.networks.take(network, 1.0)?;
        if let Err(after) = self.names.take(&pair, 1.0) {
            // What was refused for the name costs the network nothing.
            self.networks.give_back(network, 1.0);
            return Err(after);
        }
        Ok(Taken::Stranger(pair, network.to_owned()))
    }

    /// Gives back what a try took that was none to guess.
    pub(crate) fn give_back(&self, taken: &Taken) {
        match taken {
            Taken::Device(key) => self.devices.give_back(key, 1.0),
            Taken::Stranger(pair, network) => {
                self.names.give_back(pair, 1.0);
                self.networks.give_back(network, 1.0);
            }
        }
    }

    /// A turn at the hashing.
    pub(crate) async fn turn(&self, is_known: bool) -> Result<SemaphorePermit<'_>, Problem> {
        let turns = if is_known { &self.known } else { &self.strangers };
        match timeout(PATIENCE, turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(Problem::of(&table::BUSY).retry_after_s(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stranger_locks_nobody_out() {
        let allowance = Allowance::default();
        for _ in 0..5 {
            assert!(allowance.take("ann", "far", None).is_ok());
        }
        assert!(matches!(allowance.take("Ann ", "far", None), Err(after) if after <= 61), "the stranger waits");
        assert!(allowance.take("ann", "home", None).is_ok(), "the owner elsewhere does not");
        for n in 0..60 {
            let _ = allowance.take(&n.to_string(), "home", None);
        }
        assert!(allowance.take("ann", "home", None).is_err(), "that network has been used up");
        for _ in 0..10 {
            assert!(allowance.take("ann", "home", Some("laptop")).is_ok(), "and the owner's browser has its own");
        }
        assert!(allowance.take("ann", "home", Some("laptop")).is_err(), "which is bounded too");
    }

    #[tokio::test(start_paused = true)]
    async fn what_succeeds_costs_nothing_and_time_brings_tries_back() {
        let allowance = Allowance::default();
        for _ in 0..200 {
            let taken = allowance.take("ann", "office", None).map_err(|_| ()).unwrap();
            allowance.give_back(&taken);
        }
        for _ in 0..5 {
            assert!(allowance.take("ann", "office", None).is_ok());
        }
        assert!(allowance.take("ann", "office", None).is_err());
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(allowance.take("ann", "office", None).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_of_strangers_does_not_take_the_turn_of_who_is_known() {
        let allowance = Allowance::default();
        let _held = allowance.turn(false).await.unwrap();
        assert!(allowance.turn(false).await.is_err(), "strangers wait, and not for ever");
        assert!(allowance.turn(true).await.is_ok());
    }
}
