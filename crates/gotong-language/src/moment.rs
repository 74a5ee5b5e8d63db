//! Instants as people read them: local time with its zone and UTC beside it, always both, 24 hours; dates in the language's words.
//!
//! The clock is a parameter, zones come with the program. Instants are microseconds since 1970 (UTC), as everywhere in Gotong. In Thai, and in
//! Lao where somebody asks for it, years are those of the Buddhist era; what machines read (`iso`) is always Gregorian.

use std::fmt;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use crate::language::Language;
use crate::words::{Arg, Words};

/// How years are counted on pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    /// As in international dealings.
    Gregorian,
    /// Years of the Buddhist era: 543 more.
    Buddhist,
}

impl Calendar {
    /// What a language's readers expect where nobody chose: the Buddhist era in Thai, the Gregorian elsewhere.
    pub const fn of(language: Language) -> Self {
        if matches!(language, Language::Thai) { Self::Buddhist } else { Self::Gregorian }
    }

    /// As settings name it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Gregorian => "gregorian",
            Self::Buddhist => "buddhist",
        }
    }

    /// The calendar that settings name.
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Gregorian, Self::Buddhist].into_iter().find(|calendar| calendar.tag() == tag)
    }
}

/// A zone that the IANA list, as of this program, does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time zone of this name is known: {0}")]
pub struct ZoneUnknown(pub String);

/// How one person is shown instants.
#[derive(Clone, Debug)]
pub struct Moments {
    language: Language,
    zone: TimeZone,
    calendar: Calendar,
}

/// An instant, ready for a page. Its display is the whole of it: `22 November 2026, 14:26 UTC+7 (07:26Z)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The local date: `22 November 2026`.
    pub date: String,
    /// Local date and time: `22 November 2026, 14:26`.
    pub local: String,
    /// The local time alone: `14:26`.
    pub time: String,
    /// How far the local time is from UTC: `UTC+7`.
    pub zone: String,
    /// UTC: `07:26Z`, and with the day where that is another: `2026-11-21 18:26Z`.
    pub utc: String,
    /// For `datetime=`: RFC 3339, UTC, to the second.
    pub iso: String,
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_utc() {
            return write!(formatter, "{} {}", self.local, self.zone);
        }
        write!(formatter, "{} {} ({})", self.local, self.zone, self.utc)
    }
}

impl Moment {
    /// Whether the local time is UTC: then it is told once.
    pub fn is_utc(&self) -> bool {
        self.zone == "UTC"
    }

    /// Without the date, where a page has it elsewhere: `14:26 UTC+7 (07:26Z)`.
    pub fn short(&self) -> String {
        if self.is_utc() {
            return format!("{} {}", self.time, self.zone);
        }
        format!("{} {} ({})", self.time, self.zone, self.utc)
    }
}

impl Moments {
    /// For a language, a zone such as `Asia/Bangkok`, and a calendar.
    pub fn new(language: Language, zone: &str, calendar: Calendar) -> Result<Self, ZoneUnknown> {
        // Names come from settings; a long one is refused before it is looked for.
        let known = if zone.len() <= ZONE_BYTES_MAX { database().get(zone).ok() } else { None };
        let shown = || ZoneUnknown(zone.chars().take(ZONE_BYTES_MAX).collect());
        Ok(Self { language, zone: known.ok_or_else(shown)?, calendar })
    }

    /// In UTC, for whoever set nothing.
    pub fn utc(language: Language) -> Self {
        Self { language, zone: TimeZone::UTC, calendar: Calendar::of(language) }
    }

    /// The zones that a person may choose, sorted.
    pub fn zones() -> Vec<String> {
        let mut zones: Vec<String> = database().available().map(|name| name.as_str().to_owned()).collect();
        zones.sort_unstable();
        zones
    }

    /// The language in which dates are told.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The name of the zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// An instant. One that lies outside the years that can be told is told as the nearest that can.
    pub fn at(&self, micros: i64) -> Moment {
        let instant = instant(micros);
        let local = instant.to_zoned(self.zone.clone());
        let universal = instant.to_zoned(TimeZone::UTC);
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        let date = self.day(local.date());
        let clock = format!("{:02}:{:02}Z", universal.hour(), universal.minute());
        let utc = if universal.date() == local.date() { clock } else { format!("{} {clock}", universal.date()) };
        let words = Words::of(self.language);
        let shown = words.with("moment-date-and-time", &[("date", Arg::Plain(&date)), ("time", Arg::Plain(&time))]);
        let iso = format!(
            "{}T{:02}:{:02}:{:02}Z",
            universal.date(),
            universal.hour(),
            universal.minute(),
            universal.second()
        );
        Moment { date, local: shown, time, zone: distance(local.offset()), utc, iso }
    }

    /// The local date alone: `22 November 2026`.
    pub fn date(&self, micros: i64) -> String {
        self.day(instant(micros).to_zoned(self.zone.clone()).date())
    }

    /// How long ago, or how soon, an instant is, in the largest unit that fits; beside it a page shows the instant itself.
    pub fn ago(&self, micros: i64, now: i64) -> String {
        let words = Words::of(self.language);
        let seconds = now.saturating_sub(micros) / 1_000_000;
        let minutes = seconds.saturating_abs() / 60;
        let (unit, count) = match minutes {
            0 => return words.t("moment-now"),
            1..60 => ("minutes", minutes),
            60..2880 => ("hours", minutes / 60),
            _ => ("days", minutes / 1440),
        };
        let id = match (unit, seconds > 0) {
            ("minutes", true) => "moment-minutes-ago",
            ("minutes", false) => "moment-in-minutes",
            ("hours", true) => "moment-hours-ago",
            ("hours", false) => "moment-in-hours",
            (_, true) => "moment-days-ago",
            (_, false) => "moment-in-days",
        };
        words.with(id, &[("count", Arg::Number(count))])
    }

    /// A date in the language's words and the person's calendar.
    fn day(&self, date: Date) -> String {
        let words = Words::of(self.language);
        let year = match self.calendar {
            Calendar::Gregorian => i32::from(date.year()),
            Calendar::Buddhist => i32::from(date.year()) + BUDDHIST_YEARS,
        };
        let id = match self.calendar {
            Calendar::Gregorian => "moment-date",
            Calendar::Buddhist => "moment-date-buddhist",
        };
        let (day, year) = (date.day().to_string(), year.to_string());
        let month = words.t(month_id(date.month()));
        words.with(id, &[("day", Arg::Plain(&day)), ("month", Arg::Plain(&month)), ("year", Arg::Plain(&year))])
    }
}

/// The Buddhist era of Thailand and Laos: 2026 is 2569.
const BUDDHIST_YEARS: i32 = 543;

/// The zones inside the program; those of the machine are not looked at, so that two nodes tell an instant alike.
fn database() -> &'static TimeZoneDatabase {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    DATABASE.get_or_init(TimeZoneDatabase::bundled)
}

/// The longest name of the IANA list has 32 bytes.
const ZONE_BYTES_MAX: usize = 64;

fn instant(micros: i64) -> Timestamp {
    let nearest = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    // Zones add up to a day, so that the last day that can be told is left to them.
    Timestamp::from_microsecond(micros).unwrap_or(nearest)
}

const fn month_id(month: i8) -> &'static str {
    match month {
        1 => "moment-month-1",
        2 => "moment-month-2",
        3 => "moment-month-3",
        4 => "moment-month-4",
        5 => "moment-month-5",
        6 => "moment-month-6",
        7 => "moment-month-7",
        8 => "moment-month-8",
        9 => "moment-month-9",
        10 => "moment-month-10",
        11 => "moment-month-11",
        _ => "moment-month-12",
    }
}

/// `UTC+7`, `UTC+5:45`, `UTC−3`, `UTC`.
fn distance(offset: Offset) -> String {
    let seconds = offset.seconds();
    if seconds == 0 {
        return "UTC".to_owned();
    }
    let sign = if seconds < 0 { '−' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    if minutes == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{minutes:02}") }
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Moments, ZoneUnknown};
    use crate::language::Language;

    /// 2026-11-22T07:26:05Z.
    const THEN: i64 = 1_795_332_365_000_000;
    const MINUTE: i64 = 60_000_000;

    fn moments(language: Language, zone: &str) -> Moments {
        Moments::new(language, zone, Calendar::of(language)).unwrap()
    }

    #[test]
    fn local_time_and_utc_stand_together() {
        let moment = moments(Language::English, "Asia/Bangkok").at(THEN);
        assert_eq!(moment.to_string(), "22 November 2026, 14:26 UTC+7 (07:26Z)");
        assert_eq!(moment.short(), "14:26 UTC+7 (07:26Z)");
        assert_eq!(moment.iso, "2026-11-22T07:26:05Z");
        let yangon = moments(Language::English, "Asia/Yangon").at(THEN + 11 * 60 * MINUTE);
        assert_eq!(yangon.to_string(), "23 November 2026, 00:56 UTC+6:30 (2026-11-22 18:26Z)");
        assert_eq!(moments(Language::English, "America/St_Johns").at(THEN).zone, "UTC−3:30");
        // Whoever lives by UTC is told it once; a zone that stands on it for half the year too.
        let universal = Moments::utc(Language::English).at(THEN);
        assert_eq!(
            (universal.to_string().as_str(), universal.short().as_str()),
            ("22 November 2026, 07:26 UTC", "07:26 UTC")
        );
        assert_eq!(moments(Language::English, "Europe/London").at(THEN).short(), "07:26 UTC");
        let summer = moments(Language::English, "Europe/London").at(THEN - 150 * 1_440 * MINUTE);
        assert_eq!(summer.short(), "08:26 UTC+1 (07:26Z)");
    }

    #[test]
    fn thai_counts_years_from_the_buddha_and_machines_do_not() {
        let moment = moments(Language::Thai, "Asia/Bangkok").at(THEN);
        assert_eq!(moment.date, "22 พฤศจิกายน พ.ศ. 2569");
        assert_eq!(moment.iso, "2026-11-22T07:26:05Z");
        let gregorian = Moments::new(Language::Thai, "Asia/Bangkok", Calendar::Gregorian).unwrap();
        assert_eq!(gregorian.date(THEN), "22 พฤศจิกายน ค.ศ. 2026");
        let lao = Moments::new(Language::Lao, "Asia/Vientiane", Calendar::Buddhist).unwrap();
        assert!(lao.date(THEN).contains("2569"), "{}", lao.date(THEN));
        assert!(moments(Language::Lao, "Asia/Vientiane").date(THEN).contains("2026"));
    }

    #[test]
    fn the_distance_is_told_in_the_largest_unit_that_fits() {
        let moments = moments(Language::English, "UTC");
        let told = |minutes: i64| moments.ago(THEN - minutes * MINUTE, THEN);
        assert_eq!(told(0), "just now");
        assert_eq!(told(1), "1 minute ago");
        assert_eq!(told(59), "59 minutes ago");
        assert_eq!(told(60), "1 hour ago");
        assert_eq!(told(47 * 60 + 59), "47 hours ago");
        assert_eq!(told(48 * 60), "2 days ago");
        assert_eq!(told(-5), "in 5 minutes");
        assert_eq!(told(-3 * 60), "in 3 hours");
        assert_eq!(told(-72 * 60), "in 3 days");
    }

    #[test]
    fn zones_come_with_the_program_and_unknown_ones_are_refused_by_name() {
        for zone in
            ["Asia/Jakarta", "Asia/Dili", "Asia/Phnom_Penh", "Asia/Ho_Chi_Minh", "Asia/Kuala_Lumpur", "Asia/Manila"]
        {
            assert_eq!(moments(Language::English, zone).zone_name(), zone);
            assert!(Moments::zones().contains(&zone.to_owned()));
        }
        for bad in ["Asia/Atlantis", "", "../../etc/passwd", "Asia/Bangkok\0"] {
            let refused = Moments::new(Language::English, bad, Calendar::Gregorian).unwrap_err();
            assert_eq!(refused, ZoneUnknown(bad.to_owned()));
        }
        let long = "A".repeat(100_000);
        assert_eq!(Moments::new(Language::English, &long, Calendar::Gregorian).unwrap_err().0.len(), 64);
    }

    #[test]
    fn no_instant_is_too_far_to_be_told() {
        for micros in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX] {
            for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
                let moments = moments(Language::Thai, zone);
                assert!(moments.at(micros).iso.ends_with('Z'));
                assert!(!moments.ago(micros, THEN).is_empty());
                assert!(!moments.ago(THEN, micros).is_empty());
            }
        }
    }
}
