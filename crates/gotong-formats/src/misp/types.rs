//! What the attribute types of MISP mean in STIX: of which parts a value consists, and what a part is.
//!
//! A value that is not what its type says has no parts; it is kept as text. Types that are not here have no counterpart in STIX.
//! Must not make STIX objects. Read next: `observable.rs`.

use crate::stix21::normal;

/// What a part of a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Ip,
    Domain,
    Url,
    /// An address without its scheme, which no observable may be.
    BareUrl,
    Email,
    Mac,
    Mutex,
    FileName,
    /// The algorithm's name in STIX, and its digits; 0: not checked.
    Hash(&'static str, usize),
    /// The same, of a certificate.
    CertificateHash(&'static str, usize),
    Port,
    Key,
    /// A key whose hive is not one hive in full, which no observable may have.
    BareKey,
    KeyData,
    System,
    Subject,
    UserAgent,
    ImportHash,
    MimeType,
    Account(&'static str),
}

/// How a value is cut into its parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Whole(Part),
    /// At the last bar: what stands before may have bars of its own.
    Last(Part, Part),
    /// At the first bar.
    First(Part, Part),
}

const MD5: Part = Part::Hash("MD5", 32);
const SHA1: Part = Part::Hash("SHA-1", 40);
const SHA256: Part = Part::Hash("SHA-256", 64);
const SHA512: Part = Part::Hash("SHA-512", 128);
const SHA3_256: Part = Part::Hash("SHA3-256", 64);
const SHA3_512: Part = Part::Hash("SHA3-512", 128);
const SSDEEP: Part = Part::Hash("SSDEEP", 0);
const TLSH: Part = Part::Hash("TLSH", 0);

/// Sorted by type.
const TYPES: [(&str, Cut); 52] = [
    ("AS", Cut::Whole(Part::System)),
    ("dns-soa-email", Cut::Whole(Part::Email)),
    ("domain", Cut::Whole(Part::Domain)),
    ("domain|ip", Cut::Last(Part::Domain, Part::Ip)),
    ("email", Cut::Whole(Part::Email)),
    ("email-attachment", Cut::Whole(Part::FileName)),
    ("email-dst", Cut::Whole(Part::Email)),
    ("email-reply-to", Cut::Whole(Part::Email)),
    ("email-src", Cut::Whole(Part::Email)),
    ("email-subject", Cut::Whole(Part::Subject)),
    ("filename", Cut::Whole(Part::FileName)),
    ("filename|imphash", Cut::Last(Part::FileName, Part::ImportHash)),
    ("filename|md5", Cut::Last(Part::FileName, MD5)),
    ("filename|sha1", Cut::Last(Part::FileName, SHA1)),
    ("filename|sha256", Cut::Last(Part::FileName, SHA256)),
    ("filename|sha3-256", Cut::Last(Part::FileName, SHA3_256)),
    ("filename|sha3-512", Cut::Last(Part::FileName, SHA3_512)),
    ("filename|sha512", Cut::Last(Part::FileName, SHA512)),
    ("filename|ssdeep", Cut::Last(Part::FileName, SSDEEP)),
    ("filename|tlsh", Cut::Last(Part::FileName, TLSH)),
    ("github-username", Cut::Whole(Part::Account("github"))),
    ("hostname", Cut::Whole(Part::Domain)),
    ("hostname|port", Cut::Last(Part::Domain, Part::Port)),
    ("imphash", Cut::Whole(Part::ImportHash)),
    ("ip-dst", Cut::Whole(Part::Ip)),
    ("ip-dst|port", Cut::Last(Part::Ip, Part::Port)),
    ("ip-src", Cut::Whole(Part::Ip)),
    ("ip-src|port", Cut::Last(Part::Ip, Part::Port)),
    ("jabber-id", Cut::Whole(Part::Account("jabber"))),
    ("mac-address", Cut::Whole(Part::Mac)),
    ("malware-sample", Cut::Last(Part::FileName, MD5)),
    ("md5", Cut::Whole(MD5)),
    ("mime-type", Cut::Whole(Part::MimeType)),
    ("mutex", Cut::Whole(Part::Mutex)),
    ("onion-address", Cut::Whole(Part::Domain)),
    ("regkey", Cut::Whole(Part::Key)),
    ("regkey|value", Cut::First(Part::Key, Part::KeyData)),
    ("sha1", Cut::Whole(SHA1)),
    ("sha256", Cut::Whole(SHA256)),
    ("sha3-256", Cut::Whole(SHA3_256)),
    ("sha3-512", Cut::Whole(SHA3_512)),
    ("sha512", Cut::Whole(SHA512)),
    ("ssdeep", Cut::Whole(SSDEEP)),
    ("target-email", Cut::Whole(Part::Email)),
    ("tlsh", Cut::Whole(TLSH)),
    ("twitter-id", Cut::Whole(Part::Account("twitter"))),
    ("url", Cut::Whole(Part::Url)),
    ("user-agent", Cut::Whole(Part::UserAgent)),
    ("whois-registrant-email", Cut::Whole(Part::Email)),
    ("x509-fingerprint-md5", Cut::Whole(Part::CertificateHash("MD5", 32))),
    ("x509-fingerprint-sha1", Cut::Whole(Part::CertificateHash("SHA-1", 40))),
    ("x509-fingerprint-sha256", Cut::Whole(Part::CertificateHash("SHA-256", 64))),
];

/// The language of a rule, as `pattern_type` names it.
pub(super) fn rule_language(misp_type: &str) -> Option<&'static str> {
    Some(match misp_type {
        "yara" => "yara",
        "snort" => "snort",
        "suricata" => "suricata",
        "sigma" => "sigma",
        "stix2-pattern" => "stix",
        "zeek" => "zeek",
        "kusto-query" => "kusto",
        _ => return None,
    })
}

/// What became of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// Its parts, each in the spelling that STIX wants.
    Parts(Vec<(Part, String)>),
    /// The type has no counterpart.
    Unknown,
    /// The value is not what the type says.
    Unfit,
}

/// Reads a value of a type.
pub(super) fn read(misp_type: &str, value: &str) -> Reading {
    let Ok(at) = TYPES.binary_search_by(|(name, _)| (*name).cmp(misp_type)) else { return Reading::Unknown };
    let Some((_, cut)) = TYPES.get(at) else { return Reading::Unknown };
    let two = |pair: Option<(&str, &str)>, first: Part, second: Part| {
        let (head, tail) = pair?;
        Some(vec![full(first, fit(first, head)?), full(second, fit(second, tail)?)])
    };
    let parts = match *cut {
        Cut::Whole(Part::Url) => url(value).map(|part| vec![part]),
        Cut::Whole(part) => fit(part, value).map(|text| vec![full(part, text)]),
        Cut::Last(first, Part::Port) => {
            // Older events write the port behind a colon.
            let pair = value.rsplit_once('|').or_else(|| value.rsplit_once(':'));
            two(pair, first, Part::Port)
        }
        Cut::Last(first, second) => two(value.rsplit_once('|'), first, second),
        Cut::First(first, second) => two(value.split_once('|'), first, second),
    };
    parts.map_or(Reading::Unfit, Reading::Parts)
}

/// The spelling of a part; `None` where it is none.
fn fit(part: Part, value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() || value.contains('\0') {
        return None;
    }
    match part {
        Part::Ip => {
            let plain = normal::refang(value);
            let plain = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&plain);
            normal::ipv4(plain).or_else(|| normal::ipv6(plain))
        }
        Part::Domain => {
            clickable(value).filter(|text| !text.contains(['/', '@'])).map(|text| text.to_ascii_lowercase())
        }
        Part::Url | Part::BareUrl => clickable(value),
        Part::Email => clickable(value).filter(|text| text.contains('@')),
        Part::Mac => normal::mac(value),
        Part::Hash(_, digits @ 1..) | Part::CertificateHash(_, digits) => hexadecimal(value, digits),
        Part::ImportHash => hexadecimal(value, 32),
        Part::Port => value.parse::<u16>().ok().map(|port| port.to_string()),
        Part::Key | Part::BareKey => Some(full_hive(value)),
        Part::System => normal::autonomous_system(value).map(|text| text.replacen("AS", "", 1)),
        Part::Hash(_, 0)
        | Part::Mutex
        | Part::FileName
        | Part::KeyData
        | Part::Subject
        | Part::UserAgent
        | Part::MimeType
        | Part::Account(_) => Some(value.to_owned()),
    }
}

/// An address as what it is: many write a host alone, or leave the scheme out.
fn url(value: &str) -> Option<(Part, String)> {
    let plain = clickable(value.trim()).filter(|plain| !plain.is_empty() && !plain.contains('\0'))?;
    if is_uri(&plain) {
        return Some((Part::Url, plain));
    }
    let host = !plain.contains(['/', '?', '#', ':', '@', '%']);
    [Part::Ip, Part::Domain]
        .into_iter()
        .filter(|_| host)
        .find_map(|part| Some((part, fit(part, &plain)?)))
        .or(Some((Part::BareUrl, plain)))
}

/// RFC 3986: a scheme, and only the letters that an address may have.
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let named = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
    let mut escapes = rest.split('%');
    escapes.next();
    let escaped = escapes.all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    // What looks like a scheme may be a host before its port.
    named && escaped && rest.bytes().all(plain) && rest.starts_with("//") && url::Url::parse(text).is_ok()
}

/// As it would occur, where that is clear.
fn clickable(value: &str) -> Option<String> {
    let plain = normal::refang(value);
    let fits = !plain.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    (fits && !normal::is_defanged(&plain)).then(|| plain.into_owned())
}

fn hexadecimal(value: &str, digits: usize) -> Option<String> {
    let fits = value.len() == digits && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| value.to_ascii_lowercase())
}

/// A part as what it is: a key that still has a short hive in it is no key of one hive.
fn full(part: Part, text: String) -> (Part, String) {
    let short = ["HKLM", "HKCC", "HKCR", "HKCU", "HKU"];
    let upper = || text.to_ascii_uppercase();
    let bare = part == Part::Key && text.len() < 4_096 && short.iter().any(|hive| upper().contains(hive));
    (if bare { Part::BareKey } else { part }, text)
}

/// STIX 2.1 section 6.18.1: the hive is written in full.
fn full_hive(key: &str) -> String {
    const HIVES: [(&str, &str); 6] = [
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKCC", "HKEY_CURRENT_CONFIG"),
        ("HKPD", "HKEY_PERFORMANCE_DATA"),
        ("HKU", "HKEY_USERS"),
    ];
    let (hive, rest) = key.find('\\').map_or((key, ""), |at| key.split_at(at));
    match HIVES.iter().find(|(short, _)| short.eq_ignore_ascii_case(hive)) {
        Some((_, full)) => format!("{full}{rest}"),
        None => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(misp_type: &str, value: &str) -> Vec<String> {
        match read(misp_type, value) {
            Reading::Parts(parts) => parts.into_iter().map(|(_, text)| text).collect(),
            Reading::Unknown | Reading::Unfit => Vec::new(),
        }
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(TYPES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn composite_values_come_apart_at_the_right_bar() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(texts("filename|md5", &format!("a|b.exe|{}", md5.to_uppercase())), ["a|b.exe", md5]);
        assert_eq!(texts("regkey|value", r"hklm\Software\X|a|b"), [r"HKEY_LOCAL_MACHINE\Software\X", "a|b"]);
        assert_eq!(texts("domain|ip", "Evil[.]example|2001:DB8:0::1"), ["evil.example", "2001:db8::1"]);
        assert_eq!(texts("ip-dst|port", "2001:db8::1|443"), ["2001:db8::1", "443"]);
        assert_eq!(texts("ip-dst|port", "198.51.100.7:8080"), ["198.51.100.7", "8080"]);
        assert_eq!(texts("url", "hxxp://evil[.]example/a"), ["http://evil.example/a"]);
        assert_eq!(texts("AS", "as64496"), ["64496"]);
        for (value, expected) in [
            ("http://evil.example/a?b=%41", Part::Url),
            ("evil.example", Part::Domain),
            ("198.51.100.7", Part::Ip),
            ("evil.example/a", Part::BareUrl),
            ("evil.example:8080/a", Part::BareUrl),
            ("http://evil.example/{a}", Part::BareUrl),
            ("http://evil.example/%4", Part::BareUrl),
        ] {
            assert!(matches!(read("url", value), Reading::Parts(parts) if parts[0].0 == expected), "{value}");
        }
    }

    #[test]
    fn what_a_type_does_not_mean_is_not_taken_for_it() {
        for (misp_type, value) in [
            ("md5", "d41d8cd98f00b204e9800998ecf8427"),
            ("ip-src", "999.1.1.1"),
            ("ip-dst|port", "198.51.100.7|65536"),
            ("domain|ip", "evil.example|"),
            ("filename|md5", "a.exe"),
            ("domain", ""),
            ("domain", "two words.example"),
            ("mac-address", "00:11:22"),
        ] {
            assert_eq!(read(misp_type, value), Reading::Unfit, "{misp_type} {value:?}");
        }
        assert_eq!(read("btc", "x"), Reading::Unknown);
    }
}
