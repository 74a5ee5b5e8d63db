//! Accounts of people: a name, a password kept as Argon2id, a second factor, a role. A program has a token instead (`token.rs`).
//!
//! Rows and their reading are here. An account is disabled and never removed, so that its name never becomes somebody else's. Nothing here decides who may
//! act on accounts: `account/manage.rs` does. Read next: `account/entry.rs`, the way in.

pub mod entry;
pub mod link;
pub mod manage;
pub mod passkey;
pub mod password;
pub mod provider;
pub mod second;
pub mod settings;

use std::fmt;

use gotong_crypto::one_time::OneTime;
use gotong_crypto::text;
use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::organisation;
use crate::role::{Right, Role};
use crate::rows::{damaged, from_json, prefix_end, to_json};

/// Accounts of one node.
pub const ACCOUNTS_MAX: usize = 10_000;
/// Characters of a name, and of a full name.
const NAME_CHARS_MAX: usize = 64;
const FULL_NAME_BYTES_MAX: usize = 128;
const ACCOUNT_PREFIX: &[u8] = b"a/";

/// The name that somebody logs in with: lower-case letters, digits and `. _ - @ +`, so that no two names look alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccountName(String);

impl AccountName {
    /// Reads a name; upper case and surrounding blanks are forgiven.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_ascii_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = (2..=NAME_CHARS_MAX).contains(&name.len())
            && name.bytes().next().is_some_and(is_plain)
            && name.bytes().all(|byte| is_plain(byte) || b"._-@+".contains(&byte));
        fits.then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a full name can stand: empty, or a line of at most 128 bytes.
pub fn is_full_name(text: &str) -> bool {
    text.len() <= FULL_NAME_BYTES_MAX && !text.contains(char::is_control)
}

/// What the node asks of people who log in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demands {
    /// Whether roles with weight need a second factor. Off in demonstrations alone.
    pub second_factor: bool,
}

impl Demands {
    /// Whether somebody of this role has to have a second factor: whoever may let something out, take it back, run the node, let others in, or govern.
    pub fn second_factor_of(self, role: Role) -> bool {
        const WEIGHTY: [Right; 5] = [Right::Release, Right::Withdraw, Right::Operate, Right::Tokens, Right::Documents];
        self.second_factor && WEIGHTY.into_iter().any(|right| role.may(right))
    }
}

/// Tries to get in that failed since somebody last got in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Failed {
    /// How many.
    pub count: u32,
    /// When the last one was, in microseconds; 0 where there is none.
    pub last: i64,
    /// From which network it came.
    pub network: String,
    /// How many of them knew the password and failed at the second factor.
    pub second: u32,
}

/// An account as it is listed. Nothing in it helps to get in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountView {
    /// Its id, which audit lines carry.
    pub id: String,
    /// The name that somebody logs in with.
    pub name: AccountName,
    /// The name for people; empty where nobody gave one.
    pub full_name: String,
    /// The organisation of the register whose person it is; `None` is the member's staff.
    pub constituent: Option<Slug>,
    /// What the person is for the member.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when nobody gets in with it.
    pub disabled: Option<Timestamp>,
    /// When somebody last got in.
    pub last_in: Option<Timestamp>,
    /// Whether it has a second factor.
    pub has_second: bool,
    /// Recovery codes that are left.
    pub recovery_left: usize,
    /// Tries that failed since somebody last got in.
    pub failed: Failed,
    /// Its passkeys.
    pub passkeys: Vec<passkey::PasskeyView>,
    /// Who it is at the identity provider; `None`: not linked.
    pub provider: Option<provider::ProviderView>,
    /// How pages are shown.
    pub settings: settings::Settings,
    /// Whether its owner has put the list of first steps away.
    pub start_is_away: bool,
}

impl AccountView {
    /// What people call it.
    pub fn shown_name(&self) -> &str {
        if self.full_name.is_empty() { self.name.as_str() } else { &self.full_name }
    }
}

/// A secret of a second factor, and the last step of it that counted.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SecondRow {
    pub(crate) secret: String,
    pub(crate) last_step: u64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) full_name: String,
    pub(crate) constituent: Option<String>,
    pub(crate) role: String,
    pub(crate) password: String,
    pub(crate) second: Option<SecondRow>,
    /// Digests of recovery codes that were not used.
    pub(crate) recovery: Vec<String>,
    /// Rises with everything that ends sessions; a session of an earlier number counts no more.
    pub(crate) epoch: u64,
    pub(crate) created_at: i64,
    pub(crate) disabled: Option<i64>,
    pub(crate) last_in: Option<i64>,
    pub(crate) failed: Failed,
    /// Missing in rows from before there were passkeys.
    #[serde(default)]
    pub(crate) passkeys: Vec<passkey::PasskeyRow>,
    /// Missing where it is linked with nobody.
    #[serde(default)]
    pub(crate) provider: Option<provider::ProviderRow>,
    /// Missing where nothing was chosen.
    #[serde(default)]
    pub(crate) settings: Option<settings::SettingsRow>,
    /// Whether its owner has put the list of first steps away. Missing in rows from before there was one.
    #[serde(default)]
    pub(crate) start_is_away: bool,
}

impl AccountRow {
    /// A new account's, with nothing besides its password: role and constituent as rows have them.
    fn new(
        node: &Node,
        name: &AccountName,
        full_name: String,
        (role, constituent): (String, Option<String>),
        password: String,
    ) -> Self {
        Self {
            id: random::<10>(node),
            name: name.to_string(),
            full_name,
            constituent,
            role,
            password,
            second: None,
            recovery: Vec::new(),
            epoch: 0,
            created_at: node.now().micros(),
            disabled: None,
            last_in: None,
            failed: Failed::default(),
            passkeys: Vec::new(),
            provider: None,
            settings: None,
            start_is_away: false,
        }
    }

    pub(crate) fn view(&self) -> Result<AccountView, Fault> {
        let at = |micros: Option<i64>| match micros {
            None => Some(None),
            Some(micros) => Timestamp::from_micros(micros).map(Some),
        };
        let read = || {
            let constituent = match &self.constituent {
                None => None,
                Some(code) => Some(Slug::from_text(code)?),
            };
            let role = Role::from_text(&self.role)?;
            // A constituent with a role of the staff, or the reverse, was made by nobody.
            if role.is_for_constituents() != constituent.is_some() {
                return None;
            }
            Some(AccountView {
                id: self.id.clone(),
                name: AccountName::parse(&self.name)?,
                full_name: self.full_name.clone(),
                constituent,
                role,
                created_at: Timestamp::from_micros(self.created_at)?,
                disabled: at(self.disabled)?,
                last_in: at(self.last_in)?,
                has_second: self.second.is_some(),
                recovery_left: self.recovery.len(),
                failed: self.failed.clone(),
                passkeys: self.passkeys.iter().map(passkey::PasskeyRow::view).collect::<Option<_>>()?,
                provider: match &self.provider {
                    None => None,
                    Some(linked) => Some(linked.view()?),
                },
                settings: settings::Settings::default(),
                start_is_away: self.start_is_away,
            })
        };
        let settings = self.settings.as_ref().map(settings::SettingsRow::read).transpose()?.unwrap_or_default();
        let view = read().ok_or_else(|| damaged("accounts"))?;
        Ok(AccountView { settings, ..view })
    }

    /// The shared secret of its second factor.
    pub(crate) fn one_time(&self) -> Result<Option<OneTime>, Fault> {
        let secret = self.second.as_ref().map(|second| OneTime::from_text(&second.secret));
        secret.map(|secret| secret.ok_or_else(|| damaged("accounts"))).transpose()
    }
}

/// As whom an account asks.
pub(crate) fn caller(view: &AccountView) -> Caller {
    Caller {
        id: format!("account:{}", view.id),
        name: view.shown_name().to_owned(),
        organisation: view.constituent.as_ref().map(ToString::to_string),
        constituent: view.constituent.clone(),
        channels: None,
        role: view.role,
    }
}

/// As whom an account of this id asks now. `None`: there is none, it is disabled, or its organisation is not served any more.
pub(crate) fn caller_of(node: &Node, id: &str) -> Result<Option<Caller>, NodeFault> {
    let found = list(node)?.into_iter().find(|view| view.id == id && view.disabled.is_none());
    let Some(view) = found else { return Ok(None) };
    if let Some(code) = &view.constituent
        && !organisation::is_served(node, code)?
    {
        return Ok(None);
    }
    Ok(Some(caller(&view)))
}

fn key(name: &AccountName) -> Vec<u8> {
    [ACCOUNT_PREFIX, name.as_str().as_bytes()].concat()
}

pub(crate) fn row(tx: &dyn ReadTx, name: &AccountName) -> Result<Option<AccountRow>, Fault> {
    tx.fetch(Book::Account, &key(name))?.map(|row| from_json(&row, "accounts")).transpose()
}

pub(crate) fn save(tx: &mut dyn WriteTx, row: &AccountRow) -> Result<(), Fault> {
    let name = AccountName::parse(&row.name).ok_or_else(|| damaged("accounts"))?;
    tx.put(Book::Account, &key(&name), &to_json(row))
}

pub(crate) fn rows(tx: &dyn ReadTx, limit: usize) -> Result<Vec<AccountRow>, Fault> {
    let rows = tx.scan(Book::Account, ACCOUNT_PREFIX, &prefix_end(ACCOUNT_PREFIX), limit)?;
    rows.iter().map(|(_, row)| from_json(row, "accounts")).collect()
}

/// Whether there is any account.
pub fn is_any(node: &Node) -> Result<bool, NodeFault> {
    Ok(!rows(node.store.read()?.as_ref(), 1)?.is_empty())
}

/// All accounts by name.
pub fn list(node: &Node) -> Result<Vec<AccountView>, NodeFault> {
    let tx = node.store.read()?;
    rows(tx.as_ref(), ACCOUNTS_MAX)?.iter().map(|row| Ok(row.view()?)).collect()
}

/// One account.
pub fn lookup(node: &Node, name: &AccountName) -> Result<Option<AccountView>, NodeFault> {
    Ok(row(node.store.read()?.as_ref(), name)?.map(|row| row.view()).transpose()?)
}

/// Random text of so many bytes.
pub(crate) fn random<const N: usize>(node: &Node) -> String {
    let mut bytes = [0_u8; N];
    node.entropy().fill(&mut bytes);
    text::base32(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::ROLES;

    #[test]
    fn names_are_few_plain_letters() {
        for (text, name) in [("ann", "ann"), (" Ann.B ", "ann.b"), ("a@example.test", "a@example.test"), ("9a", "9a")] {
            assert_eq!(AccountName::parse(text).unwrap().as_str(), name);
        }
        let long = "a".repeat(65);
        for text in ["", "a", ".a", "an n", "аnn", "ann\n.", "a/b", &long, "ann\u{0}"] {
            assert_eq!(AccountName::parse(text), None, "{text:?}");
        }
        assert!(is_full_name("Nguyễn Thị Ánh") && is_full_name("") && !is_full_name("a\nb"));
    }

    #[test]
    fn weighty_roles_need_a_second_factor_and_readers_do_not() {
        let (demands, lenient) = (Demands { second_factor: true }, Demands { second_factor: false });
        for role in [Role::Administrator, Role::Operator, Role::ReleasingOfficer, Role::Analyst, Role::Legal] {
            assert!(demands.second_factor_of(role), "{role}");
        }
        for role in [Role::Reader, Role::ProgrammeOfficer, Role::Auditor, Role::ConstituentReader] {
            assert!(!demands.second_factor_of(role), "{role}");
        }
        assert!(ROLES.into_iter().all(|role| !lenient.second_factor_of(role)));
    }
}
