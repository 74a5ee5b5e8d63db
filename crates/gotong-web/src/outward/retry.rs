//! When to ask again: what a server says in `Retry-After` (RFC 9110 section 10.2.3), and pauses that grow where it says nothing.
//!
//! Pure: chance and the present are parameters.

use std::time::Duration;

use gotong_model::Timestamp;

/// The longest pause, whoever asks for it.
pub const PAUSE_MAX: Duration = Duration::from_hours(24);
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads `Retry-After`: seconds, or a date of HTTP. What does not read is as if it were not there.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let pause = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has mean for ever, which is a day here.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let until = http_date(value)?;
        Duration::from_micros(u64::try_from(until.micros().saturating_sub(now.micros())).unwrap_or(0))
    };
    Some(pause.min(PAUSE_MAX))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may still be sent.
fn http_date(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (time, zone) = (parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    if zone != "GMT" || parts.next().is_some() {
        return None;
    }
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
}

/// The pause after so many failures in a row: from five minutes, doubled each time, up to a day, shortened by up to a quarter by `chance` so that many nodes
/// that lost one server together do not come back together.
pub fn pause(failures: u32, chance: u16) -> Duration {
    let whole = Duration::from_mins(5).saturating_mul(1 << failures.saturating_sub(1).min(9)).min(PAUSE_MAX);
    whole.mul_f64(1.0 - f64::from(chance) / f64::from(u16::MAX) / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_when_to_come_back_and_never_for_more_than_a_day() {
        let now = Timestamp::parse("1994-11-06T08:49:00Z").unwrap();
        let read = |text: &str| retry_after(text, now).map(|pause| pause.as_secs());
        assert_eq!(read("120"), Some(120));
        assert_eq!(read(" 0 "), Some(0));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "what is past is now");
        assert_eq!(read("Sun, 06 Nov 2094 08:00:00 GMT"), Some(86_400));
        assert_eq!(read("99999999999999999999999999"), Some(86_400));
        for bad in ["", "soon", "-5", "1.5", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, "]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn pauses_grow_up_to_a_day() {
        assert_eq!(pause(1, 0).as_secs(), 300);
        assert_eq!(pause(2, 0).as_secs(), 600);
        assert_eq!(pause(3, u16::MAX).as_secs(), 900);
        assert_eq!(pause(0, 0).as_secs(), 300);
        assert_eq!(pause(u32::MAX, 0), PAUSE_MAX);
        assert!(pause(40, u16::MAX) >= PAUSE_MAX * 3 / 4);
    }
}
