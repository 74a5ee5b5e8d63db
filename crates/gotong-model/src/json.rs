//! Strict JSON reading and canonical writing (`docs/protocol.md` section 1): no duplicate names, bounded depth, integers within 2^53, one value.
//!
//! [`Fields`] takes a document apart by name and refuses what nobody asked for, naming the field by its JSON pointer.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits;

/// The largest integer that every reader of JSON holds exactly.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct JsonFault {
    /// JSON pointer (RFC 6901) of the field; empty for the document.
    pub pointer: String,
    /// What is wrong with it.
    pub reason: String,
}

impl JsonFault {
    /// A fault at a place.
    pub fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}

/// Reads one strict JSON value.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonFault> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|fault| JsonFault::new("", fault.to_string()))?;
    Ok(value)
}

/// RFC 8785 bytes of a value.
pub fn canonical(value: &Value) -> Vec<u8> {
    // Serialising a `Value` to memory fails only for numbers that are not finite, which `Value` cannot hold.
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

/// Reads a strict value and refuses any spelling but the canonical one.
pub fn parse_canonical(bytes: &[u8]) -> Result<Value, JsonFault> {
    let value = parse(bytes)?;
    if canonical(&value) == bytes { Ok(value) } else { Err(JsonFault::new("", "is not canonical JSON (RFC 8785)")) }
}

/// Checks that a value is strict without keeping it; for members that are read and ignored.
pub(crate) struct StrictValue(pub(crate) Value);

impl<'de> Deserialize<'de> for StrictValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Strict { depth: 1 }.deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= limits::JSON_DEPTH_MAX {
            return Err(E::custom("nested deeper than 32"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > INTEGER_MAX {
            return Err(E::custom("an integer beyond 2^53"));
        }
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > INTEGER_MAX {
            return Err(E::custom("an integer beyond 2^53"));
        }
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(seed)?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("the name {name:?} stands twice")));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

/// A JSON object being taken apart: every member is taken once by name, and [`Fields::done`] refuses what is left.
pub struct Fields {
    pointer: String,
    members: Map<String, Value>,
}

impl Fields {
    /// Begins with a value that must be an object.
    pub fn new(pointer: impl Into<String>, value: Value) -> Result<Self, JsonFault> {
        let pointer = pointer.into();
        let Value::Object(members) = value else { return Err(JsonFault::new(pointer, "must be an object")) };
        Ok(Self { pointer, members })
    }

    /// The pointer of a member.
    pub fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }

    /// A fault at a member.
    pub fn fault(&self, name: &str, reason: impl Into<String>) -> JsonFault {
        JsonFault::new(self.at(name), reason)
    }

    /// Takes a member that may be missing; `null` is a value.
    pub fn optional(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// Takes a member that must be there.
    pub fn take(&mut self, name: &str) -> Result<Value, JsonFault> {
        self.members.remove(name).ok_or_else(|| self.fault(name, "is missing"))
    }

    /// Takes a text.
    pub fn text(&mut self, name: &str) -> Result<String, JsonFault> {
        let Value::String(text) = self.take(name)? else { return Err(self.fault(name, "must be a text")) };
        Ok(text)
    }

    /// Takes a text and reads it; `what` says what it must be.
    pub fn read<T>(&mut self, name: &str, what: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, JsonFault> {
        let text = self.text(name)?;
        read(&text).ok_or_else(|| self.fault(name, format!("must be {what}")))
    }

    /// Takes a text or `null` and reads it.
    pub fn read_or_null<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, JsonFault> {
        let value = self.take(name)?;
        if value.is_null() {
            return Ok(None);
        }
        value.as_str().and_then(read).map(Some).ok_or_else(|| self.fault(name, format!("must be null or {what}")))
    }

    /// Takes a whole number from 0 to 2^53 − 1.
    pub fn integer(&mut self, name: &str) -> Result<u64, JsonFault> {
        self.take(name)?
            .as_u64()
            .filter(|value| *value <= INTEGER_MAX)
            .ok_or_else(|| self.fault(name, "must be a whole number"))
    }

    /// Takes a list of at most `most` values.
    pub fn list(&mut self, name: &str, most: usize) -> Result<Vec<Value>, JsonFault> {
        let Value::Array(items) = self.take(name)? else { return Err(self.fault(name, "must be a list")) };
        if items.len() > most {
            return Err(self.fault(name, format!("must have at most {most} items")));
        }
        Ok(items)
    }

    /// Takes a list of texts and reads each.
    pub fn texts<T>(
        &mut self,
        name: &str,
        most: usize,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, JsonFault> {
        let items = self.list(name, most)?;
        items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                item.as_str()
                    .and_then(&read)
                    .ok_or_else(|| JsonFault::new(format!("{}/{at}", self.at(name)), format!("must be {what}")))
            })
            .collect()
    }

    /// Demands that a member holds exactly this text.
    pub fn constant(&mut self, name: &str, wanted: &str) -> Result<(), JsonFault> {
        let text = self.text(name)?;
        if text == wanted { Ok(()) } else { Err(self.fault(name, format!("must be {wanted:?}"))) }
    }

    /// Demands format version 0.
    pub fn version_0(&mut self) -> Result<(), JsonFault> {
        if self.integer("version")? == 0 {
            Ok(())
        } else {
            Err(self.fault("version", "must be 0: a newer program wrote this"))
        }
    }

    /// Refuses what nobody took.
    pub fn done(self) -> Result<(), JsonFault> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => Err(self.fault(name, "is not known here")),
        }
    }
}

/// Demands that a list is strictly ascending, which also makes it free of repetition.
pub fn ascending<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_could_take_differently_is_refused() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":{"a":1,"\u0061":2}}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":-9007199254740992}"#,
            r#""\ud800""#,
            "\u{feff}{}",
            "{} {}",
            "{",
            "",
            "nul",
            "1e999",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(deep(32).as_bytes()).is_ok());
        assert!(parse(deep(33).as_bytes()).is_err());
        assert!(parse(deep(100_000).as_bytes()).is_err());
    }

    #[test]
    fn only_the_canonical_spelling_is_canonical() {
        assert!(parse_canonical(br#"{"a":1,"b":"x"}"#).is_ok());
        for bad in [r#"{"b":1,"a":1}"#, r#"{"a": 1}"#, r#"{"a":1.0}"#, r#"{"a":"\u0062"}"#] {
            assert!(parse_canonical(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
