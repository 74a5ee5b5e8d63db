//! How much one caller may ask: a token bucket each, in a map of bounded size. Time is the runtime's, which tests can stop.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::{Duration, Instant};

/// Callers that are remembered; whoever has been silent long enough to have a full bucket is forgotten first.
const CALLERS_MAX: usize = 8_192;

/// A rate: so many units a second, and so many at once after silence.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    /// Units that come back each second.
    pub per_second: f64,
    /// Units that a full bucket holds.
    pub burst: f64,
}

struct Bucket {
    left: f64,
    at: Instant,
}

/// Buckets by caller.
pub(crate) struct Limiter {
    rate: Rate,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes so many units from the caller's bucket. `Err`: seconds until they are there.
    pub(crate) fn take(&self, caller: &str, units: f64) -> Result<(), u64> {
        let now = Instant::now();
        let Rate { per_second, burst } = self.rate;
        // A request that costs more than a whole bucket is let through once the bucket is full.
        let units = units.min(burst);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CALLERS_MAX && !buckets.contains_key(caller) {
            let full = Duration::from_secs_f64(burst / per_second);
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < full);
            if buckets.len() >= CALLERS_MAX {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(caller.to_owned()).or_insert(Bucket { left: burst, at: now });
        bucket.left = (bucket.left + now.duration_since(bucket.at).as_secs_f64() * per_second).min(burst);
        bucket.at = now;
        if bucket.left >= units {
            bucket.left -= units;
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((units - bucket.left) / per_second).unwrap_or(Duration::from_mins(1));
        Err(wait.as_secs() + 1)
    }

    /// Puts back what turned out not to count.
    pub(crate) fn give_back(&self, caller: &str, units: f64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(caller) {
            bucket.left = (bucket.left + units).min(self.rate.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_empties_and_fills_again_and_is_nobody_elses() {
        let limiter = Limiter::new(Rate { per_second: 2.0, burst: 4.0 });
        for _ in 0..4 {
            assert_eq!(limiter.take("a", 1.0), Ok(()));
        }
        assert_eq!(limiter.take("a", 1.0), Err(1));
        assert_eq!(limiter.take("b", 100.0), Ok(()), "more than a bucket costs a whole bucket");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limiter.take("a", 2.0), Ok(()));
        assert!(limiter.take("a", 1.0).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_map_stays_bounded() {
        let limiter = Limiter::new(Rate { per_second: 1.0, burst: 2.0 });
        for caller in 0..3 * CALLERS_MAX {
            let _ = limiter.take(&caller.to_string(), 1.0);
        }
        assert!(limiter.buckets.lock().unwrap().len() <= CALLERS_MAX);
    }
}
