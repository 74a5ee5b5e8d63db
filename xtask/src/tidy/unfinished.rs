//! Unfinished work: a mark that promises work is kept only with the number of the issue that holds the promise.

use super::{Finding, is_source, numbered};
use crate::workspace::Tree;

/// The marks, put together here so that this file does not find itself.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// Marks without an issue.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in tree.texts.iter().filter(|text| is_source(&text.path)) {
        for (number, line) in numbered(&text.text) {
            if let Some(mark) = MARKS.iter().find(|mark| stands_alone(line, mark)) {
                let what =
                    format!("says {mark} without an issue; do it, drop it, or write {mark}(#number of the issue)");
                findings.push(Finding::new(&text.path, number, what));
            }
        }
    }
    findings
}

fn stands_alone(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + mark.len()..).unwrap_or_default();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let in_word = before.is_some_and(is_word) || after.chars().next().is_some_and(is_word);
        !in_word && !has_issue(after)
    })
}

fn has_issue(after: &str) -> bool {
    let number = after.strip_prefix("(#").and_then(|rest| rest.split(')').next());
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_without_an_issue_is_found() {
        let mark = MARKS[0];
        let source = format!("// {mark}: later\n// {mark}(#12): later\nlet {mark}S = 1;\n// {mark}(soon)\n");
        let tree = Tree::of(&[("crates/a/src/lib.rs", &source), ("README.md", &source)]);
        let lines: Vec<_> = check(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 4]);
    }
}
