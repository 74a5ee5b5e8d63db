//! Canonical JSON (RFC 8785) of trees: to compare two spellings of one object and to derive ids.

use super::json::{self, Node};

/// Whether two bodies say the same: equal bytes, or equal canonical JSON (RFC 8785). A body that [`super::read`] would
/// refuse as JSON equals only its own bytes.
pub fn same_content(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    let (Ok(a), Ok(b)) = (json::parse(a), json::parse(b)) else { return false };
    canonical(&a) == canonical(&b)
}

pub(crate) fn canonical(node: &Node<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(node, &mut out);
    out
}

/// INVARIANT: the recursion is as deep as the tree, which the reader bounds.
pub(crate) fn write(node: &Node<'_>, out: &mut Vec<u8>) {
    match node {
        Node::Null => out.extend_from_slice(b"null"),
        Node::Bool(true) => out.extend_from_slice(b"true"),
        Node::Bool(false) => out.extend_from_slice(b"false"),
        Node::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        // ECMAScript's spelling of doubles; a finite double always has one.
        Node::Float(value) => {
            out.extend_from_slice(&serde_json_canonicalizer::to_vec(value).unwrap_or_default());
        }
        Node::Text(text) => write_text(text, out),
        Node::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Node::Map(entries) => {
            let mut sorted: Vec<_> = entries.iter().map(|(key, value)| (key, value)).collect();
            sorted.sort_by(|(a, _), (b, _)| utf16_order(a.as_ref(), b.as_ref()));
            write_map(sorted.into_iter().map(|(key, value)| (key.as_ref(), value)), out);
        }
    }
}

/// Writes entries that are in canonical order already.
pub(crate) fn write_map<'n, 'a: 'n>(entries: impl Iterator<Item = (&'n str, &'n Node<'a>)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_text(key, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// RFC 8785 section 3.2.3: keys are ordered by their UTF-16 code units.
fn utf16_order(a: &str, b: &str) -> std::cmp::Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// RFC 8785 section 3.2.2.2: the short escapes where JSON has them, `\u00xx` for other controls, all else as it is.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            8 => out.extend_from_slice(b"\\b"),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            12 => out.extend_from_slice(b"\\f"),
            13 => out.extend_from_slice(b"\\r"),
            0..=31 => {
                out.extend_from_slice(b"\\u00");
                out.extend(HEX.get(usize::from(byte >> 4)));
                out.extend(HEX.get(usize::from(byte & 15)));
            }
            other => out.push(other),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_spacing_and_escapes_do_not_count_but_values_do() {
        let a = "{\"b\":[1,2.50,\"\\u00e9\\u0007\"],\"a\":{\"\u{10000}\":null,\"\u{ffff}\":true}}".as_bytes();
        let b = "{ \"a\": {\"\u{ffff}\":true,\"\u{10000}\":null},\n\"b\":[1.0, 2.5,\"\u{e9}\\u0007\"] }".as_bytes();
        assert!(same_content(a, b));
        assert!(!same_content(a, &[a, b" "].concat().replace_first(b"true", b"null")));
        assert!(!same_content(b"{\"a\":[1,2]}", b"{\"a\":[2,1]}"), "the order of lists counts");
        assert!(same_content(b"not json", b"not json"));
        assert!(!same_content(b"not json", b"not json "));
    }

    trait ReplaceFirst {
        fn replace_first(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
    }

    impl ReplaceFirst for Vec<u8> {
        fn replace_first(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
            let at = self.windows(from.len()).position(|window| window == from).unwrap();
            [&self[..at], to, &self[at + from.len()..]].concat()
        }
    }

    #[test]
    fn the_canonical_bytes_are_those_of_the_reference() {
        let body = "{\"z\":[1e-7,0.1,-0.0,123456789.5,100],\"\\\"\\u0001\":\"\u{1f600}\\/\",\"a\":{}}";
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
        assert_eq!(canonical(&json::parse(body.as_bytes()).unwrap()), theirs);
    }
}
