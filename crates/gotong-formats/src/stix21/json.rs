//! Strict JSON into a borrowed tree: one pass, nothing copied but strings with escapes.
//!
//! Refuses what two readers could take in two ways: a byte order mark, bytes that are no UTF-8, duplicate keys at any
//! depth, integers that a double cannot hold, lone surrogates, anything after the value. The tree keeps the order of
//! the document. Must not know STIX. Read next: `object.rs`.

use super::fault::FieldFault;
use gotong_model::limits::{BODY_BYTES_MAX, JSON_DEPTH_MAX};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

/// The largest integer that every JSON reader holds exactly: 2^53 - 1 (RFC 8259 section 6, RFC 7493 section 2.2).
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Maps of at most so many keys are searched for duplicates pair by pair, larger ones by sorting.
const PAIRWISE_KEYS_MAX: usize = 24;

/// The entries of an object in the order of the document.
pub(crate) type Entries<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

/// A JSON value that borrows from its bytes.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Entries<'a>),
}

impl<'a> Node<'a> {
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Node<'a>]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub(crate) fn map(&self) -> Option<&Entries<'a>> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    pub(crate) fn bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// Of an integer or a fraction.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            // Exact: integers outside 2^53 never get into the tree; 32 bits each way keep the conversion lossless.
            Self::Int(value) => i32::try_from(*value).ok().map(f64::from),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a fraction",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }
}

/// The value of `name` in `entries`.
pub(crate) fn field<'n, 'a>(entries: &'n [(Cow<'a, str>, Node<'a>)], name: &str) -> Option<&'n Node<'a>> {
    entries.iter().find(|(key, _)| key == name).map(|(_, node)| node)
}

/// Letters of one component of a pointer that are reported; longer keys are nobody's property.
const COMPONENT_LETTERS_MAX: usize = 256;

/// Appends one component to a JSON pointer (RFC 6901).
pub(crate) fn push_pointer(pointer: &mut String, component: &str) {
    pointer.push('/');
    for letter in component.chars().take(COMPONENT_LETTERS_MAX) {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Reads one JSON value that fills `body`.
pub(crate) fn parse(body: &[u8]) -> Result<Node<'_>, FieldFault> {
    parse_up_to(body, BODY_BYTES_MAX, usize::MAX)
}

/// As [`parse`], with bounds of the caller's: bytes, and values at any depth, each of which takes memory of its own.
pub(crate) fn parse_up_to(body: &[u8], bytes_max: usize, values_max: usize) -> Result<Node<'_>, FieldFault> {
    if body.len() > bytes_max {
        let text = format!("the object has {} bytes; at most {bytes_max} are carried", body.len());
        return Err(FieldFault::new("", "json.size", text));
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(FieldFault::new(
            "",
            "json.bom",
            "begins with a byte order mark; JSON must begin with its first value",
        ));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        let text = format!("byte {} is not UTF-8; JSON must be UTF-8 throughout", error.valid_up_to());
        FieldFault::new("", "json.utf8", text)
    })?;
    let trouble = RefCell::new(Trouble::default());
    let values_left = Cell::new(values_max);
    let mut source = serde_json::Deserializer::from_str(text);
    let seed = Seed { trouble: &trouble, values_left: &values_left, depth: 0 };
    let node = seed.deserialize(&mut source).map_err(|error| trouble.take().fault(&error))?;
    source.end().map_err(|error| {
        FieldFault::new("", "json.trailing", format!("something follows the value ({error}); one value was expected"))
    })?;
    Ok(node)
}

/// Where and why reading stopped; the path is collected from the inside out while the error climbs.
#[derive(Default)]
struct Trouble {
    path: Vec<String>,
    found: Option<(&'static str, String)>,
}

impl Trouble {
    fn fault(self, error: &serde_json::Error) -> FieldFault {
        let mut pointer = String::new();
        for component in self.path.iter().rev() {
            push_pointer(&mut pointer, component);
        }
        match self.found {
            Some((code, text)) => FieldFault::new(pointer, code, text),
            None => FieldFault::new(pointer, "json.syntax", format!("not JSON: {error}")),
        }
    }
}

#[derive(Clone, Copy)]
struct Seed<'t> {
    trouble: &'t RefCell<Trouble>,
    values_left: &'t Cell<usize>,
    depth: usize,
}

impl Seed<'_> {
    fn refuse<T, E: de::Error>(self, code: &'static str, text: String) -> Result<T, E> {
        self.trouble.borrow_mut().found = Some((code, text));
        Err(E::custom(code))
    }

    fn inner<E: de::Error>(self) -> Result<Self, E> {
        if self.depth < JSON_DEPTH_MAX {
            return Ok(Self { depth: self.depth + 1, ..self });
        }
        self.refuse("json.depth", format!("nested deeper than {JSON_DEPTH_MAX} levels"))
    }

    fn range<T, E: de::Error>(self) -> Result<T, E> {
        let text = format!("a number beyond ±{INTEGER_MAX}, which other readers would round; write it as a string");
        self.refuse("json.number-range", text)
    }

    fn unique<E: de::Error>(self, entries: &[(Cow<'_, str>, Node<'_>)]) -> Result<(), E> {
        let twice = if entries.len() <= PAIRWISE_KEYS_MAX {
            let mut rest = entries.iter();
            std::iter::from_fn(|| rest.next().map(|(key, _)| (key, rest.as_slice())))
                .find(|(key, rest)| rest.iter().any(|(other, _)| other == *key))
                .map(|(key, _)| key)
        } else {
            let mut keys: Vec<_> = entries.iter().map(|(key, _)| key).collect();
            keys.sort_unstable();
            keys.windows(2).find_map(|pair| if let [a, b] = pair { (a == b).then_some(*a) } else { None })
        };
        let Some(key) = twice else { return Ok(()) };
        self.trouble.borrow_mut().path.push(key.to_string());
        self.refuse(
            "json.duplicate-key",
            "this key occurs twice in its object; readers differ on which one counts".into(),
        )
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Node<'de>, D::Error> {
        match self.values_left.get().checked_sub(1) {
            Some(left) => self.values_left.set(left),
            None => return self.refuse("json.values", "holds more values than are read at once".into()),
        }
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node<'de>, E> {
        match i64::try_from(value) {
            Ok(int) if value <= INTEGER_MAX => Ok(Node::Int(int)),
            Ok(_) | Err(_) => self.range(),
        }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node<'de>, E> {
        if value.unsigned_abs() <= INTEGER_MAX { Ok(Node::Int(value)) } else { self.range() }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node<'de>, E> {
        // Every double from 2^53 on is an integer, so the rule for integers covers it.
        if value.abs() < 9_007_199_254_740_992.0 { Ok(Node::Float(value)) } else { self.range() }
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        loop {
            match items.next_element_seed(inner) {
                Ok(Some(node)) => list.push(node),
                Ok(None) => return Ok(Node::List(list)),
                Err(error) => {
                    self.trouble.borrow_mut().path.push(list.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let inner = self.inner()?;
        let mut entries: Entries<'de> = Vec::with_capacity(if self.depth == 0 { 20 } else { 2 });
        while let Some(key) = map.next_key_seed(KeySeed)? {
            match map.next_value_seed(inner) {
                Ok(node) => entries.push((key, node)),
                Err(error) => {
                    self.trouble.borrow_mut().path.push(key.into_owned());
                    return Err(error);
                }
            }
        }
        self.unique(&entries)?;
        Ok(Node::Map(entries))
    }
}

struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Cow<'de, str>, D::Error> {
        source.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &[u8]) -> (String, &'static str) {
        let fault = parse(body).unwrap_err();
        (fault.pointer, fault.code)
    }

    #[test]
    fn what_two_readers_could_take_in_two_ways_is_refused_with_its_place() {
        assert_eq!(refused(br#"{"a":1,"b":{"c":1,"\u0063":2}}"#), ("/b/c".into(), "json.duplicate-key"));
        assert_eq!(refused(br#"{"a":[0,{"b/c":9007199254740992}]}"#), ("/a/1/b~1c".into(), "json.number-range"));
        assert_eq!(refused(b"{\"a\":1e300}"), ("/a".into(), "json.number-range"));
        assert_eq!(refused(b"{\"a\":1e400}"), ("/a".into(), "json.syntax"));
        assert_eq!(refused(br#"{"a":"\ud800"}"#), ("/a".into(), "json.syntax"));
        assert_eq!(refused(br#"{"a":"\udc00x"}"#), ("/a".into(), "json.syntax"));
        assert_eq!(refused(b"\xef\xbb\xbf{}"), (String::new(), "json.bom"));
        assert_eq!(refused(b"{\"a\":\"\xc0\x80\"}"), (String::new(), "json.utf8"));
        assert_eq!(refused(b"{} {}"), (String::new(), "json.trailing"));
        assert_eq!(refused(b"{\"a\":NaN}"), ("/a".into(), "json.syntax"));
        assert_eq!(refused(b"{\"a\":\"\0\"}"), ("/a".into(), "json.syntax"));
        assert_eq!(refused(b""), (String::new(), "json.syntax"));
    }

    #[test]
    fn a_duplicate_is_found_among_many_keys_too() {
        let mut body = (0..1_000).map(|n| format!("\"k{n}\":{n},")).collect::<Vec<_>>().concat();
        assert!(parse(format!("{{{body}\"last\":1}}").as_bytes()).is_ok());
        body.push_str("\"k500\":1");
        assert_eq!(refused(format!("{{{body}}}").as_bytes()), ("/k500".into(), "json.duplicate-key"));
    }

    #[test]
    fn depth_ends_at_the_limit_and_not_one_later() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(refused(nested(JSON_DEPTH_MAX + 1).as_bytes()).1, "json.depth");
        assert_eq!(refused("[".repeat(1 << 20).as_bytes()).1, "json.depth");
    }

    #[test]
    fn the_safe_integers_are_kept_whole() {
        let node = parse(b"[9007199254740991,-9007199254740991,-0.5]").unwrap();
        let items = node.list().unwrap();
        assert_eq!((items[0].int(), items[1].int()), (Some(9_007_199_254_740_991), Some(-9_007_199_254_740_991)));
        assert_eq!(items[2].number(), Some(-0.5));
    }
}
