//! Follows the rules: looks for what is new for each owner, and writes down what is to be told in the same transaction that moves the rule's place, so that
//! nothing is told twice in the page and nothing is passed over when the node is killed.
//!
//! INVARIANT: 1. Whoever the owner is now decides what is new for them, not who it was when the rule was made.

use std::collections::HashMap;

use gotong_crypto::{sha256, text};
use gotong_model::Slug;

use super::letter;
use super::notice::{self, ITEMS_MAX};
use super::rule::{self, Mail, RuleRow};
use super::{Waits, address};
use crate::caller::{self, Caller};
use crate::duty::{self, DutyQuery, DutyState};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::parcel::{self, State};
use crate::quarantine;
use crate::role::Right;
use crate::rows::to_json;
use crate::subscription::{self, Act, Follow, ItemRow};
use crate::view::search::words::WordsRead;
use gotong_store::Book;

/// Events looked for at a time.
const BATCH: usize = 200;
/// What waits, of each kind, that is looked at.
const WAITING_MAX: usize = 200;
/// Arrivals without anything to tell after which the place is written down all the same.
const QUIET_MAX: u64 = 2_000;
/// How long a rule's letters that are sent at once lie apart, in microseconds.
const APART: i64 = 5 * 60 * 1_000_000;
const DAY: i64 = 86_400 * 1_000_000;

/// What waits for a person: a digest that names it here, and its kind. Ids of objects may be made of contents, so that they are not kept.
pub(super) fn waiting(node: &Node, caller: &Caller) -> Result<Vec<(String, Waits)>, NodeFault> {
    let mut found = Vec::new();
    let mut add = |name: String, waits: Waits| found.push((text::base32(sha256(name.as_bytes()).as_bytes()), waits));
    if caller.oversees() {
        let query = DutyQuery { limit: WAITING_MAX, ..DutyQuery::default() };
        for duty in duty::list(node, caller, &query)?.duties.iter().filter(|duty| duty.state != DutyState::Met) {
            add(format!("duty {}", duty.id), Waits { duties: 1, ..Waits::default() });
        }
    }
    if caller.is_staff() && caller.may(Right::Publish) {
        for row in quarantine::list(node, caller, None, WAITING_MAX)?.rows {
            add(format!("record {}", row.number), Waits { records: 1, ..Waits::default() });
        }
    }
    if caller.may(Right::Release) {
        let is_asked =
            |parcel: &&parcel::Parcel| parcel.owner != caller.id && matches!(parcel.state, State::Second { .. });
        for parcel in parcel::list(node, caller)?.iter().filter(is_asked).take(WAITING_MAX) {
            add(format!("parcel {}", parcel.id), Waits { second: 1, ..Waits::default() });
        }
    }
    Ok(found)
}

/// What is new for one rule, and the row as it is after that is told.
struct New {
    items: Vec<ItemRow>,
    count: usize,
    waits: Waits,
    after: RuleRow,
    more: bool,
}

/// Looks at every rule once. `true`: there is more already.
pub fn collect(node: &Node) -> Result<bool, NodeFault> {
    let rules = rule::all(node.store.read()?.as_ref())?;
    let mut owners: HashMap<String, Option<Caller>> = HashMap::new();
    let mut more = false;
    // A record is read for its words once for all rules of this look, and nothing of it is kept behind the look.
    let read = WordsRead::default();
    for (key, row) in rules {
        if !owners.contains_key(&row.owner) {
            owners.insert(row.owner.clone(), caller::current(node, &row.owner)?);
        }
        let owner = owners.get(&row.owner).cloned().flatten();
        // Somebody whose account is disabled, or whose organisation has ended, is told nothing; what they asked for is theirs again if they return.
        let Some(owner) = owner.filter(|owner| owner.may(Right::Read)) else { continue };
        let new = match row.name() {
            Some(search) => of_search(node, &owner, &row, &search, &read)?,
            None => Some(of_waiting(node, &owner, &row)?),
        };
        match new {
            Some(new) => {
                more |= new.more;
                keep(node, &key, &row, new)?;
            }
            None => node.transact(Priority::Bulk, |writing| Ok(writing.tx.delete(Book::Notice, &key)?))?,
        }
    }
    Ok(more)
}

fn of_search(
    node: &Node,
    owner: &Caller,
    row: &RuleRow,
    search: &Slug,
    read: &WordsRead,
) -> Result<Option<New>, NodeFault> {
    let Some(search) = subscription::lookup(node, owner, search)? else { return Ok(None) };
    let begun = subscription::place_of(&row.place)?;
    let wanted = Follow::beside(&search.filter, begun, BATCH, read);
    let batch = subscription::follow(node, owner, wanted)?;
    let is_new = |event: &&subscription::Event| matches!(event.act, Act::Published(_));
    let all: Vec<ItemRow> = batch.events.iter().filter(is_new).map(subscription::item_of).collect();
    let count = all.len();
    let items = all.into_iter().skip(count.saturating_sub(ITEMS_MAX)).collect();
    let is_far = subscription::place_behind(begun, batch.place) >= QUIET_MAX;
    let mut after = row.clone();
    if count > 0 || is_far || batch.more {
        after.place = subscription::place_text(batch.place);
    }
    Ok(Some(New { items, count, waits: Waits::default(), after, more: batch.more }))
}

fn of_waiting(node: &Node, owner: &Caller, row: &RuleRow) -> Result<New, NodeFault> {
    let now = waiting(node, owner)?;
    let mut waits = Waits::default();
    for (name, one) in &now {
        if !row.seen.contains(name) {
            waits.add(*one);
        }
    }
    let after = RuleRow { seen: now.into_iter().map(|(name, _)| name).collect(), ..row.clone() };
    Ok(New { items: Vec::new(), count: waits.total(), waits, after, more: false })
}

/// Writes down what is to be told, and that it was.
fn keep(node: &Node, key: &[u8], before: &RuleRow, new: New) -> Result<(), NodeFault> {
    let now = node.now();
    let New { items, count, waits, mut after, .. } = new;
    if count > 0 && after.mail == Mail::Daily {
        after.gathered.extend(items.iter().cloned());
        let over = after.gathered.len().saturating_sub(ITEMS_MAX);
        after.gathered.drain(..over);
        after.gathered_more += count;
        after.gathered_waits.add(waits);
    }
    let is_day_over = after.gathered_more > 0 && now.micros() / DAY > after.letter_at / DAY;
    let was_moved = after.place != before.place || after.seen != before.seen;
    if count == 0 && !is_day_over && !was_moved {
        return Ok(());
    }
    let mut random = [0_u8; 5];
    node.entropy().fill(&mut random);
    let mut id = [0_u8; 16];
    node.entropy().fill(&mut id);
    node.transact(Priority::Bulk, |writing| {
        let tx = writing.tx.as_mut();
        // The rule may have been changed or removed meanwhile: then it is looked at again.
        let Some(found) = rule::fetch(&*tx, key)? else { return Ok(()) };
        if found.place != before.place || found.mail != before.mail || found.in_page != before.in_page {
            return Ok(());
        }
        let mut row = after.clone();
        if count > 0 && row.in_page {
            notice::tell(tx, (&row.owner, &row.search), (&items, count, waits), (now, random))?;
        }
        let has_address = address::confirmed(&*tx, &row.owner)?.is_some();
        let (owner, search) = (row.owner.clone(), row.search.clone());
        if count > 0 && row.mail == Mail::Once && has_address {
            let due = now.micros().max(row.letter_at.saturating_add(APART));
            letter::add(tx, (&owner, &search), (&items, count, waits), (due, &text::base32(&id)), now)?;
            row.letter_at = due;
        } else if is_day_over && row.mail == Mail::Daily && has_address {
            let gathered = std::mem::take(&mut row.gathered);
            let (many, waits) = (std::mem::take(&mut row.gathered_more), std::mem::take(&mut row.gathered_waits));
            letter::add(tx, (&owner, &search), (&gathered, many, waits), (now.micros(), &text::base32(&id)), now)?;
            row.letter_at = now.micros();
        }
        Ok(tx.put(Book::Notice, key, &to_json(&row))?)
    })
}
