//! How much an indicator is still worth: a documented model of decay (`docs/book/decay.md`), so that two nodes with the same records give the same score.
//!
//! `score = base · (1 − (age ÷ lifetime) ^ (1 ÷ speed))`, never below 0: the polynomial form in use since the CIRCL paper of 2018 (arXiv 1803.11052). The age counts
//! from the newest of publication and sightings: what is still seen is still worth something.

use crate::stix21::{ObservableValue, ValueKind};

/// The worth of an indicator whose author says nothing of confidence.
pub const BASE_USUAL: u8 = 50;
/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;

/// How a kind of value loses its worth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Model {
    /// After so many days nothing is left.
    pub lifetime_days: u32,
    /// The shape: 1 loses evenly, less than 1 at the end, more than 1 at the beginning.
    pub speed: f64,
}

impl Model {
    /// The model of a kind of value. Addresses change hands in weeks, names in months, and a hash names the same bytes for ever.
    pub fn of(kind: ValueKind) -> Self {
        let (lifetime_days, speed) = match kind {
            ValueKind::Ipv4 | ValueKind::Ipv6 => (60, 2.0),
            ValueKind::Url => (90, 2.0),
            ValueKind::Domain | ValueKind::Email => (180, 1.5),
            ValueKind::Hash | ValueKind::SerialNumber | ValueKind::Vulnerability => (3_650, 0.3),
            ValueKind::Other
            | ValueKind::Mac
            | ValueKind::AutonomousSystem
            | ValueKind::Mutex
            | ValueKind::RegistryKey
            | ValueKind::FileName
            | ValueKind::Path
            | ValueKind::UserAccount
            | ValueKind::Software
            | ValueKind::CommandLine => (365, 1.0),
        };
        Self { lifetime_days, speed }
    }

    /// The model of an object: of its values the one that lasts longest.
    pub fn of_values(values: &[ObservableValue]) -> Self {
        let models = values.iter().map(|value| Self::of(value.kind));
        models.max_by_key(|model| model.lifetime_days).unwrap_or_else(|| Self::of(ValueKind::Other))
    }

    /// What is left of `base` after so long: 0 to 100.
    #[expect(clippy::cast_precision_loss, reason = "ages of centuries fit a double to the millisecond")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100 by then")]
    pub fn score(self, base: u8, age_ms: u64) -> u8 {
        let share = age_ms as f64 / (f64::from(self.lifetime_days) * DAY_MS);
        if share >= 1.0 {
            return 0;
        }
        let left = f64::from(base.min(100)) * (1.0 - share.powf(1.0 / self.speed));
        left.round().clamp(0.0, 100.0) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    #[test]
    fn worth_only_falls_and_ends_at_its_lifetime() {
        for kind in ValueKind::ALL {
            let model = Model::of(kind);
            let mut last = 100;
            for day in 0..=u64::from(model.lifetime_days) {
                let score = model.score(100, day * DAY);
                assert!(score <= last, "{kind:?} on day {day}");
                last = score;
            }
            assert_eq!(model.score(100, 0), 100, "{kind:?} is fresh");
            assert_eq!(last, 0, "{kind:?} ends");
        }
    }

    #[test]
    fn an_address_is_old_where_a_hash_is_fresh() {
        let month = 30 * DAY;
        assert!(Model::of(ValueKind::Ipv4).score(100, month) < 40);
        assert!(Model::of(ValueKind::Hash).score(100, month) > 95);
        assert_eq!(Model::of(ValueKind::Ipv4).score(0, 0), 0);
        assert_eq!(Model::of(ValueKind::Ipv4).score(255, 0), 100, "no more than everything");
    }
}
