//! The object types of STIX 2.1 and their numbers in the store.
//!
//! INVARIANT: a number, once given, is never given to another type. Custom types have the top bit set and a hash of
//! their name below it, so two custom types may share a number: whoever selects by number compares the name as well.

/// What family an object type belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// Domain object.
    Domain,
    /// Relationship or sighting.
    Relation,
    /// Cyber observable.
    Observable,
    /// Marking, language content, extension definition.
    Meta,
    /// The container; never a record.
    Bundle,
    /// Known to nobody here: kept, never interpreted.
    Custom,
}

/// Sorted by name.
const TYPES: [(&str, u16, Family); 43] = [
    ("artifact", 64, Family::Observable),
    ("attack-pattern", 1, Family::Domain),
    ("autonomous-system", 65, Family::Observable),
    ("bundle", 127, Family::Bundle),
    ("campaign", 2, Family::Domain),
    ("course-of-action", 3, Family::Domain),
    ("directory", 66, Family::Observable),
    ("domain-name", 67, Family::Observable),
    ("email-addr", 68, Family::Observable),
    ("email-message", 69, Family::Observable),
    ("extension-definition", 112, Family::Meta),
    ("file", 70, Family::Observable),
    ("grouping", 4, Family::Domain),
    ("identity", 5, Family::Domain),
    ("incident", 6, Family::Domain),
    ("indicator", 7, Family::Domain),
    ("infrastructure", 8, Family::Domain),
    ("intrusion-set", 9, Family::Domain),
    ("ipv4-addr", 71, Family::Observable),
    ("ipv6-addr", 72, Family::Observable),
    ("language-content", 113, Family::Meta),
    ("location", 10, Family::Domain),
    ("mac-addr", 73, Family::Observable),
    ("malware", 11, Family::Domain),
    ("malware-analysis", 12, Family::Domain),
    ("marking-definition", 114, Family::Meta),
    ("mutex", 74, Family::Observable),
    ("network-traffic", 75, Family::Observable),
    ("note", 13, Family::Domain),
    ("observed-data", 14, Family::Domain),
    ("opinion", 15, Family::Domain),
    ("process", 76, Family::Observable),
    ("relationship", 48, Family::Relation),
    ("report", 16, Family::Domain),
    ("sighting", 49, Family::Relation),
    ("software", 77, Family::Observable),
    ("threat-actor", 17, Family::Domain),
    ("tool", 18, Family::Domain),
    ("url", 78, Family::Observable),
    ("user-account", 79, Family::Observable),
    ("vulnerability", 19, Family::Domain),
    ("windows-registry-key", 80, Family::Observable),
    ("x509-certificate", 81, Family::Observable),
];

fn row(name: &str) -> Option<&'static (&'static str, u16, Family)> {
    TYPES.binary_search_by(|(known, ..)| (*known).cmp(name)).ok().and_then(|at| TYPES.get(at))
}

/// The family of an object type.
pub fn family(name: &str) -> Family {
    row(name).map_or(Family::Custom, |(_, _, family)| *family)
}

/// The number of an object type: domain objects from 1, relations from 48, observables from 64, meta objects from 112;
/// a custom type has `0x8000` and the lower 15 bits of the 32-bit FNV-1a hash of its name.
pub fn type_code(name: &str) -> u16 {
    if let Some((_, code, _)) = row(name) {
        return *code;
    }
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    0x8000 | u16::try_from(hash & 0x7fff).unwrap_or(0)
}

/// The name that a number stands for; `None` for custom types.
pub fn type_name(code: u16) -> Option<&'static str> {
    TYPES.iter().find(|(_, known, _)| *known == code).map(|(name, ..)| *name)
}

/// STIX 2.1 section 3.1: 3 to 250 of `a-z`, `0-9` and the hyphen.
pub(crate) fn is_type_name(name: &str) -> bool {
    (3..=250).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_no_number_is_given_twice() {
        assert!(TYPES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (name, code, _) in TYPES {
            assert_eq!(type_name(code), Some(name), "one name to each number");
            assert_eq!(type_code(name), code);
            assert!(code < 0x8000);
        }
    }

    #[test]
    fn numbers_in_stores_never_change() {
        assert_eq!([type_code("indicator"), type_code("relationship"), type_code("url")], [7, 48, 78]);
        assert_eq!([type_code("x-mitre-tactic"), type_code("x-gotong-test")], [0xbf60, 0xb14d]);
        assert_eq!(family("x-mitre-tactic"), Family::Custom);
    }
}
