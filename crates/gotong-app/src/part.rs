//! What one member says of its own part in an agreement: the next notice in its chain, and why one would have no effect. Nothing is signed or kept here.
//!
//! The command line and the pages draft notices with it, so that neither can draft what the other would refuse. Read next: `gotong_model::agreement`.

use gotong_model::agreement::{Agreement, Notice, NoticeKind, PartState};
use gotong_model::charter::Texts;
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Timestamp};

/// What somebody wants to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Whose part it is.
    pub member: MemberCode,
    /// What is said of it.
    pub kind: NoticeKind,
    /// Of a consent, to whom.
    pub subject: Option<MemberCode>,
    /// From when on.
    pub effective: Timestamp,
    /// Why, for people.
    pub reason: Option<Texts>,
}

/// Why a notice would have no effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The agreement names no such candidate then.
    NoCandidate(MemberCode),
    /// The candidate has a part already.
    PartAlready,
    /// Only parties consent, and the member is none.
    NoParty,
    /// The member has no part then.
    NoPart,
    /// The part has ended, for good.
    Ended,
    /// What is to be resumed is not suspended then.
    NotSuspended,
    /// What is to be suspended is so then already.
    SuspendedAlready,
    /// The member has signed two notices of one number, and nothing after them counts.
    Split,
}

/// The next notice of a member, dated now.
pub fn notice(governance: &Governance, agreement: &Agreement, wish: Wish, now: Timestamp) -> Result<Notice, Refusal> {
    fits(governance, agreement, &wish)?;
    let chain = agreement.notices.get(&wish.member).map(Vec::as_slice).unwrap_or_default();
    let newest = chain.last();
    let is_split =
        newest.is_some_and(|(_, last)| chain.iter().filter(|(_, other)| other.serial == last.serial).count() > 1);
    if is_split {
        return Err(Refusal::Split);
    }
    Ok(Notice {
        agreement: agreement.id,
        member: wish.member,
        notice: wish.kind,
        subject: wish.subject,
        serial: newest.map_or(1, |(_, last)| last.serial + 1),
        previous: newest.map(|(hash, _)| *hash),
        published_at: newest.map_or(now, |(_, last)| now.max(last.published_at)),
        effective: newest.map_or(wish.effective, |(_, last)| wish.effective.max(last.published_at)),
        reason: wish.reason,
    })
}

/// Refuses what would have no effect.
pub fn fits(governance: &Governance, agreement: &Agreement, wish: &Wish) -> Result<(), Refusal> {
    let standing = governance.standing(agreement, wish.effective);
    let part = standing.parts.get(&wish.member).map(|part| part.state);
    let rule = standing.version.and_then(|version| version.terms.accession.as_ref());
    let is_candidate = |code: &MemberCode| rule.is_some_and(|rule| rule.candidates.contains(code));
    let refused = match (wish.kind, part) {
        (NoticeKind::Accede, _) if !is_candidate(&wish.member) => Refusal::NoCandidate(wish.member.clone()),
        (NoticeKind::Accede, Some(PartState::Active)) => Refusal::PartAlready,
        (NoticeKind::Consent, _) if wish.subject.as_ref().is_some_and(|subject| !is_candidate(subject)) => {
            Refusal::NoCandidate(wish.subject.clone().unwrap_or_else(|| wish.member.clone()))
        }
        (NoticeKind::Consent, None) => Refusal::NoParty,
        (NoticeKind::Suspend | NoticeKind::Resume | NoticeKind::Terminate, None) => Refusal::NoPart,
        (NoticeKind::Suspend | NoticeKind::Resume | NoticeKind::Terminate, Some(PartState::Ended)) => Refusal::Ended,
        (NoticeKind::Resume, Some(PartState::Active)) => Refusal::NotSuspended,
        (NoticeKind::Suspend, Some(PartState::Suspended)) => Refusal::SuspendedAlready,
        _ => return Ok(()),
    };
    Err(refused)
}
