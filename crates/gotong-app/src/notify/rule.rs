//! Rules: what somebody wants to be told of, and how. A rule is no right: what it tells is what its owner may see then.
//!
//! Read next: `collect.rs`, which follows them.

use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::key;
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::{from_json, prefix_end, to_json};
use crate::subscription::{self, ItemRow};

/// Rules of one owner: one for each search, and one for what waits.
pub const RULES_MAX: usize = subscription::SEARCHES_MAX + 1;
/// Rules of one node.
pub(super) const OF_NODE_MAX: usize = 10_000;
pub(super) const PREFIX: &[u8] = b"r/";
/// What waits has no name of a search: those are never empty.
const WAITING: &str = "";

/// What a rule is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// What the owner's search of this name finds from now on.
    Search(Slug),
    /// What waits for the owner: duties, records to be decided, parcels that need a second person.
    Waiting,
}

/// Whether a rule sends e-mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mail {
    /// It does not.
    #[default]
    Off,
    /// As soon as there is something, and not more often than every few minutes.
    Once,
    /// Once a day, all together.
    Daily,
}

impl Mail {
    /// Its name in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Once => "once",
            Self::Daily => "daily",
        }
    }

    /// The one of this name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Off, Self::Once, Self::Daily].into_iter().find(|mail| mail.as_str() == text)
    }
}

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What it is about.
    pub wanted: Wanted,
    /// Whether it tells in the page.
    pub in_page: bool,
    /// Whether it sends e-mail.
    pub mail: Mail,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RuleRow {
    pub(super) owner: String,
    pub(super) search: String,
    pub(super) in_page: bool,
    pub(super) mail: Mail,
    /// The place behind what was told.
    pub(super) place: String,
    /// Digests of what waited when it was looked last.
    pub(super) seen: Vec<String>,
    /// What waits for the day's letter.
    pub(super) gathered: Vec<ItemRow>,
    pub(super) gathered_more: usize,
    pub(super) gathered_waits: super::Waits,
    /// When the last letter of the rule was put together.
    pub(super) letter_at: i64,
}

impl RuleRow {
    pub(super) fn name(&self) -> Option<Slug> {
        Slug::from_text(&self.search)
    }

    fn told(&self) -> Rule {
        let wanted = self.name().map_or(Wanted::Waiting, Wanted::Search);
        Rule { wanted, in_page: self.in_page, mail: self.mail }
    }
}

fn name_of(wanted: &Wanted) -> &str {
    match wanted {
        Wanted::Search(name) => name.as_str(),
        Wanted::Waiting => WAITING,
    }
}

fn key_of(owner: &str, name: &str) -> Vec<u8> {
    key(PREFIX, owner, name.as_bytes())
}

pub(super) fn fetch(tx: &dyn ReadTx, key: &[u8]) -> Result<Option<RuleRow>, Fault> {
    tx.fetch(Book::Notice, key)?.map(|row| from_json(&row, "rules")).transpose()
}

/// Every rule of the node with its key.
pub(super) fn all(tx: &dyn ReadTx) -> Result<Vec<(Vec<u8>, RuleRow)>, Fault> {
    let rows = tx.scan(Book::Notice, PREFIX, &prefix_end(PREFIX), OF_NODE_MAX)?;
    rows.into_iter().map(|(key, row)| Ok((key, from_json(&row, "rules")?))).collect()
}

/// A caller's rules.
pub fn list(node: &Node, caller: &Caller) -> Result<Vec<Rule>, NodeFault> {
    let prefix = key_of(&caller.id, "");
    let rows = node.store.read()?.scan(Book::Notice, &prefix, &prefix_end(&prefix), RULES_MAX)?;
    let rules = rows.iter().map(|(_, row)| Ok(from_json::<RuleRow>(row, "rules")?.told()));
    Ok(rules.collect::<Result<_, Fault>>()?)
}

/// Makes a rule, or changes its ways. What is there already is not told; a rule without a way is none and goes.
pub fn put(node: &Node, caller: &Caller, rule: &Rule) -> Result<Result<(), Vec<Why>>, NodeFault> {
    if !rule.in_page && rule.mail == Mail::Off {
        remove(node, caller, &rule.wanted)?;
        return Ok(Ok(()));
    }
    if let Wanted::Search(name) = &rule.wanted
        && subscription::lookup(node, caller, name)?.is_none()
    {
        return Ok(Err(vec![Why::plain("notify.search", "you have no search of this name")]));
    }
    let place = subscription::place_text(subscription::now(node)?);
    let seen = match rule.wanted {
        Wanted::Search(_) => Vec::new(),
        Wanted::Waiting => super::collect::waiting(node, caller)?.into_iter().map(|(key, _)| key).collect(),
    };
    let name = name_of(&rule.wanted);
    let key = key_of(&caller.id, name);
    node.transact(Priority::People, |writing| {
        let before = fetch(writing.tx.as_ref(), &key)?;
        if before.is_none()
            && writing.tx.scan(Book::Notice, PREFIX, &prefix_end(PREFIX), OF_NODE_MAX)?.len() >= OF_NODE_MAX
        {
            return Ok(Err(vec![Why::plain("notify.many", "this node keeps no more rules")]));
        }
        let fresh = RuleRow {
            owner: caller.id.clone(),
            search: name.to_owned(),
            in_page: true,
            mail: Mail::Off,
            place: place.clone(),
            seen: seen.clone(),
            gathered: Vec::new(),
            gathered_more: 0,
            gathered_waits: super::Waits::default(),
            letter_at: 0,
        };
        let mut row = before.unwrap_or(fresh);
        if rule.mail != row.mail {
            // A day's letter comes at the end of a day that has begun; what was gathered for one goes when none is wanted.
            (row.gathered, row.gathered_more, row.gathered_waits) = (Vec::new(), 0, super::Waits::default());
            row.letter_at = if rule.mail == Mail::Daily { node.now().micros() } else { row.letter_at };
        }
        let row = RuleRow { in_page: rule.in_page, mail: rule.mail, ..row };
        writing.tx.put(Book::Notice, &key, &to_json(&row))?;
        let what = json!({"search": name, "in_page": rule.in_page, "mail": rule.mail.as_str()});
        note_act(writing, node.now(), &caller.id, "notify-put", &what)?;
        Ok(Ok(()))
    })
}

/// Removes a rule; whether it was there.
pub fn remove(node: &Node, caller: &Caller, wanted: &Wanted) -> Result<bool, NodeFault> {
    let name = name_of(wanted);
    let key = key_of(&caller.id, name);
    node.transact(Priority::People, |writing| {
        if fetch(writing.tx.as_ref(), &key)?.is_none() {
            return Ok(false);
        }
        writing.tx.delete(Book::Notice, &key)?;
        note_act(writing, node.now(), &caller.id, "notify-remove", &json!({"search": name}))?;
        Ok(true)
    })
}

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap_or_default()
}
