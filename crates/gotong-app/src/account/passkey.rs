//! Passkeys: keys that a person's device or browser keeps, and lets sign only after it has seen who it is. One counts as password and second factor together.
//!
//! Here is what is kept, which challenge counts, and who gets in; what a browser sent is read, and its signature checked, at the edge, which hands the check in.
//! A challenge counts once, and a counter that does not rise betrays a copied key. Read next: `entry.rs`.

use gotong_crypto::{sha256, text};
use gotong_model::Timestamp;
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::entry::{self, Begun};
use super::{AccountName, AccountRow};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::organisation;
use crate::publish::{Why, note_act};
use crate::rows::{damaged, from_json, prefix_end, to_json};
use crate::session::{self, From, Session, Stage};

/// Passkeys of one account.
pub const PASSKEYS_MAX: usize = 10;
/// How long a challenge can be answered.
pub const CHALLENGE_MS: u64 = 10 * 60_000;
/// Bytes of a credential's id, as the standard bounds them.
pub const ID_BYTES_MAX: usize = 1_023;
/// Bytes of a public key: the largest are RSA keys of 8192 bits.
pub const KEY_BYTES_MAX: usize = 1_200;
/// Characters of a passkey's name.
const NAME_CHARS_MAX: usize = 64;
/// Challenges that were answered and could be tried again; each goes when its time has passed.
const SPENT_MAX: usize = 10_000;
const CREDENTIAL_PREFIX: &[u8] = b"p/";
const SPENT_PREFIX: &[u8] = b"u/";

/// A public key, and what it signs with: a number of the COSE registry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Key {
    /// The algorithm.
    pub algorithm: i32,
    /// The key's bytes, base64, as that algorithm has them.
    pub bytes: String,
}

/// A passkey that a browser has made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// The credential's id.
    pub id: Vec<u8>,
    /// Its public key.
    pub key: Key,
    /// How often it says that it has signed.
    pub count: u32,
    /// What its owner calls it.
    pub name: String,
}

/// What a browser says about the use of a passkey; the signature is checked beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The credential's id.
    pub id: Vec<u8>,
    /// The challenge that was signed.
    pub challenge: String,
    /// How often it says that it has signed.
    pub count: u32,
}

/// A passkey as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyView {
    /// A digest of the credential's id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last got in with it.
    pub last_in: Option<Timestamp>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PasskeyRow {
    id: String,
    key: Key,
    count: u32,
    name: String,
    created_at: i64,
    last_in: Option<i64>,
}

impl PasskeyRow {
    pub(crate) fn view(&self) -> Option<PasskeyView> {
        let last_in = match self.last_in {
            None => None,
            Some(micros) => Some(Timestamp::from_micros(micros)?),
        };
        let (id, name, created_at) = (self.id.clone(), self.name.clone(), Timestamp::from_micros(self.created_at)?);
        Some(PasskeyView { id, name, created_at, last_in })
    }
}

fn id_of(credential: &[u8]) -> String {
    sha256(credential).to_text()
}

fn credential_key(id: &str) -> Vec<u8> {
    [CREDENTIAL_PREFIX, id.as_bytes()].concat()
}

fn seal(node: &Node, of: &str, at: &str, id: &str) -> String {
    let digest = node.secret_digest("gotong/v0/passkey", &[of.as_bytes(), at.as_bytes(), id.as_bytes()]);
    digest.to_text()
}

/// A challenge: for a session in which a passkey is made, or for whoever wishes to get in (`of` is empty). Nothing is kept until it has been answered.
pub fn challenge(node: &Node, of: &str) -> String {
    let (at, id) = ((node.now().micros() / 1_000).to_string(), super::random::<16>(node));
    let seal = seal(node, of, &at, &id);
    format!("{at}.{id}.{seal}")
}

/// Until when a challenge of ours can be answered. `None`: it is not ours, not for this, or its time has passed.
fn until(node: &Node, of: &str, challenge: &str) -> Option<Timestamp> {
    let mut parts = challenge.split('.');
    let (at, id, given) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || at.len() > 16 || id.len() > 32 {
        return None;
    }
    let expected = seal(node, of, at, id);
    if !gotong_crypto::password::is_same(expected.as_bytes(), given.as_bytes()) {
        return None;
    }
    let until = Timestamp::from_micros(at.parse::<i64>().ok()?.checked_mul(1_000)?)?.plus_ms(CHALLENGE_MS);
    (node.now() < until).then_some(until)
}

/// Uses a challenge up. `false`: it was used before, or so many were that none can be noted.
fn spend(tx: &mut dyn WriteTx, challenge: &str, until: Timestamp, now: Timestamp) -> Result<bool, Fault> {
    let key = [SPENT_PREFIX, sha256(challenge.as_bytes()).as_bytes()].concat();
    if tx.fetch(Book::Account, &key)?.is_some() {
        return Ok(false);
    }
    let mut left = 0;
    for (key, value) in tx.scan(Book::Account, SPENT_PREFIX, &prefix_end(SPENT_PREFIX), SPENT_MAX)? {
        if from_json::<i64>(&value, "challenges")? <= now.micros() {
            tx.delete(Book::Account, &key)?;
        } else {
            left += 1;
        }
    }
    if left >= SPENT_MAX {
        return Ok(false);
    }
    tx.put(Book::Account, &key, &to_json(&until.micros()))?;
    Ok(true)
}

fn refused(field: &str, id: &str, text: &str) -> Vec<Why> {
    vec![Why { pointer: Some(format!("/{field}")), ..Why::plain(id, text) }]
}

/// Adds a passkey to the own account, for somebody who says the password again. The challenge must be that of this session.
pub fn add(
    node: &Node,
    session: &Session,
    password: &str,
    challenge: &str,
    made: &Made,
) -> Result<Result<(), Vec<Why>>, NodeFault> {
    let name = made.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        return Ok(Err(refused("name", "passkey.name", "a passkey has a name of 1 to 64 characters")));
    }
    let stale = || refused("passkey", "passkey.stale", "this took too long, or was sent before: try again");
    let fits = (1..=ID_BYTES_MAX).contains(&made.id.len()) && made.key.bytes.len() <= KEY_BYTES_MAX * 2;
    let Some(until) = until(node, &session.id, challenge).filter(|_| fits) else { return Ok(Err(stale())) };
    if !entry::confirms(node, &session.account.name, password)? {
        return Ok(Err(entry::wrong_password()));
    }
    let id = id_of(&made.id);
    node.transact(Priority::People, |writing| {
        let Some(mut row) = super::row(writing.tx.as_ref(), &session.account.name)? else { return Ok(Err(stale())) };
        if row.passkeys.len() >= PASSKEYS_MAX {
            return Ok(Err(refused(
                "passkey",
                "passkey.many",
                "an account has at most ten passkeys: remove one first",
            )));
        }
        if holder(writing.tx.as_ref(), &id)?.is_some() {
            return Ok(Err(refused("passkey", "passkey.known", "this passkey is known here already")));
        }
        if !spend(writing.tx.as_mut(), challenge, until, node.now())? {
            return Ok(Err(stale()));
        }
        row.passkeys.push(PasskeyRow {
            id: id.clone(),
            key: made.key.clone(),
            count: made.count,
            name: name.to_owned(),
            created_at: node.now().micros(),
            last_in: None,
        });
        writing.tx.put(Book::Account, &credential_key(&id), &to_json(&row.name))?;
        super::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name, "passkey": id});
        note_act(writing, node.now(), &session.caller.id, "passkey-add", &what)?;
        Ok(Ok(()))
    })
}

/// Takes a passkey from the own account, for somebody who says the password again.
pub fn remove(node: &Node, session: &Session, password: &str, id: &str) -> Result<Result<(), Vec<Why>>, NodeFault> {
    if !entry::confirms(node, &session.account.name, password)? {
        return Ok(Err(entry::wrong_password()));
    }
    node.transact(Priority::People, |writing| {
        let gone = || refused("passkey", "passkey.gone", "there is no such passkey any more");
        let Some(mut row) = super::row(writing.tx.as_ref(), &session.account.name)? else { return Ok(Err(gone())) };
        let before = row.passkeys.len();
        row.passkeys.retain(|passkey| passkey.id != id);
        if row.passkeys.len() == before {
            return Ok(Err(gone()));
        }
        writing.tx.delete(Book::Account, &credential_key(id))?;
        super::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name, "passkey": id});
        note_act(writing, node.now(), &session.caller.id, "passkey-remove", &what)?;
        Ok(Ok(()))
    })
}

/// Takes all passkeys from an account whose owner begins anew.
pub(super) fn forget(tx: &mut dyn WriteTx, row: &mut AccountRow) -> Result<(), Fault> {
    for passkey in row.passkeys.drain(..) {
        tx.delete(Book::Account, &credential_key(&passkey.id))?;
    }
    Ok(())
}

/// The account that has a credential, while it is open.
fn holder(tx: &dyn ReadTx, id: &str) -> Result<Option<AccountRow>, Fault> {
    let Some(name) = tx.fetch(Book::Account, &credential_key(id))? else { return Ok(None) };
    let name: String = from_json(&name, "passkeys")?;
    let name = AccountName::parse(&name).ok_or_else(|| damaged("passkeys"))?;
    Ok(super::row(tx, &name)?.filter(|row| row.passkeys.iter().any(|passkey| passkey.id == id)))
}

/// Lets somebody in whose passkey has signed: `is_signed` checks with the kept key. `None` whatever is wrong.
pub fn enter(
    node: &Node,
    shown: &Shown,
    from: &From,
    is_signed: &dyn Fn(&Key) -> bool,
) -> Result<Option<(AccountName, Begun)>, NodeFault> {
    let Some(until) = until(node, "", &shown.challenge) else { return Ok(None) };
    let id = id_of(&shown.id);
    let Some(found) = holder(node.store.read()?.as_ref(), &id)? else { return Ok(None) };
    let is_right = found.passkeys.iter().any(|passkey| passkey.id == id && is_signed(&passkey.key));
    let view = found.view()?;
    let is_served = match &view.constituent {
        Some(code) => organisation::is_served(node, code)?,
        None => true,
    };
    if !is_right || !is_served {
        return Ok(None);
    }
    node.transact(Priority::People, |writing| {
        // Between reading and here the account may have been closed, or the passkey removed.
        let Some(mut row) = holder(writing.tx.as_ref(), &id)?.filter(|row| row.disabled.is_none()) else {
            return Ok(None);
        };
        if !spend(writing.tx.as_mut(), &shown.challenge, until, node.now())? {
            return Ok(None);
        }
        let now = node.now().micros();
        let Some(passkey) = row.passkeys.iter_mut().find(|passkey| passkey.id == id) else { return Ok(None) };
        // Keys that count nothing always say 0 (WebAuthn, section 6.1.1); one that counts must have counted on.
        if (shown.count, passkey.count) != (0, 0) && shown.count <= passkey.count {
            entry::note_failed(node, &mut row, from);
            super::save(writing.tx.as_mut(), &row)?;
            let what = serde_json::json!({"account": row.name, "passkey": id});
            note_act(writing, node.now(), &format!("account:{}", row.id), "passkey-copied", &what)?;
            return Ok(None);
        }
        (passkey.count, passkey.last_in) = (shown.count, Some(now));
        super::save(writing.tx.as_mut(), &row)?;
        let cookie = session::begin(node, writing.tx.as_mut(), &row, Stage::Whole, from)?;
        let told = row.failed.clone();
        entry::welcome(node, writing, &mut row)?;
        super::save(writing.tx.as_mut(), &row)?;
        Ok(Some((view.name.clone(), Begun { cookie, stage: Stage::Whole, told })))
    })
}

/// A challenge's bytes as a browser writes them back: base64 for addresses, without padding.
pub fn as_browsers_write(challenge: &str) -> String {
    text::base64(challenge.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}
