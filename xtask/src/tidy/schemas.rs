//! Schemas of one name: in the OpenAPI document the shape that is registered last takes the place of any other of its name, and nothing says so. Two types
//! that derive `ToSchema` must therefore differ in name, or one says another with `#[schema(as = …)]`.
//!
//! Reads sources as text and looks only at attributes and the item behind them. Must not know which types the document has in the end: what is registered
//! nowhere today is registered tomorrow. Read next: `crates/gotong-web/src/openapi.rs`.

use std::collections::BTreeMap;

use super::{Finding, is_of};
use crate::workspace::Tree;

/// Types that would stand in the document under a name that another has.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut first: BTreeMap<String, (&str, usize, String)> = BTreeMap::new();
    let mut findings = Vec::new();
    let sources = tree.texts.iter().filter(|text| is_of(&text.path, "rs") && text.path.starts_with("crates/"));
    for text in sources {
        for Shape { line, item, name } in shapes(&text.text) {
            if let Some((path, at, other)) = first.get(&name) {
                let what = format!(
                    "{item} and {other} of {path}:{at} are both the schema {name} of the OpenAPI document, where one takes the other's place; rename one, or say #[schema(as = …)]"
                );
                findings.push(Finding::new(&text.path, line, what));
            } else {
                first.insert(name, (&text.path, line, item));
            }
        }
    }
    findings
}

/// A type that has a schema.
struct Shape {
    line: usize,
    /// What it is in the source.
    item: String,
    /// What it is in the document.
    name: String,
}

/// The types of a source that derive a schema, or implement one by hand.
fn shapes(source: &str) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let (mut attributes, mut open): (String, Option<String>) = (String::new(), None);
    for (number, line) in super::numbered(source) {
        let mut rest = line.trim();
        loop {
            if open.is_none() && rest.starts_with("#[") {
                open = Some(String::new());
            }
            let Some(attribute) = &mut open else { break };
            let (taken, behind) = split_attribute(attribute, rest);
            attribute.push_str(taken);
            attribute.push(' ');
            let Some(behind) = behind else { break };
            attributes.push_str(&open.take().unwrap_or_default());
            rest = behind.trim_start();
        }
        if open.is_some() || rest.is_empty() || rest.starts_with("//") {
            continue;
        }
        if let Some(item) = item_of(rest, &attributes) {
            let name = renamed(&attributes).unwrap_or_else(|| item.clone());
            shapes.push(Shape { line: number, item, name });
        }
        attributes.clear();
    }
    shapes
}

/// What of a line still belongs to an attribute of which `before` is there, and what stands behind it once it ends.
fn split_attribute<'l>(before: &str, line: &'l str) -> (&'l str, Option<&'l str>) {
    let (mut depth, mut in_text, mut escaped) = (0_i32, false, false);
    for (at, letter) in
        before.chars().map(|letter| (None, letter)).chain(line.char_indices().map(|(at, l)| (Some(at), l)))
    {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '[' if !in_text => depth += 1,
            ']' if !in_text => depth -= 1,
            _ => {}
        }
        if let Some(at) = at
            && letter == ']'
            && !in_text
            && depth == 0
        {
            let (taken, behind) = line.split_at(at + 1);
            return (taken, Some(behind));
        }
    }
    (line, None)
}

/// The name of the type that a line begins, where it has a schema.
fn item_of(line: &str, attributes: &str) -> Option<String> {
    let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    if line.starts_with("impl") && line.contains("ToSchema for ") {
        let (_, behind) = line.split_once("ToSchema for ")?;
        let path = behind.split(['<', ' ', '{']).next()?;
        return path.rsplit("::").next().map(str::to_owned);
    }
    let derives = attributes.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == "ToSchema");
    words.find(|word| matches!(*word, "struct" | "enum") && derives)?;
    words.next().map(str::to_owned)
}

/// The name that `#[schema(as = …)]` says, as the document writes it.
fn renamed(attributes: &str) -> Option<String> {
    let (_, said) = attributes.split_once("#[schema(")?;
    let said = said.split(['(', ',', ')']).find_map(|one| one.trim().strip_prefix("as "))?;
    Some(said.trim_start().strip_prefix('=')?.trim().replace("::", "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn two_types_of_one_name_are_found_and_both_are_named() {
        let one = "/// A row.\n#[derive(Debug, Serialize, ToSchema)]\npub(crate) struct Row {\n    a: u64,\n}\n";
        let two = "#[derive(\n    Debug,\n    utoipa::ToSchema,\n)]\n#[schema(title = \"A ] row\")]\n/// Another.\nenum Row { A }\n";
        let told = found(&[("crates/a/src/one.rs", one), ("crates/a/src/two.rs", two)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("crates/a/src/two.rs:7: Row and Row of crates/a/src/one.rs:3"), "{told:?}");
        let here = format!("{one}mod inner {{\n    #[derive(ToSchema)] struct Row;\n}}\n");
        assert_eq!(found(&[("crates/a/src/one.rs", &here)]).len(), 1, "in one file, and on one line");
        let by_hand = "impl utoipa::ToSchema for crate::other::Row {}\n";
        assert_eq!(found(&[("crates/a/src/one.rs", one), ("crates/b/src/lib.rs", by_hand)]).len(), 1);
    }

    #[test]
    fn a_name_of_its_own_is_enough_and_one_that_is_said_twice_is_not() {
        let plain = "#[derive(ToSchema)]\nstruct Row;\n";
        let other = "#[derive(ToSchema)]\n#[schema(title = \"x\", as = audit::Row)]\nstruct Row;\n";
        let same = "#[derive(ToSchema)]\n#[schema(as = Row, title = \"x\")]\nstruct Line;\n";
        let none = "#[derive(Debug)]\nstruct Row;\n// #[derive(ToSchema)]\nenum Row {}\nfn f() { let text = \"struct Row\"; }\n";
        assert_eq!(found(&[("crates/a/src/a.rs", plain), ("crates/a/src/b.rs", other)]), [] as [String; 0]);
        assert_eq!(found(&[("crates/a/src/a.rs", plain), ("crates/a/src/b.rs", none)]), [] as [String; 0]);
        let told = found(&[("crates/a/src/a.rs", plain), ("crates/a/src/b.rs", same)]);
        assert!(told.len() == 1 && told[0].contains("Line and Row"), "{told:?}");
        assert_eq!(found(&[("crates/a/src/b.rs", other), ("crates/c/src/b.rs", other)]).len(), 1);
    }
}
