//! STIX identifiers: `type--UUID`, and the ids that observables derive from their content.
//!
//! UUIDs are read in either case, as RFC 9562 section 4 wants it, but STIX compares ids as text: whoever writes capitals
//! gives one object two spellings, which [`has_capitals`] lets the caller doubt.

use super::types::is_type_name;

/// An identifier taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Id<'a> {
    pub(crate) object_type: &'a str,
    pub(crate) uuid: [u8; 16],
}

impl<'a> Id<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let at = text.len().checked_sub(38)?;
        let object_type = text.get(..at)?;
        let uuid = parse_uuid(text.get(at..)?.strip_prefix("--")?)?;
        is_type_name(object_type).then_some(Self { object_type, uuid })
    }
}

/// What is wrong with the syntax of an identifier, for messages.
pub(crate) fn flaw(text: &str) -> &'static str {
    let Some((object_type, uuid)) = text.rsplit_once("--") else {
        return "has no `--`; an id is `type--UUID`";
    };
    if parse_uuid(uuid).is_none() {
        return "does not end in a UUID; an id is `type--UUID` with 8-4-4-4-12 hexadecimal digits";
    }
    if is_type_name(object_type) { "is not `type--UUID`" } else { "has no type of a-z, 0-9 and - before its `--`" }
}

/// Whether an id could be spelled in another way.
pub(crate) fn has_capitals(id: &str) -> bool {
    id.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// What a character is worth as a hexadecimal digit; [`NO_DIGIT`] where it is none. Ids are read some ten times for each object of a bulk import.
#[allow(
    clippy::indexing_slicing,
    clippy::cast_lossless,
    reason = "worked out by the compiler, which would not let a wrong index pass"
)]
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value: u8 = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};
const NO_DIGIT: u8 = 0x80;

/// Reads 8-4-4-4-12 hexadecimal digits.
pub(crate) fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let (first, rest) = text.as_bytes().split_first_chunk::<8>()?;
    let (second, rest) = rest.strip_prefix(b"-")?.split_first_chunk::<4>()?;
    let (third, rest) = rest.strip_prefix(b"-")?.split_first_chunk::<4>()?;
    let (fourth, rest) = rest.strip_prefix(b"-")?.split_first_chunk::<4>()?;
    let fifth: &[u8; 12] = rest.strip_prefix(b"-")?.try_into().ok()?;
    let mut uuid = [0_u8; 16];
    let mut slots = uuid.iter_mut();
    let mut seen = 0;
    for group in [first.as_slice(), second, third, fourth, fifth] {
        for (pair, slot) in group.as_chunks::<2>().0.iter().zip(&mut slots) {
            let [high, low] = pair.map(|digit| DIGITS.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT));
            seen |= high | low;
            *slot = (high << 4) | low;
        }
    }
    (seen < NO_DIGIT).then_some(uuid)
}

/// The 36 characters of a UUID.
pub(crate) fn uuid_text(uuid: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(uuid).hyphenated().to_string()
}

/// The version nibble (RFC 9562 section 4.2).
pub(crate) fn uuid_version(uuid: [u8; 16]) -> u8 {
    let [_, _, _, _, _, _, version, ..] = uuid;
    version >> 4
}

/// STIX 2.1 section 2.9: the namespace of the ids that observables derive from their contributing properties.
const OBSERVABLE_NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

/// The derived UUID of canonical JSON.
pub(crate) fn derived_uuid(contributing: &[u8]) -> [u8; 16] {
    uuid::Uuid::new_v5(&OBSERVABLE_NAMESPACE, contributing).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_type_and_a_uuid_and_nothing_else() {
        let text = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
        let id = Id::parse(text).unwrap();
        assert_eq!((id.object_type, uuid_version(id.uuid)), ("indicator", 4));
        assert_eq!(format!("indicator--{}", uuid_text(id.uuid)), text);
        for wrong in [
            "",
            "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "indicator-8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "indicator--8e2e2d2b17d4-4cbf-938f-98ee46b3cd3f-",
            "indicator--{8e2e2d2b-17d4-4cbf-938f-98ee46b3cd}",
            "Indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "indicatör--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "ü8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f-",
        ] {
            assert!(Id::parse(wrong).is_none(), "{wrong}");
            assert!(!flaw(wrong).is_empty());
        }
    }

    #[test]
    fn a_derived_id_is_that_of_other_implementations() {
        // As the UUID library of Python gives it.
        let uuid = derived_uuid(br#"{"value":"198.51.100.3"}"#);
        assert_eq!(uuid_text(uuid), "28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    }
}
