//! Agreements: what was signed of one, and what it comes to at an instant (`docs/protocol.md` section 5).
//!
//! [`Terms`] are the words of one version; [`Notice`]s are what members say of their own parts; [`Agreement`] holds all of one that counts;
//! [`Standing`] is what it comes to. Who has signed is looked at in [`crate::governance`].

mod notice;
pub(crate) mod parts;
mod standing;
pub(crate) mod terms;

use std::collections::BTreeMap;

use gotong_crypto::Digest;

pub use notice::{Notice, NoticeKind};
pub use parts::{
    Accession, Act, Backlog, ChannelType, Clause, Consent, Duty, DutyKind, Exit, Onward, PersonalData, Prohibition,
};
pub use standing::{Known, Part, PartState, Standing};
pub use terms::{HOUSE_HANDLE, RESERVED_TYPES, Terms, hash};

use crate::{AgreementId, ChannelId, MemberCode, RegionId};

/// One version that all who had to have signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Its hash.
    pub hash: Digest,
    /// What was agreed.
    pub terms: Terms,
    /// The note with the signatures collected, to be handed on.
    pub note: Vec<u8>,
}

/// An agreement: its versions and notices that count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Its id: the hash of its first version.
    pub id: AgreementId,
    /// The hash of the version that counts now, or of the first.
    pub hash: Digest,
    /// Its terms.
    pub terms: Terms,
    /// Its note.
    pub note: Vec<u8>,
    /// All versions that are valid and undisputed, from number 1.
    pub versions: Vec<Version>,
    /// Notices that count, by member, in order of their serials.
    pub notices: BTreeMap<MemberCode, Vec<(Digest, Notice)>>,
}

impl Agreement {
    /// The standing channel of one of its types.
    pub fn channel(&self, region: &RegionId, channel_type: &ChannelType) -> ChannelId {
        ChannelId::standing(region, &self.id, &channel_type.name)
    }

    /// A version by its hash.
    pub fn version(&self, hash: &Digest) -> Option<&Version> {
        self.versions.iter().find(|version| version.hash == *hash)
    }
}
