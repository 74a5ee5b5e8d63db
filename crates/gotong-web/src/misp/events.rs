//! Events one by one: added, shown, edited, published, deleted. An edit begins from what this member published; what others published is theirs.
//!
//! Must not touch the event of another member: the answer says whose it is. Read next: `save.rs`.

use axum::http::StatusCode;
use gotong_app::Node;
use gotong_app::role::Right;
use gotong_app::view::{self, Event};
use serde_json::{Value, json};

use super::ask::Ask;
use super::gather::{self, Deleted};
use super::json::{Json, text, word};
use super::reply::{Reply, Stop};
use super::save::{self, Saved, Which};
use super::{blocklists, merge, place};
use crate::api::who::expect_right;

/// What to know of an event that was deleted.
const COMES_BACK: &str = "Nothing of it is kept, so whoever pushes it again brings it back. Delete it there too, or have its UUID put on the blocklist with eventBlocklists/add.";

pub(super) fn add(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let mut event = sent(ask)?;
    // As in MISP, before anything is said of whether it is here already.
    blocklists::expect_wanted(node, &event)?;
    let uuid = text(&event, "uuid").to_owned();
    if !uuid.is_empty() {
        for report in gather::reports(node, ask, &uuid)? {
            if view::event(node, ask.caller(), &report)?.is_some() {
                let message = "Event already exists, if you would like to edit it, use the url in the location header.";
                return Err(Stop::Said {
                    status: StatusCode::NOT_FOUND,
                    message: message.to_owned(),
                    errors: json!(message),
                    location: Some(format!("/events/{}", view::number_of(&uuid))),
                });
            }
        }
    }
    merge::fill(node, &mut event, ask.seconds());
    if event.get("Orgc").and_then(Value::as_object).is_none_or(|orgc| text(orgc, "uuid").is_empty()) {
        let mut orgc = place::organisation_of(node, ask.caller());
        orgc.remove("id");
        event.insert("Orgc".into(), Value::Object(orgc));
        blocklists::expect_wanted(node, &event)?;
    }
    let channel = place::of_event(node, ask, &event)?;
    let saved = save::save(node, ask, (channel, Which::All), event, None)?;
    told(node, ask, saved)
}

/// The event of a request.
fn sent(ask: &Ask) -> Result<Json, Stop> {
    ask.wrapped("Event").cloned().ok_or_else(|| {
        Stop::unfit("Event could not be saved: send it as {\"Event\": {…}}.", json!("the body is no JSON object"))
    })
}

/// An event as it is now, with what was not taken.
fn told(node: &Node, ask: &Ask, saved: Saved) -> Result<Reply, Stop> {
    let Some(event) = view::event(node, ask.caller(), &saved.report)? else {
        let text = "Event could not be saved: it waits for a person, or was refused.";
        return Err(Stop::forbidden(text, Value::Array(saved.errors)));
    };
    let mut json = gather::shown(node, ask, &event)?;
    Deleted::No.sift(&mut json);
    if ask.is_on("metadata") {
        for name in ["Attribute", "Object", "EventReport", "ShadowAttribute", "Galaxy"] {
            json.remove(name);
        }
    }
    let mut answer = json!({"Event": json});
    if let Some(answer) = answer.as_object_mut() {
        if !saved.errors.is_empty() {
            answer.insert("errors".into(), Value::Array(saved.errors));
        }
        if !saved.losses.is_empty() {
            answer.insert("not_carried".into(), Value::Array(saved.losses));
        }
    }
    Ok(Reply::json(&answer))
}

pub(super) fn view(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let event = gather::find(node, ask, key)?;
    let mut json = gather::shown(node, ask, &event)?;
    Deleted::of(ask).sift(&mut json);
    if ask.is_on("excludeGalaxy") {
        json.remove("Galaxy");
    }
    let reply = Reply::json(&json!({"Event": json}));
    Ok(if event.more { reply.with("gotong-more", "true") } else { reply })
}

pub(super) fn edit(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let sent = sent(ask)?;
    let key = if key.is_empty() { word(&sent, "uuid") } else { key.to_owned() };
    let event = gather::find(node, ask, &key)?;
    expect_own(node, ask, &event)?;
    let mut base = gather::own(node, &event)?;
    // What is here already stays; a new version of it does not come in.
    blocklists::expect_wanted(node, &base)?;
    let before = word(&base, "distribution");
    merge::event(node, &mut base, &sent, ask.seconds())?;
    // A number that comes alone names another group than the one that came with the event.
    if !matches!(word(&sent, "sharing_group_id").as_str(), "" | "0") {
        base.remove("SharingGroup");
    }
    for name in ["sharing_group_id", "SharingGroup"] {
        if let Some(value) = sent.get(name) {
            base.insert(name.to_owned(), value.clone());
        }
    }
    let said = word(&sent, "distribution");
    if !said.is_empty() && (said != before || said == "4") && place::of_event(node, ask, &base)? != event.channel {
        let text = "An event stays in the channel in which it was published: what others have received cannot be called back by an edit.";
        return Err(Stop::forbidden(
            text,
            json!("Delete it, which withdraws it everywhere, and add it anew where it should be."),
        ));
    }
    let saved = save::save(node, ask, (event.channel, Which::All), base, Some(&event))?;
    told(node, ask, saved)
}

/// Refuses what is not this member's, and what no MISP made.
pub(super) fn expect_own(node: &Node, ask: &Ask, event: &Event) -> Result<(), Stop> {
    if let Some(code) = &ask.caller().constituent
        && event.organisation.as_deref() != Some(code.as_str())
    {
        return Err(Stop::forbidden(
            "You do not have permission to do that.",
            json!(
                "This event was published by the member's staff, who alone can change it. You can add an event of your own."
            ),
        ));
    }
    if event.author != node.member {
        let author = &event.author;
        let name = word(&place::organisation(node, author), "name");
        // PyMISP proposes a change where it reads this sentence.
        return Err(Stop::forbidden(
            "You do not have permission to do that.",
            json!(format!(
                "This event was published by {name} ({author}), who alone can change it or take it back. You can propose a change, or add sightings."
            )),
        ));
    }
    if gather::is_of_misp(event) {
        return Ok(());
    }
    Err(Stop::forbidden(
        "You do not have permission to do that: this event was published as STIX.",
        json!("Send a new version of its STIX objects to /api/v1/, or withdraw it; it can be deleted here too."),
    ))
}

/// Changes an own event with its parts and publishes what has changed.
pub(super) fn change<T>(
    node: &Node,
    ask: &Ask,
    event: &Event,
    which: Which,
    with: impl FnOnce(&mut Json, i64) -> Result<T, Stop>,
) -> Result<(T, Saved), Stop> {
    expect_own(node, ask, event)?;
    let mut base = gather::own(node, event)?;
    let known = word(&base, "timestamp").parse::<i64>().unwrap_or_default();
    let at = ask.seconds().max(known + 1);
    base.insert("timestamp".into(), json!(at.to_string()));
    let done = with(&mut base, at)?;
    let saved = save::save(node, ask, (event.channel, which), base, Some(event))?;
    Ok((done, saved))
}

pub(super) fn publish(node: &Node, ask: &Ask, key: &str, on: bool) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let event = gather::find(node, ask, key)?;
    let ((), saved) = change(node, ask, &event, Which::Whole, |event, at| {
        event.insert("published".into(), json!(on));
        if on {
            event.insert("publish_timestamp".into(), json!(at.to_string()));
        }
        Ok(())
    })?;
    if !saved.errors.is_empty() {
        return Err(Stop::forbidden("Event could not be saved.", Value::Array(saved.errors)));
    }
    Ok(Reply::done(if on { "Event published" } else { "Event unpublished" }, &ask.path()))
}

pub(super) fn delete(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    expect_right(ask.caller(), Right::Withdraw)?;
    let event = gather::find(node, ask, key)?;
    if event.author != node.member {
        expect_own(node, ask, &event)?;
    }
    let ids = view::going_with(node, ask.caller(), &event)?;
    if save::withdraw(node, ask, event.channel, &ids)? == 0 {
        return Err(Stop::forbidden(
            "Event could not be deleted: it was published by another organisation of this member.",
            json!("Who published an event takes it back, or the member's own staff."),
        ));
    }
    // MISP would put its UUID on the blocklist now. Here that would keep a trace of what was to be nowhere, tell whoever tries the UUID that it was here
    // once, and stop who deletes an event to add it anew in another channel: so a person decides (`docs/adr/0009-misp-in-stix.md`).
    Ok(Reply::done_and("Event deleted", &ask.path(), COMES_BACK))
}
