//! An agreement as the author of a record knew it: the standing under a basis, and under what all had signed long enough ago (`docs/protocol.md`
//! section 7, Admission; ADR 0005).

use gotong_crypto::Digest;

use super::Governance;
use crate::agreement::{Agreement, Known, Standing};
use crate::control::Basis;
use crate::{MemberCode, Timestamp};

/// What a basis names and is not here, not valid, or disputed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// The charter.
    Charter(Digest),
    /// The version of the agreement.
    Version(Digest),
    /// A notice.
    Notice(Digest),
}

/// An agreement as a record is judged by it. What one of them refuses is refused.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// As the basis names it, with the author's own notices.
    pub named: Standing<'a>,
    /// As it would be with the charter and version in force for longer than the grace; `None` where those are the ones named.
    pub past_grace: Option<Standing<'a>>,
}

impl Governance {
    /// An agreement under a basis at an instant, for an author.
    pub fn judged<'a>(
        &'a self,
        agreement: &'a Agreement,
        basis: &'a Basis,
        author: &'a MemberCode,
        at: Timestamp,
    ) -> Result<Judged<'a>, Missing> {
        let charter = self.charter_hashes.iter().position(|hash| *hash == basis.charter);
        let charter = charter.ok_or(Missing::Charter(basis.charter))?;
        let version = agreement.version(&basis.agreement_hash).ok_or(Missing::Version(basis.agreement_hash))?;
        let is_known = |hash: &Digest| agreement.notices.values().flatten().any(|(known, _)| known == hash);
        if let Some(missing) = basis.notices.iter().find(|hash| !is_known(hash)) {
            return Err(Missing::Notice(*missing));
        }
        let number = version.terms.number;
        let under = |charter: usize, number: u64| {
            let charters = self.charters.get(..=charter).unwrap_or_default();
            agreement.standing(charters, Known::Named { number, notices: &basis.notices, author }, at)
        };
        let grace = version.terms.grace_hours.or_else(|| self.charters.get(charter).map(|charter| charter.grace_hours));
        let old = |from: Timestamp| from.plus_ms(grace.unwrap_or(0) * 3_600_000) < at;
        let newer_charter = self.charters.iter().rposition(|charter| old(charter.from)).unwrap_or(0).max(charter);
        let newer = agreement.versions.iter().rfind(|version| old(version.terms.from));
        let newer = newer.map_or(number, |version| version.terms.number.max(number));
        let past_grace = (newer_charter, newer) != (charter, number);
        Ok(Judged { named: under(charter, number), past_grace: past_grace.then(|| under(newer_charter, newer)) })
    }
}
