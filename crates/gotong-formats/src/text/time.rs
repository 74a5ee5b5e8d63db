//! Times as tables write them: RFC 3339, with a space, with an offset, a day alone, seconds or milliseconds since 1970.
//!
//! What names no zone is UTC, as the exports that leave it out say of themselves. Days before months are not guessed: `03/04/2026` is two days.

use gotong_model::Timestamp;

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
}
