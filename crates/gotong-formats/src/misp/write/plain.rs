//! STIX that never was MISP, as well as MISP can say it: values as attributes, groups and tools as galaxy tags, the rest a loss by name.
//!
//! A pattern that is no list of values becomes an attribute of type `stix2-pattern`, so that nothing weaker is detected than was meant.
//! Read next: `pattern.rs`.

use super::pattern::{self, Comparisons, Plain};
use super::{Event, Source, loss, mark, tag};
use crate::draft::Loss;
use crate::misp::ids;
use crate::stix21::json::{Node, field};
use crate::stix21::{Family, family};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

type Json = Map<String, Value>;

/// The head of an event whose report never was MISP; without any report, one that follows from the objects.
pub(super) fn head(event: &mut Event<'_>) {
    let sources = event.sources;
    let plain = |source: &&Source<'_>| matches!(source.object_type, "report" | "grouping");
    let report = sources.iter().find(plain);
    let latest = sources.iter().filter_map(|source| source.modified).max().unwrap_or_default();
    let at = report.and_then(|report| report.modified).unwrap_or(latest);
    let date = report.and_then(|report| report.text("published")).and_then(ids::iso).unwrap_or(at);
    let uuid = if let Some(report) = report {
        report.id.rsplit_once("--").map(|(_, uuid)| uuid.to_owned()).unwrap_or_default()
    } else {
        let mut all: Vec<_> = sources.iter().map(|source| source.id).collect();
        all.sort_unstable();
        ids::derived("event", all.join(" ").as_bytes()).replacen("event--", "", 1)
    };
    let info = report.and_then(|report| report.text("name")).filter(|name| !name.trim().is_empty());
    let head = json!({
        "uuid": uuid,
        "info": info.unwrap_or("STIX objects without a report"),
        "date": ids::time_text(date).get(..10).unwrap_or_default(),
        "timestamp": super::seconds(at),
        "published": false,
        "analysis": "2",
        "threat_level_id": "4",
        "distribution": event.options.distribution.min(3).to_string(),
    });
    if let Value::Object(head) = head {
        event.head = head;
    }
    let Some(report) = report else { return };
    event.done.insert(report.id);
    event.tags = report.refs("labels").map(tag).collect();
    super::back::marked(event, report);
    creator(event, report);
    if let Some(description) = report.text("description").filter(|text| !text.trim().is_empty()) {
        let uuid = ids::derived("report", report.id.as_bytes()).replacen("report--", "", 1);
        event.reports.push(json!({
            "uuid": uuid, "name": "Description", "content": description, "distribution": "5", "timestamp": super::seconds(at),
        }));
    }
    leave(event, report, &["name", "description", "published", "object_refs", "labels", "context"]);
}

fn creator<'a>(event: &mut Event<'a>, report: &Source<'a>) {
    let Some(id) = report.text("created_by_ref") else { return };
    match event.lookup(id).and_then(|identity| Some((identity, identity.text("name")?))) {
        Some((identity, name)) => {
            let uuid = id.strip_prefix("identity--").unwrap_or_default();
            event.head.insert("Orgc".into(), json!({"name": name, "uuid": uuid}));
            event.done.insert(identity.id);
            leave(event, identity, &["name", "identity_class"]);
        }
        None => event.loss(report, "misp.loss.creator", "who made the report is not here"),
    }
}

/// Says which properties of an object are not carried.
fn leave<'a>(event: &mut Event<'a>, source: &Source<'a>, carried: &[&str]) {
    if let Some(loss) = left(source, carried) {
        event.losses.push(loss);
    }
}

fn left(source: &Source<'_>, carried: &[&str]) -> Option<Loss> {
    const COMMON: [&str; 10] = [
        "type",
        "spec_version",
        "id",
        "created",
        "modified",
        "created_by_ref",
        "revoked",
        "object_marking_refs",
        "defanged",
        "lang",
    ];
    let names = source.entries.iter().map(|(key, _)| key.as_ref());
    let names: Vec<_> = names.filter(|name| !COMMON.contains(name) && !carried.contains(name)).take(32).collect();
    if names.is_empty() {
        return None;
    }
    let text = format!("MISP has no place for these properties: {}", names.join(", "));
    Some(loss(source.line, source.id, "misp.loss.properties", text))
}

/// All objects that have no place yet.
pub(super) fn records(event: &mut Event<'_>) {
    let names = event.tags.iter().filter_map(|tag| Some(tag.get("name")?.as_str()?.to_owned()));
    let mut named: HashSet<String> = names.collect();
    for source in event.sources {
        let around = matches!(source.kind(), "reference" | "sighting" | "proposal");
        if around || event.done.contains(source.id) {
            continue;
        }
        if let Some(name) = galaxy_tag(source) {
            if !named.contains(&name) {
                event.tags.push(tag(&name));
                named.insert(name);
            }
            event.done.insert(source.id);
            leave(event, source, &["name"]);
            continue;
        }
        let mut losses = Vec::new();
        let attributes = attributes(source, &mut losses);
        event.losses.append(&mut losses);
        if attributes.is_empty() {
            note(event, source);
            continue;
        }
        event.done.insert(source.id);
        event.placed.insert(source.id, event.attributes.len());
        for mut attribute in attributes {
            // What the event's own tags say need not be said again.
            attribute.remove("Tag");
            attribute.extend(labels(source));
            mark(&mut attribute, source.label(), event.label);
            event.attributes.push(attribute);
        }
    }
    for source in event.sources.iter().filter(|source| source.object_type == "sighting" && source.extension.is_none()) {
        sighting(event, source);
    }
}

fn labels(source: &Source<'_>) -> Option<(String, Value)> {
    let tags: Vec<_> = source.refs("labels").map(tag).collect();
    (!tags.is_empty()).then(|| ("Tag".to_owned(), Value::Array(tags)))
}

/// How galaxies name what STIX has a type for.
fn galaxy_tag(source: &Source<'_>) -> Option<String> {
    let name = source.text("name")?;
    let references = field(source.entries, "external_references").and_then(Node::list).unwrap_or_default();
    let mitre = references.iter().filter_map(Node::map).find_map(|one| {
        let source = field(one, "source_name").and_then(Node::text)?;
        field(one, "external_id").and_then(Node::text).filter(|_| source.starts_with("mitre"))
    });
    let galaxy = match (source.object_type, mitre) {
        ("attack-pattern" | "intrusion-set" | "malware" | "tool" | "course-of-action", Some(id)) => {
            return Some(format!("misp-galaxy:mitre-{}=\"{} - {id}\"", source.object_type, name.replace('"', "'")));
        }
        ("threat-actor" | "intrusion-set", _) => "threat-actor",
        ("malware" | "tool", _) => "tool",
        ("attack-pattern", _) => "attack-pattern",
        ("campaign", _) => "campaign",
        ("course-of-action", _) => "course-of-action",
        _ => return None,
    };
    Some(format!("misp-galaxy:{galaxy}=\"{}\"", name.replace('"', "'")))
}

fn note<'a>(event: &mut Event<'a>, source: &Source<'a>) {
    if source.object_type != "note" {
        return;
    }
    let Some(content) = source.text("content") else { return };
    let uuid = ids::derived("report", source.id.as_bytes()).replacen("report--", "", 1);
    event.reports.push(json!({
        "uuid": uuid,
        "name": source.text("abstract").unwrap_or("Note"),
        "content": content,
        "distribution": "5",
        "timestamp": source.seconds().unwrap_or_else(|| "0".to_owned()),
        "deleted": source.is_revoked(),
    }));
    event.done.insert(source.id);
    leave(event, source, &["content", "abstract"]);
}

fn sighting<'a>(event: &mut Event<'a>, source: &'a Source<'a>) {
    let place = source.text("sighting_of_ref").and_then(|id| event.placed.get(id).copied());
    let Some(attribute) = place.and_then(|at| event.attributes.get_mut(at)) else { return };
    let at =
        ["last_seen", "first_seen"].iter().find_map(|name| source.text(name)).and_then(ids::iso).or(source.modified);
    let said = json!({
        "uuid": source.id.rsplit_once("--").map(|(_, uuid)| uuid).unwrap_or_default(),
        "type": "0",
        "source": source.text("description").unwrap_or_default(),
        "date_sighting": at.map(super::seconds).unwrap_or_default(),
        "attribute_uuid": attribute.get("uuid").cloned().unwrap_or_default(),
    });
    if let Some(list) = attribute.entry("Sighting").or_insert_with(|| Value::Array(Vec::new())).as_array_mut() {
        list.push(said);
    }
    event.done.insert(source.id);
    leave(event, source, &["sighting_of_ref", "last_seen", "description"]);
}

/// The attributes of an indicator or an observable; none of anything else.
pub(super) fn attributes(source: &Source<'_>, losses: &mut Vec<Loss>) -> Vec<Json> {
    let (pairs, to_ids, carried): (Vec<(String, String)>, bool, &[&str]) = match source.object_type {
        "indicator" => (
            indicator(source),
            true,
            &["pattern", "pattern_type", "pattern_version", "name", "description", "valid_from", "labels"],
        ),
        "vulnerability" => (
            source.text("name").map(|name| ("vulnerability".to_owned(), name.to_owned())).into_iter().collect(),
            false,
            &["name", "description"],
        ),
        "observed-data" => {
            // The observables themselves are attributes; how often and when they were seen has no place.
            losses.extend(left(source, &["object_refs"]));
            return Vec::new();
        }
        name if family(name) == Family::Observable => {
            (observable(source), false, &["value", "name", "hashes", "number", "key"])
        }
        _ => return Vec::new(),
    };
    if pairs.is_empty() {
        return Vec::new();
    }
    losses.extend(left(source, carried));
    let alone = pairs.len() == 1 && source.object_type == "indicator";
    let comment = source.text("description").or_else(|| source.text("name").filter(|_| to_ids));
    let make = |(at, (misp_type, value)): (usize, (String, String))| {
        // One UUID is one record: an indicator of one value is it itself.
        let uuid = if alone {
            source.id.strip_prefix("indicator--").unwrap_or_default().to_owned()
        } else {
            ids::derived("attribute", format!("{} {at}", source.id).as_bytes()).replacen("attribute--", "", 1)
        };
        let mut json = Json::new();
        json.insert("category".into(), category(&misp_type).into());
        json.insert("type".into(), misp_type.into());
        json.insert("value".into(), value.into());
        json.insert("to_ids".into(), to_ids.into());
        json.insert("uuid".into(), uuid.into());
        json.insert("distribution".into(), "5".into());
        json.insert("deleted".into(), source.is_revoked().into());
        json.insert("disable_correlation".into(), false.into());
        json.insert("comment".into(), comment.unwrap_or_default().into());
        if let Some(at) = source.seconds() {
            json.insert("timestamp".into(), at.into());
        }
        if let Some((name, tags)) = labels(source) {
            json.insert(name, tags);
        }
        mark(&mut json, source.label(), None);
        json
    };
    pairs.into_iter().enumerate().map(make).collect()
}

fn indicator(source: &Source<'_>) -> Vec<(String, String)> {
    let Some(pattern) = source.text("pattern") else { return Vec::new() };
    let whole = |misp_type: &str| vec![(misp_type.to_owned(), pattern.to_owned())];
    match source.text("pattern_type") {
        Some("stix") => {}
        Some(language @ ("yara" | "snort" | "suricata" | "sigma" | "zeek")) => return whole(language),
        Some("kusto") => return whole("kusto-query"),
        _ => return whole("other"),
    }
    let pairs = match pattern::read(pattern) {
        Some(Comparisons::Any(all)) => all.iter().map(pair).collect::<Option<Vec<_>>>(),
        Some(Comparisons::All(all)) => together(&all),
        None => None,
    };
    pairs.unwrap_or_else(|| whole("stix2-pattern"))
}

/// Comparisons that have to hold at once, where one composite value of MISP says the same.
fn together(all: &[Plain]) -> Option<Vec<(String, String)>> {
    let [first, second] = all else { return None };
    let paths = (first.object_type.as_str(), first.path.as_str(), second.object_type.as_str(), second.path.as_str());
    let value = format!("{}|{}", first.text, second.text);
    let misp_type = match paths {
        ("domain-name", "value", "domain-name", "resolves_to_refs[*].value") => "domain|ip",
        ("network-traffic", "dst_ref.value", "network-traffic", "dst_port") => {
            if first.text.parse::<std::net::IpAddr>().is_ok() { "ip-dst|port" } else { "hostname|port" }
        }
        ("network-traffic", "src_ref.value", "network-traffic", "src_port") => "ip-src|port",
        ("windows-registry-key", "key", "windows-registry-key", "values[*].data") => "regkey|value",
        ("file", "name", "file", path) => return Some(vec![(format!("filename|{}", hash_type(path)?), value)]),
        ("file", path, "file", "name") => {
            return Some(vec![(format!("filename|{}", hash_type(path)?), format!("{}|{}", second.text, first.text))]);
        }
        _ => return None,
    };
    Some(vec![(misp_type.to_owned(), value)])
}

fn hash_type(path: &str) -> Option<&'static str> {
    Some(match path.strip_prefix("hashes.")?.trim_matches('\'') {
        "MD5" => "md5",
        "SHA-1" => "sha1",
        "SHA-256" => "sha256",
        "SHA-512" => "sha512",
        "SHA3-256" => "sha3-256",
        "SHA3-512" => "sha3-512",
        "SSDEEP" => "ssdeep",
        "TLSH" => "tlsh",
        _ => return None,
    })
}

/// The attribute that a comparison is.
fn pair(one: &Plain) -> Option<(String, String)> {
    let misp_type = match (one.object_type.as_str(), one.path.as_str()) {
        ("ipv4-addr" | "ipv6-addr", "value") => "ip-dst",
        ("network-traffic", "src_ref.value") => "ip-src",
        ("network-traffic", "dst_ref.value") if one.text.parse::<std::net::IpAddr>().is_ok() => "ip-dst",
        ("domain-name", "value") => "domain",
        ("url", "value") => "url",
        ("email-addr", "value") => "email",
        ("email-message", "from_ref.value") => "email-src",
        ("email-message", "subject") => "email-subject",
        ("mac-addr", "value") => "mac-address",
        ("mutex", "name") => "mutex",
        ("file", "name") => "filename",
        ("file", path) => hash_type(path)?,
        ("windows-registry-key", "key") => "regkey",
        ("autonomous-system", "number") => return Some(("AS".to_owned(), format!("AS{}", one.text))),
        ("x509-certificate", path) => match hash_type(path)? {
            "md5" => "x509-fingerprint-md5",
            "sha1" => "x509-fingerprint-sha1",
            "sha256" => "x509-fingerprint-sha256",
            _ => return None,
        },
        _ => return None,
    };
    Some((misp_type.to_owned(), one.text.clone()))
}

/// The attributes that an observable is.
fn observable(source: &Source<'_>) -> Vec<(String, String)> {
    let object_type = source.object_type;
    let one = |path: &str, text: &str| {
        pair(&Plain { object_type: object_type.to_owned(), path: path.to_owned(), text: text.to_owned() })
    };
    let mut all: Vec<_> = ["value", "name", "key"].iter().filter_map(|name| one(name, source.text(name)?)).collect();
    if let Some(number) = field(source.entries, "number").and_then(Node::int) {
        all.extend(one("number", &number.to_string()));
    }
    for (algorithm, hash) in field(source.entries, "hashes").and_then(Node::map).into_iter().flatten() {
        all.extend(hash.text().and_then(|hash| one(&format!("hashes.{algorithm}"), hash)));
    }
    all
}

/// The category that MISP takes for a type where none is said.
fn category(misp_type: &str) -> &'static str {
    match misp_type.split_once('|').map_or(misp_type, |(first, _)| first) {
        "regkey" => "Persistence mechanism",
        "vulnerability" => "External analysis",
        "yara" | "sigma" | "stix2-pattern" => "Payload installation",
        "mutex" | "kusto-query" => "Artifacts dropped",
        "other" => "Other",
        "email" => "Social network",
        "email-src" | "email-subject" | "filename" | "md5" | "sha1" | "sha256" | "sha512" | "sha3-256" | "sha3-512"
        | "ssdeep" | "tlsh" => "Payload delivery",
        _ => "Network activity",
    }
}
