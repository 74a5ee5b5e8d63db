//! The constants of a pattern as they are written, and what they mean.
//!
//! A literal keeps a slice of the pattern: most are only ever looked at as text. Numbers, bytes and instants are made
//! of it where something is compared. Must not normalise: `=` compares what is written (STIX 2.1 section 9.6).

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use std::borrow::Cow;

/// Which of the constants of STIX 2.1 section 9.2 a literal is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LiteralKind {
    /// `'text'`
    Text,
    /// `-12`
    Integer,
    /// `1.5`
    Float,
    /// `true`
    Boolean,
    /// `t'2020-01-01T00:00:00Z'`
    Timestamp,
    /// `b'YQ=='`
    Binary,
    /// `h'61'`
    Hex,
}

/// One constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Literal<'p> {
    /// Which kind it is.
    pub kind: LiteralKind,
    /// What stands between its quotes, or its digits.
    pub(super) raw: &'p str,
    /// Whether a quote or backslash in it is escaped.
    pub(super) escaped: bool,
}

impl<'p> Literal<'p> {
    /// Its text with the escapes undone; of a number, its digits; of the others, what stands between the quotes.
    pub fn text(&self) -> Cow<'p, str> {
        if self.escaped { Cow::Owned(unescaped(self.raw)) } else { Cow::Borrowed(self.raw) }
    }

    /// The number it is.
    pub(super) fn number(&self) -> Option<Number> {
        match self.kind {
            LiteralKind::Integer => {
                let digits = self.raw.strip_prefix('+').unwrap_or(self.raw);
                digits.parse().map(Number::Integer).or_else(|_| digits.parse().map(Number::Float)).ok()
            }
            LiteralKind::Float => self.raw.parse().map(Number::Float).ok(),
            LiteralKind::Text
            | LiteralKind::Boolean
            | LiteralKind::Timestamp
            | LiteralKind::Binary
            | LiteralKind::Hex => None,
        }
    }

    /// The bytes that a binary or hexadecimal constant stands for.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self.kind {
            LiteralKind::Binary => BASE64.decode(self.raw.as_bytes()).ok(),
            LiteralKind::Hex => HEXLOWER_PERMISSIVE.decode(self.raw.as_bytes()).ok(),
            LiteralKind::Text
            | LiteralKind::Integer
            | LiteralKind::Float
            | LiteralKind::Boolean
            | LiteralKind::Timestamp => None,
        }
    }
}

/// Undoes the two escapes of the grammar, `\'` and `\\`.
pub(super) fn unescaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        out.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    out
}

/// A number of a pattern or of an object.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    /// Integers are compared as integers; a fraction on either side makes both fractions.
    pub(super) fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(&right)),
            (left, right) => left.float().partial_cmp(&right.float()),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "against a fraction an integer counts as the nearest fraction")]
    fn float(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// An instant or a length of time: seconds since 1970 and the fraction in units of 10^-18 seconds, so that two texts
/// that differ are two instants. Any year of four digits, and the sixtieth second of a leap minute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Instant {
    seconds: i64,
    fraction: u64,
}

const FRACTION_DIGITS: usize = 18;
const FRACTIONS_PER_SECOND: u64 = 1_000_000_000_000_000_000;

impl Instant {
    /// The instant that `YYYY-MM-DDTHH:MM:SS[.f]Z` names; `None`: it names no day, or is no such text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at_checked(19)?;
        let tail = tail.strip_suffix(b"Z")?;
        let number = |from: usize, count: usize| -> Option<i64> {
            head.get(from..from + count)?
                .iter()
                .try_fold(0_i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
        };
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if separators.iter().any(|(at, separator)| head.get(*at) != Some(separator)) {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
        let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
        let known = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        if !known || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let fraction = match tail.strip_prefix(b".") {
            Some(digits) => fraction(digits)?,
            None if tail.is_empty() => 0,
            None => return None,
        };
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        Some(Self { seconds, fraction })
    }

    /// The length of time that `1.5` or `+5` seconds are.
    pub(super) fn length(text: &str) -> Option<Self> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let seconds = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(i64::MAX) };
        Some(Self { seconds, fraction: if part.is_empty() { 0 } else { fraction(part.as_bytes())? } })
    }

    /// Later by `length`, at most the end of time.
    pub(super) fn plus(self, length: Self) -> Self {
        let fraction = self.fraction + length.fraction;
        let carry = i64::from(fraction >= FRACTIONS_PER_SECOND);
        let seconds = self.seconds.saturating_add(length.seconds).saturating_add(carry);
        Self { seconds, fraction: fraction % FRACTIONS_PER_SECOND }
    }
}

/// Digits behind the point; those beyond the eighteenth are cut.
fn fraction(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = |place: usize| digits.get(place).map_or(0, |byte| u64::from(byte - b'0'));
    Some((0..FRACTION_DIGITS).fold(0, |sum, place| sum * 10 + value(place)))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, in the proleptic Gregorian calendar; years from 0.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Counted from March on, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_before_month = (153 * month + 2) / 5;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + days_before_month + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_apart_to_the_last_digit() {
        let at = |text| Instant::parse(text).unwrap();
        assert_eq!(at("1970-01-01T00:00:00Z"), Instant { seconds: 0, fraction: 0 });
        assert_eq!(at("2024-02-29T12:30:45Z").seconds, 1_709_209_845);
        assert_eq!(at("0001-01-01T00:00:00Z").seconds, -62_135_596_800);
        assert_eq!(at("2020-01-01T00:00:00.5Z"), at("2020-01-01T00:00:00.500Z"));
        assert!(at("2020-01-01T00:00:00.1234567Z") < at("2020-01-01T00:00:00.1234568Z"));
        for text in ["2023-02-29T00:00:00Z", "2023-02-01T00:00:00", "2023-02-01T00:00:00.Z", "2023-02-01 00:00:00Z"] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
        let later = at("2020-01-01T00:00:00.75Z").plus(Instant::length("1.5").unwrap());
        assert_eq!(later, at("2020-01-01T00:00:02.25Z"));
        assert_eq!(Instant::length("99999999999999999999").unwrap().seconds, i64::MAX);
    }

    #[test]
    fn large_integers_are_compared_as_integers() {
        let literal = |raw| Literal { kind: LiteralKind::Integer, raw, escaped: false };
        let (one, two) = (literal("9007199254740993").number().unwrap(), literal("9007199254740992").number().unwrap());
        assert_eq!(one.compare(two), Some(std::cmp::Ordering::Greater));
        assert!(literal("99999999999999999999").number().is_some(), "beyond 64 bits it is a fraction");
        assert_eq!(literal("+5").number(), Some(Number::Integer(5)));
    }
}
