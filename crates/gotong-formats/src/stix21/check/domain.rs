//! What each domain object, relationship and sighting must have (STIX 2.1 sections 4 and 5).

use super::Faults;
use super::common::{reference, references};
use crate::stix21::id::Id;
use crate::stix21::json::{Entries, Node, field};
use crate::stix21::types::{Family, family};

pub(crate) fn check(entries: &Entries<'_>, object_type: &str, faults: &mut Faults) {
    faults.require(entries, object_type, required(object_type));
    match object_type {
        "indicator" => indicator(entries, faults),
        "relationship" => relationship(entries, faults),
        "sighting" => sighting(entries, faults),
        "observed-data" => observed_data(entries, faults),
        "location" => location(entries, faults),
        "malware" if field(entries, "is_family").and_then(Node::bool) == Some(true) => {
            faults.require(entries, "malware (a family)", &["name"]);
        }
        "malware-analysis" => {
            faults.require_one(entries, object_type, &["result", "analysis_sco_refs"]);
            faults.order(entries, "analysis_started", "analysis_ended", false);
        }
        "opinion" => opinion(entries, faults),
        _ => {}
    }
    faults.order(entries, "first_seen", "last_seen", false);
}

fn required(object_type: &str) -> &'static [&'static str] {
    match object_type {
        "indicator" => &["pattern", "pattern_type", "valid_from"],
        "relationship" => &["relationship_type", "source_ref", "target_ref"],
        "sighting" => &["sighting_of_ref"],
        "observed-data" => &["first_observed", "last_observed", "number_observed"],
        "grouping" => &["context", "object_refs"],
        "malware" => &["is_family"],
        "malware-analysis" => &["product"],
        "note" => &["content", "object_refs"],
        "opinion" => &["opinion", "object_refs"],
        "report" => &["name", "published", "object_refs"],
        "infrastructure" | "attack-pattern" | "campaign" | "course-of-action" | "identity" | "incident"
        | "intrusion-set" | "threat-actor" | "tool" | "vulnerability" => &["name"],
        _ => &[],
    }
}

fn indicator(entries: &Entries<'_>, faults: &mut Faults) {
    faults.order(entries, "valid_from", "valid_until", true);
    if field(entries, "pattern").and_then(Node::text).is_some_and(|text| text.trim().is_empty()) {
        faults.add("/pattern", "stix.pattern.empty", "is empty; an indicator must have a pattern");
    }
}

/// Relations, containers and markings are no ends of a relationship, and nothing that is sighted.
fn linkable(entries: &Entries<'_>, name: &str, observables: bool, faults: &mut Faults) {
    let Some(id) = field(entries, name).and_then(Node::text).and_then(Id::parse) else { return };
    let fits = match family(id.object_type) {
        Family::Domain | Family::Custom => true,
        Family::Observable => observables,
        Family::Relation | Family::Meta | Family::Bundle => false,
    };
    if !fits {
        let what = if observables { "a domain object or an observable" } else { "a domain object" };
        let text = format!("refers to a {}; it must refer to {what}", id.object_type);
        faults.add(format!("/{name}"), "stix.ref.type", text);
    }
}

fn relationship(entries: &Entries<'_>, faults: &mut Faults) {
    linkable(entries, "source_ref", true, faults);
    linkable(entries, "target_ref", true, faults);
    faults.order(entries, "start_time", "stop_time", true);
    for name in ["start_time", "stop_time"] {
        if let Some(node) = field(entries, name) {
            super::common::timestamp(node, || format!("/{name}"), faults);
        }
    }
    if let Some(name) = field(entries, "relationship_type").and_then(Node::text) {
        let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if name.is_empty() || name.len() > 250 || !name.bytes().all(fits) {
            faults.add("/relationship_type", "stix.relationship.type", "must be of a-z, 0-9 and - only");
        }
    }
}

fn sighting(entries: &Entries<'_>, faults: &mut Faults) {
    linkable(entries, "sighting_of_ref", false, faults);
    faults.range(entries, "count", 0, 999_999_999);
    if let Some(node) = field(entries, "observed_data_refs") {
        references(node, &["observed-data"], "observed_data_refs", faults);
    }
    if let Some(node) = field(entries, "where_sighted_refs") {
        references(node, &["identity", "location"], "where_sighted_refs", faults);
    }
}

fn observed_data(entries: &Entries<'_>, faults: &mut Faults) {
    faults.range(entries, "number_observed", 1, 999_999_999);
    faults.order(entries, "first_observed", "last_observed", false);
    let objects = field(entries, "objects");
    if objects.is_some() == field(entries, "object_refs").is_some() {
        let text = "observed data must have exactly one of `objects` and `object_refs`";
        faults.add("/object_refs", "stix.observed-data.objects", text);
    }
    let Some(objects) = objects else { return };
    let Some(inner) = objects.map().filter(|inner| !inner.is_empty()) else {
        faults.add("/objects", "stix.property.type", "must be an object of observables by their number");
        return;
    };
    for (key, object) in inner {
        if object.map().and_then(|object| field(object, "type")).and_then(Node::text).is_none() {
            let place = format!("/objects{}/type", super::common::pointer(key));
            faults.add(place, "stix.type.missing", "is missing; every observable has a type");
        }
    }
}

fn location(entries: &Entries<'_>, faults: &mut Faults) {
    let has = |name| field(entries, name).is_some();
    if has("latitude") != has("longitude") {
        let missing = if has("latitude") { "longitude" } else { "latitude" };
        let text = "is missing; latitude and longitude go together";
        faults.add(format!("/{missing}"), "stix.property.missing", text);
    }
    faults.require_one(entries, "location", &["region", "country", "latitude"]);
    if has("precision") && !has("latitude") {
        faults.add("/precision", "stix.property.depends", "has no meaning without latitude and longitude");
    }
    for (name, limit) in [("latitude", 90.0), ("longitude", 180.0)] {
        if field(entries, name).and_then(Node::number).is_some_and(|degrees| degrees.abs() > limit) {
            let text = format!("must be from -{limit} to {limit} degrees");
            faults.add(format!("/{name}"), "stix.number.range", text);
        }
    }
}

fn opinion(entries: &Entries<'_>, faults: &mut Faults) {
    const OPINIONS: [&str; 5] = ["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"];
    if let Some(word) = field(entries, "opinion").and_then(Node::text)
        && !OPINIONS.contains(&word)
    {
        faults.add("/opinion", "stix.opinion.word", format!("must be one of {}", OPINIONS.join(", ")));
    }
    if let Some(node) = field(entries, "object_ref") {
        reference(node, &[], || "/object_ref".into(), faults);
    }
}
