//! What somebody was told in the page: newest first, with marks of what was read, and a count for the bell. Bounded: the oldest go.
//!
//! One notice grows while it is unread, so that a busy search makes one line and not a thousand. Read next: `collect.rs`.

use gotong_crypto::text;
use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, Fault, Pair, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::{Waits, key};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::rows::{from_json, prefix_end, to_json};
use crate::subscription::{self, Event, ItemRow};

/// Notices of one person.
pub const NOTICES_MAX: usize = 200;
/// Records that one notice or letter points at; beyond this it has a count.
pub(super) const ITEMS_MAX: usize = 20;
const PREFIX: &[u8] = b"n/";
/// Bytes of a notice's place among those of its owner: time and chance.
const PLACE_BYTES: usize = 13;

/// What a notice says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// A search found something.
    Found {
        /// The search's name.
        search: Slug,
        /// How many records.
        count: usize,
        /// The newest of them, as far as they can be seen now.
        events: Vec<Event>,
    },
    /// Something waits.
    Waits(Waits),
}

/// One notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its id, for its owner alone.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was read.
    pub is_read: bool,
    /// What it says.
    pub said: Said,
}

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    search: String,
    read: bool,
    count: usize,
    items: Vec<ItemRow>,
    waits: Waits,
}

fn prefix(owner: &str) -> Vec<u8> {
    key(PREFIX, owner, b"")
}

fn of_owner<T: ReadTx + ?Sized>(tx: &T, owner: &str) -> Result<Vec<Pair>, Fault> {
    let prefix = prefix(owner);
    tx.scan(Book::Notice, &prefix, &prefix_end(&prefix), NOTICES_MAX + 16)
}

/// Tells an owner of something: the unread notice of the same rule grows, else there is a new one.
pub(super) fn tell(
    tx: &mut dyn WriteTx,
    (owner, search): (&str, &str),
    (items, count, waits): (&[ItemRow], usize, Waits),
    (now, random): (Timestamp, [u8; 5]),
) -> Result<(), Fault> {
    let rows = of_owner(&*tx, owner)?;
    let mut row = Row { search: search.to_owned(), read: false, count: 0, items: Vec::new(), waits: Waits::default() };
    for (key, value) in &rows {
        let before: Row = from_json(value, "notices")?;
        // Of two that are unread, since one was marked as unread again, both go on in the new one.
        if !before.read && before.search == search {
            row.count += before.count;
            row.waits.add(before.waits);
            row.items.extend(before.items);
            tx.delete(Book::Notice, key)?;
        }
    }
    row.count += count;
    row.waits.add(waits);
    row.items.extend(items.iter().cloned());
    let over = row.items.len().saturating_sub(ITEMS_MAX);
    row.items.drain(..over);
    let place = [&now.micros().to_be_bytes()[..], &random].concat();
    tx.put(Book::Notice, &key(PREFIX, owner, &place), &to_json(&row))?;
    for (key, _) in rows.iter().take((rows.len() + 1).saturating_sub(NOTICES_MAX)) {
        tx.delete(Book::Notice, key)?;
    }
    Ok(())
}

/// How many a person has not read: for the bell.
pub fn count(node: &Node, caller: &Caller) -> Result<usize, NodeFault> {
    let mut unread = 0;
    for (_, value) in of_owner(node.store.read()?.as_ref(), &caller.id)? {
        unread += usize::from(!from_json::<Row>(&value, "notices")?.read);
    }
    Ok(unread)
}

/// A person's notices, newest first. What they point at is read as this person, now.
pub fn list(node: &Node, caller: &Caller) -> Result<Vec<Notice>, NodeFault> {
    let rows = of_owner(node.store.read()?.as_ref(), &caller.id)?;
    let begins = prefix(&caller.id).len();
    let mut notices = Vec::with_capacity(rows.len());
    for (key, value) in rows.iter().rev() {
        let place = key.get(begins..).unwrap_or_default();
        let at = place.get(..8).and_then(|micros| micros.try_into().ok()).map(i64::from_be_bytes);
        let row: Row = from_json(value, "notices")?;
        let said = match Slug::from_text(&row.search) {
            None => Said::Waits(row.waits),
            Some(search) => {
                // INVARIANT: 1. As the reader is now; a search that was removed names nothing any more.
                let filter = subscription::lookup(node, caller, &search)?.map(|search| search.filter);
                let events = match filter {
                    Some(filter) => subscription::retell(node, caller, &filter, &row.items)?,
                    None => Vec::new(),
                };
                Said::Found { search, count: row.count, events }
            }
        };
        let at = at.map(super::rule::at).unwrap_or_default();
        notices.push(Notice { id: text::base32(place), at, is_read: row.read, said });
    }
    Ok(notices)
}

/// Whether it was not marked so before.
fn mark(tx: &mut dyn WriteTx, key: &[u8], value: &[u8], read: bool) -> Result<bool, Fault> {
    let mut row: Row = from_json(value, "notices")?;
    let is_new = row.read != read;
    if is_new {
        row.read = read;
        tx.put(Book::Notice, key, &to_json(&row))?;
    }
    Ok(is_new)
}

/// Marks one as read; whether there is such a one.
pub fn read_one(node: &Node, caller: &Caller, id: &str) -> Result<bool, NodeFault> {
    let Some(place) = text::from_base32::<PLACE_BYTES>(id) else { return Ok(false) };
    let key = key(PREFIX, &caller.id, &place);
    node.transact(Priority::People, |writing| {
        let Some(value) = writing.tx.fetch(Book::Notice, &key)? else { return Ok(false) };
        mark(writing.tx.as_mut(), &key, &value, true)?;
        Ok(true)
    })
}

/// Marks all as read; the ids of those that were not, by which it can be undone.
pub fn read_all(node: &Node, caller: &Caller) -> Result<Vec<String>, NodeFault> {
    let begins = prefix(&caller.id).len();
    node.transact(Priority::People, |writing| {
        let mut marked = Vec::new();
        for (key, value) in of_owner(writing.tx.as_ref(), &caller.id)? {
            if mark(writing.tx.as_mut(), &key, &value, true)? {
                marked.push(text::base32(key.get(begins..).unwrap_or_default()));
            }
        }
        Ok(marked)
    })
}

/// Marks these of a person's own as unread again; how many were read. What is not there any more has nothing to be marked.
pub fn unread(node: &Node, caller: &Caller, ids: &[String]) -> Result<usize, NodeFault> {
    let places = ids.iter().take(NOTICES_MAX + 16).filter_map(|id| text::from_base32::<PLACE_BYTES>(id));
    let keys: Vec<Vec<u8>> = places.map(|place| key(PREFIX, &caller.id, &place)).collect();
    node.transact(Priority::People, |writing| {
        let mut count = 0;
        for key in &keys {
            let Some(value) = writing.tx.fetch(Book::Notice, key)? else { continue };
            count += usize::from(mark(writing.tx.as_mut(), key, &value, false)?);
        }
        Ok(count)
    })
}
