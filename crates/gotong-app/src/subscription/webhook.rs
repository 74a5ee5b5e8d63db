//! Webhooks: what is owed to an address outside, in order, at least once. A message is written down before it is sent, so that one that comes again after a
//! crash or a failure is the same message under the same id; the place moves only when the receiver has said yes.
//!
//! The secret is made here, shown once and handed to whoever signs. Sending is `gotong_web::subscription`'s. Read next: `stream.rs`.

use gotong_crypto::text;
use gotong_model::{Slug, Timestamp};
use gotong_store::{Book, EntryKey, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::filter::Filter;
use super::later::Turn;
use super::owner_tag;
use super::search;
use super::stream::{self, Event, Follow, Item, Place};
use crate::caller::{self, Caller};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::role::Right;
use crate::rows::{damaged, from_json, prefix_end, to_json};

/// Webhooks of one node.
pub const WEBHOOKS_MAX: usize = 200;
/// Webhooks of one owner.
const OF_OWNER_MAX: usize = 20;
/// Events of one message.
pub const BATCH_EVENTS_MAX: usize = 100;
/// Failures in a row after which a webhook is paused: with pauses that double up to a day, about eight days.
pub const FAILURES_MAX: u32 = 24;
/// Arrivals without anything to tell after which the place is written down all the same.
const QUIET_MAX: u64 = 2_000;
const PREFIX: &[u8] = b"subscription/webhook/";
const SECRETS: &[u8] = b"subscription/secret/";

/// Why something did not go well: a message id, and a sentence without secrets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Message id.
    pub id: String,
    /// The sentence in English.
    pub text: String,
}

/// A webhook as somebody wants it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Its name.
    pub name: Slug,
    /// Where it goes.
    pub url: String,
    /// The owner's search that it follows.
    pub search: Slug,
    /// Whether objects go with it, where their label lets them.
    pub with_objects: bool,
}

/// How it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Why it is paused, where it is.
    pub paused: Option<Note>,
    /// Failures since the last success.
    pub failures: u32,
    /// Since when, in microseconds.
    pub failing_since: Option<i64>,
    /// What failed last.
    pub last_fault: Option<Note>,
    /// Not tried before, in microseconds.
    pub next_try: i64,
    /// The last success.
    pub last_good: Option<i64>,
    /// Messages that were taken.
    pub messages: u64,
    /// Events in them.
    pub events: u64,
}

/// A webhook with how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookView {
    /// What was asked for.
    pub plan: Plan,
    /// How it stands.
    pub standing: Standing,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Names one webhook among all of the node; for whoever sends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Owed {
    key: Vec<u8>,
    /// Not before this, in microseconds.
    pub next_try: i64,
}

impl Owed {
    /// Its key, for whoever keeps several apart.
    pub fn id(&self) -> &[u8] {
        &self.key
    }
}

/// What is to be sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id, the same each time it is sent.
    pub id: String,
    /// When it was put together.
    pub at: Timestamp,
    /// Where it goes.
    pub url: String,
    /// The webhook's name.
    pub webhook: Slug,
    /// The search's name.
    pub search: Slug,
    /// The key to sign with.
    pub secret: [u8; 32],
    /// At most [`BATCH_EVENTS_MAX`].
    pub events: Vec<Event>,
    /// Failures before this try.
    pub failures: u32,
}

/// What there is to do.
#[derive(Clone, Debug)]
pub enum Next {
    /// Send this.
    Send(Box<Message>),
    /// Nothing for now.
    Quiet,
    /// It is gone, paused, or its owner has ended.
    Over,
}

#[derive(Serialize, Deserialize)]
struct HookRow {
    name: String,
    owner: String,
    url: String,
    search: String,
    with_objects: bool,
    created_at: i64,
    /// The number of the place behind what was taken, as text: it has 128 bits.
    place: String,
    pending: Option<Pending>,
    standing: Standing,
}

/// A message that was put together and not yet taken.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    id: String,
    at: i64,
    /// The place behind it.
    to: String,
    items: Vec<ItemRow>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ItemRow {
    entry: u64,
    /// Type and label of what is gone.
    gone: Option<(u16, u8)>,
}

impl ItemRow {
    pub(super) fn of(item: Item) -> Self {
        let gone = match item.turn {
            Turn::Shown => None,
            Turn::Gone { type_code, label } => Some((type_code, label)),
        };
        Self { entry: item.entry.0, gone }
    }

    pub(super) fn read(&self) -> Item {
        let turn = self.gone.map_or(Turn::Shown, |(type_code, label)| Turn::Gone { type_code, label });
        Item { entry: EntryKey(self.entry), turn }
    }
}

pub(crate) fn place_text(place: Place) -> String {
    place.to_number().to_string()
}

pub(crate) fn place_of(text: &str) -> Result<Place, Fault> {
    text.parse().ok().and_then(Place::from_number).ok_or_else(|| damaged("webhooks"))
}

impl HookRow {
    fn view(self) -> Result<WebhookView, Fault> {
        let read = |row: Self| {
            let (name, search) = (Slug::from_text(&row.name)?, Slug::from_text(&row.search)?);
            let plan = Plan { name, url: row.url, search, with_objects: row.with_objects };
            Some(WebhookView { plan, standing: row.standing, created_at: Timestamp::from_micros(row.created_at)? })
        };
        read(self).ok_or_else(|| damaged("webhooks"))
    }
}

fn prefix_of(owner: &str) -> Vec<u8> {
    [PREFIX, owner_tag(owner).as_bytes(), b"/"].concat()
}

fn key_of(owner: &str, name: &Slug) -> Vec<u8> {
    [&prefix_of(owner)[..], name.as_str().as_bytes()].concat()
}

fn secret_key(key: &[u8]) -> Option<Vec<u8>> {
    key.strip_prefix(PREFIX).map(|rest| [SECRETS, rest].concat())
}

fn fetch(tx: &dyn ReadTx, key: &[u8]) -> Result<Option<HookRow>, Fault> {
    tx.fetch(Book::Meta, key)?.map(|row| from_json(&row, "webhooks")).transpose()
}

/// Keys of all webhooks with their owners.
pub(super) fn owners(tx: &dyn ReadTx) -> Result<Vec<(Vec<u8>, String)>, Fault> {
    let rows = tx.scan(Book::Meta, PREFIX, &prefix_end(PREFIX), WEBHOOKS_MAX)?;
    rows.into_iter().map(|(key, row)| Ok((key, from_json::<HookRow>(&row, "webhooks")?.owner))).collect()
}

/// The secret goes with its webhook. Keys of anything else have none.
pub(super) fn forget_secret(tx: &mut dyn WriteTx, key: &[u8]) -> Result<(), Fault> {
    match secret_key(key) {
        Some(key) => tx.delete(Book::Meta, &key),
        None => Ok(()),
    }
}

/// Whether a webhook of the owner follows a search.
pub(super) fn follows(tx: &dyn ReadTx, owner: &str, search: &Slug) -> Result<bool, Fault> {
    let prefix = prefix_of(owner);
    for (_, row) in tx.scan(Book::Meta, &prefix, &prefix_end(&prefix), WEBHOOKS_MAX)? {
        if from_json::<HookRow>(&row, "webhooks")?.search == search.as_str() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A caller's webhooks, by name.
pub fn webhooks(node: &Node, caller: &Caller) -> Result<Vec<WebhookView>, NodeFault> {
    let prefix = prefix_of(&caller.id);
    let rows = node.store.read()?.scan(Book::Meta, &prefix, &prefix_end(&prefix), WEBHOOKS_MAX)?;
    let views = rows.iter().map(|(_, row)| from_json::<HookRow>(row, "webhooks")?.view());
    Ok(views.collect::<Result<_, Fault>>()?)
}

/// A caller's webhook of this name.
pub fn lookup_webhook(node: &Node, caller: &Caller, name: &Slug) -> Result<Option<WebhookView>, NodeFault> {
    let row = fetch(node.store.read()?.as_ref(), &key_of(&caller.id, name))?;
    Ok(row.map(HookRow::view).transpose()?)
}

/// Sets a webhook up, or changes the one of this name. A new one begins with what comes from now on, and its secret is answered, this once; one that points
/// elsewhere than before gets a new secret, and what waited for the old address is not sent there.
pub fn put_webhook(node: &Node, caller: &Caller, plan: &Plan) -> Result<Result<Option<[u8; 32]>, Vec<Why>>, NodeFault> {
    let place = stream::now(node)?;
    let mut secret = [0_u8; 32];
    node.entropy().fill(&mut secret);
    node.transact(Priority::People, |writing| {
        let tx = writing.tx.as_mut();
        if search::fetch(tx, &caller.id, &plan.search)?.is_none() {
            let text = "must be one of your own searches";
            return Ok(Err(vec![Why { pointer: Some("/search".to_owned()), ..Why::plain("webhook.field", text) }]));
        }
        let key = key_of(&caller.id, &plan.name);
        let before = fetch(tx, &key)?;
        if before.is_none() {
            let prefix = prefix_of(&caller.id);
            let own = tx.scan(Book::Meta, &prefix, &prefix_end(&prefix), OF_OWNER_MAX)?.len();
            let all = tx.scan(Book::Meta, PREFIX, &prefix_end(PREFIX), WEBHOOKS_MAX)?.len();
            if own >= OF_OWNER_MAX || all >= WEBHOOKS_MAX {
                let text = format!("there are at most {OF_OWNER_MAX} webhooks of one owner and {WEBHOOKS_MAX} of a node");
                return Ok(Err(vec![Why::plain("webhook.many", text)]));
            }
        }
        let is_same = before.as_ref().is_some_and(|before| before.url == plan.url);
        let is_same_search = before.as_ref().is_some_and(|before| before.search == plan.search.as_str());
        let kept = before.filter(|_| is_same);
        let row = HookRow {
            name: plan.name.to_string(),
            owner: caller.id.clone(),
            url: plan.url.clone(),
            search: plan.search.to_string(),
            with_objects: plan.with_objects,
            created_at: kept.as_ref().map_or(node.now().micros(), |kept| kept.created_at),
            place: kept.as_ref().map_or_else(|| place_text(place), |kept| kept.place.clone()),
            pending: kept.as_ref().and_then(|kept| kept.pending.clone()).filter(|_| is_same_search),
            standing: kept.map(|kept| kept.standing).unwrap_or_default(),
        };
        tx.put(Book::Meta, &key, &to_json(&row))?;
        if !is_same && let Some(key) = secret_key(&key) {
            tx.put(Book::Meta, &key, &secret)?;
        }
        let what = json!({"name": row.name, "url": row.url.split('?').next(), "search": row.search, "objects": row.with_objects});
        note_act(writing, node.now(), &caller.id, "webhook-put", &what)?;
        Ok(Ok((!is_same).then_some(secret)))
    })
}

/// Pauses a webhook, or lets it go on where it stopped. `false`: there is none of this name.
pub fn set_paused(node: &Node, caller: &Caller, name: &Slug, paused: bool) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        let key = key_of(&caller.id, name);
        let Some(mut row) = fetch(writing.tx.as_ref(), &key)? else { return Ok(false) };
        let note = Note { id: "webhook.paused".to_owned(), text: "paused by its owner".to_owned() };
        row.standing.paused = paused.then_some(note);
        row.standing.next_try = 0;
        if !paused {
            (row.standing.failures, row.standing.failing_since) = (0, None);
        }
        writing.tx.put(Book::Meta, &key, &to_json(&row))?;
        let act = if paused { "webhook-pause" } else { "webhook-resume" };
        note_act(writing, node.now(), &caller.id, act, &json!({"name": name.to_string()}))?;
        Ok(true)
    })
}

/// Removes a webhook and its secret. `false`: there is none of this name.
pub fn remove_webhook(node: &Node, caller: &Caller, name: &Slug) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        let key = key_of(&caller.id, name);
        if fetch(writing.tx.as_ref(), &key)?.is_none() {
            return Ok(false);
        }
        writing.tx.delete(Book::Meta, &key)?;
        forget_secret(writing.tx.as_mut(), &key)?;
        note_act(writing, node.now(), &caller.id, "webhook-remove", &json!({"name": name.to_string()}))?;
        Ok(true)
    })
}

/// All webhooks that are not paused.
pub fn all_due(node: &Node) -> Result<Vec<Owed>, NodeFault> {
    let rows = node.store.read()?.scan(Book::Meta, PREFIX, &prefix_end(PREFIX), WEBHOOKS_MAX)?;
    let mut owed = Vec::with_capacity(rows.len());
    for (key, row) in rows {
        let row: HookRow = from_json(&row, "webhooks")?;
        if row.standing.paused.is_none() {
            owed.push(Owed { key, next_try: row.standing.next_try });
        }
    }
    Ok(owed)
}

/// The next message of a webhook, written down before it is answered. What it holds was asked of the policy just now, as its owner.
pub fn next_message(node: &Node, owed: &Owed) -> Result<Next, NodeFault> {
    let (row, search, secret) = {
        let tx = node.store.read()?;
        let Some(row) = fetch(tx.as_ref(), &owed.key)? else { return Ok(Next::Over) };
        let name = Slug::from_text(&row.search).ok_or_else(|| damaged("webhooks"))?;
        let search = search::fetch(tx.as_ref(), &row.owner, &name)?;
        let secret = secret_key(&owed.key).map(|key| tx.fetch(Book::Meta, &key)).transpose()?.flatten();
        (row, search, secret.and_then(|secret| <[u8; 32]>::try_from(secret.as_slice()).ok()))
    };
    let (Some(search), Some(secret)) = (search, secret) else { return Ok(Next::Over) };
    // INVARIANT: 1. Whoever the owner is now decides, not who it was when this was set up.
    let caller =
        caller::current(node, &row.owner)?.filter(|caller| caller.may(Right::Webhooks) && caller.may(Right::Read));
    let Some(caller) = caller.filter(|_| row.standing.paused.is_none()) else { return Ok(Next::Over) };
    let message = |row: &HookRow, pending: &Pending, events: Vec<Event>| -> Result<Next, NodeFault> {
        let at = Timestamp::from_micros(pending.at).ok_or_else(|| damaged("webhooks"))?;
        let (webhook, id) = (Slug::from_text(&row.name).ok_or_else(|| damaged("webhooks"))?, pending.id.clone());
        let (url, search, failures) = (row.url.clone(), search.name.clone(), row.standing.failures);
        Ok(Next::Send(Box::new(Message { id, at, url, webhook, search, secret, events, failures })))
    };
    let mut place = place_of(&row.place)?;
    if let Some(pending) = &row.pending {
        let events = told_again(node, &caller, &search.filter, (pending, place, row.with_objects))?;
        if !events.is_empty() {
            return message(&row, pending, events);
        }
        // Everything in it was withdrawn, or may not be read any more.
        place = place_of(&pending.to)?;
        settle(node, &owed.key, |row| {
            row.place = place_text(place);
            row.pending = None;
        })?;
    }
    let begun = place;
    loop {
        let wanted = Follow::new(&search.filter, place, BATCH_EVENTS_MAX, row.with_objects);
        let batch = stream::follow(node, &caller, wanted)?;
        if batch.events.is_empty() {
            place = batch.place;
            if batch.more {
                continue;
            }
            if place.done.saturating_sub(begun.done) >= QUIET_MAX {
                settle(node, &owed.key, |row| row.place = place_text(place))?;
            }
            return Ok(Next::Quiet);
        }
        let mut id = [0_u8; 16];
        node.entropy().fill(&mut id);
        let pending = Pending {
            id: format!("msg_{}", text::base32(&id)),
            at: node.now().micros(),
            to: place_text(batch.place),
            items: batch.events.iter().map(|event| ItemRow::of(event.item)).collect(),
        };
        let kept = settle(node, &owed.key, |row| row.pending = Some(pending.clone()))?;
        return if kept { message(&row, &pending, batch.events) } else { Ok(Next::Over) };
    }
}

fn told_again(
    node: &Node,
    caller: &Caller,
    filter: &Filter,
    (pending, place, with_objects): (&Pending, Place, bool),
) -> Result<Vec<Event>, NodeFault> {
    let scope = stream::scope_of(node, caller, filter);
    if filter.channel.is_some_and(|channel| scope.channel(&channel).is_none()) {
        return Ok(Vec::new());
    }
    let tx = node.store.read()?;
    let mut events = Vec::with_capacity(pending.items.len());
    for item in &pending.items {
        events.extend(stream::render(&scope, tx.as_ref(), (item.read(), place), filter, with_objects)?);
    }
    Ok(events)
}

/// Changes a webhook that may have been removed meanwhile; whether it is there.
fn settle(node: &Node, key: &[u8], change: impl FnOnce(&mut HookRow)) -> Result<bool, NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        let Some(mut row) = fetch(writing.tx.as_ref(), key)? else { return Ok(false) };
        change(&mut row);
        writing.tx.put(Book::Meta, key, &to_json(&row))?;
        Ok(true)
    })
}

/// The receiver has taken a message: the next one follows. A message that is not the one that waits is none of ours any more.
pub fn delivered(node: &Node, owed: &Owed, message: &Message) -> Result<(), NodeFault> {
    let now = node.now().micros();
    settle(node, &owed.key, |row| {
        let Some(pending) = row.pending.take_if(|pending| pending.id == message.id) else { return };
        row.place = pending.to;
        let Standing { messages, events, .. } = row.standing;
        row.standing = Standing {
            messages: messages + 1,
            events: events + message.events.len() as u64,
            last_good: Some(now),
            paused: row.standing.paused.take(),
            last_fault: row.standing.last_fault.take(),
            ..Standing::default()
        };
    })?;
    Ok(())
}

/// The receiver has not. `at_once`: it will not ever, so the webhook waits for a person. Whether it is paused now.
pub fn failed(node: &Node, owed: &Owed, note: Note, next_try: Timestamp, at_once: bool) -> Result<bool, NodeFault> {
    let now = node.now().micros();
    let mut paused = false;
    settle(node, &owed.key, |row| {
        let standing = &mut row.standing;
        standing.failures = standing.failures.saturating_add(1);
        standing.failing_since.get_or_insert(now);
        standing.next_try = next_try.micros();
        paused = at_once || standing.failures >= FAILURES_MAX;
        if paused && standing.paused.is_none() {
            let text = format!("paused after {} failures in a row; the last: {}", standing.failures, note.text);
            standing.paused = Some(Note { id: "webhook.gave-up".to_owned(), text });
        }
        standing.last_fault = Some(note);
    })?;
    Ok(paused)
}
