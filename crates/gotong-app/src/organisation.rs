//! The register of organisations that the member serves, its constituents: who there is, of which class of the house rule. What each may read and publish is
//! for the house rule and the policy to say; here is only who it is. Nothing of it leaves the node. Read next: `caller.rs`.

use std::sync::PoisonError;

use gotong_model::governance::Governance;
use gotong_model::house::{Organisation, Organisations};
use gotong_model::{MemberCode, Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::{damaged, from_json, to_json};

/// Organisations of one node.
const ORGANISATIONS_MAX: usize = 1 << 20;
/// Rows of one page.
pub const PAGE_MAX: usize = 1_000;
/// Bytes of a name.
const NAME_BYTES_MAX: usize = 256;

/// An organisation as the register has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registered {
    /// Code, name and classes.
    pub organisation: Organisation,
    /// Since when it has been served.
    pub since: Timestamp,
    /// Since when it has not been any more. What it published stays; its tokens count no more, and its code is given to nobody else.
    pub ended: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    code: String,
    name: String,
    class: String,
    former_classes: Vec<String>,
    since: i64,
    ended: Option<i64>,
}

impl Row {
    fn of(registered: &Registered) -> Self {
        let Organisation { code, name, class, former_classes } = &registered.organisation;
        Self {
            code: code.to_string(),
            name: name.clone(),
            class: class.to_string(),
            former_classes: former_classes.iter().map(ToString::to_string).collect(),
            since: registered.since.micros(),
            ended: registered.ended.map(Timestamp::micros),
        }
    }

    fn registered(self) -> Result<Registered, Fault> {
        let read = || {
            let former = self.former_classes.iter().map(|class| Slug::from_text(class));
            let organisation = Organisation {
                code: Slug::from_text(&self.code)?,
                name: self.name.clone(),
                class: Slug::from_text(&self.class)?,
                former_classes: former.collect::<Option<_>>()?,
            };
            let ended = match self.ended {
                None => None,
                Some(micros) => Some(Timestamp::from_micros(micros)?),
            };
            Some(Registered { organisation, since: Timestamp::from_micros(self.since)?, ended })
        };
        read().ok_or_else(|| damaged("organisations"))
    }
}

/// The register as governance needs it.
pub(crate) fn load(tx: &dyn ReadTx, member: &MemberCode) -> Result<Organisations, Fault> {
    let rows = tx.scan(Book::Organisation, &[], &[], ORGANISATIONS_MAX)?;
    let read =
        |(_, value): &(Vec<u8>, Vec<u8>)| Ok(from_json::<Row>(value, "organisations")?.registered()?.organisation);
    let all: Result<Vec<Organisation>, Fault> = rows.iter().map(read).collect();
    Ok(Organisations::of(member.clone(), all?))
}

/// Whether an organisation is served now: its tokens count.
pub(crate) fn is_served(node: &Node, code: &Slug) -> Result<bool, Fault> {
    let found = lookup(node, code)?;
    Ok(found.is_some_and(|found| found.ended.is_none()))
}

/// One organisation.
pub fn lookup(node: &Node, code: &Slug) -> Result<Option<Registered>, Fault> {
    fetch(node.store.read()?.as_ref(), code)
}

fn fetch(tx: &dyn ReadTx, code: &Slug) -> Result<Option<Registered>, Fault> {
    let row = tx.fetch(Book::Organisation, code.as_str().as_bytes())?;
    row.map(|row| from_json::<Row>(&row, "organisations")?.registered()).transpose()
}

/// A page of the register by code, those behind `after`.
pub fn list(node: &Node, after: Option<&Slug>, limit: usize) -> Result<Vec<Registered>, Fault> {
    let from = after.map_or_else(Vec::new, |code| [code.as_str().as_bytes(), &[0]].concat());
    let rows = node.store.read()?.scan(Book::Organisation, &from, &[], limit.clamp(1, PAGE_MAX))?;
    rows.iter().map(|(_, row)| from_json::<Row>(row, "organisations")?.registered()).collect()
}

/// Puts organisations into the register, new ones or others in the place of what their codes stood for; all or none. Who had ended is served again.
pub fn put(
    node: &Node,
    caller: &Caller,
    new: &[(Slug, String, Slug)],
) -> Result<Result<Vec<Registered>, Vec<Why>>, NodeFault> {
    let refused = refusals(node, new);
    if !refused.is_empty() {
        return Ok(Err(refused));
    }
    let _turn = node.taking_in.lock().unwrap_or_else(PoisonError::into_inner);
    let now = node.now();
    let kept = node.transact(Priority::People, |writing| {
        let mut kept = Vec::with_capacity(new.len());
        for (code, name, class) in new {
            let before = fetch(writing.tx.as_ref(), code)?;
            let mut former = before.as_ref().map(|row| row.organisation.former_classes.clone()).unwrap_or_default();
            let was = before.as_ref().map(|row| row.organisation.class.clone());
            former.extend(was.filter(|was| was != class && !former.contains(was)));
            former.retain(|was| was != class);
            let organisation =
                Organisation { code: code.clone(), name: name.clone(), class: class.clone(), former_classes: former };
            let registered = Registered { organisation, since: before.map_or(now, |row| row.since), ended: None };
            writing.tx.put(Book::Organisation, code.as_str().as_bytes(), &to_json(&Row::of(&registered)))?;
            kept.push(registered);
        }
        let what: Vec<serde_json::Value> = kept
            .iter()
            .map(|row| serde_json::json!({"code": row.organisation.code.as_str(), "class": row.organisation.class.as_str()}))
            .collect();
        note_act(writing, now, &caller.id, "organisation-put", &serde_json::json!(what))?;
        Ok(kept)
    })?;
    let mut next = Governance::clone(&node.governance());
    for registered in &kept {
        next.put_organisation(registered.organisation.clone());
    }
    node.replace_governance(next);
    Ok(Ok(kept))
}

/// What speaks against putting these in.
fn refusals(node: &Node, new: &[(Slug, String, Slug)]) -> Vec<Why> {
    let governance = node.governance();
    let mut refused = Vec::new();
    let why = |at: usize, field: &str, id: &str, text: String| Why {
        pointer: Some(format!("/{at}/{field}")),
        ..Why::plain(id, text)
    };
    let Some(house) = governance.own_house() else {
        let text = "this node has no house rule yet, and so no classes of organisations: sign one with `gotong house`";
        return vec![Why::plain("house.missing", text)];
    };
    for (at, (_, name, class)) in new.iter().enumerate() {
        let is_known = house.agreement.versions.iter().any(|version| house.class(version, class).is_some());
        if !is_known {
            let text = format!("the house rule has no class {class}");
            refused.push(why(at, "class", "house.class-unknown", text));
        }
        if name.trim().is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            let text = "a name has 1 to 256 bytes and no control characters".to_owned();
            refused.push(why(at, "name", "organisation.name", text));
        }
    }
    let total = governance.organisations().map_or(0, Organisations::len);
    if total + new.len() > ORGANISATIONS_MAX {
        refused.push(Why::plain("organisation.too-many", format!("the register holds at most {ORGANISATIONS_MAX}")));
    }
    refused
}

/// Ends serving an organisation: its tokens count no more. `false`: there is none, or it has ended.
pub fn end(node: &Node, caller: &Caller, code: &Slug) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        let Some(found) = fetch(writing.tx.as_ref(), code)?.filter(|found| found.ended.is_none()) else {
            return Ok(false);
        };
        let ended = Registered { ended: Some(node.now()), ..found };
        writing.tx.put(Book::Organisation, code.as_str().as_bytes(), &to_json(&Row::of(&ended)))?;
        let what = serde_json::json!({"code": code.as_str()});
        note_act(writing, node.now(), &caller.id, "organisation-end", &what)?;
        Ok(true)
    })
}
