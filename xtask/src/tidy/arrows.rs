//! Arrows: which crate may use which, as the table in ARCHITECTURE.md says, compared with what cargo knows.
//!
//! A new arrow needs a line in the table, so that it is a decision and not an accident. Dependencies of tests alone are free.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, numbered};
use crate::workspace::{Package, Tree, Workspace};

const TABLE: &str = "ARCHITECTURE.md";
const HEADING: &[&str] = &["crate", "may use"];

/// One row: its line, and the crates that may be used.
struct Row {
    line: usize,
    may_use: BTreeSet<String>,
}

/// Arrows without a line in the table, crates without a row, and rows without a crate.
pub(super) fn check(workspace: &Workspace, tree: &Tree) -> Vec<Finding> {
    let Some(rows) = tree.text(TABLE).and_then(rows) else {
        return vec![Finding::new(
            TABLE,
            1,
            "has no table `crate | may use`; write one row for each crate of the workspace",
        )];
    };
    let mut findings = Vec::new();
    for (name, package) in &workspace.packages {
        let Some(row) = rows.get(short(name)) else {
            let what =
                format!("{} has no row in the arrow table of {TABLE}; add one that says what it may use", short(name));
            findings.push(Finding::new(&package.manifest, 1, what));
            continue;
        };
        for used in package.direct.iter().filter(|used| workspace.packages.contains_key(*used)) {
            if !row.may_use.contains(short(used)) {
                let what = format!(
                    "{0} may not use {1}; drop the dependency, or add {1} to the row of {0} in {TABLE} with a reason in an ADR",
                    short(name),
                    short(used)
                );
                findings.push(Finding::new(&package.manifest, line_of(package, used, tree), what));
            }
        }
    }
    let known: BTreeSet<&str> = workspace.packages.keys().map(|name| short(name)).collect();
    for (name, row) in &rows {
        for word in std::iter::once(name).chain(&row.may_use).filter(|word| !known.contains(word.as_str())) {
            findings.push(Finding::new(
                TABLE,
                row.line,
                format!("`{word}` is no crate of the workspace; mend the arrow table"),
            ));
        }
    }
    findings
}

/// A crate's name as the table has it: without the prefix that all carry.
fn short(name: &str) -> &str {
    name.strip_prefix("gotong-").unwrap_or(name)
}

fn line_of(package: &Package, dependency: &str, tree: &Tree) -> usize {
    let text = tree.text(&package.manifest).unwrap_or_default();
    numbered(text).find(|(_, line)| line.trim_start().starts_with(dependency)).map_or(1, |(line, _)| line)
}

/// The rows of the first table with the heading; `None` if there is none.
fn rows(text: &str) -> Option<BTreeMap<String, Row>> {
    let mut lines = numbered(text);
    lines.find(|(_, line)| cells(line) == HEADING)?;
    let mut rows = BTreeMap::new();
    for (line, text) in lines.skip(1) {
        let [name, used] = cells(text)[..] else { break };
        let may_use = used.split(',').map(word).filter(|used| !used.is_empty() && used != "–").collect();
        rows.insert(word(name), Row { line, may_use });
    }
    Some(rows)
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
    inner.map(|inner| inner.split('|').map(str::trim).collect()).unwrap_or_default()
}

fn word(text: &str) -> String {
    text.trim().trim_matches('`').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::sample;

    const MANIFEST: (&str, &str) =
        ("crates/gotong-model/Cargo.toml", "[dependencies]\ngotong-store.workspace = true\n");

    fn found(table: &str) -> Vec<String> {
        let tree = Tree::of(&[(TABLE, table), MANIFEST]);
        check(&sample(), &tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_in_the_table_is_free() {
        assert_eq!(found("# A\n\n| crate | may use |\n|---|---|\n| `model` | `store` |\n| store | – |\n"), [""; 0]);
    }

    #[test]
    fn an_arrow_without_a_line_is_found_where_it_is_drawn() {
        let findings = found("| crate | may use |\n|---|---|\n| model | – |\n| store | model |\n");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("crates/gotong-model/Cargo.toml:2: model may not use store;"), "{findings:?}");
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let findings = found("| crate | may use |\n|---|---|\n| model | store, ghost |\n");
        assert_eq!(findings.len(), 2);
        assert!(findings[0].starts_with("crates/gotong-store/Cargo.toml:1: store has no row"), "{findings:?}");
        assert!(findings[1].starts_with("ARCHITECTURE.md:3: `ghost` is no crate"), "{findings:?}");
    }

    #[test]
    fn a_missing_table_is_found() {
        assert_eq!(found("# Architecture\n").len(), 1);
    }
}
