//! Answers: permitted or not, and the clauses that decided it.

use gotong_model::AgreementId;
use gotong_model::agreement::Agreement;

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
    pub(crate) fn new(agreement: &Agreement, clause: &str, effect: Effect, id: &'static str, text: String) -> Self {
        let title =
            agreement.terms.clause(clause).and_then(|clause| clause.title.get("en")).cloned().unwrap_or_default();
        Self {
            agreement: agreement.id,
            handle: agreement.terms.handle.to_string(),
            clause: clause.to_owned(),
            title,
            effect,
            id,
            text,
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
}

impl Decision {
    pub(crate) fn unknown_channel() -> Self {
        Self { permitted: false, grounds: Vec::new() }
    }

    /// Permits only if there is at least one ground and none forbids.
    pub(crate) fn from_grounds(mut grounds: Vec<Ground>) -> Self {
        grounds.sort_by_key(|ground| ground.effect == Effect::Permit);
        let permitted = !grounds.is_empty() && grounds.iter().all(|ground| ground.effect == Effect::Permit);
        Self { permitted, grounds }
    }

    /// The first clause that forbids.
    pub fn refusal(&self) -> Option<&Ground> {
        self.grounds.iter().find(|ground| ground.effect == Effect::Forbid)
    }
}
