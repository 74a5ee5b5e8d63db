//! Reads a pattern (STIX 2.1 section 9) into a list of nodes, each behind its operands, without recursion.
//!
//! Operators wait on one stack until what follows binds less tightly; nothing else grows with the depth of a pattern,
//! and depth and number of terms are bounded. Every node keeps the bytes that it was read from. Read next: `token.rs`.

#![allow(clippy::wildcard_enum_match_arm, reason = "in a grammar, whatever word is not named is a fault, new ones too")]

use super::fault::PatternFault;
use super::literal::{Instant, Literal, LiteralKind};
use super::token::{Scanner, Token};
use super::{Comparison, Constants, Node, NodeKind, Operator, Pattern};
use gotong_model::limits::BODY_BYTES_MAX;
use std::borrow::Cow;

/// Parentheses within parentheses.
pub const PATTERN_DEPTH_MAX: usize = 64;
/// Comparisons and constants of one pattern.
pub const PATTERN_TERMS_MAX: usize = 65_536;
/// Steps of one object path.
pub const PATH_STEPS_MAX: usize = 64;

const KEYWORDS: [&str; 17] = [
    "AND",
    "OR",
    "NOT",
    "FOLLOWEDBY",
    "LIKE",
    "MATCHES",
    "ISSUPERSET",
    "ISSUBSET",
    "EXISTS",
    "LAST",
    "IN",
    "START",
    "STOP",
    "SECONDS",
    "WITHIN",
    "REPEATS",
    "TIMES",
];

/// Keywords alone are written in capitals, so most words are told by their first letter.
fn is_keyword(word: &str) -> bool {
    word.as_bytes().first().is_some_and(u8::is_ascii_uppercase) && KEYWORDS.contains(&word)
}

/// Reads a whole pattern.
pub(super) fn parse(text: &str) -> Result<Pattern<'_>, PatternFault> {
    if text.len() > BODY_BYTES_MAX {
        return Err(PatternFault::new(BODY_BYTES_MAX, "the end of the pattern: at most 1048576 bytes are read"));
    }
    let mut parser = Parser {
        scanner: Scanner::new(text)?,
        pattern: Pattern {
            text,
            nodes: Vec::with_capacity(2),
            comparisons: Vec::with_capacity(1),
            members: Vec::new(),
        },
        waiting: Vec::new(),
        depth: 0,
        terms: 0,
    };
    parser.observations()?;
    Ok(parser.pattern)
}

/// What waits on the stack.
#[derive(Clone, Copy, PartialEq)]
enum Waiting {
    Open,
    /// An operator and how tightly it binds.
    Binary(NodeKind, u8),
}

/// The kinds of qualifiers that an observation has already: one of each at most.
#[derive(Clone, Copy, Default)]
struct Qualified {
    within: bool,
    repeats: bool,
    window: bool,
}

struct Parser<'p> {
    scanner: Scanner<'p>,
    pattern: Pattern<'p>,
    waiting: Vec<Waiting>,
    depth: usize,
    terms: usize,
}

impl<'p> Parser<'p> {
    /// The level outside the square brackets, up to the end.
    fn observations(&mut self) -> Result<(), PatternFault> {
        loop {
            // Only what stands directly in square brackets is held to one qualifier of each kind.
            let mut simple = match self.scanner.token {
                Token::OpenSquare => {
                    self.observation()?;
                    Some(Qualified::default())
                }
                Token::Open => {
                    self.open()?;
                    continue;
                }
                _ => return Err(self.scanner.fault("an observation: `[` or `(`")),
            };
            loop {
                let operator = match self.scanner.token {
                    Token::Word("WITHIN" | "REPEATS" | "START") => {
                        self.qualifier(&mut simple)?;
                        continue;
                    }
                    Token::Close => {
                        self.close(0)?;
                        simple = None;
                        continue;
                    }
                    Token::Word("AND") => Waiting::Binary(NodeKind::BothObserved, 3),
                    Token::Word("OR") => Waiting::Binary(NodeKind::EitherObserved, 2),
                    Token::Word("FOLLOWEDBY") => Waiting::Binary(NodeKind::FollowedBy, 1),
                    Token::End => {
                        self.settle(0, 0);
                        return if self.waiting.is_empty() {
                            Ok(())
                        } else {
                            Err(self.scanner.fault("the closing `)`"))
                        };
                    }
                    _ => return Err(self.scanner.fault("AND, OR, FOLLOWEDBY, a qualifier or the end of the pattern")),
                };
                self.wait_for_right(0, operator)?;
                break;
            }
        }
    }

    /// What stands in square brackets; the opening one is next.
    fn observation(&mut self) -> Result<(), PatternFault> {
        let from = self.scanner.from;
        let floor = self.waiting.len();
        self.scanner.advance()?;
        loop {
            if self.scanner.token == Token::Open {
                self.open()?;
                continue;
            }
            self.comparison()?;
            loop {
                let operator = match self.scanner.token {
                    Token::Close => {
                        self.close(floor)?;
                        continue;
                    }
                    Token::CloseSquare => {
                        self.settle(floor, 0);
                        if self.waiting.len() > floor {
                            return Err(self.scanner.fault("the closing `)`"));
                        }
                        self.scanner.advance()?;
                        self.pattern.push_unary(NodeKind::Observation, from, self.scanner.before);
                        return Ok(());
                    }
                    Token::Word("AND") => Waiting::Binary(NodeKind::And, 2),
                    Token::Word("OR") => Waiting::Binary(NodeKind::Or, 1),
                    _ => return Err(self.scanner.fault("AND, OR or the closing `]`")),
                };
                self.wait_for_right(floor, operator)?;
                break;
            }
        }
    }

    fn open(&mut self) -> Result<(), PatternFault> {
        self.depth += 1;
        if self.depth > PATTERN_DEPTH_MAX {
            return Err(self.scanner.fault("at most 64 parentheses within one another"));
        }
        self.waiting.push(Waiting::Open);
        self.scanner.advance()
    }

    fn close(&mut self, floor: usize) -> Result<(), PatternFault> {
        self.settle(floor, 0);
        if self.waiting.len() <= floor {
            return Err(self.scanner.fault("no `)`: none is open here"));
        }
        self.waiting.pop();
        self.depth = self.depth.saturating_sub(1);
        self.scanner.advance()
    }

    /// Operators associate to the left: what waits and binds at least as tightly gets its operands now.
    fn wait_for_right(&mut self, floor: usize, operator: Waiting) -> Result<(), PatternFault> {
        if let Waiting::Binary(_, precedence) = operator {
            self.settle(floor, precedence);
        }
        self.waiting.push(operator);
        self.scanner.advance()
    }

    /// Gives operators above `floor` their operands, down to a parenthesis or to what binds less than `precedence`.
    fn settle(&mut self, floor: usize, precedence: u8) {
        while self.waiting.len() > floor {
            match self.waiting.last() {
                Some(&Waiting::Binary(kind, own)) if own >= precedence => {
                    self.waiting.pop();
                    self.pattern.push_binary(kind);
                }
                _ => break,
            }
        }
    }

    fn qualifier(&mut self, simple: &mut Option<Qualified>) -> Result<(), PatternFault> {
        let from = self.scanner.from;
        let word = self.scanner.token;
        let mut spare = Qualified::default();
        let qualified = simple.as_mut().unwrap_or(&mut spare);
        let seen = match word {
            Token::Word("WITHIN") => &mut qualified.within,
            Token::Word("REPEATS") => &mut qualified.repeats,
            _ => &mut qualified.window,
        };
        if *seen {
            return Err(self.scanner.fault("at most one qualifier of a kind behind an observation"));
        }
        *seen = true;
        self.scanner.advance()?;
        let kind = match word {
            Token::Word("WITHIN") => {
                let raw = self.positive(true, "a number of seconds, not negative")?;
                self.word("SECONDS", "SECONDS, the only unit there is")?;
                NodeKind::Within(Instant::length(raw).ok_or(PatternFault::new(from, "a number of seconds"))?)
            }
            Token::Word("REPEATS") => {
                let raw = self.positive(false, "a whole number of times, not negative")?;
                self.word("TIMES", "TIMES")?;
                // More than 32 bits hold is more than anything repeats.
                NodeKind::Repeats(raw.trim_start_matches('+').parse().unwrap_or(u32::MAX))
            }
            _ => {
                let start = self.timestamp()?;
                self.word("STOP", "STOP")?;
                let stop = self.timestamp()?;
                NodeKind::Window { start: Instant::parse(start), stop: Instant::parse(stop) }
            }
        };
        let operand = self.pattern.nodes.last().map_or(from, |node| node.span().start);
        self.pattern.push_unary(kind, operand, self.scanner.before);
        Ok(())
    }

    fn positive(&mut self, fraction: bool, expected: &'static str) -> Result<&'p str, PatternFault> {
        match self.scanner.token {
            Token::Literal(Literal { kind, raw, .. })
                if (kind == LiteralKind::Integer || (fraction && kind == LiteralKind::Float))
                    && !raw.starts_with('-') =>
            {
                self.scanner.advance()?;
                Ok(raw)
            }
            _ => Err(self.scanner.fault(expected)),
        }
    }

    fn timestamp(&mut self) -> Result<&'p str, PatternFault> {
        match self.scanner.token {
            Token::Literal(Literal { kind: LiteralKind::Timestamp, raw, .. }) => {
                self.scanner.advance()?;
                Ok(raw)
            }
            _ => Err(self.scanner.fault("a timestamp t'YYYY-MM-DDTHH:MM:SSZ'")),
        }
    }

    fn word(&mut self, word: &str, expected: &'static str) -> Result<(), PatternFault> {
        if self.scanner.token != Token::Word(word) {
            return Err(self.scanner.fault(expected));
        }
        self.scanner.advance()
    }

    /// One comparison.
    fn comparison(&mut self) -> Result<(), PatternFault> {
        let from = self.scanner.from;
        self.count()?;
        let negated = self.accept("NOT")?;
        if self.accept("EXISTS")? {
            let (object_type, path) = self.path()?;
            self.push(
                Comparison { object_type, path, operator: Operator::Exists, negated, constants: Constants::None },
                from,
            );
            return Ok(());
        }
        if negated {
            return Err(self.scanner.fault("EXISTS: in front of a path, NOT negates nothing else"));
        }
        let (object_type, path) = self.path()?;
        let negated = self.accept("NOT")?;
        let (operator, constants) = self.right_side()?;
        self.push(Comparison { object_type, path, operator, negated, constants }, from);
        Ok(())
    }

    fn push(&mut self, comparison: Comparison<'p>, from: usize) {
        let nth = self.pattern.comparisons.len();
        self.pattern.comparisons.push(comparison);
        self.pattern.push_leaf(nth, from, self.scanner.before);
    }

    fn accept(&mut self, word: &str) -> Result<bool, PatternFault> {
        let there = self.scanner.token == Token::Word(word);
        if there {
            self.scanner.advance()?;
        }
        Ok(there)
    }

    fn right_side(&mut self) -> Result<(Operator, Constants<'p>), PatternFault> {
        let operator = match self.scanner.token {
            Token::Equal => Operator::Equal,
            Token::NotEqual => Operator::NotEqual,
            Token::Less => Operator::Less,
            Token::LessEqual => Operator::LessOrEqual,
            Token::Greater => Operator::Greater,
            Token::GreaterEqual => Operator::GreaterOrEqual,
            Token::Word("IN") => {
                self.scanner.advance()?;
                return Ok((Operator::In, self.set()?));
            }
            Token::Word("LIKE") => Operator::Like,
            Token::Word("MATCHES") => Operator::Matches,
            Token::Word("ISSUBSET") => Operator::IsSubset,
            Token::Word("ISSUPERSET") => Operator::IsSuperset,
            _ => return Err(self.scanner.fault("a comparison: = != < > <= >= IN LIKE MATCHES ISSUBSET ISSUPERSET")),
        };
        self.scanner.advance()?;
        let (allowed, expected): (fn(LiteralKind) -> bool, _) = match operator {
            Operator::Equal | Operator::NotEqual => (|_| true, "a constant"),
            Operator::Like | Operator::Matches | Operator::IsSubset | Operator::IsSuperset => {
                (|kind| kind == LiteralKind::Text, "a text in single quotes")
            }
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::In
            | Operator::Exists => {
                (|kind| kind != LiteralKind::Boolean, "a constant that has an order, hence no true or false")
            }
        };
        match self.scanner.token {
            Token::Literal(literal) if allowed(literal.kind) => {
                self.scanner.advance()?;
                Ok((operator, Constants::One(literal)))
            }
            _ => Err(self.scanner.fault(expected)),
        }
    }

    /// The list behind IN; it may be empty.
    fn set(&mut self) -> Result<Constants<'p>, PatternFault> {
        let first = self.pattern.members.len();
        if self.scanner.token != Token::Open {
            return Err(self.scanner.fault("a list in parentheses behind IN"));
        }
        self.scanner.advance()?;
        if self.scanner.token != Token::Close {
            loop {
                let Token::Literal(literal) = self.scanner.token else {
                    return Err(self.scanner.fault("a constant"));
                };
                self.count()?;
                self.pattern.members.push(literal);
                self.scanner.advance()?;
                match self.scanner.token {
                    Token::Comma => self.scanner.advance()?,
                    Token::Close => break,
                    _ => return Err(self.scanner.fault("`,` or `)`")),
                }
            }
        }
        self.scanner.advance()?;
        Ok(Constants::Many { first, end: self.pattern.members.len() })
    }

    fn count(&mut self) -> Result<(), PatternFault> {
        self.terms += 1;
        if self.terms > PATTERN_TERMS_MAX {
            return Err(self.scanner.fault("at most 65536 comparisons and constants"));
        }
        Ok(())
    }

    /// A type, a colon and the steps behind it.
    fn path(&mut self) -> Result<(&'p str, Cow<'p, str>), PatternFault> {
        let object_type = match self.scanner.token {
            Token::Word(word) | Token::Hyphenated(word) if !is_keyword(word) => word,
            _ => return Err(self.scanner.fault("an object path such as ipv4-addr:value")),
        };
        self.scanner.advance()?;
        if self.scanner.token != Token::Colon {
            return Err(self.scanner.fault("`:` behind the type of an object path"));
        }
        self.scanner.advance()?;
        let from = self.scanner.from;
        // Space within a path is rare enough to be looked for in the end: the steps add up, or something was between.
        let mut letters = self.step_key()?;
        for _ in 0..PATH_STEPS_MAX {
            match self.scanner.token {
                Token::Dot => {
                    self.scanner.advance()?;
                    letters += 1 + self.step_key()?;
                }
                Token::OpenSquare => letters += self.step_index()?,
                _ => {
                    let text = self.scanner.text_since(from);
                    let path = if text.len() == letters { Cow::Borrowed(text) } else { Cow::Owned(compact(text)) };
                    return Ok((object_type, path));
                }
            }
        }
        Err(self.scanner.fault("a comparison: a path has at most 64 steps"))
    }

    /// A key; its bytes.
    fn step_key(&mut self) -> Result<usize, PatternFault> {
        let from = self.scanner.from;
        match self.scanner.token {
            Token::Word(word) if !is_keyword(word) => {}
            Token::Literal(Literal { kind: LiteralKind::Text, .. }) => {}
            Token::Hyphenated(_) => return Err(self.scanner.fault("a key; one with a hyphen stands in single quotes")),
            _ => return Err(self.scanner.fault("a key of the object path")),
        }
        self.scanner.advance()?;
        Ok(self.scanner.before - from)
    }

    /// `[3]` or `[*]`; its bytes without space.
    fn step_index(&mut self) -> Result<usize, PatternFault> {
        self.scanner.advance()?;
        let bytes = match self.scanner.token {
            Token::Star => 1,
            Token::Literal(Literal { kind: LiteralKind::Integer, raw, .. }) => raw.len(),
            _ => return Err(self.scanner.fault("the place in a list, or `*`")),
        };
        self.scanner.advance()?;
        if self.scanner.token != Token::CloseSquare {
            return Err(self.scanner.fault("`]`"));
        }
        self.scanner.advance()?;
        Ok(bytes + 2)
    }
}

/// A path without the space and comments between its steps.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let Ok(mut scanner) = Scanner::new(text) else { return out };
    while scanner.token != Token::End {
        let from = scanner.from;
        if scanner.advance().is_err() {
            break;
        }
        out.push_str(scanner.text_since(from));
    }
    out
}

impl Pattern<'_> {
    fn push_leaf(&mut self, nth: usize, from: usize, to: usize) {
        self.nodes.push(Node::new(NodeKind::Comparison(nth), 1, from..to));
    }

    fn push_unary(&mut self, kind: NodeKind, from: usize, to: usize) {
        let size = self.nodes.last().map_or(0, |operand| operand.size);
        self.nodes.push(Node::new(kind, size + 1, from..to));
    }

    fn push_binary(&mut self, kind: NodeKind) {
        let Some(right) = self.nodes.last().copied() else { return };
        let left = self.nodes.len().checked_sub(right.size as usize + 1).and_then(|at| self.nodes.get(at)).copied();
        let Some(left) = left else { return };
        self.nodes.push(Node::new(kind, left.size + right.size + 1, left.span().start..right.span().end));
    }
}
