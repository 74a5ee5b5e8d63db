//! One spelling for each observable value, so that a look-up is an equality.
//!
//! The same functions serve what objects carry and what people type. A value that does not parse as what it claims to
//! be keeps its text: it can still be found as it was written. Values with control characters are not indexed.

use gotong_model::limits::VALUE_BYTES_MAX;
use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What an observable value is. The numbers are part of the store's format and never change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ValueKind {
    /// Anything else that a pattern compares with.
    Other = 0,
    /// IPv4 address or network.
    Ipv4 = 1,
    /// IPv6 address or network.
    Ipv6 = 2,
    /// Domain name, as A-labels.
    Domain = 3,
    /// URL.
    Url = 4,
    /// E-mail address.
    Email = 5,
    /// Hash of a file, artifact or certificate.
    Hash = 6,
    /// MAC address.
    Mac = 7,
    /// Autonomous system, `AS64496`.
    AutonomousSystem = 8,
    /// Name of a mutex.
    Mutex = 9,
    /// Windows registry key.
    RegistryKey = 10,
    /// Name of a file.
    FileName = 11,
    /// Path of a directory.
    Path = 12,
    /// User id or login of an account.
    UserAccount = 13,
    /// CPE or name of software.
    Software = 14,
    /// Command line of a process.
    CommandLine = 15,
    /// Serial number of a certificate.
    SerialNumber = 16,
    /// CVE number.
    Vulnerability = 17,
}

impl ValueKind {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        Self::Other,
        Self::Ipv4,
        Self::Ipv6,
        Self::Domain,
        Self::Url,
        Self::Email,
        Self::Hash,
        Self::Mac,
        Self::AutonomousSystem,
        Self::Mutex,
        Self::RegistryKey,
        Self::FileName,
        Self::Path,
        Self::UserAccount,
        Self::Software,
        Self::CommandLine,
        Self::SerialNumber,
        Self::Vulnerability,
    ];

    /// Short name for lists and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Hash => "hash",
            Self::Mac => "mac",
            Self::AutonomousSystem => "as",
            Self::Mutex => "mutex",
            Self::RegistryKey => "registry-key",
            Self::FileName => "file-name",
            Self::Path => "path",
            Self::UserAccount => "user-account",
            Self::Software => "software",
            Self::CommandLine => "command-line",
            Self::SerialNumber => "serial-number",
            Self::Vulnerability => "vulnerability",
        }
    }

    /// Number in the store.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// A value in its one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObservableValue {
    /// What it is.
    pub kind: ValueKind,
    /// The normalised text, at most [`VALUE_BYTES_MAX`] bytes, without control characters.
    pub text: String,
}

/// The one spelling of `text` as a `kind`; `None` where there is nothing to index.
pub(crate) fn normalise(kind: ValueKind, text: &str) -> Option<String> {
    // Cut before any work: what is longer than the index holds is not worth more than that.
    let text = cut(text.trim());
    if text.is_empty() || text.bytes().any(|byte| byte < 32 || byte == 127) {
        return None;
    }
    let mut value = match kind {
        ValueKind::Ipv4 => ipv4(text).unwrap_or_else(|| text.to_owned()),
        ValueKind::Ipv6 => ipv6(text).unwrap_or_else(|| text.to_owned()),
        ValueKind::Domain => domain(text),
        ValueKind::Url => url(text).unwrap_or_else(|| text.to_owned()),
        ValueKind::Email => email(text),
        ValueKind::Hash => hash(text),
        ValueKind::Mac => mac(text).unwrap_or_else(|| text.to_lowercase()),
        ValueKind::AutonomousSystem => autonomous_system(text).unwrap_or_else(|| text.to_owned()),
        ValueKind::RegistryKey | ValueKind::FileName => text.to_lowercase(),
        ValueKind::SerialNumber => serial_number(text),
        ValueKind::Vulnerability => cve(text).unwrap_or_else(|| text.to_owned()),
        ValueKind::Other
        | ValueKind::Mutex
        | ValueKind::Path
        | ValueKind::UserAccount
        | ValueKind::Software
        | ValueKind::CommandLine => text.to_owned(),
    };
    value.truncate(cut(&value).len());
    (!value.is_empty()).then_some(value)
}

/// The beginning that fits the index, at a character.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(VALUE_BYTES_MAX)).unwrap_or(text)
}

/// What kind a value of an untyped reference is, by its looks.
pub(crate) fn classify(text: &str) -> ValueKind {
    if ipv4(text).is_some() {
        ValueKind::Ipv4
    } else if ipv6(text).is_some() {
        ValueKind::Ipv6
    } else if text.contains("://") {
        ValueKind::Url
    } else if text.contains('@') {
        ValueKind::Email
    } else {
        ValueKind::Domain
    }
}

/// An IPv4 address, or a network with its host bits cleared; a network of one address is the address.
pub(crate) fn ipv4(text: &str) -> Option<String> {
    let Some((address, length)) = text.split_once('/') else {
        return text.parse::<Ipv4Addr>().ok().map(|address| address.to_string());
    };
    let (address, length) = (address.parse::<Ipv4Addr>().ok()?, prefix_length(length, 32)?);
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    let network = Ipv4Addr::from_bits(address.to_bits() & mask);
    Some(if length == 32 { network.to_string() } else { format!("{network}/{length}") })
}

/// An IPv6 address or network, as [`ipv4`]; spelled as RFC 5952 says.
pub(crate) fn ipv6(text: &str) -> Option<String> {
    let Some((address, length)) = text.split_once('/') else {
        return text.parse::<Ipv6Addr>().ok().map(|address| address.to_string());
    };
    let (address, length) = (address.parse::<Ipv6Addr>().ok()?, prefix_length(length, 128)?);
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    let network = Ipv6Addr::from_bits(address.to_bits() & mask);
    Some(if length == 128 { network.to_string() } else { format!("{network}/{length}") })
}

fn prefix_length(text: &str, max: u32) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|length| plain && *length <= max)
}

/// Lower case, A-labels (UTS 46), no dot at the end.
pub(crate) fn domain(text: &str) -> String {
    let end = |letter: char| letter == '.' || letter.is_whitespace();
    let bare = text.trim_end_matches(end);
    let plain = bare.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'));
    if plain && !bare.contains("xn--") {
        return bare.to_owned();
    }
    match idna::domain_to_ascii(bare) {
        Ok(ascii) if !ascii.is_empty() => ascii.trim_end_matches(end).to_owned(),
        Ok(_) | Err(_) => bare.to_lowercase(),
    }
}

/// As the WHATWG URL standard serialises it.
pub(crate) fn url(text: &str) -> Option<String> {
    url::Url::parse(text).ok().map(String::from)
}

/// The local part as it is, the domain as a domain.
pub(crate) fn email(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((local, host)) => format!("{local}@{}", domain(host)),
        None => text.to_lowercase(),
    }
}

/// Hexadecimal in lower case; fuzzy hashes, where case counts, as they are.
fn hash(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) { text.to_ascii_lowercase() } else { text.to_owned() }
}

/// Six pairs of lower-case digits with colons, from any of the usual spellings.
pub(crate) fn mac(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b':' | b'-' | b'.')).collect();
    if digits.len() != 12 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut out = String::with_capacity(17);
    for (at, digit) in digits.iter().enumerate() {
        if at > 0 && at % 2 == 0 {
            out.push(':');
        }
        out.push(char::from(digit.to_ascii_lowercase()));
    }
    Some(out)
}

/// `AS` and the number.
pub(crate) fn autonomous_system(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let number: u32 = lower.strip_prefix("as").unwrap_or(&lower).trim_start().parse().ok()?;
    Some(format!("AS{number}"))
}

/// Lower case without separators.
fn serial_number(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ':' | ' ' | '-')).collect::<String>().to_lowercase()
}

/// `CVE-year-number`.
pub(crate) fn cve(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let (year, number) = upper.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (year.len() == 4 && (4..=19).contains(&number.len()) && digits(year) && digits(number)).then_some(upper)
}

/// Whether a value is written so that it cannot be clicked. Brackets behind the host of a URL are its own.
pub(crate) fn is_defanged(text: &str) -> bool {
    const MARKS: [&str; 9] = ["[.", ".]", "(.)", "{.}", "[dot]", "(dot)", "[:]", "[@]", "[at]"];
    let host_ends = text.match_indices('/').nth(2).map_or(text.len(), |(at, _)| at);
    let host = text.get(..host_ends).unwrap_or(text);
    false_scheme(text).is_some() || (host.contains(['[', '(', '{']) && MARKS.iter().any(|mark| host.contains(mark)))
}

/// The bytes of a scheme that is spelled so that it cannot be clicked, and the scheme that is meant. A host may well be
/// named `hxxp-out.example`, so the colon counts.
fn false_scheme(text: &str) -> Option<(usize, &'static str)> {
    const SCHEMES: [(&str, &str); 8] = [
        ("hxxp:", "http:"),
        ("hxxps:", "https:"),
        ("hxxp[:", "http[:"),
        ("hxxps[:", "https[:"),
        ("h**p:", "http:"),
        ("h**ps:", "https:"),
        ("fxp:", "ftp:"),
        ("fxp[:", "ftp[:"),
    ];
    let starts = |mark: &str| text.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
    SCHEMES.iter().find(|(mark, _)| starts(mark)).map(|(mark, meant)| (mark.len(), *meant))
}

/// Undoes what people do to values so that they cannot be clicked.
pub(crate) fn refang(text: &str) -> Cow<'_, str> {
    const MARKS: [(&str, &str); 15] = [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[.", "."),
        (".]", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("{dot}", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[/]", "/"),
        ("[@]", "@"),
        ("(@)", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
    ];
    let scheme = false_scheme(text);
    let lower = text.to_ascii_lowercase();
    if scheme.is_none() && !MARKS.iter().any(|(mark, _)| lower.contains(mark)) {
        return Cow::Borrowed(text);
    }
    let mut out = match scheme {
        Some((length, meant)) => format!("{meant}{}", text.get(length..).unwrap_or_default()),
        None => text.to_owned(),
    };
    for (mark, plain) in MARKS {
        out = replace_ignoring_case(&out, mark, plain);
    }
    Cow::Owned(out)
}

/// `mark` is ASCII, so lowering keeps every offset.
fn replace_ignoring_case(text: &str, mark: &str, plain: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(mark) {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(plain);
        from = at + mark.len();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_spelling() {
        for (kind, text, expected) in [
            (ValueKind::Ipv4, "198.51.100.7/24", "198.51.100.0/24"),
            (ValueKind::Ipv4, "198.51.100.7/32", "198.51.100.7"),
            (ValueKind::Ipv4, "10.0.0.0/0", "0.0.0.0/0"),
            (ValueKind::Ipv4, "198.51.100.007", "198.51.100.007"),
            (ValueKind::Ipv6, "2001:DB8:0:0::1", "2001:db8::1"),
            (ValueKind::Ipv6, "2001:db8::1/32", "2001:db8::/32"),
            (ValueKind::Ipv6, "2001:db8::1/+32", "2001:db8::1/+32"),
            (ValueKind::Domain, "Bücher.Example.", "xn--bcher-kva.example"),
            (ValueKind::Domain, "xn--BCHER-kva.example", "xn--bcher-kva.example"),
            (ValueKind::Domain, "_DMARC.example", "_dmarc.example"),
            (ValueKind::Url, "HTTP://Example.COM:80/a/../b?Q#f", "http://example.com/b?Q#f"),
            (ValueKind::Url, "http://[bad", "http://[bad"),
            (ValueKind::Email, "Ann.Lee@Example.COM", "Ann.Lee@example.com"),
            (ValueKind::Hash, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
            (ValueKind::Hash, "3:AXGBicFlgVNhBGcL6wCrFQEv:x", "3:AXGBicFlgVNhBGcL6wCrFQEv:x"),
            (ValueKind::Mac, "00-1B-44-11-3A-B7", "00:1b:44:11:3a:b7"),
            (ValueKind::Mac, "001b.4411.3ab7", "00:1b:44:11:3a:b7"),
            (ValueKind::AutonomousSystem, "as 64496", "AS64496"),
            (ValueKind::RegistryKey, r"HKLM\Software\X", r"hklm\software\x"),
            (ValueKind::SerialNumber, "0A:1B 2c", "0a1b2c"),
            (ValueKind::Vulnerability, "cve-2024-12345", "CVE-2024-12345"),
        ] {
            assert_eq!(normalise(kind, text).as_deref(), Some(expected), "{kind:?} {text}");
            assert_eq!(normalise(kind, expected).as_deref(), Some(expected), "normalising twice changes nothing");
        }
        assert_eq!(normalise(ValueKind::Other, "a\0b"), None);
        assert_eq!(normalise(ValueKind::Other, "  "), None);
        assert_eq!(normalise(ValueKind::Other, &"ü".repeat(4_000)).unwrap().len(), VALUE_BYTES_MAX);
    }

    #[test]
    fn what_was_made_unclickable_is_undone() {
        for (text, expected) in [
            ("hXXps://evil[.]example/a", "https://evil.example/a"),
            ("hxxp[:]//evil(dot)example", "http://evil.example"),
            ("ann[AT]evil[DOT]example", "ann@evil.example"),
            ("198.51[.]100.7", "198.51.100.7"),
            ("evil[.example", "evil.example"),
            ("ünï[.]example", "ünï.example"),
        ] {
            assert!(is_defanged(text) || text.contains("[AT]"), "{text}");
            assert_eq!(refang(text), expected);
        }
        for text in ["http://[2001:db8::1]/a(b)", "hxxp-out.example", "https://a.example/?q=[.]", "hxxps.example"] {
            assert!(!is_defanged(text), "{text} is meant as it is");
        }
        assert_eq!(refang("hxxp-out.example"), "hxxp-out.example");
        assert_eq!(refang("plain.example"), "plain.example");
    }

    #[test]
    fn kinds_keep_their_numbers() {
        for (at, kind) in ValueKind::ALL.iter().enumerate() {
            assert_eq!(usize::from(kind.code()), at);
        }
    }
}
