//! The way in: name and password, and behind them a session that is whole, or waits for the second factor.
//!
//! An unknown name, a disabled account and a wrong password have one answer and take the same work: one hash, one transaction. How often somebody may try is
//! for the edge to say, which knows where requests come from. Read next: `second.rs`.

use super::password::{is_right, kept, names_of, refusals};
use super::{AccountName, AccountRow, Demands, Failed};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::organisation;
use crate::publish::{Why, note_act};
use crate::rows;
use crate::session::{self, From, Session, Stage};

/// Somebody who got in, or half-way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// What to put into the cookie.
    pub cookie: String,
    /// How far it goes.
    pub stage: Stage,
    /// Tries that had failed before.
    pub told: Failed,
}

/// Lets somebody in who knows name and password. `None` whatever is wrong.
pub fn log_in(
    node: &Node,
    name: &str,
    password: &str,
    from: &From,
    demands: Demands,
) -> Result<Option<Begun>, NodeFault> {
    let name = AccountName::parse(name);
    let found = match &name {
        Some(name) => super::row(node.store.read()?.as_ref(), name)?,
        None => None,
    };
    let is_right = is_right(node, password, found.as_ref().map(|row| row.password.as_str()));
    let is_open = match &found {
        Some(row) if row.disabled.is_none() => match row.view()?.constituent {
            Some(code) => organisation::is_served(node, &code)?,
            None => true,
        },
        Some(_) | None => false,
    };
    let Some((name, seen)) = name.zip(found) else {
        failed(node, None, from)?;
        return Ok(None);
    };
    if !(is_right && is_open) {
        failed(node, Some(&name), from)?;
        return Ok(None);
    }
    let renewed = if gotong_crypto::password::is_current(&seen.password) { None } else { kept(node, password) };
    node.transact(Priority::People, |writing| {
        // Between reading and here the account may have been disabled, or have got another password.
        let now_there = super::row(writing.tx.as_ref(), &name)?;
        let Some(mut row) = now_there.filter(|row| row.epoch == seen.epoch && row.disabled.is_none()) else {
            return Ok(None);
        };
        if let Some(renewed) = renewed {
            row.password = renewed;
        }
        enter(node, writing, row, from, demands).map(Some)
    })
}

/// Begins the session of somebody who has shown the password.
pub(super) fn enter(
    node: &Node,
    writing: &mut crate::node::Writing<'_>,
    row: AccountRow,
    from: &From,
    demands: Demands,
) -> Result<Begun, NodeFault> {
    let stage = match &row.second {
        Some(_) => Stage::Second,
        None if demands.second_factor_of(row.view()?.role) => Stage::SetUp,
        None => Stage::Whole,
    };
    seat(node, writing, row, from, stage)
}

/// Begins a session at a stage.
pub(super) fn seat(
    node: &Node,
    writing: &mut crate::node::Writing<'_>,
    mut row: AccountRow,
    from: &From,
    stage: Stage,
) -> Result<Begun, NodeFault> {
    // A session counts beside its account's row alone, so that the row is there first.
    super::save(writing.tx.as_mut(), &row)?;
    let cookie = session::begin(node, writing.tx.as_mut(), &row, stage, from)?;
    if stage == Stage::SetUp {
        super::second::prepare(node, writing.tx.as_mut(), &cookie)?;
    }
    let told = row.failed.clone();
    if stage == Stage::Whole {
        welcome(node, writing, &mut row)?;
        super::save(writing.tx.as_mut(), &row)?;
    }
    Ok(Begun { cookie, stage, told })
}

/// Notes that somebody is in.
pub(super) fn welcome(
    node: &Node,
    writing: &mut crate::node::Writing<'_>,
    row: &mut AccountRow,
) -> Result<(), NodeFault> {
    row.failed = Failed::default();
    row.last_in = Some(node.now().micros());
    let what = serde_json::json!({"account": row.name});
    note_act(writing, node.now(), &format!("account:{}", row.id), "log-in", &what)
}

/// Notes a failed try: at the account, whose owner is told, or in a count of those that named nobody. Either is one transaction.
pub(super) fn failed(node: &Node, name: Option<&AccountName>, from: &From) -> Result<(), NodeFault> {
    node.transact(Priority::People, |writing| {
        let row = match name {
            Some(name) => super::row(writing.tx.as_ref(), name)?,
            None => None,
        };
        let Some(mut row) = row else {
            let count = rows::number(writing.tx.as_ref(), "log-in/unknown")?;
            return Ok(rows::set_number(writing.tx.as_mut(), "log-in/unknown", count.saturating_add(1))?);
        };
        note_failed(node, &mut row, from);
        Ok(super::save(writing.tx.as_mut(), &row)?)
    })
}

/// Counts a failed try.
pub(super) fn note_failed(node: &Node, row: &mut AccountRow, from: &From) {
    row.failed.count = row.failed.count.saturating_add(1);
    row.failed.last = node.now().micros();
    row.failed.network.clone_from(&from.network);
}

/// Whether this is the password of the account: asked again before what weighs more than reading.
pub fn confirms(node: &Node, name: &AccountName, password: &str) -> Result<bool, NodeFault> {
    let row = super::row(node.store.read()?.as_ref(), name)?;
    Ok(is_right(node, password, row.as_ref().map(|row| row.password.as_str())))
}

/// Gives an account another password: everybody is out but whoever did it, who goes on in a new session.
pub fn change_password(
    node: &Node,
    session: &Session,
    (old, new): (&str, &str),
    from: &From,
) -> Result<Result<String, Vec<Why>>, NodeFault> {
    let name = &session.account.name;
    if !confirms(node, name, old)? {
        return Ok(Err(wrong_password()));
    }
    let refused = refusals(new, &names_of(name, &session.account.full_name, node));
    if !refused.is_empty() {
        return Ok(Err(refused));
    }
    let Some(kept) = kept(node, new) else { return Ok(Err(refusals(new, &[]))) };
    node.transact(Priority::People, |writing| {
        let Some(mut row) = super::row(writing.tx.as_ref(), name)?.filter(|row| row.disabled.is_none()) else {
            return Ok(Err(wrong_password()));
        };
        row.password = kept;
        row.epoch += 1;
        session::remove(writing.tx.as_mut(), &row, None)?;
        super::save(writing.tx.as_mut(), &row)?;
        let cookie = session::begin(node, writing.tx.as_mut(), &row, Stage::Whole, from)?;
        let what = serde_json::json!({"account": row.name});
        note_act(writing, node.now(), &session.caller.id, "password-change", &what)?;
        Ok(Ok(cookie))
    })
}

/// The refusal of a password that was asked for again.
pub(super) fn wrong_password() -> Vec<Why> {
    let why = Why::plain("password.wrong", "this is not the account's password now");
    vec![Why { pointer: Some("/current".to_owned()), ..why }]
}

/// Tries that named nobody, since the store was made.
pub fn tries_of_unknown_names(node: &Node) -> Result<u64, NodeFault> {
    let tx = node.store.read()?;
    Ok(rows::number(tx.as_ref(), "log-in/unknown")?)
}
