//! Saved searches: a name for a filter, kept for its owner. Two owners may use one name, and neither learns of the other's.
//!
//! A search is no right: what it finds is what its reader may see when it is read. Read next: `filter.rs`, `stream.rs`.

use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, ReadTx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::filter::{Filter, FilterRow};
use super::owner_tag;
use super::stream::{self, Place};
use super::webhook;
use crate::caller::{self, Caller};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::{damaged, from_json, prefix_end, to_json};
use crate::view::{self, Page, Query, RecordView, SearchQuery, ViewFault};

/// Searches of one owner.
pub const SEARCHES_MAX: usize = 100;
/// Searches of one node.
const OF_NODE_MAX: usize = 10_000;
/// Records of a page.
const ROWS_MAX: usize = gotong_model::limits::PAGE_ROWS_MAX;
const PREFIX: &[u8] = b"subscription/search/";

/// A saved search.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Search {
    /// Its name.
    pub name: Slug,
    /// What it wants.
    pub filter: Filter,
    /// When it was saved first.
    pub created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct SearchRow {
    name: String,
    owner: String,
    filter: FilterRow,
    created_at: i64,
}

impl SearchRow {
    fn read(self) -> Result<Search, Fault> {
        let read = |row: Self| {
            let (name, created_at) = (Slug::from_text(&row.name)?, Timestamp::from_micros(row.created_at)?);
            Some(Search { name, filter: row.filter.read()?, created_at })
        };
        read(self).ok_or_else(|| damaged("searches"))
    }
}

fn prefix_of(owner: &str) -> Vec<u8> {
    [PREFIX, owner_tag(owner).as_bytes(), b"/"].concat()
}

fn key(owner: &str, name: &Slug) -> Vec<u8> {
    [&prefix_of(owner)[..], name.as_str().as_bytes()].concat()
}

/// A caller's searches, by name.
pub fn list(node: &Node, caller: &Caller) -> Result<Vec<Search>, NodeFault> {
    let prefix = prefix_of(&caller.id);
    let rows = node.store.read()?.scan(Book::Meta, &prefix, &prefix_end(&prefix), SEARCHES_MAX)?;
    let searches = rows.iter().map(|(_, row)| from_json::<SearchRow>(row, "searches")?.read());
    Ok(searches.collect::<Result<_, Fault>>()?)
}

/// A caller's search of this name.
pub fn lookup(node: &Node, caller: &Caller, name: &Slug) -> Result<Option<Search>, NodeFault> {
    Ok(fetch(node.store.read()?.as_ref(), &caller.id, name)?)
}

pub(super) fn fetch(tx: &dyn ReadTx, owner: &str, name: &Slug) -> Result<Option<Search>, Fault> {
    let row = tx.fetch(Book::Meta, &key(owner, name))?;
    row.map(|row| from_json::<SearchRow>(&row, "searches")?.read()).transpose()
}

/// Saves a search, or changes the one of this name. The channel of the filter must be one that the caller may know of.
pub fn put(node: &Node, caller: &Caller, name: &Slug, filter: &Filter) -> Result<Result<(), Vec<Why>>, NodeFault> {
    let governance = node.governance();
    let channel = filter.channel.and_then(|id| governance.channel(&id));
    let faults = filter.faults(channel.is_some_and(|channel| channel.channel_type.exercise));
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    node.transact(Priority::People, |writing| {
        let tx = writing.tx.as_mut();
        let before = fetch(tx, &caller.id, name)?;
        if before.is_none() {
            let prefix = prefix_of(&caller.id);
            let own = tx.scan(Book::Meta, &prefix, &prefix_end(&prefix), SEARCHES_MAX)?.len();
            if own >= SEARCHES_MAX {
                let text = format!("you have {SEARCHES_MAX} searches, which is the most: remove one first");
                return Ok(Err(vec![Why::plain("search.many", text)]));
            }
            if tx.scan(Book::Meta, PREFIX, &prefix_end(PREFIX), OF_NODE_MAX)?.len() >= OF_NODE_MAX {
                return Ok(Err(vec![Why::plain("search.many", "this node keeps no more searches")]));
            }
        }
        let created_at = before.map_or(node.now(), |before| before.created_at);
        let row = SearchRow {
            name: name.to_string(),
            owner: caller.id.clone(),
            filter: FilterRow::from(filter),
            created_at: created_at.micros(),
        };
        tx.put(Book::Meta, &key(&caller.id, name), &to_json(&row))?;
        // What somebody looks for is their own affair: the audit has the name and not the values.
        note_act(writing, node.now(), &caller.id, "search-put", &json!({"name": name.to_string()}))?;
        Ok(Ok(()))
    })
}

/// Removes a search. `Ok(None)`: there is none of this name; `Some(false)`: a webhook follows it.
pub fn remove(node: &Node, caller: &Caller, name: &Slug) -> Result<Option<bool>, NodeFault> {
    node.transact(Priority::People, |writing| {
        if fetch(writing.tx.as_ref(), &caller.id, name)?.is_none() {
            return Ok(None);
        }
        if webhook::follows(writing.tx.as_ref(), &caller.id, name)? {
            return Ok(Some(false));
        }
        writing.tx.delete(Book::Meta, &key(&caller.id, name))?;
        note_act(writing, node.now(), &caller.id, "search-remove", &json!({"name": name.to_string()}))?;
        Ok(Some(true))
    })
}

/// What a filter finds, page by page: in order of arrival, or with a type newest first. One that names values finds the newest versions that name one of
/// them, and one with words those that have them, the best first, all in one page; the flag says whether there are more than that.
pub fn records(
    node: &Node,
    caller: &Caller,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
) -> Result<(Page, bool), ViewFault> {
    if filter.values.is_empty() && filter.words.is_none() {
        let Filter { channel, object_type, author, label_max, .. } = filter.clone();
        let query = Query { channel, author, object_type, label_max, after, limit, ..Query::default() };
        return Ok((view::list(node, caller, &query)?, false));
    }
    if after.is_some() {
        // A search for values or words has one page.
        return Err(ViewFault::Cursor);
    }
    let position: Place = stream::now(node)?;
    let most = if limit == 0 { ROWS_MAX } else { limit.min(ROWS_MAX) };
    let mut rows = Vec::new();
    let mut keep = |record: RecordView| {
        let is_wanted = filter.object_type.as_ref().is_none_or(|name| *name == record.object_type)
            && filter.author.as_ref().is_none_or(|author| *author == record.author)
            && filter.label_max.is_none_or(|most| record.label <= most)
            && filter.channel.is_none_or(|channel| channel == record.channel);
        let has_room = rows.len() < most;
        if is_wanted && has_room {
            rows.push(record);
        }
        has_room || !is_wanted
    };
    let more = match &filter.words {
        None => view::each_record(node, caller, &filter.values, keep)?,
        Some(words) => {
            let query = SearchQuery {
                text: words.as_str().to_owned(),
                object_type: filter.object_type.clone(),
                author: filter.author.as_ref().map(ToString::to_string),
                channel: filter.channel,
                label_max: filter.label_max,
                ..SearchQuery::default()
            };
            view::each_matching(node, caller, &query, &mut keep)?
        }
    };
    Ok((Page { rows, next: None, position: position.seal(node, caller) }, more))
}

/// Removes the searches and webhooks of owners who have ended; how many.
pub fn sweep(node: &Node) -> Result<usize, NodeFault> {
    let mut ended: Vec<(Vec<u8>, String)> = Vec::new();
    let mut known: std::collections::HashMap<String, bool> = std::collections::HashMap::new();
    let rows = {
        let tx = node.store.read()?;
        let mut rows = webhook::owners(tx.as_ref())?;
        for (key, row) in tx.scan(Book::Meta, PREFIX, &prefix_end(PREFIX), OF_NODE_MAX)? {
            rows.push((key, from_json::<SearchRow>(&row, "searches")?.owner));
        }
        rows
    };
    for (key, id) in rows {
        let is_there = match known.get(&id) {
            Some(is_there) => *is_there,
            None => caller::current(node, &id)?.is_some(),
        };
        known.insert(id.clone(), is_there);
        if !is_there {
            ended.push((key, id));
        }
    }
    if ended.is_empty() {
        return Ok(0);
    }
    node.transact(Priority::Bulk, |writing| {
        for (key, id) in &ended {
            writing.tx.delete(Book::Meta, key)?;
            webhook::forget_secret(writing.tx.as_mut(), key)?;
            note_act(writing, node.now(), id, "subscription-end", &json!({"why": "its owner has ended"}))?;
        }
        Ok(())
    })?;
    Ok(ended.len())
}
