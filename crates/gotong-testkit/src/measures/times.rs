//! Times that were taken many times over, and what of them is reported.

use std::time::Duration;

/// The middle of some times, and what nearly all of them stay below, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Times {
    /// Of these, in any order.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { p50: percentile(&times, 50), p99: percentile(&times, 99) }
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, Duration::as_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let times: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(Times::of(times), Times { p50: 0.101, p99: 0.199 });
        assert_eq!(Times::of(vec![]), Times { p50: 0.0, p99: 0.0 });
    }
}
