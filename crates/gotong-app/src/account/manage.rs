//! What one does with other people's accounts: invite, change the role, disable, let back in, end sessions. Each act has its audit line.
//!
//! INVARIANT of this file: nobody gives, or acts on, more than the own role holds. Otherwise who may invite could make a second self that may do everything,
//! or take over the account of somebody who may. Read next: `link.rs`.

use gotong_model::Slug;

use super::link::{self, Made};
use super::{AccountName, AccountRow, is_full_name};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::organisation;
use crate::publish::{Why, note_act};
use crate::role::Role;
use crate::session;

/// Somebody to be invited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The name that the person will log in with.
    pub name: AccountName,
    /// The name for people; may be empty.
    pub full_name: String,
    /// What the person will be for the member.
    pub role: Role,
    /// The organisation of the register whose person it is.
    pub constituent: Option<Slug>,
    /// How long the link opens.
    pub valid_ms: u64,
}

/// What an act on an account comes to.
pub type Done<T> = Result<Result<T, Refusal>, NodeFault>;

/// Why an act on an account is not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is no such account.
    Unknown,
    /// The caller's role does not hold what the other role holds.
    Beyond(Role),
    /// Nobody acts on the own account here.
    Own,
    /// Something of the wish cannot stand.
    Unfit(Vec<Why>),
}

/// Whether a caller may give this role, and act on accounts that have it: it holds all of its rights, or the role is for who is served.
pub fn may_give(caller: &Caller, role: Role) -> bool {
    role.is_for_constituents() || role.rights().iter().all(|right| caller.may(*right))
}

/// The refusal of what a caller may not give, in words that name the rule.
pub fn beyond(caller: &Caller, role: Role) -> Why {
    let text = format!(
        "nobody gives or changes more than the own role holds: the role {role} may do more than your own, {}",
        caller.role
    );
    Why::plain("account.beyond", text)
}

/// Makes a link for somebody who has no account.
pub fn invite(node: &Node, caller: &Caller, new: &Invitation) -> Done<Made> {
    let at = |field: &str, id: &str, text: String| {
        Ok(Err(Refusal::Unfit(vec![Why { pointer: Some(format!("/{field}")), ..Why::plain(id, text) }])))
    };
    if !is_full_name(&new.full_name) {
        return at("full_name", "account.full-name", "a full name is one line of at most 128 bytes".to_owned());
    }
    if new.role.is_for_constituents() != new.constituent.is_some() {
        let text = format!("the role {} and whose person it is do not go together", new.role);
        return at("role", "account.role", text);
    }
    if let Some(code) = &new.constituent
        && !organisation::is_served(node, code)?
    {
        let text = "it must be an organisation of the register that is served".to_owned();
        return at("constituent", "account.constituent", text);
    }
    if !may_give(caller, new.role) {
        return Ok(Err(Refusal::Beyond(new.role)));
    }
    Ok(link::invite(node, caller, new)?.map_err(Refusal::Unfit))
}

/// Changes an account under its audit line, if the caller may act on it.
fn act<T>(
    node: &Node,
    caller: &Caller,
    name: &AccountName,
    act: &str,
    work: impl FnOnce(&mut AccountRow, &mut Writing<'_>) -> Result<Result<T, Refusal>, NodeFault>,
) -> Done<T> {
    noted(node, caller, name, (act, &serde_json::Value::Null), work)
}

/// The same, with more in the audit line.
pub(super) fn noted<T>(
    node: &Node,
    caller: &Caller,
    name: &AccountName,
    (act, about): (&str, &serde_json::Value),
    work: impl FnOnce(&mut AccountRow, &mut Writing<'_>) -> Result<Result<T, Refusal>, NodeFault>,
) -> Done<T> {
    node.transact(Priority::People, |writing| {
        let Some(mut row) = super::row(writing.tx.as_ref(), name)? else { return Ok(Err(Refusal::Unknown)) };
        let view = row.view()?;
        if super::caller(&view).id == caller.id {
            return Ok(Err(Refusal::Own));
        }
        if !may_give(caller, view.role) {
            return Ok(Err(Refusal::Beyond(view.role)));
        }
        let done = match work(&mut row, writing)? {
            Ok(done) => done,
            Err(refusal) => return Ok(Err(refusal)),
        };
        super::save(writing.tx.as_mut(), &row)?;
        let mut what = serde_json::json!({"account": row.name, "role": row.role});
        if let Some(what) = what.as_object_mut().filter(|_| !about.is_null()) {
            what.insert("about".to_owned(), about.clone());
        }
        note_act(writing, node.now(), &caller.id, act, &what)?;
        Ok(Ok(done))
    })
}

/// Ends every session of an account whose row is being changed.
pub(super) fn out(row: &mut AccountRow, writing: &mut Writing<'_>) -> Result<(), NodeFault> {
    row.epoch += 1;
    session::remove(writing.tx.as_mut(), row, None)?;
    Ok(())
}

/// Closes an account: nobody gets in any more, and who is in is out.
pub fn disable(node: &Node, caller: &Caller, name: &AccountName) -> Done<()> {
    act(node, caller, name, "account-disable", |row, writing| {
        row.disabled.get_or_insert(node.now().micros());
        link::forget(writing.tx.as_mut(), &row.name)?;
        Ok(Ok(out(row, writing)?))
    })
}

/// Opens an account again, with the password and the second factor that it had.
pub fn enable(node: &Node, caller: &Caller, name: &AccountName) -> Done<()> {
    act(node, caller, name, "account-enable", |row, _| {
        row.disabled = None;
        Ok(Ok(()))
    })
}

/// Gives an account another role; who is in is out, and comes in again with the new one.
pub fn change_role(node: &Node, caller: &Caller, name: &AccountName, role: Role) -> Done<()> {
    if !may_give(caller, role) {
        return Ok(Err(Refusal::Beyond(role)));
    }
    act(node, caller, name, "account-role", |row, writing| {
        if role.is_for_constituents() != row.constituent.is_some() {
            let text = format!("the role {role} and whose person it is do not go together");
            let why = Why { pointer: Some("/role".to_owned()), ..Why::plain("account.role", text) };
            return Ok(Err(Refusal::Unfit(vec![why])));
        }
        role.as_str().clone_into(&mut row.role);
        Ok(Ok(out(row, writing)?))
    })
}

/// Makes a link with which the owner sets a new password and a new second factor. The old ones count until it is used, except in sessions, which end.
pub fn reset(node: &Node, caller: &Caller, name: &AccountName) -> Done<Made> {
    act(node, caller, name, "account-reset", |row, writing| {
        if row.disabled.is_some() {
            let text = "the account is disabled: enable it first".to_owned();
            return Ok(Err(Refusal::Unfit(vec![Why::plain("account.disabled", text)])));
        }
        Ok(link::reset(node, caller, row, writing)?.map_err(Refusal::Unfit))
    })
}

/// Ends all sessions of an account.
pub fn end_sessions(node: &Node, caller: &Caller, name: &AccountName) -> Done<()> {
    act(node, caller, name, "account-sessions-end", |row, writing| Ok(Ok(out(row, writing)?)))
}
