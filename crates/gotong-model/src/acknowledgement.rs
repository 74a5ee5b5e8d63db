//! Acknowledgements: what a peer has verified, stored and erased of a log, signed by its node key (`docs/protocol.md` section 10).

use gotong_crypto::{Digest, SigningKey, text};
use serde_json::json;

use crate::document::{self, DocumentFault, Opened, Purpose, Role};
use crate::ids::Origin;
use crate::json::Fields;
use crate::{MemberCode, RegionId, Timestamp};
use gotong_crypto::PublicKey;

/// One acknowledgement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acknowledgement {
    /// Who acknowledges.
    pub member: MemberCode,
    /// Which log.
    pub log: Origin,
    /// When.
    pub at: Timestamp,
    /// Leaves verified and on disk.
    pub verified: u64,
    /// The root over them.
    pub root: Digest,
    /// How many of them are withheld.
    pub missing: u64,
    /// How many bodies are under a legal hold.
    pub held: u64,
    /// Every tombstone below this index has been carried out.
    pub erased: u64,
}

impl Acknowledgement {
    /// Signs it with the member's node key.
    pub fn sign(&self, region: &RegionId, node_key: &SigningKey) -> String {
        let value = json!({"at": self.at.to_string(), "erased": self.erased, "gotong": "acknowledgement", "held": self.held,
            "log": self.log.to_string(), "member": self.member.as_str(), "missing": self.missing,
            "root": text::base64(self.root.as_bytes()), "verified": self.verified, "version": 0});
        document::sign(region, Purpose::Acknowledgement, &value, &self.member, Role::Node, node_key).encode()
    }

    /// Reads one without verifying; whose key must have signed is only known then.
    pub fn open(bytes: &[u8], region: &RegionId) -> Result<(Self, Opened), DocumentFault> {
        let opened = document::open(bytes, Some(region), Purpose::Acknowledgement)?;
        let mut fields = Fields::new("", opened.value.clone())?;
        fields.constant("gotong", Purpose::Acknowledgement.as_str())?;
        fields.version_0()?;
        let read = Self {
            member: fields.read("member", "a member code", MemberCode::from_text)?,
            log: fields.read("log", "a log's origin", Origin::from_text)?,
            at: fields.read("at", "a time", Timestamp::from_canonical)?,
            verified: fields.integer("verified")?,
            root: Digest(fields.read("root", "32 bytes in base64", text::from_base64_array)?),
            missing: fields.integer("missing")?,
            held: fields.integer("held")?,
            erased: fields.integer("erased")?,
        };
        if read.log.region != *region || read.erased > read.verified || read.missing > read.verified {
            return Err(fields.fault("verified", "must not be below erased or missing, in this region").into());
        }
        fields.done()?;
        Ok((read, opened))
    }

    /// Verifies an opened acknowledgement under the member's node key.
    pub fn verify(&self, opened: &Opened, region: &RegionId, node_key: &PublicKey) -> Result<(), DocumentFault> {
        opened.demand(&[document::signer(region, &self.member, Role::Node, node_key)])
    }
}
