//! Matches a pattern with observations (STIX 2.1 section 9): first each pair of square brackets with each observation,
//! then the operators and qualifiers between them.
//!
//! Comparisons within one pair of brackets that are joined by AND hold for the same observable, or do not hold. All
//! work is counted and bounded: whoever asks gets yes, no, or that it could not be told. Read next: `search.rs`.

use super::compare::Test;
use super::observation::Observation;
use super::search::Search;
use super::{Node, NodeKind, Pattern};

/// Units of work that one question may cost: comparisons, values, steps of the search.
pub const WORK_MAX: usize = 4_000_000;

/// Why there is no answer. It is neither yes nor no.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unanswered {
    /// The question costs more than [`WORK_MAX`].
    #[error("matching the pattern would take more work than is allowed; fewer observations may do [stix.pattern.work]")]
    Work,
    /// A regular expression needs what this engine has not (look-around, back-references), or more than its memory.
    #[error(
        "the regular expression of the comparison at byte {offset} cannot be run here; look-around and back-references are not supported [stix.pattern.expression]"
    )]
    Expression {
        /// Byte of the pattern.
        offset: usize,
    },
}

/// What may still be done.
pub(super) struct Work {
    left: usize,
}

impl Work {
    pub(super) fn spend(&mut self, units: usize) -> Result<(), Unanswered> {
        self.left = self.left.checked_sub(units).ok_or(Unanswered::Work)?;
        Ok(())
    }
}

/// Whether `pattern` matches `observations`. A pattern that cannot be read matches nothing.
pub fn matches(pattern: &str, observations: &[Observation<'_>]) -> Result<bool, Unanswered> {
    let Ok(pattern) = Pattern::parse(pattern) else { return Ok(false) };
    let mut work = Work { left: WORK_MAX };
    let mut tests = Vec::with_capacity(pattern.comparisons.len());
    for node in &pattern.nodes {
        if let NodeKind::Comparison(nth) = node.kind
            && let Some(comparison) = pattern.comparisons.get(nth)
        {
            tests.push(Test::new(&pattern, comparison, node.span().start, &mut work)?);
        }
    }
    let mut found = Vec::with_capacity(pattern.nodes.len());
    for (at, node) in pattern.nodes.iter().enumerate() {
        let mut places = Vec::new();
        if node.kind == NodeKind::Observation {
            let inner = pattern.nodes.get((at + 1).saturating_sub(node.size as usize)..at).unwrap_or_default();
            for (place, observation) in observations.iter().enumerate() {
                if is_observed(inner, &tests, observation, &mut work)? {
                    places.push(place);
                }
            }
            // Early ones first: that is how sequences and spans of time are found soonest.
            places.sort_by_key(|place| observations.get(*place).map(|one| (one.last, one.first)));
        }
        found.push(places);
    }
    Search::new(&pattern.nodes, found, observations).run(&mut work)
}

/// Whether the nodes of one pair of square brackets hold for one and the same observable of an observation.
fn is_observed(
    inner: &[Node],
    tests: &[Test<'_>],
    observation: &Observation<'_>,
    work: &mut Work,
) -> Result<bool, Unanswered> {
    let mut stack = Vec::new();
    for object in &observation.objects {
        stack.clear();
        for node in inner {
            let value = match node.kind {
                NodeKind::Comparison(nth) => match tests.get(nth) {
                    Some(test) => test.holds(object, observation, work)?,
                    None => false,
                },
                // Both sides are taken off the stack in any case.
                NodeKind::And => {
                    let (right, left) = (stack.pop(), stack.pop());
                    right == Some(true) && left == Some(true)
                }
                NodeKind::Or => {
                    let (right, left) = (stack.pop(), stack.pop());
                    right == Some(true) || left == Some(true)
                }
                NodeKind::Observation
                | NodeKind::BothObserved
                | NodeKind::EitherObserved
                | NodeKind::FollowedBy
                | NodeKind::Within(_)
                | NodeKind::Repeats(_)
                | NodeKind::Window { .. } => false,
            };
            stack.push(value);
        }
        if stack.pop() == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}
