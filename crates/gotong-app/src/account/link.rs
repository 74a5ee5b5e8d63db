//! One-time links: the first one that a new node prints, invitations, and ways back in for who lost password or app. What travels opens once, for a while,
//! and is kept as a digest; no password ever travels.
//!
//! Who may make a link for whom is decided in `manage.rs`, which read next.

use gotong_crypto::sha256;
use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::entry::{Begun, enter};
use super::password::{kept, names_of, refusals};
use super::{ACCOUNTS_MAX, AccountName, AccountRow, Demands, Failed};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::role::Role;
use crate::rows::{damaged, from_json, prefix_end, to_json};
use crate::session::{self, From};

/// How long the link of a first start opens.
pub const FIRST_MS: u64 = 15 * 60_000;
/// How long an invitation opens where nobody says.
pub const USUAL_MS: u64 = 24 * 3_600_000;
/// How long an invitation opens at most.
pub const LONGEST_MS: u64 = 7 * 24 * 3_600_000;
const LINK_PREFIX: &[u8] = b"l/";
/// Links of one node that were not used.
const LINKS_MAX: usize = 1_000;
/// What every key begins with, so that scanners of code and mail recognise a leaked one.
const KEY_PREFIX: &str = "gin_";
const KEY_CHARS: usize = KEY_PREFIX.len() + 52;

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The first account of a node.
    First,
    /// An account that somebody with the right made room for.
    Invite,
    /// A new password for an account that there is.
    Reset,
}

#[derive(Clone, Serialize, Deserialize)]
struct LinkRow {
    purpose: Purpose,
    name: Option<String>,
    full_name: String,
    role: String,
    constituent: Option<String>,
    expires: i64,
    by: String,
}

/// A link as whoever holds it may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkView {
    /// What it is for.
    pub purpose: Purpose,
    /// The name of the account; `None`: whoever comes chooses.
    pub name: Option<AccountName>,
    /// The name for people.
    pub full_name: String,
    /// The role that it gives.
    pub role: Role,
    /// The organisation of the register whose person it makes.
    pub constituent: Option<Slug>,
    /// Until when it opens.
    pub expires: Timestamp,
}

/// A link just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// What travels: part of the address.
    pub key: String,
    /// Until when it opens.
    pub expires: Timestamp,
}

impl Made {
    /// Where it opens, below the node's own address.
    pub fn path(&self) -> String {
        format!("/welcome?key={}", self.key)
    }
}

/// What somebody who holds a link wishes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wish {
    /// The name, where the link leaves it open.
    pub name: String,
    /// The name for people.
    pub full_name: String,
    /// The password.
    pub password: String,
}

/// What came of a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opened {
    /// Somebody is in, or is to set up a second factor.
    In(Begun),
    /// Something of the wish cannot stand; the link still opens.
    Refused(Vec<Why>),
    /// It does not open: used, expired, or never made.
    Gone,
}

fn digest_of(key: &str) -> Option<Vec<u8>> {
    let is_key = key.len() == KEY_CHARS && key.starts_with(KEY_PREFIX);
    is_key.then(|| [LINK_PREFIX, sha256(key.as_bytes()).as_bytes()].concat())
}

fn all(tx: &dyn ReadTx) -> Result<Vec<(Vec<u8>, LinkRow)>, Fault> {
    let rows = tx.scan(Book::Account, LINK_PREFIX, &prefix_end(LINK_PREFIX), LINKS_MAX)?;
    rows.into_iter().map(|(key, row)| Ok((key, from_json(&row, "links")?))).collect()
}

/// Removes links that are over, and those that the new one takes the place of. `false`: there are too many.
fn make_room(tx: &mut dyn WriteTx, new: &LinkRow, now: Timestamp) -> Result<bool, Fault> {
    let mut left = 0;
    for (key, row) in all(tx)? {
        let is_replaced = (row.purpose, &row.name) == (new.purpose, &new.name);
        if row.expires <= now.micros() || is_replaced {
            tx.delete(Book::Account, &key)?;
        } else {
            left += 1;
        }
    }
    Ok(left < LINKS_MAX)
}

/// Ends what links there are to an account.
pub(super) fn forget(tx: &mut dyn WriteTx, name: &str) -> Result<(), Fault> {
    for (key, row) in all(tx)? {
        if row.name.as_deref() == Some(name) {
            tx.delete(Book::Account, &key)?;
        }
    }
    Ok(())
}

fn make(
    node: &Node,
    caller: &str,
    row: &LinkRow,
    writing: &mut crate::node::Writing<'_>,
) -> Result<Option<Made>, NodeFault> {
    if !make_room(writing.tx.as_mut(), row, node.now())? {
        return Ok(None);
    }
    let key = format!("{KEY_PREFIX}{}", super::random::<32>(node));
    let digest = digest_of(&key).ok_or_else(|| damaged("links"))?;
    writing.tx.put(Book::Account, &digest, &to_json(row))?;
    let expires = Timestamp::from_micros(row.expires).ok_or_else(|| damaged("links"))?;
    let what = serde_json::json!({"purpose": row.purpose, "name": row.name, "role": row.role, "constituent": row.constituent,
        "expires": expires.to_string()});
    note_act(writing, node.now(), caller, "account-link", &what)?;
    Ok(Some(Made { key, expires }))
}

/// The link that makes the first account, where there is none. An earlier one opens no more.
pub fn first(node: &Node) -> Result<Option<Made>, NodeFault> {
    node.transact(Priority::People, |writing| {
        if !super::rows(writing.tx.as_ref(), 1)?.is_empty() {
            return Ok(None);
        }
        let row = LinkRow {
            purpose: Purpose::First,
            name: None,
            full_name: String::new(),
            role: Role::Administrator.as_str().to_owned(),
            constituent: None,
            expires: node.now().plus_ms(FIRST_MS).micros(),
            by: "operator".to_owned(),
        };
        make(node, "operator", &row, writing)
    })
}

/// An invitation; who may give which role has been decided before.
pub(super) fn invite(
    node: &Node,
    caller: &Caller,
    new: &super::manage::Invitation,
) -> Result<Result<Made, Vec<Why>>, NodeFault> {
    node.transact(Priority::People, |writing| {
        if super::row(writing.tx.as_ref(), &new.name)?.is_some() {
            let why = Why::plain("account.name-taken", format!("there is an account {} already", new.name));
            return Ok(Err(vec![Why { pointer: Some("/name".to_owned()), ..why }]));
        }
        let row = LinkRow {
            purpose: Purpose::Invite,
            name: Some(new.name.to_string()),
            full_name: new.full_name.clone(),
            role: new.role.as_str().to_owned(),
            constituent: new.constituent.as_ref().map(ToString::to_string),
            expires: node.now().plus_ms(new.valid_ms.min(LONGEST_MS)).micros(),
            by: caller.id.clone(),
        };
        Ok(make(node, &caller.id, &row, writing)?.ok_or_else(too_many))
    })
}

/// A way back in for an account that there is; its sessions end.
pub(super) fn reset(
    node: &Node,
    caller: &Caller,
    account: &mut AccountRow,
    writing: &mut crate::node::Writing<'_>,
) -> Result<Result<Made, Vec<Why>>, NodeFault> {
    let row = LinkRow {
        purpose: Purpose::Reset,
        name: Some(account.name.clone()),
        full_name: account.full_name.clone(),
        role: account.role.clone(),
        constituent: account.constituent.clone(),
        expires: node.now().plus_ms(USUAL_MS).micros(),
        by: caller.id.clone(),
    };
    account.epoch += 1;
    session::remove(writing.tx.as_mut(), account, None)?;
    Ok(make(node, &caller.id, &row, writing)?.ok_or_else(too_many))
}

fn too_many() -> Vec<Why> {
    vec![Why::plain(
        "account.links",
        format!("there are {LINKS_MAX} links that nobody has used: wait until some expire"),
    )]
}

fn fetch(tx: &dyn ReadTx, key: &str, now: Timestamp) -> Result<Option<(Vec<u8>, LinkRow)>, Fault> {
    let Some(digest) = digest_of(key) else { return Ok(None) };
    let Some(row) = tx.fetch(Book::Account, &digest)? else { return Ok(None) };
    let row: LinkRow = from_json(&row, "links")?;
    // The first link opens as long as nobody else came first.
    if row.expires <= now.micros() || (row.purpose == Purpose::First && !super::rows(tx, 1)?.is_empty()) {
        return Ok(None);
    }
    Ok(Some((digest, row)))
}

impl LinkRow {
    fn view(&self) -> Result<LinkView, Fault> {
        let read = || {
            let name = match &self.name {
                None => None,
                Some(name) => Some(AccountName::parse(name)?),
            };
            let constituent = match &self.constituent {
                None => None,
                Some(code) => Some(Slug::from_text(code)?),
            };
            Some(LinkView {
                purpose: self.purpose,
                name,
                full_name: self.full_name.clone(),
                role: Role::from_text(&self.role)?,
                constituent,
                expires: Timestamp::from_micros(self.expires)?,
            })
        };
        read().ok_or_else(|| damaged("links"))
    }
}

/// What a link is for. Looking uses nothing up.
pub fn look(node: &Node, key: &str) -> Result<Option<LinkView>, NodeFault> {
    let found = fetch(node.store.read()?.as_ref(), key, node.now())?;
    Ok(found.map(|(_, row)| row.view()).transpose()?)
}

/// What speaks against a wish.
fn check(node: &Node, view: &LinkView, wish: &Wish) -> Result<AccountName, Vec<Why>> {
    let at = |field: &str, id: &str, text: &str| {
        vec![Why { pointer: Some(format!("/{field}")), ..Why::plain(id, text.to_owned()) }]
    };
    let name = match &view.name {
        Some(name) => name.clone(),
        None => AccountName::parse(&wish.name).ok_or_else(|| {
            at(
                "name",
                "account.name",
                "a name has 2 to 64 letters a to z, digits and . _ - @ +, and begins with a letter or digit",
            )
        })?,
    };
    if !super::is_full_name(&wish.full_name) {
        return Err(at("full_name", "account.full-name", "a full name is one line of at most 128 bytes"));
    }
    let refused = refusals(&wish.password, &names_of(&name, &wish.full_name, node));
    if refused.is_empty() { Ok(name) } else { Err(refused) }
}

/// Uses a link: makes the account or gives it its new password, and lets its owner in. One link is used once, whoever comes at the same moment.
pub fn open(node: &Node, key: &str, wish: &Wish, from: &From, demands: Demands) -> Result<Opened, NodeFault> {
    let Some(view) = look(node, key)? else { return Ok(Opened::Gone) };
    let name = match check(node, &view, wish) {
        Ok(name) => name,
        Err(refused) => return Ok(Opened::Refused(refused)),
    };
    let Some(kept) = kept(node, &wish.password) else { return Ok(Opened::Refused(refusals(&wish.password, &[]))) };
    node.transact(Priority::People, |writing| {
        let Some((digest, link)) = fetch(writing.tx.as_ref(), key, node.now())? else { return Ok(Opened::Gone) };
        let before = super::row(writing.tx.as_ref(), &name)?;
        let row = match (link.purpose, before) {
            (Purpose::Reset, Some(mut row)) if row.disabled.is_none() => {
                super::passkey::forget(writing.tx.as_mut(), &mut row)?;
                super::provider::forget(writing.tx.as_mut(), &mut row)?;
                AccountRow {
                    password: kept,
                    second: None,
                    recovery: Vec::new(),
                    epoch: row.epoch + 1,
                    failed: Failed::default(),
                    ..row
                }
            }
            (Purpose::Reset, _) => return Ok(Opened::Gone),
            (Purpose::First | Purpose::Invite, Some(_)) => {
                let why = Why::plain("account.name-taken", format!("there is an account {name} already"));
                return Ok(Opened::Refused(vec![Why { pointer: Some("/name".to_owned()), ..why }]));
            }
            (Purpose::First | Purpose::Invite, None) => {
                if super::rows(writing.tx.as_ref(), ACCOUNTS_MAX)?.len() >= ACCOUNTS_MAX {
                    let why = Why::plain("account.too-many", format!("a node has at most {ACCOUNTS_MAX} accounts"));
                    return Ok(Opened::Refused(vec![why]));
                }
                new_row(node, &name, &link, wish, kept)
            }
        };
        session::remove(writing.tx.as_mut(), &row, None)?;
        writing.tx.delete(Book::Account, &digest)?;
        let what = serde_json::json!({"account": row.name, "role": row.role, "constituent": row.constituent, "purpose": link.purpose, "by": link.by});
        note_act(writing, node.now(), &format!("account:{}", row.id), "account-open", &what)?;
        Ok(Opened::In(enter(node, writing, row, from, demands)?))
    })
}

fn new_row(node: &Node, name: &AccountName, link: &LinkRow, wish: &Wish, password: String) -> AccountRow {
    let full_name = if wish.full_name.is_empty() { &link.full_name } else { &wish.full_name };
    AccountRow::new(node, name, full_name.clone(), (link.role.clone(), link.constituent.clone()), password)
}
