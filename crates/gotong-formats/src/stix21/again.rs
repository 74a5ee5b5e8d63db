//! Whether an object that was made from a foreign format says what one made earlier said. Both carry the time of their reading, which is no content.

use std::collections::BTreeMap;

use super::canon;
use super::json::{self, Node, field};
use gotong_model::Timestamp;

/// The times that come from the reading and not from what was read.
const TIMES: [&str; 2] = ["created", "modified"];
/// Times that come from the reading where what was read has none of its own: then they are that of `modified`, and what was said first stays.
const MAYBE_TIMES: [&str; 2] = ["valid_from", "published"];
/// What a reading that is silent of it does not carry on: whoever names a value again says that it counts.
const NOT_CARRIED: [&str; 1] = ["revoked"];

/// What a second reading comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SaidAgain {
    /// The same but for its times.
    Same,
    /// Something else: a newer version, here with the `created` of the earlier one, as every version has it (STIX 2.1 section 3.2).
    Other(Vec<u8>),
    /// They cannot be compared: one of them is no object that this crate makes.
    Unlike,
}

/// Compares what was made `earlier` with what is made `now`. What the later reading is silent of stays: a text that names a value of yesterday's table takes
/// neither its expiry nor its marking away.
pub fn said_again(earlier: &[u8], now: &[u8]) -> SaidAgain {
    let (Ok(earlier), Ok(now)) = (json::parse(earlier), json::parse(now)) else { return SaidAgain::Unlike };
    let (Some(before), Some(entries)) = (earlier.map(), now.map()) else { return SaidAgain::Unlike };
    let Some(created) = field(before, "created") else { return SaidAgain::Unlike };
    let time = |value: &Node<'_>| value.text().and_then(Timestamp::parse);
    let read_at = field(entries, "modified").and_then(time);
    let mut said: BTreeMap<&str, &Node<'_>> = BTreeMap::new();
    for (key, value) in before {
        // An expiry that is over was not meant for what is seen again.
        let is_over = key == "valid_until" && time(value) <= read_at;
        if !NOT_CARRIED.contains(&key.as_ref()) && !is_over {
            said.insert(key.as_ref(), value);
        }
    }
    for (key, value) in entries {
        let is_of_reading = MAYBE_TIMES.contains(&key.as_ref()) && read_at.is_some() && time(value) == read_at;
        if !is_of_reading || !said.contains_key(key.as_ref()) {
            said.insert(key.as_ref(), value);
        }
    }
    // STIX 2.1 section 4.7: an indicator ends after it begins.
    if said.get("valid_until").map(|until| time(until)) <= said.get("valid_from").map(|from| time(from)) {
        said.remove("valid_until");
    }
    said.insert("created", created);
    let content = |entries: &mut dyn Iterator<Item = (&str, &Node<'_>)>| {
        let mut kept: Vec<_> = entries.filter(|(key, _)| !TIMES.contains(key)).collect();
        kept.sort_by_key(|(key, _)| *key);
        let mut out = Vec::with_capacity(512);
        canon::write_map(kept.into_iter(), &mut out);
        out
    };
    let was = content(&mut before.iter().map(|(key, value)| (key.as_ref(), value)));
    if was == content(&mut said.iter().map(|(key, value)| (*key, *value))) {
        return SaidAgain::Same;
    }
    let mut out = Vec::with_capacity(512);
    canon::write_map(said.into_iter(), &mut out);
    SaidAgain::Other(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[u8] = br#"{"type":"indicator","id":"indicator--1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","valid_from":"2026-01-01T00:00:00Z","name":"a","confidence":50}"#;

    #[test]
    fn the_same_line_of_another_day_is_the_same() {
        let later = String::from_utf8(FIRST.to_vec()).unwrap().replace("2026-01-01", "2026-02-02");
        assert_eq!(said_again(FIRST, later.as_bytes()), SaidAgain::Same);
    }

    #[test]
    fn a_time_that_was_read_is_content() {
        let said = |valid_from: &str| {
            let text = String::from_utf8(FIRST.to_vec()).unwrap();
            text.replace(r#""valid_from":"2026-01-01"#, &format!(r#""valid_from":"{valid_from}"#))
        };
        let (first, moved) = (said("2025-12-01"), said("2025-12-05"));
        let later = first.replace("2026-01-01", "2026-02-02");
        assert_eq!(said_again(first.as_bytes(), later.as_bytes()), SaidAgain::Same);
        assert!(
            matches!(said_again(first.as_bytes(), moved.as_bytes()), SaidAgain::Other(_)),
            "first seen on another day"
        );
        let report = |day: &str| {
            format!(
                r#"{{"type":"report","id":"report--1","created":"{day}T00:00:00.000Z","modified":"{day}T00:00:00.000Z","published":"{day}T00:00:00Z"}}"#
            )
        };
        assert_eq!(said_again(report("2026-01-01").as_bytes(), report("2026-02-02").as_bytes()), SaidAgain::Same);
    }

    #[test]
    fn what_changed_is_a_version_of_what_was_created_first() {
        let later = String::from_utf8(FIRST.to_vec()).unwrap().replace("2026-01-01", "2026-02-02").replace("50", "80");
        let SaidAgain::Other(body) = said_again(FIRST, later.as_bytes()) else { panic!("it changed") };
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(r#""created":"2026-01-01T00:00:00.000Z""#), "{body}");
        assert!(body.contains(r#""modified":"2026-02-02T00:00:00.000Z""#) && body.contains(r#""confidence":80"#));
    }

    #[test]
    fn what_a_later_reading_is_silent_of_stays() {
        let rich = r#"{"type":"indicator","id":"indicator--1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","valid_from":"2025-12-01T00:00:00Z","valid_until":"2026-06-01T00:00:00Z","name":"a","object_marking_refs":["marking-definition--1"],"revoked":true}"#;
        let poor = |day: &str| {
            format!(
                r#"{{"type":"indicator","id":"indicator--1","created":"{day}T00:00:00.000Z","modified":"{day}T00:00:00.000Z","valid_from":"{day}T00:00:00Z","name":"a"}}"#
            )
        };
        let live = rich.replace(r#","revoked":true"#, "");
        assert_eq!(said_again(live.as_bytes(), poor("2026-02-02").as_bytes()), SaidAgain::Same, "nothing new is said");
        let SaidAgain::Other(body) = said_again(rich.as_bytes(), poor("2026-02-02").as_bytes()) else {
            panic!("revoked")
        };
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains("2025-12-01") && body.contains("2026-06-01") && body.contains("marking-definition--1"));
        assert!(!body.contains("revoked"), "whoever names it again says that it counts: {body}");
        // Seen again after its end it has none, and it never ends before it begins.
        let SaidAgain::Other(body) = said_again(live.as_bytes(), poor("2026-07-01").as_bytes()) else {
            panic!("it ended")
        };
        assert!(!String::from_utf8(body).unwrap().contains("valid_until"));
        let begins = poor("2026-02-02").replace(r#""valid_from":"2026-02-02"#, r#""valid_from":"2026-06-01"#);
        let SaidAgain::Other(body) = said_again(live.as_bytes(), begins.as_bytes()) else { panic!("it moved") };
        assert!(!String::from_utf8(body).unwrap().contains("valid_until"));
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        assert_eq!(said_again(b"[]", FIRST), SaidAgain::Unlike);
        assert_eq!(said_again(FIRST, b"{"), SaidAgain::Unlike);
    }
}
