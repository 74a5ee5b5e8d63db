//! Time that moves only when a test says so, and clocks that go wrong by a fixed amount.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gotong_model::{Clock, Timestamp};

/// The true time of a simulated region.
#[derive(Debug)]
pub struct SimClock(AtomicI64);

impl SimClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.micros()))
    }

    /// Lets time pass.
    pub fn advance_ms(&self, ms: u64) {
        let micros = i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1_000);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// One node's clock: the true time, and by how much it is off.
#[derive(Debug)]
pub struct SkewedClock {
    /// The true time.
    pub clock: Arc<SimClock>,
    /// How far this clock is ahead (or, negative, behind).
    pub skew_ms: i64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let micros = self.clock.now().micros().saturating_add(self.skew_ms.saturating_mul(1_000));
        Timestamp::from_micros(micros).unwrap_or_default()
    }
}
