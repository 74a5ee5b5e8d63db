//! Whether an object that was made from a foreign format says what one made earlier said. Both carry the time of their reading, which is no content.

use super::canon::{self, canonical};
use super::json::{self, Node, field};

/// The times that come from the reading and not from what was read.
const TIMES: [&str; 3] = ["created", "modified", "valid_from"];

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

/// Compares what was made `earlier` with what is made `now`.
pub fn said_again(earlier: &[u8], now: &[u8]) -> SaidAgain {
    let (Ok(earlier), Ok(now)) = (json::parse(earlier), json::parse(now)) else { return SaidAgain::Unlike };
    let (Some(before), Some(entries)) = (earlier.map(), now.map()) else { return SaidAgain::Unlike };
    let Some(created) = field(before, "created").and_then(Node::text) else { return SaidAgain::Unlike };
    if without_times(&earlier) == without_times(&now) {
        return SaidAgain::Same;
    }
    let mut kept: Vec<(&str, &Node<'_>)> =
        entries.iter().map(|(key, value)| (key.as_ref(), value)).filter(|(key, _)| *key != "created").collect();
    let created = Node::Text(created.into());
    kept.push(("created", &created));
    kept.sort_by_key(|(key, _)| *key);
    let mut out = Vec::with_capacity(512);
    canon::write_map(kept.into_iter(), &mut out);
    SaidAgain::Other(out)
}

fn without_times(node: &Node<'_>) -> Vec<u8> {
    let Some(entries) = node.map() else { return canonical(node) };
    let mut kept: Vec<(&str, &Node<'_>)> =
        entries.iter().map(|(key, value)| (key.as_ref(), value)).filter(|(key, _)| !TIMES.contains(key)).collect();
    kept.sort_by_key(|(key, _)| *key);
    let mut out = Vec::with_capacity(512);
    canon::write_map(kept.into_iter(), &mut out);
    out
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
    fn what_changed_is_a_version_of_what_was_created_first() {
        let later = String::from_utf8(FIRST.to_vec()).unwrap().replace("2026-01-01", "2026-02-02").replace("50", "80");
        let SaidAgain::Other(body) = said_again(FIRST, later.as_bytes()) else { panic!("it changed") };
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(r#""created":"2026-01-01T00:00:00.000Z""#), "{body}");
        assert!(body.contains(r#""modified":"2026-02-02T00:00:00.000Z""#) && body.contains(r#""confidence":80"#));
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        assert_eq!(said_again(b"[]", FIRST), SaidAgain::Unlike);
        assert_eq!(said_again(FIRST, b"{"), SaidAgain::Unlike);
    }
}
