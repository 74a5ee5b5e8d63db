//! What a pattern comes to where each of its values alone makes it match: what block lists and look-ups can take.
//!
//! Says nothing at all where a value needs anything beside it: another comparison, a second event, a span of time.
//! A wrong "each alone" would block what the indicator never meant. Read next: `evaluate.rs` for the full meaning.

use std::collections::BTreeSet;

use super::{LiteralKind, NodeKind, Operator, Pattern};

/// One value that alone makes a pattern match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alternative {
    /// Type of the observable, such as `ipv4-addr`.
    pub object_type: String,
    /// Path within it, such as `hashes.'SHA-256'`.
    pub path: String,
    /// The value; behind `ISSUBSET` a network, whose every address matches.
    pub text: String,
}

/// The values each of which alone makes `pattern` match; `None` where there are no such, or not only such.
///
/// Comparisons by `=`, `IN` and `ISSUBSET` with texts and whole numbers, joined by OR, in observations joined by OR.
/// `WITHIN` and `REPEATS 1 TIMES` ask nothing more of a single event; `START … STOP …` does, and so does AND, unless it joins the hashes of one file
/// by several algorithms: each of them is that very file.
pub fn alternatives(pattern: &Pattern<'_>) -> Option<Vec<Alternative>> {
    let is_one_file = is_one_file(pattern);
    let joined_by_or = pattern.nodes.iter().all(|node| {
        matches!(
            node.kind,
            NodeKind::Comparison(_)
                | NodeKind::Or
                | NodeKind::Observation
                | NodeKind::EitherObserved
                | NodeKind::Within(_)
                | NodeKind::Repeats(1)
        )
    });
    if !joined_by_or && !is_one_file {
        return None;
    }
    let mut found = Vec::new();
    for comparison in &pattern.comparisons {
        if !comparison.takes() {
            return None;
        }
        for literal in pattern.constants_of(comparison) {
            let text = literal.text();
            let usable = match literal.kind {
                LiteralKind::Text => comparison.operator != Operator::IsSubset || is_network(&text),
                LiteralKind::Integer => true,
                LiteralKind::Float
                | LiteralKind::Boolean
                | LiteralKind::Timestamp
                | LiteralKind::Binary
                | LiteralKind::Hex => false,
            };
            if !usable {
                return None;
            }
            found.push(Alternative {
                object_type: comparison.object_type.to_owned(),
                path: comparison.path.clone().into_owned(),
                text: text.into_owned(),
            });
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Whether all that is asked is one observation of one file by its hashes, one of each algorithm. A name or a size beside them would tell a renamed program
/// from a good one of the same content, so with these a hash alone means less.
fn is_one_file(pattern: &Pattern<'_>) -> bool {
    let mut observations = 0;
    let fits = pattern.nodes.iter().all(|node| {
        observations += usize::from(matches!(node.kind, NodeKind::Observation));
        matches!(node.kind, NodeKind::Comparison(_) | NodeKind::And | NodeKind::Observation)
    });
    let mut algorithms = BTreeSet::new();
    fits && observations == 1
        && pattern.comparisons.iter().all(|comparison| {
            comparison.object_type == "file"
                && comparison.operator == Operator::Equal
                && comparison.path.starts_with("hashes.")
                && algorithms.insert(comparison.path.to_ascii_lowercase())
        })
}

fn is_network(text: &str) -> bool {
    crate::network::Network::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Option<Vec<String>> {
        let found = alternatives(&Pattern::parse(pattern).unwrap())?;
        Some(found.into_iter().map(|one| format!("{}:{}={}", one.object_type, one.path, one.text)).collect())
    }

    #[test]
    fn values_that_match_alone_are_given() {
        for (pattern, expected) in [
            ("[ipv4-addr:value = '198.51.100.7']", vec!["ipv4-addr:value=198.51.100.7"]),
            (
                "[a:b = 'x' OR (c:d IN ('y', 7) OR e:f[*].g == 'z')] OR ([h:i = 'w'])",
                vec!["a:b=x", "c:d=y", "c:d=7", "e:f[*].g=z", "h:i=w"],
            ),
            ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", vec!["ipv4-addr:value=198.51.100.0/24"]),
            (
                "[file:hashes.MD5 = 'a' AND file:hashes.'SHA-1' = 'b' AND file:hashes.'SHA-256' = 'c']",
                vec!["file:hashes.MD5=a", "file:hashes.'SHA-1'=b", "file:hashes.'SHA-256'=c"],
            ),
            ("[a:b = 'x'] WITHIN 5 SECONDS", vec!["a:b=x"]),
            ("[a:b = 'x'] REPEATS 1 TIMES", vec!["a:b=x"]),
        ] {
            assert_eq!(of(pattern).unwrap(), expected, "{pattern}");
        }
    }

    #[test]
    fn nothing_is_given_where_a_value_needs_more_than_itself() {
        for pattern in [
            "[a:b = 'x' AND a:c = 'y']",
            "[file:hashes.MD5 = 'a' AND file:hashes.MD5 = 'b']",
            "[file:hashes.MD5 = 'a' AND file:hashes.'SHA-1' != 'b']",
            "[file:hashes.MD5 = 'a' AND file:name = 'b.exe']",
            "[file:hashes.MD5 = 'a'] AND [file:hashes.'SHA-1' = 'b']",
            "[file:hashes.MD5 = 'a' AND artifact:hashes.'SHA-1' = 'b']",
            "[file:hashes.MD5 = 'a' AND file:hashes.'SHA-1' = 'b'] REPEATS 5 TIMES",
            "[a:b = 'x' OR a:c = 'y' AND a:d = 'z']",
            "[a:b = 'x'] AND [c:d = 'y']",
            "[a:b = 'x'] OR [a:b = 'z'] AND [c:d = 'y']",
            "[a:b = 'x'] FOLLOWEDBY [c:d = 'y']",
            "[a:b != 'x']",
            "[a:b NOT = 'x']",
            "[a:b = 'x' OR a:b NOT IN ('y')]",
            "[a:b LIKE 'x%']",
            "[a:b = 'x' OR a:b MATCHES 'y']",
            "[a:b > 3]",
            "[EXISTS a:b]",
            "[a:b ISSUPERSET '198.51.100.0/24']",
            "[a:b ISSUBSET 'no network']",
            "[a:b = 'x'] REPEATS 2 TIMES",
            "[a:b = 'x'] REPEATS 0 TIMES",
            "[a:b = 'x'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'",
            "[a:b IN ()]",
            "[a:b = t'2020-01-01T00:00:00Z']",
            "[a:b = h'00']",
        ] {
            assert_eq!(of(pattern), None, "{pattern}");
        }
    }
}
