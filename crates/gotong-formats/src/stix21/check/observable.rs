//! What each observable must have (STIX 2.1 section 6), and whether its id is the one that its content gives.

use super::Faults;
use super::head::Head;
use crate::stix21::canon;
use crate::stix21::fault::Doubt;
use crate::stix21::id::{derived_uuid, uuid_text, uuid_version};
use crate::stix21::json::{Entries, Node, field};
use crate::stix21::normal;
use crate::stix21::values::Values;

pub(crate) fn check(entries: &Entries<'_>, head: &Head<'_>, faults: &mut Faults, values: &mut Values) {
    let object_type = head.object_type;
    match object_type {
        "ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "email-addr" | "mac-addr" => {
            value(entries, object_type, faults);
        }
        "autonomous-system" => {
            faults.require(entries, object_type, &["number"]);
            faults.range(entries, "number", 0, i64::from(u32::MAX));
        }
        "directory" => faults.require(entries, object_type, &["path"]),
        "mutex" | "software" => faults.require(entries, object_type, &["name"]),
        "file" => {
            faults.require_one(entries, object_type, &["hashes", "name"]);
            faults.range(entries, "size", 0, i64::MAX);
        }
        "artifact" => artifact(entries, faults),
        "email-message" => email_message(entries, faults),
        "network-traffic" => network_traffic(entries, faults),
        "user-account" => {
            let names = ["user_id", "account_login", "display_name", "account_type", "credential", "extensions"];
            faults.require_one(entries, object_type, &names);
        }
        "windows-registry-key" => faults.require_one(
            entries,
            object_type,
            &["key", "values", "modified_time", "creator_user_ref", "number_of_subkeys"],
        ),
        "process" => {
            let names = [
                "pid",
                "command_line",
                "cwd",
                "image_ref",
                "created_time",
                "is_hidden",
                "arguments",
                "environment_variables",
                "opened_connection_refs",
                "creator_user_ref",
                "parent_ref",
                "child_refs",
                "extensions",
            ];
            faults.require_one(entries, object_type, &names);
        }
        _ => {}
    }
    hashes(entries, faults, values);
    derived_id(entries, head, values);
}

fn value(entries: &Entries<'_>, object_type: &str, faults: &mut Faults) {
    faults.require(entries, object_type, &["value"]);
    let Some(text) = field(entries, "value").and_then(Node::text) else { return };
    let (fits, wanted) = match object_type {
        "ipv4-addr" => (normal::ipv4(text).is_some(), "an IPv4 address or a network such as 198.51.100.0/24"),
        "ipv6-addr" => (normal::ipv6(text).is_some(), "an IPv6 address or a network such as 2001:db8::/32"),
        "mac-addr" => (normal::mac(text).is_some(), "a MAC address such as 00:1b:44:11:3a:b7"),
        _ => (!text.trim().is_empty(), "a value that is not empty"),
    };
    if !fits {
        faults.add("/value", "stix.value.syntax", format!("must be {wanted}"));
    }
}

fn artifact(entries: &Entries<'_>, faults: &mut Faults) {
    let has = |name| field(entries, name).is_some();
    if has("payload_bin") == has("url") {
        let text = "an artifact must have exactly one of `payload_bin` and `url`";
        faults.add("/payload_bin", "stix.artifact.payload", text);
    }
    if has("url") {
        faults.require(entries, "artifact (by url)", &["hashes"]);
    }
}

fn email_message(entries: &Entries<'_>, faults: &mut Faults) {
    faults.require(entries, "email-message", &["is_multipart"]);
    let multipart = field(entries, "is_multipart").and_then(Node::bool);
    for (name, belongs) in [("body", false), ("body_multipart", true)] {
        if multipart == Some(!belongs) && field(entries, name).is_some() {
            let text = format!("must not be there where is_multipart is {}", !belongs);
            faults.add(format!("/{name}"), "stix.email-message.body", text);
        }
    }
}

fn network_traffic(entries: &Entries<'_>, faults: &mut Faults) {
    faults.require(entries, "network-traffic", &["protocols"]);
    faults.require_one(entries, "network-traffic", &["src_ref", "dst_ref"]);
    for name in ["start", "end"] {
        if let Some(node) = field(entries, name) {
            super::common::timestamp(node, || format!("/{name}"), faults);
        }
    }
    faults.order(entries, "start", "end", false);
    faults.range(entries, "src_port", 0, 65_535);
    faults.range(entries, "dst_port", 0, 65_535);
    if field(entries, "is_active").and_then(Node::bool) == Some(true) && field(entries, "end").is_some() {
        faults.add("/end", "stix.network-traffic.end", "must not be there while is_active is true");
    }
}

/// Digits of the algorithms that the standard names (STIX 2.1 section 10.9).
fn digits_of(algorithm: &str) -> Option<usize> {
    match algorithm {
        "MD5" => Some(32),
        "SHA-1" => Some(40),
        "SHA-256" | "SHA3-256" => Some(64),
        "SHA-512" | "SHA3-512" => Some(128),
        _ => None,
    }
}

fn hashes(entries: &Entries<'_>, faults: &mut Faults, values: &mut Values) {
    let Some(hashes) = field(entries, "hashes").and_then(Node::map) else { return };
    for (algorithm, hash) in hashes {
        let place = || format!("/hashes{}", super::common::pointer(algorithm));
        let Some(text) = hash.text() else {
            faults.add(place(), "stix.property.type", format!("is {}; it must be a string", hash.kind()));
            continue;
        };
        let hexadecimal = || text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits_of(algorithm).is_some_and(|digits| text.len() != digits || !hexadecimal()) {
            values.doubt(Doubt::HashMalformed { pointer: place() });
        }
    }
}

/// The properties that an id derives from, in canonical order (UTF-16, which for these is ASCII).
fn contributing(object_type: &str) -> &'static [&'static str] {
    match object_type {
        "artifact" => &["hashes", "payload_bin"],
        "autonomous-system" => &["number"],
        "directory" => &["path"],
        "domain-name" | "email-addr" | "ipv4-addr" | "ipv6-addr" | "mac-addr" | "url" => &["value"],
        "email-message" => &["body", "from_ref", "subject"],
        "file" => &["extensions", "hashes", "name", "parent_directory_ref"],
        "mutex" => &["name"],
        "network-traffic" => &["dst_port", "dst_ref", "end", "extensions", "protocols", "src_port", "src_ref", "start"],
        "software" => &["cpe", "name", "swid", "vendor", "version"],
        "user-account" => &["account_login", "account_type", "user_id"],
        "windows-registry-key" => &["key", "values"],
        "x509-certificate" => &["hashes", "serial_number"],
        _ => &[],
    }
}

/// STIX 2.1 section 2.9: a version 5 UUID derives from the contributing properties; of `hashes`, from one only.
fn derived_id(entries: &Entries<'_>, head: &Head<'_>, values: &mut Values) {
    if uuid_version(head.uuid) != 5 {
        return;
    }
    let names = contributing(head.object_type);
    let mut bytes = Vec::with_capacity(128);
    bytes.push(b'{');
    for name in names {
        let Some(node) = field(entries, name) else { continue };
        if bytes.len() > 1 {
            bytes.push(b',');
        }
        canon::write_text(name, &mut bytes);
        bytes.push(b':');
        match node.map().filter(|_| *name == "hashes") {
            Some(hashes) => canon::write_map(chosen_hash(hashes).into_iter(), &mut bytes),
            None => canon::write(node, &mut bytes),
        }
    }
    bytes.push(b'}');
    if bytes.len() == 2 {
        return;
    }
    let expected = derived_uuid(&bytes);
    if expected != head.uuid {
        let expected = format!("{}--{}", head.object_type, uuid_text(expected));
        values.doubt(Doubt::IdNotDerived { expected });
    } else if head.created.is_some() || head.modified.is_some() {
        values.doubt(Doubt::VersionedDerivedId);
    }
}

fn chosen_hash<'n, 'a>(hashes: &'n Entries<'a>) -> Option<(&'n str, &'n Node<'a>)> {
    let preferred = ["MD5", "SHA-1", "SHA-256", "SHA-512"];
    let chosen = preferred.iter().find_map(|name| hashes.iter().find(|(key, _)| key == name));
    chosen.or_else(|| hashes.first()).map(|(key, node)| (key.as_ref(), node))
}
