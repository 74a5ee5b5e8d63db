//! Times as tables write them: RFC 3339, with a space, with an offset, a day alone, seconds or milliseconds since 1970.
//!
//! What names no zone is UTC, as the exports that leave it out say of themselves. Days before months are not guessed: `03/04/2026` is two days.

use gotong_model::Timestamp;
use serde::{Deserialize, Serialize};

/// How far ahead a time may be: what is further was written in another calendar, or says that there is no end.
const AHEAD_YEARS_MAX: i64 = 50;
const YEAR_MICROS: i64 = 31_556_952_000_000;
/// By how much a year of the Buddhist calendar is more than that of the common one.
const BUDDHIST_YEARS: u16 = 543;

/// The forms that are read, for whoever wrote another one.
pub(crate) const FORMS: &str =
    "2026-03-04, 2026-03-04 05:06:07, the same with an offset such as +07:00, or seconds since 1970";

/// The calendar in which a table's years are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calendar {
    /// The common one.
    #[default]
    Gregorian,
    /// The same with 543 years more, as in Thailand, Laos and Cambodia.
    Buddhist,
}

impl Calendar {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(crate) fn is_gregorian(&self) -> bool {
        *self == Self::Gregorian
    }
}

/// Why a cell is no time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoTime {
    /// It has none of the forms that are read.
    Form,
    /// It is too far ahead to be meant.
    Ahead,
}

impl NoTime {
    /// What is wrong with it and what to do, behind the value.
    pub(crate) fn text(self, cell: &str) -> String {
        let cell: String = cell.chars().take(64).collect();
        match self {
            Self::Form => format!("is `{cell}`, which is no time that is read; write {FORMS}"),
            Self::Ahead => format!(
                "is `{cell}`, more than {AHEAD_YEARS_MAX} years ahead; a year of the Buddhist calendar is {BUDDHIST_YEARS} more than that of the common one: say \"calendar\": \"buddhist\" in the mapping of a table, or write the common year; leave the cell empty where there is no end"
            ),
        }
    }
}

/// Reads a time in a calendar, as it can be meant now.
pub(crate) fn read(text: &str, calendar: Calendar, now: Timestamp) -> Result<Timestamp, NoTime> {
    let read = match calendar {
        Calendar::Gregorian => parse(text),
        Calendar::Buddhist => parse(&common_years(text).ok_or(NoTime::Form)?),
    };
    let time = read.ok_or(NoTime::Form)?;
    let most = now.micros().saturating_add(AHEAD_YEARS_MAX.saturating_mul(YEAR_MICROS));
    if time.micros() > most { Err(NoTime::Ahead) } else { Ok(time) }
}

/// A Buddhist year at the beginning as a common one; `None` where it is too long ago to be one. What counts seconds has no calendar.
fn common_years(text: &str) -> Option<String> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    let (year, rest) = text.split_at_checked(4)?;
    let year: u16 = year.parse().ok()?;
    let common = year.checked_sub(BUDDHIST_YEARS).filter(|common| *common >= 1_900)?;
    Some(format!("{common:04}{rest}"))
}

/// Reads a time; `None` where it could be two, or none.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches("UTC").trim_end_matches("GMT").trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            9 | 10 => Timestamp::from_micros(number.checked_mul(1_000_000)?),
            13 => Timestamp::from_micros(number.checked_mul(1_000)?),
            _ => None,
        };
    }
    let (day, rest) = text.split_at_checked(10)?;
    let day = day.replace('/', "-");
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return Timestamp::parse(&format!("{day}T00:00:00Z"));
    }
    let (clock, offset_minutes) = split_offset(rest)?;
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    let local = Timestamp::parse(&format!("{day}T{clock}Z"))?;
    Timestamp::from_micros(local.micros().checked_sub(offset_minutes.checked_mul(60_000_000)?)?)
}

/// The time of day, and how many minutes its zone is ahead of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock.trim_end(), 0));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (clock, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset.chars().skip(1).filter(|letter| *letter != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours <= 14 && minutes < 60).then_some((clock.trim_end(), sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_tables_write_them_and_no_day_is_guessed() {
        for (text, expected) in [
            ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07.000000Z"),
            ("2026-03-04 05:06:07", "2026-03-04T05:06:07.000000Z"),
            ("2026-03-04 05:06:07.25 UTC", "2026-03-04T05:06:07.250000Z"),
            ("2026-03-04 05:06", "2026-03-04T05:06:00.000000Z"),
            ("2026-03-04", "2026-03-04T00:00:00.000000Z"),
            ("2026/03/04", "2026-03-04T00:00:00.000000Z"),
            ("2026-03-04T05:06:07+07:00", "2026-03-03T22:06:07.000000Z"),
            ("2026-03-04T05:06:07 -0130", "2026-03-04T06:36:07.000000Z"),
            ("1772582767", "2026-03-04T00:06:07.000000Z"),
            ("1772582767000", "2026-03-04T00:06:07.000000Z"),
        ] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "03/04/2026",
            "2026-02-30",
            "yesterday",
            "12",
            "99999999999999999999",
            "2026-03-04T05:06:07+99:00",
            "ü",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn years_of_another_calendar_are_not_taken_for_common_ones() {
        let now = parse("2026-03-04").unwrap();
        for far in ["2569-11-23", "2569-11-23 05:06", "2077-01-01", "9999-12-31", "7258118400"] {
            assert_eq!(read(far, Calendar::Gregorian, now), Err(NoTime::Ahead), "{far}");
        }
        for near in ["2026-11-23", "2075-12-31", "1999-01-01"] {
            assert_eq!(read(near, Calendar::Gregorian, now), Ok(parse(near).unwrap()), "{near}");
        }
        for (thai, common) in
            [("2569-11-23", "2026-11-23"), ("2567/02/29 05:06", "2024-02-29 05:06"), ("1772582767", "1772582767")]
        {
            assert_eq!(read(thai, Calendar::Buddhist, now), Ok(parse(common).unwrap()), "{thai}");
        }
        // A common year in such a table is a slip, and no time long ago.
        for slip in ["2026-11-23", "0000-01-01", "x", "", "2566-02-29", "๒๕๖๙-11-23"] {
            assert_eq!(read(slip, Calendar::Buddhist, now), Err(NoTime::Form), "{slip}");
        }
        assert!(NoTime::Ahead.text("2569-11-23").contains("Buddhist"));
    }
}
