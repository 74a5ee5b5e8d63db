//! Notices: what one member says of its own part in an agreement, signed by its root, chained by serial (`docs/protocol.md` section 5.1).

use gotong_crypto::{Digest, SigningKey, tagged};
use serde_json::{Value, json};

use crate::charter::{Texts, texts};
use crate::document::{self, DocumentFault, Purpose, Role};
use crate::json::{self, Fields};
use crate::words::words;
use crate::{AgreementId, MemberCode, RegionId, Timestamp};

words! {
    /// What a notice says.
    NoticeKind {
        /// The member's part rests.
        Suspend = "suspend",
        /// It goes on.
        Resume = "resume",
        /// It ends, for good.
        Terminate = "terminate",
        /// A candidate joins.
        Accede = "accede",
        /// A party consents to a candidate.
        Consent = "consent",
    }
}

/// One notice, valid by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Of which agreement.
    pub agreement: AgreementId,
    /// Who says it.
    pub member: MemberCode,
    /// What.
    pub notice: NoticeKind,
    /// Of a consent, to whom.
    pub subject: Option<MemberCode>,
    /// Its place in the member's chain for this agreement, from 1.
    pub serial: u64,
    /// The hash of the notice before.
    pub previous: Option<Digest>,
    /// When it was given.
    pub published_at: Timestamp,
    /// From when it counts.
    pub effective: Timestamp,
    /// Why, for people.
    pub reason: Option<Texts>,
}

impl Notice {
    /// The canonical JSON value.
    pub fn to_value(&self) -> Value {
        json!({"agreement": self.agreement.to_string(), "effective": self.effective.to_string(), "gotong": Purpose::Notice.as_str(),
               "member": self.member.as_str(), "notice": self.notice.as_str(), "previous": self.previous.map(|hash| hash.to_text()),
               "published_at": self.published_at.to_string(), "reason": self.reason, "serial": self.serial,
               "subject": self.subject.as_ref().map(MemberCode::as_str), "version": 0})
    }

    /// The hash by which the next notice and bases name it.
    pub fn hash(&self, region: &RegionId) -> Digest {
        tagged("gotong/v0/notice", &[region.as_bytes(), &json::canonical(&self.to_value())])
    }

    /// Signs it with the member's root key.
    pub fn sign(&self, region: &RegionId, root: &SigningKey) -> String {
        document::sign(region, Purpose::Notice, &self.to_value(), &self.member, Role::Root, root).encode()
    }

    /// Reads a notice; its signature is for the caller to verify.
    pub fn from_value(value: Value) -> Result<Self, DocumentFault> {
        let mut fields = Fields::new("", value)?;
        fields.constant("gotong", Purpose::Notice.as_str())?;
        fields.version_0()?;
        let reason = match fields.take("reason")? {
            value if value.is_null() => None,
            value => {
                let mut wrapper = Fields::new("", json!({"reason": value}))?;
                Some(texts(&mut wrapper, "reason")?)
            }
        };
        let notice = Self {
            agreement: fields.read("agreement", "an agreement's id", AgreementId::from_text)?,
            member: fields.read("member", "a member code", MemberCode::from_text)?,
            notice: fields.read("notice", "suspend, resume, terminate, accede or consent", NoticeKind::from_text)?,
            subject: fields.read_or_null("subject", "a member code", MemberCode::from_text)?,
            serial: fields.integer("serial")?,
            previous: fields.read_or_null("previous", "a hash", Digest::from_text)?,
            published_at: fields.read("published_at", "a time", Timestamp::from_canonical)?,
            effective: fields.read("effective", "a time", Timestamp::from_canonical)?,
            reason,
        };
        if notice.serial == 0 || (notice.serial == 1) != notice.previous.is_none() {
            return Err(fields.fault("previous", "is null for serial 1 and a hash for every later one").into());
        }
        if notice.effective < notice.published_at {
            return Err(fields.fault("effective", "must not be before \"published_at\"").into());
        }
        if (notice.notice == NoticeKind::Consent) != notice.subject.is_some() {
            return Err(fields.fault("subject", "is the candidate of a consent, and null else").into());
        }
        fields.done()?;
        Ok(notice)
    }

    /// Whether it can only take something away from the one who gave it.
    pub fn narrows(&self) -> bool {
        matches!(self.notice, NoticeKind::Suspend | NoticeKind::Terminate)
    }
}
