//! What came from MISP, as it was: the extension gives the members, the STIX beside it has to say the same.
//!
//! [`plan`] of an attribute or object is asked again, and what it gives has to be what the object says. Where it is not, somebody
//! changed the STIX, and the STIX counts (`plain.rs`). Read next: `misp/attribute.rs`.

use super::{Event, Source, label_of_tags, mark, member, object, seconds, tag, value};
use crate::misp::around;
use crate::misp::attribute::{self, Plan};
use crate::misp::carry::is_on;
use crate::misp::group::{self, Member};
use crate::misp::ids;
use crate::stix21::id::{parse_uuid, uuid_text};
use crate::stix21::json::{Entries, Node, field};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The event's own members, from its report.
pub(super) fn head(event: &mut Event<'_>) {
    let sources = event.sources;
    let ours =
        |source: &&Source<'_>| source.object_type == "report" && source.kind() == "event" && source.fields().is_some();
    if let Some((report, fields)) = sources.iter().find(ours).and_then(|report| Some((report, report.fields()?))) {
        event.done.insert(report.id);
        let mut head = object(fields);
        head.insert("uuid".into(), Value::String(report_uuid(report, fields)));
        if !head.contains_key("info") {
            head.insert("info".into(), Value::String(report.text("name").unwrap_or_default().to_owned()));
        }
        if let Some(Value::Array(tags)) = head.remove("Tag") {
            event.tags = tags;
        }
        restamp(report, &mut head);
        if report.is_revoked() {
            event.loss(
                report,
                "misp.loss.revoked",
                "the report is revoked; MISP has no revoked events, only their deletion",
            );
        }
        event.head = head;
        event.galaxies = galaxies(event, report, report.extension.and_then(|extension| field(extension, "galaxies")));
        marked(event, report);
    } else {
        super::plain::head(event);
    }
    if let Some(creator) = event.head.get("Orgc").and_then(|creator| creator.get("uuid")).and_then(Value::as_str) {
        let id = format!("identity--{}", creator.to_ascii_lowercase());
        if let Some(source) = event.lookup(&id) {
            event.done.insert(source.id);
        }
    }
    let known = |source: &&Source<'_>| {
        source.id == ids::DEFINER
            || source.id == ids::EXTENSION
            || matches!(source.kind(), "part" | "link" | "cluster")
            || (source.object_type == "marking-definition" && crate::stix21::label_of_id(source.id).is_some())
    };
    event.done.extend(sources.iter().filter(known).map(|source| source.id));
}

/// The UUID as MISP wrote it, where it is that of the report.
fn report_uuid(report: &Source<'_>, fields: &Entries<'_>) -> String {
    let own = report.id.get(8..).unwrap_or_default();
    let said = member(fields, "uuid").filter(|said| said.eq_ignore_ascii_case(own));
    said.map_or_else(|| own.to_owned(), std::borrow::Cow::into_owned)
}

pub(super) fn marked(event: &mut Event<'_>, report: &Source<'_>) {
    let tags = Value::Array(std::mem::take(&mut event.tags));
    let label = report.label().filter(|label| Some(*label) > label_of_tags(Some(&tags)));
    event.label = label_of_tags(Some(&tags)).max(label);
    if let Value::Array(tags) = tags {
        event.tags = tags;
    }
    if let Some(label) = label {
        event.tags.push(tag(&format!("tlp:{label}")));
    }
}

/// A version that is later than MISP's own gives its time.
fn restamp(source: &Source<'_>, record: &mut Map<String, Value>) {
    let own =
        ["timestamp", "publish_timestamp"].iter().filter_map(|name| ids::epoch(record.get(*name)?.as_str()?)).max();
    let members = source.extension.and_then(|extension| field(extension, "attributes")).and_then(Node::list);
    let members =
        members.unwrap_or_default().iter().filter_map(|one| ids::epoch(&member(one.map()?, "timestamp")?)).max();
    if let (Some(modified), Some(known)) = (source.modified, own.max(members))
        && modified.micros() / 1_000_000 > known.micros() / 1_000_000
        && source.object_type != "identity"
    {
        record.insert("timestamp".into(), Value::String(seconds(modified)));
    }
}

/// Attributes, objects, event reports and clusters.
pub(super) fn records(event: &mut Event<'_>) {
    for source in event.sources {
        let record = match source.kind() {
            "attribute" => attribute(event, source),
            "object" => group(event, source),
            "report" if source.object_type == "note" => report(event, source),
            _ => continue,
        };
        if record.is_none() {
            let text = "the object was changed after it came from MISP, or its extension was; what STIX says counts";
            event.loss(source, "misp.loss.changed", text);
        }
    }
}

/// Whether what an object says is what its extension would have become.
fn agrees(source: &Source<'_>, plan: &Plan, content: &str) -> bool {
    match plan {
        Plan::Indicator { pattern, language } => {
            source.object_type == "indicator"
                && source.text("pattern") == Some(pattern)
                && source.text("pattern_type") == Some(language)
        }
        Plan::Observed(list) => {
            let said: HashSet<_> = source.refs("object_refs").collect();
            source.object_type == "observed-data" && said == list.iter().map(|one| one.id.as_str()).collect()
        }
        Plan::Vulnerability(name) => source.object_type == "vulnerability" && source.text("name") == Some(name),
        Plan::Note => source.object_type == "note" && source.text("content") == Some(content),
    }
}

/// The members of an attribute, without those that objects of their own say.
fn own(fields: &Entries<'_>) -> Map<String, Value> {
    let mut record = object(fields);
    for name in ["Galaxy", "Sighting", "ShadowAttribute"] {
        record.remove(name);
    }
    record
}

/// Data of the artifacts that an object saw, in order.
fn payloads<'a>(event: &Event<'a>, source: &Source<'a>) -> Vec<&'a str> {
    let artifacts = source.refs("object_refs").filter(|id| id.starts_with("artifact--"));
    artifacts.filter_map(|id| event.lookup(id)?.text("payload_bin")).collect()
}

fn attribute<'a>(event: &mut Event<'a>, source: &'a Source<'a>) -> Option<()> {
    let fields = source.fields()?;
    let misp_type = member(fields, "type")?;
    let elsewhere = match source.object_type {
        "note" => source.text("content"),
        "indicator" => source.text("pattern"),
        "vulnerability" => source.text("name"),
        _ => None,
    };
    let content = member(fields, "value").or(elsewhere.map(Into::into))?;
    let payloads = payloads(event, source);
    let data = field(fields, "data").and_then(Node::text).or(payloads.first().copied());
    let (plan, _) = attribute::plan(&misp_type, &content, is_on(fields, "to_ids"), data, None);
    if !agrees(source, &plan, &content) || !holds_uuid(source, fields, &plan) {
        return None;
    }
    let mut record = own(fields);
    record.insert("value".into(), Value::String(content.into_owned()));
    if let Some(data) = data {
        record.insert("data".into(), Value::String(data.to_owned()));
    }
    let galaxies = galaxies(event, source, source.extension.and_then(|extension| field(extension, "galaxies")));
    if !galaxies.is_empty() {
        record.insert("Galaxy".into(), Value::Array(galaxies));
    }
    common(event, source, &mut record);
    event.placed.insert(source.id, event.attributes.len());
    event.attributes.push(record);
    Some(())
}

/// INVARIANT: the UUID in the extension is the one from which the id was made, so nobody passes one record off as another.
fn holds_uuid(source: &Source<'_>, fields: &Entries<'_>, plan: &Plan) -> bool {
    let Some(uuid) = member(fields, "uuid").as_deref().and_then(ids::uuid_of) else { return false };
    let expected = match plan {
        Plan::Indicator { .. } => ids::own("indicator", uuid),
        Plan::Observed(_) | Plan::Vulnerability(_) | Plan::Note => ids::derived(source.object_type, &uuid),
    };
    source.id == expected
}

fn common<'a>(event: &mut Event<'a>, source: &'a Source<'a>, record: &mut Map<String, Value>) {
    if source.is_revoked() && record.get("deleted").and_then(Value::as_bool) != Some(true) {
        record.insert("deleted".into(), Value::Bool(true));
    }
    restamp(source, record);
    if record.get("Attribute").is_none() {
        mark(record, source.label(), event.label);
    }
    event.done.insert(source.id);
    event.done.extend(source.refs("object_refs").filter(|id| source.object_type == "observed-data" && !id.is_empty()));
}

fn group<'a>(event: &mut Event<'a>, source: &'a Source<'a>) -> Option<()> {
    let fields = source.fields()?;
    let listed =
        source.extension.and_then(|extension| field(extension, "attributes")).and_then(Node::list).unwrap_or_default();
    let entries: Vec<_> = listed.iter().map(Node::map).collect::<Option<_>>()?;
    let (types, values, relations): (Vec<_>, Vec<_>, Vec<_>) = (
        entries.iter().map(|one| member(one, "type")).collect::<Option<_>>()?,
        entries.iter().map(|one| member(one, "value")).collect::<Option<_>>()?,
        entries.iter().map(|one| member(one, "object_relation").unwrap_or_default()).collect(),
    );
    let mut payloads = payloads(event, source).into_iter();
    let mut members = Vec::with_capacity(entries.len());
    for (((entries, misp_type), text), relation) in entries.iter().zip(&types).zip(&values).zip(&relations) {
        let own = field(entries, "data").and_then(Node::text);
        let attached = matches!(misp_type.as_ref(), "attachment" | "malware-sample");
        members.push(Member {
            misp_type,
            value: text,
            to_ids: is_on(entries, "to_ids"),
            deleted: is_on(entries, "deleted"),
            relation,
            data: if attached { own.or_else(|| payloads.next()) } else { own },
        });
    }
    let name = member(fields, "name").unwrap_or_default();
    let plan = group::plan(&name, &members, None);
    let summary = group::summary(&members);
    let content = if summary.is_empty() { source.text("content").unwrap_or_default() } else { &summary };
    if !agrees(source, &plan, content) || !holds_uuid(source, fields, &plan) {
        return None;
    }
    let mut record = object(fields);
    let mut attributes = Vec::with_capacity(entries.len());
    for (entries, one) in entries.iter().zip(&members) {
        let mut attribute = own(entries);
        attribute.remove("galaxies");
        let galaxies = galaxies(event, source, field(entries, "galaxies"));
        if !galaxies.is_empty() {
            attribute.insert("Galaxy".into(), Value::Array(galaxies));
        }
        if let Some(data) = one.data {
            attribute.insert("data".into(), Value::String(data.to_owned()));
        }
        attributes.push(attribute);
    }
    // The marking of the draft is that of its strictest attribute; where none says it, all of them have to.
    let known = attributes.iter().map(|one| label_of_tags(one.get("Tag"))).max().flatten().max(event.label);
    if source.label() > known {
        for one in &mut attributes {
            mark(one, source.label(), event.label);
        }
    }
    record.insert("Attribute".into(), Value::Array(attributes.into_iter().map(Value::Object).collect()));
    record.insert("ObjectReference".into(), Value::Array(Vec::new()));
    common(event, source, &mut record);
    event.objects.push(record);
    Some(())
}

fn report<'a>(event: &mut Event<'a>, source: &'a Source<'a>) -> Option<()> {
    let fields = source.fields()?;
    let uuid = member(fields, "uuid").as_deref().and_then(ids::uuid_of)?;
    if source.id != ids::derived("note", &uuid) {
        return None;
    }
    let mut record = object(fields);
    for (name, property) in [("name", "abstract"), ("content", "content")] {
        if !record.contains_key(name) {
            record.insert(name.into(), Value::String(source.text(property).unwrap_or_default().to_owned()));
        }
    }
    common(event, source, &mut record);
    event.reports.push(Value::Object(record));
    Some(())
}

/// Galaxies of a record, with the clusters that its extension refers to.
fn galaxies<'a>(event: &mut Event<'a>, source: &Source<'a>, node: Option<&Node<'_>>) -> Vec<Value> {
    let mut all = Vec::new();
    for item in node.and_then(Node::list).unwrap_or_default().iter().filter_map(Node::map) {
        let mut galaxy = field(item, "fields").and_then(Node::map).map(object).unwrap_or_default();
        let mut clusters = Vec::new();
        for tie in field(item, "clusters").and_then(Node::list).unwrap_or_default().iter().filter_map(Node::map) {
            let Some(id) = field(tie, "ref").and_then(Node::text) else {
                clusters.extend(field(tie, "fields").map(value));
                continue;
            };
            let found =
                event.lookup(id).filter(|one| one.kind() == "cluster").and_then(|one| Some((one, one.fields()?)));
            let Some((cluster, fields)) =
                found.filter(|(one, fields)| one.text("name") == member(fields, "value").as_deref())
            else {
                let text = format!("its galaxy refers to {id}, which is not here or was changed");
                event.loss(source, "misp.loss.cluster", text);
                continue;
            };
            event.done.insert(cluster.id);
            let mut record = object(fields);
            let own = tie.iter().filter(|(key, _)| key != "ref");
            record.extend(own.map(|(key, node)| (key.to_string(), value(node))));
            clusters.push(Value::Object(record));
        }
        galaxy.insert("GalaxyCluster".into(), Value::Array(clusters));
        all.push(Value::Object(galaxy));
    }
    all
}

/// What refers to records: references of objects, sightings, proposals.
pub(super) fn around(event: &mut Event<'_>) {
    let places = Places::of(event);
    for source in event.sources {
        let Some(fields) = source.fields() else { continue };
        let placed = match source.kind() {
            "reference" => reference(event, &places, source, fields),
            "sighting" => sighting(event, &places, source, fields),
            "proposal" => proposal(event, &places, source, fields),
            _ => continue,
        };
        if placed.is_some() {
            event.done.insert(source.id);
        }
    }
}

fn list<'r>(record: &'r mut Map<String, Value>, name: &str) -> Option<&'r mut Vec<Value>> {
    record.entry(name).or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
}

fn reference(event: &mut Event<'_>, places: &Places, source: &Source<'_>, fields: &Entries<'_>) -> Option<()> {
    let uuid = member(fields, "uuid").as_deref().and_then(ids::uuid_of)?;
    if source.id != ids::own("relationship", uuid) {
        return None;
    }
    let from = source.text("source_ref").and_then(|id| event.lookup(id))?;
    let owner = from.fields().and_then(|fields| member(fields, "uuid"))?;
    let mut record = object(fields);
    if source.is_revoked() {
        record.insert("deleted".into(), Value::Bool(true));
    }
    let owner = *places.objects.get(&owner.to_ascii_lowercase())?;
    list(event.objects.get_mut(owner)?, "ObjectReference")?.push(Value::Object(record));
    Some(())
}

/// Where the records of the event stand, by their UUIDs.
struct Places {
    objects: HashMap<String, usize>,
    /// The object, where it stands in one, and the number in its list.
    attributes: HashMap<String, (Option<usize>, usize)>,
}

impl Places {
    fn of(event: &Event<'_>) -> Self {
        let uuid = |record: &Map<String, Value>| Some(record.get("uuid")?.as_str()?.to_ascii_lowercase());
        let numbered = event.objects.iter().enumerate();
        let objects = numbered.clone().filter_map(|(at, object)| Some((uuid(object)?, at))).collect();
        let own = event.attributes.iter().enumerate().filter_map(|(at, one)| Some((uuid(one)?, (None, at))));
        let inner = numbered.flat_map(|(at, object)| {
            let list = object.get("Attribute").and_then(Value::as_array).into_iter().flatten().enumerate();
            list.filter_map(move |(nth, one)| Some((uuid(one.as_object()?)?, (Some(at), nth))))
        });
        Self { objects, attributes: own.chain(inner).collect() }
    }

    fn attribute<'r>(&self, event: &'r mut Event<'_>, uuid: &str) -> Option<&'r mut Map<String, Value>> {
        match self.attributes.get(uuid)? {
            (None, at) => event.attributes.get_mut(*at),
            (Some(object), at) => event.objects.get_mut(*object)?.get_mut("Attribute")?.get_mut(*at)?.as_object_mut(),
        }
    }
}

fn sighting(event: &mut Event<'_>, places: &Places, source: &Source<'_>, fields: &Entries<'_>) -> Option<()> {
    let extension = source.extension?;
    let about = uuid_text(parse_uuid(field(extension, "attribute_uuid")?.text()?)?);
    let mut record = object(fields);
    if let Some(organisation) = field(extension, "organisation") {
        record.insert("Organisation".into(), value(organisation));
    }
    consume_creator(event, source);
    list(places.attribute(event, &about)?, "Sighting")?.push(Value::Object(record));
    Some(())
}

fn proposal(event: &mut Event<'_>, places: &Places, source: &Source<'_>, fields: &Entries<'_>) -> Option<()> {
    let uuid = member(fields, "uuid").as_deref().and_then(ids::uuid_of)?;
    let extension = source.extension?;
    let by = field(extension, "organisation").and_then(Node::map);
    let names = [uuid.to_vec(), around::content_name(uuid, fields, by)];
    if !names.iter().any(|name| source.id == ids::derived("note", name)) {
        return None;
    }
    let mut record = object(fields);
    record.insert("id".into(), Value::String(ids::proposal_number(source.id)?.to_string()));
    if source.is_revoked() {
        record.insert("deleted".into(), Value::Bool(true));
    }
    if let Some(organisation) = field(extension, "organisation") {
        record.insert("Org".into(), value(organisation));
    }
    restamp(source, &mut record);
    mark(&mut record, source.label(), event.label);
    consume_creator(event, source);
    match field(extension, "attribute_uuid").and_then(Node::text) {
        None => event.proposals.push(Value::Object(record)),
        Some(uuid) => list(places.attribute(event, &uuid_text(parse_uuid(uuid)?))?, "ShadowAttribute")?
            .push(Value::Object(record)),
    }
    Some(())
}

/// Who made a record travels in it, so the identity has its place.
fn consume_creator(event: &mut Event<'_>, source: &Source<'_>) {
    if let Some(identity) = source.text("created_by_ref").and_then(|id| event.lookup(id)) {
        event.done.insert(identity.id);
    }
}
