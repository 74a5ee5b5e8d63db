//! TLP in STIX: which marking is which label, and copies that carry a label.
//!
//! TLP 1.0 is read (STIX 2.1 section 7.2.1.4), TLP 2.0 is read and written (the property extension of FIRST and OASIS).
//! What a marking permits is decided elsewhere.

use super::json::{self, Node, field};
use gotong_model::Tlp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The extension of marking definitions that carries TLP 2.0.
pub(crate) const TLP_2_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

const IDS: [(&str, Tlp, Scheme); 9] = [
    ("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::Clear, Scheme::Two),
    ("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::Green, Scheme::Two),
    ("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::Amber, Scheme::Two),
    ("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::AmberStrict, Scheme::Two),
    ("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::Red, Scheme::Two),
    ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::Clear, Scheme::One),
    ("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::Green, Scheme::One),
    ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp::Amber, Scheme::One),
    ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::Red, Scheme::One),
];

/// Which protocol an id belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scheme {
    One,
    Two,
}

/// The label of a marking id of TLP 1.0 or 2.0.
pub fn label_of_id(id: &str) -> Option<Tlp> {
    scheme_of_id(id).map(|(label, _)| label)
}

pub(crate) fn scheme_of_id(id: &str) -> Option<(Tlp, Scheme)> {
    IDS.iter().find(|(known, ..)| *known == id).map(|(_, label, scheme)| (*label, *scheme))
}

/// The id of the TLP 2.0 marking definition of a label.
pub fn id_of_label(label: Tlp) -> &'static str {
    match label {
        Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

/// The TLP 2.0 marking definition of a label, as it is published.
pub fn definition_of_label(label: Tlp) -> String {
    format!(
        concat!(
            r#"{{"type":"marking-definition","spec_version":"2.1","id":"{}","created":"2022-10-01T00:00:00.000Z","#,
            r#""name":"TLP:{}","extensions":{{"{}":{{"extension_type":"property-extension","tlp_2_0":"{}"}}}}}}"#
        ),
        id_of_label(label),
        label.as_str().to_uppercase(),
        TLP_2_EXTENSION,
        label
    )
}

/// The label that a marking definition defines, whatever its id: the stricter of TLP 1.0 (`definition.tlp`) and 2.0
/// (the extension). `None`: the body is no marking definition or defines no TLP.
pub fn marking_of(body: &[u8]) -> Option<Tlp> {
    let root = json::parse(body).ok()?;
    let entries = root.map()?;
    if field(entries, "type")?.text()? != "marking-definition" {
        return None;
    }
    defined(entries).into_iter().filter_map(|(_, _, label)| label).max()
}

/// Each TLP that a marking definition defines: pointer, protocol, label; no label where the word is none.
pub(crate) fn defined(entries: &[(Cow<'_, str>, Node<'_>)]) -> Vec<(String, Scheme, Option<Tlp>)> {
    let mut all = Vec::new();
    if field(entries, "definition_type").and_then(Node::text) == Some("tlp") {
        let word = field(entries, "definition").and_then(Node::map).and_then(|inner| field(inner, "tlp"));
        let label = word.and_then(Node::text).and_then(|word| match word {
            "white" => Some(Tlp::Clear),
            "green" => Some(Tlp::Green),
            "amber" => Some(Tlp::Amber),
            "red" => Some(Tlp::Red),
            _ => None,
        });
        all.push(("/definition/tlp".to_owned(), Scheme::One, label));
    }
    let extension = field(entries, "extensions").and_then(Node::map).and_then(|all| field(all, TLP_2_EXTENSION));
    if let Some(word) = extension.and_then(Node::map).and_then(|inner| field(inner, "tlp_2_0")) {
        let pointer = format!("/extensions/{TLP_2_EXTENSION}/tlp_2_0");
        all.push((pointer, Scheme::Two, word.text().and_then(Tlp::from_text)));
    }
    all
}

/// The body as it may leave with `label`: where its own object markings lack a TLP or name a laxer one, a copy with the
/// TLP 2.0 marking of `label`; laxer TLP among its granular markings is raised too. The rest of the bytes stays
/// untouched. Marking definitions, and bodies that are no JSON objects, come back as they are.
pub fn mark_copy(body: &[u8], label: Tlp) -> Vec<u8> {
    marked(body, label).unwrap_or_else(|| body.to_vec())
}

fn marked(body: &[u8], label: Tlp) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let object: Spans<'_> = serde_json::from_str(text).ok()?;
    if object.object_type.as_deref() == Some("marking-definition") {
        return None;
    }
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    if let Some(raw) = object.granular_markings {
        // Escapes could hide an id from the search below, so what has any is looked at without.
        let plain = match json::parse(raw.get().as_bytes()) {
            Ok(node) if raw.get().contains('\\') => String::from_utf8(super::canon::canonical(&node)).ok()?,
            Ok(_) | Err(_) => raw.get().to_owned(),
        };
        let laxer = || IDS.iter().filter(|(id, own, _)| *own < label && plain.contains(id));
        if laxer().next().is_some() {
            let raised = laxer().fold(plain.clone(), |text, (id, ..)| text.replace(id, id_of_label(label)));
            let (from, to) = span(text, raw.get())?;
            edits.push((from, to, raised));
        }
    }
    let refs: Vec<Cow<'_, str>> = match object.object_marking_refs {
        Some(raw) => serde_json::from_str(raw.get()).unwrap_or_default(),
        None => Vec::new(),
    };
    if refs.iter().filter_map(|id| label_of_id(id)).max() < Some(label) {
        let others = refs.iter().filter(|id| label_of_id(id).is_none()).map(|id| format!(",{}", quoted(id)));
        let list = format!("[\"{}\"{}]", id_of_label(label), others.collect::<String>());
        if let Some(raw) = object.object_marking_refs {
            let (from, to) = span(text, raw.get())?;
            edits.push((from, to, list));
        } else {
            let end = text.rfind('}')?;
            let comma = if object.is_empty { "" } else { "," };
            edits.push((end, end, format!("{comma}\"object_marking_refs\":{list}")));
        }
    }
    edits.sort();
    let mut out = String::with_capacity(text.len() + 128);
    let mut at = 0;
    for (from, to, replacement) in edits {
        out.push_str(text.get(at..from)?);
        out.push_str(&replacement);
        at = to;
    }
    out.push_str(text.get(at..)?);
    Some(out.into_bytes())
}

fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    super::canon::write_text(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Where `part`, a slice of `whole`, lies in it.
fn span(whole: &str, part: &str) -> Option<(usize, usize)> {
    let from = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (whole.get(from..from + part.len())? == part).then_some((from, from + part.len()))
}

/// The parts of an object that a marked copy changes, as they stand in its bytes.
#[derive(Default)]
struct Spans<'a> {
    object_type: Option<Cow<'a, str>>,
    object_marking_refs: Option<&'a RawValue>,
    granular_markings: Option<&'a RawValue>,
    is_empty: bool,
}

impl<'de> Deserialize<'de> for Spans<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_map(SpansVisitor)
    }
}

struct SpansVisitor;

impl<'de> serde::de::Visitor<'de> for SpansVisitor {
    type Value = Spans<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Spans<'de>, A::Error> {
        let mut spans = Spans { is_empty: true, ..Spans::default() };
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            spans.is_empty = false;
            let raw: &RawValue = map.next_value()?;
            match key.as_ref() {
                "type" => spans.object_type = serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned),
                "object_marking_refs" => spans.object_marking_refs = Some(raw),
                "granular_markings" => spans.granular_markings = Some(raw),
                _ => {}
            }
        }
        Ok(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = r#"{ "type": "note", "x": 1.50 }"#;

    #[test]
    fn every_published_definition_is_read_as_its_label() {
        for label in Tlp::ALL {
            let body = definition_of_label(label);
            assert_eq!(marking_of(body.as_bytes()), Some(label));
            assert_eq!(label_of_id(id_of_label(label)), Some(label));
        }
        let old = br#"{"type":"marking-definition","definition_type":"tlp","definition":{"tlp":"white"}}"#;
        assert_eq!(marking_of(old), Some(Tlp::Clear));
        assert_eq!(marking_of(br#"{"type":"note","definition_type":"tlp","definition":{"tlp":"red"}}"#), None);
        let both = definition_of_label(Tlp::Green)
            .replace("\"name\"", r#""definition_type":"tlp","definition":{"tlp":"red"},"name""#);
        assert_eq!(marking_of(both.as_bytes()), Some(Tlp::Red), "the stricter of two");
    }

    #[test]
    fn a_copy_is_never_laxer_than_its_label_and_never_laxer_than_it_was() {
        let amber = id_of_label(Tlp::Amber);
        let green = id_of_label(Tlp::Green);
        let statement = "marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168";
        let copy = |body: &str, label| String::from_utf8(mark_copy(body.as_bytes(), label)).unwrap();
        assert_eq!(
            copy(NOTE, Tlp::Amber),
            format!(r#"{{ "type": "note", "x": 1.50 ,"object_marking_refs":["{amber}"]}}"#)
        );
        let lax = format!(r#"{{"object_marking_refs": ["{green}", "{statement}"],"type":"note"}}"#);
        assert_eq!(
            copy(&lax, Tlp::Amber),
            format!(r#"{{"object_marking_refs": ["{amber}","{statement}"],"type":"note"}}"#)
        );
        assert_eq!(copy(&lax, Tlp::Green), lax, "as strict as asked for: the same bytes");
        assert_eq!(copy(&lax, Tlp::Clear), lax, "stricter than asked for: the same bytes");
        assert_eq!(copy("{}", Tlp::Clear), format!(r#"{{"object_marking_refs":["{}"]}}"#, id_of_label(Tlp::Clear)));
        assert_eq!(copy("[1]", Tlp::Red), "[1]");
        let definition = definition_of_label(Tlp::Clear);
        assert_eq!(copy(&definition, Tlp::Red), definition, "a definition is never changed");
    }

    #[test]
    fn a_laxer_granular_marking_does_not_undercut_the_label() {
        let body = format!(
            r#"{{"type":"note","granular_markings":[{{"marking_ref":"{}","selectors":["x"]}}]}}"#,
            id_of_label(Tlp::Clear)
        );
        let copy = String::from_utf8(mark_copy(body.as_bytes(), Tlp::Amber)).unwrap();
        assert!(!copy.contains(id_of_label(Tlp::Clear)));
        assert_eq!(copy.matches(id_of_label(Tlp::Amber)).count(), 2);
        let hidden = body.replace("marking-definition--", "marking\\u002ddefinition--");
        let copy = String::from_utf8(mark_copy(hidden.as_bytes(), Tlp::Amber)).unwrap();
        assert_eq!(copy.matches(id_of_label(Tlp::Amber)).count(), 2, "an escape hides nothing");
        let strict = body.replace(id_of_label(Tlp::Clear), id_of_label(Tlp::Red));
        let copy = String::from_utf8(mark_copy(strict.as_bytes(), Tlp::Amber)).unwrap();
        assert!(copy.contains(id_of_label(Tlp::Red)), "stricter parts stay stricter");
    }
}
