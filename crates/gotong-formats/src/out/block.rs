//! Which values of an object each stand for what its author warns of: the only ones that may go into a list for blocking.
//!
//! An indicator means its whole pattern. Where that is one comparison, or any of several, each value alone is meant. Where it takes two
//! things together (`AND`, `FOLLOWEDBY`, `NOT`, a number of times), a value alone may be harmless, and none is given. An address with a port is the one
//! combination that some formats can say whole: it is given with its port, and only they may write it.
//! Must not guess: what is not understood gives nothing. Read next: `never.rs`.

use gotong_model::limits::VALUE_BYTES_MAX;

use crate::stix21::pattern::{Alternative, Endpoint, Pattern, alternatives, endpoint};
use crate::stix21::{Facts, Family, ObservableValue, ValueKind, family, normal};

use super::reason::Reason;

/// A value that stands for itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlockValue {
    /// The value.
    pub value: ObservableValue,
    /// Whether it is the hash of a certificate, and not of a file.
    pub is_of_certificate: bool,
    /// The port with which alone an address is meant.
    pub service: Option<Service>,
}

/// A port of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Service {
    /// From 1.
    pub port: u16,
    /// `tcp` or `udp`, where it is told.
    pub protocol: Option<&'static str>,
}

/// The values of an indicator whose pattern, in STIX patterning, means each of them alone. `pattern` and `language` are its `pattern` and
/// `pattern_type`.
pub fn block_values(pattern: &str, language: &str) -> Result<Vec<BlockValue>, Reason> {
    if language != "stix" {
        return Err(Reason::PatternLanguage);
    }
    let pattern = Pattern::parse(pattern).map_err(|_| Reason::Composite)?;
    let Some(meant) = alternatives(&pattern) else {
        let at_port = endpoint(&pattern).and_then(of_endpoint);
        return at_port.map(|found| vec![found]).ok_or(Reason::Composite);
    };
    let values: Vec<BlockValue> = meant.iter().filter_map(found).collect();
    if values.is_empty() { Err(Reason::NoValues) } else { Ok(values) }
}

/// The values of an observable, for those who ask for observables as well: they were seen, which is no warning.
pub(crate) fn observable_values(facts: &Facts) -> Result<Vec<BlockValue>, Reason> {
    if family(&facts.object_type) != Family::Observable {
        return Err(Reason::NotIndicator);
    }
    let is_of_certificate = facts.object_type == "x509-certificate";
    let values: Vec<_> =
        facts.values.iter().cloned().map(|value| BlockValue { value, is_of_certificate, service: None }).collect();
    if values.is_empty() { Err(Reason::NoValues) } else { Ok(values) }
}

fn found(meant: &Alternative) -> Option<BlockValue> {
    let Alternative { object_type, path, text } = meant;
    let kind = kind(object_type, path, text)?;
    // What the index would cut or not take stays as it is: it is refused later, and counted.
    let fits = text.len() <= VALUE_BYTES_MAX;
    let text = normal::normalise(kind, text).filter(|_| fits).unwrap_or_else(|| text.clone());
    let is_of_certificate = object_type == "x509-certificate" && kind == ValueKind::Hash;
    Some(BlockValue { value: ObservableValue { kind, text }, is_of_certificate, service: None })
}

fn of_endpoint(Endpoint { address, port, protocol }: Endpoint) -> Option<BlockValue> {
    let kind = normal::classify(&address);
    matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6).then_some(())?;
    let text = normal::normalise(kind, &address)?;
    let service = Some(Service { port, protocol });
    Some(BlockValue { value: ObservableValue { kind, text }, is_of_certificate: false, service })
}

/// What a property that identifies something is; of any other, equality is no reason to block anything.
fn kind(object_type: &str, path: &str, text: &str) -> Option<ValueKind> {
    Some(match (object_type, path) {
        ("ipv4-addr", "value") => ValueKind::Ipv4,
        ("ipv6-addr", "value") => ValueKind::Ipv6,
        ("domain-name", "value") => ValueKind::Domain,
        ("url", "value") | ("artifact", "url") => ValueKind::Url,
        ("email-addr", "value") | ("email-message", "from_ref.value" | "sender_ref.value") => ValueKind::Email,
        ("network-traffic", "src_ref.value" | "dst_ref.value") => normal::classify(text),
        ("file" | "artifact" | "x509-certificate", path) if path.starts_with("hashes.") => ValueKind::Hash,
        ("mac-addr", "value") => ValueKind::Mac,
        ("mutex", "name") => ValueKind::Mutex,
        ("windows-registry-key", "key") => ValueKind::RegistryKey,
        ("x509-certificate", "serial_number") => ValueKind::SerialNumber,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Result<Vec<String>, Reason> {
        let values = block_values(pattern, "stix")?;
        Ok(values.into_iter().map(|found| format!("{}={}", found.value.kind.as_str(), found.value.text)).collect())
    }

    #[test]
    fn any_of_several_gives_each() {
        for (pattern, expected) in [
            ("[domain-name:value = 'EVIL.example']", vec!["domain=evil.example"]),
            (
                "[ipv4-addr:value='198.51.100.7' OR url:value == 'http://evil.example/a'] OR [ipv6-addr:value IN ('2001:DB8::1', '2001:db8::2')]",
                vec!["ipv4=198.51.100.7", "url=http://evil.example/a", "ipv6=2001:db8::1", "ipv6=2001:db8::2"],
            ),
            ("[ipv4-addr:value ISSUBSET '198.51.100.7/24']", vec!["ipv4=198.51.100.0/24"]),
            ("[network-traffic:dst_ref.value = '198.51.100.7']", vec!["ipv4=198.51.100.7"]),
            ("[file:hashes.'SHA-256' = 'AB' OR file:hashes.MD5 = 'cd']", vec!["hash=ab", "hash=cd"]),
            // That a file of this name is meant does not take from the other alternative.
            ("[file:name = 'a.exe' OR file:hashes.MD5 = 'cd']", vec!["hash=cd"]),
            // A single event is always within any time of itself.
            ("[domain-name:value = 'evil.example'] WITHIN 300 SECONDS", vec!["domain=evil.example"]),
            (r"[mutex:name = 'a\'b\\c OR [x']", vec![r"mutex=a'b\c OR [x"]),
        ] {
            assert_eq!(of(pattern).unwrap(), expected, "{pattern}");
        }
        assert!(block_values("[x509-certificate:hashes.'SHA-1' = 'ab']", "stix").unwrap()[0].is_of_certificate);
    }

    #[test]
    fn what_takes_several_things_together_gives_none() {
        for pattern in [
            "[domain-name:value = 'bank.example' AND file:hashes.MD5 = 'cd']",
            "[domain-name:value = 'bank.example'] AND [file:hashes.MD5 = 'cd']",
            "[domain-name:value = 'bank.example'] FOLLOWEDBY [file:hashes.MD5 = 'cd']",
            "[domain-name:value = 'evil.example'] REPEATS 5 TIMES",
            "[domain-name:value = 'evil.example'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'",
            "[domain-name:value != 'good.example']",
            "[domain-name:value NOT = 'good.example']",
            "[NOT domain-name:value = 'good.example']",
            "[domain-name:value NOT IN ('good.example')]",
            "[domain-name:value LIKE '%.example']",
            "[domain-name:value MATCHES 'example$']",
            "[domain-name:value ISSUPERSET 'example']",
            "[domain-name:value ISSUBSET 'evil.example']",
            "[(domain-name:value = 'a.example' OR url:value = 'x') AND file:size = 3]",
            "[domain-name:value = 'a.example' or url:value = 'x']",
            "[domain-name:value = 'a.example'] [url:value = 'x']",
            "[domain-name:value = 'a.example' /* OR */ AND url:value = 'x']",
            "[domain-name:value = 'a.example'",
            "[domain-name:value = 'a.example\\n']",
            "[EXISTS domain-name:value]",
            "domain-name:value = 'a.example'",
            "",
        ] {
            assert_eq!(of(pattern), Err(Reason::Composite), "{pattern}");
        }
        // A name with a port is nothing that a rule of addresses could say.
        let named = "[network-traffic:dst_ref.value = 'evil.example' AND network-traffic:dst_port = 80]";
        assert_eq!(of(named), Err(Reason::Composite));
        assert_eq!(of("[file:size = 3]"), Err(Reason::NoValues));
        assert_eq!(of("[user-account:credential = 'hunter2']"), Err(Reason::NoValues));
        assert_eq!(block_values("rule a { condition: true }", "yara"), Err(Reason::PatternLanguage));
    }
}
