//! What the rest of the program needs to know of a STIX object: [`read`].
//!
//! One pass makes a strict tree, the checks of `check.rs` go over it, and what is left without fault becomes [`Facts`].
//! The body itself is never changed. Read next: `check.rs` (what is refused), `values.rs` (what can be looked up).

use super::check::{self, Faults};
use super::fault::{Doubt, FieldFault};
use super::id::{Id, has_capitals};
use super::json::{self, Entries, Node, field};
use super::marking::label_of_id;
use super::normal::ObservableValue;
use super::texts::{self, Text};
use super::types::{Family, family, type_code};
use super::values::Values;
use gotong_model::{Personal, Timestamp, Tlp};
use std::borrow::Cow;

/// References that are kept of one object.
pub const REFS_MAX: usize = 4_096;

/// Who is related to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation {
    /// `relationship_type`.
    pub name: String,
    /// `source_ref`.
    pub source: String,
    /// `target_ref`.
    pub target: String,
}

/// What a STIX object says of itself. No text here contains U+0000, which some stores cannot hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Its id.
    pub id: String,
    /// Its type.
    pub object_type: String,
    /// The number of its type, see [`type_code`].
    pub type_code: u16,
    /// The UUID of its id.
    pub uuid: [u8; 16],
    /// When this object was created; most observables have none.
    pub created: Option<Timestamp>,
    /// The version; the same as `created` where the object has only that.
    pub modified: Option<Timestamp>,
    /// Until when an indicator holds.
    pub valid_until: Option<Timestamp>,
    /// How sure its author is of it, 0 to 100.
    pub confidence: Option<u8>,
    /// Whether its creator took it back.
    pub revoked: bool,
    /// The identity that made it.
    pub created_by: Option<String>,
    /// What to call it in a list.
    pub name: Option<String>,
    /// What people wrote in it.
    pub texts: Vec<Text>,
    /// The strictest TLP, 1.0 or 2.0, among its object and granular markings; `None`: unmarked, which is not clear.
    pub marking: Option<Tlp>,
    /// Marking references that are no TLP; what they say is for the caller to find out.
    pub markings_unknown: Vec<String>,
    /// What it can be found by.
    pub values: Vec<ObservableValue>,
    /// Values that are not among `values`: too many, or not printable.
    pub values_dropped: u32,
    /// What a sighting saw.
    pub sighting_of: Option<String>,
    /// The ends of a relationship.
    pub relation: Option<Relation>,
    /// Ids that it refers to, each once, in the order of the document, at most [`REFS_MAX`]; without creator and markings.
    pub refs: Vec<String>,
    /// What it holds of people by its nature, where its author says nothing (`docs/protocol.md` section 7).
    pub personal: Personal,
    /// Why a person should look at it before it is used.
    pub doubts: Vec<Doubt>,
}

/// Reads one STIX 2.1 object, strictly: UTF-8 without byte order mark, no duplicate keys, at most 32 levels, integers
/// within 2^53, no lone surrogates, nothing after the value; then what the standard demands of its type. Types that are
/// not in the standard are accepted, kept and not interpreted. The faults are never empty.
pub fn read(body: &[u8]) -> Result<Facts, Vec<FieldFault>> {
    let root = json::parse(body).map_err(|fault| vec![fault])?;
    let Some(entries) = root.map() else {
        let text = format!("is {}; a STIX object is a JSON object", root.kind());
        return Err(vec![FieldFault::new("", "stix.object.expected", text)]);
    };
    let mut faults = Faults::default();
    let Some(head) = check::head::head(entries, &mut faults) else { return Err(faults.into_list()) };
    let mut values = Values::default();
    if has_capitals(head.id) {
        values.doubt(Doubt::IdCapitals);
    }
    check::object(entries, &head, &mut faults, &mut values);
    if !faults.is_empty() {
        return Err(faults.into_list());
    }
    let family = family(head.object_type);
    match (family, head.object_type) {
        (Family::Observable, object_type) => values.add_observable(object_type, entries),
        (Family::Domain, "indicator") => {
            if let Some(pattern) = text(entries, "pattern").filter(|_| text(entries, "pattern_type") == Some("stix")) {
                values.add_pattern(pattern);
            }
        }
        (Family::Domain, "vulnerability") => values.add_vulnerability(entries),
        (Family::Domain, "observed-data") => {
            for (_, inner) in field(entries, "objects").and_then(Node::map).into_iter().flatten() {
                if let Some((inner, object_type)) = inner.map().and_then(|inner| Some((inner, text(inner, "type")?))) {
                    values.add_observable(object_type, inner);
                }
            }
        }
        _ => {}
    }
    let (marking, markings_unknown) = markings(entries);
    let text_of = |name: &str| text(entries, name).map(str::to_owned);
    Ok(Facts {
        id: head.id.to_owned(),
        object_type: head.object_type.to_owned(),
        type_code: type_code(head.object_type),
        uuid: head.uuid,
        created: head.created,
        modified: head.modified.or(head.created),
        valid_until: text(entries, "valid_until").and_then(Timestamp::parse),
        confidence: field(entries, "confidence").and_then(Node::int).and_then(|sure| u8::try_from(sure).ok()),
        revoked: field(entries, "revoked").and_then(Node::bool).unwrap_or(false),
        created_by: text_of("created_by_ref"),
        name: name(entries, head.object_type),
        texts: texts::texts(entries),
        marking,
        markings_unknown,
        values_dropped: values.dropped,
        values: values.found,
        sighting_of: if head.object_type == "sighting" { text_of("sighting_of_ref") } else { None },
        relation: relation(entries, head.object_type),
        refs: refs(entries),
        personal: personal(head.object_type, entries),
        doubts: values.doubts,
    })
}

fn text<'n>(entries: &'n Entries<'_>, name: &str) -> Option<&'n str> {
    field(entries, name).and_then(Node::text)
}

/// Bytes of a name that are kept.
const NAME_BYTES_MAX: usize = 1_024;

/// The property that names an object of this type, cut to a length for lists.
fn name(entries: &Entries<'_>, object_type: &str) -> Option<String> {
    let properties: &[&str] = match object_type {
        "opinion" => &["opinion"],
        "note" => &["abstract", "content"],
        "malware-analysis" => &["product"],
        "grouping" => &["name", "context"],
        "relationship" => &["relationship_type"],
        "directory" => &["path"],
        "email-message" => &["subject"],
        "process" => &["command_line"],
        "user-account" => &["display_name", "account_login", "user_id"],
        "windows-registry-key" => &["key"],
        "x509-certificate" => &["subject", "serial_number"],
        "indicator" => &["name", "pattern"],
        _ => &["name", "value"],
    };
    let full = match properties.iter().find_map(|property| text(entries, property)) {
        Some(text) => Cow::Borrowed(text),
        None if object_type == "network-traffic" => Cow::Owned(traffic(entries)?),
        None => Cow::Borrowed(strongest_hash(entries)?),
    };
    let cut = full.get(..full.floor_char_boundary(NAME_BYTES_MAX))?;
    Some(if cut.contains('\0') { cut.replace('\0', "\u{fffd}") } else { cut.to_owned() })
}

/// What files without a name are told apart by.
fn strongest_hash<'n>(entries: &'n Entries<'_>) -> Option<&'n str> {
    let hashes = field(entries, "hashes").and_then(Node::map)?;
    let named = ["SHA-512", "SHA-256", "SHA-1", "MD5"].iter().find_map(|name| text(hashes, name));
    named.or_else(|| hashes.first().and_then(|(_, hash)| hash.text()))
}

/// Protocols, from the lowest layer up, and where to: `ipv4/tcp 443`.
fn traffic(entries: &Entries<'_>) -> Option<String> {
    let protocols = field(entries, "protocols").and_then(Node::list)?;
    let protocols: Vec<&str> = protocols.iter().filter_map(Node::text).collect();
    let port = field(entries, "dst_port").and_then(Node::int).map(|port| format!(" {port}")).unwrap_or_default();
    (!protocols.is_empty()).then(|| protocols.join("/") + &port)
}

fn relation(entries: &Entries<'_>, object_type: &str) -> Option<Relation> {
    if object_type != "relationship" {
        return None;
    }
    Some(Relation {
        name: text(entries, "relationship_type")?.to_owned(),
        source: text(entries, "source_ref")?.to_owned(),
        target: text(entries, "target_ref")?.to_owned(),
    })
}

/// Whom an `email-message` names.
const CORRESPONDENTS: [&str; 5] = ["from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs"];

/// What an object of this type holds of people as such objects usually are, for whoever asks before there is one.
pub fn personal_of_type(object_type: &str) -> Personal {
    if matches!(object_type, "user-account" | "email-message") { Personal::Identified } else { Personal::None }
}

/// What an object of this type holds of people by its nature. Every node has to come to the same: whether a record shows hangs on it.
fn personal(object_type: &str, entries: &Entries<'_>) -> Personal {
    let inner = |(_, node): &(_, Node<'_>)| {
        let inner = node.map();
        inner.is_some_and(|inner| {
            text(inner, "type").is_some_and(|inner_type| {
                inner_type != "observed-data" && personal(inner_type, inner) == Personal::Identified
            })
        })
    };
    let is_identified = match object_type {
        "identity" => text(entries, "identity_class") == Some("individual"),
        "user-account" => true,
        "email-message" => CORRESPONDENTS.iter().any(|name| field(entries, name).is_some()),
        // The bare address is a fact about an attack; whose it is, is one about somebody.
        "email-addr" => ["display_name", "belongs_to_ref"].iter().any(|name| field(entries, name).is_some()),
        "observed-data" => {
            field(entries, "objects").and_then(Node::map).is_some_and(|objects| objects.iter().any(inner))
        }
        _ => false,
    };
    if is_identified { Personal::Identified } else { Personal::None }
}

/// The strictest TLP and the markings that are none.
fn markings(entries: &Entries<'_>) -> (Option<Tlp>, Vec<String>) {
    let object = field(entries, "object_marking_refs").and_then(Node::list).unwrap_or_default();
    let granular = field(entries, "granular_markings").and_then(Node::list).unwrap_or_default();
    let granular = granular.iter().filter_map(|marking| field(marking.map()?, "marking_ref"));
    let (mut strictest, mut unknown) = (None, Vec::new());
    for id in object.iter().chain(granular).filter_map(Node::text) {
        match label_of_id(id) {
            Some(label) => strictest = strictest.max(Some(label)),
            None => unknown.push(id),
        }
    }
    (strictest, each_once(&unknown))
}

fn refs(entries: &Entries<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let outer = |key: &str| matches!(key, "created_by_ref" | "object_marking_refs" | "granular_markings");
    for (key, node) in entries.iter().filter(|(key, _)| !outer(key)) {
        gather(key, node, &mut found);
    }
    each_once(&found)
}

/// The first of each, at most [`REFS_MAX`].
fn each_once(found: &[&str]) -> Vec<String> {
    if found.len() < 2 {
        return found.iter().map(|id| (*id).to_owned()).collect();
    }
    // Sorting the positions costs less than searching the list for each of thousands.
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|at| (found.get(*at), *at));
    order.dedup_by_key(|at| found.get(*at));
    order.sort_unstable();
    order.into_iter().take(REFS_MAX).filter_map(|at| found.get(at)).map(|id| (*id).to_owned()).collect()
}

/// Every well-formed id under a key that ends in `_ref` or `_refs`, at any depth.
fn gather<'n>(key: &str, node: &'n Node<'_>, found: &mut Vec<&'n str>) {
    match node {
        Node::Text(text) if key.ends_with("_ref") && Id::parse(text).is_some() => found.push(text),
        Node::List(items) if key.ends_with("_refs") => {
            found.extend(items.iter().filter_map(Node::text).filter(|text| Id::parse(text).is_some()));
        }
        Node::List(items) => items.iter().for_each(|item| gather("", item, found)),
        Node::Map(entries) => entries.iter().for_each(|(key, node)| gather(key, node, found)),
        Node::Text(_) | Node::Null | Node::Bool(_) | Node::Int(_) | Node::Float(_) => {}
    }
}
