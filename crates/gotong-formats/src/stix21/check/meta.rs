//! Markings, language content and extension definitions (STIX 2.1 section 7).

use super::Faults;
use super::common::reference;
use super::head::Head;
use crate::stix21::json::{Entries, Node, field};
use crate::stix21::marking;

/// Selectors that are followed in one object.
const SELECTORS_MAX: usize = 1_024;

pub(crate) fn check(entries: &Entries<'_>, head: &Head<'_>, faults: &mut Faults) {
    match head.object_type {
        "marking-definition" => marking_definition(entries, head, faults),
        "language-content" => faults.require(entries, head.object_type, &["object_ref", "contents"]),
        "extension-definition" => {
            let names = ["created_by_ref", "name", "schema", "version", "extension_types"];
            faults.require(entries, head.object_type, &names);
        }
        _ => {}
    }
}

/// The ids of TLP are spoken for: who uses one must define just that label. A word of no TLP is no definition.
fn marking_definition(entries: &Entries<'_>, head: &Head<'_>, faults: &mut Faults) {
    let has = |name| field(entries, name).is_some();
    if !has("extensions") {
        faults.require(entries, head.object_type, &["definition_type", "definition"]);
    } else if has("definition_type") != has("definition") {
        let missing = if has("definition") { "definition_type" } else { "definition" };
        let text = "is missing; definition_type and definition go together";
        faults.add(format!("/{missing}"), "stix.property.missing", text);
    }
    let statement = field(entries, "definition_type").and_then(Node::text) == Some("statement");
    let definition = field(entries, "definition").and_then(Node::map);
    if let Some(definition) = definition
        && statement
        && field(definition, "statement").and_then(Node::text).is_none()
    {
        faults.add("/definition/statement", "stix.property.missing", "is missing; a statement marking must have one");
    }
    let own = field(entries, "object_marking_refs").and_then(Node::list).unwrap_or_default();
    if own.iter().any(|id| id.text() == Some(head.id)) {
        faults.add("/object_marking_refs", "stix.marking.circular", "a marking definition must not mark itself");
    }
    let defined = marking::defined(entries);
    for (place, _, label) in &defined {
        if label.is_none() {
            faults.add(place.as_str(), "stix.marking.tlp-word", "is no label of this version of TLP");
        }
    }
    if let Some((label, scheme)) = marking::scheme_of_id(head.id) {
        let agrees = |(_, other, word): &(String, marking::Scheme, Option<_>)| *other == scheme && *word == Some(label);
        if !defined.iter().any(agrees) || !defined.iter().all(|(_, _, word)| *word == Some(label)) {
            let text = format!("is the id of TLP:{}, but the object defines something else", label.as_str());
            faults.add("/id", "stix.marking.tlp-id", text);
        }
    }
}

/// STIX 2.1 section 7.2.3: exactly one of language and marking, on selectors that exist.
pub(crate) fn granular_markings(entries: &Entries<'_>, faults: &mut Faults) {
    let Some(node) = field(entries, "granular_markings") else { return };
    let Some(markings) = node.list() else {
        faults.add("/granular_markings", "stix.property.type", "must be a list of objects");
        return;
    };
    let mut followed = 0;
    for (at, marking) in markings.iter().enumerate() {
        let place = |name: &str| format!("/granular_markings/{at}{name}");
        let Some(marking) = marking.map() else {
            faults.add(place(""), "stix.property.type", "must be an object");
            continue;
        };
        let (lang, mark) = (field(marking, "lang"), field(marking, "marking_ref"));
        if lang.is_some() == mark.is_some() {
            let text = "must have exactly one of `lang` and `marking_ref`";
            faults.add(place(""), "stix.granular.one-of", text);
        }
        if let Some(mark) = mark {
            reference(mark, &["marking-definition"], || place("/marking_ref"), faults);
        }
        if lang.is_some_and(|lang| lang.text().is_none()) {
            faults.add(place("/lang"), "stix.property.type", "must be a string (RFC 5646)");
        }
        let selectors = field(marking, "selectors").and_then(Node::list).unwrap_or_default();
        if selectors.is_empty() {
            let text = "must be a list of at least one selector";
            faults.add(place("/selectors"), "stix.granular.selectors", text);
        }
        for (nth, selector) in selectors.iter().enumerate() {
            followed += 1;
            if followed > SELECTORS_MAX {
                let text = format!("an object must not have more than {SELECTORS_MAX} selectors");
                return faults.add(place("/selectors"), "stix.granular.selectors", text);
            }
            if !selector.text().is_some_and(|selector| selects(entries, selector)) {
                let text = "selects nothing; a selector names a property of the object, such as labels.[0]";
                faults.add(place(&format!("/selectors/{nth}")), "stix.granular.selector-missing", text);
            }
        }
    }
}

/// Whether a selector names something: components joined with dots, of lists `[n]`.
fn selects(entries: &Entries<'_>, selector: &str) -> bool {
    let mut parts = selector.split('.');
    let Some(mut node) = parts.next().and_then(|name| field(entries, name)) else { return false };
    for part in parts {
        let next = match part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(index) => index.parse().ok().and_then(|at: usize| node.list()?.get(at)),
            None => node.map().and_then(|inner| field(inner, part)),
        };
        match next {
            Some(next) => node = next,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stix21::json;

    #[test]
    fn a_selector_finds_what_exists_and_nothing_else() {
        let root = json::parse(br#"{"labels":["a","b"],"x":{"y-z":[{"w":1}]}}"#).unwrap();
        for (selector, found) in [
            ("labels", true),
            ("labels.[1]", true),
            ("labels.[2]", false),
            ("labels.1", false),
            ("x.y-z.[0].w", true),
            ("x.y-z.[0].w.v", false),
            ("", false),
            ("x.", false),
            ("labels.[18446744073709551616]", false),
        ] {
            assert_eq!(selects(root.map().unwrap(), selector), found, "{selector}");
        }
    }
}
