//! Tokens that an organisation which the member serves makes for its own programs: for itself alone, with an end, and never with more than its person may do.
//!
//! The member's staff sees and ends them like all others (`token.rs`).

use gotong_model::Timestamp;

use super::{NewToken, TokenView, create, list, revoke};
use crate::account::manage::Refusal;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::publish::Why;
use crate::role::{Right, Role};

/// Tokens of one organisation that count.
pub const OF_ORGANISATION_MAX: usize = 20;
/// Days that such a token counts at most.
pub const DAYS_MAX: u32 = 366;
const DAY: i64 = 86_400 * 1_000_000;

/// A token to be made for the own organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Its name for people.
    pub name: String,
    /// Whether it may report too, and not only read.
    pub may_report: bool,
    /// After so many days it counts no more.
    pub days: u32,
}

fn is_within(caller: &Caller, role: Role) -> bool {
    role.rights().iter().all(|right| caller.may(*right))
}

/// The tokens of the caller's organisation, oldest first; nothing for who is of none.
pub fn of_own(node: &Node, caller: &Caller) -> Result<Vec<TokenView>, NodeFault> {
    let Some(own) = &caller.constituent else { return Ok(Vec::new()) };
    let mut tokens = list(node)?;
    tokens.retain(|view| view.token.constituent.as_ref() == Some(own));
    Ok(tokens)
}

/// Makes one; its id and secret.
///
/// INVARIANT: 1. It is of the caller's organisation, and holds no right that its maker does not.
pub fn create_own(node: &Node, caller: &Caller, wish: &Wish) -> Result<Result<(String, String), Vec<Why>>, NodeFault> {
    let plain = |id: &str, text: &str| Ok(Err(vec![Why::plain(id, text)]));
    let Some(own) = caller.constituent.clone().filter(|_| caller.may(Right::Read)) else {
        return plain("token.own", "only people of an organisation that is served make tokens here");
    };
    let role = if wish.may_report { Role::Constituent } else { Role::ConstituentReader };
    if !is_within(caller, role) {
        return plain("token.beyond", "a token may do no more than you may: you read, and do not report");
    }
    let name = wish.name.trim().to_owned();
    if name.is_empty() || name.len() > 128 || name.contains(char::is_control) {
        return plain("token.field", "the name must be 1 to 128 bytes without control characters");
    }
    if !(1..=DAYS_MAX).contains(&wish.days) {
        return plain("token.field", "the token must count for 1 to 366 days");
    }
    let now = node.now();
    let counts = |view: &&TokenView| view.token.expires.is_none_or(|expires| expires > now);
    if of_own(node, caller)?.iter().filter(counts).count() >= OF_ORGANISATION_MAX {
        return plain("token.many", "your organisation has 20 tokens, which is the most: end one first");
    }
    let expires = Timestamp::from_micros(now.micros().saturating_add(i64::from(wish.days) * DAY));
    let new =
        NewToken { name, organisation: None, constituent: Some(own), channels: caller.channels.clone(), role, expires };
    Ok(match create(node, caller, &new)? {
        Ok(made) => Ok(made),
        Err(Refusal::Unfit(whys)) => Err(whys),
        Err(Refusal::Unknown | Refusal::Beyond(_) | Refusal::Own) => {
            Err(vec![Why::plain("token.beyond", "a token may do no more than you may")])
        }
    })
}

/// Ends one of the own organisation's that may do no more than the caller. `false`: there is none of this id.
pub fn end_own(node: &Node, caller: &Caller, id: &str) -> Result<bool, NodeFault> {
    let found = of_own(node, caller)?.into_iter().find(|view| view.id == id);
    match found.filter(|view| is_within(caller, view.token.role)) {
        Some(view) => revoke(node, caller, &view.id),
        None => Ok(false),
    }
}
