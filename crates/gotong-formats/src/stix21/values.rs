//! The observable values of an object: what it can be found by.
//!
//! Observables give their identifying properties, indicators the constants of their pattern, vulnerabilities their CVE
//! number. Credentials (`user-account.credential`) are never indexed. Read next: `normal.rs`.

use super::fault::Doubt;
use super::json::{Entries, Node, field};
use super::normal::{self, ObservableValue, ValueKind};
use super::pattern;
use gotong_model::limits::VALUES_PER_OBJECT_MAX;

/// Bytes of the constants of a pattern that are indexed.
pub const PATTERN_BYTES_MAX: usize = 10 << 10;

/// Doubts kept of one object.
const DOUBTS_MAX: usize = 32;

/// The values of one object as they are found.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) found: Vec<ObservableValue>,
    pub(crate) doubts: Vec<Doubt>,
    /// Values that are not indexed: beyond the limit, or with control characters.
    pub(crate) dropped: u32,
}

impl Values {
    pub(crate) fn doubt(&mut self, doubt: Doubt) {
        if self.doubts.len() < DOUBTS_MAX {
            self.doubts.push(doubt);
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= VALUES_PER_OBJECT_MAX
    }

    fn add(&mut self, kind: ValueKind, text: &str) {
        let clickable = matches!(kind, ValueKind::Ipv4 | ValueKind::Domain | ValueKind::Url | ValueKind::Email);
        if clickable && normal::is_defanged(text) {
            self.doubt(Doubt::ValueDefanged { value: text.chars().take(120).collect() });
        }
        let Some(text) = normal::normalise(kind, text) else {
            self.dropped = self.dropped.saturating_add(1);
            return;
        };
        let value = ObservableValue { kind, text };
        if self.found.contains(&value) {
            return;
        }
        if self.is_full() {
            self.dropped = self.dropped.saturating_add(1);
        } else {
            self.found.push(value);
        }
    }

    fn add_field(&mut self, kind: ValueKind, entries: &Entries<'_>, name: &str) -> bool {
        let text = field(entries, name).and_then(Node::text);
        if let Some(text) = text {
            self.add(kind, text);
        }
        text.is_some()
    }

    fn add_hashes(&mut self, entries: &Entries<'_>) {
        for (_, hash) in field(entries, "hashes").and_then(Node::map).into_iter().flatten() {
            if let Some(text) = hash.text() {
                self.add(ValueKind::Hash, text);
            }
        }
    }

    /// The values of an observable.
    pub(crate) fn add_observable(&mut self, object_type: &str, entries: &Entries<'_>) {
        match object_type {
            "ipv4-addr" => self.add_field(ValueKind::Ipv4, entries, "value"),
            "ipv6-addr" => self.add_field(ValueKind::Ipv6, entries, "value"),
            "domain-name" => self.add_field(ValueKind::Domain, entries, "value"),
            "url" => self.add_field(ValueKind::Url, entries, "value"),
            "email-addr" => self.add_field(ValueKind::Email, entries, "value"),
            "mac-addr" => self.add_field(ValueKind::Mac, entries, "value"),
            "mutex" => self.add_field(ValueKind::Mutex, entries, "name"),
            "directory" => self.add_field(ValueKind::Path, entries, "path"),
            "process" => self.add_field(ValueKind::CommandLine, entries, "command_line"),
            "windows-registry-key" => self.add_field(ValueKind::RegistryKey, entries, "key"),
            "file" => {
                self.add_hashes(entries);
                self.add_field(ValueKind::FileName, entries, "name")
            }
            "artifact" => {
                self.add_hashes(entries);
                self.add_field(ValueKind::Url, entries, "url")
            }
            "x509-certificate" => {
                self.add_hashes(entries);
                self.add_field(ValueKind::SerialNumber, entries, "serial_number")
            }
            "autonomous-system" => {
                if let Some(number) = field(entries, "number").and_then(Node::int) {
                    self.add(ValueKind::AutonomousSystem, &number.to_string());
                }
                true
            }
            "user-account" => {
                self.add_field(ValueKind::UserAccount, entries, "user_id");
                self.add_field(ValueKind::UserAccount, entries, "account_login")
            }
            "software" => {
                self.add_field(ValueKind::Software, entries, "cpe")
                    || self.add_field(ValueKind::Software, entries, "name")
            }
            _ => false,
        };
    }

    /// The constants of a pattern.
    pub(crate) fn add_pattern(&mut self, pattern: &str) {
        let outcome = pattern::constants(pattern, PATTERN_BYTES_MAX, |constant| {
            if let Some(kind) = kind_of_path(constant.object_type, constant.path, &constant.text) {
                self.add(kind, &constant.text);
            }
        });
        match outcome {
            Ok(true) => {}
            Ok(false) => self.dropped = self.dropped.saturating_add(1),
            Err(fault) => self.doubt(Doubt::PatternUnreadable { offset: fault.offset }),
        }
    }

    /// The CVE number of a vulnerability, from its name or its references.
    pub(crate) fn add_vulnerability(&mut self, entries: &Entries<'_>) {
        let references = field(entries, "external_references").and_then(Node::list).unwrap_or_default();
        let ids = references.iter().filter_map(|reference| field(reference.map()?, "external_id"));
        for text in field(entries, "name").into_iter().chain(ids).filter_map(Node::text) {
            if normal::cve(text.trim()).is_some() {
                self.add(ValueKind::Vulnerability, text);
            }
        }
    }
}

/// What a constant compared with a path is; `None` where it is no observable value at all.
fn kind_of_path(object_type: &str, path: &str, text: &str) -> Option<ValueKind> {
    if path.starts_with("hashes.") || path.contains(".hashes.") {
        return Some(ValueKind::Hash);
    }
    Some(match (object_type, path) {
        ("ipv4-addr", "value") => ValueKind::Ipv4,
        ("ipv6-addr", "value") => ValueKind::Ipv6,
        ("domain-name", "value") => ValueKind::Domain,
        ("url", "value") | ("artifact", "url") => ValueKind::Url,
        ("email-addr", "value") => ValueKind::Email,
        ("mac-addr", "value") => ValueKind::Mac,
        ("mutex", "name") => ValueKind::Mutex,
        ("directory", "path") => ValueKind::Path,
        ("file", "name") => ValueKind::FileName,
        ("windows-registry-key", "key") => ValueKind::RegistryKey,
        ("process", "command_line") => ValueKind::CommandLine,
        ("user-account", "user_id" | "account_login") => ValueKind::UserAccount,
        ("user-account", "credential") => return None,
        ("software", "name" | "cpe") => ValueKind::Software,
        ("autonomous-system", "number") => ValueKind::AutonomousSystem,
        ("x509-certificate", "serial_number") => ValueKind::SerialNumber,
        _ => match path.rsplit_once('.').map_or(path, |(_, last)| last) {
            "value" => normal::classify(text),
            "path" => ValueKind::Path,
            "name" if path.contains("_ref") => ValueKind::FileName,
            // Numbers and words compared with any other property say nothing by themselves.
            _ if text.len() < 4 || text.bytes().all(|byte| byte.is_ascii_digit()) => return None,
            _ => ValueKind::Other,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stix21::json;

    fn of_pattern(pattern: &str) -> Vec<String> {
        let mut values = Values::default();
        values.add_pattern(pattern);
        values.found.iter().map(|value| format!("{}={}", value.kind.as_str(), value.text)).collect()
    }

    #[test]
    fn a_pattern_gives_the_same_values_as_the_observables_it_means() {
        assert_eq!(of_pattern("[domain-name:value = 'EVIL.Example.']"), ["domain=evil.example"]);
        assert_eq!(
            of_pattern("[file:hashes.'SHA-256' = 'AB12' AND file:name = 'A.exe' AND file:size = 100000]"),
            ["hash=ab12", "file-name=a.exe"]
        );
        assert_eq!(
            of_pattern("[network-traffic:dst_ref.value IN ('198.51.100.7', 'Evil.example', '2001:DB8::1')]"),
            ["ipv4=198.51.100.7", "domain=evil.example", "ipv6=2001:db8::1"]
        );
        assert_eq!(of_pattern("[email-message:from_ref.value = 'A@B.Example']"), ["email=A@b.example"]);
        assert!(of_pattern("[user-account:credential = 'hunter2-hunter2']").is_empty(), "no passwords in the index");
    }

    #[test]
    fn values_are_bounded_in_number_and_what_is_left_out_is_counted() {
        let list = (0..1_000).map(|n| format!("'h{n}.example'")).collect::<Vec<_>>().join(",");
        let mut values = Values::default();
        values.add_pattern(&format!("[domain-name:value IN ({list})]"));
        assert_eq!(values.found.len(), VALUES_PER_OBJECT_MAX);
        assert!(values.dropped > 0);
    }

    #[test]
    fn an_account_is_found_by_its_name_and_never_by_its_password() {
        let root = json::parse(br#"{"user_id":"u1","account_login":"ann","credential":"s3cret"}"#).unwrap();
        let mut values = Values::default();
        values.add_observable("user-account", root.map().unwrap());
        assert_eq!(values.found.iter().map(|value| value.text.as_str()).collect::<Vec<_>>(), ["u1", "ann"]);
    }

    #[test]
    fn a_defanged_value_is_doubted() {
        let mut values = Values::default();
        values.add_pattern("[url:value = 'hxxp://evil[.]example/']");
        assert!(matches!(values.doubts.as_slice(), [Doubt::ValueDefanged { .. }]));
    }
}
