//! Browser sessions of accounts: kept under a digest, so that who reads the store cannot take one over; bound to the account's epoch, so that everything that
//! ends sessions ends them at once. They can be seen and ended by whoever they are of.
//!
//! A session has a stage: between the password and the second factor it opens nothing. Read next: `account/entry.rs`, which begins them.

use gotong_crypto::{sha256, tagged, text};
use gotong_model::Timestamp;
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use crate::account::{self, AccountName, AccountRow, AccountView, Failed};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::organisation;
use crate::publish::note_act;
use crate::rows::{damaged, from_json, prefix_end, to_json};

/// How long a session lasts that nobody uses.
pub const IDLE_MS: u64 = 2 * 3_600_000;
/// How long a session lasts at all.
pub const LIFE_MS: u64 = 12 * 3_600_000;
/// How long somebody has between the password and the second factor.
pub const HALF_WAY_MS: u64 = 15 * 60_000;
/// Sessions of one account; the oldest ends when another begins.
pub const SESSIONS_MAX: usize = 20;
/// Use is noted once in so long, so that reading pages does not write all the time.
const NOTED_EVERY_MS: u64 = 60_000;
const ID_CHARS: usize = 16;
const SECRET_CHARS: usize = 52;
const AGENT_CHARS_MAX: usize = 160;

/// Where somebody comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct From {
    /// Address or network.
    pub network: String,
    /// What the browser says of itself.
    pub agent: String,
    /// The issuer of the identity provider that said who it is; `None`: nobody was asked.
    pub provider: Option<String>,
}

/// How far a session has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The password was right; the second factor is asked for. It opens nothing.
    Second,
    /// The password was right, and there is no second factor where one is demanded. It opens nothing but setting one up.
    SetUp,
    /// Somebody is in.
    Whole,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SessionRow {
    pub(crate) name: String,
    pub(crate) epoch: u64,
    pub(crate) stage: Stage,
    pub(crate) began: i64,
    pub(crate) seen: i64,
    network: String,
    agent: String,
    /// The issuer that said who it is. Missing where nobody was asked.
    #[serde(default)]
    pub(crate) provider: Option<String>,
    /// Wrong codes at the second factor.
    pub(crate) tries: u32,
    /// A second factor that is being set up.
    pub(crate) pending: Option<String>,
    /// What had failed before somebody got in.
    pub(crate) told: Failed,
}

/// A session that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its id, which opens nothing.
    pub id: String,
    /// Whose it is.
    pub account: AccountView,
    /// How far it has come.
    pub stage: Stage,
    /// Tries that had failed before it began.
    pub told: Failed,
    /// A second factor that is being set up: its secret as apps take it.
    pub pending: Option<String>,
    /// The issuer of the identity provider that said who it is.
    pub provider: Option<String>,
    /// As whom it asks.
    pub caller: Caller,
}

/// A session as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionView {
    /// Its id, which opens nothing.
    pub id: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// Where it began.
    pub network: String,
    /// What the browser said of itself.
    pub agent: String,
    /// The issuer of the identity provider that said who it is.
    pub provider: Option<String>,
}

/// Account and secret of a cookie's value. `None`: nobody's.
fn key_of(cookie: &str) -> Option<(Vec<u8>, String)> {
    let is_plain = cookie.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte));
    if cookie.len() != ID_CHARS + SECRET_CHARS || !is_plain {
        return None;
    }
    let (account, secret) = cookie.split_at_checked(ID_CHARS)?;
    let digest = sha256(secret.as_bytes());
    Some(([account.as_bytes(), b"/", digest.as_bytes()].concat(), id_of(digest.as_bytes())))
}

/// A digest's public id: one cannot come from it to the digest, and from the digest not to the secret.
fn id_of(digest: &[u8]) -> String {
    let id = tagged("gotong/v0/session-id", &[digest]);
    text::base32(id.as_bytes().get(..10).unwrap_or_default())
}

fn all_of(account: &str) -> Vec<u8> {
    [account.as_bytes(), b"/"].concat()
}

fn is_over(row: &SessionRow, now: Timestamp) -> bool {
    let since = |micros: i64| Timestamp::from_micros(micros).map_or(u64::MAX, |at| now.since_ms(at));
    // A clock that was set back ends sessions rather than lengthening them.
    let from_the_future = row.began > now.micros().saturating_add(60_000_000);
    let life = if row.stage == Stage::Whole { LIFE_MS } else { HALF_WAY_MS };
    from_the_future || since(row.began) >= life || since(row.seen) >= IDLE_MS
}

/// Begins a session in a transaction: what to put into the cookie. Sessions of the account that are over are removed, and the oldest where there are too many.
pub(crate) fn begin(
    node: &Node,
    tx: &mut dyn WriteTx,
    account: &AccountRow,
    stage: Stage,
    from: &From,
) -> Result<String, Fault> {
    let now = node.now();
    let mut kept = of_account(tx, &account.id)?;
    kept.sort_by_key(|(_, row)| row.seen);
    let mut left = kept.len();
    for (key, row) in &kept {
        if is_over(row, now) || row.epoch != account.epoch || left >= SESSIONS_MAX {
            tx.delete(Book::Session, key)?;
            left -= 1;
        }
    }
    let secret = account::random::<32>(node);
    let row = SessionRow {
        name: account.name.clone(),
        epoch: account.epoch,
        stage,
        began: now.micros(),
        seen: now.micros(),
        network: from.network.clone(),
        agent: from.agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS_MAX).collect(),
        provider: from.provider.clone(),
        tries: 0,
        pending: None,
        told: account.failed.clone(),
    };
    let cookie = format!("{}{secret}", account.id);
    let (key, _) = key_of(&cookie).ok_or_else(|| damaged("accounts"))?;
    tx.put(Book::Session, &key, &to_json(&row))?;
    Ok(cookie)
}

fn of_account(tx: &dyn ReadTx, account: &str) -> Result<Vec<(Vec<u8>, SessionRow)>, Fault> {
    let prefix = all_of(account);
    let rows = tx.scan(Book::Session, &prefix, &prefix_end(&prefix), SESSIONS_MAX * 2)?;
    rows.into_iter().map(|(key, row)| Ok((key, from_json(&row, "sessions")?))).collect()
}

/// A session's row and its account, where both count.
pub(crate) fn fetch(
    tx: &dyn ReadTx,
    cookie: &str,
    now: Timestamp,
) -> Result<Option<(Vec<u8>, SessionRow, AccountRow)>, Fault> {
    let Some((key, _)) = key_of(cookie) else { return Ok(None) };
    let Some(row) = tx.fetch(Book::Session, &key)? else { return Ok(None) };
    let row: SessionRow = from_json(&row, "sessions")?;
    let name = AccountName::parse(&row.name).ok_or_else(|| damaged("sessions"))?;
    let Some(account) = account::row(tx, &name)? else { return Ok(None) };
    let counts = !is_over(&row, now)
        && row.epoch == account.epoch
        && account.disabled.is_none()
        && key.starts_with(&all_of(&account.id));
    Ok(counts.then_some((key, row, account)))
}

/// Keeps a session's row as it is now.
pub(crate) fn save(tx: &mut dyn WriteTx, key: &[u8], row: &SessionRow) -> Result<(), Fault> {
    tx.put(Book::Session, key, &to_json(row))
}

/// The session of a cookie, if it counts. Whose organisation is not served any more has none.
pub fn find(node: &Node, cookie: &str) -> Result<Option<Session>, NodeFault> {
    let now = node.now();
    let found = fetch(node.store.read()?.as_ref(), cookie, now)?;
    let Some((_, row, account)) = found else { return Ok(None) };
    let view = account.view()?;
    if let Some(code) = &view.constituent
        && !organisation::is_served(node, code)?
    {
        return Ok(None);
    }
    let seen = Timestamp::from_micros(row.seen).unwrap_or_default();
    if now.since_ms(seen) >= NOTED_EVERY_MS {
        node.transact(Priority::People, |writing| {
            // It may have ended meanwhile, and then stays so.
            if let Some((key, mut row, _)) = fetch(writing.tx.as_ref(), cookie, now)? {
                row.seen = now.micros();
                save(writing.tx.as_mut(), &key, &row)?;
            }
            Ok(())
        })?;
    }
    let id = key_of(cookie).map(|(_, id)| id).unwrap_or_default();
    let caller = account::caller(&view);
    Ok(Some(Session {
        id,
        account: view,
        stage: row.stage,
        told: row.told,
        pending: row.pending,
        provider: row.provider,
        caller,
    }))
}

/// What a form of this session carries, so that no other page can send it.
pub fn form_token(node: &Node, cookie: &str) -> String {
    node.secret_digest("gotong/v0/form", &[cookie.as_bytes()]).to_text()
}

/// Ends the session of a cookie; there may be none.
pub fn end(node: &Node, cookie: &str) -> Result<(), NodeFault> {
    let Some((key, _)) = key_of(cookie) else { return Ok(()) };
    node.transact(Priority::People, |writing| Ok(writing.tx.delete(Book::Session, &key)?))
}

/// The sessions of an account in which somebody is, newest first.
pub fn list(node: &Node, account: &AccountName) -> Result<Vec<SessionView>, NodeFault> {
    let tx = node.store.read()?;
    let Some(row) = account::row(tx.as_ref(), account)? else { return Ok(Vec::new()) };
    let mut sessions = Vec::new();
    for (key, session) in of_account(tx.as_ref(), &row.id)? {
        if session.stage != Stage::Whole || session.epoch != row.epoch || is_over(&session, node.now()) {
            continue;
        }
        let at = |micros| Timestamp::from_micros(micros).ok_or_else(|| damaged("sessions"));
        sessions.push(SessionView {
            id: id_of(key.get(ID_CHARS + 1..).unwrap_or_default()),
            began: at(session.began)?,
            seen: at(session.seen)?,
            network: session.network,
            agent: session.agent,
            provider: session.provider,
        });
    }
    sessions.sort_by(|a, b| (b.seen, &a.id).cmp(&(a.seen, &b.id)));
    Ok(sessions)
}

/// Ends one session of an account by its id. `false`: it has none of this id.
pub fn end_one(node: &Node, caller: &Caller, account: &AccountName, id: &str) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        let Some(row) = account::row(writing.tx.as_ref(), account)? else { return Ok(false) };
        for (key, _) in of_account(writing.tx.as_ref(), &row.id)? {
            if id_of(key.get(ID_CHARS + 1..).unwrap_or_default()) == id {
                writing.tx.delete(Book::Session, &key)?;
                let what = serde_json::json!({"account": row.name, "session": id});
                note_act(writing, node.now(), &caller.id, "session-end", &what)?;
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// Ends all sessions of an account but the one of a cookie: how many.
pub fn end_others(
    node: &Node,
    caller: &Caller,
    account: &AccountName,
    cookie: Option<&str>,
) -> Result<usize, NodeFault> {
    let own = cookie.and_then(key_of).map(|(key, _)| key);
    node.transact(Priority::People, |writing| {
        let Some(row) = account::row(writing.tx.as_ref(), account)? else { return Ok(0) };
        let count = remove(writing.tx.as_mut(), &row, own.as_deref())?;
        let what = serde_json::json!({"account": row.name, "sessions": count});
        note_act(writing, node.now(), &caller.id, "sessions-end", &what)?;
        Ok(count)
    })
}

/// Removes an account's sessions but one.
pub(crate) fn remove(tx: &mut dyn WriteTx, account: &AccountRow, but: Option<&[u8]>) -> Result<usize, Fault> {
    let mut count = 0;
    for (key, _) in of_account(tx, &account.id)? {
        if but != Some(key.as_slice()) {
            tx.delete(Book::Session, &key)?;
            count += 1;
        }
    }
    Ok(count)
}

/// How long a browser counts as known after somebody got in with it.
pub const DEVICE_MS: u64 = 180 * 24 * 3_600_000;

fn device_seal(node: &Node, account: &AccountName, since: &str, id: &str) -> String {
    node.secret_digest("gotong/v0/device", &[account.as_str().as_bytes(), since.as_bytes(), id.as_bytes()]).to_text()
}

/// What a browser keeps with which somebody got in: it opens nothing, and gives its tries an allowance of their own, which no stranger can use up.
pub fn device(node: &Node, account: &AccountName) -> String {
    let (since, id) = ((node.now().micros() / 1_000_000).to_string(), account::random::<10>(node));
    let seal = device_seal(node, account, &since, &id);
    format!("{since}.{id}.{seal}")
}

/// The id of a known browser of this account; nobody's otherwise.
pub fn known_device(node: &Node, account: &str, value: &str) -> Option<String> {
    let account = AccountName::parse(account)?;
    let mut parts = value.split('.');
    let (since, id, seal) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || since.len() > 12 || id.len() != ID_CHARS {
        return None;
    }
    let expected = device_seal(node, &account, since, id);
    if !gotong_crypto::password::is_same(expected.as_bytes(), seal.as_bytes()) {
        return None;
    }
    let since = Timestamp::from_micros(since.parse::<i64>().ok()?.checked_mul(1_000_000)?)?;
    (node.now().since_ms(since) < DEVICE_MS).then(|| id.to_owned())
}
