//! Event reports one by one: texts that belong to an event, each a note in its channel. Adding or changing one is an edit of the event.
//!
//! Must not take a report that says nothing, or whose members are of another form than text. Read next: `parts.rs`.

use gotong_app::Node;
use serde_json::{Value, json};

use super::ask::Ask;
use super::gather::{self, Deleted};
use super::json::{Json, list, text};
use super::parts;
use super::reply::{Reply, Stop};

/// Refuses members of another form, which would be left out in silence.
fn expect_texts(ask: &Ask) -> Result<Json, Stop> {
    let sent = ask.wrapped("EventReport").cloned().unwrap_or_default();
    let wrong = ["name", "content"]
        .into_iter()
        .find(|name| sent.get(*name).is_some_and(|one| !one.is_string() && !one.is_null()));
    match wrong {
        Some(name) => Err(Stop::unfit("Event report could not be saved.", json!({name: [format!("{name} is text")]}))),
        None => Ok(sent),
    }
}

pub(super) fn add(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let sent = expect_texts(ask)?;
    if text(&sent, "name").trim().is_empty() {
        return Err(Stop::unfit("Event report could not be saved.", json!({"name": ["an event report has a name"]})));
    }
    parts::add(node, ask, ("EventReport", key))
}

pub(super) fn edit(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    expect_texts(ask)?;
    parts::edit(node, ask, ("EventReport", key))
}

/// The reports of one event.
pub(super) fn index(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    ask.expect_named(&["event_id", "deleted", "all", "limit", "page"])?;
    let key = ask.word("event_id").unwrap_or_default();
    if key.is_empty() {
        return Err(Stop::unfit(
            "Name the event whose reports you want.",
            json!({"event_id": ["names an event by UUID or number, as in eventReports/index/event_id:NUMBER"]}),
        ));
    }
    let event = gather::find(node, ask, &key)?;
    let shown = gather::shown(node, ask, &event)?;
    let deleted = Deleted::of(ask);
    let about = json!({"id": shown.get("id"), "uuid": shown.get("uuid"), "info": shown.get("info")});
    let rows = list(&shown, "EventReport")
        .filter(|one| deleted.keep(one))
        .map(|one| json!({"EventReport": one, "Event": about}));
    Ok(Reply::json(&rows.collect::<Vec<Value>>().into()))
}
