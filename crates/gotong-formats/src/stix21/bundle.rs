//! Writes a bundle around raw objects as they come, without holding them.
//!
//! A bundle is only a container: it has no meaning of its own (STIX 2.1 section 8), so nothing is said about its id.

use super::id::uuid_text;
use super::marking::{definition_of_label, id_of_label};
use gotong_model::Tlp;

/// A bundle in the making. The TLP 2.0 marking definitions that its objects refer to are added at the end, unless they
/// are among the objects.
pub struct BundleWriter {
    out: Vec<u8>,
    objects: u64,
    used: [bool; 5],
    present: [bool; 5],
}

impl BundleWriter {
    /// Begins a bundle with the given id, which nobody else may have.
    pub fn start(uuid: [u8; 16]) -> Self {
        let out = format!("{{\"type\":\"bundle\",\"id\":\"bundle--{}\"", uuid_text(uuid)).into_bytes();
        Self { out, objects: 0, used: [false; 5], present: [false; 5] }
    }

    /// Adds one object, byte for byte.
    pub fn object(&mut self, body: &[u8]) {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let defines = text.contains("\"tlp_2_0\"");
        if text.contains("marking-definition--") {
            for ((label, used), present) in Tlp::ALL.into_iter().zip(&mut self.used).zip(&mut self.present) {
                if (defines || !*used) && text.contains(id_of_label(label)) {
                    *used = true;
                    *present |= defines && super::marking::marking_of(body) == Some(label);
                }
            }
        }
        self.append(body);
    }

    /// What is written so far and not yet taken, to be sent on while the bundle grows.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends the bundle and gives the bytes not yet taken. An empty bundle has no `objects`, as the standard wants it.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        for (at, label) in Tlp::ALL.into_iter().enumerate() {
            if self.used.get(at) == Some(&true) && self.present.get(at) == Some(&false) {
                self.append(definition_of_label(label).as_bytes());
            }
        }
        self.out.extend_from_slice(if self.objects == 0 { b"}" } else { b"]}" });
        self.out
    }

    fn append(&mut self, body: &[u8]) {
        let before: &[u8] = if self.objects == 0 { b",\"objects\":[" } else { b"," };
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(body);
        self.objects += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bundle_has_no_list() {
        let bytes = BundleWriter::start([0; 16]).finish();
        assert_eq!(bytes, br#"{"type":"bundle","id":"bundle--00000000-0000-0000-0000-000000000000"}"#);
    }

    #[test]
    fn the_definitions_in_use_are_added_once() {
        let note = format!(r#"{{"type":"note","object_marking_refs":["{}"]}}"#, id_of_label(Tlp::Green));
        let mut writer = BundleWriter::start([1; 16]);
        writer.object(note.as_bytes());
        let mut bytes = writer.take();
        writer.object(note.as_bytes());
        writer.object(definition_of_label(Tlp::Red).as_bytes());
        bytes.extend(writer.finish());
        let text = String::from_utf8(bytes).unwrap();
        let bundle: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(bundle["objects"].as_array().unwrap().len(), 4);
        assert_eq!(text.matches(&definition_of_label(Tlp::Green)).count(), 1);
        assert_eq!(text.matches(&definition_of_label(Tlp::Red)).count(), 1);
    }
}
