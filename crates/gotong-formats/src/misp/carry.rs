//! Members of MISP records that travel as they are, in one spelling: numbers as strings, switches as true and false, nothing empty.
//!
//! Numbers of the source's own instance do not travel: another instance gives the same event others, and one version of an object would
//! have two contents. Read next: `event.rs`.

use crate::stix21::canon::{write, write_text};
use crate::stix21::json::{Entries, Node, field};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What belongs to the instance that the event was taken from.
pub(super) const LOCAL: [&str; 27] = [
    "attribute_id",
    "attribute_tag_id",
    "event_creator_email",
    "event_id",
    "event_tag_id",
    "galaxy_cluster_id",
    "galaxy_id",
    "id",
    "local_only",
    "locked",
    "object_id",
    "old_id",
    "org_id",
    "orgc_id",
    "proposal_email_lock",
    "proposal_to_delete_id",
    "referenced_id",
    "server_id",
    "sharing_group_id",
    "sighting_timestamp",
    "source_id",
    "sync_user_id",
    "tag_id",
    "template_id",
    "user_id",
    "validationIssue",
    "warnings",
];

/// What is true or false, however it is written.
const SWITCHES: [&str; 14] = [
    "decision",
    "default",
    "deleted",
    "disable_correlation",
    "enabled",
    "exportable",
    "hide_tag",
    "is_custom_galaxy",
    "is_galaxy",
    "local",
    "proposal_to_delete",
    "published",
    "to_ids",
    "roaming",
];

/// What is written as a string, though it is a number.
const NUMBERS: [&str; 12] = [
    "analysis",
    "attribute_count",
    "date_sighting",
    "distribution",
    "extends_version",
    "numerical_value",
    "publish_timestamp",
    "template_version",
    "threat_level_id",
    "timestamp",
    "type",
    "version",
];

/// Whether a member says nothing.
pub(super) fn is_empty(node: &Node<'_>) -> bool {
    match node {
        Node::Null => true,
        Node::List(items) => items.iter().all(is_empty),
        Node::Map(entries) => entries.iter().all(|(_, node)| is_empty(node)),
        Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) => false,
    }
}

/// The text of a member, numbers included.
pub(super) fn text<'n>(entries: &'n Entries<'_>, name: &str) -> Option<Cow<'n, str>> {
    match field(entries, name)? {
        Node::Text(text) => Some(Cow::Borrowed(text.as_ref())),
        Node::Int(number) => Some(Cow::Owned(number.to_string())),
        Node::Float(number) => Some(Cow::Owned(number.to_string())),
        Node::Bool(true) => Some(Cow::Borrowed("1")),
        Node::Bool(false) => Some(Cow::Borrowed("0")),
        Node::Null | Node::List(_) | Node::Map(_) => None,
    }
}

/// Whether a switch is on.
pub(super) fn is_on(entries: &Entries<'_>, name: &str) -> bool {
    field(entries, name).and_then(switch) == Some(true)
}

fn switch(node: &Node<'_>) -> Option<bool> {
    match node {
        Node::Bool(on) => Some(*on),
        Node::Int(0) => Some(false),
        Node::Int(1) => Some(true),
        Node::Text(text) => match text.as_ref() {
            "0" | "false" | "" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        Node::Int(_) | Node::Float(_) | Node::Null | Node::List(_) | Node::Map(_) => None,
    }
}

/// Names of what did not travel.
pub(super) type Left = BTreeSet<&'static str>;

/// Writes `entries` without those that `leave` names and those of the instance.
pub(super) fn carry(entries: &Entries<'_>, leave: &[&str], left: &mut Left, out: &mut Vec<u8>) {
    out.push(b'{');
    carry_members(entries, leave, left, out, true);
    out.push(b'}');
}

/// As [`carry`], without the braces; `first`: nothing stands before.
pub(super) fn carry_members(
    entries: &Entries<'_>,
    leave: &[&str],
    left: &mut Left,
    out: &mut Vec<u8>,
    mut first: bool,
) {
    for (key, node) in sorted(entries) {
        if leave.contains(&key) || is_empty(node) {
            continue;
        }
        if let Ok(at) = LOCAL.binary_search(&key) {
            left.extend(LOCAL.get(at));
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        write_text(key, out);
        out.push(b':');
        value(key, node, left, out);
    }
}

/// By name: two instances may write the members of one record in two orders.
fn sorted<'n, 'a>(entries: &'n Entries<'a>) -> Vec<(&'n str, &'n Node<'a>)> {
    let mut all: Vec<_> = entries.iter().map(|(key, node)| (key.as_ref(), node)).collect();
    all.sort_unstable_by_key(|(key, _)| *key);
    all
}

fn value(key: &str, node: &Node<'_>, left: &mut Left, out: &mut Vec<u8>) {
    match node {
        // What a galaxy says of a cluster is its own: nothing in there is known here.
        Node::Map(_) if key == "meta" => write_plain(node, out),
        Node::Map(entries) => carry(entries, &[], left, out),
        Node::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().filter(|item| !is_empty(item)).enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                value("", item, left, out);
            }
            out.push(b']');
        }
        Node::Int(_) | Node::Bool(_) | Node::Text(_) if SWITCHES.contains(&key) => match switch(node) {
            Some(true) => out.extend_from_slice(b"true"),
            Some(false) => out.extend_from_slice(b"false"),
            None => write(node, out),
        },
        Node::Int(number) if NUMBERS.contains(&key) => write_text(&number.to_string(), out),
        Node::Int(_) | Node::Float(_) | Node::Bool(_) | Node::Text(_) | Node::Null => write(node, out),
    }
}

/// As it is, without what is empty.
fn write_plain(node: &Node<'_>, out: &mut Vec<u8>) {
    match node {
        Node::Map(entries) => {
            out.push(b'{');
            for (at, (key, node)) in sorted(entries).into_iter().filter(|(_, node)| !is_empty(node)).enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write_plain(node, out);
            }
            out.push(b'}');
        }
        Node::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().filter(|item| !is_empty(item)).enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_plain(item, out);
            }
            out.push(b']');
        }
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) => write(node, out),
    }
}

/// Levels of a tree, itself included.
pub(super) fn depth(node: &Node<'_>) -> usize {
    match node {
        Node::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Node::Map(entries) => 1 + entries.iter().map(|(_, node)| depth(node)).max().unwrap_or(0),
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stix21::json;

    #[test]
    fn the_table_is_sorted() {
        assert!(LOCAL.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn numbers_and_switches_have_one_spelling_and_the_instances_own_stays_behind() {
        let tree = json::parse(
            br#"{"id":"7","to_ids":"1","timestamp":5,"comment":"","x":[null,{}],"Tag":[{"id":1,"name":"a"}],"meta":{"id":[1]}}"#,
        )
        .unwrap();
        let (mut left, mut out) = (Left::new(), Vec::new());
        carry(tree.map().unwrap(), &[], &mut left, &mut out);
        let expected = r#"{"Tag":[{"name":"a"}],"comment":"","meta":{"id":[1]},"timestamp":"5","to_ids":true}"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(left.into_iter().collect::<Vec<_>>(), ["id"]);
    }
}
