//! MISP objects: one draft that combines their attributes, and relationships for what they refer to.
//!
//! An object with anything for detection is an indicator over just that; else its observables are what was seen; else it is a note (or, of
//! that template, a vulnerability). Its attributes travel whole in the extension. Read next: `attribute.rs`.

use super::attribute::{self, Attribute, Plan, Record, hand_out, short, text_pattern};
use super::body::Body;
use super::carry::{self, carry_members, text};
use super::event::{Place, Work};
use super::observable::{self, Comparison, Observables};
use super::types::{self, Reading};
use super::{OBJECT_ATTRIBUTES_MAX, galaxy, ids};
use crate::stix21::json::{Entries, Node, field};
use gotong_model::Tlp;

/// What is said of an attribute within an object.
pub(super) struct Member<'n> {
    pub(super) misp_type: &'n str,
    pub(super) value: &'n str,
    pub(super) to_ids: bool,
    pub(super) deleted: bool,
    pub(super) relation: &'n str,
    pub(super) data: Option<&'n str>,
}

/// What an object becomes, from its attributes alone.
pub(super) fn plan(name: &str, members: &[Member<'_>], label: Option<Tlp>) -> Plan {
    // An object whose attributes are all deleted keeps its type of draft, so that the revocation reaches what was published.
    let all_deleted = members.iter().all(|member| member.deleted);
    let live = || members.iter().filter(|member| all_deleted || !member.deleted);
    let named = |member: &&Member<'_>| name == "vulnerability" && member.misp_type == "vulnerability";
    if let Some(member) = live().find(named) {
        return Plan::Vulnerability(member.value.to_owned());
    }
    let mut comparisons: Vec<Comparison> = Vec::new();
    let mut texts = Vec::new();
    for member in live().filter(|member| member.to_ids) {
        match types::read(member.misp_type, member.value) {
            Reading::Parts(parts) => comparisons.extend(observable::comparisons(&parts)),
            Reading::Unknown | Reading::Unfit => texts.push(text_pattern(member.misp_type, member.value)),
        }
    }
    if !comparisons.is_empty() || !texts.is_empty() {
        if name == "domain-ip" && comparisons.iter().any(|one| one.root == "domain-name") {
            for one in comparisons.iter_mut().filter(|one| matches!(one.root, "ipv4-addr" | "ipv6-addr")) {
                one.root = "domain-name";
                "resolves_to_refs[*].value".clone_into(&mut one.path);
            }
        }
        let observations = Some(observable::pattern(&comparisons)).filter(|pattern| !pattern.is_empty());
        let all: Vec<_> = observations.into_iter().chain(texts).collect();
        return Plan::Indicator { pattern: all.join(" AND "), language: "stix" };
    }
    let mut all = Observables::new(label);
    for member in live() {
        if let Reading::Parts(parts) = types::read(member.misp_type, member.value) {
            all.add(&parts);
        }
    }
    for member in live() {
        if let Some(data) = member.data.filter(|data| attribute::is_base64(data)) {
            all.artifact(data, member.misp_type == "malware-sample");
        }
    }
    let list = all.finish();
    if list.is_empty() { Plan::Note } else { Plan::Observed(list) }
}

/// Makes the draft of an object.
pub(super) fn convert(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    if !work.counts(place) || !work.may_travel(entries, place) {
        return;
    }
    let Some(at) = work.time_of(entries, "timestamp", place) else { return };
    let Some(uuid) = work.uuid_of(entries, place) else { return };
    let (items, mut read, mut sources) =
        (field(entries, "Attribute").and_then(Node::list).unwrap_or_default(), Vec::new(), Vec::new());
    if items.len() > OBJECT_ATTRIBUTES_MAX {
        let text = format!("more than {OBJECT_ATTRIBUTES_MAX} attributes in one object; it was not taken");
        return work.fault(format!("{place}/Attribute"), "misp.attributes", text);
    }
    for (nth, item) in items.iter().enumerate() {
        let place = format!("{place}/Attribute/{nth}");
        let Some(item) = item.map() else {
            work.fault(place, "misp.record", "must be an object");
            continue;
        };
        if let Some(attribute) = attribute::read(work, item, &place) {
            if types::read(&attribute.misp_type, &attribute.value) == Reading::Unfit {
                let text = "the value is not what its type says; it is carried as text";
                work.loss(&format!("{place}/value"), "misp.loss.value", text);
            }
            read.push(attribute);
            sources.push((item, place));
        }
    }
    let label = read.iter().fold(work.label, |label, one| label.max(one.tags.label));
    let relation = |item: &Entries<'_>| text(item, "object_relation").unwrap_or_default().into_owned();
    let relations: Vec<_> = sources.iter().map(|(item, _)| relation(item)).collect();
    let name = text(entries, "name").unwrap_or_default();
    let with_data = Draw { entries, name: &name, at: read.iter().fold(at, |at, one| at.max(one.at)), uuid, label };
    if with_data.draw(work, &read, &sources, &relations, true) {
        return;
    }
    if sources.iter().any(|(item, _)| field(item, "data").is_some()) {
        let text = "the attached data is larger than a record may be; the object is carried without it";
        work.loss(place, "misp.loss.data", text);
        if with_data.draw(work, &read, &sources, &relations, false) {
            return;
        }
    }
    work.fault(place, "misp.size", "is larger than a record may be; it was not taken");
}

/// An object on its way.
struct Draw<'r> {
    entries: &'r Entries<'r>,
    name: &'r str,
    at: gotong_model::Timestamp,
    uuid: [u8; 16],
    label: Option<Tlp>,
}

impl Draw<'_> {
    fn draw(
        &self,
        work: &mut Work<'_>,
        read: &[Attribute<'_>],
        sources: &[(&Entries<'_>, String)],
        relations: &[String],
        with_data: bool,
    ) -> bool {
        let members: Vec<_> = read
            .iter()
            .zip(sources)
            .zip(relations)
            .map(|((one, (item, _)), relation)| Member {
                misp_type: &one.misp_type,
                value: &one.value,
                to_ids: one.to_ids,
                deleted: carry::is_on(item, "deleted"),
                relation,
                data: data_of(item, with_data),
            })
            .collect();
        let plan = plan(self.name, &members, self.label);
        let content = summary(&members);
        let mut fields = Vec::with_capacity(1_024);
        fields.push(b'{');
        carry_members(self.entries, &["Attribute", "ObjectReference"], &mut work.left, &mut fields, true);
        fields.push(b'}');
        let in_artifact = matches!(plan, Plan::Observed(_));
        let (more, linked) = travelling(work, read, sources, (with_data, in_artifact));
        let title = if self.name.is_empty() { "MISP object" } else { self.name };
        let first = members.first().map(|member| member.value).unwrap_or_default();
        let content = if content.is_empty() { format!("An object {title:?} without attributes") } else { content };
        let record = Record {
            kind: "object",
            uuid: self.uuid,
            name: &format!("{title}: {first}"),
            content: &content,
            entries: self.entries,
            labels: distinct(read.iter().flat_map(|one| one.tags.names.iter().copied())),
            label: self.label,
            fields: &fields,
            more: &more,
            at: self.at,
        };
        let Some(id) = hand_out(work, &record, plan) else { return false };
        for one in read {
            work.places.insert(one.uuid, Place { id: id.clone(), label: self.label });
        }
        galaxy::link(work, &id, self.uuid, self.at, (&linked, self.label));
        true
    }
}

/// The data that is attached to an attribute.
fn data_of<'n>(item: &'n Entries<'_>, with_data: bool) -> Option<&'n str> {
    field(item, "data").and_then(Node::text).filter(|data| with_data && !data.is_empty())
}

/// The members `attributes` and `attribute_refs` of the extension, with a comma before each, and the clusters on any of them.
fn travelling(
    work: &mut Work<'_>,
    read: &[Attribute<'_>],
    sources: &[(&Entries<'_>, String)],
    (with_data, in_artifact): (bool, bool),
) -> (Vec<u8>, Vec<String>) {
    let (mut more, mut linked) = (Vec::with_capacity(1_024), Vec::new());
    for (one, (item, place)) in read.iter().zip(sources) {
        let kept = data_of(item, with_data).filter(|data| !in_artifact || !attribute::is_base64(data));
        let mut json = attribute::fields(work, item, one, (true, kept));
        let galaxies = galaxy::convert(work, field(item, "Galaxy"), place);
        if !galaxies.json.is_empty() {
            json.pop();
            json.extend_from_slice(&galaxies.json);
            json.push(b'}');
            linked.extend(galaxies.refs);
        }
        more.extend_from_slice(if more.is_empty() { b",\"attributes\":[" } else { b"," });
        more.extend_from_slice(&json);
    }
    if !more.is_empty() {
        more.extend_from_slice(b"],\"attribute_refs\":[");
        for (at, one) in read.iter().enumerate() {
            more.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
            more.extend_from_slice(ids::inner_ref(one.uuid).as_bytes());
            more.push(b'"');
        }
        more.push(b']');
    }
    (more, linked)
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = names.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The attributes as lines for people.
pub(super) fn summary(members: &[Member<'_>]) -> String {
    let line = |member: &Member<'_>| {
        let name = if member.relation.is_empty() { member.misp_type } else { member.relation };
        format!("{name}: {}", short(member.value))
    };
    members.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What an object refers to, once all drafts have their places.
pub(super) fn references(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    let source = text(entries, "uuid").as_deref().and_then(ids::uuid_of);
    let Some(source) = source.and_then(|uuid| work.places.get(&uuid).cloned()) else { return };
    let items = field(entries, "ObjectReference").and_then(Node::list).unwrap_or_default();
    for (nth, item) in items.iter().enumerate() {
        let place = format!("{place}/ObjectReference/{nth}");
        let Some(item) = item.map() else {
            work.fault(place, "misp.record", "must be an object");
            continue;
        };
        reference(work, item, &source, &place);
    }
}

fn reference(work: &mut Work<'_>, entries: &Entries<'_>, source: &Place, place: &str) {
    if !work.counts(place) {
        return;
    }
    let Some(at) = work.time_of(entries, "timestamp", place) else { return };
    let Some(uuid) = work.uuid_of(entries, place) else { return };
    let target = text(entries, "referenced_uuid").as_deref().and_then(ids::uuid_of);
    let target = target.and_then(|uuid| work.places.get(&uuid).cloned());
    if field(entries, "Object").or_else(|| field(entries, "Attribute")).is_some_and(|node| !carry::is_empty(node)) {
        work.left.insert("Object or Attribute within ObjectReference");
    }
    let mut fields = Vec::with_capacity(256);
    let leave = ["Object", "Attribute"];
    carry::carry(entries, &leave, &mut work.left, &mut fields);
    let Some(target) = target else {
        let text =
            "refers to what is not in the event or was not taken; a relationship without an end cannot be carried";
        return work.loss(place, "misp.loss.reference", text);
    };
    let word = text(entries, "relationship_type").unwrap_or_default();
    let id = ids::own("relationship", uuid);
    let mut body = Body::new("relationship", &id);
    body.version(work.by.as_deref(), work.created, at)
        .revoked(carry::is_on(entries, "deleted"))
        .text("relationship_type", &relationship_word(&word))
        .some_text("description", text(entries, "comment").as_deref())
        .text("source_ref", &source.id)
        .text("target_ref", &target.id)
        .marking(source.label.max(target.label));
    // The owner of the reference is an object of MISP, whose UUID its draft may not show.
    body.misp("reference", Some(&work.uuid.clone()), &fields, b"");
    if work.draft(body.finish()) {
        work.holds(id);
    } else {
        work.fault(place, "misp.size", "is larger than a record may be; it was not taken");
    }
}

/// STIX 2.1 section 5.1: a-z, 0-9 and the hyphen.
fn relationship_word(word: &str) -> String {
    let lower = word.trim().to_ascii_lowercase();
    let plain: String =
        lower.chars().take(200).map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "related-to".to_owned() } else { plain.to_owned() }
}
