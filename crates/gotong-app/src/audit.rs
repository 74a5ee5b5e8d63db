//! What was done here: the line that every act of a person or program leaves, newest first, by whom and which act.
//!
//! Lines are written where the acts are (`note_act` in `publish.rs`), in the same transaction; here they are only read. They go beyond any one channel, so they
//! are for whoever has the right `audit` and is limited to no channels.

use gotong_model::Timestamp;
use gotong_store::Book;
use serde::Deserialize;

use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::role::Right;
use crate::rows::{self, from_json};
use crate::{account, token};

/// Lines that one answer looks at; what lies further back is another page.
const LOOKED_AT_MAX: u64 = 20_000;
/// Lines of one chunk.
const CHUNK: u64 = 500;

/// Which lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// Of this caller, by its id.
    pub caller: Option<String>,
    /// Of this act.
    pub act: Option<String>,
    /// Those before this number; `None` begins at the newest.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Its number; there are no gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// By whom: the caller's id.
    pub caller: String,
    /// Which act.
    pub act: String,
    /// What of: ids, names and counts.
    pub what: serde_json::Value,
}

/// A page of lines.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Page {
    /// Newest first.
    pub lines: Vec<Line>,
    /// For `before`: where the next page begins. `None`: that was all.
    pub next: Option<u64>,
    /// Lines there are in all.
    pub count: u64,
}

/// Somebody who may stand in a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doer {
    /// The caller's id, as lines have it.
    pub id: String,
    /// What people call it.
    pub name: String,
}

#[derive(Deserialize)]
struct Row {
    at: String,
    caller: String,
    act: String,
    #[serde(default)]
    what: serde_json::Value,
}

/// Whether somebody may read what was done: INVARIANT 1, lines speak of all channels.
pub fn may_read(caller: &Caller) -> bool {
    caller.is_staff() && caller.may(Right::Audit) && caller.channels.is_none()
}

/// Lines, newest first. Nobody but who may read them is shown any.
pub fn list(node: &Node, caller: &Caller, query: &Query) -> Result<Page, NodeFault> {
    if !may_read(caller) {
        return Ok(Page::default());
    }
    let tx = node.store.read()?;
    let count = rows::number(tx.as_ref(), "audit/last")?;
    let mut until = query.before.unwrap_or(u64::MAX).min(count.saturating_add(1));
    let oldest = until.saturating_sub(LOOKED_AT_MAX);
    let mut lines = Vec::new();
    while until > oldest.max(1) {
        let from = until.saturating_sub(CHUNK).max(oldest);
        let limit = usize::try_from(CHUNK).unwrap_or(usize::MAX);
        for (key, value) in tx.scan(Book::Audit, &from.to_be_bytes(), &until.to_be_bytes(), limit)?.into_iter().rev() {
            let number = <[u8; 8]>::try_from(key.as_slice()).map_err(|_| rows::damaged("audit lines"))?;
            let number = u64::from_be_bytes(number);
            let row: Row = from_json(&value, "audit lines")?;
            let is_wanted = query.caller.as_ref().is_none_or(|caller| *caller == row.caller)
                && query.act.as_ref().is_none_or(|act| *act == row.act);
            if !is_wanted {
                continue;
            }
            if lines.len() >= query.limit {
                // The next page begins behind the last line of this one.
                let next = lines.last().map(|line: &Line| line.number);
                return Ok(Page { lines, next, count });
            }
            let at = Timestamp::parse(&row.at).ok_or_else(|| rows::damaged("audit lines"))?;
            lines.push(Line { number, at, caller: row.caller, act: row.act, what: row.what });
        }
        until = from;
    }
    Ok(Page { lines, next: (until > 1).then_some(until), count })
}

/// Everybody who may stand in lines now: accounts and tokens, by name. Lines of those that have ended keep their ids.
pub fn doers(node: &Node, caller: &Caller) -> Result<Vec<Doer>, NodeFault> {
    if !may_read(caller) {
        return Ok(Vec::new());
    }
    let people = account::list(node)?.into_iter();
    let people = people.map(|view| Doer { id: format!("account:{}", view.id), name: view.shown_name().to_owned() });
    let tokens = token::list(node)?.into_iter();
    let tokens = tokens.map(|view| Doer { id: format!("token:{}", view.id), name: view.token.name });
    let mut all: Vec<Doer> = people.chain(tokens).collect();
    all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(all)
}
