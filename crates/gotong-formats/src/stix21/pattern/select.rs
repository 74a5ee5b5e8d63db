//! Follows an object path (STIX 2.1 section 9.7) from an observable to the values that it selects.
//!
//! A step behind a property that ends in `_ref`, or behind a place in one that ends in `_refs`, goes on in the object
//! that it names, of the same observation. What leads nowhere selects nothing. Read next: `compare.rs`.

use super::evaluate::{Unanswered, Work};
use super::literal::{LiteralKind, unescaped};
use super::observation::Observation;
use super::token::{Scanner, Token};
use crate::stix21::json::{Node, field};
use std::borrow::Cow;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step<'s> {
    Key(Cow<'s, str>),
    /// A place in a list; before its first there is nothing.
    Index(Option<usize>),
    Any,
}

/// The steps of a path that the parser has read.
#[allow(clippy::wildcard_enum_match_arm, reason = "what is no step separates steps")]
pub(super) fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let Ok(mut scanner) = Scanner::new(path) else { return steps };
    loop {
        match scanner.token {
            Token::End => return steps,
            Token::Word(word) => steps.push(Step::Key(Cow::Borrowed(word))),
            Token::Star => steps.push(Step::Any),
            Token::Literal(literal) if literal.kind == LiteralKind::Text => {
                let key = if literal.escaped { unescaped(literal.raw).into() } else { Cow::Borrowed(literal.raw) };
                steps.push(Step::Key(key));
            }
            Token::Literal(literal) => steps.push(Step::Index(literal.raw.trim_start_matches('+').parse().ok())),
            // Dots and brackets: the parser has seen that they stand where they belong.
            _ => {}
        }
        if scanner.advance().is_err() {
            return steps;
        }
    }
}

/// Every value that `steps` lead to from `root`.
pub(super) fn select<'n>(
    root: &'n Node<'n>,
    steps: &[Step<'_>],
    observation: &'n Observation<'n>,
    work: &mut Work,
) -> Result<Vec<&'n Node<'n>>, Unanswered> {
    let mut values = vec![root];
    // Whether the values are ids of objects; whether they are lists of ids.
    let (mut reference, mut references) = (false, false);
    for step in steps {
        if reference {
            values = values
                .into_iter()
                .filter_map(|value| observation.object(value.text()?))
                .map(|object| &object.node)
                .collect();
        }
        let mut next = Vec::new();
        for value in values {
            match (step, value) {
                (Step::Key(key), Node::Map(entries)) => next.extend(field(entries, key)),
                (Step::Index(Some(at)), Node::List(items)) => next.extend(items.get(*at)),
                (Step::Any, Node::List(items)) => next.extend(items),
                _ => {}
            }
            work.spend(1)?;
        }
        work.spend(next.len())?;
        if next.is_empty() {
            return Ok(next);
        }
        (reference, references) = match step {
            Step::Key(key) => (key.ends_with("_ref"), key.ends_with("_refs")),
            Step::Index(_) | Step::Any => (references, false),
        };
        values = next;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_step_by_step() {
        let key = |text: &'static str| Step::Key(Cow::Borrowed(text));
        assert_eq!(steps("value"), [key("value")]);
        assert_eq!(
            steps("extensions.'x-y'.a[2].'it\\'s'[*][-1]"),
            [key("extensions"), key("x-y"), key("a"), Step::Index(Some(2)), key("it's"), Step::Any, Step::Index(None)]
        );
    }
}
