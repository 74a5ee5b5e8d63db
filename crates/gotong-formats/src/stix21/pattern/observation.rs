//! One observed-data object with the observables that it names: what a pattern is matched with.
//!
//! Borrows from the bytes of the objects. Does not check an object any further than matching needs; that is
//! `stix21::read`. Read next: `select.rs`, which follows paths through it.

use super::literal::Instant;
use crate::stix21::fault::FieldFault;
use crate::stix21::json::{self, Node, field};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What was observed: observables, and from when to when.
#[derive(Debug)]
pub struct Observation<'a> {
    pub(super) first: Instant,
    pub(super) last: Instant,
    /// How many observations it stands for (`number_observed`).
    pub(super) times: u32,
    pub(super) objects: Vec<Object<'a>>,
    /// Objects by their id, or by their key in the older spelling.
    places: BTreeMap<Cow<'a, str>, usize>,
    missing: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) node: Node<'a>,
}

impl Object<'_> {
    pub(super) fn object_type(&self) -> &str {
        self.node.map().and_then(|entries| field(entries, "type")).and_then(Node::text).unwrap_or_default()
    }
}

impl<'a> Observation<'a> {
    /// From the bytes of an observed-data object and of observables; of those it takes the ones that `object_refs`
    /// names. The older `objects` within the object itself is read too.
    pub fn parse(observed: &'a [u8], observables: &[&'a [u8]]) -> Result<Self, FieldFault> {
        let mut root = json::parse(observed)?;
        let Node::Map(entries) = &mut root else {
            return Err(fault("", "the value is no object; an observed-data object was expected"));
        };
        if field(entries, "type").and_then(Node::text) != Some("observed-data") {
            return Err(fault("/type", "an object of the type observed-data was expected"));
        }
        let instant = |name: &str, pointer: &str| {
            let text = field(entries, name).and_then(Node::text);
            text.and_then(Instant::parse).ok_or_else(|| fault(pointer, "a timestamp YYYY-MM-DDTHH:MM:SSZ was expected"))
        };
        let first = instant("first_observed", "/first_observed")?;
        let last = instant("last_observed", "/last_observed")?;
        if last < first {
            return Err(fault("/last_observed", "it ends before it begins (first_observed)"));
        }
        let times = match field(entries, "number_observed").map(Node::int) {
            None => 1,
            Some(Some(times @ 1..=999_999_999)) => u32::try_from(times).unwrap_or(u32::MAX),
            Some(_) => return Err(fault("/number_observed", "a whole number from 1 to 999999999 was expected")),
        };
        let named: BTreeSet<&str> =
            field(entries, "object_refs").and_then(Node::list).into_iter().flatten().filter_map(Node::text).collect();
        let mut found = Self { first, last, times, objects: Vec::new(), places: BTreeMap::new(), missing: Vec::new() };
        for bytes in observables {
            let node = json::parse(bytes)?;
            let id = node.map().and_then(|entries| field(entries, "id")).and_then(Node::text).map(str::to_owned);
            if let Some(id) = id.filter(|id| named.contains(id.as_str())) {
                found.add(Cow::Owned(id), node);
            }
        }
        found.missing = named.iter().filter(|id| !found.places.contains_key(**id)).map(|id| (*id).to_owned()).collect();
        drop(named);
        if let Some(at) = entries.iter().position(|(key, _)| key == "objects") {
            let (_, objects) = entries.swap_remove(at);
            let Node::Map(objects) = objects else {
                return Err(fault("/objects", "an object of observables was expected"));
            };
            for (key, node) in objects {
                found.add(key, node);
            }
        }
        Ok(found)
    }

    /// Ids that `object_refs` names and that were not given. What they would have matched is not known.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    fn add(&mut self, id: Cow<'a, str>, node: Node<'a>) {
        self.places.entry(id).or_insert(self.objects.len());
        self.objects.push(Object { node });
    }

    pub(super) fn object(&self, id: &str) -> Option<&Object<'a>> {
        self.places.get(id).and_then(|at| self.objects.get(*at))
    }
}

fn fault(pointer: &str, text: &str) -> FieldFault {
    FieldFault::new(pointer, "stix.pattern.observation", text)
}
