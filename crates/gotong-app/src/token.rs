//! API tokens. A secret is shown once, when it is made; kept is its SHA-256, under which it is found again.

pub mod own;

use gotong_crypto::{sha256, text};
use gotong_model::{ChannelId, Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx};
use serde::{Deserialize, Serialize};

use crate::account::manage::{Done, Refusal, may_give};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::organisation;
use crate::publish::note_act;
use crate::role::Role;
use crate::rows::{damaged, from_json, to_json};

/// What every secret begins with, so that scanners of code and mail recognise a leaked one.
const PREFIX: &str = "gtk_";
/// A secret has exactly this many characters; nothing longer is hashed.
const SECRET_CHARS: usize = PREFIX.len() + 52;
/// Tokens of one node.
const TOKENS_MAX: usize = 10_000;

/// A token to be made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewToken {
    /// Its name for people.
    pub name: String,
    /// Which organisation of the member it speaks for.
    pub organisation: Option<String>,
    /// The organisation of the register whose own it is; `None` is the member's staff.
    pub constituent: Option<Slug>,
    /// The channels it is limited to; `None` is all of the member's.
    pub channels: Option<Vec<ChannelId>>,
    /// What it is for the member, and so which acts are open to it.
    pub role: Role,
    /// From when on it counts no more.
    pub expires: Option<Timestamp>,
}

/// A token as it is listed; nothing in it helps to guess the secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// What was asked for when it was made.
    pub token: NewToken,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct TokenRow {
    id: String,
    name: String,
    organisation: Option<String>,
    #[serde(default)]
    constituent: Option<String>,
    channels: Option<Vec<String>>,
    /// Missing in rows from before there were roles, which have the two below.
    #[serde(default)]
    role: Option<String>,
    #[serde(default, skip_serializing)]
    may_publish: bool,
    #[serde(default, skip_serializing)]
    may_operate: bool,
    expires: Option<i64>,
    created_at: i64,
}

impl TokenRow {
    fn view(self) -> Result<TokenView, Fault> {
        let read = || {
            let channels = match &self.channels {
                None => None,
                Some(list) => Some(list.iter().map(|id| ChannelId::from_text(id)).collect::<Option<Vec<_>>>()?),
            };
            let expires = match self.expires {
                None => None,
                Some(micros) => Some(Timestamp::from_micros(micros)?),
            };
            let constituent = match &self.constituent {
                None => None,
                Some(code) => Some(Slug::from_text(code)?),
            };
            let role = match &self.role {
                None => Role::of_former(constituent.is_some(), self.may_publish, self.may_operate),
                Some(role) => Role::from_text(role)?,
            };
            // A constituent with a role of the staff, or the reverse, was made by nobody.
            if role.is_for_constituents() != constituent.is_some() {
                return None;
            }
            Some((channels, constituent, role, expires, Timestamp::from_micros(self.created_at)?))
        };
        let (channels, constituent, role, expires, created_at) = read().ok_or_else(|| damaged("tokens"))?;
        let token = NewToken { name: self.name, organisation: self.organisation, constituent, channels, role, expires };
        Ok(TokenView { id: self.id, token, created_at })
    }
}

/// Makes a token; answers its id and its secret, which is not kept. Whether role and constituent go together is for the caller to see to.
///
/// INVARIANT: nobody makes a token that may do more than its maker, as with accounts: otherwise who may make tokens could make a second self that may do
/// everything.
pub fn create(node: &Node, caller: &Caller, new: &NewToken) -> Done<(String, String)> {
    if new.role.is_for_constituents() != new.constituent.is_some() {
        return Err(NodeFault::Unfit(format!("the role {} and whom the token is for do not go together", new.role)));
    }
    if !may_give(caller, new.role) {
        return Ok(Err(Refusal::Beyond(new.role)));
    }
    let (mut id, mut secret) = ([0_u8; 10], [0_u8; 32]);
    node.entropy().fill(&mut id);
    node.entropy().fill(&mut secret);
    let (id, secret) = (text::base32(&id), format!("{PREFIX}{}", text::base32(&secret)));
    let row = TokenRow {
        id: id.clone(),
        name: new.name.clone(),
        organisation: new.organisation.clone(),
        constituent: new.constituent.as_ref().map(ToString::to_string),
        channels: new.channels.as_ref().map(|list| list.iter().map(ToString::to_string).collect()),
        role: Some(new.role.as_str().to_owned()),
        may_publish: false,
        may_operate: false,
        expires: new.expires.map(Timestamp::micros),
        created_at: node.now().micros(),
    };
    node.transact(Priority::People, |writing| {
        writing.tx.put(Book::Token, sha256(secret.as_bytes()).as_bytes(), &to_json(&row))?;
        let what = serde_json::json!({"id": row.id, "name": row.name, "constituent": row.constituent, "channels": row.channels, "role": row.role});
        note_act(writing, node.now(), &caller.id, "token-create", &what)
    })?;
    Ok(Ok((id, secret)))
}

/// All tokens, oldest first.
pub fn list(node: &Node) -> Result<Vec<TokenView>, NodeFault> {
    let tx = node.store.read()?;
    let mut tokens = Vec::new();
    for (_, value) in rows_of(tx.as_ref())? {
        tokens.push(from_json::<TokenRow>(&value, "tokens")?.view()?);
    }
    tokens.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(tokens)
}

/// Ends a token. `false`: there is none of this id.
pub fn revoke(node: &Node, caller: &Caller, id: &str) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        for (key, value) in rows_of(writing.tx.as_ref())? {
            let row: TokenRow = from_json(&value, "tokens")?;
            if row.id == id {
                writing.tx.delete(Book::Token, &key)?;
                let what = serde_json::json!({"id": row.id, "name": row.name});
                note_act(writing, node.now(), &caller.id, "token-revoke", &what)?;
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// Whose secret this is. The same work is done whether or not there is such a token, and what is compared is a digest, so that
/// neither the answer's time nor anything else tells how near a guess came.
pub fn authenticate(node: &Node, secret: &str) -> Result<Option<Caller>, NodeFault> {
    let is_secret = secret.len() == SECRET_CHARS && secret.starts_with(PREFIX);
    let digest = sha256(if is_secret { secret.as_bytes() } else { PREFIX.as_bytes() });
    let found = node.store.read()?.fetch(Book::Token, digest.as_bytes())?;
    let Some(value) = found.filter(|_| is_secret) else { return Ok(None) };
    caller_from(node, from_json::<TokenRow>(&value, "tokens")?.view()?)
}

/// Whom a caller's id stands for, if that is a token which still counts: for what goes on in its name when it asks nothing itself.
pub fn caller_of(node: &Node, caller: &str) -> Result<Option<Caller>, NodeFault> {
    let Some(id) = caller.strip_prefix("token:") else { return Ok(None) };
    let rows = rows_of(node.store.read()?.as_ref())?;
    for (_, value) in rows {
        let row = from_json::<TokenRow>(&value, "tokens")?;
        if row.id == id {
            return caller_from(node, row.view()?);
        }
    }
    Ok(None)
}

fn caller_from(node: &Node, view: TokenView) -> Result<Option<Caller>, NodeFault> {
    let TokenView { id, token, .. } = view;
    if token.expires.is_some_and(|expires| expires <= node.now()) {
        return Ok(None);
    }
    if let Some(code) = &token.constituent
        && !organisation::is_served(node, code)?
    {
        return Ok(None);
    }
    Ok(Some(Caller {
        id: format!("token:{id}"),
        name: token.name,
        // A constituent speaks for itself, whatever was written beside it.
        organisation: token.constituent.as_ref().map(ToString::to_string).or(token.organisation),
        constituent: token.constituent,
        channels: token.channels,
        role: token.role,
    }))
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn rows_of(tx: &dyn ReadTx) -> Result<Pairs, Fault> {
    tx.scan(Book::Token, &[], &[], TOKENS_MAX)
}
