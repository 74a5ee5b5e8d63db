//! STIX patterns (STIX 2.1 section 9): read in full, indexed by their constants, and matched with observed data.
//!
//! A pattern becomes a list of nodes in which each stands behind its operands, so that nothing that reads it needs
//! recursion, however deep it is. Everything borrows from the text. Read next: `pattern/parse.rs` for the grammar,
//! `pattern/alternatives.rs` for block lists, `pattern/endpoint.rs` for rules, `pattern/evaluate.rs` for matching.

mod alternatives;
mod compare;
mod endpoint;
mod evaluate;
mod fault;
mod literal;
mod observation;
mod parse;
mod search;
mod select;
mod token;

pub use alternatives::{Alternative, alternatives};
pub use endpoint::{Endpoint, endpoint};
pub use evaluate::{Unanswered, WORK_MAX, matches};
pub use fault::PatternFault;
pub use literal::{Literal, LiteralKind};
pub use observation::Observation;
pub use parse::{PATH_STEPS_MAX, PATTERN_DEPTH_MAX, PATTERN_TERMS_MAX};

use literal::Instant;
use std::borrow::Cow;
use std::ops::Range;

/// A pattern that follows the grammar.
#[derive(Clone, Debug)]
pub struct Pattern<'p> {
    text: &'p str,
    /// Each node behind its operands; the last is the whole.
    nodes: Vec<Node>,
    comparisons: Vec<Comparison<'p>>,
    /// Members of all lists behind IN.
    members: Vec<Literal<'p>>,
}

/// One node: what it is, of how many nodes it and its operands are, and where in the text it stands.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    kind: NodeKind,
    size: u32,
    from: u32,
    to: u32,
}

/// What a node is. Those with two operands have them before each other, and both before themselves.
#[derive(Clone, Copy, PartialEq, Debug)]
enum NodeKind {
    /// The comparison of that number.
    Comparison(usize),
    And,
    Or,
    /// Square brackets around comparisons.
    Observation,
    BothObserved,
    EitherObserved,
    FollowedBy,
    Within(Instant),
    Repeats(u32),
    /// `START … STOP …`; `None` where the calendar knows no such day.
    Window {
        start: Option<Instant>,
        stop: Option<Instant>,
    },
}

impl Node {
    fn new(kind: NodeKind, size: u32, span: Range<usize>) -> Self {
        // A pattern has at most a mebibyte, so 32 bits hold every offset.
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { kind, size, from: offset(span.start), to: offset(span.end) }
    }

    /// The bytes of the pattern that it was read from.
    pub fn span(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }

    /// What it is, in a word, for lists and tests.
    pub fn name(&self) -> &'static str {
        match self.kind {
            NodeKind::Comparison(_) => "comparison",
            NodeKind::And => "and",
            NodeKind::Or => "or",
            NodeKind::Observation => "observation",
            NodeKind::BothObserved => "both-observed",
            NodeKind::EitherObserved => "either-observed",
            NodeKind::FollowedBy => "followed-by",
            NodeKind::Within(_) => "within",
            NodeKind::Repeats(_) => "repeats",
            NodeKind::Window { .. } => "window",
        }
    }
}

/// How a path is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `IN`
    In,
    /// `LIKE`
    Like,
    /// `MATCHES`
    Matches,
    /// `ISSUBSET`
    IsSubset,
    /// `ISSUPERSET`
    IsSuperset,
    /// `EXISTS`
    Exists,
}

/// A path compared with constants.
#[derive(Clone, Debug)]
pub struct Comparison<'p> {
    /// Type of the observable, such as `ipv4-addr`.
    pub object_type: &'p str,
    /// Path within it, such as `hashes.'SHA-256'`, without space between its steps.
    pub path: Cow<'p, str>,
    /// How it is compared.
    pub operator: Operator,
    /// Whether NOT stands before the operator.
    pub negated: bool,
    constants: Constants<'p>,
}

#[derive(Clone, Debug)]
enum Constants<'p> {
    None,
    One(Literal<'p>),
    Many { first: usize, end: usize },
}

impl<'p> Pattern<'p> {
    /// Reads a pattern; the error is the first place that leaves the grammar.
    pub fn parse(text: &'p str) -> Result<Self, PatternFault> {
        parse::parse(text)
    }

    /// The text it was read from.
    pub fn text(&self) -> &'p str {
        self.text
    }

    /// Its nodes, each behind its operands.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Its comparisons in the order of the text.
    pub fn comparisons(&self) -> &[Comparison<'p>] {
        &self.comparisons
    }

    /// What a comparison of this pattern compares with: nothing, one constant, or a list.
    pub fn constants_of<'s>(&'s self, comparison: &'s Comparison<'p>) -> &'s [Literal<'p>] {
        match &comparison.constants {
            Constants::None => &[],
            Constants::One(literal) => std::slice::from_ref(literal),
            Constants::Many { first, end } => self.members.get(*first..*end).unwrap_or_default(),
        }
    }
}

/// What a comparison with a constant says.
pub(crate) struct Constant<'c> {
    /// Type of the observable, such as `ipv4-addr`.
    pub(crate) object_type: &'c str,
    /// Path within it, such as `hashes.'SHA-256'`.
    pub(crate) path: &'c str,
    /// The constant with its escapes undone; of a number, its digits.
    pub(crate) text: Cow<'c, str>,
}

/// Calls `found` for each constant that is compared by `=`, `IN` or `ISSUBSET`, not negated, until those read have
/// `bytes_max` bytes; says whether there were no more. Of a pattern that cannot be read nothing is found: it matches
/// nothing.
pub(crate) fn constants(
    pattern: &str,
    bytes_max: usize,
    mut found: impl FnMut(Constant<'_>),
) -> Result<bool, PatternFault> {
    let pattern = Pattern::parse(pattern)?;
    let mut bytes = 0;
    for comparison in pattern.comparisons.iter().filter(|comparison| comparison.takes()) {
        for literal in pattern.constants_of(comparison).iter().filter(|literal| literal.is_value()) {
            bytes += literal.raw.len() + 1;
            if bytes > bytes_max {
                return Ok(false);
            }
            found(Constant { object_type: comparison.object_type, path: &comparison.path, text: literal.text() });
        }
    }
    Ok(true)
}

impl Comparison<'_> {
    /// Whether it holds for the very constants that it names.
    fn takes(&self) -> bool {
        !self.negated && matches!(self.operator, Operator::Equal | Operator::In | Operator::IsSubset)
    }
}

impl Literal<'_> {
    /// Whether it is a text or a number: timestamps, bytes and truth values are nothing to look up.
    fn is_value(&self) -> bool {
        matches!(self.kind, LiteralKind::Text | LiteralKind::Integer | LiteralKind::Float)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str) -> Vec<String> {
        let mut all = Vec::new();
        constants(pattern, 10_240, |constant| {
            all.push(format!("{}:{}={}", constant.object_type, constant.path, constant.text));
        })
        .unwrap();
        all
    }

    #[test]
    fn constants_of_positive_equality_are_found_with_their_path() {
        assert_eq!(found("[ipv4-addr:value = '198.51.100.7']"), ["ipv4-addr:value=198.51.100.7"]);
        assert_eq!(
            found("[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5 IN ('c', 'd')] FOLLOWEDBY ([url:value='x'])"),
            ["file:hashes.'SHA-256'=ab", "file:hashes.MD5=c", "file:hashes.MD5=d", "url:value=x"]
        );
        assert_eq!(found(r"[mutex:name = 'a\'b\\c']"), [r"mutex:name=a'b\c"]);
        assert_eq!(found("[autonomous-system:number = 64496]"), ["autonomous-system:number=64496"]);
        assert_eq!(
            found("[email-message:body_multipart[*].body_raw_ref.hashes.'MD5' = 'x']"),
            ["email-message:body_multipart[*].body_raw_ref.hashes.'MD5'=x"]
        );
        assert_eq!(found("[ipv4-addr:value ISSUBSET '198.51.100.0/24']"), ["ipv4-addr:value=198.51.100.0/24"]);
    }

    #[test]
    fn what_is_negated_or_only_like_a_value_is_not_reported() {
        for pattern in [
            "[ipv4-addr:value != '198.51.100.7']",
            "[ipv4-addr:value NOT = '198.51.100.7']",
            "[url:value NOT IN ('a','b')]",
            "[url:value LIKE 'http%']",
            "[url:value MATCHES '^http']",
            "[file:size > 10]",
            "[x:y = t'2020-01-01T00:00:00Z'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'",
            "[file:name LIKE 'a'] REPEATS 5 TIMES WITHIN 1800 SECONDS",
        ] {
            assert!(found(pattern).is_empty(), "{pattern}");
        }
        assert_eq!(found("[a:b NOT = 'x' AND c:d = 'y']"), ["c:d=y"], "a negation ends with its comparison");
    }

    #[test]
    fn an_unreadable_pattern_says_where() {
        for (pattern, at) in [
            ("", 0),
            ("ipv4-addr:value = 'a'", 0),
            ("[a:b = 'x]", 7),
            ("[a:b = 'x'", 10),
            ("[a:b = \"x\"]", 7),
            ("[(a:b = 'x']", 11),
            ("[a:b[0 = 'x']", 7),
        ] {
            let outcome = constants(pattern, 10_240, |_| panic!("nothing is found in {pattern}"));
            assert_eq!(outcome.map_err(|fault| fault.offset), Err(at), "{pattern}");
        }
    }
}
