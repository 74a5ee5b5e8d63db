//! One attribute as a draft: an indicator where it is for detection, else what was observed, a vulnerability, or a note.
//!
//! [`plan`] decides it from type, value and switch alone, so that the way back can ask again what the extension would have become and
//! believe it only then. Read next: `types.rs`, `observable.rs`, `write.rs`.

use super::body::Body;
use super::carry::{self, carry_members, is_on, text};
use super::event::{Place, Work};
use super::observable::{self, Observable, Observables, json_text};
use super::types::{self, Part, Reading};
use super::{galaxy, ids, tags};
use crate::stix21::json::{Entries, Node, field};
use crate::stix21::pattern::Pattern;
use gotong_model::{Timestamp, Tlp};
use std::borrow::Cow;

/// What a record becomes.
pub(super) enum Plan {
    Indicator {
        pattern: String,
        language: &'static str,
    },
    Observed(Vec<Observable>),
    /// Under this name.
    Vulnerability(String),
    Note,
}

/// What an attribute becomes, and why its value is no more than text where its type promises more.
pub(super) fn plan(
    misp_type: &str,
    value: &str,
    to_ids: bool,
    data: Option<&str>,
    label: Option<Tlp>,
) -> (Plan, Option<&'static str>) {
    if misp_type == "vulnerability" {
        return (Plan::Vulnerability(value.to_owned()), None);
    }
    if let Some(language) = types::rule_language(misp_type).filter(|_| to_ids) {
        let readable = language != "stix" || Pattern::parse(value).is_ok();
        if readable {
            return (Plan::Indicator { pattern: value.to_owned(), language }, None);
        }
    }
    let reading = types::read(misp_type, value);
    let unfit = (reading == Reading::Unfit).then_some("the value is not what its type says; it is carried as text");
    let Reading::Parts(parts) = reading else {
        let plan = if to_ids {
            Plan::Indicator { pattern: text_pattern(misp_type, value), language: "stix" }
        } else {
            observed(&[], data.filter(|_| misp_type == "attachment"), false, Some(value), label)
        };
        return (plan, unfit);
    };
    if to_ids {
        let pattern = observable::pattern(&observable::comparisons(&parts));
        return (Plan::Indicator { pattern, language: "stix" }, None);
    }
    (observed(&parts, data, misp_type == "malware-sample", None, label), None)
}

fn observed(
    parts: &[(Part, String)],
    data: Option<&str>,
    infected: bool,
    file: Option<&str>,
    label: Option<Tlp>,
) -> Plan {
    let mut all = Observables::new(label);
    all.add(parts);
    if let Some(data) = data.filter(|data| is_base64(data)) {
        if let Some(name) = file {
            all.add(&[(Part::FileName, name.to_owned())]);
        }
        all.artifact(data, infected);
    }
    let list = all.finish();
    if list.is_empty() { Plan::Note } else { Plan::Observed(list) }
}

/// A pattern over what only MISP knows: the attribute's type is the property.
pub(super) fn text_pattern(misp_type: &str, value: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let name: String = misp_type.chars().take(60).map(plain).collect();
    let name = if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) { name } else { format!("x_{name}") };
    format!("[x-misp-attribute:{name} = {}]", observable::quoted(value))
}

/// RFC 4648 section 4, with its padding.
pub(super) fn is_base64(text: &str) -> bool {
    let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// What attributes and objects of MISP have in common on their way.
pub(super) struct Record<'r> {
    pub(super) kind: &'static str,
    pub(super) uuid: [u8; 16],
    pub(super) name: &'r str,
    pub(super) content: &'r str,
    pub(super) entries: &'r Entries<'r>,
    pub(super) labels: Vec<&'r str>,
    pub(super) label: Option<Tlp>,
    pub(super) fields: &'r [u8],
    pub(super) more: &'r [u8],
    pub(super) at: Timestamp,
}

/// An attribute as it was read.
pub(super) struct Attribute<'n> {
    pub(super) misp_type: Cow<'n, str>,
    pub(super) value: Cow<'n, str>,
    pub(super) to_ids: bool,
    pub(super) tags: tags::Tags<'n>,
    pub(super) uuid: [u8; 16],
    pub(super) at: Timestamp,
}

/// Members that have a way of their own.
const OWN: [&str; 7] = ["value", "data", "Tag", "Galaxy", "ShadowAttribute", "Sighting", "SharingGroup"];

/// Reads what attributes have, wherever they stand; a fault costs this one alone.
pub(super) fn read<'n>(work: &mut Work<'_>, entries: &'n Entries<'_>, place: &str) -> Option<Attribute<'n>> {
    if !work.counts(place) || !work.may_travel(entries, place) {
        return None;
    }
    let misp_type = text(entries, "type").filter(|name| !name.is_empty());
    let Some(misp_type) = misp_type else {
        work.fault(format!("{place}/type"), "misp.type", "is missing; every attribute has a type");
        return None;
    };
    let value = text(entries, "value").filter(|value| !value.trim().is_empty());
    let Some(value) = value else {
        work.fault(
            format!("{place}/value"),
            "misp.value",
            "is missing or empty; an attribute without a value says nothing",
        );
        return None;
    };
    let at = work.time_of(entries, "timestamp", place)?;
    let uuid = work.uuid_of(entries, place)?;
    let mut tags = tags::read(field(entries, "Tag"), &mut work.left);
    work.notes(place, &mut tags);
    Some(Attribute { misp_type, value, to_ids: is_on(entries, "to_ids"), tags, uuid, at })
}

/// The members of an attribute as they travel: `value` only where nothing else says it.
pub(super) fn fields(
    work: &mut Work<'_>,
    entries: &Entries<'_>,
    attribute: &Attribute<'_>,
    (with_value, data): (bool, Option<&str>),
) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.push(b'{');
    let first = !with_value;
    if with_value {
        out.extend_from_slice(b"\"value\":");
        out.extend_from_slice(json_text(&attribute.value).as_bytes());
    }
    carry_members(entries, &OWN, &mut work.left, &mut out, first);
    if let Some(group) = field(entries, "SharingGroup").filter(|node| !carry::is_empty(node)).and_then(Node::map) {
        out.extend_from_slice(b",\"SharingGroup\":");
        carry::carry(group, &[], &mut work.left, &mut out);
    }
    if let Some(data) = data {
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(json_text(data).as_bytes());
    }
    if !attribute.tags.json.is_empty() {
        out.extend_from_slice(b",\"Tag\":");
        out.extend_from_slice(&attribute.tags.json);
    }
    out.push(b'}');
    out
}

/// Makes the draft of an attribute that stands in no object.
pub(super) fn convert(work: &mut Work<'_>, entries: &Entries<'_>, place: &str) {
    let Some(attribute) = read(work, entries, place) else { return };
    let label = work.label.max(attribute.tags.label);
    let data = field(entries, "data").and_then(Node::text).filter(|data| !data.is_empty());
    let (plan, unfit) = plan(&attribute.misp_type, &attribute.value, attribute.to_ids, data, label);
    if let Some(text) = unfit {
        work.loss(&format!("{place}/value"), "misp.loss.value", text);
    }
    let galaxies = galaxy::convert(work, field(entries, "Galaxy"), place);
    let with_value = match &plan {
        Plan::Note | Plan::Vulnerability(_) => false,
        Plan::Indicator { pattern, .. } => *pattern != *attribute.value,
        Plan::Observed(_) => true,
    };
    let in_artifact = matches!(&plan, Plan::Observed(list) if list.iter().any(|one| one.id.starts_with("artifact--")));
    let fields = fields(work, entries, &attribute, (with_value, data.filter(|_| !in_artifact)));
    let record = Record {
        kind: "attribute",
        uuid: attribute.uuid,
        name: &format!("{}: {}", attribute.misp_type, attribute.value),
        content: &attribute.value,
        entries,
        labels: attribute.tags.names.clone(),
        label,
        fields: &fields,
        more: &galaxies.json,
        at: attribute.at,
    };
    let mut placed = hand_out(work, &record, plan);
    if placed.is_none() && data.is_some() {
        let (plan, _) = self::plan(&attribute.misp_type, &attribute.value, attribute.to_ids, None, label);
        let text = "the attached data is larger than a record may be; the attribute is carried without it";
        work.loss(&format!("{place}/data"), "misp.loss.data", text);
        let fields = self::fields(work, entries, &attribute, (!matches!(plan, Plan::Note), None));
        placed = hand_out(work, &Record { fields: &fields, ..record }, plan);
    }
    match placed {
        Some(id) => galaxy::link(work, &id, attribute.uuid, attribute.at, (&galaxies.refs, label)),
        None => work.fault(place, "misp.size", "is larger than a record may be; it was not taken"),
    }
}

/// The letters of a name that are shown.
const NAME_LETTERS_MAX: usize = 160;

pub(super) fn short(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    match line.char_indices().nth(NAME_LETTERS_MAX) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// Hands out what a record became, observables first. `None`: it is too large.
pub(super) fn hand_out(work: &mut Work<'_>, record: &Record<'_>, plan: Plan) -> Option<String> {
    let seen = |name: &str| text(record.entries, name).as_deref().and_then(ids::iso);
    let first = seen("first_seen").unwrap_or(record.at);
    let last = seen("last_seen").unwrap_or(first).max(first);
    let object_type = match &plan {
        Plan::Indicator { .. } => "indicator",
        Plan::Observed(_) => "observed-data",
        Plan::Vulnerability(_) => "vulnerability",
        Plan::Note => "note",
    };
    let id = if object_type == "indicator" {
        ids::own(object_type, record.uuid)
    } else {
        ids::derived(object_type, &record.uuid)
    };
    let mut body = Body::new(object_type, &id);
    body.version(work.by.as_deref(), work.created, record.at).revoked(is_on(record.entries, "deleted"));
    if !say(work, record, plan, (first, last), &mut body) {
        return None;
    }
    body.texts("labels", record.labels.iter().copied()).marking(record.label);
    body.misp(record.kind, Some(&work.uuid.clone()), record.fields, record.more);
    if !work.draft(body.finish()) {
        return None;
    }
    work.places.insert(record.uuid, Place { id: id.clone(), label: record.label });
    work.holds(id.clone());
    Some(id)
}

/// Writes what only this type of draft has. `false`: an observable is too large.
fn say(
    work: &mut Work<'_>,
    record: &Record<'_>,
    plan: Plan,
    (first, last): (Timestamp, Timestamp),
    body: &mut Body,
) -> bool {
    let comment = text(record.entries, "comment");
    let comment = comment.as_deref();
    match plan {
        Plan::Indicator { pattern, language } => {
            body.text("name", &short(record.name)).some_text("description", comment);
            body.text("pattern", &pattern).text("pattern_type", language);
            if language == "stix" {
                body.text("pattern_version", "2.1");
            }
            body.time("valid_from", first);
            if let Some(category) = text(record.entries, "category").filter(|category| !category.trim().is_empty()) {
                let phase = category.to_lowercase().replace([' ', '_'], "-");
                let phase = json_text(&phase);
                body.raw(
                    "kill_chain_phases",
                    format!("[{{\"kill_chain_name\":\"misp-category\",\"phase_name\":{phase}}}]").as_bytes(),
                );
            }
        }
        Plan::Observed(list) => {
            let count = list.len();
            let refs = work.observables(list);
            if refs.len() < count {
                return false;
            }
            body.time("first_observed", first).time("last_observed", last).raw("number_observed", b"1");
            body.texts("object_refs", refs.iter().map(String::as_str));
        }
        Plan::Vulnerability(name) => {
            body.text("name", &name).some_text("description", comment);
            if crate::stix21::normal::cve(name.trim()).is_some() {
                let cve = json_text(&name.trim().to_ascii_uppercase());
                body.raw(
                    "external_references",
                    format!("[{{\"source_name\":\"cve\",\"external_id\":{cve}}}]").as_bytes(),
                );
            }
        }
        Plan::Note => {
            body.text("abstract", &short(record.name)).text("content", record.content);
            body.texts("object_refs", [work.report.clone().as_str()]);
            let link = text(record.entries, "type").is_some_and(|name| matches!(name.as_ref(), "link" | "url"));
            if link && types::is_uri(record.content) {
                let url = json_text(record.content);
                body.raw("external_references", format!("[{{\"source_name\":\"link\",\"url\":{url}}}]").as_bytes());
            }
        }
    }
    true
}
