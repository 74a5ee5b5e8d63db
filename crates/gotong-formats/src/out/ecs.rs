//! Elastic Common Schema 8, one JSON object a line: what stores of logs match events against.
//!
//! The format has no comments, so each line carries its label, source and channel itself. Written by a serialiser: no value can end a string.

use serde_json::{Map, Value, json};

use super::Summary;
use super::form::{Entry, Form};
use super::item::{Header, Options};
use super::reason::Reason;
use super::target::Target;
use crate::stix21::ValueKind;

pub(crate) struct Lines;

impl Form for Lines {
    fn head(&mut self, _: &mut String, _: &str, _: &Header, _: &Options) {}

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, header: &Header, _: &Options) -> Result<(), Reason> {
        let mut indicator = observed(entry).ok_or(Reason::NotCarried)?;
        let item = entry.item;
        let label = item.label.as_str().to_uppercase();
        indicator.insert("provider".into(), item.author.into());
        indicator.insert("confidence".into(), confidence(entry.details.confidence).into());
        indicator.insert("marking".into(), json!({"tlp": label, "tlp_version": "2.0"}));
        indicator.insert("modified_at".into(), item.facts.modified.unwrap_or(item.published_at).to_string().into());
        if let Some(name) = &item.facts.name {
            indicator.insert("name".into(), entry.text.into());
            indicator.insert("description".into(), name.as_str().into());
        }
        if let Some(from) = entry.details.valid_from() {
            indicator.insert("first_seen".into(), from.to_string().into());
        }
        let mut tags = vec!["gotong".to_owned(), format!("tlp:{}", item.label)];
        if header.is_exercise {
            tags.push("exercise".to_owned());
        }
        let mut labels =
            json!({"gotong_id": item.facts.id, "gotong_channel": item.channel, "gotong_node": header.node});
        if let (Some(until), Some(labels)) = (item.facts.valid_until, labels.as_object_mut()) {
            labels.insert("gotong_valid_until".into(), until.to_string().into());
        }
        let line = json!({
            "@timestamp": header.made_at.to_string(),
            "ecs": {"version": "8.11.0"},
            "event": {
                "kind": "enrichment", "category": ["threat"], "type": ["indicator"],
                "dataset": "gotong.indicator", "provider": "gotong", "created": item.published_at.to_string()
            },
            "threat": {"indicator": indicator, "feed": {"name": format!("gotong {}", item.channel)}},
            "tags": tags,
            "labels": labels,
        });
        // Canonical: the same members in the same order, whatever program this is built into. Plain values always serialise.
        out.push_str(&serde_json_canonicalizer::to_string(&line).unwrap_or_default());
        out.push('\n');
        Ok(())
    }

    fn end(&mut self, _: &mut String, _: &Summary) {}
}

/// Confidence in the words of STIX 2.1, appendix A, which the schema takes over.
fn confidence(number: Option<u8>) -> &'static str {
    match number {
        None => "Not Specified",
        Some(0) => "None",
        Some(1..=29) => "Low",
        Some(30..=69) => "Medium",
        Some(70..) => "High",
    }
}

/// `threat.indicator` of a value: its type and the field that rules compare.
fn observed(entry: &Entry<'_>) -> Option<Map<String, Value>> {
    let text = entry.text;
    let value = match entry.target {
        // The field `ip` holds one address; a network has no field of its own in version 8.
        Target::V4(_, 32) => json!({"type": "ipv4-addr", "ip": text}),
        Target::V6(_, 128) => json!({"type": "ipv6-addr", "ip": text}),
        Target::Domain(name) => json!({"type": "domain-name", "url": {"domain": name}}),
        Target::Url(url) => {
            let mut inner = json!({"full": text, "original": text, "scheme": url.scheme(), "path": url.path()});
            let fields = inner.as_object_mut()?;
            fields.insert("domain".into(), url.host_str()?.into());
            if let Some(query) = url.query() {
                fields.insert("query".into(), query.into());
            }
            if let Some(port) = url.port_or_known_default() {
                fields.insert("port".into(), port.into());
            }
            json!({"type": "url", "url": inner})
        }
        Target::Email(address) => json!({"type": "email-addr", "email": {"address": address}}),
        Target::Hash(kind, hash) => json!({"type": "file", "file": {"hash": {kind.as_str(): hash}}}),
        Target::Other(ValueKind::RegistryKey, key) => {
            json!({"type": "windows-registry-key", "registry": {"path": key}})
        }
        Target::V4(..) | Target::V6(..) | Target::CertificateHash(..) | Target::Other(..) => return None,
    };
    value.as_object().cloned()
}
