//! Instants and where they come from. A clock is a parameter everywhere, so that a simulated region owns its time.

use std::fmt;

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds; years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// The last microsecond of the year 9999.
const MICROS_MAX: i64 = 253_402_300_799_999_999;
const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Timestamp {
    /// The last instant there is.
    pub const MAX: Self = Self(MICROS_MAX);

    /// From microseconds since 1970; `None` outside the years 1970 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (0..=MICROS_MAX).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Reads the protocol's one spelling: `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    pub fn from_canonical(text: &str) -> Option<Self> {
        (text.len() == 27).then(|| Self::parse(text)).flatten()
    }

    /// Reads RFC 3339 in UTC with `Z` and zero to nine digits of fraction, as STIX 2.1 section 2.16 has it. Digits beyond the sixth are cut.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at_checked(19)?;
        let digits = |from: usize, count: usize| -> Option<i64> {
            head.get(from..from + count)?
                .iter()
                .try_fold(0_i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
        };
        for (at, separator) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
            if head.get(at) != Some(&separator) {
                return None;
            }
        }
        let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
        let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let fraction = tail.strip_suffix(b"Z")?;
        let mut micros = 0_i64;
        if let Some(fraction) = fraction.strip_prefix(b".") {
            if fraction.is_empty() || fraction.len() > 9 || !fraction.iter().all(u8::is_ascii_digit) {
                return None;
            }
            for place in 0..6 {
                micros = micros * 10 + fraction.get(place).map_or(0, |byte| i64::from(byte - b'0'));
            }
        } else if !fraction.is_empty() {
            return None;
        }
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        Self::from_micros(seconds.checked_mul(1_000_000)?.checked_add(micros)?)
    }

    /// Later by so many milliseconds, at most the end of the year 9999.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        let micros = i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1_000);
        Self(self.0.saturating_add(micros).min(MICROS_MAX))
    }

    /// Milliseconds from `earlier` to this; zero where it is not earlier.
    pub fn since_ms(self, earlier: Self) -> u64 {
        u64::try_from((self.0 - earlier.0) / 1_000).unwrap_or(0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl Timestamp {
    /// The characters of the time, put together without the machinery of formats: every envelope carries one.
    fn digits(self) -> [u8; 27] {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MICROS_PER_DAY));
        let rest = self.0.rem_euclid(MICROS_PER_DAY);
        let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let mut out = *b"0000-00-00T00:00:00.000000Z";
        let date = [(0, year / 100), (2, year), (5, month), (8, day)];
        let time = [(11, hour), (14, minute), (17, second), (20, micros / 10_000), (22, micros / 100), (24, micros)];
        for (at, number) in date.into_iter().chain(time) {
            if let Some(place) = out.get_mut(at..at + 2) {
                place.copy_from_slice(&two(number));
            }
        }
        out
    }
}

/// The last two digits of a number that is not negative.
fn two(number: i64) -> [u8; 2] {
    let digit = |value: i64| b'0' + u8::try_from(value % 10).unwrap_or(0);
    [digit(number / 10), digit(number)]
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar; years begin in March so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_survives_the_round_trip() {
        for days in 0..146_097 {
            let at = Timestamp::from_micros(days * MICROS_PER_DAY + 86_399_999_999).unwrap();
            assert_eq!(Timestamp::from_canonical(&at.to_string()), Some(at));
        }
    }

    #[test]
    fn only_real_instants_are_read() {
        assert_eq!(Timestamp::parse("2024-02-29T23:59:59Z").unwrap().to_string(), "2024-02-29T23:59:59.000000Z");
        assert_eq!(
            Timestamp::parse("2022-10-01T00:00:00.123456789Z").unwrap().to_string(),
            "2022-10-01T00:00:00.123456Z"
        );
        for bad in [
            "2023-02-29T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+00:00",
            "1969-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "２024-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
        assert_eq!(Timestamp::from_canonical("2024-02-29T23:59:59Z"), None, "the protocol has one spelling");
    }
}
