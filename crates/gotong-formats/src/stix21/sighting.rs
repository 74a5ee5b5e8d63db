//! What a sighting says of how often and when (STIX 2.1 section 5.2).

use super::json::{self, Node, field};
use gotong_model::Timestamp;

/// The most that one sighting counts (STIX 2.1 section 5.2).
const COUNT_MAX: u64 = 999_999_999;

/// How often and when something was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// How often; a sighting that does not say is one.
    pub count: u64,
    /// From when.
    pub first_seen: Option<Timestamp>,
    /// Until when; where it does not say, its own time.
    pub last_seen: Option<Timestamp>,
}

/// Reads a sighting. `None`: it is none.
pub fn sighting(body: &[u8]) -> Option<Sighting> {
    let root = json::parse(body).ok()?;
    let entries = root.map()?;
    let text = |name: &str| field(entries, name).and_then(Node::text);
    if text("type")? != "sighting" {
        return None;
    }
    let time = |name: &str| text(name).and_then(Timestamp::parse);
    let count = field(entries, "count").and_then(Node::int).map_or(Some(1), |count| u64::try_from(count).ok())?;
    let first_seen = time("first_seen");
    let last_seen = time("last_seen").or(first_seen).or_else(|| time("modified")).or_else(|| time("created"));
    Some(Sighting { count: count.min(COUNT_MAX), first_seen, last_seen })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_counts_what_it_says_and_once_where_it_says_nothing() {
        let told = sighting(br#"{"type":"sighting","count":7,"first_seen":"2026-03-01T00:00:00Z"}"#).unwrap();
        assert_eq!((told.count, told.last_seen), (7, Timestamp::parse("2026-03-01T00:00:00Z")));
        assert_eq!(sighting(br#"{"type":"sighting"}"#).unwrap().count, 1);
        assert_eq!(sighting(br#"{"type":"sighting","count":99999999999}"#).unwrap().count, COUNT_MAX);
        assert_eq!(sighting(br#"{"type":"indicator","count":7}"#), None);
        assert_eq!(sighting(b"7"), None);
    }
}
