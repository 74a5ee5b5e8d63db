//! Writes STIX objects of values, byte by byte: an indicator, or the observable that the value is. No tree is built, so lists of millions go through.
//!
//! Ids follow from content: those of observables as STIX 2.1 section 2.9 says, all others from the scope of the options and what they say.
//! Must not decide what a value is. Read next: `options.rs`, `value.rs`.

use super::options::Options;
use super::shapes;
use super::value::{Value, is_unseen};
use crate::draft::{Draft, Fault, Loss, Piece};
use crate::stix21::id::derived_uuid;
use crate::stix21::{FieldFault, ValueKind, id_of_label};
use gotong_model::{Timestamp, Tlp};
use std::borrow::Cow;
use std::collections::VecDeque;
use uuid::Uuid;

/// Bytes of a name, and of a description that a row gives.
const NAME_BYTES_MAX: usize = 512;
pub(crate) const DESCRIPTION_BYTES_MAX: usize = 32 << 10;

/// The id of something that was made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Made {
    pub(crate) object_type: &'static str,
    pub(crate) uuid: Uuid,
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}--{}", self.object_type, self.uuid.hyphenated())
    }
}

/// What a row says of its value.
#[derive(Clone, Default, Debug)]
pub(crate) struct Said {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) confidence: Option<u8>,
    pub(crate) tlp: Option<Tlp>,
    pub(crate) valid_from: Option<Timestamp>,
    pub(crate) valid_until: Option<Timestamp>,
    /// It is not meant to be searched for: an observable, whatever the options say.
    pub(crate) observable: bool,
}

/// Text without the characters that change how what stands around it looks; each becomes U+FFFD, so that one sees there was something.
pub(crate) fn harmless(text: &str, lines: bool) -> Cow<'_, str> {
    let bad = |letter: char| {
        (is_unseen(letter) && !matches!(letter, '\u{200b}'..='\u{200d}')) && !(lines && matches!(letter, '\n' | '\t'))
    };
    if text.contains(bad) {
        Cow::Owned(text.replace("\r\n", "\n").replace(bad, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The beginning of a text that has at most `most` bytes.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Puts a JSON object together.
pub(crate) struct Json(Vec<u8>);

impl Json {
    pub(crate) fn new(object_type: &str, id: &str) -> Self {
        let mut json = Self(Vec::with_capacity(640));
        json.0.extend_from_slice(b"{\"type\":\"");
        json.0.extend_from_slice(object_type.as_bytes());
        json.0.extend_from_slice(b"\",\"spec_version\":\"2.1\"");
        json.text("id", id);
        json
    }

    fn key(&mut self, key: &str) {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    /// A property that is a string. `key` is a property name, never from outside.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        write_text(value, &mut self.0);
    }

    pub(crate) fn raw(&mut self, key: &str, value: &str) {
        self.key(key);
        self.0.extend_from_slice(value.as_bytes());
    }

    pub(crate) fn list<T: AsRef<str>>(&mut self, key: &str, values: &[T]) {
        if values.is_empty() {
            return;
        }
        self.key(key);
        self.0.push(b'[');
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            write_text(value.as_ref(), &mut self.0);
        }
        self.0.push(b']');
    }

    /// An object within: what `inside` writes.
    pub(crate) fn inner(&mut self, key: &str, inside: impl FnOnce(&mut Self)) {
        self.key(key);
        self.0.push(b'{');
        inside(self);
        self.0.push(b'}');
    }

    pub(crate) fn marking(&mut self, tlp: Option<Tlp>) {
        if let Some(tlp) = tlp {
            self.list("object_marking_refs", &[id_of_label(tlp)]);
        }
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

/// A JSON string; nothing that RFC 8785 would write otherwise.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    let plain = text.bytes().all(|byte| byte >= 32 && byte != b'"' && byte != b'\\');
    if plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else if serde_json::to_writer(&mut *out, text).is_err() {
        // A vector takes what is written to it; there is no other way for this to fail.
        out.extend_from_slice(b"\"\"");
    }
}

/// What makes objects of one input.
pub(crate) struct Emitter {
    pub(crate) options: Options,
    pub(crate) now: String,
}

impl Emitter {
    pub(crate) fn new(options: Options) -> Self {
        let now = options.now.to_string();
        Self { options, now }
    }

    /// The stricter of what the row and the options say.
    pub(crate) fn tlp(&self, said: &Said) -> Option<Tlp> {
        said.tlp.max(self.options.tlp)
    }

    /// Makes what a value becomes, and says what that is.
    pub(crate) fn value(&self, line: u64, value: &Value, said: &Said, out: &mut VecDeque<Piece>) -> Option<Made> {
        if value.is_wider {
            let text = format!(
                "what was written is narrower than `{}`, which is what was taken: one value cannot say it",
                value.text
            );
            out.push_back(loss(line, "value", "text.loss.wider", &text));
        }
        if value.kind == ValueKind::Vulnerability {
            return Some(self.vulnerability(line, value, said, out));
        }
        if self.options.observables || said.observable {
            return self.observable(line, value, self.tlp(said), out);
        }
        self.indicator(line, value, said, out)
    }

    fn indicator(&self, line: u64, value: &Value, said: &Said, out: &mut VecDeque<Piece>) -> Option<Made> {
        let pattern = pattern(value);
        let made = Made { object_type: "indicator", uuid: self.options.uuid("indicator", &[pattern.as_bytes()]) };
        let mut json = Json::new("indicator", &made.to_string());
        self.times(&mut json);
        let name = said.name.as_deref().unwrap_or(&value.text);
        json.text("name", &harmless(cut(name, NAME_BYTES_MAX), false));
        if let Some(text) = said.description.as_ref().or(self.options.description.as_ref()) {
            json.text("description", &harmless(cut(text, DESCRIPTION_BYTES_MAX), true));
        }
        json.list("indicator_types", &self.options.indicator_types);
        json.text("pattern", &pattern);
        json.raw("pattern_type", "\"stix\"");
        let from = said.valid_from.unwrap_or(self.options.now);
        match said.valid_from {
            Some(from) => json.text("valid_from", &from.to_string()),
            None => json.text("valid_from", &self.now),
        }
        if let Some(until) = said.valid_until.or(self.options.valid_until) {
            // Without its end what is over would stand for ever.
            if until <= from {
                let text = format!(
                    "`{}` would end at {until}, which is not after its beginning at {from}; it is over, or one of the two times is wrong",
                    cut(&value.text, NAME_BYTES_MAX)
                );
                out.push_back(fault(line, "/valid_until", "text.valid-until", harmless(&text, false)));
                return None;
            }
            json.text("valid_until", &until.to_string());
        }
        self.common(&mut json, said);
        out.push_back(Piece::Draft(Draft { line, body: json.into_bytes() }));
        Some(made)
    }

    pub(crate) fn times(&self, json: &mut Json) {
        json.text("created", &self.now);
        json.text("modified", &self.now);
    }

    /// Labels, confidence and markings of anything that has them.
    pub(crate) fn common(&self, json: &mut Json, said: &Said) {
        if said.labels.is_empty() {
            json.list("labels", &self.options.labels);
        } else {
            let mut labels: Vec<Cow<'_, str>> = Vec::new();
            for label in self.options.labels.iter().chain(&said.labels) {
                let label = harmless(cut(label.trim(), NAME_BYTES_MAX), false);
                if !label.is_empty() && !labels.contains(&label) {
                    labels.push(label);
                }
            }
            json.list("labels", &labels);
        }
        if let Some(confidence) = said.confidence.or(self.options.confidence) {
            json.raw("confidence", &confidence.min(100).to_string());
        }
        json.marking(self.tlp(said));
    }

    fn vulnerability(&self, line: u64, value: &Value, said: &Said, out: &mut VecDeque<Piece>) -> Made {
        let made =
            Made { object_type: "vulnerability", uuid: self.options.uuid("vulnerability", &[value.text.as_bytes()]) };
        let mut json = Json::new("vulnerability", &made.to_string());
        self.times(&mut json);
        json.text("name", &value.text);
        if let Some(text) = &said.description {
            json.text("description", &harmless(cut(text, DESCRIPTION_BYTES_MAX), true));
        }
        let mut reference = Vec::new();
        write_text(&value.text, &mut reference);
        let reference = String::from_utf8(reference).unwrap_or_default();
        json.raw("external_references", &format!("[{{\"source_name\":\"cve\",\"external_id\":{reference}}}]"));
        self.common(&mut json, said);
        out.push_back(Piece::Draft(Draft { line, body: json.into_bytes() }));
        made
    }

    /// The observable of a value. `None`: STIX has none for it, and a loss says so.
    #[expect(
        clippy::unused_self,
        reason = "an observable is made by whoever makes the rest, and says nothing but its value"
    )]
    pub(crate) fn observable(
        &self,
        line: u64,
        value: &Value,
        tlp: Option<Tlp>,
        out: &mut VecDeque<Piece>,
    ) -> Option<Made> {
        let text = value.text.as_str();
        let made = match value.kind {
            ValueKind::Ipv4 => observable(line, "ipv4-addr", &[Part::Text("value", text)], tlp, out),
            ValueKind::Ipv6 => observable(line, "ipv6-addr", &[Part::Text("value", text)], tlp, out),
            ValueKind::Domain => observable(line, "domain-name", &[Part::Text("value", text)], tlp, out),
            ValueKind::Url => observable(line, "url", &[Part::Text("value", text)], tlp, out),
            ValueKind::Email => observable(line, "email-addr", &[Part::Text("value", text)], tlp, out),
            ValueKind::Mac => observable(line, "mac-addr", &[Part::Text("value", text)], tlp, out),
            ValueKind::Mutex => observable(line, "mutex", &[Part::Text("name", text)], tlp, out),
            ValueKind::FileName => observable(line, "file", &[Part::Text("name", text)], tlp, out),
            ValueKind::RegistryKey => observable(line, "windows-registry-key", &[Part::Text("key", text)], tlp, out),
            ValueKind::AutonomousSystem => {
                observable(line, "autonomous-system", &[Part::Raw("number", text.trim_start_matches("AS"))], tlp, out)
            }
            ValueKind::Hash => {
                let hashes = format!("{{\"{}\":\"{text}\"}}", shapes::algorithm(text));
                observable(line, "file", &[Part::Raw("hashes", &hashes)], tlp, out)
            }
            ValueKind::Path => {
                let (folder, name) = shapes::split_path(text);
                let folder = observable(line, "directory", &[Part::Text("path", folder)], tlp, out);
                if name.is_empty() {
                    folder
                } else {
                    let folder = folder.to_string();
                    observable(
                        line,
                        "file",
                        &[Part::Text("name", name), Part::Text("parent_directory_ref", &folder)],
                        tlp,
                        out,
                    )
                }
            }
            ValueKind::Other
            | ValueKind::UserAccount
            | ValueKind::Software
            | ValueKind::CommandLine
            | ValueKind::SerialNumber
            | ValueKind::Vulnerability => {
                let text =
                    format!("a value of the kind `{}` has no observable here and was left out", value.kind.as_str());
                out.push_back(loss(line, "value", "text.loss.no-observable", &text));
                return None;
            }
        };
        let Some(port) = value.port else { return Some(made) };
        let (address, port) = (made.to_string(), port.to_string());
        let protocol = if value.kind == ValueKind::Ipv4 { "[\"ipv4\"]" } else { "[\"ipv6\"]" };
        let parts = [Part::Raw("dst_port", &port), Part::Text("dst_ref", &address), Part::Raw("protocols", protocol)];
        Some(observable(line, "network-traffic", &parts, tlp, out))
    }
}

/// A property of an observable that its id follows from; given in the order of their names.
pub(crate) enum Part<'a> {
    Text(&'a str, &'a str),
    /// Canonical JSON.
    Raw(&'a str, &'a str),
}

/// The id that contributing properties give.
pub(crate) fn observable_id(object_type: &'static str, parts: &[Part<'_>]) -> Made {
    let mut canonical = Vec::with_capacity(128);
    canonical.push(b'{');
    write_parts(parts, &mut canonical);
    canonical.push(b'}');
    Made { object_type, uuid: Uuid::from_bytes(derived_uuid(&canonical)) }
}

fn write_parts(parts: &[Part<'_>], out: &mut Vec<u8>) {
    for part in parts {
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        let (Part::Text(key, _) | Part::Raw(key, _)) = part;
        write_text(key, out);
        out.push(b':');
        match part {
            Part::Text(_, value) => write_text(value, out),
            Part::Raw(_, value) => out.extend_from_slice(value.as_bytes()),
        }
    }
}

/// Makes an observable of contributing properties alone.
pub(crate) fn observable(
    line: u64,
    object_type: &'static str,
    parts: &[Part<'_>],
    tlp: Option<Tlp>,
    out: &mut VecDeque<Piece>,
) -> Made {
    let made = observable_id(object_type, parts);
    let mut json = Json::new(object_type, &made.to_string());
    write_parts(parts, &mut json.0);
    json.marking(tlp);
    out.push_back(Piece::Draft(Draft { line, body: json.into_bytes() }));
    made
}

/// The pattern that finds a value.
pub(crate) fn pattern(value: &Value) -> String {
    let text = quoted(&value.text);
    match value.kind {
        ValueKind::Ipv4 | ValueKind::Ipv6 => {
            let object = if value.kind == ValueKind::Ipv4 { "ipv4-addr" } else { "ipv6-addr" };
            match value.port {
                Some(port) => format!(
                    "[network-traffic:dst_ref.type = '{object}' AND network-traffic:dst_ref.value = {text} AND network-traffic:dst_port = {port}]"
                ),
                None if value.text.contains('/') => format!("[{object}:value ISSUBSET {text}]"),
                None => format!("[{object}:value = {text}]"),
            }
        }
        ValueKind::Url if value.scheme_assumed => {
            let secure = quoted(&value.text.replacen("http://", "https://", 1));
            format!("[url:value = {text} OR url:value = {secure}]")
        }
        ValueKind::Url => format!("[url:value = {text}]"),
        ValueKind::Email => format!("[email-addr:value = {text}]"),
        ValueKind::Mac => format!("[mac-addr:value = {text}]"),
        ValueKind::Hash => {
            let algorithm = shapes::algorithm(&value.text);
            if algorithm.contains('-') {
                format!("[file:hashes.'{algorithm}' = {text}]")
            } else {
                format!("[file:hashes.{algorithm} = {text}]")
            }
        }
        ValueKind::AutonomousSystem => format!("[autonomous-system:number = {}]", value.text.trim_start_matches("AS")),
        ValueKind::RegistryKey => format!("[windows-registry-key:key = {text}]"),
        ValueKind::Mutex => format!("[mutex:name = {text}]"),
        ValueKind::FileName => format!("[file:name = {text}]"),
        ValueKind::Path => {
            let (folder, name) = shapes::split_path(&value.text);
            if name.is_empty() {
                format!("[directory:path = {}]", quoted(folder))
            } else {
                format!("[file:name = {} AND file:parent_directory_ref.path = {}]", quoted(name), quoted(folder))
            }
        }
        ValueKind::UserAccount => format!("[user-account:account_login = {text}]"),
        ValueKind::Software => format!("[software:name = {text}]"),
        ValueKind::CommandLine => format!("[process:command_line = {text}]"),
        ValueKind::SerialNumber => format!("[x509-certificate:serial_number = {text}]"),
        ValueKind::Domain | ValueKind::Other | ValueKind::Vulnerability => format!("[domain-name:value = {text}]"),
    }
}

/// A constant of the pattern language.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for letter in text.chars() {
        if matches!(letter, '\'' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('\'');
    out
}

pub(crate) fn loss(line: u64, place: &str, code: &'static str, text: &str) -> Piece {
    Piece::Loss(Loss { line, place: place.to_owned(), code, text: text.to_owned() })
}

pub(crate) fn fault(line: u64, pointer: &str, code: &'static str, text: impl Into<String>) -> Piece {
    Piece::Fault(Fault { line, field: FieldFault::new(pointer, code, text) })
}
