//! Drafts for the pages of the console: the same check as `gotong agreement check`, and the same document as `gotong agreement new` and `amend`.
//!
//! Nothing is written here. Read next: `check.rs`, `agreement.rs`, and `gotong_web::drafting`.

use anyhow::Result;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use gotong_model::house::HouseRule;
use gotong_web::drafting::{Draft, Drafted, Finding, Houses};

use super::{
    Before, Severity, agreement_draft, agreement_from_toml, check, check_house, compare, compare_houses, house_draft,
    house_from_toml, house_text, may_follow,
};
use crate::fault::hint;

/// Looks at a draft, and makes the document of it where nothing stands in the way.
pub(crate) fn drafted(draft: &Draft<'_>) -> Drafted {
    let amended = draft.amends.and_then(|id| draft.governance.agreements.get(&id)?.versions.last());
    let before = amended.map(|version| Before { terms: &version.terms, hash: version.hash });
    let found = check(draft.source, Some(draft.governance), before.as_ref(), draft.now);
    let mut findings = shown(found);
    if findings.iter().any(|finding| finding.is_error) {
        return Drafted { findings, note: None };
    }
    let made = agreement_from_toml(draft.source, draft.governance, before.as_ref(), draft.entropy).and_then(|terms| {
        before.as_ref().map_or(Ok(()), |before| may_follow(before.terms, &terms))?;
        Ok(terms)
    });
    let note = match made {
        Ok(terms) if before.as_ref().is_some_and(|before| compare(before.terms, &terms).is_empty()) => {
            findings.push(whole("it says the same as the version before".to_owned(), "change what is to change"));
            None
        }
        Ok(terms) => Some(agreement_draft(&terms, &draft.governance.region)),
        Err(fault) => {
            let next = hint(&fault).unwrap_or("mend it and check again").to_owned();
            findings.push(whole(fault.to_string(), &next));
            None
        }
    };
    Drafted { findings, note }
}

fn shown(found: Vec<super::Finding>) -> Vec<Finding> {
    let one = |finding: super::Finding| Finding {
        line: finding.place.line,
        column: finding.place.column,
        is_error: finding.severity == Severity::Error,
        what: finding.what,
        next: finding.next,
    };
    found.into_iter().map(one).collect()
}

/// What is wrong with the whole of a draft.
fn whole(what: String, next: &str) -> Finding {
    Finding { line: 1, column: 1, is_error: true, what, next: next.to_owned() }
}

/// How the pages read drafts of house rules.
pub(crate) fn house_drafts() -> Houses {
    Houses { begin: house_text::begin, check: drafted_house }
}

/// The same of a house rule: as `gotong house check`, and the document that `gotong house amend` drafts.
fn drafted_house(draft: &Draft<'_>) -> Drafted {
    let mut findings = shown(check_house(draft.source, Some(draft.governance), draft.now));
    if findings.iter().any(|finding| finding.is_error) {
        return Drafted { findings, note: None };
    }
    let made = house_from_toml(draft.source, draft.governance, draft.entropy)
        .and_then(|rule| Ok((before_of(&rule, draft.governance)?, rule)));
    let note = match made {
        Ok((Some(before), rule)) if compare_houses(&before, &rule).is_empty() => {
            findings.push(whole("it says the same as the version before".to_owned(), "change what is to change"));
            None
        }
        Ok((_, rule)) => Some(house_draft(&rule, &draft.governance.region)),
        Err(fault) => {
            let next = hint(&fault).unwrap_or("mend it and check again").to_owned();
            findings.push(whole(format!("{fault:#}"), &next));
            None
        }
    };
    Drafted { findings, note }
}

/// The version that a rule follows, where one counts.
fn before_of(rule: &HouseRule, known: &Governance) -> Result<Option<HouseRule>> {
    let newest = rule.member().and_then(|member| known.house(member)).and_then(super::newest_of);
    let Some(newest) = newest else { return Ok(None) };
    let opened = document::open(&newest.note, Some(&known.region), Purpose::House)?;
    Ok(Some(HouseRule::from_value(opened.value)?))
}

#[cfg(test)]
mod tests {
    use gotong_crypto::SeededEntropy;
    use gotong_model::governance::Governance;
    use gotong_model::{AgreementId, Timestamp};

    use super::super::tests::region;
    use super::super::{open_agreement, signed_agreement};
    use super::*;

    const DRAFT: &str = r#"
handle = "two"
title = "Two share"
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "All"
text = "They share."
[[channel_types]]
type = "indicators"
clause = "1"
ceiling = "amber"
purpose = "testing"
"#;

    fn look(source: &str, governance: &Governance, amends: Option<AgreementId>) -> Drafted {
        let (entropy, now) = (SeededEntropy::new(3), Timestamp::from_micros(0).unwrap());
        drafted(&Draft { source, governance, amends, entropy: &entropy, now })
    }

    #[test]
    fn what_holds_becomes_a_document_and_what_does_not_names_its_line() {
        let (governance, _) = region();
        let whole = look(DRAFT, &governance, None);
        assert!(whole.findings.iter().all(|finding| !finding.is_error), "{:?}", whole.findings);
        let (paper, terms) = open_agreement(whole.note.unwrap().as_bytes(), &governance).unwrap();
        assert_eq!((terms.number, paper.signatures().unwrap().1.len()), (1, 2));
        for (wrong, line) in [("ceiling = \"orange\"", 17), ("ceiling = ", 17), ("ceilings = \"amber\"", 17)] {
            let found = look(&DRAFT.replace("ceiling = \"amber\"", wrong), &governance, None);
            assert!(found.note.is_none(), "{wrong}");
            assert!(found.findings.iter().any(|one| one.is_error && one.line == line), "{wrong}: {:?}", found.findings);
        }
        let stranger = look(&DRAFT.replace("\"th\"]", "\"xx\"]"), &governance, None);
        assert!(stranger.note.is_none() && stranger.findings.iter().any(|one| one.what.contains("xx")));
    }

    #[test]
    fn an_amendment_follows_its_agreement_and_must_change_something() {
        let (mut governance, [vn, th]) = region();
        let note = look(DRAFT, &governance, None).note.unwrap();
        let (_, terms) = open_agreement(note.as_bytes(), &governance).unwrap();
        let id =
            governance.add_agreement(signed_agreement(&terms, &governance, &[&vn, &th]).unwrap().as_bytes()).unwrap();
        let same = look(DRAFT, &governance, Some(id));
        assert!(same.note.is_none() && same.findings.iter().any(|one| one.what.contains("the same")), "{same:?}");
        let next = look(&DRAFT.replace("They share.", "They share more."), &governance, Some(id)).note.unwrap();
        let (_, next) = open_agreement(next.as_bytes(), &governance).unwrap();
        assert_eq!((next.number, next.nonce), (2, terms.nonce));
        let renamed = look(&DRAFT.replace("handle = \"two\"", "handle = \"other\""), &governance, Some(id));
        assert!(renamed.note.is_none(), "an amendment keeps the handle: {renamed:?}");
    }
}
