//! Subscriptions: saved searches, the stream of events that follows one, and webhooks that carry it to an address outside. Each belongs to one caller and
//! reads as that caller at the moment of reading; when the caller ends, so do its searches and webhooks.
//!
//! Nothing here decides who may read what: that is `view/scope.rs`, asked anew for every batch. Read next: `subscription/filter.rs` (what is wanted),
//! `subscription/stream.rs` (in which order), `subscription/webhook.rs` (what is owed to an address).

mod filter;
pub(crate) mod later;
mod search;
mod stream;
mod webhook;

use gotong_crypto::{sha256, text};

pub use filter::{Filter, Subject, VALUES_MAX};
pub use search::{SEARCHES_MAX, Search, list, lookup, put, records, remove, sweep};
pub use stream::{Act, BATCH_MAX, Batch, Event, Follow, Place, Published, follow, now};
pub use webhook::{
    BATCH_EVENTS_MAX, FAILURES_MAX, Message, Next, Note, Owed, Plan, Standing, WEBHOOKS_MAX, WebhookView, all_due,
    delivered, failed, lookup_webhook, next_message, put_webhook, remove_webhook, set_paused, webhooks,
};

pub(crate) use webhook::{ItemRow, place_of, place_text};

use crate::caller::Caller;
use crate::node::{Node, NodeFault};

/// What keys say of an owner: of one length whatever the id, and without a slash.
pub(crate) fn owner_tag(id: &str) -> String {
    text::base32(sha256(id.as_bytes()).as_bytes())
}

/// What must be kept of an event to tell of it again.
pub(crate) fn item_of(event: &Event) -> ItemRow {
    ItemRow::of(event.item)
}

/// Events told again, as their reader may see them now: what was withdrawn meanwhile, or may not be read any more, is left out.
pub(crate) fn retell(
    node: &Node,
    caller: &Caller,
    filter: &Filter,
    items: &[ItemRow],
) -> Result<Vec<Event>, NodeFault> {
    let scope = stream::scope_of(node, caller, filter);
    if filter.channel.is_some_and(|channel| scope.channel(&channel).is_none()) {
        return Ok(Vec::new());
    }
    let tx = node.store.read()?;
    let mut events = Vec::with_capacity(items.len());
    for item in items {
        events.extend(stream::render(&scope, tx.as_ref(), (item.read(), Place::default()), filter, false)?);
    }
    Ok(events)
}

/// By how many arrivals one place lies behind another.
pub(crate) fn place_behind(from: Place, to: Place) -> u64 {
    to.done.saturating_sub(from.done)
}
