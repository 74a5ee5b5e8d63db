//! What must never be listed for blocking, whatever a record says: the addresses of the network itself, networks of millions of bystanders,
//! the names under which anyone registers.
//!
//! Well-known good values come from lists of the caller; here stands only what holds everywhere. Documentation addresses are let through:
//! nobody uses them. Must not be configurable.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::reason::Reason;
use super::target::Target;

/// Networks wider than this hold more than one owner (RFC 1918 to 6890 aside, which are below).
const V4_LENGTH_MIN: u8 = 16;
const V6_LENGTH_MIN: u8 = 32;

/// IPv4 of special purpose (IANA's registry), without the three networks of documentation.
const V4: [(Ipv4Addr, u8); 13] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// IPv6 of special purpose; what maps to IPv4 is refused whole, because the IPv4 address is what should be named.
const V6: [(Ipv6Addr, u8); 8] = [
    (Ipv6Addr::UNSPECIFIED, 8),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 9),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
];

/// Names that networks use for themselves (RFC 6761, 6762, 8375, 9476 and ICANN's resolution on `internal`), and the tree of addresses.
const LOCAL: [&str; 8] = ["localhost", "localdomain", "local", "internal", "home.arpa", "arpa", "invalid", "alt"];

/// Why a value must not be listed; `None` where nothing speaks against it.
pub(crate) fn reason(target: &Target) -> Option<Reason> {
    match target {
        Target::V4(address, length) => v4(*address, *length),
        Target::V6(address, length) => v6(*address, *length),
        Target::Domain(name) => domain(name),
        Target::Url(url) => {
            let host = target.host().map_or(Some(Reason::Malformed), |host| reason(&host));
            // One page of a host under which anyone registers is a page like any other; its front page stands for the host.
            host.filter(|reason| *reason != Reason::PublicSuffix || (url.path() == "/" && url.query().is_none()))
        }
        Target::Email(_) | Target::Hash(..) | Target::CertificateHash(..) | Target::Other(..) => None,
    }
}

fn v4(address: Ipv4Addr, length: u8) -> Option<Reason> {
    let overlaps = |(base, base_length): &(Ipv4Addr, u8)| {
        let mask = u32::MAX.checked_shl(32 - u32::from(length.min(*base_length))).unwrap_or(0);
        address.to_bits() & mask == base.to_bits() & mask
    };
    if length < V4_LENGTH_MIN {
        return Some(Reason::TooWide);
    }
    V4.iter().any(overlaps).then_some(Reason::Reserved)
}

fn v6(address: Ipv6Addr, length: u8) -> Option<Reason> {
    let overlaps = |(base, base_length): &(Ipv6Addr, u8)| {
        let mask = u128::MAX.checked_shl(128 - u32::from(length.min(*base_length))).unwrap_or(0);
        address.to_bits() & mask == base.to_bits() & mask
    };
    if length < V6_LENGTH_MIN {
        return Some(Reason::TooWide);
    }
    V6.iter().any(overlaps).then_some(Reason::Reserved)
}

fn domain(name: &str) -> Option<Reason> {
    let under = |local: &str| name == local || name.strip_suffix(local).is_some_and(|rest| rest.ends_with('.'));
    if LOCAL.into_iter().any(under) {
        return Some(Reason::LocalName);
    }
    match psl::suffix(name.as_bytes()) {
        // What is in no list is a machine's name inside some network, or a domain that nobody can ask for.
        Some(suffix) if suffix.as_bytes() == name.as_bytes() && !suffix.is_known() => Some(Reason::LocalName),
        Some(suffix) if suffix.as_bytes() != name.as_bytes() => None,
        Some(_) | None => Some(Reason::PublicSuffix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stix21::{ObservableValue, ValueKind};

    fn of(kind: ValueKind, text: &str) -> Option<Reason> {
        let target = Target::of(&ObservableValue { kind, text: text.to_owned() }, false).unwrap();
        reason(&target)
    }

    #[test]
    fn the_network_itself_is_never_listed() {
        for text in [
            "10.1.2.3",
            "127.0.0.1",
            "192.168.0.0/16",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.251",
            "172.31.255.255",
            "172.16.0.0/16",
            "198.19.0.1",
        ] {
            assert_eq!(of(ValueKind::Ipv4, text), Some(Reason::Reserved), "{text}");
        }
        for text in ["0.0.0.0/0", "8.0.0.0/8", "8.8.0.0/15"] {
            assert_eq!(of(ValueKind::Ipv4, text), Some(Reason::TooWide), "{text}");
        }
        for text in
            ["::1", "::", "::ffff:8.8.8.8", "fd00::1", "fe80::1", "ff02::1", "64:ff9b::808:808", "2002:808:808::1"]
        {
            assert_eq!(of(ValueKind::Ipv6, text), Some(Reason::Reserved), "{text}");
        }
        assert_eq!(of(ValueKind::Ipv6, "2000::/3"), Some(Reason::TooWide));
        for text in ["198.51.100.7", "203.0.113.0/24", "8.8.8.8", "172.32.0.1", "11.0.0.0/16"] {
            assert_eq!(of(ValueKind::Ipv4, text), None, "{text}");
        }
        assert_eq!(of(ValueKind::Ipv6, "2001:db8::1"), None);
        assert_eq!(of(ValueKind::Ipv6, "2a00:1450::/32"), None);
    }

    #[test]
    fn the_names_under_which_anyone_registers_are_never_listed() {
        for text in
            ["com", "co.uk", "go.th", "com.vn", "github.io", "duckdns.org", "kh", "gov.kh", "xn--p1ai", "xn--55qx5d.cn"]
        {
            assert_eq!(of(ValueKind::Domain, text), Some(Reason::PublicSuffix), "{text}");
        }
        for text in ["localhost", "intranet", "printer.local", "1.0.0.127.in-addr.arpa", "db.internal", "a.home.arpa"] {
            assert_eq!(of(ValueKind::Domain, text), Some(Reason::LocalName), "{text}");
        }
        for text in ["evil.example", "evil.co.uk", "evil.github.io", "notlocal.com", "evil.gov.kh"] {
            assert_eq!(of(ValueKind::Domain, text), None, "{text}");
        }
    }

    #[test]
    fn a_page_of_the_network_itself_is_not_listed_either() {
        assert_eq!(of(ValueKind::Url, "http://192.168.0.1/login"), Some(Reason::Reserved));
        assert_eq!(of(ValueKind::Url, "http://router.local/"), Some(Reason::LocalName));
        assert_eq!(of(ValueKind::Url, "http://evil.example/a"), None);
        assert_eq!(of(ValueKind::Url, "https://github.io/"), Some(Reason::PublicSuffix));
        assert_eq!(of(ValueKind::Url, "https://github.io/kit.zip"), None);
        assert_eq!(of(ValueKind::Url, "http://kit/gate.php"), Some(Reason::LocalName));
    }
}
