//! Puts the bytes of one STIX object together, in the order in which its members are named.
//!
//! Members that would be empty are left out, as STIX wants it. Must not know MISP. Read next: `event.rs`.

use super::ids;
use crate::stix21::canon::write_text;
use crate::stix21::id_of_label;
use gotong_model::{Timestamp, Tlp};

/// The bytes of an object that is not complete.
pub(super) struct Body {
    out: Vec<u8>,
}

impl Body {
    /// Begins with type, version of the standard and id.
    pub(super) fn new(object_type: &str, id: &str) -> Self {
        let mut out = Vec::with_capacity(1_024);
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(object_type.as_bytes());
        out.extend_from_slice(b"\",\"spec_version\":\"2.1\",\"id\":\"");
        out.extend_from_slice(id.as_bytes());
        out.push(b'"');
        Self { out }
    }

    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        write_text(value, &mut self.out);
        self
    }

    pub(super) fn some_text(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value.filter(|value| !value.trim().is_empty()) {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// JSON as it is.
    pub(super) fn raw(&mut self, key: &str, json: &[u8]) -> &mut Self {
        self.key(key);
        self.out.extend_from_slice(json);
        self
    }

    pub(super) fn texts<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) -> &mut Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return self;
        }
        self.key(key);
        for (at, value) in values.enumerate() {
            self.out.push(if at == 0 { b'[' } else { b',' });
            write_text(value, &mut self.out);
        }
        self.out.push(b']');
        self
    }

    pub(super) fn time(&mut self, key: &str, at: Timestamp) -> &mut Self {
        self.text(key, &ids::time_text(at))
    }

    pub(super) fn version(&mut self, by: Option<&str>, created: Timestamp, modified: Timestamp) -> &mut Self {
        self.some_text("created_by_ref", by);
        self.time("created", created.min(modified)).time("modified", modified)
    }

    pub(super) fn revoked(&mut self, revoked: bool) -> &mut Self {
        if revoked { self.raw("revoked", b"true") } else { self }
    }

    pub(super) fn marking(&mut self, label: Option<Tlp>) -> &mut Self {
        self.texts("object_marking_refs", label.map(id_of_label))
    }

    /// The property extension of MISP. `fields` is a JSON object; `more` are members of the extension, each with a comma before it. What
    /// stands in several events names none.
    pub(super) fn misp(&mut self, kind: &str, event_uuid: Option<&str>, fields: &[u8], more: &[u8]) -> &mut Self {
        self.key("extensions");
        let head = ["{\"", ids::EXTENSION, "\":{\"extension_type\":\"property-extension\",\"kind\":\"", kind, "\""];
        for part in head {
            self.out.extend_from_slice(part.as_bytes());
        }
        self.some_text("event_uuid", event_uuid);
        self.key("fields");
        self.out.extend_from_slice(fields);
        self.out.extend_from_slice(more);
        self.out.extend_from_slice(b"}}");
        self
    }

    /// The members of a JSON object that is not empty.
    pub(super) fn members(&mut self, object: &[u8]) -> &mut Self {
        self.out.push(b',');
        self.out.extend_from_slice(object.get(1..object.len().saturating_sub(1)).unwrap_or_default());
        self
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.out.push(b'}');
        std::mem::take(&mut self.out)
    }
}
