//! STIX objects to one MISP event: what came from MISP as it was, what never was MISP as well as MISP can say it.
//!
//! INVARIANT: what the extension says is believed only where the STIX beside it says the same, so nobody can hide one thing in it and show
//! another; the stricter of its TLP tags and of the markings counts. Whatever is not carried is a loss by name. Read next:
//! `write/back.rs` (what came from MISP), `write/plain.rs` (what did not).

mod back;
pub(super) mod cluster;
mod pattern;
mod plain;

use super::carry::text;
use super::ids;
use super::tags::tlp_of;
use crate::draft::Loss;
use crate::stix21::json::{self, Entries, Node, field};
use crate::stix21::{FieldFault, label_of_id};
use gotong_model::{Timestamp, Tlp};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// What the caller decides.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct WriteOptions {
    /// MISP's distribution of an event that never was MISP: 0, its own organisation only, up to 3, all. Parts inherit it.
    pub distribution: u8,
}

/// An event, and what it could not carry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// `{"Event":{…}}`.
    pub event: Vec<u8>,
    /// What was not carried. `line` is the number of the object, from 1, `place` its id.
    pub losses: Vec<Loss>,
}

/// A MISP attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribute {
    /// The value of the attribute as MISP's JSON has it: `type`, `value`, `category`, `to_ids`, `uuid`, `Tag` and so on.
    pub json: Map<String, Value>,
}

/// One object of the list.
struct Source<'a> {
    line: u64,
    id: &'a str,
    object_type: &'a str,
    entries: &'a Entries<'a>,
    /// Our extension on it.
    extension: Option<&'a Entries<'a>>,
    modified: Option<Timestamp>,
}

impl<'a> Source<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        field(self.entries, name).and_then(Node::text)
    }

    fn kind(&self) -> &'a str {
        self.extension.and_then(|extension| field(extension, "kind")).and_then(Node::text).unwrap_or_default()
    }

    fn fields(&self) -> Option<&'a Entries<'a>> {
        field(self.extension?, "fields")?.map()
    }

    fn refs(&self, name: &str) -> impl Iterator<Item = &'a str> {
        field(self.entries, name).and_then(Node::list).unwrap_or_default().iter().filter_map(Node::text)
    }

    fn is_revoked(&self) -> bool {
        field(self.entries, "revoked").and_then(Node::bool) == Some(true)
    }

    fn seconds(&self) -> Option<String> {
        self.modified.map(seconds)
    }

    /// The strictest TLP of its markings, granular ones among them.
    fn label(&self) -> Option<Tlp> {
        let granular = field(self.entries, "granular_markings").and_then(Node::list).unwrap_or_default();
        let granular = granular.iter().filter_map(|one| field(one.map()?, "marking_ref")?.text());
        self.refs("object_marking_refs").chain(granular).filter_map(label_of_id).max()
    }
}

fn seconds(at: Timestamp) -> String {
    (at.micros() / 1_000_000).to_string()
}

/// An event that is being put together.
struct Event<'a> {
    sources: &'a [Source<'a>],
    by_id: HashMap<&'a str, usize>,
    options: WriteOptions,
    losses: Vec<Loss>,
    /// Members of the event but for its lists.
    head: Map<String, Value>,
    attributes: Vec<Map<String, Value>>,
    objects: Vec<Map<String, Value>>,
    reports: Vec<Value>,
    proposals: Vec<Value>,
    galaxies: Vec<Value>,
    tags: Vec<Value>,
    label: Option<Tlp>,
    /// What has a place in the event by now.
    done: HashSet<&'a str>,
    /// Where the attributes of a STIX id stand.
    placed: HashMap<&'a str, usize>,
}

/// Puts one event together of the bodies of one report and of what it refers to, sightings and proposals about it among them. Bodies that
/// cannot be read are losses.
pub fn write<B: AsRef<[u8]>>(bodies: &[B], options: WriteOptions) -> Written {
    let mut losses = Vec::new();
    let mut trees = Vec::with_capacity(bodies.len());
    for (at, body) in bodies.iter().enumerate() {
        let line = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        match json::parse(body.as_ref()) {
            Ok(tree) => trees.push((line, tree)),
            Err(fault) => losses.push(loss(line, "", "misp.loss.unreadable", fault.to_string())),
        }
    }
    let sources: Vec<_> = trees.iter().filter_map(|(line, tree)| source(*line, tree, &mut losses)).collect();
    let sources = latest(sources, &mut losses);
    let mut event = Event {
        by_id: sources.iter().enumerate().map(|(at, one)| (one.id, at)).collect(),
        sources: &sources,
        options,
        losses,
        head: Map::new(),
        attributes: Vec::new(),
        objects: Vec::new(),
        reports: Vec::new(),
        proposals: Vec::new(),
        galaxies: Vec::new(),
        tags: Vec::new(),
        label: None,
        done: HashSet::new(),
        placed: HashMap::new(),
    };
    back::head(&mut event);
    back::records(&mut event);
    plain::records(&mut event);
    back::around(&mut event);
    event.finish()
}

/// One STIX object as MISP attributes: an indicator whose pattern compares plainly, or an observable. Others give none, and a loss.
pub fn attributes_of(body: &[u8]) -> (Vec<Attribute>, Vec<Loss>) {
    let mut losses = Vec::new();
    let tree = match json::parse(body) {
        Ok(tree) => tree,
        Err(fault) => return (Vec::new(), vec![loss(1, "", "misp.loss.unreadable", fault.to_string())]),
    };
    let Some(source) = source(1, &tree, &mut losses) else { return (Vec::new(), losses) };
    let attributes = plain::attributes(&source, &mut losses);
    (attributes.into_iter().map(|json| Attribute { json }).collect(), losses)
}

/// JSON as MISP and its clients send it, as strict as events are read: no name twice, bounded in size, depth and number.
pub fn parse(bytes: &[u8], bytes_max: usize, values_max: usize) -> Result<Value, FieldFault> {
    Ok(value(&json::parse_up_to(bytes, bytes_max, values_max)?))
}

fn loss(line: u64, place: &str, code: &'static str, text: impl Into<String>) -> Loss {
    Loss { line, place: place.to_owned(), code, text: text.into() }
}

fn source<'a>(line: u64, tree: &'a Node<'a>, losses: &mut Vec<Loss>) -> Option<Source<'a>> {
    let entries = tree.map();
    let named =
        entries.and_then(|entries| Some((entries, field(entries, "id")?.text()?, field(entries, "type")?.text()?)));
    let Some((entries, id, object_type)) = named else {
        losses.push(loss(line, "", "misp.loss.unreadable", "is no STIX object: it has no id or no type"));
        return None;
    };
    let extension = field(entries, "extensions").and_then(Node::map).and_then(|all| field(all, ids::EXTENSION));
    let modified =
        ["modified", "created"].iter().find_map(|name| field(entries, name)?.text().and_then(Timestamp::parse));
    Some(Source { line, id, object_type, entries, extension: extension.and_then(Node::map), modified })
}

/// The latest version of each id, in the order of the list.
fn latest<'a>(sources: Vec<Source<'a>>, losses: &mut Vec<Loss>) -> Vec<Source<'a>> {
    let mut at: HashMap<&str, usize> = HashMap::with_capacity(sources.len());
    let mut kept: Vec<Source<'a>> = Vec::with_capacity(sources.len());
    for source in sources {
        let Some(known) = at.get(source.id).and_then(|at| kept.get_mut(*at)) else {
            at.insert(source.id, kept.len());
            kept.push(source);
            continue;
        };
        let later = source.modified > known.modified;
        // Observables have no versions; the strictest copy is the one that counts.
        let stricter = source.modified == known.modified && source.label() > known.label();
        if source.modified != known.modified {
            let line = if later { known.line } else { source.line };
            losses.push(loss(
                line,
                source.id,
                "misp.loss.superseded",
                "an earlier version; the event holds the latest only",
            ));
        }
        if later || stricter {
            *known = source;
        }
    }
    kept
}

/// A tree as a value, with all that is in it.
fn value(node: &Node<'_>) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(on) => Value::Bool(*on),
        Node::Int(number) => json!(number),
        Node::Float(number) => json!(number),
        Node::Text(text) => Value::String(text.to_string()),
        Node::List(items) => Value::Array(items.iter().map(value).collect()),
        Node::Map(entries) => Value::Object(object(entries)),
    }
}

fn object(entries: &Entries<'_>) -> Map<String, Value> {
    entries.iter().map(|(key, node)| (key.to_string(), value(node))).collect()
}

/// The strictest TLP among tags.
fn label_of_tags(tags: Option<&Value>) -> Option<Tlp> {
    let names = tags.and_then(Value::as_array).into_iter().flatten().filter_map(|tag| tag.get("name")?.as_str());
    names.filter_map(tlp_of).map(|(label, _)| label).max()
}

fn tag(name: &str) -> Value {
    json!({"name": name})
}

/// Adds the tag of `label` to a record where its own tags and those of the event say less.
fn mark(record: &mut Map<String, Value>, label: Option<Tlp>, event: Option<Tlp>) {
    let Some(label) = label.filter(|label| Some(*label) > label_of_tags(record.get("Tag")).max(event)) else { return };
    let tags = record.entry("Tag").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(tags) = tags {
        tags.push(tag(&format!("tlp:{label}")));
    }
}

impl<'a> Event<'a> {
    fn loss(&mut self, source: &Source<'a>, code: &'static str, text: impl Into<String>) {
        self.losses.push(loss(source.line, source.id, code, text));
    }

    fn lookup(&self, id: &str) -> Option<&'a Source<'a>> {
        self.sources.get(*self.by_id.get(id)?)
    }

    fn finish(mut self) -> Written {
        for source in self.sources.iter().filter(|source| !self.done.contains(source.id)) {
            let text = format!("MISP has no place for this {}, or what it stands on is not here", source.object_type);
            self.losses.push(loss(source.line, source.id, "misp.loss.object", text));
        }
        let live = |record: &Map<String, Value>| record.get("deleted").and_then(Value::as_bool) != Some(true);
        let in_objects =
            self.objects.iter().filter(|object| live(object)).filter_map(|object| object.get("Attribute")?.as_array());
        let in_objects = in_objects.flatten().filter_map(Value::as_object).filter(|one| live(one)).count();
        let count = in_objects + self.attributes.iter().filter(|one| live(one)).count();
        let mut event = self.head;
        event.insert("attribute_count".into(), Value::String(count.to_string()));
        let maps = |list: Vec<Map<String, Value>>| Value::Array(list.into_iter().map(Value::Object).collect());
        event.insert("Attribute".into(), maps(self.attributes));
        event.insert("Object".into(), maps(self.objects));
        event.insert("EventReport".into(), Value::Array(self.reports));
        event.insert("ShadowAttribute".into(), Value::Array(self.proposals));
        event.insert("Galaxy".into(), Value::Array(self.galaxies));
        event.insert("Tag".into(), Value::Array(self.tags));
        let event = json!({"Event": event}).to_string().into_bytes();
        Written { event, losses: self.losses }
    }
}

/// A member of the extension's fields as text.
fn member<'n>(entries: &'n Entries<'_>, name: &str) -> Option<std::borrow::Cow<'n, str>> {
    text(entries, name)
}
