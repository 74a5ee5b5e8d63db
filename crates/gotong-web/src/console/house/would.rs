//! What a version of the house rule would change, signed or not: who would read more and who less, and in which words it differs from the one before.
//!
//! Asked of `gotong_app::house`, which keeps nothing. Read next: `house/draft.rs`, `agreements/checked.rs`.

use gotong_app::house;
use gotong_model::Timestamp;
use gotong_model::document::{self, Purpose};
use gotong_model::house::HouseRule;

use super::super::agreements::{Difference, compare_houses};
use super::super::channels::Worded;
use super::super::person::Person;
use super::super::shown::{Label, When};
use super::{class_name, kinds, read, strictest};
use crate::api::Web;
use crate::problem::Problem;

/// What a version would change.
pub(in crate::console) struct Would {
    pub(in crate::console) number: u64,
    pub(in crate::console) from: Timestamp,
    /// The instant that was asked about.
    pub(in crate::console) at: When,
    pub(in crate::console) rows: Vec<Otherwise>,
    pub(in crate::console) more: bool,
    /// Against the version before; of a first one there is none.
    pub(in crate::console) differences: Vec<Difference>,
}

/// Somebody who would read otherwise.
pub(in crate::console) struct Otherwise {
    pub(in crate::console) who: Worded,
    /// The class's short name; empty for the staff.
    pub(in crate::console) class: String,
    pub(in crate::console) channel: String,
    pub(in crate::console) kinds: String,
    pub(in crate::console) before: Option<Label>,
    pub(in crate::console) after: Option<Label>,
    pub(in crate::console) is_more: bool,
    pub(in crate::console) clauses: Vec<String>,
}

/// Asks what a version would change. Inside: why it cannot be the next.
pub(in crate::console) async fn would(
    web: &Web,
    person: &Person,
    note: &str,
) -> Result<Result<Would, String>, Problem> {
    let (asking, bytes) = (person.caller.clone(), note.as_bytes().to_vec());
    let supposed = match web.run(move |node| house::suppose(node, &asking, &bytes)).await? {
        Ok(supposed) => supposed,
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    let governance = web.node.governance();
    let rule = document::open(note.as_bytes(), Some(&governance.region), Purpose::House)
        .and_then(|opened| HouseRule::from_value(opened.value));
    let rule = match rule {
        Ok(rule) => rule,
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    let newest = governance.house(&web.node.member).and_then(|house| house.agreement.versions.last());
    let before = newest.and_then(|version| read(&governance, version));
    let rows = supposed.changes.into_iter().map(|change| Otherwise {
        who: class_name(&governance, person, change.class.as_ref(), Some(&rule)),
        class: change.class.as_ref().map(ToString::to_string).unwrap_or_default(),
        kinds: kinds(&change.kinds),
        before: strictest(&change.before),
        after: strictest(&change.after),
        is_more: change.is_more(),
        clauses: change.clauses.iter().map(|(handle, clause)| format!("{handle} {clause}")).collect(),
        channel: change.channel,
    });
    Ok(Ok(Would {
        number: supposed.number,
        from: rule.terms.from,
        at: When::at(&person.moments, supposed.at),
        rows: rows.collect(),
        more: supposed.more,
        differences: before.map(|before| compare_houses(person.words, &before, &rule)).unwrap_or_default(),
    }))
}
