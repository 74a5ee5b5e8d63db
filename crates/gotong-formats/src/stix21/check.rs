//! What STIX 2.1 demands of an object, by name of the field.
//!
//! Strict where the standard says MUST and producers comply; where producers differ and harm is likely, a doubt instead
//! of a fault. Types that are not in the standard are checked for the common properties only. Read next: `head.rs`
//! (type, id, version), `common.rs` (shapes of properties), `domain.rs`, `observable.rs`, `meta.rs` (each type's own).

pub(crate) mod common;
mod domain;
pub(crate) mod head;
mod meta;
mod observable;

use super::fault::FieldFault;
use super::json::{Entries, Node, field};
use super::types::{Family, family};
use super::values::Values;
use gotong_model::Timestamp;
use head::Head;

/// Faults that are reported of one object.
const FAULTS_MAX: usize = 32;

/// The faults of one object.
#[derive(Default)]
pub(crate) struct Faults {
    list: Vec<FieldFault>,
}

impl Faults {
    pub(crate) fn add(&mut self, pointer: impl Into<String>, code: &'static str, text: impl Into<String>) {
        if self.list.len() < FAULTS_MAX {
            self.list.push(FieldFault::new(pointer, code, text));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn into_list(self) -> Vec<FieldFault> {
        self.list
    }

    fn require(&mut self, entries: &Entries<'_>, object_type: &str, names: &[&str]) {
        for name in names {
            if field(entries, name).is_none() {
                let text = format!("is missing; an object of type {object_type} must have `{name}`");
                self.add(format!("/{name}"), "stix.property.missing", text);
            }
        }
    }

    fn require_one(&mut self, entries: &Entries<'_>, object_type: &str, names: &[&str]) {
        if !names.iter().any(|name| field(entries, name).is_some()) {
            let text = format!("an object of type {object_type} must have at least one of {}", names.join(", "));
            self.add("", "stix.property.one-of", text);
        }
    }

    fn range(&mut self, entries: &Entries<'_>, name: &str, min: i64, max: i64) {
        if let Some(value) = field(entries, name).and_then(Node::int)
            && !(min..=max).contains(&value)
        {
            self.add(format!("/{name}"), "stix.number.range", format!("is {value}; it must be from {min} to {max}"));
        }
    }

    /// `later` must not be before `earlier`; where `strictly`, not at it either.
    fn order(&mut self, entries: &Entries<'_>, earlier: &str, later: &str, strictly: bool) {
        let time = |name: &str| field(entries, name).and_then(Node::text).and_then(Timestamp::parse);
        if let (Some(from), Some(to)) = (time(earlier), time(later))
            && (to < from || (strictly && to == from))
        {
            let must = if strictly { "later than" } else { "no earlier than" };
            self.add(format!("/{later}"), "stix.time.order", format!("must be {must} `{earlier}`"));
        }
    }
}

/// Checks everything but type, id and version, which [`head::head`] has read.
pub(crate) fn object(entries: &Entries<'_>, head: &Head<'_>, faults: &mut Faults, values: &mut Values) {
    let family = family(head.object_type);
    common::properties(entries, family, faults);
    meta::granular_markings(entries, faults);
    match family {
        Family::Domain | Family::Relation => domain::check(entries, head.object_type, faults),
        Family::Observable => observable::check(entries, head, faults, values),
        Family::Meta => meta::check(entries, head, faults),
        Family::Bundle | Family::Custom => {}
    }
}
