//! Whether one member receives what is published in a channel, at an instant and from one instant to another, with the clause that says so. The audience is
//! the governance's to tell (`Governance::in_audience_at`); here it is only put into words.

use gotong_model::agreement::{Part, PartState, Terms};
use gotong_model::governance::{Channel, Governance};
use gotong_model::{MemberCode, Timestamp};
use gotong_policy::{Effect, Ground, Question, Reader, ReaderClass, Row, decide};

use super::{Delivery, day, name};

/// Whether somebody receives something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reception {
    /// It does.
    Receives,
    /// It did, and is sent nothing of it any more.
    Received,
    /// It does not.
    Never,
}

impl Reception {
    /// The word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receives => "receives",
            Self::Received => "received",
            Self::Never => "never",
        }
    }
}

/// A clause's word on a question, with the clause's own words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// What the policy, or the standing of a part, says.
    pub ground: Ground,
    /// The clause's words in English; empty where it is the charter that says so.
    pub words: String,
}

impl Said {
    pub(super) fn of(governance: &Governance, ground: Ground) -> Self {
        let agreement = governance.agreements.get(&ground.agreement);
        let mut versions = agreement.into_iter().flat_map(|agreement| &agreement.versions);
        let version = versions.find(|version| version.terms.number == ground.version);
        let clause = version.and_then(|version| version.terms.clause(&ground.clause));
        let words = clause.and_then(|clause| clause.text.get("en")).cloned().unwrap_or_default();
        Self { ground, words }
    }
}

/// One member's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberReception {
    /// Its code.
    pub code: MemberCode,
    /// What it is called.
    pub name: String,
    /// Whether it is the author.
    pub is_author: bool,
    /// Whether it receives it.
    pub reception: Reception,
    /// Since when, where that is later than the publication.
    pub since: Option<Timestamp>,
    /// Until when it did.
    pub until: Option<Timestamp>,
    /// The clauses: why, and where its people may not see what it receives, that.
    pub says: Vec<Said>,
    /// What is known of the delivery, for a record that is here and a member that should have it.
    pub delivery: Option<Delivery>,
}

/// Whether a member is of the audience at an instant, and the clause by which it is or is not.
pub(super) fn at_instant(
    governance: &Governance,
    channel: &Channel<'_>,
    member: &MemberCode,
    at: Timestamp,
) -> (bool, Ground) {
    let receives = governance.in_audience_at(&channel.id, member, at);
    let who = name(governance, member);
    if channel.kind.is_governing() {
        let text = if receives {
            format!("{who} is told what governs {}", channel.agreement.terms.handle)
        } else {
            format!("{who} is neither party nor candidate, or is no member of the charter any more")
        };
        let terms = &channel.agreement.terms;
        return (receives, ground(channel, terms, &channel.channel_type.clause, ("explain.governing", text, receives)));
    }
    let standing = governance.standing(channel.agreement, at.min(channel.agreement.last_instant()));
    let Some(version) = standing.version else {
        let terms = channel.agreement.versions.first().map_or(&channel.agreement.terms, |first| &first.terms);
        let text = format!("the agreement is not in force on {}; it begins on {}", day(at), day(terms.from));
        return (false, ground(channel, terms, &terms.dates_clause, ("explain.out-of-force", text, false)));
    };
    let terms = &version.terms;
    let (clause, id, text) =
        word(governance, channel, (member, &who), (terms, standing.parts.get(member)), (receives, at));
    (receives, ground(channel, terms, &clause, (id, text, receives)))
}

fn word(
    governance: &Governance,
    channel: &Channel<'_>,
    (member, who): (&MemberCode, &str),
    (terms, part): (&Terms, Option<&Part>),
    (receives, at): (bool, Timestamp),
) -> (String, &'static str, String) {
    let handle = channel.handle();
    let Some(kind) = terms.channel_type(&channel.channel_type.name) else {
        let text = format!("version {} of {} does not open {handle} any more", terms.number, terms.handle);
        return (terms.amendment_clause.clone(), "explain.type-dropped", text);
    };
    let joining = terms.accession.as_ref().filter(|rule| rule.candidates.contains(member));
    match part {
        Some(Part { acceded: Some(_), since, state: PartState::Active, .. }) if receives => {
            let clause = joining.map_or(&kind.clause, |rule| &rule.clause);
            (clause.clone(), "explain.acceded", format!("{who} acceded on {} and takes part in {handle}", day(*since)))
        }
        _ if receives => (kind.clause.clone(), "explain.audience", format!("{who} is of the audience of {handle}")),
        Some(Part { state: PartState::Suspended, since, .. }) => {
            let text = format!(
                "{who}'s part has been suspended since {}; it is sent nothing new until it resumes",
                day(*since)
            );
            (terms.suspension_clause.clone(), "explain.suspended", text)
        }
        Some(Part { state: PartState::Ended, since, .. }) => {
            let text = format!("{who}'s part ended on {}", day(*since));
            (terms.termination_clause.clone(), "explain.ended", text)
        }
        Some(Part { state: PartState::Active, .. }) => {
            let text = format!("{who} has a part in {}, and the clause does not name it for {handle}", terms.handle);
            (kind.clause.clone(), "explain.not-audience", text)
        }
        None => {
            let charter = governance.charters.iter().rfind(|charter| charter.from <= at);
            if !charter.is_some_and(|charter| charter.members.contains_key(member)) {
                let text = format!("{who} is no member of the charter in force on {}", day(at));
                return (terms.parties_clause.clone(), "explain.no-member", text);
            }
            if let Some(rule) = joining {
                let text = format!("{who} may accede to {} and has not, or not everybody has consented", terms.handle);
                return (rule.clause.clone(), "explain.candidate", text);
            }
            let text = format!("{who} is no party of {}", terms.handle);
            (terms.parties_clause.clone(), "explain.no-party", text)
        }
    }
}

pub(super) fn ground(
    channel: &Channel<'_>,
    terms: &Terms,
    clause: &str,
    (id, text, holds): (&'static str, String, bool),
) -> Ground {
    let title = terms.clause(clause).and_then(|clause| clause.title.get("en")).cloned().unwrap_or_default();
    Ground {
        agreement: channel.agreement.id,
        handle: terms.handle.to_string(),
        version: terms.number,
        clause: clause.to_owned(),
        title,
        effect: if holds { Effect::Permit } else { Effect::Forbid },
        id,
        text,
    }
}

/// A clause that keeps a member's own people from seeing what the member receives.
pub(super) fn hidden_from_people(
    governance: &Governance,
    channel: &Channel<'_>,
    member: &MemberCode,
    row: Option<Row<'_>>,
    at: Timestamp,
) -> Option<Ground> {
    let reader = Reader { channels: None, class: ReaderClass::Staff };
    let question = Question::View { member, channel: channel.id, reader, row, at };
    decide(governance, &question).refusal().cloned()
}

/// From when it was published until now: whether a member receives it, since when or until when, and by which clause.
pub(super) fn over_time(
    governance: &Governance,
    channel: &Channel<'_>,
    member: &MemberCode,
    (published, now): (Timestamp, Timestamp),
) -> (Reception, Option<Timestamp>, Option<Timestamp>, Ground) {
    let mut points = channel.agreement.turning_points();
    points.extend(governance.charters.iter().map(|charter| charter.from));
    points.retain(|at| published < *at && *at <= now);
    points.sort_unstable();
    points.dedup();
    let is_in = |at: Timestamp| governance.in_audience_at(&channel.id, member, at);
    let mut last = is_in(published);
    let (mut was_in, mut turned) = (last, None);
    for at in points {
        let next = is_in(at);
        if next != last {
            (last, turned) = (next, Some(at));
            was_in |= next;
        }
    }
    let (_, ground) = at_instant(governance, channel, member, turned.unwrap_or(published));
    match (last, was_in) {
        (true, _) => (Reception::Receives, turned, None, ground),
        (false, true) => (Reception::Received, None, turned, ground),
        (false, false) => {
            let (_, ground) = at_instant(governance, channel, member, now);
            (Reception::Never, None, None, ground)
        }
    }
}
