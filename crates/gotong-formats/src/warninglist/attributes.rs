//! From MISP's attribute types to the kinds of values that are indexed here.
//!
//! A type of two parts (`domain|ip`) stands for the kinds of both. What is no type of ours is told to the caller, not
//! guessed. Read next: `read.rs`.

use crate::stix21::ValueKind;

/// A set of kinds of values.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Kinds(u32);

impl Kinds {
    /// Every kind.
    pub fn all() -> Self {
        ValueKind::ALL.into_iter().fold(Self::default(), Self::with)
    }

    /// Whether a kind is in it.
    pub fn has(self, kind: ValueKind) -> bool {
        self.0 & (1 << kind.code()) != 0
    }

    /// With one kind more.
    #[must_use]
    pub fn with(self, kind: ValueKind) -> Self {
        Self(self.0 | (1 << kind.code()))
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its kinds.
    pub fn iter(self) -> impl Iterator<Item = ValueKind> {
        ValueKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }

    fn of(kinds: &[ValueKind]) -> Self {
        kinds.iter().copied().fold(Self::default(), Self::with)
    }
}

/// The kinds that a MISP attribute type stands for; `None`: it has no kind here.
pub(super) fn kinds_of_attribute(name: &str) -> Option<Kinds> {
    if name == "ALL" {
        return Some(Kinds::all());
    }
    name.split('|').try_fold(Kinds::default(), |kinds, part| Some(kinds.or(kinds_of_part(part)?)))
}

fn kinds_of_part(part: &str) -> Option<Kinds> {
    Some(match part {
        "ip" | "ip-src" | "ip-dst" => Kinds::of(&[ValueKind::Ipv4, ValueKind::Ipv6]),
        "domain" | "hostname" => Kinds::of(&[ValueKind::Domain]),
        "url" | "uri" | "link" => Kinds::of(&[ValueKind::Url]),
        "email"
        | "email-src"
        | "email-dst"
        | "email-reply-to"
        | "target-email"
        | "whois-registrant-email"
        | "dns-soa-email"
        | "eppn"
        | "jabber-id" => Kinds::of(&[ValueKind::Email]),
        "md5"
        | "sha1"
        | "sha224"
        | "sha256"
        | "sha384"
        | "sha512"
        | "sha512/224"
        | "sha512/256"
        | "sha3-224"
        | "sha3-256"
        | "sha3-384"
        | "sha3-512"
        | "ssdeep"
        | "tlsh"
        | "imphash"
        | "impfuzzy"
        | "pehash"
        | "authentihash"
        | "vhash"
        | "cdhash"
        | "telfhash"
        | "x509-fingerprint-md5"
        | "x509-fingerprint-sha1"
        | "x509-fingerprint-sha256"
        | "ja3-fingerprint-md5"
        | "hassh-md5"
        | "hasshserver-md5" => Kinds::of(&[ValueKind::Hash]),
        "filename" => Kinds::of(&[ValueKind::FileName]),
        "mac-address" | "mac-eui-64" => Kinds::of(&[ValueKind::Mac]),
        "AS" => Kinds::of(&[ValueKind::AutonomousSystem]),
        "mutex" => Kinds::of(&[ValueKind::Mutex]),
        "regkey" => Kinds::of(&[ValueKind::RegistryKey]),
        "cpe" => Kinds::of(&[ValueKind::Software]),
        "vulnerability" => Kinds::of(&[ValueKind::Vulnerability]),
        "github-username" | "twitter-id" | "target-user" => Kinds::of(&[ValueKind::UserAccount]),
        // The second part of a type: it is never a value by itself.
        "port" => Kinds::default(),
        "value" | "text" | "other" | "azure-application-id" | "phone-number" | "whois-registrant-phone" => {
            Kinds::of(&[ValueKind::Other])
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_two_parts_stands_for_both() {
        let kinds = kinds_of_attribute("domain|ip").unwrap();
        assert_eq!(kinds.iter().collect::<Vec<_>>(), [ValueKind::Ipv4, ValueKind::Ipv6, ValueKind::Domain]);
        assert_eq!(kinds_of_attribute("filename|sha256"), Some(Kinds::of(&[ValueKind::FileName, ValueKind::Hash])));
        assert_eq!(kinds_of_attribute("ip-dst|port"), kinds_of_attribute("ip-src"));
        assert_eq!(kinds_of_attribute("domain|shoe-size"), None);
        assert!(Kinds::all().iter().count() == ValueKind::ALL.len() && Kinds::default().is_empty());
    }
}
