//! What a document would change if all who must sign it had: decisions that would be others, and records here that would meet another answer.
//!
//! Asked of `gotong_app::explain::what_if`, which keeps nothing. Read next: `agreements/checked.rs`.

use gotong_app::explain;

use super::super::channels::member_name;
use super::super::person::Person;
use super::super::shown::{Because, Label, When};
use crate::api::Web;
use crate::problem::Problem;

/// Differences that are shown of what a document would change.
const DIFFERS_MAX: usize = 200;

/// What a document would change.
pub(super) struct Supposed {
    pub(super) at: When,
    pub(super) differs: Vec<DiffersRow>,
    pub(super) recount: Vec<RecountRow>,
    pub(super) more: bool,
}

/// A decision that would be another.
pub(super) struct DiffersRow {
    pub(super) channel: String,
    pub(super) member: String,
    pub(super) act: String,
    pub(super) labels: Vec<Label>,
    pub(super) after: bool,
    pub(super) clause: String,
    pub(super) text: Because,
}

/// Records here that would meet another answer.
pub(super) struct RecountRow {
    pub(super) channel: String,
    pub(super) author: String,
    pub(super) label: Label,
    pub(super) records: String,
    pub(super) after: bool,
    pub(super) clause: String,
}

/// Asks what a document would change. Inside: why it cannot be supposed.
pub(super) async fn suppose(web: &Web, person: &Person, note: &[u8]) -> Result<Result<Supposed, String>, Problem> {
    let (asking, note) = (person.caller.clone(), note.to_vec());
    let found = match web.run(move |node| explain::what_if(node, &asking, &note, None)).await? {
        Ok(found) => found,
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    let governance = web.node.governance();
    let words = person.words;
    let cut = found.differs.len() > DIFFERS_MAX;
    let differs = found.differs.into_iter().take(DIFFERS_MAX).map(|one| DiffersRow {
        member: member_name(&governance, &one.member, words.lang()),
        act: match &one.kind {
            Some(kind) => format!("{} {kind}", words.t(&format!("agreements-act-{}", one.act))),
            None => words.t(&format!("agreements-act-{}", one.act)),
        },
        labels: one.labels.into_iter().map(Label::of).collect(),
        clause: format!("{} {}", one.says.handle, one.says.clause),
        text: Because::ground(words, &one.says),
        after: one.after,
        channel: one.channel,
    });
    let recount = found.recount.into_iter().take(DIFFERS_MAX).map(|one| RecountRow {
        author: member_name(&governance, &one.author, words.lang()),
        label: Label::of(one.label),
        records: words.number(i64::try_from(one.records).unwrap_or(i64::MAX)),
        after: one.after,
        clause: format!("{} {}", one.says.handle, one.says.clause),
        channel: one.channel,
    });
    Ok(Ok(Supposed {
        at: When::at(&person.moments, found.supposed.at),
        differs: differs.collect(),
        recount: recount.collect(),
        more: found.more || cut,
    }))
}
