//! Tags: what they say of TLP, which of them become labels, and which stay behind.
//!
//! INVARIANT: a tag that speaks of TLP in a way that is not known counts as TLP:RED, and of several the strictest counts. No tag, no label.
//! Read next: `event.rs`.

use super::TAGS_MAX;
use super::attribute::short;
use super::carry::{self, Left, is_on};
use crate::stix21::json::{Node, field};
use gotong_model::Tlp;

/// What the tags of a record say.
#[derive(Default)]
pub(super) struct Tags<'n> {
    pub(super) label: Option<Tlp>,
    /// Names of those that travel.
    pub(super) names: Vec<&'n str>,
    /// The member `Tag` as it travels; empty: none.
    pub(super) json: Vec<u8>,
    /// What to tell: message id and text.
    pub(super) notes: Vec<(&'static str, String)>,
}

/// The TLP that a tag gives, and whether it is one of the known words; `None`: it does not speak of TLP.
pub(super) fn tlp_of(name: &str) -> Option<(Tlp, bool)> {
    let bare: String = name.chars().filter(|letter| !letter.is_whitespace()).collect();
    let begins = bare.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("tlp"));
    let ends = bare.get(3..).is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()));
    if !begins || !ends {
        return None;
    }
    Some(Tlp::from_human(&bare).map_or((Tlp::Red, false), |label| (label, true)))
}

/// Reads the member `Tag` of a record.
pub(super) fn read<'n>(node: Option<&'n Node<'_>>, left: &mut Left) -> Tags<'n> {
    let mut tags = Tags::default();
    let mut seen: Option<(Tlp, &str)> = None;
    let items = node.and_then(Node::list).unwrap_or_default();
    if items.len() > TAGS_MAX {
        let text = format!("{} tags; the first {TAGS_MAX} are carried, and all are read for TLP", items.len());
        tags.notes.push(("misp.loss.tags", text));
    }
    for (at, item) in items.iter().enumerate() {
        let entries = item.map().map(|entries| field(entries, "Tag").and_then(Node::map).unwrap_or(entries));
        let Some((entries, name)) = entries.and_then(|entries| Some((entries, field(entries, "name")?.text()?))) else {
            tags.notes.push(("misp.loss.tag", format!("tag {at} has no name")));
            continue;
        };
        let shown = short(name);
        if let Some((label, known)) = tlp_of(name) {
            if !known {
                let text = format!("the tag {shown:?} speaks of TLP in a word that is not known; it counts as TLP:RED");
                tags.notes.push(("misp.loss.tlp-word", text));
            }
            if let Some((other, first)) = seen.filter(|(other, _)| *other != label) {
                let strictest = label.max(other).as_str();
                let text = format!("tagged {:?} and {shown:?}; the strictest counts, tlp:{strictest}", short(first));
                tags.notes.push(("misp.loss.tlp-several", text));
            }
            seen = seen.max(Some((label, name)));
            tags.label = tags.label.max(Some(label));
        }
        let exportable = field(entries, "exportable").is_none() || is_on(entries, "exportable");
        if is_on(entries, "local") || !exportable {
            let why = if exportable { "is local to the source's instance" } else { "is not to be exported" };
            tags.notes.push(("misp.loss.tag-local", format!("the tag {shown:?} {why} and stays behind")));
            continue;
        }
        if at >= TAGS_MAX {
            continue;
        }
        tags.json.push(if tags.json.is_empty() { b'[' } else { b',' });
        carry::carry(entries, &[], left, &mut tags.json);
        if !name.trim().is_empty() && !tags.names.contains(&name) {
            tags.names.push(name);
        }
    }
    if !tags.json.is_empty() {
        tags.json.push(b']');
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stix21::json;

    #[test]
    fn what_speaks_of_tlp_is_never_taken_for_less_than_it_says() {
        for (name, expected) in [
            ("tlp:white", Some((Tlp::Clear, true))),
            ("tlp:clear", Some((Tlp::Clear, true))),
            ("TLP:GREEN", Some((Tlp::Green, true))),
            ("tlp: amber", Some((Tlp::Amber, true))),
            ("tlp:amber+strict", Some((Tlp::AmberStrict, true))),
            ("Tlp:Red", Some((Tlp::Red, true))),
            ("tlp:ex:chr", Some((Tlp::Red, false))),
            ("tlp:unclear", Some((Tlp::Red, false))),
            ("tlp-amber", Some((Tlp::Red, false))),
            ("tlp", Some((Tlp::Red, false))),
            ("tlpwhite", None),
            ("type:OSINT", None),
            ("ünï", None),
        ] {
            assert_eq!(tlp_of(name), expected, "{name}");
        }
    }

    #[test]
    fn of_two_the_strictest_counts_and_is_named_and_a_local_one_counts_though_it_stays() {
        let tree =
            json::parse(br#"[{"name":"tlp:green"},{"name":"tlp:amber","local":1},{"name":"x","exportable":false}]"#);
        let tree = tree.unwrap();
        let tags = read(Some(&tree), &mut Left::new());
        assert_eq!(tags.label, Some(Tlp::Amber));
        assert_eq!(tags.names, ["tlp:green"]);
        let codes: Vec<_> = tags.notes.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["misp.loss.tlp-several", "misp.loss.tag-local", "misp.loss.tag-local"]);
        assert_eq!(read(None, &mut Left::new()).label, None, "no tag, no label");
    }
}
