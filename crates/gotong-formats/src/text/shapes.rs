//! The looks of single values: addresses, hashes, URLs, paths, keys, numbers. Each answers for a text that is one value or none.
//!
//! No context here: whether a number is rather a version is for `extract.rs`.

use crate::stix21::normal;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Schemes of URLs that are values.
const SCHEMES: [&str; 15] = [
    "http", "https", "ftp", "ftps", "sftp", "tcp", "udp", "ws", "wss", "ssh", "smb", "ldap", "ldaps", "rtsp", "gopher",
];

/// Whether a scheme is that of a value.
pub(crate) fn is_scheme(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| text.eq_ignore_ascii_case(scheme))
}

/// A URL in its one spelling, where it has a scheme of values and a host.
pub(crate) fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    if !is_scheme(scheme) || rest.chars().any(|letter| letter.is_whitespace() || matches!(letter, '<' | '>' | '"')) {
        return None;
    }
    let parsed = url::Url::parse(text).ok()?;
    let host = parsed.host_str()?;
    // A host without a dot is somebody's own network, where it means something else for everybody.
    (host.contains('.') || host.starts_with('[')).then(|| String::from(parsed))
}

/// An IPv4 address without a network.
pub(crate) fn ipv4_alone(text: &str) -> Option<String> {
    text.parse::<Ipv4Addr>().ok().map(|address| address.to_string())
}

/// Addresses that are never worth a look in prose: nothing, oneself, masks.
pub(crate) fn is_idle_ipv4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 0 || first == 127 || (first == 255 && second == 255)
}

/// An IPv6 address that somebody would write on purpose: of a range that is in use. `dead::beef` of some program is not.
pub(crate) fn is_plausible_ipv6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    (0x2000..0x4000).contains(&first)
        || (0xfc00..0xfe00).contains(&first)
        || first >= 0xfe80
        || (first, second) == (0x64, 0xff9b)
        || address.to_ipv4_mapped().is_some()
}

/// Whether a text has the length of a hash and nothing but its digits. In prose it must have letters and figures both.
pub(crate) fn is_hash(text: &str, prose: bool) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 128)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && (!prose
            || (text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())))
}

/// The algorithm of a hash by its length, as STIX names it.
pub(crate) fn algorithm(hash: &str) -> &'static str {
    match hash.len() {
        32 => "MD5",
        40 => "SHA-1",
        64 => "SHA-256",
        _ => "SHA-512",
    }
}

/// Whether a text can stand before the `@` of an address (RFC 5322 dot-atom).
pub(crate) fn is_local(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('.')
        && !text.ends_with('.')
        && !text.contains("..")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_{|}~.-".contains(&byte) || byte >= 128)
}

/// `AS` and the number, from either.
pub(crate) fn as_number(text: &str) -> Option<String> {
    let upper = text.get(..3).filter(|head| head.eq_ignore_ascii_case("asn"));
    let text = if upper.is_some() { text.get(3..)?.trim_start_matches([' ', ':']) } else { text };
    normal::autonomous_system(text).filter(|_| text.len() <= 16)
}

/// A MAC address of colons or hyphens, or of three groups with dots; twelve bare digits are none.
pub(crate) fn mac(text: &str) -> Option<String> {
    let separators = text.bytes().filter(|byte| matches!(byte, b':' | b'-' | b'.')).count();
    let even = |sign: u8, every: usize| {
        text.bytes()
            .enumerate()
            .all(|(at, byte)| if at % every == every - 1 { byte == sign } else { byte.is_ascii_hexdigit() })
    };
    let fits = match text.len() {
        17 => separators == 5 && (even(b':', 3) || even(b'-', 3)),
        14 => {
            separators == 2
                && even(b'.', 5)
                && text.bytes().any(|byte| byte.is_ascii_digit())
                && text.bytes().any(|b| b.is_ascii_alphabetic())
        }
        _ => false,
    };
    if fits { normal::mac(text) } else { None }
}

/// The hives of the Windows registry, long and short.
pub(crate) const HIVES: [&str; 11] = [
    "HKEY_LOCAL_MACHINE",
    "HKEY_CURRENT_USER",
    "HKEY_CLASSES_ROOT",
    "HKEY_USERS",
    "HKEY_CURRENT_CONFIG",
    "HKLM",
    "HKCU",
    "HKCR",
    "HKU",
    "HKCC",
    "HKEY_PERFORMANCE_DATA",
];

/// A key of the Windows registry with its hive written out, as STIX 2.1 section 6.16 wants it: a hive, then names.
pub(crate) fn registry(text: &str) -> Option<String> {
    let (hive, rest) = text.split_once('\\')?;
    let hive = hive.trim_end_matches(':');
    let known =
        HIVES.iter().find(|known| hive.eq_ignore_ascii_case(known)).filter(|_| !rest.trim_matches('\\').is_empty())?;
    let long = match *known {
        "HKLM" => "HKEY_LOCAL_MACHINE",
        "HKCU" => "HKEY_CURRENT_USER",
        "HKCR" => "HKEY_CLASSES_ROOT",
        "HKU" => "HKEY_USERS",
        "HKCC" => "HKEY_CURRENT_CONFIG",
        long => long,
    };
    Some(format!("{long}\\{}", rest.trim_start_matches('\\')))
}

/// Whether a text is clearly the path of a file: a drive, a share, a variable of Windows, or a folder where anybody may write.
pub(crate) fn is_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let drive = matches!(bytes, [letter, b':', b'\\', next, ..] if letter.is_ascii_alphabetic() && *next != b'\\');
    let share = text.strip_prefix(r"\\").is_some_and(|rest| {
        rest.split_once('\\').is_some_and(|(host, path)| {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_$".contains(&b))
                && !path.is_empty()
        })
    });
    let variable = bytes.first() == Some(&b'%')
        && text.get(1..).and_then(|rest| rest.split_once('%')).is_some_and(|(name, path)| {
            (2..=32).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_()".contains(&b))
                && path.len() > 1
                && path.starts_with('\\')
        });
    let shared = ["/tmp/", "/var/tmp/", "/dev/shm/"]
        .iter()
        .any(|folder| text.strip_prefix(folder).is_some_and(|rest| rest.len() > 1));
    drive || share || variable || shared
}

/// Folder and name of a path; no name where it ends in a separator.
pub(crate) fn split_path(path: &str) -> (&str, &str) {
    match path.rfind(['\\', '/']) {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => ("", path),
    }
}
