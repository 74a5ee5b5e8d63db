//! Answers: permitted or not, and the clauses that decided it.

use gotong_model::agreement::{Agreement, DutyKind, Terms};
use gotong_model::governance::Missing;
use gotong_model::{AgreementId, MemberCode, Timestamp};

/// What a clause does to the question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It allows.
    Permit,
    /// It does not allow.
    Forbid,
}

/// One clause's word on the question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ground {
    /// The agreement.
    pub agreement: AgreementId,
    /// Its handle.
    pub handle: String,
    /// The number of its version.
    pub version: u64,
    /// The number of the clause.
    pub clause: String,
    /// The clause's heading in English.
    pub title: String,
    /// What it does.
    pub effect: Effect,
    /// Message id of the sentence, for other languages.
    pub id: &'static str,
    /// The sentence in English.
    pub text: String,
}

impl Ground {
    pub(crate) fn new(
        (agreement, terms): (&Agreement, &Terms),
        clause: &str,
        effect: Effect,
        id: &'static str,
        text: String,
    ) -> Self {
        let title = terms.clause(clause).and_then(|clause| clause.title.get("en")).cloned().unwrap_or_default();
        Self {
            agreement: agreement.id,
            handle: terms.handle.to_string(),
            version: terms.number,
            clause: clause.to_owned(),
            title,
            effect,
            id,
            text,
        }
    }
}

/// Something that a permitted record asks of a member in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutyDue {
    /// The clause.
    pub clause: String,
    /// The clause's heading in English.
    pub title: String,
    /// The agreement's handle.
    pub handle: String,
    /// The number of its version.
    pub version: u64,
    /// Its place among the duties of that version; what follows from retention comes after all of them.
    pub rule: usize,
    /// What.
    pub duty: DutyKind,
    /// Who.
    pub member: MemberCode,
    /// By when.
    pub due: Timestamp,
}

impl DutyDue {
    /// What a clause of these terms asks of a member.
    pub(crate) fn new(
        terms: &Terms,
        (rule, clause): (usize, &str),
        duty: DutyKind,
        member: &MemberCode,
        due: Timestamp,
    ) -> Self {
        let title = terms.clause(clause).and_then(|clause| clause.title.get("en")).cloned().unwrap_or_default();
        Self {
            clause: clause.to_owned(),
            title,
            handle: terms.handle.to_string(),
            version: terms.number,
            rule,
            duty,
            member: member.clone(),
            due,
        }
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Whether it may be.
    pub permitted: bool,
    /// The clauses, those that forbid first. Empty where the channel is unknown or the asker stands outside: that tells nothing.
    pub grounds: Vec<Ground>,
    /// What the answer waits for; nothing is permitted until it is here.
    pub held: Option<Missing>,
    /// What follows for others where it is permitted.
    pub duties: Vec<DutyDue>,
}

impl Decision {
    pub(crate) fn unknown_channel() -> Self {
        Self { permitted: false, grounds: Vec::new(), held: None, duties: Vec::new() }
    }

    pub(crate) fn held(missing: Missing) -> Self {
        Self { held: Some(missing), ..Self::unknown_channel() }
    }

    pub(crate) fn new(permitted: bool, mut grounds: Vec<Ground>) -> Self {
        grounds.sort_by_key(|ground| ground.effect == Effect::Permit);
        Self { permitted, grounds, held: None, duties: Vec::new() }
    }

    /// Permitted where both permit. Of two refusals the one that lacks less comes first: it came nearest.
    pub(crate) fn and(self, other: Self) -> Self {
        let lacks = |decision: &Self| decision.grounds.iter().filter(|ground| ground.effect == Effect::Forbid).count();
        let (first, second) = if lacks(&other) < lacks(&self) { (other, self) } else { (self, other) };
        let permitted = first.permitted && second.permitted;
        Self::new(permitted, first.grounds.into_iter().chain(second.grounds).collect())
    }

    /// The first clause that forbids.
    pub fn refusal(&self) -> Option<&Ground> {
        self.grounds.iter().find(|ground| ground.effect == Effect::Forbid)
    }
}
