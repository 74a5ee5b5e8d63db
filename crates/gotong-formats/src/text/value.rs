//! One value that somebody says is one: a line of a list, a cell of a column. What it is follows from its looks, or from the kind that is given.
//!
//! Refuses rather than guesses: a line that is no value becomes a fault that says what would be right. Read next: `emit.rs`.

use super::clean::clean;
use super::host;
use super::shapes;
use crate::stix21::ValueKind;
use crate::stix21::normal;

/// A value in its one spelling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Its text, normalised.
    pub text: String,
    /// The port that was written with an address.
    pub port: Option<u16>,
    /// A URL was written without its scheme; `text` has `http`, and `https` is meant as well.
    pub scheme_assumed: bool,
    /// It was written narrower than what is taken: an address with the length of its network, or only the names below a domain.
    pub is_wider: bool,
}

impl Value {
    pub(crate) fn new(kind: ValueKind, text: String) -> Self {
        Self { kind, text, port: None, scheme_assumed: false, is_wider: false }
    }

    /// An address or network; `written` may name an address within the network.
    fn address(kind: ValueKind, text: String, written: &str, normal: fn(&str) -> Option<String>) -> Self {
        let network = text.split_once('/').map(|(first, _)| first);
        let named = written.split_once('/').and_then(|(named, _)| normal(named));
        let is_wider = network.is_some() && named.as_deref() != network;
        Self { is_wider, ..Self::new(kind, text) }
    }
}

/// Why a text is no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoValue {
    /// There is nothing.
    Empty,
    /// It is longer than any value is.
    TooLong,
    /// It has control or direction characters, which would make it look like another.
    Control,
    /// It is a public suffix such as `com.vn`, under which everybody registers.
    PublicSuffix,
    /// It looks like a domain name, and nothing ends that way.
    UnknownSuffix,
    /// It looks like a domain name, and a label cannot be one.
    BadLabel,
    /// It is not of the kind that its column has.
    OtherKind(ValueKind),
    /// It is the first and the last address of a range.
    Range,
    /// It looks like nothing that is known here.
    Unknown,
}

impl NoValue {
    /// Message id.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "text.value.empty",
            Self::TooLong => "text.value.too-long",
            Self::Control => "text.value.control",
            Self::PublicSuffix => "text.value.public-suffix",
            Self::UnknownSuffix => "text.value.unknown-suffix",
            Self::BadLabel => "text.value.bad-label",
            Self::OtherKind(_) => "text.value.other-kind",
            Self::Range => "text.value.range",
            Self::Unknown => "text.value.unknown",
        }
    }

    /// What is wrong and what would be right, in English.
    pub fn text(self) -> String {
        match self {
            Self::Empty => "is empty; a value would stand here, such as 198.51.100.7".into(),
            Self::TooLong => format!("is longer than the {} bytes that a value may have", super::VALUE_BYTES_MAX),
            Self::Control => "has control or direction characters; write the value without them".into(),
            Self::PublicSuffix => "is a public suffix, under which everybody registers; name the domain below it".into(),
            Self::UnknownSuffix => "looks like a domain name, but no public suffix ends that way; check its spelling".into(),
            Self::BadLabel => "looks like a domain name, but a part of it cannot be one; parts have letters, digits and inner hyphens".into(),
            Self::OtherKind(kind) => format!("is not of the kind `{}` that its column says", kind.as_str()),
            Self::Range => "is a range of addresses; write the networks that make it up, such as 198.51.100.0/25".into(),
            Self::Unknown => {
                "is no value that is known here; write one address, network, domain, URL, e-mail address, hash, CVE or AS number".into()
            }
        }
    }
}

/// Characters that change how the text around them looks: controls, direction, zero width.
pub(crate) fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// What `text` is, as a whole.
pub(crate) fn value_of(text: &str) -> Result<Value, NoValue> {
    let text = strip(text);
    if text.is_empty() {
        return Err(NoValue::Empty);
    }
    if text.len() > super::VALUE_BYTES_MAX {
        return Err(NoValue::TooLong);
    }
    if text.chars().any(is_unseen) {
        return Err(NoValue::Control);
    }
    let plain = clean(text);
    classify(plain.text.trim())
}

/// What `text` is as a `kind`.
pub(crate) fn value_as(kind: ValueKind, text: &str) -> Result<Value, NoValue> {
    let verbatim_kinds = [
        ValueKind::Other,
        ValueKind::FileName,
        ValueKind::Mutex,
        ValueKind::Path,
        ValueKind::Software,
        ValueKind::UserAccount,
        ValueKind::CommandLine,
        ValueKind::SerialNumber,
    ];
    if verbatim_kinds.contains(&kind) {
        return verbatim(text).map(|text| Value::new(kind, text.to_owned()));
    }
    // A number alone is an AS where its column says so.
    if kind == ValueKind::AutonomousSystem {
        let number = shapes::as_number(text.trim()).ok_or(NoValue::OtherKind(kind))?;
        return Ok(Value::new(kind, number));
    }
    let value = value_of(text)?;
    let is_address = |kind| matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6);
    if value.kind == kind || (is_address(kind) && is_address(value.kind)) {
        return Ok(value);
    }
    // A bare host in a column of URLs.
    if kind == ValueKind::Url && value.kind == ValueKind::Domain {
        let text = normal::url(&format!("http://{}", value.text)).ok_or(NoValue::OtherKind(kind))?;
        return Ok(Value { scheme_assumed: true, ..Value::new(kind, text) });
    }
    Err(NoValue::OtherKind(kind))
}

/// A text that is taken as it is.
fn verbatim(text: &str) -> Result<&str, NoValue> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NoValue::Empty);
    }
    if text.len() > super::VALUE_BYTES_MAX {
        return Err(NoValue::TooLong);
    }
    if text.chars().any(is_unseen) { Err(NoValue::Control) } else { Ok(text) }
}

/// Quotes and brackets around the whole.
fn strip(text: &str) -> &str {
    let mut text = text.trim();
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            text = inner.trim();
        }
    }
    text
}

fn classify(text: &str) -> Result<Value, NoValue> {
    let first = text.bytes().next().unwrap_or_default();
    if first.is_ascii_digit() || text.contains(':') {
        if let Some(address) = normal::ipv4(text) {
            return Ok(Value::address(ValueKind::Ipv4, address, text, normal::ipv4));
        }
        if let Some(address) = normal::ipv6(text) {
            return Ok(Value::address(ValueKind::Ipv6, address, text, normal::ipv6));
        }
        if let Some(value) = address_with_port(text) {
            return Ok(value);
        }
        let ends = text.split_once('-').map(|(first, last)| [first.trim(), last.trim()]);
        if ends.is_some_and(|ends| ends.iter().all(|end| end.parse::<std::net::IpAddr>().is_ok())) {
            return Err(NoValue::Range);
        }
    }
    if text.contains("://") {
        return shapes::url(text).map(|url| Value::new(ValueKind::Url, url)).ok_or(NoValue::Unknown);
    }
    if shapes::is_hash(text, false) {
        return Ok(Value::new(ValueKind::Hash, text.to_ascii_lowercase()));
    }
    if let Some((local, host)) = text.rsplit_once('@') {
        let fits = shapes::is_local(local);
        return if fits {
            host::domain(host).map(|host| Value::new(ValueKind::Email, format!("{local}@{host}")))
        } else {
            Err(NoValue::Unknown)
        };
    }
    if matches!(first, b'C' | b'c')
        && let Some(cve) = normal::cve(text)
    {
        return Ok(Value::new(ValueKind::Vulnerability, cve));
    }
    if matches!(first, b'A' | b'a')
        && let Some(number) = shapes::as_number(text).filter(|_| text.len() > 2)
    {
        return Ok(Value::new(ValueKind::AutonomousSystem, number));
    }
    if let Some(key) = shapes::registry(text) {
        return Ok(Value::new(ValueKind::RegistryKey, key));
    }
    if shapes::is_path(text) {
        return Ok(Value::new(ValueKind::Path, text.to_owned()));
    }
    match text.split_once('/') {
        Some((host, path)) if host.contains('.') => {
            let host = shapes::ipv4_alone(host).map_or_else(|| host::domain(host), Ok)?;
            if path.is_empty() {
                return Ok(Value::new(
                    if host.parse::<std::net::Ipv4Addr>().is_ok() { ValueKind::Ipv4 } else { ValueKind::Domain },
                    host,
                ));
            }
            let url = shapes::url(&format!("http://{host}/{path}")).ok_or(NoValue::Unknown)?;
            Ok(Value { scheme_assumed: true, ..Value::new(ValueKind::Url, url) })
        }
        Some(_) => Err(NoValue::Unknown),
        None => match (host::domain(text), shapes::mac(text)) {
            (Ok(name), _) => Ok(Value { is_wider: text.starts_with("*."), ..Value::new(ValueKind::Domain, name) }),
            (Err(_), Some(mac)) => Ok(Value::new(ValueKind::Mac, mac)),
            // Numbers with dots are no domain with a wrong end but an address with a wrong number.
            (Err(NoValue::UnknownSuffix), None) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
                Err(NoValue::Unknown)
            }
            (Err(refusal), None) => Err(refusal),
        },
    }
}

/// `198.51.100.7:443`, `[2001:db8::1]:443`.
fn address_with_port(text: &str) -> Option<Value> {
    let (address, port) = text.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))?;
    let bracketed = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let value = match bracketed {
        Some(address) => Value::new(ValueKind::Ipv6, normal::ipv6(address).filter(|text| !text.contains('/'))?),
        None => Value::new(ValueKind::Ipv4, shapes::ipv4_alone(address)?),
    };
    Some(Value { port: Some(port), ..value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_its_looks_and_refused_with_what_would_be_right() {
        for (text, expected) in [
            ("198.51.100.7", "ipv4 198.51.100.7"),
            ("198.51.100.7/24", "ipv4 198.51.100.0/24"),
            ("198[.]51[.]100[.]7:8443", "ipv4 198.51.100.7 8443"),
            ("2001:DB8::1", "ipv6 2001:db8::1"),
            ("[2001:db8::1]:53", "ipv6 2001:db8::1 53"),
            ("\"EVIL[.]example\"", "domain evil.example"),
            ("hxxp://evil.example", "url http://evil.example/"),
            ("evil.example/a", "url http://evil.example/a"),
            ("a.b@evil.example", "email a.b@evil.example"),
            ("D41D8CD98F00B204E9800998ECF8427E", "hash d41d8cd98f00b204e9800998ecf8427e"),
            ("cve-2024-12345", "vulnerability CVE-2024-12345"),
            ("AS64496", "as AS64496"),
            ("00-1B-44-11-3A-B7", "mac 00:1b:44:11:3a:b7"),
            (r"HKLM\Software\X", r"registry-key HKEY_LOCAL_MACHINE\Software\X"),
            (r"C:\Windows\Temp\a b.exe", r"path C:\Windows\Temp\a b.exe"),
            ("", "text.value.empty"),
            ("com.vn", "text.value.public-suffix"),
            ("evil.lan", "text.value.unknown-suffix"),
            ("999.51.100.7", "text.value.unknown"),
            ("hello world", "text.value.unknown"),
            ("evil\u{202e}.example", "text.value.control"),
        ] {
            let shown = match value_of(text) {
                Ok(value) => {
                    let port = value.port.map(|port| format!(" {port}")).unwrap_or_default();
                    format!("{} {}{port}", value.kind.as_str(), value.text)
                }
                Err(refusal) => refusal.code().to_owned(),
            };
            assert_eq!(shown, expected, "{text}");
        }
        assert_eq!(value_as(ValueKind::AutonomousSystem, "64496").unwrap().text, "AS64496");
        assert_eq!(value_as(ValueKind::Hash, "evil.example"), Err(NoValue::OtherKind(ValueKind::Hash)));
    }

    #[test]
    fn what_was_written_narrower_is_known_and_a_range_is_none() {
        for (text, taken, is_wider) in [
            ("*.evil.example.com", "evil.example.com", true),
            ("evil.example.com", "evil.example.com", false),
            ("203.0.113.5/24", "203.0.113.0/24", true),
            ("203.0.113.0/24", "203.0.113.0/24", false),
            ("203.0.113.5/32", "203.0.113.5", false),
            ("203[.]0[.]113[.]0/24", "203.0.113.0/24", false),
            ("2001:db8::1/32", "2001:db8::/32", true),
            ("2001:DB8:0::/32", "2001:db8::/32", false),
        ] {
            let value = value_of(text).unwrap();
            assert_eq!((value.text.as_str(), value.is_wider), (taken, is_wider), "{text}");
        }
        for range in ["198.51.100.7-198.51.100.9", "198.51.100.7 - 198.51.100.9", "2001:db8::1-2001:db8::9"] {
            assert_eq!(value_of(range), Err(NoValue::Range), "{range}");
        }
        assert_eq!(value_of("10-20.example.com").unwrap().text, "10-20.example.com");
    }
}
