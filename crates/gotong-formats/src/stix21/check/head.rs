//! Type, id, version of the standard, times: what every object is known by.

use super::Faults;
use super::common::{Time, timestamp};
use crate::stix21::id::{self, Id};
use crate::stix21::json::{Entries, field};
use crate::stix21::types::{Family, family, is_type_name};
use gotong_model::Timestamp;

/// What every object is known by.
pub(crate) struct Head<'n> {
    pub(crate) object_type: &'n str,
    pub(crate) id: &'n str,
    pub(crate) uuid: [u8; 16],
    pub(crate) created: Option<Timestamp>,
    pub(crate) modified: Option<Timestamp>,
}

/// Reads the head. `None`: nothing more can be said of this object than the faults do.
pub(crate) fn head<'n>(entries: &'n Entries<'_>, faults: &mut Faults) -> Option<Head<'n>> {
    let object_type = object_type(entries, faults)?;
    let family = family(object_type);
    let spoken = spec_version(entries, object_type, family, faults);
    let (id, uuid) = identifier(entries, object_type, faults)?;
    if !spoken {
        // Faults of another version of the standard would only hide the one that counts.
        return None;
    }
    let (created, modified) = times(entries, object_type, family, faults);
    Some(Head { object_type, id, uuid, created, modified })
}

fn object_type<'n>(entries: &'n Entries<'_>, faults: &mut Faults) -> Option<&'n str> {
    let Some(node) = field(entries, "type") else {
        faults.add("/type", "stix.type.missing", "is missing; every STIX object has a type");
        return None;
    };
    let Some(name) = node.text().filter(|name| is_type_name(name)) else {
        faults.add("/type", "stix.type.syntax", "must be a string of 3 to 250 of a-z, 0-9 and -");
        return None;
    };
    if family(name) == Family::Bundle {
        faults.add("/type", "stix.bundle.nested", "a bundle is a container and no object; send the objects in it");
        return None;
    }
    Some(name)
}

fn identifier<'n>(entries: &'n Entries<'_>, object_type: &str, faults: &mut Faults) -> Option<(&'n str, [u8; 16])> {
    let Some(node) = field(entries, "id") else {
        let text = format!("is missing; it must be `{object_type}--` and a UUID");
        faults.add("/id", "stix.id.missing", text);
        return None;
    };
    let Some(text) = node.text() else {
        faults.add("/id", "stix.id.syntax", format!("is {}; an id is a string `type--UUID`", node.kind()));
        return None;
    };
    let Some(id) = Id::parse(text) else {
        faults.add("/id", "stix.id.syntax", id::flaw(text));
        return None;
    };
    if id.object_type != object_type {
        let text =
            format!("names the type {}, but the object is of type {object_type}; they must agree", id.object_type);
        faults.add("/id", "stix.id.type-mismatch", text);
        return None;
    }
    Some((text, id.uuid))
}

/// STIX 2.1 section 3.2: without `spec_version`, an observable is of 2.1 and any other object of 2.0. A custom type that
/// has no `created` can only be an observable.
fn spec_version(entries: &Entries<'_>, object_type: &str, family: Family, faults: &mut Faults) -> bool {
    let Some(node) = field(entries, "spec_version") else {
        let observable =
            family == Family::Observable || (family == Family::Custom && field(entries, "created").is_none());
        if !observable {
            let text = format!("is missing, which makes this {object_type} STIX 2.0; only 2.1 is read");
            faults.add("/spec_version", "stix.spec-version.missing", text);
        }
        return observable;
    };
    if node.text() == Some("2.1") {
        return true;
    }
    faults.add("/spec_version", "stix.spec-version.unsupported", "must be \"2.1\"; other versions are not read");
    false
}

/// Marking definitions have no versions; observables and custom types need no times.
fn times(
    entries: &Entries<'_>,
    object_type: &str,
    family: Family,
    faults: &mut Faults,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let mut time = |name: &'static str, required: bool| {
        let Some(node) = field(entries, name) else {
            if required {
                let text = format!("is missing; an object of type {object_type} must have `{name}`");
                faults.add(format!("/{name}"), "stix.property.missing", text);
            }
            return None;
        };
        match timestamp(node, || format!("/{name}"), faults)? {
            Time::At(time) => Some(time),
            Time::Before1970 => {
                let text = "is before 1970; no object of a sharing system is that old";
                faults.add(format!("/{name}"), "stix.time.range", text);
                None
            }
        }
    };
    let dated = matches!(family, Family::Domain | Family::Relation | Family::Meta);
    let created = time("created", dated);
    if object_type == "marking-definition" {
        if field(entries, "modified").is_some() {
            let text = "a marking definition has no versions; leave `modified` out";
            faults.add("/modified", "stix.marking.versioned", text);
        }
        return (created, None);
    }
    let modified = time("modified", dated);
    if let (Some(created), Some(modified)) = (created, modified)
        && modified < created
    {
        faults.add("/modified", "stix.time.order", "is earlier than `created`; it must not be");
    }
    if field(entries, "revoked").is_some_and(|node| node.bool().is_none()) {
        faults.add("/revoked", "stix.property.type", "must be true or false");
    }
    (created, modified)
}
