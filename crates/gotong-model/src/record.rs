//! The closed table of record kinds that this program interprets. Unknown kinds and newer versions are kept, logged and relayed, never interpreted.

use crate::Slug;

/// A record kind and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordKind {
    /// The word in envelopes and agreements.
    pub slug: &'static str,
    /// The newest version known.
    pub version: u64,
    /// What it is, in a line.
    pub title: &'static str,
    /// Largest body.
    pub body_bytes_max: usize,
}

/// A STIX 2.1 object, byte for byte.
pub const STIX: RecordKind = RecordKind {
    slug: "stix",
    version: 1,
    title: "One STIX 2.1 object, kept byte for byte as it was received",
    body_bytes_max: crate::limits::BODY_BYTES_MAX,
};

/// A signed document of governance, complete or not, in the channels in which governance travels.
pub const DOCUMENT: RecordKind = RecordKind {
    slug: "document",
    version: 1,
    title: "A charter, agreement or notice as a signed note, with the signatures that its author had collected",
    body_bytes_max: crate::limits::DOCUMENT_BYTES_MAX,
};

/// Every kind that this program interprets.
pub const KINDS: &[RecordKind] = &[STIX, DOCUMENT];

/// The row of a kind, if it is interpreted here.
pub fn kind(slug: &str) -> Option<&'static RecordKind> {
    KINDS.iter().find(|kind| kind.slug == slug)
}

impl RecordKind {
    /// The kind as a slug.
    pub fn to_slug(&self) -> Option<Slug> {
        Slug::from_text(self.slug)
    }
}
