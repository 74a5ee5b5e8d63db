//! Links: every relative link in a Markdown file leads to a file or folder of the repository, and to a heading where it names one.
//!
//! Must not ask the network: links to other sites are left alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, is_of, numbered};
use crate::workspace::Tree;

/// Links that lead nowhere.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let pages = tree.texts.iter().filter(|text| is_of(&text.path, "md") && !text.path.starts_with("third_party/"));
    for page in pages {
        for (line, target) in targets(&page.text) {
            if let Some(what) = fault(tree, &page.path, &target) {
                findings.push(Finding::new(&page.path, line, what));
            }
        }
    }
    findings
}

fn fault(tree: &Tree, page: &str, target: &str) -> Option<String> {
    let elsewhere = ["http:", "https:", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
    if elsewhere {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let Some(path) = resolved(page, path) else {
        return Some(format!("links to `{target}`, which lies outside the repository; link to something inside"));
    };
    if !tree.contains(&path) {
        return Some(format!("links to `{target}`, and there is no {path}; mend the link or write the page"));
    }
    let anchor = anchor?;
    let headings = tree.text(&path).filter(|_| is_of(&path, "md")).map(anchors)?;
    (!headings.contains(anchor))
        .then(|| format!("links to `{target}`, and {path} has no such heading; mend the anchor"))
}

/// The path that a link on a page leads to; `None` if it leaves the repository or is absolute.
fn resolved(page: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(page.to_owned());
    }
    if link.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Lines outside fenced code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    numbered(text).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The targets of a page's links, each with its line: `[a](target)`, images, and definitions `[a]: target`.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        for (at, _) in line.match_indices("](") {
            let rest = line.get(at + 2..).unwrap_or_default();
            targets.extend(target(rest, ')').map(|target| (number, target)));
        }
        let trimmed = line.trim_start();
        if trimmed.starts_with('[')
            && !trimmed.starts_with("[^")
            && let Some((_, rest)) = trimmed.split_once("]: ")
        {
            targets.extend(target(rest, '\n').map(|target| (number, target)));
        }
    }
    targets
}

/// A target up to its end, without angle brackets and title.
fn target(rest: &str, end: char) -> Option<String> {
    let inner = match rest.strip_prefix('<') {
        Some(rest) => rest.split('>').next(),
        None => rest.split(end).next()?.split_whitespace().next(),
    };
    inner.filter(|inner| !inner.is_empty()).map(str::to_owned)
}

/// The line with its code spans blanked out.
fn without_code(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    let last = parts.len().saturating_sub(1);
    let is_code = |index: usize| index % 2 == 1 && index < last;
    parts.iter().enumerate().map(|(index, part)| if is_code(index) { "" } else { part }).collect::<Vec<_>>().join("`")
}

/// The anchors of a page's headings, made as the usual forges make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(text) {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let slug = slug(title.trim());
        let count = seen.entry(slug.clone()).or_default();
        anchors.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
        *count += 1;
    }
    anchors
}

fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> Vec<String> {
        let other = "# Read me\n## A `code` heading: twice\n## A `code` heading: twice\n";
        let tree = Tree::of(&[("docs/page.md", page), ("docs/adr/README.md", other), ("LICENSE", "")]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_are_free() {
        let page = "# Top\n[a](adr/README.md), [b](adr), [c](../LICENSE \"title\"), [d](https://example.com/x), [e](#top)\n\
                    [f](adr/README.md#a-code-heading-twice-1) and ![g](<../LICENSE>)\n\n[h]: ../LICENSE\n[^1]: gone.md\n";
        assert_eq!(found(page), [""; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found_at_their_line() {
        let findings =
            found("# Top\n\n[a](gone.md)\n[b](#bottom), [c](adr/README.md#nothing)\n\n[d]: ../../outside.md\n");
        let at: Vec<_> = findings.iter().map(|finding| finding.split(": ").next().unwrap_or_default()).collect();
        assert_eq!(at, ["docs/page.md:3", "docs/page.md:4", "docs/page.md:4", "docs/page.md:6"], "{findings:?}");
        assert!(findings[3].contains("outside the repository"));
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(found("`[a](gone.md)`\n```\n[b](gone.md)\n```\n"), [""; 0]);
        assert_eq!(found("a ` alone, then [a](gone.md)\n").len(), 1);
    }
}
