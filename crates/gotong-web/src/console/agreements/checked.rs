//! What a document says and would come to, before it is handed in: read by the same code that takes it in, on a copy of what governs.
//!
//! Words of an agreement that is here are shown only to whoever may see it. Read next: `agreements/suppose.rs`, `gotong_model::governance`.

use gotong_model::MemberCode;
use gotong_model::document::{self, Purpose};
use gotong_model::governance::{Added, Governance};

use super::super::channels::{member_name, names};
use super::super::charter::{changes, votes};
use super::super::house::{self, Would};
use super::super::person::Person;
use super::super::shown::When;
use super::compare::{Difference, compare};
use super::documents::is_unsigned;
use super::may_see;
use super::suppose::{Supposed, suppose};
use crate::api::Web;
use crate::api::documents::{TakenBody, taken};
use crate::problem::Problem;

/// What a document says and would come to.
pub(super) struct Checked {
    pub(super) purpose: String,
    pub(super) name: String,
    pub(super) hash: String,
    /// Message of the state, with its class; of what cannot be taken in, why not.
    pub(super) state: String,
    pub(super) class: &'static str,
    pub(super) wrong: Option<String>,
    pub(super) from: Option<When>,
    pub(super) parties: Vec<String>,
    pub(super) missing: Vec<String>,
    pub(super) channels: Vec<String>,
    pub(super) differences: Vec<Difference>,
    /// What a charter changes.
    pub(super) changes: Vec<String>,
    pub(super) supposed: Option<Supposed>,
    pub(super) not_supposed: Option<String>,
    /// Who would see what otherwise, of a house rule.
    pub(super) house: Option<Would>,
}

/// What one document would come to, with those before it.
pub(super) async fn look(web: &Web, person: &Person, next: &mut Governance, note: &str) -> Result<Checked, Problem> {
    let words = person.words;
    let bytes = note.as_bytes();
    let refused = |why: String| Checked {
        purpose: words.t("agreements-purpose-none"),
        name: String::new(),
        hash: String::new(),
        state: words.t("agreements-state-refused"),
        class: "bad",
        wrong: Some(why),
        from: None,
        parties: Vec::new(),
        missing: Vec::new(),
        channels: Vec::new(),
        differences: Vec::new(),
        changes: Vec::new(),
        supposed: None,
        not_supposed: None,
        house: None,
    };
    match document::purpose_of(bytes) {
        Ok(Purpose::Charter | Purpose::Agreement | Purpose::House | Purpose::Notice) => {}
        Ok(Purpose::Statement | Purpose::Acknowledgement) => {
            return Ok(refused(words.t("agreements-wrong-purpose")));
        }
        Err(fault) => return Ok(refused(fault.to_string())),
    }
    let would = match document::purpose_of(bytes) {
        Ok(Purpose::House) => match house::would(web, person, note).await? {
            Ok(would) => Some(would),
            Err(why) => return Ok(refused(why)),
        },
        _ => None,
    };
    let before = next.clone();
    let added = match next.add(bytes) {
        Ok(added) => added,
        Err(fault) => return Ok(refused(fault.to_string())),
    };
    let body = taken(&web.node, next, &added);
    let mut checked = said(web, person, (&before, next), &added, body);
    if let Some(would) = would {
        checked.name = would.number.to_string();
        checked.from = Some(When::at(&person.moments, would.from));
        checked.house = Some(would);
    }
    if is_unsigned(note) {
        checked.wrong = Some(words.t("agreements-line-unsigned"));
        (checked.state, checked.class) = (words.t("agreements-state-refused"), "bad");
    }
    if let Added::Charter(_) = added {
        charter(person, next, bytes, &mut checked);
    }
    if matches!(added, Added::Agreement(_) | Added::Notice(_)) {
        match suppose(web, person, bytes).await? {
            Ok(supposed) => checked.supposed = Some(supposed),
            Err(why) => checked.not_supposed = Some(why),
        }
    }
    Ok(checked)
}

/// What a charter says, and whose votes it lacks.
fn charter(person: &Person, next: &Governance, note: &[u8], checked: &mut Checked) {
    let Ok((charter, votes)) = votes(next, note) else { return };
    let language = person.words.lang();
    checked.name = charter.number.to_string();
    checked.from = Some(When::at(&person.moments, charter.from));
    checked.parties = names(next, charter.members.keys(), language);
    let before = charter.previous.and_then(|old| next.charters.iter().find(|known| known.hash() == old));
    checked.changes = before.map(|before| changes(person, before, &charter)).unwrap_or_default();
    if let Some(votes) = votes.filter(|votes| votes.is_wanting) {
        checked.missing = names(next, &votes.missing, language);
    }
}

fn said(
    web: &Web,
    person: &Person,
    (before, next): (&Governance, &Governance),
    added: &Added,
    body: TakenBody,
) -> Checked {
    let (words, language) = (person.words, person.words.lang());
    let (state, class) = match body.state.as_str() {
        "counts" => ("agreements-state-counts", "good"),
        "superseded" => ("agreements-state-superseded", "bad"),
        _ => ("agreements-state-waits", "warn"),
    };
    let missing: Vec<MemberCode> = body.missing.iter().filter_map(|code| MemberCode::from_text(code)).collect();
    let mut checked = Checked {
        purpose: words.t(&format!("agreements-purpose-{}", body.purpose)),
        name: String::new(),
        hash: body.hash,
        state: words.t(state),
        class,
        wrong: None,
        from: None,
        parties: Vec::new(),
        missing: names(next, &missing, language),
        channels: body.channels,
        differences: Vec::new(),
        changes: Vec::new(),
        supposed: None,
        not_supposed: None,
        house: None,
    };
    match added {
        Added::Agreement(hash) => {
            let counted = next.agreements.values().find_map(|agreement| Some(&agreement.version(hash)?.terms));
            if let Some(terms) = counted.or_else(|| Some(&next.drafts.get(hash)?.terms)) {
                checked.name = format!("{} {}", terms.handle, terms.number);
                checked.from = Some(When::at(&person.moments, terms.from));
                checked.parties = names(next, &terms.parties, language);
                checked.channels =
                    terms.channel_types.iter().map(|kind| format!("{}/{}", terms.handle, kind.name)).collect();
                let previous = terms.previous.and_then(|previous| {
                    // INVARIANT: 1. The words of a version before are shown to whoever may see that agreement, whatever was pasted.
                    let mut seen =
                        before.agreements.values().filter(|one| may_see(&web.node, &person.caller, before, &one.id));
                    seen.find_map(|agreement| agreement.version(&previous))
                });
                checked.differences = previous.map(|old| compare(words, &old.terms, terms)).unwrap_or_default();
            }
        }
        Added::Notice(hash) => {
            let all = next.agreements.values().map(|agreement| (agreement, agreement.notices.values().flatten()));
            let found = all
                .into_iter()
                .find_map(|(agreement, mut notices)| Some((agreement, &notices.find(|(known, _)| known == hash)?.1)));
            if let Some((agreement, notice)) = found {
                let what = words.named(
                    &format!("agreements-notice-{}", notice.notice.as_str()),
                    &notice.subject.as_ref().map(|code| member_name(next, code, language)).unwrap_or_default(),
                );
                checked.name =
                    format!("{}: {} {what}", agreement.terms.handle, member_name(next, &notice.member, language));
                checked.from = Some(When::at(&person.moments, agreement.effect_of(notice)));
            }
        }
        Added::Charter(_) | Added::House(_) | Added::Statement(_) => {}
    }
    checked
}

/// The page of a document that was just drafted.
pub(super) async fn of_draft(web: &Web, person: &Person, note: String) -> Result<CheckedDraft, Problem> {
    let mut next = Governance::clone(&web.node.governance());
    let checked = look(web, person, &mut next, &note).await?;
    Ok(CheckedDraft {
        wrong: checked.wrong,
        name: checked.name,
        missing: checked.missing,
        channels: checked.channels,
        differences: checked.differences,
        supposed: checked.supposed,
        note,
    })
}

/// What a draft would come to.
pub(super) struct CheckedDraft {
    pub(super) wrong: Option<String>,
    pub(super) name: String,
    pub(super) missing: Vec<String>,
    pub(super) channels: Vec<String>,
    pub(super) differences: Vec<Difference>,
    pub(super) supposed: Option<Supposed>,
    pub(super) note: String,
}
