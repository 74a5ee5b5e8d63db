//! Log-in with an organisation's own identity provider (OpenID Connect): which account is whose there, and who gets in.
//!
//! What a provider says is verified at the edge, which hands in what was proven. INVARIANT of this file: an account is known by issuer and subject together;
//! a name there counts once at most, for a link that an administrator has prepared, since names and addresses are given anew to others.
//! Read next: `entry.rs`, and `provider.rs` of the HTTP edge.

use gotong_crypto::tagged;
use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::entry::{self, Begun};
use super::manage::{self, Done, Refusal};
use super::password::kept;
use super::{ACCOUNTS_MAX, AccountName, AccountRow, Demands, is_full_name};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::organisation;
use crate::publish::{Why, note_act};
use crate::role::Role;
use crate::rows::{damaged, from_json, to_json};
use crate::session::{self, From, Session, Stage};

/// Bytes of a subject, as OpenID Connect Core bounds it (section 2).
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Bytes of a name at the provider.
pub const NAME_BYTES_MAX: usize = 255;
/// How long a link that an administrator has prepared by name waits for its person.
pub const AWAITED_MS: u64 = 7 * 24 * 3_600_000;
const LINKED_PREFIX: &[u8] = b"i/";
const AWAITED_PREFIX: &[u8] = b"w/";

/// What a provider has proven of somebody, as far as it matters here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven {
    /// Who says it.
    pub issuer: String,
    /// Who it is there: never given to another.
    pub subject: String,
    /// What the person is called there; it may be somebody else's tomorrow.
    pub name: Option<String>,
    /// The name for people.
    pub full_name: Option<String>,
    /// What the configuration makes of the person's groups: one role, or none.
    pub role: Option<(Role, Option<Slug>)>,
    /// Whether the provider has asked for a second factor of a kind that the configuration takes for ours.
    pub has_second: bool,
}

/// What the configuration says about those who come from the provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Whether somebody unknown gets an account.
    pub makes_accounts: bool,
    /// What is asked of people who log in.
    pub demands: Demands,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entered {
    /// Somebody is in, or half-way.
    In(AccountName, Begun),
    /// Nobody here is linked with this person.
    Unknown,
    /// The account is closed, or its organisation is not served any more.
    Closed,
    /// An account would be made, or was made so, and the provider gives the person no role, or several.
    NoRole,
    /// An account would be made, and cannot have this name.
    NoName,
    /// An account would be made, and there is one of this name, whoever it is of.
    Taken(AccountName),
    /// An account would be made, and there are as many as there can be.
    Full,
}

/// By what an administrator names a person of the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// By the subject: the link stands at once.
    Subject(String),
    /// By the name there: whoever comes first with it, within a week, is linked by subject.
    Name(String),
}

/// A link as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProviderView {
    /// The provider.
    pub issuer: String,
    /// Who it is there; `None`: it waits for its person.
    pub subject: Option<String>,
    /// The name there when the link was made or is waited for.
    pub name: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Until when it waits.
    pub until: Option<Timestamp>,
    /// When somebody last came this way.
    pub last_in: Option<Timestamp>,
    /// Whether the account was made at the first log-in.
    pub made: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ProviderRow {
    issuer: String,
    subject: Option<String>,
    name: Option<String>,
    since: i64,
    until: Option<i64>,
    last_in: Option<i64>,
    made: bool,
}

impl ProviderRow {
    pub(crate) fn view(&self) -> Option<ProviderView> {
        let at = |micros: Option<i64>| match micros {
            None => Some(None),
            Some(micros) => Timestamp::from_micros(micros).map(Some),
        };
        Some(ProviderView {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            name: self.name.clone(),
            since: Timestamp::from_micros(self.since)?,
            until: at(self.until)?,
            last_in: at(self.last_in)?,
            made: self.made,
        })
    }

    /// Where the index names the account.
    fn key(&self) -> Option<Vec<u8>> {
        match (&self.subject, &self.name) {
            (Some(subject), _) => Some(linked_key(&self.issuer, subject)),
            (None, Some(name)) => Some(awaited_key(&self.issuer, name)),
            (None, None) => None,
        }
    }
}

fn linked_key(issuer: &str, subject: &str) -> Vec<u8> {
    let digest = tagged("gotong/v0/provider-subject", &[issuer.as_bytes(), subject.as_bytes()]);
    [LINKED_PREFIX, digest.as_bytes()].concat()
}

fn awaited_key(issuer: &str, name: &str) -> Vec<u8> {
    let digest = tagged("gotong/v0/provider-name", &[issuer.as_bytes(), name.as_bytes()]);
    [AWAITED_PREFIX, digest.as_bytes()].concat()
}

/// Whether a text can be a subject.
pub fn is_subject(text: &str) -> bool {
    (1..=SUBJECT_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// Whether a text can be a name at a provider.
pub fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.trim() == text && !text.contains(char::is_control)
}

fn why(id: &str, text: &str) -> Vec<Why> {
    vec![Why::plain(id, text)]
}

/// The account that an index row names, if it still says the same.
fn named(tx: &dyn ReadTx, key: &[u8]) -> Result<Option<AccountRow>, Fault> {
    let Some(name) = tx.fetch(Book::Account, key)? else { return Ok(None) };
    let name: String = from_json(&name, "provider links")?;
    let name = AccountName::parse(&name).ok_or_else(|| damaged("provider links"))?;
    let row = super::row(tx, &name)?;
    Ok(row.filter(|row| row.provider.as_ref().and_then(ProviderRow::key).as_deref() == Some(key)))
}

/// The account of somebody whom the provider has proven: linked, or awaited under the name.
fn holder(tx: &dyn ReadTx, proven: &Proven, now: Timestamp) -> Result<Option<AccountRow>, Fault> {
    if let Some(row) = named(tx, &linked_key(&proven.issuer, &proven.subject))? {
        return Ok(Some(row));
    }
    let Some(name) = &proven.name else { return Ok(None) };
    let awaited = named(tx, &awaited_key(&proven.issuer, name))?;
    let in_time = |row: &AccountRow| {
        row.provider.as_ref().and_then(|linked| linked.until).is_some_and(|until| now.micros() < until)
    };
    Ok(awaited.filter(in_time))
}

/// Puts a link into an account's row and into the index. The row is saved by whoever calls.
fn put(tx: &mut dyn WriteTx, row: &mut AccountRow, linked: ProviderRow) -> Result<(), Fault> {
    forget(tx, row)?;
    if let Some(key) = linked.key() {
        tx.put(Book::Account, &key, &to_json(&row.name))?;
    }
    row.provider = Some(linked);
    Ok(())
}

/// Takes the link from an account.
pub(super) fn forget(tx: &mut dyn WriteTx, row: &mut AccountRow) -> Result<(), Fault> {
    let Some(linked) = row.provider.take() else { return Ok(()) };
    if let Some(key) = linked.key() {
        // Another account may have been awaited under the same name since.
        let owner = tx.fetch(Book::Account, &key)?.map(|name| from_json::<String>(&name, "provider links"));
        if owner.transpose()?.is_some_and(|owner| owner == row.name) {
            tx.delete(Book::Account, &key)?;
        }
    }
    Ok(())
}

fn linked(node: &Node, issuer: &str, subject: Option<String>, name: Option<String>) -> ProviderRow {
    let since = node.now();
    let until = subject.is_none().then(|| since.plus_ms(AWAITED_MS).micros());
    ProviderRow { issuer: issuer.to_owned(), subject, name, since: since.micros(), until, last_in: None, made: false }
}

/// Links an account of somebody else with a person of the provider.
pub fn link(node: &Node, caller: &Caller, account: &AccountName, issuer: &str, wanted: &Wanted) -> Done<()> {
    let fits = match wanted {
        Wanted::Subject(subject) => is_subject(subject),
        Wanted::Name(name) => is_name(name),
    };
    if !fits {
        let text = "a subject has 1 to 255 plain characters, and a name 1 to 255 bytes without blanks around it";
        return Ok(Err(Refusal::Unfit(why("provider.unfit", text))));
    }
    let new = match wanted.clone() {
        Wanted::Subject(subject) => linked(node, issuer, Some(subject), None),
        Wanted::Name(name) => linked(node, issuer, None, Some(name)),
    };
    let about = serde_json::json!({"issuer": issuer, "subject": new.subject, "name": new.name});
    manage::noted(node, caller, account, ("provider-link", &about), |row, writing| {
        if row.provider.as_ref().is_some_and(|there| there.subject.is_some()) {
            let text = "this account is linked already: end that link first";
            return Ok(Err(Refusal::Unfit(why("provider.linked", text))));
        }
        let key = new.key().unwrap_or_default();
        let other = named(writing.tx.as_ref(), &key)?.filter(|other| other.name != row.name);
        // A link that waited in vain stands in nobody's way.
        let is_over = |other: &AccountRow| {
            let until = other.provider.as_ref().and_then(|there| there.until);
            until.is_some_and(|until| until <= node.now().micros())
        };
        if other.is_some_and(|other| !is_over(&other)) {
            return Ok(Err(Refusal::Unfit(why("provider.elsewhere", "another account is linked with this person"))));
        }
        Ok(Ok(put(writing.tx.as_mut(), row, new)?))
    })
}

/// Ends the link of somebody else's account, and all its sessions.
pub fn unlink(node: &Node, caller: &Caller, account: &AccountName) -> Done<()> {
    manage::noted(node, caller, account, ("provider-unlink", &serde_json::Value::Null), |row, writing| {
        if row.provider.is_none() {
            return Ok(Err(Refusal::Unfit(why("provider.none", "this account is linked with nobody"))));
        }
        forget(writing.tx.as_mut(), row)?;
        Ok(Ok(manage::out(row, writing)?))
    })
}

/// Whether somebody may link the own account now, who says the password again.
pub fn may_link(node: &Node, session: &Session, password: &str) -> Result<Result<(), Vec<Why>>, NodeFault> {
    if !entry::confirms(node, &session.account.name, password)? {
        return Ok(Err(entry::wrong_password()));
    }
    let is_linked = session.account.provider.as_ref().is_some_and(|there| there.subject.is_some());
    Ok(if is_linked {
        Err(why("provider.linked", "this account is linked already: end that link first"))
    } else {
        Ok(())
    })
}

/// Links the own account with the person that the provider has just proven. `of` is the session in which that was asked for, which must still be there.
pub fn link_own(
    node: &Node,
    (account, of): (&AccountName, &str),
    proven: &Proven,
) -> Result<Result<Caller, Vec<Why>>, NodeFault> {
    let is_there = session::list(node, account)?.iter().any(|session| session.id == of);
    if !is_there {
        return Ok(Err(why("provider.session", "the session in which this was asked for has ended: begin again")));
    }
    node.transact(Priority::People, |writing| {
        let found = super::row(writing.tx.as_ref(), account)?.filter(|row| row.disabled.is_none());
        let Some(mut row) = found else {
            return Ok(Err(why("provider.session", "the session in which this was asked for has ended: begin again")));
        };
        if row.provider.as_ref().is_some_and(|there| there.subject.is_some()) {
            return Ok(Err(why("provider.linked", "this account is linked already: end that link first")));
        }
        if named(writing.tx.as_ref(), &linked_key(&proven.issuer, &proven.subject))?.is_some() {
            return Ok(Err(why("provider.elsewhere", "another account is linked with this person")));
        }
        let new = linked(node, &proven.issuer, Some(proven.subject.clone()), proven.name.clone());
        put(writing.tx.as_mut(), &mut row, new)?;
        super::save(writing.tx.as_mut(), &row)?;
        let caller = super::caller(&row.view()?);
        note(node, writing, &row, "provider-link", proven)?;
        Ok(Ok(caller))
    })
}

/// Ends the link of the own account, for somebody who says the password again.
pub fn unlink_own(node: &Node, session: &Session, password: &str) -> Result<Result<(), Vec<Why>>, NodeFault> {
    if !entry::confirms(node, &session.account.name, password)? {
        return Ok(Err(entry::wrong_password()));
    }
    node.transact(Priority::People, |writing| {
        let found = super::row(writing.tx.as_ref(), &session.account.name)?.filter(|row| row.provider.is_some());
        let Some(mut row) = found else {
            return Ok(Err(why("provider.none", "this account is linked with nobody")));
        };
        forget(writing.tx.as_mut(), &mut row)?;
        super::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name});
        note_act(writing, node.now(), &session.caller.id, "provider-unlink", &what)?;
        Ok(Ok(()))
    })
}

fn note(node: &Node, writing: &mut Writing<'_>, row: &AccountRow, act: &str, proven: &Proven) -> Result<(), NodeFault> {
    let what = serde_json::json!({"account": row.name, "role": row.role, "issuer": proven.issuer,
        "subject": proven.subject, "name": proven.name, "second_factor": proven.has_second});
    note_act(writing, node.now(), &format!("account:{}", row.id), act, &what)
}

/// Lets somebody in whom the provider has proven, and makes an account where the configuration says so.
pub fn enter(node: &Node, proven: &Proven, from: &From, rule: Rule) -> Result<Entered, NodeFault> {
    let now = node.now();
    let seen = holder(node.store.read()?.as_ref(), proven, now)?;
    let organisation = match &seen {
        Some(row) => row.view()?.constituent,
        None => proven.role.as_ref().and_then(|(_, code)| code.clone()),
    };
    let is_served = match &organisation {
        Some(code) => organisation::is_served(node, code)?,
        None => true,
    };
    let wish = match &seen {
        Some(_) => None,
        None if !rule.makes_accounts => {
            entry::failed(node, None, from)?;
            return Ok(Entered::Unknown);
        }
        None => match Wish::of(node, proven, is_served)? {
            Ok(wish) => Some(wish),
            Err(refused) => return Ok(refused),
        },
    };
    node.transact(Priority::People, |writing| {
        // Between reading and here the account may have been closed, linked with somebody else, or made.
        let mut row = match (holder(writing.tx.as_ref(), proven, now)?, &wish) {
            (Some(row), _) => row,
            (None, Some(wish)) => match wish.make(node, writing, proven)? {
                Ok(row) => row,
                Err(refused) => return Ok(refused),
            },
            (None, None) => return Ok(Entered::Unknown),
        };
        if row.disabled.is_some() || !is_served {
            entry::note_failed(node, &mut row, from);
            super::save(writing.tx.as_mut(), &row)?;
            return Ok(Entered::Closed);
        }
        let Some(mut link) = row.provider.clone() else { return Ok(Entered::Unknown) };
        // Whoever was let in for a group is out with it.
        if link.made && proven.role.is_none() {
            return Ok(Entered::NoRole);
        }
        if link.subject.is_none() {
            let bound = linked(node, &proven.issuer, Some(proven.subject.clone()), proven.name.clone());
            put(writing.tx.as_mut(), &mut row, bound.clone())?;
            note(node, writing, &row, "provider-link", proven)?;
            link = bound;
        }
        link.last_in = Some(now.micros());
        row.provider = Some(link);
        note(node, writing, &row, "provider-log-in", proven)?;
        let name = AccountName::parse(&row.name).ok_or_else(|| damaged("accounts"))?;
        let from = From { provider: Some(proven.issuer.clone()), ..from.clone() };
        let begun = if proven.has_second {
            entry::seat(node, writing, row, &from, Stage::Whole)?
        } else {
            entry::enter(node, writing, row, &from, rule.demands)?
        };
        Ok(Entered::In(name, begun))
    })
}

/// An account that is to be made for somebody.
struct Wish {
    name: AccountName,
    role: Role,
    constituent: Option<Slug>,
    full_name: String,
    /// Of a password that nobody knows.
    password: String,
}

impl Wish {
    fn of(node: &Node, proven: &Proven, is_served: bool) -> Result<Result<Self, Entered>, NodeFault> {
        let Some((role, constituent)) = proven.role.clone() else { return Ok(Err(Entered::NoRole)) };
        if role.is_for_constituents() != constituent.is_some() || !is_served {
            return Ok(Err(Entered::NoRole));
        }
        let Some(name) = proven.name.as_deref().and_then(AccountName::parse) else { return Ok(Err(Entered::NoName)) };
        // Looked at again where it is made; here it spares a hash for whoever tries again and again.
        if super::lookup(node, &name)?.is_some() {
            return Ok(Err(Entered::Taken(name)));
        }
        let full_name = proven.full_name.clone().filter(|name| is_full_name(name)).unwrap_or_default();
        let Some(password) = kept(node, &super::random::<32>(node)) else { return Ok(Err(Entered::Full)) };
        Ok(Ok(Self { name, role, constituent, full_name, password }))
    }

    fn make(
        &self,
        node: &Node,
        writing: &mut Writing<'_>,
        proven: &Proven,
    ) -> Result<Result<AccountRow, Entered>, NodeFault> {
        if super::row(writing.tx.as_ref(), &self.name)?.is_some() {
            return Ok(Err(Entered::Taken(self.name.clone())));
        }
        if super::rows(writing.tx.as_ref(), ACCOUNTS_MAX)?.len() >= ACCOUNTS_MAX {
            return Ok(Err(Entered::Full));
        }
        let stands = (self.role.as_str().to_owned(), self.constituent.as_ref().map(ToString::to_string));
        let mut row = AccountRow::new(node, &self.name, self.full_name.clone(), stands, self.password.clone());
        let new = linked(node, &proven.issuer, Some(proven.subject.clone()), proven.name.clone());
        put(writing.tx.as_mut(), &mut row, ProviderRow { made: true, ..new })?;
        super::save(writing.tx.as_mut(), &row)?;
        note(node, writing, &row, "provider-account", proven)?;
        Ok(Ok(row))
    }
}

/// A secret that nobody guesses, for what is sent to a provider and comes back: 52 letters and digits.
pub fn secret(node: &Node) -> String {
    super::random::<32>(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_a_subject_or_a_name() {
        for good in ["1", "auth0|x", "f7f8-a b", &"x".repeat(255)] {
            assert!(is_subject(good), "{good}");
        }
        for bad in ["", "é", "a\nb", &"x".repeat(256)] {
            assert!(!is_subject(bad), "{bad}");
        }
        assert!(is_name("Nguyễn Thị Ánh") && !is_name(" a") && !is_name("") && !is_name("a\tb"));
    }

    #[test]
    fn neither_issuer_nor_subject_alone_makes_the_key() {
        let keys = [
            linked_key("https://a.example", "1"),
            linked_key("https://b.example", "1"),
            linked_key("https://a.example", "2"),
            linked_key("https://a.exampl", "e1"),
            awaited_key("https://a.example", "1"),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys.iter().skip(at + 1).any(|other| other == key), "{at}");
        }
    }
}
