//! What waits for a person before it enters a log: listed, shown, released or dropped. Only who may publish to a channel sees what waits for it.

use gotong_formats::stix21;
use gotong_model::{ChannelId, Pap, Personal, Timestamp, Tlp, limits};
use gotong_store::{Book, Fault, ReadTx};

use crate::caller::Caller;
use crate::erase;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::{Fate, Intent, Markings, Outcome, Quarantined, Submission, Why, note_act};
use crate::role::Right;
use crate::rows::{damaged, from_json};
use crate::status;
use crate::view::scope::Scope;

/// Pages that are looked through for what waits under one id.
const NAMED_PAGES_MAX: usize = 20;

/// Something that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuarantineView {
    /// Its number.
    pub number: u64,
    /// The channel it was meant for.
    pub channel: ChannelId,
    /// The channel's handle.
    pub channel_handle: String,
    /// Its STIX id.
    pub id: String,
    /// The label it would have.
    pub label: Tlp,
    /// Who of the member speaks.
    pub organisation: Option<String>,
    /// What it is shared for.
    pub purpose: Option<String>,
    /// Permissible actions.
    pub pap: Option<Pap>,
    /// What its sender says it holds of people.
    pub personal_data: Option<Personal>,
    /// Who sent it.
    pub caller: String,
    /// When it came.
    pub at: Timestamp,
    /// Why it waits.
    pub why: Vec<Why>,
    /// Its bytes; in lists it is empty.
    pub body: Vec<u8>,
}

/// A page of what waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuarantinePage {
    /// Oldest first.
    pub rows: Vec<QuarantineView>,
    /// Ask again behind this number; `None`: that was all.
    pub next: Option<u64>,
}

/// What waits and this caller may decide on, behind a number, oldest first.
pub fn list(node: &Node, caller: &Caller, after: Option<u64>, limit: usize) -> Result<QuarantinePage, NodeFault> {
    let limit = if limit == 0 { limits::PAGE_ROWS_MAX } else { limit.min(limits::PAGE_ROWS_MAX) };
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let mut page = QuarantinePage { rows: Vec::new(), next: None };
    let Some(mut from) = after.map_or(Some(0), |after| after.checked_add(1)) else { return Ok(page) };
    loop {
        let chunk = tx.scan(Book::Quarantine, &from.to_be_bytes(), &[], 64)?;
        let is_last = chunk.len() < 64;
        for (key, value) in chunk {
            let number = number_of(&key)?;
            from = number.saturating_add(1);
            let Some(view) = visible(&scope, caller, number, &value)? else { continue };
            if page.rows.len() == limit {
                page.next = page.rows.last().map(|last| last.number);
                return Ok(page);
            }
            page.rows.push(QuarantineView { body: Vec::new(), ..view });
        }
        if is_last {
            return Ok(page);
        }
    }
}

/// What waits under an id, oldest first, as far as this caller may see it; of what waits only the first so many are looked through.
pub fn named(node: &Node, caller: &Caller, id: &str) -> Result<Vec<QuarantineView>, NodeFault> {
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..NAMED_PAGES_MAX {
        let page = list(node, caller, after, limits::PAGE_ROWS_MAX)?;
        found.extend(page.rows.into_iter().filter(|row| row.id == id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}

/// One with its bytes. `None`: there is none that this caller may see.
pub fn show(node: &Node, caller: &Caller, number: u64) -> Result<Option<QuarantineView>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    match fetch(tx.as_ref(), number)? {
        None => Ok(None),
        Some(value) => visible(&scope, caller, number, &value),
    }
}

/// One with its bytes, for whoever may decide on it.
fn to_decide(node: &Node, caller: &Caller, number: u64) -> Result<Option<QuarantineView>, NodeFault> {
    if caller.may(Right::Release) { show(node, caller, number) } else { Ok(None) }
}

/// Publishes it: a person has decided. It leaves the quarantine in the transaction that puts it into the log, and stays where the policy refuses it.
/// `None`: there is none that this caller may decide on.
pub fn release(node: &Node, caller: &Caller, number: u64) -> Result<Option<Outcome>, NodeFault> {
    release_with(node, caller, (number, Priority::People), |_, _| Ok(()))
}

/// [`release`], with something that happens in the same transaction and is told what came of it: `None` where somebody else had decided.
pub(crate) fn release_with(
    node: &Node,
    caller: &Caller,
    (number, priority): (u64, Priority),
    beside: impl FnOnce(&mut Writing<'_>, Option<&Fate>) -> Result<(), NodeFault>,
) -> Result<Option<Outcome>, NodeFault> {
    let Some(view) = to_decide(node, caller, number)? else { return Ok(None) };
    let intent = Intent {
        // A person of the member has decided, and publishes it.
        constituent: None,
        channel: view.channel,
        default_tlp: Some(view.label),
        organisation: view.organisation,
        pap: view.pap,
        personal_data: view.personal_data,
        purpose: view.purpose,
        caller: caller.id.clone(),
    };
    // What could not be read when it came counts as what it was labelled then, so that releasing never makes laxer.
    let markings: Markings = match stix21::read(&view.body) {
        Ok(facts) => facts.markings_unknown.into_iter().map(|marking| (marking, Some(view.label))).collect(),
        Err(_) => Markings::new(),
    };
    let submission = Submission { line: 1, body: view.body };
    let prepared = node.prepare(&intent, vec![submission], &markings, true)?;
    node.transact(priority, |writing| {
        if fetch(writing.tx.as_ref(), number)?.is_none() {
            // Somebody else decided between the two.
            beside(writing, None)?;
            return Ok(None);
        }
        let outcome = node.commit_in(writing, prepared)?.into_iter().next();
        if outcome.as_ref().is_some_and(|outcome| !matches!(outcome.fate, Fate::Refused(_) | Fate::Quarantined(..))) {
            remove(writing.tx.as_mut(), number)?;
        }
        let word = outcome.as_ref().map(|outcome| outcome.fate.word());
        let what = serde_json::json!({"number": number, "channel": view.channel.to_string(), "outcome": word});
        note_act(writing, node.now(), &caller.id, "quarantine-release", &what)?;
        beside(writing, outcome.as_ref().map(|outcome| &outcome.fate))?;
        Ok(outcome)
    })
}

/// Drops it. `false`: there is none that this caller may decide on.
pub fn drop(node: &Node, caller: &Caller, number: u64) -> Result<bool, NodeFault> {
    let Some(view) = to_decide(node, caller, number)? else { return Ok(false) };
    node.transact(Priority::People, |writing| {
        if fetch(writing.tx.as_ref(), number)?.is_none() {
            return Ok(false);
        }
        remove(writing.tx.as_mut(), number)?;
        let what = serde_json::json!({"number": number, "channel": view.channel.to_string()});
        note_act(writing, node.now(), &caller.id, "quarantine-drop", &what)?;
        Ok(true)
    })
}

/// Drops those of the numbers that wait and this caller may decide on, within a transaction; how many.
pub(crate) fn drop_in(
    node: &Node,
    writing: &mut Writing<'_>,
    caller: &Caller,
    numbers: &[u64],
) -> Result<usize, NodeFault> {
    if !caller.may(Right::Release) {
        return Ok(0);
    }
    let scope = Scope::new(node, caller);
    let mut dropped = Vec::new();
    for number in numbers {
        let Some(value) = fetch(writing.tx.as_ref(), *number)? else { continue };
        if visible(&scope, caller, *number, &value)?.is_some() {
            remove(writing.tx.as_mut(), *number)?;
            dropped.push(*number);
        }
    }
    note_act(writing, node.now(), &caller.id, "quarantine-drop", &serde_json::json!({"numbers": dropped}))?;
    Ok(dropped.len())
}

fn remove(tx: &mut dyn gotong_store::WriteTx, number: u64) -> Result<(), Fault> {
    tx.delete(Book::Quarantine, &number.to_be_bytes())?;
    erase::wipe_later(tx, number)?;
    status::change(tx, |counts| counts.quarantined = counts.quarantined.saturating_sub(1))
}

fn fetch(tx: &dyn ReadTx, number: u64) -> Result<Option<Vec<u8>>, Fault> {
    tx.fetch(Book::Quarantine, &number.to_be_bytes())
}

fn number_of(key: &[u8]) -> Result<u64, Fault> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| damaged("quarantine"))
}

/// A row as this caller may see it; the channel's very existence is asked first.
fn visible(scope: &Scope<'_>, caller: &Caller, number: u64, value: &[u8]) -> Result<Option<QuarantineView>, NodeFault> {
    let row: Quarantined = from_json(value, "quarantine")?;
    let channel_id = ChannelId::from_text(&row.channel).ok_or_else(|| damaged("quarantine"))?;
    let Some(channel) = scope.channel(&channel_id).filter(|_| caller.may(Right::Publish)) else { return Ok(None) };
    let read = || {
        Some(QuarantineView {
            number,
            channel: channel_id,
            channel_handle: channel.handle(),
            id: row.id.clone(),
            label: Tlp::from_text(&row.tlp)?,
            organisation: row.organisation.clone(),
            purpose: row.purpose.clone(),
            pap: match &row.pap {
                None => None,
                Some(pap) => Some(Pap::from_text(pap)?),
            },
            personal_data: match &row.personal_data {
                None => None,
                Some(personal) => Some(Personal::from_text(personal)?),
            },
            caller: row.caller.clone(),
            at: Timestamp::from_canonical(&row.at)?,
            why: row.why.clone(),
            body: gotong_crypto::text::from_base64(&row.body)?,
        })
    };
    Ok(Some(read().ok_or_else(|| damaged("quarantine"))?))
}
