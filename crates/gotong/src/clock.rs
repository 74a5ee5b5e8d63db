//! The system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use gotong_model::{Clock, Timestamp};

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the program takes time from outside")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 is read as 1970: every agreement's dates then fail, and nothing is published under a wrong date.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).ok().and_then(Timestamp::from_micros).unwrap_or_default()
    }
}
