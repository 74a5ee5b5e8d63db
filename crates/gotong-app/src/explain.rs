//! Why: who receives a record and who does not, by which clause; what changes when; what an amendment would change; who signed what, and since when that can
//! be shown. Decides nothing itself: it asks the policy and the governance at an instant, and puts their answers beside each other.
//!
//! INVARIANT: 1. As in `view`, what the caller may not read is answered as what does not exist. Read next: `explain/reception.rs` (one member, one instant),
//! `explain/stored.rs` (a record that is here).

mod changes;
mod delivery;
mod evidence;
mod publishing;
mod reception;
mod stored;
mod what_if;

pub use changes::{Change, Changes, Turn, changes};
pub use delivery::Delivery;
pub use evidence::{DocumentEvidence, Evidence, Seen, SignatureEvidence, evidence, not_provable};
pub use publishing::{ExplainQuestion, Explanation, Recipient, explain};
pub use reception::{MemberReception, Reception, Said};
pub use stored::{DutySaid, NamedBasis, Stay, StoredExplanation, stored};
pub use what_if::{Differs, Recount, Supposition, WhatIf, what_if};

use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};

/// The agreement of this handle or id, the member's own house rule among them. A handle that two agreements have names nothing.
pub fn agreement_named(governance: &Governance, name: &str) -> Option<AgreementId> {
    let house = || governance.own_house().map(|house| &house.agreement);
    let all = || governance.agreements.values().chain(governance.proposals.values()).chain(house());
    if let Some(id) = AgreementId::from_text(name) {
        return all().any(|agreement| agreement.id == id).then_some(id);
    }
    let mut named = all().filter(|agreement| agreement.terms.handle.as_str() == name);
    let first = named.next()?.id;
    named.next().is_none().then_some(first)
}

/// What a member is called; its code beside it.
fn name(governance: &Governance, code: &MemberCode) -> String {
    let member = governance.charters.iter().rev().find_map(|charter| charter.members.get(code));
    member.map_or_else(|| code.to_string(), |member| format!("{} ({code})", member.english()))
}

/// Everybody whom any charter that counts names, by code.
fn everybody(governance: &Governance) -> Vec<MemberCode> {
    let mut all: Vec<MemberCode> =
        governance.charters.iter().flat_map(|charter| charter.members.keys().cloned()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// An instant to the minute, for sentences.
fn day(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}
