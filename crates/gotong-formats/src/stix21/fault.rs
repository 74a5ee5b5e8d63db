//! What is wrong with an object ([`FieldFault`]) and what makes one hesitate ([`Doubt`]).
//!
//! Codes are message ids: they never change their meaning, translations hang on them. The text says what is wrong and
//! what would be right, without quoting more of the object than a name or a number.

/// One reason why an object is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {text} [{code}]", if .pointer.is_empty() { "the object" } else { .pointer })]
pub struct FieldFault {
    /// JSON pointer (RFC 6901) to the value; empty for the object itself.
    pub pointer: String,
    /// Message id, such as `stix.id.type-mismatch`.
    pub code: &'static str,
    /// What is wrong and what would be right, in English.
    pub text: String,
}

impl FieldFault {
    /// What is wrong at `pointer` (RFC 6901), under a message id.
    pub fn new(pointer: impl Into<String>, code: &'static str, text: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, text: text.into() }
    }
}

/// Why a person should look at an object, well-formed as it is, before it is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Doubt {
    /// An observable's version 5 UUID is not the one that its contributing properties give (STIX 2.1 section 2.9): it
    /// may stand in the place of another observable.
    IdNotDerived {
        /// The id that the properties give.
        expected: String,
    },
    /// The UUID of the id has capitals: ids are compared as text, so the same object may come under another spelling.
    IdCapitals,
    /// An observable carries versions under an id that the standard reserves for unversioned ones.
    VersionedDerivedId,
    /// A pattern that cannot be read matches nothing, so the indicator would be silently useless.
    PatternUnreadable {
        /// Byte of the pattern at which reading stopped.
        offset: usize,
    },
    /// A hash has not the length or the alphabet of its algorithm.
    HashMalformed {
        /// JSON pointer to the hash.
        pointer: String,
    },
    /// A value is written so that it cannot be clicked (`hxxp`, `[.]`), so it would never match.
    ValueDefanged {
        /// The value as it is written.
        value: String,
    },
}

impl Doubt {
    /// Message id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::IdNotDerived { .. } => "stix.doubt.id-not-derived",
            Self::IdCapitals => "stix.doubt.id-capitals",
            Self::VersionedDerivedId => "stix.doubt.versioned-derived-id",
            Self::PatternUnreadable { .. } => "stix.doubt.pattern-unreadable",
            Self::HashMalformed { .. } => "stix.doubt.hash-malformed",
            Self::ValueDefanged { .. } => "stix.doubt.value-defanged",
        }
    }

    /// What is doubtful and what would settle it, in English.
    pub fn text(&self) -> String {
        match self {
            Self::IdNotDerived { expected } => {
                format!("the id is not the one that its properties give; {expected} would be")
            }
            Self::IdCapitals => {
                "the UUID of the id has capitals; ids are compared as text and written in lower case".into()
            }
            Self::VersionedDerivedId => {
                "an observable with created or modified has an id derived from its value; versions need a random id"
                    .into()
            }
            Self::PatternUnreadable { offset } => {
                format!("the pattern cannot be read from byte {offset} on, so it would match nothing")
            }
            Self::HashMalformed { pointer } => {
                format!("the hash at {pointer} has not the length or the digits of its algorithm")
            }
            Self::ValueDefanged { value } => {
                format!("the value {value:?} is defanged and would never match; write it as it occurs")
            }
        }
    }
}
