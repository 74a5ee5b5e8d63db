//! What an agreement is at an instant: which terms count and who has a part in it. A pure function of versions, notices, charters and the instant
//! (`docs/protocol.md` section 5.2), so that two nodes with the same documents never differ.

use std::collections::BTreeMap;

use gotong_crypto::Digest;

use super::notice::{Notice, NoticeKind};
use super::parts::{Backlog, ChannelType, Consent};
use super::{Agreement, Version};
use crate::charter::Charter;
use crate::{MemberCode, Slug, Timestamp};

/// Which documents count.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// All that are held here.
    All,
    /// What an author's basis names, and the author's own notices, named or not.
    Named {
        /// The highest version.
        number: u64,
        /// The newest notice of each chain; it stands for those below.
        notices: &'a [Digest],
        /// Whose basis it is.
        author: &'a MemberCode,
    },
}

/// Whether a part is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartState {
    /// It is.
    Active,
    /// It rests.
    Suspended,
    /// It is over.
    Ended,
}

/// A member's part in an agreement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Whether it is taken.
    pub state: PartState,
    /// Since when it has been as it is.
    pub since: Timestamp,
    /// The notice that made it so; `None` where the terms do.
    pub notice: Option<Digest>,
    /// The channel types in which whoever acceded takes part; `None` for a party.
    pub acceded: Option<Vec<Slug>>,
}

/// An agreement at an instant.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// The terms that count; `None` before the first and after the last.
    pub version: Option<&'a Version>,
    /// Parts by member.
    pub parts: BTreeMap<MemberCode, Part>,
}

impl Standing<'_> {
    /// Whether the agreement is in force: it has terms, and two parts at least are taken.
    pub fn is_in_force(&self) -> bool {
        self.version.is_some() && self.parts.values().filter(|part| part.state == PartState::Active).count() >= 2
    }

    /// Whether a member's part is taken.
    pub fn is_active(&self, member: &MemberCode) -> bool {
        self.parts.get(member).is_some_and(|part| part.state == PartState::Active)
    }

    /// Whether the type's audience includes a member, whatever the state of its part.
    pub fn names_reader(&self, kind: &ChannelType, member: &MemberCode) -> bool {
        match self.parts.get(member) {
            None => false,
            Some(Part { acceded: Some(types), .. }) => types.contains(&kind.name),
            Some(Part { acceded: None, .. }) => kind.audience.contains(member),
        }
    }

    /// Whether the type's writers include a member, whatever the state of its part.
    pub fn names_writer(&self, kind: &ChannelType, member: &MemberCode) -> bool {
        match self.parts.get(member) {
            None => false,
            Some(Part { acceded: Some(types), .. }) => types.contains(&kind.name),
            Some(Part { acceded: None, .. }) => kind.writers.contains(member),
        }
    }

    /// Whether a member acceded to a type that shows newcomers no backlog.
    pub fn without_backlog(&self, kind: &ChannelType, member: &MemberCode) -> bool {
        kind.backlog == Backlog::None && self.parts.get(member).is_some_and(|part| part.acceded.is_some())
    }
}

impl Agreement {
    /// The agreement at an instant, as far as `known` says. `charters` are those that count, from number 1.
    pub fn standing(&self, charters: &[Charter], known: Known<'_>, at: Timestamp) -> Standing<'_> {
        let version = self.version_at(known, at);
        let charter = charters.iter().rfind(|charter| charter.from <= at);
        let mut parts = BTreeMap::new();
        let parties = version.into_iter().flat_map(|version| &version.terms.parties);
        let is_member = |code: &MemberCode| charter.is_some_and(|charter| charter.members.contains_key(code));
        for code in parties.chain(self.notices.keys()).filter(|code| is_member(code)) {
            if parts.contains_key(code) {
                continue;
            }
            if let Some(part) = self.part(code, version, known, at) {
                parts.insert(code.clone(), part);
            }
        }
        Standing { version, parts }
    }

    /// The version whose terms count at an instant.
    fn version_at(&self, known: Known<'_>, at: Timestamp) -> Option<&Version> {
        let newest = self.allowed(known).rfind(|version| version.terms.from <= at)?;
        newest.terms.dates_hold(at).then_some(newest)
    }

    /// Versions that `known` lets count.
    fn allowed(&self, known: Known<'_>) -> impl DoubleEndedIterator<Item = &Version> {
        self.versions.iter().filter(move |version| match known {
            Known::All => true,
            Known::Named { number, .. } => version.terms.number <= number,
        })
    }

    /// The last instant at which any terms count.
    pub fn last_instant(&self) -> Timestamp {
        let until = self.versions.last().and_then(|version| version.terms.until);
        let before = |until: Timestamp| Timestamp::from_micros(until.micros() - 1).unwrap_or(until);
        until.map_or(Timestamp::MAX, before)
    }

    /// Instants at which something may change, in order, each once.
    pub fn turning_points(&self) -> Vec<Timestamp> {
        let mut points: Vec<Timestamp> = Vec::new();
        for version in &self.versions {
            points.push(version.terms.from);
            points.extend(version.terms.until);
        }
        for (_, notice) in self.notices.values().flatten() {
            points.push(self.effect_of(notice));
        }
        points.sort_unstable();
        points.dedup();
        points
    }

    /// Notices of one member that count.
    fn of<'a>(&'a self, member: &MemberCode, known: Known<'a>) -> impl Iterator<Item = &'a (Digest, Notice)> {
        let chain = self.notices.get(member).map(Vec::as_slice).unwrap_or_default();
        let named = match known {
            Known::Named { notices, author, .. } if author != member => Some(notices),
            Known::All | Known::Named { .. } => None,
        };
        let newest = named.map(|named| {
            let serials = chain.iter().filter(|(hash, _)| named.contains(hash)).map(|(_, notice)| notice.serial);
            serials.max().unwrap_or(0)
        });
        // A notice named stands for those below it, not for another of its own serial: that one may have come later.
        chain.iter().filter(move |(hash, notice)| {
            newest.is_none_or(|newest| notice.serial < newest) || named.is_some_and(|named| named.contains(hash))
        })
    }

    /// Whether a member's part has been ended by its own notice.
    pub(crate) fn has_ended(&self, member: &MemberCode, known: Known<'_>, at: Timestamp) -> bool {
        let mut chain = self.of(member, known).map(|(_, notice)| notice);
        chain.any(|notice| notice.notice == NoticeKind::Terminate && self.effect_under(notice, known) <= at)
    }

    /// From when a notice has its effect: an ending keeps the time of notice of the terms that counted when it was given.
    pub fn effect_of(&self, notice: &Notice) -> Timestamp {
        self.effect_under(notice, Known::All)
    }

    fn effect_under(&self, notice: &Notice, known: Known<'_>) -> Timestamp {
        if notice.notice != NoticeKind::Terminate {
            return notice.effective;
        }
        let given = self.allowed(known).rfind(|version| version.terms.from <= notice.published_at);
        let days = given.or(self.versions.first()).map_or(0, |version| version.terms.notice_days);
        notice.effective.max(notice.published_at.plus_ms(days * 86_400_000))
    }

    fn part(&self, code: &MemberCode, version: Option<&Version>, known: Known<'_>, at: Timestamp) -> Option<Part> {
        let is_party = version.is_some_and(|version| version.terms.parties.contains(code));
        let mut part = if is_party {
            let since = version.map_or(at, |version| version.terms.from);
            Part { state: PartState::Active, since, notice: None, acceded: None }
        } else {
            self.accession(code, known, at)?
        };
        let mut changes: Vec<(Timestamp, u64, NoticeKind, Digest)> = self
            .of(code, known)
            .map(|(hash, notice)| (self.effect_under(notice, known), notice.serial, notice.notice, *hash))
            .filter(|(effect, ..)| *effect <= at)
            .collect();
        changes.sort_unstable();
        for (effect, _, kind, hash) in changes {
            let state = match kind {
                NoticeKind::Suspend => PartState::Suspended,
                NoticeKind::Resume => PartState::Active,
                NoticeKind::Terminate => PartState::Ended,
                NoticeKind::Accede | NoticeKind::Consent => continue,
            };
            if part.state != PartState::Ended && part.state != state {
                part = Part { state, since: effect, notice: Some(hash), ..part };
            }
        }
        Some(part)
    }

    /// The part of somebody who acceded.
    fn accession(&self, code: &MemberCode, known: Known<'_>, at: Timestamp) -> Option<Part> {
        let is_accession = |pair: &&(Digest, Notice)| pair.1.notice == NoticeKind::Accede;
        let starts = self.of(code, known).filter(is_accession).filter_map(|(hash, notice)| {
            let terms = &self.version_at(known, notice.effective)?.terms;
            let rule = terms.accession.as_ref().filter(|rule| rule.candidates.contains(code))?;
            let mut since = notice.effective;
            if rule.consent == Consent::All {
                for party in &terms.parties {
                    if self.has_ended(party, known, notice.effective) {
                        continue;
                    }
                    let consents = |other: &&(Digest, Notice)| {
                        other.1.notice == NoticeKind::Consent && other.1.subject.as_ref() == Some(code)
                    };
                    let consent = self.of(party, known).filter(consents).map(|(_, other)| other.effective).min()?;
                    since = since.max(consent);
                }
            }
            let is_over = self.is_party_within(code, known, since, at);
            (since <= at && !is_over).then(|| (since, *hash, rule.types.clone()))
        });
        // What has begun is not replaced by what begins later.
        let (since, hash, types) = starts.min_by_key(|(since, ..)| *since)?;
        Some(Part { state: PartState::Active, since, notice: Some(hash), acceded: Some(types) })
    }

    /// Whether the terms of some instant between two name a member as a party: it ends what it had by acceding.
    fn is_party_within(&self, code: &MemberCode, known: Known<'_>, since: Timestamp, at: Timestamp) -> bool {
        let mut versions = self.allowed(known).peekable();
        while let Some(Version { terms, .. }) = versions.next() {
            let next = versions.peek().map(|next| next.terms.from);
            let end = [next, terms.until].into_iter().flatten().min();
            let counts = end.is_none_or(|end| terms.from < end && since < end) && terms.from <= at;
            if counts && terms.parties.contains(code) {
                return true;
            }
        }
        false
    }
}
