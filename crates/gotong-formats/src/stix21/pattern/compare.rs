//! Holds one comparison against the values of one observable (STIX 2.1 sections 9.6 and 9.7).
//!
//! Kinds that do not go together are unequal and have no order: `!=` holds and everything else fails. `=` compares what
//! is written; LIKE and MATCHES compare in Unicode's form C. Regular expressions are compiled once, with bounds.

use super::evaluate::{Unanswered, Work};
use super::literal::{Instant, Number};
use super::observation::{Object, Observation};
use super::select::{Step, select, steps};
use super::{Comparison, Literal, LiteralKind, Operator, Pattern};
use crate::network::Network;
use crate::stix21::json::Node;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::cmp::Ordering;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Memory that one compiled regular expression may take, and that matching it may take.
const REGEX_BYTES_MAX: usize = 256 << 10;
/// What one costs that a pattern brings, in the units of [`Work`]: a hundred are the most that one question has.
const MATCHES_WORK: usize = 40_000;
/// What one costs that is made of a LIKE, which has nothing that grows.
const LIKE_WORK: usize = 4_000;
/// What each byte costs that an expression runs over, and that one is made of.
const BYTE_WORK: usize = 4;

/// A comparison made ready for many values.
pub(super) struct Test<'p> {
    object_type: &'p str,
    steps: Vec<Step<'p>>,
    operator: Operator,
    negated: bool,
    right: Right<'p>,
    /// How the texts of the property stand for bytes.
    bytes: Bytes,
}

enum Right<'p> {
    Nothing,
    Values(Vec<Value<'p>>),
    Expression(Regex),
    /// A regular expression that this engine cannot run.
    Unknown {
        offset: usize,
    },
    Network(Option<Network>),
}

enum Value<'p> {
    Text(Cow<'p, str>),
    Number(Number),
    Boolean(bool),
    Instant(Instant),
    Bytes(Vec<u8>),
    /// Written as the grammar has it, but naming nothing: a day that no calendar has.
    Nothing,
}

/// The endings of names that say how a text stands for bytes (STIX 2.1 sections 2.1 and 2.7).
#[derive(Clone, Copy)]
enum Bytes {
    Base64,
    Hex,
    /// Letters up to U+00FF, each a byte.
    Letters,
}

impl<'p> Test<'p> {
    /// `offset` is where the comparison stands in the pattern.
    pub(super) fn new(
        pattern: &'p Pattern<'p>,
        comparison: &'p Comparison<'p>,
        offset: usize,
        work: &mut Work,
    ) -> Result<Self, Unanswered> {
        let constants = pattern.constants_of(comparison);
        work.spend(constants.len())?;
        let text = || constants.first().map(Literal::text).unwrap_or_default();
        let right = match comparison.operator {
            Operator::Exists => Right::Nothing,
            Operator::Like => expression(&like(&text()), offset, LIKE_WORK, work)?,
            Operator::Matches => expression(&text(), offset, MATCHES_WORK, work)?,
            Operator::IsSubset | Operator::IsSuperset => Right::Network(Network::parse(&text())),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::In => Right::Values(constants.iter().map(Value::of).collect()),
        };
        let steps = steps(&comparison.path);
        let bytes = match steps.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(key) } else { None }) {
            Some(key) if key.ends_with("_bin") => Bytes::Base64,
            Some(key) if key.ends_with("_hex") => Bytes::Hex,
            _ => Bytes::Letters,
        };
        let (operator, negated) = (comparison.operator, comparison.negated);
        Ok(Self { object_type: comparison.object_type, steps, operator, negated, right, bytes })
    }

    /// Whether the comparison holds for any value that its path selects in `object`.
    pub(super) fn holds(
        &self,
        object: &Object<'_>,
        observation: &Observation<'_>,
        work: &mut Work,
    ) -> Result<bool, Unanswered> {
        work.spend(1)?;
        if object.object_type() != self.object_type {
            return Ok(false);
        }
        let values = select(&object.node, &self.steps, observation, work)?;
        if self.operator == Operator::Exists {
            return Ok(values.is_empty() == self.negated);
        }
        for value in values {
            if self.takes(value, work)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn takes(&self, node: &Node<'_>, work: &mut Work) -> Result<bool, Unanswered> {
        let letters = node.text().map_or(0, str::len);
        work.spend(1 + letters / 64)?;
        let answer = match &self.right {
            Right::Nothing => None,
            Right::Values(values) => {
                work.spend(values.len().saturating_mul(1 + letters / 1_024))?;
                let orders = |ordering: &[Ordering]| {
                    let value = values.first()?;
                    Some(ordering.contains(&self.compare(node, value)?))
                };
                let equals = || values.iter().any(|value| self.compare(node, value) == Some(Ordering::Equal));
                match self.operator {
                    Operator::Equal | Operator::In => Some(equals()),
                    Operator::NotEqual => Some(!equals()),
                    Operator::Less => orders(&[Ordering::Less]),
                    Operator::LessOrEqual => orders(&[Ordering::Less, Ordering::Equal]),
                    Operator::Greater => orders(&[Ordering::Greater]),
                    Operator::GreaterOrEqual => orders(&[Ordering::Greater, Ordering::Equal]),
                    Operator::Like
                    | Operator::Matches
                    | Operator::IsSubset
                    | Operator::IsSuperset
                    | Operator::Exists => None,
                }
            }
            Right::Expression(regex) => match self.text(node) {
                Some(text) => {
                    work.spend(BYTE_WORK * text.len())?;
                    Some(regex.is_match(&form_c(&text)))
                }
                None => Some(false),
            },
            Right::Unknown { offset } if node.text().is_some() => {
                return Err(Unanswered::Expression { offset: *offset });
            }
            Right::Unknown { .. } => Some(false),
            Right::Network(right) => match (right, node.text().and_then(Network::parse)) {
                (Some(right), Some(left)) if self.operator == Operator::IsSubset => Some(right.holds(left)),
                (Some(right), Some(left)) => Some(left.holds(*right)),
                _ => None,
            },
        };
        // Where there is no order and no network, there is nothing that NOT could turn around.
        Ok(answer.is_some_and(|answer| answer != self.negated))
    }

    /// A text as it reads once it is decoded: bytes become the letters of their numbers.
    fn text<'n>(&self, node: &'n Node<'_>) -> Option<Cow<'n, str>> {
        let text = node.text()?;
        let bytes = match self.bytes {
            Bytes::Letters => return Some(Cow::Borrowed(text)),
            Bytes::Base64 => BASE64.decode(text.as_bytes()).ok(),
            Bytes::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        };
        bytes.map(|bytes| Cow::Owned(bytes.into_iter().map(char::from).collect()))
    }

    /// How a value of an object stands to a constant; `None` where they do not go together.
    fn compare(&self, node: &Node<'_>, value: &Value<'_>) -> Option<Ordering> {
        match (node, value) {
            // The bytes of UTF-8 are ordered as the code points are.
            (Node::Text(_), Value::Text(right)) => self.text(node).map(|left| left.as_ref().cmp(right.as_ref())),
            (Node::Int(left), Value::Number(right)) => Number::Integer(*left).compare(*right),
            (Node::Float(left), Value::Number(right)) => Number::Float(*left).compare(*right),
            (Node::Bool(left), Value::Boolean(right)) => Some(left.cmp(right)),
            (Node::Text(text), Value::Instant(right)) => Instant::parse(text).map(|left| left.cmp(right)),
            (Node::Text(text), Value::Bytes(right)) => {
                let left = match self.bytes {
                    Bytes::Base64 => BASE64.decode(text.as_bytes()).ok(),
                    Bytes::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
                    Bytes::Letters => text.chars().map(|letter| u8::try_from(letter).ok()).collect(),
                };
                left.map(|left| left.cmp(right))
            }
            _ => None,
        }
    }
}

impl<'p> Value<'p> {
    fn of(literal: &Literal<'p>) -> Self {
        match literal.kind {
            LiteralKind::Text => Self::Text(literal.text()),
            LiteralKind::Integer | LiteralKind::Float => literal.number().map_or(Self::Nothing, Self::Number),
            LiteralKind::Boolean => Self::Boolean(literal.raw == "true"),
            LiteralKind::Timestamp => Instant::parse(literal.raw).map_or(Self::Nothing, Self::Instant),
            LiteralKind::Binary | LiteralKind::Hex => literal.bytes().map_or(Self::Nothing, Self::Bytes),
        }
    }
}

/// The regular expression that a LIKE is: `%` any letters, `_` one letter, the whole text.
fn like(text: &str) -> String {
    let mut out = String::from(r"(?s)\A");
    let mut plain = String::new();
    for letter in text.chars() {
        let sign = match letter {
            '%' => ".*",
            '_' => ".",
            other => {
                plain.push(other);
                continue;
            }
        };
        out.push_str(&regex::escape(&plain));
        plain.clear();
        out.push_str(sign);
    }
    out.push_str(&regex::escape(&plain));
    out.push_str(r"\z");
    out
}

fn expression(text: &str, offset: usize, costs: usize, work: &mut Work) -> Result<Right<'static>, Unanswered> {
    work.spend(costs + BYTE_WORK * text.len())?;
    let built = RegexBuilder::new(&form_c(text))
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(REGEX_BYTES_MAX)
        .nest_limit(64)
        .build();
    Ok(built.map_or(Right::Unknown { offset }, Right::Expression))
}

/// Unicode's form C.
fn form_c(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}
