//! Galaxies: clusters that STIX has a type for become objects of that type; the others travel in the extension of what they stand on.
//!
//! A cluster's object is the same in every event that names it, and its version follows from its content: galaxies have no times. Its id is
//! ours and not, say, that of ATT&CK, whose objects only ATT&CK may change. Read next: `event.rs`.

use super::body::Body;
use super::carry::{self, carry, is_on, text};
use super::event::{Work, pseudo_version};
use super::ids;
use super::observable::json_text;
use super::types;
use crate::stix21::json::{Entries, Node, field};
use crate::stix21::normal;
use gotong_model::{Timestamp, Tlp};
use std::collections::HashSet;

/// What became of the galaxies of a record.
#[derive(Default)]
pub(super) struct Galaxies {
    /// The member `galaxies` of its extension, with a comma before it; empty: none.
    pub(super) json: Vec<u8>,
    pub(super) refs: Vec<String>,
}

/// The type that the clusters of a galaxy are of.
fn object_type(galaxy: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 19] = [
        ("attack-pattern", "attack-pattern"),
        ("course-of-action", "course-of-action"),
        ("intrusion-set", "intrusion-set"),
        ("threat-actor", "threat-actor"),
        ("activity-group", "threat-actor"),
        ("campaign", "campaign"),
        ("malware", "malware"),
        ("malpedia", "malware"),
        ("ransomware", "malware"),
        ("backdoor", "malware"),
        ("botnet", "malware"),
        ("banker", "malware"),
        ("stealer", "malware"),
        ("cryptominer", "malware"),
        ("exploit-kit", "tool"),
        ("android", "malware"),
        ("branded-vulnerability", "vulnerability"),
        ("tool", "tool"),
        ("rat", "malware"),
    ];
    let galaxy = galaxy.to_ascii_lowercase();
    let named = |word: &str| {
        galaxy.split('-').any(|part| part.trim_end_matches('s') == word) || (word.len() > 4 && galaxy.contains(word))
    };
    WORDS.iter().find(|(word, _)| named(word)).map(|(_, object_type)| *object_type)
}

/// What says how a cluster stands on this record, and not what it is.
const TIE: [&str; 2] = ["relationship_type", "local"];

/// Hands out the objects of the galaxies of a record.
pub(super) fn convert(work: &mut Work<'_>, node: Option<&Node<'_>>, place: &str) -> Galaxies {
    let mut all = Galaxies::default();
    for (at, item) in node.and_then(Node::list).unwrap_or_default().iter().enumerate() {
        let place = format!("{place}/{at}");
        let Some(galaxy) = item.map() else {
            work.fault(place, "misp.record", "must be an object");
            continue;
        };
        let mut clusters = Vec::new();
        let kind = text(galaxy, "type").unwrap_or_default();
        let items = field(galaxy, "GalaxyCluster").and_then(Node::list).unwrap_or_default();
        for (at, cluster) in items.iter().enumerate().filter_map(|(at, item)| Some((at, item.map()?))) {
            if !work.counts(&place) {
                break;
            }
            if is_on(cluster, "local") {
                let text = "the cluster is attached locally at the source and stays behind";
                work.loss(&format!("{place}/GalaxyCluster/{at}"), "misp.loss.tag-local", text);
                continue;
            }
            clusters.push(if clusters.is_empty() { b'[' } else { b',' });
            if field(cluster, "Org").is_some_and(|node| !carry::is_empty(node)) {
                work.left.insert("Org");
            }
            let made = object_type(&kind).and_then(|object_type| object(work, cluster, object_type, &kind));
            if let Some(id) = made {
                clusters.extend_from_slice(format!("{{\"ref\":\"{id}\"").as_bytes());
                let leave: Vec<_> =
                    cluster.iter().map(|(key, _)| key.as_ref()).filter(|key| !TIE.contains(key)).collect();
                carry::carry_members(cluster, &leave, &mut work.left, &mut clusters, false);
                clusters.push(b'}');
                all.refs.push(id);
            } else {
                clusters.extend_from_slice(b"{\"fields\":");
                carry(cluster, &["Org"], &mut work.left, &mut clusters);
                clusters.push(b'}');
            }
        }
        all.json.extend_from_slice(if all.json.is_empty() { b",\"galaxies\":[{\"fields\":" } else { b",{\"fields\":" });
        carry(galaxy, &["GalaxyCluster"], &mut work.left, &mut all.json);
        if !clusters.is_empty() {
            all.json.extend_from_slice(b",\"clusters\":");
            all.json.extend_from_slice(&clusters);
            all.json.push(b']');
        }
        all.json.push(b'}');
    }
    if !all.json.is_empty() {
        all.json.push(b']');
    }
    all
}

/// The object of a cluster. `None`: it has no name or UUID, or is too large.
fn object(work: &mut Work<'_>, cluster: &Entries<'_>, object_type: &'static str, galaxy: &str) -> Option<String> {
    let uuid = text(cluster, "uuid").as_deref().and_then(ids::uuid_of)?;
    let name = text(cluster, "value").filter(|name| !name.trim().is_empty())?;
    let id = ids::derived(object_type, &uuid);
    let mut fields = Vec::with_capacity(1_024);
    carry(cluster, &["Org", "relationship_type", "local"], &mut work.left, &mut fields);
    let (created, modified) = pseudo_version(&fields);
    // Two galaxies of one event may tell one cluster in two ways; the second is then carried whole where it stands.
    if *work.clusters.entry(id.clone()).or_insert(modified) != modified {
        return None;
    }
    let meta = field(cluster, "meta").and_then(Node::map);
    let mut body = Body::new(object_type, &id);
    body.version(None, created, modified).text("name", &name);
    body.some_text("description", text(cluster, "description").as_deref());
    if object_type == "malware" {
        body.raw("is_family", b"true");
    }
    if !matches!(object_type, "vulnerability" | "course-of-action") {
        body.texts("aliases", words(meta, "synonyms").filter(|word| !word.trim().is_empty()));
    }
    let phases = phases(meta);
    if !phases.is_empty() && matches!(object_type, "attack-pattern" | "malware" | "tool") {
        body.raw("kill_chain_phases", format!("[{}]", phases.join(",")).as_bytes());
    }
    let references = references(meta, galaxy);
    if !references.is_empty() {
        body.raw("external_references", format!("[{}]", references.join(",")).as_bytes());
    }
    body.misp("cluster", None, &fields, b"");
    work.once(&id, body.finish()).then_some(id)
}

/// A member of `meta`: a list of texts, or one.
fn words<'n>(meta: Option<&'n Entries<'_>>, name: &str) -> impl Iterator<Item = &'n str> {
    let node = meta.and_then(|meta| field(meta, name));
    let one = node.and_then(Node::text);
    node.and_then(Node::list).unwrap_or_default().iter().filter_map(Node::text).chain(one)
}

fn phases(meta: Option<&Entries<'_>>) -> Vec<String> {
    let phase = |text: &str| {
        let (chain, rest) = text.split_once(':')?;
        let phase = rest.rsplit_once(':').map_or(rest, |(_, last)| last);
        let clean = |text: &str| text.trim().to_lowercase().replace([' ', '_'], "-");
        let (chain, phase) = (clean(chain), clean(phase));
        let pair = format!("{{\"kill_chain_name\":{},\"phase_name\":{}}}", json_text(&chain), json_text(&phase));
        (!chain.is_empty() && !phase.is_empty()).then_some(pair)
    };
    let mut all: Vec<_> = words(meta, "kill_chain").filter_map(phase).collect();
    all.dedup();
    all
}

fn references(meta: Option<&Entries<'_>>, galaxy: &str) -> Vec<String> {
    let source = |id: &str| match id {
        _ if id.starts_with("CAPEC-") => "capec",
        _ if normal::cve(id).is_some() => "cve",
        _ if galaxy.starts_with("mitre") => "mitre-attack",
        _ => "misp-galaxy",
    };
    let id = words(meta, "external_id").map(str::trim).filter(|id| !id.is_empty());
    let ids = id.map(|id| format!("{{\"source_name\":\"{}\",\"external_id\":{}}}", source(id), json_text(id)));
    let link = |url: &str| {
        types::is_uri(url).then(|| format!("{{\"source_name\":\"misp-galaxy\",\"url\":{}}}", json_text(url)))
    };
    ids.chain(words(meta, "refs").filter_map(link)).take(64).collect()
}

/// Relationships from a draft to the clusters that stand on it.
pub(super) fn link(
    work: &mut Work<'_>,
    source: &str,
    uuid: [u8; 16],
    at: Timestamp,
    (clusters, label): (&[String], Option<Tlp>),
) {
    let mut done = HashSet::new();
    for cluster in clusters {
        if !done.insert(cluster) {
            continue;
        }
        let id = ids::derived("relationship", &[uuid.as_slice(), cluster.as_bytes()].concat());
        let mut body = Body::new("relationship", &id);
        let word = if source.starts_with("indicator--") { "indicates" } else { "related-to" };
        body.version(work.by.as_deref(), work.created, at)
            .text("relationship_type", word)
            .text("source_ref", source)
            .text("target_ref", cluster)
            .marking(label)
            .misp("link", Some(&work.uuid.clone()), b"{\"member\":\"Galaxy\"}", b"");
        if work.draft(body.finish()) {
            work.holds(id);
        }
    }
}
